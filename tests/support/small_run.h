/* SPDX-License-Identifier: Apache-2.0 */
/* small_run.h - a model as text, run through the public functions; a failure is a failed test with its
 * reason. */
#ifndef SMALL_RUN_H
#define SMALL_RUN_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tautrain.h>

static inline void small_run_collect(void *user, const tau_mistake *mistake)
{
  char *said = user;
  const size_t at = strlen(said);
  snprintf(said + at, 2048 - at, "%d:%d: %s\n", mistake->line, mistake->column, mistake->text);
}

static inline tau_model *small_model(const char *text)
{
  char said[2048] = "";
  tau_model *model = NULL;
  if (tau_model_parse(&model, text, strlen(text), "test", small_run_collect, said) < 0)
    fail_msg("%s\n%s%s", text, said, tau_last_error());
  return model;
}

static inline tau_train *small_train(const char *text)
{
  tau_model *model = small_model(text);
  tau_train *train = NULL;
  const tau_status st = tau_train_compile(&train, model);
  if (st < 0) fail_msg("%s\n%s: %s", text, tau_status_name(st), tau_last_error());
  tau_model_free(model);
  return train;
}

/* The result of a run that must be complete. */
static inline tau_result *small_result_of(const tau_train *train, const tau_inputs *inputs)
{
  tau_result *result = NULL;
  const tau_status st = tau_train_run(&result, train, inputs, NULL);
  if (st != TAU_OK)
    fail_msg("%s: %s\n%s", tau_status_name(st), tau_last_error(), tau_result_model_text(result, NULL));
  return result;
}

static inline tau_result *small_result(const char *text)
{
  tau_train *train = small_train(text);
  tau_result *result = small_result_of(train, NULL);
  tau_train_free(train);
  return result;
}

static inline double small_value(const tau_result *result, const char *path)
{
  double value = NAN;
  if (tau_result_value(result, path, &value) < 0) fail_msg("%s", tau_last_error());
  return value;
}

#define assert_close(have, want, tolerance) \
  small_check_close(#have, have, want, tolerance, __FILE__, __LINE__)

static inline void small_check_close(const char *what, double have, double want, double tolerance,
                                     const char *file, int line)
{
  if (fabs(have - want) <= tolerance) return;
  print_error("%s is %.17g, want %.17g +- %g (off by %g)\n", what, have, want, tolerance, have - want);
  _fail(file, line);
}

#define assert_close_rel(have, want, rtol) assert_close(have, want, (rtol)*fabs(want))

static inline bool small_has_warning(const tau_result *result, const char *part)
{
  for (int i = 0; i < tau_result_n_warnings(result); i++)
    if (strstr(tau_result_warning(result, i), part)) return true;
  return false;
}

#endif

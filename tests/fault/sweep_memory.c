/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_memory.c - a sweep into a file and the merge of its parts, with the k-th request of memory refused, for all k: TAU_E_NOMEM, nothing
 * lost, and what is tried again works. One thread and one block, so that the k-th request is always the same. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "support/small_sweep.h"

#include <unistd.h>

#include "support/ledger.h"
#include "support/sanitized.h"
#include "support/scratch.h"

enum { N = 8 };

static int n_sensitivities; /* 0: lanes; 1: CVODES */

static double values[N] = {10.0, 20.0, 110.0, 30.0, 120.0, 40.0, 50.0, 60.0}; /* two of them fail */

/* What a summary tells, also of a sweep that ended with an error. */
static void ask(const tau_sweep_summary *s)
{
  if (!s) return;
  assert_true(tau_sweep_n_done(s) >= tau_sweep_n_failed(s) &&
              tau_sweep_n_handed_over(s) >= tau_sweep_n_failed(s));
  for (int code = 1; code <= tau_sweep_n_codes(s); code++)
    assert_non_null(tau_sweep_message_of(s, code).text);
  assert_int_equal(tau_sweep_engine(s), TAU_ENGINE_LANES);
  assert_true(!(tau_sweep_largest_difference(s) > 1e-6) && tau_sweep_wall_time(s) >= 0.0);
}

static tau_status sweep_part(const tau_train *train, const char *file, int first, int n)
{
  const int parameter = tau_train_parameter_index(train, "units/coil/residence_time");
  const int observable = tau_train_observable_index(train, "conversion/A"), unit = 0;
  const int by = tau_train_parameter_index(train, "reactions/r/parameters/k0");
  const tau_kept kept = {1, &observable, 1, &unit, n_sensitivities, &by};
  const tau_design design = {n, 1, &parameter, values + first};
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  const tau_sweep_plan plan = {.train = train,
                               .n_runs = n,
                               .first_run = first,
                               .n_all = N,
                               .n_varied = 1,
                               .parameters = &parameter,
                               .kept = &kept,
                               .options = &o,
                               .design = "eight"};
  tau_sweep_file *f = NULL;
  tau_sweep_summary *summary = NULL;
  int64_t n_done = 0;
  tau_status st = tau_sweep_file_open(&f, file, &plan, true, &n_done);
  if (st < 0) return st;
  o.n_threads = 1;
  o.n_checked = 1;
  o.first_run = first;
  const tau_sink sink = tau_sweep_file_sink(f);
  st = tau_sweep(&summary, train, NULL, &design, &kept, &sink, &o);
  ask(summary);
  if (st >= 0) assert_int_equal(tau_sweep_file_add(f, summary), TAU_OK);
  const tau_status end = tau_sweep_file_close(f);
  tau_sweep_summary_free(summary);
  return st < 0 ? st : end;
}

static tau_status whole_way(const tau_train *train)
{
  static const char *const parts[] = {"a.h5", "b.h5"};
  tau_status st = sweep_part(train, "a.h5", 0, 5);
  if (st == TAU_OK) st = sweep_part(train, "b.h5", 5, 3);
  if (st == TAU_OK) st = tau_sweep_merge("ab.h5", 2, parts, true);
  return st;
}

static long n_of_model; /* requests of reading and compiling */

static tau_status booked(long fail_at, ledger *l)
{
  scratch_empty(NULL); /* so that every time the same is requested */
  ledger_open(l, fail_at);
  tau_train *train = NULL;
  tau_model *model = NULL;
  tau_status st = tau_model_parse(&model, coil_text, sizeof coil_text - 1, "coil", NULL, NULL);
  if (st == TAU_OK) st = tau_train_compile(&train, model);
  if (!fail_at) n_of_model = l->n_requests;
  if (st == TAU_OK) st = whole_way(train);
  tau_train_free(train);
  tau_model_free(model);
  ledger_close();
  return st;
}

/* Those of reading and compiling the model are refused in memory.c: of them every 17th is enough here. */
static void refuse_each(long step)
{
  ledger l;
  assert_int_equal(booked(0, &l), TAU_OK); /* what is made once in a process is made now */
  assert_int_equal(booked(0, &l), TAU_OK);
  assert_int_equal(l.n_alive, 0);
  const long n = l.n_requests;
  assert_true(n > 500);
  int n_tried = 0;
  for (long k = 1; k <= n; k += k < n_of_model - 17 ? 17 : step) {
    const tau_status st = booked(k, &l);
    if (l.n_failed != 1 || st != TAU_E_NOMEM || l.n_alive != 0)
      fail_msg("request %ld of %ld refused: %s (%s), %ld blocks left", k, n, tau_status_name(st),
               tau_last_error(), l.n_alive);
    n_tried++;
  }
  print_message("%d of %ld requests refused\n", n_tried, n);
  assert_int_equal(booked(0, &l), TAU_OK);
  scratch_empty(NULL);
}

static void a_sweep_survives_refused_requests(void **state)
{
  (void)state;
  n_sensitivities = 0;
  refuse_each(SANITIZED ? 5 : 1);
}

/* The programs of derivatives have their requests refused one by one in calls.c: of the whole every seventh is enough. */
static void sensitivities_in_a_sweep_survive_refused_requests(void **state)
{
  (void)state;
  n_sensitivities = 1;
  refuse_each(SANITIZED ? 35 : 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_sweep_survives_refused_requests),
    cmocka_unit_test(sensitivities_in_a_sweep_survive_refused_requests),
  };
  return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}

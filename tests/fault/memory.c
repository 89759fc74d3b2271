/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - the whole way from a file's text to a result, with the k-th request of memory refused, for
 * all k: each way ends in TAU_E_NOMEM (or unharmed, where the library can do without), loses nothing and
 * crashes nowhere. Third-party libraries keep their own allocators. */
#include "support/small_run.h"

#include "base/status.h"
#include "fault/routes.h"
#include "support/ledger.h"

/* Parse, print, copy, compile, set, run. */
static tau_status whole_way(const char *text)
{
  tau_model *model = NULL, *copy = NULL;
  tau_train *train = NULL;
  tau_inputs *inputs = NULL;
  tau_result *result = NULL;
  char *printed = NULL, *listing = NULL;
  tau_status st;
  if ((st = tau_model_parse(&model, text, strlen(text), "memory", NULL, NULL)) < 0) goto done;
  if ((st = tau_model_copy(&copy, model)) < 0) goto done;
  if ((st = tau_model_set(copy, "title", "another")) < 0) goto done;
  if ((st = tau_model_print(copy, &printed)) < 0) goto done;
  if ((st = tau_train_compile(&train, copy)) < 0) goto done;
  if ((st = tau_train_program_text(train, tau_train_n_units(train) - 1, &listing)) < 0) goto done;
  if ((st = tau_inputs_new(&inputs, train)) < 0) goto done;
  if ((st = tau_inputs_set(inputs, "flow_factor", 1.25)) < 0 && st != TAU_E_NAME) goto done;
  st = tau_train_run(&result, train, inputs, NULL);
done:
  tau_result_free(result);
  tau_inputs_free(inputs);
  tau_train_free(train);
  tau_text_free(listing);
  tau_text_free(printed);
  tau_model_free(copy);
  tau_model_free(model);
  return st;
}

static void refuse_all_requests(const char *text)
{
  ledger l;
  assert_int_equal(whole_way(text), TAU_OK); /* what is made once in a process (units) is made now */
  ledger_open(&l, 0);
  const tau_status whole = whole_way(text);
  ledger_close();
  assert_int_equal(whole, TAU_OK);
  assert_int_equal(l.n_alive, 0);
  const long n = l.n_requests;
  assert_true(n > 200);
  for (long k = 1; k <= n; k++) {
    ledger_open(&l, k);
    const tau_status st = whole_way(text);
    ledger_close();
    if (l.n_failed != 1 || st != TAU_E_NOMEM || l.n_alive != 0)
      fail_msg("request %ld of %ld refused: %s (%s), %ld blocks left", k, n, tau_status_name(st),
               tau_last_error(), l.n_alive);
  }
}

static void a_train_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_all_requests(route_text);
}

static void a_batch_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_all_requests(batch_text);
}

static void a_dispersed_tube_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_all_requests(dispersed_text);
}

static void a_cascade_survives_any_refused_request(void **state)
{
  (void)state;
  refuse_all_requests(cascade_text);
}

static void models_built_in_c_survive_any_refused_request(void **state)
{
  (void)state;
  ledger l;
  long n = 1;
  for (long k = 0; k <= n; k++) {
    ledger_open(&l, k);
    tau_model *m = NULL;
    tau_status st = tau_model_new(&m);
    if (st == TAU_OK) st = tau_model_set(m, "species/A/molar_mass", "100 g/mol");
    if (st == TAU_OK) st = tau_model_append(m, "units/tee/in", "f");
    if (st == TAU_OK) st = tau_model_append(m, "units/tee/in", "g");
    if (st == TAU_OK) st = tau_model_set(m, "units/tee/in/1", "h");
    if (st == TAU_OK) st = tau_model_remove(m, "species/A");
    tau_model_free(m);
    ledger_close();
    if (!k) n = l.n_requests;
    assert_int_equal(st, k ? TAU_E_NOMEM : TAU_OK);
    assert_int_equal(l.n_alive, 0);
  }
  assert_true(n > 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_train_survives_any_refused_request),
    cmocka_unit_test(a_batch_survives_any_refused_request),
    cmocka_unit_test(a_dispersed_tube_survives_any_refused_request),
    cmocka_unit_test(a_cascade_survives_any_refused_request),
    cmocka_unit_test(models_built_in_c_survive_any_refused_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

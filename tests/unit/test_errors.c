/* SPDX-License-Identifier: Apache-2.0 */
/* test_errors.c - the kind of an error: in the record, beside mistakes, through messages that wrap others; the table of kinds. */
#include "support/small_run.h"

#include <string.h>

#include "base/status.h"
#include "model/tree.h"

static void the_record_tells_its_kind(void **state)
{
  (void)state;
  assert_int_equal(taup_fail(TAUP_ERR_FILE_EXISTS, "'%s' is there", "x"), TAU_E_EXISTS);
  assert_string_equal(tau_last_error(), "'x' is there");
  assert_string_equal(tau_last_error_id(), "file-exists");
  assert_int_equal(taup_fail_as(TAU_E_MODEL, taup_last_kind(), "f: %s", tau_last_error()), TAU_E_MODEL);
  assert_string_equal(tau_last_error(), "f: 'x' is there");
  assert_string_equal(tau_last_error_id(), "file-exists");
}

static void the_table_finds_each_kind_by_its_id(void **state)
{
  (void)state;
  assert_int_equal(tau_n_errors(), TAUP_ERR_END_ - 1);
  for (int i = 0; i < tau_n_errors(); i++) {
    const tau_error_info e = tau_error(i);
    assert_int_equal(taup_error_of_id(e.id), i + 1);
    assert_string_equal(taup_error_id((taup_error)(i + 1)), e.id);
    assert_int_not_equal(e.status, TAU_OK);
    assert_true(strlen(e.meaning) > 0 && strlen(e.cure) > 0);
  }
  assert_int_equal(taup_error_of_id("no-such-thing"), TAUP_ERR_NONE);
  assert_string_equal(taup_error_id(TAUP_ERR_NONE), "");
}

static void take_id(void *user, const tau_mistake *mistake)
{
  char *ids = user;
  strcat(strcat(ids, mistake->id), " ");
}

static void mistakes_have_ids_and_the_first_is_the_record(void **state)
{
  (void)state;
  char ids[500] = "";
  static const char text[] =
    "tautrain: 1\nspecies: {A: {molar_mass: 5 s}}\n"
    "feeds: {f: {flwo: 1 mL/min, flow: 1 mL/min}}\nunits: {c: {type: pfrr, in: f}}\n";
  tau_model *m = NULL;
  assert_int_equal(tau_model_parse(&m, text, sizeof text - 1, "m", take_id, ids), TAU_E_MODEL);
  assert_string_equal(tau_last_error_id(), "wrong-unit");
  if (strncmp(ids, "wrong-unit unknown-key unknown-choice ", 38) != 0) fail_msg("%s", ids);
  assert_int_equal(tau_model_parse(&m, "a: [1", 5, "m", NULL, NULL), TAU_E_PARSE);
  assert_string_equal(tau_last_error_id(), "not-yaml");
}

static void a_result_keeps_what_ended_it(void **state)
{
  (void)state;
  tau_train *train = small_train(
    "tautrain: 1\nsolvent: water\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 1 1/s}}\n"
    "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"
    "units: {coil: {type: pfr, in: f, volume: 10 mL}}\n");
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  tau_result *r = NULL;
  options.max_steps = 5;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_E_SOLVER);
  assert_string_equal(tau_result_error_id(r), "too-many-steps");
  assert_string_equal(tau_last_error_id(), "too-many-steps");
  tau_result_free(r);
  options.max_steps = 0;
  options.max_time = 0.0;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_STOPPED_TIME);
  assert_string_equal(tau_result_error_id(r), "time-limit");
  tau_result_free(r);
  assert_int_equal(tau_train_run(&r, train, NULL, NULL), TAU_OK);
  assert_string_equal(tau_result_error_id(r), "");
  tau_result_free(r);
  tau_train_free(train);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_record_tells_its_kind),
    cmocka_unit_test(the_table_finds_each_kind_by_its_id),
    cmocka_unit_test(mistakes_have_ids_and_the_first_is_the_record),
    cmocka_unit_test(a_result_keeps_what_ended_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_inputs.c - the parameters of a run by path: setting, refusing, groups of alternatives, copies. */
#include "support/small_run.h"

static const char model_text[] =
  "tautrain: 1\n"
  "species: {A: {}, B: {}}\n"
  "reactions: {r: {equation: A -> B, k: {arrhenius: {k_ref: 0.1 1/s, T_ref: 50 degC, Ea: 40 +/- 2 "
  "kJ/mol}}}}\n"
  "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"
  "units:\n"
  "  split: {type: splitter, in: f, outlets: {a: 30 %, b: rest}}\n"
  "  coil: {type: pfr, in: split/a, volume: 5 mL, diameter: 1 mm, temperature: 60 degC}\n"
  "  loop: {type: pfr, in: split/b, residence_time: 1 min}\n"
  "outlet: coil\n";

typedef struct scene {
  tau_train *train;
  tau_inputs *inputs;
} scene;

static int begin(void **state)
{
  static scene s;
  s.train = small_train(model_text);
  assert_int_equal(tau_inputs_new(&s.inputs, s.train), TAU_OK);
  *state = &s;
  return 0;
}

static int end(void **state)
{
  scene *s = *state;
  tau_inputs_free(s->inputs);
  tau_train_free(s->train);
  return 0;
}

static double value(const scene *s, const char *path)
{
  const int i = tau_train_parameter_index(s->train, path);
  if (i < 0) fail_msg("%s", tau_last_error());
  return tau_inputs_value(s->inputs, i);
}

static void they_begin_as_the_file_says(void **state)
{
  const scene *s = *state;
  assert_close_rel(value(s, "reactions/r/k/Ea"), 40e3, 1e-15);
  assert_close_rel(value(s, "feeds/f/flow"), 1e-6 / 60.0, 1e-15);
  assert_close_rel(value(s, "units/coil/temperature"), 333.15, 1e-15);
  assert_close_rel(value(s, "units/split/outlets/a"), 0.3, 1e-15);
  assert_true(value(s, "flow_factor") == 1.0);
  assert_true(isnan(value(s, "units/coil/residence_time")) && isnan(value(s, "units/loop/volume")));
  const tau_parameter Ea =
    tau_train_parameter(s->train, tau_train_parameter_index(s->train, "reactions/r/k/Ea"));
  assert_close_rel(Ea.uncertainty, 2e3, 1e-15);
  assert_string_equal(Ea.si_unit, "J/mol");
  assert_string_equal(Ea.unit, "kJ/mol");
  for (int i = 0; i < tau_train_n_parameters(s->train); i++) {
    const tau_parameter p = tau_train_parameter(s->train, i);
    assert_int_equal(tau_train_parameter_index(s->train, p.path), i);
    assert_true(strlen(p.doc) > 3);
    assert_true(p.lower <= p.upper);
    if (!isnan(p.value)) assert_true(p.value >= p.lower && p.value <= p.upper);
  }
}

static void numbers_and_texts_set_the_same(void **state)
{
  scene *s = *state;
  assert_int_equal(tau_inputs_set_text(s->inputs, "units/coil/temperature", "80 degC"), TAU_OK);
  assert_close_rel(value(s, "units/coil/temperature"), 353.15, 1e-15);
  assert_int_equal(tau_inputs_set(s->inputs, "units/coil/temperature", 360.0), TAU_OK);
  assert_true(value(s, "units/coil/temperature") == 360.0);
  const int i = tau_train_parameter_index(s->train, "units/coil/temperature");
  assert_int_equal(tau_inputs_set_index(s->inputs, i, 370.0), TAU_OK);
  assert_true(value(s, "units/coil/temperature") == 370.0);
  assert_int_equal(tau_inputs_set_text(s->inputs, "reactions/r/k/Ea", "5000 K"), TAU_OK); /* E/R */
  assert_close_rel(value(s, "reactions/r/k/Ea"), 5000.0 * 8.31446261815324, 1e-15);
}

static void a_misspelt_path_is_refused_with_the_nearest(void **state)
{
  scene *s = *state;
  static const char *const slips[][2] = {{"units/coil/volme", "units/coil/volume"},
                                         {"feeds/f/flwo", "feeds/f/flow"},
                                         {"reactions/r/k/EA", "reactions/r/k/Ea"},
                                         {"flow_facto", "flow_factor"}};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(tau_inputs_set(s->inputs, slips[i][0], 1.0), TAU_E_NAME);
    if (!strstr(tau_last_error(), slips[i][0]) || !strstr(tau_last_error(), slips[i][1]))
      fail_msg("%s", tau_last_error());
    assert_int_equal(tau_inputs_set_text(s->inputs, slips[i][0], "1"), TAU_E_NAME);
    assert_int_equal(tau_train_parameter_index(s->train, slips[i][0]), -1);
    assert_non_null(strstr(tau_last_error(), slips[i][1]));
  }
  assert_int_equal(tau_inputs_set(s->inputs, "", 1.0), TAU_E_NAME);
  assert_int_equal(tau_inputs_set(s->inputs, "what/has/this/to/do/with/it", 1.0), TAU_E_NAME);
  assert_null(strstr(tau_last_error(), "did you mean"));
}

static void an_observable_misspelt_is_offered_the_nearest_too(void **state)
{
  const scene *s = *state;
  double x;
  assert_int_equal(tau_train_observable_index(s->train, "outlet/c/a"), -1);
  assert_non_null(strstr(tau_last_error(), "outlet/c/A"));
  tau_result *r = small_result_of(s->train, s->inputs);
  assert_int_equal(tau_result_value(r, "units/coil/T_mx", &x), TAU_E_NAME);
  assert_non_null(strstr(tau_last_error(), "units/coil/T_max"));
  assert_int_equal(tau_result_value_in(r, "outlet/c/A", "K", &x), TAU_E_UNITS);
  assert_int_equal(tau_result_value_in(r, "outlet/c/A", "mol/L", &x), TAU_OK);
  assert_close_rel(x, 1e-3 * small_value(r, "outlet/c/A"), 1e-14);
  tau_result_free(r);
}

static void what_is_out_of_range_is_refused_and_changes_nothing(void **state)
{
  scene *s = *state;
  static const struct {
    const char *path, *text;
    tau_status status;
  } bad[] = {
    {"units/coil/volume", "0 mL", TAU_E_VALUE},      {"units/coil/volume", "-1 mL", TAU_E_VALUE},
    {"units/coil/volume", "1 kg", TAU_E_UNITS},      {"units/coil/volume", "five", TAU_E_PARSE},
    {"units/coil/volume", "5", TAU_E_UNITS},         {"units/coil/temperature", "-300 degC", TAU_E_VALUE},
    {"units/split/outlets/a", "120 %", TAU_E_VALUE}, {"feeds/f/concentration/A", "-1 mol/L", TAU_E_VALUE},
    {"reactions/r/k/k_ref", "-1 1/s", TAU_E_VALUE},  {"reactions/r/k/k_ref", "1 L/mol/s", TAU_E_UNITS}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const double before = value(s, bad[i].path);
    const tau_status st = tau_inputs_set_text(s->inputs, bad[i].path, bad[i].text);
    if (st != bad[i].status)
      fail_msg("%s = %s gives %s: %s", bad[i].path, bad[i].text, tau_status_name(st), tau_last_error());
    assert_true(value(s, bad[i].path) == before);
    assert_non_null(strstr(tau_last_error(), bad[i].path));
    assert_null(strchr(tau_last_error(), '\n'));
  }
  assert_int_equal(tau_inputs_set(s->inputs, "units/coil/volume", (double)NAN), TAU_E_VALUE);
  assert_int_equal(tau_inputs_set(s->inputs, "units/coil/volume", (double)INFINITY), TAU_E_VALUE);
  assert_close_rel(value(s, "units/coil/volume"), 5e-6, 1e-15);
}

static void one_of_a_group_replaces_the_others(void **state)
{
  scene *s = *state;
  assert_int_equal(tau_inputs_set(s->inputs, "units/coil/residence_time", 30.0), TAU_OK);
  assert_true(isnan(value(s, "units/coil/volume")));
  assert_true(value(s, "units/coil/residence_time") == 30.0);
  assert_close_rel(value(s, "units/loop/residence_time"), 60.0, 1e-15); /* the other unit's group stays */
  assert_int_equal(tau_inputs_set(s->inputs, "units/coil/length", 2.0), TAU_OK);
  assert_true(isnan(value(s, "units/coil/residence_time")));
  assert_close_rel(value(s, "units/coil/diameter"), 1e-3, 1e-15); /* no alternative: it stays */
  tau_inputs_reset(s->inputs);
  assert_close_rel(value(s, "units/coil/volume"), 5e-6, 1e-15);
  assert_true(isnan(value(s, "units/coil/length")));
}

static void copies_stand_alone(void **state)
{
  scene *s = *state;
  tau_inputs *copy = NULL;
  const int i = tau_train_parameter_index(s->train, "feeds/f/temperature");
  assert_int_equal(tau_inputs_set_index(s->inputs, i, 300.0), TAU_OK);
  assert_int_equal(tau_inputs_copy(&copy, s->inputs), TAU_OK);
  assert_int_equal(tau_inputs_set_index(s->inputs, i, 310.0), TAU_OK);
  assert_true(tau_inputs_value(copy, i) == 300.0);
  tau_inputs_free(s->inputs); /* and keep the train alive */
  tau_train *train = s->train;
  s->train = NULL;
  tau_train_free(train);
  tau_result *r = small_result_of(train, copy);
  assert_close_rel(small_value(r, "units/split/inlet/T"), 300.0, 1e-15);
  tau_result_free(r);
  s->inputs = copy;
}

/* What went in is told by the result. */
static void a_result_has_its_own_inputs(void **state)
{
  scene *s = *state;
  assert_int_equal(tau_inputs_set_text(s->inputs, "feeds/f/concentration/A", "0.5 mol/L"), TAU_OK);
  tau_result *r = small_result_of(s->train, s->inputs);
  const int i = tau_train_parameter_index(s->train, "feeds/f/concentration/A");
  assert_string_equal(tau_result_parameter(r, i).path, "feeds/f/concentration/A");
  assert_close_rel(tau_result_parameter(r, i).value, 500.0, 1e-15);
  assert_close_rel(tau_train_parameter(s->train, i).value, 1000.0, 1e-15);
  tau_result_free(r);
}

static void fractions_that_take_too_much_are_refused_by_the_run(void **state)
{
  (void)state;
  tau_train *train = small_train(
    "tautrain: 1\nspecies: {A: {}}\n"
    "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\n"
    "units: {split: {type: splitter, in: f, outlets: {a: 30 %, b: 50 %, c: rest}}}\noutlet: split/a\n");
  tau_inputs *inputs = NULL;
  tau_result *r = NULL;
  assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "units/split/outlets/a", 0.6), TAU_OK);
  assert_int_equal(tau_train_run(&r, train, inputs, NULL), TAU_E_VALUE);
  assert_non_null(strstr(tau_result_message(r), "'split'"));
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(train);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(they_begin_as_the_file_says, begin, end),
    cmocka_unit_test_setup_teardown(numbers_and_texts_set_the_same, begin, end),
    cmocka_unit_test_setup_teardown(a_misspelt_path_is_refused_with_the_nearest, begin, end),
    cmocka_unit_test_setup_teardown(an_observable_misspelt_is_offered_the_nearest_too, begin, end),
    cmocka_unit_test_setup_teardown(what_is_out_of_range_is_refused_and_changes_nothing, begin, end),
    cmocka_unit_test_setup_teardown(one_of_a_group_replaces_the_others, begin, end),
    cmocka_unit_test_setup_teardown(copies_stand_alone, begin, end),
    cmocka_unit_test_setup_teardown(a_result_has_its_own_inputs, begin, end),
    cmocka_unit_test(fractions_that_take_too_much_are_refused_by_the_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

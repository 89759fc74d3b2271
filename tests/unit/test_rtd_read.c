/* SPDX-License-Identifier: Apache-2.0 */
/* test_rtd_read.c - distributions from text and from the block `rtd:` of a model. */
#include "unit/rtd_values.h"

static tau_rtd *parsed(const char *text)
{
  tau_rtd *rtd = NULL;
  if (tau_rtd_parse(&rtd, text) < 0) fail_msg("%s: %s", text, tau_last_error());
  return rtd;
}

static void text_says_what_calls_say(void **state)
{
  (void)state;
  check_same("dispersion", parsed("{model: dispersion, mean: 2 min, peclet: 100}"), vessel(120.0, 100.0),
             200.0, 1e-13);
  check_same("ends", parsed("{model: dispersion, mean: 2 min, peclet: 10, ends: open}"),
             row("dispersion-open", 2, (const double[]){120.0, 10.0}), 200.0, 1e-13);
  check_same("series", parsed("{series: [{model: plug, mean: 20 s}, {model: tanks, mean: 1 min, n: 3}]}"),
             series_of(plug(20.0), tanks(60.0, 3.0)), 200.0, 1e-13);
  check_same("parallel",
             parsed("{parallel: [{fraction: 30 %, model: tanks, mean: 10 s}, {model: tanks, mean: 4 s}]}"),
             parallel_of(tanks(10.0, 1.0), tanks(4.0, 1.0), 0.3), 30.0, 1e-13);
  check_same("recycle",
             parsed(
               "{recycle: {forward: {model: tanks, mean: 3 s}, back: {model: tanks, mean: 1 s}, ratio: 2}}"),
             recycle_of(tanks(3.0, 1.0), tanks(1.0, 1.0), 2.0), 30.0, 1e-13);
  tau_rtd *curve = parsed("{model: measured, time: [1 s, 2 s, 3 s], signal: [0, 2.5, 0]}");
  check_near("E of a curve", at_time(tau_rtd_density, curve, 1.5), 0.5, 1e-15);
  tau_rtd_free(curve);
}

static void mistakes_are_said_with_their_place(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
    {"{model: dispersion, mean: 2, peclet: 100}", "1:27: mean is '2', without a unit"},
    {"{model: dispersio}", "1:9: 'dispersio' is no model of residence time; did you mean 'dispersion'?"},
    {"{model: dispersion, men: 2 s, peclet: 3}",
     "1:21: 'men' is not a key of dispersion; did you mean 'mean'?"},
    {"{model: dispersion, mean: 2 s, peclet: 3, ends: half}",
     "1:49: 'half' is no kind of ends; needs closed, open,"},
    {"{model: dispersion, mean: -2 s, peclet: 3}", "1:27: mean is -2 s; needs more than 0"},
    {"{model: dispersion, peclet: 3}", "needs 'mean'"},
    {"{foo: 2}", "1:2: 'foo' is not a key of a distribution"},
    {"{series: []}", "1:10: 'series' is a list"},
    {"{series: [coil]}", "1:11: 'coil' is no distribution of the block 'rtd'"},
    {"{parallel: [{fraction: 0.3, model: plug, mean: 1 s}, {fraction: 0.3, model: plug, mean: 2 s}]}",
     "sum to 0.6"},
    {"{parallel: [{model: plug, mean: 1 s}, {model: plug, mean: 2 s}]}",
     "two parts of a parallel have no fraction"},
    {"{model: measured, time: [0 s, 1 s], signal: [1]}", "2 times and 1 signals"},
    {"{recycle: {forward: {model: plug, mean: 1 s}}}", "a recycle needs 'ratio'"},
    {"{model: tanks, mean: 2 min", "not closed"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tau_rtd *rtd = NULL;
    assert_true(tau_rtd_parse(&rtd, cases[i][0]) < 0);
    assert_null(rtd);
    if (!strstr(tau_last_error(), cases[i][1]))
      fail_msg("%s: %s; want '%s'", cases[i][0], tau_last_error(), cases[i][1]);
  }
}

static const char block[] =
  "tautrain: 1\n"
  "rtd:\n"
  "  coil: {model: dispersion, mean: 2 min, peclet: 100}\n"
  "  all: {series: [coil, {model: plug, mean: 3 s}]}\n"
  "  mixed: {parallel: [{fraction: 0.2, rtd: all}, {fraction: rest, model: tanks, mean: 1 min}]}\n";

static void a_model_holds_named_distributions(void **state)
{
  (void)state;
  tau_model *model = NULL, *again = NULL;
  tau_rtd *rtd = NULL;
  char *text = NULL;
  MUST(tau_model_parse(&model, block, strlen(block), "block", NULL, NULL));
  assert_int_equal(tau_model_n_rtds(model), 3);
  assert_string_equal(tau_model_rtd_name(model, 1), "all");
  MUST(tau_model_rtd(&rtd, model, "all"));
  check_same("all", rtd, series_of(vessel(120.0, 100.0), plug(3.0)), 200.0, 1e-13);
  MUST(tau_model_rtd(&rtd, model, "mixed"));
  assert_string_equal(tau_rtd_parameter_path(rtd, 1), "0/0/mean");
  tau_rtd_free(rtd);
  rtd = NULL;
  assert_int_equal(tau_model_rtd(&rtd, model, "col"), TAU_E_NAME);
  assert_true(strstr(tau_last_error(), "did you mean 'coil'?") != NULL);
  MUST(tau_model_print(model, &text));
  MUST(tau_model_parse(&again, text, strlen(text), "again", NULL, NULL));
  assert_true(tau_model_equal(model, again));
  tau_text_free(text);
  tau_model_free(again);
  tau_model_free(model);
}

static void wrong(const char *more, const char *want)
{
  char text[2000];
  tau_model *model = NULL;
  snprintf(text, sizeof text, "%s%s", block, more);
  assert_int_equal(tau_model_parse(&model, text, strlen(text), "block", NULL, NULL), TAU_E_MODEL);
  assert_null(model);
  if (!strstr(tau_last_error(), want)) fail_msg("%s; want '%s'", tau_last_error(), want);
}

static void a_model_is_checked_for_its_distributions(void **state)
{
  (void)state;
  wrong("  a: b\n  b: {rtd: a}\n", "block:6:6: the distribution 'b' is made of itself");
  wrong("  a: coli\n", "block:6:6: 'coli' is no distribution of the block 'rtd'; did you mean 'coil'?");
  wrong("  1a: coil\n", "cannot be the name of a distribution");
  wrong("units: {}\n", "species");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_says_what_calls_say),
    cmocka_unit_test(mistakes_are_said_with_their_place),
    cmocka_unit_test(a_model_holds_named_distributions),
    cmocka_unit_test(a_model_is_checked_for_its_distributions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reaction in a distribution: the ways against closed forms, errors against differences, what is refused; distributions written and read
 * back. First order: every way but plug flow gives the transform of the distribution at s = k, O. Levenspiel, Chemical Reaction
 * Engineering, 3rd ed. (1999), ch. 11 and 16. */
#include <math.h>
#include <tautrain.h>

#include "support/small_run.h"

static const char head[] = "tautrain: 1\n"
                           "species: {A: {}, B: {}, C: {}}\n"
                           "reactions:\n"
                           "  a: {equation: A -> B, k: 0.05 1/s}\n"
                           "  b: {equation: B -> C, k: 0.01 1/s}\n"
                           "feeds:\n  f: {flow: 6 mL/min, concentration: {A: 1 mol/L}}\n"
                           "key: {reactant: A, product: B}\n";

static tau_model *model_with(const char *units)
{
  char text[2000];
  snprintf(text, sizeof text, "%sunits:\n%s", head, units);
  return small_model(text);
}

static double transform(const tau_rtd *rtd, double k)
{
  const double s[2] = {k, 0.0};
  double G[2];
  assert_int_equal(tau_rtd_transform(rtd, 1, s, G), TAU_OK);
  return G[0];
}

static tau_rtd *dispersion(double mean, double Pe)
{
  tau_rtd *rtd = NULL;
  assert_int_equal(tau_rtd_new(&rtd, "dispersion", 2, (const char *const[]){"mean", "peclet"},
                               (const double[]){mean, Pe}),
                   TAU_OK);
  return rtd;
}

static void the_ways_are_right(void **state)
{
  (void)state;
  tau_model *m = model_with("  coil: {type: pfr, in: f, volume: 5 mL}\n");
  tau_rtd *rtd = dispersion(40.0, 12.0);
  tau_react *r = NULL;
  tau_react_options o = TAU_REACT_OPTIONS_INIT;
  o.rtd = rtd;
  o.exchange_time = 10.0;
  if (tau_react_new(&r, m, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  const int x = tau_react_index(r, "conversion/A");
  assert_string_equal(tau_react_unit(r), "coil");
  assert_close(tau_react_value(r, TAU_REACT_PLUG, x), 1.0 - exp(-0.05 * 40.0), 1e-8);
  assert_close(tau_react_value(r, TAU_REACT_SEGREGATED, x), 1.0 - transform(rtd, 0.05), 1e-8);
  assert_close(tau_react_value(r, TAU_REACT_MAXIMUM, x), 1.0 - transform(rtd, 0.05), 1e-7);
  assert_close(tau_react_value(r, TAU_REACT_EXCHANGE, x), 1.0 - transform(rtd, 0.05), 1e-4);
  /* B: k1/(k2 - k1) (G(k1) - G(k2)), by superposition */
  const double B = 0.05 / (0.01 - 0.05) * (transform(rtd, 0.05) - transform(rtd, 0.01));
  assert_close(tau_react_value(r, TAU_REACT_SEGREGATED, tau_react_index(r, "yield/B")), B, 1e-8);
  assert_true(isnan(tau_react_half_width(r, TAU_REACT_SEGREGATED, x, 0.95)));
  tau_react_free(r);
  tau_rtd_free(rtd);
  tau_model_free(m);
}

static double conversion(const tau_model *m, double mean, double Pe, tau_mixing mixing)
{
  tau_rtd *rtd = dispersion(mean, Pe);
  tau_react *r = NULL;
  tau_react_options o = TAU_REACT_OPTIONS_INIT;
  o.rtd = rtd;
  assert_int_equal(tau_react_new(&r, m, &o), TAU_OK);
  const double x = tau_react_value(r, mixing, tau_react_index(r, "conversion/A"));
  tau_react_free(r);
  tau_rtd_free(rtd);
  return x;
}

static void errors_follow_from_the_covariance(void **state)
{
  static const double C[4] = {4.0, -0.6, -0.6, 1.0};
  (void)state;
  tau_model *m = model_with("  coil: {type: pfr, in: f, volume: 5 mL}\n");
  tau_rtd *rtd = dispersion(40.0, 12.0);
  tau_react *r = NULL;
  tau_react_options o = TAU_REACT_OPTIONS_INIT;
  o.rtd = rtd;
  o.covariance = C;
  if (tau_react_new(&r, m, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  for (int way = TAU_REACT_PLUG; way <= TAU_REACT_MAXIMUM; way++) {
    const tau_mixing w = (tau_mixing)way;
    const double by_mean = (conversion(m, 40.04, 12.0, w) - conversion(m, 39.96, 12.0, w)) / 0.08;
    const double by_Pe = (conversion(m, 40.0, 12.012, w) - conversion(m, 40.0, 11.988, w)) / 0.024;
    const double variance = by_mean * by_mean * C[0] + 2.0 * by_mean * by_Pe * C[1] + by_Pe * by_Pe * C[3];
    const double h = tau_react_half_width(r, w, tau_react_index(r, "conversion/A"), 0.95);
    assert_close_rel(h, 1.959963984540054 * sqrt(variance), 1e-4); /* the normal's 97.5 % */
  }
  assert_true(isnan(tau_react_half_width(r, TAU_REACT_PLUG, 0, 1.5)));
  assert_true(isnan(tau_react_half_width(r, TAU_REACT_EXCHANGE, 0, 0.95)));
  tau_react_free(r);
  tau_rtd_free(rtd);
  tau_model_free(m);
}

static void a_unit_has_its_own_distribution(void **state)
{
  (void)state;
  tau_model *m = model_with("  pre: {type: mixer, in: f}\n  tank: {type: cstr, in: pre, volume: 5 mL}\n");
  tau_react *r = NULL;
  assert_int_equal(tau_react_new(&r, m, NULL), TAU_OK);
  const int x = tau_react_index(r, "conversion/A");
  assert_close(tau_react_value(r, TAU_REACT_MAXIMUM, x), 2.5 / 3.5, 1e-8); /* k tau = 2.5 */
  assert_close(tau_react_value(r, TAU_REACT_PLUG, x), 1.0 - exp(-2.5), 1e-8);
  tau_model *way = NULL;
  assert_int_equal(tau_react_model(r, TAU_REACT_MAXIMUM, &way), TAU_OK);
  assert_string_equal(tau_model_text(way, "units/tank/mixing"), "maximum");
  assert_string_equal(tau_model_text(way, "units/tank/rtd/model"), "tanks");
  assert_null(tau_model_text(m, "units/tank/mixing")); /* the model itself is as it was */
  tau_model_free(way);
  assert_int_equal(tau_react_model(r, TAU_REACT_EXCHANGE, &way), TAU_E_VALUE);
  assert_null(way);
  tau_react_free(r);
  tau_model_free(m);
}

static void refused(const char *units, const char *unit, double time, tau_status status, const char *said)
{
  tau_model *m = model_with(units);
  tau_react *r = NULL;
  tau_react_options o = TAU_REACT_OPTIONS_INIT;
  o.unit = unit;
  o.exchange_time = time;
  assert_int_equal(tau_react_new(&r, m, &o), status);
  assert_null(r);
  if (!strstr(tau_last_error(), said)) fail_msg("%s", tau_last_error());
  tau_model_free(m);
}

static void what_cannot_be_is_refused(void **state)
{
  (void)state;
  static const char tube[] = "  coil: {type: pfr, in: f, volume: 5 mL}\n";
  static const char two[] =
    "  a: {type: cstr, in: f, volume: 5 mL}\n  b: {type: cstr, in: a, volume: 5 mL}\n";
  refused(tube, NULL, 0.0, TAU_E_UNSUPPORTED, "plug flow");
  refused(tube, "coli", 0.0, TAU_E_NAME, "'coli' is no unit");
  refused(two, NULL, 0.0, TAU_E_VALUE, "2 units");
  refused(two, "b", -1.0, TAU_E_VALUE, "more than 0");
  refused("  c: {type: tanks, in: f, n: 3, volume: 5 mL}\n", "c", 0.0, TAU_E_UNSUPPORTED, "cannot be run");
}

static void a_distribution_is_written_and_read_back(void **state)
{
  static const char *const texts[] = {
    "{model: dispersion, mean: 2 min, peclet: 31.4159265358979}",
    "{model: dispersion, mean: 2 min, peclet: 3, ends: open-closed}",
    "{series: [{model: plug, mean: 0.1 s}, {model: tanks, mean: 1 s, n: 2.5}]}",
    "{parallel: [{fraction: 0.3, model: laminar, mean: 1 s}, {series: [{model: plug, mean: 1 s}, {model: "
    "tanks, "
    "mean: 2 s}]}]}",
    "{recycle: {forward: {model: tanks, mean: 2 s}, back: {model: plug, mean: 1 s}, ratio: 0.7}}",
    "{recycle: {forward: {model: tanks, mean: 2 s}, ratio: 0.7}}",
    "{model: measured, time: [0 s, 1 s, 3 s], signal: [0, 2, 0]}",
  };
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    tau_rtd *a = NULL, *b = NULL;
    char *text = NULL;
    assert_int_equal(tau_rtd_parse(&a, texts[i]), TAU_OK);
    assert_int_equal(tau_rtd_print(a, &text), TAU_OK);
    if (tau_rtd_parse(&b, text) != TAU_OK) fail_msg("%s\n%s", tau_last_error(), text);
    assert_int_equal(tau_rtd_n_parameters(a), tau_rtd_n_parameters(b));
    for (int k = 0; k < tau_rtd_n_parameters(a); k++) {
      assert_string_equal(tau_rtd_parameter_path(a, k), tau_rtd_parameter_path(b, k));
      assert_true(tau_rtd_parameter_value(a, k) == tau_rtd_parameter_value(b, k));
    }
    assert_close_rel(transform(a, 0.3), transform(b, 0.3), 1e-15);
    tau_text_free(text);
    tau_rtd_free(a);
    tau_rtd_free(b);
  }
}

static void a_model_takes_a_distribution(void **state)
{
  (void)state;
  tau_model *m =
    model_with("  coil: {type: pfr, in: f, volume: 5 mL, mixing: segregated, rtd: {model: tanks, n: 2}}\n");
  tau_rtd *rtd = dispersion(50.0, 8.0);
  assert_int_equal(tau_model_set_rtd(m, "units/coil/rtd", rtd), TAU_OK);
  assert_int_equal(tau_model_set_rtd(m, "rtd/same", rtd), TAU_OK);
  assert_int_equal(tau_model_set_rtd(m, "units//rtd", rtd), TAU_E_NAME);
  tau_train *t = NULL;
  tau_result *r = NULL;
  if (tau_train_compile(&t, m) != TAU_OK || tau_train_run(&r, t, NULL, NULL) != TAU_OK)
    fail_msg("%s", tau_last_error());
  assert_close(small_value(r, "conversion/A"), 1.0 - transform(rtd, 0.05), 1e-8);
  tau_result_free(r);
  tau_train_free(t);
  tau_rtd_free(rtd);
  tau_model_free(m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_ways_are_right),
    cmocka_unit_test(errors_follow_from_the_covariance),
    cmocka_unit_test(a_unit_has_its_own_distribution),
    cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(a_distribution_is_written_and_read_back),
    cmocka_unit_test(a_model_takes_a_distribution),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_tracer_fit.c - curves made from closed forms of tanks, and their parameters found again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* after those */
#include <cmocka.h>
#include <tautrain.h>

enum { N = 80 };

static void check_close(double got, double want, double rtol, double atol, const char *what)
{
  if (!(fabs(got - want) <= atol + rtol * fabs(want)))
    fail_msg("%s: %.17g, want %.17g (rtol %g, atol %g)", what, got, want, rtol, atol);
}

/* Density of three tanks of 20 s: x^2 exp(-x)/(2 tau). */
static double three_tanks(double t) { return t > 0.0 ? t * t / (2.0 * 8000.0) * exp(-t / 20.0) : 0.0; }

static void grid(double t[N], double last)
{
  for (int i = 0; i < N; i++) t[i] = last * i / (N - 1);
}

static tau_tracer *traced(tau_tracer_kind kind, const double *t, const double *y, const tau_tracer_options *o)
{
  tau_tracer_data data = TAU_TRACER_DATA_INIT;
  tau_tracer *tracer = NULL;
  data.kind = kind;
  data.n = N;
  data.t = t;
  data.signal = y;
  if (tau_tracer_new(&tracer, &data, o) < 0) fail_msg("%s", tau_last_error());
  return tracer;
}

static tau_tracer_fit *fitted(const tau_tracer *tracer, const char *name, tau_tracer_fit_model model)
{
  tau_rtd *start = NULL;
  tau_tracer_fit *fit = NULL;
  if (tau_tracer_start(&start, tracer, name) < 0) fail_msg("%s", tau_last_error());
  model.rtd = start;
  if (tau_tracer_fit_new(&fit, tracer, &model, NULL) < 0) fail_msg("%s", tau_last_error());
  tau_rtd_free(start);
  return fit;
}

static double value_of(const tau_tracer_fit *fit, const char *name)
{
  const tau_fit *f = tau_tracer_fit_statistics(fit);
  for (int i = 0; i < tau_fit_n_parameters(f); i++)
    if (!strcmp(tau_fit_name(f, i), name)) return tau_fit_value(f, i);
  fail_msg("no parameter '%s'", name);
  return NAN;
}

static const tau_tracer_fit_model plain = TAU_TRACER_FIT_MODEL_INIT;

/* --- parameters come back --- */

static void three_tanks_are_found_in_a_pulse(void **unused)
{
  (void)unused;
  double t[N], y[N];
  grid(t, 250.0);
  for (int i = 0; i < N; i++) y[i] = 7.0 * three_tanks(t[i]);
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  tau_tracer_fit *fit = fitted(tracer, "tanks", plain);
  tau_tracer_free(tracer); /* the fit has what it needs */
  check_close(value_of(fit, "mean"), 60.0, 1e-9, 0.0, "mean");
  check_close(value_of(fit, "n"), 3.0, 1e-9, 0.0, "n");
  check_close(value_of(fit, "area"), 7.0, 1e-9, 0.0, "area");
  check_close(tau_rtd_parameter_value(tau_tracer_fit_rtd(fit), 0), value_of(fit, "mean"), 0.0, 0.0,
              "the model's mean");
  double at[] = {55.0}, value[1], half[1];
  assert_int_equal(tau_tracer_fit_curve(fit, 1, at, 0.95, value, half), TAU_OK);
  check_close(value[0], 7.0 * three_tanks(55.0), 1e-9, 0.0, "between the points");
  assert_true(half[0] >= 0.0 && half[0] < 1e-9);
  assert_int_equal(tau_tracer_fit_n_points(fit), N);
  assert_true(tau_tracer_fit_times(fit)[1] == t[1] && tau_tracer_fit_signal(fit)[1] == y[1]);
  tau_tracer_fit_free(fit);
}

/* Two tanks of 30 s, W = (1 + x) exp(-x), up and down between 1 and 5. */
static void steps_up_and_down_give_the_same_vessel(void **unused)
{
  (void)unused;
  double t[N], up[N], down[N];
  grid(t, 400.0);
  for (int i = 0; i < N; i++) {
    const double W = (1.0 + t[i] / 30.0) * exp(-t[i] / 30.0);
    up[i] = 5.0 - 4.0 * W;
    down[i] = 1.0 + 4.0 * W;
  }
  tau_tracer_options o = tau_tracer_options_default();
  o.baseline = TAU_BASELINE_CONSTANT;
  o.baseline_value = 1.0;
  o.level = 5.0;
  for (int k = 0; k < 2; k++) {
    tau_tracer *tracer = traced(k ? TAU_TRACER_STEP_DOWN : TAU_TRACER_STEP_UP, t, k ? down : up, &o);
    tau_tracer_fit *fit = fitted(tracer, "tanks", plain);
    check_close(value_of(fit, "mean"), 60.0, 1e-9, 0.0, "mean");
    check_close(value_of(fit, "n"), 2.0, 1e-9, 0.0, "n");
    check_close(value_of(fit, "area"), 4.0, 1e-9, 0.0, "height");
    tau_tracer_fit_free(fit);
    tau_tracer_free(tracer);
  }
}

static void an_offset_is_told_from_the_tail(void **unused)
{
  (void)unused;
  double t[N], y[N];
  grid(t, 300.0);
  for (int i = 0; i < N; i++) y[i] = 7.0 * three_tanks(t[i]) + 0.02;
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  tau_tracer_fit_model model = plain;
  model.with_offset = true;
  tau_tracer_fit *fit = fitted(tracer, "tanks", model);
  check_close(value_of(fit, "mean"), 60.0, 1e-8, 0.0, "mean");
  check_close(value_of(fit, "offset"), 0.02, 1e-8, 0.0, "offset");
  tau_tracer_fit_free(fit);
  tau_tracer_free(tracer);
}

/* One tank of 40 s behind an inlet of 20 s that is 0 before and after: c' = (u - c)/tau, on a straight piece u = a + b x exactly
 * c = a + b (x - tau) + (c0 - a + b tau) exp(-x/tau). */
static void pass_through_a_tank(const double inlet[5])
{
  const double t_in[] = {0.0, 5.0, 10.0, 15.0, 20.0}, tau = 40.0;
  double t[N], y[N], c = 0.0;
  for (int i = 0; i < N; i++) t[i] = 5.0 * i;
  for (int i = 0; i < N; i++) {
    y[i] = 0.9 * c;
    const double a = i < 4 ? inlet[i] : 0.0, b = i < 4 ? (inlet[i + 1] - inlet[i]) / 5.0 : 0.0;
    c = a + b * (5.0 - tau) + (c - a + b * tau) * exp(-5.0 / tau);
  }
  tau_tracer_data data = TAU_TRACER_DATA_INIT;
  data.kind = TAU_TRACER_INLET;
  data.n = N, data.t = t, data.signal = y;
  data.n_inlet = 5, data.t_inlet = t_in, data.inlet = inlet;
  tau_tracer *tracer = NULL;
  assert_int_equal(tau_tracer_new(&tracer, &data, NULL), TAU_OK);
  tau_tracer_fit *fit = fitted(tracer, "tanks", plain);
  check_close(value_of(fit, "mean"), tau, 1e-8, 0.0, "mean");
  check_close(value_of(fit, "n"), 1.0, 1e-8, 0.0, "n");
  check_close(value_of(fit, "area"), 0.9, 1e-8, 0.0, "recovery");
  tau_tracer_fit_free(fit);
  tau_tracer_free(tracer);
}

static void a_measured_inlet_is_passed_through(void **unused)
{
  (void)unused;
  pass_through_a_tank((const double[]){0.0, 1.5, 3.0, 1.5, 0.0});
}

/* The noise of its first and last point is not held for ever. */
static void a_measured_inlet_is_0_outside_its_points(void **unused)
{
  (void)unused;
  pass_through_a_tank((const double[]){0.3, 1.5, 3.0, 1.5, 0.2});
}

/* Three equal tanks, one of which is the detector's: the vessel is the other two. */
static void a_known_set_up_is_taken_off(void **unused)
{
  (void)unused;
  double t[N], y[N];
  grid(t, 250.0);
  for (int i = 0; i < N; i++) y[i] = three_tanks(t[i]);
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  tau_rtd *cell = NULL;
  const char *names[] = {"mean"};
  assert_int_equal(tau_rtd_new(&cell, "tanks", 1, names, (const double[]){20.0}), TAU_OK);
  tau_tracer_fit_model model = plain;
  model.set_up = cell;
  tau_tracer_fit *fit = fitted(tracer, "tanks", model);
  assert_int_equal(tau_fit_n_parameters(tau_tracer_fit_statistics(fit)), 3);
  check_close(value_of(fit, "mean"), 40.0, 1e-8, 0.0, "mean");
  check_close(value_of(fit, "n"), 2.0, 1e-8, 0.0, "n");
  tau_tracer_fit_free(fit);
  tau_rtd_free(cell);
  tau_tracer_free(tracer);
}

/* Plug flow of 15 s before the tanks. */
static void a_delay_and_tanks_are_told_apart(void **unused)
{
  (void)unused;
  double t[N], y[N];
  grid(t, 250.0);
  for (int i = 0; i < N; i++) y[i] = 2.0 * three_tanks(t[i] - 15.0);
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  tau_tracer_fit *fit = fitted(tracer, "plug+tanks", plain);
  check_close(value_of(fit, "0/mean"), 15.0, 1e-6, 0.0, "delay");
  check_close(value_of(fit, "1/mean"), 60.0, 1e-6, 0.0, "mean");
  check_close(value_of(fit, "1/n"), 3.0, 1e-6, 0.0, "n");
  tau_tracer_fit_free(fit);
  tau_tracer_free(tracer);
}

static void what_is_fixed_stays(void **unused)
{
  (void)unused;
  double t[N], y[N];
  grid(t, 250.0);
  for (int i = 0; i < N; i++) y[i] = three_tanks(t[i]);
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  const tau_tracer_change changes[] = {{"n", 2.5, NAN, NAN, true}, {"mean", 50.0, 10.0, 100.0, false}};
  tau_tracer_fit_model model = plain;
  model.n_changes = 2;
  model.changes = changes;
  tau_tracer_fit *fit = fitted(tracer, "tanks", model);
  assert_true(value_of(fit, "n") == 2.5);
  assert_true(fabs(value_of(fit, "mean") - 60.0) > 0.1);
  tau_tracer_fit_free(fit);

  tau_rtd *start = NULL;
  assert_int_equal(tau_tracer_start(&start, tracer, "tanks"), TAU_OK);
  const tau_tracer_change wrong = {"maen", 1.0, NAN, NAN, false};
  model.rtd = start;
  model.n_changes = 1;
  model.changes = &wrong;
  assert_int_equal(tau_tracer_fit_new(&fit, tracer, &model, NULL), TAU_E_NAME);
  assert_null(fit);
  assert_non_null(strstr(tau_last_error(), "did you mean 'mean'"));
  tau_rtd_free(start);
  tau_tracer_free(tracer);
}

/* --- statistics --- */

/* Uniform numbers of Lehmer's generator, a sum of twelve for a normal one. */
static double normal(uint64_t *state)
{
  double sum = -6.0;
  for (int k = 0; k < 12; k++) {
    *state = *state * 48271u % 2147483647u;
    sum += (double)*state / 2147483647.0;
  }
  return sum;
}

/* Of 300 intervals of 95 % some 285 hold the truth, give or take 3.8 for one standard deviation. */
static void intervals_hold_the_truth(void **unused)
{
  (void)unused;
  double t[N], y[N];
  uint64_t state = 1;
  int n_held[2] = {0, 0};
  grid(t, 250.0);
  for (int trial = 0; trial < 300; trial++) {
    for (int i = 0; i < N; i++) y[i] = three_tanks(t[i]) + 2e-4 * normal(&state);
    tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
    tau_tracer_fit *fit = fitted(tracer, "tanks", plain);
    const tau_fit *f = tau_tracer_fit_statistics(fit);
    n_held[0] += fabs(tau_fit_value(f, 0) - 60.0) < tau_fit_half_width(f, 0, 0.95);
    n_held[1] += fabs(tau_fit_value(f, 1) - 3.0) < tau_fit_half_width(f, 1, 0.95);
    tau_tracer_fit_free(fit);
    tau_tracer_free(tracer);
  }
  for (int k = 0; k < 2; k++)
    if (n_held[k] < 274 || n_held[k] > 296)
      fail_msg("parameter %d: %d of 300 intervals hold the truth", k, n_held[k]);
}

static void a_profile_agrees_with_the_covariance_where_the_model_is_nearly_linear(void **unused)
{
  (void)unused;
  double t[N], y[N], lower, upper;
  uint64_t state = 7;
  grid(t, 250.0);
  for (int i = 0; i < N; i++) y[i] = three_tanks(t[i]) + 1e-4 * normal(&state);
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  tau_tracer_fit *fit = fitted(tracer, "tanks", plain);
  assert_int_equal(tau_tracer_fit_profile(fit, 0, 0.95, &lower, &upper), TAU_OK);
  const double half = tau_fit_half_width(tau_tracer_fit_statistics(fit), 0, 0.95);
  check_close(0.5 * (upper - lower), half, 0.02, 0.0, "half-width");
  tau_tracer_fit_free(fit);
  tau_tracer_free(tracer);
}

/* exp(0), exp(-1), none: 1/(1 + 1/e). */
static void akaikes_weights_sum_to_one(void **unused)
{
  (void)unused;
  const double aicc[] = {12.0, 10.0, NAN};
  double w[3];
  tau_akaike_weights(3, aicc, w);
  check_close(w[1], 1.0 / (1.0 + exp(-1.0)), 1e-15, 0.0, "the better");
  check_close(w[0] + w[1], 1.0, 1e-15, 0.0, "sum");
  assert_true(w[2] == 0.0);
}

/* --- refused --- */

static void what_cannot_be_fitted_says_why(void **unused)
{
  (void)unused;
  double t[N], y[N];
  grid(t, 250.0);
  for (int i = 0; i < N; i++) y[i] = three_tanks(t[i]);
  tau_tracer *tracer = traced(TAU_TRACER_PULSE, t, y, NULL);
  tau_rtd *start = NULL;
  tau_tracer_fit *fit = NULL;
  tau_tracer_fit_model model = plain;
  assert_int_equal(tau_tracer_start(&start, tracer, "plug"), TAU_OK);
  model.rtd = start;
  assert_int_equal(tau_tracer_fit_new(&fit, tracer, &model, NULL), TAU_E_UNSUPPORTED);
  assert_null(fit);
  assert_string_equal(tau_last_error_id(), "pulse-of-plug");
  tau_rtd_free(start);
  assert_int_equal(tau_tracer_start(&start, tracer, "tank"), TAU_E_NAME);
  assert_int_equal(tau_tracer_start(&start, tracer, "taylor-aris"),
                   TAU_E_VALUE); /* moments say nothing of a length */
  tau_tracer_free(tracer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(three_tanks_are_found_in_a_pulse),
    cmocka_unit_test(steps_up_and_down_give_the_same_vessel),
    cmocka_unit_test(an_offset_is_told_from_the_tail),
    cmocka_unit_test(a_measured_inlet_is_passed_through),
    cmocka_unit_test(a_measured_inlet_is_0_outside_its_points),
    cmocka_unit_test(a_known_set_up_is_taken_off),
    cmocka_unit_test(a_delay_and_tanks_are_told_apart),
    cmocka_unit_test(what_is_fixed_stays),
    cmocka_unit_test(intervals_hold_the_truth),
    cmocka_unit_test(a_profile_agrees_with_the_covariance_where_the_model_is_nearly_linear),
    cmocka_unit_test(akaikes_weights_sum_to_one),
    cmocka_unit_test(what_cannot_be_fitted_says_why),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

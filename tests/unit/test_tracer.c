/* SPDX-License-Identifier: Apache-2.0 */
/* test_tracer.c - tracer curves of which mean and variance are known: tables of textbooks, exponentials, polynomials; and that the
 * standard errors are the derivatives to the points. */
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

#include "study/tracer.h"

static void check_close(double got, double want, double rtol, double atol, const char *what)
{
  if (!(fabs(got - want) <= atol + rtol * fabs(want)))
    fail_msg("%s: %.17g, want %.17g (rtol %g, atol %g)", what, got, want, rtol, atol);
}

static tau_tracer *evaluated(const tau_tracer_data *data, const tau_tracer_options *o)
{
  tau_tracer *tracer = NULL;
  if (tau_tracer_new(&tracer, data, o) < 0) fail_msg("%s", tau_last_error());
  return tracer;
}

static tau_tracer_data pulse_of(int n, const double *t, const double *y)
{
  tau_tracer_data data = TAU_TRACER_DATA_INIT;
  data.n = n;
  data.t = t;
  data.signal = y;
  return data;
}

/* --- tables of textbooks --- */

/* O. Levenspiel, Chemical Reaction Engineering, 3rd ed., Examples 11.1, 13.1, 14.1. */
static const double levenspiel_t[] = {0, 5, 10, 15, 20, 25, 30, 35},
                    levenspiel_c[] = {0, 3, 5, 5, 4, 2, 1, 0};
/* H. S. Fogler, Elements of Chemical Reaction Engineering, 4th ed., Examples 13-1 and 13-2. */
static const double fogler_t[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14},
                    fogler_c[] = {0, 1, 5, 8, 10, 8, 6, 4, 3, 2.2, 1.5, 0.6, 0};

static void levenspiels_pulse_has_its_printed_moments(void **unused)
{
  (void)unused;
  const tau_tracer_data data = pulse_of(8, levenspiel_t, levenspiel_c);
  tau_tracer *tracer = evaluated(&data, NULL);
  const tau_tracer_moments m = tau_tracer_vessel(tracer);
  const tau_tracer_equivalents e = tau_tracer_equivalent(tracer);
  check_close(m.area.value, 100.0, 1e-14, 0.0, "area");
  check_close(m.mean.value, 15.0, 1e-14, 0.0, "mean");
  check_close(m.variance.value, 47.5, 1e-14, 0.0, "variance");
  check_close(e.variance.value, 0.2111111111111111, 1e-14, 0.0, "sigma_theta^2");
  check_close(1.0 / e.peclet_closed.value, 0.11993699597562889, 1e-12, 0.0, "D/uL, closed");
  check_close(1.0 / e.peclet_small.value, 0.10555555555555556, 1e-14, 0.0, "D/uL, small");
  check_close(e.tanks.value, 4.7368421052631575, 1e-14, 0.0, "N");
  tau_tracer_free(tracer);
}

static void foglers_pulse_by_both_rules(void **unused)
{
  (void)unused;
  const tau_tracer_data data = pulse_of(13, fogler_t, fogler_c);
  const double want[2][3] = {{50.65, 5.127344521224087, 5.951206867484791},
                             {50.03333333333333, 5.155229846768821, 6.108481975818031}};
  for (int rule = TAU_RULE_TRAPEZOID; rule <= TAU_RULE_SIMPSON; rule++) {
    tau_tracer_options o = tau_tracer_options_default();
    o.rule = (tau_tracer_rule)rule;
    tau_tracer *tracer = evaluated(&data, &o);
    const tau_tracer_moments m = tau_tracer_outlet(tracer);
    check_close(m.area.value, want[rule][0], 1e-14, 0.0, "area");
    check_close(m.mean.value, want[rule][1], 1e-14, 0.0, "mean");
    check_close(m.variance.value, want[rule][2], 1e-13, 0.0, "variance");
    const tau_tracer_equivalents e = tau_tracer_equivalent(tracer);
    if (rule == TAU_RULE_SIMPSON) {
      check_close(e.tanks.value, 4.35073638233287, 1e-12, 0.0, "N");
      check_close(e.peclet_closed.value, 7.5494884170212755, 1e-12, 0.0, "Pe, closed");
      check_close(e.peclet_open.value, 11.681138699205926, 1e-12, 0.0, "Pe, open");
    }
    tau_tracer_free(tracer);
  }
}

/* --- rules --- */

/* A parabola's rule integrates parabolas exactly, whatever the steps and however many; int_0^3 t^2 = 9. */
static void simpsons_rule_is_exact_for_parabolas_on_unequal_steps(void **unused)
{
  (void)unused;
  const double odd[] = {0.0, 0.3, 1.1, 1.2, 3.0}, even[] = {0.0, 0.3, 1.1, 1.2, 2.0, 3.0};
  const double *grids[] = {odd, even};
  for (int g = 0; g < 2; g++) {
    const int n = 5 + g;
    double w[6], sums[3] = {0.0, 0.0, 0.0};
    taup_rule_weights(TAU_RULE_SIMPSON, n, grids[g], w);
    for (int i = 0; i < n; i++)
      for (int k = 0; k < 3; k++) sums[k] += w[i] * pow(grids[g][i], k);
    check_close(sums[0], 3.0, 1e-14, 0.0, "int 1");
    check_close(sums[1], 4.5, 1e-14, 0.0, "int t");
    check_close(sums[2], 9.0, 1e-14, 0.0, "int t^2");
  }
}

/* --- exponentials --- */

enum { N_EXP = 801 };
static double exp_t[N_EXP], exp_y[N_EXP];

/* A tank of tau 50 s seen to 200 s; drift and offset as told, no noise. */
static void exponential(double factor, double offset, double drift)
{
  for (int i = 0; i < N_EXP; i++) {
    exp_t[i] = 0.25 * i;
    exp_y[i] = factor * exp(-exp_t[i] / 50.0) + offset + drift * exp_t[i];
  }
}

/* E = exp(-t/tau)/tau: mean tau, variance tau^2, third moment 2 tau^3. The rule's error on this grid is (h/tau)^2/12 = 2e-6. */
static void a_tanks_tail_is_continued_to_its_moments(void **unused)
{
  (void)unused;
  exponential(3.0, 0.0, 0.0);
  const tau_tracer_data data = pulse_of(N_EXP, exp_t, exp_y);
  tau_tracer_options o = tau_tracer_options_default();
  o.tail = TAU_TAIL_EXPONENTIAL;
  tau_tracer *tracer = evaluated(&data, &o);
  const tau_tracer_moments m = tau_tracer_vessel(tracer);
  check_close(m.area.value, 150.0, 1e-5, 0.0, "area");
  check_close(m.mean.value, 50.0, 1e-5, 0.0, "mean");
  check_close(m.variance.value, 2500.0, 2e-5, 0.0, "variance");
  check_close(m.third.value, 250000.0, 4e-5, 0.0, "third");
  check_close(m.skewness.value, 2.0, 4e-5, 0.0, "skewness");
  check_close(m.tail_area, exp(-4.0), 1e-5, 0.0, "share of the tail");
  /* cut at 4 tau the mean is tau (1 - 4 e^-4/(1 - e^-4)) */
  check_close(m.tail_mean, 50.0 * 4.0 * exp(-4.0) / -expm1(-4.0), 1e-4, 0.0, "effect on the mean");
  assert_int_equal(tau_tracer_options_of(tracer).n_tail, 160);
  check_close(tau_tracer_density(tracer)[0], 1.0 / 50.0, 1e-5, 0.0, "E(0)");
  check_close(tau_tracer_cumulative(tracer)[200], -expm1(-1.0), 1e-5, 0.0, "F(tau)");
  tau_tracer_free(tracer);
}

static void a_step_down_has_the_moments_of_its_vessel(void **unused)
{
  (void)unused;
  exponential(3.0, 1.0, 0.0);
  tau_tracer_data data = pulse_of(N_EXP, exp_t, exp_y);
  data.kind = TAU_TRACER_STEP_DOWN;
  tau_tracer_options o = tau_tracer_options_default();
  o.level = 4.0;
  o.baseline = TAU_BASELINE_CONSTANT;
  o.baseline_value = 1.0;
  o.tail = TAU_TAIL_EXPONENTIAL;
  tau_tracer *tracer = evaluated(&data, &o);
  const tau_tracer_moments m = tau_tracer_vessel(tracer);
  check_close(m.area.value, 3.0, 1e-14, 0.0, "height");
  check_close(m.mean.value, 50.0, 1e-5, 0.0, "mean");
  check_close(m.variance.value, 2500.0, 2e-5, 0.0, "variance");
  check_close(m.third.value, 250000.0, 6e-5, 0.0, "third");
  check_close(tau_tracer_cumulative(tracer)[200], -expm1(-1.0), 1e-12, 0.0, "F(tau)");
  check_close(tau_tracer_density(tracer)[200], exp(-1.0) / 50.0, 1e-5, 0.0, "E(tau)");
  tau_tracer_free(tracer);
}

/* The same vessel, 30 s later and the other way up: the start is taken off. */
static void a_step_up_counts_from_its_start(void **unused)
{
  (void)unused;
  exponential(-3.0, 4.0, 0.0);
  for (int i = 0; i < N_EXP; i++) exp_t[i] += 30.0;
  tau_tracer_data data = pulse_of(N_EXP, exp_t, exp_y);
  data.kind = TAU_TRACER_STEP_UP;
  tau_tracer_options o = tau_tracer_options_default();
  o.start = 30.0;
  o.level = 4.0;
  o.baseline = TAU_BASELINE_CONSTANT;
  o.baseline_value = 1.0;
  o.tail = TAU_TAIL_EXPONENTIAL;
  tau_tracer *tracer = evaluated(&data, &o);
  check_close(tau_tracer_vessel(tracer).mean.value, 50.0, 1e-5, 0.0, "mean");
  check_close(tau_tracer_vessel(tracer).variance.value, 2500.0, 2e-5, 0.0, "variance");
  tau_tracer_free(tracer);
}

/* A triangle is 0 at both ends; offset and drift are found again from the flat ends. */
static void offset_and_drift_are_taken_off(void **unused)
{
  (void)unused;
  double t[101], y[101];
  for (int i = 0; i <= 100; i++) {
    t[i] = i;
    y[i] = 7.0 + 0.25 * t[i] + (fabs(t[i] - 50.0) < 20.0 ? 20.0 - fabs(t[i] - 50.0) : 0.0);
  }
  const tau_tracer_data data = pulse_of(101, t, y);
  tau_tracer_options o = tau_tracer_options_default();
  o.baseline = TAU_BASELINE_LINEAR;
  o.n_first = o.n_last = 10;
  tau_tracer *tracer = evaluated(&data, &o);
  const tau_tracer_moments m = tau_tracer_vessel(tracer);
  check_close(m.area.value, 400.0, 1e-12, 0.0, "area");
  check_close(m.mean.value, 50.0, 1e-12, 0.0, "mean");
  /* the polyline through whole seconds: sum of i^2 y_i over the triangle/400 = (20^4 - 20^2)/6/400 */
  check_close(m.variance.value, (160000.0 - 400.0) / 6.0 / 400.0, 1e-11, 0.0, "variance");
  check_close(m.third.value, 0.0, 0.0, 1e-9, "third");
  tau_tracer_free(tracer);
}

/* --- standard errors --- */

typedef struct five {
  double area, mean, variance, third, skewness, theta;
} five;

static five values_of(const tau_tracer *tracer)
{
  const tau_tracer_moments m = tau_tracer_vessel(tracer);
  return (five){m.area.value,  m.mean.value,     m.variance.value,
                m.third.value, m.skewness.value, tau_tracer_equivalent(tracer).variance.value};
}

/* Each point of the signal moved up and down: the sum of squares of the slopes, times the noise, is the standard error. */
static void check_errors(tau_tracer_data data, const tau_tracer_options *o, double *y, double rtol,
                         const char *what)
{
  tau_tracer *at = evaluated(&data, o);
  double squares[6] = {0.0};
  for (int i = 0; i < data.n; i++) {
    const double kept = y[i], h = 1e-5;
    five side[2];
    for (int k = 0; k < 2; k++) {
      y[i] = kept + (k ? h : -h);
      tau_tracer *moved = evaluated(&data, o);
      side[k] = values_of(moved);
      tau_tracer_free(moved);
    }
    y[i] = kept;
    const double slopes[] = {side[1].area - side[0].area,         side[1].mean - side[0].mean,
                             side[1].variance - side[0].variance, side[1].third - side[0].third,
                             side[1].skewness - side[0].skewness, side[1].theta - side[0].theta};
    for (int k = 0; k < 6; k++) squares[k] += slopes[k] * slopes[k] / (4.0 * h * h);
  }
  const tau_tracer_moments m = tau_tracer_vessel(at);
  const double got[] = {m.area.error,  m.mean.error,     m.variance.error,
                        m.third.error, m.skewness.error, tau_tracer_equivalent(at).variance.error};
  const char *names[] = {"area", "mean", "variance", "third", "skewness", "sigma_theta^2"};
  for (int k = 0; k < 6; k++) {
    char label[96];
    snprintf(label, sizeof label, "%s, error of %s", what, names[k]);
    check_close(got[k], o->noise * sqrt(squares[k]), rtol, 1e-9, label);
  }
  tau_tracer_free(at);
}

static void standard_errors_are_derivatives_to_the_points(void **unused)
{
  (void)unused;
  double t[60], y[60], step[60];
  for (int i = 0; i < 60; i++) {
    t[i] = 1.5 * i + 0.02 * i * i;
    const double x = t[i] / 20.0;
    y[i] = 5.0 * x * x * exp(-x) + 0.3;        /* three tanks of 20 s */
    step[i] = 4.0 - 3.0 * exp(-x) * (1.0 + x); /* two of them, a step up */
  }
  tau_tracer_options o = tau_tracer_options_default();
  o.noise = 0.1;
  o.baseline = TAU_BASELINE_CONSTANT;
  o.n_first = 3;
  check_errors(pulse_of(60, t, y), &o, y, 1e-6, "pulse, constant base line");
  o.rule = TAU_RULE_SIMPSON;
  check_errors(pulse_of(59, t, y), &o, y, 1e-6, "pulse, Simpson");
  o.baseline = TAU_BASELINE_LINEAR;
  o.n_last = 4;
  check_errors(pulse_of(60, t, y), &o, y, 1e-6, "pulse, linear base line");
  o = tau_tracer_options_default();
  o.noise = 0.1;
  tau_tracer_data up = pulse_of(60, t, step);
  up.kind = TAU_TRACER_STEP_UP;
  o.baseline = TAU_BASELINE_CONSTANT;
  o.n_first = 2;
  o.n_last = 5;
  check_errors(up, &o, step, 1e-6, "step up");
}

/* Gauss-Newton's slopes of the tail's fit are exact where the points lie on it. */
static void the_error_of_the_tail_is_carried(void **unused)
{
  (void)unused;
  double t[40], y[40];
  for (int i = 0; i < 40; i++) {
    t[i] = 2.0 * i;
    y[i] = 5.0 * exp(-t[i] / 30.0);
  }
  tau_tracer_options o = tau_tracer_options_default();
  o.noise = 0.1;
  o.tail = TAU_TAIL_EXPONENTIAL;
  check_errors(pulse_of(40, t, y), &o, y, 1e-5, "tail");
  tau_tracer_data data = pulse_of(40, t, y);
  data.kind = TAU_TRACER_STEP_DOWN;
  o.level = 5.0;
  check_errors(data, &o, y, 1e-5, "tail of a step");
}

/* The cubic through four neighbours has weights -1/6, 2/3, 2/3, -1/6: of +1, -1, +1 ... each point is 8/3 from it, and
 * sigma^2 = (64/9)/(1 + 34/36). Six points of a base line: 6/5. */
static void the_noise_is_estimated(void **unused)
{
  (void)unused;
  double t[40], y[40];
  for (int i = 0; i < 40; i++) {
    t[i] = i;
    y[i] = 10.0 + (i % 2 ? -1.0 : 1.0);
  }
  const tau_tracer_data data = pulse_of(40, t, y);
  tau_tracer *tracer = evaluated(&data, NULL);
  check_close(tau_tracer_outlet(tracer).noise, sqrt(256.0 / 70.0), 1e-14, 0.0, "neighbours");
  assert_int_equal(tau_tracer_outlet(tracer).noise_from, TAU_NOISE_NEIGHBOURS);
  tau_tracer_free(tracer);

  for (int i = 6; i < 40; i++) y[i] += 5.0;
  tau_tracer_options o = tau_tracer_options_default();
  o.baseline = TAU_BASELINE_CONSTANT;
  o.n_first = 6;
  tracer = evaluated(&data, &o);
  check_close(tau_tracer_outlet(tracer).noise, sqrt(6.0 / 5.0), 1e-14, 0.0, "base line");
  assert_int_equal(tau_tracer_outlet(tracer).noise_from, TAU_NOISE_BASELINE);
  tau_tracer_free(tracer);
}

/* --- two signals --- */

/* An inlet triangle of variance 12.5 s^2 and 40 s later one twice as wide, 50 s^2, by the trapezoid rule on these points. */
static void moments_of_the_vessel_are_differences(void **unused)
{
  (void)unused;
  const double t_in[] = {0.0, 5.0, 10.0, 15.0, 20.0}, in[] = {0.0, 1.0, 2.0, 1.0, 0.0};
  const double t_out[] = {0.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0},
               out[] = {0.0, 0.0, 0.5, 1.0, 0.5, 0.0, 0.0};
  tau_tracer_data data = pulse_of(7, t_out, out);
  data.kind = TAU_TRACER_INLET;
  data.n_inlet = 5;
  data.t_inlet = t_in;
  data.inlet = in;
  tau_tracer_options o = tau_tracer_options_default();
  o.flow = 1e-6;
  o.volume = 50e-6;
  o.noise = 0.01;
  tau_tracer *tracer = evaluated(&data, &o);
  const tau_tracer_moments vessel = tau_tracer_vessel(tracer), a = tau_tracer_inlet(tracer),
                           b = tau_tracer_outlet(tracer);
  check_close(vessel.mean.value, 40.0, 1e-13, 0.0, "mean");
  check_close(vessel.variance.value, 37.5, 1e-13, 0.0, "variance");
  check_close(vessel.mean.error, hypot(a.mean.error, b.mean.error), 1e-13, 0.0, "error");
  check_close(tau_tracer_balances(tracer).recovery.value, 20.0 / 20.0, 1e-13, 0.0, "recovery");
  check_close(tau_tracer_balances(tracer).volume.value, 40e-6, 1e-13, 0.0, "volume");
  check_close(tau_tracer_balances(tracer).dead.value, 0.2, 1e-12, 0.0, "dead share");
  tau_tracer_free(tracer);
}

/* --- formulas --- */

static void peclet_numbers_give_back_their_variance(void **unused)
{
  (void)unused;
  double slope;
  for (double pe = 1e-3; pe < 2e6; pe *= 10.0) {
    /* 1 - exp(-Pe) - Pe without cancellation below 1: its series */
    double series = 0.0, term = 1.0;
    for (int k = 0; k < 30; k++) {
      term *= k ? -pe / (k + 2) : 1.0;
      series += term;
    }
    const double closed = pe < 2.0 ? series : 2.0 / pe + 2.0 * expm1(-pe) / (pe * pe);
    check_close(taup_peclet_closed(closed, &slope), pe, pe < 0.1 ? 1e-11 : 1e-12, 0.0, "closed");
    check_close(taup_peclet_open(2.0 / pe + 8.0 / (pe * pe), &slope), pe, 1e-12, 0.0, "open");
    check_close(taup_peclet_open_mean((2.0 * pe + 8.0) / ((pe + 2.0) * (pe + 2.0)), &slope), pe, 1e-11,
                pe < 0.1 ? 1e-14 : 0.0, "open, mean");
  }
  const double s = 0.3, h = 1e-6;
  double other;
  const double slopes = (taup_peclet_closed(s + h, &other) - taup_peclet_closed(s - h, &other)) / (2.0 * h);
  taup_peclet_closed(s, &slope);
  check_close(slope, slopes, 1e-8, 0.0, "dPe/d variance");
}

static void what_has_no_solution_says_why(void **unused)
{
  (void)unused;
  const double t[] = {0.0, 1.0, 2.0, 99.0, 100.0, 101.0}, y[] = {0.0, 10.0, 0.0, 0.0, 1.0, 0.0};
  const tau_tracer_data data = pulse_of(6, t, y);
  tau_tracer *tracer = evaluated(&data, NULL);
  assert_true(isnan(tau_tracer_equivalent(tracer).peclet_closed.value));
  assert_non_null(strstr(tau_tracer_reason(tracer, "peclet_closed"), "wider than a stirred tank"));
  check_close(tau_tracer_equivalent(tracer).variance.value, 8.1, 1e-13, 0.0,
              "sigma_theta^2"); /* mean 10 s, variance 8910/11 s^2 */
  assert_true(isnan(tau_tracer_equivalent(tracer).peclet_open_mean.value));
  assert_string_equal(tau_tracer_reason(tracer, "tanks"), "");
  assert_non_null(strstr(tau_tracer_reason(tracer, "volume"), "flow"));
  assert_non_null(strstr(tau_tracer_reason(tracer, "recovery"), "amount"));
  assert_true(isnan(tau_tracer_inlet(tracer).mean.value));
  tau_tracer_free(tracer);
}

/* --- mistakes --- */

static void refused(const tau_tracer_data *data, const tau_tracer_options *o, const char *id,
                    const char *words)
{
  tau_tracer *tracer = NULL;
  const tau_status st = tau_tracer_new(&tracer, data, o);
  assert_null(tracer);
  if (st >= 0 || strcmp(tau_last_error_id(), id) != 0 || !strstr(tau_last_error(), words))
    fail_msg("%s: %s [%s], want '%s' [%s]", tau_status_name(st), tau_last_error(), tau_last_error_id(), words,
             id);
}

static void what_is_no_tracer_curve_is_refused(void **unused)
{
  (void)unused;
  const double t[] = {0.0, 1.0, 1.0, 2.0}, y[] = {0.0, 1.0, 2.0, 0.0}, s[] = {0.0, 1.0, 2.0, 3.0},
               bad[] = {0.0, NAN, 1.0, 0.0};
  const double flat[] = {0.0, 0.0, 0.0, 0.0}, grows[] = {0.0, 1.0, 2.0, 4.0};
  tau_tracer_data data = pulse_of(4, t, y);
  refused(&data, NULL, "out-of-range", "point 3, at 1 s");
  data = pulse_of(2, s, y);
  refused(&data, NULL, "out-of-range", "at least 3");
  data = pulse_of(4, s, bad);
  refused(&data, NULL, "not-finite", "point 2");
  data = pulse_of(4, s, flat);
  refused(&data, NULL, "no-signal", "base line");
  data = pulse_of(4, s, grows);
  tau_tracer_options o = tau_tracer_options_default();
  o.tail = TAU_TAIL_EXPONENTIAL;
  refused(&data, &o, "no-tail", "do not fall");
  o = tau_tracer_options_default();
  o.tail = TAU_TAIL_CUT;
  refused(&data, &o, "out-of-range", "t_cut");
  o = tau_tracer_options_default();
  o.flow = -1.0;
  refused(&data, &o, "out-of-range", "flow is -1");
  data.kind = TAU_TRACER_INLET;
  refused(&data, NULL, "out-of-range", "inlet signal");
  data.kind = TAU_TRACER_STEP_DOWN;
  o = tau_tracer_options_default();
  o.baseline = TAU_BASELINE_CONSTANT;
  o.n_first = o.n_last = 1;
  refused(&data, &o, "no-signal", "no step down");
  o.baseline = TAU_BASELINE_LINEAR;
  refused(&data, &o, "out-of-range", "drift");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(levenspiels_pulse_has_its_printed_moments),
    cmocka_unit_test(foglers_pulse_by_both_rules),
    cmocka_unit_test(simpsons_rule_is_exact_for_parabolas_on_unequal_steps),
    cmocka_unit_test(a_tanks_tail_is_continued_to_its_moments),
    cmocka_unit_test(a_step_down_has_the_moments_of_its_vessel),
    cmocka_unit_test(a_step_up_counts_from_its_start),
    cmocka_unit_test(offset_and_drift_are_taken_off),
    cmocka_unit_test(standard_errors_are_derivatives_to_the_points),
    cmocka_unit_test(the_error_of_the_tail_is_carried),
    cmocka_unit_test(the_noise_is_estimated),
    cmocka_unit_test(moments_of_the_vessel_are_differences),
    cmocka_unit_test(peclet_numbers_give_back_their_variance),
    cmocka_unit_test(what_has_no_solution_says_why),
    cmocka_unit_test(what_is_no_tracer_curve_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

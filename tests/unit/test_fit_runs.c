/* SPDX-License-Identifier: Apache-2.0 */
/* test_fit_runs.c - fits of a train's parameters to runs, against fits of the closed forms by the same least squares; mistakes by name. */
#include "support/small_run.h"

static const double inf = INFINITY;

#define SPECIES "tautrain: 1\nspecies: {A: {}, B: {}, C: {}}\n"
#define FLASK                                                                                               \
  "units:\n  flask: {type: batch, time: 4 s, temperature: 300 K, charge: {volume: 1 L, concentration: {A: " \
  "1 mol/L}}}\n"
static const char decay[] = SPECIES "reactions: {a: {equation: A -> B, k: 0.2 1/s}}\n" FLASK;
static const char chain[] =
  SPECIES "reactions: {a: {equation: A -> B, k: 0.3 1/s}, b: {equation: B -> C, k: 0.3 1/s}}\n" FLASK;
static const char parallel[] =
  SPECIES "reactions: {a: {equation: A -> B, k: 0.1 1/s}, b: {equation: A -> C, k: 0.3 1/s}}\n" FLASK;
static const char warm[] = SPECIES
  "reactions: {a: {equation: A -> B, k: {arrhenius: {k_ref: 0.1 1/s, T_ref: 300 K, Ea: 40 kJ/mol}}}}\n" FLASK;
static const char tank[] = SPECIES "reactions: {a: {equation: A -> B, k: 0.1 1/s}}\n"
                                   "feeds: {f: {flow: 1 mL/s, concentration: {A: 1 mol/L}}}\n"
                                   "units: {tank: {type: cstr, in: f, volume: 10 mL, temperature: 300 K}}\n";

enum { N = 7, MOST = 16 };
static const double time_s[N] = {1, 2, 4, 6, 9, 13, 18};
static const double measured_A[N] = {792, 655, 431, 280, 141, 60, 15}; /* mol/m^3; invented */

/* A fit as a test sets it up: `n` runs over one input, one observable. */
typedef struct setting {
  tau_train *train;
  int n, n_parameters, input;
  const double *at, *y;
  double sigma;
  tau_measured_value measured[MOST];
  tau_fitted_parameter parameters[2];
} setting;

static int parameter(const tau_train *t, const char *path)
{
  const int i = tau_train_parameter_index(t, path);
  if (i < 0) fail_msg("%s", tau_last_error());
  return i;
}

static tau_fitted_parameter from(const tau_train *t, const char *path, double start)
{
  return (tau_fitted_parameter){parameter(t, path), start, -inf, inf, false, false};
}

static setting setting_of(const char *text, const char *input, const char *observable, const double *y)
{
  setting s = {.train = small_train(text), .n = N, .at = time_s, .y = y, .sigma = 0.0};
  s.input = parameter(s.train, input);
  const int what = tau_train_observable_index(s.train, observable);
  if (what < 0) fail_msg("%s", tau_last_error());
  for (int i = 0; i < N; i++) s.measured[i] = (tau_measured_value){i, what, y[i], 0.0};
  return s;
}

static void add(setting *s, const char *path, double start)
{
  s->parameters[s->n_parameters++] = from(s->train, path, start);
}

static tau_fit_runs_problem problem_of(const setting *s)
{
  return (tau_fit_runs_problem){
    s->train, {s->n, 1, &s->input, s->at, s->n, s->measured}, s->n_parameters, s->parameters, NULL};
}

static tau_fit *fitted(const setting *s, const tau_fit_options *options)
{
  const tau_fit_runs_problem p = problem_of(s);
  tau_fit *fit = NULL;
  if (tau_fit_runs(&fit, &p, options) != TAU_OK) fail_msg("%s", tau_last_error());
  return fit;
}

static tau_fit *curve(const char *text, int n, const double *x, const double *y, const char *name,
                      double start)
{
  static const char *const variables[] = {"x"};
  const tau_fit_parameter p = {name, start, -inf, inf, false};
  const tau_curve c = {text, n, y, NULL, 1, variables, x, 1, &p};
  tau_fit *fit = NULL;
  if (tau_fit_curve(&fit, &c, NULL) != TAU_OK) fail_msg("%s", tau_last_error());
  return fit;
}

/* --- against closed forms --- */

static void same_fit(const tau_fit *have, const tau_fit *want)
{
  assert_close_rel(tau_fit_value(have, 0), tau_fit_value(want, 0), 1e-6);
  assert_close_rel(tau_fit_standard_error(have, 0), tau_fit_standard_error(want, 0), 1e-5);
  assert_close_rel(tau_fit_chi2(have), tau_fit_chi2(want), 1e-6);
  assert_int_equal(tau_fit_dof(have), tau_fit_dof(want));
}

static void a_batch_over_time_is_fitted_like_its_closed_form(void **unused)
{
  (void)unused;
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  tau_fit *have = fitted(&s, NULL), *want = curve("1000*exp(-k*x)", N, time_s, measured_A, "k", 0.2);
  double ends[2], wanted[2];
  same_fit(have, want);
  assert_string_equal(tau_fit_name(have, 0), "reactions/a/k");
  assert_string_equal(tau_fit_message(have), "");
  assert_int_equal(tau_fit_profile(have, 0, 0.9, &ends[0], &ends[1]), TAU_OK);
  assert_int_equal(tau_fit_profile(want, 0, 0.9, &wanted[0], &wanted[1]), TAU_OK);
  for (int i = 0; i < 2; i++) assert_close_rel(ends[i], wanted[i], 1e-6);
  tau_fit_free(want);
  tau_fit_free(have);
  tau_train_free(s.train);
}

static void other_runs_have_the_band_of_the_closed_form(void **unused)
{
  (void)unused;
  const double at[] = {0.5, 30.0};
  double have[2], half[2], want[2], wanted[2];
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  tau_fit *fit = fitted(&s, NULL), *closed = curve("1000*exp(-k*x)", N, time_s, measured_A, "k", 0.2);
  const int what = s.measured[0].i_observable;
  const tau_measured_value asked[] = {{1, what, 0.0, 0.0}, {0, what, 0.0, 0.0}};
  const tau_runs runs = {2, 1, &s.input, at, 2, asked};
  assert_int_equal(tau_fit_predict_runs(fit, &runs, 0.9, have, half), TAU_OK);
  assert_int_equal(tau_fit_predict(closed, 2, at, 0.9, want, wanted), TAU_OK);
  for (int i = 0; i < 2; i++) {
    assert_close(have[i], want[1 - i], 1e-4);
    assert_close_rel(half[i], wanted[1 - i], 1e-4);
  }
  assert_int_equal(tau_fit_predict_runs(fit, &runs, 2.0, have, NULL), TAU_OK); /* no band: no level */
  assert_int_equal(tau_fit_predict_runs(fit, &runs, 2.0, have, half), TAU_E_VALUE);
  assert_int_equal(tau_fit_predict_runs(closed, &runs, 0.9, have, half), TAU_E_UNSUPPORTED);
  tau_fit_free(closed);
  tau_fit_free(fit);
  tau_train_free(s.train);
}

/* c0/(1 + k V/q): a steady tank whose volume changes from run to run. */
static void a_tank_is_fitted_like_its_closed_form(void **unused)
{
  (void)unused;
  static const double c[N] = {905, 837, 712, 626, 527, 434, 357};
  double volume[N];
  for (int i = 0; i < N; i++) volume[i] = 1e-6 * time_s[i]; /* 1 mL/s */
  setting s = setting_of(tank, "units/tank/volume", "outlet/c/A", c);
  s.at = volume;
  add(&s, "reactions/a/k", 5.0);
  tau_fit *have = fitted(&s, NULL), *want = curve("1000/(1 + k*x)", N, time_s, c, "k", 0.2);
  same_fit(have, want);
  tau_fit_free(want);
  tau_fit_free(have);
  tau_train_free(s.train);
}

/* With k = exp(b) the value is the logarithm of the other's, and its error the other's relative one. */
static void a_logarithm_has_the_relative_error(void **unused)
{
  (void)unused;
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", 3.0);
  tau_fit *plain = fitted(&s, NULL);
  s.parameters[0].is_log = true;
  s.parameters[0].lower = 0.0;
  tau_fit *ln = fitted(&s, NULL);
  assert_string_equal(tau_fit_name(ln, 0), "ln reactions/a/k");
  assert_close_rel(exp(tau_fit_value(ln, 0)), tau_fit_value(plain, 0), 1e-7);
  assert_close_rel(tau_fit_standard_error(ln, 0), tau_fit_standard_error(plain, 0) / tau_fit_value(plain, 0),
                   1e-5);
  tau_fit_free(ln);
  tau_fit_free(plain);
  tau_train_free(s.train);
}

/* Points that lie on the model: rounding and tolerances are no reason to go on for ever. */
static void points_without_error_give_their_parameters_back(void **unused)
{
  (void)unused;
  const double R = 8.31446261815324;
  double T[N], c[N];
  for (int i = 0; i < N; i++) {
    T[i] = 285.0 + 5.0 * i;
    c[i] = 1000.0 * exp(-4.0 * 0.05 * exp(-6e4 / R * (1.0 / T[i] - 1.0 / 300.0)));
  }
  setting s = setting_of(warm, "units/flask/temperature", "outlet/c/A", c);
  s.at = T;
  add(&s, "reactions/a/k/k_ref", NAN);
  add(&s, "reactions/a/k/Ea", NAN);
  s.parameters[0].is_log = true;
  tau_fit *fit = fitted(&s, NULL);
  assert_close_rel(exp(tau_fit_value(fit, 0)), 0.05, 1e-6);
  assert_close_rel(tau_fit_value(fit, 1), 6e4, 1e-6);
  tau_fit_free(fit);
  tau_train_free(s.train);
}

/* The same run twice counts as often as one of half the variance. */
static void a_run_given_twice_counts_twice(void **unused)
{
  (void)unused;
  double at[N + 1];
  memcpy(at, time_s, sizeof time_s);
  at[N] = at[2];
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  s.n = N + 1;
  s.at = at;
  s.measured[N] = s.measured[2];
  s.measured[N].i_run = N;
  for (int i = 0; i <= N; i++) s.measured[i].sigma = 7.0;
  tau_fit *twice = fitted(&s, NULL);
  s.n = N;
  s.measured[2].sigma = 7.0 * sqrt(0.5);
  tau_fit *once = fitted(&s, NULL);
  assert_close_rel(tau_fit_value(twice, 0), tau_fit_value(once, 0), 1e-9);
  assert_close_rel(tau_fit_chi2(twice), tau_fit_chi2(once), 1e-9);
  assert_int_equal(tau_fit_dof(twice), tau_fit_dof(once) + 1);
  tau_fit_free(once);
  tau_fit_free(twice);
  tau_train_free(s.train);
}

/* --- what data do not determine --- */

static void names_both(tau_fit *fit)
{
  const char *said = tau_fit_message(fit);
  if (!strstr(said, "do not determine reactions/a/k, reactions/b/k: fix one of them")) fail_msg("'%s'", said);
  for (int i = 0; i < 2; i++) assert_true(isnan(tau_fit_standard_error(fit, i)));
}

/* A -> B and A -> C with only A measured: k1 + k2 is known, neither of them. */
static void of_parallel_ways_only_the_sum_is_known(void **unused)
{
  (void)unused;
  setting s = setting_of(parallel, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  add(&s, "reactions/b/k", NAN);
  tau_fit *fit = fitted(&s, NULL), *sum = curve("1000*exp(-k*x)", N, time_s, measured_A, "k", 0.2);
  names_both(fit);
  assert_close_rel(tau_fit_value(fit, 0) + tau_fit_value(fit, 1), tau_fit_value(sum, 0), 1e-6);
  tau_fit_free(sum);
  tau_fit_free(fit);
  tau_train_free(s.train);
}

/* C of A -> B -> C is symmetric in k1 and k2, so that where they are equal its derivatives are: C = 1 - (1 + k t) exp(-k t). */
static void equal_constants_of_a_chain_cannot_be_told_apart(void **unused)
{
  (void)unused;
  double c[N];
  for (int i = 0; i < N; i++) c[i] = 1000.0 * (1.0 - (1.0 + 0.3 * time_s[i]) * exp(-0.3 * time_s[i]));
  setting s = setting_of(chain, "units/flask/time", "outlet/c/C", c);
  add(&s, "reactions/a/k", NAN);
  add(&s, "reactions/b/k", NAN);
  tau_fit *fit = fitted(&s, NULL);
  names_both(fit);
  tau_fit_free(fit);
  tau_train_free(s.train);
}

/* More A than was charged: no reaction is the best there is. */
static void a_rate_constant_does_not_go_below_zero(void **unused)
{
  (void)unused;
  static const double more[N] = {1001, 1003, 1004, 1002, 1005, 1003, 1004};
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", more);
  add(&s, "reactions/a/k", 0.01);
  tau_fit *fit = fitted(&s, NULL);
  assert_int_equal(tau_fit_at_bound(fit, 0), -1);
  assert_true(tau_fit_value(fit, 0) >= 0.0 && tau_fit_value(fit, 0) < 1e-300);
  assert_non_null(strstr(tau_fit_message(fit), "reactions/a/k is at its lower bound"));
  tau_fit_free(fit);
  tau_train_free(s.train);
}

/* --- failures --- */

/* From p = 9 a whole step leads to where the root of p is none, and the run fails. */
static void a_run_that_fails_makes_the_step_shorter(void **unused)
{
  (void)unused;
  static const char text[] =
    SPECIES "reactions: {a: {equation: A -> B, rate: sqrt(p)*A, parameters: {p: 1 1/s^2}}}\n" FLASK;
  double c[N];
  for (int i = 0; i < N; i++) c[i] = 1000.0 * exp(-0.1 * time_s[i]);
  setting s = setting_of(text, "units/flask/time", "outlet/c/A", c);
  add(&s, "reactions/a/parameters/p", 9.0);
  tau_inputs *below = NULL;
  tau_result *result = NULL;
  assert_int_equal(tau_inputs_new(&below, s.train), TAU_OK);
  assert_int_equal(tau_inputs_set_index(below, s.parameters[0].i_parameter, -8.0), TAU_OK);
  assert_true(tau_train_run(&result, s.train, below, NULL) < 0);
  tau_fit *fit = fitted(&s, NULL);
  assert_close_rel(tau_fit_value(fit, 0), 0.01, 1e-5);
  tau_fit_free(fit);
  tau_result_free(result);
  tau_inputs_free(below);
  tau_train_free(s.train);
}

static int stop_at_once(void *user, int iteration, double cost)
{
  (void)user, (void)cost;
  return iteration == 1;
}

static void a_stopped_fit_has_the_best_so_far(void **unused)
{
  (void)unused;
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", 3.0);
  tau_fit_options o = TAU_FIT_OPTIONS_INIT;
  o.stop = stop_at_once;
  const tau_fit_runs_problem p = problem_of(&s);
  tau_fit *fit = NULL;
  assert_int_equal(tau_fit_runs(&fit, &p, &o), TAU_STOPPED_USER);
  assert_false(tau_fit_has_converged(fit));
  assert_true(tau_fit_value(fit, 0) > 0.0 && tau_fit_value(fit, 0) <= 3.0);
  tau_fit_free(fit);
  tau_train_free(s.train);
}

static int refuse(void *user, const char *unit, double fraction)
{
  (void)user, (void)unit, (void)fraction;
  return 1;
}

static void a_run_that_is_stopped_stops_the_fit(void **unused)
{
  (void)unused;
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.progress = refuse;
  o.engine = TAU_ENGINE_CVODES;
  tau_fit_runs_problem p = problem_of(&s);
  p.run_options = &o;
  tau_fit *fit = NULL;
  assert_int_equal(tau_fit_runs(&fit, &p, NULL), TAU_STOPPED_USER);
  assert_null(fit);
  tau_train_free(s.train);
}

static void fails(const tau_fit_runs_problem *p, tau_status status, const char *said)
{
  tau_fit *fit = NULL;
  const tau_status st = tau_fit_runs(&fit, p, NULL);
  if (st != status || fit || !strstr(tau_last_error(), said))
    fail_msg("%s: '%s', want %s '%s'", tau_status_name(st), tau_last_error(), tau_status_name(status), said);
}

static void a_time_limit_at_the_start_is_an_error(void **unused)
{
  (void)unused;
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.max_time = 1e-12;
  tau_fit_runs_problem p = problem_of(&s);
  p.run_options = &o;
  fails(&p, TAU_E_DOMAIN, "run 0, at the start of the fit: its time limit was reached");
  tau_train_free(s.train);
}

static void mistakes_of_parameters_are_named(void **unused)
{
  (void)unused;
  setting s = setting_of(tank, "units/tank/volume", "outlet/c/A", measured_A);
  const double volume[N] = {1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 6e-6, 7e-6};
  s.at = volume;
  add(&s, "reactions/a/k", NAN);
  add(&s, "reactions/a/k", NAN);
  tau_fit_runs_problem p = problem_of(&s);
  fails(&p, TAU_E_VALUE, "'reactions/a/k' is fitted twice");
  s.parameters[1].i_parameter = s.input;
  fails(&p, TAU_E_VALUE, "'units/tank/volume' is an input of the runs");
  s.parameters[1] = from(s.train, "units/tank/residence_time", NAN);
  fails(&p, TAU_E_VALUE, "'units/tank/residence_time' has no value in the model");
  s.parameters[1].start = 3.0;
  fails(&p, TAU_E_VALUE, "'units/tank/volume' is replaced by an alternative");
  s.parameters[1].i_parameter = 1000;
  fails(&p, TAU_E_VALUE, "parameter 1000: there are");
  p.n_parameters = 1;
  s.parameters[0].start = -1.0;
  fails(&p, TAU_E_VALUE, "the start of 'reactions/a/k', -1, is not within its bounds");
  s.parameters[0].is_log = true;
  fails(&p, TAU_E_VALUE, "the start of 'reactions/a/k' is -1; its logarithm needs one above 0");
  p.n_parameters = 0;
  fails(&p, TAU_E_VALUE, "no parameter is given");
  tau_train_free(s.train);
}

static void mistakes_of_runs_are_named(void **unused)
{
  (void)unused;
  double at[N];
  memcpy(at, time_s, sizeof at);
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  tau_fit_runs_problem p = problem_of(&s);
  const int twice[] = {s.input, s.input};
  s.measured[2].sigma = 1.0;
  fails(&p, TAU_E_VALUE, "1 of 7 points have a sigma");
  s.measured[2].sigma = 0.0;
  s.measured[2].i_run = N;
  fails(&p, TAU_E_VALUE, "run 7: there are 7");
  s.measured[2].i_run = 2;
  s.measured[3].i_observable = -1;
  fails(&p, TAU_E_VALUE, "observable -1: there are");
  s.measured[3] = s.measured[2];
  p.runs.inputs = twice;
  p.runs.n_inputs = 2;
  fails(&p, TAU_E_VALUE, "'units/flask/time' is an input of the runs twice");
  p = problem_of(&s);
  at[4] = -9.0;
  p.runs.values = at;
  fails(&p, TAU_E_VALUE, "run 4, at the start of the fit: units/flask/time");
  p.runs.n_measured = 0;
  fails(&p, TAU_E_VALUE, "0 points are given");
  tau_train_free(s.train);
}

/* A balance error has none. */
static void an_observable_without_a_derivative_is_named(void **unused)
{
  (void)unused;
  setting s = setting_of(decay, "units/flask/time", "outlet/c/A", measured_A);
  add(&s, "reactions/a/k", NAN);
  int i = 0;
  while (i < tau_train_n_observables(s.train) &&
         strncmp(tau_train_observable(s.train, i).path, "balance/", 8) != 0)
    i++;
  assert_true(i < tau_train_n_observables(s.train));
  s.measured[5].i_observable = i;
  const tau_fit_runs_problem p = problem_of(&s);
  fails(&p, TAU_E_DOMAIN, "of point 5 has no derivative to 'reactions/a/k' at the start of the fit");
  tau_train_free(s.train);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_batch_over_time_is_fitted_like_its_closed_form),
    cmocka_unit_test(other_runs_have_the_band_of_the_closed_form),
    cmocka_unit_test(a_tank_is_fitted_like_its_closed_form),
    cmocka_unit_test(a_logarithm_has_the_relative_error),
    cmocka_unit_test(points_without_error_give_their_parameters_back),
    cmocka_unit_test(a_run_given_twice_counts_twice),
    cmocka_unit_test(of_parallel_ways_only_the_sum_is_known),
    cmocka_unit_test(equal_constants_of_a_chain_cannot_be_told_apart),
    cmocka_unit_test(a_rate_constant_does_not_go_below_zero),
    cmocka_unit_test(a_run_that_fails_makes_the_step_shorter),
    cmocka_unit_test(a_stopped_fit_has_the_best_so_far),
    cmocka_unit_test(a_run_that_is_stopped_stops_the_fit),
    cmocka_unit_test(a_time_limit_at_the_start_is_an_error),
    cmocka_unit_test(mistakes_of_parameters_are_named),
    cmocka_unit_test(mistakes_of_runs_are_named),
    cmocka_unit_test(an_observable_without_a_derivative_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

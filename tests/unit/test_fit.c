/* SPDX-License-Identifier: Apache-2.0 */
/* test_fit.c - fits by the public interface: what they say, intervals by laws, mistakes by name, and how often intervals hold the truth. */
#include "support/small_run.h"

#include "num/quantile.h"

static const double inf = INFINITY, pi = 3.14159265358979323846;
static const double ten_x[] = {0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25};
static const double ten_y[] = {1.1, 0.4, 2.3, 1.9, 3.8, 2.7, 4.4, 4.1, 5.9, 5.2};
static const char *const x_only[] = {"x"};

static tau_fit_parameter free_from(const char *name, double start)
{
  return (tau_fit_parameter){name, start, -inf, inf, false};
}

static tau_curve curve_of(const char *text, int n, const tau_fit_parameter *p)
{
  return (tau_curve){text, 10, ten_y, NULL, 1, x_only, ten_x, n, p};
}

static tau_fit *fitted(const tau_curve *curve, const tau_fit_options *options)
{
  tau_fit *fit = NULL;
  if (tau_fit_curve(&fit, curve, options) != TAU_OK) fail_msg("%s", tau_last_error());
  return fit;
}

/* --- a straight line, whose every number has a formula --- */

typedef struct line {
  double mean_x, sxx, a, b, s2, total;
} line;

static line line_of(void)
{
  double x = 0, y = 0, sxy = 0;
  line l = {0};
  for (int i = 0; i < 10; i++) x += ten_x[i] / 10.0, y += ten_y[i] / 10.0;
  for (int i = 0; i < 10; i++) {
    l.sxx += (ten_x[i] - x) * (ten_x[i] - x), sxy += (ten_x[i] - x) * (ten_y[i] - y);
    l.total += (ten_y[i] - y) * (ten_y[i] - y);
  }
  l.mean_x = x, l.b = sxy / l.sxx, l.a = y - l.b * x;
  l.s2 = (l.total - l.b * sxy) / 8.0;
  return l;
}

static void a_straight_line_has_the_numbers_of_its_formulas(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  const tau_curve curve = curve_of("a + b*x", 2, p);
  const line l = line_of();
  tau_fit *fit = fitted(&curve, NULL);
  const double t = taup_t_quantile(0.975, 8.0), error = sqrt(l.s2 / l.sxx);
  assert_close_rel(tau_fit_value(fit, 0), l.a, 1e-12);
  assert_close_rel(tau_fit_value(fit, 1), l.b, 1e-12);
  assert_close_rel(tau_fit_standard_error(fit, 1), error, 1e-12);
  assert_close_rel(tau_fit_half_width(fit, 1, 0.95), t * error, 1e-12);
  assert_close_rel(tau_fit_residual_deviation(fit), sqrt(l.s2), 1e-12);
  assert_close_rel(tau_fit_chi2(fit), 8.0 * l.s2, 1e-12);
  assert_close_rel(tau_fit_r_squared(fit), 1.0 - 8.0 * l.s2 / l.total, 1e-12);
  assert_close_rel(tau_fit_aicc(fit), 10.0 * log(0.8 * l.s2) + 6.0 + 24.0 / 6.0, 1e-12);
  assert_close_rel(tau_fit_correlation(fit)[1], -l.mean_x / sqrt(l.sxx / 10.0 + l.mean_x * l.mean_x), 1e-12);
  assert_true(tau_fit_correlation(fit)[3] == 1.0);
  assert_int_equal(tau_fit_dof(fit), 8);
  assert_string_equal(tau_fit_message(fit), "");
  for (int i = 0; i < 10; i++)
    assert_close(tau_fit_residuals(fit)[i] + tau_fit_fitted(fit)[i], ten_y[i], 1e-14);
  tau_fit_free(fit);
}

/* s sqrt(1/n + (x - mean)^2/Sxx) */
static void the_band_of_a_straight_line_is_its_formula(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  const tau_curve curve = curve_of("a + b*x", 2, p);
  const line l = line_of();
  const double at[] = {-3.0, 1.0, 40.0}, J[] = {1.0, -3.0, 1.0, 1.0, 1.0, 40.0};
  double y[3], half[3], again[3];
  tau_fit *fit = fitted(&curve, NULL);
  assert_int_equal(tau_fit_predict(fit, 3, at, 0.9, y, half), TAU_OK);
  assert_int_equal(tau_fit_band(fit, 3, J, 0.9, again), TAU_OK);
  for (int i = 0; i < 3; i++) {
    const double off = at[i] - l.mean_x, want = sqrt(l.s2 * (0.1 + off * off / l.sxx));
    assert_close_rel(y[i], l.a + l.b * at[i], 1e-12);
    assert_close_rel(half[i], taup_t_quantile(0.95, 8.0) * want, 1e-12);
    assert_true(half[i] == again[i]);
  }
  assert_int_equal(tau_fit_predict(fit, 3, at, 1.0, y, half), TAU_E_VALUE);
  assert_int_equal(tau_fit_predict(fit, 3, at, 7.0, y, NULL),
                   TAU_OK); /* without a band nobody asks for the level */
  tau_fit_free(fit);
}

/* For a linear model the profile is the t interval; with sigma known, the normal one. */
static void the_profile_of_a_linear_model_is_its_t_interval(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  const tau_curve curve = curve_of("a + b*x", 2, p);
  for (int known = 0; known < 2; known++) {
    tau_fit_options o = TAU_FIT_OPTIONS_INIT;
    o.absolute_sigma = known;
    tau_fit *fit = fitted(&curve, &o);
    const line l = line_of();
    const double quantile = known ? taup_normal_quantile(0.95) : taup_t_quantile(0.95, 8.0);
    assert_close_rel(tau_fit_half_width(fit, 1, 0.9), quantile * sqrt((known ? 1.0 : l.s2) / l.sxx), 1e-12);
    for (int i = 0; i < 2; i++) {
      double lower = NAN, upper = NAN;
      assert_int_equal(tau_fit_profile(fit, i, 0.9, &lower, &upper), TAU_OK);
      const double half = tau_fit_half_width(fit, i, 0.9);
      assert_close(upper, tau_fit_value(fit, i) + half, 1e-9 * half);
      assert_close(lower, tau_fit_value(fit, i) - half, 1e-9 * half);
    }
    tau_fit_free(fit);
  }
}

/* A plateau that the data do not reach: A/(1 + k x) with k small; large A are as good as any, smaller are not. */
static void an_end_that_is_never_reached_is_infinite(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("Vm", 20.0), {"Km", 10.0, 1e-6, inf, false}};
  const tau_curve curve = curve_of("Vm*x/(Km + x)", 2, p);
  tau_fit *fit = NULL;
  double lower = NAN, upper = NAN;
  const tau_status st = tau_fit_curve(&fit, &curve, NULL);
  assert_true(st == TAU_OK);
  assert_int_equal(tau_fit_profile(fit, 0, 0.95, &lower, &upper), TAU_OK);
  assert_true(isinf(upper) && lower > 5.0 && lower < tau_fit_value(fit, 0));
  tau_fit_free(fit);
}

/* --- what a fit says --- */

static void messages_name_what_the_reader_must_know(void **unused)
{
  (void)unused;
  const tau_fit_parameter at_bound[] = {free_from("a", 0.0), {"b", 0.0, -inf, 0.5, false}};
  const tau_fit_parameter together[] = {free_from("a", 1.0), free_from("b", 5.0), {"k", 2.0, -inf, inf, true}};
  const tau_curve first = curve_of("a + b*x", 2, at_bound), second = curve_of("a*b*x/k", 3, together);
  tau_fit *fit = fitted(&first, NULL);
  assert_string_equal(tau_fit_message(fit), "b is at its upper bound 0.5");
  assert_int_equal(tau_fit_at_bound(fit, 1), 1);
  assert_int_equal(tau_fit_dof(fit), 9);
  assert_true(isnan(tau_fit_standard_error(fit, 1)) && isfinite(tau_fit_standard_error(fit, 0)));
  tau_fit_free(fit);

  fit = fitted(&second, NULL);
  assert_string_equal(tau_fit_message(fit),
                      "the data do not determine a, b: fix one of them, or measure where they act apart");
  assert_true(tau_fit_is_fixed(fit, 2) && tau_fit_value(fit, 2) == 2.0 &&
              tau_fit_standard_error(fit, 2) == 0.0);
  assert_true(isnan(tau_fit_half_width(fit, 0, 0.95)));
  tau_fit_free(fit);
}

static void a_fit_without_degrees_of_freedom_has_no_errors(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  tau_curve curve = curve_of("a + b*x", 2, p);
  curve.n_points = 2;
  tau_fit *fit = fitted(&curve, NULL);
  double lower, upper;
  assert_close(tau_fit_value(fit, 0), 1.1, 1e-14);
  assert_close(tau_fit_value(fit, 1), -2.8, 1e-13);
  assert_true(isnan(tau_fit_standard_error(fit, 0)) && isnan(tau_fit_residual_deviation(fit)) &&
              isnan(tau_fit_aicc(fit)));
  assert_int_equal(tau_fit_profile(fit, 0, 0.95, &lower, &upper), TAU_E_UNSUPPORTED);
  tau_fit_free(fit);
}

static void what_is_not_finished_is_handed_out_and_says_so(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("a", 30.0), free_from("b", 3.0)};
  const tau_curve curve = curve_of("a*exp(b*x)", 2, p);
  tau_fit_options o = TAU_FIT_OPTIONS_INIT;
  tau_fit *fit = NULL;
  o.max_iterations = 1;
  assert_int_equal(tau_fit_curve(&fit, &curve, &o), TAU_E_SOLVER);
  assert_non_null(fit);
  assert_non_null(strstr(tau_fit_message(fit), "has not converged in 1 iterations"));
  assert_false(tau_fit_has_converged(fit));
  assert_true(isnan(tau_fit_standard_error(fit, 0)) && isfinite(tau_fit_chi2(fit)));
  tau_fit_free(fit);
}

/* Nine points on 2 exp(-x) but for one that is 1 too high: the robust fit is nearer to the truth by far. */
static void robust_losses_put_single_wrong_points_aside(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("A", 1.0), free_from("k", 0.5)};
  double y[10];
  tau_curve curve = curve_of("A*exp(-k*x)", 2, p);
  for (int i = 0; i < 10; i++) y[i] = 2.0 * exp(-ten_x[i]) + (i == 7 ? 1.0 : 0.003 * sin(9.0 * i));
  curve.y = y;
  tau_fit *plain = fitted(&curve, NULL);
  const double off = fabs(tau_fit_value(plain, 1) - 1.0);
  assert_true(off > 0.1);
  for (int loss = TAU_LOSS_HUBER; loss <= TAU_LOSS_CAUCHY; loss++) {
    tau_fit_options o = TAU_FIT_OPTIONS_INIT;
    o.loss = (tau_loss)loss;
    o.loss_scale = 0.01;
    tau_fit *fit = fitted(&curve, &o);
    assert_true(fabs(tau_fit_value(fit, 1) - 1.0) < 0.1 * off);
    assert_true(tau_fit_cost(fit) < tau_fit_chi2(fit));
    assert_true(tau_fit_standard_error(fit, 1) > 0.0 &&
                tau_fit_standard_error(fit, 1) < tau_fit_standard_error(plain, 1));
    tau_fit_free(fit);
  }
  tau_fit_free(plain);
}

/* Two variables, and a reserved word as one: k C^n at T. */
static void a_curve_may_have_several_variables(void **unused)
{
  (void)unused;
  static const char *const variables[] = {"C", "T"};
  const tau_fit_parameter p[] = {free_from("A", 10.0), free_from("E", 5.0), {"n", 1.0, 0.0, 4.0, false}};
  double x[24], y[12];
  for (int i = 0; i < 12; i++) {
    x[2 * i] = 0.5 + 0.25 * (i % 4), x[2 * i + 1] = 1.0 + 0.2 * (i / 4);
    y[i] = 40.0 * exp(-7.0 / x[2 * i + 1]) * pow(x[2 * i], 1.5);
  }
  const tau_curve curve = {"A*exp(-E/T)*C^n", 12, y, NULL, 2, variables, x, 3, p};
  tau_fit *fit = fitted(&curve, NULL);
  assert_close_rel(tau_fit_value(fit, 0), 40.0, 1e-11);
  assert_close_rel(tau_fit_value(fit, 1), 7.0, 1e-11);
  assert_close_rel(tau_fit_value(fit, 2), 1.5, 1e-11);
  tau_fit_free(fit);
}

/* --- mistakes --- */

static void check_mistake(const tau_curve *curve, tau_status status, const char *part)
{
  tau_fit *fit = NULL;
  assert_int_equal(tau_fit_curve(&fit, curve, NULL), status);
  assert_null(fit);
  if (!strstr(tau_last_error(), part)) fail_msg("'%s' does not say '%s'", tau_last_error(), part);
}

static void mistakes_of_the_expression_have_their_column(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("b1", 1.0), free_from("b2", 0.1), free_from("x", 0.0)};
  tau_curve curve = curve_of("b1*(1 - exp(-b2*x)", 2, p);
  check_mistake(&curve, TAU_E_PARSE, "column 4: '(' is not closed");
  curve.expression = "b1*(1 - exp(-b3*x))";
  check_mistake(&curve, TAU_E_NAME, "column 14");
  curve.expression = "b1*x";
  check_mistake(&curve, TAU_E_NAME, "'b2' does not occur");
  curve = curve_of("b1*b2*x", 3, p);
  check_mistake(&curve, TAU_E_VALUE, "'x' is both");
}

static void mistakes_of_the_numbers_are_named(void **unused)
{
  (void)unused;
  tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  double y[10], sigma[10];
  for (int i = 0; i < 10; i++) y[i] = ten_y[i], sigma[i] = 1.0;
  tau_curve curve = curve_of("a + b*x", 2, p);
  curve.y = y, curve.sigma = sigma;
  y[3] = NAN;
  check_mistake(&curve, TAU_E_VALUE, "y of point 3 is nan");
  y[3] = 1.0, sigma[4] = 0.0;
  check_mistake(&curve, TAU_E_VALUE, "sigma of point 4 is 0");
  sigma[4] = 1.0, p[1].lower = 1.0;
  check_mistake(&curve, TAU_E_VALUE, "the start of 'b', 0, is not within its bounds 1 and inf");
  p[1].upper = 0.5;
  check_mistake(&curve, TAU_E_VALUE, "the bounds of 'b' are 1 and 0.5");
  p[1] = free_from("b", NAN);
  check_mistake(&curve, TAU_E_VALUE, "the start of 'b' is nan");
  p[1] = free_from("b", 0.0), curve.n_points = 1;
  check_mistake(&curve, TAU_E_VALUE, "1 points are given for 2 free parameters");
  curve.n_points = 10, curve.expression = "log(a) + b*x";
  check_mistake(&curve, TAU_E_DOMAIN, "at the start");
}

static void options_that_are_none_are_refused(void **unused)
{
  (void)unused;
  const tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  const tau_curve curve = curve_of("a + b*x", 2, p);
  for (int k = 0; k < 4; k++) {
    tau_fit_options o = TAU_FIT_OPTIONS_INIT;
    tau_fit *fit = NULL;
    if (k == 0) o.loss_scale = 0.0;
    if (k == 1) o.tolerance = 1.0;
    if (k == 2) o.max_iterations = 0;
    if (k == 3) o.jacobian_error = 0.0;
    assert_int_equal(tau_fit_curve(&fit, &curve, &o), TAU_E_VALUE);
    assert_null(fit);
  }
  tau_fit_options shorter = TAU_FIT_OPTIONS_INIT; /* of a program that knew fewer fields */
  shorter.size = offsetof(tau_fit_options, max_iterations);
  shorter.max_iterations = -1;
  tau_fit *fit = fitted(&curve, &shorter);
  tau_fit_free(fit);
}

/* --- a model by callback --- */

static tau_status quadratic(void *user, const double *b, double *f, double *J)
{
  for (int i = 0; i < 10; i++) {
    f[i] = b[0] + b[1] * ten_x[i] * ten_x[i];
    if (J) J[2 * i] = 1.0, J[2 * i + 1] = ten_x[i] * ten_x[i];
  }
  ++*(int *)user;
  return TAU_OK;
}

static void a_function_and_an_expression_give_the_same_fit(void **unused)
{
  (void)unused;
  int n_calls = 0;
  const tau_fit_parameter p[] = {free_from("a", 0.0), free_from("b", 0.0)};
  const tau_curve curve = curve_of("a + b*x^2", 2, p);
  const tau_fit_problem problem = {10, ten_y, NULL, 2, p, quadratic, &n_calls};
  tau_fit *one = fitted(&curve, NULL), *other = NULL;
  double x = 1.0, y = 0.0;
  assert_int_equal(tau_fit_new(&other, &problem, NULL), TAU_OK);
  assert_true(n_calls > 1);
  for (int i = 0; i < 2; i++) {
    assert_close_rel(tau_fit_value(other, i), tau_fit_value(one, i), 1e-13);
    assert_close_rel(tau_fit_standard_error(other, i), tau_fit_standard_error(one, i), 1e-13);
  }
  assert_int_equal(tau_fit_predict(other, 1, &x, 0.95, &y, NULL), TAU_E_UNSUPPORTED);
  tau_fit_free(one);
  tau_fit_free(other);
}

/* --- statistics --- */

static uint64_t state;

/* Between 0 and 1; S. Vigna's splitmix64. */
static double uniform(void)
{
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void) { return sqrt(-2.0 * log(uniform())) * cos(2.0 * pi * uniform()); }

/* How many of the 95 % intervals of 2,000 fits hold the truth, of each parameter; by t or (nonlinear) by profile. Sigma grows with y. */
static void count_hits(const char *text, const double truth[2], bool nonlinear, bool profile, int hits[2])
{
  const tau_fit_parameter p[] = {free_from("a", truth[0]), free_from("b", truth[1])};
  double y[10], sigma[10];
  tau_curve curve = curve_of(text, 2, p);
  curve.y = y, curve.sigma = sigma;
  for (int k = 0; k < 2000; k++) {
    for (int i = 0; i < 10; i++) {
      const double f = nonlinear ? truth[0] * exp(-truth[1] * ten_x[i]) : truth[0] + truth[1] * ten_x[i];
      sigma[i] = 1.0 + 0.5 * f; /* only their ratios are known to the fit */
      y[i] = f + 0.02 * sigma[i] * normal();
    }
    tau_fit *fit = fitted(&curve, NULL);
    for (int i = 0; i < 2; i++) {
      double half = tau_fit_half_width(fit, i, 0.95), lower = tau_fit_value(fit, i) - half,
             upper = lower + 2.0 * half;
      if (profile) assert_int_equal(tau_fit_profile(fit, i, 0.95, &lower, &upper), TAU_OK);
      hits[i] += lower <= truth[i] && truth[i] <= upper;
    }
    tau_fit_free(fit);
  }
}

static void ninety_five_per_cent_of_intervals_hold_the_truth(void **unused)
{
  (void)unused;
  const struct {
    const char *text;
    double truth[2];
    bool nonlinear, profile;
  } rows[] = {{"a + b*x", {1.0, 2.0}, false, false},
              {"a*exp(-b*x)", {2.0, 0.9}, true, false},
              {"a*exp(-b*x)", {2.0, 0.9}, true, true}};
  state = 20261123;
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    int hits[2] = {0, 0};
    count_hits(rows[r].text, rows[r].truth, rows[r].nonlinear, rows[r].profile, hits);
    print_message("%s%s: %d and %d of 2000\n", rows[r].text, rows[r].profile ? " (profile)" : "", hits[0],
                  hits[1]);
    for (int i = 0; i < 2; i++) assert_in_range(hits[i], 1880, 1920);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_straight_line_has_the_numbers_of_its_formulas),
    cmocka_unit_test(the_band_of_a_straight_line_is_its_formula),
    cmocka_unit_test(the_profile_of_a_linear_model_is_its_t_interval),
    cmocka_unit_test(an_end_that_is_never_reached_is_infinite),
    cmocka_unit_test(messages_name_what_the_reader_must_know),
    cmocka_unit_test(a_fit_without_degrees_of_freedom_has_no_errors),
    cmocka_unit_test(what_is_not_finished_is_handed_out_and_says_so),
    cmocka_unit_test(robust_losses_put_single_wrong_points_aside),
    cmocka_unit_test(a_curve_may_have_several_variables),
    cmocka_unit_test(mistakes_of_the_expression_have_their_column),
    cmocka_unit_test(mistakes_of_the_numbers_are_named),
    cmocka_unit_test(options_that_are_none_are_refused),
    cmocka_unit_test(a_function_and_an_expression_give_the_same_fit),
    cmocka_unit_test(ninety_five_per_cent_of_intervals_hold_the_truth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

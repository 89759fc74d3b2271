/* SPDX-License-Identifier: Apache-2.0 */
/* test_least_squares.c - the search: known minima, bounds, losses by their stationarity, models that fail, memory. */
#include "support/small_run.h"

#include <float.h>

#include "num/least_squares.h"
#include "support/ledger.h"

enum { MOST = 64 };
static const double none_below[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
static const double none_above[4] = {INFINITY, INFINITY, INFINITY, INFINITY};
static const char *const names[] = {"a", "b", "c", "d"};

/* y = a exp(-b x) + c; fewer parameters: the rest are 0. */
typedef struct decay {
  int m, n, n_calls, fail_at;
  double limit_of_b; /* beyond it the model refuses */
  double x[MOST];
} decay;

static tau_status decays(void *user, const double *b, double *f, double *J)
{
  decay *t = user;
  if (++t->n_calls == t->fail_at) return TAU_E_CALLBACK;
  if (b[1] > t->limit_of_b) return TAU_E_DOMAIN;
  for (int i = 0; i < t->m; i++) {
    const double e = exp(-b[1] * t->x[i]);
    const double row[] = {e, -b[0] * t->x[i] * e, 1.0};
    f[i] = b[0] * e + (t->n > 2 ? b[2] : 0.0);
    for (int j = 0; J && j < t->n; j++) J[i * t->n + j] = row[j];
  }
  return TAU_OK;
}

static decay decay_of(int m, int n)
{
  decay t = {.m = m, .n = n, .limit_of_b = INFINITY};
  for (int i = 0; i < m; i++) t.x[i] = 0.25 * i;
  return t;
}

static taup_lsq *new_lsq(taup_lsq_problem p)
{
  taup_lsq *l = NULL;
  p.names = names;
  if (!p.lower) p.lower = none_below;
  if (!p.upper) p.upper = none_above;
  if (p.loss_scale == 0.0) p.loss_scale = 1.0;
  if (taup_lsq_new(&l, &p) < 0) fail_msg("%s", tau_last_error());
  return l;
}

static const taup_lsq_options usual = {500, 1e-6, 1e-13, NULL, NULL, 0.0};

static void solve(taup_lsq *l, const double *start)
{
  memcpy(l->b, start, (size_t)l->p.n * sizeof *start);
  if (taup_lsq_solve(l, &usual) != TAU_OK) fail_msg("%s", tau_last_error());
}

/* --- minima --- */

static void points_on_a_curve_give_its_parameters_to_rounding(void **unused)
{
  (void)unused;
  decay t = decay_of(12, 3);
  const double truth[] = {3.0, 0.7, -0.4};
  double y[MOST];
  decays(&t, truth, y, NULL);
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 12, .n = 3, .y = y, .model = decays, .user = &t});
  solve(l, (const double[]){1.0, 0.1, 0.0});
  for (int j = 0; j < 3; j++) assert_close(l->b[j], truth[j], 1e-12);
  assert_true(l->chi2 < 1e-26);
  taup_lsq_free(l);
}

/* y = a + b x by the formulas of the straight line. */
static tau_status straight(void *user, const double *b, double *f, double *J)
{
  const decay *t = user;
  for (int i = 0; i < t->m; i++) {
    f[i] = b[0] + b[1] * t->x[i];
    if (J) J[2 * i] = 1.0;
    if (J) J[2 * i + 1] = t->x[i];
  }
  return TAU_OK;
}

static const double ten[] = {1.1, 0.4, 2.3, 1.9, 3.8, 2.7, 4.4, 4.1, 5.9, 5.2};

static void a_straight_line_has_the_covariance_of_its_formula(void **unused)
{
  (void)unused;
  decay t = decay_of(10, 2);
  double sigma[10], w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
  for (int i = 0; i < 10; i++) {
    const double v = 1.0 / (0.1 + 0.02 * i);
    sigma[i] = 0.1 + 0.02 * i;
    w += v * v, wx += v * v * t.x[i], wxx += v * v * t.x[i] * t.x[i];
    wy += v * v * ten[i], wxy += v * v * t.x[i] * ten[i];
  }
  const double det = w * wxx - wx * wx;
  taup_lsq *l =
    new_lsq((taup_lsq_problem){.m = 10, .n = 2, .y = ten, .sigma = sigma, .model = straight, .user = &t});
  solve(l, (const double[]){100.0, -50.0});
  assert_int_equal(taup_lsq_covariance(l, 1e-13), TAU_OK);
  assert_close(l->b[0], (wxx * wy - wx * wxy) / det, 1e-13);
  assert_close(l->b[1], (w * wxy - wx * wy) / det, 1e-13);
  assert_close_rel(l->covariance[0], wxx / det, 1e-12);
  assert_close_rel(l->covariance[1], -wx / det, 1e-12);
  assert_close_rel(l->covariance[3], w / det, 1e-12);
  taup_lsq_free(l);
}

/* The same line with the slope held below what it wants: a = mean(y - b x). From within, and from the bound. */
static void a_parameter_that_wants_beyond_its_bound_stays_there(void **unused)
{
  (void)unused;
  decay t = decay_of(10, 2);
  const double upper[] = {INFINITY, 0.5}, starts[][2] = {{0.0, 0.0}, {9.0, 0.5}};
  double mean = 0.0, mean_x = 0.0, spread = 0.0;
  for (int i = 0; i < 10; i++) mean += (ten[i] - 0.5 * t.x[i]) / 10.0;
  for (int i = 0; i < 10; i++) mean_x += t.x[i] / 10.0;
  for (int i = 0; i < 10; i++) spread += (t.x[i] - mean_x) * (t.x[i] - mean_x);
  for (int k = 0; k < 2; k++) {
    taup_lsq *l =
      new_lsq((taup_lsq_problem){.m = 10, .n = 2, .y = ten, .upper = upper, .model = straight, .user = &t});
    solve(l, starts[k]);
    assert_int_equal(taup_lsq_covariance(l, 1e-13), TAU_OK);
    assert_true(l->b[1] == 0.5 && taup_lsq_at_bound(l, 1) == 1 && taup_lsq_at_bound(l, 0) == 0);
    assert_close(l->b[0], mean, 1e-13);
    assert_close_rel(l->covariance[0], 0.1 + mean_x * mean_x / spread, 1e-12); /* of an intercept */
    assert_true(isnan(l->covariance[3]) && isnan(l->covariance[1]));
    assert_int_equal(taup_lsq_n_free(l), 1);
    taup_lsq_free(l);
  }
}

static void a_bound_that_is_not_needed_is_left_again(void **unused)
{
  (void)unused;
  decay t = decay_of(12, 3);
  const double truth[] = {3.0, 0.7, 0.4}, lower[] = {0.0, 0.01, 0.0};
  double y[MOST];
  decays(&t, truth, y, NULL);
  taup_lsq *l =
    new_lsq((taup_lsq_problem){.m = 12, .n = 3, .y = y, .lower = lower, .model = decays, .user = &t});
  solve(l, lower);
  for (int j = 0; j < 3; j++) assert_close(l->b[j], truth[j], 1e-11);
  taup_lsq_free(l);
}

static void what_is_fixed_stays(void **unused)
{
  (void)unused;
  decay t = decay_of(10, 2);
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 10, .n = 2, .y = ten, .model = straight, .user = &t});
  double xy = 0.0, xx = 0.0;
  for (int i = 0; i < 10; i++) xy += t.x[i] * (ten[i] - 0.75), xx += t.x[i] * t.x[i];
  l->fixed[0] = true;
  solve(l, (const double[]){0.75, 0.0});
  assert_true(l->b[0] == 0.75);
  assert_close(l->b[1], xy / xx, 1e-13);
  l->fixed[1] = true; /* nothing is left to be sought */
  solve(l, (const double[]){0.75, 2.0});
  assert_true(l->b[0] == 0.75 && l->b[1] == 2.0 && l->n_iterations == 0);
  taup_lsq_free(l);
}

/* --- losses --- */

static tau_status level(void *user, const double *b, double *f, double *J)
{
  for (int i = 0; i < *(const int *)user; i++) f[i] = b[0];
  for (int i = 0; J && i < *(const int *)user; i++) J[i] = 1.0;
  return TAU_OK;
}

static double location(tau_loss loss, double scale)
{
  static const double y[] = {0.0, 0.0, 0.0, 0.0, 10.0};
  int n = 5;
  taup_lsq *l = new_lsq((
    taup_lsq_problem){.m = 5, .n = 1, .y = y, .model = level, .user = &n, .loss = loss, .loss_scale = scale});
  solve(l, (const double[]){3.0});
  const double at = l->b[0];
  taup_lsq_free(l);
  return at;
}

/* Four points at 0 and one at 10, residuals -x and 10 - x: sum psi = 0, with psi of each loss written out. Huber within C: 4 x = C. */
static void a_robust_level_satisfies_its_equation(void **unused)
{
  (void)unused;
  assert_close(location(TAU_LOSS_LINEAR, 1.0), 2.0, 1e-14);
  assert_close(location(TAU_LOSS_HUBER, 1.0), 0.25, 1e-12);
  assert_close(location(TAU_LOSS_HUBER, 3.0), 0.75, 1e-12);
  const double s = location(TAU_LOSS_SOFT_L1, 1.0), c = location(TAU_LOSS_CAUCHY, 2.0);
  assert_close(4.0 * s / sqrt(1.0 + s * s), (10.0 - s) / sqrt(1.0 + (10.0 - s) * (10.0 - s)), 1e-11);
  assert_close(4.0 * c / (1.0 + c * c / 4.0), (10.0 - c) / (1.0 + (10.0 - c) * (10.0 - c) / 4.0), 1e-11);
  assert_true(s > 0.1 && s < 0.5 && c > 0.0 && c < 0.2);
}

/* Residuals all within C: Huber's loss is the square, its covariance the classical one: s^2/n of a mean. */
static void huber_without_outliers_is_least_squares(void **unused)
{
  (void)unused;
  static const double y[] = {1.0, 2.0, 3.0, 4.0};
  int n = 4;
  taup_lsq *l = new_lsq((taup_lsq_problem){
    .m = 4, .n = 1, .y = y, .model = level, .user = &n, .loss = TAU_LOSS_HUBER, .loss_scale = 10.0});
  solve(l, (const double[]){0.0});
  assert_int_equal(taup_lsq_covariance(l, 1e-13), TAU_OK);
  assert_close(l->b[0], 2.5, 1e-14);
  assert_close_rel(l->covariance[0], 5.0 / 3.0 / 4.0, 1e-13);
  taup_lsq_free(l);
}

/* --- models that fail --- */

static void a_step_out_of_the_domain_is_shortened(void **unused)
{
  (void)unused;
  decay t = decay_of(12, 3);
  const double truth[] = {3.0, 0.7, -0.4};
  double y[MOST];
  decays(&t, truth, y, NULL);
  t.limit_of_b = 0.75;
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 12, .n = 3, .y = y, .model = decays, .user = &t});
  solve(l, (const double[]){20.0, 0.01, -15.0});
  for (int j = 0; j < 3; j++) assert_close(l->b[j], truth[j], 1e-11);
  memcpy(l->b, (const double[]){1.0, 2.0, 0.0}, 3 * sizeof *l->b);
  assert_int_equal(taup_lsq_solve(l, &usual), TAU_E_DOMAIN);
  assert_non_null(strstr(tau_last_error(), "a = 1"));
  memcpy(l->b, (const double[]){1e200, 0.5, 0.0}, 3 * sizeof *l->b); /* finite, but its square is not */
  assert_int_equal(taup_lsq_solve(l, &usual), TAU_E_DOMAIN);
  taup_lsq_free(l);
}

static void what_the_model_returns_comes_out(void **unused)
{
  (void)unused;
  decay t = decay_of(10, 2);
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 10, .n = 2, .y = ten, .model = decays, .user = &t});
  for (t.fail_at = 1; t.fail_at < 6; t.fail_at++) {
    t.n_calls = 0;
    memcpy(l->b, (const double[]){1.0, 0.1}, 2 * sizeof *l->b);
    assert_int_equal(taup_lsq_solve(l, &usual), TAU_E_CALLBACK);
    assert_int_equal(t.n_calls, t.fail_at);
  }
  taup_lsq_free(l);
}

/* The derivatives of another model lead nowhere: said, not called a minimum. */
static tau_status misled(void *user, const double *b, double *f, double *J)
{
  const tau_status st = decays(user, b, f, J);
  for (int i = 0; J && i < 20; i++) J[i] = -J[i];
  return st;
}

static void wrong_derivatives_are_no_minimum(void **unused)
{
  (void)unused;
  decay t = decay_of(10, 2);
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 10, .n = 2, .y = ten, .model = misled, .user = &t});
  memcpy(l->b, (const double[]){1.0, 0.1}, 2 * sizeof *l->b);
  assert_int_equal(taup_lsq_solve(l, &usual), TAU_E_SOLVER);
  assert_false(l->has_converged);
  taup_lsq_free(l);
}

static int stop_at_three(void *user, int iteration, double cost)
{
  assert_true(isfinite(cost));
  return iteration == *(const int *)user;
}

static void it_stops_when_it_is_told_and_when_it_has_had_its_iterations(void **unused)
{
  (void)unused;
  decay t = decay_of(12, 3);
  const double truth[] = {3.0, 0.7, -0.4}, start[] = {20.0, 0.01, -15.0};
  double y[MOST];
  int three = 3;
  decays(&t, truth, y, NULL);
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 12, .n = 3, .y = y, .model = decays, .user = &t});
  const taup_lsq_options stopped = {500, 1e-6, 1e-13, stop_at_three, &three, 0.0},
                         few = {2, 1e-6, 1e-13, NULL, NULL, 0.0};
  memcpy(l->b, start, sizeof start);
  assert_int_equal(taup_lsq_solve(l, &stopped), TAU_STOPPED_USER);
  assert_int_equal(l->n_iterations, 3);
  memcpy(l->b, start, sizeof start);
  assert_int_equal(taup_lsq_solve(l, &few), TAU_E_SOLVER);
  assert_int_equal(l->n_iterations, 2);
  taup_lsq_free(l);
}

/* --- what cannot be known --- */

static tau_status product(void *user, const double *b, double *f, double *J)
{
  const decay *t = user;
  for (int i = 0; i < t->m; i++) {
    f[i] = b[0] * b[1] * t->x[i] + b[2];
    if (J) J[3 * i] = b[1] * t->x[i], J[3 * i + 1] = b[0] * t->x[i], J[3 * i + 2] = 1.0;
  }
  return TAU_OK;
}

/* Only a b is determined; c is, and keeps the error that it has in the straight line. */
static void parameters_that_act_only_together_are_found_out(void **unused)
{
  (void)unused;
  decay t = decay_of(10, 3);
  double x = 0.0, xx = 0.0;
  for (int i = 0; i < 10; i++) x += t.x[i], xx += t.x[i] * t.x[i];
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 10, .n = 3, .y = ten, .model = product, .user = &t});
  solve(l, (const double[]){1.0, 5.0, 0.0});
  assert_int_equal(taup_lsq_covariance(l, 1e-13), TAU_OK);
  assert_int_equal(l->n_undetermined, 1);
  assert_true(l->is_undetermined[0] && l->is_undetermined[1] && !l->is_undetermined[2]);
  assert_true(isnan(l->covariance[0]) && isnan(l->covariance[4]));
  assert_close_rel(l->covariance[8], xx / (10.0 * xx - x * x), 1e-12);
  taup_lsq_free(l);
}

/* --- house --- */

static void solving_takes_no_memory_and_repeats_bit_for_bit(void **unused)
{
  (void)unused;
  ledger book;
  decay t = decay_of(10, 2);
  double first[2];
  ledger_open(&book, 0);
  taup_lsq *l = new_lsq((taup_lsq_problem){.m = 10, .n = 2, .y = ten, .model = decays, .user = &t});
  const long before = book.n_requests;
  solve(l, (const double[]){1.0, 0.1});
  assert_int_equal(taup_lsq_covariance(l, 1e-13), TAU_OK);
  memcpy(first, l->b, sizeof first);
  solve(l, (const double[]){1.0, 0.1});
  assert_memory_equal(first, l->b, sizeof first);
  assert_int_equal(book.n_requests, before);
  taup_lsq_free(l);
  assert_int_equal(book.n_alive, 0);
  ledger_close();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(points_on_a_curve_give_its_parameters_to_rounding),
    cmocka_unit_test(a_straight_line_has_the_covariance_of_its_formula),
    cmocka_unit_test(a_parameter_that_wants_beyond_its_bound_stays_there),
    cmocka_unit_test(a_bound_that_is_not_needed_is_left_again),
    cmocka_unit_test(what_is_fixed_stays),
    cmocka_unit_test(a_robust_level_satisfies_its_equation),
    cmocka_unit_test(huber_without_outliers_is_least_squares),
    cmocka_unit_test(a_step_out_of_the_domain_is_shortened),
    cmocka_unit_test(what_the_model_returns_comes_out),
    cmocka_unit_test(wrong_derivatives_are_no_minimum),
    cmocka_unit_test(it_stops_when_it_is_told_and_when_it_has_had_its_iterations),
    cmocka_unit_test(parameters_that_act_only_together_are_found_out),
    cmocka_unit_test(solving_takes_no_memory_and_repeats_bit_for_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

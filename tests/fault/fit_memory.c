/* SPDX-License-Identifier: Apache-2.0 */
/* fit_memory.c - fits with the k-th request of memory refused, for all k: TAU_E_NOMEM, nothing handed out, nothing lost. */
#include "support/small_run.h"

#include "fault/routes.h"
#include "support/ledger.h"

enum { N = 6 };
static const double x[N] = {1, 2, 3, 4, 5, 7}, y[N] = {8.3, 10.3, 19.0, 16.0, 15.6, 19.8};
static const char *const variables[] = {"t"};
static const tau_fit_parameter parameters[] = {{"A", 20.0, -INFINITY, INFINITY, false},
                                               {"k", 0.24, -INFINITY, INFINITY, false}};

static tau_status curve(tau_fit **out)
{
  const tau_curve c = {"A*(1 - exp(-k*t))", N, y, NULL, 1, variables, x, 2, parameters};
  return tau_fit_curve(out, &c, NULL);
}

static tau_status line(void *user, const double *b, double *f, double *J)
{
  (void)user;
  for (int i = 0; i < N; i++) {
    f[i] = b[0] + b[1] * x[i];
    if (J) J[2 * i] = 1.0, J[2 * i + 1] = x[i];
  }
  return TAU_OK;
}

static tau_status function(tau_fit **out)
{
  const tau_fit_problem p = {N, y, NULL, 2, parameters, line, NULL};
  return tau_fit_new(out, &p, NULL);
}

/* Two runs of a batch; the train is made before the books are opened. */
static tau_train *train;
static const int one_input = 0;

static tau_fit_runs_problem two_runs(const tau_measured_value *measured, const tau_fitted_parameter *k)
{
  static const double nothing[] = {NAN, NAN};
  return (tau_fit_runs_problem){train, {2, 1, &one_input, nothing, 2, measured}, 1, k, NULL};
}

static tau_status runs(tau_fit **out)
{
  const int c = tau_train_observable_index(train, "outlet/c/A");
  const tau_measured_value measured[] = {{0, c, 700.0, 1.0}, {1, c, 704.0, 1.0}};
  const tau_fitted_parameter k = {
    tau_train_parameter_index(train, "reactions/r/k"), NAN, -INFINITY, INFINITY, false, true};
  const tau_fit_runs_problem p = two_runs(measured, &k);
  return tau_fit_runs(out, &p, NULL);
}

typedef tau_status (*make_fn)(tau_fit **out);

static void refuse_all(make_fn make)
{
  ledger l;
  long n = 0;
  for (long k = 1;; k++) {
    tau_fit *fit = NULL;
    ledger_open(&l, k);
    const tau_status st = make(&fit);
    n = l.n_failed;
    if (n && (st != TAU_E_NOMEM || fit || !strstr(tau_last_error(), "memory")))
      fail_msg("request %ld refused: %s: %s", k, tau_status_name(st), tau_last_error());
    if (!n) assert_int_equal(st, TAU_OK);
    tau_fit_free(fit);
    if (l.n_alive) fail_msg("request %ld refused: %ld blocks are lost", k, (long)l.n_alive);
    ledger_close();
    if (!n) break;
    assert_in_range(k, 1, 10000);
  }
}

static void a_fit_survives_any_refused_request(void **unused)
{
  (void)unused;
  refuse_all(curve);
  refuse_all(function);
}

static void a_fit_of_runs_survives_any_refused_request(void **unused)
{
  (void)unused;
  train = small_train(batch_text);
  refuse_all(runs);
  tau_train_free(train);
}

static void other_runs_survive_any_refused_request(void **unused)
{
  (void)unused;
  ledger l;
  tau_fit *fit = NULL;
  double value, half;
  train = small_train(batch_text);
  assert_int_equal(runs(&fit), TAU_OK);
  const tau_measured_value asked = {0, tau_train_observable_index(train, "outlet/c/B"), 0.0, 0.0};
  const double nothing = NAN;
  const tau_runs one = {1, 1, &one_input, &nothing, 1, &asked};
  for (long k = 1, n = 1; n; k++) {
    ledger_open(&l, k);
    const tau_status st = tau_fit_predict_runs(fit, &one, 0.9, &value, &half);
    n = l.n_failed;
    assert_int_equal(st, n ? TAU_E_NOMEM : TAU_OK);
    assert_int_equal(l.n_alive, 0);
    ledger_close();
    assert_in_range(k, 1, 10000);
  }
  tau_fit_free(fit);
  tau_train_free(train);
}

/* A band at other points takes one block; getters and profiles take none. */
static void what_is_asked_of_a_fit_takes_what_it_says(void **unused)
{
  (void)unused;
  ledger l;
  tau_fit *fit = NULL;
  double values[N], half[N], lower, upper;
  const double J[] = {1.0, 2.0};
  ledger_open(&l, 0);
  assert_int_equal(curve(&fit), TAU_OK);
  const long before = l.n_requests, alive = l.n_alive;
  assert_int_equal(tau_fit_profile(fit, 0, 0.8, &lower, &upper), TAU_OK);
  assert_int_equal(tau_fit_band(fit, 1, J, 0.9, half), TAU_OK);
  assert_int_equal(tau_fit_predict(fit, N, x, 0.9, values, NULL), TAU_OK);
  assert_int_equal(tau_fit_n_points(fit) + tau_fit_n_parameters(fit) + tau_fit_dof(fit), N + 2 + N - 2);
  assert_true(tau_fit_name(fit, 0) && tau_fit_message(fit) && tau_fit_has_converged(fit) &&
              !tau_fit_is_fixed(fit, 0));
  assert_true(tau_fit_value(fit, 0) > tau_fit_standard_error(fit, 0) && tau_fit_half_width(fit, 0, 0.9) > 0.0);
  assert_true(tau_fit_covariance(fit)[0] > 0.0 && tau_fit_correlation(fit)[0] == 1.0 &&
              tau_fit_at_bound(fit, 0) == 0);
  assert_true(tau_fit_chi2(fit) == tau_fit_cost(fit) && tau_fit_residual_deviation(fit) > 0.0);
  assert_true(isfinite(tau_fit_aicc(fit)) && tau_fit_r_squared(fit) < 1.0 && tau_fit_n_iterations(fit) > 0);
  assert_close(tau_fit_residuals(fit)[0] + tau_fit_fitted(fit)[0], y[0], 1e-14);
  assert_int_equal(l.n_requests, before);

  assert_int_equal(tau_fit_predict(fit, N, x, 0.9, values, half), TAU_OK);
  assert_int_equal(l.n_requests, before + 1);
  l.fail_at = before + 2;
  assert_int_equal(tau_fit_predict(fit, N, x, 0.9, values, half), TAU_E_NOMEM);
  assert_int_equal(l.n_alive, alive);
  tau_fit_free(fit);
  assert_int_equal(l.n_alive, 0);
  ledger_close();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_fit_survives_any_refused_request),
    cmocka_unit_test(a_fit_of_runs_survives_any_refused_request),
    cmocka_unit_test(other_runs_survive_any_refused_request),
    cmocka_unit_test(what_is_asked_of_a_fit_takes_what_it_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

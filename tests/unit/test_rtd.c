/* SPDX-License-Identifier: Apache-2.0 */
/* test_rtd.c - distributions of residence time against closed forms, and against 25 of 50 digits where there is none. */
#include "unit/rtd_values.h"

/* --- the closed vessel ---
 * Made by tests/unit/rtd_reference.py in 50 to 60 digits: Pe <= 1 by the eigenfunction series of Yagi and Miyauchi (times below
 * 0.004 by Talbot's inversion), above it by the trapezoid on the vertical through the saddle. */
static const double closed_vessel[][3] = {
  /* Pe, t/mean, mean E */
  {0.001, 1e-05, 1.567839624297459759785384e-10},
  {0.001, 0.0001, 0.2929954168870698437626357},
  {0.001, 0.0003, 0.8965219668526261418262301},
  {0.001, 0.001, 0.9992301108823751073438561},
  {0.001, 0.01, 0.9903782574337051211989094},
  {0.001, 0.1, 0.9051239972689064453617643},
  {0.001, 0.5, 0.6066823113334115358794518},
  {0.001, 1, 0.3679407584994626716598272},
  {0.001, 2, 0.135335282108914139920965},
  {0.001, 5, 0.006734578699334568935090695},
  {1.0, 0.02, 0.00004694958961182363603946305},
  {1.0, 0.05, 0.05057679649551904980653568},
  {1.0, 0.1, 0.3981429912232861617891146},
  {1.0, 0.3, 0.9038879751197364190696279},
  {1.0, 0.5, 0.77171343803621096244423},
  {1.0, 1, 0.4335541484993049212733036},
  {1.0, 2, 0.134302585428551571778386},
  {1.0, 5, 0.003991660598903732127731373},
  {1000.0, 0.8, 0.00004590816894129963155501185},
  {1000.0, 0.9, 0.6481381294230422166614962},
  {1000.0, 0.95, 4.989082074900000304971661},
  {1000.0, 1, 8.925087531632059047294796},
  {1000.0, 1.05, 4.571522682673628324746754},
  {1000.0, 1.1, 0.795247128367707413099606},
  {1000.0, 1.25, 0.00002350475339711961277519436},
  {100000.0, 0.975, 0.00001016186111371941304727166},
  {100000.0, 0.99, 7.248201250866104666148698},
  {100000.0, 0.995, 47.95808674955637553916549},
  {100000.0, 1, 89.20665184535755759966112},
  {100000.0, 1.005, 47.54028850021673818666313},
  {100000.0, 1.01, 7.394657908397066737251385},
  {100000.0, 1.03, 2.779912707835666489877973e-8},
  {1000000.0, 0.99, 3.089577936436639071351028e-9},
  {1000000.0, 0.995, 0.5317132980505118986838699},
  {1000000.0, 0.998, 103.8805466894193222578796},
  {1000000.0, 0.999, 219.9706009764062642016122},
  {1000000.0, 1, 282.0949328214855999201679},
  {1000000.0, 1.001, 219.4213613096246692572146},
  {1000000.0, 1.002, 103.6729944627789595763183},
  {1000000.0, 1.005, 0.5575799664772382647738267},
  {1000000.0, 1.01, 4.943551482142407372591861e-9},
};
enum { N_CLOSED = sizeof closed_vessel / sizeof closed_vessel[0] };

static void closed_vessel_agrees_with_high_precision(void **state)
{
  (void)state;
  for (int i = 0, end; i < N_CLOSED; i = end) {
    double t[16], E[16], peak = 0.0, error;
    for (end = i; end < N_CLOSED && closed_vessel[end][0] == closed_vessel[i][0]; end++) {
      t[end - i] = closed_vessel[end][1];
      peak = fmax(peak, closed_vessel[end][2]);
    }
    tau_rtd *rtd = vessel(1.0, closed_vessel[i][0]);
    MUST(tau_rtd_density(rtd, end - i, t, E, &error));
    assert_true(error < 1e-9 * peak);
    for (int k = i; k < end; k++) {
      check_near("E", E[k - i], closed_vessel[k][2], 1e-11 * peak);
      check_rel("E", E[k - i], closed_vessel[k][2], 1e-10);
    }
    tau_rtd_free(rtd);
  }
}

/* --- gamma density: exp(n ln(n x) - n x - lgamma(n))/t --- */

static void tanks_are_the_gamma_density(void **state)
{
  (void)state;
  static const double counts[] = {0.3, 1.0, 2.5, 20.0, 400.0};
  for (int i = 0; i < 5; i++) {
    const double n = counts[i], width = 1.0 / sqrt(n);
    tau_rtd *rtd = tanks(3.0, n);
    for (int k = -6; k < 30; k++) {
      const double x = 1.0 + 0.4 * k * width;
      if (x < 0.01) continue;
      const double want = exp(n * log(n * x) - n * x - lgamma(n)) / (3.0 * x);
      check_rel("E of tanks", at_time(tau_rtd_density, rtd, 3.0 * x), want, 2e-12);
    }
    tau_rtd_free(rtd);
  }
}

/* n = 1e6 by mpmath, 50 digits: N^N x^(N-1) exp(-N x)/Gamma(N) */
static void a_million_tanks_keep_nine_digits(void **state)
{
  (void)state;
  static const double want[][2] = {{0.997, 4.4052670099185226462},
                                   {0.999, 242.1321325063690343},
                                   {1.0, 398.9422471562440297},
                                   {1.001, 241.80950473150845926},
                                   {1.004, 0.13616255884960202613}};
  tau_rtd *rtd = tanks(1.0, 1e6);
  for (int i = 0; i < 5; i++) check_rel("E", at_time(tau_rtd_density, rtd, want[i][0]), want[i][1], 1e-10);
  tau_rtd_free(rtd);
}

/* Less than one tank: E(0) is infinite; one: 1/mean; more: 0. */
static void density_at_time_0_is_its_limit(void **state)
{
  (void)state;
  static const double counts[] = {0.5, 1.0, 2.0};
  const double want[] = {(double)INFINITY, 0.5, 0.0};
  for (int i = 0; i < 3; i++) {
    tau_rtd *rtd = tanks(2.0, counts[i]);
    const double E = at_time(tau_rtd_density, rtd, 0.0);
    if (isinf(want[i])) assert_true(isinf(E));
    else check_near("E(0)", E, want[i], 1e-12);
    check_near("E before 0", at_time(tau_rtd_density, rtd, -1.0), 0.0, 0.0);
    check_near("W before 0", at_time(tau_rtd_washout, rtd, -1.0), 1.0, 0.0);
    tau_rtd_free(rtd);
  }
}

/* Levenspiel and Smith: E = sqrt(Pe/(4 pi x)) exp(-Pe (1 - x)^2/(4 x)) for open ends; one open end, from the tables of
 * transforms: sqrt(Pe/(pi x)) exp(-Pe (1-x)^2/(4x)) - Pe/2 exp(Pe) erfc(sqrt(Pe/(4x)) (1+x)). */
static void open_ends_agree_with_their_closed_forms(void **state)
{
  (void)state;
  static const double Pe[] = {1e-3, 0.5, 4.0, 30.0};
  for (int i = 0; i < 4; i++) {
    tau_rtd *open = row("dispersion-open", 2, (const double[]){1.0, Pe[i]});
    tau_rtd *half = row("dispersion-closed-open", 2, (const double[]){1.0, Pe[i]});
    for (double x = 0.3; x < 4.0; x += 0.3) {
      const double f =
        sqrt(Pe[i] / (4.0 * 3.14159265358979324 * x)) * exp(-Pe[i] * (1 - x) * (1 - x) / (4.0 * x));
      const double g = 0.5 * Pe[i] * exp(Pe[i]) * erfc(sqrt(Pe[i] / (4.0 * x)) * (1.0 + x));
      check_rel("open", at_time(tau_rtd_density, open, x), f, 1e-12);
      check_near("half open", at_time(tau_rtd_density, half, x), 2.0 * f - g, 1e-12 * 2.0 * f);
    }
    tau_rtd_free(open);
    tau_rtd_free(half);
  }
}

/* E = mean^2/(2 t^3), W = mean^2/(4 t^2) behind mean/2 */
static void laminar_flow_has_its_closed_form(void **state)
{
  (void)state;
  static const double times[] = {1.0001, 1.5, 3.0, 10.0, 100.0, 1000.0};
  tau_rtd *rtd = row("laminar", 1, (const double[]){2.0});
  check_near("E before mean/2", at_time(tau_rtd_density, rtd, 0.99), 0.0, 0.0);
  for (int i = 0; i < 6; i++) {
    const double t = times[i];
    check_rel("E", at_time(tau_rtd_density, rtd, t), 2.0 / (t * t * t), 1e-9);
    check_rel("W", at_time(tau_rtd_washout, rtd, t), 1.0 / (t * t), 1e-10);
  }
  tau_rtd_moments m;
  tau_rtd_get_moments(rtd, &m);
  check_near("mean", m.mean, 2.0, 0.0);
  assert_true(isinf(m.variance) && isinf(m.third_central));
  tau_rtd_free(rtd);
}

/* --- moments: van der Laan 1958; Levenspiel ch. 12 to 14 --- */

static void moments_are_the_closed_forms(void **state)
{
  (void)state;
  static const struct {
    const char *model;
    double p[4], want[3];
    int n;
  } cases[] = {
    {"dispersion", {1.0, 0.5}, {1.0, 0.8522452777010674, 1.5673583310320216}, 2},
    {"dispersion", {1.0, 2.0}, {1.0, 0.5676676416183063, 0.8120116994196761}, 2},
    {"dispersion", {1.0, 10.0}, {1.0, 0.18000090799859525, 0.0960065375898858}, 2},
    {"dispersion", {1.0, 100.0}, {1.0, 0.0198, 0.001176}, 2},
    {"dispersion", {1.0, 1e6}, {1.0, 1.999998e-06, 1.1999976e-11}, 2},
    {"dispersion", {1.0, 1e-3}, {1.0, 0.99966674998333611, 1.9990002999333452}, 2},
    {"dispersion-open", {1.0, 2.0}, {2.0, 3.0, 11.0}, 2},
    {"dispersion-open-closed", {1.0, 2.0}, {1.5, 1.75, 5.5}, 2},
    {"dispersion-closed-open", {1.0, 10.0}, {1.1, 0.23, 0.14}, 2},
    {"tanks", {1.0, 4.7}, {1.0, 0.2127659574468085, 0.09053870529651425}, 2},
    {"compartment", {5.0, 0.2, 0.1}, {4.0, 19.555555555555557, 175.40740740740742}, 3},
    {"tank-exchange", {5.0, 0.3, 0.25}, {5.0, 43.0, 844.0}, 3},
    {"plug", {3.0}, {3.0, 0.0, 0.0}, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tau_rtd_moments m;
    tau_rtd *rtd = row(cases[i].model, cases[i].n, cases[i].p);
    tau_rtd_get_moments(rtd, &m);
    check_rel(cases[i].model, m.mean, cases[i].want[0], 1e-14);
    check_rel(cases[i].model, m.variance, cases[i].want[1], 1e-12);
    check_rel(cases[i].model, m.third_central, cases[i].want[2], 1e-12);
    tau_rtd_free(rtd);
  }
}

/* Laminar flow cut at 10 means: 1 - 1/(4 x^2), 1 - 1/(2 x), ln(2 x)/2 */
static void truncated_moments_of_laminar_flow(void **state)
{
  (void)state;
  double m[3];
  tau_rtd *rtd = row("laminar", 1, (const double[]){1.0});
  MUST(tau_rtd_truncated_moments(rtd, 10.0, m));
  check_rel("area", m[0], 0.9975, 1e-12);
  check_rel("first", m[1], 0.95, 1e-12);
  check_rel("second", m[2], 0.5 * log(20.0), 1e-11);
  tau_rtd_free(rtd);
}

/* --- compositions --- */

static void plug_flow_before_a_tank_moves_it(void **state)
{
  (void)state;
  tau_rtd *rtd = series_of(plug(2.0), tanks(3.0, 1.0));
  for (double t = 0.25; t < 20.0; t += 0.5) {
    const double want = t > 2.0 ? exp(-(t - 2.0) / 3.0) : 0.0;
    check_near("E", at_time(tau_rtd_density, rtd, t), want / 3.0, 1e-14);
    check_rel("W", at_time(tau_rtd_washout, rtd, t), t > 2.0 ? want : 1.0, 1e-12);
  }
  tau_rtd_free(rtd);
}

static void tanks_in_series_are_tanks(void **state)
{
  (void)state;
  check_same("3 and 2 tanks", series_of(tanks(6.0, 3.0), tanks(4.0, 2.0)), tanks(10.0, 5.0), 60.0, 1e-12);
}

/* A tank whose outlet returns at once is a tank at the through flow; plug flow gives atoms 1/(1+r) R^k. */
static void recycles_have_their_limits(void **state)
{
  (void)state;
  double time, weight;
  check_same("tank", recycle_of(tanks(3.0, 1.0), NULL, 2.0), tanks(9.0, 1.0), 90.0, 1e-12);
  check_same("no recycle", recycle_of(tanks(3.0, 2.5), NULL, 0.0), tanks(3.0, 2.5), 20.0, 1e-12);
  tau_rtd *rtd = recycle_of(plug(1.0), NULL, 1.0);
  for (int k = 0; k < 40; k++) {
    tau_rtd_atom(rtd, k, &time, &weight);
    check_near("time of an atom", time, k + 1.0, 1e-12);
    check_rel("its weight", weight, pow(0.5, k + 1), 1e-12);
  }
  tau_rtd_free(rtd);
}

/* G = F/(1 + r - r F): of 3 tanks, the sum of gamma densities of 3, 6, 9 .. tanks; that has complex poles. */
static void a_recycle_is_the_sum_of_its_passes(void **state)
{
  (void)state;
  static const double n_tanks[] = {3.0, 30.0, 300.0};
  for (int i = 0; i < 3; i++) {
    const double n = n_tanks[i];
    tau_rtd *rtd = recycle_of(tanks(1.0, n), NULL, 2.0);
    for (double t = 0.2; t < 9.0; t += 0.41) {
      double want = 0.0;
      for (int k = 1; k < 150; k++) {
        const double N = k * n;
        want += pow(2.0 / 3.0, k - 1) / 3.0 * exp(N * log(n * t) - n * t - lgamma(N)) / t;
      }
      check_near("E of a recycle", at_time(tau_rtd_density, rtd, t), want, 3e-12);
    }
    tau_rtd_free(rtd);
  }
}

/* F = 0.2 + 0.8/(1 + 2 s), r = 2: G = (1 + 0.4 s)/(1 + 5.2 s) = 1/13 + (12/13)/(1 + 5.2 s) */
static void a_bypass_in_a_loop_leaves_an_atom(void **state)
{
  (void)state;
  double time, weight;
  tau_rtd *rtd = recycle_of(parallel_of(plug(0.0), tanks(2.0, 1.0), 0.2), NULL, 2.0);
  assert_int_equal(tau_rtd_n_atoms(rtd), 1);
  tau_rtd_atom(rtd, 0, &time, &weight);
  check_near("time", time, 0.0, 0.0);
  check_rel("weight", weight, 1.0 / 13.0, 1e-14);
  for (double t = 0.3; t < 60.0; t += 3.0)
    check_rel("E", at_time(tau_rtd_density, rtd, t), 12.0 / 13.0 / 5.2 * exp(-t / 5.2), 1e-11);
  tau_rtd_free(rtd);
}

/* A loop with delays everywhere: area, mean and variance by its own integrals. */
static void a_loop_with_delays_keeps_area_and_moments(void **state)
{
  (void)state;
  double m[3];
  tau_rtd_moments want;
  tau_rtd *rtd = recycle_of(series_of(plug(0.5), tanks(0.5, 4.0)), plug(0.25), 1.5);
  MUST(tau_rtd_truncated_moments(rtd, 200.0, m));
  tau_rtd_get_moments(rtd, &want);
  check_near("area", m[0], 1.0, 1e-13);
  check_near("mean", m[1], want.mean, 1e-11);
  check_near("variance", m[2] - m[1] * m[1], want.variance, 1e-9);
  tau_rtd_free(rtd);
}

/* --- what E, F, W and the slopes are to each other --- */

enum { N_SEVERAL = 6 };

static tau_rtd *several(int i)
{
  switch (i) {
  case 0: return series_of(series_of(plug(1.1), vessel(2.0, 20.0)), tanks(3.0, 2.5));
  case 1: return recycle_of(tanks(2.0, 3.0), tanks(1.0, 2.0), 1.5);
  case 2: return recycle_of(series_of(plug(1.03), tanks(1.0, 3.0)), NULL, 1.5);
  case 3: return parallel_of(series_of(plug(1.1), tanks(2.0, 2.0)), tanks(5.0, 3.0), 0.3);
  case 4: return series_of(row("laminar", 1, (const double[]){1.0}), tanks(2.0, 2.0));
  default: return series_of(row("compartment", 3, (const double[]){5.0, 0.2, 0.1}), tanks(1.0, 2.0));
  }
}

/* Simpson over 40 equal parts: 1e-9 needs E smooth there, so the times lie behind the fronts. */
static void the_integral_of_E_is_F(void **state)
{
  (void)state;
  for (int i = 0; i < N_SEVERAL; i++) {
    tau_rtd *rtd = several(i);
    enum { N = 40 };
    double t[N + 1], E[N + 1], sum = 0.0;
    for (int k = 0; k <= N; k++) t[k] = 4.0 + 3.0 * k / N;
    MUST(tau_rtd_density(rtd, N + 1, t, E, NULL));
    for (int k = 0; k <= N; k++) sum += E[k] * (k == 0 || k == N ? 1.0 : k % 2 ? 4.0 : 2.0);
    const double F = at_time(tau_rtd_cumulative, rtd, 7.0) - at_time(tau_rtd_cumulative, rtd, 4.0);
    check_near("integral of E", sum * 3.0 / N / 3.0, F, i == 2 ? 3e-5 : 2e-7);
    check_near("F + W", at_time(tau_rtd_cumulative, rtd, 6.3) + at_time(tau_rtd_washout, rtd, 6.3), 1.0,
               1e-14);
    tau_rtd_free(rtd);
  }
}

/* Differences of fourth order about a value, on the side that its bounds leave. */
static double difference(const tau_rtd *rtd, of_time f, int i, double t)
{
  static const double at[] = {-2.0, -1.0, 1.0, 2.0}, weight[] = {1.0, -8.0, 8.0, -1.0};
  double values[MOST_SLOPES], sum = 0.0;
  const int n = tau_rtd_n_parameters(rtd);
  const double x = tau_rtd_parameter_value(rtd, i), h = 2e-4 * fmax(fabs(x), 0.01);
  for (int k = 0; k < n; k++) values[k] = tau_rtd_parameter_value(rtd, k);
  for (int j = 0; j < 4; j++) {
    tau_rtd *other = NULL;
    values[i] = x + at[j] * h;
    MUST(tau_rtd_with(&other, rtd, values));
    sum += weight[j] * at_time(f, other, t);
    tau_rtd_free(other);
  }
  return sum / (12.0 * h);
}

/* The size of a slope is that of the value over the parameter. */
static void slopes_agree_with_differences(void **state)
{
  (void)state;
  for (int i = 0; i < N_SEVERAL; i++) {
    tau_rtd *rtd = several(i);
    const int n = tau_rtd_n_parameters(rtd);
    for (double t = 0.73; t < 12.0; t += 1.37) {
      double dE[MOST_SLOPES], dF[MOST_SLOPES];
      MUST(tau_rtd_density_slopes(rtd, 1, &t, dE));
      MUST(tau_rtd_cumulative_slopes(rtd, 1, &t, dF));
      for (int k = 0; k < n; k++) {
        const double size = 1.0 / fmax(fabs(tau_rtd_parameter_value(rtd, k)), 0.1);
        check_near(tau_rtd_parameter_path(rtd, k), dE[k], difference(rtd, tau_rtd_density, k, t), 1e-8 * size);
        check_near(tau_rtd_parameter_path(rtd, k), dF[k], difference(rtd, tau_rtd_cumulative, k, t),
                   1e-8 * size);
      }
    }
    tau_rtd_free(rtd);
  }
}

static void parameters_have_paths_and_values(void **state)
{
  (void)state;
  static const char *const paths[] = {"ratio",       "forward/0/mean", "forward/1/mean",
                                      "forward/1/n", "back/mean",      "back/n"};
  tau_rtd *other = NULL, *rtd = recycle_of(series_of(plug(1.0), tanks(2.0, 3.0)), tanks(4.0, 5.0), 0.5);
  const double values[] = {0.6, 1.1, 2.1, 3.1, 4.1, 5.1};
  assert_int_equal(tau_rtd_n_parameters(rtd), 6);
  MUST(tau_rtd_with(&other, rtd, values));
  for (int i = 0; i < 6; i++) {
    assert_string_equal(tau_rtd_parameter_path(rtd, i), paths[i]);
    assert_string_equal(tau_rtd_parameter_path(other, i), paths[i]);
    check_near(paths[i], tau_rtd_parameter_value(other, i), values[i], 0.0);
  }
  assert_string_equal(tau_rtd_parameter_unit(rtd, 1), "s");
  assert_string_equal(tau_rtd_parameter_unit(rtd, 3), "");
  check_near("lower", tau_rtd_parameter_lower(rtd, 3), 0.01, 0.0);
  assert_true(tau_rtd_parameter_upper(rtd, 1) > 1e300);
  tau_rtd_free(other);
  tau_rtd_free(rtd);
}

/* --- times asked backwards --- */

static void quantiles_are_where_F_is(void **state)
{
  (void)state;
  static const double fractions[] = {1e-6, 0.01, 0.3, 0.5, 0.9, 0.99999};
  double t;
  tau_rtd *rtd = vessel(100.0, 20.0), *shift = plug(7.0), *tank = tanks(2.0, 1.0);
  for (int i = 0; i < 6; i++) {
    MUST(tau_rtd_quantile(rtd, fractions[i], &t));
    check_rel("F at a quantile", at_time(tau_rtd_cumulative, rtd, t), fractions[i], 1e-10);
  }
  MUST(tau_rtd_quantile(shift, 0.4, &t));
  check_rel("quantile of plug flow", t, 7.0, 1e-12);
  MUST(tau_rtd_washout_time(tank, 1.0 - 1e-12, &t));
  check_rel("washout of a tank", t, -2.0 * log(1e-12), 1e-5); /* 1 - (1 - 1e-12) has 4 digits */
  MUST(tau_rtd_washout_time(tank, 0.999, &t));
  check_rel("washout of a tank", t, -2.0 * log(0.001), 1e-12);
  assert_int_equal(tau_rtd_quantile(tank, 1.0, &t), TAU_E_VALUE);
  assert_int_equal(tau_rtd_washout_time(tank, 0.0, &t), TAU_E_VALUE);
  tau_rtd_free(rtd);
  tau_rtd_free(shift);
  tau_rtd_free(tank);
}

/* --- signals --- */

/* A triangle through a tank: c' = (u - c)/tau has its solution in exponentials on each of its sides. */
static double triangle_through_tank(double t, double tau)
{
  const double ramp[] = {1.0, -2.0, 1.0}, at[] = {1.0, 2.0, 3.0};
  double c = 0.0;
  for (int k = 0; k < 3; k++) {
    const double x = t - at[k];
    if (x > 0.0) c += ramp[k] * (x + tau * expm1(-x / tau));
  }
  return c;
}

static void a_signal_goes_through_a_tank(void **state)
{
  (void)state;
  const double t_in[] = {1.0, 2.0, 3.0}, c_in[] = {0.0, 1.0, 0.0};
  enum { N = 33 };
  double t[N], c[N], slope[N][2], error;
  tau_rtd *rtd = tanks(0.7, 1.0);
  for (int i = 0; i < N; i++) t[i] = 0.37 * i;
  MUST(tau_rtd_respond(rtd, 3, t_in, c_in, N, t, c, &error));
  assert_true(error < 1e-10);
  for (int i = 0; i < N; i++) check_near("outlet", c[i], triangle_through_tank(t[i], 0.7), 1e-13);
  MUST(tau_rtd_respond_slopes(rtd, 3, t_in, c_in, N, t, c, slope[0]));
  for (int i = 0; i < N; i++) {
    const double want = (triangle_through_tank(t[i], 0.7001) - triangle_through_tank(t[i], 0.6999)) / 2e-4;
    check_near("slope", slope[i][0], want, 1e-7);
  }
  tau_rtd_free(rtd);
}

/* A rectangle through plug flow is the rectangle, later; a held value stays. */
static void steps_and_held_values(void **state)
{
  (void)state;
  const double t_in[] = {0.0, 0.0, 1.0, 1.0}, c_in[] = {2.0, 3.0, 3.0, 5.0};
  const double t[] = {-4.0, 1.9, 2.5, 3.5, 100.0}, want[] = {2.0, 2.0, 3.0, 5.0, 5.0};
  double c[5];
  tau_rtd *rtd = plug(2.0);
  MUST(tau_rtd_respond(rtd, 4, t_in, c_in, 5, t, c, NULL));
  for (int i = 0; i < 5; i++) check_near("outlet", c[i], want[i], 1e-14);
  const double back[] = {0.0, -1.0};
  assert_int_equal(tau_rtd_respond(rtd, 2, back, c_in, 5, t, c, NULL), TAU_E_VALUE);
  tau_rtd_free(rtd);
}

/* A measured triangle: its polyline back, its moments, and behind a tank the same as the triangle as a signal. */
static void a_measured_curve_is_a_distribution(void **state)
{
  (void)state;
  const double t[] = {1.0, 2.0, 3.0}, y[] = {0.0, 5.0, 0.0};
  tau_rtd *curve = NULL, *tank = tanks(0.7, 1.0), *rtd = NULL;
  tau_rtd_moments m;
  MUST(tau_rtd_measured(&curve, 3, t, y));
  tau_rtd_get_moments(curve, &m);
  check_rel("mean", m.mean, 2.0, 1e-14);
  check_rel("variance", m.variance, 1.0 / 6.0, 1e-13);
  check_near("E", at_time(tau_rtd_density, curve, 1.25), 0.25, 1e-15);
  check_near("F", at_time(tau_rtd_cumulative, curve, 2.0), 0.5, 1e-15);
  MUST(tau_rtd_series(&rtd, 2, (const tau_rtd *const[]){curve, tank}));
  for (double x = 0.3; x < 12.0; x += 0.7)
    check_near("E", at_time(tau_rtd_density, rtd, x), triangle_through_tank(x, 0.7), 1e-13);
  const double s[] = {0.0, 2.0};
  double G[2]; /* exp(-2 s) ((1 - cos w)/(w^2/2)), s = i w */
  MUST(tau_rtd_transform(curve, 1, s, G));
  check_near("real", G[0], cos(4.0) * 2.0 * (1.0 - cos(2.0)) / 4.0, 1e-14);
  check_near("imaginary", G[1], -sin(4.0) * 2.0 * (1.0 - cos(2.0)) / 4.0, 1e-14);
  tau_rtd *loop = NULL;
  assert_int_equal(tau_rtd_recycle(&loop, curve, NULL, 1.0), TAU_E_UNSUPPORTED);
  tau_rtd_free(rtd);
  tau_rtd_free(curve);
  tau_rtd_free(tank);
}

/* Plug flow and two tanks: phase -3 w - 2 atan(w), gain 1/(1 + w^2) */
static void frequency_response_has_no_jumps(void **state)
{
  (void)state;
  const double omega[] = {0.0, 0.1, 1.0, 5.0, 20.0};
  double gain[5], phase[5];
  tau_rtd *rtd = series_of(plug(3.0), tanks(2.0, 2.0));
  MUST(tau_rtd_frequency(rtd, 5, omega, gain, phase));
  for (int i = 0; i < 5; i++) {
    check_rel("gain", gain[i], 1.0 / (1.0 + omega[i] * omega[i]), 1e-13);
    check_near("phase", phase[i], -3.0 * omega[i] - 2.0 * atan(omega[i]), 1e-12);
  }
  assert_int_equal(tau_rtd_frequency(rtd, 2, (const double[]){1.0, 0.5}, gain, phase), TAU_E_VALUE);
  tau_rtd_free(rtd);
}

/* --- mistakes --- */

static void refused(tau_status st, tau_status want, const char *text)
{
  if (st != want || !strstr(tau_last_error(), text))
    fail_msg("%s: %s; want '%s'", tau_status_name(st), tau_last_error(), text);
}

static void mistakes_are_said(void **state)
{
  (void)state;
  const char *const names[] = {"mean", "pecle", "mean"};
  const double values[] = {1.0, 10.0, 1.0}, back[] = {1.0, 0.0}, flat[] = {0.0, 0.0};
  tau_rtd *rtd = NULL, *tank = tanks(1.0, 1.0);
  refused(tau_rtd_new(&rtd, "dispersio", 2, names, values), TAU_E_NAME, "did you mean 'dispersion'?");
  refused(tau_rtd_new(&rtd, "dispersion", 2, names, values), TAU_E_NAME, "did you mean 'peclet'?");
  refused(tau_rtd_new(&rtd, "dispersion", 1, names, values), TAU_E_VALUE, "needs 'peclet'");
  refused(tau_rtd_new(&rtd, "tanks", 2, (const char *const[]){"mean", "mean"}, values), TAU_E_VALUE, "twice");
  refused(tau_rtd_new(&rtd, "tanks", 1, names, (const double[]){-1.0}), TAU_E_VALUE, "mean is -1 s");
  refused(tau_rtd_new(&rtd, "tanks", 1, names, (const double[]){NAN}), TAU_E_VALUE, "not a finite");
  refused(tau_rtd_measured(&rtd, 2, back, values), TAU_E_VALUE, "do not ascend");
  refused(tau_rtd_measured(&rtd, 2, (const double[]){0.0, 1.0}, flat), TAU_E_VALUE, "area");
  refused(tau_rtd_measured(&rtd, 1, back, values), TAU_E_VALUE, "is 1; needs two");
  const tau_rtd *const both[] = {tank, tank};
  refused(tau_rtd_parallel(&rtd, 2, both, (const double[]){0.3, 0.3}), TAU_E_VALUE, "sum to 0.6");
  refused(tau_rtd_recycle(&rtd, tank, NULL, -1.0), TAU_E_VALUE, "ratio is -1");
  tau_rtd *tube = plug(1.0);
  refused(tau_rtd_recycle(&rtd, tube, NULL, 1e6), TAU_E_UNSUPPORTED, "recycle");
  refused(tau_rtd_density(tank, 1, (const double[]){NAN}, (double[]){0.0}, NULL), TAU_E_VALUE, "time 0");
  assert_null(rtd);
  tau_rtd_free(tube);
  tau_rtd_free(tank);
}

/* Crossed once in 4 D mean/d^2 = 0.04: too short. */
static void taylor_and_aris_warn_of_a_short_tube(void **state)
{
  (void)state;
  tau_rtd *far = row("taylor-aris", 4, (const double[]){471.0, 10.0, 1e-3, 1e-9});
  tau_rtd *near = row("taylor-aris", 4, (const double[]){10.0, 10.0, 1e-3, 1e-9});
  assert_null(tau_rtd_warning(far));
  assert_non_null(tau_rtd_warning(near));
  assert_true(strstr(tau_rtd_warning(near), "0.04") != NULL);
  tau_rtd_free(far);
  tau_rtd_free(near);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(closed_vessel_agrees_with_high_precision),
    cmocka_unit_test(tanks_are_the_gamma_density),
    cmocka_unit_test(a_million_tanks_keep_nine_digits),
    cmocka_unit_test(density_at_time_0_is_its_limit),
    cmocka_unit_test(open_ends_agree_with_their_closed_forms),
    cmocka_unit_test(laminar_flow_has_its_closed_form),
    cmocka_unit_test(moments_are_the_closed_forms),
    cmocka_unit_test(truncated_moments_of_laminar_flow),
    cmocka_unit_test(plug_flow_before_a_tank_moves_it),
    cmocka_unit_test(tanks_in_series_are_tanks),
    cmocka_unit_test(recycles_have_their_limits),
    cmocka_unit_test(a_recycle_is_the_sum_of_its_passes),
    cmocka_unit_test(a_bypass_in_a_loop_leaves_an_atom),
    cmocka_unit_test(a_loop_with_delays_keeps_area_and_moments),
    cmocka_unit_test(the_integral_of_E_is_F),
    cmocka_unit_test(slopes_agree_with_differences),
    cmocka_unit_test(parameters_have_paths_and_values),
    cmocka_unit_test(quantiles_are_where_F_is),
    cmocka_unit_test(a_signal_goes_through_a_tank),
    cmocka_unit_test(steps_and_held_values),
    cmocka_unit_test(a_measured_curve_is_a_distribution),
    cmocka_unit_test(frequency_response_has_no_jumps),
    cmocka_unit_test(mistakes_are_said),
    cmocka_unit_test(taylor_and_aris_warn_of_a_short_tube),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

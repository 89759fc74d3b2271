/* SPDX-License-Identifier: Apache-2.0 */
/* test_mixed.c - units in their distribution of residence times: first order is the transform however it is mixed, second order against
 * closed forms, what lies between what, and limits. */
#include "unit/mixed_models.h"

static const double euler = 0.57721566490153286;

/* E1(x), x > 0: series for x < 1, continued fraction by the steps of Lentz above (NIST DLMF 6.6.2 and 6.9.1). */
static double E1(double x)
{
  if (x < 1.0) {
    double sum = -euler - log(x), term = 1.0;
    for (int k = 1; k < 40; k++) {
      term *= -x / k;
      sum -= term / k;
    }
    return sum;
  }
  double b = x + 1.0, c = 1e300, d = 1.0 / b, h = d;
  for (int k = 1; k < 10000; k++) {
    const double a = -(double)k * k;
    b += 2.0;
    d = 1.0 / (a * d + b);
    c = b + a / c;
    h *= c * d;
    if (fabs(c * d - 1.0) < 1e-16) break;
  }
  return h * exp(-x);
}

/* --- first order --- */

/* G(k) = integral of E(t) exp(-k t), of the distribution with all times that are left out at 1 s. */
static double transform(const char *text, double k)
{
  char said[400];
  const char *const times[] = {"tanks,", "dispersion,", "laminar", "tank-exchange,"};
  snprintf(said, sizeof said, "%s", text);
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    char head[60];
    const size_t n = (size_t)snprintf(head, sizeof head, "{model: %s", times[i]);
    if (strncmp(text, head, n) != 0) continue;
    const char *rest = strchr(text, ',');
    snprintf(said, sizeof said, "%.*s, mean: 1 s%s", (int)strcspn(text, ",}"), text, rest ? rest : "}");
  }
  if (strncmp(text, "{model: compartment,", 20) == 0)
    snprintf(said, sizeof said, "{model: compartment, space_time: 1 s%s", text + 19);
  tau_rtd *rtd = NULL;
  double G[2];
  if (tau_rtd_parse(&rtd, said) < 0) fail_msg("%s: %s", said, tau_last_error());
  assert_int_equal(tau_rtd_transform(rtd, 1, (const double[]){k, 0.0}, G), TAU_OK);
  tau_rtd_free(rtd);
  return G[0];
}

static const double Das[] = {0.1, 1.0, 5.0, 30.0};
enum { N_DA = sizeof Das / sizeof Das[0] };

/* To rtol; to some of it more where E is infinite at 0. */
static void first_order_is_the_transform(const char *mixing)
{
  for (int i = 0; i < N_MIXED_RTDS; i++)
    for (int d = 0; d < N_DA; d++) {
      const mixed_model m = {"pfr", mixed_rtds[i], mixing, 1.0, Das[d]};
      const double have = mixed_left(&m), want = transform(mixed_rtds[i], Das[d]);
      if (!(fabs(have - want) <= (strstr(mixed_rtds[i], "n: 0.6") ? 5e-8 : 1e-8)))
        fail_msg("%s %s, Da %g: %.12g, want %.12g (off by %.2g)", mixing, mixed_rtds[i], Das[d], have, want,
                 have - want);
    }
}

static void first_order_segregated_is_the_transform(void **state)
{
  (void)state;
  first_order_is_the_transform("segregated");
}

static void first_order_at_maximum_mixedness_is_the_transform(void **state)
{
  (void)state;
  first_order_is_the_transform("maximum");
}

static void first_order_by_exchange_is_the_transform(void **state)
{
  (void)state;
  static const char *const times[] = {"{exchange: 0.02}", "{exchange: 0.5}", "{exchange: 10}"};
  for (int i = 0; i < N_MIXED_RTDS; i++)
    for (int d = 0; d < N_DA; d++)
      for (int k = 0; k < 3; k++) {
        const mixed_model m = {"pfr", mixed_rtds[i], times[k], 1.0, Das[d]};
        double error;
        const double off = mixed_left_of(&m, &error) - transform(mixed_rtds[i], Das[d]);
        if (!(fabs(off) <= 1e-4 && fabs(off) <= error + 1e-7))
          fail_msg("%s %s, Da %g: off by %.2g, estimated %.2g", times[k], mixed_rtds[i], Das[d], off, error);
      }
}

/* The kinds' own distributions: a tank, a dispersed tube (Danckwerts; by CVODES, whose steps of 1e-8 add up), laminar flow. */
static void a_kind_has_its_own_distribution(void **state)
{
  (void)state;
  static const char *const ways[] = {"segregated", "maximum"};
  for (int d = 0; d < N_DA; d++)
    for (int k = 0; k < 2; k++) {
      const mixed_model tank = {"cstr", NULL, ways[k], 1.0, Das[d]};
      const mixed_model laminar = {"laminar", NULL, ways[k], 1.0, Das[d]};
      const mixed_model tube = {"pfr-dispersed, peclet: 7", NULL, ways[k], 1.0, Das[d]};
      assert_close(mixed_left(&tank), 1.0 / (1.0 + Das[d]), 1e-8);
      assert_close(mixed_left(&laminar), transform("{model: laminar}", Das[d]), 1e-8);
      const double a = sqrt(1.0 + 4.0 * Das[d] / 7.0);
      assert_close(mixed_left(&tube),
                   4.0 * a * exp(3.5 * (1.0 - a)) /
                     ((1.0 + a) * (1.0 + a) - (1.0 - a) * (1.0 - a) * exp(-7.0 * a)),
                   5e-8);
    }
}

/* G = (1 + Da/n)^-n, dG/dn = G (x/(1 + x) - ln(1 + x)), x = Da/n: also where W of n tanks is smooth at 0, and dW/dn = t^n ln t is not. */
static void derivatives_to_the_number_of_tanks(void **state)
{
  (void)state;
  static const double counts[] = {0.6, 1.0, 1.7, 2.0, 5.0, 40.0};
  static const char *const ways[] = {"segregated", "maximum"};
  for (int c = 0; c < 6; c++)
    for (int w = 0; w < 2; w++) {
      char rtd[60], text[2048];
      snprintf(rtd, sizeof rtd, "{model: tanks, n: %g}", counts[c]);
      const mixed_model m = {"cstr", rtd, ways[w], 1.0, 3.0};
      mixed_text(text, sizeof text, &m);
      tau_train *t = small_train(text);
      tau_sensitivity *slopes = NULL;
      const int n = tau_train_parameter_index(t, "units/u/rtd/n");
      const double x = 3.0 / counts[c], G = pow(1.0 + x, -counts[c]);
      if (tau_train_sensitivity(&slopes, t, NULL, 1, &n, NULL) < 0) fail_msg("%s", tau_last_error());
      const double have = tau_sensitivity_value(slopes, tau_train_observable_index(t, "outlet/c/A"), 0);
      assert_close(have / 1000.0, G * (x / (1.0 + x) - log1p(x)), 2e-7);
      tau_sensitivity_free(slopes);
      tau_train_free(t);
    }
}

/* --- laminar flow: O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 15 --- */

/* (1 - y) exp(-y) + y^2 E1(y), y = k tau/2 */
static void laminar_first_order_is_levenspiels(void **state)
{
  (void)state;
  static const double values[] = {0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0, 100.0};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    const mixed_model m = {"laminar", NULL, NULL, 1.0, values[i]};
    const double y = 0.5 * values[i];
    assert_close(mixed_left(&m), (1.0 - y) * exp(-y) + y * y * E1(y), 1e-8);
  }
}

/* 1 - X = 1 - Da (1 - Da/2 ln(1 + 2/Da)), Da = k c0 tau; for large Da its series, 4/(3 Da) - 2/Da^2 + 16/(5 Da^3) .. */
static void laminar_second_order_is_levenspiels(void **state)
{
  (void)state;
  static const double values[] = {0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0, 100.0};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    const double Da = values[i];
    const mixed_model m = {"laminar", NULL, NULL, 2.0, Da};
    assert_close(mixed_left(&m), 1.0 - Da * (1.0 - 0.5 * Da * log1p(2.0 / Da)), 1e-8);
  }
}

/* Order 1/2: y = (1 - h t)^2, h = Da/2, to t = 1/h, where A has gone; its integral with 1/(2 t^3) is -1/(4 t^2) + h/t + h^2 ln(t)/2. */
static void laminar_half_order_ends_ring_by_ring(void **state)
{
  (void)state;
  static const double values[] = {0.1, 0.5, 1.0, 2.0, 3.0};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    const double Da = values[i], h = 0.5 * Da, from = 0.5, to = 1.0 / h;
    const double want =
      0.25 / (from * from) - 0.25 / (to * to) + h / to - h / from + 0.5 * h * h * log(to / from);
    const mixed_model m = {"laminar", NULL, NULL, 0.5, Da};
    assert_close(mixed_left(&m), want, 1e-6);
  }
}

/* --- one after the other, side by side --- */

/* Second order, segregated behind a delay d of 0.3 and a tank of 0.7: integral of exp(-(t - d)/m)/m/(1 + K t). */
static void a_delay_before_a_tank(void **state)
{
  (void)state;
  const char *rtd = "{series: [{model: plug, mean: 0.3 s}, {model: tanks, mean: 0.7 s, n: 1}]}";
  for (int i = 0; i < N_DA; i++) {
    const double K = Das[i], a = (1.0 + 0.3 * K) / (0.7 * K);
    const mixed_model segregated = {"pfr", rtd, "segregated", 2.0, K},
                      maximum = {"pfr", rtd, "maximum", 2.0, K};
    assert_close(mixed_left(&segregated), exp(a) * E1(a) / (0.7 * K), 1e-8);
    /* a tank, y + 0.7 K y^2 = 1, and plug flow behind it */
    const double y = (sqrt(1.0 + 2.8 * K) - 1.0) / (1.4 * K);
    assert_close(mixed_left(&maximum), y / (1.0 + 0.3 * K * y), 1e-8);
  }
}

/* A tenth goes past a tank of 1.2 s. */
static void a_short_cut_past_a_tank(void **state)
{
  (void)state;
  const char *rtd = "{parallel: [{model: plug, mean: 0 s, fraction: 0.1}, {model: tanks, mean: 1.2 s, n: 1, "
                    "fraction: rest}]}";
  for (int i = 0; i < N_DA; i++) {
    const double K = 1.2 * Das[i], a = 1.0 / K, y = (sqrt(1.0 + 4.0 * K) - 1.0) / (2.0 * K);
    const mixed_model segregated = {"cstr", rtd, "segregated", 2.0, Das[i]},
                      maximum = {"cstr", rtd, "maximum", 2.0, Das[i]};
    assert_close(mixed_left(&segregated), 0.1 + 0.9 * exp(a) * a * E1(a), 1e-8);
    assert_close(mixed_left(&maximum), 0.1 + 0.9 * y, 1e-8);
  }
}

/* Portions of 0.4 after 0.5 s and 0.6 after 1.2 s. At maximum mixedness 0.6 comes in first, and 0.4 joins it when it has 0.5 s left. */
static void two_plugs_side_by_side(void **state)
{
  (void)state;
  const char *rtd =
    "{parallel: [{model: plug, mean: 0.5 s, fraction: 0.4}, {model: plug, mean: 1.2 s, fraction: "
    "rest}]}";
  for (int i = 0; i < N_DA; i++) {
    const double K = Das[i], before = 0.4 + 0.6 / (1.0 + 0.7 * K);
    const mixed_model segregated = {"pfr", rtd, "segregated", 2.0, K},
                      maximum = {"pfr", rtd, "maximum", 2.0, K};
    assert_close(mixed_left(&segregated), 0.4 / (1.0 + 0.5 * K) + 0.6 / (1.0 + 1.2 * K), 1e-8);
    assert_close(mixed_left(&maximum), before / (1.0 + 0.5 * K * before), 1e-8);
  }
}

/* A polyline: in each of its pieces the integral of (p + q t)/(1 + K t) is q (b - a)/K + (p - q/K)/K ln((1 + K b)/(1 + K a)). */
static void a_measured_curve_is_integrated_piece_by_piece(void **state)
{
  (void)state;
  static const double t[] = {0.2, 0.6, 1.0, 1.7, 3.0}, y[] = {0.0, 3.0, 2.0, 0.5, 0.0};
  for (int i = 0; i < N_DA; i++) {
    const double K = Das[i];
    double area = 0.0, sum = 0.0;
    for (int k = 0; k < 4; k++) {
      const double a = t[k], b = t[k + 1], q = (y[k + 1] - y[k]) / (b - a), p = y[k] - q * a;
      area += 0.5 * (y[k] + y[k + 1]) * (b - a);
      sum += q * (b - a) / K + (p - q / K) / K * log((1.0 + K * b) / (1.0 + K * a));
    }
    const mixed_model m = {"pfr", mixed_rtds[N_MIXED_RTDS - 1], "segregated", 2.0, K};
    assert_close(mixed_left(&m), sum / area, 1e-8);
  }
}

/* --- what lies between what --- */

/* P. V. Danckwerts, Chem. Eng. Sci. 8 (1958) 93: above first order segregation converts most, below it mixing does. */
static void mixing_is_ordered(void **state)
{
  (void)state;
  static const char *const ways[] = {"segregated",       "{exchange: 30}",    "{exchange: 3}",
                                     "{exchange: 1}",    "{exchange: 0.3}",   "{exchange: 0.1}",
                                     "{exchange: 0.03}", "{exchange: 0.003}", "maximum"};
  enum { N_WAYS = sizeof ways / sizeof ways[0] };
  static const double orders[] = {2.0, 1.5, 0.5};
  for (int i = 0; i < N_MIXED_RTDS; i += 3)
    for (int o = 0; o < 3; o++) {
      double before = 0.0, error_before = 0.0;
      for (int k = 0; k < N_WAYS; k++) {
        const mixed_model m = {"pfr", mixed_rtds[i], ways[k], orders[o], 2.0};
        double error;
        const double left = mixed_left_of(&m, &error), rise = orders[o] > 1.0 ? left - before : before - left;
        if (k && !(rise >= -(error + error_before + 1e-8)))
          fail_msg("%s, order %g: %s %.10g after %.10g (errors %.2g, %.2g)", mixed_rtds[i], orders[o],
                   ways[k], left, before, error, error_before);
        before = left;
        error_before = error;
      }
    }
}

static void exchange_goes_from_segregation_to_maximum_mixedness(void **state)
{
  (void)state;
  for (int i = 0; i < N_MIXED_RTDS; i++) {
    mixed_model m = {"pfr", mixed_rtds[i], "segregated", 2.0, 2.0};
    double slow, fast, none;
    const double segregated = mixed_left_of(&m, &none);
    m.mixing = "maximum";
    const double maximum = mixed_left_of(&m, &none);
    m.mixing = "{exchange: 1e6}";
    const double slowly = mixed_left_of(&m, &slow);
    m.mixing = "{exchange: 1e-6}";
    const double quickly = mixed_left_of(&m, &fast);
    if (!(fabs(slowly - segregated) <= slow + 1e-6 && fabs(quickly - maximum) <= fast + 1e-6))
      fail_msg("%s: %.10g, segregated %.10g (%.2g); %.10g, maximum %.10g (%.2g)", mixed_rtds[i], slowly,
               segregated, slow, quickly, maximum, fast);
    assert_true(slow < 1e-3 && fast < 1e-3);
  }
}

static void plug_flow_has_nothing_to_mix(void **state)
{
  (void)state;
  static const char *const ways[] = {"segregated", "maximum"};
  for (int k = 0; k < 2; k++)
    for (int d = 0; d < N_DA; d++) {
      const mixed_model m = {"pfr", "{model: plug}", ways[k], 2.0, Das[d]};
      assert_close(mixed_left(&m), 1.0 / (1.0 + Das[d]), 1e-8);
    }
}

static void one_tank_at_maximum_mixedness_is_the_tank(void **state)
{
  (void)state;
  static const double orders[] = {0.5, 1.0, 1.5, 2.0, 3.0};
  for (int o = 0; o < 5; o++)
    for (int d = 0; d < 3; d++) {
      const mixed_model mixed = {"cstr", NULL, "maximum", orders[o], Das[d]},
                        tank = {"cstr", NULL, NULL, orders[o], Das[d]};
      assert_close(mixed_left(&mixed), mixed_left(&tank), 1e-8);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(first_order_segregated_is_the_transform),
    cmocka_unit_test(first_order_at_maximum_mixedness_is_the_transform),
    cmocka_unit_test(first_order_by_exchange_is_the_transform),
    cmocka_unit_test(a_kind_has_its_own_distribution),
    cmocka_unit_test(derivatives_to_the_number_of_tanks),
    cmocka_unit_test(laminar_first_order_is_levenspiels),
    cmocka_unit_test(laminar_second_order_is_levenspiels),
    cmocka_unit_test(laminar_half_order_ends_ring_by_ring),
    cmocka_unit_test(a_delay_before_a_tank),
    cmocka_unit_test(a_short_cut_past_a_tank),
    cmocka_unit_test(two_plugs_side_by_side),
    cmocka_unit_test(a_measured_curve_is_integrated_piece_by_piece),
    cmocka_unit_test(mixing_is_ordered),
    cmocka_unit_test(exchange_goes_from_segregation_to_maximum_mixedness),
    cmocka_unit_test(plug_flow_has_nothing_to_mix),
    cmocka_unit_test(one_tank_at_maximum_mixedness_is_the_tank),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

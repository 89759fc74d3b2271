/* SPDX-License-Identifier: Apache-2.0 */
/* test_quantile.c - quantiles against 40 digits (mpmath 1.3: roots of betainc and gammainc, erfinv), and laws that they obey. */
#include "support/small_run.h"

#include "num/quantile.h"

static const double rtol = 2e-13;

static void normal_quantiles_are_those_of_40_digits(void **unused)
{
  (void)unused;
  static const double rows[][2] = {{0.51, 0.025068908258711058},
                                   {0.975, 1.9599639845400539},
                                   {0.9999999, 5.1993375822906611}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_close_rel(taup_normal_quantile(rows[i][0]), rows[i][1], rtol);
    assert_close_rel(taup_normal_quantile(1.0 - rows[i][0]), -rows[i][1], 1e-9); /* 1 - p is rounded */
  }
  assert_true(taup_normal_quantile(0.5) == 0.0);
}

static void t_quantiles_are_those_of_40_digits(void **unused)
{
  (void)unused;
  static const double rows[][3] = {
    {0.975, 1.0, 12.706204736174693},       {0.975, 2.0, 4.3026527297494618},
    {0.75, 3.0, 0.76489232840434528},       {0.975, 8.0, 2.3060041352041661},
    {0.9999, 12.5, 5.1830210237607238},     {0.995, 1000.0, 2.5807546980659508},
    {0.975, 1000000.0, 1.9599663568141067},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_close_rel(taup_t_quantile(rows[i][0], rows[i][1]), rows[i][2], rtol);
}

static void f_quantiles_are_those_of_40_digits(void **unused)
{
  (void)unused;
  static const double rows[][4] = {
    {0.95, 1.0, 8.0, 5.317655071578714},     {0.05, 1.0, 8.0, 0.0041861550533271775},
    {0.95, 7.0, 30.0, 2.334343964844781},    {0.5, 2.5, 0.5, 4.0920899181412235},
    {0.999, 40.0, 400.0, 1.916826557318968}, {1e-06, 3.0, 5.0, 7.378367403208255e-5},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_close_rel(taup_f_quantile(rows[i][0], rows[i][1], rows[i][2]), rows[i][3], rtol);
}

static void chi_squared_quantiles_are_those_of_40_digits(void **unused)
{
  (void)unused;
  static const double rows[][3] = {
    {0.95, 1.0, 3.8414588206941245},  {0.5, 2.0, 1.3862943611198906},    {0.001, 1.0, 1.5707971492624899e-6},
    {0.99, 10.0, 23.209251158954357}, {0.05, 250.0, 214.39157053815804}, {0.95, 20000.0, 20330.103823932253},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_close_rel(taup_chi2_quantile(rows[i][0], rows[i][1]), rows[i][2], rtol);
}

/* F(1 - p; d1, d2) = 1/F(p; d2, d1); the tails of a quantile are p and 1 - p. */
static void quantiles_invert_tails_and_mirror(void **unused)
{
  (void)unused;
  for (double p = 0.0625; p < 1.0; p += 0.0625)
    for (double d1 = 0.5; d1 < 300.0; d1 *= 3.0)
      for (double d2 = 0.5; d2 < 300.0; d2 *= 5.0) {
        double lower = 0.0, upper = 0.0;
        const double x = taup_f_quantile(p, d1, d2);
        taup_f_tails(x, d1, d2, &lower, &upper);
        assert_close_rel(lower, p, 1e-11);
        assert_close_rel(upper, 1.0 - p, 1e-11);
        assert_close_rel(1.0 / taup_f_quantile(1.0 - p, d2, d1), x, 1e-11);
      }
}

static void what_is_no_probability_gives_nan(void **unused)
{
  (void)unused;
  static const double none[] = {0.0, 1.0, -0.5, 2.0};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    assert_true(isnan(taup_normal_quantile(none[i])) && isnan(taup_t_quantile(none[i], 3.0)));
    assert_true(isnan(taup_f_quantile(none[i], 1.0, 3.0)) && isnan(taup_chi2_quantile(none[i], 3.0)));
  }
  assert_true(isnan(taup_t_quantile(NAN, 3.0)) && isnan(taup_t_quantile(0.9, 0.0)));
  assert_true(isnan(taup_f_quantile(0.9, -1.0, 3.0)) && isnan(taup_f_quantile(0.9, 1.0, NAN)));
  assert_true(isnan(taup_chi2_quantile(0.9, INFINITY)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(normal_quantiles_are_those_of_40_digits),
    cmocka_unit_test(t_quantiles_are_those_of_40_digits),
    cmocka_unit_test(f_quantiles_are_those_of_40_digits),
    cmocka_unit_test(chi_squared_quantiles_are_those_of_40_digits),
    cmocka_unit_test(quantiles_invert_tails_and_mirror),
    cmocka_unit_test(what_is_no_probability_gives_nan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* rtd.c - every row of the table of distributions, at four places inside its bounds: G(0) = 1; mean and variance from derivatives of
 * G on a circle against the closed forms; area, mean and variance of what the inversion gives; slopes against differences. A new row is
 * tested from the moment it stands in the table. */
#include "num/complex.h"
#include "unit/rtd_values.h"

enum { N_PLACES = 4 };

/* A value that an engineer might write. */
static double plausible(const tau_parameter_info *p, int place)
{
  static const double seconds[N_PLACES] = {1.0, 60.0, 900.0, 4.0}, numbers[N_PLACES] = {0.3, 3.0, 20.0, 0.7};
  if (strcmp(p->unit, "s") == 0) return seconds[place];
  if (strcmp(p->unit, "m") == 0) return strcmp(p->name, "diameter") == 0 ? 1e-3 : 1.0 + place;
  if (strcmp(p->unit, "m^2/s") == 0) return 4e-7;
  return p->upper < 2.0 ? 0.1 + 0.2 * place : fmax(numbers[place], p->lower);
}

static tau_rtd *at_place(int i_row, int place)
{
  double values[8];
  const int n = tau_table_n_parameters(TAU_TABLE_RTD, i_row);
  for (int k = 0; k < n; k++) {
    const tau_parameter_info p = tau_table_parameter(TAU_TABLE_RTD, i_row, k);
    values[k] = plausible(&p, place);
  }
  return row(tau_table_name(TAU_TABLE_RTD, i_row), n, values);
}

/* Derivatives of ln G at 0 from 32 points of a circle (Cauchy), in units of the mean: half the distance to where the slowest part sits. */
static void moments_from_transform(const tau_rtd *rtd, double radius, double k[2])
{
  enum { N = 32 };
  double s[2 * N], G[2 * N];
  double complex sum[2] = {0.0, 0.0};
  for (int i = 0; i < N; i++) {
    s[2 * i] = radius * cos(6.283185307179586 * i / N);
    s[2 * i + 1] = radius * sin(6.283185307179586 * i / N);
  }
  MUST(tau_rtd_transform(rtd, N, s, G));
  for (int i = 0; i < N; i++) {
    const double complex z = taup_complex(s[2 * i], s[2 * i + 1]),
                         K = clog(taup_complex(G[2 * i], G[2 * i + 1]));
    sum[0] += K / z / N;
    sum[1] += K / (z * z) / N;
  }
  k[0] = -creal(sum[0]);
  k[1] = 2.0 * creal(sum[1]);
}

static void check_row(int i_row, int place)
{
  const char *name = tau_table_name(TAU_TABLE_RTD, i_row);
  const double zero[] = {0.0, 0.0};
  double G[2], k[2], m[3];
  tau_rtd_moments want;
  tau_rtd *rtd = at_place(i_row, place);
  tau_rtd_get_moments(rtd, &want);
  MUST(tau_rtd_transform(rtd, 1, zero, G));
  check_near(name, G[0], 1.0, 1e-14);
  if (isfinite(want.variance)) {
    const double spread = sqrt(want.variance) + 0.2 * want.mean;
    moments_from_transform(rtd, 0.05 / spread * want.mean / spread, k);
    check_rel(name, k[0], want.mean, 1e-9);
    check_near(name, k[1], want.variance, 1e-9 * spread * spread);
    const double far = want.mean + 60.0 * want.variance / want.mean + 40.0 * sqrt(want.variance);
    MUST(tau_rtd_truncated_moments(rtd, far, m));
    check_near(name, m[0], 1.0, 1e-9);
    check_rel(name, m[1], want.mean, 1e-8);
    check_near(name, m[2] - m[1] * m[1], want.variance, 1e-6 * (want.variance + want.mean * want.mean));
  }
  tau_rtd_free(rtd);
}

static double difference(const tau_rtd *rtd, int i, double t)
{
  static const double at[] = {-2.0, -1.0, 1.0, 2.0}, weight[] = {1.0, -8.0, 8.0, -1.0};
  double values[MOST_SLOPES], sum = 0.0;
  const double x = tau_rtd_parameter_value(rtd, i), h = 1e-4 * fabs(x);
  for (int k = 0; k < tau_rtd_n_parameters(rtd); k++) values[k] = tau_rtd_parameter_value(rtd, k);
  for (int j = 0; j < 4; j++) {
    tau_rtd *other = NULL;
    values[i] = x + at[j] * h;
    MUST(tau_rtd_with(&other, rtd, values));
    sum += weight[j] * at_time(tau_rtd_cumulative, other, t);
    tau_rtd_free(other);
  }
  return sum / (12.0 * h);
}

static void check_slopes(int i_row, int place)
{
  tau_rtd *rtd = at_place(i_row, place);
  tau_rtd_moments m;
  double slopes[MOST_SLOPES];
  tau_rtd_get_moments(rtd, &m);
  for (int k = 0; k < 3; k++) {
    const double t = m.mean * (0.61 + 0.63 * k);
    MUST(tau_rtd_cumulative_slopes(rtd, 1, &t, slopes));
    for (int i = 0; i < tau_rtd_n_parameters(rtd); i++)
      check_near(tau_rtd_parameter_path(rtd, i), slopes[i] * tau_rtd_parameter_value(rtd, i),
                 difference(rtd, i, t) * tau_rtd_parameter_value(rtd, i), 1e-8);
  }
  tau_rtd_free(rtd);
}

static void row_obeys(void **state)
{
  const int i_row = (int)(intptr_t)*state;
  for (int place = 0; place < N_PLACES; place++) {
    check_row(i_row, place);
    check_slopes(i_row, place);
  }
}

int main(void)
{
  enum { MOST_ROWS = 64 };
  struct CMUnitTest tests[MOST_ROWS];
  const int n = tau_table_n_rows(TAU_TABLE_RTD);
  assert_true(n > 0 && n <= MOST_ROWS);
  for (int i = 0; i < n; i++)
    tests[i] =
      (struct CMUnitTest){tau_table_name(TAU_TABLE_RTD, i), row_obeys, NULL, NULL, (void *)(intptr_t)i};
  return _cmocka_run_group_tests("rtd", tests, (size_t)n, NULL, NULL);
}

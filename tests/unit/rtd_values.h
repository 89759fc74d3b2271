/* SPDX-License-Identifier: Apache-2.0 */
/* rtd_values.h - helpers of the tests of distributions. */
#ifndef RTD_VALUES_H
#define RTD_VALUES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tautrain.h>

#define MUST(call)                                               \
  do {                                                           \
    if ((call) < 0) fail_msg("%s: %s", #call, tau_last_error()); \
  } while (0)

enum { MOST_TIMES = 400, MOST_SLOPES = 16 };

/* A row with its parameters in the order of the table. */
static inline tau_rtd *row(const char *model, int n, const double *values)
{
  const char *names[8];
  tau_rtd *rtd = NULL;
  int i = 0;
  while (strcmp(tau_table_name(TAU_TABLE_RTD, i), model) != 0) i++;
  for (int k = 0; k < n; k++) names[k] = tau_table_parameter(TAU_TABLE_RTD, i, k).name;
  MUST(tau_rtd_new(&rtd, model, n, names, values));
  return rtd;
}

static inline tau_rtd *tanks(double mean, double n) { return row("tanks", 2, (const double[]){mean, n}); }
static inline tau_rtd *plug(double mean) { return row("plug", 1, &mean); }
static inline tau_rtd *vessel(double mean, double peclet)
{
  return row("dispersion", 2, (const double[]){mean, peclet});
}

/* Of two parts, which are freed. */
static inline tau_rtd *series_of(tau_rtd *a, tau_rtd *b)
{
  tau_rtd *rtd = NULL;
  MUST(tau_rtd_series(&rtd, 2, (const tau_rtd *const[]){a, b}));
  tau_rtd_free(a);
  tau_rtd_free(b);
  return rtd;
}

static inline tau_rtd *parallel_of(tau_rtd *a, tau_rtd *b, double fraction)
{
  tau_rtd *rtd = NULL;
  MUST(tau_rtd_parallel(&rtd, 2, (const tau_rtd *const[]){a, b}, (const double[]){fraction, 1.0 - fraction}));
  tau_rtd_free(a);
  tau_rtd_free(b);
  return rtd;
}

static inline tau_rtd *recycle_of(tau_rtd *forward, tau_rtd *back, double ratio)
{
  tau_rtd *rtd = NULL;
  MUST(tau_rtd_recycle(&rtd, forward, back, ratio));
  tau_rtd_free(forward);
  tau_rtd_free(back);
  return rtd;
}

typedef tau_status (*of_time)(const tau_rtd *rtd, int n, const double t[], double y[], double *error);

static inline double at_time(of_time f, const tau_rtd *rtd, double t)
{
  double y;
  MUST(f(rtd, 1, &t, &y, NULL));
  return y;
}

static inline void check_near(const char *what, double got, double want, double tolerance)
{
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%s = %.17g, want %.17g (to %.3g)", what, got, want, tolerance);
}

static inline void check_rel(const char *what, double got, double want, double rtol)
{
  check_near(what, got, want, rtol * fabs(want));
}

/* The same distribution, freed both: of the peak for E, relative for W. */
static inline void check_same(const char *what, tau_rtd *a, tau_rtd *b, double t_end, double tolerance)
{
  enum { N = 60 };
  double t[N], x[N], y[N], peak = 0.0;
  for (int i = 0; i < N; i++) t[i] = t_end * (i + 0.37) / N;
  MUST(tau_rtd_density(a, N, t, x, NULL));
  MUST(tau_rtd_density(b, N, t, y, NULL));
  for (int i = 0; i < N; i++) peak = fmax(peak, y[i]);
  for (int i = 0; i < N; i++) check_near(what, x[i], y[i], tolerance * peak);
  MUST(tau_rtd_washout(a, N, t, x, NULL));
  MUST(tau_rtd_washout(b, N, t, y, NULL));
  for (int i = 0; i < N; i++) check_rel(what, x[i], y[i], 10.0 * tolerance);
  tau_rtd_free(a);
  tau_rtd_free(b);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* times.c - where to look at a distribution: times that follow it.
 *
 *     u(t) = (t/t_last + k(t)/n_knots)/2,   u(t_i) = i/(n - 1)
 *
 * k counts the knots up to t, with parts of the last step: 0, quantiles, the last time. u is linear between two knots and
 * rises, so its inverse does too. */
#include <math.h>

#include "rtd/rtd.h"
#include <tautrain/rtd_file.h>

static const double fractions[] = {1e-4, 1e-3, 0.01, 0.03, 0.06, 0.1,  0.15, 0.2,   0.25,
                                   0.3,  0.35, 0.4,  0.45, 0.5,  0.55, 0.6,  0.65,  0.7,
                                   0.75, 0.8,  0.85, 0.9,  0.94, 0.97, 0.99, 0.995, 0.999};

enum { N_FRACTIONS = sizeof fractions / sizeof fractions[0], MOST_KNOTS = N_FRACTIONS + 2 };

typedef struct knots {
  int n;
  double t[MOST_KNOTS];
} knots;

/* Knots closer than this part of the whole are one: an atom is many quantiles. */
static void add(knots *k, double t)
{
  if (t > k->t[k->n - 1] * (1.0 + 1e-9)) k->t[k->n++] = t;
}

static tau_status find_knots(const tau_rtd *rtd, knots *k)
{
  double t, end = 0.0;
  *k = (knots){.n = 1};
  for (int i = 0; i < N_FRACTIONS; i++) {
    TAU_TRY(tau_rtd_quantile(rtd, fractions[i], &t));
    add(k, t);
    end = t;
  }
  if (k->n < 3) add(k, 1.5 * end + (end > 0.0 ? 0.0 : 1.0)); /* one atom, or nothing but a delay of 0 */
  return TAU_OK;
}

tau_status tau_rtd_times(const tau_rtd *rtd, int n, double t[])
{
  knots k;
  TAU_TRY(find_knots(rtd, &k));
  const double last = k.t[k.n - 1], step = 1.0 / (k.n - 1);
  double u = 0.0; /* at knot j */
  for (int i = 0, j = 0; i < n; i++) {
    const double wanted = (double)i / (n - 1);
    double rise = 0.5 * ((k.t[j + 1] - k.t[j]) / last + step);
    while (j < k.n - 2 && u + rise <= wanted) {
      u += rise;
      j++;
      rise = 0.5 * ((k.t[j + 1] - k.t[j]) / last + step);
    }
    t[i] = k.t[j] + (k.t[j + 1] - k.t[j]) * fmin((wanted - u) / rise, 1.0);
  }
  t[n - 1] = last;
  return TAU_OK;
}

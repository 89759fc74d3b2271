/* SPDX-License-Identifier: Apache-2.0 */
/* laminar.c - laminar flow in a round tube without diffusion: each ring of fluid keeps its time.
 *
 *     E = mean^2/(2 t^3), t > mean/2;   G = 2 E_3(x), x = s mean/2
 *     K = ln(2 exp(x) E_3(x)), the delay mean/2 taken off
 *
 * E_3 is an exponential integral (E_n' = -E_(n-1)); it has a branch cut along s < 0 that begins at 0, and all moments
 * from the second on are infinite. O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 15; G is
 * the definition of E_3 (NIST DLMF 8.19.3).
 *
 * exp(x) E_n(x): by Lentz's continued fraction (DLMF 8.19.17, even form) for |x| > 2; by the series of E_1 (DLMF 6.6.2) and
 * E_(n+1) = (exp(-x) - x E_n)/n for small x, and for x near the cut, where the fraction converges slowly and the
 * terms of the series have one sign. */
#include <float.h>

#include "rtd/rtd.h"

enum { MEAN, N_FIELDS };

typedef double complex number;

static const taup_field fields[N_FIELDS] = {
  [MEAN] = {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE,
            "mean residence time; the fastest fluid leaves after half of it"},
};

/* exp(x) E_n(x), n >= 1 */
static number by_fraction(int n, number x)
{
  number b = x + n, c = 1.0 / DBL_MIN, d = 1.0 / b, h = d;
  for (int i = 1; i < 400; i++) {
    const double a = -(double)i * (n - 1 + i);
    b += 2.0;
    d = 1.0 / (a * d + b);
    c = b + a / c;
    const number step = c * d;
    h *= step;
    if (cabs(step - 1.0) < 1e-16) break;
  }
  return h;
}

/* E_1(x) = -gamma - ln x - sum (-x)^k/(k k!) */
static number first_by_series(number x)
{
  const double euler = 0.577215664901532861;
  number sum = 0.0, term = 1.0;
  for (int k = 1; k < 200; k++) {
    term *= -x / k;
    sum += term / k;
    if (cabs(term) < 1e-17 * cabs(sum) * k) break;
  }
  return -euler - clog(x) - sum;
}

static bool is_near_cut(number x) { return creal(x) < -2.0 * fabs(cimag(x)) && cabs(x) < 40.0; }

/* exp(x) E_1, E_2, E_3 at x */
static void integrals(number x, number e[3])
{
  if (cabs(x) > 2.0 && !is_near_cut(x)) {
    for (int n = 1; n <= 3; n++) e[n - 1] = by_fraction(n, x);
    return;
  }
  e[0] = cexp(x) * first_by_series(x);
  e[1] = 1.0 - x * e[0];
  e[2] = 0.5 * (1.0 - x * e[1]);
}

static void own(const double *p, int m, const number *s, number *K, number *dK)
{
  number e[3];
  for (int i = 0; i < m; i++) {
    const number x = 0.5 * p[MEAN] * s[i];
    if (cabs(x) < DBL_MIN) {
      K[i] = 0.0;
      if (dK) dK[i] = -0.5 * s[i];
      continue;
    }
    integrals(x, e);
    K[i] = clog(2.0 * e[2]);
    if (dK) dK[i] = 0.5 * s[i] * (1.0 - e[1] / e[2]);
  }
}

/* With g = exp(x) E_3: g' = g - e_2, g'' = g - 2 e_2 + e_1, g''' = g - 3 e_2 + 3 e_1 - 1/x. */
static void own_derivatives(const double *p, double s, double d[4])
{
  const double h = 0.5 * p[MEAN], x = h * s;
  number e[3];
  if (x < 1e-100) {
    d[0] = 0.0;
    d[1] = -h;
    d[2] = (double)INFINITY;
    d[3] = -(double)INFINITY;
    return;
  }
  integrals(x, e);
  const double g = creal(e[2]), r1 = 1.0 - creal(e[1]) / g, r2 = 1.0 - (2.0 * creal(e[1]) - creal(e[0])) / g;
  const double r3 = 1.0 - (3.0 * creal(e[1]) - 3.0 * creal(e[0]) + 1.0 / x) / g;
  d[0] = log(2.0 * g);
  d[1] = h * r1;
  d[2] = h * h * (r2 - r1 * r1);
  d[3] = h * h * h * (r3 - 3.0 * r1 * r2 + 2.0 * r1 * r1 * r1);
}

static taup_node delay(taup_graph *g, const taup_node *p) { return taup_scale(g, 0.5, p[MEAN]); }

static double edge(const double *p)
{
  (void)p;
  return 0.0;
}

static double washout(const double *p, double t)
{
  const double x = 0.5 * p[MEAN] / t;
  return x < 1.0 ? x * x : 1.0;
}

static void cumulants(const double *p, double k[3])
{
  k[0] = p[MEAN];
  k[1] = k[2] = (double)INFINITY;
}

const taup_rtd_row taup_rtd_laminar = {
  .name = "laminar",
  .doc = "Laminar flow in a round tube without diffusion: E = mean^2/(2 t^3) behind mean/2; the variance is "
         "infinite "
         "(O. Levenspiel, Chemical Reaction Engineering, 3rd ed., 1999, ch. 15).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .delay = delay,
  .own = own,
  .own_derivatives = own_derivatives,
  .edge = edge,
  .washout = washout,
  .cumulants = cumulants,
};

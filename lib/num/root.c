/* SPDX-License-Identifier: Apache-2.0 */
/* root.c - Brent's method: inverse quadratic interpolation or secant where they shrink the bracket well, else bisection.
 * Invariant: b is the best place so far, the root lies between b and c. */
#include "num/root.h"

#include <float.h>
#include <math.h>

typedef struct bracket {
  double a, fa, b, fb, c, fc, step, last_step;
} bracket;

static void order(bracket *k)
{
  if ((k->fb > 0.0) == (k->fc > 0.0)) {
    k->c = k->a;
    k->fc = k->fa;
    k->step = k->last_step = k->b - k->a;
  }
  if (fabs(k->fc) >= fabs(k->fb)) return;
  k->a = k->b;
  k->b = k->c;
  k->c = k->a;
  k->fa = k->fb;
  k->fb = k->fc;
  k->fc = k->fa;
}

/* The step of the interpolation through the known places. */
static void interpolate(bracket *k, double tolerance, double half)
{
  double p, q;
  const double s = k->fb / k->fa;
  if (k->a == k->c) {
    p = 2.0 * half * s;
    q = 1.0 - s;
  } else {
    const double t = k->fa / k->fc, r = k->fb / k->fc;
    p = s * (2.0 * half * t * (t - r) - (k->b - k->a) * (r - 1.0));
    q = (t - 1.0) * (r - 1.0) * (s - 1.0);
  }
  if (p > 0.0) q = -q;
  p = fabs(p);
  if (2.0 * p < fmin(3.0 * half * q - fabs(tolerance * q), fabs(k->last_step * q))) {
    k->last_step = k->step;
    k->step = p / q;
  } else {
    k->step = k->last_step = half;
  }
}

double taup_bracketed_root(taup_scalar_fn f, void *user, double a, double fa, double b, double fb,
                           double tolerance)
{
  bracket k = {a, fa, b, fb, b, fb, b - a, b - a};
  if (fa == 0.0) return a;
  for (int i = 0; i < 100 && k.fb != 0.0; i++) {
    order(&k);
    const double least = 2.0 * DBL_EPSILON * fabs(k.b) + 0.5 * tolerance * fabs(k.b),
                 half = 0.5 * (k.c - k.b);
    if (fabs(half) <= least) break;
    if (fabs(k.last_step) >= least && fabs(k.fa) > fabs(k.fb)) interpolate(&k, least, half);
    else k.step = k.last_step = half;
    k.a = k.b;
    k.fa = k.fb;
    k.b += fabs(k.step) > least ? k.step : copysign(least, half);
    k.fb = f(user, k.b);
  }
  return k.b;
}

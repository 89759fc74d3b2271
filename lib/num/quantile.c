/* SPDX-License-Identifier: Apache-2.0 */
/* quantile.c - quantiles as roots of the incomplete gamma and beta functions.
 *
 *     chi2:  P(x) = P(a, x/2), a = dof/2                  F:  P(x) = I_y(d1/2, d2/2), y = d1 x/(d1 x + d2)
 *     t:     t^2 is F with (1, dof); t_p = sqrt(F_(2p-1))   normal: t with infinite dof
 *
 * The smaller of the two tails is computed, the other is 1 less it; the root is sought in ln x for the logarithm of the smaller tail.
 * Incomplete gamma: series below a + 1, Legendre's continued fraction above. Incomplete beta: its continued fraction (DLMF 8.17.22), on
 * the side where it converges. Both by the modified Lentz algorithm (W. H. Press et al., Numerical Recipes, 3rd ed. (2007), 6.2, 6.4).
 * The factors before them, x^a e^-x/Gamma(a) and x^a (1-x)^b/B(a, b), are taken by their distance from the largest value, without the
 * cancellation of large logarithms (C. Loader, Fast and accurate computation of binomial probabilities, 2000). */
#include "num/quantile.h"

#include <float.h>
#include <math.h>

#include "num/root.h"

static const double ln_two_pi = 1.8378770664093454836;

/* --- factors --- */

/* ln z! less Stirling's formula for it */
static double stirling_error(double z)
{
  if (z < 16.0) return log(tgamma(z + 1.0)) - (z + 0.5) * log(z) + z - 0.5 * ln_two_pi;
  const double w = 1.0 / (z * z); /* DLMF 5.11.1 */
  return (1.0 / 12.0 -
          w * (1.0 / 360.0 -
               w * (1.0 / 1260.0 - w * (1.0 / 1680.0 - w * (1.0 / 1188.0 - w * 691.0 / 360360.0))))) /
         z;
}

/* x ln(x/m) + m - x, not below 0 */
static double deviance(double x, double m)
{
  const double v = (x - m) / (x + m);
  if (fabs(v) > 0.1) return x * log(x / m) + m - x;
  double s = (x - m) * v, term = 2.0 * x * v; /* ln(x/m) = 2 artanh v */
  for (int k = 3; k < 100; k += 2) {
    term *= v * v;
    const double next = s + term / k;
    if (next == s) break;
    s = next;
  }
  return s;
}

/* x^a e^-x / Gamma(a) */
static double gamma_factor(double a, double x)
{
  return sqrt(a) * exp(-stirling_error(a) - deviance(a, x) - 0.5 * ln_two_pi);
}

/* x^a y^b / B(a, b), x + y = 1 */
static double beta_factor(double a, double b, double x, double y)
{
  const double n = a + b;
  const double error = stirling_error(n) - stirling_error(a) - stirling_error(b);
  return sqrt(a * b / n) * exp(error - deviance(a, n * x) - deviance(b, n * y) - 0.5 * ln_two_pi);
}

/* --- tails --- */

enum { MOST_TERMS = 200000 };

static double away_from_zero(double x) { return fabs(x) < DBL_MIN ? DBL_MIN : x; }

/* sum_k x^k / ((a + 1) ... (a + k)) */
static double gamma_series(double a, double x)
{
  double sum = 1.0, term = 1.0;
  for (int k = 1; k < MOST_TERMS && term > 0.1 * DBL_EPSILON * sum; k++) sum += term *= x / (a + k);
  return sum;
}

/* Gamma(a, x) x^-a e^x */
static double gamma_fraction(double a, double x)
{
  double b = x + 1.0 - a, c = 1.0 / DBL_MIN, d = 1.0 / b, h = d;
  for (int k = 1; k < MOST_TERMS; k++) {
    const double an = -k * (k - a);
    b += 2.0;
    d = 1.0 / away_from_zero(an * d + b);
    c = away_from_zero(b + an / c);
    h *= d * c;
    if (fabs(d * c - 1.0) <= DBL_EPSILON) break;
  }
  return h;
}

static double beta_fraction(double a, double b, double x)
{
  double c = 1.0, d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)), h = d;
  for (int k = 1; k < MOST_TERMS; k++) {
    const double even = k * (b - k) * x / ((a + 2 * k - 1.0) * (a + 2 * k));
    d = 1.0 / away_from_zero(1.0 + even * d);
    c = away_from_zero(1.0 + even / c);
    h *= d * c;
    const double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1.0));
    d = 1.0 / away_from_zero(1.0 + odd * d);
    c = away_from_zero(1.0 + odd / c);
    h *= d * c;
    if (fabs(d * c - 1.0) <= DBL_EPSILON) break;
  }
  return h;
}

void taup_chi2_tails(double x, double dof, double *lower, double *upper)
{
  const double a = 0.5 * dof, h = 0.5 * x, factor = gamma_factor(a, h);
  if (h < a + 1.0) {
    *lower = fmin(factor * gamma_series(a, h) / a, 1.0);
    *upper = 1.0 - *lower;
  } else {
    *upper = fmin(factor * gamma_fraction(a, h), 1.0);
    *lower = 1.0 - *upper;
  }
}

void taup_f_tails(double x, double d1, double d2, double *lower, double *upper)
{
  if (isinf(d2)) {
    taup_chi2_tails(d1 * x, d1, lower, upper);
    return;
  }
  const double a = 0.5 * d1, b = 0.5 * d2;
  const double y = d1 * x / (d1 * x + d2), z = d2 / (d1 * x + d2), factor = beta_factor(a, b, y, z);
  const double mode = (a + 1.0) / (a + b + 2.0);
  /* The fraction of the upper tail cancels when b is large; the other one serves while 1 less it keeps its digits. */
  *lower = y < mode || (y < 4.0 * mode && y < 0.1) ? fmin(factor * beta_fraction(a, b, y) / a, 1.0) : 1.0;
  *upper = 1.0 - *lower;
  if (y < mode || *lower < 0.99) return;
  *upper = fmin(factor * beta_fraction(b, a, z) / b, 1.0);
  *lower = 1.0 - *upper;
}

/* --- roots --- */

typedef struct tail {
  double p, q, d1, d2; /* p + q = 1 */
} tail;

/* Rises with u = ln x. */
static double excess(void *user, double u)
{
  const tail *t = user;
  double lower = 0.0, upper = 0.0;
  taup_f_tails(exp(u), t->d1, t->d2, &lower, &upper);
  return t->p < t->q ? log(fmax(lower, DBL_MIN) / t->p) : log(t->q / fmax(upper, DBL_MIN));
}

/* The F quantile from both tails, of which the smaller one is exact. */
static double f_of_tails(double p, double q, double d1, double d2)
{
  tail t = {p, q, d1, d2};
  double low = -1.0, high = 1.0, step = 1.0;
  double at_low = excess(&t, low), at_high = excess(&t, high);
  for (; at_low > 0.0 && low > -700.0; step *= 2.0) at_low = excess(&t, low = fmax(low - step, -700.0));
  for (step = 1.0; at_high < 0.0 && high < 700.0; step *= 2.0)
    at_high = excess(&t, high = fmin(high + step, 700.0));
  if (!(at_low <= 0.0 && at_high >= 0.0)) return NAN; /* beyond the numbers of the machine */
  double u = taup_bracketed_root(excess, &t, low, at_low, high, at_high, 1e-12);
  const double h = 1e-4; /* the slope is smooth: a polish by secants to rounding */
  for (int k = 0; k < 2; k++) u -= excess(&t, u) * 2.0 * h / (excess(&t, u + h) - excess(&t, u - h));
  return exp(u);
}

static int is_probability(double p) { return p > 0.0 && p < 1.0; }

double taup_f_quantile(double p, double d1, double d2)
{
  if (!is_probability(p) || !(d1 > 0.0 && isfinite(d1)) || !(d2 > 0.0)) return NAN;
  return f_of_tails(p, 1.0 - p, d1, d2);
}

double taup_chi2_quantile(double p, double dof)
{
  if (!is_probability(p) || !(dof > 0.0 && isfinite(dof))) return NAN;
  return dof * f_of_tails(p, 1.0 - p, dof, INFINITY);
}

double taup_t_quantile(double p, double dof)
{
  if (!is_probability(p) || !(dof > 0.0)) return NAN;
  if (p == 0.5) return 0.0;
  const double outer = 2.0 * fmin(p, 1.0 - p), inner = fabs(2.0 * p - 1.0);
  return copysign(sqrt(f_of_tails(inner, outer, 1.0, dof)), p - 0.5);
}

double taup_normal_quantile(double p) { return taup_t_quantile(p, INFINITY); }

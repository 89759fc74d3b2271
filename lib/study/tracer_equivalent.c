/* SPDX-License-Identifier: Apache-2.0 */
/* tracer_equivalent.c - the numbers that closed formulas make of a variance s = sigma_theta^2.
 *
 *     tanks    N = 1/s
 *     small    s = 2/Pe
 *     closed   s = 2/Pe - 2 (1 - exp(-Pe))/Pe^2, falls from 1 at Pe = 0: one root for 0 < s < 1
 *              (E. T. van der Laan, Chem. Eng. Sci. 7 (1958) 187)
 *     open     s = 2/Pe + 8/Pe^2: Pe = (1 + sqrt(1 + 8 s))/s (O. Levenspiel and W. K. Smith, Chem. Eng. Sci. 6 (1957) 227)
 *     open, s over the square of the measured mean tau (1 + 2/Pe): s = (2 Pe + 8)/(Pe + 2)^2, with P = Pe + 2: s P^2 - 2 P - 4 = 0 */
#include "study/tracer.h"

#include <math.h>

#include "num/root.h"

/* Below Pe = 0.01 the closed form is its series: 2 (1/2! ... ) cancels. */
static double closed_variance(double pe)
{
  if (pe < 1e-2) return 1.0 - pe / 3.0 + pe * pe / 12.0 - pe * pe * pe / 60.0 + pe * pe * pe * pe / 360.0;
  return 2.0 / pe + 2.0 * expm1(-pe) / (pe * pe);
}

static double closed_slope(double pe)
{
  if (pe < 1e-2) return -1.0 / 3.0 + pe / 6.0 - pe * pe / 20.0 + pe * pe * pe / 90.0;
  return -2.0 / (pe * pe) - 2.0 * exp(-pe) / (pe * pe) - 4.0 * expm1(-pe) / (pe * pe * pe);
}

static double closed_residual(void *variance, double log_pe)
{
  return closed_variance(exp(log_pe)) - *(double *)variance;
}

double taup_peclet_closed(double variance, double *slope)
{
  *slope = NAN;
  if (!(variance > 0.0 && variance < 1.0)) return NAN;
  const double a = log(1e-12), b = log(4.0 / variance); /* 2/Pe bounds the formula from above */
  const double log_pe = taup_bracketed_root(closed_residual, &variance, a, closed_residual(&variance, a), b,
                                            closed_residual(&variance, b), 1e-14);
  double pe = exp(log_pe);
  pe -= (closed_variance(pe) - variance) / closed_slope(pe); /* the last digits, lost in the logarithm */
  *slope = 1.0 / closed_slope(pe);
  return pe;
}

double taup_peclet_open(double variance, double *slope)
{
  *slope = NAN;
  if (!(variance > 0.0)) return NAN;
  const double pe = (1.0 + sqrt(1.0 + 8.0 * variance)) / variance;
  *slope = 1.0 / (-2.0 / (pe * pe) - 16.0 / (pe * pe * pe));
  return pe;
}

double taup_peclet_open_mean(double variance, double *slope)
{
  *slope = NAN;
  if (!(variance > 0.0 && variance < 2.0)) return NAN;
  const double p = (1.0 + sqrt(1.0 + 4.0 * variance)) / variance;
  *slope = 1.0 / (-2.0 / (p * p) - 8.0 / (p * p * p));
  return p - 2.0;
}

static tau_measured root_of(double (*formula)(double, double *), tau_measured variance)
{
  double slope;
  const double pe = formula(variance.value, &slope);
  return (tau_measured){pe, fabs(slope) * variance.error};
}

void taup_equivalents(tau_tracer_equivalents *e)
{
  const tau_measured s = e->variance, none = {NAN, NAN};
  const bool good = s.value > 0.0;
  e->tanks = good ? (tau_measured){1.0 / s.value, s.error / (s.value * s.value)} : none;
  e->peclet_small = good ? (tau_measured){2.0 / s.value, 2.0 * s.error / (s.value * s.value)} : none;
  e->peclet_closed = root_of(taup_peclet_closed, s);
  e->peclet_open = root_of(taup_peclet_open, s);
  e->peclet_open_mean = root_of(taup_peclet_open_mean, s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* decay.c - J_m = integral of exp(-z t) t^m dt from 0 to x, an incomplete gamma function of integer order:
 *
 *     J_m = x^(m+1) exp(-z x) sum_j (z x)^j / ((m+1) (m+2) ... (m+1+j))                    (all z x; short where z x is small)
 *     J_(m-1) = (z J_m + x^m exp(-z x)) / m                                                  (downwards without cancellation)
 *     J_m = (m J_(m-1) - x^m exp(-z x)) / z                                                  (upwards, where exp(-z x) is small)
 *
 * NIST Digital Library of Mathematical Functions, 8.7.1 and 8.8.1. */
#include "num/decay.h"

#include <math.h>

static const double long_way = 30.0; /* z x from which the subtraction upwards costs no digit */

static double series(double y, int m)
{
  double term = 1.0 / (m + 1), sum = term;
  for (int j = 1; term > 1e-17 * sum; j++) {
    term *= y / (m + 1 + j);
    sum += term;
  }
  return sum;
}

static void upwards(double z, double x, int most, double *out)
{
  double power = exp(-z * x);
  out[0] = 1.0 - power;
  for (int m = 1; m <= most; m++) {
    power *= x;
    out[m] = m * out[m - 1] / z - power;
  }
}

void taup_decay_moments(double z, double x, int most, double *out)
{
  const double y = z * x, e = exp(-y);
  if (y > long_way) {
    upwards(z, x, most, out);
    return;
  }
  double power = e; /* x^m exp(-y), kept in out */
  for (int m = 0; m <= most; m++, power *= x) out[m] = power;
  double below = out[most];
  out[most] = y * below * series(y, most);
  for (int m = most; m > 0; m--) {
    const double here = below;
    below = out[m - 1];
    out[m - 1] = z * (out[m] + here) / m;
  }
}

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

enum { MOST_INVERSES = 128 };

/* 1/k: a term waits for the last one, and shall not wait for a division too. */
static const double inverse[MOST_INVERSES] = {
#define I(k) 1.0 / ((k) > 0 ? (k) : 1)
#define I8(k) I(k), I(k + 1), I(k + 2), I(k + 3), I(k + 4), I(k + 5), I(k + 6), I(k + 7)
#define I64(k) I8(k), I8(k + 8), I8(k + 16), I8(k + 24), I8(k + 32), I8(k + 40), I8(k + 48), I8(k + 56)
  I64(0), I64(64)};

static double series(double y, int m)
{
  double term = 1.0 / (m + 1), sum = term;
  for (int j = m + 2; term > 1e-17 * sum; j++) {
    term *= y * (j < MOST_INVERSES ? inverse[j] : 1.0 / j);
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
  if (y > most + 1) { /* J_m is then at least half of the whole integral, and the subtractions cost no digit */
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

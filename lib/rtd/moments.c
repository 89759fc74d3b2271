/* SPDX-License-Identifier: Apache-2.0 */
/* moments.c - mean, variance and third central moment of distributions and of what is made of them.
 *
 *     series     they add
 *     parallel   of a mixture about its mean m: sum f_i (v_i + d_i^2), sum f_i (k_i + 3 v_i d_i + d_i^3), d_i = m_i - m
 *     recycle    the time of a first pass and of N rounds, N geometric with mean r, variance r (1 + r) and third
 *                central moment r (1 + r)(1 + 2 r); with c the moments of one round
 *                    m_1 + r c_1,   v_1 + r c_2 + r(1+r) c_1^2,   k_1 + r c_3 + 3 r(1+r) c_1 c_2 + r(1+r)(1+2r) c_1^3
 *
 * Every sum has one sign but for the third moment of a mixture: nothing is lost at Pe = 1e6, and infinities stay what
 * they are. The measured curve: integrals of the polyline, segment by segment, about its mean. */
#include <math.h>
#include <string.h>

#include "rtd/rtd.h"

/* A segment from (a, y) to (b, z), times measured from the mean: 4-point Gauss is exact for t^3 times a line. */
static void add_segment(double a, double b, double y, double z, double sum[4])
{
  static const double x[4] = {-0.861136311594052575, -0.339981043584856265, 0.339981043584856265,
                              0.861136311594052575};
  static const double w[4] = {0.347854845137453857, 0.652145154862546143, 0.652145154862546143,
                              0.347854845137453857};
  for (int i = 0; i < 4; i++) {
    const double t = 0.5 * (a + b) + 0.5 * (b - a) * x[i];
    double f = 0.25 * (b - a) * w[i] * ((1.0 - x[i]) * y + (1.0 + x[i]) * z);
    for (int k = 0; k < 4; k++, f *= t) sum[k] += f;
  }
}

static void curve(const taup_rtd_part *part, double k[3])
{
  double mean = 0.0, sum[4];
  for (int round = 0; round < 2; round++) {
    memset(sum, 0, sizeof sum);
    for (int i = 1; i < part->n_points; i++)
      add_segment(part->t[i - 1] - mean, part->t[i] - mean, part->y[i - 1], part->y[i], sum);
    mean += sum[1] / sum[0];
  }
  k[0] = mean;
  k[1] = sum[2];
  k[2] = sum[3];
}

static void series(const tau_rtd *rtd, const taup_rtd_part *part, double k[3])
{
  double c[3];
  memset(k, 0, 3 * sizeof *k);
  for (int i = 0; i < part->n_children; i++) {
    taup_rtd_cumulants(rtd, part->children[i], c);
    for (int j = 0; j < 3; j++) k[j] += c[j];
  }
}

static double fraction(const tau_rtd *rtd, const taup_rtd_part *part, int i)
{
  double rest = 1.0;
  if (i < part->n_children - 1) return rtd->values[part->first + i];
  for (int j = 0; j < i; j++) rest -= rtd->values[part->first + j];
  return rest;
}

/* 0 times infinity is 0 here: nothing goes that way. */
static double part_of(double f, double x) { return f > 0.0 ? f * x : 0.0; }

static void parallel(const tau_rtd *rtd, const taup_rtd_part *part, double k[3])
{
  double c[3];
  memset(k, 0, 3 * sizeof *k);
  for (int i = 0; i < part->n_children; i++) {
    taup_rtd_cumulants(rtd, part->children[i], c);
    k[0] += part_of(fraction(rtd, part, i), c[0]);
  }
  for (int i = 0; i < part->n_children; i++) {
    taup_rtd_cumulants(rtd, part->children[i], c);
    const double f = fraction(rtd, part, i), d = c[0] - k[0];
    k[1] += part_of(f, c[1] + d * d);
    k[2] += part_of(f, isinf(c[1]) ? c[1] : c[2] + 3.0 * c[1] * d + d * d * d);
  }
}

static void recycle(const tau_rtd *rtd, const taup_rtd_part *part, double k[3])
{
  const double r = rtd->values[part->first], spread = r * (1.0 + r);
  double c[3], back[3] = {0.0, 0.0, 0.0};
  taup_rtd_cumulants(rtd, part->children[0], k);
  if (part->n_children > 1) taup_rtd_cumulants(rtd, part->children[1], back);
  for (int j = 0; j < 3; j++) c[j] = k[j] + back[j];
  k[2] +=
    part_of(r, c[2] + 3.0 * (1.0 + r) * part_of(c[0], c[1])) + spread * (1.0 + 2.0 * r) * c[0] * c[0] * c[0];
  k[1] += part_of(r, c[1]) + spread * c[0] * c[0];
  k[0] += r * c[0];
}

void taup_rtd_cumulants(const tau_rtd *rtd, const taup_rtd_part *part, double k[3])
{
  switch (part->kind) {
  case TAUP_RTD_ROW: part->program->row->cumulants(rtd->values + part->first, k); break;
  case TAUP_RTD_MEASURED: curve(part, k); break;
  case TAUP_RTD_SERIES: series(rtd, part, k); break;
  case TAUP_RTD_PARALLEL: parallel(rtd, part, k); break;
  case TAUP_RTD_RECYCLE: recycle(rtd, part, k); break;
  }
}

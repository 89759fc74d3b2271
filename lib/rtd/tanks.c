/* SPDX-License-Identifier: Apache-2.0 */
/* tanks.c - n equal stirred tanks in series; n is any real number.
 *
 *     G = (1 + s mean/n)^-n,   E = (n/mean)^n t^(n-1) exp(-n t/mean) / Gamma(n)
 *
 * R. B. MacMullin and M. Weber, Trans. AIChE 31 (1935) 409; real n: B. A. Buffham and L. G. Gibilaro, AIChE J.
 * 14 (1968) 805, doi 10.1002/aic.690140523. */
#include <float.h>

#include "rtd/rtd.h"

enum { MEAN, N, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [MEAN] = {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE,
            "mean residence time of all tanks"},
  [N] = {"n", TAUP_INIT_NONE, 0.01, 1e7, 1.0, TAUP_FIELD_OPTIONAL, "number of tanks, any real number"},
};

static taup_node log_transform(taup_graph *g, taup_node s, const taup_node *p)
{
  const taup_node x = taup_div(g, taup_mul(g, s, p[MEAN]), p[N]);
  return taup_neg(g, taup_mul(g, p[N], taup_log(g, taup_add(g, taup_number(g, 1.0), x))));
}

static double edge(const double *p) { return -p[N] / p[MEAN]; }

static void cumulants(const double *p, double k[3])
{
  k[0] = p[MEAN];
  k[1] = p[MEAN] * p[MEAN] / p[N];
  k[2] = 2.0 * k[1] * p[MEAN] / p[N];
}

const taup_rtd_row taup_rtd_tanks = {
  .name = "tanks",
  .doc = "n equal stirred tanks in series, n any real number: E is the gamma density (R. B. MacMullin and "
         "M. Weber, Trans. AIChE 31 (1935) 409; B. A. Buffham and L. G. Gibilaro, AIChE J. 14 (1968) 805).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .log_transform = log_transform,
  .edge = edge,
  .cumulants = cumulants,
};

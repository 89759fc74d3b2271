/* SPDX-License-Identifier: Apache-2.0 */
/* plug.c - plug flow: everything leaves after the same time.
 *
 *     G = exp(-s mean)
 *
 * P. V. Danckwerts, Chem. Eng. Sci. 2 (1953) 1, doi 10.1016/0009-2509(53)80001-1. */
#include <float.h>

#include "rtd/rtd.h"

enum { MEAN, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [MEAN] = {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, 0, "time that everything stays; 0: a short cut"},
};

static taup_node delay(taup_graph *g, const taup_node *p)
{
  (void)g;
  return p[MEAN];
}

static taup_node all(taup_graph *g, const taup_node *p)
{
  (void)p;
  return taup_number(g, 1.0);
}

static void cumulants(const double *p, double k[3])
{
  k[0] = p[MEAN];
  k[1] = k[2] = 0.0;
}

const taup_rtd_row taup_rtd_plug = {
  .name = "plug",
  .doc = "Plug flow, a pure delay (P. V. Danckwerts, Chem. Eng. Sci. 2 (1953) 1).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .delay = delay,
  .bypass = all,
  .cumulants = cumulants,
};

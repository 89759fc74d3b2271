/* SPDX-License-Identifier: Apache-2.0 */
/* compartment.c - a stirred tank of which a part is dead and past which a part of the flow goes.
 *
 *     G = bypass + (1 - bypass)/(1 + s tau_a),   tau_a = space_time (1 - dead)/(1 - bypass)
 *
 * A. Cholette and L. Cloutier, Can. J. Chem. Eng. 37 (1959) 105, doi 10.1002/cjce.5450370305. */
#include <float.h>

#include "rtd/rtd.h"

enum { SPACE_TIME, DEAD, BYPASS, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [SPACE_TIME] = {"space_time", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE,
                  "whole volume over whole flow"},
  [DEAD] = {"dead", TAUP_INIT_NONE, 0.0, 0.999999, 0.0, TAUP_FIELD_OPTIONAL,
            "share of the volume that is dead"},
  [BYPASS] = {"bypass", TAUP_INIT_NONE, 0.0, 0.999999, 0.0, TAUP_FIELD_OPTIONAL,
              "share of the flow that goes past the tank at once"},
};

static taup_node log_transform(taup_graph *g, taup_node s, const taup_node *p)
{
  const taup_node one = taup_number(g, 1.0);
  const taup_node active = taup_mul(g, p[SPACE_TIME], taup_sub(g, one, p[DEAD]));
  const taup_node stay = taup_div(g, active, taup_sub(g, one, p[BYPASS]));
  return taup_neg(g, taup_log(g, taup_add(g, one, taup_mul(g, s, stay))));
}

static taup_node bypass(taup_graph *g, const taup_node *p)
{
  (void)g;
  return p[BYPASS];
}

static double stay(const double *p) { return p[SPACE_TIME] * (1.0 - p[DEAD]) / (1.0 - p[BYPASS]); }
static double edge(const double *p) { return -1.0 / stay(p); }

static void cumulants(const double *p, double k[3])
{
  const double b = p[BYPASS], a = 1.0 - b, t = stay(p);
  k[0] = a * t;
  k[1] = a * t * t * (1.0 + b);
  k[2] = a * t * t * t * (2.0 + 2.0 * b * (1.0 + b));
}

const taup_rtd_row taup_rtd_compartment = {
  .name = "compartment",
  .doc =
    "A stirred tank with dead volume and a bypass (A. Cholette and L. Cloutier, Can. J. Chem. Eng. 37 (1959) "
    "105).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .log_transform = log_transform,
  .bypass = bypass,
  .edge = edge,
  .cumulants = cumulants,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.c - a stirred tank that exchanges with a stagnant zone, itself well mixed.
 *
 *     tau_1 = (1 - stagnant) mean,  tau_2 = stagnant mean,  b = exchange flow over through flow
 *     G = 1/(1 + s tau_1 + b s tau_2/(b + s tau_2))
 *
 * O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 12. Both poles are real: the roots of
 * tau_1 tau_2 s^2 + (tau_2 + b mean) s + b = 0. */
#include <float.h>

#include "rtd/rtd.h"

enum { MEAN, STAGNANT, EXCHANGE, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [MEAN] = {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE,
            "volume of both zones over the flow"},
  [STAGNANT] = {"stagnant", TAUP_INIT_NONE, 0.0, 0.999999, NAN, 0, "share of the volume that is stagnant"},
  [EXCHANGE] = {"exchange", TAUP_INIT_NONE, 0.0, 1e6, NAN, TAUP_FIELD_POSITIVE,
                "flow to the stagnant zone and back, over the flow through the tank"},
};

static taup_node log_transform(taup_graph *g, taup_node s, const taup_node *p)
{
  const taup_node one = taup_number(g, 1.0);
  const taup_node s_2 = taup_product(g, 3, (taup_node[]){s, p[MEAN], p[STAGNANT]});
  const taup_node s_1 = taup_product(g, 3, (taup_node[]){s, p[MEAN], taup_sub(g, one, p[STAGNANT])});
  const taup_node slow = taup_div(g, taup_mul(g, p[EXCHANGE], s_2), taup_add(g, p[EXCHANGE], s_2));
  return taup_neg(g, taup_log(g, taup_sum(g, 3, NULL, (taup_node[]){one, s_1, slow})));
}

static double edge(const double *p)
{
  const double t2 = p[STAGNANT] * p[MEAN], t1 = p[MEAN] - t2, b = p[EXCHANGE],
               half = 0.5 * (t2 + b * p[MEAN]);
  return -b / (half + sqrt(half * half - t1 * t2 * b)); /* the nearer root, without subtraction */
}

static void cumulants(const double *p, double k[3])
{
  const double m = p[MEAN], t2 = p[STAGNANT] * m, b = p[EXCHANGE];
  k[0] = m;
  k[1] = m * m + 2.0 * t2 * t2 / b;
  k[2] = 2.0 * (m * m * m + 3.0 * t2 * t2 * m / b + 3.0 * t2 * t2 * t2 / (b * b));
}

const taup_rtd_row taup_rtd_tank_exchange = {
  .name = "tank-exchange",
  .doc = "A stirred tank that exchanges with a stagnant zone (O. Levenspiel, Chemical Reaction Engineering, "
         "3rd ed., "
         "1999, ch. 12).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .log_transform = log_transform,
  .edge = edge,
  .cumulants = cumulants,
};

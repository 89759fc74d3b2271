/* SPDX-License-Identifier: Apache-2.0 */
/* mass_action.c - the law of mass action.
 *
 *     r = k prod c_i^a_i - k_r prod c_j^b_j                       [mol/m^3/s]
 *
 * a_i: the coefficients of the left side or the orders given; b_j of the right side. The backward
 * constant is given, or follows from the equilibrium constant in concentrations, k_r = k / K; without
 * either there is no way back.
 *
 * C. M. Guldberg and P. Waage, J. prakt. Chem. 19 (1879) 69, doi 10.1002/prac.18790190111. */
#include "chem/law/law.h"

enum { K_FORWARD, K_EQUILIBRIUM, K_REVERSE, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [K_FORWARD] = {.name = "k",
                 .lower = 0.0,
                 .upper = (double)INFINITY,
                 .value = (double)NAN,
                 .flags = TAUP_FIELD_OWN_DIM,
                 .doc = "rate constant"},
  [K_EQUILIBRIUM] = {.name = "K",
                     .lower = 0.0,
                     .upper = (double)INFINITY,
                     .value = (double)NAN,
                     .flags = TAUP_FIELD_OWN_DIM | TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE,
                     .doc = "equilibrium constant in concentrations; the backward constant is k / K"},
  [K_REVERSE] = {.name = "k_reverse",
                 .lower = 0.0,
                 .upper = (double)INFINITY,
                 .value = (double)NAN,
                 .flags = TAUP_FIELD_OWN_DIM | TAUP_FIELD_OPTIONAL,
                 .doc = "rate constant of the way back"},
};

static taup_dim dim(int i_field, double order, double reverse_order)
{
  const taup_dim forward = taup_rate_constant_dim(order), reverse = taup_rate_constant_dim(reverse_order);
  if (i_field == K_FORWARD) return forward;
  return i_field == K_REVERSE ? reverse : taup_dim_divide(forward, reverse);
}

static taup_node rate(taup_graph *g, const taup_law_args *in)
{
  const taup_node k = in->p[K_FORWARD], K = in->p[K_EQUILIBRIUM];
  const taup_node forward = taup_law_rate(g, k, in->n_forward, in->forward);
  taup_node k_reverse = in->p[K_REVERSE];
  if (k_reverse == TAUP_NODE_NONE && K != TAUP_NODE_NONE) k_reverse = taup_div(g, k, K);
  if (k_reverse == TAUP_NODE_NONE) return forward;
  return taup_sub(g, forward, taup_law_rate(g, k_reverse, in->n_reverse, in->reverse));
}

const taup_law taup_law_mass_action = {
  .name = "mass-action",
  .doc = "Law of mass action, r = k prod c^order - k_r prod c^order: orders from the sides of the equation "
         "unless `orders:` and "
         "`reverse_orders:` say otherwise; k_r = k / K. C. M. Guldberg and P. Waage, J. prakt. Chem. 19 "
         "(1879) 69.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .flags = TAUP_LAW_ORDERS | TAUP_LAW_REVERSIBLE,
  .dim = dim,
  .rate = rate,
};

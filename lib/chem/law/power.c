/* SPDX-License-Identifier: Apache-2.0 */
/* power.c - an empirical power law.
 *
 *     r = k prod c_i^n_i                                          [mol/m^3/s]
 *
 * n_i are the orders given; species not listed do not count. Orders below 1 go smoothly to zero with the
 * concentration, others above 1 keep its sign (taup_power_of_order).
 *
 * O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 2. */
#include "chem/law/law.h"

enum { K, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [K] = {.name = "k",
         .lower = 0.0,
         .upper = (double)INFINITY,
         .value = (double)NAN,
         .flags = TAUP_FIELD_OWN_DIM,
         .doc = "rate constant; its unit follows from the sum of the orders"},
};

static taup_dim dim(int i_field, double order, double reverse_order)
{
  (void)i_field, (void)reverse_order;
  return taup_rate_constant_dim(order);
}

static taup_node rate(taup_graph *g, const taup_law_args *in)
{
  return taup_law_rate(g, in->p[K], in->n_forward, in->forward);
}

const taup_law taup_law_power = {
  .name = "power",
  .doc = "Power law, r = k prod c^order with only the species that `orders:` lists. O. Levenspiel, Chemical "
         "Reaction Engineering, 3rd ed. "
         "(1999), ch. 2.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .flags = TAUP_LAW_ORDERS_ONLY,
  .dim = dim,
  .rate = rate,
};

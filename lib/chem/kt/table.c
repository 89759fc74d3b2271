/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - the forms of k(T), one row each, in the order of the documentation. */
#include "chem/kt/kt.h"

const taup_kt *const taup_kts[] = {
  &taup_kt_constant, &taup_kt_arrhenius, &taup_kt_arrhenius_reference, &taup_kt_eyring, &taup_kt_van_t_hoff,
};

const int taup_n_kts = (int)(sizeof taup_kts / sizeof taup_kts[0]);

taup_node taup_kt_from_reference(taup_graph *g, taup_node k_ref, taup_node E, taup_node T, taup_node T_ref)
{
  const taup_node apart = taup_sub(g, taup_recip(g, T), taup_recip(g, T_ref));
  const taup_node exponent = taup_neg(g, taup_mul(g, taup_div(g, E, taup_gas_constant(g)), apart));
  return taup_mul(g, k_ref, taup_exp(g, exponent));
}

taup_node taup_gas_constant(taup_graph *g) { return taup_const(g, TAUP_R, TAUP_DIM(2, 1, -2, -1, -1)); }

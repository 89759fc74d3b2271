/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - the forms of k(T), one row each, in the order of the documentation. */
#include "chem/kt/kt.h"

const taup_kt *const taup_kts[] = {
  &taup_kt_constant, &taup_kt_arrhenius, &taup_kt_arrhenius_reference, &taup_kt_eyring, &taup_kt_van_t_hoff,
};

const int taup_n_kts = (int)(sizeof taup_kts / sizeof taup_kts[0]);

taup_node taup_gas_constant(taup_graph *g) { return taup_const(g, TAUP_R, TAUP_DIM(2, 1, -2, -1, -1)); }

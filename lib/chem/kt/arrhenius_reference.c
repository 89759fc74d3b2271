/* SPDX-License-Identifier: Apache-2.0 */
/* arrhenius_reference.c - the Arrhenius equation through its value at a reference temperature, where k
 * and Ea are far less correlated.
 *
 *     k = k_ref exp(-(Ea / R) (1/T - 1/T_ref))
 *
 * S. Arrhenius, Z. phys. Chem. 4 (1889) 226, doi 10.1515/zpch-1889-0416; the form:
 * M. Schwaab and J. C. Pinto, Chem. Eng. Sci. 62 (2007) 2750, doi 10.1016/j.ces.2007.02.020. */
#include "chem/kt/kt.h"

enum { K_REF, T_REF, EA, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [K_REF] = {.name = "k_ref",
             .lower = 0.0,
             .upper = (double)INFINITY,
             .value = (double)NAN,
             .flags = TAUP_FIELD_OWN_DIM,
             .doc = "constant at T_ref"},
  [T_REF] = {.name = "T_ref",
             .dim = TAUP_INIT_TEMPERATURE,
             .lower = 0.0,
             .upper = (double)INFINITY,
             .value = (double)NAN,
             .flags = TAUP_FIELD_TEMPERATURE | TAUP_FIELD_POSITIVE,
             .doc = "reference temperature"},
  [EA] = {.name = "Ea",
          .dim = TAUP_INIT_MOLAR_ENERGY,
          .lower = -(double)INFINITY,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_MOLAR_ENERGY,
          .doc = "activation energy"},
};

static taup_node build(taup_graph *g, const taup_node *p, taup_node T, taup_dim dim)
{
  (void)dim;
  return taup_kt_from_reference(g, p[K_REF], p[EA], T, p[T_REF]);
}

const taup_kt taup_kt_arrhenius_reference = {
  .name = "arrhenius-reference",
  .key = "arrhenius",
  .doc = "Arrhenius through a reference, k = k_ref exp(-Ea/R (1/T - 1/T_ref)). S. Arrhenius, Z. phys. Chem. "
         "4 (1889) 226.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .build = build,
  .rate = true,
};

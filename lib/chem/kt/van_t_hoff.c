/* SPDX-License-Identifier: Apache-2.0 */
/* van_t_hoff.c - an equilibrium constant against temperature, with a constant enthalpy of reaction.
 *
 *     K = K_ref exp(-(dH / R) (1/T - 1/T_ref))
 *
 * J. H. van 't Hoff, Etudes de dynamique chimique (1884); P. Atkins and J. de Paula, Physical Chemistry,
 * 8th ed. (2006), ch. 7. */
#include "chem/kt/kt.h"

enum { K_REF, T_REF, DH, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [K_REF] = {.name = "K_ref",
             .lower = 0.0,
             .upper = (double)INFINITY,
             .value = (double)NAN,
             .flags = TAUP_FIELD_OWN_DIM | TAUP_FIELD_POSITIVE,
             .doc = "equilibrium constant at T_ref, in concentrations"},
  [T_REF] = {.name = "T_ref",
             .dim = TAUP_INIT_TEMPERATURE,
             .lower = 0.0,
             .upper = (double)INFINITY,
             .value = (double)NAN,
             .flags = TAUP_FIELD_TEMPERATURE | TAUP_FIELD_POSITIVE,
             .doc = "reference temperature"},
  [DH] = {.name = "dH",
          .dim = TAUP_INIT_MOLAR_ENERGY,
          .lower = -(double)INFINITY,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_MOLAR_ENERGY,
          .doc = "enthalpy of reaction as written"},
};

static taup_node build(taup_graph *g, const taup_node *p, taup_node T, taup_dim dim)
{
  (void)dim;
  return taup_kt_from_reference(g, p[K_REF], p[DH], T, p[T_REF]);
}

const taup_kt taup_kt_van_t_hoff = {
  .name = "van-t-hoff",
  .key = "van-t-hoff",
  .doc = "Equilibrium constant, K = K_ref exp(-dH/R (1/T - 1/T_ref)). J. H. van 't Hoff, Etudes de dynamique "
         "chimique (1884).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .build = build,
  .equilibrium = true,
};

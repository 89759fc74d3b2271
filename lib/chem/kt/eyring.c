/* SPDX-License-Identifier: Apache-2.0 */
/* eyring.c - transition state theory with transmission coefficient 1 and standard state 1 mol/L.
 *
 *     k = (kB T / h) exp(dS / R) exp(-dH / (R T)) (1 L/mol)^(order - 1)
 *
 * H. Eyring, J. Chem. Phys. 3 (1935) 107, doi 10.1063/1.1749604. kB and h are exact (SI 2019): E.
 * Tiesinga et al., Rev. Mod. Phys. 93 (2021) 025010. */
#include "chem/kt/kt.h"

enum { DH, DS, N_FIELDS };

#define BOLTZMANN 1.380649e-23 /* [J/K] */
#define PLANCK 6.62607015e-34  /* [J s] */

static const taup_field fields[N_FIELDS] = {
  [DH] = {.name = "dH",
          .dim = TAUP_INIT_MOLAR_ENERGY,
          .lower = -(double)INFINITY,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_MOLAR_ENERGY,
          .doc = "enthalpy of activation"},
  [DS] = {.name = "dS",
          .dim = TAUP_INIT(2, 1, -2, -1, -1),
          .lower = -(double)INFINITY,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .doc = "entropy of activation, standard state 1 mol/L"},
};

static taup_node build(taup_graph *g, const taup_node *p, taup_node T, taup_dim dim)
{
  const double order_minus_1 = -(double)dim.exponent[TAUP_MOL];
  const taup_node R = taup_gas_constant(g);
  const taup_node rate = taup_mul(g, taup_const(g, BOLTZMANN / PLANCK, TAUP_DIM(0, 0, -1, -1, 0)), T);
  const taup_node litre = taup_const(g, 1e-3, TAUP_DIM(3, 0, 0, 0, -1));
  const taup_node exponent = taup_sub(g, taup_div(g, p[DS], R), taup_div(g, p[DH], taup_mul(g, R, T)));
  return taup_mul(g, taup_mul(g, rate, taup_powi(g, litre, order_minus_1)), taup_exp(g, exponent));
}

const taup_kt taup_kt_eyring = {
  .name = "eyring",
  .key = "eyring",
  .doc = "Transition state theory, k = kB T/h exp(dS/R) exp(-dH/(R T)) in (L/mol)^(order - 1)/s: "
         "transmission 1, standard state 1 mol/L. "
         "H. Eyring, J. Chem. Phys. 3 (1935) 107.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .build = build,
  .rate = true,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* arrhenius.c - the Arrhenius equation with its prefactor, and the power of temperature that goes with
 * it.
 *
 *     k = A (T / 1 K)^n exp(-Ea / (R T))
 *
 * S. Arrhenius, Z. phys. Chem. 4 (1889) 226, doi 10.1515/zpch-1889-0416; with n: IUPAC, Quantities,
 * Units and Symbols in Physical Chemistry, 3rd ed. (2007), 2.12. */
#include "chem/kt/kt.h"

enum { A, EA, N, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [A] = {.name = "A",
         .lower = 0.0,
         .upper = (double)INFINITY,
         .value = (double)NAN,
         .flags = TAUP_FIELD_OWN_DIM,
         .doc = "prefactor; in the unit of k, T^n is taken without its unit"},
  [EA] = {.name = "Ea",
          .dim = TAUP_INIT_MOLAR_ENERGY,
          .lower = -(double)INFINITY,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_MOLAR_ENERGY,
          .doc = "activation energy"},
  [N] = {.name = "n",
         .lower = -100.0,
         .upper = 100.0,
         .value = 0.0,
         .flags = TAUP_FIELD_OPTIONAL,
         .doc = "power of T / 1 K"},
};

static taup_node build(taup_graph *g, const taup_node *p, taup_node T, taup_dim dim)
{
  (void)dim;
  const taup_node kelvins = taup_div(g, T, taup_const(g, 1.0, TAUP_DIM_TEMPERATURE));
  const taup_node exponent = taup_neg(g, taup_div(g, p[EA], taup_mul(g, taup_gas_constant(g), T)));
  const taup_node k = taup_mul(g, p[A], taup_exp(g, exponent));
  return taup_node_is_const(g, p[N], 0.0) ? k : taup_mul(g, k, taup_pow(g, kelvins, p[N]));
}

const taup_kt taup_kt_arrhenius = {
  .name = "arrhenius",
  .key = "arrhenius",
  .doc = "Arrhenius with prefactor, k = A (T / 1 K)^n exp(-Ea / (R T)). S. Arrhenius, Z. phys. Chem. 4 "
         "(1889) 226.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .build = build,
  .rate = true,
};

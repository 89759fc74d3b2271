/* SPDX-License-Identifier: Apache-2.0 */
/* haldane.c - saturation kinetics of a substrate that inhibits itself.
 *
 *     r = vmax c / (km + c + c^2 / ki)                            [mol/m^3/s]
 *
 * J. B. S. Haldane, Enzymes (Longmans, London 1930), ch. 5; J. F. Andrews, Biotechnol. Bioeng. 10 (1968) 707,
 * doi 10.1002/bit.260100602. Largest at c = sqrt(km ki). Valid for c >= 0. */
#include "chem/law/law.h"

enum { VMAX, KM, KI, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [VMAX] = {.name = "vmax",
            .dim = TAUP_INIT_RATE,
            .lower = 0.0,
            .upper = (double)INFINITY,
            .value = (double)NAN,
            .doc = "rate at saturation without inhibition"},
  [KM] = {.name = "km",
          .dim = TAUP_INIT_CONCENTRATION,
          .lower = 0.0,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_POSITIVE,
          .doc = "concentration at half of vmax without inhibition"},
  [KI] = {.name = "ki",
          .dim = TAUP_INIT_CONCENTRATION,
          .lower = 0.0,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_POSITIVE,
          .doc = "inhibition constant of the substrate"},
};

static taup_node rate(taup_graph *g, const taup_law_args *in)
{
  const taup_node c = in->substrate;
  const taup_node below[] = {in->p[KM], c, taup_div(g, taup_mul(g, c, c), in->p[KI])};
  return taup_div(g, taup_mul(g, in->p[VMAX], c), taup_sum(g, 3, NULL, below));
}

const taup_law taup_law_haldane = {
  .name = "haldane",
  .doc =
    "Saturation with substrate inhibition, r = vmax c / (km + c + c^2 / ki) of the `substrate:` (the single "
    "reactant by default). J. F. Andrews, Biotechnol. Bioeng. 10 (1968) 707.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .flags = TAUP_LAW_SUBSTRATE,
  .rate = rate,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* michaelis_menten.c - saturation kinetics of one substrate.
 *
 *     r = vmax c / (km + c)                                       [mol/m^3/s]
 *
 * L. Michaelis and M. L. Menten, Biochem. Z. 49 (1913) 333; translated in K. A. Johnson and R. S. Goody,
 * Biochemistry 50 (2011) 8264, doi 10.1021/bi201284u. Valid for c > -km. */
#include "chem/law/law.h"

enum { VMAX, KM, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [VMAX] = {.name = "vmax",
            .dim = TAUP_INIT_RATE,
            .lower = 0.0,
            .upper = (double)INFINITY,
            .value = (double)NAN,
            .doc = "rate at saturation"},
  [KM] = {.name = "km",
          .dim = TAUP_INIT_CONCENTRATION,
          .lower = 0.0,
          .upper = (double)INFINITY,
          .value = (double)NAN,
          .flags = TAUP_FIELD_POSITIVE,
          .doc = "concentration at half of vmax"},
};

static taup_node rate(taup_graph *g, const taup_law_args *in)
{
  const taup_node c = in->substrate;
  return taup_div(g, taup_mul(g, in->p[VMAX], c), taup_add(g, in->p[KM], c));
}

const taup_law taup_law_michaelis_menten = {
  .name = "michaelis-menten",
  .doc = "Saturation kinetics, r = vmax c / (km + c) of the `substrate:` (the single reactant by default). "
         "L. Michaelis and M. L. Menten, "
         "Biochem. Z. 49 (1913) 333.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .flags = TAUP_LAW_SUBSTRATE,
  .rate = rate,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* pfr.c - plug flow along the volume V of a tube.
 *
 *     dF_i/dV        = sum_j nu_ij r_j                               [mol/s/m^3]
 *     rho cp Q dT/dV = sum_j (-dH_j) r_j + U a (T_wall - T)          [W/m^3]
 *
 * O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 5 and 9. */
#include <float.h>

#include "reactor/builder.h"

enum { VOLUME, RESIDENCE_TIME, LENGTH, DIAMETER, DIFFUSIVITY, VISCOSITY, N_FIELDS };

#define ONE_OF (TAUP_FIELD_ALTERNATIVE | TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE)

#define OF_FLOW (TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE | TAUP_FIELD_RELATION)

static const taup_field fields[N_FIELDS] = {
  [VOLUME] = {"volume", TAUP_INIT_VOLUME, 0.0, DBL_MAX, NAN, ONE_OF, "volume of the tube"},
  [RESIDENCE_TIME] = {"residence_time", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, ONE_OF,
                      "space time: volume over the flow that comes in"},
  [LENGTH] = {"length", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, ONE_OF, "length of the tube, with its diameter"},
  [DIAMETER] = {"diameter", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE,
                "inner diameter of the tube"},
  [DIFFUSIVITY] =
    {"diffusivity", TAUP_INIT(2, 0, -1, 0, 0), 0.0, DBL_MAX, NAN, OF_FLOW,
     "molecular diffusivity; with viscosity and diameter a run warns where plug flow does not hold"},
  [VISCOSITY] = {"viscosity", TAUP_INIT(-1, 1, -1, 0, 0), 0.0, DBL_MAX, NAN, OF_FLOW,
                 "viscosity of the liquid, for the same"},
};

static void balance(taup_builder *b)
{
  taup_builder_size(b, taup_builder_volume(b, VOLUME, RESIDENCE_TIME, LENGTH, DIAMETER));
  taup_builder_react(b, DIAMETER);
}

const taup_unit_kind taup_pfr = {
  .name = "pfr",
  .doc = "Plug flow: a tube without mixing along it (Levenspiel, Chemical Reaction Engineering, 3rd ed., "
         "1999, ch. 5).",
  .family = TAUP_DISTRIBUTED,
  .rtd = "plug",
  .flags = TAUP_UNIT_TUBE | TAUP_UNIT_UNTIL,
  .fields = fields,
  .n_fields = N_FIELDS,
  .balance = balance,
};

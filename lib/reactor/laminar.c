/* SPDX-License-Identifier: Apache-2.0 */
/* laminar.c - a tube in laminar flow without diffusion: each ring of fluid reacts by itself, for its own time.
 *
 *     u(r) = 2 u_mean (1 - r^2/R^2)        E(t) = tau^2 / (2 t^3), t > tau/2        tau = V/Q
 *     c_out = integral of E(t) c(t) dt,    c(t) that of a batch after t
 *
 * O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 15. Every ring has its own temperature; the wall's heat is shared by
 * volume. It holds while diffusion is slow: D tau / R^2 below some hundredths. */
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
     "molecular diffusivity; with viscosity and diameter a run warns where rings do not keep to themselves"},
  [VISCOSITY] = {"viscosity", TAUP_INIT(-1, 1, -1, 0, 0), 0.0, DBL_MAX, NAN, OF_FLOW,
                 "viscosity of the liquid, for the same"},
};

static void balance(taup_builder *b)
{
  taup_builder_size(b, taup_builder_volume(b, VOLUME, RESIDENCE_TIME, LENGTH, DIAMETER));
  taup_builder_react(b, DIAMETER);
}

const taup_unit_kind taup_laminar = {
  .name = "laminar",
  .doc = "A tube in laminar flow without diffusion, ring by ring (Levenspiel, Chemical Reaction Engineering, "
         "3rd ed., 1999, ch. 15).",
  .family = TAUP_DISTRIBUTED,
  .rtd = "laminar",
  .mixing = TAUP_SEGREGATED,
  .flags = TAUP_UNIT_TUBE,
  .fields = fields,
  .n_fields = N_FIELDS,
  .balance = balance,
};

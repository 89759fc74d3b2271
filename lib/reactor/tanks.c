/* SPDX-License-Identifier: Apache-2.0 */
/* tanks.c - a cascade of N stirred tanks: each is a cstr (cstr.c) whose inlet is the outlet of the one before it.
 *
 *     V_k dc_i/dt     = F_i,k-1 - Q_k c_i + V_k sum_j nu_ij r_j                               [mol/s]
 *     V_k rho cp dT/dt = m (h_k-1 - h(T)) + V_k (sum_j (-dH_j) r_j + U a (T_wall - T))        [W]
 *     V_k = V / N, or each as given;   a = A / V: the jacket's area is that of the whole
 *
 * V = tau Q with the flow Q that comes into the first tank. One program serves all tanks: the volume of the tank at hand and that of the
 * whole are slots that the train fills (train/cascade.c). O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 6; R. B.
 * MacMullin, M. Weber, Trans. AIChE 31 (1935) 409. */
#include <float.h>

#include "reactor/builder.h"

enum { VOLUME, RESIDENCE_TIME, N, N_FIELDS };

#define ONE_OF (TAUP_FIELD_ALTERNATIVE | TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE)

static const taup_field fields[N_FIELDS] = {
  [VOLUME] = {"volume", TAUP_INIT_VOLUME, 0.0, DBL_MAX, NAN, ONE_OF, "volume of the liquid in all tanks"},
  [RESIDENCE_TIME] = {"residence_time", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, ONE_OF,
                      "space time of all tanks: their volume over the flow that comes in"},
  [N] = {"n", TAUP_INIT_NONE, 1.0, TAUP_MOST_TANKS, NAN, TAUP_FIELD_OPTIONAL | TAUP_FIELD_WHOLE,
         "number of equal tanks"},
};

static void balance(taup_builder *b)
{
  taup_builder_size(b, taup_builder_role(b, TAUP_ROLE_TANK_VOLUME, TAUP_DIM_VOLUME, "V"));
  taup_builder_react(b, -1);
}

const taup_unit_kind taup_tanks = {
  .name = "tanks",
  .doc = "A cascade of stirred tanks, each ideally mixed: n equal ones, or in place of a size and n the list "
         "'volumes' (Levenspiel, Chemical Reaction Engineering, 3rd ed., 1999, ch. 6).",
  .family = TAUP_WELL_MIXED,
  .transport = TAUP_CASCADE,
  .rtd = "tanks",
  .flags = TAUP_UNIT_START | TAUP_UNIT_VOLUMES,
  .fields = fields,
  .n_fields = N_FIELDS,
  .balance = balance,
};

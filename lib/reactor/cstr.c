/* SPDX-License-Identifier: Apache-2.0 */
/* cstr.c - a stirred tank of volume V, always full.
 *
 *     V dc_i/dt       = F_i,in - Q c_i + V sum_j nu_ij r_j                              [mol/s]
 *     V rho cp dT/dt  = m (h_in - h(T)) + V (sum_j (-dH_j) r_j + U a (T_wall - T))      [W]
 *
 * Steady is the root. O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 5 and 9. */
#include <float.h>

#include "reactor/builder.h"

enum { VOLUME, RESIDENCE_TIME, N_FIELDS };

#define ONE_OF (TAUP_FIELD_ALTERNATIVE | TAUP_FIELD_OPTIONAL | TAUP_FIELD_POSITIVE)

static const taup_field fields[N_FIELDS] = {
  [VOLUME] = {"volume", TAUP_INIT_VOLUME, 0.0, DBL_MAX, NAN, ONE_OF, "volume of the liquid"},
  [RESIDENCE_TIME] = {"residence_time", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, ONE_OF,
                      "space time: volume over the flow that comes in"},
};

static void balance(taup_builder *b)
{
  taup_builder_size(b, taup_builder_volume(b, VOLUME, RESIDENCE_TIME, -1, -1));
  taup_builder_react(b, -1);
}

const taup_unit_kind taup_cstr = {
  .name = "cstr",
  .doc = "A continuous stirred tank, ideally mixed (Levenspiel, Chemical Reaction Engineering, 3rd ed., "
         "1999, ch. 5).",
  .family = TAUP_WELL_MIXED,
  .rtd = "tanks",
  .flags = TAUP_UNIT_START,
  .fields = fields,
  .n_fields = N_FIELDS,
  .balance = balance,
};

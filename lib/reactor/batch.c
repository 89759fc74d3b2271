/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c - a closed vessel over time; Q is the volume of the liquid.
 *
 *     dn_i/dt          = Q sum_j nu_ij r_j                                  [mol/s]
 *     Q rho cp dT/dt   = Q (sum_j (-dH_j) r_j + U a (T_wall - T))           [W]
 *
 * The wall is counted per volume of the charge. O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 3 and 9. */
#include <float.h>

#include "reactor/builder.h"

enum { TIME, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [TIME] = {"time", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE, "how long it reacts"},
};

static void balance(taup_builder *b)
{
  taup_builder_size(b, taup_builder_field(b, TIME));
  taup_builder_react(b, -1);
}

const taup_unit_kind taup_batch = {
  .name = "batch",
  .doc = "A closed, ideally mixed vessel over time (Levenspiel, Chemical Reaction Engineering, 3rd ed., "
         "1999, ch. 3).",
  .family = TAUP_CLOSED,
  .flags = TAUP_UNIT_UNTIL | TAUP_UNIT_CHARGE,
  .fields = fields,
  .n_fields = N_FIELDS,
  .balance = balance,
};

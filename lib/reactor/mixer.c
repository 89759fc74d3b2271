/* SPDX-License-Identifier: Apache-2.0 */
/* mixer.c - streams meet at constant pressure; molar flows and enthalpies add:
 *
 *     F_i = sum_k F_i,k        H(T) = sum_k H_k(T_k) + heat        Q follows from the liquid
 *
 * It has no volume and no rates, so no balance of its own: the train mixes what enters any unit by these equations. */
#include "reactor/unit.h"

const taup_unit_kind taup_mixer = {
  .name = "mixer",
  .doc = "Streams mix at constant pressure; molar flows and enthalpies add.",
  .family = TAUP_JUNCTION,
};

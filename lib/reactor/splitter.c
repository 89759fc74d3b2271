/* SPDX-License-Identifier: Apache-2.0 */
/* splitter.c - one stream is divided; composition and temperature stay:
 *
 *     F_i,k = x_k F_i        Q_k = x_k Q        sum_k x_k = 1 */
#include "reactor/unit.h"

const taup_unit_kind taup_splitter = {
  .name = "splitter",
  .doc = "One stream is divided into several of the same composition and temperature.",
  .family = TAUP_JUNCTION,
  .flags = TAUP_UNIT_OUTLETS,
};

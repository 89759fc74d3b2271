/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - all unit models. A new one is one file and one row here. */
#include "reactor/unit.h"

extern const taup_unit_kind taup_mixer, taup_splitter, taup_pfr, taup_pfr_dispersed, taup_laminar, taup_cstr,
  taup_tanks, taup_batch;

const taup_unit_kind *const taup_unit_kinds[] = {
  &taup_mixer,   &taup_splitter, &taup_pfr,   &taup_pfr_dispersed,
  &taup_laminar, &taup_cstr,     &taup_tanks, &taup_batch,
};
const int taup_n_unit_kinds = sizeof taup_unit_kinds / sizeof taup_unit_kinds[0];

taup_family taup_family_of(const taup_unit *unit)
{
  return unit->mixing ? TAUP_DISTRIBUTED : unit->kind->family;
}

bool taup_is_field(const taup_unit *unit) { return unit->kind->transport == TAUP_DISPERSED && !unit->mixing; }

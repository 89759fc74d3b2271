/* SPDX-License-Identifier: Apache-2.0 */
/* read_units.h - the pieces of the reader of `units:`. */
#ifndef TAUP_READ_UNITS_H
#define TAUP_READ_UNITS_H

#include "model/read.h"
#include "reactor/unit.h"

/* A unit on its way in. */
typedef struct taup_unit_reading {
  taup_reader *r;
  const taup_tree *block;
  taup_unit *u;
  char path[TAUP_PATH_LONGEST]; /* "units/coil" */
} taup_unit_reading;

/* Index of a field of the kind by name; -1. */
int taup_unit_field(const taup_unit_kind *kind, const char *name);
/* Whether the file (or a default) gives a value to that field. */
bool taup_unit_has(const taup_unit_reading *in, const char *field);

/* Ports of a unit; before inlets are resolved. */
void taup_read_outlets(taup_unit_reading *in);
/* `in:` of every unit; map is `units:`, its children in the order of the units. An inlet that could not be
 * resolved has index -1. */
void taup_read_inlets(taup_units *units, taup_reader *r, const taup_tree *map);

/* `tube:` and what goes with it; after the fields. */
void taup_read_tube(taup_unit_reading *in);
/* `volumes:` of a cascade; false: it stands not there, and the kind's fields say the size. */
bool taup_read_volumes(taup_unit_reading *in);
void taup_read_heat(taup_unit_reading *in);
void taup_check_dispersed(taup_unit_reading *in);
/* Heats of the reactions that an adiabatic or jacketed unit needs; with all units read. */
void taup_check_heats(const taup_units *units, taup_reader *r, const taup_tree *root);
void taup_read_start(taup_unit_reading *in);
void taup_read_charge(taup_unit_reading *in);
void taup_read_until(taup_unit_reading *in);
void taup_read_at(taup_unit_reading *in);
/* Whether a unit can be run in its distribution: a cascade is, tank by tank. */
bool taup_may_mix(const taup_unit_kind *kind);
void taup_read_mixing(taup_unit_reading *in);

#endif

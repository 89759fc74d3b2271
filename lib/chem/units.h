/* SPDX-License-Identifier: Apache-2.0 */
/* units.h - text with units to SI. The only door to UDUNITS-2. Thread-safe. */
#ifndef TAUP_UNITS_H
#define TAUP_UNITS_H

#include <stdbool.h>

#include "base/dim.h"
#include <tautrain/units.h>

/* A unit: x [unit] is factor * x + offset in SI. offset is not 0 only for a bare temperature scale (degC, degF). */
typedef struct taup_unit_scale {
  double factor, offset;
  taup_dim dim;
} taup_unit_scale;

/* Errors: TAU_E_UNITS (unknown, ambiguous with a hint, not linear). Text is echoed as written. "" and "1" have no dimension. */
tau_status taup_unit_parse(const char *text, taup_unit_scale *out);

/* "33.3 kJ/mol", "0.579 +/- 0.010 L/mol/s", "10 %", "3". *unit_text points into text at the unit ("" for none).
 * A number without unit has bare = true and scale 1. Errors: TAU_E_PARSE, TAU_E_UNITS. */
typedef struct taup_quantity {
  double value, uncertainty; /* SI */
  taup_unit_scale scale;
  bool bare;
  const char *unit_text;
} taup_quantity;
tau_status taup_quantity_parse(const char *text, taup_quantity *out);

/* A static text, living for ever, of a dimension: "m^3/mol/s". */
const char *taup_dim_name(taup_dim dim);

#endif

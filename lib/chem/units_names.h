/* SPDX-License-Identifier: Apache-2.0 */
/* units_names.h - single unit names, prefix included. For units*.c only. Thread-safe. */
#ifndef TAUP_UNITS_NAMES_H
#define TAUP_UNITS_NAMES_H

#include "chem/units.h"
#include <tautrain/status.h>

/* "mL", "degC". `whole`: the unit's text that the name stands in, for messages. Errors: TAU_E_UNITS,
 * TAU_E_IO (no database). */
tau_status taup_unit_named(const char *name, const char *whole, taup_unit_scale *out);

/* Replace the database; xml_path NULL: UDUNITS's own default. Errors: TAU_E_IO, and the old one stays. */
tau_status taup_unit_database_open(const char *xml_path);

/* strtod of the C locale, whatever the process has set. */
double taup_strtod(const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* units.h - quantities with units, read as a chemist writes them.
 *
 * Units are those of UDUNITS-2 with the chemist's names added (M, mM, bar, psi, degC, equiv, wt%, ppm ...); cal is 4.184 J. Products and
 * powers are read here, so fractional powers such as mol^0.5/L^0.5/s are exact. Thread-safe. */
#ifndef TAUTRAIN_UNITS_H
#define TAUTRAIN_UNITS_H

#include <tautrain/export.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

/* Read "2.5 mL/min": *value gets it in SI (4.1667e-8), *dimension (may be NULL) a text such as "m^3/s" that lives for ever.
 * Errors: TAU_E_PARSE (no number), TAU_E_UNITS (unknown or ambiguous unit, with a hint). */
TAU_API tau_status tau_quantity_parse(const char *text, double *value, const char **dimension);

/* Convert value from one unit to another: tau_convert(60, "s", "min", &x) gives 1. Affine scales (degC, degF) convert as temperatures.
 * Errors: TAU_E_UNITS (unknown unit, or dimensions differ; both are named). */
TAU_API tau_status tau_convert(double value, const char *from, const char *to, double *out);

/* Read the units database from this udunits2.xml instead of the system's. Call it before the first use of a unit.
 * Errors: TAU_E_IO. */
TAU_API tau_status tau_units_database(const char *xml_path);

TAU_END_DECLS
#endif

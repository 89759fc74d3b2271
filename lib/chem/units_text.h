/* SPDX-License-Identifier: Apache-2.0 */
/* units_text.h - products, quotients and powers of units. For units*.c only. */
#ifndef TAUP_UNITS_TEXT_H
#define TAUP_UNITS_TEXT_H

#include "chem/units.h"
#include <tautrain/status.h>

enum { TAUP_UNIT_LONGEST = 200, TAUP_UNIT_DEEPEST = 16 };

/* The unit of a text without blanks around it; nothing is remembered. Errors: TAU_E_UNITS, TAU_E_IO. */
tau_status taup_unit_text(const char *text, taup_unit_scale *out);

/* Bytes of a blank at text (NBSP and thin spaces included), 0 where there is none. */
int taup_blank(const char *text);
/* Bytes of a minus sign ('-' or U+2212), 0 where there is none. */
int taup_minus(const char *text);

#endif

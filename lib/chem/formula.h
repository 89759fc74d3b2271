/* SPDX-License-Identifier: Apache-2.0 */
/* formula.h - chemical formulas: atoms and molar mass. */
#ifndef TAUP_FORMULA_H
#define TAUP_FORMULA_H

#include <tautrain/status.h>

enum { TAUP_N_ELEMENTS = 118 };

/* atoms[z-1]: number of atoms of element z (fractions allowed in CuSO4.5H2O's "5" no, whole numbers only). */
typedef struct taup_formula {
  double atoms[TAUP_N_ELEMENTS];
  double molar_mass; /* [kg/mol] */
  int charge;
} taup_formula;

/* "C9H16ClN3O2", "Ca(OH)2", "CuSO4.5H2O", "NH4+", "SO4^2-", "D2O" (D is hydrogen-2).
 * Errors: TAU_E_PARSE (what and at which character; *column from 1). Standard atomic weights: IUPAC 2021 abridged. */
tau_status taup_formula_parse(const char *text, taup_formula *out, int *column);
const char *taup_element_symbol(int z);

#endif

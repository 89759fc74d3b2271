/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - the rate laws, one row each, in the order of the documentation. The first is the default. */
#include "chem/law/law.h"

extern const taup_law taup_law_mass_action, taup_law_power, taup_law_michaelis_menten, taup_law_haldane,
  taup_law_expression;

const taup_law *const taup_laws[] = {
  &taup_law_mass_action, &taup_law_power, &taup_law_michaelis_menten, &taup_law_haldane, &taup_law_expression,
};

const int taup_n_laws = (int)(sizeof taup_laws / sizeof taup_laws[0]);

/* SPDX-License-Identifier: Apache-2.0 */
/* expression.c - a rate that the user writes.
 *
 *     r = the expression, in concentrations, T and its own parameters            [mol/m^3/s] */
#include "chem/law/law.h"

static taup_node rate(taup_graph *g, const taup_law_args *in)
{
  (void)g;
  return in->expression;
}

const taup_law taup_law_expression = {
  .name = "expression",
  .doc = "The user's own net rate of the equation as written: `rate:` with `parameters:`, or a function.",
  .flags = TAUP_LAW_EXPRESSION,
  .rate = rate,
};

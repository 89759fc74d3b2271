/* SPDX-License-Identifier: Apache-2.0 */
/* constant.c - a constant that does not depend on temperature.
 *
 *     k = value */
#include "chem/kt/kt.h"

enum { VALUE, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [VALUE] = {.name = "value",
             .lower = 0.0,
             .upper = (double)INFINITY,
             .value = (double)NAN,
             .flags = TAUP_FIELD_OWN_DIM,
             .doc = "the constant at any temperature"},
};

static taup_node build(taup_graph *g, const taup_node *p, taup_node T, taup_dim dim)
{
  (void)g, (void)T, (void)dim;
  return p[VALUE];
}

const taup_kt taup_kt_constant = {
  .name = "constant",
  .key = NULL,
  .doc = "A constant that does not depend on temperature: just the quantity.",
  .fields = fields,
  .n_fields = N_FIELDS,
  .build = build,
  .rate = true,
  .equilibrium = true,
};

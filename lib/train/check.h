/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - all mistakes of a model. */
#ifndef TAUP_CHECK_H
#define TAUP_CHECK_H

#include "model/tree.h"

/* Reads the whole model as a train would and throws the description away.
 * Returns TAU_OK, TAU_E_MODEL (mistakes were collected) or TAU_E_NOMEM. */
tau_status taup_model_check_tree(const tau_model *model, taup_mistakes *mistakes);
/* The same; loops of units are no mistakes. */
tau_status taup_model_check_network(const tau_model *model, taup_mistakes *mistakes);

#endif

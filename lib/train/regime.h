/* SPDX-License-Identifier: Apache-2.0 */
/* regime.h - whether the model that a unit is run by is the one that its flow asks for. */
#ifndef TAUP_REGIME_H
#define TAUP_REGIME_H

#include "reactor/unit.h"
#include "train/result.h"
#include <tautrain/dispersion.h>

/* Why a kind of unit does not hold in a flow, and what to take, without a stop; NULL where it holds, or where nothing is known of the
 * kind. */
const char *taup_regime_advice(const char *kind, const tau_flow_report *report);

/* A unit that was run: one warning, where its dimensions and its liquid say that another model holds; nothing where one of them is not
 * known. */
void taup_warn_of_regime(tau_workspace *w, int i_stage);

#endif

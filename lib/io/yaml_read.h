/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_read.h - YAML text to a model, before anybody asks whether the model makes sense. */
#ifndef TAUP_YAML_READ_H
#define TAUP_YAML_READ_H

#include "model/tree.h"

enum { TAUP_YAML_MOST_BYTES = 64 * 1024 * 1024, TAUP_YAML_MOST_NODES = 1000000 };

/* Reads the n_bytes of source (from taup_calloc or the like, a NUL behind them), which the model keeps; taken
 * also on failure. Mistakes go to `mistakes`, whose file gives the name. TAU_OK with *out, without what is
 * wrong, also where there were mistakes: ask taup_mistakes_status. Errors: TAU_E_PARSE (not YAML, or
 * hostile), TAU_E_MODEL (no block of keys), TAU_E_NOMEM. */
tau_status taup_yaml_read(tau_model **out, char *source, size_t n_bytes, taup_mistakes *mistakes);

#endif

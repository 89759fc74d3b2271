/* SPDX-License-Identifier: Apache-2.0 */
/* description.h - the whole model as read from its tree: chemistry, units, key, options. */
#ifndef TAUP_DESCRIPTION_H
#define TAUP_DESCRIPTION_H

#include <tautrain/run.h>

#include "reactor/unit.h"
#include <tautrain/rtd.h>

typedef struct taup_solver_options {
  double rtol, atol, max_time; /* NAN: not said */
  int max_steps;               /* 0: not said */
  tau_engine engine;
} taup_solver_options;

typedef struct taup_description {
  taup_chemistry chemistry;
  taup_units units;
  int *order; /* units in the order of solution; in the arena */
  const char *title;
  int key_reactant, key_product; /* species; -1 */
  int ratio;                     /* parameter "key/ratio"; -1 without a key */
  int outlet;                    /* unit whose outlet `outlet/...` means (as written in the file) */
  int outlet_port;
  taup_solver_options solver;
  tau_rtd **unit_rtds; /* [units.n]: of `rtd:` that is a name or a composition; NULL: a model, or none */
  bool loops;          /* units may form loops: for what is linear; `order` then means nothing */
} taup_description;

/* Read a whole model. All mistakes are collected; loops and several ends without `outlet:` are mistakes too.
 * Returns TAU_OK, TAU_E_MODEL (mistakes) or TAU_E_NOMEM; after an error *out is empty. */
tau_status taup_describe(taup_description *out, const tau_model *model, taup_mistakes *mistakes);
/* Whether a model has `rtd:` and nothing of a train; and what is wrong with it then. */
bool taup_holds_distributions_alone(const tau_model *model);
tau_status taup_check_distributions(const tau_model *model, taup_mistakes *mistakes);
/* The same; loops, and a train without an end, are no mistakes. */
tau_status taup_describe_network(taup_description *out, const tau_model *model, taup_mistakes *mistakes);
void taup_description_free(taup_description *description);

#endif

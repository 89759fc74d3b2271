/* SPDX-License-Identifier: Apache-2.0 */
/* run.h - one run of a train from its feeds to its outlet. */
#ifndef TAUTRAIN_RUN_H
#define TAUTRAIN_RUN_H

#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/status.h>
#include <tautrain/train.h>

TAU_BEGIN_DECLS

typedef struct tau_result tau_result;
typedef struct tau_workspace tau_workspace;

/* Where a run is; called at most every 20 ms, between steps. Return 0 to go on, anything else to stop it at once. */
typedef int (*tau_progress_fn)(void *user, const char *unit, double fraction /* of this unit, 0 to 1 */);

/* What marches through tubes and batches. cvodes: BDF of SUNDIALS. lanes: the library's own Vern7 and Rodas5P (docs/theory/lanes.md);
 * what they give up is done by cvodes. auto: lanes where they are faster. Tanks are solved by Newton's method either way, in
 * lanes unless cvodes is asked for. */
#define TAU_ENGINE_LIST(X) \
  X(TAU_ENGINE_AUTO, "auto") X(TAU_ENGINE_CVODES, "cvodes") X(TAU_ENGINE_LANES, "lanes")
typedef enum tau_engine {
#define X(name, text) name,
  TAU_ENGINE_LIST(X)
#undef X
} tau_engine;

/* Set by TAU_RUN_OPTIONS_INIT; 0 (max_time: negative) means: as the model file says, else the default. */
typedef struct tau_run_options {
  size_t size;
  double rtol;     /* relative tolerance [-]; default 1e-8 */
  double atol;     /* absolute tolerance [mol/m^3]; default 1e-14 of the largest feed concentration */
  double max_time; /* wall time limit of the run [s]; default none; negative: unset */
  int max_steps;   /* of one unit; default 100000 */
  tau_progress_fn progress; /* may be NULL */
  void *user;               /* for progress */
  tau_engine engine;
} tau_run_options;

#define TAU_RUN_OPTIONS_INIT                                                \
  {                                                                         \
    sizeof(tau_run_options), 0.0, 0.0, -1.0, 0, NULL, NULL, TAU_ENGINE_AUTO \
  }

/* Run. inputs NULL: the model's own; options NULL: defaults. *out is set also when the run fails or is stopped (what there is up to
 * then); free it always. Errors: TAU_E_SOLVER (unit, place, species, reaction and what to try), TAU_E_DOMAIN, TAU_E_VALUE,
 * TAU_E_CALLBACK, TAU_E_UNSUPPORTED (engine lanes for a train that they cannot run); TAU_STOPPED_TIME and TAU_STOPPED_USER are positive.
 * Threads: any number on one train. */
TAU_API tau_status tau_train_run(tau_result **out, const tau_train *train, const tau_inputs *inputs,
                                 const tau_run_options *options);

/* For loops: a workspace holds all memory of a run, and nothing is allocated while running in it. One thread a workspace. */
TAU_API tau_status tau_workspace_new(tau_workspace **out, const tau_train *train);
TAU_API void tau_workspace_free(tau_workspace *workspace);

/* The same run; *out is borrowed from the workspace and valid until its next run. */
TAU_API tau_status tau_train_run_in(const tau_result **out, tau_workspace *workspace,
                                    const tau_inputs *inputs, const tau_run_options *options);

TAU_END_DECLS
#endif

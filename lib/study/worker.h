/* SPDX-License-Identifier: Apache-2.0 */
/* worker.h - the seam between a sweep and what computes it: a worker a thread computes some consecutive rows of a design into a block.
 *
 * A worker allocates when it is made, not while it works (but for a cause of failure not seen before in its block). What it writes depends
 * on the row alone: not on the thread, nor on which rows share a block. */
#ifndef TAUP_WORKER_H
#define TAUP_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/status.h"
#include "train/train.h"
#include <tautrain/sweep.h>

/* What all threads share; immutable but for *stop. */
typedef struct taup_sweep_job {
  const tau_train *train;
  const tau_inputs *inputs; /* what is not varied */
  const tau_design *design;
  const tau_kept *kept;
  const int *n_points;            /* of each kept profile */
  int most_rows;                  /* of a block */
  tau_run_options run;            /* resolved (taup_run_options_of) */
  const char *(*why)(void *user); /* may be NULL */
  void *user;                     /* of why */
  tau_engine engine;              /* not auto */
  const atomic_bool *stop;        /* set: end soon, within a run too */
} taup_sweep_job;

/* Why a run failed. Runs of a block that ended in the same unit by the same kind share one. */
typedef struct taup_cause {
  taup_error kind;
  int i_unit; /* -1: before the first */
  tau_status status;
  int row;         /* first such run, in the block */
  char text[1024]; /* its message */
} taup_cause;

/* Room for some runs: as tau_block, but to be written. cause: 1 + index in causes, 0: complete. */
typedef struct taup_block {
  double *observables, *sensitivities;
  int *status, *cause;
  struct taup_block_profile {
    double *position, *c, *T;
  } * profiles;
  taup_cause *causes; /* in the order of their first rows */
  int n_causes, capacity;
  int n_handed_over;
} taup_block;

typedef struct taup_sweep_worker taup_sweep_worker;

tau_status taup_sweep_worker_new(taup_sweep_worker **out, const taup_sweep_job *job);
void taup_sweep_worker_free(taup_sweep_worker *worker);

/* Rows first ... first + n - 1 of the design into rows 0 ... n - 1 of a block that was cleared; *n_done: how many, from the first one
 * without a gap, fewer than n only where job->stop was seen. A run that fails is a row; an error of this function (TAU_E_NOMEM) ends the
 * sweep. */
tau_status taup_sweep_block(taup_sweep_worker *worker, int64_t first, int n, taup_block *block, int *n_done);

/* The kept observables of one row by the reference engine and with rtol / 100; NAN where that fails. */
void taup_sweep_again(taup_sweep_worker *worker, int64_t row, double *observables);

/* For those who fill a block: a row of NAN with its cause. Errors: TAU_E_NOMEM. */
tau_status taup_block_fail(const taup_sweep_job *job, taup_block *block, int row, const taup_cause *cause);

/* Positions at which a kept unit's profile is stored, and one for its end where that may lie elsewhere. */
int taup_kept_points(const tau_train *train, int i_stage);

#endif

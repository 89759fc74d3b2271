/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.h - one train at many operating points: a design goes in, blocks of finished runs come out.
 *
 * A design is a matrix: n_runs rows, one value [SI] for each varied parameter. What is kept of each run (observables, profiles) is chosen
 * beforehand. Runs are computed in blocks by any number of threads; a sink takes the blocks in the order of the runs, one at a time, from
 * the thread that called, while the others compute. Values do not depend on the number of threads. A run that fails is a row of NAN with
 * its status and code; the sweep goes on.
 *
 *     tau_sweep_options options = TAU_SWEEP_OPTIONS_INIT;
 *     tau_design design = {n, 2, parameters, values};
 *     tau_kept kept = {.n_observables = 3, .observables = indices};
 *     tau_sweep(&summary, train, NULL, &design, &kept, &sink, &options);
 *     tau_sweep_summary_free(summary);
 *
 * Memory: the design's, and a few blocks; it does not grow with the runs. To feed a design in parts, call once a part with `first_run`.
 * Threads are made for the call and gone when it returns; signals go to the caller's. */
#ifndef TAUTRAIN_SWEEP_H
#define TAUTRAIN_SWEEP_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <tautrain/export.h>
#include <tautrain/run.h>
#include <tautrain/status.h>
#include <tautrain/train.h>

TAU_BEGIN_DECLS

/* Operating points. All arrays are borrowed during the call. */
typedef struct tau_design {
  int64_t n_runs;
  int n_varied;
  const int *
    parameters; /* n_varied: indices of the train's parameters, each once, and one of a group of alternatives */
  const double *values; /* n_runs x n_varied, SI */
} tau_design;

/* What is kept of a run. */
typedef struct tau_kept {
  int n_observables;
  const int *observables; /* indices of the train's observables */
  int n_profiles;
  const int *
    profiles; /* units (tau_train_unit) of which profiles are kept: where `at:` says and at the end, else at 101 equal
                          places (and at the end, where `until` may come before) */
  int n_sensitivities;
  const int *
    sensitivities; /* indices of the train's parameters, each once, varied or not: the derivatives of each kept observable to
                      them are kept (sensitivity.h) */
} tau_kept;

/* Profiles of one kept unit over the runs of a block. */
typedef struct tau_block_profile {
  int n_points;
  const double
    *position; /* n x n_points, ascending, in the unit's own coordinate [m^3, m or s]; NAN: no more points */
  const double *c; /* n x n_points x n_species [mol/m^3] */
  const double *T; /* n x n_points [K] */
} tau_block_profile;

/* Some finished runs, in order. */
typedef struct tau_block {
  int64_t first_run;
  int n;
  const double *inputs;        /* n x n_varied, SI */
  const double *observables;   /* n x n_observables, SI; all NAN where status is not TAU_OK */
  const double *sensitivities; /* n x n_observables x n_sensitivities, SI; NAN where there is no derivative */
  const int *status;           /* n: tau_status of each run; positive: over its own limit of time */
  const int *code;             /* n: message of each run (tau_sweep_message); 0: none */
  const tau_block_profile *profiles; /* n_profiles */
} tau_block;

typedef struct tau_sweep_summary tau_sweep_summary;

/* Takes blocks. 0: go on; negative: the sweep ends with it (the sink has called its own error). `summary` holds the messages of the codes
 * so far. */
typedef struct tau_sink {
  tau_status (*take)(void *user, const tau_block *block, const tau_sweep_summary *summary);
  void *user;
} tau_sink;

/* Called by the thread that called tau_sweep, between blocks and at least ten times a second: runs done (taken by the sink) and in all.
 * Return 0 to go on, anything else to stop (TAU_STOPPED_USER; the runs done up to the first one that is not are kept). */
typedef int (*tau_sweep_progress_fn)(void *user, int64_t n_done, int64_t n_runs);

typedef struct tau_sweep_options {
  size_t size;
  tau_run_options run; /* of each run; its progress is not called, its max_time is that of one run */
  tau_engine engine; /* auto: as run.engine says; of many runs lanes wherever they can run a unit of the train */
  int n_threads;     /* 0: one a processor */
  int n_checked; /* runs, spread evenly, that are computed again by cvodes with rtol / 100; 0: none; default 8 where lanes are used */
  int64_t first_run; /* number of the design's first row in the whole sweep: for blocks and messages only */
  double max_time;   /* wall time of the whole [s]; 0: none. Then TAU_STOPPED_TIME */
  tau_sweep_progress_fn progress; /* may be NULL */
  void *user;
  /* What a function of the user has to say about a run that it ended (TAU_E_CALLBACK): asked in the thread of that run, added to the run's
   * message. NULL or "": nothing. May be NULL. */
  const char *(*why)(void *user);
} tau_sweep_options;

#define TAU_SWEEP_OPTIONS_INIT                                                                        \
  {                                                                                                   \
    sizeof(tau_sweep_options), TAU_RUN_OPTIONS_INIT, TAU_ENGINE_AUTO, 0, -1, 0, 0.0, NULL, NULL, NULL \
  }

/* Run the design. inputs: the parameters that are not varied; NULL: the model's own. options NULL: defaults. *summary is set also after an
 * error (but TAU_E_NOMEM at the start) and always freed. Errors: TAU_E_VALUE (an index, a bound of the design with its run; nothing has
 * run then), TAU_E_UNSUPPORTED (engine lanes for a train that they cannot run, with the reason; the profile of a unit without one),
 * TAU_E_NOMEM, what the sink returned. Failures of single runs are no errors; a run whose sensitivities fail has failed. Ends with
 * TAU_STOPPED_USER or TAU_STOPPED_TIME where it was stopped. */
TAU_API tau_status tau_sweep(tau_sweep_summary **summary, const tau_train *train, const tau_inputs *inputs,
                             const tau_design *design, const tau_kept *kept, const tau_sink *sink,
                             const tau_sweep_options *options);

/* One distinct message of failed runs. */
typedef struct tau_sweep_message {
  const char *text; /* of the first such run, with unit and place */
  const char *id;   /* of its kind, "step-too-small" (tau_error, status.h) */
  const char *unit; /* where it ended; "" before the first unit */
  tau_status status;
  int64_t n_runs, first_run; /* how many, and the first, counted as the blocks are (options.first_run) */
} tau_sweep_message;

TAU_API int64_t tau_sweep_n_done(const tau_sweep_summary *summary);
TAU_API int64_t tau_sweep_n_failed(const tau_sweep_summary *summary);
/* Runs by one kind and unit share a code, from 1 on. */
TAU_API int tau_sweep_n_codes(const tau_sweep_summary *summary);
TAU_API tau_sweep_message tau_sweep_message_of(const tau_sweep_summary *summary, int code);
/* What solved the units: never TAU_ENGINE_AUTO. */
TAU_API tau_engine tau_sweep_engine(const tau_sweep_summary *summary);
/* How many runs were handed from lanes to cvodes; the largest relative difference of the checked runs over the kept observables but those
 * that are errors themselves (balance/..., grid_error), |a - b| / (|b| + the largest |b| of that observable * 1e-6), NAN where none was
 * checked; the wall time [s]. */
TAU_API int64_t tau_sweep_n_handed_over(const tau_sweep_summary *summary);
TAU_API double tau_sweep_largest_difference(const tau_sweep_summary *summary);
TAU_API double tau_sweep_wall_time(const tau_sweep_summary *summary);
TAU_API void tau_sweep_summary_free(tau_sweep_summary *summary);

/* --- a sweep's file --- */

typedef struct tau_sweep_file tau_sweep_file;

/* What the file holds. A part of a sweep (of a design that is computed by several processes) holds the runs from first_run on; its design
 * is that of the whole. Everything is borrowed during the call that takes it; texts end with NUL. */
typedef struct tau_sweep_plan {
  const tau_train *train;
  const tau_inputs *inputs; /* the parameters that are not varied; NULL: the model's own */
  int64_t n_runs;           /* of this file */
  int64_t first_run;        /* in the whole sweep; 0 unless it is a part */
  int64_t n_all;            /* runs of the whole sweep; 0: n_runs */
  int n_varied;
  const int *parameters;
  const tau_kept *kept;
  const tau_sweep_options *options; /* NULL: defaults */
  const char *design;  /* canonical text of the whole design, compared on resuming; may be NULL */
  const char *command; /* attribute; may be NULL */
} tau_sweep_plan;

/* Make the file, with room for all runs, or open the same sweep again where it was left: *n_done runs are there, and the next call of
 * tau_sweep begins at row *n_done of this file's design, with options.first_run = plan->first_run + *n_done. overwrite: what stands there
 * goes, a sweep too. Errors: TAU_E_EXISTS (something else stands there), TAU_E_VALUE (a sweep of another model, design, choice or
 * options: what differs is said), TAU_E_IO (a full disk, another program has it open), TAU_E_FORMAT (damaged). */
TAU_API tau_status tau_sweep_file_open(tau_sweep_file **out, const char *file, const tau_sweep_plan *plan,
                                       bool overwrite, int64_t *n_done);
/* A sink that writes and flushes: after a kill at any moment the file opens and holds every run that was flushed; those that were not run
 * are NAN, with a status that says so. Borrows the file. */
TAU_API tau_sink tau_sweep_file_sink(tau_sweep_file *file);
/* At the end of each call of tau_sweep that fed the sink: add what its summary tells to what the file tells of the whole (wall time and
 * runs handed over: the sum; the checked runs: the largest difference), over all calls and all openings. Errors: TAU_E_IO. */
TAU_API tau_status tau_sweep_file_add(tau_sweep_file *file, const tau_sweep_summary *summary);
/* Write how it ended, and close; the file is freed also after an error. */
TAU_API tau_status tau_sweep_file_close(tau_sweep_file *file);

/* Join the parts of one sweep, in any order: a small file in which the numbers of all are seen as one (HDF5 virtual datasets, by names
 * relative to the folder of `out`: keep them beside each other). Errors: TAU_E_EXISTS, TAU_E_VALUE (parts of different sweeps, runs that
 * are missing or twice there, a part that is not complete), TAU_E_IO, TAU_E_FORMAT. */
TAU_API tau_status tau_sweep_merge(const char *out, int n_parts, const char *const *parts, bool overwrite);

TAU_END_DECLS
#endif

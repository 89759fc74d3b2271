/* SPDX-License-Identifier: Apache-2.0 */
/* summary.h - what a sweep was: counts, and one code for each kind of failure in each unit, in the order in which they first occur. */
#ifndef TAUP_SUMMARY_H
#define TAUP_SUMMARY_H

#include "study/worker.h"

typedef struct taup_code {
  taup_error kind;
  int i_unit;
  tau_status status;
  int64_t n_runs, first_run;
  char *text;
} taup_code;

struct tau_sweep_summary {
  tau_train *train; /* for the names of its units */
  int64_t n_done, n_failed, n_handed_over;
  double largest_difference, wall_time;
  tau_engine engine;
  taup_code *codes;
  int n_codes, capacity;
};

tau_status taup_summary_new(tau_sweep_summary **out, const tau_train *train);
/* The code (from 1 on) of a cause; a new one where it is new. Errors: TAU_E_NOMEM. */
tau_status taup_summary_code(tau_sweep_summary *summary, const taup_cause *cause, int64_t run, int *code);

/* What solves the units when this is asked for: cvodes or lanes. Errors: TAU_E_UNSUPPORTED. */
tau_status taup_engine_of(tau_engine *out, const tau_train *train, const tau_sweep_options *options);

/* Whether these parameters can be varied and these outcomes be kept; the values of the design are not looked at. */
tau_status taup_sweep_check_choice(const tau_train *train, const tau_design *design, const tau_kept *kept);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_bundle.h - derivatives at many points of one train: the runs by a bundle (bundle.h), then the tangents unit after unit, those
 * of tubes and batches in lanes (sensitivity_lanes.h), what lies between point by point.
 *
 * In lanes go tubes and batches, with `until`, maxima and hot spots, also stiff ones while state and tangents together are at most
 * TAUP_MOST_STIFF_STATES. By the reference engine and counted: marches that the lanes gave up, in the run or with the tangents. By the
 * reference engine and not counted: tanks (they have no march), units with more than TAUP_MOST_CARRIED_STATES numbers, an `until` that is
 * reached at the entrance, everything where taup_lanes_refusal gives a reason.
 *
 * A point's values do not depend on the others, on how many there are, or on the width. */
#ifndef TAUP_SENSITIVITY_BUNDLE_H
#define TAUP_SENSITIVITY_BUNDLE_H

#include "train/bundle.h"

typedef struct taup_sensitivity_bundle taup_sensitivity_bundle;

typedef struct taup_sensitivity_bundle_options {
  taup_bundle_options
    run; /* its needs: those of what is asked of the results; those of the derivatives are added */
  int n_parameters;
  const int *parameters;  /* indices of the train, each once */
  int n_observables;      /* those whose derivatives are wanted; fewer cost less */
  const int *observables; /* indices of the train; NULL: all */
} taup_sensitivity_bundle_options;

/* Room for n points. One thread; afterwards only what is handed over to the reference engine allocates. Errors: those of
 * tau_sensitivity_new. */
tau_status taup_sensitivity_bundle_new(taup_sensitivity_bundle **out, const tau_train *train, int n,
                                       const taup_sensitivity_bundle_options *options);
void taup_sensitivity_bundle_free(taup_sensitivity_bundle *b);

/* The parameters of point i, all of the train's, to be filled in before each run. */
double *taup_sensitivity_bundle_inputs(taup_sensitivity_bundle *b, int i);
void taup_sensitivity_bundle_run(taup_sensitivity_bundle *b, int n, const tau_run_options *options);
/* The result of the run itself: the same bits as without derivatives. */
const tau_result *taup_sensitivity_bundle_result(const taup_sensitivity_bundle *b, int i);
/* d observable / d parameter in SI, [n_observables x n_parameters] in the order of the options; NAN where there is none. */
const double *taup_sensitivity_bundle_values(const taup_sensitivity_bundle *b, int i);
/* Of the derivatives: TAU_OK also where the run failed (then they are known up to there); why they failed, or why some are NAN; "". */
tau_status taup_sensitivity_bundle_status(const taup_sensitivity_bundle *b, int i);
const char *taup_sensitivity_bundle_reason(const taup_sensitivity_bundle *b, int i);
/* How many marches of all runs so far went with their tangents through lanes. */
int64_t taup_sensitivity_bundle_n_in_lanes(const taup_sensitivity_bundle *b);
/* How many marches of all runs so far lanes gave up, without or with their tangents. */
int64_t taup_sensitivity_bundle_n_handed_over(const taup_sensitivity_bundle *b);

#endif

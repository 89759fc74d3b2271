/* SPDX-License-Identifier: Apache-2.0 */
/* bundle.h - many points of one train, unit after unit: the marches and tanks of all points in lanes, what lies between point by
 * point.
 *
 * A point's values do not depend on the others, on how many there are, or on the width. */
#ifndef TAUP_TRAIN_BUNDLE_H
#define TAUP_TRAIN_BUNDLE_H

#include <stdint.h>
#include <tautrain/run.h>

#include "base/status.h"
#include "solve/lanes.h"

typedef struct taup_bundle taup_bundle;

typedef struct taup_bundle_options {
  int width;      /* of the lanes: 0 the machine's widest; 1, 4, 8 */
  bool lanes;     /* false: every unit by the reference engine */
  unsigned needs; /* TAUP_NEED_... (train/result.h): the rest is left out */
} taup_bundle_options;

/* The width of its lanes. */
int taup_bundle_width(const taup_bundle_options *options);
/* A march of all the points that ends when progress says so, or when it has lasted max_time: points that are not done by then are given up,
 * to be run again each for itself, with that time of its own. */
void taup_march_side_by_side(taup_lanes *lanes, int n, taup_lane_point *points, const tau_run_options *run,
                             taup_lane_watch look, taup_lane_force force /* NULL: none */, void *user);

/* Room for n points. One thread; nothing is allocated afterwards. */
tau_status taup_bundle_new(taup_bundle **out, const tau_train *train, int n,
                           const taup_bundle_options *options);
void taup_bundle_free(taup_bundle *b);

/* The parameters of point i, all of the train's, to be filled in before each run. */
double *taup_bundle_inputs(taup_bundle *b, int i);
/* Run points 0 to n - 1. Each has its result afterwards, with its status and message. */
void taup_bundle_run(taup_bundle *b, int n, const tau_run_options *options);
const tau_result *taup_bundle_result(const taup_bundle *b, int i);
/* How many marches and tanks of all runs so far lanes gave up, so that the reference engine took them. */
int64_t taup_bundle_n_handed_over(const taup_bundle *b);

#endif

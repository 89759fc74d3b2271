/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_newton.h - 0 = f(y) at many points by Newton's method: one point a lane of the vector unit, each with its own iteration; a lane
 * whose point is done takes the next.
 *
 * The steps, the tests and their limits are those of newton.c; steps come from an elimination without pivots, whose every step is checked.
 * What is not found so is handed back. No operation crosses lanes: values do not depend on the width, the order of the points or how many
 * there are.
 *
 * The object holds all that is written and belongs to one thread; after taup_lane_newton_new nothing is allocated. */
#ifndef TAUP_LANES_NEWTON_H
#define TAUP_LANES_NEWTON_H

#include "solve/system.h"

typedef struct taup_lane_newton taup_lane_newton;

/* width: 1, 4 or 8, one that the machine has. The system has a Jacobian and at most TAUP_MOST_LANE_STATES states. Errors: TAU_E_NOMEM. */
tau_status taup_lane_newton_new(taup_lane_newton **out, const taup_system *system, int width);
void taup_lane_newton_free(taup_lane_newton *l);

typedef struct taup_lane_root {
  const double *R;                    /* registers of the system's program for one point, prologues run */
  const double *atol, *scale, *lower; /* n, as in taup_root_options; none is NULL */
  double *y;                          /* n: the start in; the root out, where one was found */
  bool full, damped; /* full steps as long as they contract; then, or at once, damped ones from the start */
  bool found;
  bool stable; /* all eigenvalues of J at the root (just above 0 where a state is 0) are proven to lie left of 0; else not known */
  int n_newton, n_rhs; /* steps with a new J; f in all of them */
} taup_lane_root;

/* rtol and max_iterations as in taup_root_options. */
void taup_lane_newton_solve(taup_lane_newton *l, int n, taup_lane_root *points, double rtol,
                            int max_iterations);

#endif

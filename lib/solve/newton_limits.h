/* SPDX-License-Identifier: Apache-2.0 */
/* newton_limits.h - what Newton's method alone (newton.c) and in lanes (lanes_newton.c) decide alike; for lib/solve alone. The references
 * stand in the head of newton.c. */
#ifndef TAUP_NEWTON_LIMITS_H
#define TAUP_NEWTON_LIMITS_H

#include <math.h>
#include <stdbool.h>

static const double taup_newton_noise = 1e-12;
/* "highly nonlinear" in NLEQ; the estimate opens it within a step or two */
static const double taup_newton_first_damping = 1e-2;
/* Where a quadratic term is still 0 at the start the first step is far too long (in Robertson's tank from its feed by 1e12 at tau = 1e4 s),
 * which one estimate tells. Below this the two steps of the test differ by rounding only. */
static const double taup_newton_least_damping = 1e-14;
enum { TAUP_NEWTON_POLISHES = 4 };
enum { TAUP_NEWTON_LEAPS = 3 };   /* full steps against the test; with 10 hardly another root is found */
enum { TAUP_NEWTON_TRIALS = 30 }; /* of one step; each at least halves the damping or follows the estimate */

/* The first guess of a step's damping, from the lengths of the last step `before`, of its simplified step `bar`, of what lies between that
 * and this step, and of this step `now` (3.3.3, predictor). */
static inline double taup_newton_predict(double before, double bar, double distance, double now, double lambda)
{
  if (distance == 0.0) return 1.0;
  return fmin(1.0, fmax(before * bar / (distance * now) * lambda, taup_newton_least_damping));
}

/* After a trial with the damping lambda of a step, from its length, that of its simplified step and their curvature |d' - (1 - lambda) d|:
 * lambda where the monotonicity test accepts, else what to try next. */
static inline double taup_newton_judge_damping(double length, double bar, double curvature, double lambda,
                                               bool shortened)
{
  const double estimate = curvature > 0.0 ? 0.5 * length * lambda * lambda / curvature : 1.0;
  if (bar > (1.0 - 0.25 * lambda) * length) return fmin(estimate, 0.5 * lambda);
  /* too careful: try the longer one */
  return !shortened && fmin(1.0, estimate) >= 4.0 * lambda ? fmin(1.0, estimate) : lambda;
}

#endif

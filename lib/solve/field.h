/* SPDX-License-Identifier: Apache-2.0 */
/* field.h - the steady field of a tube with dispersion along it: n states y(s), s in [0, 1],
 *
 *     g = y - y' / Pe,   g' = f(y),   g(0) = y_in,   y'(1) = 0
 *
 * g is the flux that passes s, f that of the system (per whole tube, as it is marched in plug flow). Pe -> infinity is the march, Pe -> 0
 * the stirred tank; both are reached without a change of method.
 *
 * A field knows no chemistry. It belongs to one thread; after taup_bvp_new nothing is allocated. */
#ifndef TAUP_BVP_H
#define TAUP_BVP_H

#include "solve/system.h"

typedef struct taup_bvp taup_bvp;

/* wide: the program may be run for four places at once (it calls no function of the user). TAU_E_NOMEM. */
tau_status taup_bvp_new(taup_bvp **out, const taup_system *system, bool wide);
void taup_bvp_free(taup_bvp *f);

/* The first guess: places in rising s with their states, between which it is linear. Where the places lie close the first mesh is fine.
 * Without any it is y_in everywhere. When there is no more room, every second place is dropped. */
void taup_bvp_guess_clear(taup_bvp *f);
void taup_bvp_guess_add(taup_bvp *f, double s, const double *y);

typedef struct taup_bvp_problem {
  double *R; /* the program's registers (width 1), prologues done */
  double peclet;
  const double *y_in;
  double rtol;
  const double *atol;      /* n */
  const double *scale;     /* n: typical size of each state, > 0 */
  const double *lower;     /* n: Newton's damped steps keep states at or above */
  const double *least;     /* n: a solution below it is none */
  int (*stop)(void *user); /* asked now and then: not 0 ends the solution with that status; NULL: never */
  void *user;
} taup_bvp_problem;

/* Newton's method on a mesh that is refined until the estimated error is below rtol |y| + atol at all of its points. Returns TAU_OK (also
 * where the mesh is as fine as it may be, when taup_bvp_error tells how far it is), TAU_E_SOLVER (see taup_bvp_failure), or what `stop`
 * said. From the guess alone (only_guess); else, where that leads nowhere, from what the tube comes to in time when it starts full of
 * y_in. */
tau_status taup_bvp_solve(taup_bvp *f, const taup_bvp_problem *problem, bool only_guess);

/* --- of the solution --- */

/* Whose it is, so that it need not be found again; a new solution is nobody's. */
void taup_bvp_sign(taup_bvp *f, const void *owner, int number);
bool taup_bvp_is_signed(const taup_bvp *f, const void *owner, int number);

int taup_bvp_n_points(const taup_bvp *f);        /* of the mesh */
double taup_bvp_place(const taup_bvp *f, int i); /* s of point i */
/* y at s; right to the order of the mesh points. */
void taup_bvp_at(taup_bvp *f, double s, double *y);
/* The same, and its slope dy/ds. */
void taup_bvp_slope_at(taup_bvp *f, double s, double *y, double *slope);
/* The estimated error of y at the outlet. */
const double *taup_bvp_outlet_error(const taup_bvp *f);
/* The largest estimated error at a mesh point, over rtol |y| + atol. */
double taup_bvp_error(const taup_bvp *f);
/* Integrals of body_q over the tube, by the method's own quadrature. */
void taup_bvp_integrals(taup_bvp *f, double *q);

/* --- tangents of the solution, by the implicit function theorem on the discrete equations --- */

/* A direction in which everything that the equations depend on moves. */
typedef struct taup_bvp_direction {
  double peclet;
  const double *y_in;                                  /* n */
  void (*f)(void *user, const double *y, double *out); /* how f at y moves, n */
  void *user;
} taup_bvp_direction;

/* Newton's matrix at the solution; false: it is singular, the solution stands at a fold. Then any number of directions, each until the
 * next. */
bool taup_bvp_linearise(taup_bvp *f);
void taup_bvp_tangent(taup_bvp *f, const taup_bvp_direction *direction);
/* How y and the flux at s move. */
void taup_bvp_tangent_at(taup_bvp *f, double s, double *dy, double *dg);
/* All points of the method's quadrature: weight, y and how it moves, n. */
typedef void (*taup_bvp_point_fn)(void *user, double weight, const double *y, const double *dy);
void taup_bvp_each_point(taup_bvp *f, taup_bvp_point_fn look, void *user);

taup_failure taup_bvp_failure(const taup_bvp *f);
taup_solver_counts taup_bvp_counts(const taup_bvp *f); /* n_steps: elements of the mesh */

#endif

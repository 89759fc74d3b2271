/* SPDX-License-Identifier: Apache-2.0 */
/* system.h - where equations and integrators meet: n states, programs for f and J, a sparsity. A system knows no chemistry, a solver no
 * species; places are numbers of states.
 *
 * Immutable and shared; a solver object holds all that is written and belongs to one thread. After taup_march_new and taup_root_new nothing
 * is allocated. */
#ifndef TAUP_SYSTEM_H
#define TAUP_SYSTEM_H

#include <stdbool.h>

#include "base/status.h"
#include "expr/program.h"

typedef struct taup_system {
  const taup_program *program; /* borrowed */
  int n;                       /* states: TAUP_STATE inputs of the program, dy/ds = f(y) or 0 = f(y) */
  int body_f;                  /* outputs f [n] */
  int body_J; /* outputs the entries of J = df/dy, by columns (CSC), the whole diagonal among them */
  int body_q; /* outputs q [n_q]: integrands of integrals along the march; -1 */
  int n_q;
  int body_q_slopes;       /* outputs dq/dy, by rows as q_first and q_state say; for lanes; -1 */
  const int *q_first;      /* n_q + 1 */
  const int *q_state;      /* q_first[n_q] */
  const int *column_start; /* n + 1 */
  const int *row;          /* column_start[n], ascending in each column */
  bool sparse;             /* KLU, else dense */
} taup_system;

typedef struct taup_solver_counts {
  long n_steps, n_rhs, n_jacobian, n_error_failures, n_newton;
  double last_step;
} taup_solver_counts;

/* Dense or sparse, by counted operations: dense elimination takes n^3/3; sparse is taken when its entries are few enough that it does
 * less. */
bool taup_prefers_sparse(int n, int n_entries);

/* A body of the program for one point, at y. 0; else what is in out means nothing: a function of the user failed or refused, or a number is
 * not finite. */
int taup_system_run(const taup_system *system, int body, double *R, const double *y, int n_out, double *out);

/* ---------- march: dy/ds = f(y), s from 0 to 1, CVODES BDF with the exact Jacobian ---------- */

typedef struct taup_march taup_march;

tau_status taup_march_new(taup_march **out, const taup_system *system);
void taup_march_free(taup_march *m);

typedef struct taup_march_options {
  double rtol;
  const double *atol;   /* n */
  const double *atol_q; /* n_q; NULL: integrals are not in the error test */
  int max_steps;
  bool loose; /* a rough march: no stop at s = 1 (it may go on for ever, until the observer stops it) */
  /* What the equations take from outside: called with each s before they are evaluated, it writes into the registers. NULL: nothing.
   * Its tangents in direction d are added to those of f: out += df. */
  void (*force)(void *user, double s, double *R);
  void (*force_tangent)(void *user, double s, const double *y, int d, double *out);
  void *force_user;
  bool steep; /* rates far steeper than what the tolerances tell: the equations of a step are solved more closely */
} taup_march_options;

/* After every accepted step [s0, s1]: look, interpolate (taup_march_at), and say: 0 go on; TAUP_STOP_HERE, all is well; negative or
 * TAU_STOPPED_*: stop with this status. */
enum { TAUP_STOP_HERE = 100 };
typedef int (*taup_observe_fn)(void *user, taup_march *m, double s0, double s1);

/* March from y (which holds the initial state) with the program's registers R (width 1, prologues done). y gets the state where it ended,
 * q [n_q] the integrals up to there (or up to taup_march_end). Returns TAU_OK (also when the observer said TAUP_STOP_HERE), what the
 * observer said, TAU_E_SOLVER (see taup_march_failure) or TAU_E_CALLBACK. */
tau_status taup_march_run(taup_march *m, double *R, double *y, double *q, const taup_march_options *options,
                          taup_observe_fn observe, void *user);

/* Inside the observer: the solution of order of the method at s in the last step, and (taup_march_integrals_at) the integrals there. */
void taup_march_at(taup_march *m, double s, double *y);
/* f as the step at hand last asked for it: at its end but for the last correction, so right to the tolerances, and free. */
const double *taup_march_last_slope(const taup_march *m);
/* The state at the end of the step at hand; borrowed. */
const double *taup_march_state(const taup_march *m);
void taup_march_integrals_at(taup_march *m, double s, double *q);
/* Inside the observer, before it returns TAUP_STOP_HERE: the march ends at s (inside the last step) instead of its end. */
void taup_march_end(taup_march *m, double s);

/* What went wrong, after TAU_E_SOLVER: one static phrase ("too many steps", "the step became too small", "the equations gave no finite
 * number"), the place, and the states that dominate the error test, worst first; the state there is in y. */
typedef struct taup_failure {
  taup_error kind; /* TAUP_ERR_NONE: nothing went wrong */
  const char *why;
  double s, h;
  int worst[3]; /* states; -1 */
  int flag;     /* of CVODES, for the log */
} taup_failure;
taup_failure taup_march_failure(const taup_march *m);
taup_solver_counts taup_march_counts(const taup_march *m);

/* ---------- root: 0 = f(y), Newton with the exact Jacobian; affine-invariant tests of contraction ---------- */

typedef struct taup_root taup_root;

tau_status taup_root_new(taup_root **out, const taup_system *system);
void taup_root_free(taup_root *r);

typedef struct taup_root_options {
  double rtol; /* stop when |step_i| <= rtol |y_i| + atol_i for all i, then one more step as a polish */
  const double *atol;  /* n; also the floor of the scale of each state in the norms */
  const double *scale; /* n: typical size of each state, > 0; norms are of step_i / max(|y_i|, scale_i) */
  int max_iterations;
  const double *lower; /* n: damped steps keep states at or above; NULL: no bounds */
} taup_root_options;

/* Full Newton steps from y as long as they contract by at least the factor 1/2 each; y gets the root. Returns TAU_OK, or TAU_E_SOLVER
 * with y as it was (no contraction: farther from a root than Newton can see), TAU_E_CALLBACK. */
tau_status taup_root_contract(taup_root *r, double *R, double *y, const taup_root_options *options);

/* The same with damping (natural monotonicity test, P. Deuflhard, Newton Methods for Nonlinear Problems, 2004, ch. 3), for a start
 * chosen by the user; finds stable and unstable roots alike. */
tau_status taup_root_damped(taup_root *r, double *R, double *y, const taup_root_options *options);

/* Eigenvalues of J at y, just above 0 where a state is 0, as (re, im) pairs [2 n] sorted by falling real part. Dense, for n up to a few
 * hundred; TAU_E_UNSUPPORTED beyond TAUP_MOST_EIGENVALUES. */
enum { TAUP_MOST_EIGENVALUES = 400 };
tau_status taup_root_eigenvalues(taup_root *r, double *R, const double *y, double *re_im);
/* The same (at y itself) of a march from `start` that ends in y: states that are 0 in both, and that by J at both nothing moves that is
 * there, are 0 all the way; they are left out, with -1 in their place. */
tau_status taup_root_eigenvalues_within(taup_root *r, double *R, const double *start, const double *y,
                                        double *re_im);
taup_solver_counts taup_root_counts(const taup_root *r);
taup_failure taup_root_failure(const taup_root *r); /* s and h are 0 */

#endif

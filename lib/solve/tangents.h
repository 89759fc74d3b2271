/* SPDX-License-Identifier: Apache-2.0 */
/* tangents.h - how the solution of a system moves with what it depends on, to first order.
 *
 * A system f(y; x) depends on numbers x (parameters and what enters); a direction is a vector dx with the start dy(0) that belongs to it.
 *
 *     march   dS/ds = J S + f_x dx,   S(0) = dy(0)          dQ/ds = q_y S + q_x dx
 *     root    J S = -f_x dx
 *
 * The derivatives are bodies of the system's own program. Solver objects belong to one thread. */
#ifndef TAUP_TANGENTS_H
#define TAUP_TANGENTS_H

#include "solve/system.h"

/* Entries of a matrix of derivatives, by columns. */
typedef struct taup_entries {
  int body;  /* whose outputs they are, from `first` on */
  int first; /* outputs before them, which are the values themselves */
  int n_columns;
  const int *start; /* n_columns + 1 */
  const int *row;   /* start[n_columns] */
} taup_entries;

typedef struct taup_tangents {
  int n_x;
  taup_entries f; /* f_x: n_x columns */
  taup_entries q; /* q_x, then q_y: n_x + n columns; not looked at where the system has no integrals */
} taup_tangents;

/* Let a march carry n_directions tangents from its next run on (the method: simultaneous error control of y and S in a staggered
 * corrector; W. F. Feehery, J. E. Tolsma, P. I. Barton, Appl. Numer. Math. 25 (1997) 41). t is borrowed; its bodies are those of the
 * program of the march's system. dx and start are scaled so that the tolerances of y suit S, and are borrowed until the run is over:
 * dx [n_directions x n_x], start [n_directions x n]. */
tau_status taup_march_carry(taup_march *m, const taup_tangents *t, int n_directions, const double *dx,
                            const double *start);
/* In the observer, or after the run at its end: S [n_directions x n] at s of the last step, and its integrals [n_directions x n_q]. */
void taup_march_tangents_at(taup_march *m, double s, double *S);
void taup_march_tangent_integrals_at(taup_march *m, double s, double *Q);

/* The linear equations of a root. */
typedef struct taup_implicit taup_implicit;
tau_status taup_implicit_new(taup_implicit **out, const taup_system *system);
void taup_implicit_free(taup_implicit *r);
/* J at y, factored. 0; else what cannot be had (a phrase by taup_implicit_phrase). */
int taup_implicit_factor(taup_implicit *r, double *R, const double *y);
/* x [n] of J x = b in place of b. */
int taup_implicit_solve(taup_implicit *r, double *b);

/* out [rows] += entries * x [columns]; values: the outputs of the body. */
void taup_entries_add(const taup_entries *e, const double *values, const double *x, double *out);

#endif

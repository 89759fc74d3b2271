/* SPDX-License-Identifier: Apache-2.0 */
/* sundials.h - what the solvers share of SUNDIALS (6.4 to 7.x): a context that prints nothing, and a matrix of a system's shape with the
 * linear solver for it. Everything belongs to one solver object, so to one thread. */
#ifndef TAUP_SUNDIALS_H
#define TAUP_SUNDIALS_H

#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_logger.h>
#include <sundials/sundials_matrix.h>

#include "solve/system.h"

/* Zero-initialised is empty and may be freed. */
typedef struct taup_linear {
  const taup_system *system; /* borrowed */
  SUNContext context;
  SUNLogger logger;
  SUNMatrix matrix; /* dense, or CSC with room for the system's entries */
  SUNLinearSolver solver;
  N_Vector x, b;
  double *values; /* the entries of J, in the order of the system's columns */
} taup_linear;

tau_status taup_linear_open(taup_linear *l, const taup_system *system);
void taup_linear_close(taup_linear *l);

/* The entries of J, by columns, into a matrix of the system's shape (all of it is written: SUNDIALS clears index arrays too). */
void taup_matrix_fill(const taup_system *system, const double *values, SUNMatrix matrix);

/* Factor the matrix with the entries in l->values, then solve for l->b into l->x. 0; positive: singular. */
int taup_linear_factor(taup_linear *l);
int taup_linear_solve(taup_linear *l);

/* A new vector of n zeros. NULL and the record set when there is no memory. */
N_Vector taup_vector_new(const taup_linear *l, int n);
/* Quicker operations for it and its clones (sundials_vector.c). */
void taup_vector_tune(N_Vector v);

/* A solver of n dense linear equations (sundials_dense.c). NULL when there is no memory. */
SUNLinearSolver taup_dense_new(int n, SUNContext context);

/* No value is infinite or not a number. */
bool taup_all_finite(int n, const double *x);
/* The equations of the first three values that are not finite: rows[k] of value k, or k without rows; -1. Whether there is one. */
bool taup_rows_not_finite(int n, const double *values, const int *rows, int out[/* 3 */]);

/* What taup_system_run answers. */
enum {
  TAUP_FAILED = -1,    /* a function of the user failed: stop */
  TAUP_REFUSED = 1,    /* a function of the user is not defined there: try a smaller step */
  TAUP_NOT_FINITE = 2, /* the same, for the equations themselves */
  TAUP_SINGULAR = 3
};
/* What these mean, as a phrase. */
const char *taup_refusal(int said);
taup_error taup_refusal_kind(int said);

/* The three largest of |x_i| w_i with their places, worst first; -1 where there are no three. */
void taup_worst_three(int n, const double *x, const double *w, int worst[/* 3 */]);

#endif

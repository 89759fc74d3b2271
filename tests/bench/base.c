/* SPDX-License-Identifier: Apache-2.0 */
/* base.c - the plain use of CVODES: BDF, Newton with the analytic Jacobian, dense or band LU, or KLU after AMD ordering. Compiles with
 * SUNDIALS 6.4 to 7.x. */
#include "bench/base.h"

#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_context.h>
#include <sunlinsol/sunlinsol_band.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_band.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>

#ifndef SUN_COMM_NULL /* 6.x takes a pointer to a communicator */
#define SUN_COMM_NULL NULL
#endif

struct base_solver {
  base_problem problem;
  const void *user;
  SUNContext context;
  N_Vector c;
  SUNMatrix matrix;
  SUNLinearSolver linear;
  void *cvode;
};

static int rates(sunrealtype t, N_Vector c, N_Vector slope, void *user)
{
  const base_solver *s = user;
  (void)t;
  s->problem.f(s->user, N_VGetArrayPointer(c), N_VGetArrayPointer(slope));
  return 0;
}

static int dense_jacobian(sunrealtype t, N_Vector c, N_Vector f, SUNMatrix J, void *user, N_Vector t1,
                          N_Vector t2, N_Vector t3)
{
  const base_solver *s = user;
  (void)t, (void)f, (void)t1, (void)t2, (void)t3;
  s->problem.J(s->user, N_VGetArrayPointer(c), SUNDenseMatrix_Data(J));
  return 0;
}

static int band_jacobian(sunrealtype t, N_Vector c, N_Vector f, SUNMatrix J, void *user, N_Vector t1,
                         N_Vector t2, N_Vector t3)
{
  const base_solver *s = user;
  (void)t, (void)f, (void)t1, (void)t2, (void)t3;
  s->problem.J(s->user, N_VGetArrayPointer(c), SUNBandMatrix_Data(J));
  return 0;
}

/* CVODES clears the pattern with the entries, so it is written each time. */
static int sparse_jacobian(sunrealtype t, N_Vector c, N_Vector f, SUNMatrix J, void *user, N_Vector t1,
                           N_Vector t2, N_Vector t3)
{
  const base_solver *s = user;
  const base_problem *p = &s->problem;
  (void)t, (void)f, (void)t1, (void)t2, (void)t3;
  memcpy(SUNSparseMatrix_IndexPointers(J), p->column_start, (size_t)(p->n + 1) * sizeof *p->column_start);
  memcpy(SUNSparseMatrix_IndexValues(J), p->row, (size_t)p->column_start[p->n] * sizeof *p->row);
  p->J(s->user, N_VGetArrayPointer(c), SUNSparseMatrix_Data(J));
  return 0;
}

static int make_linear(base_solver *s)
{
  const base_problem *p = &s->problem;
  if (p->w) {
    s->matrix = SUNBandMatrix(p->n, p->w, p->w, s->context);
    s->linear = SUNLinSol_Band(s->c, s->matrix, s->context);
    return s->linear != NULL;
  }
  if (!p->column_start) {
    s->matrix = SUNDenseMatrix(p->n, p->n, s->context);
    s->linear = SUNLinSol_Dense(s->c, s->matrix, s->context);
    return s->linear != NULL;
  }
  if (sizeof(sunindextype) != sizeof(int)) return 0; /* the pattern is copied as it is */
  s->matrix = SUNSparseMatrix(p->n, p->n, p->column_start[p->n], CSC_MAT, s->context);
  s->linear = SUNLinSol_KLU(s->c, s->matrix, s->context);
  return s->linear && SUNLinSol_KLUSetOrdering(s->linear, 0 /* AMD */) == 0;
}

static int make_solver(base_solver *s)
{
  const base_problem *p = &s->problem;
  const CVLsJacFn jacobian = p->w ? band_jacobian : p->column_start ? sparse_jacobian : dense_jacobian;
  if (SUNContext_Create(SUN_COMM_NULL, &s->context) != 0) return 0;
  s->c = N_VNew_Serial(p->n, s->context);
  if (!s->c || !make_linear(s)) return 0;
  N_VConst(0.0, s->c);
  s->cvode = CVodeCreate(CV_BDF, s->context);
  return s->cvode && CVodeInit(s->cvode, rates, 0.0, s->c) == 0 && CVodeSetUserData(s->cvode, s) == 0 &&
         CVodeSStolerances(s->cvode, 1e-6, 1e-12) == 0 &&
         CVodeSetLinearSolver(s->cvode, s->linear, s->matrix) == 0 &&
         CVodeSetJacFn(s->cvode, jacobian) == 0 && CVodeSetMaxNumSteps(s->cvode, 10000000) == 0;
}

base_solver *base_new(const base_problem *problem)
{
  base_solver *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->problem = *problem;
  if (make_solver(s)) return s;
  fprintf(stderr, "bench: the hand-written solver of %d states could not be made\n", problem->n);
  base_free(s);
  return NULL;
}

void base_free(base_solver *s)
{
  if (!s) return;
  if (s->cvode) CVodeFree(&s->cvode);
  if (s->linear) SUNLinSolFree(s->linear);
  if (s->matrix) SUNMatDestroy(s->matrix);
  if (s->c) N_VDestroy(s->c);
  if (s->context) SUNContext_Free(&s->context);
  free(s);
}

const double *base_solve(base_solver *s, const base_run *run, base_counts *counts)
{
  const int n = s->problem.n;
  double *c = N_VGetArrayPointer(s->c), t;
  s->user = run->user;
  memcpy(c, run->start, (size_t)n * sizeof *c);
  if (CVodeReInit(s->cvode, 0.0, s->c) != 0 || CVodeSStolerances(s->cvode, run->rtol, run->atol) != 0)
    return NULL;
  if (CVodeSetStopTime(s->cvode, run->end) != 0) return NULL;
  for (int i = 0; i < run->n_stored; i++) {
    if (CVode(s->cvode, run->end * (i + 1) / (run->n_stored + 1), s->c, &t, CV_NORMAL) < 0) return NULL;
    memcpy(run->stored + (ptrdiff_t)i * n, c, (size_t)n * sizeof *c);
  }
  if (CVode(s->cvode, run->end, s->c, &t, CV_NORMAL) < 0) return NULL;
  if (counts) {
    CVodeGetNumSteps(s->cvode, &counts->n_steps);
    CVodeGetNumRhsEvals(s->cvode, &counts->n_rhs);
    CVodeGetNumJacEvals(s->cvode, &counts->n_jacobian);
  }
  return c;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sundials.c - context, matrices and linear solvers of SUNDIALS for a system.
 *
 * Dense: LU with row pivoting (sundials_dense.c). Sparse: KLU (T. A. Davis and E. Palamadai Natarajan, ACM Trans. Math. Softw. 37 (2010)
 * 36) after AMD ordering (P. R. Amestoy, T. A. Davis, I. S. Duff, SIAM J. Matrix Anal. Appl. 17 (1996) 886), which
 * suits the nearly symmetric patterns of reaction networks. Compiles with SUNDIALS 6.4 to 7.x. */
#include "solve/sundials.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <sundials/sundials_config.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include "base/alloc.h"
#include "base/status.h"

#ifndef SUN_COMM_NULL /* 6.x takes a pointer to a communicator */
#define SUN_COMM_NULL NULL
#endif

enum { ORDERING_AMD = 0 };

/* Multiplications of an elimination: n^3/3 dense. Sparse, with m = n_entries/n entries a column of which fill makes
 * f m, half in L and half in U: n (f m/2)^2, each about twice as dear (an index, no vectors). That is less for
 * n_entries < 0.8 n^2/f, but f is known only after the analysis. Patterns at random, which fill most, break even at
 * n^2/n_entries = 4 (n = 30), 6 (50), 12 (100), 25 (200); chains and networks, which fill little, earlier. Between them
 * 10 was never slower than the other choice by more than 2.3 times. Up to 20 states both take 2 us, and dense is kept. */
bool taup_prefers_sparse(int n, int n_entries) { return n > 20 && 10.0 * n_entries < (double)n * n; }

/* ---------- context ---------- */

#if SUNDIALS_VERSION_MAJOR >= 7
static void ignore_error(int line, const char *function, const char *file, const char *message,
                         SUNErrCode code, void *user, SUNContext context)
{
  (void)line, (void)function, (void)file, (void)message, (void)code, (void)user, (void)context;
}
#endif

/* Silent: a logger without files (the default one writes warnings to stderr), and on 7.x no handler that logs errors. On 6.x errors go to
 * the handler of each integrator, which its file sets. */
static bool open_context(taup_linear *l)
{
  if (SUNContext_Create(SUN_COMM_NULL, &l->context) != 0) return false;
  if (SUNLogger_Create(SUN_COMM_NULL, 0, &l->logger) != 0) return false;
  if (SUNContext_SetLogger(l->context, l->logger) != 0) return false;
#if SUNDIALS_VERSION_MAJOR >= 7
  SUNContext_ClearErrHandlers(l->context);
  if (SUNContext_PushErrHandler(l->context, ignore_error, NULL) != 0) return false;
#endif
  return true;
}

/* ---------- matrix and solver ---------- */

/* SUNDIALS 7 hands out what it got no memory for, unless built with its error checks. */
static bool is_whole(N_Vector v) { return v && N_VGetArrayPointer(v); }

static bool open_dense(taup_linear *l, int n)
{
  l->matrix = SUNDenseMatrix(n, n, l->context);
  if (!l->matrix || !SUNDenseMatrix_Data(l->matrix)) return false;
  l->solver = taup_dense_new(n, l->context);
  return l->solver != NULL;
}

static bool open_sparse(taup_linear *l, int n, int n_entries)
{
  l->matrix = SUNSparseMatrix(n, n, n_entries, CSC_MAT, l->context);
  if (!l->matrix || !SUNSparseMatrix_Data(l->matrix) || !SUNSparseMatrix_IndexValues(l->matrix) ||
      !SUNSparseMatrix_IndexPointers(l->matrix))
    return false;
  l->solver = SUNLinSol_KLU(l->x, l->matrix, l->context);
  return l->solver && SUNLinSol_KLUSetOrdering(l->solver, ORDERING_AMD) == 0;
}

static bool open_parts(taup_linear *l, const taup_system *system)
{
  if (!open_context(l)) return false;
  l->x = N_VNew_Serial(system->n, l->context);
  l->b = N_VNew_Serial(system->n, l->context);
  if (!is_whole(l->x) || !is_whole(l->b)) return false;
  return system->sparse ? open_sparse(l, system->n, system->column_start[system->n])
                        : open_dense(l, system->n);
}

tau_status taup_linear_open(taup_linear *l, const taup_system *system)
{
  assert(system->n > 0);
  memset(l, 0, sizeof *l);
  l->system = system;
  l->values = taup_calloc((size_t)system->column_start[system->n], sizeof *l->values);
  if (!l->values) return TAU_E_NOMEM;
  if (open_parts(l, system)) return TAU_OK;
  taup_linear_close(l);
  return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: the linear algebra of %d states", system->n);
}

void taup_linear_close(taup_linear *l)
{
  if (l->solver) SUNLinSolFree(l->solver);
  if (l->matrix) SUNMatDestroy(l->matrix);
  if (l->x) N_VDestroy(l->x);
  if (l->b) N_VDestroy(l->b);
  if (l->context) SUNContext_Free(&l->context);
  if (l->logger) SUNLogger_Destroy(&l->logger); /* after the context that points to it */
  taup_free(l->values);
  memset(l, 0, sizeof *l);
}

N_Vector taup_vector_new(const taup_linear *l, int n)
{
  N_Vector v = N_VNew_Serial(n, l->context);
  if (!is_whole(v)) {
    if (v) N_VDestroy(v);
    taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: a vector of %d numbers", n);
    return NULL;
  }
  N_VConst(0.0, v);
  taup_vector_tune(v);
  return v;
}

static void fill_dense(const taup_system *s, const double *values, SUNMatrix matrix)
{
  for (int j = 0; j < s->n; j++) {
    double *column = SUNDenseMatrix_Column(matrix, j);
    memset(column, 0, (size_t)s->n * sizeof *column);
    for (int k = s->column_start[j]; k < s->column_start[j + 1]; k++) column[s->row[k]] = values[k];
  }
}

static void fill_sparse(const taup_system *s, const double *values, SUNMatrix matrix)
{
  const int n_entries = s->column_start[s->n];
  sunindextype *start = SUNSparseMatrix_IndexPointers(matrix), *row = SUNSparseMatrix_IndexValues(matrix);
  for (int j = 0; j <= s->n; j++) start[j] = s->column_start[j];
  for (int k = 0; k < n_entries; k++) row[k] = s->row[k];
  memcpy(SUNSparseMatrix_Data(matrix), values, (size_t)n_entries * sizeof *values);
}

void taup_matrix_fill(const taup_system *system, const double *values, SUNMatrix matrix)
{
  if (system->sparse) fill_sparse(system, values, matrix);
  else fill_dense(system, values, matrix);
}

/* The pivots are chosen anew each time: KLU's quick refactorisation keeps the old ones, which are wrong when Newton has come far, and would
 * make a result depend on the runs before it. */
int taup_linear_factor(taup_linear *l)
{
  taup_matrix_fill(l->system, l->values, l->matrix);
  if (SUNLinSolInitialize(l->solver) != 0) return 1;
  return SUNLinSolSetup(l->solver, l->matrix) == 0 ? 0 : 1;
}

int taup_linear_solve(taup_linear *l)
{
  return SUNLinSolSolve(l->solver, l->matrix, l->x, l->b, 0.0) == 0 ? 0 : 1;
}

/* ---------- numbers ---------- */

/* By the bits of the exponent, without a chain of sums. This file is compiled without vectors (lib/CMakeLists.txt): a wide load of numbers
 * that were just stored one by one waits for all these stores, and would take longer than a small f. */
bool taup_all_finite(int n, const double *x)
{
  static const uint64_t infinite = 0x7ff0000000000000u;
  bool bad = false;
  for (int i = 0; i < n; i++) {
    uint64_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    bad |= (bits & infinite) == infinite;
  }
  return !bad;
}

bool taup_rows_not_finite(int n, const double *values, const int *rows, int out[/* 3 */])
{
  int n_found = 0;
  for (int k = 0; k < n && n_found < 3; k++)
    if (!isfinite(values[k])) out[n_found++] = rows ? rows[k] : k;
  for (int k = n_found; k < 3; k++) out[k] = -1;
  return n_found > 0;
}

int taup_system_run(const taup_system *system, int body, double *R, const double *y, int n_out, double *out)
{
  memcpy(taup_program_input(system->program, 1, R, TAUP_STATE, 0), y, (size_t)system->n * sizeof *y);
  const int said = taup_program_run(system->program, body, 1, R, out);
  if (said != 0) return said < 0 ? TAUP_FAILED : TAUP_REFUSED;
  return taup_all_finite(n_out, out) ? 0 : TAUP_NOT_FINITE;
}

const char *taup_refusal(int said)
{
  if (said == TAUP_FAILED) return "a function of the user failed";
  if (said == TAUP_REFUSED) return "a function of the user refused its arguments";
  if (said == TAUP_SINGULAR) return "the Jacobian is singular";
  return "the equations gave no finite number";
}

taup_error taup_refusal_kind(int said)
{
  if (said == TAUP_FAILED) return TAUP_ERR_FUNCTION_FAILED;
  if (said == TAUP_REFUSED) return TAUP_ERR_FUNCTION_REFUSED;
  if (said == TAUP_SINGULAR) return TAUP_ERR_SINGULAR;
  return TAUP_ERR_NOT_FINITE_EQUATIONS;
}

void taup_worst_three(int n, const double *x, const double *w, int worst[/* 3 */])
{
  double size[3] = {0.0, 0.0, 0.0};
  worst[0] = worst[1] = worst[2] = -1;
  for (int i = 0; i < n; i++) {
    const double here = fabs(x[i] * w[i]);
    if (!(here > size[2])) continue;
    int k = 2;
    for (; k > 0 && here > size[k - 1]; k--) {
      size[k] = size[k - 1];
      worst[k] = worst[k - 1];
    }
    size[k] = here;
    worst[k] = i;
  }
}

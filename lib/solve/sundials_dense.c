/* SPDX-License-Identifier: Apache-2.0 */
/* sundials_dense.c - a dense linear solver for SUNDIALS:  P A = L D U,  L and U with ones on the diagonal, rows pivoted by the largest
 * element of the column (G. H. Golub and C. F. Van Loan, Matrix Computations, 4th ed. (2013), 3.4).
 *
 * A step of BDF on ten states solves twice for each time it factors, and each solve is a chain of operations that wait for each other.
 * With the rows of U divided by the pivots beforehand no division is left in the chain. Columns are worked on by twos at even places, so
 * that what was just stored is loaded again as it was stored.
 *
 * L and D U stand in the matrix itself, by columns; 1/D and the order of the rows in the solver. */
#include <math.h>
#include <string.h>
#include <sunmatrix/sunmatrix_dense.h>

#include "base/alloc.h"
#include "solve/pair.h"
#include "solve/sundials.h"

typedef struct dense {
  int n;
  int *row;        /* row k was exchanged with row[k] >= k */
  double *inverse; /* of the pivots */
} dense;

/* y[i] -= a x[i] for i in [first, end) */
static inline void subtract(int first, int end, double a, const double *x, double *y)
{
  int i = first;
  if ((i & 1) && i < end) {
    y[i] -= a * x[i];
    i++;
  }
  for (; i + 1 < end; i += 2) store(y + i, load(y + i) - a * load(x + i));
  if (i < end) y[i] -= a * x[i];
}

static int pivot_of(int n, int k, const double *column)
{
  int at = k;
  for (int i = k + 1; i < n; i++)
    if (fabs(column[i]) > fabs(column[at])) at = i;
  return at;
}

static void exchange(int n, double *a, int k, int r)
{
  for (int j = 0; j < n; j++) {
    const double x = a[j * n + k];
    a[j * n + k] = a[j * n + r];
    a[j * n + r] = x;
  }
}

/* 0, or k + 1 where no pivot is left in column k. */
static int factor(dense *d, double *a)
{
  const int n = d->n;
  for (int k = 0; k < n; k++) {
    double *pivots = a + (ptrdiff_t)k * n;
    const int r = d->row[k] = pivot_of(n, k, pivots);
    if (pivots[r] == 0.0) return k + 1;
    if (r != k) exchange(n, a, k, r);
    const double inverse = d->inverse[k] = 1.0 / pivots[k];
    for (int i = k + 1; i < n; i++) pivots[i] *= inverse;
    for (int j = k + 1; j < n; j++) {
      double *column = a + (ptrdiff_t)j * n;
      if (column[k] != 0.0) subtract(k + 1, n, column[k], pivots, column);
    }
  }
  for (int j = 1; j < n; j++)
    for (int k = 0; k < j; k++) a[(ptrdiff_t)j * n + k] *= d->inverse[k];
  return 0;
}

static void solve(const dense *d, const double *a, double *x)
{
  const int n = d->n;
  for (int k = 0; k < n; k++) {
    const double y = x[d->row[k]];
    x[d->row[k]] = x[k];
    x[k] = y;
  }
  for (int k = 0; k < n - 1; k++) subtract(k + 1, n, x[k], a + (ptrdiff_t)k * n, x);
  for (int k = 0; k < n; k++) x[k] *= d->inverse[k];
  for (int k = n - 1; k > 0; k--) subtract(0, k, x[k], a + (ptrdiff_t)k * n, x);
}

/* --- as SUNDIALS wants it --- */

static SUNLinearSolver_Type type_of(SUNLinearSolver s)
{
  (void)s;
  return SUNLINEARSOLVER_DIRECT;
}

static int set_up(SUNLinearSolver s, SUNMatrix A) { return factor(s->content, SUNDenseMatrix_Data(A)); }

static int solve_vectors(SUNLinearSolver s, SUNMatrix A, N_Vector x, N_Vector b, sunrealtype tolerance)
{
  (void)tolerance;
  const dense *d = s->content;
  double *y = N_VGetArrayPointer(x);
  const double *z = N_VGetArrayPointer(b);
  if (y != z) memcpy(y, z, (size_t)d->n * sizeof *y);
  solve(d, SUNDenseMatrix_Data(A), y);
  return 0;
}

static int release(SUNLinearSolver s)
{
  taup_free(s->content);
  s->content = NULL;
  SUNLinSolFreeEmpty(s);
  return 0;
}

SUNLinearSolver taup_dense_new(int n, SUNContext context)
{
  SUNLinearSolver s = SUNLinSolNewEmpty(context);
  if (!s) return NULL;
  s->ops->gettype = type_of;
  s->ops->setup = set_up;
  s->ops->solve = solve_vectors;
  s->ops->free = release;
  dense *d = s->content = taup_calloc(1, sizeof *d + (size_t)n * (sizeof(double) + sizeof(int)));
  if (!d) {
    SUNLinSolFreeEmpty(s);
    return NULL;
  }
  d->n = n;
  d->inverse = (double *)(d + 1);
  d->row = (int *)(d->inverse + n);
  return s;
}

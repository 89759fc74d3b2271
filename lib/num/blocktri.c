/* SPDX-License-Identifier: Apache-2.0 */
/* blocktri.c - elimination with row pivoting, one piece after the other (see blocktri.h).
 *
 * Invariant: after the factorisation the first 2 n rows of a tableau hold U (unit lower L below its diagonal, in all 3 n rows), in the
 * order of its pivots; the last n rows hold, in the columns of x_(i+1), what was carried to the next piece. */
#include "num/blocktri.h"

#include <math.h>
#include <string.h>

static int largest_below(const double *a, int stride, int column, int n_rows)
{
  int best = column;
  for (int r = column + 1; r < n_rows; r++)
    if (fabs(a[(long)r * stride + column]) > fabs(a[(long)best * stride + column])) best = r;
  return best;
}

static void swap_rows(double *a, double *b, int n)
{
  for (int c = 0; c < n; c++) {
    const double t = a[c];
    a[c] = b[c];
    b[c] = t;
  }
}

/* Eliminate the first n_pivots columns of an n_rows x n_columns matrix. */
static bool eliminate(double *a, int n_rows, int n_columns, int n_pivots, int *pivot)
{
  for (int k = 0; k < n_pivots; k++) {
    double *top = a + (long)k * n_columns;
    const int best = pivot[k] = largest_below(a, n_columns, k, n_rows);
    if (best != k) swap_rows(top, a + (long)best * n_columns, n_columns);
    const double inverse = 1.0 / top[k];
    if (!isfinite(inverse) || !isfinite(top[k])) return false;
    for (int r = k + 1; r < n_rows; r++) {
      double *row = a + (long)r * n_columns;
      const double factor = row[k];
      if (factor == 0.0) continue;
      row[k] = factor * inverse;
      for (int c = k + 1; c < n_columns; c++) row[c] -= row[k] * top[c];
    }
  }
  return true;
}

bool taup_blocktri_factor(taup_blocktri *b, const double *first)
{
  const int n = b->n, m = 2 * n, width = 4 * n;
  const double *carried = first;
  int carried_stride = m;
  for (int i = 0; i < b->n_pieces; i++) {
    double *t = b->tableau + 12L * n * n * i;
    for (int r = 0; r < n; r++) {
      memcpy(t + (long)r * width, carried + (long)r * carried_stride, (size_t)m * sizeof *t);
      memset(t + (long)r * width + m, 0, (size_t)m * sizeof *t);
    }
    if (!eliminate(t, 3 * n, width, m, b->pivot + (long)i * m)) return false;
    carried = t + (long)m * width + m;
    carried_stride = width;
  }
  for (int r = 0; r < n; r++)
    memcpy(b->end + (long)r * m, carried + (long)r * carried_stride, (size_t)m * sizeof *carried);
  return eliminate(b->end, m, m, m, b->pivot + (long)b->n_pieces * m);
}

/* The steps of `eliminate` on one right-hand side: all its exchanges (which moved the rows of L too), then L. */
static void forward(const double *a, int n_rows, int stride, int n_pivots, const int *pivot, double *x)
{
  for (int k = 0; k < n_pivots; k++) {
    const double t = x[pivot[k]];
    x[pivot[k]] = x[k];
    x[k] = t;
  }
  for (int r = 1; r < n_rows; r++) {
    const double *row = a + (long)r * stride;
    const int n = r < n_pivots ? r : n_pivots;
    double sum = x[r];
    for (int k = 0; k < n; k++) sum -= row[k] * x[k];
    x[r] = sum;
  }
}

/* U x = y; known: what stands to the right of U times what is known already. */
static void backward(const double *a, int n, int stride, double *x, const double *known, int n_known)
{
  for (int k = n - 1; k >= 0; k--) {
    const double *row = a + (long)k * stride;
    double sum = x[k];
    for (int c = 0; c < n_known; c++) sum -= row[n + c] * known[c];
    for (int c = k + 1; c < n; c++) sum -= row[c] * x[c];
    x[k] = sum / row[k];
  }
}

void taup_blocktri_solve(const taup_blocktri *b, double *x, double *work)
{
  const int n = b->n, m = 2 * n, width = 4 * n;
  memcpy(work, x, (size_t)n * sizeof *x);
  for (int i = 0; i < b->n_pieces; i++) {
    /* the right-hand sides of piece i stand n places further on than its unknowns */
    memcpy(work + n, x + (long)i * m + n, (size_t)m * sizeof *x);
    forward(b->tableau + 12L * n * n * i, 3 * n, width, m, b->pivot + (long)i * m, work);
    memcpy(x + (long)i * m, work, (size_t)m * sizeof *x);
    memmove(work, work + m, (size_t)n * sizeof *x);
  }
  double *last = x + (long)b->n_pieces * m;
  memcpy(last, work, (size_t)n * sizeof *x);
  forward(b->end, m, m, m, b->pivot + (long)b->n_pieces * m, last);
  backward(b->end, m, m, last, NULL, 0);
  for (int i = b->n_pieces - 1; i >= 0; i--)
    backward(b->tableau + 12L * n * n * i, m, width, x + (long)i * m, x + (long)(i + 1) * m, m);
}

bool taup_lu_factor(int n, double *a, int *pivot) { return eliminate(a, n, n, n, pivot); }

static void subtract_row(double *to, const double *from, double factor, int n)
{
  for (int c = 0; c < n; c++) to[c] -= factor * from[c];
}

void taup_lu_solve(int n, const double *a, const int *pivot, double *b, int n_columns, int stride)
{
  if (n_columns == 1 && stride == 1) { /* row by row */
    forward(a, n, n, n, pivot, b);
    backward(a, n, n, b, NULL, 0);
    return;
  }
  for (int k = 0; k < n; k++)
    if (pivot[k] != k) swap_rows(b + (long)k * stride, b + (long)pivot[k] * stride, n_columns);
  for (int k = 0; k < n; k++)
    for (int r = k + 1; r < n; r++)
      if (a[(long)r * n + k] != 0.0)
        subtract_row(b + (long)r * stride, b + (long)k * stride, a[(long)r * n + k], n_columns);
  for (int k = n - 1; k >= 0; k--) {
    double *row = b + (long)k * stride;
    for (int c = k + 1; c < n; c++) subtract_row(row, b + (long)c * stride, a[(long)k * n + c], n_columns);
    for (int c = 0; c < n_columns; c++) row[c] /= a[(long)k * n + k];
  }
}

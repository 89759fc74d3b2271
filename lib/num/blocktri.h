/* SPDX-License-Identifier: Apache-2.0 */
/* blocktri.h - the linear algebra of a two-point boundary value problem cut into pieces.
 *
 * At each of n_pieces + 1 places stand m = 2 n unknowns x_i. n rows bind x_0, n rows bind the last x, and each piece has m rows
 *
 *     P_i x_i + Q_i x_(i+1) = r_i
 *
 * A sweep over the pieces eliminates x_i from the n rows that were left over and the m rows of the piece, with row pivoting inside these
 * 3 n rows; n rows in x_(i+1) are left over. Pivoting lets growing and falling solutions be eliminated in the direction in which each is
 * harmless (J. M. Varah, SIAM J. Numer. Anal. 13 (1976) 71; U. M. Ascher, R. M. M. Mattheij, R. D. Russell, Numerical Solution of Boundary
 * Value Problems, SIAM 1995, ch. 7). Time and memory are linear in the number of pieces. Nothing is allocated; one thread an object. */
#ifndef TAUP_BLOCKTRI_H
#define TAUP_BLOCKTRI_H

#include <stdbool.h>

/* Everything lies in memory of the caller. A tableau has 3 n rows of 4 n numbers, row-major: columns of x_i, then those of x_(i+1). The
 * rows of a piece are written to its tableau from row n on; the first n are filled by the sweep. */
typedef struct taup_blocktri {
  int n, n_pieces;
  double *tableau; /* n_pieces of 12 n^2 */
  double *end;     /* 2 n x 2 n: the last n rows are those that bind the last x */
  int *pivot;      /* (n_pieces + 1) of 2 n */
} taup_blocktri;

/* Row r (0 .. 2 n - 1) of piece i. */
static inline double *taup_blocktri_row(const taup_blocktri *b, int i, int r)
{
  return b->tableau + 12L * b->n * b->n * i + 4L * b->n * (b->n + r);
}

/* Factor; first: the n rows that bind x_0, n x 2 n. False: a pivot is 0 or no number. */
bool taup_blocktri_factor(taup_blocktri *b, const double *first);

/* Solve with the factors. x holds the right-hand sides: n of the first rows, m of each piece, n of the last rows, in this order; then the
 * unknowns, m of each place. work: 3 n. */
void taup_blocktri_solve(const taup_blocktri *b, double *x, double *work);

/* A small dense A = L U with row pivoting, row-major, in place; false: a pivot is 0 or no number. */
bool taup_lu_factor(int n, double *a, int *pivot);
/* A X = B of n_columns columns, in place; B row-major, its rows `stride` apart. */
void taup_lu_solve(int n, const double *a, const int *pivot, double *b, int n_columns, int stride);

#endif

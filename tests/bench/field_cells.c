/* SPDX-License-Identifier: Apache-2.0 */
/* field_cells.c - see field_cells.h. */
#include "bench/field_cells.h"

#include "bench/base.h"

#include <math.h>
#include <string.h>

enum { N = CELLS_N };
const double cells_peclet = 100.0;

static void rates(const cells_point *p, const double *c, double *f)
{
  const double *k = p->k, tau = p->tau;
  const double a = k[0] * c[0] * c[1], b = k[1] * c[0] * c[1], d = k[2] * c[2] * c[1], e = k[3] * c[3] * c[1];
  f[0] = tau * (-a - b);
  f[1] = tau * (-a - b - d - e);
  f[2] = tau * (a - d);
  f[3] = tau * (b - e);
  f[4] = tau * (d + e);
}

static void slopes(const cells_point *p, const double *c, double J[N][N])
{
  static const int consumed[4] = {0, 0, 2, 3}, made[4] = {2, 3, 4, 4};
  memset(J, 0, N * sizeof J[0]);
  for (int r = 0; r < 4; r++) {
    const int s = consumed[r];
    const double by_s = p->tau * p->k[r] * c[1], by_1 = p->tau * p->k[r] * c[s];
    J[s][s] -= by_s;
    J[s][1] -= by_1;
    J[1][s] -= by_s;
    J[1][1] -= by_1;
    J[made[r]][s] += by_s;
    J[made[r]][1] += by_1;
  }
}

/* In place: A is inverted into X B by elimination without exchanges, as the blocks are dominated by their diagonals. */
static void divide(double A[N][N], double *B, int columns)
{
  for (int k = 0; k < N; k++)
    for (int i = k + 1; i < N; i++) {
      const double l = A[i][k] / A[k][k];
      for (int j = k + 1; j < N; j++) A[i][j] -= l * A[k][j];
      for (int j = 0; j < columns; j++) B[i * columns + j] -= l * B[k * columns + j];
    }
  for (int k = N - 1; k >= 0; k--)
    for (int j = 0; j < columns; j++) {
      for (int i = k + 1; i < N; i++) B[k * columns + j] -= A[k][i] * B[i * columns + j];
      B[k * columns + j] /= A[k][k];
    }
}

/* Coefficients of the neighbours, alike for all species: central differences of the flux, closed ends. */
static void neighbours(const cells *x, int j, double *left, double *own, double *right)
{
  const double h = 1.0 / x->n, D = 1.0 / (cells_peclet * h);
  *left = j > 0 ? (0.5 + D) / h : 0.0;
  *right = j < x->n - 1 ? (-0.5 + D) / h : 0.0;
  *own = ((j > 0 ? 0.5 - D : 0.0) - (j < x->n - 1 ? 0.5 + D : 1.0)) / h;
}

/* One step of Newton's method; its largest component over the feed. */
static double newton(cells *x)
{
  double most = 0.0;
  for (int j = 0; j < x->n; j++) {
    double A[N][N], f[N], B[N][N + 1], left, own, right;
    neighbours(x, j, &left, &own, &right);
    rates(&x->at, x->c[j], f);
    slopes(&x->at, x->c[j], A);
    for (int i = 0; i < N; i++) {
      const double before = j > 0 ? x->c[j - 1][i] : 0.0, behind = j < x->n - 1 ? x->c[j + 1][i] : 0.0;
      x->r[j][i] =
        -(left * before + own * x->c[j][i] + right * behind + f[i] + (j > 0 ? 0.0 : x->at.feed[i] * x->n));
      if (j > 0) x->r[j][i] -= left * x->r[j - 1][i];
      A[i][i] += own;
      for (int k = 0; k < N && j > 0; k++) A[i][k] -= left * x->up[j - 1][i][k];
      for (int k = 0; k < N; k++) B[i][k] = i == k ? right : 0.0;
      B[i][N] = x->r[j][i];
    }
    divide(A, &B[0][0], N + 1);
    for (int i = 0; i < N; i++) {
      memcpy(x->up[j][i], B[i], sizeof x->up[j][i]);
      x->r[j][i] = B[i][N];
    }
  }
  for (int j = x->n - 1; j >= 0; j--)
    for (int i = 0; i < N; i++) {
      for (int k = 0; k < N && j < x->n - 1; k++) x->r[j][i] -= x->up[j][i][k] * x->r[j + 1][k];
      most = fmax(most, fabs(x->r[j][i]) / x->at.feed[0]);
    }
  for (int j = 0; j < x->n; j++)
    for (int i = 0; i < N; i++) x->c[j][i] += x->r[j][i];
  return most;
}

/* Plug flow by the midpoint rule, cell by cell, as the start; Newton's method until a step is below tolerance. */
int cells_solve(cells *x, int n, double tolerance)
{
  x->n = n;
  double c[N], f[N], middle[N];
  const double h = 1.0 / n;
  int n_steps = 0;
  memcpy(c, x->at.feed, sizeof c);
  for (int j = 0; j < x->n; j++) {
    rates(&x->at, c, f);
    for (int i = 0; i < N; i++) middle[i] = c[i] + 0.5 * h * f[i];
    rates(&x->at, middle, f);
    for (int i = 0; i < N; i++) x->c[j][i] = c[i] += h * f[i];
  }
  for (double step = 1.0; step > tolerance && n_steps < 50; n_steps++) step = newton(x);
  return n_steps;
}

/* --- in time --- */

static void in_time(const void *user, const double *c, double *f)
{
  const cells *x = user;
  for (int j = 0; j < x->n; j++, c += N, f += N) {
    double left, own, right;
    neighbours(x, j, &left, &own, &right);
    rates(&x->at, c, f);
    for (int i = 0; i < N; i++) {
      f[i] += own * c[i] + (j > 0 ? left * c[i - N] : x->at.feed[i] * x->n);
      if (j < x->n - 1) f[i] += right * c[i + N];
    }
  }
}

static void band(const void *user, const double *c, double *J)
{
  enum { WIDE = 3 * N + 1, AT = 2 * N };
  const cells *x = user;
  for (int j = 0; j < x->n; j++) {
    double A[N][N], left, own, right;
    neighbours(x, j, &left, &own, &right);
    slopes(&x->at, c + j * N, A);
    for (int i = 0; i < N; i++) {
      const int row = j * N + i;
      for (int k = 0; k < N; k++) J[(j * N + k) * WIDE + AT + i - k] = A[i][k] + (i == k ? own : 0.0);
      if (j > 0) J[(row - N) * WIDE + AT + N] = left;
      if (j < x->n - 1) J[(row + N) * WIDE + AT - N] = right;
    }
  }
}

base_solver *cells_by_cvode(cells *x, int n)
{
  const base_problem problem = {.n = n * N, .f = in_time, .J = band, .w = N};
  x->n = n;
  return base_new(&problem);
}

const double *cells_in_time(cells *x, base_solver *solver, double end, double rtol, double atol)
{
  memset(x->r, 0, sizeof x->r);
  const base_run run = {.user = x, .start = &x->r[0][0], .end = end, .rtol = rtol, .atol = atol};
  return base_solve(solver, &run, NULL);
}

void cells_extrapolate(cells *x, double *c)
{
  double coarse[N];
  cells_solve(x, MOST_CELLS / 2, 1e-13);
  memcpy(coarse, x->c[x->n - 1], sizeof coarse);
  cells_solve(x, MOST_CELLS, 1e-13);
  for (int i = 0; i < N; i++) c[i] = (4.0 * x->c[x->n - 1][i] - coarse[i]) / 3.0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* field.c - the SNAr coil with axial dispersion, Pe 100, steady: the library against a program as one writes it by hand, 400 cells of
 * second order, Newton's method and a block tridiagonal elimination.
 *
 *     field NETWORKS IGNORED OUT.json [SECONDS]
 *
 * Ours is run at the loosest rtol of a ladder at which its error is at most that of the 400 cells. Errors are those of the outlet, the
 * largest of all species over the feed, against the cells extrapolated from 3200 and 6400 (R. Richardson). */
#include <math.h>
#include <stdbool.h>
#include <tautrain.h>

#include "bench/timing.h"

enum { N = 5, MOST_CELLS = 6400, FEWEST_ROUNDS = 25 };
static const double k_ref[4] = {0.579, 0.0270, 0.00865, 0.0163}; /* [L/mol/s] at 90 degC */
static const double feed[N] = {0.5, 1.0, 0.0, 0.0, 0.0};         /* [mol/L] DFNB, Pyrr, ortho, para, bis */
static const double tau = 120.0, peclet = 100.0;

/* --- by hand --- */

static void rates(const double *c, double *f)
{
  const double a = k_ref[0] * c[0] * c[1], b = k_ref[1] * c[0] * c[1], d = k_ref[2] * c[2] * c[1],
               e = k_ref[3] * c[3] * c[1];
  f[0] = tau * (-a - b);
  f[1] = tau * (-a - b - d - e);
  f[2] = tau * (a - d);
  f[3] = tau * (b - e);
  f[4] = tau * (d + e);
}

static void slopes(const double *c, double J[N][N])
{
  static const int consumed[4] = {0, 0, 2, 3}, made[4] = {2, 3, 4, 4};
  memset(J, 0, N * sizeof J[0]);
  for (int r = 0; r < 4; r++) {
    const int s = consumed[r];
    const double by_s = tau * k_ref[r] * c[1], by_1 = tau * k_ref[r] * c[s];
    J[s][s] -= by_s;
    J[s][1] -= by_1;
    J[1][s] -= by_s;
    J[1][1] -= by_1;
    J[made[r]][s] += by_s;
    J[made[r]][1] += by_1;
  }
}

typedef struct cells {
  int n;
  double c[MOST_CELLS][N], r[MOST_CELLS][N];
  double up[MOST_CELLS][N][N]; /* of the cell before, over the pivot blocks */
} cells;

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
  const double h = 1.0 / x->n, D = 1.0 / (peclet * h);
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
    rates(x->c[j], f);
    slopes(x->c[j], A);
    for (int i = 0; i < N; i++) {
      const double before = j > 0 ? x->c[j - 1][i] : 0.0, behind = j < x->n - 1 ? x->c[j + 1][i] : 0.0;
      x->r[j][i] =
        -(left * before + own * x->c[j][i] + right * behind + f[i] + (j > 0 ? 0.0 : feed[i] * x->n));
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
      most = fmax(most, fabs(x->r[j][i]) / feed[0]);
    }
  for (int j = 0; j < x->n; j++)
    for (int i = 0; i < N; i++) x->c[j][i] += x->r[j][i];
  return most;
}

/* Plug flow by the midpoint rule, cell by cell, as the start; Newton's method until a step is below tolerance. */
static int solve(cells *x, double tolerance)
{
  double c[N], f[N], middle[N];
  const double h = 1.0 / x->n;
  int n_steps = 0;
  memcpy(c, feed, sizeof c);
  for (int j = 0; j < x->n; j++) {
    rates(c, f);
    for (int i = 0; i < N; i++) middle[i] = c[i] + 0.5 * h * f[i];
    rates(middle, f);
    for (int i = 0; i < N; i++) x->c[j][i] = c[i] += h * f[i];
  }
  for (double step = 1.0; step > tolerance && n_steps < 50; n_steps++) step = newton(x);
  return n_steps;
}

/* --- both --- */

typedef struct pair {
  tau_model *model;
  tau_train *train;
  tau_workspace *workspace;
  int observables[N];
  cells *x;
  double exact[N];
} pair;

static void extrapolate(pair *b)
{
  double coarse[N];
  b->x->n = MOST_CELLS / 2;
  solve(b->x, 1e-13);
  memcpy(coarse, b->x->c[b->x->n - 1], sizeof coarse);
  b->x->n = MOST_CELLS;
  solve(b->x, 1e-13);
  for (int i = 0; i < N; i++) b->exact[i] = (4.0 * b->x->c[b->x->n - 1][i] - coarse[i]) / 3.0;
}

static double error_of(const pair *b, const double *c)
{
  double most = 0.0;
  for (int i = 0; i < N; i++) most = fmax(most, fabs(c[i] - b->exact[i]) / feed[0]);
  return most;
}

static bool run_ours(pair *b, double rtol, double *c)
{
  const tau_result *r = NULL;
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.rtol = rtol;
  if (tau_train_run_in(&r, b->workspace, NULL, &o) != TAU_OK) return false;
  for (int i = 0; i < N; i++) c[i] = tau_result_values(r)[b->observables[i]] / 1000.0;
  return true;
}

static bool open_pair(pair *b, const char *networks)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/snar.yaml", networks);
  b->x = calloc(1, sizeof *b->x);
  if (!b->x || tau_model_read(&b->model, path) < 0 ||
      tau_model_set(b->model, "units/coil/type", "pfr-dispersed") < 0 ||
      tau_model_set(b->model, "units/coil/peclet", "100") < 0 ||
      tau_model_set(b->model, "units/coil/at", "5 mL") < 0 || tau_train_compile(&b->train, b->model) < 0 ||
      tau_workspace_new(&b->workspace, b->train) < 0)
    return false;
  for (int i = 0; i < N; i++) {
    snprintf(path, sizeof path, "outlet/c/%s", tau_train_species(b->train, i));
    if ((b->observables[i] = tau_train_observable_index(b->train, path)) < 0) return false;
  }
  extrapolate(b);
  return true;
}

static void close_pair(pair *b)
{
  tau_workspace_free(b->workspace);
  tau_train_free(b->train);
  tau_model_free(b->model);
  free(b->x);
}

/* Medians of turns [us], ours and the base, in pairs. */
static int time_both(pair *b, double rtol, double seconds, double *ours, double *base)
{
  double a[MOST_ROUNDS], c[MOST_ROUNDS], out[N];
  int n = 0;
  for (const double begin = now(); n < MOST_ROUNDS && (n < FEWEST_ROUNDS || now() - begin < seconds); n++) {
    const double t0 = now();
    run_ours(b, rtol, out);
    const double t1 = now();
    b->x->n = 400;
    solve(b->x, 1e-8);
    a[n] = 1e6 * (t1 - t0);
    c[n] = 1e6 * (now() - t1);
  }
  *ours = quantile(n, a, 0.5);
  *base = quantile(n, c, 0.5);
  return n;
}

int main(int argc, char **argv)
{
  pair b = {0};
  double c[N], rtol = 1e-2, ours, base, mine = INFINITY;
  if (argc < 4 || !open_pair(&b, argv[1])) {
    fprintf(stderr, "field NETWORKS IGNORED OUT.json [SECONDS]: %s\n", tau_last_error());
    return 2;
  }
  b.x->n = 400;
  const int n_newton = solve(b.x, 1e-8);
  const double theirs = error_of(&b, b.x->c[399]);
  for (; rtol > 1e-12; rtol *= 0.1)
    if (run_ours(&b, rtol, c) && (mine = error_of(&b, c)) <= theirs) break;
  const int n = time_both(&b, rtol, argc > 4 ? atof(argv[4]) : 2.0, &ours, &base);
  FILE *out = fopen(argv[3], "w");
  if (!out) return 2;
  fprintf(out,
          "[{\"name\": \"field, steady\", \"ours\": %.3f, \"base\": %.3f, \"unit\": \"us\", \"ratio\": %.4f, "
          "\"target\": %.4f,\n"
          "  \"error_ours\": %.3g, \"error_base\": %.3g, \"note\": \"Pe 100, ours at rtol %g; by hand 400 "
          "cells of second "
          "order, %d steps of Newton's method; medians of %d pairs; the target is 250 us\"}]\n",
          ours, base, ours / base, 250.0 / base, mine, theirs, rtol, n_newton, n);
  fclose(out);
  close_pair(&b);
  return mine <= theirs ? 0 : 1;
}

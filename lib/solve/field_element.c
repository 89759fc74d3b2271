/* SPDX-License-Identifier: Apache-2.0 */
/* field_element.c - one element of a field (the equations stand in field_work.h): its coefficients, f and df/dy at its points, and the
 * elimination of what is inside.
 *
 * Newton's equations of an element, r the residuals, J_j = df/dy at point j:
 *
 *     dY_l - h sum_j P_lj J_j dY_j = e_l dy_1 + (1 - e_l) dg_0 - r_l                 l = 1 .. K - 1
 *     dy_0 = e_0 dy_1 + (1 - e_0) dg_0 + h sum_j P_0j J_j dY_j - r_y
 *     dg_1 = dg_0 + h sum_j b_j J_j dY_j - r_g
 *
 * with dY_K = dy_1. The first are solved for the inner points; what is left binds the ends of the element and goes to num/blocktri. */
#include <math.h>
#include <string.h>

#include "num/decay.h"
#include "solve/field_group.h"

enum { K = TAUP_BVP_K, INNER = TAUP_BVP_INNER, WIDE = 4 };

/* --- the method --- */

/* p(t + shift) in powers of t, from that of p. */
static void shift_polynomial(double *p, int degree, double shift)
{
  for (int i = 0; i < degree; i++)
    for (int k = degree - 1; k >= i; k--) p[k] += shift * p[k + 1];
}

static void integrated_lagrange(const double *c, int j, double *out)
{
  double p[K] = {1.0};
  int degree = 0;
  for (int i = 0; i < K; i++) {
    if (i == j) continue;
    degree++;
    for (int k = degree; k >= 0; k--) p[k] = ((k > 0 ? p[k - 1] : 0.0) - c[i] * p[k]) / (c[j] - c[i]);
  }
  out[0] = 0.0;
  for (int k = 0; k < K; k++) out[k + 1] = p[k] / (k + 1);
}

/* Of the polynomial through the begin of an element and its points, at tau. */
static void lagrange(const double *c, double tau, double weight[K + 1])
{
  for (int j = 0; j <= K; j++) {
    const double own = j > 0 ? c[j - 1] : 0.0;
    weight[j] = 1.0;
    for (int i = 0; i <= K; i++) {
      const double other = i > 0 ? c[i - 1] : 0.0;
      if (i != j) weight[j] *= (tau - other) / (own - other);
    }
  }
}

void taup_bvp_method_make(taup_bvp_method *m)
{
  /* roots of (P_4 - P_3)(2 t - 1); E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. 1996, IV.5 */
  static const double radau[K] = {0.08858795951270394739554614376945619688,
                                  0.40946686444073471086492625206882864052,
                                  0.78765946176084705602524188987599623338, 1.0};
  memcpy(m->c, radau, sizeof radau);
  for (int j = 0; j < INNER; j++) {
    lagrange(radau, 0.5 * radau[j], m->halves[j]);
    lagrange(radau, 0.5 + 0.5 * radau[j], m->halves[INNER + j]);
  }
  lagrange(radau, 0.5, m->halves[2 * INNER]);
  for (int j = 0; j < K; j++) {
    integrated_lagrange(m->c, j, m->L[j]);
    m->b[j] = m->L_middle[j] = 0.0;
    for (int k = 0; k <= K; k++) m->b[j] += m->L[j][k];
    for (int k = 0; k <= K; k++) m->L_middle[j] += ldexp(m->L[j][k], -k);
    for (int row = 0; row < K; row++) {
      memcpy(m->about[row][j], m->L[j], sizeof m->L[j]);
      shift_polynomial(m->about[row][j], K, row > 0 ? m->c[row - 1] : 0.0);
    }
  }
}

void taup_bvp_weights(double z, double tau, const double (*L)[K + 1], double *e, double *rest, double *P)
{
  double moment[K + 1];
  taup_decay_moments(z, 1.0 - tau, K, moment);
  *e = exp(-z * (1.0 - tau));
  *rest = moment[0];
  for (int j = 0; j < K; j++) {
    P[j] = 0.0;
    for (int m = 0; m <= K; m++) P[j] += L[j][m] * moment[m];
  }
}

void taup_bvp_coefficients_make(taup_bvp *f, const taup_bvp_state *a)
{
  static const double alike = 2e-14; /* relative: halves of an element differ by the rounding of its middle */
  const taup_bvp_method *m = &f->method;
  const taup_bvp_coefficients *last = NULL;
  double before = 0.0;
  for (int i = 0; i < a->n_elements; i++) {
    if (a->gap > 0 && i == a->gap) continue;
    taup_bvp_coefficients *k = &f->coefficients[i];
    const double h = a->s[i + 1] - a->s[i], z = f->problem->peclet * h;
    if (last && fabs(h - before) <= alike * h) {
      *k = *last;
      continue;
    }
    last = k;
    before = h;
    for (int row = 0; row < K; row++)
      taup_bvp_weights(z, row > 0 ? m->c[row - 1] : 0.0, (const double(*)[K + 1]) m->about[row], &k->e[row],
                       &k->rest[row], k->P[row]);
  }
}

/* --- f and df/dy --- */

static const double *point(const taup_bvp *f, const taup_bvp_state *a, int element, int j)
{
  const ptrdiff_t n = f->n;
  return j < INNER ? a->inner + (element * INNER + j) * n : a->y + (element + 1) * n;
}

static bool all_finite(const double *x, int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += x[i] * 0.0;
  return sum == 0.0;
}

/* A body at WIDE states in turn, into out [entry * WIDE + lane]. */
static bool run_narrow(taup_bvp *f, int body, int n_out, const double *const *y)
{
  const taup_program *p = f->system->program;
  double *R = f->problem->R, *in = taup_program_input(p, 1, R, TAUP_STATE, 0);
  double *one = f->out + (ptrdiff_t)n_out * WIDE;
  for (int lane = 0; lane < WIDE; lane++) {
    for (int i = 0; i < f->n; i++) in[i] = y[lane][i] * f->problem->scale[i];
    if (taup_program_run(p, body, 1, R, one) != 0) return false;
    for (int k = 0; k < n_out; k++) f->out[k * WIDE + lane] = one[k];
  }
  return all_finite(f->out, n_out * WIDE);
}

static bool run_wide(taup_bvp *f, int body, int n_out, const double *const *y)
{
  if (!f->wide) return run_narrow(f, body, n_out, y);
  const taup_program *p = f->system->program;
  double *in = taup_program_input(p, WIDE, f->wide_R, TAUP_STATE, 0);
  for (int i = 0; i < f->n; i++)
    for (int lane = 0; lane < WIDE; lane++) in[i * WIDE + lane] = y[lane][i] * f->problem->scale[i];
  return taup_program_run(p, body, WIDE, f->wide_R, f->out) == 0 && all_finite(f->out, n_out * WIDE);
}

/* What is held changes: a step of the implicit Euler method from what is held. */
static void accumulate(const taup_bvp *f, const taup_bvp_state *a, int e, double *slope)
{
  for (int j = 0; j < K; j++) {
    const double *y = point(f, a, e, j), *before = point(f, &f->held, e, j);
    for (int i = 0; i < f->n; i++) slope[j * f->n + i] -= f->per_time * (y[i] - before[i]);
  }
}

bool taup_bvp_evaluate(taup_bvp *f, taup_bvp_state *a)
{
  const int n = f->n;
  const double *y[K];
  if (f->groups && taup_groups_evaluate(f, a)) {
    f->counts.n_rhs += K * taup_bvp_n_real(a);
    for (int e = 0; e < a->n_elements && f->per_time > 0.0; e++)
      accumulate(f, a, e, a->slope + (ptrdiff_t)e * K * n);
    return true;
  }
  if (a->gap > 0) return false;
  for (int e = 0; e < a->n_elements; e++) {
    for (int j = 0; j < K; j++) y[j] = point(f, a, e, j);
    f->counts.n_rhs += K;
    if (!run_wide(f, f->system->body_f, n, y)) {
      f->failure = (taup_failure){.kind = TAUP_ERR_NOT_FINITE_EQUATIONS,
                                  .why = "the equations gave no finite number",
                                  .s = a->s[e + 1],
                                  .worst = {-1, -1, -1}};
      return false;
    }
    double *slope = a->slope + (ptrdiff_t)e * K * n;
    for (int j = 0; j < K; j++)
      for (int i = 0; i < n; i++) slope[j * n + i] = f->out[i * WIDE + j] / f->problem->scale[i];
    if (f->per_time > 0.0) accumulate(f, a, e, slope);
  }
  return true;
}

static bool jacobians(taup_bvp *f, const taup_bvp_state *a, int e)
{
  const taup_system *s = f->system;
  const int n = f->n;
  const double *y[K];
  double *J = f->jacobian + (ptrdiff_t)e * K * n * n;
  for (int j = 0; j < K; j++) y[j] = point(f, a, e, j);
  if (!run_wide(f, s->body_J, s->column_start[n], y)) return false;
  memset(J, 0, (size_t)(K * n * n) * sizeof *J);
  for (int c = 0; c < n; c++)
    for (int k = s->column_start[c]; k < s->column_start[c + 1]; k++) {
      const int r = s->row[k];
      const double factor = f->problem->scale[c] / f->problem->scale[r];
      for (int j = 0; j < K; j++) J[(j * n + r) * n + c] = factor * f->out[k * WIDE + j];
    }
  for (int r = 0; r < n && f->per_time > 0.0; r++)
    for (int j = 0; j < K; j++) J[(j * n + r) * n + r] -= f->per_time;
  return true;
}

/* --- the inside of an element --- */

/* I - h P J of the inner points, and what dy_1 and dg_0 do to them. */
static bool eliminate_inside(taup_bvp *f, int e, double h)
{
  const int n = f->n, m = INNER * n;
  const taup_bvp_coefficients *k = &f->coefficients[e];
  const double *J = f->jacobian + (ptrdiff_t)e * K * n * n;
  double *A = f->inner_lu + (ptrdiff_t)e * m * m, *B = f->by + (ptrdiff_t)e * m * 2 * n;
  memset(B, 0, (size_t)(m * 2 * n) * sizeof *B);
  for (int l = 0; l < INNER; l++)
    for (int r = 0; r < n; r++) {
      double *row = A + (l * n + r) * m, *right = B + (l * n + r) * 2 * n;
      for (int j = 0; j < INNER; j++)
        for (int c = 0; c < n; c++) row[j * n + c] = -h * k->P[l + 1][j] * J[(j * n + r) * n + c];
      for (int c = 0; c < n; c++) right[c] = h * k->P[l + 1][INNER] * J[(INNER * n + r) * n + c];
      row[l * n + r] += 1.0;
      right[r] += k->e[l + 1];
      right[n + r] = k->rest[l + 1];
    }
  int *pivot = f->inner_pivot + (ptrdiff_t)e * m;
  if (!taup_lu_factor(m, A, pivot)) return false;
  taup_lu_solve(m, A, pivot, B, 2 * n, 2 * n);
  return true;
}

/* sum_j weight_j J_j X_j of the inner points: n x n_columns, added to rows of the blocks (stride apart) with a sign. */
static void add_inside(const taup_bvp *f, int e, const double *weight, const double *X, double *to)
{
  const int n = f->n;
  const double *J = f->jacobian + (ptrdiff_t)e * K * n * n;
  for (int j = 0; j < INNER; j++)
    for (int r = 0; r < n; r++)
      for (int i = 0; i < n; i++) {
        const double a = weight[j] * J[(j * n + r) * n + i];
        if (a == 0.0) continue;
        const double *x = X + (ptrdiff_t)(j * n + i) * 2 * n;
        double *row = to + (ptrdiff_t)r * 2 * n;
        for (int c = 0; c < 2 * n; c++) row[c] += a * x[c];
      }
}

/* The 2 n rows of a piece: y_0 by (g_0, y_1), then g_1 by the same. */
static void write_piece(taup_bvp *f, int e, double h)
{
  const int n = f->n;
  const taup_bvp_coefficients *k = &f->coefficients[e];
  const double *J = f->jacobian + ((ptrdiff_t)e * K + INNER) * n * n;
  const double *X = f->by + (ptrdiff_t)e * INNER * n * 2 * n;
  for (int part = 0; part < 2; part++) {
    const double *P = part == 0 ? k->P[0] : f->method.b;
    double weight[INNER], *sum = f->work; /* n x 2 n: columns dy_1, dg_0 */
    for (int j = 0; j < INNER; j++) weight[j] = h * P[j];
    for (int r = 0; r < n; r++)
      for (int c = 0; c < n; c++) {
        sum[r * 2 * n + c] = h * P[INNER] * J[r * n + c];
        sum[r * 2 * n + n + c] = 0.0;
      }
    add_inside(f, e, weight, X, sum);
    for (int r = 0; r < n; r++) {
      double *row = taup_blocktri_row(&f->blocks, e, part * n + r); /* y_0, g_0, y_1, g_1 */
      memset(row, 0, (size_t)(4 * n) * sizeof *row);
      for (int c = 0; c < n; c++) {
        row[n + c] = -sum[r * 2 * n + n + c];
        row[2 * n + c] = -sum[r * 2 * n + c];
      }
      row[part == 0 ? r : 3 * n + r] = 1.0;
      row[n + r] -= part == 0 ? k->rest[0] : 1.0;
      row[2 * n + r] -= part == 0 ? k->e[0] : 0.0;
    }
  }
}

bool taup_bvp_factor_with_exchanges(taup_bvp *f, const taup_bvp_state *a)
{
  const int n = f->n;
  f->by_groups = false;
  f->blocks.n_pieces = a->n_elements;
  for (int e = 0; e < a->n_elements; e++) {
    const double h = a->s[e + 1] - a->s[e];
    if (!jacobians(f, a, e) || !eliminate_inside(f, e, h)) return false;
    write_piece(f, e, h);
  }
  memset(f->first, 0, (size_t)(2 * n * n) * sizeof *f->first);
  memset(f->blocks.end, 0, (size_t)(4 * n * n) * sizeof *f->first);
  for (int r = 0; r < n; r++) {
    f->first[r * 2 * n + n + r] = 1.0;
    f->blocks.end[(n + r) * 2 * n + r] = 1.0;
    f->blocks.end[(n + r) * 2 * n + n + r] = -1.0;
  }
  return taup_blocktri_factor(&f->blocks, f->first);
}

bool taup_bvp_factor(taup_bvp *f, const taup_bvp_state *a)
{
  f->counts.n_jacobian++;
  f->by_groups = f->groups && taup_groups_factor(f, a);
  return f->by_groups || (a->gap == 0 && taup_bvp_factor_with_exchanges(f, a));
}

/* --- steps --- */

/* What the equations of row `row` (0: y_0; else inner point) lack, component i. */
static double defect(const taup_bvp *f, const taup_bvp_state *a, int e, int row, int i)
{
  const int n = f->n;
  const taup_bvp_coefficients *k = &f->coefficients[e];
  const double h = a->s[e + 1] - a->s[e], *slope = a->slope + (ptrdiff_t)e * K * n;
  const double own =
    row == 0 ? a->y[(ptrdiff_t)e * n + i] : a->inner[((ptrdiff_t)e * INNER + row - 1) * n + i];
  double sum = k->e[row] * a->y[(ptrdiff_t)(e + 1) * n + i] + k->rest[row] * a->g[(ptrdiff_t)e * n + i];
  for (int j = 0; j < K; j++) sum += h * k->P[row][j] * slope[j * n + i];
  if (f->extra) sum += f->extra[((ptrdiff_t)e * K + row) * n + i];
  return sum - own;
}

/* The inner points' own part of the step, and the right-hand sides of the piece. */
static void reduce(taup_bvp *f, const taup_bvp_state *a, int e)
{
  const int n = f->n, m = INNER * n;
  const double h = a->s[e + 1] - a->s[e], *slope = a->slope + (ptrdiff_t)e * K * n, *b = f->method.b;
  const double *J = f->jacobian + (ptrdiff_t)e * K * n * n;
  double *x = f->step_inner + (ptrdiff_t)e * m, *to = f->step + n + (ptrdiff_t)e * 2 * n;
  for (int l = 0; l < INNER; l++)
    for (int i = 0; i < n; i++) x[l * n + i] = defect(f, a, e, l + 1, i);
  taup_lu_solve(m, f->inner_lu + (ptrdiff_t)e * m * m, f->inner_pivot + (ptrdiff_t)e * m, x, 1, 1);
  for (int i = 0; i < n; i++) {
    double of_y = defect(f, a, e, 0, i);
    double of_g = a->g[(ptrdiff_t)e * n + i] - a->g[(ptrdiff_t)(e + 1) * n + i];
    for (int j = 0; j < K; j++) of_g += h * b[j] * slope[j * n + i];
    for (int j = 0; j < INNER; j++) {
      double moved = 0.0;
      for (int c = 0; c < n; c++) moved += J[(j * n + i) * n + c] * x[j * n + c];
      of_y += h * f->coefficients[e].P[0][j] * moved;
      of_g += h * b[j] * moved;
    }
    to[i] = of_y;
    to[n + i] = of_g;
  }
}

void taup_bvp_step(taup_bvp *f, const taup_bvp_state *a)
{
  const int n = f->n, N = a->n_elements;
  if (f->by_groups) {
    taup_groups_step(f, a);
    return;
  }
  for (int i = 0; i < n; i++) {
    f->step[i] = f->problem->y_in[i] / f->problem->scale[i] - a->g[i];
    f->step[n + (ptrdiff_t)N * 2 * n + i] = a->g[(ptrdiff_t)N * n + i] - a->y[(ptrdiff_t)N * n + i];
  }
  for (int e = 0; e < N; e++) reduce(f, a, e);
  taup_blocktri_solve(&f->blocks, f->step, f->work);
  for (int e = 0; e < N; e++) {
    const double *dg = f->step + (ptrdiff_t)e * 2 * n + n, *dy = dg + n,
                 *X = f->by + (ptrdiff_t)e * INNER * n * 2 * n;
    double *x = f->step_inner + (ptrdiff_t)e * INNER * n;
    for (int r = 0; r < INNER * n; r++)
      for (int c = 0; c < n; c++) x[r] += X[r * 2 * n + c] * dy[c] + X[r * 2 * n + n + c] * dg[c];
  }
}

/* --- between the mesh points --- */

int taup_bvp_element(const taup_bvp_state *a, double s)
{
  int low = 0, high = a->n_elements - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (a->s[middle] <= s) low = middle;
    else high = middle - 1;
  }
  return low;
}

void taup_bvp_about(const taup_bvp *f, double tau, double (*L)[K + 1])
{
  for (int j = 0; j < K; j++) {
    memcpy(L[j], f->method.L[j], sizeof L[j]);
    shift_polynomial(L[j], K, tau);
  }
}

void taup_bvp_collocated(taup_bvp *f, const taup_bvp_state *a, int e, double tau, double *y, double *g)
{
  const int n = f->n;
  const double h = a->s[e + 1] - a->s[e], *slope = a->slope + (ptrdiff_t)e * K * n;
  double L[K][K + 1], P[K], own, rest;
  taup_bvp_about(f, tau, L);
  taup_bvp_weights(f->problem->peclet * h, tau, (const double(*)[K + 1]) L, &own, &rest, P);
  for (int i = 0; i < n; i++) {
    const double g0 = a->g[(ptrdiff_t)e * n + i];
    g[i] = g0;
    y[i] = own * a->y[(ptrdiff_t)(e + 1) * n + i] + rest * g0;
    for (int j = 0; j < K; j++) {
      g[i] += h * L[j][0] * slope[j * n + i];
      y[i] += h * P[j] * slope[j * n + i];
    }
  }
}

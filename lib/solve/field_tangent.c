/* SPDX-License-Identifier: Apache-2.0 */
/* field_tangent.c - how the solution of a field moves with what its equations depend on.
 *
 * The discrete equations Phi(X, p) = 0 (field_work.h) hold for every p, so Phi_X dX = -Phi_p dp, with Newton's matrix Phi_X at the
 * solution. Phi_p dp has three parts: the inlet at the left end; f at every point; and Pe through the coefficients, whose derivatives are
 *
 *     d e(tau)/dz = -(1 - tau) e(tau)         d M_m/dz = M_m / z - M_(m+1)         M_m = z integral of exp(-z t) t^m dt
 */
#include <math.h>
#include <string.h>

#include "num/decay.h"
#include "solve/field_work.h"

enum { K = TAUP_BVP_K, INNER = TAUP_BVP_INNER };

/* How y at tau of element e moves with Pe when nothing else does, component by component; L about tau. */
static void by_peclet(const taup_bvp *f, int e, double tau, const double (*L)[K + 1], double *out)
{
  const taup_bvp_state *a = &f->now;
  const ptrdiff_t n = f->n;
  const double h = a->s[e + 1] - a->s[e], z = f->problem->peclet * h, dz = f->moved_peclet * h;
  double moment[K + 2], dP[K];
  taup_decay_moments(z, 1.0 - tau, K + 1, moment);
  for (int j = 0; j < K; j++) {
    dP[j] = 0.0;
    for (int m = 0; m <= K; m++) dP[j] += L[j][m] * (moment[m] / z - moment[m + 1]);
  }
  const double de = -(1.0 - tau) * exp(-z * (1.0 - tau)), *slope = a->slope + e * K * n;
  for (int i = 0; i < n; i++) {
    double sum = de * (a->y[(e + 1) * n + i] - a->g[e * n + i]);
    for (int j = 0; j < K; j++) sum += h * dP[j] * slope[j * n + i];
    out[i] = dz * sum;
  }
}

bool taup_bvp_linearise(taup_bvp *f)
{
  taup_bvp_coefficients_make(f, &f->now);
  return taup_bvp_factor_with_exchanges(f, &f->now);
}

static const double *point_of(const taup_bvp *f, const taup_bvp_state *a, int e, int j)
{
  const ptrdiff_t n = f->n;
  return j < INNER ? a->inner + ((ptrdiff_t)e * INNER + j) * n : a->y + (e + 1) * n;
}

/* The right-hand sides as of a state that is 0 everywhere, with slopes of its own. */
static void prepare(taup_bvp *f, const taup_bvp_direction *d)
{
  const taup_bvp_state *a = &f->now;
  taup_bvp_state *t = &f->trial;
  const ptrdiff_t n = f->n, N = a->n_elements;
  const double *scale = f->problem->scale;
  t->n_elements = a->n_elements;
  t->gap = 0;
  memcpy(t->s, a->s, (size_t)(N + 1) * sizeof(double));
  memset(t->y, 0, (size_t)((N + 1) * n) * sizeof(double));
  memset(t->g, 0, (size_t)((N + 1) * n) * sizeof(double));
  memset(t->inner, 0, (size_t)(N * INNER * n) * sizeof(double));
  for (int e = 0; e < N; e++)
    for (int j = 0; j < K; j++) {
      const double *y = point_of(f, a, e, j);
      double *slope = t->slope + ((ptrdiff_t)e * K + j) * n;
      for (int i = 0; i < n; i++) f->point_y[i] = y[i] * scale[i];
      d->f(d->user, f->point_y, slope);
      for (int i = 0; i < n; i++) slope[i] /= scale[i];
      by_peclet(f, e, j > 0 ? f->method.c[j - 1] : 0.0, (const double(*)[K + 1]) f->method.about[j],
                f->extra_room + ((ptrdiff_t)e * K + j) * n);
    }
}

/* What the step leads to, and how f moves with it. */
static void take(taup_bvp *f)
{
  taup_bvp_state *t = &f->trial;
  const ptrdiff_t n = f->n, N = t->n_elements;
  for (int k = 0; k <= N; k++) {
    memcpy(t->y + k * n, f->step + 2 * k * n, (size_t)n * sizeof(double));
    memcpy(t->g + k * n, f->step + (2 * k + 1) * n, (size_t)n * sizeof(double));
  }
  memcpy(t->inner, f->step_inner, (size_t)(N * INNER * n) * sizeof(double));
  for (int e = 0; e < N; e++)
    for (int j = 0; j < K; j++) {
      const double *dy = point_of(f, t, e, j), *J = f->jacobian + ((ptrdiff_t)e * K + j) * n * n;
      for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++) t->slope[((ptrdiff_t)e * K + j) * n + r] += J[r * n + c] * dy[c];
    }
}

void taup_bvp_tangent(taup_bvp *f, const taup_bvp_direction *d)
{
  const double *y_in = f->asked.y_in;
  f->moved_peclet = d->peclet;
  prepare(f, d);
  f->asked.y_in = d->y_in;
  f->extra = f->extra_room;
  taup_bvp_step(f, &f->trial);
  f->extra = NULL;
  f->asked.y_in = y_in;
  take(f);
}

void taup_bvp_tangent_at(taup_bvp *f, double s, double *dy, double *dg)
{
  const int e = taup_bvp_element(&f->now, s);
  const double tau = (s - f->now.s[e]) / (f->now.s[e + 1] - f->now.s[e]);
  double L[K][K + 1];
  taup_bvp_collocated(f, &f->trial, e, tau, dy, dg);
  taup_bvp_about(f, tau, L);
  by_peclet(f, e, tau, (const double(*)[K + 1]) L, f->point_dy);
  for (int i = 0; i < f->n; i++) {
    dy[i] = (dy[i] + f->point_dy[i]) * f->problem->scale[i];
    dg[i] *= f->problem->scale[i];
  }
}

void taup_bvp_each_point(taup_bvp *f, taup_bvp_point_fn look, void *user)
{
  const taup_bvp_state *a = &f->now;
  for (int e = 0; e < a->n_elements; e++)
    for (int j = 0; j < K; j++) {
      const double *y = point_of(f, a, e, j), *dy = point_of(f, &f->trial, e, j);
      for (int i = 0; i < f->n; i++) {
        f->point_y[i] = y[i] * f->problem->scale[i];
        f->point_dy[i] = dy[i] * f->problem->scale[i];
      }
      look(user, (a->s[e + 1] - a->s[e]) * f->method.b[j], f->point_y, f->point_dy);
    }
}

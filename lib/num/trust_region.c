/* SPDX-License-Identifier: Apache-2.0 */
/* trust_region.c - one step of Levenberg and Marquardt.
 *
 * With A the weighted Jacobian and g the weighted residual the step p minimises |g + A p| for |D p| <= radius, D the lengths of A's columns
 * (the largest of late). A D^-1 = Q R, R = U S V^T, d = U^T Q^T g:
 *
 *     D p = -V (S^2 + lambda)^-1 S d,   lambda = 0 or such that |D p| = radius
 *
 * by Newton's method on 1/|D p(lambda)| - 1/radius (J. J. More, Lecture Notes in Mathematics 630 (1978) 105). J^T J is never formed.
 *
 * Robust losses by the second-order correction of Triggs: with rho', rho'' at z = (r/C)^2 and h = max(rho' + 2 z rho'', rho'/10) the row is
 * J sqrt(h) and the residual r rho'/sqrt(h), so that A^T g is the gradient and A^T A the Hessian without second derivatives of f.
 *
 * Bounds: a parameter at its bound that the gradient presses against is held; one that the step would carry beyond its bound goes as far as
 * that, and the others are sought again without it. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "num/lapack.h"
#include "num/least_squares.h"
#include "num/loss.h"

static double length_of(int n, const double *x)
{
  double largest = 0.0, sum = 0.0;
  for (int i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
  if (largest == 0.0 || !isfinite(largest)) return largest;
  for (int i = 0; i < n; i++) sum += (x[i] / largest) * (x[i] / largest);
  return largest * sqrt(sum);
}

static double *column(const taup_lsq *l, double *a, int j) { return a + (size_t)j * (size_t)l->p.m; }

/* --- the linear model --- */

/* Of the lengths of columns, a point: those of a bad start are forgotten after some tens. Kept for ever, as by More, they let the search of
 * MGH10 crawl along a valley into another basin. */
static const double memory = 0.9;

static void weigh_row(taup_lsq *l, int i, double factor)
{
  const double *row = l->J + (size_t)i * (size_t)l->p.n;
  for (int j = 0; j < l->p.n; j++) column(l, l->A, j)[i] = l->fixed[j] ? 0.0 : factor * row[j];
}

void taup_lsq_weigh(taup_lsq *l)
{
  const double scale2 = l->p.loss == TAU_LOSS_LINEAR ? 1.0 : l->p.loss_scale * l->p.loss_scale;
  double size = 0.0;
  l->cost = l->chi2 = 0.0;
  for (int i = 0; i < l->p.m; i++) {
    const double w = l->p.sigma ? 1.0 / l->p.sigma[i] : 1.0, r = (l->f[i] - l->p.y[i]) * w;
    const double z = r * r / scale2;
    const taup_rho rho = taup_loss_rho(l->p.loss, z);
    const double h = sqrt(fmax(rho.first + 2.0 * z * rho.second, 0.1 * rho.first));
    l->g[i] = r * rho.first / h;
    l->cost += scale2 * rho.value;
    l->chi2 += r * r;
    size += (l->f[i] * w) * (l->f[i] * w);
    weigh_row(l, i, w * h);
  }
  l->size = sqrt(size);
  l->noise = l->noise_factor * l->size;
  for (int j = 0; j < l->p.n; j++) l->D[j] *= memory;
  l->is_factored = false;
}

static void find_gradient(taup_lsq *l)
{
  for (int j = 0; j < l->p.n; j++) {
    double *a = column(l, l->A, j);
    const double size = length_of(l->p.m, a);
    l->D[j] = fmax(l->D[j], size);
    l->gradient[j] = 0.0;
    for (int i = 0; i < l->p.m; i++) l->gradient[j] += a[i] * l->g[i];
    l->held[j] = l->fixed[j] || (l->b[j] <= l->p.lower[j] && l->gradient[j] > 0.0) ||
                 (l->b[j] >= l->p.upper[j] && l->gradient[j] < 0.0);
  }
}

/* Q R of the columns that are not held, divided by D; singular values of R; d from the residual in c. */
static tau_status decompose(taup_lsq *l)
{
  const int m = l->p.m, n = l->p.n;
  l->n_free = 0;
  for (int j = 0; j < n; j++) {
    if (l->held[j]) continue;
    const double *a = column(l, l->A, j);
    double *q = column(l, l->Q, l->n_free);
    const double scale = l->D[j] > 0.0 ? 1.0 / l->D[j] : 1.0;
    for (int i = 0; i < m; i++) q[i] = a[i] * scale;
    l->place[l->n_free++] = j;
  }
  const int k = l->n_free;
  if (!k) return TAU_OK;
  taup_qr(m, k, l->Q, l->c, l->work, l->n_work);
  double *R = l->z + n; /* k x k */
  for (int j = 0; j < k; j++)
    for (int i = 0; i < k; i++) R[i + j * k] = i <= j ? column(l, l->Q, j)[i] : 0.0;
  TAU_TRY(taup_svd(k, R, l->s, l->u, l->vt, l->work, l->n_work));
  for (int i = 0; i < k; i++) {
    l->d[i] = 0.0;
    for (int j = 0; j < k; j++) l->d[i] += l->u[j + i * k] * l->c[j];
  }
  return TAU_OK;
}

static double least_singular_value(const taup_lsq *l, double jacobian_error)
{
  return l->n_free ? jacobian_error * l->s[0] : 0.0;
}

tau_status taup_lsq_factor(taup_lsq *l, double jacobian_error)
{
  find_gradient(l);
  memcpy(l->c, l->g, (size_t)l->p.m * sizeof *l->c);
  TAU_TRY(decompose(l));
  const double least = least_singular_value(l, jacobian_error);
  for (int i = 0; i < l->n_free; i++) l->z[i] = l->s[i] > least ? l->d[i] : 0.0;
  l->offset = length_of(l->n_free, l->z);
  l->is_factored = true;
  return TAU_OK;
}

tau_status taup_lsq_factor_all(taup_lsq *l)
{
  find_gradient(l);
  memcpy(l->held, l->fixed, (size_t)l->p.n * sizeof *l->held);
  memcpy(l->c, l->g, (size_t)l->p.m * sizeof *l->c);
  l->is_factored = false;
  return decompose(l);
}

/* --- the step --- */

/* z = S d/(S^2 + lambda), its length; *slope: of the length to lambda */
static double damped(const taup_lsq *l, double lambda, double least, double *slope)
{
  double sum = 0.0;
  for (int i = 0; i < l->n_free; i++) {
    const double s = l->s[i], below = s * s + lambda;
    l->z[i] = s > least || lambda > 0.0 ? s * l->d[i] / below : 0.0;
    if (l->z[i] != 0.0) sum += l->z[i] * l->z[i] / below;
  }
  const double size = length_of(l->n_free, l->z);
  *slope = size > 0.0 ? -sum / size : 0.0;
  return size;
}

/* Leave the z of that radius, to one per cent. */
static void solve_damped(const taup_lsq *l, double radius, double least)
{
  enum { MOST = 60 };
  double slope = 0.0, size = damped(l, 0.0, least, &slope), low = 0.0, high = 0.0;
  if (size <= 1.01 * radius) return;
  for (int i = 0; i < l->n_free; i++) l->z[i] = l->s[i] * l->d[i];
  high = length_of(l->n_free, l->z) / radius;
  double lambda = 1e-3 * high;
  for (int k = 0; k < MOST; k++) {
    size = damped(l, lambda, least, &slope);
    if (fabs(size - radius) <= 0.01 * radius) return;
    if (size > radius) low = lambda;
    else high = lambda;
    lambda -= (size - radius) / radius * size / slope;
    if (!(lambda > low && lambda < high)) lambda = fmax(sqrt(low * high), 1e-3 * high);
  }
}

static void undo_scaling(taup_lsq *l)
{
  const int k = l->n_free;
  for (int j = 0; j < k; j++) {
    double sum = 0.0;
    for (int i = 0; i < k; i++) sum += l->vt[i + j * k] * l->z[i];
    l->step[l->place[j]] = -sum / (l->D[l->place[j]] > 0.0 ? l->D[l->place[j]] : 1.0);
  }
}

/* Hold the parameters that the step carries beyond a bound, at the bound; how many. */
static int stop_at_bounds(taup_lsq *l)
{
  int n_stopped = 0;
  for (int k = 0; k < l->n_free; k++) {
    const int j = l->place[k];
    const double to = l->b[j] + l->step[j];
    if (to >= l->p.lower[j] && to <= l->p.upper[j]) continue;
    l->step[j] = (to < l->p.lower[j] ? l->p.lower[j] : l->p.upper[j]) - l->b[j];
    l->held[j] = true;
    n_stopped++;
  }
  return n_stopped;
}

/* c = g + A step over what is held */
static void residual_of_held(taup_lsq *l)
{
  memcpy(l->c, l->g, (size_t)l->p.m * sizeof *l->c);
  for (int j = 0; j < l->p.n; j++) {
    const double *a = column(l, l->A, j);
    if (l->held[j] && l->step[j] != 0.0)
      for (int i = 0; i < l->p.m; i++) l->c[i] += a[i] * l->step[j];
  }
}

/* 2 g.A p + |A p|^2 is the change of |g|^2. */
static double predicted_fall(taup_lsq *l)
{
  double change = 0.0;
  for (int i = 0; i < l->p.m; i++) {
    double move = 0.0;
    for (int j = 0; j < l->p.n; j++) move += column(l, l->A, j)[i] * l->step[j];
    change += (2.0 * l->g[i] + move) * move;
  }
  return -change;
}

tau_status taup_lsq_step(taup_lsq *l, double radius, double jacobian_error, double *predicted, double *length)
{
  if (!l->is_factored) TAU_TRY(taup_lsq_factor(l, jacobian_error));
  memset(l->step, 0, (size_t)l->p.n * sizeof *l->step);
  solve_damped(l, radius, least_singular_value(l, jacobian_error));
  undo_scaling(l);
  while (stop_at_bounds(l) > 0) {
    l->is_factored = false;
    residual_of_held(l);
    TAU_TRY(decompose(l));
    solve_damped(l, radius, least_singular_value(l, jacobian_error));
    undo_scaling(l);
  }
  for (int j = 0; j < l->p.n; j++) l->z[j] = l->D[j] * l->step[j];
  *length = length_of(l->p.n, l->z);
  *predicted = predicted_fall(l);
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* least_squares.c - the search: cost(b) = sum_i C^2 rho(((f_i(b) - y_i)/(sigma_i C))^2) falls from step to step.
 *
 * The radius of the trust region grows and shrinks with the fall of cost over what the linear model predicts (J. J. More, Lecture Notes in
 * Mathematics 630 (1978) 105). The search ends where the residual is orthogonal to the tangent plane, to a relative tolerance (D. M. Bates
 * and D. G. Watts, Technometrics 23 (1981) 179), or as far as rounding of f lets it; then Gauss-Newton steps polish b as long as that angle
 * still falls, for at that point cost itself no longer tells better from worse.
 *
 * The first steps from far away may leap to a plateau, where a parameter has no effect any more. A search that ends on one, or at nothing,
 * begins again with a radius a hundred times smaller; the best end counts. */
#include "num/least_squares.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "num/lapack.h"
#include "num/loss.h"

/* --- memory --- */

static double *slice(double **at, size_t n)
{
  double *out = *at;
  *at += n;
  return out;
}

static double *copied(double **at, int n, const double *from)
{
  return from ? memcpy(slice(at, (size_t)n), from, (size_t)n * sizeof *from) : NULL;
}

static void carve(taup_lsq *l, const taup_lsq_problem *p)
{
  const size_t m = (size_t)p->m, n = (size_t)p->n;
  double *at = l->block;
  l->p.y = copied(&at, p->m, p->y);
  l->p.sigma = copied(&at, p->m, p->sigma);
  l->p.lower = copied(&at, p->n, p->lower);
  l->p.upper = copied(&at, p->n, p->upper);
  double **const of_m[] = {&l->f, &l->f_new, &l->g, &l->c};
  double **const of_n[] = {&l->b, &l->b_new, &l->start, &l->best,    &l->s,
                           &l->d, &l->D,     &l->step,  &l->gradient};
  double **const of_mn[] = {&l->J, &l->J_new, &l->A, &l->Q};
  double **const of_nn[] = {&l->u, &l->vt, &l->covariance};
  for (size_t k = 0; k < sizeof of_m / sizeof *of_m; k++) *of_m[k] = slice(&at, m);
  for (size_t k = 0; k < sizeof of_n / sizeof *of_n; k++) *of_n[k] = slice(&at, n);
  for (size_t k = 0; k < sizeof of_mn / sizeof *of_mn; k++) *of_mn[k] = slice(&at, m * n);
  for (size_t k = 0; k < sizeof of_nn / sizeof *of_nn; k++) *of_nn[k] = slice(&at, n * n);
  l->z = slice(&at, n + n * n); /* n, then R */
  l->work = at;                 /* n_work, then the reflections */
}

tau_status taup_lsq_new(taup_lsq **out, const taup_lsq_problem *p)
{
  const size_t m = (size_t)p->m, n = (size_t)p->n;
  const int for_qr = taup_qr_work(p->m, p->n), for_svd = taup_svd_work(p->n);
  taup_lsq *l = *out = taup_calloc(1, sizeof *l);
  if (!l) return TAU_E_NOMEM;
  l->p = *p;
  l->n_work = for_qr > for_svd ? for_qr : for_svd;
  l->block = taup_calloc(6 * m + 13 * n + 4 * m * n + 4 * n * n + (size_t)l->n_work, sizeof *l->block);
  l->fixed = taup_calloc(3 * n, sizeof *l->fixed);
  l->place = taup_calloc(n, sizeof *l->place);
  if (!l->block || !l->fixed || !l->place) {
    taup_lsq_free(l);
    *out = NULL;
    return TAU_E_NOMEM;
  }
  l->held = l->fixed + n;
  l->is_undetermined = l->held + n;
  carve(l, p);
  return TAU_OK;
}

void taup_lsq_free(taup_lsq *l)
{
  if (!l) return;
  taup_free(l->place);
  taup_free(l->fixed);
  taup_free(l->block);
  taup_free(l);
}

/* --- the model --- */

static bool is_finite(size_t n, const double *x)
{
  double zero = 0.0;
  for (size_t i = 0; i < n; i++) zero += 0.0 * x[i];
  return zero == 0.0;
}

/* Over sigma too. Columns of fixed parameters may hold anything. */
static bool is_finite_jacobian(const taup_lsq *l, const double *J)
{
  for (int i = 0; i < l->p.m; i++) {
    const double *row = J + (size_t)i * (size_t)l->p.n, sigma = l->p.sigma ? l->p.sigma[i] : 1.0;
    for (int j = 0; j < l->p.n; j++)
      if (!l->fixed[j] && !isfinite(row[j] / sigma)) return false;
  }
  return true;
}

/* TAU_E_DOMAIN also for numbers that are not finite. */
static tau_status evaluate(const taup_lsq *l, const double *b, double *f, double *J)
{
  TAU_TRY(l->p.model(l->p.user, b, f, J));
  if (is_finite((size_t)l->p.m, f) && (!J || is_finite_jacobian(l, J))) return TAU_OK;
  return TAU_E_DOMAIN;
}

static double cost_of(const taup_lsq *l, const double *f)
{
  const double scale2 = l->p.loss == TAU_LOSS_LINEAR ? 1.0 : l->p.loss_scale * l->p.loss_scale;
  double sum = 0.0;
  for (int i = 0; i < l->p.m; i++) {
    const double r = (f[i] - l->p.y[i]) / (l->p.sigma ? l->p.sigma[i] : 1.0);
    sum += scale2 * taup_loss_rho(l->p.loss, r * r / scale2).value;
  }
  return sum;
}

static void swap(double **a, double **b)
{
  double *const held = *a;
  *a = *b;
  *b = held;
}

/* The trial point, of which f_new and J_new are known, becomes the point. */
static void take_trial(taup_lsq *l)
{
  swap(&l->b, &l->b_new);
  swap(&l->f, &l->f_new);
  swap(&l->J, &l->J_new);
  taup_lsq_weigh(l);
}

static void set_trial(taup_lsq *l, double factor)
{
  for (int j = 0; j < l->p.n; j++)
    l->b_new[j] = fmin(fmax(l->b[j] + factor * l->step[j], l->p.lower[j]), l->p.upper[j]);
}

/* --- the search --- */

static tau_status fail_start(const taup_lsq *l)
{
  int j = 0;
  while (j < l->p.n - 1 && l->fixed[j]) j++;
  return taup_fail(TAUP_ERR_FIT_START,
                   "the model has no finite value or derivative at the start (%s = %.6g%s); begin elsewhere",
                   l->p.names[j], l->b[j], l->p.n > 1 ? ", ..." : "");
}

static double scaled_length(const taup_lsq *l)
{
  double sum = 0.0;
  for (int j = 0; j < l->p.n; j++)
    if (!l->fixed[j]) sum += l->D[j] * l->b[j] * l->D[j] * l->b[j];
  return sqrt(sum);
}

static double residual_length(const taup_lsq *l)
{
  double sum = 0.0;
  for (int i = 0; i < l->p.m; i++) sum += l->g[i] * l->g[i];
  return sqrt(sum);
}

static bool is_at_rest(const taup_lsq *l, double tolerance)
{
  return l->offset <= fmax(tolerance * residual_length(l), l->noise);
}

static tau_status begin(taup_lsq *l, const taup_lsq_options *o)
{
  const tau_status st = evaluate(l, l->b, l->f, l->J);
  if (st == TAU_E_DOMAIN) return fail_start(l);
  TAU_TRY(st);
  memset(l->D, 0, (size_t)l->p.n * sizeof *l->D);
  taup_lsq_weigh(l);
  if (!isfinite(l->cost)) return fail_start(l);
  return taup_lsq_factor(l, o->jacobian_error);
}

/* Cost at the trial point over what was predicted; the derivatives are there when it is worth going to. */
static tau_status try_point(taup_lsq *l, double predicted, double *ratio)
{
  tau_status st = evaluate(l, l->b_new, l->f_new, NULL);
  *ratio = -1.0;
  if (st == TAU_OK) {
    const double fall = l->cost - cost_of(l, l->f_new);
    *ratio = predicted > 0.0 && isfinite(fall) ? fall / predicted : -1.0;
    if (*ratio > 1e-4) st = evaluate(l, l->b_new, l->f_new, l->J_new);
  }
  if (st == TAU_E_DOMAIN) *ratio = -INFINITY;
  return st == TAU_E_DOMAIN ? TAU_OK : st;
}

/* One trial; *radius is 0 when it has shrunk to rounding. */
static tau_status advance(taup_lsq *l, const taup_lsq_options *o, double *radius)
{
  double predicted = 0.0, length = 0.0, ratio = 0.0;
  TAU_TRY(taup_lsq_step(l, *radius, o->jacobian_error, &predicted, &length));
  set_trial(l, 1.0);
  TAU_TRY(try_point(l, predicted, &ratio));
  if (ratio < 0.25) *radius = (isinf(ratio) ? 0.1 : ratio < 0.0 ? 0.25 : 0.5) * fmin(*radius, length);
  else if (ratio > 0.75) *radius = fmax(*radius, 2.0 * length);
  if (ratio > 1e-4) {
    take_trial(l);
    return taup_lsq_factor(l, o->jacobian_error);
  }
  if (*radius <= DBL_EPSILON * scaled_length(l) || *radius < DBL_MIN) *radius = 0.0;
  return TAU_OK;
}

static tau_status search(taup_lsq *l, const taup_lsq_options *o, double first)
{
  TAU_TRY(begin(l, o));
  double radius = first * scaled_length(l);
  if (radius == 0.0) radius = first;
  while (!(l->has_converged = is_at_rest(l, o->tolerance)) && radius > 0.0) {
    if (l->n_iterations >= o->max_iterations) break;
    if (o->stop && o->stop(o->stop_user, l->n_iterations, l->cost)) return TAU_STOPPED_USER;
    l->n_iterations++;
    TAU_TRY(advance(l, o, &radius));
  }
  return TAU_OK;
}

/* --- the polish --- */

/* A whole Gauss-Newton step, or an eighth of it, that brings the residual nearer to the normal; *better: whether there is one. */
static tau_status polish_once(taup_lsq *l, const taup_lsq_options *o, bool *better)
{
  double predicted = 0.0, length = 0.0;
  const double offset = l->offset, cost = l->cost;
  TAU_TRY(taup_lsq_step(l, INFINITY, o->jacobian_error, &predicted, &length));
  *better = false;
  for (double factor = 1.0; factor > 0.1; factor *= 0.5) {
    set_trial(l, factor);
    const tau_status st = evaluate(l, l->b_new, l->f_new, l->J_new);
    if (st != TAU_OK && st != TAU_E_DOMAIN) return st;
    if (st == TAU_E_DOMAIN) continue;
    take_trial(l);
    TAU_TRY(taup_lsq_factor(l, o->jacobian_error));
    *better = l->offset < 0.9 * offset && l->cost <= cost * (1.0 + 1e-9) + l->noise * l->noise;
    if (*better) return TAU_OK;
    take_trial(l); /* back */
  }
  return TAU_OK;
}

static tau_status polish(taup_lsq *l, const taup_lsq_options *o)
{
  enum { MOST = 60 };
  bool better = true;
  for (int k = 0; k < MOST && better && l->offset > 0.0; k++) TAU_TRY(polish_once(l, o, &better));
  return TAU_OK;
}

/* --- several beginnings --- */

/* Whether a free parameter has lost its effect: a step as large as itself would move the curve by less than 1e-10 of it. */
static bool is_on_plateau(const taup_lsq *l)
{
  for (int j = 0; j < l->p.n; j++) {
    double sum = 0.0;
    const double *a = l->A + (size_t)j * (size_t)l->p.m;
    if (l->held[j]) continue;
    for (int i = 0; i < l->p.m; i++) sum += a[i] * a[i];
    if (sqrt(sum) * fmax(fabs(l->b[j]), fabs(l->start[j])) <= 1e-10 * l->size) return true;
  }
  return false;
}

static tau_status fail_to_converge(const taup_lsq *l, const taup_lsq_options *o)
{
  if (l->n_iterations >= o->max_iterations)
    return taup_fail(TAUP_ERR_FIT_NOT_CONVERGED,
                     "the fit has not converged in %d iterations; begin nearer, give bounds, or allow more",
                     l->n_iterations);
  return taup_fail(
    TAUP_ERR_FIT_NOT_CONVERGED,
    "the fit came to a stand after %d iterations, where shorter steps no longer help; look whether the "
    "derivatives are those of the model, or begin nearer",
    l->n_iterations);
}

/* The best of all beginnings goes back into b, with everything that belongs to it. */
static tau_status settle(taup_lsq *l, const taup_lsq_options *o)
{
  memcpy(l->b, l->best, (size_t)l->p.n * sizeof *l->b);
  TAU_TRY(begin(l, o));
  l->has_converged = is_at_rest(l, o->tolerance);
  return l->has_converged ? polish(l, o) : TAU_OK;
}

static bool any_free(const taup_lsq *l)
{
  for (int j = 0; j < l->p.n; j++)
    if (!l->fixed[j]) return true;
  return false;
}

tau_status taup_lsq_solve(taup_lsq *l, const taup_lsq_options *o)
{
  static const double radius[] = {0.1, 10.0, 0.001};
  const size_t bytes = (size_t)l->p.n * sizeof *l->b;
  double best = INFINITY;
  tau_status st = TAU_OK;
  l->n_iterations = 0;
  l->noise_factor = fmax(32.0 * DBL_EPSILON, o->model_error);
  memcpy(l->start, l->b, bytes);
  if (!any_free(l)) return (l->has_converged = true, begin(l, o));
  for (size_t k = 0; k < sizeof radius / sizeof *radius && st == TAU_OK; k++) {
    memcpy(l->b, l->start, bytes);
    st = search(l, o, radius[k]);
    if (st < 0) return st;
    if (l->cost < best) memcpy(l->best, l->b, bytes);
    best = fmin(best, l->cost);
    if ((l->has_converged && !is_on_plateau(l)) || l->n_iterations >= o->max_iterations) break;
  }
  const tau_status after = settle(l, o);
  if (after < 0 || st == TAU_OK) st = after;
  if (st != TAU_OK) return st;
  return l->has_converged ? TAU_OK : fail_to_converge(l, o);
}

/* --- uncertainty --- */

int taup_lsq_at_bound(const taup_lsq *l, int i)
{
  if (l->fixed[i]) return 0;
  return l->b[i] <= l->p.lower[i] ? -1 : l->b[i] >= l->p.upper[i] ? 1 : 0;
}

int taup_lsq_n_free(const taup_lsq *l)
{
  int n = 0;
  for (int j = 0; j < l->p.n; j++) n += !l->fixed[j] && taup_lsq_at_bound(l, j) == 0;
  return n;
}

/* K^2 (sum psi^2/(n - p)) / mean(psi')^2, psi = rho' r, K = 1 + p/n var(psi')/mean(psi')^2: P. J. Huber, Robust Statistics (1981), 7.6. */
static double huber_factor(const taup_lsq *l, int n_free)
{
  const double C2 = l->p.loss_scale * l->p.loss_scale;
  double squares = 0.0, mean = 0.0, variance = 0.0;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < l->p.m; i++) {
      const double r = (l->f[i] - l->p.y[i]) / (l->p.sigma ? l->p.sigma[i] : 1.0), z = r * r / C2;
      const taup_rho rho = taup_loss_rho(l->p.loss, z);
      const double slope = rho.first + 2.0 * z * rho.second;
      if (pass == 0) squares += rho.first * r * rho.first * r;
      if (pass == 0) mean += slope / l->p.m;
      else variance += (slope - mean) * (slope - mean) / l->p.m;
    }
  const double K = 1.0 + n_free * variance / (l->p.m * mean * mean);
  return mean > 0.0 && l->p.m > n_free ? K * K * squares / ((l->p.m - n_free) * mean * mean) : (double)NAN;
}

/* Parameters that the undetermined directions of V contain. */
static void name_undetermined(taup_lsq *l, double least)
{
  const int k = l->n_free;
  for (int i = 0; i < k; i++) {
    if (l->s[i] > least) continue;
    bool counts = false; /* one at its bound has no error anyway */
    for (int j = 0; j < k; j++) {
      if (fabs(l->vt[i + j * k]) <= 1e-3 || taup_lsq_at_bound(l, l->place[j])) continue;
      counts = l->is_undetermined[l->place[j]] = true;
    }
    l->n_undetermined += counts;
  }
}

static bool has_error(const taup_lsq *l, int j) { return !l->is_undetermined[j] && !taup_lsq_at_bound(l, j); }

/* (A^T A)^-1 = D^-1 V S^-2 V^T D^-1 over the determined directions. A parameter at its bound is as unknown as the others: that the data
 * push it there says nothing of its value, and to take it as known would make the others' errors far too small. */
static void fill_covariance(taup_lsq *l, double least, double factor)
{
  const int k = l->n_free, n = l->p.n;
  for (int a = 0; a < k; a++)
    for (int b = 0; b < k; b++) {
      double sum = 0.0;
      for (int i = 0; i < k; i++)
        if (l->s[i] > least) sum += l->vt[i + a * k] / l->s[i] * (l->vt[i + b * k] / l->s[i]);
      const int ja = l->place[a], jb = l->place[b];
      const bool known = has_error(l, ja) && has_error(l, jb);
      l->covariance[ja * n + jb] = known ? factor * sum / (l->D[ja] * l->D[jb]) : (double)NAN;
    }
}

static void blank_covariance(taup_lsq *l)
{
  const int n = l->p.n;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const bool nowhere = taup_lsq_at_bound(l, i) || taup_lsq_at_bound(l, j);
      l->covariance[i * n + j] = nowhere && !l->fixed[i] && !l->fixed[j] ? (double)NAN : 0.0;
    }
}

tau_status taup_lsq_covariance(taup_lsq *l, double jacobian_error)
{
  const tau_loss loss = l->p.loss;
  l->n_undetermined = 0;
  memset(l->is_undetermined, 0, (size_t)l->p.n * sizeof *l->is_undetermined);
  blank_covariance(l);
  l->p.loss = TAU_LOSS_LINEAR; /* the plain Jacobian */
  taup_lsq_weigh(l);
  memset(l->D, 0, (size_t)l->p.n * sizeof *l->D);
  const tau_status st = taup_lsq_factor_all(l);
  l->p.loss = loss;
  TAU_TRY(st);
  const double least = l->n_free ? jacobian_error * l->s[0] : 0.0;
  name_undetermined(l, least);
  fill_covariance(l, least, loss == TAU_LOSS_LINEAR ? 1.0 : huber_factor(l, l->n_free));
  l->cost = cost_of(l, l->f);
  return TAU_OK;
}

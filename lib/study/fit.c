/* SPDX-License-Identifier: Apache-2.0 */
/* fit.c - fits with names: what is given is checked, solved (num/least_squares.h), and described.
 *
 *     C = (J^T W J)^-1 [chi2/dof]      half width = t sqrt(C_ii)      band = t sqrt(j^T C j)
 *
 * D. M. Bates and D. G. Watts, Nonlinear Regression Analysis and Its Applications (1988), ch. 1 and 2. Invariant: a fit that exists has all
 * its arrays; NAN stands for what is not known. */
#include "study/fit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "num/quantile.h"

/* --- what is given --- */

static tau_status check_points(const tau_fit_problem *p)
{
  for (int i = 0; i < p->n_points; i++) {
    if (!isfinite(p->y[i]))
      return taup_fail(TAUP_ERR_FIT_DATA, "y of point %d is %g; needs a number", i, p->y[i]);
    if (p->sigma && !(p->sigma[i] > 0.0 && isfinite(p->sigma[i])))
      return taup_fail(TAUP_ERR_FIT_DATA, "sigma of point %d is %g; needs a number above 0", i, p->sigma[i]);
  }
  return TAU_OK;
}

static tau_status check_parameter(const tau_fit_parameter *b)
{
  if (!isfinite(b->start))
    return taup_fail(TAUP_ERR_FIT_DATA, "the start of '%s' is %g; needs a number", b->name, b->start);
  if (b->fixed) return TAU_OK;
  if (!(b->lower < b->upper))
    return taup_fail(TAUP_ERR_FIT_DATA,
                     "the bounds of '%s' are %g and %g; the lower one must be below the upper", b->name,
                     b->lower, b->upper);
  if (b->start >= b->lower && b->start <= b->upper) return TAU_OK;
  return taup_fail(TAUP_ERR_FIT_DATA, "the start of '%s', %g, is not within its bounds %g and %g", b->name,
                   b->start, b->lower, b->upper);
}

static tau_status check_options(const tau_fit_options *o)
{
  if (!(o->loss_scale > 0.0 && isfinite(o->loss_scale)))
    return taup_fail(TAUP_ERR_FIT_DATA, "the scale of the loss is %g; needs a number above 0", o->loss_scale);
  if (!(o->tolerance > 0.0 && o->tolerance < 1.0))
    return taup_fail(TAUP_ERR_FIT_DATA, "the tolerance is %g; needs a number between 0 and 1", o->tolerance);
  if (!(o->jacobian_error > 0.0 && o->jacobian_error < 1.0))
    return taup_fail(TAUP_ERR_FIT_DATA, "jacobian_error is %g; needs a number between 0 and 1",
                     o->jacobian_error);
  if (!(o->model_error >= 0.0 && o->model_error < 1.0))
    return taup_fail(TAUP_ERR_FIT_DATA, "model_error is %g; needs a number from 0 to 1", o->model_error);
  if (o->max_iterations < 1)
    return taup_fail(TAUP_ERR_FIT_DATA, "max_iterations is %d; needs 1 at least", o->max_iterations);
  return TAU_OK;
}

static tau_status check(const tau_fit_problem *p, const tau_fit_options *o)
{
  int n_free = 0;
  TAU_TRY(check_options(o));
  TAU_TRY(check_points(p));
  for (int j = 0; j < p->n_parameters; j++) {
    TAU_TRY(check_parameter(&p->parameters[j]));
    n_free += !p->parameters[j].fixed;
  }
  if (p->n_parameters < 1)
    return taup_fail(TAUP_ERR_FIT_DATA, "no parameter is given; a fit needs one at least");
  if (p->n_points >= n_free && p->n_points >= 1) return TAU_OK;
  return taup_fail(TAUP_ERR_TOO_FEW_POINTS,
                   "%d points are given for %d free parameters; needs as many points at least", p->n_points,
                   n_free);
}

/* --- memory --- */

void tau_fit_free(tau_fit *fit)
{
  if (!fit) return;
  for (int j = 0; fit->names && fit->lsq && j < fit->lsq->p.n; j++) taup_free(fit->names[j]);
  taup_free(fit->names);
  taup_free(fit->block);
  taup_free(fit->at_bound);
  taup_lsq_free(fit->lsq);
  taup_curve_free(fit->curve);
  taup_fitted_runs_free(fit->runs);
  taup_free(fit);
}

static tau_status new_lsq(tau_fit *fit, const tau_fit_problem *p)
{
  const int n = p->n_parameters;
  double *bounds = taup_calloc((size_t)n, 2 * sizeof *bounds);
  if (!bounds) return TAU_E_NOMEM;
  for (int j = 0; j < n; j++) {
    bounds[j] = p->parameters[j].fixed ? (double)-INFINITY : p->parameters[j].lower;
    bounds[n + j] = p->parameters[j].fixed ? (double)INFINITY : p->parameters[j].upper;
  }
  const taup_lsq_problem problem = {.m = p->n_points,
                                    .n = n,
                                    .y = p->y,
                                    .sigma = p->sigma,
                                    .lower = bounds,
                                    .upper = bounds + n,
                                    .model = p->model,
                                    .user = p->user,
                                    .loss = fit->options.loss,
                                    .loss_scale = fit->options.loss_scale};
  const tau_status st = taup_lsq_new(&fit->lsq, &problem);
  taup_free(bounds);
  return st;
}

static tau_status allocate(tau_fit *fit, const tau_fit_problem *p)
{
  const size_t m = (size_t)p->n_points, n = (size_t)p->n_parameters;
  TAU_TRY(new_lsq(fit, p));
  fit->names = taup_calloc(n, sizeof *fit->names);
  fit->at_bound = taup_calloc(n, sizeof *fit->at_bound);
  double *at = fit->block = taup_calloc(2 * n * n + n + 2 * m, sizeof *fit->block);
  if (!fit->names || !fit->at_bound || !at) return TAU_E_NOMEM;
  fit->covariance = at;
  fit->correlation = at + n * n;
  fit->value = at + 2 * n * n;
  fit->residuals = at + 2 * n * n + n;
  fit->fitted = at + 2 * n * n + n + m;
  for (size_t j = 0; j < n; j++) {
    if (!(fit->names[j] = taup_strdup(p->parameters[j].name))) return TAU_E_NOMEM;
    fit->lsq->b[j] = p->parameters[j].start;
    fit->lsq->fixed[j] = p->parameters[j].fixed;
  }
  fit->lsq->p.names = (const char *const *)fit->names;
  return TAU_OK;
}

/* --- what comes out --- */

static double total_square(const taup_lsq *l)
{
  double weight = 0.0, mean = 0.0, sum = 0.0;
  for (int i = 0; i < l->p.m; i++) {
    const double w = l->p.sigma ? 1.0 / (l->p.sigma[i] * l->p.sigma[i]) : 1.0;
    weight += w;
    mean += w * l->p.y[i];
  }
  mean /= weight;
  for (int i = 0; i < l->p.m; i++) {
    const double r = (l->p.y[i] - mean) / (l->p.sigma ? l->p.sigma[i] : 1.0);
    sum += r * r;
  }
  return sum;
}

static void fill_covariance(tau_fit *fit)
{
  const int n = fit->lsq->p.n;
  const bool as_given = fit->options.absolute_sigma || fit->options.loss != TAU_LOSS_LINEAR;
  const double factor = !fit->has_converged ? (double)NAN
                        : as_given          ? 1.0
                        : fit->dof > 0      ? fit->chi2 / fit->dof
                                            : (double)NAN;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const bool fixed = fit->lsq->fixed[i] || fit->lsq->fixed[j];
      fit->covariance[i * n + j] = fixed ? 0.0 : factor * fit->lsq->covariance[i * n + j];
    }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const double *C = fit->covariance, scale = sqrt(C[i * n + i]) * sqrt(C[j * n + j]);
      const double off = fit->lsq->fixed[i] || fit->lsq->fixed[j] ? 0.0 : C[i * n + j] / scale;
      fit->correlation[i * n + j] = i == j && !isnan(off) ? 1.0 : off;
    }
}

__attribute__((format(printf, 2, 3))) static void say(tau_fit *fit, const char *format, ...)
{
  const size_t used = strlen(fit->message);
  va_list args;
  if (used + 3 >= sizeof fit->message) return;
  if (used) memcpy(fit->message + used, "; ", 3);
  va_start(args, format);
  vsnprintf(fit->message + used + (used ? 2 : 0), sizeof fit->message - used - 2, format, args);
  va_end(args);
}

static void say_undetermined(tau_fit *fit)
{
  char names[256] = "";
  size_t at = 0;
  for (int j = 0, k = 0; j < fit->lsq->p.n && at < sizeof names - 8; j++)
    if (fit->lsq->is_undetermined[j])
      at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", k++ ? ", " : "", fit->names[j]);
  say(fit, "the data do not determine %s: fix %s, or measure where %s", names,
      fit->lsq->n_undetermined > 1 ? "some of them"
      : strchr(names, ',')         ? "one of them"
                                   : "it",
      strchr(names, ',') ? "they act apart" : "it acts");
}

static void describe(tau_fit *fit, tau_status solved)
{
  if (solved < 0) say(fit, "%s", tau_last_error());
  if (solved > 0) say(fit, "the fit was stopped after %d iterations", fit->n_iterations);
  for (int j = 0; j < fit->lsq->p.n; j++)
    if (fit->at_bound[j])
      say(fit, "%s is at its %s bound %.6g", fit->names[j], fit->at_bound[j] < 0 ? "lower" : "upper",
          fit->value[j]);
  if (fit->lsq->n_undetermined) say_undetermined(fit);
}

static tau_status finish(tau_fit *fit, tau_status solved)
{
  taup_lsq *l = fit->lsq;
  TAU_TRY(taup_lsq_covariance(l, fit->options.jacobian_error));
  fit->chi2 = l->chi2;
  fit->cost = l->cost;
  fit->n_free = taup_lsq_n_free(l);
  fit->dof = l->p.m - fit->n_free;
  fit->n_iterations = l->n_iterations;
  fit->has_converged = solved == TAU_OK;
  fit->r_squared = 1.0 - fit->chi2 / total_square(l);
  memcpy(fit->value, l->b, (size_t)l->p.n * sizeof *l->b);
  memcpy(fit->fitted, l->f, (size_t)l->p.m * sizeof *l->f);
  for (int i = 0; i < l->p.m; i++) fit->residuals[i] = l->p.y[i] - l->f[i];
  for (int j = 0; j < l->p.n; j++) fit->at_bound[j] = taup_lsq_at_bound(l, j);
  fill_covariance(fit);
  describe(fit, solved);
  return solved;
}

/* Fields that an older caller does not know are the defaults. */
static tau_fit_options complete(const tau_fit_options *given)
{
  tau_fit_options o = TAU_FIT_OPTIONS_INIT;
  if (given) memcpy(&o, given, given->size < sizeof o ? given->size : sizeof o);
  return o;
}

taup_lsq_options taup_fit_lsq_options(const tau_fit *fit)
{
  const tau_fit_options *o = &fit->options;
  return (taup_lsq_options){o->max_iterations, o->tolerance, o->jacobian_error,
                            o->stop,           o->stop_user, o->model_error};
}

tau_status taup_fit_new(tau_fit **out, const tau_fit_problem *problem, const tau_fit_options *options,
                        taup_curve *curve)
{
  tau_status st = TAU_E_NOMEM;
  tau_fit *fit = taup_calloc(1, sizeof *fit);
  *out = NULL;
  if (!fit) {
    taup_curve_free(curve);
    return st;
  }
  fit->curve = curve;
  fit->options = complete(options);
  if ((st = check(problem, &fit->options)) < 0) goto done;
  if ((st = allocate(fit, problem)) < 0) goto done;
  const taup_lsq_options o = taup_fit_lsq_options(fit);
  st = taup_lsq_solve(fit->lsq, &o);
  if (st < 0 && taup_last_kind() != TAUP_ERR_FIT_NOT_CONVERGED) goto done;
  st = finish(fit, st);
  *out = fit;
  fit = NULL;
done:
  tau_fit_free(fit);
  return st;
}

tau_status tau_fit_new(tau_fit **out, const tau_fit_problem *problem, const tau_fit_options *options)
{
  return taup_fit_new(out, problem, options, NULL);
}

/* --- getters --- */

int tau_fit_n_points(const tau_fit *fit) { return fit->lsq->p.m; }
int tau_fit_n_parameters(const tau_fit *fit) { return fit->lsq->p.n; }
const char *tau_fit_name(const tau_fit *fit, int i) { return fit->names[i]; }
double tau_fit_value(const tau_fit *fit, int i) { return fit->value[i]; }
double tau_fit_standard_error(const tau_fit *fit, int i)
{
  return sqrt(fit->covariance[i * fit->lsq->p.n + i]);
}
int tau_fit_at_bound(const tau_fit *fit, int i) { return fit->at_bound[i]; }
bool tau_fit_is_fixed(const tau_fit *fit, int i) { return fit->lsq->fixed[i]; }
const double *tau_fit_covariance(const tau_fit *fit) { return fit->covariance; }
const double *tau_fit_correlation(const tau_fit *fit) { return fit->correlation; }
double tau_fit_chi2(const tau_fit *fit) { return fit->chi2; }
double tau_fit_cost(const tau_fit *fit) { return fit->cost; }
int tau_fit_dof(const tau_fit *fit) { return fit->dof; }
const double *tau_fit_residuals(const tau_fit *fit) { return fit->residuals; }
const double *tau_fit_fitted(const tau_fit *fit) { return fit->fitted; }
double tau_fit_r_squared(const tau_fit *fit) { return fit->r_squared; }
int tau_fit_n_iterations(const tau_fit *fit) { return fit->n_iterations; }
bool tau_fit_has_converged(const tau_fit *fit) { return fit->has_converged; }
const char *tau_fit_message(const tau_fit *fit) { return fit->message; }

double tau_fit_residual_deviation(const tau_fit *fit)
{
  return fit->dof > 0 ? sqrt(fit->chi2 / fit->dof) : (double)NAN;
}

double tau_fit_aicc(const tau_fit *fit)
{
  const double n = fit->lsq->p.m, k = fit->n_free + (fit->options.absolute_sigma ? 0.0 : 1.0);
  if (n - k - 1.0 <= 0.0) return NAN;
  const double fitness = fit->options.absolute_sigma ? fit->chi2 : n * log(fit->chi2 / n);
  return fitness + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
}

/* --- intervals --- */

tau_status taup_fit_factor(const tau_fit *fit, double level, double *factor)
{
  *factor = NAN;
  if (!(level > 0.0 && level < 1.0))
    return taup_fail(TAUP_ERR_FIT_DATA, "the level is %g; needs a number between 0 and 1", level);
  if (fit->options.absolute_sigma) *factor = taup_normal_quantile(0.5 + 0.5 * level);
  else if (fit->dof > 0) *factor = taup_t_quantile(0.5 + 0.5 * level, fit->dof);
  return TAU_OK;
}

double tau_fit_half_width(const tau_fit *fit, int i, double level)
{
  double factor = NAN;
  if (fit->lsq->fixed[i]) return 0.0;
  if (level > 0.0 && level < 1.0) (void)taup_fit_factor(fit, level, &factor);
  return factor * tau_fit_standard_error(fit, i);
}

/* Whether parameter a takes part in a quantity: it is free, and the quantity depends on it. */
static bool moves(const tau_fit *fit, const double *row, int a)
{
  return !fit->lsq->fixed[a] && !fit->at_bound[a] && row[a] != 0.0;
}

tau_status tau_fit_band(const tau_fit *fit, int n, const double *J, double level, double *half_widths)
{
  const int n_parameters = fit->lsq->p.n;
  double factor = NAN;
  TAU_TRY(taup_fit_factor(fit, level, &factor));
  for (int i = 0; i < n; i++) {
    const double *row = J + (size_t)i * (size_t)n_parameters;
    double sum = 0.0;
    for (int a = 0; a < n_parameters; a++)
      for (int b = 0; b < n_parameters; b++)
        if (moves(fit, row, a) && moves(fit, row, b))
          sum += row[a] * fit->covariance[a * n_parameters + b] * row[b];
    half_widths[i] = factor * sqrt(sum);
  }
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fit_runs.c - fits of a train's parameters to measured runs: the model of the least squares is
 *
 *     f_m(b) = o_m(run of m; p(b)),    df_m/db_j = do_m/dp_j (dp_j/db_j),    p_j = b_j or exp(b_j),
 *
 * with the derivatives of sensitivity.h. Runs of equal inputs are computed once. f and J come from the same march, always both, so that the
 * search never compares two that stepped differently; the last point is remembered, for a search asks for f first and then for J.
 *
 * Invariant: first[k], then next[] of it and so on until -1, are the measurements of the distinct run k. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "study/fit.h"
#include "train/result.h"
#include "train/train.h"
#include <tautrain/fit_runs.h>
#include <tautrain/sensitivity.h>

/* Relative errors of values and of derivatives, in tolerances of the runs: what several units and many steps make of one. */
static const double value_error = 10.0, slope_error = 100.0;

/* Runs without repetition, and whose measurements are whose. */
typedef struct plan {
  int n_distinct, n_inputs, n_measured;
  int *block;     /* of the arrays of int below */
  int *inputs;    /* n_inputs */
  int *given;     /* n_distinct: the first of such runs, for messages */
  int *first;     /* n_distinct */
  int *next;      /* n_measured */
  int *what;      /* n_measured: observable */
  double *values; /* n_distinct x n_inputs */
} plan;

struct taup_fitted_runs {
  tau_train *train;
  tau_sensitivity *sensitivity;
  tau_inputs *inputs;
  tau_run_options options;
  int n;          /* parameters */
  int *parameter; /* n: of the train */
  bool *is_log;   /* n */
  plan plan;
  double *b, *f, *J; /* the point of which f and J are known; one block, at b */
  bool is_known;
  int i_failed; /* a run as it was given, after a failure */
};

/* --- memory --- */

static void plan_free(plan *p)
{
  taup_free(p->values);
  taup_free(p->block);
  *p = (plan){0};
}

void taup_fitted_runs_free(taup_fitted_runs *r)
{
  if (!r) return;
  plan_free(&r->plan);
  tau_sensitivity_free(r->sensitivity);
  tau_inputs_free(r->inputs);
  tau_train_free(r->train);
  taup_free(r->parameter);
  taup_free(r->is_log);
  taup_free(r->b);
  taup_free(r);
}

/* --- runs --- */

static bool same(int n, const double *x, const double *y)
{
  for (int i = 0; i < n; i++)
    if (x[i] != y[i] && !(isnan(x[i]) && isnan(y[i]))) return false;
  return true;
}

/* The distinct run that equals run i as it was given; a new one where there is none. Neighbours are equal most often: last ones first. */
static int distinct(plan *p, const tau_runs *runs, int i)
{
  const size_t n = (size_t)p->n_inputs;
  const double *row = n ? runs->values + (size_t)i * n : NULL;
  for (int k = p->n_distinct - 1; k >= 0; k--)
    if (same(p->n_inputs, p->values + (size_t)k * n, row)) return k;
  if (n) memcpy(p->values + (size_t)p->n_distinct * n, row, n * sizeof *row);
  p->first[p->n_distinct] = -1;
  p->given[p->n_distinct] = i;
  return p->n_distinct++;
}

static tau_status check_index(const char *what, int i, int n)
{
  if (i >= 0 && i < n) return TAU_OK;
  return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s %d: there are %d", what, i, n);
}

static tau_status check_runs(const tau_train *t, const tau_runs *runs)
{
  for (int i = 0; i < runs->n_inputs; i++) {
    TAU_TRY(check_index("input", runs->inputs[i], tau_train_n_parameters(t)));
    for (int j = 0; j < i; j++)
      if (runs->inputs[i] == runs->inputs[j])
        return taup_fail(TAUP_ERR_FIT_DATA, "'%s' is an input of the runs twice",
                         tau_train_parameter(t, runs->inputs[i]).path);
  }
  for (int m = 0; m < runs->n_measured; m++) {
    TAU_TRY(check_index("run", runs->measured[m].i_run, runs->n_runs));
    TAU_TRY(check_index("observable", runs->measured[m].i_observable, tau_train_n_observables(t)));
  }
  return TAU_OK;
}

/* Runs in which nothing was measured are left out. */
static tau_status plan_new(plan *p, const tau_train *t, const tau_runs *runs)
{
  const size_t n_runs = (size_t)runs->n_runs, n_inputs = (size_t)runs->n_inputs;
  const size_t n_measured = (size_t)runs->n_measured;
  *p = (plan){.n_inputs = runs->n_inputs, .n_measured = runs->n_measured};
  TAU_TRY(check_runs(t, runs));
  p->block = taup_calloc(n_inputs + 3 * n_runs + 2 * n_measured, sizeof *p->block);
  p->values = taup_calloc(n_runs, (n_inputs + 1) * sizeof *p->values);
  if (!p->block || !p->values) {
    plan_free(p);
    return TAU_E_NOMEM;
  }
  p->inputs = p->block;
  p->given = p->inputs + n_inputs;
  p->first = p->given + n_runs;
  p->next = p->first + n_runs;
  p->what = p->next + n_measured;
  int *place = p->what + n_measured; /* n_runs: distinct run and 1; 0: not yet known */
  if (n_inputs) memcpy(p->inputs, runs->inputs, n_inputs * sizeof *p->inputs);
  for (int m = 0; m < p->n_measured; m++) {
    const int i = runs->measured[m].i_run;
    if (!place[i]) place[i] = distinct(p, runs, i) + 1;
    p->what[m] = runs->measured[m].i_observable;
    p->next[m] = p->first[place[i] - 1];
    p->first[place[i] - 1] = m;
  }
  return TAU_OK;
}

/* --- values and derivatives --- */

static tau_status set(taup_fitted_runs *r, const plan *p, int k, const double *b)
{
  r->i_failed = p->given[k];
  tau_inputs_reset(r->inputs);
  for (int i = 0; i < p->n_inputs; i++) {
    const double value = p->values[(size_t)k * (size_t)p->n_inputs + (size_t)i];
    if (!isnan(value)) TAU_TRY(tau_inputs_set_index(r->inputs, p->inputs[i], value));
  }
  for (int j = 0; j < r->n; j++)
    TAU_TRY(tau_inputs_set_index(r->inputs, r->parameter[j], r->is_log[j] ? exp(b[j]) : b[j]));
  return TAU_OK;
}

static void read_run(const taup_fitted_runs *r, const plan *p, int k, const double *b, double *f, double *J)
{
  const double *values = tau_result_values(tau_sensitivity_result(r->sensitivity));
  const size_t n = (size_t)r->n;
  for (int m = p->first[k]; m >= 0; m = p->next[m]) {
    const double *slopes = tau_sensitivity_values(r->sensitivity) + (size_t)p->what[m] * n;
    f[m] = values[p->what[m]];
    for (size_t j = 0; j < n; j++) J[(size_t)m * n + j] = slopes[j] * (r->is_log[j] ? exp(b[j]) : 1.0);
  }
}

/* All runs of a plan; on a failure i_failed says which. */
static tau_status run_all(taup_fitted_runs *r, const plan *p, const double *b, double *f, double *J)
{
  for (int k = 0; k < p->n_distinct; k++) {
    TAU_TRY(set(r, p, k, b));
    TAU_TRY(tau_sensitivity_run(r->sensitivity, r->inputs, &r->options));
    read_run(r, p, k, b, f, J);
  }
  return TAU_OK;
}

static tau_status learn(taup_fitted_runs *r, const double *b)
{
  if (r->is_known && same(r->n, b, r->b)) return TAU_OK;
  r->is_known = false;
  TAU_TRY(run_all(r, &r->plan, b, r->f, r->J));
  memcpy(r->b, b, (size_t)r->n * sizeof *b);
  r->is_known = true;
  return TAU_OK;
}

/* A tau_fit_model. What a shorter step may mend is TAU_E_DOMAIN. */
static tau_status model(void *user, const double *b, double *f, double *J)
{
  taup_fitted_runs *r = user;
  const size_t m = (size_t)r->plan.n_measured;
  const tau_status st = learn(r, b);
  if (st == TAU_E_SOLVER || st == TAU_E_VALUE || st == TAU_STOPPED_TIME) return TAU_E_DOMAIN;
  TAU_TRY(st);
  memcpy(f, r->f, m * sizeof *f);
  if (J) memcpy(J, r->J, m * (size_t)r->n * sizeof *J);
  return TAU_OK;
}

/* --- parameters --- */

static tau_status check_parameter(const tau_fit_runs_problem *p, int j)
{
  const int i = p->parameters[j].i_parameter;
  TAU_TRY(check_index("parameter", i, tau_train_n_parameters(p->train)));
  const char *path = tau_train_parameter(p->train, i).path;
  for (int k = 0; k < j; k++)
    if (p->parameters[k].i_parameter == i) return taup_fail(TAUP_ERR_FIT_DATA, "'%s' is fitted twice", path);
  for (int k = 0; k < p->runs.n_inputs; k++)
    if (p->runs.inputs[k] == i)
      return taup_fail(TAUP_ERR_FIT_DATA,
                       "'%s' is an input of the runs, so it cannot be fitted; leave one of both out", path);
  return TAU_OK;
}

/* The bounds of a fit: those of the parameter itself and those given; what must be above 0 stops just above it. */
static void set_bounds(const tau_train *train, const tau_fitted_parameter *given, tau_fit_parameter *out)
{
  const taup_parameter *own = &train->d.chemistry.parameters.items[given->i_parameter];
  const double least = own->positive && own->lower == 0.0 ? DBL_MIN : own->lower;
  out->lower = fmax(given->lower, least);
  out->upper = fmin(given->upper, own->upper);
}

static double logarithm(double x) { return x > 0.0 ? log(x) : (double)-INFINITY; }

/* *name: the one of a logarithm, to be freed. */
static tau_status set_parameter(const tau_train *train, const tau_fitted_parameter *given, char **name,
                                tau_fit_parameter *out)
{
  const tau_parameter own = tau_train_parameter(train, given->i_parameter);
  *out = (tau_fit_parameter){.name = own.path,
                             .start = isnan(given->start) ? own.value : given->start,
                             .fixed = given->fixed};
  if (isnan(out->start))
    return taup_fail(TAUP_ERR_FIT_DATA, "'%s' has no value in the model; give it a start", own.path);
  set_bounds(train, given, out);
  if (!given->is_log) return TAU_OK;
  if (!(out->start > 0.0))
    return taup_fail(TAUP_ERR_FIT_DATA, "the start of '%s' is %g; its logarithm needs one above 0", own.path,
                     out->start);
  const size_t room = strlen(own.path) + 4;
  out->name = *name = taup_calloc(room, 1);
  if (!*name) return TAU_E_NOMEM;
  snprintf(*name, room, "ln %s", own.path);
  out->start = log(out->start);
  out->lower = logarithm(out->lower);
  out->upper = logarithm(out->upper);
  return TAU_OK;
}

/* --- the start --- */

static tau_status fail_at_start(const taup_fitted_runs *r, tau_status st)
{
  char why[512];
  if (st == TAU_STOPPED_TIME)
    return taup_fail(TAUP_ERR_FIT_START, "run %d, at the start of the fit: its time limit was reached",
                     r->i_failed);
  if (st == TAU_E_NOMEM || st > 0) return st;
  snprintf(why, sizeof why, "%s", tau_last_error());
  return taup_fail_as(st, taup_last_kind(), "run %d, at the start of the fit: %s", r->i_failed, why);
}

/* Setting one of a group of alternatives makes the others NAN. */
static tau_status check_alternatives(taup_fitted_runs *r, const double *b)
{
  const plan *p = &r->plan;
  if (p->n_distinct == 0) return TAU_OK;
  TAU_TRY(set(r, p, 0, b));
  for (int k = 0; k < r->n + p->n_inputs; k++) {
    const bool is_input = k >= r->n;
    const int i = is_input ? p->inputs[k - r->n] : r->parameter[k];
    if (!isnan(tau_inputs_value(r->inputs, i)) || (is_input && isnan(p->values[k - r->n]))) continue;
    return taup_fail(TAUP_ERR_FIT_DATA,
                     "'%s' is replaced by an alternative of it that the runs or the fit set; leave one out",
                     tau_train_parameter(r->train, i).path);
  }
  return TAU_OK;
}

/* An observable without a value or a derivative, by name. */
static tau_status check_known(const taup_fitted_runs *r, const tau_fitted_parameter *parameters)
{
  for (int m = 0; m < r->plan.n_measured; m++) {
    const char *path = tau_train_observable(r->train, r->plan.what[m]).path;
    if (!isfinite(r->f[m]))
      return taup_fail(TAUP_ERR_FIT_START, "'%s' of point %d has no value at the start of the fit", path, m);
    for (int j = 0; j < r->n; j++)
      if (!parameters[j].fixed && !isfinite(r->J[(size_t)m * (size_t)r->n + (size_t)j]))
        return taup_fail(TAUP_ERR_FIT_START,
                         "'%s' of point %d has no derivative to '%s' at the start of the fit", path, m,
                         tau_train_parameter(r->train, r->parameter[j]).path);
  }
  return TAU_OK;
}

/* What the runs at the start say, before the search, which would only know that there is nothing. */
static tau_status begin(taup_fitted_runs *r, const tau_fit_runs_problem *p, const double *b)
{
  tau_status st = check_alternatives(r, b);
  if (st == TAU_OK && (st = learn(r, b)) == TAU_OK) return check_known(r, p->parameters);
  return fail_at_start(r, st);
}

static tau_status runs_new(taup_fitted_runs **out, const tau_fit_runs_problem *p)
{
  const size_t m = (size_t)p->runs.n_measured, n = (size_t)p->n_parameters;
  taup_fitted_runs *r = *out = taup_calloc(1, sizeof *r);
  if (!r) return TAU_E_NOMEM;
  const tau_run_options usual = TAU_RUN_OPTIONS_INIT;
  r->options = p->run_options ? *p->run_options : usual;
  r->n = p->n_parameters;
  r->train = tau_train_ref(p->train);
  TAU_TRY(plan_new(&r->plan, p->train, &p->runs));
  r->parameter = taup_calloc(n, sizeof *r->parameter);
  r->is_log = taup_calloc(n, sizeof *r->is_log);
  r->b = taup_calloc(n + m + m * n, sizeof *r->b);
  if (!r->parameter || !r->is_log || !r->b) return TAU_E_NOMEM;
  r->f = r->b + n;
  r->J = r->f + m;
  for (size_t j = 0; j < n; j++) {
    r->parameter[j] = p->parameters[j].i_parameter;
    r->is_log[j] = p->parameters[j].is_log;
  }
  TAU_TRY(tau_inputs_new(&r->inputs, p->train));
  return tau_sensitivity_new(&r->sensitivity, p->train, r->n, r->parameter);
}

/* --- the fit --- */

/* What tau_fit_new is asked, in memory of its own. */
typedef struct question {
  tau_fit_parameter *parameters; /* n */
  char **names;                  /* n: of logarithms; else NULL */
  double *y, *sigma;             /* n_measured, one block; sigma NULL: none is known */
} question;

static void question_free(question *q, int n)
{
  for (int j = 0; q->names && j < n; j++) taup_free(q->names[j]);
  taup_free(q->names);
  taup_free(q->parameters);
  taup_free(q->y);
}

static tau_status set_points(question *q, const tau_runs *runs)
{
  int n_sigma = 0;
  for (int m = 0; m < runs->n_measured; m++) {
    q->y[m] = runs->measured[m].value;
    q->sigma[m] = runs->measured[m].sigma;
    n_sigma += q->sigma[m] != 0.0;
  }
  if (n_sigma == 0) q->sigma = NULL;
  if (n_sigma == 0 || n_sigma == runs->n_measured) return TAU_OK;
  return taup_fail(TAUP_ERR_FIT_DATA, "%d of %d points have a sigma; give it for all, or for none", n_sigma,
                   runs->n_measured);
}

static tau_status ask(question *q, const tau_fit_runs_problem *p)
{
  const size_t m = (size_t)p->runs.n_measured, n = (size_t)p->n_parameters;
  q->parameters = taup_calloc(n, sizeof *q->parameters);
  q->names = taup_calloc(n, sizeof *q->names);
  q->y = taup_calloc(m, 2 * sizeof *q->y);
  if (!q->parameters || !q->names || !q->y) return TAU_E_NOMEM;
  q->sigma = q->y + m;
  for (int j = 0; j < p->n_parameters; j++) {
    TAU_TRY(check_parameter(p, j));
    TAU_TRY(set_parameter(p->train, &p->parameters[j], &q->names[j], &q->parameters[j]));
  }
  return set_points(q, &p->runs);
}

/* Not below what the tolerance of the runs allows. */
static tau_fit_options coarser(const tau_fit_options *given, double rtol)
{
  tau_fit_options o = TAU_FIT_OPTIONS_INIT;
  if (given) memcpy(&o, given, given->size < sizeof o ? given->size : sizeof o);
  o.size = sizeof o;
  o.jacobian_error = fmax(o.jacobian_error, fmin(slope_error * rtol, 0.1));
  o.model_error = fmax(o.model_error, fmin(value_error * rtol, 0.1));
  return o;
}

/* The start, if it lies within its bounds: tau_fit_new says where it does not. */
static tau_status begin_at(taup_fitted_runs *r, const tau_fit_runs_problem *p, const question *q)
{
  double *b = taup_calloc((size_t)r->n, sizeof *b);
  if (!b) return TAU_E_NOMEM;
  bool is_within = true;
  for (int j = 0; j < r->n; j++) {
    const tau_fit_parameter *of = &q->parameters[j];
    b[j] = of->start;
    is_within = is_within && of->start >= of->lower && of->start <= of->upper;
  }
  const tau_status st = is_within ? begin(r, p, b) : TAU_OK;
  taup_free(b);
  return st;
}

tau_status tau_fit_runs(tau_fit **out, const tau_fit_runs_problem *problem, const tau_fit_options *options)
{
  question q = {0};
  taup_fitted_runs *r = NULL;
  tau_status st;
  *out = NULL;
  if ((st = ask(&q, problem)) < 0) goto done;
  if ((st = runs_new(&r, problem)) < 0) goto done;
  if ((st = begin_at(r, problem, &q)) != TAU_OK) goto done;
  const tau_result *first = tau_sensitivity_result(r->sensitivity);
  const tau_fit_options o = coarser(options, first ? first->rtol : 0.0);
  const tau_fit_problem asked = {.n_points = problem->runs.n_measured,
                                 .y = q.y,
                                 .sigma = q.sigma,
                                 .n_parameters = problem->n_parameters,
                                 .parameters = q.parameters,
                                 .model = model,
                                 .user = r};
  st = tau_fit_new(out, &asked, &o);
  if (!*out) goto done;
  (*out)->runs = r;
  r = NULL;
done:
  taup_fitted_runs_free(r);
  question_free(&q, problem->n_parameters);
  return st;
}

/* --- other runs --- */

tau_status tau_fit_predict_runs(tau_fit *fit, const tau_runs *runs, double level, double *values,
                                double *half_widths)
{
  if (!fit->runs)
    return taup_fail(TAUP_ERR_NO_CURVE, "this fit is not one of runs of a train: it has no other runs");
  const size_t n = (size_t)runs->n_measured * (size_t)fit->runs->n;
  plan p;
  TAU_TRY(plan_new(&p, fit->runs->train, runs));
  tau_status st = TAU_E_NOMEM;
  double *J = taup_calloc(n, sizeof *J);
  if (J) st = run_all(fit->runs, &p, fit->value, values, J);
  if (st == TAU_OK && half_widths) st = tau_fit_band(fit, runs->n_measured, J, level, half_widths);
  taup_free(J);
  plan_free(&p);
  return st;
}

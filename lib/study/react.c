/* SPDX-License-Identifier: Apache-2.0 */
/* react.c - a train run with one of its units in a distribution of residence times, in several ways.
 *
 *     o' = do/dp,   var o = o'^T C o',    C the covariance of the parameters p of the distribution
 *     plug flow     do/dp = (do/d mean) (d mean/dp)
 *
 * Each way is a copy of the model with `rtd:` and `mixing:` of the unit written anew: what is run could stand in a file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "num/quantile.h"
#include "model/read.h"
#include "rtd/rtd.h"
#include "study/train_rtd.h"
#include <tautrain/react.h>
#include <tautrain/sensitivity.h>

typedef struct way {
  tau_model *model;
  tau_train *train;
  tau_result *result;
  double *slopes; /* n_observables x n parameters of the distribution; NULL: not asked for */
} way;

struct tau_react {
  char unit[TAUP_NAME_LONGEST + 1];
  tau_rtd *rtd;
  way ways[TAU_REACT_N];
  const tau_fit *fit; /* while it is made */
  double *covariance; /* n x n; NULL: none */
  double dof;         /* INFINITY: normal */
};

static const char *const way_names[TAU_REACT_N] = {"plug flow", "segregated", "maximum mixedness",
                                                   "mixing by exchange"};

/* --- the unit and its distribution --- */

static bool may_have(const tau_model *model, const char *unit)
{
  char path[TAUP_PATH_LONGEST];
  snprintf(path, sizeof path, "units/%.128s/type", unit);
  const char *type = tau_model_text(model, path);
  for (int i = 0; type && i < taup_n_unit_kinds; i++)
    if (strcmp(taup_unit_kinds[i]->name, type) == 0)
      return taup_unit_kinds[i]->rtd && taup_unit_kinds[i]->transport != TAUP_CASCADE;
  return false;
}

static tau_status choose_unit(tau_react *r, const tau_model *model, const char *wanted)
{
  int n = 0;
  for (int i = 0; i < tau_model_n_keys(model, "units"); i++) {
    const char *unit = tau_model_key(model, "units", i);
    if (wanted ? strcmp(unit, wanted) != 0 : !may_have(model, unit)) continue;
    snprintf(r->unit, sizeof r->unit, "%s", unit);
    n++;
  }
  if (n == 1 && may_have(model, r->unit)) return TAU_OK;
  if (n == 1)
    return taup_fail(TAUP_ERR_NO_DISTRIBUTION,
                     "unit '%s' cannot be run in a distribution; needs a tube or a stirred tank", r->unit);
  if (wanted) return taup_fail_as(TAU_E_NAME, TAUP_ERR_UNKNOWN_END, "'%s' is no unit of this train", wanted);
  return taup_fail(TAUP_ERR_WHICH_UNIT,
                   "%d units may have a distribution; needs the name of the one that is meant", n);
}

static const char *path_to(const tau_react *r, const char *key, char *buffer, size_t n_bytes)
{
  snprintf(buffer, n_bytes, "units/%s/%s", r->unit, key);
  return buffer;
}

/* The distribution that the unit has in the train. */
static tau_status own_distribution(tau_react *r, const tau_model *model)
{
  tau_train *t = NULL;
  tau_inputs *inputs = NULL;
  taup_network network;
  TAU_TRY(tau_train_compile(&t, model));
  tau_status st = tau_inputs_new(&inputs, t);
  if (st == TAU_OK) st = taup_network_new(&network, &t->d, inputs->values, t->feeds);
  if (st == TAU_OK) {
    st = taup_network_unit(&r->rtd, &network, taup_map_find(&t->d.units.by_name, r->unit));
    taup_network_free(&network);
  }
  tau_inputs_free(inputs);
  tau_train_free(t);
  return st;
}

/* --- the model of a way --- */

static tau_status remove_key(tau_model *m, const tau_react *r, const char *key)
{
  char path[TAUP_PATH_LONGEST];
  path_to(r, key, path, sizeof path);
  const bool there = tau_model_text(m, path) || tau_model_n_keys(m, path) > 0;
  return there ? tau_model_remove(m, path) : TAU_OK;
}

static tau_status set_distribution(tau_model *m, const tau_react *r, tau_mixing mixing)
{
  char path[TAUP_PATH_LONGEST];
  tau_rtd *plug = NULL;
  tau_rtd_moments moments;
  if (mixing != TAU_REACT_PLUG) return tau_model_set_rtd(m, path_to(r, "rtd", path, sizeof path), r->rtd);
  tau_rtd_get_moments(r->rtd, &moments);
  TAU_TRY(tau_rtd_new(&plug, "plug", 1, (const char *const[]){"mean"}, &moments.mean));
  const tau_status st = tau_model_set_rtd(m, path_to(r, "rtd", path, sizeof path), plug);
  tau_rtd_free(plug);
  return st;
}

static tau_status set_mixing(tau_model *m, const tau_react *r, tau_mixing mixing, double time)
{
  char path[TAUP_PATH_LONGEST], text[64];
  TAU_TRY(remove_key(m, r, "mixing"));
  if (mixing != TAU_REACT_EXCHANGE)
    return tau_model_set(m, path_to(r, "mixing", path, sizeof path),
                         mixing == TAU_REACT_MAXIMUM ? "maximum" : "segregated");
  snprintf(text, sizeof text, "%.17g s", time);
  return tau_model_set(m, path_to(r, "mixing/exchange", path, sizeof path), text);
}

static tau_status make_model(tau_model **out, const tau_react *r, const tau_model *model, tau_mixing mixing,
                             double time)
{
  static const char *const others[] = {"until", "at", "start", "ends"};
  TAU_TRY(tau_model_copy(out, model));
  tau_status st = TAU_OK;
  for (size_t i = 0; i < sizeof others / sizeof others[0] && st == TAU_OK; i++)
    st = remove_key(*out, r, others[i]);
  if (st == TAU_OK) st = set_distribution(*out, r, mixing);
  return st == TAU_OK ? set_mixing(*out, r, mixing, time) : st;
}

/* --- a run --- */

static tau_status named(tau_status st, tau_mixing mixing)
{
  char said[800];
  if (st >= 0 || st == TAU_E_NOMEM) return st;
  snprintf(said, sizeof said, "%s", tau_last_error());
  return taup_fail_as(st, taup_last_kind(), "%s: %s", way_names[mixing], said);
}

/* d mean/dp of the distribution, by central differences of its closed moments. */
static tau_status slopes_of_mean(const tau_rtd *rtd, double *out)
{
  static const double step = 1e-5;
  const int n = tau_rtd_n_parameters(rtd);
  double *values = taup_calloc((size_t)n + 1, sizeof *values);
  tau_status st = values ? TAU_OK : TAU_E_NOMEM;
  for (int k = 0; k < n && st == TAU_OK; k++) {
    tau_rtd_moments m[2];
    const double h = step * fmax(fabs(rtd->values[k]), 1e-3);
    for (int side = 0; side < 2 && st == TAU_OK; side++) {
      tau_rtd *moved = NULL;
      memcpy(values, rtd->values, (size_t)n * sizeof *values);
      values[k] += side ? h : -h;
      st = tau_rtd_with(&moved, rtd, values);
      if (st == TAU_OK) tau_rtd_get_moments(moved, &m[side]);
      tau_rtd_free(moved);
    }
    if (st == TAU_OK) out[k] = (m[1].mean - m[0].mean) / (2.0 * h);
  }
  taup_free(values);
  return st;
}

/* Parameters of the distribution in the train of a way: plug flow has its mean alone. */
static int parameters_of(const tau_react *r, const tau_train *t, tau_mixing mixing, int *out)
{
  char path[2 * TAUP_PATH_LONGEST];
  const int n = mixing == TAU_REACT_PLUG ? 1 : tau_rtd_n_parameters(r->rtd);
  for (int k = 0; k < n; k++) {
    snprintf(path, sizeof path, "units/%s/rtd/%s", r->unit,
             mixing == TAU_REACT_PLUG ? "mean" : r->rtd->parameters[k].path);
    out[k] = tau_train_parameter_index(t, path);
  }
  return n;
}

static tau_status keep_slopes(const tau_react *r, way *w, const tau_sensitivity *s, tau_mixing mixing)
{
  const size_t n = (size_t)tau_rtd_n_parameters(r->rtd), m = (size_t)tau_train_n_observables(w->train);
  w->slopes = taup_calloc(n * m + 1, sizeof *w->slopes);
  if (!w->slopes) return TAU_E_NOMEM;
  if (mixing != TAU_REACT_PLUG) {
    memcpy(w->slopes, tau_sensitivity_values(s), n * m * sizeof *w->slopes);
    return TAU_OK;
  }
  double *mean = taup_calloc(n + 1, sizeof *mean);
  const tau_status st = mean ? slopes_of_mean(r->rtd, mean) : TAU_E_NOMEM;
  for (size_t i = 0; st == TAU_OK && i < m; i++)
    for (size_t k = 0; k < n; k++) w->slopes[i * n + k] = tau_sensitivity_value(s, (int)i, 0) * mean[k];
  taup_free(mean);
  return st;
}

static tau_status run_with_slopes(const tau_react *r, way *w, tau_mixing mixing, const tau_run_options *run)
{
  int *parameters = taup_calloc((size_t)tau_rtd_n_parameters(r->rtd) + 1, sizeof *parameters);
  tau_sensitivity *s = NULL;
  if (!parameters) return TAU_E_NOMEM;
  const int n = parameters_of(r, w->train, mixing, parameters);
  tau_status st = tau_train_sensitivity(&s, w->train, NULL, n, parameters, run);
  if (st == TAU_OK) st = keep_slopes(r, w, s, mixing);
  if (st == TAU_OK) w->result = tau_sensitivity_take_result(s);
  tau_sensitivity_free(s);
  taup_free(parameters);
  return st;
}

static tau_status run_way(tau_react *r, const tau_model *model, const tau_react_options *o, tau_mixing mixing)
{
  way *w = &r->ways[mixing];
  TAU_TRY(make_model(&w->model, r, model, mixing, o->exchange_time));
  TAU_TRY(tau_train_compile(&w->train, w->model));
  if (r->covariance && mixing != TAU_REACT_EXCHANGE) return run_with_slopes(r, w, mixing, o->run);
  return tau_train_run(&w->result, w->train, NULL, o->run);
}

/* --- errors --- */

/* The covariance of a fit whose parameters have the distribution's names, in its order. */
static void covariance_of(const tau_react *r, const tau_fit *fit, double *out)
{
  const int n = tau_rtd_n_parameters(r->rtd), m = tau_fit_n_parameters(fit);
  const double *from = tau_fit_covariance(fit);
  for (int a = 0; a < m; a++)
    for (int b = 0; b < m; b++)
      for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
          if (strcmp(tau_fit_name(fit, a), r->rtd->parameters[i].path) == 0 &&
              strcmp(tau_fit_name(fit, b), r->rtd->parameters[k].path) == 0)
            out[i * n + k] = from[a * m + b];
}

/* Student's t has as many degrees of freedom as the fit, where it scales its errors: told by the width that it gives itself. */
static double dof_of(const tau_fit *fit)
{
  for (int i = 0; i < tau_fit_n_parameters(fit); i++) {
    const double e = tau_fit_standard_error(fit, i), h = tau_fit_half_width(fit, i, 0.95);
    if (e > 0.0 && fabs(h / e - taup_normal_quantile(0.975)) < 1e-9) return (double)INFINITY;
  }
  return tau_fit_dof(fit);
}

static tau_status take_errors(tau_react *r, const tau_react_options *o)
{
  const size_t n = (size_t)tau_rtd_n_parameters(r->rtd);
  r->dof = (double)INFINITY;
  if (!o->fit && !o->covariance) return TAU_OK;
  r->covariance = taup_calloc(n * n + 1, sizeof *r->covariance);
  if (!r->covariance) return TAU_E_NOMEM;
  if (o->fit) {
    covariance_of(r, o->fit, r->covariance);
    r->dof = dof_of(o->fit);
  } else {
    memcpy(r->covariance, o->covariance, n * n * sizeof *r->covariance);
  }
  return TAU_OK;
}

/* --- the whole --- */

static tau_status check(const tau_react *r, const tau_react_options *o)
{
  if (!(o->exchange_time >= 0.0 && isfinite(o->exchange_time)))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the time of exchange is %.6g s; needs more than 0",
                     o->exchange_time);
  tau_rtd_moments m;
  tau_rtd_get_moments(r->rtd, &m);
  if (m.variance > 0.0) return TAU_OK;
  return taup_fail(
    TAUP_ERR_NO_DISTRIBUTION,
    "unit '%s' is in plug flow: all in it has one age; give it an 'rtd', or a distribution here", r->unit);
}

static tau_status make(tau_react *r, const tau_model *model, const tau_react_options *o)
{
  TAU_TRY(choose_unit(r, model, o->unit));
  if (o->rtd) r->rtd = tau_rtd_ref(o->rtd);
  else TAU_TRY(own_distribution(r, model));
  TAU_TRY(check(r, o));
  TAU_TRY(take_errors(r, o));
  for (int k = 0; k < TAU_REACT_N; k++) {
    if (k == TAU_REACT_EXCHANGE && o->exchange_time == 0.0) continue;
    const tau_status st = named(run_way(r, model, o, (tau_mixing)k), (tau_mixing)k);
    if (st != TAU_OK) return st;
  }
  return TAU_OK;
}

tau_status tau_react_new(tau_react **out, const tau_model *model, const tau_react_options *options)
{
  const tau_react_options o = options ? *options : (tau_react_options)TAU_REACT_OPTIONS_INIT;
  *out = NULL;
  tau_react *r = taup_calloc(1, sizeof *r);
  if (!r) return TAU_E_NOMEM;
  const tau_status st = make(r, model, &o);
  if (st != TAU_OK) {
    tau_react_free(r);
    return st;
  }
  *out = r;
  return TAU_OK;
}

void tau_react_free(tau_react *r)
{
  if (!r) return;
  for (int k = 0; k < TAU_REACT_N; k++) {
    tau_result_free(r->ways[k].result);
    tau_model_free(r->ways[k].model);
    tau_train_free(r->ways[k].train);
    taup_free(r->ways[k].slopes);
  }
  tau_rtd_free(r->rtd);
  taup_free(r->covariance);
  taup_free(r);
}

/* --- what it says --- */

const char *tau_react_unit(const tau_react *r) { return r->unit; }
const tau_rtd *tau_react_rtd(const tau_react *r) { return r->rtd; }
bool tau_react_has(const tau_react *r, tau_mixing mixing) { return r->ways[mixing].result != NULL; }

static const tau_train *train_of(const tau_react *r) { return r->ways[TAU_REACT_PLUG].train; }
int tau_react_n_observables(const tau_react *r) { return tau_train_n_observables(train_of(r)); }
tau_observable tau_react_observable(const tau_react *r, int i)
{
  return tau_train_observable(train_of(r), i);
}
int tau_react_index(const tau_react *r, const char *path)
{
  return tau_train_observable_index(train_of(r), path);
}

double tau_react_value(const tau_react *r, tau_mixing mixing, int i)
{
  return tau_react_has(r, mixing) ? tau_result_values(r->ways[mixing].result)[i] : (double)NAN;
}

double tau_react_half_width(const tau_react *r, tau_mixing mixing, int i, double level)
{
  const int n = tau_rtd_n_parameters(r->rtd);
  const double *slopes = r->ways[mixing].slopes;
  if (!slopes || !(level > 0.0 && level < 1.0)) return (double)NAN;
  const double *own = slopes + (ptrdiff_t)i * n;
  double variance = 0.0;
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++)
      if (r->covariance[a * n + b] != 0.0) variance += own[a] * r->covariance[a * n + b] * own[b];
  return taup_t_quantile(0.5 + 0.5 * level, r->dof) * sqrt(fmax(variance, 0.0));
}

const tau_result *tau_react_result(const tau_react *r, tau_mixing mixing) { return r->ways[mixing].result; }

tau_status tau_react_model(const tau_react *r, tau_mixing mixing, tau_model **out)
{
  *out = NULL;
  if (tau_react_has(r, mixing)) return tau_model_copy(out, r->ways[mixing].model);
  return taup_fail(TAUP_ERR_OUT_OF_RANGE, "there was no run with %s: no time of exchange was given",
                   way_names[mixing]);
}

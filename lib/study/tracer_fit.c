/* SPDX-License-Identifier: Apache-2.0 */
/* tracer_fit.c - models of residence times fitted to a tracer curve in the time domain.
 *
 *     f(t; p, A, b) = A r(t; p) + b,   df/dp = A dr/dp, df/dA = r, df/db = 1
 *     r = E (pulse), F (step up), W (step down), or the response to the measured inlet
 *
 * Invariant: arrays are slices of one block. `all` is the vessel followed by the set-up, whose parameters come last and stay. */
#include <tautrain/tracer_fit.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "base/text.h"
#include "rtd/rtd.h"
#include "study/tracer.h"

enum {
  MOST_PARAMETERS = 256, /* of a model, more than any curve can tell */
  MOST_EVALUATIONS = 600 /* of a fit; one that converges takes some ten */
};

struct tau_tracer_fit {
  tau_tracer_kind kind;
  tau_rtd *all;    /* with the set-up */
  tau_rtd *vessel; /* as fitted */
  tau_fit *fit;
  int n_vessel, n_all; /* parameters of the vessel, and with the set-up */
  bool with_offset;
  int n_left; /* evaluations that are still allowed */
  int n, n_inlet;
  double *t, *y, *t_inlet, *inlet;
  double *values; /* n_all, of a trial */
  double *slopes; /* room for max(n, n_room) x n_all */
  double *block;
};

/* --- start from the moments: of a series each part gets its share of mean and variance, plug flow the time before anything comes --- */

enum { MOST_PARTS = 8, MOST_OF_A_PART = 16 };

typedef struct share {
  double mean, theta2;
} share;

static const double STAGNANT = 0.25; /* a share in the midst of those that are found */

static double guess(share of, const char *model, const char *name)
{
  double slope;
  const bool is_open = !strcmp(model, "dispersion-open");
  const double closed = taup_peclet_closed(of.theta2, &slope),
               open = taup_peclet_open_mean(of.theta2, &slope);
  const double pe = is_open && open > 0.0 ? open : isnan(closed) ? 0.1 : closed;
  if (!strcmp(name, "mean") || !strcmp(name, "space_time"))
    return is_open ? of.mean / (1.0 + 2.0 / pe) : of.mean;
  if (!strcmp(name, "n")) return fmin(fmax(1.0 / of.theta2, 0.5), 1e5);
  if (!strcmp(name, "peclet")) return fmin(pe, 1e6);
  if (!strcmp(name, "stagnant")) return STAGNANT;
  if (strcmp(name, "exchange") != 0) return NAN;
  /* sigma_theta^2 = 1 + 2 stagnant^2/exchange; of a tail that was cut too little is left for it */
  const double wider = of.theta2 - 1.0;
  return wider > 0.0 ? fmin(fmax(2.0 * STAGNANT * STAGNANT / wider, 0.05), 1.0) : 1.0;
}

static const taup_rtd_row *row_of(const char *model)
{
  for (int i = 0; i < taup_n_rtd_rows; i++)
    if (!strcmp(taup_rtd_rows[i]->name, model)) return taup_rtd_rows[i];
  return NULL;
}

static tau_status start_part(tau_rtd **out, const char *model, share of)
{
  const char *names[MOST_OF_A_PART];
  double values[MOST_OF_A_PART];
  const taup_rtd_row *row = row_of(model); /* NULL: tau_rtd_new says what there is */
  int n = 0;
  for (int i = 0; row && n < MOST_OF_A_PART && i < row->n_fields; i++) {
    names[n] = row->fields[i].name;
    values[n] = guess(of, model, names[n]);
    n += !isnan(values[n]);
  }
  return tau_rtd_new(out, model, n, names, values);
}

/* Half of the time by which 1 % has come. */
static double time_before(const tau_tracer *tracer)
{
  const taup_curve *c = &tracer->outlet;
  int i = 0;
  while (i + 1 < c->n && c->F[i] < 0.01) i++;
  return fmax(0.5 * c->t[i] - (tracer->inlet.n_all ? tracer->inlet.m.mean.value : 0.0),
              0.05 * tracer->vessel.mean.value);
}

/* Names between '+', in place. */
static int split(char *text, char *parts[MOST_PARTS])
{
  int n = 0;
  for (char *at = text; at && n < MOST_PARTS; n++) {
    parts[n] = at;
    at = strchr(at, '+');
    if (at) *at++ = '\0';
  }
  return n;
}

/* Of the square of the mean, where noise has eaten the variance (a difference, where the inlet was measured): N = 20 or so. */
static const double usual_variance = 0.05;

static tau_status start_parts(tau_rtd *made[MOST_PARTS], const tau_tracer *tracer, int n,
                              char *parts[MOST_PARTS])
{
  int n_plugs = 0;
  for (int i = 0; i < n; i++) n_plugs += !strcmp(parts[i], "plug");
  const double mean = tracer->vessel.mean.value, spread = tracer->vessel.variance.value;
  const double variance = spread > 0.0 ? spread : usual_variance * mean * mean;
  const bool waits = n_plugs > 0 && n_plugs < n;
  const double delay = n_plugs == 0 ? 0.0
                       : waits      ? fmin(time_before(tracer), 0.8 * mean) / n_plugs
                                    : mean / n_plugs;
  const double rest = waits || n_plugs == 0 ? (mean - n_plugs * delay) / (n - n_plugs) : mean;
  const share others = {rest, variance / fmax(n - n_plugs, 1) / (rest * rest)};
  for (int i = 0; i < n; i++)
    TAU_TRY(start_part(&made[i], parts[i], !strcmp(parts[i], "plug") ? (share){delay, 0.0} : others));
  return TAU_OK;
}

tau_status tau_tracer_start(tau_rtd **out, const tau_tracer *tracer, const char *model)
{
  assert(out && tracer && model);
  char *parts[MOST_PARTS];
  tau_rtd *made[MOST_PARTS] = {NULL};
  if (!(tracer->vessel.mean.value > 0.0))
    return taup_fail(TAUP_ERR_NO_SIGNAL, "the vessel has a mean of %g s; no model can start from it",
                     tracer->vessel.mean.value);
  char *text = taup_strdup(model);
  if (!text) return TAU_E_NOMEM;
  const int n = split(text, parts);
  tau_status st = start_parts(made, tracer, n, parts);
  if (st >= 0) st = n > 1 ? tau_rtd_series(out, n, (const tau_rtd *const *)made) : TAU_OK;
  if (st >= 0 && n == 1) {
    *out = made[0];
    made[0] = NULL;
  }
  for (int i = 0; i < MOST_PARTS; i++) tau_rtd_free(made[i]);
  taup_free(text);
  return st;
}

/* --- the response --- */

static bool has_inlet(const tau_tracer_fit *f) { return f->n_inlet > 0; }

static tau_status response(const tau_tracer_fit *f, const tau_rtd *rtd, int n, const double *t, double *r)
{
  if (has_inlet(f)) return tau_rtd_respond(rtd, f->n_inlet, f->t_inlet, f->inlet, n, t, r, NULL);
  if (f->kind == TAU_TRACER_STEP_UP) return tau_rtd_cumulative(rtd, n, t, r, NULL);
  return f->kind == TAU_TRACER_STEP_DOWN ? tau_rtd_washout(rtd, n, t, r, NULL)
                                         : tau_rtd_density(rtd, n, t, r, NULL);
}

/* dr/dp, [n x n_all]; r itself once more, where it comes along. */
static tau_status response_slopes(const tau_tracer_fit *f, const tau_rtd *rtd, int n, const double *t,
                                  double *r, double *slopes)
{
  if (has_inlet(f)) return tau_rtd_respond_slopes(rtd, f->n_inlet, f->t_inlet, f->inlet, n, t, r, slopes);
  if (f->kind == TAU_TRACER_PULSE) return tau_rtd_density_slopes(rtd, n, t, slopes);
  TAU_TRY(tau_rtd_cumulative_slopes(rtd, n, t, slopes));
  for (int i = 0; f->kind == TAU_TRACER_STEP_DOWN && i < n * f->n_all; i++) slopes[i] = -slopes[i];
  return TAU_OK;
}

/* f and J of n times, at b = (p of the vessel, A, offset); slopes has room for n x n_all. */
static tau_status evaluate(const tau_tracer_fit *f, const double *b, int n, const double *t, double *slopes,
                           double *values, double *J)
{
  tau_rtd *rtd = NULL;
  tau_status st;
  const double A = b[f->n_vessel], offset = f->with_offset ? b[f->n_vessel + 1] : 0.0;
  const int n_b = f->n_vessel + 1 + f->with_offset;
  memcpy(f->values, b, (size_t)f->n_vessel * sizeof *b);
  if ((st = tau_rtd_with(&rtd, f->all, f->values)) < 0) goto done;
  if ((st = response(f, rtd, n, t, values)) < 0) goto done;
  if (J && (st = response_slopes(f, rtd, n, t, values, slopes)) < 0) goto done;
  for (int i = 0; i < n; i++) {
    double *row = J ? J + (size_t)i * (size_t)n_b : NULL;
    for (int k = 0; J && k < f->n_vessel; k++) row[k] = A * slopes[(size_t)i * (size_t)f->n_all + (size_t)k];
    if (J) row[f->n_vessel] = values[i];
    if (J && f->with_offset) row[f->n_vessel + 1] = 1.0;
    values[i] = A * values[i] + offset;
  }
done:
  tau_rtd_free(rtd);
  return st;
}

/* A value on an excluded bound, or a model that cannot be evaluated there: a shorter step. */
static tau_status model_of_fit(void *user, const double b[], double values[], double J[])
{
  tau_tracer_fit *f = user;
  if (f->n_left-- <= 0)
    return taup_fail(
      TAUP_ERR_NO_CONVERGENCE,
      "%d evaluations of the model led nowhere; begin nearer, or take another model (the curve of "
      "this one may have a jump, which its slopes do not show)",
      MOST_EVALUATIONS);
  const tau_status st = evaluate(f, b, f->n, f->t, f->slopes, values, J);
  return st == TAU_E_VALUE ? TAU_E_DOMAIN : st;
}

/* --- what is fitted --- */

static tau_status lay_out(tau_tracer_fit *f, const tau_tracer *tracer)
{
  const taup_curve *out = &tracer->outlet, *in = &tracer->inlet;
  f->n = out->n;
  const size_t n = (size_t)f->n, m = in->n_all ? (size_t)in->n + 2 : 0, k = (size_t)f->n_all;
  f->block = taup_calloc(2 * n + 2 * m + k + n * k, sizeof(double));
  if (!f->block) return TAU_E_NOMEM;
  f->t = f->block;
  f->y = f->t + n;
  f->t_inlet = f->y + n;
  f->inlet = f->t_inlet + m;
  f->values = f->inlet + m;
  f->slopes = f->values + k;
  return TAU_OK;
}

/* Above the lower level: of a step up the level less what is missing. */
static void copy_signal(const taup_curve *c, int n, double *t, double *y)
{
  for (int i = 0; i < n; i++) {
    t[i] = c->t[i];
    y[i] = c->sign < 0.0 ? c->level - c->y[i] : c->y[i];
  }
}

/* A polyline stays at its first and last value for ever, so of a signal that comes and goes the noise of two single points would lie
 * under the whole curve: it begins and ends at 0, as its moments have it. */
static void copy_inlet(tau_tracer_fit *f, const taup_curve *c)
{
  const int closed = !c->is_step;
  copy_signal(c, c->n, f->t_inlet + closed, f->inlet + closed);
  f->n_inlet = c->n + 2 * closed;
  if (!closed) return;
  f->t_inlet[0] = f->t_inlet[1];
  f->t_inlet[f->n_inlet - 1] = f->t_inlet[f->n_inlet - 2];
  f->inlet[0] = f->inlet[f->n_inlet - 1] = 0.0;
}

static tau_status join(tau_tracer_fit *f, const tau_tracer_fit_model *m)
{
  f->n_vessel = tau_rtd_n_parameters(m->rtd);
  if (f->n_vessel > MOST_PARAMETERS)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the model has %d parameters; at most %d can be fitted",
                     f->n_vessel, MOST_PARAMETERS);
  if (m->set_up) TAU_TRY(tau_rtd_series(&f->all, 2, (const tau_rtd *const[]){m->rtd, m->set_up}));
  else f->all = tau_rtd_ref(m->rtd);
  f->n_all = tau_rtd_n_parameters(f->all);
  return TAU_OK;
}

/* A part that leaves at one time would have to be fitted by an infinite point. */
static tau_status refuse_atoms(const tau_tracer_fit *f)
{
  if (f->kind != TAU_TRACER_PULSE || has_inlet(f)) return TAU_OK;
  for (int i = 0; i < tau_rtd_n_atoms(f->all); i++) {
    double time, weight;
    tau_rtd_atom(f->all, i, &time, &weight);
    if (weight > 1e-9)
      return taup_fail(TAUP_ERR_PULSE_OF_PLUG,
                       "%.3g %% of an ideal pulse would leave this model as a pulse at %g s, which no points "
                       "show; give the inlet signal, or a "
                       "model without plug flow and bypass",
                       100.0 * weight, time);
  }
  return TAU_OK;
}

static double start_of_area(const tau_tracer *tracer, bool with_inlet)
{
  return with_inlet ? tracer->outlet.m.area.value / tracer->inlet.m.area.value : tracer->outlet.m.area.value;
}

static void describe(const tau_tracer_fit *f, const tau_rtd *rtd, double area, tau_fit_parameter *p)
{
  for (int k = 0; k < f->n_vessel; k++)
    p[k] = (tau_fit_parameter){tau_rtd_parameter_path(rtd, k), tau_rtd_parameter_value(rtd, k),
                               tau_rtd_parameter_lower(rtd, k), tau_rtd_parameter_upper(rtd, k), false};
  p[f->n_vessel] = (tau_fit_parameter){"area", area, -INFINITY, INFINITY, false};
  if (f->with_offset) p[f->n_vessel + 1] = (tau_fit_parameter){"offset", 0.0, -INFINITY, INFINITY, false};
}

static tau_status change(const tau_tracer_change *c, int n, tau_fit_parameter *p)
{
  taup_nearest near = {c->path, NULL, 0};
  char hint[96];
  for (int k = 0; k < n; k++) {
    if (strcmp(p[k].name, c->path) != 0) {
      taup_nearest_try(&near, p[k].name);
      continue;
    }
    if (!isnan(c->lower)) p[k].lower = c->lower;
    if (!isnan(c->upper)) p[k].upper = c->upper;
    p[k].start = isnan(c->start) ? fmin(fmax(p[k].start, p[k].lower), p[k].upper) : c->start;
    p[k].fixed = c->fixed;
    return TAU_OK;
  }
  return taup_fail(TAUP_ERR_UNKNOWN_PARAMETER, "the fit has no parameter '%s'%s", c->path,
                   taup_nearest_hint(&near, hint, sizeof hint));
}

/* The vessel with the values found. */
static tau_status keep_rtd(tau_tracer_fit *f, const tau_rtd *rtd)
{
  for (int k = 0; k < f->n_vessel; k++) f->values[k] = tau_fit_value(f->fit, k);
  return tau_rtd_with(&f->vessel, rtd, f->values);
}

/* A response to a measured inlet is a sum of many inversions, good to 1e-11 of its peak and not to rounding: a sum of squares that is
 * flatter than that shows the search no way down. From 1e-4 on, a thousandth of a standard error, the polish goes on by the slopes. */
static tau_fit_options complete(const tau_fit_options *given)
{
  tau_fit_options o = TAU_FIT_OPTIONS_INIT;
  if (given) memcpy(&o, given, given->size < sizeof o ? given->size : sizeof o);
  o.size = sizeof o;
  if (o.tolerance < 1e-4) o.tolerance = 1e-4;
  return o;
}

static tau_status solve(tau_tracer_fit *f, const tau_tracer *tracer, const tau_tracer_fit_model *m,
                        const tau_fit_options *given)
{
  const tau_fit_options options = complete(given);
  tau_fit_parameter p[MOST_PARAMETERS + 2];
  const int n_b = f->n_vessel + 1 + f->with_offset;
  describe(f, m->rtd, start_of_area(tracer, has_inlet(f)), p);
  for (int i = 0; i < m->n_changes; i++) TAU_TRY(change(&m->changes[i], n_b, p));
  for (int k = 0; k < f->n_all; k++) f->values[k] = tau_rtd_parameter_value(f->all, k);
  double *sigma = NULL;
  if (options.absolute_sigma && tracer->outlet.m.noise > 0.0) {
    if (!(sigma = taup_calloc((size_t)f->n, sizeof *sigma))) return TAU_E_NOMEM;
    for (int i = 0; i < f->n; i++) sigma[i] = tracer->outlet.m.noise;
  }
  const tau_fit_problem problem = {f->n, f->y, sigma, n_b, p, model_of_fit, f};
  f->n_left = MOST_EVALUATIONS;
  const tau_status st = tau_fit_new(&f->fit, &problem, &options);
  taup_free(sigma);
  if (!f->fit) return st;
  const tau_status kept = keep_rtd(f, m->rtd);
  return kept < 0 ? kept : st;
}

tau_status tau_tracer_fit_new(tau_tracer_fit **out, const tau_tracer *tracer,
                              const tau_tracer_fit_model *model, const tau_fit_options *options)
{
  assert(out && tracer && model && model->rtd);
  *out = NULL;
  tau_status st = TAU_E_NOMEM;
  tau_tracer_fit *f = taup_calloc(1, sizeof *f);
  if (!f) goto done;
  f->kind = tracer->kind;
  f->with_offset = model->with_offset;
  if ((st = join(f, model)) < 0) goto done;
  if ((st = lay_out(f, tracer)) < 0) goto done;
  copy_signal(&tracer->outlet, f->n, f->t, f->y);
  if (tracer->inlet.n_all) copy_inlet(f, &tracer->inlet);
  if ((st = refuse_atoms(f)) < 0) goto done;
  st = solve(f, tracer, model, options);
  if (f->fit && f->vessel && (st >= 0 || st == TAU_E_SOLVER)) {
    *out = f;
    f = NULL;
  }
done:
  tau_tracer_fit_free(f);
  return st;
}

void tau_tracer_fit_free(tau_tracer_fit *f)
{
  if (!f) return;
  tau_fit_free(f->fit);
  tau_rtd_free(f->vessel);
  tau_rtd_free(f->all);
  taup_free(f->block);
  taup_free(f);
}

/* --- asked --- */

const tau_fit *tau_tracer_fit_statistics(const tau_tracer_fit *f) { return f->fit; }
const tau_rtd *tau_tracer_fit_rtd(const tau_tracer_fit *f) { return f->vessel; }
int tau_tracer_fit_n_points(const tau_tracer_fit *f) { return f->n; }
const double *tau_tracer_fit_times(const tau_tracer_fit *f) { return f->t; }
const double *tau_tracer_fit_signal(const tau_tracer_fit *f) { return f->y; }

tau_status tau_tracer_fit_profile(tau_tracer_fit *f, int i_parameter, double level, double *lower,
                                  double *upper)
{
  f->n_left = 50 * MOST_EVALUATIONS; /* some tens of fits */
  return tau_fit_profile(f->fit, i_parameter, level, lower, upper);
}

tau_status tau_tracer_fit_curve(tau_tracer_fit *f, int n, const double t[], double level, double values[],
                                double half_widths[])
{
  const int n_b = f->n_vessel + 1 + f->with_offset;
  double b[MOST_PARAMETERS + 2];
  for (int k = 0; k < n_b; k++) b[k] = tau_fit_value(f->fit, k);
  if (!half_widths) return evaluate(f, b, n, t, NULL, values, NULL);
  tau_status st = TAU_E_NOMEM;
  double *room = taup_calloc((size_t)n * (size_t)(n_b + f->n_all), sizeof *room);
  if (!room) return st;
  st = evaluate(f, b, n, t, room + (size_t)n * (size_t)n_b, values, room);
  if (st >= 0) st = tau_fit_band(f->fit, n, room, level, half_widths);
  taup_free(room);
  return st;
}

void tau_akaike_weights(int n, const double aicc[], double weights[])
{
  double least = INFINITY, sum = 0.0;
  for (int i = 0; i < n; i++) least = fmin(least, aicc[i]); /* fmin passes over NaN */
  for (int i = 0; i < n; i++) {
    weights[i] = isnan(aicc[i]) ? 0.0 : exp(-0.5 * (aicc[i] - least));
    sum += weights[i];
  }
  for (int i = 0; i < n && sum > 0.0; i++) weights[i] /= sum;
}

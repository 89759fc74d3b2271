/* SPDX-License-Identifier: Apache-2.0 */
/* tracer.c - a tracer experiment: its signals side by side, and what they say of the vessel.
 *
 *     mean = mean_out - mean_in,  variance = variance_out - variance_in,  third likewise (cumulants add)
 *     recovery = flow area/amount, or area_out/area_in;  volume = flow mean;  dead = 1 - volume/nominal
 *
 * Invariant: all arrays are slices of `block`; nothing is written after tau_tracer_new. */
#include "study/tracer.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"

enum { N_ARRAYS = 7 };

tau_tracer_options tau_tracer_options_default(void)
{
  return (tau_tracer_options){.size = sizeof(tau_tracer_options),
                              .baseline = TAU_BASELINE_NONE,
                              .baseline_value = NAN,
                              .level = NAN,
                              .tail = TAU_TAIL_NONE,
                              .t_cut = NAN,
                              .rule = TAU_RULE_TRAPEZOID,
                              .flow = NAN,
                              .amount = NAN,
                              .volume = NAN,
                              .noise = NAN};
}

/* --- what is given --- */

static tau_status check_points(const char *name, int n, const double *t, const double *x)
{
  if (n < 3) return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s: %d points; at least 3 are needed", name, n);
  for (int i = 0; i < n; i++) {
    if (!isfinite(t[i]) || !isfinite(x[i]))
      return taup_fail(TAUP_ERR_NOT_FINITE, "%s: point %d is (%g s, %g), which is no pair of finite numbers",
                       name, i + 1, t[i], x[i]);
    if (i > 0 && !(t[i] > t[i - 1]))
      return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                       "%s: point %d, at %g s, is not later than the one before, at %g s; times must ascend",
                       name, i + 1, t[i], t[i - 1]);
  }
  return TAU_OK;
}

static tau_status check_positive(const char *name, double x)
{
  if (isnan(x) || (x > 0.0 && isfinite(x))) return TAU_OK;
  return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is %g; it must be above 0, or left out", name, x);
}

static tau_status check_counts(const tau_tracer_options *o)
{
  if (o->n_first < 0 || o->n_last < 0 || o->n_tail < 0)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                     "n_first (%d), n_last (%d) and n_tail (%d) count points and cannot be below 0",
                     o->n_first, o->n_last, o->n_tail);
  if (o->tail == TAU_TAIL_CUT && isnan(o->t_cut))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the tail is to be cut, and t_cut does not say where");
  if (!isfinite(o->start))
    return taup_fail(TAUP_ERR_NOT_FINITE, "the start is %g; a time is needed", o->start);
  if (!isnan(o->noise) && !(o->noise >= 0.0 && isfinite(o->noise)))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the noise is %g; it cannot be below 0", o->noise);
  return TAU_OK;
}

static tau_status check(const tau_tracer_data *data, const tau_tracer_options *o)
{
  TAU_TRY(check_points("outlet signal", data->n, data->t, data->signal));
  if (data->n_inlet > 0) TAU_TRY(check_points("inlet signal", data->n_inlet, data->t_inlet, data->inlet));
  if (data->kind == TAU_TRACER_INLET && data->n_inlet == 0)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE,
                     "a tracer that is neither pulse nor step needs the inlet signal, and none is given");
  TAU_TRY(check_counts(o));
  TAU_TRY(check_positive("flow", o->flow));
  TAU_TRY(check_positive("amount", o->amount));
  return check_positive("volume", o->volume);
}

/* --- made --- */

static double *lay_out(taup_curve *c, double *at, int n)
{
  double **arrays[N_ARRAYS] = {&c->t, &c->raw, &c->y, &c->E, &c->F, &c->w, &c->grad};
  for (int k = 0; k < N_ARRAYS; k++, at += n) *arrays[k] = at;
  return at;
}

static void fill(taup_curve *c, const tau_tracer_data *data, bool is_inlet, double start)
{
  const double *t = is_inlet ? data->t_inlet : data->t, *x = is_inlet ? data->inlet : data->signal;
  c->n_all = is_inlet ? data->n_inlet : data->n;
  c->is_step = data->kind == TAU_TRACER_STEP_UP || data->kind == TAU_TRACER_STEP_DOWN;
  c->sign = data->kind == TAU_TRACER_STEP_UP ? -1.0 : 1.0;
  for (int i = 0; i < c->n_all; i++) {
    c->t[i] = t[i] - start;
    c->raw[i] = x[i];
  }
}

static void no_moments(tau_tracer_moments *m)
{
  const tau_measured none = {NAN, NAN};
  *m = (tau_tracer_moments){none, none, none, none, none, 0.0, 0.0, 0.0, NAN, TAU_NOISE_GIVEN};
}

static tau_status evaluate(taup_curve *c, const tau_tracer_options *o, const char *name)
{
  no_moments(&c->m);
  TAU_TRY(taup_curve_clean(c, o, name));
  return taup_curve_moments(c, o, name);
}

static tau_measured difference(tau_measured a, tau_measured b)
{
  return (tau_measured){a.value - b.value, hypot(a.error, b.error)};
}

static void vessel(tau_tracer *tracer)
{
  const tau_tracer_moments *out = &tracer->outlet.m, *in = &tracer->inlet.m;
  tau_tracer_moments *m = &tracer->vessel;
  *m = *out;
  if (tracer->inlet.n_all == 0) return;
  m->area = out->area;
  m->mean = difference(out->mean, in->mean);
  m->variance = difference(out->variance, in->variance);
  m->third = difference(out->third, in->third);
  const double s3 = pow(m->variance.value, 1.5);
  m->skewness.value = m->third.value / s3; /* its parts' errors taken as independent */
  m->skewness.error =
    hypot(m->third.error / s3, 1.5 * m->third.value / (s3 * m->variance.value) * m->variance.error);
  m->noise = NAN;
}

/* d sigma_theta^2 = d variance/mean^2 - 2 variance/mean^3 d mean, in both signals */
static void equivalents(tau_tracer *tracer)
{
  const double m = tracer->vessel.mean.value, v = tracer->vessel.variance.value;
  const double of_mean = -2.0 * v / (m * m * m), of_variance = 1.0 / (m * m);
  tau_measured *s = &tracer->equivalents.variance;
  *s = (tau_measured){NAN, NAN};
  if (m > 0.0) {
    s->value = v / (m * m);
    s->error = taup_curve_error(&tracer->outlet, of_mean, of_variance);
    if (tracer->inlet.n_all)
      s->error = hypot(s->error, taup_curve_error(&tracer->inlet, of_mean, of_variance));
  }
  taup_equivalents(&tracer->equivalents);
}

static void balances(tau_tracer *tracer)
{
  const tau_tracer_options *o = &tracer->options;
  const tau_measured none = {NAN, NAN}, out = tracer->outlet.m.area, in = tracer->inlet.m.area,
                     mean = tracer->vessel.mean;
  tau_tracer_balance *b = &tracer->balances;
  b->recovery = b->volume = b->dead = none;
  if (!tracer->outlet.is_step && !isnan(o->flow * o->amount))
    b->recovery = (tau_measured){o->flow * out.value / o->amount, o->flow * out.error / o->amount};
  else if (tracer->inlet.n_all) {
    const double r = out.value / in.value;
    b->recovery = (tau_measured){r, r * hypot(out.error / out.value, in.error / in.value)};
  }
  if (!isnan(o->flow)) b->volume = (tau_measured){o->flow * mean.value, o->flow * mean.error};
  if (!isnan(o->volume))
    b->dead = (tau_measured){1.0 - b->volume.value / o->volume, b->volume.error / o->volume};
}

static tau_status fill_and_evaluate(tau_tracer *tracer, const tau_tracer_data *data)
{
  tau_tracer_options *o = &tracer->options;
  fill(&tracer->outlet, data, false, o->start);
  TAU_TRY(evaluate(&tracer->outlet, o, "outlet signal"));
  no_moments(&tracer->inlet.m);
  if (data->n_inlet > 0) {
    tau_tracer_options of_inlet = *o;
    of_inlet.tail =
      o->tail == TAU_TAIL_EXPONENTIAL ? TAU_TAIL_NONE : o->tail; /* what was put in ends by itself */
    fill(&tracer->inlet, data, true, o->start);
    TAU_TRY(evaluate(&tracer->inlet, &of_inlet, "inlet signal"));
  }
  o->n_first = tracer->outlet.n_low + tracer->outlet.n_near_low;
  o->n_last = tracer->outlet.n_high + tracer->outlet.n_near_high;
  o->n_tail = tracer->outlet.n_tail;
  vessel(tracer);
  equivalents(tracer);
  balances(tracer);
  return TAU_OK;
}

tau_status tau_tracer_new(tau_tracer **out, const tau_tracer_data *data, const tau_tracer_options *options)
{
  assert(out && data);
  tau_status st = TAU_E_NOMEM;
  const tau_tracer_options o = options ? *options : tau_tracer_options_default();
  TAU_TRY(check(data, &o));
  tau_tracer *tracer = taup_calloc(1, sizeof *tracer);
  if (!tracer) goto done;
  tracer->kind = data->kind;
  tracer->options = o;
  tracer->block = taup_calloc(N_ARRAYS * ((size_t)data->n + (size_t)data->n_inlet), sizeof(double));
  if (!tracer->block) goto done;
  lay_out(&tracer->inlet, lay_out(&tracer->outlet, tracer->block, data->n), data->n_inlet);
  if ((st = fill_and_evaluate(tracer, data)) < 0) goto done;
  *out = tracer;
  tracer = NULL;
done:
  tau_tracer_free(tracer);
  return st;
}

void tau_tracer_free(tau_tracer *tracer)
{
  if (!tracer) return;
  taup_free(tracer->block);
  taup_free(tracer);
}

/* --- asked --- */

tau_tracer_kind tau_tracer_kind_of(const tau_tracer *tracer) { return tracer->kind; }
tau_tracer_options tau_tracer_options_of(const tau_tracer *tracer) { return tracer->options; }
tau_tracer_moments tau_tracer_outlet(const tau_tracer *tracer) { return tracer->outlet.m; }
tau_tracer_moments tau_tracer_inlet(const tau_tracer *tracer) { return tracer->inlet.m; }
tau_tracer_moments tau_tracer_vessel(const tau_tracer *tracer) { return tracer->vessel; }
tau_tracer_equivalents tau_tracer_equivalent(const tau_tracer *tracer) { return tracer->equivalents; }
tau_tracer_balance tau_tracer_balances(const tau_tracer *tracer) { return tracer->balances; }
int tau_tracer_n_points(const tau_tracer *tracer) { return tracer->outlet.n; }
const double *tau_tracer_times(const tau_tracer *tracer) { return tracer->outlet.t; }
const double *tau_tracer_signal(const tau_tracer *tracer) { return tracer->outlet.y; }
const double *tau_tracer_density(const tau_tracer *tracer) { return tracer->outlet.E; }
const double *tau_tracer_cumulative(const tau_tracer *tracer) { return tracer->outlet.F; }

static const char *why_no_root(const tau_tracer *tracer, const char *above)
{
  const tau_tracer_equivalents *e = &tracer->equivalents;
  if (!(tracer->vessel.mean.value > 0.0))
    return "the mean is not above 0: the signal comes before the start or the inlet";
  if (!(e->variance.value > 0.0))
    return "the variance is not above 0: the outlet signal is no wider than the inlet signal";
  return above;
}

const char *tau_tracer_reason(const tau_tracer *tracer, const char *name)
{
  const tau_tracer_equivalents *e = &tracer->equivalents;
  const tau_tracer_balance *b = &tracer->balances;
  const struct {
    const char *name;
    double value;
    const char *why;
  } rows[] = {
    {"tanks", e->tanks.value, why_no_root(tracer, "")},
    {"peclet_small", e->peclet_small.value, why_no_root(tracer, "")},
    {"peclet_closed", e->peclet_closed.value,
     why_no_root(tracer, "sigma_theta^2 is 1 or more: wider than a stirred tank, the limit of closed ends")},
    {"peclet_open", e->peclet_open.value, why_no_root(tracer, "")},
    {"peclet_open_mean", e->peclet_open_mean.value,
     why_no_root(tracer, "sigma_theta^2 is 2 or more, the limit of open ends")},
    {"recovery", b->recovery.value,
     tracer->outlet.is_step ? "a step's recovery needs the inlet signal"
                            : "flow and amount, or the inlet signal, are needed"},
    {"volume", b->volume.value, "the flow is not given"},
    {"dead", b->dead.value,
     isnan(tracer->options.flow) ? "the flow is not given" : "the nominal volume is not given"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (!strcmp(rows[i].name, name)) return isnan(rows[i].value) ? rows[i].why : "";
  return "";
}

/* SPDX-License-Identifier: Apache-2.0 */
/* rtd_calls.h - the calls of distributions for calls.c, in whose world they live. */
#ifndef RTD_CALLS_H
#define RTD_CALLS_H

static const char *const tank_names[] = {"mean", "n"};
static const double tank_values[] = {3.0, 2.0};

static tau_status rtd_done(world *w, tau_status st, tau_rtd *rtd)
{
  handed(w, st, rtd);
  tau_rtd_free(rtd);
  return st;
}

static tau_status rtd_new(world *w)
{
  double time, weight;
  tau_rtd_moments m;
  tau_rtd *rtd = NULL;
  const tau_status st = tau_rtd_new(&rtd, "tanks", 2, tank_names, tank_values);
  if (st < 0) return rtd_done(w, st, rtd);
  for (int i = 0; i < tau_rtd_n_parameters(rtd); i++)
    assert_true(strlen(tau_rtd_parameter_path(rtd, i)) + strlen(tau_rtd_parameter_unit(rtd, i)) > 0 &&
                tau_rtd_parameter_value(rtd, i) > tau_rtd_parameter_lower(rtd, i) &&
                tau_rtd_parameter_value(rtd, i) < tau_rtd_parameter_upper(rtd, i));
  for (int i = 0; i < tau_rtd_n_atoms(rtd); i++) tau_rtd_atom(rtd, i, &time, &weight);
  assert_null(tau_rtd_warning(rtd));
  tau_rtd_get_moments(rtd, &m);
  tau_rtd_free(tau_rtd_ref(rtd));
  return rtd_done(w, st, rtd);
}

static tau_status rtd_measured(world *w)
{
  const double t[] = {0.0, 1.0, 3.0}, y[] = {0.0, 1.0, 0.0};
  tau_rtd *rtd = NULL;
  const tau_status st = tau_rtd_measured(&rtd, 3, t, y);
  return rtd_done(w, st, rtd);
}

static const char train_text[] = "{series: [{recycle: {forward: {series: [{model: plug, mean: 1 s}, "
                                 "{parallel: [{fraction: 0.3, model: plug, mean: "
                                 "0 s}, {model: tanks, mean: 2 s}]}]}, back: {model: laminar, mean: 1 s}, "
                                 "ratio: 0.01}}, {model: measured, time: [0 "
                                 "s, 1 s, 2 s], signal: [0, 1, 0]}]}";

static tau_status rtd_parse(world *w)
{
  tau_rtd *rtd = NULL;
  const tau_status st = tau_rtd_parse(&rtd, train_text);
  return rtd_done(w, st, rtd);
}

static tau_status rtd_compose(world *w)
{
  static const double fractions[] = {0.25, 0.75};
  tau_rtd *tank = NULL, *both = NULL, *beside = NULL, *loop = NULL;
  tau_status st = tau_rtd_new(&tank, "tanks", 2, tank_names, tank_values);
  const tau_rtd *const parts[] = {tank, tank};
  if (st == TAU_OK) st = tau_rtd_series(&both, 2, parts);
  if (st == TAU_OK) st = tau_rtd_parallel(&beside, 2, parts, fractions);
  if (st == TAU_OK) st = tau_rtd_recycle(&loop, beside, both, 2.0);
  w->gave_out = w->gave_out || (st < 0 && loop);
  tau_rtd_free(tank);
  tau_rtd_free(both);
  tau_rtd_free(beside);
  tau_rtd_free(loop);
  return st;
}

static tau_status rtd_with(world *w)
{
  tau_rtd *tank = NULL, *other = NULL;
  tau_status st = tau_rtd_new(&tank, "tanks", 2, tank_names, tank_values);
  if (st == TAU_OK) st = tau_rtd_with(&other, tank, (const double[]){4.0, 5.0});
  w->gave_out = w->gave_out || (st < 0 && other);
  tau_rtd_free(other);
  tau_rtd_free(tank);
  return st;
}

static tau_status model_rtd(world *w)
{
  static const char text[] = "tautrain: 1\nrtd: {a: {model: tanks, mean: 1 s}, b: {series: [a, a]}}\n";
  tau_model *model = NULL;
  tau_rtd *rtd = NULL;
  tau_status st = tau_model_parse(&model, text, strlen(text), "rtd", NULL, NULL);
  if (st == TAU_OK) assert_string_equal(tau_model_rtd_name(model, tau_model_n_rtds(model) - 1), "b");
  if (st == TAU_OK) st = tau_model_rtd(&rtd, model, "b");
  w->gave_out = w->gave_out || (st < 0 && rtd);
  tau_rtd_free(rtd);
  tau_model_free(model);
  return st;
}

enum { N_TIMES = 3 };
static const double times[N_TIMES] = {0.5, 2.0, 9.0};

static tau_status rtd_at_times(world *w)
{
  double y[N_TIMES], slopes[8 * N_TIMES], m[3];
  tau_rtd *rtd = NULL;
  (void)w;
  tau_status st =
    tau_rtd_parse(&rtd, "{series: [{model: dispersion, mean: 1 s, peclet: 9}, {model: tanks, mean: 1 s}]}");
  if (st == TAU_OK) st = tau_rtd_density(rtd, N_TIMES, times, y, NULL);
  if (st == TAU_OK) st = tau_rtd_cumulative(rtd, N_TIMES, times, y, NULL);
  if (st == TAU_OK) st = tau_rtd_washout(rtd, N_TIMES, times, y, NULL);
  if (st == TAU_OK) st = tau_rtd_internal_age(rtd, N_TIMES, times, y, NULL);
  if (st == TAU_OK) st = tau_rtd_density_slopes(rtd, N_TIMES, times, slopes);
  if (st == TAU_OK) st = tau_rtd_cumulative_slopes(rtd, N_TIMES, times, slopes);
  if (st == TAU_OK) st = tau_rtd_truncated_moments(rtd, 3.0, m);
  tau_rtd_free(rtd);
  return st;
}

static tau_status rtd_quantile(world *w)
{
  double t;
  tau_rtd *rtd = NULL;
  (void)w;
  tau_status st = tau_rtd_new(&rtd, "tanks", 2, tank_names, tank_values);
  if (st == TAU_OK) st = tau_rtd_quantile(rtd, 0.4, &t);
  if (st == TAU_OK) st = tau_rtd_washout_time(rtd, 0.9, &t);
  tau_rtd_free(rtd);
  return st;
}

static tau_status rtd_frequency(world *w)
{
  double gain[N_TIMES], phase[N_TIMES], G[2];
  tau_rtd *rtd = NULL;
  (void)w;
  tau_status st = tau_rtd_new(&rtd, "tanks", 2, tank_names, tank_values);
  if (st == TAU_OK) st = tau_rtd_transform(rtd, 1, times, G);
  if (st == TAU_OK) st = tau_rtd_frequency(rtd, N_TIMES, times, gain, phase);
  tau_rtd_free(rtd);
  return st;
}

static tau_status rtd_respond(world *w)
{
  double c[N_TIMES], slopes[2 * N_TIMES];
  tau_rtd *rtd = NULL;
  (void)w;
  tau_status st = tau_rtd_new(&rtd, "tanks", 2, tank_names, tank_values);
  if (st == TAU_OK) st = tau_rtd_respond(rtd, 2, times, tank_values, N_TIMES, times, c, NULL);
  if (st == TAU_OK) st = tau_rtd_respond_slopes(rtd, N_TIMES, times, times, N_TIMES, times, c, slopes);
  tau_rtd_free(rtd);
  return st;
}

static tau_status rtd_times(world *w)
{
  double t[8];
  tau_rtd *rtd = NULL;
  tau_status st = tau_rtd_new(&rtd, "tanks", 2, tank_names, tank_values);
  if (st >= 0) st = tau_rtd_times(rtd, 8, t);
  if (st >= 0) assert_true(t[0] == 0.0 && t[7] > t[6]);
  tau_rtd_free(rtd);
  (void)w;
  return st;
}

/* A tank with a bypass: an atom and a density; the second one at given times. */
static tau_status rtd_saved(world *w, const char *file, bool overwrite)
{
  const double t[] = {0.0, 1.0, 5.0}, values[] = {3.0, 0.1};
  const char *const names[] = {"space_time", "bypass"}, *const saved[] = {"a", "b"};
  tau_rtd *rtd[2] = {NULL, NULL};
  tau_rtd_save_options options = TAU_RTD_SAVE_OPTIONS_INIT;
  options.n_times = 3;
  options.times = t;
  options.model = w->model;
  options.overwrite = overwrite;
  tau_status st = tau_rtd_new(&rtd[0], "compartment", 2, names, values);
  if (st >= 0) st = tau_rtd_new(&rtd[1], "tanks", 2, tank_names, tank_values);
  if (st >= 0) st = tau_rtd_save(file, 2, saved, (const tau_rtd *const *)rtd, &options);
  tau_rtd_free(rtd[0]);
  tau_rtd_free(rtd[1]);
  return st;
}

static tau_status rtd_save(world *w) { return rtd_saved(w, "rtd.h5", true); }
static tau_status rtd_save_refused(world *w)
{
  return expected(rtd_saved(w, "kept.h5", false), TAU_E_EXISTS);
}

#endif

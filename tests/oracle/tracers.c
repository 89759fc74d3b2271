/* SPDX-License-Identifier: Apache-2.0 */
/* tracers.c - reads the files that tracers.h describes, evaluates, and answers. */
#include "tracers.h"

#include <tautrain.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 2048, MOST_POINTS = 256 };

typedef struct thing {
  tau_tracer *tracer; /* NULL: a tube */
  tau_flow_report report;
  double rate, mean, peclet, tanks;
  double velocity, diffusivity, peclet_radius; /* of a tube */
} thing;

bool is_tracer(const char *model)
{
  const size_t n = strlen(model);
  return n > 7 && strcmp(model + n - 7, ".tracer") == 0;
}

/* The text of a key, in value; false when there is none. */
static bool text_of(const char *file, const char *key, char value[LINE])
{
  FILE *stream = fopen(file, "r");
  bool found = false;
  const size_t n = strlen(key);
  while (stream && !found && fgets(value, LINE, stream)) {
    found = strncmp(value, key, n) == 0 && value[n] == ':';
    value[strcspn(value, "\n")] = '\0';
    if (found) memmove(value, value + n + 2, strlen(value + n + 2) + 1);
  }
  if (stream) fclose(stream);
  return found;
}

static double quantity(const char *file, const char *key)
{
  char text[LINE];
  double value = NAN;
  if (!text_of(file, key, text)) return NAN;
  if (tau_quantity_parse(text, &value, NULL) < 0) printf("%s: %s: %s\n", file, key, tau_last_error());
  return value;
}

static int numbers(const char *file, const char *key, double factor, double out[MOST_POINTS])
{
  char text[LINE];
  int n = 0;
  if (!text_of(file, key, text)) return 0;
  for (char *item = strtok(text, " "); item && n < MOST_POINTS; item = strtok(NULL, " "))
    out[n++] = factor * strtod(item, NULL);
  return n;
}

static bool read_curve(thing *it, const char *file)
{
  double t[MOST_POINTS], signal[MOST_POINTS], second = 1.0;
  char text[LINE];
  if (text_of(file, "time", text)) tau_convert(1.0, text, "s", &second);
  tau_tracer_options o = tau_tracer_options_default();
  if (text_of(file, "rule", text) && !strcmp(text, "simpson")) o.rule = TAU_RULE_SIMPSON;
  tau_tracer_data data = TAU_TRACER_DATA_INIT;
  data.n = numbers(file, "t", second, t);
  data.t = t;
  data.signal = signal;
  numbers(file, "signal", 1.0, signal);
  if (tau_tracer_new(&it->tracer, &data, &o) < 0) return printf("%s: %s\n", file, tau_last_error()), false;
  it->mean = tau_tracer_vessel(it->tracer).mean.value;
  it->peclet = tau_tracer_equivalent(it->tracer).peclet_closed.value;
  it->tanks = tau_tracer_equivalent(it->tracer).tanks.value;
  return true;
}

static bool read_tube(thing *it, const char *file, const char *geometry)
{
  tau_flow f = tau_flow_default(!strcmp(geometry, "plates") ? TAU_GEOMETRY_PLATES : TAU_GEOMETRY_TUBE);
  f.diameter = quantity(file, "diameter");
  f.length = quantity(file, "length");
  f.diffusivity = quantity(file, "diffusivity");
  f.velocity = quantity(file, "flow") / (0.25 * 3.14159265358979323846 * f.diameter * f.diameter);
  if (tau_flow_evaluate(&f, &it->report) < 0) return printf("%s: %s\n", file, tau_last_error()), false;
  it->mean = it->report.residence_time;
  it->peclet = it->report.bodenstein;
  it->peclet_radius = 0.5 * it->report.peclet_radial;
  it->tanks = NAN;
  it->velocity = f.velocity;
  it->diffusivity = f.diffusivity;
  return true;
}

/* --- answers --- */

/* sum of E exp(-k t) by the trapezoid rule, as the case has it */
static double outlet_of_curve(const thing *it)
{
  const double *t = tau_tracer_times(it->tracer), *E = tau_tracer_density(it->tracer);
  double sum = 0.0;
  for (int i = 0; i + 1 < tau_tracer_n_points(it->tracer); i++)
    sum += 0.5 * (t[i + 1] - t[i]) * (E[i] * exp(-it->rate * t[i]) + E[i + 1] * exp(-it->rate * t[i + 1]));
  return sum;
}

static tau_rtd *model_of(const thing *it, const char *name)
{
  const char *names[] = {"mean", !strcmp(name, "dispersion") ? "peclet" : "n"};
  const double values[] = {it->mean, !strcmp(name, "dispersion") ? it->peclet
                                     : !strcmp(name, "cstr")     ? 1.0
                                                                 : it->tanks};
  tau_rtd *rtd = NULL;
  const char *model = !strcmp(name, "cstr") ? "tanks" : name;
  if (tau_rtd_new(&rtd, model, strcmp(name, "plug") ? 2 : 1, names, values) < 0)
    printf("%s\n", tau_last_error());
  return rtd;
}

/* First order: what is left is the transform of E at the rate constant. */
static double outlet_of_model(const thing *it, const char *name)
{
  tau_rtd *rtd = model_of(it, name);
  double G[2] = {NAN, NAN};
  if (rtd && tau_rtd_transform(rtd, 1, (const double[]){it->rate, 0.0}, G) < 0)
    printf("%s\n", tau_last_error());
  tau_rtd_free(rtd);
  return G[0];
}

static double theta2_of_dispersion(const thing *it)
{
  tau_rtd *rtd = model_of(it, "dispersion");
  tau_rtd_moments m = {NAN, NAN, NAN, NAN};
  if (rtd) tau_rtd_get_moments(rtd, &m);
  tau_rtd_free(rtd);
  return m.variance / (m.mean * m.mean);
}

static double in_unit(double value, const char *si, const char *unit)
{
  double x = NAN;
  if (tau_convert(value, si, unit, &x) < 0) printf("%s\n", tau_last_error());
  return x;
}

static double of_curve(const thing *it, const char *path, const char *unit)
{
  const tau_tracer_moments m = tau_tracer_vessel(it->tracer);
  const tau_tracer_equivalents e = tau_tracer_equivalent(it->tracer);
  if (!strcmp(path, "area")) return in_unit(m.area.value, "s", unit);
  if (!strcmp(path, "mean")) return in_unit(m.mean.value, "s", unit);
  if (!strcmp(path, "variance")) return in_unit(m.variance.value, "s^2", unit);
  if (!strcmp(path, "theta2")) return e.variance.value;
  if (!strcmp(path, "tanks")) return e.tanks.value;
  if (!strcmp(path, "peclet_small")) return e.peclet_small.value;
  if (!strcmp(path, "peclet_closed")) return e.peclet_closed.value;
  if (!strcmp(path, "peclet_open")) return e.peclet_open.value;
  return !strcmp(path, "outlet/curve") ? outlet_of_curve(it) : NAN;
}

static double of_tube(const thing *it, const char *path)
{
  const tau_flow_report *r = &it->report;
  if (!strcmp(path, "velocity")) return it->velocity;
  if (!strcmp(path, "residence_time")) return r->residence_time;
  if (!strcmp(path, "dispersion")) return r->dispersion;
  if (!strcmp(path, "bodenstein")) return r->bodenstein;
  if (!strcmp(path, "fourier")) return r->fourier;
  if (!strcmp(path, "kappa"))
    return (r->dispersion / it->diffusivity - 1.0) / (it->peclet_radius * it->peclet_radius);
  return NAN;
}

static double answer(const thing *it, const char *path, const char *unit)
{
  if (!strncmp(path, "1/", 2)) return 1.0 / answer(it, path + 2, unit);
  if (!strncmp(path, "outlet/", 7) && strcmp(path, "outlet/curve") != 0) return outlet_of_model(it, path + 7);
  if (!strcmp(path, "model/theta2")) return theta2_of_dispersion(it);
  if (!strcmp(path, "model/tanks")) return 1.0 / theta2_of_dispersion(it);
  return it->tracer ? of_curve(it, path, unit) : of_tube(it, path);
}

double tracer_number(const char *folder, const char *model, const char *path, const char *unit)
{
  char file[2 * LINE], geometry[LINE];
  thing it = {.tracer = NULL};
  snprintf(file, sizeof file, "%s/%s", folder, model);
  const bool good =
    text_of(file, "geometry", geometry) ? read_tube(&it, file, geometry) : read_curve(&it, file);
  it.rate = quantity(file, "rate");
  char text[LINE];
  if (text_of(file, "rate_times_mean", text)) it.rate = strtod(text, NULL) / it.mean;
  const double x = good ? answer(&it, path, unit) : NAN;
  if (isnan(x)) printf("%s: no number at '%s'\n", model, path);
  tau_tracer_free(it.tracer);
  return x;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* train_fits.c - reads the files that train_fits.h describes, fits, and answers. */
#include "train_fits.h"

#include <tautrain.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1024, MOST_POINTS = 256, MOST = 8 };

typedef struct column {
  char path[LINE], unit[64];
  int i_input, i_observable; /* -1: it is none */
} column;

typedef struct job {
  tau_train *train;
  char points[LINE];
  bool known;
  int n_parameters, n_inputs, n_runs, n_measured, n_columns;
  tau_fitted_parameter parameters[MOST];
  char units[MOST][64]; /* of the parameters */
  column columns[MOST];
  int inputs[MOST];
  double values[MOST_POINTS * MOST];
  tau_measured_value measured[MOST_POINTS];
  double scale[MOST_POINTS]; /* SI of one unit of a measurement */
} job;

static FILE *opened(const char *folder, const char *name)
{
  char path[2 * LINE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *stream = fopen(path, "r");
  if (!stream) printf("%s: cannot be read\n", path);
  return stream;
}

static double in_si(double x, const char *unit, const char *si)
{
  double out = NAN;
  if (tau_convert(x, unit, *si ? si : "1", &out) < 0) printf("%s\n", tau_last_error());
  return out;
}

static const char *after(const char *line, const char *key)
{
  const size_t n = strlen(key);
  return strncmp(line, key, n) == 0 ? line + n : NULL;
}

/* --- reading --- */

static bool read_train(job *j, const char *folder, const char *name)
{
  char path[2 * LINE];
  tau_model *model = NULL;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  const bool read = tau_model_read(&model, path) == TAU_OK && tau_train_compile(&j->train, model) == TAU_OK;
  if (!read) printf("%s: %s\n", path, tau_last_error());
  tau_model_free(model);
  return read;
}

static bool read_starts(job *j, const char *text)
{
  char copy[LINE];
  snprintf(copy, sizeof copy, "%s", text);
  for (char *item = strtok(copy, ";"); item && j->n_parameters < MOST; item = strtok(NULL, ";")) {
    char *value = strchr(item, '='), *unit;
    *value++ = '\0';
    item += strspn(item, " ");
    const int i = tau_train_parameter_index(j->train, item);
    const double x = strtod(value, &unit);
    if (i < 0) return printf("%s\n", tau_last_error()), false;
    snprintf(j->units[j->n_parameters], sizeof j->units[0], "%s", unit + strspn(unit, " "));
    j->parameters[j->n_parameters] =
      (tau_fitted_parameter){.i_parameter = i,
                             .start =
                               in_si(x, j->units[j->n_parameters], tau_train_parameter(j->train, i).si_unit),
                             .lower = -INFINITY,
                             .upper = INFINITY};
    j->n_parameters++;
  }
  return true;
}

static column read_column(const job *j, const char *head)
{
  column c = {.i_input = -1, .i_observable = -1};
  sscanf(head, "%1023[^[][%63[^]]]", c.path, c.unit);
  for (int i = 0; i < tau_train_n_parameters(j->train); i++)
    if (strcmp(tau_train_parameter(j->train, i).path, c.path) == 0) c.i_input = i;
  for (int i = 0; i < tau_train_n_observables(j->train); i++)
    if (strcmp(tau_train_observable(j->train, i).path, c.path) == 0) c.i_observable = i;
  return c;
}

static void read_heads(job *j, char *line)
{
  for (char *item = strtok(line, " \n"); item && j->n_columns < MOST; item = strtok(NULL, " \n")) {
    const column c = read_column(j, item);
    if (c.i_input >= 0) j->inputs[j->n_inputs++] = c.i_input;
    j->columns[j->n_columns++] = c;
  }
}

static void read_row(job *j, char *at)
{
  int n = 0;
  for (int k = 0; k < j->n_columns; k++) {
    const column *c = &j->columns[k];
    const double x = strtod(at, &at);
    if (c->i_input >= 0)
      j->values[j->n_runs * j->n_inputs + n++] =
        in_si(x, c->unit, tau_train_parameter(j->train, c->i_input).si_unit);
    else if (c->i_observable >= 0) {
      const char *si = tau_train_observable(j->train, c->i_observable).unit;
      j->scale[j->n_measured] = in_si(1.0, c->unit, si);
      j->measured[j->n_measured] =
        (tau_measured_value){j->n_runs, c->i_observable, in_si(x, c->unit, si), j->scale[j->n_measured]};
      j->n_measured++;
    } else j->measured[j->n_measured - 1].sigma *= x; /* of the observable before it */
  }
  j->n_runs++;
}

static bool read_points(job *j, const char *folder)
{
  char line[LINE];
  FILE *stream = opened(folder, j->points);
  if (!stream) return false;
  if (fgets(line, sizeof line, stream)) read_heads(j, line);
  while (j->n_measured + MOST < MOST_POINTS && fgets(line, sizeof line, stream)) read_row(j, line);
  fclose(stream);
  return j->n_measured > 0;
}

static bool read_job(job *j, const char *folder, const char *name)
{
  char line[LINE];
  const char *rest;
  bool good = true;
  FILE *stream = opened(folder, name);
  if (!stream) return false;
  while (good && fgets(line, sizeof line, stream)) {
    line[strcspn(line, "\n")] = '\0';
    if ((rest = after(line, "model: "))) good = read_train(j, folder, rest);
    if ((rest = after(line, "start: "))) good = read_starts(j, rest);
    if ((rest = after(line, "points: "))) snprintf(j->points, sizeof j->points, "%s", rest);
    if ((rest = after(line, "sigma: "))) j->known = strcmp(rest, "known") == 0;
  }
  fclose(stream);
  return good && read_points(j, folder);
}

bool is_train_fit(const char *folder, const char *name)
{
  char line[LINE];
  bool found = false;
  FILE *stream = opened(folder, name);
  while (stream && fgets(line, sizeof line, stream)) found = found || after(line, "model: ");
  if (stream) fclose(stream);
  return found;
}

/* --- answers --- */

static double in_unit(const job *j, int i, double x)
{
  double out = NAN;
  const char *si = tau_train_parameter(j->train, j->parameters[i].i_parameter).si_unit;
  if (tau_convert(x, si, j->units[i], &out) < 0) printf("%s\n", tau_last_error());
  return out;
}

/* predict <observable>[unit] <input>[unit] <number> */
static double predicted(const job *j, tau_fit *fit, const char *rest)
{
  char what[LINE], at[LINE];
  double x, value = NAN;
  if (sscanf(rest, "%1023s %1023s %lf", what, at, &x) != 3) return NAN;
  const column o = read_column(j, what), in = read_column(j, at);
  x = in_si(x, in.unit, tau_train_parameter(j->train, in.i_input).si_unit);
  const tau_measured_value one = {0, o.i_observable, 0.0, 0.0};
  const tau_runs runs = {1, 1, &in.i_input, &x, 1, &one};
  if (tau_fit_predict_runs(fit, &runs, 0.95, &value, NULL) < 0) printf("%s\n", tau_last_error());
  return value / in_si(1.0, o.unit, tau_train_observable(j->train, o.i_observable).unit);
}

static double of_fit(const job *j, tau_fit *fit, const char *path)
{
  const char *rest;
  if (strcmp(path, "chi2") == 0) return tau_fit_chi2(fit);
  if ((rest = after(path, "predict "))) return predicted(j, fit, rest);
  const char *name = strchr(path, ' ');
  for (int i = 0; name && i < j->n_parameters; i++) {
    if (strcmp(tau_fit_name(fit, i), name + 1) != 0) continue;
    return in_unit(j, i, after(path, "error ") ? tau_fit_standard_error(fit, i) : tau_fit_value(fit, i));
  }
  return NAN;
}

/* One row of J at the start into row[2], in the units of the column and of the starts. */
static bool slopes(const job *j, int m, double *row)
{
  const int p[] = {j->parameters[0].i_parameter, j->parameters[1].i_parameter};
  tau_inputs *inputs = NULL;
  tau_sensitivity *s = NULL;
  bool good = tau_inputs_new(&inputs, j->train) == TAU_OK;
  for (int k = 0; good && k < j->n_inputs; k++)
    good =
      tau_inputs_set_index(inputs, j->inputs[k], j->values[j->measured[m].i_run * j->n_inputs + k]) == TAU_OK;
  for (int i = 0; good && i < 2; i++)
    good = tau_inputs_set_index(inputs, p[i], j->parameters[i].start) == TAU_OK;
  good = good && tau_train_sensitivity(&s, j->train, inputs, 2, p, NULL) == TAU_OK;
  for (int i = 0; good && i < 2; i++)
    row[i] = tau_sensitivity_value(s, j->measured[m].i_observable, i) / j->scale[m] / in_unit(j, i, 1.0);
  tau_sensitivity_free(s);
  tau_inputs_free(inputs);
  return good;
}

static double eigenvalue(const job *j, bool upper)
{
  double a = 0.0, b = 0.0, c = 0.0, row[2];
  for (int m = 0; m < j->n_measured; m++) {
    if (!slopes(j, m, row)) return printf("%s\n", tau_last_error()), NAN;
    a += row[0] * row[0], b += row[0] * row[1], c += row[1] * row[1];
  }
  const double mean = 0.5 * (a + c), root = hypot(0.5 * (a - c), b);
  return upper ? mean + root : mean - root;
}

static tau_fit *fitted(const job *j)
{
  const tau_fit_runs_problem p = {j->train,
                                  {j->n_runs, j->n_inputs, j->inputs, j->values, j->n_measured, j->measured},
                                  j->n_parameters,
                                  j->parameters,
                                  NULL};
  tau_fit *fit = NULL;
  tau_fit_options options = TAU_FIT_OPTIONS_INIT;
  options.absolute_sigma = j->known;
  if (tau_fit_runs(&fit, &p, &options) != TAU_OK) printf("%s\n", tau_last_error());
  return fit;
}

double train_fit_number(const char *folder, const char *name, const char *path)
{
  static job j; /* large; the last one is kept, since most rows ask for numbers of the same fit */
  static tau_fit *fit;
  static char of[LINE];
  if (strcmp(of, name) != 0) {
    tau_fit_free(fit);
    tau_train_free(j.train);
    fit = NULL;
    j = (job){0};
    if (!read_job(&j, folder, name)) return NAN;
    snprintf(of, sizeof of, "%s", name);
  }
  if (after(path, "eigenvalue ")) return eigenvalue(&j, strchr(path, '1') != NULL);
  if (!fit) fit = fitted(&j);
  return fit ? of_fit(&j, fit, path) : (double)NAN;
}

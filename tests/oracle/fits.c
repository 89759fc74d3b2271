/* SPDX-License-Identifier: Apache-2.0 */
/* fits.c - reads the files that fits.h describes, fits, and answers. */
#include "fits.h"

#include <tautrain.h>

#include "train_fits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1024, MOST_POINTS = 512, MOST = 8 };

typedef struct file {
  char curve[LINE], points[LINE], names[LINE], columns[LINE];
  bool known;
  tau_fit_parameter parameters[MOST];
  const char *variables[MOST];
  int n_parameters, n_variables, n_points;
  bool has_sigma;
  double x[MOST_POINTS * MOST], y[MOST_POINTS], sigma[MOST_POINTS];
} file;

bool is_fit(const char *model)
{
  const size_t n = strlen(model);
  return n > 4 && strcmp(model + n - 4, ".fit") == 0;
}

static FILE *opened(const char *folder, const char *name)
{
  char path[2 * LINE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *stream = fopen(path, "r");
  if (!stream) printf("%s: cannot be read\n", path);
  return stream;
}

static const char *after(const char *line, const char *key)
{
  const size_t n = strlen(key);
  return strncmp(line, key, n) == 0 ? line + n : NULL;
}

static void read_starts(file *f, const char *text)
{
  snprintf(f->names, sizeof f->names, "%s", text);
  for (char *item = strtok(f->names, " "); item && f->n_parameters < MOST; item = strtok(NULL, " ")) {
    char *value = strchr(item, '=');
    *value++ = '\0';
    f->parameters[f->n_parameters++] =
      (tau_fit_parameter){item, strtod(value, NULL), -INFINITY, INFINITY, false};
  }
}

static bool read_description(file *f, const char *folder, const char *name)
{
  char line[LINE];
  const char *rest;
  FILE *stream = opened(folder, name);
  if (!stream) return false;
  while (fgets(line, sizeof line, stream)) {
    line[strcspn(line, "\n")] = '\0';
    if ((rest = after(line, "curve: "))) snprintf(f->curve, sizeof f->curve, "%s", rest);
    if ((rest = after(line, "points: "))) snprintf(f->points, sizeof f->points, "%s", rest);
    if ((rest = after(line, "start: "))) read_starts(f, rest);
    if ((rest = after(line, "sigma: "))) f->known = strcmp(rest, "known") == 0;
  }
  fclose(stream);
  return true;
}

static void read_columns(file *f)
{
  const char *columns[MOST];
  int n = 0;
  for (char *item = strtok(f->columns, " \n"); item && n < MOST; item = strtok(NULL, " \n"))
    columns[n++] = item;
  f->has_sigma = strcmp(columns[n - 1], "sigma") == 0;
  f->n_variables = n - 1 - f->has_sigma;
  for (int j = 0; j < f->n_variables; j++) f->variables[j] = columns[j];
}

static bool read_points(file *f, const char *folder)
{
  char line[LINE];
  FILE *stream = opened(folder, f->points);
  if (!stream) return false;
  if (fgets(f->columns, sizeof f->columns, stream)) read_columns(f);
  for (; f->n_points < MOST_POINTS && fgets(line, sizeof line, stream); f->n_points++) {
    char *at = line;
    for (int j = 0; j < f->n_variables; j++) f->x[f->n_points * f->n_variables + j] = strtod(at, &at);
    f->y[f->n_points] = strtod(at, &at);
    if (f->has_sigma) f->sigma[f->n_points] = strtod(at, &at);
  }
  fclose(stream);
  return f->n_points > 0;
}

/* --- answers --- */

static int index_of(const tau_fit *fit, const char *name)
{
  for (int i = 0; name && i < tau_fit_n_parameters(fit); i++)
    if (strcmp(name, tau_fit_name(fit, i)) == 0) return i;
  return -1;
}

static double profiled(tau_fit *fit, int i, bool upper)
{
  double ends[2];
  if (tau_fit_profile(fit, i, 0.95, &ends[0], &ends[1]) == TAU_OK) return ends[upper];
  printf("%s\n", tau_last_error());
  return NAN;
}

static double answer(tau_fit *fit, const char *path)
{
  char text[LINE];
  snprintf(text, sizeof text, "%s", path);
  const char *what = strtok(text, " ");
  const int i = index_of(fit, strtok(NULL, " ")), j = index_of(fit, strtok(NULL, " "));
  const int n = tau_fit_n_parameters(fit);
  if (strcmp(what, "chi2") == 0) return tau_fit_chi2(fit);
  if (strcmp(what, "sigma") == 0) return tau_fit_residual_deviation(fit);
  if (i < 0) return NAN;
  if (strcmp(what, "value") == 0) return tau_fit_value(fit, i);
  if (strcmp(what, "error") == 0) return tau_fit_standard_error(fit, i);
  if (strcmp(what, "half-width") == 0) return tau_fit_half_width(fit, i, 0.95);
  if (strcmp(what, "lower") == 0) return profiled(fit, i, false);
  if (strcmp(what, "upper") == 0) return profiled(fit, i, true);
  if (j < 0) return NAN;
  if (strcmp(what, "covariance") == 0) return tau_fit_covariance(fit)[i * n + j];
  if (strcmp(what, "correlation") == 0) return tau_fit_correlation(fit)[i * n + j];
  return NAN;
}

double fit_number(const char *folder, const char *model, const char *path)
{
  static file f; /* large; one at a time */
  tau_fit *fit = NULL;
  double value = NAN;
  f = (file){0};
  if (is_train_fit(folder, model)) return train_fit_number(folder, model, path);
  if (!read_description(&f, folder, model) || !read_points(&f, folder)) return NAN;
  const tau_curve curve = {f.curve,       f.n_points,  f.y, f.has_sigma ? f.sigma : NULL,
                           f.n_variables, f.variables, f.x, f.n_parameters,
                           f.parameters};
  tau_fit_options options = TAU_FIT_OPTIONS_INIT;
  options.absolute_sigma = f.known;
  if (tau_fit_curve(&fit, &curve, &options) == TAU_OK) value = answer(fit, path);
  else printf("%s: %s\n", model, tau_last_error());
  tau_fit_free(fit);
  return value;
}

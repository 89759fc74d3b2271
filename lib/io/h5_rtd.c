/* SPDX-License-Identifier: Apache-2.0 */
/* h5_rtd.c - distributions as a file: curves over their own times, moments, parameters, atoms. Built in memory and written whole, as a
 * result is (h5_write.c).
 *
 * Invariant: all numbers are computed before HDF5 is entered; what is written never fails but for memory and disk. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "io/file.h"
#include "io/h5.h"
#include "io/h5_build.h"
#include "model/utf8.h"
#include <tautrain/rtd_file.h>

enum { N_CURVES = 4 };

typedef struct sheet {
  const tau_rtd *rtd;
  const char *name;
  double *time, *E, *F, *W; /* one block, behind time */
  double error;             /* the largest of E times the last time, of F and of W */
} sheet;

typedef struct writer {
  taup_h5_builder b;
  int n, n_times;
  sheet *sheets;
  const tau_rtd_save_options *options;
} writer;

/* --- before HDF5 --- */

static tau_status check_name(const char *const names[], int i)
{
  const char *at = names[i], *const end = at + strlen(at);
  size_t n;
  while (at < end && *at != '/' && (n = taup_utf8_next(at, end, NULL)) > 0) at += n;
  if (at < end || at == names[i] || strcmp(names[i], ".") == 0)
    return taup_fail_as(TAU_E_VALUE, TAUP_ERR_BAD_NAME,
                        "distribution %d is named '%.60s'; needs a name in UTF-8 without '/'", i, names[i]);
  for (int j = 0; j < i; j++)
    if (strcmp(names[j], names[i]) == 0)
      return taup_fail_as(TAU_E_VALUE, TAUP_ERR_BAD_NAME,
                          "two distributions are named '%s'; names must differ", names[i]);
  return TAU_OK;
}

static tau_status check_times(const tau_rtd_save_options *o)
{
  if (o->n_times < 2)
    return taup_fail_as(TAU_E_VALUE, TAUP_ERR_OUT_OF_RANGE, "%d times; a curve needs at least 2", o->n_times);
  for (int i = 0; o->times && i < o->n_times; i++)
    if (!isfinite(o->times[i]) || (i > 0 && !(o->times[i] > o->times[i - 1])))
      return taup_fail_as(TAU_E_VALUE, TAUP_ERR_BAD_CURVE, "time %d is %.6g s; times must ascend", i,
                          o->times[i]);
  return TAU_OK;
}

static tau_status fill(sheet *s, const tau_rtd_save_options *o)
{
  const int n = o->n_times;
  double e[3];
  s->time = taup_calloc((size_t)n, N_CURVES * sizeof(double));
  if (!s->time) return TAU_E_NOMEM;
  s->E = s->time + n;
  s->F = s->E + n;
  s->W = s->F + n;
  if (o->times) memcpy(s->time, o->times, (size_t)n * sizeof(double));
  else TAU_TRY(tau_rtd_times(s->rtd, n, s->time));
  TAU_TRY(tau_rtd_density(s->rtd, n, s->time, s->E, &e[0]));
  TAU_TRY(tau_rtd_cumulative(s->rtd, n, s->time, s->F, &e[1]));
  TAU_TRY(tau_rtd_washout(s->rtd, n, s->time, s->W, &e[2]));
  s->error = fmax(fmax(e[0] * s->time[n - 1], e[1]), e[2]);
  return TAU_OK;
}

static tau_status compute(writer *w, const char *const names[], const tau_rtd *const rtds[])
{
  TAU_TRY(check_times(w->options));
  for (int i = 0; i < w->n; i++) TAU_TRY(check_name(names, i));
  w->sheets = taup_calloc((size_t)w->n, sizeof *w->sheets);
  if (!w->sheets) return TAU_E_NOMEM;
  for (int i = 0; i < w->n; i++) {
    w->sheets[i] = (sheet){.rtd = rtds[i], .name = names[i]};
    TAU_TRY(fill(&w->sheets[i], w->options));
  }
  return TAU_OK;
}

static void drop(writer *w)
{
  for (int i = 0; w->sheets && i < w->n; i++) taup_free(w->sheets[i].time);
  taup_free(w->sheets);
}

/* --- one distribution --- */

static void write_curves(writer *w, int64_t group, const sheet *s)
{
  taup_h5_scale at = {.n = w->n_times};
  taup_h5_open_scale(&w->b, &at, group, TAUP_H5_DOUBLES, s->time, (taup_h5_label){"time", "s", "time"});
  taup_h5_numbers(&w->b, group, s->E, &at,
                  (taup_h5_label){"E", "1/s", "density of the residence time, without atoms"});
  taup_h5_numbers(&w->b, group, s->F, &at,
                  (taup_h5_label){"F", "", "share that has left by then, atoms included"});
  taup_h5_numbers(&w->b, group, s->W, &at, (taup_h5_label){"W", "", "share that is still inside, 1 - F"});
  taup_h5_close_scale(&w->b, &at);
}

static void write_moments(writer *w, int64_t parent, const sheet *s)
{
  tau_rtd_moments m;
  tau_rtd_get_moments(s->rtd, &m);
  const int64_t group = taup_h5_group(&w->b, parent, "moments");
  taup_h5_number(&w->b, group, m.mean, (taup_h5_label){"mean", "s", "mean residence time"});
  taup_h5_number(&w->b, group, m.variance, (taup_h5_label){"variance", "s^2", "second moment about the mean"});
  taup_h5_number(&w->b, group, m.third_central,
                 (taup_h5_label){"third_central", "s^3", "third moment about the mean"});
  taup_h5_number(&w->b, group, m.skewness,
                 (taup_h5_label){"skewness", "", "third_central/variance^1.5; NaN: no width"});
  taup_h5_close_group(group);
}

typedef struct columns {
  const char **path, **unit;
  double *value;
} columns;

static void write_parameters(writer *w, int64_t parent, const sheet *s)
{
  taup_h5_scale rows = {.n = tau_rtd_n_parameters(s->rtd)};
  if (!rows.n) return;
  columns c = {taup_calloc((size_t)rows.n, sizeof *c.path), taup_calloc((size_t)rows.n, sizeof *c.unit),
               taup_calloc((size_t)rows.n, sizeof *c.value)};
  taup_h5_check_memory(&w->b, c.path && c.unit && c.value);
  for (int i = 0; c.path && c.unit && c.value && i < rows.n; i++) {
    c.path[i] = tau_rtd_parameter_path(s->rtd, i);
    c.unit[i] = tau_rtd_parameter_unit(s->rtd, i);
    c.value[i] = tau_rtd_parameter_value(s->rtd, i);
  }
  const int64_t group = taup_h5_group(&w->b, parent, "parameters");
  taup_h5_open_scale(&w->b, &rows, group, TAUP_H5_TEXTS, c.path,
                     (taup_h5_label){"path", NULL, "path of the parameter"});
  taup_h5_numbers(&w->b, group, c.value, &rows, (taup_h5_label){"value", "", "value, in the row's unit"});
  taup_h5_texts(&w->b, group, c.unit, &rows, (taup_h5_label){"unit", NULL, "SI unit; empty: a plain number"});
  taup_h5_close_scale(&w->b, &rows);
  taup_h5_close_group(group);
  taup_free(c.value);
  taup_free(c.unit);
  taup_free(c.path);
}

static void write_atoms(writer *w, int64_t parent, const sheet *s)
{
  taup_h5_scale rows = {.n = tau_rtd_n_atoms(s->rtd)};
  if (!rows.n) return;
  double *time = taup_calloc((size_t)rows.n, 2 * sizeof *time);
  taup_h5_check_memory(&w->b, time != NULL);
  for (int i = 0; time && i < rows.n; i++) tau_rtd_atom(s->rtd, i, &time[i], &time[rows.n + i]);
  const int64_t group = taup_h5_group(&w->b, parent, "atoms");
  taup_h5_open_scale(&w->b, &rows, group, TAUP_H5_DOUBLES, time,
                     (taup_h5_label){"time", "s", "time at which a share leaves at once"});
  taup_h5_numbers(&w->b, group, time ? time + rows.n : NULL, &rows,
                  (taup_h5_label){"weight", "", "share that leaves then"});
  taup_h5_close_scale(&w->b, &rows);
  taup_h5_close_group(group);
  taup_free(time);
}

static void write_sheet(writer *w, int64_t parent, const sheet *s)
{
  const int64_t group = taup_h5_group(&w->b, parent, s->name);
  const char *warning = tau_rtd_warning(s->rtd);
  taup_h5_number_attribute(&w->b, group, "error_estimate", s->error);
  if (warning) taup_h5_text_attribute(&w->b, group, "warning", warning);
  write_curves(w, group, s);
  write_moments(w, group, s);
  write_parameters(w, group, s);
  write_atoms(w, group, s);
  taup_h5_close_group(group);
}

/* --- the whole --- */

static void write_all(writer *w)
{
  const tau_model *model = w->options->model;
  const char *title = w->options->title;
  if (!title && model) title = tau_model_text(model, "title");
  taup_h5_write_root(&w->b, w->options->command ? w->options->command : "");
  taup_h5_text_attribute(&w->b, w->b.file, "tautrain_content", "rtd");
  taup_h5_text_attribute(&w->b, w->b.file, "title", title ? title : "");
  if (model) {
    size_t n = 0;
    const char *text = tau_model_source(model, &n);
    taup_h5_check_memory(&w->b, text != NULL);
    taup_h5_write_model(&w->b, text, n);
  }
  const int64_t group = taup_h5_group(&w->b, w->b.file, "rtd");
  for (int i = 0; i < w->n && !w->b.failed; i++) write_sheet(w, group, &w->sheets[i]);
  taup_h5_close_group(group);
}

static tau_status store(writer *w, const char *file)
{
  taup_h5_session session;
  char *bytes = NULL;
  size_t n = 0;
  taup_h5_enter(&session);
  taup_h5_begin(&w->b);
  write_all(w);
  taup_h5_end(&w->b, &bytes, &n);
  taup_h5_leave(&session);
  tau_status st = w->b.status;
  if (bytes) st = taup_file_write(file, bytes, n, w->options->overwrite);
  else if (st != TAU_E_NOMEM)
    st = taup_fail(TAUP_ERR_CANNOT_WRITE, "cannot write '%s': HDF5 failed at '%s'; is the memory used up?",
                   file, w->b.failed);
  taup_free(bytes);
  return st;
}

tau_status tau_rtd_save(const char *file, int n, const char *const names[], const tau_rtd *const rtds[],
                        const tau_rtd_save_options *options)
{
  const tau_rtd_save_options plain = TAU_RTD_SAVE_OPTIONS_INIT;
  writer w = {.n = n, .options = options ? options : &plain};
  w.n_times = w.options->n_times;
  tau_status st = compute(&w, names, rtds);
  if (st >= 0) st = store(&w, file);
  drop(&w);
  return st;
}

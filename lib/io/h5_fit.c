/* SPDX-License-Identifier: Apache-2.0 */
/* h5_fit.c - a fit as a file: parameters with errors and covariance, points with what was fitted, statistics as attributes. Built in memory
 * and written whole, as a result is (h5_write.c).
 *
 * Invariant: a fit holds all numbers already; what is written never fails but for memory and disk. */
#include "base/alloc.h"
#include "base/status.h"
#include "io/file.h"
#include "io/h5.h"
#include "io/h5_build.h"
#include <tautrain/fit_file.h>

typedef struct writer {
  taup_h5_builder b;
  const tau_fit *fit;
  const tau_fit_save_options *options;
  const char **name, **unit;                     /* of the parameters, one block */
  double *value, *error, *bound, *fixed, *x, *y; /* one block */
  int n, m;                                      /* parameters, points */
} writer;

static const char *or_else(const char *text, const char *other) { return text ? text : other; }

static tau_status gather(writer *w)
{
  const size_t n = (size_t)w->n, m = (size_t)w->m;
  const double *fitted = tau_fit_fitted(w->fit), *residuals = tau_fit_residuals(w->fit);
  w->name = taup_calloc(2 * n, sizeof *w->name);
  w->value = taup_calloc(4 * n + 2 * m, sizeof *w->value);
  if (!w->name || !w->value) return TAU_E_NOMEM;
  w->unit = w->name + n;
  w->error = w->value + n;
  w->bound = w->error + n;
  w->fixed = w->bound + n;
  w->x = w->fixed + n;
  w->y = w->x + m;
  for (int i = 0; i < w->n; i++) {
    w->name[i] = tau_fit_name(w->fit, i);
    w->unit[i] = w->options->units ? w->options->units[i] : "";
    w->value[i] = tau_fit_value(w->fit, i);
    w->error[i] = tau_fit_standard_error(w->fit, i);
    w->bound[i] = tau_fit_at_bound(w->fit, i);
    w->fixed[i] = tau_fit_is_fixed(w->fit, i);
  }
  for (int i = 0; i < w->m; i++) {
    w->x[i] = w->options->x ? w->options->x[i] : i;
    w->y[i] = fitted[i] + residuals[i];
  }
  return TAU_OK;
}

static void write_parameters(writer *w, int64_t parent)
{
  taup_h5_scale rows = {.n = w->n}, columns = {.n = w->n};
  const int64_t group = taup_h5_group(&w->b, parent, "parameters");
  taup_h5_open_scale(&w->b, &rows, group, TAUP_H5_TEXTS, w->name,
                     (taup_h5_label){"path", NULL, "name of the parameter"});
  taup_h5_open_dimension(&w->b, &columns, group, "column");
  taup_h5_numbers(&w->b, group, w->value, &rows, (taup_h5_label){"value", "", "value, in the row's unit"});
  taup_h5_numbers(&w->b, group, w->error, &rows,
                  (taup_h5_label){"standard_error", "", "0: fixed; NaN: at a bound or not determined"});
  taup_h5_numbers(&w->b, group, w->bound, &rows,
                  (taup_h5_label){"at_bound", "", "-1: at the lower bound, 1: at the upper, else 0"});
  taup_h5_numbers(&w->b, group, w->fixed, &rows, (taup_h5_label){"fixed", "", "1: it was not fitted"});
  taup_h5_texts(&w->b, group, w->unit, &rows, (taup_h5_label){"unit", NULL, "unit; empty: none is known"});
  taup_h5_array(&w->b, group, TAUP_H5_DOUBLES, tau_fit_covariance(w->fit),
                (taup_h5_scale *[]){&rows, &columns},
                (taup_h5_label){"covariance", "", "covariance, in the product of the units"});
  taup_h5_close_scale(&w->b, &columns);
  taup_h5_close_scale(&w->b, &rows);
  taup_h5_close_group(group);
}

static void write_points(writer *w, int64_t parent)
{
  const char *unit = or_else(w->options->y_unit, "");
  taup_h5_scale at = {.n = w->m};
  const int64_t group = taup_h5_group(&w->b, parent, "points");
  taup_h5_open_scale(&w->b, &at, group, TAUP_H5_DOUBLES, w->x,
                     (taup_h5_label){or_else(w->options->x_name, "x"), or_else(w->options->x_unit, ""),
                                     "coordinate of the points"});
  taup_h5_numbers(&w->b, group, w->y, &at, (taup_h5_label){"measured", unit, "what was fitted to"});
  taup_h5_numbers(&w->b, group, tau_fit_fitted(w->fit), &at,
                  (taup_h5_label){"fitted", unit, "what the model makes of it"});
  taup_h5_close_scale(&w->b, &at);
  taup_h5_close_group(group);
}

static void write_all(writer *w)
{
  taup_h5_builder *b = &w->b;
  taup_h5_write_root(b, or_else(w->options->command, ""));
  taup_h5_text_attribute(b, b->file, "tautrain_content", "fit");
  taup_h5_text_attribute(b, b->file, "title", or_else(w->options->title, ""));
  const int64_t group = taup_h5_group(b, b->file, "fit");
  taup_h5_number_attribute(b, group, "chi2", tau_fit_chi2(w->fit));
  taup_h5_int_attribute(b, group, "dof", tau_fit_dof(w->fit));
  taup_h5_number_attribute(b, group, "residual_deviation", tau_fit_residual_deviation(w->fit));
  taup_h5_number_attribute(b, group, "aicc", tau_fit_aicc(w->fit));
  taup_h5_number_attribute(b, group, "r_squared", tau_fit_r_squared(w->fit));
  taup_h5_int_attribute(b, group, "converged", tau_fit_has_converged(w->fit));
  taup_h5_text_attribute(b, group, "message", tau_fit_message(w->fit));
  write_parameters(w, group);
  write_points(w, group);
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

tau_status tau_fit_save(const char *file, const tau_fit *fit, const tau_fit_save_options *options)
{
  const tau_fit_save_options plain = TAU_FIT_SAVE_OPTIONS_INIT;
  writer w = {.fit = fit, .options = options ? options : &plain};
  w.n = tau_fit_n_parameters(fit);
  w.m = tau_fit_n_points(fit);
  tau_status st = gather(&w);
  if (st >= 0) st = store(&w, file);
  taup_free(w.name);
  taup_free(w.value);
  return st;
}

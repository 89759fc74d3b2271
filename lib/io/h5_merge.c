/* SPDX-License-Identifier: Apache-2.0 */
/* h5_merge.c - the parts of a sweep as one file.
 *
 * Numbers stay where they are: the file's datasets are virtual ones over those of the parts. Status and codes are copied, since each part
 * numbers its causes by itself. The train is compiled from the model text in the first part, so that the file is made as any other. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <hdf5.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "io/h5_sweep.h"
#include <tautrain/model.h>

enum { ROWS_AT_ONCE = 65536 };

typedef struct part {
  const char *name;
  int64_t file;
  taup_text model, plan, design;
  long n_runs, first_run, n_all;
  taup_h5_totals totals;
  char *message, *id, *unit; /* tables of its codes */
  long status[TAUP_H5_MOST_CODES], first[TAUP_H5_MOST_CODES];
} part;

/* What is made of the texts of the first part. */
typedef struct whole {
  tau_train *train;
  tau_inputs *inputs;
  int *parameters, *observables, *profiles, *sensitivities;
  tau_kept kept;
  taup_h5_sheet sheet;
  taup_h5_part *parts;
} whole;

/* --- reading a part --- */

/* What stands behind "key: " in the n-th line of that key (from 0), in buffer; NULL: there is none. */
static const char *plan_line(const char *plan, const char *key, int n, char buffer[/* 1024 */])
{
  const size_t length = strlen(key);
  for (const char *at = plan; *at; at += strcspn(at, "\n"), at += *at == '\n') {
    if (strncmp(at, key, length) != 0 || strncmp(at + length, ": ", 2) != 0 || n-- > 0) continue;
    snprintf(buffer, 1024, "%.*s", (int)strcspn(at + length + 2, "\n"), at + length + 2);
    return buffer;
  }
  return NULL;
}

static const char *behind_lines(const char *text, int n)
{
  for (; n > 0 && *text; n--) {
    text += strcspn(text, "\n");
    text += *text == '\n';
  }
  return text;
}

static long plan_number(const part *p, const char *key)
{
  char buffer[1024];
  const char *x = plan_line(p->plan.data, key, 0, buffer);
  return x ? strtol(x, NULL, 10) : -1;
}

static bool read_integers(int64_t file, const char *path, long values[/* TAUP_H5_MOST_CODES */])
{
  taup_h5_rows r = {0};
  const bool good = taup_h5_open_rows(file, path, 1, &r) && taup_h5_has_size(&r, TAUP_H5_MOST_CODES, 0, 0) &&
                    H5Dread(r.data, H5T_NATIVE_LONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  taup_h5_close_rows(&r);
  return good;
}

static bool read_texts(int64_t file, const char *path, size_t n_bytes, char *texts)
{
  taup_h5_rows r = {0};
  const bool good = taup_h5_open_rows(file, path, 1, &r) && taup_h5_has_size(&r, TAUP_H5_MOST_CODES, 0, 0) &&
                    taup_h5_read_fixed(r.data, n_bytes, texts);
  taup_h5_close_rows(&r);
  for (int k = 0; good && k < TAUP_H5_MOST_CODES; k++) texts[((size_t)k + 1) * n_bytes - 1] = '\0';
  return good;
}

static tau_status read_messages(part *p)
{
  p->message = taup_calloc(TAUP_H5_MOST_CODES, TAUP_H5_MESSAGE + TAUP_H5_ID + TAUP_H5_UNIT);
  if (!p->message) return TAU_E_NOMEM;
  p->id = p->message + TAUP_H5_MOST_CODES * TAUP_H5_MESSAGE;
  p->unit = p->id + TAUP_H5_MOST_CODES * TAUP_H5_ID;
  const bool good = read_texts(p->file, "/sweep/message", TAUP_H5_MESSAGE, p->message) &&
                    read_texts(p->file, "/sweep/message_id", TAUP_H5_ID, p->id) &&
                    read_texts(p->file, "/sweep/message_unit", TAUP_H5_UNIT, p->unit) &&
                    read_integers(p->file, "/sweep/message_status", p->status) &&
                    read_integers(p->file, "/sweep/message_first_run", p->first);
  return good ? TAU_OK : taup_h5_broken(p->name, "/sweep/message");
}

static tau_status check_complete(const part *p)
{
  long n_done = -1;
  const hid_t id = H5Dopen2(p->file, "/sweep/n_done", H5P_DEFAULT);
  const bool good = id >= 0 && H5Dread(id, H5T_NATIVE_LONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, &n_done) >= 0;
  if (id >= 0) H5Dclose(id);
  if (!good || n_done < 0 || n_done > p->n_runs) return taup_h5_broken(p->name, "/sweep/n_done");
  if (n_done == p->n_runs) return TAU_OK;
  return taup_fail(TAUP_ERR_PARTS_DISAGREE, "part '%s' is not complete: %ld of %ld runs are done", p->name,
                   n_done, p->n_runs);
}

static tau_status read_part(part *p)
{
  if ((p->file = taup_h5_open_file(p->name, false)) < 0)
    return taup_h5_cannot_open(p->name, TAUP_ERR_NOT_A_RESULTS_FILE);
  if (!taup_h5_holds_sweep(p->file))
    return taup_fail(TAUP_ERR_NOT_A_RESULTS_FILE, "'%s' holds no sweep", p->name);
  TAU_TRY(taup_h5_read_text(p->file, p->name, "/model", &p->model));
  TAU_TRY(taup_h5_read_text(p->file, p->name, "/sweep/plan", &p->plan));
  TAU_TRY(taup_h5_read_text(p->file, p->name, "/sweep/design", &p->design));
  if (!p->design.data) taup_text_add(&p->design, "");
  p->n_runs = plan_number(p, "runs");
  p->first_run = plan_number(p, "first run");
  p->n_all = plan_number(p, "runs of all parts");
  if (p->n_runs < 1 || p->n_runs > INT_MAX || p->first_run < 0 || p->n_all > INT_MAX)
    return taup_h5_broken(p->name, "/sweep/plan");
  TAU_TRY(check_complete(p));
  TAU_TRY(taup_h5_read_totals(p->file, p->name, &p->totals));
  return read_messages(p);
}

static void free_part(part *p)
{
  taup_text_free(&p->model);
  taup_text_free(&p->plan);
  taup_text_free(&p->design);
  taup_free(p->message);
  if (p->file > 0) H5Fclose(p->file);
}

/* --- whether they belong together --- */

static int by_first_run(const void *a, const void *b)
{
  const long x = ((const part *)a)->first_run, y = ((const part *)b)->first_run;
  return (x > y) - (x < y);
}

static tau_status check_gaps(const part *p, int n)
{
  long due = 0;
  for (int k = 0; k < n; k++) {
    if (p[k].first_run > due)
      return taup_fail(TAUP_ERR_PARTS_DISAGREE, "runs %ld to %ld are in none of the parts", due,
                       p[k].first_run - 1);
    if (p[k].first_run < due)
      return taup_fail(TAUP_ERR_PARTS_DISAGREE, "'%s' and '%s' both hold run %ld", p[k - 1].name, p[k].name,
                       p[k].first_run);
    due += p[k].n_runs;
  }
  if (due == p[0].n_all) return TAU_OK;
  return taup_fail(TAUP_ERR_PARTS_DISAGREE, "runs %ld to %ld are in none of the parts", due, p[0].n_all - 1);
}

static tau_status check_same(const part *a, const part *b, const whole *w)
{
  const int n = w->train->layout->n_parameters;
  TAU_TRY(taup_h5_same_text(TAUP_ERR_PARTS_DISAGREE, b->name, "the model", b->model.data, a->model.data));
  TAU_TRY(taup_h5_same_text(TAUP_ERR_PARTS_DISAGREE, b->name, "the plan", behind_lines(b->plan.data, 2),
                            behind_lines(a->plan.data, 2)));
  TAU_TRY(taup_h5_same_text(TAUP_ERR_PARTS_DISAGREE, b->name, "the design", b->design.data, a->design.data));
  double *values = taup_calloc((size_t)n, sizeof *values);
  if (!values) return TAU_E_NOMEM;
  tau_status st = taup_h5_read_values(b->file, b->name, n, values);
  for (int i = 0; st == TAU_OK && i < n; i++)
    if (values[i] != w->inputs->values[i] && !(isnan(values[i]) && isnan(w->inputs->values[i])))
      st = taup_fail(TAUP_ERR_PARTS_DISAGREE, "%s is %g in '%s' and %g in '%s'", w->train->parameters[i].path,
                     values[i], b->name, w->inputs->values[i], a->name);
  taup_free(values);
  return st;
}

/* --- the whole, from the first part --- */

/* Indices of all lines of a key, in order. */
static tau_status indices(const part *p, const char *key, const tau_train *t,
                          int (*index)(const tau_train *, const char *), int **out, int *n)
{
  char buffer[1024];
  for (*n = 0; plan_line(p->plan.data, key, *n, buffer);) ++*n;
  if (!(*out = taup_calloc((size_t)*n, sizeof **out))) return TAU_E_NOMEM;
  for (int i = 0; i < *n; i++)
    if (((*out)[i] = index(t, plan_line(p->plan.data, key, i, buffer))) < 0)
      return taup_h5_broken(p->name, "/sweep/plan");
  return TAU_OK;
}

static int unit_index(const tau_train *t, const char *name)
{
  return taup_map_find(&t->layout->unit_by_name, name);
}

static double plan_double(const part *p, const char *key)
{
  char buffer[1024];
  const char *x = plan_line(p->plan.data, key, 0, buffer);
  return x ? strtod(x, NULL) : (double)NAN;
}

static tau_status compile(whole *w, const part *p)
{
  tau_model *model = NULL;
  TAU_TRY(tau_model_parse(&model, p->model.data, p->model.n, p->name, NULL, NULL));
  const tau_status st = tau_train_compile(&w->train, model);
  tau_model_free(model);
  TAU_TRY(st);
  TAU_TRY(tau_inputs_new(&w->inputs, w->train));
  return taup_h5_read_values(p->file, p->name, w->train->layout->n_parameters, w->inputs->values);
}

static tau_status fill_sheet(whole *w, const part *p)
{
  taup_h5_sheet *s = &w->sheet;
  char buffer[1024];
  TAU_TRY(compile(w, p));
  TAU_TRY(indices(p, "varied", w->train, tau_train_parameter_index, &w->parameters, &s->n_varied));
  TAU_TRY(indices(p, "kept", w->train, tau_train_observable_index, &w->observables, &w->kept.n_observables));
  TAU_TRY(indices(p, "profile", w->train, unit_index, &w->profiles, &w->kept.n_profiles));
  TAU_TRY(indices(p, "sensitivity", w->train, tau_train_parameter_index, &w->sensitivities,
                  &w->kept.n_sensitivities));
  w->kept.observables = w->observables;
  w->kept.sensitivities = w->sensitivities;
  w->kept.profiles = w->profiles;
  s->train = w->train;
  s->inputs = w->inputs;
  s->n_runs = (int)p->n_all;
  s->n_all = p->n_all;
  s->parameters = w->parameters;
  s->kept = &w->kept;
  s->run = taup_run_options_of(w->train, NULL);
  s->run.rtol = plan_double(p, "rtol");
  s->run.atol = plan_double(p, "atol");
  s->run.max_time = plan_double(p, "max_time");
  s->run.max_steps = (int)plan_number(p, "max_steps");
  s->design = p->design.data;
  const char *engine = plan_line(p->plan.data, "engine", 0, buffer);
  s->engine = engine && strcmp(engine, taup_h5_engine_name(TAU_ENGINE_LANES)) == 0 ? TAU_ENGINE_LANES
                                                                                   : TAU_ENGINE_CVODES;
  return TAU_OK;
}

static void free_whole(whole *w, int n)
{
  for (int k = 0; w->parts && k < n; k++) taup_free(w->parts[k].name);
  taup_free(w->parts);
  taup_free(w->parameters);
  taup_free(w->observables);
  taup_free(w->profiles);
  taup_free(w->sensitivities);
  tau_inputs_free(w->inputs);
  tau_train_free(w->train);
}

/* --- names --- */

/* Of the part as seen from the folder of `out`: what lies beside or below it moves with it. A percent sign is doubled, as HDF5 asks. */
static char *name_from(const char *out, const char *name)
{
  char folder[PATH_MAX] = ".", whole_folder[PATH_MAX], whole_name[PATH_MAX];
  const char *slash = strrchr(out, '/');
  if (slash) snprintf(folder, sizeof folder, "%.*s", slash == out ? 1 : (int)(slash - out), out);
  if (!realpath(name, whole_name)) return taup_strdup(name);
  const char *from = whole_name;
  if (realpath(folder, whole_folder)) {
    const size_t n = strlen(whole_folder);
    if (strncmp(whole_name, whole_folder, n) == 0 && whole_name[n] == '/') from = whole_name + n + 1;
  }
  taup_text text = {0};
  for (; *from; from++) taup_text_add_n(&text, *from == '%' ? "%%" : from, *from == '%' ? 2 : 1);
  return text.failed ? NULL : text.data;
}

static tau_status fill_parts(whole *w, const part *p, int n, const char *out)
{
  if (!(w->parts = taup_calloc((size_t)n, sizeof *w->parts))) return TAU_E_NOMEM;
  for (int k = 0; k < n; k++) {
    w->parts[k] = (taup_h5_part){name_from(out, p[k].name), p[k].first_run, (int)p[k].n_runs};
    if (!w->parts[k].name) return TAU_E_NOMEM;
  }
  w->sheet.n_parts = n;
  w->sheet.parts = w->parts;
  return TAU_OK;
}

/* --- outcomes --- */

static tau_sweep_message message_of_part(const void *user, int code)
{
  const part *p = user;
  const int k = code - 1;
  return (tau_sweep_message){.text = p->message + (size_t)k * TAUP_H5_MESSAGE,
                             .id = p->id + (size_t)k * TAUP_H5_ID,
                             .unit = p->unit + (size_t)k * TAUP_H5_UNIT,
                             .status = (tau_status)p->status[k],
                             .first_run = p->first[k]};
}

static bool read_some(const taup_h5_rows *r, long first, int n, int *values)
{
  const hsize_t start = (hsize_t)first, count = (hsize_t)n;
  const hid_t memory = H5Screate_simple(1, &count, NULL);
  const bool good = H5Sselect_hyperslab(r->space, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                    H5Dread(r->data, H5T_NATIVE_INT, memory, r->space, H5P_DEFAULT, values) >= 0;
  H5Sclose(memory);
  return good;
}

static tau_status copy_rows(tau_sweep_file *f, const part *p, const taup_h5_rows *status,
                            const taup_h5_rows *code, int *values)
{
  for (long first = 0; first < p->n_runs; first += ROWS_AT_ONCE) {
    const int n = p->n_runs - first < ROWS_AT_ONCE ? (int)(p->n_runs - first) : ROWS_AT_ONCE;
    int *codes = values + ROWS_AT_ONCE;
    if (!read_some(status, first, n, values)) return taup_h5_broken(p->name, "/sweep/status");
    if (!read_some(code, first, n, codes)) return taup_h5_broken(p->name, "/sweep/code");
    for (int i = 0; i < n; i++)
      if (codes[i] < 0 || codes[i] > TAUP_H5_MOST_CODES) return taup_h5_broken(p->name, "/sweep/code");
    const char *failed =
      taup_h5_write_outcomes(f, p->first_run + first, n, values, codes, message_of_part, p);
    if (!failed) failed = taup_h5_write_count(f, n);
    if (failed) return taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", f->name, failed);
  }
  return TAU_OK;
}

static tau_status copy_outcomes(tau_sweep_file *f, const part *p)
{
  taup_h5_rows status = {0}, code = {0};
  int *values = taup_calloc(2 * ROWS_AT_ONCE, sizeof *values);
  tau_status st = values ? TAU_OK : TAU_E_NOMEM;
  if (values && (!taup_h5_open_rows(p->file, "/sweep/status", 1, &status) ||
                 !taup_h5_open_rows(p->file, "/sweep/code", 1, &code) ||
                 !taup_h5_has_size(&status, p->n_runs, 0, 0) || !taup_h5_has_size(&code, p->n_runs, 0, 0)))
    st = taup_h5_broken(p->name, "/sweep/status");
  if (st == TAU_OK) st = copy_rows(f, p, &status, &code, values);
  taup_h5_close_rows(&status);
  taup_h5_close_rows(&code);
  taup_free(values);
  return st;
}

static tau_status write_whole(const whole *w, const part *p, int n, const char *out, bool overwrite)
{
  tau_sweep_file *f = taup_calloc(1, sizeof *f);
  tau_status st = TAU_E_NOMEM;
  bool is_ours = false;
  if (!f || !(f->name = taup_strdup(out))) goto done;
  f->n_runs = w->sheet.n_runs;
  if ((st = taup_h5_create(f, &w->sheet, overwrite)) < 0) goto done;
  is_ours = true;
  for (int k = 0; k < n; k++) {
    if ((st = copy_outcomes(f, &p[k])) < 0) goto done;
    taup_h5_totals_add(&f->totals, &p[k].totals);
  }
  if (!taup_h5_write_totals(f, &f->totals) || !taup_h5_write_end(f))
    st = taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", out, "the end");
done:
  if (f) taup_h5_release(f);
  if (st < 0 && is_ours) unlink(out);
  taup_h5_free_file(f);
  return st;
}

static tau_status merge(const char *out, int n, part *p, whole *w, bool overwrite)
{
  for (int k = 0; k < n; k++) TAU_TRY(read_part(&p[k]));
  TAU_TRY(fill_sheet(w, &p[0]));
  for (int k = 1; k < n; k++) TAU_TRY(check_same(&p[0], &p[k], w));
  qsort(p, (size_t)n, sizeof *p, by_first_run);
  TAU_TRY(check_gaps(p, n));
  w->sheet.design = p[0].design.data;
  TAU_TRY(fill_parts(w, p, n, out));
  return write_whole(w, p, n, out, overwrite);
}

tau_status tau_sweep_merge(const char *out, int n_parts, const char *const *parts, bool overwrite)
{
  taup_h5_session session;
  whole w = {.train = NULL};
  if (n_parts < 1)
    return taup_fail(TAUP_ERR_PARTS_DISAGREE, "no parts are given to be merged into '%s'", out);
  part *p = taup_calloc((size_t)n_parts, sizeof *p);
  if (!p) return TAU_E_NOMEM;
  for (int k = 0; k < n_parts; k++) p[k].name = parts[k];
  taup_h5_enter(&session);
  const tau_status st = merge(out, n_parts, p, &w, overwrite);
  for (int k = 0; k < n_parts; k++) free_part(&p[k]);
  free_whole(&w, n_parts);
  taup_h5_leave(&session);
  taup_free(p);
  return st;
}

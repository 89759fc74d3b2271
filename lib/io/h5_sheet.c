/* SPDX-License-Identifier: Apache-2.0 */
/* h5_sheet.c - a sweep's file before its first run.
 *
 * The place of all rows is fixed when the file is made, and every text that changes later has a fixed length: from then on HDF5 writes
 * numbers in place and no structure of the file ever changes, so that a kill at any moment leaves a file that opens. The runs that are
 * complete are counted by /sweep/n_done, written after their rows. Status is written when the file is made; the numbers are filled with
 * NAN as soon as the file has its name and before the first run (h5_sweep.c): here the disk would be waited for. */
#include "io/h5_sheet.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/result.h"

typedef struct maker {
  taup_h5_builder b;
  const taup_h5_sheet *s;
  int64_t group;
  taup_h5_scale species, run, parameter, observable, by, cause; /* by: parameters of sensitivities */
} maker;

/* --- the plan --- */

const char *taup_h5_engine_name(tau_engine engine)
{
  switch (engine) {
#define X(name, text) \
  case name: return text;
    TAU_ENGINE_LIST(X)
#undef X
  }
  return "";
}

static void number_line(taup_text *t, const char *key, double x)
{
  char number[32];
  taup_text_printf(t, "%s: %s\n", key, taup_number_text(number, x));
}

tau_status taup_h5_plan_text(taup_text *t, const taup_h5_sheet *s)
{
  taup_text_printf(t, "runs: %d\nfirst run: %lld\nruns of all parts: %lld\n", s->n_runs,
                   (long long)s->first_run, (long long)s->n_all);
  taup_text_printf(t, "engine: %s\n", taup_h5_engine_name(s->engine));
  number_line(t, "rtol", s->run.rtol);
  number_line(t, "atol", s->run.atol);
  number_line(t, "max_time", s->run.max_time);
  taup_text_printf(t, "max_steps: %d\n", s->run.max_steps);
  for (int i = 0; i < s->n_varied; i++)
    taup_text_printf(t, "varied: %s\n", s->train->parameters[s->parameters[i]].path);
  for (int i = 0; i < s->kept->n_observables; i++)
    taup_text_printf(t, "kept: %s\n", s->train->layout->observables[s->kept->observables[i]].path);
  for (int i = 0; i < s->kept->n_profiles; i++)
    taup_text_printf(t, "profile: %s\n", s->train->layout->units[s->kept->profiles[i]].name);
  for (int i = 0; i < s->kept->n_sensitivities; i++)
    taup_text_printf(t, "sensitivity: %s\n", s->train->parameters[s->kept->sensitivities[i]].path);
  return t->failed ? TAU_E_NOMEM : TAU_OK;
}

/* --- lists of creation --- */

/* Place at once, filled at once or never. */
static hid_t placed_list(maker *m, hid_t type, const void *value, H5D_fill_time_t fill)
{
  const hid_t list = H5Pcopy(m->b.data_list);
  taup_h5_check(&m->b,
                list >= 0 && H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY) >= 0 &&
                  H5Pset_fill_value(list, type, value) >= 0 && H5Pset_fill_time(list, fill) >= 0,
                "the room for the runs");
  return list;
}

/* The rows of each part, one below the other. */
static hid_t virtual_list(maker *m, const char *path, int rank, const hsize_t *size)
{
  const double nan_ = NAN;
  const hid_t list = H5Pcopy(m->b.data_list), whole = H5Screate_simple(rank, size, NULL);
  bool good = list >= 0 && H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &nan_) >= 0;
  for (int k = 0; good && k < m->s->n_parts; k++) {
    const taup_h5_part *p = &m->s->parts[k];
    hsize_t start[TAUP_H5_MOST_AXES] = {(hsize_t)p->first}, count[TAUP_H5_MOST_AXES];
    memcpy(count, size, (size_t)rank * sizeof *count);
    count[0] = (hsize_t)p->n;
    const hid_t source = H5Screate_simple(rank, count, NULL);
    good = H5Sselect_hyperslab(whole, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
           H5Pset_virtual(list, whole, p->name, path, source) >= 0;
    H5Sclose(source);
  }
  taup_h5_check(&m->b, good, path);
  H5Sclose(whole);
  return list;
}

/* Numbers of all runs, of this file or of its parts. `path`: where the parts have them. */
static void rows_of_numbers(maker *m, int64_t group, const char *path, int rank, taup_h5_scale *const *axes,
                            taup_h5_label label)
{
  const double nan_ = NAN;
  hsize_t size[TAUP_H5_MOST_AXES];
  if (m->b.failed) return;
  for (int k = 0; k < rank; k++) size[k] = (hsize_t)axes[k]->n;
  const hid_t list = m->s->n_parts ? virtual_list(m, path, rank, size)
                                   : placed_list(m, H5T_NATIVE_DOUBLE, &nan_, H5D_FILL_TIME_NEVER);
  const hid_t id = taup_h5_reserve(&m->b, group, TAUP_H5_DOUBLES, rank, axes, list, label);
  if (id >= 0) H5Dclose(id);
  H5Pclose(list);
}

static void rows_of_integers(maker *m, taup_h5_scale *axis, long value, taup_h5_label label)
{
  if (m->b.failed) return;
  const hid_t list = placed_list(m, H5T_NATIVE_LONG, &value, H5D_FILL_TIME_ALLOC);
  const hid_t id =
    taup_h5_reserve(&m->b, m->group, TAUP_H5_INTEGERS, 1, (taup_h5_scale *const[1]){axis}, list, label);
  if (id >= 0) H5Dclose(id);
  H5Pclose(list);
}

/* --- what the sweep is --- */

static const char *parameter_path(const taup_h5_sheet *s, int i)
{
  return s->train->parameters[s->parameters[i]].path;
}
static const char *parameter_unit(const taup_h5_sheet *s, int i)
{
  return s->train->parameters[s->parameters[i]].si_unit;
}
static const char *observable_path(const taup_h5_sheet *s, int i)
{
  return s->train->layout->observables[s->kept->observables[i]].path;
}
static const char *observable_unit(const taup_h5_sheet *s, int i)
{
  return s->train->layout->observables[s->kept->observables[i]].unit;
}
static const char *observable_doc(const taup_h5_sheet *s, int i)
{
  return s->train->layout->observables[s->kept->observables[i]].doc;
}

/* A column of texts along a scale: the scale itself where it is not open yet. */
static void column(maker *m, taup_h5_scale *axis, const char *(*text)(const taup_h5_sheet *, int),
                   taup_h5_label label)
{
  const char **texts = taup_calloc((size_t)axis->n, sizeof *texts);
  taup_h5_check_memory(&m->b, texts != NULL);
  for (int i = 0; texts && i < axis->n; i++) texts[i] = text(m->s, i);
  if (axis->id) taup_h5_texts(&m->b, m->group, texts, axis, label);
  else taup_h5_open_scale(&m->b, axis, m->group, TAUP_H5_TEXTS, texts, label);
  taup_free(texts);
}

static void write_columns(maker *m)
{
  m->run.n = m->s->n_runs;
  m->parameter.n = m->s->n_varied;
  m->observable.n = m->s->kept->n_observables;
  taup_h5_open_dimension(&m->b, &m->run, m->group, "run");
  column(m, &m->parameter, parameter_path, (taup_h5_label){"parameter", NULL, "what is varied"});
  column(m, &m->parameter, parameter_unit,
         (taup_h5_label){"parameter_unit", NULL, "unit of a column of input, SI; empty: a plain number"});
  column(m, &m->observable, observable_path, (taup_h5_label){"observable", NULL, "what is kept"});
  column(m, &m->observable, observable_unit,
         (taup_h5_label){"observable_unit", NULL, "unit of a column of output, SI; empty: a plain number"});
  column(m, &m->observable, observable_doc, (taup_h5_label){"observable_description", NULL, "what it is"});
}

static void write_rows(maker *m)
{
  rows_of_numbers(m, m->group, "/sweep/input", 2, (taup_h5_scale *const[2]){&m->run, &m->parameter},
                  (taup_h5_label){"input", "", "what was varied, in the column's parameter_unit"});
  rows_of_numbers(m, m->group, "/sweep/output", 2, (taup_h5_scale *const[2]){&m->run, &m->observable},
                  (taup_h5_label){"output", "",
                                  "what came out, in the column's observable_unit; NaN: nothing did"});
  rows_of_integers(m, &m->run, TAUP_H5_NOT_RUN,
                   (taup_h5_label){"status", "",
                                   "0: complete, below 0: failed, 2: over its time, 100: not run"});
  rows_of_integers(m, &m->run, 0, (taup_h5_label){"code", "", "row of message, counted from 1; 0: none"});
}

/* --- messages --- */

static void fixed_texts(maker *m, size_t n_bytes, taup_h5_label label)
{
  if (m->b.failed) return;
  taup_h5_builder as = m->b; /* texts of a fixed length in place of the usual ones */
  as.text = H5Tcopy(H5T_C_S1);
  H5Tset_size(as.text, n_bytes);
  H5Tset_cset(as.text, H5T_CSET_UTF8);
  const hid_t list = H5Pcopy(m->b.data_list);
  H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
  const hsize_t size = TAUP_H5_MOST_CODES;
  const hid_t space = H5Screate_simple(1, &size, NULL);
  const hid_t id = H5Dcreate2(m->group, label.name, as.text, space, H5P_DEFAULT, list, H5P_DEFAULT);
  taup_h5_check(&m->b, id >= 0, label.name);
  if (id >= 0) {
    taup_h5_link_dimensions(&m->b, id, 1, (taup_h5_scale *const[1]){&m->cause});
    taup_h5_text_attribute(&m->b, id, "long_name", label.long_name);
    H5Dclose(id);
  }
  H5Sclose(space);
  H5Pclose(list);
  H5Tclose(as.text);
}

static void write_messages(maker *m)
{
  long code[TAUP_H5_MOST_CODES];
  for (int i = 0; i < TAUP_H5_MOST_CODES; i++) code[i] = i + 1;
  m->cause.n = TAUP_H5_MOST_CODES;
  taup_h5_open_scale(&m->b, &m->cause, m->group, TAUP_H5_INTEGERS, code,
                     (taup_h5_label){"cause", "", "code of a cause of failures"});
  fixed_texts(m, TAUP_H5_MESSAGE, (taup_h5_label){"message", NULL, "message of the first run of this code"});
  fixed_texts(m, TAUP_H5_ID, (taup_h5_label){"message_id", NULL, "kind of the failure"});
  fixed_texts(m, TAUP_H5_UNIT, (taup_h5_label){"message_unit", NULL, "unit in which the runs ended"});
  rows_of_integers(m, &m->cause, 0, (taup_h5_label){"message_status", "", "status of the first run"});
  rows_of_integers(m, &m->cause, 0, (taup_h5_label){"message_runs", "", "how many runs ended so"});
  rows_of_integers(m, &m->cause, -1, (taup_h5_label){"message_first_run", "", "number of the first run"});
}

/* --- profiles --- */

static void write_profile(maker *m, int64_t profiles, int i_unit)
{
  const taup_unit_layout *u = &m->s->train->layout->units[i_unit];
  taup_h5_scale point = {.n = taup_kept_points(m->s->train, i_unit)};
  char path[3][512];
  static const char *const names[] = {"position", "c", "T"};
  for (int k = 0; k < 3; k++) snprintf(path[k], sizeof path[k], "/sweep/profiles/%s/%s", u->name, names[k]);
  const int64_t group = taup_h5_group(&m->b, profiles, u->name);
  taup_h5_text_attribute(&m->b, group, "coordinate", u->coordinate);
  taup_h5_link_scale(&m->b, &m->species, group, "species");
  taup_h5_open_dimension(&m->b, &point, group, "point");
  rows_of_numbers(m, group, path[0], 2, (taup_h5_scale *const[2]){&m->run, &point},
                  (taup_h5_label){"position", u->coordinate_unit, "place in the unit; NaN: no more points"});
  rows_of_numbers(m, group, path[1], 3, (taup_h5_scale *const[3]){&m->run, &point, &m->species},
                  (taup_h5_label){"c", "mol/m^3", "concentration"});
  rows_of_numbers(m, group, path[2], 2, (taup_h5_scale *const[2]){&m->run, &point},
                  (taup_h5_label){"T", "K", "temperature"});
  taup_h5_close_scale(&m->b, &point);
  taup_h5_close_group(group);
}

static void write_profiles(maker *m)
{
  const int64_t group = taup_h5_group(&m->b, m->group, "profiles");
  for (int k = 0; k < m->s->kept->n_profiles && !m->b.failed; k++)
    write_profile(m, group, m->s->kept->profiles[k]);
  taup_h5_close_group(group);
}

/* --- sensitivities --- */

static const char *by_path(const taup_h5_sheet *s, int i)
{
  return s->train->parameters[s->kept->sensitivities[i]].path;
}
static const char *by_unit(const taup_h5_sheet *s, int i)
{
  return s->train->parameters[s->kept->sensitivities[i]].si_unit;
}

/* What stands in /sweep, in the group that is open now as well. */
static void link_from_sweep(maker *m, const char *name)
{
  char from[64];
  if (m->b.failed) return;
  snprintf(from, sizeof from, "/sweep/%s", name);
  const bool good = H5Lcreate_hard(m->b.file, from, m->group, name, H5P_DEFAULT, H5P_DEFAULT) >= 0;
  taup_h5_check(&m->b, good, "/sensitivity");
}

static void write_sensitivities(maker *m)
{
  const int64_t sweep = m->group;
  m->group = taup_h5_group(&m->b, m->b.file, "sensitivity");
  m->by.n = m->s->kept->n_sensitivities;
  link_from_sweep(m, "run");
  link_from_sweep(m, "observable");
  link_from_sweep(m, "observable_unit");
  column(m, &m->by, by_path, (taup_h5_label){"parameter", NULL, "to what the derivatives are taken"});
  column(m, &m->by, by_unit,
         (taup_h5_label){"parameter_unit", NULL, "unit of a parameter, SI; empty: a plain number"});
  rows_of_numbers(m, m->group, "/sensitivity/values", 3,
                  (taup_h5_scale *const[3]){&m->run, &m->observable, &m->by},
                  (taup_h5_label){"values", "",
                                  "d observable / d parameter, in observable_unit per parameter_unit; NaN: "
                                  "there is none"});
  taup_h5_close_group(m->group);
  m->group = sweep;
}

/* --- the whole --- */

static void write_options(maker *m)
{
  const tau_run_options *o = &m->s->run;
  const int64_t group = taup_h5_group(&m->b, m->b.file, "options");
  taup_h5_text_attribute(&m->b, group, "engine", taup_h5_engine_name(m->s->engine));
  taup_h5_number_attribute(&m->b, group, "rtol", o->rtol);
  taup_h5_number_attribute(&m->b, group, "atol", o->atol);
  taup_h5_text_attribute(&m->b, group, "atol_units", "mol/m^3");
  taup_h5_text_attribute(&m->b, group, "atol_note", "0: 1e-14 of the largest feed concentration of each run");
  taup_h5_number_attribute(&m->b, group, "max_time", o->max_time);
  taup_h5_text_attribute(&m->b, group, "max_time_units", "s");
  taup_h5_int_attribute(&m->b, group, "max_steps", o->max_steps);
  taup_h5_close_group(group);
}

static void write_plan(maker *m)
{
  taup_text plan = {0};
  const char *design = m->s->design ? m->s->design : "";
  taup_h5_check_memory(&m->b, taup_h5_plan_text(&plan, m->s) >= 0);
  taup_h5_bytes(&m->b, m->group, plan.data, plan.n,
                (taup_h5_label){"plan", NULL, "what the sweep is; compared when it is resumed"});
  taup_h5_bytes(&m->b, m->group, design, strlen(design),
                (taup_h5_label){"design", NULL, "where the inputs come from; compared when it is resumed"});
  taup_text_free(&plan);
}

/* What changes while the sweep runs: numbers, in place. */
static void write_state(maker *m)
{
  taup_h5_fixed_attribute(&m->b, m->b.file, "status", "running", TAUP_H5_STATUS);
  taup_h5_int_attribute(&m->b, m->group, "n_runs", m->s->n_runs);
  taup_h5_number_attribute(&m->b, m->group, "first_run", (double)m->s->first_run);
  taup_h5_number_attribute(&m->b, m->group, "n_all", (double)m->s->n_all);
  taup_h5_count(&m->b, m->group, 0,
                (taup_h5_label){"n_handed_over", "", "runs that were handed from lanes to cvodes"});
  taup_h5_number(&m->b, m->group, NAN,
                 (taup_h5_label){"largest_difference", "", "of the runs that were checked; NaN: none was"});
  taup_h5_number(&m->b, m->group, 0.0, (taup_h5_label){"wall_time", "s", "of all sessions and parts"});
  taup_h5_count(&m->b, m->group, 0,
                (taup_h5_label){"n_done", "", "runs that are complete, from the first one on"});
}

static tau_status write_head(maker *m)
{
  tau_result *r = NULL;
  TAU_TRY(taup_result_new(&r, m->s->train->layout));
  memcpy(r->inputs, m->s->inputs->values, (size_t)r->layout->n_parameters * sizeof *r->inputs);
  taup_h5_write_head(&m->b, r, m->s->command, &m->species);
  tau_result_free(r);
  taup_h5_text_attribute(&m->b, m->b.file, "tautrain_content", "sweep");
  return TAU_OK;
}

static void write_all(maker *m)
{
  taup_h5_check_memory(&m->b, write_head(m) >= 0);
  write_options(m);
  m->group = taup_h5_group(&m->b, m->b.file, "sweep");
  write_plan(m);
  write_state(m);
  write_columns(m);
  write_messages(m);
  write_rows(m);
  if (m->s->kept->n_profiles) write_profiles(m);
  if (m->s->kept->n_sensitivities) write_sensitivities(m);
  taup_h5_scale *const scales[] = {&m->species, &m->run, &m->parameter, &m->observable, &m->by, &m->cause};
  for (size_t k = 0; k < sizeof scales / sizeof scales[0]; k++) taup_h5_close_scale(&m->b, scales[k]);
  taup_h5_close_group(m->group);
}

tau_status taup_h5_sheet_write(const char *file, const taup_h5_sheet *sheet, const char **failed)
{
  maker m = {.s = sheet, .group = -1};
  taup_h5_begin_file(&m.b, file);
  write_all(&m);
  taup_h5_end_file(&m.b);
  *failed = m.b.failed;
  return m.b.status;
}

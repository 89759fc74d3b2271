/* SPDX-License-Identifier: Apache-2.0 */
/* h5_found.c - a sweep's file that stands there: opened, compared with what is to be computed, and how far it is. */
#include <errno.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "io/h5_sweep.h"

enum { MOST_TEXT = 64 << 20, ROWS_AT_ONCE = 65536 };

_Static_assert(sizeof(hsize_t) == sizeof(unsigned long long), "sizes pass through h5_sweep.h");

/* --- errors --- */

tau_status taup_h5_cannot(taup_error kind, const char *what, const char *file, const char *where)
{
  if (strcmp(where, "memory") == 0 || taup_h5_system_error() == ENOMEM) return TAU_E_NOMEM; /* told already */
  const bool is_full = taup_h5_system_error() == ENOSPC || taup_h5_system_error() == EDQUOT;
  return taup_fail(kind, "cannot %s '%s': %s (at '%s')%s", what, file, taup_h5_why(), where,
                   is_full ? "; the disk is full: make room, and go on with the same command" : "");
}

tau_status taup_h5_broken(const char *file, const char *where)
{
  return taup_fail(TAUP_ERR_DAMAGED_RESULTS_FILE, "'%s' is damaged: '%s' is not as a sweep has it", file,
                   where);
}

static tau_status no_sweep(const char *file)
{
  return taup_fail(TAUP_ERR_FILE_EXISTS, "'%s' exists already, and is no sweep that could be resumed", file);
}

/* --- open --- */

int64_t taup_h5_open_file(const char *file, bool write)
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  const hid_t id =
    taup_h5_set_disk(access) ? H5Fopen(file, write ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access) : -1;
  taup_h5_note(id >= 0);
  H5Pclose(access);
  return id;
}

tau_status taup_h5_cannot_open(const char *file, taup_error otherwise)
{
  if (taup_h5_system_error() == EWOULDBLOCK)
    return taup_fail(TAUP_ERR_SWEEP_FILE_IN_USE,
                     "'%s' is open in another program, or another sweep writes it; close it there", file);
  return taup_h5_cannot(taup_h5_system_error() ? TAUP_ERR_CANNOT_READ : otherwise, "open", file, "/");
}

bool taup_h5_open_rows(int64_t file, const char *path, int rank, taup_h5_rows *r)
{
  r->data = H5Dopen2(file, path, H5P_DEFAULT);
  r->space = r->data >= 0 ? H5Dget_space(r->data) : -1;
  r->rank = rank;
  return r->space >= 0 && H5Sget_simple_extent_ndims(r->space) == rank &&
         H5Sget_simple_extent_dims(r->space, r->size, NULL) == rank;
}

void taup_h5_close_rows(taup_h5_rows *r)
{
  if (r->space > 0) H5Sclose(r->space);
  if (r->data > 0) H5Dclose(r->data);
}

bool taup_h5_has_size(const taup_h5_rows *r, int64_t a, int64_t b, int64_t c)
{
  const int64_t size[TAUP_H5_MOST_AXES] = {a, b, c};
  for (int k = 0; k < r->rank; k++)
    if ((int64_t)r->size[k] != size[k]) return false;
  return true;
}

static tau_status open_profiles(tau_sweep_file *f, const taup_h5_sheet *s)
{
  static const char *const names[TAUP_H5_PROFILE] = {"position", "c", "T"};
  char path[512];
  f->profiles = taup_calloc((size_t)s->kept->n_profiles, sizeof *f->profiles);
  if (!f->profiles) return TAU_E_NOMEM;
  f->n_profiles = s->kept->n_profiles;
  for (int k = 0; k < f->n_profiles; k++)
    for (int i = 0; i < TAUP_H5_PROFILE; i++) {
      const int unit = s->kept->profiles[k];
      snprintf(path, sizeof path, "/sweep/profiles/%s/%s", s->train->layout->units[unit].name, names[i]);
      if (!taup_h5_open_rows(f->file, path, i == 1 ? 3 : 2, &f->profiles[k][i]) ||
          !taup_h5_has_size(&f->profiles[k][i], f->n_runs, taup_kept_points(s->train, unit),
                            s->train->layout->n_species))
        return taup_h5_broken(f->name, path);
    }
  return TAU_OK;
}

tau_status taup_h5_open_datasets(tau_sweep_file *f, const taup_h5_sheet *s)
{
  struct {
    const char *path;
    taup_h5_rows *r;
    int64_t n;
  } const table[] = {{"/sweep/input", &f->input, s->n_varied},
                     {"/sweep/output", &f->output, s->kept->n_observables},
                     {"/sweep/status", &f->status, 0},
                     {"/sweep/code", &f->code, 0}};
  struct {
    const char *path;
    hid_t *id;
  } const others[] = {{"/sweep/n_done", &f->counter},
                      {"/sweep/n_handed_over", &f->handed_over},
                      {"/sweep/largest_difference", &f->difference},
                      {"/sweep/wall_time", &f->wall_time},
                      {"/sweep/message", &f->message},
                      {"/sweep/message_id", &f->message_id},
                      {"/sweep/message_unit", &f->message_unit},
                      {"/sweep/message_status", &f->message_status},
                      {"/sweep/message_runs", &f->message_runs},
                      {"/sweep/message_first_run", &f->message_first_run}};
  for (size_t k = 0; k < sizeof table / sizeof table[0]; k++)
    if (!taup_h5_open_rows(f->file, table[k].path, k < 2 ? 2 : 1, table[k].r) ||
        !taup_h5_has_size(table[k].r, f->n_runs, table[k].n, 0))
      return taup_h5_broken(f->name, table[k].path);
  for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
    if ((*others[k].id = H5Dopen2(f->file, others[k].path, H5P_DEFAULT)) < 0)
      return taup_h5_broken(f->name, others[k].path);
  const tau_kept *kept = s->kept;
  if (kept->n_sensitivities &&
      (!taup_h5_open_rows(f->file, "/sensitivity/values", 3, &f->sensitivity) ||
       !taup_h5_has_size(&f->sensitivity, f->n_runs, kept->n_observables, kept->n_sensitivities)))
    return taup_h5_broken(f->name, "/sensitivity/values");
  return open_profiles(f, s);
}

void taup_h5_release(tau_sweep_file *f)
{
  taup_h5_rows *const all[] = {&f->input, &f->output, &f->sensitivity, &f->status, &f->code};
  const hid_t ids[] = {f->counter,      f->handed_over,      f->difference,   f->wall_time,
                       f->message,      f->message_id,       f->message_unit, f->message_status,
                       f->message_runs, f->message_first_run};
  for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) taup_h5_close_rows(all[k]);
  for (size_t k = 0; k < sizeof ids / sizeof ids[0]; k++)
    if (ids[k] > 0) H5Dclose(ids[k]);
  for (int k = 0; f->profiles && k < f->n_profiles; k++)
    for (int i = 0; i < TAUP_H5_PROFILE; i++) taup_h5_close_rows(&f->profiles[k][i]);
  if (f->file > 0) H5Fclose(f->file);
}

void taup_h5_free_file(tau_sweep_file *f)
{
  if (!f) return;
  taup_free(f->profiles);
  taup_free(f->integers);
  taup_free(f->name);
  taup_free(f);
}

/* --- what stands there --- */

tau_status taup_h5_read_text(int64_t file, const char *name, const char *path, taup_text *out)
{
  const hid_t id = H5Dopen2(file, path, H5P_DEFAULT), type = id >= 0 ? H5Dget_type(id) : -1;
  const size_t n =
    type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 ? H5Tget_size(type) : 0;
  tau_status st = TAU_OK;
  char *text = n > 0 && n <= MOST_TEXT ? taup_calloc(n + 1, 1) : NULL;
  if (n == 0 || n > MOST_TEXT) st = taup_h5_broken(name, path);
  else if (!text) st = TAU_E_NOMEM;
  else if (H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) st = taup_h5_broken(name, path);
  if (st == TAU_OK) taup_text_add(out, text);
  if (out->failed) st = TAU_E_NOMEM;
  taup_free(text);
  if (type >= 0) H5Tclose(type);
  if (id >= 0) H5Dclose(id);
  return st;
}

/* The line of *text, which is moved behind it, in buffer. */
static const char *next_line(const char **text, char buffer[/* 128 */])
{
  const size_t n = strcspn(*text, "\n");
  snprintf(buffer, 128, "%.*s", (int)(n < 127 ? n : 127), *text);
  *text += n + ((*text)[n] == '\n');
  return buffer;
}

tau_status taup_h5_same_text(taup_error kind, const char *name, const char *what, const char *there,
                             const char *here)
{
  char a[128], b[128];
  if (strcmp(there, here) == 0) return TAU_OK;
  for (int line = 1;; line++) {
    const size_t n = strcspn(there, "\n"), m = strcspn(here, "\n");
    if (n != m || memcmp(there, here, n) != 0 || !there[n] || !here[m]) {
      next_line(&there, a);
      next_line(&here, b);
      return taup_fail(kind, "'%s' holds another sweep: %s differs in line %d: '%s' there, '%s' here", name,
                       what, line, a, b);
    }
    there += n + 1;
    here += m + 1;
  }
}

/* A text of the file against ours. */
static tau_status compare_text(const tau_sweep_file *f, const char *path, const char *what, const char *ours)
{
  taup_text there = {0};
  tau_status st = taup_h5_read_text(f->file, f->name, path, &there);
  if (st == TAU_OK)
    st = taup_h5_same_text(TAUP_ERR_OTHER_SWEEP, f->name, what, there.data ? there.data : "", ours);
  taup_text_free(&there);
  return st;
}

tau_status taup_h5_read_values(int64_t file, const char *name, int n, double *values)
{
  taup_h5_rows r = {0};
  const bool good = taup_h5_open_rows(file, "/parameters/value", 1, &r) && taup_h5_has_size(&r, n, 0, 0) &&
                    H5Dread(r.data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  taup_h5_close_rows(&r);
  return good ? TAU_OK : taup_h5_broken(name, "/parameters/value");
}

tau_status taup_h5_read_totals(int64_t file, const char *name, taup_h5_totals *t)
{
  static const char *const paths[] = {"/sweep/n_handed_over", "/sweep/largest_difference", "/sweep/wall_time"};
  double *const to[] = {&t->n_handed_over, &t->largest_difference, &t->wall_time};
  for (int k = 0; k < 3; k++) {
    taup_h5_rows r = {0};
    const bool good = taup_h5_open_rows(file, paths[k], 0, &r) &&
                      H5Dread(r.data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, to[k]) >= 0;
    taup_h5_close_rows(&r);
    if (!good) return taup_h5_broken(name, paths[k]);
  }
  return TAU_OK;
}

static bool is_varied(const taup_h5_sheet *s, int i_parameter)
{
  for (int i = 0; i < s->n_varied; i++)
    if (s->parameters[i] == i_parameter) return true;
  return false;
}

static tau_status compare_values(const tau_sweep_file *f, const taup_h5_sheet *s)
{
  const int n = s->train->layout->n_parameters;
  double *there = taup_calloc((size_t)n, sizeof *there);
  char a[32], b[32];
  if (!there) return TAU_E_NOMEM;
  tau_status st = taup_h5_read_values(f->file, f->name, n, there);
  for (int i = 0; st == TAU_OK && i < n; i++) {
    const double x = there[i], y = s->inputs->values[i];
    if (x == y || (isnan(x) && isnan(y)) || is_varied(s, i)) continue;
    st = taup_fail(TAUP_ERR_OTHER_SWEEP, "'%s' holds another sweep: %s is %s there, %s here", f->name,
                   s->train->parameters[i].path, taup_number_text(a, x), taup_number_text(b, y));
  }
  taup_free(there);
  return st;
}

static tau_status compare(const tau_sweep_file *f, const taup_h5_sheet *s)
{
  taup_text plan = {0};
  tau_status st;
  if ((st = compare_text(f, "/model", "the model", s->train->model_text)) < 0) goto done;
  if ((st = taup_h5_plan_text(&plan, s)) < 0) goto done;
  if ((st = compare_text(f, "/sweep/plan", "the plan", plan.data)) < 0) goto done;
  if ((st = compare_values(f, s)) < 0) goto done;
  st = compare_text(f, "/sweep/design", "the design", s->design ? s->design : "");
done:
  taup_text_free(&plan);
  return st;
}

/* Whether it is a file of HDF5 that says that it holds a sweep. */
bool taup_h5_holds_sweep(int64_t file)
{
  char *content = NULL;
  const hid_t id =
    H5Aexists(file, "tautrain_content") > 0 ? H5Aopen(file, "tautrain_content", H5P_DEFAULT) : -1;
  const hid_t type = id >= 0 ? H5Aget_type(id) : -1;
  bool is = type >= 0 && H5Tis_variable_str(type) > 0 && H5Aread(id, type, &content) >= 0 && content &&
            strcmp(content, "sweep") == 0;
  if (content) H5free_memory(content);
  if (type >= 0) H5Tclose(type);
  if (id >= 0) H5Aclose(id);
  return is;
}

/* --- codes --- */

static bool count_codes(tau_sweep_file *f, int64_t first, int n, int *code)
{
  const hsize_t start = (hsize_t)first, count = (hsize_t)n;
  const hid_t memory = H5Screate_simple(1, &count, NULL);
  const bool good = H5Sselect_hyperslab(f->code.space, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                    H5Dread(f->code.data, H5T_NATIVE_INT, memory, f->code.space, H5P_DEFAULT, code) >= 0;
  H5Sclose(memory);
  for (int i = 0; good && i < n; i++) {
    if (code[i] < 0 || code[i] > TAUP_H5_MOST_CODES) return false;
    if (!code[i]) continue;
    if (code[i] > f->n_codes) f->n_codes = code[i];
    f->codes[code[i] - 1].n_runs++;
  }
  return good;
}

bool taup_h5_read_fixed(int64_t data, size_t n_bytes, char *texts)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, n_bytes);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const bool good = H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0;
  H5Tclose(type);
  return good;
}

/* The codes of the runs that are done: what the table says of others is forgotten, and of how many runs it is. */
static tau_status read_codes(tau_sweep_file *f)
{
  int *code = taup_calloc(ROWS_AT_ONCE, sizeof *code);
  char *texts = taup_calloc(TAUP_H5_MOST_CODES, TAUP_H5_ID + TAUP_H5_UNIT);
  bool good = code && texts;
  tau_status st = good ? TAU_OK : TAU_E_NOMEM;
  for (int64_t first = 0; good && first < f->n_done; first += ROWS_AT_ONCE) {
    const int64_t left = f->n_done - first;
    good = count_codes(f, first, left < ROWS_AT_ONCE ? (int)left : ROWS_AT_ONCE, code);
  }
  char *units = texts ? texts + TAUP_H5_MOST_CODES * TAUP_H5_ID : NULL;
  good = good && taup_h5_read_fixed(f->message_id, TAUP_H5_ID, texts) &&
         taup_h5_read_fixed(f->message_unit, TAUP_H5_UNIT, units);
  for (int k = 0; good && k < f->n_codes; k++) {
    snprintf(f->codes[k].id, TAUP_H5_ID, "%.*s", TAUP_H5_ID - 1, texts + k * TAUP_H5_ID);
    snprintf(f->codes[k].unit, TAUP_H5_UNIT, "%.*s", TAUP_H5_UNIT - 1, units + k * TAUP_H5_UNIT);
  }
  if (!good && st == TAU_OK) st = taup_h5_broken(f->name, "/sweep/code");
  taup_free(code);
  taup_free(texts);
  return st;
}

static tau_status read_state(tau_sweep_file *f)
{
  long n = -1;
  if (H5Dread(f->counter, H5T_NATIVE_LONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, &n) < 0 || n < 0 || n > f->n_runs)
    return taup_h5_broken(f->name, "/sweep/n_done");
  f->n_done = n;
  TAU_TRY(taup_h5_read_totals(f->file, f->name, &f->totals));
  f->written = f->totals;
  return read_codes(f);
}

/* --- the whole --- */

tau_status taup_h5_resume(tau_sweep_file *f, const taup_h5_sheet *s)
{
  if ((f->file = taup_h5_open_file(f->name, true)) < 0)
    return taup_h5_system_error() || H5Fis_hdf5(f->name) > 0
             ? taup_h5_cannot_open(f->name, TAUP_ERR_DAMAGED_RESULTS_FILE)
             : no_sweep(f->name);
  if (!taup_h5_holds_sweep(f->file)) return no_sweep(f->name);
  TAU_TRY(compare(f, s));
  TAU_TRY(taup_h5_open_datasets(f, s));
  TAU_TRY(read_state(f));
  return f->n_done ? TAU_OK : taup_h5_write_blank(f); /* it may have been killed while it did that */
}

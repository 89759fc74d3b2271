/* SPDX-License-Identifier: Apache-2.0 */
/* h5_sweep.c - a sweep's file: made or found again, filled block by block.
 *
 * Invariant: rows below n_done are complete on the disk before n_done says so (HDF5 holds nothing back: no sieve, no chunks), and n_done is
 * the only thing that is believed when the file is opened again. Codes of the file are its own: those of a sweep that was resumed begin
 * anew. How the file is laid out: h5_sheet.c. */
#include <hdf5.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "io/file.h"
#include "io/h5_sweep.h"

static const double tell_every = 0.1; /* of the wall time [s]: a write costs as much as some runs */

/* --- rows --- */

static bool write_rows(taup_h5_rows *r, int64_t first, int n, hid_t type, const void *values)
{
  hsize_t start[TAUP_H5_MOST_AXES] = {(hsize_t)first}, count[TAUP_H5_MOST_AXES];
  hssize_t n_values = n;
  memcpy(count, r->size, sizeof count);
  count[0] = (hsize_t)n;
  for (int k = 1; k < r->rank; k++) n_values *= (hssize_t)r->size[k];
  if (n_values == 0) return true;
  const hid_t memory = H5Screate_simple(r->rank, count, NULL);
  const bool good = H5Sselect_hyperslab(r->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                    taup_h5_note(H5Dwrite(r->data, type, memory, r->space, H5P_DEFAULT, values) >= 0);
  H5Sclose(memory);
  return good;
}

static const char *blank_rows(taup_h5_rows *r, int64_t first, int64_t end, const char *what)
{
  enum { MOST = 1 << 16 };
  int64_t row = 1;
  for (int k = 1; k < r->rank; k++) row *= (int64_t)r->size[k];
  const int64_t step = row < MOST ? MOST / (row > 0 ? row : 1) : 1;
  double *nans = taup_calloc((size_t)(step * row), sizeof *nans);
  if (!nans) return "memory";
  bool good = true;
  for (int64_t i = 0; i < step * row; i++) nans[i] = NAN;
  for (; good && first < end; first += step)
    good = write_rows(r, first, (int)(end - first < step ? end - first : step), H5T_NATIVE_DOUBLE, nans);
  taup_free(nans);
  return good ? NULL : what;
}

tau_status taup_h5_write_blank(tau_sweep_file *f)
{
  const char *failed = blank_rows(&f->input, f->n_done, f->n_runs, "/sweep/input");
  if (!failed) failed = blank_rows(&f->output, f->n_done, f->n_runs, "/sweep/output");
  if (!failed && f->sensitivity.data)
    failed = blank_rows(&f->sensitivity, f->n_done, f->n_runs, "/sensitivity/values");
  for (int k = 0; !failed && k < f->n_profiles; k++)
    for (int i = 0; !failed && i < TAUP_H5_PROFILE; i++)
      failed = blank_rows(&f->profiles[k][i], f->n_done, f->n_runs, "/sweep/profiles");
  return failed ? taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", f->name, failed) : TAU_OK;
}

/* --- making and finding --- */

tau_status taup_h5_sheet_make(const char *file, const taup_h5_sheet *sheet, bool overwrite)
{
  taup_file_new f = {0};
  const char *failed = NULL;
  tau_status st;
  if ((st = taup_file_begin(&f, file, overwrite)) < 0) goto done;
  if ((st = taup_h5_sheet_write(f.temporary, sheet, &failed)) < 0) {
    if (st != TAU_E_NOMEM) st = taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", file, failed);
    goto done;
  }
  st = taup_file_commit(&f);
done:
  taup_file_abandon(&f);
  return st;
}

/* A file that is replaced may not be in use. */
static tau_status ask_for_lock(const char *file)
{
  const int64_t id = taup_h5_open_file(file, true);
  if (id >= 0) H5Fclose(id);
  return id < 0 && taup_h5_system_error() ? taup_h5_cannot_open(file, TAUP_ERR_CANNOT_WRITE) : TAU_OK;
}

tau_status taup_h5_create(tau_sweep_file *f, const taup_h5_sheet *s, bool overwrite)
{
  f->totals.largest_difference = f->written.largest_difference = NAN;
  if (overwrite && access(f->name, F_OK) == 0) TAU_TRY(ask_for_lock(f->name));
  TAU_TRY(taup_h5_sheet_make(f->name, s, overwrite));
  if ((f->file = taup_h5_open_file(f->name, true)) < 0)
    return taup_h5_cannot_open(f->name, TAUP_ERR_CANNOT_WRITE);
  TAU_TRY(taup_h5_open_datasets(f, s));
  return s->n_parts ? TAU_OK : taup_h5_write_blank(f);
}

static tau_status find(tau_sweep_file *f, const taup_h5_sheet *s, bool overwrite)
{
  taup_h5_session session;
  tau_status st;
  f->n_runs = s->n_runs;
  f->first_run = s->first_run;
  taup_h5_enter(&session);
  st = overwrite || access(f->name, F_OK) != 0 ? taup_h5_create(f, s, overwrite) : taup_h5_resume(f, s);
  if (st < 0) taup_h5_release(f);
  taup_h5_leave(&session);
  return st;
}

static tau_status sheet_of(taup_h5_sheet *s, const tau_sweep_plan *plan)
{
  static const tau_sweep_options none = TAU_SWEEP_OPTIONS_INIT;
  const tau_sweep_options *o = plan->options ? plan->options : &none;
  if (plan->n_runs < 1 || plan->n_runs > INT_MAX)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "a file holds 1 to %d runs, not %lld", INT_MAX,
                     (long long)plan->n_runs);
  *s = (taup_h5_sheet){.train = plan->train,
                       .inputs = plan->inputs,
                       .n_runs = (int)plan->n_runs,
                       .first_run = plan->first_run,
                       .n_all = plan->n_all ? plan->n_all : plan->n_runs,
                       .n_varied = plan->n_varied,
                       .parameters = plan->parameters,
                       .kept = plan->kept,
                       .run = taup_run_options_of(plan->train, &o->run),
                       .design = plan->design,
                       .command = plan->command};
  if (s->first_run < 0 || s->first_run + s->n_runs > s->n_all)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "runs %lld to %lld are no part of %lld", (long long)s->first_run,
                     (long long)(s->first_run + s->n_runs - 1), (long long)s->n_all);
  const tau_design varied = {0, plan->n_varied, plan->parameters, NULL};
  TAU_TRY(taup_sweep_check_choice(plan->train, &varied, plan->kept));
  return taup_engine_of(&s->engine, plan->train, o);
}

tau_status tau_sweep_file_open(tau_sweep_file **out, const char *file, const tau_sweep_plan *plan,
                               bool overwrite, int64_t *n_done)
{
  taup_h5_sheet sheet;
  tau_inputs *own = NULL;
  tau_status st;
  *out = NULL;
  *n_done = 0;
  TAU_TRY(sheet_of(&sheet, plan));
  tau_sweep_file *f = taup_calloc(1, sizeof *f);
  if (!f || !(f->name = taup_strdup(file))) {
    taup_h5_free_file(f);
    return TAU_E_NOMEM;
  }
  if (!sheet.inputs && (st = tau_inputs_new(&own, plan->train)) < 0) goto done;
  if (own) sheet.inputs = own;
  if ((st = find(f, &sheet, overwrite)) < 0) goto done;
  *n_done = f->n_done;
  *out = f;
  f = NULL;
done:
  tau_inputs_free(own);
  taup_h5_free_file(f);
  return st;
}

/* --- the sink --- */

/* Element k of one of the tables of messages. */
static bool write_element(hid_t data, hid_t type, int k, const void *value)
{
  const hsize_t at = (hsize_t)k, one = 1;
  const hid_t space = H5Dget_space(data), memory = H5Screate_simple(1, &one, NULL);
  const bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, &at, NULL, &one, NULL) >= 0 &&
                    taup_h5_note(H5Dwrite(data, type, memory, space, H5P_DEFAULT, value) >= 0);
  H5Sclose(memory);
  H5Sclose(space);
  return good;
}

static bool write_fixed(hid_t data, int k, const char *text, size_t n_bytes)
{
  char room[TAUP_H5_MESSAGE] = "";
  const hid_t type = H5Tcopy(H5T_C_S1);
  snprintf(room, n_bytes, "%s", text);
  H5Tset_size(type, n_bytes);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const bool good = write_element(data, type, k, room);
  H5Tclose(type);
  return good;
}

static bool write_message(tau_sweep_file *f, int k, const tau_sweep_message *m, int64_t run)
{
  const long status = m->status, first_run = (long)run;
  return write_fixed(f->message, k, m->text, TAUP_H5_MESSAGE) &&
         write_fixed(f->message_id, k, m->id, TAUP_H5_ID) &&
         write_fixed(f->message_unit, k, m->unit, TAUP_H5_UNIT) &&
         write_element(f->message_status, H5T_NATIVE_LONG, k, &status) &&
         write_element(f->message_first_run, H5T_NATIVE_LONG, k, &first_run);
}

/* The file's code, from 1 on, of a message; the last one stands for all that do not fit. */
static int code_of(tau_sweep_file *f, const tau_sweep_message *m, int64_t run, bool *good)
{
  int k = 0;
  while (k < f->n_codes && (strcmp(f->codes[k].id, m->id) != 0 || strcmp(f->codes[k].unit, m->unit) != 0))
    k++;
  if (k == f->n_codes && k == TAUP_H5_MOST_CODES) return k;
  if (k == f->n_codes) {
    f->codes[k].n_runs = 0;
    snprintf(f->codes[k].id, TAUP_H5_ID, "%s", m->id);
    snprintf(f->codes[k].unit, TAUP_H5_UNIT, "%s", m->unit);
    *good = write_message(f, k, m, run) && *good;
    f->n_codes++;
  }
  return k + 1;
}

static bool write_codes(tau_sweep_file *f, int64_t first_run, int n, const int *code,
                        tau_sweep_message (*message_of)(const void *, int), const void *user)
{
  bool good = true, failures = false;
  for (int i = 0; i < n; i++) {
    f->integers[i] = 0;
    if (!code[i]) continue;
    const tau_sweep_message m = message_of(user, code[i]);
    f->integers[i] = code_of(f, &m, first_run + i, &good);
    f->codes[f->integers[i] - 1].n_runs++;
    failures = true;
  }
  for (int k = 0; failures && k < f->n_codes; k++)
    good = write_element(f->message_runs, H5T_NATIVE_LONG, k, &f->codes[k].n_runs) && good;
  return write_rows(&f->code, f->n_done, n, H5T_NATIVE_INT, f->integers) && good;
}

const char *taup_h5_write_outcomes(tau_sweep_file *f, int64_t first_run, int n, const int *status,
                                   const int *code, tau_sweep_message (*message_of)(const void *, int),
                                   const void *user)
{
  if (taup_grow(&f->integers, &f->capacity, n, sizeof *f->integers) < 0) return "memory";
  if (!write_rows(&f->status, f->n_done, n, H5T_NATIVE_INT, status)) return "/sweep/status";
  if (!write_codes(f, first_run, n, code, message_of, user)) return "/sweep/code";
  return NULL;
}

const char *taup_h5_write_count(tau_sweep_file *f, int n)
{
  const long n_done = (long)(f->n_done + n);
  if (!taup_h5_note(H5Dwrite(f->counter, H5T_NATIVE_LONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, &n_done) >= 0))
    return "/sweep/n_done";
  f->n_done = n_done;
  return NULL;
}

void taup_h5_totals_add(taup_h5_totals *to, const taup_h5_totals *more)
{
  to->n_handed_over += more->n_handed_over;
  to->largest_difference = fmax(to->largest_difference, more->largest_difference); /* NAN is left out */
  to->wall_time += more->wall_time;
}

static bool write_number(int64_t id, double x, double *written)
{
  if (x == *written || (isnan(x) && isnan(*written))) return true;
  *written = x;
  return taup_h5_note(H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &x) >= 0);
}

bool taup_h5_write_totals(tau_sweep_file *f, const taup_h5_totals *t)
{
  return write_number(f->handed_over, t->n_handed_over, &f->written.n_handed_over) &&
         write_number(f->difference, t->largest_difference, &f->written.largest_difference) &&
         write_number(f->wall_time, t->wall_time, &f->written.wall_time);
}

static taup_h5_totals totals_with(const tau_sweep_file *f, const tau_sweep_summary *s)
{
  const taup_h5_totals more = {(double)tau_sweep_n_handed_over(s), tau_sweep_largest_difference(s),
                               tau_sweep_wall_time(s)};
  taup_h5_totals totals = f->totals;
  taup_h5_totals_add(&totals, &more);
  return totals;
}

static tau_sweep_message message_of_summary(const void *summary, int code)
{
  return tau_sweep_message_of(summary, code);
}

static const char *write_block(tau_sweep_file *f, const tau_block *b, const tau_sweep_summary *summary)
{
  const int64_t at = f->n_done;
  if (!write_rows(&f->input, at, b->n, H5T_NATIVE_DOUBLE, b->inputs)) return "/sweep/input";
  if (!write_rows(&f->output, at, b->n, H5T_NATIVE_DOUBLE, b->observables)) return "/sweep/output";
  if (f->sensitivity.data && !write_rows(&f->sensitivity, at, b->n, H5T_NATIVE_DOUBLE, b->sensitivities))
    return "/sensitivity/values";
  const char *failed =
    taup_h5_write_outcomes(f, b->first_run, b->n, b->status, b->code, message_of_summary, summary);
  if (failed) return failed;
  for (int k = 0; k < f->n_profiles; k++) {
    const double *const from[TAUP_H5_PROFILE] = {b->profiles[k].position, b->profiles[k].c, b->profiles[k].T};
    for (int i = 0; i < TAUP_H5_PROFILE; i++)
      if (!write_rows(&f->profiles[k][i], at, b->n, H5T_NATIVE_DOUBLE, from[i])) return "/sweep/profiles";
  }
  taup_h5_totals so_far = totals_with(f, summary); /* for those who look after a kill */
  if (so_far.wall_time < f->written.wall_time + tell_every) so_far.wall_time = f->written.wall_time;
  if (!taup_h5_write_totals(f, &so_far)) return "/sweep/wall_time";
  return taup_h5_write_count(f, b->n);
}

static tau_status take(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  tau_sweep_file *f = user;
  taup_h5_session session;
  if (b->first_run != f->first_run + f->n_done || f->n_done + b->n > f->n_runs)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "'%s' takes run %lld next; run %lld was computed", f->name,
                     (long long)(f->first_run + f->n_done), (long long)b->first_run);
  taup_h5_enter(&session);
  const char *failed = write_block(f, b, summary);
  const tau_status st = failed ? taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", f->name, failed) : TAU_OK;
  taup_h5_leave(&session);
  return st;
}

tau_sink tau_sweep_file_sink(tau_sweep_file *file) { return (tau_sink){take, file}; }

/* --- the end --- */

static bool set_status(hid_t file, const char *word)
{
  char room[TAUP_H5_STATUS] = "";
  const hid_t id = H5Aopen(file, "status", H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
  snprintf(room, sizeof room, "%s", word);
  H5Tset_size(type, sizeof room);
  const bool good = id >= 0 && H5Awrite(id, type, room) >= 0;
  H5Tclose(type);
  if (id >= 0) H5Aclose(id);
  return good;
}

bool taup_h5_write_end(tau_sweep_file *f)
{
  const bool good = set_status(f->file, f->n_done == f->n_runs ? "complete" : "stopped");
  return taup_h5_note(H5Fflush(f->file, H5F_SCOPE_GLOBAL) >= 0) && good;
}

tau_status tau_sweep_file_add(tau_sweep_file *f, const tau_sweep_summary *summary)
{
  taup_h5_session session;
  taup_h5_enter(&session);
  f->totals = totals_with(f, summary);
  const tau_status st = taup_h5_write_totals(f, &f->totals)
                          ? TAU_OK
                          : taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", f->name, "/sweep/wall_time");
  taup_h5_leave(&session);
  return st;
}

tau_status tau_sweep_file_close(tau_sweep_file *f)
{
  taup_h5_session session;
  if (!f) return TAU_OK;
  taup_h5_enter(&session);
  bool good = taup_h5_write_end(f);
  taup_h5_release(f);
  good = taup_h5_note(good);
  const tau_status st = good ? TAU_OK : taup_h5_cannot(TAUP_ERR_CANNOT_WRITE, "write", f->name, "the end");
  taup_h5_leave(&session);
  taup_h5_free_file(f);
  return st;
}

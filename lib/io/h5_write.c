/* SPDX-License-Identifier: Apache-2.0 */
/* h5_write.c - a result as a file: which group and dataset holds what. h5_read.c takes the same places apart.
 *
 * The scales `species` and `reaction` stand at the root; each group that uses them holds a hard link, so that
 * a group read by itself has its labels. Every number has its SI unit and a name; the numbers of the tables
 * `parameters` and `observables`, whose unit stands in the row, are counts of that unit: pure numbers. */
#include <hdf5.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "io/file.h"
#include "io/h5.h"
#include "io/h5_build.h"
#include "io/sha256.h"
#include "model/utf8.h"
#include "train/result.h"
#include <tautrain/version.h>

/* OpenBLAS is behind LAPACK on some systems and not on others. */
extern char *openblas_get_config(void) __attribute__((weak));

typedef struct writer {
  taup_h5_builder b;
  const tau_result *r;
  taup_h5_scale species, reaction;
} writer;

/* --- the root --- */

static const char *status_word(tau_status status)
{
  return status < 0 ? "failed" : status > 0 ? "stopped" : "complete";
}

/* A text that was cut to its buffer may end within a character. */
static const char *whole_characters(const char *text, char *buffer, size_t n_bytes)
{
  snprintf(buffer, n_bytes, "%s", text);
  const char *at = buffer, *const end = buffer + strlen(buffer);
  size_t n;
  while (at < end && (n = taup_utf8_next(at, end, NULL)) > 0) at += n;
  buffer[at - buffer] = '\0';
  return buffer;
}

static const char *now(char buffer[/* 32 */])
{
  const time_t t = time(NULL);
  struct tm utc;
  if (!gmtime_r(&t, &utc) || !strftime(buffer, 32, "%Y-%m-%dT%H:%M:%SZ", &utc)) buffer[0] = '\0';
  return buffer;
}

static const char *host(char *buffer, size_t n_bytes)
{
  if (gethostname(buffer, n_bytes - 1) != 0) buffer[0] = '\0';
  buffer[n_bytes - 1] = '\0';
  return buffer;
}

static const char *hdf5_version(char buffer[/* 32 */])
{
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  snprintf(buffer, 32, "%u.%u.%u", major, minor, release);
  return buffer;
}

static void attribute(writer *w, const char *name, const char *text)
{
  taup_h5_text_attribute(&w->b, w->b.file, name, text ? text : "unknown");
}

static void write_provenance(writer *w, const char *command)
{
  char buffer[256];
  attribute(w, "tautrain_version", tau_version());
  attribute(w, "git_commit", tau_build_info("git_commit"));
  attribute(w, "sundials_version", tau_build_info("sundials"));
  attribute(w, "hdf5_version", hdf5_version(buffer));
  if (openblas_get_config) attribute(w, "openblas_version", openblas_get_config());
  attribute(w, "compiler", tau_build_info("compiler"));
  attribute(w, "created", now(buffer));
  attribute(w, "host", host(buffer, sizeof buffer));
  attribute(w, "command", command ? command : "");
}

/* What the run says of itself: attributes for people, and a table of the same texts, which can be read
 * without trusting the file. */
static void write_about(writer *w)
{
  char message[sizeof w->r->message];
  const tau_result *r = w->r;
  const char *const name[] = {"title", "evidence", "status", "message", "error_id"};
  const char *const value[] = {r->layout->title, r->layout->evidence, status_word(r->status),
                               whole_characters(r->message, message, sizeof message), tau_result_error_id(r)};
  taup_h5_scale rows = {.n = sizeof name / sizeof name[0]};
  for (int i = 0; i < rows.n; i++) attribute(w, name[i], value[i]);
  const int64_t group = taup_h5_group(&w->b, w->b.file, "about");
  taup_h5_open_scale(&w->b, &rows, group, TAUP_H5_TEXTS, name,
                     (taup_h5_label){"name", NULL, "an attribute of the file"});
  taup_h5_texts(&w->b, group, value, &rows, (taup_h5_label){"value", NULL, "what it says"});
  taup_h5_count(&w->b, group, r->status,
                (taup_h5_label){"status_code", "", "0: complete, below 0: failed, above 0: stopped"});
  taup_h5_close_scale(&w->b, &rows);
  taup_h5_close_group(group);
}

void taup_h5_write_model(taup_h5_builder *b, const char *text, size_t n_bytes)
{
  char digest[TAUP_SHA256_TEXT];
  taup_h5_bytes(b, b->file, text, n_bytes,
                (taup_h5_label){"model", NULL, "the model that was run, byte for byte"});
  if (b->failed) return;
  const hid_t id = H5Dopen2(b->file, "model", H5P_DEFAULT);
  taup_h5_text_attribute(b, id, "sha256", taup_sha256(digest, text, n_bytes));
  if (id >= 0) H5Dclose(id);
}

static void write_model(writer *w)
{
  taup_h5_write_model(&w->b, w->r->layout->model_text, w->r->layout->n_model_text);
}

static void write_options(writer *w)
{
  const int64_t group = taup_h5_group(&w->b, w->b.file, "options");
  taup_h5_number_attribute(&w->b, group, "rtol", w->r->rtol);
  taup_h5_number_attribute(&w->b, group, "atol", w->r->atol);
  taup_h5_text_attribute(&w->b, group, "atol_units", "mol/m^3");
  taup_h5_number_attribute(&w->b, group, "max_time", w->r->max_time);
  taup_h5_text_attribute(&w->b, group, "max_time_units", "s");
  taup_h5_int_attribute(&w->b, group, "max_steps", w->r->max_steps);
  taup_h5_close_group(group);
}

static void write_warnings(writer *w)
{
  char cut[TAUP_MOST_WARNINGS][TAUP_WARNING_BYTES];
  const char *line[TAUP_MOST_WARNINGS];
  taup_h5_scale s = {.n = w->r->n_warnings};
  if (!s.n) return;
  for (int i = 0; i < s.n; i++) line[i] = whole_characters(w->r->warnings[i], cut[i], sizeof cut[i]);
  taup_h5_open_scale(&w->b, &s, w->b.file, TAUP_H5_TEXTS, line,
                     (taup_h5_label){"warnings", NULL, "what the run warned of"});
  taup_h5_close_scale(&w->b, &s);
}

static void write_names(writer *w)
{
  const taup_layout *l = w->r->layout;
  w->species.n = l->n_species;
  w->reaction.n = l->n_reactions;
  taup_h5_open_scale(&w->b, &w->species, w->b.file, TAUP_H5_TEXTS, l->species,
                     (taup_h5_label){"species", NULL, "species"});
  if (!l->n_reactions) return;
  taup_h5_open_scale(&w->b, &w->reaction, w->b.file, TAUP_H5_TEXTS, l->reactions,
                     (taup_h5_label){"reaction", NULL, "reaction"});
  taup_h5_texts(&w->b, w->b.file, l->equations, &w->reaction,
                (taup_h5_label){"equation", NULL, "equation of the reaction"});
}

/* --- tables --- */

/* A column: texts or numbers. The first one is the scale of the rows. */
typedef struct column {
  taup_h5_label label;
  const char *(*text)(const tau_result *r, int i);
  double (*number)(const tau_result *r, int i);
} column;

static void *column_values(const tau_result *r, const column *c, int n)
{
  const char **text = c->text ? taup_calloc((size_t)n, sizeof *text) : NULL;
  double *x = c->number ? taup_calloc((size_t)n, sizeof *x) : NULL;
  for (int i = 0; text && i < n; i++) text[i] = c->text(r, i);
  for (int i = 0; x && i < n; i++) x[i] = c->number(r, i);
  return text ? (void *)text : (void *)x;
}

static void write_table(writer *w, const char *name, int n, const column *columns, int n_columns)
{
  taup_h5_scale rows = {.n = n};
  const int64_t group = taup_h5_group(&w->b, w->b.file, name);
  for (int k = 0; k < n_columns; k++) {
    const column *c = &columns[k];
    void *values = column_values(w->r, c, n);
    taup_h5_check_memory(&w->b, values != NULL);
    if (k == 0) taup_h5_open_scale(&w->b, &rows, group, TAUP_H5_TEXTS, values, c->label);
    else if (c->text) taup_h5_texts(&w->b, group, values, &rows, c->label);
    else taup_h5_numbers(&w->b, group, values, &rows, c->label);
    taup_free(values);
  }
  taup_h5_close_scale(&w->b, &rows);
  taup_h5_close_group(group);
}

#define TABLE(w, name, n, columns) write_table(w, name, n, columns, (int)(sizeof columns / sizeof columns[0]))

static const char *parameter_path(const tau_result *r, int i) { return r->layout->parameters[i].path; }
static const char *parameter_unit(const tau_result *r, int i) { return r->layout->parameters[i].unit; }
static const char *parameter_si_unit(const tau_result *r, int i) { return r->layout->parameters[i].si_unit; }
static const char *parameter_doc(const tau_result *r, int i) { return r->layout->parameters[i].doc; }
static double parameter_value(const tau_result *r, int i) { return r->inputs[i]; }
static double parameter_uncertainty(const tau_result *r, int i)
{
  return r->layout->parameters[i].uncertainty;
}
static double parameter_lower(const tau_result *r, int i) { return r->layout->parameters[i].lower; }
static double parameter_upper(const tau_result *r, int i) { return r->layout->parameters[i].upper; }

static const column parameter_columns[] = {
  {{"path", NULL, "path of the parameter"}, parameter_path, NULL},
  {{"value", "", "value, in the row's si_unit; NaN: another of its group is given"}, NULL, parameter_value},
  {{"unit", NULL, "unit as the user wrote it"}, parameter_unit, NULL},
  {{"si_unit", NULL, "unit of value, uncertainty and bounds; empty: a plain number"}, parameter_si_unit, NULL},
  {{"uncertainty", "", "as stated by +/-, in the row's si_unit; 0: nothing is said"},
   NULL,
   parameter_uncertainty},
  {{"lower", "", "lower bound, in the row's si_unit"}, NULL, parameter_lower},
  {{"upper", "", "upper bound, in the row's si_unit"}, NULL, parameter_upper},
  {{"description", NULL, "what it is"}, parameter_doc, NULL},
};

static const char *observable_path(const tau_result *r, int i) { return r->layout->observables[i].path; }
static const char *observable_unit(const tau_result *r, int i) { return r->layout->observables[i].unit; }
static const char *observable_doc(const tau_result *r, int i) { return r->layout->observables[i].doc; }
static double observable_value(const tau_result *r, int i) { return r->values[i]; }

static const column observable_columns[] = {
  {{"path", NULL, "path of the observable"}, observable_path, NULL},
  {{"value", "", "value, in the row's unit; NaN: the run did not get that far"}, NULL, observable_value},
  {{"unit", NULL, "unit of value, SI; empty: a plain number"}, observable_unit, NULL},
  {{"description", NULL, "what it is"}, observable_doc, NULL},
};

static const char *unit_name(const tau_result *r, int i) { return r->layout->units[i].name; }
static const char *unit_kind(const tau_result *r, int i) { return r->layout->units[i].kind; }
static const char *unit_method(const tau_result *r, int i) { return r->statistics[i].method; }

static const column train_columns[] = {
  {{"unit", NULL, "units in the order of solution"}, unit_name, NULL},
  {{"kind", NULL, "kind of unit"}, unit_kind, NULL},
  {{"method", NULL, "what solved it"}, unit_method, NULL},
};

static const char *balance_name(const tau_result *r, int i) { return r->balances[i].name; }
static double balance_in(const tau_result *r, int i) { return r->balances[i].in; }
static double balance_out(const tau_result *r, int i) { return r->balances[i].out; }
static double balance_error(const tau_result *r, int i) { return r->balances[i].error; }

/* SI unit of the observable "<a><b><c>"; `otherwise` where there is none. */
static const char *unit_of(const tau_result *r, const char *a, const char *b, const char *c,
                           const char *otherwise)
{
  char path[1024];
  snprintf(path, sizeof path, "%s%s%s", a, b, c);
  const int i = taup_map_find(&r->layout->observable_by_path, path);
  return i < 0 ? otherwise : r->layout->observables[i].unit;
}

static void write_tables(writer *w)
{
  const taup_layout *l = w->r->layout;
  const char *amount =
    unit_of(w->r, "outlet/F/", l->n_species ? l->species[0] : "", "", "mol/s"); /* of a batch: mol */
  const column balance_columns[] = {
    {{"name", NULL, "conserved sum: a moiety or an atom"}, balance_name, NULL},
    {{"in", amount, "what goes in"}, NULL, balance_in},
    {{"out", amount, "what comes out"}, NULL, balance_out},
    {{"error", "", "closure error, relative"}, NULL, balance_error},
  };
  TABLE(w, "parameters", l->n_parameters, parameter_columns);
  TABLE(w, "observables", l->n_observables, observable_columns);
  TABLE(w, "train", l->n_units, train_columns);
  TABLE(w, "balance", l->n_balances, balance_columns);
}

/* --- units --- */

/* A batch has volumes and amounts where others have flows; its observables know. */
static bool is_closed(const tau_result *r, const taup_unit_layout *u)
{
  return strcmp(unit_of(r, "units/", u->name, "/inlet/flow", "m^3/s"), "m^3") == 0;
}

static void write_stream(writer *w, int64_t group, bool closed, int offset)
{
  const int n = w->r->layout->n_species;
  const double *F = w->r->data + offset, *x = F + 2 * n;
  const char *const mol[] = {"mol/s", "mol"}, *const m3[] = {"m^3/s", "m^3"}, *const kg[] = {"kg/s", "kg"};
  taup_h5_link_scale(&w->b, &w->species, group, "species");
  taup_h5_numbers(&w->b, group, F + n, &w->species, (taup_h5_label){"c", "mol/m^3", "concentration"});
  taup_h5_numbers(&w->b, group, F, &w->species,
                  (taup_h5_label){"F", mol[closed], closed ? "amount" : "molar flow"});
  taup_h5_number(&w->b, group, x[TAUP_STREAM_T], (taup_h5_label){"T", "K", "temperature"});
  taup_h5_number(&w->b, group, x[TAUP_STREAM_P], (taup_h5_label){"P", "Pa", "pressure"});
  taup_h5_number(&w->b, group, x[TAUP_STREAM_FLOW],
                 (taup_h5_label){"flow", m3[closed], closed ? "volume" : "volume flow"});
  taup_h5_number(&w->b, group, x[TAUP_STREAM_MASS],
                 (taup_h5_label){"mass_flow", kg[closed], closed ? "mass" : "mass flow"});
}

static void write_streams(writer *w, int64_t group, const taup_unit_layout *u)
{
  const int size = taup_stream_size(w->r->layout->n_species);
  const bool closed = is_closed(w->r, u);
  const int64_t inlet = taup_h5_group(&w->b, group, "inlet");
  write_stream(w, inlet, closed, u->inlet);
  taup_h5_close_group(inlet);
  const int64_t outlet = taup_h5_group(&w->b, group, "outlet");
  for (int k = 0; k < u->n_outlets; k++) {
    const bool only = u->outlets[k][0] == '\0';
    const int64_t port = only ? outlet : taup_h5_group(&w->b, outlet, u->outlets[k]);
    write_stream(w, port, closed, u->outlet + k * size);
    if (!only) taup_h5_close_group(port);
  }
  taup_h5_close_group(outlet);
}

static void write_profile(writer *w, int64_t group, const taup_unit_layout *u, const taup_profile_store *p)
{
  taup_h5_builder *b = &w->b;
  taup_h5_scale at = {.n = p->n_points};
  const bool closed = is_closed(w->r, u);
  const taup_h5_label flow = {"flow", closed ? "m^3" : "m^3/s", closed ? "volume" : "volume flow"};
  taup_h5_open_scale(b, &at, group, TAUP_H5_DOUBLES, p->position,
                     (taup_h5_label){u->coordinate, u->coordinate_unit, "place in the unit"});
  taup_h5_link_scale(b, &w->species, group, "species");
  taup_h5_array(b, group, TAUP_H5_DOUBLES, p->c, (taup_h5_scale *const[2]){&at, &w->species},
                (taup_h5_label){"c", "mol/m^3", "concentration"});
  taup_h5_numbers(b, group, p->T, &at, (taup_h5_label){"T", "K", "temperature"});
  taup_h5_numbers(b, group, p->flow, &at, flow);
  taup_h5_numbers(b, group, p->heat_rate, &at,
                  (taup_h5_label){"heat_rate", "W/m^3", "heat released by reaction"});
  if (w->reaction.n) {
    taup_h5_link_scale(b, &w->reaction, group, "reaction");
    taup_h5_array(b, group, TAUP_H5_DOUBLES, p->rate, (taup_h5_scale *const[2]){&at, &w->reaction},
                  (taup_h5_label){"rate", "mol/m^3/s", "rate of reaction"});
  }
  taup_h5_close_scale(b, &at);
}

static void write_scalars(writer *w, int64_t group, const taup_unit_layout *u)
{
  const bool closed = is_closed(w->r, u);
  const char *heat = closed ? "J" : "W", *place = u->coordinate_unit;
  const taup_h5_label labels[TAUP_N_SCALARS] = {
    [TAUP_SCALAR_SIZE] = {NULL, closed ? "s" : "m^3", closed ? "time" : "volume"},
    [TAUP_SCALAR_RESIDENCE_TIME] = {NULL, "s",
                                    "volume over the volume flow at the inlet; of a batch its time"},
    [TAUP_SCALAR_LENGTH] = {NULL, "m", "length of the tube"},
    [TAUP_SCALAR_T_MAX] = {NULL, "K", "highest temperature along the unit"},
    [TAUP_SCALAR_POSITION_T_MAX] = {NULL, place, "where it is hottest"},
    [TAUP_SCALAR_DUTY] = {NULL, heat, "heat put in through the wall, positive when the fluid is heated"},
    [TAUP_SCALAR_ADIABATIC_RISE] = {NULL, "K", "heat released by reaction over the heat capacity flow"},
    [TAUP_SCALAR_RELEASED] = {NULL, heat, "heat released by reaction"},
    [TAUP_SCALAR_ENERGY_ERROR] = {NULL, "", "closure error of the energy balance, relative"},
    [TAUP_SCALAR_STABLE] = {NULL, "", "1: the steady state is stable, 0: it is not; NaN: not known"},
    [TAUP_SCALAR_END] = {NULL, "", "where the march ended, as a fraction of the unit"},
    [TAUP_SCALAR_GRID_ERROR] = {NULL, "", "estimated error of the outlet by the grid, relative; NaN: no grid"},
    [TAUP_SCALAR_PECLET] = {NULL, "", "u L / D_ax; NaN: no dispersion"},
    [TAUP_SCALAR_DISPERSION] = {NULL, "m^2/s", "coefficient of axial dispersion D_ax"},
  };
  for (int k = 0; k < TAUP_N_SCALARS; k++)
    taup_h5_number(&w->b, group, w->r->data[u->scalars + k],
                   (taup_h5_label){taup_h5_scalar_names[k], labels[k].units, labels[k].long_name});
}

static void write_unit(writer *w, int64_t units, int i)
{
  const taup_unit_layout *u = &w->r->layout->units[i];
  const int64_t group = taup_h5_group(&w->b, units, u->name);
  taup_h5_text_attribute(&w->b, group, "kind", u->kind);
  if (u->coordinate) write_profile(w, group, u, &w->r->profiles[i]);
  write_scalars(w, group, u);
  write_streams(w, group, u);
  taup_h5_close_group(group);
}

static void write_solver(writer *w, int64_t solver, int i)
{
  const tau_statistics *s = &w->r->statistics[i];
  const int64_t group = taup_h5_group(&w->b, solver, w->r->layout->units[i].name);
  taup_h5_text_attribute(&w->b, group, "method", s->method);
  taup_h5_count(&w->b, group, s->n_steps, (taup_h5_label){"n_steps", "", "steps"});
  taup_h5_count(&w->b, group, s->n_rhs, (taup_h5_label){"n_rhs", "", "evaluations of the right-hand side"});
  taup_h5_count(&w->b, group, s->n_jacobian, (taup_h5_label){"n_jacobian", "", "evaluations of the Jacobian"});
  taup_h5_count(&w->b, group, s->n_error_failures,
                (taup_h5_label){"n_error_failures", "", "steps refused by the error test"});
  taup_h5_count(&w->b, group, s->n_newton, (taup_h5_label){"n_newton", "", "Newton iterations"});
  taup_h5_number(&w->b, group, s->last_step,
                 (taup_h5_label){"last_step", "", "last step, as a fraction of the unit"});
  taup_h5_number(&w->b, group, s->wall_time, (taup_h5_label){"wall_time", "s", "wall time"});
  taup_h5_close_group(group);
}

static void write_units(writer *w)
{
  const int64_t units = taup_h5_group(&w->b, w->b.file, "units"),
                solver = taup_h5_group(&w->b, w->b.file, "solver");
  taup_h5_number_attribute(&w->b, solver, "wall_time", w->r->wall_time);
  taup_h5_text_attribute(&w->b, solver, "wall_time_units", "s");
  for (int i = 0; i < w->r->layout->n_units && !w->b.failed; i++) {
    write_unit(w, units, i);
    write_solver(w, solver, i);
  }
  taup_h5_close_group(solver);
  taup_h5_close_group(units);
}

/* --- the whole --- */

void taup_h5_write_root(taup_h5_builder *b, const char *command)
{
  writer w = {.b = *b};
  attribute(&w, "Conventions", "CF-1.11");
  taup_h5_int_attribute(&w.b, w.b.file, "tautrain_format", TAUP_H5_FORMAT);
  write_provenance(&w, command);
  *b = w.b;
}

static void write_head(writer *w, const char *command)
{
  taup_h5_write_root(&w->b, command);
  write_names(w);
}

void taup_h5_write_head(taup_h5_builder *b, const tau_result *r, const char *command, taup_h5_scale *species)
{
  writer w = {.b = *b, .r = r};
  write_head(&w, command);
  attribute(&w, "title", r->layout->title);
  attribute(&w, "evidence", r->layout->evidence);
  write_model(&w);
  TABLE(&w, "parameters", r->layout->n_parameters, parameter_columns);
  taup_h5_close_scale(&w.b, &w.reaction);
  *species = w.species;
  *b = w.b;
}

static void write_all(writer *w, const char *command)
{
  write_head(w, command);
  write_about(w);
  write_model(w);
  write_warnings(w);
  write_options(w);
  write_tables(w);
  write_units(w);
  taup_h5_close_scale(&w->b, &w->species);
  taup_h5_close_scale(&w->b, &w->reaction);
}

tau_status tau_result_save(const tau_result *result, const char *file, const char *command, bool overwrite)
{
  writer w = {.r = result};
  taup_h5_session session;
  char *bytes = NULL;
  size_t n = 0;
  taup_h5_enter(&session);
  taup_h5_begin(&w.b);
  write_all(&w, command);
  taup_h5_end(&w.b, &bytes, &n);
  taup_h5_leave(&session);
  tau_status st = w.b.status;
  if (bytes) st = taup_file_write(file, bytes, n, overwrite);
  else if (st != TAU_E_NOMEM)
    st = taup_fail(TAUP_ERR_CANNOT_WRITE, "cannot write '%s': HDF5 failed at '%s'; is the memory used up?",
                   file, w.b.failed);
  taup_free(bytes);
  return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_write.c - a result as HDF5, laid out with dimension scales as netCDF-4 does it:
 *
 *     a scale         a 1-D dataset with CLASS = "DIMENSION_SCALE", NAME, REFERENCE_LIST (who uses it, for which axis)
 *     a variable      DIMENSION_LIST: for each axis a list of one reference to its scale
 *
 * (HDF5 Dimension Scale Specification, The HDF Group.) The attributes are written here: the HL library, which has calls for them, is
 * one more part to find. Groups and objects keep the order of creation, as netCDF-4 asks. The scales `species` and `reaction` stand at
 * the root; each group that uses them holds a hard link, so that a group read by itself has its labels.
 *
 * Once a call of HDF5 has failed, `failed` names what was written then, and everything after it does nothing: the file is in memory, and
 * the caller asks at the end. */
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "io/file.h"
#include "io/h5.h"
#include "io/sha256.h"
#include "model/utf8.h"
#include "train/result.h"
#include <tautrain/version.h>

/* OpenBLAS is behind LAPACK on some systems and not on others. */
extern char *openblas_get_config(void) __attribute__((weak));

typedef struct use {
  hobj_ref_t dataset;
  int axis;
} use;

typedef struct scale {
  hid_t id;
  hobj_ref_t reference;
  use *uses;
  int n_uses, capacity;
} scale;

typedef struct writer {
  const tau_result *r;
  hid_t file, text, group_list, data_list;
  scale species, reaction;
  const char *failed; /* what could not be written, or NULL */
} writer;

static void check(writer *w, bool good, const char *what)
{
  if (!good && !w->failed) w->failed = what;
}

/* --- attributes --- */

static void attribute(writer *w, hid_t object, const char *name, hid_t type, hid_t memory_type, hid_t space, const void *value)
{
  if (w->failed) return;
  const hid_t id = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  check(w, id >= 0 && H5Awrite(id, memory_type, value) >= 0, name);
  if (id >= 0) H5Aclose(id);
}

static void scalar_attribute(writer *w, hid_t object, const char *name, hid_t type, hid_t memory_type, const void *value)
{
  const hid_t space = H5Screate(H5S_SCALAR);
  attribute(w, object, name, type, memory_type, space, value);
  H5Sclose(space);
}

static void text_attribute(writer *w, hid_t object, const char *name, const char *text)
{
  scalar_attribute(w, object, name, w->text, w->text, &text);
}

static void number_attribute(writer *w, hid_t object, const char *name, double x)
{
  scalar_attribute(w, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &x);
}

static void int_attribute(writer *w, hid_t object, const char *name, int x)
{
  scalar_attribute(w, object, name, H5T_STD_I32LE, H5T_NATIVE_INT, &x);
}

/* --- datasets --- */

static hid_t open_group(writer *w, hid_t parent, const char *name)
{
  if (w->failed) return -1;
  const hid_t id = H5Gcreate2(parent, name, H5P_DEFAULT, w->group_list, H5P_DEFAULT);
  check(w, id >= 0, name);
  return id;
}

static void close_group(hid_t id)
{
  if (id >= 0) H5Gclose(id);
}

/* How a dataset is stored. */
typedef struct kind_of_data {
  hid_t type, memory_type;
} kind_of_data;

static kind_of_data doubles(void) { return (kind_of_data){H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE}; }
static kind_of_data integers(void) { return (kind_of_data){H5T_STD_I64LE, H5T_NATIVE_LONG}; }
static kind_of_data texts(const writer *w) { return (kind_of_data){w->text, w->text}; }

static hid_t create(writer *w, hid_t group, const char *name, kind_of_data kind, hid_t space, const void *values)
{
  if (w->failed || space < 0) return -1;
  const hid_t id = H5Dcreate2(group, name, kind.type, space, H5P_DEFAULT, w->data_list, H5P_DEFAULT);
  check(w, id >= 0, name);
  if (id >= 0 && H5Sget_simple_extent_npoints(space) > 0)
    check(w, H5Dwrite(id, kind.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, name);
  return id;
}

static void describe(writer *w, hid_t id, const char *units, const char *long_name)
{
  if (units) text_attribute(w, id, "units", units[0] ? units : "1");
  text_attribute(w, id, "long_name", long_name);
}

static void scalar(writer *w, hid_t group, const char *name, kind_of_data kind, const void *value, const char *const about[2])
{
  const hid_t space = H5Screate(H5S_SCALAR), id = create(w, group, name, kind, space, value);
  describe(w, id, about[0], about[1]);
  if (id >= 0) H5Dclose(id);
  H5Sclose(space);
}

static void number(writer *w, hid_t group, const char *name, double x, const char *units, const char *long_name)
{
  scalar(w, group, name, doubles(), &x, (const char *const[2]){units, long_name});
}

static void count(writer *w, hid_t group, const char *name, long n, const char *long_name)
{
  scalar(w, group, name, integers(), &n, (const char *const[2]){"1", long_name});
}

/* --- scales --- */

static hobj_ref_t reference_to(writer *w, hid_t id)
{
  hobj_ref_t ref = 0;
  if (!w->failed) check(w, H5Rcreate(&ref, id, ".", H5R_OBJECT, -1) >= 0, "a reference");
  return ref;
}

/* CLASS and NAME are of fixed length, as the specification has them. */
static void fixed_attribute(writer *w, hid_t object, const char *name, const char *text)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, strlen(text) + 1);
  scalar_attribute(w, object, name, type, type, text);
  H5Tclose(type);
}

static void open_scale(writer *w, scale *s, hid_t group, const char *name, kind_of_data kind, int n, const void *values)
{
  const hsize_t size = (hsize_t)n;
  const hid_t space = H5Screate_simple(1, &size, NULL);
  *s = (scale){.id = create(w, group, name, kind, space, values)};
  fixed_attribute(w, s->id, "CLASS", "DIMENSION_SCALE");
  fixed_attribute(w, s->id, "NAME", name);
  s->reference = reference_to(w, s->id);
  if (space >= 0) H5Sclose(space);
}

static void add_use(writer *w, scale *s, hobj_ref_t dataset, int axis)
{
  if (w->failed) return;
  check(w, taup_grow(&s->uses, &s->capacity, s->n_uses + 1, sizeof *s->uses) >= 0, "the users of a scale");
  if (!w->failed) s->uses[s->n_uses++] = (use){dataset, axis};
}

/* An attribute holds 64 KiB at most: a scale with more users goes without the list, which nobody needs for reading. */
static void write_uses(writer *w, const scale *s)
{
  enum { MOST = 64 * 1024 / 16 - 64 };
  const hsize_t n = (hsize_t)s->n_uses;
  if (w->failed || !n || n > MOST) return;
  const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(use)), space = H5Screate_simple(1, &n, NULL);
  H5Tinsert(type, "dataset", offsetof(use, dataset), H5T_STD_REF_OBJ);
  H5Tinsert(type, "dimension", offsetof(use, axis), H5T_NATIVE_INT);
  attribute(w, s->id, "REFERENCE_LIST", type, type, space, s->uses);
  H5Sclose(space);
  H5Tclose(type);
}

static void close_scale(writer *w, scale *s)
{
  if (s->id > 0) {
    write_uses(w, s);
    H5Dclose(s->id);
  }
  taup_free(s->uses);
  *s = (scale){0};
}

static void write_dimensions(writer *w, hid_t id, int rank, scale *const *axes)
{
  hvl_t lists[2];
  const hsize_t size = (hsize_t)rank;
  const hobj_ref_t self = reference_to(w, id);
  for (int k = 0; k < rank; k++) {
    lists[k] = (hvl_t){1, &axes[k]->reference};
    add_use(w, axes[k], self, k);
  }
  const hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ), space = H5Screate_simple(1, &size, NULL);
  attribute(w, id, "DIMENSION_LIST", type, type, space, lists);
  H5Sclose(space);
  H5Tclose(type);
}

static hsize_t length_of(writer *w, const scale *s)
{
  if (w->failed) return 0;
  const hid_t space = H5Dget_space(s->id);
  hsize_t n = 0;
  check(w, H5Sget_simple_extent_dims(space, &n, NULL) == 1, "a scale");
  H5Sclose(space);
  return n;
}

/* A variable over one or two scales; axes[1] NULL: one. */
static void variable(writer *w, hid_t group, const char *name, kind_of_data kind, const void *values, scale *const axes[2],
                     const char *const about[2])
{
  const int rank = axes[1] ? 2 : 1;
  hsize_t size[2] = {0, 0};
  for (int k = 0; k < rank; k++) size[k] = length_of(w, axes[k]);
  const hid_t space = H5Screate_simple(rank, size, NULL);
  const hid_t id = create(w, group, name, kind, space, values);
  if (id >= 0) {
    write_dimensions(w, id, rank, axes);
    describe(w, id, about[0], about[1]);
    H5Dclose(id);
  }
  if (space >= 0) H5Sclose(space);
}

static void numbers(writer *w, hid_t group, const char *name, const double *x, scale *axis, const char *units, const char *long_name)
{
  variable(w, group, name, doubles(), x, (scale *const[2]){axis, NULL}, (const char *const[2]){units, long_name});
}

static void names(writer *w, hid_t group, const char *name, const char *const *text, scale *axis, const char *long_name)
{
  variable(w, group, name, texts(w), text, (scale *const[2]){axis, NULL}, (const char *const[2]){NULL, long_name});
}

static void link_scale(writer *w, const scale *s, hid_t group, const char *name)
{
  if (!w->failed && s->id > 0) check(w, H5Lcreate_hard(w->file, name, group, name, H5P_DEFAULT, H5P_DEFAULT) >= 0, name);
}

/* --- the root --- */

static const char *status_word(tau_status status) { return status < 0 ? "failed" : status > 0 ? "stopped" : "complete"; }

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

static const char *built_with(const char *part)
{
  const char *info = tau_build_info(part);
  return info ? info : "unknown";
}

static void write_provenance(writer *w, const char *command)
{
  char buffer[256];
  text_attribute(w, w->file, "tautrain_version", tau_version());
  text_attribute(w, w->file, "git_commit", built_with("git_commit"));
  text_attribute(w, w->file, "sundials_version", built_with("sundials"));
  text_attribute(w, w->file, "hdf5_version", hdf5_version(buffer));
  if (openblas_get_config) text_attribute(w, w->file, "openblas_version", openblas_get_config());
  text_attribute(w, w->file, "compiler", built_with("compiler"));
  text_attribute(w, w->file, "created", now(buffer));
  text_attribute(w, w->file, "host", host(buffer, sizeof buffer));
  text_attribute(w, w->file, "command", command ? command : "");
}

/* What the run says of itself: attributes for people, and a table of the same texts, which can be read without trusting the file. */
static void write_about(writer *w)
{
  char message[sizeof w->r->message];
  const tau_result *r = w->r;
  const char *const name[] = {"title", "evidence", "status", "message"};
  const char *const value[] = {r->layout->title, r->layout->evidence, status_word(r->status),
                               whole_characters(r->message, message, sizeof message)};
  enum { N = sizeof name / sizeof name[0] };
  scale rows;
  for (int i = 0; i < N; i++) text_attribute(w, w->file, name[i], value[i]);
  const hid_t group = open_group(w, w->file, "about");
  open_scale(w, &rows, group, "name", texts(w), N, name);
  names(w, group, "value", value, &rows, "what the attributes of the file say");
  number(w, group, "status_code", (double)r->status, "1", "how the run ended: 0 complete, below 0 failed, above 0 stopped");
  close_scale(w, &rows);
  close_group(group);
}

static void write_model(writer *w)
{
  const taup_layout *l = w->r->layout;
  char digest[TAUP_SHA256_TEXT];
  const hid_t type = H5Tcopy(H5T_C_S1);
  const size_t n = l->n_model_text ? l->n_model_text : 1; /* a text of no bytes there is not: one NUL */
  H5Tset_size(type, n);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const hid_t space = H5Screate(H5S_SCALAR), id = create(w, w->file, "model", (kind_of_data){type, type}, space, l->model_text);
  text_attribute(w, id, "sha256", taup_sha256(digest, l->model_text, l->n_model_text));
  text_attribute(w, id, "long_name", "the model file that was run, byte for byte");
  if (id >= 0) H5Dclose(id);
  H5Sclose(space);
  H5Tclose(type);
}

static void write_options(writer *w)
{
  const hid_t group = open_group(w, w->file, "options");
  number_attribute(w, group, "rtol", w->r->rtol);
  number_attribute(w, group, "atol", w->r->atol);
  text_attribute(w, group, "atol_units", "mol/m^3");
  number_attribute(w, group, "max_time", w->r->max_time);
  text_attribute(w, group, "max_time_units", "s");
  int_attribute(w, group, "max_steps", w->r->max_steps);
  close_group(group);
}

static void write_warnings(writer *w)
{
  char cut[TAUP_MOST_WARNINGS][TAUP_WARNING_BYTES];
  const char *line[TAUP_MOST_WARNINGS];
  scale s;
  if (!w->r->n_warnings) return;
  for (int i = 0; i < w->r->n_warnings; i++) line[i] = whole_characters(w->r->warnings[i], cut[i], sizeof cut[i]);
  open_scale(w, &s, w->file, "warnings", texts(w), w->r->n_warnings, line);
  close_scale(w, &s);
}

/* --- tables --- */

typedef const char *(*text_of)(const tau_result *r, int i);
typedef double (*number_of)(const tau_result *r, int i);

/* A table: the first column is the scale of its rows. */
typedef struct column {
  const char *name;
  text_of text;     /* or */
  number_of number;
  const char *units, *long_name;
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
  scale rows = {0};
  const hid_t group = open_group(w, w->file, name);
  for (int k = 0; k < n_columns; k++) {
    const column *c = &columns[k];
    void *values = column_values(w->r, c, n);
    check(w, values != NULL, name);
    if (k == 0) {
      open_scale(w, &rows, group, c->name, texts(w), n, values);
      describe(w, rows.id, NULL, c->long_name);
    } else if (c->text) names(w, group, c->name, values, &rows, c->long_name);
    else numbers(w, group, c->name, values, &rows, c->units, c->long_name);
    taup_free(values);
  }
  close_scale(w, &rows);
  close_group(group);
}

#define TABLE(w, name, n, columns) write_table(w, name, n, columns, (int)(sizeof columns / sizeof columns[0]))

static const char *parameter_path(const tau_result *r, int i) { return r->layout->parameters[i].path; }
static const char *parameter_unit(const tau_result *r, int i) { return r->layout->parameters[i].unit; }
static const char *parameter_si_unit(const tau_result *r, int i) { return r->layout->parameters[i].si_unit; }
static const char *parameter_doc(const tau_result *r, int i) { return r->layout->parameters[i].doc; }
static double parameter_value(const tau_result *r, int i) { return r->inputs[i]; }
static double parameter_uncertainty(const tau_result *r, int i) { return r->layout->parameters[i].uncertainty; }
static double parameter_lower(const tau_result *r, int i) { return r->layout->parameters[i].lower; }
static double parameter_upper(const tau_result *r, int i) { return r->layout->parameters[i].upper; }

/* The numbers of such a column have units of their own, by row: what stands in the column is the number of them, a pure one. */
static const column parameter_columns[] = {
  {"path", parameter_path, NULL, NULL, "path of the parameter"},
  {"value", NULL, parameter_value, "", "value in SI, counted in the row's si_unit; NaN: another of its group is given"},
  {"unit", parameter_unit, NULL, NULL, "unit as the user wrote it"},
  {"si_unit", parameter_si_unit, NULL, NULL, "unit of value, uncertainty and bounds; empty: a plain number"},
  {"uncertainty", NULL, parameter_uncertainty, "", "as stated by +/-, counted in the row's si_unit; 0: nothing is said"},
  {"lower", NULL, parameter_lower, "", "lower bound, counted in the row's si_unit"},
  {"upper", NULL, parameter_upper, "", "upper bound, counted in the row's si_unit"},
  {"description", parameter_doc, NULL, NULL, "what it is"},
};

static const char *observable_path(const tau_result *r, int i) { return r->layout->observables[i].path; }
static const char *observable_unit(const tau_result *r, int i) { return r->layout->observables[i].unit; }
static const char *observable_doc(const tau_result *r, int i) { return r->layout->observables[i].doc; }
static double observable_value(const tau_result *r, int i) { return r->values[i]; }

static const column observable_columns[] = {
  {"path", observable_path, NULL, NULL, "path of the observable"},
  {"value", NULL, observable_value, "", "value in SI, counted in the row's unit; NaN: the run did not get that far"},
  {"unit", observable_unit, NULL, NULL, "unit of value; empty: a plain number"},
  {"description", observable_doc, NULL, NULL, "what it is"},
};

static const char *unit_name(const tau_result *r, int i) { return r->layout->units[i].name; }
static const char *unit_kind(const tau_result *r, int i) { return r->layout->units[i].kind; }
static const char *unit_method(const tau_result *r, int i) { return r->statistics[i].method; }

static const column train_columns[] = {
  {"unit", unit_name, NULL, NULL, "units in the order of solution"},
  {"kind", unit_kind, NULL, NULL, "kind of unit"},
  {"method", unit_method, NULL, NULL, "what solved it"},
};

/* SI unit of the observable of that path; `otherwise` where there is none. */
static const char *unit_of(const tau_result *r, const char *otherwise, const char *format, const char *a, const char *b)
{
  char path[512];
  snprintf(path, sizeof path, format, a, b);
  const int i = taup_map_find(&r->layout->observable_by_path, path);
  return i < 0 ? otherwise : r->layout->observables[i].unit;
}

static const char *amount_unit(const tau_result *r)
{
  return r->layout->n_species ? unit_of(r, "mol/s", "%s%s", "outlet/F/", r->layout->species[0]) : "mol/s";
}

static const char *balance_name(const tau_result *r, int i) { return r->balances[i].name; }
static double balance_in(const tau_result *r, int i) { return r->balances[i].in; }
static double balance_out(const tau_result *r, int i) { return r->balances[i].out; }
static double balance_error(const tau_result *r, int i) { return r->balances[i].error; }

static void write_tables(writer *w)
{
  const taup_layout *l = w->r->layout;
  const char *amount = amount_unit(w->r);
  const column balance_columns[] = {
    {"name", balance_name, NULL, NULL, "conserved sum: a moiety or an atom"},
    {"in", NULL, balance_in, amount, "what goes in"},
    {"out", NULL, balance_out, amount, "what comes out"},
    {"error", NULL, balance_error, "", "closure error, relative"},
  };
  TABLE(w, "parameters", l->n_parameters, parameter_columns);
  TABLE(w, "observables", l->n_observables, observable_columns);
  TABLE(w, "train", l->n_units, train_columns);
  TABLE(w, "balance", l->n_balances, balance_columns);
}

/* --- units --- */

static void write_stream(writer *w, hid_t group, const char *unit, int offset)
{
  const tau_result *r = w->r;
  const int n = r->layout->n_species;
  const double *F = r->data + offset, *x = F + 2 * n;
  const char *flow = unit_of(r, "m^3/s", "units/%s/%s", unit, "inlet/flow");
  const bool closed = strcmp(flow, "m^3") == 0; /* a batch: volume and amounts in place of flows */
  link_scale(w, &w->species, group, "species");
  numbers(w, group, "c", F + n, &w->species, "mol/m^3", "concentration");
  numbers(w, group, "F", F, &w->species, closed ? "mol" : "mol/s", closed ? "amount" : "molar flow");
  number(w, group, "T", x[TAUP_STREAM_T], "K", "temperature");
  number(w, group, "P", x[TAUP_STREAM_P], "Pa", "pressure");
  number(w, group, "flow", x[TAUP_STREAM_FLOW], flow, closed ? "volume" : "volume flow");
  number(w, group, "mass_flow", x[TAUP_STREAM_MASS], closed ? "kg" : "kg/s", closed ? "mass" : "mass flow");
}

static void write_streams(writer *w, hid_t group, const taup_unit_layout *u)
{
  const int size = taup_stream_size(w->r->layout->n_species);
  hid_t stream = open_group(w, group, "inlet");
  write_stream(w, stream, u->name, u->inlet);
  close_group(stream);
  stream = open_group(w, group, "outlet");
  for (int k = 0; k < u->n_outlets; k++) {
    const bool only = u->outlets[k][0] == '\0';
    const hid_t port = only ? stream : open_group(w, stream, u->outlets[k]);
    write_stream(w, port, u->name, u->outlet + k * size);
    if (!only) close_group(port);
  }
  close_group(stream);
}

static void write_profile(writer *w, hid_t group, const taup_unit_layout *u, const taup_profile_store *p)
{
  scale at;
  const bool closed = strcmp(unit_of(w->r, "", "units/%s/%s", u->name, "inlet/flow"), "m^3") == 0;
  open_scale(w, &at, group, u->coordinate, doubles(), p->n_points, p->position);
  describe(w, at.id, u->coordinate_unit, "position along the unit");
  link_scale(w, &w->species, group, "species");
  variable(w, group, "c", doubles(), p->c, (scale *const[2]){&at, &w->species}, (const char *const[2]){"mol/m^3", "concentration"});
  numbers(w, group, "T", p->T, &at, "K", "temperature");
  numbers(w, group, "flow", p->flow, &at, closed ? "m^3" : "m^3/s", closed ? "volume" : "volume flow");
  numbers(w, group, "heat_rate", p->heat_rate, &at, "W/m^3", "heat released by reaction");
  if (w->reaction.id > 0) {
    link_scale(w, &w->reaction, group, "reaction");
    variable(w, group, "rate", doubles(), p->rate, (scale *const[2]){&at, &w->reaction},
             (const char *const[2]){"mol/m^3/s", "rate of reaction"});
  }
  close_scale(w, &at);
}

static void write_scalars(writer *w, hid_t group, const taup_unit_layout *u)
{
  const double *x = w->r->data + u->scalars;
  const bool closed = u->coordinate && strcmp(u->coordinate, "time") == 0;
  const char *heat = unit_of(w->r, "W", "units/%s/%s", u->name, "duty"), *place = u->coordinate_unit;
  number(w, group, "size", x[TAUP_SCALAR_SIZE], closed ? "s" : "m^3", closed ? "time" : "volume");
  number(w, group, "residence_time", x[TAUP_SCALAR_RESIDENCE_TIME], "s", "volume over the volume flow at the inlet; of a batch its time");
  number(w, group, "tube_length", x[TAUP_SCALAR_LENGTH], "m", "length of the tube");
  number(w, group, "T_max", x[TAUP_SCALAR_T_MAX], "K", "highest temperature along the unit");
  number(w, group, "position_T_max", x[TAUP_SCALAR_POSITION_T_MAX], place, "where it is hottest");
  number(w, group, "duty", x[TAUP_SCALAR_DUTY], heat, "heat put in through the wall, positive when the fluid is heated");
  number(w, group, "adiabatic_rise", x[TAUP_SCALAR_ADIABATIC_RISE], "K", "heat released by reaction over the heat capacity flow");
  number(w, group, "heat_released", x[TAUP_SCALAR_RELEASED], heat, "heat released by reaction");
  number(w, group, "energy_error", x[TAUP_SCALAR_ENERGY_ERROR], "", "closure error of the energy balance, relative");
  number(w, group, "stable", x[TAUP_SCALAR_STABLE], "", "1: the steady state is stable, 0: it is not; NaN: not known");
  number(w, group, "end", x[TAUP_SCALAR_END], "", "where the march ended, as a fraction of the unit");
}

static void write_unit(writer *w, hid_t units, int i)
{
  const taup_unit_layout *u = &w->r->layout->units[i];
  const hid_t group = open_group(w, units, u->name);
  text_attribute(w, group, "kind", u->kind);
  if (u->coordinate) write_profile(w, group, u, &w->r->profiles[i]);
  write_scalars(w, group, u);
  write_streams(w, group, u);
  close_group(group);
}

static void write_solver(writer *w, hid_t solver, int i)
{
  const tau_statistics *s = &w->r->statistics[i];
  const hid_t group = open_group(w, solver, w->r->layout->units[i].name);
  text_attribute(w, group, "method", s->method);
  count(w, group, "n_steps", s->n_steps, "steps");
  count(w, group, "n_rhs", s->n_rhs, "evaluations of the right-hand side");
  count(w, group, "n_jacobian", s->n_jacobian, "evaluations of the Jacobian");
  count(w, group, "n_error_failures", s->n_error_failures, "steps refused by the error test");
  count(w, group, "n_newton", s->n_newton, "Newton iterations");
  number(w, group, "last_step", s->last_step, "", "last step, as a fraction of the unit");
  number(w, group, "wall_time", s->wall_time, "s", "wall time");
  close_group(group);
}

static void write_units(writer *w)
{
  const hid_t units = open_group(w, w->file, "units"), solver = open_group(w, w->file, "solver");
  number_attribute(w, solver, "wall_time", w->r->wall_time);
  for (int i = 0; i < w->r->layout->n_units && !w->failed; i++) {
    write_unit(w, units, i);
    write_solver(w, solver, i);
  }
  close_group(solver);
  close_group(units);
}

/* --- the whole --- */

static void write_all(writer *w, const char *command)
{
  const taup_layout *l = w->r->layout;
  text_attribute(w, w->file, "Conventions", "CF-1.11");
  int_attribute(w, w->file, "tautrain_format", TAUP_H5_FORMAT);
  write_provenance(w, command);
  open_scale(w, &w->species, w->file, "species", texts(w), l->n_species, l->species);
  describe(w, w->species.id, NULL, "species");
  if (l->n_reactions) {
    open_scale(w, &w->reaction, w->file, "reaction", texts(w), l->n_reactions, l->reactions);
    describe(w, w->reaction.id, NULL, "reaction");
    names(w, w->file, "equation", l->equations, &w->reaction, "equation of the reaction");
  }
  write_about(w);
  write_model(w);
  write_warnings(w);
  write_options(w);
  write_tables(w);
  write_units(w);
  close_scale(w, &w->species);
  close_scale(w, &w->reaction);
}

static bool set_lists(writer *w, hid_t access, hid_t creation)
{
  enum { GROW = 256 * 1024 };
  const unsigned tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  return H5Pset_fapl_core(access, GROW, false) >= 0 && H5Pset_link_creation_order(creation, tracked) >= 0 &&
         H5Pset_attr_creation_order(creation, tracked) >= 0 && H5Pset_link_creation_order(w->group_list, tracked) >= 0 &&
         H5Pset_attr_creation_order(w->group_list, tracked) >= 0 && H5Pset_obj_track_times(w->group_list, false) >= 0 &&
         H5Pset_attr_creation_order(w->data_list, tracked) >= 0 && H5Pset_obj_track_times(w->data_list, false) >= 0;
}

/* The file's bytes and its seal, in *out (taup_free). */
static void take_image(writer *w, char **out, size_t *n_bytes)
{
  if (w->failed) return;
  check(w, H5Fflush(w->file, H5F_SCOPE_GLOBAL) >= 0, "the whole");
  const ssize_t n = w->failed ? -1 : H5Fget_file_image(w->file, NULL, 0);
  check(w, n > 0, "the whole");
  if (w->failed) return;
  *out = taup_calloc((size_t)n + TAUP_H5_SEAL_BYTES + 1, 1);
  check(w, *out && H5Fget_file_image(w->file, *out, (size_t)n) == n, "the whole");
  if (w->failed) return;
  taup_h5_seal(*out + n, *out, (size_t)n);
  *n_bytes = (size_t)n + TAUP_H5_SEAL_BYTES;
}

static void build(writer *w, const char *command, char **out, size_t *n_bytes)
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
  w->group_list = H5Pcreate(H5P_GROUP_CREATE);
  w->data_list = H5Pcreate(H5P_DATASET_CREATE);
  w->text = taup_h5_text_type();
  check(w, w->text >= 0 && set_lists(w, access, creation), "the start");
  w->file = w->failed ? -1 : H5Fcreate(TAUP_H5_NAME, H5F_ACC_TRUNC, creation, access);
  check(w, w->file >= 0, "the start");
  write_all(w, command);
  take_image(w, out, n_bytes);
  if (w->file >= 0) H5Fclose(w->file);
  if (w->text >= 0) H5Tclose(w->text);
  H5Pclose(w->data_list);
  H5Pclose(w->group_list);
  H5Pclose(creation);
  H5Pclose(access);
}

tau_status tau_result_save(const tau_result *result, const char *file, const char *command, bool overwrite)
{
  writer w = {.r = result, .file = -1};
  taup_h5_session session;
  char *bytes = NULL;
  size_t n = 0;
  taup_h5_enter(&session);
  build(&w, command, &bytes, &n);
  taup_h5_leave(&session);
  const tau_status st = w.failed ? taup_fail(TAU_E_IO, "cannot write '%s': HDF5 failed at %s (out of memory?)", file, w.failed)
                                 : taup_file_write(file, bytes, n, overwrite);
  taup_free(bytes);
  return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_read.c - a results file becomes a result with a layout of its own: the places of h5_write.c, in the same
 * order.
 *
 * A file is not believed (h5_image.c): a count is the size of a dataset, and what is allocated stays in
 * proportion to the bytes of the file. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/status.h"
#include "io/file.h"
#include "io/h5.h"
#include "io/h5_image.h"
#include "train/result.h"

typedef struct reader {
  taup_h5_image image;
  taup_layout *layout;
  /* what stands in the file but not in a layout */
  long status;
  const char *message, *error_id;
  const char *const *methods, *const *warnings;
  int n_warnings;
  tau_result *result;
} reader;

static const size_t most_bytes = (size_t)1 << (sizeof(size_t) > 4 ? 32 : 30);

static tau_status damaged(const reader *rd, const char *what, const char *name)
{
  return taup_h5_damaged(&rd->image, what, name);
}

static void *room_for(reader *rd, int n, size_t size)
{
  return taup_arena_alloc(&rd->layout->arena, (size_t)n, size);
}

static tau_status texts(reader *rd, uint64_t group, const char *name, int *n, const char *const **out)
{
  return taup_h5_read_texts(&rd->image, &rd->layout->arena, group, name, n, out);
}

static tau_status in_group(reader *rd, uint64_t parent, const char *name,
                           tau_status (*read)(reader *rd, uint64_t group))
{
  uint64_t group;
  TAU_TRY(taup_h5_open_group(&rd->image, parent, name, &group));
  return read(rd, group);
}

/* --- layout --- */

/* The text beside `name` in the table of what the run says of itself. */
static tau_status about(const reader *rd, const char *const *names, const char *const *values, int n,
                        const char *name, const char **out)
{
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], name) == 0) {
      *out = values[i];
      return TAU_OK;
    }
  return damaged(rd, "'about' does not tell the", name);
}

static tau_status read_about(reader *rd, uint64_t group)
{
  int n = -1;
  const char *const *names = NULL, *const *values = NULL;
  TAU_TRY(texts(rd, group, "name", &n, &names));
  TAU_TRY(texts(rd, group, "value", &n, &values));
  TAU_TRY(about(rd, names, values, n, "title", &rd->layout->title));
  TAU_TRY(about(rd, names, values, n, "evidence", &rd->layout->evidence));
  TAU_TRY(about(rd, names, values, n, "message", &rd->message));
  rd->error_id = "";
  for (int i = 0; i < n; i++) /* the first files did not say it */
    if (strcmp(names[i], "error_id") == 0) rd->error_id = values[i];
  return taup_h5_read_count(&rd->image, group, "status_code", &rd->status);
}

static tau_status read_names(reader *rd)
{
  taup_layout *l = rd->layout;
  uint64_t address;
  l->n_species = -1;
  TAU_TRY(texts(rd, rd->image.root, "species", &l->n_species, &l->species));
  if (taup_h5_find(&rd->image, rd->image.root, "reaction", &address) == TAUP_H5_DATASET) {
    l->n_reactions = -1;
    TAU_TRY(texts(rd, rd->image.root, "reaction", &l->n_reactions, &l->reactions));
    TAU_TRY(texts(rd, rd->image.root, "equation", &l->n_reactions, &l->equations));
  }
  if (taup_h5_find(&rd->image, rd->image.root, "warnings", &address) != TAUP_H5_DATASET) return TAU_OK;
  rd->n_warnings = -1;
  TAU_TRY(texts(rd, rd->image.root, "warnings", &rd->n_warnings, &rd->warnings));
  return rd->n_warnings <= TAUP_MOST_WARNINGS ? TAU_OK : damaged(rd, "there are too many", "warnings");
}

static tau_status read_parameters(reader *rd, uint64_t group)
{
  static const char *const columns[] = {"value", "uncertainty", "lower", "upper"};
  int n = -1;
  const char *const *path = NULL, *const *unit = NULL, *const *si_unit = NULL, *const *doc = NULL;
  TAU_TRY(texts(rd, group, "path", &n, &path));
  TAU_TRY(texts(rd, group, "unit", &n, &unit));
  TAU_TRY(texts(rd, group, "si_unit", &n, &si_unit));
  TAU_TRY(texts(rd, group, "description", &n, &doc));
  tau_parameter *p = room_for(rd, n, sizeof *p);
  double *x = room_for(rd, n, 4 * sizeof *x);
  if (!p || !x) return TAU_E_NOMEM;
  for (int k = 0; k < 4; k++)
    TAU_TRY(taup_h5_read_column(&rd->image, group, columns[k], n, x + (size_t)k * (size_t)n));
  for (int i = 0; i < n; i++)
    p[i] = (tau_parameter){path[i], x[i], x[n + i], x[2 * n + i], x[3 * n + i], si_unit[i], unit[i], doc[i]};
  rd->layout->parameters = p;
  rd->layout->n_parameters = n;
  return TAU_OK;
}

static tau_status read_observables(reader *rd, uint64_t group)
{
  int n = -1;
  const char *const *path = NULL, *const *unit = NULL, *const *doc = NULL;
  TAU_TRY(texts(rd, group, "path", &n, &path));
  TAU_TRY(texts(rd, group, "unit", &n, &unit));
  TAU_TRY(texts(rd, group, "description", &n, &doc));
  tau_observable *o = room_for(rd, n, sizeof *o);
  if (!o) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) o[i] = (tau_observable){path[i], unit[i], doc[i]};
  rd->layout->observables = o;
  rd->layout->n_observables = n;
  return TAU_OK;
}

static tau_status read_balance_names(reader *rd, uint64_t group)
{
  rd->layout->n_balances = -1;
  return texts(rd, group, "name", &rd->layout->n_balances, &rd->layout->balance_names);
}

static tau_status read_train(reader *rd, uint64_t group)
{
  int n = -1;
  const char *const *name = NULL, *const *kind = NULL;
  TAU_TRY(texts(rd, group, "unit", &n, &name));
  TAU_TRY(texts(rd, group, "kind", &n, &kind));
  TAU_TRY(texts(rd, group, "method", &n, &rd->methods));
  taup_unit_layout *u = room_for(rd, n, sizeof *u);
  if (!u) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) {
    u[i].name = name[i];
    u[i].kind = kind[i];
  }
  rd->layout->units = u;
  rd->layout->n_units = n;
  return TAU_OK;
}

static const struct {
  const char *name, *unit;
} coordinates[] = {{"volume", "m^3"}, {"length", "m"}, {"time", "s"}, {"age", "s"}, {"life_expectancy", "s"}};

static tau_status find_coordinate(reader *rd, uint64_t group, taup_unit_layout *u)
{
  uint64_t address;
  u->coordinate_unit = "m^3";
  for (size_t k = 0; k < sizeof coordinates / sizeof coordinates[0]; k++)
    if (taup_h5_find(&rd->image, group, coordinates[k].name, &address) == TAUP_H5_DATASET) {
      u->coordinate = coordinates[k].name;
      u->coordinate_unit = coordinates[k].unit;
    }
  if (!u->coordinate) return TAU_OK;
  TAU_TRY(taup_h5_length(&rd->image, group, u->coordinate, &u->most_points));
  const size_t columns = 4 + (size_t)rd->layout->n_species + (size_t)rd->layout->n_reactions;
  return taup_h5_take(&rd->image, (uint64_t)u->most_points, columns * sizeof(double));
}

/* One stream stands in outlet/ itself; several in a group each, in the order of the ports. */
static tau_status find_outlets(reader *rd, uint64_t outlet, taup_unit_layout *u)
{
  static const char *const one[1] = {""};
  uint64_t address;
  u->outlets = one;
  u->n_outlets = 1;
  if (taup_h5_find(&rd->image, outlet, "c", &address) == TAUP_H5_DATASET) return TAU_OK;
  return taup_h5_links(&rd->image, &rd->layout->arena, outlet, &u->n_outlets, &u->outlets);
}

static tau_status read_shapes(reader *rd, uint64_t units)
{
  const size_t stream = (size_t)taup_stream_size(rd->layout->n_species);
  for (int i = 0; i < rd->layout->n_units; i++) {
    taup_unit_layout *u = &rd->layout->units[i];
    uint64_t group, outlet;
    TAU_TRY(taup_h5_open_group(&rd->image, units, u->name, &group));
    TAU_TRY(taup_h5_open_group(&rd->image, group, "outlet", &outlet));
    TAU_TRY(find_coordinate(rd, group, u));
    TAU_TRY(find_outlets(rd, outlet, u));
    TAU_TRY(taup_h5_take(&rd->image, (1 + (uint64_t)u->n_outlets) * stream + TAUP_N_SCALARS, sizeof(double)));
  }
  return TAU_OK;
}

/* As taup_layout_place, but without room for what is in the observables already: nothing asks a result from a
 * file for it. */
static tau_status place(taup_layout *l)
{
  int at = TAUP_N_WHOLE;
  const int stream = taup_stream_size(l->n_species);
  for (int u = 0; u < l->n_units; u++) {
    taup_unit_layout *unit = &l->units[u];
    unit->inlet = at;
    unit->outlet = unit->inlet + stream;
    unit->scalars = unit->outlet + stream * unit->n_outlets;
    at = unit->scalars + TAUP_N_SCALARS;
    TAU_TRY(taup_map_add(&l->unit_by_name, unit->name, u));
  }
  l->n_data = at;
  for (int i = 0; i < l->n_parameters; i++)
    TAU_TRY(taup_map_add(&l->parameter_by_path, l->parameters[i].path, i));
  for (int i = 0; i < l->n_observables; i++)
    TAU_TRY(taup_map_add(&l->observable_by_path, l->observables[i].path, i));
  return TAU_OK;
}

static tau_status read_layout(reader *rd)
{
  taup_layout *l = rd->layout;
  const uint64_t root = rd->image.root;
  TAU_TRY(in_group(rd, root, "about", read_about));
  TAU_TRY(taup_h5_read_bytes(&rd->image, &l->arena, root, "model", &l->model_text, &l->n_model_text));
  TAU_TRY(read_names(rd));
  TAU_TRY(in_group(rd, root, "parameters", read_parameters));
  TAU_TRY(in_group(rd, root, "observables", read_observables));
  TAU_TRY(in_group(rd, root, "balance", read_balance_names));
  TAU_TRY(in_group(rd, root, "train", read_train));
  TAU_TRY(in_group(rd, root, "units", read_shapes));
  return place(l);
}

/* --- numbers of the run --- */

static tau_status read_stream(reader *rd, uint64_t parent, const char *name, double *F)
{
  uint64_t group;
  const int n = rd->layout->n_species;
  double *x = F + 2 * n;
  TAU_TRY(taup_h5_open_group(&rd->image, parent, name, &group));
  TAU_TRY(taup_h5_read_column(&rd->image, group, "F", n, F));
  TAU_TRY(taup_h5_read_column(&rd->image, group, "c", n, F + n));
  TAU_TRY(taup_h5_read_number(&rd->image, group, "T", &x[TAUP_STREAM_T]));
  TAU_TRY(taup_h5_read_number(&rd->image, group, "P", &x[TAUP_STREAM_P]));
  TAU_TRY(taup_h5_read_number(&rd->image, group, "flow", &x[TAUP_STREAM_FLOW]));
  return taup_h5_read_number(&rd->image, group, "mass_flow", &x[TAUP_STREAM_MASS]);
}

static tau_status read_ports(reader *rd, uint64_t unit, const taup_unit_layout *u, double *data)
{
  uint64_t outlet;
  if (u->n_outlets == 1 && !u->outlets[0][0]) return read_stream(rd, unit, "outlet", data + u->outlet);
  TAU_TRY(taup_h5_open_group(&rd->image, unit, "outlet", &outlet));
  for (int k = 0; k < u->n_outlets; k++)
    TAU_TRY(
      read_stream(rd, outlet, u->outlets[k], data + u->outlet + k * taup_stream_size(rd->layout->n_species)));
  return TAU_OK;
}

static tau_status read_profile(reader *rd, uint64_t group, const taup_unit_layout *u, taup_profile_store *p)
{
  const uint64_t n = (uint64_t)rd->layout->n_species, m = (uint64_t)rd->layout->n_reactions,
                 rows = (uint64_t)u->most_points;
  TAU_TRY(taup_h5_read_column(&rd->image, group, u->coordinate, u->most_points, p->position));
  TAU_TRY(taup_h5_read_array(&rd->image, group, "c", (taup_h5_shape){2, {rows, n}}, p->c));
  TAU_TRY(taup_h5_read_column(&rd->image, group, "T", u->most_points, p->T));
  TAU_TRY(taup_h5_read_column(&rd->image, group, "flow", u->most_points, p->flow));
  TAU_TRY(taup_h5_read_column(&rd->image, group, "heat_rate", u->most_points, p->heat_rate));
  if (m) TAU_TRY(taup_h5_read_array(&rd->image, group, "rate", (taup_h5_shape){2, {rows, m}}, p->rate));
  p->n_points = u->most_points;
  return TAU_OK;
}

static tau_status read_units(reader *rd, uint64_t units)
{
  tau_result *r = rd->result;
  for (int i = 0; i < rd->layout->n_units; i++) {
    const taup_unit_layout *u = &rd->layout->units[i];
    uint64_t group;
    TAU_TRY(taup_h5_open_group(&rd->image, units, u->name, &group));
    TAU_TRY(read_stream(rd, group, "inlet", r->data + u->inlet));
    TAU_TRY(read_ports(rd, group, u, r->data));
    for (int k = 0; k < TAUP_N_SCALARS; k++)
      TAU_TRY(taup_h5_read_number(&rd->image, group, taup_h5_scalar_names[k], &r->data[u->scalars + k]));
    if (u->coordinate) TAU_TRY(read_profile(rd, group, u, &r->profiles[i]));
  }
  return TAU_OK;
}

static tau_status read_statistics(reader *rd, uint64_t group, tau_statistics *s)
{
  TAU_TRY(taup_h5_read_count(&rd->image, group, "n_steps", &s->n_steps));
  TAU_TRY(taup_h5_read_count(&rd->image, group, "n_rhs", &s->n_rhs));
  TAU_TRY(taup_h5_read_count(&rd->image, group, "n_jacobian", &s->n_jacobian));
  TAU_TRY(taup_h5_read_count(&rd->image, group, "n_error_failures", &s->n_error_failures));
  TAU_TRY(taup_h5_read_count(&rd->image, group, "n_newton", &s->n_newton));
  TAU_TRY(taup_h5_read_number(&rd->image, group, "last_step", &s->last_step));
  return taup_h5_read_number(&rd->image, group, "wall_time", &s->wall_time);
}

static tau_status read_solver(reader *rd, uint64_t solver)
{
  TAU_TRY(taup_h5_read_attribute(&rd->image, solver, "wall_time", &rd->result->wall_time));
  for (int i = 0; i < rd->layout->n_units; i++) {
    uint64_t group;
    TAU_TRY(taup_h5_open_group(&rd->image, solver, rd->layout->units[i].name, &group));
    TAU_TRY(read_statistics(rd, group, &rd->result->statistics[i]));
  }
  return TAU_OK;
}

static tau_status read_options(reader *rd, uint64_t group)
{
  tau_result *r = rd->result;
  TAU_TRY(taup_h5_read_attribute(&rd->image, group, "rtol", &r->rtol));
  TAU_TRY(taup_h5_read_attribute(&rd->image, group, "atol", &r->atol));
  TAU_TRY(taup_h5_read_attribute(&rd->image, group, "max_time", &r->max_time));
  return taup_h5_read_int_attribute(&rd->image, group, "max_steps", &r->max_steps);
}

static tau_status read_values(reader *rd, uint64_t group)
{
  return taup_h5_read_column(&rd->image, group, "value", rd->layout->n_observables, rd->result->values);
}

static tau_status read_balances(reader *rd, uint64_t group)
{
  static const char *const columns[] = {"in", "out", "error"};
  const int n = rd->layout->n_balances;
  double *x = room_for(rd, n, 3 * sizeof *x);
  if (!x) return TAU_E_NOMEM;
  for (int k = 0; k < 3; k++)
    TAU_TRY(taup_h5_read_column(&rd->image, group, columns[k], n, x + (size_t)k * (size_t)n));
  for (int i = 0; i < n; i++)
    rd->result->balances[i] = (tau_balance){rd->layout->balance_names[i], x[i], x[n + i], x[2 * n + i]};
  return TAU_OK;
}

static bool is_status(long code, tau_status *out)
{
#define X(name, value, text) (value),
  static const int codes[] = {TAU_STATUS_LIST(X)};
#undef X
  for (size_t k = 0; k < sizeof codes / sizeof codes[0]; k++)
    if (code == codes[k]) {
      *out = (tau_status)codes[k];
      return true;
    }
  return false;
}

static tau_status read_numbers(reader *rd)
{
  const taup_layout *l = rd->layout;
  tau_result *r = rd->result;
  const uint64_t root = rd->image.root;
  if (!is_status(rd->status, &r->status)) return damaged(rd, "unknown is the", "status_code");
  snprintf(r->message, sizeof r->message, "%s", rd->message);
  r->kind = taup_error_of_id(rd->error_id);
  for (int i = 0; i < rd->n_warnings; i++) taup_result_warn(r, "%s", rd->warnings[i]);
  for (int i = 0; i < l->n_parameters; i++) r->inputs[i] = l->parameters[i].value;
  for (int i = 0; i < l->n_units; i++) r->statistics[i].method = rd->methods[i];
  TAU_TRY(in_group(rd, root, "options", read_options));
  TAU_TRY(in_group(rd, root, "observables", read_values));
  TAU_TRY(in_group(rd, root, "balance", read_balances));
  TAU_TRY(in_group(rd, root, "units", read_units));
  return in_group(rd, root, "solver", read_solver);
}

/* --- the whole --- */

static tau_status read_all(reader *rd)
{
  int format = 0;
  if (taup_h5_read_int_attribute(&rd->image, rd->image.root, "tautrain_format", &format) < 0)
    return taup_fail(TAUP_ERR_NOT_A_RESULTS_FILE,
                     "'%s' is no results file of tautrain, or another program has rewritten it: there is no "
                     "'tautrain_format'",
                     rd->image.name);
  if (format != TAUP_H5_FORMAT)
    return taup_fail(TAUP_ERR_RESULTS_FORMAT_VERSION, "'%s' has format %d; this version reads %d",
                     rd->image.name, format, TAUP_H5_FORMAT);
  TAU_TRY(taup_layout_new(&rd->layout));
  TAU_TRY(read_layout(rd));
  TAU_TRY(taup_result_new(&rd->result, rd->layout));
  return read_numbers(rd);
}

static tau_status parse(tau_result **out, const char *file, const char *bytes, size_t n)
{
  reader rd = {.layout = NULL};
  const taup_h5_sealed seal = taup_h5_unseal(bytes, &n);
  TAU_TRY(taup_h5_image_open(&rd.image, file, bytes, n));
  if (seal == TAUP_H5_BROKEN)
    return taup_fail(TAUP_ERR_DAMAGED_RESULTS_FILE, "'%s' is damaged: its bytes do not give its SHA-256",
                     file);
  const tau_status st = read_all(&rd);
  taup_layout_drop(rd.layout);
  if (st < 0) tau_result_free(rd.result);
  else *out = rd.result;
  return st;
}

static tau_status read_file(const char *file, char **bytes, size_t *n)
{
  struct stat there;
  if (stat(file, &there) == 0 && !S_ISREG(there.st_mode))
    return taup_fail(TAUP_ERR_NO_REGULAR_FILE, "cannot read '%s': it is no regular file", file);
  if (stat(file, &there) == 0 && (unsigned long long)there.st_size > most_bytes)
    return taup_fail(TAUP_ERR_NOT_A_RESULTS_FILE, "'%s' is too large for a single result", file);
  return taup_file_read(file, most_bytes, bytes, n);
}

tau_status tau_result_load(tau_result **out, const char *file)
{
  char *bytes = NULL;
  size_t n = 0;
  *out = NULL;
  TAU_TRY(read_file(file, &bytes, &n));
  const tau_status st = parse(out, file, bytes, n);
  taup_free(bytes);
  return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* result.c - layouts and results: places in one block, and the getters over it. */
#include "train/result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "chem/units.h"

/* --- layout --- */

tau_status taup_layout_new(taup_layout **out)
{
  *out = taup_calloc(1, sizeof **out);
  if (!*out) return TAU_E_NOMEM;
  (*out)->refs = 1;
  return TAU_OK;
}

taup_layout *taup_layout_ref(taup_layout *layout)
{
  __atomic_add_fetch(&layout->refs, 1, __ATOMIC_RELAXED);
  return layout;
}

void taup_layout_drop(taup_layout *layout)
{
  if (!layout || __atomic_sub_fetch(&layout->refs, 1, __ATOMIC_ACQ_REL) > 0) return;
  taup_map_free(&layout->observable_by_path);
  taup_map_free(&layout->parameter_by_path);
  taup_map_free(&layout->unit_by_name);
  taup_arena_free(&layout->arena);
  taup_free(layout);
}

static int take(int *next, int n)
{
  const int at = *next;
  *next += n;
  return at;
}

tau_status taup_layout_place(taup_layout *l)
{
  int next = TAUP_N_WHOLE;
  const int n = l->n_species, stream = taup_stream_size(n);
  l->total = take(&next, n);
  for (int u = 0; u < l->n_units; u++) {
    taup_unit_layout *unit = &l->units[u];
    unit->inlet = take(&next, stream);
    unit->outlet = take(&next, stream * unit->n_outlets);
    unit->scalars = take(&next, TAUP_N_SCALARS);
    unit->max_c = take(&next, n);
    unit->at_T_max_c = take(&next, n);
    unit->k = take(&next, l->n_reactions);
    unit->rate = take(&next, l->n_reactions);
    TAU_TRY(taup_map_add(&l->unit_by_name, unit->name, u));
  }
  l->n_data = next;
  for (int i = 0; i < l->n_parameters; i++)
    TAU_TRY(taup_map_add(&l->parameter_by_path, l->parameters[i].path, i));
  for (int i = 0; i < l->n_observables; i++)
    TAU_TRY(taup_map_add(&l->observable_by_path, l->observables[i].path, i));
  return TAU_OK;
}

/* --- result --- */

static bool make_profile(taup_profile_store *p, const taup_layout *l, const taup_unit_layout *u)
{
  const size_t rows = u->coordinate ? (size_t)u->most_points : 0;
  const size_t n = (size_t)l->n_species, m = (size_t)l->n_reactions;
  double *block = taup_calloc(rows * (4 + n + m), sizeof *block);
  if (!block) return false;
  *p = (taup_profile_store){
    0, block, block + 4 * rows, block + rows, block + 2 * rows, block + (4 + n) * rows, block + 3 * rows};
  return true;
}

static tau_status fill(tau_result *r)
{
  const taup_layout *l = r->layout;
  r->data = taup_calloc((size_t)l->n_data, sizeof *r->data);
  r->values = taup_calloc((size_t)l->n_observables, sizeof *r->values);
  r->inputs = taup_calloc((size_t)l->n_parameters, sizeof *r->inputs);
  r->profiles = taup_calloc((size_t)l->n_units, sizeof *r->profiles);
  r->statistics = taup_calloc((size_t)l->n_units, sizeof *r->statistics);
  r->balances = taup_calloc((size_t)l->n_balances, sizeof *r->balances);
  if (!r->data || !r->values || !r->inputs || !r->profiles || !r->statistics || !r->balances)
    return TAU_E_NOMEM;
  r->warnings[0] = taup_calloc(TAUP_MOST_WARNINGS, TAUP_WARNING_BYTES);
  if (!r->warnings[0]) return TAU_E_NOMEM;
  for (int i = 1; i < TAUP_MOST_WARNINGS; i++)
    r->warnings[i] = r->warnings[0] + (size_t)i * TAUP_WARNING_BYTES;
  for (int u = 0; u < l->n_units; u++)
    if (!make_profile(&r->profiles[u], l, &l->units[u])) return TAU_E_NOMEM;
  return TAU_OK;
}

tau_status taup_result_new(tau_result **out, taup_layout *layout)
{
  tau_result *r = taup_calloc(1, sizeof *r);
  *out = NULL;
  if (!r) return TAU_E_NOMEM;
  r->layout = taup_layout_ref(layout);
  if (fill(r) < 0) {
    tau_result_free(r);
    return TAU_E_NOMEM;
  }
  taup_result_clear(r, TAUP_NEED_ALL);
  *out = r;
  return TAU_OK;
}

void taup_result_clear(tau_result *r, unsigned needs)
{
  const taup_layout *l = r->layout;
  r->status = TAU_OK;
  r->message[0] = '\0';
  r->kind = TAUP_ERR_NONE;
  r->i_ended = -1;
  r->n_warnings = 0;
  for (int i = 0; i < l->n_data; i++) r->data[i] = NAN;
  for (int i = 0; needs & (TAUP_NEED_VALUES | TAUP_NEED_COMPUTED) && i < l->n_observables; i++)
    r->values[i] = NAN;
  for (int u = 0; u < l->n_units; u++) {
    r->profiles[u].n_points = 0;
    r->statistics[u] = (tau_statistics){.wall_time = 0.0, .method = ""};
  }
  for (int b = 0; needs & TAUP_NEED_CLOSURE && b < l->n_balances; b++)
    r->balances[b] = (tau_balance){l->balance_names[b], NAN, NAN, NAN};
}

void tau_result_free(tau_result *r)
{
  if (!r) return;
  for (int u = 0; r->profiles && u < r->layout->n_units; u++) taup_free(r->profiles[u].position);
  taup_free(r->warnings[0]);
  taup_free(r->data);
  taup_free(r->values);
  taup_free(r->inputs);
  taup_free(r->profiles);
  taup_free(r->statistics);
  taup_free(r->balances);
  taup_layout_drop(r->layout);
  taup_free(r);
}

void taup_result_warn(tau_result *r, const char *format, ...)
{
  char line[TAUP_WARNING_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  for (int i = 0; i < r->n_warnings; i++)
    if (strcmp(r->warnings[i], line) == 0) return;
  if (r->n_warnings < TAUP_MOST_WARNINGS)
    snprintf(r->warnings[r->n_warnings++], TAUP_WARNING_BYTES, "%s", line);
}

/* --- getters --- */

tau_status tau_result_status(const tau_result *r) { return r->status; }
const char *tau_result_message(const tau_result *r) { return r->message; }
const char *tau_result_error_id(const tau_result *r) { return taup_error_id(r->kind); }
const char *tau_result_title(const tau_result *r) { return r->layout->title; }
const char *tau_result_evidence(const tau_result *r) { return r->layout->evidence; }
int tau_result_n_warnings(const tau_result *r) { return r->n_warnings; }
const char *tau_result_warning(const tau_result *r, int i) { return r->warnings[i]; }
int tau_result_n_observables(const tau_result *r) { return r->layout->n_observables; }
tau_observable tau_result_observable(const tau_result *r, int i) { return r->layout->observables[i]; }
const double *tau_result_values(const tau_result *r) { return r->values; }
int tau_result_n_parameters(const tau_result *r) { return r->layout->n_parameters; }
int tau_result_n_species(const tau_result *r) { return r->layout->n_species; }
const char *tau_result_species(const tau_result *r, int i) { return r->layout->species[i]; }
int tau_result_n_reactions(const tau_result *r) { return r->layout->n_reactions; }
const char *tau_result_reaction(const tau_result *r, int i) { return r->layout->reactions[i]; }
int tau_result_n_units(const tau_result *r) { return r->layout->n_units; }
const char *tau_result_unit(const tau_result *r, int i) { return r->layout->units[i].name; }
const char *tau_result_unit_kind(const tau_result *r, int i) { return r->layout->units[i].kind; }
int tau_result_unit_index(const tau_result *r, const char *name)
{
  return taup_map_find(&r->layout->unit_by_name, name);
}
tau_statistics tau_result_statistics(const tau_result *r, int i) { return r->statistics[i]; }
int tau_result_n_balances(const tau_result *r) { return r->layout->n_balances; }
tau_balance tau_result_balance(const tau_result *r, int i) { return r->balances[i]; }
int tau_result_n_outlets(const tau_result *r, int i) { return r->layout->units[i].n_outlets; }
const char *tau_result_outlet_name(const tau_result *r, int i, int k)
{
  return r->layout->units[i].outlets[k];
}

const char *tau_result_model_text(const tau_result *r, size_t *n_bytes)
{
  *n_bytes = r->layout->n_model_text;
  return r->layout->model_text;
}

tau_parameter tau_result_parameter(const tau_result *r, int i)
{
  tau_parameter p = r->layout->parameters[i];
  p.value = r->inputs[i];
  return p;
}

static tau_status unknown_observable(const taup_layout *l, const char *path)
{
  taup_nearest search = {path, NULL, 0};
  char hint[160];
  for (int i = 0; i < l->n_observables; i++) taup_nearest_try(&search, l->observables[i].path);
  return taup_fail(TAUP_ERR_UNKNOWN_OBSERVABLE, "'%s' is no observable of this train%s", path,
                   taup_nearest_hint(&search, hint, sizeof hint));
}

tau_status tau_result_value(const tau_result *r, const char *path, double *out)
{
  const int i = taup_map_find(&r->layout->observable_by_path, path);
  *out = NAN;
  if (i < 0) return unknown_observable(r->layout, path);
  *out = r->values[i];
  return TAU_OK;
}

tau_status tau_result_value_in(const tau_result *r, const char *path, const char *unit, double *out)
{
  double value;
  TAU_TRY(tau_result_value(r, path, &value));
  const int i = taup_map_find(&r->layout->observable_by_path, path);
  const char *own = r->layout->observables[i].unit;
  return tau_convert(value, own[0] ? own : "1", unit, out);
}

static tau_stream stream_at(const tau_result *r, int offset)
{
  const int n = r->layout->n_species;
  const double *F = r->data + offset, *x = F + 2 * n;
  return (tau_stream){F + n, F, x[TAUP_STREAM_T], x[TAUP_STREAM_P], x[TAUP_STREAM_FLOW], x[TAUP_STREAM_MASS]};
}

tau_stream tau_result_inlet(const tau_result *r, int i) { return stream_at(r, r->layout->units[i].inlet); }

tau_stream tau_result_outlet(const tau_result *r, int i, int k)
{
  return stream_at(r, r->layout->units[i].outlet + k * taup_stream_size(r->layout->n_species));
}

tau_profile tau_result_profile(const tau_result *r, int i)
{
  const taup_unit_layout *u = &r->layout->units[i];
  const taup_profile_store *p = &r->profiles[i];
  const char *coordinate = u->coordinate ? u->coordinate : "",
             *unit = u->coordinate ? u->coordinate_unit : "";
  return (tau_profile){p->n_points, coordinate, unit,    p->position, p->c,
                       p->T,        p->flow,    p->rate, p->heat_rate};
}

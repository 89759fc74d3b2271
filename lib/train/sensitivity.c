/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity.c - derivatives of observables to parameters: the run first, then its tangents unit after unit, then those of what is counted
 * over the whole,
 *
 *     do_i/dp_j = sum_k (do_i/d data_k) (d data_k/dp_j) + (do_i/dp_j at fixed data)
 *
 * Invariant: a row of tangents has the layout of the result's data; what is not known of it is NAN. */
#include "train/sensitivity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

/* --- life --- */

static tau_status check_parameters(const tau_train *t, int n, const int *parameters)
{
  for (int j = 0; j < n; j++)
    if (parameters[j] < 0 || parameters[j] >= t->layout->n_parameters)
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "parameter %d: there are %d", parameters[j],
                       t->layout->n_parameters);
  return TAU_OK;
}

/* A taup_lower_fn: of the observables' nodes those that are kept. */
static tau_status lower_kept(void *user, taup_graph *g, const int n_inputs[/* 4 */], const taup_body *body)
{
  tau_sensitivity *s = user;
  taup_node *nodes = taup_arena_alloc(&s->observable_slopes.arena, (size_t)body->n, sizeof *nodes);
  s->computed = taup_calloc((size_t)body->n, sizeof *s->computed);
  s->counted = taup_calloc((size_t)body->n, sizeof *s->counted);
  if (!nodes || !s->computed || !s->counted) return TAU_E_NOMEM;
  int n = 0;
  for (int i = 0; i < body->n; i++) {
    const int row = s->row_of[s->train->computed[i]];
    if (row < 0) continue;
    nodes[n] = body->nodes[i];
    s->computed[n++] = row;
  }
  const taup_body kept = {n, nodes, body->name};
  return taup_lower_slopes(&s->observable_slopes, g, n_inputs, &kept);
}

/* The nodes of the observables are written once more, into a layout that is thrown away. */
static tau_status observable_slopes(tau_sensitivity *s)
{
  tau_train again = *s->train;
  taup_layout layout = *again.layout;
  layout.arena = (taup_arena){0};
  layout.observable_by_path = (taup_map){0};
  again.layout = &layout;
  again.arena = (taup_arena){0};
  again.computed = NULL;
  const tau_status st = taup_observables_new(&again, lower_kept, s);
  taup_free(again.computed);
  taup_map_free(&layout.observable_by_path);
  taup_arena_free(&layout.arena);
  taup_arena_free(&again.arena);
  return st;
}

static tau_status mix_slopes(tau_sensitivity *s)
{
  tau_train again = *s->train;
  again.arena = (taup_arena){0};
  const tau_status st = taup_mix_program(&again, taup_lower_slopes, &s->mix_slopes);
  taup_arena_free(&again.arena);
  return st;
}

static tau_status make_arrays(tau_sensitivity *s)
{
  const tau_train *t = s->train;
  const size_t n = (size_t)s->n;
  s->n_data = t->layout->n_data;
  s->values = taup_calloc((size_t)s->n_observables * n, sizeof *s->values);
  s->base = taup_calloc((size_t)s->n_observables + n, sizeof *s->base);
  s->tangent = taup_calloc((size_t)s->n_data * n, sizeof *s->tangent);
  s->feeds = taup_calloc((size_t)taup_program_n_outputs(t->feeds, 0) * n, sizeof *s->feeds);
  s->ages = taup_calloc((size_t)t->n_stages * n, sizeof *s->ages);
  s->engines = taup_calloc((size_t)t->n_programs, sizeof *s->engines);
  s->work = taup_calloc((size_t)(t->layout->n_parameters + 3 + 2 * t->layout->n_species), sizeof *s->work);
  s->dH = taup_calloc(2 * n, sizeof *s->dH);
  s->out = taup_out_places(t->layout->n_species, t->layout->n_reactions);
  return s->values && s->base && s->tangent && s->feeds && s->ages && s->engines && s->work && s->dH
           ? TAU_OK
           : TAU_E_NOMEM;
}

static tau_status choose_observables(tau_sensitivity *s, const int *observables)
{
  const int n = s->train->layout->n_observables;
  s->observables = taup_calloc((size_t)s->n_observables, sizeof *s->observables);
  s->row_of = taup_calloc((size_t)n, sizeof *s->row_of);
  if (!s->observables || !s->row_of) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) s->row_of[i] = -1;
  for (int i = 0; i < s->n_observables; i++) {
    s->observables[i] = observables ? observables[i] : i;
    s->row_of[s->observables[i]] = i;
  }
  return TAU_OK;
}

static tau_status make(tau_sensitivity *s, const int *parameters, const int *observables)
{
  const tau_train *t = s->train;
  s->parameters = taup_calloc((size_t)s->n, sizeof *s->parameters);
  s->wanted = taup_calloc((size_t)t->layout->n_parameters, sizeof *s->wanted);
  if (!s->parameters || !s->wanted) return TAU_E_NOMEM;
  for (int j = 0; j < s->n; j++) s->wanted[s->parameters[j] = parameters[j]] = true;
  s->feed_slopes.wanted = s->mix_slopes.wanted = s->observable_slopes.wanted = s->wanted;
  TAU_TRY(choose_observables(s, observables));
  TAU_TRY(make_arrays(s));
  TAU_TRY(taup_feeds_program(&t->d, taup_lower_slopes, &s->feed_slopes));
  TAU_TRY(mix_slopes(s));
  TAU_TRY(observable_slopes(s));
  return tau_workspace_new(&s->w, t);
}

tau_status taup_sensitivity_new(tau_sensitivity **out, const tau_train *train, int n_parameters,
                                const int *parameters, int n_observables, const int *observables)
{
  *out = NULL;
  TAU_TRY(check_parameters(train, n_parameters, parameters));
  tau_sensitivity *s = taup_calloc(1, sizeof *s);
  if (!s) return TAU_E_NOMEM;
  s->train = tau_train_ref(train);
  s->n = n_parameters;
  s->n_observables = observables ? n_observables : train->layout->n_observables;
  const tau_status st = make(s, parameters, observables);
  if (st < 0) {
    tau_sensitivity_free(s);
    return st;
  }
  *out = s;
  return TAU_OK;
}

tau_status tau_sensitivity_new(tau_sensitivity **out, const tau_train *train, int n_parameters,
                               const int *parameters)
{
  return taup_sensitivity_new(out, train, n_parameters, parameters, 0, NULL);
}

void tau_sensitivity_free(tau_sensitivity *s)
{
  if (!s) return;
  for (int k = 0; s->engines && k < s->train->n_programs; k++) {
    taup_march_free(s->engines[k].march);
    taup_implicit_free(s->engines[k].root);
    taup_unit_slopes_free(&s->engines[k].slopes);
  }
  taup_slopes_free(&s->feed_slopes);
  taup_slopes_free(&s->mix_slopes);
  taup_slopes_free(&s->observable_slopes);
  void *const blocks[] = {s->parameters, s->wanted,  s->values,      s->base,  s->tangent,
                          s->feeds,      s->ages,    s->engines,     s->work,  s->dH,
                          s->computed,   s->counted, s->observables, s->row_of};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) taup_free(blocks[i]);
  tau_workspace_free(s->w);
  tau_train_free(s->train);
  taup_free(s);
}

/* --- the whole train --- */

static bool has_key(const tau_sensitivity *s, int i_feed)
{
  const tau_train *t = s->train;
  if (t->d.key_reactant < 0) return true;
  return s->w->feeds_out[(ptrdiff_t)i_feed * (t->layout->n_species + TAUP_FEED_EXTRA) + t->d.key_reactant] >
         0.0;
}

/* The longest way, as finish.c finds it, into s->w->ages: the tangent of the age at a stage's outlet is that of the way that is longest. */
static void residence_time_of(tau_sensitivity *s, int i_stage)
{
  const tau_train *t = s->train;
  const taup_unit *u = t->stages[i_stage].unit;
  const int own = t->layout->units[i_stage].scalars + TAUP_SCALAR_RESIDENCE_TIME;
  const bool junction = u->kind->family == TAUP_JUNCTION;
  double oldest = u->kind->family == TAUP_CLOSED ? 0.0 : -(double)INFINITY;
  int from = -1;
  for (int k = 0; k < u->n_inlets; k++) {
    const int stage = u->inlets[k].is_feed ? -1 : t->stage_of_unit[u->inlets[k].index];
    const double age = stage >= 0                       ? s->w->ages[stage]
                       : has_key(s, u->inlets[k].index) ? 0.0
                                                        : -(double)INFINITY;
    if (!(age > oldest)) continue;
    oldest = age;
    from = stage;
  }
  s->w->ages[i_stage] = oldest + (junction ? 0.0 : s->w->result->data[own]);
  for (int j = 0; j < s->n; j++)
    s->ages[i_stage * s->n + j] =
      (from < 0 ? 0.0 : s->ages[from * s->n + j]) + (junction ? 0.0 : taup_tangent_of(s, j)[own]);
}

static void residence_time(tau_sensitivity *s)
{
  const tau_train *t = s->train;
  for (int i = 0; i < t->n_stages; i++) residence_time_of(s, i);
  for (int j = 0; j < s->n; j++)
    taup_tangent_of(s, j)[TAUP_WHOLE_RESIDENCE_TIME] = s->ages[t->outlet_stage * s->n + j];
}

void taup_sensitivity_whole(tau_sensitivity *s)
{
  const tau_train *t = s->train;
  const taup_unit_layout *last = &t->layout->units[t->outlet_stage];
  const bool closed = t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED;
  double *dm = s->dH;
  for (int j = 0; j < s->n; j++) dm[j] = NAN;
  if (s->w->needs & TAUP_NEED_MASS) taup_tangent_mass_in(s, dm);
  residence_time(s);
  for (int j = 0; j < s->n; j++) {
    double *row = taup_tangent_of(s, j), volume = 0.0;
    for (int i = 0; i < t->n_stages; i++)
      if (t->stages[i].unit->kind->family != TAUP_JUNCTION)
        volume += row[t->layout->units[i].scalars + TAUP_SCALAR_SIZE];
    row[TAUP_WHOLE_VOLUME] = closed ? row[last->inlet + 2 * t->layout->n_species + TAUP_STREAM_FLOW] : volume;
    row[TAUP_WHOLE_TIME] = closed ? row[last->scalars + TAUP_SCALAR_SIZE] : 0.0;
    row[TAUP_WHOLE_MASS_IN] = dm[j];
  }
}

/* --- observables --- */

static double parameter_of(const tau_sensitivity *s, int k) { return s->base[s->n_observables + k]; }

void taup_sensitivity_keep_base(tau_sensitivity *s, const tau_result *r)
{
  const int *offset = s->train->layout->observable_offset;
  for (int i = 0; i < s->n_observables; i++) {
    const int k = s->observables[i];
    s->base[i] = offset[k] >= 0 ? r->data[offset[k]] : r->values[k];
  }
  for (int j = 0; j < s->n; j++) s->base[s->n_observables + j] = r->inputs[s->parameters[j]];
}

static void fill_values(tau_sensitivity *s)
{
  const taup_layout *l = s->train->layout;
  for (int i = 0; i < s->n_observables; i++) {
    const int offset = l->observable_offset[s->observables[i]];
    for (int j = 0; j < s->n; j++) {
      double *value = &s->values[(size_t)i * (size_t)s->n + (size_t)j];
      const bool known = !isnan(s->base[i]) && !isnan(parameter_of(s, j));
      if (offset >= 0) *value = taup_tangent_of(s, j)[offset];
      if (!known) *value = NAN;
    }
  }
}

static void count(tau_sensitivity *s)
{
  taup_slopes *o = &s->observable_slopes;
  const int n_parameters = o->n_inputs[TAUP_PARAMETER];
  const double one = 1.0;
  double *d = s->counted;
  memcpy(taup_program_input(o->program, 1, o->R, TAUP_PARAMETER, 0), s->w->inputs,
         (size_t)n_parameters * sizeof *d);
  memcpy(taup_program_input(o->program, 1, o->R, TAUP_INLET, 0), s->w->result->data,
         (size_t)s->n_data * sizeof *d);
  taup_program_prologue(o->program, TAUP_PARAMETER, 1, o->R);
  taup_program_prologue(o->program, TAUP_INLET, 1, o->R);
  taup_program_run(o->program, 0, 1, o->R, o->out);
  for (int j = 0; j < s->n; j++) {
    taup_entries e = o->e;
    memset(d, 0, (size_t)o->e.first * sizeof *d);
    e.n_columns = 1;
    e.start = o->e.start + s->parameters[j];
    taup_entries_add(&e, o->out, &one, d);
    e.n_columns = s->n_data;
    e.start = o->e.start + n_parameters;
    taup_entries_add(&e, o->out, taup_tangent_of(s, j), d);
    for (int k = 0; k < o->e.first; k++) s->values[(size_t)s->computed[k] * (size_t)s->n + (size_t)j] = d[k];
  }
}

void taup_sensitivity_observables(tau_sensitivity *s)
{
  if (s->observable_slopes.e.first > 0) count(s);
  fill_values(s);
}

/* --- the run --- */

/* A unit whose outlet is there was run to its end. */
bool taup_sensitivity_was_run(const tau_sensitivity *s, int i_stage)
{
  const taup_layout *l = s->train->layout;
  return !isnan(s->w->result->data[l->units[i_stage].outlet + 2 * l->n_species + TAUP_STREAM_FLOW]);
}

static tau_status explain(tau_sensitivity *s, tau_status st)
{
  char text[200];
  snprintf(text, sizeof text, "%s", tau_last_error());
  snprintf(s->why, sizeof s->why, "sensitivities of unit '%.40s': %.190s",
           s->train->layout->units[s->n_done].name, st > 0 ? "stopped" : text);
  return st > 0 ? st : taup_fail_as(st, taup_last_kind(), "%s", s->why);
}

static tau_status tangents_of_stage(tau_sensitivity *s, int i_stage)
{
  const taup_family family = s->train->stages[i_stage].unit->kind->family;
  if (family == TAUP_CLOSED) taup_tangent_charge(s, i_stage);
  else taup_tangent_inlet(s, i_stage);
  if (family != TAUP_JUNCTION) return taup_tangent_unit(s, i_stage);
  taup_tangent_junction(s, i_stage);
  return TAU_OK;
}

static tau_status tangents(tau_sensitivity *s)
{
  taup_tangent_feeds(s);
  taup_tangent_totals(s);
  for (; s->n_done < s->train->n_stages && taup_sensitivity_was_run(s, s->n_done); s->n_done++) {
    const tau_status st = tangents_of_stage(s, s->n_done);
    if (st != TAU_OK) return explain(s, st);
  }
  if (s->n_done == s->train->n_stages) taup_sensitivity_whole(s);
  return TAU_OK;
}

void taup_sensitivity_blank(tau_sensitivity *s)
{
  const size_t n = (size_t)s->n;
  for (size_t i = 0; i < n * (size_t)s->n_data; i++) s->tangent[i] = NAN;
  for (size_t i = 0; i < n * (size_t)s->n_observables; i++) s->values[i] = NAN;
  s->n_done = 0;
  s->why[0] = '\0';
}

tau_status tau_sensitivity_run(tau_sensitivity *s, const tau_inputs *inputs, const tau_run_options *options)
{
  const tau_result *borrowed = NULL;
  taup_sensitivity_blank(s);
  if (!s->w->result) TAU_TRY(taup_result_new(&s->w->result, s->train->layout));
  const tau_status ran = tau_train_run_in(&borrowed, s->w, inputs, options);
  tau_status st = TAU_OK;
  taup_sensitivity_keep_base(s, s->w->result);
  if (ran >= 0 || ran == TAU_E_SOLVER) st = tangents(s); /* a run that did not begin has no feeds */
  if (st >= 0) taup_sensitivity_observables(s);
  if (ran < 0) return taup_fail_as(ran, s->w->result->kind, "%s", s->w->result->message);
  return ran != TAU_OK ? ran : st;
}

tau_status tau_train_sensitivity(tau_sensitivity **out, const tau_train *train, const tau_inputs *inputs,
                                 int n_parameters, const int *parameters, const tau_run_options *options)
{
  TAU_TRY(tau_sensitivity_new(out, train, n_parameters, parameters));
  const tau_status st = tau_sensitivity_run(*out, inputs, options);
  if (st != TAU_E_NOMEM) return st;
  tau_sensitivity_free(*out);
  *out = NULL;
  return st;
}

/* --- what came out --- */

int tau_sensitivity_n_parameters(const tau_sensitivity *s) { return s->n; }
int tau_sensitivity_parameter(const tau_sensitivity *s, int k) { return s->parameters[k]; }
const double *tau_sensitivity_values(const tau_sensitivity *s) { return s->values; }

double tau_sensitivity_value(const tau_sensitivity *s, int i_observable, int k)
{
  return s->values[(size_t)i_observable * (size_t)s->n + (size_t)k];
}

double tau_sensitivity_normalised(const tau_sensitivity *s, int i_observable, int k)
{
  if (s->base[i_observable] == 0.0) return NAN;
  return tau_sensitivity_value(s, i_observable, k) * parameter_of(s, k) / s->base[i_observable];
}

static bool is_no_function(const char *path)
{
  const size_t n = strlen(path);
  return strncmp(path, "balance/", 8) == 0 || (n > 7 && strcmp(path + n - 7, "/stable") == 0) ||
         (n > 11 && strcmp(path + n - 11, "/grid_error") == 0);
}

const char *tau_sensitivity_reason(const tau_sensitivity *s, int i_observable, int k)
{
  if (!isnan(tau_sensitivity_value(s, i_observable, k))) return "";
  if (isnan(parameter_of(s, k))) return "this parameter is not given in this run: another of its group is";
  if (is_no_function(s->train->layout->observables[i_observable].path))
    return "an error or a verdict has no derivative";
  if (isnan(s->base[i_observable])) return "this observable has no value in this run";
  return s->why[0] ? s->why : "the run did not get that far";
}

const tau_result *tau_sensitivity_result(const tau_sensitivity *s) { return s->w->result; }

tau_result *tau_sensitivity_take_result(tau_sensitivity *s)
{
  tau_result *r = s->w->result;
  s->w->result = NULL;
  return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_reach.c - which numbers of a stage's inlet can move with which parameter, by the structure of the equations alone.
 *
 * Invariant: what is told not to move has the derivative 0 at every point. The other way round is only a matter of cost. */
#include "train/sensitivity_lanes.h"

#include <string.h>

/* A stream: F [n_species], flow, T (in the order of a feed). */
typedef struct reacher {
  const tau_sensitivity *s;
  taup_reach *reach;
  int n, size;  /* species; of a stream */
  bool *outlet; /* stages x parameters x size: of all outlets of a stage */
  bool *feeds;  /* parameters x feeds x size */
} reacher;

static bool *outlet_of(const reacher *r, int i_stage, int j)
{
  return r->outlet + (size_t)((i_stage * r->s->n + j) * r->size);
}

static const bool *source_of(const reacher *r, const taup_inlet *in, int j)
{
  const tau_train *t = r->s->train;
  if (!in->is_feed) return outlet_of(r, t->stage_of_unit[in->index], j);
  return r->feeds + (size_t)((j * t->d.chemistry.n_feeds + in->index) * r->size);
}

static bool has(const taup_entries *e, int column, int row)
{
  for (int k = e->start[column]; k < e->start[column + 1]; k++)
    if (e->row[k] == row) return true;
  return false;
}

static void find_feeds(const reacher *r)
{
  const taup_entries *e = &r->s->feed_slopes.e;
  for (int j = 0; j < r->s->n; j++)
    for (int k = e->start[r->s->parameters[j]]; k < e->start[r->s->parameters[j] + 1]; k++)
      r->feeds[j * e->first + e->row[k]] = r->reach->feeds[j] = true;
}

static bool moves_at_all(const reacher *r, const bool *stream)
{
  for (int i = 0; i < r->size; i++)
    if (stream[i]) return true;
  return false;
}

/* Whether the volume of streams brought together can move otherwise than by their own flows. */
static bool volume_moves(const reacher *r, const taup_unit *u, int j, bool T)
{
  const taup_slopes *mix = &r->s->mix_slopes;
  const int first = mix->n_inputs[TAUP_PARAMETER], n_columns = mix->e.n_columns;
  if (has(&mix->e, r->s->parameters[j], TAUP_MIX_VOLUME)) return true;
  if (T && has(&mix->e, n_columns - 1, TAUP_MIX_VOLUME)) return true;
  for (int k = 0; k < u->n_inlets; k++) {
    const bool *from = source_of(r, &u->inlets[k], j);
    if (from[r->n + TAUP_FEED_T] && has(&mix->e, first + 1, TAUP_MIX_VOLUME)) return true;
    for (int i = 0; i < r->n; i++)
      if (from[i] && has(&mix->e, first + 2 + i, TAUP_MIX_VOLUME)) return true;
  }
  return false;
}

static bool temperature_moves(const reacher *r, const taup_unit *u, int j)
{
  const bool set = u->kind->family == TAUP_JUNCTION && u->heat == TAUP_HEAT_SET;
  bool any = false;
  if (set) return r->s->parameters[j] == u->temperature;
  for (int k = 0; k < u->n_inlets; k++) any = any || source_of(r, &u->inlets[k], j)[r->n + TAUP_FEED_T];
  if (u->n_inlets == 1 || !r->s->train->mix_knows_H) return any;
  for (int k = 0; k < u->n_inlets; k++) any = any || moves_at_all(r, source_of(r, &u->inlets[k], j));
  return any || has(&r->s->mix_slopes.e, r->s->parameters[j], TAUP_MIX_H);
}

static void mix(const reacher *r, const taup_unit *u, int j, bool *in)
{
  bool flow = false;
  for (int k = 0; k < u->n_inlets; k++) {
    const bool *from = source_of(r, &u->inlets[k], j);
    for (int i = 0; i < r->n; i++) in[i] = in[i] || from[i];
    flow = flow || from[r->n + TAUP_FEED_FLOW];
  }
  const bool set = u->kind->family == TAUP_JUNCTION && u->heat == TAUP_HEAT_SET;
  const bool T = in[r->n + TAUP_FEED_T] = temperature_moves(r, u, j);
  in[r->n + TAUP_FEED_FLOW] = flow || ((set || u->n_inlets > 1) && volume_moves(r, u, j, T));
}

static void charge(const reacher *r, const taup_unit *u, int j, bool *in)
{
  const int p = r->s->parameters[j];
  const taup_fluid *fluid = &r->s->train->d.chemistry.fluid;
  for (int i = 0; i < u->n_charge; i++)
    if (u->charge[i].parameter == p || u->charge_volume == p) in[u->charge[i].species] = true;
  in[r->n + TAUP_FEED_FLOW] = u->charge_volume == p;
  in[r->n + TAUP_FEED_T] = u->charge_temperature == p;
  if (fluid->mode == TAUP_FLUID_IDEAL_MIXTURE && fluid->species >= 0) in[fluid->species] = true;
}

/* As symbols of the inlet of a unit's program. */
static void put_in(const reacher *r, const taup_unit *u, int i_stage, int j, const bool *stream)
{
  bool *in = r->reach->in + (size_t)((i_stage * r->s->n + j) * r->reach->n_in);
  in[TAUP_IN_FLOW] = stream[r->n + TAUP_FEED_FLOW];
  in[TAUP_IN_T] = in[TAUP_IN_T_OF_H] = stream[r->n + TAUP_FEED_T];
  for (int i = 0; i < r->n; i++) {
    bool total = stream[i] && u->kind->family == TAUP_CLOSED;
    for (int k = 0; u->kind->family != TAUP_CLOSED && k < r->s->train->d.chemistry.n_feeds; k++)
      total = total || source_of(r, &(taup_inlet){.is_feed = true, .index = k}, j)[i];
    in[taup_inlet_index_F(i)] = stream[i];
    in[taup_inlet_index_total(r->n, i)] = total;
  }
}

static bool column_moves(const reacher *r, const taup_unit_slopes *u, const int *slots, const bool *in, int c,
                         int j, bool states)
{
  if (c >= u->n_x) return states;
  return c < u->n_slots ? slots[c] == r->s->parameters[j] : in[c - u->n_slots];
}

/* What a reactor gives: by the entries of what is told at its end, all states moving when one does. */
static void react(const reacher *r, int i_stage, int k, const int *slots, int j)
{
  const taup_unit_slopes *u = &r->s->engines[k].slopes;
  const taup_entries *place = &u->e[TAUP_PART_PLACE];
  const bool *in = r->reach->in + (size_t)((i_stage * r->s->n + j) * r->reach->n_in);
  bool *out = outlet_of(r, i_stage, j), states = false;
  for (int c = 0; c < u->n_x; c++)
    states = states || (column_moves(r, u, slots, in, c, j, false) && u->is_read[c]);
  for (int c = 0; c < place->n_columns; c++)
    for (int e = place->start[c]; column_moves(r, u, slots, in, c, j, states) && e < place->start[c + 1]; e++)
      out[place->row[e]] = true;
}

/* Whether parameter p says how large or how many the tanks of a cascade are. */
static bool is_size(const taup_unit *u, int p)
{
  for (int i = 0; i < u->kind->n_fields; i++)
    if (u->p[i] == p) return true;
  for (int k = 0; k < u->n_volumes; k++)
    if (u->volumes[k] == p) return true;
  return false;
}

/* What moves one number behind the first tank of a cascade may move all behind the last. */
static void flood(const reacher *r, const taup_unit *u, int i_stage, int j)
{
  bool *out = outlet_of(r, i_stage, j);
  const bool moves = is_size(u, r->s->parameters[j]) || moves_at_all(r, out);
  for (int i = 0; i < r->size; i++) out[i] = moves;
}

static void divide(const reacher *r, const taup_unit *u, int i_stage, int j, const bool *in)
{
  bool *out = outlet_of(r, i_stage, j), all = false;
  for (int k = 0; u->fractions && k < u->n_outlets; k++) all = all || u->fractions[k] == r->s->parameters[j];
  for (int i = 0; i < r->size; i++) out[i] = in[i] || (all && i != r->n + TAUP_FEED_T);
}

static tau_status walk(const reacher *r)
{
  const tau_train *t = r->s->train;
  bool *in = taup_calloc((size_t)r->size, sizeof *in);
  if (!in) return TAU_E_NOMEM;
  for (int i = 0; i < t->n_stages; i++)
    for (int j = 0; j < r->s->n; j++) {
      const taup_stage *stage = &t->stages[i];
      const taup_family family = stage->unit->kind->family;
      memset(in, 0, (size_t)r->size * sizeof *in);
      if (family == TAUP_CLOSED) charge(r, stage->unit, j, in);
      else mix(r, stage->unit, j, in);
      put_in(r, stage->unit, i, j, in);
      if (family == TAUP_JUNCTION) divide(r, stage->unit, i, j, in);
      if (stage->program >= 0) react(r, i, stage->program, stage->slots, j);
      if (stage->reduced >= 0) react(r, i, stage->reduced, stage->reduced_slots, j);
      if (stage->unit->kind->transport == TAUP_CASCADE) flood(r, stage->unit, i, j);
    }
  taup_free(in);
  return TAU_OK;
}

tau_status taup_reach_new(taup_reach *out, const tau_sensitivity *s)
{
  const tau_train *t = s->train;
  const int n = t->layout->n_species;
  reacher r = {.s = s, .reach = out, .n = n, .size = n + TAUP_FEED_EXTRA};
  const size_t rows = (size_t)t->n_stages * (size_t)s->n;
  *out = (taup_reach){.n_parameters = s->n, .n_in = taup_n_inlet_symbols(n)};
  out->in = taup_calloc(rows * (size_t)out->n_in, sizeof *out->in);
  r.outlet = taup_calloc(rows * (size_t)r.size, sizeof *r.outlet);
  r.feeds = taup_calloc((size_t)(s->n * s->feed_slopes.e.first), sizeof *r.feeds);
  out->feeds = taup_calloc((size_t)s->n, sizeof *out->feeds);
  tau_status st = out->in && out->feeds && r.outlet && r.feeds ? TAU_OK : TAU_E_NOMEM;
  if (st == TAU_OK) {
    find_feeds(&r);
    st = walk(&r);
  }
  taup_free(r.outlet);
  taup_free(r.feeds);
  return st;
}

void taup_reach_free(taup_reach *r)
{
  taup_free(r->in);
  taup_free(r->feeds);
}

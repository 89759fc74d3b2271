/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_streams.c - tangents of streams: feeds, what enters a unit, junctions, charges. With ' for d/dp:
 *
 *     F' = sum_k F_k'       T' = (sum_k H_k(T_k)' - H_k(T)'|T) / sum_k dH_k/dT       Q' = sum_k V_k(T)'
 *
 * where H_k(T)'|T is taken at fixed T: the implicit function of the enthalpy balance (mix.c). Where a stream has no temperature its T'
 * is 0, for nothing depends on it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/sensitivity.h"

/* A stream, or its tangent. */
typedef struct stream {
  const double *F;
  double flow, T;
} stream;

static int feed_size(const tau_sensitivity *s) { return s->train->layout->n_species + TAUP_FEED_EXTRA; }

static stream at_offset(const tau_sensitivity *s, const double *row, int offset)
{
  const int n = s->train->layout->n_species;
  const double *x = row + offset;
  return (stream){x, x[2 * n + TAUP_STREAM_FLOW], x[2 * n + TAUP_STREAM_T]};
}

static stream of_feed(const tau_sensitivity *s, const double *feeds, int i)
{
  const int n = s->train->layout->n_species;
  const double *x = feeds + (size_t)i * (size_t)feed_size(s);
  return (stream){x, x[n + TAUP_FEED_FLOW], x[n + TAUP_FEED_T]};
}

static int offset_of(const tau_sensitivity *s, const taup_inlet *in)
{
  const taup_layout *l = s->train->layout;
  return l->units[s->train->stage_of_unit[in->index]].outlet + in->port * taup_stream_size(l->n_species);
}

static stream source_of(const tau_sensitivity *s, const taup_inlet *in)
{
  return in->is_feed ? of_feed(s, s->w->feeds_out, in->index)
                     : at_offset(s, s->w->result->data, offset_of(s, in));
}

static stream tangent_of_source(const tau_sensitivity *s, const taup_inlet *in, int j)
{
  const size_t n_feeds = (size_t)s->train->d.chemistry.n_feeds * (size_t)feed_size(s);
  return in->is_feed ? of_feed(s, s->feeds + (size_t)j * n_feeds, in->index)
                     : at_offset(s, taup_tangent_of(s, j), offset_of(s, in));
}

static double moved(const tau_sensitivity *s, int j, int parameter)
{
  return s->parameters[j] == parameter ? 1.0 : 0.0;
}

/* --- enthalpy, volume and mass of a stream brought to T --- */

static void mix_parameters(tau_sensitivity *s)
{
  taup_slopes *m = &s->mix_slopes;
  memcpy(taup_program_input(m->program, 1, m->R, TAUP_PARAMETER, 0), s->w->inputs,
         (size_t)s->train->d.chemistry.parameters.n * sizeof(double));
  taup_program_prologue(m->program, TAUP_PARAMETER, 1, m->R);
  s->mix_is_fresh = true;
}

static const double *mix_at(tau_sensitivity *s, const stream *x, double T)
{
  taup_slopes *m = &s->mix_slopes;
  if (!s->mix_is_fresh) mix_parameters(s);
  double *in = taup_program_input(m->program, 1, m->R, TAUP_INLET, 0);
  in[0] = x->flow;
  in[1] = x->T;
  memcpy(in + 2, x->F, (size_t)s->train->layout->n_species * sizeof *in);
  *taup_program_input(m->program, 1, m->R, TAUP_STATE, 0) = T;
  taup_program_prologue(m->program, TAUP_INLET, 1, m->R);
  taup_program_run(m->program, 0, 1, m->R, m->out);
  return m->out;
}

/* Their derivatives along a tangent of stream and T, and parameter j (-1: none). */
static void mix_along(const tau_sensitivity *s, const double *values, int j, const stream *dx, double dT,
                      double out[TAUP_N_MIX])
{
  const taup_slopes *m = &s->mix_slopes;
  const int first = m->n_inputs[TAUP_PARAMETER], n = s->train->layout->n_species;
  const double one = 1.0;
  taup_entries e = m->e;
  memset(out, 0, TAUP_N_MIX * sizeof *out);
  e.n_columns = 1;
  if (j >= 0) {
    e.start = m->e.start + s->parameters[j];
    taup_entries_add(&e, values, &one, out);
  }
  s->work[0] = dx->flow;
  s->work[1] = dx->T;
  memcpy(s->work + 2, dx->F, (size_t)n * sizeof *out);
  s->work[2 + n] = dT;
  e.start = m->e.start + first;
  e.n_columns = 2 + n + 1;
  taup_entries_add(&e, values, s->work, out);
}

/* Derivatives of a stream as it is. */
static void mix_along_itself(tau_sensitivity *s, const stream *x, int j, const stream *dx,
                             double out[TAUP_N_MIX])
{
  mix_along(s, mix_at(s, x, x->T), j, dx, dx->T, out);
}

void taup_tangent_stream(tau_sensitivity *s, int offset)
{
  const int n = s->train->layout->n_species;
  const double *data = s->w->result->data + offset;
  const stream x = at_offset(s, s->w->result->data, offset);
  const bool mass = (s->w->needs & TAUP_NEED_MASS) != 0;
  const double *values = mass ? mix_at(s, &x, x.T) : NULL;
  for (int j = 0; j < s->n; j++) {
    double *row = taup_tangent_of(s, j) + offset, mix[TAUP_N_MIX];
    const stream dx = at_offset(s, taup_tangent_of(s, j), offset);
    for (int i = 0; i < n; i++) row[n + i] = (row[i] - data[n + i] * dx.flow) / x.flow;
    row[2 * n + TAUP_STREAM_P] = moved(s, j, s->train->d.chemistry.pressure);
    row[2 * n + TAUP_STREAM_MASS] = NAN;
    if (!mass) continue;
    mix_along(s, values, j, &dx, dx.T, mix);
    row[2 * n + TAUP_STREAM_MASS] = mix[TAUP_MIX_MASS];
  }
}

void taup_tangent_enthalpy(tau_sensitivity *s, int offset, double *dH)
{
  const stream x = at_offset(s, s->w->result->data, offset);
  const double *values = mix_at(s, &x, x.T);
  for (int j = 0; j < s->n; j++) {
    double mix[TAUP_N_MIX];
    const stream dx = at_offset(s, taup_tangent_of(s, j), offset);
    mix_along(s, values, j, &dx, dx.T, mix);
    dH[j] = mix[TAUP_MIX_H];
  }
}

void taup_tangent_mass_in(tau_sensitivity *s, double *dm)
{
  const tau_train *t = s->train;
  const int inlet = t->layout->units[t->outlet_stage].inlet, n = t->layout->n_species;
  const bool closed = t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED;
  for (int j = 0; j < s->n; j++) {
    dm[j] = closed ? taup_tangent_of(s, j)[inlet + 2 * n + TAUP_STREAM_MASS] : 0.0;
    for (int k = 0; !closed && k < t->d.chemistry.n_feeds; k++) {
      const taup_inlet in = {.is_feed = true, .index = k};
      const stream x = source_of(s, &in), dx = tangent_of_source(s, &in, j);
      double mix[TAUP_N_MIX];
      mix_along_itself(s, &x, j, &dx, mix);
      dm[j] += mix[TAUP_MIX_MASS];
    }
  }
}

/* --- feeds --- */

static bool feeds_move(const tau_sensitivity *s, int j) { return !s->feeds_move || s->feeds_move[j]; }

static bool any_feed_moves(const tau_sensitivity *s)
{
  for (int j = 0; j < s->n; j++)
    if (feeds_move(s, j)) return true;
  return false;
}

void taup_tangent_feeds(tau_sensitivity *s)
{
  taup_slopes *f = &s->feed_slopes;
  const double one = 1.0;
  const size_t n = (size_t)f->e.first, n_parameters = (size_t)s->train->d.chemistry.parameters.n;
  s->mix_is_fresh = false;
  memset(s->feeds, 0, n * (size_t)s->n * sizeof one);
  if (!any_feed_moves(s)) return;
  memcpy(taup_program_input(f->program, 1, f->R, TAUP_PARAMETER, 0), s->w->inputs, n_parameters * sizeof one);
  taup_program_prologue(f->program, TAUP_PARAMETER, 1, f->R);
  taup_program_run(f->program, 0, 1, f->R, f->out);
  for (int j = 0; j < s->n; j++) {
    taup_entries e = f->e;
    e.start += s->parameters[j];
    e.n_columns = 1;
    taup_entries_add(&e, f->out, &one, s->feeds + (size_t)j * n);
  }
}

void taup_tangent_totals(tau_sensitivity *s)
{
  const tau_train *t = s->train;
  const int n = t->layout->n_species, inlet = t->layout->units[t->outlet_stage].inlet;
  const bool closed = t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED;
  if (closed) taup_tangent_charge(s, t->outlet_stage);
  for (int j = 0; j < s->n; j++) {
    double *row = taup_tangent_of(s, j), *total = row + t->layout->total;
    for (int i = 0; i < n; i++) total[i] = closed ? row[inlet + i] : 0.0;
    for (int k = 0; !closed && feeds_move(s, j) && k < t->d.chemistry.n_feeds; k++) {
      const taup_inlet in = {.is_feed = true, .index = k};
      const stream dx = tangent_of_source(s, &in, j);
      for (int i = 0; i < n; i++) total[i] += dx.F[i];
    }
  }
}

/* --- what enters a unit --- */

/* T' of a mixture at T, where it follows from the enthalpies. */
static double common_T(tau_sensitivity *s, const taup_unit *u, double T, int j)
{
  double gained = 0.0, slope = 0.0, own[TAUP_N_MIX], there[TAUP_N_MIX];
  for (int k = 0; k < u->n_inlets; k++) {
    const stream x = source_of(s, &u->inlets[k]), dx = tangent_of_source(s, &u->inlets[k], j);
    mix_along_itself(s, &x, j, &dx, own);
    const double *values = mix_at(s, &x, T);
    slope += values[TAUP_MIX_H_SLOPE];
    mix_along(s, values, j, &dx, 0.0, there);
    gained += own[TAUP_MIX_H] - there[TAUP_MIX_H];
  }
  return gained / slope;
}

/* Of streams of one temperature without enthalpies: they must go on having it. */
static double equal_T(tau_sensitivity *s, const taup_unit *u, int j)
{
  const double first = tangent_of_source(s, &u->inlets[0], j).T;
  for (int k = 1; k < u->n_inlets; k++)
    if (tangent_of_source(s, &u->inlets[k], j).T != first) {
      if (!s->why[0])
        snprintf(s->why, sizeof s->why,
                 "unit '%s' mixes streams of different temperature when this one moves: name a solvent: (its "
                 "density and heat "
                 "capacity)",
                 u->name);
      return NAN;
    }
  return first;
}

static double inlet_T(tau_sensitivity *s, const taup_unit *u, double T, int j)
{
  if (isnan(T)) return 0.0;
  if (u->kind->family == TAUP_JUNCTION && u->heat == TAUP_HEAT_SET) return moved(s, j, u->temperature);
  if (u->n_inlets == 1) return tangent_of_source(s, &u->inlets[0], j).T;
  return s->train->mix_knows_H ? common_T(s, u, T, j) : equal_T(s, u, j);
}

/* Q' of an inlet brought to T, which it may have already: then it is its own, and how it expands. */
static double inlet_flow(tau_sensitivity *s, const taup_unit *u, int k, double T, double dT, int j)
{
  const stream x = source_of(s, &u->inlets[k]), dx = tangent_of_source(s, &u->inlets[k], j);
  const bool set = u->kind->family == TAUP_JUNCTION && u->heat == TAUP_HEAT_SET;
  double mix[TAUP_N_MIX];
  if (isnan(T)) return dx.flow;
  const double *values = mix_at(s, &x, T);
  if (set || x.T != T) {
    mix_along(s, values, j, &dx, dT, mix);
    return mix[TAUP_MIX_VOLUME];
  }
  memset(s->work + s->mix_slopes.e.n_columns, 0, (size_t)s->train->layout->n_species * sizeof *mix);
  const stream still = {s->work + s->mix_slopes.e.n_columns, 0.0, 0.0};
  mix_along(s, values, -1, &still, dT - dx.T, mix);
  return dx.flow + mix[TAUP_MIX_VOLUME];
}

/* The heat that brings all inlets to T. */
static double heat_to(tau_sensitivity *s, const taup_unit *u, double T, double dT, int j)
{
  double sum = 0.0, own[TAUP_N_MIX], there[TAUP_N_MIX];
  for (int k = 0; k < u->n_inlets; k++) {
    const stream x = source_of(s, &u->inlets[k]), dx = tangent_of_source(s, &u->inlets[k], j);
    mix_along_itself(s, &x, j, &dx, own);
    mix_along(s, mix_at(s, &x, T), j, &dx, dT, there);
    sum += there[TAUP_MIX_H] - own[TAUP_MIX_H];
  }
  return sum;
}

void taup_tangent_inlet(tau_sensitivity *s, int i_stage)
{
  const taup_unit *u = s->train->stages[i_stage].unit;
  const taup_unit_layout *l = &s->train->layout->units[i_stage];
  const int n = s->train->layout->n_species;
  const double T = s->w->result->data[l->inlet + 2 * n + TAUP_STREAM_T];
  const bool set = u->kind->family == TAUP_JUNCTION && u->heat == TAUP_HEAT_SET;
  for (int j = 0; j < s->n; j++) {
    double *row = taup_tangent_of(s, j), *in = row + l->inlet, flow = 0.0;
    if (!set && s->inlet_moves && !s->inlet_moves[i_stage * s->n + j]) {
      memset(in, 0, (size_t)taup_stream_size(n) * sizeof *in);
      row[l->scalars + TAUP_SCALAR_DUTY] = 0.0;
      continue;
    }
    const double dT = inlet_T(s, u, T, j);
    memset(in, 0, (size_t)n * sizeof *in);
    for (int k = 0; k < u->n_inlets; k++) {
      const stream dx = tangent_of_source(s, &u->inlets[k], j);
      for (int i = 0; i < n; i++) in[i] += dx.F[i];
      flow += inlet_flow(s, u, k, T, dT, j);
    }
    in[2 * n + TAUP_STREAM_T] = dT;
    in[2 * n + TAUP_STREAM_FLOW] = flow;
    row[l->scalars + TAUP_SCALAR_DUTY] = set ? heat_to(s, u, T, dT, j) : 0.0;
  }
  taup_tangent_stream(s, l->inlet);
}

/* --- what a junction gives --- */

/* outlet k: F, Q and mass are x times those of the inlet. */
static void divide(tau_sensitivity *s, const taup_unit_layout *l, int k, double x, double dx, int j)
{
  const int n = s->train->layout->n_species, size = taup_stream_size(n);
  const double *in = s->w->result->data + l->inlet, *din = taup_tangent_of(s, j) + l->inlet;
  double *out = taup_tangent_of(s, j) + l->outlet + k * size;
  memcpy(out, din, (size_t)size * sizeof *out);
  for (int i = 0; i < n; i++) out[i] = x * din[i] + dx * in[i];
  for (int i = 2 * n + TAUP_STREAM_FLOW; i <= 2 * n + TAUP_STREAM_MASS; i++) out[i] = x * din[i] + dx * in[i];
}

void taup_tangent_junction(tau_sensitivity *s, int i_stage)
{
  const taup_unit *u = s->train->stages[i_stage].unit;
  const taup_unit_layout *l = &s->train->layout->units[i_stage];
  for (int j = 0; j < s->n; j++) {
    double rest = 1.0, d_rest = 0.0;
    if (u->n_outlets < 2 || !u->fractions) {
      divide(s, l, 0, 1.0, 0.0, j);
      continue;
    }
    for (int k = 0; k < u->n_outlets; k++) {
      if (u->fractions[k] < 0) continue;
      rest -= s->w->inputs[u->fractions[k]];
      d_rest -= moved(s, j, u->fractions[k]);
    }
    for (int k = 0; k < u->n_outlets; k++) {
      const bool own = u->fractions[k] >= 0;
      divide(s, l, k, own ? s->w->inputs[u->fractions[k]] : rest, own ? moved(s, j, u->fractions[k]) : d_rest,
             j);
    }
  }
}

/* --- the charge of a batch --- */

/* The flowing solvent of an ideal mixture fills the charge's volume: sum_i n_i v_i(T) = V. */
static void fill_charge(tau_sensitivity *s, const taup_unit *u, double *dF, const stream *x, const stream *dx,
                        int j)
{
  const taup_fluid *fluid = &s->train->d.chemistry.fluid;
  const int n = s->train->layout->n_species, solvent = fluid->species;
  if (fluid->mode != TAUP_FLUID_IDEAL_MIXTURE || solvent < 0) return;
  for (int i = 0; i < u->n_charge; i++)
    if (u->charge[i].species == solvent && s->w->inputs[u->charge[i].parameter] != 0.0) return;
  const double T = isnan(x->T) ? 298.15 : x->T;
  double mix[TAUP_N_MIX], molar[TAUP_N_MIX];
  const double *values = mix_at(s, x, T);
  mix_along(s, values, j, dx, dx->T, mix);
  double *one = s->work + s->mix_slopes.e.n_columns;
  memset(one, 0, (size_t)n * sizeof *one);
  one[solvent] = 1.0;
  const stream more = {one, 0.0, 0.0};
  mix_along(s, values, -1, &more, 0.0, molar);
  dF[solvent] = (dx->flow - mix[TAUP_MIX_VOLUME]) / molar[TAUP_MIX_VOLUME];
}

void taup_tangent_charge(tau_sensitivity *s, int i_stage)
{
  const taup_unit *u = s->train->stages[i_stage].unit;
  const int n = s->train->layout->n_species, offset = s->train->layout->units[i_stage].inlet;
  const double volume = s->w->inputs[u->charge_volume];
  const stream x = at_offset(s, s->w->result->data, offset);
  for (int j = 0; j < s->n; j++) {
    double *dF = taup_tangent_of(s, j) + offset;
    const double dV = moved(s, j, u->charge_volume);
    memset(dF, 0, (size_t)n * sizeof *dF);
    for (int i = 0; i < u->n_charge; i++)
      dF[u->charge[i].species] =
        moved(s, j, u->charge[i].parameter) * volume + s->w->inputs[u->charge[i].parameter] * dV;
    dF[2 * n + TAUP_STREAM_FLOW] = dV;
    dF[2 * n + TAUP_STREAM_T] = u->charge_temperature >= 0 ? moved(s, j, u->charge_temperature) : 0.0;
    const stream dx = at_offset(s, taup_tangent_of(s, j), offset);
    fill_charge(s, u, dF, &x, &dx, j);
  }
  taup_tangent_stream(s, offset);
}

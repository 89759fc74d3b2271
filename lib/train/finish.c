/* SPDX-License-Identifier: Apache-2.0 */
/* finish.c - after the units: conserved sums, energy, residence time, observables. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/read.h"
#include "train/train.h"

/* --- conserved sums --- */

/* A weighted sum of all that goes in, and of all that leaves the train. */
static void sum_balance(const tau_workspace *w, const double *weight, tau_balance *b)
{
  const tau_train *t = w->train;
  const int n = t->layout->n_species, size = taup_stream_size(n);
  const double *data = w->result->data, *total = data + t->layout->total;
  const bool closed = t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED;
  b->in = b->out = 0.0;
  for (int i = 0; i < n; i++) b->in += weight[i] * total[i];
  for (int s = 0; s < t->n_stages; s++)
    for (int k = 0; k < t->stages[s].unit->n_outlets; k++) {
      if (!t->is_end[t->end_of[s] + k] || (closed && s != t->outlet_stage)) continue;
      const double *F = data + t->layout->units[s].outlet + k * size;
      for (int i = 0; i < n; i++) b->out += weight[i] * F[i];
    }
}

/* The error is counted against the sum of absolute amounts, so that a sum of both signs that is 0 does not divide by 0. */
static double balance_scale(const tau_workspace *w, const double *weight)
{
  const double *total = w->result->data + w->train->layout->total;
  double scale = 0.0;
  for (int i = 0; i < w->train->layout->n_species; i++) scale += fabs(weight[i] * total[i]);
  return scale;
}

static void weights(const tau_train *t, int i_balance, double *weight)
{
  const taup_chemistry *ch = &t->d.chemistry;
  memset(weight, 0, (size_t)ch->n_species * sizeof *weight);
  if (i_balance < ch->n_moieties) {
    const taup_moiety *m = &ch->moieties[i_balance];
    for (int k = 0; k < m->n; k++) weight[m->species[k]] = m->coefficient[k];
  } else {
    const int z = t->elements[i_balance - ch->n_moieties];
    for (int i = 0; i < ch->n_species; i++) weight[i] = ch->species[i].formula->atoms[z];
  }
}

static void close_balances(tau_workspace *w)
{
  /* what the tolerances cannot tell from nothing: a sum that is not fed at all is not wrong by 100 % */
  const double *outlet = w->result->data + w->train->layout->units[w->train->outlet_stage].outlet;
  const double flow = outlet[2 * w->train->layout->n_species + TAUP_STREAM_FLOW];
  const double floor = w->atol_concentration / w->options.rtol * flow;
  double worst = 0.0;
  for (int b = 0; b < w->train->layout->n_balances; b++) {
    tau_balance *out = &w->result->balances[b];
    weights(w->train, b, w->stage_streams);
    sum_balance(w, w->stage_streams, out);
    const double scale =
      fmax(fmax(balance_scale(w, w->stage_streams), floor), fmax(fabs(out->in), fabs(out->out)));
    out->error = scale > 0.0 ? fabs(out->in - out->out) / scale : 0.0;
    worst = fmax(worst, out->error);
  }
  w->result->data[TAUP_WHOLE_CLOSURE] = w->train->layout->n_balances ? worst : (double)NAN;
}

/* --- the whole train --- */

static bool has_key(const tau_workspace *w, int i_feed)
{
  const tau_train *t = w->train;
  if (t->d.key_reactant < 0) return true;
  return w->feeds_out[(ptrdiff_t)i_feed * (t->layout->n_species + TAUP_FEED_EXTRA) + t->d.key_reactant] > 0.0;
}

/* Longest sum of space times from a feed that holds the key reactant; stages stand in the order of solution. */
static double residence_time(const tau_workspace *w)
{
  const tau_train *t = w->train;
  for (int s = 0; s < t->n_stages; s++) {
    const taup_unit *u = t->stages[s].unit;
    double before = u->kind->family == TAUP_CLOSED ? 0.0 : -(double)INFINITY;
    for (int k = 0; k < u->n_inlets; k++) {
      const taup_inlet *in = &u->inlets[k];
      if (in->is_feed) before = fmax(before, has_key(w, in->index) ? 0.0 : -(double)INFINITY);
      else before = fmax(before, w->ages[t->stage_of_unit[in->index]]);
    }
    const double own = w->result->data[t->layout->units[s].scalars + TAUP_SCALAR_RESIDENCE_TIME];
    w->ages[s] = before + (u->kind->family == TAUP_JUNCTION ? 0.0 : own);
  }
  const double age = w->ages[t->outlet_stage];
  return isinf(age) ? (double)NAN : age;
}

static double mass_in(tau_workspace *w)
{
  const tau_train *t = w->train;
  const int n = t->layout->n_species;
  const taup_unit_layout *last = &t->layout->units[t->outlet_stage];
  if (t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED)
    return w->result->data[last->inlet + 2 * n + TAUP_STREAM_MASS];
  double sum = 0.0;
  for (int k = 0; k < t->d.chemistry.n_feeds; k++) {
    const double *f = w->feeds_out + (ptrdiff_t)k * (n + TAUP_FEED_EXTRA);
    sum += taup_mass_flow(w, f, f[n + TAUP_FEED_FLOW], f[n + TAUP_FEED_T]);
  }
  return sum;
}

static void fill_whole(tau_workspace *w)
{
  const tau_train *t = w->train;
  double *data = w->result->data, volume = 0.0, energy = (double)NAN;
  const bool closed = t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED;
  for (int s = 0; s < t->n_stages; s++) {
    const double *x = data + t->layout->units[s].scalars;
    if (!closed && t->stages[s].unit->kind->family != TAUP_JUNCTION) volume += x[TAUP_SCALAR_SIZE];
    if (!isnan(x[TAUP_SCALAR_ENERGY_ERROR]))
      energy = fmax(isnan(energy) ? 0.0 : energy, x[TAUP_SCALAR_ENERGY_ERROR]);
  }
  const taup_unit_layout *last = &t->layout->units[t->outlet_stage];
  data[TAUP_WHOLE_RESIDENCE_TIME] = residence_time(w);
  data[TAUP_WHOLE_VOLUME] = closed ? data[last->inlet + 2 * t->layout->n_species + TAUP_STREAM_FLOW] : volume;
  data[TAUP_WHOLE_TIME] = closed ? data[last->scalars + TAUP_SCALAR_SIZE] : 1.0;
  data[TAUP_WHOLE_ENERGY] = energy;
  if (w->needs & TAUP_NEED_MASS) data[TAUP_WHOLE_MASS_IN] = mass_in(w);
}

/* A liquid above the boiling point of its solvent at the pressure of the train (1 atm is where the table's value holds). */
static void warn_of_boiling(tau_workspace *w)
{
  const tau_train *t = w->train;
  const taup_solvent *solvent = t->d.chemistry.fluid.solvent;
  if (!solvent || w->inputs[t->d.chemistry.pressure] > 101325.0 * 1.001) return;
  for (int s = 0; s < t->n_stages; s++) {
    const taup_unit_layout *u = &t->layout->units[s];
    const double T = fmax(w->result->data[u->scalars + TAUP_SCALAR_T_MAX],
                          w->result->data[u->outlet + 2 * t->layout->n_species + TAUP_STREAM_T]);
    if (T > solvent->boiling_point)
      taup_result_warn(w->result,
                       "unit '%s' reaches %.1f degC; %s boils at %.1f degC at 1 atm: give the train its "
                       "pressure, such as 'pressure: 5 bar'",
                       u->name, T - 273.15, solvent->name, solvent->boiling_point - 273.15);
  }
}

static void fill_observables(tau_workspace *w)
{
  const tau_train *t = w->train;
  tau_result *r = w->result;
  for (int i = 0; w->needs & TAUP_NEED_VALUES && i < t->layout->n_observables; i++)
    if (t->layout->observable_offset[i] >= 0) r->values[i] = r->data[t->layout->observable_offset[i]];
  if (!(w->needs & TAUP_NEED_COMPUTED)) return;
  double *in = taup_program_input(t->observables, 1, w->observables_R, TAUP_INLET, 0);
  memcpy(taup_program_input(t->observables, 1, w->observables_R, TAUP_PARAMETER, 0), w->inputs,
         (size_t)t->d.chemistry.parameters.n * sizeof *in);
  memcpy(in, r->data, (size_t)t->layout->n_data * sizeof *in);
  taup_program_prologue(t->observables, TAUP_PARAMETER, 1, w->observables_R);
  taup_program_prologue(t->observables, TAUP_INLET, 1, w->observables_R);
  taup_program_run(t->observables, 0, 1, w->observables_R, w->observables_out);
  const int n = taup_program_n_outputs(t->observables, 0);
  for (int k = 0; k < n; k++) r->values[t->computed[k]] = w->observables_out[k];
}

/* Where a unit stopped is not its outlet: nothing may be counted on it. Its profile stays. */
static void blank_outlets(tau_workspace *w, int n_done)
{
  const taup_layout *l = w->train->layout;
  for (int s = n_done; s < l->n_units; s++)
    for (int i = 0; i < l->units[s].n_outlets * taup_stream_size(l->n_species); i++)
      w->result->data[l->units[s].outlet + i] = NAN;
}

static double observable(const tau_workspace *w, const char *what, int species)
{
  char path[TAUP_PATH_LONGEST];
  snprintf(path, sizeof path, "%s/%s", what, w->train->d.chemistry.species[species].name);
  const int i = taup_map_find(&w->train->layout->observable_by_path, path);
  return i < 0 ? (double)NAN : w->result->values[i];
}

/* More product than the key reactant gives: nearly always `ratio` was forgotten. */
static void warn_of_ratio(tau_workspace *w)
{
  const taup_description *d = &w->train->d;
  if (d->key_product < 0 || d->key_reactant < 0) return;
  const double selectivity = observable(w, "selectivity", d->key_product);
  if (!(selectivity > 1.001) || !(observable(w, "conversion", d->key_reactant) > 1e-6)) return;
  const char *product = d->chemistry.species[d->key_product].name;
  taup_result_warn(
    w->result,
    "selectivity of %s is %.0f %%: where a mole of %s gives more than one of it, 'key' needs its 'ratio'",
    product, 100.0 * selectivity, d->chemistry.species[d->key_reactant].name);
}

void taup_finish(tau_workspace *w, int n_done)
{
  blank_outlets(w, n_done);
  if (n_done == w->train->n_stages) {
    if (w->needs & TAUP_NEED_CLOSURE) close_balances(w);
    fill_whole(w);
    if (w->needs & TAUP_NEED_WARNINGS) warn_of_boiling(w);
  }
  fill_observables(w);
  if (n_done == w->train->n_stages && (w->needs & TAUP_NEED_WARNINGS)) warn_of_ratio(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* finish.c - after the units: conserved sums, energy, residence time, observables; and a failure told so that a chemist understands it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
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
  double worst = 0.0;
  for (int b = 0; b < w->train->layout->n_balances; b++) {
    tau_balance *out = &w->result->balances[b];
    weights(w->train, b, w->stage_streams);
    sum_balance(w, w->stage_streams, out);
    const double scale = fmax(balance_scale(w, w->stage_streams), fmax(fabs(out->in), fabs(out->out)));
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
  if (t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED) return w->result->data[last->inlet + 2 * n + TAUP_STREAM_MASS];
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
    if (!isnan(x[TAUP_SCALAR_ENERGY_ERROR])) energy = fmax(isnan(energy) ? 0.0 : energy, x[TAUP_SCALAR_ENERGY_ERROR]);
  }
  const taup_unit_layout *last = &t->layout->units[t->outlet_stage];
  data[TAUP_WHOLE_RESIDENCE_TIME] = residence_time(w);
  data[TAUP_WHOLE_VOLUME] = closed ? data[last->inlet + 2 * t->layout->n_species + TAUP_STREAM_FLOW] : volume;
  data[TAUP_WHOLE_TIME] = closed ? data[last->scalars + TAUP_SCALAR_SIZE] : 1.0;
  data[TAUP_WHOLE_ENERGY] = energy;
  data[TAUP_WHOLE_MASS_IN] = mass_in(w);
}

/* A liquid above the boiling point of its solvent at the pressure of the train (1 atm is where the table's value holds). */
static void warn_of_boiling(tau_workspace *w)
{
  const tau_train *t = w->train;
  const taup_solvent *solvent = t->d.chemistry.fluid.solvent;
  if (!solvent || w->inputs[t->d.chemistry.pressure] > 101325.0 * 1.001) return;
  for (int s = 0; s < t->n_stages; s++) {
    const taup_unit_layout *u = &t->layout->units[s];
    const double T = fmax(w->result->data[u->scalars + TAUP_SCALAR_T_MAX], w->result->data[u->outlet + 2 * t->layout->n_species + TAUP_STREAM_T]);
    if (T > solvent->boiling_point)
      taup_result_warn(w->result, "unit '%s' reaches %.1f degC; %s boils at %.1f degC at 1 atm: give the train a pressure:", u->name, T - 273.15,
                       solvent->name, solvent->boiling_point - 273.15);
  }
}

static void fill_observables(tau_workspace *w)
{
  const tau_train *t = w->train;
  tau_result *r = w->result;
  double *in = taup_program_input(t->observables, 1, w->observables_R, TAUP_INLET, 0);
  memcpy(taup_program_input(t->observables, 1, w->observables_R, TAUP_PARAMETER, 0), w->inputs,
         (size_t)t->d.chemistry.parameters.n * sizeof *in);
  memcpy(in, r->data, (size_t)t->layout->n_data * sizeof *in);
  taup_program_prologue(t->observables, TAUP_PARAMETER, 1, w->observables_R);
  taup_program_prologue(t->observables, TAUP_INLET, 1, w->observables_R);
  taup_program_run(t->observables, 0, 1, w->observables_R, w->observables_out);
  for (int i = 0; i < t->layout->n_observables; i++)
    if (t->layout->observable_offset[i] >= 0) r->values[i] = r->data[t->layout->observable_offset[i]];
  const int n = taup_program_n_outputs(t->observables, 0);
  for (int k = 0; k < n; k++) r->values[t->computed[k]] = w->observables_out[k];
}

void taup_finish(tau_workspace *w, int n_done)
{
  if (n_done == w->train->n_stages) {
    close_balances(w);
    fill_whole(w);
    warn_of_boiling(w);
  }
  fill_observables(w);
}

/* --- failures --- */

const char *taup_place_text(const tau_workspace *w, int i_stage, double s, char *buffer, size_t n_bytes)
{
  static const struct {
    const char *coordinate, *unit;
    double factor;
  } scales[] = {{"volume", "mL", 1e6}, {"length", "m", 1.0}, {"time", "s", 1.0}};
  const taup_unit_layout *u = &w->train->layout->units[i_stage];
  const double size = w->result->data[u->scalars + TAUP_SCALAR_LENGTH];
  const double whole = u->coordinate && strcmp(u->coordinate, "length") == 0 ? size : w->enter[TAUP_ENTER_SIZE];
  for (size_t k = 0; u->coordinate && k < sizeof scales / sizeof scales[0]; k++)
    if (strcmp(u->coordinate, scales[k].coordinate) == 0) {
      snprintf(buffer, n_bytes, "at %.4g %s of %.4g %s", s * whole * scales[k].factor, scales[k].unit, whole * scales[k].factor, scales[k].unit);
      return buffer;
    }
  snprintf(buffer, n_bytes, "after %.4g residence times", s);
  return buffer;
}

/* The reaction that moves species i fastest, by the rates in w->rates; NULL where none does. */
static const char *fastest_reaction(const tau_workspace *w, int species)
{
  const taup_chemistry *ch = &w->train->d.chemistry;
  const double *rates = w->rates;
  double most = 0.0;
  const char *name = NULL;
  for (int j = 0; j < ch->n_reactions; j++)
    for (int e = ch->net.start[j]; e < ch->net.start[j + 1]; e++)
      if ((species < 0 || ch->net.species[e] == species) && fabs(ch->net.coefficient[e] * rates[j]) > most) {
        most = fabs(ch->net.coefficient[e] * rates[j]);
        name = ch->reactions[j].name;
      }
  return name;
}

static const char *advice(const tau_workspace *w, int i_stage, const taup_failure *f)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  if (f->why && strstr(f->why, "many steps")) return "allow more (solver: max_steps) or loosen rtol";
  if (f->why && strstr(f->why, "finite")) return "a rate or a constant leaves the numbers: look at its unit and at the temperature";
  if (u->heat == TAUP_HEAT_ADIABATIC || u->heat == TAUP_HEAT_JACKET) return "it may run away: is the jacket large enough, the feed dilute enough?";
  if (u->has_start) return "try another start:";
  return "try a looser rtol or a larger atol";
}

tau_status taup_explain(tau_workspace *w, int i_stage, int i_program, tau_status status, const taup_failure *f)
{
  const tau_train *t = w->train;
  const taup_unit_program *p = &t->programs[i_program];
  const int n = t->layout->n_species, worst = f->worst[0];
  char place[96], what[160] = "";
  if (status != TAU_E_SOLVER) return taup_fail(status, "unit '%s': %s", t->layout->units[i_stage].name, tau_last_error());
  taup_look(w, i_program, w->y);
  taup_program_run(p->program, TAUP_BODY_RATES, 1, w->engines[i_program].R, w->rates);
  const bool is_species = worst >= 0 && worst < p->n_amounts;
  const char *reaction = fastest_reaction(w, is_species ? p->species_of_state[worst] : -1);
  if (is_species && reaction)
    snprintf(what, sizeof what, "; hardest: species '%s' in reaction '%s'", t->layout->species[p->species_of_state[worst]], reaction);
  else if (reaction) snprintf(what, sizeof what, "; hardest: the temperature, by reaction '%s'", reaction);
  return taup_fail(TAU_E_SOLVER, "unit '%s': the solver gave up %s (T = %.6g K): %s%s; %s. Kept: what there is up to here",
                   t->layout->units[i_stage].name, taup_place_text(w, i_stage, f->s, place, sizeof place), w->place[n + TAUP_PLACE_T],
                   f->why ? f->why : "no convergence", what, advice(w, i_stage, f));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* mix.c - what enters a unit: its inlets, mixed at constant pressure.
 *
 *     F_i = sum_k F_i,k        sum_k H_k(T) = sum_k H_k(T_k)   solved for T by Newton        Q = sum_k V_k(T)
 *
 * where H_k and V_k are enthalpy flow and volume flow of stream k brought to T. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/train.h"

/* A stream at hand: F, flow, T. */
typedef struct source {
  const double *F;
  double flow, T;
} source;

static source source_of(const tau_workspace *w, const taup_inlet *in)
{
  const taup_layout *l = w->train->layout;
  const int n = l->n_species;
  if (in->is_feed) {
    const double *f = w->feeds_out + (ptrdiff_t)in->index * (n + TAUP_FEED_EXTRA);
    return (source){f, f[n + TAUP_FEED_FLOW], f[n + TAUP_FEED_T]};
  }
  const taup_unit_layout *u = &l->units[w->train->stage_of_unit[in->index]];
  const double *s = w->result->data + u->outlet + in->port * taup_stream_size(n);
  return (source){s, s[2 * n + TAUP_STREAM_FLOW], s[2 * n + TAUP_STREAM_T]};
}

/* Streams of equal temperature whose mass nobody asks for need no such numbers. */
static void set_mix(tau_workspace *w)
{
  const taup_program *p = w->train->mix;
  const size_t n_parameters = (size_t)w->train->d.chemistry.parameters.n;
  memcpy(taup_program_input(p, 1, w->mix_R, TAUP_PARAMETER, 0), w->inputs, n_parameters * sizeof(double));
  taup_program_prologue(p, TAUP_PARAMETER, 1, w->mix_R);
  w->mix_is_set = true;
}

/* Enthalpy, its slope, volume and mass of a stream at T. */
static void at_T(tau_workspace *w, const source *s, double T, double out[TAUP_N_MIX])
{
  const taup_program *p = w->train->mix;
  if (!w->mix_is_set) set_mix(w);
  double *in = taup_program_input(p, 1, w->mix_R, TAUP_INLET, 0);
  in[0] = s->flow;
  in[1] = s->T;
  memcpy(in + 2, s->F, (size_t)w->train->layout->n_species * sizeof *in);
  *taup_program_input(p, 1, w->mix_R, TAUP_STATE, 0) = T;
  taup_program_prologue(p, TAUP_INLET, 1, w->mix_R);
  taup_program_run(p, 0, 1, w->mix_R, out);
}

double taup_mass_flow(tau_workspace *w, const double *F, double flow, double T)
{
  const source s = {F, flow, T};
  double mix[TAUP_N_MIX];
  at_T(w, &s, T, mix);
  return mix[TAUP_MIX_MASS];
}

void taup_stream_fill(tau_workspace *w, double *stream, const double *F, double flow, double T)
{
  const int n = w->train->layout->n_species;
  const double mass = w->needs & TAUP_NEED_MASS ? taup_mass_flow(w, F, flow, T) : (double)NAN;
  memmove(stream, F, (size_t)n * sizeof *F);
  for (int i = 0; i < n; i++) stream[n + i] = stream[i] / flow;
  stream[2 * n + TAUP_STREAM_T] = T;
  stream[2 * n + TAUP_STREAM_P] = w->inputs[w->train->d.chemistry.pressure];
  stream[2 * n + TAUP_STREAM_FLOW] = flow;
  stream[2 * n + TAUP_STREAM_MASS] = mass;
}

/* T at which the streams together have the enthalpy that they bring. */
static tau_status common_T(tau_workspace *w, const taup_unit *unit, double *T)
{
  double H = 0.0, mix[TAUP_N_MIX], weighted = 0.0, flow = 0.0;
  bool equal = true;
  const double first = source_of(w, &unit->inlets[0]).T;
  for (int k = 1; k < unit->n_inlets; k++) {
    const double other = source_of(w, &unit->inlets[k]).T;
    equal = equal && (other == first || (isnan(other) && isnan(first)));
  }
  *T = first;
  if (equal) return TAU_OK;
  for (int k = 0; k < unit->n_inlets; k++) {
    const source s = source_of(w, &unit->inlets[k]);
    at_T(w, &s, s.T, mix);
    H += mix[TAUP_MIX_H];
    weighted += s.flow * s.T;
    flow += s.flow;
  }
  *T = weighted / flow;
  if (isnan(*T)) return TAU_OK;
  if (!w->train->mix_knows_H)
    return taup_fail(
      TAUP_ERR_MIXING_TEMPERATURE,
      "unit '%s' mixes streams of different temperature: name a solvent: (its density and heat capacity)",
      unit->name);
  for (int iteration = 0; iteration < 50; iteration++) {
    double now = 0.0, slope = 0.0;
    for (int k = 0; k < unit->n_inlets; k++) {
      const source s = source_of(w, &unit->inlets[k]);
      at_T(w, &s, *T, mix);
      now += mix[TAUP_MIX_H];
      slope += mix[TAUP_MIX_H_SLOPE];
    }
    const double step = (H - now) / slope;
    *T += step;
    if (!(fabs(step) > 1e-13 * fabs(*T)))
      return isfinite(*T)
               ? TAU_OK
               : taup_fail(TAUP_ERR_MIXING_TEMPERATURE, "unit '%s': no temperature of mixing", unit->name);
  }
  return TAU_OK;
}

/* A junction with a temperature of its own: the heat that brings the mixture there. */
static void heat_to(tau_workspace *w, const source *mixed, double T, double *flow, double *duty)
{
  double before[TAUP_N_MIX], after[TAUP_N_MIX];
  at_T(w, mixed, mixed->T, before);
  at_T(w, mixed, T, after);
  *flow = after[TAUP_MIX_VOLUME];
  *duty = after[TAUP_MIX_H] - before[TAUP_MIX_H];
}

tau_status taup_mix_inlets(tau_workspace *w, int i_stage, double *duty)
{
  const tau_train *t = w->train;
  const taup_unit *unit = t->stages[i_stage].unit;
  const int n = t->layout->n_species;
  double *out = w->result->data + t->layout->units[i_stage].inlet, *F = w->stage_streams;
  double T, flow = 0.0, mix[TAUP_N_MIX];
  TAU_TRY(common_T(w, unit, &T));
  memset(F, 0, (size_t)n * sizeof *F);
  for (int k = 0; k < unit->n_inlets; k++) {
    const source s = source_of(w, &unit->inlets[k]);
    for (int i = 0; i < n; i++) F[i] += s.F[i];
    if (s.T == T || isnan(T)) {
      flow += s.flow;
    } else {
      at_T(w, &s, T, mix);
      flow += mix[TAUP_MIX_VOLUME];
    }
  }
  if (!(flow > 0.0))
    return taup_fail(TAUP_ERR_NO_FLOW, "nothing flows into unit '%s': its volume flow is %g m^3/s",
                     unit->name, flow);
  *duty = 0.0;
  if (unit->kind->family == TAUP_JUNCTION && unit->heat == TAUP_HEAT_SET) {
    const source mixed = {F, flow, T};
    const double T_set = w->inputs[unit->temperature];
    heat_to(w, &mixed, T_set, &flow, duty);
    T = T_set;
  }
  taup_stream_fill(w, out, F, flow, T);
  return TAU_OK;
}

/* The flowing solvent of the liquid is the rest of the charge: as much as fills its volume. */
void taup_fill_charge(tau_workspace *w, double *amounts, double volume, double T)
{
  const int solvent = w->train->d.chemistry.fluid.species;
  if (w->train->d.chemistry.fluid.mode != TAUP_FLUID_IDEAL_MIXTURE || solvent < 0 || amounts[solvent] != 0.0)
    return;
  const source charge = {amounts, volume, T};
  double without[TAUP_N_MIX], with[TAUP_N_MIX];
  at_T(w, &charge, isnan(T) ? 298.15 : T, without);
  amounts[solvent] = 1.0;
  at_T(w, &charge, isnan(T) ? 298.15 : T, with);
  const double molar_volume = with[TAUP_MIX_VOLUME] - without[TAUP_MIX_VOLUME];
  amounts[solvent] = (volume - without[TAUP_MIX_VOLUME]) / molar_volume;
}

double taup_enthalpy_gain(tau_workspace *w, int i_stage)
{
  const taup_unit_layout *u = &w->train->layout->units[i_stage];
  const int n = w->train->layout->n_species;
  const double *in = w->result->data + u->inlet, *out = w->result->data + u->outlet;
  const source before = {in, in[2 * n + TAUP_STREAM_FLOW], in[2 * n + TAUP_STREAM_T]};
  const source after = {out, out[2 * n + TAUP_STREAM_FLOW], out[2 * n + TAUP_STREAM_T]};
  double a[TAUP_N_MIX], b[TAUP_N_MIX];
  at_T(w, &before, before.T, a);
  at_T(w, &after, after.T, b);
  return b[TAUP_MIX_H] - a[TAUP_MIX_H];
}

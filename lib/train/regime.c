/* SPDX-License-Identifier: Apache-2.0 */
/* regime.c - which model of residence times holds in a tube, against the one that it is run by.
 *
 *     pfr             the straight tube's Bo = u L/D_ax is 100 at least: residence times spread by less than sqrt(2/Bo) = 14 % of their
 *                     mean
 *     pfr-dispersed   laminar: D_m tau/R^2 is 0.8 at least (Taylor); and its relation for D_ax is within its range
 *     laminar         Re < 2100, D_m tau/R^2 is 0.01 at most
 *
 * The numbers and their limits are those of tau_flow_evaluate (chem/dispersion.c, with the sources). */
#include "train/regime.h"

#include <math.h>
#include <string.h>

#include "train/train.h"

static const double least_bodenstein = 100.0;

/* --- what holds --- */

static const char *plug(const tau_flow_report *r)
{
  switch (r->model) {
  case TAU_FLOW_CONVECTION: return "plug flow does not hold, take laminar";
  case TAU_FLOW_BETWEEN: return "plug flow does not hold";
  case TAU_FLOW_DISPERSION:
    return r->bodenstein < least_bodenstein ? "plug flow does not hold (Bo is below 100), take pfr-dispersed"
                                            : NULL;
  default: return NULL;
  }
}

static const char *dispersed(const tau_flow_report *r)
{
  switch (r->model) {
  case TAU_FLOW_CONVECTION: return "the tube is too short for axial dispersion, take laminar";
  case TAU_FLOW_BETWEEN: return "the tube is too short for axial dispersion";
  default: return NULL;
  }
}

static const char *convective(const tau_flow_report *r)
{
  if (r->regime >= TAU_REGIME_TRANSITIONAL)
    return "laminar flow does not hold (Re is above 2100), take pfr-dispersed";
  switch (r->model) {
  case TAU_FLOW_BETWEEN: return "diffusion acts across the tube";
  case TAU_FLOW_CONVECTION: return NULL;
  default: return "diffusion has evened out the cross-section, take pfr-dispersed";
  }
}

const char *taup_regime_advice(const char *kind, const tau_flow_report *report)
{
  static const struct {
    const char *kind;
    const char *(*advice)(const tau_flow_report *r);
  } rows[] = {{"pfr", plug}, {"pfr-dispersed", dispersed}, {"laminar", convective}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strcmp(kind, rows[i].kind) == 0) return rows[i].advice(report);
  return NULL;
}

/* --- a unit --- */

static double input(const tau_workspace *w, int parameter)
{
  return parameter >= 0 ? w->inputs[parameter] : (double)NAN;
}

/* The flow in a tube as it comes in; false where something is not known. */
static bool flow_of(tau_workspace *w, int i_stage, tau_flow *f)
{
  const taup_stage *stage = &w->train->stages[i_stage];
  const taup_unit_layout *l = &w->train->layout->units[i_stage];
  const bool packed = stage->unit->tube == TAUP_TUBE_PACKED;
  const double *in = w->result->data + l->inlet, d = input(w, stage->diameter);
  const double *state = in + 2 * w->train->layout->n_species, Q = state[TAUP_STREAM_FLOW];
  *f = tau_flow_default(packed ? TAU_GEOMETRY_PACKED : TAU_GEOMETRY_TUBE);
  f->viscosity = input(w, stage->viscosity);
  f->diffusivity = input(w, stage->diffusivity);
  if (isnan(f->viscosity) || isnan(d) || (isnan(f->diffusivity) && !packed)) return false;
  f->velocity = Q / (0.78539816339744830962 * d * d);
  f->length = w->result->data[l->scalars + TAUP_SCALAR_LENGTH];
  f->diameter = d;
  f->density = taup_mass_flow(w, in, Q, state[TAUP_STREAM_T]) / Q;
  f->particle_diameter = input(w, stage->particle_diameter);
  f->void_fraction = input(w, stage->void_fraction);
  return f->velocity > 0.0 && f->length > 0.0 && isfinite(f->length) && f->density > 0.0 &&
         !(f->void_fraction >= 1.0);
}

void taup_warn_of_regime(tau_workspace *w, int i_stage)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  if (u->mixing && u->rtd) return; /* its distribution is not the kind's */
  tau_flow flow;
  tau_flow_report report;
  if (!flow_of(w, i_stage, &flow) || tau_flow_evaluate(&flow, &report) < 0) return;
  const char *advice = taup_regime_advice(u->kind->name, &report);
  if (advice) taup_result_warn(w->result, "unit '%.60s': %s: %s", u->name, advice, report.why);
  else if (u->tube != TAUP_TUBE_NONE && report.warning[0])
    taup_result_warn(w->result, "unit '%.60s': its D_ax is not certain: %s", u->name, report.warning);
}

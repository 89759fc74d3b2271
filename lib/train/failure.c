/* SPDX-License-Identifier: Apache-2.0 */
/* failure.c - a solver's failure told so that a chemist understands it: unit, place, temperature, species, reaction, what to try. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/train.h"

const char *taup_place_text(const tau_workspace *w, int i_stage, double s, char *buffer, size_t n_bytes)
{
  static const struct {
    const char *coordinate, *unit;
    double factor;
  } scales[] = {{"volume", "mL", 1e6}, {"length", "m", 1.0}, {"time", "s", 1.0}};
  const taup_unit_layout *u = &w->train->layout->units[i_stage];
  const bool tank = w->train->stages[i_stage].unit->kind->family == TAUP_WELL_MIXED;
  for (size_t k = 0; !tank && u->coordinate && k < sizeof scales / sizeof scales[0]; k++)
    if (strcmp(u->coordinate, scales[k].coordinate) == 0) {
      snprintf(buffer, n_bytes, "at %.4g %s of %.4g %s", s * w->whole * scales[k].factor, scales[k].unit,
               w->whole * scales[k].factor, scales[k].unit);
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
  if (f->kind == TAUP_ERR_BELOW_ZERO) return "let its rate vanish with the concentration";
  if (f->kind == TAUP_ERR_NO_STEADY_STATE && u->heat != TAUP_HEAT_ADIABATIC && u->heat != TAUP_HEAT_JACKET)
    return "a reaction may take more than the feed brings, or it swings for ever; with start: Newton looks "
           "from there";
  if (f->kind == TAUP_ERR_TOO_MANY_STEPS) return "allow more (solver: max_steps) or loosen rtol";
  if (f->kind == TAUP_ERR_NOT_FINITE_EQUATIONS)
    return "a rate or a constant leaves the numbers: look at its unit and at the temperature";
  if (f->kind == TAUP_ERR_STEP_TOO_SMALL && u->heat != TAUP_HEAT_ADIABATIC && u->heat != TAUP_HEAT_JACKET)
    return "something there grows without bound, or jumps: look at that rate";
  if (u->heat == TAUP_HEAT_ADIABATIC || u->heat == TAUP_HEAT_JACKET)
    return "it may run away: is the jacket large enough, the feed dilute enough?";
  if (u->has_start) return "try another start:";
  return "try a looser rtol or a larger atol";
}

tau_status taup_explain(tau_workspace *w, int i_stage, int i_program, tau_status status, const taup_failure *f)
{
  const tau_train *t = w->train;
  const taup_unit_program *p = &t->programs[i_program];
  const int n = t->layout->n_species, worst = f->worst[0];
  char place[96], what[400] = "", at_T[40] = "", unit[TAUP_STAGE_TEXT_BYTES];
  if (status != TAU_E_SOLVER)
    return taup_fail_as(status, taup_last_kind(), "%s: %s", taup_stage_text(w, i_stage, unit, sizeof unit),
                        tau_last_error());
  taup_look(w, i_program, w->y);
  taup_program_run(p->program, TAUP_BODY_RATES, 1, w->engines[i_program].R, w->rates);
  const bool is_species = worst >= 0 && worst < p->n_amounts;
  const char *reaction = fastest_reaction(w, is_species ? p->species_of_state[worst] : -1);
  if (is_species && reaction)
    snprintf(what, sizeof what, "; hardest: species '%s' in reaction '%s'",
             t->layout->species[p->species_of_state[worst]], reaction);
  else if (reaction && worst >= 0)
    snprintf(what, sizeof what, "; hardest: the temperature, by reaction '%s'", reaction);
  const double T = w->place[n + TAUP_PLACE_T];
  if (!isnan(T)) snprintf(at_T, sizeof at_T, " (T = %.6g K)", T);
  return taup_fail_as(TAU_E_SOLVER, f->kind ? f->kind : TAUP_ERR_NO_CONVERGENCE,
                      "%s: the solver gave up %s%s: %s%s; %s. Kept: what there is up to here",
                      taup_stage_text(w, i_stage, unit, sizeof unit),
                      taup_place_text(w, i_stage, f->s, place, sizeof place), at_T,
                      f->why ? f->why : "no convergence", what, advice(w, i_stage, f));
}

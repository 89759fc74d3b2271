/* SPDX-License-Identifier: Apache-2.0 */
/* stage.c - what every kind of unit needs of a run: entering it (parameters, inlet, prologues), leaving it (outlet, heat, scalars), and the
 * questions whether to go on. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/status.h"
#include "train/train.h"

double taup_clock(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Reading the clock costs a tenth of a small step: where sixteen steps take less than a millisecond, only each sixteenth asks. */
static bool may_go_on_unasked(tau_workspace *w, double fraction)
{
  if (!w->options.progress && isinf(w->options.max_time)) return true;
  if (fraction <= 0.0) w->unasked = 0;
  return w->unasked-- > 0;
}

int taup_asked_to_stop(tau_workspace *w, const char *unit, double fraction)
{
  static const double between = 0.02; /* [s]: often enough for a person, seldom enough to cost nothing */
  if (may_go_on_unasked(w, fraction)) return 0;
  const double now = taup_clock();
  w->unasked = now - w->looked < 1e-3 ? 15 : 0;
  w->looked = now;
  if (now - w->started >= w->options.max_time) return TAU_STOPPED_TIME;
  if (!w->options.progress || (fraction > 0.0 && now - w->told < between)) return 0;
  w->told = now;
  return w->options.progress(w->options.user, unit, fraction) ? TAU_STOPPED_USER : 0;
}

void taup_take_charge(tau_workspace *w, int i_stage)
{
  const tau_train *t = w->train;
  const taup_unit *u = t->stages[i_stage].unit;
  const int n = t->layout->n_species;
  const double volume = w->inputs[u->charge_volume];
  memset(w->stage_streams, 0, (size_t)n * sizeof(double));
  for (int i = 0; i < u->n_charge; i++)
    w->stage_streams[u->charge[i].species] = w->inputs[u->charge[i].parameter] * volume;
  const double T = u->charge_temperature >= 0 ? w->inputs[u->charge_temperature] : (double)NAN;
  taup_fill_charge(w, w->stage_streams, volume, T);
  taup_stream_fill(w, w->result->data + t->layout->units[i_stage].inlet, w->stage_streams, volume, T);
}

/* The value of a slot that is no parameter. */
static double role_value(const tau_workspace *w, const taup_unit *u, int role)
{
  if (role == TAUP_ROLE_REACH) return 1.0; /* until who marches knows it */
  if (role == TAUP_ROLE_TANK_VOLUME) return w->tank_volume;
  if (role == TAUP_ROLE_TANKS_VOLUME) return w->tanks_volume;
  if (role == TAUP_ROLE_AREA_MODE) return isnan(w->inputs[u->jacket_area]) ? 0.0 : 1.0;
  const int group = role == TAUP_ROLE_MIXING_MODE ? TAUP_FIELD_ALTERNATIVE_2 : TAUP_FIELD_ALTERNATIVE;
  for (int i = 0; i < u->kind->n_fields; i++)
    if ((u->kind->fields[i].flags & group) && !isnan(w->inputs[u->p[i]])) return i;
  return -1.0;
}

/* A march may compute species from moieties where every such sum stays a sum: the total must not be negative. */
static bool may_reduce(const tau_workspace *w, int i_stage)
{
  const tau_train *t = w->train;
  if (t->stages[i_stage].reduced < 0) return false;
  const double *F = w->result->data + t->layout->units[i_stage].inlet;
  for (int i = 0; i < t->layout->n_species; i++) {
    if (t->reduced[i] < 0) continue;
    const taup_moiety *m = &t->d.chemistry.moieties[t->reduced[i]];
    double total = 0.0, own = 1.0;
    for (int k = 0; k < m->n; k++) {
      total += m->coefficient[k] * F[m->species[k]];
      if (m->species[k] == i) own = m->coefficient[k];
    }
    if (total / own < 0.0) return false;
  }
  return true;
}

static tau_status check_size(const tau_workspace *w, const taup_stage *stage)
{
  const taup_unit *u = stage->unit;
  if (stage->length >= 0 && !isnan(w->inputs[stage->length]) && isnan(w->inputs[stage->diameter]))
    return taup_fail(TAUP_ERR_MISSING_DIAMETER, "unit '%s' has a length but no diameter", u->name);
  const double size = w->enter[TAUP_ENTER_SIZE];
  if (size > 0.0 && isfinite(size)) return TAU_OK;
  return taup_fail(TAUP_ERR_IMPOSSIBLE_SIZE, "the %s of unit '%s' comes out as %g",
                   u->kind->family == TAUP_CLOSED ? "time" : "volume", u->name, size);
}

tau_status taup_enter(tau_workspace *w, int i_stage, int *i_program)
{
  const tau_train *t = w->train;
  const taup_stage *stage = &t->stages[i_stage];
  const bool reduce = may_reduce(w, i_stage);
  const int k = *i_program = reduce ? stage->reduced : stage->program;
  const int *slots = reduce ? stage->reduced_slots : stage->slots;
  const taup_unit_program *p = &t->programs[k];
  double *R = w->engines[k].R;
  const int n = t->layout->n_species;
  const double *inlet = w->result->data + t->layout->units[i_stage].inlet;
  double *own = taup_program_input(p->program, 1, R, TAUP_PARAMETER, 0);
  for (int s = 0; s < p->n_roles; s++)
    own[s] = slots[s] >= 0 ? w->inputs[slots[s]] : role_value(w, stage->unit, slots[s]);
  double *in = taup_program_input(p->program, 1, R, TAUP_INLET, 0);
  in[TAUP_IN_FLOW] = inlet[2 * n + TAUP_STREAM_FLOW];
  in[TAUP_IN_T] = in[TAUP_IN_T_OF_H] = inlet[2 * n + TAUP_STREAM_T];
  memcpy(in + taup_inlet_index_F(0), inlet, (size_t)n * sizeof *in);
  const bool closed = stage->unit->kind->family == TAUP_CLOSED;
  memcpy(in + taup_inlet_index_total(n, 0), closed ? inlet : w->result->data + t->layout->total,
         (size_t)n * sizeof *in);
  if (p->needs_T && isnan(in[TAUP_IN_T]))
    return taup_fail(TAUP_ERR_MISSING_TEMPERATURE,
                     "unit '%s' depends on the temperature of what comes in: give its feeds a temperature:",
                     stage->unit->name);
  taup_program_prologue(p->program, TAUP_PARAMETER, 1, R);
  if (taup_program_prologue(p->program, TAUP_INLET, 1, R) < 0)
    return taup_fail(TAUP_ERR_FUNCTION_FAILED, "unit '%s': a function of the user failed", stage->unit->name);
  taup_program_run(p->program, TAUP_BODY_ENTER, 1, R, w->enter);
  return check_size(w, stage);
}

/* Without a liquid that is known nothing is warmed where the temperature stays that of the feed. */
static double isothermal_gain(tau_workspace *w, int i_stage)
{
  const double gain = taup_enthalpy_gain(w, i_stage);
  return isnan(gain) && w->train->stages[i_stage].unit->heat == TAUP_HEAT_FEED ? 0.0 : gain;
}

double taup_section(const tau_workspace *w, int i_stage)
{
  const taup_stage *stage = &w->train->stages[i_stage];
  if (stage->diameter < 0) return NAN;
  const double d = w->inputs[stage->diameter];
  return 0.78539816339744830962 * d * d * (stage->void_fraction >= 0 ? w->inputs[stage->void_fraction] : 1.0);
}

/* The scalars that need only the size and the heat: s_end is the fraction of the unit that was used. */
static void fill_scalars(tau_workspace *w, int i_stage, const taup_unit_program *p, double s_end)
{
  const taup_unit_layout *l = &w->train->layout->units[i_stage];
  const taup_stage *stage = &w->train->stages[i_stage];
  const taup_unit *u = stage->unit;
  const int n = w->train->layout->n_species;
  double *x = w->result->data + l->scalars;
  const double *inlet = w->result->data + l->inlet;
  const double size = w->enter[TAUP_ENTER_SIZE] * s_end;
  x[TAUP_SCALAR_SIZE] = size;
  x[TAUP_SCALAR_END] = s_end;
  x[TAUP_SCALAR_RESIDENCE_TIME] =
    u->kind->family == TAUP_CLOSED ? size : size / inlet[2 * n + TAUP_STREAM_FLOW];
  x[TAUP_SCALAR_LENGTH] = size / taup_section(w, i_stage);
  x[TAUP_SCALAR_PECLET] = w->enter[TAUP_ENTER_PECLET];
  x[TAUP_SCALAR_DISPERSION] = w->enter[TAUP_ENTER_DISPERSION];
  if (!(w->needs & TAUP_NEED_HEAT)) return;
  const double released = p->knows_heat ? w->q[TAUP_Q_RELEASED] : (double)NAN, wall = w->q[TAUP_Q_WALL];
  x[TAUP_SCALAR_RELEASED] = released;
  x[TAUP_SCALAR_ADIABATIC_RISE] = released / w->enter[TAUP_ENTER_CAPACITY];
  switch (u->heat) {
  case TAUP_HEAT_ADIABATIC: x[TAUP_SCALAR_DUTY] = 0.0; break;
  case TAUP_HEAT_JACKET: x[TAUP_SCALAR_DUTY] = wall; break;
  default: x[TAUP_SCALAR_DUTY] = isothermal_gain(w, i_stage) - released;
  }
}

/* Enthalpy balance of a unit whose temperature follows from it: what went in, was released, was put in, against what goes out. */
static void check_energy(tau_workspace *w, int i_stage)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  const taup_unit_layout *l = &w->train->layout->units[i_stage];
  double *x = w->result->data + l->scalars;
  if (!(w->needs & TAUP_NEED_HEAT) || (u->heat != TAUP_HEAT_ADIABATIC && u->heat != TAUP_HEAT_JACKET)) return;
  const double gained = taup_enthalpy_gain(w, i_stage),
               put_in = x[TAUP_SCALAR_RELEASED] + x[TAUP_SCALAR_DUTY];
  const double least =
    1e-3 * w->enter[TAUP_ENTER_CAPACITY]; /* 1 mK: where nothing happens rounding is no error */
  const double scale =
    fmax(least, fmax(fmax(fabs(gained), fabs(x[TAUP_SCALAR_RELEASED])), fabs(x[TAUP_SCALAR_DUTY])));
  x[TAUP_SCALAR_ENERGY_ERROR] = scale > 0.0 ? fabs(gained - put_in) / scale : 0.0;
}

void taup_look(tau_workspace *w, int i_program, const double *y)
{
  const taup_unit_program *p = &w->train->programs[i_program];
  double *R = w->engines[i_program].R;
  memcpy(taup_program_input(p->program, 1, R, TAUP_STATE, 0), y, (size_t)p->system.n * sizeof *y);
  taup_program_run(p->program, TAUP_BODY_PLACE, 1, R, w->place);
}

void taup_leave(tau_workspace *w, int i_stage, int i_program, double s_end)
{
  const tau_train *t = w->train;
  const taup_unit_program *p = &t->programs[i_program];
  const taup_unit_layout *l = &t->layout->units[i_stage];
  const int n = t->layout->n_species, m = t->layout->n_reactions;
  double *R = w->engines[i_program].R, *data = w->result->data;
  taup_look(w, i_program, w->y);
  if (w->needs & TAUP_NEED_RATES) {
    taup_program_run(p->program, TAUP_BODY_RATES, 1, R, w->rates);
    memcpy(data + l->rate, w->rates, (size_t)m * sizeof *data);
  }
  if (w->needs & TAUP_NEED_K) taup_program_run(p->program, TAUP_BODY_K, 1, R, data + l->k);
  taup_stream_fill(w, data + l->outlet, w->place, w->place[n + TAUP_PLACE_FLOW], w->place[n + TAUP_PLACE_T]);
  fill_scalars(w, i_stage, p, s_end);
  check_energy(w, i_stage);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_unit.c - tangents through a tube, a batch or a tank: directions chosen, gone along, multiplied.
 *
 * With z all that the unit's equations depend on and o all that it gives,  do/dp_j = sum_d (do/d direction d) (coefficient of d in
 * dz/dp_j). A tank's state follows from J S = -f_z dz; at a fold J is singular, and there is no tangent. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/ages.h"
#include "train/sensitivity.h"

/* A steady state that a relative change of one part in 1e5 would move by more than itself stands on a fold. With an eigenvalue e of J the
 * state is known to 1e-16/e and J so to 1e-16/e^2 of itself: beyond this the fifth digit of a derivative would be rounding. */
static const double steepest = 1e5;

taup_out taup_out_places(int n, int m)
{
  taup_out o = {.F = 0, .flow = n, .T = n + 1, .rates = n + TAUP_PLACE_EXTRA};
  o.released = o.rates + m;
  o.k = o.released + 1;
  o.q = o.k + m;
  o.end = o.q + TAUP_N_Q;
  o.enter = o.end + 1;
  o.max_c = o.enter + TAUP_N_ENTER;
  o.at_T_max_c = o.max_c + n;
  o.T_max = o.at_T_max_c + n;
  o.s_T_max = o.T_max + 1;
  o.n = o.s_T_max + 1;
  return o;
}

typedef taup_task task;

/* --- engines --- */

/* What a cascade puts into a slot follows from parameters. */
static bool is_volume(int role) { return role == TAUP_ROLE_TANK_VOLUME || role == TAUP_ROLE_TANKS_VOLUME; }

static void find_wanted(const tau_sensitivity *s, int k, bool *wanted)
{
  const tau_train *t = s->train;
  for (int i = 0; i < t->n_stages; i++) {
    const taup_stage *stage = &t->stages[i];
    if (stage->program != k && stage->reduced != k) continue;
    const int *slots = stage->program == k ? stage->slots : stage->reduced_slots;
    for (int slot = 0; slot < t->programs[k].n_roles; slot++)
      wanted[slot] = wanted[slot] || (slots[slot] >= 0 ? s->wanted[slots[slot]] : is_volume(slots[slot]));
  }
}

tau_status taup_make_engine(tau_sensitivity *s, int k, bool for_lanes)
{
  taup_unit_engine *e = &s->engines[k];
  if (e->made) return TAU_OK;
  bool *wanted = taup_calloc((size_t)s->train->programs[k].n_roles + 1, sizeof *wanted);
  if (!wanted) return TAU_E_NOMEM;
  find_wanted(s, k, wanted);
  tau_status st = taup_unit_slopes_new(&e->slopes, s->train, k, wanted, for_lanes);
  const bool tank = taup_family_of(s->train->programs[k].unit) == TAUP_WELL_MIXED;
  if (st == TAU_OK)
    st = tank ? taup_implicit_new(&e->root, &e->slopes.system) : taup_march_new(&e->march, &e->slopes.system);
  taup_free(wanted);
  e->made = st == TAU_OK;
  if (st < 0) {
    taup_unit_slopes_free(&e->slopes);
    e->slopes = (taup_unit_slopes){0};
  }
  return st;
}

/* Parameters and inlet of the stage, as the run entered it, into the registers of the slopes. */
static void enter(const task *t)
{
  const taup_program *from = t->s->train->programs[t->i_program].program;
  double *R = t->s->w->engines[t->i_program].R;
  taup_slopes *to = &t->engine->slopes.s;
  for (int b = TAUP_PARAMETER; b <= TAUP_INLET; b++)
    if (to->n_inputs[b])
      memcpy(taup_program_input(to->program, 1, to->R, (taup_binding)b, 0),
             taup_program_input(from, 1, R, (taup_binding)b, 0), (size_t)to->n_inputs[b] * sizeof *R);
  taup_program_prologue(to->program, TAUP_PARAMETER, 1, to->R);
  taup_program_prologue(to->program, TAUP_INLET, 1, to->R);
}

/* --- directions --- */

static double *z_of(const task *t, int j) { return t->z + (size_t)j * (size_t)t->n_x; }

static void fill_z(task *t, int j)
{
  const tau_sensitivity *s = t->s;
  const taup_stage *stage = &s->train->stages[t->i_stage];
  const int n = s->train->layout->n_species;
  const int *slots = t->i_program == stage->program ? stage->slots : stage->reduced_slots;
  const double *row = taup_tangent_of(s, j), *inlet = row + t->layout->inlet;
  double *z = z_of(t, j), *in = z + t->n_slots;
  t->lost[j] = false;
  for (int k = 0; k < t->n_slots; k++) z[k] = slots[k] == s->parameters[j] ? 1.0 : 0.0;
  in[TAUP_IN_FLOW] = inlet[2 * n + TAUP_STREAM_FLOW];
  in[TAUP_IN_T] = in[TAUP_IN_T_OF_H] = inlet[2 * n + TAUP_STREAM_T];
  const double *total = t->unit->kind->family == TAUP_CLOSED ? inlet : row + s->train->layout->total;
  memcpy(in + taup_inlet_index_F(0), inlet, (size_t)n * sizeof *in);
  memcpy(in + taup_inlet_index_total(n, 0), total, (size_t)n * sizeof *in);
  for (int k = 0; k < t->n_x; k++) t->lost[j] = t->lost[j] || (isnan(z[k]) && t->engine->slopes.is_read[k]);
}

/* How far a relative change of order 1 goes, so that the tolerances of the state suit its tangents. */
double taup_scale_of_parameter(const tau_sensitivity *s, int j)
{
  const double x = fabs(s->w->inputs[s->parameters[j]]);
  return x > 0.0 ? x : 1.0;
}

static double scale_of_inlet(const task *t, int i)
{
  const taup_slopes *u = &t->engine->slopes.s;
  const double *in = taup_program_input(u->program, 1, t->engine->slopes.s.R, TAUP_INLET, 0);
  const double x =
    i < TAUP_IN_F ? fabs(in[i]) : fmax(fabs(in[i]), t->s->w->most_concentration * in[TAUP_IN_FLOW]);
  return x > 0.0 ? x : 1.0;
}

static bool reaches(const task *t, int j, int first, int end)
{
  if (t->lost[j]) return false;
  for (int k = first; k < end; k++)
    if (z_of(t, j)[k] != 0.0 && t->engine->slopes.is_read[k]) return true;
  return false;
}

/* Whether a number of the inlet moves with any parameter. The T of the enthalpy is the T of the inlet. */
static bool is_moved(const task *t, int i)
{
  if (i == TAUP_IN_T_OF_H) return false;
  const bool read = t->engine->slopes.is_read[t->n_slots + i] ||
                    (i == TAUP_IN_T && t->engine->slopes.is_read[t->n_slots + TAUP_IN_T_OF_H]);
  for (int j = 0; read && j < t->s->n; j++)
    if (!t->lost[j] && z_of(t, j)[t->n_slots + i] != 0.0) return true;
  return false;
}

/* Each parameter that reaches the unit, as a direction. */
static void by_parameter(task *t)
{
  for (int j = 0, d = 0; j < t->s->n; j++) {
    if (!reaches(t, j, 0, t->n_x)) continue;
    const double scale = taup_scale_of_parameter(t->s, j);
    for (int k = 0; k < t->n_x; k++) t->dx[(size_t)d * (size_t)t->n_x + (size_t)k] = scale * z_of(t, j)[k];
    t->coefficient[(size_t)j * (size_t)t->n_directions + (size_t)d++] = 1.0 / scale;
  }
}

/* Each own parameter, and each number of the inlet that moves. */
static void by_inlet(task *t)
{
  const size_t n = (size_t)t->n_directions, n_x = (size_t)t->n_x;
  size_t d = 0;
  for (int j = 0; j < t->s->n; j++) {
    if (!reaches(t, j, 0, t->n_slots)) continue;
    const double scale = taup_scale_of_parameter(t->s, j);
    for (int k = 0; k < t->n_slots; k++) t->dx[d * n_x + (size_t)k] = scale * z_of(t, j)[k];
    t->coefficient[(size_t)j * n + d++] = 1.0 / scale;
  }
  for (int i = 0; i < t->n_x - t->n_slots; i++) {
    if (!is_moved(t, i)) continue;
    const double scale = scale_of_inlet(t, i);
    t->dx[d * n_x + (size_t)(t->n_slots + i)] = scale;
    if (i == TAUP_IN_T) t->dx[d * n_x + (size_t)(t->n_slots + TAUP_IN_T_OF_H)] = scale;
    for (int j = 0; j < t->s->n; j++)
      if (!t->lost[j]) t->coefficient[(size_t)j * n + d] = z_of(t, j)[t->n_slots + i] / scale;
    d++;
  }
}

static tau_status choose_directions(task *t)
{
  int n_reach = 0, n_own = 0;
  for (int j = 0; j < t->s->n; j++) {
    n_reach += reaches(t, j, 0, t->n_x);
    n_own += reaches(t, j, 0, t->n_slots);
  }
  for (int i = 0; i < t->n_x - t->n_slots; i++) n_own += is_moved(t, i);
  t->n_directions = n_reach < n_own ? n_reach : n_own;
  const size_t n = (size_t)t->n_directions;
  t->dx = taup_calloc(n * (size_t)t->n_x + 1, sizeof *t->dx);
  t->coefficient = taup_calloc(n * (size_t)t->s->n + 1, sizeof *t->coefficient);
  t->out = taup_calloc(n * (size_t)t->s->out.n + 1, sizeof *t->out);
  if (!t->dx || !t->coefficient || !t->out) return TAU_E_NOMEM;
  if (n_reach <= n_own) by_parameter(t);
  else by_inlet(t);
  return TAU_OK;
}

/* --- a tank --- */

static void tank_state(const task *t, double *y)
{
  const int n = t->s->train->layout->n_species;
  const double *out = t->s->w->result->data + t->layout->outlet;
  memcpy(y, out + n, (size_t)n * sizeof *y);
  if (t->s->train->programs[t->i_program].state_of_T >= 0) y[n] = out[2 * n + TAUP_STREAM_T];
}

static bool is_steep(const task *t, const double *y, const double *dy)
{
  for (int i = 0; i < t->engine->slopes.system.n; i++) {
    const double least = i < t->s->train->layout->n_species ? t->s->w->most_concentration : 1.0;
    if (!(fabs(dy[i]) <= steepest * fmax(fabs(y[i]), least))) return true;
  }
  return false;
}

/* J dy = -f_x dx in direction d. */
static void state_tangent(task *t, int d, const double *y, double *dy)
{
  taup_unit_slopes *u = &t->engine->slopes;
  const double *values = taup_part_run(u, TAUP_PART_FX, y);
  memset(dy, 0, (size_t)u->system.n * sizeof *dy);
  taup_entries_add(&u->e[TAUP_PART_FX], values, t->dx + (size_t)d * (size_t)t->n_x, dy);
  for (int i = 0; i < u->system.n; i++) dy[i] = -dy[i];
  t->fold = taup_implicit_solve(t->engine->root, dy) != 0 || is_steep(t, y, dy) || t->fold;
}

static void tank_out(task *t, int d, const double *y, const double *dy)
{
  taup_unit_slopes *u = &t->engine->slopes;
  const taup_out *o = &t->s->out;
  const int n = t->s->train->layout->n_species;
  const double *place = t->s->w->result->data + t->layout->outlet;
  const double flow = place[2 * n + TAUP_STREAM_FLOW];
  double *out = t->out + (size_t)d * (size_t)o->n;
  const struct {
    taup_part part;
    int place;
  } rows[] = {{TAUP_PART_PLACE, o->F},
              {TAUP_PART_RATES, o->rates},
              {TAUP_PART_K, o->k},
              {TAUP_PART_DQ, o->q},
              {TAUP_PART_ENTER, o->enter}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    taup_part_tangent(u, rows[i].part, taup_part_run(u, rows[i].part, y), t->dx + (size_t)d * (size_t)t->n_x,
                      dy, out + rows[i].place);
  for (int i = 0; i < n; i++)
    out[o->max_c + i] = out[o->at_T_max_c + i] = (out[o->F + i] - place[n + i] * out[o->flow]) / flow;
  out[o->T_max] = out[o->T];
}

static tau_status tank(task *t)
{
  const size_t n = (size_t)t->engine->slopes.system.n;
  double *y = taup_calloc(2 * n, sizeof *y);
  if (!y) return TAU_E_NOMEM;
  tank_state(t, y);
  t->fold = taup_implicit_factor(t->engine->root, t->engine->slopes.s.R, y) != 0;
  for (int d = 0; d < t->n_directions && !t->fold; d++) {
    state_tangent(t, d, y, y + n);
    if (!t->fold) tank_out(t, d, y, y + n);
  }
  taup_free(y);
  return TAU_OK;
}

static void tell_fold(const task *t)
{
  if (t->fold && !t->s->why[0])
    snprintf(t->s->why, sizeof t->s->why,
             "unit '%s' stands at a fold: there its steady state does not move smoothly", t->unit->name);
}

/* As at a fold: no number for what reaches the unit. */
static void tell_unknown(task *t)
{
  if (!t->unknown) return;
  t->fold = true;
  if (!t->s->why[0]) snprintf(t->s->why, sizeof t->s->why, "unit '%s' %s", t->unit->name, t->unknown);
}

/* --- what follows for each parameter --- */

void taup_task_of(task *t, int j)
{
  const int n = t->s->out.n;
  const bool known = !t->lost[j] && (!t->fold || !reaches(t, j, 0, t->n_x));
  if (!t->coefficient) t->o = t->out + (size_t)j * (size_t)n;
  if (!t->coefficient && known) return;
  for (int i = 0; i < n; i++) t->o[i] = known ? 0.0 : (double)NAN;
  if (!known || t->fold) return;
  for (int d = 0; d < t->n_directions; d++) {
    const double c = t->coefficient[(size_t)j * (size_t)t->n_directions + (size_t)d];
    const double *out = t->out + (size_t)d * (size_t)n;
    if (c == 0.0) continue;
    for (int i = 0; i < n; i++) t->o[i] += c * out[i];
  }
}

/* How the logarithm of a tube's cross-section moves with a parameter. */
static double widens(const task *t, int parameter)
{
  const taup_stage *stage = &t->s->train->stages[t->i_stage];
  if (stage->diameter >= 0 && parameter == stage->diameter) return 2.0 / t->s->w->inputs[parameter];
  return stage->void_fraction >= 0 && parameter == stage->void_fraction ? 1.0 / t->s->w->inputs[parameter]
                                                                        : 0.0;
}

/* Size, length and where it is hottest (stage.c, march.c). */
static void put_sizes(const task *t, int j)
{
  const tau_sensitivity *s = t->s;
  const int n = s->train->layout->n_species;
  const double *x = s->w->result->data + t->layout->scalars, *inlet = s->w->result->data + t->layout->inlet;
  double *row = taup_tangent_of(s, j), *dx = row + t->layout->scalars;
  const double flow = inlet[2 * n + TAUP_STREAM_FLOW], size = s->w->enter[TAUP_ENTER_SIZE];
  const double d_size = t->o[s->out.enter + TAUP_ENTER_SIZE], d_end = t->o[s->out.end];
  dx[TAUP_SCALAR_SIZE] = d_size * x[TAUP_SCALAR_END] + size * d_end;
  dx[TAUP_SCALAR_END] = d_end;
  dx[TAUP_SCALAR_RESIDENCE_TIME] = dx[TAUP_SCALAR_SIZE];
  if (t->unit->kind->family != TAUP_CLOSED)
    dx[TAUP_SCALAR_RESIDENCE_TIME] =
      (dx[TAUP_SCALAR_SIZE] -
       x[TAUP_SCALAR_RESIDENCE_TIME] * row[t->layout->inlet + 2 * n + TAUP_STREAM_FLOW]) /
      flow;
  const double thicker = widens(t, s->parameters[j]);
  dx[TAUP_SCALAR_LENGTH] = x[TAUP_SCALAR_LENGTH] * (dx[TAUP_SCALAR_SIZE] / x[TAUP_SCALAR_SIZE] - thicker);
  dx[TAUP_SCALAR_PECLET] = t->o[s->out.enter + TAUP_ENTER_PECLET];
  dx[TAUP_SCALAR_DISPERSION] = t->o[s->out.enter + TAUP_ENTER_DISPERSION];
  dx[TAUP_SCALAR_T_MAX] = t->o[s->out.T_max];
  const bool by_length = t->layout->coordinate && strcmp(t->layout->coordinate, "length") == 0;
  if (t->unit->mixing) { /* an age */
    dx[TAUP_SCALAR_POSITION_T_MAX] = s->w->mixed[t->i_stage]->reach * t->o[s->out.s_T_max];
    return;
  }
  const double whole = by_length ? x[TAUP_SCALAR_LENGTH] / x[TAUP_SCALAR_END] : size;
  dx[TAUP_SCALAR_POSITION_T_MAX] =
    t->layout->coordinate ? x[TAUP_SCALAR_POSITION_T_MAX] * (d_size / size - (by_length ? thicker : 0.0)) +
                              whole * t->o[s->out.s_T_max]
                          : 0.0;
}

static void put_heats(const task *t, int j, double gain)
{
  const tau_sensitivity *s = t->s;
  const double *x = s->w->result->data + t->layout->scalars;
  double *dx = taup_tangent_of(s, j) + t->layout->scalars;
  dx[TAUP_SCALAR_ENERGY_ERROR] = dx[TAUP_SCALAR_STABLE] = dx[TAUP_SCALAR_GRID_ERROR] = NAN;
  if (!(s->w->needs & TAUP_NEED_HEAT)) return;
  const double released = t->o[s->out.q + TAUP_Q_RELEASED];
  dx[TAUP_SCALAR_RELEASED] = released;
  dx[TAUP_SCALAR_ADIABATIC_RISE] =
    (released - x[TAUP_SCALAR_ADIABATIC_RISE] * t->o[s->out.enter + TAUP_ENTER_CAPACITY]) /
    s->w->enter[TAUP_ENTER_CAPACITY];
  switch (t->unit->heat) {
  case TAUP_HEAT_ADIABATIC: dx[TAUP_SCALAR_DUTY] = 0.0; break;
  case TAUP_HEAT_JACKET: dx[TAUP_SCALAR_DUTY] = t->o[s->out.q + TAUP_Q_WALL]; break;
  default: dx[TAUP_SCALAR_DUTY] = gain - released;
  }
}

static void put_place(const task *t, int j)
{
  const tau_sensitivity *s = t->s;
  const taup_unit_layout *l = t->layout;
  const size_t n = (size_t)s->train->layout->n_species, m = (size_t)s->train->layout->n_reactions;
  double *row = taup_tangent_of(s, j), *out = row + l->outlet;
  memcpy(out, t->o + s->out.F, n * sizeof *out);
  out[2 * n + TAUP_STREAM_FLOW] = t->o[s->out.flow];
  out[2 * n + TAUP_STREAM_T] = t->o[s->out.T];
  memcpy(row + l->rate, t->o + s->out.rates, m * sizeof *out);
  memcpy(row + l->k, t->o + s->out.k, m * sizeof *out);
  memcpy(row + l->max_c, t->o + s->out.max_c, n * sizeof *out);
  memcpy(row + l->at_T_max_c, t->o + s->out.at_T_max_c, n * sizeof *out);
}

void taup_task_put(task *t)
{
  tau_sensitivity *s = t->s;
  const bool knows = (s->w->needs & TAUP_NEED_HEAT) && !isnan(taup_enthalpy_gain(s->w, t->i_stage));
  memset(s->dH, 0, 2 * (size_t)s->n * sizeof *s->dH);
  for (int j = 0; j < s->n; j++) {
    taup_task_of(t, j);
    put_place(t, j);
  }
  taup_tangent_stream(s, t->layout->outlet);
  if (knows) {
    taup_tangent_enthalpy(s, t->layout->inlet, s->dH);
    taup_tangent_enthalpy(s, t->layout->outlet, s->dH + s->n);
  }
  for (int j = 0; j < s->n; j++) {
    taup_task_of(t, j);
    put_sizes(t, j);
    put_heats(t, j, s->dH[s->n + j] - s->dH[j]);
  }
}

/* --- the unit --- */

tau_status taup_task_open(task *t, tau_sensitivity *s, int i_stage)
{
  *t = (task){.s = s,
              .i_stage = i_stage,
              .unit = s->train->stages[i_stage].unit,
              .layout = &s->train->layout->units[i_stage]};
  if (t->unit->mixing) TAU_TRY(taup_ages_enter(s->w, i_stage, true, &t->i_program));
  else TAU_TRY(taup_enter(s->w, i_stage, &t->i_program));
  TAU_TRY(taup_make_engine(s, t->i_program, false));
  t->engine = &s->engines[t->i_program];
  t->n_x = t->engine->slopes.n_x;
  t->n_slots = t->engine->slopes.n_slots;
  return TAU_OK;
}

void taup_task_enter(task *t)
{
  enter(t);
  for (int j = 0; j < t->s->n; j++) fill_z(t, j);
}

tau_status taup_task_room(task *t)
{
  const size_t n = (size_t)t->s->n;
  t->z = taup_calloc(n * (size_t)t->n_x + 1, sizeof *t->z);
  t->lost = taup_calloc(n + 1, sizeof *t->lost);
  t->o = taup_calloc((size_t)t->s->out.n, sizeof *t->o);
  return t->z && t->lost && t->o ? TAU_OK : TAU_E_NOMEM;
}

static tau_status go(task *t)
{
  TAU_TRY(taup_task_room(t));
  taup_task_enter(t);
  TAU_TRY(choose_directions(t));
  const taup_journey journey = {t->s, t->i_stage, t->i_program, t->engine, t->n_directions, t->dx, t->out};
  if (t->n_directions > 0)
    TAU_TRY(t->unit->mixing                              ? taup_tangent_mixed(&journey, &t->unknown)
            : t->unit->kind->family == TAUP_WELL_MIXED   ? tank(t)
            : t->unit->kind->transport == TAUP_DISPERSED ? taup_tangent_field(&journey, &t->fold)
                                                         : taup_tangent_march(&journey));
  tell_fold(t);
  tell_unknown(t);
  taup_task_put(t);
  return TAU_OK;
}

tau_status taup_task_tank(task *t)
{
  TAU_TRY(choose_directions(t));
  if (t->n_directions > 0) TAU_TRY(tank(t));
  tell_fold(t);
  return TAU_OK;
}

void taup_task_close(task *t)
{
  void *const blocks[] = {t->z, t->lost, t->o, t->dx, t->coefficient, t->out};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) taup_free(blocks[i]);
}

tau_status taup_tangent_unit(tau_sensitivity *s, int i_stage)
{
  task t;
  if (s->train->stages[i_stage].unit->kind->transport == TAUP_CASCADE)
    return taup_tangent_cascade(s, i_stage);
  TAU_TRY(taup_task_open(&t, s, i_stage));
  const tau_status st = go(&t);
  taup_task_close(&t);
  return st;
}

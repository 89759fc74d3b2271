/* SPDX-License-Identifier: Apache-2.0 */
/* cascade.c - a cascade of stirred tanks, solved tank after tank.
 *
 *     inlet of tank k + 1 = outlet of tank k,     V_k = V / n or as given,     V = tau Q with the flow Q that enters the first
 *
 * Each tank is run as the unit's own (tank.c). Its inlet stands in the result where that of the unit does, which is kept aside and comes
 * back at the end; then what holds for the whole takes the place of what was told of the last tank: heats are sums, maxima are those over
 * the tanks.
 *
 * Invariant: w->n_tanks > 0 as long as, and only if, the inlet in the result is that of a tank. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "reactor/read_units.h"
#include "train/tank.h"

const char *taup_stage_text(const tau_workspace *w, int i_stage, char *buffer, size_t n_bytes)
{
  const char *name = w->train->layout->units[i_stage].name;
  const taup_unit *u = w->train->stages[i_stage].unit;
  if (u->kind->transport == TAUP_CASCADE && w->n_tanks > 0)
    snprintf(buffer, n_bytes, "unit '%.128s', tank %d of %d", name, w->i_tank + 1, w->n_tanks);
  else snprintf(buffer, n_bytes, "unit '%.128s'", name);
  return buffer;
}

/* --- sizes --- */

int taup_cascade_parameter(const taup_unit *u, const char *field)
{
  return u->p[taup_unit_field(u->kind, field)];
}

static double input(const tau_workspace *w, int parameter)
{
  return parameter >= 0 ? w->inputs[parameter] : (double)NAN;
}

static double whole_volume(const tau_workspace *w, const taup_unit *u, double flow)
{
  const double V = input(w, taup_cascade_parameter(u, "volume"));
  double sum = 0.0;
  if (!u->n_volumes) return isnan(V) ? input(w, taup_cascade_parameter(u, "residence_time")) * flow : V;
  for (int k = 0; k < u->n_volumes; k++) sum += w->inputs[u->volumes[k]];
  return sum;
}

static tau_status count_tanks(taup_cascade *c, const taup_unit *u)
{
  const double n = u->n_volumes ? u->n_volumes : input(c->w, taup_cascade_parameter(u, "n"));
  if (!(n >= 1.0 && n <= TAUP_MOST_TANKS && n == floor(n)))
    return taup_fail(TAUP_ERR_NOT_WHOLE, "unit '%s' has %.6g tanks; needs a whole number from 1 to %d",
                     u->name, n, TAUP_MOST_TANKS);
  c->n = (int)n;
  return TAU_OK;
}

static double tank_volume(const taup_cascade *c)
{
  const taup_unit *u = c->w->train->stages[c->i_stage].unit;
  return u->n_volumes ? c->w->inputs[u->volumes[c->i]] : c->w->tanks_volume / c->n;
}

/* Volume up to the end of the tank at hand. */
static double volume_passed(const taup_cascade *c)
{
  const taup_unit *u = c->w->train->stages[c->i_stage].unit;
  return u->n_volumes ? c->before + c->w->tank_volume : c->w->tanks_volume * (c->i + 1) / c->n;
}

/* --- what is kept aside --- */

static double *kept_inlet(const tau_workspace *w) { return w->tanks; }
double *taup_cascade_max_c(const tau_workspace *w)
{
  return w->tanks + taup_stream_size(w->train->layout->n_species);
}
double *taup_cascade_at_T_max_c(const tau_workspace *w)
{
  return taup_cascade_max_c(w) + w->train->layout->n_species;
}

static double *inlet_of(const taup_cascade *c)
{
  return c->w->result->data + c->w->train->layout->units[c->i_stage].inlet;
}

static size_t stream_bytes(const taup_cascade *c)
{
  return (size_t)taup_stream_size(c->w->train->layout->n_species) * sizeof(double);
}

static void bring_back(const taup_cascade *c)
{
  memcpy(inlet_of(c), kept_inlet(c->w), stream_bytes(c));
  c->w->n_tanks = 0;
}

void taup_cascade_give_up(taup_cascade *c)
{
  const taup_layout *layout = c->w->train->layout;
  const taup_unit_layout *l = &layout->units[c->i_stage];
  if (c->n == 0 || c->w->n_tanks == 0) return;
  bring_back(c);
  for (int i = l->outlet; i < l->rate + layout->n_reactions; i++) c->w->result->data[i] = NAN;
}

/* --- a tank that is over --- */

static void add_counts(taup_cascade *c)
{
  const tau_statistics *one = &c->w->result->statistics[c->i_stage];
  tau_statistics *all = &c->counts;
  all->n_steps += one->n_steps;
  all->n_rhs += one->n_rhs;
  all->n_jacobian += one->n_jacobian;
  all->n_error_failures += one->n_error_failures;
  all->n_newton += one->n_newton;
  if (!all->method || one->n_steps > 0) {
    all->method = one->method;
    all->last_step = one->last_step;
  }
}

static void add_stability(taup_cascade *c, double stable)
{
  if (stable == 0.0 && !c->has_unstable) c->has_unstable = true;
  if (stable == 0.0) c->stable = 0.0;
  else if (isnan(stable) && !c->has_unstable) c->stable = NAN;
}

bool taup_cascade_is_hottest(const taup_cascade *c)
{
  const taup_layout *layout = c->w->train->layout;
  const double *out = c->w->result->data + layout->units[c->i_stage].outlet;
  return c->i == 0 || out[2 * layout->n_species + TAUP_STREAM_T] > c->T_max;
}

bool taup_cascade_has_most(const taup_cascade *c, int i_species)
{
  const taup_layout *layout = c->w->train->layout;
  const double *out = c->w->result->data + layout->units[c->i_stage].outlet;
  return c->i == 0 || out[layout->n_species + i_species] > taup_cascade_max_c(c->w)[i_species];
}

static void add_maxima(taup_cascade *c)
{
  const int n = c->w->train->layout->n_species;
  const double *out = c->w->result->data + c->w->train->layout->units[c->i_stage].outlet;
  for (int i = 0; i < n; i++)
    if (taup_cascade_has_most(c, i)) taup_cascade_max_c(c->w)[i] = out[n + i];
  if (!taup_cascade_is_hottest(c)) return;
  c->T_max = out[2 * n + TAUP_STREAM_T];
  c->position_T_max = volume_passed(c);
  memcpy(taup_cascade_at_T_max_c(c->w), out + n, (size_t)n * sizeof *out);
}

/* A row of the profile: of each tank, or of each k-th and the last where there is no room for all. */
static void store(const taup_cascade *c)
{
  tau_workspace *w = c->w;
  const int n = w->train->layout->n_species, m = w->train->layout->n_reactions;
  const taup_unit_layout *l = &w->train->layout->units[c->i_stage];
  const double *out = w->result->data + l->outlet;
  taup_profile_store *p = &w->result->profiles[c->i_stage];
  const int every = (c->n + l->most_points - 1) / l->most_points, row = p->n_points;
  if (!(w->needs & TAUP_NEED_PROFILES) || ((c->i + 1) % every != 0 && c->i + 1 < c->n)) return;
  taup_program_run(c->tank.p->program, TAUP_BODY_RATES, 1, c->tank.R, w->rates);
  p->position[row] = volume_passed(c);
  p->T[row] = out[2 * n + TAUP_STREAM_T];
  p->flow[row] = out[2 * n + TAUP_STREAM_FLOW];
  p->heat_rate[row] = w->rates[m];
  memcpy(p->c + row * n, out + n, (size_t)n * sizeof *out);
  memcpy(p->rate + row * m, w->rates, (size_t)m * sizeof *out);
  p->n_points++;
}

static void add(taup_cascade *c)
{
  for (int i = 0; i < TAUP_N_Q; i++) c->q[i] += c->w->q[i];
  add_counts(c);
  add_stability(c, c->tank.stable);
  add_maxima(c);
  store(c);
}

/* --- the whole --- */

static void end(taup_cascade *c)
{
  tau_workspace *w = c->w;
  const taup_unit_layout *l = &w->train->layout->units[c->i_stage];
  const size_t bytes = (size_t)w->train->layout->n_species * sizeof(double);
  double *data = w->result->data, *x = data + l->scalars;
  bring_back(c);
  memcpy(w->q, c->q, sizeof c->q);
  w->enter[TAUP_ENTER_SIZE] = w->tanks_volume;
  w->enter[TAUP_ENTER_CAPACITY] = c->capacity;
  taup_leave(w, c->i_stage, c->tank.i_program, 1.0);
  memcpy(data + l->max_c, taup_cascade_max_c(w), bytes);
  memcpy(data + l->at_T_max_c, taup_cascade_at_T_max_c(w), bytes);
  x[TAUP_SCALAR_T_MAX] = c->T_max;
  x[TAUP_SCALAR_POSITION_T_MAX] = c->position_T_max;
  x[TAUP_SCALAR_STABLE] = c->stable;
  w->result->statistics[c->i_stage] = c->counts;
}

/* --- tank after tank --- */

tau_status taup_cascade_enter(taup_cascade *c)
{
  if (c->n > 0) {
    c->w->i_tank = c->i;
    c->w->tank_volume = tank_volume(c);
  }
  const tau_status st = taup_tank_begin(&c->tank, c->w, c->i_stage);
  c->tank.quiet = c->has_unstable;
  if (st < 0) taup_cascade_give_up(c);
  return st;
}

tau_status taup_cascade_begin(taup_cascade *c, tau_workspace *w, int i_stage)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  *c = (taup_cascade){.w = w, .i_stage = i_stage, .stable = 1.0};
  if (u->kind->transport != TAUP_CASCADE) return taup_cascade_enter(c);
  TAU_TRY(count_tanks(c, u));
  memcpy(kept_inlet(w), inlet_of(c), stream_bytes(c));
  w->n_tanks = c->n;
  w->tanks_volume = whole_volume(w, u, inlet_of(c)[2 * w->train->layout->n_species + TAUP_STREAM_FLOW]);
  TAU_TRY(taup_cascade_enter(c));
  c->capacity = w->enter[TAUP_ENTER_CAPACITY];
  return TAU_OK;
}

tau_status taup_cascade_next(taup_cascade *c, bool *more)
{
  *more = false;
  if (c->n == 0) return TAU_OK;
  add(c);
  if (c->i + 1 == c->n) {
    end(c);
    return TAU_OK;
  }
  c->before = volume_passed(c);
  c->i++;
  memcpy(inlet_of(c), c->w->result->data + c->w->train->layout->units[c->i_stage].outlet, stream_bytes(c));
  TAU_TRY(taup_cascade_enter(c));
  *more = true;
  return TAU_OK;
}

tau_status taup_run_tanks(tau_workspace *w, int i_stage)
{
  taup_cascade c;
  bool more = true;
  tau_status st = taup_cascade_begin(&c, w, i_stage);
  while (st == TAU_OK && more) {
    const int stop = c.i ? taup_asked_to_stop(w, c.tank.unit->name, (double)c.i / c.n) : 0;
    st = stop ? (tau_status)stop : taup_tank_run(&c.tank);
    if (st == TAU_OK) st = taup_cascade_next(&c, &more);
  }
  if (st != TAU_OK) taup_cascade_give_up(&c);
  return st;
}

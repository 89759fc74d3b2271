/* SPDX-License-Identifier: Apache-2.0 */
/* tank.c - the steady state of a stirred tank.
 *
 * With `start` damped Newton goes from there, to stable and unstable states alike. Without (or where Newton sees none), the state is the
 * one that the vessel comes to in time from where it starts, full of its own feed: it is marched, loosely, until full Newton steps
 * contract; a state found so is kept when it is stable, else the march goes on. A vessel that has found only unstable states after many
 * residence times oscillates: the state is given, with a warning.
 *
 * Newton's part, from the start or the feed, is tried in lanes first (solve/lanes_newton.h), where the engine allows; what is not found
 * there, or not kept, is done here from its beginning. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/tank.h"

/* Residence times after which only-unstable means an oscillation, and after which all hope is given up. */
static const double PATIENCE = 1000.0, LONGEST = 1e7;

/* Newton's damped steps stay above it [K]: no liquid is as cold, and rates at 0 K are no numbers. */
static const double coldest = 50.0;
enum { MOST_ITERATIONS = 50 };

typedef taup_tank tank;

static void scales(tank *t)
{
  tau_workspace *w = t->w;
  const taup_unit_layout *l = &w->train->layout->units[t->i_stage];
  const int n = w->train->layout->n_species;
  const double *c = w->result->data + l->inlet + n;
  double most = 0.0;
  for (int i = 0; i < n; i++)
    if (!w->train->d.chemistry.species[i].flowing_solvent) most = fmax(most, c[i]);
  for (int i = 0; i < t->p->n_amounts; i++) {
    w->atol[i] = 1e-12 * w->atol_concentration; /* a steep rate of order 0 multiplies what is left */
    w->scale[i] = fmax(1e-6 * most, 1e3 * w->atol_concentration);
    w->lower[i] = 0.0;
  }
  if (t->p->state_of_T >= 0) {
    w->atol[t->p->state_of_T] = 1e-12 * 300.0;
    w->scale[t->p->state_of_T] = 1.0;
    w->lower[t->p->state_of_T] = coldest;
  }
  if (t->p->state_of_Q >= 0) w->lower[t->p->state_of_Q] = 0.0;
  t->options = (taup_root_options){w->options.rtol, w->atol, w->scale, MOST_ITERATIONS, w->lower};
}

/* 1 stable, 0 not, NAN unknown (too large for eigenvalues). */
static double judge(const tank *t, tau_status st)
{
  if (st < 0) return NAN;
  return t->w->eigenvalues[0] > 1e-9 ? 0.0 : 1.0;
}

static double stability(tank *t, const double *y)
{
  if (t->p->system.n > TAUP_MOST_EIGENVALUES) return NAN;
  return judge(t, taup_root_eigenvalues(t->root, t->R, y, t->w->eigenvalues));
}

/* Whether the state y ends the search from w->y. It may be unstable to what is neither fed nor made: without a trace of it the vessel stays
 * there, and that is said. */
static bool is_kept(tank *t, const double *y)
{
  t->stable = stability(t, y);
  t->only_without = false;
  if (t->stable != 0.0) return true;
  t->only_without =
    judge(t, taup_root_eigenvalues_within(t->root, t->R, t->w->y, y, t->w->eigenvalues)) == 1.0;
  return t->only_without;
}

static void count(tank *t)
{
  const taup_solver_counts c = taup_root_counts(t->root);
  t->newton.n_rhs += c.n_rhs;
  t->newton.n_jacobian += c.n_jacobian;
  t->newton.n_newton += c.n_newton;
}

/* Newton may leap to a root that no vessel has: concentrations and temperature must not be negative. */
static bool is_physical(const tank *t, const double *y)
{
  for (int i = 0; i < t->p->n_amounts; i++)
    if (y[i] < -1e-3 * t->w->scale[i]) return false;
  return t->p->state_of_T < 0 || y[t->p->state_of_T] > 0.0;
}

/* Try full Newton steps from y; true when a state was found that ends the search. */
static bool try_newton(tank *t, const double *y)
{
  double *trial = t->w->start;
  const size_t bytes = (size_t)t->p->system.n * sizeof *y;
  memcpy(trial, y, bytes);
  const tau_status st = taup_root_contract(t->root, t->R, trial, &t->options);
  count(t);
  if (st != TAU_OK || !is_physical(t, trial)) return false;
  if (!is_kept(t, trial)) {
    memcpy(t->found, trial, bytes);
    t->has_found = true;
    return false;
  }
  memcpy(t->w->f, trial, bytes);
  return true;
}

/* Several stable states need heat, a rate that falls with its reactant, or a product that speeds up its own making. */
static bool may_have_several(const tank *t)
{
  const taup_chemistry *ch = &t->w->train->d.chemistry;
  if (t->p->state_of_T >= 0) return true;
  for (int j = 0; j < ch->n_reactions; j++) {
    const taup_reaction *r = &ch->reactions[j];
    if (!(r->law->flags & (TAUP_LAW_ORDERS | TAUP_LAW_ORDERS_ONLY))) return true;
    for (int i = 0; i < r->n_forward; i++)
      if (r->forward[i].value < 0.0 || taup_net_coefficient(&ch->net, j, r->forward[i].species) > 0.0)
        return true;
  }
  return false;
}

/* Damped Newton from y: a stable state found so is the one that time leads to, where there is but one. */
static bool try_damped(tank *t, const double *y)
{
  double *trial = t->w->start;
  if (may_have_several(t)) return false;
  memcpy(trial, y, (size_t)t->p->system.n * sizeof *y);
  const tau_status st = taup_root_damped(t->root, t->R, trial, &t->options);
  count(t);
  if (st != TAU_OK || !is_physical(t, trial)) return false;
  if (!is_kept(t, trial) || isnan(t->stable)) return false;
  memcpy(t->w->f, trial, (size_t)t->p->system.n * sizeof *y);
  return true;
}

static int after_step(void *user, taup_march *m, double s0, double s1)
{
  tank *t = user;
  (void)s0;
  const int stop = taup_asked_to_stop(t->w, t->unit->name, 0.5);
  if (stop) return stop;
  t->time = s1;
  if (s1 < t->next_try) return 0;
  t->next_try = 1.05 * s1;
  double *y = t->w->step_start;
  taup_march_at(m, s1, y);
  t->is_done = try_newton(t, y);
  if (t->is_done || (t->has_found && s1 > PATIENCE)) return TAUP_STOP_HERE;
  return s1 > LONGEST ? TAU_E_SOLVER : 0;
}

/* The state that the vessel comes to from w->y. */
static tau_status in_time(tank *t)
{
  tau_workspace *w = t->w;
  const size_t bytes = (size_t)t->p->system.n * sizeof *w->y;
  taup_march *march = w->engines[t->i_program].march;
  const taup_march_options loose = {.rtol = 1e-4,
                                    .atol = w->step_start + t->p->system.n,
                                    .max_steps = w->options.max_steps,
                                    .loose = true};
  for (int i = 0; i < t->p->system.n; i++)
    w->step_start[t->p->system.n + i] = 1e-6 * w->scale[i]; /* below the width over which low orders end */
  t->marched = true;
  const tau_status st = taup_march_run(march, t->R, w->y, w->q, &loose, after_step, t);
  if (st != TAU_OK && st != TAU_E_SOLVER) return st;
  if (!t->is_done && !t->has_found) return TAU_E_SOLVER;
  if (!t->is_done) {
    memcpy(w->f, t->found, bytes);
    t->stable = 0.0;
  }
  memcpy(w->y, w->f, bytes);
  return TAU_OK;
}

static tau_status from_feed(tank *t)
{
  tau_workspace *w = t->w;
  taup_program_run(t->p->program, TAUP_BODY_START, 1, t->R, w->y);
  if (!try_newton(t, w->y) && !try_damped(t, w->y)) return in_time(t);
  memcpy(w->y, w->f, (size_t)t->p->system.n * sizeof *w->y);
  return TAU_OK;
}

static void begin_at_start(tank *t)
{
  tau_workspace *w = t->w;
  taup_program_run(t->p->program, TAUP_BODY_START, 1, t->R, w->y);
  for (int k = 0; k < t->unit->n_start; k++)
    w->y[t->unit->start[k].species] = w->inputs[t->unit->start[k].parameter];
  if (t->p->state_of_T >= 0 && t->unit->start_temperature >= 0)
    w->y[t->p->state_of_T] = w->inputs[t->unit->start_temperature];
}

/* Newton from the start; where it sees no state, or one that no vessel has, what the vessel comes to from there. */
static tau_status from_start(tank *t)
{
  tau_workspace *w = t->w;
  begin_at_start(t);
  const tau_status st = taup_root_damped(t->root, t->R, w->y, &t->options);
  count(t);
  if (st == TAU_E_CALLBACK) return st;
  if (st == TAU_OK && is_physical(t, w->y)) {
    t->stable = stability(t, w->y);
    return TAU_OK;
  }
  char unit[TAUP_STAGE_TEXT_BYTES];
  taup_result_warn(w->result,
                   "%s: Newton's method finds no state from its start; this is the one that the vessel comes "
                   "to from there",
                   taup_stage_text(w, t->i_stage, unit, sizeof unit));
  begin_at_start(t);
  return in_time(t);
}

static void heat(tank *t)
{
  tau_workspace *w = t->w;
  memcpy(taup_program_input(t->p->program, 1, t->R, TAUP_STATE, 0), w->y,
         (size_t)t->p->system.n * sizeof *w->y);
  taup_program_run(t->p->program, TAUP_BODY_Q, 1, t->R, w->q);
}

static const char *unstable_text(const tank *t)
{
  if (t->unit->has_start) return "this steady state is unstable";
  if (t->only_without)
    return "its steady state is unstable: it lasts as long as nothing comes in of a species that speeds up "
           "its "
           "own making";
  return "its steady state is unstable, the tank oscillates or lies on a threshold";
}

static void report(tank *t)
{
  tau_workspace *w = t->w;
  const int n = w->train->layout->n_species;
  const taup_unit_layout *l = &w->train->layout->units[t->i_stage];
  double *data = w->result->data, *x = data + l->scalars;
  const bool marched = t->marched;
  const taup_solver_counts a = t->newton, b = marched ? taup_march_counts(w->engines[t->i_program].march)
                                                      : (taup_solver_counts){0};
  w->result->statistics[t->i_stage] = (tau_statistics){
    .n_steps = b.n_steps,
    .n_rhs = a.n_rhs + b.n_rhs,
    .n_jacobian = a.n_jacobian + b.n_jacobian,
    .n_error_failures = b.n_error_failures,
    .n_newton = a.n_newton + b.n_newton,
    .last_step = b.last_step,
    .method = marched ? "newton after cvodes" : "newton",
  };
  heat(t);
  taup_leave(w, t->i_stage, t->i_program, 1.0);
  const double *out = data + l->outlet;
  memcpy(data + l->max_c, out + n, (size_t)n * sizeof *out);
  memcpy(data + l->at_T_max_c, out + n, (size_t)n * sizeof *out);
  x[TAUP_SCALAR_T_MAX] = out[2 * n + TAUP_STREAM_T];
  x[TAUP_SCALAR_POSITION_T_MAX] = 0.0;
  x[TAUP_SCALAR_STABLE] = t->stable;
  char unit[TAUP_STAGE_TEXT_BYTES];
  if (t->stable == 0.0 && !t->quiet)
    taup_result_warn(w->result, "%s: %s", taup_stage_text(w, t->i_stage, unit, sizeof unit), unstable_text(t));
}

/* --- one of many, or alone --- */

tau_status taup_tank_begin(tank *t, tau_workspace *w, int i_stage)
{
  *t = (tank){.w = w, .i_stage = i_stage, .unit = w->train->stages[i_stage].unit, .stable = NAN};
  TAU_TRY(taup_enter(w, i_stage, &t->i_program));
  t->p = &w->train->programs[t->i_program];
  t->R = w->engines[t->i_program].R;
  t->root = w->engines[t->i_program].root;
  t->found = w->slope;
  scales(t);
  return TAU_OK;
}

taup_lane_root taup_tank_root(tank *t)
{
  tau_workspace *w = t->w;
  begin_at_start(t);
  return (taup_lane_root){.R = t->R,
                          .atol = w->atol,
                          .scale = w->scale,
                          .lower = w->lower,
                          .y = w->y,
                          .full = !t->unit->has_start,
                          .damped = t->unit->has_start || !may_have_several(t)};
}

void taup_tank_solve_all(taup_lane_newton *lanes, int n, taup_lane_root *roots, double rtol)
{
  taup_lane_newton_solve(lanes, n, roots, rtol, MOST_ITERATIONS);
}

bool taup_tank_leave(tank *t, const taup_lane_root *root)
{
  if (!root->found || !is_physical(t, t->w->y)) return false;
  t->stable = root->stable ? 1.0 : stability(t, t->w->y);
  if (t->stable != 1.0 && !t->unit->has_start) return false;
  t->newton =
    (taup_solver_counts){.n_rhs = root->n_rhs, .n_jacobian = root->n_newton, .n_newton = root->n_newton};
  report(t);
  return true;
}

static bool found_in_lane(tank *t)
{
  tau_workspace *w = t->w;
  taup_lane_newton *lane = w->engines[t->i_program].newton;
  if (!lane || w->by_cvodes || w->options.engine == TAU_ENGINE_CVODES) return false;
  taup_lane_root root = taup_tank_root(t);
  taup_tank_solve_all(lane, 1, &root, w->options.rtol);
  return taup_tank_leave(t, &root);
}

tau_status taup_tank_run(tank *t)
{
  if (found_in_lane(t)) return TAU_OK;
  const tau_status st = t->unit->has_start ? from_start(t) : from_feed(t);
  if (st == TAU_OK) {
    report(t);
    return TAU_OK;
  }
  taup_failure failure = taup_march_failure(t->w->engines[t->i_program].march);
  if (!failure.why || !failure.why[0])
    failure = (taup_failure){.kind = TAUP_ERR_NO_STEADY_STATE,
                             .why = "no steady state was found",
                             .s = t->time,
                             .worst = {-1, -1, -1}};
  return st < 0 ? taup_explain(t->w, t->i_stage, t->i_program, st, &failure) : st;
}

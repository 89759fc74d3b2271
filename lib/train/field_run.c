/* SPDX-License-Identifier: Apache-2.0 */
/* field_run.c - the steady state of a dispersed tube: where Newton's method starts, what is stored of the field that it finds, and what is
 * said where it finds none.
 *
 * Without `start` the first guess is the same tube in plug flow, marched loosely; with it a tube that holds one state all along: the one
 * that is given, or the one in which plug flow has come to the given conversion, be it behind the end of this tube. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "num/root.h"
#include "train/field_run.h"
#include "train/march.h"

static const double coldest = 50.0;                             /* [K]: as of a tank */
static const double closest_guess = 1e-6, loosest_guess = 1e-3; /* rtol of plug flow by a lane */
static const double longest = 1e6; /* tubes, after which a conversion is no longer waited for */
static const double grid_atol =
  0.02; /* of the tolerance of a march, whose errors do not add up along the way */
enum { SAMPLES = 2 };

typedef struct tube {
  taup_walk walk; /* its unit, program and registers */
  taup_bvp *field;
  int reactant;      /* whose conversion is waited for; -1: the end of the tube is */
  double conversion; /* wanted */
  bool reached;
  double *y_in;
  double *slope; /* of concentrations and T, for the root finder */
  int searched;  /* which of them */
  int stopped;   /* while lanes marched; 0 */
} tube;

typedef void (*peak_fn)(tube *t, int i, double s, void *user);

/* --- the first guess --- */

static double conversion(tube *t, const double *y)
{
  const tau_workspace *w = t->walk.w;
  const double *inlet = w->result->data + t->walk.layout->inlet;
  taup_look(t->walk.w, t->walk.i_program, y);
  return 1.0 - w->place[t->reactant] / inlet[t->reactant];
}

static int after_step(void *user, taup_march *m, double s0, double s1)
{
  tube *t = user;
  tau_workspace *w = t->walk.w;
  (void)s0;
  const int stop = taup_asked_to_stop(w, t->walk.unit->name, 0.1);
  if (stop) return stop;
  if (t->reactant >= 0) {
    t->reached = conversion(t, taup_march_state(m)) >= t->conversion;
    return t->reached ? TAUP_STOP_HERE : s1 > longest ? TAU_E_SOLVER : 0;
  }
  taup_march_at(m, fmin(s1, 1.0), w->f);
  taup_bvp_guess_add(t->field, fmin(s1, 1.0), w->f);
  return s1 < 1.0 ? 0 : TAUP_STOP_HERE;
}

static bool is_to_stop(void *user)
{
  tube *t = user;
  t->stopped = taup_asked_to_stop(t->walk.w, t->walk.unit->name, 0.1);
  return t->stopped != 0;
}

/* A long step is shown by some places in it, as the guess is straight between two. */
static bool after_lane_step(void *user, int i_point, const taup_lane_view *view, double s0, double s1,
                            double *s)
{
  enum { PLACES = 4 };
  tube *t = user;
  (void)i_point;
  *s = s1;
  for (int k = 1; k <= PLACES; k++) {
    const double place = k < PLACES ? s0 + (s1 - s0) * k / PLACES : s1;
    taup_lane_at(view, place, t->walk.w->f);
    taup_bvp_guess_add(t->field, place, t->walk.w->f);
  }
  return true;
}

/* Plug flow by a lane, loosely; false: it gave up, and the guess is as it was. */
static bool march_in_lane(tube *t, double rtol)
{
  enum { MOST_STEPS = 300 };
  tau_workspace *w = t->walk.w;
  taup_lanes *lanes = w->engines[t->walk.i_program].guess;
  taup_lane_point point = {.R = t->walk.R, .atol = w->lower, .y = w->y};
  const taup_lane_options options = {.rtol = rtol,
                                     .max_steps = MOST_STEPS,
                                     .watch = after_lane_step,
                                     .stop = is_to_stop,
                                     .user = t,
                                     .stop_user = t};
  if (!lanes || t->reactant >= 0) return false;
  taup_lanes_march(lanes, 1, &point, &options);
  if (t->stopped || point.end == TAUP_LANE_DONE) return true;
  memcpy(w->y, t->y_in, (size_t)t->walk.p->system.n * sizeof *w->y);
  taup_bvp_guess_clear(t->field);
  taup_bvp_guess_add(t->field, 0.0, w->y);
  return false;
}

/* Plug flow, loosely. Where it does not come to its end the guess is what there is. */
static tau_status march(tube *t)
{
  tau_workspace *w = t->walk.w;
  const taup_unit_program *p = t->walk.p;
  const taup_march_options loose = {.rtol = 1e-4,
                                    .atol = w->lower,
                                    .max_steps = w->options.max_steps,
                                    .loose = true};
  for (int i = 0; i < p->system.n; i++) w->lower[i] = 1e-6 * w->scale[i];
  if (march_in_lane(t, fmax(closest_guess, fmin(1e-2 * w->options.rtol, loosest_guess))))
    return (tau_status)t->stopped;
  const tau_status st =
    taup_march_run(w->engines[t->walk.i_program].march, t->walk.R, w->y, w->q, &loose, after_step, t);
  return st == TAU_E_SOLVER ? TAU_OK : st;
}

/* The species whose conversion a start tells: that of the key, or the first that is fed of the first reaction. */
static int reactant_of(const tube *t)
{
  const tau_train *train = t->walk.w->train;
  const double *inlet = t->walk.w->result->data + t->walk.layout->inlet;
  if (train->d.key_reactant >= 0) return train->d.key_reactant;
  for (int j = 0; j < train->d.chemistry.n_reactions; j++) {
    const taup_reaction *r = &train->d.chemistry.reactions[j];
    for (int i = 0; i < r->n_forward; i++)
      if (inlet[r->forward[i].species] > 0.0) return r->forward[i].species;
  }
  return -1;
}

static tau_status guess_by_conversion(tube *t)
{
  tau_workspace *w = t->walk.w;
  t->reactant = reactant_of(t);
  t->conversion = w->inputs[t->walk.unit->start_conversion];
  if (t->reactant >= 0 && w->result->data[t->walk.layout->inlet + t->reactant] > 0.0) TAU_TRY(march(t));
  if (!t->reached)
    taup_result_warn(w->result, "unit '%s': plug flow does not come to the conversion of its start",
                     t->walk.unit->name);
  taup_bvp_guess_add(t->field, 0.0, w->y);
  return TAU_OK;
}

/* A tube full of what is given, or else of its feed. */
static void guess_by_state(tube *t)
{
  tau_workspace *w = t->walk.w;
  const taup_unit *u = t->walk.unit;
  const taup_unit_program *p = t->walk.p;
  taup_look(w, t->walk.i_program, w->y);
  const double flow = w->place[w->train->layout->n_species + TAUP_PLACE_FLOW];
  for (int k = 0; k < u->n_start; k++)
    for (int i = 0; i < p->n_amounts; i++)
      if (p->species_of_state[i] == u->start[k].species) w->y[i] = w->inputs[u->start[k].parameter] * flow;
  if (p->state_of_T >= 0 && u->start_temperature >= 0) w->y[p->state_of_T] = w->inputs[u->start_temperature];
  taup_bvp_guess_add(t->field, 0.0, w->y);
}

static tau_status guess(tube *t)
{
  tau_workspace *w = t->walk.w;
  taup_bvp_guess_clear(t->field);
  if (t->walk.unit->has_start) {
    if (t->walk.unit->start_conversion >= 0) return guess_by_conversion(t);
    guess_by_state(t);
    return TAU_OK;
  }
  taup_bvp_guess_add(t->field, 0.0, w->y);
  return march(t);
}

/* --- the field --- */

static void scales(tube *t)
{
  tau_workspace *w = t->walk.w;
  const taup_unit_program *p = t->walk.p;
  const double *inlet = w->result->data + t->walk.layout->inlet;
  const int n = w->train->layout->n_species;
  double most = 0.0;
  for (int i = 0; i < n; i++)
    if (!w->train->d.chemistry.species[i].flowing_solvent) most = fmax(most, inlet[i]);
  if (!(most > 0.0)) most = w->most_concentration * inlet[2 * n + TAUP_STREAM_FLOW];
  for (int i = 0; i < p->n_amounts; i++) w->scale[i] = most;
  if (p->state_of_T >= 0) w->scale[p->state_of_T] = 100.0;
  for (int i = 0; i < p->n_amounts; i++) w->atol[i] *= grid_atol;
}

static int ask(void *user)
{
  tube *t = user;
  return taup_asked_to_stop(t->walk.w, t->walk.unit->name, 0.5);
}

static tau_status solve(tube *t)
{
  tau_workspace *w = t->walk.w;
  const taup_unit_program *p = t->walk.p;
  const double *inlet = w->result->data + t->walk.layout->inlet;
  const double flow = inlet[2 * w->train->layout->n_species + TAUP_STREAM_FLOW];
  for (int i = 0; i < p->system.n; i++) {
    w->lower[i] = -(double)INFINITY;
    w->slope[i] = -1e-6 * w->most_concentration * flow; /* as of a march (taup_below_zero) */
  }
  if (p->state_of_T >= 0) w->lower[p->state_of_T] = w->slope[p->state_of_T] = coldest;
  const taup_bvp_problem problem = {.R = t->walk.R,
                                    .peclet = w->enter[TAUP_ENTER_PECLET],
                                    .y_in = t->y_in,
                                    .rtol = w->options.rtol,
                                    .atol = w->atol,
                                    .scale = w->scale,
                                    .lower = w->lower,
                                    .least = w->slope,
                                    .stop = ask,
                                    .user = t};
  return taup_bvp_solve(t->field, &problem, t->walk.unit->has_start);
}

/* --- what is kept of it --- */

/* State into w->f, slopes of the concentrations and of T into out. */
static void slopes(tube *t, double s, double *out)
{
  tau_workspace *w = t->walk.w;
  const int n = w->train->layout->n_species, T = t->walk.p->state_of_T;
  taup_bvp_slope_at(t->field, s, w->f, w->scale);
  taup_walk_slopes(&t->walk, w->f, w->scale, out);
  out[n] = T >= 0 ? w->scale[T] : 0.0;
}

static double searched_slope(void *user, double s)
{
  tube *t = user;
  slopes(t, s, t->slope);
  return t->slope[t->searched];
}

/* Sample k of the field: SAMPLES in each element. */
static double sample(const tube *t, int k)
{
  const int e = k / SAMPLES, n = taup_bvp_n_points(t->field);
  if (e >= n - 1) return taup_bvp_place(t->field, n - 1);
  const double a = taup_bvp_place(t->field, e), b = taup_bvp_place(t->field, e + 1);
  return a + (b - a) * (k % SAMPLES) / SAMPLES;
}

/* Where a concentration or (n_species) T has a maximum inside, and the two ends. */
static void each_peak(tube *t, peak_fn found, void *user)
{
  const int n = t->walk.w->train->layout->n_species, last = (taup_bvp_n_points(t->field) - 1) * SAMPLES;
  double *before = t->walk.w->step_start, *here = before + n + 2;
  t->slope = here + n + 2;
  found(t, -1, 0.0, user);
  slopes(t, 0.0, before);
  for (int k = 1; k <= last; k++) {
    slopes(t, sample(t, k), here);
    for (int i = 0; i <= n; i++) {
      if (!(before[i] > 0.0 && here[i] < 0.0)) continue;
      t->searched = i;
      found(t, i,
            taup_bracketed_root(searched_slope, t, sample(t, k - 1), before[i], sample(t, k), here[i], 1e-14),
            user);
    }
    memcpy(before, here, (size_t)(n + 1) * sizeof *here);
  }
  found(t, -1, 1.0, user);
}

static void show(tube *t, int i, double s, void *user)
{
  (void)i;
  (void)user;
  taup_bvp_at(t->field, s, t->walk.w->f);
  taup_walk_candidate(&t->walk, s, t->walk.w->f);
}

static void store_profile(tube *t)
{
  double s;
  for (int k = 0; (s = taup_walk_stored(&t->walk, k)) <= 1.0 + 1e-12; k++) {
    taup_bvp_at(t->field, fmin(s, 1.0), t->walk.w->f);
    taup_walk_store(&t->walk, fmin(s, 1.0), t->walk.w->f);
  }
}

/* The estimated error of the outlet, of the concentration or temperature where it is largest, relative; a concentration below 1e-9 of the
 * largest in the feeds is compared with that. */
static double grid_error(const tube *t)
{
  const tau_workspace *w = t->walk.w;
  const taup_unit_program *p = t->walk.p;
  const double *error = taup_bvp_outlet_error(t->field);
  double most = 0.0;
  for (int i = 0; i < p->system.n; i++) {
    const double least = i < p->n_amounts ? 1e-9 * w->scale[i] : 1.0;
    most = fmax(most, error[i] / fmax(fabs(w->y[i]), least));
  }
  return most;
}

static void keep(tube *t)
{
  tau_workspace *w = t->walk.w;
  const taup_solver_counts c = taup_bvp_counts(t->field);
  const tau_statistics statistics = {.n_steps = c.n_steps,
                                     .n_rhs = c.n_rhs,
                                     .n_jacobian = c.n_jacobian,
                                     .n_newton = c.n_newton,
                                     .last_step = 1.0 / (double)c.n_steps,
                                     .method = "collocation"};
  taup_bvp_at(t->field, 1.0, w->y);
  const double error = grid_error(t);
  if (w->needs & TAUP_NEED_HEAT) taup_bvp_integrals(t->field, w->q);
  if (w->needs & TAUP_NEED_MAXIMA) each_peak(t, show, NULL);
  if (w->needs & TAUP_NEED_PROFILES) store_profile(t);
  t->walk.s_end = 1.0;
  taup_walk_end(&t->walk, &statistics);
  w->result->data[t->walk.layout->scalars + TAUP_SCALAR_GRID_ERROR] = error;
  if (taup_bvp_error(t->field) > 1.0)
    taup_result_warn(w->result,
                     "unit '%s': its mesh is as fine as it may be; the grid's error is some %.1g, relative",
                     t->walk.unit->name, error);
}

/* --- what may go wrong --- */

static tau_status check_peclet(const tube *t)
{
  const double Pe = t->walk.w->enter[TAUP_ENTER_PECLET];
  if (Pe > 0.0 && isfinite(Pe)) return TAU_OK;
  return taup_fail(TAUP_ERR_IMPOSSIBLE_SIZE,
                   "the Peclet number of unit '%s' comes out as %g; give 'peclet', or 'dispersion' with the "
                   "tube's 'diameter'",
                   t->walk.unit->name, Pe);
}

static tau_status find(tube *t, tau_workspace *w, int i_stage, taup_failure *failure)
{
  *t = (tube){.reactant = -1};
  TAU_TRY(taup_walk_open(&t->walk, w, i_stage));
  TAU_TRY(check_peclet(t));
  t->field = w->engines[t->walk.i_program].field;
  t->y_in = w->start;
  memcpy(t->y_in, w->y, (size_t)t->walk.p->system.n * sizeof *w->y);
  scales(t);
  tau_status st = guess(t);
  if (st != TAU_OK) return st;
  st = solve(t);
  *failure = taup_bvp_failure(t->field);
  if (st == TAU_E_SOLVER) taup_bvp_at(t->field, failure->s, w->y);
  if (st == TAU_OK) taup_bvp_sign(t->field, w, i_stage);
  return st;
}

tau_status taup_run_field(tau_workspace *w, int i_stage)
{
  tube t;
  taup_failure failure = {.kind = TAUP_ERR_NONE};
  const tau_status st = find(&t, w, i_stage, &failure);
  if (st == TAU_OK) keep(&t);
  return st < 0 && failure.kind ? taup_explain(w, i_stage, t.walk.i_program, st, &failure) : st;
}

/* --- for tangents --- */

static void highest(tube *t, int i, double s, void *user)
{
  taup_field_tops *tops = user;
  tau_workspace *w = t->walk.w;
  const int n = w->train->layout->n_species;
  taup_bvp_at(t->field, s, w->f);
  taup_look(w, t->walk.i_program, w->f);
  for (int k = 0; k <= n; k++) {
    if (i >= 0 && i != k) continue;
    const double value = k < n ? w->place[k] / w->place[n + TAUP_PLACE_FLOW] : w->place[n + TAUP_PLACE_T];
    if (tops->value[k] >= value) continue;
    tops->value[k] = value;
    tops->s[k] = s;
  }
}

tau_status taup_field_again(tau_workspace *w, int i_stage, int i_program, taup_field_tops *tops)
{
  taup_failure failure;
  tube t = {.field = w->engines[i_program].field,
            .walk = {.w = w,
                     .i_stage = i_stage,
                     .i_program = i_program,
                     .p = &w->train->programs[i_program],
                     .R = w->engines[i_program].R}};
  double *length = &w->result->data[w->train->layout->units[i_stage].scalars + TAUP_SCALAR_LENGTH];
  const double kept = *length;
  const bool at_hand = taup_bvp_is_signed(t.field, w, i_stage);
  const tau_status st = at_hand ? TAU_OK : find(&t, w, i_stage, &failure);
  *length = kept; /* a walk keeps its whole extent there while it goes on */
  if (st != TAU_OK) return st;
  for (int k = 0; k <= w->train->layout->n_species; k++) tops->value[k] = -(double)INFINITY;
  each_peak(&t, highest, tops);
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bundle.c - many points of one train, unit after unit. */
#include "train/bundle.h"

#include <math.h>

#include "train/mixed.h"
#include "train/tank.h"

/* A point: its workspace, and its walk, its way at maximum mixedness or its tanks in the unit at hand. */
typedef struct place {
  tau_workspace *w;
  tau_status st;
  int n_done;
  taup_walk walk;
  taup_mixed mixed;
  taup_cascade tanks;
  bool in_lanes;
} place;

struct taup_bundle {
  tau_train *train;
  taup_bundle_options options;
  int n_places;
  tau_workspace *solvers;
  place *places;
  taup_lanes **lanes;         /* of each program; NULL: not in lanes */
  taup_lane_newton **newtons; /* of tanks */
  taup_lane_point *points;
  taup_lane_root *roots;
  int *place_of; /* of the points at hand */
  int64_t n_handed_over;
};

/* --- life --- */

const char *taup_lanes_refusal(const tau_train *t)
{
  if (!taup_width_is_there(4)) return "this processor has no vectors with fused multiplication";
  for (int k = 0; k < t->n_programs; k++)
    if (t->programs[k].fits_lanes) return NULL;
  if (taup_chemistry_calls(&t->d.chemistry))
    return "a rate is a function that is called, one point at a time";
  return "no unit is a tube, a tank or a batch of at most 64 states";
}

int taup_bundle_width(const taup_bundle_options *options)
{
  return options->width ? options->width : taup_width_is_there(8) ? 8 : 1;
}

static tau_status make_lanes(taup_bundle *b)
{
  const tau_train *t = b->train;
  const int width = taup_bundle_width(&b->options);
  if (!b->options.lanes || taup_lanes_refusal(t)) return TAU_OK;
  for (int k = 0; k < t->n_programs; k++) {
    if (!t->programs[k].fits_lanes) continue;
    taup_system system = t->programs[k].system;
    if (t->programs[k].unit->mixing == TAUP_EXCHANGE) continue; /* which has many marches of its own */
    if (taup_family_of(t->programs[k].unit) == TAUP_WELL_MIXED) {
      TAU_TRY(taup_lane_newton_new(&b->newtons[k], &system, width));
      continue;
    }
    if (!(b->options.needs & TAUP_NEED_HEAT)) system.body_q = -1; /* the integrals are those of heat */
    TAU_TRY(taup_lanes_new(&b->lanes[k], &system, width));
  }
  return TAU_OK;
}

static tau_status make_places(taup_bundle *b)
{
  TAU_TRY(tau_workspace_new(&b->solvers, b->train));
  for (int i = 0; i < b->n_places; i++) {
    tau_workspace *w;
    TAU_TRY(taup_workspace_new(&w, b->train, b->solvers));
    b->places[i].w = w;
    w->needs = b->options.needs;
    w->by_cvodes = true;
  }
  return make_lanes(b);
}

tau_status taup_bundle_new(taup_bundle **out, const tau_train *train, int n,
                           const taup_bundle_options *options)
{
  *out = NULL;
  taup_bundle *b = taup_calloc(1, sizeof *b);
  if (!b) return TAU_E_NOMEM;
  b->train = tau_train_ref(train);
  b->options = *options;
  b->n_places = n;
  b->places = taup_calloc((size_t)n, sizeof *b->places);
  b->points = taup_calloc((size_t)n, sizeof *b->points);
  b->place_of = taup_calloc((size_t)n, sizeof *b->place_of);
  b->roots = taup_calloc((size_t)n, sizeof *b->roots);
  b->lanes = taup_calloc((size_t)train->n_programs, sizeof *b->lanes);
  b->newtons = taup_calloc((size_t)train->n_programs, sizeof *b->newtons);
  const bool there = b->places && b->points && b->place_of && b->roots && b->lanes && b->newtons;
  const tau_status st = there ? make_places(b) : TAU_E_NOMEM;
  if (st < 0) {
    taup_bundle_free(b);
    return st;
  }
  *out = b;
  return TAU_OK;
}

void taup_bundle_free(taup_bundle *b)
{
  if (!b) return;
  for (int i = 0; b->places && i < b->n_places; i++) tau_workspace_free(b->places[i].w);
  for (int k = 0; b->lanes && k < b->train->n_programs; k++) taup_lanes_free(b->lanes[k]);
  for (int k = 0; b->newtons && k < b->train->n_programs; k++) taup_lane_newton_free(b->newtons[k]);
  tau_workspace_free(b->solvers);
  taup_free(b->places);
  taup_free(b->points);
  taup_free(b->place_of);
  taup_free(b->roots);
  taup_free(b->lanes);
  taup_free(b->newtons);
  tau_train_free(b->train);
  taup_free(b);
}

double *taup_bundle_inputs(taup_bundle *b, int i) { return b->places[i].w->result->inputs; }
const tau_result *taup_bundle_result(const taup_bundle *b, int i) { return b->places[i].w->result; }
int64_t taup_bundle_n_handed_over(const taup_bundle *b) { return b->n_handed_over; }

/* A point that ends early does so at once, while the thread's record holds why. */
static void set_status(place *p, tau_status st)
{
  p->st = st;
  if (st != TAU_OK) taup_run_end(p->w, st, p->n_done);
}

/* --- a unit of all points --- */

static void enter(place *p, int i_stage)
{
  bool over = false;
  double duty;
  tau_status st = taup_run_inlet(p->w, i_stage, &duty);
  if (st == TAU_OK) st = taup_walk_begin(&p->walk, p->w, i_stage, &over);
  set_status(p, st);
  p->in_lanes = st == TAU_OK && !over;
  const tau_statistics none = {.method = "lanes"};
  if (over) taup_walk_end(&p->walk, &none);
}

static bool watch(void *user, int i_point, const taup_lane_view *view, double s0, double s1, double *s)
{
  taup_bundle *b = user;
  *s = s1;
  return taup_walk_step(&b->places[b->place_of[i_point]].walk, view, s0, s);
}

/* A march with the limits of its runs. */
typedef struct limited {
  const tau_run_options *run;
  double started;
} limited;

static bool is_to_stop(void *user)
{
  const limited *l = user;
  const tau_run_options *o = l->run;
  return taup_clock() - l->started >= o->max_time || (o->progress && o->progress(o->user, "", 0.0));
}

void taup_march_side_by_side(taup_lanes *lanes, int n, taup_lane_point *points, const tau_run_options *run,
                             taup_lane_watch look, taup_lane_force force, void *user)
{
  limited l = {run, taup_clock()};
  const taup_lane_options options = {.rtol = run->rtol,
                                     .max_steps = run->max_steps,
                                     .watch = look,
                                     .force = force,
                                     .stop = is_to_stop,
                                     .user = user,
                                     .stop_user = &l};
  taup_lanes_march(lanes, n, points, &options);
}

/* What the lanes gave up is taken by CVODES from its entrance. */
static void leave(taup_bundle *b, place *p, const taup_lane_point *point, int i_stage)
{
  p->in_lanes = false;
  if (taup_walk_leave(&p->walk, point)) return;
  b->n_handed_over++;
  p->w->started = taup_clock();
  set_status(p, taup_run_march(p->w, i_stage));
}

/* The points that march by one program. */
static void march(taup_bundle *b, int n, int i_stage, int i_program)
{
  int m = 0;
  bool watched = false;
  for (int i = 0; i < n; i++) {
    place *p = &b->places[i];
    if (!p->in_lanes || p->walk.i_program != i_program) continue;
    b->place_of[m] = i;
    b->points[m++] = (taup_lane_point){.R = p->walk.R, .atol = p->w->atol, .y = p->w->y, .q = p->w->q};
    watched = watched || taup_walk_watches(&p->walk);
  }
  if (m == 0) return;
  const tau_run_options *o = &b->places[b->place_of[0]].w->options;
  taup_march_side_by_side(b->lanes[i_program], m, b->points, o, watched ? watch : NULL, NULL, b);
  for (int k = 0; k < m; k++) leave(b, &b->places[b->place_of[k]], &b->points[k], i_stage);
}

/* --- maximum mixedness of all points --- */

static void enter_mixed(place *p, int i_stage)
{
  double duty;
  tau_status st = taup_run_inlet(p->w, i_stage, &duty);
  if (st == TAU_OK) st = taup_mixed_begin(&p->mixed, p->w, i_stage);
  set_status(p, st);
  p->in_lanes = st == TAU_OK;
}

static bool watch_mixed(void *user, int i_point, const taup_lane_view *view, double s0, double s1, double *s)
{
  taup_bundle *b = user;
  *s = s1;
  return taup_mixed_step(&b->places[b->place_of[i_point]].mixed, view, s0, s1);
}

static void force(void *user, int n, const int *points, const double *s, double *a, double *slope)
{
  taup_bundle *b = user;
  taup_mixed *m[TAUP_WASHOUT_MANY] = {NULL};
  for (int k = 0; k < n; k++) m[k] = &b->places[b->place_of[points[k]]].mixed;
  taup_mixed_forces(n, m, s, a, slope);
}

static void leave_mixed(taup_bundle *b, place *p, const taup_lane_point *point, int i_stage)
{
  const bool holds = taup_mixed_leave(&p->mixed, point);
  p->in_lanes = holds && taup_mixed_next(&p->mixed);
  if (holds) return;
  b->n_handed_over++;
  p->w->started = taup_clock();
  set_status(p, taup_run_mixed(p->w, i_stage));
}

/* A part of the time left of all points; false: none has one any more. */
static bool march_part(taup_bundle *b, int n, int i_stage)
{
  int m = 0;
  for (int i = 0; i < n; i++) {
    place *p = &b->places[i];
    if (!p->in_lanes) continue;
    b->place_of[m] = i;
    b->points[m++] = (taup_lane_point){.R = p->mixed.walk.R, .atol = p->w->atol, .y = p->w->y};
  }
  if (m == 0) return false;
  const place *first = &b->places[b->place_of[0]];
  tau_run_options o = first->w->options;
  o.rtol = taup_mixed_rtol(o.rtol);
  taup_march_side_by_side(b->lanes[b->train->stages[i_stage].program], m, b->points, &o,
                          taup_mixed_watches(&first->mixed) ? watch_mixed : NULL, force, b);
  for (int k = 0; k < m; k++) leave_mixed(b, &b->places[b->place_of[k]], &b->points[k], i_stage);
  return true;
}

/* --- a tank of all points --- */

static void enter_tank(place *p, int i_stage)
{
  double duty;
  tau_status st = taup_run_inlet(p->w, i_stage, &duty);
  if (st == TAU_OK) st = taup_cascade_begin(&p->tanks, p->w, i_stage);
  set_status(p, st);
  p->in_lanes = st == TAU_OK;
}

/* A tank that the lanes did not find is taken by the reference, from its inlet. */
static tau_status by_reference(taup_bundle *b, place *p)
{
  b->n_handed_over++;
  p->w->started = taup_clock();
  const int stop = taup_asked_to_stop(p->w, p->tanks.tank.unit->name, 0.0);
  if (stop) return (tau_status)stop;
  const tau_status st = taup_cascade_enter(&p->tanks);
  return st < 0 ? st : taup_tank_run(&p->tanks.tank);
}

/* The point goes on to the next tank of the unit, or the unit is over. */
static void leave_tank(taup_bundle *b, place *p, const taup_lane_root *root)
{
  tau_status st = taup_tank_leave(&p->tanks.tank, root) ? TAU_OK : by_reference(b, p);
  p->in_lanes = false;
  if (st == TAU_OK) st = taup_cascade_next(&p->tanks, &p->in_lanes);
  if (st != TAU_OK) taup_cascade_give_up(&p->tanks);
  set_status(p, st);
}

/* All at once are done before one would ask whether to stop: that is asked before. False: no point has a tank to be solved. */
static bool solve(taup_bundle *b, int n, int i_program)
{
  int m = 0;
  for (int i = 0; i < n; i++) {
    place *p = &b->places[i];
    if (!p->in_lanes) continue;
    b->place_of[m] = i;
    b->roots[m++] = taup_tank_root(&p->tanks.tank);
  }
  if (m == 0) return false;
  const tau_run_options *o = &b->places[b->place_of[0]].w->options;
  limited l = {.run = o, .started = taup_clock()};
  if (!is_to_stop(&l)) taup_tank_solve_all(b->newtons[i_program], m, b->roots, o->rtol);
  for (int k = 0; k < m; k++) leave_tank(b, &b->places[b->place_of[k]], &b->roots[k]);
  return true;
}

/* --- a unit --- */

static void run_unit(taup_bundle *b, int n, int i_stage)
{
  const taup_stage *stage = &b->train->stages[i_stage];
  const bool tank = stage->program >= 0 && b->newtons[stage->program];
  const bool in_lanes = stage->program >= 0 && b->lanes[stage->program];
  const bool mixed = in_lanes && stage->unit->mixing == TAUP_MAXIMUM;
  for (int i = 0; i < n; i++) {
    place *p = &b->places[i];
    if (p->st != TAU_OK) continue;
    p->w->result->i_ended = i_stage;
    if (tank) enter_tank(p, i_stage);
    else if (mixed) enter_mixed(p, i_stage);
    else if (in_lanes) enter(p, i_stage);
    else set_status(p, taup_run_stage(p->w, i_stage));
  }
  while (tank && solve(b, n, stage->program)) continue; /* tank k of all points, then tank k + 1 */
  while (mixed && march_part(b, n, i_stage)) continue;  /* as of tanks */
  if (in_lanes && !mixed) march(b, n, i_stage, stage->program);
  if (in_lanes && stage->reduced >= 0) march(b, n, i_stage, stage->reduced);
  for (int i = 0; i < n; i++)
    if (b->places[i].st == TAU_OK) b->places[i].n_done++;
}

void taup_bundle_run(taup_bundle *b, int n, const tau_run_options *options)
{
  const double started = taup_clock();
  for (int i = 0; i < n; i++) {
    place *p = &b->places[i];
    taup_result_clear(p->w->result, p->w->needs);
    p->n_done = 0;
    set_status(p, taup_run_begin(p->w, options, started));
  }
  for (int s = 0; s < b->train->n_stages; s++) run_unit(b, n, s);
  for (int i = 0; i < n; i++) {
    const place *p = &b->places[i];
    if (p->st != TAU_OK) continue;
    p->w->result->i_ended = -1;
    taup_run_end(p->w, p->st, p->n_done);
  }
}

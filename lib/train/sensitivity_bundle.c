/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_bundle.c - derivatives at many points: each point has a workspace and tangents of its own, which the one object of programs
 * (tau_sensitivity) is given in turn. */
#include "train/sensitivity_bundle.h"

#include <stdio.h>
#include <string.h>

#include "train/march.h"
#include "train/sensitivity_lanes.h"

/* A point, and its march in the unit at hand. */
typedef struct place {
  tau_workspace *w;
  double **R;    /* of the slopes of each program */
  double *block; /* all below */
  double *tangent, *feeds, *values, *base;
  double *z, *out, *walk_block, *coefficient, *y, *y_atol, *q;
  bool *lost;
  tau_status st;
  int n_done;
  char why[256];
  taup_task task;
  taup_journey journey;
  taup_tangent_walk walk;
  const taup_carrier *carrier; /* NULL: it is not in lanes */
} place;

/* The most that any program and carrier needs. */
typedef struct sizes {
  size_t n_x, n_states, n_early, walk, carried, directions;
} sizes;

struct taup_sensitivity_bundle {
  tau_train *train;
  taup_bundle *runs;
  tau_sensitivity *s;
  taup_sensitivity_bundle_options options;
  int n_places;
  place *places;
  taup_carrier **carriers; /* of each stage: by its program, by its reduced one; NULL: none */
  double ***carrier_R;     /* of each of these, by place */
  double **own_R;          /* of the slopes, while they have those of a place */
  sizes most;
  double *own[4]; /* tangent, feeds, values, base of s: its own */
  tau_workspace *own_w;
  double *scratch, *scale, *early, *d_early, *lane_y;
  bool *inlet_moves, *feeds_move; /* of s */
  taup_lane_point *points;
  int *place_of; /* of the points at hand */
  int64_t n_in_lanes, n_handed_over;
};

/* --- life --- */

static void enlarge(size_t *most, int n)
{
  if ((size_t)n > *most) *most = (size_t)n;
}

static tau_status make_slopes(taup_sensitivity_bundle *b)
{
  const tau_train *t = b->train;
  const bool lanes = b->options.run.lanes && !taup_lanes_refusal(t);
  b->own_R = taup_calloc((size_t)t->n_programs, sizeof *b->own_R);
  if (!b->own_R) return TAU_E_NOMEM;
  for (int k = 0; k < t->n_programs; k++) {
    const bool tank = taup_family_of(t->programs[k].unit) == TAUP_WELL_MIXED || t->programs[k].unit->mixing;
    TAU_TRY(taup_make_engine(b->s, k, lanes && !tank && t->programs[k].fits_lanes));
    const taup_unit_slopes *u = &b->s->engines[k].slopes;
    b->own_R[k] = u->s.R;
    enlarge(&b->most.n_x, u->n_x);
    enlarge(&b->most.n_states, u->system.n);
    enlarge(&b->most.n_early, u->late.n_early);
    enlarge(&b->most.walk, (int)taup_tangent_walk_size(u, t->layout->n_species, b->s->n));
  }
  return TAU_OK;
}

static tau_status make_carrier(taup_sensitivity_bundle *b, const taup_reach *reach, int i_stage, int k, int at)
{
  if (k < 0 || !b->s->engines[k].slopes.late.g) return TAU_OK;
  const bool heat = (b->options.run.needs & TAUP_NEED_HEAT) != 0;
  TAU_TRY(taup_carrier_new(&b->carriers[at], b->s, reach, i_stage, k,
                           (taup_carrier_options){taup_bundle_width(&b->options.run), heat}));
  if (!b->carriers[at]) return TAU_OK;
  enlarge(&b->most.carried, b->carriers[at]->system.n);
  enlarge(&b->most.directions, b->carriers[at]->n_directions);
  return TAU_OK;
}

static tau_status take_reach(taup_sensitivity_bundle *b, const taup_reach *reach)
{
  const size_t n = (size_t)b->s->n, n_stages = (size_t)b->train->n_stages;
  b->inlet_moves = taup_calloc(n * n_stages, sizeof *b->inlet_moves);
  b->feeds_move = taup_calloc(n, sizeof *b->feeds_move);
  if (!b->inlet_moves || !b->feeds_move) return TAU_E_NOMEM;
  for (size_t k = 0; k < n * n_stages; k++)
    for (int i = 0; i < reach->n_in; i++)
      b->inlet_moves[k] = b->inlet_moves[k] || reach->in[k * (size_t)reach->n_in + (size_t)i];
  memcpy(b->feeds_move, reach->feeds, n * sizeof *b->feeds_move);
  b->s->inlet_moves = b->inlet_moves;
  b->s->feeds_move = b->feeds_move;
  return TAU_OK;
}

static tau_status make_carriers(taup_sensitivity_bundle *b)
{
  const tau_train *t = b->train;
  taup_reach reach;
  tau_status st = taup_reach_new(&reach, b->s);
  b->carriers = taup_calloc(2 * (size_t)t->n_stages, sizeof *b->carriers);
  b->carrier_R = taup_calloc(2 * (size_t)t->n_stages, sizeof *b->carrier_R);
  if (!b->carriers || !b->carrier_R) st = TAU_E_NOMEM;
  for (int i = 0; i < t->n_stages && st == TAU_OK; i++) {
    st = make_carrier(b, &reach, i, t->stages[i].program, 2 * i);
    if (st == TAU_OK) st = make_carrier(b, &reach, i, t->stages[i].reduced, 2 * i + 1);
  }
  if (st == TAU_OK) st = take_reach(b, &reach);
  taup_reach_free(&reach);
  return st;
}

static tau_status make_registers(const taup_program *p, double **R)
{
  *R = taup_calloc(taup_program_bytes(p, 1), 1);
  if (!*R) return TAU_E_NOMEM;
  taup_program_init(p, 1, *R);
  return TAU_OK;
}

static tau_status make_carrier_registers(taup_sensitivity_bundle *b)
{
  for (int i = 0; i < 2 * b->train->n_stages; i++) {
    if (!b->carriers[i]) continue;
    b->carrier_R[i] = taup_calloc((size_t)b->n_places, sizeof **b->carrier_R);
    if (!b->carrier_R[i]) return TAU_E_NOMEM;
    for (int k = 0; k < b->n_places; k++)
      TAU_TRY(make_registers(b->carriers[i]->program, &b->carrier_R[i][k]));
  }
  return TAU_OK;
}

typedef struct slice {
  double **at;
  size_t n;
} slice;

/* One block, sliced. */
static double *make_block(const slice *slices, size_t n)
{
  size_t all = 1;
  for (size_t i = 0; i < n; i++) all += slices[i].n;
  double *block = taup_calloc(all, sizeof *block), *at = block;
  for (size_t i = 0; block && i < n; at += slices[i++].n) *slices[i].at = at;
  return block;
}

static tau_status make_place(taup_sensitivity_bundle *b, place *p)
{
  const tau_sensitivity *s = b->s;
  const size_t n = (size_t)s->n, n_observables = (size_t)s->n_observables;
  const slice slices[] = {{&p->tangent, n * (size_t)s->n_data},
                          {&p->feeds, n * (size_t)s->feed_slopes.e.first},
                          {&p->values, n * n_observables},
                          {&p->base, n + n_observables},
                          {&p->z, n * b->most.n_x},
                          {&p->out, n * (size_t)s->out.n},
                          {&p->walk_block, b->most.walk},
                          {&p->coefficient, n * b->most.directions},
                          {&p->y, b->most.carried},
                          {&p->y_atol, b->most.carried},
                          {&p->q, TAUP_N_Q * (1 + b->most.directions)}};
  p->block = make_block(slices, sizeof slices / sizeof *slices);
  p->lost = taup_calloc(n, sizeof *p->lost);
  p->R = taup_calloc((size_t)b->train->n_programs, sizeof *p->R);
  if (!p->block || !p->lost || !p->R) return TAU_E_NOMEM;
  for (int k = 0; k < b->train->n_programs; k++)
    TAU_TRY(make_registers(s->engines[k].slopes.s.program, &p->R[k]));
  TAU_TRY(taup_workspace_new(&p->w, b->train, b->own_w));
  p->w->needs = b->options.run.needs;
  return TAU_OK;
}

static tau_status make(taup_sensitivity_bundle *b)
{
  const taup_sensitivity_bundle_options *o = &b->options;
  TAU_TRY(
    taup_sensitivity_new(&b->s, b->train, o->n_parameters, o->parameters, o->n_observables, o->observables));
  for (int i = 0; i < b->s->n_observables; i++)
    b->options.run.needs |= b->train->layout->observable_needs[b->s->observables[i]];
  double *const own[4] = {b->s->tangent, b->s->feeds, b->s->values, b->s->base};
  memcpy(b->own, own, sizeof own);
  b->own_w = b->s->w;
  TAU_TRY(taup_bundle_new(&b->runs, b->train, b->n_places, &b->options.run));
  TAU_TRY(make_slopes(b));
  TAU_TRY(make_carriers(b));
  TAU_TRY(make_carrier_registers(b));
  const size_t n = (size_t)b->s->n;
  const slice slices[] = {{&b->scale, n},
                          {&b->d_early, n * b->most.n_early},
                          {&b->early, b->most.n_early},
                          {&b->lane_y, b->most.carried}};
  b->scratch = make_block(slices, sizeof slices / sizeof *slices);
  b->places = taup_calloc((size_t)b->n_places, sizeof *b->places);
  b->points = taup_calloc((size_t)b->n_places, sizeof *b->points);
  b->place_of = taup_calloc((size_t)b->n_places, sizeof *b->place_of);
  if (!b->scratch || !b->places || !b->points || !b->place_of) return TAU_E_NOMEM;
  for (int i = 0; i < b->n_places; i++) TAU_TRY(make_place(b, &b->places[i]));
  return TAU_OK;
}

tau_status taup_sensitivity_bundle_new(taup_sensitivity_bundle **out, const tau_train *train, int n,
                                       const taup_sensitivity_bundle_options *options)
{
  *out = NULL;
  taup_sensitivity_bundle *b = taup_calloc(1, sizeof *b);
  if (!b) return TAU_E_NOMEM;
  b->train = tau_train_ref(train);
  b->options = *options;
  b->n_places = n;
  const tau_status st = make(b);
  if (st < 0) {
    taup_sensitivity_bundle_free(b);
    return st;
  }
  *out = b;
  return TAU_OK;
}

static void free_place(const taup_sensitivity_bundle *b, place *p)
{
  for (int k = 0; p->R && k < b->train->n_programs; k++) taup_free(p->R[k]);
  taup_free(p->R);
  taup_free(p->lost);
  taup_free(p->block);
  tau_workspace_free(p->w);
}

/* s has its own memory again. */
static void give_back(taup_sensitivity_bundle *b)
{
  if (!b->s || !b->own_w) return;
  b->s->tangent = b->own[0];
  b->s->feeds = b->own[1];
  b->s->values = b->own[2];
  b->s->base = b->own[3];
  b->s->w = b->own_w;
  for (int k = 0; b->own_R && k < b->train->n_programs; k++)
    if (b->own_R[k]) b->s->engines[k].slopes.s.R = b->own_R[k];
}

void taup_sensitivity_bundle_free(taup_sensitivity_bundle *b)
{
  if (!b) return;
  give_back(b);
  for (int i = 0; b->places && i < b->n_places; i++) free_place(b, &b->places[i]);
  for (int i = 0; i < 2 * b->train->n_stages; i++) {
    for (int k = 0; b->carrier_R && b->carrier_R[i] && k < b->n_places; k++) taup_free(b->carrier_R[i][k]);
    if (b->carrier_R) taup_free(b->carrier_R[i]);
    if (b->carriers) taup_carrier_free(b->carriers[i]);
  }
  void *const blocks[] = {b->places,    b->points, b->place_of,    b->scratch,   b->carriers,
                          b->carrier_R, b->own_R,  b->inlet_moves, b->feeds_move};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) taup_free(blocks[i]);
  taup_bundle_free(b->runs);
  tau_sensitivity_free(b->s);
  tau_train_free(b->train);
  taup_free(b);
}

/* --- what came out --- */

double *taup_sensitivity_bundle_inputs(taup_sensitivity_bundle *b, int i)
{
  return taup_bundle_inputs(b->runs, i);
}
const tau_result *taup_sensitivity_bundle_result(const taup_sensitivity_bundle *b, int i)
{
  return taup_bundle_result(b->runs, i);
}
const double *taup_sensitivity_bundle_values(const taup_sensitivity_bundle *b, int i)
{
  return b->places[i].values;
}
tau_status taup_sensitivity_bundle_status(const taup_sensitivity_bundle *b, int i) { return b->places[i].st; }
const char *taup_sensitivity_bundle_reason(const taup_sensitivity_bundle *b, int i)
{
  return b->places[i].why;
}
int64_t taup_sensitivity_bundle_n_in_lanes(const taup_sensitivity_bundle *b) { return b->n_in_lanes; }
int64_t taup_sensitivity_bundle_n_handed_over(const taup_sensitivity_bundle *b)
{
  return b->n_handed_over + taup_bundle_n_handed_over(b->runs);
}

/* --- a point at a time --- */

/* s works at a point. */
static void take_up(taup_sensitivity_bundle *b, place *p)
{
  tau_sensitivity *s = b->s;
  s->w = p->w;
  s->tangent = p->tangent;
  s->feeds = p->feeds;
  s->values = p->values;
  s->base = p->base;
  for (int k = 0; k < b->train->n_programs; k++) s->engines[k].slopes.s.R = p->R[k];
}

/* ... and goes on there, in the middle of the train. */
static void resume(taup_sensitivity_bundle *b, place *p)
{
  take_up(b, p);
  b->s->n_done = p->n_done;
  memcpy(b->s->why, p->why, sizeof p->why);
  b->s->mix_is_fresh = false;
}

static void put_down(taup_sensitivity_bundle *b, place *p) { memcpy(p->why, b->s->why, sizeof p->why); }

static void fail(taup_sensitivity_bundle *b, place *p, tau_status st)
{
  if (st == TAU_OK) return;
  p->st = st;
  snprintf(b->s->why, sizeof b->s->why, "%s", st > 0 ? "stopped" : tau_last_error());
}

/* The run is over: its numbers into the point's workspace. */
static void begin(taup_sensitivity_bundle *b, place *p, const tau_result *r, const tau_run_options *options,
                  double started)
{
  tau_sensitivity *s = b->s;
  const taup_layout *l = b->train->layout;
  tau_result *own = p->w->result;
  take_up(b, p);
  taup_sensitivity_blank(s);
  memcpy(own->inputs, r->inputs, (size_t)l->n_parameters * sizeof *r->inputs);
  p->n_done = 0;
  p->st = TAU_OK;
  p->why[0] = '\0';
  const tau_status st = taup_run_begin(p->w, options, started);
  memcpy(own->data, r->data, (size_t)l->n_data * sizeof *r->data);
  taup_sensitivity_keep_base(s, r);
  if (st == TAU_OK) {
    taup_tangent_feeds(s);
    taup_tangent_totals(s);
  }
  p->st = st;
}

static void by_reference(taup_sensitivity_bundle *b, place *p, int i_stage, bool counted)
{
  p->carrier = NULL;
  b->n_handed_over += counted;
  p->w->started = taup_clock();
  fail(b, p, taup_tangent_unit(b->s, i_stage));
}

/* --- a march --- */

static void open_walk(taup_sensitivity_bundle *b, place *p, int i_stage)
{
  taup_task *t = &p->task;
  t->z = p->z;
  t->lost = p->lost;
  t->out = p->out;
  taup_task_enter(t);
  for (int j = 0; j < b->s->n; j++)
    if (p->lost[j]) memset(p->z + (size_t)j * (size_t)t->n_x, 0, (size_t)t->n_x * sizeof *p->z);
  p->journey = (taup_journey){b->s, i_stage, t->i_program, t->engine, b->s->n, p->z, p->out};
  taup_tangent_walk_open(&p->walk, &p->journey, p->walk_block);
  p->walk.carrier = p->carrier;
  p->walk.coefficient = p->coefficient;
  p->walk.lane_y = b->lane_y;
}

/* The start of the carrier, from that of the walk. */
static bool load_carrier(taup_sensitivity_bundle *b, place *p, double *R)
{
  const tau_sensitivity *s = b->s;
  taup_unit_slopes *u = &p->task.engine->slopes;
  const double *values = taup_part_run(u, TAUP_PART_EARLY, NULL);
  memcpy(b->early, values, (size_t)u->late.n_early * sizeof *values);
  for (int j = 0; j < s->n; j++) {
    b->scale[j] = taup_scale_of_parameter(s, j);
    taup_part_tangent(u, TAUP_PART_EARLY, values, p->z + (size_t)j * (size_t)u->n_x, NULL,
                      b->d_early + (size_t)j * (size_t)u->late.n_early);
  }
  const taup_carried_point point = {.early = b->early,
                                    .d_early = b->d_early,
                                    .start = p->walk.y,
                                    .d_start = p->walk.S,
                                    .scale = b->scale,
                                    .atol = s->w->atol,
                                    .n = s->n,
                                    .R = R,
                                    .y = p->y,
                                    .y_atol = p->y_atol,
                                    .coefficient = p->coefficient};
  return taup_carrier_begin(p->carrier, &point);
}

static bool went_in_lanes(const place *p, int i_stage)
{
  const char *method = p->w->result->statistics[i_stage].method;
  return method && strncmp(method, "lanes", 5) == 0;
}

/* Into the lanes, if it can: then p->carrier is set. */
static void enter_march(taup_sensitivity_bundle *b, place *p, int i_place, int i_stage)
{
  const taup_stage *stage = &b->train->stages[i_stage];
  double atol_q[TAUP_N_Q];
  p->carrier = NULL;
  fail(b, p, taup_task_open(&p->task, b->s, i_stage));
  if (p->st != TAU_OK) return;
  const int at = 2 * i_stage + (p->task.i_program != stage->program);
  if (!b->carriers[at] || !went_in_lanes(p, i_stage)) {
    by_reference(b, p, i_stage, false); /* if the lanes gave it up, the run has counted it */
    return;
  }
  taup_march_options_of(p->w, i_stage, &b->train->programs[p->task.i_program], atol_q);
  p->carrier = b->carriers[at];
  open_walk(b, p, i_stage);
  if (!taup_tangent_walk_begin(&p->walk)) by_reference(b, p, i_stage, false);
  else if (!load_carrier(b, p, b->carrier_R[at][i_place])) by_reference(b, p, i_stage, true);
}

static void enter_stage(taup_sensitivity_bundle *b, place *p, int i_place, int i_stage)
{
  const taup_unit *u = b->train->stages[i_stage].unit;
  resume(b, p);
  if (u->kind->family == TAUP_CLOSED) taup_tangent_charge(b->s, i_stage);
  else taup_tangent_inlet(b->s, i_stage);
  p->carrier = NULL;
  if (u->kind->family == TAUP_JUNCTION) taup_tangent_junction(b->s, i_stage);
  else if (u->kind->family == TAUP_WELL_MIXED || u->mixing) by_reference(b, p, i_stage, false);
  else enter_march(b, p, i_place, i_stage);
  put_down(b, p);
}

static void leave_march(taup_sensitivity_bundle *b, place *p, const taup_lane_point *point, int i_stage)
{
  const taup_carrier *c = p->carrier;
  taup_tangent_walk *k = &p->walk;
  resume(b, p);
  k->view = NULL;
  const taup_unit_program *program = &b->train->programs[p->task.i_program];
  if (point->end == TAUP_LANE_GIVEN_UP || taup_below_zero(p->w, i_stage, program, p->y) >= 0) {
    by_reference(b, p, i_stage, true);
  } else {
    memcpy(k->y, p->y, (size_t)c->n * sizeof *k->y);
    k->s_end = point->s;
    taup_carrier_combine(c, b->s->n, c->n, p->coefficient, p->y + c->n, k->S);
    if (c->system.body_q >= 0)
      taup_carrier_combine(c, b->s->n, TAUP_N_Q, p->coefficient, p->q + TAUP_N_Q, k->Q);
    else memset(k->Q, 0, (size_t)b->s->n * TAUP_N_Q * sizeof *k->Q);
    b->n_in_lanes++;
    taup_tangent_walk_end(k);
    taup_task_put(&p->task);
  }
  put_down(b, p);
}

static bool watch(void *user, int i_point, const taup_lane_view *view, double s0, double s1, double *s)
{
  taup_sensitivity_bundle *b = user;
  place *p = &b->places[b->place_of[i_point]];
  take_up(b, p);
  *s = s1;
  return taup_tangent_walk_step(&p->walk, view, s0, s);
}

/* The points that march by one carrier. */
static void march(taup_sensitivity_bundle *b, int n, int i_stage, int at)
{
  const taup_carrier *c = b->carriers[at];
  int m = 0;
  for (int i = 0; c && i < n; i++) {
    place *p = &b->places[i];
    if (p->carrier != c) continue;
    b->place_of[m] = i;
    b->points[m++] = (taup_lane_point){.R = b->carrier_R[at][i], .atol = p->y_atol, .y = p->y, .q = p->q};
  }
  if (m == 0) return;
  const tau_run_options *o = &b->places[b->place_of[0]].w->options;
  const bool watched = (b->options.run.needs & TAUP_NEED_MAXIMA) || b->train->stages[i_stage].unit->until;
  taup_march_side_by_side(c->lanes, m, b->points, o, watched ? watch : NULL, NULL, b);
  for (int k = 0; k < m; k++) leave_march(b, &b->places[b->place_of[k]], &b->points[k], i_stage);
}

/* --- the run --- */

static void run_stage(taup_sensitivity_bundle *b, int n, int i_stage)
{
  for (int i = 0; i < n; i++) {
    place *p = &b->places[i];
    p->carrier = NULL;
    take_up(b, p);
    if (p->st == TAU_OK && p->n_done == i_stage && taup_sensitivity_was_run(b->s, i_stage))
      enter_stage(b, p, i, i_stage);
    else if (p->n_done == i_stage) p->n_done = -1 - i_stage; /* it ends here */
  }
  march(b, n, i_stage, 2 * i_stage);
  march(b, n, i_stage, 2 * i_stage + 1);
  for (int i = 0; i < n; i++)
    if (b->places[i].n_done == i_stage && b->places[i].st == TAU_OK) b->places[i].n_done++;
}

static void end(taup_sensitivity_bundle *b, place *p)
{
  if (p->st != TAU_OK) return;
  resume(b, p);
  if (p->n_done == b->train->n_stages) taup_sensitivity_whole(b->s);
  taup_sensitivity_observables(b->s);
  put_down(b, p);
}

void taup_sensitivity_bundle_run(taup_sensitivity_bundle *b, int n, const tau_run_options *options)
{
  const double started = taup_clock();
  taup_bundle_run(b->runs, n, options);
  for (int i = 0; i < n; i++) {
    const tau_result *r = taup_bundle_result(b->runs, i);
    tau_statistics *own = b->places[i].w->result->statistics;
    memcpy(own, r->statistics, (size_t)b->train->n_stages * sizeof *own);
    begin(b, &b->places[i], r, options, started);
  }
  for (int k = 0; k < b->train->n_stages; k++) run_stage(b, n, k);
  for (int i = 0; i < n; i++) end(b, &b->places[i]);
  give_back(b);
}

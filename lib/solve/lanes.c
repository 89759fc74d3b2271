/* SPDX-License-Identifier: Apache-2.0 */
/* lanes.c - the driver of the lane integrators: which point is in which lane, what is done with a step that was tried, when a point is
 * stiff, when it is given up.
 *
 * Stiffness: the explicit method's steps are held down by stability where |h lambda| stays at the edge of its region, 4.64 for Vern7 (E.
 * Hairer and G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.2, for the test). */
#include "solve/lanes.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/lane_tables.h"
#include "solve/lanes_work.h"

enum { WIDEST = TAUP_WIDEST };
enum { TRIES_UNASKED = 256 }; /* between questions whether to stop */
enum { STIFF_STEPS = 5, STIFF_REJECTIONS = 6, MOST_REJECTIONS = 40 };

struct taup_lanes {
  taup_system system;
  taup_lane_work work;
  taup_lane_lu lu;
  taup_lane_step vern7, rodas;
  taup_lane_take take;
  taup_lane_path make_path;
  bool path_is_made;   /* of the step that is watched */
  double *block, *end; /* all arrays; one state */
  int *kept, n_kept;   /* registers that differ from point to point */
  /* of the march at hand */
  const taup_lane_options *options;
  taup_lane_point *points;
  bool stiff;
  int n, next;
  int point[WIDEST]; /* -1: empty */
  int n_empty;
};

struct taup_lane_view {
  taup_lanes *l;
  int lane;
  double s0, h;
};

/* --- life --- */

static void choose_steps(taup_lanes *l, int width)
{
#define STEPS(name)                       \
  do {                                    \
    l->vern7 = taup_vern7_##name;         \
    l->rodas = taup_rodas_##name;         \
    l->take = taup_lane_take_##name;      \
    l->make_path = taup_lane_path_##name; \
  } while (0)
  const int kind = taup_program_evaluator_kind(width);
  if (kind == TAUP_EVAL_1_BASE) STEPS(1_base);
#ifdef TAUP_HAVE_X86
  if (kind == TAUP_EVAL_1_FMA) STEPS(1_fma);
  if (kind == TAUP_EVAL_4_AVX2) STEPS(4_avx2);
  if (kind == TAUP_EVAL_8_AVX2) STEPS(8_avx2);
  if (kind == TAUP_EVAL_8_AVX512) STEPS(8_avx512);
#endif
#undef STEPS
  assert(l->vern7);
}

/* One block, sliced into lanes. */
static bool make_arrays(taup_lanes *l)
{
  taup_lane_work *w = &l->work;
  const int n = w->n, n_q = w->n_q, n_J = w->code_J ? l->system.column_start[n] : 0;
  const int n_slopes = w->code_q_slopes ? w->q_first[n_q] : 0, n_U = w->code_q_slopes ? 8 * n_q : 0;
  const struct {
    double **at;
    int n;
  } parts[] = {{&w->y, n},
               {&w->y1, n},
               {&w->atol, n},
               {&w->per_atol, n},
               {&w->b, n},
               {&w->drift, n},
               {&w->pivots, n},
               {&w->q, n_q},
               {&w->q1, n_q},
               {&w->q_stage, n_q},
               {&w->J, n_J},
               {&w->factors, l->lu.n_entries},
               {&w->q_slopes, n_slopes},
               {&w->q_U, n_U},
               {&w->forced_slope, 1},
               {&w->busy, 1},
               {&w->s, 1},
               {&w->h, 1},
               {&w->s1, 1},
               {&w->over, 1},
               {&w->error, 1},
               {&w->factor, 1},
               {&w->stiffness, 1},
               {&w->n_steps, 1},
               {&w->n_refused, 1},
               {&w->refused, 1},
               {&w->held, 1},
               {&w->event, 1}};
  const size_t n_parts = sizeof parts / sizeof *parts, width = (size_t)w->width;
  const size_t r_bytes = taup_program_bytes(l->system.program, w->width);
  size_t total = 8 + r_bytes / sizeof(double) + (size_t)n * (1 + TAUP_LANE_PATH);
  for (size_t i = 0; i < n_parts; i++) total += (size_t)parts[i].n * width;
  total += (size_t)n * TAUP_LANE_STAGES * width;
  l->block = taup_calloc(total, sizeof *l->block);
  if (!l->block) return false;
  double *at = l->block + (64 - (size_t)((uintptr_t)l->block & 63)) % 64 / sizeof(double);
  w->R = at;
  at += r_bytes / sizeof(double);
  for (size_t i = 0; i < n_parts; i++) {
    *parts[i].at = at;
    at += (size_t)parts[i].n * width;
  }
  for (int s = 0; s < TAUP_LANE_STAGES; s++) {
    w->stage[s] = at;
    at += (size_t)n * width;
  }
  w->path = at;
  l->end = at + (size_t)n * TAUP_LANE_PATH;
  return true;
}

static tau_status set_up(taup_lanes *l, int width)
{
  const taup_system *system = &l->system;
  taup_lane_work *w = &l->work;
  w->n = system->n;
  w->per_n = 1.0 / system->n;
  w->n_q = system->body_q >= 0 ? system->n_q : 0;
  w->width = width;
  w->lu = &l->lu;
  w->evaluate = taup_program_evaluator(width);
  w->callbacks = taup_program_callbacks(system->program);
  w->code_f = taup_program_code(system->program, system->body_f);
  w->code_J = system->body_J >= 0 ? taup_program_code(system->program, system->body_J) : NULL;
  w->code_q = w->n_q > 0 ? taup_program_code(system->program, system->body_q) : NULL;
  if (w->n_q > 0 && w->code_J) {
    w->code_q_slopes = taup_program_code(system->program, system->body_q_slopes);
    w->q_first = system->q_first;
    w->q_state = system->q_state;
  }
  if (w->code_J) TAU_TRY(taup_lane_lu_new(&l->lu, system->n, system->column_start, system->row));
  l->kept = taup_calloc((size_t)taup_program_n_registers(system->program), sizeof *l->kept);
  if (!l->kept || !make_arrays(l)) return TAU_E_NOMEM;
  int bodies[4] = {system->body_f}, n_bodies = 1;
  if (w->code_J) bodies[n_bodies++] = system->body_J;
  if (w->code_q) bodies[n_bodies++] = system->body_q;
  if (w->code_q_slopes) bodies[n_bodies++] = system->body_q_slopes;
  l->n_kept = taup_program_reads(system->program, n_bodies, bodies, l->kept);
  taup_program_init(system->program, width, w->R);
  w->state = taup_program_input(system->program, width, w->R, TAUP_STATE, 0);
  w->forced = w->state + (ptrdiff_t)w->n * width;
  w->point = l->point;
  for (int k = 0; k < VERN7_DENSE_STAGES; k++) {
    w->dense_weights[0][k] = vern7_weight_at(k, 0.25);
    w->dense_weights[1][k] = vern7_weight_at(k, 0.5);
  }
  choose_steps(l, width);
  return TAU_OK;
}

tau_status taup_lanes_new(taup_lanes **out, const taup_system *system, int width)
{
  *out = NULL;
  taup_lanes *l = taup_calloc(1, sizeof *l);
  if (!l) return TAU_E_NOMEM;
  l->system = *system;
  const tau_status st = set_up(l, width);
  if (st < 0) {
    taup_lanes_free(l);
    return st;
  }
  *out = l;
  return TAU_OK;
}

void taup_lanes_free(taup_lanes *l)
{
  if (!l) return;
  taup_lane_lu_free(&l->lu);
  taup_free(l->block);
  taup_free(l->kept);
  taup_free(l);
}

/* --- lanes in and out --- */

static double *cell(const taup_lanes *l, double *array, int i, int lane)
{
  return array + (ptrdiff_t)i * l->work.width + lane;
}

static void put_column(const taup_lanes *l, double *array, int n, int lane, const double *x)
{
  for (int i = 0; i < n; i++) *cell(l, array, i, lane) = x[i];
}

static void take_column(const taup_lanes *l, double *array, int n, int lane, double *x)
{
  for (int i = 0; i < n; i++) x[i] = *cell(l, array, i, lane);
}

static void set(const taup_lanes *l, double *single, int lane, double x) { *cell(l, single, 0, lane) = x; }
static double get(const taup_lanes *l, double *single, int lane) { return *cell(l, single, 0, lane); }

/* A lane without a point stands at the end with steps of 0. */
static void empty_lane(taup_lanes *l, int lane)
{
  taup_lane_work *w = &l->work;
  l->point[lane] = -1;
  l->n_empty++;
  set(l, w->busy, lane, 0.0);
  set(l, w->s, lane, 1.0);
  set(l, w->h, lane, 0.0);
}

static bool is_waiting(const taup_lanes *l, const taup_lane_point *p)
{
  return !p->settled && p->stiff == l->stiff;
}

static void fill_lane(taup_lanes *l, int lane)
{
  while (l->next < l->n && !is_waiting(l, &l->points[l->next])) l->next++;
  if (l->next >= l->n) return;
  taup_lane_work *w = &l->work;
  const taup_lane_point *p = &l->points[l->next];
  l->point[lane] = l->next++;
  l->n_empty--;
  for (int k = 0; k < l->n_kept; k++) *cell(l, w->R, l->kept[k], lane) = p->R[l->kept[k]];
  put_column(l, w->y, w->n, lane, p->y);
  for (int i = 0; i < w->n; i++) {
    *cell(l, w->atol, i, lane) = p->atol[i];
    *cell(l, w->per_atol, i, lane) = 1.0 / p->atol[i];
  }
  if (w->n_q > 0) put_column(l, w->q, w->n_q, lane, p->q);
  set(l, w->busy, lane, 1.0);
  set(l, w->s, lane, p->s);
  set(l, w->h, lane, p->h);
  set(l, w->n_steps, lane, p->n_steps);
  set(l, w->n_refused, lane, p->n_rejected);
  set(l, w->refused, lane, 0.0);
  set(l, w->held, lane, 0.0);
  if (p->h == 0.0) w->fresh = true;
}

static bool fill_lanes(taup_lanes *l)
{
  for (int lane = 0; lane < l->work.width && l->n_empty > 0 && l->next < l->n; lane++)
    if (l->point[lane] < 0) fill_lane(l, lane);
  return l->n_empty < l->work.width;
}

/* --- dense output --- */

/* y0 + theta (c_1 + theta (c_2 + ...)) */
static void vern7_at(const taup_lanes *l, int lane, double t, double *y)
{
  const taup_lane_work *w = &l->work;
  for (int i = 0; i < w->n; i++) {
    const double *c = w->path + i * TAUP_LANE_PATH;
    double sum = c[6];
    for (int p = 5; p >= 0; p--) sum = c[p] + t * sum;
    y[i] = *cell(l, w->y, i, lane) + t * sum;
  }
}

/* (1 - t) y0 + t (y1 + (1 - t) (c_1 + t (c_2 + t c_3))) */
static void rodas_at(const taup_lanes *l, int lane, double t, double *y)
{
  const taup_lane_work *w = &l->work;
  for (int i = 0; i < w->n; i++) {
    const double *c = w->path + i * TAUP_LANE_PATH;
    const double inner = *cell(l, w->y1, i, lane) + (1.0 - t) * (c[0] + t * (c[1] + t * c[2]));
    y[i] = (1.0 - t) * *cell(l, w->y, i, lane) + t * inner;
  }
}

void taup_lane_at(const taup_lane_view *v, double s, double *y)
{
  taup_lanes *l = v->l;
  const double t = fmin(fmax((s - v->s0) / v->h, 0.0), 1.0);
  if (t >= 1.0) {
    take_column(l, l->work.y1, l->work.n, v->lane, y);
    return;
  }
  if (!l->path_is_made) l->make_path(&l->work, v->lane, l->stiff);
  l->path_is_made = true;
  if (l->stiff) rodas_at(l, v->lane, t, y);
  else vern7_at(l, v->lane, t, y);
}

/* Integrals of a step of Rodas5P that ends early: their dense output, as of the state. */
static void integrals_inside(taup_lanes *l, const taup_lane_view *v, double s)
{
  const taup_lane_work *w = &l->work;
  const double t = (s - v->s0) / v->h;
  for (int k = 0; k < w->n_q; k++) {
    double c[3] = {0.0, 0.0, 0.0}, *q1 = cell(l, w->q1, k, v->lane);
    for (int m = 0; m < 3; m++)
      for (int j = 0; j < RODAS_STAGES; j++)
        c[m] += rodas_H[m][j] * *cell(l, w->q_U, j * w->n_q + k, v->lane);
    const double inner = *q1 + (1.0 - t) * (c[0] + t * (c[1] + t * c[2]));
    *q1 = (1.0 - t) * *cell(l, w->q, k, v->lane) + t * inner;
  }
}

/* The same of Vern7: Gauss's four points on the dense output. */
static void integrate_part(taup_lanes *l, const taup_lane_view *v, double s, double *y)
{
  static const double node[4] = {0.06943184420297371, 0.33000947820757187, 0.6699905217924281,
                                 0.9305681557970263};
  static const double weight[4] = {0.17392742256872692, 0.32607257743127307, 0.32607257743127307,
                                   0.17392742256872692};
  taup_lane_work *w = &l->work;
  for (int k = 0; k < w->n_q; k++) *cell(l, w->q1, k, v->lane) = *cell(l, w->q, k, v->lane);
  for (int g = 0; g < 4; g++) {
    taup_lane_at(v, v->s0 + node[g] * (s - v->s0), y);
    put_column(l, w->state, w->n, v->lane, y);
    w->evaluate(w->code_q, w->R, w->q_stage, w->callbacks);
    for (int k = 0; k < w->n_q; k++)
      *cell(l, w->q1, k, v->lane) += weight[g] * (s - v->s0) * *cell(l, w->q_stage, k, v->lane);
  }
}

/* --- after a try --- */

/* What is known of the point, back into it. */
static taup_lane_point *take_out(taup_lanes *l, int lane)
{
  const taup_lane_work *w = &l->work;
  taup_lane_point *p = &l->points[l->point[lane]];
  p->s = get(l, w->s, lane);
  p->h = get(l, w->h, lane);
  p->n_steps = (int)get(l, w->n_steps, lane);
  p->n_rejected = (int)get(l, w->n_refused, lane);
  take_column(l, w->y, w->n, lane, p->y);
  if (w->n_q > 0) take_column(l, w->q, w->n_q, lane, p->q);
  empty_lane(l, lane);
  return p;
}

static void settle(taup_lanes *l, int lane, taup_lane_end end)
{
  taup_lane_point *p = take_out(l, lane);
  p->settled = true;
  p->end = end;
}

/* The point goes on in Rodas5P from where it stands. */
static void to_stiff(taup_lanes *l, int lane)
{
  if (l->work.code_J) take_out(l, lane)->stiff = true;
  else settle(l, lane, TAUP_LANE_GIVEN_UP);
}

static void look(taup_lanes *l, int lane)
{
  const taup_lane_work *w = &l->work;
  const bool taken = get(l, w->error, lane) <= 1.0;
  if (taken && get(l, w->over, lane) > 0.0) settle(l, lane, TAUP_LANE_DONE);
  else if (!l->stiff && (get(l, w->held, lane) >= STIFF_STEPS || get(l, w->refused, lane) >= STIFF_REJECTIONS))
    to_stiff(l, lane);
  else settle(l, lane, TAUP_LANE_GIVEN_UP);
}

/* Where the watcher ends the point inside its step, y1 and q1 become those at the end. */
static void watch(taup_lanes *l, int lane)
{
  const taup_lane_work *w = &l->work;
  const taup_lane_view view = {l, lane, get(l, w->s, lane), get(l, w->h, lane)};
  double s1 = get(l, w->s1, lane);
  l->path_is_made = false;
  if (l->options->watch(l->options->user, l->point[lane], &view, view.s0, s1, &s1)) return;
  if (w->n_q > 0 && l->stiff) integrals_inside(l, &view, s1);
  else if (w->n_q > 0) integrate_part(l, &view, s1, l->end);
  taup_lane_at(&view, s1, l->end);
  put_column(l, w->y1, w->n, lane, l->end);
  set(l, w->s1, lane, s1);
  set(l, w->over, lane, 1.0);
}

static void try_step(taup_lanes *l)
{
  taup_lane_work *w = &l->work;
  (l->stiff ? l->rodas : l->vern7)(w);
  for (int lane = 0; l->options->watch && lane < w->width; lane++)
    if (l->point[lane] >= 0 && get(l, w->error, lane) <= 1.0) watch(l, lane);
  if (!l->take(w)) return;
  for (int lane = 0; lane < w->width; lane++)
    if (get(l, w->event, lane) > 0.0) look(l, lane);
}

static void give_up_all(taup_lanes *l)
{
  for (int lane = 0; lane < l->work.width; lane++)
    if (l->point[lane] >= 0) settle(l, lane, TAUP_LANE_GIVEN_UP);
  for (int i = 0; i < l->n; i++) {
    if (l->points[i].settled) continue;
    l->points[i].settled = true;
    l->points[i].end = TAUP_LANE_GIVEN_UP;
  }
}

static void run_method(taup_lanes *l, bool stiff)
{
  taup_lane_work *w = &l->work;
  l->stiff = stiff;
  l->next = l->n_empty = 0;
  w->most_refused = stiff ? MOST_REJECTIONS : STIFF_REJECTIONS;
  w->most_held = STIFF_STEPS;
  for (int lane = 0; lane < w->width; lane++) {
    empty_lane(l, lane);
    /* numbers that are no numbers cost time */
    for (int i = 0; i < w->n; i++)
      *cell(l, w->atol, i, lane) = *cell(l, w->per_atol, i, lane) = *cell(l, w->y, i, lane) = 1.0;
  }
  for (int i = 0; fill_lanes(l); i++) {
    if (i % TRIES_UNASKED == 0 && l->options->stop && l->options->stop(l->options->stop_user)) give_up_all(l);
    else try_step(l);
  }
}

void taup_lanes_march(taup_lanes *l, int n, taup_lane_point *points, const taup_lane_options *options)
{
  l->n = n;
  l->points = points;
  l->options = options;
  l->work.rtol = options->rtol;
  l->work.dense = options->watch != NULL;
  l->work.force = options->force;
  l->work.force_user = options->user;
  assert(!options->force || l->work.n_q == 0);
  l->work.most_tries = options->max_steps;
  for (int i = 0; i < n; i++) {
    taup_lane_point *p = &points[i];
    p->settled = false;
    p->stiff = options->stiff;
    p->s = p->h = 0.0;
    p->n_steps = p->n_rejected = 0;
    for (int k = 0; k < l->work.n_q; k++) p->q[k] = 0.0;
  }
  if (!options->stiff) run_method(l, false);
  if (l->work.code_J) run_method(l, true);
}

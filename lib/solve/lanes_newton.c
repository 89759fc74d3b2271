/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_newton.c - the driver of Newton's method in lanes: which point is in which lane, and what follows from a try.
 *
 * The methods and their limits are those of newton.c, whose head has the references. A point goes through
 *
 *     full steps (or at once)  damped steps, each with trials of its damping  polish  judgement of its stability
 *
 * and a try of the kernel (lanes_newton_step.c) is the next of these in each lane. Decisions are made here, from a few numbers a lane, by
 * the same code for every width. */
#include "solve/lanes_newton.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/lanes_work.h"
#include "solve/newton_limits.h"

enum { WIDEST = TAUP_WIDEST };

typedef enum phase { FULL, DAMPED, TRIAL, POLISH, JUDGEMENT } phase;

/* A lane's point, and where it is. */
typedef struct iteration {
  int point; /* -1: none */
  phase phase;
  int n_steps, n_trials, n_leaps, n_polishes;
  bool shortened;
  double now, lambda; /* the length of the step at hand, its damping */
} iteration;

struct taup_lane_newton {
  taup_system system;
  taup_lane_newton_work work;
  taup_lane_lu lu;
  taup_lane_newton_try try_all;
  double *block;
  int *kept, n_kept; /* registers that differ from point to point */
  /* of the points at hand */
  taup_lane_root *points;
  int n, next, n_busy, most_steps;
  iteration lanes[WIDEST];
};

/* --- life --- */

static void choose_kernel(taup_lane_newton *l, int width)
{
  const taup_eval_kind kind = taup_program_evaluator_kind(width);
  if (kind == TAUP_EVAL_1_BASE) l->try_all = taup_lane_newton_1_base;
#ifdef TAUP_HAVE_X86
  if (kind == TAUP_EVAL_1_FMA) l->try_all = taup_lane_newton_1_fma;
  if (kind == TAUP_EVAL_4_AVX2) l->try_all = taup_lane_newton_4_avx2;
  if (kind == TAUP_EVAL_8_AVX2) l->try_all = taup_lane_newton_8_avx2;
  if (kind == TAUP_EVAL_8_AVX512) l->try_all = taup_lane_newton_8_avx512;
#endif
  assert(l->try_all);
}

/* One block, sliced into lanes. */
static bool make_arrays(taup_lane_newton *l)
{
  taup_lane_newton_work *w = &l->work;
  const int n = w->n;
  const struct {
    double **at;
    int n;
  } parts[] = {{&w->y, n},
               {&w->d, n},
               {&w->before, n},
               {&w->bar, n},
               {&w->x, n},
               {&w->b, n},
               {&w->r, n},
               {&w->size, n},
               {&w->room, n},
               {&w->atol, n},
               {&w->scale, n},
               {&w->lower, n},
               {&w->weight, n},
               {&w->pivots, n},
               {&w->A, w->column_start[n]},
               {&w->factors, l->lu.n_entries},
               {&w->d_is_x, 1},
               {&w->bar_is_x, 1},
               {&w->y_is_z, 1},
               {&w->before_is_d, 1},
               {&w->lambda, 1},
               {&w->held, 1},
               {&w->y_is_moved, 1},
               {&w->nudged, 1},
               {&w->fresh, 1},
               {&w->judged, 1},
               {&w->mix, 1},
               {&w->domain, 1},
               {&w->wrong, 1},
               {&w->long_step, 1},
               {&w->norm_x, 1},
               {&w->norm_before, 1},
               {&w->norm_bar, 1},
               {&w->norm_mix, 1}};
  const size_t n_parts = sizeof parts / sizeof *parts, width = (size_t)w->width;
  const size_t r_bytes = taup_program_bytes(l->system.program, w->width);
  size_t total = 8 + r_bytes / sizeof(double);
  for (size_t i = 0; i < n_parts; i++) total += (size_t)parts[i].n * width;
  l->block = taup_calloc(total, sizeof *l->block);
  if (!l->block) return false;
  double *at = l->block + (64 - (size_t)((uintptr_t)l->block & 63)) % 64 / sizeof(double);
  w->R = at;
  at += r_bytes / sizeof(double);
  for (size_t i = 0; i < n_parts; i++) {
    *parts[i].at = at;
    at += (size_t)parts[i].n * width;
  }
  return true;
}

static tau_status set_up(taup_lane_newton *l, int width)
{
  const taup_system *s = &l->system;
  taup_lane_newton_work *w = &l->work;
  const int bodies[2] = {s->body_f, s->body_J};
  w->n = s->n;
  w->width = width;
  w->lu = &l->lu;
  w->column_start = s->column_start;
  w->row = s->row;
  w->evaluate = taup_program_evaluator(width);
  w->callbacks = taup_program_callbacks(s->program);
  w->code_f = taup_program_code(s->program, s->body_f);
  w->code_J = taup_program_code(s->program, s->body_J);
  TAU_TRY(taup_lane_lu_new(&l->lu, s->n, s->column_start, s->row));
  l->kept = taup_calloc((size_t)taup_program_n_registers(s->program), sizeof *l->kept);
  if (!l->kept || !make_arrays(l)) return TAU_E_NOMEM;
  l->n_kept = taup_program_reads(s->program, 2, bodies, l->kept);
  taup_program_init(s->program, width, w->R);
  w->z = taup_program_input(s->program, width, w->R, TAUP_STATE, 0);
  choose_kernel(l, width);
  return TAU_OK;
}

tau_status taup_lane_newton_new(taup_lane_newton **out, const taup_system *system, int width)
{
  *out = NULL;
  taup_lane_newton *l = taup_calloc(1, sizeof *l);
  if (!l) return TAU_E_NOMEM;
  l->system = *system;
  const tau_status st = set_up(l, width);
  if (st < 0) {
    taup_lane_newton_free(l);
    return st;
  }
  *out = l;
  return TAU_OK;
}

void taup_lane_newton_free(taup_lane_newton *l)
{
  if (!l) return;
  taup_lane_lu_free(&l->lu);
  taup_free(l->block);
  taup_free(l->kept);
  taup_free(l);
}

/* --- lanes in and out --- */

static double *cell(const taup_lane_newton *l, double *array, int i, int lane)
{
  return array + (ptrdiff_t)i * l->work.width + lane;
}

static void put_column(const taup_lane_newton *l, double *array, int lane, const double *x)
{
  for (int i = 0; i < l->work.n; i++) *cell(l, array, i, lane) = x[i];
}

/* The next try: from y + lambda d, or y itself. */
static void go_on(taup_lane_newton *l, int lane, phase next, double lambda)
{
  taup_lane_newton_work *w = &l->work;
  const bool fresh = next == FULL || next == DAMPED || next == JUDGEMENT;
  l->lanes[lane].phase = next;
  w->lambda[lane] = lambda;
  w->fresh[lane] = fresh;
  w->judged[lane] = w->nudged[lane] = next == JUDGEMENT;
  w->any_fresh = w->any_fresh || fresh;
}

/* From the point's own start. */
static void begin(taup_lane_newton *l, int lane, phase first)
{
  iteration *it = &l->lanes[lane];
  put_column(l, l->work.y, lane, l->points[it->point].y);
  *it = (iteration){.point = it->point, .lambda = taup_newton_first_damping};
  go_on(l, lane, first, 0.0);
}

static void fill_lane(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  l->lanes[lane].point = -1;
  if (l->next >= l->n) return;
  taup_lane_root *p = &l->points[l->lanes[lane].point = l->next++];
  l->n_busy++;
  p->found = p->stable = false;
  p->n_newton = p->n_rhs = 0;
  for (int k = 0; k < l->n_kept; k++) *cell(l, w->R, l->kept[k], lane) = p->R[l->kept[k]];
  put_column(l, w->atol, lane, p->atol);
  put_column(l, w->scale, lane, p->scale);
  put_column(l, w->lower, lane, p->lower);
  put_column(l, w->d, lane, p->y); /* numbers */
  begin(l, lane, p->full ? FULL : DAMPED);
}

static void settle(taup_lane_newton *l, int lane, bool found, bool stable)
{
  taup_lane_root *p = &l->points[l->lanes[lane].point];
  p->found = found;
  p->stable = stable;
  for (int i = 0; found && i < l->work.n; i++) p->y[i] = *cell(l, l->work.y, i, lane);
  l->n_busy--;
  fill_lane(l, lane);
}

static void give_up(taup_lane_newton *l, int lane) { settle(l, lane, false, false); }

/* --- what follows from a try --- */

static double norm(const taup_lane_newton *l, const double *squares, int lane)
{
  return sqrt(squares[lane] / l->work.n);
}

static bool is_known(const taup_lane_newton *l, int lane) { return l->work.domain[lane] == 0.0; }

/* y becomes y + step, the step d; then it is polished as long as that makes it better. */
static void polish(taup_lane_newton *l, int lane, double length)
{
  iteration *it = &l->lanes[lane];
  l->work.y_is_moved[lane] = 1.0;
  it->now = length;
  go_on(l, lane, it->n_polishes++ < TAUP_NEWTON_POLISHES ? POLISH : JUDGEMENT, 1.0);
}

static void after_polish(taup_lane_newton *l, int lane)
{
  const double now = norm(l, l->work.norm_x, lane);
  if (!is_known(l, lane) || !(now < l->lanes[lane].now)) {
    go_on(l, lane, JUDGEMENT, 0.0);
    return;
  }
  l->work.d_is_x[lane] = 1.0;
  polish(l, lane, now);
}

static void no_contraction(taup_lane_newton *l, int lane)
{
  if (l->points[l->lanes[lane].point].damped) begin(l, lane, DAMPED);
  else give_up(l, lane);
}

static void after_full(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  iteration *it = &l->lanes[lane];
  const double now = norm(l, w->norm_x, lane);
  const double last = it->n_steps > 0 ? norm(l, w->norm_before, lane) : HUGE_VAL;
  const bool shrinks = now <= taup_newton_noise || now <= 0.5 * last;
  w->d_is_x[lane] = 1.0;
  if (w->long_step[lane] == 0.0 || (now <= taup_newton_noise && now >= last)) polish(l, lane, now);
  else if (!shrinks || ++it->n_steps >= l->most_steps) no_contraction(l, lane);
  else {
    w->before_is_d[lane] = w->y_is_moved[lane] = 1.0;
    go_on(l, lane, FULL, 1.0);
  }
}

/* After a damped step. */
static void next_damped(taup_lane_newton *l, int lane, double moved)
{
  iteration *it = &l->lanes[lane];
  l->work.before_is_d[lane] = 1.0;
  if (++it->n_steps >= l->most_steps) give_up(l, lane);
  else go_on(l, lane, DAMPED, moved);
}

/* No damping passes the test: the root for all that can be seen, a leap, or nothing. */
static void no_damping(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  iteration *it = &l->lanes[lane];
  if (it->now <= taup_newton_noise) {
    polish(l, lane, it->now);
    return;
  }
  if (it->n_leaps++ >= TAUP_NEWTON_LEAPS) {
    give_up(l, lane);
    return;
  }
  it->lambda = 1.0;
  w->bar_is_x[lane] = is_known(l, lane);
  w->held[lane] = w->y_is_moved[lane] = 1.0;
  next_damped(l, lane, 1.0);
}

static void try_damping(taup_lane_newton *l, int lane)
{
  iteration *it = &l->lanes[lane];
  if (it->n_trials++ >= TAUP_NEWTON_TRIALS || !(it->lambda >= taup_newton_least_damping)) {
    no_damping(l, lane);
    return;
  }
  l->work.held[lane] = 1.0;
  l->work.mix[lane] = it->lambda - 1.0;
  go_on(l, lane, TRIAL, it->lambda);
}

static void after_damped(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  iteration *it = &l->lanes[lane];
  it->now = norm(l, w->norm_x, lane);
  w->d_is_x[lane] = 1.0;
  if (w->long_step[lane] == 0.0) {
    polish(l, lane, it->now);
    return;
  }
  if (it->n_steps > 0)
    it->lambda = taup_newton_predict(norm(l, w->norm_before, lane), norm(l, w->norm_bar, lane),
                                     norm(l, w->norm_mix, lane), it->now, it->lambda);
  it->n_trials = 0;
  it->shortened = false;
  try_damping(l, lane);
}

static void after_trial(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  iteration *it = &l->lanes[lane];
  double next = 0.5 * it->lambda;
  if (is_known(l, lane)) {
    const double bar = norm(l, w->norm_x, lane), curvature = norm(l, w->norm_mix, lane);
    next = taup_newton_judge_damping(it->now, bar, curvature, it->lambda, it->shortened);
  }
  if (next == it->lambda) {
    w->bar_is_x[lane] = w->y_is_z[lane] = 1.0;
    next_damped(l, lane, 0.0);
    return;
  }
  it->shortened = it->shortened || next < it->lambda;
  it->lambda = next;
  try_damping(l, lane);
}

static void look(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  taup_lane_root *p = &l->points[l->lanes[lane].point];
  const phase at = l->lanes[lane].phase;
  const bool is_step = at == FULL || at == DAMPED, known = is_known(l, lane), wrong = w->wrong[lane] != 0.0;
  w->d_is_x[lane] = w->bar_is_x[lane] = w->y_is_z[lane] = w->before_is_d[lane] = 0.0;
  w->held[lane] = w->y_is_moved[lane] = 0.0;
  p->n_newton += is_step;
  p->n_rhs += at != JUDGEMENT;
  if (at == JUDGEMENT) settle(l, lane, true, known && !wrong);
  else if (at == POLISH) after_polish(l, lane);
  else if (at == TRIAL) after_trial(l, lane);
  else if (at == FULL && !known) no_contraction(l, lane);
  else if (!known || wrong) give_up(l, lane);
  else if (at == FULL) after_full(l, lane);
  else after_damped(l, lane);
}

/* A lane without a point repeats what it did last, to no avail. */
static void rest(taup_lane_newton *l, int lane)
{
  taup_lane_newton_work *w = &l->work;
  l->lanes[lane].point = -1;
  for (int i = 0; i < w->n; i++) {
    *cell(l, w->y, i, lane) = *cell(l, w->scale, i, lane) = 1.0;
    *cell(l, w->d, i, lane) = *cell(l, w->x, i, lane) = 0.0;
  }
}

void taup_lane_newton_solve(taup_lane_newton *l, int n, taup_lane_root *points, double rtol,
                            int max_iterations)
{
  taup_lane_newton_work *w = &l->work;
  l->points = points;
  l->n = n;
  l->next = l->n_busy = 0;
  l->most_steps = max_iterations;
  w->rtol = rtol;
  w->any_fresh = false;
  for (int lane = 0; lane < w->width; lane++) {
    rest(l, lane);
    fill_lane(l, lane);
  }
  while (l->n_busy > 0) {
    l->try_all(w);
    w->any_fresh = false;
    for (int lane = 0; lane < w->width; lane++)
      if (l->lanes[lane].point >= 0) look(l, lane);
  }
}

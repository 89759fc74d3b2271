/* SPDX-License-Identifier: Apache-2.0 */
/* field.c - the memory of a field, Newton's method on a mesh, and the way to a first solution.
 *
 * Newton's steps are damped by the natural monotonicity test (P. Deuflhard, Newton Methods for Nonlinear Problems, 2004, ch. 3 and 8): a
 * step is taken when the next one, by the same matrix, is shorter. Where the guess is too far away the tube is followed in time. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "solve/field_group.h"
#include "solve/field_mesh.h"

enum {
  K = TAUP_BVP_K,
  INNER = TAUP_BVP_INNER,
  WIDE = 4,
  MOST_ITERATIONS = 25,
  MOST_STEPS = 200,
  MOST_ELEMENTS = 1024
};

/* --- memory --- */

/* As many elements as 64 MB hold, at least 64. */
static int room_for(int n)
{
  const double blocks = (double)(INNER * INNER + 2 * INNER + K + 12) * n * n * sizeof(double);
  const double bytes = blocks + (n <= TAUP_GROUP_MOST_STATES ? taup_group_bytes(n) : 0.0);
  const double room = 64e6 / bytes;
  return room < 64.0 ? 64 : room > MOST_ELEMENTS ? MOST_ELEMENTS : (int)room;
}

/* For as many elements as there may be, of which few are used: what is not cleared is never touched. */
static double *room(size_t count) { return taup_realloc(NULL, count, sizeof(double)); }

static bool state_new(taup_bvp_state *a, size_t n, size_t N)
{
  a->s = room(N + 1);
  a->y = room((N + 1) * n);
  a->g = room((N + 1) * n);
  a->inner = room(N * INNER * n);
  a->slope = room((N * K + 1) * n);
  return a->s && a->y && a->g && a->inner && a->slope;
}

static void state_free(taup_bvp_state *a)
{
  double *const blocks[] = {a->s, a->y, a->g, a->inner, a->slope};
  for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) taup_free(blocks[k]);
}

static bool make_registers(taup_bvp *f, size_t n)
{
  const taup_system *s = f->system;
  const size_t entries = (size_t)s->column_start[n], most = entries > n ? entries : n;
  const size_t outputs = s->body_q >= 0 && (size_t)s->n_q > most ? (size_t)s->n_q : most;
  f->out = taup_calloc(outputs * (WIDE + 1), sizeof(double));
  if (!f->out) return false;
  if (!f->wide) return true;
  f->wide_R = taup_calloc(taup_program_bytes(s->program, WIDE), 1);
  if (f->wide_R) taup_program_init(s->program, WIDE, f->wide_R);
  return f->wide_R != NULL;
}

static bool make_vectors(taup_bvp *f, size_t n, size_t N)
{
  const size_t m = INNER * n;
  f->coefficients = taup_calloc(N, sizeof *f->coefficients);
  f->jacobian = room(N * K * n * n);
  f->inner_lu = room(N * m * m);
  f->by = room(N * m * 2 * n);
  f->inner_pivot = taup_calloc(N * m, sizeof(int));
  f->step_inner = room(N * m);
  f->step = room((N + 1) * 2 * n);
  f->kept_inner = room(N * m);
  f->kept_step = room((N + 1) * 2 * n);
  f->work = taup_calloc(n * 2 * n + 3 * n, sizeof(double));
  f->first = taup_calloc(2 * n * n, sizeof(double));
  f->blocks = (taup_blocktri){.n = (int)n,
                              .tableau = room(N * 12 * n * n),
                              .end = taup_calloc(4 * n * n, sizeof(double)),
                              .pivot = taup_calloc((N + 1) * 2 * n, sizeof(int))};
  f->extra_room = room(N * K * n);
  f->point_y = taup_calloc(n, sizeof(double));
  f->point_dy = taup_calloc(n, sizeof(double));
  f->guess_s = taup_calloc(TAUP_BVP_GUESS, sizeof(double));
  f->guess_y = taup_calloc(TAUP_BVP_GUESS * n, sizeof(double));
  f->outlet_error = taup_calloc(n, sizeof(double));
  f->at_y = taup_calloc(n, sizeof(double));
  f->at_g = taup_calloc(n, sizeof(double));
  f->scale = taup_calloc(n, sizeof(double));
  f->weight = taup_calloc(N + 1, sizeof(double));
  return f->coefficients && f->jacobian && f->inner_lu && f->by && f->inner_pivot && f->step_inner &&
         f->step && f->work && f->first && f->blocks.tableau && f->blocks.end && f->blocks.pivot &&
         f->guess_s && f->guess_y && f->outlet_error && f->at_y && f->at_g && f->weight && f->kept_inner &&
         f->kept_step && f->scale && f->extra_room && f->point_y && f->point_dy;
}

tau_status taup_bvp_new(taup_bvp **out, const taup_system *system, bool wide)
{
  *out = NULL;
  taup_bvp *f = taup_calloc(1, sizeof *f);
  if (!f) return TAU_E_NOMEM;
  const size_t n = (size_t)system->n;
  f->system = system;
  f->n = system->n;
  f->wide = wide && taup_width_is_there(WIDE);
  f->most_elements = room_for(system->n);
  taup_bvp_method_make(&f->method);
  const size_t N = (size_t)f->most_elements;
  if (!make_registers(f, n) || !make_vectors(f, n, N) || !state_new(&f->now, n, N) ||
      !state_new(&f->trial, n, N) || !state_new(&f->coarse, n, N) || !state_new(&f->origin, n, N) ||
      !state_new(&f->held, n, N)) {
    taup_bvp_free(f);
    return TAU_E_NOMEM;
  }
  if (f->wide && taup_groups_new(&f->groups, system, f->most_elements) < 0) {
    taup_bvp_free(f);
    return TAU_E_NOMEM;
  }
  *out = f;
  return TAU_OK;
}

void taup_bvp_free(taup_bvp *f)
{
  if (!f) return;
  taup_groups_free(f->groups);
  state_free(&f->now);
  state_free(&f->trial);
  state_free(&f->coarse);
  state_free(&f->origin);
  state_free(&f->held);
  void *const blocks[] = {f->wide_R,       f->out,        f->coefficients, f->jacobian,   f->inner_lu,
                          f->by,           f->step,       f->inner_pivot,  f->work,       f->step_inner,
                          f->blocks.pivot, f->first,      f->blocks.end,   f->guess_s,    f->blocks.tableau,
                          f->guess_y,      f->at_y,       f->outlet_error, f->at_g,       f->weight,
                          f->kept_step,    f->kept_inner, f->scale,        f->extra_room, f->point_y,
                          f->point_dy};
  for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) taup_free(blocks[k]);
  taup_free(f);
}

/* --- Newton's method --- */

/* The largest of n numbers; none where one of them is no number. Four at a time, as a comparison waits for the last one. */
static double largest(const double *x, int n)
{
  double most[4] = {0.0}, sum[4] = {0.0};
  int i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++) {
      const double size = fabs(x[i + k]);
      most[k] = size > most[k] ? size : most[k];
      sum[k] += 0.0 * size;
    }
  for (; i < n; i++) {
    most[0] = fabs(x[i]) > most[0] ? fabs(x[i]) : most[0];
    sum[0] += 0.0 * x[i];
  }
  for (int k = 1; k < 4; k++) most[0] = most[k] > most[0] ? most[k] : most[0];
  return most[0] + (sum[0] + sum[1] + sum[2] + sum[3]);
}

/* The largest component of the step over the scales. */
static double length(const taup_bvp *f, const taup_bvp_state *a)
{
  const double ends = largest(f->step, (a->n_elements + 1) * 2 * f->n),
               inside = largest(f->step_inner, a->n_elements * INNER * f->n);
  return inside <= ends ? ends : inside;
}

/* The step over what the tolerances leave open, at the mesh points. */
static double weighed(const taup_bvp *f, const taup_bvp_state *a, double rtol)
{
  const taup_bvp_problem *p = f->problem;
  double most = 0.0;
  for (int k = 0; k <= a->n_elements; k++)
    for (int i = 0; i < f->n; i++) {
      const ptrdiff_t at = (ptrdiff_t)k * f->n + i;
      const double least = p->atol[i] / p->scale[i] * (rtol / p->rtol);
      const double *step = f->step + (ptrdiff_t)k * 2 * f->n + i;
      const double of_y = fabs(step[0]) / (rtol * fabs(a->y[at]) + least),
                   of_g = fabs(step[f->n]) / (rtol * fabs(a->g[at]) + least);
      if (of_y > most) most = of_y;
      if (of_g > most) most = of_g;
    }
  return most;
}

static void copy_state(const taup_bvp *f, taup_bvp_state *to, const taup_bvp_state *from)
{
  const size_t n = (size_t)f->n, N = (size_t)from->n_elements;
  to->n_elements = from->n_elements;
  to->gap = from->gap;
  memcpy(to->s, from->s, (N + 1) * sizeof(double));
  memcpy(to->y, from->y, (N + 1) * n * sizeof(double));
  memcpy(to->g, from->g, (N + 1) * n * sizeof(double));
  memcpy(to->inner, from->inner, N * INNER * n * sizeof(double));
  memcpy(to->slope, from->slope, (N * K + 1) * n * sizeof(double));
}

/* The same mesh, for a state that will be there. */
static void copy_mesh(taup_bvp_state *to, const taup_bvp_state *from)
{
  to->n_elements = from->n_elements;
  to->gap = from->gap;
  memcpy(to->s, from->s, (size_t)(from->n_elements + 1) * sizeof(double));
}

static void exchange(taup_bvp_state *a, taup_bvp_state *b)
{
  const taup_bvp_state t = *a;
  *a = *b;
  *b = t;
}

/* trial = now + part * step */
static void move(taup_bvp *f, double part)
{
  const int n = f->n, N = f->now.n_elements;
  for (int k = 0; k <= N; k++)
    for (int i = 0; i < n; i++) {
      const ptrdiff_t at = (ptrdiff_t)k * n + i;
      f->trial.y[at] = f->now.y[at] + part * f->step[(ptrdiff_t)k * 2 * n + i];
      f->trial.g[at] = f->now.g[at] + part * f->step[(ptrdiff_t)k * 2 * n + n + i];
    }
  for (ptrdiff_t i = 0; i < (ptrdiff_t)N * INNER * n; i++)
    f->trial.inner[i] = f->now.inner[i] + part * f->step_inner[i];
}

/* The largest part of the step that keeps states at or above their bounds, with room. */
static double bounded(const taup_bvp *f)
{
  const double *lower = f->problem->lower, *scale = f->problem->scale;
  double part = 1.0;
  const int n = f->n;
  for (int k = 0; k <= f->now.n_elements; k++)
    for (int i = 0; i < n; i++) {
      const double y = f->now.y[(ptrdiff_t)k * n + i] - lower[i] / scale[i];
      const double d = f->step[(ptrdiff_t)k * 2 * n + i];
      if (y + part * d < 0.0) part = fmax(0.9 * y / -d, 1e-12);
    }
  return part;
}

/* With the state and the place where the step is largest. */
static bool give_up(taup_bvp *f, taup_error kind, const char *why)
{
  const int n = f->n, n_mesh = (f->now.n_elements + 1) * 2 * n;
  int worst = 0;
  for (int i = 0; i < n_mesh && fabs(f->step[worst]) <= HUGE_VAL; i++)
    if (!(fabs(f->step[i]) <= fabs(f->step[worst]))) worst = i;
  const int place = worst / (2 * n);
  f->failure = (taup_failure){.kind = kind,
                              .why = why,
                              .s = f->now.s[place <= f->now.n_elements ? place : f->now.n_elements],
                              .worst = {worst % n, -1, -1}};
  return false;
}

/* What a Newton iteration carries along. */
typedef struct iteration {
  double rtol; /* converged when a step is below this, relative */
  double part; /* of the last step that was taken */
  double old;  /* length of the step at hand */
  bool plain;  /* steps are taken whole, whatever they lead to */
  bool done;
} iteration;

/* Try parts of the step until the next one, by the same matrix, is shorter. now becomes where it leads; f->step is the step by the old
 * matrix from there. */
static bool damped(taup_bvp *f, iteration *k)
{
  double part = fmin(bounded(f), fmin(1.0, 4.0 * k->part));
  copy_mesh(&f->trial, &f->now);
  const size_t mesh = (size_t)(f->now.n_elements + 1) * 2 * (size_t)f->n * sizeof(double),
               inner = (size_t)f->now.n_elements * INNER * (size_t)f->n * sizeof(double);
  for (;; part *= 0.5) {
    if (part < 1e-5) return give_up(f, TAUP_ERR_NO_CONVERGENCE, "Newton's steps lead nowhere");
    move(f, part);
    if (!taup_bvp_evaluate(f, &f->trial)) continue;
    memcpy(f->kept_step, f->step, mesh);
    memcpy(f->kept_inner, f->step_inner, inner);
    taup_bvp_step(f, &f->trial);
    const double next = length(f, &f->trial);
    const bool tiny = part == 1.0 && next < 1e-11 && k->old < 1e-8;
    if (k->plain || next <= (1.0 - 0.25 * part) * k->old || tiny) {
      k->done = part == 1.0 && ((tiny && next > 0.25 * k->old) || weighed(f, &f->trial, k->rtol) <= 1.0);
      k->part = part;
      exchange(&f->now, &f->trial);
      return true;
    }
    memcpy(f->step, f->kept_step, mesh);
    memcpy(f->step_inner, f->kept_inner, inner);
  }
}

/* The step by the old matrix from where the last led to is at hand and costs nothing: it is taken, and others by the same matrix, as long
 * as each is much shorter. True: they have come to an end. */
static bool go_on(taup_bvp *f, iteration *k)
{
  static const double much = 0.1;
  double here = length(f, &f->now), before = k->old;
  while (k->done || here < much * before) {
    copy_mesh(&f->trial, &f->now);
    move(f, 1.0);
    if (!taup_bvp_evaluate(f, &f->trial)) return k->done;
    exchange(&f->now, &f->trial);
    if (k->done) return true;
    taup_bvp_step(f, &f->now);
    before = here;
    here = length(f, &f->now);
    k->done = weighed(f, &f->now, k->rtol) <= 1.0;
  }
  return false;
}

static bool iterate(taup_bvp *f, double rtol, bool plain)
{
  static const double farthest = 1e6; /* over the scales: from there nothing comes back */
  const int most =
    f->per_time > 0.0 ? MOST_ITERATIONS / 3 : MOST_ITERATIONS; /* a step in time may be shorter */
  iteration k = {.rtol = rtol, .part = 1.0, .plain = plain};
  if (!taup_bvp_evaluate(f, &f->now)) return false;
  for (int i = 0; i < most; i++) {
    f->counts.n_newton++;
    if (f->problem->stop && (f->stopped = f->problem->stop(f->problem->user)) != 0) return false;
    if (!taup_bvp_factor(f, &f->now)) {
      memset(f->step, 0, (size_t)(f->now.n_elements + 1) * 2 * (size_t)f->n * sizeof *f->step);
      return give_up(f, TAUP_ERR_NO_CONVERGENCE, "Newton's matrix is singular");
    }
    taup_bvp_step(f, &f->now);
    k.old = length(f, &f->now);
    if (!(k.old < farthest)) return give_up(f, TAUP_ERR_NO_CONVERGENCE, "Newton's steps grow without bound");
    if (!damped(f, &k)) return false;
    if (k.part == 1.0 && go_on(f, &k)) return true;
  }
  return give_up(f, TAUP_ERR_NO_CONVERGENCE, "Newton's steps do not come to an end");
}

/* Damped steps; where they come to a corner of a rate (an order below 1 at its end), whole ones, which may pass it. */
bool taup_bvp_newton(taup_bvp *f, double rtol)
{
  taup_bvp_coefficients_make(f, &f->now);
  copy_state(f, &f->origin, &f->now);
  if (iterate(f, rtol, false)) return true;
  if (f->stopped || f->now.gap > 0) return false;
  const taup_failure failure = f->failure;
  copy_state(f, &f->now, &f->origin);
  if (iterate(f, rtol, true)) return true;
  f->failure = failure;
  return false;
}

/* --- the way to a first solution --- */

/* The tube is followed in time from what is at hand by the implicit Euler method, with steps that grow while Newton's method keeps pace,
 * until a step is longer than anything that still moves. */
static bool follow_in_time(taup_bvp *f)
{
  static const double longest = 1e8, shortest = 1e-6;
  double step = 0.01;
  copy_state(f, &f->held, &f->now);
  for (int k = 0; k < MOST_STEPS && step < longest; k++) {
    f->per_time = 1.0 / step;
    if (taup_bvp_newton(f, 1e-6)) {
      copy_state(f, &f->held, &f->now);
      step *= 2.0;
    } else {
      if (step < shortest || f->stopped) break;
      copy_state(f, &f->now, &f->held);
      step *= 0.2;
    }
  }
  f->per_time = 0.0;
  return step >= longest;
}

bool taup_bvp_settle(taup_bvp *f)
{
  const double rtol = 1e-3 * f->problem->rtol;
  if (taup_bvp_newton(f, rtol)) return true;
  if (!f->may_follow || f->stopped) return false;
  const taup_failure failure = f->failure;
  copy_state(f, &f->now, &f->origin);
  if (follow_in_time(f) && taup_bvp_newton(f, rtol)) return true;
  f->failure = failure;
  return false;
}

/* Newton's method may come to a solution that no tube has. */
static bool is_sound(taup_bvp *f)
{
  const taup_bvp_state *a = &f->now;
  for (int k = 0; k <= a->n_elements; k++)
    for (int i = 0; i < f->n; i++) {
      if (a->y[(ptrdiff_t)k * f->n + i] >= f->problem->least[i] / f->problem->scale[i]) continue;
      f->failure = (taup_failure){.kind = TAUP_ERR_BELOW_ZERO,
                                  .why = "a concentration falls below zero, a reaction goes on without it",
                                  .s = a->s[k],
                                  .worst = {i, -1, -1}};
      return false;
    }
  return true;
}

/* From the solution on a first mesh to one that is fine enough. */
static bool complete(taup_bvp *f)
{
  f->failure.kind = TAUP_ERR_NONE;
  return taup_bvp_refine(f) && is_sound(f);
}

/* From the guess; where that leads nowhere, from what a tube full of its feed comes to in time. */
static bool find(taup_bvp *f, bool only_guess)
{
  static const double fineness[] = {1.0, 3.0, 8.0}, usual = 1e-8;
  const double loose = fmax(0.3, fmin(1.0, pow(usual / f->problem->rtol, 1.0 / (2 * K - 1))));
  f->per_time = 0.0;
  f->may_follow = false;
  for (size_t i = 0; i < sizeof fineness / sizeof fineness[0]; i++) {
    if (!taup_bvp_mesh_first(f, loose * fineness[i])) break;
    if (taup_bvp_settle_first(f) && complete(f)) return true;
    if (f->stopped) return false;
  }
  if (only_guess) return false;
  const taup_failure failure = f->failure;
  f->may_follow = true;
  taup_bvp_guess_clear(f);
  if (taup_bvp_mesh_first(f, 3.0) && follow_in_time(f) && taup_bvp_settle(f) && complete(f)) return true;
  f->failure = failure;
  return false;
}

/* Registers of width 4 from those of width 1: parameters, inlet, and what the prologues made of them. */
static void spread_registers(taup_bvp *f)
{
  const int n = taup_program_n_registers(f->system->program);
  for (int r = 0; f->wide && r < n; r++)
    for (int lane = 0; lane < WIDE; lane++) f->wide_R[(ptrdiff_t)r * WIDE + lane] = f->problem->R[r];
  if (f->groups) taup_groups_begin(f);
}

tau_status taup_bvp_solve(taup_bvp *f, const taup_bvp_problem *problem, bool only_guess)
{
  f->asked = *problem;
  f->asked.scale = f->scale;
  f->problem = &f->asked;
  memcpy(f->scale, problem->scale, (size_t)f->n * sizeof *f->scale);
  f->stopped = 0;
  f->owner = NULL;
  f->counts = (taup_solver_counts){0};
  f->failure = (taup_failure){.kind = TAUP_ERR_NONE, .worst = {-1, -1, -1}};
  spread_registers(f);
  const bool found = find(f, only_guess);
  f->counts.n_steps = f->now.n_elements;
  if (found) return TAU_OK;
  return f->stopped ? (tau_status)f->stopped : TAU_E_SOLVER;
}

void taup_bvp_sign(taup_bvp *f, const void *owner, int number)
{
  f->owner = owner;
  f->number = number;
}

bool taup_bvp_is_signed(const taup_bvp *f, const void *owner, int number)
{
  return f->owner == owner && f->number == number;
}

taup_failure taup_bvp_failure(const taup_bvp *f) { return f->failure; }
taup_solver_counts taup_bvp_counts(const taup_bvp *f) { return f->counts; }

/* SPDX-License-Identifier: Apache-2.0 */
/* mixed.c - a unit that is run in its distribution of residence times: maximum mixedness, and the choice among the ways (ages.h).
 *
 * All that has the time l left is one mixture, to which E(l) dl of fresh fluid comes:
 *
 *     dy/ds = f(y) + a (y_in - y),     s = (l0 - l) / (l0 - l1),     a = (l0 - l1) E(l) / W(l)
 *
 * from where W has fallen to 1e-12 to l = 0; what is wrong at the start counts for no more than W there. An atom of E is a portion that
 * comes in at once. */
#include "train/mixed.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

/* --- a part of the time left --- */

static double time_left(const taup_mixed *m, double s) { return m->span.t0 + (m->span.t1 - m->span.t0) * s; }

double taup_mixed_rtol(double rtol) { return 0.1 * rtol; }

void taup_mixed_forces(int n, taup_mixed *const m[], const double s[], double a[], double slope[])
{
  taup_age_place at[TAUP_WASHOUT_MANY] = {{NULL}};
  for (int k = 0; k < n; k++)
    at[k] = (taup_age_place){m[k]->ages, &m[k]->span, &m[k]->piece, time_left(m[k], s[k])};
  taup_ages_hazards(n, at, a, slope);
  for (int k = 0; k < n; k++) {
    const double length = m[k]->span.t0 - m[k]->span.t1;
    a[k] *= length;
    if (slope) slope[k] *= -length * length;
  }
}

static void force(void *user, double s, double *R)
{
  taup_mixed *m = user;
  (void)R;
  taup_mixed_forces(1, &m, &s, m->forced, NULL);
}

/* What comes in at once joins what is there. */
static void add_atom(taup_mixed *m)
{
  double *y = m->walk.w->y;
  if (m->span.atom == 0.0) return;
  const int last = taup_washout_n(m->ages->table) - 1, behind = m->span.last + 1;
  const double there = behind > last ? 0.0 : taup_washout_W(m->ages->table, behind, m->span.t0);
  const double part = m->span.atom / (m->span.atom + there);
  for (int i = 0; i < m->walk.p->system.n; i++) y[i] += part * (m->y_in[i] - y[i]);
}

static bool next_part(taup_mixed *m)
{
  taup_walk *k = &m->walk;
  if (!taup_ages_span(m->ages, m->next, &m->span, &m->next)) return false;
  add_atom(m);
  m->piece = m->span.last;
  k->s_from = m->span.t0 / m->end;
  k->s_scale = (m->span.t1 - m->span.t0) / m->end;
  taup_ages_set_reach(&k->w->train->stages[k->i_stage], k->p->program, k->R,
                      (m->span.t0 - m->span.t1) * m->ages->unit_of_time);
  return true;
}

tau_status taup_mixed_begin(taup_mixed *m, tau_workspace *w, int i_stage)
{
  *m = (taup_mixed){0};
  TAU_TRY(taup_walk_open(&m->walk, w, i_stage));
  m->ages = m->walk.ages;
  m->walk.force = force;
  m->walk.force_user = m;
  m->next = taup_washout_n(m->ages->table);
  m->end = taup_washout_begin(m->ages->table, m->next);
  m->forced = taup_program_input(m->walk.p->program, 1, m->walk.R, TAUP_STATE, 0) + m->walk.p->system.n;
  m->y_in = m->ages->y;
  memcpy(m->y_in, w->y, (size_t)m->walk.p->system.n * sizeof *m->y_in);
  next_part(m);
  return TAU_OK;
}

bool taup_mixed_next(taup_mixed *m)
{
  double *y = m->walk.w->y;
  if (next_part(m)) return true;
  const double at_once = taup_washout_atom(m->ages->table, 0);
  for (int i = 0; i < m->walk.p->system.n; i++) y[i] += at_once * (m->y_in[i] - y[i]);
  m->walk.s_scale = m->walk.s_from = 0.0;
  if (m->walk.w->needs & TAUP_NEED_MAXIMA) taup_walk_candidate(&m->walk, 0.0, y);
  taup_walk_end_ages(&m->walk, y, 0.0, &m->statistics);
  return false;
}

/* --- what is looked at on the way --- */

/* Maxima of what has no more time left than is shown. */
static void look(taup_mixed *m, double s0, double s1)
{
  taup_walk *k = &m->walk;
  const double shown = m->ages->shown * m->end, from = time_left(m, s0), to = time_left(m, s1);
  if (!(k->w->needs & TAUP_NEED_MAXIMA) || to > shown) return;
  double s = s0;
  if (s0 == 0.0 || from > shown) {
    s = from > shown ? s0 + (s1 - s0) * (from - shown) / (from - to) : s0;
    taup_walk_look_from(k, s);
  }
  taup_walk_look(k, s, s1);
}

static void store(taup_mixed *m, double s0, double s1)
{
  tau_workspace *w = m->walk.w;
  const double shown = m->ages->shown * m->end, from = time_left(m, s0), to = time_left(m, s1);
  const double step = shown / (m->walk.layout->most_points - 9);
  if (!(w->needs & TAUP_NEED_PROFILES)) return;
  for (int i = (int)ceil(fmin(from, shown) / step); i >= 0 && i * step >= to; i--) {
    const double s = s0 + (s1 - s0) * (from - i * step) / (from - to);
    if (s < s0) continue;
    taup_walk_state(&m->walk, s, w->f);
    taup_walk_store(&m->walk, s, w->f);
  }
}

static bool look_at_step(taup_mixed *m, const double *y, double s0, double s1)
{
  taup_walk *k = &m->walk;
  k->fell = taup_below_zero(k->w, k->i_stage, k->p, y);
  if (k->fell >= 0) return false;
  look(m, s0, s1);
  store(m, s0, s1);
  k->s_end = 1.0 - time_left(m, s1) / m->end;
  return true;
}

/* --- by CVODES --- */

static int after_step(void *user, taup_march *march, double s0, double s1)
{
  taup_mixed *m = user;
  m->walk.m = march;
  if (!look_at_step(m, taup_march_state(march), s0, s1)) return TAU_E_SOLVER;
  return taup_asked_to_stop(m->walk.w, m->walk.unit->name, m->walk.s_end);
}

static tau_status march_part(taup_mixed *m)
{
  tau_workspace *w = m->walk.w;
  double atol_q[TAUP_N_Q], q[TAUP_N_Q];
  taup_march_options options = taup_march_options_of(w, m->walk.i_stage, m->walk.p, atol_q);
  options.force = force;
  options.force_user = m;
  taup_march *march = w->engines[m->walk.i_program].march;
  const tau_status st = taup_march_run(march, m->walk.R, w->y, q, &options, after_step, m);
  const taup_solver_counts c = taup_march_counts(march);
  m->statistics.n_steps += c.n_steps;
  m->statistics.n_rhs += c.n_rhs;
  m->statistics.n_jacobian += c.n_jacobian;
  m->statistics.n_error_failures += c.n_error_failures;
  m->statistics.n_newton += c.n_newton;
  m->statistics.last_step = c.last_step;
  return st;
}

static tau_status run_by_cvodes(tau_workspace *w, int i_stage)
{
  taup_mixed m;
  tau_status st;
  TAU_TRY(taup_mixed_begin(&m, w, i_stage));
  m.statistics.method = m.walk.p->system.sparse ? "cvodes-bdf-klu" : "cvodes-bdf-dense";
  do st = march_part(&m);
  while (st == TAU_OK && taup_mixed_next(&m));
  if (st >= 0) return st;
  taup_failure failure = taup_march_failure(w->engines[m.walk.i_program].march);
  if (m.walk.fell >= 0)
    failure = (taup_failure){.kind = TAUP_ERR_BELOW_ZERO,
                             .why = "a concentration falls below zero, a reaction goes on without it",
                             .worst = {m.walk.fell, -1, -1}};
  failure.s = time_left(&m, failure.s) / m.end;
  return taup_explain(w, i_stage, m.walk.i_program, st, &failure);
}

/* --- in a lane --- */

bool taup_mixed_watches(const taup_mixed *m)
{
  return m->walk.w->needs & (TAUP_NEED_MAXIMA | TAUP_NEED_PROFILES);
}

bool taup_mixed_step(taup_mixed *m, const taup_lane_view *view, double s0, double s1)
{
  m->walk.view = view;
  taup_lane_at(view, s1, m->walk.w->f);
  return look_at_step(m, m->walk.w->f, s0, s1);
}

bool taup_mixed_leave(taup_mixed *m, const taup_lane_point *point)
{
  m->walk.view = NULL;
  if (!taup_walk_holds(&m->walk, point)) return false;
  m->statistics.n_steps += point->n_steps;
  m->statistics.n_error_failures += point->n_rejected;
  m->statistics.method = point->stiff ? "lanes-rodas5p" : "lanes-vern7";
  return true;
}

static bool watch(void *user, int i_point, const taup_lane_view *view, double s0, double s1, double *s)
{
  (void)i_point;
  *s = s1;
  return taup_mixed_step(user, view, s0, s1);
}

static void lane_force(void *user, int n, const int *points, const double *s, double *a, double *slope)
{
  taup_mixed *m = user;
  (void)points;
  taup_mixed_forces(n, &m, s, a, slope);
}

/* False: the lane gave up, CVODES must. */
static bool run_in_lane(tau_workspace *w, int i_stage, tau_status *st)
{
  taup_mixed m;
  *st = taup_mixed_begin(&m, w, i_stage);
  if (*st < 0) return true;
  const taup_lane_options options = {.rtol = taup_mixed_rtol(w->options.rtol),
                                     .max_steps = w->options.max_steps,
                                     .watch = taup_mixed_watches(&m) ? watch : NULL,
                                     .force = lane_force,
                                     .stop = taup_walk_is_to_stop,
                                     .user = &m,
                                     .stop_user = &m.walk};
  do {
    taup_lane_point point = {.R = m.walk.R, .atol = w->atol, .y = w->y};
    taup_lanes_march(w->engines[m.walk.i_program].lanes, 1, &point, &options);
    if (!taup_mixed_leave(&m, &point)) return false;
    *st = (tau_status)m.walk.stopped;
  } while (*st == TAU_OK && taup_mixed_next(&m));
  return true;
}

static tau_status run_maximum(tau_workspace *w, int i_stage)
{
  tau_status st;
  if (taup_goes_by_lane(w, w->train->stages[i_stage].program) && run_in_lane(w, i_stage, &st)) return st;
  return run_by_cvodes(w, i_stage);
}

tau_status taup_run_mixed(tau_workspace *w, int i_stage)
{
  switch (w->train->stages[i_stage].unit->mixing) {
  case TAUP_MAXIMUM: return run_maximum(w, i_stage);
  case TAUP_EXCHANGE: return taup_run_exchange(w, i_stage);
  default: return taup_run_march(w, i_stage);
  }
}

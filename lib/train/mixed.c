/* SPDX-License-Identifier: Apache-2.0 */
/* mixed.c - a unit that is run in its distribution of residence times: maximum mixedness, and the choice among the ways (ages.h).
 *
 * All that has the time l left is one mixture, to which E(l) dl of fresh fluid comes:
 *
 *     dy/ds = f(y) + a (y_in - y),     s = (l0 - l) / (l0 - l1),     a = (l0 - l1) E(l) / W(l)
 *
 * from where W has fallen to 1e-12 to l = 0; what is wrong at the start counts for no more than W there. An atom of E is a portion that
 * comes in at once. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/ages.h"

typedef struct mixed {
  taup_walk walk;
  taup_ages *ages;
  taup_age_span span;
  int piece;
  double end;     /* of the table */
  double *forced; /* where a stands in the registers */
  tau_statistics statistics;
} mixed;

static double time_left(const mixed *m, double s) { return m->span.t0 + (m->span.t1 - m->span.t0) * s; }

static void force(void *user, double s, double *R)
{
  mixed *m = user;
  (void)R;
  *m->forced = (m->span.t0 - m->span.t1) * taup_ages_hazard(m->ages, &m->span, &m->piece, time_left(m, s));
}

/* Maxima of what has no more time left than is shown. */
static void look(mixed *m, taup_march *march, double s0, double s1)
{
  taup_walk *k = &m->walk;
  const double shown = m->ages->shown * m->end, from = time_left(m, s0), to = time_left(m, s1);
  if (!(k->w->needs & TAUP_NEED_MAXIMA) || to > shown) return;
  double s = s0;
  if (s0 == 0.0 || from > shown) {
    s = from > shown ? s0 + (s1 - s0) * (from - shown) / (from - to) : s0;
    taup_march_at(march, s, k->w->y);
    taup_walk_look_from(k, march, s, k->w->y);
  }
  taup_walk_look(k, s, s1);
}

static void store(mixed *m, taup_march *march, double s0, double s1)
{
  tau_workspace *w = m->walk.w;
  const double shown = m->ages->shown * m->end, from = time_left(m, s0), to = time_left(m, s1);
  const double step = shown / (m->walk.layout->most_points - 9);
  if (!(w->needs & TAUP_NEED_PROFILES)) return;
  for (int i = (int)ceil(fmin(from, shown) / step); i >= 0 && i * step >= to; i--) {
    const double s = s0 + (s1 - s0) * (from - i * step) / (from - to);
    if (s < s0) continue;
    taup_march_at(march, s, w->f);
    taup_walk_store(&m->walk, s, w->f);
  }
}

static int after_step(void *user, taup_march *march, double s0, double s1)
{
  mixed *m = user;
  m->walk.fell = taup_below_zero(m->walk.w, m->walk.i_stage, m->walk.p, taup_march_state(march));
  if (m->walk.fell >= 0) return TAU_E_SOLVER;
  look(m, march, s0, s1);
  store(m, march, s0, s1);
  return taup_asked_to_stop(m->walk.w, m->walk.unit->name, 1.0 - time_left(m, s1) / m->end);
}

/* What comes in at once joins what is there. */
static void add_atom(mixed *m, const double *y_in)
{
  tau_workspace *w = m->walk.w;
  if (m->span.atom == 0.0) return;
  const int last = taup_washout_n(m->ages->table) - 1, behind = m->span.last + 1;
  const double there = behind > last ? 0.0 : taup_washout_W(m->ages->table, behind, m->span.t0);
  const double part = m->span.atom / (m->span.atom + there);
  for (int i = 0; i < m->walk.p->system.n; i++) w->y[i] += part * (y_in[i] - w->y[i]);
}

static tau_status march_span(mixed *m)
{
  tau_workspace *w = m->walk.w;
  double atol_q[TAUP_N_Q], q[TAUP_N_Q];
  taup_march_options options = taup_march_options_of(w, m->walk.i_stage, m->walk.p, atol_q);
  options.rtol *= 0.1; /* a march over many lengths of its memory, and E may be infinite at the end */
  options.force = force;
  options.force_user = m;
  m->piece = m->span.last;
  m->walk.s_from = m->span.t0 / m->end;
  m->walk.s_scale = (m->span.t1 - m->span.t0) / m->end;
  taup_ages_set_reach(&w->train->stages[m->walk.i_stage], m->walk.p->program, m->walk.R,
                      (m->span.t0 - m->span.t1) * m->ages->unit_of_time);
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

static tau_status all_spans(mixed *m, double *y_in)
{
  tau_workspace *w = m->walk.w;
  int end = taup_washout_n(m->ages->table);
  memcpy(y_in, w->y, (size_t)m->walk.p->system.n * sizeof *y_in);
  while (taup_ages_span(m->ages, end, &m->span, &end)) {
    add_atom(m, y_in);
    TAU_TRY(march_span(m));
  }
  const double at_once = taup_washout_atom(m->ages->table, 0);
  for (int i = 0; i < m->walk.p->system.n; i++) w->y[i] += at_once * (y_in[i] - w->y[i]);
  return TAU_OK;
}

static tau_status run_maximum(tau_workspace *w, int i_stage)
{
  mixed m = {.statistics = {.method = w->train->programs[w->train->stages[i_stage].program].system.sparse
                                        ? "cvodes-bdf-klu"
                                        : "cvodes-bdf-dense"}};
  TAU_TRY(taup_walk_open(&m.walk, w, i_stage));
  m.ages = m.walk.ages;
  m.walk.fell = -1;
  m.walk.force = force;
  m.walk.force_user = &m;
  m.end = taup_washout_begin(m.ages->table, taup_washout_n(m.ages->table));
  m.forced = taup_program_input(m.walk.p->program, 1, m.walk.R, TAUP_STATE, 0) + m.walk.p->system.n;
  const tau_status st = all_spans(&m, w->start);
  if (st == TAU_OK) {
    m.walk.s_scale = m.walk.s_from = 0.0;
    if (w->needs & TAUP_NEED_MAXIMA) taup_walk_candidate(&m.walk, 0.0, w->y);
    taup_walk_end_ages(&m.walk, w->y, 0.0, &m.statistics);
  }
  if (st >= 0) return st;
  taup_failure failure = taup_march_failure(w->engines[m.walk.i_program].march);
  if (m.walk.fell >= 0)
    failure = (taup_failure){.kind = TAUP_ERR_BELOW_ZERO,
                             .why = "a concentration falls below zero, a reaction goes on without it",
                             .worst = {m.walk.fell, -1, -1}};
  failure.s = time_left(&m, failure.s) / m.end;
  return taup_explain(w, i_stage, m.walk.i_program, st, &failure);
}

tau_status taup_run_mixed(tau_workspace *w, int i_stage)
{
  switch (w->train->stages[i_stage].unit->mixing) {
  case TAUP_MAXIMUM: return run_maximum(w, i_stage);
  case TAUP_EXCHANGE: return taup_run_exchange(w, i_stage);
  default: return taup_run_march(w, i_stage);
  }
}

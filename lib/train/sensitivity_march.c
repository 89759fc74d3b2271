/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_march.c - a tube or a batch in directions dx: what leaves it, its maxima, and where it ends, with S = dy/d(direction).
 *
 *     end by until   u(y, x) = 0:        s' = -(u_y S + u_x dx) / (u_y f),      y' = S + f s',      Q' = dQ + q s'
 *     a maximum      of c or T inside:   c' = c_y S + c_x dx at the fixed place (its slope there is 0)
 *     at T_max       T_s = f_T(y) = 0:   s' = -(J_T S + f_T,x dx) / (J_T f),    c' = c_y (S + f s') + c_x dx
 *
 * J_T is the row of T in the Jacobian. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "num/root.h"
#include "train/sensitivity_lanes.h"

typedef taup_tangent_walk walk;

/* --- the step at hand, whoever took it --- */

static void state_at(walk *k, double s)
{
  if (!k->view) {
    taup_march_at(k->m, s, k->y);
    return;
  }
  taup_lane_at(k->view, s, k->lane_y);
  memcpy(k->y, k->lane_y, (size_t)k->u->system.n * sizeof *k->y);
}

/* The state too. */
static void tangents_at(walk *k, double s)
{
  state_at(k, s);
  if (k->view)
    taup_carrier_combine(k->carrier, k->j->n, k->u->system.n, k->coefficient, k->lane_y + k->u->system.n,
                         k->S);
  else taup_march_tangents_at(k->m, s, k->S);
}

/* --- at a place --- */

/* Before anything is asked of f at s. */
static void force_at(walk *k, double s)
{
  if (k->ages) taup_age_tangents_force(k->ages, s);
}

static void slope_of_state(walk *k)
{
  memcpy(k->f, taup_part_run(k->u, TAUP_PART_F, k->y), (size_t)k->u->system.n * sizeof *k->f);
}

static void look(walk *k)
{
  const taup_entries *e = &k->u->e[TAUP_PART_PLACE];
  const double *values = taup_part_run(k->u, TAUP_PART_PLACE, k->y);
  memcpy(k->place, values, (size_t)(e->first + e->start[e->n_columns]) * sizeof *values);
}

static double flow(const walk *k) { return k->place[k->n + TAUP_PLACE_FLOW]; }
static double temperature(const walk *k) { return k->place[k->n + TAUP_PLACE_T]; }

/* Slopes of c and T along the unit, at y. */
static void slopes(walk *k, double *out)
{
  slope_of_state(k);
  look(k);
  taup_part_tangent(k->u, TAUP_PART_PLACE, k->place, k->still, k->f, k->d_place);
  for (int i = 0; i < k->n; i++)
    out[i] = (k->d_place[i] - k->place[i] / flow(k) * k->d_place[k->n + TAUP_PLACE_FLOW]) / flow(k);
  out[k->n] = k->p->state_of_T >= 0 ? k->d_place[k->n + TAUP_PLACE_T] : 0.0;
}

static double slope_at(void *user, double s)
{
  walk *k = user;
  state_at(k, s);
  force_at(k, s);
  slopes(k, k->d_place + k->n + TAUP_PLACE_EXTRA);
  return k->d_place[k->n + TAUP_PLACE_EXTRA + k->searched];
}

static double until_at(walk *k) { return taup_part_run(k->u, TAUP_PART_UNTIL, k->y)[0]; }

static double until_of_s(void *user, double s)
{
  walk *k = user;
  state_at(k, s);
  return until_at(k);
}

void taup_tangent_walk_at(walk *k, double s) { tangents_at(k, s); }

/* --- what is kept of a place --- */

static const double *direction(const walk *k, int d) { return k->j->dx + (size_t)d * (size_t)k->u->n_x; }
static double *out_of(const walk *k, int d) { return k->j->out + (size_t)d * (size_t)k->j->s->out.n; }

/* Tangents of c in direction d, when the state moves by dy, into k->d_place. */
static void concentrations(walk *k, int d, const double *dy)
{
  taup_part_tangent(k->u, TAUP_PART_PLACE, k->place, direction(k, d), dy, k->d_place);
  for (int i = 0; i < k->n; i++)
    k->d_place[i] = (k->d_place[i] - k->place[i] / flow(k) * k->d_place[k->n + TAUP_PLACE_FLOW]) / flow(k);
}

/* The looked-at place has the largest c_i so far, if it has. dy: how the state moves there. */
static void try_c(walk *k, int i, const double *dy)
{
  const double c = k->place[i] / flow(k);
  if (k->best_c[i] >= c) return;
  k->best_c[i] = c;
  for (int d = 0; d < k->j->n; d++) {
    concentrations(k, d, dy + (size_t)d * (size_t)k->u->system.n);
    out_of(k, d)[k->j->s->out.max_c + i] = k->d_place[i];
  }
}

/* The same for T. moves [directions]: how the place moves; NULL: it does not. */
static bool try_T(walk *k, const double *dy)
{
  const taup_out *o = &k->j->s->out;
  if (k->best_T >= temperature(k)) return false;
  k->best_T = temperature(k);
  for (int d = 0; d < k->j->n; d++) {
    double *out = out_of(k, d);
    concentrations(k, d, dy + (size_t)d * (size_t)k->u->system.n);
    memcpy(out + o->at_T_max_c, k->d_place, (size_t)k->n * sizeof *out);
    out[o->T_max] = k->d_place[k->n + TAUP_PLACE_T];
  }
  return true;
}

void taup_tangent_walk_candidate(walk *k, const double *ds)
{
  look(k);
  for (int i = 0; i < k->n; i++) try_c(k, i, k->S);
  if (!try_T(k, k->S)) return;
  for (int d = 0; d < k->j->n; d++) out_of(k, d)[k->j->s->out.s_T_max] = ds ? ds[d] : 0.0;
}

void taup_tangent_walk_look_from(walk *k, double s)
{
  state_at(k, s);
  force_at(k, s);
  slopes(k, k->slope0);
}

/* k->total = S + f s', s' of direction d in out[place]. */
static void move_place(walk *k, int place)
{
  const size_t n = (size_t)k->u->system.n;
  for (int d = 0; d < k->j->n; d++) {
    const double ds = out_of(k, d)[place];
    for (size_t i = 0; i < n; i++)
      k->total[(size_t)d * n + i] = k->S[(size_t)d * n + i] + (ds != 0.0 ? k->f[i] * ds : 0.0);
  }
}

/* s' of the place where T is largest, for all directions. */
static void move_of_hottest(walk *k)
{
  const taup_system *system = &k->u->system;
  const taup_entries *fx = &k->u->e[TAUP_PART_FX];
  const int row = k->p->state_of_T;
  double bend = 0.0;
  slope_of_state(k);
  const double *J = taup_part_run(k->u, TAUP_PART_J, k->y);
  for (int d = 0; d < k->j->n; d++) out_of(k, d)[k->j->s->out.s_T_max] = 0.0;
  for (int c = 0; c < system->n; c++)
    for (int e = system->column_start[c]; e < system->column_start[c + 1]; e++) {
      if (system->row[e] != row) continue;
      bend += J[e] * k->f[c];
      for (int d = 0; d < k->j->n; d++)
        out_of(k, d)[k->j->s->out.s_T_max] += J[e] * k->S[(size_t)d * (size_t)system->n + (size_t)c];
    }
  const double *values = taup_part_run(k->u, TAUP_PART_FX, k->y);
  for (int c = 0; c < fx->n_columns; c++)
    for (int e = fx->start[c]; e < fx->start[c + 1]; e++)
      for (int d = 0; fx->row[e] == row && d < k->j->n; d++)
        if (direction(k, d)[c] != 0.0) out_of(k, d)[k->j->s->out.s_T_max] += values[e] * direction(k, d)[c];
  for (int d = 0; d < k->j->n; d++) out_of(k, d)[k->j->s->out.s_T_max] /= -bend;
}

/* Where it is hottest moves in a way that is not known, and so does what is there. */
static void forget_hottest(walk *k)
{
  const taup_out *o = &k->j->s->out;
  for (int d = 0; d < k->j->n; d++) {
    out_of(k, d)[o->s_T_max] = NAN;
    for (int i = 0; i < k->n; i++) out_of(k, d)[o->at_T_max_c + i] = NAN;
  }
}

/* c_i or T (i = n) has a maximum between s0 and s1. */
static void peak(walk *k, int i, double s0, double s1)
{
  k->searched = i;
  const double s = taup_bracketed_root(slope_at, k, s0, k->slope0[i], s1, k->slope1[i], 1e-14);
  tangents_at(k, s);
  force_at(k, s);
  look(k);
  if (i < k->n) {
    try_c(k, i, k->S);
    return;
  }
  if (k->best_T >= temperature(k)) return;
  if (k->ages &&
      taup_age_tangents_are_forced(k->ages)) { /* T_s depends on s there: its slope is not written down */
    try_T(k, k->S);
    forget_hottest(k);
    return;
  }
  move_of_hottest(k);
  move_place(k, k->j->s->out.s_T_max);
  look(k);
  try_T(k, k->total);
}

/* --- the walk --- */

/* What the tolerances leave open of c_i or T. */
static double slack(const walk *k, int i)
{
  const tau_workspace *w = k->j->s->w;
  if (i == k->n) return w->options.rtol * temperature(k);
  return w->options.rtol * fabs(k->place[i] / flow(k)) + w->atol_concentration;
}

static void look_for_peaks(walk *k, double s0, double s1)
{
  state_at(k, s1);
  force_at(k, s1);
  slopes(k, k->slope1);
  for (int i = 0; i <= k->n; i++)
    if (k->slope0[i] > 0.0 && k->slope1[i] < 0.0 && k->slope0[i] * (s1 - s0) > slack(k, i)) {
      peak(k, i, s0, s1);
      state_at(k, s1);
      look(k);
    }
  memcpy(k->slope0, k->slope1, (size_t)(k->n + 1) * sizeof *k->slope0);
}

void taup_tangent_walk_look(walk *k, double s0, double s1) { look_for_peaks(k, s0, s1); }

/* false where the unit ends in the step, at *s1. */
static void step_by_age(walk *k, double s0, double s1)
{
  const double shown = taup_age_tangents_shown(k->ages), to = fmin(s1, shown);
  taup_age_tangents_add(k->ages, k, s0, s1);
  if (k->no_maxima || s0 >= shown) return;
  look_for_peaks(k, s0, to);
  if (s1 < shown) return;
  taup_tangent_walk_at(k, shown);
  taup_age_tangents_move(k->ages, k, 1.0 / taup_age_tangents_end(k->ages));
  taup_tangent_walk_candidate(k, taup_age_tangents_ds(k->ages));
}

static bool step(walk *k, double s0, double *s1)
{
  k->s_end = *s1;
  if (k->ages) {
    step_by_age(k, s0, *s1);
    return true;
  }
  if (k->unit->until) {
    state_at(k, *s1);
    const double u1 = until_at(k);
    k->ended = u1 >= 0.0;
    if (k->ended) *s1 = taup_bracketed_root(until_of_s, k, s0, k->until0, *s1, u1, 1e-15);
    else k->until0 = u1;
  }
  if (!k->no_maxima) look_for_peaks(k, s0, *s1);
  k->s_end = *s1;
  return !k->ended;
}

bool taup_tangent_walk_step(walk *k, const taup_lane_view *view, double s0, double *s1)
{
  k->view = view;
  return step(k, s0, s1);
}

static int after_step(void *user, taup_march *m, double s0, double s1)
{
  walk *k = user;
  k->m = m;
  if (step(k, s0, &s1)) return taup_asked_to_stop(k->j->s->w, k->unit->name, s1);
  taup_march_end(m, s1);
  return TAUP_STOP_HERE;
}

/* --- begin and end --- */

enum { N_ARRAYS = 11 };

static void sizes_of(const taup_unit_slopes *u, int n_species, int n_directions, size_t sizes[N_ARRAYS])
{
  const taup_entries *e = &u->e[TAUP_PART_PLACE];
  const size_t n = (size_t)u->system.n, m = (size_t)n_directions, s = (size_t)n_species;
  const size_t place = (size_t)(e->first + e->start[e->n_columns]);
  const size_t own[N_ARRAYS] = {
    n, n, m * n, m * n, m * TAUP_N_Q, place, 2 * s + TAUP_PLACE_EXTRA + 1, (size_t)u->n_x, s + 1, s + 1, s};
  memcpy(sizes, own, sizeof own);
}

size_t taup_tangent_walk_size(const taup_unit_slopes *u, int n_species, int n_directions)
{
  size_t sizes[N_ARRAYS], all = 0;
  sizes_of(u, n_species, n_directions, sizes);
  for (size_t i = 0; i < N_ARRAYS; i++) all += sizes[i];
  return all;
}

void taup_tangent_walk_open(walk *k, const taup_journey *j, double *block)
{
  *k = (walk){.j = j,
              .u = &j->engine->slopes,
              .p = &j->s->train->programs[j->i_program],
              .unit = j->s->train->stages[j->i_stage].unit,
              .m = j->engine->march,
              .n = j->s->train->layout->n_species,
              .no_maxima = !(j->s->w->needs & TAUP_NEED_MAXIMA)};
  double **const arrays[N_ARRAYS] = {&k->y,       &k->f,     &k->S,      &k->total,  &k->Q,     &k->place,
                                     &k->d_place, &k->still, &k->slope0, &k->slope1, &k->best_c};
  size_t sizes[N_ARRAYS], at = 0;
  sizes_of(k->u, k->n, j->n, sizes);
  for (size_t i = 0; i < N_ARRAYS; at += sizes[i++]) *arrays[i] = block + at;
  memset(k->still, 0, (size_t)k->u->n_x * sizeof *k->still);
  for (int i = 0; i < k->n; i++) k->best_c[i] = -INFINITY;
  k->best_T = -INFINITY;
  memset(j->out, 0, (size_t)j->n * (size_t)j->s->out.n * sizeof *j->out);
}

/* The state at the entrance and its tangents; noise below zero is none (march.c). */
bool taup_tangent_walk_begin(walk *k)
{
  const size_t n = (size_t)k->u->system.n;
  const double *atol = k->j->s->w->atol, *values = taup_part_run(k->u, TAUP_PART_START, NULL);
  memcpy(k->y, values, n * sizeof *values);
  for (int d = 0; d < k->j->n; d++)
    taup_part_tangent(k->u, TAUP_PART_START, values, direction(k, d), NULL, k->S + (size_t)d * n);
  for (int i = 0; i < k->p->n_amounts; i++)
    if (k->y[i] < 0.0 && k->y[i] > -100.0 * atol[i]) k->y[i] = 0.0;
  k->until0 = k->unit->until ? until_at(k) : -1.0;
  if (k->no_maxima) return k->until0 < 0.0;
  look(k);
  for (int i = 0; i < k->n; i++) try_c(k, i, k->S);
  try_T(k, k->S);
  slopes(k, k->slope0);
  return k->until0 < 0.0;
}

/* s' of an end by until; 0 of one at the end of the unit, or at its entrance. */
static void move_end(walk *k)
{
  double du = 0.0, slope = 0.0;
  const double *values = taup_part_run(k->u, TAUP_PART_UNTIL, k->y);
  taup_part_tangent(k->u, TAUP_PART_UNTIL, values, k->still, k->f, &slope);
  for (int d = 0; d < k->j->n; d++) {
    taup_part_tangent(k->u, TAUP_PART_UNTIL, values, direction(k, d),
                      k->S + (size_t)d * (size_t)k->u->system.n, &du);
    out_of(k, d)[k->j->s->out.end] = -du / slope;
  }
}

static void put_part(walk *k, taup_part part, int place)
{
  const double *values = taup_part_run(k->u, part, k->y);
  for (int d = 0; d < k->j->n; d++)
    taup_part_tangent(k->u, part, values, direction(k, d), k->total + (size_t)d * (size_t)k->u->system.n,
                      out_of(k, d) + place);
}

/* Maxima at the end; NAN where nobody asked. */
static void end_maxima(walk *k)
{
  const taup_out *o = &k->j->s->out;
  for (int d = 0; k->no_maxima && d < k->j->n; d++)
    for (int i = o->max_c; i <= o->s_T_max; i++) out_of(k, d)[i] = NAN;
  if (k->no_maxima || k->ages) return;
  look(k);
  for (int i = 0; i < k->n; i++) try_c(k, i, k->total);
  if (k->best_T < temperature(k))
    for (int d = 0; d < k->j->n; d++) out_of(k, d)[o->s_T_max] = out_of(k, d)[o->end];
  try_T(k, k->total);
}

void taup_tangent_walk_end(walk *k)
{
  const taup_out *o = &k->j->s->out;
  const unsigned needs = k->j->s->w->needs;
  if (k->ended) {
    slope_of_state(k);
    move_end(k);
    move_place(k, o->end);
  } else {
    k->total = k->S;
  }
  end_maxima(k);
  put_part(k, TAUP_PART_PLACE, o->F);
  put_part(k, TAUP_PART_ENTER, o->enter);
  if (needs & TAUP_NEED_RATES) put_part(k, TAUP_PART_RATES, o->rates);
  if (needs & TAUP_NEED_K) put_part(k, TAUP_PART_K, o->k);
  if (!(needs & TAUP_NEED_HEAT)) return;
  const double *q = taup_part_run(k->u, TAUP_PART_Q, k->y);
  for (int d = 0; d < k->j->n; d++)
    for (int i = 0; i < TAUP_N_Q; i++)
      out_of(k, d)[o->q + i] = k->Q[d * TAUP_N_Q + i] + (k->ended ? q[i] * out_of(k, d)[o->end] : 0.0);
}

tau_status taup_tangent_walk_march(walk *k)
{
  tau_workspace *w = k->j->s->w;
  double atol_q[TAUP_N_Q], q[TAUP_N_Q];
  const taup_march_options options = taup_march_options_of(w, k->j->i_stage, k->p, atol_q);
  if (!taup_tangent_walk_begin(k)) return TAU_OK;
  memcpy(k->total, k->S, (size_t)k->j->n * (size_t)k->u->system.n * sizeof *k->S);
  memcpy(w->y, k->y, (size_t)k->u->system.n * sizeof *k->y);
  TAU_TRY(taup_march_carry(k->m, &k->u->tangents, k->j->n, k->j->dx, k->total));
  TAU_TRY(taup_march_run(k->m, k->u->s.R, w->y, q, &options, after_step, k));
  memcpy(k->y, w->y, (size_t)k->u->system.n * sizeof *k->y);
  taup_march_tangents_at(k->m, k->s_end, k->S);
  taup_march_tangent_integrals_at(k->m, k->s_end, k->Q);
  return TAU_OK;
}

tau_status taup_tangent_march(const taup_journey *j)
{
  walk k;
  double *block =
    taup_calloc(taup_tangent_walk_size(&j->engine->slopes, j->s->train->layout->n_species, j->n),
                sizeof *block);
  if (!block) return TAU_E_NOMEM;
  taup_tangent_walk_open(&k, j, block);
  const tau_status st = taup_tangent_walk_march(&k);
  if (st == TAU_OK) taup_tangent_walk_end(&k);
  taup_free(block);
  return st;
}

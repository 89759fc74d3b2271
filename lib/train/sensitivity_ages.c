/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_ages.c - a unit that is run in its distribution of residence times, in directions dx. W' is the derivative of W at a fixed
 * age in the direction, S that of y.
 *
 *     segregated   out = integral of E y dt,   out' = integral of (E S + E' y) dt + sum over knots of [W'] y
 *                  (by parts of the integral of W' dy/dt: where a knot moves W' jumps; a moving atom of weight w adds w t' dy/dt)
 *     maximum      S carried from the longest time left on,  dS/ds = J S + f_x dx + (y_in - y) da,  a = -d ln W;
 *                  where W'/W jumps, S jumps by (y_in - y) [W'/W]; an atom mixes S as it mixes y
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/ages.h"
#include "train/sensitivity.h"

typedef struct taup_age_tangents age_tangents;
struct taup_age_tangents {
  const taup_journey *j;
  taup_ages *ages;
  taup_tangent_walk *walk;
  int n, n_rtd;    /* states; parameters of the distribution */
  double end;      /* of the table */
  double *dp;      /* directions x n_rtd: how the table's parameters move */
  double *d_shown; /* directions: how the age moves to which maxima are looked for, in the table's time, */
  double *ds;      /* and as a part of the table's end */
  double *corner;  /* directions: the same of a corner of W */
  double *y, *S;   /* gathered: n, directions x n */
  double *dW, *dE, *before, *moves; /* n_rtd each */

  /* of maximum mixedness */
  taup_age_span span;
  int piece;
  double *forced, *y_in, *S_in; /* S_in: directions x n */
};

/* --- how the distribution moves --- */

static double of_source(const age_tangents *a, int source, const double *dx, const double *enter)
{
  const tau_sensitivity *s = a->j->s;
  const taup_stage *stage = &s->train->stages[a->j->i_stage];
  const double *inlet = s->w->result->data + s->train->layout->units[a->j->i_stage].inlet;
  const double flow = inlet[2 * s->train->layout->n_species + TAUP_STREAM_FLOW];
  if (source == TAUP_RTD_SPACE_TIME)
    return (enter[TAUP_ENTER_SIZE] -
            s->w->enter[TAUP_ENTER_SIZE] / flow * dx[a->j->engine->slopes.n_slots + TAUP_IN_FLOW]) /
           flow;
  if (source == TAUP_RTD_PECLET) return enter[TAUP_ENTER_PECLET];
  for (int slot = 0; slot < stage->n_slots; slot++)
    if (source >= 0 && stage->slots[slot] == source) return dx[slot];
  return 0.0;
}

static void move_distribution(age_tangents *a)
{
  taup_unit_slopes *u = &a->j->engine->slopes;
  double enter[TAUP_N_ENTER];
  for (int d = 0; d < a->j->n; d++) {
    const double *dx = a->j->dx + (size_t)d * (size_t)u->n_x;
    taup_part_tangent(u, TAUP_PART_ENTER, taup_part_run(u, TAUP_PART_ENTER, NULL), dx, NULL, enter);
    for (int p = 0; p < a->n_rtd; p++) {
      const int source = taup_unit_rtd_source(a->ages->unit, a->ages->base, a->j->s->w->inputs, p);
      const bool is_time = strcmp(a->ages->base->parameters[p].unit, "s") == 0;
      a->dp[d * a->n_rtd + p] = of_source(a, source, dx, enter) / (is_time ? a->ages->unit_of_time : 1.0);
    }
  }
}

/* What a derivative to the parameters [n_rtd] is in direction d. */
static double along(const age_tangents *a, int d, const double *to_parameters)
{
  double sum = 0.0;
  for (int p = 0; p < a->n_rtd; p++)
    if (a->dp[d * a->n_rtd + p] != 0.0) sum += to_parameters[p] * a->dp[d * a->n_rtd + p];
  return sum;
}

/* The last age that is shown: three space times, or that of the last atom. */
static void move_shown(age_tangents *a)
{
  const int n = taup_washout_n(a->ages->table);
  const double atom = taup_washout_atom(a->ages->table, n);
  double enter[TAUP_N_ENTER];
  taup_unit_slopes *u = &a->j->engine->slopes;
  taup_washout_moves(a->ages->table, n, a->moves);
  for (int d = 0; d < a->j->n; d++) {
    const double *dx = a->j->dx + (size_t)d * (size_t)u->n_x;
    if (a->ages->shown >= 1.0) {
      a->d_shown[d] = atom > 0.0 ? along(a, d, a->moves) / atom : 0.0;
      continue;
    }
    taup_part_tangent(u, TAUP_PART_ENTER, taup_part_run(u, TAUP_PART_ENTER, NULL), dx, NULL, enter);
    a->d_shown[d] = TAUP_AGES_SHOWN * of_source(a, TAUP_RTD_SPACE_TIME, dx, enter) / a->ages->unit_of_time;
  }
}

/* --- segregated --- */

static void move_along(const age_tangents *a, taup_tangent_walk *k, const double *by, double per_age)
{
  const double *f = taup_part_run(&a->j->engine->slopes, TAUP_PART_F, k->y);
  for (int d = 0; d < a->j->n; d++)
    for (int i = 0; i < a->n; i++) k->S[d * a->n + i] += f[i] * per_age * by[d];
}

void taup_age_tangents_move(const age_tangents *a, taup_tangent_walk *k, double per_age)
{
  move_along(a, k, a->d_shown, per_age);
}

const double *taup_age_tangents_ds(const age_tangents *a) { return a->ds; }

double taup_age_tangents_end(const age_tangents *a) { return a->end; }

double taup_age_tangents_shown(const age_tangents *a) { return a->ages->shown; }

static void add_weighted(age_tangents *a, double weight)
{
  for (int i = 0; i < a->n; i++) a->y[i] += weight * a->walk->y[i];
  for (int i = 0; i < a->j->n * a->n; i++) a->S[i] += weight * a->walk->S[i];
}

/* [W'] at a knot into dW; false where nothing jumps or moves. */
static bool jump_at(age_tangents *a, int piece, double t)
{
  bool any = false;
  memset(a->dW, 0, (size_t)a->n_rtd * sizeof *a->dW);
  memset(a->before, 0, (size_t)a->n_rtd * sizeof *a->before);
  if (piece > 0) taup_washout_slopes(a->ages->table, piece - 1, t, a->before, a->dE);
  if (piece < taup_washout_n(a->ages->table)) taup_washout_slopes(a->ages->table, piece, t, a->dW, a->dE);
  taup_washout_moves(a->ages->table, piece, a->moves);
  for (int p = 0; p < a->n_rtd; p++) {
    a->dW[p] = a->before[p] - a->dW[p];
    any = any || fabs(a->dW[p]) > 1e-11 || a->moves[p] != 0.0;
  }
  return any;
}

static void add_knot(age_tangents *a, const taup_age *age)
{
  if (a->n_rtd == 0 || !jump_at(a, age->piece, age->t)) return;
  const double *f = taup_part_run(&a->j->engine->slopes, TAUP_PART_F, a->walk->y);
  for (int d = 0; d < a->j->n; d++) {
    const double jump = along(a, d, a->dW), moves = along(a, d, a->moves) / a->end;
    for (int i = 0; i < a->n; i++) a->S[d * a->n + i] += jump * a->walk->y[i] + moves * f[i];
  }
}

static void add_age(void *user, const taup_age *age)
{
  age_tangents *a = user;
  taup_tangent_walk_at(a->walk, age->s);
  add_weighted(a, age->weight);
  if (age->is_knot) {
    add_knot(a, age);
    return;
  }
  taup_washout_slopes(a->ages->table, age->piece, age->t, a->dW, a->dE);
  for (int d = 0; d < a->j->n; d++) {
    const double weight = age->width * along(a, d, a->dE);
    for (int i = 0; weight != 0.0 && i < a->n; i++) a->S[d * a->n + i] += weight * a->walk->y[i];
  }
}

void taup_age_tangents_add(age_tangents *a, taup_tangent_walk *k, double s0, double s1)
{
  a->walk = k;
  taup_ages_each(a->ages, s0, s1, add_age, a);
}

/* --- maximum mixedness --- */

static double time_left(const age_tangents *a, double s)
{
  return a->span.t0 + (a->span.t1 - a->span.t0) * s;
}

static void force(void *user, double s, double *R)
{
  age_tangents *a = user;
  (void)R;
  *a->forced = (a->span.t0 - a->span.t1) * taup_ages_hazard(a->ages, &a->span, &a->piece, time_left(a, s));
}

void taup_age_tangents_force(age_tangents *a, double s)
{
  if (a->forced) force(a, s, NULL);
}

bool taup_age_tangents_are_forced(const age_tangents *a) { return a->forced != NULL; }

static void force_tangent(void *user, double s, const double *y, int d, double *out)
{
  age_tangents *a = user;
  static const double least = 1e-14;
  const double t = time_left(a, s);
  a->piece = taup_washout_piece(a->ages->table, a->piece, t);
  if (a->piece > a->span.last) a->piece = a->span.last;
  const double W = fmax(taup_washout_W(a->ages->table, a->piece, t), least),
               E = fmax(taup_washout_E(a->ages->table, a->piece, t), 0.0);
  taup_washout_slopes(a->ages->table, a->piece, t, a->dW, a->dE);
  const double moves = (a->span.t0 - a->span.t1) * (along(a, d, a->dE) - E / W * along(a, d, a->dW)) / W;
  for (int i = 0; i < a->n; i++) out[i] += moves * (a->y_in[i] - y[i]); /* that y_in moves is in f_x */
}

/* Maxima of what has no more time left than is shown. */
static void look(age_tangents *a, double s0, double s1)
{
  taup_tangent_walk *k = a->walk;
  const double from = time_left(a, s0), to = time_left(a, s1), shown = a->ages->shown * a->end;
  if (k->no_maxima || to > shown) return;
  double s = s0;
  if (from > shown) {
    s = s0 + (s1 - s0) * (from - shown) / (from - to);
    force(a, s, NULL);
    taup_tangent_walk_at(k, s);
    taup_age_tangents_move(a, k, -1.0 / (a->span.t0 - a->span.t1));
    taup_tangent_walk_candidate(k, a->ds);
  } else if (s0 == 0.0) {
    taup_tangent_walk_at(k, s);
    force(a, s, NULL);
    taup_washout_shift(a->ages->table, a->span.last + 1, a->moves);
    for (int d = 0; d < a->j->n; d++) a->corner[d] = along(a, d, a->moves);
    move_along(a, k, a->corner, -1.0 / (a->span.t0 - a->span.t1));
    for (int d = 0; d < a->j->n; d++) a->corner[d] /= a->end;
    taup_tangent_walk_candidate(k, a->corner);
  }
  if (s0 == 0.0 || from > shown) taup_tangent_walk_look_from(k, s);
  taup_tangent_walk_look(k, s, s1);
}

static int after_step(void *user, taup_march *m, double s0, double s1)
{
  age_tangents *a = user;
  a->walk->m = m;
  look(a, s0, s1);
  return taup_asked_to_stop(a->j->s->w, a->walk->unit->name, 1.0 - time_left(a, s1) / a->end);
}

/* What comes in at once, a part of it all, joins y and S of the walk; by `moves` the part moves [directions]. */
static void join(age_tangents *a, double part, const double *moves)
{
  taup_tangent_walk *k = a->walk;
  for (int i = 0; i < a->j->n * a->n; i++) k->S[i] += part * (a->S_in[i] - k->S[i]);
  for (int d = 0; d < a->j->n; d++)
    for (int i = 0; i < a->n; i++) k->S[d * a->n + i] += moves[d] * (a->y_in[i] - k->y[i]);
  for (int i = 0; i < a->n; i++) k->y[i] += part * (a->y_in[i] - k->y[i]);
}

/* At the begin of a span: its atom, or the jump of W'/W there. */
static void pass_knot(age_tangents *a, int piece)
{
  const taup_washout *table = a->ages->table;
  const double t = taup_washout_begin(table, piece), atom = taup_washout_atom(table, piece);
  const double behind = piece < taup_washout_n(table) ? taup_washout_W(table, piece, t) : 0.0;
  taup_tangent_walk *k = a->walk;
  if (atom > 0.0) {
    const double part = atom / (atom + behind);
    jump_at(a, piece, t); /* the part moves with W before and behind it */
    for (int d = 0; d < a->j->n; d++) {
      const double dW_before = along(a, d, a->before), dW_behind = dW_before - along(a, d, a->dW);
      a->corner[d] = -(dW_behind - behind / (atom + behind) * dW_before) / (atom + behind);
    }
    join(a, part, a->corner);
    return;
  }
  if (piece >= taup_washout_n(table) || !jump_at(a, piece, t)) return;
  for (int d = 0; d < a->j->n; d++) {
    const double jump = along(a, d, a->dW) / fmax(behind, 1e-14);
    for (int i = 0; i < a->n; i++) k->S[d * a->n + i] += jump * (a->y_in[i] - k->y[i]);
  }
}

static tau_status march_span(age_tangents *a)
{
  tau_workspace *w = a->j->s->w;
  taup_tangent_walk *k = a->walk;
  double atol_q[TAUP_N_Q], q[TAUP_N_Q];
  taup_march_options options = taup_march_options_of(w, a->j->i_stage, k->p, atol_q);
  options.force = force;
  options.force_tangent = force_tangent;
  options.force_user = a;
  a->piece = a->span.last;
  taup_ages_set_reach(&w->train->stages[a->j->i_stage], k->u->s.program, k->u->s.R,
                      (a->span.t0 - a->span.t1) * a->ages->unit_of_time);
  memcpy(k->total, k->S, (size_t)a->j->n * (size_t)a->n * sizeof *k->S);
  TAU_TRY(taup_march_carry(k->m, &k->u->tangents, a->j->n, a->j->dx, k->total));
  TAU_TRY(taup_march_run(k->m, k->u->s.R, k->y, q, &options, after_step, a));
  taup_march_tangents_at(k->m, 1.0, k->S);
  return TAU_OK;
}

/* Spans begin where W'/W jumps, if they do not elsewhere. */
static tau_status all_spans(age_tangents *a)
{
  const taup_washout *table = a->ages->table;
  int end = taup_washout_n(table);
  memcpy(a->y_in, a->walk->y, (size_t)a->n * sizeof *a->y_in);
  memcpy(a->S_in, a->walk->S, (size_t)a->j->n * (size_t)a->n * sizeof *a->S_in);
  for (int begin = end; taup_ages_span(a->ages, begin, &a->span, &end); begin = end) {
    pass_knot(a, begin);
    TAU_TRY(march_span(a));
  }
  const double at_once = taup_washout_atom(table, 0);
  if (at_once > 0.0) pass_knot(a, 0);
  return TAU_OK;
}

/* An atom whose time moves: what it moves is not written down. */
static bool atoms_move(age_tangents *a)
{
  for (int i = 0; i <= taup_washout_n(a->ages->table); i++) {
    taup_washout_moves(a->ages->table, i, a->moves);
    for (int d = 0; d < a->j->n; d++)
      if (along(a, d, a->moves) != 0.0) return true;
  }
  return false;
}

/* --- both --- */

static void finish(age_tangents *a, const double *y, const double *S)
{
  taup_tangent_walk *k = a->walk;
  memmove(k->y, y, (size_t)a->n * sizeof *y);
  memmove(k->S, S, (size_t)a->j->n * (size_t)a->n * sizeof *S);
  for (int d = 0; d < a->j->n; d++)
    for (int i = 0; i < TAUP_N_Q; i++) k->Q[d * TAUP_N_Q + i] = k->S[d * a->n + k->p->state_of_heat + i];
  taup_tangent_walk_end(k);
}

static tau_status go_segregated(age_tangents *a)
{
  taup_tangent_walk *k = a->walk;
  TAU_TRY(taup_tangent_walk_march(k));
  finish(a, a->y, a->S);
  return TAU_OK;
}

static tau_status go_maximum(age_tangents *a, const char **unknown)
{
  taup_tangent_walk *k = a->walk;
  if (atoms_move(a)) {
    *unknown = "runs at maximum mixedness, and a part of it leaves after one time that moves";
    return TAU_OK;
  }
  a->forced = taup_program_input(k->u->s.program, 1, k->u->s.R, TAUP_STATE, 0) + a->n;
  const bool no_maxima = k->no_maxima;
  k->no_maxima = true; /* what comes in is mixed at once */
  taup_tangent_walk_begin(k);
  k->no_maxima = no_maxima;
  TAU_TRY(all_spans(a));
  if (!k->no_maxima) taup_tangent_walk_candidate(k, NULL);
  finish(a, k->y, k->S);
  return TAU_OK;
}

static double *take(double **block, size_t n)
{
  double *own = *block;
  *block += n;
  return own;
}

tau_status taup_tangent_mixed(const taup_journey *j, const char **unknown)
{
  taup_unit_slopes *u = &j->engine->slopes;
  taup_ages *ages = j->s->w->mixed[j->i_stage];
  const size_t n = (size_t)u->system.n, d = (size_t)j->n, p = (size_t)ages->n + 1;
  const size_t walk_size = taup_tangent_walk_size(u, j->s->train->layout->n_species, j->n);
  if (ages->unit->mixing == TAUP_EXCHANGE) {
    *unknown = "mixes by exchange, whose derivatives are not known";
    return TAU_OK;
  }
  double *block = taup_calloc(walk_size + 3 * d + d * p + 2 * n + 2 * d * n + 4 * p, sizeof *block),
         *rest = block;
  if (!block) return TAU_E_NOMEM;
  taup_tangent_walk walk;
  taup_tangent_walk_open(&walk, j, take(&rest, walk_size));
  age_tangents a = {
    .j = j, .ages = ages, .walk = &walk, .n = (int)n, .n_rtd = ages->n, .end = taup_ages_end(ages)};
  walk.ages = &a;
  a.dp = take(&rest, d * p);
  a.d_shown = take(&rest, d);
  a.ds = take(&rest, d);
  a.corner = take(&rest, d);
  a.y = take(&rest, n);
  a.y_in = take(&rest, n);
  a.S = take(&rest, d * n);
  a.S_in = take(&rest, d * n);
  a.dW = take(&rest, p);
  a.dE = take(&rest, p);
  a.before = take(&rest, p);
  a.moves = take(&rest, p);
  move_distribution(&a);
  move_shown(&a);
  for (int i = 0; i < j->n; i++) a.ds[i] = a.d_shown[i] / a.end;
  const tau_status st = ages->unit->mixing == TAUP_MAXIMUM ? go_maximum(&a, unknown) : go_segregated(&a);
  taup_free(block);
  return st;
}

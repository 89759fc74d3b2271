/* SPDX-License-Identifier: Apache-2.0 */
/* expand.c - what a distribution is, as a sum that can be inverted term by term:
 *
 *     G(s) = sum_i w_i exp(-s d_i) s^(-m_i) product_f H_f(s)^(k_if)
 *
 * A factor H is the density of a row, or a loop L = (1 - q(0))/(1 - q), q a sum of such terms without delay; H(0) = 1. Terms without
 * factors (and m = 0) are the atoms. Delays must be known apart: on a contour bent to the left exp(-s d) grows.
 *
 *     row        (1 - b) exp(-s d) H + b exp(-s d)
 *     measured   a polyline is a sum of ramps: dS exp(-s t_k)/s^2, and steps at its ends: y exp(-s t_k)/s
 *     series     product of the sums,   parallel   their sum, weighted by the fractions
 *     recycle    G = F/(1 + r) / (1 - q_0 - q_d), q = R F B, R = r/(1 + r), q_0 its terms without delay:
 *                    = F/(1 + r) sum_k q_d^k (L/(1 - q_0(0)))^(k+1)
 *                up to a rest below 1e-17 of the whole. L does not vanish for large s; where it stands alone,
 *                    L = (1 - q_0(0))/(1 - q_oo) + (q_0 - q_oo)/(1 - q_oo) L,   q_oo: the atom of q_0
 *
 * Slopes of weights and delays are carried along. Invariant: rtd->terms is sorted by factors, order and delay; terms
 * equal in all of these (and in the slopes of the delay) are one. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/root.h"
#include "rtd/rtd.h"

typedef struct expansion {
  tau_rtd *rtd;
  int n_parameters;
  taup_arena *arena;
} expansion;

/* --- terms --- */

static double *slopes_of(expansion *e)
{
  return taup_arena_alloc(e->arena, (size_t)e->n_parameters + 1, sizeof(double));
}

static tau_status push(taup_rtd_terms *list, const taup_rtd_term *term)
{
  if (list->n >= TAUP_RTD_MOST_TERMS)
    return taup_fail(
      TAUP_ERR_TOO_MANY_TERMS,
      "the distribution has more than %d terms of different delay: passes through a recycle, or "
      "combinations of parallel paths",
      TAUP_RTD_MOST_TERMS);
  TAU_TRY(taup_grow(&list->items, &list->capacity, list->n + 1, sizeof *list->items));
  list->items[list->n++] = *term;
  return TAU_OK;
}

/* weight, no delay, no factor */
static tau_status plain(expansion *e, double weight, taup_rtd_term *out)
{
  *out = (taup_rtd_term){.weight = weight, .d_weight = slopes_of(e), .d_delay = slopes_of(e)};
  return out->d_weight && out->d_delay ? TAU_OK : TAU_E_NOMEM;
}

static tau_status merge_powers(expansion *e, const taup_rtd_term *a, const taup_rtd_term *b,
                               taup_rtd_term *out)
{
  taup_rtd_power *p = taup_arena_alloc(e->arena, (size_t)(a->n_powers + b->n_powers) + 1, sizeof *p);
  if (!p) return TAU_E_NOMEM;
  int i = 0, j = 0, n = 0;
  while (i < a->n_powers || j < b->n_powers) {
    const int fa = i < a->n_powers ? a->powers[i].factor : INT_MAX;
    const int fb = j < b->n_powers ? b->powers[j].factor : INT_MAX;
    p[n] = (taup_rtd_power){fa < fb ? fa : fb, 0};
    if (fa <= fb) p[n].power += a->powers[i++].power;
    if (fb <= fa) p[n].power += b->powers[j++].power;
    n++;
  }
  out->n_powers = n;
  out->powers = p;
  return TAU_OK;
}

static tau_status multiply_terms(expansion *e, const taup_rtd_term *a, const taup_rtd_term *b,
                                 taup_rtd_term *out)
{
  TAU_TRY(plain(e, a->weight * b->weight, out));
  out->delay = a->delay + b->delay;
  out->order = a->order + b->order;
  for (int k = 0; k < e->n_parameters; k++) {
    out->d_weight[k] = a->weight * b->d_weight[k] + a->d_weight[k] * b->weight;
    out->d_delay[k] = a->d_delay[k] + b->d_delay[k];
  }
  return merge_powers(e, a, b, out);
}

static int compare_powers(const taup_rtd_term *a, const taup_rtd_term *b)
{
  if (a->n_powers != b->n_powers) return a->n_powers < b->n_powers ? -1 : 1;
  for (int k = 0; k < a->n_powers; k++) {
    if (a->powers[k].factor != b->powers[k].factor) return a->powers[k].factor < b->powers[k].factor ? -1 : 1;
    if (a->powers[k].power != b->powers[k].power) return a->powers[k].power < b->powers[k].power ? -1 : 1;
  }
  return a->order - b->order;
}

static int compare(const void *x, const void *y)
{
  const taup_rtd_term *a = x, *b = y;
  const int c = compare_powers(a, b);
  return c ? c : (a->delay > b->delay) - (a->delay < b->delay);
}

/* Sort, and add up what differs in weight alone. */
static void tidy(expansion *e, taup_rtd_terms *list)
{
  const size_t n_bytes = (size_t)e->n_parameters * sizeof(double);
  int n = 0;
  if (list->n) qsort(list->items, (size_t)list->n, sizeof *list->items, compare);
  for (int i = 0; i < list->n; i++) {
    const taup_rtd_term *t = &list->items[i];
    taup_rtd_term *last = n ? &list->items[n - 1] : NULL;
    if (!last || compare(last, t) || (n_bytes && memcmp(last->d_delay, t->d_delay, n_bytes) != 0)) {
      list->items[n++] = *t;
      continue;
    }
    last->weight += t->weight;
    for (int k = 0; k < e->n_parameters; k++) last->d_weight[k] += t->d_weight[k];
  }
  list->n = n;
}

static tau_status product(expansion *e, const taup_rtd_terms *a, const taup_rtd_terms *b, taup_rtd_terms *out)
{
  taup_rtd_term t;
  for (int i = 0; i < a->n; i++)
    for (int j = 0; j < b->n; j++) {
      TAU_TRY(multiply_terms(e, &a->items[i], &b->items[j], &t));
      TAU_TRY(push(out, &t));
    }
  tidy(e, out);
  return TAU_OK;
}

/* out = weight times in, added */
static tau_status add_scaled(expansion *e, const taup_rtd_terms *in, const taup_rtd_term *weight,
                             taup_rtd_terms *out)
{
  taup_rtd_term t;
  for (int i = 0; i < in->n; i++) {
    TAU_TRY(multiply_terms(e, &in->items[i], weight, &t));
    TAU_TRY(push(out, &t));
  }
  return TAU_OK;
}

static void move(taup_rtd_terms *to, taup_rtd_terms *from)
{
  taup_free(to->items);
  *to = *from;
  *from = (taup_rtd_terms){0};
}

/* --- factors --- */

static tau_status new_factor(expansion *e, int *index)
{
  tau_rtd *rtd = e->rtd;
  TAU_TRY(taup_grow(&rtd->factors, &rtd->factor_capacity, rtd->n_factors + 1, sizeof *rtd->factors));
  rtd->factors[rtd->n_factors] = (taup_rtd_factor){0};
  *index = rtd->n_factors++;
  return TAU_OK;
}

static tau_status factor_power(expansion *e, int factor, int power, taup_rtd_term *term)
{
  taup_rtd_power *p = taup_arena_alloc(e->arena, 1, sizeof *p);
  if (!p) return TAU_E_NOMEM;
  *p = (taup_rtd_power){factor, power};
  term->powers = p;
  term->n_powers = 1;
  return TAU_OK;
}

/* --- rows and curves --- */

static tau_status row(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out)
{
  const taup_rtd_row *r = part->program->row;
  double delay[1 + TAUP_RTD_MOST_FIELDS], bypass[1 + TAUP_RTD_MOST_FIELDS];
  taup_rtd_term atom, density;
  TAU_TRY(taup_rtd_atom_of(e->rtd, part, delay, bypass));
  TAU_TRY(plain(e, bypass[0], &atom));
  TAU_TRY(plain(e, 1.0 - bypass[0], &density));
  atom.delay = density.delay = delay[0];
  for (int k = 0; k < r->n_fields; k++) {
    atom.d_weight[part->first + k] = bypass[1 + k];
    density.d_weight[part->first + k] = -bypass[1 + k];
    atom.d_delay[part->first + k] = density.d_delay[part->first + k] = delay[1 + k];
  }
  if (r->bypass) TAU_TRY(push(out, &atom)); /* of weight 0 too: its slope is not */
  if (!r->log_transform && !r->own) return TAU_OK;
  int f;
  TAU_TRY(new_factor(e, &f));
  e->rtd->factors[f].row = part;
  e->rtd->factors[f].edge = r->edge(e->rtd->values + part->first);
  TAU_TRY(factor_power(e, f, 1, &density));
  return push(out, &density);
}

static tau_status piece(expansion *e, double weight, double delay, int order, taup_rtd_terms *out)
{
  taup_rtd_term t;
  if (weight == 0.0) return TAU_OK;
  TAU_TRY(plain(e, weight, &t));
  t.delay = delay;
  t.order = order;
  return push(out, &t);
}

static tau_status curve(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out)
{
  const int n = part->n_points;
  double before = 0.0;
  for (int i = 0; i < n; i++) {
    const double after = i + 1 < n ? (part->y[i + 1] - part->y[i]) / (part->t[i + 1] - part->t[i]) : 0.0;
    TAU_TRY(piece(e, after - before, part->t[i], 2, out));
    before = after;
  }
  TAU_TRY(piece(e, part->y[0], part->t[0], 1, out));
  return piece(e, -part->y[n - 1], part->t[n - 1], 1, out);
}

/* --- compositions --- */

static tau_status expand(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out);

static tau_status series(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out)
{
  taup_rtd_terms next = {0}, both = {0};
  tau_status st = expand(e, part->children[0], out);
  for (int i = 1; i < part->n_children && st == TAU_OK; i++) {
    next.n = 0;
    st = expand(e, part->children[i], &next);
    if (st == TAU_OK) st = product(e, out, &next, &both);
    if (st == TAU_OK) move(out, &both);
  }
  taup_free(next.items);
  taup_free(both.items);
  return st;
}

/* The fraction of child i as a term: a parameter, or what the others leave. */
static tau_status fraction(expansion *e, const taup_rtd_part *part, int i, taup_rtd_term *out)
{
  const int last = part->n_children - 1;
  TAU_TRY(plain(e, i < last ? e->rtd->values[part->first + i] : 1.0, out));
  if (i < last) {
    out->d_weight[part->first + i] = 1.0;
    return TAU_OK;
  }
  for (int k = 0; k < last; k++) {
    out->weight -= e->rtd->values[part->first + k];
    out->d_weight[part->first + k] = -1.0;
  }
  if (out->weight < 1e-15) out->weight = 0.0; /* rounding of fractions that sum to 1 */
  return TAU_OK;
}

static tau_status parallel(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out)
{
  taup_rtd_terms one = {0};
  taup_rtd_term f;
  tau_status st = TAU_OK;
  for (int i = 0; i < part->n_children && st == TAU_OK; i++) {
    one.n = 0;
    st = expand(e, part->children[i], &one);
    if (st == TAU_OK) st = fraction(e, part, i, &f);
    if (st == TAU_OK) st = add_scaled(e, &one, &f, out);
  }
  tidy(e, out);
  taup_free(one.items);
  return st;
}

/* --- recycles --- */

typedef struct loop {
  taup_rtd_terms forward, q, q_delayed, passes, sum, scratch;
  int factor;                 /* L; -1 where q has no term without delay */
  double q_0, *d_q_0;         /* q without delay at s = 0, and its slopes */
  double q_atoms, *d_q_atoms; /* q_oo */
} loop;

static void loop_free(loop *l)
{
  taup_free(l->forward.items);
  taup_free(l->q.items);
  taup_free(l->q_delayed.items);
  taup_free(l->passes.items);
  taup_free(l->sum.items);
  taup_free(l->scratch.items);
}

static bool is_delayed(const expansion *e, const taup_rtd_term *t)
{
  if (t->delay != 0.0) return true;
  for (int k = 0; k < e->n_parameters; k++)
    if (t->d_delay[k] != 0.0) return true;
  return false;
}

static double at_edge(const expansion *e, const taup_rtd_terms *q)
{
  double edge = -(double)INFINITY;
  for (int i = 0; i < q->n; i++) edge = fmax(edge, taup_rtd_edge(e->rtd, &q->items[i]));
  return edge;
}

typedef struct root_of_loop {
  const expansion *e;
  const taup_rtd_terms *q;
  double complex *work;
} root_of_loop;

/* 1 - 1/q: bounded where q grows without bound */
static double excess(void *user, double s)
{
  const root_of_loop *r = user;
  double q = 0.0, d[4];
  for (int i = 0; i < r->q->n; i++) {
    taup_rtd_derivatives(r->e->rtd, &r->q->items[i], s, r->work, d);
    q += r->q->items[i].weight * exp(d[0]);
  }
  return isnan(q) ? 1.0 : 1.0 - 1.0 / fmax(q, 1e-300);
}

/* The pole of 1/(1 - q) nearest to 0, or the edge of q itself. */
static tau_status find_edge(expansion *e, const taup_rtd_terms *q, double *out)
{
  root_of_loop r = {e, q, taup_calloc(taup_rtd_work(e->rtd, 1), sizeof *r.work)};
  if (!r.work) return TAU_E_NOMEM;
  const double edge = at_edge(e, q), low = edge * (1.0 - 1e-9);
  *out = edge;
  if (edge < 0.0 && isfinite(edge)) {
    const double a = excess(&r, low), b = excess(&r, 0.0);
    if (a > 0.0 && b < 0.0) *out = taup_bracketed_root(excess, &r, low, a, 0.0, b, 1e-13);
  }
  taup_free(r.work);
  return TAU_OK;
}

/* q split: what has a delay, and the factor L of the rest. */
static tau_status split_loop(expansion *e, loop *l)
{
  taup_rtd_terms still = {0};
  tau_status st = TAU_OK;
  for (int i = 0; i < l->q.n && st == TAU_OK; i++) {
    const taup_rtd_term *t = &l->q.items[i];
    if (t->order)
      st = taup_fail(TAUP_ERR_CURVE_IN_LOOP, "a measured curve stands in a recycle; needs a model there");
    else st = push(is_delayed(e, t) ? &l->q_delayed : &still, t);
  }
  l->factor = -1;
  l->d_q_atoms = slopes_of(e);
  l->d_q_0 = slopes_of(e);
  if (st == TAU_OK && (!l->d_q_atoms || !l->d_q_0)) st = TAU_E_NOMEM;
  for (int i = 0; i < still.n && st == TAU_OK; i++) {
    const taup_rtd_term *t = &still.items[i];
    l->q_0 += t->weight;
    for (int k = 0; k < e->n_parameters; k++) l->d_q_0[k] += t->d_weight[k];
    if (t->n_powers) continue;
    l->q_atoms += t->weight;
    for (int k = 0; k < e->n_parameters; k++) l->d_q_atoms[k] += t->d_weight[k];
  }
  double edge = 0.0;
  if (st == TAU_OK && still.n) st = find_edge(e, &still, &edge);
  if (st == TAU_OK && still.n) st = new_factor(e, &l->factor);
  if (st < 0 || !still.n) {
    taup_free(still.items);
    return st;
  }
  e->rtd->factors[l->factor].loop = still; /* the factor owns it now */
  e->rtd->factors[l->factor].edge = edge;
  return TAU_OK;
}

/* The number 1/(1 - q), and (1 - q_0) of it where `normed`, with slopes: of q_oo, or of q_0. */
static tau_status loop_scale(expansion *e, const loop *l, double q, const double *d_q, bool normed,
                             taup_rtd_term *out)
{
  const double limit = 1.0 / (1.0 - q), rest = 1.0 - l->q_0;
  TAU_TRY(plain(e, normed ? rest * limit : limit, out));
  for (int k = 0; k < e->n_parameters; k++)
    out->d_weight[k] = normed ? limit * (rest * limit * d_q[k] - l->d_q_0[k]) : limit * limit * d_q[k];
  return TAU_OK;
}

/* weight L^power without another factor: what it is for large s, and the rest behind the terms of q. */
static tau_status add_bare_loop(expansion *e, const loop *l, const taup_rtd_term *t, int power,
                                taup_rtd_terms *out)
{
  const taup_rtd_terms *q = &e->rtd->factors[l->factor].loop;
  taup_rtd_term w, one = *t, scale, with;
  one.n_powers = 0;
  TAU_TRY(loop_scale(e, l, l->q_atoms, l->d_q_atoms, false, &scale));
  TAU_TRY(factor_power(e, l->factor, power, &scale));
  TAU_TRY(multiply_terms(e, &one, &scale, &w));
  for (int i = 0; i < q->n; i++) {
    if (!q->items[i].n_powers) continue;
    TAU_TRY(multiply_terms(e, &w, &q->items[i], &with));
    TAU_TRY(push(out, &with));
  }
  TAU_TRY(loop_scale(e, l, l->q_atoms, l->d_q_atoms, true, &scale));
  TAU_TRY(multiply_terms(e, &one, &scale, &w));
  if (power > 1) return add_bare_loop(e, l, &w, power - 1, out);
  return push(out, &w);
}

/* out += in, where loops that stand alone are split. */
static tau_status add_loops(expansion *e, const loop *l, const taup_rtd_terms *in, taup_rtd_terms *out)
{
  for (int i = 0; i < in->n; i++) {
    const taup_rtd_term *t = &in->items[i];
    const bool bare = l->factor >= 0 && t->n_powers == 1 && t->powers[0].factor == l->factor;
    if (bare) TAU_TRY(add_bare_loop(e, l, t, t->powers[0].power, out));
    else TAU_TRY(push(out, t));
  }
  return TAU_OK;
}

static tau_status loop_term(expansion *e, const loop *l, taup_rtd_term *out)
{
  TAU_TRY(loop_scale(e, l, l->q_0, l->d_q_0, false, out));
  return l->factor >= 0 ? factor_power(e, l->factor, 1, out) : TAU_OK;
}

/* l->sum = sum_k q_d^k L^(k+1) */
static tau_status sum_passes(expansion *e, loop *l)
{
  enum { MOST_PASSES = 5000 };
  taup_rtd_term L;
  double delayed = 0.0, size = 1.0;
  TAU_TRY(loop_term(e, l, &L));
  TAU_TRY(push(&l->passes, &L));
  for (int i = 0; i < l->q_delayed.n; i++) delayed += l->q_delayed.items[i].weight;
  TAU_TRY(add_scaled(e, &l->q_delayed, &L, &l->scratch));
  move(&l->q_delayed, &l->scratch); /* q_d L: one more pass */
  for (int pass = 0; size > 1e-17; pass++) {
    for (int i = 0; i < l->passes.n; i++) TAU_TRY(push(&l->sum, &l->passes.items[i]));
    if (pass == MOST_PASSES)
      return taup_fail(TAUP_ERR_TOO_MANY_TERMS,
                       "%d passes through a recycle leave more than 1e-17 of the flow in it; "
                       "needs a lower ratio",
                       pass);
    size *= delayed / (1.0 - l->q_0);
    if (!l->q_delayed.n) break;
    TAU_TRY(product(e, &l->passes, &l->q_delayed, &l->scratch));
    move(&l->passes, &l->scratch);
  }
  return TAU_OK;
}

static tau_status close_loop(expansion *e, const taup_rtd_part *part, loop *l, taup_rtd_terms *out)
{
  const double r = e->rtd->values[part->first];
  taup_rtd_term share;
  taup_rtd_terms back = {0};
  TAU_TRY(expand(e, part->children[0], &l->forward));
  TAU_TRY(plain(e, r / (1.0 + r), &share));
  share.d_weight[part->first] = 1.0 / ((1.0 + r) * (1.0 + r));
  TAU_TRY(add_scaled(e, &l->forward, &share, &l->scratch));
  if (part->n_children > 1) {
    tau_status st = expand(e, part->children[1], &back);
    if (st == TAU_OK) st = product(e, &l->scratch, &back, &l->q);
    taup_free(back.items);
    TAU_TRY(st);
    l->scratch.n = 0;
  } else {
    move(&l->q, &l->scratch);
  }
  TAU_TRY(split_loop(e, l));
  TAU_TRY(sum_passes(e, l));
  TAU_TRY(plain(e, 1.0 / (1.0 + r), &share));
  share.d_weight[part->first] = -share.weight * share.weight;
  taup_rtd_terms leaving = {0}, all = {0};
  tau_status st = add_scaled(e, &l->forward, &share, &leaving);
  if (st == TAU_OK) st = product(e, &leaving, &l->sum, &all);
  if (st == TAU_OK) st = add_loops(e, l, &all, out);
  tidy(e, out);
  taup_free(leaving.items);
  taup_free(all.items);
  return st;
}

static tau_status recycle(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out)
{
  loop l = {0};
  const tau_status st = close_loop(e, part, &l, out);
  loop_free(&l);
  return st;
}

static tau_status expand(expansion *e, const taup_rtd_part *part, taup_rtd_terms *out)
{
  switch (part->kind) {
  case TAUP_RTD_ROW: return row(e, part, out);
  case TAUP_RTD_MEASURED: return curve(e, part, out);
  case TAUP_RTD_SERIES: return series(e, part, out);
  case TAUP_RTD_PARALLEL: return parallel(e, part, out);
  case TAUP_RTD_RECYCLE: break;
  }
  return recycle(e, part, out);
}

tau_status taup_rtd_expand(tau_rtd *rtd)
{
  expansion e = {rtd, rtd->n_parameters, &rtd->arena};
  TAU_TRY(expand(&e, rtd->root, &rtd->terms));
  tidy(&e, &rtd->terms);
  return TAU_OK;
}

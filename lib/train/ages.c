/* SPDX-License-Identifier: Apache-2.0 */
/* ages.c - the table of a unit's distribution for a run, and sums over its ages.
 *
 * A table knows a distribution with its times over V/Q, so that another flow is no other table where all times follow from it. Sums go
 * piece by piece (rtd/washout.h), with Gauss's rule of 8 points where a piece and a step of the march overlap. */
#include "train/ages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

static bool is_time(const tau_rtd *rtd, int k) { return strcmp(rtd->parameters[k].unit, "s") == 0; }

tau_status taup_ages_new(taup_ages **out, const tau_train *t, int i_stage)
{
  const taup_stage *stage = &t->stages[i_stage];
  const size_t n = (size_t)stage->rtd->n_parameters, n_state = (size_t)t->programs[stage->program].system.n;
  taup_ages *a = *out = taup_calloc(1, sizeof *a);
  if (!a) return TAU_E_NOMEM;
  a->unit = stage->unit;
  a->base = stage->rtd;
  a->n = (int)n;
  a->key = taup_calloc(n + 1, sizeof *a->key);
  a->values = taup_calloc(n + 1, sizeof *a->values);
  a->y = taup_calloc(n_state, sizeof *a->y);
  const bool many = stage->unit->mixing == TAUP_EXCHANGE;
  if (many) a->classes = taup_calloc(TAUP_AGES_CLASSES * n_state, sizeof *a->classes);
  return a->key && a->values && a->y && (!many || a->classes) ? TAU_OK : TAU_E_NOMEM;
}

void taup_ages_free(taup_ages *a)
{
  if (!a) return;
  taup_washout_free(a->table);
  taup_free(a->key);
  taup_free(a->values);
  taup_free(a->y);
  taup_free(a->classes);
  taup_free(a);
}

/* --- the table --- */

static tau_status make_table(taup_ages *a, bool slopes)
{
  tau_rtd *rtd = NULL;
  taup_washout_free(a->table);
  a->table = NULL;
  TAU_TRY(tau_rtd_with(&rtd, a->base, a->values));
  const tau_status st = taup_washout_new(&a->table, rtd, slopes);
  tau_rtd_free(rtd);
  if (st < 0) return st;
  a->has_slopes = slopes;
  memcpy(a->key, a->values, (size_t)a->n * sizeof *a->key);
  return TAU_OK;
}

/* The same table, where another workspace of the thread has made it for these numbers. */
static bool borrow(taup_ages *a, const taup_ages *from, bool slopes)
{
  if (!from || !from->table || (slopes && !from->has_slopes)) return false;
  if (memcmp(from->key, a->values, (size_t)a->n * sizeof *a->key) != 0) return false;
  if (from == a) return true;
  taup_washout *table = taup_washout_ref(from->table);
  taup_washout_free(a->table);
  a->table = table;
  a->has_slopes = from->has_slopes;
  memcpy(a->key, a->values, (size_t)a->n * sizeof *a->key);
  return true;
}

static void lend(taup_ages *to, const taup_ages *a)
{
  if (!to || to == a) return;
  taup_washout_free(to->table);
  to->table = taup_washout_ref(a->table);
  to->has_slopes = a->has_slopes;
  memcpy(to->key, a->key, (size_t)a->n * sizeof *a->key);
}

static tau_status named(const taup_ages *a, tau_status st)
{
  char said[600];
  if (st >= 0 || st == TAU_E_NOMEM) return st;
  snprintf(said, sizeof said, "%s", tau_last_error());
  return taup_fail_as(st, taup_last_kind(), "unit '%s': its distribution of residence times: %s",
                      a->unit->name, said);
}

static void warn_of_mean(tau_workspace *w, const taup_ages *a, double space_time)
{
  for (int k = 0; k < a->n; k++)
    if (is_time(a->base, k) && taup_unit_rtd_source(a->unit, a->base, w->inputs, k) == TAUP_RTD_SPACE_TIME)
      return;
  double mean = 0.0;
  const int n = taup_washout_n(a->table);
  for (int i = 0; i < n; i++) { /* integral of W */
    const double from = taup_washout_begin(a->table, i), to = taup_washout_begin(a->table, i + 1);
    for (int k = 0; k < 3; k++) {
      static const double x[3] = {-0.7745966692414834, 0.0, 0.7745966692414834},
                          g[3] = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};
      mean += g[k] * (to - from) * taup_washout_W(a->table, i, 0.5 * (from + to) + 0.5 * (to - from) * x[k]);
    }
  }
  mean *= a->unit_of_time;
  if (fabs(mean / space_time - 1.0) <= 0.02) return;
  taup_result_warn(w->result, "unit '%s': the mean of its rtd is %.4g s, its volume over its flow %.4g s",
                   a->unit->name, mean, space_time);
}

double taup_ages_end(const taup_ages *a) { return taup_washout_begin(a->table, taup_washout_n(a->table)); }

void taup_ages_set_reach(const taup_stage *stage, const taup_program *program, double *R, double reach)
{
  double *own = taup_program_input(program, 1, R, TAUP_PARAMETER, 0);
  for (int s = 0; s < stage->n_slots; s++)
    if (stage->slots[s] == TAUP_ROLE_REACH) own[s] = reach;
  taup_program_prologue(program, TAUP_PARAMETER, 1, R);
  taup_program_prologue(program, TAUP_INLET, 1, R);
}

tau_status taup_ages_enter(tau_workspace *w, int i_stage, bool slopes, int *i_program)
{
  taup_ages *a = w->mixed[i_stage], *shared = w->solvers ? w->solvers->mixed[i_stage] : a;
  const double *inlet = w->result->data + w->train->layout->units[i_stage].inlet;
  const double flow = inlet[2 * w->train->layout->n_species + TAUP_STREAM_FLOW];
  TAU_TRY(taup_enter(w, i_stage, i_program));
  const taup_unit_numbers numbers = {w->enter[TAUP_ENTER_SIZE] / flow, w->enter[TAUP_ENTER_PECLET]};
  taup_unit_rtd_values(a->unit, a->base, w->inputs, numbers, a->values);
  a->unit_of_time = a->base->has_curve ? 1.0 : numbers.space_time;
  for (int k = 0; k < a->n; k++)
    if (is_time(a->base, k)) a->values[k] /= a->unit_of_time;
  if (!borrow(a, a, slopes) && !borrow(a, shared, slopes)) {
    TAU_TRY(named(a, make_table(a, slopes)));
    lend(shared, a);
  }
  a->reach = a->unit_of_time * taup_ages_end(a);
  if (!(a->reach > 0.0))
    return taup_fail(TAUP_ERR_IMPOSSIBLE_SIZE, "unit '%s': all that enters leaves at once", a->unit->name);
  a->shown = a->base->has_curve ? 1.0 : fmin(TAUP_AGES_SHOWN / taup_ages_end(a), 1.0);
  warn_of_mean(w, a, numbers.space_time);
  a->next = a->piece = 0;
  a->y_weight = a->error = 0.0;
  memset(a->y, 0, (size_t)w->train->programs[*i_program].system.n * sizeof *a->y);
  taup_ages_set_reach(&w->train->stages[i_stage], w->train->programs[*i_program].program,
                      w->engines[*i_program].R, a->reach);
  return TAU_OK;
}

/* --- sums over ages --- */

enum { N_GAUSS = 8 };
static const double gauss_x[N_GAUSS] = {-0.9602898564975363, -0.7966664774136267, -0.5255324099163290,
                                        -0.1834346424956498, 0.1834346424956498,  0.5255324099163290,
                                        0.7966664774136267,  0.9602898564975363};
static const double gauss_w[N_GAUSS] = {0.1012285362903763, 0.2223810344533745, 0.3137066458778873,
                                        0.3626837833783620, 0.3626837833783620, 0.3137066458778873,
                                        0.2223810344533745, 0.1012285362903763};

typedef struct summing {
  taup_ages *a;
  double end; /* of the table */
  taup_age_fn fn;
  void *user;
} summing;

static void give(const summing *x, taup_age age)
{
  age.s = age.t / x->end;
  x->a->y_weight += age.weight;
  x->fn(x->user, &age);
}

/* From t0 to t1 in one piece. Where E has a power at its begin Gauss's rule is not exact; what leaves there is known all the same. */
static void panel(const summing *x, double t0, double t1)
{
  const taup_washout *table = x->a->table;
  const int piece = x->a->piece;
  const double leaves = taup_washout_W(table, piece, t0) - taup_washout_W(table, piece, t1);
  double weight[N_GAUSS], t[N_GAUSS], sum = 0.0;
  for (int k = 0; k < N_GAUSS; k++) {
    t[k] = 0.5 * (t0 + t1) + 0.5 * (t1 - t0) * gauss_x[k];
    weight[k] = 0.5 * (t1 - t0) * gauss_w[k] * taup_washout_E(table, piece, t[k]);
    sum += weight[k];
  }
  const bool rough = fabs(sum - leaves) > 1e-10 && sum > 0.0;
  if (rough) x->a->error += fabs(sum - leaves);
  if (fabs(sum) < 1e-17) return;
  for (int k = 0; k < N_GAUSS; k++)
    give(x, (taup_age){.weight = rough ? weight[k] * leaves / sum : weight[k],
                       .width = 0.5 * (t1 - t0) * gauss_w[k],
                       .t = t[k],
                       .piece = piece});
}

void taup_ages_each(taup_ages *a, double s0, double s1, taup_age_fn fn, void *user)
{
  const summing x = {a, taup_ages_end(a), fn, user};
  const int n = taup_washout_n(a->table);
  const double last = s1 * x.end;
  for (double t = s0 * x.end; t < last;) {
    if (a->next < n && taup_washout_begin(a->table, a->next) <= t) {
      a->piece = a->next++;
      give(&x, (taup_age){.weight = taup_washout_atom(a->table, a->piece),
                          .t = t,
                          .piece = a->piece,
                          .is_knot = true});
      continue;
    }
    const double knot = taup_washout_begin(a->table, a->next), to = fmin(knot, last);
    panel(&x, t, to);
    t = to;
  }
  if (s1 < 1.0) return;
  give(&x, (taup_age){.weight = 1.0 - a->y_weight, .t = x.end, .piece = n, .is_knot = true});
}

typedef struct gathering {
  taup_ages *a;
  int n;
  double *room;
  taup_age_state_fn at;
  void *user;
} gathering;

static void gather(void *user, const taup_age *age)
{
  const gathering *g = user;
  if (age->weight == 0.0) return;
  g->at(g->user, age->s, g->room);
  for (int i = 0; i < g->n; i++) g->a->y[i] += age->weight * g->room[i];
}

void taup_ages_gather(taup_ages *a, double s0, double s1, int n, double *room, taup_age_state_fn at,
                      void *user)
{
  gathering g = {a, n, room, at, user};
  taup_ages_each(a, s0, s1, gather, &g);
}

double taup_ages_error(const taup_ages *a) { return a->error; }

/* --- time left --- */

/* Where a march over the time left begins anew: an atom, a jump of E, or that the way before it is many times the way to come. */
static bool is_break(const taup_ages *a, int i, double t0)
{
  static const double longest = 16.0;
  const double t = taup_washout_begin(a->table, i);
  const double here = taup_washout_E(a->table, i, t), before = taup_washout_E(a->table, i - 1, t);
  return taup_washout_atom(a->table, i) > 0.0 ||
         fabs(here - before) > 1e-4 * fmax(fabs(here), fabs(before)) || t * longest < t0;
}

bool taup_ages_span(const taup_ages *a, int end, taup_age_span *span, int *next_end)
{
  int first = end - 1;
  if (end <= 0) return false;
  const double t0 = taup_washout_begin(a->table, end);
  while (first > 0 && !is_break(a, first, t0)) first--;
  *span = (taup_age_span){.t0 = t0,
                          .t1 = taup_washout_begin(a->table, first),
                          .atom = taup_washout_atom(a->table, end),
                          .last = end - 1};
  *next_end = first;
  return true;
}

void taup_ages_hazards(int n, const taup_age_place at[], double hazard[], double slope[])
{
  static const double least = 1e-14;
  const taup_washout *table[TAUP_WASHOUT_MANY] = {NULL};
  int piece[TAUP_WASHOUT_MANY] = {0};
  double t[TAUP_WASHOUT_MANY] = {0.0}, W[TAUP_WASHOUT_MANY], E[TAUP_WASHOUT_MANY];
  for (int k = 0; k < n; k++) {
    const int found = taup_washout_piece(at[k].ages->table, *at[k].piece, at[k].t);
    table[k] = at[k].ages->table;
    t[k] = at[k].t;
    *at[k].piece = piece[k] = found > at[k].span->last ? at[k].span->last : found;
  }
  taup_washout_many(n, table, piece, t, W, E);
  for (int k = 0; k < n; k++) {
    const bool ends = !(W[k] > least), none = !(E[k] > 0.0);
    hazard[k] = (none ? 0.0 : E[k]) / (ends ? least : W[k]);
    if (!slope) continue;
    const double dE = none ? 0.0 : taup_washout_E_slope(table[k], piece[k], t[k]);
    slope[k] = ends ? dE / least : dE / W[k] + hazard[k] * hazard[k]; /* W' = -E */
  }
}

double taup_ages_hazard(const taup_ages *a, const taup_age_span *span, int *piece, double t)
{
  const taup_age_place at = {a, span, piece, t};
  double hazard;
  taup_ages_hazards(1, &at, &hazard, NULL);
  return hazard;
}

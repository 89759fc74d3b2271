/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_field.c - a dispersed tube in directions dx: how what leaves it, its heat and its maxima move (solve/field_tangent.c).
 *
 *     a maximum of c or T      c' = c_y S + c_x dx at the fixed place (its slope there is 0)
 *     at T_max inside          0 = T_s = Pe (T - g_T), so  s' = -(S_T - S_gT) / (T_s - g_T,s) = (S_T - S_gT) / f_T,   c' + c_s s'
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/field_run.h"
#include "train/sensitivity.h"

/* As of a tank (sensitivity_unit.c). */
static const double steepest = 1e5;

typedef struct work {
  const taup_journey *j;
  taup_unit_slopes *u;
  const taup_unit_program *p;
  taup_bvp *field;
  taup_field_tops tops;
  int n, d; /* species; the direction at hand */
  double *y, *dy, *dg, *y_in, *slope, *place;
} work;

static const double *direction(const work *k) { return k->j->dx + (size_t)k->d * (size_t)k->u->n_x; }
static double *out_of(const work *k) { return k->j->out + (size_t)k->d * (size_t)k->j->s->out.n; }

/* How f at y moves with what it depends on beside y. */
static void moved_f(void *user, const double *y, double *out)
{
  work *k = user;
  const double *values = taup_part_run(k->u, TAUP_PART_FX, y);
  memset(out, 0, (size_t)k->u->system.n * sizeof *out);
  taup_entries_add(&k->u->e[TAUP_PART_FX], values, direction(k), out);
}

static void add_heat(void *user, double weight, const double *y, const double *dy)
{
  work *k = user;
  double dq[TAUP_N_Q];
  taup_part_tangent(k->u, TAUP_PART_DQ, taup_part_run(k->u, TAUP_PART_DQ, y), direction(k), dy, dq);
  for (int i = 0; i < TAUP_N_Q; i++) out_of(k)[k->j->s->out.q + i] += weight * dq[i];
}

static void put_part(work *k, taup_part part, int place)
{
  taup_part_tangent(k->u, part, taup_part_run(k->u, part, k->y), direction(k), k->dy, out_of(k) + place);
}

static void put_outlet(work *k)
{
  const taup_out *o = &k->j->s->out;
  const unsigned needs = k->j->s->w->needs;
  taup_bvp_at(k->field, 1.0, k->y);
  taup_bvp_tangent_at(k->field, 1.0, k->dy, k->dg);
  put_part(k, TAUP_PART_PLACE, o->F);
  put_part(k, TAUP_PART_ENTER, o->enter);
  if (needs & TAUP_NEED_RATES) put_part(k, TAUP_PART_RATES, o->rates);
  if (needs & TAUP_NEED_K) put_part(k, TAUP_PART_K, o->k);
  if (needs & TAUP_NEED_HEAT) taup_bvp_each_point(k->field, add_heat, k);
}

/* Tangents of the concentrations and, behind them, of the flow and T at y, into k->place. */
static void concentrations(work *k)
{
  const double *values = taup_part_run(k->u, TAUP_PART_PLACE, k->y);
  const double flow = values[k->n + TAUP_PLACE_FLOW];
  taup_part_tangent(k->u, TAUP_PART_PLACE, values, direction(k), k->dy, k->place);
  for (int i = 0; i < k->n; i++)
    k->place[i] = (k->place[i] - values[i] / flow * k->place[k->n + TAUP_PLACE_FLOW]) / flow;
}

static void go_to(work *k, double s)
{
  taup_bvp_slope_at(k->field, s, k->y, k->slope);
  taup_bvp_tangent_at(k->field, s, k->dy, k->dg);
}

static void put_hottest(work *k)
{
  const taup_out *o = &k->j->s->out;
  const int T = k->p->state_of_T;
  const double s = k->tops.s[k->n];
  double *out = out_of(k), moves = 0.0;
  go_to(k, s);
  concentrations(k);
  out[o->T_max] = k->place[k->n + TAUP_PLACE_T];
  if (T >= 0 && s > 0.0 && s < 1.0) moves = (k->dy[T] - k->dg[T]) / taup_part_run(k->u, TAUP_PART_F, k->y)[T];
  for (int i = 0; i < k->u->system.n; i++) k->dy[i] += moves * k->slope[i];
  concentrations(k);
  memcpy(out + o->at_T_max_c, k->place, (size_t)k->n * sizeof *out);
  out[o->s_T_max] = moves;
}

static void put_maxima(work *k)
{
  const taup_out *o = &k->j->s->out;
  const bool asked = (k->j->s->w->needs & TAUP_NEED_MAXIMA) != 0;
  for (int i = o->max_c; !asked && i <= o->s_T_max; i++) out_of(k)[i] = NAN;
  if (!asked) return;
  for (int i = 0; i < k->n; i++) {
    go_to(k, k->tops.s[i]);
    concentrations(k);
    out_of(k)[o->max_c + i] = k->place[i];
  }
  put_hottest(k);
}

static bool is_steep(const work *k)
{
  const tau_workspace *w = k->j->s->w;
  const double flow =
    w->result->data[w->train->layout->units[k->j->i_stage].inlet + 2 * k->n + TAUP_STREAM_FLOW];
  for (int i = 0; i < k->u->system.n; i++) {
    const double least = i < k->p->n_amounts ? w->most_concentration * flow : 1.0;
    if (!(fabs(k->dy[i]) <= steepest * fmax(fabs(k->y[i]), least))) return true;
  }
  return false;
}

static void go(work *k, bool *fold)
{
  const double *start = NULL;
  double enter[TAUP_N_ENTER];
  for (k->d = 0; k->d < k->j->n && !*fold; k->d++) {
    memset(out_of(k), 0, (size_t)k->j->s->out.n * sizeof(double));
    start = taup_part_run(k->u, TAUP_PART_START, NULL);
    taup_part_tangent(k->u, TAUP_PART_START, start, direction(k), NULL, k->y_in);
    taup_part_tangent(k->u, TAUP_PART_ENTER, taup_part_run(k->u, TAUP_PART_ENTER, NULL), direction(k), NULL,
                      enter);
    const taup_bvp_direction to = {enter[TAUP_ENTER_PECLET], k->y_in, moved_f, k};
    taup_bvp_tangent(k->field, &to);
    put_outlet(k);
    *fold = is_steep(k);
    put_maxima(k);
  }
}

tau_status taup_tangent_field(const taup_journey *j, bool *fold)
{
  const size_t n = (size_t)j->s->train->layout->n_species, N = n + TAUP_PLACE_EXTRA;
  double *block = taup_calloc(8 * N, sizeof *block);
  if (!block) return TAU_E_NOMEM;
  work k = {.j = j,
            .u = &j->engine->slopes,
            .p = &j->s->train->programs[j->i_program],
            .field = j->s->w->engines[j->i_program].field,
            .tops = {block, block + N},
            .n = (int)n,
            .y = block + 2 * N,
            .dy = block + 3 * N,
            .dg = block + 4 * N,
            .y_in = block + 5 * N,
            .slope = block + 6 * N,
            .place = block + 7 * N};
  const tau_status st = taup_field_again(j->s->w, j->i_stage, j->i_program, &k.tops);
  if (st == TAU_OK) {
    *fold = !taup_bvp_linearise(k.field);
    go(&k, fold);
  }
  taup_free(block);
  return st;
}

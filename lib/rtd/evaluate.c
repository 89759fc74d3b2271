/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate.c - a distribution, or its answer to a signal, at many times.
 *
 *     f(t) = sum_j a_j sum_i w_i I_i(t - d_i - e_j; m_i + n_j),   I_i(x; M): the inverse of s^-M product of factors
 *
 * a, e, n: the input (an impulse 1, 0, 0; a step 1, 0, 1; a polyline: ramps of order 2). All terms with the same factors
 * and the same M share one list of times x, in which equal ones stand once: two grids of one step have few differences.
 * Slopes: df/dp = dw/dp I + w (dI/dp - dd/dp dI/dt). */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rtd/rtd.h"

typedef struct place {
  double x;
  int term, input, time;
} place;

typedef struct answer {
  taup_rtd_question *q;
  int np, width; /* width: 1 + np */
  int capacity, n_places;
  place *places;
  int most;
  double *x, *value, *slope; /* of the list */
  double rounding;           /* of the times in it */
} answer;

static int by_x(const void *a, const void *b)
{
  const double x = ((const place *)a)->x, y = ((const place *)b)->x;
  return (x > y) - (x < y);
}

/* --- one number into the result --- */

static void add(answer *a, const place *p, double value, const double *slope)
{
  taup_rtd_question *q = a->q;
  const taup_rtd_term *t = &q->rtd->terms.items[p->term];
  const double weight = q->inputs[p->input].weight;
  q->value[p->time] += weight * t->weight * value;
  if (!q->slope) return;
  double *out = q->slope + (size_t)p->time * (size_t)a->np;
  for (int k = 0; k < a->np; k++) {
    const double inner = slope ? slope[1 + k] - t->d_delay[k] * slope[0] : 0.0;
    out[k] += weight * (t->d_weight[k] * value + t->weight * inner);
  }
}

/* --- terms without factors: x^(M - 1)/(M - 1)! --- */

static double power_of_time(const answer *a, double x, int M)
{
  double y = 1.0;
  if (a->q->washout && M == 1) return x < 0.0 ? 1.0 : 0.0;
  if (M == 0 || x < 0.0) return 0.0;
  for (int k = 1; k < M; k++) y *= x / k;
  return y;
}

/* slope of it to time; only delays of plugs need it */
static void pure_delay(answer *a, const place *p, int M)
{
  double slope[64] = {0.0}, *s = a->width <= 64 ? slope : a->slope;
  if (a->q->slope) {
    memset(s, 0, (size_t)a->width * sizeof *s);
    s[0] = M > 1 ? power_of_time(a, p->x, M - 1) : 0.0;
  }
  add(a, p, power_of_time(a, p->x, M), a->q->slope ? s : NULL);
}

/* --- terms with factors --- */

/* lim s^(1 - M) G: what the function begins with at time 0. */
static tau_status at_zero(answer *a, const taup_rtd_term *t, int M, double *value)
{
  double d[4], size[2];
  double complex *work = taup_calloc(taup_rtd_work(a->q->rtd, 1), sizeof *work);
  if (!work) return TAU_E_NOMEM;
  const double scale = 1e14 / fmax(a->q->rtd->cumulants[0], DBL_MIN);
  for (int k = 0; k < 2; k++) {
    const double s = k ? 10.0 * scale : scale;
    taup_rtd_derivatives(a->q->rtd, t, s, work, d);
    size[k] = exp(d[0] + (1 - M) * log(s));
  }
  taup_free(work);
  *value = size[1] > 1.05 * size[0] ? (double)INFINITY : size[1] < 0.95 * size[0] ? 0.0 : size[1];
  return TAU_OK;
}

static tau_status make_room(answer *a)
{
  const size_t n = (size_t)a->n_places, width = a->q->slope ? (size_t)a->width : 0;
  if (a->n_places <= a->most) return TAU_OK;
  taup_free(a->x);
  a->most = 0;
  a->x = taup_calloc(n * (2 + width), sizeof *a->x);
  if (!a->x) return TAU_E_NOMEM;
  a->value = a->x + n;
  a->slope = a->value + n;
  a->most = a->n_places;
  return TAU_OK;
}

/* Those before 0 answer nothing, or all of a step; those at 0 its beginning. The others remain. */
static tau_status take_out_early(answer *a, const taup_rtd_term *t, int M)
{
  int n = 0;
  const bool rest = a->q->washout && M == 1;
  double begin = 0.0;
  bool known = M > 0;
  for (int i = 0; i < a->n_places; i++) {
    const place p = a->places[i];
    if (p.x > 0.0) {
      a->places[n++] = p;
      continue;
    }
    if (rest) add(a, &p, 1.0, NULL);
    if (p.x < 0.0 || M > 0) continue;
    if (!known) TAU_TRY(at_zero(a, t, M, &begin));
    known = true;
    if (begin != 0.0) add(a, &p, begin, NULL);
  }
  a->n_places = n;
  return TAU_OK;
}

/* Differences of the same times, taken apart: they agree to the rounding of the times. */
static bool is_same(const answer *a, double x, double y) { return y - x <= a->rounding; }

static tau_status with_factors(answer *a, const taup_rtd_term *t, int M)
{
  int n = 0;
  TAU_TRY(take_out_early(a, t, M));
  if (!a->n_places) return TAU_OK;
  TAU_TRY(make_room(a));
  qsort(a->places, (size_t)a->n_places, sizeof *a->places, by_x);
  for (int i = 0; i < a->n_places; i++)
    if (!n || !is_same(a, a->x[n - 1], a->places[i].x)) a->x[n++] = a->places[i].x;
  taup_rtd_inverse in = {.rtd = a->q->rtd,
                         .term = t,
                         .order = M,
                         .washout = a->q->washout,
                         .n = n,
                         .t = a->x,
                         .value = a->value,
                         .slope = a->q->slope ? a->slope : NULL};
  TAU_TRY(taup_rtd_invert(&in));
  double weight = 0.0; /* the largest of one time's: an estimate, not a bound */
  for (int i = 0, k = 0; i < a->n_places; i++) {
    const place *p = &a->places[i];
    if (!is_same(a, a->x[k], p->x)) k++;
    add(a, p, a->value[k], a->slope + (size_t)k * (size_t)a->width);
    weight = fmax(weight, fabs(a->q->inputs[p->input].weight * a->q->rtd->terms.items[p->term].weight));
  }
  a->q->error += weight * in.error;
  return TAU_OK;
}

/* --- groups --- */

static bool same_factors(const taup_rtd_term *a, const taup_rtd_term *b)
{
  if (a->n_powers != b->n_powers || a->order != b->order) return false;
  return a->n_powers == 0 || memcmp(a->powers, b->powers, (size_t)a->n_powers * sizeof *a->powers) == 0;
}

static tau_status add_place(answer *a, int term, int input, int time)
{
  const taup_rtd_question *q = a->q;
  TAU_TRY(taup_grow(&a->places, &a->capacity, a->n_places + 1, sizeof *a->places));
  a->places[a->n_places++] =
    (place){q->t[time] - q->rtd->terms.items[term].delay - q->inputs[input].delay, term, input, time};
  return TAU_OK;
}

static double rounding_of(const answer *a)
{
  double most = 0.0;
  for (int i = 0; i < a->n_places; i++) {
    const double t = a->q->t[a->places[i].time], off = t - a->places[i].x;
    if (off != 0.0) most = fmax(most, fmax(fabs(t), fabs(off)));
  }
  return 4.0 * DBL_EPSILON * most;
}

/* Terms from..to - 1, of equal factors, with the inputs of one order. */
static tau_status group(answer *a, int from, int to, int order)
{
  const taup_rtd_term *t = &a->q->rtd->terms.items[from];
  a->n_places = 0;
  for (int i = from; i < to; i++)
    for (int j = 0; j < a->q->n_inputs; j++)
      for (int k = 0; a->q->inputs[j].order == order && k < a->q->n; k++) TAU_TRY(add_place(a, i, j, k));
  const int M = t->order + order;
  a->rounding = rounding_of(a);
  if (t->n_powers) return with_factors(a, t, M);
  for (int i = 0; i < a->n_places; i++) pure_delay(a, &a->places[i], M);
  return TAU_OK;
}

static tau_status all_groups(answer *a)
{
  enum { MOST_ORDER = 3 };
  const taup_rtd_terms *terms = &a->q->rtd->terms;
  for (int from = 0, to; from < terms->n; from = to) {
    for (to = from + 1; to < terms->n && same_factors(&terms->items[from], &terms->items[to]); to++) continue;
    for (int order = 0; order <= MOST_ORDER; order++) TAU_TRY(group(a, from, to, order));
  }
  return TAU_OK;
}

tau_status taup_rtd_answer(taup_rtd_question *q)
{
  answer a = {.q = q, .np = q->rtd->n_parameters, .width = 1 + q->rtd->n_parameters};
  for (int i = 0; i < q->n; i++) {
    q->value[i] = 0.0;
    for (int k = 0; q->slope && k < a.np; k++) q->slope[i * a.np + k] = 0.0;
    if (!isfinite(q->t[i]))
      return taup_fail(TAUP_ERR_NOT_FINITE, "time %d of a distribution is not a finite number", i);
  }
  q->error = 0.0;
  const tau_status st = all_groups(&a);
  taup_free(a.places);
  taup_free(a.x);
  return st;
}

/* --- public: the distribution itself --- */

static tau_status ask(const tau_rtd *rtd, int order, bool washout, int n, const double t[], double value[],
                      double *slope, double *error)
{
  const taup_rtd_input input = {1.0, 0.0, order};
  taup_rtd_question q = {.rtd = rtd,
                         .n_inputs = 1,
                         .inputs = &input,
                         .washout = washout,
                         .n = n,
                         .t = t,
                         .value = value,
                         .slope = slope};
  const tau_status st = taup_rtd_answer(&q);
  if (error) *error = q.error;
  return st;
}

tau_status tau_rtd_density(const tau_rtd *rtd, int n, const double t[], double E[], double *error)
{
  return ask(rtd, 0, false, n, t, E, NULL, error);
}

tau_status tau_rtd_cumulative(const tau_rtd *rtd, int n, const double t[], double F[], double *error)
{
  return ask(rtd, 1, false, n, t, F, NULL, error);
}

tau_status tau_rtd_washout(const tau_rtd *rtd, int n, const double t[], double W[], double *error)
{
  if (!rtd->has_curve) return ask(rtd, 1, true, n, t, W, NULL, error);
  TAU_TRY(tau_rtd_cumulative(rtd, n, t, W, error));
  for (int i = 0; i < n; i++) W[i] = 1.0 - W[i];
  return TAU_OK;
}

tau_status tau_rtd_internal_age(const tau_rtd *rtd, int n, const double t[], double age[], double *error)
{
  TAU_TRY(tau_rtd_washout(rtd, n, t, age, error));
  for (int i = 0; i < n; i++) age[i] = t[i] < 0.0 ? 0.0 : age[i] / rtd->cumulants[0];
  if (error) *error /= rtd->cumulants[0];
  return TAU_OK;
}

static tau_status slopes(const tau_rtd *rtd, int order, int n, const double t[], double slope[])
{
  double *value = taup_calloc((size_t)n + 1, sizeof *value);
  if (!value) return TAU_E_NOMEM;
  const tau_status st = ask(rtd, order, false, n, t, value, slope, NULL);
  taup_free(value);
  return st;
}

tau_status tau_rtd_density_slopes(const tau_rtd *rtd, int n, const double t[], double dE[])
{
  return slopes(rtd, 0, n, t, dE);
}

tau_status tau_rtd_cumulative_slopes(const tau_rtd *rtd, int n, const double t[], double dF[])
{
  return slopes(rtd, 1, n, t, dF);
}

/* int t E = T F - R, int t^2 E = T^2 F - 2 (T R - Q), with R and Q the integrals of F and R. */
tau_status tau_rtd_truncated_moments(const tau_rtd *rtd, double t_end, double m[3])
{
  double F, R, Q;
  TAU_TRY(ask(rtd, 1, false, 1, &t_end, &F, NULL, NULL));
  TAU_TRY(ask(rtd, 2, false, 1, &t_end, &R, NULL, NULL));
  TAU_TRY(ask(rtd, 3, false, 1, &t_end, &Q, NULL, NULL));
  m[0] = F;
  m[1] = t_end * F - R;
  m[2] = t_end * t_end * F - 2.0 * (t_end * R - Q);
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* transform.c - ln of a product of factors, its slopes to the parameters and its derivatives to s.
 *
 *     K = sum_f k_f K_f,   a loop: K = ln((1 - q(0))/(1 - q)), q = sum_i w_i exp(K_i), q(0) = sum_i w_i
 *     dK = dq/(1 - q) - dq(0)/(1 - q(0)),   dq = sum_i exp(K_i) (dw_i + w_i dK_i)
 *     K' = q'/D, K'' = q''/D + (q'/D)^2, K''' = q'''/D + 3 q' q''/D^2 + 2 (q'/D)^3,   D = 1 - q */
#include <math.h>
#include <string.h>

#include "rtd/rtd.h"

typedef double complex number;

static size_t row_work(const taup_rtd_program *p, int m)
{
  size_t most = (size_t)(1 + TAUP_RTD_MOST_FIELDS) * (size_t)m;
  const taup_complex_program *all[] = {p->value, p->slopes, p->derivatives, p->atom};
  size_t inside = 0;
  for (int k = 0; k < 4; k++) {
    const size_t n = all[k] ? taup_complex_program_work(all[k], m) : 0;
    if (n > inside) inside = n;
  }
  return most + inside + 2 * (1 + TAUP_RTD_MOST_FIELDS) + 8;
}

/* Loops may stand in loops: each takes its own arrays. */
size_t taup_rtd_work(const tau_rtd *rtd, int m)
{
  size_t rows = 0, loops = 0;
  for (int f = 0; f < rtd->n_factors; f++) {
    const taup_rtd_part *part = rtd->factors[f].row;
    const size_t n = part ? row_work(part->program, m) : 0;
    if (n > rows) rows = n;
    if (!part) loops += (size_t)m * (2 + 2 * (size_t)rtd->n_parameters);
  }
  return rows + loops + 1;
}

/* --- rows --- */

static void run_row(const tau_rtd *rtd, const taup_rtd_part *part, const taup_rtd_points *at, number *out)
{
  const taup_rtd_row *row = part->program->row;
  const double *p = rtd->values + part->first;
  number *work = out + (size_t)(1 + TAUP_RTD_MOST_FIELDS) * (size_t)at->m;
  if (row->own) row->own(p, at->m, at->s, out, at->dK ? out + at->m : NULL);
  else
    taup_complex_program_run(at->dK ? part->program->slopes : part->program->value, p, at->m, at->s, work,
                             out);
}

static void add_row(const tau_rtd *rtd, const taup_rtd_part *part, int power, const taup_rtd_points *at)
{
  const size_t m = (size_t)at->m;
  number *out = at->work;
  run_row(rtd, part, at, out);
  for (size_t i = 0; i < m; i++) at->K[i] += power * out[i];
  for (int k = 0; at->dK && k < part->program->row->n_fields; k++)
    for (size_t i = 0; i < m; i++)
      at->dK[(size_t)(part->first + k) * m + i] += power * out[(size_t)(1 + k) * m + i];
}

/* --- loops --- */

/* q and dq gathered from one term. */
static void add_to_loop(const tau_rtd *rtd, const taup_rtd_term *t, const taup_rtd_points *inner, number *q,
                        number *dq)
{
  const size_t m = (size_t)inner->m;
  taup_rtd_log_transform(rtd, t, inner);
  for (size_t i = 0; i < m; i++) {
    const number e = cexp(inner->K[i]);
    q[i] += t->weight * e;
    for (int k = 0; inner->dK && k < rtd->n_parameters; k++)
      dq[(size_t)k * m + i] += e * (t->d_weight[k] + t->weight * inner->dK[(size_t)k * m + i]);
  }
}

/* (1 - q(0)), or the slope of its logarithm to parameter k. */
static double rest_of(const taup_rtd_terms *loop)
{
  double rest = 1.0;
  for (int i = 0; i < loop->n; i++) rest -= loop->items[i].weight;
  return rest;
}

static double rest_slope(const taup_rtd_terms *loop, int k)
{
  double slope = 0.0;
  for (int i = 0; i < loop->n; i++) slope -= loop->items[i].d_weight[k];
  return slope / rest_of(loop);
}

static void add_loop(const tau_rtd *rtd, int f, int power, const taup_rtd_points *at)
{
  const size_t m = (size_t)at->m, slopes = at->dK ? m * (size_t)rtd->n_parameters : 0;
  const taup_rtd_terms *loop = &rtd->factors[f].loop;
  number *q = at->work, *dq = q + m;
  taup_rtd_points inner = *at;
  inner.K = dq + slopes;
  inner.dK = at->dK ? inner.K + m : NULL;
  inner.work = inner.K + m + slopes;
  memset(q, 0, (m + slopes) * sizeof *q);
  for (int i = 0; i < loop->n; i++) add_to_loop(rtd, &loop->items[i], &inner, q, dq);
  const double ground = log(rest_of(loop));
  for (size_t i = 0; i < m; i++) {
    const number D = 1.0 - q[i];
    at->K[i] += power * (ground - clog(D));
    if (at->D) at->D[(size_t)f * m + i] = D;
  }
  for (int k = 0; at->dK && k < rtd->n_parameters; k++) {
    const double slope = rest_slope(loop, k);
    for (size_t i = 0; i < m; i++)
      at->dK[(size_t)k * m + i] += power * (slope + dq[(size_t)k * m + i] / (1.0 - q[i]));
  }
}

void taup_rtd_log_transform(const tau_rtd *rtd, const taup_rtd_term *term, const taup_rtd_points *at)
{
  const size_t m = (size_t)at->m;
  memset(at->K, 0, m * sizeof *at->K);
  if (at->dK) memset(at->dK, 0, m * (size_t)rtd->n_parameters * sizeof *at->dK);
  for (int k = 0; k < term->n_powers; k++) {
    const taup_rtd_power *p = &term->powers[k];
    if (rtd->factors[p->factor].row) add_row(rtd, rtd->factors[p->factor].row, p->power, at);
    else add_loop(rtd, p->factor, p->power, at);
  }
}

/* --- derivatives at a real s --- */

static void row_derivatives(const tau_rtd *rtd, const taup_rtd_part *part, double s, number *work, double d[4])
{
  const number z = s;
  const taup_rtd_row *row = part->program->row;
  if (row->own_derivatives) {
    row->own_derivatives(rtd->values + part->first, s, d);
    return;
  }
  taup_complex_program_run(part->program->derivatives, rtd->values + part->first, 1, &z, work + 4, work);
  for (int k = 0; k < 4; k++) d[k] = creal(work[k]);
}

static void loop_derivatives(const tau_rtd *rtd, const taup_rtd_terms *loop, double s, number *work,
                             double d[4])
{
  double q[4] = {0.0, 0.0, 0.0, 0.0}, k[4];
  for (int i = 0; i < loop->n; i++) {
    taup_rtd_derivatives(rtd, &loop->items[i], s, work, k);
    const double e = loop->items[i].weight * exp(k[0]);
    q[0] += e;
    q[1] += e * k[1];
    q[2] += e * (k[2] + k[1] * k[1]);
    q[3] += e * (k[3] + 3.0 * k[1] * k[2] + k[1] * k[1] * k[1]);
  }
  const double D = 1.0 - q[0], r = q[1] / D;
  d[0] = log(rest_of(loop) / D);
  d[1] = r;
  d[2] = q[2] / D + r * r;
  d[3] = q[3] / D + 3.0 * r * q[2] / D + 2.0 * r * r * r;
}

void taup_rtd_derivatives(const tau_rtd *rtd, const taup_rtd_term *term, double s, number *work, double d[4])
{
  double one[4];
  memset(d, 0, 4 * sizeof *d);
  for (int k = 0; k < term->n_powers; k++) {
    const taup_rtd_factor *f = &rtd->factors[term->powers[k].factor];
    if (f->row) row_derivatives(rtd, f->row, s, work, one);
    else loop_derivatives(rtd, &f->loop, s, work, one);
    for (int j = 0; j < 4; j++) d[j] += term->powers[k].power * one[j];
  }
}

/* --- small things of a term and of a row --- */

double taup_rtd_edge(const tau_rtd *rtd, const taup_rtd_term *term)
{
  double edge = -(double)INFINITY;
  for (int k = 0; k < term->n_powers; k++) edge = fmax(edge, rtd->factors[term->powers[k].factor].edge);
  return edge;
}

tau_status taup_rtd_atom_of(const tau_rtd *rtd, const taup_rtd_part *part, double *delay, double *bypass)
{
  const int n = 1 + part->program->row->n_fields;
  const number none = 0.0;
  number out[2 * (1 + TAUP_RTD_MOST_FIELDS)];
  number *work = taup_calloc(taup_complex_program_work(part->program->atom, 1), sizeof *work);
  if (!work) return TAU_E_NOMEM;
  taup_complex_program_run(part->program->atom, rtd->values + part->first, 1, &none, work, out);
  for (int k = 0; k < n; k++) {
    delay[k] = creal(out[k]);
    bypass[k] = creal(out[n + k]);
  }
  taup_free(work);
  return TAU_OK;
}

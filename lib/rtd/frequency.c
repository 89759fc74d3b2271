/* SPDX-License-Identifier: Apache-2.0 */
/* frequency.c - the transform itself, part by part as described, and its size and angle on the imaginary axis.
 *
 *     series  product,   parallel  weighted sum,   recycle  F/(1 + r - r F B)
 *     measured curve: integral of exp(-s t) over a polyline; a segment from (a, y) to (b, z), x = s (b - a):
 *         (b - a) exp(-s a) (y p(x) + (z - y) q(x)),   p = (1 - exp(-x))/x,   q = (p - exp(-x))/x
 *     by their series for small x, without the division by s^2 of the sum of ramps.
 *
 * The angle is followed from omega = 0 in steps over which what is left of it behind the mean turns by less than a quarter. */
#include <math.h>

#include "num/complex.h"
#include "rtd/rtd.h"

typedef double complex number;

enum { N_PARTS_OF_SEGMENT = 2 };

/* p and q of a segment. */
static void segment(number x, number out[N_PARTS_OF_SEGMENT])
{
  if (cabs(x) > 0.5) {
    const number e = cexp(-x);
    out[0] = (1.0 - e) / x;
    out[1] = (out[0] - e) / x;
    return;
  }
  number power = 1.0; /* (-x)^k/k!; p: /(k + 1), q: int_0^1 v exp(-x v) dv, /(k + 2) */
  out[0] = out[1] = 0.0;
  for (int k = 0; k < 18; k++) {
    out[0] += power / (k + 1);
    out[1] += power / (k + 2);
    power *= -x / (k + 1);
  }
}

static number curve(const taup_rtd_part *part, number s)
{
  number sum = 0.0, pq[N_PARTS_OF_SEGMENT];
  for (int i = 1; i < part->n_points; i++) {
    const double a = part->t[i - 1], b = part->t[i], y = part->y[i - 1], z = part->y[i];
    segment(s * (b - a), pq);
    sum += (b - a) * cexp(-s * a) * (y * pq[0] + (z - y) * pq[1]);
  }
  return sum;
}

static tau_status row(const tau_rtd *rtd, const taup_rtd_part *part, number s, number *G)
{
  const taup_rtd_row *r = part->program->row;
  const double *p = rtd->values + part->first;
  double delay[1 + TAUP_RTD_MOST_FIELDS], bypass[1 + TAUP_RTD_MOST_FIELDS];
  number K = 0.0;
  TAU_TRY(taup_rtd_atom_of(rtd, part, delay, bypass));
  if (r->own) r->own(p, 1, &s, &K, NULL);
  if (r->log_transform) {
    number *work = taup_calloc(taup_complex_program_work(part->program->value, 1), sizeof *work);
    if (!work) return TAU_E_NOMEM;
    taup_complex_program_run(part->program->value, p, 1, &s, work, &K);
    taup_free(work);
  }
  *G = bypass[0] * cexp(-s * delay[0]);
  if (r->own || r->log_transform) *G += (1.0 - bypass[0]) * cexp(K - s * delay[0]);
  return TAU_OK;
}

static tau_status transform(const tau_rtd *rtd, const taup_rtd_part *part, number s, number *G);

static tau_status several(const tau_rtd *rtd, const taup_rtd_part *part, number s, number *G)
{
  const double *f = rtd->values + part->first;
  const bool parallel = part->kind == TAUP_RTD_PARALLEL;
  double rest = 1.0;
  number one;
  *G = parallel ? 0.0 : 1.0;
  for (int i = 0; i < part->n_children; i++) {
    TAU_TRY(transform(rtd, part->children[i], s, &one));
    const double share = parallel && i < part->n_children - 1 ? f[i] : rest;
    rest -= share;
    if (parallel) *G += share * one;
    else *G *= one;
    if (!parallel) rest = 1.0;
  }
  return TAU_OK;
}

static tau_status recycle(const tau_rtd *rtd, const taup_rtd_part *part, number s, number *G)
{
  const double r = rtd->values[part->first];
  number forward, back = 1.0;
  TAU_TRY(transform(rtd, part->children[0], s, &forward));
  if (part->n_children > 1) TAU_TRY(transform(rtd, part->children[1], s, &back));
  *G = forward / (1.0 + r * (1.0 - forward * back));
  return TAU_OK;
}

static tau_status transform(const tau_rtd *rtd, const taup_rtd_part *part, number s, number *G)
{
  switch (part->kind) {
  case TAUP_RTD_ROW: return row(rtd, part, s, G);
  case TAUP_RTD_MEASURED: *G = curve(part, s); return TAU_OK;
  case TAUP_RTD_RECYCLE: return recycle(rtd, part, s, G);
  case TAUP_RTD_SERIES:
  case TAUP_RTD_PARALLEL: break;
  }
  return several(rtd, part, s, G);
}

tau_status tau_rtd_transform(const tau_rtd *rtd, int n, const double s_re_im[], double G_re_im[])
{
  for (int i = 0; i < n; i++) {
    number G;
    TAU_TRY(transform(rtd, rtd->root, taup_complex(s_re_im[2 * i], s_re_im[2 * i + 1]), &G));
    G_re_im[2 * i] = creal(G);
    G_re_im[2 * i + 1] = cimag(G);
  }
  return TAU_OK;
}

/* --- frequencies --- */

typedef struct walk {
  const tau_rtd *rtd;
  double omega, residue; /* angle behind -omega mean, followed so far */
  double gain;
  number last; /* G exp(i omega mean) */
} walk;

static tau_status step_to(walk *w, double omega)
{
  number G;
  TAU_TRY(transform(w->rtd, w->rtd->root, taup_complex(0.0, omega), &G));
  const double turn = omega * w->rtd->cumulants[0];
  const number now = G * taup_complex(cos(turn), sin(turn));
  w->gain = cabs(G);
  if (w->gain > 0.0) {
    w->residue += carg(now / w->last);
    w->last = now;
  }
  w->omega = omega;
  return TAU_OK;
}

static tau_status walk_to(walk *w, double omega)
{
  enum { MOST_STEPS = 100000 };
  const double *k = w->rtd->cumulants, spread = isfinite(k[1]) ? sqrt(k[1]) : k[0];
  const double from = w->omega, steps = fmin(ceil((omega - from) * spread / 0.5) + 1.0, (double)MOST_STEPS);
  for (int i = 1; i <= (int)steps; i++) TAU_TRY(step_to(w, from + (omega - from) * i / steps));
  return TAU_OK;
}

tau_status tau_rtd_frequency(const tau_rtd *rtd, int n, const double omega[], double gain[], double phase[])
{
  walk w = {.rtd = rtd, .last = 1.0};
  for (int i = 0; i < n; i++) {
    if (!(omega[i] >= w.omega) || isinf(omega[i]))
      return taup_fail_as(TAU_E_VALUE, TAUP_ERR_OUT_OF_RANGE,
                          "frequency %d is %.6g rad/s; needs numbers that ascend from 0", i, omega[i]);
    TAU_TRY(phase ? walk_to(&w, omega[i]) : step_to(&w, omega[i]));
    if (gain) gain[i] = w.gain;
    if (phase) phase[i] = w.residue - omega[i] * rtd->cumulants[0];
  }
  return TAU_OK;
}

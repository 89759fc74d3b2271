/* SPDX-License-Identifier: Apache-2.0 */
/* respond.c - what a distribution does to a polyline: the inlet is a sum of steps and ramps, the outlet that of their answers.
 *
 *     c(t) = c_0 + sum_k J_k F(t - t_k) + sum_k dS_k R(t - t_k),   R = int F
 *
 * J: jumps, where a time stands twice; dS: changes of slope. Exact for the polyline on any two grids. */
#include <math.h>

#include "rtd/rtd.h"

static tau_status check(int n, const double t[], const double c[])
{
  for (int i = 0; i < n; i++) {
    if (!isfinite(t[i]) || !isfinite(c[i]))
      return taup_fail(TAUP_ERR_BAD_CURVE, "point %d of the inlet is not a finite number", i);
    if (i && (t[i] < t[i - 1] || (i > 1 && t[i] == t[i - 2])))
      return taup_fail(TAUP_ERR_BAD_CURVE, "the times of the inlet do not ascend: %.6g s comes behind %.6g s",
                       t[i], t[i - 1]);
  }
  return n > 0 ? TAU_OK : taup_fail(TAUP_ERR_BAD_CURVE, "the inlet has no point; needs one or more");
}

static double slope_behind(int n, const double t[], const double c[], int i)
{
  return i + 1 < n && t[i + 1] > t[i] ? (c[i + 1] - c[i]) / (t[i + 1] - t[i]) : 0.0;
}

/* Steps and ramps of the polyline; at most 2 n. */
static int inputs_of(int n, const double t[], const double c[], taup_rtd_input *out)
{
  int m = 0;
  double before = 0.0;
  for (int i = 0; i < n; i++) {
    if (i && t[i] == t[i - 1] && c[i] != c[i - 1]) out[m++] = (taup_rtd_input){c[i] - c[i - 1], t[i], 1};
    if (i + 1 < n && t[i + 1] == t[i]) continue; /* the slope behind a jump starts at its second point */
    const double after = slope_behind(n, t, c, i);
    if (after != before) out[m++] = (taup_rtd_input){after - before, t[i], 2};
    before = after;
  }
  return m;
}

static tau_status respond(const tau_rtd *rtd, int n_in, const double t_in[], const double c_in[],
                          taup_rtd_question *q)
{
  TAU_TRY(check(n_in, t_in, c_in));
  taup_rtd_input *inputs = taup_calloc(2 * (size_t)n_in, sizeof *inputs);
  if (!inputs) return TAU_E_NOMEM;
  q->rtd = rtd;
  q->inputs = inputs;
  q->n_inputs = inputs_of(n_in, t_in, c_in, inputs);
  const tau_status st = taup_rtd_answer(q);
  for (int i = 0; i < q->n && st == TAU_OK; i++) q->value[i] += c_in[0];
  taup_free(inputs);
  return st;
}

tau_status tau_rtd_respond(const tau_rtd *rtd, int n_in, const double t_in[], const double c_in[], int n,
                           const double t[], double c[], double *error)
{
  taup_rtd_question q = {.n = n, .t = t, .value = c};
  const tau_status st = respond(rtd, n_in, t_in, c_in, &q);
  if (error) *error = q.error;
  return st;
}

tau_status tau_rtd_respond_slopes(const tau_rtd *rtd, int n_in, const double t_in[], const double c_in[],
                                  int n, const double t[], double c[], double slopes[])
{
  taup_rtd_question q = {.n = n, .t = t, .value = c, .slope = slopes};
  return respond(rtd, n_in, t_in, c_in, &q);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* quantile.c - the time at which F reaches a fraction, or W falls to one.
 *
 * Both fall or rise with time: a bracket, then Newton's step on ln F or ln W (the tails are near exponential), or the middle
 * of the bracket where that leaves it. The function is taken that is the smaller, so far tails keep their digits. */
#include <math.h>

#include "rtd/rtd.h"

typedef struct search {
  const tau_rtd *rtd;
  double target; /* of F or W */
  bool washout;
} search;

/* ln of F or W over the target, signed so that it rises with time; slope of it. */
static tau_status gap(const search *q, double t, double *value, double *slope)
{
  double y, E;
  TAU_TRY(q->washout ? tau_rtd_washout(q->rtd, 1, &t, &y, NULL) : tau_rtd_cumulative(q->rtd, 1, &t, &y, NULL));
  TAU_TRY(tau_rtd_density(q->rtd, 1, &t, &E, NULL));
  const double sign = q->washout ? -1.0 : 1.0;
  *value = y > 0.0 ? sign * log(y / q->target) : -sign * HUGE_VAL;
  *slope = y > 0.0 ? E / y : 0.0;
  return TAU_OK;
}

static tau_status bracket(const search *q, double *down, double *up)
{
  double g, slope;
  const double *k = q->rtd->cumulants;
  *down = 0.0;
  *up = fmax(k[0], 1e-300);
  for (int i = 0; i < 200; i++) {
    TAU_TRY(gap(q, *up, &g, &slope));
    if (g >= 0.0) return TAU_OK;
    *down = *up;
    *up += isfinite(k[1]) ? fmax(0.5 * *up, sqrt(k[1])) : *up;
  }
  return taup_fail(TAUP_ERR_NO_CONVERGENCE,
                   "the time at which a distribution reaches %.6g was not found up to %.6g s", q->target, *up);
}

static tau_status find(const search *q, double *t)
{
  double down, up, g, slope;
  TAU_TRY(bracket(q, &down, &up));
  double x = 0.5 * (down + up);
  for (int i = 0; i < 200 && up - down > 1e-14 * up; i++) {
    TAU_TRY(gap(q, x, &g, &slope));
    if (g >= 0.0) up = x;
    else down = x;
    const double step = slope > 0.0 && isfinite(slope) && isfinite(g) ? -g / slope : (double)INFINITY;
    if (fabs(step) <= 1e-13 * x) break;
    x = x + step > down && x + step < up ? x + step : 0.5 * (down + up);
  }
  *t = x;
  return TAU_OK;
}

static tau_status check(const char *what, double fraction)
{
  if (fraction > 0.0 && fraction < 1.0) return TAU_OK;
  return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is %.6g; needs more than 0 and less than 1", what, fraction);
}

tau_status tau_rtd_quantile(const tau_rtd *rtd, double fraction, double *t)
{
  TAU_TRY(check("the fraction of a quantile", fraction));
  const bool late = fraction > 0.5;
  const search q = {rtd, late ? 1.0 - fraction : fraction, late};
  return find(&q, t);
}

tau_status tau_rtd_washout_time(const tau_rtd *rtd, double purity, double *t)
{
  TAU_TRY(check("the purity of a washout", purity));
  const search q = {rtd, 1.0 - purity, true};
  return find(&q, t);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fit_profile.c - profile-likelihood intervals.
 *
 *     tau(x) = sign(x - x_hat) sqrt((S(x) - S_min)/s^2),   S(x) = min of chi2 with the parameter held at x
 *
 * is a straight line where the model is linear (D. M. Bates and D. G. Watts (1988), 6.1), so that its crossings of the quantile are
 * bracketed by steps of some standard errors and found by Brent's method. Each fit begins where the one before it ended. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "num/quantile.h"
#include "num/root.h"
#include "study/fit.h"

typedef struct profile {
  tau_fit *fit;
  int i;
  double variance, limit; /* s^2; the quantile of tau */
  tau_status status;      /* of the last fit; what is not TAU_OK ends the search */
  bool is_hopeless;       /* no value there: the last step went too far */
} profile;

static double sum_at(profile *p, double x)
{
  taup_lsq *l = p->fit->lsq;
  const taup_lsq_options o = taup_fit_lsq_options(p->fit);
  p->is_hopeless = false;
  if (p->status != TAU_OK) return NAN;
  l->b[p->i] = x;
  const tau_status st = taup_lsq_solve(l, &o);
  const taup_error kind = taup_last_kind();
  p->is_hopeless = st < 0 && (kind == TAUP_ERR_FIT_NOT_CONVERGED || kind == TAUP_ERR_FIT_START);
  if (st != TAU_OK && !p->is_hopeless) p->status = st;
  return st == TAU_OK ? l->cost : (double)NAN;
}

/* |tau| less its limit */
static double excess(void *user, double x)
{
  profile *p = user;
  const double rise = sum_at(p, x) - p->fit->cost;
  return isnan(rise) ? (double)NAN : sqrt(fmax(rise, 0.0) / p->variance) - p->limit;
}

static void restore(profile *p)
{
  taup_lsq *l = p->fit->lsq;
  memcpy(l->b, p->fit->value, (size_t)l->p.n * sizeof *l->b);
}

/* From the best value outwards, in steps that double, and are halved where there is no fit. INFINITY: not reached. */
static double crossing(profile *p, double step, double bound)
{
  enum { MOST = 80 };
  double near = p->fit->value[p->i], at_near = -p->limit;
  restore(p);
  for (int k = 0; k < MOST && p->status == TAU_OK; k++) {
    const bool at_end = fabs(step) >= fabs(bound - near);
    const double far = at_end ? bound : near + step;
    if (!isfinite(far) || far == near) break;
    const double at_far = excess(p, far);
    if (isnan(at_far)) {
      restore(p);
      step *= 0.25;
      continue;
    }
    if (at_far >= 0.0) {
      const double x = taup_bracketed_root(excess, p, near, at_near, far, at_far, 1e-12);
      return p->status == TAU_OK ? x : (double)NAN;
    }
    if (at_end) break;
    near = far;
    at_near = at_far;
    step *= 2.0;
  }
  return step > 0.0 ? (double)INFINITY : (double)-INFINITY;
}

static tau_status check(const tau_fit *fit, int i)
{
  const char *why = !fit->has_converged                            ? "the fit has not converged"
                    : fit->lsq->fixed[i]                           ? "it is fixed"
                    : fit->at_bound[i]                             ? "it is at its bound"
                    : fit->options.loss != TAU_LOSS_LINEAR         ? "the loss is not linear"
                    : !fit->options.absolute_sigma && fit->dof < 1 ? "there are no degrees of freedom"
                                                                   : NULL;
  if (!why) return TAU_OK;
  return taup_fail(TAUP_ERR_NO_INTERVAL, "'%s' has no profile interval: %s", fit->names[i], why);
}

static void search(profile *p, double *lower, double *upper)
{
  const taup_lsq *l = p->fit->lsq;
  const double value = p->fit->value[p->i], error = tau_fit_standard_error(p->fit, p->i);
  const double size = isfinite(error) && error > 0.0 ? error * p->limit : fmax(fabs(value), 1.0) * 0.1;
  *lower = crossing(p, -size, l->p.lower[p->i]);
  *upper = crossing(p, size, l->p.upper[p->i]);
}

tau_status tau_fit_profile(tau_fit *fit, int i, double level, double *lower, double *upper)
{
  profile p = {.fit = fit, .i = i, .variance = 1.0};
  *lower = *upper = NAN;
  TAU_TRY(check(fit, i));
  TAU_TRY(taup_fit_factor(fit, level, &p.limit));
  if (!fit->options.absolute_sigma) p.variance = fit->chi2 / fit->dof;
  if (p.variance <= 0.0) {
    *lower = *upper = fit->value[i]; /* the points lie on the curve */
    return TAU_OK;
  }
  fit->lsq->fixed[i] = true;
  search(&p, lower, upper);
  fit->lsq->fixed[i] = false;
  restore(&p);
  return p.status;
}

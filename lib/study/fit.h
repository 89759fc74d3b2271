/* SPDX-License-Identifier: Apache-2.0 */
/* fit.h - what a fit holds. */
#ifndef TAUP_FIT_H
#define TAUP_FIT_H

#include "num/least_squares.h"
#include <tautrain/fit.h>

typedef struct taup_curve taup_curve;
typedef struct taup_fitted_runs taup_fitted_runs;

enum { TAUP_FIT_MESSAGE = 512 };

/* Everything but lsq and curve is written once, by finish() of fit.c. */
struct tau_fit {
  taup_lsq *lsq;
  taup_curve *curve;      /* of tau_fit_curve; else NULL */
  taup_fitted_runs *runs; /* of tau_fit_runs; else NULL */
  tau_fit_options options;
  char **names;        /* n */
  double *covariance;  /* n x n */
  double *correlation; /* n x n */
  double *value;       /* n */
  double *residuals;   /* m: y - f */
  double *fitted;      /* m */
  double *block;       /* of the arrays above */
  int *at_bound;       /* n */
  double chi2, cost, r_squared;
  int dof, n_free, n_iterations;
  bool has_converged;
  char message[TAUP_FIT_MESSAGE];
};

/* tau_fit_new with a curve that the fit takes over, also when it fails. */
tau_status taup_fit_new(tau_fit **out, const tau_fit_problem *problem, const tau_fit_options *options,
                        taup_curve *curve);
taup_lsq_options taup_fit_lsq_options(const tau_fit *fit);
/* The factor from a standard error to half of an interval. TAU_E_VALUE: no level. */
tau_status taup_fit_factor(const tau_fit *fit, double level, double *factor);

/* fit_curve.c */
void taup_curve_free(taup_curve *curve);
/* fit_runs.c */
void taup_fitted_runs_free(taup_fitted_runs *runs);

#endif

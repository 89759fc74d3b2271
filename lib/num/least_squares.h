/* SPDX-License-Identifier: Apache-2.0 */
/* least_squares.h - a sum of squares, or of robust losses, minimised over bounded parameters.
 *
 * A taup_lsq owns a problem's copy of the data and all memory of the search; nothing is allocated by solving. One thread each. */
#ifndef TAUP_LEAST_SQUARES_H
#define TAUP_LEAST_SQUARES_H

#include "base/status.h"
#include <tautrain/fit.h>

/* Everything is borrowed by taup_lsq_new, which copies all but names and user. */
typedef struct taup_lsq_problem {
  int m, n; /* points, parameters */
  const char *const *names;
  const double *y, *sigma, *lower, *upper; /* sigma NULL: all 1 */
  tau_fit_model model;
  void *user;
  tau_loss loss;
  double loss_scale;
} taup_lsq_problem;

typedef struct taup_lsq_options {
  int max_iterations;
  double tolerance, jacobian_error; /* as in tau_fit_options */
  tau_fit_stop_fn stop;
  void *stop_user;
  double model_error; /* 0: rounding */
} taup_lsq_options;

/* What stands in it after taup_lsq_solve belongs to the best b found. */
typedef struct taup_lsq {
  taup_lsq_problem p; /* its arrays are slices of block */
  bool *fixed;        /* n: by the caller */
  double *b;          /* n: the start, then the solution */
  double *f, *J;      /* model at b: m, m x n row-major */
  double cost, chi2;
  double offset; /* length of the residual's projection on the tangent plane, free parameters only */
  int n_iterations;
  bool has_converged;
  int n_undetermined; /* directions of parameter space that the data do not see; after taup_lsq_covariance */
  bool *is_undetermined; /* n: parameters that take part in them */
  double *covariance;    /* n x n; after taup_lsq_covariance */

  /* the search; least_squares.c and trust_region.c only */
  double *block;
  double *b_new, *f_new, *J_new;
  double *A,
    *g; /* m x n column-major and m: Jacobian and residual, weighted; their linear model is minimised */
  double *Q, *c;      /* the factors of the free columns of A; Q^T g */
  double *u, *vt, *s; /* singular values of R D^-1 */
  double *d;          /* U^T Q^T g */
  double *D, *step, *gradient, *z;
  int *place; /* free parameters of this step */
  bool *held; /* n: not free in this step */
  int n_free;
  bool is_factored;    /* Q, c, d and held are those of b; a step that met a bound has changed them */
  double size;         /* length of f/sigma */
  double noise;        /* what the error of f leaves of offset: noise_factor * size */
  double noise_factor; /* relative error of f */
  double *start, *best;
  double *work;
  int n_work;
} taup_lsq;

tau_status taup_lsq_new(taup_lsq **out, const taup_lsq_problem *problem);
void taup_lsq_free(taup_lsq *l);

/* Minimise from l->b over what is not l->fixed. Errors: TAU_E_SOLVER (b is the best found), TAU_E_DOMAIN (no start), the model's; positive
 * when stopped. */
tau_status taup_lsq_solve(taup_lsq *l, const taup_lsq_options *options);

/* Covariance for sigma as given, at b; 0 for fixed, NAN for what is at a bound or undetermined. With a robust loss complete (Huber); else
 * the caller scales it. */
tau_status taup_lsq_covariance(taup_lsq *l, double jacobian_error);

/* -1, 0, 1: where parameter i is. */
int taup_lsq_at_bound(const taup_lsq *l, int i);
/* Parameters that are neither fixed nor at a bound. */
int taup_lsq_n_free(const taup_lsq *l);

/* --- trust_region.c --- */

/* Fill A, g, cost and chi2 from f and J. */
void taup_lsq_weigh(taup_lsq *l);
/* Choose the free parameters, factor, and set offset. */
tau_status taup_lsq_factor(taup_lsq *l, double jacobian_error);
/* The same for all that is not fixed, at its bound or not. */
tau_status taup_lsq_factor_all(taup_lsq *l);
/* The step of the linear model within the trust region |D step| <= radius and the bounds: into l->step. *predicted: what cost falls by;
 * *length: |D step|. radius INFINITY: the whole Gauss-Newton step. */
tau_status taup_lsq_step(taup_lsq *l, double radius, double jacobian_error, double *predicted, double *length);

#endif

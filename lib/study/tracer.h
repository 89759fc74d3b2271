/* SPDX-License-Identifier: Apache-2.0 */
/* tracer.h - one measured signal on its way to moments. */
#ifndef TAUP_TRACER_H
#define TAUP_TRACER_H

#include <stdbool.h>

#include <tautrain/tracer.h>

/* A signal. y = sign (raw - ref(t)), ref(t) = base + drift (t - centre). All arrays are slices of one block of the tracer. */
typedef struct taup_curve {
  bool is_step;
  double sign; /* of a step up, seen as what is still missing: -1 */
  int n_all;   /* as measured */
  int n;       /* up to the cut */
  int i_begin; /* the first point that counts: of a step the first not before its start */
  double *t, *raw, *y, *E, *F;
  double *w;    /* rule: int f dt = sum w_i f_i */
  double *grad; /* d(something)/d raw_i, scratch */
  double base, drift, centre,
    spread;          /* the base line; spread: sum of (t - centre)^2 of its points, 0 without drift */
  int n_low, n_high; /* its points: the first n_low and the last n_high */
  int n_near_low, n_near_high; /* those of a step's other level */
  double level;                /* of a step: |near - far| */
  int n_tail;                  /* 0: no extrapolation */
  double tail_y, tail_rate;    /* y exp(-rate (t - t_end)) beyond the last point */
  double tail_inverse[3];      /* of J^T J of its fit */
  tau_tracer_moments m;
} taup_curve;

struct tau_tracer {
  tau_tracer_kind kind;
  tau_tracer_options options;
  taup_curve outlet, inlet; /* inlet.n_all 0: none */
  tau_tracer_moments vessel;
  tau_tracer_equivalents equivalents;
  tau_tracer_balance balances;
  double *block;
};

/* Base line, cut, tail and noise; then y is set. */
tau_status taup_curve_clean(taup_curve *curve, const tau_tracer_options *options, const char *name);
/* Moments with their errors, E and F. Errors: TAU_E_DOMAIN (no area). */
tau_status taup_curve_moments(taup_curve *curve, const tau_tracer_options *options, const char *name);
/* Standard error of what changes with mean and variance by these slopes. */
double taup_curve_error(taup_curve *curve, double of_mean, double of_variance);
/* The weights of a rule on unequal steps, i_begin to n - 1; zero elsewhere. */
void taup_rule_weights(tau_tracer_rule rule, int n, const double t[/* n */], double w[/* n */]);
/* int over x from 0 to infinity of (d + x)^k exp(-rate x); slope: its derivative to rate. */
double taup_tail_moment(double d, int k, double rate, double *slope);
/* d tail_y, d tail_rate / d y_j of the fit of the tail; 0 for a point that is not in it. */
void taup_tail_slopes(const taup_curve *curve, int j, double slopes[2]);

/* Pe of a variance by a formula; NaN where there is none. slope: dPe/d variance. */
double taup_peclet_closed(double variance, double *slope);
double taup_peclet_open(double variance, double *slope);
double taup_peclet_open_mean(double variance, double *slope);
/* variance with its error in; the rest out. */
void taup_equivalents(tau_tracer_equivalents *equivalents);

#endif

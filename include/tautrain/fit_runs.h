/* SPDX-License-Identifier: Apache-2.0 */
/* fit_runs.h - parameters of a train (rate constants, activation energies, a volume) from measured runs, by the least squares of fit.h.
 *
 *     const int time[] = {tau_train_parameter_index(train, "units/flask/time")};
 *     const double minutes[] = {300.0, 600.0, 1200.0};                                       (three runs of one input)
 *     const int c = tau_train_observable_index(train, "outlet/c/A");
 *     const tau_measured_value points[] = {{0, c, 812.0, 5.0}, {1, c, 640.0, 5.0}, {2, c, 424.0, 5.0}};
 *     const tau_fitted_parameter k[] = {{tau_train_parameter_index(train, "reactions/a/k"), NAN, -INFINITY, INFINITY, false, false}};
 *     const tau_fit_runs_problem p = {train, {3, 1, time, minutes, 3, points}, 1, k, NULL};
 *     tau_fit *fit = NULL;
 *     if (tau_fit_runs(&fit, &p, NULL) == TAU_OK) printf("%g\n", tau_fit_value(fit, 0));
 *
 * A batch that is sampled over time is one run for each time, with the unit's `time` as an input. Runs whose inputs are the same are
 * computed once. Derivatives are those of sensitivity.h, exact to the tolerance of the runs: rtol and atol of the model decide what a fit
 * can tell apart. */
#ifndef TAUTRAIN_FIT_RUNS_H
#define TAUTRAIN_FIT_RUNS_H

#include <stdbool.h>
#include <tautrain/export.h>
#include <tautrain/fit.h>
#include <tautrain/run.h>
#include <tautrain/status.h>
#include <tautrain/train.h>

TAU_BEGIN_DECLS

/* One measured number, SI. */
typedef struct tau_measured_value {
  int i_run;
  int i_observable;
  double value;
  double sigma; /* standard deviation; 0 where it is not known, and then of no value: all weigh the same */
} tau_measured_value;

/* Runs, and what was measured in them. */
typedef struct tau_runs {
  int n_runs;
  int n_inputs;
  const int *inputs;    /* n_inputs: parameters of the train, each once */
  const double *values; /* n_runs x n_inputs, row-major, SI; NAN: the model's own value */
  int n_measured;
  const tau_measured_value *measured; /* n_measured */
} tau_runs;

/* A parameter to be found. lower and upper are bounds of the search beside the parameter's own, -INFINITY and INFINITY for none; one that
 * must be above 0 stops just above it. */
typedef struct tau_fitted_parameter {
  int i_parameter;
  double start; /* SI; NAN: the model's own value */
  double lower, upper;
  bool fixed;  /* stays at its start */
  bool is_log; /* its logarithm is what is fitted */
} tau_fitted_parameter;

typedef struct tau_fit_runs_problem {
  const tau_train *train;
  tau_runs runs;
  int n_parameters;
  const tau_fitted_parameter *parameters;
  const tau_run_options *run_options; /* NULL: defaults */
} tau_fit_runs_problem;

/* Fit. Everything is copied; the train is kept. Names of the fit are the paths of its parameters; one with is_log is called "ln <path>",
 * and its value, error, bounds and covariance are those of the logarithm of its value in SI. A run that fails makes the step shorter; one
 * at the start is an error, and *out is NULL then. Else what is said of *out in tau_fit_new holds here.
 *
 * options (NULL: defaults) as in fit.h. jacobian_error is 100 times the rtol of the runs at least, model_error 10 times: parameters that
 * the data tell apart less than that count as not determined, and tau_fit_message names them.
 *
 * Errors: those of tau_fit_new; those of the runs at the start, with the run's number (from 0); TAU_E_VALUE for an index that is none, a
 * parameter that is given twice, is an input as well, is replaced by an input, or has no value; TAU_E_UNSUPPORTED where the train has no
 * sensitivities. Cost of an iteration: tau_sensitivity_run for each different run. */
TAU_API tau_status tau_fit_runs(tau_fit **out, const tau_fit_runs_problem *problem,
                                const tau_fit_options *options);

/* What the fitted parameters give in other runs: observables named by runs->measured (their value and sigma are not read) into values
 * [n_measured, SI], and half of their confidence bands as in tau_fit_band; half_widths may be NULL. Only for fits by tau_fit_runs (else
 * TAU_E_UNSUPPORTED). Errors: those of tau_sensitivity_run; TAU_E_VALUE (level, an index); TAU_E_NOMEM. */
TAU_API tau_status tau_fit_predict_runs(tau_fit *fit, const tau_runs *runs, double level,
                                        double *values /* n_measured */, double *half_widths /* n_measured */);

TAU_END_DECLS
#endif

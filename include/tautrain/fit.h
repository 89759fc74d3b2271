/* SPDX-License-Identifier: Apache-2.0 */
/* fit.h - parameters of a model from measured points, by least squares, with their uncertainty.
 *
 * Minimises sum_i rho((f_i(b) - y_i)/sigma_i) over the parameters b within their bounds. The model gives f and its exact derivatives
 * (tau_fit_new), or is an expression that is differentiated here (tau_fit_curve):
 *
 *     const char *variables[] = {"x"};
 *     tau_fit_parameter b[] = {{"b1", 1.0, 0.0, INFINITY, false}, {"b2", 0.1, -INFINITY, INFINITY, false}};
 *     tau_curve curve = {"b1*(1 - exp(-b2*x))", n, y, NULL, 1, variables, x, 2, b};
 *     tau_fit *fit = NULL;
 *     if (tau_fit_curve(&fit, &curve, NULL) == TAU_OK) printf("%g +- %g\n", tau_fit_value(fit, 0), tau_fit_half_width(fit, 0, 0.95));
 *     tau_fit_free(fit);
 *
 * Method: Levenberg-Marquardt as a trust region, of the scaled Jacobian by QR and singular values, never by normal equations (J. J. More,
 * Lecture Notes in Mathematics 630 (1978) 105, doi:10.1007/BFb0067700), with bounds by an active set; where it ends on a plateau it begins
 * again with shorter steps. Statistics: D. M. Bates and D. G. Watts, Nonlinear Regression Analysis and Its Applications (1988),
 * doi:10.1002/9780470316757. See docs/theory/least_squares.md.
 *
 * A fit belongs to one thread at a time (tau_fit_profile and tau_fit_predict use its memory); getters only read. */
#ifndef TAUTRAIN_FIT_H
#define TAUTRAIN_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_fit tau_fit;

/* The cost rho of a residual r = (f - y)/sigma, scale C: linear r^2; huber r^2 up to C, then 2 C |r| - C^2; soft_l1
 * 2 C^2 (sqrt(1 + (r/C)^2) - 1); cauchy C^2 ln(1 + (r/C)^2). All but linear let single wrong points weigh less. */
#define TAU_LOSS_LIST(X)       \
  X(TAU_LOSS_LINEAR, "linear") \
  X(TAU_LOSS_HUBER, "huber") X(TAU_LOSS_SOFT_L1, "soft_l1") X(TAU_LOSS_CAUCHY, "cauchy")
typedef enum tau_loss {
#define X(name, text) name,
  TAU_LOSS_LIST(X)
#undef X
} tau_loss;

/* One parameter. lower and upper are bounds of the search, -INFINITY and INFINITY for none; a fixed one stays at its start. */
typedef struct tau_fit_parameter {
  const char *name; /* for messages */
  double start, lower, upper;
  bool fixed;
} tau_fit_parameter;

/* The model at b [n_parameters]: its values f [n_points] and, unless J is NULL, the derivatives J [n_points x n_parameters, row-major] of
 * f to b; columns of fixed parameters are not read. It may be called for f alone, or for both. TAU_E_DOMAIN, or a number that is not
 * finite, means "try a shorter step" (at the start it is an error); any other status but TAU_OK ends the fit with it. */
typedef tau_status (*tau_fit_model)(void *user, const double b[/* n_parameters */], double f[/* n_points */],
                                    double J[/* n_points x n_parameters */]);

/* All but user is copied; what user (and options.stop_user) points to must live as long as tau_fit_profile is called. */
typedef struct tau_fit_problem {
  int n_points;
  const double *y; /* n_points */
  const double *
    sigma; /* n_points: standard deviations of y, or (options.absolute_sigma false) their ratios; NULL: all 1 */
  int n_parameters;
  const tau_fit_parameter *parameters;
  tau_fit_model model;
  void *user;
} tau_fit_problem;

/* Called before each iteration with the value of the objective; return 0 to go on, anything else to stop. */
typedef int (*tau_fit_stop_fn)(void *user, int iteration, double cost);

typedef struct tau_fit_options {
  size_t size;
  tau_loss loss;
  double loss_scale; /* C [of y/sigma]; default 1 */
  bool absolute_sigma; /* sigma is known: errors are not scaled by chi2/dof; normal in place of t, chi-squared in place of F */
  int max_iterations; /* default 2000, over all beginnings */
  double tolerance; /* relative offset (cosine of the residual to the tangent plane) at which the search ends and the polish to rounding
                          begins; default 1e-6 */
  double jacobian_error; /* relative error of the model's J; directions below it count as undetermined. Default 1e-13: exact */
  tau_fit_stop_fn stop; /* may be NULL */
  void *stop_user;
  double model_error; /* relative error of f, below which the search sees no differences; default 0: rounding */
} tau_fit_options;

#define TAU_FIT_OPTIONS_INIT                                                                 \
  {                                                                                          \
    sizeof(tau_fit_options), TAU_LOSS_LINEAR, 1.0, false, 2000, 1e-6, 1e-13, NULL, NULL, 0.0 \
  }

/* Fit. *out is set also when the search gives up or is stopped (TAU_E_SOLVER, TAU_STOPPED_USER): then with the best values found and
 * errors that are NAN; free it always. That the data do not determine a parameter is no error: tau_fit_message says it, and its standard
 * error is NAN. Errors: TAU_E_VALUE (numbers that are not finite, sigma not above 0, a start outside its bounds, fewer points than free
 * parameters), TAU_E_DOMAIN (no finite value at the start), TAU_E_SOLVER (not converged), TAU_E_NOMEM, what the model returned. Nothing is
 * allocated in an iteration. Cost of an iteration: the model, and O(n_points n_parameters^2). */
TAU_API tau_status tau_fit_new(tau_fit **out, const tau_fit_problem *problem, const tau_fit_options *options);
TAU_API void tau_fit_free(tau_fit *fit);

/* A curve: an expression of variables and parameters (the grammar of rate expressions: + - * / ^, exp log log10 sqrt pow abs min max
 * tanh, pi), all plain numbers. Every other name in it must be a variable or a parameter, and each parameter must occur. All is copied. */
typedef struct tau_curve {
  const char *expression;
  int n_points;
  const double *y;     /* n_points */
  const double *sigma; /* as above */
  int n_variables;
  const char *const *variables; /* names */
  const double *x;              /* n_points x n_variables, row-major */
  int n_parameters;
  const tau_fit_parameter *parameters;
} tau_curve;

/* Fit a curve; its derivatives are those of the expression. Errors besides those above: TAU_E_PARSE, TAU_E_NAME, TAU_E_VALUE, with the
 * column of the expression. */
TAU_API tau_status tau_fit_curve(tau_fit **out, const tau_curve *curve, const tau_fit_options *options);

/* --- what came out; arrays are borrowed from the fit --- */

TAU_API int tau_fit_n_points(const tau_fit *fit);
TAU_API int tau_fit_n_parameters(const tau_fit *fit);
TAU_API const char *tau_fit_name(const tau_fit *fit, int i_parameter);
TAU_API double tau_fit_value(const tau_fit *fit, int i_parameter);
/* Square root of the diagonal of the covariance. 0 for a fixed parameter; NAN for one at its bound (the others' errors are those of a fit
 * in which it is free), one that the data do not determine, and without degrees of freedom. */
TAU_API double tau_fit_standard_error(const tau_fit *fit, int i_parameter);
/* Half of the interval value +- h that holds the truth with probability `level`, by Student's t (by the normal distribution with
 * absolute_sigma). NAN for a level that is not between 0 and 1. */
TAU_API double tau_fit_half_width(const tau_fit *fit, int i_parameter, double level);
/* -1: at its lower bound, 1: at its upper, else 0. */
TAU_API int tau_fit_at_bound(const tau_fit *fit, int i_parameter);
TAU_API bool tau_fit_is_fixed(const tau_fit *fit, int i_parameter);
/* [n_parameters x n_parameters]: (J^T W J)^-1, times chi2/dof unless absolute_sigma; with a robust loss by Huber (1981), eq. 7.6.7. Rows
 * and columns as said of the standard error. */
TAU_API const double *tau_fit_covariance(const tau_fit *fit);
TAU_API const double *tau_fit_correlation(const tau_fit *fit);

/* sum ((f - y)/sigma)^2, whatever the loss; what was minimised (the same for linear); points less free parameters (one at its bound is
 * not free); sqrt(chi2/dof), NAN without degrees of freedom. */
TAU_API double tau_fit_chi2(const tau_fit *fit);
TAU_API double tau_fit_cost(const tau_fit *fit);
TAU_API int tau_fit_dof(const tau_fit *fit);
TAU_API double tau_fit_residual_deviation(const tau_fit *fit);
/* y - f and f [n_points], of y's unit. */
TAU_API const double *tau_fit_residuals(const tau_fit *fit);
TAU_API const double *tau_fit_fitted(const tau_fit *fit);
/* Akaike's criterion, corrected for few points (C. M. Hurvich and C.-L. Tsai, Biometrika 76 (1989) 297): n ln(chi2/n) + 2 k + c with
 * k free parameters and the variance; with absolute_sigma chi2 + 2 k + c, without the variance; c = 2 k (k + 1)/(n - k - 1). NAN for
 * n <= k + 1. To compare models of the same points and sigma: the smaller is the better. */
TAU_API double tau_fit_aicc(const tau_fit *fit);
/* 1 - chi2 / sum ((y - mean)/sigma)^2, the mean weighted. */
TAU_API double tau_fit_r_squared(const tau_fit *fit);
TAU_API int tau_fit_n_iterations(const tau_fit *fit);
TAU_API bool tau_fit_has_converged(const tau_fit *fit);
/* What the reader must know (a parameter at its bound, undetermined, not converged), one line; "" for nothing. */
TAU_API const char *tau_fit_message(const tau_fit *fit);

/* --- more --- */

/* Profile-likelihood interval of one parameter: where chi2, minimised over the others, is chi2_min (1 + F_level(1, dof)/dof); with
 * absolute_sigma chi2_min + chi2_level(1). An end that is not reached within the bounds, or however far, is -INFINITY or INFINITY. Takes
 * some tens of fits that begin near their ends. Errors: TAU_E_UNSUPPORTED (a fixed parameter, one at its bound, a robust loss, a fit that
 * has not converged or has no degrees of freedom), TAU_E_VALUE (level not between 0 and 1), TAU_E_SOLVER, what the model returned. */
TAU_API tau_status tau_fit_profile(tau_fit *fit, int i_parameter, double level, double *lower, double *upper);

/* Half-widths of the confidence band (for the mean, each point for itself) of n quantities whose derivatives to the parameters are J
 * [n x n_parameters, row-major]: t sqrt(J C J^T). NAN where the covariance is. Errors: TAU_E_VALUE (level). */
TAU_API tau_status tau_fit_band(const tau_fit *fit, int n, const double *J, double level,
                                double *half_widths /* n */);

/* The curve at n other points x [n x n_variables], and its band; half_widths may be NULL. Only for fits by tau_fit_curve (else
 * TAU_E_UNSUPPORTED). Errors: TAU_E_VALUE, TAU_E_NOMEM. */
TAU_API tau_status tau_fit_predict(tau_fit *fit, int n, const double *x, double level, double *values /* n */,
                                   double *half_widths /* n */);

TAU_END_DECLS
#endif

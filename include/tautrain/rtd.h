/* SPDX-License-Identifier: Apache-2.0 */
/* rtd.h - residence-time distributions: models, what is made of them, and what they do to a signal.
 *
 *     tau_rtd *coil = NULL;
 *     tau_rtd_new(&coil, "dispersion", 2, (const char *const[]){"mean", "peclet"}, (const double[]){120.0, 100.0});
 *     tau_rtd_density(coil, n, t, E, NULL);
 *     tau_rtd_free(coil);
 *
 * A distribution is its Laplace transform G(s) = integral of E(t) exp(-s t); G(0) = 1. It is kept as atoms (weights at times: plug
 * flow, a bypass) and a density. Series, parallels and recycles of distributions are distributions again.
 *
 * Models are the rows of TAU_TABLE_RTD (kinds.h). Everything is SI: times in s. A distribution is immutable and reference-counted; any
 * number of threads share one. Errors not listed: TAU_E_NOMEM everywhere that returns a tau_status. Method: docs/theory/rtd.md. */
#ifndef TAUTRAIN_RTD_H
#define TAUTRAIN_RTD_H

#include <tautrain/export.h>
#include <tautrain/model.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_rtd tau_rtd;

/* --- made; *out is yours, the parts stay the caller's --- */

/* A row of TAU_TABLE_RTD; n parameters by name, SI, the others at their defaults.
 * Errors: TAU_E_NAME (no such model or parameter), TAU_E_VALUE (missing, given twice, out of bounds). */
TAU_API tau_status tau_rtd_new(tau_rtd **out, const char *model, int n, const char *const names[/* n */],
                               const double values[/* n */]);

/* A measured curve: E is proportional to the polyline through (t[i], signal[i]) and zero before and after it. n >= 2; t ascends [s]; the
 * signal has any unit, and is scaled to the area 1. Errors: TAU_E_VALUE (times that do not ascend, no area, no number). */
TAU_API tau_status tau_rtd_measured(tau_rtd **out, int n, const double t[/* n */],
                                    const double signal[/* n */]);

/* One after the other; n >= 1. Errors (also of the next two): TAU_E_UNSUPPORTED (more than 20,000 terms of different delay). */
TAU_API tau_status tau_rtd_series(tau_rtd **out, int n, const tau_rtd *const parts[/* n */]);

/* Side by side: fractions of the flow, each in 0..1, that sum to 1 (1e-9). Errors: TAU_E_VALUE. */
TAU_API tau_status tau_rtd_parallel(tau_rtd **out, int n, const tau_rtd *const parts[/* n */],
                                    const double fractions[/* n */]);

/* A loop: r/(1+r) of what leaves `forward` returns through `back` (NULL: at once) to its inlet, the rest leaves. ratio r: flow back over
 * flow through, >= 0; times of `forward` and `back` are at the flows inside the loop. Errors: TAU_E_VALUE; TAU_E_UNSUPPORTED (a measured
 * curve in the loop, or too many passes). */
TAU_API tau_status tau_rtd_recycle(tau_rtd **out, const tau_rtd *forward, const tau_rtd *back, double ratio);

/* The same distribution with other values of its parameters, [n_parameters]. Cheap: nothing is compiled again. Errors: TAU_E_VALUE. */
TAU_API tau_status tau_rtd_with(tau_rtd **out, const tau_rtd *rtd, const double values[]);

/* From text as it stands in the block `rtd:` of a model file (docs/reference/model-file.md), with units:
 *     {series: [{model: plug, mean: 20 s}, {model: dispersion, mean: 2 min, peclet: 100, ends: closed}]}
 * Errors: TAU_E_PARSE, TAU_E_MODEL (mistakes; tau_last_error() has the first with line and column). */
TAU_API tau_status tau_rtd_parse(tau_rtd **out, const char *text);

/* The other way: the text from which tau_rtd_parse makes an equal distribution (of a measured curve to
 * rounding: its area is made 1 once more), in *out; free it with tau_text_free. */
TAU_API tau_status tau_rtd_print(const tau_rtd *rtd, char **out);
/* Put a distribution into a model, where the path says: "units/coil/rtd" (of a unit), "rtd/coil" (an entry of the block `rtd:`). What stood
 * there is gone. Errors: TAU_E_NAME (not a path). */
TAU_API tau_status tau_model_set_rtd(tau_model *model, const char *path, const tau_rtd *rtd);

/* The distributions that a model has under `rtd:`: their number, the name of one (borrowed until the model changes), and one by name.
 * Errors: TAU_E_NAME (no such), TAU_E_MODEL (mistakes). */
TAU_API int tau_model_n_rtds(const tau_model *model);
TAU_API const char *tau_model_rtd_name(const tau_model *model, int i);
TAU_API tau_status tau_model_rtd(tau_rtd **out, const tau_model *model, const char *name);

/* Another reference to the same object; and the end of one. NULL is nothing. */
TAU_API tau_rtd *tau_rtd_ref(const tau_rtd *rtd);
TAU_API void tau_rtd_free(tau_rtd *rtd);

/* --- parameters: those of all parts, by path: "peclet"; "1/mean" of a series or parallel, "0/fraction" of a parallel (but its last
 * part, which gets the rest); "forward/mean", "back/mean", "ratio" of a recycle --- */
TAU_API int tau_rtd_n_parameters(const tau_rtd *rtd);
/* Borrowed from the distribution; i below n_parameters. The unit is SI text, "" for a number without one. */
TAU_API const char *tau_rtd_parameter_path(const tau_rtd *rtd, int i);
TAU_API const char *tau_rtd_parameter_unit(const tau_rtd *rtd, int i);
TAU_API double tau_rtd_parameter_value(const tau_rtd *rtd, int i);
/* Bounds of the value, SI; infinite where there is none. A lower bound may be excluded itself. */
TAU_API double tau_rtd_parameter_lower(const tau_rtd *rtd, int i);
TAU_API double tau_rtd_parameter_upper(const tau_rtd *rtd, int i);
/* What a model of it says about its own range (Taylor and Aris in too short a tube), one line; NULL where nothing. Borrowed. */
TAU_API const char *tau_rtd_warning(const tau_rtd *rtd);

/* --- evaluated at n times [s], in any order. error (may be NULL): an estimate of the largest absolute error among them. About 1e-13 of
 * the peak; to relative accuracy in the tails, but where a measured curve takes part. 100 times of one model take less than 1 ms. --- */
/* E(t) without the atoms [1/s]; 0 before 0; infinite at a time where it is (tanks with n < 1 at 0). */
TAU_API tau_status tau_rtd_density(const tau_rtd *rtd, int n, const double t[], double E[], double *error);
/* F(t): what has left by t, atoms at t included. */
TAU_API tau_status tau_rtd_cumulative(const tau_rtd *rtd, int n, const double t[], double F[], double *error);
/* W = 1 - F, without the cancellation. */
TAU_API tau_status tau_rtd_washout(const tau_rtd *rtd, int n, const double t[], double W[], double *error);
/* I(t) = W/mean, the density of ages inside the vessel [1/s]. */
TAU_API tau_status tau_rtd_internal_age(const tau_rtd *rtd, int n, const double t[], double age[],
                                        double *error);
/* dE/dp, row-major [n][n_parameters], from dG/dp of the transform. */
TAU_API tau_status tau_rtd_density_slopes(const tau_rtd *rtd, int n, const double t[], double dE[]);
/* dF/dp, the same shape. */
TAU_API tau_status tau_rtd_cumulative_slopes(const tau_rtd *rtd, int n, const double t[], double dF[]);

/* G at n complex numbers s = (re, im) [1/s], right of the singularities of G. */
TAU_API tau_status tau_rtd_transform(const tau_rtd *rtd, int n, const double s_re_im[], double G_re_im[]);

/* Atoms: i below n_atoms; time [s], weight [-]. In the order of time. */
TAU_API int tau_rtd_n_atoms(const tau_rtd *rtd);
TAU_API void tau_rtd_atom(const tau_rtd *rtd, int i, double *time, double *weight);

/* Moments in closed form, atoms included; infinite where they are (laminar flow: variance). */
typedef struct tau_rtd_moments {
  double mean;          /* [s] */
  double variance;      /* [s^2] */
  double third_central; /* [s^3] */
  double skewness;      /* third_central / variance^1.5; NAN for plug flow */
} tau_rtd_moments;
TAU_API void tau_rtd_get_moments(const tau_rtd *rtd, tau_rtd_moments *out);

/* Integrals of E, t E, t^2 E from 0 to t_end, atoms included. */
TAU_API tau_status tau_rtd_truncated_moments(const tau_rtd *rtd, double t_end, double m[3]);

/* The time at which F reaches a fraction in 0 < fraction < 1 (an atom: its time), to 1e-12 of it. Errors: TAU_E_VALUE. */
TAU_API tau_status tau_rtd_quantile(const tau_rtd *rtd, double fraction, double *t);
/* The time after a switch of the feed from which the outlet has a purity (0.999): W(t) = 1 - purity. Errors: TAU_E_VALUE. */
TAU_API tau_status tau_rtd_washout_time(const tau_rtd *rtd, double purity, double *t);

/* --- what it does to a signal --- */

/* Outlet at n times for the inlet polyline (t_in ascending, n_in >= 1; held at its first value before, at its last after). A step is two
 * points at one time: t_in may repeat a time once. c has the unit of c_in. slopes (may be NULL): dc/dp, row-major [n][n_parameters].
 * Exact for the polyline: through the integral of F, no grid. Errors: TAU_E_VALUE (times not ascending). */
TAU_API tau_status tau_rtd_respond(const tau_rtd *rtd, int n_in, const double t_in[], const double c_in[],
                                   int n, const double t[], double c[], double *error);
TAU_API tau_status tau_rtd_respond_slopes(const tau_rtd *rtd, int n_in, const double t_in[],
                                          const double c_in[], int n, const double t[], double c[],
                                          double slopes[]);

/* Gain |G(i omega)| and phase [rad, below zero for a lag, without jumps of 2 pi] at n angular frequencies, ascending from >= 0 [rad/s].
 * Either may be NULL. Errors: TAU_E_VALUE (not ascending). */
TAU_API tau_status tau_rtd_frequency(const tau_rtd *rtd, int n, const double omega[], double gain[],
                                     double phase[]);

TAU_END_DECLS
#endif

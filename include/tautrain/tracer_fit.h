/* SPDX-License-Identifier: Apache-2.0 */
/* tracer_fit.h - a model of the residence times from a tracer curve, by least squares in the time domain.
 *
 *     tau_rtd *start = NULL;
 *     tau_tracer_start(&start, tracer, "dispersion");             // parameters from the moments
 *     tau_tracer_fit_model model = TAU_TRACER_FIT_MODEL_INIT;
 *     model.rtd = start;
 *     tau_tracer_fit *fit = NULL;
 *     tau_tracer_fit_new(&fit, tracer, &model, NULL);
 *     const tau_fit *f = tau_tracer_fit_statistics(fit);          // values, errors, covariance, residuals (fit.h)
 *
 * The measured points are compared with what the model makes of the inlet signal:
 *
 *     pulse             A E(t)               A the area [sig s]
 *     step              A F(t) or A W(t)     A the height [sig]
 *     measured inlet    A (inlet * E)(t)     A the ratio of the areas; the inlet is the straight line between its points;
 *                                        of a pulse or any inlet that comes and goes 0 outside them
 *
 * (* convolution), all above the base line of the evaluation, plus an offset where it is asked for. E may be that of the vessel followed by
 * a known measuring set-up, on which nothing is fitted. Derivatives to the parameters are exact (tau_rtd_density_slopes and the like). The
 * parameters of the fit are those of the model, by their paths, then "area" and, where asked for, "offset".
 *
 * A fit belongs to one thread at a time. */
#ifndef TAUTRAIN_TRACER_FIT_H
#define TAUTRAIN_TRACER_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/fit.h>
#include <tautrain/rtd.h>
#include <tautrain/status.h>
#include <tautrain/tracer.h>

TAU_BEGIN_DECLS

typedef struct tau_tracer_fit tau_tracer_fit;

/* Another start, other bounds (NaN: as they are; a start that is not given is brought within them), or a parameter that is kept. */
typedef struct tau_tracer_change {
  const char *path; /* "peclet", "1/mean", "area", "offset" */
  double start, lower, upper;
  bool fixed;
} tau_tracer_change;

typedef struct tau_tracer_fit_model {
  size_t size;
  const tau_rtd *rtd;    /* its values are the starts; bounds are those of its parameters */
  const tau_rtd *set_up; /* tubes and cells between the vessel and the detector, known; NULL: none */
  bool with_offset;      /* a constant is added to the signal and fitted */
  int n_changes;
  const tau_tracer_change *changes;
} tau_tracer_fit_model;
#define TAU_TRACER_FIT_MODEL_INIT                            \
  {                                                          \
    sizeof(tau_tracer_fit_model), NULL, NULL, false, 0, NULL \
  }

/* A model of TAU_TABLE_RTD, or several of them one after the other ("plug+tanks", at most 8), whose parameters are guessed from the moments
 * of the vessel; a variance that is not above 0 (noise) is taken as 0.05 of the mean squared. Errors: TAU_E_NAME (no such model),
 * TAU_E_VALUE (a parameter that moments say nothing of), TAU_E_DOMAIN (the vessel's mean is not above 0). */
TAU_API tau_status tau_tracer_start(tau_rtd **out, const tau_tracer *tracer, const char *model);

/* Fit. options NULL: the defaults; a tolerance below 1e-4 is taken as 1e-4, from which the polish goes on. Points have equal weights,
 * and errors follow from the residuals unless options.absolute_sigma is set: then from the noise of the tracer. The noise of a measured
 * inlet is not in them. *out is set also when the search gives up (TAU_E_SOLVER), with the best values found; free it always. Errors:
 * TAU_E_NAME (a change of a parameter that is none), TAU_E_UNSUPPORTED (a model with plug flow or a bypass for an ideal pulse: it would
 * leave as a pulse), TAU_E_VALUE and the others of tau_fit_new. The tracer may be freed before the fit. */
TAU_API tau_status tau_tracer_fit_new(tau_tracer_fit **out, const tau_tracer *tracer,
                                      const tau_tracer_fit_model *model, const tau_fit_options *options);
TAU_API void tau_tracer_fit_free(tau_tracer_fit *fit);

/* The fit itself, and the model with the values found; borrowed. */
TAU_API const tau_fit *tau_tracer_fit_statistics(const tau_tracer_fit *fit);
TAU_API const tau_rtd *tau_tracer_fit_rtd(const tau_tracer_fit *fit);
/* Profile-likelihood interval of a parameter: tau_fit_profile. */
TAU_API tau_status tau_tracer_fit_profile(tau_tracer_fit *fit, int i_parameter, double level, double *lower,
                                          double *upper);

/* The points that were fitted [s, sig above the base line], [n_points]; borrowed. */
TAU_API int tau_tracer_fit_n_points(const tau_tracer_fit *fit);
TAU_API const double *tau_tracer_fit_times(const tau_tracer_fit *fit);
TAU_API const double *tau_tracer_fit_signal(const tau_tracer_fit *fit);
/* The fitted signal at n times, and the half-widths of its confidence band (may be NULL). Errors: TAU_E_VALUE (level). */
TAU_API tau_status tau_tracer_fit_curve(tau_tracer_fit *fit, int n, const double t[/* n */], double level,
                                        double values[/* n */], double half_widths[/* n */]);

/* Akaike's weights of n models of the same points: exp(-(AICc - least)/2), scaled to the sum 1; 0 for NaN. H. Akaike, J. Econometrics 16
 * (1981) 3. */
TAU_API void tau_akaike_weights(int n, const double aicc[/* n */], double weights[/* n */]);

TAU_END_DECLS
#endif

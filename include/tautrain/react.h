/* SPDX-License-Identifier: Apache-2.0 */
/* react.h - what a distribution of residence times does to the chemistry of a unit: conversions, yields and impurities in plug flow and in
 * the distribution, segregated and at maximum mixedness, with what the errors of a tracer fit leave open.
 *
 *     tau_react *react = NULL;
 *     tau_react_options options = TAU_REACT_OPTIONS_INIT;
 *     options.rtd = tau_tracer_fit_rtd(fit);               // NULL: the unit's own
 *     options.fit = tau_tracer_fit_statistics(fit);        // NULL: no errors
 *     tau_react_new(&react, model, &options);
 *     const int i = tau_react_index(react, "conversion/A");
 *     double cost = tau_react_value(react, TAU_REACT_PLUG, i) - tau_react_value(react, TAU_REACT_SEGREGATED, i);
 *
 * Each way is a run of the whole train, in which the unit has the distribution in place of its own equations (`rtd:` and `mixing:` of a
 * model file): plug flow of the distribution's mean, complete segregation, maximum mixedness (Th. N. Zwietering, Chem. Eng. Sci. 11 (1959)
 * 1), and where a time is given mixing by exchange between the two. For one reaction the truth lies between segregation and maximum
 * mixedness; for several that is usual, not certain. Errors: first order, by the exact derivatives of every observable to the parameters of
 * the distribution and their covariance. Method: docs/theory/mixing.md. */
#ifndef TAUTRAIN_REACT_H
#define TAUTRAIN_REACT_H

#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/fit.h>
#include <tautrain/model.h>
#include <tautrain/result.h>
#include <tautrain/rtd.h>
#include <tautrain/run.h>
#include <tautrain/status.h>
#include <tautrain/train.h>

TAU_BEGIN_DECLS

typedef struct tau_react tau_react;

typedef enum tau_mixing {
  TAU_REACT_PLUG,
  TAU_REACT_SEGREGATED,
  TAU_REACT_MAXIMUM,
  TAU_REACT_EXCHANGE, /* only where exchange_time is given */
  TAU_REACT_N
} tau_mixing;

typedef struct tau_react_options {
  size_t size;
  const char *unit;   /* NULL: the only one of the train that may have a distribution */
  const tau_rtd *rtd; /* NULL: that of the unit, by its `rtd:` or its kind */
  /* Errors of the parameters of rtd: a fit whose parameters have their names (others are not looked at); or their covariance
   * [tau_rtd_n_parameters x the same], row-major. Both NULL: none. */
  const tau_fit *fit;
  const double *covariance;
  double exchange_time;       /* [s]; 0: none */
  const tau_run_options *run; /* NULL: defaults */
} tau_react_options;
#define TAU_REACT_OPTIONS_INIT                                   \
  {                                                              \
    sizeof(tau_react_options), NULL, NULL, NULL, NULL, 0.0, NULL \
  }

/* Three or four runs, with derivatives where errors are asked for. The model is left as it is.
 * Errors: TAU_E_NAME (no such unit), TAU_E_VALUE (no unit is chosen, a time that is not above 0, plug flow alone), TAU_E_MODEL, and those
 * of tau_train_run, which say which of the runs failed. *out is NULL after an error. */
TAU_API tau_status tau_react_new(tau_react **out, const tau_model *model, const tau_react_options *options);
TAU_API void tau_react_free(tau_react *react);

/* The unit; its distribution; whether a way was run. Borrowed. */
TAU_API const char *tau_react_unit(const tau_react *react);
TAU_API const tau_rtd *tau_react_rtd(const tau_react *react);
TAU_API bool tau_react_has(const tau_react *react, tau_mixing mixing);

/* Observables: those of the train, the same for all ways. Index -1 where there is none of that path. */
TAU_API int tau_react_n_observables(const tau_react *react);
TAU_API tau_observable tau_react_observable(const tau_react *react, int i_observable);
TAU_API int tau_react_index(const tau_react *react, const char *path);

/* SI; NAN for a way that was not run. */
TAU_API double tau_react_value(const tau_react *react, tau_mixing mixing, int i_observable);
/* Half of the interval value +- h that holds the truth with probability level, as far as the distribution decides it: Student's t of a fit,
 * normal of a covariance. NAN without errors, for exchange, and for a level that is not between 0 and 1. */
TAU_API double tau_react_half_width(const tau_react *react, tau_mixing mixing, int i_observable, double level);
/* The result of a way, with profiles; NULL where it was not run. Borrowed. */
TAU_API const tau_result *tau_react_result(const tau_react *react, tau_mixing mixing);

/* The model of a way, to be run, swept or written: a copy, free it. Errors: TAU_E_VALUE (it was not run). */
TAU_API tau_status tau_react_model(const tau_react *react, tau_mixing mixing, tau_model **out);

TAU_END_DECLS
#endif

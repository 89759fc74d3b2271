/* SPDX-License-Identifier: Apache-2.0 */
/* result.h - what a run gave. Arrays are row-major, SI, borrowed from the result, never NULL when their count is not 0.
 *
 * A result outlives its train. It is read-only and may be read by any number of threads. */
#ifndef TAUTRAIN_RESULT_H
#define TAUTRAIN_RESULT_H

#include <stdbool.h>
#include <tautrain/export.h>
#include <tautrain/run.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

/* A stream; of a batch: the charge or the end, with amounts [mol] in place of molar flows and volume [m^3] in place of flow. */
typedef struct tau_stream {
  const double *c;  /* concentration [mol/m^3], n_species */
  const double *F;  /* molar flow [mol/s], n_species */
  double T;         /* [K] */
  double P;         /* [Pa] */
  double flow;      /* volume flow [m^3/s] */
  double mass_flow; /* [kg/s]; NAN where no density is known */
} tau_stream;

/* What happened along a unit. */
typedef struct tau_profile {
  int n_points;                /* 0 for a unit without a length or a time */
  const char *coordinate;      /* "volume", "length", "time", "age" or "life_expectancy" */
  const char *coordinate_unit; /* "m^3", "m" or "s" */
  const double *position;      /* n_points */
  const double *c;             /* n_points x n_species [mol/m^3] */
  const double *T;             /* n_points [K] */
  const double *flow;          /* n_points [m^3/s]; of a batch: volume [m^3] */
  const double *rate;          /* n_points x n_reactions [mol/m^3/s] */
  const double *heat_rate;     /* n_points, heat released by reaction [W/m^3] */
} tau_profile;

/* What the solver of a unit did. */
typedef struct tau_statistics {
  long n_steps, n_rhs, n_jacobian, n_error_failures, n_newton;
  double last_step;   /* as a fraction of the unit */
  double wall_time;   /* [s] */
  const char *method; /* "cvodes-bdf-dense", "newton", ... */
} tau_statistics;

/* A conserved sum (a moiety or an atom), over the whole train. */
typedef struct tau_balance {
  const char *name; /* "DFNB + ortho + para + bis" or "atom C" */
  double in, out;   /* [mol/s] (batch: [mol]) */
  double error;     /* |in - out| / max(|in|, |out|), 0 when both are 0 */
} tau_balance;

/* How the run ended, and its message ("" when complete). */
TAU_API tau_status tau_result_status(const tau_result *result);
TAU_API const char *tau_result_message(const tau_result *result);
/* The kind of what ended it, "time-limit" (tau_error, status.h); "" when complete. */
TAU_API const char *tau_result_error_id(const tau_result *result);
TAU_API const char *tau_result_title(const tau_result *result);
/* The weakest evidence tag of the model: "measured", "published", "estimated", "illustrative" or "unstated". */
TAU_API const char *tau_result_evidence(const tau_result *result);
TAU_API int tau_result_n_warnings(const tau_result *result);
TAU_API const char *tau_result_warning(const tau_result *result, int i_warning);

/* Observables by path or by index; NAN where a run did not get that far. Errors: TAU_E_NAME (the nearest path is offered). */
TAU_API tau_status tau_result_value(const tau_result *result, const char *path, double *out);
TAU_API tau_status tau_result_value_in(const tau_result *result, const char *path, const char *unit,
                                       double *out);
TAU_API int tau_result_n_observables(const tau_result *result);
TAU_API tau_observable tau_result_observable(const tau_result *result, int i_observable);
TAU_API const double *tau_result_values(const tau_result *result);

/* The parameters of this run, SI. */
TAU_API int tau_result_n_parameters(const tau_result *result);
TAU_API tau_parameter tau_result_parameter(const tau_result *result, int i_parameter);

TAU_API int tau_result_n_species(const tau_result *result);
TAU_API const char *tau_result_species(const tau_result *result, int i_species);
TAU_API int tau_result_n_reactions(const tau_result *result);
TAU_API const char *tau_result_reaction(const tau_result *result, int i_reaction);
TAU_API int tau_result_n_units(const tau_result *result);
TAU_API const char *tau_result_unit(const tau_result *result, int i_unit);
TAU_API const char *tau_result_unit_kind(const tau_result *result, int i_unit);
/* Index of a unit; -1 where there is none of that name. */
TAU_API int tau_result_unit_index(const tau_result *result, const char *name);

TAU_API tau_profile tau_result_profile(const tau_result *result, int i_unit);
TAU_API tau_stream tau_result_inlet(const tau_result *result, int i_unit);
/* Outlet of a unit; a splitter has several, others one. */
TAU_API int tau_result_n_outlets(const tau_result *result, int i_unit);
TAU_API const char *tau_result_outlet_name(const tau_result *result, int i_unit,
                                           int i_outlet); /* "" for the only one */
TAU_API tau_stream tau_result_outlet(const tau_result *result, int i_unit, int i_outlet);
TAU_API tau_statistics tau_result_statistics(const tau_result *result, int i_unit);

TAU_API int tau_result_n_balances(const tau_result *result);
TAU_API tau_balance tau_result_balance(const tau_result *result, int i_balance);

/* The text of the model that was run. */
TAU_API const char *tau_result_model_text(const tau_result *result, size_t *n_bytes);

/* Write an HDF5 file (layout: docs, "results file"), under a temporary name, synced and renamed, so that no half file is ever seen.
 * command: stored as attribute, may be NULL. Errors: TAU_E_EXISTS unless overwrite, TAU_E_IO. */
TAU_API tau_status tau_result_save(const tau_result *result, const char *file, const char *command,
                                   bool overwrite);

/* Read it back. Errors: TAU_E_IO, TAU_E_FORMAT (foreign, damaged or hostile file; in one line). */
TAU_API tau_status tau_result_load(tau_result **out, const char *file);

TAU_API void tau_result_free(tau_result *result);

TAU_END_DECLS
#endif

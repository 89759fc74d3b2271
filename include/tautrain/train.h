/* SPDX-License-Identifier: Apache-2.0 */
/* train.h - the compiled route, immutable and shared, and the parameters of one run.
 *
 * Every number that goes in has a path ("reactions/a/k/Ea", "units/coil/volume", "flow_factor"), every number that comes out too
 * ("outlet/c/ortho", "units/coil/T_max"). A train lists both. Any number of threads may use one train at once. */
#ifndef TAUTRAIN_TRAIN_H
#define TAUTRAIN_TRAIN_H

#include <stdbool.h>
#include <tautrain/export.h>
#include <tautrain/model.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_train tau_train;
typedef struct tau_inputs tau_inputs;

/* A number that goes in. Texts are borrowed from the train. */
typedef struct tau_parameter {
  const char *path;
  double value;        /* SI; NAN: not given (another of its group is), see tau_inputs_set */
  double uncertainty;  /* SI, as stated by +/-; 0 where nothing is said */
  double lower, upper; /* bounds, SI */
  const char *si_unit; /* "m^3/mol/s"; "" for a plain number */
  const char *unit;    /* as the user wrote it, "L/mol/s" */
  const char *doc;     /* one line */
} tau_parameter;

/* A number that comes out. */
typedef struct tau_observable {
  const char *path;
  const char *unit; /* SI, "" for a plain number */
  const char *doc;
} tau_observable;

/* Compile a model: check it, order the units, build and lower the equations. The model may be freed or changed afterwards.
 * Errors: TAU_E_MODEL (mistakes; tau_model_check lists them all), TAU_E_UNSUPPORTED. Time and memory are linear in the size. */
TAU_API tau_status tau_train_compile(tau_train **out, const tau_model *model);

/* Another owner of the same train; free each. */
TAU_API tau_train *tau_train_ref(const tau_train *train);
TAU_API void tau_train_free(tau_train *train);

TAU_API int tau_train_n_parameters(const tau_train *train);
TAU_API tau_parameter tau_train_parameter(const tau_train *train, int i_parameter);
/* Index of a parameter; -1 where there is none of that path, and tau_last_error() offers the nearest. */
TAU_API int tau_train_parameter_index(const tau_train *train, const char *path);

TAU_API int tau_train_n_observables(const tau_train *train);
TAU_API tau_observable tau_train_observable(const tau_train *train, int i_observable);
TAU_API int tau_train_observable_index(const tau_train *train, const char *path);

TAU_API int tau_train_n_species(const tau_train *train);
TAU_API const char *tau_train_species(const tau_train *train, int i_species);
TAU_API int tau_train_n_reactions(const tau_train *train);
TAU_API const char *tau_train_reaction(const tau_train *train, int i_reaction);
/* Units in the order of solution. */
TAU_API int tau_train_n_units(const tau_train *train);
TAU_API const char *tau_train_unit(const tau_train *train, int i_unit);
TAU_API const char *tau_train_unit_kind(const tau_train *train, int i_unit);

/* Conserved moieties found from the stoichiometry: sums of species that no reaction changes, "DFNB + ortho + para + bis". */
TAU_API int tau_train_n_moieties(const tau_train *train);
TAU_API const char *tau_train_moiety(const tau_train *train, int i_moiety);

/* The instructions of a unit's compiled program, one a line, with what is computed once a run, once a unit and at every step; free it
 * with tau_text_free. For those who want to see what runs. */
TAU_API tau_status tau_train_program_text(const tau_train *train, int i_unit, char **out);

/* The model's own parameters, to be changed for a run. */
TAU_API tau_status tau_inputs_new(tau_inputs **out, const tau_train *train);
TAU_API tau_status tau_inputs_copy(tau_inputs **out, const tau_inputs *inputs);

/* Set a parameter in SI. Of a group of alternatives (volume, residence_time; length and diameter) setting another member replaces the
 * group for this run; the flows stay. Errors: TAU_E_NAME (with the nearest path), TAU_E_VALUE (outside its bounds). */
TAU_API tau_status tau_inputs_set(tau_inputs *inputs, const char *path, double value);

/* The same from text with its unit, "80 degC". Errors also: TAU_E_UNITS, TAU_E_PARSE. */
TAU_API tau_status tau_inputs_set_text(tau_inputs *inputs, const char *path, const char *text);

/* The same by index: for loops. */
TAU_API tau_status tau_inputs_set_index(tau_inputs *inputs, int i_parameter, double value);
TAU_API double tau_inputs_value(const tau_inputs *inputs, int i_parameter);

/* Back to the model's own values. */
TAU_API void tau_inputs_reset(tau_inputs *inputs);
TAU_API void tau_inputs_free(tau_inputs *inputs);

TAU_END_DECLS
#endif

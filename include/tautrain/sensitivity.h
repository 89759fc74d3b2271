/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity.h - exact first derivatives of every observable of a train to any of its parameters.
 *
 *     tau_sensitivity *s = NULL;
 *     const int p[] = {tau_train_parameter_index(train, "reactions/a/k/Ea")};
 *     tau_train_sensitivity(&s, train, NULL, 1, p, NULL);
 *     double slope = tau_sensitivity_value(s, tau_train_observable_index(train, "outlet/c/ortho"), 0);
 *
 * They are no differences: the equations of the train are differentiated as expressions, tubes and batches carry their derivatives along
 * under the same control of errors as the state (CVODES), tanks and mixers give theirs by the implicit function theorem, and units are
 * joined by the chain rule. Their error is that of the tolerances of the run. The cost is about that of one run more for each parameter
 * that reaches a tube or a batch; tanks, and observables however many, cost next to nothing.
 *
 * A derivative is NAN, and tau_sensitivity_reason says why, where there is none: at a fold of a tank's steady states, of an observable
 * that the run did not reach, to a parameter that is not given (another of its group is), of a balance error. */
#ifndef TAUTRAIN_SENSITIVITY_H
#define TAUTRAIN_SENSITIVITY_H

#include <tautrain/export.h>
#include <tautrain/result.h>
#include <tautrain/run.h>
#include <tautrain/status.h>
#include <tautrain/train.h>

TAU_BEGIN_DECLS

typedef struct tau_sensitivity tau_sensitivity;

/* Derivatives at one point: the next two calls together. parameters [n_parameters]: indices (tau_train_parameter_index), each once. *out
 * is set also when the run fails or is stopped, with what is known up to there, but for lack of memory; free it always. Errors: those of
 * tau_train_run; TAU_E_VALUE for an index that is none. */
TAU_API tau_status tau_train_sensitivity(tau_sensitivity **out, const tau_train *train,
                                         const tau_inputs *inputs, int n_parameters, const int *parameters,
                                         const tau_run_options *options);

/* The derivatives' programs and memory, to be run at many points. One thread each; any number on one train. */
TAU_API tau_status tau_sensitivity_new(tau_sensitivity **out, const tau_train *train, int n_parameters,
                                       const int *parameters);
/* inputs NULL: the model's own; options NULL: defaults. Values of the run before are gone, also when this one fails. */
TAU_API tau_status tau_sensitivity_run(tau_sensitivity *sensitivity, const tau_inputs *inputs,
                                       const tau_run_options *options);
TAU_API void tau_sensitivity_free(tau_sensitivity *sensitivity);

TAU_API int tau_sensitivity_n_parameters(const tau_sensitivity *sensitivity);
/* The k-th parameter, as an index of the train. */
TAU_API int tau_sensitivity_parameter(const tau_sensitivity *sensitivity, int k);

/* d observable / d parameter in SI, row-major [n_observables x n_parameters]; borrowed until the next run. */
TAU_API const double *tau_sensitivity_values(const tau_sensitivity *sensitivity);
TAU_API double tau_sensitivity_value(const tau_sensitivity *sensitivity, int i_observable, int k);
/* p/o do/dp: per cent of the observable o for one per cent of the parameter p; NAN where o is 0. */
TAU_API double tau_sensitivity_normalised(const tau_sensitivity *sensitivity, int i_observable, int k);
/* Why a value is NAN, one line; "" where there is a value. Borrowed. */
TAU_API const char *tau_sensitivity_reason(const tau_sensitivity *sensitivity, int i_observable, int k);

/* The result of the run itself: borrowed until the next run, or handed over (free it; NULL when it was handed over before). */
TAU_API const tau_result *tau_sensitivity_result(const tau_sensitivity *sensitivity);
TAU_API tau_result *tau_sensitivity_take_result(tau_sensitivity *sensitivity);

TAU_END_DECLS
#endif

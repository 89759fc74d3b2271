/* SPDX-License-Identifier: Apache-2.0 */
/* tautrain.h - models of continuous-flow synthesis: everything public.
 *
 * Describe -> compile -> run. A tau_model is a mutable description (read from a YAML file or built by calls); tau_train_compile makes
 * an immutable tau_train of it; tau_train_run takes the train and this run's parameters and fills a tau_result. Any number of threads
 * share one train; a model, inputs, a workspace or a result belongs to one thread at a time.
 *
 * Quantities are SI in every call that takes or gives a double. Text carries its own unit ("2.5 mL/min"). */
#ifndef TAUTRAIN_H
#define TAUTRAIN_H

#include <tautrain/alloc.h>
#include <tautrain/dispersion.h>
#include <tautrain/export.h>
#include <tautrain/fit.h>
#include <tautrain/fit_file.h>
#include <tautrain/fit_runs.h>
#include <tautrain/kinds.h>
#include <tautrain/model.h>
#include <tautrain/react.h>
#include <tautrain/result.h>
#include <tautrain/rtd.h>
#include <tautrain/rtd_file.h>
#include <tautrain/run.h>
#include <tautrain/sensitivity.h>
#include <tautrain/status.h>
#include <tautrain/sweep.h>
#include <tautrain/tracer.h>
#include <tautrain/tracer_fit.h>
#include <tautrain/train.h>
#include <tautrain/train_rtd.h>
#include <tautrain/units.h>
#include <tautrain/version.h>

#endif

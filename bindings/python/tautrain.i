/* SPDX-License-Identifier: Apache-2.0 */
/* tautrain.i - the C interface as functions of the module _core. Thin: the package makes it Python.
 *
 * Rules, each said once below:
 *   an object of the library   a capsule that frees it
 *   tau_status                 negative: raised as what tautrain._errors makes of it; else None or, when positive, the number
 *   a returned struct          a tuple in the order of its members; arrays in it are addresses
 *   *out                       the value of the call
 * The limited API of Python 3.11 is enough. */
#pragma SWIG nowarn=314
%module(package="tautrain", threads="1") core
%nothread; /* short calls keep the GIL ... */
%thread tau_model_read_reported; /* ... long ones release it, and so does taupy_run */
%thread tau_model_write;
%thread tau_train_compile;
%thread tau_result_save;
%thread tau_result_load;

%{
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <tautrain.h>
%}
/* --- what every wrapper uses --- */
%{
static PyObject *taupy_str(const char *text)
{
  if (!text) return SWIG_Py_Void();
  return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

/* Keeps an exception that is set already: one that a function of the user raised comes out unchanged. */
static void taupy_raise(tau_status status)
{
  if (PyErr_Occurred()) return;
  PyObject *text = taupy_str(tau_last_error());
  PyObject *module = text ? PyImport_ImportModule("tautrain._errors") : NULL;
  PyObject *error =
    module ? PyObject_CallMethod(module, "from_status", "iOs", (int)status, text, tau_last_error_id()) : NULL;
  if (error) PyErr_SetObject((PyObject *)Py_TYPE(error), error);
  Py_XDECREF(error);
  Py_XDECREF(module);
  Py_XDECREF(text);
}

static PyObject *taupy_also(PyObject *before, PyObject *value)
{
  if (before == Py_None) {
    Py_DECREF(before);
    return value;
  }
  return Py_BuildValue("(NN)", before, value);
}
%}

%typemap(out) tau_status {
  if ($1 < 0) {
    taupy_raise($1);
    SWIG_fail;
  }
  $result = $1 == TAU_OK ? SWIG_Py_Void() : PyLong_FromLong((long)$1);
}
%typemap(out) tau_status tau_result_status "$result = PyLong_FromLong((long)$1);"

/* --- objects --- */

%define TAUPY_OBJECT(TYPE)
%{
static void taupy_drop_##TYPE(PyObject *capsule) { TYPE##_free((TYPE *)PyCapsule_GetPointer(capsule, #TYPE)); }
static PyObject *taupy_own_##TYPE(TYPE *object) { return PyCapsule_New(object, #TYPE, taupy_drop_##TYPE); }
%}
%typemap(in) TYPE *, const TYPE * {
  $1 = (TYPE *)PyCapsule_GetPointer($input, #TYPE);
  if (!$1) SWIG_fail;
}
%typemap(in, numinputs=0) TYPE **out (TYPE *made = NULL) "$1 = &made;"
%typemap(argout) TYPE **out { $result = taupy_also($result, taupy_own_##TYPE(*$1)); }
%ignore TYPE##_free;
%enddef
TAUPY_OBJECT(tau_model)
TAUPY_OBJECT(tau_train)
TAUPY_OBJECT(tau_inputs)
TAUPY_OBJECT(tau_result)
TAUPY_OBJECT(tau_rtd)

/* --- texts and numbers --- */

%typemap(in) (const char *text, size_t n_bytes) {
  Py_ssize_t n = 0;
  $1 = (char *)PyUnicode_AsUTF8AndSize($input, &n);
  if (!$1) SWIG_fail;
  $2 = (size_t)n;
}
%typemap(in, numinputs=0) size_t *n_bytes (size_t n = 0) "$1 = &n;"
%typemap(in, numinputs=0) char **out (char *text = NULL) "$1 = &text;"
%typemap(argout) char **out {
  $result = taupy_also($result, taupy_str(*$1));
  tau_text_free(*$1);
}
%typemap(in, numinputs=0) double *out (double x = 0.0), double *value (double x = 0.0) "$1 = &x;"
%typemap(argout) double *out, double *value "$result = taupy_also($result, PyFloat_FromDouble(*$1));"
%typemap(in, numinputs=0) const char **dimension (const char *text = NULL) "$1 = (char **)&text;"
%typemap(argout) const char **dimension "$result = taupy_also($result, taupy_str(*$1));"
%typemap(out) const char * "$result = taupy_str($1);"
%typemap(out) const double * "$result = PyLong_FromVoidPtr((void *)$1);"

/* --- structs --- */

%{
static PyObject *taupy_address(const double *x) { return PyLong_FromVoidPtr((void *)x); }
%}
%typemap(out) tau_parameter {
  $result = Py_BuildValue("(sddddsss)", $1.path, $1.value, $1.uncertainty, $1.lower, $1.upper, $1.si_unit, $1.unit, $1.doc);
}
%typemap(out) tau_observable "$result = Py_BuildValue(\"(sss)\", $1.path, $1.unit, $1.doc);"
%typemap(out) tau_parameter_info {
  $result = Py_BuildValue("(szddds)", $1.name, $1.unit, $1.lower, $1.upper, $1.value, $1.doc);
}
%typemap(out) tau_error_info "$result = Py_BuildValue(\"(siss)\", $1.id, (int)$1.status, $1.meaning, $1.cure);"
%typemap(out) tau_stream {
  $result = Py_BuildValue("(NNdddd)", taupy_address($1.c), taupy_address($1.F), $1.T, $1.P, $1.flow, $1.mass_flow);
}
%typemap(out) tau_profile {
  $result = Py_BuildValue("(izzNNNNNN)", $1.n_points, $1.coordinate, $1.coordinate_unit, taupy_address($1.position),
                          taupy_address($1.c), taupy_address($1.T), taupy_address($1.flow), taupy_address($1.rate),
                          taupy_address($1.heat_rate));
}
%typemap(out) tau_statistics {
  $result = Py_BuildValue("(lllllddz)", $1.n_steps, $1.n_rhs, $1.n_jacobian, $1.n_error_failures, $1.n_newton, $1.last_step,
                          $1.wall_time, $1.method);
}
%typemap(out) tau_balance "$result = Py_BuildValue(\"(sddd)\", $1.name, $1.in, $1.out, $1.error);"

/* --- mistakes: appended to a list as (line, column, path, text, id) --- */

%{
static void taupy_mistake(void *list, const tau_mistake *m)
{
  const PyGILState_STATE gil = PyGILState_Ensure();
  PyObject *item = Py_BuildValue("(iiNNs)", m->line, m->column, taupy_str(m->path), taupy_str(m->text), m->id);
  if (!item || PyList_Append((PyObject *)list, item) < 0) PyErr_Clear();
  Py_XDECREF(item);
  PyGILState_Release(gil);
}
%}
%typemap(in) (tau_mistake_fn report, void *user) {
  if (!PyList_Check($input)) {
    PyErr_SetString(PyExc_TypeError, "a list is needed, which takes the mistakes");
    SWIG_fail;
  }
  $1 = taupy_mistake;
  $2 = $input;
}

%include "tautrain_functions.swg"

/* --- a run: (status, result or None, message, id). Ctrl-C is looked for 20 times a second. --- */

%{
typedef struct taupy_watch {
  PyObject *progress; /* callable(unit, fraction) -> true to stop; NULL without */
  double looked;
} taupy_watch;

static double taupy_now(void)
{
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int taupy_progress(void *user, const char *unit, double fraction)
{
  taupy_watch *w = user;
  const double now = taupy_now();
  if (!w->progress && fabs(now - w->looked) < 0.05) return 0;
  w->looked = now;
  const PyGILState_STATE gil = PyGILState_Ensure();
  int stop = PyErr_Occurred() || PyErr_CheckSignals() < 0;
  if (!stop && w->progress) {
    PyObject *answer = PyObject_CallFunction(w->progress, "sd", unit, fraction);
    stop = !answer || PyObject_IsTrue(answer);
    Py_XDECREF(answer);
  }
  PyGILState_Release(gil);
  return stop;
}
%}
%typemap(in) const tau_inputs *inputs {
  $1 = $input == Py_None ? NULL : (tau_inputs *)PyCapsule_GetPointer($input, "tau_inputs");
  if (!$1 && $input != Py_None) SWIG_fail;
}
%inline %{
PyObject *taupy_run(const tau_train *train, const tau_inputs *inputs, double rtol, double atol, double max_time, int max_steps,
                    int engine, PyObject *progress)
{
  taupy_watch watch = {progress == Py_None ? NULL : progress, taupy_now()};
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  tau_result *result = NULL;
  options.rtol = rtol;
  options.atol = atol;
  options.max_time = max_time;
  options.max_steps = max_steps;
  options.engine = (tau_engine)engine;
  options.progress = taupy_progress;
  options.user = &watch;

  PyThreadState *released = PyEval_SaveThread();
  const tau_status st = tau_train_run(&result, train, inputs, &options);
  PyEval_RestoreThread(released);
  if (PyErr_Occurred() || PyErr_CheckSignals() < 0) {
    tau_result_free(result);
    return NULL;
  }
  PyObject *capsule = result ? taupy_own_tau_result(result) : SWIG_Py_Void();
  return Py_BuildValue("(iNNs)", (int)st, capsule, taupy_str(st < 0 ? tau_last_error() : ""),
                       st < 0 ? tau_last_error_id() : "");
}
%}

%include "tautrain_sensitivity.swg"
%include "tautrain_sweep.swg"
%include "tautrain_tracer.swg"
%include "tautrain_fit.swg"

/* --- the interface itself --- */

%rename($ignore, %$isclass) ""; /* structs are tuples */
%ignore tau_model_read; /* the reported one is used */
%ignore tau_model_set_function;
%ignore tau_train_ref;
%rename($ignore, regextarget=1) "^tau_(train_run|workspace)";
%ignore tau_text_free;
#define TAU_API
#define TAU_BEGIN_DECLS
#define TAU_END_DECLS
%include <tautrain/status.h>
%include <tautrain/version.h>
%include <tautrain/units.h>
%include <tautrain/kinds.h>
%include <tautrain/model.h>
%include <tautrain/train.h>
%include <tautrain/run.h>
%include <tautrain/result.h>
%include <tautrain/sensitivity.h>
%include <tautrain/sweep.h>
%include <tautrain/tracer.h>
%include <tautrain/dispersion.h>
%include <tautrain/fit.h>
%include <tautrain/fit_runs.h>
%include "tautrain_rtd.swg"
%include "tautrain_react.swg"

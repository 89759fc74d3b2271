/* SPDX-License-Identifier: Apache-2.0 */
/* status.h - how every fallible function answers.
 *
 * 0: it worked. Negative: it failed, and tau_last_error() says in one line what, where and what is needed. Positive: it stopped for a
 * reason that the caller gave (time limit, cancelled). The record of the last error belongs to the thread. */
#ifndef TAUTRAIN_STATUS_H
#define TAUTRAIN_STATUS_H

#include <tautrain/export.h>

TAU_BEGIN_DECLS

#define TAU_STATUS_LIST(X)                                               \
  X(TAU_STOPPED_TIME, 2, "stopped: the time limit is reached")           \
  X(TAU_STOPPED_USER, 1, "stopped: cancelled")                           \
  X(TAU_OK, 0, "success")                                                \
  X(TAU_E_NOMEM, -1, "out of memory")                                    \
  X(TAU_E_UNITS, -2, "units do not agree")                               \
  X(TAU_E_DOMAIN, -3, "value outside the domain of the model")           \
  X(TAU_E_PARSE, -4, "text cannot be read")                              \
  X(TAU_E_MODEL, -5, "the model has mistakes")                           \
  X(TAU_E_NAME, -6, "no such name")                                      \
  X(TAU_E_VALUE, -7, "value out of range")                               \
  X(TAU_E_SOLVER, -8, "the solver gave up")                              \
  X(TAU_E_IO, -9, "a file cannot be read or written")                    \
  X(TAU_E_FORMAT, -10, "not a results file of this library, or damaged") \
  X(TAU_E_EXISTS, -11, "the file exists already")                        \
  X(TAU_E_CALLBACK, -12, "a function of the user failed")                \
  X(TAU_E_UNSUPPORTED, -13, "not supported")

typedef enum tau_status {
#define X(name, value, text) name = value,
  TAU_STATUS_LIST(X)
#undef X
    TAU_STATUS_END_ = 100 /* closes the list; never returned */
} tau_status;

/* The short meaning of a status, "units do not agree". Never NULL. */
TAU_API const char *tau_status_text(tau_status status);

/* The name of a status, "TAU_E_UNITS". Never NULL. */
TAU_API const char *tau_status_name(tau_status status);

/* One line about the last failure of this thread; "" before the first. Means something only after a negative return. Valid until the
 * next failing call of the same thread. */
TAU_API const char *tau_last_error(void);

/* The kind of that failure, "unknown-key"; "" before the first. Ids are stable: no release renames one, or gives it another meaning. */
TAU_API const char *tau_last_error_id(void);

/* One kind of error. */
typedef struct tau_error_info {
  const char *id; /* "unknown-key" */
  tau_status
    status; /* of the function that fails so; a mistake of a model is TAU_E_MODEL or TAU_E_PARSE, of whatever kind */
  const char *meaning; /* what it means, a sentence or two of Markdown */
  const char *cure;    /* what to do */
} tau_error_info;

/* Every kind, for manuals and help: i_error is below their number. The pointers live for ever. */
TAU_API int tau_n_errors(void);
TAU_API tau_error_info tau_error(int i_error);

TAU_END_DECLS
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* status.h - the thread's error record. */
#ifndef TAUP_STATUS_H
#define TAUP_STATUS_H

#include <stdarg.h>
#include <tautrain/status.h>

/* Leaves the calling function when a call fails or stops. Only before anything is held. */
#define TAU_TRY(call)                      \
  do {                                     \
    const tau_status try_st_ = (call);     \
    if (try_st_ != TAU_OK) return try_st_; \
  } while (0)

/* Every kind of error, TAUP_ERR_UNKNOWN_KEY; what each means stands in errors.def. */
typedef enum taup_error {
  TAUP_ERR_NONE,
#define X(name, id, status, meaning, cure) TAUP_ERR_##name,
#include "base/errors.def"
#undef X
  TAUP_ERR_END_
} taup_error;

/* Write one line into the thread's record (without allocating) and return the status of its kind. */
tau_status taup_fail(taup_error kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
tau_status taup_failv(taup_error kind, const char *format, va_list args)
  __attribute__((format(printf, 2, 0)));
/* The same with another status than that of the kind: for a message that wraps another, which keeps the kind of what it wraps. */
tau_status taup_fail_as(tau_status status, taup_error kind, const char *format, ...)
  __attribute__((format(printf, 3, 4)));
/* The kind of the record; TAUP_ERR_NONE before the first. */
taup_error taup_last_kind(void);

const char *taup_error_id(taup_error kind);  /* "unknown-key"; "" for none */
taup_error taup_error_of_id(const char *id); /* TAUP_ERR_NONE where there is none */

#endif

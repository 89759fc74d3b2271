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

/* Write one line into the thread's record (without allocating) and return status. */
tau_status taup_fail(tau_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));
tau_status taup_failv(tau_status status, const char *format, va_list args)
  __attribute__((format(printf, 2, 0)));

#endif

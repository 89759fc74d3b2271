/* SPDX-License-Identifier: Apache-2.0 */
/* status.c - one record a thread; nothing here allocates, so that "out of memory" can be said. */
#include "base/status.h"

#include <stdio.h>

static _Thread_local char record[1024];

tau_status taup_failv(tau_status status, const char *format, va_list args)
{
  /* The arguments may point into the record itself (a message that wraps another), so it is written aside first. */
  char line[sizeof record];
  vsnprintf(line, sizeof line, format, args);
  snprintf(record, sizeof record, "%s", line);
  return status;
}

tau_status taup_fail(tau_status status, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  taup_failv(status, format, args);
  va_end(args);
  return status;
}

const char *tau_last_error(void) { return record; }

const char *tau_status_text(tau_status status)
{
  switch (status) {
#define X(name, value, text) \
  case name: return text;
    TAU_STATUS_LIST(X)
#undef X
  case TAU_STATUS_END_: break;
  }
  return "unknown status";
}

const char *tau_status_name(tau_status status)
{
  switch (status) {
#define X(name, value, text) \
  case name: return #name;
    TAU_STATUS_LIST(X)
#undef X
  case TAU_STATUS_END_: break;
  }
  return "TAU_UNKNOWN";
}

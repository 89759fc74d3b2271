/* SPDX-License-Identifier: Apache-2.0 */
/* status.c - one record a thread; nothing here allocates, so that "out of memory" can be said. */
#include "base/status.h"

#include <stdio.h>
#include <string.h>

static const tau_error_info rows[] = {
  {"", TAU_OK, "", ""},
#define X(name, id, status, meaning, cure) {id, status, meaning, cure},
#include "base/errors.def"
#undef X
};

static _Thread_local char record[1024];
static _Thread_local taup_error record_kind;

tau_status taup_failv(taup_error kind, const char *format, va_list args)
{
  /* The arguments may point into the record itself (a message that wraps another), so it is written aside first. */
  char line[sizeof record];
  vsnprintf(line, sizeof line, format, args);
  snprintf(record, sizeof record, "%s", line);
  record_kind = kind;
  return rows[kind].status;
}

tau_status taup_fail(taup_error kind, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  taup_failv(kind, format, args);
  va_end(args);
  return rows[kind].status;
}

tau_status taup_fail_as(tau_status status, taup_error kind, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  taup_failv(kind, format, args);
  va_end(args);
  return status;
}

taup_error taup_last_kind(void) { return record_kind; }

const char *taup_error_id(taup_error kind) { return rows[kind].id; }

taup_error taup_error_of_id(const char *id)
{
  for (int kind = 1; kind < TAUP_ERR_END_; kind++)
    if (strcmp(rows[kind].id, id) == 0) return (taup_error)kind;
  return TAUP_ERR_NONE;
}

int tau_n_errors(void) { return TAUP_ERR_END_ - 1; }

tau_error_info tau_error(int i_error) { return rows[i_error + 1]; }

const char *tau_last_error_id(void) { return rows[record_kind].id; }

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

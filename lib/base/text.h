/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - growing text, and the nearest of some names. */
#ifndef TAUP_TEXT_H
#define TAUP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/status.h>

/* Zero-initialised is empty. After a failure `failed` is set, further additions do nothing, and the caller asks once at the end. */
typedef struct taup_text {
  char *data; /* NUL-terminated once anything was added */
  size_t n, capacity;
  bool failed;
} taup_text;

void taup_text_add(taup_text *text, const char *piece);
void taup_text_add_n(taup_text *text, const char *piece, size_t n_bytes);
void taup_text_printf(taup_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The number with as few digits as read back to the same double. */
void taup_text_number(taup_text *text, double x);
void taup_text_free(taup_text *text);

/* Few digits that read back to the same double; buffer of at least 32. Returns buffer. */
const char *taup_number_text(char buffer[/* 32 */], double x);

/* The candidate nearest to name by edits, when near enough to be a slip of the fingers; NULL otherwise. */
typedef struct taup_nearest {
  const char *name;
  const char *best;
  int distance;
} taup_nearest;
void taup_nearest_try(taup_nearest *search, const char *candidate); /* start with {name, NULL, 0} */
/* "; did you mean 'flow'?" or "", in buffer. */
const char *taup_nearest_hint(const taup_nearest *search, char *buffer, size_t n_bytes);

#endif

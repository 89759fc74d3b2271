/* SPDX-License-Identifier: Apache-2.0 */
/* equation.h - "A + 2 B <=> C": the text of a reaction to its sides. */
#ifndef TAUP_EQUATION_H
#define TAUP_EQUATION_H

#include <stdbool.h>

#include "base/alloc.h"

/* One side, species merged ("A + A" is 2 A), in order of appearance. column: where the name stands in the text, from 1. */
typedef struct taup_equation_term {
  const char *name; /* in the arena */
  double coefficient;
  int column;
} taup_equation_term;

typedef struct taup_equation {
  int n_left, n_right;
  taup_equation_term *left, *right; /* in the arena */
  bool reversible;
} taup_equation;

/* Arrows: -> => irreversible; <=> <-> = reversible; the longest is read first, so "A->B" is A and B. "2 A", "2A", "0.5 O2"; an empty side.
 * A side that is "0" alone is empty too. Names: model-file.md. Errors: TAU_E_PARSE with *column. */
tau_status taup_equation_parse(const char *text, taup_arena *arena, taup_equation *out, int *column);

/* Whether text is a legal name of a species, reaction, feed or unit. */
bool taup_name_is_legal(const char *text);

#endif

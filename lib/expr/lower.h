/* SPDX-License-Identifier: Apache-2.0 */
/* lower.h - from nodes to instructions; for lib/expr alone. */
#ifndef TAUP_LOWER_H
#define TAUP_LOWER_H

#include "expr/program.h"

/* Sections of a program: the two prologues, then the bodies. */
enum { TAUP_SECTION_PARAMETER, TAUP_SECTION_INLET, TAUP_SECTION_BODY };

/* A growing array of ints. */
typedef struct taup_ints {
  int *items;
  int n, capacity;
} taup_ints;
tau_status taup_ints_add(taup_ints *a, int x);

struct taup_program {
  int n_sections; /* 2 + number of bodies */
  int *code[2 + TAUP_MOST_BODIES];
  int n_code[2 + TAUP_MOST_BODIES];
  int n_instructions[2 + TAUP_MOST_BODIES];
  int n_outputs[TAUP_MOST_BODIES];
  const char *names[TAUP_MOST_BODIES];
  int n_constants;
  double *constants;
  int input[4]; /* first register of each binding's inputs */
  int n_inputs[4];
  int n_registers, n_kept; /* the latter: before those of the bodies */
  int n_callbacks;
  taup_callback *callbacks;
};

#endif

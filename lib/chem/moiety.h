/* SPDX-License-Identifier: Apache-2.0 */
/* moiety.h - rows of a basis of conserved sums, made short and non-negative. For network.c only. */
#ifndef TAUP_MOIETY_H
#define TAUP_MOIETY_H

#include <stdint.h>

#include "chem/network.h"

typedef struct taup_moiety_term {
  int species;
  int64_t x;
} taup_moiety_term;

typedef struct taup_moiety_row {
  taup_moiety_term *terms; /* sorted by species, no zeros */
  int n, capacity;
} taup_moiety_row;

typedef struct taup_moiety_rows {
  taup_moiety_row *rows;
  int n;
} taup_moiety_rows;

tau_status taup_moiety_rows_new(taup_moiety_rows *rows, int n);
void taup_moiety_rows_free(taup_moiety_rows *rows);
/* Species come in ascending order. */
tau_status taup_moiety_row_add(taup_moiety_row *row, int species, int64_t x);

/* Another basis of the same space: smallest whole numbers, fewer negative ones, fewer terms. */
tau_status taup_moiety_rows_improve(taup_moiety_rows *rows, int n_species);
tau_status taup_moiety_rows_store(const taup_moiety_rows *rows, taup_arena *arena, int *n_moieties,
                                  const taup_moiety **out);

/* Greatest common divisor of the absolute values, at least 1. */
int64_t taup_gcd(int64_t a, int64_t b);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_vector.h - what the sources of lib/solve that are compiled once a width do with vectors alike. */
#ifndef TAUP_LANES_VECTOR_H
#define TAUP_LANES_VECTOR_H

#include "expr/vector.h"
#include "solve/lanes_work.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#ifndef TAUP_STEP_NAME
#define TAUP_STEP_NAME 1_base
#endif

typedef double *vector; /* lanes of some number of elements */

static inline lanes at(const double *x, int i) { return load_lanes(x + (ptrdiff_t)i * TAUP_LANES); }
static inline void put(double *x, int i, lanes v) { store_lanes(x + (ptrdiff_t)i * TAUP_LANES, v); }
static inline lanes larger(lanes a, lanes b) { return choose(a, b, a, b); }
static inline lanes smaller(lanes a, lanes b) { return choose(a, b, b, a); }

/* 0; not a number where x is none. */
static inline lanes no_number(lanes x)
{
  return x - x; /* NOLINT(misc-redundant-expression): inf - inf is none */
}

/* b -> out, both in the order of the states, by the factors; z is room for n. */
static inline void substitute(const taup_lane_lu *lu, const double *factors, const double *pivots,
                              const double *b, vector z, vector out)
{
  for (int k = 0; k < lu->n; k++) {
    lanes x = at(b, lu->order[k]);
    for (int p = lu->lower_first[k]; p < lu->lower_first[k + 1]; p++)
      x = fused(-at(factors, lu->lower[2 * p]), at(z, lu->lower[2 * p + 1]), x);
    put(z, k, x * at(pivots, k));
  }
  for (int k = lu->n - 1; k >= 0; k--) {
    lanes x = at(z, k);
    for (int p = lu->upper_first[k]; p < lu->upper_first[k + 1]; p++)
      x = fused(-at(factors, lu->upper[2 * p]), at(z, lu->upper[2 * p + 1]), x);
    put(z, k, x);
    put(out, lu->order[k], x);
  }
}

#endif

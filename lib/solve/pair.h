/* SPDX-License-Identifier: Apache-2.0 */
/* pair.h - two numbers at once, as every x86-64 and aarch64 can; for lib/solve alone. */
#ifndef TAUP_PAIR_H
#define TAUP_PAIR_H

#include <string.h>

typedef double pair __attribute__((vector_size(16)));

static inline pair load(const double *x)
{
  pair v;
  memcpy(&v, x, sizeof v);
  return v;
}

static inline void store(double *x, pair v) { memcpy(x, &v, sizeof v); }

#endif

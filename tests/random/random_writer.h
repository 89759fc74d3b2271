/* SPDX-License-Identifier: Apache-2.0 */
/* random_writer.h - what random_model.c writes with: its state, chance, and text. */
#ifndef TAUTRAIN_RANDOM_WRITER_H
#define TAUTRAIN_RANDOM_WRITER_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "random_model.h"

typedef enum fluid { NONE, NUMBERS, CONSTANT, BY_TEMPERATURE, MIXTURE, FEED_SOLVENT } fluid;

typedef struct writer {
  random_model *m;
  size_t n;
  uint64_t state;
  uint64_t aside; /* another series, for what came later: the models of a seed stay what they are else */
  fluid fluid;
  const char *solvent;
  bool heats; /* units whose temperature varies are allowed */
  double T;   /* [degC] of all, where streams of different temperature could not be mixed */
  double tau; /* [s] of the train, about */
  bool has_density[MOST_SPECIES]; /* without one it takes no room in a mixture */
  int carbon[MOST_SPECIES], oxygen[MOST_SPECIES];
  double H[MOST_SPECIES]; /* [kJ/mol] */
  double T_ref;           /* [degC] */
  int n_feeds;
  char streams[2 * MOST_UNITS + 8][24]; /* what may still be taken */
  int stream_unit[2 * MOST_UNITS + 8], stream_port[2 * MOST_UNITS + 8];
  int n_streams;
} writer;

/* --- chance --- */

/* splitmix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014. */
static inline uint64_t next(writer *w)
{
  uint64_t z = (w->state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static inline double uniform(writer *w, double a, double b)
{
  return a + (b - a) * (double)(next(w) >> 11) * 0x1p-53;
}
static inline double decades(writer *w, double a, double b) { return pow(10.0, uniform(w, a, b)); }
static inline int below(writer *w, int n) { return (int)(next(w) % (uint64_t)n); }
static inline bool chance(writer *w, double p) { return uniform(w, 0.0, 1.0) < p; }

/* Of the series aside. */
static inline double uniform_aside(writer *w, double a, double b)
{
  const uint64_t state = w->state;
  w->state = w->aside;
  const double x = uniform(w, a, b);
  w->aside = w->state;
  w->state = state;
  return x;
}

/* One random number a call: in what order a compiler takes the arguments is its own affair. */
__attribute__((format(printf, 2, 3))) static inline void put(writer *w, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(w->m->text + w->n, sizeof w->m->text - w->n, format, args);
  va_end(args);
  if (n > 0 && w->n + (size_t)n < sizeof w->m->text) w->n += (size_t)n;
}

#endif

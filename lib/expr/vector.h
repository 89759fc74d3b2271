/* SPDX-License-Identifier: Apache-2.0 */
/* vector.h - a number of TAUP_LANES points: for the sources that are compiled once a width (expr/eval.c, solve/lanes_*.c).
 *
 * The same operations in the same order for every width, so the same bits. `lanes` is a plain double for one point, a vector of GCC and
 * Clang for 4 and 8; eight points without AVX-512 are two halves. fma is called by name. */
#ifndef TAUP_VECTOR_H
#define TAUP_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef TAUP_LANES
#define TAUP_LANES 1
#endif

#if TAUP_LANES == 1
typedef double lanes;
typedef uint64_t mask;
static inline lanes fused(lanes a, lanes b, lanes c) { return __builtin_fma(a, b, c); }
static inline lanes choose(lanes a, lanes b, lanes x, lanes y) { return a > b ? x : y; }
static inline lanes magnitude(lanes a) { return fabs(a); }
static inline lanes root(lanes a) { return sqrt(a); }
static inline lanes splat(double a) { return a; }
static inline mask bits_of(lanes a)
{
  mask m;
  memcpy(&m, &a, sizeof m);
  return m;
}
static inline lanes of_bits(mask m)
{
  lanes a;
  memcpy(&a, &m, sizeof a);
  return a;
}
#else
#include <immintrin.h>
typedef double lanes __attribute__((vector_size(TAUP_LANES * 8)));
typedef uint64_t mask __attribute__((vector_size(TAUP_LANES * 8)));
/* One register of the machine: all lanes with AVX-512, else four of them. */
#ifdef __AVX512F__
typedef __m512d part;
#define PARTS (TAUP_LANES / 8)
#define V_FMA _mm512_fmadd_pd
#define V_SQRT _mm512_sqrt_pd
#else
typedef __m256d part;
#define PARTS (TAUP_LANES / 4)
#define V_FMA _mm256_fmadd_pd
#define V_SQRT _mm256_sqrt_pd
#endif
typedef union pack {
  lanes all;
  part parts[PARTS];
} pack;
static inline lanes fused(lanes a, lanes b, lanes c)
{
  pack x = {a}, y = {b}, z = {c};
  for (int i = 0; i < PARTS; i++) z.parts[i] = V_FMA(x.parts[i], y.parts[i], z.parts[i]);
  return z.all;
}
static inline lanes choose(lanes a, lanes b, lanes x, lanes y)
{
  const mask m = (mask)(a > b);
  return (lanes)((m & (mask)x) | (~m & (mask)y));
}
static inline lanes splat(double a) { return (lanes){0.0} + a; }
static inline mask bits_of(lanes a) { return (mask)a; }
static inline lanes of_bits(mask m) { return (lanes)m; }
static inline lanes magnitude(lanes a) { return of_bits(bits_of(a) & 0x7fffffffffffffffu); }
#define BY_PARTS(name, call)                                       \
  static inline lanes name(lanes a)                                \
  {                                                                \
    pack x = {a};                                                  \
    for (int i = 0; i < PARTS; i++) x.parts[i] = call(x.parts[i]); \
    return x.all;                                                  \
  }
BY_PARTS(root, V_SQRT)
#endif

/* As vectors of doubles, not by memcpy: what is stored as bytes might be anything, and every pointer would be read again after it. */
#if TAUP_LANES == 1
static inline lanes load_lanes(const double *x) { return *x; }
static inline void store_lanes(double *x, lanes v) { *x = v; }
#else
typedef double lanes_anywhere __attribute__((vector_size(TAUP_LANES * 8), aligned(8)));
static inline lanes load_lanes(const double *x) { return *(const lanes_anywhere *)(const void *)x; }
static inline void store_lanes(double *x, lanes v) { *(lanes_anywhere *)(void *)x = v; }
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* eval.c - runs a code for TAUP_LANES points at once. This one source is compiled several times (lib/CMakeLists.txt), each with its width,
 * its name TAUP_EVAL_NAME and the instruction set of a machine. On one machine all widths give the same bits: fma is called by name, and
 * the functions are SLEEF's deterministic ones, equal for every width. A machine without FMA has width 1 alone: there fma is exact in
 * software, and exp, log, pow and tanh are SLEEF's for such machines, which may differ in the last bit. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <sleef.h>
#include <string.h>

#include "expr/code.h"
#include "expr/vector.h"

#ifndef TAUP_EVAL_NAME
#define TAUP_EVAL_NAME taup_eval_1_base
#endif

enum { MOST_ARGS = 64 };

#if TAUP_LANES == 1
#if defined(__FMA__) || defined(__aarch64__)
#define SLEEF1(name) Sleef_finz_##name##d1_u10purecfma
#else
#define SLEEF1(name) Sleef_cinz_##name##d1_u10purec
#endif
static inline lanes v_exp(lanes a) { return SLEEF1(exp)(a); }
static inline lanes v_log(lanes a) { return SLEEF1(log)(a); }
static inline lanes v_tanh(lanes a) { return SLEEF1(tanh)(a); }
static inline lanes v_pow(lanes a, lanes b) { return SLEEF1(pow)(a, b); }
#else
#ifdef __AVX512F__
#define SLEEF_V(name) Sleef_finz_##name##d8_u10avx512f
#else
#define SLEEF_V(name) Sleef_finz_##name##d4_u10avx2
#endif
BY_PARTS(v_exp, SLEEF_V(exp))
BY_PARTS(v_log, SLEEF_V(log))
BY_PARTS(v_tanh, SLEEF_V(tanh))
static inline lanes v_pow(lanes a, lanes b)
{
  pack x = {a}, y = {b};
  for (int i = 0; i < PARTS; i++) x.parts[i] = SLEEF_V(pow)(x.parts[i], y.parts[i]);
  return x.all;
}
#endif

/* r8: 8 times the register. */
static inline lanes load(const double *R, int r8)
{
  return load_lanes((const double *)((const char *)R + (ptrdiff_t)r8 * TAUP_LANES));
}

static inline void store(double *R, int r8, lanes x)
{
  store_lanes((double *)((char *)R + (ptrdiff_t)r8 * TAUP_LANES), x);
}

/* One fused sum; n: counts of plain plus, plain minus, product plus, product minus. */
static inline __attribute__((always_inline)) lanes sum(const double *R, const int *operand, const int n[4])
{
  lanes acc;
  int k = 0, plus = 0, pairs = 0;
  if (n[0]) {
    acc = load(R, operand[k++]);
    plus = 1;
  } else if (n[1]) {
    acc = -load(R, operand[k++]);
  } else {
    const int swap = n[2] ? 0 : 1;
    acc = load(R, operand[0]) * load(R, operand[1]);
    if (swap) acc = -acc;
    k = 2;
    pairs = 1;
  }
  const int n_plus = n[0] - plus, n_minus = n[1] - (!plus && !pairs);
  const int n_pair = n[2] - (pairs && n[2]), n_pair_minus = n[3] - (pairs && !n[2]);
#pragma GCC unroll 4
  for (int i = 0; i < n_plus; i++) acc = acc + load(R, operand[k++]);
#pragma GCC unroll 4
  for (int i = 0; i < n_minus; i++) acc = acc - load(R, operand[k++]);
#pragma GCC unroll 4
  for (int i = 0; i < n_pair; i++, k += 2) acc = fused(load(R, operand[k]), load(R, operand[k + 1]), acc);
#pragma GCC unroll 4
  for (int i = 0; i < n_pair_minus; i++, k += 2)
    acc = fused(-load(R, operand[k]), load(R, operand[k + 1]), acc);
  return acc;
}

/* A function of the user, or its derivative to argument `to` (-1: the value), lane by lane. */
static int call(const taup_callback *f, int to, const int *args, double *R, int result)
{
  double x[2 * MOST_ARGS], gradient[MOST_ARGS], value[2] = {0.0, 0.0};
  for (int lane = 0; lane < TAUP_LANES; lane++) {
    int st;
    double h = 0.0;
    if (f->function) {
      for (int i = 0; i < f->n_args; i++) x[i] = R[(ptrdiff_t)args[i] / 8 * TAUP_LANES + lane];
      st = f->function(f->user, f->n_args, x, value, to < 0 ? NULL : gradient);
    } else {
      for (int i = 0; i < f->n_args; i++) {
        x[2 * i] = R[(ptrdiff_t)args[i] / 8 * TAUP_LANES + lane];
        x[2 * i + 1] = 0.0;
      }
      if (to >= 0) x[2 * to + 1] = h = 1e-100 * fmax(fabs(x[2 * to]), 1e-30);
      st = f->function_complex(f->user, f->n_args, x, value);
    }
    if (st) return st;
    R[(ptrdiff_t)result / 8 * TAUP_LANES + lane] = to < 0        ? value[0]
                                                   : f->function ? gradient[to]
                                                                 : value[1] / h;
  }
  return 0;
}

static inline lanes product(const double *R, const int *operand, int n)
{
  lanes acc = load(R, operand[0]) * load(R, operand[1]);
  for (int k = 2; k < n; k++) acc = acc * load(R, operand[k]);
  return acc;
}

#pragma GCC diagnostic ignored "-Wpedantic" /* addresses of labels are an extension of GCC and Clang */

/* Threaded: each instruction jumps to the next by itself, so that the machine foresees the jumps one by one. A shape of a sum has its own
 * place, where its counts are fixed and the compiler lays the loops of sum() out: same operations, same order, same bits. */
#define NEXT goto *place[*o]
#define ONE(name, n_operands, expression) \
  name:                                   \
  store(R, o[1], (expression));           \
  o += 2 + (n_operands);                  \
  NEXT;
#define X(k) load(R, o[1 + (k)])
#define OPERANDS(a, b, c, d) ((a) + (b) + 2 * (c) + 2 * (d))

/* NOLINTNEXTLINE(readability-function-size): one place an instruction, most from one macro */
int TAUP_EVAL_NAME(const int *code, double *R, double *O, const taup_callback *callbacks)
{
  static const void *const place[TAUP_N_CODES] = {[TAUP_CODE_END] = &&END,
                                                  [TAUP_CODE_STORE] = &&STORE,
                                                  [TAUP_CODE_CALL] = &&CALL,
                                                  [TAUP_CODE_DCALL] = &&CALL,
                                                  [TAUP_CODE_SUM_ANY] = &&SUM_ANY,
                                                  [TAUP_CODE_MUL_ANY] = &&MUL_ANY,
                                                  [TAUP_CODE_MULS2] = &&MULS2,
#define PLACE(name, n, text) [TAUP_CODE_##name] = &&name,
                                                  TAUP_PLAIN_CODES(PLACE)
#define PLACES(a, b, c, d) \
  [TAUP_CODE_SUM_##a##b##c##d] = &&SUM_##a##b##c##d, [TAUP_CODE_SUMS_##a##b##c##d] = &&SUMS_##a##b##c##d,
                                                    TAUP_SHAPES(PLACES)};
  const int *o = code;
  NEXT;

#define SHAPE(a, b, c, d)                                                                                 \
  ONE(SUM_##a##b##c##d, OPERANDS(a, b, c, d), sum(R, o + 2, (const int[4]){a, b, c, d}))                  \
  SUMS_##a##b##c##d : for (int count = *++o, i = (o++, 0); i < count; i++, o += 1 + OPERANDS(a, b, c, d)) \
                        store(R, o[0], sum(R, o + 1, (const int[4]){a, b, c, d}));                        \
  NEXT;
  TAUP_SHAPES(SHAPE)
  ONE(MUL2, 2, X(1) * X(2))
  ONE(MUL3, 3, product(R, o + 2, 3))
  ONE(MUL4, 4, product(R, o + 2, 4))
  ONE(DIV, 2, X(1) / X(2))
  ONE(RECIP, 1, 1.0 / X(1))
  ONE(POW, 2, v_pow(X(1), X(2)))
  ONE(SQRT, 1, root(X(1)))
  ONE(EXP, 1, v_exp(X(1)))
  ONE(LOG, 1, v_log(X(1)))
  ONE(TANH, 1, v_tanh(X(1)))
  ONE(ABS, 1, magnitude(X(1)))
  ONE(MIN, 2, choose(X(1), X(2), X(2), X(1)))
  ONE(MAX, 2, choose(X(1), X(2), X(1), X(2)))
  ONE(SELECT, 4, choose(X(1), X(2), X(3), X(4)))
MULS2:
  for (int count = *++o, i = (o++, 0); i < count; i++, o += 3) store(R, o[0], load(R, o[1]) * load(R, o[2]));
  NEXT;
SUM_ANY:
  store(R, o[5], sum(R, o + 6, o + 1));
  o += 6 + OPERANDS(o[1], o[2], o[3], o[4]);
  NEXT;
MUL_ANY:
  store(R, o[2], product(R, o + 3, o[1]));
  o += 3 + o[1];
  NEXT;
CALL : {
  const int st = call(&callbacks[o[3]], o[4], o + 5, R, o[2]);
  if (st) return st;
  o += 5 + o[1];
}
  NEXT;
STORE : {
  const int count = o[1];
  o += 2;
  for (int i = 0; i < count; i++) store(O, 8 * i, load(R, o[i]));
  o += count;
}
  NEXT;
END:
  return 0;
}

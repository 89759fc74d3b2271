/* SPDX-License-Identifier: Apache-2.0 */
/* code.h - the instructions of a program; for lib/expr alone.
 *
 * A code is a sequence of ints. Each instruction begins with its operation; a register r is written as 8 r, the distance in bytes for one
 * point. What follows the operation:
 *
 *     sum of a shape     result, operands              of a shape: n plain terms to add, n to subtract, n pairs whose product is added, n
 *     sums of a shape    count, count x that           pairs whose product is subtracted; operands in that order, a product is one fma
 *     sum of any         the four numbers, result, operands
 *     mul of 2, 3, 4     result, operands              muls of 2: count, count x that
 *     mul of any         n, result, n operands
 *     call, dcall        n, result, callback, to, n arguments (callback, to: plain numbers)
 *     store              count, count registers        outputs 0, 1, 2 ... of the body
 *     end                nothing
 *     others             result, operands
 *
 * Several equal instructions in a row that do not read each other's results are one with a count: a dispatch costs as much as a sum. */
#ifndef TAUP_CODE_H
#define TAUP_CODE_H

#include "expr/graph.h"

/* Operations with a fixed number of operands: name, number, text. */
/* clang-format off */
#define TAUP_PLAIN_CODES(X) \
  X(MUL2, 2, "mul")         \
  X(MUL3, 3, "mul")         \
  X(MUL4, 4, "mul")         \
  X(DIV, 2, "div")          \
  X(RECIP, 1, "recip")      \
  X(POW, 2, "pow")          \
  X(SQRT, 1, "sqrt")        \
  X(EXP, 1, "exp")          \
  X(LOG, 1, "log")          \
  X(TANH, 1, "tanh")        \
  X(ABS, 1, "abs")          \
  X(MIN, 2, "min")          \
  X(MAX, 2, "max")          \
  X(SELECT, 4, "select")

/* Shapes of sums that occur most; any other is a sum of any. */
#define TAUP_SHAPES_OF_PAIRS(X, c) X(0, 0, c, 0) X(0, 0, c, 1) X(0, 0, c, 2) X(0, 0, c, 3) X(0, 0, c, 4)
#define TAUP_SHAPES_OF_PLAIN(X, a, b) \
  X(a, b, 0, 0) X(a, b, 1, 0) X(a, b, 0, 1) X(a, b, 1, 1) X(a, b, 2, 0) X(a, b, 0, 2)
#define TAUP_SHAPES(X)                                                \
  X(0, 0, 0, 1) X(0, 0, 0, 2) X(0, 0, 0, 3) X(0, 0, 0, 4)             \
  TAUP_SHAPES_OF_PAIRS(X, 1) TAUP_SHAPES_OF_PAIRS(X, 2)               \
  TAUP_SHAPES_OF_PAIRS(X, 3) TAUP_SHAPES_OF_PAIRS(X, 4)               \
  TAUP_SHAPES_OF_PLAIN(X, 1, 0) TAUP_SHAPES_OF_PLAIN(X, 0, 1)         \
  TAUP_SHAPES_OF_PLAIN(X, 1, 1) TAUP_SHAPES_OF_PLAIN(X, 2, 0)         \
  TAUP_SHAPES_OF_PLAIN(X, 0, 2) TAUP_SHAPES_OF_PLAIN(X, 2, 1)         \
  TAUP_SHAPES_OF_PLAIN(X, 1, 2) TAUP_SHAPES_OF_PLAIN(X, 2, 2)         \
  TAUP_SHAPES_OF_PLAIN(X, 3, 0) TAUP_SHAPES_OF_PLAIN(X, 0, 3)
/* clang-format on */

typedef enum taup_code {
  TAUP_CODE_END,
  TAUP_CODE_STORE,
  TAUP_CODE_CALL,
  TAUP_CODE_DCALL,
  TAUP_CODE_SUM_ANY,
  TAUP_CODE_MUL_ANY,
  TAUP_CODE_MULS2,
#define X(name, n, text) TAUP_CODE_##name,
  TAUP_PLAIN_CODES(X)
#undef X
#define X(a, b, c, d) TAUP_CODE_SUM_##a##b##c##d, TAUP_CODE_SUMS_##a##b##c##d,
    TAUP_SHAPES(X)
#undef X
      TAUP_N_CODES
} taup_code;

/* The single sum of a shape (its sums of several is the next code); SUM_ANY. */
taup_code taup_code_of_shape(const int shape[4]);

/* Each runs a code (taup_eval); returns what a user's function returned when not 0. */
int taup_eval_1_base(const int *code, double *R, double *O, const taup_callback *callbacks);
#ifdef TAUP_HAVE_X86
int taup_eval_1_fma(const int *code, double *R, double *O, const taup_callback *callbacks);
int taup_eval_4_avx2(const int *code, double *R, double *O, const taup_callback *callbacks);
int taup_eval_8_avx2(const int *code, double *R, double *O, const taup_callback *callbacks);
int taup_eval_8_avx512(const int *code, double *R, double *O, const taup_callback *callbacks);
#endif

#endif

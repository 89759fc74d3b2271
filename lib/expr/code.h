/* SPDX-License-Identifier: Apache-2.0 */
/* code.h - the instructions of a program; for lib/expr alone.
 *
 * A code is a sequence of runs of equal instructions over an operand table:
 *
 *     operation, count, n_operands, [for SUM: n_plus, n_minus, n_plus_pairs, n_minus_pairs]   then count x n_operands registers
 *
 * The first operand of an instruction is where its result goes; for STORE it is the index in O. SUM's operands are then: plain terms to
 * add, plain terms to subtract, pairs whose product is added, pairs whose product is subtracted, in that order of operation; a product
 * is one fma. It ends with TAUP_CODE_END. */
#ifndef TAUP_CODE_H
#define TAUP_CODE_H

#include "expr/graph.h"

/* clang-format off */
#define TAUP_CODE_LIST(X) \
  X(END, "end")           \
  X(SUM, "sum")           \
  X(MUL, "mul")           \
  X(DIV, "div")           \
  X(RECIP, "recip")       \
  X(POW, "pow")           \
  X(SQRT, "sqrt")         \
  X(EXP, "exp")           \
  X(LOG, "log")           \
  X(TANH, "tanh")         \
  X(ABS, "abs")           \
  X(MIN, "min")           \
  X(MAX, "max")           \
  X(SELECT, "select")     \
  X(CALL, "call")         \
  X(DCALL, "dcall")       \
  X(STORE, "store")
/* clang-format on */

typedef enum taup_code {
#define X(name, text) TAUP_CODE_##name,
  TAUP_CODE_LIST(X)
#undef X
    TAUP_N_CODES
} taup_code;

/* Runs code; returns what a user's function returned when not 0. */
typedef int (*taup_eval_fn)(const int *code, double *R, double *O, const taup_callback *callbacks);

int taup_eval_1_base(const int *code, double *R, double *O, const taup_callback *callbacks);
#ifdef TAUP_HAVE_X86
int taup_eval_1_fma(const int *code, double *R, double *O, const taup_callback *callbacks);
int taup_eval_4_avx2(const int *code, double *R, double *O, const taup_callback *callbacks);
int taup_eval_8_avx2(const int *code, double *R, double *O, const taup_callback *callbacks);
int taup_eval_8_avx512(const int *code, double *R, double *O, const taup_callback *callbacks);
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* random_graph.h - random expressions over symbols of all binding times, every operation of the graph among
 * them.
 *
 * Symbols have values in [0.5, 2] and no dimension. Each new node is made so that values stay near 1 (exp of
 * tanh, log of 2 + x^2 ...): then a difference between two ways of computing is rounding, not an overflow or
 * a pole. */
#ifndef RANDOM_GRAPH_H
#define RANDOM_GRAPH_H

#include <stdint.h>

#include "expr/graph.h"

enum { RANDOM_SYMBOLS = 4, RANDOM_POOL = 160 };

typedef struct random_graph {
  taup_graph *g;
  uint64_t state;
  bool arithmetic; /* without exp, log, tanh and powers */
  int n;
  taup_node node[RANDOM_POOL]; /* symbols first */
} random_graph;

/* xorshift64*: S. Vigna, ACM Trans. Math. Softw. 42 (2016) 30. */
static inline uint32_t random_word(uint64_t *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (uint32_t)((*state * 0x2545F4914F6CDD1Du) >> 32);
}

static inline int random_index(uint64_t *state, int n) { return (int)(random_word(state) % (uint32_t)n); }
static inline double random_between(uint64_t *state, double a, double b)
{
  return a + (b - a) * ((double)random_word(state) + 0.5) / 4294967296.0;
}

static inline taup_node random_known(random_graph *r) { return r->node[random_index(&r->state, r->n)]; }

/* What a machine computes exactly rounded: the same bits everywhere. */
static inline taup_node random_arithmetic(random_graph *r)
{
  taup_graph *g = r->g;
  const taup_node a = random_known(r), b = random_known(r), c = random_known(r), d = random_known(r);
  const taup_node one_and_square = taup_add(g, taup_number(g, 1.0), taup_mul(g, a, a));
  switch (random_index(&r->state, 8)) {
  case 0: return taup_sum(g, 4, (double[]){0.5, -0.25, 0.75, 0.125}, (taup_node[]){a, b, c, d});
  case 1:
    return taup_sum(g, 2, (double[]){0.5, -1.0},
                    (taup_node[]){taup_div(g, taup_mul(g, a, b), one_and_square), c});
  case 2: return taup_div(g, b, one_and_square);
  case 3: return taup_sqrt(g, one_and_square);
  case 4: return taup_abs(g, taup_sub(g, a, b));
  case 5: return taup_min(g, a, b);
  case 6: return taup_max(g, a, b);
  default: return taup_select(g, a, b, c, d);
  }
}

static inline taup_node random_function(random_graph *r)
{
  taup_graph *g = r->g;
  const taup_node a = random_known(r), b = random_known(r);
  const taup_node bounded = taup_tanh(g, a), square = taup_mul(g, a, a);
  switch (random_index(&r->state, 8)) {
  case 0: return taup_add(g, taup_scale(g, 0.5, taup_mul(g, a, taup_tanh(g, b))), taup_number(g, 0.75));
  case 1: return taup_exp(g, bounded);
  case 2: return taup_log(g, taup_add(g, taup_number(g, 2.0), square));
  case 3: return taup_log10(g, taup_add(g, taup_number(g, 3.0), square));
  case 4: return bounded;
  case 5:
    return taup_pow(g, taup_add(g, taup_number(g, 1.0), taup_mul(g, bounded, bounded)), taup_tanh(g, b));
  case 6: return taup_pow(g, taup_exp(g, bounded), taup_number(g, random_between(&r->state, -2.0, 2.0)));
  default: return taup_powi(g, bounded, (double)(1 + random_index(&r->state, 3)));
  }
}

/* A node above some that are there. */
static inline taup_node random_operation(random_graph *r)
{
  return r->arithmetic || random_index(&r->state, 2) ? random_arithmetic(r) : random_function(r);
}

/* Symbols of the three binding times, then n operations. */
static inline random_graph random_graph_of(taup_graph *g, uint64_t seed, int n, bool arithmetic)
{
  random_graph r = {.g = g, .state = seed * 0x9E3779B97F4A7C15u + 1u, .arithmetic = arithmetic};
  for (int i = 0; i < RANDOM_SYMBOLS; i++)
    for (taup_binding b = TAUP_PARAMETER; b <= TAUP_STATE; b++)
      r.node[r.n++] = taup_symbol(g, b, i, TAUP_DIM_NONE, "x");
  for (int i = 0; i < n && r.n < RANDOM_POOL; i++) {
    const taup_node a = random_operation(&r);
    if (a >= 0 && taup_node_op(g, a) != TAUP_OP_CONST) r.node[r.n++] = a;
  }
  return r;
}

static inline random_graph random_graph_new(taup_graph *g, uint64_t seed, int n)
{
  return random_graph_of(g, seed, n, false);
}

/* Values of all symbols as (re, im) pairs, im = 0. */
typedef struct random_values {
  double re_im[4][2 * RANDOM_SYMBOLS];
} random_values;

static inline random_values random_values_new(uint64_t *state)
{
  random_values v = {{{0.0}}};
  for (taup_binding b = TAUP_PARAMETER; b <= TAUP_STATE; b++)
    for (int i = 0; i < RANDOM_SYMBOLS; i++) v.re_im[b][2 * i] = random_between(state, 0.5, 2.0);
  return v;
}

static inline tau_status random_evaluate(const taup_graph *g, const random_values *v, int n,
                                         const taup_node *nodes, double *re_im)
{
  const double *const by_binding[4] = {v->re_im[0], v->re_im[1], v->re_im[2], v->re_im[3]};
  return taup_complex_eval(g, by_binding, n, nodes, re_im);
}

#endif

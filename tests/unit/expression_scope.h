/* SPDX-License-Identifier: Apache-2.0 */
/* expression_scope.h - names with values for tests of expressions, and random numbers a test can repeat. */
#ifndef EXPRESSION_SCOPE_H
#define EXPRESSION_SCOPE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/graph.h"
#include "expr/parse.h"

#define GAS_CONSTANT 8.31446261815324 /* J/mol/K, CODATA 2018 (exact) */

/* A name, how it is bound, its dimension and a value (SI). */
typedef struct known_name {
  const char *name;
  bool species;
  taup_binding binding;
  int index;
  taup_dim dim;
  double value;
} known_name;

#define CONCENTRATION      \
  {                        \
    {                      \
      -3, 0, 0, 0, 1, 0, 0 \
    }                      \
  }
static const known_name known_names[] = {
  {"A", true, TAUP_STATE, 0, CONCENTRATION, 700.0},
  {"B", true, TAUP_STATE, 1, CONCENTRATION, 300.0},
  {"C", true, TAUP_STATE, 2, CONCENTRATION, 20.0},
  {"a-b", true, TAUP_STATE, 3, CONCENTRATION, 55.0},
  {"A'", true, TAUP_STATE, 4, CONCENTRATION, 5.0},
  {"T", false, TAUP_STATE, 5, {{0, 0, 0, 1, 0, 0, 0}}, 350.0},
  {"k", false, TAUP_PARAMETER, 0, {{0, 0, -1, 0, 0, 0, 0}}, 0.25},
  {"k_ref", false, TAUP_PARAMETER, 1, {{0, 0, -1, 0, 0, 0, 0}}, 0.5},
  {"KB", false, TAUP_PARAMETER, 2, {{3, 0, 0, 0, -1, 0, 0}}, 0.003},
  {"Ea", false, TAUP_PARAMETER, 3, {{2, 1, -2, 0, -1, 0, 0}}, 33300.0},
  {"n", false, TAUP_PARAMETER, 4, {{0, 0, 0, 0, 0, 0, 0}}, 1.5},
  {"Sm", false, TAUP_PARAMETER, 5, {{2, 1, -2, -1, -1, 0, 0}}, 95.0},
  {"x", false, TAUP_INLET, 0, {{0, 0, 0, 0, 0, 0, 0}}, 0.75},
  {"y", false, TAUP_STATE, 6, {{0, 0, 0, 0, 0, 0, 0}}, 1.25},
};
enum { N_KNOWN = sizeof known_names / sizeof known_names[0], MOST_INDEX = 8 };

static inline taup_node known_node(taup_graph *g, const known_name *k)
{
  return taup_symbol(g, k->binding, k->index, k->dim, k->name);
}

static bool is_plain_name(const char *name) { return !strpbrk(name, "-'"); }

static inline taup_node resolve_known(void *user, taup_graph *g, const char *name, bool species)
{
  int *n_calls = user;
  if (n_calls) ++*n_calls;
  for (int i = 0; i < N_KNOWN; i++)
    if (strcmp(known_names[i].name, name) == 0 && (species ? known_names[i].species : is_plain_name(name)))
      return known_node(g, &known_names[i]);
  if (!species && strcmp(name, "R") == 0) return taup_const(g, GAS_CONSTANT, TAUP_DIM(2, 1, -2, -1, -1));
  return TAUP_NODE_NONE;
}

static inline taup_scope known_scope(int *n_calls)
{
  static const char *names[N_KNOWN + 2];
  for (int i = 0; i < N_KNOWN; i++) names[i] = known_names[i].name;
  names[N_KNOWN] = "R";
  return (taup_scope){resolve_known, n_calls, names};
}

static inline double known_value(const char *name)
{
  for (int i = 0; i < N_KNOWN; i++)
    if (strcmp(known_names[i].name, name) == 0) return known_names[i].value;
  fail_msg("no '%s' among the names of the test", name);
  return 0.0;
}

/* The value of a node at the values of the names. */
static inline double value_of(const taup_graph *g, taup_node node)
{
  double values[4][2 * MOST_INDEX] = {{0}}, out[2];
  for (int i = 0; i < N_KNOWN; i++)
    values[known_names[i].binding][2 * known_names[i].index] = known_names[i].value;
  const double *const by_binding[4] = {values[0], values[1], values[2], values[3]};
  if (taup_complex_eval(g, by_binding, 1, &node, out) < 0) fail_msg("%s", tau_last_error());
  return out[0];
}

/* Parse, or fail the test with the reason. */
static inline taup_node parsed(taup_graph *g, const char *text)
{
  const taup_scope scope = known_scope(NULL);
  taup_node node;
  int column;
  if (taup_parse(g, text, &scope, &node, &column) < 0)
    fail_msg("'%s', column %d: %s", text, column, tau_last_error());
  return node;
}

static inline taup_graph *new_graph(void)
{
  taup_graph *g;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  return g;
}

#define CHECK_REL(got, want, rtol)                                                                   \
  do {                                                                                               \
    const double got_ = (got), want_ = (want), tolerance_ = (rtol) * (want_ < 0.0 ? -want_ : want_); \
    if (!(got_ >= want_ - tolerance_ && got_ <= want_ + tolerance_))                                 \
      fail_msg("%s = %.17g, want %.17g (rtol %g)", #got, got_, want_, (double)(rtol));               \
  } while (0)

/* xorshift64*: S. Vigna, ACM Trans. Math. Softw. 42 (2016) 30. */
static inline uint32_t random_bits(uint64_t *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (uint32_t)((*state * 0x2545F4914F6CDD1Du) >> 32);
}
static inline int random_below(uint64_t *state, int n) { return (int)(random_bits(state) % (uint32_t)n); }

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* small_system.h - systems for tests of the solvers: equations given as nodes of a graph, J by differentiation. */
#ifndef SMALL_SYSTEM_H
#define SMALL_SYSTEM_H

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/system.h"

static const double pi = 3.14159265358979323846;

enum { BODY_F, BODY_J, BODY_Q, BODY_Q_SLOPES };

typedef struct small_system {
  taup_system system;
  taup_program *program;
  double *R;
  int *column_start, *row;
  taup_rows q_slopes;
} small_system;

static inline taup_graph *small_graph(void)
{
  taup_graph *g = NULL;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  return g;
}

static inline taup_node state(taup_graph *g, int i)
{
  return taup_symbol(g, TAUP_STATE, i, TAUP_DIM_NONE, "y");
}

/* The entries of J in `entry`, n x n by columns; 0 on the diagonal where there is none. */
static inline void small_jacobian(taup_graph *g, int n, const taup_node *f, taup_node *entry)
{
  taup_diff *diff = NULL;
  assert_int_equal(taup_diff_new(&diff, g, TAUP_STATE), TAU_OK);
  for (int k = 0; k < n * n; k++) entry[k] = TAUP_NODE_NONE;
  for (int i = 0; i < n; i++) {
    const taup_partial *partials = NULL;
    const int n_partials = taup_diff_of(diff, f[i], &partials);
    for (int k = 0; k < n_partials; k++) entry[partials[k].symbol * n + i] = partials[k].node;
  }
  taup_diff_free(diff);
  for (int i = 0; i < n; i++)
    if (entry[i * n + i] == TAUP_NODE_NONE) entry[i * n + i] = taup_number(g, 0.0);
}

/* Keeps the entries that are there, by columns; returns how many. */
static inline int small_pattern(small_system *s, int n, taup_node *entry)
{
  int k = 0;
  s->column_start = malloc(((size_t)n + 1) * sizeof *s->column_start);
  s->row = malloc((size_t)n * (size_t)n * sizeof *s->row);
  for (int j = 0; j < n; j++) {
    s->column_start[j] = k;
    for (int i = 0; i < n; i++) {
      if (entry[j * n + i] == TAUP_NODE_NONE) continue;
      s->row[k] = i;
      entry[k++] = entry[j * n + i];
    }
  }
  s->column_start[n] = k;
  return k;
}

/* Frees the graph: the program needs it no longer. */
static inline small_system small_new(taup_graph *g, int n, const taup_node *f, int n_q, const taup_node *q,
                                     bool sparse)
{
  small_system s = {0};
  taup_node *entry = malloc((size_t)n * (size_t)n * sizeof *entry);
  small_jacobian(g, n, f, entry);
  const int n_entries = small_pattern(&s, n, entry);
  if (taup_diff_rows(&s.q_slopes, g, TAUP_STATE, n_q, q) < 0) fail_msg("%s", tau_last_error());
  const taup_body bodies[] = {{n, f, "f"},
                              {n_entries, entry, "J"},
                              {n_q, q, "q"},
                              {s.q_slopes.first[n_q], s.q_slopes.node, "dq"}};
  const int n_inputs[] = {0, 0, 0, n};
  if (taup_graph_status(g) < 0) fail_msg("%s", tau_last_error());
  assert_int_equal(taup_program_new(&s.program, g, n_inputs, n_q > 0 ? 4 : 2, bodies), TAU_OK);
  taup_graph_free(g);
  free(entry);

  s.R = aligned_alloc(64, (taup_program_bytes(s.program, 1) + 63) / 64 * 64);
  taup_program_init(s.program, 1, s.R);
  assert_int_equal(taup_program_prologue(s.program, TAUP_PARAMETER, 1, s.R), 0);
  assert_int_equal(taup_program_prologue(s.program, TAUP_INLET, 1, s.R), 0);
  s.system = (taup_system){.program = s.program,
                           .n = n,
                           .body_f = BODY_F,
                           .body_J = BODY_J,
                           .body_q = n_q > 0 ? BODY_Q : -1,
                           .n_q = n_q,
                           .body_q_slopes = n_q > 0 ? BODY_Q_SLOPES : -1,
                           .q_first = s.q_slopes.first,
                           .q_state = s.q_slopes.symbol,
                           .column_start = s.column_start,
                           .row = s.row,
                           .sparse = sparse};
  return s;
}

static inline void small_free(small_system *s)
{
  taup_program_free(s->program);
  free(s->R);
  free(s->column_start);
  free(s->row);
  taup_rows_free(&s->q_slopes);
}

/* dy_i/ds = k (y_(i-1) - 2 y_i + y_(i+1)) + source(y_i), zero outside: the heat equation on n points. */
static inline small_system small_chain(int n, double k, double source, bool sparse)
{
  taup_graph *g = small_graph();
  taup_node *f = malloc((size_t)n * sizeof *f);
  for (int i = 0; i < n; i++) {
    const taup_node terms[] = {state(g, i), i > 0 ? state(g, i - 1) : taup_number(g, 0.0),
                               i < n - 1 ? state(g, i + 1) : taup_number(g, 0.0), taup_exp(g, state(g, i))};
    const double factors[] = {-2.0 * k, k, k, source};
    f[i] = taup_sum(g, source > 0.0 ? 4 : 3, factors, terms);
  }
  const small_system s = small_new(g, n, f, 0, NULL, sparse);
  free(f);
  return s;
}

#define assert_close(have, want, tolerance) check_close(#have, have, want, tolerance, __FILE__, __LINE__)

static inline void check_close(const char *what, double have, double want, double tolerance, const char *file,
                               int line)
{
  if (fabs(have - want) <= tolerance) return;
  print_error("%s is %.17g, want %.17g +- %g (off by %g)\n", what, have, want, tolerance, have - want);
  _fail(file, line);
}

/* --- an allocator that counts, and fails the k-th request --- */

typedef struct counting {
  long n_calls, fail_at; /* 0: never */
} counting;

static inline void *counting_malloc(void *user, size_t bytes)
{
  counting *c = user;
  return ++c->n_calls == c->fail_at ? NULL : malloc(bytes);
}

static inline void *counting_realloc(void *user, void *block, size_t bytes)
{
  counting *c = user;
  return ++c->n_calls == c->fail_at ? NULL : realloc(block, bytes);
}

static inline void counting_free(void *user, void *block)
{
  (void)user;
  free(block);
}

static inline void count_allocations(counting *c)
{
  const tau_allocator a = {counting_malloc, counting_realloc, counting_free, c};
  tau_allocator_set(&a);
}

#endif

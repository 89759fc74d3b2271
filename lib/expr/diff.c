/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c - exact derivatives of nodes to all symbols of one binding time, as sparse gradients.
 *
 *   d(v + sum c_k a_k) = sum c_k da_k          d(prod a_k) = sum_k (prod of the others) da_k      d(1/a) = -1/a^2 da
 *   d(a^b) = b a^(b-1) da + log(a) a^b db      d sqrt(a) = da / (2 sqrt a)                        d exp(a) = exp(a) da
 *   d log(a) = da / a                          d tanh(a) = (1 - tanh(a)^2) da                     d|a| = (a > 0 ? 1 : -1) da
 *   d min, max, select: the derivative of the branch taken
 *
 * Contributions to a node are collected as triplets, sorted by symbol and summed once, so long sums cost linear time. A node's gradient is
 * computed once and kept; nodes are visited in the order of their indices, so nothing recurses. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "expr/graph_private.h"

/* Gradient of a node: partials[first .. first + n). */
typedef struct span {
  int first, n;
  bool known;
} span;

/* coefficient * factor * derivative, of one symbol; factor TAUP_NODE_NONE: 1. */
typedef struct triplet {
  int symbol, order;
  double coefficient;
  taup_node factor, derivative;
} triplet;

struct taup_diff {
  taup_graph *g;
  taup_binding wrt;
  span *spans;
  int cap_spans;
  taup_partial *partials;
  int n_partials, cap_partials;
  triplet *triplets;
  int n_triplets, cap_triplets;
  int *pending;
  int n_pending, cap_pending;
};

tau_status taup_diff_new(taup_diff **out, taup_graph *g, taup_binding wrt)
{
  *out = taup_calloc(1, sizeof **out);
  if (!*out) return TAU_E_NOMEM;
  (*out)->g = g;
  (*out)->wrt = wrt;
  return TAU_OK;
}

void taup_diff_free(taup_diff *d)
{
  if (!d) return;
  taup_free(d->spans);
  taup_free(d->partials);
  taup_free(d->triplets);
  taup_free(d->pending);
  taup_free(d);
}

static void no_memory(taup_diff *d)
{
  taup_graph_fail(d->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a derivative");
}

/* Whether a node can depend on the symbols asked for; a cheap bound. */
static bool may_depend(const taup_diff *d, taup_node a) { return taup_node_binding(d->g, a) >= d->wrt; }

static bool cover(taup_diff *d, taup_node a)
{
  const int before = d->cap_spans;
  if (taup_grow(&d->spans, &d->cap_spans, a + 1, sizeof *d->spans) < 0) return false;
  memset(d->spans + before, 0, (size_t)(d->cap_spans - before) * sizeof *d->spans);
  return true;
}

static bool push(taup_diff *d, taup_node a)
{
  if (!cover(d, a)) return false;
  if (d->spans[a].known || !may_depend(d, a)) return true;
  if (taup_grow(&d->pending, &d->cap_pending, d->n_pending + 1, sizeof *d->pending) < 0) return false;
  d->pending[d->n_pending++] = a;
  d->spans[a].known = true; /* marks it as visited; the span itself follows in order */
  return true;
}

static int by_value(const void *pa, const void *pb) { return *(const int *)pa - *(const int *)pb; }

/* All nodes below `root` whose gradient is missing, in ascending order. */
static bool find_pending(taup_diff *d, taup_node root)
{
  d->n_pending = 0;
  if (!push(d, root)) return false;
  for (int i = 0; i < d->n_pending; i++) {
    const taup_node a = d->pending[i];
    const int n = taup_node_n_args(d->g, a);
    for (int k = 0; k < n; k++)
      if (!push(d, taup_node_args(d->g, a)[k])) return false;
  }
  qsort(d->pending, (size_t)d->n_pending, sizeof *d->pending, by_value);
  return true;
}

/* coefficient * factor * gradient of arg, into the triplets. */
static void add(taup_diff *d, double coefficient, taup_node factor, taup_node arg)
{
  if (factor == TAUP_NODE_ERROR || arg >= d->cap_spans || !may_depend(d, arg)) return;
  const span s = d->spans[arg];
  if (taup_grow(&d->triplets, &d->cap_triplets, d->n_triplets + s.n, sizeof *d->triplets) < 0) {
    no_memory(d);
    return;
  }
  for (int i = 0; i < s.n; i++) {
    const taup_partial p = d->partials[s.first + i];
    d->triplets[d->n_triplets] = (triplet){p.symbol, d->n_triplets, coefficient, factor, p.node};
    d->n_triplets++;
  }
}

static int by_symbol(const void *pa, const void *pb)
{
  const triplet *a = pa, *b = pb;
  return a->symbol != b->symbol ? a->symbol - b->symbol : a->order - b->order;
}

/* Terms and factors that need no memory of their own: nearly all have so few. */
enum { FEW = 8 };

/* Triplets [i, end) of one symbol become one node. */
static taup_node total(taup_diff *d, int i, int end)
{
  const int n = end - i;
  double few_c[FEW], *c = n <= FEW ? few_c : taup_calloc((size_t)n, sizeof *c);
  taup_node few_t[FEW], *t = n <= FEW ? few_t : taup_calloc((size_t)n, sizeof *t);
  taup_node sum = TAUP_NODE_ERROR;
  if (c && t) {
    for (int k = 0; k < n; k++) {
      const triplet *x = &d->triplets[i + k];
      c[k] = x->coefficient;
      t[k] = x->factor == TAUP_NODE_NONE ? x->derivative : taup_mul(d->g, x->factor, x->derivative);
    }
    sum = taup_sum(d->g, n, c, t);
  } else {
    no_memory(d);
  }
  if (n > FEW) taup_free(c);
  if (n > FEW) taup_free(t);
  return sum;
}

/* Sum the triplets by symbol into the gradient of a. */
static void finish(taup_diff *d, taup_node a)
{
  if (d->n_triplets) qsort(d->triplets, (size_t)d->n_triplets, sizeof *d->triplets, by_symbol);
  const int first = d->n_partials;
  for (int i = 0, end; i < d->n_triplets; i = end) {
    for (end = i + 1; end < d->n_triplets && d->triplets[end].symbol == d->triplets[i].symbol; end++)
      continue;
    const taup_node sum = total(d, i, end);
    if (sum < 0 || taup_node_is_const(d->g, sum, 0.0)) continue;
    if (taup_grow(&d->partials, &d->cap_partials, d->n_partials + 1, sizeof *d->partials) < 0) {
      no_memory(d);
      return;
    }
    d->partials[d->n_partials++] = (taup_partial){d->triplets[i].symbol, sum};
  }
  d->spans[a] = (span){first, d->n_partials - first, true};
}

/* A coefficient has the dimension that its term lacks (R T is 8.314 T). */
static void sum_rule(taup_diff *d, taup_node a, double coefficient, taup_node arg)
{
  const taup_dim dim = taup_dim_divide(taup_node_dim(d->g, a), taup_node_dim(d->g, arg));
  if (taup_dim_is_none(dim)) add(d, coefficient, TAUP_NODE_NONE, arg);
  else add(d, 1.0, taup_const(d->g, coefficient, dim), arg);
}

static void product_rule(taup_diff *d, taup_node a)
{
  const int n = taup_node_n_args(d->g, a);
  taup_node few[2][FEW];
  taup_node *factor = n <= FEW ? few[0] : taup_calloc((size_t)n, sizeof *factor),
            *others = n <= FEW ? few[1] : taup_calloc((size_t)n, sizeof *others);
  if (factor && others) {
    memcpy(factor, taup_node_args(d->g, a), (size_t)n * sizeof *factor);
    for (int k = 0; k < n; k++) {
      if (!may_depend(d, factor[k])) continue;
      int m = 0;
      for (int j = 0; j < n; j++)
        if (j != k) others[m++] = factor[j];
      add(d, 1.0, taup_product(d->g, m, others), factor[k]);
    }
  } else {
    no_memory(d);
  }
  if (n > FEW) taup_free(factor);
  if (n > FEW) taup_free(others);
}

static void power_rule(taup_diff *d, taup_node a, taup_node base, taup_node exponent)
{
  taup_graph *g = d->g;
  if (may_depend(d, base)) {
    const taup_node lower =
      taup_node_op(g, exponent) == TAUP_OP_CONST
        ? taup_scale(g, taup_node_value(g, exponent), taup_powi(g, base, taup_node_value(g, exponent) - 1.0))
        : taup_mul(g, exponent, taup_pow(g, base, taup_sub(g, exponent, taup_number(g, 1.0))));
    add(d, 1.0, lower, base);
  }
  if (may_depend(d, exponent)) add(d, 1.0, taup_mul(g, taup_log(g, base), a), exponent);
}

static taup_partial partial_at(const taup_diff *d, span s, int i)
{
  return i < s.n ? d->partials[s.first + i] : (taup_partial){INT_MAX, TAUP_NODE_NONE};
}

/* Where a > b the derivatives of x, else those of y. They are chosen, not masked: a branch that is not taken may have none. */
static void branch_rule(taup_diff *d, taup_node a, taup_node b, taup_node x, taup_node y)
{
  const span sx = may_depend(d, x) ? d->spans[x] : (span){0}, sy = may_depend(d, y) ? d->spans[y] : (span){0};
  if (taup_grow(&d->triplets, &d->cap_triplets, d->n_triplets + sx.n + sy.n, sizeof *d->triplets) < 0) {
    no_memory(d);
    return;
  }
  for (int i = 0, j = 0; i < sx.n || j < sy.n;) {
    const taup_partial p = partial_at(d, sx, i), q = partial_at(d, sy, j);
    const int symbol = p.symbol < q.symbol ? p.symbol : q.symbol;
    const taup_node zero = taup_number(d->g, 0.0);
    const taup_node dx = p.symbol == symbol ? p.node : zero, dy = q.symbol == symbol ? q.node : zero;
    i += p.symbol == symbol;
    j += q.symbol == symbol;
    d->triplets[d->n_triplets] =
      (triplet){symbol, d->n_triplets, 1.0, TAUP_NODE_NONE, taup_select(d->g, a, b, dx, dy)};
    d->n_triplets++;
  }
}

static void call_rule(taup_diff *d, taup_node a)
{
  taup_graph *g = d->g;
  const int n = taup_node_n_args(g, a), index = taup_node_index(g, a);
  taup_node *args = taup_calloc((size_t)n, sizeof *args);
  if (!args) {
    no_memory(d);
    return;
  }
  memcpy(args, taup_node_args(g, a), (size_t)n * sizeof *args);
  for (int k = 0; k < n; k++) {
    const taup_dim dim = taup_dim_divide(taup_node_dim(g, a), taup_node_dim(g, args[k]));
    const taup_draft draft = {TAUP_OP_DCALL, dim, TAUP_PARAMETER, n, args, NULL, index, k, 0.0};
    if (may_depend(d, args[k])) add(d, 1.0, taup_graph_intern(g, &draft), args[k]);
  }
  taup_free(args);
}

static void rule_of_one(taup_diff *d, taup_op op, taup_node a, taup_node x)
{
  taup_graph *g = d->g;
  const taup_node one = taup_number(g, 1.0);
  switch (op) {
  case TAUP_OP_RECIP: add(d, -1.0, taup_mul(g, a, a), x); break;
  case TAUP_OP_SQRT: add(d, 0.5, taup_recip(g, a), x); break;
  case TAUP_OP_EXP: add(d, 1.0, a, x); break;
  case TAUP_OP_LOG: add(d, 1.0, taup_recip(g, x), x); break;
  case TAUP_OP_TANH: add(d, 1.0, taup_sub(g, one, taup_mul(g, a, a)), x); break;
  case TAUP_OP_ABS: add(d, 1.0, taup_select(g, x, taup_number(g, 0.0), one, taup_neg(g, one)), x); break;
  default: break;
  }
}

static void differentiate(taup_diff *d, taup_node a)
{
  taup_graph *g = d->g;
  const taup_op op = taup_node_op(g, a);
  const int n = taup_node_n_args(g, a);
  taup_node x[4] = {0};
  for (int k = 0; k < n && k < 4; k++) x[k] = taup_node_args(g, a)[k];
  d->n_triplets = 0;
  switch (op) {
  case TAUP_OP_SUM:
    for (int k = 0; k < n; k++) sum_rule(d, a, taup_node_coefficients(g, a)[k], taup_node_args(g, a)[k]);
    break;
  case TAUP_OP_PROD: product_rule(d, a); break;
  case TAUP_OP_POW: power_rule(d, a, x[0], x[1]); break;
  case TAUP_OP_MIN: branch_rule(d, x[1], x[0], x[0], x[1]); break;
  case TAUP_OP_MAX: branch_rule(d, x[0], x[1], x[0], x[1]); break;
  case TAUP_OP_SELECT: branch_rule(d, x[0], x[1], x[2], x[3]); break;
  case TAUP_OP_CALL: call_rule(d, a); break;
  case TAUP_OP_DCALL:
    taup_graph_fail(g, TAUP_ERR_NO_DERIVATIVE, "second derivatives of the function '%s' are not known",
                    taup_graph_callback(g, taup_node_index(g, a))->name);
    break;
  default: rule_of_one(d, op, a, x[0]); break;
  }
  finish(d, a);
}

static void of_symbol(taup_diff *d, taup_node a)
{
  d->spans[a] = (span){d->n_partials, 0, true};
  if (taup_node_binding(d->g, a) != d->wrt) return;
  if (taup_grow(&d->partials, &d->cap_partials, d->n_partials + 1, sizeof *d->partials) < 0) {
    no_memory(d);
    return;
  }
  d->partials[d->n_partials++] = (taup_partial){taup_node_index(d->g, a), taup_number(d->g, 1.0)};
  d->spans[a].n = 1;
}

int taup_diff_of(taup_diff *d, taup_node node, const taup_partial **out)
{
  *out = NULL;
  if (node < 0 || d->g->status < 0 || !may_depend(d, node)) return 0;
  if (!find_pending(d, node)) {
    no_memory(d);
    return 0;
  }
  for (int i = 0; i < d->n_pending && d->g->status >= 0; i++) {
    const taup_node a = d->pending[i];
    if (taup_node_op(d->g, a) == TAUP_OP_SYMBOL) of_symbol(d, a);
    else differentiate(d, a);
  }
  if (d->g->status < 0) return 0;
  const int n = d->spans[node].n;
  *out = n ? d->partials + d->spans[node].first : NULL;
  return n;
}

tau_status taup_diff_rows(taup_rows *out, taup_graph *g, taup_binding wrt, int n, const taup_node *nodes)
{
  taup_diff *d = NULL;
  int cap_symbols = 0, cap_nodes = 0;
  *out = (taup_rows){.first = taup_calloc((size_t)n + 1, sizeof *out->first)};
  tau_status st = out->first ? taup_diff_new(&d, g, wrt) : TAU_E_NOMEM;
  for (int i = 0; i < n && st == TAU_OK; i++) {
    const taup_partial *partials;
    const int before = out->first[i], more = taup_diff_of(d, nodes[i], &partials);
    st = taup_grow(&out->symbol, &cap_symbols, before + more, sizeof *out->symbol);
    if (st == TAU_OK) st = taup_grow(&out->node, &cap_nodes, before + more, sizeof *out->node);
    for (int k = 0; k < more && st == TAU_OK; k++) {
      out->symbol[before + k] = partials[k].symbol;
      out->node[before + k] = partials[k].node;
    }
    out->first[i + 1] = before + more;
  }
  taup_diff_free(d);
  return st < 0 ? st : taup_graph_status(g);
}

void taup_rows_free(taup_rows *rows)
{
  taup_free(rows->first);
  taup_free(rows->symbol);
  taup_free(rows->node);
  *rows = (taup_rows){NULL, NULL, NULL};
}

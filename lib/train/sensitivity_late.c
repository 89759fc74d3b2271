/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_late.c - the equations of a march with everything that is known before it as a symbol, and their tangents as nodes.
 *
 * Whatever parameters and inlet do to f(y), they do through its early nodes h: f = f(y, h). So a march has as many different tangents as
 * there are h (and starts) that move, however many parameters move them,
 *
 *     dy/dp_j = sum_h S_h dh/dp_j + sum_i S_i dy_i(0)/dp_j,       S_h' = J S_h + df/dh,
 *
 * and in a coil at one temperature k_ref and Ea of a reaction share theirs. The graph carries numbers alone, without dimensions.
 *
 * The tangent of a node is a node (the chain rule forwards, node by node in the order of their indices), so that the tangent of a rate is
 * computed once for all species that it makes. */
#include "train/sensitivity_lanes.h"

#include <string.h>

/* --- what is read --- */

typedef struct copier {
  taup_graph *from;
  int n_nodes; /* of `from`, before anything was tried in it */
  taup_late *late;
  char *mark;    /* of nodes of `from` */
  taup_node *to; /* their copies */
} copier;

static bool is_early(const taup_graph *g, taup_node a)
{
  return taup_node_binding(g, a) < TAUP_STATE && taup_node_op(g, a) != TAUP_OP_CONST;
}

/* FOLLOWING: an early node that is a sum of others. NEEDED: one that such a sum is made of. */
enum { COPIED = 1, EARLY, NEEDED, FOLLOWING };

/* Which nodes are read, from the roots down to the early ones. */
static void mark_read(copier *c, int n, const taup_node *roots)
{
  for (int i = 0; i < n; i++) c->mark[roots[i]] = COPIED;
}

static void mark_all(copier *c)
{
  for (int a = taup_graph_n_nodes(c->from) - 1; a >= 0; a--) {
    if (!c->mark[a]) continue;
    if (is_early(c->from, a)) c->mark[a] = EARLY;
    else mark_read(c, taup_node_n_args(c->from, a), taup_node_args(c->from, a));
  }
}

/* --- early nodes that follow from others --- */

/* a = sum of coefficient[k] * term[k], terms early nodes: V (k1 + k2) where V k1 and V k2 are there too. */
enum { MOST_TERMS = 16, MOST_FACTORS = 64 };
typedef struct form {
  int n;
  double coefficient[MOST_TERMS];
  taup_node term[MOST_TERMS];
} form;

/* Factors of a product, those of products in it too; 0: too many. */
static int factors_of(const taup_graph *g, taup_node a, taup_node *out, int n)
{
  for (int k = 0; k < taup_node_n_args(g, a) && n > 0; k++) {
    const taup_node x = taup_node_args(g, a)[k];
    if (taup_node_op(g, x) == TAUP_OP_PROD) n = factors_of(g, x, out, n);
    else if (n <= MOST_FACTORS) out[n++ - 1] = x;
    else n = 0;
  }
  return n;
}

/* coefficient * node, with numbers in front taken out of the node. */
static bool add_term(form *f, const copier *c, double coefficient, taup_node node)
{
  if (node < 0) return false;
  if (taup_node_op(c->from, node) == TAUP_OP_SUM && taup_node_n_args(c->from, node) == 1 &&
      taup_node_value(c->from, node) == 0.0) {
    coefficient *= taup_node_coefficients(c->from, node)[0];
    node = taup_node_args(c->from, node)[0];
  }
  if (node >= c->n_nodes || (c->mark[node] != EARLY && c->mark[node] != NEEDED) || f->n == MOST_TERMS)
    return false;
  f->coefficient[f->n] = coefficient;
  f->term[f->n++] = node;
  return true;
}

/* The sum's terms, each times the factors; NULL factors: none. */
static bool spread(form *f, copier *c, taup_node sum, taup_node *factors, int n)
{
  f->n = 0;
  if (taup_node_op(c->from, sum) != TAUP_OP_SUM || taup_node_n_args(c->from, sum) < 2 ||
      taup_node_value(c->from, sum) != 0.0)
    return false;
  for (int k = 0; k < taup_node_n_args(c->from, sum); k++) {
    const double coefficient = taup_node_coefficients(c->from, sum)[k];
    factors[n] = taup_node_args(c->from, sum)[k];
    if (!add_term(f, c, coefficient, taup_product(c->from, n + 1, factors))) return false;
  }
  return true;
}

static bool follows(copier *c, taup_node a, form *f)
{
  taup_node factors[MOST_FACTORS + 1], others[MOST_FACTORS + 1];
  if (taup_node_op(c->from, a) == TAUP_OP_SUM) return spread(f, c, a, others, 0);
  if (taup_node_op(c->from, a) != TAUP_OP_PROD) return false;
  const int n = factors_of(c->from, a, factors, 1) - 1;
  for (int k = 0; k < n; k++) {
    int m = 0;
    for (int i = 0; i < n; i++)
      if (i != k) others[m++] = factors[i];
    if (spread(f, c, factors[k], others, m)) return true;
  }
  return false;
}

/* Returns how many early nodes are left. */
static int mark_following(copier *c)
{
  form f;
  int n_early = 0;
  for (int a = 0; a < c->n_nodes; a++) {
    if (c->mark[a] != EARLY || !follows(c, a, &f)) continue;
    c->mark[a] = FOLLOWING;
    for (int k = 0; k < f.n; k++) c->mark[f.term[k]] = NEEDED;
  }
  for (int a = 0; a < c->n_nodes; a++) n_early += c->mark[a] == EARLY || c->mark[a] == NEEDED;
  return n_early;
}

static taup_node copy_of_form(copier *c, taup_node a)
{
  form f;
  taup_node x[MOST_TERMS];
  if (!follows(c, a, &f)) return TAUP_NODE_ERROR;
  for (int k = 0; k < f.n; k++) x[k] = c->to[f.term[k]];
  return taup_sum(c->late->g, f.n, f.coefficient, x);
}

/* --- copies --- */

enum { FEW = 4 };

static taup_node copy_of_many(taup_graph *g, taup_op op, int n, const taup_node *args, const taup_node *to,
                              const double *coefficients, double constant)
{
  taup_node *x = taup_calloc((size_t)n + 1, sizeof *x);
  double *c = taup_calloc((size_t)n + 1, sizeof *c);
  taup_node out = TAUP_NODE_ERROR;
  if (x && c) {
    for (int k = 0; k < n; k++) x[k] = to[args[k]];
    if (coefficients) memcpy(c, coefficients, (size_t)n * sizeof *c);
    x[n] = taup_number(g, constant);
    c[n] = 1.0;
    out = op == TAUP_OP_SUM ? taup_sum(g, n + 1, c, x) : taup_product(g, n, x);
  } else {
    taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the equations of sensitivities");
  }
  taup_free(x);
  taup_free(c);
  return out;
}

static taup_node copy_of(copier *c, taup_node a)
{
  const taup_graph *from = c->from;
  taup_graph *g = c->late->g;
  const taup_op op = taup_node_op(from, a);
  const int n = taup_node_n_args(from, a);
  const taup_node *args = taup_node_args(from, a);
  taup_node x[FEW] = {0};
  for (int k = 0; k < n && k < FEW; k++) x[k] = c->to[args[k]];
  switch (op) {
  case TAUP_OP_CONST: return taup_number(g, taup_node_value(from, a));
  case TAUP_OP_SYMBOL: return taup_symbol(g, TAUP_STATE, taup_node_index(from, a), TAUP_DIM_NONE, "y");
  case TAUP_OP_SUM:
    return copy_of_many(g, op, n, args, c->to, taup_node_coefficients(from, a), taup_node_value(from, a));
  case TAUP_OP_PROD: return copy_of_many(g, op, n, args, c->to, NULL, 0.0);
  case TAUP_OP_RECIP: return taup_recip(g, x[0]);
  case TAUP_OP_POW: return taup_pow(g, x[0], x[1]);
  case TAUP_OP_SQRT: return taup_sqrt(g, x[0]);
  case TAUP_OP_EXP: return taup_exp(g, x[0]);
  case TAUP_OP_LOG: return taup_log(g, x[0]);
  case TAUP_OP_TANH: return taup_tanh(g, x[0]);
  case TAUP_OP_ABS: return taup_abs(g, x[0]);
  case TAUP_OP_MIN: return taup_min(g, x[0], x[1]);
  case TAUP_OP_MAX: return taup_max(g, x[0], x[1]);
  case TAUP_OP_SELECT: return taup_select(g, x[0], x[1], x[2], x[3]);
  default:
    return taup_graph_fail(g, TAUP_ERR_NO_DERIVATIVE, "functions that are called are run one at a time");
  }
}

static tau_status copy(copier *c, int n, const taup_node *f, int n_q, const taup_node *q)
{
  taup_late *late = c->late;
  for (int a = 0, h = 0; a < c->n_nodes; a++) {
    if (c->mark[a] != EARLY && c->mark[a] != NEEDED) continue;
    late->early[h] = a;
    c->to[a] = taup_symbol(late->g, TAUP_INLET, h++, TAUP_DIM_NONE, "h");
  }
  for (int a = 0; a < c->n_nodes; a++) {
    if (c->mark[a] == COPIED) c->to[a] = copy_of(c, a);
    if (c->mark[a] == FOLLOWING) c->to[a] = copy_of_form(c, a);
    TAU_TRY(taup_graph_status(late->g));
    TAU_TRY(taup_graph_status(c->from));
  }
  for (int i = 0; i < n; i++) late->f[i] = c->to[f[i]];
  for (int i = 0; i < n_q; i++) late->q[i] = c->to[q[i]];
  return TAU_OK;
}

tau_status taup_late_new(taup_late *late, taup_arena *arena, taup_graph *from, int n, const taup_node *f,
                         int n_q, const taup_node *q)
{
  const size_t n_nodes = (size_t)taup_graph_n_nodes(from);
  TAU_TRY(taup_graph_status(from));
  copier c = {from, (int)n_nodes, late, taup_calloc(n_nodes, 1), taup_calloc(n_nodes, sizeof *c.to)};
  tau_status st = c.mark && c.to ? taup_graph_new(&late->g) : TAU_E_NOMEM;
  if (st == TAU_OK) {
    mark_read(&c, n, f);
    mark_read(&c, n_q, q);
    mark_all(&c);
    late->n_early = mark_following(&c);
    late->early = taup_arena_alloc(arena, (size_t)late->n_early, sizeof *late->early);
    late->f = taup_arena_alloc(arena, (size_t)n, sizeof *late->f);
    late->q = taup_arena_alloc(arena, (size_t)n_q, sizeof *late->q);
    st = late->early && late->f && late->q ? copy(&c, n, f, n_q, q) : TAU_E_NOMEM;
  }
  taup_free(c.mark);
  taup_free(c.to);
  return st;
}

/* --- tangents of nodes --- */

/* coefficient * factor * tangent; no tangent: nothing. */
static taup_node times(taup_graph *g, taup_node factor, taup_node tangent)
{
  return tangent == TAUP_NODE_NONE ? tangent : taup_mul(g, factor, tangent);
}

static taup_node sum_tangent(taup_graph *g, int n, const double *coefficients, const taup_node *terms)
{
  taup_node *x = taup_calloc((size_t)n, sizeof *x), out = TAUP_NODE_ERROR;
  double *c = taup_calloc((size_t)n, sizeof *c);
  int m = 0;
  for (int k = 0; x && c && k < n; k++) {
    if (terms[k] == TAUP_NODE_NONE) continue;
    c[m] = coefficients ? coefficients[k] : 1.0;
    x[m++] = terms[k];
  }
  if (x && c) out = m ? taup_sum(g, m, c, x) : TAUP_NODE_NONE;
  else taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the equations of sensitivities");
  taup_free(x);
  taup_free(c);
  return out;
}

/* Of all other factors. */
static taup_node product_without(taup_graph *g, int n, const taup_node *factors, int k)
{
  taup_node *x = taup_calloc((size_t)n, sizeof *x), out = TAUP_NODE_ERROR;
  int m = 0;
  for (int i = 0; x && i < n; i++)
    if (i != k) x[m++] = factors[i];
  if (x) out = taup_product(g, m, x);
  else taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the equations of sensitivities");
  taup_free(x);
  return out;
}

static taup_node product_tangent(taup_graph *g, int n, const taup_node *x, taup_node *dx)
{
  for (int k = 0; k < n; k++)
    if (dx[k] != TAUP_NODE_NONE) dx[k] = taup_mul(g, product_without(g, n, x, k), dx[k]);
  return sum_tangent(g, n, NULL, dx);
}

/* e^a x y ...: e^a (x y ... a' + (x y ...)'), which multiplies once by e^a; the exponential is factor k. */
static taup_node rate_tangent(taup_graph *g, int n, taup_node *x, taup_node *dx, int k, taup_node d_exponent)
{
  const taup_node power = x[k];
  x[k] = x[n - 1];
  dx[k] = dx[n - 1];
  const taup_node rest = product_tangent(g, n - 1, x, dx);
  const taup_node terms[2] = {rest, times(g, taup_product(g, n - 1, x), d_exponent)};
  return times(g, power, sum_tangent(g, 2, NULL, terms));
}

static int exponential_of(const taup_graph *g, int n, const taup_node *x)
{
  for (int k = 0; n > 2 && k < n; k++)
    if (taup_node_op(g, x[k]) == TAUP_OP_EXP) return k;
  return -1;
}

static taup_node power_tangent(taup_graph *g, taup_node a, const taup_node *x, const taup_node *dx)
{
  taup_node terms[2] = {TAUP_NODE_NONE, TAUP_NODE_NONE};
  if (dx[0] != TAUP_NODE_NONE) {
    const bool plain = taup_node_op(g, x[1]) == TAUP_OP_CONST;
    const taup_node lower = plain ? taup_powi(g, x[0], taup_node_value(g, x[1]) - 1.0)
                                  : taup_pow(g, x[0], taup_sub(g, x[1], taup_number(g, 1.0)));
    terms[0] = taup_product(g, 3, (taup_node[]){x[1], lower, dx[0]});
  }
  if (dx[1] != TAUP_NODE_NONE) terms[1] = taup_product(g, 3, (taup_node[]){taup_log(g, x[0]), a, dx[1]});
  return sum_tangent(g, 2, NULL, terms);
}

/* The tangent of the branch that is taken. */
static taup_node branch_tangent(taup_graph *g, taup_node a, taup_node b, taup_node dx, taup_node dy)
{
  if (dx == TAUP_NODE_NONE && dy == TAUP_NODE_NONE) return dx;
  const taup_node zero = taup_number(g, 0.0);
  return taup_select(g, a, b, dx == TAUP_NODE_NONE ? zero : dx, dy == TAUP_NODE_NONE ? zero : dy);
}

static taup_node tangent_by_rule(taup_graph *g, taup_node a, const taup_node *x, const taup_node *dx)
{
  const taup_node zero = taup_number(g, 0.0), one = taup_number(g, 1.0);
  switch (taup_node_op(g, a)) {
  case TAUP_OP_RECIP: return times(g, taup_neg(g, taup_mul(g, a, a)), dx[0]);
  case TAUP_OP_POW: return power_tangent(g, a, x, dx);
  case TAUP_OP_SQRT: return times(g, taup_scale(g, 0.5, taup_recip(g, a)), dx[0]);
  case TAUP_OP_EXP: return times(g, a, dx[0]);
  case TAUP_OP_LOG: return times(g, taup_recip(g, x[0]), dx[0]);
  case TAUP_OP_TANH: return times(g, taup_sub(g, one, taup_mul(g, a, a)), dx[0]);
  case TAUP_OP_ABS: return times(g, taup_select(g, x[0], zero, one, taup_neg(g, one)), dx[0]);
  case TAUP_OP_MIN: return branch_tangent(g, x[1], x[0], dx[0], dx[1]);
  case TAUP_OP_MAX: return branch_tangent(g, x[0], x[1], dx[0], dx[1]);
  case TAUP_OP_SELECT: return branch_tangent(g, x[0], x[1], dx[2], dx[3]);
  default: return TAUP_NODE_NONE;
  }
}

/* Of a node whose arguments have theirs. */
static taup_node tangent_of(taup_graph *g, taup_node a, const taup_node *tangents)
{
  const int n = taup_node_n_args(g, a);
  const taup_op op = taup_node_op(g, a);
  if (n == 0) return TAUP_NODE_NONE;
  taup_node *x = taup_calloc((size_t)n, sizeof *x), *dx = taup_calloc((size_t)n, sizeof *dx), out;
  double *c = taup_calloc((size_t)n, sizeof *c);
  if (!x || !dx || !c) {
    out = taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the equations of sensitivities");
  } else {
    memcpy(x, taup_node_args(g, a), (size_t)n * sizeof *x);
    for (int i = 0; i < n; i++) dx[i] = tangents[x[i]];
    const int k = op == TAUP_OP_PROD ? exponential_of(g, n, x) : -1;
    if (op == TAUP_OP_SUM) memcpy(c, taup_node_coefficients(g, a), (size_t)n * sizeof *c);
    if (op == TAUP_OP_SUM) out = sum_tangent(g, n, c, dx);
    else if (op == TAUP_OP_PROD && k >= 0)
      out = rate_tangent(g, n, x, dx, k, tangents[taup_node_args(g, x[k])[0]]);
    else if (op == TAUP_OP_PROD) out = product_tangent(g, n, x, dx);
    else out = tangent_by_rule(g, a, x, dx);
  }
  taup_free(x);
  taup_free(dx);
  taup_free(c);
  return out;
}

tau_status taup_late_tangents(taup_graph *g, int n_nodes, const bool *read, taup_node *tangents)
{
  for (int a = 0; a < n_nodes; a++)
    if (read[a] && taup_node_op(g, a) != TAUP_OP_SYMBOL) {
      tangents[a] = tangent_of(g, a, tangents);
      TAU_TRY(taup_graph_status(g));
    }
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* build.c - constructors that bring nodes to normal form.
 *
 *   sum      value + sum coefficient_k term_k; terms sorted, equal ones merged; terms that share the factor which depends on the state are
 *            gathered: a s + b s = (a + b) s with a + b bound earlier; terms bound before the sum itself are summed apart.
 *   product  (factors bound at PARAMETER) (at INLET) (at STATE), each group sorted, a factor and its reciprocal cancel; numbers go in
 *            front as the coefficient of a one-term sum.
 *
 * So whatever does not depend on the state can be computed once, and equal things are one node. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "expr/graph_private.h"

static const taup_node_data *data(const taup_graph *g, taup_node a) { return &g->nodes[a]; }
static bool is_const(const taup_graph *g, taup_node a) { return data(g, a)->op == TAUP_OP_CONST; }

static taup_node mismatch(taup_graph *g, const char *verb, taup_dim a, taup_dim b)
{
  char ta[64], tb[64];
  taup_dim_text(ta, sizeof ta, a);
  taup_dim_text(tb, sizeof tb, b);
  return taup_graph_fail(g, TAUP_ERR_DIMENSION_MISMATCH, "cannot %s %s and %s", verb, ta[0] ? ta : "a number",
                         tb[0] ? tb : "a number");
}

/* --- sums --- */

typedef struct term {
  taup_node node;  /* the whole term without its coefficient */
  taup_node early; /* its factor bound before the state; TAUP_NODE_NONE */
  taup_node late;  /* the rest */
  double coefficient;
} term;

static int by_late(const void *pa, const void *pb)
{
  const term *a = pa, *b = pb;
  if (a->late != b->late) return a->late < b->late ? -1 : 1;
  return (a->node > b->node) - (a->node < b->node);
}

/* coefficient * node as a term; a one-term sum inside is opened, a product bound at the state is split. */
static term make_term(const taup_graph *g, double coefficient, taup_node a)
{
  const taup_node_data *d = data(g, a);
  if (d->op == TAUP_OP_SUM && d->n == 1 && d->value == 0.0) {
    coefficient *= g->coefficients[d->first_coefficient];
    a = g->args[d->first];
    d = data(g, a);
  }
  term t = {a, TAUP_NODE_NONE, a, coefficient};
  if (d->op == TAUP_OP_PROD && d->binding == TAUP_STATE && d->n == 2 &&
      data(g, g->args[d->first])->binding < TAUP_STATE) {
    t.early = g->args[d->first];
    t.late = g->args[d->first + 1];
  }
  return t;
}

static taup_node intern_sum(taup_graph *g, double constant, int n, const term *terms, taup_dim dim)
{
  if (n == 0) return taup_const(g, constant, dim);
  if (n == 1 && constant == 0.0 && terms[0].coefficient == 1.0 &&
      taup_dim_equal(taup_node_dim(g, terms[0].node), dim))
    return terms[0].node;
  int *args = taup_calloc((size_t)n, sizeof *args);
  double *coefficients = taup_calloc((size_t)n, sizeof *coefficients);
  taup_node a = TAUP_NODE_ERROR;
  if (args && coefficients) {
    for (int i = 0; i < n; i++) {
      args[i] = terms[i].node;
      coefficients[i] = terms[i].coefficient;
    }
    const taup_draft d = {TAUP_OP_SUM, dim, TAUP_CONSTANT, n, args, coefficients, 0, 0, constant};
    a = taup_graph_intern(g, &d);
  } else {
    taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a sum of %d terms", n);
  }
  taup_free(args);
  taup_free(coefficients);
  return a;
}

/* Terms [0, n) share their late factor: (sum of coefficient * early) * late. dim: of the sum that they stand in; coefficients carry what
 * is missing to it (8.314 n T + S T, where 8.314 is R), so the early factors are brought to one dimension here. */
static term gather(taup_graph *g, int n, const term *terms, taup_dim dim)
{
  double plain = 0.0;
  int n_early = 0;
  for (int i = 0; i < n; i++)
    if (terms[i].early == TAUP_NODE_NONE) plain += terms[i].coefficient;
    else n_early++;
  term t = {terms[0].late, TAUP_NODE_NONE, terms[0].late, plain};
  if (!n_early) return t;
  double *c = taup_calloc((size_t)n + 1, sizeof *c);
  taup_node *e = taup_calloc((size_t)n + 1, sizeof *e);
  if (!c || !e) taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a sum");
  int m = 0;
  const taup_dim early_dim = taup_dim_divide(dim, taup_node_dim(g, terms[0].late));
  for (int i = 0; c && e && i < n; i++)
    if (terms[i].early != TAUP_NODE_NONE) {
      c[m] = terms[i].coefficient;
      e[m++] = taup_redim(g, terms[i].early, early_dim);
    }
  if (plain != 0.0 && m) {
    c[m] = 1.0;
    e[m++] = taup_const(g, plain, early_dim);
  }
  const taup_node early = taup_sum(g, m, c, e);
  taup_free(c);
  taup_free(e);
  t.node = taup_mul(g, early, terms[0].late);
  return t.node < 0 ? t : make_term(g, 1.0, t.node);
}

/* Sort, merge equal terms, gather. Returns the new number of terms. */
static int merge(taup_graph *g, int n, term *terms, taup_dim dim)
{
  qsort(terms, (size_t)n, sizeof *terms, by_late);
  int m = 0;
  for (int i = 0, end; i < n && g->status >= 0; i = end) {
    for (end = i + 1; end < n && terms[end].late == terms[i].late; end++) continue;
    const term t = end == i + 1 ? terms[i] : gather(g, end - i, terms + i, dim);
    if (t.coefficient != 0.0 && !taup_node_is_const(g, t.node, 0.0)) terms[m++] = t;
  }
  return m;
}

/* In a sum bound at the state, what is bound earlier becomes one term. */
static int split_early(taup_graph *g, int n, term *terms, double *constant, taup_dim dim)
{
  int n_early = 0, n_state = 0;
  for (int i = 0; i < n; i++)
    if (data(g, terms[i].node)->binding < TAUP_STATE) n_early++;
    else n_state++;
  if (!n_state || n_early + (*constant != 0.0) < 2) return n;
  term *early = taup_calloc((size_t)n_early, sizeof *early);
  if (!early) {
    taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a sum");
    return 0;
  }
  int m = 0, k = 0;
  for (int i = 0; i < n; i++)
    if (data(g, terms[i].node)->binding < TAUP_STATE) early[k++] = terms[i];
    else terms[m++] = terms[i];
  const taup_node a = intern_sum(g, *constant, n_early, early, dim);
  taup_free(early);
  *constant = 0.0;
  if (a < 0) return 0;
  terms[m++] = (term){a, TAUP_NODE_NONE, a, 1.0};
  qsort(terms, (size_t)m, sizeof *terms,
        by_late); /* so that adding the early sum itself gives the same node */
  return m;
}

taup_node taup_sum(taup_graph *g, int n, const double *coefficients, const taup_node *nodes)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  if (n == 0) return taup_number(g, 0.0);
  term few[8], *terms = few;
  if (n > 8 && !(terms = taup_calloc((size_t)n, sizeof *terms)))
    return taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a sum of %d terms", n);
  double constant = 0.0;
  taup_dim dim = taup_node_dim(g, nodes[0]);
  bool has_dim = false, agree = true;
  int m = 0;
  for (int i = 0; i < n && agree; i++) {
    const double c = coefficients ? coefficients[i] : 1.0;
    if (c == 0.0 || taup_node_is_const(g, nodes[i], 0.0)) continue; /* a zero goes with any dimension */
    const taup_dim own = taup_node_dim(g, nodes[i]);
    if (!has_dim) dim = own;
    else if (!taup_dim_equal(dim, own)) agree = false;
    has_dim = true;
    if (is_const(g, nodes[i])) constant += c * data(g, nodes[i])->value;
    else terms[m++] = make_term(g, c, nodes[i]);
    if (!agree) mismatch(g, "add", dim, own);
  }
  m = merge(g, m, terms, dim);
  m = split_early(g, m, terms, &constant, dim);
  const taup_node a = g->status < 0 ? TAUP_NODE_ERROR : intern_sum(g, constant, m, terms, dim);
  if (terms != few) taup_free(terms);
  return a;
}

taup_node taup_add(taup_graph *g, taup_node a, taup_node b)
{
  return taup_sum(g, 2, NULL, (taup_node[]){a, b});
}
taup_node taup_sub(taup_graph *g, taup_node a, taup_node b)
{
  return taup_sum(g, 2, (double[]){1.0, -1.0}, (taup_node[]){a, b});
}
taup_node taup_neg(taup_graph *g, taup_node a) { return taup_scale(g, -1.0, a); }
taup_node taup_scale(taup_graph *g, double factor, taup_node a) { return taup_sum(g, 1, &factor, &a); }

taup_node taup_redim(taup_graph *g, taup_node a, taup_dim dim)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  if (is_const(g, a)) return taup_const(g, data(g, a)->value, dim);
  const term t = make_term(g, 1.0, a);
  return intern_sum(g, 0.0, 1, &t, dim);
}

/* --- products --- */

enum { MOST_FACTORS = 512 };

typedef struct factors {
  double coefficient;
  int n;
  taup_node node[MOST_FACTORS];
} factors;

static void collect(taup_graph *g, factors *f, taup_node a)
{
  const taup_node_data d = *data(g, a);
  if (d.op == TAUP_OP_CONST) {
    f->coefficient *= d.value;
  } else if (d.op == TAUP_OP_SUM && d.n == 1 && d.value == 0.0) {
    f->coefficient *= g->coefficients[d.first_coefficient];
    collect(g, f, g->args[d.first]);
  } else if (d.op == TAUP_OP_PROD) {
    for (int i = 0; i < d.n; i++) collect(g, f, g->args[d.first + i]);
  } else if (f->n < MOST_FACTORS) {
    f->node[f->n++] = a;
  } else {
    taup_graph_fail(g, TAUP_ERR_EXPRESSION_LIMIT, "a product of more than %d factors", MOST_FACTORS);
  }
}

static void cancel(const taup_graph *g, factors *f)
{
  for (int i = 0; i < f->n; i++) {
    if (f->node[i] < 0 || data(g, f->node[i])->op != TAUP_OP_RECIP) continue;
    const taup_node of = g->args[data(g, f->node[i])->first];
    for (int j = 0; j < f->n; j++)
      if (f->node[j] == of) {
        f->node[i] = f->node[j] = -1;
        break;
      }
  }
  int m = 0;
  for (int i = 0; i < f->n; i++)
    if (f->node[i] >= 0) f->node[m++] = f->node[i];
  f->n = m;
}

static int by_index(const void *pa, const void *pb)
{
  const int a = *(const int *)pa, b = *(const int *)pb;
  return (a > b) - (a < b);
}

static taup_dim dim_of_product(const taup_graph *g, int n, const taup_node *nodes)
{
  taup_dim dim = TAUP_DIM_NONE;
  for (int i = 0; i < n; i++) dim = taup_dim_multiply(dim, taup_node_dim(g, nodes[i]));
  return dim;
}

static taup_node intern_product(taup_graph *g, int n, const taup_node *nodes)
{
  if (n == 1) return nodes[0];
  const taup_draft d = {TAUP_OP_PROD, dim_of_product(g, n, nodes), TAUP_CONSTANT, n, nodes, NULL, 0, 0, 0.0};
  return taup_graph_intern(g, &d);
}

/* The product of sorted factors, group by binding time: ((parameters) (inlet)) (state). */
static taup_node group(taup_graph *g, factors *f)
{
  taup_node whole = TAUP_NODE_NONE;
  for (taup_binding b = TAUP_PARAMETER; b <= TAUP_STATE; b++) {
    taup_node own[MOST_FACTORS];
    int n = 0;
    for (int i = 0; i < f->n; i++)
      if (data(g, f->node[i])->binding == b) own[n++] = f->node[i];
    if (!n) continue;
    const taup_node part = intern_product(g, n, own);
    whole = whole == TAUP_NODE_NONE ? part
            : part < 0              ? part
                                    : intern_product(g, 2, (taup_node[]){whole, part});
    if (whole < 0) break;
  }
  return whole;
}

taup_node taup_product(taup_graph *g, int n, const taup_node *nodes)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  const taup_dim dim = dim_of_product(g, n, nodes);
  factors f;
  f.coefficient = 1.0;
  f.n = 0;
  for (int i = 0; i < n; i++) collect(g, &f, nodes[i]);
  if (g->status < 0) return TAUP_NODE_ERROR;
  if (f.coefficient == 0.0 || !f.n) return taup_const(g, f.coefficient, dim);
  qsort(f.node, (size_t)f.n, sizeof *f.node, by_index);
  cancel(g, &f);
  if (!f.n) return taup_const(g, f.coefficient, dim);
  const taup_node a = group(g, &f);
  if (a < 0) return TAUP_NODE_ERROR;
  const term t = {a, TAUP_NODE_NONE, a, f.coefficient};
  return intern_sum(g, 0.0, 1, &t, dim);
}

taup_node taup_mul(taup_graph *g, taup_node a, taup_node b)
{
  return taup_product(g, 2, (taup_node[]){a, b});
}
taup_node taup_div(taup_graph *g, taup_node a, taup_node b) { return taup_mul(g, a, taup_recip(g, b)); }

/* --- others --- */

static taup_node intern_op(taup_graph *g, taup_op op, taup_dim dim, int n, const taup_node *args)
{
  const taup_draft d = {op, dim, TAUP_CONSTANT, n, args, NULL, 0, 0, 0.0};
  return taup_graph_intern(g, &d);
}

taup_node taup_recip(taup_graph *g, taup_node a)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  const taup_node_data d = *data(g, a);
  const taup_dim dim = taup_dim_power(taup_node_dim(g, a), -1.0);
  if (d.op == TAUP_OP_CONST) {
    if (d.value == 0.0) return taup_graph_fail(g, TAUP_ERR_NO_FINITE_VALUE, "division by 0");
    return taup_const(g, 1.0 / d.value, dim);
  }
  if (d.op == TAUP_OP_RECIP) return g->args[d.first];
  if (d.op == TAUP_OP_SUM && d.n == 1 && d.value == 0.0) {
    const double c = g->coefficients[d.first_coefficient];
    return taup_redim(g, taup_scale(g, 1.0 / c, taup_recip(g, g->args[d.first])), dim);
  }
  if (d.op == TAUP_OP_PROD && d.n == 2 && data(g, g->args[d.first])->binding < d.binding) {
    const taup_node early = g->args[d.first], late = g->args[d.first + 1];
    return taup_mul(g, taup_recip(g, early), taup_recip(g, late));
  }
  return intern_op(g, TAUP_OP_RECIP, dim, 1, &a);
}

taup_node taup_sqrt(taup_graph *g, taup_node a)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  const taup_dim dim = taup_dim_power(taup_node_dim(g, a), 0.5);
  if (is_const(g, a)) {
    if (data(g, a)->value < 0.0)
      return taup_graph_fail(g, TAUP_ERR_NO_FINITE_VALUE, "square root of %g", data(g, a)->value);
    return taup_const(g, sqrt(data(g, a)->value), dim);
  }
  return intern_op(g, TAUP_OP_SQRT, dim, 1, &a);
}

taup_node taup_powi(taup_graph *g, taup_node base, double exponent)
{
  enum { MOST = 8 };
  if (g->status < 0) return TAUP_NODE_ERROR;
  const taup_dim dim = taup_dim_power(taup_node_dim(g, base), exponent);
  if (exponent == 0.0) return taup_number(g, 1.0);
  if (exponent == 0.5) return taup_sqrt(g, base);
  if (is_const(g, base)) {
    const double v = pow(data(g, base)->value, exponent);
    if (!isfinite(v))
      return taup_graph_fail(g, TAUP_ERR_NO_FINITE_VALUE, "%g^%g is no finite number", data(g, base)->value,
                             exponent);
    return taup_const(g, v, dim);
  }
  if (exponent == floor(exponent) && fabs(exponent) <= MOST) {
    taup_node factors_[MOST];
    const int n = (int)fabs(exponent);
    for (int i = 0; i < n; i++) factors_[i] = base;
    const taup_node p = taup_product(g, n, factors_);
    return exponent > 0.0 ? p : taup_recip(g, p);
  }
  return intern_op(g, TAUP_OP_POW, dim, 2, (taup_node[]){base, taup_number(g, exponent)});
}

taup_node taup_pow(taup_graph *g, taup_node base, taup_node exponent)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  if (!taup_dim_is_none(taup_node_dim(g, exponent)))
    return taup_graph_fail(g, TAUP_ERR_DIMENSION_MISMATCH, "an exponent must have no dimension");
  if (is_const(g, exponent)) return taup_powi(g, base, data(g, exponent)->value);
  if (!taup_dim_is_none(taup_node_dim(g, base)))
    return taup_graph_fail(g, TAUP_ERR_DIMENSION_MISMATCH,
                           "a base with a dimension needs a constant exponent");
  return intern_op(g, TAUP_OP_POW, TAUP_DIM_NONE, 2, (taup_node[]){base, exponent});
}

/* A function of one number without dimension, computed at once for constants. */
static taup_node plain(taup_graph *g, taup_op op, const char *name, double (*f)(double), taup_node a)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  if (!taup_dim_is_none(taup_node_dim(g, a))) {
    char t[64];
    return taup_graph_fail(g, TAUP_ERR_DIMENSION_MISMATCH,
                           "the argument of %s must have no dimension, it is in %s", name,
                           taup_dim_text(t, sizeof t, taup_node_dim(g, a)));
  }
  if (is_const(g, a)) {
    const double v = f(data(g, a)->value);
    if (!isfinite(v))
      return taup_graph_fail(g, TAUP_ERR_NO_FINITE_VALUE, "%s(%g) is no finite number", name,
                             data(g, a)->value);
    return taup_number(g, v);
  }
  return intern_op(g, op, TAUP_DIM_NONE, 1, &a);
}

taup_node taup_exp(taup_graph *g, taup_node a) { return plain(g, TAUP_OP_EXP, "exp", exp, a); }
taup_node taup_log(taup_graph *g, taup_node a) { return plain(g, TAUP_OP_LOG, "log", log, a); }
taup_node taup_log10(taup_graph *g, taup_node a) { return taup_scale(g, 1.0 / log(10.0), taup_log(g, a)); }
taup_node taup_tanh(taup_graph *g, taup_node a) { return plain(g, TAUP_OP_TANH, "tanh", tanh, a); }

taup_node taup_abs(taup_graph *g, taup_node a)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  if (is_const(g, a)) return taup_const(g, fabs(data(g, a)->value), taup_node_dim(g, a));
  return intern_op(g, TAUP_OP_ABS, taup_node_dim(g, a), 1, &a);
}

/* The common dimension of two nodes, a zero going with any; false (and the error recorded) when they differ. */
static bool common(taup_graph *g, const char *verb, taup_node a, taup_node b, taup_dim *dim)
{
  *dim = taup_node_dim(g, taup_node_is_const(g, a, 0.0) ? b : a);
  if (taup_node_is_const(g, a, 0.0) || taup_node_is_const(g, b, 0.0) ||
      taup_dim_equal(*dim, taup_node_dim(g, b)))
    return true;
  mismatch(g, verb, *dim, taup_node_dim(g, b));
  return false;
}

static taup_node extreme(taup_graph *g, taup_op op, taup_node a, taup_node b)
{
  taup_dim dim;
  if (g->status < 0 || !common(g, "compare", a, b, &dim)) return TAUP_NODE_ERROR;
  if (a == b) return a;
  if (is_const(g, a) && is_const(g, b)) {
    const bool take_a = (data(g, a)->value < data(g, b)->value) == (op == TAUP_OP_MIN);
    return taup_const(g, data(g, take_a ? a : b)->value, dim);
  }
  return intern_op(g, op, dim, 2, (taup_node[]){a, b});
}

taup_node taup_min(taup_graph *g, taup_node a, taup_node b) { return extreme(g, TAUP_OP_MIN, a, b); }
taup_node taup_max(taup_graph *g, taup_node a, taup_node b) { return extreme(g, TAUP_OP_MAX, a, b); }

taup_node taup_select(taup_graph *g, taup_node a, taup_node b, taup_node if_greater, taup_node otherwise)
{
  taup_dim compared, dim;
  if (g->status < 0 || !common(g, "compare", a, b, &compared) ||
      !common(g, "choose between", if_greater, otherwise, &dim))
    return TAUP_NODE_ERROR;
  if (if_greater == otherwise) return if_greater;
  if (is_const(g, a) && is_const(g, b)) return data(g, a)->value > data(g, b)->value ? if_greater : otherwise;
  return intern_op(g, TAUP_OP_SELECT, dim, 4, (taup_node[]){a, b, if_greater, otherwise});
}

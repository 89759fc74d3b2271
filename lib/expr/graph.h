/* SPDX-License-Identifier: Apache-2.0 */
/* graph.h - the expression graph: equations are written once, as nodes; everything else is derived from them.
 *
 * A node is an index. Nodes are hash-consed (the same operation on the same nodes exists once), never deleted, and a node's arguments
 * have smaller indices. Building cannot fail half-way: after an error (memory, dimensions that do not agree) every constructor returns
 * TAUP_NODE_ERROR and takes it as an argument; taup_graph_status() tells the first error.
 *
 * Every node has a dimension and a binding time: when its value is known. A graph belongs to one thread. */
#ifndef TAUP_GRAPH_H
#define TAUP_GRAPH_H

#include <stdbool.h>

#include "base/dim.h"
#include "base/status.h"
#include <tautrain/model.h>

typedef struct taup_graph taup_graph;
typedef int taup_node;

#define TAUP_NODE_ERROR (-1) /* result of a failed constructor */
#define TAUP_NODE_NONE (-2)  /* "not given", for callers; never passed to a constructor */

/* Binding times, in order; a node is bound when the last of its arguments is. */
typedef enum taup_binding {
  TAUP_CONSTANT,  /* a number in the text */
  TAUP_PARAMETER, /* once a run */
  TAUP_INLET,     /* when a unit is entered */
  TAUP_STATE      /* every step */
} taup_binding;

typedef enum taup_op {
  TAUP_OP_CONST,  /* value */
  TAUP_OP_SYMBOL, /* (binding, index) */
  TAUP_OP_SUM,    /* value + sum of coefficient_k * arg_k; at least one term */
  TAUP_OP_PROD,   /* product of args, at least two, sorted; coefficients are pulled out into a sum */
  TAUP_OP_RECIP,  /* 1 / arg */
  TAUP_OP_POW,    /* arg0 ^ arg1 */
  TAUP_OP_SQRT,
  TAUP_OP_EXP,
  TAUP_OP_LOG,
  TAUP_OP_TANH,
  TAUP_OP_ABS,
  TAUP_OP_MIN,
  TAUP_OP_MAX,
  TAUP_OP_SELECT, /* arg0 > arg1 ? arg2 : arg3 */
  TAUP_OP_CALL,   /* function `index` of args; its value */
  TAUP_OP_DCALL,  /* its derivative to argument `index2` */
  TAUP_N_OPS
} taup_op;

/* A function of the user, kept by the graph as a borrowed pointer. */
typedef struct taup_callback {
  tau_function function; /* one of the two is given */
  tau_function_complex function_complex;
  void *user;
  int n_args;
  const char *name; /* for messages and printing */
} taup_callback;

tau_status taup_graph_new(taup_graph **out);
void taup_graph_free(taup_graph *g);
/* TAU_OK, or the first error of building (its text is the thread's record again). */
tau_status taup_graph_status(const taup_graph *g);
/* Record an error (the first one stays) and return TAUP_NODE_ERROR. */
taup_node taup_graph_fail(taup_graph *g, taup_error kind, const char *format, ...)
  __attribute__((format(printf, 3, 4)));

/* --- leaves --- */
taup_node taup_const(taup_graph *g, double value, taup_dim dim);
taup_node taup_number(taup_graph *g, double value); /* without dimension */
/* The index-th symbol of a binding time. Same (binding, index): same node; the name is for printing (copied at first use). */
taup_node taup_symbol(taup_graph *g, taup_binding binding, int index, taup_dim dim, const char *name);

/* --- operations; sums and products are brought to normal form --- */
taup_node taup_add(taup_graph *g, taup_node a, taup_node b);
taup_node taup_sub(taup_graph *g, taup_node a, taup_node b);
taup_node taup_neg(taup_graph *g, taup_node a);
taup_node taup_mul(taup_graph *g, taup_node a, taup_node b);
taup_node taup_div(taup_graph *g, taup_node a, taup_node b);
taup_node taup_scale(taup_graph *g, double factor, taup_node a); /* factor without dimension */
/* sum of coefficients[k] * terms[k]; coefficients NULL: all 1. n = 0 gives the number 0. Never build long sums by taup_add. */
taup_node taup_sum(taup_graph *g, int n, const double *coefficients, const taup_node *terms);
taup_node taup_product(taup_graph *g, int n, const taup_node *factors);
taup_node taup_recip(taup_graph *g, taup_node a);
taup_node taup_pow(taup_graph *g, taup_node base,
                   taup_node exponent); /* exponent without dimension; constant unless base has none */
taup_node taup_powi(taup_graph *g, taup_node base,
                    double exponent); /* small whole exponents become products */
taup_node taup_sqrt(taup_graph *g, taup_node a);
taup_node taup_exp(taup_graph *g, taup_node a);
taup_node taup_log(taup_graph *g, taup_node a);
taup_node taup_log10(taup_graph *g, taup_node a);
taup_node taup_tanh(taup_graph *g, taup_node a);
taup_node taup_abs(taup_graph *g, taup_node a);
taup_node taup_min(taup_graph *g, taup_node a, taup_node b);
taup_node taup_max(taup_graph *g, taup_node a, taup_node b);
taup_node taup_select(taup_graph *g, taup_node a, taup_node b, taup_node if_greater,
                      taup_node otherwise); /* a > b ? .. : .. */
taup_node taup_call(taup_graph *g, const taup_callback *callback, const taup_node *args, taup_dim dim);
/* x without or with another dimension: for empirical correlations only; value stays in SI numbers. */
taup_node taup_redim(taup_graph *g, taup_node a, taup_dim dim);

/* --- reading --- */
int taup_graph_n_nodes(const taup_graph *g);
taup_op taup_node_op(const taup_graph *g, taup_node a);
taup_binding taup_node_binding(const taup_graph *g, taup_node a);
taup_dim taup_node_dim(const taup_graph *g, taup_node a);
int taup_node_n_args(const taup_graph *g, taup_node a);
const taup_node *taup_node_args(const taup_graph *g, taup_node a);      /* valid until the next constructor */
const double *taup_node_coefficients(const taup_graph *g, taup_node a); /* of a sum; the same */
double taup_node_value(const taup_graph *g, taup_node a); /* of a constant, or the constant term of a sum */
int taup_node_index(const taup_graph *g, taup_node a);    /* of a symbol; callback of a call */
int taup_node_index2(const taup_graph *g, taup_node a);   /* of a DCALL: which argument */
const char *taup_node_name(const taup_graph *g, taup_node a); /* of a symbol */
bool taup_node_is_const(const taup_graph *g, taup_node a, double value);
const taup_callback *taup_graph_callback(const taup_graph *g, int i_callback);

/* A user's power c^n of a concentration of any real order n (constant), smooth and sign-keeping at 0 (rules: order below 1 stays at
 * zero, whole orders are products, other orders above 1 are c |c|^(n-1)). */
taup_node taup_power_of_order(taup_graph *g, taup_node c, taup_node order);

/* --- evaluation for tests and transforms: plain, over complex numbers --- */
/* values[binding][index] as (re, im) pairs; binding TAUP_CONSTANT is not read. out: n (re, im) pairs. */
tau_status taup_complex_eval(const taup_graph *g, const double *const values_re_im[/* 4 */], int n,
                             const taup_node *nodes, double *out_re_im);

/* --- differentiation --- */
typedef struct taup_diff taup_diff;
typedef struct taup_partial {
  int symbol;     /* index of the symbol of the class asked for */
  taup_node node; /* the derivative; never a constant 0 */
} taup_partial;
/* Derivatives to all symbols of one binding time. Memory is kept between calls: ask one taup_diff for all nodes of a system. */
tau_status taup_diff_new(taup_diff **out, taup_graph *g, taup_binding wrt);
/* The gradient of a node, sorted by symbol; borrowed until the next call. An error is in the graph's status (n is 0 then). */
int taup_diff_of(taup_diff *d, taup_node node, const taup_partial **out);
void taup_diff_free(taup_diff *d);

/* The gradients of n nodes: those of node i are first[i] ... first[i + 1] - 1, sorted by symbol. */
typedef struct taup_rows {
  int *first; /* n + 1 */
  int *symbol;
  taup_node *node;
} taup_rows;
/* Free *out by taup_rows_free, also after an error. */
tau_status taup_diff_rows(taup_rows *out, taup_graph *g, taup_binding wrt, int n, const taup_node *nodes);
void taup_rows_free(taup_rows *rows);

/* --- printing --- */
struct taup_text;
/* As text that the parser reads, and as LaTeX. Symbols by name. */
void taup_print(const taup_graph *g, taup_node node, struct taup_text *out);
void taup_print_latex(const taup_graph *g, taup_node node, struct taup_text *out);

#endif

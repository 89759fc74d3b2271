/* SPDX-License-Identifier: Apache-2.0 */
/* complex_program.c - one instruction a node, each run over all values of s before the next.
 *
 * ln(1 + z) of a sum 1 + z is taken from z: n ln(1 + s tau/n) would lose six digits for a million tanks.
 * What does not contain s is computed once a run. Products are written out by parts: C's own check each for
 * an infinity, which no transform takes on its contour. Invariant: arguments of an instruction have smaller
 * numbers; a register is m numbers, or one where the node does not contain s (stride 0). */
#include "expr/complex_program.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

typedef double complex number;

typedef struct instruction {
  taup_op op;
  bool varies;       /* with s */
  int first, n_args; /* into args, coefficients */
  double value;      /* of a constant; the constant term of a sum */
  int index;         /* of a parameter; -1: s */
  int one_plus; /* of a logarithm: place of its argument where that is a sum with the constant term 1; else -1 */
} instruction;

struct taup_complex_program {
  int n, n_args, n_out;
  instruction *code;
  int *args;
  double *coefficients;
  int *out;
};

/* --- lowering --- */

static tau_status count(const taup_graph *g, int n, const taup_node *nodes, bool *wanted, int *n_args)
{
  for (int k = 0; k < n; k++) {
    if (nodes[k] < 0) return taup_graph_status(g);
    wanted[nodes[k]] = true;
  }
  for (int a = taup_graph_n_nodes(g) - 1; a >= 0; a--) {
    if (!wanted[a]) continue;
    const taup_op op = taup_node_op(g, a);
    if (op >= TAUP_OP_ABS)
      return taup_fail(TAUP_ERR_NO_DERIVATIVE, "a transform is an analytic function; found a choice or a "
                                               "function of the user in it");
    for (int k = 0; k < taup_node_n_args(g, a); k++) wanted[taup_node_args(g, a)[k]] = true;
    *n_args += taup_node_n_args(g, a);
  }
  return TAU_OK;
}

static void lower_node(taup_complex_program *p, const taup_graph *g, taup_node a, const int *place)
{
  instruction *i = &p->code[p->n];
  i->op = taup_node_op(g, a);
  i->first = p->n_args;
  i->n_args = taup_node_n_args(g, a);
  i->varies = taup_node_binding(g, a) == TAUP_STATE;
  if (i->op == TAUP_OP_CONST || i->op == TAUP_OP_SUM) i->value = taup_node_value(g, a);
  if (i->op == TAUP_OP_SYMBOL) i->index = i->varies ? -1 : taup_node_index(g, a);
  for (int k = 0; k < i->n_args; k++) {
    p->args[p->n_args] = place[taup_node_args(g, a)[k]];
    if (i->op == TAUP_OP_SUM) p->coefficients[p->n_args] = taup_node_coefficients(g, a)[k];
    p->n_args++;
  }
  const int x = i->op == TAUP_OP_LOG ? p->args[i->first] : -1;
  i->one_plus = x >= 0 && p->code[x].op == TAUP_OP_SUM && p->code[x].value == 1.0 ? x : -1;
  p->n++;
}

static tau_status lower(taup_complex_program *p, const taup_graph *g, const bool *wanted)
{
  const int n_nodes = taup_graph_n_nodes(g);
  int *place = taup_calloc((size_t)n_nodes, sizeof *place);
  if (!place) return TAU_E_NOMEM;
  for (int a = 0; a < n_nodes; a++) {
    if (!wanted[a]) continue;
    place[a] = p->n;
    lower_node(p, g, a, place);
  }
  for (int k = 0; k < p->n_out; k++) p->out[k] = place[p->out[k]];
  taup_free(place);
  return TAU_OK;
}

static tau_status build(taup_complex_program *p, const taup_graph *g, const taup_node *nodes, bool *wanted)
{
  int n_args = 0;
  TAU_TRY(count(g, p->n_out, nodes, wanted, &n_args));
  p->code = taup_calloc((size_t)taup_graph_n_nodes(g), sizeof *p->code);
  p->args = taup_calloc((size_t)n_args + 1, sizeof *p->args);
  p->coefficients = taup_calloc((size_t)n_args + 1, sizeof *p->coefficients);
  p->out = taup_calloc((size_t)p->n_out, sizeof *p->out);
  if (!p->code || !p->args || !p->coefficients || !p->out) return TAU_E_NOMEM;
  memcpy(p->out, nodes, (size_t)p->n_out * sizeof *p->out);
  return lower(p, g, wanted);
}

tau_status taup_complex_compile(taup_complex_program **out, const taup_graph *g, int n, const taup_node *nodes)
{
  TAU_TRY(taup_graph_status(g));
  taup_complex_program *p = taup_calloc(1, sizeof *p);
  bool *wanted = taup_calloc((size_t)taup_graph_n_nodes(g), sizeof *wanted);
  tau_status st = p && wanted ? TAU_OK : TAU_E_NOMEM;
  if (st == TAU_OK) {
    p->n_out = n;
    st = build(p, g, nodes, wanted);
  }
  taup_free(wanted);
  if (st == TAU_OK) *out = p;
  else taup_complex_program_free(p);
  return st;
}

void taup_complex_program_free(taup_complex_program *p)
{
  if (!p) return;
  taup_free(p->code);
  taup_free(p->args);
  taup_free(p->coefficients);
  taup_free(p->out);
  taup_free(p);
}

/* --- running --- */

static number pair(double re, double im)
{
  const double parts[2] = {re, im};
  number z;
  memcpy(&z, parts, sizeof z);
  return z;
}

static number times(number a, number b)
{
  return pair(creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

/* By the larger part of z, so that neither square overflows. */
static number reciprocal(number z)
{
  const double x = creal(z), y = cimag(z);
  if (fabs(x) >= fabs(y)) {
    const double r = y / x, d = 1.0 / (x + y * r);
    return pair(d, -r * d);
  }
  const double r = x / y, d = 1.0 / (x * r + y);
  return pair(r * d, -d);
}

static number power(number z, number w)
{
  const double n = creal(w);
  if (cimag(w) == 0.0 && n == floor(n) && fabs(n) <= 64.0) {
    number result = 1.0;
    for (int k = (int)fabs(n); k; k >>= 1, z = times(z, z))
      if (k & 1) result = times(result, z);
    return n < 0.0 ? reciprocal(result) : result;
  }
  return cexp(times(w, clog(z)));
}

static number unary(taup_op op, number z)
{
  switch (op) {
  case TAUP_OP_RECIP: return reciprocal(z);
  case TAUP_OP_SQRT: return csqrt(z);
  case TAUP_OP_EXP: return cexp(z);
  case TAUP_OP_LOG: return clog(z);
  default: return ctanh(z);
  }
}

typedef struct machine {
  const taup_complex_program *p;
  int m;
  number *work; /* registers, m numbers each */
} machine;

static number *register_of(const machine *r, int k) { return r->work + (size_t)k * (size_t)r->m; }
static int stride(const machine *r, int k) { return r->p->code[k].varies ? 1 : 0; }

static void run_sum(const machine *r, const instruction *i, double constant, number *z, int n)
{
  for (int j = 0; j < n; j++) z[j] = constant;
  for (int k = i->first; k < i->first + i->n_args; k++) {
    const number *x = register_of(r, r->p->args[k]);
    const int step = stride(r, r->p->args[k]);
    const double c = r->p->coefficients[k];
    for (int j = 0; j < n; j++)
      z[j] = pair(creal(z[j]) + c * creal(x[j * step]), cimag(z[j]) + c * cimag(x[j * step]));
  }
}

static void run_product(const machine *r, const instruction *i, number *z, int n)
{
  for (int j = 0; j < n; j++) z[j] = 1.0;
  for (int k = i->first; k < i->first + i->n_args; k++) {
    const number *x = register_of(r, r->p->args[k]);
    const int step = stride(r, r->p->args[k]);
    for (int j = 0; j < n; j++) z[j] = times(z[j], x[j * step]);
  }
}

/* |1 + z|^2 = 1 + 2 x + x^2 + y^2 */
static number log_one_plus(number z)
{
  const double x = creal(z), y = cimag(z);
  if (fabs(x) > 0.5 || fabs(y) > 0.5) return clog(1.0 + z);
  return pair(0.5 * log1p(x * (2.0 + x) + y * y), atan2(y, 1.0 + x));
}

static void run_function(const machine *r, const instruction *i, number *z, int n)
{
  if (i->one_plus >= 0) {
    run_sum(r, &r->p->code[i->one_plus], 0.0, z, n);
    for (int j = 0; j < n; j++) z[j] = log_one_plus(z[j]);
    return;
  }
  const int a = r->p->args[i->first];
  const number *x = register_of(r, a);
  const int step = stride(r, a);
  if (i->op == TAUP_OP_POW) {
    const int b = r->p->args[i->first + 1];
    for (int j = 0; j < n; j++) z[j] = power(x[j * step], register_of(r, b)[j * stride(r, b)]);
    return;
  }
  for (int j = 0; j < n; j++) z[j] = unary(i->op, x[j * step]);
}

size_t taup_complex_program_work(const taup_complex_program *program, int m)
{
  return (size_t)program->n * (size_t)m;
}

void taup_complex_program_run(const taup_complex_program *program, const double *parameters, int m,
                              const number *s, number *work, number *out)
{
  const machine r = {program, m, work};
  for (int k = 0; k < program->n; k++) {
    const instruction *i = &program->code[k];
    number *z = register_of(&r, k);
    const int n = i->varies ? m : 1;
    switch (i->op) {
    case TAUP_OP_CONST: z[0] = i->value; break;
    case TAUP_OP_SYMBOL:
      if (i->index >= 0) z[0] = parameters[i->index];
      else memcpy(z, s, (size_t)m * sizeof *z);
      break;
    case TAUP_OP_SUM: run_sum(&r, i, i->value, z, n); break;
    case TAUP_OP_PROD: run_product(&r, i, z, n); break;
    default: run_function(&r, i, z, n); break;
    }
  }
  for (int k = 0; k < program->n_out; k++) {
    const number *z = register_of(&r, program->out[k]);
    const int step = stride(&r, program->out[k]);
    for (int j = 0; j < m; j++) out[(size_t)k * (size_t)m + (size_t)j] = z[j * step];
  }
}

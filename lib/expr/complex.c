/* SPDX-License-Identifier: Apache-2.0 */
/* complex.c - nodes evaluated over complex numbers, plainly, each once, in the order of their indices.
 *
 * exp, log, sqrt, tanh and powers are the analytic functions (principal branches). abs, min, max and select
 * decide by the real parts, so f(x + ih) = f(x) + ih f'(x) on either side of a corner: |z| is z or -z. That
 * holds for an imaginary part of any size, but for functions of the user that are given over real numbers
 * alone: there value + i gradient . im is the first order, and an imaginary part that is no small step is
 * refused. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "expr/graph.h"

typedef double complex number;

typedef struct evaluation {
  const taup_graph *g;
  const double *const *inputs; /* [binding], (re, im) pairs */
  number *value;               /* of each node */
  bool *wanted;
  number *args; /* of a function of the user */
  double *real; /* real parts of the arguments, then the gradient */
  int cap_args, cap_real;
} evaluation;

static number pair(double re, double im)
{
  const double parts[2] = {re, im};
  number z;
  memcpy(&z, parts,
         sizeof z); /* C11 6.2.5: laid out as two doubles; re + i im would turn an infinity into NaN */
  return z;
}

/* --- powers --- */

static number whole_power(number z, int n)
{
  number result = 1.0;
  for (int k = n < 0 ? -n : n; k; k >>= 1, z *= z)
    if (k & 1) result *= z;
  return n < 0 ? 1.0 / result : result;
}

/* z^n, n real. cpow loses digits, and gives NaN at 0. */
static number real_power(number z, double n)
{
  enum { MOST = 1024 };
  const double size = cabs(z);
  if (n == floor(n) && fabs(n) <= MOST) return whole_power(z, (int)n);
  if (size == 0.0) return n > 0.0 ? 0.0 : HUGE_VAL;
  const double angle = n * carg(z), r = pow(size, n);
  return pair(r * cos(angle), r * sin(angle));
}

/* z^(n + im) = z^n exp(i m log z) */
static number power(number z, number w)
{
  const double m = cimag(w);
  const number base = real_power(z, creal(w));
  if (m == 0.0 || base == 0.0) return base;
  return base * cexp(pair(-m * carg(z), m * log(cabs(z))));
}

/* --- functions of the user --- */

static tau_status answer(int code, const char *name)
{
  if (code == 0) return TAU_OK;
  if (code > 0) return taup_fail(TAUP_ERR_FUNCTION_REFUSED, "the function '%s' refused its arguments", name);
  return taup_fail(TAUP_ERR_FUNCTION_FAILED, "the function '%s' failed", name);
}

static bool small_step(number z) { return fabs(cimag(z)) <= fmax(1e-8 * fabs(creal(z)), 1e-12); }

/* Arguments of node a into e->args, their real parts into e->real. */
static tau_status collect(evaluation *e, taup_node a, int n)
{
  TAU_TRY(taup_grow(&e->args, &e->cap_args, n + 1, sizeof *e->args));
  TAU_TRY(taup_grow(&e->real, &e->cap_real, 2 * n + 1, sizeof *e->real));
  for (int k = 0; k < n; k++) {
    e->args[k] = e->value[taup_node_args(e->g, a)[k]];
    e->real[k] = creal(e->args[k]);
  }
  return TAU_OK;
}

static tau_status call_complex(evaluation *e, const taup_callback *f, number *out)
{
  double x[2] = {0.0, 0.0};
  TAU_TRY(answer(f->function_complex(f->user, f->n_args, (const double *)e->args, x), f->name));
  *out = pair(x[0], x[1]);
  return TAU_OK;
}

/* value and gradient at the real parts; the gradient stands behind them in e->real. */
static tau_status call_real(evaluation *e, const taup_callback *f, double *value)
{
  return answer(f->function(f->user, f->n_args, e->real, value, e->real + f->n_args), f->name);
}

static tau_status call(evaluation *e, const taup_callback *f, number *out)
{
  if (f->function_complex) return call_complex(e, f, out);
  double value = 0.0, step = 0.0;
  TAU_TRY(call_real(e, f, &value));
  for (int k = 0; k < f->n_args; k++) {
    if (!small_step(e->args[k]))
      return taup_fail(TAUP_ERR_NO_DERIVATIVE,
                       "the function '%s' is given over real numbers; its argument %d is complex", f->name,
                       k + 1);
    if (cimag(e->args[k]) != 0.0) step += e->real[f->n_args + k] * cimag(e->args[k]);
  }
  *out = pair(value, step);
  return TAU_OK;
}

/* The derivative to argument i, at real arguments: the second derivatives are not known. */
static tau_status call_derivative(evaluation *e, const taup_callback *f, int i, number *out)
{
  for (int k = 0; k < f->n_args; k++)
    if (cimag(e->args[k]) != 0.0)
      return taup_fail(TAUP_ERR_NO_DERIVATIVE,
                       "the derivative of the function '%s' is known at real arguments only", f->name);
  if (f->function) {
    double value = 0.0;
    TAU_TRY(call_real(e, f, &value));
    *out = e->real[f->n_args + i];
    return TAU_OK;
  }
  const double h = 1e-100 * fmax(fabs(creal(e->args[i])), 1e-30);
  e->args[i] = pair(creal(e->args[i]), h);
  TAU_TRY(call_complex(e, f, out));
  *out = cimag(*out) / h;
  return TAU_OK;
}

static tau_status user_function(evaluation *e, taup_node a)
{
  const taup_callback *f = taup_graph_callback(e->g, taup_node_index(e->g, a));
  TAU_TRY(collect(e, a, f->n_args));
  if (taup_node_op(e->g, a) == TAUP_OP_CALL) return call(e, f, &e->value[a]);
  return call_derivative(e, f, taup_node_index2(e->g, a), &e->value[a]);
}

/* --- nodes --- */

static number symbol(const evaluation *e, taup_node a)
{
  const double *x = e->inputs[taup_node_binding(e->g, a)] + 2 * taup_node_index(e->g, a);
  return pair(x[0], x[1]);
}

static number sum(const evaluation *e, taup_node a)
{
  const taup_node *args = taup_node_args(e->g, a);
  const double *c = taup_node_coefficients(e->g, a);
  double re = taup_node_value(e->g, a), im = 0.0;
  for (int k = 0; k < taup_node_n_args(e->g, a); k++) {
    re += c[k] * creal(e->value[args[k]]);
    im += c[k] * cimag(e->value[args[k]]);
  }
  return pair(re, im);
}

static number product(const evaluation *e, taup_node a)
{
  const taup_node *args = taup_node_args(e->g, a);
  number z = e->value[args[0]];
  for (int k = 1; k < taup_node_n_args(e->g, a); k++) z *= e->value[args[k]];
  return z;
}

static bool greater(number a, number b) { return creal(a) > creal(b); }

static tau_status evaluate(evaluation *e, taup_node a)
{
  number x[4] = {0};
  for (int k = 0; k < taup_node_n_args(e->g, a) && k < 4; k++) x[k] = e->value[taup_node_args(e->g, a)[k]];
  number *z = &e->value[a];
  switch (taup_node_op(e->g, a)) {
  case TAUP_OP_CONST: *z = taup_node_value(e->g, a); break;
  case TAUP_OP_SYMBOL: *z = symbol(e, a); break;
  case TAUP_OP_SUM: *z = sum(e, a); break;
  case TAUP_OP_PROD: *z = product(e, a); break;
  case TAUP_OP_RECIP: *z = 1.0 / x[0]; break;
  case TAUP_OP_POW: *z = power(x[0], x[1]); break;
  case TAUP_OP_SQRT: *z = csqrt(x[0]); break;
  case TAUP_OP_EXP: *z = cexp(x[0]); break;
  case TAUP_OP_LOG: *z = clog(x[0]); break;
  case TAUP_OP_TANH: *z = ctanh(x[0]); break;
  case TAUP_OP_ABS: *z = creal(x[0]) > 0.0 ? x[0] : -x[0]; break;
  case TAUP_OP_MIN: *z = greater(x[0], x[1]) ? x[1] : x[0]; break;
  case TAUP_OP_MAX: *z = greater(x[0], x[1]) ? x[0] : x[1]; break;
  case TAUP_OP_SELECT: *z = greater(x[0], x[1]) ? x[2] : x[3]; break;
  case TAUP_OP_CALL:
  case TAUP_OP_DCALL: return user_function(e, a);
  case TAUP_N_OPS: break;
  }
  return TAU_OK;
}

/* Arguments have smaller indices: one pass down marks what is needed, one pass up computes it. */
static tau_status run(evaluation *e, int n_nodes)
{
  for (int a = n_nodes - 1; a >= 0; a--)
    for (int k = 0; e->wanted[a] && k < taup_node_n_args(e->g, a); k++)
      e->wanted[taup_node_args(e->g, a)[k]] = true;
  for (int a = 0; a < n_nodes; a++)
    if (e->wanted[a]) TAU_TRY(evaluate(e, a));
  return TAU_OK;
}

tau_status taup_complex_eval(const taup_graph *g, const double *const values_re_im[], int n,
                             const taup_node *nodes, double *out_re_im)
{
  TAU_TRY(taup_graph_status(g));
  int n_nodes = 0;
  for (int i = 0; i < n; i++)
    if (nodes[i] >= n_nodes) n_nodes = nodes[i] + 1;
  evaluation e = {.g = g, .inputs = values_re_im};
  e.value = taup_calloc((size_t)n_nodes, sizeof *e.value);
  e.wanted = taup_calloc((size_t)n_nodes, sizeof *e.wanted);
  tau_status st = e.value && e.wanted ? TAU_OK : TAU_E_NOMEM;
  if (st < 0) goto done;
  for (int i = 0; i < n; i++) e.wanted[nodes[i]] = true;
  if ((st = run(&e, n_nodes)) < 0) goto done;
  for (int i = 0; i < n; i++) {
    out_re_im[2 * i] = creal(e.value[nodes[i]]);
    out_re_im[2 * i + 1] = cimag(e.value[nodes[i]]);
  }
done:
  taup_free(e.value);
  taup_free(e.wanted);
  taup_free(e.args);
  taup_free(e.real);
  return st;
}

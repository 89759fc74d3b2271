/* SPDX-License-Identifier: Apache-2.0 */
/* fit_curve.c - fits of an expression: parsed and differentiated as a graph, lowered to a program.
 *
 * The program has two bodies, f and (f, df/db); parameters are its parameters, so that what depends on them alone is computed once for all
 * points, and variables are its states. Invariant: a taup_curve is one point's register file and the points' x. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "expr/parse.h"
#include "expr/program.h"
#include "study/fit.h"

enum { REGISTER_ALIGNMENT = 64 };

struct taup_curve {
  taup_program *program;
  int n_points, n_variables, n_parameters;
  double *x;       /* n_points x n_variables */
  double *memory;  /* of R and out */
  double *R, *out; /* out: f, then df/db */
};

void taup_curve_free(taup_curve *c)
{
  if (!c) return;
  taup_program_free(c->program);
  taup_free(c->memory);
  taup_free(c->x);
  taup_free(c);
}

/* --- evaluation --- */

/* f and, where J is given, its rows at n points. */
static tau_status evaluate(taup_curve *c, int n, const double *x, const double *b, double *f, double *J)
{
  const size_t n_variables = (size_t)c->n_variables, n_parameters = (size_t)c->n_parameters;
  memcpy(taup_program_input(c->program, 1, c->R, TAUP_PARAMETER, 0), b, n_parameters * sizeof *b);
  taup_program_prologue(c->program, TAUP_PARAMETER, 1, c->R);
  for (size_t i = 0; i < (size_t)n; i++) {
    if (n_variables)
      memcpy(taup_program_input(c->program, 1, c->R, TAUP_STATE, 0), x + i * n_variables,
             n_variables * sizeof *x);
    taup_program_run(c->program, J != NULL, 1, c->R, c->out);
    f[i] = c->out[0];
    if (J) memcpy(J + i * n_parameters, c->out + 1, n_parameters * sizeof *J);
  }
  return TAU_OK;
}

static tau_status model(void *user, const double *b, double *f, double *J)
{
  taup_curve *c = user;
  return evaluate(c, c->n_points, c->x, b, f, J);
}

/* --- names --- */

typedef struct naming {
  const tau_curve *curve;
  bool *occurs; /* n_parameters */
} naming;

static taup_node resolve(void *user, taup_graph *g, const char *name, bool species)
{
  const naming *t = user;
  if (species) return TAUP_NODE_NONE;
  for (int j = 0; j < t->curve->n_parameters; j++)
    if (strcmp(name, t->curve->parameters[j].name) == 0) {
      t->occurs[j] = true;
      return taup_symbol(g, TAUP_PARAMETER, j, TAUP_DIM_NONE, name);
    }
  for (int j = 0; j < t->curve->n_variables; j++)
    if (strcmp(name, t->curve->variables[j]) == 0) return taup_symbol(g, TAUP_STATE, j, TAUP_DIM_NONE, name);
  return TAUP_NODE_NONE;
}

static tau_status fail_in(const tau_curve *curve, tau_status st, int column)
{
  char why[512];
  if (st == TAU_E_NOMEM) return st;
  snprintf(why, sizeof why, "%s", tau_last_error());
  return taup_fail_as(st, taup_last_kind(), "curve '%.200s', column %d: %s", curve->expression, column, why);
}

static tau_status check_names(const tau_curve *curve)
{
  for (int i = 0; i < curve->n_parameters; i++) {
    const char *name = curve->parameters[i].name;
    for (int j = 0; j < curve->n_variables; j++)
      if (strcmp(name, curve->variables[j]) == 0)
        return taup_fail(TAUP_ERR_FIT_DATA, "'%s' is both a variable and a parameter of the curve", name);
    for (int j = 0; j < i; j++)
      if (strcmp(name, curve->parameters[j].name) == 0)
        return taup_fail(TAUP_ERR_FIT_DATA, "'%s' is given twice as a parameter of the curve", name);
  }
  return TAU_OK;
}

static tau_status check_x(const tau_curve *curve)
{
  for (int i = 0; i < curve->n_points; i++)
    for (int j = 0; j < curve->n_variables; j++) {
      const double x = curve->x[(size_t)i * (size_t)curve->n_variables + (size_t)j];
      if (!isfinite(x))
        return taup_fail(TAUP_ERR_FIT_DATA, "%s of point %d is %g; needs a number", curve->variables[j], i, x);
    }
  return TAU_OK;
}

/* --- compile --- */

static tau_status parse(taup_graph *g, const tau_curve *curve, taup_node *f)
{
  int column = 0;
  const int n = curve->n_parameters + curve->n_variables;
  tau_status st = TAU_E_NOMEM;
  const char **names = taup_calloc((size_t)n + 1, sizeof *names); /* NULL-terminated */
  naming t = {curve, taup_calloc((size_t)curve->n_parameters, sizeof *t.occurs)};
  if (!names || !t.occurs) goto done;
  for (int j = 0; j < n; j++)
    names[j] =
      j < curve->n_parameters ? curve->parameters[j].name : curve->variables[j - curve->n_parameters];
  const taup_scope scope = {resolve, &t, names};
  if ((st = taup_parse(g, curve->expression, &scope, f, &column)) < 0) {
    st = fail_in(curve, st, column);
    goto done;
  }
  for (int j = 0; j < curve->n_parameters && st == TAU_OK; j++)
    if (!t.occurs[j])
      st = taup_fail(TAUP_ERR_UNUSED_PARAMETER, "parameter '%s' does not occur in the curve '%.200s'",
                     curve->parameters[j].name, curve->expression);
done:
  taup_free(t.occurs);
  taup_free(names);
  return st;
}

/* nodes: f, then df/db */
static tau_status differentiate(taup_graph *g, int n_parameters, taup_node *nodes)
{
  taup_diff *d = NULL;
  const taup_partial *partial = NULL;
  TAU_TRY(taup_diff_new(&d, g, TAUP_PARAMETER));
  for (int j = 0; j < n_parameters; j++) nodes[1 + j] = taup_number(g, 0.0);
  const int n = taup_diff_of(d, nodes[0], &partial);
  for (int k = 0; k < n; k++) nodes[1 + partial[k].symbol] = partial[k].node;
  taup_diff_free(d);
  return taup_graph_status(g);
}

static tau_status compile(taup_curve *c, const tau_curve *curve)
{
  const int n_inputs[4] = {0, curve->n_parameters, 0, curve->n_variables};
  taup_graph *g = NULL;
  tau_status st = TAU_E_NOMEM;
  taup_node *nodes = taup_calloc((size_t)curve->n_parameters + 1, sizeof *nodes);
  if (!nodes) goto done;
  if ((st = taup_graph_new(&g)) < 0) goto done;
  if ((st = parse(g, curve, &nodes[0])) < 0) goto done;
  if ((st = differentiate(g, curve->n_parameters, nodes)) < 0) goto done;
  const taup_body bodies[] = {{1, nodes, "f"}, {1 + curve->n_parameters, nodes, "f and J"}};
  st = taup_program_new(&c->program, g, n_inputs, 2, bodies);
done:
  taup_graph_free(g);
  taup_free(nodes);
  return st;
}

static tau_status allocate(taup_curve *c, const tau_curve *curve)
{
  const size_t n_x = (size_t)curve->n_points * (size_t)curve->n_variables;
  const size_t bytes = taup_program_bytes(c->program, 1) + 2 * REGISTER_ALIGNMENT;
  c->x = taup_calloc(n_x, sizeof *c->x);
  c->memory = taup_calloc(bytes + (1 + (size_t)curve->n_parameters) * sizeof(double), 1);
  if (!c->x || !c->memory) return TAU_E_NOMEM;
  if (n_x) memcpy(c->x, curve->x, n_x * sizeof *c->x);
  const size_t off = (size_t)((uintptr_t)c->memory % REGISTER_ALIGNMENT);
  c->R = c->memory + (off ? (REGISTER_ALIGNMENT - off) / sizeof(double) : 0);
  c->out = c->memory + bytes / sizeof(double);
  c->n_points = curve->n_points;
  c->n_variables = curve->n_variables;
  c->n_parameters = curve->n_parameters;
  taup_program_init(c->program, 1, c->R);
  return TAU_OK;
}

tau_status tau_fit_curve(tau_fit **out, const tau_curve *curve, const tau_fit_options *options)
{
  *out = NULL;
  TAU_TRY(check_names(curve));
  TAU_TRY(check_x(curve));
  taup_curve *c = taup_calloc(1, sizeof *c);
  if (!c) return TAU_E_NOMEM;
  tau_status st = compile(c, curve);
  if (st >= 0) st = allocate(c, curve);
  if (st < 0) {
    taup_curve_free(c);
    return st;
  }
  const tau_fit_problem problem = {
    curve->n_points, curve->y, curve->sigma, curve->n_parameters, curve->parameters, model, c};
  return taup_fit_new(out, &problem, options, c);
}

tau_status tau_fit_predict(tau_fit *fit, int n, const double *x, double level, double *values,
                           double *half_widths)
{
  if (!fit->curve)
    return taup_fail(TAUP_ERR_NO_CURVE,
                     "the model of this fit is a function, not an expression: it has no other points");
  if (!half_widths) return evaluate(fit->curve, n, x, fit->value, values, NULL);
  double *J = taup_calloc((size_t)n, (size_t)fit->lsq->p.n * sizeof *J);
  if (!J) return TAU_E_NOMEM;
  tau_status st = evaluate(fit->curve, n, x, fit->value, values, J);
  if (st >= 0) st = tau_fit_band(fit, n, J, level, half_widths);
  taup_free(J);
  return st;
}

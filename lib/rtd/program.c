/* SPDX-License-Identifier: Apache-2.0 */
/* program.c - a row of the table compiled: K with its slopes to the parameters, K with its derivatives to s, and
 * delay and bypass with their slopes. Everything follows from the nodes that the row builds, by differentiation. */
#include "rtd/rtd.h"

enum { N_ATOM = 2 * (1 + TAUP_RTD_MOST_FIELDS), N_DERIVATIVES = 4 };

/* node and its gradient: out[0] the node, out[1 + k] the derivative to parameter k, the number 0 where there is none. */
static tau_status with_gradient(taup_graph *g, taup_node node, int n, taup_node *out)
{
  taup_diff *d = NULL;
  const taup_partial *partials = NULL;
  TAU_TRY(taup_diff_new(&d, g, TAUP_PARAMETER));
  const int m = taup_diff_of(d, node, &partials);
  out[0] = node;
  for (int k = 0; k < n; k++) out[1 + k] = TAUP_NODE_NONE;
  for (int i = 0; i < m; i++) out[1 + partials[i].symbol] = partials[i].node;
  for (int k = 0; k < n; k++)
    if (out[1 + k] == TAUP_NODE_NONE) out[1 + k] = taup_number(g, 0.0);
  taup_diff_free(d);
  return taup_graph_status(g);
}

/* node and its first three derivatives to s. */
static tau_status with_derivatives(taup_graph *g, taup_node node, taup_node out[N_DERIVATIVES])
{
  taup_diff *d = NULL;
  const taup_partial *partials = NULL;
  TAU_TRY(taup_diff_new(&d, g, TAUP_STATE));
  out[0] = node;
  for (int k = 1; k < N_DERIVATIVES; k++)
    out[k] = taup_diff_of(d, out[k - 1], &partials) ? partials[0].node : taup_number(g, 0.0);
  taup_diff_free(d);
  return taup_graph_status(g);
}

static tau_status compile_density(taup_rtd_program *p, taup_graph *g, const taup_node *fields)
{
  taup_node nodes[N_ATOM];
  const taup_node s = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM(0, 0, -1, 0, 0), "s");
  const taup_node K = p->row->log_transform(g, s, fields);
  TAU_TRY(taup_graph_status(g));
  TAU_TRY(taup_complex_compile(&p->value, g, 1, &K));
  TAU_TRY(with_gradient(g, K, p->row->n_fields, nodes));
  TAU_TRY(taup_complex_compile(&p->slopes, g, 1 + p->row->n_fields, nodes));
  TAU_TRY(with_derivatives(g, K, nodes));
  return taup_complex_compile(&p->derivatives, g, N_DERIVATIVES, nodes);
}

static tau_status compile_atom(taup_rtd_program *p, taup_graph *g, const taup_node *fields)
{
  taup_node nodes[N_ATOM];
  const int n = p->row->n_fields;
  const taup_node delay =
    p->row->delay ? p->row->delay(g, fields) : taup_const(g, 0.0, TAUP_DIM(0, 0, 1, 0, 0));
  const taup_node bypass = p->row->bypass ? p->row->bypass(g, fields) : taup_number(g, 0.0);
  TAU_TRY(taup_graph_status(g));
  TAU_TRY(with_gradient(g, delay, n, nodes));
  TAU_TRY(with_gradient(g, bypass, n, nodes + 1 + n));
  return taup_complex_compile(&p->atom, g, 2 * (1 + n), nodes);
}

static tau_status compile(taup_rtd_program *p)
{
  taup_graph *g = NULL;
  taup_node fields[TAUP_RTD_MOST_FIELDS];
  TAU_TRY(taup_graph_new(&g));
  for (int k = 0; k < p->row->n_fields; k++)
    fields[k] = taup_symbol(g, TAUP_PARAMETER, k, p->row->fields[k].dim, p->row->fields[k].name);
  tau_status st = compile_atom(p, g, fields);
  if (st == TAU_OK && p->row->log_transform) st = compile_density(p, g, fields);
  taup_graph_free(g);
  return st;
}

tau_status taup_rtd_program_new(taup_rtd_program **out, const taup_rtd_row *row)
{
  taup_rtd_program *p = taup_calloc(1, sizeof *p);
  if (!p) return TAU_E_NOMEM;
  atomic_init(&p->refs, 1);
  p->row = row;
  const tau_status st = compile(p);
  if (st < 0) taup_rtd_program_free(p);
  else *out = p;
  return st;
}

taup_rtd_program *taup_rtd_program_ref(taup_rtd_program *p)
{
  atomic_fetch_add(&p->refs, 1);
  return p;
}

void taup_rtd_program_free(taup_rtd_program *p)
{
  if (!p || atomic_fetch_sub(&p->refs, 1) > 1) return;
  taup_complex_program_free(p->value);
  taup_complex_program_free(p->slopes);
  taup_complex_program_free(p->derivatives);
  taup_complex_program_free(p->atom);
  taup_free(p);
}

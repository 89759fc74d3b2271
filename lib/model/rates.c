/* SPDX-License-Identifier: Apache-2.0 */
/* rates.c - a network's rates as nodes: each law builds its own from concentrations, orders and constants at T.
 *
 *     r_j = law_j(c, k_1(T), k_2(T), ...)      [mol/m^3/s], of the extent of the equation as written */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"
#include "expr/parse.h"
#include "model/chemistry.h"

/* What is at hand while the rate of one reaction is built. */
typedef struct scope {
  const taup_chemistry *chemistry;
  const taup_reaction *reaction;
  taup_graph *g;
  const taup_node *c;
  taup_node T;
  taup_parameter_node_fn parameter;
  void *user;
} scope;

static taup_node constant_at_T(const scope *s, const taup_k *k)
{
  taup_node p[TAUP_KT_MOST_FIELDS];
  for (int i = 0; i < k->form->n_fields; i++) {
    const taup_field *f = &k->form->fields[i];
    p[i] = k->p[i] >= 0 ? s->parameter(s->user, s->g, k->p[i])
                        : taup_const(s->g, f->value, f->flags & TAUP_FIELD_OWN_DIM ? k->dim : f->dim);
  }
  return k->form->build(s->g, p, s->T, k->dim);
}

static taup_node order_node(const scope *s, const taup_order *order)
{
  return order->parameter >= 0 ? s->parameter(s->user, s->g, order->parameter)
                               : taup_number(s->g, order->value);
}

static const taup_k *extra_named(const taup_reaction *r, const char *name)
{
  for (int i = 0; i < r->n_extra; i++)
    if (strcmp(r->extra[i].name, name) == 0) return &r->extra[i];
  return NULL;
}

/* A name inside an expression: a reserved one, a parameter of the reaction, a species. */
static taup_node resolve(void *user, taup_graph *g, const char *name, bool species)
{
  const scope *s = user;
  if (!species) {
    if (strcmp(name, "T") == 0) return s->T;
    if (strcmp(name, "R") == 0) return taup_gas_constant(g);
    if (strcmp(name, "P") == 0) return s->parameter(s->user, g, s->chemistry->pressure);
    const taup_k *k = extra_named(s->reaction, name);
    if (k) return constant_at_T(s, k);
  }
  const int i = taup_map_find(&s->chemistry->species_by_name, name);
  return i < 0 ? TAUP_NODE_NONE : s->c[i];
}

static taup_node expression_node(const scope *s)
{
  taup_node node = TAUP_NODE_ERROR;
  int column = 0;
  const taup_scope names = {resolve, (void *)(uintptr_t)s, NULL};
  const tau_status st = taup_parse(s->g, s->reaction->expression, &names, &node, &column);
  if (st < 0)
    return taup_graph_fail(s->g, taup_last_kind(), "rate of '%s', column %d: %s", s->reaction->name, column,
                           tau_last_error());
  return node;
}

static taup_node function_node(const scope *s, taup_callback *callback)
{
  enum { MOST = 64 };
  const taup_reaction *r = s->reaction;
  taup_node args[MOST];
  if (r->n_arguments > MOST)
    return taup_graph_fail(s->g, TAUP_ERR_REACTION_TOO_LARGE, "rate of '%s': more than %d arguments", r->name,
                           MOST);
  for (int i = 0; i < r->n_arguments; i++) {
    const int species = taup_map_find(&s->chemistry->species_by_name, r->arguments[i]);
    args[i] = species >= 0 ? s->c[species] : resolve((void *)(uintptr_t)s, s->g, r->arguments[i], false);
    if (args[i] == TAUP_NODE_NONE)
      return taup_graph_fail(s->g, TAUP_ERR_UNKNOWN_SYMBOL,
                             "rate of '%s': '%s' is no species and no parameter", r->name, r->arguments[i]);
  }
  *callback = (taup_callback){r->function->function, r->function->function_complex, r->function->user,
                              r->n_arguments, r->name};
  return taup_call(s->g, callback, args, TAUP_DIM_RATE);
}

/* The concentration [mol/m^3] in the unit in which k was written, so that k keeps its number when an order is changed: the unit's factor is
 * concentration^(1 - order) / time. */
static double concentration_unit(const scope *s, double order)
{
  static const double concentrations[] = {1e3, 1.0, 1e6, 1e-3}, times[] = {1.0, 60.0, 3600.0, 86400.0};
  const taup_k *k = &s->reaction->k[0];
  if (order == 1.0 || !s->reaction->law->n_fields || !k->form || k->p[0] < 0) return 1.0;
  const double factor = s->chemistry->parameters.items[k->p[0]].scale.factor;
  for (int t = 0; t < 4; t++)
    for (int c = 0; c < 4; c++)
      if (fabs(factor * times[t] / pow(concentrations[c], 1.0 - order) - 1.0) < 1e-9)
        return concentrations[c];
  return 1.0;
}

/* Net coefficient of a species in the reaction at hand. */
static double net(const scope *s, int species)
{
  const int j = (int)(s->reaction - s->chemistry->reactions);
  return taup_net_coefficient(&s->chemistry->net, j, species);
}

static void fill_terms(const scope *s, double direction, int n, const taup_order *orders, taup_law_term *out)
{
  double order = 0.0;
  for (int i = 0; i < n; i++) order += orders[i].value;
  const double unit = concentration_unit(s, order);
  for (int i = 0; i < n; i++)
    out[i] = (taup_law_term){s->c[orders[i].species], order_node(s, &orders[i]),
                             direction * net(s, orders[i].species) > 0.0, orders[i].value, unit};
}

static taup_node rate_of(const scope *s, taup_callback *callback, taup_node *k)
{
  enum { MOST = 64 };
  const taup_reaction *r = s->reaction;
  taup_node p[TAUP_LAW_MOST_FIELDS];
  taup_law_term forward[MOST], reverse[MOST];
  if (r->n_forward > MOST || r->n_reverse > MOST)
    return taup_graph_fail(s->g, TAUP_ERR_REACTION_TOO_LARGE,
                           "reaction '%s' has more than %d species on one side", r->name, MOST);
  for (int i = 0; i < r->law->n_fields; i++)
    p[i] = r->k[i].form ? constant_at_T(s, &r->k[i]) : TAUP_NODE_NONE;
  *k = r->law->n_fields ? p[0] : TAUP_NODE_NONE;
  fill_terms(s, 1.0, r->n_forward, r->forward, forward);
  fill_terms(s, -1.0, r->n_reverse, r->reverse, reverse);
  taup_law_args in = {p, r->n_forward, r->n_reverse, forward, reverse, TAUP_NODE_NONE, TAUP_NODE_NONE, s->T};
  if (r->substrate >= 0) in.substrate = s->c[r->substrate];
  if (r->law->flags & TAUP_LAW_EXPRESSION)
    in.expression = r->function ? function_node(s, callback) : expression_node(s);
  return r->law->rate(s->g, &in);
}

void taup_chemistry_rates(const taup_chemistry *chemistry, taup_graph *g, const taup_rate_place *at,
                          taup_node *rates, taup_node *k)
{
  for (int j = 0; j < chemistry->n_reactions; j++) {
    const scope s = {chemistry, &chemistry->reactions[j], g, at->c, at->T, at->parameter, at->user};
    taup_node own = TAUP_NODE_NONE;
    rates[j] = rate_of(&s, &at->callbacks[j], &own);
    if (k) k[j] = own;
    if (rates[j] >= 0 && !taup_node_is_const(g, rates[j], 0.0) &&
        !taup_dim_equal(taup_node_dim(g, rates[j]), TAUP_DIM_RATE)) {
      char t[64];
      rates[j] =
        taup_graph_fail(g, TAUP_ERR_DIMENSION_MISMATCH, "the rate of '%s' is in %s; mol/m^3/s is needed",
                        chemistry->reactions[j].name, taup_dim_text(t, sizeof t, taup_node_dim(g, rates[j])));
    }
  }
}

taup_node taup_chemistry_heat(const taup_chemistry *chemistry, taup_graph *g, int i_reaction,
                              taup_parameter_node_fn parameter, void *user)
{
  const taup_reaction *r = &chemistry->reactions[i_reaction];
  const int p = r->heat >= 0 ? r->heat : r->heat_dH;
  return p >= 0 ? parameter(user, g, p) : TAUP_NODE_NONE;
}

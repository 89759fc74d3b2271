/* SPDX-License-Identifier: Apache-2.0 */
/* common.c - what several laws are built from.
 *
 *     unit of k of order n: (mol/m^3)^(1 - n) / s
 *     product of c_i^order_i, each as taup_power_of_order says it: smooth at c = 0; of a species that the reaction makes
 *     max(c_i, 0) in place of c_i (docs/decisions/0004)
 *
 * An order that is a parameter has no fixed dimension: its power is that of c's number. When it is
 * changed from the order written, n0, to n, k keeps its number in the unit u written: k c^n becomes k
 * u^n0 (c/u)^n, which is k c^n u^(n0 - n). */
#include "chem/law/law.h"

taup_dim taup_rate_constant_dim(double order)
{
  return taup_dim_divide(taup_dim_power(TAUP_DIM_CONCENTRATION, 1.0 - order), TAUP_DIM_TIME);
}

static bool is_parameter(taup_graph *g, taup_node order)
{
  return taup_graph_status(g) == TAU_OK && taup_node_op(g, order) != TAUP_OP_CONST;
}

/* Whether the power of a term keeps a slope at 0 that pulls it back from below: orders under 1. */
static bool is_low(taup_graph *g, taup_node order)
{
  return is_parameter(g, order) || (taup_graph_status(g) == TAU_OK && taup_node_value(g, order) < 1.0);
}

/* c^order. Of a species that its own reaction makes the sign below 0 would push away from 0: there it counts as 0. The slope at 0 itself is
 * that from below, so that what is absent stays absent in a march; whether a trace would grow is asked a little above 0. */
static taup_node power(taup_graph *g, const taup_law_term *term)
{
  const taup_node c = term->product ? taup_max(g, term->c, taup_number(g, 0.0)) : term->c;
  const taup_node c_n = taup_power_of_order(g, c, term->order);
  if (!is_parameter(g, term->order) || !(term->unit > 0.0)) return c_n;
  const taup_node change = taup_sub(g, taup_number(g, term->written), term->order);
  return taup_mul(g, c_n, taup_pow(g, taup_number(g, term->unit), change));
}

/* Two factors a little below zero would make a positive product, and with a low order both would run away from zero. So the rate turns
 * back as soon as one reactant is used up: -|product| where the least concentration is negative. */
static taup_node turned_back(taup_graph *g, int n, const taup_law_term *terms, taup_node product)
{
  taup_node least = terms[0].c;
  for (int i = 1; i < n; i++) least = taup_min(g, least, terms[i].c);
  const taup_node zero = taup_number(g, 0.0);
  return taup_select(g, zero, least, taup_neg(g, taup_abs(g, product)), product);
}

taup_node taup_law_product(taup_graph *g, int n, const taup_law_term *terms)
{
  taup_node product = taup_number(g, 1.0);
  bool low = false;
  for (int i = 0; i < n; i++) {
    product = taup_mul(g, product, power(g, &terms[i]));
    low = low || is_low(g, terms[i].order);
  }
  return low && n > 1 ? turned_back(g, n, terms, product) : product;
}

taup_node taup_law_rate(taup_graph *g, taup_node k, int n, const taup_law_term *terms)
{
  bool has_parameter = false;
  for (int i = 0; i < n; i++) has_parameter |= is_parameter(g, terms[i].order);
  const taup_node rate = taup_mul(g, k, taup_law_product(g, n, terms));
  return has_parameter ? taup_redim(g, rate, TAUP_DIM_RATE) : rate;
}

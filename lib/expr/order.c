/* SPDX-License-Identifier: Apache-2.0 */
/* order.c - c^n for a rate of order n in c, without a trap at c = 0.
 *
 *   n < 0                    max(c, e)^n
 *   0 <= n < 1               c^n                 for c > e
 *                            e^n p(c/e)          else
 *   n = 1, 2, 3 ...          c c c ...
 *   n > 1                    c |c|^(n - 1)
 *
 *   p(x) = x ((2 - n) + (n - 1) x) for x >= 0, (2 - n) x below;  e = 1e-12 mol/L
 *
 * p has value 1 and slope n at x = 1, and one slope at x = 0: the power is smooth, keeps the sign of c, and
 * its slope at 0 is finite, so a species that is used up stays at zero. An order that is a parameter chooses
 * between the forms at run time; c^n has no fixed dimension then, and the result is the power of c's number
 * in SI, without dimension.
 *
 * A derivative of select(...) is the sum of both branches' derivatives times 0 or 1. So no branch may have a
 * derivative that is not finite, wherever c and n are: bases are held away from 0, exponents of the branch
 * not taken within bounds. */
#include <math.h>

#include "expr/graph.h"

static const double e_si = 1e-9; /* mol/m^3 */

/* Of |c|^(n - 1): its second derivative is still finite, and below it c |c|^(n - 1) is 0 to any tolerance. */
static const double least_base = 1e-90;

static taup_node plain(taup_graph *g, double x) { return taup_number(g, x); }

/* max(c, e)^n */
static taup_node upper(taup_graph *g, taup_node c, taup_node n)
{
  return taup_pow(g, taup_max(g, c, taup_const(g, e_si, taup_node_dim(g, c))), n);
}

/* p(c/e) */
static taup_node parabola(taup_graph *g, taup_node c, taup_node n)
{
  const taup_node e = taup_const(g, e_si, taup_node_dim(g, c));
  const taup_node x = taup_div(g, taup_min(g, c, e), e); /* above e it is not used, and must not grow */
  const taup_node bend = taup_mul(g, taup_sub(g, n, plain(g, 1.0)), taup_max(g, x, plain(g, 0.0)));
  return taup_mul(g, x, taup_add(g, taup_sub(g, plain(g, 2.0), n), bend));
}

/* 0 <= n < 1 */
static taup_node below_one(taup_graph *g, taup_node c, taup_node n)
{
  const taup_node e = taup_const(g, e_si, taup_node_dim(g, c));
  return taup_select(g, c, e, upper(g, c, n), taup_mul(g, taup_pow(g, e, n), parabola(g, c, n)));
}

/* c |c|^(n - 1), less_one = n - 1 */
static taup_node above_one(taup_graph *g, taup_node c, taup_node less_one)
{
  const taup_node least = taup_const(g, least_base, taup_node_dim(g, c));
  return taup_mul(g, c, taup_pow(g, taup_max(g, taup_abs(g, c), least), less_one));
}

static taup_node of_number(taup_graph *g, taup_node c, double n)
{
  if (!isfinite(n)) return taup_graph_fail(g, TAUP_ERR_NO_FINITE_VALUE, "an order of %g", n);
  if (n < 0.0) return upper(g, c, plain(g, n));
  if (n < 1.0) return below_one(g, c, plain(g, n));
  if (n == floor(n)) return taup_powi(g, c, n);
  return above_one(g, c, plain(g, n - 1.0));
}

/* The forms overlap by 1/2 around n = 1: at a bound itself the derivative to n would be lost. */
static taup_node of_parameter(taup_graph *g, taup_node c, taup_node n)
{
  const taup_node one = plain(g, 1.0), zero = plain(g, 0.0);
  const taup_node low = taup_min(g, n, plain(g, 1.5));
  const taup_node high = taup_sub(g, taup_max(g, n, plain(g, 0.5)), one);
  const taup_node below = taup_select(g, zero, n, upper(g, c, low), below_one(g, c, low));
  return taup_select(g, one, n, below, above_one(g, c, high));
}

taup_node taup_power_of_order(taup_graph *g, taup_node c, taup_node order)
{
  if (taup_graph_status(g) < 0) return TAUP_NODE_ERROR;
  if (taup_node_op(g, order) == TAUP_OP_CONST) return of_number(g, c, taup_node_value(g, order));
  return of_parameter(g, taup_redim(g, c, TAUP_DIM_NONE), order);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_order.c - c^n for a rate of order n: the forms of the rule, their joints, derivatives that are finite.
 * e = 1e-12 mol/L = 1e-9 mol/m^3; below it e^n p(c/e); p(x) = x ((2 - n) + (n - 1) x) for x >= 0, (2 - n) x
 * below. */
#include <math.h>
#include <stdlib.h>

#include "expr/program.h"
#include "unit/expression_scope.h"

static const double e = 1e-9;

/* Symbols: STATE 0 is c [mol/m^3], PARAMETER 0 is the order. */
typedef struct power {
  taup_graph *g;
  taup_node node, slope, slope2, to_order; /* the power, d/dc, d2/dc2, d/dn */
} power;

static taup_node derivative(taup_graph *g, taup_binding wrt, taup_node of)
{
  taup_diff *d;
  const taup_partial *partials;
  assert_int_equal(taup_diff_new(&d, g, wrt), TAU_OK);
  const int n = taup_diff_of(d, of, &partials);
  assert_int_equal(taup_graph_status(g), TAU_OK);
  const taup_node node = n ? partials[0].node : taup_number(g, 0.0);
  taup_diff_free(d);
  return node;
}

/* n NAN: the order is the parameter. */
static power new_power(double n)
{
  power p = {.g = new_graph()};
  const taup_node c = taup_symbol(p.g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "A");
  const taup_node order =
    isnan(n) ? taup_symbol(p.g, TAUP_PARAMETER, 0, TAUP_DIM_NONE, "n") : taup_number(p.g, n);
  p.node = taup_power_of_order(p.g, c, order);
  p.slope = derivative(p.g, TAUP_STATE, p.node);
  p.slope2 = derivative(p.g, TAUP_STATE, p.slope);
  p.to_order = derivative(p.g, TAUP_PARAMETER, p.node);
  assert_true(p.node >= 0 && p.slope >= 0 && p.slope2 >= 0 && p.to_order >= 0);
  return p;
}

static void eval(const power *p, taup_node node, double c, double c_im, double n, double n_im, double out[2])
{
  const double state[2] = {c, c_im}, parameter[2] = {n, n_im};
  const double *const values[4] = {NULL, parameter, NULL, state};
  assert_int_equal(taup_complex_eval(p->g, values, 1, &node, out), TAU_OK);
}

static double at(const power *p, taup_node node, double c, double n)
{
  double out[2];
  eval(p, node, c, 0.0, n, 0.0, out);
  return out[0];
}

/* The rule, written a second time, over plain numbers. */
static double by_rule(double c, double n)
{
  if (n < 0.0) return pow(fmax(c, e), n);
  if (n >= 1.0) return n == floor(n) ? pow(c, n) : c * pow(fabs(c), n - 1.0);
  if (c > e) return pow(c, n);
  const double x = c / e;
  return pow(e, n) * (x >= 0.0 ? x * ((2.0 - n) + (n - 1.0) * x) : (2.0 - n) * x);
}

static const double orders[] = {-1.0, -0.5,  0.0, 0.1, 0.5, 2.0 / 3.0, 0.99,
                                1.0,  1.001, 1.5, 2.0, 2.5, 3.0,       9.0};
static const double concentrations[] = {-1000.0, -1.0,   -1e-6, -1e-9,  -1e-12,   -1e-100, 0.0,
                                        1e-300,  1e-100, 1e-15, 2e-10,  0.999e-9, 1e-9,    1.001e-9,
                                        1e-6,    0.3,    1.0,   1000.0, 2e5};
enum { N_ORDERS = sizeof orders / sizeof orders[0], N_C = sizeof concentrations / sizeof concentrations[0] };

/* c |c|^(n - 1) is straight below 1e-90, to keep its derivatives finite: nothing is compared there. */
static bool is_comparable(double c) { return c == 0.0 || fabs(c) > 1e-80; }

static void values_are_those_of_the_rule(void **state)
{
  (void)state;
  for (int i = 0; i < N_ORDERS; i++) {
    const power p = new_power(orders[i]);
    for (int k = 0; k < N_C; k++)
      if (is_comparable(concentrations[k]))
        CHECK_REL(at(&p, p.node, concentrations[k], 0.0), by_rule(concentrations[k], orders[i]), 1e-13);
    taup_graph_free(p.g);
  }
}

static void the_dimension_is_the_power_of_a_concentration(void **state)
{
  (void)state;
  for (int i = 0; i < N_ORDERS; i++) {
    const power p = new_power(orders[i]);
    const taup_dim want = taup_dim_power(TAUP_DIM_CONCENTRATION, orders[i]);
    assert_true(taup_dim_equal(taup_node_dim(p.g, p.node), want));
    taup_graph_free(p.g);
  }
}

static void a_rate_of_order_below_one_stops_at_zero(void **state)
{
  (void)state;
  static const double below[] = {0.0, 0.1, 0.5, 0.999};
  for (int i = 0; i < 4; i++) {
    const power p = new_power(below[i]);
    assert_true(at(&p, p.node, 0.0, 0.0) == 0.0);
    assert_true(at(&p, p.node, -1e-12, 0.0) < 0.0); /* sign-keeping: it drives c back to 0 */
    assert_true(at(&p, p.node, 1e-12, 0.0) > 0.0);
    taup_graph_free(p.g);
  }
}

/* Value and slope from both sides of 0 and of e. */
static void the_joints_are_smooth(void **state)
{
  (void)state;
  static const double below[] = {0.0, 0.1, 0.5, 0.9};
  for (int i = 0; i < 4; i++) {
    const power p = new_power(below[i]);
    const double n = below[i], step = 1e-9;
    CHECK_REL(at(&p, p.node, e * (1.0 - step), 0.0), pow(e, n), 2e-9);
    CHECK_REL(at(&p, p.node, e * (1.0 + step), 0.0), pow(e, n), 2e-9);
    assert_true(fabs(at(&p, p.slope, e * (1.0 - step), 0.0) - n * pow(e, n - 1.0)) <= 1e-8 * pow(e, n - 1.0));
    assert_true(fabs(at(&p, p.slope, e * (1.0 + step), 0.0) - n * pow(e, n - 1.0)) <= 1e-8 * pow(e, n - 1.0));
    CHECK_REL(at(&p, p.slope, e * step, 0.0), (2.0 - n) * pow(e, n - 1.0), 1e-8);
    CHECK_REL(at(&p, p.slope, -e * step, 0.0), (2.0 - n) * pow(e, n - 1.0), 1e-8);
    taup_graph_free(p.g);
  }
}

static bool is_corner(double c) { return c == 0.0 || fabs(c) == e; }

static void derivatives_agree_with_a_complex_step(void **state)
{
  (void)state;
  for (int i = 0; i < N_ORDERS; i++) {
    const power p = new_power(orders[i]);
    for (int k = 0; k < N_C; k++) {
      const double c = concentrations[k], h = 1e-30 * fmax(fabs(c), 1e-100);
      double stepped[2];
      if (is_corner(c) || !is_comparable(c)) continue;
      eval(&p, p.node, c, h, 0.0, 0.0, stepped);
      CHECK_REL(stepped[1] / h, at(&p, p.slope, c, 0.0), 1e-12);
    }
    taup_graph_free(p.g);
  }
}

/* 0 times infinity in a branch that is not taken would be NaN. */
static void all_derivatives_are_finite_everywhere(void **state)
{
  (void)state;
  for (int i = 0; i < N_ORDERS; i++) {
    const power fixed = new_power(orders[i]), free_ = new_power(NAN);
    for (int k = 0; k < N_C; k++) {
      const double c = concentrations[k];
      const taup_node nodes[] = {fixed.node, fixed.slope, fixed.slope2},
                      more[] = {free_.node, free_.slope, free_.slope2, free_.to_order};
      for (int j = 0; j < 3; j++)
        if (!isfinite(at(&fixed, nodes[j], c, 0.0)))
          fail_msg("order %g, c = %g: derivative %d is not finite", orders[i], c, j);
      for (int j = 0; j < 4; j++)
        if (!isfinite(at(&free_, more[j], c, orders[i])))
          fail_msg("parameter %g, c = %g: derivative %d is not finite", orders[i], c, j);
    }
    taup_graph_free(fixed.g);
    taup_graph_free(free_.g);
  }
}

/* For c >= 0; below it whole orders given as numbers are products, and even ones have no sign. */
static void an_order_that_is_a_parameter_gives_the_same(void **state)
{
  (void)state;
  const power p = new_power(NAN);
  assert_true(taup_dim_is_none(taup_node_dim(p.g, p.node)));
  for (int i = 0; i < N_ORDERS; i++)
    for (int k = 0; k < N_C; k++)
      if (concentrations[k] >= 0.0 && is_comparable(concentrations[k]))
        CHECK_REL(at(&p, p.node, concentrations[k], orders[i]), by_rule(concentrations[k], orders[i]), 1e-13);
  taup_graph_free(p.g);
}

static void derivatives_to_the_order_agree_with_a_complex_step(void **state)
{
  (void)state;
  const power p = new_power(NAN);
  const double h = 1e-30;
  for (int i = 0; i < N_ORDERS; i++)
    for (int k = 0; k < N_C; k++) {
      const double c = concentrations[k], n = orders[i];
      double stepped[2];
      if (!is_comparable(c)) continue;
      eval(&p, p.node, c, 0.0, n, h, stepped);
      const double slope = at(&p, p.to_order, c, n),
                   floor_ = 1e-14 * fabs(stepped[0]); /* the log passes through 0 at c = 1 */
      if (fabs(stepped[1] / h - slope) > 1e-12 * fabs(slope) + floor_)
        fail_msg("d/dn at c = %g, n = %g: %.17g, complex step %.17g", c, n, slope, stepped[1] / h);
    }
  CHECK_REL(at(&p, p.to_order, 100.0, 1.0), 100.0 * log(100.0), 1e-14); /* also where the forms meet */
  CHECK_REL(at(&p, p.to_order, 100.0, 0.0), log(100.0), 1e-14);
  taup_graph_free(p.g);
}

/* One body: the power and its two derivatives, run for all concentrations in lanes of one width. */
static void check_program(const power *p, double n, int width)
{
  const int n_inputs[4] = {0, 1, 0, 1};
  const taup_node nodes[3] = {p->node, p->slope, p->to_order};
  const taup_body body = {3, nodes, "f"};
  taup_program *program;
  assert_int_equal(taup_program_new(&program, p->g, n_inputs, 1, &body), TAU_OK);
  double *R = NULL, O[3 * TAUP_WIDEST];
  assert_int_equal(posix_memalign((void **)&R, 64, taup_program_bytes(program, width)), 0);
  taup_program_init(program, width, R);
  for (int first = 0; first + width <= N_C; first++) {
    for (int l = 0; l < width; l++) {
      taup_program_input(program, width, R, TAUP_PARAMETER, 0)[l] = n;
      taup_program_input(program, width, R, TAUP_STATE, 0)[l] = concentrations[first + l];
    }
    assert_int_equal(taup_program_prologue(program, TAUP_PARAMETER, width, R), 0);
    assert_int_equal(taup_program_run(program, 0, width, R, O), 0);
    for (int j = 0; j < 3; j++)
      for (int l = 0; l < width; l++)
        CHECK_REL(O[j * width + l], at(p, nodes[j], concentrations[first + l], n), 1e-12);
  }
  free(R);
  taup_program_free(program);
}

/* Lanes on both sides of a joint compute both branches and blend them. */
static void lanes_give_the_same(void **state)
{
  (void)state;
  static const int widths[] = {1, 4, 8};
  for (int w = 0; w < 3; w++) {
    if (!taup_width_is_there(widths[w])) continue;
    const power p = new_power(NAN);
    for (int i = 0; i < N_ORDERS; i++) {
      const power fixed = new_power(orders[i]);
      check_program(&fixed, 0.0, widths[w]);
      check_program(&p, orders[i], widths[w]);
      taup_graph_free(fixed.g);
    }
    taup_graph_free(p.g);
  }
}

static void whole_orders_are_products(void **state)
{
  (void)state;
  const power p = new_power(2.0);
  assert_int_equal(taup_node_op(p.g, p.node), TAUP_OP_PROD);
  taup_graph_free(p.g);
}

static void an_order_that_is_no_number_is_refused(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  const taup_node c = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "A");
  assert_int_equal(taup_power_of_order(g, c, taup_number(g, HUGE_VAL)), TAUP_NODE_ERROR);
  assert_int_equal(taup_graph_status(g), TAU_E_VALUE);
  taup_graph_free(g);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_are_those_of_the_rule),
    cmocka_unit_test(the_dimension_is_the_power_of_a_concentration),
    cmocka_unit_test(a_rate_of_order_below_one_stops_at_zero),
    cmocka_unit_test(the_joints_are_smooth),
    cmocka_unit_test(derivatives_agree_with_a_complex_step),
    cmocka_unit_test(all_derivatives_are_finite_everywhere),
    cmocka_unit_test(an_order_that_is_a_parameter_gives_the_same),
    cmocka_unit_test(derivatives_to_the_order_agree_with_a_complex_step),
    cmocka_unit_test(lanes_give_the_same),
    cmocka_unit_test(whole_orders_are_products),
    cmocka_unit_test(an_order_that_is_no_number_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

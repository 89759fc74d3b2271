/* SPDX-License-Identifier: Apache-2.0 */
/* test_diff.c - derivatives of nodes against the complex step of the plain evaluator,
 *
 *     df/dx = Im f(x + ih) / h,  h = 1e-100          (W. Squire and G. Trapp, SIAM Rev. 40 (1998) 110)
 *
 * which has no cancellation, and what they cost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "expr/graph.h"
#include "support/ledger.h"
#include "support/random_graph.h"

static const double h = 1e-100;

static taup_graph *new_graph(void)
{
  taup_graph *g;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  return g;
}

static taup_diff *new_diff(taup_graph *g, taup_binding wrt)
{
  taup_diff *d;
  assert_int_equal(taup_diff_new(&d, g, wrt), TAU_OK);
  return d;
}

/* d node / d symbol `index` of a binding, by complex step. */
static double step(const taup_graph *g, random_values v, taup_node node, taup_binding wrt, int index)
{
  double out[2];
  v.re_im[wrt][2 * index + 1] = h;
  if (random_evaluate(g, &v, 1, &node, out) != TAU_OK) fail_msg("%s", tau_last_error());
  return out[1] / h;
}

/* The gradient of a node over all symbols of a binding; what is not among the partials is 0. */
static void gradient(taup_graph *g, taup_diff *d, taup_node node, const random_values *v, double *out)
{
  const taup_partial *partials;
  taup_node nodes[RANDOM_SYMBOLS];
  int symbols[RANDOM_SYMBOLS];
  double values[2 * RANDOM_SYMBOLS];
  const int n = taup_diff_of(d, node, &partials);
  if (taup_graph_status(g) != TAU_OK) fail_msg("%s", tau_last_error());
  for (int i = 0; i < n; i++) {
    nodes[i] = partials[i].node;
    symbols[i] = partials[i].symbol;
    assert_true(i == 0 || partials[i].symbol > partials[i - 1].symbol);
    assert_false(taup_node_is_const(g, partials[i].node, 0.0));
  }
  memset(out, 0, RANDOM_SYMBOLS * sizeof *out);
  assert_int_equal(random_evaluate(g, v, n, nodes, values), TAU_OK);
  for (int i = 0; i < n; i++) out[symbols[i]] = values[2 * i];
}

/* Relative to the largest entry of the gradient: entries that are differences of large ones keep its
 * rounding; and 1 - tanh^2 keeps one of 1e-16 where tanh is near 1. */
static void compare(taup_graph *g, taup_diff *d, taup_node node, taup_binding wrt, const random_values *v,
                    double rtol)
{
  double have[RANDOM_SYMBOLS], want[RANDOM_SYMBOLS], most = 0.0;
  gradient(g, d, node, v, have);
  for (int i = 0; i < RANDOM_SYMBOLS; i++) {
    want[i] = step(g, *v, node, wrt, i);
    most = fmax(most, fabs(want[i]));
  }
  for (int i = 0; i < RANDOM_SYMBOLS; i++)
    if (!(fabs(have[i] - want[i]) <= rtol * most + 1e-15))
      fail_msg("node %d, symbol %d of binding %d: %.17g, by complex step %.17g", node, i, (int)wrt, have[i],
               want[i]);
}

/* --- every operation --- */

static taup_node operation(taup_graph *g, int which, const taup_node x[4])
{
  const taup_node minus = taup_sub(g, x[0], taup_number(g, 5.0));
  switch (which) {
  case 0: return taup_sum(g, 4, (double[]){2.0, -3.0, 0.5, 7.0}, x);
  case 1: return taup_product(g, 4, x);
  case 2: return taup_recip(g, taup_add(g, x[0], x[1]));
  case 3: return taup_div(g, taup_mul(g, x[0], x[1]), taup_add(g, x[1], x[2]));
  case 4: return taup_pow(g, x[0], x[1]);
  case 5: return taup_pow(g, x[0], taup_number(g, 1.5));
  case 6: return taup_pow(g, taup_number(g, 1.7), x[0]);
  case 7: return taup_powi(g, x[0], -3.0);
  case 8: return taup_powi(g, x[0], 11.0);
  case 9: return taup_sqrt(g, taup_mul(g, x[0], x[1]));
  case 10: return taup_exp(g, taup_mul(g, x[0], x[1]));
  case 11: return taup_log(g, taup_add(g, x[0], x[1]));
  case 12: return taup_log10(g, x[0]);
  case 13: return taup_tanh(g, taup_sub(g, x[0], x[1]));
  case 14: return taup_abs(g, taup_mul(g, minus, x[1]));
  case 15: return taup_abs(g, taup_mul(g, x[0], x[1]));
  case 16: return taup_min(g, taup_mul(g, x[0], x[1]), taup_mul(g, x[2], x[3]));
  case 17: return taup_max(g, taup_mul(g, x[0], x[1]), taup_mul(g, x[2], x[3]));
  case 18: return taup_select(g, x[0], x[1], taup_mul(g, x[0], x[2]), taup_mul(g, x[1], x[3]));
  case 19: return taup_select(g, x[1], x[0], taup_mul(g, x[0], x[2]), taup_mul(g, x[1], x[3]));
  case 20: return taup_power_of_order(g, taup_redim(g, x[0], TAUP_DIM_CONCENTRATION), taup_number(g, 0.5));
  case 21: return taup_power_of_order(g, taup_redim(g, minus, TAUP_DIM_CONCENTRATION), taup_number(g, 1.5));
  case 22: return taup_power_of_order(g, taup_redim(g, x[0], TAUP_DIM_CONCENTRATION), taup_number(g, 2.0));
  default: return TAUP_NODE_NONE;
  }
}

static void every_operation_agrees_with_the_complex_step(void **state)
{
  (void)state;
  uint64_t seed = 77;
  for (taup_binding b = TAUP_PARAMETER; b <= TAUP_STATE; b++) {
    taup_graph *g = new_graph();
    taup_diff *d = new_diff(g, b);
    taup_node x[4];
    for (int i = 0; i < 4; i++) x[i] = taup_symbol(g, b, i, TAUP_DIM_NONE, "x");
    for (int which = 0;; which++) {
      const taup_node a = operation(g, which, x);
      if (a == TAUP_NODE_NONE) break;
      if (a < 0) fail_msg("operation %d: %d", which, (int)taup_graph_status(g));
      for (int point = 0; point < 20; point++) {
        const random_values v = random_values_new(&seed);
        compare(g, d, a, b, &v, 1e-13);
      }
    }
    taup_diff_free(d);
    taup_graph_free(g);
  }
}

/* An operation that no test reaches would be a hole: the table above makes all of them. */
static void all_operations_are_among_them(void **state)
{
  (void)state;
  bool seen[TAUP_N_OPS] = {false};
  taup_graph *g = new_graph();
  taup_node x[4];
  for (int i = 0; i < 4; i++) x[i] = taup_symbol(g, TAUP_STATE, i, TAUP_DIM_NONE, "x");
  for (int which = 0; operation(g, which, x) != TAUP_NODE_NONE; which++) continue;
  for (int a = 0; a < taup_graph_n_nodes(g); a++) seen[taup_node_op(g, a)] = true;
  for (int op = 0; op < TAUP_N_OPS; op++)
    if (!seen[op] && op != TAUP_OP_CALL && op != TAUP_OP_DCALL)
      fail_msg("operation %d of the graph is not made", op);
  taup_graph_free(g);
}

/* --- random expressions --- */

static void random_expressions_agree_with_the_complex_step(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    taup_graph *g = new_graph();
    random_graph r = random_graph_new(g, seed, 60);
    const random_values v = random_values_new(&r.state);
    for (taup_binding b = TAUP_PARAMETER; b <= TAUP_STATE; b++) {
      taup_diff *d = new_diff(g, b);
      for (int i = r.n - 10; i < r.n; i++) compare(g, d, r.node[i], b, &v, 1e-12);
      taup_diff_free(d);
    }
    taup_graph_free(g);
  }
}

static void derivatives_of_derivatives_agree_too(void **state)
{
  (void)state;
  for (uint64_t seed = 101; seed <= 115; seed++) {
    taup_graph *g = new_graph();
    random_graph r = random_graph_new(g, seed, 25);
    const random_values v = random_values_new(&r.state);
    taup_diff *first = new_diff(g, TAUP_STATE), *second = new_diff(g, TAUP_STATE);
    const taup_partial *partials;
    taup_node nodes[RANDOM_SYMBOLS];
    const int n = taup_diff_of(first, r.node[r.n - 1], &partials);
    for (int i = 0; i < n; i++) nodes[i] = partials[i].node;
    for (int i = 0; i < n; i++) compare(g, second, nodes[i], TAUP_STATE, &v, 1e-11);
    taup_diff_free(first);
    taup_diff_free(second);
    taup_graph_free(g);
  }
}

/* One taup_diff for all nodes keeps what it found: asked twice, in any order, while the graph grows, it
 * says the same. */
static void gradients_stay_when_the_graph_grows(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  random_graph r = random_graph_new(g, 9, 40);
  taup_diff *d = new_diff(g, TAUP_STATE);
  const taup_partial *partials;
  taup_partial before[RANDOM_SYMBOLS];
  const int n = taup_diff_of(d, r.node[r.n - 1], &partials);
  assert_true(n > 0);
  memcpy(before, partials, (size_t)n * sizeof *before);
  for (int i = r.n - 1; i >= 12; i--) (void)taup_diff_of(d, r.node[i], &partials);
  const int n_nodes = taup_graph_n_nodes(g);
  assert_int_equal(taup_diff_of(d, r.node[r.n - 1], &partials), n);
  assert_memory_equal(partials, before, (size_t)n * sizeof *before);
  assert_int_equal(taup_graph_n_nodes(g), n_nodes);
  taup_diff_free(d);
  taup_graph_free(g);
}

/* min(1/x, 5 + x) at x = 0: the branch not taken is infinite, and so is its slope; neither may be heard. */
static void a_branch_not_taken_has_no_say(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  taup_diff *d = new_diff(g, TAUP_STATE);
  const taup_node x = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "x"),
                  y = taup_symbol(g, TAUP_STATE, 1, TAUP_DIM_NONE, "y");
  const taup_node pole = taup_recip(g, x), line = taup_add(g, taup_number(g, 5.0), x);
  const taup_node nodes[] = {taup_min(g, pole, line),
                             taup_neg(g, taup_max(g, taup_neg(g, pole), taup_neg(g, line))),
                             taup_select(g, y, x, line, pole), taup_select(g, x, y, taup_log(g, x), line)};
  random_values v = {{{0.0}}};
  v.re_im[TAUP_STATE][2] = 1.0;
  for (int i = 0; i < 4; i++) {
    double have[RANDOM_SYMBOLS];
    gradient(g, d, nodes[i], &v, have);
    if (have[0] != 1.0) fail_msg("slope %d is %g, not 1", i, have[0]);
  }
  taup_diff_free(d);
  taup_graph_free(g);
}

static void what_does_not_depend_has_no_gradient(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  taup_diff *d = new_diff(g, TAUP_INLET);
  const taup_partial *partials;
  const taup_node p = taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM_NONE, "p"),
                  y = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "y");
  assert_int_equal(taup_diff_of(d, taup_exp(g, p), &partials), 0);
  assert_int_equal(taup_diff_of(d, taup_mul(g, p, taup_exp(g, y)), &partials),
                   0); /* later, but without an inlet */
  assert_int_equal(taup_diff_of(d, taup_number(g, 3.0), &partials), 0);
  assert_int_equal(taup_graph_status(g), TAU_OK);
  taup_diff_free(d);
  taup_graph_free(g);
}

static void dimensions_of_derivatives_are_right(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  taup_diff *d = new_diff(g, TAUP_STATE);
  const taup_partial *partials;
  const taup_node c = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "c"),
                  T = taup_symbol(g, TAUP_STATE, 1, TAUP_DIM_TEMPERATURE, "T");
  const taup_node k = taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM(0, 0, -1, 0, 0), "k"),
                  T0 = taup_const(g, 300.0, TAUP_DIM_TEMPERATURE);
  const taup_node rate =
    taup_product(g, 3, (taup_node[]){k, c, taup_exp(g, taup_neg(g, taup_div(g, T0, T)))});
  assert_int_equal(taup_diff_of(d, rate, &partials), 2);
  assert_true(taup_dim_equal(taup_node_dim(g, partials[0].node), TAUP_DIM(0, 0, -1, 0, 0)));
  assert_true(
    taup_dim_equal(taup_node_dim(g, partials[1].node), taup_dim_divide(TAUP_DIM_RATE, TAUP_DIM_TEMPERATURE)));
  taup_diff_free(d);
  taup_graph_free(g);
}

/* --- functions of the user: f(x, y) = x^2 y --- */

static int real_function(void *user, int n, const double *x, double *value, double *slope)
{
  (void)user, (void)n;
  *value = x[0] * x[0] * x[1];
  if (slope) {
    slope[0] = 2.0 * x[0] * x[1];
    slope[1] = x[0] * x[0];
  }
  return 0;
}

static void a_function_of_the_user_is_differentiated_by_its_gradient(void **state)
{
  (void)state;
  uint64_t seed = 5;
  taup_graph *g = new_graph();
  taup_diff *d = new_diff(g, TAUP_STATE);
  const taup_callback f = {.function = real_function, .n_args = 2, .name = "f"};
  const taup_node x = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "x"),
                  y = taup_symbol(g, TAUP_STATE, 1, TAUP_DIM_NONE, "y");
  const taup_node a = taup_call(g, &f, (taup_node[]){taup_exp(g, x), taup_mul(g, x, y)}, TAUP_DIM_NONE);
  const random_values v = random_values_new(&seed);
  double have[RANDOM_SYMBOLS];
  gradient(g, d, taup_mul(g, a, y), &v, have);
  /* e^2x x y^2 */
  const double X = v.re_im[TAUP_STATE][0], Y = v.re_im[TAUP_STATE][2],
               want[2] = {exp(2.0 * X) * Y * Y * (1.0 + 2.0 * X), 2.0 * exp(2.0 * X) * X * Y};
  for (int i = 0; i < 2; i++) assert_true(fabs(have[i] - want[i]) <= 1e-13 * want[i]);
  taup_diff_free(d);
  taup_graph_free(g);
}

static void its_second_derivative_is_refused(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  taup_diff *d = new_diff(g, TAUP_STATE);
  const taup_callback f = {.function = real_function, .n_args = 2, .name = "my rate"};
  const taup_node x = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "x");
  const taup_partial *partials;
  assert_int_equal(taup_diff_of(d, taup_call(g, &f, (taup_node[]){x, x}, TAUP_DIM_NONE), &partials), 1);
  assert_int_equal(taup_diff_of(d, partials[0].node, &partials), 0);
  assert_int_equal(taup_graph_status(g), TAU_E_UNSUPPORTED);
  assert_non_null(strstr(tau_last_error(), "my rate"));
  taup_diff_free(d);
  taup_graph_free(g);
}

/* --- cost --- */

typedef struct cost {
  int n_nodes;
  long n_requests;
} cost;

/* Gradient of a sum of n products k_i y_i y_(i+1), and of a hub, sum of k_i y_0 y_i: n entries, one of
 * them with n terms. */
static cost cost_of_sum(int n)
{
  ledger l;
  ledger_open(&l, 0);
  taup_graph *g = new_graph();
  taup_node *terms = malloc((size_t)n * sizeof *terms), *hub = malloc((size_t)n * sizeof *hub);
  for (int i = 0; i < n; i++) {
    const taup_node y[3] = {taup_symbol(g, TAUP_STATE, i, TAUP_DIM_NONE, "y"),
                            taup_symbol(g, TAUP_STATE, i + 1, TAUP_DIM_NONE, "y"),
                            taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "y")};
    const taup_node k = taup_symbol(g, TAUP_PARAMETER, i, TAUP_DIM_NONE, "k");
    terms[i] = taup_product(g, 3, (taup_node[]){k, y[0], y[1]});
    hub[i] = taup_product(g, 3, (taup_node[]){k, y[2], y[1]});
  }
  const taup_node sums[2] = {taup_sum(g, n, NULL, terms), taup_sum(g, n, NULL, hub)};
  taup_diff *d = new_diff(g, TAUP_STATE);
  const taup_partial *partials;
  const int before = taup_graph_n_nodes(g);
  const long requests = l.n_requests;
  for (int i = 0; i < 2; i++) assert_int_equal(taup_diff_of(d, sums[i], &partials), n + 1);
  assert_int_equal(taup_graph_status(g), TAU_OK);
  const cost out = {taup_graph_n_nodes(g) - before, l.n_requests - requests};
  taup_diff_free(d);
  taup_graph_free(g);
  free(terms);
  free(hub);
  ledger_close();
  assert_int_equal(l.n_alive, 0);
  return out;
}

/* Nodes and requests of memory, which stand for time and do not depend on the machine. */
static void a_sum_of_ten_thousand_terms_costs_ten_times_a_thousand(void **state)
{
  (void)state;
  const cost small = cost_of_sum(1000), large = cost_of_sum(10000);
  assert_true(small.n_nodes > 1000);
  assert_true(large.n_nodes <= 10 * small.n_nodes + 100);
  assert_true(large.n_nodes < 10 * 10000);
  assert_true(large.n_requests <= 10 * small.n_requests + 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_operation_agrees_with_the_complex_step),
    cmocka_unit_test(all_operations_are_among_them),
    cmocka_unit_test(random_expressions_agree_with_the_complex_step),
    cmocka_unit_test(derivatives_of_derivatives_agree_too),
    cmocka_unit_test(gradients_stay_when_the_graph_grows),
    cmocka_unit_test(a_branch_not_taken_has_no_say),
    cmocka_unit_test(what_does_not_depend_has_no_gradient),
    cmocka_unit_test(dimensions_of_derivatives_are_right),
    cmocka_unit_test(a_function_of_the_user_is_differentiated_by_its_gradient),
    cmocka_unit_test(its_second_derivative_is_refused),
    cmocka_unit_test(a_sum_of_ten_thousand_terms_costs_ten_times_a_thousand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

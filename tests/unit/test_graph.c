/* SPDX-License-Identifier: Apache-2.0 */
/* test_graph.c - the expression graph: equal things are one node, the normal form, dimensions, errors,
 * memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "expr/graph.h"
#include "expr/program.h"
#include "support/ledger.h"
#include "support/random_graph.h"

typedef struct scene {
  taup_graph *g;
  taup_node c, d, T; /* STATE: two concentrations, a temperature */
  taup_node k, l, E; /* PARAMETER: two rate constants, one number */
  taup_node Q;       /* INLET: a number */
  taup_node x, y;    /* STATE, without dimension */
} scene;

static scene new_scene(void)
{
  scene s;
  assert_int_equal(taup_graph_new(&s.g), TAU_OK);
  s.c = taup_symbol(s.g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "c");
  s.d = taup_symbol(s.g, TAUP_STATE, 1, TAUP_DIM_CONCENTRATION, "d");
  s.T = taup_symbol(s.g, TAUP_STATE, 2, TAUP_DIM_TEMPERATURE, "T");
  s.x = taup_symbol(s.g, TAUP_STATE, 3, TAUP_DIM_NONE, "x");
  s.y = taup_symbol(s.g, TAUP_STATE, 4, TAUP_DIM_NONE, "y");
  s.k = taup_symbol(s.g, TAUP_PARAMETER, 0, TAUP_DIM(0, 0, -1, 0, 0), "k");
  s.l = taup_symbol(s.g, TAUP_PARAMETER, 1, TAUP_DIM(0, 0, -1, 0, 0), "l");
  s.E = taup_symbol(s.g, TAUP_PARAMETER, 2, TAUP_DIM_NONE, "E");
  s.Q = taup_symbol(s.g, TAUP_INLET, 0, TAUP_DIM_NONE, "Q");
  return s;
}

static void end_scene(scene *s)
{
  if (taup_graph_status(s->g) != TAU_OK) fail_msg("%s", tau_last_error());
  taup_graph_free(s->g);
}

/* --- one node for equal things --- */

static void equal_things_are_one_node(void **state)
{
  (void)state;
  scene s = new_scene();
  assert_int_equal(taup_symbol(s.g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "another name"), s.c);
  assert_string_equal(taup_node_name(s.g, s.c), "c");
  assert_int_equal(taup_number(s.g, 2.5), taup_number(s.g, 2.5));
  assert_int_equal(taup_number(s.g, -0.0), taup_number(s.g, 0.0));
  assert_int_equal(taup_add(s.g, s.c, s.d), taup_add(s.g, s.d, s.c));
  assert_int_equal(taup_mul(s.g, s.x, s.y), taup_mul(s.g, s.y, s.x));
  assert_int_equal(taup_exp(s.g, s.x), taup_exp(s.g, s.x));
  assert_int_equal(taup_product(s.g, 3, (taup_node[]){s.k, s.x, s.c}),
                   taup_mul(s.g, taup_mul(s.g, s.c, s.k), s.x));
  const int before = taup_graph_n_nodes(s.g);
  (void)taup_mul(s.g, s.x, taup_mul(s.g, s.k, s.c));
  assert_int_equal(taup_graph_n_nodes(s.g), before);
  end_scene(&s);
}

static void different_things_are_different_nodes(void **state)
{
  (void)state;
  scene s = new_scene();
  assert_int_not_equal(taup_const(s.g, 1.0, TAUP_DIM_CONCENTRATION), taup_number(s.g, 1.0));
  assert_int_not_equal(taup_symbol(s.g, TAUP_INLET, 0, TAUP_DIM_NONE, "Q"), s.k);
  assert_int_not_equal(taup_min(s.g, s.x, s.y), taup_max(s.g, s.x, s.y));
  assert_int_not_equal(taup_sub(s.g, s.x, s.y), taup_sub(s.g, s.y, s.x));
  assert_int_not_equal(taup_select(s.g, s.x, s.y, s.c, s.d), taup_select(s.g, s.y, s.x, s.c, s.d));
  assert_int_not_equal(taup_pow(s.g, s.x, s.y), taup_pow(s.g, s.y, s.x));
  end_scene(&s);
}

/* Distinct values find distinct nodes, each again, when the table has grown many times. */
static void a_hundred_thousand_constants_are_found_again(void **state)
{
  (void)state;
  enum { MANY = 100000 };
  scene s = new_scene();
  const taup_node first = taup_number(s.g, 0.5);
  for (int i = 1; i < MANY; i++) assert_int_equal(taup_number(s.g, i + 0.5), first + i);
  for (int i = 0; i < MANY; i += 997) assert_int_equal(taup_number(s.g, i + 0.5), first + i);
  end_scene(&s);
}

static void arguments_stand_before_what_is_made_of_them(void **state)
{
  (void)state;
  taup_graph *g;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  (void)random_graph_new(g, 5, 100);
  for (int a = 0; a < taup_graph_n_nodes(g); a++) {
    taup_binding latest = TAUP_CONSTANT;
    for (int k = 0; k < taup_node_n_args(g, a); k++) {
      const taup_node arg = taup_node_args(g, a)[k];
      assert_true(arg >= 0 && arg < a);
      if (taup_node_binding(g, arg) > latest) latest = taup_node_binding(g, arg);
    }
    if (taup_node_n_args(g, a)) assert_int_equal(taup_node_binding(g, a), latest);
  }
  taup_graph_free(g);
}

/* --- normal form --- */

static void equal_terms_are_gathered(void **state)
{
  (void)state;
  scene s = new_scene();
  const taup_node five = taup_sum(s.g, 3, (double[]){2.0, 4.0, -1.0}, (taup_node[]){s.c, s.c, s.c});
  assert_int_equal(five, taup_scale(s.g, 5.0, s.c));
  assert_int_equal(taup_scale(s.g, 1.0, s.c), s.c);
  assert_true(taup_node_is_const(s.g, taup_sub(s.g, s.c, s.c), 0.0));
  assert_true(taup_dim_equal(taup_node_dim(s.g, taup_sub(s.g, s.c, s.c)), TAUP_DIM_CONCENTRATION));
  assert_int_equal(taup_add(s.g, s.c, taup_const(s.g, 0.0, TAUP_DIM_TEMPERATURE)),
                   s.c); /* zero has any dimension */
  assert_int_equal(taup_neg(s.g, taup_neg(s.g, s.c)), s.c);
  assert_int_equal(taup_scale(s.g, 3.0, taup_scale(s.g, 2.0, s.c)), taup_scale(s.g, 6.0, s.c));
  end_scene(&s);
}

/* k c + l c = (k + l) c, where k + l is known before c is. */
static void coefficients_known_earlier_are_added_earlier(void **state)
{
  (void)state;
  scene s = new_scene();
  const taup_node sum = taup_add(s.g, taup_mul(s.g, s.k, s.c), taup_mul(s.g, s.l, s.c));
  assert_int_equal(sum, taup_mul(s.g, taup_add(s.g, s.k, s.l), s.c));
  assert_int_equal(taup_node_op(s.g, sum), TAUP_OP_PROD);
  assert_int_equal(taup_node_binding(s.g, taup_node_args(s.g, sum)[0]), TAUP_PARAMETER);
  const taup_node mixed = taup_sum(s.g, 4, NULL, (taup_node[]){s.x, s.E, s.Q, taup_number(s.g, 3.0)});
  assert_int_equal(taup_node_n_args(s.g, mixed), 2); /* x, and E + Q + 3 that needs no state */
  assert_true(taup_node_value(s.g, mixed) == 0.0);
  end_scene(&s);
}

/* ((parameters) (inlet)) (state) with the number in front. */
static void products_are_grouped_by_when_they_are_known(void **state)
{
  (void)state;
  scene s = new_scene();
  const taup_node a = taup_product(s.g, 6, (taup_node[]){s.x, s.Q, s.E, s.c, s.k, taup_number(s.g, 3.0)});
  assert_int_equal(taup_node_op(s.g, a), TAUP_OP_SUM);
  assert_int_equal(taup_node_n_args(s.g, a), 1);
  assert_true(taup_node_coefficients(s.g, a)[0] == 3.0);
  const taup_node whole = taup_node_args(s.g, a)[0];
  const taup_node early = taup_node_args(s.g, whole)[0], late = taup_node_args(s.g, whole)[1];
  assert_int_equal(taup_node_binding(s.g, early), TAUP_INLET);
  assert_int_equal(taup_node_args(s.g, early)[0], taup_mul(s.g, s.k, s.E));
  assert_int_equal(taup_node_args(s.g, early)[1], s.Q);
  assert_int_equal(late, taup_mul(s.g, s.c, s.x));
  assert_true(taup_dim_equal(taup_node_dim(s.g, a), TAUP_DIM_RATE));
  end_scene(&s);
}

static void a_factor_cancels_its_reciprocal(void **state)
{
  (void)state;
  scene s = new_scene();
  assert_int_equal(taup_div(s.g, taup_mul(s.g, s.c, s.x), s.c), s.x);
  assert_true(taup_node_is_const(s.g, taup_div(s.g, s.T, s.T), 1.0));
  assert_int_equal(taup_recip(s.g, taup_recip(s.g, s.T)), s.T);
  assert_int_equal(taup_mul(s.g, taup_number(s.g, 0.0), s.c), taup_const(s.g, 0.0, TAUP_DIM_CONCENTRATION));
  assert_int_equal(taup_powi(s.g, s.x, 3.0), taup_product(s.g, 3, (taup_node[]){s.x, s.x, s.x}));
  assert_int_equal(taup_powi(s.g, s.x, -1.0), taup_recip(s.g, s.x));
  assert_int_equal(taup_powi(s.g, s.c, 0.5), taup_sqrt(s.g, s.c));
  end_scene(&s);
}

static void numbers_are_computed_at_once(void **state)
{
  (void)state;
  scene s = new_scene();
  const taup_node two = taup_number(s.g, 2.0);
  assert_true(taup_node_is_const(s.g, taup_exp(s.g, two), exp(2.0)));
  assert_true(taup_node_is_const(s.g, taup_log(s.g, two), log(2.0)));
  assert_true(taup_node_is_const(s.g, taup_tanh(s.g, two), tanh(2.0)));
  assert_true(taup_node_is_const(s.g, taup_pow(s.g, two, taup_number(s.g, 10.0)), 1024.0));
  assert_true(taup_node_is_const(s.g, taup_add(s.g, two, two), 4.0));
  assert_true(taup_node_is_const(s.g, taup_min(s.g, two, taup_number(s.g, 3.0)), 2.0));
  assert_true(taup_node_is_const(s.g, taup_max(s.g, two, taup_number(s.g, 3.0)), 3.0));
  assert_true(taup_node_is_const(s.g, taup_abs(s.g, taup_number(s.g, -3.0)), 3.0));
  assert_int_equal(taup_select(s.g, two, taup_number(s.g, 1.0), s.x, s.y), s.x);
  end_scene(&s);
}

/* --- dimensions --- */

static void dimensions_follow(void **state)
{
  (void)state;
  scene s = new_scene();
  assert_true(taup_dim_equal(taup_node_dim(s.g, taup_mul(s.g, s.k, s.c)), TAUP_DIM_RATE));
  assert_true(taup_dim_equal(taup_node_dim(s.g, taup_div(s.g, s.c, s.d)), TAUP_DIM_NONE));
  assert_true(taup_dim_equal(taup_node_dim(s.g, taup_powi(s.g, s.c, 1.5)), TAUP_DIM(-4.5f, 0, 0, 0, 1.5f)));
  assert_true(taup_dim_equal(taup_node_dim(s.g, taup_sqrt(s.g, s.c)), TAUP_DIM(-1.5f, 0, 0, 0, 0.5f)));
  assert_true(taup_dim_equal(taup_node_dim(s.g, taup_redim(s.g, s.c, TAUP_DIM_NONE)), TAUP_DIM_NONE));
  end_scene(&s);
}

typedef taup_node (*wrong_fn)(scene *s);

static taup_node add_wrong(scene *s) { return taup_add(s->g, s->c, s->T); }
static taup_node sum_wrong(scene *s) { return taup_sum(s->g, 3, NULL, (taup_node[]){s->c, s->d, s->x}); }
static taup_node number_wrong(scene *s) { return taup_add(s->g, s->c, taup_number(s->g, 1.0)); }
static taup_node exp_wrong(scene *s) { return taup_exp(s->g, s->T); }
static taup_node log_wrong(scene *s) { return taup_log(s->g, s->c); }
static taup_node tanh_wrong(scene *s) { return taup_tanh(s->g, s->k); }
static taup_node pow_wrong(scene *s) { return taup_pow(s->g, s->x, s->c); }
static taup_node base_wrong(scene *s) { return taup_pow(s->g, s->c, s->x); }
static taup_node min_wrong(scene *s) { return taup_min(s->g, s->c, s->T); }
static taup_node max_wrong(scene *s) { return taup_max(s->g, s->x, s->T); }
static taup_node condition_wrong(scene *s) { return taup_select(s->g, s->c, s->T, s->x, s->y); }
static taup_node branches_wrong(scene *s) { return taup_select(s->g, s->x, s->y, s->c, s->T); }

static const wrong_fn wrong_dims[] = {add_wrong, sum_wrong,  number_wrong,    exp_wrong,
                                      log_wrong, tanh_wrong, pow_wrong,       base_wrong,
                                      min_wrong, max_wrong,  condition_wrong, branches_wrong};

/* A mismatch is recorded, stays the first error, and everything built on it is an error too, without a
 * crash. */
static void a_mismatch_is_recorded_and_survives(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wrong_dims / sizeof wrong_dims[0]; i++) {
    scene s = new_scene();
    const taup_node wrong = wrong_dims[i](&s);
    if (wrong != TAUP_NODE_ERROR) fail_msg("mismatch %d is not seen", (int)i);
    char first[512];
    assert_int_equal(taup_graph_status(s.g), TAU_E_UNITS);
    snprintf(first, sizeof first, "%s", tau_last_error());
    assert_true(strlen(first) > 10);
    taup_fail(TAUP_ERR_CANNOT_READ, "something else of this thread");
    assert_int_equal(taup_graph_fail(s.g, TAUP_ERR_NO_FINITE_VALUE, "a second error"), TAUP_NODE_ERROR);
    assert_int_equal(taup_graph_status(s.g), TAU_E_UNITS);
    assert_string_equal(tau_last_error(), first);
    taup_graph_free(s.g);
  }
}

static void a_mismatch_names_both_dimensions(void **state)
{
  (void)state;
  scene s = new_scene();
  assert_int_equal(taup_add(s.g, s.c, s.T), TAUP_NODE_ERROR);
  assert_int_equal(taup_graph_status(s.g), TAU_E_UNITS);
  assert_non_null(strstr(tau_last_error(), "mol/m^3"));
  assert_non_null(strstr(tau_last_error(), "K"));
  taup_graph_free(s.g);
}

/* --- errors --- */

static void all_that_is_made_of_an_error_is_an_error(void **state)
{
  (void)state;
  scene s = new_scene();
  const taup_node e = taup_add(s.g, s.c, s.T);
  taup_graph *g = s.g;
  const taup_node made[] = {taup_add(g, e, s.x),
                            taup_sub(g, s.x, e),
                            taup_neg(g, e),
                            taup_mul(g, e, e),
                            taup_div(g, s.x, e),
                            taup_scale(g, 2.0, e),
                            taup_sum(g, 2, NULL, (taup_node[]){e, s.x}),
                            taup_product(g, 2, (taup_node[]){e, s.x}),
                            taup_recip(g, e),
                            taup_pow(g, e, s.x),
                            taup_powi(g, e, 2.0),
                            taup_sqrt(g, e),
                            taup_exp(g, e),
                            taup_log(g, e),
                            taup_log10(g, e),
                            taup_tanh(g, e),
                            taup_abs(g, e),
                            taup_min(g, e, s.x),
                            taup_max(g, s.x, e),
                            taup_select(g, e, s.x, s.x, s.y),
                            taup_redim(g, e, TAUP_DIM_NONE),
                            taup_power_of_order(g, e, s.x),
                            taup_power_of_order(g, s.c, e),
                            taup_number(g, 12345.0),
                            taup_symbol(g, TAUP_STATE, 77, TAUP_DIM_NONE, "new"),
                            taup_sum(g, 0, NULL, NULL),
                            taup_product(g, 0, NULL)};
  for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
    if (made[i] != TAUP_NODE_ERROR) fail_msg("constructor %d gives %d after an error", (int)i, made[i]);
  taup_graph_free(s.g);
}

static void what_has_no_value_is_refused(void **state)
{
  (void)state;
  static const char *const names[] = {"1/0", "sqrt(-1)", "log(0)", "log(-1)", "exp(1e4)", "0^-1"};
  for (int i = 0; i < 6; i++) {
    scene s = new_scene();
    taup_node a = TAUP_NODE_NONE;
    switch (i) {
    case 0: a = taup_recip(s.g, taup_number(s.g, 0.0)); break;
    case 1: a = taup_sqrt(s.g, taup_number(s.g, -1.0)); break;
    case 2: a = taup_log(s.g, taup_number(s.g, 0.0)); break;
    case 3: a = taup_log(s.g, taup_number(s.g, -1.0)); break;
    case 4: a = taup_exp(s.g, taup_number(s.g, 1e4)); break;
    default: a = taup_pow(s.g, taup_number(s.g, 0.0), taup_number(s.g, -1.5)); break;
    }
    if (a != TAUP_NODE_ERROR || taup_graph_status(s.g) != TAU_E_VALUE) fail_msg("%s gives %d", names[i], a);
    taup_graph_free(s.g);
  }
}

/* --- powers of any order (rules 9: e = 1e-12 mol/L, p(x) = x ((2 - n) + (n - 1) x)) --- */

static double power_at(double c, double n, double *slope)
{
  taup_graph *g;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const taup_node c_node = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "c");
  const taup_node a = taup_power_of_order(g, c_node, taup_number(g, n));
  const double in[2] = {c, 1e-40}, *const by_binding[4] = {NULL, NULL, NULL, in};
  double out[2];
  assert_int_equal(taup_complex_eval(g, by_binding, 1, &a, out), TAU_OK);
  taup_graph_free(g);
  if (slope) *slope = out[1] / 1e-40;
  return out[0];
}

static void an_order_below_one_goes_smoothly_to_zero(void **state)
{
  (void)state;
  const double e = 1e-9; /* mol/m^3 */
  for (double n = 0.0; n < 1.0; n += 0.25) {
    double slope, above, below;
    assert_true(power_at(0.0, n, &slope) == 0.0);
    assert_true(slope > 0.0); /* pulls back to zero from both sides */
    assert_true(power_at(-0.5 * e, n, NULL) < 0.0);
    (void)power_at(e * (1.0 + 1e-9), n, &above);
    (void)power_at(e * (1.0 - 1e-9), n, &below);
    assert_true(fabs(above - below) <= 1e-7 * pow(e, n - 1.0)); /* once differentiable at e */
    assert_true(fabs(power_at(250.0, n, NULL) - pow(250.0, n)) <= 1e-14 * pow(250.0, n));
  }
}

static void an_order_above_one_keeps_its_sign(void **state)
{
  (void)state;
  assert_true(fabs(power_at(-4.0, 1.5, NULL) + 8.0) < 1e-13);
  assert_true(fabs(power_at(4.0, 2.5, NULL) - 32.0) < 1e-12);
  assert_true(power_at(-3.0, 2.0, NULL) == 9.0); /* whole orders are products */
  assert_true(power_at(0.0, 1.5, NULL) == 0.0);
}

/* --- memory --- */

static tau_status build_much(taup_graph *g)
{
  taup_diff *diff = NULL;
  taup_program *program = NULL;
  const taup_partial *partials;
  random_graph r = random_graph_new(g, 3, 60);
  TAU_TRY(taup_graph_status(g));
  TAU_TRY(taup_diff_new(&diff, g, TAUP_STATE));
  for (int i = r.n - 8; i < r.n; i++) (void)taup_diff_of(diff, r.node[i], &partials);
  taup_diff_free(diff);
  TAU_TRY(taup_graph_status(g));
  const taup_body body = {8, r.node + r.n - 8, "f"};
  const int n_inputs[4] = {0, RANDOM_SYMBOLS, RANDOM_SYMBOLS, RANDOM_SYMBOLS};
  const tau_status st = taup_program_new(&program, g, n_inputs, 1, &body);
  taup_program_free(program);
  return st;
}

static void nothing_leaks(void **state)
{
  (void)state;
  ledger l;
  ledger_open(&l, 0);
  scene s = new_scene();
  assert_int_equal(build_much(s.g), TAU_OK);
  taup_graph_free(s.g);
  taup_graph_free(NULL);
  ledger_close();
  assert_true(l.n_requests > 100);
  assert_int_equal(l.n_alive, 0);
}

/* Whichever request fails: no crash, nothing lost, and the graph or the program says so. */
static void any_failing_request_is_survived(void **state)
{
  (void)state;
  ledger l;
  long k = 1;
  do {
    ledger_open(&l, k);
    taup_graph *g = NULL;
    tau_status st = taup_graph_new(&g);
    if (st == TAU_OK) st = build_much(g);
    taup_graph_free(g);
    ledger_close();
    assert_int_equal(st, l.n_failed ? TAU_E_NOMEM : TAU_OK);
    if (l.n_alive != 0) fail_msg("request %ld fails: %ld blocks are lost", k, l.n_alive);
    k += k < 200 ? 1 : 17;
  } while (l.n_failed);
  assert_true(k > 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_things_are_one_node),
    cmocka_unit_test(different_things_are_different_nodes),
    cmocka_unit_test(a_hundred_thousand_constants_are_found_again),
    cmocka_unit_test(arguments_stand_before_what_is_made_of_them),
    cmocka_unit_test(equal_terms_are_gathered),
    cmocka_unit_test(coefficients_known_earlier_are_added_earlier),
    cmocka_unit_test(products_are_grouped_by_when_they_are_known),
    cmocka_unit_test(a_factor_cancels_its_reciprocal),
    cmocka_unit_test(numbers_are_computed_at_once),
    cmocka_unit_test(dimensions_follow),
    cmocka_unit_test(a_mismatch_is_recorded_and_survives),
    cmocka_unit_test(a_mismatch_names_both_dimensions),
    cmocka_unit_test(all_that_is_made_of_an_error_is_an_error),
    cmocka_unit_test(what_has_no_value_is_refused),
    cmocka_unit_test(an_order_below_one_goes_smoothly_to_zero),
    cmocka_unit_test(an_order_above_one_keeps_its_sign),
    cmocka_unit_test(nothing_leaks),
    cmocka_unit_test(any_failing_request_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

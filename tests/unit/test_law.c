/* SPDX-License-Identifier: Apache-2.0 */
/* test_law.c - rate laws: closed values and dimensions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chem/law/law.h"

enum { MOST = 4 };

/* A law at a point: concentrations, orders (a parameter where is_parameter), parameters; (double)NAN: left out. */
typedef struct point {
  double p[TAUP_LAW_MOST_FIELDS];
  int n_forward, n_reverse;
  double c[MOST], order[MOST];
  double c_reverse[MOST], order_reverse[MOST];
  double substrate;
  bool is_made[MOST]; /* the reaction makes more of it than it takes */
  bool orders_are_parameters;
  double order_now, unit; /* of all parameters */
} point;

static const taup_law *law_named(const char *name)
{
  for (int i = 0; i < taup_n_laws; i++)
    if (!strcmp(taup_laws[i]->name, name)) return taup_laws[i];
  fail_msg("no law '%s'", name);
  return NULL;
}

static double sum(int n, const double *x)
{
  double s = 0.0;
  for (int i = 0; i < n; i++) s += x[i];
  return s;
}

static taup_law_term term_of(taup_graph *g, const point *at, int symbol, double order)
{
  taup_law_term t = {.c = taup_symbol(g, TAUP_STATE, symbol, TAUP_DIM_CONCENTRATION, "c"),
                     .order = taup_number(g, order)};
  if (!at->orders_are_parameters) return t;
  t.order = taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM_NONE, "n");
  t.written = order;
  t.unit = at->unit;
  return t;
}

static double rate_of(const char *name, const point *at)
{
  const taup_law *law = law_named(name);
  taup_graph *g;
  taup_node p[TAUP_LAW_MOST_FIELDS];
  taup_law_term forward[MOST], reverse[MOST];
  double state[2 * (2 * MOST + 1)] = {0}, parameter[2] = {at->order_now, 0.0}, out[2];
  const double *const inputs[4] = {NULL, parameter, NULL, state};
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const double order = sum(at->n_forward, at->order), order_reverse = sum(at->n_reverse, at->order_reverse);
  for (int i = 0; i < law->n_fields; i++) {
    const bool own = law->fields[i].flags & TAUP_FIELD_OWN_DIM;
    const taup_dim dim = own ? law->dim(i, order, order_reverse) : law->fields[i].dim;
    p[i] = isnan(at->p[i]) ? TAUP_NODE_NONE : taup_const(g, at->p[i], dim);
  }
  for (int i = 0; i < at->n_forward; i++) {
    forward[i] = term_of(g, at, i, at->order[i]);
    forward[i].product = at->is_made[i];
    state[2 * i] = at->c[i];
  }
  for (int i = 0; i < at->n_reverse; i++) {
    reverse[i] = term_of(g, at, MOST + i, at->order_reverse[i]);
    state[2 * (MOST + i)] = at->c_reverse[i];
  }
  taup_law_args in = {
    .p = p, .n_forward = at->n_forward, .n_reverse = at->n_reverse, .forward = forward, .reverse = reverse};
  in.substrate = taup_symbol(g, TAUP_STATE, 2 * MOST, TAUP_DIM_CONCENTRATION, "S");
  in.expression = taup_const(g, 42.0, TAUP_DIM_RATE);
  in.T = TAUP_NODE_NONE;
  state[2 * 2 * MOST] = at->substrate;
  const taup_node rate = law->rate(g, &in);
  if (taup_graph_status(g) != TAU_OK) fail_msg("%s: %s", name, tau_last_error());
  assert_true(taup_dim_equal(taup_node_dim(g, rate), TAUP_DIM_RATE));
  assert_int_equal(taup_complex_eval(g, inputs, 1, &rate, out), TAU_OK);
  taup_graph_free(g);
  return out[0];
}

static void check_rel(double got, double want, double rtol)
{
  if (!(fabs(got - want) <= rtol * fabs(want))) fail_msg("%.17g, want %.17g (rtol %g)", got, want, rtol);
}

static void unit_of_k_follows_from_the_order(void **state)
{
  (void)state;
  assert_true(taup_dim_equal(taup_rate_constant_dim(0.0), TAUP_DIM_RATE));
  assert_true(taup_dim_equal(taup_rate_constant_dim(1.0), TAUP_DIM(0, 0, -1, 0, 0)));
  assert_true(taup_dim_equal(taup_rate_constant_dim(2.0), TAUP_DIM(3, 0, -1, 0, -1)));
  assert_true(taup_dim_equal(taup_rate_constant_dim(1.5), TAUP_DIM(1.5f, 0, -1, 0, -0.5f)));
}

static void mass_action_is_k_times_concentrations(void **state)
{
  (void)state;
  const point second = {.p = {3e-4, (double)NAN, (double)NAN},
                        .n_forward = 2,
                        .c = {100.0, 50.0},
                        .order = {1, 1}};
  check_rel(rate_of("mass-action", &second), 3e-4 * 100.0 * 50.0, 1e-15);
  const point fractional = {.p = {2.0, (double)NAN, (double)NAN},
                            .n_forward = 2,
                            .c = {100.0, 9.0},
                            .order = {1.5, 0.5}};
  check_rel(rate_of("mass-action", &fractional), 2.0 * 1000.0 * 3.0, 1e-14);
  const point zeroth = {.p = {0.7, (double)NAN, (double)NAN}};
  check_rel(rate_of("mass-action", &zeroth), 0.7, 0.0);
}

static void mass_action_stands_still_at_equilibrium(void **state)
{
  (void)state;
  /* A + B <=> C: K = c_C / (c_A c_B) */
  point at = {.p = {0.3, 40.0 / (20.0 * 5.0), (double)NAN},
              .n_forward = 2,
              .n_reverse = 1,
              .c = {20.0, 5.0},
              .order = {1, 1},
              .c_reverse = {40.0},
              .order_reverse = {1}};
  assert_true(fabs(rate_of("mass-action", &at)) < 1e-13);
  at.c_reverse[0] = 80.0;
  check_rel(rate_of("mass-action", &at), -0.3 * 20.0 * 5.0,
            1e-14); /* twice as much product: backwards as fast */
}

static void both_ways_of_giving_the_way_back_agree(void **state)
{
  (void)state;
  const point by_K = {.p = {0.3, 6.0, (double)NAN},
                      .n_forward = 1,
                      .n_reverse = 1,
                      .c = {20.0},
                      .order = {1},
                      .c_reverse = {7.0},
                      .order_reverse = {2}};
  point by_k = by_K;
  by_k.p[1] = (double)NAN;
  by_k.p[2] = 0.3 / 6.0;
  check_rel(rate_of("mass-action", &by_k), rate_of("mass-action", &by_K), 1e-15);
  check_rel(rate_of("mass-action", &by_k), 0.3 * 20.0 - 0.05 * 49.0, 1e-15);
}

static void power_law_counts_what_is_listed(void **state)
{
  (void)state;
  const point at = {.p = {0.1}, .n_forward = 2, .c = {16.0, 8.0}, .order = {0.5, -1.0}};
  check_rel(rate_of("power", &at), 0.1 * 4.0 / 8.0, 1e-14);
}

static void an_order_that_is_changed_leaves_k_its_number(void **state)
{
  (void)state;
  /* k = 2 (L/mol)^0.5/s at order 1.5, c = 4 mol/L; at order 0.5 it is 2 (mol/L)^0.5/s: 2 * 4^0.5 mol/L/s */
  point at = {.p = {2.0 * sqrt(1e-3)},
              .n_forward = 1,
              .c = {4000.0},
              .order = {1.5},
              .orders_are_parameters = true,
              .order_now = 1.5,
              .unit = 1000.0};
  check_rel(rate_of("power", &at), 2.0 * 8.0 * 1000.0, 1e-13);
  at.order_now = 0.5;
  check_rel(rate_of("power", &at), 2.0 * 2.0 * 1000.0, 1e-13);
  at.order_now = 2.5;
  check_rel(rate_of("power", &at), 2.0 * 32.0 * 1000.0, 1e-13);
}

static void michaelis_menten_gives_half_of_vmax_at_km(void **state)
{
  (void)state;
  point at = {.p = {2.0, 50.0}, .substrate = 50.0};
  check_rel(rate_of("michaelis-menten", &at), 1.0, 1e-15);
  at.substrate = 5e9;
  check_rel(rate_of("michaelis-menten", &at), 2.0, 1.1e-8);
  at.substrate = 0.0;
  assert_true(rate_of("michaelis-menten", &at) == 0.0);
}

/* docs/decisions/0004: noise below zero of what a reaction makes gives no rate; of what it only takes it gives one that pushes back. */
static void what_makes_itself_counts_as_nothing_below_zero(void **state)
{
  (void)state;
  static const double orders[] = {0.0, 0.5, 1.0, 1.5, 2.0};
  for (int i = 0; i < 5; i++) {
    point at = {.p = {3e-4, (double)NAN, (double)NAN},
                .n_forward = 2,
                .c = {100.0, -1e-20},
                .order = {1.0, orders[i]},
                .is_made = {false, true}};
    assert_true(rate_of("mass-action", &at) == 0.0);
    at.c[1] = 4.0;
    check_rel(rate_of("mass-action", &at), 3e-4 * 100.0 * pow(4.0, orders[i]), 1e-14);
    at.c[1] = -1e-20;
    at.is_made[1] = false;
    assert_true(orders[i] == 2.0 ? rate_of("mass-action", &at) > 0.0 : rate_of("mass-action", &at) < 0.0);
  }
}

static void expression_is_what_the_user_wrote(void **state)
{
  (void)state;
  const point at = {.n_forward = 0};
  assert_true(rate_of("expression", &at) == 42.0);
}

static void mass_action_is_the_default(void **state)
{
  (void)state;
  assert_string_equal(taup_laws[0]->name, "mass-action");
  for (int i = 0; i < taup_n_laws; i++) {
    assert_true(taup_laws[i]->n_fields <= TAUP_LAW_MOST_FIELDS && strlen(taup_laws[i]->doc) > 20);
    for (int k = 0; k < taup_laws[i]->n_fields; k++)
      assert_true(!(taup_laws[i]->fields[k].flags & TAUP_FIELD_OWN_DIM) || taup_laws[i]->dim);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(unit_of_k_follows_from_the_order),
    cmocka_unit_test(mass_action_is_k_times_concentrations),
    cmocka_unit_test(mass_action_stands_still_at_equilibrium),
    cmocka_unit_test(both_ways_of_giving_the_way_back_agree),
    cmocka_unit_test(power_law_counts_what_is_listed),
    cmocka_unit_test(an_order_that_is_changed_leaves_k_its_number),
    cmocka_unit_test(michaelis_menten_gives_half_of_vmax_at_km),
    cmocka_unit_test(what_makes_itself_counts_as_nothing_below_zero),
    cmocka_unit_test(expression_is_what_the_user_wrote),
    cmocka_unit_test(mass_action_is_the_default),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_sensitivity.c - derivatives through trains: several units, mixing, splitting, until, hot spots, folds, functions of the user, and
 * the cases with closed forms. */
#include "support/differences.h"
#include "support/sensitive_trains.h"

#define HEAD REACTIONS "solver: {rtol: 1e-12}\n"

static void compare(const char *text, double step, int least)
{
  tau_train *t = small_train(text);
  differences d = {.step = step, .tolerance = 1e-6, .noise = 2e-11};
  check_differences(t, &d);
  assert_true(d.n_compared >= least);
  assert_true(d.n_rough <= d.n_compared / 50);
  tau_train_free(t);
}

/* Mixed feeds, a coil, a split, a tank and a jacketed coil in parallel, a quench that is mixed in, and a last coil. */
static void a_train_with_branches(void **state)
{
  (void)state;
  compare(HEAD BRANCHES, 4e-4, 2000);
}

/* Six tanks: each carries its inlet, not what stands before it. */
static void a_cascade(void **state)
{
  (void)state;
  compare(
    HEAD
    "solvent: {name: ethanol, density: ideal-mixture}\n"
    "feeds:\n"
    "  f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 2 mol/L, B: 2 mol/L}, solvent: ethanol}\n"
    "units:\n"
    "  a: {type: cstr, in: f, volume: 2 mL, heat: adiabatic}\n"
    "  b: {type: cstr, in: a, volume: 2 mL, heat: adiabatic}\n"
    "  c: {type: cstr, in: b, volume: 2 mL, temperature: 320 K}\n"
    "  d: {type: pfr, in: c, volume: 2 mL}\n",
    4e-4, 2000);
}

static void an_end_by_until(void **state)
{
  (void)state;
  compare(HEAD UNTIL, 2e-4, 1500);
}

static void a_batch_until(void **state)
{
  (void)state;
  compare(HEAD
          "solvent: {name: ethanol, density: constant}\n"
          "units:\n"
          "  pot: {type: batch, charge: {volume: 1 L, temperature: 300 K, concentration: {A: 1 mol/L, B: 1.5 "
          "mol/L}}, time: 5 h, "
          "heat: {jacket: {temperature: 300 K, U: 100 W/m^2/K, area: 0.05 m^2}}, until: c/B <= 0.8 mol/L}\n",
          2e-4, 500);
}

/* A jacketed coil with its hottest place inside: T_max, where it is, and what is there. */
static void a_hot_spot(void **state)
{
  (void)state;
  const char *text = HEAD HOT_SPOT;
  tau_result *r = small_result(text);
  assert_true(small_value(r, "units/coil/T_max") > small_value(r, "units/coil/outlet/T") + 1.0);
  assert_true(small_value(r, "units/coil/position_T_max") > 0.1);
  tau_result_free(r);
  compare(text, 2e-4, 1000);
}

static double slope_of(const tau_train *t, const tau_sensitivity *s, const char *observable, int k)
{
  const int i = tau_train_observable_index(t, observable);
  if (i < 0) fail_msg("%s", tau_last_error());
  return tau_sensitivity_value(s, i, k);
}

static tau_sensitivity *sensitivity_of(const tau_train *t, const tau_inputs *inputs, int n,
                                       const char *const *paths)
{
  tau_sensitivity *s = NULL;
  int p[16];
  for (int k = 0; k < n; k++)
    if ((p[k] = tau_train_parameter_index(t, paths[k])) < 0) fail_msg("%s", tau_last_error());
  if (tau_train_sensitivity(&s, t, inputs, n, p, NULL) < 0) fail_msg("%s", tau_last_error());
  return s;
}

/* A -> B in a coil: c = c0 exp(-k V/Q), so dc/dk = -c V/Q, dc/dV = -c k/Q, dc/dQ = c k V/Q^2, d c/d c0 = c/c0. */
static void first_order_is_exact(void **state)
{
  (void)state;
  tau_train *t =
    small_train("tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 0.02 1/s}}\n"
                "feeds: {f: {flow: 1e-8 m^3/s, concentration: {A: 1000 mol/m^3}}}\n"
                "units: {coil: {type: pfr, in: f, volume: 1e-6 m^3}}\nsolver: {rtol: 1e-11}\n");
  const char *const paths[] = {"reactions/r/k", "units/coil/volume", "feeds/f/flow",
                               "feeds/f/concentration/A", "flow_factor"};
  tau_sensitivity *s = sensitivity_of(t, NULL, 5, paths);
  const double c = 1000.0 * exp(-2.0);
  const double want[] = {-c * 100.0, -c * 0.02 / 1e-8, c * 0.02 * 1e-6 / 1e-16, c / 1000.0, 2.0 * c};
  for (int k = 0; k < 5; k++) assert_close_rel(slope_of(t, s, "outlet/c/A", k), want[k], 1e-8);
  assert_close_rel(tau_sensitivity_normalised(s, tau_train_observable_index(t, "outlet/c/A"), 0), -2.0, 1e-8);
  assert_close_rel(slope_of(t, s, "units/coil/residence_time", 1), 1e8, 1e-12);
  assert_string_equal(tau_sensitivity_reason(s, tau_train_observable_index(t, "outlet/c/A"), 0), "");
  tau_sensitivity_free(s);
  tau_train_free(t);
}

/* What is not given, and what is no function of anything. */
static void what_has_no_derivative_says_why(void **state)
{
  (void)state;
  tau_train *t =
    small_train("tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 0.02 1/s}}\n"
                "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\n"
                "units: {tank: {type: cstr, in: f, volume: 1 mL}}\n");
  const char *const paths[] = {"units/tank/residence_time", "reactions/r/k"};
  tau_sensitivity *s = sensitivity_of(t, NULL, 2, paths);
  const int c = tau_train_observable_index(t, "outlet/c/A");
  assert_true(isnan(tau_sensitivity_value(s, c, 0)));
  assert_non_null(strstr(tau_sensitivity_reason(s, c, 0), "not given"));
  assert_non_null(
    strstr(tau_sensitivity_reason(s, tau_train_observable_index(t, "balance/closure"), 1), "no derivative"));
  assert_non_null(strstr(tau_sensitivity_reason(s, tau_train_observable_index(t, "units/tank/stable"), 1),
                         "no derivative"));
  assert_non_null(
    strstr(tau_sensitivity_reason(s, tau_train_observable_index(t, "outlet/T"), 1), "no value"));
  assert_true(isfinite(tau_sensitivity_value(s, c, 1)));

  tau_inputs *inputs = NULL; /* the other member of the group, in the same object */
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, paths[0], 60.0), TAU_OK);
  assert_int_equal(tau_sensitivity_run(s, inputs, NULL), TAU_OK);
  /* c = c0 / (1 + k tau) */
  assert_close_rel(tau_sensitivity_value(s, c, 0), -1000.0 * 0.02 / (2.2 * 2.2), 1e-10);
  assert_close_rel(tau_sensitivity_value(s, c, 1), -1000.0 * 60.0 / (2.2 * 2.2), 1e-10);
  tau_inputs_free(inputs);
  tau_sensitivity_free(s);
  tau_train_free(t);
}

/* r = k c / (1 + b c)^2 in a tank: 0 = c0 - c - k tau c / (1 + b c)^2 has a double root at b c = 3 for k tau = 32, b c0 = 9.
 * One part in 1e12 before it there are two, 1.4e-5 apart. */
static void at_a_fold_there_is_none(void **state)
{
  (void)state;
  tau_train *t = small_train("tautrain: 1\nspecies: {A: {}, B: {}}\n"
                             "reactions: {r: {equation: A -> B, rate: \"k0*A/(1 + b*A)^2\", parameters: {k0: "
                             "0.31999999999968 1/s, b: 1 L/mol}}}\n"
                             "feeds: {f: {flow: 1 mL/min, concentration: {A: 9 mol/L}}}\n"
                             "units:\n  tank: {type: cstr, in: f, residence_time: 100 s, start: "
                             "{concentration: {A: 3.001 mol/L, B: 5.999 mol/L}}}\n"
                             "  coil: {type: pfr, in: tank, volume: 1 mL}\n");
  const char *const paths[] = {"reactions/r/parameters/k0", "pressure"};
  tau_sensitivity *s = sensitivity_of(t, NULL, 2, paths);
  const int c = tau_train_observable_index(t, "outlet/c/A");
  assert_close_rel(tau_result_values(
                     tau_sensitivity_result(s))[tau_train_observable_index(t, "units/tank/outlet/c/A")],
                   3000.0, 1e-5);
  assert_true(isnan(tau_sensitivity_value(s, c, 0)));
  assert_non_null(strstr(tau_sensitivity_reason(s, c, 0), "'tank' stands at a fold"));
  assert_true(tau_sensitivity_value(s, c, 1) == 0.0); /* the pressure moves nothing */

  tau_inputs *inputs = NULL; /* away from it: dc/dk = -tau c/(1+bc)^2 / (1 + k tau (1-bc)/(1+bc)^3) */
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "reactions/r/parameters/k0", 0.2), TAU_OK);
  if (tau_sensitivity_run(s, inputs, NULL) < 0) fail_msg("%s", tau_last_error());
  const tau_stream out = tau_result_outlet(tau_sensitivity_result(s), 0, 0);
  const double u = out.c[0] / 1000.0, g = 1.0 + u;
  assert_close_rel(slope_of(t, s, "units/tank/outlet/c/A", 0),
                   -1e3 * 100.0 * u / (g * g) / (1.0 + 20.0 * (1.0 - u) / (g * g * g)), 1e-9);
  tau_inputs_free(inputs);
  tau_sensitivity_free(s);
  tau_train_free(t);
}

/* Streams of one temperature without a liquid: what moves one of them has no derivative, what moves neither has. */
static void streams_that_part_have_no_common_temperature(void **state)
{
  (void)state;
  tau_train *t =
    small_train("tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: {arrhenius: "
                "{k_ref: 0.02 1/s, "
                "T_ref: 300 K, Ea: 50 kJ/mol}}}}\n"
                "feeds:\n  f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}\n"
                "  g: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}\n"
                "units: {coil: {type: pfr, in: [f, g], volume: 1 mL}}\n");
  const char *const paths[] = {"feeds/f/temperature", "reactions/r/k/Ea"};
  tau_sensitivity *s = sensitivity_of(t, NULL, 2, paths);
  const int c = tau_train_observable_index(t, "outlet/c/A");
  assert_true(isnan(tau_sensitivity_value(s, c, 0)));
  assert_non_null(strstr(tau_sensitivity_reason(s, c, 0), "solvent"));
  assert_close(tau_sensitivity_value(s, c, 1), 0.0, 1e-12); /* T is T_ref */
  tau_sensitivity_free(s);
  tau_train_free(t);
}

/* Orders that are no whole numbers are parameters; A -> B with r = k c^n: dc/dn by differences of the closed form is in the oracles. */
static void orders_and_laws(void **state)
{
  (void)state;
  compare("tautrain: 1\nspecies: {A: {}, B: {}, C: {}, S: {}, Z: {}}\n"
          "reactions:\n"
          "  r: {equation: A -> B, orders: {A: 1.5}, k: 0.02 L^0.5/mol^0.5/s}\n"
          "  s: {equation: B -> C, orders: {B: 0.7}, k: 1e-3 mol^0.3/L^0.3/s}\n"
          "  e: {equation: S -> Z, law: michaelis-menten, vmax: 0.003 mol/L/s, km: 0.2 mol/L}\n"
          "  x: {equation: Z -> S, rate: \"k0*exp(-E/(R*T))*Z/(1 + b*S)\", parameters: {k0: 2e5 1/s, E: 60 "
          "kJ/mol, b: 0.4 L/mol}}\n"
          "feeds: {f: {flow: 1 mL/min, temperature: 320 K, concentration: {A: 1.5 mol/L, B: 0.2 mol/L, S: 1 "
          "mol/L}}}\n"
          "units:\n  tank: {type: cstr, in: f, volume: 1 mL}\n  coil: {type: pfr, in: tank, volume: 1 mL}\n"
          "solver: {rtol: 1e-12}\n",
          4e-4, 500);
}

static int by_rate_of_the_user(void *user, int n, const double *x, double *value, double *gradient)
{
  (void)user;
  (void)n;
  *value = 2e-5 * x[0] * x[1];
  if (gradient) {
    gradient[0] = 2e-5 * x[1];
    gradient[1] = 2e-5 * x[0];
  }
  return 0;
}

static void functions_of_the_user(void **state)
{
  (void)state;
  tau_model *m = small_model(
    "tautrain: 1\nspecies: {A: {}, B: {}, C: {}}\nreactions: {r: {equation: A + B -> C, k: 1 L/mol/s}}\n"
    "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L, B: 2 mol/L}}}\n"
    "units:\n  tank: {type: cstr, in: f, volume: 1 mL}\n  coil: {type: pfr, in: tank, volume: 1 mL}\n"
    "solver: {rtol: 1e-12}\n");
  tau_train *t = NULL;
  tau_model_remove(m, "reactions/r/k");
  if (tau_model_set_function(m, "reactions/r/rate", "A B", by_rate_of_the_user, NULL, NULL, NULL) < 0)
    fail_msg("%s", tau_last_error());
  if (tau_train_compile(&t, m) < 0) fail_msg("%s", tau_last_error());
  differences d = {.step = 4e-4, .tolerance = 1e-6, .noise = 2e-11};
  check_differences(t, &d);
  assert_true(d.n_compared > 50);
  tau_train_free(t);
  tau_model_free(m);
}

/* Nothing depends on what else was asked for, nor on the object's runs before. */
static void each_parameter_alone_gives_the_same(void **state)
{
  (void)state;
  tau_train *t = small_train(HEAD "solvent: {name: ethanol, density: constant}\n" FEEDS
                                  "units:\n  coil: {type: pfr, in: [f, g], volume: 4 mL, heat: adiabatic}\n"
                                  "  last: {type: cstr, in: [coil, q], volume: 3 mL}\n");
  const char *const paths[] = {"reactions/r/k/k_ref", "reactions/s/k/Ea", "feeds/f/flow", "units/last/volume",
                               "feeds/q/temperature"};
  tau_sensitivity *all = sensitivity_of(t, NULL, 5, paths);
  for (int k = 0; k < 5; k++) {
    tau_sensitivity *one = sensitivity_of(t, NULL, 1, &paths[k]);
    for (int i = 0; i < tau_train_n_observables(t); i++) {
      const double a = tau_sensitivity_value(all, i, k), b = tau_sensitivity_value(one, i, 0);
      const double scale = fabs(tau_result_values(tau_sensitivity_result(one))[i] /
                                tau_train_parameter(t, tau_sensitivity_parameter(one, 0)).value);
      assert_true(isnan(a) == isnan(b));
      if (!isnan(a)) assert_close(a, b, 1e-8 * (fabs(b) + scale));
    }
    tau_sensitivity_free(one);
  }
  tau_sensitivity_free(all);
  tau_train_free(t);
}

static int stop_at_once(void *user, const char *unit, double fraction)
{
  (void)user;
  return strcmp(unit, "last") == 0 && fraction >= 0.0;
}

static void a_stopped_run_gives_what_it_has(void **state)
{
  (void)state;
  tau_train *t = small_train(HEAD "solvent: {name: ethanol, density: constant}\n" FEEDS
                                  "units:\n  coil: {type: pfr, in: [f, g], volume: 4 mL}\n"
                                  "  last: {type: pfr, in: [coil, q], volume: 3 mL}\n");
  const int p = tau_train_parameter_index(t, "reactions/r/k/k_ref");
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  tau_sensitivity *s = NULL;
  o.progress = stop_at_once;
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, 1, &p, &o), TAU_STOPPED_USER);
  assert_true(isfinite(slope_of(t, s, "units/coil/outlet/c/C", 0)));
  assert_true(isnan(slope_of(t, s, "outlet/c/C", 0)));
  assert_true(tau_sensitivity_reason(s, tau_train_observable_index(t, "outlet/c/C"), 0)[0] != '\0');
  tau_sensitivity_free(s);
  const int wrong = 100000;
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, 1, &wrong, NULL), TAU_E_VALUE);
  assert_null(s);
  tau_train_free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_train_with_branches),
    cmocka_unit_test(a_cascade),
    cmocka_unit_test(an_end_by_until),
    cmocka_unit_test(a_batch_until),
    cmocka_unit_test(a_hot_spot),
    cmocka_unit_test(first_order_is_exact),
    cmocka_unit_test(what_has_no_derivative_says_why),
    cmocka_unit_test(at_a_fold_there_is_none),
    cmocka_unit_test(streams_that_part_have_no_common_temperature),
    cmocka_unit_test(orders_and_laws),
    cmocka_unit_test(functions_of_the_user),
    cmocka_unit_test(each_parameter_alone_gives_the_same),
    cmocka_unit_test(a_stopped_run_gives_what_it_has),
  };
  return cmocka_run_group_tests_name("sensitivity", tests, NULL, NULL);
}

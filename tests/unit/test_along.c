/* SPDX-License-Identifier: Apache-2.0 */
/* test_along.c - what is found along a tube or a batch: where `until` ends it, what `at` stores, the
 * hottest place, the largest concentrations. */
#include "support/small_run.h"

#define SOLVENT "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"
#define A_TO_B                                                                        \
  "tautrain: 1\n" SOLVENT "species: {A: {}, B: {}}\n"                                 \
  "reactions: {r: {equation: A -> B, k: 0.1 1/s}}\n"                                  \
  "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n" \
  "key: {reactant: A, product: B}\n"

static tau_result *run(const char *head, const char *units)
{
  char text[4096];
  snprintf(text, sizeof text, "%s%s\nsolver: {rtol: 1e-12}\n", head, units);
  return small_result(text);
}

/* --- until --- */

/* First order: 99 % is reached at k t = ln 100. */
static void a_tube_ends_where_its_condition_holds(void **state)
{
  (void)state;
  tau_result *r =
    run(A_TO_B,
        "units: {coil: {type: pfr, in: f, volume: 50 mL, diameter: 1 mm, until: conversion/A >= 99 %}}");
  const double t = log(100.0) / 0.1;
  assert_close(small_value(r, "conversion/A"), 0.99, 1e-9);
  assert_close_rel(small_value(r, "outlet/c/A"), 10.0, 1e-9);
  assert_close_rel(small_value(r, "units/coil/residence_time"), t, 1e-9);
  assert_close_rel(small_value(r, "residence_time"), t, 1e-9);
  assert_close_rel(small_value(r, "units/coil/volume"), t * 1e-6 / 60.0, 1e-9);
  assert_close_rel(small_value(r, "units/coil/length"), t * 1e-6 / 60.0 / (3.14159265358979324 / 4.0 * 1e-6),
                   1e-9);
  const tau_profile p = tau_result_profile(r, 0);
  assert_close_rel(p.position[p.n_points - 1], t * 1e-6 / 60.0, 1e-9);
  assert_close_rel(p.c[(p.n_points - 1) * 2], 10.0, 1e-9);
  assert_int_equal(tau_result_n_warnings(r), 0);
  tau_result_free(r);
}

static void a_batch_ends_where_its_condition_holds(void **state)
{
  (void)state;
  tau_result *r =
    run("tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 0.1 1/s}}\n",
        "units: {b: {type: batch, time: 1 h, charge: {volume: 1 L, concentration: {A: 1 mol/L}}, until: c/B "
        ">= 0.5 mol/L}}");
  assert_close_rel(small_value(r, "outlet/c/B"), 500.0, 1e-9);
  assert_close_rel(small_value(r, "units/b/time"), log(2.0) / 0.1, 1e-9);
  tau_result_free(r);
}

/* <=: falls to its value; the same place by another path. */
static void a_falling_condition_holds_where_it_falls(void **state)
{
  (void)state;
  tau_result *r = run(A_TO_B, "units: {coil: {type: pfr, in: f, volume: 50 mL, until: c/A <= 0.2 mol/L}}");
  assert_close_rel(small_value(r, "outlet/c/A"), 200.0, 1e-9);
  assert_close_rel(small_value(r, "units/coil/residence_time"), log(5.0) / 0.1, 1e-9);
  tau_result_free(r);
}

static void a_threshold_is_a_parameter(void **state)
{
  (void)state;
  tau_train *train =
    small_train(A_TO_B "units: {coil: {type: pfr, in: f, volume: 50 mL, until: conversion/A >= 99 %}}\n");
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "units/coil/until", 0.5), TAU_OK);
  tau_result *r = small_result_of(train, inputs);
  assert_close(small_value(r, "conversion/A"), 0.5, 1e-9);
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(train);
}

static void what_is_reached_at_the_entrance_ends_there(void **state)
{
  (void)state;
  tau_result *r =
    run(A_TO_B, "units:\n  one: {type: pfr, in: f, volume: 20 mL, until: conversion/A >= 90 %}\n"
                "  two: {type: pfr, in: one, volume: 20 mL, until: conversion/A >= 80 %}");
  assert_true(small_has_warning(r, "'two'"));
  assert_true(small_has_warning(r, "already"));
  assert_close(small_value(r, "conversion/A"), 0.9, 1e-9);
  assert_true(small_value(r, "units/two/volume") == 0.0);
  assert_true(small_value(r, "units/two/residence_time") == 0.0);
  assert_true(small_value(r, "units/two/outlet/c/A") == small_value(r, "units/two/inlet/c/A"));
  assert_close(small_value(r, "balance/closure"), 0.0, 1e-12);
  assert_true(tau_result_statistics(r, tau_result_unit_index(r, "two")).n_steps == 0);
  tau_result_free(r);
}

static void what_is_not_reached_is_said(void **state)
{
  (void)state;
  tau_result *r =
    run(A_TO_B, "units: {coil: {type: pfr, in: f, volume: 1 mL, until: conversion/A >= 99.9 %}}");
  assert_true(small_has_warning(r, "'coil'"));
  assert_true(small_has_warning(r, "not reached"));
  assert_close_rel(small_value(r, "units/coil/volume"), 1e-6, 1e-14);
  assert_close_rel(small_value(r, "outlet/c/A"), 1000.0 * exp(-6.0), 1e-9);
  tau_result_free(r);
}

/* Without reaction a selectivity is 0/0 along the whole tube: it never holds. */
static void what_has_no_value_is_not_reached(void **state)
{
  (void)state;
  tau_train *train =
    small_train(A_TO_B "units: {coil: {type: pfr, in: f, volume: 5 mL, until: selectivity/B >= 50 %}}\n");
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "reactions/r/k", 0.0), TAU_OK);
  tau_result *r = small_result_of(train, inputs);
  assert_close_rel(small_value(r, "units/coil/volume"), 5e-6, 1e-14);
  assert_true(small_has_warning(r, "not reached"));
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(train);
}

/* --- at --- */

static void check_at(const char *units, const char *coordinate, int n, const double *positions,
                     const double *times)
{
  tau_result *r = run(A_TO_B, units);
  const tau_profile p = tau_result_profile(r, 0);
  assert_string_equal(p.coordinate, coordinate);
  for (int i = 0; i < n; i++) {
    int row = 0;
    while (row < p.n_points && !(fabs(p.position[row] - positions[i]) <= 1e-12 * positions[i])) row++;
    if (row == p.n_points) fail_msg("%g is not stored", positions[i]);
    assert_close(p.c[2 * row], 1000.0 * exp(-0.1 * times[i]), 1e-8);
    assert_close(p.c[2 * row] + p.c[2 * row + 1], 1000.0, 1e-9);
    assert_close_rel(p.rate[row], 0.1 * p.c[2 * row], 1e-13);
  }
  for (int row = 1; row < p.n_points; row++) assert_true(p.position[row] > p.position[row - 1]);
  assert_true(p.n_points <= n + 2); /* those, and the ends at most */
  tau_result_free(r);
}

static void positions_asked_for_are_stored(void **state)
{
  (void)state;
  const double volumes[] = {1e-6, 2.5e-6, 5e-6}, by_volume[] = {60.0, 150.0, 300.0};
  check_at("units: {coil: {type: pfr, in: f, volume: 5 mL, at: [5 mL, 1 mL, 2500 uL]}}", "volume", 3, volumes,
           by_volume);
  const double by_time[] = {7.0, 100.0}, volumes_of_times[] = {7e-6 / 60.0, 100e-6 / 60.0};
  check_at("units: {coil: {type: pfr, in: f, volume: 5 mL, at: [7 s, 100 s]}}", "volume", 2, volumes_of_times,
           by_time);
  const double area = 3.14159265358979324 / 4.0 * 1e-6, lengths[] = {0.1, 0.9},
               times[] = {0.1 * area * 6e7, 0.9 * area * 6e7};
  check_at("units: {coil: {type: pfr, in: f, length: 1 m, diameter: 1 mm, at: [10 cm, 90 cm]}}", "length", 2,
           lengths, times);
}

static void a_hundred_and_one_positions_are_stored_unless_asked(void **state)
{
  (void)state;
  tau_result *r = run(A_TO_B, "units: {coil: {type: pfr, in: f, volume: 5 mL}}");
  const tau_profile p = tau_result_profile(r, 0);
  assert_int_equal(p.n_points, 101);
  for (int i = 0; i <= 100; i++) {
    assert_close(p.position[i], i * 5e-8, 1e-18);
    assert_close(p.c[2 * i], 1000.0 * exp(-0.1 * i * 3.0), 1e-8);
    assert_close_rel(p.T[i], 298.15, 1e-15);
    assert_close_rel(p.flow[i], 1e-6 / 60.0, 1e-15);
  }
  tau_result_free(r);
}

/* --- the hottest place --- */

/* A -> B in a jacketed tube, with t = V/Q:  dc/dt = -r,  dT/dt = 20 r / 1000 + 0.04 (300 - T),  r = 0.05
 * exp(8000 (1/300 - 1/T)) c: (-dH)/(rho cp) = 80e3 / 4e6 K m^3/mol; U 4/d / (rho cp) = 40 x 4 / 1e-3 / 4e6
 * 1/s. */
static void slope_of_hot_tube(const double y[2], double dy[2])
{
  const double r = 0.05 * exp(8000.0 * (1.0 / 300.0 - 1.0 / y[1])) * y[0];
  dy[0] = -r;
  dy[1] = 0.02 * r + 0.04 * (300.0 - y[1]);
}

static void runge_kutta_step(double y[2], double h)
{
  double k[4][2], at[2];
  static const double part[] = {0.0, 0.5, 0.5, 1.0};
  for (int s = 0; s < 4; s++) {
    for (int i = 0; i < 2; i++) at[i] = s ? y[i] + part[s] * h * k[s - 1][i] : y[i];
    slope_of_hot_tube(at, k[s]);
  }
  for (int i = 0; i < 2; i++) y[i] += h / 6.0 * (k[0][i] + 2.0 * k[1][i] + 2.0 * k[2][i] + k[3][i]);
}

/* Classical Runge-Kutta steps of 2e-5 s (error below 1e-12); in the step where dT/dt changes sign the
 * place follows from the slopes. */
static void hottest_by_runge_kutta(double *t_max, double *T_max, double *c_at_max)
{
  const double h = 2e-5;
  double y[2] = {1000.0, 300.0}, before[2], slope[2], s0, s1;
  for (long i = 0;; i++) {
    memcpy(before, y, sizeof y);
    slope_of_hot_tube(y, slope);
    s0 = slope[1];
    runge_kutta_step(y, h);
    slope_of_hot_tube(y, slope);
    s1 = slope[1];
    if (s1 > 0.0) continue;
    const double part = s0 / (s0 - s1);
    runge_kutta_step(before, part * h);
    *t_max = ((double)i + part) * h;
    *T_max = before[1];
    *c_at_max = before[0];
    return;
  }
}

static void the_hottest_place_is_found_between_steps(void **state)
{
  (void)state;
  double t, T, c;
  hottest_by_runge_kutta(&t, &T, &c);
  assert_true(T > 305.0);
  static const char *const solvers[] = {"solver: {rtol: 1e-11}", "solver: {rtol: 1e-6}"};
  for (int loose = 0; loose < 2; loose++) {
    char text[2048];
    snprintf(text, sizeof text,
             "tautrain: 1\n" SOLVENT "species: {A: {}, B: {}}\n"
             "reactions: {r: {equation: A -> B, k: {arrhenius: {k_ref: 0.05 1/s, T_ref: 300 K, Ea: 8000 K}}, "
             "heat: -80 kJ/mol}}\n"
             "feeds: {f: {flow: 60 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"
             "units: {u: {type: pfr, in: f, volume: 60 mL, diameter: 1 mm, at: [1 mL, 59 mL],\n"
             "    heat: {jacket: {temperature: 300 K, U: 40 W/m^2/K}}}}\n%s\n",
             solvers[loose]);
    tau_result *r = small_result(text);
    assert_close(small_value(r, "units/u/T_max"), T, loose ? 1e-3 : 1e-7);
    assert_close_rel(small_value(r, "units/u/position_T_max"), t * 1e-6, loose ? 1e-3 : 1e-6);
    assert_close_rel(small_value(r, "units/u/at_T_max/c/A"), c, loose ? 1e-3 : 1e-6);
    assert_true(small_value(r, "outlet/T") < T - 1.0);
    tau_result_free(r);
  }
}

/* --- largest concentrations --- */

/* A -> B -> C with k1 = 2 k2: the largest B is A_0 / 2 (Levenspiel, 3rd ed., eq. 8.38: (k1/k2)^(k2 / (k2 -
 * k1))). */
static void the_largest_intermediate_is_found_between_steps(void **state)
{
  (void)state;
  tau_result *r =
    small_result("tautrain: 1\nspecies: {A: {}, B: {}, C: {}}\n"
                 "reactions: {r: {equation: A -> B, k: 0.02 1/s}, s: {equation: B -> C, k: 0.01 1/s}}\n"
                 "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\n"
                 "units: {coil: {type: pfr, in: f, volume: 10 mL, at: 10 mL}}\nsolver: {rtol: 1e-10}\n");
  assert_close_rel(small_value(r, "units/coil/max/c/B"), 500.0, 1e-8);
  assert_close_rel(small_value(r, "units/coil/max/c/A"), 1000.0, 1e-15);
  assert_close_rel(small_value(r, "units/coil/max/c/C"), small_value(r, "outlet/c/C"), 1e-12);
  tau_result_free(r);
}

/* B and C are made and used together; one of them is computed from the other by their moiety, and has its
 * maximum none the less. */
static void a_species_computed_from_a_moiety_has_its_maximum_too(void **state)
{
  (void)state;
  tau_result *r = small_result(
    "tautrain: 1\nspecies: {A: {}, B: {}, C: {}, D: {}}\n"
    "reactions: {r: {equation: A -> B + C, k: 0.02 1/s}, s: {equation: B + C -> D, k: 0.0001 L/mol/s}}\n"
    "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L, B: 0.3 mol/L}}}\n"
    "units: {coil: {type: pfr, in: f, volume: 100 mL, at: 100 mL}}\nsolver: {rtol: 1e-8}\n");
  assert_true(small_value(r, "units/coil/max/c/C") > 1.01 * small_value(r, "outlet/c/C"));
  assert_close(small_value(r, "units/coil/max/c/B") - small_value(r, "units/coil/max/c/C"), 300.0, 1e-7);
  tau_result_free(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_tube_ends_where_its_condition_holds),
    cmocka_unit_test(a_batch_ends_where_its_condition_holds),
    cmocka_unit_test(a_falling_condition_holds_where_it_falls),
    cmocka_unit_test(a_threshold_is_a_parameter),
    cmocka_unit_test(what_is_reached_at_the_entrance_ends_there),
    cmocka_unit_test(what_is_not_reached_is_said),
    cmocka_unit_test(what_has_no_value_is_not_reached),
    cmocka_unit_test(positions_asked_for_are_stored),
    cmocka_unit_test(a_hundred_and_one_positions_are_stored_unless_asked),
    cmocka_unit_test(the_hottest_place_is_found_between_steps),
    cmocka_unit_test(the_largest_intermediate_is_found_between_steps),
    cmocka_unit_test(a_species_computed_from_a_moiety_has_its_maximum_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

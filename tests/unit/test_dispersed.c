/* SPDX-License-Identifier: Apache-2.0 */
/* test_dispersed.c - the tube with axial dispersion against closed forms and an independent solution, its estimate of its own error, the
 * choice among several states, and what it does in a train. */
#include "support/small_run.h"
#include "unit/dispersed_reference.h"

#define A_TO_B                                               \
  "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n" \
  "reactions: {r: {equation: A -> B, k: 1.0}}\n"             \
  "feeds: {f: {flow: 1e-6, temperature: 300, concentration: {A: 1000}}}\n"
#define TUBE "units: {tube: {type: pfr-dispersed, in: f, residence_time: 1.0, peclet: 1.0}}\n"

/* A train, and one run after the other through it. */
typedef struct series {
  tau_train *train;
  tau_inputs *inputs;
  tau_workspace *workspace;
} series;

static series open_series(const char *text)
{
  series s = {.train = small_train(text)};
  assert_int_equal(tau_inputs_new(&s.inputs, s.train), TAU_OK);
  assert_int_equal(tau_workspace_new(&s.workspace, s.train), TAU_OK);
  return s;
}

static void close_series(series *s)
{
  tau_workspace_free(s->workspace);
  tau_inputs_free(s->inputs);
  tau_train_free(s->train);
}

static void set(series *s, const char *path, double value)
{
  if (tau_inputs_set(s->inputs, path, value) < 0) fail_msg("%s", tau_last_error());
}

static const tau_result *run(series *s, double rtol)
{
  const tau_result *r = NULL;
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.rtol = rtol;
  if (tau_train_run_in(&r, s->workspace, s->inputs, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  return r;
}

/* --- first order --- */

/* c / c_feed at the outlet: P. V. Danckwerts, Chem. Eng. Sci. 2 (1953) 1, with nothing that overflows. */
static double danckwerts(double Da, double Pe)
{
  const double a = sqrt(1.0 + 4.0 * Da / Pe);
  return 4.0 * a * exp(-2.0 * Da / (1.0 + a)) / ((1.0 + a) * (1.0 + a) - (1.0 - a) * (1.0 - a) * exp(-a * Pe));
}

/* The error of the run as grid_error tells it: relative, below 1e-9 of the feed to that. The least of the B made is 1 % of the feed. */
static double true_error(const tau_result *r, double y)
{
  const double A = small_value(r, "outlet/c/A") / 1000.0, B = small_value(r, "outlet/c/B") / 1000.0;
  return fmax(fabs(A - y) / fmax(y, 1e-9), fabs(B - (1.0 - y)) / (1.0 - y));
}

static const double Pes[] = {1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3,   1.0,   3.0,   10.0, 30.0,
                             60.0, 100,  200,  300,  600, 1000., 2000., 3000., 6000, 10000};
static const double Das[] = {0.01, 0.03, 0.1,  0.3,  0.7,  1.0,  2.0,  3.0,  5.0,
                             7.0,  10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0};
enum { N_PE = sizeof Pes / sizeof Pes[0], N_DA = sizeof Das / sizeof Das[0] };

static void first_order_is_that_of_danckwerts_from_tank_to_plug_flow(void **state)
{
  (void)state;
  series s = open_series(A_TO_B TUBE);
  for (int p = 0; p < N_PE; p++)
    for (int d = 0; d < N_DA; d++) {
      set(&s, "units/tube/peclet", Pes[p]);
      set(&s, "reactions/r/k", Das[d]);
      const double y = danckwerts(Das[d], Pes[p]), have = small_value(run(&s, 0.0), "outlet/c/A") / 1000.0;
      const double allowed = y > 1e-9 ? 1e-7 * y : 1e-15;
      if (!(fabs(have - y) <= allowed)) fail_msg("Pe %g, Da %g: %.17g, want %.17g", Pes[p], Das[d], have, y);
    }
  close_series(&s);
}

/* An ideal tank, 1 / (1 + Da), also where 1 / Pe is beyond all numbers. */
static void the_least_peclet_number_is_a_tank(void **state)
{
  (void)state;
  static const double least[] = {1e-12, 1e-13, 1e-15, 1e-100, 1e-307, 1e-310, 5e-324};
  series s = open_series(A_TO_B TUBE);
  for (size_t p = 0; p < sizeof least / sizeof least[0]; p++)
    for (int d = 0; d < N_DA; d++) {
      set(&s, "units/tube/peclet", least[p]);
      set(&s, "reactions/r/k", Das[d]);
      const double y = 1.0 / (1.0 + Das[d]);
      assert_close(small_value(run(&s, 0.0), "outlet/c/A") / 1000.0, y, 1e-7 * y);
    }
  close_series(&s);
}

/* Within a factor 10 of the true error, wherever that is more than what rounding leaves. */
static void the_estimated_error_is_the_true_one(void **state)
{
  (void)state;
  static const double rounding = 1e-12;
  series s = open_series(A_TO_B TUBE);
  int n_compared = 0;
  for (int p = 0; p < N_PE; p++)
    for (int d = 0; d < N_DA; d++) {
      set(&s, "units/tube/peclet", Pes[p]);
      set(&s, "reactions/r/k", Das[d]);
      const tau_result *r = run(&s, 0.0);
      const double estimated = small_value(r, "units/tube/grid_error");
      const double error = true_error(r, danckwerts(Das[d], Pes[p]));
      if (error < rounding && estimated < rounding) continue;
      n_compared++;
      if (!(estimated < 10.0 * error && error < 10.0 * estimated))
        fail_msg("Pe %g, Da %g: estimated %.3g, true %.3g", Pes[p], Das[d], estimated, error);
    }
  assert_true(n_compared > N_PE * N_DA / 4);
  close_series(&s);
}

static void a_tighter_tolerance_is_met(void **state)
{
  (void)state;
  series s = open_series(A_TO_B TUBE);
  for (int p = 6; p < N_PE; p += 3)
    for (int d = 2; d < 10; d += 3) {
      set(&s, "units/tube/peclet", Pes[p]);
      set(&s, "reactions/r/k", Das[d]);
      assert_close_rel(small_value(run(&s, 1e-11), "outlet/c/A"), 1000.0 * danckwerts(Das[d], Pes[p]), 1e-10);
    }
  close_series(&s);
}

/* y(s) = 2 e^(Pe s / 2) [(1 + a) e^(a Pe (1 - s) / 2) - (1 - a) e^(-a Pe (1 - s) / 2)] / [...], as above. */
static double inside(double Da, double Pe, double s)
{
  const double a = sqrt(1.0 + 4.0 * Da / Pe);
  return 2.0 * exp(-2.0 * Da * s / (1.0 + a)) * ((1.0 + a) - (1.0 - a) * exp(-a * Pe * (1.0 - s))) /
         ((1.0 + a) * (1.0 + a) - (1.0 - a) * (1.0 - a) * exp(-a * Pe));
}

static void the_profile_is_right_between_the_points_of_the_mesh(void **state)
{
  (void)state;
  static const double cases[][2] = {{2.0, 0.1}, {2.0, 5.0}, {5.0, 50.0}, {3.0, 1000.0}, {8.0, 10000.0}};
  series s = open_series(A_TO_B TUBE);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    set(&s, "reactions/r/k", cases[i][0]);
    set(&s, "units/tube/peclet", cases[i][1]);
    const tau_result *r = run(&s, 0.0);
    const tau_profile p = tau_result_profile(r, 0);
    assert_int_equal(p.n_points, 101);
    for (int k = 0; k < p.n_points; k++)
      assert_close_rel(p.c[2 * k], 1000.0 * inside(cases[i][0], cases[i][1], p.position[k] / 1e-6), 1e-6);
    assert_true(p.c[0] < 1000.0); /* at the entrance what came in is diluted already */
  }
  close_series(&s);
}

/* --- other orders --- */

static void other_rates_are_those_of_a_spectral_solution(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
    const double *x = references[i], K = x[0];
    char text[1024];
    snprintf(text, sizeof text,
             "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"
             "reactions: {r: {equation: A -> B, %s}}\nfeeds: {f: {flow: 1e-6, concentration: {A: 1}}}\n"
             "units: {tube: {type: pfr-dispersed, in: f, residence_time: 1, peclet: 1, at: [0 L, 0.5e-3 L, "
             "1e-3 L]}}\n",
             K == 0.0 ? "law: power, orders: {A: 2}, k: 1" : "law: michaelis-menten, vmax: 1, km: 1");
    series s = open_series(text);
    set(&s, "units/tube/peclet", x[2]);
    set(&s, K == 0.0 ? "reactions/r/k" : "reactions/r/vmax", K == 0.0 ? x[1] : x[1] * (1.0 + K));
    if (K > 0.0) set(&s, "reactions/r/km", K);
    const tau_result *r = run(&s, 0.0);
    const tau_profile p = tau_result_profile(r, 0);
    assert_close_rel(small_value(r, "outlet/c/A"), x[5], 1e-8);
    assert_int_equal(p.n_points, 3);
    for (int k = 0; k < 3; k++) assert_close_rel(p.c[2 * k], x[3 + k], 1e-7);
    close_series(&s);
  }
}

/* --- heat --- */

#define HOT                                                                                             \
  "tautrain: 1\nsolvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\nspecies: {A: {}, B: {}}\n" \
  "reactions: {r: {equation: A -> B, k: {arrhenius: {k_ref: %s 1/s, T_ref: 300 K, Ea: 6000 K}}, heat: " \
  "-600 kJ/mol}}\nfeeds: {f: {flow: 1 L/s, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"         \
  "units: {tube: {type: pfr-dispersed, in: f, volume: 1 L, peclet: %s, %s}}\nsolver: {rtol: 1e-10}\n"

static tau_result *hot(const char *k, const char *Pe, const char *rest)
{
  char text[2048];
  snprintf(text, sizeof text, HOT, k, Pe, rest);
  return small_result(text);
}

/* Matter and heat disperse alike, so T = T_in + 150 K x everywhere. */
static void temperature_follows_conversion_where_both_disperse_alike(void **state)
{
  (void)state;
  tau_result *r = hot("0.3", "20", "heat: adiabatic");
  const tau_profile p = tau_result_profile(r, 0);
  for (int k = 0; k < p.n_points; k++)
    assert_close_rel(p.T[k], 300.0 + 150.0 * (1.0 - p.c[2 * k] / 1000.0), 1e-9);
  assert_true(small_value(r, "balance/energy") < 1e-12);
  assert_close_rel(small_value(r, "units/tube/heat_released"), 600e3 * small_value(r, "conversion/A"), 1e-9);
  tau_result_free(r);
}

/* Each of the three states of the case in tests/oracle also by a state as start. */
static void a_start_by_its_state_finds_that_state(void **state)
{
  (void)state;
  static const struct {
    const char *start;
    double conversion; /* tests/oracle/g4-17-adiabatic-dispersion-multiplicity */
  } starts[] = {
    {"start: {temperature: 305 K, concentration: {A: 0.97 mol/L, B: 0.03 mol/L}}", 0.10783904090620854},
    {"start: {temperature: 330 K, concentration: {A: 0.8 mol/L, B: 0.2 mol/L}}", 0.27791622143995115},
    {"start: {temperature: 440 K, concentration: {A: 0.07 mol/L, B: 0.93 mol/L}}", 0.9997305565806283},
  };
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
    char rest[200];
    snprintf(rest, sizeof rest, "heat: adiabatic, %s", starts[i].start);
    tau_result *r = hot("0.053", "2", rest);
    assert_close_rel(small_value(r, "conversion/A"), starts[i].conversion, 1e-9);
    tau_result_free(r);
  }
}

/* Without a start it is the state that lies nearest to plug flow, which here has not lit. */
static void without_a_start_it_is_the_state_next_to_plug_flow(void **state)
{
  (void)state;
  tau_result *r = hot("0.053", "2", "heat: adiabatic");
  assert_close_rel(small_value(r, "conversion/A"), 0.10783904090620854, 1e-9);
  tau_result_free(r);
}

/* A jacket that takes all heat at once, and one that takes none. */
static void a_jacket_has_its_limits(void **state)
{
  (void)state;
  tau_result *cold = hot("0.3", "20", "heat: {jacket: {temperature: 300 K, U: 1e9 W/m^2/K, area: 1 m^2}}");
  tau_result *isothermal = hot("0.3", "20", "temperature: 300 K");
  tau_result *closed = hot("0.3", "20", "heat: {jacket: {temperature: 300 K, U: 0 W/m^2/K, area: 1 m^2}}");
  tau_result *adiabatic = hot("0.3", "20", "heat: adiabatic");
  assert_close_rel(small_value(cold, "conversion/A"), small_value(isothermal, "conversion/A"), 1e-4);
  assert_close_rel(small_value(cold, "units/tube/duty"), small_value(isothermal, "units/tube/duty"), 1e-4);
  assert_close_rel(small_value(closed, "outlet/T"), small_value(adiabatic, "outlet/T"), 1e-10);
  tau_result_free(cold);
  tau_result_free(isothermal);
  tau_result_free(closed);
  tau_result_free(adiabatic);
}

/* --- along the tube --- */

/* A -> B -> C at high Pe is plug flow but for terms of 1/Pe: c_B has its maximum 1/e at s = 1 for k1 = k2 = 1, and here inside, at 1/2. */
static void the_largest_intermediate_is_found(void **state)
{
  (void)state;
  series s = open_series("tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}, C: {}}\n"
                         "reactions: {a: {equation: A -> B, k: 2}, b: {equation: B -> C, k: 2}}\n"
                         "feeds: {f: {flow: 1e-6, concentration: {A: 1000}}}\n"
                         "units: {tube: {type: pfr-dispersed, in: f, residence_time: 1, peclet: 1e9}}\n");
  const tau_result *r = run(&s, 0.0);
  assert_close_rel(small_value(r, "units/tube/max/c/B"), 1000.0 * exp(-1.0), 1e-7);
  assert_close_rel(small_value(r, "units/tube/max/c/A"), 1000.0, 1e-7);
  close_series(&s);
}

/* Pe = u L / D_ax by all that it follows from. */
static void dispersion_and_peclet_are_one(void **state)
{
  (void)state;
  tau_result *a =
    small_result(A_TO_B "units: {tube: {type: pfr-dispersed, in: f, length: 2, diameter: 0.001, "
                        "dispersion: 0.05}}\n");
  const double u = 1e-6 / (3.14159265358979324 / 4.0 * 1e-6), Pe = u * 2.0 / 0.05, Da = 2.0 / u;
  assert_close_rel(small_value(a, "outlet/c/A"), 1000.0 * danckwerts(Da, Pe), 1e-8);
  tau_result_free(a);
}

static void ends_make_no_difference_to_what_is_steady(void **state)
{
  (void)state;
  tau_result *closed =
    small_result(A_TO_B "units: {t: {type: pfr-dispersed, in: f, volume: 1e-6, peclet: 7}}\n");
  tau_result *open =
    small_result(A_TO_B "units: {t: {type: pfr-dispersed, in: f, volume: 1e-6, peclet: 7, ends: open}}\n");
  assert_true(small_value(closed, "outlet/c/A") == small_value(open, "outlet/c/A"));
  tau_result_free(closed);
  tau_result_free(open);
}

/* --- in a train --- */

/* Two tubes share their equations and the memory of the solver; what is known of each is its own. */
static void two_tubes_in_a_row_are_told_apart(void **state)
{
  (void)state;
  series s = open_series(A_TO_B "units:\n  one: {type: pfr-dispersed, in: f, residence_time: 1, peclet: 3}\n"
                                "  two: {type: pfr-dispersed, in: one, residence_time: 2, peclet: 30}\n");
  const tau_result *r = run(&s, 1e-10);
  const double first = danckwerts(1.0, 3.0), both = first * danckwerts(2.0, 30.0);
  assert_close_rel(small_value(r, "outlet/c/A"), 1000.0 * both, 1e-9);
  tau_sensitivity *slopes = NULL;
  const int parameters[2] = {tau_train_parameter_index(s.train, "units/one/peclet"),
                             tau_train_parameter_index(s.train, "units/two/peclet")};
  assert_int_equal(tau_train_sensitivity(&slopes, s.train, NULL, 2, parameters, NULL), TAU_OK);
  const int A = tau_train_observable_index(s.train, "outlet/c/A");
  const double h = 1e-5;
  const double by_one = (danckwerts(1.0, 3.0 + h) - danckwerts(1.0, 3.0 - h)) / (2.0 * h);
  const double by_two = (danckwerts(2.0, 30.0 + h) - danckwerts(2.0, 30.0 - h)) / (2.0 * h);
  assert_close_rel(tau_sensitivity_value(slopes, A, 0), 1000.0 * by_one * both / first, 1e-6);
  assert_close_rel(tau_sensitivity_value(slopes, A, 1), 1000.0 * by_two * first, 1e-6);
  tau_sensitivity_free(slopes);
  close_series(&s);
}

/* What was run before leaves no trace: each run is that of a workspace of its own, bit for bit. */
static void a_run_does_not_know_the_runs_before_it(void **state)
{
  (void)state;
  series s = open_series(A_TO_B TUBE);
  for (int d = 0; d < N_DA; d += 4) {
    set(&s, "reactions/r/k", Das[d]);
    set(&s, "units/tube/peclet", Pes[N_PE - 1 - d]);
    tau_result *alone = small_result_of(s.train, s.inputs);
    const tau_result *r = run(&s, 0.0);
    assert_true(small_value(r, "outlet/c/A") == small_value(alone, "outlet/c/A"));
    assert_true(small_value(r, "units/tube/grid_error") == small_value(alone, "units/tube/grid_error"));
    tau_result_free(alone);
  }
  close_series(&s);
}

/* A rate that goes on at zero leads to no state, and the message says where and what. */
static void what_goes_on_at_zero_is_told(void **state)
{
  (void)state;
  tau_train *t =
    small_train("tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, rate: \"k\", "
                "parameters: {k: 5 mol/L/s}}}\nfeeds: {f: {flow: 1 L/s, concentration: {A: 1 mol/L}}}\n"
                "units: {tube: {type: pfr-dispersed, in: f, volume: 1 L, peclet: 10}}\n");
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, t, NULL, NULL), TAU_E_SOLVER);
  assert_non_null(strstr(tau_result_message(r), "unit 'tube'"));
  assert_non_null(strstr(tau_result_message(r), "falls below zero"));
  assert_non_null(strstr(tau_result_message(r), "species 'A' in reaction 'r'"));
  tau_result_free(r);
  tau_train_free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(first_order_is_that_of_danckwerts_from_tank_to_plug_flow),
    cmocka_unit_test(the_least_peclet_number_is_a_tank),
    cmocka_unit_test(the_estimated_error_is_the_true_one),
    cmocka_unit_test(a_tighter_tolerance_is_met),
    cmocka_unit_test(the_profile_is_right_between_the_points_of_the_mesh),
    cmocka_unit_test(other_rates_are_those_of_a_spectral_solution),
    cmocka_unit_test(temperature_follows_conversion_where_both_disperse_alike),
    cmocka_unit_test(a_start_by_its_state_finds_that_state),
    cmocka_unit_test(without_a_start_it_is_the_state_next_to_plug_flow),
    cmocka_unit_test(a_jacket_has_its_limits),
    cmocka_unit_test(the_largest_intermediate_is_found),
    cmocka_unit_test(dispersion_and_peclet_are_one),
    cmocka_unit_test(ends_make_no_difference_to_what_is_steady),
    cmocka_unit_test(two_tubes_in_a_row_are_told_apart),
    cmocka_unit_test(a_run_does_not_know_the_runs_before_it),
    cmocka_unit_test(what_goes_on_at_zero_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

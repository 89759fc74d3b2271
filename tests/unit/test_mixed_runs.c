/* SPDX-License-Identifier: Apache-2.0 */
/* test_mixed_runs.c - units in their distribution of residence times: heat, profiles, warnings, engines, sweeps and files. */
#include <tautrain/sweep.h>

#include "expr/program.h"
#include "unit/mixed_models.h"

/* --- heat: A -> B at 1 mol/L, 150 K adiabatic --- */

#define HOT                                                                                                \
  "tautrain: 1\nsolvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\nspecies: {A: {}, B: {}}\n"    \
  "reactions: {r: {equation: A -> B, k: {arrhenius: {k_ref: %.17g 1/s, T_ref: 300 K, Ea: 6000 K}}, heat: " \
  "-600 kJ/mol}}\nfeeds: {f: {flow: 1 L/s, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"            \
  "units: {u: {in: f, volume: 1 L, %s}}\n"

static tau_result *hot(double k, const char *unit)
{
  char text[2048];
  snprintf(text, sizeof text, HOT, k, unit);
  return small_result(text);
}

/* dt/dz of a batch that has converted x = 1 - exp(-z): k(T) dt = dx/(1 - x) = dz, T = 300 K + 150 K x. */
static double pace(double k, double z)
{
  const double T = 300.0 - 150.0 * expm1(-z);
  return exp(-6000.0 * (1.0 / 300.0 - 1.0 / T)) / k;
}

/* t at z, by Simpson's rule from z0, where it is t0; *sum: with the integral of W exp(-z). W: 1, or (1/2t)^2. */
static double ring(double k, const double z[2], double t0, bool leaves, double *sum)
{
  enum { N = 20000 };
  const double h = (z[1] - z[0]) / N;
  double t = t0;
  for (int i = 0; i < N; i++) {
    const double a = z[0] + i * h, first = pace(k, a), middle = pace(k, a + 0.5 * h), last = pace(k, a + h);
    const double at[3] = {t, t + h / 24.0 * (5.0 * first + 8.0 * middle - last),
                          t + h / 6.0 * (first + 4.0 * middle + last)};
    for (int j = 0; j < 3; j++)
      *sum +=
        h / 6.0 * (j == 1 ? 4.0 : 1.0) * (leaves ? 0.25 / (at[j] * at[j]) : 1.0) * exp(-a - 0.5 * j * h);
    t = at[2];
  }
  return t;
}

/* integral of E x dt = integral of W dx by parts; W begins to fall at t = 1/2, which is looked for in z. No time is marched. */
static double laminar_conversion(double k)
{
  double low = 0.0, high = 40.0, sum = 0.0;
  for (int i = 0; i < 60; i++) {
    const double z = 0.5 * (low + high);
    if (ring(k, (double[]){0.0, z}, 0.0, false, &sum) < 0.5) low = z;
    else high = z;
  }
  sum = 0.0;
  ring(k, (double[]){0.0, low}, 0.0, false, &sum);
  ring(k, (double[]){low, low + 40.0}, 0.5, true, &sum);
  return sum;
}

static void an_adiabatic_laminar_tube_is_its_rings(void **state)
{
  (void)state;
  static const double ks[] = {0.03, 0.1, 0.3, 1.0};
  for (int i = 0; i < 4; i++) {
    tau_result *r = hot(ks[i], "type: laminar, heat: adiabatic");
    const double x = laminar_conversion(ks[i]);
    assert_close(small_value(r, "conversion/A"), x, 3e-8);
    assert_close(small_value(r, "outlet/T"), 300.0 + 150.0 * x, 1e-5);
    assert_true(small_value(r, "balance/energy") < 1e-6);
    tau_result_free(r);
  }
}

#define JACKET "heat: {jacket: {temperature: 310 K, U: 500 W/m^2/K, area: 1 m^2}}"

static void energy_and_matter_are_kept(void **state)
{
  (void)state;
  static const char *const units[] = {
    "type: laminar, heat: adiabatic",
    "type: laminar, " JACKET,
    "type: laminar, mixing: maximum, " JACKET,
    "type: cstr, rtd: {model: tanks, n: 3}, mixing: segregated, heat: adiabatic",
    "type: cstr, rtd: {model: tanks, n: 3}, mixing: maximum, heat: adiabatic",
    "type: cstr, rtd: {model: tanks, n: 3}, mixing: {exchange: 0.3 s}, heat: adiabatic",
    "type: cstr, rtd: {model: tanks, n: 3}, mixing: {exchange: 0.3 s}, " JACKET,
    "type: pfr, rtd: {parallel: [{model: plug, mean: 0.5 s, fraction: 0.3}, {model: tanks, mean: 1.2 s, n: "
    "2, "
    "fraction: rest}]}, mixing: segregated, " JACKET,
    "type: pfr, rtd: {parallel: [{model: plug, mean: 0.5 s, fraction: 0.3}, {model: tanks, mean: 1.2 s, n: "
    "2, "
    "fraction: rest}]}, mixing: maximum, " JACKET,
    "type: pfr-dispersed, peclet: 20, mixing: segregated, " JACKET,
  };
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    tau_result *r = hot(0.1, units[i]);
    const double X = small_value(r, "conversion/A"), B = small_value(r, "outlet/c/B") / 1000.0;
    const double energy = small_value(r, "balance/energy");
    /* Released heat, less what the wall takes, warms 1 kg/s of 4 kJ/kg/K. */
    const double warmed = 4000.0 * (small_value(r, "outlet/T") - 300.0);
    if (!(energy < 1e-5)) fail_msg("%s: balance/energy %.3g", units[i], energy);
    assert_close(B, X, 1e-8);
    assert_true(X > 0.05 && X < 1.0);
    assert_close_rel(small_value(r, "units/u/heat_released"), 600e3 * X, 1e-5);
    assert_close(600e3 * X + small_value(r, "units/u/duty"), warmed, 1e-5 * 600e3);
    tau_result_free(r);
  }
}

/* Zwietering's mixture of the exponential distribution is the tank, also where it is hot. */
static void a_hot_tank_at_maximum_mixedness_is_the_tank(void **state)
{
  (void)state;
  static const char *const heats[] = {"heat: adiabatic", JACKET};
  for (int h = 0; h < 2; h++)
    for (int k = 0; k < 2; k++) {
      char mixed[200], tank[200];
      snprintf(mixed, sizeof mixed, "type: cstr, mixing: maximum, %s", heats[h]);
      snprintf(tank, sizeof tank, "type: cstr, %s", heats[h]);
      tau_result *a = hot(k ? 0.02 : 1.0, mixed), *b = hot(k ? 0.02 : 1.0, tank);
      assert_close(small_value(a, "conversion/A"), small_value(b, "conversion/A"), 1e-7);
      assert_close_rel(small_value(a, "outlet/T"), small_value(b, "outlet/T"), 1e-7);
      tau_result_free(a);
      tau_result_free(b);
    }
}

static void plug_flow_has_its_hottest_place(void **state)
{
  (void)state;
  tau_result *tube =
    hot(0.1, "type: pfr, heat: {jacket: {temperature: 290 K, U: 5000 W/m^2/K, area: 1 m^2}}");
  static const char *const ways[] = {"segregated", "maximum"};
  for (int k = 0; k < 2; k++) {
    char unit[300];
    snprintf(
      unit, sizeof unit,
      "type: pfr, rtd: {model: plug}, mixing: %s, heat: {jacket: {temperature: 290 K, U: 5000 W/m^2/K, area: "
      "1 m^2}}",
      ways[k]);
    tau_result *r = hot(0.1, unit);
    const double where = small_value(r, "units/u/position_T_max"),
                 there = 1e3 * small_value(tube, "units/u/position_T_max");
    assert_close_rel(small_value(r, "units/u/T_max"), small_value(tube, "units/u/T_max"), 1e-6);
    assert_close_rel(small_value(r, "outlet/T"), small_value(tube, "outlet/T"), 1e-7);
    assert_close_rel(small_value(r, "units/u/duty"), small_value(tube, "units/u/duty"), 1e-6);
    assert_close(k ? 1.0 - where : where, there, 1e-3); /* [s] of 1 s; time left at maximum mixedness */
    tau_result_free(r);
  }
  tau_result_free(tube);
}

/* --- profiles --- */

static void a_profile_is_that_of_a_batch(void **state)
{
  (void)state;
  const mixed_model m = {"laminar", NULL, NULL, 2.0, 2.0};
  tau_result *r = mixed_run(&m);
  const tau_profile p = tau_result_profile(r, 0);
  assert_string_equal(p.coordinate, "age");
  assert_string_equal(p.coordinate_unit, "s");
  assert_true(p.n_points > 20);
  for (int k = 0; k < p.n_points; k++) {
    assert_close_rel(p.c[2 * k], 1000.0 / (1.0 + 2.0 * p.position[k]), 2e-7);
    assert_true(k == 0 || p.position[k] > p.position[k - 1]);
  }
  assert_true(p.position[0] == 0.0);
  assert_close_rel(p.position[p.n_points - 1], 3.0, 1e-9); /* space times */
  tau_result_free(r);
}

/* What has the time l left in a tank at maximum mixedness is all alike; by classes it falls by some hundredths from one entrance to the
 * next. */
static void a_profile_of_life_expectancy(void **state)
{
  (void)state;
  static const char *const ways[] = {"maximum", "{exchange: 1e-3 s}"};
  for (int w = 0; w < 2; w++) {
    const mixed_model m = {"cstr", NULL, ways[w], 2.0, 2.0};
    tau_result *r = mixed_run(&m);
    const tau_profile p = tau_result_profile(r, 0);
    assert_string_equal(p.coordinate, "life_expectancy");
    assert_string_equal(p.coordinate_unit, "s");
    assert_true(p.n_points > 20);
    for (int k = 0; k < p.n_points; k++)
      if (w == 0 || p.position[k] < 1.0) assert_close_rel(p.c[2 * k], 500.0, w ? 4e-2 : 1e-7);
    tau_result_free(r);
  }
}

/* --- warnings --- */

#define WARNING "the mean of its rtd is"

static void a_mean_that_is_not_the_space_time_is_told(void **state)
{
  (void)state;
  static const struct {
    const char *rtd;
    bool warns;
  } rows[] = {{"{model: tanks, n: 3}", false},
              {"{model: tanks, mean: 1.01 s, n: 3}", false},
              {"{model: tanks, mean: 1.05 s, n: 3}", true},
              {"{series: [{model: plug, mean: 0.3 s}, {model: tanks, mean: 0.7 s, n: 3}]}", false},
              {"{series: [{model: plug, mean: 0.3 s}, {model: tanks, mean: 0.5 s, n: 3}]}", true},
              {"{model: measured, time: [0.5 s, 1 s, 1.5 s], signal: [0, 1, 0]}", false},
              {"{model: measured, time: [1 s, 2 s, 3 s], signal: [0, 1, 0]}", true}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (int k = 0; k < 3; k++) {
      const char *const ways[] = {"segregated", "maximum", "{exchange: 1}"};
      const mixed_model m = {"pfr", rows[i].rtd, ways[k], 1.0, 1.0};
      tau_result *r = mixed_run(&m);
      if (small_has_warning(r, WARNING) != rows[i].warns)
        fail_msg("%s %s: %d warnings", rows[i].rtd, ways[k], tau_result_n_warnings(r));
      tau_result_free(r);
    }
}

/* --- engines and sweeps --- */

static const char network[] =
  "tautrain: 1\n"
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"
  "species: {A: {}, B: {}, C: {}, D: {}}\n"
  "reactions:\n"
  "  a: {equation: A + B -> C, k: {arrhenius: {k_ref: 0.02 L/mol/s, T_ref: 320 K, Ea: 50 kJ/mol}}, heat: -60 "
  "kJ/mol}\n"
  "  b: {equation: C -> D, k: {arrhenius: {k_ref: 0.004 1/s, T_ref: 320 K, Ea: 70 kJ/mol}}, heat: -30 "
  "kJ/mol}\n"
  "feeds: {f: {flow: 1 mL/s, temperature: 310 K, concentration: {A: 1 mol/L, B: 1.2 mol/L}}}\n"
  "units: {u: {type: %s, in: f, residence_time: 100 s, heat: {jacket: {temperature: 320 K, U: 100 W/m^2/K, "
  "area: "
  "0.02 m^2}}, %s}}\n"
  "solver: {rtol: 1e-10}\n";

static const char *const vessels[][2] = {
  {"laminar", "mixing: segregated"},
  {"cstr", "rtd: {model: tanks, n: 2.5}, mixing: segregated"},
  {"cstr", "rtd: {model: tanks, n: 2.5}, mixing: maximum"},
  {"pfr", "rtd: {series: [{model: plug, mean: 30 s}, {model: tanks, mean: 70 s, n: 2}]}, mixing: maximum"},
  {"cstr", "rtd: {model: tanks, n: 2.5}, mixing: {exchange: 20 s}"},
};
enum { N_VESSELS = sizeof vessels / sizeof vessels[0] };

static tau_train *vessel_train(int i)
{
  char text[2048];
  snprintf(text, sizeof text, network, vessels[i][0], vessels[i][1]);
  return small_train(text);
}

static tau_result *by_engine(const tau_train *t, tau_engine engine)
{
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  tau_result *r = NULL;
  o.engine = engine;
  if (tau_train_run(&r, t, NULL, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  return r;
}

static void engines_agree(void **state)
{
  (void)state;
  static const char *const paths[] = {"outlet/c/A", "outlet/c/C", "outlet/c/D"};
  for (int i = 0; i < N_VESSELS; i++) {
    tau_train *t = vessel_train(i);
    tau_result *cvodes = by_engine(t, TAU_ENGINE_CVODES), *any = by_engine(t, TAU_ENGINE_AUTO);
    const double allowed = small_value(any, "units/u/grid_error") + 1e-9; /* relative to the feed */
    assert_true(allowed < 1e-4);
    if (taup_width_is_there(4) && !strstr(vessels[i][1], "exchange"))
      assert_memory_equal(tau_result_statistics(any, 0).method, "lanes-", 6);
    for (int k = 0; k < 3; k++)
      assert_close(small_value(any, paths[k]), small_value(cvodes, paths[k]), 1000.0 * allowed);
    assert_close_rel(small_value(any, "outlet/T"), small_value(cvodes, "outlet/T"), allowed);
    assert_close_rel(small_value(any, "units/u/T_max"), small_value(cvodes, "units/u/T_max"), 1e-8 + allowed);
    tau_result_free(cvodes);
    tau_result_free(any);
    tau_train_free(t);
  }
}

/* All observables of a sweep, in the order of its runs. */
typedef struct swept {
  int n, n_observables;
  double *values;
} swept;

static tau_status take(void *user, const tau_block *block, const tau_sweep_summary *summary)
{
  swept *s = user;
  (void)summary;
  memcpy(s->values + (size_t)block->first_run * (size_t)s->n_observables, block->observables,
         (size_t)block->n * (size_t)s->n_observables * sizeof *s->values);
  for (int i = 0; i < block->n; i++) assert_int_equal(block->status[i], TAU_OK);
  return TAU_OK;
}

/* Flow, jacket, and the distribution where it has a number of tanks. */
enum { N_RUNS = 13, MOST_VARIED = 4 };

static int choose_design(const tau_train *t, int *parameters, double *values)
{
  static const struct {
    const char *path;
    double from, to;
  } varied[MOST_VARIED] = {{"units/u/residence_time", 40.0, 300.0},
                           {"units/u/heat/jacket/temperature", 300.0, 340.0},
                           {"units/u/rtd/n", 0.8, 12.0},
                           {"units/u/mixing/exchange", 1.0, 200.0}};
  int n = 0, columns[MOST_VARIED];
  for (int k = 0; k < MOST_VARIED; k++) {
    const int i = tau_train_parameter_index(t, varied[k].path);
    if (i < 0) continue;
    columns[n] = k;
    parameters[n++] = i;
  }
  assert_true(n >= 2);
  for (int i = 0; i < N_RUNS; i++)
    for (int k = 0; k < n; k++) {
      const double x = ((i * (5 + 2 * k)) % N_RUNS) / (N_RUNS - 1.0);
      values[i * n + k] = varied[columns[k]].from + (varied[columns[k]].to - varied[columns[k]].from) * x;
    }
  return n;
}

static swept sweep_of(const tau_train *t, const tau_design *design, int n_threads)
{
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  tau_sweep_summary *summary = NULL;
  swept s = {(int)design->n_runs, tau_train_n_observables(t), NULL};
  int *all = calloc((size_t)s.n_observables, sizeof *all);
  s.values = calloc((size_t)s.n * (size_t)s.n_observables, sizeof *s.values);
  for (int k = 0; k < s.n_observables; k++) all[k] = k;
  const tau_kept kept = {.n_observables = s.n_observables, .observables = all};
  const tau_sink sink = {take, &s};
  o.n_threads = n_threads;
  o.n_checked = 0;
  if (tau_sweep(&summary, t, NULL, design, &kept, &sink, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  tau_sweep_summary_free(summary);
  free(all);
  return s;
}

static void check_equal(const char *what, const tau_train *t, int i, const double *have, const double *want)
{
  for (int k = 0; k < tau_train_n_observables(t); k++)
    if (have[k] != want[k] && !(isnan(have[k]) && isnan(want[k])))
      fail_msg("%s, run %d: %s is %.17g, want %.17g", what, i, tau_train_observable(t, k).path, have[k],
               want[k]);
}

static void check_alone(const tau_train *t, const tau_design *design, const swept *s)
{
  for (int i = 0; i < s->n; i++) {
    tau_design one = {1, design->n_varied, design->parameters, design->values + i * design->n_varied};
    swept alone = sweep_of(t, &one, 1);
    check_equal("alone", t, i, s->values + (size_t)i * (size_t)s->n_observables, alone.values);
    free(alone.values);
  }
}

static void a_sweep_is_its_runs_bit_for_bit(void **state)
{
  (void)state;
  for (int v = 0; v < N_VESSELS; v++) {
    tau_train *t = vessel_train(v);
    int parameters[MOST_VARIED];
    double values[N_RUNS * MOST_VARIED];
    const int n = choose_design(t, parameters, values);
    const tau_design design = {N_RUNS, n, parameters, values};
    swept s = sweep_of(t, &design, 1);
    for (int threads = 4; threads <= 8; threads += 4) {
      swept other = sweep_of(t, &design, threads);
      for (int i = 0; i < N_RUNS; i++)
        check_equal("threads", t, i, other.values + (size_t)i * (size_t)s.n_observables,
                    s.values + (size_t)i * (size_t)s.n_observables);
      free(other.values);
    }
    check_alone(t, &design, &s);
    free(s.values);
    tau_train_free(t);
  }
}

/* What ran before in a workspace leaves no trace, in whatever order distributions come. */
static void a_run_does_not_know_the_runs_before_it(void **state)
{
  (void)state;
  for (int v = 0; v < N_VESSELS; v++) {
    tau_train *t = vessel_train(v);
    int parameters[MOST_VARIED];
    double values[N_RUNS * MOST_VARIED];
    const int n = choose_design(t, parameters, values);
    tau_workspace *w = NULL;
    assert_int_equal(tau_workspace_new(&w, t), TAU_OK);
    for (int i = 0; i < N_RUNS; i++) {
      const tau_result *r = NULL;
      tau_inputs *inputs = NULL;
      assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
      for (int k = 0; k < n; k++)
        assert_int_equal(tau_inputs_set_index(inputs, parameters[k], values[i * n + k]), TAU_OK);
      if (tau_train_run_in(&r, w, inputs, NULL) != TAU_OK) fail_msg("%s", tau_last_error());
      tau_result *alone = small_result_of(t, inputs);
      check_equal("workspace", t, i, tau_result_values(r), tau_result_values(alone));
      tau_result_free(alone);
      tau_inputs_free(inputs);
    }
    tau_workspace_free(w);
    tau_train_free(t);
  }
}

/* --- files --- */

static void a_result_comes_back_from_its_file(void **state)
{
  (void)state;
  for (int v = 0; v < N_VESSELS; v++) {
    tau_train *t = vessel_train(v);
    tau_result *r = small_result_of(t, NULL), *back = NULL;
    remove("mixed.h5");
    if (tau_result_save(r, "mixed.h5", "test", true) < 0) fail_msg("%s", tau_last_error());
    if (tau_result_load(&back, "mixed.h5") < 0) fail_msg("%s", tau_last_error());
    const tau_profile p = tau_result_profile(r, 0), q = tau_result_profile(back, 0);
    assert_string_equal(p.coordinate, q.coordinate);
    assert_string_equal(p.coordinate_unit, q.coordinate_unit);
    assert_int_equal(p.n_points, q.n_points);
    assert_memory_equal(p.c, q.c, (size_t)p.n_points * 4 * sizeof *p.c);
    assert_true(small_value(r, "outlet/c/C") == small_value(back, "outlet/c/C"));
    tau_result_free(back);
    tau_result_free(r);
    tau_train_free(t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_adiabatic_laminar_tube_is_its_rings),
    cmocka_unit_test(energy_and_matter_are_kept),
    cmocka_unit_test(a_hot_tank_at_maximum_mixedness_is_the_tank),
    cmocka_unit_test(plug_flow_has_its_hottest_place),
    cmocka_unit_test(a_profile_is_that_of_a_batch),
    cmocka_unit_test(a_profile_of_life_expectancy),
    cmocka_unit_test(a_mean_that_is_not_the_space_time_is_told),
    cmocka_unit_test(engines_agree),
    cmocka_unit_test(a_sweep_is_its_runs_bit_for_bit),
    cmocka_unit_test(a_run_does_not_know_the_runs_before_it),
    cmocka_unit_test(a_result_comes_back_from_its_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

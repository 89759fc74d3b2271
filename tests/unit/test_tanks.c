/* SPDX-License-Identifier: Apache-2.0 */
/* test_tanks.c - the cascade of tanks: it is its tanks as units of a train, whatever their heat, liquid and sizes; closed forms; what a
 * tank that fails is called. */
#include "unit/tanks_models.h"

#include <time.h>

/* --- a cascade and its tanks --- */

static tau_result *run_cascade(const char *density, const heat_case *h, const char *size)
{
  char text[4096];
  put_head(text, density);
  sprintf(text + strlen(text), "  u: {type: tanks, in: [f, g], %s", size);
  put_heat(text, h, 1.0);
  strcat(text, "}\n");
  return small_result(text);
}

/* Tanks of the volumes [m^3]. */
static tau_result *run_units(const char *density, const heat_case *h, int n, const double *V)
{
  char text[8192];
  double whole = 0.0;
  put_head(text, density);
  for (int k = 0; k < n; k++) whole += V[k];
  for (int k = 0; k < n; k++) {
    if (k == 0) strcat(text, "  u0: {type: cstr, in: [f, g]");
    else sprintf(text + strlen(text), "  u%d: {type: cstr, in: u%d", k, k - 1);
    sprintf(text + strlen(text), ", volume: %.17g m^3", V[k]);
    put_heat(text, h, V[k] / whole);
    strcat(text, "}\n");
  }
  return small_result(text);
}

static double of_unit(const tau_result *r, int k, const char *name)
{
  char path[100];
  snprintf(path, sizeof path, "units/u%d/%s", k, name);
  return small_value(r, path);
}

static void check_sums(const tau_result *whole, const tau_result *units, int n)
{
  static const struct {
    const char *name;
    double least;
  } sums[] = {{"duty", 1e-3}, {"heat_released", 1e-3}, {"volume", 1e-6}};
  for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
    double sum = 0.0;
    char path[100];
    for (int k = 0; k < n; k++) sum += of_unit(units, k, sums[i].name);
    snprintf(path, sizeof path, "units/u/%s", sums[i].name);
    const double have = small_value(whole, path);
    if (isnan(sum) && isnan(have)) continue;
    assert_close(have, sum, 1e-11 * fmax(fabs(sum), sums[i].least));
  }
}

static void check_maxima(const tau_result *whole, const tau_result *units, int n)
{
  static const char *const species[] = {"A", "B", "C", "D"};
  char path[100];
  double T = 0.0;
  for (int k = 0; k < n; k++) T = fmax(T, of_unit(units, k, "outlet/T"));
  assert_close_rel(small_value(whole, "units/u/T_max"), T, 1e-12);
  for (int i = 0; i < 4; i++) {
    double most = 0.0;
    snprintf(path, sizeof path, "outlet/c/%s", species[i]);
    for (int k = 0; k < n; k++) most = fmax(most, of_unit(units, k, path));
    snprintf(path, sizeof path, "units/u/max/c/%s", species[i]);
    assert_close(small_value(whole, path), most, 1e-12 * 2000.0);
  }
}

static void check_profile(const tau_result *whole, const tau_result *units, int n)
{
  const tau_profile p = tau_result_profile(whole, 0);
  const int n_species = tau_result_n_species(whole); /* the solvent may be one */
  double V = 0.0;
  assert_int_equal(p.n_points, n);
  for (int k = 0; k < n; k++) {
    V += of_unit(units, k, "volume");
    assert_close_rel(p.position[k], V, 1e-14);
    assert_close(p.c[n_species * k], of_unit(units, k, "outlet/c/A"), 1e-12 * 2000.0);
    assert_close(p.c[n_species * k + 3], of_unit(units, k, "outlet/c/D"), 1e-12 * 2000.0);
    assert_close_rel(p.T[k], of_unit(units, k, "outlet/T"), 1e-12);
    assert_close_rel(p.flow[k], of_unit(units, k, "outlet/flow"), 1e-12);
    assert_close(p.rate[2 * k], of_unit(units, k, "rate/r"), 1e-11 * fabs(of_unit(units, 0, "rate/r")));
  }
}

static void check_is_units(const tau_result *whole, const tau_result *units, int n)
{
  static const char *const paths[] = {"outlet/c/A", "outlet/c/B",  "outlet/c/C",   "outlet/c/D",
                                      "outlet/T",   "outlet/flow", "conversion/A", "conversion/B"};
  static const double scales[] = {2000.0, 1500.0, 2000.0, 2000.0, 300.0, 5e-8, 1.0, 1.0};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    assert_close(small_value(whole, paths[i]), small_value(units, paths[i]), 1e-12 * scales[i]);
  assert_close_rel(small_value(whole, "units/u/inlet/T"), small_value(units, "units/u0/inlet/T"), 1e-15);
  assert_close_rel(small_value(whole, "units/u/inlet/flow"), small_value(units, "units/u0/inlet/flow"), 1e-15);
  assert_true(small_value(whole, "units/u/stable") == 1.0);
  const double error = small_value(whole, "balance/energy");
  assert_true(isnan(error) || error < 1e-9);
  assert_true(small_value(whole, "balance/closure") < 1e-11);
  check_sums(whole, units, n);
  check_maxima(whole, units, n);
  check_profile(whole, units, n);
}

static void each(void (*check)(const char *density, const heat_case *h))
{
  for (int d = 0; d < 3; d++)
    for (int h = 0; h < 4; h++) check(densities[d], &heats[h]);
}

static void equal_by_volume(const char *density, const heat_case *h)
{
  const double V[4] = {1.5e-6, 1.5e-6, 1.5e-6, 1.5e-6};
  tau_result *whole = run_cascade(density, h, "n: 4, volume: 6 mL"), *units = run_units(density, h, 4, V);
  check_is_units(whole, units, 4);
  assert_close_rel(small_value(whole, "units/u/residence_time"),
                   6e-6 / small_value(whole, "units/u/inlet/flow"), 1e-14);
  tau_result_free(whole);
  tau_result_free(units);
}

/* The flow that enters the first tank says how large all are. */
static void equal_by_time(const char *density, const heat_case *h)
{
  tau_result *whole = run_cascade(density, h, "n: 3, residence_time: 90 s");
  const double V = 30.0 * small_value(whole, "units/u/inlet/flow");
  tau_result *units = run_units(density, h, 3, (double[]){V, V, V});
  check_is_units(whole, units, 3);
  assert_close_rel(small_value(whole, "units/u/residence_time"), 90.0, 1e-14);
  tau_result_free(whole);
  tau_result_free(units);
}

static void unequal(const char *density, const heat_case *h)
{
  const double V[3] = {0.5e-6, 4e-6, 1.25e-6};
  tau_result *whole = run_cascade(density, h, "volumes: [0.5 mL, 4 mL, 1.25 mL]"),
             *units = run_units(density, h, 3, V);
  check_is_units(whole, units, 3);
  tau_result_free(whole);
  tau_result_free(units);
}

static void equal_tanks_are_units_of_a_train(void **state)
{
  (void)state;
  each(equal_by_volume);
  each(equal_by_time);
}

static void unequal_tanks_are_units_of_a_train(void **state)
{
  (void)state;
  each(unequal);
}

/* Every number of a result that both have. */
static void one_is_a_cstr(const char *density, const heat_case *h)
{
  tau_result *whole = run_cascade(density, h, "n: 1, volume: 6 mL");
  char text[4096];
  put_head(text, density);
  strcat(text, "  u: {type: cstr, in: [f, g], volume: 6 mL");
  put_heat(text, h, 1.0);
  strcat(text, "}\n");
  tau_result *tank = small_result(text);
  const int n = tau_result_n_observables(whole);
  assert_int_equal(n, tau_result_n_observables(tank));
  for (int i = 0; i < n; i++) {
    const char *path = tau_result_observable(whole, i).path;
    const double x = small_value(whole, path), y = small_value(tank, path);
    if (strstr(path, "position_T_max") || strstr(path, "balance/")) continue;
    if (!(x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-12 * fabs(y)))
      fail_msg("%s, %s: %s is %.17g, of a cstr %.17g", density, h->name, path, x, y);
  }
  tau_result_free(whole);
  tau_result_free(tank);
}

static void one_tank_is_a_cstr(void **state)
{
  (void)state;
  each(one_is_a_cstr);
}

/* --- closed forms --- */

/* y_k = (-1 + sqrt(1 + 4 Da/N y_(k-1))) / (2 Da/N), from tank to tank; O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 6.
 * With its values of N = 1, 2, 3, 5, 10 and Da = 0.5, 2, 10 from an independent computation. */
static void second_order_is_the_quadratic_of_each_tank(void **state)
{
  (void)state;
  static const int Ns[] = {1, 2, 3, 5, 10, 100, 1000};
  static const double Das[] = {0.5, 2.0, 10.0};
  static const double independent[5][3] = {{0.7320508075688773, 0.5, 0.27015621187164246},
                                           {0.7043868989079134, 0.43168341659057924, 0.18574729027432055},
                                           {0.693221523295498, 0.40323260327772265, 0.15473026240425966},
                                           {0.6833617317096747, 0.377680583156477, 0.1293551157603403},
                                           {0.6753302733205147, 0.3565422151782785, 0.11022442005024972}};
  tau_train *t = small_train(SECOND_ORDER);
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  for (size_t i = 0; i < sizeof Ns / sizeof Ns[0]; i++)
    for (int d = 0; d < 3; d++) {
      const double Da = Das[d] / Ns[i];
      double y = 1.0;
      for (int k = 0; k < Ns[i]; k++) y = (-1.0 + sqrt(1.0 + 4.0 * Da * y)) / (2.0 * Da);
      assert_int_equal(tau_inputs_set(in, "units/u/n", Ns[i]), TAU_OK);
      assert_int_equal(tau_inputs_set(in, "reactions/r/k", Das[d]), TAU_OK);
      tau_result *r = small_result_of(t, in);
      assert_close_rel(small_value(r, "outlet/c/A"), y, 1e-10);
      if (i < 5) assert_close_rel(small_value(r, "outlet/c/A"), independent[i][d], 1e-10);
      assert_close_rel(small_value(r, "units/u/volume"), 1.0, 1e-15);
      tau_result_free(r);
    }
  tau_inputs_free(in);
  tau_train_free(t);
}

/* y = (1 + Da/N)^-N; of a thousand tanks each tenth has a row, and the last. */
static void first_order_is_a_power(void **state)
{
  (void)state;
  tau_train *t = small_train("tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"
                             "reactions: {r: {equation: A -> B, k: 3.0}}\n"
                             "feeds: {f: {flow: 1.0, concentration: {A: 1.0}}}\n"
                             "units: {u: {type: tanks, in: f, n: 7, volume: 1.0}}\n");
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  for (int n = 1; n <= 1000; n = n < 20 ? n + 1 : 7 * n) {
    assert_int_equal(tau_inputs_set(in, "units/u/n", n), TAU_OK);
    tau_result *r = small_result_of(t, in);
    assert_close_rel(small_value(r, "outlet/c/A"), pow(1.0 + 3.0 / n, -n), 1e-12);
    const tau_profile p = tau_result_profile(r, 0);
    const int every = (n + 100) / 101;
    assert_int_equal(p.n_points, (n + every - 1) / every);
    for (int k = 0; k < p.n_points; k++)
      assert_close_rel(p.c[2 * k], pow(1.0 + 3.0 / n, -n * p.position[k]), 1e-12);
    assert_true(p.position[p.n_points - 1] == 1.0);
    tau_result_free(r);
  }
  tau_inputs_free(in);
  tau_train_free(t);
}

/* --- start, failures --- */

/* Three steady states, at 311, 339 and 368 K (B. W. Bequette, Process Dynamics (1998), module 9), in the first of two tanks. */
#define BEQUETTE                                                                          \
  "tautrain: 1\n"                                                                         \
  "solvent: {density: 1000 kg/m^3, heat_capacity: 0.5 kcal/kg/K}\n"                       \
  "species: {A: {}, B: {}}\n"                                                             \
  "reactions:\n"                                                                          \
  "  a: {equation: A -> B, k: {arrhenius: {A: 34930800 1/h, Ea: 5960.241570206341 K}},\n" \
  "      heat: -5960 kcal/kmol}\n"                                                        \
  "feeds: {f: {flow: 1 m^3/h, temperature: 298 K, concentration: {A: 10 kmol/m^3}}}\n"    \
  "units:\n"                                                                              \
  "  u: {type: tanks, in: f, volumes: [1 m^3, 1 L],\n"                                    \
  "      heat: {jacket: {temperature: 298 K, U: 150 kcal/m^2/h/K, area: 1.001 m^2}}"

static void each_tank_begins_at_the_start(void **state)
{
  (void)state;
  static const double starts[] = {311.0, 339.0, 368.0},
                      states[] = {311.17099840764854, 339.0971237476848, 368.06285239717},
                      A[] = {8.56, 5.52, 2.36};
  for (int k = 0; k < 3; k++) {
    char text[2048];
    sprintf(text, BEQUETTE ", start: {temperature: %g K, concentration: {A: %g kmol/m^3, B: %g kmol/m^3}}}\n",
            starts[k], A[k], 10.0 - A[k]);
    tau_result *r = small_result(text);
    const tau_profile p = tau_result_profile(r, 0);
    assert_int_equal(p.n_points, 2);
    assert_close(p.T[0], states[k], 1e-5);
    assert_true((small_value(r, "units/u/stable") == 1.0) == (k != 1));
    assert_true(small_has_warning(r, "unit 'u', tank 1 of 2: this steady state is unstable") == (k == 1));
    tau_result_free(r);
  }
}

static void the_tank_that_fails_is_named(void **state)
{
  (void)state;
  tau_train *t = small_train(RUNS_OUT);
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, t, NULL, NULL), TAU_E_SOLVER);
  assert_non_null(strstr(tau_last_error(), "unit 'cascade', tank 3 of 5: the solver gave up after"));
  assert_true(isnan(small_value(r, "outlet/c/A")) && isnan(small_value(r, "units/cascade/T_max")));
  assert_close_rel(small_value(r, "units/cascade/inlet/c/A"), 1000.0, 1e-14);
  const tau_profile p = tau_result_profile(r, 0); /* what there is up to there */
  assert_int_equal(p.n_points, 2);
  assert_close_rel(p.c[2], 200.0, 1e-9);
  tau_result_free(r);
  tau_train_free(t);
}

static void a_number_of_tanks_is_whole(void **state)
{
  (void)state;
  tau_train *t = small_train(SECOND_ORDER);
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  assert_int_equal(tau_inputs_set(in, "units/u/n", 2.5), TAU_E_VALUE);
  assert_string_equal(tau_last_error(), "units/u/n is 2.5; needs a whole number");
  assert_string_equal(tau_last_error_id(), "not-whole");
  assert_int_equal(tau_inputs_set(in, "units/u/n", 0.0), TAU_E_VALUE);
  assert_string_equal(tau_last_error(), "units/u/n is 0; needs at least 1");
  assert_int_equal(tau_inputs_set(in, "units/u/n", 1001.0), TAU_E_VALUE);
  assert_string_equal(tau_last_error(), "units/u/n is 1001; needs at most 1000");
  assert_int_equal(tau_inputs_set_text(in, "units/u/n", "12"), TAU_OK);
  tau_inputs_free(in);
  tau_train_free(t);
}

/* Long enough for the limit of the run. */
static int dawdle(void *user, const char *unit, double fraction)
{
  (void)user, (void)unit, (void)fraction;
  for (const clock_t t = clock(); clock() - t < CLOCKS_PER_SEC / 50;) continue;
  return 0;
}

/* Stopped behind its first tank: nothing is told of the unit but what entered it and the row of that tank; the workspace serves on. */
static void a_cascade_is_stopped_between_its_tanks(void **state)
{
  (void)state;
  tau_train *t = small_train(SECOND_ORDER);
  tau_inputs *in = NULL;
  tau_workspace *w = NULL;
  const tau_result *r = NULL;
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.progress = dawdle;
  o.max_time = 0.01;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  assert_int_equal(tau_workspace_new(&w, t), TAU_OK);
  assert_int_equal(tau_inputs_set(in, "units/u/n", 3.0), TAU_OK);
  assert_int_equal(tau_train_run_in(&r, w, in, &o), TAU_STOPPED_TIME);
  assert_true(isnan(small_value(r, "outlet/c/A")) && isnan(small_value(r, "units/u/volume")));
  assert_true(small_value(r, "units/u/inlet/c/A") == 1.0);
  assert_int_equal(tau_result_profile(r, 0).n_points, 1);
  assert_int_equal(tau_train_run_in(&r, w, NULL, NULL), TAU_OK);
  assert_close_rel(small_value(r, "outlet/c/A"), 0.5 * (sqrt(5.0) - 1.0), 1e-10);
  tau_workspace_free(w);
  tau_inputs_free(in);
  tau_train_free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_tanks_are_units_of_a_train),
    cmocka_unit_test(unequal_tanks_are_units_of_a_train),
    cmocka_unit_test(one_tank_is_a_cstr),
    cmocka_unit_test(second_order_is_the_quadratic_of_each_tank),
    cmocka_unit_test(first_order_is_a_power),
    cmocka_unit_test(each_tank_begins_at_the_start),
    cmocka_unit_test(the_tank_that_fails_is_named),
    cmocka_unit_test(a_number_of_tanks_is_whole),
    cmocka_unit_test(a_cascade_is_stopped_between_its_tanks),
  };
  return cmocka_run_group_tests_name("tanks", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_tanks_many.c - the cascade of tanks at many points at once, derivatives through it, and memory that is refused. */
#include "support/differences.h"
#include "support/ledger.h"
#include "train/bundle.h"
#include "train/sensitivity_bundle.h"
#include "train/train.h"
#include "unit/tanks_models.h"

/* --- many points --- */

enum { N = 24 };

static void set_point(tau_inputs *in, int i)
{
  assert_int_equal(tau_inputs_set(in, "units/u/n", 1 + (5 * i) % 9), TAU_OK);
  assert_int_equal(tau_inputs_set(in, "reactions/r/k", 1e-5 * (1.0 + i)), TAU_OK);
}

static taup_bundle *run_together(const tau_train *t, int width)
{
  taup_bundle *b = NULL;
  tau_inputs *in = NULL;
  const taup_bundle_options options = {.width = width, .lanes = true, .needs = TAUP_NEED_ALL};
  assert_int_equal(taup_bundle_new(&b, t, N, &options), TAU_OK);
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  for (int i = 0; i < N; i++) {
    set_point(in, i);
    memcpy(taup_bundle_inputs(b, i), in->values, (size_t)tau_train_n_parameters(t) * sizeof(double));
  }
  taup_bundle_run(b, N, NULL);
  tau_inputs_free(in);
  return b;
}

static void check_point(const tau_train *t, int i, const tau_result *have, tau_engine engine, double allowed)
{
  tau_inputs *in = NULL;
  tau_result *alone = NULL;
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.engine = engine;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  set_point(in, i);
  assert_int_equal(tau_train_run(&alone, t, in, &o), TAU_OK);
  for (int k = 0; k < tau_train_n_observables(t); k++) {
    const double x = tau_result_values(have)[k], y = tau_result_values(alone)[k];
    const char *path = tau_train_observable(t, k).path;
    if ((isnan(x) && isnan(y)) || (allowed > 0.0 && strncmp(path, "units/u/", 8) != 0)) continue;
    if (!(fabs(x - y) <= allowed * fabs(y) + 1e-3 * allowed))
      fail_msg("point %d: %s is %.17g together, %.17g alone", i, path, x, y);
  }
  assert_int_equal(tau_result_profile(have, 0).n_points, 1 + (5 * i) % 9);
  tau_result_free(alone);
  tau_inputs_free(in);
}

#define TOGETHER                                                                 \
  "tautrain: 1\nspecies: {A: {}, B: {}, C: {}}\n"                                \
  "reactions:\n  r: {equation: A + B -> C, k: 1e-2 L/mol/s, heat: -40 kJ/mol}\n" \
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4180 J/kg/K}\n"                \
  "feeds: {f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L, B: 2 mol/L}}}\n"

/* Points of different numbers of tanks: equal to runs alone, bit for bit, and their tanks to those of the reference. */
static void many_points_are_runs(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip(); /* lanes need vectors with fused multiplication */
  tau_train *t =
    small_train(TOGETHER "units: {u: {type: tanks, in: f, n: 3, volume: 5 mL, temperature: 350 K},\n"
                         "        v: {type: pfr, in: u, volume: 1 mL}}\n");
  for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width) {
    if (!taup_width_is_there(width)) continue;
    taup_bundle *b = run_together(t, width);
    assert_int_equal(taup_bundle_n_handed_over(b), 0);
    for (int i = 0; i < N; i++) {
      check_point(t, i, taup_bundle_result(b, i), TAU_ENGINE_LANES, 0.0);
      check_point(t, i, taup_bundle_result(b, i), TAU_ENGINE_CVODES, 1e-10);
    }
    taup_bundle_free(b);
  }
  tau_train_free(t);
}

/* A tank of residence time T takes 10 T mol/m^3 of 1000: points fail in the tank in which they do alone. */
static void points_fail_as_alone(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  tau_train *t = small_train(RUNS_OUT);
  taup_bundle *b = NULL;
  const taup_bundle_options options = {.lanes = true, .needs = TAUP_NEED_ALL};
  const int p = tau_train_parameter_index(t, "units/cascade/residence_time");
  assert_int_equal(taup_bundle_new(&b, t, 8, &options), TAU_OK);
  for (int i = 0; i < 8; i++)
    for (int k = 0; k < tau_train_n_parameters(t); k++)
      taup_bundle_inputs(b, i)[k] = k == p ? 35.0 + 20.0 * i : tau_train_parameter(t, k).value;
  taup_bundle_run(b, 8, NULL);
  for (int i = 0; i < 8; i++) {
    const tau_result *r = taup_bundle_result(b, i);
    const double time = 35.0 + 20.0 * i;
    const int tank = (int)ceil(500.0 / time);
    char name[40];
    snprintf(name, sizeof name, "'cascade', tank %d of 5:", tank);
    assert_int_equal(tau_result_status(r), tank <= 5 ? TAU_E_SOLVER : TAU_OK);
    if (tank <= 5) assert_non_null(strstr(tau_result_message(r), name));
    else assert_close_rel(small_value(r, "outlet/c/A"), 1000.0 - 10.0 * time, 1e-9);
  }
  taup_bundle_free(b);
  tau_train_free(t);
}

/* Tanks are brought to their states in time where Newton's full steps do not contract: those are handed over one by one. */
static void what_lanes_do_not_find_the_reference_does(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  tau_train *t = small_train("tautrain: 1\nspecies: {A: {}, B: {}}\n"
                             "reactions: {r: {equation: A + B -> 2 B, k: 1e-2 L/mol/s}}\n"
                             "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L, B: 1e-4 mol/L}}}\n"
                             "units: {u: {type: tanks, in: f, n: 3, volume: 50 mL}}\n");
  taup_bundle *b = run_together(t, 4);
  assert_true(taup_bundle_n_handed_over(b) > 0);
  for (int i = 0; i < N; i++) check_point(t, i, taup_bundle_result(b, i), TAU_ENGINE_CVODES, 1e-10);
  taup_bundle_free(b);
  tau_train_free(t);
}

/* --- derivatives --- */

static void compare(const char *density, const heat_case *h, const char *size)
{
  char text[4096];
  put_head(text, density);
  sprintf(text + strlen(text), "  w: {type: pfr, in: [f, g], volume: 1 mL}\n  u: {type: tanks, in: w, %s",
          size);
  put_heat(text, h, 1.0);
  strcat(text, "}\n  v: {type: cstr, in: u, volume: 1 mL, heat: adiabatic}\n");
  tau_train *t = small_train(text);
  differences d = {.step = 4e-4, .tolerance = 1e-7, .noise = 1e-11};
  check_differences(t, &d);
  assert_true(d.n_compared > 1000);
  assert_true(d.n_rough <= d.n_compared / 50);
  tau_train_free(t);
}

static void derivatives_go_through(void **state)
{
  (void)state;
  compare("ideal-mixture", &heats[2], "n: 4, residence_time: 90 s");
  compare("temperature", &heats[3], "volumes: [1 mL, 3 mL, 0.5 mL]");
  compare("constant", &heats[1], "n: 3, volume: 4 mL");
}

/* y = prod_k 1 / (1 + k V_k / Q):  dy/dV_k = -y (k/Q) / (1 + k V_k / Q); equal tanks: dy/dtau = -y k / (1 + k tau / N). */
static void first_order_has_its_derivatives(void **state)
{
  (void)state;
  static const char head[] = "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"
                             "reactions: {r: {equation: A -> B, k: 3.0}}\n"
                             "feeds: {f: {flow: 1.0, concentration: {A: 1.0}}}\n";
  static const double V[3] = {0.1, 1.5, 0.4};
  char text[1000];
  double y = 1.0, slope_k = 0.0;
  snprintf(text, sizeof text, "%sunits: {u: {type: tanks, in: f, volumes: [0.1, 1.5, 0.4]}}\n", head);
  tau_train *t = small_train(text);
  const int p[4] = {tau_train_parameter_index(t, "units/u/volumes/1"),
                    tau_train_parameter_index(t, "units/u/volumes/2"),
                    tau_train_parameter_index(t, "units/u/volumes/3"),
                    tau_train_parameter_index(t, "reactions/r/k")};
  const int c = tau_train_observable_index(t, "outlet/c/A"),
            size = tau_train_observable_index(t, "units/u/volume");
  tau_sensitivity *s = NULL;
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, 4, p, NULL), TAU_OK);
  for (int k = 0; k < 3; k++) y /= 1.0 + 3.0 * V[k];
  for (int k = 0; k < 3; k++) {
    assert_close_rel(tau_sensitivity_value(s, c, k), -y * 3.0 / (1.0 + 3.0 * V[k]), 1e-11);
    assert_true(tau_sensitivity_value(s, size, k) == 1.0);
    slope_k -= y * V[k] / (1.0 + 3.0 * V[k]);
  }
  assert_close_rel(tau_sensitivity_value(s, c, 3), slope_k, 1e-11);
  tau_sensitivity_free(s);
  tau_train_free(t);
  snprintf(text, sizeof text, "%sunits: {u: {type: tanks, in: f, n: 40, residence_time: 2.0}}\n", head);
  t = small_train(text);
  const int tau = tau_train_parameter_index(t, "units/u/residence_time");
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, 1, &tau, NULL), TAU_OK);
  assert_close_rel(tau_sensitivity_value(s, c, 0), -3.0 * pow(1.0 + 6.0 / 40.0, -41.0), 1e-11);
  tau_sensitivity_free(s);
  tau_train_free(t);
}

static void nothing_has_a_derivative_to_the_number_of_tanks(void **state)
{
  (void)state;
  tau_train *t = small_train(SECOND_ORDER);
  const int p[2] = {tau_train_parameter_index(t, "units/u/n"), tau_train_parameter_index(t, "reactions/r/k")};
  const int c = tau_train_observable_index(t, "outlet/c/A");
  tau_sensitivity *s = NULL;
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, 2, p, NULL), TAU_OK);
  assert_true(isnan(tau_sensitivity_value(s, c, 0)));
  assert_non_null(strstr(tau_sensitivity_reason(s, c, 0), "a whole number"));
  const double y = (sqrt(5.0) - 1.0) / 2.0; /* k y^2 + y = 1: dy/dk = -y^2 / (1 + 2 k y) */
  assert_close_rel(tau_sensitivity_value(s, c, 1), -y * y / (1.0 + 2.0 * y), 1e-9);
  tau_sensitivity_free(s);
  tau_train_free(t);
}

/* At many points at once: those of the reference; what told is what the run told. */
static void derivatives_of_many_points(void **state)
{
  (void)state;
  tau_train *t = small_train(TOGETHER "solver: {rtol: 1e-11}\n"
                                      "units: {w: {type: pfr, in: f, volume: 1 mL},\n"
                                      "        u: {type: tanks, in: w, n: 3, residence_time: 200 s},\n"
                                      "        v: {type: pfr, in: u, volume: 1 mL, temperature: 320 K}}\n");
  const char *const paths[] = {"units/u/residence_time", "reactions/r/k", "feeds/f/flow",
                               "feeds/f/concentration/A", "units/v/volume"};
  enum { P = sizeof paths / sizeof paths[0] };
  int p[P];
  for (int k = 0; k < P; k++) p[k] = tau_train_parameter_index(t, paths[k]);
  taup_sensitivity_bundle *b = NULL;
  const taup_sensitivity_bundle_options options = {.run = {.lanes = true, .needs = TAUP_NEED_ALL},
                                                   .n_parameters = P,
                                                   .parameters = p};
  assert_int_equal(taup_sensitivity_bundle_new(&b, t, 4, &options), TAU_OK);
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  for (int i = 0; i < 4; i++) {
    set_point(in, i);
    memcpy(taup_sensitivity_bundle_inputs(b, i), in->values,
           (size_t)tau_train_n_parameters(t) * sizeof(double));
  }
  taup_sensitivity_bundle_run(b, 4, NULL);
  for (int i = 0; i < 4; i++) {
    tau_sensitivity *s = NULL;
    set_point(in, i);
    assert_int_equal(taup_sensitivity_bundle_status(b, i), TAU_OK);
    assert_int_equal(tau_train_sensitivity(&s, t, in, P, p, NULL), TAU_OK);
    for (int k = 0; k < tau_train_n_observables(t); k++)
      for (int j = 0; j < P; j++) {
        const double x = taup_sensitivity_bundle_values(b, i)[k * P + j], y = tau_sensitivity_value(s, k, j);
        const double scale = fabs(tau_result_values(tau_sensitivity_result(s))[k]) / in->values[p[j]];
        if (isnan(x) && isnan(y)) continue;
        if (!(fabs(x - y) <= 1e-8 * (fabs(y) + scale)))
          fail_msg("point %d: d %s / d %s is %.12g together, %.12g alone", i, tau_train_observable(t, k).path,
                   paths[j], x, y);
      }
    tau_sensitivity_free(s);
  }
  tau_inputs_free(in);
  taup_sensitivity_bundle_free(b);
  tau_train_free(t);
}

/* Derivatives and the distribution of a train of cascades, with the k-th request of memory refused; then many points, which ask for none
 * while they run. */
static tau_status booked(const tau_train *t, long fail_at, ledger *l)
{
  tau_sensitivity *s = NULL;
  tau_rtd *rtd = NULL;
  taup_bundle *b = NULL;
  const int p[2] = {tau_train_parameter_index(t, "units/u/volumes/1"),
                    tau_train_parameter_index(t, "reactions/r/k")};
  const taup_bundle_options options = {.lanes = true, .needs = TAUP_NEED_ALL};
  ledger_open(l, fail_at);
  tau_status st = tau_train_sensitivity(&s, t, NULL, 2, p, NULL);
  if (st == TAU_OK) st = tau_train_rtd(&rtd, t, NULL, NULL, NULL, NULL);
  if (st == TAU_OK) st = taup_bundle_new(&b, t, 3, &options);
  const long n = l->n_requests;
  for (int i = 0; st == TAU_OK && i < 3; i++)
    for (int k = 0; k < tau_train_n_parameters(t); k++)
      taup_bundle_inputs(b, i)[k] = tau_train_parameter(t, k).value;
  if (st == TAU_OK) taup_bundle_run(b, 3, NULL);
  assert_int_equal(l->n_requests, n);
  taup_bundle_free(b);
  tau_rtd_free(rtd);
  tau_sensitivity_free(s);
  ledger_close();
  return st;
}

static void refused_memory_is_reported(void **state)
{
  (void)state;
  tau_train *t = small_train(TOGETHER "units: {u: {type: tanks, in: f, volumes: [1 mL, 2 mL]},\n"
                                      "        v: {type: tanks, in: u, n: 2, volume: 3 mL}}\n");
  ledger l;
  assert_int_equal(booked(t, 0, &l), TAU_OK); /* what is made once in a process is made now */
  assert_int_equal(booked(t, 0, &l), TAU_OK);
  const long n = l.n_requests;
  assert_true(n > 100 && l.n_alive == 0);
  for (long k = 1; k <= n; k++) {
    const tau_status st = booked(t, k, &l);
    if (st != TAU_E_NOMEM || l.n_alive != 0)
      fail_msg("request %ld of %ld refused: %s, %ld blocks left", k, n, tau_status_name(st), l.n_alive);
  }
  tau_train_free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(many_points_are_runs),
    cmocka_unit_test(points_fail_as_alone),
    cmocka_unit_test(what_lanes_do_not_find_the_reference_does),
    cmocka_unit_test(derivatives_go_through),
    cmocka_unit_test(first_order_has_its_derivatives),
    cmocka_unit_test(nothing_has_a_derivative_to_the_number_of_tanks),
    cmocka_unit_test(derivatives_of_many_points),
    cmocka_unit_test(refused_memory_is_reported),
  };
  return cmocka_run_group_tests_name("tanks_many", tests, NULL, NULL);
}

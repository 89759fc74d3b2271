/* SPDX-License-Identifier: Apache-2.0 */
/* test_tank_lanes.c - tanks of many points side by side: each point is a run of its own, bit for bit, and fails like one; by the reference
 * engine it is the same state. */
#include "support/small_run.h"
#include "support/ledger.h"
#include "train/bundle.h"
#include "train/train.h"
#include <tautrain/sweep.h>

enum { N = 40 };

/* --- tanks --- */

/* A + B -> C -> D: from its feed, by full and by damped steps. */
static const char two_steps[] =
  "tautrain: 1\n"
  "species: {A: {}, B: {}, C: {}, D: {}}\n"
  "reactions: {r: {equation: A + B -> C, k: 0.5 L/mol/s}, s: {equation: C -> D, k: 0.01 1/s}}\n"
  "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L, B: 1.5 mol/L}}}\n"
  "units: {tank: {type: cstr, in: f, residence_time: 60 s}}\n";

/* An enzyme, E + ES is conserved. */
static const char enzyme[] = "tautrain: 1\n"
                             "species: {E: {}, S: {}, ES: {}, P: {}}\n"
                             "reactions:\n"
                             "  bind: {equation: E + S <=> ES, k: 100 L/mol/s, k_reverse: 0.5 1/s}\n"
                             "  turn: {equation: ES -> E + P, k: 0.3 1/s}\n"
                             "feeds: {f: {flow: 1 mL/min, concentration: {E: 0.01 mol/L, S: 1 mol/L}}}\n"
                             "units: {tank: {type: cstr, in: f, residence_time: 60 s}}\n";

/* Three steady states, at 311, 339 and 368 K (B. W. Bequette, Process Dynamics (1998), module 9). */
#define BEQUETTE                                                                          \
  "tautrain: 1\n"                                                                         \
  "solvent: {density: 1000 kg/m^3, heat_capacity: 0.5 kcal/kg/K}\n"                       \
  "species: {A: {}, B: {}}\n"                                                             \
  "reactions:\n"                                                                          \
  "  a: {equation: A -> B, k: {arrhenius: {A: 34930800 1/h, Ea: 5960.241570206341 K}},\n" \
  "      heat: -5960 kcal/kmol}\n"                                                        \
  "feeds: {f: {flow: 1 m^3/h, temperature: 298 K, concentration: {A: 10 kmol/m^3}}}\n"    \
  "units:\n"                                                                              \
  "  tank: {type: cstr, in: f, volume: 1 m^3,\n"                                          \
  "         heat: {jacket: {temperature: 298 K, U: 150 kcal/m^2/h/K, area: 1 m^2}}"
static const char hot[] = BEQUETTE "}\n";
static const char hot_with_start[] =
  BEQUETTE ", start: {temperature: 339 K, concentration: {A: 5.5 kmol/m^3, B: 4.5 kmol/m^3}}}\n";

/* A rate that does not vanish with A: beyond 100 s there is no state. */
static const char no_state[] =
  "tautrain: 1\n"
  "species: {A: {}, B: {}}\n"
  "reactions: {r: {equation: A -> B, rate: \"k0\", parameters: {k0: 0.01 mol/L/s}}}\n"
  "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"
  "units: {tank: {type: cstr, in: f, residence_time: 10 s}}\n";

/* A -> B by B, of which nothing is fed: beyond 20 s the state without B is one that a trace of B ends. */
static const char without_a_trace[] = "tautrain: 1\n"
                                      "species: {A: {}, B: {}}\n"
                                      "reactions: {r: {equation: A + B -> 2 B, k: 0.05 L/mol/s}}\n"
                                      "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\n"
                                      "units: {tank: {type: cstr, in: f, residence_time: 10 s}}\n";

/* --- a point, however it is run --- */

static double value_at(double a, double b, int i) { return a * pow(b / a, (i * 7 % N) / (N - 1.0)); }

static bool same(double x, double y) { return x == y || (isnan(x) && isnan(y)); }

static void check_same(const char *what, int i, const tau_result *a, const tau_result *b)
{
  assert_int_equal(a->status, b->status);
  assert_string_equal(a->message, b->message);
  for (int k = 0; k < a->layout->n_data; k++)
    if (!same(a->data[k], b->data[k]))
      fail_msg("%s, point %d: number %d is %.17g, alone %.17g", what, i, k, a->data[k], b->data[k]);
  for (int k = 0; k < a->layout->n_observables; k++) assert_true(same(a->values[k], b->values[k]));
  assert_int_equal(small_has_warning(a, "unstable"), small_has_warning(b, "unstable"));
  assert_string_equal(a->statistics[0].method ? a->statistics[0].method : "",
                      b->statistics[0].method ? b->statistics[0].method : "");
  assert_int_equal(a->statistics[0].n_newton, b->statistics[0].n_newton);
  assert_int_equal(a->statistics[0].n_rhs, b->statistics[0].n_rhs);
}

/* Streams and heat to what newton.c polishes to; stability and failures alike. */
static void check_close_to(int i, const tau_result *a, const tau_result *reference)
{
  assert_int_equal(a->status, reference->status);
  assert_string_equal(a->message, reference->message);
  assert_int_equal(small_has_warning(a, "unstable"), small_has_warning(reference, "unstable"));
  for (int k = 0; k < a->layout->n_observables; k++) {
    const double x = a->values[k], y = reference->values[k];
    if (same(x, y) || strstr(a->layout->observables[k].path, "balance/")) continue;
    if (!(fabs(x - y) <= 1e-11 * fabs(y) + 1e-13))
      fail_msg("point %d: %s is %.17g in lanes, %.17g by the reference", i, a->layout->observables[k].path, x,
               y);
  }
}

static tau_result *run_alone(const tau_train *t, int i_parameter, double x, tau_engine engine)
{
  tau_inputs *in = NULL;
  tau_result *r = NULL;
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.engine = engine;
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  assert_int_equal(tau_inputs_set_index(in, i_parameter, x), TAU_OK);
  tau_train_run(&r, t, in, &o);
  tau_inputs_free(in);
  return r;
}

static taup_bundle *run_together(const tau_train *t, int width, int i_parameter, const double *x)
{
  taup_bundle *b = NULL;
  const taup_bundle_options options = {.width = width, .lanes = true, .needs = TAUP_NEED_ALL};
  tau_inputs *in = NULL;
  assert_int_equal(taup_bundle_new(&b, t, N, &options), TAU_OK);
  assert_int_equal(tau_inputs_new(&in, t), TAU_OK);
  for (int i = 0; i < N; i++) {
    assert_int_equal(tau_inputs_set_index(in, i_parameter, x[i]), TAU_OK);
    memcpy(taup_bundle_inputs(b, i), in->values, (size_t)tau_train_n_parameters(t) * sizeof(double));
  }
  taup_bundle_run(b, N, NULL);
  tau_inputs_free(in);
  return b;
}

/* What became of the points, by the lanes. */
typedef struct outcome {
  int n_handed_over, n_failed, n_unstable;
  double T[N];
} outcome;

static outcome check(const char *text, const char *parameter, double a, double b)
{
  tau_train *t = small_train(text);
  const int p = tau_train_parameter_index(t, parameter);
  outcome o = {0};
  double x[N];
  assert_true(p >= 0);
  for (int i = 0; i < N; i++) x[i] = value_at(a, b, i);
  for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width) {
    if (!taup_width_is_there(width)) continue;
    taup_bundle *bundle = run_together(t, width, p, x);
    o.n_handed_over = (int)taup_bundle_n_handed_over(bundle);
    o.n_failed = o.n_unstable = 0;
    for (int i = 0; i < N; i++) {
      const tau_result *r = taup_bundle_result(bundle, i);
      tau_result *alone = run_alone(t, p, x[i], TAU_ENGINE_AUTO);
      tau_result *reference = run_alone(t, p, x[i], TAU_ENGINE_CVODES);
      check_same(text, i, r, alone);
      check_close_to(i, r, reference);
      o.n_failed += r->status != TAU_OK;
      o.n_unstable += r->data[t->layout->units[0].scalars + TAUP_SCALAR_STABLE] == 0.0;
      o.T[i] = tau_result_outlet(r, 0, 0).T;
      tau_result_free(alone);
      tau_result_free(reference);
    }
    taup_bundle_free(bundle);
  }
  tau_train_free(t);
  return o;
}

/* --- tests --- */

static void tanks_from_their_feeds_are_runs(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip(); /* lanes need vectors with fused multiplication */
  outcome o = check(two_steps, "units/tank/residence_time", 0.1, 1e5);
  assert_int_equal(o.n_handed_over, 0);
  assert_int_equal(o.n_failed, 0);
  o = check(enzyme, "units/tank/residence_time", 0.1, 1e5);
  assert_int_equal(o.n_handed_over, 0);
  assert_int_equal(o.n_failed, 0);
}

static void several_steady_states_are_each_found_from_their_starts(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  static const double states[3] = {311.2, 339.1, 368.1};
  int n[3] = {0};
  const outcome o = check(hot_with_start, "units/tank/start/temperature", 300.0, 385.0);
  assert_int_equal(o.n_failed, 0);
  for (int i = 0; i < N; i++)
    for (int k = 0; k < 3; k++) n[k] += fabs(o.T[i] - states[k]) < 0.1;
  assert_int_equal(n[0] + n[1] + n[2], N);
  assert_true(n[0] > 0 && n[2] > 0);
  assert_true(n[1] > 0 && n[1] == o.n_unstable);
}

/* From its own feed the vessel stays cold, or lights where the feed is warm enough. Where Newton's full steps do not contract it is brought
 * there in time. */
static void a_tank_that_may_light_is_brought_there_in_time(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  int n_lit = 0;
  const outcome o = check(hot, "feeds/f/temperature", 285.0, 320.0);
  assert_int_equal(o.n_failed, 0);
  assert_int_equal(o.n_unstable, 0);
  for (int i = 0; i < N; i++) n_lit += o.T[i] > 345.0;
  assert_true(n_lit > 0 && n_lit < N);
  assert_true(o.n_handed_over > 0 && o.n_handed_over < N);
}

static void tanks_without_a_state_fail_as_alone(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  int n_beyond = 0;
  for (int i = 0; i < N; i++) n_beyond += value_at(90.0, 110.0, i) > 100.0;
  const outcome o = check(no_state, "units/tank/residence_time", 90.0, 110.0);
  assert_int_equal(o.n_failed, n_beyond);
  assert_int_equal(o.n_handed_over, n_beyond);
}

static void a_state_that_a_trace_would_end_is_named(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  int n_beyond = 0;
  for (int i = 0; i < N; i++) n_beyond += value_at(10.0, 40.0, i) > 20.0;
  const outcome o = check(without_a_trace, "units/tank/residence_time", 10.0, 40.0);
  assert_int_equal(o.n_failed, 0);
  assert_int_equal(o.n_unstable, n_beyond);
  assert_int_equal(o.n_handed_over, n_beyond);
}

static int stop_at_once(void *user, const char *unit, double fraction)
{
  (void)user, (void)unit, (void)fraction;
  return 1;
}

static void tanks_are_stopped_and_have_their_time(void **state)
{
  (void)state;
  tau_train *t = small_train(two_steps);
  taup_bundle *b = NULL;
  const taup_bundle_options options = {.lanes = true, .needs = TAUP_NEED_ALL};
  assert_int_equal(taup_bundle_new(&b, t, N, &options), TAU_OK);
  for (int limited = 0; limited < 2; limited++) {
    tau_run_options o = TAU_RUN_OPTIONS_INIT;
    if (limited) o.max_time = 0.0;
    else o.progress = stop_at_once;
    for (int i = 0; i < N; i++)
      for (int p = 0; p < tau_train_n_parameters(t); p++)
        taup_bundle_inputs(b, i)[p] = tau_train_parameter(t, p).value;
    taup_bundle_run(b, N, &o);
    for (int i = 0; i < N; i++)
      assert_int_equal(taup_bundle_result(b, i)->status, limited ? TAU_STOPPED_TIME : TAU_STOPPED_USER);
  }
  taup_bundle_free(b);
  tau_train_free(t);
}

/* --- with sensitivities --- */

static tau_status keep(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  (void)summary;
  memcpy((double *)user + b->first_run, b->observables, (size_t)b->n * sizeof(double));
  return TAU_OK;
}

static void sensitivities_leave_the_values_as_they_are(void **state)
{
  (void)state;
  tau_train *t = small_train(two_steps);
  const int p = tau_train_parameter_index(t, "units/tank/residence_time"),
            k = tau_train_parameter_index(t, "reactions/r/k"),
            c = tau_train_observable_index(t, "outlet/c/C");
  double x[N], plain[N], with[N];
  for (int i = 0; i < N; i++) x[i] = value_at(0.1, 1e4, i);
  const tau_design design = {N, 1, &p, x};
  for (int slopes = 0; slopes < 2; slopes++) {
    const tau_kept kept = {.n_observables = 1,
                           .observables = &c,
                           .n_sensitivities = slopes,
                           .sensitivities = &k};
    const tau_sink sink = {keep, slopes ? with : plain};
    tau_sweep_summary *summary = NULL;
    assert_int_equal(tau_sweep(&summary, t, NULL, &design, &kept, &sink, NULL), TAU_OK);
    assert_int_equal(tau_sweep_n_failed(summary), 0);
    assert_true(tau_sweep_largest_difference(summary) < 1e-12); /* to the reference */
    tau_sweep_summary_free(summary);
  }
  assert_memory_equal(plain, with, sizeof plain);
  tau_train_free(t);
}

/* --- memory --- */

/* A bundle made with the k-th request refused; made whole, it runs tanks that fail, and others, without any. */
static tau_status booked(const tau_train *t, long fail_at, ledger *l)
{
  taup_bundle *b = NULL;
  const taup_bundle_options options = {.lanes = true, .needs = TAUP_NEED_ALL};
  const int p = tau_train_parameter_index(t, "units/tank/residence_time");
  ledger_open(l, fail_at);
  const tau_status st = taup_bundle_new(&b, t, 9, &options);
  const long n = l->n_requests;
  for (int i = 0; st == TAU_OK && i < 9; i++) {
    for (int k = 0; k < tau_train_n_parameters(t); k++)
      taup_bundle_inputs(b, i)[k] = tau_train_parameter(t, k).value;
    taup_bundle_inputs(b, i)[p] = 80.0 + 5.0 * i;
  }
  if (st == TAU_OK) taup_bundle_run(b, 9, NULL);
  assert_int_equal(l->n_requests, n);
  taup_bundle_free(b);
  ledger_close();
  return st;
}

static void refused_memory_is_reported_and_running_asks_for_none(void **state)
{
  (void)state;
  tau_train *t = small_train(no_state);
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
    cmocka_unit_test(tanks_from_their_feeds_are_runs),
    cmocka_unit_test(several_steady_states_are_each_found_from_their_starts),
    cmocka_unit_test(a_tank_that_may_light_is_brought_there_in_time),
    cmocka_unit_test(tanks_without_a_state_fail_as_alone),
    cmocka_unit_test(a_state_that_a_trace_would_end_is_named),
    cmocka_unit_test(tanks_are_stopped_and_have_their_time),
    cmocka_unit_test(sensitivities_leave_the_values_as_they_are),
    cmocka_unit_test(refused_memory_is_reported_and_running_asks_for_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_sensitivity_lanes.c - derivatives at many points at once: closed forms, agreement with CVODES, equal bits for every width, order
 * and number of points, stiff points, what is not run in lanes, memory. */
#include "support/small_run.h"

#include "bench/coil.h"
#include "support/ledger.h"
#include "support/sensitive_trains.h"
#include "train/sensitivity_bundle.h"
#include "train/train.h"

enum { MOST_PARAMETERS = 96, MOST_POINTS = 33 };

/* A bundle over some parameters and all observables. */
typedef struct bench {
  tau_train *t;
  int parameters[MOST_PARAMETERS], n_parameters;
  taup_sensitivity_bundle_options options;
} bench;

static bench new_bench(const char *text)
{
  bench b = {.t = small_train(text), .options = {.run = {.lanes = true}}};
  for (int i = 0; i < tau_train_n_parameters(b.t); i++)
    if (!isnan(tau_train_parameter(b.t, i).value)) b.parameters[b.n_parameters++] = i;
  assert_true(b.n_parameters <= MOST_PARAMETERS);
  return b;
}

static taup_sensitivity_bundle *open_bundle(bench *b, int n, int width)
{
  taup_sensitivity_bundle *s = NULL;
  b->options.run.width = width;
  b->options.n_parameters = b->n_parameters;
  b->options.parameters = b->parameters;
  if (taup_sensitivity_bundle_new(&s, b->t, n, &b->options) < 0) fail_msg("%s", tau_last_error());
  return s;
}

static tau_run_options at_rtol(double rtol)
{
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  o.rtol = rtol;
  return o;
}

/* The parameters of point k of a family: feeds up to 30 % stronger. */
static void fill_point(const tau_train *t, int k, double *inputs)
{
  for (int p = 0; p < tau_train_n_parameters(t); p++) {
    const tau_parameter parameter = tau_train_parameter(t, p);
    inputs[p] = parameter.value * (strstr(parameter.path, "concentration/") ? 1.0 + 0.01 * k : 1.0);
  }
}

static tau_sensitivity *reference(const bench *b, int k, double rtol)
{
  tau_run_options o = at_rtol(rtol);
  double inputs[MOST_PARAMETERS * 2];
  tau_inputs *in = NULL;
  tau_sensitivity *s = NULL;
  o.engine = TAU_ENGINE_CVODES;
  assert_int_equal(tau_inputs_new(&in, b->t), TAU_OK);
  fill_point(b->t, k, inputs);
  for (int p = 0; p < tau_train_n_parameters(b->t); p++)
    if (!isnan(inputs[p])) assert_int_equal(tau_inputs_set_index(in, p, inputs[p]), TAU_OK);
  if (tau_train_sensitivity(&s, b->t, in, b->n_parameters, b->parameters, &o) < 0)
    fail_msg("%s", tau_last_error());
  tau_inputs_free(in);
  return s;
}

/* Whether do/dp is right to `allowed` of itself and of o/p; a flat maximum has 1,000 times more for its place. */
static void compare(const bench *b, const tau_sensitivity *want, const double *have, double allowed)
{
  const double *values = tau_result_values(tau_sensitivity_result(want));
  for (int i = 0; i < tau_train_n_observables(b->t); i++)
    for (int j = 0; j < b->n_parameters; j++) {
      const char *path = tau_train_observable(b->t, i).path;
      const double p = tau_train_parameter(b->t, b->parameters[j]).value,
                   slope = tau_sensitivity_value(want, i, j);
      const double whole =
        tau_train_observable(b->t, i).unit[0] ? fabs(values[i]) : fmax(fabs(values[i]), 1.0);
      const double flat = strstr(path, "position_") || strstr(path, "at_T_max") ? 1e3 : 1.0;
      const double x = have[i * b->n_parameters + j];
      if (strncmp(path, "balance/", 8) == 0 || x == slope || (isnan(slope) && isnan(x))) continue;
      if (!(fabs(x - slope) <= allowed * flat * (fabs(slope) + whole / (p != 0.0 ? fabs(p) : 1.0))))
        fail_msg("d %s / d %s is %.12g, by CVODES %.12g", path,
                 tau_train_parameter(b->t, b->parameters[j]).path, x, slope);
    }
}

/* Three points against CVODES at rtol 1e-12; n_marches of each point in lanes, none handed over. */
static void compare_with_cvodes(const char *text, int n_marches)
{
  bench b = new_bench(text);
  taup_sensitivity_bundle *s = open_bundle(&b, 3, 0);
  const tau_run_options o = at_rtol(1e-10);
  for (int k = 0; k < 3; k++) fill_point(b.t, 10 * k, taup_sensitivity_bundle_inputs(s, k));
  taup_sensitivity_bundle_run(s, 3, &o);
  for (int k = 0; k < 3; k++) {
    assert_int_equal(taup_sensitivity_bundle_status(s, k), TAU_OK);
    tau_sensitivity *want = reference(&b, 10 * k, 1e-12);
    compare(&b, want, taup_sensitivity_bundle_values(s, k), 1e-9);
    tau_sensitivity_free(want);
  }
  if (taup_width_is_there(4)) {
    assert_int_equal(taup_sensitivity_bundle_n_in_lanes(s), 3 * n_marches);
    assert_int_equal(taup_sensitivity_bundle_n_handed_over(s), 0);
  }
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
}

/* ---------- values ---------- */

/* A -> B in a coil: c = c0 exp(-k V/Q). */
static void first_order_is_exact(void **state)
{
  (void)state;
  bench b =
    new_bench("tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 0.02 1/s}}\n"
              "feeds: {f: {flow: 1e-8 m^3/s, concentration: {A: 1000 mol/m^3}}}\n"
              "units: {coil: {type: pfr, in: f, volume: 1e-6 m^3}}\n");
  const char *const paths[] = {"reactions/r/k", "units/coil/volume", "feeds/f/flow",
                               "feeds/f/concentration/A", "flow_factor"};
  const int A = tau_train_observable_index(b.t, "outlet/c/A");
  const tau_run_options o = at_rtol(1e-11);
  b.n_parameters = 5;
  for (int k = 0; k < 5; k++) b.parameters[k] = tau_train_parameter_index(b.t, paths[k]);
  b.options.n_observables = 1;
  b.options.observables = &A;
  taup_sensitivity_bundle *s = open_bundle(&b, 8, 0);
  for (int i = 0; i < 8; i++) {
    fill_point(b.t, 0, taup_sensitivity_bundle_inputs(s, i));
    taup_sensitivity_bundle_inputs(s, i)[b.parameters[0]] = 0.02 * (i + 1);
  }
  taup_sensitivity_bundle_run(s, 8, &o);
  for (int i = 0; i < 8; i++) {
    const double rate = 0.02 * (i + 1), c = 1000.0 * exp(-100.0 * rate);
    const double want[] = {-c * 100.0, -c * rate / 1e-8, c * rate * 1e-6 / 1e-16, c / 1000.0,
                           100.0 * rate * c};
    for (int k = 0; k < 5; k++) assert_close_rel(taup_sensitivity_bundle_values(s, i)[k], want[k], 1e-9);
  }
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
}

static tau_train *coil_train(void)
{
  tau_model *m = NULL;
  tau_train *t = NULL;
  if (tau_model_read(&m, TAUTRAIN_SOURCE_DIR "/tests/bench/networks/snar.yaml") < 0 ||
      tau_train_compile(&t, m) < 0)
    fail_msg("%s", tau_last_error());
  tau_model_free(m);
  return t;
}

/* The SNAr coil of the bench at 32 drawn points, its 4 k_ref and 4 Ea, rtol 1e-6: p dc/dp to a tenth of it of the feed. */
static void the_coil_agrees_with_cvodes(void **state)
{
  (void)state;
  enum { N = 32 };
  bench b = {.t = coil_train(), .options = {.run = {.lanes = true}}};
  const char *const species[] = {"outlet/c/DFNB", "outlet/c/Pyrr", "outlet/c/ortho", "outlet/c/para",
                                 "outlet/c/bis"};
  const char *const reactions = "abcd", *const constants[2] = {"k_ref", "Ea"};
  int coil[N_COIL];
  double values[N * N_COIL];
  tau_inputs *in = NULL;
  const tau_run_options o = at_rtol(1e-6);
  tau_run_options tight = at_rtol(1e-12);
  tight.engine = TAU_ENGINE_CVODES;
  for (; b.n_parameters < 8; b.n_parameters++) {
    char path[64];
    snprintf(path, sizeof path, "reactions/%c/k/%s", reactions[b.n_parameters % 4],
             constants[b.n_parameters / 4]);
    b.parameters[b.n_parameters] = tau_train_parameter_index(b.t, path);
  }
  taup_sensitivity_bundle *s = open_bundle(&b, N, 0);
  assert_true(coil_parameters(b.t, coil));
  draw_coil(N, values);
  assert_int_equal(tau_inputs_new(&in, b.t), TAU_OK);
  for (int i = 0; i < N; i++) {
    double *x = taup_sensitivity_bundle_inputs(s, i);
    fill_point(b.t, 0, x);
    x[tau_train_parameter_index(b.t, "units/coil/volume")] = NAN;
    for (int k = 0; k < N_COIL; k++) x[coil[k]] = values[i * N_COIL + k];
  }
  taup_sensitivity_bundle_run(s, N, &o);
  for (int i = 0; i < N; i++) {
    tau_sensitivity *want = NULL;
    for (int k = 0; k < N_COIL; k++)
      assert_int_equal(tau_inputs_set_index(in, coil[k], values[i * N_COIL + k]), TAU_OK);
    assert_int_equal(tau_train_sensitivity(&want, b.t, in, 8, b.parameters, &tight), TAU_OK);
    for (int k = 0; k < 5; k++)
      for (int j = 0; j < 8; j++) {
        const int c = tau_train_observable_index(b.t, species[k]);
        const double feed = 0.5 * values[i * N_COIL + COIL_NITRO]; /* where the two have met */
        assert_close(taup_sensitivity_bundle_values(s, i)[c * 8 + j], tau_sensitivity_value(want, c, j),
                     1e-7 * feed / tau_train_parameter(b.t, b.parameters[j]).value);
      }
    tau_sensitivity_free(want);
  }
  tau_inputs_free(in);
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
}

static void a_train_with_branches(void **state)
{
  (void)state;
  compare_with_cvodes(REACTIONS BRANCHES, 3);
}

static void an_end_by_until(void **state)
{
  (void)state;
  compare_with_cvodes(REACTIONS UNTIL, 2);
}

static void a_hot_spot(void **state)
{
  (void)state;
  compare_with_cvodes(REACTIONS HOT_SPOT, 1);
}

/* Robertson's problem (H. H. Robertson 1966) as a batch. */
static const char robertson[] =
  "tautrain: 1\nspecies: {A: {}, B: {}, C: {}}\n"
  "reactions:\n  a: {equation: A -> B, k: 0.04 1/s}\n  b: {equation: B + C -> A + C, k: 1e4 L/mol/s}\n"
  "  c: {equation: 2 B -> B + C, k: 3e7 L/mol/s}\n"
  "units:\n  pot: {type: batch, charge: {volume: 1 L, concentration: {A: 1 mol/L}}, time: 40 s}\n";

/* Its derivatives to the three constants (rows) in mol, L and s at the times t: forward equations by Radau IIA of 9 stages in 40 digits,
 * the oracle g8-03; CVODES' example cvsRoberts_FSA_dns prints the same to its own 8e-5. */
static const struct {
  double t, slope[3][3];
} robertson_slopes[] = {{0.4,
                         {{-0.3559525659828556, 0.00039025440538182184, 0.35556231157747376},
                          {9.542381427849769e-08, -2.1309610301936463e-10, -9.521071817547832e-08},
                          {-1.583176635557635e-11, -5.290041093214815e-13, 1.636077046489783e-11}}},
                        {4.0,
                         {{-1.8760821737666475, 0.0001792180590010277, 1.8759029557076465},
                          {2.961377129145375e-06, -5.830460566234227e-10, -2.960794083088752e-06},
                          {-4.933436805092882e-10, -2.762621961089463e-13, 4.936199427053972e-10}}},
                        {40.0,
                         {{-4.247558771705733, 4.591196249253894e-05, 4.24751285974324},
                          {1.3730807973446248e-05, -2.3571921138463333e-10, -1.3730572254234863e-05},
                          {-2.2883550889056694e-09, -1.1380595093501273e-13, 2.2884688948566043e-09}}},
                        {4000.0,
                         {{-4.750071181048225, -5.993651713876805e-06, 4.750077174699938},
                          {1.8808861585575166e-05, 2.3126873439344607e-11, -1.8808884712448606e-05},
                          {-3.1348133909824286e-09, -1.875846610756218e-14, 3.134832149448536e-09}}},
                        {400000.0,
                         {{-0.23633373290231663, -4.584078560621531e-07, 0.2363341913101727},
                          {9.450271940430044e-07, 1.832507152873992e-12, -9.450290265501573e-07},
                          {-1.5750484535356387e-10, -6.36251477842255e-16, 1.5750548160504173e-10}}},
                        {400000000.0,
                         {{-0.00026035446829430326, -5.206557326092112e-10, 0.00026035498895003587},
                          {1.0414170881174343e-09, 2.0826199203436695e-15, -1.0414191707373547e-09},
                          {-1.7356986182207e-13, -6.942866351914374e-19, 1.7357055610870522e-13}}}};
enum { N_TIMES = sizeof robertson_slopes / sizeof *robertson_slopes };

static void stiff_points_stay_in_lanes(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip(); /* lanes need vectors with fused multiplication */
  const char *const paths[] = {"reactions/a/k", "reactions/b/k", "reactions/c/k"};
  const double in_SI[] = {1e3, 1e6, 1e6}; /* mol/m^3 over 1/s and m^3/mol/s */
  bench b = new_bench(robertson);
  tau_run_options o = at_rtol(1e-9);
  const char *const species[] = {"outlet/c/A", "outlet/c/B", "outlet/c/C"};
  o.atol = 1e-21;
  for (b.n_parameters = 0; b.n_parameters < 3; b.n_parameters++)
    b.parameters[b.n_parameters] = tau_train_parameter_index(b.t, paths[b.n_parameters]);
  taup_sensitivity_bundle *s = open_bundle(&b, N_TIMES, 0);
  for (int k = 0; k < N_TIMES; k++) {
    fill_point(b.t, 0, taup_sensitivity_bundle_inputs(s, k));
    taup_sensitivity_bundle_inputs(s, k)[tau_train_parameter_index(b.t, "units/pot/time")] =
      robertson_slopes[k].t;
  }
  taup_sensitivity_bundle_run(s, N_TIMES, &o);
  assert_string_equal(tau_result_statistics(taup_sensitivity_bundle_result(s, 2), 0).method, "lanes-rodas5p");
  assert_int_equal(taup_sensitivity_bundle_n_in_lanes(s), N_TIMES);
  assert_int_equal(taup_sensitivity_bundle_n_handed_over(s), 0);
  for (int k = 0; k < N_TIMES; k++)
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++)
        assert_close_rel(
          taup_sensitivity_bundle_values(s, k)[tau_train_observable_index(b.t, species[i]) * 3 + j] / in_SI[j],
          robertson_slopes[k].slope[j][i], 1e-5);
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
}

/* ---------- equal bits ---------- */

static size_t bytes_of(const bench *b)
{
  return (size_t)tau_train_n_observables(b->t) * (size_t)b->n_parameters * sizeof(double);
}

/* Points first ... first + n - 1 of MOST_POINTS, each with the bits that it has alone. */
static void check_bits(bench *b, int width, int first, int n, const char *alone)
{
  taup_sensitivity_bundle *s = open_bundle(b, n, width);
  const tau_run_options o = at_rtol(1e-7);
  for (int i = 0; i < n; i++)
    fill_point(b->t, first + n - 1 - i, taup_sensitivity_bundle_inputs(s, i)); /* backwards */
  taup_sensitivity_bundle_run(s, n, &o);
  for (int i = 0; i < n; i++)
    if (memcmp(taup_sensitivity_bundle_values(s, i), alone + (size_t)(first + n - 1 - i) * bytes_of(b),
               bytes_of(b)) != 0)
      fail_msg("width %d, %d points: point %d is not what it is alone", width, n, first + n - 1 - i);
  taup_sensitivity_bundle_free(s);
}

static void bits_of_one(const char *text)
{
  bench b = new_bench(text);
  taup_sensitivity_bundle *one = open_bundle(&b, 1, 1);
  const tau_run_options o = at_rtol(1e-7);
  char *alone = malloc(MOST_POINTS * bytes_of(&b));
  for (int i = 0; i < MOST_POINTS; i++) {
    fill_point(b.t, i, taup_sensitivity_bundle_inputs(one, 0));
    taup_sensitivity_bundle_run(one, 1, &o);
    assert_int_equal(taup_sensitivity_bundle_status(one, 0), TAU_OK);
    memcpy(alone + (size_t)i * bytes_of(&b), taup_sensitivity_bundle_values(one, 0), bytes_of(&b));
  }
  for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width)
    for (int n = 1; n <= MOST_POINTS && taup_width_is_there(width); n = 2 * n + 3)
      check_bits(&b, width, (MOST_POINTS - n) / 2, n, alone);
  if (taup_width_is_there(8)) check_bits(&b, 8, 0, MOST_POINTS, alone);
  taup_sensitivity_bundle_free(one);
  tau_train_free(b.t);
  free(alone);
}

static void bits_depend_on_neither_width_nor_order_nor_neighbours(void **state)
{
  (void)state;
  bits_of_one(REACTIONS BRANCHES);
  bits_of_one(REACTIONS UNTIL);
  bits_of_one(REACTIONS HOT_SPOT);
  bits_of_one(robertson);
}

/* Fewer observables are the same numbers; the results are those of a bundle of runs. */
static void what_is_kept_does_not_change_it(void **state)
{
  (void)state;
  bench b = new_bench(REACTIONS UNTIL);
  const int kept[2] = {tau_train_observable_index(b.t, "pmi"), tau_train_observable_index(b.t, "outlet/c/C")};
  const tau_run_options o = at_rtol(1e-7);
  taup_sensitivity_bundle *all = open_bundle(&b, 2, 0), *few;
  taup_bundle *runs = NULL;
  const taup_bundle_options plain = {.lanes = true, .needs = TAUP_NEED_ALL};
  b.options.n_observables = 2;
  b.options.observables = kept;
  few = open_bundle(&b, 2, 0);
  assert_int_equal(taup_bundle_new(&runs, b.t, 2, &plain), TAU_OK);
  for (int k = 0; k < 2; k++) {
    fill_point(b.t, k, taup_sensitivity_bundle_inputs(all, k));
    fill_point(b.t, k, taup_sensitivity_bundle_inputs(few, k));
    fill_point(b.t, k, taup_bundle_inputs(runs, k));
  }
  taup_sensitivity_bundle_run(all, 2, &o);
  taup_sensitivity_bundle_run(few, 2, &o);
  taup_bundle_run(runs, 2, &o);
  for (int k = 0; k < 2; k++) {
    const size_t bytes = (size_t)b.n_parameters * sizeof(double);
    for (int i = 0; i < 2; i++) {
      const double *row = taup_sensitivity_bundle_values(few, k) + i * b.n_parameters;
      assert_true(isfinite(row[0]));
      assert_memory_equal(row, taup_sensitivity_bundle_values(all, k) + kept[i] * b.n_parameters, bytes);
    }
    assert_memory_equal(taup_sensitivity_bundle_result(few, k)->data, taup_bundle_result(runs, k)->data,
                        sizeof(double));
    assert_memory_equal(tau_result_values(taup_sensitivity_bundle_result(few, k)) + kept[0],
                        tau_result_values(taup_bundle_result(runs, k)) + kept[0], sizeof(double));
  }
  taup_bundle_free(runs);
  taup_sensitivity_bundle_free(all);
  taup_sensitivity_bundle_free(few);
  tau_train_free(b.t);
}

/* ---------- what lanes do not take ---------- */

/* Without lanes the numbers are those of one point after the other. */
static void the_reference_engine_gives_its_own_numbers(void **state)
{
  (void)state;
  bench b = new_bench(REACTIONS BRANCHES);
  const tau_run_options o = at_rtol(1e-8);
  b.options.run.lanes = false;
  taup_sensitivity_bundle *s = open_bundle(&b, 2, 0);
  for (int k = 0; k < 2; k++) fill_point(b.t, k, taup_sensitivity_bundle_inputs(s, k));
  taup_sensitivity_bundle_run(s, 2, &o);
  for (int k = 0; k < 2; k++) {
    tau_sensitivity *want = reference(&b, k, 1e-8);
    compare(&b, want, taup_sensitivity_bundle_values(s, k), 1e-15);
    tau_sensitivity_free(want);
  }
  assert_int_equal(taup_sensitivity_bundle_n_in_lanes(s), 0);
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
}

/* Of a unit that ends at its entrance there is no march. */
static void an_end_at_the_entrance(void **state)
{
  (void)state;
  compare_with_cvodes(REACTIONS "solvent: {name: ethanol, density: temperature}\n" FEEDS "units:\n"
                                "  coil: {type: pfr, in: [f, g], volume: 40 mL, until: c/A <= 9 mol/L}\n"
                                "  mix: {type: mixer, in: [coil, q]}\n",
                      0);
}

static void a_point_that_fails_leaves_the_others(void **state)
{
  (void)state;
  bench b = new_bench(REACTIONS UNTIL);
  const tau_run_options o = at_rtol(1e-7);
  const int flow = tau_train_parameter_index(b.t, "feeds/f/flow"),
            C = tau_train_observable_index(b.t, "outlet/c/C");
  taup_sensitivity_bundle *s = open_bundle(&b, 3, 0);
  for (int k = 0; k < 3; k++) fill_point(b.t, 0, taup_sensitivity_bundle_inputs(s, k));
  taup_sensitivity_bundle_inputs(s, 1)[flow] = -1.0;
  taup_sensitivity_bundle_run(s, 3, &o);
  assert_true(tau_result_status(taup_sensitivity_bundle_result(s, 1)) < 0);
  assert_true(isnan(taup_sensitivity_bundle_values(s, 1)[C * b.n_parameters]));
  assert_true(isfinite(taup_sensitivity_bundle_values(s, 0)[C * b.n_parameters]));
  assert_memory_equal(taup_sensitivity_bundle_values(s, 0), taup_sensitivity_bundle_values(s, 2),
                      bytes_of(&b));
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
}

/* ---------- memory ---------- */

static void a_run_allocates_nothing(void **state)
{
  (void)state;
  if (!taup_width_is_there(4)) skip();
  const tau_run_options o = at_rtol(1e-7);
  ledger l;
  ledger_open(&l, 0);
  bench b = new_bench(REACTIONS UNTIL);
  taup_sensitivity_bundle *s = open_bundle(&b, 9, 0);
  const long before = l.n_requests;
  for (int round = 0; round < 2; round++) {
    for (int k = 0; k < 9; k++) fill_point(b.t, k, taup_sensitivity_bundle_inputs(s, k));
    taup_sensitivity_bundle_run(s, 9, &o);
  }
  assert_int_equal(taup_sensitivity_bundle_n_handed_over(s), 0);
  assert_int_equal(l.n_requests, before);
  taup_sensitivity_bundle_free(s);
  tau_train_free(b.t);
  assert_int_equal(l.n_alive, 0);
  ledger_close();
}

/* Each seventh request is refused in turn. */
static void refused_memory_is_said(void **state)
{
  (void)state;
  for (long k = 1, done = 0; !done; k += 7) {
    ledger l;
    taup_sensitivity_bundle *s = NULL;
    ledger_open(&l, 0);
    bench b = new_bench(REACTIONS HOT_SPOT);
    b.options.n_parameters = 4;
    b.options.parameters = b.parameters;
    l.fail_at = l.n_requests + k;
    const tau_status st = taup_sensitivity_bundle_new(&s, b.t, 2, &b.options);
    done = l.n_failed == 0;
    assert_int_equal(st, done ? TAU_OK : TAU_E_NOMEM);
    taup_sensitivity_bundle_free(s);
    tau_train_free(b.t);
    assert_int_equal(l.n_alive, 0);
    ledger_close();
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(first_order_is_exact),
    cmocka_unit_test(the_coil_agrees_with_cvodes),
    cmocka_unit_test(a_train_with_branches),
    cmocka_unit_test(an_end_by_until),
    cmocka_unit_test(a_hot_spot),
    cmocka_unit_test(stiff_points_stay_in_lanes),
    cmocka_unit_test(bits_depend_on_neither_width_nor_order_nor_neighbours),
    cmocka_unit_test(what_is_kept_does_not_change_it),
    cmocka_unit_test(the_reference_engine_gives_its_own_numbers),
    cmocka_unit_test(an_end_at_the_entrance),
    cmocka_unit_test(a_point_that_fails_leaves_the_others),
    cmocka_unit_test(a_run_allocates_nothing),
    cmocka_unit_test(refused_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

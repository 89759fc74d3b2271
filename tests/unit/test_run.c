/* SPDX-License-Identifier: Apache-2.0 */
/* test_run.c - whole runs through the public functions: order of units, conservation, heat, failures,
 * threads. What is stored and found along a unit: test_along.c. */
#include "support/small_run.h"

#include <pthread.h>

#include "base/alloc.h"
#include "train/train.h"

#define HEAD      \
  "tautrain: 1\n" \
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"
#define A_TO_B                                            \
  HEAD "species: {A: {}, B: {}}\n"                        \
       "reactions: {r: {equation: A -> B, k: 0.1 1/s}}\n" \
       "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"

/* --- trains --- */

static const char *const units_of_a_train[] = {
  "  tee: {type: mixer, in: [left, right]}\n",
  "  end: {type: pfr, in: tee, volume: 3 mL, heat: adiabatic}\n",
  "  right: {type: cstr, in: split/b, residence_time: 2 min, temperature: 60 degC}\n",
  "  split: {type: splitter, in: entrance, outlets: {a: 0.3, b: rest}}\n",
  "  left: {type: pfr, in: split/a, volume: 5 mL, temperature: 40 degC}\n",
  "  entrance: {type: mixer, in: [f, g]}\n",
};
enum { N_UNITS = 6 };

/* The train with its units in the order first, first + step ... */
static tau_result *run_in_order(int first, int step)
{
  char text[4096];
  int n = snprintf(text, sizeof text,
                   HEAD "species: {A: {}, B: {}, C: {}}\n"
                        "reactions:\n"
                        "  r: {equation: A + B -> C, k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 25 degC, "
                        "Ea: 50 kJ/mol}}, heat: -70 kJ/mol}\n"
                        "feeds:\n"
                        "  f: {flow: 1 mL/min, temperature: 20 degC, concentration: {A: 1 mol/L}}\n"
                        "  g: {flow: 2 mL/min, temperature: 30 degC, concentration: {B: 1 mol/L}}\n"
                        "key: {reactant: A, product: C}\nunits:\n");
  for (int i = 0; i < N_UNITS; i++)
    n += snprintf(text + n, sizeof text - (size_t)n, "%s", units_of_a_train[(first + i * step) % N_UNITS]);
  return small_result(text);
}

static void units_may_stand_in_any_order(void **state)
{
  (void)state;
  tau_result *want = run_in_order(0, 1);
  for (int first = 1; first < N_UNITS; first++)
    for (int step = 1; step <= 5; step += 4) {
      tau_result *have = run_in_order(first, step);
      assert_int_equal(tau_result_n_observables(have), tau_result_n_observables(want));
      for (int i = 0; i < tau_result_n_observables(want); i++) {
        const char *path = tau_result_observable(want, i).path;
        const double x = small_value(have, path), y = tau_result_values(want)[i];
        if (x != y && !(isnan(x) && isnan(y))) fail_msg("%s: %.17g and %.17g", path, x, y);
      }
      tau_result_free(have);
    }
  tau_result_free(want);
}

static double stream_sum(const tau_result *r, const char *name, int i_outlet, int i_species)
{
  const int u = tau_result_unit_index(r, name);
  assert_true(u >= 0);
  const tau_stream s = i_outlet < 0 ? tau_result_inlet(r, u) : tau_result_outlet(r, u, i_outlet);
  return i_species < 0 ? s.flow : s.F[i_species];
}

static void splitters_and_mixers_lose_nothing(void **state)
{
  (void)state;
  tau_result *r = run_in_order(0, 1);
  for (int i = -1; i < 3; i++) {
    const double in = stream_sum(r, "split", -1, i), a = stream_sum(r, "split", 0, i),
                 b = stream_sum(r, "split", 1, i);
    assert_close_rel(a, 0.3 * in, 1e-15);
    assert_close_rel(a + b, in, 1e-15);
    assert_close_rel(stream_sum(r, "tee", 0, i), stream_sum(r, "left", 0, i) + stream_sum(r, "right", 0, i),
                     1e-15);
  }
  assert_close(small_value(r, "balance/closure"), 0.0, 1e-12);
  /* a mixture of constant heat capacity has the mean temperature of its volumes */
  assert_close(small_value(r, "units/entrance/outlet/T"), (20.0 + 2.0 * 30.0) / 3.0 + 273.15, 1e-10);
  assert_close(small_value(r, "units/tee/outlet/T"), 0.3 * 313.15 + 0.7 * 333.15, 1e-10);
  tau_result_free(r);
}

static void fifty_equal_tanks_share_one_program(void **state)
{
  (void)state;
  enum { N = 50 };
  static char text[8192];
  int n = snprintf(text, sizeof text, A_TO_B "units:\n");
  for (int i = 0; i < N; i++) {
    char in[16] = "f";
    if (i) snprintf(in, sizeof in, "t%d", i - 1);
    n += snprintf(text + n, sizeof text - (size_t)n, "  t%d: {type: cstr, in: %s, volume: 0.%d mL}\n", i, in,
                  100 + i);
  }
  tau_train *train = small_train(text);
  assert_int_equal(train->n_programs, 1);
  tau_result *r = small_result_of(train, NULL);
  double left = 1000.0; /* each tank by its own volume: c = c0 / (1 + k V/Q) */
  for (int i = 0; i < N; i++) left /= 1.0 + 0.1 * (0.1 + 0.001 * i) * 60.0;
  assert_close_rel(small_value(r, "outlet/c/A"), left, 1e-11);
  tau_result_free(r);
  tau_train_free(train);
}

static void a_changed_residence_time_replaces_the_volume(void **state)
{
  (void)state;
  tau_train *train = small_train(A_TO_B "units: {coil: {type: pfr, in: f, volume: 5 mL}}\n");
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
  assert_int_equal(tau_inputs_set_text(inputs, "units/coil/residence_time", "20 s"), TAU_OK);
  tau_result *r = small_result_of(train, inputs);
  assert_close_rel(small_value(r, "units/coil/residence_time"), 20.0, 1e-14);
  assert_close_rel(small_value(r, "units/coil/volume"), 20.0 / 60.0 * 1e-6, 1e-14);
  assert_close_rel(small_value(r, "outlet/flow"), 1e-6 / 60.0, 1e-14); /* the flows stay */
  assert_close_rel(small_value(r, "outlet/c/A"), 1000.0 * exp(-2.0), 1e-6);
  tau_result_free(r);
  assert_int_equal(tau_inputs_set_text(inputs, "units/coil/volume", "1 mL"), TAU_OK); /* and back again */
  r = small_result_of(train, inputs);
  assert_close_rel(small_value(r, "units/coil/residence_time"), 60.0, 1e-14);
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(train);
}

static void a_length_replaces_the_volume_when_there_is_a_diameter(void **state)
{
  (void)state;
  static const char *const units[] = {"units: {coil: {type: pfr, in: f, volume: 5 mL, diameter: 2 mm}}\n",
                                      "units: {coil: {type: pfr, in: f, volume: 5 mL}}\n"};
  for (int with = 1; with >= 0; with--) {
    char text[1024];
    snprintf(text, sizeof text, "%s%s", A_TO_B, units[1 - with]);
    tau_train *train = small_train(text);
    tau_inputs *inputs = NULL;
    tau_result *r = NULL;
    assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
    assert_int_equal(tau_inputs_set(inputs, "units/coil/length", 0.5), TAU_OK);
    const tau_status st = tau_train_run(&r, train, inputs, NULL);
    if (with) {
      assert_int_equal(st, TAU_OK);
      assert_close_rel(small_value(r, "units/coil/volume"), 3.14159265358979324 * 1e-6 * 0.5, 1e-13);
      assert_close_rel(small_value(r, "units/coil/length"), 0.5, 1e-13);
    } else {
      assert_int_equal(st, TAU_E_VALUE);
      assert_non_null(strstr(tau_result_message(r), "diameter"));
    }
    tau_result_free(r);
    tau_inputs_free(inputs);
    tau_train_free(train);
  }
}

static void flow_factor_multiplies_all_feeds(void **state)
{
  (void)state;
  tau_train *train = small_train(A_TO_B "units: {coil: {type: pfr, in: f, volume: 5 mL}}\n");
  tau_inputs *inputs = NULL;
  assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "flow_factor", 10.0), TAU_OK);
  tau_result *r = small_result_of(train, inputs);
  assert_close_rel(small_value(r, "residence_time"), 30.0, 1e-14);
  assert_close_rel(small_value(r, "outlet/c/A"), 1000.0 * exp(-3.0), 1e-6);
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(train);
}

/* --- heat --- */

static double adiabatic_rise(const char *type_and_size, const char *reactions)
{
  char text[2048];
  snprintf(text, sizeof text,
           HEAD "species: {A: {}, B: {}, C: {}}\nreactions: %s\n"
                "feeds: {f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"
                "units: {u: {%s, in: f, heat: adiabatic}}\nsolver: {rtol: 1e-11}\n",
           reactions, type_and_size);
  tau_result *r = small_result(text);
  const double rise = small_value(r, "outlet/T") - 300.0;
  assert_close(small_value(r, "units/u/adiabatic_rise"), rise, 1e-7);
  assert_close(small_value(r, "units/u/duty"), 0.0, 0.0);
  assert_close(small_value(r, "balance/energy"), 0.0, 1e-9);
  tau_result_free(r);
  return rise;
}

/* 2 A -> B releases its heat once for two A: 100 kJ/mol x 500 mol/m^3 / (1000 kg/m^3 x 4000 J/kg/K) = 12.5
 * K. A tool that counts the moles of A instead finds 25 K (PharmaPy issue 22). */
static void heat_is_counted_on_the_extent_as_written(void **state)
{
  (void)state;
  static const char *const kinds[] = {"type: pfr, volume: 500 mL", "type: cstr, volume: 1 m^3"};
  for (int i = 0; i < 2; i++) {
    const double two = adiabatic_rise(kinds[i], "{r: {equation: 2 A -> B, k: 1 L/mol/s, heat: -100 kJ/mol}}");
    const double half = adiabatic_rise(kinds[i], "{r: {equation: A -> 0.5 B, k: 2 1/s, heat: -50 kJ/mol}}");
    assert_close(two, 12.5, 0.01); /* conversion is above 99.9 % */
    assert_close(half, 12.5, 0.01);
  }
}

/* A -> B and A -> C at k1 : k2 = 3 : 1 share A: (3 x 40 + 1 x 80) / 4 = 50 kJ/mol of A; 50e3 x 1000 / 4e6
 * = 12.5 K. */
static void a_shared_reactant_is_counted_once(void **state)
{
  (void)state;
  const char *two =
    "{r: {equation: A -> B, k: 3 1/s, heat: -40 kJ/mol}, s: {equation: A -> C, k: 1 1/s, heat: -80 kJ/mol}}";
  assert_close(adiabatic_rise("type: pfr, volume: 1 mL", two), 12.5, 1e-6);
  const double tau = 60.0, conversion = 4.0 * tau / (1.0 + 4.0 * tau);
  assert_close(adiabatic_rise("type: cstr, volume: 1 mL", two), 12.5 * conversion, 1e-7);
}

/* Without reaction T goes to the wall's: T = T_w + (T_in - T_w) exp(-U a V / (rho cp Q)), a = 4 / d. */
static void a_jacket_takes_heat_from_what_is_hotter(void **state)
{
  (void)state;
  for (int hot = 0; hot < 2; hot++) {
    char text[1024];
    const double T_in = hot ? 360.0 : 280.0, T_wall = 320.0, rho_cp_Q = 4e6 * 1e-6 / 60.0;
    snprintf(text, sizeof text,
             HEAD "species: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 0 1/s, heat: 0 J/mol}}\n"
                  "feeds: {f: {flow: 1 mL/min, temperature: %g K, concentration: {A: 1 mol/L}}}\n"
                  "units: {u: {type: pfr, in: f, volume: 1 mL, diameter: 1 mm, heat: {jacket: {temperature: "
                  "320 K, U: 20 W/m^2/K}}}}\n",
             T_in);
    tau_result *r = small_result(text);
    const double T = T_wall + (T_in - T_wall) * exp(-20.0 * 4.0 / 1e-3 * 1e-6 / rho_cp_Q);
    assert_close(small_value(r, "outlet/T"), T, 1e-5);
    assert_close_rel(small_value(r, "units/u/duty"), rho_cp_Q * (T - T_in), 1e-6);
    assert_true((small_value(r, "units/u/duty") < 0.0) == hot); /* positive when the fluid is heated */
    tau_result_free(r);
  }
}

/* Isothermal at 350 K from 300 K: the duty warms the feed and takes the heat of reaction away. */
static void the_duty_of_a_set_temperature_warms_and_cools(void **state)
{
  (void)state;
  tau_result *r = small_result(
    HEAD "species: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 100 1/s, heat: -40 kJ/mol}}\n"
         "feeds: {f: {flow: 60 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"
         "units: {u: {type: pfr, in: f, volume: 1 mL, temperature: 350 K}}\n");
  assert_close_rel(small_value(r, "units/u/duty"), 4e6 * 1e-6 * 50.0 - 40e3 * 1e-3, 1e-9); /* 200 W - 40 W */
  tau_result_free(r);
}

/* --- moieties, steady states --- */

/* E5 (oracle g2-04) at 1e3 s: y2 = y3 + y4 holds to rounding where it is computed, and drifts where it is
 * integrated. */
static void moieties_keep_their_sums(void **state)
{
  (void)state;
  tau_result *r = small_result(
    "tautrain: 1\n"
    "species: {y1: {}, y2: {}, y3: {}, y4: {}}\n"
    "reactions:\n"
    "  a: {equation: y1 -> y2 + y3, k: 7.89e-10 1/s}\n"
    "  b: {equation: y1 + y3 -> y4, k: 1.1e7 L/mol/s}\n"
    "  c: {equation: y4 -> y3, k: 1.13e3 1/s}\n"
    "  d: {equation: \"y2 + y3 ->\", k: 1.13e9 L/mol/s}\n"
    "units: {vessel: {type: batch, time: 1e9 s, charge: {volume: 1 L, concentration: {y1: 1.76e-3 mol/L}}}}\n"
    "solver: {rtol: 1e-8, atol: 1e-56 mol/L}\n");
  const double y2 = small_value(r, "outlet/c/y2"), y3 = small_value(r, "outlet/c/y3"),
               y4 = small_value(r, "outlet/c/y4");
  assert_true(y2 > 0.0 && y3 > 0.0 && y4 > 0.0);
  assert_close_rel(y2, y3 + y4, 1e-14);
  tau_result_free(r);
}

static tau_result *bequette(const char *start)
{
  char text[2048];
  snprintf(text, sizeof text,
           "tautrain: 1\n"
           "solvent: {density: 1000 kg/m^3, heat_capacity: 0.5 kcal/kg/K}\n"
           "species: {A: {}, B: {}}\n"
           "reactions:\n"
           "  a: {equation: A -> B, k: {arrhenius: {A: 34930800 1/h, Ea: 5960.241570206341 K}}, heat: -5960 "
           "kcal/kmol}\n"
           "feeds: {feed: {flow: 1 m^3/h, temperature: 298 K, concentration: {A: 10 kmol/m^3}}}\n"
           "units:\n"
           "  tank: {type: cstr, in: feed, volume: 1 m^3%s,\n"
           "    heat: {jacket: {temperature: 298 K, U: 150 kcal/m^2/h/K, area: 1 m^2}}}\n",
           start);
  return small_result(text);
}

/* B. W. Bequette, Process Control (2003), the stirred tank of its module: 311.2, 339.1 and 368.1 K (oracle
 * g4-02). */
static void of_three_steady_states_the_middle_one_is_unstable(void **state)
{
  (void)state;
  static const struct {
    const char *start;
    double T, stable;
  } cases[] = {
    {", start: {temperature: 311 K, concentration: {A: 8.6 kmol/m^3, B: 1.4 kmol/m^3}}", 311.2, 1.0},
    {", start: {temperature: 339 K, concentration: {A: 5.5 kmol/m^3, B: 4.5 kmol/m^3}}", 339.1, 0.0},
    {", start: {temperature: 368 K, concentration: {A: 2.4 kmol/m^3, B: 7.6 kmol/m^3}}", 368.1, 1.0},
    {"", 311.2, 1.0}}; /* filled with its feed it comes to the cold one */
  for (int i = 0; i < 4; i++) {
    tau_result *r = bequette(cases[i].start);
    assert_close(small_value(r, "outlet/T"), cases[i].T, 0.1);
    assert_true(small_value(r, "units/tank/stable") == cases[i].stable);
    assert_int_equal(small_has_warning(r, "unstable"), cases[i].stable == 0.0);
    assert_close(small_value(r, "balance/energy"), 0.0, 1e-9);
    tau_result_free(r);
  }
}

/* A + R -> 2 R from A alone: without a trace of R nothing happens; k c tau = 0.8 washes a trace out, 8 would let it grow. No march:
 * it would stay there. */
static void a_tank_without_its_autocatalyst_is_given_at_once(void **state)
{
  (void)state;
  static const double tau[] = {1.0, 10.0};
  for (int i = 0; i < 2; i++) {
    char text[512];
    snprintf(text, sizeof text,
             "tautrain: 1\n"
             "species: {A: {}, R: {}}\n"
             "reactions: {a: {equation: A + R -> 2 R, k: 0.8 L/mol/s}}\n"
             "feeds: {feed: {flow: 1 L/s, concentration: {A: 1 mol/L}}}\n"
             "units: {tank: {type: cstr, in: feed, residence_time: %g s}}\n",
             tau[i]);
    tau_result *r = small_result(text);
    assert_true(small_value(r, "outlet/c/R") == 0.0);
    assert_true(small_value(r, "units/tank/stable") == (i == 0 ? 1.0 : 0.0));
    assert_int_equal(small_has_warning(r, "lasts as long as nothing comes in"), i == 1);
    assert_string_equal(tau_result_statistics(r, 0).method, "newton");
    tau_result_free(r);
  }
}

/* --- stopped and failed runs --- */

#define TWO_COILS \
  A_TO_B "units: {first: {type: pfr, in: f, volume: 1 mL}, second: {type: pfr, in: first, volume: 1 mL}}\n"

#define ONE_TANK A_TO_B "units: {first: {type: cstr, in: f, volume: 1 mL}}\n"

static void a_time_limit_of_zero_stops_at_once(void **state)
{
  (void)state;
  tau_train *train = small_train(TWO_COILS);
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.max_time = 0.0;
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_STOPPED_TIME);
  assert_non_null(r);
  assert_int_equal(tau_result_status(r), TAU_STOPPED_TIME);
  assert_non_null(strstr(tau_result_message(r), "'first'"));
  assert_non_null(strstr(tau_result_message(r), "time limit"));
  assert_true(isnan(small_value(r, "outlet/c/A")) && isnan(small_value(r, "units/first/outlet/T")));
  assert_true(isnan(small_value(r, "balance/closure")));
  tau_result_free(r);
  tau_train_free(train);
}

static int stop_in_second(void *user, const char *unit, double fraction)
{
  (void)fraction;
  ++*(int *)user;
  return strcmp(unit, "second") == 0;
}

static void a_cancelled_run_keeps_what_it_has(void **state)
{
  (void)state;
  tau_train *train = small_train(TWO_COILS);
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  int n_calls = 0;
  options.progress = stop_in_second;
  options.user = &n_calls;
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_STOPPED_USER);
  assert_true(n_calls >= 2);
  assert_non_null(strstr(tau_result_message(r), "'second'"));
  assert_non_null(strstr(tau_result_message(r), "cancelled"));
  assert_close_rel(small_value(r, "units/first/outlet/c/A"), 1000.0 * exp(-6.0), 1e-6);
  assert_true(tau_result_profile(r, tau_result_unit_index(r, "first")).n_points > 50);
  assert_int_equal(tau_result_profile(r, tau_result_unit_index(r, "second")).n_points, 0);
  assert_true(isnan(small_value(r, "outlet/c/A")) && isnan(small_value(r, "conversion/A")));
  tau_result_free(r);
  tau_train_free(train);
}

/* Runs TWO_COILS by an engine; its method in the first unit, the concentration that it leaves. */
static double run_by(const tau_train *train, tau_engine engine, const char *method)
{
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.engine = engine;
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_OK);
  assert_string_equal(tau_result_statistics(r, tau_result_unit_index(r, "first")).method, method);
  const double c = small_value(r, "units/first/outlet/c/A");
  tau_result_free(r);
  return c;
}

static void an_engine_is_a_choice(void **state)
{
  (void)state;
  static const double exact = 2.4787521766663585; /* 1000 exp(-6) */
  tau_train *train = small_train(TWO_COILS);
  if (taup_width_is_there(4)) {
    assert_close_rel(run_by(train, TAU_ENGINE_AUTO, "lanes-vern7"), exact, 1e-7);
    assert_close_rel(run_by(train, TAU_ENGINE_LANES, "lanes-vern7"), exact, 1e-7);
  }
  assert_close_rel(run_by(train, TAU_ENGINE_CVODES, "cvodes-bdf-dense"), exact, 1e-6);
  tau_train_free(train);

  train = small_train(TWO_COILS "solver: {engine: cvodes}\n");
  assert_close_rel(run_by(train, TAU_ENGINE_AUTO, "cvodes-bdf-dense"), exact, 1e-6);
  tau_train_free(train);
}

static void lanes_refuse_what_they_cannot_run(void **state)
{
  (void)state;
  tau_train *train = small_train(A_TO_B "units: {first: {type: mixer, in: f}}\n");
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.engine = TAU_ENGINE_LANES;
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_E_UNSUPPORTED);
  assert_string_equal(tau_last_error_id(), "no-lanes");
  tau_result_free(r);
  tau_train_free(train);
}

/* A chain of n species, each made from the one before. */
static tau_train *chain_of(int n)
{
  static char text[16384];
  int at = snprintf(text, sizeof text, "tautrain: 1\nspecies: {");
  for (int i = 0; i < n; i++)
    at += snprintf(text + at, sizeof text - (size_t)at, "s%d: {molar_mass: 1 g/mol}, ", i);
  at += snprintf(text + at, sizeof text - (size_t)at, "}\nreactions: {");
  for (int i = 1; i < n; i++)
    at +=
      snprintf(text + at, sizeof text - (size_t)at, "r%d: {equation: s%d -> s%d, k: 1 1/s}, ", i, i - 1, i);
  snprintf(text + at, sizeof text - (size_t)at,
           "}\nfeeds: {f: {flow: 1 mL/min, concentration: {s0: 1 mol/L}}}\n"
           "units: {first: {type: pfr, in: f, volume: 1 mL}}\n");
  return small_train(text);
}

/* Elimination without pivots and with one list of operations is for small systems. */
static void lanes_take_64_states_and_no_more(void **state)
{
  (void)state;
  for (int n = 64; n <= 66; n += 2) { /* one state less than species: their sum is conserved */
    tau_train *train = chain_of(n);
    tau_run_options options = TAU_RUN_OPTIONS_INIT;
    options.engine = TAU_ENGINE_LANES;
    tau_result *r = NULL;
    const tau_status st = tau_train_run(&r, train, NULL, &options);
    assert_int_equal(st, n == 64 && taup_width_is_there(4) ? TAU_OK : TAU_E_UNSUPPORTED);
    tau_result_free(r);
    options.engine = TAU_ENGINE_AUTO;
    assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_OK);
    assert_non_null(strstr(tau_result_statistics(r, 0).method, "cvodes"));
    tau_result_free(r);
    tau_train_free(train);
  }
}

static void a_failed_run_says_where_and_why(void **state)
{
  (void)state;
  tau_train *train = small_train(
    HEAD "species: {A: {}, B: {}, C: {}}\n"
         "reactions: {slow: {equation: A -> B, k: 0.001 1/s}, swift: {equation: B -> C, k: 50 1/s}}\n"
         "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"
         "units: {first: {type: cstr, in: f, volume: 1 mL}, coil: {type: pfr, in: first, volume: 10 mL}}\n");
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.max_steps = 15;
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_E_SOLVER);
  assert_int_equal(tau_result_status(r), TAU_E_SOLVER);
  const char *message = tau_result_message(r);
  assert_string_equal(tau_last_error(), message);
  static const char *const parts[] = {"unit 'coil'", " mL of 10 mL", "species '", "reaction '", "max_steps"};
  for (int i = 0; i < 5; i++)
    if (!strstr(message, parts[i])) fail_msg("no %s in: %s", parts[i], message);
  assert_null(strchr(message, '\n'));
  assert_true(small_value(r, "units/first/outlet/c/A") > 0.0);
  assert_true(tau_result_profile(r, tau_result_unit_index(r, "coil")).n_points >= 1);
  assert_true(isnan(small_value(r, "balance/closure")));
  tau_result_free(r);
  tau_train_free(train);
}

static void what_cannot_be_run_is_said_before(void **state)
{
  (void)state;
  tau_train *train = small_train(A_TO_B "units: {u: {type: pfr, in: f, volume: 1 mL}}\n");
  tau_inputs *inputs = NULL;
  tau_result *r = NULL;
  assert_int_equal(tau_inputs_new(&inputs, train), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "units/u/volume", 0.0), TAU_E_VALUE);
  assert_int_equal(tau_inputs_set(inputs, "feeds/f/flow", -1.0), TAU_E_VALUE);
  assert_int_equal(tau_inputs_set(inputs, "feeds/f/flow", 0.0), TAU_OK);
  const tau_status st = tau_train_run(&r, train, inputs, NULL);
  assert_int_equal(st, TAU_E_DOMAIN);
  assert_non_null(strstr(tau_result_message(r), "'u'"));
  tau_result_free(r);
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.rtol = 2.0;
  assert_int_equal(tau_train_run(&r, train, NULL, &options), TAU_E_VALUE);
  assert_non_null(strstr(tau_result_message(r), "rtol"));
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(train);
}

/* 12 mol/L of a liquid with 0.1 L/mol leave no room in a litre. */
static void a_feed_that_is_more_than_full_is_told(void **state)
{
  (void)state;
  tau_train *train = small_train(
    "tautrain: 1\nspecies: {A: {molar_mass: 100 g/mol, density: 1000 kg/m^3}, B: {molar_mass: 100 g/mol}}\n"
    "reactions: {a: {equation: A -> B, k: 0.1 1/s}}\n"
    "feeds: {f: {flow: 1 mL/min, temperature: 20 degC, solvent: ethanol, concentration: {A: 12 mol/L}}}\n"
    "units: {u: {type: pfr, in: f, volume: 1 mL}}\n");
  tau_result *r = NULL;
  assert_int_equal(tau_train_run(&r, train, NULL, NULL), TAU_E_DOMAIN);
  assert_non_null(strstr(tau_result_message(r), "feed 'f' has no room for its solvent 'ethanol'"));
  tau_result_free(r);
  tau_train_free(train);
}

/* A workspace after a failure gives what a fresh one gives. */
static void a_failure_leaves_no_trace(void **state)
{
  (void)state;
  tau_train *train = small_train(TWO_COILS);
  tau_result *want = small_result_of(train, NULL);
  tau_workspace *w = NULL;
  const tau_result *have = NULL;
  assert_int_equal(tau_workspace_new(&w, train), TAU_OK);
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.max_steps = 3;
  assert_int_equal(tau_train_run_in(&have, w, NULL, &options), TAU_E_SOLVER);
  assert_int_equal(tau_train_run_in(&have, w, NULL, NULL), TAU_OK);
  assert_string_equal(tau_result_message(have), "");
  assert_memory_equal(tau_result_values(have), tau_result_values(want),
                      (size_t)tau_result_n_observables(want) * sizeof(double));
  tau_workspace_free(w);
  tau_result_free(want);
  tau_train_free(train);
}

/* --- threads --- */

typedef struct worker {
  const tau_train *train;
  tau_result *result[8];
} worker;

static void *work(void *user)
{
  worker *w = user;
  tau_inputs *inputs = NULL;
  if (tau_inputs_new(&inputs, w->train) < 0) return NULL;
  for (int i = 0; i < 8; i++) {
    tau_inputs_set(inputs, "feeds/f/flow", (1.0 + i) * 1e-6 / 60.0);
    if (tau_train_run(&w->result[i], w->train, inputs, NULL) != TAU_OK) break;
  }
  tau_inputs_free(inputs);
  return NULL;
}

static void two_threads_share_one_train(void **state)
{
  (void)state;
  tau_train *train = small_train(TWO_COILS);
  worker workers[2] = {{.train = train}, {.train = train}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  tau_train_free(train); /* results outlive it */
  for (int i = 0; i < 8; i++) {
    const tau_result *a = workers[0].result[i], *b = workers[1].result[i];
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(tau_result_status(a), TAU_OK);
    assert_memory_equal(tau_result_values(a), tau_result_values(b),
                        (size_t)tau_result_n_observables(a) * sizeof(double));
    assert_close_rel(small_value(a, "outlet/c/A"), 1000.0 * exp(-12.0 / (1.0 + i)), 1e-5);
    for (int t = 0; t < 2; t++) tau_result_free(workers[t].result[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(units_may_stand_in_any_order),
    cmocka_unit_test(splitters_and_mixers_lose_nothing),
    cmocka_unit_test(fifty_equal_tanks_share_one_program),
    cmocka_unit_test(a_changed_residence_time_replaces_the_volume),
    cmocka_unit_test(a_length_replaces_the_volume_when_there_is_a_diameter),
    cmocka_unit_test(flow_factor_multiplies_all_feeds),
    cmocka_unit_test(heat_is_counted_on_the_extent_as_written),
    cmocka_unit_test(a_shared_reactant_is_counted_once),
    cmocka_unit_test(a_jacket_takes_heat_from_what_is_hotter),
    cmocka_unit_test(the_duty_of_a_set_temperature_warms_and_cools),
    cmocka_unit_test(moieties_keep_their_sums),
    cmocka_unit_test(of_three_steady_states_the_middle_one_is_unstable),
    cmocka_unit_test(a_tank_without_its_autocatalyst_is_given_at_once),
    cmocka_unit_test(a_time_limit_of_zero_stops_at_once),
    cmocka_unit_test(a_cancelled_run_keeps_what_it_has),
    cmocka_unit_test(an_engine_is_a_choice),
    cmocka_unit_test(lanes_refuse_what_they_cannot_run),
    cmocka_unit_test(lanes_take_64_states_and_no_more),
    cmocka_unit_test(a_failed_run_says_where_and_why),
    cmocka_unit_test(what_cannot_be_run_is_said_before),
    cmocka_unit_test(a_feed_that_is_more_than_full_is_told),
    cmocka_unit_test(a_failure_leaves_no_trace),
    cmocka_unit_test(two_threads_share_one_train),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

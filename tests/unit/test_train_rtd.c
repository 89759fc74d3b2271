/* SPDX-License-Identifier: Apache-2.0 */
/* test_train_rtd.c - the distribution of a train from feed to outlet: series, branches, loops, side feeds, and what cannot be.
 *
 * Expected values: closed forms of series and parallels of tanks and plugs (O. Levenspiel, Chemical Reaction Engineering, 3rd ed.,
 * 1999, ch. 13 and 14), the two-pole form of two tanks in a loop, V/Q for the mean of any closed train (P. V. Danckwerts, Chem. Eng.
 * Sci. 2 (1953) 1), and for random networks the linear equations of the transforms, solved here by Gauss for complex numbers. */
#include "support/small_run.h"

#include <complex.h>
#include <unistd.h>

static const double mL = 1e-6, minute = 60.0;

/* 1 mL/min of A in f unless the feeds say otherwise. */
static const char head[] =
  "tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {a: {equation: A -> B, k: 0.1 1/s}}\n";
static const char one_feed[] = "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\n";

static tau_model *network(const char *feeds, const char *units)
{
  char text[8192], said[2048] = "";
  tau_model *model = NULL;
  snprintf(text, sizeof text, "%s%s%s\n", head, feeds ? feeds : one_feed, units);
  if (tau_model_parse_network(&model, text, strlen(text), "test", small_run_collect, said) < 0)
    fail_msg("%s\n%s%s", text, said, tau_last_error());
  return model;
}

static tau_rtd *rtd_of(const tau_model *model, const char *feed, const char *outlet, double *fraction)
{
  tau_rtd *rtd = NULL;
  const tau_status st = tau_model_train_rtd(&rtd, model, feed, outlet, fraction);
  if (st < 0) fail_msg("%s: %s", tau_status_name(st), tau_last_error());
  assert_non_null(rtd);
  return rtd;
}

/* Of a network with one feed and one end. */
static tau_rtd *rtd_of_units(const char *units)
{
  double fraction = NAN;
  tau_model *model = network(NULL, units);
  tau_rtd *rtd = rtd_of(model, NULL, NULL, &fraction);
  tau_model_free(model);
  if (fabs(fraction - 1.0) > 1e-12) fail_msg("the fraction is %.17g", fraction);
  return rtd;
}

static void check(const char *what, double got, double want, double tolerance)
{
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%s is %.17g, want %.17g (within %g)", what, got, want, tolerance);
}

static double mean_of(const tau_rtd *rtd)
{
  tau_rtd_moments m;
  tau_rtd_get_moments(rtd, &m);
  return m.mean;
}

static double variance_of(const tau_rtd *rtd)
{
  tau_rtd_moments m;
  tau_rtd_get_moments(rtd, &m);
  return m.variance;
}

static void check_spread(const char *units, double mean, double theta2)
{
  tau_rtd *rtd = rtd_of_units(units);
  check("the mean", mean_of(rtd), mean, 1e-12 * mean);
  check("the variance", variance_of(rtd), mean * mean * theta2, 1e-11 * mean * mean * theta2);
  tau_rtd_free(rtd);
}

/* sigma^2/tau^2 = 2/Pe - 2/Pe^2 (1 - exp(-Pe)) (E. Th. van der Laan, Chem. Eng. Sci. 7 (1958) 187). */
static double closed_spread(double Pe) { return 2.0 / Pe - 2.0 / (Pe * Pe) * (1.0 - exp(-Pe)); }

/* As given, by D_ax, and by the relation of the tube: the capillary of the reference case g3-13, 471.2 s and Bo 90.48 (G. I. Taylor 1953,
 * R. Aris 1956); a bed of L/d_p = 600, Pe = (L/(eps d_p)) (0.2 + 0.011 Re^0.48), Re = u d_p rho/mu. Open: mean tau (1 + 2/Pe), variance
 * tau^2 (2/Pe + 8/Pe^2) (O. Levenspiel and W. K. Smith, Chem. Eng. Sci. 6 (1957) 227). */
static void a_dispersed_tube_is_its_own_distribution(void **unused)
{
  (void)unused;
  const double tau = 471.23889803846896, Bo = 90.4778298466333, open = tau * (1.0 + 2.0 / 40.0);
  check_spread("units: {t: {type: pfr-dispersed, in: f, volume: 2 mL, peclet: 7}}", 2.0 * minute,
               closed_spread(7.0));
  check_spread("units: {t: {type: pfr-dispersed, in: f, length: 10 m, diameter: 1 mm, dispersion: "
               "0.0023453987694985593 m^2/s}}",
               tau, closed_spread(Bo));
  check_spread("solvent: water\nunits: {t: {type: pfr-dispersed, in: f, length: 10 m, diameter: 1 mm, tube: "
               "straight, diffusivity: 1e-9 m^2/s, viscosity: 1 mPa s}}",
               tau, closed_spread(Bo));
  const double A = 0.25 * 3.14159265358979324 * 1e-4, Re = mL / minute / A * 5e-4 * 1000.0 / 1e-3;
  check_spread("solvent: {density: 1000 kg/m^3, heat_capacity: 4 kJ/kg/K}\n"
               "units: {t: {type: pfr-dispersed, in: f, length: 0.3 m, diameter: 1 cm, tube: packed, "
               "particle_diameter: 0.5 mm, void_fraction: 0.4, viscosity: 1 mPa s}}",
               0.4 * A * 0.3 / (mL / minute), closed_spread(600.0 / 0.4 * (0.2 + 0.011 * pow(Re, 0.48))));
  check_spread(
    "units: {t: {type: pfr-dispersed, in: f, length: 10 m, diameter: 1 mm, peclet: 40, ends: open}}", open,
    (2.0 / 40.0 + 8.0 / 1600.0) * tau * tau / (open * open));
}

/* --- closed forms --- */

static void five_tanks_are_a_gamma_density(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units:\n"
                              "  a: {type: cstr, in: f, volume: 1 mL}\n"
                              "  b: {type: cstr, in: a, volume: 1 mL}\n"
                              "  c: {type: cstr, in: b, volume: 1 mL}\n"
                              "  d: {type: cstr, in: c, volume: 1 mL}\n"
                              "  e: {type: cstr, in: d, volume: 1 mL}\n");
  double t[40], E[40], W[40];
  for (int i = 0; i < 40; i++) t[i] = 5.0 + 25.0 * i;
  assert_int_equal(tau_rtd_density(rtd, 40, t, E, NULL), TAU_OK);
  assert_int_equal(tau_rtd_washout(rtd, 40, t, W, NULL), TAU_OK);
  const double peak = pow(4.0, 4.0) * exp(-4.0) / 24.0 / 60.0;
  for (int i = 0; i < 40; i++) {
    const double x = t[i] / 60.0;
    check("E", E[i], pow(x, 4.0) * exp(-x) / 24.0 / 60.0, 1e-9 * peak);
    check("W", W[i], exp(-x) * (1.0 + x + x * x / 2.0 + x * x * x / 6.0 + pow(x, 4.0) / 24.0), 1e-9);
  }
  check("mean", mean_of(rtd), 300.0, 1e-9);
  check("variance", variance_of(rtd), 5.0 * 3600.0, 1e-6);
  tau_rtd_free(rtd);
}

/* Equal ones are the gamma density; two unequal ones W = (t1 exp(-t/t1) - t2 exp(-t/t2)) / (t1 - t2). */
static void a_cascade_is_its_tanks(void **state)
{
  (void)state;
  tau_rtd *equal = rtd_of_units("units: {a: {type: tanks, in: f, n: 5, volume: 5 mL}}\n"),
          *by_time = rtd_of_units("units: {a: {type: tanks, in: f, n: 5, residence_time: 300 s}}\n"),
          *unequal = rtd_of_units("units: {a: {type: tanks, in: f, volumes: [1 mL, 3 mL]}}\n");
  const double t[] = {1.0, 30.0, 100.0, 300.0, 700.0};
  double W[5], same[5], other[5];
  assert_int_equal(tau_rtd_washout(equal, 5, t, W, NULL), TAU_OK);
  assert_int_equal(tau_rtd_washout(by_time, 5, t, same, NULL), TAU_OK);
  assert_int_equal(tau_rtd_washout(unequal, 5, t, other, NULL), TAU_OK);
  for (int i = 0; i < 5; i++) {
    const double x = t[i] / 60.0;
    check("W", W[i], exp(-x) * (1.0 + x + x * x / 2.0 + x * x * x / 6.0 + pow(x, 4.0) / 24.0), 1e-9);
    check("W", same[i], W[i], 1e-12);
    check("W", other[i], (180.0 * exp(-t[i] / 180.0) - 60.0 * exp(-t[i] / 60.0)) / 120.0, 1e-9);
  }
  check("mean", mean_of(unequal), 240.0, 1e-9);
  check("variance", variance_of(unequal), 3600.0 + 180.0 * 180.0, 1e-6);
  tau_rtd_free(equal);
  tau_rtd_free(by_time);
  tau_rtd_free(unequal);
}

static void a_tube_delays_what_a_tank_spreads(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units:\n"
                              "  coil: {type: pfr, in: f, volume: 2 mL}\n"
                              "  tank: {type: cstr, in: coil, volume: 3 mL}\n");
  const double t[] = {60.0, 119.0, 121.0, 200.0, 600.0};
  double W[5];
  assert_int_equal(tau_rtd_washout(rtd, 5, t, W, NULL), TAU_OK);
  for (int i = 0; i < 5; i++) check("W", W[i], t[i] < 120.0 ? 1.0 : exp(-(t[i] - 120.0) / 180.0), 1e-12);
  tau_rtd_free(rtd);
}

static const char branches[] = "units:\n"
                               "  split: {type: splitter, in: f, outlets: {a: 0.3, b: rest}}\n"
                               "  short: {type: pfr, in: split/a, volume: 0.6 mL}\n"
                               "  long: {type: pfr, in: split/b, volume: 3.5 mL}\n"
                               "  tee: {type: mixer, in: [short, long]}\n";

static void branches_are_a_parallel(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units(branches);
  double time, weight;
  assert_int_equal(tau_rtd_n_atoms(rtd), 2);
  tau_rtd_atom(rtd, 0, &time, &weight);
  check("time", time, 0.6 / 0.3 * minute, 1e-9);
  check("weight", weight, 0.3, 1e-12);
  tau_rtd_atom(rtd, 1, &time, &weight);
  check("time", time, 3.5 / 0.7 * minute, 1e-9);
  check("weight", weight, 0.7, 1e-12);
  tau_rtd_free(rtd);
}

/* --- loops --- */

/* Both tanks hold phi = r/(1+r) of what goes through the first: G = (1-phi)(1+s t2)/((1+s t1)(1+s t2)-phi), two real poles. */
static double two_tanks(double t, double phi, double t1, double t2)
{
  const double a = t1 * t2, b = t1 + t2, c = 1.0 - phi, root = sqrt(b * b - 4.0 * a * c);
  const double p = (-b + root) / (2.0 * a), q = (-b - root) / (2.0 * a);
  return c / (a * (p - q)) * ((1.0 + p * t2) * exp(p * t) - (1.0 + q * t2) * exp(q * t));
}

static const char tank_loop[] = "units:\n"
                                "  reactor: {type: cstr, in: [f, settler], volume: 6 mL}\n"
                                "  split: {type: splitter, in: reactor, outlets: {back: 0.6, out: rest}}\n"
                                "  settler: {type: cstr, in: split/back, volume: 2 mL}\n";

static void a_loop_of_two_tanks_has_two_poles(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units(tank_loop);
  const double t1 = 6.0 * minute / 2.5, t2 = 2.0 * minute / 1.5;
  double t[30], E[30];
  for (int i = 0; i < 30; i++) t[i] = 1.0 + 40.0 * i;
  assert_int_equal(tau_rtd_density(rtd, 30, t, E, NULL), TAU_OK);
  for (int i = 0; i < 30; i++)
    check("E", E[i], two_tanks(t[i], 0.6, t1, t2), 1e-10 * two_tanks(0.0, 0.6, t1, t2));
  check("mean", mean_of(rtd), 8.0 * minute, 1e-9);
  tau_rtd_free(rtd);
}

static void a_tank_that_feeds_itself_is_a_tank(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units:\n"
                              "  tank: {type: cstr, in: [f, split/back], volume: 6 mL}\n"
                              "  split: {type: splitter, in: tank, outlets: {back: 0.75, out: rest}}\n");
  const double t[] = {1.0, 100.0, 1000.0};
  double E[3];
  assert_int_equal(tau_rtd_density(rtd, 3, t, E, NULL), TAU_OK);
  for (int i = 0; i < 3; i++) check("E", E[i], exp(-t[i] / 360.0) / 360.0, 1e-12 / 360.0);
  tau_rtd_free(rtd);
}

static void a_loop_of_tubes_has_echoes(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units:\n"
                              "  tee: {type: mixer, in: [f, back]}\n"
                              "  coil: {type: pfr, in: tee, volume: 5 mL}\n"
                              "  split: {type: splitter, in: coil, outlets: {again: 20 %, out: rest}}\n"
                              "  back: {type: pfr, in: split/again, volume: 1 mL}\n");
  const double t1 = 5.0 / 1.25 * minute, t2 = 1.0 / 0.25 * minute;
  double time, weight;
  assert_true(tau_rtd_n_atoms(rtd) >= 8);
  for (int k = 0; k < 8; k++) {
    tau_rtd_atom(rtd, k, &time, &weight);
    check("time", time, t1 + k * (t1 + t2), 1e-8);
    check("weight", weight, 0.8 * pow(0.2, k), 1e-12);
  }
  check("mean", mean_of(rtd), 6.0 * minute, 1e-9);
  tau_rtd_free(rtd);
}

/* With a residence_time inside a loop the volume is that of the flow there, 2 mL/min. */
static void a_residence_time_is_that_inside_the_loop(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units:\n"
                              "  tank: {type: cstr, in: [f, split/back], residence_time: 1 min}\n"
                              "  split: {type: splitter, in: tank, outlets: {back: 0.5, out: rest}}\n");
  check("mean", mean_of(rtd), 2.0 * minute, 1e-9);
  tau_rtd_free(rtd);
}

/* --- flows, shares, sizes --- */

static const char two_feeds[] = "feeds:\n"
                                "  f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}\n"
                                "  g: {flow: 3 mL/min}\n";

static void a_side_feed_shortens_what_follows(void **state)
{
  (void)state;
  double fraction;
  tau_model *model = network(two_feeds, "key: {reactant: A, product: B}\n"
                                        "units:\n"
                                        "  first: {type: pfr, in: f, volume: 2 mL}\n"
                                        "  tee: {type: mixer, in: [first, g]}\n"
                                        "  second: {type: cstr, in: tee, volume: 4 mL}\n");
  tau_rtd *key = rtd_of(model, NULL, NULL, &fraction), *side = rtd_of(model, "g", NULL, NULL),
          *inside = rtd_of(model, "f", "tee", NULL);
  check("mean from the key's feed", mean_of(key), 3.0 * minute, 1e-9);
  check("mean from the side", mean_of(side), 1.0 * minute, 1e-9);
  check("mean up to the tee", mean_of(inside), 2.0 * minute, 1e-9);
  check("variance", variance_of(key), 3600.0, 1e-8);
  tau_rtd_free(inside);
  tau_rtd_free(side);
  tau_rtd_free(key);
  tau_model_free(model);
}

static void outlets_share_the_feed(void **state)
{
  (void)state;
  const char *const ends[] = {"purge/out", "second/waste", "second/product"};
  const double want[] = {0.4 / (1.0 - 0.6 * 0.5), 0.6 * 0.125 / 0.7, 0.6 * 0.375 / 0.7};
  tau_model *model =
    network(NULL,
            "outlet: second/product\n"
            "units:\n"
            "  tank: {type: cstr, in: [f, second/back], volume: 1 mL}\n"
            "  purge: {type: splitter, in: tank, outlets: {out: 0.4, on: rest}}\n"
            "  coil: {type: pfr, in: purge/on, volume: 1 mL}\n"
            "  second: {type: splitter, in: coil, outlets: {back: 0.5, waste: 0.125, product: rest}}\n");
  double sum = 0.0, fraction;
  for (int k = 0; k < 3; k++) {
    tau_rtd *rtd = rtd_of(model, "f", ends[k], &fraction);
    check(ends[k], fraction, want[k], 1e-14);
    sum += fraction;
    tau_rtd_free(rtd);
  }
  check("all", sum, 1.0, 1e-14);
  tau_model_free(model);
}

static void sizes_may_be_said_in_each_way(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units:\n"
                              "  a: {type: pfr, in: f, residence_time: 30 s}\n"
                              "  b: {type: pfr, in: a, length: 2 m, diameter: 1 mm}\n"
                              "  c: {type: mixer, in: b}\n"
                              "  d: {type: cstr, in: c, residence_time: 1 min}\n");
  check("mean", mean_of(rtd), 30.0 + 0.25 * acos(-1.0) * 1e-6 * 2.0 / (mL / minute) + 60.0, 1e-9);
  tau_rtd_free(rtd);
}

static void a_mixer_alone_lets_all_pass_at_once(void **state)
{
  (void)state;
  tau_rtd *rtd = rtd_of_units("units: {tee: {type: mixer, in: f}}");
  double time = NAN, weight = NAN;
  assert_int_equal(tau_rtd_n_atoms(rtd), 1);
  tau_rtd_atom(rtd, 0, &time, &weight);
  check("time", time, 0.0, 0.0);
  check("weight", weight, 1.0, 0.0);
  tau_rtd_free(rtd);
}

/* --- rtd: --- */

static void same_density(const tau_rtd *a, const tau_rtd *b)
{
  const double t[] = {20.0, 60.0, 100.0, 120.0, 150.0, 400.0};
  double E[6], want[6];
  assert_int_equal(tau_rtd_density(a, 6, t, E, NULL), TAU_OK);
  assert_int_equal(tau_rtd_density(b, 6, t, want, NULL), TAU_OK);
  for (int i = 0; i < 6; i++) check("E", E[i], want[i], 1e-12 * fmax(want[i], 1e-3));
}

/* The unit alone against the text of a distribution. */
static void check_unit(const char *rest, const char *unit, const char *text)
{
  char units[600];
  tau_rtd *want = NULL;
  snprintf(units, sizeof units, "%s\nunits: {u: {in: f, %s}}", rest, unit);
  tau_rtd *rtd = rtd_of_units(units);
  assert_int_equal(tau_rtd_parse(&want, text), TAU_OK);
  same_density(rtd, want);
  tau_rtd_free(want);
  tau_rtd_free(rtd);
}

static void a_unit_may_have_another_distribution(void **state)
{
  (void)state;
  check_unit("", "type: pfr, volume: 2 mL, rtd: {model: dispersion, peclet: 40}",
             "{model: dispersion, mean: 2 min, peclet: 40}");
  check_unit("", "type: pfr, volume: 2 mL, rtd: {model: dispersion, peclet: 40, ends: open}",
             "{model: dispersion, mean: 2 min, peclet: 40, ends: open}");
  check_unit("", "type: cstr, residence_time: 100 s, rtd: {model: compartment, dead: 0.2, bypass: 0.1}",
             "{model: compartment, space_time: 100 s, dead: 0.2, bypass: 0.1}");
  check_unit("", "type: pfr, volume: 2 mL, rtd: {model: tanks, mean: 90 s, n: 7}",
             "{model: tanks, mean: 90 s, n: 7}");
  check_unit("", "type: mixer, rtd: {model: tanks, mean: 90 s}", "{model: tanks, mean: 90 s, n: 1}");
  check_unit("rtd: {line: {model: tanks, mean: 1 min, n: 3}}", "type: pfr, volume: 2 mL, rtd: line",
             "{model: tanks, mean: 1 min, n: 3}");
  check_unit("rtd: {line: {model: tanks, mean: 1 min, n: 3}}",
             "type: pfr, volume: 2 mL, rtd: {series: [line, {model: tanks, mean: 1 min, n: 3}]}",
             "{model: tanks, mean: 2 min, n: 6}");
  check_unit("rtd: {rtd: {model: tanks, mean: 1 min, n: 3}}", "type: pfr, volume: 2 mL, rtd: rtd",
             "{model: tanks, mean: 1 min, n: 3}");
}

static void a_run_says_that_it_is_plug_flow(void **state)
{
  (void)state;
  char text[1024];
  snprintf(text, sizeof text, "%s%s%s", head, one_feed,
           "units: {coil: {type: pfr, in: f, volume: 1 mL, rtd: {model: dispersion, peclet: 100}}}");
  tau_train *train = small_train(text);
  tau_result *result = small_result_of(train, NULL);
  assert_int_equal(tau_result_n_warnings(result), 1);
  assert_string_equal(
    tau_result_warning(result, 0),
    "unit 'coil' is run as plug flow: its rtd 'dispersion' is not used by a run without 'mixing'");
  tau_result_free(result);
  tau_train_free(train);
}

static void a_model_with_rtd_is_written_and_read_back(void **state)
{
  (void)state;
  char *text = NULL;
  tau_model *again = NULL;
  tau_model *model =
    network(NULL,
            "rtd: {line: {model: tanks, mean: 1 min, n: 3}}\n"
            "units: {a: {type: pfr, in: f, volume: 1 mL, rtd: {model: dispersion, peclet: 100}},\n"
            "        b: {type: pfr, in: a, volume: 1 mL, rtd: line},\n"
            "        c: {type: pfr, in: b, volume: 1 mL, rtd: {recycle: {forward: line, ratio: 0.5}}}}");
  assert_int_equal(tau_model_print(model, &text), TAU_OK);
  assert_int_equal(tau_model_parse(&again, text, strlen(text), "again", NULL, NULL), TAU_OK);
  assert_true(tau_model_equal(model, again));
  tau_rtd *a = rtd_of(model, NULL, NULL, NULL), *b = rtd_of(again, NULL, NULL, NULL);
  same_density(a, b);
  tau_rtd_free(b);
  tau_rtd_free(a);
  tau_text_free(text);
  tau_model_free(again);
  tau_model_free(model);
}

/* --- of a compiled train --- */

static double mean_with(const tau_train *train, const char *path, double value)
{
  tau_inputs *in = NULL;
  tau_rtd *rtd = NULL;
  double fraction;
  assert_int_equal(tau_inputs_new(&in, train), TAU_OK);
  if (path && tau_inputs_set(in, path, value) < 0) fail_msg("%s", tau_last_error());
  if (tau_train_rtd(&rtd, train, in, "f", NULL, &fraction) < 0) fail_msg("%s", tau_last_error());
  const double mean = mean_of(rtd);
  tau_rtd_free(rtd);
  tau_inputs_free(in);
  return mean;
}

static void parameters_are_set_by_path(void **state)
{
  (void)state;
  char text[2048];
  snprintf(text, sizeof text, "%s%s%s", head, one_feed,
           "rtd: {line: {series: [{model: plug, mean: 5 s}, {model: tanks, mean: 25 s, n: 3}]}}\n"
           "units:\n"
           "  coil: {type: pfr, in: f, volume: 1 mL, rtd: {model: dispersion, peclet: 100}}\n"
           "  split: {type: splitter, in: coil, outlets: {a: 0.25, b: rest}}\n"
           "  x: {type: cstr, in: split/a, volume: 1 mL}\n"
           "  y: {type: cstr, in: split/b, volume: 1 mL, rtd: line}\n"
           "  tee: {type: mixer, in: [x, y]}\n");
  tau_train *train = small_train(text);
  check("as it is", mean_with(train, NULL, 0.0), 60.0 + 60.0 + 0.75 * 30.0, 1e-9);
  check("volume", mean_with(train, "units/coil/volume", 2e-6), 120.0 + 60.0 + 22.5, 1e-9);
  check("residence time", mean_with(train, "units/coil/residence_time", 10.0), 10.0 + 60.0 + 22.5, 1e-9);
  check("mean", mean_with(train, "units/coil/rtd/mean", 7.0), 7.0 + 60.0 + 22.5, 1e-9);
  check("of a part", mean_with(train, "units/y/rtd/1/mean", 40.0), 60.0 + 60.0 + 0.75 * 45.0, 1e-9);
  check("share", mean_with(train, "units/split/outlets/a", 0.5), 60.0 + 60.0 + 0.5 * 30.0, 1e-9);
  check("flow factor", mean_with(train, "flow_factor", 2.0), 30.0 + 30.0 + 22.5, 1e-9);
  tau_rtd *narrow = NULL;
  tau_inputs *in = NULL;
  assert_int_equal(tau_inputs_new(&in, train), TAU_OK);
  assert_int_equal(tau_inputs_set(in, "units/coil/rtd/peclet", 1e5), TAU_OK);
  assert_int_equal(tau_train_rtd(&narrow, train, in, NULL, "coil", NULL), TAU_OK);
  const double Pe = 1e5; /* O. Levenspiel, ch. 13, eq. 13: of a closed vessel */
  check("variance", variance_of(narrow), 3600.0 * (2.0 / Pe - 2.0 / (Pe * Pe) * (1.0 - exp(-Pe))), 1e-9);
  tau_rtd_free(narrow);
  tau_inputs_free(in);
  tau_train_free(train);
}

/* --- random networks --- */

enum { MOST = 3 };

typedef struct random_network {
  int n;
  double volume[MOST]; /* [mL] */
  int tanks[MOST];
  int to[MOST][2]; /* where the shares 0 and 1 of unit i go; the rest leaves */
  double share[MOST][2];
} random_network;

static unsigned long seed;
static double uniform(void)
{
  seed = (seed * 6364136223846793005ul + 1442695040888963407ul) & 0xffffffffffffffffu;
  return (double)(seed >> 11) / 9007199254740992.0;
}

static random_network draw(void)
{
  random_network w = {.n = 1 + (int)(uniform() * MOST)};
  for (int i = 0; i < w.n; i++) {
    w.volume[i] = 0.2 + uniform();
    w.tanks[i] = 1 + (int)(3.0 * uniform());
    w.to[i][0] = i + 1 < w.n ? i + 1 : (int)(uniform() * w.n);
    w.to[i][1] = (int)(uniform() * w.n);
    w.share[i][0] = 0.1 + 0.4 * uniform();
    w.share[i][1] = 0.05 + 0.35 * uniform();
  }
  return w;
}

static int write_inlets(const random_network *w, int unit, char *text, size_t n)
{
  int at = snprintf(text, n, "  u%d: {type: cstr, volume: %.17g mL, rtd: {model: tanks, n: %d}, in: [%s",
                    unit, w->volume[unit], w->tanks[unit], unit ? "" : "f, ");
  for (int i = 0; i < w->n; i++)
    for (int k = 0; k < 2; k++)
      if (w->to[i][k] == unit) at += snprintf(text + at, n - (size_t)at, "s%d/p%d, ", i, k);
  return at + snprintf(text + at, n - (size_t)at, "]}\n");
}

static tau_model *model_of_network(const random_network *w)
{
  char text[6000];
  int at = snprintf(text, sizeof text, "outlet: s%d/out\nunits:\n", w->n - 1);
  for (int i = 0; i < w->n; i++) {
    at += write_inlets(w, i, text + at, sizeof text - (size_t)at);
    at += snprintf(text + at, sizeof text - (size_t)at,
                   "  s%d: {type: splitter, in: u%d, outlets: {p0: %.17g, p1: %.17g, out: rest}}\n", i, i,
                   w->share[i][0], w->share[i][1]);
  }
  return network(NULL, text);
}

/* Gauss with pivots: b becomes the solution. */
static void solve(int n, double complex A[MOST][MOST], double complex b[MOST])
{
  for (int k = 0; k < n; k++) {
    int best = k;
    for (int i = k; i < n; i++)
      if (cabs(A[i][k]) > cabs(A[best][k])) best = i;
    for (int j = 0; j < n; j++) {
      const double complex x = A[k][j];
      A[k][j] = A[best][j];
      A[best][j] = x;
    }
    const double complex y = b[k];
    b[k] = b[best];
    b[best] = y;
    for (int i = 0; i < n; i++) {
      const double complex factor = i == k ? 0.0 : A[i][k] / A[k][k];
      for (int j = 0; j < n; j++) A[i][j] -= factor * A[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (int k = 0; k < n; k++) b[k] /= A[k][k];
}

/* x_i = F_i (source_i + sum share x_j): what leaves each unit. With F = 1 the flows. */
static void transforms(const random_network *w, const double complex F[MOST], double complex x[MOST])
{
  double complex A[MOST][MOST] = {{0.0}};
  for (int i = 0; i < w->n; i++) {
    A[i][i] += 1.0;
    x[i] = i ? 0.0 : F[i];
    for (int k = 0; k < 2; k++) A[w->to[i][k]][i] -= F[w->to[i][k]] * w->share[i][k];
  }
  solve(w->n, A, x);
}

static double rest(const random_network *w, int i) { return 1.0 - w->share[i][0] - w->share[i][1]; }

static void check_network(const random_network *w, const tau_rtd *rtd, double fraction)
{
  double complex F[MOST] = {1.0, 1.0, 1.0}, flow[MOST], x[MOST];
  const int last = w->n - 1;
  transforms(w, F, flow);
  const double want = creal(flow[last]) * rest(w, last);
  check("fraction", fraction, want, 1e-13);
  for (int k = 0; k < 5; k++) {
    const double at[2] = {0.03 * uniform(), 0.2 * (uniform() - 0.5)};
    const double complex s = at[0] + at[1] * (double complex)I;
    double G[2];
    for (int i = 0; i < w->n; i++)
      F[i] = cpow(1.0 + s * w->volume[i] * minute / creal(flow[i]) / w->tanks[i], -(double)w->tanks[i]);
    transforms(w, F, x);
    const double complex G_want = x[last] * rest(w, last) / want;
    assert_int_equal(tau_rtd_transform(rtd, 1, at, G), TAU_OK);
    check("re G", G[0], creal(G_want), 1e-12);
    check("im G", G[1], cimag(G_want), 1e-12);
  }
}

static void random_networks_have_the_transform_of_their_equations(void **state)
{
  (void)state;
  for (seed = 1; seed <= 200; seed++) {
    const unsigned long own = seed;
    const random_network w = draw();
    tau_model *model = model_of_network(&w);
    double fraction;
    tau_rtd *rtd = rtd_of(model, NULL, NULL, &fraction);
    check_network(&w, rtd, fraction);
    tau_rtd_free(rtd);
    tau_model_free(model);
    seed = own;
  }
}

static void a_long_train_is_a_series(void **state)
{
  (void)state;
  enum { N = 300 };
  char *text = malloc(100 * N);
  assert_non_null(text);
  int at = sprintf(text, "%s%sunits:\n  u0: {type: cstr, in: f, volume: 1 mL}\n", head, one_feed);
  for (int i = 1; i < N; i++)
    at += sprintf(text + at, "  u%d: {type: cstr, in: u%d, volume: 1 mL}\n", i, i - 1);
  tau_train *train = small_train(text);
  tau_rtd *rtd = NULL;
  if (tau_train_rtd(&rtd, train, NULL, NULL, NULL, NULL) < 0) fail_msg("%s", tau_last_error());
  check("mean", mean_of(rtd), 60.0 * N, 1e-6);
  check("variance", variance_of(rtd), 3600.0 * N, 1e-4);
  tau_rtd_free(rtd);
  tau_train_free(train);
  free(text);
}

/* --- what cannot be --- */

typedef struct refusal {
  const char *feeds, *units, *feed, *outlet;
  tau_status status;
  const char *id, *text;
} refusal;

static const refusal refusals[] = {
  {NULL, "units: {a: {type: cstr, in: f, volume: 1 mL}}", "ff", NULL, TAU_E_NAME, "unknown-feed",
   "'ff' is no feed of this train; did you mean 'f'?"},
  {NULL, "units: {tank: {type: cstr, in: f, volume: 1 mL}}", NULL, "tnak", TAU_E_NAME, "unknown-end",
   "'tnak' is no unit of this train; did you mean 'tank'?"},
  {NULL, branches, NULL, "split", TAU_E_NAME, "wrong-outlet",
   "'split' has 2 outlets; needs one, such as 'split/a'"},
  {NULL, branches, NULL, "split/c", TAU_E_NAME, "wrong-outlet",
   "'split' has 2 outlets; needs one, such as 'split/a'"},
  {NULL, branches, NULL, "tee/a", TAU_E_NAME, "wrong-outlet", "'tee' has one outlet; write 'tee'"},
  {NULL, tank_loop, NULL, "reactor", TAU_E_VALUE, "outlet-in-loop",
   "'reactor' lies in a loop: what leaves there for 'split' comes back"},
  {two_feeds, "outlet: a\nunits: {a: {type: cstr, in: f, volume: 1 mL}, b: {type: cstr, in: g, volume: 1 mL}}",
   "f", "b", TAU_E_VALUE, "nothing-arrives", "nothing of feed 'f' leaves at 'b'"},
  {NULL, "outlet: s/b\nunits: {s: {type: splitter, in: f, outlets: {a: 1, b: rest}}}", NULL, NULL,
   TAU_E_VALUE, "nothing-arrives", "nothing of feed 'f' leaves at 's/b'"},
  {two_feeds, "units: {a: {type: cstr, in: [f, g], volume: 1 mL}}", NULL, NULL, TAU_E_VALUE, "which-feed",
   "the tracer's feed is not said, and none brings a key reactant; needs one of 'f', 'g'"},
  {"", "units: {a: {type: batch, time: 1 min, charge: {volume: 1 mL, concentration: {A: 1 mol/L}}}}", NULL,
   NULL, TAU_E_UNSUPPORTED, "no-distribution", "'a' is a batch: nothing flows through it"},
  {NULL, "key: {reactant: A, product: B}\nunits: {a: {type: pfr, in: f, volume: 1 mL, until: conversion/A >= 50 %}}",
   NULL, NULL, TAU_E_UNSUPPORTED, "no-distribution",
   "unit 'a' ends by its 'until': its size follows from a run; give it a volume instead"},
  {NULL, "units: {a: {type: cstr, in: [f, a], volume: 1 mL}}", NULL, NULL, TAU_E_DOMAIN, "impossible-flow",
   "what flows into unit 'a' never leaves: its loop has no outlet; a splitter can give it one"},
  {"feeds: {f: {flow: 0 mL/min}}\n", "units: {a: {type: cstr, in: f, volume: 1 mL}}", NULL, NULL,
   TAU_E_DOMAIN, "no-flow", "unit 'a': nothing flows in: the volume flow is 0 m^3/s"},
};

static void what_cannot_be_is_said(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    const refusal *r = &refusals[i];
    tau_model *model = network(r->feeds, r->units);
    tau_rtd *rtd = NULL;
    double fraction;
    const tau_status st = tau_model_train_rtd(&rtd, model, r->feed, r->outlet, &fraction);
    if (st != r->status || rtd) fail_msg("case %d: status %d, %s", (int)i, st, tau_last_error());
    assert_string_equal(tau_last_error(), r->text);
    assert_string_equal(tau_last_error_id(), r->id);
    tau_model_free(model);
  }
}

static void too_large_a_train_is_refused(void **state)
{
  (void)state;
  enum { N = 2001 };
  char *text = malloc(60 * N);
  assert_non_null(text);
  int at = sprintf(text, "%s%sunits:\n  u0: {type: mixer, in: f}\n", head, one_feed);
  for (int i = 1; i < N; i++) at += sprintf(text + at, "  u%d: {type: mixer, in: u%d}\n", i, i - 1);
  tau_model *model = small_model(text);
  tau_rtd *rtd = NULL;
  assert_int_equal(tau_model_train_rtd(&rtd, model, NULL, NULL, NULL), TAU_E_UNSUPPORTED);
  assert_string_equal(tau_last_error(),
                      "the train has 2001 units; the distribution of residence times is computed up to 2000");
  tau_model_free(model);
  free(text);
}

static void a_loop_is_read_and_still_not_run(void **state)
{
  (void)state;
  char text[2048];
  tau_model *model = NULL, *strict = NULL;
  tau_train *train = NULL;
  snprintf(text, sizeof text, "%s%s%s", head, one_feed, tank_loop);
  assert_int_equal(tau_model_parse(&strict, text, strlen(text), "test", NULL, NULL), TAU_E_MODEL);
  assert_string_equal(tau_last_error_id(), "loop");
  FILE *file = fopen("loop.yaml", "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  assert_int_equal(tau_model_read_network(&model, "loop.yaml", NULL, NULL), TAU_OK);
  unlink("loop.yaml");
  assert_int_equal(tau_train_compile(&train, model), TAU_E_MODEL);
  assert_string_equal(tau_last_error_id(), "loop");
  tau_rtd *rtd = rtd_of(model, NULL, NULL, NULL);
  check("mean", mean_of(rtd), 8.0 * minute, 1e-9);
  tau_rtd_free(rtd);
  tau_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(five_tanks_are_a_gamma_density),
    cmocka_unit_test(a_cascade_is_its_tanks),
    cmocka_unit_test(a_tube_delays_what_a_tank_spreads),
    cmocka_unit_test(branches_are_a_parallel),
    cmocka_unit_test(a_loop_of_two_tanks_has_two_poles),
    cmocka_unit_test(a_tank_that_feeds_itself_is_a_tank),
    cmocka_unit_test(a_loop_of_tubes_has_echoes),
    cmocka_unit_test(a_residence_time_is_that_inside_the_loop),
    cmocka_unit_test(a_side_feed_shortens_what_follows),
    cmocka_unit_test(outlets_share_the_feed),
    cmocka_unit_test(sizes_may_be_said_in_each_way),
    cmocka_unit_test(a_mixer_alone_lets_all_pass_at_once),
    cmocka_unit_test(a_unit_may_have_another_distribution),
    cmocka_unit_test(a_run_says_that_it_is_plug_flow),
    cmocka_unit_test(a_model_with_rtd_is_written_and_read_back),
    cmocka_unit_test(parameters_are_set_by_path),
    cmocka_unit_test(random_networks_have_the_transform_of_their_equations),
    cmocka_unit_test(a_dispersed_tube_is_its_own_distribution),
    cmocka_unit_test(a_long_train_is_a_series),
    cmocka_unit_test(what_cannot_be_is_said),
    cmocka_unit_test(too_large_a_train_is_refused),
    cmocka_unit_test(a_loop_is_read_and_still_not_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

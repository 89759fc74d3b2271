/* SPDX-License-Identifier: Apache-2.0 */
/* test_regime.c - a run says where the model of a tube does not hold, and only there. The numbers are those of a straight tube: Fo =
 * 4 D_m tau/d^2, and Bo = 48 Fo in laminar flow wherever u d is far above D_m (G. I. Taylor, Proc. R. Soc. A 219 (1953) 186). */
#include "support/small_run.h"

#include "train/regime.h"

#define HEAD                                                 \
  "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n" \
  "reactions: {r: {equation: A -> B, k: 0.01}}\n"
#define LIQUID "solvent: {density: 1000, heat_capacity: 4000}\n"
#define FEED(flow) "feeds: {f: {flow: " flow ", temperature: 300, concentration: {A: 1000}}}\n"
#define TUBE(rest) "units: {t: {type: pfr, in: f, " rest "}}\n"
#define DISPERSED(rest) "units: {t: {type: pfr-dispersed, in: f, " rest "}}\n"
#define KNOWN "diameter: 1e-3, diffusivity: 1e-9, viscosity: 1e-3, "

static void warns(const char *text, const char *advice, const char *numbers)
{
  tau_result *r = small_result(text);
  if (tau_result_n_warnings(r) != 1) fail_msg("%d warnings\n%s", tau_result_n_warnings(r), text);
  const char *line = tau_result_warning(r, 0);
  if (!strstr(line, "unit 't': ") || !strstr(line, advice) || !strstr(line, numbers) || strchr(line, '\n'))
    fail_msg("%s", line);
  tau_result_free(r);
}

static void is_silent(const char *text)
{
  tau_result *r = small_result(text);
  for (int i = 0; i < tau_result_n_warnings(r); i++) fail_msg("%s\n%s", tau_result_warning(r, i), text);
  tau_result_free(r);
}

/* tau = pi/4 mm^2 L/Q = 471, 7.85 and 0.785 s at these flows: Fo 1.88, 0.0314 and 0.00314; Bo 90.5. */
static void plug_flow_is_told_where_it_does_not_hold(void **state)
{
  (void)state;
  warns(HEAD LIQUID FEED("1.6666666666666667e-8") TUBE(KNOWN "length: 10"), "take pfr-dispersed", "Bo 90.5");
  warns(HEAD LIQUID FEED("1e-6") TUBE(KNOWN "length: 10"), "plug flow does not hold: between", "Fo 0.0314");
  warns(HEAD LIQUID FEED("1e-6") TUBE(KNOWN "length: 1"), "take laminar", "Fo 0.00314");
  warns(HEAD LIQUID FEED("1e-6") TUBE(KNOWN "residence_time: 0.7"), "take laminar", "Fo 0.0028");
}

/* Bo 48 x 2.2 = 106 in the same capillary at a lower flow; a turbulent tube of Re 12,700. */
static void plug_flow_that_holds_is_not_spoken_of(void **state)
{
  (void)state;
  is_silent(HEAD LIQUID FEED("1.6666666666666667e-8") TUBE(KNOWN "length: 11.7"));
  is_silent(HEAD LIQUID FEED("1e-5") TUBE(KNOWN "length: 10"));
}

/* Nothing is said where a number is missing, be it of the file or of the liquid. */
static void what_is_not_known_is_not_judged(void **state)
{
  (void)state;
  is_silent(HEAD LIQUID FEED("1e-6") TUBE("diameter: 1e-3, length: 1, viscosity: 1e-3"));
  is_silent(HEAD LIQUID FEED("1e-6") TUBE("diameter: 1e-3, length: 1, diffusivity: 1e-9"));
  is_silent(HEAD LIQUID FEED("1e-6") TUBE("volume: 1e-6, diffusivity: 1e-9, viscosity: 1e-3"));
  is_silent(HEAD FEED("1e-6") TUBE(KNOWN "length: 1"));
}

static void dispersion_is_told_where_the_tube_is_too_short(void **state)
{
  (void)state;
  is_silent(HEAD LIQUID FEED("1.6666666666666667e-8") DISPERSED(KNOWN "length: 10, tube: straight"));
  warns(HEAD LIQUID FEED("1e-6") DISPERSED(KNOWN "length: 10, tube: straight"), "too short", "Fo 0.0314");
  warns(HEAD LIQUID FEED("1e-6") DISPERSED(KNOWN "length: 1, tube: straight"), "take laminar", "Fo 0.00314");
  warns(HEAD LIQUID FEED("1e-6") DISPERSED(KNOWN "length: 1, peclet: 20"), "take laminar", "Fo 0.00314");
}

/* A bed needs no diffusivity: one that is four particles wide is outside what was measured. Re 2,550 is neither laminar nor turbulent. */
static void a_relation_outside_its_range_is_told(void **state)
{
  (void)state;
  const char *bed = "tube: packed, viscosity: 1e-3, void_fraction: 0.4, length: 0.3, diameter: 0.01, ";
  char text[800];
  snprintf(text, sizeof text, HEAD LIQUID FEED("1e-6") DISPERSED("%sparticle_diameter: 5e-4"), bed);
  is_silent(text);
  snprintf(text, sizeof text, HEAD LIQUID FEED("1e-6") DISPERSED("%sparticle_diameter: 2.5e-3"), bed);
  warns(text, "not certain", "10 particles wide");
  warns(HEAD LIQUID FEED("2e-6") DISPERSED(KNOWN "length: 10, tube: straight"), "not certain",
        "between laminar and turbulent");
  is_silent(HEAD LIQUID FEED("2e-6") DISPERSED(KNOWN "length: 10, peclet: 300"));
}

/* What is said follows the numbers of the run, not of the file. */
static void a_run_is_judged_by_its_own_numbers(void **state)
{
  (void)state;
  tau_train *t = small_train(HEAD LIQUID FEED("1e-5") TUBE(KNOWN "length: 10"));
  tau_inputs *inputs = NULL;
  tau_result *r = small_result_of(t, NULL);
  assert_int_equal(tau_result_n_warnings(r), 0);
  tau_result_free(r);
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "feeds/f/flow", 1e-6), TAU_OK);
  r = small_result_of(t, inputs);
  assert_int_equal(tau_result_n_warnings(r), 1);
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(t);
}

static const char *advice_at(const char *kind, double velocity, double length)
{
  tau_flow f = tau_flow_default(TAU_GEOMETRY_TUBE);
  tau_flow_report r;
  f.velocity = velocity, f.length = length, f.diameter = 1e-3, f.diffusivity = 1e-9;
  f.density = 1000.0, f.viscosity = 1e-3;
  if (tau_flow_evaluate(&f, &r) < 0) fail_msg("%s", tau_last_error());
  return taup_regime_advice(kind, &r);
}

static void the_laminar_tube_has_its_limits(void **state)
{
  (void)state;
  assert_null(advice_at("laminar", 1.0, 1.0)); /* Fo 0.004 */
  assert_non_null(strstr(advice_at("laminar", 2.2, 1.0), "Re is above 2100"));
  assert_non_null(strstr(advice_at("laminar", 0.1, 1.0), "acts across"));
  assert_non_null(strstr(advice_at("laminar", 0.001, 1.0), "take pfr-dispersed"));
  assert_null(advice_at("cstr", 0.001, 1.0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(plug_flow_is_told_where_it_does_not_hold),
    cmocka_unit_test(plug_flow_that_holds_is_not_spoken_of),
    cmocka_unit_test(what_is_not_known_is_not_judged),
    cmocka_unit_test(dispersion_is_told_where_the_tube_is_too_short),
    cmocka_unit_test(a_relation_outside_its_range_is_told),
    cmocka_unit_test(a_run_is_judged_by_its_own_numbers),
    cmocka_unit_test(the_laminar_tube_has_its_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_tube.c - axial dispersion that follows from the tube: the relations as nodes against tau_flow_evaluate, tubes whose Pe comes from
 * them against the closed form of a first-order reaction, and their derivatives. */
#include "support/differences.h"

#include "chem/dispersion_nodes.h"

#define PI 3.14159265358979323846
#define HEAD                                                 \
  "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n" \
  "reactions: {r: {equation: A -> B, k: 0.05}}\n"            \
  "solvent: {density: 1000, heat_capacity: 4000}\nsolver: {rtol: 1e-12}\n"
#define FEED(flow) "feeds: {f: {flow: " flow ", temperature: 300, concentration: {A: 1000}}}\n"
#define CAPILLARY \
  "type: pfr-dispersed, in: f, tube: straight, length: 10, diameter: 1e-3, diffusivity: 1e-9, "
#define BED                                                                                                 \
  "type: pfr-dispersed, in: f, tube: packed, diameter: 0.01, particle_diameter: 5e-4, void_fraction: 0.4, " \
  "viscosity: 1e-3, "

/* --- the relations --- */

static double value_of(taup_graph *g, taup_node node)
{
  const double none[2] = {0.0, 0.0}, *const values[4] = {none, none, none, none};
  double out[2];
  assert_int_equal(taup_graph_status(g), TAU_OK);
  assert_int_equal(taup_complex_eval(g, values, 1, &node, out), TAU_OK);
  return out[0];
}

static double by_nodes(const tau_flow *f)
{
  const taup_dim area_per_time = TAUP_DIM(2, 0, -1, 0, 0);
  const bool packed = f->geometry == TAU_GEOMETRY_PACKED;
  taup_graph *g = NULL;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const taup_flow_nodes nodes = {.velocity = taup_const(g, f->velocity, TAUP_DIM(1, 0, -1, 0, 0)),
                                 .diameter = taup_const(g, packed ? f->particle_diameter : f->diameter,
                                                        TAUP_DIM_LENGTH),
                                 .diffusivity =
                                   packed ? TAUP_NODE_NONE : taup_const(g, f->diffusivity, area_per_time),
                                 .nu = taup_const(g, f->viscosity / f->density, area_per_time)};
  const taup_node D = packed ? taup_dispersion_packed(g, &nodes) : taup_dispersion_straight(g, &nodes);
  assert_true(taup_dim_equal(taup_node_dim(g, D), area_per_time));
  const double value = value_of(g, D);
  taup_graph_free(g);
  return value;
}

static double by_report(const tau_flow *f)
{
  tau_flow_report r;
  if (tau_flow_evaluate(f, &r) < 0) fail_msg("%s", tau_last_error());
  return r.dispersion;
}

/* One formula, written twice: over all regimes and on both sides of their borders. */
static void nodes_and_numbers_are_one_relation(void **state)
{
  (void)state;
  static const double Re[] = {1e-3, 1.0,   8.0, 100.0, 2099.999, 2100.0, 2100.001, 4200.0,
                              1e4,  19999, 2e4, 20001, 1e5,      1e6,    4.9e6};
  tau_flow f = tau_flow_default(TAU_GEOMETRY_TUBE), bed = tau_flow_default(TAU_GEOMETRY_PACKED);
  f.diameter = 2e-3, f.length = bed.length = 3.0, f.diffusivity = 1.7e-9;
  f.density = bed.density = 800.0, f.viscosity = bed.viscosity = 7e-4;
  bed.particle_diameter = 3e-4, bed.diameter = 1e-2, bed.void_fraction = 0.4;
  for (size_t i = 0; i < sizeof Re / sizeof Re[0]; i++) {
    f.velocity = Re[i] * f.viscosity / f.density / f.diameter;
    bed.velocity = Re[i] * bed.viscosity / bed.density / bed.particle_diameter;
    assert_close_rel(by_nodes(&f), by_report(&f), 1e-14);
    assert_close_rel(by_nodes(&bed), by_report(&bed), 1e-14);
  }
}

/* --- tubes --- */

static double danckwerts(double Da, double Pe)
{
  const double a = sqrt(1.0 + 4.0 * Da / Pe);
  return 4.0 * a * exp(-2.0 * Da / (1.0 + a)) / ((1.0 + a) * (1.0 + a) - (1.0 - a) * (1.0 - a) * exp(-a * Pe));
}

/* The capillary of the reference case g3-13 (G. I. Taylor 1953, R. Aris 1956): 1 mL/min, D_ax and Bo as there. */
static void a_capillary_has_taylors_dispersion(void **state)
{
  (void)state;
  tau_result *r =
    small_result(HEAD FEED("1.6666666666666667e-8") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n");
  assert_close_rel(small_value(r, "units/t/dispersion"), 0.0023453987694985593, 1e-13);
  assert_close_rel(small_value(r, "units/t/peclet"), 90.4778298466333, 1e-13);
  assert_close_rel(small_value(r, "units/t/residence_time"), 471.23889803846896, 1e-13);
  assert_close_rel(small_value(r, "outlet/c/A"),
                   1000.0 * danckwerts(0.05 * 471.23889803846896, 90.4778298466333), 1e-7);
  tau_result_free(r);
}

static tau_flow_report report_of(tau_geometry geometry, double flow, double diameter)
{
  tau_flow f = tau_flow_default(geometry);
  tau_flow_report r;
  f.velocity = flow / (PI / 4.0 * diameter * diameter), f.diameter = diameter, f.length = 10.0;
  f.density = 1000.0, f.viscosity = 1e-3, f.diffusivity = 1e-9;
  f.particle_diameter = 5e-4, f.void_fraction = 0.4;
  if (tau_flow_evaluate(&f, &r) < 0) fail_msg("%s", tau_last_error());
  return r;
}

static void check(const char *text, const tau_flow_report *want)
{
  tau_result *r = small_result(text);
  assert_close_rel(small_value(r, "units/t/dispersion"), want->dispersion, 1e-13);
  assert_close_rel(small_value(r, "units/t/peclet"), want->bodenstein, 1e-13);
  assert_close_rel(small_value(r, "units/t/residence_time"), want->residence_time, 1e-13);
  assert_close_rel(small_value(r, "units/t/length"), 10.0, 1e-13);
  assert_close_rel(small_value(r, "outlet/c/A"),
                   1000.0 * danckwerts(0.05 * want->residence_time, want->bodenstein), 1e-7);
  tau_result_free(r);
}

/* Re 8,000 and 80,000; and a bed, in which the liquid has 0.4 of the volume. */
static void turbulent_tubes_and_beds_are_those_of_the_report(void **state)
{
  (void)state;
  tau_flow_report r = report_of(TAU_GEOMETRY_TUBE, 2e-6 * PI, 1e-3);
  assert_int_equal(r.regime, TAU_REGIME_TURBULENT);
  check(HEAD FEED("6.283185307179586e-6") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n", &r);
  r = report_of(TAU_GEOMETRY_TUBE, 2e-5 * PI, 1e-3);
  check(HEAD FEED("6.283185307179586e-5") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n", &r);
  r = report_of(TAU_GEOMETRY_PACKED, 1e-6, 0.01);
  check(HEAD FEED("1e-6") "units: {t: {" BED "length: 10}}\n", &r);
}

/* A volume is that of the liquid, so that the bed is longer by its particles; the wall is that of the whole tube. */
static void the_volume_of_a_bed_is_its_liquid(void **state)
{
  (void)state;
  const double V = 0.4 * PI / 4.0 * 1e-4 * 10.0;
  char text[1200];
  snprintf(text, sizeof text, HEAD FEED("1e-6") "units: {t: {" BED "volume: %.17g}}\n", V);
  const tau_flow_report want = report_of(TAU_GEOMETRY_PACKED, 1e-6, 0.01);
  check(text, &want);
  tau_result *by_diameter =
    small_result("tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"
                 "reactions: {r: {equation: A -> B, k: 0.05, heat: 0}}\n"
                 "solvent: {density: 1000, heat_capacity: 4000}\nsolver: {rtol: 1e-12}\n" FEED(
                   "1e-6") "units: {t: {" BED "length: 10, heat: {jacket: {temperature: 350, U: 30}}}}\n");
  snprintf(text, sizeof text,
           "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"
           "reactions: {r: {equation: A -> B, k: 0.05, heat: 0}}\n"
           "solvent: {density: 1000, heat_capacity: 4000}\nsolver: {rtol: 1e-12}\n" FEED(
             "1e-6") "units: {t: {" BED
                     "length: 10, heat: {jacket: {temperature: 350, U: 30, area: %.17g}}}}\n",
           PI * 0.01 * 10.0);
  tau_result *by_area = small_result(text);
  assert_close_rel(small_value(by_diameter, "outlet/T"), small_value(by_area, "outlet/T"), 1e-12);
  assert_true(small_value(by_area, "outlet/T") > 305.0 && small_value(by_area, "outlet/T") < 349.0);
  tau_result_free(by_diameter);
  tau_result_free(by_area);
}

/* Tubes of the same kind that disperse by different laws do not share their equations; a Peclet number that a run is given takes the place
 * of the relation. */
static void each_tube_has_its_own_law(void **state)
{
  (void)state;
  tau_train *t =
    small_train(HEAD FEED("1e-6") "units:\n  a: {" BED "length: 10}\n"
                                  "  b: {type: pfr-dispersed, in: a, tube: straight, length: 10, "
                                  "diameter: 5e-3, diffusivity: 1e-9, viscosity: 1e-3}\n"
                                  "  c: {type: pfr-dispersed, in: b, residence_time: 3, peclet: 7}\n");
  tau_inputs *inputs = NULL;
  const double bed = report_of(TAU_GEOMETRY_PACKED, 1e-6, 0.01).bodenstein,
               tube = report_of(TAU_GEOMETRY_TUBE, 1e-6, 5e-3).bodenstein;
  tau_result *r = small_result_of(t, NULL);
  assert_close_rel(small_value(r, "units/a/peclet"), bed, 1e-13);
  assert_close_rel(small_value(r, "units/b/peclet"), tube, 1e-13);
  assert_close_rel(small_value(r, "units/c/peclet"), 7.0, 1e-15);
  assert_true(isnan(small_value(r, "units/c/dispersion")));
  tau_result_free(r);
  assert_int_equal(tau_inputs_new(&inputs, t), TAU_OK);
  assert_int_equal(tau_inputs_set(inputs, "units/b/peclet", 30.0), TAU_OK);
  r = small_result_of(t, inputs);
  assert_close_rel(small_value(r, "units/b/peclet"), 30.0, 1e-15);
  assert_close_rel(small_value(r, "units/a/peclet"), bed, 1e-13);
  tau_result_free(r);
  tau_inputs_free(inputs);
  tau_train_free(t);
}

/* --- derivatives --- */

static void compare(const char *text)
{
  tau_train *t = small_train(text);
  differences d = {.step = 4e-4, .tolerance = 1e-6, .noise = 2e-11};
  check_differences(t, &d);
  assert_true(d.n_compared >= 250);
  assert_true(d.n_rough <= d.n_compared / 50);
  tau_train_free(t);
}

static void slopes_go_through_every_relation(void **state)
{
  (void)state;
  compare(HEAD FEED("1.6666666666666667e-8") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n");
  compare(HEAD FEED("6.3e-6") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n");
  compare(HEAD FEED("6.3e-5") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n");
  compare(HEAD FEED("1e-6") "units: {t: {" BED "length: 10}}\n");
}

/* Laminar, D_m far below u d: D_ax = u^2 d^2 / (192 D_m), so Pe = 192 D_m tau / d^2 and d ln Pe / d ln d = 0 at given length and flow (tau
 * grows as d^2), 1 to D_m, 1 to the length, -1 to the flow. */
static void slopes_of_taylors_peclet_number_are_its_powers(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    double power;
  } want[] = {{"units/t/diameter", 0.0},
              {"units/t/diffusivity", 1.0},
              {"units/t/length", 1.0},
              {"feeds/f/flow", -1.0},
              {"units/t/viscosity", 0.0}};
  tau_train *t =
    small_train(HEAD FEED("1.6666666666666667e-8") "units: {t: {" CAPILLARY "viscosity: 1e-3}}\n");
  const int Pe = tau_train_observable_index(t, "units/t/peclet");
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    const int p = tau_train_parameter_index(t, want[i].path);
    tau_sensitivity *s = NULL;
    assert_true(p >= 0);
    if (tau_train_sensitivity(&s, t, NULL, 1, &p, NULL) < 0) fail_msg("%s", tau_last_error());
    const double have = tau_sensitivity_normalised(s, Pe, 0);
    if (!(fabs(have - want[i].power) <= 1e-6)) fail_msg("%s: %.12g", want[i].path, have);
    tau_sensitivity_free(s);
  }
  tau_train_free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nodes_and_numbers_are_one_relation),
    cmocka_unit_test(a_capillary_has_taylors_dispersion),
    cmocka_unit_test(turbulent_tubes_and_beds_are_those_of_the_report),
    cmocka_unit_test(the_volume_of_a_bed_is_its_liquid),
    cmocka_unit_test(each_tube_has_its_own_law),
    cmocka_unit_test(slopes_go_through_every_relation),
    cmocka_unit_test(slopes_of_taylors_peclet_number_are_its_powers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

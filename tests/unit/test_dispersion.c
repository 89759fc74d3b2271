/* SPDX-License-Identifier: Apache-2.0 */
/* test_dispersion.c - axial dispersion from dimensions: closed forms evaluated by hand or from a reference case, and the words that say
 * which model holds. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* after those */
#include <cmocka.h>
#include <tautrain.h>

static void check_rel(double got, double want, double rtol, const char *what)
{
  if (!(fabs(got - want) <= rtol * fabs(want)))
    fail_msg("%s: %.17g, want %.17g (rtol %g)", what, got, want, rtol);
}

static tau_flow_report report_of(const tau_flow *flow)
{
  tau_flow_report r;
  if (tau_flow_evaluate(flow, &r) < 0) fail_msg("%s", tau_last_error());
  return r;
}

/* The capillary of the reference case g3-13: 1 mm, 10 m, 1 mL/min, D_m 1e-9 m^2/s. */
static tau_flow capillary(tau_geometry geometry)
{
  tau_flow f = tau_flow_default(geometry);
  f.diameter = 1e-3;
  f.length = 10.0;
  f.velocity = 0.021220659078919377;
  f.diffusivity = 1e-9;
  return f;
}

/* G. I. Taylor 1953, R. Aris 1956; numbers of the case. */
static void a_capillary_has_taylors_dispersion(void **unused)
{
  (void)unused;
  const tau_flow f = capillary(TAU_GEOMETRY_TUBE), slit = capillary(TAU_GEOMETRY_PLATES);
  const tau_flow_report r = report_of(&f);
  check_rel(r.residence_time, 471.23889803846896, 1e-14, "tau");
  check_rel(r.dispersion, 0.0023453987694985593, 1e-14, "D_ax");
  check_rel(r.bodenstein, 90.4778298466333, 1e-14, "Bo");
  check_rel(r.fourier, 1.8849555921538759, 1e-14, "Fo");
  check_rel(report_of(&slit).dispersion, 0.0021443646749701117, 1e-14, "D_ax of plates");
  assert_int_equal(r.model, TAU_FLOW_DISPERSION);
  assert_true(r.in_range);
  assert_non_null(strstr(r.why, "Fo 1.88"));
  assert_non_null(strstr(r.warning, "Re is not known"));
  assert_string_equal(tau_correlation_row(r.i_correlation).name, "taylor-aris");
}

/* Fo = D_m L/(u R^2): 4e-9 L/(u d^2) */
static void the_fourier_number_chooses_among_laminar_models(void **unused)
{
  (void)unused;
  tau_flow f = capillary(TAU_GEOMETRY_TUBE);
  f.density = 1000.0;
  f.viscosity = 1e-3;
  f.length = 0.05;
  tau_flow_report r = report_of(&f);
  check_rel(r.fourier, 4e-9 * 0.05 / (0.021220659078919377 * 1e-6), 1e-13, "Fo");
  assert_int_equal(r.model, TAU_FLOW_CONVECTION);
  assert_int_equal(r.regime, TAU_REGIME_LAMINAR);
  assert_false(r.in_range);
  assert_non_null(strstr(r.warning, "below 0.8"));
  check_rel(r.reynolds, 21.220659078919377, 1e-13, "Re");
  check_rel(r.schmidt, 1000.0, 1e-13, "Sc");
  f.length = 2.0;
  assert_int_equal(report_of(&f).model, TAU_FLOW_BETWEEN);
  f.length = 200.0;
  r = report_of(&f);
  assert_int_equal(r.model, TAU_FLOW_PLUG);
  assert_non_null(strstr(r.why, "plug flow"));
}

/* Re 5e4: f = (0.790 ln 5e4 - 1.64)^-2 = 0.020893..., D_ax = 10.1 R u sqrt(f/8); Re 5000: 3e7/5000^2.1 + 1.35/5000^0.125. */
static void turbulent_tubes_by_their_reynolds_number(void **unused)
{
  (void)unused;
  tau_flow f = capillary(TAU_GEOMETRY_TUBE);
  f.density = 1000.0;
  f.viscosity = 1e-3;
  f.diameter = 0.05;
  f.velocity = 1.0;
  tau_flow_report r = report_of(&f);
  const double friction = 1.0 / pow(0.790 * log(5e4) - 1.64, 2.0);
  check_rel(r.dispersion, 10.1 * 0.025 * sqrt(friction / 8.0), 1e-13, "Taylor 1954");
  /* the same in Levenspiel's form, 3.57 sqrt(f_Fanning) u d, to its printed digits */
  check_rel(r.dispersion, 3.57 * sqrt(friction / 4.0) * 0.05, 1e-3, "Levenspiel 1958");
  assert_int_equal(r.regime, TAU_REGIME_TURBULENT);
  assert_string_equal(r.warning, "");
  f.velocity = 0.1;
  r = report_of(&f);
  check_rel(r.dispersion, 0.1 * 0.05 * (3e7 / pow(5000.0, 2.1) + 1.35 / pow(5000.0, 0.125)), 1e-13,
            "Wen and Fan");
  assert_string_equal(tau_correlation_row(r.i_correlation).name, "wen-fan");
  f.velocity = 0.06;
  assert_non_null(strstr(report_of(&f).warning, "between laminar and turbulent"));
}

static void a_coil_lies_between_two_bounds(void **unused)
{
  (void)unused;
  tau_flow f = capillary(TAU_GEOMETRY_COIL);
  f.coil_diameter = 0.1;
  f.density = 1000.0;
  f.viscosity = 1e-3;
  tau_flow_report r = report_of(&f);
  check_rel(r.dean, 2.1220659078919377, 1e-13, "De");
  check_rel(r.dispersion, 0.0023453987694985593, 1e-14, "upper");
  check_rel(r.dispersion_low - 1e-9, 0.2 * (0.0023453987694985593 - 1e-9), 1e-12, "lower");
  assert_true(r.bodenstein_high > 4.9 * r.bodenstein && r.in_range);
  f.coil_diameter = 5e-3;
  r = report_of(&f);
  assert_false(r.in_range);
  assert_non_null(strstr(r.warning, "tighter"));
}

/* Re = 1e-3 0.5e-3/1e-6 = 0.5: D = u0 dp/(0.2 + 0.011 0.5^0.48); tau = L eps/u0. */
static void a_packed_bed_by_its_particles(void **unused)
{
  (void)unused;
  tau_flow f = tau_flow_default(TAU_GEOMETRY_PACKED);
  f.velocity = 1e-3, f.length = 0.2, f.particle_diameter = 0.5e-3, f.void_fraction = 0.4;
  f.density = 1000.0, f.viscosity = 1e-3, f.diameter = 0.02;
  tau_flow_report r = report_of(&f);
  const double D = 1e-3 * 0.5e-3 / (0.2 + 0.011 * pow(0.5, 0.48));
  check_rel(r.reynolds, 0.5, 1e-14, "Re");
  check_rel(r.residence_time, 80.0, 1e-14, "tau");
  check_rel(r.dispersion, D, 1e-14, "D_ax");
  check_rel(r.bodenstein, 2.5e-3 * 0.2 / D, 1e-14, "Bo");
  assert_true(r.in_range && r.warning[0] == '\0');
  f.diameter = 2e-3;
  r = report_of(&f);
  assert_false(r.in_range);
  assert_non_null(strstr(r.warning, "10 particles"));
}

/* T = 0.3, D = 0.1 m, 5 1/s, Po 5: t95 = 5.2 9/(5^(1/3) 5) = 5.4736 s. */
static void a_tank_is_mixed_or_not(void **unused)
{
  (void)unused;
  tau_flow f = tau_flow_default(TAU_GEOMETRY_TANK);
  f.diameter = 0.3, f.impeller_diameter = 0.1, f.speed = 5.0, f.power_number = 5.0, f.residence_time = 600.0;
  f.density = 1000.0, f.viscosity = 1e-3;
  tau_flow_report r = report_of(&f);
  check_rel(r.mixing_time, 5.2 * 9.0 / (cbrt(5.0) * 5.0), 1e-14, "t95");
  check_rel(r.mixing_time, 5.4738, 1e-4, "t95 by hand");
  assert_true(r.in_range && r.model == TAU_FLOW_TANK && r.bodenstein == 0.0 && r.warning[0] == '\0');
  f.residence_time = 20.0;
  assert_non_null(strstr(report_of(&f).warning, "not ideally mixed"));
}

static void what_is_missing_is_named(void **unused)
{
  (void)unused;
  tau_flow_report r;
  tau_flow f = capillary(TAU_GEOMETRY_COIL);
  assert_int_equal(tau_flow_evaluate(&f, &r), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "coil_diameter"));
  f = capillary(TAU_GEOMETRY_TUBE);
  f.length = -1.0;
  assert_int_equal(tau_flow_evaluate(&f, &r), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "length is -1"));
}

static void every_relation_has_its_range_and_source(void **unused)
{
  (void)unused;
  assert_true(tau_n_correlations() >= 7);
  for (int i = 0; i < tau_n_correlations(); i++) {
    const tau_correlation row = tau_correlation_row(i);
    assert_true(row.name[0] && row.formula[0] && row.range[0] && strpbrk(row.source, "12"));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_capillary_has_taylors_dispersion),
    cmocka_unit_test(the_fourier_number_chooses_among_laminar_models),
    cmocka_unit_test(turbulent_tubes_by_their_reynolds_number),
    cmocka_unit_test(a_coil_lies_between_two_bounds),
    cmocka_unit_test(a_packed_bed_by_its_particles),
    cmocka_unit_test(a_tank_is_mixed_or_not),
    cmocka_unit_test(what_is_missing_is_named),
    cmocka_unit_test(every_relation_has_its_range_and_source),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_units.c - quantities with units to SI. Expected values: the SI brochure, 9th ed. (2019), NIST SP 811 (2008), appendix B, and
 * arithmetic. */
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chem/units.h"

static taup_quantity read(const char *text)
{
  taup_quantity q = {0};
  if (taup_quantity_parse(text, &q) != TAU_OK) fail_msg("'%s': %s", text, tau_last_error());
  return q;
}

static void check_rel(const char *text, double want, double rtol)
{
  const double got = read(text).value;
  if (!(fabs(got - want) <= rtol * fabs(want)))
    fail_msg("'%s' is %.17g, want %.17g (rtol %g)", text, got, want, rtol);
}

static void check(const char *text, double want) { check_rel(text, want, 4e-16); }

static void check_exact(const char *text, double want)
{
  const double got = read(text).value;
  if (got != want) fail_msg("'%s' is %.17g, want %.17g", text, got, want);
}

static void check_dim(const char *text, const char *want)
{
  const char *got = taup_dim_name(read(text).scale.dim);
  if (strcmp(got, want) != 0) fail_msg("'%s' has dimension '%s', want '%s'", text, got, want);
}

static void check_error(const char *text, tau_status status, const char *what)
{
  taup_quantity q;
  const tau_status st = taup_quantity_parse(text, &q);
  if (st != status) fail_msg("'%s' gave status %d, want %d", text, (int)st, (int)status);
  if (!strstr(tau_last_error(), what))
    fail_msg("'%s': \"%s\" does not say \"%s\"", text, tau_last_error(), what);
}

static void refused(const char *text, const char *hint) { check_error(text, TAU_E_UNITS, hint); }

static void units_of_the_laboratory_are_si_multiples(void **state)
{
  (void)state;
  check_exact("1 mL", 1e-6);
  check("2.5 mL/min", 2.5e-6 / 60.0);
  check_exact("1 uL", 1e-9);
  check_exact("1 \u00b5L", 1e-9); /* micro sign */
  check_exact("1 \u03bcL", 1e-9); /* Greek mu */
  check_exact("1 cc", 1e-6);
  check_exact("0.5 mol/L", 500.0);
  check_exact("1 M", 1000.0);
  check_exact("1 mM", 1.0);
  check_exact("1 uM", 1e-3);
  check_exact("2 h", 7200.0);
  check_exact("1 bar", 1e5);
  check_exact("1 mbar", 100.0);
  check_exact("1 atm", 101325.0);
  check("1 torr", 101325.0 / 760.0);
  check_rel("1 psi", 6894.757, 1e-7); /* NIST SP 811 */
  check_exact("33.3 kJ/mol", 33300.0);
  check_exact("1 cP", 1e-3);
  check_exact("1 inch", 0.0254);
  check_exact("1 lb", 0.45359237);
  check_rel("1 US_liquid_gallon", 3.785412e-3, 1e-7); /* NIST SP 811 */
}

static void calories_are_thermochemical(void **state)
{
  (void)state;
  check_exact("1 cal", 4.184);
  check_exact("1 kcal", 4184.0);
  check_exact("7.3 kcal/mol", 7.3 * 4184.0);
  check_exact("1 kilocalorie", 4184.0);
  check("1 IT_calorie", 4.1868);
  refused("1 Calorie", "kcal");
}

static void shares_are_numbers(void **state)
{
  (void)state;
  check_exact("10 %", 0.1);
  check_exact("10%", 0.1);
  check_exact("5 wt%", 0.05);
  check_exact("5 vol%", 0.05);
  check_exact("5 mol%", 0.05);
  check_exact("3 ppm", 3e-6);
  check_exact("1.2 equiv", 1.2);
  check_dim("5 wt%", "");
}

static void products_quotients_and_powers_agree(void **state)
{
  (void)state;
  static const char *const same[] = {
    "0.3 L/mol/s",
    "0.3 L/(mol s)",
    "0.3 L mol-1 s-1",
    "0.3 L mol^-1 s^-1",
    "0.3 L*mol^-1*s^-1",
    "0.3 L.mol-1.s-1",
    "0.3 L\u00b7mol\u207b\u00b9\u00b7s\u207b\u00b9",
    "0.3 (mol/L)^-1/s",
    "0.3 L/ mol / s",
    "0.3 1/M/s",
    "0.3 /(M s)",
    "0.3 L/mol**1/s",
    "0.3 L mol\u22121 s\u22121",
    "0.3 dm3/mol/s",
  };
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    check(same[i], 3e-4);
    check_dim(same[i], "m^3/mol/s");
  }
  check_exact("1 cm\u00b3", 1e-6);
  check_exact("2 m2", 2.0);
  check_exact("500 W/m^2/K", 500.0);
  check_dim("500 W/m^2/K", "W/m^2/K");
  check("0.1 min-1", 0.1 / 60.0);
  check("0.1 1/min", 0.1 / 60.0);
  check_exact("4180 J/(kg K)", 4180.0);
  check_dim("4180 J/kg/K", "J/kg/K");
}

static void fractional_powers_are_exact(void **state)
{
  (void)state;
  const double k = 3.0 * sqrt(1.0 / 1e-3);
  check("3 mol^0.5/L^0.5/s", k);
  check("3 (mol/L)^0.5/s", k);
  check("3 (mol/L)^(1/2) s^-1", k);
  check_dim("3 mol^0.5/L^0.5/s", "mol^0.5/m^1.5/s");
  check("2 mol^-0.5 L^0.5 s^-1", 2.0 / sqrt(1000.0));
}

static void what_stands_below_the_line_must_be_clear(void **state)
{
  (void)state;
  refused("4 J/kg K", "a/(b c)");
  refused("4 J/kg*K", "a/(b c)");
  refused("1 L/mol s-1", "a/(b c)");
}

static void temperature_scales_have_their_zero(void **state)
{
  (void)state;
  check_exact("0 degC", 273.15);
  check_exact("80 degC", 80.0 + 273.15);
  check_exact("80 \u00b0C", 80.0 + 273.15);
  check("32 degF", 273.15);
  check("212 \u00b0F", 373.15);
  check("491.67 degR", 273.15);
  check_exact("-20 K", -20.0);
  assert_true(read("1 K").scale.offset == 0.0);
}

static void degrees_in_a_compound_are_differences(void **state)
{
  (void)state;
  check_exact("5 degC/s", 5.0);
  check("2 J/mol/degC", 2.0);
  check("9 degF/s", 5.0);
  check_exact("3 1/degC", 3.0);
}

static void uncertainty_is_scaled_but_not_shifted(void **state)
{
  (void)state;
  const taup_quantity q = read("0.579 +/- 0.010 L/mol/s"), T = read("80\u00b10.5 degC");
  assert_true(fabs(q.value - 5.79e-4) < 1e-18 && fabs(q.uncertainty - 1e-5) < 1e-19);
  assert_true(T.value == 80.0 + 273.15 && T.uncertainty == 0.5);
  assert_true(read("3 s").uncertainty == 0.0);
  check_error("3 +/- s", TAU_E_PARSE, "must follow");
  check_error("3 +/- -1 s", TAU_E_PARSE, "below zero");
}

static void a_number_without_unit_is_bare(void **state)
{
  (void)state;
  const taup_quantity bare = read(" 1e-3 "), one = read("3 1"), mL = read("2 mL / min ");
  assert_true(bare.bare && bare.value == 1e-3 && *bare.unit_text == '\0');
  assert_false(one.bare);
  assert_false(mL.bare);
  assert_string_equal(mL.unit_text, "mL / min ");
}

static void numbers_are_decimal(void **state)
{
  (void)state;
  check_exact("+1.5E+2 s", 150.0);
  check_exact(".5 s", 0.5);
  check_exact("5. s", 5.0);
  check_exact("\u22125 s", -5.0);
  check_exact("1e\u22123 s", 1e-3);
  check_exact("5mL", 5e-6);
  check_error("inf s", TAU_E_PARSE, "begin with a number");
  check_error("nan", TAU_E_PARSE, "begin with a number");
  check_error("0x10 s", TAU_E_PARSE, "hexadecimal");
  check_error("1e999 s", TAU_E_PARSE, "too large");
  check_error("1e308 km", TAU_E_PARSE, "too large");
  check_error("1,5 mL", TAU_E_PARSE, "point");
  check_error("1.2.3 s", TAU_E_PARSE, "cannot be read");
  check_error("", TAU_E_PARSE, "empty");
  check_error("abc", TAU_E_PARSE, "'abc'");
  check_error("2 10 mL", TAU_E_UNITS, "number within a unit");
}

static void numbers_do_not_follow_the_locale(void **state)
{
  (void)state;
  static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8"};
  bool set = false;
  for (int i = 0; i < 3 && !set; i++) set = setlocale(LC_NUMERIC, commas[i]) != NULL;
  if (!set) skip(); /* no locale with a decimal comma on this machine */
  check_exact("2.5 s", 2.5);
  check("3 mol^0.5", 3.0);
  setlocale(LC_NUMERIC, "C");
}

static void names_with_two_readings_are_refused_with_a_hint(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
    {"1 gal", "US_liquid_gallon"},
    {"1 gallon", "UK_liquid_gallon"},
    {"1 Gal", "cm/s^2"},
    {"1 C", "degC"},
    {"1 F", "degF"},
    {"1 R", "degR"},
    {"1 H", "write h"},
    {"1 S", "write s"},
    {"1 a", "year"},
    {"1 b", "bar"},
    {"1 u", "g/mol"},
    {"1 Da", "g/mol"},
    {"1 at", "atm"},
    {"1 oz", "mass"},
    {"1 ton", "1000 kg"},
    {"1 gr", "write g"},
    {"1 Min", "min"},
    {"1 ML/min", "mL"},
    {"1 Mmol", "mmol"},
    {"1 Mg", "mg"},
    {"1 MM", "mM"},
    {"1 psig", "gauge"},
    {"1 barg", "gauge"},
    {"1 rpm", "1/min"},
    {"1 cps", "cP"},
    {"1 ppt", "thousand"},
    {"1 kt", "1000 t"},
    {"1 degree", "degC"},
    {"1 \u00b0", "degC"},
    {"1 pt", "pint"},
    {"1 e", "power of ten"},
    {"7 pH", "pH"},
    {"1 mol per L", "write /"},
    {"1 mb", "mbar"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) refused(pairs[i][0], pairs[i][1]);
}

static void prefixes_stand_before_units_that_take_them(void **state)
{
  (void)state;
  check_exact("3 mPa s", 3e-3);
  check_exact("3 MPa", 3e6);
  check_exact("3 nmol", 3e-9);
  check_exact("3 millimoles", 3e-3);
  refused("3 pa", "'Pa'");    /* not a square micrometre */
  refused("3 mh", "unknown"); /* not 3.6 s */
  refused("3 mt", "unknown");
  refused("3 mdegC", "unknown");
  refused("3 kmM", "unknown");
}

static void unknown_units_are_echoed_with_the_nearest(void **state)
{
  (void)state;
  refused("5 mL/mni", "'mni' in 'mL/mni'; did you mean 'min'?");
  refused("5 KJ", "did you mean 'kJ'?");
  refused("5 mins", "did you mean 'min'?");
  refused("5 furlongs_per", "unknown unit 'furlongs_per'");
  refused("5 dBm", "unknown");
  refused("5 Bm", "not proportional");
}

static void broken_units_are_refused(void **state)
{
  (void)state;
  static const char *const broken[] = {
    "1 (m",  "1 m)",      "1 m//s",     "1 m/",  "1 m^",
    "1 m^x", "1 m^(1/0)", "1 m^99",     "1 m-s", "1 $",
    "1 m**", "1 ()",      "1 m\u207b",  "1 m'",  "1 m^1000000000000000000000000000000000000000000",
    "1 *m",  "1 m;s",     "1 \xff\xfe",
  };
  taup_quantity q;
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
    if (taup_quantity_parse(broken[i], &q) != TAU_E_UNITS) fail_msg("'%s' was read", broken[i]);
}

static void hostile_units_are_refused_in_one_line(void **state)
{
  (void)state;
  char text[5000] = "1 ";
  memset(text + 2, '(', 100);
  taup_quantity q;
  assert_int_equal(taup_quantity_parse(text, &q), TAU_E_UNITS);
  memset(text + 2, 'm', sizeof text - 3);
  assert_int_equal(taup_quantity_parse(text, &q), TAU_E_UNITS);
  assert_true(strlen(tau_last_error()) < 200);
  assert_int_equal(taup_quantity_parse("1 fo\no\tbar\x01", &q), TAU_E_UNITS);
  assert_null(strpbrk(tau_last_error(), "\n\t\x01"));
}

static void a_unit_read_again_is_the_same(void **state)
{
  (void)state;
  char text[40];
  for (int round = 0; round < 2; round++)
    for (int i = -20; i <= 20; i++) { /* more units than one row of the memory */
      snprintf(text, sizeof text, "2 cm^%d", i);
      check_rel(text, 2.0 * pow(0.01, i), 1e-14);
    }
}

static void conversions_go_both_ways(void **state)
{
  (void)state;
  double x = 0.0;
  assert_int_equal(tau_convert(60.0, "s", "min", &x), TAU_OK);
  assert_true(x == 1.0);
  assert_int_equal(tau_convert(100.0, "degC", "degF", &x), TAU_OK);
  assert_true(fabs(x - 212.0) < 1e-12);
  assert_int_equal(tau_convert(25.0, "degC", "K", &x), TAU_OK);
  assert_true(x == 298.15);
  assert_int_equal(tau_convert(0.1, "mL/min", "mL/min", &x), TAU_OK);
  assert_true(x == 0.1);
  assert_int_equal(tau_convert(1.0, "mL/min", "bar", &x), TAU_E_UNITS);
  assert_non_null(strstr(tau_last_error(), "'mL/min' [m^3/s]"));
  assert_non_null(strstr(tau_last_error(), "'bar' ["));
}

static void the_public_reader_names_the_dimension(void **state)
{
  (void)state;
  double x = 0.0;
  const char *dimension = NULL;
  assert_int_equal(tau_quantity_parse("2.5 mL/min", &x, &dimension), TAU_OK);
  assert_string_equal(dimension, "m^3/s");
  assert_true(fabs(x - 2.5e-6 / 60.0) < 1e-22);
  assert_int_equal(tau_quantity_parse("7", &x, NULL), TAU_OK);
  assert_true(x == 7.0);
}

static void names_of_dimensions_live_for_ever(void **state)
{
  (void)state;
  const taup_dim volume = TAUP_DIM_VOLUME;
  const char *first = taup_dim_name(volume);
  for (int i = 0; i < 1000; i++) { /* more than the table's own rows */
    char want[96];
    const taup_dim dim = taup_dim_power(TAUP_DIM_CONCENTRATION, 1.0 + 0.01 * i);
    assert_string_equal(taup_dim_name(dim), taup_dim_text(want, sizeof want, dim));
  }
  assert_ptr_equal(taup_dim_name(volume), first);
  assert_string_equal(first, "m^3");
}

static void a_missing_database_is_an_error_and_keeps_the_old(void **state)
{
  (void)state;
  assert_int_equal(tau_units_database("/nowhere/udunits2.xml"), TAU_E_IO);
  assert_non_null(strstr(tau_last_error(), "/nowhere/udunits2.xml"));
  check_exact("1 inch", 0.0254);
  assert_int_equal(tau_units_database(NULL), TAU_OK);
  check_exact("1 inch", 0.0254);
}

static void *read_many(void *arg)
{
  char text[40];
  for (int i = 0; i < 2000; i++) {
    taup_quantity q;
    snprintf(text, sizeof text, "%d mmol^%d/%s", i, 1 + i % 7, i % 2 ? "inch" : "kPa");
    const double want = i * pow(1e-3, 1 + i % 7) / (i % 2 ? 0.0254 : 1e3);
    if (taup_quantity_parse(text, &q) != TAU_OK || !(fabs(q.value - want) <= 1e-14 * fabs(want))) return arg;
    if (!*taup_dim_name(q.scale.dim)) return arg;
  }
  return NULL;
}

static void threads_may_read_at_once(void **state)
{
  (void)state;
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_many, threads), 0);
  for (int i = 0; i < 4; i++) {
    void *wrong = NULL;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(units_of_the_laboratory_are_si_multiples),
    cmocka_unit_test(calories_are_thermochemical),
    cmocka_unit_test(shares_are_numbers),
    cmocka_unit_test(products_quotients_and_powers_agree),
    cmocka_unit_test(fractional_powers_are_exact),
    cmocka_unit_test(what_stands_below_the_line_must_be_clear),
    cmocka_unit_test(temperature_scales_have_their_zero),
    cmocka_unit_test(degrees_in_a_compound_are_differences),
    cmocka_unit_test(uncertainty_is_scaled_but_not_shifted),
    cmocka_unit_test(a_number_without_unit_is_bare),
    cmocka_unit_test(numbers_are_decimal),
    cmocka_unit_test(numbers_do_not_follow_the_locale),
    cmocka_unit_test(names_with_two_readings_are_refused_with_a_hint),
    cmocka_unit_test(prefixes_stand_before_units_that_take_them),
    cmocka_unit_test(unknown_units_are_echoed_with_the_nearest),
    cmocka_unit_test(broken_units_are_refused),
    cmocka_unit_test(hostile_units_are_refused_in_one_line),
    cmocka_unit_test(a_unit_read_again_is_the_same),
    cmocka_unit_test(conversions_go_both_ways),
    cmocka_unit_test(the_public_reader_names_the_dimension),
    cmocka_unit_test(names_of_dimensions_live_for_ever),
    cmocka_unit_test(a_missing_database_is_an_error_and_keeps_the_old),
    cmocka_unit_test(threads_may_read_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

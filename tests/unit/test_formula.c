/* SPDX-License-Identifier: Apache-2.0 */
/* test_formula.c - atoms and molar masses; expected masses are sums of IUPAC's abridged weights, done by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chem/formula.h"

enum { H = 0, C = 5, N = 6, O = 7, F = 8, S = 15, CL = 16, CA = 19, FE = 25, CU = 28 };

static taup_formula read(const char *text)
{
  taup_formula f;
  int column = 0;
  if (taup_formula_parse(text, &f, &column) != TAU_OK) fail_msg("'%s': %s", text, tau_last_error());
  return f;
}

static void check_mass(const char *text, double grams)
{
  const taup_formula f = read(text);
  if (fabs(f.molar_mass * 1e3 - grams) > 1e-9 * grams)
    fail_msg("'%s': %.12g g/mol, want %.12g", text, f.molar_mass * 1e3, grams);
}

static void check_atoms(const char *text, int element, double n)
{
  const taup_formula f = read(text);
  if (f.atoms[element] != n)
    fail_msg("'%s': %g %s, want %g", text, f.atoms[element], taup_element_symbol(element + 1), n);
}

/* The message must hold `what`, the column must be right. */
static void check_error(const char *text, int column, const char *what)
{
  taup_formula f;
  int at = 0;
  const tau_status st = taup_formula_parse(text, &f, &at);
  if (st != TAU_E_PARSE) fail_msg("'%s' gave status %d", text, (int)st);
  if (at != column) fail_msg("'%s': column %d, want %d (%s)", text, at, column, tau_last_error());
  if (!strstr(tau_last_error(), what))
    fail_msg("'%s': \"%s\" does not say \"%s\"", text, tau_last_error(), what);
}

static void molar_masses_are_sums_of_standard_weights(void **state)
{
  (void)state;
  check_mass("H2O", 2 * 1.008 + 15.999);
  check_mass("C9H16ClN3O2", 9 * 12.011 + 16 * 1.008 + 35.45 + 3 * 14.007 + 2 * 15.999);
  check_mass("C6H3F2NO2", 6 * 12.011 + 3 * 1.008 + 2 * 18.998 + 14.007 + 2 * 15.999);
  check_mass("Pd", 106.42);
}

static void brackets_multiply_what_they_hold(void **state)
{
  (void)state;
  check_mass("Ca(OH)2", 40.078 + 2 * (15.999 + 1.008));
  check_atoms("Ca(OH)2", O, 2);
  check_atoms("Fe4[Fe(CN)6]3", FE, 7);
  check_atoms("Fe4[Fe(CN)6]3", C, 18);
  check_atoms("(CH3)3COH", H, 10);
  check_atoms("{[(CH3)2]2}2", C, 8);
}

static void adducts_are_counted_with_their_number(void **state)
{
  (void)state;
  const double mass = 63.546 + 32.06 + 4 * 15.999 + 5 * (2 * 1.008 + 15.999);
  check_mass("CuSO4.5H2O", mass);
  check_mass("CuSO4*5H2O", mass);
  check_mass("CuSO4\u00b75H2O", mass);
  check_atoms("C2H7N.HCl", CL, 1);
  check_atoms("CaSO4.H2O.2NH3", N, 2);
}

static void charges_are_read_and_weigh_nothing(void **state)
{
  (void)state;
  assert_int_equal(read("NH4+").charge, 1);
  assert_int_equal(read("SO4^2-").charge, -2);
  assert_int_equal(read("[Fe(CN)6]^3-").charge, -3);
  assert_int_equal(read("Ca++").charge, 2);
  assert_int_equal(read("Cl-").charge, -1);
  assert_int_equal(read("Fe^3+").charge, 3);
  check_mass("NH4+", 14.007 + 4 * 1.008);
}

static void deuterium_is_hydrogen_of_mass_2(void **state)
{
  (void)state;
  check_atoms("D2O", H, 2);
  check_mass("D2O", 2 * 2.014101778 + 15.999);
  check_atoms("Dy2O3", H, 0); /* dysprosium is something else */
}

static void two_letter_symbols_are_read_before_one_letter_ones(void **state)
{
  (void)state;
  check_atoms("Co", C, 0);
  check_atoms("CO", C, 1);
  check_atoms("COCl2", CL, 2);
  check_atoms("Sc", S, 0);
}

static void every_element_is_known_by_its_symbol(void **state)
{
  (void)state;
  int n_weights = 0;
  for (int z = 1; z <= TAUP_N_ELEMENTS; z++) {
    taup_formula f;
    int column;
    if (taup_formula_parse(taup_element_symbol(z), &f, &column) != TAU_OK) {
      assert_non_null(strstr(tau_last_error(), "no standard atomic weight"));
      continue;
    }
    assert_true(f.atoms[z - 1] == 1.0);
    n_weights++;
  }
  /* IUPAC 2021: 84 elements have a standard weight: 1 to 83 without Tc and Pm, and Th, Pa, U */
  assert_int_equal(n_weights, 84);
  assert_string_equal(taup_element_symbol(0), "?");
  assert_string_equal(taup_element_symbol(119), "?");
}

static void ambiguous_charges_are_refused(void **state)
{
  (void)state;
  check_error("Fe3+", 4, "^3+");
  check_error("SO42-", 5, "^3-");
  check_error("[Fe(CN)6]3-", 11, "^3-");
}

static void errors_say_what_and_where(void **state)
{
  (void)state;
  check_error("", 1, "empty");
  check_error("C6H6X", 5, "'X' is no element");
  check_error("MeOH", 1, "CH3");
  check_error("CHx", 2, "'Hx' is no element");
  check_error("c6h6", 1, "capital");
  check_error("C6(H6", 3, "')' is missing");
  check_error("C6[H6)", 6, "']' is needed");
  check_error("C6H6)", 5, "not expected");
  check_error("C0", 2, "count of 0");
  check_error("C9999999", 2, "count beyond");
  check_error("2H2O", 1, "in front");
  check_error("H2O.", 5, "missing");
  check_error("()", 2, "missing");
  check_error("TcO4-", 1, "molar_mass");
  check_error("CuSO4\u00b75H2Q", 10, "'Q' is no element");
  check_error("SO4^2", 6, "must follow");
  check_error("H2 O", 3, "no element");
}

static void hostile_text_is_refused(void **state)
{
  (void)state;
  char deep[4000];
  memset(deep, '(', sizeof deep - 1);
  deep[sizeof deep - 1] = '\0';
  check_error(deep, 1, "longer");
  deep[100] = '\0';
  check_error(deep, 17, "deeper");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(molar_masses_are_sums_of_standard_weights),
    cmocka_unit_test(brackets_multiply_what_they_hold),
    cmocka_unit_test(adducts_are_counted_with_their_number),
    cmocka_unit_test(charges_are_read_and_weigh_nothing),
    cmocka_unit_test(deuterium_is_hydrogen_of_mass_2),
    cmocka_unit_test(two_letter_symbols_are_read_before_one_letter_ones),
    cmocka_unit_test(every_element_is_known_by_its_symbol),
    cmocka_unit_test(ambiguous_charges_are_refused),
    cmocka_unit_test(errors_say_what_and_where),
    cmocka_unit_test(hostile_text_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_equation.c - equations of reactions, by the rules of the model file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chem/equation.h"
#include <tautrain/status.h>

static void print_side(char *out, size_t n_bytes, const taup_equation_term *terms, int n)
{
  for (int i = 0; i < n; i++) {
    const size_t at = strlen(out);
    snprintf(out + at, n_bytes - at, "%s%g %s", i ? " + " : "", terms[i].coefficient, terms[i].name);
  }
}

/* The equation as "1 A + 2 B > 1 C", "=" for a reversible one. */
static void check(const char *text, const char *want)
{
  taup_arena arena = {0};
  taup_equation e;
  int column = 0;
  char got[200] = "";
  if (taup_equation_parse(text, &arena, &e, &column) != TAU_OK) fail_msg("'%s': %s", text, tau_last_error());
  print_side(got, sizeof got, e.left, e.n_left);
  strcat(got, e.reversible ? " = " : " > ");
  print_side(got, sizeof got, e.right, e.n_right);
  taup_arena_free(&arena);
  if (strcmp(got, want) != 0) fail_msg("'%s' was read as '%s', want '%s'", text, got, want);
}

static void check_error(const char *text, int column, const char *what)
{
  taup_arena arena = {0};
  taup_equation e;
  int at = 0;
  const tau_status st = taup_equation_parse(text, &arena, &e, &at);
  taup_arena_free(&arena);
  if (st != TAU_E_PARSE) fail_msg("'%s' gave status %d", text, (int)st);
  if (at != column) fail_msg("'%s': column %d, want %d (%s)", text, at, column, tau_last_error());
  if (!strstr(tau_last_error(), what))
    fail_msg("'%s': \"%s\" does not say \"%s\"", text, tau_last_error(), what);
}

static void arrows_say_whether_there_is_a_way_back(void **state)
{
  (void)state;
  check("A -> B", "1 A > 1 B");
  check("A => B", "1 A > 1 B");
  check("A <=> B", "1 A = 1 B");
  check("A <-> B", "1 A = 1 B");
  check("A = B", "1 A = 1 B");
  check("A \u2192 B", "1 A > 1 B");
  check("A \u21cc B", "1 A = 1 B");
}

static void longest_arrow_is_read_first(void **state)
{
  (void)state;
  check("A->B", "1 A > 1 B");
  check("A<->B", "1 A = 1 B");
  check("A<=>B", "1 A = 1 B");
  check("A=>B", "1 A > 1 B");
  check("a-b->c-d", "1 a-b > 1 c-d");
  check("a-->b", "1 a- > 1 b");
}

static void coefficients_stand_with_or_without_a_blank(void **state)
{
  (void)state;
  check("2 A -> B", "2 A > 1 B");
  check("2A+.5 O2->B", "2 A + 0.5 O2 > 1 B");
  check("0.1 A -> 2.50B", "0.1 A > 2.5 B");
  check("2E -> 3 e5", "2 E > 3 e5"); /* no power of ten */
}

static void repeated_species_are_added(void **state)
{
  (void)state;
  check("A + A -> B", "2 A > 1 B");
  check("A + 0.5 B + A + B -> C", "2 A + 1.5 B > 1 C");
  check("A + cat -> B + cat", "1 A + 1 cat > 1 B + 1 cat"); /* a catalyst stays on both sides */
}

static void a_side_may_be_empty(void **state)
{
  (void)state;
  check("A ->", "1 A > ");
  check("-> A", " > 1 A");
  check("A -> 0", "1 A > ");
  check(" 0 <=> 2 A", " = 2 A");
  check_error("->", 1, "no species");
  check_error("0 -> 0", 1, "no species");
}

static void names_may_hold_what_chemists_write(void **state)
{
  (void)state;
  check("Pd(OAc)2 + (S)-BINOL -> A' + 2(R)-x_1", "1 Pd(OAc)2 + 1 (S)-BINOL > 1 A' + 2 (R)-x_1");
  assert_true(taup_name_is_legal("Pd(OAc)2"));
  assert_true(taup_name_is_legal("(S)-BINOL"));
  assert_true(taup_name_is_legal("a"));
  assert_false(taup_name_is_legal(""));
  assert_false(taup_name_is_legal("2A"));
  assert_false(taup_name_is_legal("_A"));
  assert_false(taup_name_is_legal("a/b"));
  assert_false(taup_name_is_legal("a b"));
  assert_false(taup_name_is_legal("Na+"));
}

static void columns_of_species_count_characters(void **state)
{
  (void)state;
  taup_arena arena = {0};
  taup_equation e;
  int column;
  assert_int_equal(taup_equation_parse("A + 2 Bb \u2192 C+A", &arena, &e, &column), TAU_OK);
  assert_int_equal(e.left[0].column, 1);
  assert_int_equal(e.left[1].column, 7);
  assert_int_equal(e.right[0].column, 12); /* the arrow is one character, though three bytes */
  assert_int_equal(e.right[1].column, 14);
  taup_arena_free(&arena);
}

static void errors_say_what_and_where(void **state)
{
  (void)state;
  check_error("", 1, "arrow is missing");
  check_error("A + B", 6, "arrow is missing");
  check_error("A B -> C", 3, "'+' or an arrow");
  check_error("A -> B C", 8, "'+' is needed");
  check_error("A -> B -> C", 8, "second arrow");
  check_error("A + -> B", 5, "species is missing");
  check_error("A -> B +", 9, "species is missing");
  check_error("+ A -> B", 1, "species is missing");
  check_error("0 A -> B", 1, "coefficient of 0");
  check_error("1/2 A -> B", 2, "0.5");
  check_error("2-MeTHF -> B", 2, "begins with a letter");
  check_error("A -> \u00c4", 6, "begins with a letter");
  check_error("A -> B; C", 7, "'+' is needed");
  check_error("\u00c4 -> B", 1, "begins with a letter");
}

static void a_side_of_too_many_species_is_refused(void **state)
{
  (void)state;
  char text[4000] = "A0";
  for (int i = 1; i <= 300; i++) snprintf(text + strlen(text), sizeof text - strlen(text), "+A%d", i);
  strcat(text, "->B");
  taup_arena arena = {0};
  taup_equation e;
  int column;
  assert_int_equal(taup_equation_parse(text, &arena, &e, &column), TAU_E_PARSE);
  assert_non_null(strstr(tau_last_error(), "too many species"));
  taup_arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(arrows_say_whether_there_is_a_way_back),
    cmocka_unit_test(longest_arrow_is_read_first),
    cmocka_unit_test(coefficients_stand_with_or_without_a_blank),
    cmocka_unit_test(repeated_species_are_added),
    cmocka_unit_test(a_side_may_be_empty),
    cmocka_unit_test(names_may_hold_what_chemists_write),
    cmocka_unit_test(columns_of_species_count_characters),
    cmocka_unit_test(errors_say_what_and_where),
    cmocka_unit_test(a_side_of_too_many_species_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_latex.c - the equations of the manual are those of the graph. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "expr/graph.h"
#include <tautrain/kinds.h>

#define C_(x) "c_\\mathrm{" x "}"

static const char *equation(tau_table table, const char *name)
{
  for (int i = 0; i < tau_table_n_rows(table); i++)
    if (!strcmp(tau_table_name(table, i), name)) return tau_table_latex(table, i);
  fail_msg("no row '%s'", name);
  return NULL;
}

/* C. M. Guldberg and P. Waage (1879): forward, with K (k_r = k / K), with its own constant of the way back. */
static void mass_action_is_printed_in_its_three_forms(void **state)
{
  (void)state;
  const char *want = "r = k \\, " C_("A") " \\, " C_(
    "B") "\n"
         "r = k \\, " C_("A") " \\, " C_("B") " - \\frac{k \\, " C_(
           "C") "}{K}\n"
                "r = k \\, " C_("A") " \\, " C_("B") " - k_\\mathrm{reverse} \\, " C_("C");
  assert_string_equal(equation(TAU_TABLE_LAW, "mass-action"), want);
}

static void michaelis_menten_is_printed_as_a_fraction(void **state)
{
  (void)state;
  const char *want = "r = \\frac{\\mathrm{vmax} \\, " C_("A") "}{" C_("A") " + \\mathrm{km}}";
  assert_string_equal(equation(TAU_TABLE_LAW, "michaelis-menten"), want);
}

static void arrhenius_is_printed_with_the_reference_temperature(void **state)
{
  (void)state;
  const char *want = "k = k_\\mathrm{ref} \\, \\exp\\left(-\\frac{\\mathrm{Ea} \\, "
                     "\\left(\\frac{1}{T} - \\frac{1}{T_\\mathrm{ref}}\\right)}{R}\\right)";
  assert_string_equal(equation(TAU_TABLE_KT, "arrhenius-reference"), want);
}

/* O. Levenspiel, Chemical Reaction Engineering, 3rd ed. (1999), ch. 5 and 9, over s = (volume so far) / V. */
static void a_tube_is_printed_with_its_three_balances(void **state)
{
  (void)state;
  const char *want = "\\frac{dF_{\\mathrm{A}}}{ds} = -\\frac{k \\, V \\, F_\\mathrm{A}}{Q}\n"
                     "\\frac{dF_{\\mathrm{B}}}{ds} = \\frac{k \\, V \\, F_\\mathrm{A}}{Q}\n"
                     "\\frac{dT}{ds} = \\frac{U \\, V \\, a \\, \\left(T_\\mathrm{jacket} - T\\right) - "
                     "\\frac{k \\, H_\\mathrm{r} \\, V \\, F_\\mathrm{A}}{Q}}{\\rho \\, c_\\mathrm{p} \\, Q}";
  assert_string_equal(equation(TAU_TABLE_UNIT, "pfr"), want);
}

static void a_tank_loses_what_flows_out(void **state)
{
  (void)state;
  const char *latex = equation(TAU_TABLE_UNIT, "cstr");
  assert_non_null(strstr(latex, "+ \\frac{F_\\mathrm{B,in}}{Q} - " C_("B")));
  assert_null(strstr(latex, "mode"));
}

static void a_batch_has_no_flow(void **state)
{
  (void)state;
  const char *latex = equation(TAU_TABLE_UNIT, "batch");
  assert_non_null(strstr(latex, "\\frac{dn_{\\mathrm{A}}}{ds} = -k \\, t \\, n_\\mathrm{A}\n"));
  assert_null(strchr(latex, 'Q'));
}

static void rows_without_an_equation_have_none(void **state)
{
  (void)state;
  assert_null(equation(TAU_TABLE_LAW, "expression"));
  assert_null(equation(TAU_TABLE_UNIT, "mixer"));
  assert_null(equation(TAU_TABLE_SOLVENT, "water"));
}

/* What is new in a table is printed too, or says here that it cannot be. */
static void every_other_row_is_printed(void **state)
{
  (void)state;
  static const char *const without[] = {"expression", "mixer", "splitter"};
  for (int table = TAU_TABLE_LAW; table <= TAU_TABLE_UNIT; table++)
    for (int i = 0; i < tau_table_n_rows((tau_table)table); i++) {
      bool expected = true;
      for (int k = 0; k < 3; k++)
        expected = expected && strcmp(tau_table_name((tau_table)table, i), without[k]) != 0;
      if (expected != (tau_table_latex((tau_table)table, i) != NULL))
        fail_msg("'%s'", tau_table_name((tau_table)table, i));
    }
}

/* --- the page on powers --- */

static char *page_of_powers(void)
{
  FILE *f = fopen(TAUTRAIN_SOURCE_DIR "/docs/theory/powers.md", "rb");
  assert_non_null(f);
  enum { MOST = 1 << 16 };
  char *text = calloc(MOST, 1);
  assert_non_null(text);
  assert_true(fread(text, 1, MOST - 1, f) > 0);
  fclose(f);
  return text;
}

static void the_page_on_powers_shows_what_the_graph_holds(void **state)
{
  (void)state;
  static const double orders[] = {-1.0, 0.5, 1.5, 2.0};
  char *page = page_of_powers();
  for (size_t k = 0; k < sizeof orders / sizeof orders[0]; k++) {
    taup_graph *g;
    taup_text latex = {0};
    assert_int_equal(taup_graph_new(&g), TAU_OK);
    const taup_node c = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "A");
    taup_print_latex(g, taup_power_of_order(g, c, taup_number(g, orders[k])), &latex);
    if (!strstr(page, latex.data))
      fail_msg("docs/theory/powers.md lacks order %g: %s", orders[k], latex.data);
    taup_text_free(&latex);
    taup_graph_free(g);
  }
  free(page);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(mass_action_is_printed_in_its_three_forms),
    cmocka_unit_test(michaelis_menten_is_printed_as_a_fraction),
    cmocka_unit_test(arrhenius_is_printed_with_the_reference_temperature),
    cmocka_unit_test(a_tube_is_printed_with_its_three_balances),
    cmocka_unit_test(a_tank_loses_what_flows_out),
    cmocka_unit_test(a_batch_has_no_flow),
    cmocka_unit_test(rows_without_an_equation_have_none),
    cmocka_unit_test(every_other_row_is_printed),
    cmocka_unit_test(the_page_on_powers_shows_what_the_graph_holds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

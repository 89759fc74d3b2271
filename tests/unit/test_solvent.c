/* SPDX-License-Identifier: Apache-2.0 */
/* test_solvent.c - density and enthalpy of the solvents as nodes. The heat capacity is the enthalpy's derivative by complex step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chem/solvent.h"

typedef struct properties {
  double density, enthalpy, cp;
} properties;

static properties at_T(const taup_solvent *s, double T)
{
  taup_graph *g;
  double in[2] = {T, 1e-30}, out[4];
  const double *const inputs[4] = {NULL, NULL, NULL, in};
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const taup_node T_node = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_TEMPERATURE, "T");
  const bool has_cp = isfinite(s->heat_capacity_25C);
  const taup_node nodes[2] = {taup_solvent_density(g, s, T_node),
                              has_cp ? taup_solvent_enthalpy(g, s, T_node) : T_node};
  if (taup_graph_status(g) != TAU_OK) fail_msg("%s: %s", s->name, tau_last_error());
  assert_true(taup_dim_equal(taup_node_dim(g, nodes[0]), TAUP_DIM_DENSITY));
  if (has_cp) assert_true(taup_dim_equal(taup_node_dim(g, nodes[1]), TAUP_DIM(2, 0, -2, 0, 0)));
  assert_int_equal(taup_complex_eval(g, inputs, 2, nodes, out), TAU_OK);
  taup_graph_free(g);
  return (properties){out[0], has_cp ? out[2] : (double)NAN, has_cp ? out[3] / 1e-30 : (double)NAN};
}

static void check_rel(const char *what, double T, double got, double want, double rtol)
{
  if (!(fabs(got - want) <= rtol * fabs(want)))
    fail_msg("%s at %g K: %.10g, want %.10g (rtol %g)", what, T, got, want, rtol);
}

static void names_and_aliases_are_found_in_any_case(void **state)
{
  (void)state;
  assert_int_equal(taup_solvent_find("THF"), taup_solvent_find("tetrahydrofuran"));
  assert_true(taup_solvent_find("thf") >= 0);
  assert_string_equal(taup_solvents[taup_solvent_find("EtOH")].name, "ethanol");
  assert_string_equal(taup_solvents[taup_solvent_find("tbme")].name, "MTBE"); /* the last of several */
  assert_int_equal(taup_solvent_find("TH"), -1);
  assert_int_equal(taup_solvent_find(""), -1);
  assert_int_equal(taup_solvent_find("ethanol,EtOH"), -1);
}

/* Evaluated from the same coefficients by other code, to the digits shown (data/solvents/README.md says from where). */
static const struct {
  const char *name;
  double T_C, density, cp;
} published[] = {
  {"water", 10, 1002.91, 4204.8},
  {"water", 50, 986.15, 4176.8},
  {"water", 70, 975.63, 4186.9},
  {"ethanol", 10, 799.03, 2321.5},
  {"ethanol", 50, 762.87, 2673.1},
  {"ethanol", 70, 743.28, 2898.4},
  {"toluene", 10, 877.49, 1657.7},
  {"toluene", 50, 840.65, 1774.5},
  {"toluene", 70, 821.4, 1842.0},
  {"dimethyl sulfoxide", 10, (double)NAN, (double)NAN},
  {"dimethyl sulfoxide", 50, 1071.58, 1968.6},
  {"dimethyl sulfoxide", 70, 1051.58, 1989.0},
  {"acetone", 10, 803.43, 2132.8},
  {"acetone", 50, 757.34, 2260.3},
  {"acetone", 70, 732.76, (double)NAN},
  {"n-heptane", 10, 694.07, 2187.5},
  {"n-heptane", 50, 659.89, 2336.6},
  {"n-heptane", 70, 641.8, 2423.4},
};

static void properties_agree_with_an_independent_evaluation(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
    const int row = taup_solvent_find(published[i].name);
    assert_true(row >= 0);
    const double T = published[i].T_C + 273.15;
    const properties p = at_T(&taup_solvents[row], T);
    if (!isnan(published[i].density)) check_rel(published[i].name, T, p.density, published[i].density, 1e-5);
    if (!isnan(published[i].cp)) check_rel(published[i].name, T, p.cp, published[i].cp, 4e-5);
  }
}

static void at_25_degC_every_row_gives_its_own_values(void **state)
{
  (void)state;
  for (int i = 0; i < taup_n_solvents; i++) {
    const taup_solvent *s = &taup_solvents[i];
    const properties p = at_T(s, 298.15);
    check_rel(s->name, 298.15, p.density, s->density_25C, 1e-6);
    if (!isfinite(s->heat_capacity_25C)) continue;
    check_rel(s->name, 298.15, p.cp, s->heat_capacity_25C, 1e-6);
    assert_true(fabs(p.enthalpy) < 1e-6); /* of 6e5 J/kg from 0 K: rounding */
  }
}

/* Simpson's rule on the heat capacity is exact to rounding for its polynomials of degree 3, and good to 1e-9 beyond. */
static void enthalpy_is_the_integral_of_the_heat_capacity(void **state)
{
  (void)state;
  enum { N = 200 };
  for (int i = 0; i < taup_n_solvents; i++) {
    const taup_solvent *s = &taup_solvents[i];
    if (s->cp_form == TAUP_CP_NONE) continue;
    const double a = s->cp_T_min, b = s->cp_T_max, h = (b - a) / N;
    double integral = 0.0;
    for (int k = 0; k <= N; k++) {
      const double T = k == 0 ? a * (1 + 1e-12) : k == N ? b * (1 - 1e-12) : a + k * h;
      integral += (k == 0 || k == N ? 1.0 : k % 2 ? 4.0 : 2.0) * at_T(s, T).cp;
    }
    check_rel(s->name, b, at_T(s, b).enthalpy - at_T(s, a).enthalpy, integral * h / 3.0, 1e-7);
  }
}

static void outside_its_range_a_liquid_keeps_the_values_of_the_end(void **state)
{
  (void)state;
  for (int i = 0; i < taup_n_solvents; i++) {
    const taup_solvent *s = &taup_solvents[i];
    if (s->cp_form == TAUP_CP_NONE) continue;
    const double top = s->cp_T_max, bottom = s->cp_T_min;
    const properties inside = at_T(s, top * (1 - 1e-9)), above = at_T(s, top + 50.0),
                     cold = at_T(s, bottom - 30.0);
    check_rel(s->name, top + 50.0, above.cp, inside.cp, 1e-6);
    check_rel(s->name, top + 50.0, above.enthalpy, inside.enthalpy + 50.0 * inside.cp, 1e-6);
    check_rel(s->name, bottom - 30.0, cold.cp, at_T(s, bottom * (1 + 1e-9)).cp, 1e-6);
    assert_true(isfinite(at_T(s, 2000.0).density) && at_T(s, 2000.0).density > 0.0);
    assert_true(isfinite(at_T(s, 1.0).density));
  }
}

static void an_unknown_heat_capacity_is_an_error(void **state)
{
  (void)state;
  taup_graph *g;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const taup_node T = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_TEMPERATURE, "T");
  assert_int_equal(taup_solvent_enthalpy(g, &taup_solvents[taup_solvent_find("NMP")], T), TAUP_NODE_ERROR);
  assert_int_equal(taup_graph_status(g), TAU_E_MODEL);
  assert_non_null(strstr(tau_last_error(), "N-methyl-2-pyrrolidone"));
  taup_graph_free(g);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_and_aliases_are_found_in_any_case),
    cmocka_unit_test(properties_agree_with_an_independent_evaluation),
    cmocka_unit_test(at_25_degC_every_row_gives_its_own_values),
    cmocka_unit_test(enthalpy_is_the_integral_of_the_heat_capacity),
    cmocka_unit_test(outside_its_range_a_liquid_keeps_the_values_of_the_end),
    cmocka_unit_test(an_unknown_heat_capacity_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

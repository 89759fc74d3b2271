/* SPDX-License-Identifier: Apache-2.0 */
/* test_kt.c - forms of k(T): closed values, dimensions, slopes by complex step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chem/kt/kt.h"

#define SECOND_ORDER TAUP_DIM(3, 0, -1, 0, -1)
#define FIRST_ORDER TAUP_DIM(0, 0, -1, 0, 0)

/* k and dk/dT of a row at T, its parameters as numbers. */
static void evaluate(const taup_kt *kt, const double *p, double T, taup_dim dim, double *k, double *slope)
{
  taup_graph *g;
  taup_node nodes[TAUP_KT_MOST_FIELDS];
  double in[2] = {T, 1e-30}, out[2];
  const double *const inputs[4] = {NULL, NULL, NULL, in};
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  for (int i = 0; i < kt->n_fields; i++)
    nodes[i] = taup_const(g, p[i], kt->fields[i].flags & TAUP_FIELD_OWN_DIM ? dim : kt->fields[i].dim);
  const taup_node T_node = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_TEMPERATURE, "T");
  const taup_node node = kt->build(g, nodes, T_node, dim);
  if (taup_graph_status(g) != TAU_OK) fail_msg("%s: %s", kt->name, tau_last_error());
  assert_true(taup_dim_equal(taup_node_dim(g, node), dim));
  assert_int_equal(taup_complex_eval(g, inputs, 1, &node, out), TAU_OK);
  *k = out[0];
  *slope = out[1] / 1e-30;
  taup_graph_free(g);
}

static void check_rel(double got, double want, double rtol)
{
  if (!(fabs(got - want) <= rtol * fabs(want))) fail_msg("%.17g, want %.17g (rtol %g)", got, want, rtol);
}

static double value(const taup_kt *kt, const double *p, double T, taup_dim dim)
{
  double k, slope;
  evaluate(kt, p, T, dim, &k, &slope);
  return k;
}

static void a_constant_stays(void **state)
{
  (void)state;
  const double p[] = {0.25};
  double k, slope;
  evaluate(&taup_kt_constant, p, 400.0, FIRST_ORDER, &k, &slope);
  assert_true(k == 0.25 && slope == 0.0);
}

static void arrhenius_forms_agree(void **state)
{
  (void)state;
  const double Ea = 33.3e3, T_ref = 363.15, k_ref = 5.79e-4;
  const double by_reference[] = {k_ref, T_ref, Ea};
  const double by_prefactor[] = {k_ref * exp(Ea / (TAUP_R * T_ref)), Ea, 0.0};
  for (double T = 273.15; T < 480.0; T += 25.0)
    check_rel(value(&taup_kt_arrhenius, by_prefactor, T, SECOND_ORDER),
              value(&taup_kt_arrhenius_reference, by_reference, T, SECOND_ORDER), 1e-13);
  check_rel(value(&taup_kt_arrhenius_reference, by_reference, T_ref, SECOND_ORDER), k_ref, 1e-15);
}

static void slope_of_log_k_is_the_activation_energy(void **state)
{
  (void)state;
  /* d ln k / dT = (Ea + n R T) / (R T^2), IUPAC Green Book, 3rd ed., 2.12 */
  const double p[] = {1e10, 80e3, 1.5}, T = 350.0;
  double k, slope;
  evaluate(&taup_kt_arrhenius, p, T, FIRST_ORDER, &k, &slope);
  check_rel(slope / k, (80e3 + 1.5 * TAUP_R * T) / (TAUP_R * T * T), 1e-13);
  check_rel(k, 1e10 * pow(T, 1.5) * exp(-80e3 / (TAUP_R * T)), 1e-13);
}

static void eyring_gives_the_universal_frequency_without_barrier(void **state)
{
  (void)state;
  /* kB T / h at 298.15 K: 1.380649e-23 x 298.15 / 6.62607015e-34, in decimal arithmetic */
  const double none[] = {0.0, 0.0};
  check_rel(value(&taup_kt_eyring, none, 298.15, FIRST_ORDER), 6.212437991620e12, 1e-12);
}

static void eyring_has_its_standard_state_at_one_mole_a_litre(void **state)
{
  (void)state;
  const double p[] = {60e3, -100.0}, T = 320.0;
  const double first = value(&taup_kt_eyring, p, T, FIRST_ORDER);
  check_rel(value(&taup_kt_eyring, p, T, SECOND_ORDER), first * 1e-3, 1e-14); /* L/mol = 1e-3 m^3/mol */
  check_rel(value(&taup_kt_eyring, p, T, TAUP_DIM(6, 0, -1, 0, -2)), first * 1e-6, 1e-14);
  check_rel(value(&taup_kt_eyring, p, T, TAUP_DIM(1.5f, 0, -1, 0, -0.5f)), first * pow(1e-3, 0.5), 1e-14);
  check_rel(value(&taup_kt_eyring, p, T, TAUP_DIM(-3, 0, -1, 0, 1)), first * 1e3, 1e-14);
  check_rel(first, 1.380649e-23 * T / 6.62607015e-34 * exp(-100.0 / TAUP_R - 60e3 / (TAUP_R * T)), 1e-13);
}

static void van_t_hoff_has_the_slope_of_its_enthalpy(void **state)
{
  (void)state;
  const double p[] = {2.0, 300.0, -50e3}, T = 340.0;
  double K, slope;
  evaluate(&taup_kt_van_t_hoff, p, T, TAUP_DIM(3, 0, 0, 0, -1), &K, &slope);
  check_rel(slope / K, -50e3 / (TAUP_R * T * T), 1e-13); /* d ln K / dT = dH / (R T^2) */
  check_rel(value(&taup_kt_van_t_hoff, p, 300.0, TAUP_DIM(3, 0, 0, 0, -1)), 2.0, 1e-15);
}

static void every_row_says_what_it_is(void **state)
{
  (void)state;
  for (int i = 0; i < taup_n_kts; i++) {
    const taup_kt *kt = taup_kts[i];
    assert_true(kt->n_fields > 0 && kt->n_fields <= TAUP_KT_MOST_FIELDS);
    assert_true(kt->rate || kt->equilibrium);
    assert_true(strlen(kt->doc) > 20);
    for (int k = 0; k < kt->n_fields; k++) {
      assert_true(kt->fields[k].lower <= kt->fields[k].upper && *kt->fields[k].doc);
      assert_true(isnan(kt->fields[k].value) || kt->fields[k].flags & TAUP_FIELD_OPTIONAL);
    }
    for (int j = 0; j < i; j++) assert_string_not_equal(kt->name, taup_kts[j]->name);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_constant_stays),
    cmocka_unit_test(arrhenius_forms_agree),
    cmocka_unit_test(slope_of_log_k_is_the_activation_energy),
    cmocka_unit_test(eyring_gives_the_universal_frequency_without_barrier),
    cmocka_unit_test(eyring_has_its_standard_state_at_one_mole_a_litre),
    cmocka_unit_test(van_t_hoff_has_the_slope_of_its_enthalpy),
    cmocka_unit_test(every_row_says_what_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

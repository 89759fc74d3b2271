/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivities.c - every row of the table of units, with each heat option, density and way to give its size: every observable to every
 * parameter, exact against extrapolated differences. A new row is tested from the moment it stands in the table. */
#include "conformance/unit_models.h"
#include "support/differences.h"

enum { MOST_CASES = 512 };
static unit_case cases[MOST_CASES];
static struct CMUnitTest tests[MOST_CASES];

/* Mixing by exchange is solved by splitting, and has no derivatives: each is NAN, and says why. */
static void nothing_is_known(const tau_train *t)
{
  int *parameters = calloc((size_t)tau_train_n_parameters(t), sizeof *parameters);
  tau_sensitivity *s = NULL;
  parameters[0] = tau_train_parameter_index(t, "reactions/r/k/k_ref");
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, 1, parameters, NULL), TAU_OK);
  const int A = tau_train_observable_index(t, "outlet/c/A");
  assert_true(isnan(tau_sensitivity_value(s, A, 0)));
  assert_non_null(strstr(tau_sensitivity_reason(s, A, 0), "exchange"));
  tau_sensitivity_free(s);
  free(parameters);
}

static void every_observable_to_every_parameter(void **state)
{
  const unit_case *k = *state;
  tau_train *t = small_train(k->model);
  if (k->mixing == TAUP_EXCHANGE) {
    nothing_is_known(t);
    tau_train_free(t);
    return;
  }
  differences d = {.step = 4e-4, .tolerance = 1e-6, .noise = 1e-11};
  check_differences(t, &d);
  assert_true(d.n_compared > 300);
  assert_true(d.n_rough <= d.n_compared / 100);
  if (getenv("TAUTRAIN_VERBOSE"))
    print_message("%-50s %6d %4d  %g\n", k->name, d.n_compared, d.n_rough, d.worst);
  tau_train_free(t);
}

int main(void)
{
  const int n = all_cases(cases, MOST_CASES);
  for (int i = 0; i < n; i++)
    tests[i] = (struct CMUnitTest){.name = cases[i].name,
                                   .test_func = every_observable_to_every_parameter,
                                   .initial_state = &cases[i]};
  return _cmocka_run_group_tests("sensitivities", tests, (size_t)n, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_lanes.c - every row of the table of units, with each heat option, density and way to give its size: derivatives of every
 * observable to every parameter by lanes against those by CVODES, which sensitivities.c compares with differences.
 *
 * Lanes at rtol 1e-10, CVODES, whose errors add up to more than that, at 1e-12. Compared to 10 times 1e-10 of the derivative do/dp and of
 * o/p: what tolerances leave open of a tangent is of the size of the state. Where a maximum is flat, its place has 1,000 times more. */
#include "conformance/unit_models.h"
#include "support/small_run.h"
#include "train/sensitivity_bundle.h"
#include "train/train.h"

enum { MOST_CASES = 512, N_POINTS = 5, MOST_PARAMETERS = 128 };
static const double rtol = 1e-10;
static unit_case cases[MOST_CASES];
static struct CMUnitTest tests[MOST_CASES];

static bool is_compared(const char *path)
{
  const size_t n = strlen(path);
  return strncmp(path, "balance/", 8) != 0 && !(n > 7 && strcmp(path + n - 7, "/stable") == 0);
}

static int given_parameters(const tau_train *t, int *parameters)
{
  int n = 0;
  for (int i = 0; i < tau_train_n_parameters(t) && n < MOST_PARAMETERS; i++)
    if (!isnan(tau_train_parameter(t, i).value)) parameters[n++] = i;
  return n;
}

static double size_of(double x) { return x != 0.0 ? fabs(x) : 1.0; }

/* What has no lanes is compared with itself at a hundredth of the tolerance: of a march through a distribution that shows the error of the
 * whole way, not of a step. */
static double room_of(const unit_case *k) { return k->mixing ? 500.0 : 10.0; }

static double open_of(const unit_case *k, const tau_train *t, const tau_result *r, int i_observable,
                      int parameter, double slope)
{
  const double o = tau_result_values(r)[i_observable], p = tau_train_parameter(t, parameter).value;
  const char *path = tau_train_observable(t, i_observable).path;
  const double flat = strstr(path, "position_") || strstr(path, "at_T_max") ? 1e3 : 1.0;
  const double whole = tau_train_observable(t, i_observable).unit[0] ? fabs(o) : fmax(fabs(o), 1.0);
  return room_of(k) * rtol * flat * (fabs(slope) + whole / size_of(p));
}

static int compare(const unit_case *k, const tau_train *t, const tau_sensitivity *s, const double *values)
{
  const tau_result *r = tau_sensitivity_result(s);
  int n_wrong = 0;
  for (int i = 0; i < tau_train_n_observables(t); i++)
    for (int j = 0; j < tau_sensitivity_n_parameters(s); j++) {
      const char *path = tau_train_observable(t, i).path;
      const int p = tau_sensitivity_parameter(s, j);
      const double want = tau_sensitivity_value(s, i, j), have = *values++;
      if (!is_compared(path) || (isnan(want) && isnan(have))) continue;
      if (fabs(have - want) <= open_of(k, t, r, i, p, want)) continue;
      if (n_wrong++ < 5)
        print_error("%s: d %s / d %s is %.12g by lanes, %.12g by CVODES (value %g at %g)\n", k->name, path,
                    tau_train_parameter(t, p).path, have, want, tau_result_values(r)[i],
                    tau_train_parameter(t, p).value);
    }
  return n_wrong;
}

/* The first and the last point are the model; others have other concentrations. */
static void fill(taup_sensitivity_bundle *b, const tau_train *t)
{
  for (int i = 0; i < N_POINTS; i++)
    for (int p = 0; p < tau_train_n_parameters(t); p++) {
      const tau_parameter parameter = tau_train_parameter(t, p);
      const bool varied = i % (N_POINTS - 1) != 0 && strstr(parameter.path, "concentration/");
      taup_sensitivity_bundle_inputs(b, i)[p] = parameter.value * (varied ? 1.0 + 0.02 * i : 1.0);
    }
}

static void lanes_agree_with_cvodes(void **state)
{
  const unit_case *k = *state;
  if (k->mixing == TAUP_EXCHANGE) return; /* has no derivatives: conformance/sensitivities.c */
  tau_train *t = small_train(k->model);
  int parameters[MOST_PARAMETERS];
  tau_run_options o = TAU_RUN_OPTIONS_INIT;
  tau_sensitivity *s = NULL;
  taup_sensitivity_bundle *b = NULL;
  const taup_sensitivity_bundle_options options = {.run = {.lanes = true},
                                                   .n_parameters = given_parameters(t, parameters),
                                                   .parameters = parameters};
  o.rtol = 1e-2 * rtol;
  o.engine = TAU_ENGINE_CVODES;
  assert_int_equal(tau_train_sensitivity(&s, t, NULL, options.n_parameters, parameters, &o), TAU_OK);
  if (taup_sensitivity_bundle_new(&b, t, N_POINTS, &options) < 0) fail_msg("%s", tau_last_error());
  fill(b, t);
  o.rtol = rtol;
  o.engine = TAU_ENGINE_AUTO;
  taup_sensitivity_bundle_run(b, N_POINTS, &o);
  assert_int_equal(taup_sensitivity_bundle_status(b, 0), TAU_OK);
  const int n_wrong = compare(k, t, s, taup_sensitivity_bundle_values(b, 0));
  const size_t bytes = (size_t)tau_train_n_observables(t) * (size_t)options.n_parameters * sizeof(double);
  assert_memory_equal(taup_sensitivity_bundle_values(b, 0), taup_sensitivity_bundle_values(b, N_POINTS - 1),
                      bytes);
  if (getenv("TAUTRAIN_VERBOSE"))
    print_message("%-50s %d of %d marches handed over\n", k->name,
                  (int)taup_sensitivity_bundle_n_handed_over(b), N_POINTS);
  if (taup_width_is_there(4)) { /* lanes need vectors with fused multiplication */
    const bool marches =
      !k->mixing && ((k->kind->family == TAUP_DISTRIBUTED && k->kind->transport == TAUP_PLUG) ||
                     k->kind->family == TAUP_CLOSED);
    assert_int_equal(taup_sensitivity_bundle_n_in_lanes(b), marches ? N_POINTS : 0);
    assert_int_equal(taup_sensitivity_bundle_n_handed_over(b), 0);
  }
  taup_sensitivity_bundle_free(b);
  tau_sensitivity_free(s);
  tau_train_free(t);
  if (n_wrong) fail_msg("%s: %d derivatives are wrong", k->name, n_wrong);
}

int main(void)
{
  const int n = all_cases(cases, MOST_CASES);
  for (int i = 0; i < n; i++)
    tests[i] = (struct CMUnitTest){.name = cases[i].name,
                                   .test_func = lanes_agree_with_cvodes,
                                   .initial_state = &cases[i]};
  return _cmocka_run_group_tests("sensitivity lanes", tests, (size_t)n, NULL, NULL);
}

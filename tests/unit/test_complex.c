/* SPDX-License-Identifier: Apache-2.0 */
/* test_complex.c - nodes over complex numbers: analytic functions, branches by real parts, complex steps. */
#include <complex.h>
#include <math.h>

#include "unit/expression_scope.h"

typedef double complex number;

#undef I
#define I ((number)_Complex_I) /* _Complex_I is a float in gcc */

/* y (a STATE symbol without dimension) at z, the other names at their values. */
static tau_status eval_at(const taup_graph *g, taup_node node, number z, number *out)
{
  double values[4][2 * MOST_INDEX] = {{0}}, re_im[2] = {0.0, 0.0};
  for (int i = 0; i < N_KNOWN; i++)
    values[known_names[i].binding][2 * known_names[i].index] = known_names[i].value;
  values[TAUP_STATE][2 * 6] = creal(z);
  values[TAUP_STATE][2 * 6 + 1] = cimag(z);
  const double *const by_binding[4] = {values[0], values[1], values[2], values[3]};
  const tau_status st = taup_complex_eval(g, by_binding, 1, &node, re_im);
  *out = re_im[0] + re_im[1] * I;
  return st;
}

static number at(taup_graph *g, const char *text, number z)
{
  number out;
  if (eval_at(g, parsed(g, text), z, &out) < 0) fail_msg("%s: %s", text, tau_last_error());
  return out;
}

static void check_near(const char *what, number got, number want, double tolerance)
{
  if (!(cabs(got - want) <= tolerance * (cabs(want) + 1e-300)))
    fail_msg("%s = %.17g%+.17gi, want %.17g%+.17gi", what, creal(got), cimag(got), creal(want), cimag(want));
}

static const number points[] = {1.5 + 0.5 * I, 0.3 - 2.0 * I, 2.0 + 0.0 * I, 0.01 + 0.7 * I, 5.0 + 3.0 * I};
enum { N_POINTS = sizeof points / sizeof points[0] };

/* Two ways to the same analytic function; the right one with arithmetic, or another function, alone. */
static void analytic_functions_obey_their_identities(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
    {"exp(log(y))", "y"},
    {"log(exp(y/4))", "y/4"},
    {"sqrt(y)*sqrt(y)", "y"},
    {"y^3", "y*y*y"},
    {"y^9/y^8", "y"},
    {"y^-2", "1/(y*y)"},
    {"y^0.25*y^0.75", "y"},
    {"y^1.5", "y*sqrt(y)"},
    {"x^y", "exp(y*log(x))"},
    {"y^n", "exp(n*log(y))"},
    {"y^y", "exp(y*log(y))"},
    {"tanh(y)", "(exp(2*y) - 1)/(exp(2*y) + 1)"},
    {"1/(1 + 1/y)", "y/(1 + y)"},
    {"log10(y)*log(10)", "log(y)"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    taup_graph *g = new_graph();
    for (int k = 0; k < N_POINTS; k++)
      check_near(pairs[i][0], at(g, pairs[i][0], points[k]), at(g, pairs[i][1], points[k]), 1e-14);
    taup_graph_free(g);
  }
}

/* exp(ib) = cos b + i sin b; log of a product; tan: closed forms over real numbers. */
static void values_are_those_of_closed_forms(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  check_near("exp", at(g, "exp(y)", 0.5 + 2.0 * I), exp(0.5) * cos(2.0) + exp(0.5) * sin(2.0) * I, 1e-15);
  check_near("log", at(g, "log(y)", 3.0 + 4.0 * I), log(5.0) + atan2(4.0, 3.0) * I, 1e-15);
  check_near("sqrt", at(g, "sqrt(y)", 3.0 + 4.0 * I), 2.0 + 1.0 * I, 1e-15);
  check_near("tanh", at(g, "tanh(y)", 0.7 * I), tan(0.7) * I, 1e-15);
  check_near("power", at(g, "y^1.5", 3.0 + 4.0 * I), 2.0 + 11.0 * I, 1e-15);
  check_near("power of 0", at(g, "y^1.5", 0.0), 0.0, 0.0);
  check_near("recip", at(g, "1/y", 3.0 + 4.0 * I), 0.12 - 0.16 * I, 1e-15);
  taup_graph_free(g);
}

static void branches_are_taken_by_the_real_part(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  const number z = -1.0 + 3.0 * I, w = 2.0 - 5.0 * I;
  check_near("abs", at(g, "abs(y)", z), -z, 0.0);
  check_near("abs", at(g, "abs(y)", w), w, 0.0);
  check_near("min", at(g, "min(y, 1)", z), z, 0.0);
  check_near("min", at(g, "min(y, 1)", w), 1.0, 0.0);
  check_near("max", at(g, "max(y, 1)", z), 1.0, 0.0);
  check_near("max", at(g, "max(y, 1)", w), w, 0.0);
  check_near("select", at(g, "select(y > 1, y^2, 2*y)", z), 2.0 * z, 1e-15);
  check_near("select", at(g, "select(y > 1, y^2, 2*y)", w), w * w, 1e-15);
  taup_graph_free(g);
}

/* The graph's own derivative, by rules, against a complex step, which uses none of them. */
static void a_complex_step_gives_the_derivative(void **state)
{
  (void)state;
  static const char *const texts[] = {
    "y^2",
    "1/y",
    "y^1.7",
    "x^y",
    "y^y",
    "exp(-2*y)",
    "log(1 + y^2)",
    "tanh(y)",
    "sqrt(y + 1)",
    "abs(x - y)*y",
    "min(y^2, y)",
    "max(y, x)^1.5",
    "select(y > 1, y^3, exp(y))",
    "y*KB*A/(1 + KB*A*y)^2",
    "exp(-Ea/(R*T)*y)/y",
  };
  const double h = 1e-100, y = known_value("y");
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    taup_graph *g = new_graph();
    taup_diff *d;
    const taup_partial *partials;
    assert_int_equal(taup_diff_new(&d, g, TAUP_STATE), TAU_OK);
    const taup_node node = parsed(g, texts[i]);
    const int n = taup_diff_of(d, node, &partials);
    int at_y = 0;
    while (at_y < n && partials[at_y].symbol != 6) at_y++;
    assert_true(at_y < n);
    CHECK_REL(cimag(at(g, texts[i], y + h * I)) / h, value_of(g, partials[at_y].node), 1e-13);
    taup_diff_free(d);
    taup_graph_free(g);
  }
}

/* --- functions of the user --- */

/* x0^2 x1 */
static int real_cubic(void *user, int n, const double *x, double *value, double *gradient)
{
  const int *code = user;
  assert_int_equal(n, 2);
  *value = x[0] * x[0] * x[1];
  if (gradient) {
    gradient[0] = 2.0 * x[0] * x[1];
    gradient[1] = x[0] * x[0];
  }
  return *code;
}

static int complex_cubic(void *user, int n, const double *x, double value[2])
{
  const int *code = user;
  assert_int_equal(n, 2);
  const number a = x[0] + x[1] * I, b = x[2] + x[3] * I, v = a * a * b;
  value[0] = creal(v);
  value[1] = cimag(v);
  return *code;
}

static taup_node call_of(taup_graph *g, const taup_callback *f)
{
  const taup_node args[2] = {parsed(g, "y"), parsed(g, "2*y")};
  return taup_call(g, f, args, TAUP_DIM_NONE);
}

static void a_function_over_complex_numbers_is_called_with_them(void **state)
{
  (void)state;
  int code = 0;
  const taup_callback f = {
    .function = real_cubic, .function_complex = complex_cubic, .user = &code, .n_args = 2, .name = "cubic"};
  taup_graph *g = new_graph();
  const number z = 0.5 + 2.0 * I;
  number out;
  assert_int_equal(eval_at(g, call_of(g, &f), z, &out), TAU_OK);
  check_near("cubic", out, 2.0 * z * z * z, 1e-15);
  taup_graph_free(g);
}

static void a_function_over_real_numbers_allows_a_complex_step(void **state)
{
  (void)state;
  int code = 0;
  const taup_callback f = {.function = real_cubic, .user = &code, .n_args = 2, .name = "cubic"};
  taup_graph *g = new_graph();
  const taup_node node = call_of(g, &f);
  number out;
  assert_int_equal(eval_at(g, node, 1.5 + 1e-30 * I, &out), TAU_OK);
  CHECK_REL(creal(out), 2.0 * 1.5 * 1.5 * 1.5, 1e-15);
  CHECK_REL(cimag(out) / 1e-30, 6.0 * 1.5 * 1.5, 1e-15);
  assert_int_equal(eval_at(g, node, 1.5 + 0.1 * I, &out), TAU_E_UNSUPPORTED);
  assert_non_null(strstr(tau_last_error(), "'cubic'"));
  taup_graph_free(g);
}

static void derivatives_of_functions_come_from_either_form(void **state)
{
  (void)state;
  int code = 0;
  const taup_callback forms[] = {
    {.function = real_cubic, .user = &code, .n_args = 2, .name = "cubic"},
    {.function_complex = complex_cubic, .user = &code, .n_args = 2, .name = "cubic"}};
  for (int i = 0; i < 2; i++) {
    taup_graph *g = new_graph();
    taup_diff *d;
    const taup_partial *partials;
    number out;
    assert_int_equal(taup_diff_new(&d, g, TAUP_STATE), TAU_OK);
    assert_int_equal(taup_diff_of(d, call_of(g, &forms[i]), &partials), 1);
    const taup_node slope = partials[0].node;
    assert_int_equal(eval_at(g, slope, 1.5, &out), TAU_OK);
    CHECK_REL(creal(out), 6.0 * 1.5 * 1.5, 1e-15);
    assert_int_equal(eval_at(g, slope, 1.5 + 1e-30 * I, &out), TAU_E_UNSUPPORTED);
    taup_diff_free(d);
    taup_graph_free(g);
  }
}

static void a_function_that_refuses_or_fails_is_named(void **state)
{
  (void)state;
  int code = 1;
  const taup_callback f = {.function_complex = complex_cubic, .user = &code, .n_args = 2, .name = "cubic"};
  taup_graph *g = new_graph();
  const taup_node node = call_of(g, &f);
  number out;
  assert_int_equal(eval_at(g, node, 1.0, &out), TAU_E_DOMAIN);
  assert_non_null(strstr(tau_last_error(), "'cubic' refused"));
  code = -1;
  assert_int_equal(eval_at(g, node, 1.0, &out), TAU_E_CALLBACK);
  taup_graph_free(g);
}

static void only_what_is_needed_is_computed(void **state)
{
  (void)state;
  int code = -1; /* would fail */
  const taup_callback f = {.function_complex = complex_cubic, .user = &code, .n_args = 2, .name = "cubic"};
  taup_graph *g = new_graph();
  call_of(g, &f);
  check_near("y + 1", at(g, "y + 1", 2.0), 3.0, 0.0);
  taup_graph_free(g);
}

static void several_nodes_and_none(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  const taup_node nodes[3] = {parsed(g, "3"), parsed(g, "4 - 1"), parsed(g, "2^3")};
  double out[6];
  const double *const none[4] = {NULL, NULL, NULL, NULL};
  assert_int_equal(taup_complex_eval(g, none, 3, nodes, out), TAU_OK);
  const double want[6] = {3.0, 0.0, 3.0, 0.0, 8.0, 0.0};
  assert_memory_equal(out, want, sizeof want);
  assert_int_equal(taup_complex_eval(g, none, 0, NULL, NULL), TAU_OK);
  taup_graph_free(g);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(analytic_functions_obey_their_identities),
    cmocka_unit_test(values_are_those_of_closed_forms),
    cmocka_unit_test(branches_are_taken_by_the_real_part),
    cmocka_unit_test(a_complex_step_gives_the_derivative),
    cmocka_unit_test(a_function_over_complex_numbers_is_called_with_them),
    cmocka_unit_test(a_function_over_real_numbers_allows_a_complex_step),
    cmocka_unit_test(derivatives_of_functions_come_from_either_form),
    cmocka_unit_test(a_function_that_refuses_or_fails_is_named),
    cmocka_unit_test(only_what_is_needed_is_computed),
    cmocka_unit_test(several_nodes_and_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_print.c - text that reads back to the same node, and LaTeX. */
#include <math.h>

#include "unit/expression_scope.h"

typedef void (*print_fn)(const taup_graph *g, taup_node node, taup_text *out);

static void check_print(const taup_graph *g, taup_node node, print_fn print, const char *want)
{
  taup_text text = {0};
  print(g, node, &text);
  if (strcmp(text.data, want) != 0) fail_msg("prints %s, want %s", text.data, want);
  taup_text_free(&text);
}

/* "(0.12 mol K/J)": a number with a dimension, which the grammar has no text for. */
static bool has_unit(const char *text)
{
  for (const char *s = strchr(text, ' '); s; s = strchr(s + 1, ' '))
    if (s > text && s[-1] >= '0' && s[-1] <= '9' && strchr("mkKJsPW1", s[1])) return true;
  return false;
}

typedef struct tally {
  int n, n_units;
} tally;

/* tally (may be NULL): counts the nodes, and those with a unit, which are not read back. */
static void check_reads_back(taup_graph *g, taup_node node, tally *count)
{
  const taup_scope scope = known_scope(NULL);
  taup_text text = {0};
  taup_node again = TAUP_NODE_ERROR;
  int column;
  taup_print(g, node, &text);
  if (count) count->n++;
  if (count && has_unit(text.data)) {
    count->n_units++;
    taup_text_free(&text);
    return;
  }
  if (taup_parse(g, text.data, &scope, &again, &column) < 0)
    fail_msg("%s, column %d: %s", text.data, column, tau_last_error());
  if (again != node) {
    const taup_dim dim = taup_node_dim(g, node), dim_again = taup_node_dim(g, again);
    char a[64], b[64];
    taup_text other = {0};
    taup_print(g, again, &other);
    fail_msg("node %d prints %s [%s], which reads as node %d, %s [%s]", node, text.data,
             taup_dim_text(a, sizeof a, dim), again, other.data, taup_dim_text(b, sizeof b, dim_again));
  }
  taup_text_free(&text);
}

typedef struct printed {
  const char *text, *want;
} printed;

static void check_all(const printed *cases, size_t n, print_fn print)
{
  for (size_t i = 0; i < n; i++) {
    taup_graph *g = new_graph();
    const taup_node node = parsed(g, cases[i].text);
    check_print(g, node, print, cases[i].want);
    check_reads_back(g, node, NULL);
    taup_graph_free(g);
  }
}

static void text_is_what_one_would_write(void **state)
{
  (void)state;
  static const printed cases[] = {
    {"k*A*B/(1 + KB*B)^2", "k*A*B/(1 + KB*B)^2"},
    {"k_ref*exp(-Ea/(R*T))*A", "k_ref*exp(-Ea/(R*T))*A"},
    {"-A + B", "B - A"},
    {"-A - B", "-A - B"},
    {"A - 2*B", "A - 2*B"},
    {"y - 1", "y - 1"},
    {"1 - y", "1 - y"},
    {"-A^2", "-A^2"},
    {"A*A*A", "A^3"},
    {"A/3", "1/3*A"},
    {"2/3*A/B", "2/3*A/B"},
    {"1e-9*A", "1e-09*A"},
    {"1/A", "1/A"},
    {"-2/A", "-2/A"},
    {"1/(A*B)", "1/(A*B)"},
    {"1/A/B", "1/A/B"},
    {"1/(A + B)", "1/(A + B)"},
    {"2*(A + B)", "2*(A + B)"},
    {"A - (B + C)", "A - (B + C)"},
    {"x^y^2", "x^(y^2)"},
    {"(x^y)^n", "(x^y)^n"},
    {"A^-1.5", "A^(-1.5)"},
    {"(-2)^n", "(-2)^n"},
    {"(2*x)^n", "(2*x)^n"},
    {"(x*y)^n", "(x*y)^n"},
    {"x^(1/3)", "x^(1/3)"},
    {"c[\"a-b\"]*c[\"A'\"]", "c[\"a-b\"]*c[\"A'\"]"},
    {"select(A > B, x, -y)", "select(A > B, x, -y)"},
    {"min(A, max(B, 0))", "min(A, max(B, 0))"},
    {"sqrt(abs(A - B))", "sqrt(abs(A - B))"},
    {"tanh(log(x))", "tanh(log(x))"},
    {"R*T", "R*T"},
    {"2*R", "2*R"},
    {"R", "R"},
    {"-Ea/R", "-Ea/R"},
    {"1/R", "1/R"},
    {"Sm/R - Ea/(R*T)", "Sm/R - Ea/(R*T)"},
    {"Ea^2/(R^2*T^2)", "Ea^2/(R^2*T^2)"},
    {"R*n*T + Sm*T", "(R*n + Sm)*T"},
    {"0", "0"},
    {"-1.5", "-1.5"},
  };
  check_all(cases, sizeof cases / sizeof cases[0], taup_print);
}

static void latex_is_what_one_would_set(void **state)
{
  (void)state;
  static const printed cases[] = {
    {"k*A*B/(1 + KB*B)^2",
     "\\frac{k \\, c_\\mathrm{A} \\, c_\\mathrm{B}}{\\left(1 + \\mathrm{KB} \\, c_\\mathrm{B}\\right)^{2}}"},
    {"k_ref*exp(-Ea/(R*T))", "k_\\mathrm{ref} \\, \\exp\\left(-\\frac{\\mathrm{Ea}}{R \\, T}\\right)"},
    {"x - y/3", "x - \\frac{y}{3}"},
    {"1/x/x", "\\frac{1}{x^{2}}"},
    {"(x + y)/n", "\\frac{x + y}{n}"},
    {"2*(x + y)/n", "\\frac{2 \\, \\left(x + y\\right)}{n}"},
    {"x^(y + 1)", "x^{1 + y}"},
    {"(x + 1)^y", "\\left(1 + x\\right)^{y}"},
    {"1.5e-9*x", "1.5 \\cdot 10^{-9} \\, x"},
    {"1e20*x", "10^{20} \\, x"},
    {"sqrt(x)*abs(y)", "\\sqrt{x} \\, \\left|y\\right|"},
    {"log(x)", "\\ln\\left(x\\right)"},
    {"select(x > y, n, 1)", "\\begin{cases} n & x > y \\\\ 1 & \\text{otherwise} \\end{cases}"},
    {"c[\"a-b\"]", "c_\\mathrm{a\\text{-}b}"},
    {"R*T/3", "\\frac{R \\, T}{3}"},
  };
  check_all(cases, sizeof cases / sizeof cases[0], taup_print_latex);
}

static void latex_of_names(void **state)
{
  (void)state;
  static const struct {
    const char *name, *latex;
  } cases[] = {
    {"k", "k"},
    {"k_ref", "k_\\mathrm{ref}"},
    {"k1", "k_{1}"},
    {"k_12", "k_{12}"},
    {"alpha", "\\alpha"},
    {"Ea", "\\mathrm{Ea}"},
    {"tau_p", "\\tau_\\mathrm{p}"},
    {"k_a_b", "k_\\mathrm{a,b}"},
    {"a/k%", "\\mathrm{a/k\\%}"},
    {"x_{}", "\\mathrm{x,\\{\\}}"},
  };
  taup_graph *g = new_graph();
  for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++)
    check_print(g, taup_symbol(g, TAUP_INLET, i, TAUP_DIM_NONE, cases[i].name), taup_print_latex,
                cases[i].latex);
  taup_graph_free(g);
}

static void species_with_a_reserved_name_are_quoted(void **state)
{
  (void)state;
  static const char *const names[] = {"T", "P", "R", "c", "pi", "exp"};
  taup_graph *g = new_graph();
  for (int i = 0; i < 6; i++) {
    char want[16];
    snprintf(want, sizeof want, "c[\"%s\"]", names[i]);
    check_print(g, taup_symbol(g, TAUP_STATE, i, TAUP_DIM_CONCENTRATION, names[i]), taup_print, want);
  }
  check_print(g, taup_symbol(g, TAUP_STATE, 6, TAUP_DIM_TEMPERATURE, "T"), taup_print, "T");
  check_print(g, taup_symbol(g, TAUP_STATE, 7, TAUP_DIM_PRESSURE, "P"), taup_print, "P");
  taup_graph_free(g);
}

static void a_number_with_a_dimension_shows_its_unit(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  const taup_node A = parsed(g, "A"), e = taup_const(g, 0.001, TAUP_DIM_CONCENTRATION);
  check_print(g, e, taup_print, "(0.001 mol/m^3)");
  check_print(g, e, taup_print_latex, "0.001\\,\\mathrm{mol/m^{3}}");
  check_print(g, taup_max(g, A, e), taup_print, "max(A, (0.001 mol/m^3))");
  check_print(g, taup_div(g, A, e), taup_print, "(1000 m^3/mol)*A");
  check_print(g, taup_redim(g, A, TAUP_DIM_NONE), taup_print, "(1 m^3/mol)*A");
  taup_graph_free(g);
}

static int square(void *user, int n, const double *x, double *value, double *gradient)
{
  (void)user, (void)n;
  *value = x[0] * x[0];
  if (gradient) gradient[0] = 2.0 * x[0];
  return 0;
}

static void functions_of_the_user_are_printed_by_name(void **state)
{
  (void)state;
  const taup_callback f = {.function = square, .n_args = 1, .name = "f_1"};
  taup_graph *g = new_graph();
  const taup_node y = parsed(g, "y"), call = taup_call(g, &f, &y, TAUP_DIM_NONE);
  check_print(g, call, taup_print, "f_1(y)");
  check_print(g, call, taup_print_latex, "\\mathrm{f,1}\\left(y\\right)");
  taup_diff *d;
  const taup_partial *partials;
  assert_int_equal(taup_diff_new(&d, g, TAUP_STATE), TAU_OK);
  assert_int_equal(taup_diff_of(d, call, &partials), 1);
  check_print(g, partials[0].node, taup_print, "d1_f_1(y)");
  check_print(g, partials[0].node, taup_print_latex, "\\partial_{1} \\mathrm{f,1}\\left(y\\right)");
  taup_diff_free(d);
  taup_graph_free(g);
}

/* --- what the graph makes of random operations, not of text --- */

/* A random node without dimension. */
static taup_node random_plain(taup_graph *g, uint64_t *random)
{
  static const char *const leaves[] = {"x",   "y",       "n",    "KB*A",         "Ea/(R*T)",
                                       "B/C", "k/k_ref", "Sm/R", "c[\"a-b\"]/A", "1/x"};
  if (random_below(random, 8) == 0)
    return taup_number(g, (double)(random_below(random, 41) - 20) / (1 + random_below(random, 12)));
  return parsed(g, leaves[random_below(random, 10)]);
}

static taup_node random_power(taup_graph *g, uint64_t *random, taup_node a)
{
  static const double exponents[] = {2.0, 3.0, 0.5, 1.5, -1.0, -2.0, 9.0, -0.5, 1.0 / 3.0, 8.0};
  return taup_powi(g, taup_abs(g, a), exponents[random_below(random, 10)]);
}

static taup_node random_operation(taup_graph *g, uint64_t *random, taup_node a, taup_node b, taup_node c)
{
  switch (random_below(random, 16)) {
  case 0: return taup_add(g, a, b);
  case 1: return taup_sub(g, a, b);
  case 2: return taup_mul(g, a, b);
  case 3: return taup_div(g, a, taup_add(g, taup_abs(g, b), taup_number(g, 1.0)));
  case 4: return taup_scale(g, (double)(random_below(random, 21) - 10) / 7.0, a);
  case 5: return random_power(g, random, taup_add(g, a, taup_number(g, 2.5)));
  case 6: return taup_exp(g, taup_tanh(g, a));
  case 7: return taup_log(g, taup_add(g, taup_abs(g, a), taup_number(g, 0.1)));
  case 8: return taup_tanh(g, a);
  case 9: return taup_min(g, a, b);
  case 10: return taup_max(g, a, b);
  case 11: return taup_select(g, a, b, c, a);
  case 12: return taup_sum(g, 3, (double[]){-1.0, 2.0, 1.0 / 3.0}, (taup_node[]){a, b, c});
  case 13: return taup_product(g, 4, (taup_node[]){a, b, c, a});
  case 14: return taup_pow(g, taup_add(g, taup_abs(g, a), taup_number(g, 0.5)), taup_tanh(g, b));
  default: return taup_sqrt(g, taup_abs(g, a));
  }
}

enum { N_POOL = 24, N_GRAPHS = 400 };

/* False where constants have met in something that is no finite number, 0^-1. */
static bool random_pool(taup_graph *g, uint64_t *random, taup_node pool[N_POOL])
{
  for (int i = 0; i < N_POOL; i++) {
    if (i < 6) {
      pool[i] = random_plain(g, random);
      continue;
    }
    pool[i] = random_operation(g, random, pool[random_below(random, i)], pool[random_below(random, i)],
                               pool[random_below(random, i)]);
    if (pool[i] < 0) {
      assert_int_equal(taup_graph_status(g), TAU_E_VALUE);
      return false;
    }
    if (!isfinite(value_of(g, pool[i])))
      pool[i] = random_plain(g, random); /* exp and powers have overflowed */
  }
  return true;
}

static taup_graph *random_graph(uint64_t *random, taup_node pool[N_POOL])
{
  for (;;) {
    taup_graph *g = new_graph();
    if (random_pool(g, random, pool)) return g;
    taup_graph_free(g);
  }
}

/* Numbers that are no multiple of R to the last digit are rare. */
static void check_tally(tally count)
{
  if (count.n < 1000 || count.n_units > count.n / 20)
    fail_msg("%d of %d nodes have a unit", count.n_units, count.n);
}

static void random_nodes_read_back_to_themselves(void **state)
{
  (void)state;
  tally count = {0, 0};
  uint64_t random = 977;
  for (int i = 0; i < N_GRAPHS; i++) {
    taup_node pool[N_POOL];
    taup_graph *g = random_graph(&random, pool);
    for (int k = 0; k < N_POOL; k++) check_reads_back(g, pool[k], &count);
    taup_graph_free(g);
  }
  check_tally(count);
}

static void random_nodes_with_dimensions_read_back_to_themselves(void **state)
{
  (void)state;
  static const char *const leaves[] = {"A", "B", "k", "T", "R", "Ea", "Sm", "KB", "k_ref", "c[\"A'\"]"};
  uint64_t random = 31337;
  tally count = {0, 0};
  for (int i = 0; i < N_GRAPHS; i++) {
    taup_node pool[N_POOL];
    taup_graph *g = random_graph(&random, pool);
    for (int k = 6; k < N_POOL; k++) {
      const taup_node a = parsed(g, leaves[random_below(&random, 10)]),
                      b = parsed(g, leaves[random_below(&random, 10)]);
      const taup_node ab = random_below(&random, 2) ? taup_mul(g, a, b) : taup_div(g, a, b);
      const taup_node p = taup_mul(g, ab, pool[random_below(&random, k)]), q = taup_mul(g, pool[k], ab);
      check_reads_back(g, p, &count);
      check_reads_back(g, taup_sub(g, p, q), &count);
      check_reads_back(g, taup_div(g, a, taup_mul(g, b, taup_max(g, pool[k], taup_number(g, 0.5)))), &count);
    }
    taup_graph_free(g);
  }
  check_tally(count);
}

/* The derivative of f to x has the dimension of f/x, also where R hides in a coefficient. */
static void check_slope_dim(taup_graph *g, taup_node of, taup_partial partial, taup_binding wrt)
{
  for (int i = 0; i < N_KNOWN; i++)
    if (known_names[i].binding == wrt && known_names[i].index == partial.symbol)
      assert_true(taup_dim_equal(taup_node_dim(g, partial.node),
                                 taup_dim_divide(taup_node_dim(g, of), known_names[i].dim)));
}

static void derivatives_read_back_to_themselves(void **state)
{
  (void)state;
  uint64_t random = 4711;
  tally count = {0, 0};
  for (int i = 0; i < N_GRAPHS; i++) {
    taup_node pool[N_POOL];
    taup_graph *g = random_graph(&random, pool);
    taup_diff *d;
    const taup_binding wrt = i % 2 ? TAUP_STATE : TAUP_PARAMETER;
    assert_int_equal(taup_diff_new(&d, g, wrt), TAU_OK);
    for (int k = 0; k < N_POOL / 2; k++) {
      const taup_partial *partials;
      const int n = taup_diff_of(d, pool[k], &partials);
      for (int j = 0; j < n; j++) {
        check_reads_back(g, partials[j].node, &count);
        check_slope_dim(g, pool[k], partials[j], wrt);
      }
    }
    taup_diff_free(d);
    taup_graph_free(g);
  }
  check_tally(count);
}

static void what_never_ends_is_cut_short(void **state)
{
  (void)state;
  taup_graph *g = new_graph();
  taup_node deep = parsed(g, "y"), wide = deep;
  for (int i = 0; i < 5000; i++) deep = taup_tanh(g, deep);
  for (int i = 0; i < 100; i++)
    wide = taup_tanh(g, taup_sum(g, 2, (double[]){1.0, 2.0},
                                 (taup_node[]){taup_exp(g, wide), taup_tanh(g, wide)}));
  taup_text text = {0};
  taup_print(g, deep, &text);
  assert_true(text.n < 3000);
  assert_non_null(strstr(text.data, "tanh(...)"));
  taup_text_free(&text);
  taup_print(g, wide, &text); /* 2^100 mentions of y */
  assert_true(text.n < 2u << 20);
  taup_text_free(&text);
  taup_graph_free(g);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_is_what_one_would_write),
    cmocka_unit_test(latex_is_what_one_would_set),
    cmocka_unit_test(latex_of_names),
    cmocka_unit_test(species_with_a_reserved_name_are_quoted),
    cmocka_unit_test(a_number_with_a_dimension_shows_its_unit),
    cmocka_unit_test(functions_of_the_user_are_printed_by_name),
    cmocka_unit_test(random_nodes_read_back_to_themselves),
    cmocka_unit_test(random_nodes_with_dimensions_read_back_to_themselves),
    cmocka_unit_test(derivatives_read_back_to_themselves),
    cmocka_unit_test(what_never_ends_is_cut_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

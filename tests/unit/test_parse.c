/* SPDX-License-Identifier: Apache-2.0 */
/* test_parse.c - a user's expression: value, dimension, and where and how a mistake is told. */
#include <math.h>
#include <stdlib.h>

#include "unit/expression_scope.h"

/* --- what is read --- */

static void numbers_and_operators_have_their_usual_precedence(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double value;
  } cases[] = {
    {"2 + 3*4", 14.0},
    {"(2 + 3)*4", 20.0},
    {"2 - 3 - 4", -5.0},
    {"24/4/3", 2.0},
    {"24/4*3", 18.0},
    {"2^3^2", 512.0},
    {"(2^3)^2", 64.0},
    {"-2^2", -4.0},
    {"(-2)^2", 4.0},
    {"2^-1", 0.5},
    {"2^-2^2", 0.0625},
    {"- -3", 3.0},
    {"-+-+3", 3.0},
    {"2 - -3", 5.0},
    {"2*-3", -6.0},
    {"6/-3", -2.0},
    {".5 + 5.", 5.5},
    {"1e3", 1000.0},
    {"1.5E-1", 0.15},
    {"2e+1", 20.0},
    {"  ( 1 +\n2 )\t", 3.0},
    {"4^0.5", 2.0},
    {"2^(1 + 1)*3", 12.0},
    {"1/3 + 2/3", 1.0},
    {"49*(1/49)", 49.0 * (1.0 / 49.0)},
    {"2/3*3", 2.0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    taup_graph *g = new_graph();
    const taup_node node = parsed(g, cases[i].text);
    if (taup_node_op(g, node) != TAUP_OP_CONST || taup_node_value(g, node) != cases[i].value)
      fail_msg("%s = %.17g, want %.17g", cases[i].text, taup_node_value(g, node), cases[i].value);
    taup_graph_free(g);
  }
}

static void functions_have_their_values(void **state)
{
  (void)state;
  const double A = known_value("A"), B = known_value("B"), KB = known_value("KB"), x = known_value("x"),
               n = known_value("n"), T = known_value("T"), Ea = known_value("Ea");
  const struct {
    const char *text;
    double value;
  } cases[] = {
    {"exp(x)", exp(x)},
    {"log(KB*A)", log(KB * A)},
    {"log10(KB*A)", log10(KB * A)},
    {"log10(1000)", 3.0},
    {"sqrt(A*B)", sqrt(A * B)},
    {"tanh(x)", tanh(x)},
    {"abs(B - A)", A - B},
    {"min(A, B)", B},
    {"max(A, B)", A},
    {"max(1, x, n)", n},
    {"min(B - A, 0)", B - A},
    {"max(B - A, 0)", 0.0},
    {"pow(x, n)", pow(x, n)},
    {"x^n", pow(x, n)},
    {"pow(A, 2)", A * A},
    {"A^1.5", A * sqrt(A)},
    {"exp(-Ea/(R*T))", exp(-Ea / (GAS_CONSTANT * T))},
    {"2*pi", 6.283185307179586},
    {"select(A > B, x, n)", x},
    {"select(B > A, x, n)", n},
    {"select(A > A, x, n)", n},
    {"c[\"A\"]*c['B']", A * B},
    {"c [ \"a-b\" ]", 55.0},
    {"c[\"A'\"]", 5.0},
    {"k*A*B/(1 + KB*B)^2", 0.25 * A * B / ((1 + KB * B) * (1 + KB * B))},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    taup_graph *g = new_graph();
    CHECK_REL(value_of(g, parsed(g, cases[i].text)), cases[i].value, 1e-14);
    taup_graph_free(g);
  }
}

static void a_result_has_its_dimension(void **state)
{
  (void)state;
  static const struct {
    const char *text, *dim;
  } cases[] = {
    {"k*A", "mol/m^3/s"},
    {"A*B/A", "mol/m^3"},
    {"KB*A", ""},
    {"A^1.5", "mol^1.5/m^4.5"},
    {"sqrt(A)", "mol^0.5/m^1.5"},
    {"R*T", "J/mol"},
    {"abs(A - B)", "mol/m^3"},
    {"A + 0", "mol/m^3"},
    {"0 + A", "mol/m^3"},
    {"0*A + k", "1/s"},
    {"max(0, A)", "mol/m^3"},
    {"select(x > 0, 0, k)", "1/s"},
    {"A^0", ""},
    {"1/T", "1/K"},
    {"A^-1", "m^3/mol"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    taup_graph *g = new_graph();
    char text[64];
    assert_string_equal(taup_dim_text(text, sizeof text, taup_node_dim(g, parsed(g, cases[i].text))),
                        cases[i].dim);
    taup_graph_free(g);
  }
}

static void the_same_thing_written_otherwise_is_the_same_node(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
  } cases[] = {
    {"A*B*k", "k*B*A"},
    {"A + B - C", "B - C + A + 0"},
    {"c[\"A\"]", "A"},
    {"A^2", "A*A"},
    {"pow(A, 1.5)", "A^1.5"},
    {"A/2", "0.5*A"},
    {"-(-A)", "A"},
    {"A^0.5", "sqrt(A)"},
    {"2*A + 3*A", "5*A"},
    {"A*B/B", "A"},
    {"max(0, A)", "max(0, A)"},
    {"y + n + 1", "y + (n + 1)"},
    {"R*n*T + Sm*T", "(R*n + Sm)*T"},
    {"1/(1/A)", "A"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    taup_graph *g = new_graph();
    if (parsed(g, cases[i].a) != parsed(g, cases[i].b))
      fail_msg("%s and %s are two nodes", cases[i].a, cases[i].b);
    taup_graph_free(g);
  }
}

static void a_long_sum_is_one_node(void **state)
{
  (void)state;
  enum { TERMS = 700 };
  taup_graph *g = new_graph();
  taup_text text = {0};
  for (int i = 0; i < TERMS; i++)
    taup_text_printf(&text, "%s%d*A^%g", i ? " + " : "", i + 1, 1.0 + 0.001 * (i + 1));
  taup_scope scope = known_scope(NULL);
  taup_node node;
  int column;
  assert_int_equal(taup_parse(g, text.data, &scope, &node, &column),
                   TAU_E_UNITS); /* A^1.001 and A^1.002 do not add */
  taup_text_free(&text);
  for (int i = 0; i < TERMS; i++)
    taup_text_printf(&text, "%s%d*y^%g", i ? " - " : "", i + 1, 1.0 + 0.001 * (i + 1));
  node = parsed(g, text.data);
  assert_int_equal(taup_node_op(g, node), TAUP_OP_SUM);
  assert_int_equal(taup_node_n_args(g, node), TERMS);
  taup_text_free(&text);
  taup_graph_free(g);
}

static void reserved_names_are_known(void **state)
{
  (void)state;
  static const char *const reserved[] = {"T",    "P",   "R",   "pi",  "c",   "exp",  "log",   "log10",
                                         "sqrt", "pow", "abs", "min", "max", "tanh", "select"};
  static const char *const free_names[] = {"A", "t", "Tc", "PI", "C", "exp2", "", "ln"};
  for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
    assert_true(taup_name_is_reserved(reserved[i]));
  for (size_t i = 0; i < sizeof free_names / sizeof free_names[0]; i++)
    assert_false(taup_name_is_reserved(free_names[i]));
}

/* --- mistakes --- */

typedef struct mistake {
  const char *text;
  tau_status status;
  int column;
  const char *says; /* part of the message */
} mistake;

static void check_mistakes(const mistake *cases, size_t n)
{
  const taup_scope scope = known_scope(NULL);
  for (size_t i = 0; i < n; i++) {
    taup_graph *g = new_graph();
    taup_node node = 0;
    int column = 0;
    const tau_status st = taup_parse(g, cases[i].text, &scope, &node, &column);
    if (st != cases[i].status || column != cases[i].column || !strstr(tau_last_error(), cases[i].says))
      fail_msg("'%s' gives %s at column %d (%s), want %s at column %d (%s)", cases[i].text,
               tau_status_name(st), column, tau_last_error(), tau_status_name(cases[i].status),
               cases[i].column, cases[i].says);
    assert_int_equal(node, TAUP_NODE_ERROR);
    assert_int_equal(taup_graph_status(g), TAU_OK); /* the graph can be used on */
    assert_true(parsed(g, "k*A") >= 0);
    taup_graph_free(g);
  }
}
#define CHECK_MISTAKES(cases) check_mistakes(cases, sizeof(cases) / sizeof(cases)[0])

static void dimensions_that_do_not_agree_are_told_with_both(void **state)
{
  (void)state;
  static const mistake cases[] = {
    {"A + k*A", TAU_E_UNITS, 3, "cannot add mol/m^3 and mol/m^3/s"},
    {"k*A - A", TAU_E_UNITS, 5, "cannot subtract mol/m^3 from mol/m^3/s"},
    {"A + B - T", TAU_E_UNITS, 7, "cannot subtract K from mol/m^3"},
    {"k*(1 - A)", TAU_E_UNITS, 6, "cannot subtract mol/m^3 from a plain number"},
    {"1 + KB*A + KB", TAU_E_UNITS, 10, "cannot add a plain number and m^3/mol"},
    {"exp(A)", TAU_E_UNITS, 5, "the argument of exp must have no dimension, it is in mol/m^3"},
    {"x*log( T )", TAU_E_UNITS, 8, "the argument of log must have no dimension, it is in K"},
    {"min(A, T)", TAU_E_UNITS, 8, "cannot compare mol/m^3 and K"},
    {"max(A, B, 1)", TAU_E_UNITS, 11, "cannot compare mol/m^3 and a plain number"},
    {"select(A > T, x, x)", TAU_E_UNITS, 12, "cannot compare mol/m^3 and K"},
    {"select(x > 1, A, T)", TAU_E_UNITS, 18, "cannot choose between mol/m^3 and K"},
    {"x^A", TAU_E_UNITS, 3, "an exponent must have no dimension, this one is in mol/m^3"},
    {"A^n", TAU_E_UNITS, 3, "a base in mol/m^3 needs a number as exponent"},
    {"pow(A, y)", TAU_E_UNITS, 8, "a base in mol/m^3 needs a number as exponent"},
  };
  CHECK_MISTAKES(cases);
}

static void unknown_names_are_told_with_the_nearest(void **state)
{
  (void)state;
  static const mistake cases[] = {
    {"kref*A", TAU_E_NAME, 1, "no 'kref' is known; did you mean 'k_ref'?"},
    {"k*ZZZ", TAU_E_NAME, 3, "no 'ZZZ' is known"},
    {"k*c[\"a-c\"]", TAU_E_NAME, 6, "no species 'a-c' is known; did you mean 'a-b'?"},
    {"c[\"k\"]", TAU_E_NAME, 4, "no species 'k' is known"},
    {"k*a-b", TAU_E_NAME, 3, "for 'a-b' write c[\"a-b\"]"},
    {"sqr(x)", TAU_E_NAME, 1, "no function 'sqr' is known; did you mean 'sqrt'?"},
    {"ln(x)", TAU_E_NAME, 1, "no function 'ln' is known: write log"},
    {"x + c", TAU_E_NAME, 5, "'c' is reserved"},
    {"inf", TAU_E_NAME, 1, "no 'inf' is known"},
    {"nan + 1", TAU_E_NAME, 1, "no 'nan' is known"},
    {"P", TAU_E_NAME, 1, "no 'P' is known"},
  };
  CHECK_MISTAKES(cases);
}

static void misspelt_text_is_told_where_it_is(void **state)
{
  (void)state;
  static const mistake cases[] = {
    {"", TAU_E_PARSE, 1, "the expression is empty"},
    {" \n ", TAU_E_PARSE, 1, "the expression is empty"},
    {"A +", TAU_E_PARSE, 4, "the expression ends where a number, a name or '(' is needed"},
    {"A * * B", TAU_E_PARSE, 5, "'*' where a number"},
    {"A**2", TAU_E_PARSE, 2, "write ^"},
    {"*A", TAU_E_PARSE, 1, "'*' where a number"},
    {"()", TAU_E_PARSE, 2, "')' where a number"},
    {"(A + B", TAU_E_PARSE, 1, "'(' is not closed"},
    {"A + B)", TAU_E_PARSE, 6, "')' without '('"},
    {"2 A", TAU_E_PARSE, 3, "write 2*A"},
    {"2A", TAU_E_PARSE, 2, "write 2*A"},
    {"A B", TAU_E_PARSE, 3, "write A*B"},
    {"A 2.5", TAU_E_PARSE, 3, "write A*2.5"},
    {"(A) B", TAU_E_PARSE, 5, "write )*B"},
    {"2(A)", TAU_E_PARSE, 2, "write 2*("},
    {"A(2)", TAU_E_PARSE, 1, "'A' is no function: write 'A*('"},
    {"exp + 1", TAU_E_PARSE, 1, "exp needs its arguments in parentheses"},
    {"exp()", TAU_E_PARSE, 5, "')' where a number"},
    {"exp(x, x)", TAU_E_PARSE, 6, "exp takes one argument"},
    {"min(A)", TAU_E_PARSE, 6, "min takes 2 arguments"},
    {"pow(A, 2, 3)", TAU_E_PARSE, 9, "',' only separates"},
    {"select(A, B, x)", TAU_E_PARSE, 9, "',' only separates"},
    {"1,5*A", TAU_E_PARSE, 2, "decimals have a point"},
    {"1.2.3", TAU_E_PARSE, 1, "'1.2.' is not a number"},
    {"0x10", TAU_E_PARSE, 1, "numbers are decimal"},
    {"1e", TAU_E_PARSE, 2, "write 1*e"},
    {".", TAU_E_PARSE, 1, "'.' where a number"},
    {"A = B", TAU_E_PARSE, 3, "'=' where an operator or the end is needed"},
    {"A; B", TAU_E_PARSE, 2, "';' where an operator or the end is needed"},
    {"c[A]", TAU_E_PARSE, 3, "'A' where a name in quotes is needed"},
    {"c[\"A]", TAU_E_PARSE, 3, "the quote is not closed"},
    {"c[\"A\"", TAU_E_PARSE, 6, "the expression ends where ']' is needed"},
    {"A^", TAU_E_PARSE, 3, "the expression ends where"},
  };
  CHECK_MISTAKES(cases);
}

static void columns_count_characters(void **state)
{
  (void)state;
  static const mistake cases[] = {
    {"A*\u00e9t\u00e9 + 1", TAU_E_NAME, 3, "no '\u00e9t\u00e9' is known"},
    {"x + 1 + \u03b1\u03b2 + (", TAU_E_NAME, 9, "no '\u03b1\u03b2' is known"},
    {"A\u00b7B", TAU_E_PARSE, 2, "'\u00b7' is not read here: write *"},
    {"A \u2212 B", TAU_E_PARSE, 3, "'\u2212' is not read here: write -"},
    {"A\u00b2", TAU_E_PARSE, 2, "write ^2"},
    {"A\xff", TAU_E_PARSE, 2, "not UTF-8"},
    {"A + \xc3", TAU_E_PARSE, 5, "not UTF-8"},
  };
  CHECK_MISTAKES(cases);
}

static void numbers_that_are_not_finite_are_refused(void **state)
{
  (void)state;
  static const mistake cases[] = {
    {"1e999*A", TAU_E_VALUE, 1, "1e999 is not a finite number"},
    {"A*1e200*1e200", TAU_E_VALUE, 9, "not finite"},
    {"(1e200*A)*(1e200*B)", TAU_E_VALUE, 1, "not finite"},
    {"1e308 + 1e308", TAU_E_VALUE, 1, "not finite"},
    {"1e308*A + 1e308*A", TAU_E_VALUE, 1, "not finite"},
    {"1/0", TAU_E_VALUE, 3, "division by 0"},
    {"A/(B - B)", TAU_E_VALUE, 3, "division by 0"},
    {"A/(R - R)", TAU_E_VALUE, 3, "division by 0"},
    {"0^-1", TAU_E_VALUE, 3, "0^-1 is not a finite number"},
    {"(-8)^(1/3)", TAU_E_VALUE, 6, "is not a finite number"},
    {"A^101", TAU_E_VALUE, 3, "the exponent 101 is beyond +-100"},
    {"x^-1e9", TAU_E_VALUE, 3, "the exponent -1e+09 is beyond +-100"},
    {"2^3^4^5", TAU_E_VALUE, 5, "beyond +-100"},
    {"log(0)", TAU_E_VALUE, 5, "log(0) is not a finite number"},
    {"log(-1)", TAU_E_VALUE, 5, "log(-1) is not a finite number"},
    {"sqrt(-1)", TAU_E_VALUE, 6, "sqrt(-1) is not a finite number"},
    {"exp(1000)", TAU_E_VALUE, 5, "exp(1000) is not a finite number"},
  };
  CHECK_MISTAKES(cases);
}

/* --- hostile text --- */

static char *repeated(const char *before, const char *piece, int n, const char *after)
{
  taup_text text = {0};
  taup_text_add(&text, before);
  for (int i = 0; i < n; i++) taup_text_add(&text, piece);
  taup_text_add(&text, after);
  assert_false(text.failed);
  return text.data;
}

static tau_status status_of(char *text, int *column)
{
  const taup_scope scope = known_scope(NULL);
  taup_graph *g = new_graph();
  taup_node node;
  const tau_status st = taup_parse(g, text, &scope, &node, column);
  assert_int_equal(taup_graph_status(g), TAU_OK);
  taup_graph_free(g);
  taup_free(text);
  return st;
}

static void nesting_ends_at_its_limit(void **state)
{
  (void)state;
  int column;
  char *deep = repeated("", "(", TAUP_EXPRESSION_DEEPEST - 1, "A");
  char *closed = repeated(deep, ")", TAUP_EXPRESSION_DEEPEST - 1, "");
  taup_free(deep);
  assert_int_equal(status_of(closed, &column), TAU_OK);
  static const struct {
    const char *before, *piece, *after;
  } hostile[] = {{"", "(", "A"},      {"", "x^", "x"},  {"", "2^-", "1"},       {"", "exp(", "x"},
                 {"", "min(x,", "x"}, {"", "x^(", "x"}, {"", "select(x>", "x"}, {"x*(", "1+(", "x"}};
  for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
    char *text = repeated(hostile[i].before, hostile[i].piece, 6000, hostile[i].after);
    assert_int_equal(status_of(text, &column), TAU_E_VALUE);
    assert_non_null(strstr(tau_last_error(), "nested deeper than 128"));
  }
}

static void what_does_not_nest_may_be_long(void **state)
{
  (void)state;
  int column;
  assert_int_equal(status_of(repeated("", "-", TAUP_EXPRESSION_LONGEST - 1, "A"), &column), TAU_OK);
  assert_int_equal(status_of(repeated("A", " ", TAUP_EXPRESSION_LONGEST - 1, ""), &column), TAU_OK);
  assert_int_equal(status_of(repeated("A", "+A", 32767, ""), &column), TAU_OK);
  assert_int_equal(status_of(repeated("A", "*2", 1000, ""), &column), TAU_OK);
  assert_int_equal(status_of(repeated("A", "*B", 511, ""), &column), TAU_OK);
  assert_int_equal(status_of(repeated("A", "*B", 512, ""), &column), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "more than 512 factors"));
  assert_int_equal(status_of(repeated("((((A^8)^8)^8)", "", 0, ")*A"), &column), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "more than 512 factors"));
  assert_int_equal(status_of(repeated("(((A^8)^8)^8)", "", 0, "^8"), &column), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "more than 512 factors"));
  assert_int_equal(status_of(repeated("A", " ", TAUP_EXPRESSION_LONGEST, ""), &column), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "more than 65536 bytes"));
  assert_int_equal(status_of(repeated("", "1", 64, ""), &column), TAU_E_VALUE);
  assert_int_equal(status_of(repeated("", "Q", 256, ""), &column), TAU_E_VALUE);
  assert_non_null(strstr(tau_last_error(), "a name of more than 255 bytes"));
}

/* No clock: work is counted in nodes and look-ups. No two terms are alike, so nothing is found again. */
static void work_grows_with_the_length_of_the_text(void **state)
{
  (void)state;
  int n_nodes[2], n_calls[2] = {0, 0};
  for (int i = 0; i < 2; i++) {
    const int n = i ? 3000 : 750;
    taup_text text = {0};
    for (int k = 0; k < n; k++) taup_text_printf(&text, "+y^1.%04d/x", k + 1);
    const taup_scope scope = known_scope(&n_calls[i]);
    taup_graph *g = new_graph();
    taup_node node;
    assert_int_equal(taup_parse(g, text.data, &scope, &node, NULL), TAU_OK);
    n_nodes[i] = taup_graph_n_nodes(g);
    taup_graph_free(g);
    taup_text_free(&text);
  }
  assert_int_equal(n_calls[0], 2 * 750);
  assert_int_equal(n_calls[1], 2 * 3000);
  assert_true(n_nodes[1] <= 4 * n_nodes[0]);
}

static void random_text_ends_in_a_node_or_a_reason(void **state)
{
  (void)state;
  static const char *const pieces[] = {"A",          "B",      "k",       "x",    "n",     "T",    "R",
                                       "c[\"a-b\"]", "c",      "[",       "\"",   "]",     "(",    "(",
                                       ")",          ")",      "+",       "-",    "*",     "/",    "^",
                                       ",",          ">",      "2",       "0",    "1e300", ".5",   "exp(",
                                       "log(",       "pi",     "select(", "min(", "sqrt(", "pow(", " ",
                                       "zz",         "\u00b7", "1",       "\xe2"};
  enum { N_PIECES = sizeof pieces / sizeof pieces[0], N_TEXTS = 40000 };
  const taup_scope scope = known_scope(NULL);
  uint64_t random = 20240607;
  int n_good = 0;
  taup_graph *g = new_graph();
  for (int i = 0; i < N_TEXTS; i++) {
    taup_text text = {0};
    const int n = 1 + random_below(&random, 12);
    for (int k = 0; k < n; k++) taup_text_add(&text, pieces[random_below(&random, N_PIECES)]);
    taup_node node = 0;
    int column = 0;
    const tau_status st = taup_parse(g, text.data, &scope, &node, &column);
    if (st == TAU_OK) n_good++;
    if (st == TAU_OK
          ? node < 0
          : node != TAUP_NODE_ERROR || column < 1 || column > (int)text.n + 1 || !tau_last_error()[0])
      fail_msg("'%s': %s, node %d, column %d, '%s'", text.data, tau_status_name(st), node, column,
               tau_last_error());
    if (taup_graph_status(g) < 0)
      fail_msg("'%s' leaves an error in the graph: %s", text.data, tau_last_error());
    taup_text_free(&text);
  }
  assert_true(n_good > N_TEXTS / 100); /* else the test says little */
  taup_graph_free(g);
}

/* --- memory --- */

static int n_left; /* allocations until one fails; below 0: none does */

static bool refused(void) { return n_left == 0 || n_left-- == 0; }
static void *poor_malloc(void *user, size_t bytes)
{
  (void)user;
  return refused() ? NULL : malloc(bytes);
}
static void *poor_realloc(void *user, void *block, size_t bytes)
{
  (void)user;
  return refused() ? NULL : realloc(block, bytes);
}
static void poor_free(void *user, void *block)
{
  (void)user;
  free(block);
}

static void any_allocation_may_fail(void **state)
{
  (void)state;
  static const tau_allocator poor = {poor_malloc, poor_realloc, poor_free, NULL};
  tau_status st = TAU_E_NOMEM;
  int k = 0;
  for (; st < 0; k++) {
    taup_graph *g = NULL;
    taup_node node;
    int column;
    const taup_scope scope = known_scope(NULL);
    tau_allocator_set(&poor);
    n_left = k;
    st = taup_graph_new(&g);
    if (st == TAU_OK)
      st = taup_parse(g, "k*A*B*(1 + x + n + y + y^2 + y^3 + exp(y) + 2*T/T^2*T + log(y))/(1 + KB*B)^2",
                      &scope, &node, &column);
    n_left = -1;
    tau_allocator_set(NULL);
    taup_graph_free(g);
    if (st < 0) assert_int_equal(st, TAU_E_NOMEM);
  }
  assert_true(k > 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_and_operators_have_their_usual_precedence),
    cmocka_unit_test(functions_have_their_values),
    cmocka_unit_test(a_result_has_its_dimension),
    cmocka_unit_test(the_same_thing_written_otherwise_is_the_same_node),
    cmocka_unit_test(a_long_sum_is_one_node),
    cmocka_unit_test(reserved_names_are_known),
    cmocka_unit_test(dimensions_that_do_not_agree_are_told_with_both),
    cmocka_unit_test(unknown_names_are_told_with_the_nearest),
    cmocka_unit_test(misspelt_text_is_told_where_it_is),
    cmocka_unit_test(columns_count_characters),
    cmocka_unit_test(numbers_that_are_not_finite_are_refused),
    cmocka_unit_test(nesting_ends_at_its_limit),
    cmocka_unit_test(what_does_not_nest_may_be_long),
    cmocka_unit_test(work_grows_with_the_length_of_the_text),
    cmocka_unit_test(random_text_ends_in_a_node_or_a_reason),
    cmocka_unit_test(any_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

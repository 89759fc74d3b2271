/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - nodes as text that the parser reads back to the same node, and as LaTeX.
 *
 * A product is printed as a fraction: number, factors, divisors. The text keeps the graph's own division:
 * x/a/b where two reciprocals stand side by side, x/(a*b) where the reciprocal of a product does; they are
 * joined only where the graph splits them again (divisors bound at different times). LaTeX gathers all of
 * them under one bar.
 *
 * Numbers with a dimension other than that of R's powers have no text in the grammar: they are printed with
 * their unit, (1e-09 mol/m^3). Nor have functions of the user: name(a, b). What is deeper than DEEPEST or
 * longer than LONGEST is cut short by "...". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/constants.h"
#include "base/alloc.h"
#include "base/text.h"
#include "expr/graph.h"
#include "expr/lex.h"
#include "expr/parse.h"

/* MOST_POWER: the graph writes powers up to it as products. */
enum { DEEPEST = 200, LONGEST = 1 << 20, DIM_TEXT = 64, MOST_POWER = 8 };

static const double gas_constant = TAUP_R;
static const taup_dim gas_constant_dim = {{2, 1, -2, -1, -1, 0, 0}};

/* How tightly the place binds: what is looser goes into parentheses. */
typedef enum level { LEVEL_SUM, LEVEL_FACTOR, LEVEL_ATOM } level;

typedef struct printer {
  const taup_graph *g;
  taup_text *out;
  bool latex;
  int depth;
} printer;

/* coefficient [dim] * R^r * factors / divisors; coefficient = numerator / denominator */
typedef struct fraction {
  double numerator, denominator;
  int r;
  taup_dim dim;
  taup_node *above, *below;
  int n_above, n_below, cap_above, cap_below;
} fraction;

static void node(printer *p, taup_node a, level at);

static void put(printer *p, const char *piece) { taup_text_add(p->out, piece); }
static void open(printer *p) { put(p, p->latex ? "\\left(" : "("); }
static void close(printer *p) { put(p, p->latex ? "\\right)" : ")"); }

/* --- numbers --- */

static void number(printer *p, double x)
{
  char buffer[32];
  taup_number_text(buffer, x);
  char *mark = p->latex ? strchr(buffer, 'e') : NULL;
  if (!mark) {
    put(p, buffer);
    return;
  }
  *mark++ = '\0';
  const bool negative = *mark == '-';
  mark += *mark == '-' || *mark == '+';
  mark += strspn(mark, "0");
  if (strcmp(buffer, "1") != 0) taup_text_printf(p->out, "%s \\cdot ", buffer);
  taup_text_printf(p->out, "10^{%s%s}", negative ? "-" : "", mark);
}

static void unit(printer *p, taup_dim dim)
{
  char text[DIM_TEXT];
  taup_dim_text(text, sizeof text, dim);
  if (!p->latex) {
    taup_text_printf(p->out, " %s", text);
    return;
  }
  put(p, "\\,\\mathrm{");
  for (const char *s = text; *s; s++) {
    const size_t n = *s == '^' ? strspn(s + 1, "0123456789.") : 0;
    if (n) taup_text_printf(p->out, "^{%.*s}", (int)n, s + 1);
    else if (*s == ' ') put(p, "\\,");
    else taup_text_add_n(p->out, s, 1);
    s += n;
  }
  put(p, "}");
}

/* x as a ratio of small whole numbers, where that is shorter than its digits. */
static void ratio(double x, double *numerator, double *denominator)
{
  enum { SHORT = 8, LARGEST = 1000 };
  char buffer[32];
  *numerator = x;
  *denominator = 1.0;
  if (strlen(taup_number_text(buffer, x)) <= SHORT) return;
  for (double k = 2.0; k <= 100.0; k++) {
    const double m = nearbyint(x * k);
    if (m == 0.0 || fabs(m) > LARGEST || m / k != x) continue;
    *numerator = m;
    *denominator = k;
    return;
  }
}

/* R^n as the parser computes it. */
static double power_of_r(int n)
{
  const double r = pow(gas_constant, abs(n));
  return n < 0 ? 1.0 / r : r;
}

/* x over R^n; a rounding is undone by trying the neighbours. */
static bool over_r(double x, int n, double *out)
{
  const double r = power_of_r(n), guess = x / r;
  const double tries[] = {nearbyint(guess), guess, nextafter(guess, -HUGE_VAL), nextafter(guess, HUGE_VAL)};
  for (int k = 0; k < 4; k++)
    if (tries[k] * r == x) {
      *out = tries[k];
      return true;
    }
  return false;
}

/* --- fractions --- */

static void push(printer *p, taup_node **list, int *n, int *capacity, taup_node a)
{
  if (taup_grow(list, capacity, *n + 1, sizeof **list) < 0) p->out->failed = true;
  else (*list)[(*n)++] = a;
}

static void gather(printer *p, fraction *f, taup_node a)
{
  const taup_op op = taup_node_op(p->g, a);
  if (op == TAUP_OP_RECIP) {
    push(p, &f->below, &f->n_below, &f->cap_below, taup_node_args(p->g, a)[0]);
  } else if (op == TAUP_OP_PROD) {
    for (int k = 0; k < taup_node_n_args(p->g, a); k++) gather(p, f, taup_node_args(p->g, a)[k]);
  } else if (op != TAUP_OP_CONST) {
    push(p, &f->above, &f->n_above, &f->cap_above, a);
  }
}

/* coefficient * a, whose whole has the dimension dim; a TAUP_NODE_NONE: the coefficient alone. */
static fraction fraction_of(printer *p, double coefficient, taup_node a, taup_dim dim)
{
  fraction f = {.numerator = coefficient, .denominator = 1.0, .dim = dim};
  if (a != TAUP_NODE_NONE) {
    f.dim = taup_dim_divide(dim, taup_node_dim(p->g, a));
    gather(p, &f, a);
  }
  const int r = (int)f.dim.exponent[TAUP_KG];
  if (r && abs(r) <= MOST_POWER && taup_dim_equal(f.dim, taup_dim_power(gas_constant_dim, r)) &&
      over_r(coefficient, r, &f.numerator)) {
    f.r = r;
    f.dim = TAUP_DIM_NONE;
  }
  ratio(f.numerator, &f.numerator, &f.denominator);
  return f;
}

static void fraction_free(fraction *f)
{
  taup_free(f->above);
  taup_free(f->below);
}

static void between(printer *p, bool *any)
{
  if (*any) put(p, p->latex ? " \\, " : "*");
  *any = true;
}

/* R^n with n > 0, nothing otherwise. */
static void gas_power(printer *p, int n, bool *any)
{
  if (n <= 0) return;
  between(p, any);
  put(p, "R");
  if (n > 1) taup_text_printf(p->out, p->latex ? "^{%d}" : "^%d", n);
}

/* Equal factors stand side by side: a^2. */
static void factors(printer *p, int n, const taup_node *list, bool *any)
{
  for (int i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && list[end] == list[i] && end - i < MOST_POWER; end++) continue;
    between(p, any);
    node(p, list[i], end - i > 1 ? LEVEL_ATOM : LEVEL_FACTOR);
    if (end - i > 1) taup_text_printf(p->out, p->latex ? "^{%d}" : "^%d", end - i);
  }
}

/* Divisors in one pair of parentheses come apart again in the graph when bound at different times. */
static bool joinable(const printer *p, const fraction *f)
{
  int seen = 0;
  for (int i = 0; i < f->n_below; i++) {
    const int bit = 1 << taup_node_binding(p->g, f->below[i]);
    if (seen & bit) return false;
    seen |= bit;
  }
  return true;
}

/* The reciprocal of a product of divisors only: its factors, all divisors now. */
static void divisor(printer *p, taup_node a, bool *any)
{
  fraction inner = {0};
  if (taup_node_op(p->g, a) == TAUP_OP_PROD) gather(p, &inner, a);
  const bool flat = inner.n_above && !inner.n_below;
  factors(p, flat ? inner.n_above : 1, flat ? inner.above : &a, any);
  fraction_free(&inner);
}

/* Whether a divisor is one factor or one power of it, and needs no parentheses after the bar. */
static bool is_bare(const printer *p, taup_node a)
{
  if (taup_node_op(p->g, a) != TAUP_OP_PROD) return true;
  const taup_node *args = taup_node_args(p->g, a);
  const int n = taup_node_n_args(p->g, a);
  for (int k = 1; k < n; k++)
    if (args[k] != args[0]) return false;
  return n <= MOST_POWER;
}

static void divisors(printer *p, const fraction *f)
{
  if (!f->n_below && f->r >= 0) return;
  if (joinable(p, f)) {
    const bool bare = f->n_below + (f->r < 0) == 1 && (f->r < 0 || is_bare(p, f->below[0]));
    bool any = false;
    put(p, bare ? "/" : "/(");
    gas_power(p, -f->r, &any);
    for (int i = 0; i < f->n_below; i++) divisor(p, f->below[i], &any);
    if (!bare) put(p, ")");
    return;
  }
  if (f->r < 0) put(p, "/");
  bool any_r = false;
  gas_power(p, -f->r, &any_r);
  for (int i = 0; i < f->n_below; i++) {
    const bool bare = is_bare(p, f->below[i]);
    bool any = false;
    put(p, bare ? "/" : "/(");
    divisor(p, f->below[i], &any);
    if (!bare) put(p, ")");
  }
}

/* The number in front, without its sign; nothing for a bare 1 before something else. */
static void leading(printer *p, const fraction *f, bool *any)
{
  const double m = fabs(f->numerator);
  const bool has_unit = !taup_dim_is_none(f->dim);
  const bool alone = !f->n_above && f->r <= 0;
  if (!has_unit && m == 1.0 && (p->latex || f->denominator == 1.0) && !alone) return;
  between(p, any);
  if (has_unit && !p->latex) put(p, "(");
  number(p, m);
  if (!p->latex && f->denominator != 1.0) {
    put(p, "/");
    number(p, f->denominator);
  }
  if (has_unit) unit(p, f->dim);
  if (has_unit && !p->latex) put(p, ")");
}

static void above(printer *p, const fraction *f)
{
  bool any = false;
  leading(p, f, &any);
  gas_power(p, f->r, &any);
  const bool lone_sum = p->latex && !any && f->n_above == 1 && f->n_below;
  if (lone_sum) node(p, f->above[0], LEVEL_SUM);
  else factors(p, f->n_above, f->above, &any);
}

/* One list, so that equal ones become a power. */
static void all_divisors(printer *p, const fraction *f, bool *any)
{
  fraction flat = {0};
  for (int i = 0; i < f->n_below; i++) {
    fraction inner = {0};
    if (taup_node_op(p->g, f->below[i]) == TAUP_OP_PROD) gather(p, &inner, f->below[i]);
    const bool open_up = inner.n_above && !inner.n_below;
    for (int k = 0; k < (open_up ? inner.n_above : 1); k++)
      push(p, &flat.above, &flat.n_above, &flat.cap_above, open_up ? inner.above[k] : f->below[i]);
    fraction_free(&inner);
  }
  factors(p, flat.n_above, flat.above, any);
  fraction_free(&flat);
}

static void below_bar(printer *p, const fraction *f)
{
  bool any = false;
  if (f->denominator != 1.0) {
    between(p, &any);
    number(p, f->denominator);
  }
  gas_power(p, -f->r, &any);
  if (!any && f->n_below == 1 && taup_node_op(p->g, f->below[0]) != TAUP_OP_PROD)
    node(p, f->below[0], LEVEL_SUM);
  else all_divisors(p, f, &any);
}

/* Without its sign. */
static void print_fraction(printer *p, const fraction *f)
{
  if (!p->latex) {
    above(p, f);
    divisors(p, f);
  } else if (f->n_below || f->r < 0 || f->denominator != 1.0) {
    put(p, "\\frac{");
    above(p, f);
    put(p, "}{");
    below_bar(p, f);
    put(p, "}");
  } else {
    above(p, f);
  }
}

/* Whether the text of the fraction is one factor or atom by itself. */
static bool is_simple(const fraction *f, bool latex)
{
  const bool plain = !f->n_below && f->denominator == 1.0 && f->numerator >= 0.0;
  if (f->n_above == 0)
    return plain && (f->r == 0 || (f->r == 1 && f->numerator == 1.0)) && (!latex || taup_dim_is_none(f->dim));
  return false;
}

/* --- sums --- */

static void signed_term(printer *p, double coefficient, taup_node a, taup_dim dim, bool *any)
{
  fraction f = fraction_of(p, coefficient, a, dim);
  if (f.numerator < 0.0) put(p, *any ? " - " : "-");
  else if (*any) put(p, " + ");
  *any = true;
  print_fraction(p, &f);
  fraction_free(&f);
}

/* What is added first, then what is taken away. */
static void sum_terms(printer *p, taup_node a)
{
  const taup_dim dim = taup_node_dim(p->g, a);
  const int n = taup_node_n_args(p->g, a);
  const double value = taup_node_value(p->g, a);
  bool any = false;
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 0 && value > 0.0) signed_term(p, value, TAUP_NODE_NONE, dim, &any);
    for (int k = 0; k < n; k++) {
      const double c = taup_node_coefficients(p->g, a)[k];
      if ((c < 0.0) == (pass == 1)) signed_term(p, c, taup_node_args(p->g, a)[k], dim, &any);
    }
    if (pass == 1 && value < 0.0) signed_term(p, value, TAUP_NODE_NONE, dim, &any);
  }
}

/* A constant, a product, or a number times something. */
static void one_term(printer *p, double coefficient, taup_node a, taup_dim dim, level at)
{
  fraction f = fraction_of(p, coefficient, a, dim);
  const bool wrap = at > LEVEL_SUM && !is_simple(&f, p->latex);
  if (wrap) open(p);
  if (f.numerator < 0.0) put(p, "-");
  print_fraction(p, &f);
  if (wrap) close(p);
  fraction_free(&f);
}

static void sum(printer *p, taup_node a, level at)
{
  const bool single = taup_node_n_args(p->g, a) == 1 && taup_node_value(p->g, a) == 0.0;
  if (single) {
    one_term(p, taup_node_coefficients(p->g, a)[0], taup_node_args(p->g, a)[0], taup_node_dim(p->g, a), at);
    return;
  }
  if (at > LEVEL_SUM) open(p);
  sum_terms(p, a);
  if (at > LEVEL_SUM) close(p);
}

/* --- symbols --- */

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_identifier(const char *name) { return *name && taup_lex_name(name) == strlen(name); }

/* T, P and R stand for themselves where they are what they say, not a species of that name. */
static bool is_itself(const char *name, taup_dim dim)
{
  if (!taup_name_is_reserved(name)) return true;
  if (name[1]) return false;
  const taup_dim own = *name == 'T'   ? TAUP_DIM_TEMPERATURE
                       : *name == 'P' ? TAUP_DIM_PRESSURE
                                      : gas_constant_dim;
  return *name != 'c' && taup_dim_equal(dim, own);
}

static void symbol_text(printer *p, const char *name, taup_dim dim)
{
  if (is_identifier(name) && is_itself(name, dim)) {
    put(p, name);
    return;
  }
  const char *quote = strchr(name, '"') ? "'" : "\"";
  const bool species = taup_dim_equal(dim, TAUP_DIM_CONCENTRATION);
  taup_text_printf(p->out, species ? "c[%s%s%s]" : "%s%s%s", quote, name, quote);
}

/* n bytes of a name inside \mathrm{}. */
static void roman(printer *p, const char *name, size_t n)
{
  put(p, "\\mathrm{");
  for (size_t i = 0; i < n; i++) {
    const char c = name[i];
    if (c == '_') put(p, ",");
    else if (c == '-') put(p, "\\text{-}");
    else if (c == '\\') put(p, "\\backslash ");
    else if (c == '^' || c == '~') taup_text_printf(p->out, "\\%c{}", c);
    else taup_text_printf(p->out, strchr("&%$#{}", c) ? "\\%c" : "%c", c);
  }
  put(p, "}");
}

static bool is_greek(const char *name, size_t n)
{
  static const char *const greek[] = {"alpha", "beta",  "gamma",  "delta", "epsilon", "zeta",  "eta",
                                      "theta", "kappa", "lambda", "mu",    "nu",      "xi",    "rho",
                                      "sigma", "tau",   "phi",    "chi",   "psi",     "omega", "Gamma",
                                      "Delta", "Theta", "Lambda", "Sigma", "Phi",     "Psi",   "Omega"};
  for (size_t k = 0; k < sizeof greek / sizeof greek[0]; k++)
    if (strlen(greek[k]) == n && strncmp(name, greek[k], n) == 0) return true;
  return false;
}

/* head_tail: k_ref is k with a roman index, k1 one with a number. */
static void symbol_latex(printer *p, const char *name)
{
  size_t head = 0;
  while (is_letter(name[head])) head++;
  if (!head || !is_identifier(name)) {
    roman(p, name, strlen(name));
    return;
  }
  const char *tail = name + head + (name[head] == '_');
  if (is_greek(name, head)) taup_text_printf(p->out, "\\%.*s", (int)head, name);
  else if (head == 1) taup_text_add_n(p->out, name, 1);
  else roman(p, name, head);
  if (!*tail) return;
  put(p, "_");
  if (strspn(tail, "0123456789") == strlen(tail)) taup_text_printf(p->out, "{%s}", tail);
  else roman(p, tail, strlen(tail));
}

static void symbol(printer *p, taup_node a)
{
  const char *name = taup_node_name(p->g, a);
  const taup_dim dim = taup_node_dim(p->g, a);
  const bool species =
    taup_node_binding(p->g, a) > TAUP_PARAMETER && taup_dim_equal(dim, TAUP_DIM_CONCENTRATION);
  if (!p->latex) symbol_text(p, name, dim);
  else if (!species) symbol_latex(p, name);
  else {
    put(p, "c_");
    roman(p, name, strlen(name));
  }
}

/* --- functions and powers --- */

static void arguments(printer *p, taup_node a)
{
  open(p);
  for (int k = 0; k < taup_node_n_args(p->g, a); k++) {
    if (k) put(p, ", ");
    node(p, taup_node_args(p->g, a)[k], LEVEL_SUM);
  }
  close(p);
}

static void function(printer *p, taup_node a, const char *text, const char *latex)
{
  put(p, p->latex ? latex : text);
  arguments(p, a);
}

static void enclosed(printer *p, taup_node a, const char *before, const char *after)
{
  put(p, before);
  node(p, taup_node_args(p->g, a)[0], LEVEL_SUM);
  put(p, after);
}

/* A function of the user, or its derivative to an argument. */
static void call(printer *p, taup_node a)
{
  const char *name = taup_graph_callback(p->g, taup_node_index(p->g, a))->name;
  if (taup_node_op(p->g, a) == TAUP_OP_DCALL)
    taup_text_printf(p->out, p->latex ? "\\partial_{%d} " : "d%d_", taup_node_index2(p->g, a) + 1);
  if (p->latex) roman(p, name, strlen(name));
  else put(p, name);
  arguments(p, a);
}

static void power(printer *p, taup_node a, level at)
{
  const taup_node base = taup_node_args(p->g, a)[0], exponent = taup_node_args(p->g, a)[1];
  const bool wrap = at == LEVEL_ATOM;
  if (wrap) open(p);
  node(p, base, LEVEL_ATOM);
  put(p, p->latex ? "^{" : "^");
  node(p, exponent, p->latex ? LEVEL_SUM : LEVEL_ATOM);
  if (p->latex) put(p, "}");
  if (wrap) close(p);
}

static void cases(printer *p, taup_node a, level at)
{
  taup_node x[4];
  memcpy(x, taup_node_args(p->g, a), sizeof x);
  static const char *const text[] = {"select(", " > ", ", ", ", ", ")"};
  static const char *const latex[] = {"\\begin{cases} ", " & ", " > ", " \\\\ ",
                                      " & \\text{otherwise} \\end{cases}"};
  static const int order_text[] = {0, 1, 2, 3}, order_latex[] = {2, 0, 1, 3};
  const int *order = p->latex ? order_latex : order_text;
  const char *const *pieces = p->latex ? latex : text;
  const bool wrap = p->latex && at > LEVEL_SUM;
  if (wrap) open(p);
  for (int k = 0; k < 4; k++) {
    put(p, pieces[k]);
    node(p, x[order[k]], LEVEL_SUM);
  }
  put(p, pieces[4]);
  if (wrap) close(p);
}

static void operation(printer *p, taup_node a, level at)
{
  switch (taup_node_op(p->g, a)) {
  case TAUP_OP_CONST:
    one_term(p, taup_node_value(p->g, a), TAUP_NODE_NONE, taup_node_dim(p->g, a), at);
    break;
  case TAUP_OP_SYMBOL: symbol(p, a); break;
  case TAUP_OP_SUM: sum(p, a, at); break;
  case TAUP_OP_PROD:
  case TAUP_OP_RECIP: one_term(p, 1.0, a, taup_node_dim(p->g, a), at); break;
  case TAUP_OP_POW: power(p, a, at); break;
  case TAUP_OP_SQRT:
    if (p->latex) enclosed(p, a, "\\sqrt{", "}");
    else function(p, a, "sqrt", "");
    break;
  case TAUP_OP_EXP: function(p, a, "exp", "\\exp"); break;
  case TAUP_OP_LOG: function(p, a, "log", "\\ln"); break;
  case TAUP_OP_TANH: function(p, a, "tanh", "\\tanh"); break;
  case TAUP_OP_ABS:
    if (p->latex) enclosed(p, a, "\\left|", "\\right|");
    else function(p, a, "abs", "");
    break;
  case TAUP_OP_MIN: function(p, a, "min", "\\min"); break;
  case TAUP_OP_MAX: function(p, a, "max", "\\max"); break;
  case TAUP_OP_SELECT: cases(p, a, at); break;
  case TAUP_OP_CALL:
  case TAUP_OP_DCALL: call(p, a); break;
  case TAUP_N_OPS: break;
  }
}

static void node(printer *p, taup_node a, level at)
{
  if (p->depth >= DEEPEST || p->out->n > LONGEST) {
    put(p, p->latex ? "\\dots" : "...");
    return;
  }
  p->depth++;
  operation(p, a, at);
  p->depth--;
}

void taup_print(const taup_graph *g, taup_node a, taup_text *out)
{
  printer p = {g, out, false, 0};
  node(&p, a, LEVEL_SUM);
}

void taup_print_latex(const taup_graph *g, taup_node a, taup_text *out)
{
  printer p = {g, out, true, 0};
  node(&p, a, LEVEL_SUM);
}

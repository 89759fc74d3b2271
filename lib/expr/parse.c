/* SPDX-License-Identifier: Apache-2.0 */
/* parse.c - recursive descent over
 *
 *   sum     = term (("+" | "-") term)*                 one n-ary sum node, numbers as coefficients
 *   term    = factor (("*" | "/") factor)*             one n-ary product node, numbers multiplied at once
 *   factor  = ("+" | "-")* power
 *   power   = primary ["^" factor]                     so -a^2 = -(a^2), a^b^c = a^(b^c), 2^-1 is 1/2
 *   primary = number | name | "c" "[" quoted name "]" | function "(" sum, ... ")" | "(" sum ")"
 *
 * and select(sum ">" sum, sum, sum), which printed expressions need. Every recursion counts against
 * TAUP_EXPRESSION_DEEPEST. Dimensions and numbers are checked before a node is built, so that a mistake has
 * its column and the graph stays free of errors. */
#include "expr/parse.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/lex.h"

enum { LONGEST_NUMBER = 63, LONGEST_NAME = 255, MOST_FACTORS = 512, MOST_POWER = 8, DIM_TEXT = 64 };
static const double largest_exponent = 100.0;

/* Terms and factors that wait for the end of their sum or product; each level of nesting uses the top. */
typedef struct stack {
  double *coefficients;
  taup_node *nodes;
  int n, cap_coefficients, cap_nodes;
} stack;

typedef struct parser {
  taup_graph *g;
  const taup_scope *scope;
  const char *text, *at;  /* the whole, and what is not read yet */
  const char *last, *end; /* the last token, for "write 2*A" */
  const char *place;      /* of the mistake */
  tau_status status;
  int depth;
  int n_checked; /* nodes whose numbers are known to be finite */
  stack stack;
  char name[LONGEST_NAME + 1];
} parser;

static taup_node sum(parser *p);
static taup_node factor(parser *p, double *sign);

__attribute__((format(printf, 4, 5))) static taup_node fail(parser *p, const char *place, taup_error kind,
                                                            const char *format, ...)
{
  va_list args;
  va_start(args, format);
  p->status = taup_failv(kind, format, args);
  va_end(args);
  p->place = place;
  return TAUP_NODE_ERROR;
}

/* --- reading --- */

static char next(parser *p)
{
  while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r') p->at++;
  return *p->at;
}

static void read_to(parser *p, const char *end)
{
  p->last = p->at;
  p->at = p->end = end;
}

static bool take(parser *p, char c)
{
  if (next(p) != c) return false;
  read_to(p, p->at + 1);
  return true;
}

static taup_node unexpected(parser *p, const char *needed)
{
  const char *s = p->at, *write = taup_lex_lookalike(s);
  if (!*s) return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "the expression ends where %s is needed", needed);
  if (write)
    return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "'%.*s' is not read here: write %s", taup_lex_character(s), s,
                write);
  if (*s == ',')
    return fail(p, s, TAUP_ERR_BAD_EXPRESSION,
                "',' only separates the arguments of a function; decimals have a point");
  if (*s == ')') return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "')' where %s is needed", needed);
  if (*s == '*' && s > p->text && s[-1] == '*')
    return fail(p, s - 1, TAUP_ERR_BAD_EXPRESSION, "'**' is not read: write ^");
  return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "'%.*s' where %s is needed", taup_lex_character(s), s, needed);
}

static const char *dim_words(char *buffer, taup_dim dim)
{
  if (!taup_dim_is_none(dim)) return taup_dim_text(buffer, DIM_TEXT, dim);
  snprintf(buffer, DIM_TEXT, "a plain number");
  return buffer;
}

/* --- building --- */

/* What the graph gave: its own errors (memory), or numbers that have overflowed in it. */
static taup_node built(parser *p, const char *place, taup_node x)
{
  if (x < 0) {
    if ((p->status = taup_graph_status(p->g)) == TAU_OK)
      return fail(p, place, TAUP_ERR_UNKNOWN_SYMBOL, "'%s' cannot be used here", p->name);
    p->place = place;
    return TAUP_NODE_ERROR;
  }
  for (; p->n_checked < taup_graph_n_nodes(p->g); p->n_checked++) {
    const taup_op op = taup_node_op(p->g, p->n_checked);
    if (op != TAUP_OP_SUM && op != TAUP_OP_CONST) continue;
    bool finite = isfinite(taup_node_value(p->g, p->n_checked));
    for (int k = 0; k < taup_node_n_args(p->g, p->n_checked); k++)
      finite = finite && isfinite(taup_node_coefficients(p->g, p->n_checked)[k]);
    if (!finite) return fail(p, place, TAUP_ERR_NO_FINITE_VALUE, "a number here is not finite");
  }
  return x;
}

static bool push(parser *p, double coefficient, taup_node node)
{
  stack *s = &p->stack;
  if (taup_grow(&s->coefficients, &s->cap_coefficients, s->n + 1, sizeof *s->coefficients) < 0 ||
      taup_grow(&s->nodes, &s->cap_nodes, s->n + 1, sizeof *s->nodes) < 0) {
    p->status = TAU_E_NOMEM;
    p->place = p->at;
    return false;
  }
  s->coefficients[s->n] = coefficient;
  s->nodes[s->n++] = node;
  return true;
}

static bool is_number(const parser *p, taup_node x, double *value)
{
  if (taup_node_op(p->g, x) != TAUP_OP_CONST || !taup_dim_is_none(taup_node_dim(p->g, x))) return false;
  *value = taup_node_value(p->g, x);
  return true;
}

/* Two values of one dimension; a zero goes with any. */
static bool agree(parser *p, const char *place, const char *verb, taup_node a, taup_node b)
{
  const taup_dim da = taup_node_dim(p->g, a), db = taup_node_dim(p->g, b);
  if (taup_dim_equal(da, db) || taup_node_is_const(p->g, a, 0.0) || taup_node_is_const(p->g, b, 0.0))
    return true;
  char ta[DIM_TEXT], tb[DIM_TEXT];
  dim_words(ta, da);
  dim_words(tb, db);
  if (strcmp(verb, "subtract") == 0)
    fail(p, place, TAUP_ERR_DIMENSION_MISMATCH, "cannot subtract %s from %s", tb, ta);
  else fail(p, place, TAUP_ERR_DIMENSION_MISMATCH, "cannot %s %s and %s", verb, ta, tb);
  return false;
}

/* Factors of a product as the graph counts them. Products nest by binding time only: no deep recursion. */
static int n_factors(const taup_graph *g, taup_node x)
{
  if (taup_node_op(g, x) == TAUP_OP_SUM && taup_node_n_args(g, x) == 1 && taup_node_value(g, x) == 0.0)
    return n_factors(g, taup_node_args(g, x)[0]);
  if (taup_node_op(g, x) != TAUP_OP_PROD) return 1;
  int n = 0;
  for (int k = 0; k < taup_node_n_args(g, x); k++) n += n_factors(g, taup_node_args(g, x)[k]);
  return n;
}

static bool too_many(parser *p, const char *place, int n)
{
  if (n <= MOST_FACTORS) return false;
  fail(p, place, TAUP_ERR_EXPRESSION_LIMIT, "a product of more than %d factors", MOST_FACTORS);
  return true;
}

static taup_node raise_to(parser *p, const char *place, taup_node base, taup_node exponent)
{
  char words[DIM_TEXT];
  const taup_dim dim = taup_node_dim(p->g, exponent);
  double n, b;
  if (!taup_dim_is_none(dim))
    return fail(p, place, TAUP_ERR_DIMENSION_MISMATCH,
                "an exponent must have no dimension, this one is in %s", dim_words(words, dim));
  if (!is_number(p, exponent, &n)) {
    if (!taup_dim_is_none(taup_node_dim(p->g, base)))
      return fail(p, place, TAUP_ERR_DIMENSION_MISMATCH,
                  "a base in %s needs a number as exponent, not a symbol",
                  dim_words(words, taup_node_dim(p->g, base)));
    return built(p, place, taup_pow(p->g, base, exponent));
  }
  if (fabs(n) > largest_exponent)
    return fail(p, place, TAUP_ERR_EXPRESSION_LIMIT, "the exponent %g is beyond +-%g", n, largest_exponent);
  if (taup_node_op(p->g, base) == TAUP_OP_CONST) {
    b = taup_node_value(p->g, base);
    if (!isfinite(pow(b, n)))
      return fail(p, place, TAUP_ERR_NO_FINITE_VALUE, "%g^%g is not a finite number", b, n);
  }
  if (n == floor(n) && fabs(n) <= MOST_POWER && too_many(p, place, (int)fabs(n) * n_factors(p->g, base)))
    return TAUP_NODE_ERROR;
  return built(p, place, taup_powi(p->g, base, n));
}

/* --- primaries --- */

/* strtod reads with the decimal sign of the process's locale; a number here always has a point. */
static bool to_double(const char *s, size_t n, double *value)
{
  char buffer[LONGEST_NUMBER + 1], *end;
  memcpy(buffer, s, n);
  buffer[n] = '\0';
  *value = strtod(buffer, &end);
  if (*end == '.') {
    *end = ',';
    *value = strtod(buffer, &end);
  }
  return !*end;
}

static taup_node number(parser *p)
{
  const char *s = p->at;
  const size_t n = taup_lex_number(s);
  read_to(p, s + n);
  if (n == 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
    return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "numbers are decimal");
  if (s[n] == '.')
    return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "'%.*s.' is not a number", (int)(n < 40 ? n : 40), s);
  if (n > LONGEST_NUMBER)
    return fail(p, s, TAUP_ERR_EXPRESSION_LIMIT, "a number of more than %d characters", LONGEST_NUMBER);
  double value;
  if (!to_double(s, n, &value))
    return fail(p, s, TAUP_ERR_BAD_EXPRESSION, "'%.*s' is not a number", (int)n, s);
  if (!isfinite(value)) return fail(p, s, TAUP_ERR_NO_FINITE_VALUE, "%.*s is not a finite number", (int)n, s);
  return built(p, s, taup_number(p->g, value));
}

static bool keep_name(parser *p, const char *s, size_t n)
{
  if (n > LONGEST_NAME) {
    fail(p, s, TAUP_ERR_EXPRESSION_LIMIT, "a name of more than %d bytes", LONGEST_NAME);
    return false;
  }
  memcpy(p->name, s, n);
  p->name[n] = '\0';
  return true;
}

/* A name that begins here but is no identifier: the user wrote a-b where c["a-b"] is needed. */
static const char *longer_name(const parser *p, const char *place)
{
  const size_t n = strlen(p->name);
  for (const char *const *name = p->scope->names; name && *name; name++)
    if (strlen(*name) > n && strncmp(place, *name, strlen(*name)) == 0) return *name;
  return NULL;
}

static taup_node unknown(parser *p, const char *place, bool species)
{
  char hint[128];
  const char *longer = species ? NULL : longer_name(p, place);
  if (longer)
    return fail(p, place, TAUP_ERR_UNKNOWN_SYMBOL, "no '%s' is known; for '%s' write c[\"%s\"]", p->name,
                longer, longer);
  taup_nearest nearest = {p->name, NULL, 0};
  for (const char *const *name = p->scope->names; name && *name; name++) taup_nearest_try(&nearest, *name);
  return fail(p, place, TAUP_ERR_UNKNOWN_SYMBOL, "no %s'%s' is known%s", species ? "species " : "", p->name,
              taup_nearest_hint(&nearest, hint, sizeof hint));
}

static taup_node resolve(parser *p, const char *place, bool species)
{
  const taup_node x = p->scope->resolve(p->scope->user, p->g, p->name, species);
  return x == TAUP_NODE_NONE ? unknown(p, place, species) : built(p, place, x);
}

/* c["name"], the c being read. */
static taup_node quoted(parser *p, const char *place)
{
  if (!take(p, '['))
    return fail(p, place, TAUP_ERR_RESERVED_NAME,
                "'c' is reserved: a concentration is the species' name or c[\"name\"]");
  const char quote = next(p);
  if (quote != '"' && quote != '\'') return unexpected(p, "a name in quotes");
  const char *begin = ++p->at, *end = strchr(begin, quote);
  if (!end) return fail(p, begin - 1, TAUP_ERR_BAD_EXPRESSION, "the quote is not closed");
  if (!keep_name(p, begin, (size_t)(end - begin))) return TAUP_NODE_ERROR;
  p->at = end + 1;
  if (!take(p, ']')) return unexpected(p, "']'");
  return resolve(p, begin, true);
}

/* --- functions --- */

typedef struct argument {
  taup_node node;
  const char *place;
} argument;

/* One argument. value: the same over plain numbers, to see that a constant's result is finite. */
typedef struct unary {
  const char *name;
  taup_node (*build)(taup_graph *g, taup_node a);
  double (*value)(double);
  bool any_dim;
} unary;

static const unary unaries[] = {
  {"exp", taup_exp, exp, false},    {"log", taup_log, log, false},   {"log10", taup_log10, log10, false},
  {"tanh", taup_tanh, tanh, false}, {"sqrt", taup_sqrt, sqrt, true}, {"abs", taup_abs, fabs, true},
};
enum { N_UNARIES = sizeof unaries / sizeof unaries[0] };

static const char *const others[] = {"min", "max", "pow", "select", NULL};

/* Names that no function has here, and what is meant by them. */
static const struct {
  const char *name, *meant;
} foreign[] = {{"ln", "log"},   {"lg", "log10"}, {"fabs", "abs"},    {"power", "pow"},
               {"fmin", "min"}, {"fmax", "max"}, {"where", "select"}};

static bool argument_of(parser *p, argument *a)
{
  next(p);
  a->place = p->at;
  a->node = sum(p);
  return a->node >= 0;
}

static bool closing(parser *p)
{
  if (take(p, ')')) return true;
  unexpected(p, "')'");
  return false;
}

static bool comma(parser *p, const char *name, int n_args)
{
  if (take(p, ',')) return true;
  if (next(p) == ')') fail(p, p->at, TAUP_ERR_BAD_EXPRESSION, "%s takes %d arguments", name, n_args);
  else unexpected(p, "','");
  return false;
}

static taup_node call_unary(parser *p, const unary *f)
{
  argument a;
  char words[DIM_TEXT];
  if (!argument_of(p, &a)) return TAUP_NODE_ERROR;
  if (next(p) == ',') return fail(p, p->at, TAUP_ERR_BAD_EXPRESSION, "%s takes one argument", f->name);
  if (!closing(p)) return TAUP_NODE_ERROR;
  const taup_dim dim = taup_node_dim(p->g, a.node);
  if (!f->any_dim && !taup_dim_is_none(dim))
    return fail(p, a.place, TAUP_ERR_DIMENSION_MISMATCH,
                "the argument of %s must have no dimension, it is in %s", f->name, dim_words(words, dim));
  if (taup_node_op(p->g, a.node) == TAUP_OP_CONST && !isfinite(f->value(taup_node_value(p->g, a.node))))
    return fail(p, a.place, TAUP_ERR_NO_FINITE_VALUE, "%s(%g) is not a finite number", f->name,
                taup_node_value(p->g, a.node));
  return built(p, a.place, f->build(p->g, a.node));
}

/* min or max of two or more. */
static taup_node call_extreme(parser *p, const char *name)
{
  argument a, b;
  if (!argument_of(p, &a) || !comma(p, name, 2)) return TAUP_NODE_ERROR;
  do {
    if (!argument_of(p, &b) || !agree(p, b.place, "compare", a.node, b.node)) return TAUP_NODE_ERROR;
    a.node = name[1] == 'i' ? taup_min(p->g, a.node, b.node) : taup_max(p->g, a.node, b.node);
    if (built(p, b.place, a.node) < 0) return TAUP_NODE_ERROR;
  } while (take(p, ','));
  return closing(p) ? a.node : TAUP_NODE_ERROR;
}

static taup_node call_pow(parser *p)
{
  argument base, exponent;
  if (!argument_of(p, &base) || !comma(p, "pow", 2) || !argument_of(p, &exponent) || !closing(p))
    return TAUP_NODE_ERROR;
  return raise_to(p, exponent.place, base.node, exponent.node);
}

static taup_node call_select(parser *p)
{
  argument a, b, x, y;
  if (!argument_of(p, &a)) return TAUP_NODE_ERROR;
  if (!take(p, '>')) return unexpected(p, "'>'");
  if (!argument_of(p, &b) || !comma(p, "select", 3) || !argument_of(p, &x) || !comma(p, "select", 3) ||
      !argument_of(p, &y) || !closing(p))
    return TAUP_NODE_ERROR;
  if (!agree(p, b.place, "compare", a.node, b.node) || !agree(p, y.place, "choose between", x.node, y.node))
    return TAUP_NODE_ERROR;
  return built(p, a.place, taup_select(p->g, a.node, b.node, x.node, y.node));
}

static taup_node unknown_function(parser *p, const char *place)
{
  char hint[128];
  for (size_t k = 0; k < sizeof foreign / sizeof foreign[0]; k++)
    if (strcmp(p->name, foreign[k].name) == 0)
      return fail(p, place, TAUP_ERR_UNKNOWN_SYMBOL, "no function '%s' is known: write %s", p->name,
                  foreign[k].meant);
  taup_nearest nearest = {p->name, NULL, 0};
  for (int k = 0; k < N_UNARIES; k++) taup_nearest_try(&nearest, unaries[k].name);
  for (int k = 0; others[k]; k++) taup_nearest_try(&nearest, others[k]);
  if (!nearest.best && p->scope->resolve(p->scope->user, p->g, p->name, false) >= 0)
    return fail(p, place, TAUP_ERR_BAD_EXPRESSION, "'%s' is no function: write '%s*(' to multiply", p->name,
                p->name);
  return fail(p, place, TAUP_ERR_UNKNOWN_SYMBOL, "no function '%s' is known%s", p->name,
              taup_nearest_hint(&nearest, hint, sizeof hint));
}

/* A call, the name and '(' being read. */
static taup_node call(parser *p, const char *place)
{
  for (int k = 0; k < N_UNARIES; k++)
    if (strcmp(p->name, unaries[k].name) == 0) return call_unary(p, &unaries[k]);
  if (strcmp(p->name, "min") == 0) return call_extreme(p, "min");
  if (strcmp(p->name, "max") == 0) return call_extreme(p, "max");
  if (strcmp(p->name, "pow") == 0) return call_pow(p);
  if (strcmp(p->name, "select") == 0) return call_select(p);
  return unknown_function(p, place);
}

static bool is_function(const char *name)
{
  for (int k = 0; k < N_UNARIES; k++)
    if (strcmp(name, unaries[k].name) == 0) return true;
  for (int k = 0; others[k]; k++)
    if (strcmp(name, others[k]) == 0) return true;
  return false;
}

bool taup_name_is_reserved(const char *name)
{
  static const char *const reserved[] = {"T", "P", "R", "pi", "c"};
  for (size_t k = 0; k < sizeof reserved / sizeof reserved[0]; k++)
    if (strcmp(name, reserved[k]) == 0) return true;
  return is_function(name);
}

/* --- the levels of the grammar --- */

static taup_node named(parser *p)
{
  const char *place = p->at;
  const size_t n = taup_lex_name(place);
  if (!keep_name(p, place, n)) return TAUP_NODE_ERROR;
  read_to(p, place + n);
  if (strcmp(p->name, "c") == 0) return quoted(p, place);
  if (take(p, '(')) return call(p, place);
  if (is_function(p->name))
    return fail(p, place, TAUP_ERR_BAD_EXPRESSION, "%s needs its arguments in parentheses", p->name);
  if (strcmp(p->name, "pi") == 0) return built(p, place, taup_number(p->g, 3.14159265358979323846));
  return resolve(p, place, false);
}

static taup_node primary(parser *p)
{
  next(p);
  const char *place = p->at;
  if (taup_lex_number(place)) return number(p);
  if (taup_lex_name(place)) return named(p);
  if (!take(p, '(')) return unexpected(p, "a number, a name or '('");
  const taup_node x = sum(p);
  if (x < 0) return TAUP_NODE_ERROR;
  if (!next(p)) return fail(p, place, TAUP_ERR_BAD_EXPRESSION, "'(' is not closed");
  return closing(p) ? x : TAUP_NODE_ERROR;
}

static bool enter(parser *p)
{
  if (++p->depth <= TAUP_EXPRESSION_DEEPEST) return true;
  fail(p, p->at, TAUP_ERR_EXPRESSION_LIMIT, "nested deeper than %d", TAUP_EXPRESSION_DEEPEST);
  return false;
}

static taup_node power(parser *p)
{
  const taup_node base = primary(p);
  if (base < 0 || !take(p, '^')) return base;
  if (!enter(p)) return TAUP_NODE_ERROR;
  double sign = 1.0;
  next(p);
  const char *place = p->at;
  taup_node exponent = factor(p, &sign);
  p->depth--;
  if (exponent < 0) return TAUP_NODE_ERROR;
  if (sign < 0.0) exponent = built(p, place, taup_neg(p->g, exponent));
  return exponent < 0 ? TAUP_NODE_ERROR : raise_to(p, place, base, exponent);
}

/* *sign is turned once for each minus. */
static taup_node factor(parser *p, double *sign)
{
  for (char c = next(p); c == '-' || c == '+'; c = next(p)) {
    if (c == '-') *sign = -*sign;
    p->at++;
  }
  return power(p);
}

/* Multiply the term by x, or divide it: numbers go into *coefficient, the rest onto the stack. */
static bool include(parser *p, const char *place, char op, taup_node x, double *coefficient)
{
  double v;
  if (op == '/' && taup_node_is_const(p->g, x, 0.0)) {
    fail(p, place, TAUP_ERR_NO_FINITE_VALUE, "division by 0");
    return false;
  }
  if (is_number(p, x, &v)) {
    *coefficient = op == '/' ? *coefficient / v : *coefficient * v;
    if (isfinite(*coefficient)) return true;
    fail(p, place, TAUP_ERR_NO_FINITE_VALUE, "a number here is not finite");
    return false;
  }
  const taup_node y = op == '/' ? built(p, place, taup_recip(p->g, x)) : x;
  return y >= 0 && push(p, 1.0, y);
}

static taup_node product(parser *p, const char *place, int first)
{
  const int n = p->stack.n - first;
  const taup_node *nodes = n > 0 ? p->stack.nodes + first : NULL;
  if (n == 0) return built(p, place, taup_number(p->g, 1.0));
  if (n == 1) return nodes[0];
  int count = 0;
  for (int k = 0; k < n; k++) count += n_factors(p->g, nodes[k]);
  if (too_many(p, place, count)) return TAUP_NODE_ERROR;
  return built(p, place, taup_product(p->g, n, nodes));
}

/* After a complete operand: another one is no multiplication. */
static bool ends_well(parser *p)
{
  enum { LONGEST_SHOWN = 60 };
  const bool opens = next(p) == '(';
  const char *s = p->at;
  const size_t before = (size_t)(p->end - p->last);
  const size_t after = opens ? 1 : taup_lex_name(s) ? taup_lex_name(s) : taup_lex_number(s);
  if (!after) return true;
  if (before + after > LONGEST_SHOWN)
    fail(p, s, TAUP_ERR_BAD_EXPRESSION, "an operator is missing: write * to multiply");
  else
    fail(p, s, TAUP_ERR_BAD_EXPRESSION, "write %.*s*%.*s to multiply", (int)before, p->last, (int)after, s);
  return false;
}

/* A product without its number. */
static taup_node term(parser *p, double *coefficient)
{
  const int first = p->stack.n;
  char op = '*';
  next(p);
  const char *start = p->at;
  *coefficient = 1.0;
  for (;;) {
    next(p);
    const char *place = p->at;
    const taup_node x = factor(p, coefficient);
    if (x < 0 || !include(p, place, op, x, coefficient)) return TAUP_NODE_ERROR;
    op = next(p);
    if (op != '*' && op != '/') break;
    read_to(p, p->at + 1);
  }
  if (!ends_well(p)) return TAUP_NODE_ERROR;
  const taup_node x = product(p, start, first);
  p->stack.n = first;
  return x;
}

static taup_node finish_sum(parser *p, const char *place, int first, taup_node dim_of)
{
  const int n = p->stack.n - first;
  const double *c = n > 0 ? p->stack.coefficients + first : NULL;
  const taup_node *nodes = n > 0 ? p->stack.nodes + first : NULL;
  taup_node x;
  if (n == 0) x = taup_const(p->g, 0.0, taup_node_dim(p->g, dim_of));
  else if (n == 1 && c[0] == 1.0) return nodes[0];
  else x = taup_sum(p->g, n, c, nodes);
  return built(p, place, x);
}

/* Terms of value 0 are left out: they go with any dimension. */
static taup_node sum(parser *p)
{
  const int first = p->stack.n;
  taup_node before = TAUP_NODE_NONE;
  if (!enter(p)) return TAUP_NODE_ERROR;
  next(p);
  const char *start = p->at, *op = start;
  for (;;) {
    double c;
    const taup_node x = term(p, &c);
    if (x < 0) return TAUP_NODE_ERROR;
    const bool zero = c == 0.0 || taup_node_is_const(p->g, x, 0.0);
    if (before == TAUP_NODE_NONE || (!zero && p->stack.n == first)) before = x;
    else if (!zero && !agree(p, op, *op == '-' ? "subtract" : "add", before, x)) return TAUP_NODE_ERROR;
    if (!zero && !push(p, op > start && *op == '-' ? -c : c, x)) return TAUP_NODE_ERROR;
    const char follows = next(p);
    if (follows != '+' && follows != '-') break;
    op = p->at;
    read_to(p, op + 1);
  }
  const taup_node x = finish_sum(p, start, first, before);
  p->stack.n = first;
  p->depth--;
  return x;
}

static tau_status whole(parser *p, taup_node *out)
{
  const char *bad;
  if (strnlen(p->text, TAUP_EXPRESSION_LONGEST + 1) > TAUP_EXPRESSION_LONGEST) {
    fail(p, p->text, TAUP_ERR_EXPRESSION_LIMIT, "an expression of more than %d bytes",
         TAUP_EXPRESSION_LONGEST);
  } else if ((bad = taup_lex_not_utf8(p->text))) {
    fail(p, bad, TAUP_ERR_BAD_EXPRESSION, "a byte that is not UTF-8");
  } else if (!next(p)) {
    fail(p, p->text, TAUP_ERR_BAD_EXPRESSION, "the expression is empty");
  } else {
    const taup_node x = sum(p);
    if (x >= 0 && !*p->at) *out = x;
    else if (x >= 0 && *p->at == ')') fail(p, p->at, TAUP_ERR_BAD_EXPRESSION, "')' without '('");
    else if (x >= 0) unexpected(p, "an operator or the end");
  }
  return p->status;
}

tau_status taup_parse(taup_graph *g, const char *text, const taup_scope *scope, taup_node *out, int *column)
{
  parser p = {.g = g,
              .scope = scope,
              .text = text,
              .at = text,
              .last = text,
              .end = text,
              .place = text,
              .n_checked = taup_graph_n_nodes(g)};
  *out = TAUP_NODE_ERROR;
  const tau_status st = whole(&p, out);
  if (column) *column = taup_lex_column(text, p.place);
  taup_free(p.stack.coefficients);
  taup_free(p.stack.nodes);
  return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* units_text.c - the text of a unit to a factor and a dimension.
 *
 *     product  = factor { [ blank | "*" | "." | "·" | "/" ] factor }        a/b/c is a/(b c)
 *     factor   = ( "1" | name | "(" product ")" ) [ exponent ]
 *     exponent = ( "^" | "**" ) ( number | "(" number [ "/" number ] ")" ) | number | superscripts
 *
 * "J/kg K" is refused: read from the left it is J K/kg, but J/(kg K) is what is meant. So after a "/"
 * only another "/" may follow, unless there are parentheses (ISO 80000-1, 7.3.3).
 *
 * Factors above and below the line are multiplied apart and divided once, so that mL/min is 1e-6/60 to
 * the last bit. */
#include "chem/units_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "chem/echo.h"
#include "chem/units_names.h"

typedef struct scanner {
  const char *text, *at;
  int depth;
} scanner;

/* A product so far. */
typedef struct ratio {
  double above, below;
  taup_dim dim;
} ratio;

static const ratio one = {1.0, 1.0, {{0}}};

static int starts(const char *at, const char *piece)
{
  const size_t n = strlen(piece);
  return strncmp(at, piece, n) ? 0 : (int)n;
}

static int first_of(const char *at, const char *const *pieces, int n_pieces)
{
  for (int i = 0; i < n_pieces; i++)
    if (starts(at, pieces[i])) return (int)strlen(pieces[i]);
  return 0;
}

int taup_blank(const char *text)
{
  static const char *const blanks[] = {" ", "\t", "\n", "\r", "\u00a0", "\u2009", "\u202f"};
  return first_of(text, blanks, 7);
}

int taup_minus(const char *text)
{
  static const char *const signs[] = {"-", "\u2212"};
  return first_of(text, signs, 2);
}

static int dot(const char *at)
{
  static const char *const dots[] = {"\u00b7", "\u22c5", "\u00d7", "*", "."};
  return starts(at, "**") ? 0 : first_of(at, dots, 5);
}

/* A superscript digit, or -1; '-' and '+' give 10 and 11. */
static int superscript(const char *at, int *n)
{
  static const char *const signs[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074", "\u2075",
                                      "\u2076", "\u2077", "\u2078", "\u2079", "\u207b", "\u207a"};
  for (int i = 0; i < 12; i++)
    if ((*n = starts(at, signs[i]))) return i;
  return -1;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_name_byte(const char *at)
{
  const unsigned char c = (unsigned char)*at;
  int n;
  if (c >= 0x80)
    return !taup_blank(at) && !dot(at) && !taup_minus(at) && superscript(at, &n) < 0 && !starts(at, "\u00b1");
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '%';
}

static void skip_blanks(scanner *s)
{
  for (int n; (n = taup_blank(s->at)); s->at += n) {}
}

static tau_status bad(const scanner *s, const char *what)
{
  char echo[TAUP_ECHO];
  return taup_fail(TAUP_ERR_BAD_UNIT, "unit '%s': %s", taup_echo(echo, s->text, strlen(s->text)), what);
}

/* --- exponents --- */

/* digits [ "." digits ]; a dot that no digit follows is a product's. */
static bool scan_number(scanner *s, double *x)
{
  char digits[32];
  size_t n = 0;
  bool point = false;
  for (; is_digit(*s->at) || (*s->at == '.' && !point && is_digit(s->at[1])); s->at++) {
    point |= *s->at == '.';
    if (n + 1 == sizeof digits) return false;
    digits[n++] = *s->at;
  }
  digits[n] = '\0';
  *x = n ? taup_strtod(digits) : 0.0;
  return n > 0;
}

static bool scan_signed(scanner *s, double *x)
{
  const int minus = taup_minus(s->at);
  s->at += minus ? minus : *s->at == '+';
  if (!scan_number(s, x)) return false;
  if (minus) *x = -*x;
  return true;
}

static bool scan_superscripts(scanner *s, double *x)
{
  int n, digit, sign = 1, n_digits = 0;
  double value = 0.0;
  for (; (digit = superscript(s->at, &n)) >= 0; s->at += n) {
    if (digit >= 10) {
      if (n_digits) return false;
      sign = digit == 10 ? -1 : 1;
    } else {
      value = 10.0 * value + digit;
      n_digits++;
    }
  }
  *x = sign * value;
  return n_digits > 0 && n_digits <= 3;
}

static bool scan_caret(scanner *s, double *x)
{
  skip_blanks(s);
  if (*s->at != '(') return scan_signed(s, x);
  s->at++;
  if (!scan_signed(s, x)) return false;
  if (*s->at == '/') {
    double below;
    s->at++;
    if (!scan_number(s, &below) || below == 0.0) return false;
    *x /= below;
  }
  return *s->at++ == ')';
}

static bool has_exponent_digits(const char *at)
{
  const int minus = taup_minus(at);
  const char *digits = at + (minus ? minus : *at == '+');
  return is_digit(*digits) || (*digits == '.' && is_digit(digits[1]));
}

/* The exponent at s, 1 where there is none. */
static tau_status exponent(scanner *s, double *x)
{
  int n;
  *x = 1.0;
  bool read = true;
  const int caret = starts(s->at, "**") ? 2 : *s->at == '^';
  if (caret) {
    s->at += caret;
    read = scan_caret(s, x);
  } else if (superscript(s->at, &n) >= 0) {
    read = scan_superscripts(s, x);
  } else if (has_exponent_digits(s->at) && *s->at != '.') {
    read = scan_signed(s, x);
  } else if (taup_minus(s->at)) {
    return bad(s, "a '-' must be followed by an exponent; products are written with a blank or '*'");
  }
  if (!read) return bad(s, "an exponent cannot be read; write ^2, ^-1, ^0.5 or ^(1/2)");
  if (!(fabs(*x) <= 20.0)) return bad(s, "an exponent beyond 20");
  return TAU_OK;
}

/* --- factors and products --- */

static void multiply(ratio *into, ratio by, double power)
{
  if (power < 0.0) {
    const double above = by.above;
    by.above = by.below;
    by.below = above;
  }
  into->above *= fabs(power) == 1.0 ? by.above : pow(by.above, fabs(power));
  into->below *= fabs(power) == 1.0 ? by.below : pow(by.below, fabs(power));
  into->dim = taup_dim_multiply(into->dim, power < 0.0 ? taup_dim_power(taup_dim_power(by.dim, -power), -1.0)
                                                       : taup_dim_power(by.dim, power));
}

static tau_status name_factor(scanner *s, ratio *out)
{
  char name[TAUP_UNIT_LONGEST + 1];
  size_t n = 0;
  for (; *s->at && is_name_byte(s->at); s->at++) {
    name[n++] = *s->at;
    /* a character of several bytes is one name byte after the other */
    while (((unsigned char)s->at[1] & 0xC0) == 0x80) name[n++] = *++s->at;
  }
  name[n] = '\0';
  taup_unit_scale scale;
  TAU_TRY(taup_unit_named(name, s->text, &scale));
  *out = (ratio){scale.factor, 1.0, scale.dim};
  const double inverse = round(1.0 / scale.factor);
  if (scale.factor < 1.0 && inverse < 1e15 &&
      1.0 / inverse == scale.factor) /* 1e-3 is no double, but 1000 is */
    *out = (ratio){1.0, inverse, scale.dim};
  return TAU_OK;
}

static tau_status product(scanner *s, ratio *out);

static tau_status group(scanner *s, ratio *out)
{
  if (++s->depth > TAUP_UNIT_DEEPEST) return bad(s, "too many parentheses");
  s->at++;
  TAU_TRY(product(s, out));
  if (*s->at != ')') return bad(s, "a ')' is missing");
  s->at++;
  s->depth--;
  return TAU_OK;
}

/* "1" as in 1/s; other numbers are no units. */
static tau_status number_factor(scanner *s, ratio *out)
{
  double x;
  if (!scan_number(s, &x) || x != 1.0) return bad(s, "a number within a unit");
  if (*s->at == '^' || starts(s->at, "**")) return bad(s, "a power of a number within a unit");
  *out = one;
  return TAU_OK;
}

static tau_status factor(scanner *s, ratio *into, bool below)
{
  ratio by = one;
  double power = 1.0;
  if (is_digit(*s->at)) {
    TAU_TRY(number_factor(s, &by));
  } else {
    if (*s->at == '(') TAU_TRY(group(s, &by));
    else if (*s->at && is_name_byte(s->at)) TAU_TRY(name_factor(s, &by));
    else return bad(s, *s->at ? "a character that belongs to no unit" : "a unit is missing at the end");
    TAU_TRY(exponent(s, &power));
  }
  multiply(into, by, below ? -power : power);
  return TAU_OK;
}

static tau_status product(scanner *s, ratio *out)
{
  *out = one;
  bool divided = false;
  for (bool first = true;; first = false) {
    skip_blanks(s);
    if (!first && (!*s->at || *s->at == ')')) return TAU_OK;
    const bool slash = *s->at == '/';
    const int times = first ? 0 : dot(s->at);
    if (divided && !slash) return bad(s, "what is below the '/'? write a/b/c or a/(b c)");
    s->at += slash ? 1 : times;
    divided |= slash;
    skip_blanks(s);
    TAU_TRY(factor(s, out, slash));
  }
}

/* A whole temperature scale, not a difference of temperatures. */
static tau_status whole_name(const char *text, bool *done, taup_unit_scale *out)
{
  const char *at = text;
  while (*at && is_name_byte(at)) do
      at++;
    while (((unsigned char)*at & 0xC0) == 0x80);
  *done = *text && !*at;
  return *done ? taup_unit_named(text, text, out) : TAU_OK;
}

tau_status taup_unit_text(const char *text, taup_unit_scale *out)
{
  scanner s = {text, text, 0};
  ratio r;
  bool done;
  if (strlen(text) > TAUP_UNIT_LONGEST) return bad(&s, "too long");
  TAU_TRY(whole_name(text, &done, out));
  if (done) return TAU_OK;
  TAU_TRY(product(&s, &r));
  if (*s.at) return bad(&s, "a ')' without its '('");
  const double scale = r.above / r.below;
  if (!(scale > 1e-200 && scale < 1e200)) return bad(&s, "too large or too small");
  *out = (taup_unit_scale){scale, 0.0, r.dim};
  return TAU_OK;
}

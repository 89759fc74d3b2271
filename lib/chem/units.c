/* SPDX-License-Identifier: Apache-2.0 */
/* units.c - quantities: a number, its uncertainty, its unit.
 *
 *     SI = factor x + offset           offset: 273.15 K of degC, 459.67 * 5/9 K of degF, else 0
 *
 * Units that were read are remembered in a table of fixed size, so that a model of 30,000 rate constants
 * asks UDUNITS a few times. Invariants: `remembered` is read and written under `cache_lock`; a row is
 * valid when its text is not empty; nothing here allocates but dimension names beyond the first N_NAMES,
 * which live for ever. */
#include "chem/units.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "chem/echo.h"
#include "chem/units_names.h"
#include "chem/units_text.h"

/* --- units, remembered --- */

enum { N_REMEMBERED = 256 /* a power of 2 */, LONGEST_REMEMBERED = 31 };

static struct remembered_unit {
  char text[LONGEST_REMEMBERED + 1];
  taup_unit_scale scale;
} remembered[N_REMEMBERED];
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

/* FNV-1a. */
static struct remembered_unit *row_of(const char *text)
{
  uint32_t h = 2166136261u;
  for (const char *c = text; *c; c++) h = (h ^ (unsigned char)*c) * 16777619u;
  return &remembered[(h ^ (h >> 16)) % N_REMEMBERED];
}

static bool recall(const char *text, taup_unit_scale *out)
{
  pthread_mutex_lock(&cache_lock);
  const struct remembered_unit *row = row_of(text);
  const bool found = !strcmp(row->text, text);
  if (found) *out = row->scale;
  pthread_mutex_unlock(&cache_lock);
  return found;
}

static void remember(const char *text, taup_unit_scale scale)
{
  if (strlen(text) > LONGEST_REMEMBERED) return;
  pthread_mutex_lock(&cache_lock);
  struct remembered_unit *row = row_of(text);
  snprintf(row->text, sizeof row->text, "%s", text);
  row->scale = scale;
  pthread_mutex_unlock(&cache_lock);
}

tau_status tau_units_database(const char *xml_path)
{
  TAU_TRY(taup_unit_database_open(xml_path));
  pthread_mutex_lock(&cache_lock);
  memset(remembered, 0, sizeof remembered);
  pthread_mutex_unlock(&cache_lock);
  return TAU_OK;
}

static const char *skip_blanks(const char *at)
{
  for (int n; (n = taup_blank(at)); at += n) {}
  return at;
}

/* Length of text without the blanks at its end. */
static size_t trimmed(const char *text)
{
  size_t n = 0;
  for (const char *at = text; *at;) {
    const int blank = taup_blank(at);
    at += blank ? blank : 1;
    if (!blank) n = (size_t)(at - text);
  }
  return n;
}

tau_status taup_unit_parse(const char *text, taup_unit_scale *out)
{
  char unit[TAUP_UNIT_LONGEST + 2], echo[TAUP_ECHO];
  text = skip_blanks(text);
  const size_t n = trimmed(text);
  if (n == 0) {
    *out = (taup_unit_scale){1.0, 0.0, TAUP_DIM_NONE};
    return TAU_OK;
  }
  if (n > TAUP_UNIT_LONGEST)
    return taup_fail(TAUP_ERR_BAD_UNIT, "unit '%s': too long", taup_echo(echo, text, n));
  memcpy(unit, text, n);
  unit[n] = '\0';
  if (recall(unit, out)) return TAU_OK;
  TAU_TRY(taup_unit_text(unit, out));
  remember(unit, *out);
  return TAU_OK;
}

/* --- quantities --- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_digits(const char *at)
{
  while (is_digit(*at)) at++;
  return at;
}

static const char *skip_exponent(const char *at)
{
  if (*at != 'e' && *at != 'E') return at;
  const char *sign = at + 1;
  const int minus = taup_minus(sign);
  const char *digits = sign + (minus ? minus : *sign == '+');
  return is_digit(*digits) ? skip_digits(digits) : at;
}

/* End of a decimal number at text, or text itself where there is none. No hex, no inf, no nan. */
static const char *number_end(const char *text)
{
  const int minus = taup_minus(text);
  const char *digits = text + (minus ? minus : *text == '+');
  const char *at = skip_digits(digits);
  int n_digits = (int)(at - digits > 0);
  if (*at == '.') {
    const char *fraction = at + 1;
    at = skip_digits(fraction);
    n_digits |= at > fraction;
  }
  return n_digits ? skip_exponent(at) : text;
}

/* The minus of typographers is read as '-'. */
static size_t plain_number(char *buffer, size_t n_bytes, const char *text, const char *end)
{
  size_t n = 0;
  while (text < end && n + 1 < n_bytes) {
    const int minus = taup_minus(text);
    buffer[n++] = minus ? '-' : *text;
    text += minus ? minus : 1;
  }
  buffer[n] = '\0';
  return text < end ? n_bytes : n;
}

static tau_status number(const char *whole, const char **at, double *x)
{
  char digits[128], echo[TAUP_ECHO];
  const char *end = number_end(*at);
  taup_echo(echo, whole, strlen(whole));
  if (end == *at) {
    if (!*skip_blanks(whole))
      return taup_fail(TAUP_ERR_BAD_NUMBER, "a quantity is empty; a number with its unit is needed");
    return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s' does not begin with a number", echo);
  }
  if (*end == ',')
    return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s': a ',' in a number; decimals are written with a point", echo);
  if (*end == '.' || *end == '_')
    return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s': a number cannot be read", echo);
  if (plain_number(digits, sizeof digits, *at, end) >= sizeof digits)
    return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s': a number of more than %d characters", echo,
                     (int)sizeof digits - 1);
  if ((end[0] == 'x' || end[0] == 'X') && !strcmp(digits, "0"))
    return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s': a hexadecimal number", echo);
  *x = taup_strtod(digits);
  if (!isfinite(*x)) return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s': a number too large", echo);
  *at = end;
  return TAU_OK;
}

static tau_status uncertainty(const char *whole, const char **at, double *x)
{
  const char *sign = skip_blanks(*at);
  const int n = !strncmp(sign, "+/-", 3) ? 3 : !strncmp(sign, "\u00b1", 2) ? 2 : 0;
  *x = 0.0;
  if (!n) return TAU_OK;
  char echo[TAUP_ECHO];
  *at = skip_blanks(sign + n);
  if (number_end(*at) == *at)
    return taup_fail(TAUP_ERR_BAD_UNCERTAINTY, "'%s': a number must follow '%.*s'",
                     taup_echo(echo, whole, strlen(whole)), n, sign);
  TAU_TRY(number(whole, at, x));
  if (*x < 0.0)
    return taup_fail(TAUP_ERR_BAD_UNCERTAINTY, "'%s': an uncertainty below zero",
                     taup_echo(echo, whole, strlen(whole)));
  return TAU_OK;
}

/* factor x. 1e-9 is no double, but 1e9 is: 3 nmol is 3 / 1e9, to the last bit what 3e-9 mol is. */
static double scaled(double factor, double x)
{
  const double inverse = round(1.0 / factor);
  const bool exact = factor < 1.0 && inverse < 1e15 && 1.0 / inverse == factor;
  return exact ? x / inverse : factor * x;
}

tau_status taup_quantity_parse(const char *text, taup_quantity *out)
{
  const char *at = skip_blanks(text);
  double x, u;
  TAU_TRY(number(text, &at, &x));
  TAU_TRY(uncertainty(text, &at, &u));
  at = skip_blanks(at);
  out->unit_text = at;
  out->bare = !*at;
  TAU_TRY(taup_unit_parse(at, &out->scale));
  out->value = scaled(out->scale.factor, x) + out->scale.offset;
  out->uncertainty = scaled(out->scale.factor, u);
  if (isfinite(out->value) && isfinite(out->uncertainty)) return TAU_OK;
  char echo[TAUP_ECHO];
  return taup_fail(TAUP_ERR_BAD_NUMBER, "'%s': too large", taup_echo(echo, text, strlen(text)));
}

tau_status tau_quantity_parse(const char *text, double *value, const char **dimension)
{
  taup_quantity q;
  TAU_TRY(taup_quantity_parse(text, &q));
  *value = q.value;
  if (dimension) *dimension = taup_dim_name(q.scale.dim);
  return TAU_OK;
}

tau_status tau_convert(double value, const char *from, const char *to, double *out)
{
  taup_unit_scale a, b;
  TAU_TRY(taup_unit_parse(from, &a));
  TAU_TRY(taup_unit_parse(to, &b));
  if (!taup_dim_equal(a.dim, b.dim)) {
    char from_echo[TAUP_ECHO], to_echo[TAUP_ECHO];
    return taup_fail(TAUP_ERR_WRONG_UNIT, "'%s' [%s] cannot be converted to '%s' [%s]",
                     taup_echo(from_echo, from, strlen(from)), taup_dim_name(a.dim),
                     taup_echo(to_echo, to, strlen(to)), taup_dim_name(b.dim));
  }
  *out = a.factor == b.factor && a.offset == b.offset
           ? value
           : (scaled(a.factor, value) + (a.offset - b.offset)) / b.factor;
  return TAU_OK;
}

/* --- names of dimensions --- */

enum { N_NAMES = 256 };

typedef struct dim_name {
  struct dim_name *next;
  taup_dim dim;
  char text[96];
} dim_name;

static dim_name first_names[N_NAMES];
static int n_first_names;
static dim_name *names; /* newest first; reachable for ever */
static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;

static dim_name *new_name(taup_dim dim)
{
  dim_name *name = n_first_names < N_NAMES ? &first_names[n_first_names++] : taup_calloc(1, sizeof *name);
  if (!name) return NULL;
  name->next = names;
  name->dim = dim;
  taup_dim_text(name->text, sizeof name->text, dim);
  names = name;
  return name;
}

const char *taup_dim_name(taup_dim dim)
{
  pthread_mutex_lock(&names_lock);
  const dim_name *name = names;
  while (name && !taup_dim_equal(name->dim, dim)) name = name->next;
  if (!name) name = new_name(dim);
  pthread_mutex_unlock(&names_lock);
  return name ? name->text : "(a dimension)";
}

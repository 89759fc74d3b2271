/* SPDX-License-Identifier: Apache-2.0 */
/* equation.c - the equation of a reaction.
 *
 *     equation = side arrow side
 *     arrow    = "->" | "=>" | "<=>" | "<->" | "="          (and their Unicode signs)
 *     side     = nothing | "0" | term { "+" term }
 *     term     = [ number ] name
 *     name     = ( letter | "(" ) { letter | digit | "_" | "-" | "'" | "(" | ")" }
 *
 * An arrow ends a name, so "A->B" is A and B although '-' may stand in a name. Numbers have no exponent:
 * "2E" is 2 E.
 *
 * Invariant: the terms of a side have different names; sides have at most MOST_TERMS of them, so that
 * merging by search stays cheap. */
#include "chem/equation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "chem/echo.h"

enum { MOST_TERMS = 200, MOST_DIGITS = 40 };

typedef struct arrow {
  const char *text;
  bool reversible;
} arrow;

static const arrow arrows[] = {
  {"<=>", true}, {"<->", true},     {"->", false},    {"=>", false},
  {"=", true},   {"\u2192", false}, {"\u21cc", true}, {"\u21c4", true},
};

/* The longer arrows stand first. */
static const arrow *arrow_at(const char *at)
{
  for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++)
    if (!strncmp(at, arrows[i].text, strlen(arrows[i].text))) return &arrows[i];
  return NULL;
}

typedef struct scanner {
  const char *text, *at;
  const char *wrong; /* where the error is */
  taup_arena *arena;
} scanner;

static tau_status bad(scanner *s, const char *at, const char *what)
{
  char echo[TAUP_ECHO];
  s->wrong = at;
  return taup_fail(TAUP_ERR_BAD_EQUATION, "equation '%s': %s", taup_echo(echo, s->text, strlen(s->text)),
                   what);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool begins_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '('; }
static bool continues_name(char c) { return begins_name(c) || is_digit(c) || (c && strchr("_-')", c)); }

bool taup_name_is_legal(const char *text)
{
  if (!begins_name(*text)) return false;
  for (const char *c = text; *c; c++)
    if (!continues_name(*c)) return false;
  return true;
}

static void skip_blanks(scanner *s)
{
  while (*s->at && strchr(" \t\r\n", *s->at)) s->at++;
}

/* digits [ "." digits ], read without the process's locale: the digits as a whole number over a power of
 * 10. Exact to 15 digits. */
static tau_status coefficient(scanner *s, double *x)
{
  const char *start = s->at;
  double digits = 0.0, scale = 1.0;
  *x = 1.0;
  if (!is_digit(*s->at) && !(*s->at == '.' && is_digit(s->at[1]))) return TAU_OK;
  for (; is_digit(*s->at); s->at++) digits = 10.0 * digits + (*s->at - '0');
  if (*s->at == '.')
    for (s->at++; is_digit(*s->at); s->at++, scale *= 10.0) digits = 10.0 * digits + (*s->at - '0');
  if (s->at - start > MOST_DIGITS) return bad(s, start, "a coefficient of too many digits");
  if (*s->at == '/' || *s->at == ',') return bad(s, s->at, "coefficients are written as 0.5");
  *x = digits / scale;
  return *x > 0.0 ? TAU_OK : bad(s, start, "a coefficient of 0");
}

static tau_status name(scanner *s, const char **out, int *column)
{
  const char *start = s->at;
  if (!begins_name(*start))
    return bad(s, start,
               !*start || *start == '+' || arrow_at(start)
                 ? "a species is missing here"
                 : "a name begins with a letter (A to Z, a to z) or '('");
  while (continues_name(*s->at) && !arrow_at(s->at)) s->at++;
  const size_t n = (size_t)(s->at - start);
  char *copy = taup_arena_alloc(s->arena, n + 1, 1);
  if (!copy) return TAU_E_NOMEM;
  memcpy(copy, start, n);
  *out = copy;
  *column = (int)(start - s->text); /* bytes for now */
  return TAU_OK;
}

static tau_status add_term(scanner *s, taup_equation_term *terms, int *n, taup_equation_term term)
{
  for (int i = 0; i < *n; i++)
    if (!strcmp(terms[i].name, term.name)) {
      terms[i].coefficient += term.coefficient;
      return TAU_OK;
    }
  if (*n == MOST_TERMS) return bad(s, s->text + term.column, "too many species on one side");
  terms[(*n)++] = term;
  return TAU_OK;
}

/* A side that is empty or "0": nothing. */
static bool is_nothing(scanner *s)
{
  const char *at = s->at;
  if (*at == '0') at++;
  while (*at && strchr(" \t\r\n", *at)) at++;
  if (*at && !arrow_at(at)) return false;
  s->at = at;
  return true;
}

static tau_status side(scanner *s, taup_equation_term **out, int *n)
{
  taup_equation_term terms[MOST_TERMS];
  *n = 0;
  skip_blanks(s);
  if (!is_nothing(s))
    for (;; s->at++) {
      taup_equation_term term = {0};
      skip_blanks(s);
      TAU_TRY(coefficient(s, &term.coefficient));
      skip_blanks(s);
      TAU_TRY(name(s, &term.name, &term.column));
      TAU_TRY(add_term(s, terms, n, term));
      skip_blanks(s);
      if (*s->at != '+') break;
    }
  *out = taup_arena_alloc(s->arena, (size_t)*n, sizeof **out);
  if (!*out) return TAU_E_NOMEM;
  memcpy(*out, terms, (size_t)*n * sizeof **out);
  return TAU_OK;
}

static tau_status whole(scanner *s, taup_equation *out)
{
  TAU_TRY(side(s, &out->left, &out->n_left));
  const arrow *a = arrow_at(s->at);
  if (!a && !*s->at) return bad(s, s->at, "an arrow is missing: -> (irreversible) or <=> (reversible)");
  if (!a) return bad(s, s->at, "a '+' or an arrow (->, <=>) is needed here");
  out->reversible = a->reversible;
  s->at += strlen(a->text);
  TAU_TRY(side(s, &out->right, &out->n_right));
  if (arrow_at(s->at)) return bad(s, s->at, "a second arrow; write a reaction for each step");
  if (*s->at) return bad(s, s->at, "a '+' is needed here");
  if (out->n_left + out->n_right == 0) return bad(s, s->text, "no species on either side");
  return TAU_OK;
}

/* Columns count characters; names are found by bytes. */
static int column_of(const char *text, const char *at)
{
  int column = 1;
  for (const char *c = text; c < at; c++) column += ((unsigned char)*c & 0xC0) != 0x80;
  return column;
}

static void finish_columns(const char *text, taup_equation_term *terms, int n)
{
  for (int i = 0; i < n; i++) terms[i].column = column_of(text, text + terms[i].column);
}

tau_status taup_equation_parse(const char *text, taup_arena *arena, taup_equation *out, int *column)
{
  scanner s = {text, text, text, arena};
  *out = (taup_equation){0};
  const tau_status st = whole(&s, out);
  if (st != TAU_OK) {
    *column = column_of(text, s.wrong);
    return st;
  }
  finish_columns(text, out->left, out->n_left);
  finish_columns(text, out->right, out->n_right);
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* lex.c - characters by their bytes, never by the locale. Nothing here reads beyond the final NUL. */
#include "expr/lex.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool continues(const char *s) { return ((unsigned char)*s & 0xC0) == 0x80; }

static const struct {
  const char *found, *write;
} lookalikes[] = {
  {"\u00b7", "*"},
  {"\u22c5", "*"},
  {"\u2219", "*"},
  {"\u00d7", "*"},
  {"\u2212", "-"},
  {"\u2013", "-"},
  {"\u2014", "-"},
  {"\u00f7", "/"},
  {"\u2215", "/"},
  {"\u00b2", "^2"},
  {"\u00b3", "^3"},
  {"\u221a", "sqrt()"},
  {"\u00a0", "a plain blank"},
};

const char *taup_lex_lookalike(const char *s)
{
  for (size_t k = 0; k < sizeof lookalikes / sizeof lookalikes[0]; k++)
    if (strncmp(s, lookalikes[k].found, strlen(lookalikes[k].found)) == 0) return lookalikes[k].write;
  return NULL;
}

static bool is_letter(const char *s)
{
  if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '_') return true;
  return (unsigned char)*s >= 0x80 && !taup_lex_lookalike(s);
}

size_t taup_lex_name(const char *s)
{
  size_t n = 0;
  while (is_letter(s + n) || (n && is_digit(s[n]))) n += (size_t)taup_lex_character(s + n);
  return n;
}

static size_t digits(const char *s)
{
  size_t n = 0;
  while (is_digit(s[n])) n++;
  return n;
}

size_t taup_lex_number(const char *s)
{
  size_t n = digits(s);
  if (!n && !(*s == '.' && is_digit(s[1]))) return 0;
  if (s[n] == '.') n += 1 + digits(s + n + 1);
  if (s[n] != 'e' && s[n] != 'E') return n;
  const size_t mark = n + 1 + (s[n + 1] == '+' || s[n + 1] == '-');
  return digits(s + mark) ? mark + digits(s + mark) : n;
}

int taup_lex_character(const char *s)
{
  int n = 1;
  while (*s && continues(s + n)) n++;
  return n;
}

int taup_lex_column(const char *text, const char *place)
{
  int column = 1;
  for (const char *s = text; s < place; s++) column += !continues(s);
  return column;
}

/* Bytes of the character that begins with lead; 0 where none does. */
static int sequence(unsigned char lead)
{
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

const char *taup_lex_not_utf8(const char *text)
{
  for (const char *s = text; *s;) {
    const int n = sequence((unsigned char)*s);
    if (!n) return s;
    for (int k = 1; k < n; k++)
      if (!continues(s + k)) return s;
    s += n;
  }
  return NULL;
}

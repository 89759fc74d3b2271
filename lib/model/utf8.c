/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c - well-formed UTF-8 as in table 3-7 of the Unicode Standard: the shortest form, no surrogates, at
 * most U+10FFFF. */
#include "model/utf8.h"

static size_t length_of(unsigned char first)
{
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

size_t taup_utf8_next(const char *s, const char *end, uint32_t *code)
{
  static const uint32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
  static const unsigned char bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  if (s >= end) return 0;
  const size_t n = length_of((unsigned char)*s);
  if (!n || (size_t)(end - s) < n) return 0;
  uint32_t c = (unsigned char)*s & bits[n];
  for (size_t i = 1; i < n; i++) {
    if (((unsigned char)s[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | ((unsigned char)s[i] & 0x3F);
  }
  if (c < shortest[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
  if (code) *code = c;
  return n;
}

bool taup_utf8_is_valid(const char *s, size_t n)
{
  for (const char *end = s + n; s < end;) {
    const size_t step = taup_utf8_next(s, end, NULL);
    if (!step) return false;
    s += step;
  }
  return true;
}

bool taup_utf8_is_printable(uint32_t c)
{
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  if (c < 0xA0) return c < 0x7F || c == 0x85;
  return c != 0xFEFF && c != 0xFFFE && c != 0xFFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - growing text. Names are compared by the optimal string alignment distance (edits and swaps of neighbours). */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static bool reserve(taup_text *text, size_t more)
{
  if (text->failed) return false;
  if (text->capacity - text->n > more) return true;
  size_t larger = text->capacity ? text->capacity * 2 : 128;
  while (larger - text->n <= more) larger *= 2;
  char *grown = taup_realloc(text->data, larger, 1);
  if (!grown) {
    text->failed = true;
    return false;
  }
  text->data = grown;
  text->capacity = larger;
  return true;
}

void taup_text_add_n(taup_text *text, const char *piece, size_t n_bytes)
{
  if (!reserve(text, n_bytes)) return;
  memcpy(text->data + text->n, piece, n_bytes);
  text->n += n_bytes;
  text->data[text->n] = '\0';
}

void taup_text_add(taup_text *text, const char *piece) { taup_text_add_n(text, piece, strlen(piece)); }

void taup_text_printf(taup_text *text, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0 || !reserve(text, (size_t)n)) return;
  va_start(args, format);
  vsnprintf(text->data + text->n, (size_t)n + 1, format, args);
  va_end(args);
  text->n += (size_t)n;
}

const char *taup_number_text(char buffer[/* 32 */], double x)
{
  for (int digits = 6; digits <= 17; digits++) {
    snprintf(buffer, 32, "%.*g", digits, x);
    if (strtod(buffer, NULL) == x) break;
  }
  return buffer;
}

void taup_text_number(taup_text *text, double x)
{
  char buffer[32];
  taup_text_add(text, taup_number_text(buffer, x));
}

void taup_text_free(taup_text *text)
{
  taup_free(text->data);
  *text = (taup_text){0};
}

enum { LONGEST = 64 };

static int least(int a, int b, int c)
{
  const int ab = a < b ? a : b;
  return ab < c ? ab : c;
}

static int distance(const char *a, const char *b)
{
  const int na = (int)strlen(a), nb = (int)strlen(b);
  if (na >= LONGEST || nb >= LONGEST) return LONGEST;
  int before[LONGEST + 1], last[LONGEST + 1], row[LONGEST + 1];
  for (int j = 0; j <= nb; j++) last[j] = before[j] = j;
  for (int i = 1; i <= na; i++) {
    row[0] = i;
    for (int j = 1; j <= nb; j++) {
      row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
        row[j] = before[j - 2] + 1;
    }
    memcpy(before, last, sizeof last);
    memcpy(last, row, sizeof row);
  }
  return last[nb];
}

void taup_nearest_try(taup_nearest *search, const char *candidate)
{
  const int d = distance(search->name, candidate);
  const int allowed = 1 + (int)strlen(search->name) / 4;
  if (d > allowed || d >= (int)strlen(search->name) || (search->best && d >= search->distance)) return;
  search->best = candidate;
  search->distance = d;
}

const char *taup_nearest_hint(const taup_nearest *search, char *buffer, size_t n_bytes)
{
  if (search->best) snprintf(buffer, n_bytes, "; did you mean '%s'?", search->best);
  else buffer[0] = '\0';
  return buffer;
}

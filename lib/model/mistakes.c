/* SPDX-License-Identifier: Apache-2.0 */
/* mistakes.c - one line a mistake: "file:line:column: what". Nothing here allocates, so that any mistake can
 * be told.
 *
 * Where the text of a leaf stands in the file as it is, a character of it is found by counting. Where it was
 * written with escapes or over several lines, the way it was written (`raw`) is walked: an escape, a doubled
 * quote and a folded line break stand for one character. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "model/tree.h"
#include "model/utf8.h"

enum { MOST_BYTES = sizeof(((taup_mistake_list *)NULL)->kept[0].text) };

/* One line, whole characters: what came from a file may hold anything. */
static void tidy(char *text, bool cut)
{
  const char *end = text + strlen(text);
  while (text < end) {
    const size_t n = taup_utf8_next(text, end, NULL);
    if (n == 0) {
      *text = cut && end - text < 4 ? '\0' : '?';
      if (!*text) return;
    } else if (n == 1 && ((unsigned char)*text < 0x20 || *text == 0x7F)) {
      *text = ' ';
    }
    text += n ? n : 1;
  }
}

static void first_line(taup_mistakes *m, const tau_mistake *mistake)
{
  const char *file = m->file ? m->file : "";
  if (mistake->line > 0)
    snprintf(m->first, sizeof m->first, "%s%s%d:%d: %s", file, *file ? ":" : "line ", mistake->line,
             mistake->column, mistake->text);
  else if (mistake->path[0])
    snprintf(m->first, sizeof m->first, "%s%s%s: %s", file, *file ? ": " : "", mistake->path, mistake->text);
  else snprintf(m->first, sizeof m->first, "%s%s%s", file, *file ? ": " : "", mistake->text);
  tidy(m->first, true);
}

static void add(taup_mistakes *m, tau_mistake mistake, taup_error kind, const char *format, va_list args)
{
  char text[MOST_BYTES];
  const int n = vsnprintf(text, sizeof text, format, args);
  tidy(text, n >= (int)sizeof text);
  mistake.text = text;
  mistake.id = taup_error_id(kind);
  if (m->n++ == 0) {
    m->first_kind = kind;
    first_line(m, &mistake);
  }
  if (m->n <= TAUP_MOST_MISTAKES && m->report) m->report(m->user, &mistake);
}

void taup_mistake_at(taup_mistakes *m, int line, int column, const char *path, taup_error kind,
                     const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add(m, (tau_mistake){line, column, path ? path : "", NULL, NULL}, kind, format, args);
  va_end(args);
}

void taup_mistake(taup_mistakes *m, const taup_tree *at, taup_error kind, const char *format, ...)
{
  char path[512];
  va_list args;
  va_start(args, format);
  const bool known = at->text_line > 0;
  const int line = known ? at->text_line : at->line, column = known ? at->text_column : at->column;
  add(m, (tau_mistake){line, column, taup_tree_path(at, path, sizeof path), NULL, NULL}, kind, format, args);
  va_end(args);
}

void taup_mistake_key(taup_mistakes *m, const taup_tree *at, taup_error kind, const char *format, ...)
{
  char path[512];
  va_list args;
  va_start(args, format);
  add(m, (tau_mistake){at->key_line, at->key_column, taup_tree_path(at, path, sizeof path), NULL, NULL}, kind,
      format, args);
  va_end(args);
}

typedef struct place {
  const char *p;
  int line, column;
} place;

static void skip(place *w, int n_characters)
{
  for (; n_characters > 0 && *w->p; n_characters--) {
    const bool line_break = *w->p == '\n' || (*w->p == '\r' && w->p[1] != '\n');
    do w->p++;
    while (((unsigned char)*w->p & 0xC0) == 0x80);
    w->line += line_break;
    w->column = line_break ? 1 : w->column + 1;
  }
}

/* Blanks around line breaks: one break is a blank of the text, k + 1 breaks are k of its line breaks. 0 where
 * no break is in the run. */
static int skip_fold(place *w)
{
  const int run = (int)strspn(w->p, " \t\r\n");
  int breaks = 0;
  for (int i = 0; i < run; i++) breaks += w->p[i] == '\n' || (w->p[i] == '\r' && w->p[i + 1] != '\n');
  if (breaks) skip(w, run);
  return breaks > 1 ? breaks - 1 : breaks;
}

static int escape_length(char c)
{
  switch (c) {
  case 'x': return 4;
  case 'u': return 6;
  case 'U': return 10;
  default: return 2;
  }
}

static bool is_escaped_break(const place *w, char quote)
{
  return quote == '"' && *w->p == '\\' && (w->p[1] == '\n' || w->p[1] == '\r');
}

/* Step over what stands for one character of the text; the number of characters passed (none for an escaped
 * line break). */
static int step(place *w, char quote)
{
  const int folded = skip_fold(w);
  if (folded) return folded;
  if (is_escaped_break(w, quote)) {
    skip(w, 1);
    skip(w, (int)strspn(w->p, " \t\r\n"));
    return 0;
  }
  int n = 1;
  if (quote == '"' && *w->p == '\\') n = escape_length(w->p[1]);
  if (quote == '\'' && w->p[0] == '\'' && w->p[1] == '\'') n = 2;
  skip(w, n);
  return 1;
}

static place place_in(const taup_tree *at, int column)
{
  place w = {at->raw, at->text_line, at->text_column};
  if (at->text_line == 0) return (place){NULL, at->line, at->column};
  if (!w.p) return (place){NULL, w.line, w.column + column - 1};
  const char quote = *w.p;
  if (quote == '"' || quote == '\'') w.p++;
  for (int left = column - 1; left > 0 && *w.p;) left -= step(&w, quote);
  if (is_escaped_break(&w, quote)) step(&w, quote);
  return w;
}

void taup_mistake_in(taup_mistakes *m, const taup_tree *at, int column, taup_error kind, const char *format,
                     ...)
{
  char path[512];
  const place w = place_in(at, column);
  va_list args;
  va_start(args, format);
  add(m, (tau_mistake){w.line, w.column, taup_tree_path(at, path, sizeof path), NULL, NULL}, kind, format,
      args);
  va_end(args);
}

tau_status taup_mistakes_status(const taup_mistakes *m)
{
  return m->n ? taup_fail_as(TAU_E_MODEL, m->first_kind, "%s", m->first) : TAU_OK;
}

void taup_mistakes_collect(void *list, const tau_mistake *mistake)
{
  taup_mistake_list *l = list;
  if (l->n == TAUP_MOST_MISTAKES) return;
  struct taup_kept_mistake *k = &l->kept[l->n++];
  k->line = mistake->line;
  k->column = mistake->column;
  k->kind = taup_error_of_id(mistake->id);
  snprintf(k->path, sizeof k->path, "%s", mistake->path);
  snprintf(k->text, sizeof k->text, "%s", mistake->text);
}

static bool is_before(const struct taup_kept_mistake *a, const struct taup_kept_mistake *b)
{
  return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void taup_mistakes_tell(taup_mistake_list *list, taup_mistakes *to)
{
  const struct taup_kept_mistake *order[TAUP_MOST_MISTAKES];
  for (int i = 0; i < list->n; i++) { /* by insertion: those at one place stay in the order they were found */
    int j = i;
    for (; j > 0 && is_before(&list->kept[i], order[j - 1]); j--) order[j] = order[j - 1];
    order[j] = &list->kept[i];
  }
  for (int i = 0; i < list->n; i++)
    taup_mistake_at(to, order[i]->line, order[i]->column, order[i]->path, order[i]->kind, "%s",
                    order[i]->text);
}

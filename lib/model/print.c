/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - the canonical text of a model: YAML that reads back equal, the same bytes on every machine.
 *
 * Sections are blocks, what is below them stands on one line where it fits:
 *
 *     species:
 *       A: {molar_mass: 100 g/mol}
 *     reactions:
 *       a: {equation: A -> B, k: {arrhenius: {A: 1e7 1/s, Ea: 60 kJ/mol}}}
 *
 * A text is written plain where YAML reads it back so (YAML 1.2, 7.3.3), in quotes otherwise; one of several
 * lines as a literal block. A long text is folded at single blanks, which reading joins again. The rules are
 * stricter than YAML's, never laxer. */
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "base/text.h"
#include "model/tree.h"
#include "model/utf8.h"

enum { WIDTH = 110, STEP = 2 };

typedef enum style { PLAIN, SINGLE, DOUBLE, LITERAL } style;

/* Whether the character can stand in quotes as it is; line breaks of Unicode and tabs are seen by nobody, so
 * they are spelled out. */
static bool shows(uint32_t c)
{
  return c >= 0x20 && c != 0x85 && c != 0x2028 && c != 0x2029 && taup_utf8_is_printable(c);
}

/* Whether every character of the text shows, line feeds aside where they are allowed. */
static bool all_show(const char *text, bool line_feeds)
{
  const char *const end = text + strlen(text);
  for (uint32_t c = 0; text < end;) {
    const size_t n = taup_utf8_next(text, end, &c);
    if (!n || !(shows(c) || (line_feeds && c == '\n'))) return false;
    text += n;
  }
  return true;
}

static bool is_plain_start(const char *text)
{
  const char c = text[0], next = c ? text[1] : '\0';
  if (c == '-')
    return (next >= '0' && next <= '9') || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') ||
           next == '.';
  return c && !strchr(" ?:,[]{}#&*!|>'\"%@`", c) && strncmp(text, "...", 3) != 0;
}

/* The text shows, and YAML takes it for itself where no sign of YAML is in it. */
static bool is_plain(const char *text, bool in_flow)
{
  const size_t n = strlen(text);
  if (!is_plain_start(text) || text[n - 1] == ' ' || text[n - 1] == ':') return false;
  if (in_flow && strpbrk(text, ",[]{}?:")) return false;
  return !strstr(text, ": ") && !strstr(text, " #");
}

/* Lines that a literal block gives back byte for byte: the first begins with a sign, none is of blanks alone,
 * one line feed at most ends. */
static bool is_literal(const char *text)
{
  if (!strchr(text, '\n') || !all_show(text, true) || *text == ' ' || *text == '\n') return false;
  for (const char *line = text; line; line = strchr(line, '\n')) {
    line += *line == '\n';
    const size_t blanks = strspn(line, " ");
    if (blanks && (line[blanks] == '\n' || !line[blanks])) return false;
  }
  const size_t n = strlen(text);
  return !(text[n - 1] == '\n' && text[n - 2] == '\n');
}

static style style_of(const char *text, bool in_flow)
{
  if (!in_flow && is_literal(text)) return LITERAL;
  if (!all_show(text, false)) return DOUBLE;
  if (is_plain(text, in_flow)) return PLAIN;
  return strpbrk(text, "\"\\") ? SINGLE : DOUBLE;
}

static void add_escaped(taup_text *out, const char *text)
{
  const char *const end = text + strlen(text);
  taup_text_add(out, "\"");
  for (uint32_t c = 0; text < end;) {
    const size_t n = taup_utf8_next(text, end, &c);
    if (!n) break; /* no text of a model is anything but UTF-8 */
    if (c == '"' || c == '\\') taup_text_printf(out, "\\%c", (char)c);
    else if (shows(c)) taup_text_add_n(out, text, n);
    else if (c == '\n') taup_text_add(out, "\\n");
    else if (c == '\t') taup_text_add(out, "\\t");
    else taup_text_printf(out, c < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)c);
    text += n;
  }
  taup_text_add(out, "\"");
}

static void add_single(taup_text *out, const char *text)
{
  taup_text_add(out, "'");
  for (const char *quote; (quote = strchr(text, '\'')) != NULL; text = quote + 1) {
    taup_text_add_n(out, text, (size_t)(quote - text));
    taup_text_add(out, "''");
  }
  taup_text_add(out, text);
  taup_text_add(out, "'");
}

/* A text on one line: a key, or a value within a flow. */
static void add_scalar(taup_text *out, const char *text, bool in_flow)
{
  switch (style_of(text, in_flow)) {
  case PLAIN: taup_text_add(out, text); break;
  case SINGLE: add_single(out, text); break;
  case DOUBLE:
  case LITERAL: add_escaped(out, text); break;
  }
}

/* A key is plain only where it is so in a flow too, and is no merge key: the same key looks the same
 * everywhere. */
static void add_key(taup_text *out, const char *key)
{
  if (strcmp(key, "<<") == 0) taup_text_add(out, "\"<<\"");
  else add_scalar(out, key, true);
  taup_text_add(out, ":");
}

static void pad(taup_text *out, int indent)
{
  for (int i = 0; i < indent; i++) taup_text_add(out, " ");
}

static size_t line_length(const taup_text *out)
{
  size_t n = 0;
  while (n < out->n && out->data[out->n - 1 - n] != '\n') n++;
  return n;
}

/* {a: 1, b: [x, y]}. False, with a rest undone, once the line is longer than the limit; the caller takes it
 * back. */
static bool add_flow(taup_text *out, const taup_tree *node, size_t limit)
{
  if (node->kind == TAUP_TREE_LEAF) {
    if (strnlen(node->text, WIDTH) == WIDTH) return false; /* a long one is not even tried, at no level */
    add_scalar(out, node->text, true);
    return out->n <= limit;
  }
  const bool is_map = node->kind == TAUP_TREE_MAP;
  taup_text_add(out, is_map ? "{" : "[");
  for (int i = 0; i < node->n_children; i++) {
    if (i) taup_text_add(out, ", ");
    if (is_map) {
      add_key(out, node->children[i]->key);
      taup_text_add(out, " ");
    }
    if (out->failed || !add_flow(out, node->children[i], limit)) return false;
  }
  taup_text_add(out, is_map ? "}" : "]");
  return out->n <= limit;
}

static bool has_blocks(const taup_tree *node)
{
  for (int i = 0; i < node->n_children; i++)
    if (node->children[i]->kind != TAUP_TREE_LEAF) return true;
  return false;
}

/* A map or list on the rest of the line, if it goes there; a section with blocks in it stays a block. */
static bool add_on_line(taup_text *out, const taup_tree *node)
{
  const bool is_section = node->parent && !node->parent->parent;
  if (is_section && has_blocks(node)) return false;
  const size_t before = out->n;
  if (add_flow(out, node, before - line_length(out) + WIDTH) || node->n_children == 0) return true;
  if (out->data) out->data[before] = '\0';
  out->n = before;
  return false;
}

/* Whether the blank may be a line feed: one between two words, not one beside a quote. */
static bool is_foldable(const char *start, const char *blank)
{
  if (blank <= start + 1 || blank[0] != ' ' || blank[-1] == ' ' || blank[1] == ' ') return false;
  return blank[2] || (blank[1] != '"' && blank[1] != '\'');
}

/* The scalar as it would stand on one line, with a line feed in place of single blanks where a line would be
 * too long. */
static void add_folded(taup_text *out, const char *scalar, int indent)
{
  size_t column = line_length(out);
  const char *const start = scalar;
  while (*scalar) {
    const size_t word = strcspn(scalar + 1, " ") + 1; /* a blank, and what follows up to the next */
    if (column + word > WIDTH && is_foldable(start, scalar)) {
      taup_text_add(out, "\n");
      pad(out, indent);
      taup_text_add_n(out, scalar + 1, word - 1);
      column = (size_t)indent + word - 1;
    } else {
      taup_text_add_n(out, scalar, word);
      column += word;
    }
    scalar += word;
  }
}

static void add_literal(taup_text *out, const char *text, int indent)
{
  const size_t n = strlen(text);
  taup_text_add(out, text[n - 1] == '\n' ? "|" : "|-");
  while (*text) {
    const size_t line = strcspn(text, "\n");
    taup_text_add(out, "\n");
    if (line) pad(out, indent);
    taup_text_add_n(out, text, line);
    text += line + (text[line] == '\n');
  }
}

static void add_leaf(taup_text *out, const char *text, int indent)
{
  taup_text scalar = {0};
  if (style_of(text, false) == LITERAL) {
    add_literal(out, text, indent);
  } else {
    add_scalar(&scalar, text, false);
    if (scalar.failed) out->failed = true;
    else add_folded(out, scalar.data, indent);
  }
  taup_text_add(out, "\n");
  taup_text_free(&scalar);
}

static void add_block(taup_text *out, const taup_tree *node, int indent);

static void add_value(taup_text *out, const taup_tree *node, int indent)
{
  const bool is_item = node->parent->kind == TAUP_TREE_LIST;
  const size_t before = out->n;
  taup_text_add(out, " ");
  if (node->kind == TAUP_TREE_LEAF) {
    add_leaf(out, node->text, indent + STEP);
  } else if (add_on_line(out, node)) {
    taup_text_add(out, "\n");
  } else if (is_item) {
    add_block(out, node, indent + STEP); /* its first line goes on behind the dash */
  } else if (!out->failed) {
    out->data[before] = '\n'; /* in place of the blank */
    pad(out, indent + STEP);
    add_block(out, node, indent + STEP);
  }
}

/* The first line is indented already. */
static void add_block(taup_text *out, const taup_tree *node, int indent)
{
  for (int i = 0; i < node->n_children && !out->failed; i++) {
    if (i) pad(out, indent);
    if (node->kind == TAUP_TREE_MAP) add_key(out, node->children[i]->key);
    else taup_text_add(out, "-");
    add_value(out, node->children[i], indent);
  }
}

tau_status taup_tree_print(const taup_tree *root, char **out, size_t *n_bytes)
{
  taup_text text = {0};
  *out = NULL;
  if (root->n_children) add_block(&text, root, 0);
  else taup_text_add(&text, "{}\n");
  if (text.failed) {
    taup_text_free(&text);
    return TAU_E_NOMEM;
  }
  *out = text.data;
  *n_bytes = text.n;
  return TAU_OK;
}

tau_status tau_model_print(const tau_model *model, char **out)
{
  size_t n_bytes;
  *out = NULL;
  if (taup_tree_has_function(model->root))
    return taup_fail(TAUP_ERR_FUNCTION_AS_TEXT,
                     "the model computes a rate by a function of the user, which cannot be written as text");
  return taup_tree_print(model->root, out, &n_bytes);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_read.c - YAML 1.2 by the events of libyaml.
 *
 * First every byte is looked at: what is no UTF-8, or no character of YAML, is told with its place, and
 * libyaml never sees it. Then the events build the tree. What is wrong with one key or value is a mistake,
 * the value goes to `dropped`, and reading goes on; after an error of syntax, or past a limit, nothing that
 * follows can be trusted, and reading ends.
 *
 * Invariants: frames[0..depth) are the blocks that are open, the innermost last. A node in `dropped` has the
 * parent it was written under, so that its path is right. Marks of libyaml count from 0, characters and not
 * bytes; those of scalars never go back. */
#include "io/yaml_read.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/status.h"
#include "io/file.h"
#include "model/utf8.h"
#include "train/check.h"

typedef struct cursor {
  const char *p;
  int line, column; /* from 1 */
} cursor;

typedef struct anchor {
  char *name;
  taup_tree *node;
} anchor;

typedef struct frame {
  taup_tree *node;
  char *key; /* of a map: read last */
  int key_line, key_column;
  bool has_key; /* a value is due */
  bool drop;    /* ... that is not wanted */
} frame;

typedef struct reader {
  yaml_parser_t parser;
  taup_mistakes *mistakes;
  const char *begin, *end; /* of the text, behind a byte order mark */
  cursor at;               /* at or before the next scalar */
  frame frames[TAUP_DEEPEST];
  int depth;
  taup_tree *root, *dropped;
  anchor *anchors;
  int n_anchors, anchor_capacity;
  taup_map anchor_index;
  int n_nodes, n_documents;
  size_t n_copied; /* bytes of text that aliases repeated */
} reader;

/* --- characters ----------------------------------------------------------------------------------------- */

/* One character on, with the line breaks of libyaml: CR LF, CR, LF, NEL, LS, PS. A byte that is no UTF-8
 * counts as one. */
static void next(cursor *c, const char *end)
{
  uint32_t code = 0;
  const size_t n = taup_utf8_next(c->p, end, &code);
  const bool pair = code == '\r' && c->p + 1 < end && c->p[1] == '\n';
  const bool is_break = code == '\n' || code == '\r' || code == 0x85 || code == 0x2028 || code == 0x2029;
  c->p += pair ? 2 : n ? n : 1;
  c->line += is_break;
  c->column = is_break ? 1 : c->column + 1;
}

/* Go to a place; false where it is before the cursor or not in the text. */
static bool advance(cursor *c, const char *end, int line, int column)
{
  while (c->p < end && (c->line < line || (c->line == line && c->column < column))) next(c, end);
  return c->line == line && c->column == column;
}

/* After a mistake that ends reading. The thread's record has the first of all. */
static tau_status stop(const taup_mistakes *m)
{
  return taup_fail_as(TAU_E_PARSE, m->first_kind, "%s", m->first);
}

static tau_status refuse_utf16(taup_mistakes *m)
{
  taup_mistake_at(m, 1, 1, NULL, TAUP_ERR_NOT_UTF8, "the file is UTF-16 or UTF-32; save it as UTF-8");
  return stop(m);
}

static void report_character(taup_mistakes *m, const cursor *c, bool is_utf8, uint32_t code)
{
  if (!is_utf8)
    taup_mistake_at(m, c->line, c->column, NULL, TAUP_ERR_NOT_UTF8,
                    "the byte 0x%02X is not UTF-8; save the file as UTF-8", (unsigned char)*c->p);
  else if (code == 0xFEFF)
    taup_mistake_at(m, c->line, c->column, NULL, TAUP_ERR_FORBIDDEN_CHARACTER,
                    "a byte order mark (U+FEFF) within the text; remove it");
  else
    taup_mistake_at(m, c->line, c->column, NULL, TAUP_ERR_FORBIDDEN_CHARACTER,
                    "the character U+%04X may not stand in a file; remove it", (unsigned)code);
}

/* Every byte is a character that YAML allows, or else the first that is not in each line is reported. */
static tau_status check_characters(const char *begin, const char *end, taup_mistakes *m)
{
  cursor c = {begin, 1, 1};
  int last_line = 0;
  if (end - begin >= 2 &&
      (!begin[0] || !begin[1] || memcmp(begin, "\xFF\xFE", 2) == 0 || memcmp(begin, "\xFE\xFF", 2) == 0))
    return refuse_utf16(m);
  while (c.p < end && m->n < TAUP_MOST_MISTAKES) {
    uint32_t code = 0;
    const size_t n = taup_utf8_next(c.p, end, &code);
    if ((!n || !taup_utf8_is_printable(code)) && c.line > last_line) {
      report_character(m, &c, n != 0, code);
      last_line = c.line;
    }
    next(&c, end);
  }
  return last_line ? stop(m) : TAU_OK;
}

/* --- mistakes ------------------------------------------------------------------------------------------- */

static frame *top(reader *r) { return r->depth ? &r->frames[r->depth - 1] : NULL; }

/* The path of what comes next, or of the key just read. */
static const char *path_here(reader *r, char *buffer, size_t n_bytes)
{
  const frame *f = top(r);
  buffer[0] = '\0';
  if (!f) return buffer;
  taup_tree_path(f->node, buffer, n_bytes);
  if (!f->has_key) return buffer;
  const size_t n = strlen(buffer);
  snprintf(buffer + n, n_bytes - n, "%s%s", n ? "/" : "", f->key);
  return buffer;
}

static void mistake(reader *r, yaml_mark_t mark, taup_error kind, const char *format, ...)
  __attribute__((format(printf, 4, 5)));
static void mistake(reader *r, yaml_mark_t mark, taup_error kind, const char *format, ...)
{
  char path[512], text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  taup_mistake_at(r->mistakes, (int)mark.line + 1, (int)mark.column + 1, path_here(r, path, sizeof path),
                  kind, "%s", text);
}

/* What libyaml says, and what a chemist would rather hear. */
static const struct {
  const char *problem, *text;
} phrases[] = {
  {"mapping values are not allowed in this context",
   "a ':' where no key can stand; a text with ': ' in it needs quotes, and keys of one block begin in the "
   "same column"},
  {"could not find expected ':'", "a key without ':' and a value"},
  {"did not find expected key",
   "neither a further key of this block nor its end; keys of one block begin in the same column"},
  {"did not find expected ',' or '}'", "'{' is not closed, or a ',' is missing"},
  {"did not find expected ',' or ']'", "'[' is not closed, or a ',' is missing"},
  {"did not find expected node content", "a value, a '}' or a ']' is missing"},
  {"did not find expected '-' indicator", "neither a further '- item' of this list nor its end"},
  {"found unexpected end of stream", "a quote is not closed"},
  {"found unexpected document indicator", "'---' or '...' within a quoted text; a quote is not closed"},
  {"block sequence entries are not allowed in this context",
   "a '- item' where none can stand; begin a list on a new line"},
  {"did not find expected <document start>", "text behind the end of the document; one file holds one model"},
  {"found unexpected ':'", "a ':' within a text in {} or []; put the text in quotes"},
  {"found unknown escape character",
   "an escape that YAML does not know; write \\\\ for a \\, or use single quotes"},
};

static const char *phrase_for(const char *problem)
{
  for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
    if (strcmp(problem, phrases[i].problem) == 0) return phrases[i].text;
  return problem;
}

/* The column of a tab among the blanks that begin a line; 0 where there is none. Within {} and [] a tab is no
 * mistake. */
static int indenting_tab(const reader *r, const char *problem, int line)
{
  if (strstr(problem, "',' or")) return 0;
  cursor c = {r->begin, 1, 1};
  advance(&c, r->end, line, 1);
  if (c.line != line) return 0;
  while (c.p < r->end && *c.p == ' ') next(&c, r->end);
  return c.p < r->end && *c.p == '\t' ? c.column : 0;
}

static tau_status syntax_error(reader *r)
{
  const yaml_parser_t *p = &r->parser;
  /* not every place of libyaml that runs out of memory says so */
  if (p->error == YAML_MEMORY_ERROR || !p->problem)
    return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while reading YAML");
  const char *problem = p->problem;
  cursor c = {r->begin, 1, 1}; /* libyaml sees one more line feed at the end of the text than may be there */
  advance(&c, r->end, (int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1);
  const int line = c.line, column = c.column;
  const int tab = indenting_tab(r, problem, line);
  const int began = (int)p->context_mark.line + 1;
  if (tab && tab <= column)
    taup_mistake_at(r->mistakes, line, tab, NULL, TAUP_ERR_TAB_INDENTATION,
                    "a tab in the indentation; YAML indents by blanks only");
  else if (strcmp(problem, "found character that cannot start any token") == 0)
    taup_mistake_at(r->mistakes, line, column, NULL, TAUP_ERR_NOT_YAML,
                    "a text cannot begin with this character; put the text in quotes");
  else if (p->context && began < line)
    taup_mistake_at(r->mistakes, line, column, NULL, TAUP_ERR_NOT_YAML, "%s (it began in line %d)",
                    phrase_for(problem), began);
  else taup_mistake_at(r->mistakes, line, column, NULL, TAUP_ERR_NOT_YAML, "%s", phrase_for(problem));
  return stop(r->mistakes);
}

/* --- nodes ---------------------------------------------------------------------------------------------- */

static tau_status count_nodes(reader *r, yaml_mark_t mark, int n)
{
  if (n <= TAUP_YAML_MOST_NODES - r->n_nodes) {
    r->n_nodes += n;
    return TAU_OK;
  }
  mistake(r, mark, TAUP_ERR_HOSTILE_FILE, "more than %d values in one file", TAUP_YAML_MOST_NODES);
  return stop(r->mistakes);
}

/* A value is complete: a key is due next. A block or an alias where a key was due was a mistake, and its
 * value is dropped too. */
static void value_done(reader *r)
{
  frame *f = top(r);
  if (!f || f->node->kind != TAUP_TREE_MAP) return;
  f->drop = !f->has_key;
  f->has_key = !f->has_key;
  f->key[0] = '\0';
}

/* Put a root where the next value belongs. Takes node. */
static tau_status place(reader *r, taup_tree *node, yaml_mark_t mark)
{
  const frame *f = top(r);
  node->key_line = (int)mark.line + 1;
  node->key_column = (int)mark.column + 1;
  if (!f) {
    r->root = node;
    return TAU_OK;
  }
  const bool is_map = f->node->kind == TAUP_TREE_MAP;
  const bool drop = is_map && (!f->has_key || f->drop);
  if (taup_tree_attach(drop ? r->dropped : f->node, node, is_map ? f->key : NULL) < 0) {
    taup_tree_free(node);
    return TAU_E_NOMEM;
  }
  node->parent = f->node;
  if (is_map && f->has_key) {
    node->key_line = f->key_line;
    node->key_column = f->key_column;
  }
  return TAU_OK;
}

static tau_status add_node(reader *r, taup_tree **out, taup_tree_kind kind, const char *text, yaml_mark_t at)
{
  TAU_TRY(count_nodes(r, at, 1));
  taup_tree *node = taup_tree_add(NULL, kind, NULL, text);
  if (!node) return TAU_E_NOMEM;
  node->line = (int)at.line + 1;
  node->column = (int)at.column + 1;
  *out = node;
  return place(r, node, at);
}

/* --- anchors, aliases, tags ----------------------------------------------------------------------------- */

static tau_status remember_anchor(reader *r, const yaml_char_t *name, taup_tree *node)
{
  if (!name) return TAU_OK;
  const int known = taup_map_find(&r->anchor_index, (const char *)name);
  if (known >= 0) {
    r->anchors[known].node = node; /* YAML: the last one counts */
    return TAU_OK;
  }
  TAU_TRY(taup_grow(&r->anchors, &r->anchor_capacity, r->n_anchors + 1, sizeof *r->anchors));
  char *own_name = taup_strdup((const char *)name);
  if (!own_name) return TAU_E_NOMEM;
  r->anchors[r->n_anchors] = (anchor){own_name, node};
  r->n_anchors++;
  return taup_map_add(&r->anchor_index, own_name, r->n_anchors - 1);
}

typedef struct extent {
  int n_nodes, depth;
  size_t n_bytes;
} extent;

static extent measure(const taup_tree *node)
{
  extent all = {1, 0, node->text ? strlen(node->text) : 0};
  for (int i = 0; i < node->n_children; i++) {
    const extent e = measure(node->children[i]);
    all.n_nodes += e.n_nodes;
    all.n_bytes += e.n_bytes;
    if (e.depth > all.depth) all.depth = e.depth;
  }
  all.depth += node->kind != TAUP_TREE_LEAF;
  return all;
}

/* NULL, and a mistake, where there is nothing that may be repeated. */
static const taup_tree *find_anchor(reader *r, const yaml_event_t *e)
{
  const char *name = (const char *)e->data.alias.anchor;
  const int i = taup_map_find(&r->anchor_index, name);
  if (i < 0) {
    mistake(r, e->start_mark, TAUP_ERR_BAD_ALIAS, "'*%.60s' stands for nothing; no '&%.60s' comes before",
            name, name);
    return NULL;
  }
  for (const taup_tree *above = r->depth ? top(r)->node : NULL; above; above = above->parent)
    if (above == r->anchors[i].node) {
      mistake(r, e->start_mark, TAUP_ERR_BAD_ALIAS, "'*%.60s' stands within what it repeats", name);
      return NULL;
    }
  return r->anchors[i].node;
}

static tau_status check_expansion(reader *r, const taup_tree *node, yaml_mark_t mark)
{
  const extent more = measure(node);
  r->n_copied += more.n_bytes;
  if (r->n_copied > TAUP_YAML_MOST_BYTES) {
    mistake(r, mark, TAUP_ERR_HOSTILE_FILE, "aliases repeat more than %d MiB of text",
            TAUP_YAML_MOST_BYTES / (1024 * 1024));
    return stop(r->mistakes);
  }
  if (r->depth + more.depth > TAUP_DEEPEST) {
    mistake(r, mark, TAUP_ERR_HOSTILE_FILE, "with what the alias repeats, blocks stand more than %d deep",
            TAUP_DEEPEST);
    return stop(r->mistakes);
  }
  return count_nodes(r, mark, more.n_nodes);
}

static tau_status on_alias(reader *r, const yaml_event_t *e)
{
  const frame *f = top(r);
  if (f && f->node->kind == TAUP_TREE_MAP && !f->has_key)
    mistake(r, e->start_mark, TAUP_ERR_BAD_ALIAS, "a key must be a text; write it out in place of '*%.60s'",
            (const char *)e->data.alias.anchor);
  else {
    const taup_tree *node = find_anchor(r, e);
    if (node) {
      taup_tree *copy;
      TAU_TRY(check_expansion(r, node, e->start_mark));
      TAU_TRY(taup_tree_copy(&copy, node));
      TAU_TRY(place(r, copy, e->start_mark));
    }
  }
  value_done(r);
  return TAU_OK;
}

static bool is_plain_tag(const char *tag, yaml_event_type_t type)
{
  static const char standard[] = "tag:yaml.org,2002:";
  if (!tag || strcmp(tag, "!") == 0) return true;
  if (strncmp(tag, standard, sizeof standard - 1) != 0) return false;
  tag += sizeof standard - 1;
  if (type == YAML_MAPPING_START_EVENT) return strcmp(tag, "map") == 0;
  if (type == YAML_SEQUENCE_START_EVENT) return strcmp(tag, "seq") == 0;
  return strcmp(tag, "str") == 0 || strcmp(tag, "int") == 0 || strcmp(tag, "float") == 0 ||
         strcmp(tag, "bool") == 0 || strcmp(tag, "null") == 0;
}

static void check_tag(reader *r, const yaml_char_t *tag, const yaml_event_t *e)
{
  if (!is_plain_tag((const char *)tag, e->type))
    mistake(r, e->start_mark, TAUP_ERR_YAML_FEATURE, "the tag '%.60s' means nothing here; remove it",
            (const char *)tag);
}

/* --- scalars -------------------------------------------------------------------------------------------- */

/* Behind "&anchor " and "!tag ", where they are on the line. */
static void skip_properties(cursor *c, const char *end)
{
  while (c->p < end && (*c->p == '&' || *c->p == '!')) {
    while (c->p < end && !strchr(" \t\r\n,[]{}", *c->p)) next(c, end);
    while (c->p < end && (*c->p == ' ' || *c->p == '\t')) next(c, end);
  }
}

/* Where the text of a leaf stands: its own characters on one line, or as it was written in `raw`. Block
 * scalars stay unknown. */
static tau_status find_text(reader *r, taup_tree *leaf, const yaml_event_t *e)
{
  const yaml_scalar_style_t style = e->data.scalar.style;
  const bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  if (!quoted && style != YAML_PLAIN_SCALAR_STYLE) return TAU_OK;
  if (!advance(&r->at, r->end, leaf->line, leaf->column)) return TAU_OK;
  if (e->data.scalar.anchor || e->data.scalar.tag) skip_properties(&r->at, r->end);
  const cursor first = r->at;
  if (!advance(&r->at, r->end, (int)e->end_mark.line + 1, (int)e->end_mark.column + 1)) return TAU_OK;
  const size_t n = (size_t)(r->at.p - first.p), n_text = strlen(leaf->text);
  if (quoted && (n < 2 || (*first.p != '"' && *first.p != '\''))) return TAU_OK;
  leaf->text_line = first.line;
  leaf->text_column = first.column + quoted;
  if (n == n_text + 2 * quoted && memcmp(first.p + quoted, leaf->text, n_text) == 0 &&
      !strpbrk(leaf->text, "\r\n"))
    return TAU_OK;
  leaf->raw = taup_strndup(first.p, n);
  return leaf->raw ? TAU_OK : TAU_E_NOMEM;
}

/* What is wrong with a key, said; true where its value cannot be kept. */
static bool refuse_key(reader *r, const yaml_event_t *e)
{
  const frame *f = top(r);
  const size_t n = e->data.scalar.length;
  const taup_tree *first = taup_tree_child(f->node, f->key);
  if (n == 0) mistake(r, e->start_mark, TAUP_ERR_BAD_KEY, "a key is empty");
  else if (strlen(f->key) != n)
    mistake(r, e->start_mark, TAUP_ERR_BAD_KEY, "a key with the character NUL or of more than %d bytes",
            TAUP_LONGEST_KEY);
  else if (strcmp(f->key, "<<") == 0 && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    mistake(r, e->start_mark, TAUP_ERR_YAML_FEATURE, "merge keys ('<<') are not read; write the keys out");
  else if (first)
    mistake(r, e->start_mark, TAUP_ERR_DUPLICATE_KEY, "the key '%s' stands here again; first in line %d",
            f->key, first->key_line);
  else return false;
  return true;
}

static tau_status on_key(reader *r, const yaml_event_t *e)
{
  frame *f = top(r);
  const size_t n = e->data.scalar.length;
  memcpy(f->key, e->data.scalar.value, n <= TAUP_LONGEST_KEY ? n : 0);
  f->key[n <= TAUP_LONGEST_KEY ? n : 0] = '\0';
  f->has_key = true;
  f->key_line = (int)e->start_mark.line + 1;
  f->key_column = (int)e->start_mark.column + 1;
  f->drop = refuse_key(r, e);
  check_tag(r, e->data.scalar.tag, e);
  return TAU_OK;
}

static tau_status on_scalar(reader *r, const yaml_event_t *e)
{
  const frame *f = top(r);
  if (f && f->node->kind == TAUP_TREE_MAP && !f->has_key) return on_key(r, e);
  const char *text = (const char *)e->data.scalar.value;
  taup_tree *leaf;
  if (strlen(text) != e->data.scalar.length)
    mistake(r, e->start_mark, TAUP_ERR_FORBIDDEN_CHARACTER, "a text with the character NUL in it");
  check_tag(r, e->data.scalar.tag, e);
  TAU_TRY(add_node(r, &leaf, TAUP_TREE_LEAF, text, e->start_mark));
  TAU_TRY(find_text(r, leaf, e));
  TAU_TRY(remember_anchor(r, e->data.scalar.anchor, leaf));
  value_done(r);
  return TAU_OK;
}

/* --- blocks --------------------------------------------------------------------------------------------- */

static tau_status open_block(reader *r, taup_tree_kind kind, const yaml_char_t *name, const yaml_event_t *e)
{
  taup_tree *node;
  const frame *f = top(r);
  if (f && f->node->kind == TAUP_TREE_MAP && !f->has_key)
    mistake(r, e->start_mark, TAUP_ERR_WRONG_SHAPE, "a key must be a text, not a block");
  if (r->depth == TAUP_DEEPEST) {
    mistake(r, e->start_mark, TAUP_ERR_HOSTILE_FILE, "blocks stand more than %d deep", TAUP_DEEPEST);
    return stop(r->mistakes);
  }
  TAU_TRY(add_node(r, &node, kind, NULL, e->start_mark));
  TAU_TRY(remember_anchor(r, name, node));
  r->frames[r->depth] = (frame){.node = node, .key = taup_calloc(TAUP_LONGEST_KEY + 1, 1)};
  return r->frames[r->depth++].key ? TAU_OK : TAU_E_NOMEM;
}

static void close_block(reader *r)
{
  taup_free(r->frames[--r->depth].key);
  value_done(r);
}

static tau_status begin_document(reader *r, const yaml_event_t *e)
{
  if (r->n_documents++) {
    mistake(r, e->start_mark, TAUP_ERR_SEVERAL_DOCUMENTS,
            "a second document begins; one file holds one model");
    return stop(r->mistakes);
  }
  if (e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
    mistake(r, e->start_mark, TAUP_ERR_YAML_FEATURE, "%%TAG means nothing here; remove it");
  return TAU_OK;
}

static tau_status on_event(reader *r, const yaml_event_t *e)
{
  switch (e->type) {
  case YAML_DOCUMENT_START_EVENT: return begin_document(r, e);
  case YAML_ALIAS_EVENT: return on_alias(r, e);
  case YAML_SCALAR_EVENT: return on_scalar(r, e);
  case YAML_MAPPING_START_EVENT:
    check_tag(r, e->data.mapping_start.tag, e);
    return open_block(r, TAUP_TREE_MAP, e->data.mapping_start.anchor, e);
  case YAML_SEQUENCE_START_EVENT:
    check_tag(r, e->data.sequence_start.tag, e);
    return open_block(r, TAUP_TREE_LIST, e->data.sequence_start.anchor, e);
  case YAML_MAPPING_END_EVENT:
  case YAML_SEQUENCE_END_EVENT: close_block(r); return TAU_OK;
  default: return TAU_OK;
  }
}

static tau_status read_events(reader *r)
{
  for (;;) {
    yaml_event_t e;
    if (!yaml_parser_parse(&r->parser, &e)) return syntax_error(r);
    const bool last = e.type == YAML_STREAM_END_EVENT;
    const tau_status st = on_event(r, &e);
    yaml_event_delete(&e);
    if (st < 0 || last) return st;
  }
}

static tau_status check_root(const reader *r)
{
  const taup_tree *root = r->root;
  if (root && root->kind == TAUP_TREE_MAP) return TAU_OK;
  if (!root || (root->kind == TAUP_TREE_LEAF && !root->text[0]))
    taup_mistake_at(r->mistakes, 1, 1, NULL, TAUP_ERR_EMPTY_FILE,
                    "the file is empty; a model begins with 'tautrain: 1'");
  else
    taup_mistake(r->mistakes, root, TAUP_ERR_WRONG_SHAPE,
                 "the file holds %s; a model is a block of keys that begins with 'tautrain: 1'",
                 root->kind == TAUP_TREE_LIST ? "a list" : "a single text");
  return taup_mistakes_status(r->mistakes);
}

static void free_reader(reader *r)
{
  while (r->depth > 0) taup_free(r->frames[--r->depth].key);
  for (int i = 0; i < r->n_anchors; i++) taup_free(r->anchors[i].name);
  taup_free(r->anchors);
  taup_map_free(&r->anchor_index);
  taup_tree_free(r->dropped);
  taup_tree_free(r->root);
  yaml_parser_delete(&r->parser);
}

/* The text to a tree. */
static tau_status read_tree(taup_tree **out, const char *begin, const char *end, taup_mistakes *m)
{
  tau_status st;
  reader r = {.mistakes = m, .begin = begin, .end = end, .at = {begin, 1, 1}};
  if (!yaml_parser_initialize(&r.parser)) {
    yaml_parser_delete(&r.parser);
    return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while reading YAML");
  }
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)begin, (size_t)(end - begin));
  st = TAU_E_NOMEM;
  if (!(r.dropped = taup_tree_add(NULL, TAUP_TREE_LIST, NULL, NULL))) goto done;
  if ((st = read_events(&r)) < 0) goto done;
  if ((st = check_root(&r)) < 0) goto done;
  *out = r.root;
  r.root = NULL;
done:
  free_reader(&r);
  return st;
}

static tau_status read_text(taup_tree **out, const char *text, size_t n_bytes, taup_mistakes *m)
{
  if (n_bytes > TAUP_YAML_MOST_BYTES) {
    taup_mistake_at(m, 0, 0, NULL, TAUP_ERR_FILE_TOO_LARGE, "larger than the %d MiB that are read",
                    TAUP_YAML_MOST_BYTES / (1024 * 1024));
    return stop(m);
  }
  const size_t mark = n_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  TAU_TRY(check_characters(text + mark, text + n_bytes, m));
  return read_tree(out, text + mark, text + n_bytes, m);
}

tau_status taup_yaml_read(tau_model **out, char *source, size_t n_bytes, taup_mistakes *mistakes)
{
  tau_status st = TAU_E_NOMEM;
  *out = NULL;
  tau_model *model = taup_calloc(1, sizeof *model);
  if (!model) {
    taup_free(source);
    return st;
  }
  model->source = source;
  model->n_source = n_bytes;
  if (!(model->name = taup_strdup(mistakes->file ? mistakes->file : ""))) goto done;
  if ((st = read_text(&model->root, source, n_bytes, mistakes)) < 0) goto done;
  *out = model;
  model = NULL;
done:
  tau_model_free(model);
  return st;
}

typedef tau_status (*check_fn)(const tau_model *model, taup_mistakes *mistakes);

static tau_status read_and_check(tau_model **out, char *source, size_t n_bytes, check_fn check,
                                 taup_mistakes *m)
{
  tau_model *model;
  TAU_TRY(taup_yaml_read(&model, source, n_bytes, m));
  tau_status st = check(model, m);
  if (st == TAU_OK) st = taup_mistakes_status(m);
  if (st < 0) tau_model_free(model);
  else *out = model;
  return st;
}

/* Read, then look at what it says: mistakes of both kinds are told together, from the top of the file to its
 * end. */
static tau_status read_reported(tau_model **out, char *source, size_t n_bytes, check_fn check,
                                taup_mistakes *to)
{
  taup_mistake_list list = {0};
  taup_mistakes m = {.file = to->file, .report = taup_mistakes_collect, .user = &list};
  const tau_status st = read_and_check(out, source, n_bytes, check, &m);
  taup_mistakes_tell(&list, to);
  return to->n && (st == TAU_E_MODEL || st == TAU_E_PARSE) ? taup_fail_as(st, to->first_kind, "%s", to->first)
                                                           : st;
}

static tau_status read_file(tau_model **out, const char *file, check_fn check, tau_mistake_fn report,
                            void *user)
{
  assert(out && file);
  taup_mistakes m = {.file = file, .report = report, .user = user};
  char *source;
  size_t n_bytes;
  *out = NULL;
  TAU_TRY(taup_file_read(file, TAUP_YAML_MOST_BYTES, &source, &n_bytes));
  return read_reported(out, source, n_bytes, check, &m);
}

tau_status tau_model_read_reported(tau_model **out, const char *file, tau_mistake_fn report, void *user)
{
  return read_file(out, file, taup_model_check_tree, report, user);
}

tau_status tau_model_read_network(tau_model **out, const char *file, tau_mistake_fn report, void *user)
{
  return read_file(out, file, taup_model_check_network, report, user);
}

tau_status tau_model_read(tau_model **out, const char *file)
{
  return tau_model_read_reported(out, file, NULL, NULL);
}

static tau_status parse(tau_model **out, const char *text, size_t n_bytes, check_fn check, taup_mistakes *m)
{
  assert(out && text && m->file);
  *out = NULL;
  char *source = taup_strndup(text, n_bytes <= TAUP_YAML_MOST_BYTES ? n_bytes : 0);
  if (!source) return TAU_E_NOMEM;
  return read_reported(out, source, n_bytes, check, m);
}

tau_status tau_model_parse(tau_model **out, const char *text, size_t n_bytes, const char *name,
                           tau_mistake_fn report, void *user)
{
  taup_mistakes m = {.file = name, .report = report, .user = user};
  return parse(out, text, n_bytes, taup_model_check_tree, &m);
}

tau_status tau_model_parse_network(tau_model **out, const char *text, size_t n_bytes, const char *name,
                                   tau_mistake_fn report, void *user)
{
  taup_mistakes m = {.file = name, .report = report, .user = user};
  return parse(out, text, n_bytes, taup_model_check_network, &m);
}

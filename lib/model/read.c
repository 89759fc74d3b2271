/* SPDX-License-Identifier: Apache-2.0 */
/* read.c - helpers of the readers: every function reports its own mistakes at the place they stand and
 * says by its result whether to go on. Invariant: memory of what is read comes from the arena of the
 * chemistry; running out of it is remembered in the reader. */
#include "model/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

/* --- memory --- */

void *taup_read_alloc(taup_reader *r, int n, size_t size)
{
  void *block = taup_arena_alloc(&r->chemistry->arena, (size_t)n, size);
  if (!block) r->out_of_memory = true;
  return block;
}

const char *taup_read_copy(taup_reader *r, const char *text)
{
  const char *copy = taup_arena_strdup(&r->chemistry->arena, text);
  if (!copy) r->out_of_memory = true;
  return copy;
}

void taup_read_index(taup_reader *r, taup_map *map, const char *name, int index)
{
  if (taup_map_add(map, name, index) < 0) r->out_of_memory = true;
}

void taup_read_fault(taup_reader *r, tau_status status, const taup_tree *at, int column)
{
  char why[512];
  if (status == TAU_E_NOMEM) {
    r->out_of_memory = true;
    return;
  }
  snprintf(why, sizeof why, "%s", tau_last_error());
  if (column > 0) taup_mistake_in(r->mistakes, at, column, taup_last_kind(), "%s", why);
  else taup_mistake(r->mistakes, at, taup_last_kind(), "%s", why);
}

/* --- the tree --- */

bool taup_read_hints(const taup_reader *r) { return r->mistakes->n < TAUP_MOST_MISTAKES; }

static bool is_empty_leaf(const taup_tree *node)
{
  return node->kind == TAUP_TREE_LEAF && node->text && !*node->text;
}

bool taup_read_is_block(taup_reader *r, const taup_tree *node, const char *what)
{
  if (node->kind == TAUP_TREE_MAP || is_empty_leaf(node)) return true;
  if (node->kind == TAUP_TREE_LIST)
    taup_mistake(r->mistakes, node, TAUP_ERR_WRONG_SHAPE, "%s is a block of keys; found a list", what);
  else
    taup_mistake(r->mistakes, node, TAUP_ERR_WRONG_SHAPE, "%s is a block of keys; found '%s'", what,
                 node->text);
  return false;
}

const char *taup_read_text(taup_reader *r, const taup_tree *node, const char *what)
{
  if (node->kind == TAUP_TREE_LEAF) return node->text;
  taup_mistake(r->mistakes, node, TAUP_ERR_WRONG_SHAPE, "%s is a text; found %s", what,
               node->kind == TAUP_TREE_MAP ? "a block of keys" : "a list");
  return NULL;
}

bool taup_read_name(taup_reader *r, const taup_tree *item, const char *what)
{
  if (strlen(item->key) > TAUP_NAME_LONGEST) {
    taup_mistake_key(r->mistakes, item, TAUP_ERR_BAD_NAME,
                     "the name of %s has %zu bytes; at most %d are allowed", what, strlen(item->key),
                     TAUP_NAME_LONGEST);
    return false;
  }
  if (taup_name_is_legal(item->key)) return true;
  taup_mistake_key(
    r->mistakes, item, TAUP_ERR_BAD_NAME,
    "'%s' cannot be the name of %s: a letter or '(' comes first, then letters, digits, _ - ' ( )", item->key,
    what);
  return false;
}

static bool is_among(const char *name, const char *const *list)
{
  for (; *list; list++)
    if (strcmp(name, *list) == 0) return true;
  return false;
}

/* "a, b or c" */
static void join(char *buffer, size_t n_bytes, const char *const *words)
{
  size_t at = 0;
  buffer[0] = '\0';
  for (int k = 0; words[k] && at < n_bytes; k++) {
    const char *separator = k == 0 ? "" : words[k + 1] ? ", " : " or ";
    at += (size_t)snprintf(buffer + at, n_bytes - at, "%s%s", separator, words[k]);
  }
}

/* "; did you mean 'x'?" or "; needs a, b or c" */
static void offer(char *buffer, size_t n_bytes, const char *name, const char *const *words)
{
  taup_nearest near = {name, NULL, 0};
  for (int k = 0; words[k]; k++) taup_nearest_try(&near, words[k]);
  if (*taup_nearest_hint(&near, buffer, n_bytes)) return;
  const int n = snprintf(buffer, n_bytes, "; needs ");
  join(buffer + n, n_bytes - (size_t)n, words);
}

void taup_read_only_keys(taup_reader *r, const taup_tree *map, const char *what, const char *const *known)
{
  char hint[400];
  for (int i = 0; i < map->n_children; i++) {
    const taup_tree *child = map->children[i];
    if (!child->key || is_among(child->key, known)) continue;
    if (strcmp(child->key, "evidence") == 0 || strcmp(child->key, "source") == 0 ||
        strcmp(child->key, "note") == 0)
      continue;
    offer(hint, sizeof hint, child->key, known);
    taup_mistake_key(r->mistakes, child, TAUP_ERR_UNKNOWN_KEY, "'%s' is not a key of %s%s", child->key, what,
                     hint);
  }
}

void taup_read_known_keys(taup_reader *r, const taup_tree *map, const char *what, const char *const *known)
{
  taup_read_only_keys(r, map, what, known);
  taup_read_evidence(r, map);
}

const taup_tree *taup_read_required(taup_reader *r, const taup_tree *map, const char *key, const char *what)
{
  const taup_tree *child = taup_tree_child(map, key);
  if (!child)
    taup_mistake_key(r->mistakes, map, TAUP_ERR_MISSING_KEY, "%s needs '%s'; it is missing here", what, key);
  return child;
}

int taup_read_word(taup_reader *r, const taup_tree *leaf, const char *what, const char *const *words)
{
  char hint[400];
  const char *text = taup_read_text(r, leaf, what);
  if (!text) return -1;
  for (int k = 0; words[k]; k++)
    if (strcmp(text, words[k]) == 0) return k;
  offer(hint, sizeof hint, text, words);
  taup_mistake(r->mistakes, leaf, TAUP_ERR_UNKNOWN_CHOICE, "'%s' is no %s%s", text, what, hint);
  return -1;
}

/* --- evidence --- */

static void note_tag(taup_reader *r, const taup_tree *leaf)
{
  static const char *const tags[] = {"measured", "published", "estimated", "illustrative", NULL};
  const int tag = taup_read_word(r, leaf, "tag of evidence", tags);
  taup_evidence *weakest = &r->chemistry->evidence;
  if (tag < 0) return;
  if (*weakest == TAUP_UNSTATED || tag > (int)*weakest) *weakest = (taup_evidence)tag;
}

void taup_read_evidence(taup_reader *r, const taup_tree *block)
{
  const taup_tree *tag = taup_tree_child(block, "evidence");
  const taup_tree *source = taup_tree_child(block, "source");
  if (tag) note_tag(r, tag);
  if (!source) return;
  if ((tag = taup_tree_child(source, "evidence"))) note_tag(r, tag);
  for (int i = 0; source->kind == TAUP_TREE_LIST && i < source->n_children; i++)
    if ((tag = taup_tree_child(source->children[i], "evidence"))) note_tag(r, tag);
}

/* --- species by name --- */

const char *taup_species_hint(taup_reader *r, const char *name, char *buffer, size_t n_bytes)
{
  taup_nearest near = {name, NULL, 0};
  for (int i = 0; taup_read_hints(r) && i < r->chemistry->n_species; i++)
    taup_nearest_try(&near, r->chemistry->species[i].name);
  return taup_nearest_hint(&near, buffer, n_bytes);
}

static int species_named(taup_reader *r, const char *name, const taup_tree *at, bool at_key)
{
  char hint[200];
  const int i = taup_map_find(&r->chemistry->species_by_name, name);
  if (i >= 0) return i;
  taup_species_hint(r, name, hint, sizeof hint);
  if (at_key)
    taup_mistake_key(r->mistakes, at, TAUP_ERR_UNKNOWN_SPECIES, "'%s' is no species of this model%s", name,
                     hint);
  else
    taup_mistake(r->mistakes, at, TAUP_ERR_UNKNOWN_SPECIES, "'%s' is no species of this model%s", name, hint);
  return -1;
}

int taup_read_species(taup_reader *r, const taup_tree *leaf)
{
  const char *name = taup_read_text(r, leaf, "the name of a species");
  return name ? species_named(r, name, leaf, false) : -1;
}

/* --- parameters --- */

taup_parameter taup_parameter_of(const char *path, const taup_field *field, taup_dim dim, int group)
{
  return (taup_parameter){
    .path = path,
    .value = field->value,
    .lower = field->lower,
    .upper = field->upper,
    .positive = (field->flags & TAUP_FIELD_POSITIVE) != 0,
    .whole = (field->flags & TAUP_FIELD_WHOLE) != 0,
    .dim = dim,
    .scale = {1.0, 0.0, dim},
    .doc = field->doc,
    .group = group,
    .molar_energy = (field->flags & TAUP_FIELD_MOLAR_ENERGY) != 0,
    .temperature = (field->flags & TAUP_FIELD_TEMPERATURE) != 0,
  };
}

int taup_read_add(taup_reader *r, const taup_parameter *p)
{
  const int index = taup_parameters_add(&r->chemistry->parameters, p);
  if (index < 0) r->out_of_memory = true;
  return index;
}

int taup_read_default(taup_reader *r, const char *path, const taup_field *field, double value, int group)
{
  taup_parameter p = taup_parameter_of(path, field, field->dim, group);
  p.value = value;
  return taup_read_add(r, &p);
}

int taup_read_parameter(taup_reader *r, const taup_tree *leaf, const char *path, const taup_field *field,
                        taup_dim dim, int group)
{
  taup_parameter p = taup_parameter_of(path, field, dim, group);
  char needed[64];
  if (leaf->kind != TAUP_TREE_LEAF) {
    taup_mistake(r->mistakes, leaf, TAUP_ERR_WRONG_SHAPE, "%s is a quantity, such as '1 %s'; found %s", path,
                 taup_dim_example(needed, sizeof needed, dim),
                 leaf->kind == TAUP_TREE_MAP ? "a block of keys" : "a list");
    return -1;
  }
  const tau_status st = taup_parameter_read(&p, leaf->text, r->bare_si);
  if (st == TAU_OK) return taup_read_add(r, &p);
  taup_read_fault(r, st, leaf, 0);
  return -1;
}

int taup_read_field(taup_reader *r, const taup_tree *map, const char *prefix, const taup_field *field)
{
  char path[2 * TAUP_PATH_LONGEST];
  const taup_tree *leaf = taup_tree_child(map, field->name);
  if (!leaf) return -1;
  snprintf(path, sizeof path, "%s/%s", prefix, field->name);
  return taup_read_parameter(r, leaf, path, field, field->dim, 0);
}

/* "mL, mm or min" */
static void join_examples(char *buffer, size_t n_bytes, int n_dims, const taup_dim *dims)
{
  char text[8][64];
  const char *words[9] = {NULL};
  for (int k = 0; k < n_dims && k < 8; k++) words[k] = taup_dim_example(text[k], sizeof text[k], dims[k]);
  join(buffer, n_bytes, words);
}

bool taup_read_quantity(taup_reader *r, const taup_tree *leaf, int n_dims, const taup_dim *dims,
                        double *value, int *which)
{
  taup_quantity q;
  char needed[200];
  const char *text = taup_read_text(r, leaf, "a quantity");
  if (!text) return false;
  const tau_status st = taup_quantity_parse(text, &q);
  if (st < 0) {
    taup_read_fault(r, st, leaf, 0);
    return false;
  }
  *value = q.value;
  for (int k = 0; k < n_dims; k++) {
    const bool fits = q.bare ? taup_dim_is_none(dims[k]) || (r->bare_si && n_dims == 1)
                             : taup_dim_equal(q.scale.dim, dims[k]);
    if (!fits) continue;
    if (which) *which = k;
    return true;
  }
  join_examples(needed, sizeof needed, n_dims, dims);
  if (!*needed)
    taup_mistake(r->mistakes, leaf, TAUP_ERR_WRONG_UNIT, "'%s' is in %s; needs a number without a unit", text,
                 q.unit_text);
  else if (q.bare)
    taup_mistake(r->mistakes, leaf, TAUP_ERR_MISSING_UNIT, "'%s' has no unit; needs %s or the like", text,
                 needed);
  else
    taup_mistake(r->mistakes, leaf, TAUP_ERR_WRONG_UNIT, "'%s' is in %s; needs %s or the like", text,
                 q.unit_text, needed);
  return false;
}

int taup_read_amounts(taup_reader *r, const taup_tree *map, const char *path, const taup_field *field,
                      const taup_amount **out)
{
  char item[2 * TAUP_PATH_LONGEST];
  int n = 0;
  *out = NULL;
  snprintf(item, sizeof item, "%s", path);
  if (!taup_read_is_block(r, map, item)) return 0;
  taup_amount *amounts = taup_read_alloc(r, map->n_children, sizeof *amounts);
  for (int i = 0; amounts && i < map->n_children; i++) {
    const taup_tree *child = map->children[i];
    const int species = species_named(r, child->key, child, true);
    if (species < 0) continue;
    snprintf(item, sizeof item, "%s/%s", path, child->key);
    const int parameter = taup_read_parameter(r, child, item, field, field->dim, 0);
    if (parameter >= 0) amounts[n++] = (taup_amount){species, parameter};
  }
  *out = amounts;
  return n;
}

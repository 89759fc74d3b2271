/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c - invariants: children of a map have keys, those of a list none; a leaf has a text; `parent` is
 * right; `index`, where it is not empty, knows every child. Whoever makes a tree keeps it at most
 * TAUP_DEEPEST deep, so that recursion is bounded. */
#include "model/tree.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"

enum { INDEXED = 16 }; /* up to here looking through the children is as fast */

taup_function_ref *taup_function_ref_get(taup_function_ref *ref)
{
  if (ref) atomic_fetch_add(&ref->refs, 1);
  return ref;
}

void taup_function_ref_drop(taup_function_ref *ref)
{
  if (!ref || atomic_fetch_sub(&ref->refs, 1) > 1) return;
  if (ref->drop) ref->drop(ref->user);
  taup_free(ref->arguments);
  taup_free(ref);
}

static taup_tree *find_key(const taup_tree *map, const char *key, size_t n)
{
  if (map->index.n && n <= TAUP_LONGEST_KEY) {
    char name[TAUP_LONGEST_KEY + 1];
    memcpy(name, key, n);
    name[n] = '\0';
    const int i = taup_map_find(&map->index, name);
    return i < 0 ? NULL : map->children[i];
  }
  for (int i = 0; i < map->n_children; i++) {
    const char *have = map->children[i]->key;
    if (strncmp(have, key, n) == 0 && have[n] == '\0') return map->children[i];
  }
  return NULL;
}

/* "0", "7", "12"; not "", "07", "+1" or anything else, so that each item has one path. */
static taup_tree *find_item(const taup_tree *list, const char *number, size_t n)
{
  int i = 0;
  if (n == 0 || n > 9 || (n > 1 && number[0] == '0')) return NULL;
  for (size_t k = 0; k < n; k++) {
    if (number[k] < '0' || number[k] > '9') return NULL;
    i = 10 * i + (number[k] - '0');
  }
  return i < list->n_children ? list->children[i] : NULL;
}

taup_tree *taup_tree_step(const taup_tree *tree, const char *key, size_t n)
{
  if (!tree || tree->kind == TAUP_TREE_LEAF) return NULL;
  return tree->kind == TAUP_TREE_MAP ? find_key(tree, key, n) : find_item(tree, key, n);
}

taup_tree *taup_tree_child(const taup_tree *tree, const char *key)
{
  return tree && tree->kind == TAUP_TREE_MAP ? find_key(tree, key, strlen(key)) : NULL;
}

taup_tree *taup_tree_find(const taup_tree *tree, const char *path)
{
  if (!*path) return (taup_tree *)tree;
  for (;;) {
    const size_t n = strcspn(path, "/");
    tree = n ? taup_tree_step(tree, path, n) : NULL;
    if (!tree || !path[n]) return (taup_tree *)tree;
    path += n + 1;
  }
}

/* Bring the index up to date after a child was added at the end, or after it was emptied. */
static tau_status index_children(taup_tree *map)
{
  const int n = map->n_children;
  if (map->kind != TAUP_TREE_MAP || n <= INDEXED) return TAU_OK;
  if (map->index.n) return taup_map_add(&map->index, map->children[n - 1]->key, n - 1);
  for (int i = 0; i < n; i++)
    if (taup_map_add(&map->index, map->children[i]->key, i) < 0) {
      taup_map_free(&map->index);
      return TAU_E_NOMEM;
    }
  return TAU_OK;
}

tau_status taup_tree_attach(taup_tree *parent, taup_tree *node, const char *key)
{
  if (parent->n_children == INT_MAX)
    return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: too many keys in one block");
  TAU_TRY(taup_grow(&parent->children, &parent->capacity, parent->n_children + 1, sizeof *parent->children));
  char *const own_key = key ? taup_strdup(key) : NULL;
  if (key && !own_key) return TAU_E_NOMEM;
  taup_free(node->key);
  node->key = own_key;
  parent->children[parent->n_children++] = node;
  if (index_children(parent) < 0) {
    parent->n_children--;
    return TAU_E_NOMEM;
  }
  node->parent = parent;
  return TAU_OK;
}

taup_tree *taup_tree_add(taup_tree *parent, taup_tree_kind kind, const char *key, const char *text)
{
  taup_tree *node = taup_calloc(1, sizeof *node);
  if (!node) return NULL;
  node->kind = kind;
  if ((text && !(node->text = taup_strdup(text))) || (parent && taup_tree_attach(parent, node, key) < 0)) {
    taup_tree_free(node);
    return NULL;
  }
  return node;
}

/* Frees what a node holds but not the node, its key and its place. */
static void clear(taup_tree *node)
{
  for (int i = 0; i < node->n_children; i++) taup_tree_free(node->children[i]);
  taup_free(node->children);
  taup_map_free(&node->index);
  taup_free(node->text);
  taup_free(node->raw);
  taup_function_ref_drop(node->function);
}

void taup_tree_free(taup_tree *tree)
{
  if (!tree) return;
  clear(tree);
  taup_free(tree->key);
  taup_free(tree);
}

void taup_tree_replace(taup_tree *node, taup_tree *with)
{
  taup_tree *const parent = node->parent;
  char *const key = node->key;
  const int key_line = node->key_line, key_column = node->key_column;
  clear(node);
  *node = *with;
  node->parent = parent;
  node->key = key;
  node->key_line = key_line;
  node->key_column = key_column;
  for (int i = 0; i < node->n_children; i++) node->children[i]->parent = node;
  taup_free(with->key);
  taup_free(with);
}

static int position(const taup_tree *node)
{
  int i = 0;
  while (i < node->parent->n_children && node->parent->children[i] != node) i++;
  return i;
}

void taup_tree_remove(taup_tree *node)
{
  taup_tree *const parent = node->parent;
  const int i = position(node);
  memmove(parent->children + i, parent->children + i + 1,
          (size_t)(parent->n_children - i - 1) * sizeof(taup_tree *));
  parent->n_children--;
  taup_map_free(&parent->index);
  index_children(parent); /* without memory there is no index, and the children are looked through */
  taup_tree_free(node);
}

/* What belongs to the node itself, without children. */
static tau_status copy_leaf(taup_tree *to, const taup_tree *from)
{
  to->line = from->line;
  to->column = from->column;
  to->key_line = from->key_line;
  to->key_column = from->key_column;
  to->text_line = from->text_line;
  to->text_column = from->text_column;
  if (from->raw && !(to->raw = taup_strdup(from->raw))) return TAU_E_NOMEM;
  to->function = taup_function_ref_get(from->function);
  return TAU_OK;
}

/* The copy is complete below `parent` or not there at all; with no parent it is a root in *out. */
static tau_status copy_into(taup_tree *parent, taup_tree **out, const taup_tree *from)
{
  taup_tree *to = taup_tree_add(parent, from->kind, parent ? from->key : NULL, from->text);
  if (!to) return TAU_E_NOMEM;
  tau_status st = copy_leaf(to, from);
  for (int i = 0; st == TAU_OK && i < from->n_children; i++) st = copy_into(to, NULL, from->children[i]);
  if (parent) return st; /* whoever began frees the whole */
  if (st < 0) taup_tree_free(to);
  else *out = to;
  return st;
}

tau_status taup_tree_copy(taup_tree **out, const taup_tree *tree)
{
  *out = NULL;
  return copy_into(NULL, out, tree);
}

static bool same_function(const taup_function_ref *a, const taup_function_ref *b)
{
  if (a == b) return true;
  return a && b && a->function == b->function && a->function_complex == b->function_complex &&
         a->user == b->user && strcmp(a->arguments, b->arguments) == 0;
}

bool taup_tree_equal(const taup_tree *a, const taup_tree *b)
{
  if (a->kind != b->kind || a->n_children != b->n_children) return false;
  if (a->kind == TAUP_TREE_LEAF)
    return strcmp(a->text, b->text) == 0 && same_function(a->function, b->function);
  for (int i = 0; i < a->n_children; i++) {
    const taup_tree *other =
      a->kind == TAUP_TREE_MAP ? taup_tree_child(b, a->children[i]->key) : b->children[i];
    if (!other || !taup_tree_equal(a->children[i], other)) return false;
  }
  return true;
}

bool taup_tree_has_function(const taup_tree *tree)
{
  if (tree->function) return true;
  for (int i = 0; i < tree->n_children; i++)
    if (taup_tree_has_function(tree->children[i])) return true;
  return false;
}

static size_t path_into(const taup_tree *node, char *buffer, size_t n_bytes)
{
  if (!node->parent) return 0;
  size_t at = path_into(node->parent, buffer, n_bytes);
  const char *slash = at ? "/" : "";
  char *const end = buffer + (at < n_bytes ? at : n_bytes);
  const size_t left = n_bytes - (size_t)(end - buffer);
  const int n = node->key ? snprintf(end, left, "%s%s", slash, node->key)
                          : snprintf(end, left, "%s%d", slash, position(node));
  return n > 0 ? at + (size_t)n : at;
}

const char *taup_tree_path(const taup_tree *tree, char *buffer, size_t n_bytes)
{
  buffer[0] = '\0';
  path_into(tree, buffer, n_bytes);
  return buffer;
}

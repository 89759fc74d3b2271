/* SPDX-License-Identifier: Apache-2.0 */
/* model.c - a model built call by call. What is new is made aside and put in its place last, so that a call
 * that fails changes nothing. Invariant: after a change there is neither `source` nor `printed`. */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "model/tree.h"
#include "model/utf8.h"

tau_status tau_model_new(tau_model **out)
{
  *out = NULL;
  tau_model *model = taup_calloc(1, sizeof *model);
  if (!model) return TAU_E_NOMEM;
  model->root = taup_tree_add(NULL, TAUP_TREE_MAP, NULL, NULL);
  model->name = taup_strdup("");
  if (!model->root || !model->name) {
    tau_model_free(model);
    return TAU_E_NOMEM;
  }
  *out = model;
  return TAU_OK;
}

void tau_model_free(tau_model *model)
{
  if (!model) return;
  taup_tree_free(model->root);
  taup_free(model->source);
  taup_free(model->printed);
  taup_free(model->name);
  taup_free(model);
}

tau_status tau_model_copy(tau_model **out, const tau_model *model)
{
  *out = NULL;
  tau_model *copy = taup_calloc(1, sizeof *copy);
  if (!copy) return TAU_E_NOMEM;
  tau_status st = taup_tree_copy(&copy->root, model->root);
  if (st < 0) goto done;
  st = TAU_E_NOMEM;
  if (!(copy->name = taup_strdup(model->name))) goto done;
  if (model->source && !(copy->source = taup_strndup(model->source, model->n_source))) goto done;
  copy->n_source = model->n_source;
  *out = copy;
  copy = NULL;
  st = TAU_OK;
done:
  tau_model_free(copy);
  return st;
}

static void changed(tau_model *model)
{
  taup_free(model->source);
  taup_free(model->printed);
  model->source = model->printed = NULL;
  model->n_source = model->n_printed = 0;
}

tau_status taup_model_check_path(const char *path)
{
  const size_t n_bytes = strlen(path);
  int depth = 1;
  if (!taup_utf8_is_valid(path, n_bytes)) return taup_fail(TAUP_ERR_BAD_PATH, "a path that is not UTF-8");
  for (const char *key = path;; depth++) {
    const size_t n = strcspn(key, "/");
    if (n == 0) return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s' is not a path: a key in it is empty", path);
    if (n > TAUP_LONGEST_KEY)
      return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s': a key of %zu bytes; at most %d are allowed", path, n,
                       TAUP_LONGEST_KEY);
    if (!key[n]) break;
    key += n + 1;
  }
  if (depth > TAUP_DEEPEST)
    return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s' is %d keys deep; at most %d are allowed", path, depth,
                     TAUP_DEEPEST);
  return TAU_OK;
}

/* How far a path goes in the tree: the last node on it that is there, and the keys that are not ("" when all
 * are). */
typedef struct reach {
  taup_tree *node;
  const char *rest;
} reach;

static reach follow(taup_tree *root, const char *path)
{
  reach r = {root, path};
  while (*r.rest) {
    const size_t n = strcspn(r.rest, "/");
    taup_tree *next = taup_tree_step(r.node, r.rest, n);
    if (!next) break;
    r.node = next;
    r.rest += n + (r.rest[n] == '/');
  }
  return r;
}

/* An empty leaf, "solvent:" and nothing behind, is a block that has not begun. */
static bool is_empty_leaf(const taup_tree *node)
{
  return node->kind == TAUP_TREE_LEAF && !node->text[0] && !node->function;
}

static tau_status check_place(const reach *r, const char *path)
{
  const int n_above = (int)(r->rest - path) - 1; /* the path of r->node, where it is not the root */
  if (!*r->rest || r->node->kind == TAUP_TREE_MAP || is_empty_leaf(r->node)) return TAU_OK;
  if (r->node->kind == TAUP_TREE_LIST)
    return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s': '%.*s' is a list of %d; its items are numbered from 0",
                     path, n_above, path, r->node->n_children);
  return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s': '%.*s' is the text '%.60s', not a block; remove it first",
                   path, n_above, path, r->node->text);
}

/* A map for each key of the path `keys`, with node below the last. Takes node; NULL and TAU_E_NOMEM on
 * failure. */
static taup_tree *wrap(const char *keys, taup_tree *node)
{
  char key[TAUP_LONGEST_KEY + 1];
  const size_t n = strcspn(keys, "/");
  memcpy(key, keys, n);
  key[n] = '\0';
  if (keys[n] && !(node = wrap(keys + n + 1, node))) return NULL;
  taup_tree *map = taup_tree_add(NULL, TAUP_TREE_MAP, NULL, NULL);
  if (map && taup_tree_attach(map, node, key) == TAU_OK) return map;
  taup_tree_free(node);
  taup_tree_free(map);
  return NULL;
}

static tau_status attach_below(taup_tree *map, const char *keys, taup_tree *node)
{
  char key[TAUP_LONGEST_KEY + 1];
  const size_t n = strcspn(keys, "/");
  memcpy(key, keys, n);
  key[n] = '\0';
  if (keys[n] && !(node = wrap(keys + n + 1, node))) return TAU_E_NOMEM;
  const tau_status st = taup_tree_attach(map, node, key);
  if (st < 0) taup_tree_free(node);
  return st;
}

/* Put node where the path says, blocks on the way included. Takes node, also when it fails. */
tau_status taup_model_put(tau_model *model, const char *path, taup_tree *node)
{
  const reach r = follow(model->root, path);
  tau_status st = check_place(&r, path);
  if (st < 0) {
    taup_tree_free(node);
    return st;
  }
  if (*r.rest && r.node->kind == TAUP_TREE_MAP) {
    TAU_TRY(attach_below(r.node, r.rest, node));
  } else {
    if (*r.rest && !(node = wrap(r.rest, node))) return TAU_E_NOMEM;
    taup_tree_replace(r.node, node);
  }
  changed(model);
  return TAU_OK;
}

static taup_tree *new_leaf(const char *text, tau_status *st)
{
  *st = TAU_OK;
  if (!taup_utf8_is_valid(text, strlen(text))) {
    *st = taup_fail_as(TAU_E_VALUE, TAUP_ERR_NOT_UTF8, "a text that is not UTF-8");
    return NULL;
  }
  taup_tree *leaf = taup_tree_add(NULL, TAUP_TREE_LEAF, NULL, text);
  if (!leaf) *st = TAU_E_NOMEM;
  return leaf;
}

tau_status tau_model_set(tau_model *model, const char *path, const char *text)
{
  assert(model && path && text);
  tau_status st;
  TAU_TRY(taup_model_check_path(path));
  taup_tree *leaf = new_leaf(text, &st);
  return leaf ? taup_model_put(model, path, leaf) : st;
}

/* A list of its own: what stood at `there` (a text, or nothing) and the new item. Takes item, also when it
 * fails. */
static tau_status begin_list(taup_tree **out, const taup_tree *there, taup_tree *item)
{
  tau_status st = TAU_E_NOMEM;
  taup_tree *list = taup_tree_add(NULL, TAUP_TREE_LIST, NULL, NULL), *first = NULL;
  if (!list) goto done;
  if (there && !is_empty_leaf(there)) {
    if ((st = taup_tree_copy(&first, there)) < 0 || (st = taup_tree_attach(list, first, NULL)) < 0) goto done;
    first = NULL;
  }
  if ((st = taup_tree_attach(list, item, NULL)) < 0) goto done;
  item = NULL;
  *out = list;
  list = NULL;
done:
  taup_tree_free(first);
  taup_tree_free(item);
  taup_tree_free(list);
  return st;
}

static tau_status append_to_list(tau_model *model, taup_tree *list, taup_tree *item)
{
  const tau_status st = taup_tree_attach(list, item, NULL);
  if (st < 0) taup_tree_free(item);
  else changed(model);
  return st;
}

tau_status tau_model_append(tau_model *model, const char *path, const char *text)
{
  assert(model && path && text);
  tau_status st;
  TAU_TRY(taup_model_check_path(path));
  taup_tree *there = taup_tree_find(model->root, path);
  if (there && (there->kind == TAUP_TREE_MAP || there->function))
    return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s' is %s, not a list", path,
                     there->function ? "a function" : "a block of keys");
  taup_tree *item = new_leaf(text, &st), *list;
  if (!item) return st;
  if (there && there->kind == TAUP_TREE_LIST) return append_to_list(model, there, item);
  TAU_TRY(begin_list(&list, there, item));
  return taup_model_put(model, path, list);
}

/* "reactions/<name>/rate" */
static bool is_rate(const char *path)
{
  static const char above[] = "reactions/";
  if (strncmp(path, above, sizeof above - 1) != 0) return false;
  const char *name = path + sizeof above - 1;
  return strcmp(name + strcspn(name, "/"), "/rate") == 0;
}

tau_status tau_model_set_function(tau_model *model, const char *path, const char *arguments,
                                  tau_function function, tau_function_complex function_complex, void *user,
                                  void (*drop)(void *user))
{
  assert(model && path && arguments && (!function != !function_complex));
  tau_status st;
  TAU_TRY(taup_model_check_path(path));
  if (!is_rate(path))
    return taup_fail(TAUP_ERR_BAD_PATH, "'%.200s' cannot be a function; only 'reactions/<name>/rate' can",
                     path);
  taup_tree *leaf = new_leaf("<function>", &st);
  if (!leaf) return st;
  char *const own_arguments = taup_strdup(arguments);
  leaf->function = own_arguments ? taup_calloc(1, sizeof *leaf->function) : NULL;
  if (!leaf->function) {
    taup_free(own_arguments);
    taup_tree_free(leaf);
    return TAU_E_NOMEM;
  }
  /* `drop` comes last: until the model has the function, nothing may be dropped that is the caller's. */
  taup_function_ref *const ref = leaf->function;
  atomic_init(&ref->refs, 2);
  ref->arguments = own_arguments;
  ref->function = function;
  ref->function_complex = function_complex;
  ref->user = user;
  st = taup_model_put(model, path, leaf);
  if (st == TAU_OK) ref->drop = drop;
  taup_function_ref_drop(ref);
  return st;
}

tau_status tau_model_remove(tau_model *model, const char *path)
{
  assert(model && path);
  taup_tree *node = taup_tree_find(model->root, path);
  if (!node || !node->parent)
    return taup_fail(TAUP_ERR_NOTHING_THERE, "there is nothing at '%.200s' to remove", path);
  taup_tree_remove(node);
  changed(model);
  return TAU_OK;
}

const char *tau_model_text(const tau_model *model, const char *path)
{
  const taup_tree *node = taup_tree_find(model->root, path);
  return node && node->kind == TAUP_TREE_LEAF ? node->text : NULL;
}

int tau_model_n_keys(const tau_model *model, const char *path)
{
  const taup_tree *node = taup_tree_find(model->root, path);
  return node ? node->n_children : 0;
}

const char *tau_model_key(const tau_model *model, const char *path, int i_key)
{
  const taup_tree *node = taup_tree_find(model->root, path);
  if (!node || i_key < 0 || i_key >= node->n_children) return NULL;
  return node->kind == TAUP_TREE_MAP ? node->children[i_key]->key : node->children[i_key]->text;
}

bool tau_model_equal(const tau_model *a, const tau_model *b) { return taup_tree_equal(a->root, b->root); }

const char *tau_model_source(const tau_model *model, size_t *n_bytes)
{
  if (n_bytes) *n_bytes = model->n_source;
  if (model->source) return model->source;
  tau_model *const keep = (tau_model *)model; /* the text is only remembered; what the model says stays */
  if (!keep->printed && taup_tree_print(model->root, &keep->printed, &keep->n_printed) < 0)
    keep->n_printed = 0;
  if (n_bytes) *n_bytes = model->n_printed;
  return model->printed;
}

void tau_text_free(char *text) { taup_free(text); }

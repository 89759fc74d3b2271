/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h - what a model file says, as a tree of keys with the place of each. */
#ifndef TAUP_TREE_H
#define TAUP_TREE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/map.h"
#include "base/status.h"
#include <tautrain/model.h>

typedef enum taup_tree_kind { TAUP_TREE_MAP, TAUP_TREE_LIST, TAUP_TREE_LEAF } taup_tree_kind;

/* A function of the user, shared by models and trains. */
typedef struct taup_function_ref {
  atomic_int refs;
  char *arguments;
  tau_function function;
  tau_function_complex function_complex;
  void *user;
  void (*drop)(void *user);
} taup_function_ref;
taup_function_ref *taup_function_ref_get(taup_function_ref *ref);
void taup_function_ref_drop(taup_function_ref *ref);

/* Maps and lists nest at most this deep, the root counted, and a key has at most this many bytes: readers and builders see to both. */
enum { TAUP_DEEPEST = 64, TAUP_LONGEST_KEY = 200 };

typedef struct taup_tree {
  taup_tree_kind kind;
  char *key;                /* of a member of a map; NULL else */
  char *text;               /* of a leaf */
  int line, column;         /* of the value; 0 where it came from no file. Columns count characters from 1. */
  int key_line, key_column; /* of the key; for a list item and the root those of the value */
  int text_line,
    text_column; /* where the text of a leaf itself begins (behind an opening quote); 0 where that is not known */
  char *raw; /* of a leaf written with escapes or on several lines: as it stands in the file, quotes too; else NULL */
  struct taup_tree *parent;
  struct taup_tree **children; /* in the order written */
  int n_children, capacity;
  taup_map index;              /* of a map, key -> child, kept once it has more than 16 */
  taup_function_ref *function; /* of a leaf set by tau_model_set_function; text is then "<function>" */
} taup_tree;

struct tau_model {
  taup_tree *root; /* a map */
  char *source;    /* bytes read; NULL once changed or built */
  size_t n_source;
  char *name;    /* of the file, for messages; "" */
  char *printed; /* the canonical text, made by tau_model_source; NULL once changed */
  size_t n_printed;
};

/* Find a child by key; NULL where there is none (or tree is NULL or no map). */
taup_tree *taup_tree_child(const taup_tree *tree, const char *key);
/* Walk a path "a/b/c" down from tree; an item of a list is its number from 0. */
taup_tree *taup_tree_find(const taup_tree *tree, const char *path);
/* One step of a path: the child of a map by its key of n bytes, the item of a list by its number; NULL where there is none. */
taup_tree *taup_tree_step(const taup_tree *tree, const char *key, size_t n);
/* New node as last child of parent (key copied; NULL in a list); a root where parent is NULL. NULL and TAU_E_NOMEM on failure. */
taup_tree *taup_tree_add(taup_tree *parent, taup_tree_kind kind, const char *key, const char *text);
/* Make a root the last child of parent, under key (copied; NULL in a list). It stays the caller's on failure. */
tau_status taup_tree_attach(taup_tree *parent, taup_tree *node, const char *key);
/* What node holds becomes what `with`, a root, holds; node keeps its key and its place among its siblings. `with` is gone. */
void taup_tree_replace(taup_tree *node, taup_tree *with);
/* Take node, no root, out of its parent and free it. */
void taup_tree_remove(taup_tree *node);
tau_status taup_tree_copy(taup_tree **out, const taup_tree *tree);
bool taup_tree_equal(const taup_tree *a, const taup_tree *b);
void taup_tree_free(taup_tree *tree);
/* "reactions/a/k" of a node, in buffer. */
const char *taup_tree_path(const taup_tree *tree, char *buffer, size_t n_bytes);
bool taup_tree_has_function(const taup_tree *tree);

/* Put node, a root, where the path of tau_model_set says, blocks on the way included. Takes node, also when it fails; the path must be
 * valid (taup_model_check_path). */
tau_status taup_model_check_path(const char *path);
tau_status taup_model_put(tau_model *model, const char *path, taup_tree *node);

/* print.c: the canonical text of a model, YAML in the order of the tree; a function of the user is "<function>". Free with taup_free. */
tau_status taup_tree_print(const taup_tree *root, char **out, size_t *n_bytes);

enum { TAUP_MOST_MISTAKES = 20 };

/* Collects mistakes: at most 20 are passed on, the first becomes the thread's error. */
typedef struct taup_mistakes {
  const char *
    file; /* name for messages; "" or NULL: none; where there is no line either, the path stands in its place */
  tau_mistake_fn report; /* may be NULL */
  void *user;
  int n; /* all, those beyond the 20 too */
  taup_error first_kind;
  char first[1024]; /* "file:line:column: text" */
} taup_mistakes;

/* A mistake at a place; path may be NULL. */
void taup_mistake_at(taup_mistakes *m, int line, int column, const char *path, taup_error kind,
                     const char *format, ...) __attribute__((format(printf, 6, 7)));
/* ... at the value of a node (at the text of a leaf, behind an opening quote), at its key, and at a character (from 1) inside the text
 * of a leaf. */
void taup_mistake(taup_mistakes *m, const taup_tree *at, taup_error kind, const char *format, ...)
  __attribute__((format(printf, 4, 5)));
void taup_mistake_key(taup_mistakes *m, const taup_tree *at, taup_error kind, const char *format, ...)
  __attribute__((format(printf, 4, 5)));
void taup_mistake_in(taup_mistakes *m, const taup_tree *at, int column, taup_error kind, const char *format,
                     ...) __attribute__((format(printf, 5, 6)));
/* TAU_OK, or TAU_E_MODEL with the first mistake as the thread's record. */
tau_status taup_mistakes_status(const taup_mistakes *m);

/* Up to 20 mistakes, kept to be told in the order of the file: `collect` is a report function whose user is a zeroed list. */
typedef struct taup_mistake_list {
  int n;
  struct taup_kept_mistake {
    int line, column;
    taup_error kind;
    char path[512], text[900];
  } kept[TAUP_MOST_MISTAKES];
} taup_mistake_list;
void taup_mistakes_collect(void *list, const tau_mistake *mistake);
void taup_mistakes_tell(taup_mistake_list *list, taup_mistakes *to);

#endif

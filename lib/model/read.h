/* SPDX-License-Identifier: Apache-2.0 */
/* read.h - helpers of the readers beyond those of chemistry.h. They report what is wrong and let reading
 * go on. */
#ifndef TAUP_READ_H
#define TAUP_READ_H

#include "base/text.h"
#include "model/chemistry.h"

enum {
  TAUP_NAME_LONGEST = 128, /* bytes of a name of a species, reaction, feed, unit, port or parameter */
  TAUP_PATH_LONGEST = 512  /* so that every path fits */
};

/* --- memory: in the arena of the chemistry, zeroed; NULL sets out_of_memory --- */
void *taup_read_alloc(taup_reader *r, int n, size_t size);
const char *taup_read_copy(taup_reader *r, const char *text);
void taup_read_index(taup_reader *r, taup_map *map, const char *name, int index);
/* The thread's error as a mistake at a value (or in its text, column > 0), or as the end of memory. */
void taup_read_fault(taup_reader *r, tau_status status, const taup_tree *at, int column);

/* --- the tree --- */
/* Whether node is a block; an empty value counts as an empty block. Else a mistake: "<what> is a block of
 * keys; found ...". */
bool taup_read_is_block(taup_reader *r, const taup_tree *node, const char *what);
/* The text of a leaf; else a mistake and NULL. */
const char *taup_read_text(taup_reader *r, const taup_tree *node, const char *what);
/* Whether the key of an item is a legal name of `what`, "a feed". */
bool taup_read_name(taup_reader *r, const taup_tree *item, const char *what);
/* Unknown keys alone, without the tags of evidence. */
void taup_read_only_keys(taup_reader *r, const taup_tree *map, const char *what, const char *const *known);
/* `evidence:` and `source:` of a block; the weakest is kept. */
void taup_read_evidence(taup_reader *r, const taup_tree *block);
/* Index of the word of a leaf among a NULL-terminated list; -1 after a mistake: "'x' is no <what>". */
int taup_read_word(taup_reader *r, const taup_tree *leaf, const char *what, const char *const *words);
/* Index of the species that a leaf names; -1 after a mistake. */
int taup_read_species(taup_reader *r, const taup_tree *leaf);
/* "; did you mean 'x'?" for the name of a species, or "". */
const char *taup_species_hint(taup_reader *r, const char *name, char *buffer, size_t n_bytes);
/* The same for a solvent of the table. */
const char *taup_solvent_hint(const char *name, char *buffer, size_t n_bytes);
/* Whether searching for near names still pays: later mistakes are not shown. */
bool taup_read_hints(const taup_reader *r);

/* --- parameters --- */
/* What a field says about a parameter; the path is borrowed. */
taup_parameter taup_parameter_of(const char *path, const taup_field *field, taup_dim dim, int group);
/* Adds; -1 when memory is out. */
int taup_read_add(taup_reader *r, const taup_parameter *p);
/* A parameter that the file does not give: its default, or NAN. */
int taup_read_default(taup_reader *r, const char *path, const taup_field *field, double value, int group);
/* The child of map named as the field, at prefix/name; -1 where it is absent or wrong. */
int taup_read_field(taup_reader *r, const taup_tree *map, const char *prefix, const taup_field *field);

/* --- constants with a k(T) form --- */
typedef struct taup_constant {
  const char *path;        /* "reactions/a/k" */
  const taup_field *field; /* bounds and words of a plain quantity */
  taup_dim dim;
  bool any_dim;     /* a parameter of an expression: the dimension is that of the unit written */
  bool equilibrium; /* else a rate constant */
  const char *reaction, *equation;
  double order; /* of the rate it belongs to; for messages */
} taup_constant;
/* False after a mistake; out->form is then NULL. */
bool taup_read_constant(taup_reader *r, const taup_tree *node, const taup_constant *what, taup_k *out);

/* --- sections, in the order in which they are read --- */
void taup_read_all_species(taup_reader *r, const taup_tree *root);
void taup_read_fluid(taup_reader *r, const taup_tree *root);
void taup_read_all_feeds(taup_reader *r, const taup_tree *root);

/* Both sides of an equation in species; for the balances. */
typedef struct taup_side {
  int n;
  const int *species; /* -1: unknown */
  const double *coefficient;
} taup_side;
typedef struct taup_sides {
  taup_side left, right;
  const taup_tree *equation; /* its leaf */
  bool known;                /* parsed, and all species are known */
  bool free;                 /* `balance: no` */
} taup_sides;
/* One a reaction, in the arena; NULL where there are none. */
taup_sides *taup_read_all_reactions(taup_reader *r, const taup_tree *root);

/* Reads an expression (or a user's function) with its parameters: reactions/<name>/{rate,parameters}.
 * scratch: a graph that is kept from one expression to the next and made anew after an error; NULL at the
 * start, to be freed at the end. */
void taup_read_expression(taup_reader *r, const taup_tree *block, taup_reaction *x, taup_graph **scratch);

/* Atoms and masses of every reaction; net stoichiometry; moieties. */
void taup_check_balances(taup_reader *r, const taup_sides *sides);
void taup_read_network(taup_reader *r, const taup_sides *sides);

#endif

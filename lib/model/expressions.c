/* SPDX-License-Identifier: Apache-2.0 */
/* expressions.c - rates that the user writes: `rate:` with its `parameters:`, or a function of the user
 * with named arguments.
 *
 * The text is parsed here once, into a graph that is thrown away, so that its mistakes are reported with
 * the others of the file. A name is a parameter of the reaction, a species, T, P or R; the parser makes
 * sure that no parameter hides one of the others. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "expr/parse.h"
#include "model/read.h"

static const taup_field free_constant = {"constant",
                                         TAUP_INIT_NONE,
                                         -INFINITY,
                                         INFINITY,
                                         NAN,
                                         TAUP_FIELD_OWN_DIM,
                                         "parameter of a user's rate expression"};

/* --- parameters --- */

static bool name_is_free(taup_reader *r, const taup_tree *item)
{
  if (!taup_read_name(r, item, "a parameter")) return false;
  const char *taken = taup_name_is_reserved(item->key) ? "has a meaning of its own in expressions"
                      : taup_map_find(&r->chemistry->species_by_name, item->key) >= 0 ? "is a species"
                                                                                      : NULL;
  if (taken)
    taup_mistake_key(r->mistakes, item, TAUP_ERR_RESERVED_NAME,
                     "'%s' cannot be the name of a parameter: it %s", item->key, taken);
  return !taken;
}

static void read_extra(taup_reader *r, const taup_tree *block, taup_reaction *x)
{
  char path[TAUP_PATH_LONGEST];
  if (!taup_read_is_block(r, block, "'parameters'")) return;
  taup_k *extra = taup_read_alloc(r, block->n_children, sizeof *extra);
  for (int i = 0; extra && i < block->n_children; i++) {
    const taup_tree *item = block->children[i];
    if (!name_is_free(r, item)) continue;
    snprintf(path, sizeof path, "reactions/%s/parameters/%s", x->name, item->key);
    const taup_constant what = {
      .path = path, .field = &free_constant, .any_dim = true, .reaction = x->name, .equation = x->equation};
    taup_read_constant(r, item, &what, &extra[x->n_extra]);
    extra[x->n_extra++].name =
      taup_read_copy(r, item->key); /* kept with form NULL after a mistake: its name is known */
  }
  x->extra = extra;
}

static int extra_named(const taup_reaction *x, const char *name)
{
  for (int i = 0; i < x->n_extra; i++)
    if (x->extra[i].name && strcmp(x->extra[i].name, name) == 0) return i;
  return -1;
}

/* --- the text --- */

typedef struct trial {
  taup_reader *reader;
  taup_reaction *reaction;
  const char *hidden; /* a species that could only be meant by c["..."] */
} trial;

/* Symbols of the trial: species by their index, then T; a parameter by the first index of its own in the
 * table. */
static taup_node resolve(void *user, taup_graph *g, const char *name, bool species)
{
  trial *t = user;
  const taup_chemistry *c = t->reader->chemistry;
  const int i = species ? -1 : extra_named(t->reaction, name);
  if (i >= 0)
    return taup_symbol(g, TAUP_PARAMETER, t->reaction->extra[i].p[0], t->reaction->extra[i].dim, name);
  const int s = taup_map_find(&c->species_by_name, name);
  if (s >= 0 && (species || !taup_name_is_reserved(name)))
    return taup_symbol(g, TAUP_STATE, s, TAUP_DIM_CONCENTRATION, name);
  if (species) return TAUP_NODE_NONE;
  if (s >= 0) t->hidden = c->species[s].name;
  if (strcmp(name, "T") == 0) {
    t->reaction->uses_T = true;
    return taup_symbol(g, TAUP_STATE, c->n_species, TAUP_DIM_TEMPERATURE, name);
  }
  if (strcmp(name, "P") == 0) return taup_symbol(g, TAUP_PARAMETER, c->pressure, TAUP_DIM_PRESSURE, name);
  if (strcmp(name, "R") == 0) return taup_gas_constant(g);
  return TAUP_NODE_NONE;
}

/* All names, for "did you mean": made only when a name is unknown. In an array of its own, to be freed;
 * NULL without memory. */
static const char **all_names(const taup_chemistry *c, const taup_reaction *x)
{
  const char **names = taup_calloc((size_t)(x->n_extra + c->n_species + 3), sizeof *names);
  int n = 0;
  if (!names) return NULL;
  for (int i = 0; i < x->n_extra; i++)
    if (x->extra[i].name) names[n++] = x->extra[i].name;
  for (int i = 0; i < c->n_species; i++) names[n++] = c->species[i].name;
  names[n++] = "T";
  names[n++] = "P";
  return names;
}

static tau_status new_graph(taup_graph **scratch)
{
  taup_graph_free(*scratch);
  *scratch = NULL;
  return taup_graph_new(scratch);
}

/* Parse; after an unknown name once more with all names at hand. A graph that met an error is made anew. */
static tau_status parse(trial *t, const char *text, taup_graph **scratch, taup_node *node, int *column)
{
  taup_scope scope = {resolve, t, NULL};
  if (!*scratch) TAU_TRY(new_graph(scratch));
  tau_status st = taup_parse(*scratch, text, &scope, node, column);
  if (st == TAU_E_NAME && taup_read_hints(t->reader)) {
    const char **names = all_names(t->reader->chemistry, t->reaction);
    scope.names = names;
    if (names && new_graph(scratch) == TAU_OK) st = taup_parse(*scratch, text, &scope, node, column);
    else st = TAU_E_NOMEM;
    taup_free(names);
  }
  return st;
}

static bool parameters_are_known(const taup_reaction *x)
{
  for (int i = 0; i < x->n_extra; i++)
    if (!x->extra[i].form || !x->extra[i].name) return false;
  return true;
}

/* The reason of the thread's record; a species that a reserved name hides is named. */
static void report_expression(const trial *t, tau_status status, const taup_tree *leaf, int column)
{
  char why[512];
  snprintf(why, sizeof why, "%s", tau_last_error());
  if (status != TAU_E_UNITS || !t->hidden) taup_read_fault(t->reader, status, leaf, column);
  else
    taup_mistake_in(t->reader->mistakes, leaf, column, taup_last_kind(),
                    "%s; %s is reserved in expressions, the species is c[\"%s\"]", why, t->hidden, t->hidden);
}

static void try_expression(taup_reader *r, const taup_tree *leaf, taup_reaction *x, taup_graph **scratch)
{
  char unit[64];
  taup_node node = TAUP_NODE_ERROR;
  int column = 0;
  trial t = {r, x, NULL};
  if (!parameters_are_known(x)) return; /* the dimensions would be wrong too */
  const tau_status st = parse(&t, leaf->text, scratch, &node, &column);
  if (st < 0) {
    report_expression(&t, st, leaf, column);
    taup_graph_free(*scratch);
    *scratch = NULL;
    return;
  }
  const taup_dim dim = taup_node_dim(*scratch, node);
  if (taup_dim_equal(dim, TAUP_DIM_RATE)) return;
  taup_dim_text(unit, sizeof unit, dim);
  taup_mistake(r->mistakes, leaf, TAUP_ERR_DIMENSION_MISMATCH,
               "the rate of '%s' comes out %s%s; needs mol/m^3/s", x->name, *unit ? "in " : "without a unit",
               unit);
}

/* --- a function of the user --- */

static bool argument_is_known(taup_reader *r, const taup_reaction *x, const char *name)
{
  return strcmp(name, "T") == 0 || extra_named(x, name) >= 0 ||
         taup_map_find(&r->chemistry->species_by_name, name) >= 0;
}

static int count_words(const char *text)
{
  int n = 0;
  for (text += strspn(text, " \t"); *text; n++) {
    text += strcspn(text, " \t");
    text += strspn(text, " \t");
  }
  return n;
}

static void read_function(taup_reader *r, const taup_tree *leaf, taup_reaction *x)
{
  const char *text = leaf->function->arguments ? leaf->function->arguments : "";
  const char **arguments = taup_read_alloc(r, count_words(text), sizeof *arguments);
  char hint[200];
  x->function = taup_function_ref_get(leaf->function);
  x->arguments = arguments;
  for (text += strspn(text, " \t"); arguments && *text; text += strspn(text, " \t")) {
    const size_t n = strcspn(text, " \t");
    char *name = taup_read_alloc(r, (int)n + 1, 1);
    if (!name) return;
    memcpy(name, text, n);
    text += n;
    arguments[x->n_arguments++] = name;
    if (strcmp(name, "T") == 0) x->uses_T = true;
    if (!argument_is_known(r, x, name))
      taup_mistake(r->mistakes, leaf, TAUP_ERR_UNKNOWN_SYMBOL,
                   "the function of '%s' takes '%s', which is no species, parameter or T%s", x->name, name,
                   taup_species_hint(r, name, hint, sizeof hint));
  }
}

void taup_read_expression(taup_reader *r, const taup_tree *block, taup_reaction *x, taup_graph **scratch)
{
  const taup_tree *parameters = taup_tree_child(block, "parameters");
  const taup_tree *rate = taup_read_required(r, block, "rate", "a reaction with law: expression");
  if (parameters) read_extra(r, parameters, x);
  for (int i = 0; i < x->n_extra; i++)
    x->uses_T = x->uses_T || (x->extra[i].form && x->extra[i].form != &taup_kt_constant);
  if (!rate || !taup_read_text(r, rate, "a rate expression")) return;
  if (rate->function) {
    read_function(r, rate, x);
    return;
  }
  x->expression = taup_read_copy(r, rate->text);
  if (x->expression) try_expression(r, rate, x, scratch);
}

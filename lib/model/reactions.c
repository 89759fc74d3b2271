/* SPDX-License-Identifier: Apache-2.0 */
/* reactions.c - the block `reactions:`: equation, law, orders, constants, heat.
 *
 *     r = k prod c_i^n_i,   order n = sum n_i,   [k] = (mol/m^3)^(1 - n) / s
 *
 * The equation comes first, since orders and with them the units of the constants follow from it; the row
 * of the law says which keys may stand beside it. A reaction with a mistake keeps its place and what could
 * be read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "model/read.h"

static const taup_field order_field = {
  "order", TAUP_INIT_NONE, 0.0, 10.0, NAN, 0, "order of the reaction in this species"};
static const taup_field heat_field = {"heat",
                                      TAUP_INIT_MOLAR_ENERGY,
                                      -INFINITY,
                                      INFINITY,
                                      NAN,
                                      TAUP_FIELD_MOLAR_ENERGY,
                                      "reaction enthalpy per extent as written"};

/* A reaction on its way in. */
typedef struct reading {
  taup_reader *r;
  const taup_tree *block;
  taup_reaction *x;
  taup_sides *sides;
  char path[TAUP_PATH_LONGEST]; /* "reactions/a" */
  double order, reverse_order;
} reading;

/* A key that must be there. */
static const taup_tree *required(const reading *in, const char *key)
{
  char what[TAUP_NAME_LONGEST + 16];
  snprintf(what, sizeof what, "reaction '%.128s'", in->x->name);
  return taup_read_required(in->r, in->block, key, what);
}

/* --- equation --- */

static bool resolve_side(taup_reader *r, const taup_tree *leaf, int n, const taup_equation_term *terms,
                         taup_side *side)
{
  char hint[200];
  int *species = taup_read_alloc(r, n, sizeof *species);
  double *coefficient = taup_read_alloc(r, n, sizeof *coefficient);
  bool known = species && coefficient;
  for (int i = 0; species && coefficient && i < n; i++) {
    species[i] = taup_map_find(&r->chemistry->species_by_name, terms[i].name);
    coefficient[i] = terms[i].coefficient;
    if (species[i] >= 0) continue;
    known = false;
    taup_mistake_in(r->mistakes, leaf, terms[i].column, TAUP_ERR_UNKNOWN_SPECIES,
                    "'%s' is no species of this model%s", terms[i].name,
                    taup_species_hint(r, terms[i].name, hint, sizeof hint));
  }
  *side = (taup_side){species && coefficient ? n : 0, species, coefficient};
  return known;
}

static bool read_equation(reading *in)
{
  const taup_tree *leaf = required(in, "equation");
  const char *text = leaf ? taup_read_text(in->r, leaf, "an equation") : NULL;
  taup_equation eq;
  int column = 0;
  if (!text || !(in->x->equation = taup_read_copy(in->r, text))) return false;
  const tau_status st = taup_equation_parse(text, &in->r->chemistry->arena, &eq, &column);
  if (st < 0) {
    taup_read_fault(in->r, st, leaf, column);
    return false;
  }
  in->x->reversible = eq.reversible;
  in->sides->equation = leaf;
  const bool left = resolve_side(in->r, leaf, eq.n_left, eq.left, &in->sides->left);
  const bool right = resolve_side(in->r, leaf, eq.n_right, eq.right, &in->sides->right);
  in->sides->known = left && right;
  if (eq.n_left + eq.n_right == 0)
    taup_mistake(in->r->mistakes, leaf, TAUP_ERR_BAD_EQUATION, "the equation of '%s' names no species",
                 in->x->name);
  return eq.n_left + eq.n_right > 0;
}

static void read_balance(reading *in)
{
  static const char *const words[] = {"yes", "no", "true", "false", NULL};
  const taup_tree *leaf = taup_tree_child(in->block, "balance");
  if (!leaf) return;
  const int word = taup_read_word(in->r, leaf, "answer to 'balance'", words);
  in->sides->free = word == 1 || word == 3;
}

/* --- orders --- */

static bool is_whole(double x) { return x == floor(x); }

static void set_order(taup_order *orders, int *n, taup_order order)
{
  int i = 0;
  while (i < *n && orders[i].species != order.species) i++;
  orders[i] = order;
  if (i == *n) ++*n;
}

/* A whole number is part of the model's structure; another one is a parameter. */
static void read_order(reading *in, const taup_tree *item, const char *key, taup_order *orders, int *n)
{
  char path[2 * TAUP_PATH_LONGEST], hint[200];
  double value = 0.0;
  const int species = taup_map_find(&in->r->chemistry->species_by_name, item->key);
  if (species < 0) {
    taup_mistake_key(in->r->mistakes, item, TAUP_ERR_UNKNOWN_SPECIES, "'%s' is no species of this model%s",
                     item->key, taup_species_hint(in->r, item->key, hint, sizeof hint));
    return;
  }
  if (!taup_read_quantity(in->r, item, 1, &order_field.dim, &value, NULL)) return;
  taup_order order = {species, value, -1};
  if (!is_whole(value) || value < order_field.lower || value > order_field.upper) {
    snprintf(path, sizeof path, "%s/%s/%s", in->path, key, item->key);
    if ((order.parameter = taup_read_parameter(in->r, item, path, &order_field, order_field.dim, 0)) < 0)
      return;
  }
  set_order(orders, n, order);
}

/* The orders of one direction: the side's stoichiometry, unless only what is listed counts, then what
 * `key:` says. Returns their sum. */
static double read_orders(reading *in, const taup_side *side, const char *key, int *n, const taup_order **out)
{
  const taup_tree *map = taup_tree_child(in->block, key);
  const int n_listed = map && taup_read_is_block(in->r, map, key) ? map->n_children : 0;
  const bool only = (in->x->law->flags & TAUP_LAW_ORDERS_ONLY) != 0;
  double sum = 0.0;
  taup_order *orders = taup_read_alloc(in->r, side->n + n_listed, sizeof *orders);
  *n = 0;
  *out = orders;
  if (!orders) return 0.0;
  for (int i = 0; !only && i < side->n; i++)
    orders[(*n)++] = (taup_order){side->species[i], side->coefficient[i], -1};
  for (int i = 0; i < n_listed; i++) read_order(in, map->children[i], key, orders, n);
  for (int i = 0; i < *n; i++) sum += orders[i].value;
  return sum;
}

static void read_all_orders(reading *in)
{
  taup_reaction *x = in->x;
  const int flags = x->law->flags;
  if (flags & TAUP_LAW_ORDERS_ONLY) required(in, "orders");
  if (flags & (TAUP_LAW_ORDERS | TAUP_LAW_ORDERS_ONLY))
    in->order = read_orders(in, &in->sides->left, "orders", &x->n_forward, &x->forward);
  if (!(flags & TAUP_LAW_REVERSIBLE)) return;
  if (x->reversible)
    in->reverse_order = read_orders(in, &in->sides->right, "reverse_orders", &x->n_reverse, &x->reverse);
  const taup_tree *stray = x->reversible ? NULL : taup_tree_child(in->block, "reverse_orders");
  if (stray)
    taup_mistake_key(in->r->mistakes, stray, TAUP_ERR_WRONG_ARROW,
                     "'%s' has reverse_orders, but %s goes one way; write <=>", x->name, x->equation);
}

/* --- constants --- */

static bool is_reverse(const taup_field *field)
{
  return strcmp(field->name, "K") == 0 || strcmp(field->name, "k_reverse") == 0;
}

static void read_law_constant(reading *in, int i_field)
{
  char path[2 * TAUP_PATH_LONGEST];
  const taup_field *field = &in->x->law->fields[i_field];
  taup_k *k = &in->x->k[i_field];
  const taup_tree *node = taup_tree_child(in->block, field->name);
  for (int i = 0; i < TAUP_KT_MOST_FIELDS; i++) k->p[i] = -1;
  k->name = field->name;
  k->dim =
    field->flags & TAUP_FIELD_OWN_DIM ? in->x->law->dim(i_field, in->order, in->reverse_order) : field->dim;
  if (!node && !(field->flags & TAUP_FIELD_OPTIONAL)) required(in, field->name);
  if (!node) return;
  snprintf(path, sizeof path, "%s/%s", in->path, field->name);
  const taup_constant what = {
    .path = path,
    .field = field,
    .dim = k->dim,
    .equilibrium = strcmp(field->name, "K") == 0,
    .reaction = in->x->name,
    .equation = in->x->equation,
    .order = strcmp(field->name, "k_reverse") == 0 ? in->reverse_order : in->order,
  };
  taup_read_constant(in->r, node, &what, k);
  if (k->form && k->form != &taup_kt_constant) in->x->uses_T = true;
}

/* A reversible reaction has one of K and k_reverse, another has none. */
static void check_reverse(reading *in)
{
  const taup_tree *K = taup_tree_child(in->block, "K"), *k = taup_tree_child(in->block, "k_reverse");
  const taup_reaction *x = in->x;
  if (!(x->law->flags & TAUP_LAW_REVERSIBLE)) {
    if (x->reversible && !(x->law->flags & TAUP_LAW_EXPRESSION))
      taup_mistake(in->r->mistakes, in->sides->equation, TAUP_ERR_WRONG_ARROW,
                   "'%s' is written as reversible, but law: %s goes one way; write ->", x->name, x->law->name);
    return;
  }
  if (x->reversible && !K && !k)
    taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_MISSING_KEY,
                     "'%s' is reversible (%s); it needs 'K' or 'k_reverse'", x->name, x->equation);
  if (x->reversible && K && k)
    taup_mistake_key(in->r->mistakes, k, TAUP_ERR_CONFLICTING_KEYS,
                     "'%s' has both K and k_reverse; needs one of them", x->name);
  if (!x->reversible && (K || k))
    taup_mistake_key(in->r->mistakes, K ? K : k, TAUP_ERR_WRONG_ARROW,
                     "'%s' has %s, but %s goes one way; write <=>", x->name, K ? "K" : "k_reverse",
                     x->equation);
}

static void read_substrate(reading *in)
{
  const taup_tree *leaf = taup_tree_child(in->block, "substrate");
  const taup_side *left = &in->sides->left;
  int i = 0;
  in->x->substrate = leaf ? taup_read_species(in->r, leaf) : left->n == 1 ? left->species[0] : -1;
  if (!leaf && left->n != 1)
    taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_BAD_SUBSTRATE,
                     "'%s' has %d reactants; 'substrate' must say which one law: %s means", in->x->name,
                     left->n, in->x->law->name);
  while (i < left->n && left->species[i] != in->x->substrate) i++;
  if (leaf && in->x->substrate >= 0 && i == left->n)
    taup_mistake(in->r->mistakes, leaf, TAUP_ERR_BAD_SUBSTRATE,
                 "the substrate '%s' does not stand on the left of %s", leaf->text, in->x->equation);
}

/* --- heat --- */

static int van_t_hoff_dH(const taup_reaction *x)
{
  for (int i = 0; i < x->law->n_fields; i++)
    for (int j = 0; x->k[i].form == &taup_kt_van_t_hoff && j < x->k[i].form->n_fields; j++)
      if (strcmp(x->k[i].form->fields[j].name, "dH") == 0) return x->k[i].p[j];
  return -1;
}

static void read_heat(reading *in)
{
  const taup_parameters *all = &in->r->chemistry->parameters;
  taup_reaction *x = in->x;
  x->heat = taup_read_field(in->r, in->block, in->path, &heat_field);
  const int dH = van_t_hoff_dH(x);
  if (x->heat < 0) x->heat_dH = dH;
  if (x->heat < 0 || dH < 0) return;
  const double heat = all->items[x->heat].value, from_K = all->items[dH].value;
  if (fabs(heat - from_K) <= 0.01 * fmax(fabs(heat), fabs(from_K))) return;
  taup_mistake(in->r->mistakes, taup_tree_child(in->block, "heat"), TAUP_ERR_HEAT_MISMATCH,
               "heat of '%s' is %.6g kJ/mol, but dH of its K is %.6g kJ/mol; they must agree to 1 %%",
               x->name, 1e-3 * heat, 1e-3 * from_K);
}

/* --- law and keys --- */

static const taup_law *law_named(const char *name)
{
  for (int i = 0; i < taup_n_laws; i++)
    if (strcmp(taup_laws[i]->name, name) == 0) return taup_laws[i];
  return NULL;
}

static const taup_law *expression_law(void)
{
  for (int i = 0; i < taup_n_laws; i++)
    if (taup_laws[i]->flags & TAUP_LAW_EXPRESSION) return taup_laws[i];
  return NULL;
}

/* Without `law:` it is mass action, or an expression where there is a `rate:`. */
static const taup_law *read_law(taup_reader *r, const taup_tree *block)
{
  enum { MOST = 63 };
  const char *names[MOST + 1] = {NULL};
  const taup_tree *leaf = taup_tree_child(block, "law");
  if (!leaf) return taup_tree_child(block, "rate") ? expression_law() : law_named("mass-action");
  for (int i = 0; i < taup_n_laws && i < MOST; i++) names[i] = taup_laws[i]->name;
  const int i = taup_read_word(r, leaf, "rate law", names);
  return i >= 0 ? taup_laws[i] : NULL;
}

static void check_keys(taup_reader *r, const taup_tree *block, const taup_law *law)
{
  const char *known[TAUP_LAW_MOST_FIELDS + 16] = {"equation", "law", "balance", "heat"};
  char what[96];
  int n = 4;
  for (int i = 0; i < law->n_fields; i++) known[n++] = law->fields[i].name;
  if (law->flags & (TAUP_LAW_ORDERS | TAUP_LAW_ORDERS_ONLY)) known[n++] = "orders";
  if (law->flags & TAUP_LAW_REVERSIBLE) known[n++] = "reverse_orders";
  if (law->flags & TAUP_LAW_SUBSTRATE) known[n++] = "substrate";
  if (law->flags & TAUP_LAW_EXPRESSION) known[n++] = "rate";
  if (law->flags & TAUP_LAW_EXPRESSION) known[n++] = "parameters";
  snprintf(what, sizeof what, "a reaction with law: %s", law->name);
  taup_read_known_keys(r, block, what, known);
}

static void read_reaction(reading *in, taup_graph **scratch)
{
  taup_reaction *x = in->x;
  if (!taup_read_name(in->r, in->block, "a reaction") || !taup_read_is_block(in->r, in->block, "a reaction"))
    return;
  snprintf(in->path, sizeof in->path, "reactions/%s", x->name);
  x->law = read_law(in->r, in->block);
  if (x->law) check_keys(in->r, in->block, x->law);
  read_balance(in);
  const bool has_equation = read_equation(in);
  if (!has_equation || !x->law) return;
  const int before = in->r->mistakes->n;
  read_all_orders(in);
  const bool right = in->r->mistakes->n == before; /* else the units of the constants would be wrong too */
  for (int i = 0; right && i < x->law->n_fields; i++)
    if (x->reversible || !is_reverse(&x->law->fields[i])) read_law_constant(in, i);
  check_reverse(in);
  if (x->law->flags & TAUP_LAW_SUBSTRATE) read_substrate(in);
  if (x->law->flags & TAUP_LAW_EXPRESSION) taup_read_expression(in->r, in->block, x, scratch);
  read_heat(in);
}

static void start_reaction(taup_reader *r, taup_reaction *x, const char *key, int index)
{
  *x = (taup_reaction){.substrate = -1, .heat = -1, .heat_dH = -1};
  for (int i = 0; i < TAUP_LAW_MOST_FIELDS; i++)
    for (int j = 0; j < TAUP_KT_MOST_FIELDS; j++) x->k[i].p[j] = -1;
  x->name = taup_read_copy(r, key);
  x->equation = "";
  if (x->name) taup_read_index(r, &r->chemistry->reaction_by_name, x->name, index);
}

taup_sides *taup_read_all_reactions(taup_reader *r, const taup_tree *root)
{
  taup_chemistry *c = r->chemistry;
  const taup_tree *map = taup_tree_child(root, "reactions");
  if (!map || !taup_read_is_block(r, map, "'reactions'")) return NULL;
  c->reactions = taup_read_alloc(r, map->n_children, sizeof *c->reactions);
  taup_sides *sides = taup_read_alloc(r, map->n_children, sizeof *sides);
  taup_graph *scratch = NULL;
  for (int j = 0; c->reactions && sides && j < map->n_children && !r->out_of_memory; j++) {
    start_reaction(r, &c->reactions[j], map->children[j]->key, j);
    c->n_reactions = j + 1;
    reading in = {.r = r, .block = map->children[j], .x = &c->reactions[j], .sides = &sides[j]};
    if (in.x->name) read_reaction(&in, &scratch);
  }
  taup_graph_free(scratch);
  return sides;
}

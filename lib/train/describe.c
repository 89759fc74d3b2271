/* SPDX-License-Identifier: Apache-2.0 */
/* describe.c - a whole model from its tree: chemistry, units, then what binds them (order, ends, key) and
 * the options of the file.
 *
 * Every part reports its own mistakes and the next one is read all the same. What would only repeat a
 * mistake is not looked at: the ends of a train while an inlet could not be resolved, temperatures while
 * the order is unknown. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "model/read.h"
#include "rtd/read.h"
#include "train/description.h"
#include "train/order.h"

static const taup_field ratio = {"ratio",
                                 TAUP_INIT_NONE,
                                 0.0,
                                 INFINITY,
                                 1.0,
                                 TAUP_FIELD_POSITIVE,
                                 "moles of product per mole of reactant at full yield"};

/* --- the root --- */

static void read_version(taup_reader *r, const taup_tree *root)
{
  const taup_tree *leaf = taup_tree_child(root, "tautrain");
  if (!leaf && root->line > 0)
    taup_mistake_key(r->mistakes, root, TAUP_ERR_FORMAT_VERSION,
                     "the model needs 'tautrain: 1', the version of its format; it is missing");
  if (!leaf) return;
  const char *text = taup_read_text(r, leaf, "'tautrain'");
  if (text && strcmp(text, "1") != 0)
    taup_mistake(r->mistakes, leaf, TAUP_ERR_FORMAT_VERSION,
                 "the format of the model has version '%s'; needs 1", text);
}

/* The keys of the file come first among its mistakes: they explain the others. */
static void check_root(const taup_tree *root, taup_mistakes *mistakes)
{
  static const char *const known[] = {"tautrain",     "title",  "solvent",  "species",
                                      "reactions",    "feeds",  "units",    "key",
                                      "outlet",       "solver", "pressure", "flow_factor",
                                      "bare_numbers", "notes",  "rtd",      NULL};
  taup_reader r = {.mistakes = mistakes};
  read_version(&r, root);
  taup_read_only_keys(&r, root, "a model", known);
}

static void read_title(taup_description *d, taup_reader *r, const taup_tree *root)
{
  const taup_tree *title = taup_tree_child(root, "title");
  const char *text = title ? taup_read_text(r, title, "'title'") : NULL;
  d->title = taup_read_copy(r, text ? text : "");
}

static void read_key(taup_description *d, taup_reader *r, const taup_tree *root)
{
  static const char *const known[] = {"reactant", "product", "ratio", NULL};
  const taup_tree *block = taup_tree_child(root, "key");
  if (!block || !taup_read_is_block(r, block, "'key'")) return;
  taup_read_known_keys(r, block, "'key'", known);
  const taup_tree *reactant = taup_read_required(r, block, "reactant", "'key'"),
                  *product = taup_read_required(r, block, "product", "'key'");
  if (reactant) d->key_reactant = taup_read_species(r, reactant);
  if (product) d->key_product = taup_read_species(r, product);
  d->ratio = taup_tree_child(block, "ratio") ? taup_read_field(r, block, "key", &ratio)
                                             : taup_read_default(r, "key/ratio", &ratio, ratio.value, 0);
}

/* --- solver --- */

static void read_option(taup_reader *r, const taup_tree *block, const char *key, taup_dim dim, double *value)
{
  const taup_tree *leaf = taup_tree_child(block, key);
  double x = 0.0;
  if (!leaf || !taup_read_quantity(r, leaf, 1, &dim, &x, NULL)) return;
  if (x > 0.0 || (x == 0.0 && strcmp(key, "max_time") == 0)) *value = x;
  else
    taup_mistake(r->mistakes, leaf, TAUP_ERR_OUT_OF_RANGE, "%s is '%s'; needs more than 0", key, leaf->text);
}

static void read_solver(taup_description *d, taup_reader *r, const taup_tree *root)
{
  static const char *const known[] = {"rtol", "atol", "max_time", "max_steps", "engine", NULL};
#define X(name, text) text,
  static const char *const engines[] = {TAU_ENGINE_LIST(X) NULL};
#undef X
  taup_solver_options *o = &d->solver;
  double max_steps = 0.0;
  *o = (taup_solver_options){NAN, NAN, NAN, 0, TAU_ENGINE_AUTO};
  const taup_tree *block = taup_tree_child(root, "solver");
  if (!block || !taup_read_is_block(r, block, "'solver'")) return;
  taup_read_known_keys(r, block, "'solver'", known);
  read_option(r, block, "rtol", TAUP_DIM_NONE, &o->rtol);
  read_option(r, block, "atol", TAUP_DIM_CONCENTRATION, &o->atol);
  read_option(r, block, "max_time", TAUP_DIM_TIME, &o->max_time);
  read_option(r, block, "max_steps", TAUP_DIM_NONE, &max_steps);
  o->max_steps = max_steps < 2e9 ? (int)max_steps : 2000000000;
  const taup_tree *engine = taup_tree_child(block, "engine");
  const int i_engine = engine ? taup_read_word(r, engine, "engine", engines) : -1;
  if (i_engine >= 0) o->engine = (tau_engine)i_engine;
  if (o->rtol >= 1.0)
    taup_mistake(r->mistakes, taup_tree_child(block, "rtol"), TAUP_ERR_OUT_OF_RANGE,
                 "rtol is %g; needs less than 1, such as 1e-8", o->rtol);
}

/* --- what binds the units --- */

static bool inlets_are_known(const taup_description *d)
{
  for (int i = 0; i < d->units.n; i++) {
    const taup_unit *u = &d->units.items[i];
    if (!u->kind || (u->n_inlets == 0 && !(u->kind->flags & TAUP_UNIT_CHARGE))) return false;
    for (int k = 0; k < u->n_inlets; k++)
      if (u->inlets[k].index < 0) return false;
  }
  return d->units.n > 0;
}

/* yield, selectivity and impurity are counted on the key. */
static void check_until(const taup_description *d, taup_reader *r, const taup_tree *root)
{
  const taup_tree *map = taup_tree_child(root, "units");
  for (int i = 0; i < d->units.n && !taup_tree_child(root, "key"); i++) {
    const char *until = d->units.items[i].until;
    if (!until || (until[0] != 'y' && until[0] != 's' && until[0] != 'i')) continue;
    taup_mistake(r->mistakes, taup_tree_child(map->children[i], "until"), TAUP_ERR_MISSING_KEY,
                 "'%s' is counted on the 'key' of the model, which is missing", until);
  }
}

static void bind(taup_description *d, taup_reader *r, const taup_tree *root)
{
  check_until(d, r, root);
  const bool ordered = taup_order_units(d, r, root), known = inlets_are_known(d);
  if (known && ordered) taup_read_ends(d, r, root);
  if (known && ordered && !d->loops && !r->out_of_memory) taup_check_temperatures(d, r, root);
}

static tau_status out_of_memory(void)
{
  return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while a model was read");
}

static tau_status read_all(taup_description *d, const taup_tree *root, taup_mistakes *mistakes)
{
  check_root(root, mistakes);
  TAU_TRY(taup_chemistry_read(&d->chemistry, root, mistakes));
  const taup_tree *bare = taup_tree_child(root, "bare_numbers");
  taup_reader r = {.chemistry = &d->chemistry, .mistakes = mistakes};
  r.bare_si = bare && bare->text && strcmp(bare->text, "SI") == 0;
  TAU_TRY(taup_units_read(&d->units, &r, root));
  taup_read_unit_rtds(d, &r, root);
  read_title(d, &r, root);
  read_key(d, &r, root);
  read_solver(d, &r, root);
  taup_rtd_check_block(&r, root);
  if (!r.out_of_memory) bind(d, &r, root);
  if (!r.out_of_memory && taup_mistakes_status(mistakes) >= 0) {
    taup_note_supply(d, &r);
    taup_note_rtds(d, &r);
  }
  return r.out_of_memory ? out_of_memory() : taup_mistakes_status(mistakes);
}

bool taup_holds_distributions_alone(const tau_model *model)
{
  static const char *const others[] = {"species", "reactions", "feeds", "units"};
  if (!taup_tree_child(model->root, "rtd")) return false;
  for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
    if (taup_tree_child(model->root, others[k])) return false;
  return true;
}

tau_status taup_check_distributions(const tau_model *model, taup_mistakes *mistakes)
{
  taup_reader r = {.mistakes = mistakes};
  check_root(model->root, mistakes);
  taup_rtd_check_block(&r, model->root);
  return r.out_of_memory ? out_of_memory() : taup_mistakes_status(mistakes);
}

static tau_status describe(taup_description *out, const tau_model *model, taup_mistakes *mistakes, bool loops)
{
  memset(out, 0, sizeof *out);
  out->loops = loops;
  out->key_reactant = out->key_product = out->ratio = -1;
  const tau_status st = read_all(out, model->root, mistakes);
  if (st < 0) taup_description_free(out);
  return st;
}

tau_status taup_describe(taup_description *out, const tau_model *model, taup_mistakes *mistakes)
{
  return describe(out, model, mistakes, false);
}

tau_status taup_describe_network(taup_description *out, const tau_model *model, taup_mistakes *mistakes)
{
  return describe(out, model, mistakes, true);
}

void taup_description_free(taup_description *description)
{
  for (int i = 0; description->unit_rtds && i < description->units.n; i++)
    tau_rtd_free(description->unit_rtds[i]);
  taup_units_free(&description->units);
  taup_chemistry_free(&description->chemistry);
  *description = (taup_description){0};
}

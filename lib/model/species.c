/* SPDX-License-Identifier: Apache-2.0 */
/* species.c - the block `species:`, and the solvents that flow in with feeds.
 *
 * Invariant: a species has a parameter molar_mass wherever its mass is known, said, from its formula or
 * from the solvent table. A species with a mistake keeps its place, so that what names it is not a mistake
 * too. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/read.h"

static const taup_field molar_mass = {"molar_mass", TAUP_INIT_MOLAR_MASS, 0.0,         INFINITY,
                                      NAN,          TAUP_FIELD_POSITIVE,  "molar mass"};
static const taup_field density = {"density",           TAUP_INIT_DENSITY,           0.0, INFINITY, NAN,
                                   TAUP_FIELD_POSITIVE, "density of the pure liquid"};
static const taup_field heat_capacity = {
  "heat_capacity",     TAUP_INIT_HEAT_CAPACITY,           0.0, INFINITY, NAN,
  TAUP_FIELD_POSITIVE, "heat capacity of the pure liquid"};

static const taup_formula *formula_of(taup_reader *r, const taup_tree *block)
{
  const taup_tree *leaf = taup_tree_child(block, "formula");
  const char *text = leaf ? taup_read_text(r, leaf, "a formula") : NULL;
  taup_formula *formula = text ? taup_read_alloc(r, 1, sizeof *formula) : NULL;
  int column = 0;
  if (!formula) return NULL;
  const tau_status st = taup_formula_parse(text, formula, &column);
  if (st == TAU_OK) return formula;
  taup_read_fault(r, st, leaf, column);
  return NULL;
}

/* What is said must agree with the formula to 1 %. */
static void compare_masses(taup_reader *r, const taup_tree *block, const taup_species *s)
{
  if (!s->formula || s->molar_mass < 0) return;
  const double said = r->chemistry->parameters.items[s->molar_mass].value, counted = s->formula->molar_mass;
  if (fabs(said - counted) <= 0.01 * counted) return;
  taup_mistake(r->mistakes, taup_tree_child(block, "molar_mass"), TAUP_ERR_MOLAR_MASS_MISMATCH,
               "species '%s' has a molar_mass of %.6g g/mol, but %s weighs %.6g g/mol", s->name,
               1000.0 * said, taup_tree_child(block, "formula")->text, 1000.0 * counted);
}

static void derive_mass(taup_reader *r, taup_species *s, const char *path)
{
  char item[2 * TAUP_PATH_LONGEST];
  if (s->molar_mass >= 0 || (!s->formula && !s->solvent)) return;
  const double mass = s->formula ? s->formula->molar_mass : s->solvent->molar_mass;
  snprintf(item, sizeof item, "%s/molar_mass", path);
  s->molar_mass = taup_read_default(r, item, &molar_mass, mass, 0);
}

static void read_species(taup_reader *r, const taup_tree *block, taup_species *s)
{
  static const char *const known[] = {"formula", "molar_mass", "density", "heat_capacity", NULL};
  char path[TAUP_PATH_LONGEST];
  if (!taup_read_name(r, block, "a species") || !taup_read_is_block(r, block, "a species")) return;
  taup_read_known_keys(r, block, "a species", known);
  snprintf(path, sizeof path, "species/%s", block->key);
  s->formula = formula_of(r, block);
  s->molar_mass = taup_read_field(r, block, path, &molar_mass);
  s->density = taup_read_field(r, block, path, &density);
  s->heat_capacity = taup_read_field(r, block, path, &heat_capacity);
  compare_masses(r, block, s);
  derive_mass(r, s, path);
}

static taup_species *new_species(taup_reader *r, const char *name)
{
  taup_chemistry *c = r->chemistry;
  taup_species *s = &c->species[c->n_species];
  *s = (taup_species){.molar_mass = -1, .density = -1, .heat_capacity = -1};
  if (!(s->name = taup_read_copy(r, name))) return NULL;
  taup_read_index(r, &c->species_by_name, s->name, c->n_species);
  c->n_species++;
  return s;
}

/* --- solvents of feeds --- */

/* A formula of the table, for the balances: tables are right, so a failure can only be memory. */
static void take_row(taup_reader *r, taup_species *s, const taup_solvent *row)
{
  int column = 0;
  s->solvent = row;
  if (s->formula || s->molar_mass >= 0) return;
  taup_formula *formula = taup_read_alloc(r, 1, sizeof *formula);
  if (formula && taup_formula_parse(row->formula, formula, &column) == TAU_OK) s->formula = formula;
}

/* A solvent that is in no table must bring its mass and density itself. */
static void check_own_solvent(taup_reader *r, const taup_tree *leaf, const taup_species *s)
{
  if (s->solvent || (s->molar_mass >= 0 && s->density >= 0)) return;
  taup_mistake(r->mistakes, leaf, TAUP_ERR_UNKNOWN_SOLVENT,
               "'%s' is no solvent of the table; as a species it needs molar_mass (or formula) and density",
               s->name);
}

/* Without a solvent of the file the liquid is what flows in: its density and heat are those of the
 * mixture. */
static void mix_solvents(taup_fluid *fluid)
{
  if (fluid->given) return;
  fluid->given = true;
  fluid->mode = TAUP_FLUID_IDEAL_MIXTURE;
}

static void read_flowing_solvent(taup_reader *r, const taup_tree *leaf)
{
  char path[TAUP_PATH_LONGEST], hint[200];
  const char *name = taup_read_text(r, leaf, "the solvent of a feed");
  if (!name) return;
  const int row = taup_solvent_find(name);
  int i = taup_map_find(&r->chemistry->species_by_name, name);
  if (row < 0 && i < 0) {
    taup_mistake(r->mistakes, leaf, TAUP_ERR_UNKNOWN_SOLVENT,
                 "'%s' is no solvent of the table and no species%s", name,
                 taup_solvent_hint(name, hint, sizeof hint));
    return;
  }
  taup_species *s = i >= 0 ? &r->chemistry->species[i] : new_species(r, name);
  if (!s) return;
  s->flowing_solvent = true;
  if (row >= 0) take_row(r, s, &taup_solvents[row]);
  snprintf(path, sizeof path, "species/%s", name);
  derive_mass(r, s, path);
  check_own_solvent(r, leaf, s);
  mix_solvents(&r->chemistry->fluid);
}

/* In an ideal mixture the solvent of the file flows too: it is the rest of every feed that names no other. */
static const taup_tree *mixed_solvent(const taup_reader *r, const taup_tree *root)
{
  const taup_fluid *fluid = &r->chemistry->fluid;
  if (!fluid->solvent || fluid->mode != TAUP_FLUID_IDEAL_MIXTURE) return NULL;
  return taup_tree_child(taup_tree_child(root, "solvent"), "name");
}

void taup_read_all_species(taup_reader *r, const taup_tree *root)
{
  const taup_tree *listed = taup_tree_child(root, "species"), *feeds = taup_tree_child(root, "feeds");
  const taup_tree *mixed = mixed_solvent(r, root);
  const int n_listed = listed && taup_read_is_block(r, listed, "'species'") ? listed->n_children : 0;
  const int n_feeds = feeds && feeds->kind == TAUP_TREE_MAP ? feeds->n_children : 0;
  taup_species *all = taup_read_alloc(r, n_listed + n_feeds + 1, sizeof *all);
  r->chemistry->species = all;
  for (int i = 0; all && i < n_listed; i++) {
    taup_species *s = new_species(r, listed->children[i]->key);
    if (s) read_species(r, listed->children[i], s);
  }
  for (int i = 0; all && i < n_feeds; i++) {
    const taup_tree *solvent = taup_tree_child(feeds->children[i], "solvent");
    if (solvent) read_flowing_solvent(r, solvent);
  }
  if (all && mixed) {
    read_flowing_solvent(r, mixed);
    r->chemistry->fluid.species = taup_map_find(&r->chemistry->species_by_name, mixed->text);
  }
  if (all && !r->chemistry->n_species)
    taup_mistake_key(r->mistakes, listed ? listed : root, TAUP_ERR_MISSING_KEY,
                     "a model needs 'species'; there are none");
}

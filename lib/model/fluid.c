/* SPDX-License-Identifier: Apache-2.0 */
/* fluid.c - the block `solvent:` of the file: a row of the table with a density mode, or numbers for the
 * whole mixture.
 *
 * In the constant mode density and heat capacity are parameters; in the others they follow from the table
 * at the local temperature. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/read.h"

static const taup_field density = {"density",           TAUP_INIT_DENSITY,      0.0, INFINITY, NAN,
                                   TAUP_FIELD_POSITIVE, "density of the liquid"};
static const taup_field heat_capacity = {
  "heat_capacity",     TAUP_INIT_HEAT_CAPACITY,      0.0, INFINITY, NAN,
  TAUP_FIELD_POSITIVE, "heat capacity of the liquid"};

/* Near names among rows and aliases; an alias is cut out of the list it stands in. */
const char *taup_solvent_hint(const char *name, char *buffer, size_t n_bytes)
{
  char alias[64], best[64] = "";
  taup_nearest near = {name, NULL, 0};
  for (int i = 0; i < taup_n_solvents; i++) {
    taup_nearest_try(&near, taup_solvents[i].name);
    for (const char *at = taup_solvents[i].aliases; at && *at;) {
      const size_t n = strcspn(at, ",");
      snprintf(alias, sizeof alias, "%.*s", (int)n, at);
      taup_nearest_try(&near, alias);
      if (near.best == alias) near.best = strcpy(best, alias);
      at += n + (at[n] == ',');
    }
  }
  return taup_nearest_hint(&near, buffer, n_bytes);
}

static void find_row(taup_reader *r, const taup_tree *leaf, taup_fluid *fluid)
{
  char hint[200];
  const char *name = taup_read_text(r, leaf, "the name of a solvent");
  if (!name) return;
  const int row = taup_solvent_find(name);
  if (row >= 0) fluid->solvent = &taup_solvents[row];
  else
    taup_mistake(r->mistakes, leaf, TAUP_ERR_UNKNOWN_SOLVENT, "'%s' is no solvent of the table%s", name,
                 taup_solvent_hint(name, hint, sizeof hint));
}

static bool is_quantity(const char *text) { return *text && strchr("0123456789.+-", *text) != NULL; }

/* `density:` is a mode or a quantity. */
static void read_density(taup_reader *r, const taup_tree *leaf, taup_fluid *fluid)
{
  static const char *const modes[] = {"constant", "temperature", "ideal-mixture", NULL};
  if (leaf->kind == TAUP_TREE_LEAF && is_quantity(leaf->text)) {
    fluid->density = taup_read_parameter(r, leaf, "solvent/density", &density, density.dim, 0);
    return;
  }
  const int mode = taup_read_word(r, leaf, "density: neither a quantity nor a way to compute it", modes);
  if (mode >= 0) fluid->mode = (taup_density_mode)mode;
}

static void read_block(taup_reader *r, const taup_tree *block, taup_fluid *fluid)
{
  static const char *const known[] = {"name", "density", "heat_capacity", NULL};
  const taup_tree *name = taup_tree_child(block, "name"), *rho = taup_tree_child(block, "density");
  taup_read_known_keys(r, block, "a solvent", known);
  if (name) find_row(r, name, fluid);
  if (rho) read_density(r, rho, fluid);
  fluid->heat_capacity = taup_read_field(r, block, "solvent", &heat_capacity);
  if (name || fluid->mode == TAUP_FLUID_IDEAL_MIXTURE) return;
  if (fluid->mode == TAUP_FLUID_TEMPERATURE)
    taup_mistake(
      r->mistakes, rho, TAUP_ERR_MISSING_KEY,
      "a density that depends on temperature is that of a solvent of the table; 'name' is missing");
  else if (!rho)
    taup_mistake_key(r->mistakes, block, TAUP_ERR_MISSING_KEY,
                     "a solvent needs 'name', or 'density' and 'heat_capacity'");
}

/* The table's values at 25 degC, where nothing else is said. */
static void take_table(taup_reader *r, taup_fluid *fluid)
{
  if (!fluid->solvent || fluid->mode != TAUP_FLUID_CONSTANT) return;
  if (fluid->density < 0)
    fluid->density = taup_read_default(r, "solvent/density", &density, fluid->solvent->density_25C, 0);
  if (fluid->heat_capacity < 0 && !isnan(fluid->solvent->heat_capacity_25C))
    fluid->heat_capacity =
      taup_read_default(r, "solvent/heat_capacity", &heat_capacity, fluid->solvent->heat_capacity_25C, 0);
}

void taup_read_fluid(taup_reader *r, const taup_tree *root)
{
  taup_fluid *fluid = &r->chemistry->fluid;
  const taup_tree *node = taup_tree_child(root, "solvent");
  *fluid = (taup_fluid){.density = -1, .heat_capacity = -1, .species = -1};
  if (!node) return;
  fluid->given = true;
  if (node->kind == TAUP_TREE_LEAF) find_row(r, node, fluid);
  else if (taup_read_is_block(r, node, "'solvent'")) read_block(r, node, fluid);
  take_table(r, fluid);
}

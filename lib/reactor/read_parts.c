/* SPDX-License-Identifier: Apache-2.0 */
/* read_parts.c - what stands in a unit beside its fields: the heat option, `start:`, `charge:`,
 * `outlets:`.
 *
 * In an adiabatic or jacketed unit the temperature follows from a heat balance, so every reaction must say
 * its heat and the fluid its density and heat capacity. The area of a tube's jacket follows from its
 * diameter, 4 V / d; a vessel must say it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reactor/read_units.h"

static const taup_field temperature = {"temperature", TAUP_INIT_TEMPERATURE,
                                       0.0,           INFINITY,
                                       NAN,           TAUP_FIELD_POSITIVE | TAUP_FIELD_TEMPERATURE,
                                       "temperature"};
static const taup_field heat_transfer = {
  "U", TAUP_INIT(0, 1, -3, -1, 0), 0.0, INFINITY, NAN, 0, "heat transfer coefficient of the jacket"};
static const taup_field area = {
  "area", TAUP_INIT(2, 0, 0, 0, 0), 0.0, INFINITY, NAN, TAUP_FIELD_POSITIVE, "area of the jacket"};
static const taup_field volume = {
  "volume", TAUP_INIT_VOLUME, 0.0, INFINITY, NAN, TAUP_FIELD_POSITIVE, "volume of the charge"};
static const taup_field concentration = {
  "concentration", TAUP_INIT_CONCENTRATION, 0.0, INFINITY, NAN, 0, "concentration at the start"};
static const taup_field conversion = {
  "conversion", TAUP_INIT_NONE, 0.0, 1.0, NAN, 0, "conversion of the key reactant at the start"};
static const taup_field fraction = {
  "fraction", TAUP_INIT_NONE, 0.0, 1.0, NAN, 0, "share of the flow that leaves here"};

/* The key of a block that must be there, as a parameter below prefix. */
static int read_needed(taup_reader *r, const taup_tree *block, const char *prefix, const taup_field *field,
                       const char *what)
{
  return taup_read_required(r, block, field->name, what) ? taup_read_field(r, block, prefix, field) : -1;
}

/* --- heat --- */

static void read_area(taup_unit_reading *in, const taup_tree *jacket, const char *prefix)
{
  char path[2 * TAUP_PATH_LONGEST];
  const bool tube = (in->u->kind->flags & TAUP_UNIT_TUBE) != 0;
  if (taup_tree_child(jacket, "area")) {
    in->u->jacket_area = taup_read_field(in->r, jacket, prefix, &area);
    return;
  }
  if (tube && !taup_tree_child(in->block, "diameter"))
    taup_mistake_key(in->r->mistakes, jacket, TAUP_ERR_MISSING_KEY,
                     "the jacket of '%s' needs 'area', or the tube its 'diameter'; neither is here",
                     in->u->name);
  else if (!tube)
    taup_mistake_key(in->r->mistakes, jacket, TAUP_ERR_MISSING_KEY,
                     "the jacket of '%s' needs 'area'; it is missing here", in->u->name);
  snprintf(path, sizeof path, "%s/area", prefix);
  in->u->jacket_area = taup_read_default(in->r, path, &area, NAN, 0);
}

static void read_jacket(taup_unit_reading *in, const taup_tree *jacket)
{
  static const char *const known[] = {"temperature", "U", "area", NULL};
  char prefix[TAUP_PATH_LONGEST];
  in->u->heat = TAUP_HEAT_JACKET;
  if (!taup_read_is_block(in->r, jacket, "'jacket'")) return;
  taup_read_known_keys(in->r, jacket, "a jacket", known);
  snprintf(prefix, sizeof prefix, "units/%.128s/heat/jacket", in->u->name);
  in->u->jacket_temperature = read_needed(in->r, jacket, prefix, &temperature, "a jacket");
  in->u->jacket_U = read_needed(in->r, jacket, prefix, &heat_transfer, "a jacket");
  read_area(in, jacket, prefix);
}

static void read_heat_option(taup_unit_reading *in, const taup_tree *heat)
{
  static const char *const words[] = {"adiabatic", "a block {jacket: ...}", NULL};
  static const char *const known[] = {"jacket", NULL};
  if (heat->kind == TAUP_TREE_LEAF) {
    if (taup_read_word(in->r, heat, "heat option", words) == 0) in->u->heat = TAUP_HEAT_ADIABATIC;
    return;
  }
  if (!taup_read_is_block(in->r, heat, "'heat'")) return;
  taup_read_known_keys(in->r, heat, "'heat'", known);
  const taup_tree *jacket = taup_read_required(in->r, heat, "jacket", "'heat'");
  if (jacket) read_jacket(in, jacket);
}

static bool fluid_has_heat(const taup_chemistry *c)
{
  if (c->fluid.density >= 0 && c->fluid.heat_capacity >= 0) return true;
  if (c->fluid.given && c->fluid.mode != TAUP_FLUID_CONSTANT) return true;
  for (int i = 0; i < c->n_feeds; i++)
    if (c->feeds[i].solvent_species >= 0) return true;
  return false;
}

static void check_fluid(taup_unit_reading *in, const taup_tree *heat)
{
  const bool solvent_is_wrong =
    taup_tree_child(in->block->parent->parent, "solvent") && in->r->mistakes->n > 0;
  if (in->u->heat == TAUP_HEAT_FEED || fluid_has_heat(in->r->chemistry) || solvent_is_wrong) return;
  taup_mistake_key(
    in->r->mistakes, heat, TAUP_ERR_MISSING_LIQUID,
    "'%s' %s; its heat balance needs density and heat capacity: name a 'solvent' or give both there",
    in->u->name, in->u->heat == TAUP_HEAT_JACKET ? "has a jacket" : "is adiabatic");
}

/* Told once for each reaction, with the first unit that needs its heat. */
void taup_check_heats(const taup_units *units, taup_reader *r, const taup_tree *root)
{
  const taup_tree *map = taup_tree_child(root, "reactions");
  const taup_chemistry *c = r->chemistry;
  const taup_unit *u = NULL;
  for (int i = 0; i < units->n && !u; i++) {
    const taup_unit *at = &units->items[i];
    if (at->kind && at->kind->family != TAUP_JUNCTION &&
        (at->heat == TAUP_HEAT_ADIABATIC || at->heat == TAUP_HEAT_JACKET))
      u = at;
  }
  for (int j = 0; u && j < c->n_reactions; j++) {
    const taup_reaction *x = &c->reactions[j];
    if (x->heat >= 0 || x->heat_dH >= 0 || taup_tree_child(map->children[j], "heat")) continue;
    taup_mistake_key(r->mistakes, map->children[j], TAUP_ERR_MISSING_HEAT,
                     "'%s' %s, and reaction '%s' has no 'heat'; write heat: 0 kJ/mol if it has none", u->name,
                     u->heat == TAUP_HEAT_JACKET ? "has a jacket" : "is adiabatic", x->name);
  }
}

void taup_read_heat(taup_unit_reading *in)
{
  const taup_tree *set = taup_tree_child(in->block, "temperature"),
                  *heat = taup_tree_child(in->block, "heat");
  if (set && heat)
    taup_mistake_key(in->r->mistakes, heat, TAUP_ERR_CONFLICTING_KEYS,
                     "'%s' has both 'temperature' and 'heat'; needs one of them", in->u->name);
  if (set) {
    in->u->heat = TAUP_HEAT_SET;
    in->u->temperature = taup_read_field(in->r, in->block, in->path, &temperature);
  } else if (heat) {
    read_heat_option(in, heat);
    check_fluid(in, heat);
  }
}

/* What disperses is told by flows: the volume flow must be the same all along the tube. */
void taup_check_dispersed(taup_unit_reading *in)
{
  const taup_fluid *fluid = &in->r->chemistry->fluid;
  const bool varies = in->u->heat == TAUP_HEAT_ADIABATIC || in->u->heat == TAUP_HEAT_JACKET;
  const bool mixture = fluid->mode == TAUP_FLUID_IDEAL_MIXTURE;
  const bool needs = in->u->kind->transport == TAUP_DISPERSED || in->u->mixing;
  if (!needs || fluid->mode == TAUP_FLUID_CONSTANT) return;
  if (!mixture && (!varies || !fluid->given)) return;
  taup_mistake_key(
    in->r->mistakes, in->block, TAUP_ERR_NOT_YET,
    "'%s' is a %s%s whose volume flow changes along it (density: %s), which is not there yet; take "
    "density: constant, or a pfr%s",
    in->u->name, in->u->kind->name, in->u->mixing ? " in its distribution of residence times" : "",
    mixture ? "ideal-mixture" : "temperature", in->u->mixing ? " without 'mixing'" : "");
}

/* --- start and charge --- */

void taup_read_start(taup_unit_reading *in)
{
  static const char *const of_tank[] = {"temperature", "concentration", NULL};
  static const char *const of_tube[] = {"temperature", "concentration", "conversion", NULL};
  const bool tube = (in->u->kind->flags & TAUP_UNIT_TUBE) != 0;
  char path[TAUP_PATH_LONGEST];
  const taup_tree *block = taup_tree_child(in->block, "start");
  if (!block || !taup_read_is_block(in->r, block, "'start'")) return;
  taup_read_known_keys(in->r, block, "'start'", tube ? of_tube : of_tank);
  const taup_tree *c = taup_tree_child(block, "concentration"), *x = taup_tree_child(block, "conversion");
  snprintf(path, sizeof path, "units/%.128s/start", in->u->name);
  in->u->has_start = true;
  in->u->start_temperature = taup_read_field(in->r, block, path, &temperature);
  if (x && tube) in->u->start_conversion = taup_read_field(in->r, block, path, &conversion);
  if (x && tube && block->n_children > 1)
    taup_mistake_key(in->r->mistakes, x, TAUP_ERR_CONFLICTING_KEYS,
                     "'start' of '%s' has a conversion and a state; needs one of them", in->u->name);
  snprintf(path, sizeof path, "units/%.128s/start/concentration", in->u->name);
  if (c) in->u->n_start = taup_read_amounts(in->r, c, path, &concentration, &in->u->start);
}

void taup_read_charge(taup_unit_reading *in)
{
  static const char *const known[] = {"volume", "temperature", "concentration", NULL};
  char path[TAUP_PATH_LONGEST], what[TAUP_NAME_LONGEST + 16];
  snprintf(what, sizeof what, "unit '%.128s'", in->u->name);
  const taup_tree *block = taup_read_required(in->r, in->block, "charge", what);
  if (!block || !taup_read_is_block(in->r, block, "'charge'")) return;
  taup_read_known_keys(in->r, block, "'charge'", known);
  const taup_tree *c = taup_tree_child(block, "concentration");
  snprintf(path, sizeof path, "units/%.128s/charge", in->u->name);
  in->u->charge_volume = read_needed(in->r, block, path, &volume, "'charge'");
  in->u->charge_temperature = taup_read_field(in->r, block, path, &temperature);
  snprintf(path, sizeof path, "units/%.128s/charge/concentration", in->u->name);
  if (c) in->u->n_charge = taup_read_amounts(in->r, c, path, &concentration, &in->u->charge);
}

/* --- outlets --- */

static void read_port(taup_unit_reading *in, const taup_tree *port, int *fraction_index, int *n_rest,
                      double *sum)
{
  char path[TAUP_PATH_LONGEST];
  *fraction_index = -1;
  if (!taup_read_name(in->r, port, "an outlet")) return;
  if (port->kind == TAUP_TREE_LEAF && strcmp(port->text, "rest") == 0) {
    if (++*n_rest == 2)
      taup_mistake(in->r->mistakes, port, TAUP_ERR_BAD_SPLIT,
                   "a second outlet of '%s' is the 'rest'; needs one", in->u->name);
    return;
  }
  snprintf(path, sizeof path, "units/%.128s/outlets/%.128s", in->u->name, port->key);
  *fraction_index = taup_read_parameter(in->r, port, path, &fraction, fraction.dim, 0);
  if (*fraction_index >= 0) *sum += in->r->chemistry->parameters.items[*fraction_index].value;
}

void taup_read_outlets(taup_unit_reading *in)
{
  char what[TAUP_NAME_LONGEST + 16];
  snprintf(what, sizeof what, "splitter '%.128s'", in->u->name);
  const taup_tree *map = taup_read_required(in->r, in->block, "outlets", what);
  int n_rest = 0;
  double sum = 0.0;
  if (!map || !taup_read_is_block(in->r, map, "'outlets'")) return;
  const char **names = taup_read_alloc(in->r, map->n_children, sizeof *names);
  int *fractions = taup_read_alloc(in->r, map->n_children, sizeof *fractions);
  if (!names || !fractions) return;
  const int before = in->r->mistakes->n;
  for (int i = 0; i < map->n_children; i++) {
    if (!(names[i] = taup_read_copy(in->r, map->children[i]->key))) return;
    read_port(in, map->children[i], &fractions[i], &n_rest, &sum);
  }
  in->u->n_outlets = map->n_children;
  in->u->outlets = names;
  in->u->fractions = fractions;
  if (in->r->mistakes->n > before) return;
  if (map->n_children < 2)
    taup_mistake_key(in->r->mistakes, map, TAUP_ERR_BAD_SPLIT, "'%s' has %d outlet; a splitter needs two",
                     in->u->name, map->n_children);
  else if (sum > 1.0 + 1e-12)
    taup_mistake_key(in->r->mistakes, map, TAUP_ERR_SUM_ABOVE_ONE,
                     "the shares of '%s' sum to %.6g; at most 1 is needed", in->u->name, sum);
  else if (n_rest == 0)
    taup_mistake_key(in->r->mistakes, map, TAUP_ERR_BAD_SPLIT,
                     "no outlet of '%s' is the 'rest'; needs one, so that the shares sum to 1", in->u->name);
}

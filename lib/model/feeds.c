/* SPDX-License-Identifier: Apache-2.0 */
/* feeds.c - the block `feeds:`. What is said of a feed must fix its flow and its composition, neither less
 * nor more:
 *
 *     flow (volume or mass) + concentration | mass_fraction | nothing (pure solvent)
 *     flow + equivalents           concentrations of the species in equivalents follow,    c = eq F_of / flow
 *     composition + equivalents    the flow follows from the one species in both,       flow = eq F_of / c
 *     molar_flow                   amounts a time; the volume follows from the densities
 *
 * where F_of is the molar flow of the species, in another feed, that equivalents are counted on.
 * References go one way: a chain of feeds that comes back to itself is a mistake. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/read.h"

static const taup_field volume_flow = {"flow", TAUP_INIT_FLOW, 0.0, INFINITY, NAN, 0, "volume flow"};
static const taup_field mass_flow = {"flow", TAUP_INIT(0, 1, -1, 0, 0), 0.0, INFINITY, NAN, 0, "mass flow"};
static const taup_field molar_flow = {"molar_flow", TAUP_INIT_MOLAR_FLOW, 0.0, INFINITY, NAN, 0,
                                      "molar flow"};
static const taup_field concentration = {
  "concentration", TAUP_INIT_CONCENTRATION, 0.0, INFINITY, NAN, 0, "concentration in the feed"};
static const taup_field mass_fraction = {
  "mass_fraction", TAUP_INIT_NONE, 0.0, 1.0, NAN, 0, "mass fraction in the feed"};
static const taup_field equivalents = {
  "equivalents", TAUP_INIT_NONE, 0.0, INFINITY, NAN, 0, "moles per mole of the species they are counted on"};
static const taup_field temperature = {"temperature",
                                       TAUP_INIT_TEMPERATURE,
                                       0.0,
                                       INFINITY,
                                       NAN,
                                       TAUP_FIELD_POSITIVE | TAUP_FIELD_TEMPERATURE,
                                       "temperature of the feed"};

/* --- flow and composition --- */

static void read_flow(taup_reader *r, const taup_tree *leaf, const char *path, taup_feed *f)
{
  char item[2 * TAUP_PATH_LONGEST];
  const taup_dim dims[] = {TAUP_DIM_FLOW, mass_flow.dim};
  double value = 0.0;
  int which = 0;
  f->flow_kind = TAUP_FLOW_VOLUME;
  if (!r->bare_si && !taup_read_quantity(r, leaf, 2, dims, &value, &which)) return;
  if (which == 1) f->flow_kind = TAUP_FLOW_MASS;
  const taup_field *field = which == 1 ? &mass_flow : &volume_flow;
  snprintf(item, sizeof item, "%s/flow", path);
  f->flow = taup_read_parameter(r, leaf, item, field, field->dim, 0);
}

/* The one of three keys that says what is in the feed; a second one is a mistake. */
static const taup_tree *composition_of(taup_reader *r, const taup_tree *block, taup_feed *f)
{
  static const char *const keys[] = {"concentration", "mass_fraction", "molar_flow"};
  const taup_tree *found = NULL;
  f->composition = TAUP_COMPOSITION_CONCENTRATION;
  for (int k = 0; k < 3; k++) {
    const taup_tree *node = taup_tree_child(block, keys[k]);
    if (node && found)
      taup_mistake_key(r->mistakes, node, TAUP_ERR_CONFLICTING_KEYS,
                       "feed '%s' has both '%s' and '%s'; needs one of them", f->name, found->key, keys[k]);
    if (!node || found) continue;
    found = node;
    f->composition = (taup_composition_kind)k;
  }
  return found;
}

static void read_composition(taup_reader *r, const taup_tree *block, const char *path, taup_feed *f)
{
  static const taup_field *const fields[] = {&concentration, &mass_fraction, &molar_flow};
  char item[2 * TAUP_PATH_LONGEST];
  const taup_tree *node = composition_of(r, block, f);
  if (!node) return;
  const taup_field *field = fields[f->composition];
  snprintf(item, sizeof item, "%s/%s", path, field->name);
  f->n_amounts = taup_read_amounts(r, node, item, field, &f->amounts);
  const taup_tree *flow = taup_tree_child(block, "flow");
  if (f->composition == TAUP_COMPOSITION_MOLAR_FLOW) {
    f->flow_kind = TAUP_FLOW_MOLAR;
    if (flow)
      taup_mistake_key(r->mistakes, flow, TAUP_ERR_CONFLICTING_KEYS,
                       "feed '%s' has both 'molar_flow' and 'flow'; needs one of them", f->name);
  }
}

static void check_fractions(taup_reader *r, const taup_tree *block, const taup_feed *f)
{
  double sum = 0.0;
  if (f->composition != TAUP_COMPOSITION_MASS_FRACTION) return;
  for (int i = 0; i < f->n_amounts; i++) sum += r->chemistry->parameters.items[f->amounts[i].parameter].value;
  if (sum <= 1.0 + 1e-9) return;
  taup_mistake_key(r->mistakes, taup_tree_child(block, "mass_fraction"), TAUP_ERR_SUM_ABOVE_ONE,
                   "the mass fractions of feed '%s' sum to %.6g; at most 1 is needed", f->name, sum);
}

/* --- equivalents --- */

/* "nitro/DFNB": a feed of this file and a species. */
static void read_reference(taup_reader *r, const taup_tree *leaf, taup_feed *f)
{
  char feed[TAUP_NAME_LONGEST + 1], hint[200];
  const taup_chemistry *c = r->chemistry;
  const char *text = taup_read_text(r, leaf, "'of'");
  const char *slash = text ? strchr(text, '/') : NULL;
  if (!text) return;
  if (!slash || slash == text || slash - text > TAUP_NAME_LONGEST) {
    taup_mistake(r->mistakes, leaf, TAUP_ERR_BAD_EQUIVALENTS,
                 "equivalents are counted on '%s'; needs a feed and a species, such as nitro/DFNB", text);
    return;
  }
  snprintf(feed, sizeof feed, "%.*s", (int)(slash - text), text);
  f->of_feed = taup_map_find(&c->feed_by_name, feed);
  f->of_species = taup_map_find(&c->species_by_name, slash + 1);
  taup_nearest near = {feed, NULL, 0};
  for (int i = 0; f->of_feed < 0 && taup_read_hints(r) && i < c->n_feeds; i++)
    taup_nearest_try(&near, c->feeds[i].name);
  if (f->of_feed < 0)
    taup_mistake(r->mistakes, leaf, TAUP_ERR_UNKNOWN_FEED, "'%s' is no feed of this model%s", feed,
                 taup_nearest_hint(&near, hint, sizeof hint));
  if (f->of_species < 0)
    taup_mistake_in(r->mistakes, leaf, (int)(slash - text) + 2, TAUP_ERR_UNKNOWN_SPECIES,
                    "'%s' is no species of this model%s", slash + 1,
                    taup_species_hint(r, slash + 1, hint, sizeof hint));
}

static void read_equivalent(taup_reader *r, const taup_tree *item, const char *path, taup_feed *f,
                            taup_amount *amounts)
{
  char place[2 * TAUP_PATH_LONGEST], hint[200];
  const int species = taup_map_find(&r->chemistry->species_by_name, item->key);
  if (strcmp(item->key, "of") == 0) return;
  if (species < 0) {
    taup_mistake_key(r->mistakes, item, TAUP_ERR_UNKNOWN_SPECIES, "'%s' is no species of this model%s",
                     item->key, taup_species_hint(r, item->key, hint, sizeof hint));
    return;
  }
  snprintf(place, sizeof place, "%s/equivalents/%s", path, item->key);
  const int parameter = taup_read_parameter(r, item, place, &equivalents, equivalents.dim, 0);
  if (parameter >= 0) amounts[f->n_equivalents++] = (taup_amount){species, parameter};
}

static void read_equivalents(taup_reader *r, const taup_tree *block, const char *path, taup_feed *f)
{
  const taup_tree *map = taup_tree_child(block, "equivalents");
  if (!map || !taup_read_is_block(r, map, "'equivalents'")) return;
  const taup_tree *of = taup_read_required(r, map, "of", "'equivalents'");
  taup_amount *amounts = taup_read_alloc(r, map->n_children, sizeof *amounts);
  f->equivalents = amounts;
  if (of) read_reference(r, of, f);
  for (int i = 0; amounts && i < map->n_children; i++) read_equivalent(r, map->children[i], path, f, amounts);
  if (of && map->n_children < 2)
    taup_mistake_key(r->mistakes, map, TAUP_ERR_BAD_EQUIVALENTS,
                     "'equivalents' of feed '%s' names no species, such as Pyrr: 2.0", f->name);
  if (f->composition != TAUP_COMPOSITION_CONCENTRATION)
    taup_mistake_key(r->mistakes, map, TAUP_ERR_CONFLICTING_KEYS,
                     "feed '%s' has both '%s' and 'equivalents'; needs one of them", f->name,
                     f->composition == TAUP_COMPOSITION_MOLAR_FLOW ? "molar_flow" : "mass_fraction");
}

static bool holds(int n, const taup_amount *amounts, int species)
{
  for (int i = 0; i < n; i++)
    if (amounts[i].species == species) return true;
  return false;
}

static int n_in_both(const taup_feed *f)
{
  int n = 0;
  for (int i = 0; i < f->n_equivalents; i++) n += holds(f->n_amounts, f->amounts, f->equivalents[i].species);
  return n;
}

/* What is left open must be one thing: the flow, or the concentrations of the species counted in
 * equivalents. */
static void settle_open(taup_reader *r, const taup_tree *block, taup_feed *f)
{
  const taup_tree *flow = taup_tree_child(block, "flow"), *eq = taup_tree_child(block, "equivalents");
  const int both = n_in_both(f);
  if (f->flow_kind == TAUP_FLOW_MOLAR) return;
  if (!flow) f->flow_kind = TAUP_FLOW_OPEN;
  if (!flow && !eq)
    taup_mistake_key(r->mistakes, block, TAUP_ERR_MISSING_KEY,
                     "feed '%s' needs 'flow', 'molar_flow' or 'equivalents'; none is here", f->name);
  if (!eq) return;
  if (flow && both)
    taup_mistake_key(
      r->mistakes, eq, TAUP_ERR_BAD_EQUIVALENTS,
      "feed '%s' has flow, concentration and equivalents of one species; one of the three must go", f->name);
  if (!flow && both != 1)
    taup_mistake_key(
      r->mistakes, eq, TAUP_ERR_BAD_EQUIVALENTS,
      "the flow of feed '%s' follows when one species has a concentration and equivalents; here %s", f->name,
      both ? "several have" : "none has");
  if (!taup_tree_child(block, "concentration")) f->composition = TAUP_COMPOSITION_OPEN;
}

/* --- what the forms need to be computed --- */

static bool has_density(const taup_chemistry *c, const taup_feed *f)
{
  return f->solvent_species >= 0 || c->fluid.density >= 0 ||
         (c->fluid.given && c->fluid.mode != TAUP_FLUID_CONSTANT);
}

static void need_mass(taup_reader *r, const taup_tree *node, const taup_feed *f, int species)
{
  const taup_species *s = &r->chemistry->species[species];
  if (s->molar_mass < 0)
    taup_mistake_key(r->mistakes, node, TAUP_ERR_MISSING_MOLAR_MASS,
                     "feed '%s' counts masses; species '%s' needs molar_mass or formula", f->name, s->name);
}

/* The volume of an ideal mixture is the sum of those of its species. */
static void need_density(taup_reader *r, const taup_tree *node, const taup_feed *f, int species)
{
  const taup_species *s = &r->chemistry->species[species];
  if (s->density < 0 && !s->solvent)
    taup_mistake_key(r->mistakes, node, TAUP_ERR_MISSING_DENSITY,
                     "feed '%s' has no volume; species '%s' needs 'density'", f->name, s->name);
}

/* Masses turn into moles by molar masses, and into volumes by a density. */
static void check_convertible(taup_reader *r, const taup_tree *block, const taup_feed *f)
{
  static const char *const keys[] = {"concentration", "mass_fraction", "molar_flow", "equivalents"};
  const bool mixture = r->chemistry->fluid.mode == TAUP_FLUID_IDEAL_MIXTURE;
  const bool molar = f->flow_kind == TAUP_FLOW_MOLAR,
             by_mass = f->composition == TAUP_COMPOSITION_MASS_FRACTION;
  const bool masses = by_mass || molar || (f->flow_kind == TAUP_FLOW_MASS && mixture);
  const taup_tree *node = taup_tree_child(block, keys[f->composition]);
  for (int i = 0; masses && i < f->n_amounts; i++) {
    need_mass(r, node, f, f->amounts[i].species);
    if (molar && mixture) need_density(r, node, f, f->amounts[i].species);
  }
  if (!(molar || by_mass || f->flow_kind == TAUP_FLOW_MASS) || has_density(r->chemistry, f)) return;
  if (taup_tree_child(block, "solvent") || taup_tree_child(block->parent->parent, "solvent"))
    return; /* named, with a mistake */
  taup_mistake_key(r->mistakes, block, TAUP_ERR_MISSING_DENSITY,
                   "feed '%s' is given by mass or moles; its volume needs a density: name a 'solvent'",
                   f->name);
}

static bool feed_holds(const taup_feed *f, int species)
{
  return f->solvent_species == species || holds(f->n_amounts, f->amounts, species) ||
         holds(f->n_equivalents, f->equivalents, species);
}

/* Follows the references from each feed; a feed that is met again on its own way is in a circle. Each is
 * walked once. */
static void check_references(taup_reader *r, const taup_tree *map)
{
  const taup_chemistry *c = r->chemistry;
  int *seen = taup_read_alloc(r, c->n_feeds, sizeof *seen);
  for (int i = 0; seen && i < c->n_feeds; i++) {
    const taup_feed *f = &c->feeds[i];
    const taup_tree *eq = taup_tree_child(map->children[i], "equivalents");
    int k = i;
    if (f->of_feed >= 0 && f->of_species >= 0 && f->of_feed != i &&
        !feed_holds(&c->feeds[f->of_feed], f->of_species))
      taup_mistake(r->mistakes, taup_tree_child(eq, "of"), TAUP_ERR_BAD_EQUIVALENTS,
                   "feed '%s' holds no '%s' to count equivalents on", c->feeds[f->of_feed].name,
                   c->species[f->of_species].name);
    while (k >= 0 && !seen[k]) {
      seen[k] = i + 1;
      k = c->feeds[k].of_feed;
    }
    if (k >= 0 && seen[k] == i + 1)
      taup_mistake_key(r->mistakes, taup_tree_child(map->children[k], "equivalents"), TAUP_ERR_BAD_EQUIVALENTS,
                       "the equivalents of feed '%s' lead back to itself; one feed must stand on its own",
                       c->feeds[k].name);
  }
}

/* --- one feed, all feeds --- */

/* The rest of the feed: its own solvent, or that of the file in an ideal mixture. */
static void read_solvent(taup_reader *r, const taup_tree *block, taup_feed *f)
{
  const taup_tree *leaf = taup_tree_child(block, "solvent");
  if (!leaf && f->flow_kind != TAUP_FLOW_MOLAR) f->solvent_species = r->chemistry->fluid.species;
  if (!leaf || leaf->kind != TAUP_TREE_LEAF) return; /* mistakes in it were reported with the species */
  f->solvent_species = taup_map_find(&r->chemistry->species_by_name, leaf->text);
  const char *why =
    f->flow_kind == TAUP_FLOW_MOLAR ? "nothing says how much of it: it belongs into 'molar_flow'"
    : holds(f->n_amounts, f->amounts, f->solvent_species) ? "it is the rest and cannot have an amount too"
                                                          : NULL;
  if (f->solvent_species >= 0 && why)
    taup_mistake(r->mistakes, leaf, TAUP_ERR_SOLVENT_WITH_AMOUNT, "'%s' is the solvent of feed '%s': %s",
                 leaf->text, f->name, why);
}

static void read_feed(taup_reader *r, const taup_tree *block, taup_feed *f)
{
  static const char *const known[] = {"flow",       "temperature", "concentration", "mass_fraction",
                                      "molar_flow", "equivalents", "solvent",       NULL};
  char path[TAUP_PATH_LONGEST];
  if (!taup_read_name(r, block, "a feed") || !taup_read_is_block(r, block, "a feed")) return;
  const int before = r->mistakes->n;
  taup_read_known_keys(r, block, "a feed", known);
  snprintf(path, sizeof path, "feeds/%s", f->name);
  const taup_tree *flow = taup_tree_child(block, "flow");
  if (flow) read_flow(r, flow, path, f);
  f->temperature = taup_read_field(r, block, path, &temperature);
  read_composition(r, block, path, f);
  read_equivalents(r, block, path, f);
  read_solvent(r, block, f);
  check_fractions(r, block, f);
  if (r->mistakes->n == before) settle_open(r, block, f); /* else what is wrong may be what is missing */
  check_convertible(r, block, f);
}

void taup_read_all_feeds(taup_reader *r, const taup_tree *root)
{
  taup_chemistry *c = r->chemistry;
  const taup_tree *map = taup_tree_child(root, "feeds");
  if (!map || !taup_read_is_block(r, map, "'feeds'")) return;
  c->feeds = taup_read_alloc(r, map->n_children, sizeof *c->feeds);
  for (int i = 0; c->feeds && i < map->n_children; i++) {
    c->feeds[i] =
      (taup_feed){.flow = -1, .temperature = -1, .solvent_species = -1, .of_feed = -1, .of_species = -1};
    if (!(c->feeds[i].name = taup_read_copy(r, map->children[i]->key))) return;
    taup_read_index(r, &c->feed_by_name, c->feeds[i].name, i);
    c->n_feeds = i + 1;
  }
  for (int i = 0; i < c->n_feeds; i++) read_feed(r, map->children[i], &c->feeds[i]);
  if (c->n_feeds) check_references(r, map);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* read_tube.c - `tube: straight` or `tube: packed`: axial dispersion by a relation, and what the relation needs.
 *
 *     straight   diameter, diffusivity, viscosity and the liquid's density
 *     packed     diameter, particle_diameter, void_fraction, viscosity and the liquid's density
 *
 * Of a coil only bounds are known, so it is refused. Nothing that is needed has a default. */
#include <string.h>

#include "reactor/read_units.h"

static bool has(const taup_unit_reading *in, const char *key)
{
  return taup_tree_child(in->block, key) != NULL;
}

static void need(taup_unit_reading *in, const taup_tree *leaf, const char *key, const char *what)
{
  if (has(in, key)) return;
  taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_MISSING_KEY,
                   "'%s' has 'tube: %s'; its D_ax needs '%s' too (%s)", in->u->name, leaf->text, key, what);
}

static void need_diameter(taup_unit_reading *in, const taup_tree *leaf)
{
  if (has(in, "diameter") || has(in, "length")) return; /* a length without it is told of already */
  taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_MISSING_DIAMETER,
                   "'%s' has 'tube: %s'; its velocity follows from the 'diameter', which is missing",
                   in->u->name, leaf->text);
}

static void need_density(taup_unit_reading *in, const taup_tree *leaf)
{
  const taup_fluid *fluid = &in->r->chemistry->fluid;
  if (fluid->density >= 0 || (fluid->given && fluid->mode != TAUP_FLUID_CONSTANT)) return;
  if (taup_tree_child(in->block->parent->parent, "solvent")) return; /* a wrong one is told of already */
  taup_mistake_key(in->r->mistakes, leaf, TAUP_ERR_MISSING_LIQUID,
                   "'%s' has 'tube: %s'; its Re needs the liquid's density: name a 'solvent' or give "
                   "'density' there",
                   in->u->name, leaf->text);
}

static void only_packed(taup_unit_reading *in, const char *key)
{
  const taup_tree *leaf = taup_tree_child(in->block, key);
  if (leaf && in->u->tube != TAUP_TUBE_PACKED)
    taup_mistake_key(in->r->mistakes, leaf, TAUP_ERR_UNKNOWN_KEY,
                     "'%s' of '%s' is for 'tube: packed', which is not there", key, in->u->name);
}

static void read_word(taup_unit_reading *in, const taup_tree *leaf)
{
  static const char *const words[] = {"straight", "packed", NULL};
  if (leaf->kind == TAUP_TREE_LEAF && strcmp(leaf->text, "coiled") == 0) {
    taup_mistake(in->r->mistakes, leaf, TAUP_ERR_UNKNOWN_CHOICE,
                 "of a coil only bounds of D_ax are known, 0.2 to 1 of the straight tube's; give 'peclet' or "
                 "'dispersion' from its tracer curve, or 'tube: straight' for the most it can be");
    return;
  }
  const int i = taup_read_word(in->r, leaf, "kind of tube", words);
  if (i >= 0) in->u->tube = i == 0 ? TAUP_TUBE_STRAIGHT : TAUP_TUBE_PACKED;
}

void taup_read_tube(taup_unit_reading *in)
{
  const taup_tree *leaf = taup_tree_child(in->block, "tube");
  if (leaf) read_word(in, leaf);
  only_packed(in, "particle_diameter");
  only_packed(in, "void_fraction");
  if (in->u->tube == TAUP_TUBE_NONE) return;
  need_diameter(in, leaf);
  if (in->u->tube == TAUP_TUBE_STRAIGHT) need(in, leaf, "diffusivity", "of what disperses, as 1e-9 m^2/s");
  else {
    need(in, leaf, "particle_diameter", "as 0.5 mm");
    need(in, leaf, "void_fraction", "as 0.4");
  }
  need(in, leaf, "viscosity", "of the liquid, as 1 mPa s; no solvent of the table has one");
  need_density(in, leaf);
}

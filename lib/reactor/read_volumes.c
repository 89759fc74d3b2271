/* SPDX-License-Identifier: Apache-2.0 */
/* read_volumes.c - `volumes: [1 mL, 2 mL]` of a cascade: its tanks one by one, in place of a size and a number of equal ones.
 *
 * Each is a parameter, units/<unit>/volumes/1 and so on. The size of the whole is then their sum and no parameter: the kind's own fields
 * have none (index -1). */
#include <float.h>
#include <stdio.h>

#include "reactor/read_units.h"

static const taup_field volume = {
  "volume", TAUP_INIT_VOLUME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE, "volume of the liquid in this tank"};

static void check_alone(taup_unit_reading *in)
{
  for (int i = 0; i < in->u->kind->n_fields; i++) {
    const taup_tree *leaf = taup_tree_child(in->block, in->u->kind->fields[i].name);
    if (leaf)
      taup_mistake_key(
        in->r->mistakes, leaf, TAUP_ERR_CONFLICTING_KEYS,
        "'%s' has both 'volumes' and '%s'; 'volumes' says the size and the number of its tanks", in->u->name,
        leaf->key);
  }
}

static bool read_each(taup_unit_reading *in, const taup_tree *list)
{
  int *p = taup_read_alloc(in->r, list->n_children, sizeof *p);
  if (!p) return false;
  for (int i = 0; i < list->n_children; i++) {
    char path[TAUP_PATH_LONGEST];
    snprintf(path, sizeof path, "units/%.128s/volumes/%d", in->u->name, i + 1);
    p[i] = taup_read_parameter(in->r, list->children[i], path, &volume, volume.dim, 0);
  }
  in->u->volumes = p;
  in->u->n_volumes = list->n_children;
  return true;
}

bool taup_read_volumes(taup_unit_reading *in)
{
  const taup_tree *list = taup_tree_child(in->block, "volumes");
  if (!(in->u->kind->flags & TAUP_UNIT_VOLUMES) || !list) return false;
  check_alone(in);
  if (list->kind != TAUP_TREE_LIST || list->n_children == 0)
    taup_mistake_key(
      in->r->mistakes, list, TAUP_ERR_WRONG_SHAPE,
      "'volumes' of '%s' is a list with the volume of each tank, [1 mL, 2 mL]; it has none here", in->u->name);
  else if (list->n_children > TAUP_MOST_TANKS)
    taup_mistake_key(in->r->mistakes, list, TAUP_ERR_OUT_OF_RANGE,
                     "'volumes' of '%s' has %d tanks; needs at most %d", in->u->name, list->n_children,
                     TAUP_MOST_TANKS);
  else read_each(in, list);
  return true;
}

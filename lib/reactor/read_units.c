/* SPDX-License-Identifier: Apache-2.0 */
/* read_units.c - the block `units:`: kinds, their fields, then what they share (read_parts.c,
 * read_until.c, read_inlets.c).
 *
 * The descriptor of the kind says which keys may stand there. Every field of the kind becomes a parameter;
 * those not given are NAN, so that a run can set them, and alternatives share the number of a group. A
 * unit with a mistake keeps its place; one of unknown type has kind NULL. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "reactor/read_units.h"

int taup_unit_field(const taup_unit_kind *kind, const char *name)
{
  for (int i = 0; i < kind->n_fields; i++)
    if (strcmp(kind->fields[i].name, name) == 0) return i;
  return -1;
}

bool taup_unit_has(const taup_unit_reading *in, const char *field)
{
  const int i = taup_unit_field(in->u->kind, field);
  return i >= 0 && in->u->p[i] >= 0 && !isnan(in->r->chemistry->parameters.items[in->u->p[i]].value);
}

/* A key that must be there. */
static const taup_tree *required(taup_reader *r, const taup_tree *block, const char *key)
{
  char what[TAUP_NAME_LONGEST + 16];
  snprintf(what, sizeof what, "unit '%.128s'", block->key);
  return taup_read_required(r, block, key, what);
}

static const taup_unit_kind *read_kind(taup_reader *r, const taup_tree *block)
{
  enum { MOST = 63 };
  const char *names[MOST + 1] = {NULL};
  const taup_tree *leaf = required(r, block, "type");
  if (!leaf) return NULL;
  for (int i = 0; i < taup_n_unit_kinds && i < MOST; i++) names[i] = taup_unit_kinds[i]->name;
  const int i = taup_read_word(r, leaf, "type of unit", names);
  return i >= 0 ? taup_unit_kinds[i] : NULL;
}

static void check_keys(taup_unit_reading *in)
{
  const char *known[TAUP_UNIT_MOST_FIELDS + 16] = {"type"};
  char what[96];
  const int flags = in->u->kind->flags;
  int n = 1;
  if (!(flags & TAUP_UNIT_CHARGE)) known[n++] = "in";
  for (int i = 0; i < in->u->kind->n_fields; i++) known[n++] = in->u->kind->fields[i].name;
  if (!(flags & TAUP_UNIT_OUTLETS)) {
    known[n++] = "temperature";
    known[n++] = "heat";
  }
  if (flags & TAUP_UNIT_UNTIL) known[n++] = "until";
  if (flags & (TAUP_UNIT_UNTIL | TAUP_UNIT_AT)) known[n++] = "at";
  if (flags & TAUP_UNIT_ENDS) known[n++] = "ends";
  if (flags & TAUP_UNIT_RELATION) known[n++] = "tube";
  if (flags & TAUP_UNIT_VOLUMES) known[n++] = "volumes";
  if (flags & TAUP_UNIT_START) known[n++] = "start";
  if (flags & TAUP_UNIT_CHARGE) known[n++] = "charge";
  if (flags & TAUP_UNIT_OUTLETS) known[n++] = "outlets";
  if (!(flags & TAUP_UNIT_CHARGE)) known[n++] = "rtd"; /* read by the train, which knows the models */
  if (taup_may_mix(in->u->kind)) known[n++] = "mixing";
  const taup_tree *stray = flags & TAUP_UNIT_CHARGE ? taup_tree_child(in->block, "in") : NULL;
  if (stray) {
    taup_mistake_key(in->r->mistakes, stray, TAUP_ERR_BATCH_STANDS_ALONE,
                     "'%s' is a %s: it stands alone and has 'charge' in place of 'in'", in->u->name,
                     in->u->kind->name);
    known[n++] = "in";
  }
  snprintf(what, sizeof what, "a %s", in->u->kind->name);
  taup_read_known_keys(in->r, in->block, what, known);
}

/* --- fields --- */

/* Key i of a group, NULL where it is none of it; behind the fields `tube:`, which belongs to the second. */
static const char *alternative(const taup_unit_kind *kind, int flag, int i)
{
  if (i < kind->n_fields) return kind->fields[i].flags & flag ? kind->fields[i].name : NULL;
  return flag == TAUP_FIELD_ALTERNATIVE_2 && (kind->flags & TAUP_UNIT_RELATION) ? "tube" : NULL;
}

static void list_alternatives(const taup_unit_kind *kind, int flag, char *buffer, size_t n_bytes)
{
  size_t at = 0;
  buffer[0] = '\0';
  for (int i = 0; i <= kind->n_fields; i++) {
    const char *key = alternative(kind, flag, i);
    if (key && at < n_bytes) at += (size_t)snprintf(buffer + at, n_bytes - at, "%s'%s'", at ? ", " : "", key);
  }
}

/* Exactly one of the alternatives of a group is given. */
static void check_alternatives(taup_unit_reading *in, int flag)
{
  const taup_tree *first = NULL;
  char list[200];
  list_alternatives(in->u->kind, flag, list, sizeof list);
  for (int i = 0; i <= in->u->kind->n_fields; i++) {
    const char *key = alternative(in->u->kind, flag, i);
    const taup_tree *leaf = key ? taup_tree_child(in->block, key) : NULL;
    if (leaf && first)
      taup_mistake_key(in->r->mistakes, leaf, TAUP_ERR_CONFLICTING_KEYS,
                       "'%s' has both '%s' and '%s'; needs one of %s", in->u->name, first->key, leaf->key,
                       list);
    if (leaf && !first) first = leaf;
  }
  if (*list && !first)
    taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_MISSING_KEY, "'%s' needs one of %s; none is here",
                     in->u->name, list);
}

static int read_field(taup_unit_reading *in, const taup_field *field, int group)
{
  char path[2 * TAUP_PATH_LONGEST];
  const taup_tree *leaf = taup_tree_child(in->block, field->name);
  const bool needed =
    !(field->flags & (TAUP_FIELD_OPTIONAL | TAUP_FIELD_ALTERNATIVE | TAUP_FIELD_ALTERNATIVE_2));
  snprintf(path, sizeof path, "%s/%s", in->path, field->name);
  if (leaf) return taup_read_parameter(in->r, leaf, path, field, field->dim, group);
  if (needed) {
    required(in->r, in->block, field->name);
    return -1;
  }
  const double value = group ? (double)NAN : field->value;
  return taup_read_default(in->r, path, field, value, group);
}

/* What needs the cross section of the tube. */
static void check_diameter(taup_unit_reading *in)
{
  if (!(in->u->kind->flags & TAUP_UNIT_TUBE) || taup_tree_child(in->block, "diameter")) return;
  if (taup_tree_child(in->block, "length"))
    taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_MISSING_DIAMETER,
                     "'%s' has a 'length'; its volume needs 'diameter' too", in->u->name);
  else if (taup_tree_child(in->block, "dispersion"))
    taup_mistake_key(
      in->r->mistakes, in->block, TAUP_ERR_MISSING_DIAMETER,
      "'%s' has a 'dispersion'; what it does follows from the 'diameter' too, or give 'peclet'", in->u->name);
}

/* A cascade says how many tanks it has, or which. */
static void check_number(taup_unit_reading *in)
{
  if (!(in->u->kind->flags & TAUP_UNIT_VOLUMES) || taup_tree_child(in->block, "n")) return;
  taup_mistake_key(in->r->mistakes, in->block, TAUP_ERR_MISSING_KEY,
                   "'%s' needs 'n', its number of equal tanks, or 'volumes' in place of 'n' and its size; "
                   "neither is here",
                   in->u->name);
}

static void read_fields(taup_unit_reading *in)
{
  static const int flags[2] = {TAUP_FIELD_ALTERNATIVE, TAUP_FIELD_ALTERNATIVE_2};
  const taup_unit_kind *kind = in->u->kind;
  int groups[2] = {0, 0};
  if (taup_read_volumes(in)) return;
  for (int i = 0; i < kind->n_fields; i++) {
    int group = 0;
    for (int k = 0; k < 2; k++) {
      if (!(kind->fields[i].flags & flags[k])) continue;
      if (!groups[k]) groups[k] = ++in->r->chemistry->parameters.n_groups;
      group = groups[k];
    }
    in->u->p[i] = read_field(in, &kind->fields[i], group);
  }
  for (int k = 0; k < 2; k++) check_alternatives(in, flags[k]);
  check_diameter(in);
  if (kind->flags & TAUP_UNIT_RELATION) taup_read_tube(in);
  check_number(in);
}

/* Open or closed ends make one steady reactor (Wehner and Wilhelm); the key is for what is not steady. */
static void read_ends(taup_unit_reading *in)
{
  static const char *const words[] = {"closed", "open", NULL};
  const taup_tree *leaf = taup_tree_child(in->block, "ends");
  if (leaf) in->u->open_ends = taup_read_word(in->r, leaf, "kind of ends", words) == 1;
}

/* --- all units --- */

static void read_unit(taup_unit_reading *in)
{
  taup_unit *u = in->u;
  if (!taup_read_name(in->r, in->block, "a unit") || !taup_read_is_block(in->r, in->block, "a unit")) return;
  snprintf(in->path, sizeof in->path, "units/%s", u->name);
  u->kind = read_kind(in->r, in->block);
  if (!u->kind) return;
  check_keys(in);
  read_fields(in);
  if (u->kind->flags & TAUP_UNIT_OUTLETS) taup_read_outlets(in);
  else taup_read_heat(in);
  if (taup_may_mix(u->kind)) taup_read_mixing(in);
  taup_check_dispersed(in);
  if (u->kind->flags & TAUP_UNIT_START && !u->mixing) taup_read_start(in);
  if (u->kind->flags & TAUP_UNIT_CHARGE) taup_read_charge(in);
  if (u->kind->flags & TAUP_UNIT_ENDS) read_ends(in);
  if (u->kind->flags & TAUP_UNIT_UNTIL && !u->mixing) taup_read_until(in);
  if (u->kind->flags & (TAUP_UNIT_UNTIL | TAUP_UNIT_AT) && !u->mixing) taup_read_at(in);
}

static taup_unit blank_unit(void)
{
  taup_unit u = {
    .temperature = -1,
    .jacket_temperature = -1,
    .jacket_U = -1,
    .jacket_area = -1,
    .n_outlets = 1,
    .until_value = -1,
    .start_temperature = -1,
    .start_conversion = -1,
    .charge_volume = -1,
    .charge_temperature = -1,
    .mixing_time = -1,
  };
  for (int i = 0; i < TAUP_UNIT_MOST_FIELDS; i++) u.p[i] = -1;
  return u;
}

static void name_units(taup_units *out, taup_reader *r, const taup_tree *map)
{
  out->items = taup_read_alloc(r, map->n_children, sizeof *out->items);
  for (int i = 0; out->items && i < map->n_children; i++) {
    out->items[i] = blank_unit();
    if (!(out->items[i].name = taup_read_copy(r, map->children[i]->key))) return;
    taup_read_index(r, &out->by_name, out->items[i].name, i);
    out->n = i + 1;
    if (taup_map_find(&r->chemistry->feed_by_name, out->items[i].name) >= 0)
      taup_mistake_key(r->mistakes, map->children[i], TAUP_ERR_RESERVED_NAME,
                       "'%s' is the name of a feed and of a unit; needs two names", out->items[i].name);
  }
}

tau_status taup_units_read(taup_units *out, taup_reader *reader, const taup_tree *root)
{
  const taup_tree *map = taup_tree_child(root, "units");
  *out = (taup_units){0};
  if (map && !taup_read_is_block(reader, map, "'units'")) return TAU_OK;
  if (!map || map->n_children == 0) {
    taup_mistake_key(reader->mistakes, map ? map : root, TAUP_ERR_MISSING_KEY,
                     "a train needs 'units'; there are none");
    return TAU_OK;
  }
  name_units(out, reader, map);
  for (int i = 0; i < out->n && !reader->out_of_memory; i++) {
    taup_unit_reading in = {.r = reader, .block = map->children[i], .u = &out->items[i]};
    read_unit(&in);
  }
  if (!reader->out_of_memory) taup_check_heats(out, reader, root);
  if (!reader->out_of_memory) taup_read_inlets(out, reader, map);
  if (!reader->out_of_memory) return TAU_OK;
  taup_units_free(out);
  return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while the units of a model were read");
}

void taup_units_free(taup_units *units)
{
  taup_map_free(&units->by_name);
  *units = (taup_units){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* read_until.c - where a tube or a batch ends, `until: conversion/DFNB >= 99 %`, and what of it is stored,
 * `at: [1 min, 2 min]`.
 *
 * The condition is split here into the path of an observable of the unit's own outlet ("outlet/" in front
 * of it is left out), a direction and a threshold; the threshold is the parameter units/<unit>/until. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "reactor/read_units.h"

/* What may end a unit. of_species: followed by '/' and a species. */
static const struct {
  const char *name;
  bool of_species;
  taup_field threshold;
} watched[] = {
  {"conversion", true, {"until", TAUP_INIT_NONE, 0.0, 1.0, NAN, 0, "conversion where the unit ends"}},
  {"yield", true, {"until", TAUP_INIT_NONE, 0.0, INFINITY, NAN, 0, "yield where the unit ends"}},
  {"selectivity", true, {"until", TAUP_INIT_NONE, 0.0, INFINITY, NAN, 0, "selectivity where the unit ends"}},
  {"impurity",
   true,
   {"until", TAUP_INIT_NONE, 0.0, INFINITY, NAN, 0, "moles per mole of product where the unit ends"}},
  {"c", true, {"until", TAUP_INIT_CONCENTRATION, 0.0, INFINITY, NAN, 0, "concentration where the unit ends"}},
  {"T",
   false,
   {"until", TAUP_INIT_TEMPERATURE, 0.0, INFINITY, NAN, TAUP_FIELD_POSITIVE | TAUP_FIELD_TEMPERATURE,
    "temperature where the unit ends"}},
};
enum { N_WATCHED = (int)(sizeof watched / sizeof watched[0]) };

/* Row of a path; -1 where it may not end a unit. *species: what follows its '/'. */
static int watched_row(const char *path, const char **species)
{
  for (int i = 0; i < N_WATCHED; i++) {
    const size_t n = strlen(watched[i].name);
    if (strncmp(path, watched[i].name, n) != 0) continue;
    *species = path + n + 1;
    if (watched[i].of_species ? path[n] == '/' : path[n] == '\0') return i;
  }
  return -1;
}

static int columns_before(const char *text, const char *here)
{
  int n = 0;
  for (; text < here; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

static void read_threshold(taup_unit_reading *in, const taup_tree *leaf, const char *text,
                           const taup_field *field)
{
  char path[TAUP_PATH_LONGEST];
  snprintf(path, sizeof path, "units/%.128s/until", in->u->name);
  taup_parameter p = taup_parameter_of(path, field, field->dim, 0);
  const tau_status st = taup_parameter_read(&p, text, in->r->bare_si);
  if (st == TAU_OK) in->u->until_value = taup_read_add(in->r, &p);
  else taup_read_fault(in->r, st, leaf, columns_before(leaf->text, text) + 1);
}

static void read_condition(taup_unit_reading *in, const taup_tree *leaf, const char *path,
                           const char *threshold)
{
  char hint[200];
  const char *species = NULL, *own = strncmp(path, "outlet/", 7) == 0 ? path + 7 : path;
  const int row = watched_row(own, &species);
  if (row < 0) {
    taup_mistake(in->r->mistakes, leaf, TAUP_ERR_BAD_CONDITION,
                 "'%s' cannot end a unit; needs conversion/X, yield/X, selectivity/X, impurity/X, "
                 "c/X or T, with X a species",
                 path);
    return;
  }
  if (watched[row].of_species && taup_map_find(&in->r->chemistry->species_by_name, species) < 0) {
    const char *at = strstr(leaf->text, species);
    taup_mistake_in(in->r->mistakes, leaf, columns_before(leaf->text, at ? at : leaf->text) + 1,
                    TAUP_ERR_UNKNOWN_SPECIES, "'%s' is no species of this model%s", species,
                    taup_species_hint(in->r, species, hint, sizeof hint));
    return;
  }
  in->u->until = taup_read_copy(in->r, own);
  read_threshold(in, leaf, threshold, &watched[row].threshold);
}

void taup_read_until(taup_unit_reading *in)
{
  char path[TAUP_PATH_LONGEST];
  const taup_tree *leaf = taup_tree_child(in->block, "until");
  const char *text = leaf ? taup_read_text(in->r, leaf, "'until'") : NULL;
  if (!text) return;
  const char *sign = strpbrk(text, "<>");
  if (!sign || sign[1] != '=' || (size_t)(sign - text) >= sizeof path) {
    taup_mistake(in->r->mistakes, leaf, TAUP_ERR_BAD_CONDITION,
                 "'%s' is no condition; needs a path, >= or <=, and a value, such as conversion/A >= 99 %%",
                 text);
    return;
  }
  in->u->until_rises = *sign == '>';
  const size_t lead = strspn(text, " \t");
  size_t n = (size_t)(sign - text);
  while (n > lead && (text[n - 1] == ' ' || text[n - 1] == '\t')) n--;
  snprintf(path, sizeof path, "%.*s", (int)(n - lead), text + lead);
  read_condition(in, leaf, path, sign + 2 + strspn(sign + 2, " \t"));
}

/* --- at --- */

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static const taup_dim coordinates[] = {
  [TAUP_BY_VOLUME] = TAUP_INIT_VOLUME, [TAUP_BY_LENGTH] = TAUP_INIT_LENGTH, [TAUP_BY_TIME] = TAUP_INIT_TIME};

/* One place, in the coordinate of those before it. */
static bool read_place(taup_unit_reading *in, const taup_tree *leaf, bool first, double *value)
{
  const bool tube = (in->u->kind->flags & TAUP_UNIT_TUBE) != 0;
  int which = 0;
  taup_unit *u = in->u;
  if (!first || !tube) {
    if (first) u->at_coordinate = TAUP_BY_TIME;
    if (!taup_read_quantity(in->r, leaf, 1, &coordinates[u->at_coordinate], value, NULL)) return false;
  } else {
    if (!taup_read_quantity(in->r, leaf, 3, coordinates, value, &which)) return false;
    u->at_coordinate = (taup_coordinate)which;
  }
  if (*value >= 0.0) return true;
  taup_mistake(in->r->mistakes, leaf, TAUP_ERR_OUT_OF_RANGE,
               "'%s' lies before the entrance of '%s'; needs 0 or more", leaf->text, u->name);
  return false;
}

/* A place behind the end would never be stored. */
static void check_end(taup_unit_reading *in, const taup_tree *leaf, double place)
{
  static const char *const fields[] = {
    [TAUP_BY_VOLUME] = "volume", [TAUP_BY_LENGTH] = "length", [TAUP_BY_TIME] = "time"};
  const char *field = fields[in->u->at_coordinate];
  if (in->u->at_coordinate == TAUP_BY_TIME && (in->u->kind->flags & TAUP_UNIT_TUBE)) field = "residence_time";
  if (!taup_unit_has(in, field)) return;
  const taup_tree *end = taup_tree_child(in->block, field);
  const double last = in->r->chemistry->parameters.items[in->u->p[taup_unit_field(in->u->kind, field)]].value;
  if (place <= last * (1.0 + 1e-12) || !end) return;
  taup_mistake(in->r->mistakes, leaf, TAUP_ERR_OUT_OF_RANGE, "'%s' lies behind the end of '%s', %s %s",
               leaf->text, in->u->name, field, end->text);
}

static int without_repeats(double *x, int n)
{
  int kept = n > 0;
  for (int i = 1; i < n; i++)
    if (x[i] > x[kept - 1]) x[kept++] = x[i];
  return kept;
}

void taup_read_at(taup_unit_reading *in)
{
  const taup_tree *node = taup_tree_child(in->block, "at");
  if (!node) return;
  const bool list = node->kind == TAUP_TREE_LIST;
  const int n_given = list ? node->n_children : 1;
  double *at = taup_read_alloc(in->r, n_given, sizeof *at);
  int n = 0;
  if (!at) return;
  for (int i = 0; i < n_given; i++) {
    const taup_tree *leaf = list ? node->children[i] : node;
    if (!read_place(in, leaf, i == 0, &at[n])) {
      if (i == 0) return; /* the coordinate of the others is not known */
      continue;
    }
    check_end(in, leaf, at[n++]);
  }
  qsort(at, (size_t)n, sizeof *at, ascending);
  in->u->n_at = without_repeats(at, n);
  in->u->at = at;
  if (in->u->at_coordinate == TAUP_BY_LENGTH && !taup_tree_child(in->block, "diameter"))
    taup_mistake_key(in->r->mistakes, node, TAUP_ERR_MISSING_DIAMETER,
                     "'at' of '%s' is in lengths; that needs its 'diameter'", in->u->name);
}

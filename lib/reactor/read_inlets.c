/* SPDX-License-Identifier: Apache-2.0 */
/* read_inlets.c - `in:` of the units: names of feeds, units and unit/port, in any order of the file.
 *
 * What flows goes to one place: a feed or an outlet that is taken twice is a mistake, and a splitter is
 * offered. */
#include <stdio.h>
#include <string.h>

#include "reactor/read_units.h"

typedef struct joining {
  taup_reader *r;
  const taup_units *units;
  const taup_tree *map;
  int *feed_user;  /* unit + 1 that takes it; 0: none yet */
  int *first_port; /* of unit i in port_user */
  int *port_user;
} joining;

static const char *name_hint(const joining *j, const char *name, char *buffer, size_t n_bytes)
{
  taup_nearest near = {name, NULL, 0};
  const taup_chemistry *c = j->r->chemistry;
  for (int i = 0; taup_read_hints(j->r) && i < c->n_feeds; i++) taup_nearest_try(&near, c->feeds[i].name);
  for (int i = 0; taup_read_hints(j->r) && i < j->units->n; i++)
    taup_nearest_try(&near, j->units->items[i].name);
  return taup_nearest_hint(&near, buffer, n_bytes);
}

static void list_ports(const taup_unit *u, char *buffer, size_t n_bytes)
{
  size_t at = 0;
  buffer[0] = '\0';
  for (int k = 0; k < u->n_outlets && at < 100; k++)
    at += (size_t)snprintf(buffer + at, n_bytes - at, "%s%.64s/%.64s", k ? ", " : "", u->name, u->outlets[k]);
}

/* The outlet that "unit" or "unit/port" means; -1 after a mistake. */
static int port_of(const joining *j, const taup_tree *leaf, const taup_unit *from, const char *port)
{
  char ports[400];
  if (!from->kind) return -1;
  if (from->kind->flags & TAUP_UNIT_CHARGE) {
    taup_mistake(j->r->mistakes, leaf, TAUP_ERR_BATCH_STANDS_ALONE,
                 "'%s' is a %s: it stands alone, and no unit takes what comes out", from->name,
                 from->kind->name);
    return -1;
  }
  if (!from->outlets) {
    if (!port) return 0;
    if (!(from->kind->flags & TAUP_UNIT_OUTLETS)) /* else its outlets have a mistake of their own */
      taup_mistake(j->r->mistakes, leaf, TAUP_ERR_WRONG_OUTLET, "'%s' has one outlet; write '%s'", from->name,
                   from->name);
    return -1;
  }
  for (int k = 0; port && k < from->n_outlets; k++)
    if (strcmp(port, from->outlets[k]) == 0) return k;
  list_ports(from, ports, sizeof ports);
  if (port)
    taup_mistake(j->r->mistakes, leaf, TAUP_ERR_WRONG_OUTLET, "'%s' has no outlet '%s'; needs one of %s",
                 from->name, port, ports);
  else
    taup_mistake(j->r->mistakes, leaf, TAUP_ERR_WRONG_OUTLET, "'%s' has several outlets; needs one of %s",
                 from->name, ports);
  return -1;
}

static bool find_unit(const joining *j, const taup_tree *leaf, const char *taker, taup_inlet *inlet)
{
  char name[TAUP_PATH_LONGEST], hint[200];
  const char *slash = strchr(leaf->text, '/');
  snprintf(name, sizeof name, "%.*s", slash ? (int)(slash - leaf->text) : (int)sizeof name - 1, leaf->text);
  const int i = taup_map_find(&j->units->by_name, name);
  if (i < 0) {
    taup_mistake(j->r->mistakes, leaf, TAUP_ERR_UNKNOWN_INLET,
                 "unit '%s' takes its inlet from '%s', which is no feed or unit%s", taker, leaf->text,
                 name_hint(j, name, hint, sizeof hint));
    return false;
  }
  const int port = port_of(j, leaf, &j->units->items[i], slash ? slash + 1 : NULL);
  if (port < 0) return false;
  *inlet = (taup_inlet){false, i, port};
  return true;
}

static taup_inlet find_inlet(const joining *j, const taup_tree *leaf, const char *taker)
{
  taup_inlet inlet = {false, -1, 0};
  const char *text = taup_read_text(j->r, leaf, "an inlet");
  const int feed = text ? taup_map_find(&j->r->chemistry->feed_by_name, text) : -1;
  if (feed >= 0) inlet = (taup_inlet){true, feed, 0};
  else if (text) find_unit(j, leaf, taker, &inlet);
  return inlet;
}

/* Marks what is taken; the second taker is told of the first. */
static void take(const joining *j, const taup_tree *leaf, int taker, taup_inlet inlet)
{
  if (inlet.index < 0) return;
  int *user =
    inlet.is_feed ? &j->feed_user[inlet.index] : &j->port_user[j->first_port[inlet.index] + inlet.port];
  if (*user)
    taup_mistake(j->r->mistakes, leaf, TAUP_ERR_STREAM_USED_TWICE,
                 "'%s' goes to '%s' already; a splitter can divide it", leaf->text,
                 j->units->items[*user - 1].name);
  else *user = taker + 1;
}

static void read_inlets(const joining *j, int i_unit)
{
  taup_unit *u = &j->units->items[i_unit];
  const taup_tree *block = j->map->children[i_unit];
  if (!u->kind || (u->kind->flags & TAUP_UNIT_CHARGE)) return;
  char what[TAUP_NAME_LONGEST + 16];
  snprintf(what, sizeof what, "unit '%.128s'", u->name);
  const taup_tree *in = taup_read_required(j->r, block, "in", what);
  if (!in) return;
  const bool list = in->kind == TAUP_TREE_LIST;
  const int n = list ? in->n_children : 1;
  taup_inlet *inlets = taup_read_alloc(j->r, n, sizeof *inlets);
  u->inlets = inlets;
  for (int k = 0; inlets && k < n; k++) {
    const taup_tree *leaf = list ? in->children[k] : in;
    inlets[u->n_inlets++] = find_inlet(j, leaf, u->name);
    take(j, leaf, i_unit, inlets[k]);
  }
  if (n == 0)
    taup_mistake_key(j->r->mistakes, in, TAUP_ERR_EMPTY_VALUE,
                     "'in' of '%s' is empty; needs a feed or a unit", u->name);
}

static bool make_room(joining *j)
{
  int n_ports = 0;
  j->feed_user = taup_read_alloc(j->r, j->r->chemistry->n_feeds, sizeof *j->feed_user);
  j->first_port = taup_read_alloc(j->r, j->units->n, sizeof *j->first_port);
  for (int i = 0; j->first_port && i < j->units->n; i++) {
    j->first_port[i] = n_ports;
    n_ports += j->units->items[i].n_outlets;
  }
  j->port_user = taup_read_alloc(j->r, n_ports, sizeof *j->port_user);
  return j->feed_user && j->first_port && j->port_user;
}

void taup_read_inlets(taup_units *units, taup_reader *r, const taup_tree *map)
{
  joining j = {.r = r, .units = units, .map = map};
  if (!make_room(&j)) return;
  for (int i = 0; i < units->n; i++) read_inlets(&j, i);
}

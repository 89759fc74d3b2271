/* SPDX-License-Identifier: Apache-2.0 */
/* order.c - the order of solution, the ends of the train, and which temperatures must be known.
 *
 * The order is that of a depth-first walk against the flow, begun at each unit in the order of the file: a
 * file that is in order already keeps its order. A unit that is met while its own inlets are still being
 * walked is in a loop, and the walk's path names the others. */
#include "train/order.h"

#include <stdio.h>
#include <string.h>

enum { NEW, ON_THE_WAY, DONE };

typedef struct walk {
  taup_description *d;
  taup_reader *r;
  const taup_tree *map;
  char *state;     /* of each unit */
  int *path;       /* units on the way, from where the walk began */
  int *next_inlet; /* of each unit */
  int depth, n_done;
} walk;

/* The loop is the end of the path, from `from` on. */
static void report_loop(const walk *w, int from)
{
  char names[600] = "";
  size_t at = 0;
  int k = w->depth - 1;
  while (k > 0 && w->path[k] != from) k--;
  for (int i = w->depth - 1; i >= k && at < 500; i--) /* the path runs against the flow */
    at += (size_t)snprintf(names + at, sizeof names - at, "%s'%.64s'", at ? ", " : "",
                           w->d->units.items[w->path[i]].name);
  if (w->depth - k == 1)
    taup_mistake_key(w->r->mistakes, w->map->children[from], TAUP_ERR_LOOP,
                     "unit %s takes its own outlet; recycles are not supported yet", names);
  else
    taup_mistake_key(w->r->mistakes, w->map->children[from], TAUP_ERR_LOOP,
                     "units %s form a loop; recycles are not supported yet", names);
}

static void enter(walk *w, int unit)
{
  w->state[unit] = ON_THE_WAY;
  w->path[w->depth++] = unit;
}

/* One step: into the next inlet of the unit at the end of the path, or back from it. False in a loop. */
static bool step(walk *w)
{
  const int at = w->path[w->depth - 1];
  const taup_unit *u = &w->d->units.items[at];
  if (w->next_inlet[at] == u->n_inlets) {
    w->state[at] = DONE;
    w->d->order[w->n_done++] = at;
    w->depth--;
    return true;
  }
  const taup_inlet inlet = u->inlets[w->next_inlet[at]++];
  if (inlet.is_feed || inlet.index < 0 || w->state[inlet.index] == DONE) return true;
  if (w->state[inlet.index] == NEW) {
    enter(w, inlet.index);
    return true;
  }
  if (w->d->loops) return true;
  report_loop(w, inlet.index);
  return false;
}

bool taup_order_units(taup_description *d, taup_reader *r, const taup_tree *root)
{
  const int n = d->units.n;
  walk w = {.d = d, .r = r, .map = taup_tree_child(root, "units")};
  bool right = true;
  d->order = taup_read_alloc(r, n, sizeof *d->order);
  w.state = taup_read_alloc(r, n, 1);
  w.path = taup_read_alloc(r, n, sizeof *w.path);
  w.next_inlet = taup_read_alloc(r, n, sizeof *w.next_inlet);
  if (!d->order || !w.state || !w.path || !w.next_inlet) return false;
  for (int i = 0; i < n; i++) {
    if (w.state[i] == NEW) enter(&w, i);
    while (w.depth > 0)
      right = step(&w) && right; /* after a loop the walk goes on behind it: there may be others */
  }
  return right;
}

/* --- ends --- */

/* Who takes what, over again: the readers of inlets keep it to themselves. */
typedef struct ends {
  taup_description *d;
  taup_reader *r;
  bool *feed_taken;
  int *first_port; /* of unit i in port_taker; n + 1 long */
  int *port_taker; /* unit + 1; 0: this is an end */
} ends;

static bool find_takers(ends *e)
{
  const int n = e->d->units.n;
  e->feed_taken = taup_read_alloc(e->r, e->d->chemistry.n_feeds, sizeof *e->feed_taken);
  e->first_port = taup_read_alloc(e->r, n + 1, sizeof *e->first_port);
  for (int i = 0; e->first_port && i < n; i++)
    e->first_port[i + 1] = e->first_port[i] + e->d->units.items[i].n_outlets;
  e->port_taker = e->first_port ? taup_read_alloc(e->r, e->first_port[n], sizeof *e->port_taker) : NULL;
  if (!e->feed_taken || !e->port_taker) return false;
  for (int i = 0; i < n; i++) {
    const taup_unit *u = &e->d->units.items[i];
    for (int k = 0; k < u->n_inlets; k++) {
      if (u->inlets[k].is_feed) e->feed_taken[u->inlets[k].index] = true;
      else e->port_taker[e->first_port[u->inlets[k].index] + u->inlets[k].port] = i + 1;
    }
  }
  return true;
}

static void name_port(const taup_unit *u, int port, char *buffer, size_t n_bytes)
{
  if (u->outlets) snprintf(buffer, n_bytes, "%s/%s", u->name, u->outlets[port]);
  else snprintf(buffer, n_bytes, "%s", u->name);
}

/* "'a', 'b/x'" of all ends; the first becomes the outlet. Returns how many there are. */
static int list_ends(const ends *e, char *buffer, size_t n_bytes)
{
  char name[2 * TAUP_NAME_LONGEST + 2];
  size_t at = 0;
  int n = 0;
  buffer[0] = '\0';
  for (int i = 0; i < e->d->units.n; i++)
    for (int k = 0; k < e->d->units.items[i].n_outlets; k++) {
      if (e->port_taker[e->first_port[i] + k]) continue;
      if (n++ == 0) {
        e->d->outlet = i;
        e->d->outlet_port = k;
      }
      name_port(&e->d->units.items[i], k, name, sizeof name);
      if (at + sizeof name < n_bytes)
        at += (size_t)snprintf(buffer + at, n_bytes - at, "%s'%s'", at ? ", " : "", name);
    }
  return n;
}

static int port_named(const taup_unit *u, const char *port)
{
  if (!u->outlets) return port ? -1 : 0;
  for (int k = 0; port && k < u->n_outlets; k++)
    if (strcmp(port, u->outlets[k]) == 0) return k;
  return -1;
}

/* `outlet:` must be one of the ends. */
static void choose_end(const ends *e, const taup_tree *leaf, const char *all)
{
  char name[TAUP_PATH_LONGEST];
  const char *text = taup_read_text(e->r, leaf, "'outlet'");
  const char *slash = text ? strchr(text, '/') : NULL;
  if (!text) return;
  snprintf(name, sizeof name, "%.*s", slash ? (int)(slash - text) : (int)sizeof name - 1, text);
  const int i = taup_map_find(&e->d->units.by_name, name);
  const int port = i >= 0 ? port_named(&e->d->units.items[i], slash ? slash + 1 : NULL) : -1;
  if (port >= 0 && !e->port_taker[e->first_port[i] + port]) {
    e->d->outlet = i;
    e->d->outlet_port = port;
  } else if (port >= 0) {
    taup_mistake(e->r->mistakes, leaf, TAUP_ERR_UNKNOWN_END,
                 "'%s' goes on to '%s' and is no end of the train; needs one of %s", text,
                 e->d->units.items[e->port_taker[e->first_port[i] + port] - 1].name, all);
  } else {
    taup_mistake(e->r->mistakes, leaf, TAUP_ERR_UNKNOWN_END, "'%s' is no end of the train; needs one of %s",
                 text, all);
  }
}

void taup_read_ends(taup_description *d, taup_reader *r, const taup_tree *root)
{
  ends e = {.d = d, .r = r};
  char all[600];
  const taup_tree *outlet = taup_tree_child(root, "outlet"), *feeds = taup_tree_child(root, "feeds");
  if (!find_takers(&e)) return;
  for (int i = 0; i < d->chemistry.n_feeds; i++)
    if (!e.feed_taken[i])
      taup_mistake_key(r->mistakes, feeds->children[i], TAUP_ERR_UNUSED_FEED,
                       "feed '%s' goes nowhere; needs a unit that names it in 'in'",
                       d->chemistry.feeds[i].name);
  const int n = list_ends(&e, all, sizeof all);
  if (outlet) choose_end(&e, outlet, all);
  else if (n > 1)
    taup_mistake_key(r->mistakes, root, TAUP_ERR_SEVERAL_ENDS,
                     "the train ends at %s; 'outlet' must say which one is meant", all);
}

/* --- temperatures --- */

static bool rates_use_T(const taup_chemistry *c)
{
  for (int j = 0; j < c->n_reactions; j++)
    if (c->reactions[j].uses_T) return true;
  return false;
}

/* Whether what happens in a unit depends on the temperature that comes in; the volume of what comes in
 * does where the density changes. */
static bool asks(const taup_unit *u, bool rates, bool fluid)
{
  if (u->heat == TAUP_HEAT_SET || fluid) return fluid;
  return u->heat != TAUP_HEAT_FEED || (u->until && strcmp(u->until, "T") == 0) ||
         (rates && u->kind->family != TAUP_JUNCTION);
}

static void ask_upstream(const taup_description *d, taup_reader *r, const taup_tree *root, const taup_unit *u,
                         bool *asked)
{
  const taup_tree *feeds = taup_tree_child(root, "feeds");
  for (int k = 0; k < u->n_inlets; k++) {
    const int i = u->inlets[k].index;
    if (!u->inlets[k].is_feed) asked[i] = true;
    else if (d->chemistry.feeds[i].temperature < 0 && !taup_tree_child(feeds->children[i], "temperature"))
      taup_mistake_key(r->mistakes, feeds->children[i], TAUP_ERR_MISSING_TEMPERATURE,
                       "feed '%s' needs 'temperature': what happens in '%s' or behind it depends on it",
                       d->chemistry.feeds[i].name, u->name);
  }
}

/* Against the flow: who needs its temperature asks those before it, up to the feeds. */
void taup_check_temperatures(const taup_description *d, taup_reader *r, const taup_tree *root)
{
  const taup_chemistry *c = &d->chemistry;
  const bool rates = rates_use_T(c), fluid = c->fluid.given && c->fluid.mode != TAUP_FLUID_CONSTANT;
  const taup_tree *map = taup_tree_child(root, "units");
  bool *asked = taup_read_alloc(r, d->units.n, sizeof *asked);
  for (int k = d->units.n - 1; asked && k >= 0; k--) {
    const taup_unit *u = &d->units.items[d->order[k]];
    const taup_tree *charge = taup_tree_child(map->children[d->order[k]], "charge");
    if (!asks(u, rates, fluid) && !(asked[d->order[k]] && u->heat != TAUP_HEAT_SET)) continue;
    ask_upstream(d, r, root, u, asked);
    if (charge && u->charge_temperature < 0 && !taup_tree_child(charge, "temperature"))
      taup_mistake_key(r->mistakes, charge, TAUP_ERR_MISSING_TEMPERATURE,
                       "the charge of '%s' needs 'temperature': what happens there depends on it", u->name);
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* train_rtd.c - from one feed to one outlet: the graph of units reduced to a single edge.
 *
 * An edge i -> j has a weight w, the share of what comes to i that goes on to j, and a distribution B of its way. A node has the
 * distribution F of its unit. A node is taken out; of what comes to it, a = w of its edge to itself comes back:
 *
 *     sum_k (a F B)^k F = recycle(F, B, a/(1-a))/(1-a)
 *     i -> node -> j   becomes   i -> j   of weight w_in w_out/(1-a), series of the three
 *     edges with the same ends become one: weights add, a parallel
 *
 * (S. C. Kleene, in Automata Studies, Princeton 1956, 3; J. A. Brzozowski and E. J. McCluskey, IEEE Trans. Electron. Comput.
 * EC-12 (1963) 67, doi 10.1109/PGEC.1963.263416.) Last stands source -> sink: its weight is the share of the feed. Nodes that
 * double least go first. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "study/train_rtd.h"

typedef struct edge {
  int from, to;
  double weight;
  int part;
} edge;

/* Nodes are the units, then source and sink. Invariant: at most one edge from a node to another. */
typedef struct reduction {
  const taup_network *network;
  int source, sink;
  bool *there; /* by node: still to be taken out */
  int *part;   /* by node; of those that are there */
  edge *edges;
  int n, capacity;
  taup_parts parts;
} reduction;

/* --- edges --- */

static int find_edge(const reduction *x, int from, int to)
{
  for (int i = 0; i < x->n; i++)
    if (x->edges[i].from == from && x->edges[i].to == to) return i;
  return -1;
}

static tau_status add_edge(reduction *x, edge new)
{
  const int i = find_edge(x, new.from, new.to);
  if (i >= 0) {
    const double sum = x->edges[i].weight + new.weight;
    x->edges[i].part = taup_part_parallel(&x->parts, x->edges[i].part, new.part, x->edges[i].weight / sum);
    x->edges[i].weight = sum;
    return TAU_OK;
  }
  TAU_TRY(taup_grow(&x->edges, &x->capacity, x->n + 1, sizeof *x->edges));
  x->edges[x->n++] = new;
  return TAU_OK;
}

static void drop_edges(reduction *x, int node)
{
  int n = 0;
  for (int i = 0; i < x->n; i++)
    if (x->edges[i].from != node && x->edges[i].to != node) x->edges[n++] = x->edges[i];
  x->n = n;
}

/* --- elimination --- */

static tau_status close_loop(reduction *x, int node, double *gain)
{
  const int i = find_edge(x, node, node);
  *gain = 1.0;
  if (i < 0) return TAU_OK;
  const double a = x->edges[i].weight;
  if (!(a < 1.0))
    return taup_fail(TAUP_ERR_IMPOSSIBLE_FLOW, "all that flows through unit '%s' comes back to it",
                     x->network->d->units.items[node].name);
  *gain = 1.0 / (1.0 - a);
  x->part[node] = taup_part_loop(&x->parts, x->part[node], x->edges[i].part, a / (1.0 - a));
  return TAU_OK;
}

static tau_status take_out(reduction *x, int node)
{
  double gain;
  TAU_TRY(close_loop(x, node, &gain));
  const int n = x->n; /* those that are added touch the node no more */
  for (int i = 0; i < n; i++) {
    if (x->edges[i].to != node || x->edges[i].from == node) continue;
    const int part = taup_part_series(&x->parts, x->edges[i].part, x->part[node]);
    for (int k = 0; k < n; k++) {
      if (x->edges[k].from != node || x->edges[k].to == node) continue;
      const edge in = x->edges[i], out = x->edges[k];
      TAU_TRY(add_edge(x, (edge){in.from, out.to, in.weight * out.weight * gain,
                                 taup_part_series(&x->parts, part, out.part)}));
    }
  }
  drop_edges(x, node);
  x->there[node] = false;
  return x->parts.failed ? TAU_E_NOMEM : TAU_OK;
}

/* What there is at a node, for the choice. */
typedef struct burden {
  double n_in, n_out, in, out, own; /* edges, and sizes of their parts */
} burden;

/* How many units occur once more when the node is gone. */
static double price(const burden *b)
{
  return (b->n_out - 1.0) * b->in + (b->n_in - 1.0) * b->out + (b->n_in * b->n_out - 1.0) * b->own;
}

static int cheapest(const reduction *x, burden *b)
{
  int best = -1;
  for (int i = 0; i < x->source; i++) b[i] = (burden){.own = taup_part_size(&x->parts, x->part[i])};
  for (int i = 0; i < x->n; i++) {
    const edge *e = &x->edges[i];
    const double size = taup_part_size(&x->parts, e->part);
    if (e->from == e->to) {
      b[e->from].own += size;
      continue;
    }
    b[e->from].n_out += 1.0;
    b[e->from].out += size;
    b[e->to].n_in += 1.0;
    b[e->to].in += size;
  }
  for (int i = 0; i < x->source; i++)
    if (x->there[i] && (best < 0 || price(&b[i]) < price(&b[best]))) best = i;
  return best;
}

static tau_status reduce(reduction *x)
{
  burden *b = taup_calloc((size_t)x->sink + 1, sizeof *b);
  tau_status st = b ? TAU_OK : TAU_E_NOMEM;
  for (int node; st == TAU_OK && (node = cheapest(x, b)) >= 0;) st = take_out(x, node);
  taup_free(b);
  return st;
}

/* --- the graph --- */

typedef struct question {
  int feed, unit, port;
} question;

static void spread(const taup_network *w, const question *q, bool *from_feed, bool *to_outlet)
{
  from_feed[w->feed_taker[q->feed]] = to_outlet[q->unit] = true;
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < w->d->units.n; i++)
      for (int k = w->first_port[i]; k < w->first_port[i + 1]; k++) {
        const int taker = w->port_taker[k];
        if (taker < 0 || w->port_share[k] <= 0.0 || k == w->first_port[q->unit] + q->port) continue;
        more |= (from_feed[i] && !from_feed[taker]) || (to_outlet[taker] && !to_outlet[i]);
        from_feed[taker] |= from_feed[i];
        to_outlet[i] |= to_outlet[taker];
      }
  }
}

static tau_status check_way(const taup_network *w, const question *q, const bool *from_feed,
                            const bool *to_outlet)
{
  char name[300];
  const int k = w->first_port[q->unit] + q->port, taker = w->port_taker[k];
  taup_network_port_name(w, q->unit, q->port, name, sizeof name);
  if (taker >= 0 && to_outlet[taker])
    return taup_fail(TAUP_ERR_OUTLET_IN_LOOP, "'%s' lies in a loop: what leaves there for '%s' comes back",
                     name, w->d->units.items[taker].name);
  if (from_feed[q->unit] && w->port_share[k] > 0.0) return TAU_OK;
  return taup_fail(TAUP_ERR_NOTHING_ARRIVES, "nothing of feed '%s' leaves at '%s'",
                   w->d->chemistry.feeds[q->feed].name, name);
}

static tau_status add_unit(reduction *x, const question *q, int i)
{
  const taup_network *w = x->network;
  const taup_unit *u = &w->d->units.items[i];
  const bool takes_time = u->rtd || u->kind->family != TAUP_JUNCTION;
  x->part[i] = takes_time ? taup_part_unit(&x->parts, i) : TAUP_PART_NOTHING;
  for (int k = w->first_port[i]; k < w->first_port[i + 1]; k++) {
    const bool wanted = k == w->first_port[q->unit] + q->port;
    const int to = wanted ? x->sink : w->port_taker[k];
    if (w->port_share[k] > 0.0 && (wanted || (to >= 0 && x->there[to])))
      TAU_TRY(add_edge(x, (edge){i, to, w->port_share[k], TAUP_PART_NOTHING}));
  }
  return TAU_OK;
}

/* Of the units on a way from the feed to the outlet. */
static tau_status make_graph(reduction *x, const question *q)
{
  const int n = x->source;
  bool *from_feed = x->there, *to_outlet = taup_calloc((size_t)n + 1, sizeof *to_outlet);
  if (!to_outlet) return TAU_E_NOMEM;
  spread(x->network, q, from_feed, to_outlet);
  tau_status st = check_way(x->network, q, from_feed, to_outlet);
  for (int i = 0; i < n; i++) x->there[i] = from_feed[i] && to_outlet[i];
  taup_free(to_outlet);
  if (st == TAU_OK)
    st = add_edge(x, (edge){x->source, x->network->feed_taker[q->feed], 1.0, TAUP_PART_NOTHING});
  for (int i = 0; st == TAU_OK && i < n; i++)
    if (x->there[i]) st = add_unit(x, q, i);
  return st == TAU_OK && x->parts.failed ? TAU_E_NOMEM : st;
}

static tau_status finish(tau_rtd **out, const reduction *x, double *fraction)
{
  const edge *last = &x->edges[0];
  const double size = taup_part_size(&x->parts, last->part);
  if (size > TAUP_NETWORK_MOST_PARTS)
    return taup_fail(TAUP_ERR_TOO_MANY_UNITS,
                     "the ways through the train have %.6g parts; its distribution is computed up to %d",
                     size, TAUP_NETWORK_MOST_PARTS);
  TAU_TRY(taup_parts_build(out, &x->parts, last->part, x->network));
  if (fraction) *fraction = fmin(last->weight, 1.0);
  return TAU_OK;
}

static tau_status answer(tau_rtd **out, const taup_network *network, const question *q, double *fraction)
{
  const int n = network->d->units.n;
  reduction x = {.network = network, .source = n, .sink = n + 1};
  x.there = taup_calloc((size_t)n + 1, sizeof *x.there);
  x.part = taup_calloc((size_t)n + 1, sizeof *x.part);
  for (int i = 0; x.part && i < n; i++) x.part[i] = TAUP_PART_NOTHING;
  tau_status st = x.there && x.part ? make_graph(&x, q) : TAU_E_NOMEM;
  if (st == TAU_OK) st = reduce(&x);
  if (st == TAU_OK) st = finish(out, &x, fraction);
  taup_parts_free(&x.parts);
  taup_free(x.edges);
  taup_free(x.part);
  taup_free(x.there);
  return st;
}

/* --- what is asked --- */

static bool brings(const taup_feed *f, int species)
{
  for (int k = 0; k < f->n_amounts; k++)
    if (f->amounts[k].species == species) return true;
  for (int k = 0; k < f->n_equivalents; k++)
    if (f->equivalents[k].species == species) return true;
  return false;
}

static tau_status choose_feed(const taup_description *d, int *feed)
{
  const taup_chemistry *c = &d->chemistry;
  char names[400] = "";
  size_t at = 0;
  int n = 0;
  *feed = 0;
  if (c->n_feeds == 1) return TAU_OK;
  for (int k = 0; k < c->n_feeds; k++) {
    if (at < 250)
      at += (size_t)snprintf(names + at, sizeof names - at, "%s'%.128s'", at ? ", " : "", c->feeds[k].name);
    if (d->key_reactant < 0 || !brings(&c->feeds[k], d->key_reactant)) continue;
    *feed = k;
    n++;
  }
  if (n == 1) return TAU_OK;
  return taup_fail(TAUP_ERR_WHICH_FEED, "the tracer's feed is not said, and %s; needs one of %s",
                   n ? "several bring the key reactant" : "none brings a key reactant",
                   *names ? names : "its feeds");
}

static tau_status find_feed(const taup_description *d, const char *name, int *feed)
{
  char hint[200];
  if (!name) return choose_feed(d, feed);
  *feed = taup_map_find(&d->chemistry.feed_by_name, name);
  if (*feed >= 0) return TAU_OK;
  taup_nearest near = {name, NULL, 0};
  for (int k = 0; k < d->chemistry.n_feeds; k++) taup_nearest_try(&near, d->chemistry.feeds[k].name);
  return taup_fail_as(TAU_E_NAME, TAUP_ERR_UNKNOWN_FEED, "'%s' is no feed of this train%s", name,
                      taup_nearest_hint(&near, hint, sizeof hint));
}

static tau_status find_port(const taup_unit *u, const char *port, int *index)
{
  *index = 0;
  if (!u->outlets && !port) return TAU_OK;
  for (int k = 0; u->outlets && port && k < u->n_outlets; k++)
    if (strcmp(port, u->outlets[k]) == 0) {
      *index = k;
      return TAU_OK;
    }
  if (!u->outlets)
    return taup_fail_as(TAU_E_NAME, TAUP_ERR_WRONG_OUTLET, "'%s' has one outlet; write '%s'", u->name,
                        u->name);
  return taup_fail_as(TAU_E_NAME, TAUP_ERR_WRONG_OUTLET, "'%s' has %d outlets; needs one, such as '%s/%s'",
                      u->name, u->n_outlets, u->name, u->outlets[0]);
}

static tau_status no_unit(const taup_description *d, const char *outlet)
{
  char hint[200];
  taup_nearest near = {outlet, NULL, 0};
  for (int i = 0; i < d->units.n; i++) taup_nearest_try(&near, d->units.items[i].name);
  return taup_fail_as(TAU_E_NAME, TAUP_ERR_UNKNOWN_END, "'%s' is no unit of this train%s", outlet,
                      taup_nearest_hint(&near, hint, sizeof hint));
}

/* A train without an end has its first unit as outlet, which is then taken by another. */
static tau_status own_outlet(const taup_network *w, question *q)
{
  q->unit = w->d->outlet;
  q->port = w->d->outlet_port;
  if (w->port_taker[w->first_port[q->unit] + q->port] < 0) return TAU_OK;
  return taup_fail_as(TAU_E_VALUE, TAUP_ERR_UNKNOWN_END, "the train has no end; needs an outlet");
}

static tau_status find_outlet(const taup_network *w, const char *outlet, question *q)
{
  char name[300];
  if (!outlet) return own_outlet(w, q);
  const char *slash = strchr(outlet, '/');
  snprintf(name, sizeof name, "%.*s", slash ? (int)(slash - outlet) : (int)sizeof name - 1, outlet);
  q->unit = taup_map_find(&w->d->units.by_name, name);
  if (q->unit < 0) return no_unit(w->d, outlet);
  return find_port(&w->d->units.items[q->unit], slash ? slash + 1 : NULL, &q->port);
}

static tau_status ask(const taup_network *w, const char *feed, const char *outlet, question *q)
{
  TAU_TRY(find_outlet(w, outlet, q));
  const taup_unit *u = &w->d->units.items[q->unit];
  if (u->kind->family == TAUP_CLOSED)
    return taup_fail(TAUP_ERR_NO_DISTRIBUTION, "'%s' is a %s: nothing flows through it", u->name,
                     u->kind->name);
  return find_feed(w->d, feed, &q->feed);
}

static tau_status run(tau_rtd **out, const taup_network *w, const char *feed, const char *outlet,
                      double *fraction)
{
  question q = {0};
  TAU_TRY(ask(w, feed, outlet, &q));
  return answer(out, w, &q, fraction);
}

/* --- public --- */

static tau_status of_description(tau_rtd **out, const taup_description *d, const char *feed,
                                 const char *outlet, double *fraction)
{
  taup_program *feeds = NULL;
  taup_network w = {0};
  const int n = d->chemistry.parameters.n;
  double *values = taup_calloc((size_t)n + 1, sizeof *values);
  tau_status st = values ? taup_feeds_program(d, taup_lower_plain, &feeds) : TAU_E_NOMEM;
  for (int i = 0; values && i < n; i++) values[i] = d->chemistry.parameters.items[i].value;
  if (st == TAU_OK) st = taup_network_new(&w, d, values, feeds);
  if (st == TAU_OK) st = run(out, &w, feed, outlet, fraction);
  taup_network_free(&w);
  taup_program_free(feeds);
  taup_free(values);
  return st;
}

tau_status tau_model_train_rtd(tau_rtd **out, const tau_model *model, const char *feed, const char *outlet,
                               double *fraction)
{
  taup_description d;
  taup_mistakes mistakes = {.file = model->name};
  *out = NULL;
  TAU_TRY(taup_describe_network(&d, model, &mistakes));
  const tau_status st = of_description(out, &d, feed, outlet, fraction);
  taup_description_free(&d);
  return st;
}

tau_status tau_train_rtd(tau_rtd **out, const tau_train *train, const tau_inputs *inputs, const char *feed,
                         const char *outlet, double *fraction)
{
  taup_network w;
  tau_inputs *own = NULL;
  *out = NULL;
  if (!inputs) TAU_TRY(tau_inputs_new(&own, train));
  tau_status st = taup_network_new(&w, &train->d, inputs ? inputs->values : own->values, train->feeds);
  if (st == TAU_OK) {
    st = run(out, &w, feed, outlet, fraction);
    taup_network_free(&w);
  }
  tau_inputs_free(own);
  return st;
}

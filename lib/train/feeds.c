/* SPDX-License-Identifier: Apache-2.0 */
/* feeds.c - feeds as nodes over the parameters: what chemists say of a stock solution becomes molar flows and a volume flow.
 *
 *     concentration   F_i = c_i Q                       mass fraction   F_i = w_i m / M_i
 *     flow open       Q = eq F_of / c                   concentration open   F_i = eq F_of
 *     a feed's own solvent is the rest: of the volume, F_s = (Q - sum F_i v_i) / v_s, or of the mass, F_s = (1 - sum w_i) m / M_s
 *
 * All flows are multiplied by flow_factor. */
#include <math.h>
#include <stdint.h>

#include "base/status.h"
#include "train/train.h"

typedef struct feeds {
  taup_graph *g;
  const taup_chemistry *ch;
  taup_arena arena;
  taup_node **F; /* of each feed, n_species; NULL: not built yet */
  taup_node *Q, *T;
} feeds;

static taup_node parameter(void *user, taup_graph *g, int i)
{
  const taup_chemistry *ch = user;
  return taup_symbol(g, TAUP_PARAMETER, i, ch->parameters.items[i].dim, ch->parameters.items[i].path);
}

static taup_node param(const feeds *f, int i) { return parameter((void *)(uintptr_t)f->ch, f->g, i); }
static void *user_of(const feeds *f) { return (void *)(uintptr_t)f->ch; }

static taup_node temperature(const feeds *f, const taup_feed *feed)
{
  return feed->temperature >= 0 ? param(f, feed->temperature) : taup_const(f->g, NAN, TAUP_DIM_TEMPERATURE);
}

/* Properties are taken at the feed's temperature, at 25 degC where none is said. */
static taup_node property_T(const feeds *f, const taup_feed *feed)
{
  return feed->temperature >= 0 ? param(f, feed->temperature)
                                : taup_const(f->g, 298.15, TAUP_DIM_TEMPERATURE);
}

static taup_node volume_of(const feeds *f, const taup_feed *feed, int species)
{
  const taup_node v = taup_species_volume(f->ch, f->g, species, property_T(f, feed), parameter, user_of(f));
  return v == TAUP_NODE_NONE ? taup_const(f->g, 0.0, TAUP_DIM(3, 0, 0, 0, -1)) : v;
}

static taup_node density_of(const feeds *f, const taup_feed *feed)
{
  return taup_fluid_density(f->ch, f->g, property_T(f, feed), parameter, user_of(f));
}

static taup_node mass_of(const feeds *f, int species) { return param(f, f->ch->species[species].molar_mass); }

/* sum over the amounts of amount_i * property_i */
static taup_node sum_amounts(const feeds *f, const taup_feed *feed, taup_dim dim,
                             taup_node (*property)(const feeds *, const taup_feed *, int))
{
  taup_node sum = taup_const(f->g, 0.0, dim);
  for (int k = 0; k < feed->n_amounts; k++)
    sum = taup_add(f->g, sum,
                   taup_mul(f->g, param(f, feed->amounts[k].parameter),
                            property(f, feed, feed->amounts[k].species)));
  return sum;
}

static taup_node M_property(const feeds *f, const taup_feed *feed, int species)
{
  (void)feed;
  return mass_of(f, species);
}

static taup_node v_per_mass(const feeds *f, const taup_feed *feed, int species)
{
  return taup_div(f->g, volume_of(f, feed, species), mass_of(f, species));
}

static taup_node one(const feeds *f, const taup_feed *feed, int species)
{
  (void)feed;
  (void)species;
  return taup_number(f->g, 1.0);
}

/* --- by concentration: Q first --- */

/* Volume flow of a mass flow m with concentrations: m = Q rho, of the liquid or of solutes and the rest. */
static taup_node flow_of_mass(const feeds *f, const taup_feed *feed, taup_node m)
{
  taup_graph *g = f->g;
  const taup_node rho = density_of(f, feed);
  if (rho != TAUP_NODE_NONE) return taup_div(g, m, rho);
  if (feed->solvent_species < 0)
    return taup_graph_fail(g, TAUP_ERR_MISSING_DENSITY, "feed '%s': a mass flow needs a density", feed->name);
  const taup_node solutes = sum_amounts(f, feed, TAUP_DIM_DENSITY, M_property);
  const taup_node taken = sum_amounts(f, feed, TAUP_DIM_NONE, volume_of);
  const taup_node rest =
    taup_div(g, taup_sub(g, taup_number(g, 1.0), taken), v_per_mass(f, feed, feed->solvent_species));
  return taup_div(g, m, taup_add(g, solutes, rest));
}

static taup_node equivalent_flow(const feeds *f, const taup_feed *feed, int k)
{
  return taup_mul(f->g, param(f, feed->equivalents[k].parameter), f->F[feed->of_feed][feed->of_species]);
}

/* The species that has both a concentration and equivalents fixes an open flow. */
static taup_node open_flow(const feeds *f, const taup_feed *feed)
{
  for (int k = 0; k < feed->n_equivalents; k++)
    for (int i = 0; i < feed->n_amounts; i++)
      if (feed->amounts[i].species == feed->equivalents[k].species)
        return taup_div(f->g, equivalent_flow(f, feed, k), param(f, feed->amounts[i].parameter));
  return taup_graph_fail(f->g, TAUP_ERR_BAD_EQUIVALENTS,
                         "the flow of feed '%s' does not follow from its equivalents", feed->name);
}

static taup_node volume_flow(const feeds *f, const taup_feed *feed)
{
  if (feed->flow_kind == TAUP_FLOW_OPEN) return open_flow(f, feed);
  const taup_node flow = param(f, feed->flow);
  return feed->flow_kind == TAUP_FLOW_MASS ? flow_of_mass(f, feed, flow) : flow;
}

static void fill_rest_by_volume(const feeds *f, const taup_feed *feed, taup_node *F, taup_node Q)
{
  if (feed->solvent_species < 0) return;
  taup_graph *g = f->g;
  taup_node rest = Q;
  for (int i = 0; i < f->ch->n_species; i++)
    if (!taup_node_is_const(g, F[i], 0.0)) rest = taup_sub(g, rest, taup_mul(g, F[i], volume_of(f, feed, i)));
  F[feed->solvent_species] = taup_div(g, rest, volume_of(f, feed, feed->solvent_species));
}

static taup_node by_concentration(const feeds *f, const taup_feed *feed, taup_node *F)
{
  const taup_node Q = volume_flow(f, feed);
  for (int k = 0; k < feed->n_amounts; k++)
    F[feed->amounts[k].species] = taup_mul(f->g, param(f, feed->amounts[k].parameter), Q);
  for (int k = 0; k < feed->n_equivalents; k++) F[feed->equivalents[k].species] = equivalent_flow(f, feed, k);
  fill_rest_by_volume(f, feed, F, Q);
  return Q;
}

/* --- by mass fraction: m first --- */

static taup_node specific_volume(const feeds *f, const taup_feed *feed, taup_node rest)
{
  taup_graph *g = f->g;
  const taup_node rho = density_of(f, feed);
  if (rho != TAUP_NODE_NONE) return taup_recip(g, rho);
  taup_node v = sum_amounts(f, feed, TAUP_DIM(3, -1, 0, 0, 0), v_per_mass);
  if (feed->solvent_species >= 0)
    v = taup_add(g, v, taup_mul(g, rest, v_per_mass(f, feed, feed->solvent_species)));
  return v;
}

static taup_node by_mass_fraction(const feeds *f, const taup_feed *feed, taup_node *F)
{
  taup_graph *g = f->g;
  const taup_node rest = taup_sub(g, taup_number(g, 1.0), sum_amounts(f, feed, TAUP_DIM_NONE, one));
  const taup_node v = specific_volume(f, feed, rest), flow = param(f, feed->flow);
  const taup_node m = feed->flow_kind == TAUP_FLOW_MASS ? flow : taup_div(g, flow, v);
  for (int k = 0; k < feed->n_amounts; k++) {
    const int i = feed->amounts[k].species;
    F[i] = taup_div(g, taup_mul(g, param(f, feed->amounts[k].parameter), m), mass_of(f, i));
  }
  for (int k = 0; k < feed->n_equivalents; k++) F[feed->equivalents[k].species] = equivalent_flow(f, feed, k);
  if (feed->solvent_species >= 0)
    F[feed->solvent_species] = taup_div(g, taup_mul(g, rest, m), mass_of(f, feed->solvent_species));
  return feed->flow_kind == TAUP_FLOW_MASS ? taup_mul(g, m, v) : flow;
}

/* --- by molar flows: the volume follows --- */

static taup_node by_molar_flow(const feeds *f, const taup_feed *feed, taup_node *F)
{
  taup_graph *g = f->g;
  for (int k = 0; k < feed->n_amounts; k++)
    F[feed->amounts[k].species] = param(f, feed->amounts[k].parameter);
  const taup_node rho = density_of(f, feed);
  if (rho != TAUP_NODE_NONE)
    return taup_div(g, sum_amounts(f, feed, TAUP_DIM(0, 1, -1, 0, 0), M_property), rho);
  return sum_amounts(f, feed, TAUP_DIM_FLOW, volume_of);
}

static tau_status build(feeds *f, int i)
{
  const taup_feed *feed = &f->ch->feeds[i];
  const int n = f->ch->n_species;
  taup_node *F = taup_arena_alloc(&f->arena, (size_t)n, sizeof *F);
  if (!F) return TAU_E_NOMEM;
  for (int k = 0; k < n; k++) F[k] = taup_const(f->g, 0.0, TAUP_DIM_MOLAR_FLOW);
  taup_node Q;
  if (feed->flow_kind == TAUP_FLOW_MOLAR) Q = by_molar_flow(f, feed, F);
  else
    Q = feed->composition == TAUP_COMPOSITION_MASS_FRACTION ? by_mass_fraction(f, feed, F)
                                                            : by_concentration(f, feed, F);
  f->F[i] = F;
  f->Q[i] = Q;
  f->T[i] = temperature(f, feed);
  return taup_graph_status(f->g);
}

/* A feed after the one whose flow it is counted on; the reader has refused circles. */
static tau_status build_in_order(feeds *f)
{
  const int n = f->ch->n_feeds;
  for (int done = 0, before = -1; done < n && done != before;) {
    before = done;
    for (int i = 0; i < n; i++) {
      const int of = f->ch->feeds[i].n_equivalents ? f->ch->feeds[i].of_feed : -1;
      if (f->F[i] || (of >= 0 && !f->F[of])) continue;
      TAU_TRY(build(f, i));
      done++;
    }
  }
  return TAU_OK;
}

static tau_status lower_all(feeds *f, taup_lower_fn lower, void *user)
{
  const int n = f->ch->n_species, size = n + TAUP_FEED_EXTRA;
  taup_node *nodes = taup_arena_alloc(&f->arena, (size_t)(f->ch->n_feeds * size), sizeof *nodes);
  if (!nodes) return TAU_E_NOMEM;
  const taup_node factor = param(f, f->ch->flow_factor);
  for (int i = 0; i < f->ch->n_feeds; i++) {
    taup_node *own = nodes + i * size;
    for (int k = 0; k < n; k++) own[k] = taup_mul(f->g, factor, f->F[i][k]);
    own[n + TAUP_FEED_FLOW] = taup_mul(f->g, factor, f->Q[i]);
    own[n + TAUP_FEED_T] = f->T[i];
  }
  const int n_inputs[4] = {0, f->ch->parameters.n, 0, 0};
  const taup_body body = {f->ch->n_feeds * size, nodes, "feeds"};
  return lower(user, f->g, n_inputs, &body);
}

tau_status taup_feeds_program(const taup_description *d, taup_lower_fn lower, void *user)
{
  feeds f = {.ch = &d->chemistry};
  const size_t n = (size_t)f.ch->n_feeds;
  tau_status st = taup_graph_new(&f.g);
  f.F = taup_arena_alloc(&f.arena, n, sizeof *f.F);
  f.Q = taup_arena_alloc(&f.arena, n, sizeof *f.Q);
  f.T = taup_arena_alloc(&f.arena, n, sizeof *f.T);
  if (st == TAU_OK && (!f.F || !f.Q || !f.T)) st = TAU_E_NOMEM;
  if (st == TAU_OK) st = build_in_order(&f);
  if (st == TAU_OK) st = lower_all(&f, lower, user);
  taup_graph_free(f.g);
  taup_arena_free(&f.arena);
  return st;
}

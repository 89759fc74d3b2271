/* SPDX-License-Identifier: Apache-2.0 */
/* observables.c - every number that comes out, by path: places in the result's data, or nodes over them (conversion, yield, E-factor
 * ...) that one program computes. */
#include <string.h>

#include "base/status.h"
#include "train/train.h"

typedef struct list {
  tau_train *t;
  taup_layout *l;
  taup_graph *g;
  tau_observable *items;
  int *offsets;
  unsigned *needs;
  int n, capacity, cap_offsets, cap_needs;
  taup_node *nodes;
  int n_nodes, cap_nodes, cap_computed;
  bool closed; /* a batch: amounts in place of flows */
  tau_status status;
} list;

static char *path_of(list *o, const char *prefix, const char *name)
{
  if (!prefix) return NULL; /* the status says so already */
  char *path = taup_arena_printf(&o->l->arena, "%s%s", prefix, name);
  if (!path) o->status = TAU_E_NOMEM;
  return path;
}

static void add(list *o, const char *path, const char *unit, const char *doc, int offset)
{
  if (o->status < 0) return;
  if (!path || taup_grow(&o->items, &o->capacity, o->n + 1, sizeof *o->items) < 0 ||
      taup_grow(&o->offsets, &o->cap_offsets, o->n + 1, sizeof *o->offsets) < 0 ||
      taup_grow(&o->needs, &o->cap_needs, o->n + 1, sizeof *o->needs) < 0) {
    o->status = TAU_E_NOMEM;
    return;
  }
  o->items[o->n] = (tau_observable){path, unit, doc};
  o->needs[o->n] = 0;
  o->offsets[o->n++] = offset;
}

/* What the observables from the i-th on need. */
static void need(list *o, int i, unsigned needs)
{
  for (; o->status == TAU_OK && i < o->n; i++) o->needs[i] |= needs;
}

static void add_node(list *o, const char *path, const char *unit, const char *doc, taup_node node)
{
  if (node == TAUP_NODE_NONE) return;
  add(o, path, unit, doc, -1);
  if (o->status < 0) return;
  need(o, o->n - 1, TAUP_NEED_COMPUTED);
  if (taup_grow(&o->nodes, &o->cap_nodes, o->n_nodes + 1, sizeof *o->nodes) < 0 ||
      taup_grow(&o->t->computed, &o->cap_computed, o->n_nodes + 1, sizeof *o->t->computed) < 0) {
    o->status = TAU_E_NOMEM;
    return;
  }
  o->t->computed[o->n_nodes] = o->n - 1;
  o->nodes[o->n_nodes++] = node;
}

/* --- places --- */

static void add_stream(list *o, const char *prefix, int offset)
{
  const taup_layout *l = o->l;
  const int n = l->n_species;
  const char *c = path_of(o, prefix, "c/"), *F = path_of(o, prefix, "F/");
  for (int i = 0; c && F && i < n; i++) {
    add(o, path_of(o, c, l->species[i]), "mol/m^3", "concentration", offset + n + i);
    add(o, path_of(o, F, l->species[i]), o->closed ? "mol" : "mol/s", o->closed ? "amount" : "molar flow",
        offset + i);
  }
  add(o, path_of(o, prefix, "T"), "K", "temperature", offset + 2 * n + TAUP_STREAM_T);
  add(o, path_of(o, prefix, "flow"), o->closed ? "m^3" : "m^3/s", o->closed ? "volume" : "volume flow",
      offset + 2 * n + TAUP_STREAM_FLOW);
}

static void add_per_reaction(list *o, const char *prefix, const taup_unit_layout *u)
{
  const char *k = path_of(o, prefix, "k/"), *rate = path_of(o, prefix, "rate/");
  for (int j = 0; k && rate && j < o->l->n_reactions; j++) {
    const taup_reaction *r = &o->t->d.chemistry.reactions[j];
    const int first = o->n;
    add(o, path_of(o, rate, r->name), "mol/m^3/s", "rate at the outlet", u->rate + j);
    need(o, first, TAUP_NEED_RATES);
    if (r->law->n_fields && r->k[0].form)
      add(o, path_of(o, k, r->name), taup_dim_name(r->k[0].dim), "constant at the outlet's temperature",
          u->k + j);
    need(o, first + 1, TAUP_NEED_K);
  }
}

static void add_along(list *o, const char *prefix, const taup_unit_layout *u)
{
  const char *at = path_of(o, prefix, "at_T_max/c/"), *max = path_of(o, prefix, "max/c/");
  const int first = o->n;
  for (int i = 0; at && max && i < o->l->n_species; i++) {
    add(o, path_of(o, at, o->l->species[i]), "mol/m^3", "concentration where it is hottest",
        u->at_T_max_c + i);
    add(o, path_of(o, max, o->l->species[i]), "mol/m^3", "largest concentration along the unit", u->max_c + i);
  }
  add(o, path_of(o, prefix, "T_max"), "K", "highest temperature along the unit",
      u->scalars + TAUP_SCALAR_T_MAX);
  add(o, path_of(o, prefix, "position_T_max"), u->coordinate_unit, "where it is hottest",
      u->scalars + TAUP_SCALAR_POSITION_T_MAX);
  need(o, first, TAUP_NEED_MAXIMA);
}

static void add_dispersion(list *o, const char *prefix, const taup_unit_layout *u)
{
  add(o, path_of(o, prefix, "peclet"), "", "u L / D_ax, as used", u->scalars + TAUP_SCALAR_PECLET);
  add(o, path_of(o, prefix, "dispersion"), "m^2/s", "coefficient of axial dispersion D_ax, as used",
      u->scalars + TAUP_SCALAR_DISPERSION);
}

static void add_grid_error(list *o, const char *prefix, const taup_unit_layout *u)
{
  add(o, path_of(o, prefix, "grid_error"), "",
      "estimated error of the outlet by the grid, of the concentration or temperature where it is largest, "
      "relative",
      u->scalars + TAUP_SCALAR_GRID_ERROR);
}

static void add_unit(list *o, int stage)
{
  const taup_unit_layout *u = &o->l->units[stage];
  const taup_unit *unit = o->t->stages[stage].unit;
  const char *p = path_of(o, path_of(o, "units/", u->name), "/");
  const char *heat = o->closed ? "J" : "W";
  if (!p) return;
  add_stream(o, path_of(o, p, "inlet/"), u->inlet);
  for (int k = 0; k < u->n_outlets; k++)
    add_stream(o, path_of(o, path_of(o, p, u->outlets[k][0] ? u->outlets[k] : "outlet"), "/"),
               u->outlet + k * taup_stream_size(o->l->n_species));
  add(o, path_of(o, p, "duty"), heat, "heat put in through the wall, positive when heated",
      u->scalars + TAUP_SCALAR_DUTY);
  need(o, o->n - 1, TAUP_NEED_HEAT);
  if (unit->kind->family == TAUP_JUNCTION) return;
  add(o, path_of(o, p, "residence_time"), "s",
      "space time: volume over the flow at the inlet; of a batch its time",
      u->scalars + TAUP_SCALAR_RESIDENCE_TIME);
  add(o, path_of(o, p, o->closed ? "time" : "volume"), o->closed ? "s" : "m^3", o->closed ? "time" : "volume",
      u->scalars + TAUP_SCALAR_SIZE);
  if (unit->kind->flags & TAUP_UNIT_TUBE)
    add(o, path_of(o, p, "length"), "m", "length", u->scalars + TAUP_SCALAR_LENGTH);
  add(o, path_of(o, p, "adiabatic_rise"), "K", "heat released by reaction over the heat capacity flow",
      u->scalars + TAUP_SCALAR_ADIABATIC_RISE);
  add(o, path_of(o, p, "heat_released"), heat, "heat released by reaction", u->scalars + TAUP_SCALAR_RELEASED);
  need(o, o->n - 2, TAUP_NEED_HEAT);
  add_per_reaction(o, p, u);
  add_along(o, p, u);
  if (unit->kind->transport == TAUP_DISPERSED) add_dispersion(o, p, u);
  if (unit->kind->transport == TAUP_DISPERSED || unit->mixing) add_grid_error(o, p, u);
  if (taup_family_of(unit) == TAUP_WELL_MIXED)
    add(o, path_of(o, p, "stable"), "", "1: the steady state is stable, 0: it is not",
        u->scalars + TAUP_SCALAR_STABLE);
}

/* --- nodes --- */

static taup_node datum(list *o, int offset, taup_dim dim)
{
  return taup_symbol(o->g, TAUP_INLET, offset, dim, "data");
}

static taup_node parameter(list *o, int i)
{
  const taup_parameter *p = &o->t->d.chemistry.parameters.items[i];
  return taup_symbol(o->g, TAUP_PARAMETER, i, p->dim, p->path);
}

static taup_node mass_flow(list *o, const taup_count *at, int i)
{
  const taup_species *s = &o->t->d.chemistry.species[i];
  return s->molar_mass < 0 ? TAUP_NODE_NONE : taup_mul(o->g, at->F[i], parameter(o, s->molar_mass));
}

static bool comes_in(const tau_train *t, int species)
{
  const taup_chemistry *ch = &t->d.chemistry;
  for (int k = 0; k < ch->n_feeds; k++) {
    const taup_feed *f = &ch->feeds[k];
    if (f->solvent_species == species) return true;
    for (int i = 0; i < f->n_amounts; i++)
      if (f->amounts[i].species == species) return true;
    for (int i = 0; i < f->n_equivalents; i++)
      if (f->equivalents[i].species == species) return true;
  }
  for (int u = 0; u < t->d.units.n; u++)
    for (int i = 0; i < t->d.units.items[u].n_charge; i++)
      if (t->d.units.items[u].charge[i].species == species) return true;
  return false;
}

static void add_counts(list *o, const taup_count *at)
{
  taup_graph *g = o->g;
  for (int i = 0; i < o->l->n_species; i++) {
    const char *name = o->l->species[i];
    if (comes_in(o->t, i))
      add_node(o, path_of(o, "conversion/", name), "", "1 - out / all feeds", taup_count_conversion(g, at, i));
    add_node(o, path_of(o, "productivity/", name), o->closed ? "kg" : "kg/s", "mass that leaves",
             mass_flow(o, at, i));
    if (at->key_reactant >= 0 && i != at->key_reactant) {
      add_node(o, path_of(o, "yield/", name), "", "moles made per mole of key reactant fed, over the ratio",
               taup_count_yield(g, at, i));
      add_node(o, path_of(o, "selectivity/", name), "", "yield over conversion of the key reactant",
               taup_count_selectivity(g, at, i));
    }
    if (at->key_product >= 0 && i != at->key_product)
      add_node(o, path_of(o, "impurity/", name), "", "moles per mole of product",
               taup_count_impurity(g, at, i));
  }
}

/* Mass in without solvents: NONE where a molar mass is missing. */
static taup_node reagent_mass(list *o, const taup_count *at)
{
  taup_node sum = taup_const(o->g, 0.0, TAUP_DIM(0, 1, -1, 0, 0));
  for (int i = 0; i < o->l->n_species; i++) {
    const taup_species *s = &o->t->d.chemistry.species[i];
    if (s->flowing_solvent || !comes_in(o->t, i)) continue;
    if (s->molar_mass < 0) return TAUP_NODE_NONE;
    sum = taup_add(o->g, sum, taup_mul(o->g, at->total[i], parameter(o, s->molar_mass)));
  }
  return sum;
}

static void add_green(list *o, const taup_count *at)
{
  taup_graph *g = o->g;
  if (at->key_product < 0) return;
  const taup_node product = mass_flow(o, at, at->key_product);
  if (product == TAUP_NODE_NONE) return;
  const taup_node volume = datum(o, TAUP_WHOLE_VOLUME, TAUP_DIM_VOLUME),
                  time = datum(o, TAUP_WHOLE_TIME, TAUP_DIM_NONE);
  const taup_node all = datum(o, TAUP_WHOLE_MASS_IN, TAUP_DIM(0, 1, -1, 0, 0)),
                  reagents = reagent_mass(o, at);
  const taup_node one = taup_number(g, 1.0);
  add_node(o, "space_time_yield", "kg/m^3/s", "mass of product per volume of the units and time",
           taup_div(g, product, taup_mul(g, volume, time)));
  if (reagents != TAUP_NODE_NONE)
    add_node(o, "e_factor", "", "waste without solvents per mass of product",
             taup_sub(g, taup_div(g, reagents, product), one));
  const int with_mass = o->n;
  add_node(o, "e_factor_with_solvent", "", "waste per mass of product",
           taup_sub(g, taup_div(g, all, product), one));
  add_node(o, "pmi", "", "mass in per mass of product", taup_div(g, all, product));
  need(o, with_mass, TAUP_NEED_MASS);
}

static void add_whole(list *o)
{
  const taup_unit_layout *last = &o->l->units[o->t->outlet_stage];
  const int n = o->l->n_species, outlet = last->outlet + o->t->d.outlet_port * taup_stream_size(n);
  taup_node *F = taup_arena_alloc(&o->t->arena, (size_t)n, sizeof *F),
            *total = taup_arena_alloc(&o->t->arena, (size_t)n, sizeof *total);
  if (!F || !total) {
    o->status = TAU_E_NOMEM;
    return;
  }
  for (int i = 0; i < n; i++) {
    F[i] = datum(o, outlet + i, TAUP_DIM_MOLAR_FLOW);
    total[i] = datum(o, o->l->total + i, TAUP_DIM_MOLAR_FLOW);
  }
  const taup_node T = datum(o, outlet + 2 * n + TAUP_STREAM_T, TAUP_DIM_TEMPERATURE);
  const taup_node Q = datum(o, outlet + 2 * n + TAUP_STREAM_FLOW, TAUP_DIM_FLOW);
  const taup_node ratio = o->t->d.ratio >= 0 ? parameter(o, o->t->d.ratio) : taup_number(o->g, 1.0);
  const taup_count at = {&o->t->d.chemistry,  F,    total, T, Q, o->t->d.key_reactant,
                         o->t->d.key_product, ratio};
  add_stream(o, "outlet/", outlet);
  add(o, "residence_time", "s", "space times on the way of the key reactant (the longest way without a key)",
      TAUP_WHOLE_RESIDENCE_TIME);
  add_counts(o, &at);
  add_green(o, &at);
  add(o, "balance/closure", "", "largest relative error of the conserved sums", TAUP_WHOLE_CLOSURE);
  need(o, o->n - 1, TAUP_NEED_CLOSURE);
  add(o, "balance/energy", "", "largest relative error of the energy balances", TAUP_WHOLE_ENERGY);
  need(o, o->n - 1, TAUP_NEED_HEAT);
}

static tau_status lower_all(list *o, taup_lower_fn lower, void *user)
{
  const int n_inputs[4] = {0, o->t->d.chemistry.parameters.n, o->l->n_data, 0};
  const taup_body body = {o->n_nodes, o->nodes, "observables"};
  TAU_TRY(taup_graph_status(o->g));
  return lower(user, o->g, n_inputs, &body);
}

static tau_status hand_over(list *o)
{
  tau_observable *items = taup_arena_alloc(&o->l->arena, (size_t)o->n, sizeof *items);
  int *offsets = taup_arena_alloc(&o->l->arena, (size_t)o->n, sizeof *offsets);
  unsigned *needs = taup_arena_alloc(&o->l->arena, (size_t)o->n, sizeof *needs);
  if (!items || !offsets || !needs) return TAU_E_NOMEM;
  memcpy(items, o->items, (size_t)o->n * sizeof *items);
  memcpy(offsets, o->offsets, (size_t)o->n * sizeof *offsets);
  o->l->observables = items;
  memcpy(needs, o->needs, (size_t)o->n * sizeof *needs);
  o->l->observable_offset = offsets;
  o->l->observable_needs = needs;
  o->l->n_observables = o->n;
  for (int i = 0; i < o->n; i++) TAU_TRY(taup_map_add(&o->l->observable_by_path, items[i].path, i));
  return TAU_OK;
}

tau_status taup_observables_new(tau_train *t, taup_lower_fn lower, void *user)
{
  list o = {.t = t, .l = t->layout};
  o.closed = t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED;
  tau_status st = taup_graph_new(&o.g);
  if (st == TAU_OK) {
    add_whole(&o);
    for (int s = 0; s < t->n_stages; s++) add_unit(&o, s);
    st = o.status;
  }
  if (st == TAU_OK) st = lower_all(&o, lower, user);
  if (st == TAU_OK) st = hand_over(&o);
  taup_graph_free(o.g);
  taup_free(o.items);
  taup_free(o.offsets);
  taup_free(o.needs);
  taup_free(o.nodes);
  return st;
}

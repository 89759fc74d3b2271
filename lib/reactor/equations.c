/* SPDX-License-Identifier: Apache-2.0 */
/* equations.c - the equations of a unit, written in order: the liquid that comes in and the liquid at a place, the rates there, the
 * kind's own balance, and its family. */
#include "base/status.h"
#include "reactor/family.h"

static taup_node *node_array(taup_builder *b, int n)
{
  return taup_arena_alloc(&b->arena, (size_t)n, sizeof(taup_node));
}

static void inlet_nodes(taup_builder *b)
{
  const taup_chemistry *ch = b->chemistry;
  b->in.Q = taup_symbol(b->g, TAUP_INLET, TAUP_IN_FLOW, TAUP_DIM_FLOW, "Q_in");
  b->in.T = taup_symbol(b->g, TAUP_INLET, TAUP_IN_T, TAUP_DIM_TEMPERATURE, "T_in");
  for (int i = 0; i < ch->n_species; i++) {
    b->in.F[i] =
      taup_symbol(b->g, TAUP_INLET, taup_inlet_index_F(i), TAUP_DIM_MOLAR_FLOW, ch->species[i].name);
    b->in.c[i] = taup_div(b->g, b->in.F[i], b->in.Q);
  }
}

/* A dependent species from its moiety: the total that came in, less the others. */
static taup_node dependent(taup_builder *b, int i_species, const taup_node *amount)
{
  const taup_moiety *m = &b->chemistry->moieties[b->reduced[i_species]];
  double *c = taup_arena_alloc(&b->arena, 2 * (size_t)m->n, sizeof *c);
  taup_node *x = node_array(b, 2 * m->n);
  if (!c || !x) return taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a moiety");
  double own = 1.0;
  for (int k = 0; k < m->n; k++)
    if (m->species[k] == i_species) own = m->coefficient[k];
  int n = 0;
  for (int k = 0; k < m->n; k++) {
    c[n] = m->coefficient[k] / own;
    x[n++] = b->in.F[m->species[k]];
    if (m->species[k] == i_species) continue;
    c[n] = -m->coefficient[k] / own;
    x[n++] = amount[m->species[k]];
  }
  return taup_sum(b->g, n, c, x);
}

static void local_amounts(taup_builder *b, taup_node *amount, taup_dim dim)
{
  const taup_chemistry *ch = b->chemistry;
  for (int i = 0; i < ch->n_species; i++) {
    if (b->reduced && b->reduced[i] >= 0) continue;
    b->species_of_state[b->n_amounts] = i;
    amount[i] = taup_symbol(b->g, TAUP_STATE, b->n_amounts++, dim, ch->species[i].name);
  }
  for (int i = 0; i < ch->n_species; i++)
    if (b->reduced && b->reduced[i] >= 0) amount[i] = dependent(b, i, amount);
  b->n_state = b->n_amounts;
}

static void local_temperature(taup_builder *b)
{
  if (b->unit->heat == TAUP_HEAT_FEED) b->local.T = b->in.T;
  else if (b->unit->heat == TAUP_HEAT_SET)
    b->local.T = taup_builder_role(b, TAUP_ROLE_TEMPERATURE, TAUP_DIM_TEMPERATURE, "T_set");
  else {
    b->varies_T = true;
    b->local.T = taup_symbol(b->g, TAUP_STATE, b->n_state++, TAUP_DIM_TEMPERATURE, "T");
  }
}

static void local_flow(taup_builder *b)
{
  const taup_stream_nodes in = {b->in.F, b->in.Q, b->in.T};
  if (b->chemistry->fluid.mode == TAUP_FLUID_IDEAL_MIXTURE) {
    b->varies_Q = true;
    b->local.Q = taup_symbol(b->g, TAUP_STATE, b->n_state++, TAUP_DIM_FLOW, "Q");
  } else {
    b->local.Q = taup_stream_volume(b->chemistry, b->g, &in, b->local.T, taup_builder_parameter, b);
  }
}

static void liquid(taup_builder *b)
{
  const int n = b->chemistry->n_species;
  inlet_nodes(b);
  if (taup_family_of(b->unit) == TAUP_WELL_MIXED) {
    local_amounts(b, b->local.c, TAUP_DIM_CONCENTRATION);
    local_temperature(b);
    return;
  }
  local_amounts(b, b->local.F, TAUP_DIM_MOLAR_FLOW);
  local_temperature(b);
  local_flow(b);
  for (int i = 0; i < n; i++) b->local.c[i] = taup_div(b->g, b->local.F[i], b->local.Q);
}

static tau_status allocate(taup_builder *b)
{
  const int n = b->chemistry->n_species, m = b->chemistry->n_reactions;
  b->in = (taup_mixture){node_array(b, n), node_array(b, n), TAUP_NODE_NONE, TAUP_NODE_NONE};
  b->local = (taup_mixture){node_array(b, n), node_array(b, n), TAUP_NODE_NONE, TAUP_NODE_NONE};
  b->rates = node_array(b, m);
  b->k = node_array(b, m);
  b->sources = node_array(b, n);
  b->species_of_state = taup_arena_alloc(&b->arena, (size_t)n, sizeof(int));
  b->slot_of_parameter = taup_arena_alloc(&b->arena, (size_t)b->chemistry->parameters.n, sizeof(int));
  b->state_of_heat = -1;
  b->heat = b->released = b->wall = b->size = TAUP_NODE_NONE;
  b->void_fraction = b->peclet = b->dispersion = TAUP_NODE_NONE;
  const bool ok = b->in.F && b->in.c && b->local.F && b->local.c && b->rates && b->k && b->sources &&
                  b->species_of_state && b->slot_of_parameter;
  return ok ? TAU_OK : TAU_E_NOMEM;
}

/* Reactions by species, from the stoichiometry by reaction. */
static tau_status transpose(taup_builder *b)
{
  const taup_stoichiometry *s = &b->chemistry->net;
  const int n = s->n_species, n_entries = s->start[s->n_reactions];
  int *start = taup_arena_alloc(&b->arena, (size_t)n + 2, sizeof *start);
  int *reaction = taup_arena_alloc(&b->arena, (size_t)n_entries, sizeof *reaction);
  double *coefficient = taup_arena_alloc(&b->arena, (size_t)n_entries, sizeof *coefficient);
  if (!start || !reaction || !coefficient) return TAU_E_NOMEM;
  for (int e = 0; e < n_entries; e++) start[s->species[e] + 2]++;
  for (int i = 0; i < n; i++) start[i + 2] += start[i + 1];
  for (int j = 0; j < s->n_reactions; j++)
    for (int e = s->start[j]; e < s->start[j + 1]; e++) {
      const int at = start[s->species[e] + 1]++;
      reaction[at] = j;
      coefficient[at] = s->coefficient[e];
    }
  b->by_species = (taup_by_species){start, reaction, coefficient};
  return TAU_OK;
}

tau_status taup_builder_write(taup_builder *b, taup_equations *out)
{
  TAU_TRY(allocate(b));
  TAU_TRY(transpose(b));
  liquid(b);
  TAU_TRY(taup_graph_status(b->g));
  const taup_rate_place at = {b->local.c, b->local.T, taup_builder_parameter, b, b->callbacks};
  taup_chemistry_rates(b->chemistry, b->g, &at, b->rates, b->k);
  TAU_TRY(taup_graph_status(b->g));
  b->unit->kind->balance(b);
  TAU_TRY(taup_graph_status(b->g));
  for (int i = 0; b->unit->mixing && i < b->unit->n_rtd_p; i++)
    taup_builder_role(b, TAUP_ROLE_RTD - i, TAUP_DIM_NONE, "rtd");
  TAU_TRY(taup_family_of(b->unit) == TAUP_WELL_MIXED ? taup_family_tank(b, out) : taup_family_march(b, out));
  return taup_graph_status(b->g);
}

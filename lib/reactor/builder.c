/* SPDX-License-Identifier: Apache-2.0 */
/* builder.c - what a kind's balance() speaks: parameters, rates, sources, heat.
 *
 * Invariant: `in` is bound at INLET, `local` at STATE where it varies; every node array has n_species or n_reactions entries. */
#include "reactor/builder.h"

#include "base/status.h"
#include "chem/dispersion_nodes.h"

/* --- parameters --- */

taup_node taup_builder_role(taup_builder *b, int role, taup_dim dim, const char *name)
{
  int slot = 0;
  while (slot < b->n_roles && b->roles[slot] != role) slot++;
  if (slot == b->n_roles) {
    if (taup_grow(&b->roles, &b->cap_roles, slot + 1, sizeof *b->roles) < 0)
      return taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the parameters of a unit");
    b->roles[b->n_roles++] = role;
  }
  return taup_symbol(b->g, TAUP_PARAMETER, slot, dim, name);
}

taup_node taup_builder_parameter(void *builder, taup_graph *g, int i_parameter)
{
  taup_builder *b = builder;
  (void)g;
  const taup_parameter *p = &b->chemistry->parameters.items[i_parameter];
  if (b->slot_of_parameter[i_parameter] > 0) return b->slot_of_parameter[i_parameter] - 1;
  if (taup_grow(&b->roles, &b->cap_roles, b->n_roles + 1, sizeof *b->roles) < 0)
    return taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the parameters of a unit");
  b->roles[b->n_roles] = i_parameter;
  const taup_node a = taup_symbol(b->g, TAUP_PARAMETER, b->n_roles++, p->dim, p->path);
  b->slot_of_parameter[i_parameter] = a + 1;
  return a;
}

taup_node taup_builder_field(taup_builder *b, int i_field)
{
  const taup_field *f = &b->unit->kind->fields[i_field];
  return taup_builder_role(b, TAUP_ROLE_FIELD - i_field, f->dim, f->name);
}

/* --- rates, heat --- */

taup_node taup_builder_derivative(taup_graph *g, taup_node node, taup_node symbol)
{
  if (node < 0 || symbol < 0) return TAUP_NODE_ERROR;
  taup_diff *d = NULL;
  const taup_partial *partials = NULL;
  taup_node out = taup_const(g, 0.0, taup_dim_divide(taup_node_dim(g, node), taup_node_dim(g, symbol)));
  if (taup_diff_new(&d, g, taup_node_binding(g, symbol)) < 0)
    return taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a derivative");
  const int n = taup_diff_of(d, node, &partials);
  for (int i = 0; i < n; i++)
    if (partials[i].symbol == taup_node_index(g, symbol)) out = partials[i].node;
  taup_diff_free(d);
  return out;
}

taup_node taup_builder_production(taup_builder *b, int i_species)
{
  const taup_by_species *t = &b->by_species;
  const int first = t->start[i_species], n = t->start[i_species + 1] - first;
  taup_node *r = taup_arena_alloc(&b->arena, (size_t)n, sizeof *r);
  if (!r) return taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a balance");
  for (int k = 0; k < n; k++) r[k] = b->rates[t->reaction[first + k]];
  return n ? taup_sum(b->g, n, t->coefficient + first, r) : taup_const(b->g, 0.0, TAUP_DIM_RATE);
}

/* What the enthalpies of the species add to that of reaction j between 298.15 K, where it is given, and the local T: sum_i nu_ij h_i(T). */
static taup_node carried(taup_builder *b, int j)
{
  const taup_stoichiometry *s = &b->chemistry->net;
  taup_node sum = taup_const(b->g, 0.0, TAUP_DIM_MOLAR_ENERGY);
  if (b->chemistry->fluid.mode != TAUP_FLUID_IDEAL_MIXTURE) return sum;
  for (int e = s->start[j]; e < s->start[j + 1]; e++) {
    const taup_node h =
      taup_species_enthalpy(b->chemistry, b->g, s->species[e], b->local.T, taup_builder_parameter, b);
    if (h != TAUP_NODE_NONE) sum = taup_add(b->g, sum, taup_scale(b->g, s->coefficient[e], h));
  }
  return sum;
}

/* b->released counts the enthalpies as given (so that it closes with the enthalpies of the streams); what is returned heats the liquid
 * at T. */
taup_node taup_builder_reaction_heat(taup_builder *b)
{
  const int n = b->chemistry->n_reactions;
  taup_node *given = taup_arena_alloc(&b->arena, (size_t)n, sizeof *given),
            *local = taup_arena_alloc(&b->arena, (size_t)n, sizeof *local);
  double *minus = taup_arena_alloc(&b->arena, (size_t)n, sizeof *minus);
  if (!given || !local || !minus)
    return taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a heat balance");
  b->released = TAUP_NODE_NONE;
  for (int j = 0; j < n; j++) {
    const taup_node dH = taup_chemistry_heat(b->chemistry, b->g, j, taup_builder_parameter, b);
    if (dH == TAUP_NODE_NONE && b->varies_T)
      return taup_graph_fail(
        b->g, TAUP_ERR_MISSING_HEAT,
        "unit '%s' needs the heat of reaction '%s': write heat: (0 J/mol where there is none)", b->unit->name,
        b->chemistry->reactions[j].name);
    if (dH == TAUP_NODE_NONE) return taup_number(b->g, 0.0);
    given[j] = taup_mul(b->g, dH, b->rates[j]);
    local[j] = taup_mul(b->g, taup_add(b->g, dH, carried(b, j)), b->rates[j]);
    minus[j] = -1.0;
  }
  b->released = taup_sum(b->g, n, minus, given);
  return taup_sum(b->g, n, minus, local);
}

/* What is left of an extent of the empty tube. */
static taup_node free_share(taup_builder *b, taup_node of_empty)
{
  return b->void_fraction == TAUP_NODE_NONE ? of_empty : taup_mul(b->g, of_empty, b->void_fraction);
}

static taup_node empty_section(taup_builder *b, int i_diameter)
{
  const taup_node d = taup_builder_field(b, i_diameter);
  return taup_scale(b->g, 0.78539816339744830962, taup_mul(b->g, d, d));
}

taup_node taup_builder_wall_heat(taup_builder *b, int i_diameter)
{
  if (b->unit->heat != TAUP_HEAT_JACKET) return b->wall = taup_number(b->g, 0.0);
  taup_graph *g = b->g;
  const taup_node U = taup_builder_role(b, TAUP_ROLE_JACKET_U, TAUP_DIM(0, 1, -3, -1, 0), "U");
  const taup_node T_wall =
    taup_builder_role(b, TAUP_ROLE_JACKET_TEMPERATURE, TAUP_DIM_TEMPERATURE, "T_jacket");
  const taup_node area = taup_builder_role(b, TAUP_ROLE_JACKET_AREA, TAUP_DIM(2, 0, 0, 0, 0), "area");
  taup_node of = b->unit->kind->family == TAUP_CLOSED ? b->in.Q : b->size;
  if (b->unit->kind->transport == TAUP_CASCADE)
    of = taup_builder_role(b, TAUP_ROLE_TANKS_VOLUME, TAUP_DIM_VOLUME, "V_all");
  taup_node a = taup_div(g, area, of);
  if (b->unit->kind->family == TAUP_CLOSED)
    a = taup_redim(g, a, TAUP_DIM(-1, 0, 0, 0, 0)); /* Q's symbol is a flow's: it stands for a volume */
  if (i_diameter >= 0) {
    const taup_node mode = taup_builder_role(b, TAUP_ROLE_AREA_MODE, TAUP_DIM_NONE, "area_mode");
    const taup_node d = taup_builder_field(b, i_diameter);
    const taup_node tube = taup_scale(g, 4.0, taup_recip(g, free_share(b, d)));
    a = taup_select(g, mode, taup_number(g, 0.5), a, tube);
  }
  return b->wall = taup_product(g, 3, (taup_node[]){U, a, taup_sub(g, T_wall, b->local.T)});
}

void taup_builder_source(taup_builder *b, int i_species, taup_node source) { b->sources[i_species] = source; }
void taup_builder_heat(taup_builder *b, taup_node heat) { b->heat = heat; }

void taup_builder_react(taup_builder *b, int i_diameter)
{
  for (int i = 0; i < b->chemistry->n_species; i++) taup_builder_source(b, i, taup_builder_production(b, i));
  taup_builder_heat(b, taup_add(b->g, taup_builder_reaction_heat(b), taup_builder_wall_heat(b, i_diameter)));
}
void taup_builder_size(taup_builder *b, taup_node size) { b->size = size; }

void taup_builder_pack(taup_builder *b, int i_void_fraction)
{
  if (b->unit->tube == TAUP_TUBE_PACKED) b->void_fraction = taup_builder_field(b, i_void_fraction);
}

/* x where the size (or the mixing) is given by field i of the kind, else y. */
static taup_node where_given(taup_builder *b, int i, taup_node x, taup_node y)
{
  const bool size = (b->unit->kind->fields[i].flags & TAUP_FIELD_ALTERNATIVE) != 0;
  const taup_node mode = size ? taup_builder_role(b, TAUP_ROLE_SIZE_MODE, TAUP_DIM_NONE, "size_mode")
                              : taup_builder_role(b, TAUP_ROLE_MIXING_MODE, TAUP_DIM_NONE, "mixing_mode");
  const taup_node apart = taup_abs(b->g, taup_sub(b->g, mode, taup_number(b->g, i)));
  return taup_select(b->g, taup_number(b->g, 0.5), apart, x, y);
}

taup_node taup_builder_volume(taup_builder *b, int i_volume, int i_residence_time, int i_length,
                              int i_diameter)
{
  taup_graph *g = b->g;
  taup_node v = taup_builder_field(b, i_volume);
  v = where_given(b, i_residence_time, taup_mul(g, taup_builder_field(b, i_residence_time), b->in.Q), v);
  if (i_length < 0) return v;
  const taup_node d = taup_builder_field(b, i_diameter);
  const taup_node tube = taup_scale(g, 0.78539816339744830962,
                                    taup_product(g, 3, (taup_node[]){d, d, taup_builder_field(b, i_length)}));
  return where_given(b, i_length, free_share(b, tube), v);
}

/* D_ax by the relation of the unit; NONE where none is named. */
static taup_node by_relation(taup_builder *b, const taup_dispersing *fields)
{
  taup_graph *g = b->g;
  if (b->unit->tube == TAUP_TUBE_NONE) return TAUP_NODE_NONE;
  const bool packed = b->unit->tube == TAUP_TUBE_PACKED;
  const taup_node rho = taup_fluid_density(b->chemistry, g, b->local.T, taup_builder_parameter, b);
  if (rho == TAUP_NODE_NONE)
    return taup_graph_fail(g, TAUP_ERR_MISSING_LIQUID,
                           "unit '%s' needs the liquid's density for its Re: name a solvent:", b->unit->name);
  const taup_flow_nodes flow = {.velocity = taup_div(g, b->local.Q, empty_section(b, fields->diameter)),
                                .diameter = taup_builder_field(b, packed ? fields->particle_diameter
                                                                         : fields->diameter),
                                .diffusivity =
                                  packed ? TAUP_NODE_NONE : taup_builder_field(b, fields->diffusivity),
                                .nu = taup_div(g, taup_builder_field(b, fields->viscosity), rho)};
  return packed ? taup_dispersion_packed(g, &flow) : taup_dispersion_straight(g, &flow);
}

void taup_builder_disperse(taup_builder *b, const taup_dispersing *fields)
{
  taup_graph *g = b->g;
  const taup_node A = free_share(b, empty_section(b, fields->diameter));
  const taup_node QV = taup_mul(g, b->local.Q, b->size), AA = taup_mul(g, A, A);
  const taup_node Pe = taup_builder_field(b, fields->peclet), law = by_relation(b, fields);
  taup_node D = taup_builder_field(b, fields->dispersion);
  if (law != TAUP_NODE_NONE) D = where_given(b, fields->dispersion, D, law);
  b->peclet = where_given(b, fields->peclet, Pe, taup_div(g, QV, taup_mul(g, AA, D)));
  b->dispersion = where_given(b, fields->peclet, taup_div(g, QV, taup_mul(g, AA, Pe)), D);
}

void taup_builder_free(taup_builder *b)
{
  taup_arena_free(&b->arena);
  taup_free(b->roles);
  b->roles = NULL;
}

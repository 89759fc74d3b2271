/* SPDX-License-Identifier: Apache-2.0 */
/* family.c - accumulation, transport and sources put together, once for all kinds (the equations stand in builder.h).
 *
 * A march goes over s in [0, 1], so its extent V or t multiplies the sources and derivatives to it have no end-point terms. A tank is
 * counted in units of V / Q_in; its f is the true dynamics of the vessel, whose root is the steady state:
 *
 *     constant density        Q_out = Q_in
 *     density by temperature  Q_out = (m_in - Q_in rho'(T) f_T) / rho(T)
 *     ideal mixture           Q_out = sum_i v_i(T) (F_i,in + V s_i) + Q_in f_T sum_i c_i v_i'(T)      (the vessel stays full) */
#include "reactor/family.h"

#include "base/status.h"

static taup_node *node_array(taup_builder *b, int n)
{
  return taup_arena_alloc(&b->arena, (size_t)n, sizeof(taup_node));
}

/* factor * sum, term by term where the factor is bound before the sum, so that it is hoisted into the coefficients. */
static taup_node spread(taup_builder *b, taup_node factor, taup_node sum)
{
  taup_graph *g = b->g;
  if (sum < 0 || factor < 0 || taup_node_op(g, sum) != TAUP_OP_SUM ||
      taup_node_binding(g, factor) >= taup_node_binding(g, sum))
    return taup_mul(g, factor, sum);
  const int n = taup_node_n_args(g, sum);
  taup_node *terms = node_array(b, n + 1);
  double *c = taup_arena_alloc(&b->arena, (size_t)n + 1, sizeof *c);
  if (!terms || !c) return taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in a balance");
  const taup_dim dim = taup_node_dim(g, sum);
  for (int k = 0; k < n; k++) {
    const taup_node term = taup_node_args(g, sum)[k];
    c[k] = taup_node_coefficients(g, sum)[k];
    terms[k] =
      taup_mul(g, factor, taup_dim_equal(taup_node_dim(g, term), dim) ? term : taup_redim(g, term, dim));
  }
  c[n] = 1.0;
  terms[n] = taup_mul(g, factor, taup_const(g, taup_node_value(g, sum), dim));
  return taup_sum(g, n + 1, c, terms);
}

static taup_node or_none(taup_builder *b, taup_node factor, taup_node x)
{
  return x == TAUP_NODE_NONE ? x : spread(b, factor, x);
}

static taup_node enthalpy(taup_builder *b, const taup_node *F, taup_node T)
{
  const taup_stream_nodes s = {F, b->in.Q, b->in.T};
  return taup_stream_enthalpy(b->chemistry, b->g, &s, T, taup_builder_parameter, b);
}

/* Heat capacity flow of the liquid at its T, which must be a symbol; a unit whose T varies must know it. */
static taup_node capacity(taup_builder *b, const taup_node *F, taup_node T)
{
  const taup_node H = enthalpy(b, F, T);
  if (H != TAUP_NODE_NONE) return taup_builder_derivative(b->g, H, T);
  if (!b->varies_T) return TAUP_NODE_NONE;
  return taup_graph_fail(b->g, TAUP_ERR_MISSING_LIQUID,
                         "unit '%s' needs the density and heat capacity of the liquid: name a solvent:",
                         b->unit->name);
}

static void inlet_capacity(taup_builder *b, taup_equations *out)
{
  out->capacity_in =
    capacity(b, b->in.F, taup_symbol(b->g, TAUP_INLET, TAUP_IN_T_OF_H, TAUP_DIM_TEMPERATURE, "T_in"));
}

static void until(taup_builder *b, taup_equations *out)
{
  const taup_unit *u = b->unit;
  out->until = TAUP_NODE_NONE;
  if (!u->until) return;
  const int n = b->chemistry->n_species;
  taup_node *total = node_array(b, n);
  if (!total) {
    taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in until:");
    return;
  }
  for (int i = 0; i < n; i++)
    total[i] = taup_symbol(b->g, TAUP_INLET, taup_inlet_index_total(n, i), TAUP_DIM_MOLAR_FLOW,
                           b->chemistry->species[i].name);
  const taup_node ratio = b->ratio >= 0 ? taup_builder_parameter(b, b->g, b->ratio) : taup_number(b->g, 1.0);
  const taup_count at = {b->chemistry, b->local.F,      total,          b->local.T,
                         b->local.Q,   b->key_reactant, b->key_product, ratio};
  const taup_node x = taup_count_path(b->g, &at, u->until);
  if (x == TAUP_NODE_NONE) {
    taup_graph_fail(b->g, TAUP_ERR_BAD_CONDITION, "unit '%s': until: '%s' is not known along a unit", u->name,
                    u->until);
    return;
  }
  const taup_node threshold = taup_builder_role(b, TAUP_ROLE_UNTIL, taup_node_dim(b->g, x), "until");
  out->until = u->until_rises ? taup_sub(b->g, x, threshold) : taup_sub(b->g, threshold, x);
}

static tau_status allocate(taup_builder *b, taup_equations *out)
{
  out->f = node_array(b, b->n_state);
  out->start = node_array(b, b->n_state);
  out->out_F = node_array(b, b->chemistry->n_species);
  return out->f && out->start && out->out_F ? TAU_OK : TAU_E_NOMEM;
}

/* --- along a tube, or in time in a batch --- */

/* dQ/ds of an ideal mixture: the volumes that the species bring, and their expansion. */
static taup_node flow_slope(taup_builder *b, const taup_node *all_f, taup_node f_T)
{
  taup_graph *g = b->g;
  const taup_chemistry *ch = b->chemistry;
  const taup_stream_nodes s = {b->local.F, b->local.Q, b->local.T};
  taup_node sum = taup_const(g, 0.0, TAUP_DIM_FLOW);
  for (int i = 0; i < ch->n_species; i++) {
    const taup_node v = taup_species_volume(ch, g, i, b->local.T, taup_builder_parameter, b);
    if (v != TAUP_NODE_NONE) sum = taup_add(g, sum, taup_mul(g, v, all_f[i]));
  }
  if (!b->varies_T) return sum;
  const taup_node volume = taup_stream_volume(ch, g, &s, b->local.T, taup_builder_parameter, b);
  return taup_add(g, sum, taup_mul(g, taup_builder_derivative(g, volume, b->local.T), f_T));
}

static taup_node start_flow(taup_builder *b)
{
  const taup_stream_nodes in = {b->in.F, b->in.Q, b->in.T};
  const taup_node Q = taup_stream_volume(b->chemistry, b->g, &in, b->varies_T ? b->in.T : b->local.T,
                                         taup_builder_parameter, b);
  if (Q != TAUP_NODE_NONE) return Q;
  return taup_graph_fail(b->g, TAUP_ERR_MISSING_DENSITY,
                         "an ideal mixture needs the density of at least one species (a feed's solvent:)");
}

static taup_node extent_of(taup_builder *b)
{
  if (b->unit->mixing)
    return taup_mul(b->g, taup_builder_role(b, TAUP_ROLE_REACH, TAUP_DIM_TIME, "t_reach"), b->in.Q);
  return b->unit->kind->family == TAUP_CLOSED ? taup_mul(b->g, b->size, b->local.Q) : b->size;
}

/* The heats as states, and fresh fluid that comes in. */
static void write_ages(taup_builder *b, taup_equations *out)
{
  static const char *const names[2] = {"released", "wall"};
  taup_graph *g = b->g;
  const taup_node heats[2] = {out->released, out->wall}, zero = taup_const(g, 0.0, TAUP_DIM_POWER);
  for (int k = 0; k < 2; k++) {
    out->f[b->state_of_heat + k] = heats[k] == TAUP_NODE_NONE ? zero : heats[k];
    out->start[b->state_of_heat + k] = zero;
  }
  if (b->unit->mixing != TAUP_MAXIMUM) return;
  const taup_node a = taup_symbol(g, TAUP_STATE, b->n_state, TAUP_DIM_NONE, "a");
  for (int i = 0; i < b->n_state; i++) {
    const taup_node here = i < b->n_amounts ? b->local.F[b->species_of_state[i]]
                           : i < b->state_of_heat
                             ? b->local.T
                             : taup_symbol(g, TAUP_STATE, i, TAUP_DIM_POWER, names[i - b->state_of_heat]);
    out->f[i] = taup_add(g, out->f[i], taup_mul(g, a, taup_sub(g, out->start[i], here)));
  }
  b->n_inputs = b->n_state + 1;
}

/* Room for the states that only a march through a distribution has. */
static void add_heats(taup_builder *b)
{
  if (!b->unit->mixing) return;
  b->state_of_heat = b->n_state;
  b->n_state += 2;
}

tau_status taup_family_march(taup_builder *b, taup_equations *out)
{
  taup_graph *g = b->g;
  const int n = b->chemistry->n_species;
  add_heats(b);
  b->n_inputs = b->n_state;
  TAU_TRY(allocate(b, out));
  taup_node *all_f = node_array(b, n);
  if (!all_f) return TAU_E_NOMEM;
  const taup_node extent = extent_of(b);
  for (int i = 0; i < n; i++) {
    all_f[i] = spread(b, extent, b->sources[i]);
    out->out_F[i] = b->local.F[i];
  }
  int state = 0;
  for (; state < b->n_amounts; state++) {
    out->f[state] = all_f[b->species_of_state[state]];
    out->start[state] = b->in.F[b->species_of_state[state]];
  }
  taup_node f_T = TAUP_NODE_NONE;
  if (b->varies_T) {
    f_T = taup_div(g, spread(b, extent, b->heat), capacity(b, b->local.F, b->local.T));
    out->start[state] = b->in.T;
    out->f[state++] = f_T;
  }
  if (b->varies_Q) {
    out->f[state] = flow_slope(b, all_f, f_T);
    out->start[state] = start_flow(b);
  }
  out->released = or_none(b, extent, b->released);
  out->wall = or_none(b, extent, b->wall);
  out->out_Q = b->local.Q;
  out->out_T = b->local.T;
  out->size = b->size;
  out->peclet = b->peclet;
  out->dispersion = b->dispersion;
  if (b->unit->mixing) write_ages(b, out);
  inlet_capacity(b, out);
  until(b, out);
  return TAU_OK;
}

/* --- a stirred tank --- */

/* sum of c_i dv_i/dT: how the content of an ideal mixture expands. */
static taup_node expansion(taup_builder *b)
{
  const taup_stream_nodes s = {b->local.c, b->in.Q, b->in.T};
  const taup_node v = taup_stream_volume(b->chemistry, b->g, &s, b->local.T, taup_builder_parameter, b);
  return taup_builder_derivative(b->g, v, b->local.T);
}

/* What leaves a full vessel [m^3/s]; f_T NONE: at steady temperature. */
static taup_node tank_flow(taup_builder *b, taup_node f_T)
{
  taup_graph *g = b->g;
  const taup_chemistry *ch = b->chemistry;
  if (ch->fluid.mode == TAUP_FLUID_IDEAL_MIXTURE) {
    taup_node sum = taup_const(g, 0.0, TAUP_DIM_FLOW);
    for (int i = 0; i < ch->n_species; i++) {
      const taup_node v = taup_species_volume(ch, g, i, b->local.T, taup_builder_parameter, b);
      if (v == TAUP_NODE_NONE) continue;
      sum = taup_add(g, sum, taup_mul(g, v, taup_add(g, b->in.F[i], taup_mul(g, b->size, b->sources[i]))));
    }
    return f_T == TAUP_NODE_NONE
             ? sum
             : taup_add(g, sum, taup_product(g, 3, (taup_node[]){b->in.Q, f_T, expansion(b)}));
  }
  const taup_stream_nodes in = {b->in.F, b->in.Q, b->in.T};
  const taup_node Q = taup_stream_volume(ch, g, &in, b->local.T, taup_builder_parameter, b);
  if (f_T == TAUP_NODE_NONE || ch->fluid.mode == TAUP_FLUID_CONSTANT) return Q;
  const taup_node rho = taup_fluid_density(ch, g, b->local.T, taup_builder_parameter, b);
  const taup_node slope = taup_builder_derivative(g, rho, b->local.T);
  return taup_sub(g, Q, taup_div(g, taup_product(g, 3, (taup_node[]){b->in.Q, slope, f_T}), rho));
}

/* dT/d(t Q_in / V): enthalpy that comes in, less what it carries at T, and the heat made; over the heat capacity of what is held. */
static taup_node tank_temperature(taup_builder *b)
{
  taup_graph *g = b->g;
  const taup_chemistry *ch = b->chemistry;
  const taup_node carried = taup_sub(g, enthalpy(b, b->in.F, b->in.T), enthalpy(b, b->in.F, b->local.T));
  const taup_node gained = taup_add(g, carried, taup_mul(g, b->size, b->heat));
  if (ch->fluid.mode == TAUP_FLUID_IDEAL_MIXTURE) {
    const taup_node held = taup_builder_derivative(g, enthalpy(b, b->local.c, b->local.T), b->local.T);
    return taup_div(g, gained, taup_mul(g, b->in.Q, held));
  }
  const taup_node rho = taup_fluid_density(ch, g, b->local.T, taup_builder_parameter, b);
  const taup_node h = taup_fluid_enthalpy(ch, g, b->local.T, taup_builder_parameter, b);
  return taup_div(g, gained,
                  taup_product(g, 3, (taup_node[]){b->in.Q, rho, taup_builder_derivative(g, h, b->local.T)}));
}

static taup_node tank_start_flow(taup_builder *b)
{
  const taup_stream_nodes in = {b->in.F, b->in.Q, b->in.T};
  return taup_stream_volume(b->chemistry, b->g, &in, b->varies_T ? b->in.T : b->local.T,
                            taup_builder_parameter, b);
}

tau_status taup_family_tank(taup_builder *b, taup_equations *out)
{
  taup_graph *g = b->g;
  const int n = b->chemistry->n_species;
  b->n_inputs = b->n_state;
  TAU_TRY(allocate(b, out));
  taup_node f_T = TAUP_NODE_NONE;
  if (b->varies_T) {
    if (capacity(b, b->in.F, taup_symbol(g, TAUP_INLET, TAUP_IN_T_OF_H, TAUP_DIM_TEMPERATURE, "T_in")) < 0)
      return taup_graph_status(g);
    f_T = tank_temperature(b);
    out->f[n] = f_T;
    out->start[n] = b->in.T;
  }
  const taup_node Q = tank_flow(b, f_T), Q_steady = tank_flow(b, TAUP_NODE_NONE),
                  Q_start = tank_start_flow(b);
  const taup_node relative = taup_div(g, Q, b->in.Q), tau = taup_div(g, b->size, b->in.Q);
  for (int i = 0; i < n; i++) {
    const taup_node terms[3] = {b->in.c[i], taup_mul(g, relative, b->local.c[i]),
                                spread(b, tau, b->sources[i])};
    out->f[i] = taup_sum(g, 3, (double[]){1.0, -1.0, 1.0}, terms);
    out->start[i] = taup_div(g, b->in.F[i], Q_start);
    out->out_F[i] = taup_mul(g, b->local.c[i], Q_steady);
  }
  out->released = or_none(b, b->size, b->released);
  out->wall = or_none(b, b->size, b->wall);
  out->out_Q = Q_steady;
  out->out_T = b->local.T;
  out->size = b->size;
  out->until = out->peclet = out->dispersion = TAUP_NODE_NONE;
  inlet_capacity(b, out);
  return TAU_OK;
}

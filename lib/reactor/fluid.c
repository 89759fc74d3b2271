/* SPDX-License-Identifier: Apache-2.0 */
/* fluid.c - the liquid: density, enthalpy, volume of streams, as nodes.
 *
 *     constant       rho, cp constant:                  h = cp (T - 298.15 K)            Q does not change
 *     temperature    rho(T), h(T) of the solvent        m = rho(T) Q is kept             Q(T) = m / rho(T)
 *     ideal-mixture  Q = sum F_i v_i(T), H = sum F_i h_i(T) over the species that have a volume and a heat capacity
 *
 * The heat capacity is always the derivative of the enthalpy. */
#include "reactor/builder.h"

static taup_node reference(taup_graph *g) { return taup_const(g, 298.15, TAUP_DIM_TEMPERATURE); }

static bool is_mixture(const taup_chemistry *ch) { return ch->fluid.mode == TAUP_FLUID_IDEAL_MIXTURE; }

taup_node taup_fluid_density(const taup_chemistry *ch, taup_graph *g, taup_node T,
                             taup_parameter_node_fn parameter, void *user)
{
  const taup_fluid *f = &ch->fluid;
  if (!f->given || is_mixture(ch)) return TAUP_NODE_NONE;
  if (f->mode == TAUP_FLUID_TEMPERATURE && f->solvent) return taup_solvent_density(g, f->solvent, T);
  return f->density >= 0 ? parameter(user, g, f->density) : TAUP_NODE_NONE;
}

taup_node taup_fluid_enthalpy(const taup_chemistry *ch, taup_graph *g, taup_node T,
                              taup_parameter_node_fn parameter, void *user)
{
  const taup_fluid *f = &ch->fluid;
  if (!f->given || is_mixture(ch)) return TAUP_NODE_NONE;
  if (f->mode == TAUP_FLUID_TEMPERATURE && f->solvent) return taup_solvent_enthalpy(g, f->solvent, T);
  if (f->heat_capacity < 0) return TAUP_NODE_NONE;
  return taup_mul(g, parameter(user, g, f->heat_capacity), taup_sub(g, T, reference(g)));
}

taup_node taup_species_volume(const taup_chemistry *ch, taup_graph *g, int i, taup_node T,
                              taup_parameter_node_fn parameter, void *user)
{
  const taup_species *s = &ch->species[i];
  if (s->molar_mass < 0) return TAUP_NODE_NONE;
  const taup_node M = parameter(user, g, s->molar_mass);
  if (s->density >= 0) return taup_div(g, M, parameter(user, g, s->density));
  return s->solvent ? taup_div(g, M, taup_solvent_density(g, s->solvent, T)) : TAUP_NODE_NONE;
}

taup_node taup_species_enthalpy(const taup_chemistry *ch, taup_graph *g, int i, taup_node T,
                                taup_parameter_node_fn parameter, void *user)
{
  const taup_species *s = &ch->species[i];
  if (s->molar_mass < 0) return TAUP_NODE_NONE;
  const taup_node M = parameter(user, g, s->molar_mass);
  if (s->heat_capacity >= 0)
    return taup_product(g, 3,
                        (taup_node[]){M, parameter(user, g, s->heat_capacity), taup_sub(g, T, reference(g))});
  return s->solvent ? taup_mul(g, M, taup_solvent_enthalpy(g, s->solvent, T)) : TAUP_NODE_NONE;
}

typedef taup_node (*species_property)(const taup_chemistry *ch, taup_graph *g, int i, taup_node T,
                                      taup_parameter_node_fn parameter, void *user);

/* sum of F_i times a property of species i; NONE where no species has it. */
static taup_node mixture_sum(const taup_chemistry *ch, taup_graph *g, const taup_node *F, taup_node T,
                             species_property property, taup_parameter_node_fn parameter, void *user)
{
  taup_node sum = TAUP_NODE_NONE;
  for (int i = 0; i < ch->n_species; i++) {
    const taup_node x = property(ch, g, i, T, parameter, user);
    if (x == TAUP_NODE_NONE) continue;
    const taup_node term = taup_mul(g, F[i], x);
    sum = sum == TAUP_NODE_NONE ? term : taup_add(g, sum, term);
  }
  return sum;
}

taup_node taup_stream_mass(const taup_chemistry *ch, taup_graph *g, const taup_stream_nodes *s,
                           taup_parameter_node_fn parameter, void *user)
{
  if (!is_mixture(ch)) {
    const taup_node rho = taup_fluid_density(ch, g, s->T, parameter, user);
    return rho == TAUP_NODE_NONE ? rho : taup_mul(g, rho, s->Q);
  }
  taup_node sum = taup_number(g, 0.0);
  for (int i = 0; i < ch->n_species; i++) {
    if (ch->species[i].molar_mass < 0) return TAUP_NODE_NONE;
    sum = taup_add(g, sum, taup_mul(g, s->F[i], parameter(user, g, ch->species[i].molar_mass)));
  }
  return sum;
}

taup_node taup_stream_enthalpy(const taup_chemistry *ch, taup_graph *g, const taup_stream_nodes *s,
                               taup_node T_h, taup_parameter_node_fn parameter, void *user)
{
  if (is_mixture(ch)) return mixture_sum(ch, g, s->F, T_h, taup_species_enthalpy, parameter, user);
  const taup_node m = taup_stream_mass(ch, g, s, parameter, user),
                  h = taup_fluid_enthalpy(ch, g, T_h, parameter, user);
  return m == TAUP_NODE_NONE || h == TAUP_NODE_NONE ? TAUP_NODE_NONE : taup_mul(g, m, h);
}

taup_node taup_stream_volume(const taup_chemistry *ch, taup_graph *g, const taup_stream_nodes *s,
                             taup_node T_h, taup_parameter_node_fn parameter, void *user)
{
  if (is_mixture(ch)) return mixture_sum(ch, g, s->F, T_h, taup_species_volume, parameter, user);
  if (!ch->fluid.given || ch->fluid.mode == TAUP_FLUID_CONSTANT) return s->Q;
  const taup_node m = taup_stream_mass(ch, g, s, parameter, user);
  return taup_div(g, m, taup_fluid_density(ch, g, T_h, parameter, user));
}

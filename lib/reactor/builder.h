/* SPDX-License-Identifier: Apache-2.0 */
/* builder.h - the equations of a unit as nodes: what a kind's balance() uses, and what the train makes programs of.
 *
 * Symbols of a unit's graph. PARAMETER: slots, each a role (a parameter of the chemistry, or one of the unit's own); units of one kind,
 * heat option and fluid share the program, each with its own parameters in the slots. INLET: see taup_inlet_symbol. STATE: amounts of the
 * species (flows F [mol/s] along a tube, n [mol] in a batch, concentrations c in a tank), then T and the volume flow Q where they vary.
 *
 * Families (rules of the equations):
 *     distributed   dF_i/ds = V sum_j nu_ij r_j       C dT/ds = V (sum_j -dH_j r_j + U a (T_w - T))      s = volume / V
 *     closed        dn_i/ds = t Q sum_j nu_ij r_j     C dT/ds = t Q (...)       Q: volume of the liquid, s = time / t
 *     well mixed    V dc_i/dt = F_i,in - Q_out c_i + V sum_j nu_ij r_j         time in units of V / Q_in
 *                   V rho cp dT/dt = m (h_in - h) + V (...)
 * A unit that is run in its distribution of residence times (mixing) is followed by age: t_reach Q in place of V, s = age / t_reach,
 * and the heats by reaction and through the wall up to there are two states more. Where ages mix early, fresh fluid comes in at the rate
 * a (a symbol behind the states that who marches sets):  dF_i/ds = ... + a (F_i,in - F_i),  the same of T and the heats.
 * A dispersed tube has the same f; the flux N = F - dF/ds / Pe takes the place of F on the left (solve/field.h).
 * with c = F / Q, C the heat capacity flow (or amount). Where the density follows from composition, Q is a state of its own. */
#ifndef TAUP_BUILDER_H
#define TAUP_BUILDER_H

#include "base/text.h"
#include "reactor/unit.h"

/* Roles of parameter slots: >= 0 a parameter of the chemistry; below, one of the unit. */
typedef enum taup_role {
  TAUP_ROLE_TEMPERATURE = -1,
  TAUP_ROLE_JACKET_TEMPERATURE = -2,
  TAUP_ROLE_JACKET_U = -3,
  TAUP_ROLE_JACKET_AREA = -4,
  TAUP_ROLE_UNTIL = -5,
  TAUP_ROLE_SIZE_MODE = -6,   /* which member of the size group is given: its field's index */
  TAUP_ROLE_AREA_MODE = -7,   /* 1: the jacket's area is given; 0: it follows from the diameter */
  TAUP_ROLE_MIXING_MODE = -8, /* the same of the second group, of what is mixed along a tube */
  TAUP_ROLE_TANK_VOLUME = -9, /* of a cascade: of the tank at hand, and of all */
  TAUP_ROLE_TANKS_VOLUME = -10,
  TAUP_ROLE_REACH = -11, /* age at which a march through a distribution ends [s] */
  TAUP_ROLE_FIELD = -16, /* field i of the kind is TAUP_ROLE_FIELD - i */
  TAUP_ROLE_RTD = -1000  /* parameter i of the unit's `rtd:` is TAUP_ROLE_RTD - i */
} taup_role;

/* INLET symbols: flow and T of what comes in; T once more, as a symbol of its own at which the inlet's enthalpy is taken (so that its
 * derivative is at constant mass); its molar flows; the totals of all feeds (or the charge). */
enum { TAUP_IN_FLOW, TAUP_IN_T, TAUP_IN_T_OF_H, TAUP_IN_F };
static inline int taup_inlet_index_F(int i_species) { return TAUP_IN_F + i_species; }
static inline int taup_inlet_index_total(int n_species, int i_species)
{
  return TAUP_IN_F + n_species + i_species;
}
static inline int taup_n_inlet_symbols(int n_species) { return TAUP_IN_F + 2 * n_species; }

/* The liquid at a place, as nodes. */
typedef struct taup_mixture {
  taup_node *F, *c; /* n_species */
  taup_node Q, T;
} taup_mixture;

/* Net stoichiometry by species. */
typedef struct taup_by_species {
  const int *start, *reaction;
  const double *coefficient;
} taup_by_species;

typedef struct taup_builder {
  /* given by the caller */
  taup_graph *g;
  const taup_chemistry *chemistry;
  const taup_unit *unit;    /* the first of those that will share the program */
  taup_callback *callbacks; /* n_reactions; outlives the program */
  const int *reduced;       /* n_species: moiety from which the species is computed, -1; NULL: none is */
  int key_reactant, key_product, ratio; /* -1 */
  /* made */
  taup_arena arena;
  int *roles; /* of the parameter slots */
  int n_roles, cap_roles;
  int *slot_of_parameter; /* symbol + 1 of a parameter of the chemistry; 0: not used yet */
  taup_by_species by_species;
  bool varies_T, varies_Q; /* states beside the amounts */
  int n_amounts, n_state;
  int state_of_heat;     /* of two; -1 */
  int n_inputs;          /* STATE symbols: states, and what is behind them */
  int *species_of_state; /* n_amounts */
  taup_mixture in, local;
  taup_node *rates, *k;     /* n_reactions */
  taup_node *sources;       /* n_species [mol/m^3/s] */
  taup_node heat;           /* [W/m^3] into the liquid, all in all */
  taup_node released, wall; /* [W/m^3] by reaction (NONE where enthalpies are missing), through the wall */
  taup_node size;           /* volume [m^3]; closed: time [s] */
  taup_node void_fraction;  /* of a packed tube; NONE of others */
  taup_node peclet;         /* of a dispersed tube: u L / D_ax; NONE of others */
  taup_node dispersion;     /* D_ax [m^2/s] */
} taup_builder;

/* What the train lowers; NONE where something does not apply or is not known. Arrays live in the builder's arena. */
typedef struct taup_equations {
  taup_node *f, *start; /* n_state */
  taup_node released,
    wall; /* heat by reaction and through the wall: per s along a march, all in all for a tank [W] */
  taup_node *out_F; /* n_species: what leaves (along a march: what passes) */
  taup_node out_Q, out_T;
  taup_node size;
  taup_node capacity_in;        /* heat capacity flow of the inlet [W/K] */
  taup_node peclet, dispersion; /* of a dispersed tube */
  taup_node until;              /* rises through 0 where the march ends */
} taup_equations;

/* Write the equations of a unit: the liquid, the kind's balance, its family. Errors are in the graph's status; TAU_E_NOMEM. */
tau_status taup_builder_write(taup_builder *b, taup_equations *out);
void taup_builder_free(taup_builder *b);

/* --- for a kind's balance() --- */
taup_node taup_builder_field(taup_builder *b, int i_field); /* a parameter of the unit, by the kind's field */
taup_node taup_builder_production(taup_builder *b, int i_species); /* sum_j nu_ij r_j */
taup_node taup_builder_reaction_heat(taup_builder *b); /* sum_j -dH_j r_j; 0 where T does not follow from it */
/* U a (T_w - T), 0 without a jacket; a is area / size, or 4 / diameter of a tube (i_diameter; -1: no tube) where no area is given. */
taup_node taup_builder_wall_heat(taup_builder *b, int i_diameter);
void taup_builder_source(taup_builder *b, int i_species, taup_node source);
void taup_builder_heat(taup_builder *b, taup_node heat);
/* Sources and heat of what all units share: production, heat of reaction, and that through the wall. */
void taup_builder_react(taup_builder *b, int i_diameter);
void taup_builder_size(taup_builder *b, taup_node size);
/* Volume from the alternative that is given: volume, residence_time x inlet flow, or pi/4 diameter^2 length (-1: the kind has none). */
taup_node taup_builder_volume(taup_builder *b, int i_volume, int i_residence_time, int i_length,
                              int i_diameter);

/* Of a packed tube the liquid has the share void_fraction of the cross-section; before the volume and the wall are asked for. */
void taup_builder_pack(taup_builder *b, int i_void_fraction);

/* The fields that say how a tube disperses. */
typedef struct taup_dispersing {
  int peclet, dispersion, diameter, diffusivity, viscosity, particle_diameter;
} taup_dispersing;
/* Pe = u L / D_ax of a dispersed tube whose size is set: as given, or Q V / (A^2 D_ax), A the cross-section of the liquid, with D_ax as
 * given or by the relation of the unit's `tube:`. */
void taup_builder_disperse(taup_builder *b, const taup_dispersing *fields);

/* --- shared inside this layer and by the train --- */
taup_node taup_builder_role(taup_builder *b, int role, taup_dim dim, const char *name);
taup_node taup_builder_parameter(void *builder, taup_graph *g, int i_parameter);
/* d node / d symbol. */
taup_node taup_builder_derivative(taup_graph *g, taup_node node, taup_node symbol);

/* The liquid (fluid.c). Density [kg/m^3] and specific enthalpy [J/kg, 0 at 298.15 K] of the background; molar volume and enthalpy of a
 * species in an ideal mixture (NONE: it takes no room, or no heat). parameter and user as in chemistry.h. */
taup_node taup_fluid_density(const taup_chemistry *ch, taup_graph *g, taup_node T,
                             taup_parameter_node_fn parameter, void *user);
taup_node taup_fluid_enthalpy(const taup_chemistry *ch, taup_graph *g, taup_node T,
                              taup_parameter_node_fn parameter, void *user);
taup_node taup_species_volume(const taup_chemistry *ch, taup_graph *g, int i, taup_node T,
                              taup_parameter_node_fn parameter, void *user);
taup_node taup_species_enthalpy(const taup_chemistry *ch, taup_graph *g, int i, taup_node T,
                                taup_parameter_node_fn parameter, void *user);
/* Of a whole stream F, Q that has the temperature T: its enthalpy flow [W] at T_h, its volume flow when brought to T_h, its mass flow
 * [kg/s]. */
typedef struct taup_stream_nodes {
  const taup_node *F;
  taup_node Q, T;
} taup_stream_nodes;
taup_node taup_stream_enthalpy(const taup_chemistry *ch, taup_graph *g, const taup_stream_nodes *s,
                               taup_node T_h, taup_parameter_node_fn parameter, void *user);
taup_node taup_stream_volume(const taup_chemistry *ch, taup_graph *g, const taup_stream_nodes *s,
                             taup_node T_h, taup_parameter_node_fn parameter, void *user);
taup_node taup_stream_mass(const taup_chemistry *ch, taup_graph *g, const taup_stream_nodes *s,
                           taup_parameter_node_fn parameter, void *user);

/* What is counted at a place or at the outlet (count.c): conversion, yield, selectivity, impurity, c, T, as nodes. path: "conversion/DFNB".
 * NONE when there is no such. */
typedef struct taup_count {
  const taup_chemistry *chemistry;
  const taup_node *F, *total; /* n_species: here; in all feeds (or the charge) */
  taup_node T, Q;
  int key_reactant, key_product; /* -1 */
  taup_node ratio;
} taup_count;
taup_node taup_count_conversion(taup_graph *g, const taup_count *at, int i_species);
taup_node taup_count_yield(taup_graph *g, const taup_count *at, int i_species);
taup_node taup_count_selectivity(taup_graph *g, const taup_count *at, int i_species);
taup_node taup_count_impurity(taup_graph *g, const taup_count *at, int i_species);
taup_node taup_count_path(taup_graph *g, const taup_count *at, const char *path);

#endif

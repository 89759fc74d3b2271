/* SPDX-License-Identifier: Apache-2.0 */
/* chemistry.h - species, reactions, fluid and feeds as read from the tree: checked, resolved, numbers as indices of parameters.
 *
 * Everything is in one arena and refers to nothing outside it but the const tables and function refs; the tree may die first. Nothing is
 * written after reading. A parameter index of -1 means: not given. */
#ifndef TAUP_CHEMISTRY_H
#define TAUP_CHEMISTRY_H

#include "chem/equation.h"
#include "chem/formula.h"
#include "chem/kt/kt.h"
#include "chem/law/law.h"
#include "chem/network.h"
#include "chem/solvent.h"
#include "model/parameter.h"

typedef enum taup_evidence { /* strongest first */
                             TAUP_MEASURED,
                             TAUP_PUBLISHED,
                             TAUP_ESTIMATED,
                             TAUP_ILLUSTRATIVE,
                             TAUP_UNSTATED
} taup_evidence;

typedef struct taup_species {
  const char *name;
  const taup_formula *formula; /* NULL: not given */
  int molar_mass;              /* parameter; also where it follows from the formula or the solvent table */
  int density, heat_capacity;  /* parameters of the pure liquid, for ideal mixtures; -1 */
  const taup_solvent *solvent; /* a flowing solvent's row; NULL */
  bool flowing_solvent;        /* comes in as the solvent of a feed: not counted as a reactant in e_factor */
} taup_species;

/* A constant with its k(T) form. */
typedef struct taup_k {
  const char *name;    /* "k", "vmax", "KB" */
  const taup_kt *form; /* NULL: not given */
  int p[TAUP_KT_MOST_FIELDS];
  taup_dim dim;
} taup_k;

typedef struct taup_order {
  int species;
  double value;
  int parameter; /* index where `orders:` gives a number that is not whole; -1: the constant value */
} taup_order;

typedef struct taup_reaction {
  const char *name, *equation;
  bool reversible;
  const taup_law *law;
  taup_k k[TAUP_LAW_MOST_FIELDS]; /* in the order of law->fields */
  int n_forward, n_reverse;       /* species with an order in the rate */
  const taup_order *forward, *reverse;
  int substrate;          /* species; -1 */
  const char *expression; /* TAUP_LAW_EXPRESSION: its text (NULL with a function) */
  int n_extra;            /* its parameters */
  const taup_k *extra;
  taup_function_ref *function; /* rate by a user's function; n_arguments names */
  int n_arguments;
  const char *const *arguments; /* names of species, extra parameters, or "T" */
  int heat;                     /* parameter: reaction enthalpy per extent as written [J/mol]; -1 */
  int heat_dH;                  /* parameter of van 't Hoff's dH used where heat is not given; -1 */
  bool uses_T;                  /* the rate depends on the temperature */
} taup_reaction;

typedef enum taup_density_mode {
  TAUP_FLUID_CONSTANT,
  TAUP_FLUID_TEMPERATURE,
  TAUP_FLUID_IDEAL_MIXTURE
} taup_density_mode;

/* The background liquid. */
typedef struct taup_fluid {
  bool given;
  const taup_solvent *solvent; /* NULL for a fluid given by numbers */
  taup_density_mode mode;
  int density, heat_capacity; /* parameters (constant): by numbers, or the table's at 25 degC; -1 */
  int species; /* ideal mixture with a solvent of the file: the species that is the rest of the feeds; -1 */
} taup_fluid;

typedef enum taup_flow_kind {
  TAUP_FLOW_VOLUME,
  TAUP_FLOW_MASS,
  TAUP_FLOW_MOLAR,
  TAUP_FLOW_OPEN /* follows from equivalents */
} taup_flow_kind;
typedef enum taup_composition_kind {
  TAUP_COMPOSITION_CONCENTRATION,
  TAUP_COMPOSITION_MASS_FRACTION,
  TAUP_COMPOSITION_MOLAR_FLOW,
  TAUP_COMPOSITION_OPEN /* the concentration follows from equivalents */
} taup_composition_kind;

/* A number for one species. */
typedef struct taup_amount {
  int species, parameter;
} taup_amount;

typedef struct taup_feed {
  const char *name;
  taup_flow_kind flow_kind;
  int flow;        /* parameter [m^3/s or kg/s]; -1 */
  int temperature; /* -1: not given */
  taup_composition_kind composition;
  int n_amounts;
  const taup_amount *amounts; /* concentration [mol/m^3], mass fraction, or molar flow [mol/s] */
  int solvent_species;        /* flowing solvent of this feed: the rest; -1 */
  int of_feed, of_species;    /* equivalents: per mole of this species in that feed; -1: none */
  int n_equivalents;
  const taup_amount *equivalents;
} taup_feed;

typedef struct taup_chemistry {
  taup_arena arena;
  taup_parameters parameters;
  int n_species, n_reactions, n_feeds;
  taup_species *species;
  taup_reaction *reactions;
  taup_feed *feeds;
  taup_map species_by_name, feed_by_name, reaction_by_name;
  taup_stoichiometry net; /* by reaction */
  int n_moieties;
  const taup_moiety *moieties;
  taup_fluid fluid;
  int pressure, flow_factor; /* parameters; 101325 Pa and 1 by default */
  taup_evidence evidence;    /* the weakest of the file */
  int n_notes;
  const char *const *notes; /* warnings of the whole (masses not balanced ...), one line each */
} taup_chemistry;

/* Read `species:`, `reactions:`, `solvent:`, `feeds:`, `pressure:`, `flow_factor:`, evidence tags of the tree. Mistakes are collected, and
 * reading goes on; what is wrong is left out. Fails only without memory. Keys of other sections are not looked at. */
tau_status taup_chemistry_read(taup_chemistry *out, const taup_tree *root, taup_mistakes *mistakes);
void taup_chemistry_free(taup_chemistry *chemistry);
/* Whether a rate is a function of the user. */
bool taup_chemistry_calls(const taup_chemistry *chemistry);

/* Gives the node of a parameter (a symbol of binding PARAMETER). */
typedef taup_node (*taup_parameter_node_fn)(void *user, taup_graph *g, int i_parameter);

/* Where rates are wanted: concentrations [n_species] and T as nodes, the nodes of parameters, and room for the users' functions
 * [n_reactions], which must outlive the graph. */
typedef struct taup_rate_place {
  const taup_node *c;
  taup_node T;
  taup_parameter_node_fn parameter;
  void *user;
  taup_callback *callbacks;
} taup_rate_place;

/* The net rate of every reaction [mol/m^3/s] as nodes into rates [n_reactions]; k (may be NULL) gets the first constant of each law at T,
 * TAUP_NODE_NONE where there is none. Errors are in the graph's status; they name the reaction. */
void taup_chemistry_rates(const taup_chemistry *chemistry, taup_graph *g, const taup_rate_place *at,
                          taup_node *rates, taup_node *k);
/* Reaction enthalpy per extent as written [J/mol]; TAUP_NODE_NONE where none is given. */
taup_node taup_chemistry_heat(const taup_chemistry *chemistry, taup_graph *g, int i_reaction,
                              taup_parameter_node_fn parameter, void *user);

/* --- reading helpers, shared with the readers of units and of the whole --- */
typedef struct taup_reader {
  taup_chemistry *chemistry; /* its arena and parameters */
  taup_mistakes *mistakes;
  bool bare_si;       /* `bare_numbers: SI` */
  bool out_of_memory; /* set once; what was being read is then left out */
} taup_reader;

/* Read a quantity leaf as a parameter described by field, at path; returns the parameter's index, or -1 after a mistake was reported. */
int taup_read_parameter(taup_reader *r, const taup_tree *leaf, const char *path, const taup_field *field,
                        taup_dim dim, int group);
/* A number of no parameter (an option, an item of `at:`); false after a mistake. dims: the accepted dimensions, *which gets the index. */
bool taup_read_quantity(taup_reader *r, const taup_tree *leaf, int n_dims, const taup_dim *dims,
                        double *value, int *which);
/* Report keys of a map that are not in the NULL-terminated list, with the nearest offered; `what` is "a feed". */
void taup_read_known_keys(taup_reader *r, const taup_tree *map, const char *what, const char *const *known);
/* The child that must be there; reports its absence at the block's key and returns NULL. */
const taup_tree *taup_read_required(taup_reader *r, const taup_tree *map, const char *key, const char *what);
/* The map {species: quantity} under node into amounts (in the arena); path is the prefix of the parameters. */
int taup_read_amounts(taup_reader *r, const taup_tree *map, const char *path, const taup_field *field,
                      const taup_amount **out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* solvent.h - the solvent table and its properties as nodes. */
#ifndef TAUP_SOLVENT_H
#define TAUP_SOLVENT_H

#include "expr/graph.h"

typedef enum taup_density_form {
  TAUP_DENSITY_NONE,
  TAUP_DENSITY_DIPPR105,
  TAUP_DENSITY_PPDS10
} taup_density_form;
typedef enum taup_cp_form { TAUP_CP_NONE, TAUP_CP_DIPPR100, TAUP_CP_DIPPR114 } taup_cp_form;

typedef struct taup_solvent {
  const char *name;
  const char *aliases; /* separated by commas, "THF" */
  const char *formula;
  double molar_mass;        /* [kg/mol] */
  double boiling_point;     /* [K] at 101325 Pa */
  double density_25C;       /* [kg/m^3] */
  double heat_capacity_25C; /* [J/kg/K]; NAN when unknown */
  taup_density_form density_form;
  double density_c[6]; /* in the units of the source */
  double density_T_min, density_T_max;
  taup_cp_form cp_form;
  double cp_c[6];
  double cp_T_min, cp_T_max;
  const char *source;
} taup_solvent;

extern const taup_solvent taup_solvents[];
extern const int taup_n_solvents;

/* Row of a name or an alias, letters of any case; -1 where there is none. */
int taup_solvent_find(const char *name);

/* Density [kg/m^3] and specific enthalpy [J/kg] (0 at 298.15 K; the heat capacity is its derivative) of the pure liquid at T. Where the
 * table has no correlation the values at 25 degC are used. */
taup_node taup_solvent_density(taup_graph *g, const taup_solvent *solvent, taup_node T);
taup_node taup_solvent_enthalpy(taup_graph *g, const taup_solvent *solvent, taup_node T);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* dispersion_nodes.h - the relations of tautrain/dispersion.h that give one number for a tube, as nodes. */
#ifndef TAUP_DISPERSION_NODES_H
#define TAUP_DISPERSION_NODES_H

#include "expr/graph.h"

/* velocity: mean over the whole cross-section [m/s]; diameter of the tube, or of the particles [m]; diffusivity, nu: kinematic viscosity
 * [m^2/s]. */
typedef struct taup_flow_nodes {
  taup_node velocity, diameter, diffusivity, nu;
} taup_flow_nodes;

/* D_ax [m^2/s] of a straight round tube, by the row that its Re chooses. */
taup_node taup_dispersion_straight(taup_graph *g, const taup_flow_nodes *f);
/* The same of a bed of particles; diffusivity is not read. */
taup_node taup_dispersion_packed(taup_graph *g, const taup_flow_nodes *f);

#endif

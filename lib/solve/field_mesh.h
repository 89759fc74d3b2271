/* SPDX-License-Identifier: Apache-2.0 */
/* field_mesh.h - where field.c and field_mesh.c meet. */
#ifndef TAUP_BVP_MESH_H
#define TAUP_BVP_MESH_H

#include "solve/field_work.h"

/* Newton's method on the mesh at hand from what is there, until steps are below rtol, relative (and atol at the same ratio). */
bool taup_bvp_newton(taup_bvp *f, double rtol);
/* The same to what a solution needs; where that leads nowhere, what the tube comes to in time from what is there, if it may. */
bool taup_bvp_settle(taup_bvp *f);
/* The same on a first mesh, together with its elements in pairs where the vector unit has room for them. */
bool taup_bvp_settle_first(taup_bvp *f);
/* A mesh by the guess, and the guess on it; fineness 1 is some ten elements. False: no room for so many. */
bool taup_bvp_mesh_first(taup_bvp *f, double fineness);
/* From a solution on some mesh to one whose estimated error is small enough. */
bool taup_bvp_refine(taup_bvp *f);

#endif

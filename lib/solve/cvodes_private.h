/* SPDX-License-Identifier: Apache-2.0 */
/* cvodes_private.h - what a march holds; for cvodes.c and cvodes_sensitivity.c alone. */
#ifndef TAUP_CVODES_PRIVATE_H
#define TAUP_CVODES_PRIVATE_H

#include <cvodes/cvodes.h>

#include "solve/sundials.h"

typedef struct taup_carried taup_carried;

struct taup_march {
  taup_system system;
  taup_linear linear;
  void *cvode;
  N_Vector y, atol, q, atol_q; /* q and atol_q: NULL without integrals */
  N_Vector work, weight;

  /* of the run */
  double *R;
  const taup_march_options *options; /* borrowed while it goes on */
  double rtol;
  double s0, s1;       /* the last step */
  const double *slope; /* f as it was last asked for */
  bool ended;          /* the observer gave an end */
  double end;
  int refused; /* why f, J or q could not be had since the last accepted step; 0 */
  int refused_rows[3];
  taup_failure failure;
  taup_solver_counts counts;
  taup_carried *carried; /* tangents; NULL: none */
};

/* The tangents of a run that begins, from their start. false: a tolerance is not above zero, or no memory. */
bool taup_carried_begin(taup_march *m, const taup_march_options *options);
void taup_carried_free(taup_march *m);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* mixed.h - a unit at maximum mixedness, part by part of the time left, whoever takes the steps; for lib/train alone. */
#ifndef TAUP_MIXED_H
#define TAUP_MIXED_H

#include "train/ages.h"

/* Stays where it is while it is used: its walk knows it. */
typedef struct taup_mixed {
  taup_walk walk;
  taup_ages *ages;
  taup_age_span span;
  int piece, next; /* of the table: where the force was asked for; where the next part begins */
  double end;      /* of the table */
  double *forced, *y_in;
  tau_statistics statistics;
} taup_mixed;

/* Enter the unit: w->y, the registers and w->atol are those of its first part. Beyond it the heats are states: nothing is integrated. */
tau_status taup_mixed_begin(taup_mixed *m, tau_workspace *w, int i_stage);
/* The same for the next part; false: there is none, and the unit is over (outlet, scalars, statistics). */
bool taup_mixed_next(taup_mixed *m);
/* How closely lanes march a part (CVODES: taup_march_options_of). */
double taup_mixed_rtol(double rtol);

/* What f takes from outside at s of the part, of 1 to TAUP_WASHOUT_MANY units. */
void taup_mixed_forces(int n, taup_mixed *const m[], const double s[], double a[], double slope[]);
/* Whether a lane must show each step, and what is looked at then: false where the walk has failed. */
bool taup_mixed_watches(const taup_mixed *m);
bool taup_mixed_step(taup_mixed *m, const taup_lane_view *view, double s0, double s1);
/* After a lane's march: the part is done, or (false) the unit must be run again by CVODES, and nothing that was found on the way stays. */
bool taup_mixed_leave(taup_mixed *m, const taup_lane_point *point);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tank.h - the steady state of a stirred tank, by whoever finds it; for lib/train alone. */
#ifndef TAUP_TRAIN_TANK_H
#define TAUP_TRAIN_TANK_H

#include "solve/lanes_newton.h"
#include "train/train.h"

typedef struct taup_tank {
  tau_workspace *w;
  int i_stage, i_program;
  const taup_unit_program *p;
  const taup_unit *unit;
  taup_root *root;
  double *R;
  taup_root_options options;
  double *found; /* an unstable state */
  bool has_found, is_done, marched;
  double stable;
  bool only_without;         /* unstable, but only to a trace of what is absent */
  double time;               /* residence times marched */
  double next_try;           /* time from which Newton is tried again */
  taup_solver_counts newton; /* of all tries */
} taup_tank;

/* Enter the unit, with the tolerances of its state. */
tau_status taup_tank_begin(taup_tank *t, tau_workspace *w, int i_stage);
/* What lanes are to find, from the start that it puts into w->y. */
taup_lane_root taup_tank_root(taup_tank *t);
void taup_tank_solve_all(taup_lane_newton *lanes, int n, taup_lane_root *roots, double rtol);
/* After the lanes: the unit is over, or (false) it must be done again by taup_run_tank. */
bool taup_tank_leave(taup_tank *t, const taup_lane_root *root);

#endif

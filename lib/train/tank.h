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
  bool quiet;                /* that a state is unstable has been said */
  bool only_without;         /* unstable, but only to a trace of what is absent */
  double time;               /* residence times marched */
  double next_try;           /* time from which Newton is tried again */
  taup_solver_counts newton; /* of all tries */
} taup_tank;

/* Enter the tank, with the tolerances of its state; what comes in stands in the result as the unit's inlet. */
tau_status taup_tank_begin(taup_tank *t, tau_workspace *w, int i_stage);
/* Its steady state, into the result as that of the unit; a failure is explained. */
tau_status taup_tank_run(taup_tank *t);
/* What lanes are to find, from the start that it puts into w->y. */
taup_lane_root taup_tank_root(taup_tank *t);
void taup_tank_solve_all(taup_lane_newton *lanes, int n, taup_lane_root *roots, double rtol);
/* After the lanes: the tank is over, or (false) it must be done by taup_tank_run after it was begun again. */
bool taup_tank_leave(taup_tank *t, const taup_lane_root *root);

/* A unit's tanks, one after another: the outlet of each becomes the inlet in the result, whose own comes back at the end. A cstr has one
 * tank and nothing of this. */
typedef struct taup_cascade {
  taup_tank tank; /* at hand */
  tau_workspace *w;
  int i_stage;
  int i, n;      /* the tank at hand, of how many; n 0: a cstr */
  double before; /* volume in front of the tank at hand */
  double capacity;
  double q[TAUP_N_Q];
  double T_max, position_T_max, stable; /* of the tanks that are over */
  bool has_unstable;
  tau_statistics counts;
} taup_cascade;

/* Enter the first tank; the inlet of the unit stands in the result. */
tau_status taup_cascade_begin(taup_cascade *c, tau_workspace *w, int i_stage);
/* The tank at hand is over: enter the next, or (*more false) the unit is over. */
tau_status taup_cascade_next(taup_cascade *c, bool *more);
/* Enter the tank at hand once more. */
tau_status taup_cascade_enter(taup_cascade *c);
/* The run ends here: what the unit gives is not known. Nothing where that was said before. */
void taup_cascade_give_up(taup_cascade *c);
/* The largest concentrations, and those of the hottest tank, of the tanks that are over [n_species]. */
double *taup_cascade_max_c(const tau_workspace *w);
double *taup_cascade_at_T_max_c(const tau_workspace *w);
/* Whether the tank at hand, which is over, is hotter, or has more of a species, than those before it. */
bool taup_cascade_is_hottest(const taup_cascade *c);
bool taup_cascade_has_most(const taup_cascade *c, int i_species);
/* The parameter of a field of the kind; -1 where `volumes` stand for it. */
int taup_cascade_parameter(const taup_unit *u, const char *field);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* march.h - the walk along a tube or through a batch, whoever takes the steps; for lib/train alone. */
#ifndef TAUP_TRAIN_MARCH_H
#define TAUP_TRAIN_MARCH_H

#include "solve/lanes.h"
#include "train/train.h"

typedef struct taup_walk {
  tau_workspace *w;
  int i_stage, i_program;
  const taup_unit_program *p;
  const taup_unit *unit;
  const taup_unit_layout *layout;
  taup_march *m;              /* who takes the steps: CVODES, */
  const taup_lane_view *view; /* or a lane */
  double *R;
  struct taup_ages *ages; /* of a unit that is run in its distribution; NULL */
  double s_of_coordinate; /* stored position / this = s */
  double s_from, s_scale; /* of a march that is a part of the way: s of the whole = s_from + s_scale s */
  void (*force)(void *user, double s, double *R); /* what f takes from outside; NULL: nothing */
  void *force_user;
  int next_at;    /* next position to be stored */
  double next_s;  /* where that is */
  double until0;  /* value of until at the start of the step */
  double *slope0; /* at the start of the step */
  bool derived;   /* concentrations have peaks where no state has */
  double *c_slope0; /* of the concentrations at the start of the step, where they are derived; at its end behind */
  bool by_species; /* what is searched is a concentration, not a state */
  int searched;    /* state or species at hand, for the root finder */
  double s_end;
  int fell;    /* species that fell below zero; -1 */
  int stopped; /* in a lane: TAU_STOPPED_...; 0 */
} taup_walk;

/* Enter the unit: w->y and w->atol hold the start and the tolerances. *over: its end is its entrance (until). */
tau_status taup_walk_begin(taup_walk *k, tau_workspace *w, int i_stage, bool *over);
/* Whether a lane must show each step: an end by until, maxima or a profile that are asked for. */
bool taup_walk_watches(const taup_walk *k);
/* A step of a lane: false where the unit ends in it, at *s1, or the walk has failed (k->fell). */
bool taup_walk_step(taup_walk *k, const taup_lane_view *view, double s0, double *s1);
/* After a lane's march: the unit is over, or (false) it must be done again by CVODES, and nothing that was found on the way stays. */
bool taup_walk_leave(taup_walk *k, const taup_lane_point *point);
/* The same of a march that is a part of the way: whether it holds. */
bool taup_walk_holds(taup_walk *k, const taup_lane_point *point);
/* Whether one point alone goes by a lane, and when that is to stop (of a walk; k->stopped says why). */
bool taup_goes_by_lane(const tau_workspace *w, int i_program);
bool taup_walk_is_to_stop(void *walk);
/* The unit is over, at k->s_end in state w->y with integrals w->q: outlet, scalars, statistics. */
void taup_walk_end(taup_walk *k, const tau_statistics *statistics);
/* Of a unit that is run in its distribution: y leaves, known to the error. */
void taup_walk_end_ages(taup_walk *k, const double *y, double error, const tau_statistics *statistics);

/* For a unit that is no march: the same without what is stored and looked at on the way. Then: the i-th place that is to be stored (2 and
 * more: there is none), a row of the profile, and a place that may have a maximum. Ends with taup_walk_end. */
tau_status taup_walk_open(taup_walk *k, tau_workspace *w, int i_stage);
double taup_walk_stored(const taup_walk *k, int i);
void taup_walk_store(taup_walk *k, double s, const double *y);
/* Slopes of the concentrations from the state and its own slopes. */
void taup_walk_slopes(taup_walk *k, double *y, const double *f, double *out);
void taup_walk_candidate(taup_walk *k, double s, const double *y);
/* Inside the last step, whoever took it (k->m, k->view): the state; maxima, as of a march: look from a place on, then step by step. */
void taup_walk_state(taup_walk *k, double s, double *y);
void taup_walk_look_from(taup_walk *k, double s);
void taup_walk_look(taup_walk *k, double s0, double s1);

/* The first amount of a state that is far below zero; -1. Noise of the tolerances is far above this. */
int taup_below_zero(const tau_workspace *w, int i_stage, const taup_unit_program *p, const double *y);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lanes.h - dy/ds = f(y, a(s)), s from 0 to 1, at many points: one point a lane of the vector unit, each with its own s, step and error; a
 * lane whose point is done takes the next.
 *
 * Mildly stiff points go by Vern7, stiff ones by Rodas5P, to which a point goes over where it stands when its steps are held down by
 * stability. What both give up (rejected steps, pivots that vanish, no finite numbers) is handed back. No operation crosses lanes: values
 * do not depend on the width, the order of the points or how many there are.
 *
 * The object holds all that is written and belongs to one thread; after taup_lanes_new nothing is allocated. */
#ifndef TAUP_LANES_H
#define TAUP_LANES_H

#include "solve/system.h"

typedef struct taup_lanes taup_lanes;

/* The most states that lanes take: beyond, KLU's elimination outdoes one without pivots in the lanes. */
enum { TAUP_MOST_LANE_STATES = 64 };

/* width: 1, 4 or 8, one that the machine has (taup_width_is_there). A system without a Jacobian (body_J < 0; any n) is marched by Vern7
 * alone, and its stiff points are given up. Errors: TAU_E_NOMEM. */
tau_status taup_lanes_new(taup_lanes **out, const taup_system *system, int width);
void taup_lanes_free(taup_lanes *l);

typedef enum taup_lane_end {
  TAUP_LANE_DONE,    /* s = 1, or where the observer ended it */
  TAUP_LANE_GIVEN_UP /* y and q are those at s */
} taup_lane_end;

typedef struct taup_lane_point {
  const double *R;    /* registers of the system's program for one point, prologues run */
  const double *atol; /* n */
  double *y;          /* n: the start in, the end out */
  double *q;          /* n_q: the integrals out; NULL without */
  taup_lane_end end;
  double s;   /* where it ended */
  bool stiff; /* it ended in Rodas5P */
  int n_steps, n_rejected;
  bool settled; /* of the driver: it is over; the step to begin with */
  double h;
} taup_lane_point;

/* After each accepted step of a point, where it was asked for: the step is [s0, s1]. Returns true to go on, false to end the point at
 * *s (within the step). */
typedef struct taup_lane_view taup_lane_view;
typedef bool (*taup_lane_watch)(void *user, int i_point, const taup_lane_view *view, double s0, double s1,
                                double *s);
/* The dense output inside the step, s0 <= s <= s1. */
void taup_lane_at(const taup_lane_view *view, double s, double *y);

/* What f takes from outside, a(s): a number behind the states in the registers, in which f is linear. Of n points at once, each at its own
 * place; slope not NULL: da/ds too. */
typedef void (*taup_lane_force)(void *user, int n, const int *points, const double *s, double *a,
                                double *slope);

typedef struct taup_lane_options {
  double rtol;
  int max_steps;         /* of a point, all tries counted; beyond it is given up */
  bool stiff;            /* begin with Rodas5P */
  taup_lane_watch watch; /* NULL: none */
  taup_lane_force force; /* NULL: none; a system with one has no integrals */
  bool (*stop)(
    void *user); /* asked some thousand times a second; true: what is not done yet is given up. NULL: never */
  void *user, *stop_user; /* of watch and force; of stop */
} taup_lane_options;

void taup_lanes_march(taup_lanes *l, int n, taup_lane_point *points, const taup_lane_options *options);

#endif

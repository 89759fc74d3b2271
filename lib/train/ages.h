/* SPDX-License-Identifier: Apache-2.0 */
/* ages.h - a unit that is run in its distribution of residence times (`mixing:`); for lib/train alone.
 *
 *     segregated   what came in together stays together:       out = integral of E(t) y(t) dt,  y a march by age t
 *     maximum      all that leaves together is mixed:          dy/dl = -f + (E/W)(y - y_in),   out = y(0), l the time left
 *     exchange     between them: what has the same time left exchanges with its mean in the time t_m
 *
 * P. V. Danckwerts, Chem. Eng. Sci. 8 (1958) 93; Th. N. Zwietering, Chem. Eng. Sci. 11 (1959) 1; J. Villermaux, in Concepts and Design of
 * Chemical Reactors (1986), 191. y are flows, T and heats; the volume flow is constant, so that they mix linearly. */
#ifndef TAUP_AGES_H
#define TAUP_AGES_H

#include "rtd/washout.h"
#include "train/march.h"
#include "train/unit_rtd.h"

/* Profiles and maxima go as far as this many space times, or where there is a measured curve to its end. */
enum { TAUP_AGES_SHOWN = 3 };
/* States that mixing by exchange keeps: of its classes, and three more. */
enum { TAUP_AGES_CLASSES = 96 + 3 };

typedef struct taup_ages {
  const taup_unit *unit;
  tau_rtd *base;       /* borrowed: of the stage */
  taup_washout *table; /* of the parameters `key`; NULL: none yet */
  int n;               /* parameters of the distribution */
  double *key, *values;
  bool has_slopes;
  double unit_of_time; /* of the table [s] */
  double reach;        /* where the table ends [s] */
  double shown;        /* part of it that profiles and maxima look at */

  /* what is gathered of a march by age */
  int next, piece;
  double y_weight, error; /* weights so far; of the sums over pieces */
  double *y;              /* n_state */
  double *classes;        /* of mixing by exchange: TAUP_AGES_CLASSES x n_state; NULL */
} taup_ages;

tau_status taup_ages_new(taup_ages **out, const tau_train *t, int i_stage);
void taup_ages_free(taup_ages *a);

/* The table of the run's distribution for a stage whose inlet is known; the stage is entered, with its reach. */
tau_status taup_ages_enter(tau_workspace *w, int i_stage, bool slopes, int *i_program);

/* A part of the sum over ages: y at s has the weight, which is E times width [table's time]. Of a knot, where a piece begins (or, behind
 * the last, the table ends), width is 0, and the weight that of its atom: often 0. */
typedef struct taup_age {
  double s, weight, width, t; /* t: in the table's time */
  int piece;                  /* in which it lies; of a knot the one that begins */
  bool is_knot;
} taup_age;
typedef void (*taup_age_fn)(void *user, const taup_age *age);
/* The end of the table, in its time. */
double taup_ages_end(const taup_ages *a);
/* Those between s0 and s1, where an earlier call ended (s0 = 0: the first). At s1 = 1 what is left counts as one. */
void taup_ages_each(taup_ages *a, double s0, double s1, taup_age_fn fn, void *user);
/* What leaves so far, from a march whose state at s is looked up: gathered into y. */
typedef void (*taup_age_state_fn)(void *user, double s, double *y);
void taup_ages_gather(taup_ages *a, double s0, double s1, int n, double *room /* n */, taup_age_state_fn at,
                      void *user);
/* How far the weights of the pieces were from what leaves in them. */
double taup_ages_error(const taup_ages *a);

/* Of maximum mixedness: a part of the time left, without atoms and jumps of E inside, from table time t0 down to t1. */
typedef struct taup_age_span {
  double t0, t1, atom; /* atom: what comes in at t0 all at once */
  int last;            /* its last piece */
} taup_age_span;
/* The span that begins (with the longest time left) before piece `end` (taup_washout_n: the first); false: there is none. */
bool taup_ages_span(const taup_ages *a, int end, taup_age_span *span, int *next_end);
/* (E/W) at table time t [1/table's time] of a span, whose begin belongs to the next. piece: where it was asked for before. */
double taup_ages_hazard(const taup_ages *a, const taup_age_span *span, int *piece, double t);
/* The same at 1 to TAUP_WASHOUT_MANY places; slope: d(E/W)/dt, NULL: not asked for. */
typedef struct taup_age_place {
  const taup_ages *ages;
  const taup_age_span *span;
  int *piece;
  double t;
} taup_age_place;
void taup_ages_hazards(int n, const taup_age_place at[], double hazard[], double slope[]);

/* ages_exchange.c */
tau_status taup_run_exchange(tau_workspace *w, int i_stage);

/* Set the reach [s] in the registers of the stage's program, or of its slopes. */
void taup_ages_set_reach(const taup_stage *stage, const taup_program *program, double *R, double reach);

#endif

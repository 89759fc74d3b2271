/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_lanes.h - tangents of tubes and batches carried through the lanes; for lib/train alone.
 *
 * A carrier is the system (y, S_1 ... S_m) of one stage: its directions follow from what can move, not from the values of a point, so that
 * a point's numbers do not depend on the others. Directions are the parameters that reach the stage, or its early nodes and starts that
 * move (sensitivity_late.c); the fewer are taken, parameters where they are as many: early nodes may cancel one another. */
#ifndef TAUP_SENSITIVITY_LANES_H
#define TAUP_SENSITIVITY_LANES_H

#include "solve/lanes.h"
#include "train/sensitivity.h"

/* tangents[a] of all nodes a < n_nodes that are read, in the order of their indices; those of symbols are given, NONE where they do not
 * move. */
tau_status taup_late_tangents(taup_graph *g, int n_nodes, const bool *read, taup_node *tangents);

/* --- what can move (sensitivity_reach.c) --- */

/* Whether a symbol of a stage's inlet can move with a parameter, whatever their values. */
typedef struct taup_reach {
  int n_parameters, n_in;
  bool *in;    /* stages x parameters x n_in */
  bool *feeds; /* parameters: whether they can move any feed */
} taup_reach;

/* The slopes of all programs must be there. */
tau_status taup_reach_new(taup_reach *out, const tau_sensitivity *s);
void taup_reach_free(taup_reach *r);

/* --- the system of a stage --- */

typedef struct taup_carrier {
  taup_arena arena;
  int n, n_early, n_directions, n_pairs;
  bool by_parameter;
  int *of; /* directions: parameter; or early node, or n_early + state whose start moves */
  int *pair_start, *pair_early;          /* directions + 1; the early nodes that a direction moves */
  const bool *early_moves, *start_moves; /* parameters x early nodes, x states: what can move */
  taup_program *program;
  taup_system system;
  taup_rows q_slopes; /* of the system's integrands */
  taup_lanes *lanes;
} taup_carrier;

/* Beyond so many states CVODES, which solves for one direction after the other, is not slower. */
enum { TAUP_MOST_CARRIED_STATES = 1024 };
/* Up to so many it has a Jacobian, and stiff points stay in the lanes; beyond, planning its elimination takes too long (0.2 s at 520). */
enum { TAUP_MOST_STIFF_STATES = 640 };

typedef struct taup_carrier_options {
  int width;
  bool integrals; /* those of heat, where the unit has them */
} taup_carrier_options;

/* *out NULL: nothing moves, or it would be too large. */
tau_status taup_carrier_new(taup_carrier **out, const tau_sensitivity *s, const taup_reach *reach,
                            int i_stage, int i_program, taup_carrier_options options);
void taup_carrier_free(taup_carrier *c);

/* A point: what goes in, and what comes of it. n: parameters. */
typedef struct taup_carried_point {
  const double *early, *d_early; /* n_early; n x n_early */
  const double *start, *d_start; /* n_states; n x n_states */
  const double *scale;           /* n: how far a relative change of order 1 moves the parameter */
  const double *atol;            /* n_states */
  int n;
  double *R;           /* registers of the carrier's program for one point */
  double *y, *y_atol;  /* all states of the carrier: the start */
  double *coefficient; /* n x directions: dy/dp_j = sum_d coefficient S_d */
} taup_carried_point;
/* Fill R, y, y_atol and coefficient. false: something moves that the carrier does not know. */
bool taup_carrier_begin(const taup_carrier *c, const taup_carried_point *p);
/* S [n x n_values] of the parameters from those of the directions. */
void taup_carrier_combine(const taup_carrier *c, int n, int n_values, const double *coefficient,
                          const double *of_directions, double *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* field_work.h - the inside of a field; for lib/solve/field*.c alone.
 *
 * On an element of length h, tau from 0 to 1, the flux is a polynomial of degree K whose slope is f(y) at the K points of Radau IIA, and y
 * follows from the flux exactly (the equation between them is linear with a constant coefficient), z = Pe h:
 *
 *     g(tau) = g_0 + h sum_j L_j(tau) K_j                      K_j = f(Y_j)
 *     y(tau) = e(tau) y_1 + (1 - e(tau)) g_0 + h sum_j P_j(tau) K_j      e(tau) = exp(-z (1 - tau))
 *
 * with L_j the integral of the Lagrange polynomial j from 0, P_j(tau) = z integral of exp(-z (t - tau)) L_j(t) dt from tau to 1. g_0 comes
 * from the left, y_1 from the right, so neither the layer of width 1/Pe at the outlet nor any other growth is ever followed in the
 * direction in which it grows. Y_K = y_1, since the last point is the end.
 *
 * All states are stored over their scale. */
#ifndef TAUP_BVP_WORK_H
#define TAUP_BVP_WORK_H

#include "num/blocktri.h"
#include "solve/field.h"

enum { TAUP_BVP_K = 4, TAUP_BVP_INNER = TAUP_BVP_K - 1, TAUP_BVP_GUESS = 256 };

typedef struct taup_groups taup_groups; /* field_group.h */

/* A field on a mesh. */
typedef struct taup_bvp_state {
  int n_elements;
  int gap; /* not 0: two meshes, and this element, which is none, between the end of one and the begin of the other */
  double *s;     /* n_elements + 1 */
  double *y, *g; /* at the mesh points, n each */
  double *inner; /* Y_1 .. Y_(K-1) of each element */
  double *slope; /* K_1 .. K_K of each element; room for one more: f at s = 0 */
} taup_bvp_state;

/* Coefficients of an element: rows 0 (tau = 0) and 1 .. K - 1 (the inner points). */
typedef struct taup_bvp_coefficients {
  double e[TAUP_BVP_K], rest[TAUP_BVP_K]; /* e(tau), 1 - e(tau) */
  double P[TAUP_BVP_K][TAUP_BVP_K];
} taup_bvp_coefficients;

/* Constants of the method, made once. */
typedef struct taup_bvp_method {
  double c[TAUP_BVP_K], b[TAUP_BVP_K];                  /* points, weights */
  double L[TAUP_BVP_K][TAUP_BVP_K + 1];                 /* L_j in powers of tau */
  double about[TAUP_BVP_K][TAUP_BVP_K][TAUP_BVP_K + 1]; /* row, j: L_j in powers of (tau - tau_row) */
  double L_middle[TAUP_BVP_K];                          /* at 1/2 */
  double halves[2 * TAUP_BVP_INNER + 1]
               [TAUP_BVP_K +
                1]; /* inner points of both halves, then the middle: weights of y at 0 and the K points */
} taup_bvp_method;

/* How far two solutions are apart, over what the tolerances leave open: the largest at a mesh point, and at the outlet. */
typedef struct taup_bvp_difference {
  double mesh, outlet;
} taup_bvp_difference;

struct taup_bvp {
  const taup_system *system;
  const taup_bvp_problem *problem; /* &asked */
  taup_bvp_problem asked;
  double *scale; /* n */
  taup_bvp_method method;
  bool wide;
  int n, most_elements;
  double *wide_R; /* registers of width 4 */
  double *out;    /* of a body, width 4 */
  taup_bvp_state now, trial,
    coarse;                    /* at hand; of a step that is tried; the solution before the mesh was halved */
  taup_bvp_state origin, held; /* where Newton's method began; where a step in time did */
  bool may_follow;             /* in time, where Newton's method leads nowhere */
  taup_bvp_coefficients *coefficients;
  double *jacobian;      /* K of n x n of each element */
  double *inner_lu, *by; /* of each element: ((K-1) n)^2; (K-1) n x 2 n, what y_1 and g_0 move */
  int *inner_pivot;
  double *step_inner, *step, *work; /* (K-1) n of each element; 2 n of each mesh point */
  double *kept_inner, *kept_step;   /* the step that is tried in parts */
  taup_blocktri blocks;
  taup_groups *groups; /* elements eight at a time; NULL: one by one */
  bool by_groups;      /* Newton's matrix at hand is theirs */
  double *first;
  double per_time; /* one over a step in time, in residence times; 0: steady */
  double *extra; /* what the coefficients' tangents add to the equations: K n of each element; NULL: nothing */
  double *extra_room, *point_y, *point_dy;
  double moved_peclet; /* of the direction at hand */
  double *guess_s, *guess_y;
  int n_guess;
  taup_bvp_difference difference;
  bool is_paired; /* the difference of the solution at hand to the one on its mesh in pairs is known */
  double *outlet_error, error;
  double *at_y, *at_g; /* n */
  double *weight;      /* of each element: the density of a new mesh */
  const void *owner;   /* who signed the solution */
  int number;
  int stopped; /* what problem->stop said */
  taup_failure failure;
  taup_solver_counts counts;
};

/* Exponentials and P_j at tau. L: L_j in powers of (t - tau). */
void taup_bvp_weights(double z, double tau, const double (*L)[TAUP_BVP_K + 1], double *e, double *rest,
                      double *P);
void taup_bvp_method_make(taup_bvp_method *m);
void taup_bvp_coefficients_make(taup_bvp *f, const taup_bvp_state *a);
/* L_j in powers of (t - tau). */
void taup_bvp_about(const taup_bvp *f, double tau, double (*L)[TAUP_BVP_K + 1]);
/* Elements of a that are some. */
static inline int taup_bvp_n_real(const taup_bvp_state *a) { return a->n_elements - (a->gap > 0); }
/* f at all points of a; false: no number, or a function of the user refused. */
bool taup_bvp_evaluate(taup_bvp *f, taup_bvp_state *a);
/* Newton's matrix at a, factored: by groups where that costs no digit, or with exchanges of rows. */
bool taup_bvp_factor(taup_bvp *f, const taup_bvp_state *a);
bool taup_bvp_factor_with_exchanges(taup_bvp *f, const taup_bvp_state *a);
/* Newton's step from a with the matrix at hand, into step and step_inner. a is evaluated. */
void taup_bvp_step(taup_bvp *f, const taup_bvp_state *a);
/* The collocation's own solution at tau of element e. */
void taup_bvp_collocated(taup_bvp *f, const taup_bvp_state *a, int e, double tau, double *y, double *g);
int taup_bvp_element(const taup_bvp_state *a, double s);

#endif

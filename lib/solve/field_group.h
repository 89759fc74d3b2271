/* SPDX-License-Identifier: Apache-2.0 */
/* field_group.h - Newton's equations of a field eight elements at a time, one a lane of the vector unit; for lib/solve/field*.c alone.
 *
 * The inside of an element is eliminated without exchanges, by a list of entries that is found once, and the pieces that are left are swept
 * from the inlet on. Where that would cost digits (factors that grow) it says so, and num/blocktri with its exchanges does the same. No
 * operation crosses elements until the sweep, which is one and the same on every machine that has groups: the bits do not depend on it. */
#ifndef TAUP_FIELD_GROUP_H
#define TAUP_FIELD_GROUP_H

#include <stdint.h>

#include "solve/field_work.h"

enum { TAUP_GROUP = 8, TAUP_GROUP_MOST_STATES = 64 };

/* What does not change. Inner point j of state i is unknown place[i] + j. */
typedef struct taup_group_plan {
  int n, m;                        /* states; unknowns inside, (K - 1) n */
  int q;                           /* n, filled up to whole vectors */
  int n_entries, n_lu;             /* of df/dy; of the factors */
  int *row_first, *column, *entry; /* df/dy by rows: n + 1; state, and number among the program's outputs */
  int *order, *place;              /* n each: in which states are eliminated; place[order[k]] = (K - 1) k */
  int *first, *diagonal, *of_unknown; /* the factors by rows: m + 1; m; column of each entry */
} taup_group_plan;

/* Eight elements; each array has TAUP_GROUP lanes. */
typedef struct taup_group {
  double *h;
  double *coefficients; /* e, 1 - e (K each), h P (K x K) */
  double *J;            /* K of n_entries */
  double *lu, *pivots;  /* n_lu; m, inverted */
  double *X;            /* m x 2 n: what y_1 and g_0 move inside */
  double *piece;        /* 2 x 2 n x n: y_0, then g_1, by columns y_1, g_0 */
  double *x;            /* m: the inside's own part of a step */
} taup_group;

/* What is left of an element in a sweep: columns of q, n of each. g = S y + t on its left side, y = U y_1 + u. */
typedef struct taup_swept {
  double *S, *U, *inverse, *B, *D, *DS;
} taup_swept;

typedef struct taup_group_work {
  const taup_group_plan *plan;
  const double *b; /* weights of the quadrature, K */
  double *scratch;
} taup_group_work;

/* Where the states of eight elements stand; those beyond the last element are the last once more. */
typedef struct taup_group_places {
  int element[TAUP_GROUP];
  int n_here; /* of them that are elements */
} taup_group_places;

/* The parts that are compiled for each vector unit (field_kernels.c). */
typedef struct taup_group_kernels {
  /* `count` numbers of eight arrays into lanes, each number times its scale; whether so many vectors hold numbers alone. */
  void (*scaled)(const double *const from[TAUP_GROUP], const double *scale, int count, double *out);
  bool (*all_numbers)(const double *x, int count);
  /* From h, coefficients and J to factors, X and piece; false: a factor grows, or is no number. */
  bool (*eliminate)(const taup_group_work *w, const taup_group *g);
  /* From what a lacks to x, and to the right-hand sides of the pieces: r_y and r_g, q each, of each element. */
  void (*reduce)(const taup_group_work *w, const taup_group *g, const taup_group_places *at,
                 const taup_bvp_state *a, double *r);
  /* The whole step inside, into step_inner. */
  void (*finish)(const taup_group_work *w, const taup_group *g, const taup_group_places *at,
                 const double *step, double *step_inner);
  /* Element `lane` of g: U holds A, S on its right C. */
  void (*unpack)(const taup_group_work *w, const taup_group *g, int lane, const taup_swept *here, double *S);
  /* From S on its left to S on its right. */
  bool (*sweep)(const taup_group_work *w, const taup_swept *here, double *S);
  /* The inverse of I - S at the outlet. */
  bool (*close)(const taup_group_work *w, const double *S, double *inverse);
  /* Right-hand sides -> unknowns: from (r_y, r_g) and t on the left of an element to u, and t on its right; from y_1 to y and g. */
  void (*forward)(const taup_group_work *w, const taup_swept *here, const double *r, double *t, double *u);
  void (*backward)(const taup_group_work *w, const taup_swept *here, const double *t, const double *u,
                   double *y);
  /* out = A x, A of n columns of q. */
  void (*apply)(const taup_group_work *w, const double *A, const double *x, double *out);
} taup_group_kernels;

extern const taup_group_kernels taup_group_kernels_8_avx2, taup_group_kernels_8_avx512;

/* *out is NULL where this machine or so many states have none. TAU_E_NOMEM. */
tau_status taup_groups_new(taup_groups **out, const taup_system *system, int most_elements);
void taup_groups_free(taup_groups *s);
/* Bytes of an element. */
double taup_group_bytes(int n);
/* A problem begins: the registers of its program are spread over the lanes. */
void taup_groups_begin(taup_bvp *f);
/* Whether two meshes at once take fewer groups than one after the other. */
bool taup_groups_fit_both(const taup_bvp *f, int n_elements, int n_other);
/* Newton's matrix at a, factored; false: it must be done with exchanges. */
bool taup_groups_factor(taup_bvp *f, const taup_bvp_state *a);
/* Newton's step from a by these factors, as taup_bvp_step. */
void taup_groups_step(taup_bvp *f, const taup_bvp_state *a);
/* f at all points of a; false: no number. */
bool taup_groups_evaluate(taup_bvp *f, taup_bvp_state *a);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_work.h - what the driver (lanes.c) and the sources compiled once a width (lanes_step.c) share; for lib/solve alone.
 *
 * An array of "lanes" holds width doubles for each of its elements, element after element, aligned to the vectors. */
#ifndef TAUP_LANES_WORK_H
#define TAUP_LANES_WORK_H

#include "expr/program.h"
#include "solve/lanes.h"

/* Elimination without pivots, P (w I - J) P' = L U, U with ones on its diagonal (Crout): the operations, found once from the pattern.
 * An entry e of the factors is  A_e - sum_k L U  over its pairs; of U it is then multiplied by the pivot's reciprocal. */
typedef struct taup_lane_lu {
  int n, n_entries, n_pairs;
  int *source; /* n_entries: entry of J, -1 where it is fill; the diagonal gets w */
  int *pivot;  /* n_entries: of U: its row (in order of elimination); -1: of L; -2: the diagonal */
  int *first;  /* n_entries + 1, into pairs */
  int *pairs;  /* 2 n_pairs: entries whose product is subtracted */
  int *order;  /* n: state of each pivot */
  /* For the solution: row k of L left of the diagonal, row k of U right of it, as (entry, position of the unknown). */
  int *lower_first, *upper_first; /* n + 1 */
  int *lower, *upper;             /* pairs */
} taup_lane_lu;

tau_status taup_lane_lu_new(taup_lane_lu *lu, int n, const int *column_start, const int *row);
void taup_lane_lu_free(taup_lane_lu *lu);

enum { TAUP_LANE_STAGES = 16, TAUP_LANE_PATH = 8 /* numbers a state */ };
#define TAUP_LANE_EDGE (0.9 * 4.64) /* of Vern7's region of stability, |h lambda| */

typedef struct taup_lane_work {
  int n, n_q, width;
  double rtol, per_n;          /* per_n: 1/n */
  bool dense;                  /* stages for the dense output too */
  double dense_weights[2][13]; /* of Vern7's dense output inside a step, where it is checked */
  taup_eval evaluate;
  const int *code_f, *code_J, *code_q, *code_q_slopes;
  const int *q_first, *q_state; /* of the slopes of q */
  const taup_callback *callbacks;
  const taup_lane_lu *lu;
  taup_lane_force force; /* NULL: none */
  void *force_user;
  const int *point;                 /* of each lane */
  double *R, *state;                /* registers; the state among them */
  double *y, *y1, *atol, *per_atol; /* lanes of n */
  double *stage[TAUP_LANE_STAGES];  /* lanes of n: k_i of Vern7, U_i of Rodas5P */
  double *q_stage;                  /* lanes of n_q */
  double *q_slopes, *q_U;           /* lanes of the slopes of q; of n_q, of each stage of Rodas5P */
  double *q, *q1;                   /* lanes of n_q: the integral before and after the step */
  double *path;                     /* TAUP_LANE_PATH n: the dense output of one lane's step */
  double *J, *factors, *pivots, *b; /* lanes of the entries, of the factors, of n, of n */
  double *drift;                    /* lanes of n: df/ds at a fixed state, where there is a force */
  /* lanes of 1 */
  double *forced, *forced_slope; /* a, in the registers; da/ds */
  double *busy;                  /* 1: a point is in the lane; 0: none, s = 1 */
  double *s, *h;     /* where it stands; the step it wishes (0: none yet), after a try the step tried */
  double *s1, *over; /* where the step tried ends; 1: the point ends there */
  double *error;     /* the norm of the error, squared; not finite: no step */
  double *factor;    /* by which the step may change */
  double *stiffness; /* |h lambda| as the last stages show it, squared */
  double *n_steps, *n_refused;
  double *refused, *held; /* tries in a row: refused; taken and held down by stability */
  double *event;          /* not 0: the driver must look at the lane */
  bool fresh;             /* a lane has no step yet */
  int most_refused, most_held, most_tries;
} taup_lane_work;

/* Of Newton's method in lanes (lanes_newton.c): A is -J, or, where a lane is judged, its comparison matrix. */
typedef struct taup_lane_newton_work {
  int n, width;
  taup_eval evaluate;
  const int *code_f, *code_J;
  const taup_callback *callbacks;
  const int *column_start, *row;
  const taup_lane_lu *lu;
  double rtol;
  double *R, *z;                   /* registers; the state among them, where f is asked for */
  double *y, *d, *before, *bar;    /* lanes of n: iterate, its step, the step before, the simplified step */
  double *x, *b, *r, *size, *room; /* lanes of n: A x = b, r = b - A x, |b| + |A| |x| */
  double *atol, *scale, *lower, *weight; /* lanes of n */
  double *A, *factors, *pivots;          /* lanes of the entries, of the factors, of n */
  /* lanes of 1, 1 or 0: what the last try leads to, done in this order, */
  double *d_is_x, *bar_is_x, *y_is_z, *before_is_d;
  double *lambda, *held, *y_is_moved, *nudged; /* z = y + lambda d; held at `lower`; y = z; no 0 in z */
  /* and what the next one is. */
  double *fresh, *judged; /* A at z is made and factored; it is the comparison matrix, b = the scale of z */
  double *mix;            /* of a fresh one |x - bar| is measured, else |x + mix d| */
  /* lanes of 1: what comes out; norms are sums of squares */
  double *domain,
    *wrong; /* not a number: f or A has none; not 0: x is not to be believed, or the lane not proven stable */
  double *long_step; /* 0: all |x_i| <= rtol |z_i| + atol_i */
  double *norm_x, *norm_before, *norm_bar, *norm_mix;
  bool any_fresh;
} taup_lane_newton_work;

typedef void (*taup_lane_newton_try)(taup_lane_newton_work *w);

/* One try at all lanes: vern7 or rodas, then take, which takes or refuses each lane's step; returns whether a lane
 * has an event. */
typedef void (*taup_lane_step)(taup_lane_work *w);
typedef bool (*taup_lane_take)(taup_lane_work *w);
/* The dense output of a lane's last try, into path: of Vern7 the factors of theta ... theta^7, of Rodas5P those of its own form. */
typedef void (*taup_lane_path)(const taup_lane_work *w, int lane, bool stiff);
#define TAUP_LANE_STEPS(name)                                                \
  void taup_vern7_##name(taup_lane_work *w);                                 \
  void taup_rodas_##name(taup_lane_work *w);                                 \
  bool taup_lane_take_##name(taup_lane_work *w);                             \
  void taup_lane_path_##name(const taup_lane_work *w, int lane, bool stiff); \
  void taup_lane_newton_##name(taup_lane_newton_work *w);
TAUP_LANE_STEPS(1_base)
#ifdef TAUP_HAVE_X86
TAUP_LANE_STEPS(1_fma)
TAUP_LANE_STEPS(4_avx2)
TAUP_LANE_STEPS(8_avx2)
TAUP_LANE_STEPS(8_avx512)
#endif

#endif

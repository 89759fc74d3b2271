/* SPDX-License-Identifier: Apache-2.0 */
/* rtd.h (internal) - rows of the table of distributions, and what a distribution is inside.
 *
 * A row is
 *
 *     G(s; p) = exp(-s d(p)) (b(p) + (1 - b(p)) exp(K(s; p)))
 *
 * with K = ln of the transform of a density that begins at time 0 and has no atom. Logarithms: for Pe = 1e6 the transform itself under-
 * and overflows on the contours that are needed, and slopes of products become sums. */
#ifndef TAUP_RTD_H
#define TAUP_RTD_H

#include <complex.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/field.h"
#include "base/status.h"
#include "expr/complex_program.h"
#include "expr/graph.h"
#include <tautrain/rtd.h>

enum { TAUP_RTD_MOST_FIELDS = 4, TAUP_RTD_MOST_TERMS = 20000 };

typedef struct taup_rtd_row {
  const char *name;
  const char *doc; /* with the source */
  const taup_field *fields;
  int n_fields;
  /* ln of the transform of the density, as nodes; NULL: no density (plug flow), or `own` */
  taup_node (*log_transform)(taup_graph *g, taup_node s, const taup_node *p);
  taup_node (*delay)(taup_graph *g, const taup_node *p);  /* NULL: 0 */
  taup_node (*bypass)(taup_graph *g, const taup_node *p); /* NULL: 0 */
  /* ln of the transform where no nodes can say it: K[m], dK[n_fields][m] (NULL: not asked for); and its Taylor coefficients K, K', K'',
   * K''' at a real s */
  void (*own)(const double *p, int m, const double complex *s, double complex *K, double complex *dK);
  void (*own_derivatives)(const double *p, double s, double d[4]);
  double (*edge)(
    const double *p); /* of the density: its transform is analytic right of this real s and off the real axis */
  double (*washout)(const double *p, double t);    /* W in closed form, for t > 0; NULL: by inversion */
  void (*cumulants)(const double *p, double k[3]); /* of the whole row: mean, variance, third central moment */
  bool (*is_outside)(const double *p, char *why, size_t n); /* of the range of the model; NULL: never */
} taup_rtd_row;

extern const taup_rtd_row *const taup_rtd_rows[];
extern const int taup_n_rtd_rows;

/* dispersion.c, for others that end in it: ln G closed-closed, its edge, its cumulants. */
taup_node taup_rtd_closed_vessel(taup_graph *g, taup_node s, taup_node mean, taup_node peclet);
double taup_rtd_closed_vessel_edge(double mean, double peclet);
void taup_rtd_closed_vessel_cumulants(double mean, double peclet, double k[3]);

/* --- a row compiled; shared by reference --- */
typedef struct taup_rtd_program {
  atomic_int refs;
  const taup_rtd_row *row;
  taup_complex_program *value;       /* K */
  taup_complex_program *slopes;      /* K, dK/dp */
  taup_complex_program *derivatives; /* K, K', K'', K''' */
  taup_complex_program *atom;        /* delay and its slopes, bypass and its slopes; without s */
} taup_rtd_program;
tau_status taup_rtd_program_new(taup_rtd_program **out, const taup_rtd_row *row);
taup_rtd_program *taup_rtd_program_ref(taup_rtd_program *program);
void taup_rtd_program_free(taup_rtd_program *program);

/* --- the description: a tree of parts --- */
typedef enum taup_rtd_kind {
  TAUP_RTD_ROW,
  TAUP_RTD_MEASURED,
  TAUP_RTD_SERIES,
  TAUP_RTD_PARALLEL,
  TAUP_RTD_RECYCLE /* children: forward, and back where there is one */
} taup_rtd_kind;

typedef struct taup_rtd_part {
  taup_rtd_kind kind;
  taup_rtd_program *program; /* of a row */
  int n_points;              /* of a measured curve */
  const double *t, *y;       /* area 1 */
  int n_children;
  struct taup_rtd_part **children;
  int first; /* parameter: of a row its fields; of a parallel n_children - 1 fractions; of a recycle its ratio */
  int own_last; /* one behind its own parameters */
} taup_rtd_part;

typedef struct taup_rtd_parameter {
  const char *path, *unit;
  double lower, upper;
  bool positive; /* the lower bound itself is refused */
} taup_rtd_parameter;

/* --- what is computed with: a sum of terms w exp(-s d) s^-m product of factors^power --- */
typedef struct taup_rtd_power {
  int factor, power;
} taup_rtd_power;

typedef struct taup_rtd_term {
  double weight, delay;
  double *d_weight, *d_delay; /* [n_parameters] */
  int order;                  /* m: of 1/s; pieces of a measured curve have 1 and 2 */
  int n_powers;
  const taup_rtd_power *powers; /* ascending by factor */
} taup_rtd_term;

typedef struct taup_rtd_terms {
  int n, capacity;
  taup_rtd_term *items;
} taup_rtd_terms;

typedef struct taup_rtd_factor {
  const taup_rtd_part *row; /* exp(K) of a row; NULL: a loop, 1/(1 - sum of terms) without delays */
  taup_rtd_terms loop;
  double edge;
} taup_rtd_factor;

struct tau_rtd {
  atomic_int refs;
  taup_arena arena;
  taup_rtd_part *root;
  int n_parameters;
  double *values;
  taup_rtd_parameter *parameters;
  int n_factors, factor_capacity;
  taup_rtd_factor *factors;
  taup_rtd_terms terms; /* sorted: those of equal powers and order together, by delay */
  int n_atoms;
  double (*atoms)[2]; /* time, weight */
  bool has_curve;     /* a measured curve takes part */
  double cumulants[3];
  char warning[240];
};

/* expand.c: factors and terms of a described distribution. */
tau_status taup_rtd_expand(tau_rtd *rtd);

/* transform.c: at m values of s */
typedef struct taup_rtd_points {
  int m;
  const double complex *s;
  double complex *K;    /* [m]: ln of the product */
  double complex *dK;   /* [n_parameters][m], or NULL */
  double complex *D;    /* [n_factors][m], or NULL: 1 - q of every loop of the product, else untouched */
  double complex *work; /* taup_rtd_work() numbers */
} taup_rtd_points;
size_t taup_rtd_work(const tau_rtd *rtd, int m);
void taup_rtd_log_transform(const tau_rtd *rtd, const taup_rtd_term *term, const taup_rtd_points *at);
/* K, K', K'', K''' of the product at a real s right of its edge; work as for m = 1. */
void taup_rtd_derivatives(const tau_rtd *rtd, const taup_rtd_term *term, double s, double complex *work,
                          double d[4]);
double taup_rtd_edge(const tau_rtd *rtd, const taup_rtd_term *term);
/* Delay and bypass of a row with their slopes: [1 + n_fields] each. */
tau_status taup_rtd_atom_of(const tau_rtd *rtd, const taup_rtd_part *part, double *delay, double *bypass);

/* contour.c: the inverse of s^-order times the product of the factors of a term (its weight, delay and own order
 * left out), at n ascending times > 0. With a slope array each time has 1 + n_parameters numbers: the derivative to
 * time, then those of the factors to the parameters. */
typedef struct taup_rtd_inverse {
  const tau_rtd *rtd;
  const taup_rtd_term *term;
  int order;    /* 0: density, 1: cumulative, 2: its integral ... */
  bool washout; /* of order 1: what is missing to 1 */
  int n;
  const double *t;
  double *value; /* [n] */
  double *slope; /* [n][1 + n_parameters], or NULL */
  double error;  /* out: the largest absolute error, estimated */
} taup_rtd_inverse;
tau_status taup_rtd_invert(taup_rtd_inverse *in);

/* evaluate.c: the response to a sum of weight exp(-s delay) s^-order, at n times in any order. */
typedef struct taup_rtd_input {
  double weight, delay;
  int order;
} taup_rtd_input;
typedef struct taup_rtd_question {
  const tau_rtd *rtd;
  int n_inputs;
  const taup_rtd_input *inputs;
  bool washout; /* of one input, a step: 1 - F */
  int n;
  const double *t;
  double *value; /* [n] */
  double *slope; /* [n][n_parameters], or NULL */
  double error;
} taup_rtd_question;
tau_status taup_rtd_answer(taup_rtd_question *q);

/* moments.c: mean, variance and third central moment of a part */
void taup_rtd_cumulants(const tau_rtd *rtd, const taup_rtd_part *part, double k[3]);

/* part.c */
const taup_rtd_row *taup_rtd_row_named(const char *name); /* NULL where there is none */

#endif

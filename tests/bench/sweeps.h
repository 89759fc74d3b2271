/* SPDX-License-Identifier: Apache-2.0 */
/* sweeps.h - a sweep on both sides, what came out, and the rows of it. */
#ifndef BENCH_SWEEPS_H
#define BENCH_SWEEPS_H

#include <stdbool.h>
#include <stdio.h>
#include <tautrain.h>

#include "bench/base.h"
#include "bench/timing.h"

enum { MOST_N = POLLU_N, MOST_K = POLLU_N_K };
#define NOMINAL_RTOL 1e-8

struct sides;

/* Ours over n points of a design at rtol, by n_threads, into c [mol/m^3]. False where it cannot begin. */
typedef bool (*solve_fn)(struct sides *s, int n, const double *values, double rtol, int n_threads, double *c);

/* What is run. `k` NULL: the coil, whose four parameters vary; else the constants, which vary. */
typedef struct work {
  const char *name, *file;
  solve_fn solve;
  double target, limit; /* limit: the base is this time [s] of a point, no program; 0 */
  base_problem problem;
  const double *k, *start;
  int n_k;
  double end, seconds_per_time; /* end in the base's unit of time */
  double atol;                  /* at NOMINAL_RTOL [mol/L] */
  double rtol;                  /* of ours, the base follows; 0: the base at NOMINAL_RTOL, ours follows */
  double reference_rtol;
  int n_points, n_sample;
} work;

/* Root mean square and largest over the sample. */
typedef struct error {
  double rms, most;
} error;

typedef struct sides {
  const work *w;
  tau_model *model;
  tau_train *train;
  tau_inputs *inputs;
  base_solver *base;
  int n_varied, parameters[MOST_K], observables[MOST_N];
  double nominal[MOST_K];   /* SI */
  double *values, *sample;  /* designs: all points, and some of them */
  double *c, *c2;           /* all points: what was kept, by one thread and by two [mol/m^3] */
  double *mine, *reference; /* of the sample [mol/L] */
  long long n_handed_over, n_failed;
} sides;

typedef struct equal {
  double rtol_ours, rtol_base;
  error ours, base;
} equal;

/* Of a point [s], round by round; ratio: ours / base, threads: twice the time with two / that with one, processor: the same of processor
 * time, in which nobody else's load is; twins: two processes at once, each with a sweep of its own by one thread, over one alone: what the
 * machine itself loses when both processors work. */
typedef struct times {
  int n;
  double ours[MOST_ROUNDS], two[MOST_ROUNDS], base[MOST_ROUNDS], ratio[MOST_ROUNDS], threads[MOST_ROUNDS],
    processor[MOST_ROUNDS], twins[MOST_ROUNDS];
} times;

/* Point i of the sample as the base sees it; k and start are room for it. */
base_run base_point(const sides *s, int i, double *k, double *start);
/* What an error is of: the feed of the coil; else |c| + atol / rtol, which is what the tolerances mean. */
double scale_of(const sides *s, int i, double reference);

/* --- sweeps_report.c --- */

/* The files, and how much stands in them. */
typedef struct report {
  FILE *rows, *points;
  int n_rows, n_points;
} report;

void write_sweep_row(report *r, const sides *s, const equal *q, const times *t);
void write_threads_row(report *r, const sides *s, const times *t, bool same);
void write_sens_row(report *r, const equal *q, const times *t, int n_points, long long n_handed_over);
void write_tank_row(report *r, const equal *q, const times *t, int n_points, long long n_handed_over);
/* The sample for the peers: k, start and end in the base's units, the right answers and what errors are of. */
void write_points(report *r, const sides *s, const equal *q, const times *t);
/* A point of it: n states, n_right right answers and what errors of them are of. */
typedef struct sample_point {
  double end;
  int n_k, n, n_right;
  const double *k, *start, *right, *scale;
} sample_point;
void begin_points(report *r, const char *name, double us, double rms, double atol_of_rtol);
void write_point(report *r, bool first, const sample_point *p);

/* --- sens.c --- */

bool bench_sens(const char *folder, double seconds, report *r);

/* --- tank.c --- */

bool bench_tank(const char *folder, double seconds, report *r);

#endif

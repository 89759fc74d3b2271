/* SPDX-License-Identifier: Apache-2.0 */
/* base.h - what a chemist who programs writes without a library: CVODES called by hand, one memory that is initialised again for each run.
 *
 * Concentrations are in mol/L, time in the unit of the problem. Not thread-safe. */
#ifndef BENCH_BASE_H
#define BENCH_BASE_H

/* dc/dt and its Jacobian; J is dense by columns (cleared before), or the entries of the pattern in its order. */
typedef void (*base_rates)(const void *user, const double *c, double *f);
typedef void (*base_slopes)(const void *user, const double *c, double *J);

typedef struct base_problem {
  int n;
  base_rates f;
  base_slopes J;
  const int *column_start, *row; /* the pattern, by columns with the whole diagonal; NULL: dense */
} base_problem;

typedef struct base_solver base_solver;

typedef struct base_run {
  const void *user; /* constants, for f and J */
  const double *start;
  double end, rtol, atol;
  int n_stored;   /* how many states to store on the way, evenly, besides the end; 0 */
  double *stored; /* n_stored x n */
} base_run;

typedef struct base_counts {
  long n_steps, n_rhs, n_jacobian;
} base_counts;

/* NULL, with a line on stderr, where SUNDIALS refuses. */
base_solver *base_new(const base_problem *problem);
/* The state at the end, valid until the next run; NULL where CVODES fails. */
const double *base_solve(base_solver *solver, const base_run *run, base_counts *counts);
void base_free(base_solver *solver);

/* --- problems --- */

enum { SNAR_N = 5, ROBER_N = 3, HIRES_N = 8, POLLU_N = 20 };
extern const base_problem base_snar, base_rober, base_hires, base_pollu;
extern const double base_rober_k[3], base_hires_k[15], base_pollu_k[25];

/* k [L/mol/s] of the four reactions of the SNAr coil at T [K]. */
void base_snar_k(double T, double k[4]);

/* The synthetic network that networks/net.py writes as a model file, from the same random numbers. */
typedef struct base_net base_net;
base_net *base_net_new(int n_species, int n_reactions, unsigned long long seed);
base_problem base_net_problem(const base_net *net);
void base_net_free(base_net *net);

#endif

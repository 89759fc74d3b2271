/* SPDX-License-Identifier: Apache-2.0 */
/* base.h - what a chemist who programs writes without a library: CVODES called by hand, one memory that is initialised again for each run.
 *
 * Concentrations are in mol/L, time in the unit of the problem. Not thread-safe. */
#ifndef BENCH_BASE_H
#define BENCH_BASE_H

/* dc/dt and its Jacobian; J is dense by columns (cleared before), or the entries of the pattern in its order, or columns of 3 w + 1 numbers
 * (cleared before), entry (i, j) of a band at 2 w + i - j. */
typedef void (*base_rates)(const void *user, const double *c, double *f);
typedef void (*base_slopes)(const void *user, const double *c, double *J);

typedef struct base_problem {
  int n;
  base_rates f;
  base_slopes J;
  const int *column_start, *row; /* the pattern, by columns with the whole diagonal; NULL: dense, */
  int w;                         /* or, not 0, a band with so many diagonals on either side */
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
enum { SNAR_N_K = 4, ROBER_N_K = 3, HIRES_N_K = 15, POLLU_N_K = 25 };
extern const double base_rober_k[ROBER_N_K], base_hires_k[HIRES_N_K], base_pollu_k[POLLU_N_K];
extern const double base_rober_start[ROBER_N], base_hires_start[HIRES_N], base_pollu_start[POLLU_N];

/* Of the four reactions of the SNAr coil: k at 90 degC [L/mol/s], Ea [J/mol]. */
extern const double base_snar_k_ref[SNAR_N_K], base_snar_Ea[SNAR_N_K];

/* k [L/mol/s] of the four reactions of the SNAr coil at T [K]. */
void base_snar_k(double T, double k[SNAR_N_K]);

/* The coil with its sensitivities to the four k_ref, then the four Ea. Solve gives c and, for each parameter p, p dc/dp: SNAR_N values
 * each [mol/L], valid until the next run; NULL where CVODES fails. The run's own `user` plays no part. */
enum { SNAR_N_P = 2 * SNAR_N_K };
typedef struct base_sens base_sens;
base_sens *base_sens_new(void);
const double *base_sens_solve(base_sens *b, double T, const base_run *run);
void base_sens_free(base_sens *b);

/* The synthetic network that networks/net.py writes as a model file, from the same random numbers. */
typedef struct base_net base_net;
base_net *base_net_new(int n_species, int n_reactions, unsigned long long seed);
base_problem base_net_problem(const base_net *net);
void base_net_free(base_net *net);

#endif

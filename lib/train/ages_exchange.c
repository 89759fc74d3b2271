/* SPDX-License-Identifier: Apache-2.0 */
/* ages_exchange.c - between segregation and maximum mixedness: what has the same time left exchanges with its mean.
 *
 *     dy/dt = f(y) + (m(l) - y) / t_m,     m(l) = integral over t > l of E(t) y(t - l; t) dt / W(l)
 *
 * y(a; t): of fluid that stays for t in all and has been there for a. For the exponential distribution of a tank m is the same for all l,
 * and this is the model of interaction by exchange with the mean (J. Villermaux, in Concepts and Design of Chemical Reactors (1986), 191).
 *
 * The fluid is divided into classes of equal time in all, with edges at W = x^2 (3 - 2 x), x = 1 - k/n, so that they are small where the
 * first and the last leave; between atoms likewise. A class comes in at the mean of its times, when it has that left. From one entrance to
 * the next: exchange for half of the time (which is linear), reaction, exchange for the other half (G. Strang, SIAM J. Numer. Anal. 5
 * (1968) 506). Of second order in 1/n: two numbers of classes give the answer (L. F. Richardson, Phil. Trans. A 210 (1911) 307) and its
 * error. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/ages.h"

enum { MOST = TAUP_AGES_CLASSES - 3, CLASSES = MOST / 2 };
static const double finest = 1e-7; /* of the marches: far below what the classes leave open */

typedef struct exchange {
  taup_walk walk;
  taup_ages *ages;
  double time; /* of exchange, in the table's */
  int n, n_state;
  double mass[MOST], stay[MOST]; /* of the classes, the longest stay first */
  double *y;                     /* MOST x n_state */
  double *y_in, *mean, *coarse;
  taup_lane_point *points;
  bool shows;
  tau_statistics statistics;
} exchange;

/* --- classes --- */

/* The time at which W falls to the target. */
static double time_of(const taup_washout *table, double target)
{
  const int n = taup_washout_n(table);
  for (int i = 0; i < n; i++) {
    double a = taup_washout_begin(table, i), b = taup_washout_begin(table, i + 1);
    if (taup_washout_W(table, i, a) <= target) return a;
    if (taup_washout_W(table, i, b) > target) continue;
    while (b - a > 1e-13 * b) {
      const double t = 0.5 * (a + b);
      if (t <= a || t >= b) break;
      if (taup_washout_W(table, i, t) > target) a = t;
      else b = t;
    }
    return b;
  }
  return taup_washout_begin(table, n);
}

/* Integral of W between two times. */
static double area(const taup_washout *table, double from, double to)
{
  static const double x[3] = {-0.7745966692414834, 0.0, 0.7745966692414834},
                      g[3] = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};
  double sum = 0.0;
  for (int i = taup_washout_piece(table, 0, from); i < taup_washout_n(table); i++) {
    const double a = fmax(from, taup_washout_begin(table, i)), b = fmin(to, taup_washout_begin(table, i + 1));
    if (b <= a) break;
    for (int k = 0; k < 3; k++)
      sum += g[k] * (b - a) * taup_washout_W(table, i, 0.5 * (a + b) + 0.5 * (b - a) * x[k]);
  }
  return sum;
}

typedef struct edges {
  int n;
  double W[MOST + 1];
} edges;

static void divide(edges *e, double to, int n)
{
  const double from = e->W[e->n];
  for (int k = 1; k <= n; k++) {
    const double left = 1.0 - (double)k / n;
    e->W[++e->n] = to + (from - to) * left * left * (3.0 - 2.0 * left);
  }
}

static int n_atoms(const taup_washout *table)
{
  int n = 0;
  for (int i = 0; i <= taup_washout_n(table); i++) n += taup_washout_atom(table, i) > 0.0;
  return n;
}

/* What leaves all at once is a class of its own, and what leaves between is divided; each part into `finer` times the classes. */
static void put_edges(edges *e, const taup_washout *table, int finer)
{
  enum { MANY = 8 };
  static const double nothing = 1e-12;
  const int n = taup_washout_n(table), atoms = n_atoms(table), shared = CLASSES - 3 * atoms - 2;
  *e = (edges){.W = {1.0}};
  for (int i = 0; i <= n && atoms <= MANY; i++) {
    const double atom = taup_washout_atom(table, i);
    if (atom == 0.0) continue;
    const double after = i < n ? taup_washout_W(table, i, taup_washout_begin(table, i)) : 0.0;
    const double falls = e->W[e->n] - after - atom;
    if (falls > nothing) divide(e, after + atom, finer * (2 + (int)(shared * falls)));
    e->W[++e->n] = after;
  }
  const double rest = e->W[e->n];
  if (rest > nothing) divide(e, 0.0, finer * (atoms ? 2 + (int)(shared * rest) : CLASSES));
}

/* The mean time of what leaves while W falls by w from W0 at t0 to W1 at t1 is (W0 t0 - W1 t1 + integral of W) / w. */
static void make_classes(exchange *x, int finer)
{
  const taup_washout *table = x->ages->table;
  edges e;
  double t0 = 0.0;
  put_edges(&e, table, finer);
  x->n = e.n;
  for (int k = 1; k <= e.n; k++) {
    const double W0 = e.W[k - 1], W1 = e.W[k], t1 = time_of(table, W1);
    x->mass[e.n - k] = W0 - W1;
    x->stay[e.n - k] = (W0 * t0 - W1 * t1 + area(table, t0, t1)) / (W0 - W1);
    t0 = t1;
  }
}

/* --- a step --- */

static void mean_of(exchange *x, int n)
{
  double mass = 0.0;
  memset(x->mean, 0, (size_t)x->n_state * sizeof *x->mean);
  for (int k = 0; k < n; k++) {
    mass += x->mass[k];
    for (int i = 0; i < x->n_state; i++) x->mean[i] += x->mass[k] * x->y[k * x->n_state + i];
  }
  for (int i = 0; i < x->n_state; i++) x->mean[i] /= mass;
}

static void mix(exchange *x, int n, double time)
{
  const double kept = exp(-time / x->time);
  mean_of(x, n);
  for (int k = 0; k < n; k++)
    for (int i = 0; i < x->n_state; i++) {
      double *y = &x->y[k * x->n_state + i];
      *y = x->mean[i] + kept * (*y - x->mean[i]);
    }
}

/* A class by CVODES. */
static tau_status react_alone(exchange *x, int k)
{
  tau_workspace *w = x->walk.w;
  double atol_q[TAUP_N_Q], q[TAUP_N_Q];
  taup_march_options options = taup_march_options_of(w, x->walk.i_stage, x->walk.p, atol_q);
  options.rtol = fmax(options.rtol, finest);
  taup_march *march = w->engines[x->walk.i_program].march;
  const tau_status st =
    taup_march_run(march, x->walk.R, x->y + (ptrdiff_t)k * x->n_state, q, &options, NULL, NULL);
  const taup_solver_counts c = taup_march_counts(march);
  x->statistics.n_steps += c.n_steps;
  x->statistics.n_rhs += c.n_rhs;
  return st;
}

static tau_status react(exchange *x, int n)
{
  tau_workspace *w = x->walk.w;
  taup_lanes *lanes = w->engines[x->walk.i_program].lanes;
  double atol_q[TAUP_N_Q];
  const bool steep = taup_march_options_of(w, x->walk.i_stage, x->walk.p, atol_q).steep;
  const bool asked = w->options.engine == TAU_ENGINE_CVODES && !w->by_cvodes; /* not by a bundle */
  const bool alone = !lanes || steep || asked;
  for (int k = 0; k < n && !alone; k++) {
    double *y = x->y + (ptrdiff_t)k * x->n_state;
    memcpy(x->mean, y, (size_t)x->n_state * sizeof *y);
    x->points[0] = (taup_lane_point){.R = x->walk.R, .atol = w->atol, .y = y};
    const taup_lane_options options = {.rtol = fmax(w->options.rtol, finest),
                                       .max_steps = w->options.max_steps};
    taup_lanes_march(lanes, 1, x->points, &options);
    x->statistics.n_steps += x->points[0].n_steps;
    if (x->points[0].end == TAUP_LANE_DONE) continue;
    memcpy(y, x->mean, (size_t)x->n_state * sizeof *y);
    TAU_TRY(react_alone(x, k));
  }
  for (int k = 0; k < n && alone; k++) TAU_TRY(react_alone(x, k));
  return TAU_OK;
}

static void show(exchange *x, int n, double left)
{
  const double s = left * x->ages->unit_of_time / x->ages->reach;
  if (!x->shows || s > x->ages->shown) return;
  for (int k = 0; k < n && (x->walk.w->needs & TAUP_NEED_MAXIMA); k++)
    taup_walk_candidate(&x->walk, s, x->y + (ptrdiff_t)k * x->n_state);
  mean_of(x, n);
  memcpy(x->walk.w->f, x->mean, (size_t)x->n_state * sizeof *x->mean);
  if (x->walk.w->needs & TAUP_NEED_PROFILES) taup_walk_store(&x->walk, s, x->walk.w->f);
}

/* All classes from their entrances to the end; what leaves is the mean then. */
static tau_status go(exchange *x, int finer)
{
  const int n = x->n_state;
  make_classes(x, finer);
  const int n_classes = x->n;
  for (int k = 0; k < n_classes; k++) {
    const double left = k + 1 < n_classes ? x->stay[k + 1] : 0.0, time = x->stay[k] - left;
    memcpy(x->y + (ptrdiff_t)k * n, x->y_in, (size_t)n * sizeof *x->y);
    const int stop = taup_asked_to_stop(x->walk.w, x->walk.unit->name, (k + 1.0) / (n_classes + 1.0));
    if (stop) return (tau_status)stop;
    if (!(time > 0.0)) continue;
    mix(x, k + 1, 0.5 * time);
    taup_ages_set_reach(&x->walk.w->train->stages[x->walk.i_stage], x->walk.p->program, x->walk.R,
                        time * x->ages->unit_of_time);
    TAU_TRY(react(x, k + 1));
    mix(x, k + 1, 0.5 * time);
    show(x, k + 1, left);
  }
  mean_of(x, n_classes);
  return TAU_OK;
}

/* --- the whole --- */

/* The difference of the two answers, of the amount or T where it is largest, relative to what flows in. */
static double distance(const exchange *x)
{
  const tau_workspace *w = x->walk.w;
  const double *inlet = w->result->data + x->walk.layout->inlet;
  const int n = w->train->layout->n_species;
  double most = 0.0, scale = 0.0;
  for (int i = 0; i < n; i++) scale = fmax(scale, inlet[i]);
  for (int i = 0; i < x->walk.p->n_amounts; i++) most = fmax(most, fabs(x->mean[i] - x->coarse[i]) / scale);
  if (x->walk.p->state_of_T >= 0) {
    const int T = x->walk.p->state_of_T;
    most = fmax(most, fabs(x->mean[T] - x->coarse[T]) / x->mean[T]);
  }
  return most / 3.0;
}

static tau_status both(exchange *x)
{
  tau_workspace *w = x->walk.w;
  memcpy(x->y_in, w->y, (size_t)x->n_state * sizeof *w->y);
  TAU_TRY(go(x, 1));
  memcpy(x->coarse, x->mean, (size_t)x->n_state * sizeof *x->mean);
  x->shows = true;
  TAU_TRY(go(x, 2));
  const double error = distance(x);
  for (int i = 0; i < x->n_state; i++) x->mean[i] += (x->mean[i] - x->coarse[i]) / 3.0;
  taup_walk_end_ages(&x->walk, x->mean, error, &x->statistics);
  return TAU_OK;
}

static tau_status run(exchange *x, tau_workspace *w, int i_stage)
{
  TAU_TRY(taup_walk_open(&x->walk, w, i_stage));
  const size_t n = (size_t)x->walk.p->system.n;
  x->n_state = (int)n;
  x->ages = x->walk.ages;
  x->time = w->inputs[x->walk.unit->mixing_time] / x->ages->unit_of_time;
  x->y = x->ages->classes;
  x->y_in = x->y + MOST * n;
  x->mean = x->y_in + n;
  x->coarse = x->mean + n;
  return both(x);
}

tau_status taup_run_exchange(tau_workspace *w, int i_stage)
{
  taup_lane_point point;
  exchange x = {.points = &point, .statistics = {.method = "classes of ages"}};
  const tau_status st = run(&x, w, i_stage);
  if (st >= 0 || st == TAU_E_NOMEM) return st;
  const taup_failure failure = taup_march_failure(w->engines[x.walk.i_program].march);
  return failure.kind ? taup_explain(w, i_stage, x.walk.i_program, st, &failure) : st;
}

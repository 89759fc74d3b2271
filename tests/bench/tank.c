/* SPDX-License-Identifier: Apache-2.0 */
/* tank.c - a sweep of a stirred tank with the chemistry of the coil, at the coil's points, against Newton's method as one writes it by
 * hand:
 *
 *     0 = F(c) = c_in - c + tau R(c),
 *
 * from the feed, dense elimination with row exchanges, a step halved as long as |F| does not fall, until a step is below 1e-10 of the feed;
 * then one more. It looks for no other state and asks nothing of stability; ours does both.
 *
 * Both sides solve to rounding. Errors are of the feed, root mean square, against the base with F in long double. */
#include <math.h>

#include "bench/coil.h"
#include "bench/sweeps.h"

enum { N_POINTS = 10000, N = SNAR_N, FEWEST_ROUNDS = 5, MOST_STEPS = 100, MOST_HALVINGS = 40 };

typedef struct pair {
  tau_model *model;
  tau_train *train;
  tau_inputs *inputs;
  int varied[N_COIL], observables[N];
  long long n_handed_over;
  double values[N_POINTS * N_COIL];
  double mine[N_POINTS * N], theirs[N_POINTS * N], reference[N_POINTS * N]; /* [mol/L] */
} pair;

/* --- by hand --- */

typedef struct tank {
  double k[SNAR_N_K], tau, feed[N];
} tank;

static tank tank_at(const double *x)
{
  tank t = {.tau = x[COIL_TAU], .feed = {x[COIL_NITRO] / 2e3, x[COIL_AMINE] / 2e3}};
  base_snar_k(x[COIL_T], t.k);
  return t;
}

static double balance(const tank *t, const double *c, double *F)
{
  double sum = 0.0;
  base_snar.f(t->k, c, F);
  for (int i = 0; i < N; i++) {
    F[i] = t->feed[i] - c[i] + t->tau * F[i];
    sum += F[i] * F[i];
  }
  return sum;
}

static void exact_balance(const tank *t, const double *c, double *F)
{
  const long double m = c[1], a = t->k[0] * c[0] * m, b = t->k[1] * c[0] * m, d = t->k[2] * c[2] * m,
                    e = t->k[3] * c[3] * m;
  const long double R[N] = {-a - b, -a - b - d - e, a - d, b - e, d + e};
  for (int i = 0; i < N; i++) F[i] = (double)((long double)t->feed[i] - c[i] + t->tau * R[i]);
}

/* J x = -F at c, x in place of F. */
static void newton_step(const tank *t, const double *c, double *F)
{
  double J[N * N] = {0.0};
  base_snar.J(t->k, c, J);
  for (int j = 0; j < N; j++)
    for (int i = 0; i < N; i++) J[j * N + i] = (i == j) - t->tau * J[j * N + i];
  for (int p = 0; p < N; p++) {
    int best = p;
    for (int i = p + 1; i < N; i++)
      if (fabs(J[p * N + i]) > fabs(J[p * N + best])) best = i;
    for (int j = p; j < N && best != p; j++) {
      const double x = J[j * N + p];
      J[j * N + p] = J[j * N + best];
      J[j * N + best] = x;
    }
    const double x = F[p];
    F[p] = F[best];
    F[best] = x;
    for (int i = p + 1; i < N; i++) {
      const double l = J[p * N + i] / J[p * N + p];
      for (int j = p + 1; j < N; j++) J[j * N + i] -= l * J[j * N + p];
      F[i] -= l * F[p];
    }
  }
  for (int p = N - 1; p >= 0; p--) {
    for (int j = p + 1; j < N; j++) F[p] -= J[j * N + p] * F[j];
    F[p] /= J[p * N + p];
  }
}

static bool solve_tank(const tank *t, double *c)
{
  double F[N], trial[N], G[N];
  memcpy(c, t->feed, sizeof t->feed);
  double size = balance(t, c, F);
  for (int step = 0; step < MOST_STEPS; step++) {
    double largest = 0.0, lambda = 1.0, after = 0.0;
    newton_step(t, c, F);
    for (int i = 0; i < N; i++) largest = fmax(largest, fabs(F[i]));
    const bool last = largest <= 1e-10 * t->feed[0];
    for (int k = 0; k < MOST_HALVINGS; k++, lambda *= 0.5) {
      for (int i = 0; i < N; i++) trial[i] = c[i] + lambda * F[i];
      after = balance(t, trial, G);
      if (last || after < size) break;
    }
    memcpy(c, trial, sizeof trial);
    memcpy(F, G, sizeof G);
    size = after;
    if (!last) continue;
    newton_step(t, c, F);
    for (int i = 0; i < N; i++) c[i] += F[i];
    return true;
  }
  return false;
}

static bool loop(pair *b)
{
  for (int i = 0; i < N_POINTS; i++) {
    const tank t = tank_at(b->values + (ptrdiff_t)i * N_COIL);
    if (!solve_tank(&t, b->theirs + (ptrdiff_t)i * N)) return false;
  }
  return true;
}

static void make_reference(pair *b)
{
  memcpy(b->reference, b->theirs, sizeof b->theirs);
  for (int i = 0; i < N_POINTS; i++) {
    const tank t = tank_at(b->values + (ptrdiff_t)i * N_COIL);
    double *c = b->reference + (ptrdiff_t)i * N, F[N];
    for (int k = 0; k < 3; k++) {
      exact_balance(&t, c, F);
      newton_step(&t, c, F);
      for (int j = 0; j < N; j++) c[j] += F[j];
    }
  }
}

/* --- ours --- */

static bool open_pair(pair *b, const char *folder)
{
  static const char *const paths[N_COIL] = {"units/tank/temperature", "units/tank/residence_time",
                                            "feeds/nitro/concentration/DFNB",
                                            "feeds/amine/concentration/Pyrr"};
  char path[1024];
  snprintf(path, sizeof path, "%s/tank.yaml", folder);
  draw_coil(N_POINTS, b->values);
  if (tau_model_read(&b->model, path) < 0 || tau_train_compile(&b->train, b->model) < 0 ||
      tau_inputs_new(&b->inputs, b->train) < 0)
    return false;
  for (int k = 0; k < N_COIL; k++)
    if ((b->varied[k] = tau_train_parameter_index(b->train, paths[k])) < 0) return false;
  for (int i = 0; i < N; i++) {
    snprintf(path, sizeof path, "outlet/c/%s", tau_train_species(b->train, i));
    if ((b->observables[i] = tau_train_observable_index(b->train, path)) < 0) return false;
  }
  return true;
}

static void close_pair(pair *b)
{
  tau_inputs_free(b->inputs);
  tau_train_free(b->train);
  tau_model_free(b->model);
}

static tau_status keep(void *user, const tau_block *block, const tau_sweep_summary *summary)
{
  pair *b = user;
  (void)summary;
  for (int i = 0; i < block->n * N; i++) b->mine[block->first_run * N + i] = 1e-3 * block->observables[i];
  return TAU_OK;
}

static bool run_ours(pair *b)
{
  tau_sweep_summary *summary = NULL;
  tau_sweep_options options = TAU_SWEEP_OPTIONS_INIT;
  options.engine = TAU_ENGINE_LANES;
  options.n_threads = 1;
  options.n_checked = 0;
  const tau_design design = {N_POINTS, N_COIL, b->varied, b->values};
  const tau_kept kept = {.n_observables = N, .observables = b->observables};
  const tau_sink sink = {keep, b};
  const tau_status st = tau_sweep(&summary, b->train, b->inputs, &design, &kept, &sink, &options);
  const bool good = st == TAU_OK && tau_sweep_n_failed(summary) == 0;
  if (good) b->n_handed_over = (long long)tau_sweep_n_handed_over(summary);
  tau_sweep_summary_free(summary);
  return good;
}

/* --- both --- */

static error error_of(const pair *b, const double *c)
{
  error e = {0.0, 0.0};
  for (int i = 0; i < N_POINTS * N; i++) {
    const double off = fabs(c[i] - b->reference[i]) / (b->values[i / N * N_COIL + COIL_NITRO] / 2e3);
    e.rms += off * off / (N_POINTS * N);
    if (!(off <= e.most)) e.most = off; /* also NAN */
  }
  e.rms = sqrt(e.rms);
  return e;
}

static bool measure(pair *b, double seconds, times *t)
{
  const double begin = now();
  for (t->n = 0; t->n < MOST_ROUNDS && (t->n < FEWEST_ROUNDS || now() - begin < seconds); t->n++) {
    const double t0 = now();
    if (!run_ours(b)) return false;
    const double t1 = now();
    if (!loop(b)) return false;
    const double t2 = now();
    t->ours[t->n] = (t1 - t0) / N_POINTS;
    t->base[t->n] = (t2 - t1) / N_POINTS;
    t->ratio[t->n] = t->ours[t->n] / t->base[t->n];
  }
  return true;
}

bool bench_tank(const char *folder, double seconds, report *r)
{
  static pair b; /* too large for the stack */
  equal q = {0.0, 0.0, {0.0, 0.0}, {0.0, 0.0}};
  times t;
  bool ran = open_pair(&b, folder) && measure(&b, seconds, &t);
  if (ran) {
    make_reference(&b);
    q.ours = error_of(&b, b.mine);
    q.base = error_of(&b, b.theirs);
    write_tank_row(r, &q, &t, N_POINTS, b.n_handed_over);
    fprintf(stderr, "%-22s %10.5g us, base %10.5g us, ratio %.4f, error %.1e and %.1e, %lld handed over\n",
            "tank", 1e6 * quantile(t.n, t.ours, 0.5), 1e6 * quantile(t.n, t.base, 0.5),
            quantile(t.n, t.ratio, 0.5), q.ours.rms, q.base.rms, b.n_handed_over);
    ran = q.ours.most < 1e-12 && q.base.most < 1e-12;
  }
  if (!ran) fprintf(stderr, "sweeps: tanks could not be run, or are wrong: %s\n", tau_last_error());
  close_pair(&b);
  return ran;
}

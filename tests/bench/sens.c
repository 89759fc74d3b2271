/* SPDX-License-Identifier: Apache-2.0 */
/* sens.c - the coil with sensitivities of its outlet to the four k_ref and the four Ea, against CVODES by hand (base_sens.c), at equal
 * error: ours a sweep by the lanes with one thread, at rtol 1e-6 and atol 1e-10 mol/L; the base, in a loop over the first points, at the
 * loosest rtol of a ladder at which its error is at most ours.
 *
 * Errors are those of p dc/dp over the feed, root mean square over points, parameters and species, against the base at rtol 1e-12. */
#include <math.h>

#include "bench/coil.h"
#include "bench/sweeps.h"

enum { N_POINTS = 50, N_SWEPT = 4000, N_SLOPES = SNAR_N * SNAR_N_P, FEWEST_ROUNDS = 5 };
static const double rtol_ours = 1e-6, atol_ours = 1e-10, reference_rtol = 1e-12, rung = 0.7498942093324559;

typedef struct pair {
  tau_model *model;
  tau_train *train;
  tau_inputs *inputs;
  base_sens *base;
  int varied[N_COIL], parameters[SNAR_N_P], observables[SNAR_N];
  double p[SNAR_N_P]; /* SI */
  long long n_handed_over;
  double values[N_SWEPT * N_COIL];
  double mine[N_POINTS * N_SLOPES], reference[N_POINTS * N_SLOPES]; /* p dc/dp [mol/L] */
} pair;

static bool find_names(pair *b)
{
  char path[256];
  if (!coil_parameters(b->train, b->varied)) return false;
  for (int k = 0; k < SNAR_N_P; k++) {
    snprintf(path, sizeof path, "reactions/%s/k/%s", tau_train_reaction(b->train, k % SNAR_N_K),
             k < SNAR_N_K ? "k_ref" : "Ea");
    if ((b->parameters[k] = tau_train_parameter_index(b->train, path)) < 0) return false;
    b->p[k] = tau_train_parameter(b->train, b->parameters[k]).value;
  }
  for (int i = 0; i < SNAR_N; i++) {
    snprintf(path, sizeof path, "outlet/c/%s", tau_train_species(b->train, i));
    if ((b->observables[i] = tau_train_observable_index(b->train, path)) < 0) return false;
  }
  return true;
}

static bool open_pair(pair *b, const char *folder)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/snar.yaml", folder);
  *b = (pair){.base = base_sens_new()};
  draw_coil(N_SWEPT, b->values);
  return b->base && tau_model_read(&b->model, path) >= 0 && tau_train_compile(&b->train, b->model) >= 0 &&
         tau_inputs_new(&b->inputs, b->train) >= 0 && find_names(b);
}

static void close_pair(pair *b)
{
  tau_inputs_free(b->inputs);
  tau_train_free(b->train);
  tau_model_free(b->model);
  base_sens_free(b->base);
}

/* The sink: p dc/dp [mol/L] of the points that the base runs too. */
static tau_status keep(void *user, const tau_block *block, const tau_sweep_summary *summary)
{
  pair *b = user;
  (void)summary;
  for (int row = 0; row < block->n && block->first_run + row < N_POINTS; row++)
    for (int k = 0; k < SNAR_N_P; k++)
      for (int j = 0; j < SNAR_N; j++)
        b->mine[(block->first_run + row) * N_SLOPES + k * SNAR_N + j] =
          1e-3 * b->p[k] * block->sensitivities[(row * SNAR_N + j) * SNAR_N_P + k];
  return TAU_OK;
}

static bool run_ours(pair *b)
{
  tau_sweep_summary *summary = NULL;
  tau_sweep_options options = TAU_SWEEP_OPTIONS_INIT;
  options.run.rtol = rtol_ours;
  options.run.atol = 1e3 * atol_ours;
  options.engine = TAU_ENGINE_LANES;
  options.n_threads = 1;
  options.n_checked = 0;
  const tau_design design = {N_SWEPT, N_COIL, b->varied, b->values};
  const tau_kept kept = {.n_observables = SNAR_N,
                         .observables = b->observables,
                         .n_sensitivities = SNAR_N_P,
                         .sensitivities = b->parameters};
  const tau_sink sink = {keep, b};
  const tau_status st = tau_sweep(&summary, b->train, b->inputs, &design, &kept, &sink, &options);
  const bool good = st == TAU_OK && tau_sweep_n_failed(summary) == 0;
  if (good) b->n_handed_over = (long long)tau_sweep_n_handed_over(summary);
  tau_sweep_summary_free(summary);
  return good;
}

static bool run_base(pair *b, double rtol, double atol, double *out)
{
  for (int i = 0; i < N_POINTS; i++) {
    const double *x = b->values + (ptrdiff_t)i * N_COIL;
    const double start[SNAR_N] = {x[COIL_NITRO] / 2e3, x[COIL_AMINE] / 2e3};
    const base_run run = {.start = start, .end = x[COIL_TAU], .rtol = rtol, .atol = atol};
    const double *c = base_sens_solve(b->base, x[COIL_T], &run);
    if (!c) return false;
    memcpy(out + (ptrdiff_t)i * N_SLOPES, c + SNAR_N, N_SLOPES * sizeof *c);
  }
  return true;
}

static error error_of_mine(const pair *b)
{
  error e = {0.0, 0.0};
  for (int i = 0; i < N_POINTS * N_SLOPES; i++) {
    const double feed = b->values[i / N_SLOPES * N_COIL + COIL_NITRO] / 2e3;
    const double off = fabs(b->mine[i] - b->reference[i]) / feed;
    e.rms += off * off / (N_POINTS * N_SLOPES);
    if (!(off <= e.most)) e.most = off; /* also NAN */
  }
  e.rms = sqrt(e.rms);
  return e;
}

static bool make_equal(pair *b, equal *q)
{
  *q = (equal){.rtol_ours = rtol_ours};
  if (!run_base(b, reference_rtol, 1e-4 * atol_ours, b->reference) || !run_ours(b)) return false;
  q->ours = error_of_mine(b);
  for (double rtol = 1e-4; rtol > reference_rtol; rtol *= rung) {
    if (!run_base(b, rtol, atol_ours * rtol / rtol_ours, b->mine)) continue;
    q->base = error_of_mine(b);
    q->rtol_base = rtol;
    if (q->base.rms <= q->ours.rms) return true;
  }
  return false;
}

static bool measure(pair *b, const equal *q, double seconds, times *t)
{
  const double begin = now(), atol = atol_ours * q->rtol_base / rtol_ours;
  for (t->n = 0; t->n < MOST_ROUNDS && (t->n < FEWEST_ROUNDS || now() - begin < seconds); t->n++) {
    const double t0 = now();
    if (!run_ours(b)) return false;
    const double t1 = now();
    if (!run_base(b, q->rtol_base, atol, b->mine)) return false;
    const double t2 = now();
    t->ours[t->n] = (t1 - t0) / N_SWEPT;
    t->base[t->n] = (t2 - t1) / N_POINTS;
    t->ratio[t->n] = t->ours[t->n] / t->base[t->n];
  }
  return true;
}

/* For the peers: k of a point is (k_ref, Ea, T). */
static void write_sample(report *r, const pair *b, const equal *q, const times *t)
{
  double k[SNAR_N_P + 1], scale[N_SLOPES];
  begin_points(r, "snar_sens", 1e6 * quantile(t->n, t->ours, 0.5), q->ours.rms, atol_ours / rtol_ours);
  memcpy(k, base_snar_k_ref, sizeof base_snar_k_ref);
  memcpy(k + SNAR_N_K, base_snar_Ea, sizeof base_snar_Ea);
  for (int i = 0; i < N_POINTS; i++) {
    const double *x = b->values + (ptrdiff_t)i * N_COIL;
    const double start[SNAR_N] = {x[COIL_NITRO] / 2e3, x[COIL_AMINE] / 2e3};
    k[SNAR_N_P] = x[COIL_T];
    for (int j = 0; j < N_SLOPES; j++) scale[j] = start[0];
    write_point(r, i == 0,
                &(sample_point){x[COIL_TAU], SNAR_N_P + 1, SNAR_N, N_SLOPES, k, start,
                                b->reference + (ptrdiff_t)i * N_SLOPES, scale});
  }
  fprintf(r->points, "]}");
}

bool bench_sens(const char *folder, double seconds, report *r)
{
  static pair b; /* too large for the stack */
  equal q;
  times t;
  const bool ran = open_pair(&b, folder) && make_equal(&b, &q) && measure(&b, &q, seconds, &t);
  if (ran) {
    write_sens_row(r, &q, &t, N_SWEPT, b.n_handed_over);
    write_sample(r, &b, &q, &t);
    fprintf(stderr, "%-22s %10.5g us, base %10.5g us, ratio %.4f, error %.1e and %.1e, %lld handed over\n",
            "sens", 1e6 * quantile(t.n, t.ours, 0.5), 1e6 * quantile(t.n, t.base, 0.5),
            quantile(t.n, t.ratio, 0.5), q.ours.rms, q.base.rms, b.n_handed_over);
  } else fprintf(stderr, "sweeps: sens could not be run to an equal error: %s\n", tau_last_error());
  close_pair(&b);
  return ran;
}

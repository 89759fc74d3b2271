/* SPDX-License-Identifier: Apache-2.0 */
/* sens.c - the coil with sensitivities of its outlet to the four k_ref and the four Ea, against CVODES by hand (base_sens.c), at equal
 * error: ours at rtol 1e-8 and atol 1e-12 mol/L, the base at the loosest rtol of a ladder at which its error is at most ours.
 *
 * Errors are those of p dc/dp over the feed, root mean square over points, parameters and species, against the base at rtol 1e-12. */
#include <math.h>

#include "bench/coil.h"
#include "bench/sweeps.h"

enum { N_POINTS = 50, N_SLOPES = SNAR_N * SNAR_N_P, FEWEST_ROUNDS = 5 };
static const double rtol_ours = 1e-8, atol_ours = 1e-12, reference_rtol = 1e-12, rung = 0.7498942093324559;

typedef struct pair {
  tau_model *model;
  tau_train *train;
  tau_inputs *inputs;
  tau_sensitivity *sensitivity;
  base_sens *base;
  tau_run_options options;
  int varied[N_COIL], parameters[SNAR_N_P], observables[SNAR_N];
  double p[SNAR_N_P]; /* SI */
  double values[N_POINTS * N_COIL];
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
  *b = (pair){.options = TAU_RUN_OPTIONS_INIT, .base = base_sens_new()};
  b->options.rtol = rtol_ours;
  b->options.atol = 1e3 * atol_ours;
  draw_coil(N_POINTS, b->values);
  return b->base && tau_model_read(&b->model, path) >= 0 && tau_train_compile(&b->train, b->model) >= 0 &&
         tau_inputs_new(&b->inputs, b->train) >= 0 && find_names(b) &&
         tau_sensitivity_new(&b->sensitivity, b->train, SNAR_N_P, b->parameters) >= 0;
}

static void close_pair(pair *b)
{
  tau_sensitivity_free(b->sensitivity);
  tau_inputs_free(b->inputs);
  tau_train_free(b->train);
  tau_model_free(b->model);
  base_sens_free(b->base);
}

static bool run_ours(pair *b)
{
  for (int i = 0; i < N_POINTS; i++) {
    for (int k = 0; k < N_COIL; k++)
      if (tau_inputs_set_index(b->inputs, b->varied[k], b->values[i * N_COIL + k]) < 0) return false;
    if (tau_sensitivity_run(b->sensitivity, b->inputs, &b->options) != TAU_OK) return false;
    for (int k = 0; k < SNAR_N_P; k++)
      for (int j = 0; j < SNAR_N; j++)
        b->mine[i * N_SLOPES + k * SNAR_N + j] =
          1e-3 * b->p[k] * tau_sensitivity_value(b->sensitivity, b->observables[j], k);
  }
  return true;
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
    t->ours[t->n] = (t1 - t0) / N_POINTS;
    t->base[t->n] = (t2 - t1) / N_POINTS;
    t->ratio[t->n] = (t1 - t0) / (t2 - t1);
  }
  return true;
}

bool bench_sens(const char *folder, double seconds, report *r)
{
  static pair b; /* too large for the stack */
  equal q;
  times t;
  const bool ran = open_pair(&b, folder) && make_equal(&b, &q) && measure(&b, &q, seconds, &t);
  if (ran) {
    write_sens_row(r, &q, &t, N_POINTS);
    fprintf(stderr, "%-22s %10.5g us, base %10.5g us, ratio %.4f, error %.1e and %.1e\n", "sens",
            1e6 * quantile(t.n, t.ours, 0.5), 1e6 * quantile(t.n, t.base, 0.5), quantile(t.n, t.ratio, 0.5),
            q.ours.rms, q.base.rms);
  } else fprintf(stderr, "sweeps: sens could not be run to an equal error: %s\n", tau_last_error());
  close_pair(&b);
  return ran;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* kept.c - what a sweep of the SNAr coil costs that is kept in a file.
 *
 *     kept --profiles MODEL FILE N   {"memory": us, "file": us, "results": us}: a run of a sweep in memory, of the same into a file, and
 *                                    the share of it that opening, writing and closing took; the profile of the coil is kept
 *     kept --memory MODEL FILE N     {"memory": bytes, "design": bytes, "us": us}: the most resident size of this process, and how much of
 *                                    it is the design; the concentrations of the outlet are kept
 *
 * By the lanes at rtol 1e-6, one thread beside the one that writes. FILE is made and removed. */
#include <stdio.h>

#include "bench/coil.h"

enum { ROUNDS = 3, MOST_SPECIES = 16 };

/* What is swept. */
typedef struct task {
  tau_model *model;
  tau_train *train;
  tau_design design;
  tau_kept kept;
  tau_sweep_options options;
  int parameters[N_COIL], observables[MOST_SPECIES], coil;
  double *values;
} task;

/* A sink behind a clock; `inner` without a function: nothing is kept. */
typedef struct timed {
  tau_sink inner;
  double seconds;
} timed;

static tau_status take(void *user, const tau_block *block, const tau_sweep_summary *summary)
{
  timed *t = user;
  const double begin = now();
  const tau_status st = t->inner.take ? t->inner.take(t->inner.user, block, summary) : TAU_OK;
  t->seconds += now() - begin;
  return st;
}

/* profiles: the residence time stays the model's, so that all places of the profile are inside. */
static bool open_task(task *k, const char *model, int64_t n, bool profiles)
{
  char path[256];
  *k = (task){.options = TAU_SWEEP_OPTIONS_INIT};
  if (!(k->values = calloc((size_t)n * N_COIL, sizeof *k->values)) || tau_model_read(&k->model, model) < 0 ||
      tau_train_compile(&k->train, k->model) < 0 || !coil_parameters(k->train, k->parameters))
    return false;
  draw_coil(n, k->values);
  if (profiles) {
    for (int64_t i = 0; i < n; i++) k->values[i * N_COIL + COIL_TAU] = 5e-6 / 2.5e-6 * 60.0;
  }
  k->options.run.rtol = 1e-6;
  k->options.engine = TAU_ENGINE_LANES;
  k->options.n_threads = 1;
  k->options.n_checked = 0;
  k->design = (tau_design){n, N_COIL, k->parameters, k->values};
  k->coil = tau_train_n_units(k->train) - 1;
  if (profiles) {
    k->kept = (tau_kept){.n_profiles = 1, .profiles = &k->coil};
    return true;
  }
  k->kept = (tau_kept){.n_observables = tau_train_n_species(k->train), .observables = k->observables};
  for (int i = 0; i < k->kept.n_observables && i < MOST_SPECIES; i++) {
    snprintf(path, sizeof path, "outlet/c/%s", tau_train_species(k->train, i));
    if ((k->observables[i] = tau_train_observable_index(k->train, path)) < 0) return false;
  }
  return k->kept.n_observables <= MOST_SPECIES;
}

static void close_task(task *k)
{
  tau_train_free(k->train);
  tau_model_free(k->model);
  free(k->values);
}

/* Seconds of the whole, negative where it fails; those spent on results in *results. file NULL: nothing is kept. */
static double run(const task *k, const char *file, double *results)
{
  timed t = {{NULL, NULL}, 0.0};
  const tau_sink sink = {take, &t};
  tau_sweep_file *h = NULL;
  tau_sweep_summary *summary = NULL;
  const tau_sweep_plan plan = {.train = k->train,
                               .n_runs = k->design.n_runs,
                               .n_varied = N_COIL,
                               .parameters = k->parameters,
                               .kept = &k->kept,
                               .options = &k->options};
  int64_t n_done = 0;
  const double t0 = now();
  if (file && tau_sweep_file_open(&h, file, &plan, true, &n_done) < 0) return -1.0;
  if (file) t.inner = tau_sweep_file_sink(h);
  const double t1 = now();
  const bool good = tau_sweep(&summary, k->train, NULL, &k->design, &k->kept, &sink, &k->options) == TAU_OK &&
                    tau_sweep_n_failed(summary) == 0;
  const double t2 = now();
  const bool added = !file || tau_sweep_file_add(h, summary) >= 0;
  const bool closed = !file || tau_sweep_file_close(h) >= 0;
  const double t3 = now();
  tau_sweep_summary_free(summary);
  if (file) remove(file);
  *results = t.seconds + (t1 - t0) + (t3 - t2);
  return good && added && closed ? t3 - t0 : -1.0;
}

static bool profiles(const task *k, const char *file)
{
  const double n = 1e-6 * (double)k->design.n_runs;
  double memory[ROUNDS], in_file[ROUNDS], results[ROUNDS], none;
  for (int i = 0; i < ROUNDS; i++) {
    memory[i] = run(k, NULL, &none);
    in_file[i] = run(k, file, &results[i]);
    if (memory[i] < 0.0 || in_file[i] < 0.0) return false;
  }
  printf("{\"memory\": %.6g, \"file\": %.6g, \"results\": %.6g}\n", quantile(ROUNDS, memory, 0.5) / n,
         quantile(ROUNDS, in_file, 0.5) / n, quantile(ROUNDS, results, 0.5) / n);
  return true;
}

static bool memory(const task *k, const char *file)
{
  double results;
  const double took = run(k, file, &results);
  if (took < 0.0) return false;
  printf("{\"memory\": %.0f, \"design\": %.0f, \"us\": %.6g}\n", status_bytes("VmHWM"),
         (double)k->design.n_runs * N_COIL * (double)sizeof(double), 1e6 * took / (double)k->design.n_runs);
  return true;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    fprintf(stderr, "usage: kept --profiles|--memory MODEL FILE N\n");
    return 2;
  }
  const bool with_profiles = strcmp(argv[1], "--profiles") == 0;
  task k;
  const bool good = open_task(&k, argv[2], atoll(argv[4]), with_profiles) &&
                    (with_profiles ? profiles(&k, argv[3]) : memory(&k, argv[3]));
  if (!good) fprintf(stderr, "kept: %s: %s\n", argv[2], tau_last_error());
  close_task(&k);
  return good ? 0 : 1;
}

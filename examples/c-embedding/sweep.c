/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.c - runs a train at a grid of temperatures and residence times, on all processors, into a file; after a kill the same command goes
 * on where it was.
 *
 *     cc sweep.c $(pkg-config --cflags --libs tautrain) -o sweep && ./sweep snar.yaml sweep.h5
 */
#include <stdio.h>
#include <tautrain.h>

enum { N_TEMPERATURES = 5, N_TIMES = 4, N_RUNS = N_TEMPERATURES * N_TIMES };

/* A sink of our own in front of the file's: it looks for the best yield, then hands the block on. */
typedef struct best {
  tau_sink file;
  double T, time, yield;
} best;

static tau_status take(void *user, const tau_block *block, const tau_sweep_summary *summary)
{
  best *b = user;
  for (int i = 0; i < block->n; i++)
    if (block->observables[i] > b->yield) { /* a run that failed is NAN, and never more */
      b->T = block->inputs[2 * i];
      b->time = block->inputs[2 * i + 1];
      b->yield = block->observables[i];
    }
  return b->file.take(b->file.user, block, summary);
}

static void fill(double values[/* 2 N_RUNS */])
{
  for (int i = 0; i < N_TEMPERATURES; i++)
    for (int j = 0; j < N_TIMES; j++) {
      values[2 * (i * N_TIMES + j)] = 333.15 + 10.0 * i;    /* [K] */
      values[2 * (i * N_TIMES + j) + 1] = 10.0 * (j + 1.0); /* [s] */
    }
}

static int sweep(const tau_train *train, const char *file)
{
  const int varied[] = {tau_train_parameter_index(train, "units/coil/temperature"),
                        tau_train_parameter_index(train, "units/coil/residence_time")};
  const int kept_observables[] = {tau_train_observable_index(train, "yield/ortho")};
  const tau_kept kept = {.n_observables = 1, .observables = kept_observables};
  tau_sweep_options options = TAU_SWEEP_OPTIONS_INIT;
  const tau_sweep_plan plan = {.train = train,
                               .n_runs = N_RUNS,
                               .n_varied = 2,
                               .parameters = varied,
                               .kept = &kept,
                               .options = &options,
                               .design = "60 to 100 degC by 10, 10 to 40 s by 10"};
  double values[2 * N_RUNS];
  best b = {.yield = 0.0};
  tau_sweep_file *f = NULL;
  tau_sweep_summary *summary = NULL;
  int64_t n_done;
  int st, end;

  fill(values);
  if ((st = tau_sweep_file_open(&f, file, &plan, false, &n_done)) < 0) return st;
  const tau_design rest = {N_RUNS - n_done, 2, varied, values + 2 * n_done};
  const tau_sink sink = {take, &b};
  b.file = tau_sweep_file_sink(f);
  options.first_run = n_done;
  st = tau_sweep(&summary, train, NULL, &rest, &kept, &sink, &options);
  printf("%d runs were there, %d are new, %d of them failed\n", (int)n_done, (int)tau_sweep_n_done(summary),
         (int)tau_sweep_n_failed(summary));
  if (b.yield > 0.0) printf("best yield %.4f at %.2f K, %.0f s\n", b.yield, b.T, b.time);
  if (st >= 0 && (end = tau_sweep_file_add(f, summary)) < 0) st = end;
  end = tau_sweep_file_close(f);
  tau_sweep_summary_free(summary);
  return st < 0 ? st : end;
}

int main(int argc, char **argv)
{
  tau_model *model = NULL;
  tau_train *train = NULL;
  int st;

  if ((st = tau_model_read(&model, argc > 1 ? argv[1] : "snar.yaml")) < 0) goto done;
  if ((st = tau_train_compile(&train, model)) < 0) goto done;
  st = sweep(train, argc > 2 ? argv[2] : "sweep.h5");
done:
  if (st < 0) fprintf(stderr, "%s\n", tau_last_error());
  tau_train_free(train);
  tau_model_free(model);
  return st < 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* first.c - from a model file to the first result, in a process that has done nothing before: times, and the most memory it had.
 *
 *     first --about            {"version": text, "compiler": text, "sundials": text}
 *     first MODEL              {"read": s, "compile": s, "run": s, "total": s, "memory": bytes}
 *     first MODEL REPEATS [RTOL ATOL]
 *                              {"over": s, "us": us, "c": [mol/L]}: what tau_train_run takes besides the units (its
 *                              workspace and the result); a run in a workspace at rtol and atol [mol/L], 1e-8 and
 *                              1e-12 where not given; medians; and its outlet
 *
 * Memory is the largest resident size less that at the start (Linux). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tautrain.h>

#include "bench/timing.h"

/* Time of a run besides that between its first and its last unit. */
static double once_over(const tau_train *train, int *failed)
{
  tau_result *result = NULL;
  const double begin = now();
  *failed = tau_train_run(&result, train, NULL, NULL) != TAU_OK;
  double took = now() - begin;
  for (int i = 0; !*failed && i < tau_result_n_units(result); i++)
    took -= tau_result_statistics(result, i).wall_time;
  tau_result_free(result);
  return took;
}

static double median(int n, double *x)
{
  qsort(x, (size_t)n, sizeof *x, by_size);
  return x[n / 2];
}

static int repeat(const tau_train *train, int n, const tau_run_options *options, double *took)
{
  tau_workspace *workspace = NULL;
  const tau_result *result = NULL;
  int failed = tau_workspace_new(&workspace, train) < 0;
  for (int i = 0; i < n && !failed; i++) took[i] = once_over(train, &failed);
  if (!failed) printf("{\"over\": %.9g, ", median(n, took));
  for (int i = 0; i < n && !failed; i++) {
    const double begin = now();
    failed = tau_train_run_in(&result, workspace, NULL, options) != TAU_OK;
    took[i] = now() - begin;
  }
  if (!failed) {
    const double *c = tau_result_outlet(result, tau_result_n_units(result) - 1, 0).c;
    printf("\"us\": %.9g, \"c\": [", 1e6 * median(n, took));
    for (int i = 0; i < tau_result_n_species(result); i++) printf("%s%.17g", i ? ", " : "", 1e-3 * c[i]);
    printf("]}\n");
  }
  tau_workspace_free(workspace);
  return failed;
}

static int over(const tau_train *train, int n, double rtol, double atol)
{
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.rtol = rtol;
  options.atol = 1e3 * atol;
  double *took = n > 0 ? calloc((size_t)n, sizeof *took) : NULL;
  const int failed = !took || repeat(train, n, &options, took);
  free(took);
  return failed;
}

static int about(void)
{
  printf("{\"version\": \"%s\", \"compiler\": \"%s\", \"sundials\": \"%s\"}\n", tau_version(),
         tau_build_info("compiler"), tau_build_info("sundials"));
  return 0;
}

int main(int argc, char **argv)
{
  tau_model *model = NULL;
  tau_train *train = NULL;
  tau_result *result = NULL;
  int st = -1;
  if (argc < 2) return 2;
  if (strcmp(argv[1], "--about") == 0) return about();
  const double had = status_bytes("VmRSS"), t0 = now();
  if ((st = tau_model_read(&model, argv[1])) < 0) goto done;
  const double t1 = now();
  if ((st = tau_train_compile(&train, model)) < 0) goto done;
  const double t2 = now();
  if (argc > 2) {
    st =
      over(train, atoi(argv[2]), argc > 4 ? atof(argv[3]) : 1e-8, argc > 4 ? atof(argv[4]) : 1e-12) ? -1 : 0;
    goto done;
  }
  if ((st = tau_train_run(&result, train, NULL, NULL)) < 0) goto done;
  const double t3 = now();
  printf("{\"read\": %.6g, \"compile\": %.6g, \"run\": %.6g, \"total\": %.6g, \"memory\": %.0f}\n", t1 - t0,
         t2 - t1, t3 - t2, t3 - t0, status_bytes("VmHWM") - had);
done:
  if (st < 0) fprintf(stderr, "first: %s: %s\n", argv[1], tau_last_error());
  tau_result_free(result);
  tau_train_free(train);
  tau_model_free(model);
  return st < 0;
}

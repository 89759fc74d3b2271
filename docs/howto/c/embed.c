/* SPDX-License-Identifier: Apache-2.0 */
/* embed.c - one train run by several threads, each with a workspace of its own, with a counting allocator, a limit of time and all mistakes
 * told.
 *
 *     embed snar.yaml [THREADS]
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <tautrain.h>

enum { N_POINTS = 8, MOST_THREADS = 64 };

/* --- memory: what malloc would do, counted --- */

static atomic_long n_requests;

static void *counted_malloc(void *user, size_t bytes)
{
  (void)user;
  atomic_fetch_add(&n_requests, 1);
  return malloc(bytes);
}

static void *counted_realloc(void *user, void *block, size_t bytes)
{
  (void)user;
  atomic_fetch_add(&n_requests, 1);
  return realloc(block, bytes);
}

static void counted_free(void *user, void *block)
{
  (void)user;
  free(block);
}

/* --- mistakes, one by one --- */

static void tell(void *user, const tau_mistake *mistake)
{
  fprintf(stderr, "%s:%d:%d: %s\n", (const char *)user, mistake->line, mistake->column, mistake->text);
}

/* --- the runs --- */

/* What one thread does: points first, first + step, ... Its errors are its own: tau_last_error() belongs to the thread. */
typedef struct job {
  const tau_train *train;
  int first, step;
  double *yield; /* [N_POINTS], shared; each entry is written by one thread */
  tau_status status;
  char message[512];
} job;

static double temperature_of(int i_point) { return 273.15 + 60.0 + 10.0 * i_point; }

/* Asked at most every 20 ms; anything but 0 stops the run. */
static int keep_going(void *user, const char *unit, double fraction)
{
  (void)user;
  (void)unit;
  (void)fraction;
  return 0;
}

static tau_status run_points(job *j, tau_workspace *workspace, tau_inputs *inputs)
{
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  const int i_T = tau_train_parameter_index(j->train, "units/coil/temperature");
  const int i_yield = tau_train_observable_index(j->train, "yield/ortho");
  const tau_result *result = NULL; /* borrowed from the workspace, until its next run */
  if (i_T < 0 || i_yield < 0) return TAU_E_NAME;
  options.max_time = 10.0;
  options.progress = keep_going;
  for (int i = j->first; i < N_POINTS; i += j->step) {
    tau_status st = tau_inputs_set_index(inputs, i_T, temperature_of(i));
    if (st >= 0) st = tau_train_run_in(&result, workspace, inputs, &options);
    if (st != TAU_OK) return st; /* below 0: failed; above: stopped, and the result holds what there is */
    j->yield[i] = tau_result_values(result)[i_yield];
  }
  return TAU_OK;
}

static void *work(void *user)
{
  job *j = user;
  tau_workspace *workspace = NULL;
  tau_inputs *inputs = NULL;
  tau_status st = tau_workspace_new(&workspace, j->train);
  if (st >= 0) st = tau_inputs_new(&inputs, j->train);
  const long before = atomic_load(&n_requests);
  if (st >= 0) st = run_points(j, workspace, inputs);
  if (st == TAU_OK && j->step == 1)
    printf("requests of memory while running: %ld\n", atomic_load(&n_requests) - before);
  if (st != TAU_OK)
    snprintf(j->message, sizeof j->message, "%s", st < 0 ? tau_last_error() : tau_status_text(st));
  j->status = st;
  tau_inputs_free(inputs);
  tau_workspace_free(workspace);
  return NULL;
}

/* All points by n threads. */
static tau_status run_all(const tau_train *train, int n, double *yield)
{
  pthread_t threads[MOST_THREADS];
  job jobs[MOST_THREADS];
  tau_status st = TAU_OK;
  int started = 0;
  for (int i = 0; i < n; i++) {
    jobs[i] = (job){.train = train, .first = i, .step = n, .yield = yield};
    if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0) break;
    started++;
  }
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < started; i++) {
    if (jobs[i].status == TAU_OK) continue;
    fprintf(stderr, "%s: %s\n", tau_status_name(jobs[i].status), jobs[i].message);
    st = jobs[i].status;
  }
  return started == n ? st : TAU_E_NOMEM;
}

int main(int argc, char **argv)
{
  const tau_allocator counting = {counted_malloc, counted_realloc, counted_free, NULL};
  const int n_threads = argc > 2 ? atoi(argv[2]) : 2;
  double yield[N_POINTS], again[N_POINTS];
  tau_model *model = NULL;
  tau_train *train = NULL;
  int differing = 0;
  if (argc < 2 || n_threads < 2 || n_threads > MOST_THREADS) return 2;
  tau_allocator_set(&counting); /* before anything else of the library */

  tau_status st = tau_model_read_reported(&model, argv[1], tell, argv[1]);
  if (st >= 0) st = tau_train_compile(&train, model);
  tau_model_free(model); /* the train has taken what it needs */
  if (st < 0) {
    fprintf(stderr, "%s: %s\n", tau_status_name(st), tau_last_error());
    return 2;
  }
  st = run_all(train, 1, yield);
  if (st == TAU_OK) st = run_all(train, n_threads, again);
  for (int i = 0; st == TAU_OK && i < N_POINTS; i++) {
    printf("%3.0f degC  yield %.4f\n", temperature_of(i) - 273.15, yield[i]);
    differing += yield[i] != again[i];
  }
  if (st == TAU_OK) printf("points that differ with %d threads: %d\n", n_threads, differing);
  tau_train_free(train);
  return st != TAU_OK || differing;
}

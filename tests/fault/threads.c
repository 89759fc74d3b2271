/* SPDX-License-Identifier: Apache-2.0 */
/* threads.c - many threads at once: what each gets is what one alone gets, bit for bit. Built with
 * -fsanitize=thread (preset tsan) the same program shows unguarded sharing.
 *
 * One train is shared by all; models, workspaces, inputs and results belong to a thread. HDF5, UDUNITS and
 * the names of dimensions are behind locks of ours. */
#include "support/small_run.h"

#include <pthread.h>
#include <stdatomic.h>

#include "fault/routes.h"
#include "support/scratch.h"

enum { THREADS = 8 };

typedef struct worker {
  int number;
  const char *wrong; /* what was not as it must be; NULL: nothing */
  char said[256];    /* tau_last_error() then: it belongs to the thread */
} worker;

static tau_train *train;
static tau_result *alone; /* what one thread gets */
static pthread_barrier_t start;

static int set_up(void **state)
{
  if (scratch_enter(state)) return -1;
  train = small_train(route_text);
  alone = small_result_of(train, NULL);
  return pthread_barrier_init(&start, NULL, THREADS);
}

static int tear_down(void **state)
{
  pthread_barrier_destroy(&start);
  tau_result_free(alone);
  tau_train_free(train);
  return scratch_leave(state);
}

static bool must(worker *w, bool holds, const char *what)
{
  if (holds || w->wrong) return holds;
  w->wrong = what;
  snprintf(w->said, sizeof w->said, "%s", tau_last_error());
  return false;
}

static void in_threads(void *(*work)(void *worker))
{
  pthread_t threads[THREADS];
  worker workers[THREADS];
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){.number = i};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++)
    if (workers[i].wrong) fail_msg("thread %d: %s (%s)", i, workers[i].wrong, workers[i].said);
}

static bool same(const tau_result *a, const tau_result *b)
{
  const int n = tau_result_n_observables(a);
  return n == tau_result_n_observables(b) &&
         memcmp(tau_result_values(a), tau_result_values(b), sizeof(double) * (size_t)n) == 0;
}

/* --- one train, a workspace each --- */

static void *run_shared(void *user)
{
  worker *w = user;
  tau_workspace *ws = NULL;
  tau_inputs *in = NULL;
  tau_train *mine = tau_train_ref(train);
  pthread_barrier_wait(&start);
  must(w, tau_workspace_new(&ws, mine) == TAU_OK && tau_inputs_new(&in, mine) == TAU_OK, "no workspace");
  for (int k = 0; k < 4 && !w->wrong; k++) {
    const tau_result *r = NULL;
    /* other parameters in every thread, then the model's own again */
    must(w, tau_inputs_set(in, "units/tank/volume", 1e-6 * (2 + w->number + k)) == TAU_OK, "inputs");
    must(w, tau_train_run_in(&r, ws, in, NULL) == TAU_OK && !same(r, alone), "a run of another volume");
    tau_inputs_reset(in);
    must(w, tau_train_run_in(&r, ws, in, NULL) == TAU_OK && same(r, alone), "a run as one alone");
  }
  tau_inputs_free(in);
  tau_workspace_free(ws);
  tau_train_free(mine);
  return NULL;
}

static void threads_share_a_train(void **state)
{
  (void)state;
  in_threads(run_shared);
}

/* --- everything from the beginning --- */

static void *parse_and_run(void *user)
{
  worker *w = user;
  pthread_barrier_wait(&start);
  for (int k = 0; k < 2 && !w->wrong; k++) {
    tau_model *m = NULL;
    tau_train *t = NULL;
    tau_result *r = NULL;
    char *text = NULL;
    must(w, tau_model_parse(&m, route_text, strlen(route_text), "route", NULL, NULL) == TAU_OK, "parse");
    must(w, !w->wrong && tau_model_print(m, &text) == TAU_OK, "print");
    must(w, !w->wrong && tau_train_compile(&t, m) == TAU_OK, "compile");
    must(w, !w->wrong && tau_train_run(&r, t, NULL, NULL) == TAU_OK && same(r, alone), "run");
    must(w, tau_table_latex(TAU_TABLE_LAW, w->number % 3) != NULL, "latex");
    tau_result_free(r);
    tau_train_free(t);
    tau_text_free(text);
    tau_model_free(m);
  }
  return NULL;
}

static void threads_parse_compile_and_run(void **state)
{
  (void)state;
  in_threads(parse_and_run);
}

/* --- results files --- */

static void *save_and_load(void *user)
{
  worker *w = user;
  pthread_barrier_wait(&start);
  for (int k = 0; k < 3 && !w->wrong; k++) {
    char file[64];
    tau_result *r = NULL;
    snprintf(file, sizeof file, "own-%d.h5", w->number);
    must(w, tau_result_save(alone, file, NULL, true) == TAU_OK, "save");
    must(w, tau_result_load(&r, file) == TAU_OK && same(r, alone), "load");
    tau_result_free(r);
    r = NULL;
    must(w, tau_result_save(alone, "common.h5", NULL, true) == TAU_OK, "save over one another");
    must(w, tau_result_load(&r, "common.h5") == TAU_OK && same(r, alone), "load what another saves");
    tau_result_free(r);
  }
  return NULL;
}

static void threads_save_and_load(void **state)
{
  (void)state;
  in_threads(save_and_load);
  assert_int_equal(scratch_empty_counting("common.h5.tmp-"), 0);
}

/* Of all who save under one name without overwriting, one succeeds. */
static atomic_int n_saved;

static void *save_once(void *user)
{
  worker *w = user;
  pthread_barrier_wait(&start);
  const tau_status st = tau_result_save(alone, "once.h5", NULL, false);
  must(w, st == TAU_OK || st == TAU_E_EXISTS, "one saves, the others are told that it is there");
  n_saved += st == TAU_OK;
  return NULL;
}

static void one_of_many_savers_wins(void **state)
{
  (void)state;
  in_threads(save_once);
  assert_int_equal(n_saved, 1);
}

/* --- units and errors --- */

static void *read_units(void *user)
{
  worker *w = user;
  static const char *const unit[] = {"mL/min", "kJ/mol",          "L/mol/s",   "bar",
                                     "degC",   "mol^0.5/L^0.5/s", "kmol/hour", "W/m^2/K"};
  pthread_barrier_wait(&start);
  for (int k = 0; k < 300 && !w->wrong; k++) {
    char text[64], wrong[64];
    double x = 0.0, y = 0.0;
    const char *dimension = NULL;
    snprintf(text, sizeof text, "2 %s", unit[(k + w->number) % 8]);
    must(w, tau_quantity_parse(text, &x, &dimension) == TAU_OK && dimension, text);
    must(w, tau_convert(1.0, "hour", "s", &y) == TAU_OK && fabs(y - 3600.0) < 1e-9, "hours");
    /* a new dimension now and then, and the thread's own error */
    snprintf(text, sizeof text, "1 m^%d/s^%d", 3 + k % 17, 3 + w->number);
    must(w, tau_quantity_parse(text, &x, &dimension) == TAU_OK && dimension, "powers");
    snprintf(wrong, sizeof wrong, "parsec%d_%d", w->number, k);
    must(w, tau_convert(1.0, wrong, "s", &y) == TAU_E_UNITS && strstr(tau_last_error(), wrong), "own error");
    if (k % 100 == 50) must(w, tau_units_database(NULL) == TAU_OK, "the database is read again");
  }
  return NULL;
}

static void threads_read_units(void **state)
{
  (void)state;
  in_threads(read_units);
}

/* --- an allocator of the user is called by all threads --- */

static atomic_long n_alive;

static void *counted_malloc(void *user, size_t bytes)
{
  (void)user;
  void *block = malloc(bytes);
  n_alive += block != NULL;
  return block;
}

static void *counted_realloc(void *user, void *block, size_t bytes)
{
  (void)user;
  void *moved = realloc(block, bytes);
  n_alive += moved && !block;
  return moved;
}

static void counted_free(void *user, void *block)
{
  (void)user;
  n_alive -= block != NULL;
  free(block);
}

static void threads_share_an_allocator(void **state)
{
  (void)state;
  const tau_allocator counted = {counted_malloc, counted_realloc, counted_free, NULL};
  tau_allocator_set(&counted);
  in_threads(parse_and_run);
  const long left = n_alive;
  tau_allocator_set(NULL);
  assert_int_equal(left, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(threads_share_a_train),
    cmocka_unit_test(threads_parse_compile_and_run),
    cmocka_unit_test_teardown(threads_save_and_load, scratch_empty),
    cmocka_unit_test_teardown(one_of_many_savers_wins, scratch_empty),
    cmocka_unit_test(threads_read_units),
    cmocka_unit_test(threads_share_an_allocator),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

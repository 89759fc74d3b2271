/* SPDX-License-Identifier: Apache-2.0 */
/* killed.c - the process is killed (SIGKILL) while it saves: before, in and after each call of the system,
 * and at twenty times from the start of a run to after the save. Whoever looks then finds no file, the old
 * one or the new one, whole; and the next save works. */
#include "support/small_run.h"

#include <sys/wait.h>
#include <time.h>

#include "fault/two_results.h"
#include "fault/syscalls.h"
#include "support/scratch.h"

/* --- what is found afterwards --- */

typedef enum found { NOTHING, OLD, NEW } found;

static bool is_of(const tau_result *r, const tau_result *want)
{
  const int n = tau_result_n_observables(want);
  return tau_result_n_observables(r) == n &&
         memcmp(tau_result_values(r), tau_result_values(want), sizeof(double) * (size_t)n) == 0;
}

static found look(const char *when)
{
  tau_result *r = NULL;
  if (access("run.h5", F_OK) != 0) return NOTHING;
  if (tau_result_load(&r, "run.h5") < 0) fail_msg("killed %s: %s", when, tau_last_error());
  const found f = is_of(r, old_result) ? OLD : is_of(r, new_result) ? NEW : NOTHING;
  tau_result_free(r);
  if (f == NOTHING) fail_msg("killed %s: run.h5 is neither the old result nor the new", when);
  return f;
}

/* The file after the kill, the file after one more save, and what lies about. */
static found look_and_go_on(const char *when, bool overwrite)
{
  const found f = look(when);
  if (!overwrite && f == OLD) fail_msg("killed %s: an old file where none was", when);
  if (overwrite && f == NOTHING) fail_msg("killed %s: the old file is gone", when);
  if (tau_result_save(new_result, "run.h5", NULL, true) < 0)
    fail_msg("killed %s: %s", when, tau_last_error());
  assert_int_equal(look(when), NEW);
  const int n = scratch_empty_counting("run.h5.tmp-");
  if (n > 1) fail_msg("killed %s: %d files left", when, n);
  return f;
}

/* --- at each call --- */

/* A child saves with this trap. Whether it was killed. */
static bool save_in_child(struct calls trap, bool overwrite)
{
  int status = 0;
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    calls_start(trap);
    _exit(tau_result_save(new_result, "run.h5", NULL, overwrite) == TAU_OK ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
  else assert_int_equal(WTERMSIG(status), SIGKILL);
  return WIFSIGNALED(status);
}

static void a_save_killed_at_any_call_leaves_a_whole_file_or_none(void **state)
{
  (void)state;
  int n_kills = 0, n_found[3] = {0};
  for (int overwrite = 0; overwrite < 2; overwrite++)
    for (int when = BEFORE; when <= AFTER; when++)
      for (int k = 1;; k++) {
        char text[64];
        snprintf(text, sizeof text, "%s call %d", (const char *[]){"before", "in", "after"}[when], k);
        if (overwrite) assert_int_equal(tau_result_save(old_result, "run.h5", NULL, true), TAU_OK);
        const struct calls trap = {.counted = when == HALF_WAY ? "w" : CALLS_ALL,
                                   .at = k,
                                   .kill = true,
                                   .when = (moment)when,
                                   .shortest = 16384};
        const bool killed = save_in_child(trap, overwrite);
        n_found[look_and_go_on(text, overwrite)]++;
        if (!killed) break;
        n_kills++;
      }
  print_message("killed %d times: %d without a file, %d with the old one, %d with the new one\n", n_kills,
                n_found[NOTHING], n_found[OLD], n_found[NEW]);
  assert_true(n_kills >= 20);
  assert_true(n_found[NOTHING] >= 5 && n_found[OLD] >= 5 && n_found[NEW] >= 5);
}

/* --- at each time --- */

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* From the model to the file. */
static int whole_way(void)
{
  tau_model *m = NULL;
  tau_train *t = NULL;
  tau_result *r = NULL;
  tau_status st = tau_model_parse(&m, route_text, strlen(route_text), "route", NULL, NULL);
  if (st == TAU_OK) st = tau_train_compile(&t, m);
  if (st == TAU_OK) st = tau_train_run(&r, t, NULL, NULL);
  if (st == TAU_OK) st = tau_result_save(r, "run.h5", NULL, true);
  tau_result_free(r);
  tau_train_free(t);
  tau_model_free(m);
  return st == TAU_OK ? 0 : 1;
}

static void sleep_for(double s)
{
  struct timespec t = {(time_t)s, (long)(1e9 * (s - (double)(time_t)s))};
  while (nanosleep(&t, &t) != 0 && errno == EINTR) {}
}

static void kill_after(double s)
{
  int status = 0;
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(whole_way());
  sleep_for(s);
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static void a_run_killed_at_any_time_leaves_a_whole_file(void **state)
{
  (void)state;
  enum { MOMENTS = 20 };
  int n_found[3] = {0};
  const double start = seconds();
  kill_after(0.0);
  assert_int_equal(whole_way(), 0);
  const double whole = 1.2 * (seconds() - start);
  for (int i = 0; i < MOMENTS; i++) {
    char text[64];
    snprintf(text, sizeof text, "at moment %d of %d", i, MOMENTS);
    assert_int_equal(tau_result_save(old_result, "run.h5", NULL, true), TAU_OK);
    kill_after(whole * (double)i / (MOMENTS - 1));
    n_found[look_and_go_on(text, true)]++;
  }
  print_message("killed %d times: %d with the old file, %d with the new one\n", MOMENTS, n_found[OLD],
                n_found[NEW]);
  assert_true(n_found[OLD] > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(a_save_killed_at_any_call_leaves_a_whole_file_or_none, scratch_empty),
    cmocka_unit_test_teardown(a_run_killed_at_any_time_leaves_a_whole_file, scratch_empty),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

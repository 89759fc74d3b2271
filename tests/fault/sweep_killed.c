/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_killed.c - the process is killed (SIGKILL) while it sweeps into a file: in the middle of each write, and at fifty random
 * moments, the making of the file among them. Each time the file opens (or is not there yet), holds every run that the sink had
 * taken, and is gone on with; in the end it equals that of a sweep that was left alone. */
#define _DEFAULT_SOURCE /* mkdtemp, MAP_ANONYMOUS */
#include "support/small_sweep.h"

#include <hdf5.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/scratch.h"

enum { NOT_RUN = 100, MOST_ROWS = 256 /* of a block */ };
enum { MANY = 60000, FEW = 300, KILLS = 50, SHORTEST = 200, LONGEST = 40000 /* microseconds */ };

static small_sweep sweep; /* of MANY runs, of which n_runs are done */
static int n_runs = MANY;
static _Atomic int64_t *told; /* seen by parent and child: runs that the sink has taken */

static int set_up(void **state)
{
  if (scratch_enter(state)) return -1;
  told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (told == MAP_FAILED) return -1;
  small_sweep_open(&sweep, mixer_text, "feeds/f/flow", "outlet/flow", MANY, 1e-9, 1e-8);
  return 0;
}

static int tear_down(void **state)
{
  small_sweep_close(&sweep);
  return scratch_leave(state);
}

static tau_sweep_plan plan(void)
{
  return (tau_sweep_plan){.train = sweep.train,
                          .n_runs = n_runs,
                          .n_varied = 1,
                          .parameters = &sweep.parameter,
                          .kept = &sweep.kept,
                          .design = "flows"};
}

typedef struct telling {
  tau_sink file;
  int64_t n_done;
} telling;

static tau_status take_and_tell(void *user, const tau_block *b, const tau_sweep_summary *summary)
{
  telling *t = user;
  const tau_status st = t->file.take(t->file.user, b, summary);
  t->n_done += b->n;
  if (st == TAU_OK) *told = t->n_done;
  return st;
}

/* The same command, as often as needed. */
static tau_status command(const char *file)
{
  const tau_sweep_plan p = plan();
  tau_sweep_file *f = NULL;
  tau_sweep_summary *summary = NULL;
  tau_sweep_options o = TAU_SWEEP_OPTIONS_INIT;
  telling t = {.n_done = 0};
  tau_status st = tau_sweep_file_open(&f, file, &p, false, &t.n_done);
  if (st < 0) return st;
  o.n_threads = 2;
  o.first_run = t.n_done;
  t.file = tau_sweep_file_sink(f);
  const tau_design rest = {n_runs - t.n_done, 1, &sweep.parameter, sweep.values + t.n_done};
  const tau_sink sink = {take_and_tell, &t};
  st = tau_sweep(&summary, sweep.train, NULL, &rest, &sweep.kept, &sink, &o);
  tau_sweep_summary_free(summary);
  const tau_status end = tau_sweep_file_close(f);
  return st ? st : end;
}

/* --- the system --- */

static long kill_at; /* this call of pwrite does half of its work; 0: none */

ssize_t __real_pwrite(int fd, const void *from, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t n, off_t at);

ssize_t __wrap_pwrite(int fd, const void *from, size_t n, off_t at)
{
  if (kill_at && --kill_at == 0) {
    if (n > 1) (void)!__real_pwrite(fd, from, n / 2, at);
    kill(getpid(), SIGKILL);
  }
  return __real_pwrite(fd, from, n, at);
}

static void pause_for(long microseconds)
{
  const struct timespec t = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&t, NULL);
}

/* A child that gives the command is killed after a time, or (0) in a write. Whether it was, before it was done. */
static bool kill_after(long microseconds, long at_write)
{
  int status = 0;
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    kill_at = at_write;
    _exit(command("s.h5") == TAU_OK ? 0 : 1);
  }
  if (microseconds) {
    pause_for(microseconds);
    kill(child, SIGKILL);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
  return WIFSIGNALED(status);
}

/* As any reader of HDF5 finds it: rows that count are there, whole; the others say that they are none. How many count. */
static int64_t check_rows(int i_kill)
{
  int64_t n_done = -1;
  double *in = calloc((size_t)n_runs, sizeof *in), *out = calloc((size_t)n_runs, sizeof *out);
  int *status = calloc((size_t)n_runs, sizeof *status);
  const hid_t f = H5Fopen("s.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  const char *const paths[] = {"/sweep/input", "/sweep/output", "/sweep/status"};
  void *const to[] = {in, out, status};
  assert_true(in && out && status && f >= 0);
  for (int k = 0; k < 3; k++) {
    const hid_t id = H5Dopen2(f, paths[k], H5P_DEFAULT);
    assert_true(
      H5Dread(id, k < 2 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, to[k]) >= 0);
    H5Dclose(id);
  }
  const hid_t counter = H5Dopen2(f, "/sweep/n_done", H5P_DEFAULT);
  assert_true(H5Dread(counter, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &n_done) >= 0);
  H5Dclose(counter);
  H5Fclose(f);
  for (int64_t i = 0; i < n_done; i++)
    if (in[i] != sweep.values[i] || out[i] != sweep.values[i] || status[i] != TAU_OK)
      fail_msg("kill %d: run %ld is counted as done: %g, %g, %d", i_kill, (long)i, in[i], out[i], status[i]);
  /* A block that was being written may stand beyond what counts; before the first one, the filling itself may have been under way. */
  for (int64_t i = n_done + MOST_ROWS; n_done && i < n_runs; i++)
    if (!isnan(in[i]) || !isnan(out[i]) || status[i] != NOT_RUN)
      fail_msg("kill %d: run %ld has not run: %g, %g, %d", i_kill, (long)i, in[i], out[i], status[i]);
  free(in);
  free(out);
  free(status);
  return n_done;
}

/* How many runs the file holds; 0 where there is none. */
static int64_t look(int i_kill)
{
  const tau_sweep_plan p = plan();
  tau_sweep_file *f = NULL;
  int64_t n_done = 0;
  if (access("s.h5", F_OK) != 0) return 0;
  const int64_t found = check_rows(i_kill);
  if (tau_sweep_file_open(&f, "s.h5", &p, false, &n_done) < 0)
    fail_msg("kill %d: %s", i_kill, tau_last_error());
  if (n_done < *told) fail_msg("kill %d: %ld runs are there, %ld were", i_kill, (long)n_done, (long)*told);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  assert_int_equal(found, n_done);
  return n_done;
}

static long random_time(uint64_t *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
  return SHORTEST + (long)((*state >> 33) % (LONGEST - SHORTEST));
}

/* Behind the texts, some of which tell times, both files are the same to the byte; the inputs stand first there. */
static void assert_same_rows(const char *a, const char *b)
{
  const tau_sweep_plan p = plan();
  tau_sweep_file *f = NULL;
  int64_t n_done = 0;
  assert_int_equal(tau_sweep_file_open(&f, a, &p, false, &n_done), TAU_OK);
  assert_int_equal(n_done, n_runs);
  assert_int_equal(tau_sweep_file_close(f), TAU_OK);
  file_bytes x = bytes_of(a), y = bytes_of(b);
  assert_int_equal(x.n, y.n);
  size_t first = 0; /* the rows lie behind all texts that may differ */
  const double want[] = {sweep.values[0], sweep.values[1], sweep.values[2]};
  while (first + sizeof want < x.n && memcmp(x.at + first, want, sizeof want) != 0) first++;
  assert_true(first > 0 && first + (size_t)n_runs * sizeof(double) <= x.n);
  assert_memory_equal(x.at + first, y.at + first, x.n - first);
  assert_memory_equal(x.at + first, sweep.values, (size_t)n_runs * sizeof(double));
  free(x.at);
  free(y.at);
}

static void a_sweep_killed_in_any_write_goes_on(void **state)
{
  (void)state;
  int n_kills = 0, n_without = 0;
  n_runs = FEW;
  assert_int_equal(command("alone.h5"), TAU_OK);
  for (;; n_kills++) {
    *told = 0;
    if (!kill_after(0, n_kills + 1)) break;
    n_without += look(n_kills) == 0;
    assert_int_equal(command("s.h5"), TAU_OK);
    assert_same_rows("s.h5", "alone.h5");
    assert_int_equal(unlink("s.h5"), 0);
  }
  print_message("killed in each of %d writes: %d before the first block\n", n_kills, n_without);
  assert_true(n_kills > 30 && n_without < n_kills);
  scratch_empty(NULL);
}

static void a_sweep_killed_fifty_times_ends_as_if_it_had_not_been(void **state)
{
  (void)state;
  uint64_t seed = 20260101;
  int n_kills = 0, n_without = 0, n_complete = 0;
  int64_t n_done = 0;
  n_runs = MANY;
  while (n_kills < KILLS) {
    *told = 0;
    if (!kill_after(random_time(&seed), 0)) n_complete++;
    else n_kills++;
    const int64_t now = look(n_kills);
    assert_true(now >= n_done);
    n_done = now;
    n_without += now == 0;
    if (n_done < n_runs) continue;
    assert_int_equal(unlink("s.h5"), 0); /* begin again */
    n_done = 0;
  }
  print_message("killed %d times: %d before the first block, %d sweeps came to their end in between\n",
                n_kills, n_without, n_complete);
  assert_int_equal(command("s.h5"), TAU_OK);
  assert_int_equal(command("alone.h5"), TAU_OK);
  assert_same_rows("s.h5", "alone.h5");
  scratch_empty(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_sweep_killed_in_any_write_goes_on),
    cmocka_unit_test(a_sweep_killed_fifty_times_ends_as_if_it_had_not_been),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

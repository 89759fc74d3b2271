/* SPDX-License-Identifier: Apache-2.0 */
/* disk.c - a disk that is full, broken or slow, at each step of a save: the old file stays as it was, nothing
 * half stays, and the message names the file and the reason.
 *
 * Calls of the system are made to fail one by one (syscalls.h); then the same by the system itself: a limit
 * of file size, and a disk in memory that is too small, where the machine allows one. */
#define _GNU_SOURCE /* unshare */
#include "support/small_run.h"

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fault/two_results.h"
#include "fault/syscalls.h"
#include "support/bytes.h"
#include "support/scratch.h"

static void empty_folder(void) { scratch_empty(NULL); }

static void save_old(void) { assert_int_equal(tau_result_save(old_result, "run.h5", NULL, true), TAU_OK); }

static void assert_loads(const char *file, const tau_result *want)
{
  tau_result *r = NULL;
  if (tau_result_load(&r, file) < 0) fail_msg("%s", tau_last_error());
  assert_int_equal(tau_result_n_observables(r), tau_result_n_observables(want));
  assert_memory_equal(tau_result_values(r), tau_result_values(want),
                      sizeof(double) * (size_t)tau_result_n_observables(want));
  tau_result_free(r);
}

static int n_files(void)
{
  int n = 0;
  DIR *here = opendir(".");
  assert_non_null(here);
  for (struct dirent *e; (e = readdir(here));) n += e->d_name[0] != '.';
  closedir(here);
  return n;
}

/* --- one call fails --- */

static const struct failing {
  const char *call; /* its letter */
  int error;
  const char *says; /* the message; NULL: the library goes on */
} failures[] = {
  {"o", ENOSPC, "the disk is full"},
  {"o", EACCES, "Permission denied"},
  {"o", EMFILE, "Too many open files"},
  {"o", EROFS, "Read-only file system"},
  {"w", ENOSPC, "the disk is full"},
  {"w", EIO, "Input/output error"},
  {"w", EDQUOT, "the disk is full"},
  {"w", EINTR, NULL},
  {"s", EIO, "Input/output error"},
  {"s", ENOSPC, "No space left on device"},
  {"s", EINTR, NULL},
  {"s", EINVAL, NULL},
  {"c", EIO, "Input/output error"},
  {"c", ENOSPC, "No space left on device"},
  {"c", EINTR, NULL},
  {"r", EIO, "Input/output error"},
  {"r", ENOSPC, "No space left on device"},
  {"r", EXDEV, "Invalid cross-device link"},
};

/* The save with call k of that kind failing; whether there was such a call. `overwrite`: an old file is there. */
static bool fail_once(const struct failing *f, int k, bool overwrite)
{
  empty_folder();
  if (overwrite) save_old();
  const file_bytes before = overwrite ? bytes_of("run.h5") : (file_bytes){0};
  calls_start((struct calls){.counted = f->call, .at = k, .error = f->error, .shortest = 40000});
  const tau_status st = tau_result_save(new_result, "run.h5", NULL, overwrite);
  calls_stop();
  if (calls.n < k) {
    assert_int_equal(st, TAU_OK);
  } else if (st == TAU_OK) { /* it could do without */
    assert_loads("run.h5", new_result);
    assert_int_equal(n_files(), 1);
  } else {
    const char *said = tau_last_error();
    if (st != TAU_E_IO || !f->says || !strstr(said, f->says) || !strstr(said, "run.h5") || strchr(said, '\n'))
      fail_msg("call %d of '%s' fails with %d: %s: %s", k, f->call, f->error, tau_status_name(st), said);
    if (n_files() != overwrite) fail_msg("call %d of '%s' fails: %d files are left", k, f->call, n_files());
    if (overwrite) assert_bytes_of("run.h5", before);
  }
  free(before.at);
  return calls.n >= k;
}

static void a_call_that_fails_leaves_the_old_file(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
    for (int overwrite = 0; overwrite < 2; overwrite++) {
      int k = 1;
      while (fail_once(&failures[i], k, overwrite)) k++;
      if (strchr("ws", failures[i].call[0])) assert_true(k > 1);
    }
  /* a disk without hard links */
  assert_true(fail_once(&(struct failing){"l", EPERM, NULL}, 1, false));
}

static void what_must_not_fail_is_told(void **state)
{
  (void)state;
  int n_told = 0, n_made = 0;
  for (int k = 1;; k++) { /* each write, each sync of the file's bytes, the rename */
    empty_folder();
    save_old();
    calls_start((struct calls){.counted = "wr", .at = k, .error = EIO, .shortest = 40000});
    const tau_status st = tau_result_save(new_result, "run.h5", NULL, true);
    calls_stop();
    if (calls.n < k) break;
    n_made++;
    n_told += st == TAU_E_IO;
  }
  assert_true(n_made >= 4);
  assert_int_equal(n_told, n_made);
}

/* From some call on nothing works any more: not even cleaning up may hurt the old file. */
static void a_disk_that_dies_leaves_the_old_file(void **state)
{
  (void)state;
  for (int k = 1;; k++) {
    empty_folder();
    save_old();
    const file_bytes before = bytes_of("run.h5");
    calls_start((struct calls){.at = k, .error = EIO, .for_ever = true});
    const tau_status st = tau_result_save(new_result, "run.h5", NULL, true);
    calls_stop();
    if (st == TAU_E_IO) assert_bytes_of("run.h5", before);
    else assert_loads("run.h5", new_result);
    free(before.at);
    if (calls.n < k) break;
  }
}

/* --- in which order --- */

/* The bytes are on the disk before the file has its name, and the name is before the save is over. */
static void bytes_are_synced_before_the_name_is_given(void **state)
{
  (void)state;
  for (int overwrite = 0; overwrite < 2; overwrite++) {
    empty_folder();
    calls_start((struct calls){.at = 0});
    assert_int_equal(tau_result_save(new_result, "run.h5", NULL, overwrite), TAU_OK);
    calls_stop();
    const char *last_write = strrchr(calls.trace, 'w'), *sync = strchr(calls.trace, 's'),
               *name = strpbrk(calls.trace, "rl"), *last_sync = strrchr(calls.trace, 's');
    if (!last_write || !sync || !name || last_write > sync || sync > name || last_sync < name)
      fail_msg("writes, sync, name, sync of the folder: %s", calls.trace);
  }
}

static void short_writes_are_carried_on(void **state)
{
  (void)state;
  empty_folder();
  calls_start((struct calls){.shortest = 777});
  assert_int_equal(tau_result_save(new_result, "run.h5", NULL, false), TAU_OK);
  calls_stop();
  assert_true(calls.n > 50);
  assert_loads("run.h5", new_result);
}

static void models_are_written_as_carefully(void **state)
{
  (void)state;
  tau_model *m = small_model(route_text);
  for (int k = 1;; k++) {
    empty_folder();
    assert_int_equal(tau_model_write(m, "m.yaml", true), TAU_OK);
    const file_bytes before = bytes_of("m.yaml");
    calls_start((struct calls){.counted = "wsr", .at = k, .error = ENOSPC});
    const tau_status st = tau_model_write(m, "m.yaml", true);
    calls_stop();
    assert_bytes_of("m.yaml", before);
    assert_int_equal(n_files(), 1);
    free(before.at);
    if (calls.n < k) break;
    if (st < 0) assert_non_null(strstr(tau_last_error(), "m.yaml': No space left on device"));
  }
  tau_model_free(m);
}

/* --- the system itself --- */

/* Runs in a process of its own; 77: cannot be tried here. */
static int in_child(int (*body)(void))
{
  int status = 0;
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(body());
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* 0: the old file is whole, nothing else is there and the message says `why`; else the number of what is not so. */
static int saved_badly(const char *why)
{
  const file_bytes before = bytes_of("run.h5");
  const tau_status st = tau_result_save(new_result, "run.h5", NULL, true);
  if (st != TAU_E_IO) return 1;
  if (!strstr(tau_last_error(), why) || !strstr(tau_last_error(), "run.h5")) return 2;
  if (n_files() != 1) return 3;
  const file_bytes after = bytes_of("run.h5");
  return before.n == after.n && memcmp(before.at, after.at, after.n) == 0 ? 0 : 4;
}

static int with_limited_files(void)
{
  signal(SIGXFSZ, SIG_IGN);
  for (rlim_t most = 0; most < 40000; most += 1999) {
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, RLIM_INFINITY}) != 0) return 77;
    const int bad = saved_badly("File too large");
    if (bad) return bad;
  }
  return 0;
}

static void a_limit_of_file_size_leaves_the_old_file(void **state)
{
  (void)state;
  empty_folder();
  save_old();
  assert_int_equal(in_child(with_limited_files), 0);
  assert_loads("run.h5", old_result);
}

static int on_small_disk(void)
{
  if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) != 0) return 77;
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return 77;
  for (int kib = 76; kib <= 116; kib += 8) {
    char options[32];
    snprintf(options, sizeof options, "size=%dk", kib);
    if (mount("none", "disk", "tmpfs", 0, options) != 0 || chdir("disk") != 0) return 77;
    save_old();
    const int bad = saved_badly("No space left on device");
    if (bad) return bad;
    if (chdir("..") != 0 || umount("disk") != 0) return 9;
  }
  return 0;
}

static void a_full_disk_leaves_the_old_file(void **state)
{
  (void)state;
  empty_folder();
  assert_int_equal(mkdir("disk", 0777), 0);
  const int answer = in_child(on_small_disk);
  if (answer == 77) skip(); /* no disk may be mounted here */
  assert_int_equal(answer, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(a_call_that_fails_leaves_the_old_file, scratch_empty),
    cmocka_unit_test_teardown(what_must_not_fail_is_told, scratch_empty),
    cmocka_unit_test_teardown(a_disk_that_dies_leaves_the_old_file, scratch_empty),
    cmocka_unit_test_teardown(bytes_are_synced_before_the_name_is_given, scratch_empty),
    cmocka_unit_test_teardown(short_writes_are_carried_on, scratch_empty),
    cmocka_unit_test_teardown(models_are_written_as_carefully, scratch_empty),
    cmocka_unit_test_teardown(a_limit_of_file_size_leaves_the_old_file, scratch_empty),
    cmocka_unit_test_teardown(a_full_disk_leaves_the_old_file, scratch_empty),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

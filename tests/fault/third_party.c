/* SPDX-License-Identifier: Apache-2.0 */
/* third_party.c - malloc itself fails once, whoever asks: libyaml, HDF5, SUNDIALS, UDUNITS with its XML
 * reader, and we. Each try is a process of its own. We must neither crash nor lose a block nor hold our tongue,
 * and what is said to be saved must be there.
 *
 * Some of the libraries crash when they get no memory. That is theirs and cannot be caught from outside; it is
 * told by where it happens (may_crash_in) and counted. Any other crash fails. */
#define _GNU_SOURCE /* dladdr */
#include "support/small_run.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>

#include "fault/routes.h"
#include "support/ledger.h"
#include "support/scratch.h"

/* --- malloc, as glibc lets a program replace it --- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *block, size_t n);

static volatile long n_asked, refuse_at; /* 0: nothing is counted */

static bool refuses(void)
{
  if (!refuse_at || ++n_asked != refuse_at) return false;
  errno = ENOMEM;
  return true;
}

/* The symbols are for the shared libraries as well. */
#define SEEN __attribute__((visibility("default")))

SEEN void *malloc(size_t n) { return refuses() ? NULL : __libc_malloc(n); }
SEEN void *calloc(size_t count, size_t n) { return refuses() ? NULL : __libc_calloc(count, n); }
SEEN void *realloc(void *block, size_t n) { return refuses() ? NULL : __libc_realloc(block, n); }

/* --- the calls --- */

static tau_model *model;
static tau_train *train;
static tau_result *result;

static tau_status parse(void)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_parse(&m, route_text, strlen(route_text), "route", NULL, NULL);
  tau_model_free(m);
  return st;
}

static tau_status print(void)
{
  char *text = NULL;
  const tau_status st = tau_model_print(model, &text);
  tau_text_free(text);
  return st;
}

static tau_status run(void)
{
  tau_result *r = NULL;
  const tau_status st = tau_train_run(&r, train, NULL, NULL);
  tau_result_free(r);
  return st;
}

static tau_status units(void)
{
  double x = 0.0;
  return tau_convert(1.0, "hectopascal", "kilopascal", &x);
}

static tau_status database(void) { return tau_units_database(NULL); }
static tau_status load(void)
{
  tau_result *r = NULL;
  const tau_status st = tau_result_load(&r, "kept.h5");
  tau_result_free(r);
  return st;
}

/* What is said to be saved must be there. */
static tau_status save(void)
{
  tau_result *r = NULL;
  const tau_status st = tau_result_save(result, "saved.h5", NULL, true);
  if (st < 0) return st;
  refuse_at = 0;
  const size_t n = sizeof(double) * (size_t)tau_result_n_observables(result);
  const bool same = tau_result_load(&r, "saved.h5") == TAU_OK &&
                    memcmp(tau_result_values(r), tau_result_values(result), n) == 0;
  tau_result_free(r);
  return same ? st : TAU_STATUS_END_;
}

/* --- a try --- */

/* How a try ended, as the status of its process: any other is that of a library that has called exit. */
typedef enum outcome { FINE = 100, TOLD, OURS_LOST, UNTOLD, WRONG, CRASHED_OURS, CRASHED_THEIRS } outcome;

/* Who may crash. HDF5 1.10 and UDUNITS (its scanner calls exit) have libraries of their own. SUNDIALS 7.1 is linked
 * in: it is known by the names of its functions, and looks at what malloc gave it only in builds with
 * SUNDIALS_ENABLE_ERROR_CHECKS, which cost time in every step. */
static bool may_crash_in(const char *library, const char *function)
{
  static const char *const libraries[] = {"libhdf5", "libudunits2", "libexpat"};
  static const char *const sundials[] = {"SUN", "N_V", "CVode", "KIN", "cv"};
  for (size_t k = 0; k < sizeof libraries / sizeof libraries[0]; k++)
    if (!strncmp(library, libraries[k], strlen(libraries[k]))) return true;
  for (size_t k = 0; k < sizeof sundials / sizeof sundials[0]; k++)
    if (function && !strncmp(function, sundials[k], strlen(sundials[k]))) return true;
  return false;
}

static int messages = STDERR_FILENO;

/* Where it crashed: the first frame that is not of the C library decides. */
static void crashed(int signal_number)
{
  void *frames[64];
  refuse_at = 0;
  const int n = backtrace(frames, 64);
  for (int i = 2; i < n; i++) { /* this function; the trampoline of the signal */
    Dl_info where;
    if (!dladdr(frames[i], &where) || !where.dli_fname) continue;
    const char *name = strrchr(where.dli_fname, '/');
    name = name ? name + 1 : where.dli_fname;
    if (!strncmp(name, "libc.", 5) || !strncmp(name, "libm.", 5)) continue;
    if (may_crash_in(name, where.dli_sname)) _exit(CRASHED_THEIRS);
    break;
  }
  dprintf(messages, "signal %d\n", signal_number);
  backtrace_symbols_fd(frames, n, messages);
  _exit(CRASHED_OURS);
}

/* What the libraries have to say about it is left out. */
static void silence(void)
{
  const int nowhere = open("/dev/null", O_WRONLY);
  messages = dup(STDERR_FILENO);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
}

/* On a stack of its own: some crashes are a recursion without end. */
static void watch_for_crashes(void)
{
  static char stack[1 << 16];
  const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE};
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction act = {.sa_handler = crashed, .sa_flags = SA_ONSTACK};
  for (int s = 0; s < 4; s++) sigaction(signals[s], &act, NULL);
}

static outcome try_in_child(tau_status (*call)(void), long k, long *n)
{
  ledger l;
  silence();
  watch_for_crashes();
  alarm(20);
  tau_allocator_set(NULL);
  ledger_open(&l, 0);
  n_asked = 0;
  refuse_at = k;
  const tau_status st = call();
  refuse_at = 0;
  ledger_close();
  *n = n_asked;
  if (l.n_alive) return OURS_LOST;
  if (st == TAU_OK) return FINE;
  if (st > 0) return WRONG;
  return tau_last_error()[0] && !strchr(tau_last_error(), '\n') ? TOLD : UNTOLD;
}

/* The outcome of the call with request k refused; *n: the requests that were made. */
static outcome try(tau_status (*call)(void), long k, long *n)
{
  int ends[2], status = 0;
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    long asked = 0;
    const outcome o = try_in_child(call, k, &asked);
    if (write(ends[1], &asked, sizeof asked) != sizeof asked) _exit(CRASHED_OURS);
    _exit(o);
  }
  close(ends[1]);
  if (read(ends[0], n, sizeof *n) != sizeof *n) *n = k;
  close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status)) fail_msg("request %ld refused: signal %d", k, WTERMSIG(status));
  const int o = WEXITSTATUS(status);
  return o < FINE || o > CRASHED_THEIRS ? CRASHED_THEIRS : (outcome)o;
}

/* --- every k --- */

static void try_all(const char *what, tau_status (*call)(void), bool may_crash)
{
  enum { MOST = 250 }; /* tries of a call; of more requests each so-manieth */
  long n = 0, ignored, n_of[CRASHED_THEIRS + 1] = {0};
  assert_int_equal(try(call, LONG_MAX, &n), FINE);
  assert_true(n > 0);
  const long step = 1 + n / MOST;
  for (long k = 1; k <= n; k += step) {
    const outcome o = try(call, k, &ignored);
    n_of[o]++;
    if (o == OURS_LOST) fail_msg("%s, request %ld of %ld refused: blocks of ours are lost", what, k, n);
    if (o == UNTOLD) fail_msg("%s, request %ld of %ld refused: no message", what, k, n);
    if (o == WRONG) fail_msg("%s, request %ld of %ld refused: said to be saved, but is not", what, k, n);
    if (o == CRASHED_OURS || (o == CRASHED_THEIRS && !may_crash))
      fail_msg("%s, request %ld of %ld refused: a crash", what, k, n);
  }
  print_message(
    "%-9s %6ld requests, each %2ld: %4ld told, %4ld done without, %4ld crashes inside the library that "
    "asked\n",
    what, n, step, n_of[TOLD], n_of[FINE], n_of[CRASHED_THEIRS]);
  assert_true(n_of[TOLD] > 0 || n_of[FINE] > 0);
}

static int set_up(void **state)
{
  void *frame[1];
  if (scratch_enter(state)) return -1;
  backtrace(frame, 1); /* loads what it needs, now that there is memory */
  model = small_model(route_text);
  train = small_train(route_text);
  result = small_result_of(train, NULL);
  return 0;
}

static int tear_down(void **state)
{
  tau_result_free(result);
  tau_train_free(train);
  tau_model_free(model);
  scratch_empty(NULL);
  return scratch_leave(state);
}

static void models_and_runs_tell_of_any_refused_malloc(void **state)
{
  (void)state;
  try_all("parse", parse, false);
  try_all("print", print, false);
  try_all("run", run, true);
}

static void units_tell_or_their_library_crashes(void **state)
{
  (void)state;
  try_all("units", units, true);
  try_all("database", database, true);
}

static void files_tell_or_their_library_crashes(void **state)
{
  (void)state;
  try_all("save", save, true); /* HDF5 starts in each try */
  assert_int_equal(tau_result_save(result, "kept.h5", NULL, true), TAU_OK);
  try_all("save", save, true);  /* HDF5 has started */
  try_all("load", load, false); /* ours, without HDF5 */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(models_and_runs_tell_of_any_refused_malloc),
    cmocka_unit_test(units_tell_or_their_library_crashes),
    cmocka_unit_test(files_tell_or_their_library_crashes),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_parallel.c - ranges by threads: each item once, in order, an end for whatever reason. */
#include "support/small_run.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parallel.h"
#include "base/status.h"

enum { SLOTS = 10 };

typedef struct count {
  taup_parallel p;
  int64_t slot_sum[SLOTS], next, sum;
  int64_t fail_work_at, fail_take_at, fail_wait_at; /* item; -1 */
  int n_waits;
  atomic_int n_wrong;
} count;

static tau_status work(void *user, int i_thread, int i_slot, taup_range r, int *n_done)
{
  count *c = user;
  if (i_thread < 0 || i_thread >= c->p.n_threads || r.n < 1 || r.n > c->p.most) c->n_wrong++;
  c->slot_sum[i_slot] = 0;
  for (int i = 0; i < r.n && !c->p.stop; i++) {
    if (r.first + i == c->fail_work_at)
      return taup_fail(TAUP_ERR_STEP_TOO_SMALL, "item %d", (int)r.first + i);
    c->slot_sum[i_slot] += r.first + i;
    *n_done = i + 1;
  }
  return TAU_OK;
}

static tau_status take(void *user, int i_slot, taup_range r)
{
  count *c = user;
  assert_int_equal(r.first, c->next);
  if (c->fail_take_at >= r.first && c->fail_take_at < r.first + r.n)
    return taup_fail(TAUP_ERR_CANNOT_WRITE, "no");
  c->next += r.n;
  c->sum += c->slot_sum[i_slot];
  return TAU_OK;
}

static tau_status look(void *user)
{
  count *c = user;
  c->n_waits++;
  return c->fail_wait_at >= 0 && c->next > c->fail_wait_at ? TAU_STOPPED_USER : TAU_OK;
}

static count count_of(int n_threads, int n_slots, int64_t n_items, int most)
{
  return (count){.p = {.n_threads = n_threads,
                       .n_slots = n_slots,
                       .n_items = n_items,
                       .most = most,
                       .work = work,
                       .take = take,
                       .wait = look},
                 .fail_work_at = -1,
                 .fail_take_at = -1,
                 .fail_wait_at = -1};
}

static tau_status run(count *c)
{
  c->p.user = c;
  const tau_status st = taup_parallel_run(&c->p);
  assert_int_equal(c->n_wrong, 0);
  return st;
}

static void each_item_is_taken_once_in_order(void **state)
{
  (void)state;
  static const int64_t sizes[] = {0, 1, 7, 1000, 100000};
  for (int threads = 1; threads <= 8; threads *= 2)
    for (int slots = 1; slots <= SLOTS; slots += 3)
      for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const int64_t n = sizes[k];
        count c = count_of(threads, slots, n, 64);
        assert_int_equal(run(&c), TAU_OK);
        assert_int_equal(c.next, n);
        assert_int_equal(c.sum, n * (n - 1) / 2);
        assert_true(n == 0 || c.n_waits > 0);
      }
}

static void an_error_of_a_thread_comes_out_with_its_words(void **state)
{
  (void)state;
  for (int64_t at = 0; at < 5000; at += 1237) {
    count c = count_of(4, 6, 5000, 32);
    c.fail_work_at = at;
    assert_int_equal(run(&c), TAU_E_SOLVER);
    char want[32];
    snprintf(want, sizeof want, "item %d", (int)at);
    assert_string_equal(tau_last_error(), want);
    assert_string_equal(tau_last_error_id(), "step-too-small");
    assert_true(c.next <= at);
    assert_int_equal(c.sum, c.next * (c.next - 1) / 2); /* what was taken was whole */
  }
}

static void an_error_of_the_taker_ends_the_work(void **state)
{
  (void)state;
  count c = count_of(4, 6, INT64_MAX / 4, 64);
  c.fail_take_at = 12345;
  assert_int_equal(run(&c), TAU_E_IO);
  assert_string_equal(tau_last_error(), "no");
  assert_true(c.next <= 12345 && c.next > 12345 - 64);
}

static void a_stop_takes_what_is_done_without_a_gap(void **state)
{
  (void)state;
  count c = count_of(4, 6, INT64_MAX / 4, 64);
  c.fail_wait_at = 100;
  assert_int_equal(run(&c), TAU_STOPPED_USER);
  assert_true(c.next > 100);
  assert_int_equal(c.sum, c.next * (c.next - 1) / 2);
}

/* A child of a process that has run threads runs its own. */
static void a_forked_child_works(void **state)
{
  (void)state;
  int status = -1;
  count c = count_of(4, 6, 10000, 64);
  assert_int_equal(run(&c), TAU_OK);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    count again = count_of(4, 6, 10000, 64);
    _exit(run(&again) == TAU_OK && again.next == 10000 ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A signal to the process reaches the thread that called, whose system calls it interrupts, and never a worker. (Threads of other
 * libraries, such as OpenBLAS's, may get it while the caller makes its own.) */
static volatile sig_atomic_t n_signals, n_at_workers;
static pthread_t caller;
static _Thread_local volatile sig_atomic_t is_worker;

static void on_signal(int number)
{
  (void)number;
  if (pthread_equal(pthread_self(), caller)) n_signals++;
  else if (is_worker) n_at_workers++;
}

static tau_status signalling_work(void *user, int i_thread, int i_slot, taup_range r, int *n_done)
{
  is_worker = 1;
  kill(getpid(), SIGUSR1);
  return work(user, i_thread, i_slot, r, n_done);
}

static void signals_go_to_the_caller(void **state)
{
  (void)state;
  struct sigaction action = {.sa_handler = on_signal}, before;
  caller = pthread_self();
  sigaction(SIGUSR1, &action, &before);
  count c = count_of(4, 6, 200, 8);
  c.p.work = signalling_work;
  assert_int_equal(run(&c), TAU_OK);
  sigaction(SIGUSR1, &before, NULL);
  assert_true(n_signals > 0);
  assert_int_equal(n_at_workers, 0);
}

static void there_is_a_processor(void **state)
{
  (void)state;
  assert_in_range(taup_n_processors(), 1, 1 << 16);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_item_is_taken_once_in_order),
    cmocka_unit_test(an_error_of_a_thread_comes_out_with_its_words),
    cmocka_unit_test(an_error_of_the_taker_ends_the_work),
    cmocka_unit_test(a_stop_takes_what_is_done_without_a_gap),
    cmocka_unit_test(a_forked_child_works),
    cmocka_unit_test(signals_go_to_the_caller),
    cmocka_unit_test(there_is_a_processor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.c - POSIX threads, made for one call and joined before it returns: nothing is left for a child process to inherit, and a child
 * makes its own.
 *
 * Invariants, under the lock: ranges are claimed in the order of their items; range k stands at k modulo n_slots of the ring, and
 * taken <= k < claimed for all that stand there; claimed - taken <= n_slots. Signals are blocked in the threads, so that they interrupt
 * the caller, who can tell. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/status.h"

typedef struct entry {
  taup_range range;
  int n_done;
  bool ended;
} entry;

typedef struct pool {
  taup_parallel *p;
  pthread_mutex_t lock;
  pthread_cond_t ended, room;
  int64_t next;           /* first item that nobody has */
  int64_t claimed, taken; /* ranges */
  entry *ring;            /* n_slots */
  int n_running;
  tau_status status; /* the first failure of a thread */
  taup_error kind;
  char message[1024];
} pool;

typedef struct worker {
  pool *pool;
  pthread_t thread;
  int index, grain;
} worker;

/* --- the threads --- */

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* At the end ranges get smaller, so that all threads end together. */
static int size_of_next(const pool *q, int grain)
{
  const int64_t rest = q->p->n_items - q->next, share = rest / (2 * q->p->n_threads) + 1;
  return (int)(grain < share ? grain : share);
}

/* The next range of items, -1 where there is none. Waits for a slot. */
static int64_t claim(pool *q, int grain)
{
  int64_t k = -1;
  pthread_mutex_lock(&q->lock);
  while (!q->p->stop && q->next < q->p->n_items && q->claimed - q->taken >= q->p->n_slots)
    pthread_cond_wait(&q->room, &q->lock);
  if (!q->p->stop && q->next < q->p->n_items) {
    k = q->claimed++;
    q->ring[k % q->p->n_slots] = (entry){.range = {q->next, size_of_next(q, grain)}};
    q->next += q->ring[k % q->p->n_slots].range.n;
  }
  pthread_mutex_unlock(&q->lock);
  return k;
}

static void stop_all(pool *q)
{
  q->p->stop = true;
  pthread_cond_broadcast(&q->room);
}

static void finish(pool *q, int64_t k, int n_done, tau_status status)
{
  pthread_mutex_lock(&q->lock);
  entry *e = &q->ring[k % q->p->n_slots];
  e->n_done = n_done;
  e->ended = true;
  if (status < 0) {
    if (!q->status) {
      q->status = status;
      q->kind = taup_last_kind();
      snprintf(q->message, sizeof q->message, "%s", tau_last_error());
    }
    stop_all(q);
  }
  pthread_cond_signal(&q->ended);
  pthread_mutex_unlock(&q->lock);
}

static int next_grain(int grain, int most, double elapsed)
{
  if (elapsed > 2.0 * TAUP_PARALLEL_RANGE_TIME) return grain > 1 ? grain / 2 : 1;
  if (elapsed > 0.5 * TAUP_PARALLEL_RANGE_TIME) return grain;
  return 2 * grain < most ? 2 * grain : most;
}

static void *work(void *argument)
{
  worker *w = argument;
  pool *q = w->pool;
  for (int64_t k; (k = claim(q, w->grain)) >= 0;) {
    const double before = seconds();
    const int slot = (int)(k % q->p->n_slots);
    int n_done = 0;
    const tau_status st = q->p->work(q->p->user, w->index, slot, q->ring[slot].range, &n_done);
    finish(q, k, n_done, st);
    w->grain = next_grain(w->grain, q->p->most, seconds() - before);
  }
  pthread_mutex_lock(&q->lock);
  q->n_running--;
  pthread_cond_signal(&q->ended);
  pthread_mutex_unlock(&q->lock);
  return NULL;
}

/* --- the caller --- */

/* Until the range due next has ended, nobody works any more, or a twentieth of a second is over. Whether it has ended. */
static bool wait_for_next(pool *q)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += 50000000;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_mutex_lock(&q->lock);
  const entry *due = &q->ring[q->taken % q->p->n_slots];
  int timed_out = 0;
  while (!(q->taken < q->claimed && due->ended) && q->n_running > 0 && timed_out != ETIMEDOUT)
    timed_out = pthread_cond_timedwait(&q->ended, &q->lock, &until);
  const bool ended = q->taken < q->claimed && due->ended;
  pthread_mutex_unlock(&q->lock);
  return ended;
}

/* Takes the range due next, or what there is of it. */
static tau_status take_next(pool *q, bool *is_whole)
{
  const int slot = (int)(q->taken % q->p->n_slots);
  const entry e = q->ring[slot]; /* nobody else touches an ended one */
  tau_status st = TAU_OK;
  *is_whole = e.n_done == e.range.n;
  if (e.n_done > 0) st = q->p->take(q->p->user, slot, (taup_range){e.range.first, e.n_done});
  pthread_mutex_lock(&q->lock);
  q->ring[slot].ended = false;
  q->taken++;
  pthread_cond_broadcast(&q->room); /* all: when the items have run out, each must see it */
  pthread_mutex_unlock(&q->lock);
  return st;
}

static bool everybody_is_done(pool *q)
{
  pthread_mutex_lock(&q->lock);
  const bool done = q->n_running == 0;
  pthread_mutex_unlock(&q->lock);
  return done;
}

static void stop_from_outside(pool *q)
{
  pthread_mutex_lock(&q->lock);
  stop_all(q);
  pthread_mutex_unlock(&q->lock);
}

/* After a stop the ranges in hand end early, and what is done of them without a gap is taken all the same. */
static tau_status take_all(pool *q)
{
  tau_status end = TAU_OK;
  bool is_whole = true;
  while (is_whole) {
    if (!wait_for_next(q)) {
      if (everybody_is_done(q) && !wait_for_next(q)) break;
    } else {
      const tau_status st = take_next(q, &is_whole);
      if (st != TAU_OK) {
        stop_from_outside(q);
        return end ? end : st;
      }
    }
    if (!end && (end = q->p->wait(q->p->user)) != TAU_OK) stop_from_outside(q);
  }
  return end;
}

/* All but those that a thread brings upon itself. */
static void signals_of_others(sigset_t *set)
{
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  sigfillset(set);
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(set, own[i]);
}

static int start(pool *q, worker *workers)
{
  sigset_t all, before;
  int n = 0;
  signals_of_others(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_mutex_lock(&q->lock);
  for (; n < q->p->n_threads; n++) {
    workers[n] = (worker){.pool = q, .index = n, .grain = 8 < q->p->most ? 8 : q->p->most};
    if (pthread_create(&workers[n].thread, NULL, work, &workers[n]) != 0) break;
  }
  q->n_running = n;
  pthread_mutex_unlock(&q->lock);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return n;
}

static tau_status run(pool *q, worker *workers)
{
  const int n = start(q, workers); /* fewer than asked for will do */
  if (n == 0) return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "the system gives no thread");
  tau_status st = take_all(q);
  stop_from_outside(q);
  for (int i = 0; i < n; i++) pthread_join(workers[i].thread, NULL);
  if (st == TAU_OK && q->status < 0) st = taup_fail_as(q->status, q->kind, "%s", q->message);
  return st;
}

tau_status taup_parallel_run(taup_parallel *p)
{
  pool q = {.p = p};
  pthread_condattr_t monotonic;
  worker *workers = taup_calloc((size_t)p->n_threads, sizeof *workers);
  q.ring = taup_calloc((size_t)p->n_slots, sizeof *q.ring);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&q.lock, NULL);
  pthread_cond_init(&q.ended, &monotonic);
  pthread_cond_init(&q.room, NULL);
  const tau_status st = workers && q.ring ? run(&q, workers) : TAU_E_NOMEM;
  pthread_cond_destroy(&q.room);
  pthread_cond_destroy(&q.ended);
  pthread_mutex_destroy(&q.lock);
  pthread_condattr_destroy(&monotonic);
  taup_free(q.ring);
  taup_free(workers);
  return st;
}

int taup_n_processors(void)
{
#ifdef CPU_COUNT
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) == 0 && CPU_COUNT(&mine) > 0) return CPU_COUNT(&mine);
#endif
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

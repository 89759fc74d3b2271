/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.h - some threads work at ranges of numbered items in any order; the caller takes the ranges in order, while they go on.
 *
 * A range is worked at in a slot, and its slot is used again only when the range has been taken: what stands in the slots is all memory
 * there is, however many items. Ranges grow until one takes some TAUP_PARALLEL_RANGE_TIME. */
#ifndef TAUP_PARALLEL_H
#define TAUP_PARALLEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <tautrain/status.h>

#define TAUP_PARALLEL_RANGE_TIME 0.1 /* [s] */

typedef struct taup_range {
  int64_t first;
  int n;
} taup_range;

typedef struct taup_parallel {
  int n_threads, n_slots;
  int64_t n_items;
  int most; /* items of a range */
  /* By thread i_thread: work at a range; *n_done (at first 0) of it are done, fewer than all only where `stop` was seen. An error ends
   * everything, and comes out of taup_parallel_run with its message. */
  tau_status (*work)(void *user, int i_thread, int i_slot, taup_range range, int *n_done);
  /* By the caller, in the order of the items. Anything but TAU_OK ends everything. */
  tau_status (*take)(void *user, int i_slot, taup_range range);
  /* By the caller, between ranges and at least ten times a second. Anything but TAU_OK ends the work; what is done up to the first item
   * that is not is still taken. */
  tau_status (*wait)(void *user);
  void *user;
  atomic_bool stop; /* set: the work is to end soon; false at first */
} taup_parallel;

/* TAU_OK when all items were taken; else the first of work, take, wait that was not. */
tau_status taup_parallel_run(taup_parallel *p);

/* Processors that this process may use; at least 1. */
int taup_n_processors(void);

#endif

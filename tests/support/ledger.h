/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.h - an allocator that keeps books: how often the library asked for memory, how much is out, and
 * whether request k fails. */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdlib.h>

#include <tautrain/alloc.h>

typedef struct ledger {
  _Atomic long n_requests; /* malloc and realloc, of any thread */
  _Atomic long n_alive;    /* blocks handed out and not freed yet */
  long fail_at;            /* this request gets NULL; 0: none does */
  _Atomic long n_failed;
} ledger;

static inline int ledger_refuses(ledger *l)
{
  if (++l->n_requests != l->fail_at) return 0;
  l->n_failed++;
  return 1;
}

static inline void *ledger_malloc(void *user, size_t bytes)
{
  ledger *l = user;
  void *block = ledger_refuses(l) ? NULL : malloc(bytes);
  if (block) l->n_alive++;
  return block;
}

static inline void *ledger_realloc(void *user, void *block, size_t bytes)
{
  ledger *l = user;
  void *moved = ledger_refuses(l) ? NULL : realloc(block, bytes);
  if (moved && !block) l->n_alive++;
  return moved;
}

static inline void ledger_free(void *user, void *block)
{
  ledger *l = user;
  if (block) l->n_alive--;
  free(block);
}

/* From here the library's memory is booked; nothing of the library may be alive. */
static inline void ledger_open(ledger *l, long fail_at)
{
  *l = (ledger){.fail_at = fail_at};
  const tau_allocator a = {ledger_malloc, ledger_realloc, ledger_free, l};
  tau_allocator_set(&a);
}

static inline void ledger_close(void) { tau_allocator_set(NULL); }

#endif

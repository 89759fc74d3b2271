/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.h - where the library takes its memory from. */
#ifndef TAUTRAIN_ALLOC_H
#define TAUTRAIN_ALLOC_H

#include <stddef.h>
#include <tautrain/export.h>

TAU_BEGIN_DECLS

/* The three functions of a C allocator; each gets `user`. */
typedef struct tau_allocator {
  void *(*malloc_fn)(void *user, size_t bytes);
  void *(*realloc_fn)(void *user, void *block, size_t bytes);
  void (*free_fn)(void *user, void *block);
  void *user;
} tau_allocator;

/* Replace the allocator for the whole process; NULL brings malloc back. Call it before anything else of the library, or when nothing
 * that it allocated is alive. Not thread-safe. Third-party libraries inside keep their own. */
TAU_API void tau_allocator_set(const tau_allocator *allocator);

TAU_END_DECLS
#endif

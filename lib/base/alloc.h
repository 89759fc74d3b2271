/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.h - all memory of the library. Sizes are checked for overflow; a failure is recorded as TAU_E_NOMEM. */
#ifndef TAUP_ALLOC_H
#define TAUP_ALLOC_H

#include <stddef.h>
#include <tautrain/alloc.h>
#include <tautrain/status.h>

/* count x size bytes, zeroed; NULL (and the record set) when there are none. count 0 gives a block that may be freed. */
void *taup_calloc(size_t count, size_t size);
/* block resized to count x size bytes; block stays as it was when NULL comes back. New bytes are not set. */
void *taup_realloc(void *block, size_t count, size_t size);
void taup_free(void *block);
char *taup_strdup(const char *text);
char *taup_strndup(const char *text, size_t n_bytes);

/* Grow an array of *capacity elements so that at least `needed` fit; doubles. */
tau_status taup_grow(void *array_of_pointer, int *capacity, int needed, size_t size);

/* An arena: many small pieces, freed together. Zero-initialised is empty. Pieces are aligned to 16 and zeroed. */
typedef struct taup_arena {
  struct taup_arena_block *blocks;
} taup_arena;
void *taup_arena_alloc(taup_arena *arena, size_t count, size_t size);
char *taup_arena_strdup(taup_arena *arena, const char *text);
char *taup_arena_printf(taup_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void taup_arena_free(taup_arena *arena);

#endif

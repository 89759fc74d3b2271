/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.c - invariant: every block of the library comes from `current`, and goes back to it. */
#include "base/alloc.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

static void *std_malloc(void *user, size_t bytes)
{
  (void)user;
  return malloc(bytes);
}
static void *std_realloc(void *user, void *block, size_t bytes)
{
  (void)user;
  return realloc(block, bytes);
}
static void std_free(void *user, void *block)
{
  (void)user;
  free(block);
}

static const tau_allocator standard = {std_malloc, std_realloc, std_free, NULL};
static tau_allocator current = {std_malloc, std_realloc, std_free, NULL};

void tau_allocator_set(const tau_allocator *allocator) { current = allocator ? *allocator : standard; }

static void *no_memory(size_t bytes)
{
  taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: %zu bytes were asked for", bytes);
  return NULL;
}

static size_t product(size_t count, size_t size)
{
  if (size && count > SIZE_MAX / size) return SIZE_MAX;
  const size_t bytes = count * size;
  return bytes ? bytes : 1;
}

void *taup_calloc(size_t count, size_t size)
{
  const size_t bytes = product(count, size);
  void *block = bytes == SIZE_MAX ? NULL : current.malloc_fn(current.user, bytes);
  if (!block) return no_memory(bytes);
  return memset(block, 0, bytes);
}

void *taup_realloc(void *block, size_t count, size_t size)
{
  const size_t bytes = product(count, size);
  void *grown = bytes == SIZE_MAX ? NULL : current.realloc_fn(current.user, block, bytes);
  return grown ? grown : no_memory(bytes);
}

void taup_free(void *block)
{
  if (block) current.free_fn(current.user, block);
}

char *taup_strndup(const char *text, size_t n_bytes)
{
  char *copy = taup_calloc(n_bytes + 1, 1);
  if (copy) memcpy(copy, text, n_bytes);
  return copy;
}

char *taup_strdup(const char *text) { return taup_strndup(text, strlen(text)); }

tau_status taup_grow(void *array_of_pointer, int *capacity, int needed, size_t size)
{
  if (needed <= *capacity) return TAU_OK;
  if (needed < 0 || needed > INT_MAX / 2)
    return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: an array of more than 2^30 elements");
  int larger = *capacity ? *capacity : 8;
  while (larger < needed) larger *= 2;
  void *old;
  memcpy(&old, array_of_pointer, sizeof old);
  void *grown = taup_realloc(old, (size_t)larger, size);
  if (!grown) return TAU_E_NOMEM;
  memcpy(array_of_pointer, &grown, sizeof grown);
  *capacity = larger;
  return TAU_OK;
}

struct taup_arena_block {
  struct taup_arena_block *next;
  size_t used, size;
};

enum { HEADER = 32, BLOCK = 16 * 1024 };
_Static_assert(sizeof(struct taup_arena_block) <= HEADER, "pieces start behind the header");

void *taup_arena_alloc(taup_arena *arena, size_t count, size_t size)
{
  size_t bytes = product(count, size);
  if (bytes > SIZE_MAX / 2) return no_memory(bytes);
  bytes = (bytes + 15) & ~(size_t)15;
  struct taup_arena_block *b = arena->blocks;
  if (!b || b->size - b->used < bytes) {
    const size_t room = bytes > BLOCK ? bytes : BLOCK;
    b = taup_calloc(1, HEADER + room);
    if (!b) return NULL;
    *b = (struct taup_arena_block){arena->blocks, 0, room};
    arena->blocks = b;
  }
  void *piece = (char *)b + HEADER + b->used;
  b->used += bytes;
  return piece;
}

char *taup_arena_strdup(taup_arena *arena, const char *text)
{
  const size_t n = strlen(text) + 1;
  char *copy = taup_arena_alloc(arena, n, 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

char *taup_arena_printf(taup_arena *arena, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *text = taup_arena_alloc(arena, (size_t)n + 1, 1);
  if (!text) return NULL;
  va_start(args, format);
  vsnprintf(text, (size_t)n + 1, format, args);
  va_end(args);
  return text;
}

void taup_arena_free(taup_arena *arena)
{
  while (arena->blocks) {
    struct taup_arena_block *next = arena->blocks->next;
    taup_free(arena->blocks);
    arena->blocks = next;
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* map.c - open addressing, linear probing; hash FNV-1a (Fowler, Noll, Vo). */
#include "base/map.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

struct taup_map_slot {
  const char *name;
  uint32_t hash;
  int index;
};

static uint32_t hash_of(const char *name)
{
  uint32_t h = 2166136261u;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return h;
}

/* The slot that holds name, or the empty one where it would go. */
static struct taup_map_slot *slot_for(const taup_map *map, const char *name, uint32_t hash)
{
  const uint32_t mask = (uint32_t)map->capacity - 1;
  uint32_t k = hash & mask;
  while (map->slots[k].name && (map->slots[k].hash != hash || strcmp(map->slots[k].name, name) != 0))
    k = (k + 1) & mask;
  return &map->slots[k];
}

static tau_status rehash(taup_map *map)
{
  taup_map larger = {NULL, map->n, map->capacity ? 2 * map->capacity : 16};
  larger.slots = taup_calloc((size_t)larger.capacity, sizeof *larger.slots);
  if (!larger.slots) return TAU_E_NOMEM;
  for (int k = 0; k < map->capacity; k++)
    if (map->slots[k].name) *slot_for(&larger, map->slots[k].name, map->slots[k].hash) = map->slots[k];
  taup_free(map->slots);
  *map = larger;
  return TAU_OK;
}

tau_status taup_map_add(taup_map *map, const char *name, int index)
{
  if (2 * (map->n + 1) > map->capacity && rehash(map) < 0) return TAU_E_NOMEM;
  const uint32_t hash = hash_of(name);
  struct taup_map_slot *slot = slot_for(map, name, hash);
  if (slot->name) return TAU_OK;
  *slot = (struct taup_map_slot){name, hash, index};
  map->n++;
  return TAU_OK;
}

int taup_map_find(const taup_map *map, const char *name)
{
  if (!map->n) return -1;
  const struct taup_map_slot *slot = slot_for(map, name, hash_of(name));
  return slot->name ? slot->index : -1;
}

void taup_map_free(taup_map *map)
{
  taup_free(map->slots);
  *map = (taup_map){0};
}

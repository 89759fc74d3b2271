/* SPDX-License-Identifier: Apache-2.0 */
/* map.h - names to indices. Zero-initialised is empty; the names are borrowed and must outlive the map. */
#ifndef TAUP_MAP_H
#define TAUP_MAP_H

#include <tautrain/status.h>

typedef struct taup_map {
  struct taup_map_slot *slots;
  int n, capacity; /* capacity is 0 or a power of 2, at least 2 n */
} taup_map;

/* Adds name -> index; an existing name keeps its first index. */
tau_status taup_map_add(taup_map *map, const char *name, int index);
/* Index of name, -1 where there is none. */
int taup_map_find(const taup_map *map, const char *name);
void taup_map_free(taup_map *map);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_block.c - the memory of lanes: one block, its parts aligned to the vectors as long as the block's begin is. */
#include <stdint.h>

#include "base/alloc.h"
#include "solve/lanes_work.h"

double *taup_lane_block(const taup_program *program, int width, double **R, int n_parts,
                        const taup_lane_part *parts)
{
  const size_t registers = taup_program_bytes(program, width) / sizeof(double);
  size_t total = 8 + registers;
  for (int i = 0; i < n_parts; i++) total += (size_t)(parts[i].n * width);
  double *block = taup_calloc(total, sizeof *block);
  if (!block) return NULL;
  double *at = block + (64 - (size_t)((uintptr_t)block & 63)) % 64 / sizeof(double);
  *R = at;
  at += registers;
  for (int i = 0; i < n_parts; i++) {
    *parts[i].at = at;
    at += (ptrdiff_t)parts[i].n * width;
  }
  return block;
}

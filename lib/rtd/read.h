/* SPDX-License-Identifier: Apache-2.0 */
/* read.h - distributions from the tree of a model. */
#ifndef TAUP_RTD_READ_H
#define TAUP_RTD_READ_H

#include "model/chemistry.h"
#include "rtd/rtd.h"

/* The distribution that node describes; names are looked up in the block `rtd:` of root. Mistakes are told; *out is NULL then. */
tau_status taup_rtd_read(tau_rtd **out, const taup_tree *node, const taup_tree *root, taup_mistakes *mistakes);
/* The row that a block with the leaf `model:` means (not `measured`), its keys checked; NULL after a mistake. */
const taup_rtd_row *taup_rtd_read_row(taup_reader *r, const taup_tree *block);
/* Look at every entry of the block `rtd:`. */
void taup_rtd_check_block(taup_reader *r, const taup_tree *root);

#endif

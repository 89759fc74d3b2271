/* SPDX-License-Identifier: Apache-2.0 */
/* order.h - how the units of a train hang together. */
#ifndef TAUP_ORDER_H
#define TAUP_ORDER_H

#include "model/read.h"
#include "train/description.h"

/* Fills description->order, each unit behind those it takes from; otherwise as in the file. False after a
 * loop was reported. */
bool taup_order_units(taup_description *d, taup_reader *r, const taup_tree *root);
/* Feeds that nothing takes, ends of the train, `outlet:`. */
void taup_read_ends(taup_description *d, taup_reader *r, const taup_tree *root);
/* Feeds and charges whose temperature is needed and not said. Call it with the order known. */
void taup_check_temperatures(const taup_description *d, taup_reader *r, const taup_tree *root);
/* A note (a warning of each run) of the reactions that never run, since nothing brings or makes a reactant. */
void taup_note_supply(taup_description *d, taup_reader *r);
/* One more note, copied. */
void taup_add_note(taup_reader *r, const char *text);
/* `rtd:` of the units. */
void taup_read_unit_rtds(taup_description *d, taup_reader *r, const taup_tree *root);
/* A note of the units whose runs are not by their `rtd:`. */
void taup_note_rtds(taup_description *d, taup_reader *r);

#endif

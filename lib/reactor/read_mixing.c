/* SPDX-License-Identifier: Apache-2.0 */
/* read_mixing.c - `mixing:` of a unit: it is run in its distribution of residence times.
 *
 *     mixing: segregated | maximum
 *     mixing: {exchange: 5 s}
 *
 * The distribution is that of `rtd:`, or else the kind's own; plug flow has one age, and nothing to mix. */
#include <stdio.h>
#include <string.h>

#include "reactor/read_units.h"

static const taup_field exchange = {
  "exchange",
  TAUP_INIT_TIME,
  0.0,
  INFINITY,
  NAN,
  TAUP_FIELD_POSITIVE,
  "time in which what is in the unit exchanges with the mean of what leaves together with it"};

static void read_exchange(taup_unit_reading *in, const taup_tree *block)
{
  static const char *const known[] = {"exchange", NULL};
  char path[TAUP_PATH_LONGEST];
  if (!taup_read_is_block(in->r, block, "'mixing'")) return;
  taup_read_known_keys(in->r, block, "'mixing'", known);
  if (!taup_read_required(in->r, block, "exchange", "'mixing'")) return;
  snprintf(path, sizeof path, "units/%.128s/mixing", in->u->name);
  in->u->mixing = TAUP_EXCHANGE;
  in->u->mixing_time = taup_read_field(in->r, block, path, &exchange);
}

static void read_key(taup_unit_reading *in, const taup_tree *node)
{
  static const char *const words[] = {"segregated", "maximum", "a block {exchange: time}", NULL};
  if (node->kind != TAUP_TREE_LEAF) {
    read_exchange(in, node);
    return;
  }
  const int i = taup_read_word(in->r, node, "kind of mixing", words);
  if (i == 0) in->u->mixing = TAUP_SEGREGATED;
  if (i == 1) in->u->mixing = TAUP_MAXIMUM;
}

/* A unit that is run in its distribution has no place along it where it could end or be looked at, and one steady state. */
static void check_others(const taup_unit_reading *in)
{
  static const char *const keys[] = {"until", "at", "start"};
  if (in->u->kind->mixing) return; /* a kind that has no such keys says so itself */
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const taup_tree *leaf = taup_tree_child(in->block, keys[i]);
    if (leaf)
      taup_mistake_key(in->r->mistakes, leaf, TAUP_ERR_CONFLICTING_KEYS,
                       "'%s' is run in its distribution of residence times (mixing); '%s' says nothing there",
                       in->u->name, keys[i]);
  }
}

bool taup_may_mix(const taup_unit_kind *kind) { return kind->rtd && kind->transport != TAUP_CASCADE; }

void taup_read_mixing(taup_unit_reading *in)
{
  const taup_unit_kind *kind = in->u->kind;
  const taup_tree *node = taup_tree_child(in->block, "mixing");
  in->u->mixing = kind->mixing;
  if (node) read_key(in, node);
  if (!in->u->mixing) return;
  check_others(in);
  const taup_tree *ends = taup_tree_child(in->block, "ends");
  if (ends && ends->kind == TAUP_TREE_LEAF && strcmp(ends->text, "open") == 0)
    taup_mistake_key(in->r->mistakes, ends, TAUP_ERR_CONFLICTING_KEYS,
                     "'%s' is run by the time in it (mixing): needs closed ends, found 'open'", in->u->name);
  if (!taup_tree_child(in->block, "rtd") && strcmp(kind->rtd, "plug") == 0)
    taup_mistake_key(in->r->mistakes, node, TAUP_ERR_MISSING_KEY,
                     "'%s' has 'mixing', but in plug flow all is of one age; needs an 'rtd'", in->u->name);
}

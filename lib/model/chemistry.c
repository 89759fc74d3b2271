/* SPDX-License-Identifier: Apache-2.0 */
/* chemistry.c - reads the chemistry of a model: fluid, species, reactions, feeds, in an order in which
 * each finds what it names.
 *
 * Invariant: after taup_chemistry_read() everything that is referred to by an index exists, or a mistake
 * was reported. Structure of the network (net, moieties) is made only when there is none. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "model/read.h"

static const taup_field pressure = {"pressure",          TAUP_INIT_PRESSURE,     0.0, INFINITY, 101325.0,
                                    TAUP_FIELD_POSITIVE, "pressure of the train"};
static const taup_field flow_factor = {
  "flow_factor",
  TAUP_INIT_NONE,
  0.0,
  INFINITY,
  1.0,
  TAUP_FIELD_POSITIVE,
  "factor on the flows of all feeds: the same coil, another residence time"};

static int read_with_default(taup_reader *r, const taup_tree *root, const taup_field *field)
{
  const taup_tree *leaf = taup_tree_child(root, field->name);
  if (!leaf) return taup_read_default(r, field->name, field, field->value, 0);
  return taup_read_parameter(r, leaf, field->name, field, field->dim, 0);
}

static void read_bare_numbers(taup_reader *r, const taup_tree *root)
{
  static const char *const words[] = {"SI", NULL};
  const taup_tree *leaf = taup_tree_child(root, "bare_numbers");
  r->bare_si = leaf && taup_read_word(r, leaf, "meaning of bare_numbers", words) == 0;
}

tau_status taup_chemistry_read(taup_chemistry *out, const taup_tree *root, taup_mistakes *mistakes)
{
  taup_reader r = {.chemistry = out, .mistakes = mistakes};
  const int before = mistakes->n;
  memset(out, 0, sizeof *out);
  out->evidence = TAUP_UNSTATED;
  read_bare_numbers(&r, root);
  taup_read_evidence(&r, root);
  out->pressure = read_with_default(&r, root, &pressure);
  out->flow_factor = read_with_default(&r, root, &flow_factor);
  taup_read_fluid(&r, root);
  taup_read_all_species(&r, root);
  const taup_sides *sides = r.out_of_memory ? NULL : taup_read_all_reactions(&r, root);
  if (!r.out_of_memory) taup_check_balances(&r, sides);
  if (!r.out_of_memory) taup_read_all_feeds(&r, root);
  if (!r.out_of_memory && mistakes->n == before) taup_read_network(&r, sides);
  if (!r.out_of_memory) return TAU_OK;
  taup_chemistry_free(out);
  return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while the chemistry of a model was read");
}

bool taup_chemistry_calls(const taup_chemistry *chemistry)
{
  for (int j = 0; j < chemistry->n_reactions; j++)
    if (chemistry->reactions[j].function) return true;
  return false;
}

void taup_chemistry_free(taup_chemistry *chemistry)
{
  for (int j = 0; j < chemistry->n_reactions; j++) taup_function_ref_drop(chemistry->reactions[j].function);
  taup_map_free(&chemistry->species_by_name);
  taup_map_free(&chemistry->feed_by_name);
  taup_map_free(&chemistry->reaction_by_name);
  taup_parameters_free(&chemistry->parameters);
  taup_arena_free(&chemistry->arena);
  *chemistry = (taup_chemistry){0};
}

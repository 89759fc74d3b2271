/* SPDX-License-Identifier: Apache-2.0 */
/* count.c - how reaction is counted, at the outlet or at any place, on molar flows, so that dilution does not count:
 *
 *     conversion/X = 1 - F_X / sum of F_X over all feeds        yield/P = (F_P - F_P,feeds) / F_key,feeds / ratio
 *     selectivity/P = yield/P / conversion of the key reactant  impurity/X = F_X / F_product */
#include <string.h>

#include "reactor/builder.h"

taup_node taup_count_conversion(taup_graph *g, const taup_count *at, int i)
{
  return taup_sub(g, taup_number(g, 1.0), taup_div(g, at->F[i], at->total[i]));
}

taup_node taup_count_yield(taup_graph *g, const taup_count *at, int i)
{
  if (at->key_reactant < 0) return TAUP_NODE_NONE;
  const taup_node full = taup_mul(g, at->ratio, at->total[at->key_reactant]);
  return taup_div(g, taup_sub(g, at->F[i], at->total[i]), full);
}

taup_node taup_count_selectivity(taup_graph *g, const taup_count *at, int i)
{
  if (at->key_reactant < 0) return TAUP_NODE_NONE;
  return taup_div(g, taup_count_yield(g, at, i), taup_count_conversion(g, at, at->key_reactant));
}

taup_node taup_count_impurity(taup_graph *g, const taup_count *at, int i)
{
  return at->key_product < 0 ? TAUP_NODE_NONE : taup_div(g, at->F[i], at->F[at->key_product]);
}

static taup_node concentration(taup_graph *g, const taup_count *at, int i)
{
  return taup_div(g, at->F[i], at->Q);
}

taup_node taup_count_path(taup_graph *g, const taup_count *at, const char *path)
{
  static const struct {
    const char *prefix;
    taup_node (*count)(taup_graph *g, const taup_count *at, int i);
  } rows[] = {{"conversion/", taup_count_conversion},
              {"yield/", taup_count_yield},
              {"selectivity/", taup_count_selectivity},
              {"impurity/", taup_count_impurity},
              {"c/", concentration}};
  if (strncmp(path, "outlet/", 7) == 0) path += 7;
  if (strcmp(path, "T") == 0) return at->T;
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    const size_t n = strlen(rows[k].prefix);
    if (strncmp(path, rows[k].prefix, n) != 0) continue;
    const int i = taup_map_find(&at->chemistry->species_by_name, path + n);
    return i < 0 ? TAUP_NODE_NONE : rows[k].count(g, at, i);
  }
  return TAUP_NODE_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - a distribution as it stands in a model file: what read.c reads. Numbers have as many digits as it takes to read them back to
 * the same bits. */
#include <stdio.h>

#include "base/text.h"
#include "model/tree.h"
#include "rtd/rtd.h"

typedef struct printing {
  const tau_rtd *rtd;
  bool failed;
} printing;

static taup_tree *add(printing *x, taup_tree *parent, taup_tree_kind kind, const char *key, const char *text)
{
  taup_tree *node = x->failed ? NULL : taup_tree_add(parent, kind, key, text);
  x->failed = x->failed || !node;
  return node;
}

static void add_number(printing *x, taup_tree *parent, const char *key, double value, const char *unit)
{
  char number[32], text[64];
  snprintf(text, sizeof text, "%s%s%s", taup_number_text(number, value), *unit ? " " : "", unit);
  add(x, parent, TAUP_TREE_LEAF, key, text);
}

static void add_part(printing *x, taup_tree *map, const taup_rtd_part *part);

static void add_row(printing *x, taup_tree *map, const taup_rtd_part *part)
{
  const taup_rtd_row *row = part->program->row;
  add(x, map, TAUP_TREE_LEAF, "model", row->name);
  for (int k = 0; k < row->n_fields; k++)
    add_number(x, map, row->fields[k].name, x->rtd->values[part->first + k],
               x->rtd->parameters[part->first + k].unit);
}

static void add_measured(printing *x, taup_tree *map, const taup_rtd_part *part)
{
  add(x, map, TAUP_TREE_LEAF, "model", "measured");
  taup_tree *time = add(x, map, TAUP_TREE_LIST, "time", NULL);
  taup_tree *signal = add(x, map, TAUP_TREE_LIST, "signal", NULL);
  for (int i = 0; !x->failed && i < part->n_points; i++) {
    add_number(x, time, NULL, part->t[i], "s");
    add_number(x, signal, NULL, part->y[i], "");
  }
}

static void add_list(printing *x, taup_tree *map, const taup_rtd_part *part)
{
  const bool parallel = part->kind == TAUP_RTD_PARALLEL;
  taup_tree *list = add(x, map, TAUP_TREE_LIST, parallel ? "parallel" : "series", NULL);
  for (int i = 0; i < part->n_children && !x->failed; i++) {
    taup_tree *item = add(x, list, TAUP_TREE_MAP, NULL, NULL);
    if (parallel && i < part->n_children - 1)
      add_number(x, item, "fraction", x->rtd->values[part->first + i], "");
    add_part(x, item, part->children[i]);
  }
}

static void add_loop(printing *x, taup_tree *map, const taup_rtd_part *part)
{
  static const char *const names[2] = {"forward", "back"};
  taup_tree *loop = add(x, map, TAUP_TREE_MAP, "recycle", NULL);
  for (int i = 0; i < part->n_children && !x->failed; i++)
    add_part(x, add(x, loop, TAUP_TREE_MAP, names[i], NULL), part->children[i]);
  if (!x->failed) add_number(x, loop, "ratio", x->rtd->values[part->first], "");
}

static void add_part(printing *x, taup_tree *map, const taup_rtd_part *part)
{
  if (x->failed) return;
  switch (part->kind) {
  case TAUP_RTD_ROW: add_row(x, map, part); break;
  case TAUP_RTD_MEASURED: add_measured(x, map, part); break;
  case TAUP_RTD_RECYCLE: add_loop(x, map, part); break;
  default: add_list(x, map, part);
  }
}

static tau_status tree_of(taup_tree **out, const tau_rtd *rtd)
{
  printing x = {.rtd = rtd};
  taup_tree *map = add(&x, NULL, TAUP_TREE_MAP, NULL, NULL);
  if (map) add_part(&x, map, rtd->root);
  if (!x.failed) {
    *out = map;
    return TAU_OK;
  }
  taup_tree_free(map);
  return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while a distribution was written");
}

tau_status tau_rtd_print(const tau_rtd *rtd, char **out)
{
  taup_tree *tree = NULL;
  size_t n;
  *out = NULL;
  TAU_TRY(tree_of(&tree, rtd));
  const tau_status st = taup_tree_print(tree, out, &n);
  taup_tree_free(tree);
  return st;
}

tau_status tau_model_set_rtd(tau_model *model, const char *path, const tau_rtd *rtd)
{
  taup_tree *tree = NULL;
  TAU_TRY(taup_model_check_path(path));
  TAU_TRY(tree_of(&tree, rtd));
  return taup_model_put(model, path, tree);
}

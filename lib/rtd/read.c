/* SPDX-License-Identifier: Apache-2.0 */
/* read.c - distributions as a model file says them.
 *
 *     {model: dispersion, mean: 2 min, peclet: 100, ends: closed}      a row of the table; ends: closed, open, open-closed, closed-open
 *     {model: measured, time: [0 s, 1 s, ..], signal: [0, 1, ..]}      time: with units, or one `unit:` for all
 *     {series: [.., ..]}
 *     {parallel: [{fraction: 30 %, model: ..}, ..]}                    one fraction may be left out or `rest`
 *     {recycle: {forward: .., back: .., ratio: 2}}
 *     coil, or {rtd: coil}                                              another entry of the block `rtd:`
 *
 * Every function reports its own mistakes, at their place, and gives NULL after one. */
#include "rtd/read.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/read.h"

enum { DEEPEST_NAME = 64 };

typedef struct reading {
  taup_reader *r;
  const taup_tree *named;           /* the block `rtd:`; NULL */
  const char *inside[DEEPEST_NAME]; /* names being read: one of them again is a cycle */
  int n_inside;
} reading;

static tau_rtd *read(reading *x, const taup_tree *node, bool with_fraction);

/* --- mistakes --- */

static tau_rtd *made(reading *x, const taup_tree *at, tau_status st, tau_rtd *rtd)
{
  if (st == TAU_OK) return rtd;
  taup_read_fault(x->r, st, at, 0);
  return NULL;
}

static void free_all(int n, tau_rtd **parts)
{
  for (int i = 0; parts && i < n; i++) tau_rtd_free(parts[i]);
  taup_free(parts);
}

/* The items of a list that must not be empty. */
static bool is_list(reading *x, const taup_tree *node, const char *what)
{
  if (node->kind == TAUP_TREE_LIST && node->n_children > 0) return true;
  taup_mistake(x->r->mistakes, node, TAUP_ERR_WRONG_SHAPE, "'%s' is a list of one item or more; found %s",
               what,
               node->kind == TAUP_TREE_LIST  ? "an empty one"
               : node->kind == TAUP_TREE_MAP ? "a block of keys"
                                             : "a text");
  return false;
}

/* --- rows --- */

static void known_keys(const taup_rtd_row *row, bool with_fraction, bool with_ends, const char **keys)
{
  int n = 0;
  keys[n++] = "model";
  for (int k = 0; k < row->n_fields; k++) keys[n++] = row->fields[k].name;
  if (with_ends) keys[n++] = "ends";
  if (with_fraction) keys[n++] = "fraction";
  keys[n] = NULL;
}

/* `ends:` of a dispersion names another row. */
static const taup_rtd_row *row_of_ends(reading *x, const taup_tree *node)
{
  static const char *const ends[] = {"closed", "open", "open-closed", "closed-open", NULL};
  static const char *const rows[] = {"dispersion", "dispersion-open", "dispersion-open-closed",
                                     "dispersion-closed-open"};
  const taup_tree *leaf = taup_tree_child(node, "ends");
  const int i = leaf ? taup_read_word(x->r, leaf, "kind of ends", ends) : 0;
  return i < 0 ? NULL : taup_rtd_row_named(rows[i]);
}

static bool read_field(reading *x, const taup_tree *leaf, const taup_field *field, double *value)
{
  taup_parameter p = taup_parameter_of(field->name, field, field->dim, 0);
  const char *text = taup_read_text(x->r, leaf, field->name);
  if (!text) return false;
  const tau_status st = taup_parameter_read(&p, text, x->r->bare_si);
  if (st < 0) taup_read_fault(x->r, st, leaf, 0);
  *value = p.value;
  return st == TAU_OK;
}

static tau_rtd *row_with_values(reading *x, const taup_tree *node, const taup_rtd_row *row)
{
  const char *names[TAUP_RTD_MOST_FIELDS];
  double values[TAUP_RTD_MOST_FIELDS];
  tau_rtd *rtd = NULL;
  bool good = true;
  int n = 0;
  for (int k = 0; k < row->n_fields; k++) {
    const taup_tree *leaf = taup_tree_child(node, row->fields[k].name);
    if (!leaf && isnan(row->fields[k].value))
      good = taup_read_required(x->r, node, row->fields[k].name, row->name);
    if (!leaf) continue;
    names[n] = row->fields[k].name;
    good = read_field(x, leaf, &row->fields[k], &values[n++]) && good;
  }
  if (!good) return NULL;
  const tau_status st = tau_rtd_new(&rtd, row->name, n, names, values);
  return made(x, node, st, rtd);
}

static void no_model(reading *x, const taup_tree *leaf)
{
  char hint[120];
  taup_nearest near = {leaf->text, NULL, 0};
  for (int i = 0; i < taup_n_rtd_rows; i++) taup_nearest_try(&near, taup_rtd_rows[i]->name);
  taup_nearest_try(&near, "measured");
  taup_mistake(x->r->mistakes, leaf, TAUP_ERR_UNKNOWN_CHOICE, "'%s' is no model of residence time%s",
               leaf->text, taup_nearest_hint(&near, hint, sizeof hint));
}

/* --- measured curves --- */

static bool read_numbers(reading *x, const taup_tree *list, const char *what, taup_dim dim, double *out)
{
  bool good = true;
  const taup_field field = {what, dim, -(double)INFINITY, (double)INFINITY, NAN, 0, ""};
  for (int i = 0; i < list->n_children; i++) good = read_field(x, list->children[i], &field, &out[i]) && good;
  return good;
}

static tau_rtd *curve_of(reading *x, const taup_tree *node, const taup_tree *time, const taup_tree *signal)
{
  const int n = time->n_children;
  tau_rtd *rtd = NULL;
  double *t = taup_calloc(2 * (size_t)n, sizeof *t);
  if (!t) {
    x->r->out_of_memory = true;
    return NULL;
  }
  const bool good = read_numbers(x, time, "time", TAUP_DIM(0, 0, 1, 0, 0), t);
  if (read_numbers(x, signal, "signal", TAUP_DIM_NONE, t + n) && good) {
    const tau_status st = tau_rtd_measured(&rtd, n, t, t + n);
    rtd = made(x, node, st, rtd);
  }
  taup_free(t);
  return rtd;
}

static tau_rtd *measured(reading *x, const taup_tree *node, bool with_fraction)
{
  const char *const known[] = {"model", "time", "signal", with_fraction ? "fraction" : NULL, NULL};
  taup_read_only_keys(x->r, node, "a measured curve", known);
  const taup_tree *time = taup_read_required(x->r, node, "time", "a measured curve");
  const taup_tree *signal = taup_read_required(x->r, node, "signal", "a measured curve");
  if (!time || !signal || !is_list(x, time, "time") || !is_list(x, signal, "signal")) return NULL;
  if (time->n_children == signal->n_children) return curve_of(x, node, time, signal);
  taup_mistake(x->r->mistakes, signal, TAUP_ERR_BAD_CURVE,
               "a measured curve has %d times and %d signals; needs as many", time->n_children,
               signal->n_children);
  return NULL;
}

static const taup_rtd_row *choose_row(reading *x, const taup_tree *node, const taup_tree *leaf,
                                      bool with_fraction)
{
  const char *keys[TAUP_RTD_MOST_FIELDS + 4];
  const taup_rtd_row *row = taup_rtd_row_named(leaf->text);
  const bool ends = strcmp(leaf->text, "dispersion") == 0;
  if (!row) {
    no_model(x, leaf);
    return NULL;
  }
  known_keys(row, with_fraction, ends, keys);
  taup_read_only_keys(x->r, node, row->name, keys);
  return ends ? row_of_ends(x, node) : row;
}

const taup_rtd_row *taup_rtd_read_row(taup_reader *r, const taup_tree *block)
{
  reading x = {.r = r};
  return choose_row(&x, block, taup_tree_child(block, "model"), false);
}

static tau_rtd *model(reading *x, const taup_tree *node, const taup_tree *leaf, bool with_fraction)
{
  const char *name = taup_read_text(x->r, leaf, "'model'");
  if (!name) return NULL;
  if (strcmp(name, "measured") == 0) return measured(x, node, with_fraction);
  const taup_rtd_row *row = choose_row(x, node, leaf, with_fraction);
  return row ? row_with_values(x, node, row) : NULL;
}

/* --- compositions --- */

static tau_rtd **read_parts(reading *x, const taup_tree *list, bool with_fraction)
{
  const int n = list->n_children;
  bool good = true;
  tau_rtd **parts = taup_calloc((size_t)n, sizeof(tau_rtd *));
  if (!parts) x->r->out_of_memory = true;
  for (int i = 0; parts && i < n; i++) {
    parts[i] = read(x, list->children[i], with_fraction);
    good = parts[i] && good;
  }
  if (parts && good) return parts;
  free_all(n, parts);
  return NULL;
}

static tau_rtd *series(reading *x, const taup_tree *list)
{
  tau_rtd *rtd = NULL;
  if (!is_list(x, list, "series")) return NULL;
  tau_rtd **parts = read_parts(x, list, false);
  if (!parts) return NULL;
  const tau_status st = tau_rtd_series(&rtd, list->n_children, (const tau_rtd *const *)parts);
  free_all(list->n_children, parts);
  return made(x, list, st, rtd);
}

/* One fraction may be what the others leave. */
static bool read_fractions(reading *x, const taup_tree *list, double *out)
{
  static const taup_field field = {"fraction", TAUP_INIT_NONE, 0.0, 1.0, NAN, 0, ""};
  double rest = 1.0;
  int open = -1;
  for (int i = 0; i < list->n_children; i++) {
    const taup_tree *leaf = taup_tree_child(list->children[i], "fraction");
    if (!leaf || (leaf->kind == TAUP_TREE_LEAF && strcmp(leaf->text, "rest") == 0)) {
      if (open >= 0) {
        taup_mistake(x->r->mistakes, list->children[i], TAUP_ERR_MISSING_KEY,
                     "two parts of a parallel have no fraction; at most one may take the rest");
        return false;
      }
      open = i;
      continue;
    }
    if (!read_field(x, leaf, &field, &out[i])) return false;
    rest -= out[i];
  }
  if (open >= 0) out[open] = rest < 0.0 && rest > -1e-12 ? 0.0 : rest;
  return true;
}

static tau_rtd *parallel(reading *x, const taup_tree *list)
{
  tau_rtd *rtd = NULL;
  if (!is_list(x, list, "parallel")) return NULL;
  double *fractions = taup_calloc((size_t)list->n_children, sizeof *fractions);
  if (!fractions) x->r->out_of_memory = true;
  tau_rtd **parts = fractions ? read_parts(x, list, true) : NULL;
  tau_status st = TAU_OK;
  if (parts && read_fractions(x, list, fractions)) {
    st = tau_rtd_parallel(&rtd, list->n_children, (const tau_rtd *const *)parts, fractions);
    rtd = made(x, list, st, rtd);
  }
  free_all(parts ? list->n_children : 0, parts);
  taup_free(fractions);
  return rtd;
}

static tau_rtd *recycle(reading *x, const taup_tree *block)
{
  static const char *const known[] = {"forward", "back", "ratio", NULL};
  static const taup_field ratio = {"ratio", TAUP_INIT_NONE, 0.0, 1e6, NAN, 0, ""};
  tau_rtd *rtd = NULL;
  double r = 0.0;
  if (!taup_read_is_block(x->r, block, "'recycle'")) return NULL;
  taup_read_only_keys(x->r, block, "a recycle", known);
  const taup_tree *forward = taup_read_required(x->r, block, "forward", "a recycle");
  const taup_tree *leaf = taup_read_required(x->r, block, "ratio", "a recycle"),
                  *back = taup_tree_child(block, "back");
  tau_rtd *f = forward ? read(x, forward, false) : NULL, *b = back ? read(x, back, false) : NULL;
  if (leaf && read_field(x, leaf, &ratio, &r) && f && (b || !back)) {
    const tau_status st = tau_rtd_recycle(&rtd, f, b, r);
    rtd = made(x, block, st, rtd);
  }
  tau_rtd_free(f);
  tau_rtd_free(b);
  return rtd;
}

/* --- names --- */

static tau_rtd *by_name(reading *x, const taup_tree *leaf)
{
  char hint[200];
  const char *name = taup_read_text(x->r, leaf, "the name of a distribution");
  if (!name) return NULL;
  const taup_tree *entry = taup_tree_child(x->named, name);
  if (!entry) {
    taup_nearest near = {name, NULL, 0};
    for (int i = 0; x->named && i < x->named->n_children; i++)
      taup_nearest_try(&near, x->named->children[i]->key);
    taup_mistake(x->r->mistakes, leaf, TAUP_ERR_UNKNOWN_RTD, "'%s' is no distribution of the block 'rtd'%s",
                 name, taup_nearest_hint(&near, hint, sizeof hint));
    return NULL;
  }
  for (int i = 0; i < x->n_inside; i++)
    if (strcmp(x->inside[i], name) == 0 || x->n_inside == DEEPEST_NAME) {
      taup_mistake(x->r->mistakes, leaf, TAUP_ERR_RTD_CYCLE, "the distribution '%s' is made of itself", name);
      return NULL;
    }
  x->inside[x->n_inside++] = entry->key;
  tau_rtd *rtd = read(x, entry, false);
  x->n_inside--;
  return rtd;
}

static tau_rtd *read(reading *x, const taup_tree *node, bool with_fraction)
{
  const char *const known[] = {"model",   "series", "parallel",
                               "recycle", "rtd",    with_fraction ? "fraction" : NULL,
                               NULL};
  const taup_tree *child;
  if (node->kind == TAUP_TREE_LEAF && node->text && *node->text) return by_name(x, node);
  if (!taup_read_is_block(x->r, node, "a distribution")) return NULL;
  if ((child = taup_tree_child(node, "model"))) return model(x, node, child, with_fraction);
  taup_read_only_keys(x->r, node, "a distribution", known);
  if ((child = taup_tree_child(node, "series"))) return series(x, child);
  if ((child = taup_tree_child(node, "parallel"))) return parallel(x, child);
  if ((child = taup_tree_child(node, "recycle"))) return recycle(x, child);
  if ((child = taup_tree_child(node, "rtd"))) return by_name(x, child);
  taup_mistake_key(x->r->mistakes, node, TAUP_ERR_MISSING_KEY,
                   "a distribution needs 'model', 'series', 'parallel', 'recycle' or 'rtd'; none is here");
  return NULL;
}

/* --- entries --- */

static bool bare_numbers(const taup_tree *root)
{
  const taup_tree *leaf = taup_tree_child(root, "bare_numbers");
  return leaf && leaf->kind == TAUP_TREE_LEAF && strcmp(leaf->text, "SI") == 0;
}

static tau_status end(const taup_reader *r)
{
  return r->out_of_memory ? taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory while a distribution was read")
                          : taup_mistakes_status(r->mistakes);
}

tau_status taup_rtd_read(tau_rtd **out, const taup_tree *node, const taup_tree *root, taup_mistakes *mistakes)
{
  taup_reader r = {.mistakes = mistakes, .bare_si = bare_numbers(root)};
  reading x = {.r = &r, .named = taup_tree_child(root, "rtd")};
  if (x.named && node->parent == x.named) x.inside[x.n_inside++] = node->key;
  *out = read(&x, node, false);
  const tau_status st = end(&r);
  if (st == TAU_OK) return TAU_OK;
  tau_rtd_free(*out);
  *out = NULL;
  return st;
}

static void check_entry(taup_reader *r, const taup_tree *entry, const taup_tree *root)
{
  tau_rtd *rtd = NULL;
  if (!taup_read_name(r, entry, "a distribution")) return;
  reading x = {.r = r, .named = taup_tree_child(root, "rtd"), .inside = {entry->key}, .n_inside = 1};
  rtd = read(&x, entry, false);
  tau_rtd_free(rtd);
}

void taup_rtd_check_block(taup_reader *r, const taup_tree *root)
{
  const taup_tree *block = taup_tree_child(root, "rtd");
  if (!block || !taup_read_is_block(r, block, "'rtd'")) return;
  for (int i = 0; i < block->n_children && !r->out_of_memory; i++) check_entry(r, block->children[i], root);
}

int tau_model_n_rtds(const tau_model *m)
{
  const taup_tree *block = taup_tree_child(m->root, "rtd");
  return block && block->kind == TAUP_TREE_MAP ? block->n_children : 0;
}

const char *tau_model_rtd_name(const tau_model *m, int i)
{
  return taup_tree_child(m->root, "rtd")->children[i]->key;
}

static tau_status no_entry(const tau_model *m, const char *name)
{
  char hint[200];
  taup_nearest near = {name, NULL, 0};
  for (int i = 0; i < tau_model_n_rtds(m); i++) taup_nearest_try(&near, tau_model_rtd_name(m, i));
  return taup_fail_as(TAU_E_NAME, TAUP_ERR_UNKNOWN_RTD, "'%s' is no distribution of the block 'rtd'%s", name,
                      taup_nearest_hint(&near, hint, sizeof hint));
}

tau_status tau_model_rtd(tau_rtd **out, const tau_model *m, const char *name)
{
  const taup_tree *entry = taup_tree_child(taup_tree_child(m->root, "rtd"), name);
  if (!entry) return no_entry(m, name);
  taup_mistakes mistakes = {.file = m->name};
  tau_rtd *rtd = NULL;
  const tau_status st = taup_rtd_read(&rtd, entry, m->root, &mistakes);
  if (st == TAU_OK) *out = rtd;
  return st;
}

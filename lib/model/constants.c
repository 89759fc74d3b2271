/* SPDX-License-Identifier: Apache-2.0 */
/* constants.c - a constant of a reaction: a plain quantity, or a block with one form of k(T), {arrhenius:
 * {A: ..., Ea: ...}}.
 *
 * Rows of the table that share a key are told apart by the fields given: the row wins for which the fewest
 * are unknown or missing, and those are what is reported. The name of the form is no part of a parameter's
 * path. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "model/read.h"

/* "rate constant of 'b' is in 1/s; A + B -> C (order 2) needs L/mol/s or the like" */
static void report_unit(taup_reader *r, const taup_tree *leaf, const taup_constant *what,
                        const taup_parameter *p)
{
  const char *key = strrchr(what->path, '/') + 1;
  char needed[64], noun[TAUP_NAME_LONGEST + 32];
  if (strcmp(key, "k") == 0) snprintf(noun, sizeof noun, "rate constant");
  else if (strcmp(key, "k_reverse") == 0) snprintf(noun, sizeof noun, "reverse rate constant");
  else if (what->equilibrium) snprintf(noun, sizeof noun, "equilibrium constant");
  else snprintf(noun, sizeof noun, "%.128s", key);
  taup_dim_example(needed, sizeof needed, what->dim);
  if (what->equilibrium)
    taup_mistake(r->mistakes, leaf, TAUP_ERR_WRONG_UNIT, "%s of '%s' is in %s; %s needs %s", noun,
                 what->reaction, p->unit, what->equation, *needed ? needed : "a number without a unit");
  else
    taup_mistake(r->mistakes, leaf, TAUP_ERR_WRONG_UNIT,
                 "%s of '%s' is in %s; %s (order %g) needs %s or the like", noun, what->reaction, p->unit,
                 what->equation, what->order, needed);
}

/* The dimension of what is written, for a parameter of an expression. */
static tau_status dim_as_written(const taup_tree *leaf, taup_dim *dim)
{
  taup_quantity q;
  TAU_TRY(taup_quantity_parse(leaf->text, &q));
  *dim = q.scale.dim;
  return TAU_OK;
}

/* The number that has the dimension of the constant itself. */
static int read_own(taup_reader *r, const taup_tree *leaf, const taup_constant *what, const char *path,
                    const taup_field *field, taup_dim *dim)
{
  *dim = what->dim;
  if (leaf->kind != TAUP_TREE_LEAF) return taup_read_parameter(r, leaf, path, field, *dim, 0);
  tau_status st = what->any_dim ? dim_as_written(leaf, dim) : TAU_OK;
  if (st < 0) {
    taup_read_fault(r, st, leaf, 0);
    return -1;
  }
  taup_parameter p = taup_parameter_of(path, field, *dim, 0);
  if (what->any_dim && taup_dim_equal(*dim, TAUP_DIM_TEMPERATURE)) p.temperature = true;
  if ((st = taup_parameter_read(&p, leaf->text, r->bare_si)) == TAU_OK) return taup_read_add(r, &p);
  if (st == TAU_E_UNITS && p.unit && *p.unit && !taup_dim_equal(p.scale.dim, *dim))
    report_unit(r, leaf, what, &p);
  else taup_read_fault(r, st, leaf, 0);
  return -1;
}

/* --- choosing the form --- */

static bool may_stand(const taup_kt *kt, const taup_constant *what)
{
  return kt->key && (what->any_dim || (what->equilibrium ? kt->equilibrium : kt->rate));
}

static const taup_field *field_named(const taup_kt *kt, const char *name)
{
  for (int i = 0; i < kt->n_fields; i++)
    if (strcmp(kt->fields[i].name, name) == 0) return &kt->fields[i];
  return NULL;
}

static int n_faults(const taup_kt *kt, const taup_tree *block)
{
  int n = 0;
  for (int i = 0; i < block->n_children; i++)
    n += block->children[i]->key && !field_named(kt, block->children[i]->key);
  for (int i = 0; i < kt->n_fields; i++)
    n += !(kt->fields[i].flags & TAUP_FIELD_OPTIONAL) && !taup_tree_child(block, kt->fields[i].name);
  return n;
}

static const taup_kt *form_for(const taup_tree *block, const taup_constant *what)
{
  const taup_kt *best = NULL;
  for (int i = 0; i < taup_n_kts; i++) {
    const taup_kt *kt = taup_kts[i];
    if (!may_stand(kt, what) || strcmp(kt->key, block->key) != 0) continue;
    if (!best || n_faults(kt, block) < n_faults(best, block)) best = kt;
  }
  return best;
}

static bool is_tag(const char *key)
{
  return strcmp(key, "evidence") == 0 || strcmp(key, "source") == 0 || strcmp(key, "note") == 0;
}

/* The one key of the block that names a form. */
static const taup_tree *form_key(taup_reader *r, const taup_tree *node, const taup_constant *what)
{
  const taup_tree *form = NULL;
  for (int i = 0; i < node->n_children; i++) {
    const taup_tree *child = node->children[i];
    if (is_tag(child->key)) continue;
    if (form) {
      taup_mistake_key(r->mistakes, child, TAUP_ERR_CONFLICTING_KEYS,
                       "%s has two forms, '%s' and '%s'; needs one", what->path, form->key, child->key);
      return NULL;
    }
    form = child;
  }
  if (!form)
    taup_mistake(r->mistakes, node, TAUP_ERR_EMPTY_VALUE,
                 "%s is empty; needs a quantity or a form such as arrhenius", what->path);
  return form;
}

static void report_form(taup_reader *r, const taup_tree *form, const taup_constant *what)
{
  taup_nearest near = {form->key, NULL, 0};
  char list[200] = "", hint[200];
  size_t at = 0;
  for (int i = 0; i < taup_n_kts; i++) {
    const bool again = i > 0 && taup_kts[i]->key && taup_kts[i - 1]->key &&
                       strcmp(taup_kts[i]->key, taup_kts[i - 1]->key) == 0;
    if (!may_stand(taup_kts[i], what) || again || at >= sizeof list) continue;
    taup_nearest_try(&near, taup_kts[i]->key);
    at += (size_t)snprintf(list + at, sizeof list - at, ", %s", taup_kts[i]->key);
  }
  if (*taup_nearest_hint(&near, hint, sizeof hint))
    taup_mistake_key(r->mistakes, form, TAUP_ERR_UNKNOWN_FORM, "'%s' is no form of %s%s", form->key,
                     what->path, hint);
  else
    taup_mistake_key(r->mistakes, form, TAUP_ERR_UNKNOWN_FORM, "'%s' is no form of %s; needs a quantity%s",
                     form->key, what->path, list);
}

/* --- reading it --- */

/* A field with the dimension of the constant must say it where nothing else does. */
static bool dim_is_known(taup_reader *r, const taup_tree *form, const taup_constant *what, const taup_kt *kt)
{
  for (int i = 0; i < kt->n_fields; i++)
    if (kt->fields[i].flags & TAUP_FIELD_OWN_DIM) return true;
  if (!what->any_dim) return true;
  taup_mistake_key(r->mistakes, form, TAUP_ERR_MISSING_UNIT,
                   "'%s' does not say the unit of %s; in an expression use arrhenius or a quantity",
                   form->key, what->path);
  return false;
}

static int read_form_field(taup_reader *r, const taup_tree *form, const taup_constant *what,
                           const taup_field *field, taup_k *out)
{
  char path[TAUP_PATH_LONGEST];
  const taup_tree *leaf = taup_tree_child(form, field->name);
  if (!leaf) return -1;
  snprintf(path, sizeof path, "%s/%s", what->path, field->name);
  if (field->flags & TAUP_FIELD_OWN_DIM) return read_own(r, leaf, what, path, field, &out->dim);
  return taup_read_parameter(r, leaf, path, field, field->dim, 0);
}

static bool read_fields(taup_reader *r, const taup_tree *form, const taup_constant *what, const taup_kt *kt,
                        taup_k *out)
{
  const char *known[TAUP_KT_MOST_FIELDS + 1] = {NULL};
  char quoted[64];
  bool right = true;
  for (int i = 0; i < kt->n_fields; i++) known[i] = kt->fields[i].name;
  snprintf(quoted, sizeof quoted, "'%s'", kt->key);
  const int before = r->mistakes->n;
  taup_read_known_keys(r, form, quoted, known);
  for (int i = 0; i < kt->n_fields; i++) {
    const taup_field *field = &kt->fields[i];
    const bool optional = (field->flags & TAUP_FIELD_OPTIONAL) != 0;
    if (!optional && !taup_read_required(r, form, field->name, quoted)) right = false;
    out->p[i] = read_form_field(r, form, what, field, out);
    if (out->p[i] < 0 && (!optional || taup_tree_child(form, field->name))) right = false;
  }
  return right && r->mistakes->n == before;
}

static bool read_form(taup_reader *r, const taup_tree *node, const taup_constant *what, taup_k *out)
{
  const taup_tree *form = form_key(r, node, what);
  if (!form) return false;
  const taup_kt *kt = form_for(form, what);
  if (!kt) {
    report_form(r, form, what);
    return false;
  }
  taup_read_evidence(r, node);
  if (!taup_read_is_block(r, form, form->key) || !dim_is_known(r, form, what, kt)) return false;
  if (!read_fields(r, form, what, kt, out)) return false;
  out->form = kt;
  return true;
}

bool taup_read_constant(taup_reader *r, const taup_tree *node, const taup_constant *what, taup_k *out)
{
  for (int i = 0; i < TAUP_KT_MOST_FIELDS; i++) out->p[i] = -1;
  out->form = NULL;
  out->dim = what->dim;
  if (node->kind == TAUP_TREE_MAP) return read_form(r, node, what, out);
  out->p[0] = read_own(r, node, what, what->path, what->field, &out->dim);
  if (out->p[0] >= 0) out->form = &taup_kt_constant;
  return out->form != NULL;
}

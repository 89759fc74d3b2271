/* SPDX-License-Identifier: Apache-2.0 */
/* rtd.c - `rtd:` of the units: another distribution of residence times than the kind's own.
 *
 *     rtd: {model: dispersion, peclet: 100}      a model; its time may be left out
 *     rtd: coil                                  an entry of the model's block `rtd:`
 *     rtd: {series: [..]}                        any other distribution
 *
 * Each of its numbers is a parameter of the train, units/<unit>/rtd/<parameter>. The time of a model (the mean, or the space time
 * of a vessel with dead volume) is V/Q where it is left out and the unit has a size; the parameter is NAN then. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rtd/read.h"
#include "train/order.h"

enum { MOST_NAMES = 3 };

typedef struct reading {
  taup_description *d;
  taup_reader *r;
  const taup_tree *root, *node; /* of the file, of `rtd:` */
  taup_unit *u;
  int i_unit;
} reading;

/* --- a model --- */

static bool may_miss(const reading *in, const taup_field *field)
{
  if (field->flags & TAUP_FIELD_OPTIONAL) return true;
  return taup_dim_equal(field->dim, TAUP_DIM_TIME) && in->u->kind->family != TAUP_JUNCTION;
}

static int read_field(const reading *in, const taup_field *field)
{
  char path[TAUP_PATH_LONGEST], what[TAUP_NAME_LONGEST + 16];
  const taup_tree *leaf = taup_tree_child(in->node, field->name);
  snprintf(path, sizeof path, "units/%.128s/rtd/%s", in->u->name, field->name);
  if (leaf) return taup_read_parameter(in->r, leaf, path, field, field->dim, 0);
  snprintf(what, sizeof what, "'rtd' of '%.*s'", TAUP_NAME_LONGEST, in->u->name);
  if (!may_miss(in, field)) taup_read_required(in->r, in->node, field->name, what);
  return taup_read_default(in->r, path, field, field->value, 0);
}

static void read_model(const reading *in)
{
  const taup_rtd_row *row = taup_rtd_read_row(in->r, in->node);
  int *p = row ? taup_read_alloc(in->r, row->n_fields, sizeof *p) : NULL;
  if (!p) return;
  for (int k = 0; k < row->n_fields; k++) p[k] = read_field(in, &row->fields[k]);
  in->u->rtd = row->name;
  in->u->rtd_p = p;
  in->u->n_rtd_p = row->n_fields;
}

/* --- what else there is --- */

static int add_parameter(const reading *in, const tau_rtd *rtd, int i)
{
  char path[2 * TAUP_PATH_LONGEST];
  const taup_rtd_parameter *own = &rtd->parameters[i];
  taup_unit_scale scale = {1.0, 0.0, TAUP_DIM_NONE};
  if (*own->unit && taup_unit_parse(own->unit, &scale) < 0) {
    in->r->out_of_memory = true; /* nothing else can be wrong with a unit of ours */
    return -1;
  }
  snprintf(path, sizeof path, "units/%.128s/rtd/%s", in->u->name, own->path);
  const taup_parameter p = {.path = path,
                            .value = rtd->values[i],
                            .lower = own->lower,
                            .upper = own->upper,
                            .positive = own->positive,
                            .dim = scale.dim,
                            .scale = scale,
                            .unit = own->unit,
                            .doc = "of the unit's distribution of residence times"};
  return taup_read_add(in->r, &p);
}

static void add_parameters(const reading *in, const tau_rtd *rtd)
{
  int *p = taup_read_alloc(in->r, rtd->n_parameters, sizeof *p);
  const char *name = in->node->kind == TAUP_TREE_LEAF ? in->node->text : in->node->children[0]->key;
  in->u->rtd = taup_read_copy(in->r, name);
  for (int i = 0; p && i < rtd->n_parameters; i++) p[i] = add_parameter(in, rtd, i);
  in->u->rtd_p = p;
  in->u->n_rtd_p = rtd->n_parameters;
}

static void read_other(const reading *in)
{
  tau_rtd *rtd = NULL;
  const tau_status st = taup_rtd_read(&rtd, in->node, in->root, in->r->mistakes);
  if (st == TAU_E_NOMEM) in->r->out_of_memory = true;
  if (st < 0) return;
  in->d->unit_rtds[in->i_unit] = rtd;
  add_parameters(in, rtd);
}

static bool is_model(const taup_tree *node)
{
  const taup_tree *leaf = taup_tree_child(node, "model");
  return leaf && leaf->kind == TAUP_TREE_LEAF && strcmp(leaf->text, "measured") != 0;
}

void taup_read_unit_rtds(taup_description *d, taup_reader *r, const taup_tree *root)
{
  const taup_tree *map = taup_tree_child(root, "units");
  d->unit_rtds = taup_read_alloc(r, d->units.n, sizeof(tau_rtd *));
  for (int i = 0; i < d->units.n && !r->out_of_memory; i++) {
    taup_unit *u = &d->units.items[i];
    const reading in = {d, r, root, taup_tree_child(map->children[i], "rtd"), u, i};
    if (!in.node || !u->kind || (u->kind->flags & TAUP_UNIT_CHARGE)) continue;
    if (is_model(in.node)) read_model(&in);
    else read_other(&in);
  }
}

/* --- what a run makes of it --- */

static const char *run_as(const taup_unit *u)
{
  switch (u->kind->family) {
  case TAUP_DISTRIBUTED: return u->kind->transport == TAUP_DISPERSED ? "axial dispersion" : "plug flow";
  case TAUP_WELL_MIXED: return u->kind->transport == TAUP_CASCADE ? "a cascade of tanks" : "an ideal tank";
  default: return "a junction without volume";
  }
}

void taup_note_rtds(taup_description *d, taup_reader *r)
{
  taup_text text = {0};
  int n = 0;
  for (int i = 0; i < d->units.n; i++) {
    const taup_unit *u = &d->units.items[i];
    if (!u->rtd || u->mixing || n++ >= MOST_NAMES) continue;
    taup_text_printf(&text, "%sunit '%s' is run as %s: its rtd '%s' is not used by a run without 'mixing'",
                     n > 1 ? "; " : "", u->name, run_as(u), u->rtd);
  }
  if (n > MOST_NAMES) taup_text_printf(&text, "; and %d more", n - MOST_NAMES);
  if (text.failed) r->out_of_memory = true;
  else if (n) taup_add_note(r, text.data);
  taup_text_free(&text);
}

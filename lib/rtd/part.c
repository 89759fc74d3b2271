/* SPDX-License-Identifier: Apache-2.0 */
/* part.c - distributions described: rows with values, and trees of them. A composition takes copies of the trees of its
 * parts, so that all that is computed of it (factors, terms) is its own.
 *
 * Invariant: the parameters of a part are one stretch of rtd->values: its own first, then those of its children in order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chem/units.h"
#include "rtd/rtd.h"

/* --- life --- */

static void drop_programs(taup_rtd_part *part)
{
  if (!part) return;
  taup_rtd_program_free(part->program);
  for (int i = 0; part->children && i < part->n_children; i++) drop_programs(part->children[i]);
}

void tau_rtd_free(tau_rtd *rtd)
{
  if (!rtd || atomic_fetch_sub(&rtd->refs, 1) > 1) return;
  drop_programs(rtd->root);
  for (int i = 0; i < rtd->n_factors; i++) taup_free(rtd->factors[i].loop.items);
  taup_free(rtd->factors);
  taup_free(rtd->terms.items);
  taup_arena_free(&rtd->arena);
  taup_free(rtd);
}

tau_rtd *tau_rtd_ref(const tau_rtd *rtd)
{
  tau_rtd *same = (tau_rtd *)rtd; /* counting is not writing */
  atomic_fetch_add(&same->refs, 1);
  return same;
}

/* A root of a kind with room for parameters and children. */
static tau_rtd *start(taup_rtd_kind kind, int n_children, int n_parameters)
{
  tau_rtd *rtd = taup_calloc(1, sizeof *rtd);
  if (!rtd) return NULL;
  atomic_init(&rtd->refs, 1);
  rtd->n_parameters = n_parameters;
  rtd->root = taup_arena_alloc(&rtd->arena, 1, sizeof *rtd->root);
  rtd->values = taup_arena_alloc(&rtd->arena, (size_t)n_parameters + 1, sizeof *rtd->values);
  rtd->parameters = taup_arena_alloc(&rtd->arena, (size_t)n_parameters + 1, sizeof *rtd->parameters);
  taup_rtd_part **children = taup_arena_alloc(&rtd->arena, (size_t)n_children + 1, sizeof *children);
  if (!rtd->root || !rtd->values || !rtd->parameters || !children) {
    tau_rtd_free(rtd);
    return NULL;
  }
  rtd->root->kind = kind;
  rtd->root->children = children;
  rtd->root->n_children = n_children;
  return rtd;
}

/* --- values --- */

static tau_status check_value(const taup_rtd_parameter *p, double x)
{
  if (!isfinite(x)) return taup_fail(TAUP_ERR_NOT_FINITE, "%s is not a finite number", p->path);
  if (x < p->lower || (p->positive && x <= p->lower))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is %.6g %s; needs %s %.6g", p->path, x, p->unit,
                     p->positive ? "more than" : "at least", p->lower);
  if (x > p->upper)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is %.6g %s; needs at most %.6g", p->path, x, p->unit,
                     p->upper);
  return TAU_OK;
}

static tau_status check_fractions(tau_rtd *rtd, const taup_rtd_part *part)
{
  double sum = 0.0;
  for (int i = 0; part->kind == TAUP_RTD_PARALLEL && i < part->n_children - 1; i++)
    sum += rtd->values[part->first + i];
  if (sum > 1.0 + 1e-9)
    return taup_fail_as(TAU_E_VALUE, TAUP_ERR_BAD_SPLIT,
                        "the fractions of a parallel sum to %.6g without the last; needs at most 1", sum);
  for (int i = 0; i < part->n_children; i++) TAU_TRY(check_fractions(rtd, part->children[i]));
  return TAU_OK;
}

static void note_warning(tau_rtd *rtd, const taup_rtd_part *part)
{
  if (rtd->warning[0]) return;
  const taup_rtd_row *row = part->program ? part->program->row : NULL;
  if (row && row->is_outside) row->is_outside(rtd->values + part->first, rtd->warning, sizeof rtd->warning);
  for (int i = 0; i < part->n_children; i++) note_warning(rtd, part->children[i]);
}

static int by_time(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Atoms that only differ in what their time depends on are one. */
static void add_equal_times(tau_rtd *rtd)
{
  int n = 0;
  for (int i = 0; i < rtd->n_atoms; i++) {
    if (n && rtd->atoms[n - 1][0] == rtd->atoms[i][0]) {
      rtd->atoms[n - 1][1] += rtd->atoms[i][1];
      continue;
    }
    rtd->atoms[n][0] = rtd->atoms[i][0];
    rtd->atoms[n++][1] = rtd->atoms[i][1];
  }
  rtd->n_atoms = n;
}

static tau_status find_atoms(tau_rtd *rtd)
{
  rtd->atoms = taup_arena_alloc(&rtd->arena, (size_t)rtd->terms.n + 1, sizeof *rtd->atoms);
  if (!rtd->atoms) return TAU_E_NOMEM;
  for (int i = 0; i < rtd->terms.n; i++) {
    const taup_rtd_term *t = &rtd->terms.items[i];
    rtd->has_curve = rtd->has_curve || t->order > 0;
    if (t->n_powers || t->order || t->weight <= 0.0) continue;
    rtd->atoms[rtd->n_atoms][0] = t->delay;
    rtd->atoms[rtd->n_atoms++][1] = t->weight;
  }
  qsort(rtd->atoms, (size_t)rtd->n_atoms, sizeof *rtd->atoms, by_time);
  add_equal_times(rtd);
  return TAU_OK;
}

/* Values are there: look at them, and make of the description what is computed with. */
static tau_status complete(tau_rtd *rtd)
{
  for (int i = 0; i < rtd->n_parameters; i++) TAU_TRY(check_value(&rtd->parameters[i], rtd->values[i]));
  TAU_TRY(check_fractions(rtd, rtd->root));
  note_warning(rtd, rtd->root);
  taup_rtd_cumulants(rtd, rtd->root, rtd->cumulants);
  TAU_TRY(taup_rtd_expand(rtd));
  return find_atoms(rtd);
}

static tau_status hand_out(tau_rtd **out, tau_rtd *rtd, tau_status st)
{
  if (st == TAU_OK) st = complete(rtd);
  if (st == TAU_OK) *out = rtd;
  else tau_rtd_free(rtd);
  return st;
}

/* --- rows --- */

const taup_rtd_row *taup_rtd_row_named(const char *name)
{
  for (int i = 0; i < taup_n_rtd_rows; i++)
    if (strcmp(taup_rtd_rows[i]->name, name) == 0) return taup_rtd_rows[i];
  return NULL;
}

static tau_status no_row(const char *name)
{
  char hint[120];
  taup_nearest near = {name, NULL, 0};
  for (int i = 0; i < taup_n_rtd_rows; i++) taup_nearest_try(&near, taup_rtd_rows[i]->name);
  return taup_fail_as(TAU_E_NAME, TAUP_ERR_UNKNOWN_CHOICE, "'%s' is no model of residence time%s", name,
                      taup_nearest_hint(&near, hint, sizeof hint));
}

static tau_status no_field(const taup_rtd_row *row, const char *name)
{
  char hint[120];
  taup_nearest near = {name, NULL, 0};
  for (int i = 0; i < row->n_fields; i++) taup_nearest_try(&near, row->fields[i].name);
  return taup_fail_as(TAU_E_NAME, TAUP_ERR_UNKNOWN_PARAMETER, "'%s' is no parameter of '%s'%s", name,
                      row->name, taup_nearest_hint(&near, hint, sizeof hint));
}

static int field_named(const taup_rtd_row *row, const char *name)
{
  for (int i = 0; i < row->n_fields; i++)
    if (strcmp(row->fields[i].name, name) == 0) return i;
  return -1;
}

static void describe_fields(tau_rtd *rtd, const taup_rtd_row *row)
{
  for (int k = 0; k < row->n_fields; k++) {
    const taup_field *f = &row->fields[k];
    rtd->values[k] = f->value;
    rtd->parameters[k] = (taup_rtd_parameter){f->name, taup_dim_name(f->dim), f->lower, f->upper,
                                              (f->flags & TAUP_FIELD_POSITIVE) != 0};
  }
}

static tau_status fill(tau_rtd *rtd, const taup_rtd_row *row, int n, const char *const names[],
                       const double values[])
{
  bool given[TAUP_RTD_MOST_FIELDS] = {false};
  for (int i = 0; i < n; i++) {
    const int k = field_named(row, names[i]);
    if (k < 0) return no_field(row, names[i]);
    if (given[k])
      return taup_fail_as(TAU_E_VALUE, TAUP_ERR_DUPLICATE_KEY, "'%s' of '%s' is given twice", names[i],
                          row->name);
    given[k] = true;
    rtd->values[k] = values[i];
  }
  for (int k = 0; k < row->n_fields; k++)
    if (!given[k] && isnan(row->fields[k].value))
      return taup_fail_as(TAU_E_VALUE, TAUP_ERR_MISSING_KEY, "'%s' needs '%s'; it is missing", row->name,
                          row->fields[k].name);
  return TAU_OK;
}

tau_status tau_rtd_new(tau_rtd **out, const char *model, int n, const char *const names[],
                       const double values[])
{
  const taup_rtd_row *row = taup_rtd_row_named(model);
  if (!row) return no_row(model);
  tau_rtd *rtd = start(TAUP_RTD_ROW, 0, row->n_fields);
  if (!rtd) return TAU_E_NOMEM;
  describe_fields(rtd, row);
  tau_status st = fill(rtd, row, n, names, values);
  if (st == TAU_OK) st = taup_rtd_program_new(&rtd->root->program, row);
  return hand_out(out, rtd, st);
}

/* --- measured curves --- */

static tau_status check_curve(int n, const double t[], const double y[], double *area)
{
  *area = 0.0;
  if (n < 2)
    return taup_fail(TAUP_ERR_BAD_CURVE, "the number of points of a measured curve is %d; needs two or more",
                     n);
  for (int i = 0; i < n; i++) {
    if (!isfinite(t[i]) || !isfinite(y[i]))
      return taup_fail(TAUP_ERR_BAD_CURVE, "point %d of a measured curve is not a finite number", i);
    if (i && t[i] <= t[i - 1])
      return taup_fail(TAUP_ERR_BAD_CURVE,
                       "the times of a measured curve do not ascend: %.6g s comes behind %.6g s", t[i],
                       t[i - 1]);
    if (i) *area += 0.5 * (t[i] - t[i - 1]) * (y[i] + y[i - 1]);
  }
  if (t[0] < 0.0)
    return taup_fail(TAUP_ERR_BAD_CURVE, "a measured curve begins at %.6g s; needs 0 or later", t[0]);
  if (!(*area > 0.0) || !isfinite(*area))
    return taup_fail(TAUP_ERR_BAD_CURVE, "the area under a measured curve is %.6g; needs more than 0", *area);
  return TAU_OK;
}

static double *copy_numbers(tau_rtd *rtd, int n, const double *x, double factor)
{
  double *copy = taup_arena_alloc(&rtd->arena, (size_t)n, sizeof *copy);
  for (int i = 0; copy && i < n; i++) copy[i] = factor * x[i];
  return copy;
}

tau_status tau_rtd_measured(tau_rtd **out, int n, const double t[], const double signal[])
{
  double area;
  TAU_TRY(check_curve(n, t, signal, &area));
  tau_rtd *rtd = start(TAUP_RTD_MEASURED, 0, 0);
  if (!rtd) return TAU_E_NOMEM;
  rtd->root->n_points = n;
  rtd->root->t = copy_numbers(rtd, n, t, 1.0);
  rtd->root->y = copy_numbers(rtd, n, signal, 1.0 / area);
  return hand_out(out, rtd, rtd->root->t && rtd->root->y ? TAU_OK : TAU_E_NOMEM);
}

/* --- compositions --- */

/* The tree of a part, its parameters moved up; programs are shared. */
static taup_rtd_part *copy_part(tau_rtd *rtd, const taup_rtd_part *from, int up)
{
  taup_rtd_part *part = taup_arena_alloc(&rtd->arena, 1, sizeof *part);
  if (!part) return NULL;
  *part = *from;
  part->first += up;
  part->program = from->program ? taup_rtd_program_ref(from->program) : NULL;
  part->children = taup_arena_alloc(&rtd->arena, (size_t)from->n_children + 1, sizeof *part->children);
  part->n_children = 0;
  if (from->n_points) {
    part->t = copy_numbers(rtd, from->n_points, from->t, 1.0);
    part->y = copy_numbers(rtd, from->n_points, from->y, 1.0);
  }
  bool good = part->children && (!from->n_points || (part->t && part->y));
  for (int i = 0; good && i < from->n_children; i++) {
    part->children[i] = copy_part(rtd, from->children[i], up);
    good = part->children[i] != NULL;
    part->n_children += good;
  }
  if (good) return part;
  drop_programs(part);
  return NULL;
}

/* Child i of the root: its tree, values and parameters, the paths behind a prefix. */
static tau_status adopt(tau_rtd *rtd, int i, const tau_rtd *from, const char *prefix, int *place)
{
  taup_rtd_part *part = copy_part(rtd, from->root, *place);
  if (!part) return TAU_E_NOMEM;
  rtd->root->children[i] = part;
  rtd->root->n_children = i + 1;
  for (int k = 0; k < from->n_parameters; k++, (*place)++) {
    taup_rtd_parameter *p = &rtd->parameters[*place];
    *p = from->parameters[k];
    p->unit = taup_arena_strdup(&rtd->arena, from->parameters[k].unit);
    p->path = taup_arena_printf(&rtd->arena, "%s/%s", prefix, from->parameters[k].path);
    if (!p->path || !p->unit) return TAU_E_NOMEM;
    rtd->values[*place] = from->values[k];
  }
  return TAU_OK;
}

static tau_status compose(tau_rtd *rtd, int n, const tau_rtd *const parts[], const char *const words[])
{
  char number[16];
  int place = rtd->n_parameters;
  for (int i = 0; i < n; i++) place -= parts[i]->n_parameters;
  rtd->root->n_children = 0;
  for (int i = 0; i < n; i++) {
    snprintf(number, sizeof number, "%d", i);
    TAU_TRY(adopt(rtd, i, parts[i], words ? words[i] : number, &place));
  }
  return TAU_OK;
}

static int sum_of_parameters(int n, const tau_rtd *const parts[])
{
  int sum = 0;
  for (int i = 0; i < n; i++) sum += parts[i]->n_parameters;
  return sum;
}

static tau_status check_count(int n, const char *what)
{
  return n > 0 ? TAU_OK
               : taup_fail_as(TAU_E_VALUE, TAUP_ERR_MISSING_KEY,
                              "a %s of distributions has no part; needs one or more", what);
}

tau_status tau_rtd_series(tau_rtd **out, int n, const tau_rtd *const parts[])
{
  TAU_TRY(check_count(n, "series"));
  tau_rtd *rtd = start(TAUP_RTD_SERIES, n, sum_of_parameters(n, parts));
  if (!rtd) return TAU_E_NOMEM;
  return hand_out(out, rtd, compose(rtd, n, parts, NULL));
}

static tau_status add_fractions(tau_rtd *rtd, int n, const double fractions[])
{
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    if (!(fractions[i] >= 0.0 && fractions[i] <= 1.0))
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "the fraction of part %d is %.6g; needs 0 to 1", i,
                       fractions[i]);
    sum += fractions[i];
  }
  if (fabs(sum - 1.0) > 1e-9)
    return taup_fail_as(TAU_E_VALUE, TAUP_ERR_BAD_SPLIT, "the fractions of a parallel sum to %.10g; needs 1",
                        sum);
  for (int i = 0; i < n - 1; i++) {
    const char *path = taup_arena_printf(&rtd->arena, "%d/fraction", i);
    if (!path) return TAU_E_NOMEM;
    rtd->values[i] = fractions[i];
    rtd->parameters[i] = (taup_rtd_parameter){path, "", 0.0, 1.0, false};
  }
  return TAU_OK;
}

tau_status tau_rtd_parallel(tau_rtd **out, int n, const tau_rtd *const parts[], const double fractions[])
{
  TAU_TRY(check_count(n, "parallel"));
  tau_rtd *rtd = start(TAUP_RTD_PARALLEL, n, n - 1 + sum_of_parameters(n, parts));
  if (!rtd) return TAU_E_NOMEM;
  tau_status st = compose(rtd, n, parts, NULL);
  if (st == TAU_OK) st = add_fractions(rtd, n, fractions);
  return hand_out(out, rtd, st);
}

tau_status tau_rtd_recycle(tau_rtd **out, const tau_rtd *forward, const tau_rtd *back, double ratio)
{
  static const char *const words[] = {"forward", "back"};
  const tau_rtd *const parts[] = {forward, back};
  const int n = back ? 2 : 1;
  tau_rtd *rtd = start(TAUP_RTD_RECYCLE, n, 1 + sum_of_parameters(n, parts));
  if (!rtd) return TAU_E_NOMEM;
  rtd->values[0] = ratio;
  rtd->parameters[0] = (taup_rtd_parameter){"ratio", "", 0.0, 1e6, false};
  return hand_out(out, rtd, compose(rtd, n, parts, words));
}

tau_status tau_rtd_with(tau_rtd **out, const tau_rtd *from, const double values[])
{
  tau_rtd *rtd = start(from->root->kind, 0, from->n_parameters);
  if (!rtd) return TAU_E_NOMEM;
  tau_status st = TAU_OK;
  rtd->root = copy_part(rtd, from->root, 0);
  if (!rtd->root) st = TAU_E_NOMEM;
  for (int k = 0; k < from->n_parameters && st == TAU_OK; k++) {
    taup_rtd_parameter *p = &rtd->parameters[k];
    *p = from->parameters[k];
    p->path = taup_arena_strdup(&rtd->arena, from->parameters[k].path);
    p->unit = taup_arena_strdup(&rtd->arena, from->parameters[k].unit);
    if (!p->path || !p->unit) st = TAU_E_NOMEM;
    rtd->values[k] = values[k];
  }
  return hand_out(out, rtd, st);
}

/* --- what is there --- */

int tau_rtd_n_parameters(const tau_rtd *rtd) { return rtd->n_parameters; }
const char *tau_rtd_parameter_path(const tau_rtd *rtd, int i) { return rtd->parameters[i].path; }
const char *tau_rtd_parameter_unit(const tau_rtd *rtd, int i) { return rtd->parameters[i].unit; }
double tau_rtd_parameter_value(const tau_rtd *rtd, int i) { return rtd->values[i]; }
double tau_rtd_parameter_lower(const tau_rtd *rtd, int i) { return rtd->parameters[i].lower; }
double tau_rtd_parameter_upper(const tau_rtd *rtd, int i) { return rtd->parameters[i].upper; }
const char *tau_rtd_warning(const tau_rtd *rtd) { return rtd->warning[0] ? rtd->warning : NULL; }
int tau_rtd_n_atoms(const tau_rtd *rtd) { return rtd->n_atoms; }

void tau_rtd_atom(const tau_rtd *rtd, int i, double *time, double *weight)
{
  *time = rtd->atoms[i][0];
  *weight = rtd->atoms[i][1];
}

void tau_rtd_get_moments(const tau_rtd *rtd, tau_rtd_moments *out)
{
  const double *k = rtd->cumulants;
  *out = (tau_rtd_moments){k[0], k[1], k[2], isinf(k[1]) ? (double)INFINITY : k[2] / pow(k[1], 1.5)};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* unit_rtd.c - the distribution of residence times of a unit, and where its parameters come from.
 *
 * A model of `rtd:` has its own parameters, of which a time that is left out is V/Q. The kind's own distribution has the unit's parameters
 * of the same name (peclet, n), V/Q as its mean, and the row's defaults. */
#include "train/unit_rtd.h"

#include <math.h>
#include <string.h>

static bool is_time(const taup_rtd_parameter *p) { return strcmp(p->unit, "s") == 0; }

static int field_named(const taup_unit *u, const char *name)
{
  for (int i = 0; i < u->kind->n_fields; i++)
    if (strcmp(u->kind->fields[i].name, name) == 0) return u->p[i];
  return -1;
}

int taup_unit_rtd_source(const taup_unit *u, const tau_rtd *rtd, const double *inputs, int k)
{
  const taup_rtd_parameter *p = &rtd->parameters[k];
  const int given = u->rtd_p ? u->rtd_p[k] : field_named(u, p->path);
  if (given >= 0 && !isnan(inputs[given])) return given;
  if (is_time(p)) return TAUP_RTD_SPACE_TIME;
  return !u->rtd_p && strcmp(p->path, "peclet") == 0 ? TAUP_RTD_PECLET : TAUP_RTD_DEFAULT;
}

void taup_unit_rtd_values(const taup_unit *u, const tau_rtd *rtd, const double *inputs,
                          taup_unit_numbers numbers, double *values)
{
  for (int k = 0; k < rtd->n_parameters; k++) {
    const int from = taup_unit_rtd_source(u, rtd, inputs, k);
    switch (from) {
    case TAUP_RTD_SPACE_TIME: values[k] = numbers.space_time; break;
    case TAUP_RTD_PECLET: values[k] = numbers.peclet; break;
    case TAUP_RTD_DEFAULT: values[k] = rtd->values[k]; break;
    default: values[k] = inputs[from];
    }
  }
}

/* A row whose fields without a default are 1. */
static tau_status of_row(tau_rtd **out, const taup_rtd_row *row)
{
  const char *names[TAUP_RTD_MOST_FIELDS];
  double values[TAUP_RTD_MOST_FIELDS];
  int n = 0;
  for (int k = 0; k < row->n_fields; k++) {
    if (!isnan(row->fields[k].value)) continue;
    names[n] = row->fields[k].name;
    values[n++] = fmin(1.0, row->fields[k].upper);
  }
  return tau_rtd_new(out, row->name, n, names, values);
}

tau_status taup_unit_rtd(tau_rtd **out, const taup_description *d, int i_unit)
{
  const taup_unit *u = &d->units.items[i_unit];
  *out = NULL;
  if (d->unit_rtds[i_unit]) {
    *out = tau_rtd_ref(d->unit_rtds[i_unit]);
    return TAU_OK;
  }
  const char *own = u->open_ends ? "dispersion-open" : u->kind->rtd, *row = u->rtd ? u->rtd : own;
  return row ? of_row(out, taup_rtd_row_named(row)) : TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* parameter.c - the table of parameters, and text with a unit to one of them.
 *
 *     value [SI] = scale.factor x + scale.offset,   x [unit as written]
 *
 * An energy per mole written as a temperature is E/R: its factor carries R, so the line above holds for it
 * too. */
#include "model/parameter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "chem/kt/kt.h"

/* --- the table --- */

int taup_parameters_add(taup_parameters *table, const taup_parameter *parameter)
{
  if (taup_grow(&table->items, &table->capacity, table->n + 1, sizeof *table->items) < 0) return -1;
  taup_parameter p = *parameter;
  p.path = taup_arena_strdup(&table->arena, parameter->path);
  p.unit = parameter->unit ? taup_arena_strdup(&table->arena, parameter->unit) : taup_dim_name(p.dim);
  if (!p.path || !p.unit || taup_map_add(&table->by_path, p.path, table->n) < 0) return -1;
  table->items[table->n] = p;
  return table->n++;
}

int taup_parameters_find(const taup_parameters *table, const char *path)
{
  return taup_map_find(&table->by_path, path);
}

void taup_parameters_free(taup_parameters *table)
{
  taup_map_free(&table->by_path);
  taup_free(table->items);
  taup_arena_free(&table->arena);
  *table = (taup_parameters){0};
}

/* --- units as a chemist writes them --- */

static const struct {
  taup_dim dim;
  const char *text;
} examples[] = {
  {TAUP_INIT_VOLUME, "mL"},
  {TAUP_INIT_FLOW, "mL/min"},
  {TAUP_INIT_TIME, "min"},
  {TAUP_INIT_LENGTH, "mm"},
  {TAUP_INIT_TEMPERATURE, "degC"},
  {TAUP_INIT_MOLAR_ENERGY, "kJ/mol"},
  {TAUP_INIT_MOLAR_MASS, "g/mol"},
  {TAUP_INIT_PRESSURE, "bar"},
  {TAUP_INIT_MOLAR_FLOW, "mmol/min"},
  {TAUP_INIT_DENSITY, "kg/m^3"},
  {TAUP_INIT(0, 1, -1, 0, 0), "g/min"},
  {TAUP_INIT(2, 0, 0, 0, 0), "cm^2"},
  {TAUP_INIT(2, 1, -2, -1, -1), "J/mol/K"},
};

static size_t add_power(char *buffer, size_t n_bytes, size_t at, const char *name, double power)
{
  if (power == 0.0 || at >= n_bytes) return at;
  const char *separator = power < 0.0 ? (at ? "/" : "1/") : (at ? " " : "");
  const double size = power < 0.0 ? -power : power;
  const int n = size == 1.0 ? snprintf(buffer + at, n_bytes - at, "%s%s", separator, name)
                            : snprintf(buffer + at, n_bytes - at, "%s%s^%.6g", separator, name, size);
  return at + (size_t)n;
}

/* Products of concentrations and 1/s: in litres, what is above the line first. */
static bool in_litres(char *buffer, size_t n_bytes, taup_dim dim)
{
  const double power[] = {(double)dim.exponent[TAUP_M] / 3.0, (double)dim.exponent[TAUP_MOL],
                          (double)dim.exponent[TAUP_S]};
  static const char *const name[] = {"L", "mol", "s"};
  const taup_dim rest = {
    {0, dim.exponent[TAUP_KG], 0, dim.exponent[TAUP_K], 0, dim.exponent[TAUP_A], dim.exponent[TAUP_CD]}};
  if (!taup_dim_is_none(rest) || dim.exponent[TAUP_MOL] == 0.0f || fabs(power[0] + power[1]) > 1e-3)
    return false;
  size_t at = 0;
  for (int k = 0; k < 3; k++)
    if (power[k] > 0.0) at = add_power(buffer, n_bytes, at, name[k], power[k]);
  for (int k = 0; k < 3; k++)
    if (power[k] < 0.0) at = add_power(buffer, n_bytes, at, name[k], power[k]);
  return true;
}

const char *taup_dim_example(char *buffer, size_t n_bytes, taup_dim dim)
{
  for (size_t k = 0; k < sizeof examples / sizeof examples[0]; k++)
    if (taup_dim_equal(dim, examples[k].dim)) {
      snprintf(buffer, n_bytes, "%s", examples[k].text);
      return buffer;
    }
  if (!in_litres(buffer, n_bytes, dim)) taup_dim_text(buffer, n_bytes, dim);
  return buffer;
}

/* --- values --- */

static double as_written(const taup_parameter *p, double value)
{
  return p->scale.factor > 0.0 ? (value - p->scale.offset) / p->scale.factor : value;
}

static tau_status out_of_bounds(const taup_parameter *p, double value, double bound, const char *words)
{
  const char *unit = p->unit && *p->unit ? p->unit : taup_dim_name(p->dim);
  const bool unit_helps = bound != 0.0 || p->temperature;
  return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is %.6g%s%s; needs %s %.6g%s%s", p->path, as_written(p, value),
                   *unit ? " " : "", unit, words, as_written(p, unit_helps ? bound : 0.0),
                   *unit && unit_helps ? " " : "", unit_helps ? unit : "");
}

tau_status taup_parameter_check(const taup_parameter *p, double value)
{
  if (!isfinite(value)) return taup_fail(TAUP_ERR_NOT_FINITE, "%s is not a finite number", p->path);
  if (value < p->lower) return out_of_bounds(p, value, p->lower, p->positive ? "more than" : "at least");
  if (p->positive && value <= p->lower) return out_of_bounds(p, value, p->lower, "more than");
  if (value > p->upper) return out_of_bounds(p, value, p->upper, "at most");
  if (p->whole && value != floor(value))
    return taup_fail(TAUP_ERR_NOT_WHOLE, "%s is %.6g; needs a whole number", p->path, value);
  return TAU_OK;
}

static tau_status at_path(const taup_parameter *p, tau_status status)
{
  char why[512];
  snprintf(why, sizeof why, "%s", tau_last_error());
  return taup_fail_as(status, taup_last_kind(), "%s: %s", p->path, why);
}

static tau_status other_dimension(const taup_parameter *p, const char *text)
{
  char needed[64];
  taup_dim_example(needed, sizeof needed, p->dim);
  if (!*needed)
    return taup_fail(TAUP_ERR_WRONG_UNIT, "%s is '%s', in %s; needs a number without a unit", p->path, text,
                     p->unit);
  if (!*p->unit)
    return taup_fail(TAUP_ERR_MISSING_UNIT, "%s is '%s', without a unit; needs %s or the like", p->path, text,
                     needed);
  return taup_fail(TAUP_ERR_WRONG_UNIT, "%s is in %s; needs %s or the like", p->path, p->unit, needed);
}

/* The scale that turns what was written into SI, or a mistake about its unit. */
static tau_status settle_unit(taup_parameter *p, const taup_quantity *q, const char *text, bool bare_si)
{
  if (q->bare && (bare_si || taup_dim_is_none(p->dim))) {
    p->scale = (taup_unit_scale){1.0, 0.0, p->dim};
    p->unit = NULL;
    return TAU_OK;
  }
  p->scale = q->scale;
  p->unit = q->unit_text;
  if (q->bare) return other_dimension(p, text);
  const bool as_temperature = p->molar_energy && taup_dim_equal(q->scale.dim, TAUP_DIM_TEMPERATURE);
  if (!as_temperature && !taup_dim_equal(q->scale.dim, p->dim)) return other_dimension(p, text);
  if (q->scale.offset != 0.0 && !p->temperature)
    return taup_fail(TAUP_ERR_OFFSET_UNIT, "%s is in %s, a scale with a zero of its own; needs K or degR",
                     p->path, p->unit);
  if (as_temperature) p->scale = (taup_unit_scale){TAUP_R * q->scale.factor, 0.0, p->dim};
  return TAU_OK;
}

tau_status taup_parameter_read(taup_parameter *p, const char *text, bool bare_si)
{
  taup_quantity q;
  p->unit = NULL;
  const tau_status st = taup_quantity_parse(text, &q);
  if (st < 0) return at_path(p, st);
  TAU_TRY(settle_unit(p, &q, text, bare_si));
  /* q is in SI already, but for an energy given as a temperature */
  const double energy = p->molar_energy && !taup_dim_equal(q.scale.dim, p->dim) && !q.bare ? TAUP_R : 1.0;
  p->value = energy * q.value;
  p->uncertainty = energy * q.uncertainty;
  return taup_parameter_check(p, p->value);
}

tau_status taup_parameter_value(const taup_parameter *parameter, const char *text, double *value,
                                double *uncertainty)
{
  taup_parameter p = *parameter;
  TAU_TRY(taup_parameter_read(&p, text, false));
  *value = p.value;
  *uncertainty = p.uncertainty;
  return TAU_OK;
}

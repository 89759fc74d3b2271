/* SPDX-License-Identifier: Apache-2.0 */
/* kinds.c - the tables as users see them. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "reactor/unit.h"
#include "rtd/rtd.h"
#include <tautrain/kinds.h>

int tau_table_n_rows(tau_table table)
{
  switch (table) {
  case TAU_TABLE_LAW: return taup_n_laws;
  case TAU_TABLE_KT: return taup_n_kts;
  case TAU_TABLE_UNIT: return taup_n_unit_kinds;
  case TAU_TABLE_SOLVENT: return taup_n_solvents;
  case TAU_TABLE_RTD: return taup_n_rtd_rows;
  }
  return 0;
}

const char *tau_table_name(tau_table table, int i)
{
  switch (table) {
  case TAU_TABLE_LAW: return taup_laws[i]->name;
  case TAU_TABLE_KT: return taup_kts[i]->name;
  case TAU_TABLE_UNIT: return taup_unit_kinds[i]->name;
  case TAU_TABLE_SOLVENT: return taup_solvents[i].name;
  case TAU_TABLE_RTD: return taup_rtd_rows[i]->name;
  }
  return NULL;
}

const char *tau_table_doc(tau_table table, int i)
{
  switch (table) {
  case TAU_TABLE_LAW: return taup_laws[i]->doc;
  case TAU_TABLE_KT: return taup_kts[i]->doc;
  case TAU_TABLE_UNIT: return taup_unit_kinds[i]->doc;
  case TAU_TABLE_SOLVENT: return taup_solvents[i].source;
  case TAU_TABLE_RTD: return taup_rtd_rows[i]->doc;
  }
  return NULL;
}

static const taup_field *fields_of(tau_table table, int i, int *n)
{
  switch (table) {
  case TAU_TABLE_LAW: *n = taup_laws[i]->n_fields; return taup_laws[i]->fields;
  case TAU_TABLE_KT: *n = taup_kts[i]->n_fields; return taup_kts[i]->fields;
  case TAU_TABLE_UNIT: *n = taup_unit_kinds[i]->n_fields; return taup_unit_kinds[i]->fields;
  case TAU_TABLE_RTD: *n = taup_rtd_rows[i]->n_fields; return taup_rtd_rows[i]->fields;
  case TAU_TABLE_SOLVENT: break;
  }
  *n = 0;
  return NULL;
}

static const struct {
  const char *name, *unit, *doc;
} solvent_rows[] = {{"molar_mass", "kg/mol", "molar mass"},
                    {"boiling_point", "K", "boiling point at 1 atm"},
                    {"density", "kg/m^3", "density at 25 degC"},
                    {"heat_capacity", "J/kg/K", "heat capacity at 25 degC"}};

static tau_parameter_info solvent_property(int i, int k)
{
  const taup_solvent *s = &taup_solvents[i];
  const double values[] = {s->molar_mass, s->boiling_point, s->density_25C, s->heat_capacity_25C};
  return (tau_parameter_info){solvent_rows[k].name, solvent_rows[k].unit, 0.0, (double)INFINITY, values[k],
                              solvent_rows[k].doc};
}

int tau_table_n_parameters(tau_table table, int i)
{
  int n;
  fields_of(table, i, &n);
  return table == TAU_TABLE_SOLVENT ? (int)(sizeof solvent_rows / sizeof solvent_rows[0]) : n;
}

tau_parameter_info tau_table_parameter(tau_table table, int i, int k)
{
  int n;
  const taup_field *fields = fields_of(table, i, &n);
  if (table == TAU_TABLE_SOLVENT) return solvent_property(i, k);
  const taup_field *f = &fields[k];
  return (tau_parameter_info){f->name,  f->flags & TAUP_FIELD_OWN_DIM ? NULL : taup_dim_name(f->dim),
                              f->lower, f->upper,
                              f->value, f->doc};
}

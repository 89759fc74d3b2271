/* SPDX-License-Identifier: Apache-2.0 */
/* parameter.h - the table of all numbers that go in, by path. */
#ifndef TAUP_PARAMETER_H
#define TAUP_PARAMETER_H

#include "base/alloc.h"
#include "base/field.h"
#include "base/map.h"
#include "chem/units.h"
#include "model/tree.h"

/* All texts live in the arena of the table. */
typedef struct taup_parameter {
  const char *path; /* "reactions/a/k/Ea": the name of the k(T) form left out */
  double value;     /* SI; NAN: not given (another member of its group is, or an optional one) */
  double uncertainty;
  double lower, upper; /* bounds, SI */
  bool positive;       /* the lower bound itself is refused */
  bool whole;          /* a whole number */
  taup_dim dim;
  taup_unit_scale scale; /* of the unit as written */
  const char *unit;      /* as written; SI text where nothing was written */
  const char *doc;
  int group;         /* alternatives share a number > 0; 0: none */
  bool molar_energy; /* text may give it as a temperature, E/R */
  bool temperature;  /* an absolute temperature */
} taup_parameter;

typedef struct taup_parameters {
  taup_arena arena;
  taup_parameter *items;
  int n, capacity;
  int n_groups;
  taup_map by_path;
} taup_parameters;

/* Adds a parameter and returns its index; -1 when memory is out. path and unit are copied. */
int taup_parameters_add(taup_parameters *table, const taup_parameter *parameter);
int taup_parameters_find(const taup_parameters *table, const char *path);
void taup_parameters_free(taup_parameters *table);

/* Text with unit to SI for a parameter, its dimension and bounds checked.
 * Errors: TAU_E_PARSE, TAU_E_UNITS, TAU_E_VALUE; one line that names the path. */
tau_status taup_parameter_value(const taup_parameter *parameter, const char *text, double *value,
                                double *uncertainty);
/* The same for a number of a file: value, uncertainty, scale and unit (borrowed from text) of *parameter are set; a number without a
 * unit is SI when bare_si. With a unit of another dimension `unit` is set too. */
tau_status taup_parameter_read(taup_parameter *parameter, const char *text, bool bare_si);
/* A unit that a chemist would write for a dimension, "L/mol/s"; SI where there is none. Returns buffer. */
const char *taup_dim_example(char *buffer, size_t n_bytes, taup_dim dim);
/* Bounds alone. */
tau_status taup_parameter_check(const taup_parameter *parameter, double value);

#endif

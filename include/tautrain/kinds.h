/* SPDX-License-Identifier: Apache-2.0 */
/* kinds.h - what the library knows: its tables of rate laws, k(T) forms, unit models, solvents and residence-time models.
 *
 * The tables are constant; every pointer lives for ever. Documentation, Python help and completion are made from them. */
#ifndef TAUTRAIN_KINDS_H
#define TAUTRAIN_KINDS_H

#include <tautrain/export.h>

TAU_BEGIN_DECLS

typedef enum tau_table {
  TAU_TABLE_LAW,     /* rate laws: mass-action, power, ... */
  TAU_TABLE_KT,      /* forms of k(T): constant, arrhenius, ... */
  TAU_TABLE_UNIT,    /* unit models: mixer, pfr, ... */
  TAU_TABLE_SOLVENT, /* solvents; their parameters are the properties at 25 degC */
  TAU_TABLE_RTD      /* models of residence time: plug, tanks, dispersion, ... */
} tau_table;

/* One parameter of a kind. */
typedef struct tau_parameter_info {
  const char *name; /* key in the model file */
  const char *
    unit; /* SI unit as text, "m^3"; "" for a number without one; NULL where it follows from elsewhere (k from the order) */
  double lower, upper; /* bounds, SI; infinite where there is none */
  double value;        /* default, SI; NAN where it must be given or the key may be left out */
  const char *doc;     /* one line */
} tau_parameter_info;

/* Number of rows of a table, and the name of a row: the word of the model file. i_row is below the number of rows. */
TAU_API int tau_table_n_rows(tau_table table);
TAU_API const char *tau_table_name(tau_table table, int i_row);
/* What the row is, in a line or a few; with the source of the method. */
TAU_API const char *tau_table_doc(tau_table table, int i_row);
/* Number of parameters of a row. */
TAU_API int tau_table_n_parameters(tau_table table, int i_row);
/* A parameter of a row, in the order of the documentation: name, unit, bounds, default, meaning. i_parameter is below their number. */
TAU_API tau_parameter_info tau_table_parameter(tau_table table, int i_row, int i_parameter);
/* The equation of a row printed from its expression graph as LaTeX, or NULL where it has none (tanks and tubes have several: separated
 * by newlines). Valid until the next call of the same thread. */
TAU_API const char *tau_table_latex(tau_table table, int i_row);

TAU_END_DECLS
#endif

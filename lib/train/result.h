/* SPDX-License-Identifier: Apache-2.0 */
/* result.h - how a result is stored: a layout (names and places, shared by all results of a train) and one block of numbers.
 *
 * The block `data` holds everything that is one number or one vector of a run, at the offsets that taup_layout gives; profiles stand apart.
 * A result read from a file has a layout of its own, made from the file. */
#ifndef TAUP_RESULT_H
#define TAUP_RESULT_H

#include "base/alloc.h"
#include "base/map.h"
#include "base/status.h"
#include <tautrain/result.h>

/* Scalars of a unit, in data[unit.scalars + ...]. */
typedef enum taup_scalar {
  TAUP_SCALAR_SIZE, /* volume [m^3]; batch: time [s] */
  TAUP_SCALAR_RESIDENCE_TIME,
  TAUP_SCALAR_LENGTH, /* [m]; NAN without a diameter */
  TAUP_SCALAR_T_MAX,
  TAUP_SCALAR_POSITION_T_MAX, /* in the unit's own coordinate */
  TAUP_SCALAR_DUTY,
  TAUP_SCALAR_ADIABATIC_RISE,
  TAUP_SCALAR_RELEASED, /* heat released by reaction [W] */
  TAUP_SCALAR_ENERGY_ERROR,
  TAUP_SCALAR_STABLE,     /* of a tank: 1, 0; NAN unknown or no tank */
  TAUP_SCALAR_END,        /* where a march ended, as a fraction of its size (1 without until) */
  TAUP_SCALAR_GRID_ERROR, /* of a dispersed tube: estimated, relative, at its outlet */
  TAUP_SCALAR_PECLET,     /* of a dispersed tube: u L / D_ax, as used */
  TAUP_SCALAR_DISPERSION, /* its D_ax [m^2/s]; NAN without a diameter */
  TAUP_N_SCALARS
} taup_scalar;

/* A stream is F [n_species], c [n_species], T, P, flow, mass flow. */
enum { TAUP_STREAM_T, TAUP_STREAM_P, TAUP_STREAM_FLOW, TAUP_STREAM_MASS, TAUP_STREAM_EXTRA };
static inline int taup_stream_size(int n_species) { return 2 * n_species + TAUP_STREAM_EXTRA; }

typedef struct taup_unit_layout {
  const char *name, *kind;
  int n_outlets;
  const char *const *outlets; /* port names, "" for the only one */
  const char *coordinate;     /* "volume", "length", "time"; NULL: no profile */
  const char *coordinate_unit;
  int most_points; /* room of its profile */
  /* offsets into data */
  int inlet, outlet;     /* streams; outlet k at outlet + k * stream size */
  int scalars;           /* TAUP_N_SCALARS */
  int max_c, at_T_max_c; /* n_species */
  int k, rate;           /* n_reactions, at the outlet */
} taup_unit_layout;

/* Scalars of the whole, at data[TAUP_WHOLE_...]. */
enum {
  TAUP_WHOLE_RESIDENCE_TIME,
  TAUP_WHOLE_CLOSURE,
  TAUP_WHOLE_ENERGY,
  TAUP_WHOLE_VOLUME,
  TAUP_WHOLE_MASS_IN,
  TAUP_WHOLE_TIME,
  TAUP_N_WHOLE
};

/* What a run finds out beside its streams, where it is asked for. */
enum {
  TAUP_NEED_COMPUTED = 1 << 0, /* observables that are no place in the data */
  TAUP_NEED_RATES = 1 << 1,
  TAUP_NEED_K = 1 << 2,
  TAUP_NEED_HEAT = 1 << 3,   /* heat released, duty, the energy balance */
  TAUP_NEED_MAXIMA = 1 << 4, /* the hottest place, the largest concentrations */
  TAUP_NEED_CLOSURE = 1 << 5,
  TAUP_NEED_MASS = 1 << 6,
  TAUP_NEED_PROFILES = 1 << 7,
  TAUP_NEED_WARNINGS = 1 << 8,
  TAUP_NEED_VALUES = 1 << 9, /* the values of all observables: else those that are places are read there */
  TAUP_NEED_ALL = (1 << 10) - 1
};

typedef struct taup_layout {
  int refs; /* atomic */
  taup_arena arena;
  const char *title, *evidence;
  int n_species, n_reactions, n_units, n_parameters, n_observables, n_balances;
  const char *const *species, *const *reactions;
  const char *const *equations; /* of the reactions; may be "" */
  taup_unit_layout *units;
  const tau_parameter *parameters; /* value: the model's own */
  const tau_observable *observables;
  const int *observable_offset;     /* into data; -1: computed (see values) */
  const unsigned *observable_needs; /* TAUP_NEED_..., of a train's layout */
  const char *const *balance_names;
  taup_map observable_by_path, parameter_by_path, unit_by_name;
  int total; /* offset of the totals of all feeds, n_species */
  int n_data;
  const char *model_text;
  size_t n_model_text;
} taup_layout;

/* An empty layout with one reference; texts are put into its arena by the maker. */
tau_status taup_layout_new(taup_layout **out);
taup_layout *taup_layout_ref(taup_layout *layout);
void taup_layout_drop(taup_layout *layout);
/* Give offsets to the units (n_species, n_reactions, units[].n_outlets must be set) and fill the maps. */
tau_status taup_layout_place(taup_layout *layout);

/* Profile of a unit; arrays of most_points rows. */
typedef struct taup_profile_store {
  int n_points;
  double *position, *c, *T, *flow, *rate, *heat_rate;
} taup_profile_store;

enum { TAUP_MOST_WARNINGS = 32 };

struct tau_result {
  taup_layout *layout;
  tau_status status;
  taup_error kind; /* of the message */
  int i_ended;     /* unit in which the run ended early; -1: in none */
  char message[1024];
  int n_warnings;
  char *warnings[TAUP_MOST_WARNINGS]; /* space for TAUP_WARNING_BYTES each */
  double *data;                       /* n_data */
  double *values;                     /* n_observables */
  double *inputs;                     /* n_parameters */
  taup_profile_store *profiles;       /* n_units */
  tau_statistics *statistics;         /* n_units */
  tau_balance *balances;              /* n_balances */
  double rtol, atol, max_time;        /* options of the run, as used; max_time infinite without one */
  int max_steps;
  double wall_time;
};

enum { TAUP_WARNING_BYTES = 256 };

/* A result with room for everything of a layout (a reference is taken), all numbers NAN. */
tau_status taup_result_new(tau_result **out, taup_layout *layout);
void taup_result_clear(tau_result *result, unsigned needs /* TAUP_NEED_...: the rest is not looked at */);
/* One line, said once: an equal one is not added again. */
void taup_result_warn(tau_result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

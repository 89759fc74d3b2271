/* SPDX-License-Identifier: Apache-2.0 */
/* unit.h - unit models. One kind, one file, one row in table.c; it writes its local balance as nodes, once. */
#ifndef TAUP_UNIT_H
#define TAUP_UNIT_H

#include "model/chemistry.h"

enum { TAUP_UNIT_MOST_FIELDS = 12, TAUP_MOST_TANKS = 1000 };

typedef enum taup_family {
  TAUP_JUNCTION,    /* no volume: flows are added or divided */
  TAUP_DISTRIBUTED, /* accumulation + transport = sources: a tube */
  TAUP_WELL_MIXED,  /* accumulation = in - out + sources: a tank */
  TAUP_CLOSED       /* well mixed without in and out: a batch */
} taup_family;

typedef enum taup_unit_flag {
  TAUP_UNIT_TUBE = 1,       /* has a length and a diameter: the jacket's area follows */
  TAUP_UNIT_UNTIL = 2,      /* `until:` and `at:` */
  TAUP_UNIT_START = 4,      /* `start:` */
  TAUP_UNIT_CHARGE = 8,     /* `charge:` in place of `in` */
  TAUP_UNIT_OUTLETS = 16,   /* `outlets:`, name/port */
  TAUP_UNIT_AT = 32,        /* `at:` without `until:` */
  TAUP_UNIT_ENDS = 64,      /* `ends:` */
  TAUP_UNIT_RELATION = 128, /* `tube:`, a relation in place of a number of the second group */
  TAUP_UNIT_VOLUMES = 256   /* `volumes:`, a list, in place of its fields */
} taup_unit_flag;

/* How a unit carries what is in it. TAUP_CASCADE: of tanks, one after another. */
typedef enum taup_transport { TAUP_PLUG, TAUP_DISPERSED, TAUP_CASCADE } taup_transport;

/* How far what is in a unit mixes with what is older or younger, where it is run in its distribution of residence times (train/ages.h). */
typedef enum taup_mixing {
  TAUP_NOT_AGED,   /* the kind's own equations */
  TAUP_SEGREGATED, /* never */
  TAUP_MAXIMUM,    /* as early as the distribution lets it */
  TAUP_EXCHANGE    /* in a time of its own */
} taup_mixing;

struct taup_builder;

typedef struct taup_unit_kind {
  const char *name;
  const char *doc; /* with the source of the equations */
  taup_family family;
  taup_transport transport;
  const char *rtd;    /* row of its own distribution of residence times; NULL: of a junction, a batch */
  taup_mixing mixing; /* of a kind that is run in its distribution */
  int flags;
  const taup_field *fields; /* TAUP_FIELD_ALTERNATIVE: exactly one of these is given; ..._2: of these */
  int n_fields;
  void (*balance)(struct taup_builder *b); /* NULL for a junction */
} taup_unit_kind;

struct taup_unit;
/* The family whose equations a unit has: what ages is followed from its entrance on, whatever vessel it is in. */
taup_family taup_family_of(const struct taup_unit *unit);
/* Whether it is a field of cells, to be solved as a whole. */
bool taup_is_field(const struct taup_unit *unit);

extern const taup_unit_kind *const taup_unit_kinds[];
extern const int taup_n_unit_kinds;

typedef enum taup_heat { TAUP_HEAT_FEED, TAUP_HEAT_SET, TAUP_HEAT_ADIABATIC, TAUP_HEAT_JACKET } taup_heat;

/* By which relation axial dispersion follows from the tube: `tube:`. */
typedef enum taup_tube { TAUP_TUBE_NONE, TAUP_TUBE_STRAIGHT, TAUP_TUBE_PACKED } taup_tube;

typedef struct taup_inlet {
  bool is_feed;
  int index; /* of the feed or the unit (as written in the file) */
  int port;  /* outlet of that unit */
} taup_inlet;

typedef enum taup_coordinate {
  TAUP_BY_VOLUME,
  TAUP_BY_LENGTH,
  TAUP_BY_TIME
} taup_coordinate; /* time: of a batch, or the space time of a tube */

typedef struct taup_unit {
  const char *name;
  const taup_unit_kind *kind;
  int p[TAUP_UNIT_MOST_FIELDS]; /* parameters in the order of kind->fields; each has an index, its value is NAN where not given */
  taup_heat heat;
  int temperature; /* TAUP_HEAT_SET */
  int jacket_temperature, jacket_U,
    jacket_area; /* TAUP_HEAT_JACKET; area is a parameter of value NAN where it follows from a tube's diameter */
  taup_tube tube;
  bool open_ends; /* of a dispersed tube: of its distribution; what is steady does not know them */
  int n_inlets;
  const taup_inlet *inlets;
  int n_outlets;              /* 1, or more for a splitter */
  const char *const *outlets; /* port names; NULL for one outlet */
  const int *fractions;       /* parameters of a splitter; -1: the rest */
  const char
    *until; /* path of an observable, relative to what the unit's outlet would be ("conversion/DFNB"); NULL */
  bool until_rises; /* >= (else <=) */
  int until_value;  /* parameter "units/u/until" */
  int n_at;
  const double *at; /* SI, ascending */
  taup_coordinate at_coordinate;
  bool has_start;
  int start_temperature; /* parameters; -1; the latter: of a tube */
  int start_conversion;
  int n_start;
  const taup_amount *start;
  int n_volumes; /* of a cascade that gives them: its tanks, and their parameters; p has none then */
  const int *volumes;
  int charge_volume, charge_temperature;
  int n_charge;
  const taup_amount *charge;
  const char
    *rtd; /* `rtd:`, another distribution than the kind's own: its model, or its name for messages; NULL */
  taup_mixing mixing; /* `mixing:`, or the kind's */
  int mixing_time;    /* parameter: TAUP_EXCHANGE; -1 */
  int n_rtd_p;
  const int *rtd_p; /* its parameters; of a model its fields, and its time is NAN where V/Q is meant */
} taup_unit;

typedef struct taup_units {
  int n;
  taup_unit *items; /* as written in the file; in the arena of the chemistry */
  taup_map by_name;
} taup_units;

/* Read `units:`. Names of inlets are resolved (units in any order); keys are checked against the kind's fields, flags and the heat options;
 * a feed or outlet used twice, a missing jacket area, a batch with `in`, adiabatic without heats ... are mistakes. Loops are left to the
 * train. */
tau_status taup_units_read(taup_units *out, taup_reader *reader, const taup_tree *root);
void taup_units_free(taup_units *units);

#endif

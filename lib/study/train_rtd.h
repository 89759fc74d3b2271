/* SPDX-License-Identifier: Apache-2.0 */
/* train_rtd.h - the pieces of the distribution of a train: flows, expressions of parts, what is built of them. */
#ifndef TAUP_TRAIN_RTD_H
#define TAUP_TRAIN_RTD_H

#include "train/train.h"
#include <tautrain/train_rtd.h>

enum { TAUP_NETWORK_MOST_UNITS = 2000, TAUP_NETWORK_MOST_PARTS = 5000 };

/* Units with numbers: who takes what, and how much flows. */
typedef struct taup_network {
  const taup_description *d;
  const double *values; /* of all parameters */
  taup_arena arena;
  int *feed_taker;    /* [n_feeds]: unit */
  double *feed_flow;  /* [n_feeds] [m^3/s] */
  int *first_port;    /* [n_units + 1] */
  int *port_taker;    /* by port: unit; -1: an end */
  double *port_share; /* by port: of what leaves the unit */
  double *flow;       /* [n_units]: through the unit [m^3/s] */
} taup_network;

/* feeds: the program of the feeds of d. */
tau_status taup_network_new(taup_network *out, const taup_description *d, const double *values,
                            const taup_program *feeds);
void taup_network_free(taup_network *network);
/* The distribution of one unit; of a junction without `rtd:` NULL. */
tau_status taup_network_unit(tau_rtd **out, const taup_network *network, int i_unit);
/* "split/back" or "coil", in buffer. */
const char *taup_network_port_name(const taup_network *network, int i_unit, int port, char *buffer,
                                   size_t n_bytes);

/* --- expressions over the units; indices of an array, TAUP_PART_NOTHING where nothing takes time --- */
enum { TAUP_PART_NOTHING = -1 };

typedef enum taup_part_kind {
  TAUP_PART_UNIT,
  TAUP_PART_SERIES,
  TAUP_PART_PARALLEL,
  TAUP_PART_LOOP
} taup_part_kind;

typedef struct taup_part {
  taup_part_kind kind;
  int a, b;    /* parts; a unit's index in a */
  double x;    /* parallel: the fraction of a; loop: its ratio (a forward, b back) */
  double size; /* units in it, each as often as it occurs */
} taup_part;

typedef struct taup_parts {
  taup_part *items;
  int n, capacity;
  bool failed; /* no memory */
} taup_parts;

int taup_part_unit(taup_parts *p, int i_unit);
int taup_part_series(taup_parts *p, int a, int b);
int taup_part_parallel(taup_parts *p, int a, int b, double fraction_of_a);
int taup_part_loop(taup_parts *p, int forward, int back, double ratio);
double taup_part_size(const taup_parts *p, int part);
void taup_parts_free(taup_parts *p);
tau_status taup_parts_build(tau_rtd **out, const taup_parts *p, int part, const taup_network *network);

#endif

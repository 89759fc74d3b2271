/* SPDX-License-Identifier: Apache-2.0 */
/* random_model.h - a random model as text, with what the writer knows of it and the library must find again. */
#ifndef TAUTRAIN_RANDOM_MODEL_H
#define TAUTRAIN_RANDOM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_SPECIES = 12, MOST_REACTIONS = 16, MOST_UNITS = 20, MOST_PORTS = 3, MOST_BYTES = 32768 };

typedef struct random_model {
  char text[MOST_BYTES]; /* the model file */
  int n_species, n_reactions, n_units;
  double nu[MOST_REACTIONS][MOST_SPECIES]; /* of the species A, B, ... in that order */
  int n_ports[MOST_UNITS];                 /* outlets of units u0, u1, ... */
  bool is_end[MOST_UNITS][MOST_PORTS];     /* outlets that leave the train */
  bool is_mixed[MOST_UNITS];               /* run in their distributions of residence times */
  bool is_batch, has_formulas, has_temperature;
  bool is_overfull; /* a feed holds more than fits: the run must be refused */
} random_model;

/* The name of species i. */
const char *random_species(int i);

/* Model number `index` of a series: the same arguments give the same bytes on every machine. */
void random_model_write(random_model *m, uint64_t seed, uint64_t index);

#endif

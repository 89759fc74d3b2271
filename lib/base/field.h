/* SPDX-License-Identifier: Apache-2.0 */
/* field.h - one parameter of a kind: the row from which reading, checking, writing, help and documentation follow. */
#ifndef TAUP_FIELD_H
#define TAUP_FIELD_H

#include <math.h>

#include "base/dim.h"

typedef enum taup_field_flag {
  TAUP_FIELD_OPTIONAL = 1,       /* may be left out; `value` is used then (NAN: nothing is) */
  TAUP_FIELD_OWN_DIM = 2,        /* the dimension follows from elsewhere (a rate constant: from the order) */
  TAUP_FIELD_TEMPERATURE = 4,    /* an absolute temperature: affine units (degC) are meant */
  TAUP_FIELD_MOLAR_ENERGY = 8,   /* may be given as E/R, a temperature */
  TAUP_FIELD_POSITIVE = 16,      /* 0 is refused too */
  TAUP_FIELD_ALTERNATIVE = 32,   /* one of a group: exactly one of the kind's alternatives is given */
  TAUP_FIELD_ALTERNATIVE_2 = 64, /* one of a second such group */
  TAUP_FIELD_RELATION = 128,     /* read by relations for the flow (axial dispersion, which model holds) */
  TAUP_FIELD_WHOLE = 256         /* a whole number */
} taup_field_flag;

typedef struct taup_field {
  const char *name;
  taup_dim dim;
  double lower, upper; /* bounds, SI */
  double value;        /* default, SI; NAN where there is none */
  int flags;
  const char *doc;
} taup_field;

#endif

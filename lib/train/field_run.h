/* SPDX-License-Identifier: Apache-2.0 */
/* field_run.h - a dispersed tube, for those who differentiate it; for lib/train alone. */
#ifndef TAUP_FIELD_RUN_H
#define TAUP_FIELD_RUN_H

#include "train/train.h"

/* Where each concentration and, last, T is largest in a tube, s, and how large. */
typedef struct taup_field_tops {
  double *s, *value; /* n_species + 1 */
} taup_field_tops;

/* The field of the stage, which was entered: as the run left it, or (another stage has the same program) found again. */
tau_status taup_field_again(tau_workspace *w, int i_stage, int i_program, taup_field_tops *tops);

#endif

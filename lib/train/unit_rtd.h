/* SPDX-License-Identifier: Apache-2.0 */
/* unit_rtd.h - the distribution of residence times of a unit: that of its `rtd:`, or the kind's own. */
#ifndef TAUP_UNIT_RTD_H
#define TAUP_UNIT_RTD_H

#include "rtd/rtd.h"
#include "train/description.h"

/* With some values of its parameters: those of the file, where it says them. Of a junction without `rtd:` NULL. */
tau_status taup_unit_rtd(tau_rtd **out, const taup_description *d, int i_unit);

/* Where parameter k of the distribution is taken from: a parameter of the model, or one of these. */
enum { TAUP_RTD_SPACE_TIME = -1, TAUP_RTD_PECLET = -2, TAUP_RTD_DEFAULT = -3 };
int taup_unit_rtd_source(const taup_unit *u, const tau_rtd *rtd, const double *inputs, int k);

/* What a distribution takes from its unit where nobody says it. */
typedef struct taup_unit_numbers {
  double space_time, peclet; /* V/Q [s]; of a dispersed tube */
} taup_unit_numbers;
/* The parameters of the distribution with the inputs of a run, [tau_rtd_n_parameters]. */
void taup_unit_rtd_values(const taup_unit *u, const tau_rtd *rtd, const double *inputs,
                          taup_unit_numbers numbers, double *values);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* train_fits.h - numbers of a fit of a train's parameters to measured runs. */
#ifndef ORACLE_TRAIN_FITS_H
#define ORACLE_TRAIN_FITS_H

#include <stdbool.h>

/* Whether a *.fit has a line "model: ...". */
bool is_train_fit(const char *folder, const char *name);

/* The number that `path` names, of such a fit; NAN (and a line on standard output) when there is none:
 *
 *     model: chain.yaml
 *     start: reactions/first/k=0.7 1/min; reactions/second/k=0.1 1/min
 *     sigma: known                     (only where it is)
 *     points: points.txt
 *
 * The first line of the points heads their columns, path[unit]: inputs and observables, after an observable perhaps sigma[unit]. Without it
 * an observable's sigma is 1 of its unit. Parameters come out in the units of their starts.
 *
 * Paths: value and error and a parameter; chi2; predict <observable>[unit] <input>[unit] <number>; eigenvalue 0 or 1 of J^T J at the start
 * (two parameters), in the units of columns and starts. Options are the defaults. */
double train_fit_number(const char *folder, const char *name, const char *path);

#endif

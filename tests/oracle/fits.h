/* SPDX-License-Identifier: Apache-2.0 */
/* fits.h - numbers of a fit that a case states. */
#ifndef ORACLE_FITS_H
#define ORACLE_FITS_H

#include <stdbool.h>

/* Whether a model of expected.csv is a fit: "start1.fit". */
bool is_fit(const char *model);

/* The number that `path` names, of the fit that the file of the folder describes; NAN (and a line on standard output) when there is none:
 *
 *     curve: b1*(1 - exp(-b2*x))
 *     start: b1=500.0 b2=0.0001
 *     sigma: known                     (only where it is: errors are not scaled by chi2/dof)
 *     points: points.txt
 *
 * (with `model: chain.yaml` in place of the curve it is a fit of a train: train_fits.h). The first line of the points names their
 * columns: variables, then y, then perhaps `sigma`. Paths: value, error, half-width, lower or upper (profile) and a parameter; covariance
 * or correlation and two; chi2; sigma. The level is 95 %, all options are the defaults. */
double fit_number(const char *folder, const char *model, const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tracers.h - numbers of tracer curves and of dispersion that a case states. */
#ifndef ORACLE_TRACERS_H
#define ORACLE_TRACERS_H

#include <stdbool.h>

/* Whether a model of expected.csv is a tracer curve or a tube: "pulse.tracer", "capillary.tracer". */
bool is_tracer(const char *model);

/* The number that `path` names, in `unit`; NAN (and a line on standard output) when there is none. The file has a line for each of
 *
 *     rule: simpson                       trapezoid where it is not given
 *     time: min                           unit of t
 *     t: 0 5 10                           numbers
 *     signal: 0 3 5
 *     rate: 0.307 1/min                   of a first-order reaction; or rate_times_mean: 3
 *     geometry: tube                      or plates, with flow, diameter, length, diffusivity (texts with units), in place of a curve
 *
 * Paths of a curve: area, mean, variance, theta2, tanks, peclet_small, peclet_closed, peclet_open, "1/" before one of these; outlet/curve
 * (the trapezoid rule of E exp(-k t) on the points). Of a tube: velocity, residence_time, dispersion, bodenstein, fourier, kappa. Of
 * both, for a vessel of their mean and variance or Bo: outlet/tanks, outlet/dispersion, outlet/plug, outlet/cstr (the transform at s = k),
 * model/theta2 and model/tanks (of closed dispersion). All options are the defaults. */
double tracer_number(const char *folder, const char *model, const char *path, const char *unit);

#endif

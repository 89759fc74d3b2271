/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_rtd.h - numbers of distributions. */
#ifndef ORACLE_RTD_H
#define ORACLE_RTD_H

#include <tautrain.h>

/* The number at a path "rtd:..." of a model file, in unit; NAN (and a line of text) where there is none. */
double oracle_rtd(const char *file, const char *path, const char *unit);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* fit_file.h - a fit as an HDF5 file (docs/reference/results-file.md).
 *
 *     tau_fit_save_options options = TAU_FIT_SAVE_OPTIONS_INIT;
 *     options.x = seconds, options.x_name = "time", options.x_unit = "s";
 *     tau_fit_save("fit.h5", fit, &options);
 *
 * Any number of threads may save fits of their own at once; HDF5 itself is entered by one of them after the other. */
#ifndef TAUTRAIN_FIT_FILE_H
#define TAUTRAIN_FIT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/fit.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_fit_save_options {
  size_t size;              /* of this struct, set by the INIT */
  const char *const *units; /* one for each parameter, as they shall stand in the file; NULL: none is known, "" */
  const double *x;          /* coordinate of the points, ascending; NULL: their numbers from 0 */
  const char *x_name, *x_unit, *y_unit; /* NULL: "x", "", "" */
  const char *title, *command;          /* NULL: "" */
  bool overwrite;                       /* an existing file may be replaced */
} tau_fit_save_options;

#define TAU_FIT_SAVE_OPTIONS_INIT                                                 \
  {                                                                               \
    sizeof(tau_fit_save_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, false \
  }

/* Write a fit as /fit/{parameters, points} and its covariance. options: NULL for the defaults. The file appears whole or not at all.
 * Errors: TAU_E_EXISTS; TAU_E_IO (folder, rights, disk); TAU_E_NOMEM. */
TAU_API tau_status tau_fit_save(const char *file, const tau_fit *fit, const tau_fit_save_options *options);

TAU_END_DECLS
#endif

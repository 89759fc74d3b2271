/* SPDX-License-Identifier: Apache-2.0 */
/* rtd_file.h - curves of residence-time distributions as an HDF5 file (docs/reference/results-file.md).
 *
 *     tau_rtd_save_options options = TAU_RTD_SAVE_OPTIONS_INIT;
 *     tau_rtd_save("coil.h5", 1, (const char *const[]){"coil"}, (const tau_rtd *const[]){coil}, &options);
 *
 * Any number of threads may save at once; HDF5 itself is entered by one of them after the other. */
#ifndef TAUTRAIN_RTD_FILE_H
#define TAUTRAIN_RTD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/model.h>
#include <tautrain/rtd.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_rtd_save_options {
  size_t size;         /* of this struct, set by the INIT */
  int n_times;         /* places of the curves; at least 2 */
  const double *times; /* n_times, ascending [s]; NULL: those of tau_rtd_times, for each distribution its own */
  const tau_model *model; /* from which they come, stored as text; NULL: none */
  const char *title;      /* NULL: that of the model, or "" */
  const char *command;    /* kept in the file; NULL: "" */
  bool overwrite;         /* an existing file may be replaced */
} tau_rtd_save_options;

#define TAU_RTD_SAVE_OPTIONS_INIT                                    \
  {                                                                  \
    sizeof(tau_rtd_save_options), 401, NULL, NULL, NULL, NULL, false \
  }

/* Write n >= 1 distributions as /rtd/<name>/{time, E, F, W, moments, parameters, atoms}. Names differ, and are UTF-8 without '/'. options:
 * NULL for the defaults. The file appears whole or not at all.
 * Errors: TAU_E_EXISTS; TAU_E_IO (folder, rights, disk); TAU_E_VALUE (a name, times that do not ascend); what tau_rtd_density says. */
TAU_API tau_status tau_rtd_save(const char *file, int n, const char *const names[/* n */],
                                const tau_rtd *const rtds[/* n */], const tau_rtd_save_options *options);

/* n >= 2 times that show a distribution, strictly ascending from 0 [s]: to the time at which 99.9 % has left (1.5 times the mean beyond the
 * only atom where there is nothing else), denser where the curve is steep: half of the points follow F, half are even in time.
 * Costs some 30 quantiles. */
TAU_API tau_status tau_rtd_times(const tau_rtd *rtd, int n, double t[/* n */]);

TAU_END_DECLS
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_sweep.h - a sweep's file that is open, for the files that make, find, fill and merge it. All within taup_h5_enter; an int64_t is an
 * identifier of HDF5. */
#ifndef TAUP_H5_SWEEP_H
#define TAUP_H5_SWEEP_H

#include "io/h5_sheet.h"

enum { TAUP_H5_PROFILE = 3 }; /* position, c, T */

/* A dataset of one row a run. */
typedef struct taup_h5_rows {
  int64_t data, space;
  unsigned long long size[TAUP_H5_MOST_AXES];
  int rank;
} taup_h5_rows;

typedef struct taup_h5_code {
  char id[TAUP_H5_ID], unit[TAUP_H5_UNIT];
  long n_runs;
} taup_h5_code;

/* What stands in a file about all that was computed for it. */
typedef struct taup_h5_totals {
  double n_handed_over, largest_difference, wall_time;
} taup_h5_totals;

struct tau_sweep_file {
  char *name;
  int64_t file;
  int64_t n_runs, first_run, n_done;
  int n_profiles;
  taup_h5_rows input, output, sensitivity, status, code; /* sensitivity: where some are kept */
  taup_h5_rows (*profiles)[TAUP_H5_PROFILE];
  taup_h5_totals totals;  /* of the calls of tau_sweep that have ended */
  taup_h5_totals written; /* what the file says */
  int64_t handed_over, difference, wall_time;
  int64_t counter, message, message_id, message_unit, message_status, message_runs, message_first_run;
  taup_h5_code codes[TAUP_H5_MOST_CODES];
  int n_codes;
  int *integers; /* codes of a block, as the file has them; grown */
  int capacity;
};

/* --- found --- */
/* "cannot write 'x.h5': No space left on device"; where: what was being done, "memory": TAU_E_NOMEM. */
tau_status taup_h5_cannot(taup_error kind, const char *what, const char *file, const char *where);
tau_status taup_h5_broken(const char *file, const char *where);
/* -1 where it cannot be opened. */
int64_t taup_h5_open_file(const char *file, bool write);
/* Then: in use, the system's reason, or else what that kind says. */
tau_status taup_h5_cannot_open(const char *file, taup_error otherwise);
bool taup_h5_holds_sweep(int64_t file);
bool taup_h5_open_rows(int64_t file, const char *path, int rank, taup_h5_rows *rows);
bool taup_h5_has_size(const taup_h5_rows *rows, int64_t a, int64_t b, int64_t c);
void taup_h5_close_rows(taup_h5_rows *rows);
tau_status taup_h5_open_datasets(tau_sweep_file *f, const taup_h5_sheet *sheet);
/* Close what is open of it. */
void taup_h5_release(tau_sweep_file *f);
void taup_h5_free_file(tau_sweep_file *f);
tau_status taup_h5_read_totals(int64_t file, const char *name, taup_h5_totals *totals);
/* f->name, n_runs and first_run are set: open it, compare it with the sheet, see how far it is. */
tau_status taup_h5_resume(tau_sweep_file *f, const taup_h5_sheet *sheet);
/* A text of fixed length; *out begins empty. */
tau_status taup_h5_read_text(int64_t file, const char *name, const char *path, taup_text *out);
/* TAUP_H5_MOST_CODES texts of n_bytes each. */
bool taup_h5_read_fixed(int64_t data, size_t n_bytes, char *texts);
/* The parameters that are not varied. */
tau_status taup_h5_read_values(int64_t file, const char *name, int n, double *values);
/* The first line in which two texts differ, as an error that names file and text. */
tau_status taup_h5_same_text(taup_error kind, const char *name, const char *what, const char *there,
                             const char *here);

/* --- filled --- */
/* A new file, open. */
tau_status taup_h5_create(tau_sweep_file *f, const taup_h5_sheet *sheet, bool overwrite);
/* Rows f->n_done ... of status and codes, whose messages are those of `message_of`. NULL, or where it failed. */
const char *taup_h5_write_outcomes(tau_sweep_file *f, int64_t first_run, int n, const int *status,
                                   const int *code,
                                   tau_sweep_message (*message_of)(const void *user, int code),
                                   const void *user);
/* n more runs are complete. */
const char *taup_h5_write_count(tau_sweep_file *f, int n);
/* NAN in all numbers of runs that have not run. */
tau_status taup_h5_write_blank(tau_sweep_file *f);
bool taup_h5_write_totals(tau_sweep_file *f, const taup_h5_totals *totals);
/* Sums, and the largest. */
void taup_h5_totals_add(taup_h5_totals *to, const taup_h5_totals *more);
/* The word that says how it ended. */
bool taup_h5_write_end(tau_sweep_file *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_sheet.h - a sweep's file as it is made: names, plan and empty rows. */
#ifndef TAUP_H5_SHEET_H
#define TAUP_H5_SHEET_H

#include "base/text.h"
#include "io/h5.h"
#include "io/h5_build.h"
#include "study/summary.h"
#include <tautrain/sweep.h>

/* Rows of the table of messages, and the bytes of its texts. */
enum {
  TAUP_H5_MOST_CODES = 256,
  TAUP_H5_MESSAGE = 1024,
  TAUP_H5_ID = 64,
  TAUP_H5_UNIT = 256,
  TAUP_H5_STATUS = 16
};

/* Status of a run that has not run. */
enum { TAUP_H5_NOT_RUN = 100 };

/* A file of which a sheet shows rows first ... first + n - 1; its name as HDF5 is to look for it. */
typedef struct taup_h5_part {
  char *name;
  int64_t first;
  int n;
} taup_h5_part;

typedef struct taup_h5_sheet {
  const tau_train *train;
  const tau_inputs *inputs; /* what is not varied */
  int n_runs;
  int64_t first_run, n_all;
  int n_varied;
  const int *parameters;
  const tau_kept *kept;
  tau_run_options run; /* resolved */
  tau_engine engine;   /* not auto */
  const char *design, *command;
  int n_parts; /* 0: the rows stand in the file itself */
  const taup_h5_part *parts;
} taup_h5_sheet;

/* What is compared on resuming and merging, "rtol: 1e-08", a line each; the first three say which part it is. */
enum { TAUP_H5_PART_LINES = 3 };
tau_status taup_h5_plan_text(taup_text *out, const taup_h5_sheet *sheet);
const char *taup_h5_engine_name(tau_engine engine);

/* A new file of empty rows under that name, whole or not at all; within taup_h5_enter. Errors: as taup_file_begin and taup_file_commit. */
tau_status taup_h5_sheet_make(const char *file, const taup_h5_sheet *sheet, bool overwrite);
/* Its part: into an empty file of that name; within taup_h5_enter. *failed: what could not be written, NULL: all could. */
tau_status taup_h5_sheet_write(const char *file, const taup_h5_sheet *sheet, const char **failed);

#endif

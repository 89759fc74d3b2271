/* SPDX-License-Identifier: Apache-2.0 */
/* file.h - whole files: read with a limit, written so that there is the old one, the new one, never half a
 * one. */
#ifndef TAUP_FILE_H
#define TAUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/status.h>

/* The bytes of a file and a NUL behind them, in *out (taup_free). Errors: TAU_E_IO; TAU_E_PARSE where it is
 * larger than `most`. */
tau_status taup_file_read(const char *file, size_t most, char **out, size_t *n_bytes);

/* A file that is being written under another name in the same folder. Zero-initialised holds nothing.
 *
 *     if ((st = taup_file_begin(&f, "run.h5", overwrite)) < 0) goto done;
 *     ... write f.temporary, an empty file, by name, and close it ...
 *     st = taup_file_commit(&f);
 *   done:
 *     taup_file_abandon(&f);      nothing to do after a commit that worked
 */
typedef struct taup_file_new {
  char *target, *temporary;
  bool overwrite;
} taup_file_new;

/* Errors: TAU_E_EXISTS (file is there and not to be overwritten), TAU_E_IO (no such folder, not allowed, no
 * regular file). A link is followed; permissions of a file that is overwritten are kept. */
tau_status taup_file_begin(taup_file_new *f, const char *file, bool overwrite);
/* Bring the bytes to the disk, then give the file its name. Errors: TAU_E_IO; TAU_E_EXISTS where the name was
 * taken meanwhile. */
tau_status taup_file_commit(taup_file_new *f);
/* Remove what was written. */
void taup_file_abandon(taup_file_new *f);

/* All of the above for bytes at hand. */
tau_status taup_file_write(const char *file, const char *bytes, size_t n_bytes, bool overwrite);

#endif

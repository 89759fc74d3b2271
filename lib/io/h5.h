/* SPDX-License-Identifier: Apache-2.0 */
/* h5.h - what writing and reading of results files share.
 *
 * A single result is built and taken apart in memory: the disk is touched by io/file.c alone, so that its
 * errors are the system's own words, no lock of another program is in the way, and what was checked is what
 * is parsed. Behind the HDF5 part, which does not mind, stands a seal: one line of text with the SHA-256 of
 * all bytes before it. */
#ifndef TAUP_H5_H
#define TAUP_H5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tautrain/result.h>

enum { TAUP_H5_FORMAT = 1 };

/* What files in memory are called: HDF5 looks on the disk for the name, and there nothing can ever be of this
 * one. */
#define TAUP_H5_NAME "/dev/null/tautrain"

/* HDF5 of the distributions may not be called by two threads: everything happens between these two. HDF5
 * keeps silent in between, and its own printing is put back afterwards. */
typedef struct taup_h5_session {
  void *print, *data;
} taup_h5_session;
void taup_h5_enter(taup_h5_session *session);
void taup_h5_leave(const taup_h5_session *session);

/* In between: whether it was good and the disk took everything since the start. The first failure keeps the reason of the call of HDF5 just
 * before, unless the system gave one. */
bool taup_h5_note(bool good);
/* The system refused something: errno. */
void taup_h5_note_system(int error);
/* errno of the first refusal since the start; 0: none. */
int taup_h5_system_error(void);
/* That reason, in the words of the system where it has some. */
const char *taup_h5_why(void);

/* "\ntautrain sha256 ba78...15ad\n" */
enum { TAUP_H5_SEAL_BYTES = 17 + 64 + 1 };
void taup_h5_seal(char seal[/* TAUP_H5_SEAL_BYTES + 1 */], const void *bytes, size_t n_bytes);

/* Whether a seal closes the bytes (*n_bytes is then reduced by it), and whether it fits them. */
typedef enum taup_h5_sealed { TAUP_H5_WHOLE, TAUP_H5_NO_SEAL, TAUP_H5_BROKEN } taup_h5_sealed;
taup_h5_sealed taup_h5_unseal(const char *bytes, size_t *n_bytes);

/* Lets a list of H5P_FILE_ACCESS reach the disk by h5_disk.c. */
bool taup_h5_set_disk(int64_t access);

/* What a file of several runs has in common with that of one: attributes of the root, names, model, parameters (those of r). *species is
 * open: the caller closes it. */
struct taup_h5_builder;
struct taup_h5_scale;
void taup_h5_write_head(struct taup_h5_builder *b, const tau_result *r, const char *command,
                        struct taup_h5_scale *species);

/* What every file has: attributes of the root that say by what, when and where it was made; and the text of the model, in memory. */
void taup_h5_write_root(struct taup_h5_builder *b, const char *command);
void taup_h5_write_model(struct taup_h5_builder *b, const char *text, size_t n_bytes);

/* Datasets of the scalars of a unit, by taup_scalar (train/result.h). */
extern const char *const taup_h5_scalar_names[/* TAUP_N_SCALARS */];

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_common.c - the door to HDF5. Invariant: HDF5 is called only by the thread that holds the lock. */
#include "io/h5.h"

#include <hdf5.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "io/sha256.h"
#include "train/result.h"

static const char seal_start[] = "\ntautrain sha256 ";

_Static_assert(sizeof seal_start - 1 + TAUP_SHA256_TEXT == TAUP_H5_SEAL_BYTES,
               "the digest's NUL makes room for the last line feed");
_Static_assert(sizeof(H5E_auto2_t) == sizeof(void *), "a function's address is kept as bytes");

const char *const taup_h5_scalar_names[TAUP_N_SCALARS] = {
  [TAUP_SCALAR_SIZE] = "size",
  [TAUP_SCALAR_RESIDENCE_TIME] = "residence_time",
  [TAUP_SCALAR_LENGTH] = "tube_length",
  [TAUP_SCALAR_T_MAX] = "T_max",
  [TAUP_SCALAR_POSITION_T_MAX] = "position_T_max",
  [TAUP_SCALAR_DUTY] = "duty",
  [TAUP_SCALAR_ADIABATIC_RISE] = "adiabatic_rise",
  [TAUP_SCALAR_RELEASED] = "heat_released",
  [TAUP_SCALAR_ENERGY_ERROR] = "energy_error",
  [TAUP_SCALAR_STABLE] = "stable",
  [TAUP_SCALAR_END] = "end",
  [TAUP_SCALAR_GRID_ERROR] = "grid_error",
  [TAUP_SCALAR_PECLET] = "peclet",
  [TAUP_SCALAR_DISPERSION] = "dispersion",
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char reason[128]; /* this and the next under the lock */
static int system_error;

void taup_h5_enter(taup_h5_session *session)
{
  H5E_auto2_t print = NULL;
  pthread_mutex_lock(&lock);
  reason[0] = '\0';
  system_error = 0;
  *session = (taup_h5_session){NULL, NULL};
  H5Eget_auto2(H5E_DEFAULT, &print, &session->data);
  memcpy(&session->print, &print, sizeof print);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void taup_h5_leave(const taup_h5_session *session)
{
  H5E_auto2_t print;
  memcpy(&print, &session->print, sizeof print);
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print, session->data);
  pthread_mutex_unlock(&lock);
}

/* The innermost line of HDF5's stack of errors says what happened. */
static herr_t take_innermost(unsigned n, const H5E_error2_t *e, void *user)
{
  (void)user;
  if (n == 0 && e->desc) snprintf(reason, sizeof reason, "%s", e->desc);
  return 0;
}

bool taup_h5_note(bool good)
{
  if (good && !system_error) return true;
  if (!reason[0]) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, NULL);
  return false;
}

void taup_h5_note_system(int error)
{
  if (system_error) return;
  system_error = error;
  if (strerror_r(error, reason, sizeof reason) != 0) snprintf(reason, sizeof reason, "error %d", error);
}

int taup_h5_system_error(void) { return system_error; }

const char *taup_h5_why(void) { return reason[0] ? reason : "HDF5 gives no reason"; }

void taup_h5_seal(char seal[/* TAUP_H5_SEAL_BYTES + 1 */], const void *bytes, size_t n_bytes)
{
  char digest[TAUP_SHA256_TEXT];
  snprintf(seal, TAUP_H5_SEAL_BYTES + 1, "%s%s\n", seal_start, taup_sha256(digest, bytes, n_bytes));
}

taup_h5_sealed taup_h5_unseal(const char *bytes, size_t *n_bytes)
{
  char seal[TAUP_H5_SEAL_BYTES + 1];
  if (*n_bytes < TAUP_H5_SEAL_BYTES) return TAUP_H5_NO_SEAL;
  const char *found = bytes + (*n_bytes - TAUP_H5_SEAL_BYTES);
  if (memcmp(found, seal_start, sizeof seal_start - 1) != 0) return TAUP_H5_NO_SEAL;
  *n_bytes -= TAUP_H5_SEAL_BYTES;
  taup_h5_seal(seal, bytes, *n_bytes);
  return memcmp(found, seal, TAUP_H5_SEAL_BYTES) == 0 ? TAUP_H5_WHOLE : TAUP_H5_BROKEN;
}

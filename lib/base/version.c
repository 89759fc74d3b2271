/* SPDX-License-Identifier: Apache-2.0 */
/* version.c - what the library is; the values come from the build. */
#include <string.h>
#include <tautrain/version.h>

#ifndef TAUP_GIT_COMMIT
#define TAUP_GIT_COMMIT "unknown"
#endif
#ifndef TAUP_SUNDIALS_VERSION
#define TAUP_SUNDIALS_VERSION "unknown"
#endif
#ifndef TAUP_HDF5_VERSION
#define TAUP_HDF5_VERSION "unknown"
#endif

const char *tau_version(void) { return TAU_VERSION; }

const char *tau_build_info(const char *name)
{
  static const struct {
    const char *name, *value;
  } rows[] = {{"sundials", TAUP_SUNDIALS_VERSION}, {"hdf5", TAUP_HDF5_VERSION}, {"compiler", __VERSION__}, {"git_commit", TAUP_GIT_COMMIT}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strcmp(rows[i].name, name) == 0) return rows[i].value;
  return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* version.c - what the library is; the values come from the build. */
#include <string.h>
#include <tautrain/version.h>

#include "build_info.h"

const char *tau_version(void) { return TAU_VERSION; }

const char *tau_build_info(const char *name)
{
  static const struct {
    const char *name, *value;
  } rows[] = {{"sundials", TAUP_BUILD_SUNDIALS},
              {"hdf5", TAUP_BUILD_HDF5},
              {"compiler", TAUP_BUILD_COMPILER},
              {"git_commit", TAUP_BUILD_GIT_COMMIT}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strcmp(rows[i].name, name) == 0) return rows[i].value;
  return NULL;
}

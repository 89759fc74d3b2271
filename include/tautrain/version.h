/* SPDX-License-Identifier: Apache-2.0 */
/* version.h - the version, and what the library was built with. */
#ifndef TAUTRAIN_VERSION_H
#define TAUTRAIN_VERSION_H

#include <tautrain/export.h>

#define TAU_VERSION_MAJOR 0
#define TAU_VERSION_MINOR 1
#define TAU_VERSION_PATCH 0
#define TAU_VERSION "0.1.0"

TAU_BEGIN_DECLS

/* The version of the library that is linked, "0.1.0". Compare with TAU_VERSION, that of the headers. */
TAU_API const char *tau_version(void);

/* What the library was built with: name is one of "sundials", "hdf5", "compiler", "git_commit"; NULL for another name. */
TAU_API const char *tau_build_info(const char *name);

TAU_END_DECLS
#endif

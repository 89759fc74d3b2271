/* SPDX-License-Identifier: Apache-2.0 */
/* sha256.h - the digest by which a file is told to be the one that was written. */
#ifndef TAUP_SHA256_H
#define TAUP_SHA256_H

#include <stddef.h>

enum { TAUP_SHA256_TEXT = 65 };

/* The digest of n bytes as 64 lower-case hexadecimal digits and a NUL. Returns text. */
const char *taup_sha256(char text[/* TAUP_SHA256_TEXT */], const void *bytes, size_t n_bytes);

#endif

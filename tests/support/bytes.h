/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.h - the bytes of a file, for tests that look whether it has changed. Include after cmocka.h. */
#ifndef BYTES_H
#define BYTES_H

#include <stdio.h>
#include <stdlib.h>

typedef struct file_bytes {
  char *at; /* free */
  size_t n;
} file_bytes;

static inline file_bytes bytes_of(const char *file)
{
  FILE *f = fopen(file, "rb");
  assert_non_null(f);
  assert_int_equal(fseek(f, 0, SEEK_END), 0);
  const long n = ftell(f);
  assert_true(n >= 0);
  rewind(f);
  file_bytes b = {malloc((size_t)n + 1), (size_t)n};
  assert_non_null(b.at);
  assert_int_equal(fread(b.at, 1, b.n, f), b.n);
  fclose(f);
  return b;
}

static inline void bytes_to(const char *file, const void *at, size_t n)
{
  FILE *f = fopen(file, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(at, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

static inline void assert_bytes_of(const char *file, file_bytes want)
{
  file_bytes have = bytes_of(file);
  assert_int_equal(have.n, want.n);
  assert_memory_equal(have.at, want.at, want.n);
  free(have.at);
}

#endif

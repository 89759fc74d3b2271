/* SPDX-License-Identifier: Apache-2.0 */
/* test_h5_hostile.c - what is no results file, or no whole one, is refused in one line, whatever its bytes.
 * */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "unit/h5_file.h"

#include "io/h5.h"
#include "io/h5_build.h"

static void foreign_files_are_refused_in_one_line(void **state)
{
  (void)state;
  const char *file = in_folder("foreign");
  assert_refused(in_folder("absent"), TAU_E_IO, "No such file");
  assert_refused(folder(), TAU_E_IO, "no regular file");
  write_bytes(file, "", 0);
  assert_refused(file, TAU_E_FORMAT, "no HDF5");
  write_bytes(file, train_text, sizeof train_text);
  assert_refused(file, TAU_E_FORMAT, "no HDF5");
  unlink(file);
}

/* HDF5, but not ours. */
static void write_stranger(const char *file, int format)
{
  taup_h5_session session;
  taup_h5_builder b;
  char *bytes = NULL;
  size_t n = 0;
  taup_h5_enter(&session);
  taup_h5_begin(&b);
  if (format) taup_h5_int_attribute(&b, b.file, "tautrain_format", format);
  taup_h5_number(&b, b.file, 1.0, (taup_h5_label){"x", "m", "a number"});
  taup_h5_end(&b, &bytes, &n);
  taup_h5_leave(&session);
  assert_non_null(bytes);
  write_bytes(file, bytes, n);
  taup_free(bytes);
}

static void strange_hdf5_and_other_formats_are_refused(void **state)
{
  (void)state;
  const char *file = in_folder("stranger.h5");
  write_stranger(file, 0);
  assert_refused(file, TAU_E_FORMAT, "no 'tautrain_format'");
  write_stranger(file, 2);
  assert_refused(file, TAU_E_FORMAT, "has format 2; this version reads 1");
  write_stranger(file, 1);
  assert_refused(file, TAU_E_FORMAT, "no group 'about'");
  unlink(file);
}

static void one_changed_byte_is_found(void **state)
{
  (void)state;
  size_t n = 0;
  char *bytes = image_of(batch_text, &n);
  const char *file = in_folder("changed.h5");
  for (size_t at = 8; at < n - TAUP_H5_SEAL_BYTES; at += 97) {
    bytes[at] ^= 0x10;
    write_bytes(file, bytes, n);
    assert_refused(file, TAU_E_FORMAT, at < 64 ? "'" : "SHA-256"); /* the head is looked at first */
    bytes[at] ^= 0x10;
  }
  taup_free(bytes);
  unlink(file);
}

static void truncated_files_are_refused_wherever_they_end(void **state)
{
  (void)state;
  size_t n = 0;
  char *bytes = image_of(train_text, &n);
  const char *file = in_folder("short.h5");
  for (size_t m = 0; m < n - TAUP_H5_SEAL_BYTES; m += m < 2048 ? 13 : 331) {
    write_bytes(file, bytes, m);
    assert_refused(file, TAU_E_FORMAT, "short.h5");
  }
  taup_free(bytes);
  unlink(file);
}

/* What another program may leave out: the seal is not asked for. */
static void a_file_without_its_seal_is_read(void **state)
{
  (void)state;
  size_t n = 0;
  char *bytes = image_of(train_text, &n);
  tau_result *want = small_result(train_text);
  write_bytes(in_folder("open.h5"), bytes, n - TAUP_H5_SEAL_BYTES);
  tau_result *r = load(in_folder("open.h5"));
  assert_memory_equal(tau_result_values(r), tau_result_values(want),
                      (size_t)tau_result_n_observables(want) * sizeof(double));
  tau_result_free(r);
  tau_result_free(want);
  taup_free(bytes);
  unlink(in_folder("open.h5"));
}

/* An allocator that tells how much was asked for in all. */
static void *metered_malloc(void *user, size_t bytes)
{
  *(size_t *)user += bytes;
  return malloc(bytes);
}

static void *metered_realloc(void *user, void *block, size_t bytes)
{
  *(size_t *)user += bytes;
  return realloc(block, bytes);
}

static void metered_free(void *user, void *block)
{
  (void)user;
  free(block);
}

static double touched;

static void touch_texts(const tau_result *r)
{
  for (int i = 0; i < tau_result_n_observables(r); i++)
    touched += tau_result_values(r)[i] + (double)strlen(tau_result_observable(r, i).path) +
               (double)strlen(tau_result_observable(r, i).doc);
  for (int i = 0; i < tau_result_n_parameters(r); i++)
    touched += (double)strlen(tau_result_parameter(r, i).path) + tau_result_parameter(r, i).upper;
  for (int i = 0; i < tau_result_n_balances(r); i++) touched += (double)strlen(tau_result_balance(r, i).name);
  for (int i = 0; i < tau_result_n_species(r); i++) touched += (double)strlen(tau_result_species(r, i));
}

/* Every place of every array, for the sanitizers. */
static void touch(const tau_result *r)
{
  const int n = tau_result_n_species(r), m = tau_result_n_reactions(r);
  touch_texts(r);
  for (int u = 0; u < tau_result_n_units(r); u++) {
    const tau_profile p = tau_result_profile(r, u);
    for (int i = 0; i < p.n_points; i++) touched += p.position[i] + p.T[i] + p.flow[i] + p.heat_rate[i];
    for (int i = 0; i < p.n_points * n; i++) touched += p.c[i];
    for (int i = 0; i < p.n_points * m; i++) touched += p.rate[i];
    for (int k = 0; k < tau_result_n_outlets(r, u); k++)
      for (int i = 0; i < n; i++) touched += tau_result_outlet(r, u, k).F[i] + tau_result_inlet(r, u).c[i];
  }
}

static uint64_t dice(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  return *state ^= *state << 17;
}

/* Random bytes; words that are sizes or addresses gone wrong; a piece copied elsewhere. */
static void spoil(unsigned char *bytes, size_t n, uint64_t *state)
{
  const int way = (int)(dice(state) % 3);
  for (int k = (int)(dice(state) % 6); k >= 0; k--) {
    const size_t at = dice(state) % (n - 64), other = dice(state) % (n - 64);
    const uint64_t words[] = {0, ~(uint64_t)0, other, (uint64_t)1 << dice(state) % 64, INT32_MAX, UINT32_MAX};
    if (way == 0) bytes[at] = (unsigned char)dice(state);
    else if (way == 1) memcpy(bytes + (at & ~(size_t)7), &words[dice(state) % 6], 8);
    else memmove(bytes + at, bytes + other, 1 + dice(state) % 63);
  }
}

static void hostile_files_neither_crash_nor_take_memory(void **state)
{
  (void)state;
  enum { N = 3000 };
  size_t n = 0, asked = 0;
  char *whole = image_of(train_text, &n);
  n -= TAUP_H5_SEAL_BYTES; /* who writes such a file can seal it too */
  unsigned char *bytes = malloc(n);
  const char *file = in_folder("hostile.h5");
  const tau_allocator meter = {metered_malloc, metered_realloc, metered_free, &asked};
  uint64_t seed = 88172645463325252u; /* Marsaglia's xorshift, and his first seed */
  int n_refused = 0;
  for (int k = 0; k < N; k++) {
    tau_result *r = NULL;
    memcpy(bytes, whole, n);
    spoil(bytes, n, &seed);
    write_bytes(file, bytes, n);
    asked = 0;
    tau_allocator_set(&meter);
    const tau_status st = tau_result_load(&r, file);
    if (st == TAU_OK) touch(r);
    else if (st != TAU_E_FORMAT || strchr(tau_last_error(), '\n') || r)
      fail_msg("%d: %s: %s", k, tau_status_name(st), tau_last_error());
    else n_refused++;
    tau_result_free(r);
    tau_allocator_set(NULL);
    if (asked > 16 * n + 65536) fail_msg("%d: %zu bytes asked for to read a file of %zu", k, asked, n);
  }
  print_message("%d of %d refused\n", n_refused, N);
  assert_true(n_refused > N / 4);
  free(bytes);
  taup_free(whole);
  unlink(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(foreign_files_are_refused_in_one_line),
    cmocka_unit_test(strange_hdf5_and_other_formats_are_refused),
    cmocka_unit_test(one_changed_byte_is_found),
    cmocka_unit_test(truncated_files_are_refused_wherever_they_end),
    cmocka_unit_test(a_file_without_its_seal_is_read),
    cmocka_unit_test(hostile_files_neither_crash_nor_take_memory),
  };
  return cmocka_run_group_tests(tests, NULL, remove_folder);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* damaged.c - results files that are cut, changed, foreign or made to hurt: each is refused in one line, at
 * once, and nothing of it is handed out. Every length of a file, every byte of it; what random changes do is
 * tests/unit/test_h5_hostile.c and tests/fuzz. */
#include "support/small_run.h"

#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/stat.h>

#include "fault/routes.h"
#include "io/h5.h"
#include "support/bytes.h"
#include "support/ledger.h"
#include "support/sanitized.h"
#include "support/scratch.h"

/* The build without a sanitizer goes over every byte. */
enum { STEP = SANITIZED ? 13 : 1 };

/* Hanging is a failure too. */
enum { LONGEST = 240 /* s, of a test */ };

static int set_limit(void **state)
{
  (void)state;
  alarm(LONGEST);
  return 0;
}

static int empty(void **state)
{
  alarm(0);
  return scratch_empty(state);
}

static void refused(const char *file, tau_status want, const char *part, const char *what)
{
  tau_result *r = NULL;
  const tau_status st = tau_result_load(&r, file);
  const char *said = tau_last_error();
  if (st != want || r || strchr(said, '\n') || !strstr(said, file) || !strstr(said, part))
    fail_msg("%s: want %s with '%s', have %s: %s", what, tau_status_name(want), part, tau_status_name(st),
             st < 0 ? said : "");
}

/* A small file, as the library writes it. */
static file_bytes whole_file(void)
{
  tau_result *r = small_result("tautrain: 1\n"
                               "species: {A: {}}\n"
                               "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\n"
                               "units: {m: {type: mixer, in: f}}\n");
  assert_int_equal(tau_result_save(r, "r.h5", NULL, true), TAU_OK);
  tau_result_free(r);
  return bytes_of("r.h5");
}

/* --- every length, every byte --- */

static void a_file_cut_anywhere_is_refused(void **state)
{
  (void)state;
  const file_bytes b = whole_file();
  const size_t data = b.n - TAUP_H5_SEAL_BYTES;
  for (size_t n = b.n - 1;; n--) {
    char what[48];
    snprintf(what, sizeof what, "%zu bytes of %zu", n, b.n);
    assert_int_equal(truncate("r.h5", (off_t)n), 0);
    if (n == data) { /* all but the seal: what h5repack would leave */
      tau_result *r = NULL;
      assert_int_equal(tau_result_load(&r, "r.h5"), TAU_OK);
      tau_result_free(r);
    } else refused("r.h5", TAU_E_FORMAT, n < data ? "" : "damaged", what);
    if (n == 0) break;
  }
  free(b.at);
}

/* One bit of each byte, another from byte to byte. */
static void any_bit_that_turns_is_found(void **state)
{
  (void)state;
  const file_bytes b = whole_file();
  int n_sealed = 0;
  const int fd = open("r.h5", O_RDWR);
  assert_true(fd >= 0);
  for (size_t at = 0; at < b.n; at += STEP) {
    const char spoiled = (char)(b.at[at] ^ (1 << (at * 5 + at / 8) % 8));
    char what[48];
    snprintf(what, sizeof what, "byte %zu of %zu", at, b.n);
    assert_int_equal(pwrite(fd, &spoiled, 1, (off_t)at), 1);
    refused("r.h5", TAU_E_FORMAT, "", what);
    n_sealed += strstr(tau_last_error(), "SHA-256") != NULL;
    assert_int_equal(pwrite(fd, b.at + at, 1, (off_t)at), 1);
  }
  close(fd);
  print_message("%zu bytes, %d of them found by the seal alone\n", b.n, n_sealed);
  assert_true((size_t)n_sealed > b.n / 2 / STEP);
  free(b.at);
}

/* --- what is no file of ours --- */

static void other_things_are_refused(void **state)
{
  (void)state;
  static const char png[] = "\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0";
  bytes_to("no.h5", "", 0);
  refused("no.h5", TAU_E_FORMAT, "no HDF5", "an empty file");
  bytes_to("no.h5", png, sizeof png);
  refused("no.h5", TAU_E_FORMAT, "no HDF5", "a picture");
  bytes_to("no.h5", "CDF\1\0\0\0\0", 8);
  refused("no.h5", TAU_E_FORMAT, "no HDF5", "netCDF-3");
  bytes_to("no.h5", route_text, sizeof route_text);
  refused("no.h5", TAU_E_FORMAT, "no HDF5", "a model");
  assert_int_equal(mkdir("folder", 0777), 0);
  refused("folder", TAU_E_IO, "no regular file", "a folder");
  assert_int_equal(mkfifo("pipe", 0666), 0);
  refused("pipe", TAU_E_IO, "no regular file", "a pipe that nobody writes to");
  refused("/dev/zero", TAU_E_IO, "no regular file", "bytes without end");
  refused("/dev/null", TAU_E_IO, "no regular file", "nothing");
  refused("absent.h5", TAU_E_IO, "No such file", "no file");
  refused("no.h5/x", TAU_E_IO, "Not a directory", "a file as folder");
  assert_int_equal(symlink("loop", "loop"), 0);
  refused("loop", TAU_E_IO, "Too many levels", "a link to itself");
}

/* A file with a hole of 8 GiB takes no memory to be refused. */
static void a_file_too_large_is_refused(void **state)
{
  (void)state;
  const file_bytes b = whole_file();
  assert_int_equal(truncate("r.h5", (off_t)8 << 30), 0);
  refused("r.h5", TAU_E_FORMAT, "too large", "8 GiB");
  free(b.at);
}

/* --- HDF5 of strangers --- */

static void put_number(hid_t where, const char *name, double x)
{
  const hid_t space = H5Screate(H5S_SCALAR),
              id = H5Acreate2(where, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(id, H5T_NATIVE_DOUBLE, &x) >= 0);
  H5Aclose(id);
  H5Sclose(space);
}

static void put_format(hid_t file, int format)
{
  const hid_t space = H5Screate(H5S_SCALAR),
              id = H5Acreate2(file, "tautrain_format", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(id, H5T_NATIVE_INT, &format) >= 0);
  H5Aclose(id);
  H5Sclose(space);
}

/* A dataset of that shape in pieces, compressed or not, with nothing written. */
static void put_claim(hid_t where, const char *name, hid_t type, int rank, const hsize_t *size, bool in_pieces)
{
  const hsize_t piece[2] = {16, 16};
  const hid_t space = H5Screate_simple(rank, size, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
  if (in_pieces) H5Pset_chunk(list, rank, piece);
  H5Pset_alloc_time(list, H5D_ALLOC_TIME_LATE);
  const hid_t id = H5Dcreate2(where, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  assert_true(id >= 0);
  H5Dclose(id);
  H5Pclose(list);
  H5Sclose(space);
}

/* A file as the library begins it (new headers) or as h5py and netCDF do (old ones). */
static hid_t new_file(const char *name, bool as_ours)
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (as_ours) H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
  const hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  assert_true(file >= 0);
  H5Pclose(access);
  return file;
}

static hid_t new_group(hid_t where, const char *name)
{
  const hid_t id = H5Gcreate2(where, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(id >= 0);
  return id;
}

/* What h5py and the netCDF library write: groups in old trees, data in pieces, attributes. */
static void netcdf_of_others_is_refused(void **state)
{
  (void)state;
  for (int as_ours = 0; as_ours < 2; as_ours++) {
    const hsize_t size[2] = {100, 20};
    const hid_t file = new_file("n.h5", as_ours), group = new_group(file, "observables");
    put_number(file, "version", 2.0);
    put_claim(file, "time", H5T_IEEE_F64LE, 1, size, false);
    put_claim(group, "value", H5T_IEEE_F32BE, 2, size, true);
    H5Gclose(group);
    H5Fclose(file);
    refused("n.h5", TAU_E_FORMAT, "tautrain_format", "netCDF of another program");
  }
}

/* Sizes that nobody has, in a dataset that the reader asks for first. */
static void claims_of_terabytes_are_refused(void **state)
{
  (void)state;
  static const hsize_t sizes[] = {16, 1 << 20, (hsize_t)1 << 31, (hsize_t)1 << 40, (hsize_t)1 << 59};
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
    for (int in_pieces = 0; in_pieces < 2; in_pieces++) {
      const hid_t file = new_file("t.h5", true), group = new_group(file, "about");
      put_format(file, TAUP_H5_FORMAT);
      put_claim(group, "name", text, 1, &sizes[k], in_pieces);
      put_claim(group, "value", text, 1, &sizes[k], in_pieces);
      H5Gclose(group);
      H5Fclose(file);
      refused("t.h5", TAU_E_FORMAT, "damaged", "a claim");
    }
  H5Tclose(text);
}

/* Every group that is asked for is the root again. */
static void circles_are_refused(void **state)
{
  (void)state;
  static const char *const names[] = {"about", "parameters", "observables", "balance",
                                      "train", "units",      "solver"};
  const hid_t file = new_file("c.h5", true);
  put_format(file, TAUP_H5_FORMAT);
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
    assert_true(H5Lcreate_hard(file, "/", file, names[k], H5P_DEFAULT, H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_soft("/model", file, "model", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_external("c.h5", "/species", file, "species", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  H5Fclose(file);
  refused("c.h5", TAU_E_FORMAT, "damaged", "a circle");
}

static void deep_nesting_is_refused(void **state)
{
  (void)state;
  const hid_t file = new_file("d.h5", true);
  put_format(file, TAUP_H5_FORMAT);
  hid_t at = new_group(file, "about");
  for (int depth = 0; depth < 2000; depth++) {
    const hid_t deeper = new_group(at, "about");
    H5Gclose(at);
    at = deeper;
  }
  H5Gclose(at);
  H5Fclose(file);
  refused("d.h5", TAU_E_FORMAT, "damaged", "groups in groups");
}

/* Makes the header at `at` go on in a chunk that goes on in itself; `spoiled` bytes of it are other ones then. */
static void turn_into_circle(char *image, size_t at, size_t *first, size_t *spoiled)
{
  const char flags = image[at + 5];
  const int n_size = 1 << (flags & 3);
  const size_t header = flags & 0x04 ? 6 : 4, chunk_size = 4 + header + 16 + 4;
  *first = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0) + (size_t)n_size;
  *spoiled = header + 16 + chunk_size;
  char *message = image + *first, *chunk = message + header + 16;
  const uint64_t where[2] = {*first + header + 16, chunk_size};
  memset(message, 0, *spoiled);
  memset(message - n_size, 0, (size_t)n_size);
  message[-n_size] = (char)(header + 16); /* all there is in the first chunk */
  message[0] = 0x10;                      /* a continuation */
  message[1] = 16;                        /* bytes: */
  memcpy(message + header, where, 16);
  memcpy(chunk, "OCHK", 4);
  memcpy(chunk + 4, message, header + 16);
}

/* The reader's work is limited, and what it had read by then is given back. */
static void a_header_that_never_ends_is_refused(void **state)
{
  (void)state;
  alarm(LONGEST);
  file_bytes b = whole_file();
  b.n -= TAUP_H5_SEAL_BYTES; /* who writes such a file leaves the seal away */
  int n_refused = 0;
  for (size_t at = 0; at + 128 < b.n; at++) {
    if (memcmp(b.at + at, "OHDR\2", 5) != 0) continue;
    size_t first = 0, n = 0;
    char kept[128];
    tau_result *r = NULL;
    ledger l;
    memcpy(kept, b.at + at, sizeof kept);
    turn_into_circle(b.at, at, &first, &n);
    assert_true(first - at + n <= sizeof kept);
    bytes_to("e.h5", b.at, b.n);
    memcpy(b.at + at, kept, sizeof kept);
    ledger_open(&l, 0);
    const tau_status st = tau_result_load(&r, "e.h5");
    tau_result_free(r);
    ledger_close();
    if (st != TAU_E_FORMAT && st != TAU_OK) fail_msg("header at %zu: %s", at, tau_last_error());
    if (l.n_alive) fail_msg("header at %zu: %ld blocks are lost", at, l.n_alive);
    n_refused += st == TAU_E_FORMAT;
  }
  print_message("%d refused\n", n_refused);
  assert_true(n_refused > 10);
  free(b.at);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_file_cut_anywhere_is_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(any_bit_that_turns_is_found, set_limit, empty),
    cmocka_unit_test_setup_teardown(other_things_are_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(a_file_too_large_is_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(netcdf_of_others_is_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(claims_of_terabytes_are_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(circles_are_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(deep_nesting_is_refused, set_limit, empty),
    cmocka_unit_test_setup_teardown(a_header_that_never_ends_is_refused, set_limit, empty),
  };
  return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}

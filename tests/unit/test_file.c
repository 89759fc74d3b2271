/* SPDX-License-Identifier: Apache-2.0 */
/* test_file.c - files are written whole or not at all, never over another unasked. */
#define _XOPEN_SOURCE 700 /* symlink, mkdtemp */
#include "unit/yaml_text.h"

#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

static const char *in_folder(const char *name)
{
  static char folder[] = "/tmp/tautrain-yaml-XXXXXX", path[4][128];
  static int turn;
  if (turn == 0) assert_non_null(mkdtemp(folder));
  char *const p = path[turn++ % 4];
  snprintf(p, sizeof path[0], "%s/%s", folder, name);
  return p;
}

static int count_files(void)
{
  char command[256], answer[32] = "";
  snprintf(command, sizeof command, "ls -A '%s' | wc -l", in_folder(""));
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  assert_non_null(fgets(answer, sizeof answer, pipe));
  pclose(pipe);
  return atoi(answer);
}

static void write_bytes(const char *file, const char *bytes)
{
  assert_int_equal(taup_file_write(file, bytes, strlen(bytes), true), TAU_OK);
}

static void assert_file(const char *file, const char *bytes)
{
  char *have = NULL;
  size_t n = 0;
  assert_int_equal(taup_file_read(file, 1000, &have, &n), TAU_OK);
  assert_int_equal(n, strlen(bytes));
  assert_string_equal(have, bytes);
  taup_free(have);
}

static void a_model_is_written_and_never_over_another_unasked(void **state)
{
  (void)state;
  tau_model *m = read_well("a: 1\n");
  const char *file = in_folder("m.yaml");
  assert_int_equal(tau_model_write(m, file, false), TAU_OK);
  assert_int_equal(tau_model_set(m, "a", "2"), TAU_OK);
  assert_int_equal(tau_model_write(m, file, false), TAU_E_EXISTS);
  assert_file(file, "a: 1\n");
  assert_int_equal(tau_model_write(m, file, true), TAU_OK);
  assert_file(file, "a: 2\n");
  assert_int_equal(count_files(), 1); /* nothing temporary stays */
  assert_int_equal(unlink(file), 0);
  tau_model_free(m);
}

static void what_cannot_be_written_says_so(void **state)
{
  (void)state;
  tau_model *m = read_well("a: 1\n");
  assert_int_equal(tau_model_write(m, in_folder("no/m.yaml"), true), TAU_E_IO);
  assert_non_null(strstr(tau_last_error(), "no/m.yaml': No such file or directory"));
  assert_int_equal(tau_model_write(m, in_folder(""), true), TAU_E_IO);
  assert_int_equal(tau_model_write(m, "/dev/null", true),
                   TAU_E_IO); /* rename would put a file in the place of a device */
  assert_non_null(strstr(tau_last_error(), "no regular file"));
  assert_int_equal(count_files(), 0);
  tau_model_free(m);
}

static void an_overwritten_file_keeps_its_link_and_permissions(void **state)
{
  (void)state;
  struct stat s;
  write_bytes(in_folder("real"), "old");
  assert_int_equal(chmod(in_folder("real"), 0600), 0);
  assert_int_equal(symlink("real", in_folder("link")), 0);
  write_bytes(in_folder("link"), "new");
  assert_file(in_folder("real"), "new");
  assert_int_equal(lstat(in_folder("link"), &s), 0);
  assert_true(S_ISLNK(s.st_mode));
  assert_int_equal(stat(in_folder("real"), &s), 0);
  assert_int_equal(s.st_mode & 0777, 0600);
  assert_int_equal(unlink(in_folder("link")), 0);
  assert_int_equal(unlink(in_folder("real")), 0);
}

static void an_abandoned_file_leaves_nothing(void **state)
{
  (void)state;
  taup_file_new f = {0};
  assert_int_equal(taup_file_begin(&f, in_folder("run.h5"), false), TAU_OK);
  assert_int_equal(count_files(), 1);
  taup_file_abandon(&f);
  taup_file_abandon(&f);
  assert_int_equal(count_files(), 0);
  assert_int_equal(taup_file_begin(&f, in_folder("run.h5"), false), TAU_OK);
  write_bytes(in_folder("run.h5"), "theirs"); /* somebody takes the name meanwhile */
  assert_int_equal(taup_file_commit(&f), TAU_E_EXISTS);
  taup_file_abandon(&f);
  assert_file(in_folder("run.h5"), "theirs");
  assert_int_equal(count_files(), 1);
  assert_int_equal(unlink(in_folder("run.h5")), 0);
}

static void a_file_that_cannot_be_read_says_so(void **state)
{
  (void)state;
  tau_model *m = (tau_model *)1;
  assert_int_equal(tau_model_read(&m, in_folder("absent.yaml")), TAU_E_IO);
  assert_null(m);
  assert_non_null(strstr(tau_last_error(), "absent.yaml': No such file or directory"));
  assert_int_equal(tau_model_read(&m, in_folder("")), TAU_E_IO);
  assert_int_equal(tau_model_read(&m, "/dev/zero"), TAU_E_PARSE); /* without end: refused at the limit */
  assert_non_null(strstr(tau_last_error(), "larger than the 64 MiB"));
}

static void mistakes_of_a_file_carry_its_name(void **state)
{
  (void)state;
  told t = {0};
  tau_model *m = NULL;
  const char *file = in_folder("bad.yaml");
  char expected[256];
  write_bytes(file, "a: [1\n");
  assert_int_equal(tau_model_read_reported(&m, file, tell, &t), TAU_E_PARSE);
  assert_null(m);
  assert_int_equal(t.n, 1);
  snprintf(expected, sizeof expected, "%s:2:1: '[' is not closed", file);
  assert_memory_equal(tau_last_error(), expected, strlen(expected));
  assert_int_equal(unlink(file), 0);
  assert_int_equal(rmdir(in_folder("")), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_model_is_written_and_never_over_another_unasked),
    cmocka_unit_test(what_cannot_be_written_says_so),
    cmocka_unit_test(an_overwritten_file_keeps_its_link_and_permissions),
    cmocka_unit_test(an_abandoned_file_leaves_nothing),
    cmocka_unit_test(a_file_that_cannot_be_read_says_so),
    cmocka_unit_test(mistakes_of_a_file_carry_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

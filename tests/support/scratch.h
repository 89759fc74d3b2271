/* SPDX-License-Identifier: Apache-2.0 */
/* scratch.h - a folder of its own for a test that writes many files; in memory where the machine has such a
 * disk. Include after cmocka.h. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For cmocka_run_group_tests: the test programs work in there. */
static char scratch_folder[64];

static inline int scratch_enter(void **state)
{
  static const char *const templates[] = {"/dev/shm/tautrain-XXXXXX", "/tmp/tautrain-XXXXXX"};
  (void)state;
  for (int k = 0; k < 2; k++) {
    snprintf(scratch_folder, sizeof scratch_folder, "%s", templates[k]);
    if (mkdtemp(scratch_folder)) return chdir(scratch_folder);
  }
  return -1;
}

/* Removes all; how many names began with `start` (may be NULL). */
static inline int scratch_empty_counting(const char *start)
{
  int n = 0;
  DIR *here = opendir(scratch_folder);
  assert_non_null(here);
  for (struct dirent *e; (e = readdir(here));) {
    if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
    n += start && strncmp(e->d_name, start, strlen(start)) == 0;
    assert_int_equal(remove(e->d_name), 0);
  }
  closedir(here);
  return n;
}

/* For cmocka_unit_test_teardown too. */
static inline int scratch_empty(void **state)
{
  (void)state;
  scratch_empty_counting(NULL);
  return 0;
}

static inline int scratch_leave(void **state)
{
  (void)state;
  return chdir("/") ? -1 : rmdir(scratch_folder);
}

#endif

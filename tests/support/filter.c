/* SPDX-License-Identifier: Apache-2.0 */
/* filter.c - lets CTest run one test of a cmocka program: TAUTRAIN_TEST=<name> (with * and ?) before main() starts; TAUTRAIN_SKIP leaves
 * some out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

__attribute__((constructor)) static void choose_test(void)
{
  const char *name = getenv("TAUTRAIN_TEST");
  if (name && *name) cmocka_set_test_filter(name);
  const char *skipped = getenv("TAUTRAIN_SKIP");
  if (skipped && *skipped) cmocka_set_skip_filter(skipped);
}

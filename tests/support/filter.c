/* SPDX-License-Identifier: Apache-2.0 */
/* filter.c - lets CTest run one test of a cmocka program: TAUTRAIN_TEST=<name> (with * and ?) before main() starts. */
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
}

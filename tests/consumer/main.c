/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program that uses the library: do headers, library and its private libraries fit together? */
#include <stdio.h>
#include <string.h>
#include <tautrain.h>

int main(void)
{
  if (strcmp(tau_version(), TAU_VERSION) != 0) {
    fprintf(stderr, "the library is %s, its headers are %s\n", tau_version(), TAU_VERSION);
    return 1;
  }
  printf("tautrain %s\n", tau_version());
  return 0;
}

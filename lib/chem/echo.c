/* SPDX-License-Identifier: Apache-2.0 */
/* echo.c - invariant: what comes out is one line of whole UTF-8 characters where the text was, at most
 * TAUP_ECHO - 1 bytes. */
#include "chem/echo.h"

#include <stdio.h>

const char *taup_echo(char buffer[/* TAUP_ECHO */], const char *text, size_t n)
{
  size_t kept = n;
  if (n > TAUP_ECHO - 4) {
    kept = TAUP_ECHO - 4;
    while (kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80) kept--; /* not inside a character */
  }
  for (size_t i = 0; i < kept; i++)
    buffer[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? '?' : text[i];
  snprintf(buffer + kept, TAUP_ECHO - kept, "%s", kept < n ? "..." : "");
  return buffer;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* echo.h - a user's text within a message. */
#ifndef TAUP_ECHO_H
#define TAUP_ECHO_H

#include <stddef.h>

enum { TAUP_ECHO = 80 };

/* n bytes of text, shortened at a character and without control characters, so that a message stays one
 * line. Returns buffer. */
const char *taup_echo(char buffer[/* TAUP_ECHO */], const char *text, size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - characters of UTF-8 text. */
#ifndef TAUP_UTF8_H
#define TAUP_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at s (1 to 4) and its number in *code (may be NULL); 0 where no well-formed
 * character ends before `end`. */
size_t taup_utf8_next(const char *s, const char *end, uint32_t *code);

/* Whether all n bytes are UTF-8. */
bool taup_utf8_is_valid(const char *s, size_t n);

/* Whether the character may stand in a YAML file as it is (YAML 1.2, section 5.1). A byte order mark may not,
 * but at the start. */
bool taup_utf8_is_printable(uint32_t code);

#endif

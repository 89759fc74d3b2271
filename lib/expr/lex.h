/* SPDX-License-Identifier: Apache-2.0 */
/* lex.h - the characters of an expression: how long a name or a number is, and columns in UTF-8. */
#ifndef TAUP_LEX_H
#define TAUP_LEX_H

#include <stddef.h>

/* Bytes of the name at s: a letter or _, then letters, digits, _. Characters beyond ASCII are letters, unless
 * they look like an operator. 0: no name begins here. */
size_t taup_lex_name(const char *s);

/* Bytes of the decimal number at s, 0 where none begins: 2, 2., .5, 1.5e-3. A sign is no part of it, nor an e
 * without digits. */
size_t taup_lex_number(const char *s);

/* Bytes of the UTF-8 character at s. */
int taup_lex_character(const char *s);

/* What to write in place of a character that looks like an operator (a middle dot, a typographic minus); NULL
 * where s is none. */
const char *taup_lex_lookalike(const char *s);

/* Column of place in text, counting characters from 1. */
int taup_lex_column(const char *text, const char *place);

/* The first byte that is not UTF-8, or NULL. */
const char *taup_lex_not_utf8(const char *text);

#endif

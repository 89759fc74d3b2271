/* SPDX-License-Identifier: Apache-2.0 */
/* parse.h - a user's expression to nodes. */
#ifndef TAUP_PARSE_H
#define TAUP_PARSE_H

#include "expr/graph.h"

/* Gives the node of a name (a species' concentration, a parameter, T, P, R), or TAUP_NODE_NONE where there is none. Called at every use.
 * species: the name was written as c["..."] and only a species may answer. */
typedef taup_node (*taup_resolve_fn)(void *user, taup_graph *g, const char *name, bool species);

typedef struct taup_scope {
  taup_resolve_fn resolve;
  void *user;
  const char *const *names; /* all known names, for "did you mean"; NULL-terminated; may be NULL */
} taup_scope;

enum { TAUP_EXPRESSION_LONGEST = 65536, TAUP_EXPRESSION_DEEPEST = 128 };

/* Parse `text` to *out. Grammar: numbers, names, c["name"], + - * / ^ (right-associative, above unary minus), parentheses,
 * exp log log10 sqrt pow abs min max tanh; pi is a number. Numbers have no dimension.
 * Errors: TAU_E_PARSE, TAU_E_NAME, TAU_E_UNITS, TAU_E_VALUE (no finite value, or beyond a limit); *column (from 1, characters) gets the
 * place, tau_last_error() the reason.
 * Refused: longer than TAUP_EXPRESSION_LONGEST bytes, nested deeper than TAUP_EXPRESSION_DEEPEST, exponents beyond +-100, numbers that
 * are not finite. */
tau_status taup_parse(taup_graph *g, const char *text, const taup_scope *scope, taup_node *out, int *column);

/* Whether a name is a reserved one of expressions (T P R pi c and the functions). */
bool taup_name_is_reserved(const char *name);

#endif

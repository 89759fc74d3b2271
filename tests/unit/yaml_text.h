/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_text.h - YAML text to a model and to what is said about it, for the tests. */
#ifndef YAML_TEXT_H
#define YAML_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tautrain/model.h>

#include "base/alloc.h"
#include "io/yaml_read.h"

typedef struct told {
  int n;
  char lines[32][200]; /* "line:column [path] text" */
} told;

static inline void tell(void *user, const tau_mistake *mistake)
{
  told *t = user;
  if (t->n < 32)
    snprintf(t->lines[t->n], sizeof t->lines[0], "%d:%d [%s] %s", mistake->line, mistake->column,
             mistake->path, mistake->text);
  t->n++;
}

/* Reads without asking whether the model makes sense. */
static inline tau_status read_text(tau_model **out, const char *text, size_t n_bytes, told *t)
{
  taup_mistakes m = {.file = "m.yaml", .report = t ? tell : NULL, .user = t};
  char *source = taup_strndup(text, n_bytes);
  if (!source) return TAU_E_NOMEM;
  const tau_status st = taup_yaml_read(out, source, n_bytes, &m);
  return st == TAU_OK && m.n ? TAU_E_MODEL : st;
}

static inline tau_model *read_well(const char *text)
{
  told t = {0};
  tau_model *m = NULL;
  if (read_text(&m, text, strlen(text), &t) != TAU_OK)
    fail_msg("%s\nfrom: %s", t.n ? t.lines[0] : tau_last_error(), text);
  return m;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* model_sections.h - model files for tests, given in sections: line 1 tautrain, 2 species, 3 reactions, 4
 * feeds, 5 units, 6 and on the rest. */
#ifndef MODEL_SECTIONS_H
#define MODEL_SECTIONS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tautrain/model.h>

typedef struct file {
  const char *species, *reactions, *feeds, *units, *rest; /* NULL: those below */
} file;

#define SPECIES "{A: {}, B: {}, C: {}}"
#define REACTIONS "{a: {equation: A -> B, k: 0.1 1/s}}"
#define FEEDS "{f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}"
#define UNITS "{coil: {type: pfr, in: f, volume: 5 mL}}"

static inline void compose(char *text, size_t n_bytes, const file *f)
{
  const int n = snprintf(text, n_bytes, "tautrain: 1\nspecies: %s\nreactions: %s\nfeeds: %s\nunits: %s\n%s\n",
                         f->species ? f->species : SPECIES, f->reactions ? f->reactions : REACTIONS,
                         f->feeds ? f->feeds : FEEDS, f->units ? f->units : UNITS, f->rest ? f->rest : "");
  assert_in_range(n, 1, (int)n_bytes - 1);
}

static inline void collect(void *user, const tau_mistake *mistake)
{
  char *said = user;
  const size_t at = strlen(said);
  snprintf(said + at, 4096 - at, "%d:%d: %s\n", mistake->line, mistake->column, mistake->text);
}

static inline tau_model *model_of(const char *text)
{
  char said[4096] = "";
  tau_model *model = NULL;
  if (tau_model_parse(&model, text, strlen(text), "test", collect, said) < 0) fail_msg("%s\n%s", text, said);
  return model;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tangents.c - products with sparse derivatives, and the implicit function theorem at a root:
 *
 *     0 = f(y; x)   =>   J dy = -f_x dx */
#include "solve/tangents.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/sundials.h"

/* A column whose x is 0 is not looked at: what does not move may have no derivative. */
void taup_entries_add(const taup_entries *e, const double *values, const double *x, double *out)
{
  const double *entry = values + e->first;
  for (int c = 0; c < e->n_columns; c++) {
    if (x[c] == 0.0) continue;
    for (int k = e->start[c]; k < e->start[c + 1]; k++) out[e->row[k]] += entry[k] * x[c];
  }
}

struct taup_implicit {
  taup_system system;
  taup_linear linear;
};

tau_status taup_implicit_new(taup_implicit **out, const taup_system *system)
{
  assert(out && system && system->n > 0);
  *out = NULL;
  taup_implicit *r = taup_calloc(1, sizeof *r);
  if (!r) return TAU_E_NOMEM;
  r->system = *system;
  const tau_status st = taup_linear_open(&r->linear, &r->system);
  if (st < 0) {
    taup_free(r);
    return st;
  }
  *out = r;
  return TAU_OK;
}

void taup_implicit_free(taup_implicit *r)
{
  if (!r) return;
  taup_linear_close(&r->linear);
  taup_free(r);
}

int taup_implicit_factor(taup_implicit *r, double *R, const double *y)
{
  const taup_system *s = &r->system;
  const int said = taup_system_run(s, s->body_J, R, y, s->column_start[s->n], r->linear.values);
  if (said != 0) return said;
  return taup_linear_factor(&r->linear) == 0 ? 0 : TAUP_SINGULAR;
}

int taup_implicit_solve(taup_implicit *r, double *b)
{
  const size_t bytes = (size_t)r->system.n * sizeof *b;
  memcpy(N_VGetArrayPointer(r->linear.b), b, bytes);
  if (taup_linear_solve(&r->linear) != 0) return TAUP_SINGULAR;
  memcpy(b, N_VGetArrayPointer(r->linear.x), bytes);
  return taup_all_finite(r->system.n, b) ? 0 : TAUP_SINGULAR;
}

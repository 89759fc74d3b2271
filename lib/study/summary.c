/* SPDX-License-Identifier: Apache-2.0 */
/* summary.c - codes of failures, and the getters. */
#include "study/summary.h"

#include "train/train.h"

#include <math.h>

tau_status taup_summary_new(tau_sweep_summary **out, const tau_train *train)
{
  tau_sweep_summary *s = *out = taup_calloc(1, sizeof *s);
  if (!s) return TAU_E_NOMEM;
  s->train = tau_train_ref(train);
  s->largest_difference = NAN;
  s->engine = TAU_ENGINE_CVODES;
  return TAU_OK;
}

void tau_sweep_summary_free(tau_sweep_summary *s)
{
  if (!s) return;
  for (int k = 0; k < s->n_codes; k++) taup_free(s->codes[k].text);
  taup_free(s->codes);
  tau_train_free(s->train);
  taup_free(s);
}

tau_status taup_summary_code(tau_sweep_summary *s, const taup_cause *cause, int64_t run, int *code)
{
  for (int k = 0; k < s->n_codes; k++)
    if (s->codes[k].kind == cause->kind && s->codes[k].i_unit == cause->i_unit) {
      *code = k + 1;
      return TAU_OK;
    }
  TAU_TRY(taup_grow(&s->codes, &s->capacity, s->n_codes + 1, sizeof *s->codes));
  char *text = taup_strdup(cause->text);
  if (!text) return TAU_E_NOMEM;
  s->codes[s->n_codes++] = (taup_code){cause->kind, cause->i_unit, cause->status, 0, run, text};
  *code = s->n_codes;
  return TAU_OK;
}

int64_t tau_sweep_n_done(const tau_sweep_summary *s) { return s->n_done; }
int64_t tau_sweep_n_failed(const tau_sweep_summary *s) { return s->n_failed; }
int tau_sweep_n_codes(const tau_sweep_summary *s) { return s->n_codes; }
tau_engine tau_sweep_engine(const tau_sweep_summary *s) { return s->engine; }
int64_t tau_sweep_n_handed_over(const tau_sweep_summary *s) { return s->n_handed_over; }
double tau_sweep_largest_difference(const tau_sweep_summary *s) { return s->largest_difference; }
double tau_sweep_wall_time(const tau_sweep_summary *s) { return s->wall_time; }

tau_sweep_message tau_sweep_message_of(const tau_sweep_summary *s, int code)
{
  const taup_code *c = &s->codes[code - 1];
  const char *unit = c->i_unit < 0 ? "" : s->train->layout->units[c->i_unit].name;
  return (tau_sweep_message){c->text, taup_error_id(c->kind), unit, c->status, c->n_runs, c->first_run};
}

tau_status taup_engine_of(tau_engine *out, const tau_train *train, const tau_sweep_options *options)
{
  const tau_engine own = options->engine;
  const tau_engine asked = own != TAU_ENGINE_AUTO ? own : taup_run_options_of(train, &options->run).engine;
  const char *refusal = asked == TAU_ENGINE_CVODES ? NULL : taup_lanes_refusal(train);
  *out = asked == TAU_ENGINE_CVODES || refusal ? TAU_ENGINE_CVODES : TAU_ENGINE_LANES;
  if (!refusal || asked == TAU_ENGINE_AUTO) return TAU_OK;
  return taup_fail(TAUP_ERR_NO_LANES, TAUP_LANES_REFUSED, refusal);
}

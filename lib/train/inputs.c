/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.c - the parameters of a run, and what a train tells of itself.
 *
 * Invariant: of each group of alternatives exactly the members of one alternative are numbers, the others NAN. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/train.h"

tau_status tau_inputs_new(tau_inputs **out, const tau_train *train)
{
  *out = NULL;
  tau_inputs *in = taup_calloc(1, sizeof *in);
  if (!in) return TAU_E_NOMEM;
  in->values = taup_calloc((size_t)train->d.chemistry.parameters.n, sizeof *in->values);
  if (!in->values) {
    taup_free(in);
    return TAU_E_NOMEM;
  }
  in->train = tau_train_ref(train);
  tau_inputs_reset(in);
  *out = in;
  return TAU_OK;
}

tau_status tau_inputs_copy(tau_inputs **out, const tau_inputs *inputs)
{
  TAU_TRY(tau_inputs_new(out, inputs->train));
  memcpy((*out)->values, inputs->values,
         (size_t)inputs->train->d.chemistry.parameters.n * sizeof *inputs->values);
  return TAU_OK;
}

void tau_inputs_reset(tau_inputs *inputs)
{
  const taup_parameters *table = &inputs->train->d.chemistry.parameters;
  for (int i = 0; i < table->n; i++) inputs->values[i] = table->items[i].value;
}

void tau_inputs_free(tau_inputs *inputs)
{
  if (!inputs) return;
  tau_train_free(inputs->train);
  taup_free(inputs->values);
  taup_free(inputs);
}

double tau_inputs_value(const tau_inputs *inputs, int i_parameter) { return inputs->values[i_parameter]; }

tau_status tau_inputs_set_index(tau_inputs *inputs, int i_parameter, double value)
{
  const taup_parameters *table = &inputs->train->d.chemistry.parameters;
  const taup_parameter *p = &table->items[i_parameter];
  TAU_TRY(taup_parameter_check(p, value));
  if (p->group > 0)
    for (int i = 0; i < table->n; i++)
      if (inputs->train->groups[i] == p->group) inputs->values[i] = NAN;
  inputs->values[i_parameter] = value;
  return TAU_OK;
}

static tau_status find(const tau_train *t, const char *path, int *index)
{
  *index = taup_parameters_find(&t->d.chemistry.parameters, path);
  if (*index >= 0) return TAU_OK;
  taup_nearest search = {path, NULL, 0};
  char hint[200];
  const size_t n = strlen(path);
  for (int i = 0; i < t->d.chemistry.parameters.n; i++) {
    const char *known = t->d.chemistry.parameters.items[i].path;
    const size_t n_known = strlen(known);
    if (n && n_known > n && known[n_known - n - 1] == '/' && strcmp(known + n_known - n, path) == 0)
      return taup_fail(TAUP_ERR_UNKNOWN_PARAMETER, "'%s' is no parameter of this train; did you mean '%s'?",
                       path, known);
    taup_nearest_try(&search, known);
  }
  return taup_fail(TAUP_ERR_UNKNOWN_PARAMETER, "'%s' is no parameter of this train%s", path,
                   taup_nearest_hint(&search, hint, sizeof hint));
}

tau_status tau_inputs_set(tau_inputs *inputs, const char *path, double value)
{
  int i;
  TAU_TRY(find(inputs->train, path, &i));
  return tau_inputs_set_index(inputs, i, value);
}

tau_status tau_inputs_set_text(tau_inputs *inputs, const char *path, const char *text)
{
  int i;
  double value, uncertainty;
  TAU_TRY(find(inputs->train, path, &i));
  TAU_TRY(taup_parameter_value(&inputs->train->d.chemistry.parameters.items[i], text, &value, &uncertainty));
  return tau_inputs_set_index(inputs, i, value);
}

/* --- what a train tells --- */

int tau_train_n_parameters(const tau_train *t) { return t->layout->n_parameters; }
tau_parameter tau_train_parameter(const tau_train *t, int i) { return t->parameters[i]; }
int tau_train_n_observables(const tau_train *t) { return t->layout->n_observables; }
tau_observable tau_train_observable(const tau_train *t, int i) { return t->layout->observables[i]; }
int tau_train_n_species(const tau_train *t) { return t->layout->n_species; }
const char *tau_train_species(const tau_train *t, int i) { return t->layout->species[i]; }
int tau_train_n_reactions(const tau_train *t) { return t->layout->n_reactions; }
const char *tau_train_reaction(const tau_train *t, int i) { return t->layout->reactions[i]; }
int tau_train_n_units(const tau_train *t) { return t->n_stages; }
const char *tau_train_unit(const tau_train *t, int i) { return t->layout->units[i].name; }
const char *tau_train_unit_kind(const tau_train *t, int i) { return t->layout->units[i].kind; }
int tau_train_n_moieties(const tau_train *t) { return t->d.chemistry.n_moieties; }
const char *tau_train_moiety(const tau_train *t, int i) { return t->layout->balance_names[i]; }

int tau_train_parameter_index(const tau_train *t, const char *path)
{
  int i = -1;
  return find(t, path, &i) < 0 ? -1 : i;
}

int tau_train_observable_index(const tau_train *t, const char *path)
{
  const int i = taup_map_find(&t->layout->observable_by_path, path);
  if (i >= 0) return i;
  taup_nearest search = {path, NULL, 0};
  char hint[200];
  for (int k = 0; k < t->layout->n_observables; k++)
    taup_nearest_try(&search, t->layout->observables[k].path);
  taup_fail(TAUP_ERR_UNKNOWN_OBSERVABLE, "'%s' is no observable of this train%s", path,
            taup_nearest_hint(&search, hint, sizeof hint));
  return -1;
}

tau_status tau_train_program_text(const tau_train *t, int i_unit, char **out)
{
  *out = NULL;
  const int program = t->stages[i_unit].program;
  taup_text text = {0};
  taup_text_printf(&text, "unit '%s' (%s)\n", t->layout->units[i_unit].name, t->layout->units[i_unit].kind);
  if (program >= 0) taup_program_list(t->programs[program].program, &text);
  else taup_text_add(&text, "no equations of its own: flows and enthalpies are added or divided\n");
  if (text.failed) {
    taup_text_free(&text);
    return TAU_E_NOMEM;
  }
  *out = text.data;
  return TAU_OK;
}

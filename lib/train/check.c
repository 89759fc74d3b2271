/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - a model is right when it can be described; one of distributions alone, when they can. */
#include "train/check.h"

#include <assert.h>

#include "train/description.h"

tau_status taup_model_check_tree(const tau_model *model, taup_mistakes *mistakes)
{
  if (taup_holds_distributions_alone(model)) return taup_check_distributions(model, mistakes);
  taup_description description;
  const tau_status st = taup_describe(&description, model, mistakes);
  taup_description_free(&description);
  return st;
}

tau_status taup_model_check_network(const tau_model *model, taup_mistakes *mistakes)
{
  if (taup_holds_distributions_alone(model)) return taup_check_distributions(model, mistakes);
  taup_description description;
  const tau_status st = taup_describe_network(&description, model, mistakes);
  taup_description_free(&description);
  return st;
}

tau_status tau_model_check(const tau_model *model, tau_mistake_fn report, void *user)
{
  assert(model);
  taup_mistakes mistakes = {.file = model->name, .report = report, .user = user};
  return taup_model_check_tree(model, &mistakes);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* rtd_text.c - a distribution from the text of one: what stands behind a name in the block `rtd:` of a model file. */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "io/yaml_read.h"
#include "rtd/read.h"

tau_status tau_rtd_parse(tau_rtd **out, const char *text)
{
  assert(out && text);
  tau_model *model = NULL;
  tau_rtd *rtd = NULL;
  taup_mistakes mistakes = {0};
  char *source = taup_strdup(text);
  if (!source) return TAU_E_NOMEM;
  tau_status st = taup_yaml_read(&model, source, strlen(text), &mistakes);
  if (st == TAU_OK) st = taup_mistakes_status(&mistakes);
  if (st == TAU_OK) st = taup_rtd_read(&rtd, model->root, model->root, &mistakes);
  if (st == TAU_OK) *out = rtd;
  tau_model_free(model);
  return st;
}

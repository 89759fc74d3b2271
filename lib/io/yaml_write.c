/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_write.c - the canonical text (model/print.c) as a file. */
#include <assert.h>
#include <string.h>
#include <tautrain/model.h>

#include "base/status.h"
#include "io/file.h"

tau_status tau_model_write(const tau_model *model, const char *file, bool overwrite)
{
  assert(model && file);
  char *text;
  TAU_TRY(tau_model_print(model, &text));
  const tau_status st = taup_file_write(file, text, strlen(text), overwrite);
  tau_text_free(text);
  return st;
}

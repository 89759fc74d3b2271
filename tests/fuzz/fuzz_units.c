/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_units.c - any bytes as a unit and as a quantity with its unit. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tautrain.h>

#include "base/alloc.h"
#include "chem/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
  if (holds) return;
  fprintf(stderr, "%s: %s\n", what, tau_last_error());
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  taup_unit_scale scale;
  taup_quantity quantity;
  char *text = taup_calloc(size + 1, 1);
  if (!text) return 0;
  memcpy(text, data, size);
  if (taup_unit_parse(text, &scale) == TAU_OK)
    must(isfinite(scale.factor) && scale.factor != 0.0 && isfinite(scale.offset), "a unit of no size");
  else must(tau_last_error()[0] != '\0', "no reason");
  if (taup_quantity_parse(text, &quantity) == TAU_OK)
    must(isfinite(quantity.value) && isfinite(quantity.uncertainty) && quantity.uncertainty >= 0.0 &&
           quantity.unit_text >= text && quantity.unit_text <= text + size,
         "a quantity that is none");
  else must(tau_last_error()[0] != '\0', "no reason");
  taup_free(text);
  return 0;
}

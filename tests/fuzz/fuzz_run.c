/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_run.c - any bytes as a model file, run with few steps and little time: whatever numbers stand there,
 * the run ends with a status and, where it failed, with a message. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <tautrain.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  tau_model *m = NULL;
  tau_train *train = NULL;
  tau_result *result = NULL;
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.rtol = 1e-3;
  options.max_steps = 30;
  options.max_time = 0.2;
  if (tau_model_parse(&m, (const char *)data, size, "fuzz", NULL, NULL) == TAU_OK &&
      tau_train_compile(&train, m) == TAU_OK) {
    const tau_status st = tau_train_run(&result, train, NULL, &options);
    if (!result || st != tau_result_status(result) ||
        (st != TAU_OK) != (tau_result_message(result)[0] != '\0')) {
      fprintf(stderr, "status %d, message '%s'\n", st, result ? tau_result_message(result) : "no result");
      abort();
    }
  }
  tau_result_free(result);
  tau_train_free(train);
  tau_model_free(m);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seed_result.c - a results file for the first corpus of fuzz_result: seed_result MODEL.yaml FILE.h5 */
#include <stdio.h>

#include <tautrain.h>

int main(int argc, char **argv)
{
  tau_model *m = NULL;
  tau_train *train = NULL;
  tau_result *r = NULL;
  if (argc != 3) return 2;
  if (tau_model_read(&m, argv[1]) == TAU_OK && tau_train_compile(&train, m) == TAU_OK)
    tau_train_run(&r, train, NULL, NULL);
  const int status = r && tau_result_save(r, argv[2], "seed_result", true) == TAU_OK ? 0 : 1;
  if (status) fprintf(stderr, "%s\n", tau_last_error());
  tau_result_free(r);
  tau_train_free(train);
  tau_model_free(m);
  return status;
}

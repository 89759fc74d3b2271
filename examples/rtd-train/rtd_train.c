/* SPDX-License-Identifier: Apache-2.0 */
/* rtd_train.c - the residence-time distribution of a train with a recycle: how long the old material is in it after a switch.
 *
 *     rtd_train train.yaml product */
#include <stdio.h>
#include <stdlib.h>
#include <tautrain.h>

static void tell(void *user, const tau_mistake *mistake)
{
  fprintf(stderr, "%s:%d:%d: %s\n", (const char *)user, mistake->line, mistake->column, mistake->text);
}

static tau_status print(const tau_rtd *rtd, double fraction)
{
  tau_rtd_moments m;
  double washed_out;
  tau_rtd_get_moments(rtd, &m);
  const tau_status st = tau_rtd_washout_time(rtd, 0.999, &washed_out);
  if (st < 0) return st;
  printf("share      %.4f\n", fraction);
  printf("mean       %.3f s\n", m.mean);
  printf("variance   %.1f s^2\n", m.variance);
  printf("99.9 %%     %.2f s\n", washed_out);
  return st;
}

int main(int argc, char **argv)
{
  tau_model *model = NULL;
  tau_rtd *rtd = NULL;
  double fraction = 0.0;
  if (argc != 3) {
    fprintf(stderr, "rtd_train MODEL FEED\n");
    return EXIT_FAILURE;
  }
  tau_status st = tau_model_read_network(&model, argv[1], tell, argv[1]);
  if (st == TAU_OK) st = tau_model_train_rtd(&rtd, model, argv[2], NULL, &fraction);
  if (st == TAU_OK) st = print(rtd, fraction);
  if (st < 0) fprintf(stderr, "%s\n", tau_last_error());
  tau_rtd_free(rtd);
  tau_model_free(model);
  return st < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

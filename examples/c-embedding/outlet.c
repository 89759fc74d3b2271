/* SPDX-License-Identifier: Apache-2.0 */
/* outlet.c - runs a train from C: one parameter changed, the outlet and the profile along the coil printed.
 *
 *     cc outlet.c $(pkg-config --cflags --libs tautrain) -o outlet && ./outlet snar.yaml
 */
#include <stdio.h>
#include <tautrain.h>

enum { N_LINES = 11 };

/* The profile along a unit: every tenth of the stored points, concentrations in mol/L. */
static void print_profile(const tau_result *result, const char *unit)
{
  const int i_unit = tau_result_unit_index(result, unit);
  const tau_profile profile = tau_result_profile(result, i_unit);
  const int n_species = tau_result_n_species(result);

  printf("%10s", profile.coordinate);
  for (int i = 0; i < n_species; i++) printf("%10s", tau_result_species(result, i));
  printf("\n%10s", profile.coordinate_unit);
  for (int i = 0; i < n_species; i++) printf("%10s", "mol/L");
  printf("\n");

  for (int line = 0; line < N_LINES; line++) {
    const int point = line * (profile.n_points - 1) / (N_LINES - 1);
    printf("%10.3g", profile.position[point]);
    for (int i = 0; i < n_species; i++) printf("%10.5f", profile.c[point * n_species + i] / 1e3);
    printf("\n");
  }
}

int main(int argc, char **argv)
{
  tau_model *model = NULL;
  tau_train *train = NULL;
  tau_inputs *inputs = NULL; /* this run's parameters: the train's own, changed by path */
  tau_result *result = NULL;
  double x = 0.0;
  int st;

  if ((st = tau_model_read(&model, argc > 1 ? argv[1] : "snar.yaml")) < 0) goto done;
  if ((st = tau_train_compile(&train, model)) < 0) goto done;
  if ((st = tau_inputs_new(&inputs, train)) < 0) goto done;
  if ((st = tau_inputs_set(inputs, "units/coil/temperature", 373.15)) < 0) goto done; /* SI */
  if ((st = tau_train_run(&result, train, inputs, NULL)) < 0) goto done; /* NULL: default options */
  if ((st = tau_result_value(result, "conversion/DFNB", &x)) < 0) goto done;
  printf("conversion %.4f\n", x);
  if ((st = tau_result_value(result, "yield/ortho", &x)) < 0) goto done;
  printf("yield      %.4f\n\n", x);
  print_profile(result, "coil");
done:
  if (st < 0) fprintf(stderr, "%s\n", tau_last_error());
  tau_result_free(result);
  tau_inputs_free(inputs);
  tau_train_free(train);
  tau_model_free(model);
  return st < 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* lane_cost.c - evaluates f and J of a unit's program many times, for lane_cost.py, which counts the
 * instructions of the machine.
 *
 *     lane_cost <model.yaml> <unit> <width> <repetitions>
 *
 * Prints the sum of the outputs of one lane, so that every width can be seen to do the same work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/train.h"

static int give_up(const char *what)
{
  fprintf(stderr, "lane_cost: %s: %s\n", what, tau_last_error());
  return 2;
}

/* All lanes were given the same, so all must have made the same. */
static bool lanes_agree(int n, int width, const double *out)
{
  for (int i = 0; i < n; i++)
    for (int lane = 1; lane < width; lane++)
      if (memcmp(&out[i * width], &out[i * width + lane], sizeof *out) != 0) return false;
  return true;
}

/* The inputs of a finished run, the same in every lane. */
static void spread(const taup_program *p, int width, double *wide, double *R, taup_binding binding, int n)
{
  for (int i = 0; i < n; i++)
    for (int lane = 0; lane < width; lane++)
      taup_program_input(p, width, wide, binding, i)[lane] = *taup_program_input(p, 1, R, binding, i);
}

static int measure(const taup_unit_program *u, int n_species, int width, int repetitions, double *R)
{
  const taup_program *p = u->program;
  const int n = u->system.n, n_entries = u->system.column_start[n];
  double *wide = aligned_alloc(64, taup_program_bytes(p, width)), sum = 0.0;
  double *out = aligned_alloc(64, ((size_t)(n + n_entries) * (size_t)width * sizeof *out + 63) & ~(size_t)63);
  if (!wide || !out || !taup_width_is_there(width)) return give_up("no such width here");
  taup_program_init(p, width, wide);
  spread(p, width, wide, R, TAUP_PARAMETER, u->n_roles);
  spread(p, width, wide, R, TAUP_INLET, taup_n_inlet_symbols(n_species));
  spread(p, width, wide, R, TAUP_STATE, n);
  taup_program_prologue(p, TAUP_PARAMETER, width, wide);
  taup_program_prologue(p, TAUP_INLET, width, wide);
  for (int i = 0; i < repetitions; i++) {
    taup_program_run(p, TAUP_BODY_F, width, wide, out);
    taup_program_run(p, TAUP_BODY_J, width, wide, out + n * width);
  }
  if (!lanes_agree(n + n_entries, width, out)) return give_up("the lanes differ");
  for (int i = 0; i < n + n_entries; i++) sum += out[i * width];
  printf("%.17g\n", sum);
  free(wide);
  free(out);
  return 0;
}

int main(int argc, char **argv)
{
  if (argc != 5) return give_up("needs a model, a unit, a width and a number");
  tau_model *model = NULL;
  tau_train *train = NULL;
  tau_workspace *w = NULL;
  const tau_result *result;
  if (tau_model_read(&model, argv[1]) < 0 || tau_train_compile(&train, model) < 0 ||
      tau_workspace_new(&w, train) < 0)
    return give_up(argv[1]);
  if (tau_train_run_in(&result, w, NULL, NULL) != TAU_OK) return give_up(argv[1]);
  int code = 2;
  for (int s = 0; s < train->n_stages; s++)
    if (strcmp(train->stages[s].unit->name, argv[2]) == 0) {
      const int k = train->stages[s].reduced >= 0 ? train->stages[s].reduced : train->stages[s].program;
      code =
        measure(&train->programs[k], train->layout->n_species, atoi(argv[3]), atoi(argv[4]), w->engines[k].R);
    }
  tau_workspace_free(w);
  tau_train_free(train);
  tau_model_free(model);
  return code;
}

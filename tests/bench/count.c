/* SPDX-License-Identifier: Apache-2.0 */
/* count.c - work for counting instructions under callgrind (count.py): each kernel in a function of its own, whose cost callgrind collects.
 *
 *     count MODEL KERNEL REPEATS [KERNEL REPEATS ...]
 *
 * KERNEL: f or J, the right-hand side and Jacobian of the last unit, by the evaluator for one point and any machine; vern7 or rodas, a
 * march of one point through it by the lane integrators, from Vern7 or from Rodas5P on; vern7_4, rodas_4: of four points by AVX2; newton,
 * newton_4: the same of a tank, from its feed; run, a whole run in a workspace; steps prints the counts of a run instead: "steps
 * right-hand-sides Jacobians". */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solve/lanes.h"
#include "train/train.h"
#include <tautrain.h>

#define NOT_INLINED __attribute__((noinline))

/* The program of the last unit that has one, with its registers as the last run left them. */
typedef struct kernel {
  const taup_program *program;
  double *R, *out;
} kernel;

NOT_INLINED void count_f(const kernel *k, int repeats);
NOT_INLINED void count_J(const kernel *k, int repeats);
NOT_INLINED void count_run(tau_workspace *w, int repeats);

void count_f(const kernel *k, int repeats)
{
  for (int i = 0; i < repeats; i++) taup_program_run(k->program, TAUP_BODY_F, 1, k->R, k->out);
}

void count_J(const kernel *k, int repeats)
{
  for (int i = 0; i < repeats; i++) taup_program_run(k->program, TAUP_BODY_J, 1, k->R, k->out);
}

void count_run(tau_workspace *w, int repeats)
{
  const tau_result *result;
  for (int i = 0; i < repeats; i++) tau_train_run_in(&result, w, NULL, NULL);
}

/* Of a march: the points, equal ones, and where they begin. */
typedef struct march {
  taup_lanes *lanes;
  taup_lane_point points[4];
  taup_lane_options options;
  int n, n_states;
  double start[TAUP_MOST_LANE_STATES], y[4][TAUP_MOST_LANE_STATES], q[4][TAUP_MOST_LANE_STATES];
} march;

NOT_INLINED void count_lanes(march *m, int repeats);

void count_lanes(march *m, int repeats)
{
  for (int i = 0; i < repeats; i++) {
    for (int k = 0; k < m->n; k++) memcpy(m->y[k], m->start, (size_t)m->n_states * sizeof *m->start);
    taup_lanes_march(m->lanes, m->n, m->points, &m->options);
  }
}

static const double lane_rtol = 1e-6;

/* Whether all the points came to their end. */
static bool march_lanes(const tau_workspace *w, int i_program, int width, bool stiff, int repeats)
{
  const taup_unit_program *p = &w->train->programs[i_program];
  double *R = w->engines[i_program].R;
  march m = {.n = width,
             .n_states = p->system.n,
             .options = {.rtol = lane_rtol, .max_steps = 100000, .stiff = stiff}};
  if (m.n_states > TAUP_MOST_LANE_STATES) return false;
  taup_eval_plain_only(width == 1);
  taup_program_run(p->program, TAUP_BODY_START, 1, R, m.start);
  if (taup_lanes_new(&m.lanes, &p->system, width) < 0) return false;
  for (int k = 0; k < width; k++)
    m.points[k] = (taup_lane_point){.R = R, .atol = w->atol, .y = m.y[k], .q = m.q[k]};
  count_lanes(&m, repeats);
  bool done = true;
  for (int k = 0; k < width; k++) done = done && m.points[k].end == TAUP_LANE_DONE;
  taup_lanes_free(m.lanes);
  return done;
}

/* Of a tank: the points, equal ones, and where they begin. */
typedef struct tanks {
  taup_lane_newton *lanes;
  taup_lane_root points[4];
  int n, n_states;
  double start[TAUP_MOST_LANE_STATES], y[4][TAUP_MOST_LANE_STATES];
} tanks;

NOT_INLINED void count_newton(tanks *t, int repeats);

void count_newton(tanks *t, int repeats)
{
  for (int i = 0; i < repeats; i++) {
    for (int k = 0; k < t->n; k++) memcpy(t->y[k], t->start, (size_t)t->n_states * sizeof *t->start);
    taup_lane_newton_solve(t->lanes, t->n, t->points, 1e-8, 50);
  }
}

/* Whether all the points found their state, and it is stable. */
static bool solve_tanks(const tau_workspace *w, int i_program, int width, int repeats)
{
  const taup_unit_program *p = &w->train->programs[i_program];
  double *R = w->engines[i_program].R;
  tanks t = {.n = width, .n_states = p->system.n};
  if (p->unit->kind->family != TAUP_WELL_MIXED || !p->fits_lanes) return false;
  taup_eval_plain_only(width == 1);
  taup_program_run(p->program, TAUP_BODY_START, 1, R, t.start);
  if (taup_lane_newton_new(&t.lanes, &p->system, width) < 0) return false;
  for (int k = 0; k < width; k++)
    t.points[k] = (taup_lane_root){.R = R,
                                   .atol = w->atol,
                                   .scale = w->scale,
                                   .lower = w->lower,
                                   .y = t.y[k],
                                   .full = true,
                                   .damped = true};
  count_newton(&t, repeats);
  bool found = true;
  for (int k = 0; k < width; k++) found = found && t.points[k].found && t.points[k].stable;
  taup_lane_newton_free(t.lanes);
  return found;
}

/* The program the last run marched by. */
static int marched_program(const taup_stage *stage)
{
  return stage->reduced >= 0 ? stage->reduced : stage->program;
}

static bool count(tau_workspace *w, const tau_result *result, const char *what, int repeats)
{
  const tau_train *t = w->train;
  if (strcmp(what, "run") == 0) {
    count_run(w, repeats);
    return true;
  }
  if (strcmp(what, "steps") == 0) {
    const tau_statistics s = tau_result_statistics(result, t->n_stages - 1);
    printf("%ld %ld %ld\n", s.n_steps, s.n_rhs, s.n_jacobian);
    return true;
  }
  const bool vern7 = strncmp(what, "vern7", 5) == 0, rodas = strncmp(what, "rodas", 5) == 0;
  if (vern7 || rodas)
    return march_lanes(w, marched_program(&t->stages[t->n_stages - 1]), what[5] ? 4 : 1, rodas, repeats);
  const int i_program = t->stages[t->n_stages - 1].program;
  if (strncmp(what, "newton", 6) == 0) return solve_tanks(w, i_program, what[6] ? 4 : 1, repeats);
  if (i_program < 0 || (strcmp(what, "f") != 0 && strcmp(what, "J") != 0)) return false;
  const taup_program *p = t->programs[i_program].program;
  const kernel k = {p, w->engines[i_program].R,
                    calloc((size_t)taup_program_n_outputs(p, TAUP_BODY_J), sizeof(double))};
  if (!k.out) return false;
  taup_eval_plain_only(true);
  (*what == 'f' ? count_f : count_J)(&k, repeats);
  free(k.out);
  return true;
}

int main(int argc, char **argv)
{
  tau_model *model = NULL;
  tau_train *train = NULL;
  tau_workspace *w = NULL;
  const tau_result *result = NULL;
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.engine = TAU_ENGINE_CVODES;
  if (argc < 4 || argc % 2) return 2;
  bool good = tau_model_read(&model, argv[1]) >= 0 && tau_train_compile(&train, model) >= 0 &&
              tau_workspace_new(&w, train) >= 0 && tau_train_run_in(&result, w, NULL, &options) == TAU_OK;
  for (int i = 2; good && i < argc; i += 2) good = count(w, result, argv[i], atoi(argv[i + 1]));
  if (!good) fprintf(stderr, "count: %s: %s\n", argv[1], tau_last_error());
  tau_workspace_free(w);
  tau_train_free(train);
  tau_model_free(model);
  return good ? 0 : 1;
}

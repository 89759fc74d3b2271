/* SPDX-License-Identifier: Apache-2.0 */
/* test_field_group.c - a field whose elements are eliminated eight at a time against the same one by one with exchanges of rows, which is
 * the independent way: other equations are left, in another order, and pivots are chosen. */
#include "support/small_run.h"

#include "solve/field_group.h"
#include "train/train.h"

#define FEED "feeds: {f: {flow: 1e-6, temperature: 300, concentration: {A: 1000, B: 1500}}}\n"
#define HEAD "tautrain: 1\nbare_numbers: SI\n"

/* Three states, a catalyst that is made, and heat; 20 states, more than two vectors of them. */
static const char *const models[] = {
  HEAD "species: {A: {}, B: {}, C: {}}\n"
       "reactions: {r: {equation: A + B -> C, k: 2e-3}, s: {equation: A + C -> 2 C, k: 1e-2}}\n" FEED
       "units: {tube: {type: pfr-dispersed, in: f, residence_time: 1.0, peclet: 1.0}}\n",
  HEAD "solvent: {density: 800, heat_capacity: 2500}\nspecies: {A: {}, B: {}, C: {}}\n"
       "reactions: {r: {equation: A + B -> C, k: {arrhenius: {k_ref: 1e-3, T_ref: 300, Ea: 3e4}}, heat: "
       "-2e4}}\n" FEED
       "units: {tube: {type: pfr-dispersed, in: f, residence_time: 1.0, peclet: 1.0, heat: adiabatic}}\n",
  HEAD
  "species: {A: {}, B: {}, C0: {}, C1: {}, C2: {}, C3: {}, C4: {}, C5: {}, C6: {}, C7: {}, C8: {}, C9: {}, "
  "D0: {}, D1: {}, D2: {}, D3: {}, D4: {}, D5: {}}\n"
  "reactions: {r: {equation: A + B -> C0, k: 2e-3}, c1: {equation: C0 -> C1, k: 3}, c2: {equation: C1 -> C2, "
  "k: 30},"
  " c3: {equation: C2 + B -> C3, k: 1e-2}, c4: {equation: C3 -> C4, k: 5}, c5: {equation: C4 + A -> C5, k: "
  "1e-2},"
  " c6: {equation: C5 -> C6, k: 1}, c7: {equation: C6 -> C7, k: 2}, c8: {equation: C7 -> C8, k: 9},"
  " c9: {equation: C8 -> C9, k: 4}, d0: {equation: C9 -> D0, k: 7}, d1: {equation: D0 -> D1, k: 50},"
  " d2: {equation: D1 -> D2, k: 5}, d3: {equation: D2 + A -> D3, k: 1e-2}, d4: {equation: D3 -> D4, k: 2},"
  " d5: {equation: D4 -> D5, k: 3}}\n" FEED
  "units: {tube: {type: pfr-dispersed, in: f, residence_time: 1.0, peclet: 1.0}}\n"};
enum { N_MODELS = sizeof models / sizeof models[0] };
static const double Pes[] = {1e-3, 1.0, 40.0, 3000.0};
enum { N_PE = sizeof Pes / sizeof Pes[0] };

/* A train, its inputs and a workspace. */
typedef struct tube {
  tau_train *train;
  tau_inputs *inputs;
  tau_workspace *workspace;
} tube;

static tube open_tube(const char *text)
{
  tube t = {.train = small_train(text)};
  assert_int_equal(tau_inputs_new(&t.inputs, t.train), TAU_OK);
  assert_int_equal(tau_workspace_new(&t.workspace, t.train), TAU_OK);
  return t;
}

static void close_tube(tube *t)
{
  tau_workspace_free(t->workspace);
  tau_inputs_free(t->inputs);
  tau_train_free(t->train);
}

static taup_bvp *field_of(const tube *t) { return t->workspace->engines[t->train->stages[0].program].field; }

static const tau_result *run_at(tube *t, double Pe, double rtol)
{
  const tau_result *r = NULL;
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  options.rtol = rtol;
  assert_int_equal(tau_inputs_set(t->inputs, "units/tube/peclet", Pe), TAU_OK);
  if (tau_train_run_in(&r, t->workspace, t->inputs, &options) != TAU_OK) fail_msg("%s", tau_last_error());
  return r;
}

static const tau_result *run(tube *t, double Pe) { return run_at(t, Pe, 1e-8); }

/* Concentrations of the outlet [mol/m^3]; how many. */
static int outlet(const tube *t, const tau_result *r, double *c)
{
  const int n = tau_train_n_species(t->train);
  for (int i = 0; i < n; i++) {
    char path[64];
    snprintf(path, sizeof path, "outlet/c/%s", tau_train_species(t->train, i));
    c[i] = small_value(r, path);
  }
  return n;
}

/* Newton's method ends below 1e-3 of rtol 1e-8, on both. */
static void eight_at_a_time_are_as_one_by_one(void **state)
{
  (void)state;
  for (int m = 0; m < N_MODELS; m++) {
    tube t = open_tube(models[m]);
    taup_bvp *f = field_of(&t);
    taup_groups *groups = f->groups;
    for (int p = 0; p < N_PE && groups; p++) {
      double by_groups[32], alone[32];
      outlet(&t, run(&t, Pes[p]), by_groups);
      assert_true(f->by_groups);
      f->groups = NULL;
      const int n = outlet(&t, run(&t, Pes[p]), alone);
      assert_false(f->by_groups);
      f->groups = groups;
      for (int i = 0; i < n; i++) assert_close(by_groups[i], alone[i], 1e-10 * fabs(alone[i]) + 1e-8);
    }
    close_tube(&t);
  }
}

/* What Newton's method leaves open is 1e-3 of rtol; without groups the pairs are solved after the mesh, from what that gave. */
static void a_mesh_and_its_pairs_at_once_are_as_one_after_the_other(void **state)
{
  (void)state;
  static const double rtols[] = {0.1, 1e-3};
  for (int m = 0; m < N_MODELS; m++) {
    tube t = open_tube(models[m]);
    taup_bvp *f = field_of(&t);
    taup_groups *groups = f->groups;
    for (int k = 0; k < 2 * N_PE && groups; k++) {
      double at_once[32], in_turn[32];
      outlet(&t, run_at(&t, Pes[k / 2], rtols[k % 2]), at_once);
      assert_true(f->is_paired);
      const double error = f->error;
      f->groups = NULL;
      const int n = outlet(&t, run_at(&t, Pes[k / 2], rtols[k % 2]), in_turn);
      assert_false(f->is_paired);
      f->groups = groups;
      for (int i = 0; i < n; i++)
        assert_close(at_once[i], in_turn[i], 2e-3 * rtols[k % 2] * (fabs(in_turn[i]) + 1.0));
      assert_close(error, f->error, 0.02 * f->error + 2e-3);
    }
    close_tube(&t);
  }
}

/* Eight lanes in one register and in two halves. */
static void halves_give_the_bits_of_whole_vectors(void **state)
{
  (void)state;
  for (int m = 0; m < N_MODELS; m++)
    for (int p = 0; p < N_PE; p++) {
      double c[2][32];
      int n = 0;
      for (int half = 0; half < 2; half++) {
        taup_eval_plain_only(half == 1);
        tube t = open_tube(models[m]);
        n = outlet(&t, run(&t, Pes[p]), c[half]);
        close_tube(&t);
        taup_eval_plain_only(false);
      }
      assert_memory_equal(c[0], c[1], (size_t)n * sizeof(double));
    }
}

/* The frequency w at which a tube of length s with g(0) = 0 and y(s) = 0 has a field that is not 0. */
static double own_frequency(double Pe, double s)
{
  double low = 0.5 * acos(-1.0) / s, high = 2.0 * low;
  for (int k = 0; k < 60; k++) {
    const double w = 0.5 * (low + high);
    *(cos(w * s) + 0.5 * Pe / w * sin(w * s) > 0.0 ? &low : &high) = w;
  }
  return low;
}

/* C that makes itself from A: g' = q y and y' = Pe (y - g), y = exp(Pe s / 2) (cos w s + Pe / (2 w) sin w s) from g(0) = 0, with
 * w^2 = Pe q - Pe^2 / 4. Where y is 0 at a point of the mesh no g follows from it. The elimination by groups says so near by, and the
 * one with exchanges goes on. */
static void what_needs_exchanges_is_left_to_them(void **state)
{
  (void)state;
  enum { A, B, C, N };
  tube t = open_tube(models[0]);
  taup_bvp *f = field_of(&t);
  const double Pe = 1.0, k = 1e-2, flow = 1e-6, trace = 1e-9; /* what makes itself does not begin at 0 */
  int n_refused = 0;
  run(&t, Pe);
  const double s = f->now.s[f->now.n_elements / 2], w = own_frequency(Pe, s),
               q = (w * w + 0.25 * Pe * Pe) / Pe;
  for (int i = -50; i <= 50 && f->groups; i++) {
    const double state_A = flow * q * (1.0 + 1e-6 * i) / k / f->scale[A];
    for (int j = 0; j <= f->now.n_elements; j++) {
      f->now.y[j * N + A] = state_A;
      f->now.y[j * N + B] = 0.0;
      f->now.y[j * N + C] = trace;
    }
    for (int j = 0; j < f->now.n_elements * TAUP_BVP_INNER; j++) {
      f->now.inner[j * N + A] = state_A;
      f->now.inner[j * N + B] = 0.0;
      f->now.inner[j * N + C] = trace;
    }
    n_refused += !taup_groups_factor(f, &f->now);
    assert_true(taup_bvp_factor(f, &f->now));
  }
  assert_true(!f->groups || (n_refused > 0 && n_refused < 101));
  close_tube(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(eight_at_a_time_are_as_one_by_one),
    cmocka_unit_test(a_mesh_and_its_pairs_at_once_are_as_one_after_the_other),
    cmocka_unit_test(halves_give_the_bits_of_whole_vectors),
    cmocka_unit_test(what_needs_exchanges_is_left_to_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

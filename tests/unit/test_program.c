/* SPDX-License-Identifier: Apache-2.0 */
/* test_program.c - programs: the same bits at every width and for every evaluator, the values of the plain
 * evaluator, what is hoisted. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/program.h"
#include "support/ledger.h"
#include "support/random_graph.h"
#include "support/small_run.h"
#include "train/train.h"

enum { N_OUT = 24, N_POINTS = 8 };

/* A random program: body 0 has values, body 1 derivatives; points differ in all inputs. */
typedef struct sample {
  taup_graph *g;
  taup_program *program;
  int n_out[2];
  taup_node out[2][N_OUT];
  random_values point[N_POINTS];
} sample;

static sample sample_of(uint64_t seed, bool arithmetic)
{
  sample s = {0};
  taup_diff *d = NULL;
  const taup_partial *partials;
  assert_int_equal(taup_graph_new(&s.g), TAU_OK);
  random_graph r = random_graph_of(s.g, seed, 70, arithmetic);
  for (int i = 0; i < 12; i++) s.out[0][s.n_out[0]++] = random_known(&r);
  s.out[0][s.n_out[0]++] = s.out[0][0];             /* goes out twice */
  s.out[0][s.n_out[0]++] = r.node[2];               /* an input goes out as it is */
  s.out[0][s.n_out[0]++] = taup_number(s.g, 0.125); /* a constant too */
  assert_int_equal(taup_diff_new(&d, s.g, TAUP_STATE), TAU_OK);
  for (int i = r.n - 5; i < r.n; i++) {
    const int n = taup_diff_of(d, r.node[i], &partials);
    for (int k = 0; k < n && s.n_out[1] < N_OUT; k++) s.out[1][s.n_out[1]++] = partials[k].node;
  }
  taup_diff_free(d);
  const taup_body bodies[2] = {{s.n_out[0], s.out[0], "values"}, {s.n_out[1], s.out[1], "derivatives"}};
  const int n_inputs[4] = {0, RANDOM_SYMBOLS, RANDOM_SYMBOLS, RANDOM_SYMBOLS};
  if (taup_program_new(&s.program, s.g, n_inputs, 2, bodies) != TAU_OK) fail_msg("%s", tau_last_error());
  for (int i = 0; i < N_POINTS; i++) s.point[i] = random_values_new(&r.state);
  return s;
}

static sample new_sample(uint64_t seed) { return sample_of(seed, false); }

static void free_sample(sample *s)
{
  taup_program_free(s->program);
  taup_graph_free(s->g);
}

static void put(const sample *s, int width, double *R, int lane, const random_values *v)
{
  for (taup_binding b = TAUP_PARAMETER; b <= TAUP_STATE; b++)
    for (int i = 0; i < RANDOM_SYMBOLS; i++)
      taup_program_input(s->program, width, R, b, i)[lane] = v->re_im[b][2 * i];
}

/* All outputs of all points, computed `width` points at a time: out[point][body][k]. */
static void run_points(const sample *s, int width, double out[N_POINTS][2][N_OUT])
{
  double O[N_OUT * TAUP_WIDEST];
  double *R = aligned_alloc(64, taup_program_bytes(s->program, width));
  assert_non_null(R);
  taup_program_init(s->program, width, R);
  for (int first = 0; first < N_POINTS; first += width) {
    for (int lane = 0; lane < width; lane++) put(s, width, R, lane, &s->point[first + lane]);
    assert_int_equal(taup_program_prologue(s->program, TAUP_PARAMETER, width, R), 0);
    assert_int_equal(taup_program_prologue(s->program, TAUP_INLET, width, R), 0);
    for (int body = 0; body < 2; body++) {
      assert_int_equal(taup_program_run(s->program, body, width, R, O), 0);
      for (int k = 0; k < s->n_out[body]; k++)
        for (int lane = 0; lane < width; lane++) out[first + lane][body][k] = O[k * width + lane];
    }
  }
  free(R);
}

/* --- bits --- */

static void compare_bits(const sample *s, double a[N_POINTS][2][N_OUT], double b[N_POINTS][2][N_OUT],
                         const char *what)
{
  for (int point = 0; point < N_POINTS; point++)
    for (int body = 0; body < 2; body++)
      for (int k = 0; k < s->n_out[body]; k++)
        if (memcmp(&a[point][body][k], &b[point][body][k], sizeof(double)) != 0)
          fail_msg("%s: output %d of body %d at point %d: %a and %a", what, k, body, point, a[point][body][k],
                   b[point][body][k]);
}

/* Width 1 against the others, as this machine runs them and (plain) with width 8 by halves. */
static int compare_widths(const sample *s, uint64_t seed, bool also_without_fma)
{
  static const int widths[] = {1, 4, 8};
  double one[N_POINTS][2][N_OUT], other[N_POINTS][2][N_OUT];
  char what[80];
  int n = 0;
  run_points(s, 1, one);
  for (int i = 0; i < 6; i++) {
    const bool plain = i >= 3;
    const int width = widths[i % 3];
    if (!taup_width_is_there(width) || (plain && width == 1 && !also_without_fma)) continue;
    taup_eval_plain_only(plain);
    run_points(s, width, other);
    taup_eval_plain_only(false);
    snprintf(what, sizeof what, "seed %d, width 1 and %d%s", (int)seed, width, plain ? " plain" : "");
    compare_bits(s, one, other, what);
    n++;
  }
  return n;
}

static void every_width_gives_the_same_bits(void **state)
{
  (void)state;
  const int most = taup_width_is_there(8) ? 5 : 1;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    sample s = new_sample(seed);
    assert_int_equal(compare_widths(&s, seed, false), most);
    free_sample(&s);
  }
}

/* fma in software is exact, so a machine without it gets the same sums, products, quotients and roots.
 * (Not the same exp, log, tanh and pow: SLEEF has one deterministic family with FMA and one without.) */
static void arithmetic_has_the_same_bits_without_fma(void **state)
{
  (void)state;
  for (uint64_t seed = 501; seed <= 560; seed++) {
    sample s = sample_of(seed, true);
    assert_true(compare_widths(&s, seed, true) >= 2);
    free_sample(&s);
  }
}

static void functions_without_fma_differ_by_rounding_alone(void **state)
{
  (void)state;
  double with[N_POINTS][2][N_OUT], without[N_POINTS][2][N_OUT];
  for (uint64_t seed = 601; seed <= 630; seed++) {
    sample s = new_sample(seed);
    run_points(&s, 1, with);
    taup_eval_plain_only(true);
    run_points(&s, 1, without);
    taup_eval_plain_only(false);
    for (int point = 0; point < N_POINTS; point++)
      for (int k = 0; k < s.n_out[0]; k++)
        assert_true(fabs(with[point][0][k] - without[point][0][k]) <=
                    1e-13 * fmax(fabs(with[point][0][k]), 1e-2));
    free_sample(&s);
  }
}

/* --- values --- */

static void programs_agree_with_the_plain_evaluator(void **state)
{
  (void)state;
  double have[N_POINTS][2][N_OUT], want[2 * N_OUT];
  for (uint64_t seed = 201; seed <= 260; seed++) {
    sample s = new_sample(seed);
    run_points(&s, 1, have);
    for (int point = 0; point < N_POINTS; point++)
      for (int body = 0; body < 2; body++) {
        assert_int_equal(random_evaluate(s.g, &s.point[point], s.n_out[body], s.out[body], want), TAU_OK);
        for (int k = 0; k < s.n_out[body]; k++)
          if (!(fabs(have[point][body][k] - want[2 * k]) <= 1e-12 * fmax(fabs(want[2 * k]), 1e-2)))
            fail_msg("seed %d, body %d, output %d: %.17g, plainly %.17g", (int)seed, body, k,
                     have[point][body][k], want[2 * k]);
      }
    free_sample(&s);
  }
}

/* Registers of prologues and of other bodies are not written over: any order, any number of times, the
 * same. */
static void bodies_do_not_disturb_each_other(void **state)
{
  (void)state;
  for (uint64_t seed = 301; seed <= 320; seed++) {
    sample s = new_sample(seed);
    double first[2][N_OUT], again[N_OUT];
    double *R = aligned_alloc(64, taup_program_bytes(s.program, 1));
    taup_program_init(s.program, 1, R);
    put(&s, 1, R, 0, &s.point[0]);
    assert_int_equal(taup_program_prologue(s.program, TAUP_PARAMETER, 1, R), 0);
    assert_int_equal(taup_program_prologue(s.program, TAUP_INLET, 1, R), 0);
    for (int body = 0; body < 2; body++)
      assert_int_equal(taup_program_run(s.program, body, 1, R, first[body]), 0);
    for (int i = 0; i < 6; i++) {
      const int body = (i * 5 + 1) % 2;
      assert_int_equal(taup_program_run(s.program, body, 1, R, again), 0);
      assert_memory_equal(again, first[body], (size_t)s.n_out[body] * sizeof *again);
    }
    free(R);
    free_sample(&s);
  }
}

static void not_a_number_stays_one_at_every_width(void **state)
{
  (void)state;
  static const int widths[] = {1, 4, 8};
  for (int i = 0; i < 3; i++) {
    if (!taup_width_is_there(widths[i])) continue;
    taup_graph *g;
    taup_program *p;
    assert_int_equal(taup_graph_new(&g), TAU_OK);
    const taup_node x = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "x"), zero = taup_number(g, 0.0),
                    one = taup_number(g, 1.0);
    const taup_node nodes[] = {taup_exp(g, x),
                               taup_log(g, x),
                               taup_pow(g, x, taup_number(g, 1.5)),
                               taup_tanh(g, x),
                               taup_abs(g, x),
                               taup_add(g, x, one),
                               taup_select(g, x, zero, one, taup_number(g, 2.0))};
    const taup_body body = {7, nodes, "f"};
    assert_int_equal(taup_program_new(&p, g, (int[]){0, 0, 0, 1}, 1, &body), TAU_OK);
    double *R = aligned_alloc(64, taup_program_bytes(p, widths[i])), O[7 * TAUP_WIDEST];
    taup_program_init(p, widths[i], R);
    for (int lane = 0; lane < widths[i]; lane++)
      taup_program_input(p, widths[i], R, TAUP_STATE, 0)[lane] = lane == 0 ? (double)NAN : 2.0;
    assert_int_equal(taup_program_run(p, 0, widths[i], R, O), 0);
    for (int k = 0; k < 6; k++) assert_true(isnan(O[k * widths[i]]));
    assert_true(O[6 * widths[i]] == 2.0); /* a comparison with NaN does not hold */
    for (int lane = 1; lane < widths[i]; lane++)
      assert_true(O[widths[i] + lane] == O[widths[i] + 1] && fabs(O[widths[i] + lane] - log(2.0)) < 1e-15);
    free(R);
    taup_program_free(p);
    taup_graph_free(g);
  }
}

/* --- binding times --- */

static void what_is_known_early_is_computed_early(void **state)
{
  (void)state;
  taup_graph *g;
  taup_program *p;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const taup_node k = taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM_NONE, "k"),
                  T = taup_symbol(g, TAUP_INLET, 0, TAUP_DIM_NONE, "T");
  const taup_node y = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "y");
  const taup_node f[] = {
    taup_product(g, 4, (taup_node[]){taup_exp(g, k), taup_log(g, T), taup_tanh(g, y), taup_number(g, 3.0)})};
  const taup_body body = {1, f, "f"};
  assert_int_equal(taup_program_new(&p, g, (int[]){0, 1, 1, 1}, 1, &body), TAU_OK);
  assert_int_equal(taup_program_count(p, -1, "exp"), 1);
  assert_int_equal(taup_program_count(p, -2, "log"), 1);
  assert_int_equal(taup_program_count(p, 0, "tanh"), 1);
  assert_int_equal(taup_program_count(p, 0, "exp") + taup_program_count(p, 0, "log") +
                     taup_program_count(p, -2, "exp") + taup_program_count(p, -1, "log"),
                   0);
  assert_true(taup_program_n_instructions(p, 0) <= 3); /* tanh, one product, perhaps a store */
  taup_program_free(p);
  taup_graph_free(g);
}

static char *text_of(const char *file)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", TAUTRAIN_SOURCE_DIR, file);
  FILE *stream = fopen(path, "rb");
  if (!stream) fail_msg("cannot open %s", path);
  char *text = calloc(1, 65536);
  assert_true(fread(text, 1, 65535, stream) > 0);
  fclose(stream);
  return text;
}

static tau_train *snar(const char *heat_option)
{
  char *text = text_of("examples/snar/snar.yaml");
  tau_model *model = small_model(text);
  tau_train *train = NULL;
  if (heat_option) {
    assert_int_equal(tau_model_remove(model, "units/coil/temperature"), TAU_OK);
    assert_int_equal(tau_model_set(model, "units/coil/heat", heat_option), TAU_OK);
    for (const char *r = "abcd"; *r; r++) {
      char key[40];
      snprintf(key, sizeof key, "reactions/%c/heat", *r);
      assert_int_equal(tau_model_set(model, key, "-60 kJ/mol"), TAU_OK);
    }
  }
  if (tau_train_compile(&train, model) < 0) fail_msg("%s", tau_last_error());
  tau_model_free(model);
  free(text);
  return train;
}

static const taup_program *program_of(const tau_train *train, const char *unit)
{
  for (int s = 0; s < train->n_stages; s++)
    if (strcmp(train->stages[s].unit->name, unit) == 0)
      return train->programs[train->stages[s].program].program;
  fail_msg("no unit %s", unit);
  return NULL;
}

static void an_isothermal_coil_has_no_exp_in_its_steps(void **state)
{
  (void)state;
  tau_train *train = snar(NULL);
  for (int k = 0; k < train->n_programs; k++) { /* the reduced program too */
    const taup_program *p = train->programs[k].program;
    for (const char *const *op = (const char *const[]){"exp", "pow", "log", "div", NULL}; *op; op++) {
      assert_int_equal(taup_program_count(p, TAUP_BODY_F, *op), 0);
      assert_int_equal(taup_program_count(p, TAUP_BODY_J, *op), 0);
    }
    /* one a reaction */
    assert_true(taup_program_count(p, -1, "exp") + taup_program_count(p, -2, "exp") >= 4);
  }
  tau_train_free(train);
}

static void an_adiabatic_coil_has_one_exp_a_reaction(void **state)
{
  (void)state;
  tau_train *train = snar("adiabatic");
  const taup_program *p = program_of(train, "coil");
  assert_int_equal(taup_program_count(p, TAUP_BODY_F, "exp"), 4);
  assert_int_equal(taup_program_count(p, TAUP_BODY_J, "exp"), 4);
  tau_train_free(train);
}

/* --- the whole --- */

static void a_listing_says_all_sections(void **state)
{
  (void)state;
  sample s = new_sample(7);
  taup_text text = {0};
  taup_program_list(s.program, &text);
  assert_false(text.failed);
  assert_non_null(strstr(text.data, "once a run"));
  assert_non_null(strstr(text.data, "once a unit"));
  assert_non_null(strstr(text.data, "derivatives"));
  taup_text_free(&text);
  free_sample(&s);
}

static void running_allocates_nothing(void **state)
{
  (void)state;
  ledger l;
  double out[N_POINTS][2][N_OUT];
  ledger_open(&l, 0);
  sample s = new_sample(11);
  const long before = l.n_requests;
  run_points(&s, 1, out);
  if (taup_width_is_there(8)) run_points(&s, 8, out);
  assert_int_equal(l.n_requests, before);
  free_sample(&s);
  ledger_close();
  assert_int_equal(l.n_alive, 0);
}

/* K A - K A + 1, as a user's rate may say it in several ways. */
static void terms_that_cancel_leave_what_is_left(void **state)
{
  (void)state;
  taup_graph *g = NULL;
  taup_program *p = NULL;
  double R[64], out = 0.0;
  assert_int_equal(taup_graph_new(&g), TAU_OK);
  const taup_node K = taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM_NONE, "K");
  const taup_node A = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "A");
  const taup_node KA = taup_mul(g, K, A);
  const taup_node terms[3] = {taup_mul(g, K, taup_neg(g, A)), taup_number(g, 1.0), KA};
  const taup_node left = taup_sum(g, 3, NULL, terms);
  assert_true(taup_node_is_const(g, left, 1.0));
  assert_true(taup_node_is_const(g, taup_sub(g, KA, KA), 0.0));
  const taup_body body = {1, &left, "f"};
  const int n_inputs[4] = {0, 1, 0, 1};
  assert_int_equal(taup_program_new(&p, g, n_inputs, 1, &body), TAU_OK);
  taup_program_init(p, 1, R);
  assert_int_equal(taup_program_run(p, 0, 1, R, &out), 0);
  assert_true(out == 1.0);
  taup_program_free(p);
  taup_graph_free(g);
}

static int refusing(void *user, int n, const double *x, double *value, double *slope)
{
  (void)n, (void)slope;
  *value = x[0];
  return x[0] > 1.0 ? *(const int *)user : 0;
}

static void what_a_function_answers_comes_back(void **state)
{
  (void)state;
  for (int answer = -1; answer <= 1; answer += 2) {
    taup_graph *g;
    taup_program *p;
    assert_int_equal(taup_graph_new(&g), TAU_OK);
    int code = answer;
    const taup_callback f = {.function = refusing, .user = &code, .n_args = 1, .name = "f"};
    const taup_node x = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_NONE, "x"),
                    a = taup_call(g, &f, &x, TAUP_DIM_NONE);
    const taup_body body = {1, &a, "f"};
    assert_int_equal(taup_program_new(&p, g, (int[]){0, 0, 0, 1}, 1, &body), TAU_OK);
    double *R = aligned_alloc(64, taup_program_bytes(p, 1)), out;
    taup_program_init(p, 1, R);
    *taup_program_input(p, 1, R, TAUP_STATE, 0) = 0.5;
    assert_int_equal(taup_program_run(p, 0, 1, R, &out), 0);
    assert_true(out == 0.5);
    *taup_program_input(p, 1, R, TAUP_STATE, 0) = 2.0;
    assert_int_equal(taup_program_run(p, 0, 1, R, &out), answer);
    free(R);
    taup_program_free(p);
    taup_graph_free(g);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_width_gives_the_same_bits),
    cmocka_unit_test(arithmetic_has_the_same_bits_without_fma),
    cmocka_unit_test(functions_without_fma_differ_by_rounding_alone),
    cmocka_unit_test(programs_agree_with_the_plain_evaluator),
    cmocka_unit_test(bodies_do_not_disturb_each_other),
    cmocka_unit_test(not_a_number_stays_one_at_every_width),
    cmocka_unit_test(what_is_known_early_is_computed_early),
    cmocka_unit_test(an_isothermal_coil_has_no_exp_in_its_steps),
    cmocka_unit_test(an_adiabatic_coil_has_one_exp_a_reaction),
    cmocka_unit_test(a_listing_says_all_sections),
    cmocka_unit_test(running_allocates_nothing),
    cmocka_unit_test(terms_that_cancel_leave_what_is_left),
    cmocka_unit_test(what_a_function_answers_comes_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

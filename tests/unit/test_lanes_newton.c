/* SPDX-License-Identifier: Apache-2.0 */
/* test_lanes_newton.c - Newton's method in lanes: roots in closed form, agreement with newton.c, equal bits, what is handed back, proofs of
 * stability, memory. */
#include "unit/lane_points.h"

#include "solve/lanes_newton.h"

/* ---------- points ---------- */

static const double scale[MOST] = {1.0, 1.0, 1.0, 1.0}, lowest[MOST] = {0.0, 0.0, 0.0, 0.0},
                    unbound[MOST] = {-1e300, -1e300, -1e300, -1e300};
enum { ITERATIONS = 50 };
static const double rtol = 1e-8;

typedef struct tanks {
  int n;
  taup_lane_root points[MOST_POINTS];
  double *R[MOST_POINTS];
  double y[MOST_POINTS][MOST];
} tanks;

/* From y0: full steps, then damped ones; only full ones; only damped ones. */
typedef enum way { BOTH, ONLY_FULL, ONLY_DAMPED } way;

static void add_tank(tanks *b, const small_system *s, double p, const double *y0, way how)
{
  batch one = {0};
  add_point(&one, s, p, y0, tight);
  const int k = b->n++;
  b->R[k] = one.R[0];
  memcpy(b->y[k], y0, (size_t)s->system.n * sizeof *y0);
  b->points[k] = (taup_lane_root){.R = b->R[k],
                                  .atol = tight,
                                  .scale = scale,
                                  .lower = unbound,
                                  .y = b->y[k],
                                  .full = how != ONLY_DAMPED,
                                  .damped = how != ONLY_FULL};
}

static void free_tanks(tanks *b)
{
  for (int k = 0; k < b->n; k++) free(b->R[k]);
}

static taup_lane_newton *new_newton(const small_system *s, int width)
{
  taup_lane_newton *l = NULL;
  if (taup_lane_newton_new(&l, &s->system, width) < 0) fail_msg("%s", tau_last_error());
  return l;
}

static void solve(tanks *b, const small_system *s, int width)
{
  taup_lane_newton *l = new_newton(s, width);
  taup_lane_newton_solve(l, b->n, b->points, rtol, ITERATIONS);
  taup_lane_newton_free(l);
}

static int widest(void) { return taup_width_is_there(8) ? 8 : 1; }

/* ---------- roots ---------- */

/* A tank of 2 A -> B with k tau c_0 = p: 0 = 1 - a - p a^2, 0 = p a^2 / 2 - b; a = 2 / (1 + sqrt(1 + 4 p)). */
static small_system second_order(void)
{
  taup_graph *g = small_graph();
  const taup_node a = state(g, 0), r = taup_mul(g, parameter(g), taup_mul(g, a, a));
  const taup_node f[2] = {taup_sub(g, taup_sub(g, taup_number(g, 1.0), a), r),
                          taup_sub(g, taup_scale(g, 0.5, r), state(g, 1))};
  return with_parameter(g, 2, f, 0, NULL);
}

static const double feed[2] = {1.0, 0.0};

/* p from 1e-3, where full steps contract, to 1e8, where they do not. */
static void a_tank_of_second_order_is_right_to_the_last_digits(void **unused)
{
  (void)unused;
  small_system s = second_order();
  tanks b = {0};
  for (int k = 0; k < 34; k++) add_tank(&b, &s, pow(10.0, k / 3.0 - 3.0), feed, BOTH);
  solve(&b, &s, widest());
  for (int k = 0; k < 34; k++) {
    const double a = 2.0 / (1.0 + sqrt(1.0 + 4.0 * pow(10.0, k / 3.0 - 3.0)));
    assert_true(b.points[k].found);
    assert_true(b.points[k].stable); /* both eigenvalues: -1 and -1 - 2 p a */
    assert_close(b.y[k][0], a, 4e-16 * a);
    assert_close(b.y[k][1], 0.5 * (1.0 - a), 4e-16);
  }
  free_tanks(&b);
  small_free(&s);
}

/* 0 = p (y - 1)(2 - y)(y - 3): 1 and 3 are stable, 2 is not. */
static small_system three_states(void)
{
  taup_graph *g = small_graph();
  const taup_node y = state(g, 0), from_1 = taup_sub(g, y, taup_number(g, 1.0)),
                  to_2 = taup_sub(g, taup_number(g, 2.0), y), from_3 = taup_sub(g, y, taup_number(g, 3.0));
  const taup_node f = taup_mul(g, parameter(g), taup_mul(g, from_1, taup_mul(g, to_2, from_3)));
  return with_parameter(g, 1, &f, 0, NULL);
}

static void each_start_finds_the_state_beside_it(void **unused)
{
  (void)unused;
  small_system s = three_states();
  static const double starts[] = {0.2, 1.3, 1.9, 2.1, 2.7, 4.5}, roots[] = {1.0, 1.0, 2.0, 2.0, 3.0, 3.0};
  tanks b = {0};
  for (int k = 0; k < 12; k++) add_tank(&b, &s, 1e-3 * (1 + k), &starts[k % 6], ONLY_DAMPED);
  solve(&b, &s, widest());
  for (int k = 0; k < 12; k++) {
    assert_true(b.points[k].found);
    assert_close(b.y[k][0], roots[k % 6], 1e-15);
    assert_int_equal(b.points[k].stable, roots[k % 6] != 2.0);
  }
  free_tanks(&b);
  small_free(&s);
}

/* 0 = p - log(y): from 1 the full step goes to 1 + p, where there is no number; y = e^p. */
static void damped_steps_come_back_from_where_there_is_no_number(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f = taup_sub(g, parameter(g), taup_log(g, state(g, 0)));
  small_system s = with_parameter(g, 1, &f, 0, NULL);
  const double one = 1.0, below = -1.0;
  tanks b = {0};
  for (int k = 0; k < 9; k++) add_tank(&b, &s, -2.0 - k, &one, BOTH);
  add_tank(&b, &s, -2.0, &one, ONLY_FULL);
  add_tank(&b, &s, -2.0, &below, BOTH);
  solve(&b, &s, widest());
  for (int k = 0; k < 9; k++) {
    assert_true(b.points[k].found && b.points[k].n_newton > 2);
    assert_close(b.y[k][0] * exp(2.0 + k), 1.0, 1e-13);
  }
  for (int k = 9; k < 11; k++) {
    assert_false(b.points[k].found);
    assert_true(b.y[k][0] == (k == 9 ? one : below)); /* the start stays */
  }
  free_tanks(&b);
  small_free(&s);
}

/* ---------- as newton.c ---------- */

/* A tank of A -> B with heat: 0 = 1 - a - r, 0 = r - b, 0 = 8 r - w, r = p e^(w/(1 + w/10)) a; one or three states, with p. */
static small_system hot_tank(void)
{
  taup_graph *g = small_graph();
  const taup_node a = state(g, 0), w = state(g, 2);
  const taup_node hot = taup_exp(g, taup_div(g, w, taup_add(g, taup_number(g, 1.0), taup_scale(g, 0.1, w))));
  const taup_node r = taup_mul(g, parameter(g), taup_mul(g, hot, a));
  const taup_node f[3] = {taup_sub(g, taup_sub(g, taup_number(g, 1.0), a), r), taup_sub(g, r, state(g, 1)),
                          taup_sub(g, taup_scale(g, 8.0, r), w)};
  return with_parameter(g, 3, f, 0, NULL);
}

static const double cold[3] = {1.0, 0.0, 0.0}, warm[3] = {0.5, 0.5, 4.0}, burnt[3] = {0.1, 0.9, 7.2};
enum { N_HOT = 60, BAD = 17 };

static double hot_p(int i) { return i == BAD ? (double)NAN : pow(10.0, -4.0 + 6.0 * i / N_HOT); }

static void add_hot(tanks *b, const small_system *s, int i)
{
  static const double *const starts[3] = {cold, warm, burnt};
  add_tank(b, s, hot_p(i), starts[i % 3], i % 4 == 3 ? ONLY_FULL : i % 4 == 2 ? ONLY_DAMPED : BOTH);
  b->points[b->n - 1].lower = lowest;
}

/* The point of the lanes, by newton.c: whether found, the root in y. */
static bool by_newton_alone(taup_root *r, taup_lane_root *p, double *y, taup_solver_counts *counts)
{
  const taup_root_options o = {rtol, p->atol, p->scale, ITERATIONS, p->lower};
  double *R = (double *)(uintptr_t)p->R;
  bool found = p->full && taup_root_contract(r, R, y, &o) == TAU_OK;
  *counts = p->full ? taup_root_counts(r) : (taup_solver_counts){0};
  if (found || !p->damped) return found;
  found = taup_root_damped(r, R, y, &o) == TAU_OK;
  counts->n_newton += taup_root_counts(r).n_newton;
  counts->n_rhs += taup_root_counts(r).n_rhs;
  return found;
}

static void the_iteration_is_that_of_newton_alone(void **unused)
{
  (void)unused;
  small_system s = hot_tank();
  tanks b = {0};
  taup_root *r = NULL;
  int n_found = 0;
  double before[N_HOT][MOST];
  for (int i = 0; i < N_HOT; i++) add_hot(&b, &s, i);
  memcpy(before, b.y, sizeof before);
  solve(&b, &s, widest());
  assert_int_equal(taup_root_new(&r, &s.system), TAU_OK);
  for (int i = 0; i < N_HOT; i++) {
    taup_lane_root *p = &b.points[i];
    taup_solver_counts counts;
    double re_im[6];
    const bool found = by_newton_alone(r, p, before[i], &counts);
    n_found += found;
    assert_int_equal(p->found, found);
    if (!found) continue;
    for (int k = 0; k < 3; k++) assert_close(b.y[i][k], before[i][k], 1e-14 * (1.0 + fabs(before[i][k])));
    assert_int_equal(p->n_newton, counts.n_newton);
    assert_true(labs(p->n_rhs - counts.n_rhs) < 4); /* rounding decides which polish of 1 to 4 is the last */
    assert_int_equal(taup_root_eigenvalues(r, (double *)(uintptr_t)p->R, before[i], re_im), TAU_OK);
    if (p->stable) assert_true(re_im[0] < 0.0);
  }
  assert_true(n_found > N_HOT / 2 && n_found < N_HOT - 1);
  taup_root_free(r);
  free_tanks(&b);
  small_free(&s);
}

/* ---------- equal bits ---------- */

static bool same_root(const tanks *a, int i, const tanks *b, int k)
{
  const taup_lane_root *x = &a->points[i], *y = &b->points[k];
  return x->found == y->found && x->stable == y->stable && x->n_newton == y->n_newton &&
         x->n_rhs == y->n_rhs && memcmp(a->y[i], b->y[k], sizeof a->y[i]) == 0;
}

/* Every point alone in width 1 is the measure. */
static void check_bits(const small_system *s, int width, const tanks *alone)
{
  static const int counts[] = {1, 7, 8, 9, N_HOT};
  taup_lane_newton *l = new_newton(s, width);
  for (int c = 0; c < 5; c++) {
    tanks b = {0};
    for (int k = 0; k < counts[c]; k++) add_hot(&b, s, (k * 23 + 7 * c) % N_HOT);
    taup_lane_newton_solve(l, b.n, b.points, rtol, ITERATIONS);
    for (int k = 0; k < b.n; k++)
      if (!same_root(alone, (k * 23 + 7 * c) % N_HOT, &b, k))
        fail_msg("width %d, %d points: point %d is not what it is alone", width, b.n,
                 (k * 23 + 7 * c) % N_HOT);
    free_tanks(&b);
  }
  taup_lane_newton_free(l);
}

static void bits_depend_on_neither_width_nor_order_nor_neighbours(void **unused)
{
  (void)unused;
  small_system s = hot_tank();
  tanks alone = {0};
  for (int i = 0; i < N_HOT; i++) {
    add_hot(&alone, &s, i);
    taup_lane_newton *l = new_newton(&s, 1);
    taup_lane_newton_solve(l, 1, &alone.points[i], rtol, ITERATIONS);
    taup_lane_newton_free(l);
  }
  for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width)
    if (taup_width_is_there(width)) check_bits(&s, width, &alone);
  if (taup_width_is_there(8)) {
    taup_eval_plain_only(true);
    check_bits(&s, 8, &alone);
    taup_eval_plain_only(false);
  }
  free_tanks(&alone);
  small_free(&s);
}

/* ---------- handed back ---------- */

/* 0 = b - A y. */
static small_system linear(int n, const double *A, const double *b)
{
  taup_graph *g = small_graph();
  taup_node f[MOST];
  for (int i = 0; i < n; i++) {
    taup_node terms[MOST + 1];
    double factors[MOST + 1];
    for (int j = 0; j < n; j++) {
      terms[j] = state(g, j);
      factors[j] = -A[i * n + j];
    }
    terms[n] = taup_number(g, b[i]);
    factors[n] = 1.0;
    f[i] = taup_sum(g, n + 1, factors, terms);
  }
  return with_parameter(g, n, f, 0, NULL);
}

/* The root is (0.3, 1). In this order the elimination loses the second equation beside 1e20 times the first, and its step is (0, 1): too
 * wrong to be taken, though the steps after it would mend it. */
static void a_step_that_does_not_solve_its_equations_is_not_taken(void **unused)
{
  (void)unused;
  static const double small[4] = {1e-20, 1.0, 1.0, 1.0}, none[4] = {0.0, 1.0, 1.0, 0.0}, b[2] = {1.0, 1.3},
                      start[2] = {0.0, 0.0};
  for (int how = 0; how < 2; how++) {
    small_system s = linear(2, how ? none : small, b);
    tanks t = {0};
    for (int k = 0; k < 3; k++) add_tank(&t, &s, 0.0, start, (way)k);
    solve(&t, &s, widest());
    for (int k = 0; k < 3; k++) {
      assert_false(t.points[k].found);
      assert_int_equal(t.points[k].n_newton, 1);
      assert_true(t.y[k][0] == 0.0 && t.y[k][1] == 0.0);
    }
    free_tanks(&t);
    small_free(&s);
  }
}

/* 0 = p + y^2 has no root for p > 0. */
static void equations_without_a_root_are_given_up(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f = taup_add(g, parameter(g), taup_mul(g, state(g, 0), state(g, 0)));
  small_system s = with_parameter(g, 1, &f, 0, NULL);
  const double start = 3.0;
  tanks b = {0};
  for (int k = 0; k < 12; k++) add_tank(&b, &s, k % 3 == 1 ? 0.5 : -4.0, &start, BOTH);
  solve(&b, &s, widest());
  for (int k = 0; k < 12; k++) {
    assert_int_equal(b.points[k].found, k % 3 != 1);
    if (k % 3 != 1) assert_close(b.y[k][0], 2.0, 1e-15);
  }
  free_tanks(&b);
  small_free(&s);
}

static void too_many_iterations_are_given_up(void **unused)
{
  (void)unused;
  small_system s = second_order();
  taup_lane_newton *l = new_newton(&s, 1);
  for (int how = 0; how < 3; how++) {
    tanks b = {0};
    add_tank(&b, &s, 1.0, feed, (way)how);
    taup_lane_newton_solve(l, 1, b.points, rtol, 2);
    assert_false(b.points[0].found);
    assert_int_equal(b.points[0].n_newton, how == BOTH ? 4 : 2);
    free_tanks(&b);
  }
  taup_lane_newton_free(l);
  small_free(&s);
}

/* ---------- stability ---------- */

/* Whether y' = -A y is proven stable at 0; the largest real part. */
static bool is_proven(int n, const double *A, double *largest)
{
  const double b[MOST] = {0.0};
  double re_im[2 * MOST];
  small_system s = linear(n, A, b);
  tanks t = {0};
  taup_root *r = NULL;
  add_tank(&t, &s, 0.0, b, ONLY_FULL);
  solve(&t, &s, 1);
  assert_true(t.points[0].found);
  assert_int_equal(taup_root_new(&r, &s.system), TAU_OK);
  assert_int_equal(taup_root_eigenvalues(r, t.R[0], t.y[0], re_im), TAU_OK);
  *largest = re_im[0];
  const bool proven = t.points[0].stable;
  taup_root_free(r);
  free_tanks(&t);
  small_free(&s);
  return proven;
}

/* By the comparison matrix: of [1 a; b 1] its determinant is 1 - |a b|. */
static void stability_is_proven_in_any_units_and_never_where_it_is_not(void **unused)
{
  (void)unused;
  static const struct {
    double A[4];
    bool proven;
  } cases[] = {
    {{1.0, 0.5, -0.5, 1.0}, true},  {{1.0, 3.0, -3.0, 1.0}, false}, /* stable, but it turns too fast to be seen */
    {{1.0, 1e9, 5e-10, 1.0}, true}, {{1.0, 1e9, 2e-9, 1.0}, false}, /* a b = 2: unstable */
    {{1.0, 1e12, 0.0, 1e-3}, true}, {{1.0, 0.0, 1e12, -1e-3}, false}, {{-1.0, 0.0, 0.0, -1.0}, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double largest;
    assert_int_equal(is_proven(2, cases[i].A, &largest), cases[i].proven);
  }
}

static double uniform(unsigned long long *state)
{
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) * 0x1p-53;
}

/* 500 matrices with diagonals of 1 and random numbers beside them, rows and columns in random units: what is proven stable is. */
static void what_is_proven_stable_has_eigenvalues_left_of_0(void **unused)
{
  (void)unused;
  unsigned long long seed = 3;
  int n_proven = 0, n_stable = 0;
  for (int k = 0; k < 500; k++) {
    double A[16], unit[4], largest;
    for (int i = 0; i < 4; i++) unit[i] = pow(10.0, 6.0 * uniform(&seed) - 3.0);
    for (int i = 0; i < 16; i++) {
      const double x = i % 5 == 0 ? 1.0 : uniform(&seed) < 0.4 ? 0.0 : 2.4 * uniform(&seed) - 1.2;
      A[i] = x * unit[i / 4] / unit[i % 4];
    }
    const bool proven = is_proven(4, A, &largest);
    if (proven) assert_true(largest < 0.0);
    n_proven += proven;
    n_stable += largest < 0.0;
  }
  assert_true(n_proven > 100 && n_proven < n_stable && n_stable < 500);
}

/* ---------- house ---------- */

static void solving_allocates_nothing(void **unused)
{
  (void)unused;
  counting c = {0};
  count_allocations(&c);
  small_system s = hot_tank();
  for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width) {
    if (!taup_width_is_there(width)) continue;
    tanks b = {0};
    for (int i = 0; i < N_HOT; i++) add_hot(&b, &s, i);
    taup_lane_newton *l = new_newton(&s, width);
    const long before = c.n_calls;
    assert_true(before > 0);
    taup_lane_newton_solve(l, b.n, b.points, rtol, ITERATIONS);
    taup_lane_newton_solve(l, 0, NULL, rtol, ITERATIONS);
    assert_int_equal(c.n_calls, before);
    taup_lane_newton_free(l);
    free_tanks(&b);
  }
  taup_lane_newton_free(NULL);
  small_free(&s);
  tau_allocator_set(NULL);
}

static void every_failing_allocation_of_new_is_reported(void **unused)
{
  (void)unused;
  counting c = {0};
  count_allocations(&c);
  small_system s = hot_tank();
  taup_lane_newton *l = NULL;
  long k = 0;
  do {
    c.n_calls = 0;
    c.fail_at = ++k;
    const tau_status st = taup_lane_newton_new(&l, &s.system, 1);
    assert_int_equal(st, l ? TAU_OK : TAU_E_NOMEM);
  } while (!l);
  assert_true(k > 15); /* the object, the elimination's arrays, the lanes, then success */
  c.fail_at = 0;
  taup_lane_newton_free(l);
  small_free(&s);
  tau_allocator_set(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_tank_of_second_order_is_right_to_the_last_digits),
    cmocka_unit_test(each_start_finds_the_state_beside_it),
    cmocka_unit_test(damped_steps_come_back_from_where_there_is_no_number),
    cmocka_unit_test(the_iteration_is_that_of_newton_alone),
    cmocka_unit_test(bits_depend_on_neither_width_nor_order_nor_neighbours),
    cmocka_unit_test(a_step_that_does_not_solve_its_equations_is_not_taken),
    cmocka_unit_test(equations_without_a_root_are_given_up),
    cmocka_unit_test(too_many_iterations_are_given_up),
    cmocka_unit_test(stability_is_proven_in_any_units_and_never_where_it_is_not),
    cmocka_unit_test(what_is_proven_stable_has_eigenvalues_left_of_0),
    cmocka_unit_test(solving_allocates_nothing),
    cmocka_unit_test(every_failing_allocation_of_new_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

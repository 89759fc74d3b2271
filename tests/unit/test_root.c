/* SPDX-License-Identifier: Apache-2.0 */
/* test_root.c - Newton's method: roots of known equations, when it must refuse, and the eigenvalues of known matrices. */
#include "unit/small_system.h"

enum { MOST = 500 };
static double least[MOST], scale[MOST];

static taup_root_options options(double rtol)
{
  for (int i = 0; i < MOST; i++) {
    least[i] = 1e-14;
    scale[i] = 1.0;
  }
  return (taup_root_options){.rtol = rtol, .atol = least, .scale = scale, .max_iterations = 60};
}

static taup_root *new_root(const small_system *s)
{
  taup_root *r = NULL;
  if (taup_root_new(&r, &s->system) < 0) fail_msg("%s", tau_last_error());
  return r;
}

static small_system one_equation(taup_graph *g, taup_node f) { return small_new(g, 1, &f, 0, NULL, false); }

/* factor (y^2 + p y + q) */
static small_system quadratic(double factor, double p, double q)
{
  taup_graph *g = small_graph();
  const taup_node y = state(g, 0), terms[] = {taup_mul(g, y, y), y, taup_number(g, 1.0)};
  return one_equation(g, taup_sum(g, 3, (const double[]){factor, factor * p, factor * q}, terms));
}

static void check_failure(const taup_root *r, const char *why, int worst)
{
  const taup_failure failure = taup_root_failure(r);
  assert_string_equal(failure.why, why);
  assert_int_equal(failure.worst[0], worst);
  assert_true(failure.s == 0.0 && failure.h == 0.0);
  if (!strstr(tau_last_error(), why)) fail_msg("the record says '%s'", tau_last_error());
}

typedef tau_status (*solve_fn)(taup_root *r, double *R, double *y, const taup_root_options *options);
static const solve_fn both[] = {taup_root_contract, taup_root_damped};

/* ---------- right answers ---------- */

/* (y - 1)(y - 2): from the left of the vertex 3/2 to 1, from the right to 2. */
static void the_root_on_the_side_of_the_start_is_found(void **unused)
{
  (void)unused;
  small_system s = quadratic(1.0, -3.0, 2.0);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  for (int k = 0; k < 2; k++) {
    double left = 0.6, right = 2.5;
    assert_int_equal(both[k](r, s.R, &left, &o), TAU_OK);
    assert_close(left, 1.0, 1e-14);
    assert_int_equal(both[k](r, s.R, &right, &o), TAU_OK);
    assert_close(right, 2.0, 1e-14);
  }
  taup_root_free(r);
  small_free(&s);
}

/* A loose tolerance is met by a step of that size; the error after it is its square, and the polish takes the rest. */
static void the_polish_makes_a_root_exact_whatever_the_tolerance(void **unused)
{
  (void)unused;
  small_system s = quadratic(1.0, 0.0, -2.0);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-3);
  double y = 1.5;
  assert_int_equal(taup_root_contract(r, s.R, &y, &o), TAU_OK);
  assert_close(y, sqrt(2.0),
               1e-14); /* 1.5 + d, d = -0.0833, then -0.00245, then -2.1e-6 is below the tolerance */
  assert_int_equal(taup_root_counts(r).n_steps, 3);
  taup_root_free(r);
  small_free(&s);
}

/* Newton's method does not see a factor before the equations: the same iterates to rounding, the same count. */
static void a_factor_before_the_equations_changes_nothing(void **unused)
{
  (void)unused;
  const taup_root_options o = options(1e-10);
  for (int k = 0; k < 2; k++) {
    long n_steps[2];
    for (int i = 0; i < 2; i++) {
      small_system s = quadratic(i ? 1e12 : 1e-9, -3.0, 2.0);
      taup_root *r = new_root(&s);
      double y = -20.0;
      assert_int_equal(both[k](r, s.R, &y, &o), TAU_OK);
      assert_close(y, 1.0, 1e-14);
      n_steps[i] = taup_root_counts(r).n_steps;
      taup_root_free(r);
      small_free(&s);
    }
    assert_int_equal(n_steps[0], n_steps[1]);
  }
}

/* Robertson's kinetics in a tank: 0 = feed - y + tau r. Values: the cubic in y2 (closed form), relative error 1e-15. */
static const double robertson_tau[] = {1.0, 1e4, 1e10};
static const double robertson_values[][3] = {
  {0.9704443179693283, 3.137106467537472e-05, 0.029524310965996305},
  {0.28041298233820877, 1.5487473098329947e-06, 0.7195854689144814},
  {0.0004561257098857867, 1.8253254252916005e-09, 0.9995438724647888},
};

static small_system robertson_tank(double tau, bool sparse)
{
  taup_graph *g = small_graph();
  const taup_node a = state(g, 0), b = state(g, 1), c = state(g, 2), one = taup_number(g, 1.0);
  const taup_node r1 = taup_scale(g, 0.04 * tau, a), r2 = taup_scale(g, 1e4 * tau, taup_mul(g, b, c)),
                  r3 = taup_scale(g, 3e7 * tau, taup_mul(g, b, b));
  const taup_node f[3] = {taup_sum(g, 4, (const double[]){1, -1, -1, 1}, (const taup_node[]){one, a, r1, r2}),
                          taup_sum(g, 4, (const double[]){-1, 1, -1, -1}, (const taup_node[]){b, r1, r2, r3}),
                          taup_sub(g, r3, c)};
  return small_new(g, 3, f, 0, NULL, sparse);
}

static void a_stiff_tank_is_solved_from_near_and_from_a_rough_guess(void **unused)
{
  (void)unused;
  taup_root_options o = options(1e-10);
  const double fine[3] = {1e-20, 1e-20, 1e-20};
  o.atol = fine;
  for (int i = 0; i < 6; i++) {
    const double *want = robertson_values[i / 2];
    small_system s = robertson_tank(robertson_tau[i / 2], i % 2);
    taup_root *r = new_root(&s);
    double near[3] = {want[0] * 1.05, want[1] * 1.05, want[2] * 0.98}, rough[3] = {0.5, 1e-6, 0.5};
    if (taup_root_contract(r, s.R, near, &o) != TAU_OK) fail_msg("%s", tau_last_error());
    if (taup_root_damped(r, s.R, rough, &o) != TAU_OK) fail_msg("%s", tau_last_error());
    for (int j = 0; j < 3; j++) {
      assert_close(near[j] / want[j], 1.0, 1e-8);
      assert_close(rough[j] / want[j], 1.0, 1e-8);
    }
    taup_root_free(r);
    small_free(&s);
  }
}

/* Bratu's problem on n points, k (y_(i-1) - 2 y_i + y_(i+1)) + lambda exp(y_i) = 0, from 0: dense and sparse are two eliminations of the
 * same equations. */
static void sparse_and_dense_give_the_same_root(void **unused)
{
  (void)unused;
  enum { N = 80 };
  const double k = (N + 1.0) * (N + 1.0), lambda = 3.0; /* below the fold at 3.5138 */
  double y[2][N] = {{0}}, f[N];
  const taup_root_options o = options(1e-10);
  for (int sparse = 0; sparse < 2; sparse++) {
    small_system s = small_chain(N, k, lambda, sparse);
    taup_root *r = new_root(&s);
    if (taup_root_contract(r, s.R, y[sparse], &o) != TAU_OK) fail_msg("%s", tau_last_error());
    memcpy(taup_program_input(s.program, 1, s.R, TAUP_STATE, 0), y[sparse], sizeof y[sparse]);
    assert_int_equal(taup_program_run(s.program, BODY_F, 1, s.R, f), 0);
    for (int i = 0; i < N; i++) assert_close(f[i], 0.0, 64.0 * k * DBL_EPSILON);
    taup_root_free(r);
    small_free(&s);
  }
  for (int i = 0; i < N; i++) assert_close(y[0][i], y[1][i], 1e-12);
  /* The continuous problem has its largest y = 2 log cosh(theta/4), theta = sqrt(2 lambda) cosh(theta/4); the points are second order
   * accurate, with h^2 = 1.5e-4. */
  double theta = 1.0;
  for (int i = 0; i < 200; i++) theta = sqrt(2.0 * lambda) * cosh(0.25 * theta);
  assert_close(fmax(y[0][N / 2], y[0][N / 2 - 1]), 2.0 * log(cosh(0.25 * theta)), 5e-3);
}

/* y - y^3: +-1 and 0, of which 0 is unstable as a rest of dy/ds = y - y^3 (or the others of its negative): Newton cares for neither. */
static void stable_and_unstable_roots_are_found_alike(void **unused)
{
  (void)unused;
  static const double starts[] = {-1.3, -0.2, 0.25, 0.9}, roots[] = {-1.0, 0.0, 0.0, 1.0};
  taup_graph *g = small_graph();
  small_system s = one_equation(g, taup_sub(g, state(g, 0), taup_powi(g, state(g, 0), 3.0)));
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  for (int k = 0; k < 8; k++) {
    double y = starts[k / 2];
    assert_int_equal(both[k % 2](r, s.R, &y, &o), TAU_OK);
    assert_close(y, roots[k / 2], 1e-14);
  }
  taup_root_free(r);
  small_free(&s);
}

/* ---------- where full steps must refuse ---------- */

/* tanh from 3: the full step is -sinh(3) cosh(3) = -100.9, the next one infinite. */
static void full_steps_refuse_far_away_and_damped_ones_arrive(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  small_system s = one_equation(g, taup_tanh(g, state(g, 0)));
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  double y = 3.0;
  assert_int_equal(taup_root_contract(r, s.R, &y, &o), TAU_E_SOLVER);
  assert_true(y == 3.0);
  y = 1.2; /* the steps alternate and grow: -2.7, ... */
  assert_int_equal(taup_root_contract(r, s.R, &y, &o), TAU_E_SOLVER);
  check_failure(r, "the steps do not contract", 0);
  assert_true(y == 1.2);
  y = 3.0;
  assert_int_equal(taup_root_damped(r, s.R, &y, &o), TAU_OK);
  assert_close(y, 0.0, 1e-14);
  taup_root_free(r);
  small_free(&s);
}

/* 10 (y1 - y0^2), 1 - y0 from (-1.2, 1) (J. J. More et al., ACM Trans. Math. Softw. 7 (1981) 17, problem 1). */
static void damped_steps_solve_rosenbrock(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node x = state(g, 0), one = taup_number(g, 1.0);
  const taup_node f[2] = {taup_scale(g, 10.0, taup_sub(g, state(g, 1), taup_mul(g, x, x))),
                          taup_sub(g, one, x)};
  small_system s = small_new(g, 2, f, 0, NULL, false);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  double y[2] = {-1.2, 1.0};
  assert_int_equal(taup_root_damped(r, s.R, y, &o), TAU_OK);
  assert_close(y[0], 1.0, 1e-13);
  assert_close(y[1], 1.0, 1e-13);
  taup_root_free(r);
  small_free(&s);
}

static void equations_without_a_root_are_refused_and_y_stays(void **unused)
{
  (void)unused;
  small_system s = quadratic(1.0, 0.0, 1.0);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  for (int k = 0; k < 2; k++) {
    double y = 0.7;
    assert_int_equal(both[k](r, s.R, &y, &o), TAU_E_SOLVER);
    assert_true(y == 0.7);
    assert_true(strlen(taup_root_failure(r).why) > 0);
  }
  taup_root_free(r);
  small_free(&s);
}

static void a_singular_jacobian_is_named(void **unused)
{
  (void)unused;
  const taup_root_options o = options(1e-10);
  for (int i = 0; i < 4; i++) {
    taup_graph *g = small_graph();
    const taup_node sum = taup_add(g, state(g, 0), state(g, 1)),
                    f[2] = {sum, taup_sub(g, sum, taup_number(g, 1.0))};
    small_system s = small_new(g, 2, f, 0, NULL, i % 2);
    taup_root *r = new_root(&s);
    double y[2] = {0.3, 0.4};
    assert_int_equal(both[i / 2](r, s.R, y, &o), TAU_E_SOLVER);
    check_failure(r, "the Jacobian is singular", -1);
    assert_true(y[0] == 0.3 && y[1] == 0.4);
    taup_root_free(r);
    small_free(&s);
  }
}

/* sqrt(y1) = 2: no number for y1 < 0; from 30 the full step -2 sqrt(30) (sqrt(30) - 2) = -38.1 leads there. */
static void where_there_is_no_number_the_damped_step_comes_back(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f[2] = {taup_sub(g, state(g, 0), state(g, 1)),
                          taup_sub(g, taup_sqrt(g, state(g, 1)), taup_number(g, 2.0))};
  small_system s = small_new(g, 2, f, 0, NULL, false);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  double y[2] = {1.0, 30.0};
  assert_int_equal(taup_root_contract(r, s.R, y, &o), TAU_E_SOLVER);
  check_failure(r, "the equations gave no finite number", 1);
  assert_int_equal(taup_root_damped(r, s.R, y, &o), TAU_OK);
  assert_close(y[0], 4.0, 1e-12);
  assert_close(y[1], 4.0, 1e-12);
  y[1] = -1.0;
  assert_int_equal(taup_root_damped(r, s.R, y, &o), TAU_E_SOLVER);
  check_failure(r, "the equations gave no finite number", 1);
  taup_root_free(r);
  small_free(&s);
}

/* f0 is 1 + (y0 - 2)/10 above 2 and y0 - 1 below, so from 5 the full step goes to -8 and nothing on the way warns of it; f1 = y1 - sqrt(y0)
 * has no number there. */
static void a_step_out_of_the_domain_is_halved(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node x = state(g, 0), two = taup_number(g, 2.0), one = taup_number(g, 1.0);
  const taup_node above = taup_add(g, one, taup_scale(g, 0.1, taup_sub(g, x, two)));
  const taup_node f[2] = {taup_select(g, x, two, above, taup_sub(g, x, one)),
                          taup_sub(g, state(g, 1), taup_sqrt(g, x))};
  small_system s = small_new(g, 2, f, 0, NULL, false);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  double y[2] = {5.0, sqrt(5.0)};
  if (taup_root_damped(r, s.R, y, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  assert_close(y[0], 1.0, 1e-14);
  assert_close(y[1], 1.0, 1e-14);
  taup_root_free(r);
  small_free(&s);
}

/* (y + 1)(y - 2): the root on the left of the vertex lies below a bound at 0; the one on the right does not. */
static void no_root_below_a_bound_is_given(void **unused)
{
  (void)unused;
  static const double zero[1] = {0.0};
  small_system s = quadratic(1.0, -1.0, -2.0);
  taup_root *r = new_root(&s);
  taup_root_options o = options(1e-10);
  double y = 0.4;
  assert_int_equal(taup_root_damped(r, s.R, &y, &o), TAU_OK);
  assert_close(y, -1.0, 1e-13);
  o.lower = zero;
  y = 0.4;
  assert_int_equal(taup_root_damped(r, s.R, &y, &o), TAU_E_SOLVER);
  assert_true(y == 0.4);
  y = 0.6;
  assert_int_equal(taup_root_damped(r, s.R, &y, &o), TAU_OK);
  assert_close(y, 2.0, 1e-13);
  taup_root_free(r);
  small_free(&s);
}

/* 1/2 - y - 10 min(y / e, 1), e = 1e-9: a rate that ends when its reactant is used up. From 1/2 the full step, held at 0, comes behind the
 * kink, where the root e/(20 + 2 e) is. */
static void a_root_behind_a_kink_is_reached(void **unused)
{
  (void)unused;
  static const double zero[1] = {0.0};
  taup_graph *g = small_graph();
  const taup_node y = state(g, 0), one = taup_number(g, 1.0);
  const taup_node terms[] = {taup_number(g, 0.5), y, taup_min(g, taup_scale(g, 1e9, y), one)};
  small_system s = one_equation(g, taup_sum(g, 3, (const double[]){1.0, -1.0, -10.0}, terms));
  taup_root *r = new_root(&s);
  taup_root_options o = options(1e-10);
  o.lower = zero;
  double x = 0.5;
  if (taup_root_damped(r, s.R, &x, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  assert_close(x / (1e-9 / (20.0 + 2e-9)), 1.0, 1e-12);
  taup_root_free(r);
  small_free(&s);
}

static int failing(void *user, int n, const double *x, double *value, double *gradient)
{
  (void)n, (void)x, (void)value, (void)gradient;
  return *(const int *)user;
}

static void a_failing_function_of_the_user_stops_and_a_refusing_one_is_named(void **unused)
{
  (void)unused;
  int word = -1;
  taup_graph *g = small_graph();
  const taup_callback callback = {.function = failing, .user = &word, .n_args = 1, .name = "failing"};
  const taup_node y0 = state(g, 0);
  small_system s = one_equation(g, taup_call(g, &callback, &y0, TAUP_DIM_NONE));
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  for (int k = 0; k < 2; k++) {
    double y = 1.0, pair[2];
    word = -1;
    assert_int_equal(both[k](r, s.R, &y, &o), TAU_E_CALLBACK);
    check_failure(r, "a function of the user failed", -1);
    assert_int_equal(taup_root_eigenvalues(r, s.R, &y, pair), TAU_E_CALLBACK);
    word = 1;
    assert_int_equal(both[k](r, s.R, &y, &o), TAU_E_SOLVER);
    check_failure(r, "a function of the user refused its arguments", -1);
    assert_true(y == 1.0);
  }
  taup_root_free(r);
  small_free(&s);
}

static void too_many_iterations_are_named(void **unused)
{
  (void)unused;
  small_system s = quadratic(1.0, -3.0, 2.0);
  taup_root *r = new_root(&s);
  taup_root_options o = options(1e-10);
  o.max_iterations = 3;
  for (int k = 0; k < 2; k++) {
    double y = -1e6;
    assert_int_equal(both[k](r, s.R, &y, &o), TAU_E_SOLVER);
    check_failure(r, "too many iterations", 0);
    assert_int_equal(taup_root_counts(r).n_newton, 3);
    assert_true(y == -1e6);
  }
  taup_root_free(r);
  small_free(&s);
}

/* ---------- eigenvalues ---------- */

/* Linear equations with a given matrix, by rows. */
static small_system linear(int n, const double *matrix)
{
  taup_graph *g = small_graph();
  taup_node f[8], y[8];
  for (int i = 0; i < n; i++) y[i] = state(g, i);
  for (int i = 0; i < n; i++) f[i] = taup_sum(g, n, matrix + (size_t)i * (size_t)n, y);
  return small_new(g, n, f, 0, NULL, false);
}

/* Block diagonal: a rotation (-1 +- 5i), a triangle (-3, 2), hidden by a similarity with an integer matrix of determinant 1. */
static void eigenvalues_come_sorted_by_falling_real_part(void **unused)
{
  (void)unused;
  static const double block[4][4] = {{-1, 5, 0, 0}, {-5, -1, 0, 0}, {0, 0, -3, 7}, {0, 0, 0, 2}};
  static const double p[4][4] = {{1, 2, 0, 1}, {0, 1, 3, 0}, {0, 0, 1, 2}, {0, 0, 0, 1}};
  static const double inverse[4][4] = {{1, -2, 6, -13}, {0, 1, -3, 6}, {0, 0, 1, -2}, {0, 0, 0, 1}};
  static const double want[8] = {2, 0, -1, 5, -1, -5, -3, 0};
  double matrix[16] = {0}, have[8];
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++)
      for (int k = 0; k < 4; k++)
        for (int l = 0; l < 4; l++) matrix[4 * i + j] += p[i][k] * block[k][l] * inverse[l][j];
  small_system s = linear(4, matrix);
  taup_root *r = new_root(&s);
  assert_int_equal(taup_root_eigenvalues(r, s.R, (const double[4]){1, 2, 3, 4}, have), TAU_OK);
  for (int i = 0; i < 8; i++) assert_close(have[i], want[i], 1e-11);
  assert_int_equal(taup_root_counts(r).n_jacobian, 1);
  taup_root_free(r);
  small_free(&s);
}

/* y0' = 1 - y0, y1' = 3 y0 max(y1, 0) - y1 (+ y0/10): y1 is absent at the start (1/2, 0) and at (1, 0); a trace would grow by e^(2 t).
 * Within what is there only -1 is left. With the source in brackets it does not stay absent, and is judged. */
static void what_is_absent_is_left_out_but_a_trace_would_grow(void **unused)
{
  (void)unused;
  static const double start[2] = {0.5, 0.0}, y[2] = {1.0, 0.0};
  for (int source = 0; source < 2; source++) {
    taup_graph *g = small_graph();
    const taup_node a = state(g, 0), b = state(g, 1);
    const taup_node growth = taup_mul(g, a, taup_max(g, b, taup_number(g, 0.0)));
    const taup_node terms[] = {growth, b, a};
    const taup_node f[2] = {taup_sub(g, taup_number(g, 1.0), a),
                            taup_sum(g, 2 + source, (const double[]){3.0, -1.0, 0.1}, terms)};
    small_system s = small_new(g, 2, f, 0, NULL, false);
    taup_root *r = new_root(&s);
    double have[4];
    assert_int_equal(taup_root_eigenvalues(r, s.R, y, have), TAU_OK);
    assert_close(have[0], 2.0, 1e-14);
    assert_close(have[2], -1.0, 1e-14);
    assert_int_equal(taup_root_eigenvalues_within(r, s.R, start, (const double[]){1.0, source ? 1e-9 : 0.0},
                                                  have),
                     TAU_OK);
    assert_close(have[0], source ? 2.0 : -1.0, 1e-14);
    assert_close(have[2], -1.0, 1e-14);
    assert_int_equal(taup_root_eigenvalues_within(r, s.R, (const double[]){0.5, 1e-9},
                                                  (const double[]){1.0, 1e-9}, have),
                     TAU_OK);
    assert_close(have[0], 2.0, 1e-14);
    taup_root_free(r);
    small_free(&s);
  }
}

/* The chain: lambda_k = -4 k sin^2(k pi/(2 (n+1))), k = 1 ... n. From a sparse system too. */
static void eigenvalues_of_a_chain_are_its_closed_form_up_to_the_largest(void **unused)
{
  (void)unused;
  enum { N = 60 };
  double have[2 * N], y[N] = {0};
  small_system s = small_chain(N, 10.0, 0.0, true);
  taup_root *r = new_root(&s);
  assert_int_equal(taup_root_eigenvalues(r, s.R, y, have), TAU_OK);
  for (int k = 0; k < N; k++) {
    const double sine = sin((k + 1) * pi / (2.0 * (N + 1)));
    assert_close(have[2 * k], -40.0 * sine * sine, 1e-11);
    assert_true(have[2 * k + 1] == 0.0);
  }
  taup_root_free(r);
  small_free(&s);

  double many[TAUP_MOST_EIGENVALUES + 1] = {0}, pairs[2 * TAUP_MOST_EIGENVALUES + 2];
  s = small_chain(TAUP_MOST_EIGENVALUES + 1, 10.0, 0.0, true);
  r = new_root(&s);
  assert_int_equal(taup_root_eigenvalues(r, s.R, many, pairs), TAU_E_UNSUPPORTED);
  const taup_root_options o = options(1e-10); /* roots have no such limit */
  many[7] = 1.0;
  assert_int_equal(taup_root_contract(r, s.R, many, &o), TAU_OK);
  assert_close(many[7], 0.0, 1e-13);
  taup_root_free(r);
  small_free(&s);
}

/* y0^2/2 + y1 = 1, y0 + y1 = 1: (2, -1), where the first pivot is 2, and (0, 1), where it is 0. */
static void pivots_are_chosen_anew_for_each_solution(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node terms[] = {taup_mul(g, state(g, 0), state(g, 0)), state(g, 0), state(g, 1),
                             taup_number(g, 1.0)};
  const taup_node f[2] = {taup_sum(g, 4, (const double[]){0.5, 0, 1, -1}, terms),
                          taup_sum(g, 4, (const double[]){0, 1, 1, -1}, terms)};
  small_system s = small_new(g, 2, f, 0, NULL, true);
  taup_root *r = new_root(&s);
  const taup_root_options o = options(1e-10);
  double y[2] = {3.0, -2.0};
  assert_int_equal(taup_root_contract(r, s.R, y, &o), TAU_OK);
  assert_close(y[0], 2.0, 1e-14);
  y[0] = 0.0;
  y[1] = 0.7;
  if (taup_root_contract(r, s.R, y, &o) != TAU_OK) fail_msg("%s", tau_last_error());
  assert_close(y[0], 0.0, 1e-14);
  assert_close(y[1], 1.0, 1e-14);
  taup_root_free(r);
  small_free(&s);
}

/* ---------- house ---------- */

static void solving_allocates_nothing_and_repeats_bit_for_bit(void **unused)
{
  (void)unused;
  const taup_root_options o = options(1e-8);
  for (int sparse = 0; sparse < 2; sparse++) {
    counting c = {0};
    count_allocations(&c);
    small_system s = robertson_tank(1e4, sparse);
    taup_root *r = new_root(&s);
    double first[3] = {1.0, 0.0, 0.0}, again[3] = {1.0, 0.0, 0.0}, pairs[6];
    const long before = c.n_calls;
    assert_int_equal(taup_root_damped(r, s.R, first, &o), TAU_OK);
    const taup_solver_counts a = taup_root_counts(r);
    double near[3] = {first[0] * 1.01, first[1], first[2]};
    assert_int_equal(taup_root_contract(r, s.R, near, &o), TAU_OK);
    assert_int_equal(taup_root_eigenvalues(r, s.R, first, pairs), TAU_OK);
    assert_int_equal(taup_root_damped(r, s.R, again, &o), TAU_OK);
    const taup_solver_counts b = taup_root_counts(r);
    assert_int_equal(c.n_calls, before);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_equal(&a, &b, sizeof a);
    taup_root_free(r);
    small_free(&s);
    tau_allocator_set(NULL);
  }
}

static void every_failing_allocation_of_new_is_reported(void **unused)
{
  (void)unused;
  counting c = {0};
  count_allocations(&c);
  small_system s = robertson_tank(1.0, false);
  taup_root *r = NULL;
  long k = 0;
  do {
    c.n_calls = 0;
    c.fail_at = ++k;
    const tau_status st = taup_root_new(&r, &s.system);
    assert_int_equal(st, r ? TAU_OK : TAU_E_NOMEM);
  } while (!r);
  assert_true(k >= 4); /* the root, the entries of J, the arrays, then success */
  c.fail_at = 0;
  taup_root_free(r);
  small_free(&s);
  tau_allocator_set(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_root_on_the_side_of_the_start_is_found),
    cmocka_unit_test(the_polish_makes_a_root_exact_whatever_the_tolerance),
    cmocka_unit_test(a_factor_before_the_equations_changes_nothing),
    cmocka_unit_test(a_stiff_tank_is_solved_from_near_and_from_a_rough_guess),
    cmocka_unit_test(sparse_and_dense_give_the_same_root),
    cmocka_unit_test(stable_and_unstable_roots_are_found_alike),
    cmocka_unit_test(full_steps_refuse_far_away_and_damped_ones_arrive),
    cmocka_unit_test(damped_steps_solve_rosenbrock),
    cmocka_unit_test(equations_without_a_root_are_refused_and_y_stays),
    cmocka_unit_test(a_singular_jacobian_is_named),
    cmocka_unit_test(where_there_is_no_number_the_damped_step_comes_back),
    cmocka_unit_test(a_step_out_of_the_domain_is_halved),
    cmocka_unit_test(no_root_below_a_bound_is_given),
    cmocka_unit_test(a_root_behind_a_kink_is_reached),
    cmocka_unit_test(a_failing_function_of_the_user_stops_and_a_refusing_one_is_named),
    cmocka_unit_test(too_many_iterations_are_named),
    cmocka_unit_test(eigenvalues_come_sorted_by_falling_real_part),
    cmocka_unit_test(what_is_absent_is_left_out_but_a_trace_would_grow),
    cmocka_unit_test(eigenvalues_of_a_chain_are_its_closed_form_up_to_the_largest),
    cmocka_unit_test(pivots_are_chosen_anew_for_each_solution),
    cmocka_unit_test(solving_allocates_nothing_and_repeats_bit_for_bit),
    cmocka_unit_test(every_failing_allocation_of_new_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

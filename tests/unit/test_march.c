/* SPDX-License-Identifier: Apache-2.0 */
/* test_march.c - marches against closed forms and published numbers, what the observer may do, and how a march fails. */
#include "unit/small_system.h"

#include <stdio.h>
#include <unistd.h>

static const double tight[4] = {1e-12, 1e-12, 1e-12, 1e-12};

static taup_march_options options(double rtol, const double *atol)
{
  return (taup_march_options){.rtol = rtol, .atol = atol, .max_steps = 100000};
}

static taup_march *new_march(const small_system *s)
{
  taup_march *m = NULL;
  if (taup_march_new(&m, &s->system) < 0) fail_msg("%s", tau_last_error());
  return m;
}

/* dy/ds = -k y, q = y: y = y0 exp(-k s), q = y0 (1 - exp(-k s))/k. */
static small_system decay(double k)
{
  taup_graph *g = small_graph();
  const taup_node f = taup_scale(g, -k, state(g, 0)), q = state(g, 0);
  return small_new(g, 1, &f, 1, &q, false);
}

/* ---------- right answers ---------- */

typedef struct worst_error {
  const small_system *system;
  double k, y, slope, q;
} worst_error;

static int compare_with_decay(void *user, taup_march *m, double s0, double s1)
{
  worst_error *worst = user;
  for (int i = 0; i <= 4; i++) {
    const double s = s0 + 0.25 * i * (s1 - s0), want = exp(-worst->k * s);
    double y, slope, q;
    taup_march_at(m, s, &y);
    assert_int_equal(taup_system_run(&worst->system->system, worst->system->system.body_f, worst->system->R,
                                     &y, 1, &slope),
                     0);
    taup_march_integrals_at(m, s, &q);
    worst->y = fmax(worst->y, fabs(y - want));
    worst->slope = fmax(worst->slope, fabs(slope + worst->k * y));
    worst->q = fmax(worst->q, fabs(q - (1.0 - want) / worst->k));
  }
  return 0;
}

/* Global error is the sum of what the steps are allowed: some 10 to 30 times rtol over 100 steps. */
static void decay_and_its_integral_follow_the_closed_form_between_steps_too(void **unused)
{
  (void)unused;
  small_system s = decay(3.0);
  taup_march *m = new_march(&s);
  for (int tested = 0; tested < 2; tested++) {
    taup_march_options o = options(1e-9, tight);
    if (tested) o.atol_q = tight;
    worst_error worst = {.system = &s, .k = 3.0};
    double y = 1.0, q = NAN;
    assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, compare_with_decay, &worst), TAU_OK);
    assert_close(y, exp(-3.0), 5e-8);
    assert_close(q, (1.0 - exp(-3.0)) / 3.0, 5e-8);
    assert_close(worst.y, 0.0, 5e-8);
    assert_close(worst.q, 0.0, 5e-8);
    assert_close(worst.slope, 0.0, 1e-15);
  }
  taup_march_free(m);
  small_free(&s);
}

/* dy/ds = -y, q = exp(40 (y - 1)): the integrand falls by e^25 while the state falls by e, so the integral is right only when it is in the
 * error test. Reference: its closed integrand over s, by the trapezoidal rule and one extrapolation. */
static void an_integral_in_the_error_test_is_as_accurate_as_asked(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f = taup_neg(g, state(g, 0)),
                  q_node = taup_exp(g, taup_scale(g, 40.0, taup_sub(g, state(g, 0), taup_number(g, 1.0))));
  small_system s = small_new(g, 1, &f, 1, &q_node, false);
  taup_march *m = new_march(&s);
  taup_march_options o = options(1e-8, tight);
  o.atol_q = tight;
  double y = 1.0, q = 0.0;
  assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, NULL, NULL), TAU_OK);

  double want = 0.0, coarse = 0.0;
  for (int pass = 0; pass < 2; pass++) {
    const int n = pass ? 200000 : 100000;
    double sum = 0.0;
    for (int i = 0; i <= n; i++)
      sum += (i == 0 || i == n ? 0.5 : 1.0) * exp(40.0 * (exp(-(double)i / n) - 1.0)) / n;
    want = pass ? sum + (sum - coarse) / 3.0 : sum;
    coarse = sum;
  }
  assert_close(q, want, 1e-6 * want);
  taup_march_free(m);
  small_free(&s);
}

/* Robertson's problem (H. H. Robertson 1966; ROBER of the Bari/CWI test set for IVP solvers, release 2.4): k = 0.04, 1e4, 3e7. */
static small_system robertson(double time, bool sparse)
{
  taup_graph *g = small_graph();
  const taup_node a = state(g, 0), b = state(g, 1), c = state(g, 2);
  const taup_node r1 = taup_scale(g, 0.04, a), r2 = taup_scale(g, 1e4, taup_mul(g, b, c)),
                  r3 = taup_scale(g, 3e7, taup_mul(g, b, b));
  const taup_node f[3] = {taup_scale(g, time, taup_sub(g, r2, r1)),
                          taup_scale(g, time, taup_sub(g, taup_sub(g, r1, r2), r3)), taup_scale(g, time, r3)};
  return small_new(g, 3, f, 0, NULL, sparse);
}

/* At t = 0.4 10^k s; Radau IIA of order 25 in 40 digits, relative error 2e-16; agrees with the published ROBER values at 1e11 s. */
static const double robertson_times[] = {0.4, 40.0, 4e4, 4e7, 4e9, 4e10};
static const double robertson_values[][3] = {
  {0.9851721138609899, 3.386395378974904e-05, 0.014794022185220388},
  {0.715827068719405, 9.185534764557764e-06, 0.28416374574583037},
  {0.03898337708548285, 1.6217683159096825e-07, 0.9610164607376855},
  {5.2030718441205475e-05, 2.0813357318925326e-10, 0.9999479690734252},
  {5.208276611435935e-07, 2.083311716604572e-12, 0.9999994791702556},
  {5.208345176799239e-08, 2.083338177925489e-13, 0.99999994791634},
};
enum { N_ROBERTSON = sizeof robertson_times / sizeof *robertson_times };
static const double robertson_end = 4e10;

static int compare_with_robertson(void *user, taup_march *m, double s0, double s1)
{
  int *n_seen = user;
  while (*n_seen < N_ROBERTSON && robertson_times[*n_seen] <= s1 * robertson_end) {
    double y[3];
    const double s = robertson_times[*n_seen] / robertson_end;
    assert_true(s > s0 || *n_seen == 0);
    taup_march_at(m, s, y);
    for (int i = 0; i < 3; i++) assert_close(y[i] / robertson_values[*n_seen][i], 1.0, 1e-5);
    assert_close(y[0] + y[1] + y[2], 1.0,
                 1e-10); /* linear invariants are kept by BDF, to rounding of some 1,000 steps */
    ++*n_seen;
  }
  return 0;
}

static void robertson_agrees_with_its_reference_to_4e10_seconds(void **unused)
{
  (void)unused;
  static const double atol[3] = {1e-16, 1e-20, 1e-16};
  for (int sparse = 0; sparse < 2; sparse++) {
    small_system s = robertson(robertson_end, sparse);
    taup_march *m = new_march(&s);
    const taup_march_options o = options(1e-8, atol);
    double y[3] = {1.0, 0.0, 0.0};
    int n_seen = 0;
    assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, compare_with_robertson, &n_seen), TAU_OK);
    assert_int_equal(n_seen, N_ROBERTSON);
    for (int i = 0; i < 3; i++) assert_close(y[i] / robertson_values[N_ROBERTSON - 1][i], 1.0, 1e-5);
    taup_march_free(m);
    small_free(&s);
  }
}

/* The heat equation on n points: y_i = sin(pi i/(n+1)) decays as exp(-lambda s), lambda = 4 k sin^2(pi/(2 (n+1))), exactly. */
static void sparse_and_dense_give_the_closed_form_of_a_chain(void **unused)
{
  (void)unused;
  enum { N = 150 };
  const double k = 5000.0, sine = sin(pi / (2.0 * (N + 1))), lambda = 4.0 * k * sine * sine;
  double atol[N], y[N];
  for (int sparse = 0; sparse < 2; sparse++) {
    small_system s = small_chain(N, k, 0.0, sparse);
    taup_march *m = new_march(&s);
    for (int i = 0; i < N; i++) {
      atol[i] = 1e-12;
      y[i] = sin(pi * (i + 1) / (N + 1));
    }
    const taup_march_options o = options(1e-8, atol);
    assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_OK);
    for (int i = 0; i < N; i++) assert_close(y[i], sin(pi * (i + 1) / (N + 1)) * exp(-lambda), 1e-6);
    taup_march_free(m);
    small_free(&s);
  }
}

static void a_start_at_rest_stays_at_rest(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node product = taup_mul(g, state(g, 0), state(g, 1)), f[2] = {product, taup_neg(g, product)};
  small_system s = small_new(g, 2, f, 0, NULL, false);
  taup_march *m = new_march(&s);
  const taup_march_options o = options(1e-8, tight);
  double y[2] = {0.0, 3.0};
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_OK);
  assert_true(y[0] == 0.0 && y[1] == 3.0);

  taup_march_options loose =
    options(1e-8, tight); /* the step grows tenfold and more for as long as it is let */
  loose.loose = true;
  loose.max_steps = 2000;
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &loose, NULL, NULL), TAU_E_SOLVER);
  assert_string_equal(taup_march_failure(m).why, "too many steps");
  assert_true(taup_march_failure(m).s > 1e10 && isfinite(taup_march_failure(m).s));
  taup_march_free(m);
  small_free(&s);
}

/* ---------- the observer ---------- */

/* Ends where y = 1/2: bisection on the interpolated solution. */
static int end_at_a_half(void *user, taup_march *m, double s0, double s1)
{
  double y, *end = user;
  taup_march_at(m, s1, &y);
  if (y > 0.5) return 0;
  for (int i = 0; i < 60; i++) {
    const double middle = 0.5 * (s0 + s1);
    taup_march_at(m, middle, &y);
    if (y > 0.5) s0 = middle;
    else s1 = middle;
  }
  *end = s1;
  taup_march_end(m, s1);
  return TAUP_STOP_HERE;
}

static void the_observer_ends_a_march_inside_a_step(void **unused)
{
  (void)unused;
  small_system s = decay(3.0);
  taup_march *m = new_march(&s);
  taup_march_options o = options(1e-9, tight);
  o.atol_q = tight;
  double y = 1.0, q = 0.0, end = 0.0;
  assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, end_at_a_half, &end), TAU_OK);
  assert_close(end, log(2.0) / 3.0, 1e-7);
  assert_close(y, 0.5, 1e-13);
  assert_close(q, 0.5 / 3.0, 1e-7);
  assert_true(taup_march_counts(m).n_steps > 3);
  taup_march_free(m);
  small_free(&s);
}

typedef struct said {
  int what, at_step, n;
  double s1;
} said;

static int say(void *user, taup_march *m, double s0, double s1)
{
  said *u = user;
  assert_true(s1 > s0 && s0 == u->s1);
  u->s1 = s1;
  if (u->n == 0) taup_march_end(m, s0); /* without a return of 1 this means nothing */
  return ++u->n == u->at_step ? u->what : 0;
}

static void what_the_observer_says_comes_back_with_the_state_there(void **unused)
{
  (void)unused;
  static const int words[] = {TAUP_STOP_HERE, TAU_STOPPED_USER, TAU_STOPPED_TIME, TAU_E_VALUE, TAU_E_CALLBACK};
  small_system s = decay(3.0);
  taup_march *m = new_march(&s);
  const taup_march_options o = options(1e-9, tight);
  for (int i = 0; i < 5; i++) {
    said u = {.what = words[i], .at_step = 7};
    double y = 1.0, q;
    assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, say, &u),
                     words[i] == TAUP_STOP_HERE ? TAU_OK : words[i]);
    assert_int_equal(taup_march_counts(m).n_steps, 7);
    assert_int_equal(u.n, 7);
    assert_close(y, exp(-3.0 * u.s1), 1e-7);
    assert_close(q, (1.0 - exp(-3.0 * u.s1)) / 3.0, 1e-7);
  }
  taup_march_free(m);
  small_free(&s);
}

static int stop_beyond(void *user, taup_march *m, double s0, double s1)
{
  (void)m, (void)s0;
  assert_true(s1 != 1.0); /* nobody stops there */
  return s1 > *(const double *)user ? TAUP_STOP_HERE : 0;
}

/* Loose, then ended early at s = 1 again: the stop of one run must not reach the next. */
static void a_loose_march_passes_1_and_the_next_one_stops_there(void **unused)
{
  (void)unused;
  small_system s = decay(3.0);
  taup_march *m = new_march(&s);
  taup_march_options o = options(1e-6, tight);
  double far = 1e7, near = 0.1, y, q;
  for (int i = 0; i < 2; i++) {
    o.loose = true;
    y = 1.0;
    assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, stop_beyond, &far), TAU_OK);
    assert_close(y, 0.0, 1e-6);
    assert_close(q, 1.0 / 3.0, 1e-4);
    o.loose = false;
    y = 1.0;
    assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, NULL, NULL), TAU_OK);
    assert_close(y, exp(-3.0), 1e-4);
    y = 1.0;
    assert_int_equal(taup_march_run(m, s.R, &y, &q, &o, stop_beyond, &near),
                     TAU_OK); /* leaves its stop time unreached */
  }
  taup_march_free(m);
  small_free(&s);
}

/* ---------- failures ---------- */

static void check_failure(const taup_march *m, const char *why, int worst)
{
  const taup_failure failure = taup_march_failure(m);
  assert_string_equal(failure.why, why);
  assert_int_equal(failure.worst[0], worst);
  if (!strstr(tau_last_error(), why)) fail_msg("the record says '%s'", tau_last_error());
}

static void equations_without_a_number_at_the_start_are_named(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f[2] = {taup_neg(g, state(g, 0)), taup_sqrt(g, state(g, 1))};
  small_system s = small_new(g, 2, f, 0, NULL, false);
  taup_march *m = new_march(&s);
  const taup_march_options o = options(1e-8, tight);
  double y[2] = {1.0, -1.0};
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_E_SOLVER);
  check_failure(m, "the equations gave no finite number", 1);
  assert_true(taup_march_failure(m).s == 0.0 && y[0] == 1.0 && y[1] == -1.0);
  assert_int_equal(taup_march_counts(m).n_steps, 0);

  y[1] = NAN;
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_E_SOLVER);
  check_failure(m, "the state at the start is not finite", 1);

  y[0] = 0.0, y[1] = 1.0;
  const taup_march_options none = options(1e-8, (const double[]){0.0, 0.0});
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &none, NULL, NULL), TAU_E_SOLVER);
  check_failure(m, "a state and its absolute tolerance are both zero", 0);

  y[0] = 1.0; /* and after all that it still works: d sqrt(y) = 1/2 ds */
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_OK);
  assert_close(y[1], 2.25, 1e-6);
  taup_march_free(m);
  small_free(&s);
}

/* dy/ds = y^2 from 2 has its pole at s = 1/2; a harmless state stands beside it. */
static void a_pole_is_found_and_its_state_named(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f[2] = {taup_neg(g, state(g, 0)), taup_mul(g, state(g, 1), state(g, 1))};
  small_system s = small_new(g, 2, f, 0, NULL, false);
  taup_march *m = new_march(&s);
  taup_march_options o = options(1e-8, tight);
  double y[2] = {1.0, 2.0};
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_E_SOLVER);
  const taup_failure failure = taup_march_failure(m);
  check_failure(m, "the step became too small", 1);
  assert_close(failure.s, 0.5, 1e-6);
  assert_close(failure.h, 0.0, 1e-12);
  assert_true(y[1] > 1e6);
  assert_close(y[0], exp(-0.5), 1e-6);

  y[0] = 1.0, y[1] = 2.0;
  o.max_steps = 12;
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_E_SOLVER);
  check_failure(m, "too many steps", 1);
  assert_int_equal(taup_march_counts(m).n_steps, 12);
  assert_true(taup_march_failure(m).s > 0.0 && taup_march_failure(m).s < 0.5);
  assert_close(y[1], 1.0 / (0.5 - taup_march_failure(m).s), 1e-6);
  taup_march_free(m);
  small_free(&s);
}

/* A function of the user: the identity up to a bound; beyond it `said`. */
typedef struct bounded {
  double bound;
  int said;
} bounded;

static int bounded_identity(void *user, int n, const double *x, double *value, double *gradient)
{
  const bounded *b = user;
  assert_int_equal(n, 1);
  if (x[0] > b->bound) return b->said;
  *value = x[0];
  if (gradient) gradient[0] = 1.0;
  return 0;
}

static small_system with_function(bounded *b)
{
  taup_graph *g = small_graph();
  const taup_callback callback = {.function = bounded_identity, .user = b, .n_args = 1, .name = "identity"};
  const taup_node y = state(g, 0), f = taup_call(g, &callback, &y, TAUP_DIM_NONE);
  return small_new(g, 1, &f, 0, NULL, false);
}

static void a_failing_function_of_the_user_stops_and_a_refusing_one_is_named(void **unused)
{
  (void)unused;
  bounded b = {.bound = 10.0, .said = -1};
  small_system s = with_function(&b);
  taup_march *m = new_march(&s);
  const taup_march_options o = options(1e-8, tight);
  double y = 1.0;
  assert_int_equal(taup_march_run(m, s.R, &y, NULL, &o, NULL, NULL), TAU_OK); /* e is inside */
  assert_close(y, exp(1.0), 1e-6);

  b.bound = 2.0;
  y = 1.0;
  assert_int_equal(taup_march_run(m, s.R, &y, NULL, &o, NULL, NULL), TAU_E_CALLBACK);
  check_failure(m, "a function of the user failed", -1);

  b.said = 1;
  y = 1.0;
  assert_int_equal(taup_march_run(m, s.R, &y, NULL, &o, NULL, NULL), TAU_E_SOLVER);
  check_failure(m, "a function of the user refused its arguments", -1);
  assert_close(taup_march_failure(m).s, log(2.0), 1e-3); /* smaller steps were tried up to the bound */
  assert_close(y, 2.0, 2e-3);
  taup_march_free(m);
  small_free(&s);
}

static void nothing_is_printed_when_a_march_fails(void **unused)
{
  (void)unused;
  char text[64] = "";
  FILE *file = tmpfile();
  fflush(stdout), fflush(stderr);
  const int out = dup(1), err = dup(2);
  dup2(fileno(file), 1), dup2(fileno(file), 2);
  small_system s = robertson(1e9, true);
  taup_march *m = new_march(&s);
  const taup_march_options impossible = options(1e-22, (const double[]){1e-30, 1e-30, 1e-30});
  double y[3] = {1.0, 1.0, 1.0};
  const tau_status st = taup_march_run(m, s.R, y, NULL, &impossible, NULL, NULL);
  fflush(stdout), fflush(stderr);
  dup2(out, 1), dup2(err, 2);
  close(out), close(err);
  rewind(file);
  const size_t n = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  assert_int_equal(st, TAU_E_SOLVER);
  assert_string_equal(taup_march_failure(m).why, "the tolerances are finer than the arithmetic");
  if (n > 0) fail_msg("printed: %s", text);
  taup_march_free(m);
  small_free(&s);
}

/* ---------- house ---------- */

static void a_run_does_not_depend_on_the_run_before_it(void **unused)
{
  (void)unused;
  static const double atol[3] = {1e-12, 1e-16, 1e-12};
  for (int sparse = 0; sparse < 2; sparse++) {
    small_system s = robertson(1e6, sparse);
    taup_march *m = new_march(&s);
    double first[3] = {1.0, 0.0, 0.0}, other[3] = {0.1, 1e-3, 7.0}, again[3] = {1.0, 0.0, 0.0}, near = 1e-3;
    taup_march_options o = options(1e-6, atol);
    assert_int_equal(taup_march_run(m, s.R, first, NULL, &o, NULL, NULL), TAU_OK);
    const taup_solver_counts a = taup_march_counts(m);
    o.loose = true;
    o.rtol = 1e-3;
    assert_int_equal(taup_march_run(m, s.R, other, NULL, &o, stop_beyond, &near), TAU_OK);
    o = options(1e-6, atol);
    assert_int_equal(taup_march_run(m, s.R, again, NULL, &o, NULL, NULL), TAU_OK);
    const taup_solver_counts b = taup_march_counts(m);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_equal(&a, &b, sizeof a);
    taup_march_free(m);
    small_free(&s);
  }
}

/* What BDF with a modified Newton does in every step: at least one f and one iteration; J is kept for many steps. */
static void counts_are_those_of_the_method(void **unused)
{
  (void)unused;
  small_system s = robertson(4e4, false);
  taup_march *m = new_march(&s);
  const taup_march_options o = options(1e-6, (const double[]){1e-12, 1e-12, 1e-12});
  double y[3] = {1.0, 0.0, 0.0};
  said u = {.at_step = -1};
  assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, say, &u), TAU_OK);
  const taup_solver_counts c = taup_march_counts(m);
  assert_int_equal(c.n_steps, u.n);
  assert_true(c.n_newton >= c.n_steps && c.n_newton < 3 * c.n_steps);
  assert_true(c.n_rhs >= c.n_newton && c.n_rhs < 3 * c.n_steps);
  assert_true(c.n_jacobian > 0 && 3 * c.n_jacobian < c.n_steps);
  assert_true(c.n_error_failures >= 0 && c.n_error_failures < c.n_steps);
  assert_true(c.last_step > 0.0 && c.last_step < 1.0);
  taup_march_free(m);
  small_free(&s);
}

static void running_allocates_nothing(void **unused)
{
  (void)unused;
  for (int sparse = 0; sparse < 2; sparse++) {
    counting c = {0};
    count_allocations(&c);
    small_system s = robertson(1e6, sparse);
    taup_march *m = new_march(&s);
    const taup_march_options o = options(1e-6, tight);
    const long before = c.n_calls;
    double y[3] = {1.0, 0.0, 0.0};
    assert_true(before > 0);
    assert_int_equal(taup_march_run(m, s.R, y, NULL, &o, NULL, NULL), TAU_OK);
    assert_int_equal(c.n_calls, before);
    taup_march_free(m);
    small_free(&s);
    tau_allocator_set(NULL);
  }
}

static void every_failing_allocation_of_new_is_reported(void **unused)
{
  (void)unused;
  counting c = {0};
  count_allocations(&c);
  small_system s = robertson(1.0, false);
  taup_march *m = NULL;
  long k = 0;
  do {
    c.n_calls = 0;
    c.fail_at = ++k;
    const tau_status st = taup_march_new(&m, &s.system);
    assert_int_equal(st, m ? TAU_OK : TAU_E_NOMEM);
  } while (!m);
  assert_true(k >= 3); /* the march and the entries of J, then success */
  c.fail_at = 0;
  taup_march_free(m);
  small_free(&s);
  tau_allocator_set(NULL);
}

/* Every reaction network of a few species is dense; a long chain is sparse; a full matrix never is. */
static void sparse_is_preferred_for_large_thin_systems_only(void **unused)
{
  (void)unused;
  assert_false(taup_prefers_sparse(1, 1));
  assert_false(taup_prefers_sparse(20, 20));
  assert_true(taup_prefers_sparse(100, 300));
  assert_false(taup_prefers_sparse(100, 10000));
  assert_true(taup_prefers_sparse(10000, 80000));
  assert_true(taup_prefers_sparse(100000, 800000)); /* n^2 does not fit an int */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(decay_and_its_integral_follow_the_closed_form_between_steps_too),
    cmocka_unit_test(an_integral_in_the_error_test_is_as_accurate_as_asked),
    cmocka_unit_test(robertson_agrees_with_its_reference_to_4e10_seconds),
    cmocka_unit_test(sparse_and_dense_give_the_closed_form_of_a_chain),
    cmocka_unit_test(a_start_at_rest_stays_at_rest),
    cmocka_unit_test(the_observer_ends_a_march_inside_a_step),
    cmocka_unit_test(what_the_observer_says_comes_back_with_the_state_there),
    cmocka_unit_test(a_loose_march_passes_1_and_the_next_one_stops_there),
    cmocka_unit_test(equations_without_a_number_at_the_start_are_named),
    cmocka_unit_test(a_pole_is_found_and_its_state_named),
    cmocka_unit_test(a_failing_function_of_the_user_stops_and_a_refusing_one_is_named),
    cmocka_unit_test(nothing_is_printed_when_a_march_fails),
    cmocka_unit_test(a_run_does_not_depend_on_the_run_before_it),
    cmocka_unit_test(counts_are_those_of_the_method),
    cmocka_unit_test(running_allocates_nothing),
    cmocka_unit_test(every_failing_allocation_of_new_is_reported),
    cmocka_unit_test(sparse_is_preferred_for_large_thin_systems_only),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

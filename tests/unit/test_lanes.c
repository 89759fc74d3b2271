/* SPDX-License-Identifier: Apache-2.0 */
/* test_lanes.c - the lane integrators: orders of both methods, closed forms and published numbers, what a watcher may do. */
#include "unit/lane_points.h"

#include "solve/lanes_work.h"

/* ---------- orders ---------- */

/* One try of a method at one point, by the step functions themselves: y1, q1 and the norm of the error estimate, that is the root of its
 * mean square over rtol |y| + atol, atol = 1. */
typedef struct
try {
  double y1[MOST], q1, norm;
}
try;

static try try_step(const small_system *s, bool stiff, const double *R, const double *y, double h, double rtol)
{
  enum { ROOM = 64 };
  double block[TAUP_LANE_STAGES + 14][ROOM], scalars[7] = {0.0}, atol[MOST] = {1.0, 1.0, 1.0, 1.0};
  taup_lane_lu lu;
  try t = {{0}, 0.0, 0.0};
  assert_int_equal(taup_lane_lu_new(&lu, s->system.n, s->column_start, s->row), TAU_OK);
  double *own = aligned_alloc(64, (taup_program_bytes(s->program, 1) + 63) / 64 * 64);
  memcpy(own, R, taup_program_bytes(s->program, 1));
  memset(block, 0, sizeof block);
  taup_lane_work w = {.n = s->system.n,
                      .n_q = s->system.n_q,
                      .width = 1,
                      .lu = &lu,
                      .R = own,
                      .atol = atol,
                      .per_atol = atol,
                      .per_n = 1.0 / s->system.n,
                      .rtol = rtol};
  w.evaluate = taup_program_evaluator(1);
  w.callbacks = taup_program_callbacks(s->program);
  w.code_f = taup_program_code(s->program, BODY_F);
  w.code_J = taup_program_code(s->program, BODY_J);
  w.code_q = taup_program_code(s->program, BODY_Q);
  w.code_q_slopes = taup_program_code(s->program, BODY_Q_SLOPES);
  w.q_first = s->system.q_first;
  w.q_state = s->system.q_state;
  w.state = taup_program_input(s->program, 1, own, TAUP_STATE, 0);
  for (int i = 0; i < TAUP_LANE_STAGES; i++) w.stage[i] = block[i];
  double **const arrays[] = {&w.y, &w.y1,      &w.q_stage, &w.q,        &w.q1, &w.J,
                             &w.b, &w.factors, &w.pivots,  &w.q_slopes, &w.q_U};
  for (int i = 0; i < 11; i++) *arrays[i] = block[TAUP_LANE_STAGES + i];
  double **const singles[] = {&w.h, &w.error, &w.factor, &w.stiffness, &w.s, &w.s1, &w.over};
  for (int i = 0; i < 7; i++) *singles[i] = scalars + i;
  memcpy(w.y, y, (size_t)w.n * sizeof *y);
  *w.h = h;
  (stiff ? taup_rodas_1_base : taup_vern7_1_base)(&w);
  memcpy(t.y1, w.y1, (size_t)w.n * sizeof *y);
  t.q1 = *w.q1;
  t.norm = sqrt(*w.error);
  free(own);
  taup_lane_lu_free(&lu);
  return t;
}

/* The errors after n equal steps over p = 3 of y and q, and the estimate of the first step's error. */
static void errors_of_steps(const small_system *s, bool stiff, int n, double *y_error, double *q_error,
                            double *estimate)
{
  batch b = {0};
  double q = 0.0;
  add_point(&b, s, 3.0, clock_start, tight);
  for (int i = 0; i < n; i++) {
    const try t = try_step(s, stiff, b.R[0], b.y[0], 1.0 / n, 0.0);
    memcpy(b.y[0], t.y1, 3 * sizeof(double));
    q += t.q1;
    if (i == 0) *estimate = t.norm;
  }
  free_batch(&b);
  *y_error =
    fmax(fabs(b.y[0][0] - exp(sin(3.0))), fmax(fabs(b.y[0][1] - cos(3.0)), fabs(b.y[0][2] - sin(3.0))));
  *q_error = fabs(q - (exp(sin(3.0)) - 1.0) / 3.0);
}

/* Halving the step divides the error of the end by 2^order, that of a step's estimate by 2^order_of_estimate. */
static void check_orders(bool stiff, int n, double order, double order_of_estimate)
{
  small_system s = clock_system();
  double y[2], q[2], estimate[2];
  for (int k = 0; k < 2; k++) errors_of_steps(&s, stiff, n << k, &y[k], &q[k], &estimate[k]);
  const double have = log2(y[0] / y[1]), have_q = log2(q[0] / q[1]), by = log2(estimate[0] / estimate[1]);
  if (fabs(have - order) > 0.5) fail_msg("order %g, want %g (errors %g, %g)", have, order, y[0], y[1]);
  if (have_q < order - 0.5) fail_msg("order of q %g, want %g (errors %g, %g)", have_q, order, q[0], q[1]);
  assert_close(by, order_of_estimate, 0.4);
  assert_true(y[1] > 1e-13 && y[1] < 1e-6); /* neither rounding nor far from the asymptotic */
  small_free(&s);
}

static void vern7_has_order_7_and_its_estimate_is_that_of_order_6(void **unused)
{
  (void)unused;
  check_orders(false, 8, 7.0, 7.0);
}

static void rodas5p_has_order_5_and_its_estimate_is_that_of_order_4(void **unused)
{
  (void)unused;
  check_orders(true, 40, 5.0, 5.0);
}

/* The largest error inside a first step that goes over all of [0, 1]: amounts far below atol make it so. */
typedef struct inside {
  double p, worst;
  int n;
} inside;

static bool look_inside(void *user, int i_point, const taup_lane_view *view, double s0, double s1, double *end)
{
  (void)i_point, (void)end;
  inside *in = user;
  in->n++;
  for (int i = 0; i <= 16; i++) {
    double y[3], s = s0 + (s1 - s0) * i / 16.0;
    taup_lane_at(view, s, y);
    in->worst = fmax(in->worst, fabs(y[0] - exp(sin(in->p * s))));
    in->worst = fmax(in->worst, fabs(y[1] - cos(in->p * s)));
  }
  return true;
}

static void drive_inside(void *user, int n, const int *points, const double *s, double *a, double *slope)
{
  (void)points;
  assert_int_equal(n, 1);
  drive(((const inside *)user)->p, *s, a, slope);
}

static double error_inside_one_step(const small_system *s, bool stiff, bool driven, double p)
{
  static const double huge[3] = {1e9, 1e9, 1e9};
  inside in = {.p = p};
  taup_lane_options o = options(1.0, stiff);
  double y[3] = {clock_start[0], clock_start[1], clock_start[2]};
  o.watch = look_inside;
  o.force = driven ? drive_inside : NULL;
  o.user = &in;
  assert_int_equal(march_one(s, p, y, huge, &o, NULL).n_steps, 1);
  assert_int_equal(in.n, 1);
  return in.worst;
}

/* The largest amount seen on the way. */
static bool look_for_largest(void *user, int i_point, const taup_lane_view *view, double s0, double s1,
                             double *end)
{
  double *largest = user, y;
  (void)i_point, (void)end;
  for (int i = 0; i <= 16; i++) {
    taup_lane_at(view, s0 + (s1 - s0) * i / 16.0, &y);
    *largest = fmax(*largest, fabs(y));
  }
  return true;
}

/* Used up a billion times faster than the whole, and far below all tolerances at the ends of every step: nowhere between them is more. */
static void what_is_used_up_stays_so_inside_steps(void **unused)
{
  (void)unused;
  static const double atol = 1e-18;
  small_system s = decay();
  for (int k = 0; k < 40; k++) {
    double y = 1e-20 * pow(10.0, -3.0 * k), largest = 0.0;
    taup_lane_options o = options(1e-8, false);
    o.watch = look_for_largest;
    o.user = &largest;
    const taup_lane_point p = march_one(&s, pow(10.0, 3.0 + 0.2 * k), &y, &atol, &o, NULL);
    assert_int_equal(p.end, TAUP_LANE_DONE);
    assert_true(largest <= 1e4 * atol);
  }
  small_free(&s);
}

/* y_i' = -p y_i, four of them. */
static small_system four_decays(void)
{
  taup_graph *g = small_graph();
  taup_node f[4];
  for (int i = 0; i < 4; i++) f[i] = taup_neg(g, taup_mul(g, parameter(g), state(g, i)));
  return with_parameter(g, 4, f, 0, NULL);
}

/* A try of 1e9 to 1e30 times the length that stability allows blows up, to numbers whose products are none. */
static void a_try_that_blows_up_is_no_step(void **unused)
{
  (void)unused;
  static const double start[4] = {1.0, 1.0, 1.0, 1.0};
  small_system s = four_decays();
  for (double p = 1e9; p < 1e30; p *= 10.0) {
    batch b = {0};
    add_point(&b, &s, p, start, tight);
    const try t = try_step(&s, false, b.R[0], b.y[0], 1.0, 1e-6);
    assert_false(t.norm <= 1.0);
    free_batch(&b);
  }
  small_free(&s);
}

/* Inside a step the error is one power better than over many: 2^8 and 2^5 at least (dense output of order 7 and 4). */
static void check_dense_order(small_system s, bool driven)
{
  const double vern7[2] = {error_inside_one_step(&s, false, driven, 0.4),
                           error_inside_one_step(&s, false, driven, 0.2)};
  const double rodas[2] = {error_inside_one_step(&s, true, driven, 0.1),
                           error_inside_one_step(&s, true, driven, 0.05)};
  assert_true(vern7[0] < 1e-7 && vern7[1] > 1e-14 && rodas[0] < 1e-5 && rodas[1] > 1e-13);
  if (log2(vern7[0] / vern7[1]) < 7.0) fail_msg("Vern7: errors %g, %g", vern7[0], vern7[1]);
  if (log2(rodas[0] / rodas[1]) < 4.7) fail_msg("Rodas5P: errors %g, %g", rodas[0], rodas[1]);
  small_free(&s);
}

static void dense_output_has_the_order_of_its_method(void **unused)
{
  (void)unused;
  check_dense_order(clock_system(), false);
  check_dense_order(driven_clock(), true);
}

typedef struct drives {
  double p[MOST_POINTS];
} drives;

static void drive_points(void *user, int n, const int *points, const double *s, double *a, double *slope)
{
  const drives *d = user;
  for (int k = 0; k < n; k++) drive(d->p[points[k]], s[k], a + k, slope ? slope + k : NULL);
}

/* Each lane has its own a(s): the closed form, and the same bits at every width. */
static void what_comes_from_outside_is_each_lanes_own(void **unused)
{
  (void)unused;
  enum { N = 21 };
  small_system s = driven_clock();
  for (int stiff = 0; stiff < 2; stiff++) {
    double first[N][MOST];
    for (int width = 1; width <= 8; width *= 2) {
      if (width == 2 || !taup_width_is_there(width)) continue;
      batch b = {0};
      drives d;
      taup_lane_options o = options(1e-8, stiff);
      o.force = drive_points;
      o.user = &d;
      for (int k = 0; k < N; k++) add_point(&b, &s, d.p[k] = 0.3 + 0.7 * k, clock_start, tight);
      march_batch(&b, &s, width, &o);
      for (int k = 0; k < N; k++) {
        const double p = d.p[k], want[3] = {exp(sin(p)), cos(p), sin(p)};
        assert_int_equal(b.points[k].end, TAUP_LANE_DONE);
        for (int i = 0; i < 3; i++) assert_close(b.y[k][i], want[i], 3e-7);
        if (width == 1) memcpy(first[k], b.y[k], sizeof first[k]);
        else assert_memory_equal(first[k], b.y[k], 3 * sizeof(double));
      }
      free_batch(&b);
    }
  }
  small_free(&s);
}

/* ---------- closed forms and published numbers ---------- */

static bool compare_inside(void *user, int i_point, const taup_lane_view *view, double s0, double s1,
                           double *end)
{
  (void)i_point, (void)end;
  inside *in = user;
  in->n++;
  for (int i = 0; i <= 8; i++) {
    double y, s = s0 + (s1 - s0) * i / 8.0;
    taup_lane_at(view, s, &y);
    in->worst = fmax(in->worst, fabs(y - exp(-in->p * s)));
  }
  return true;
}

static void decay_and_its_integral_follow_the_closed_form_inside_steps_too(void **unused)
{
  (void)unused;
  small_system s = decay();
  for (int stiff = 0; stiff < 2; stiff++)
    for (double rtol = 1e-5; rtol > 1e-11; rtol *= 1e-2) {
      inside in = {.p = 3.0};
      taup_lane_options o = options(rtol, stiff);
      double y = 1.0, q = NAN;
      o.watch = compare_inside;
      o.user = &in;
      const taup_lane_point p = march_one(&s, 3.0, &y, tight, &o, &q);
      assert_int_equal(p.end, TAUP_LANE_DONE);
      assert_true(p.s == 1.0);
      assert_int_equal(p.stiff, stiff);
      assert_int_equal(in.n, p.n_steps);
      assert_close(y, exp(-3.0), 10.0 * rtol);
      assert_close(q, (1.0 - exp(-3.0)) / 3.0, 10.0 * rtol);
      assert_close(in.worst, 0.0, 20.0 * rtol);
    }
  small_free(&s);
}

static void an_oscillation_of_ten_periods_comes_back(void **unused)
{
  (void)unused;
  small_system s = clock_system();
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-9, stiff);
    double y[3] = {1.0, 1.0, 0.0}, q = NAN;
    const taup_lane_point p = march_one(&s, 20.0 * pi, y, tight, &o, &q);
    assert_int_equal(p.end, TAUP_LANE_DONE);
    assert_int_equal(p.stiff, stiff);
    for (int i = 0; i < 3; i++) assert_close(y[i], clock_start[i], 1e-7);
    assert_close(q, 0.0, 1e-8);
  }
  small_free(&s);
}

/* A -> B -> C, constants k1 = p, k2 = 5: a = exp(-k1 s), b = k1 (exp(-k1 s) - exp(-k2 s))/(k2 - k1). */
static small_system consecutive(void)
{
  taup_graph *g = small_graph();
  const taup_node r1 = taup_mul(g, parameter(g), state(g, 0)), r2 = taup_scale(g, 5.0, state(g, 1)),
                  f[3] = {taup_neg(g, r1), taup_sub(g, r1, r2), r2};
  return with_parameter(g, 3, f, 0, NULL);
}

static void consecutive_reactions_of_any_speed_follow_the_closed_form(void **unused)
{
  (void)unused;
  small_system s = consecutive();
  const double y0[3] = {1.0, 0.0, 0.0}, rtol = 1e-8;
  const taup_lane_options o = options(rtol, false);
  batch b = {0};
  for (int i = 0; i < 16; i++) add_point(&b, &s, pow(10.0, -3.0 + 0.75 * i), y0, tight);
  march_batch(&b, &s, taup_width_is_there(8) ? 8 : 1, &o);
  for (int i = 0; i < b.n; i++) {
    const double k = pow(10.0, -3.0 + 0.75 * i), want = k * (exp(-k) - exp(-5.0)) / (5.0 - k);
    assert_int_equal(b.points[i].end, TAUP_LANE_DONE);
    assert_int_equal(b.points[i].stiff, k > 1e4 ? 1 : k < 1e2 ? 0 : b.points[i].stiff);
    assert_close(b.y[i][0], exp(-k), 10.0 * rtol);
    assert_close(b.y[i][1] / want, 1.0, 20.0 * rtol);
    assert_close(b.y[i][0] + b.y[i][1] + b.y[i][2], 1.0, 1e-10);
  }
  free_batch(&b);
  small_free(&s);
}

static void robertson_agrees_with_its_reference_from_either_method(void **unused)
{
  (void)unused;
  small_system s = robertson();
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-8, stiff);
    batch b = {0};
    for (int k = 0; k < N_ROBERTSON; k++)
      add_point(&b, &s, robertson_values[k].t, robertson_start, robertson_atol);
    march_batch(&b, &s, taup_width_is_there(4) ? 4 : 1, &o);
    for (int k = 0; k < N_ROBERTSON; k++) {
      assert_int_equal(b.points[k].end, TAUP_LANE_DONE);
      assert_true(b.points[k].stiff || k < 2);
      for (int i = 0; i < 3; i++) assert_close(b.y[k][i] / robertson_values[k].y[i], 1.0, 1e-6);
    }
    free_batch(&b);
  }
  small_free(&s);
}

/* Van der Pol's oscillator, VDPOL of the Bari/CWI test set (release 2.4), mu = 1000, in the scaled form with 1/mu^2 = 1e-6 at t = 2:
 * twice through layers in which an explicit method does well, between them stiffness of 1e6. */
static void a_stiff_oscillator_agrees_with_its_published_end(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node y = state(g, 0), v = state(g, 1),
                  bend = taup_mul(g, taup_sub(g, taup_number(g, 1.0), taup_mul(g, y, y)), v),
                  f[2] = {taup_scale(g, 2.0, v), taup_scale(g, 2e6, taup_sub(g, bend, y))};
  small_system s = with_parameter(g, 2, f, 0, NULL);
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-8, stiff);
    double x[2] = {2.0, 0.0};
    const taup_lane_point p = march_one(&s, 0.0, x, tight, &o, NULL);
    assert_int_equal(p.end, TAUP_LANE_DONE);
    assert_true(p.stiff);
    assert_close(x[0], 1.706167732170469, 2e-7);
    assert_close(x[1], -0.8928097010248125, 2e-7);
  }
  small_free(&s);
}

/* y' = -p s^2 (y - cos s) - sin s with y(0) = 2: y = cos s + exp(-p s^3/3) (after A. Prothero and A. Robinson, Math. Comp. 28 (1974)
 * 145); s, cos s and sin s are states. Not stiff at first. */
static void a_point_that_turns_stiff_goes_over_and_is_right(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node t = state(g, 0), c = state(g, 1), sine = state(g, 2),
                  speed = taup_mul(g, parameter(g), taup_mul(g, t, t)), away = taup_sub(g, state(g, 3), c),
                  f[4] = {taup_number(g, 1.0), taup_neg(g, sine), c,
                          taup_sub(g, taup_neg(g, taup_mul(g, speed, away)), sine)};
  small_system s = with_parameter(g, 4, f, 0, NULL);
  const taup_lane_options o = options(1e-8, false);
  const double y0[4] = {0.0, 1.0, 0.0, 2.0};
  batch b = {0};
  for (int k = 0; k < 8; k++) add_point(&b, &s, pow(10.0, k), y0, tight);
  march_batch(&b, &s, taup_width_is_there(4) ? 4 : 1, &o);
  for (int k = 0; k < 8; k++) {
    assert_int_equal(b.points[k].end, TAUP_LANE_DONE);
    if (k < 3 || k > 3) assert_int_equal(b.points[k].stiff, k > 3);
    assert_close(b.y[k][3], cos(1.0) + exp(-pow(10.0, k) / 3.0), 1e-7);
    assert_true(b.points[k].n_steps < 200);
  }
  free_batch(&b);
  small_free(&s);
}

static void nothing_that_happens_stays_as_it_is(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node product = taup_mul(g, state(g, 0), state(g, 1)), f[2] = {product, taup_neg(g, product)};
  small_system s = with_parameter(g, 2, f, 0, NULL);
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-8, stiff);
    double y[2] = {0.0, 3.0};
    const taup_lane_point p = march_one(&s, 0.0, y, tight, &o, NULL);
    assert_true(p.end == TAUP_LANE_DONE && p.s == 1.0 && p.n_steps == 1 && p.n_rejected == 0);
    assert_true(y[0] == 0.0 && y[1] == 3.0);
  }
  small_free(&s);
}

/* ---------- the watcher ---------- */

static void the_watcher_ends_points_inside_a_step_with_their_integrals(void **unused)
{
  (void)unused;
  small_system s = decay();
  const double start = 1.0;
  for (int stiff = 0; stiff < 2; stiff++)
    for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width) {
      if (!taup_width_is_there(width)) continue;
      taup_lane_options o = options(1e-9, stiff);
      o.watch = end_at_a_half;
      batch b = {0};
      for (int k = 0; k < 10; k++) add_point(&b, &s, 0.3 + 0.3 * k, &start, tight);
      march_batch(&b, &s, width, &o);
      for (int k = 0; k < 10; k++) {
        const double rate = 0.3 + 0.3 * k, end = fmin(1.0, log(2.0) / rate);
        assert_int_equal(b.points[k].end, TAUP_LANE_DONE);
        assert_close(b.points[k].s, end, 1e-8);
        assert_close(b.y[k][0], exp(-rate * end), 1e-8);
        assert_close(b.q[k][0], (1.0 - exp(-rate * end)) / rate, 1e-8);
      }
      free_batch(&b);
    }
  small_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(vern7_has_order_7_and_its_estimate_is_that_of_order_6),
    cmocka_unit_test(rodas5p_has_order_5_and_its_estimate_is_that_of_order_4),
    cmocka_unit_test(what_is_used_up_stays_so_inside_steps),
    cmocka_unit_test(a_try_that_blows_up_is_no_step),
    cmocka_unit_test(dense_output_has_the_order_of_its_method),
    cmocka_unit_test(what_comes_from_outside_is_each_lanes_own),
    cmocka_unit_test(decay_and_its_integral_follow_the_closed_form_inside_steps_too),
    cmocka_unit_test(an_oscillation_of_ten_periods_comes_back),
    cmocka_unit_test(consecutive_reactions_of_any_speed_follow_the_closed_form),
    cmocka_unit_test(robertson_agrees_with_its_reference_from_either_method),
    cmocka_unit_test(a_stiff_oscillator_agrees_with_its_published_end),
    cmocka_unit_test(a_point_that_turns_stiff_goes_over_and_is_right),
    cmocka_unit_test(nothing_that_happens_stays_as_it_is),
    cmocka_unit_test(the_watcher_ends_points_inside_a_step_with_their_integrals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

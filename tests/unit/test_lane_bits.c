/* SPDX-License-Identifier: Apache-2.0 */
/* test_lane_bits.c - the lane integrators: equal bits for every width, order and number of points, what becomes of points that cannot be
 * solved, memory. */
#include "unit/lane_points.h"

/* ---------- equal bits ---------- */

/* A + B -> C with k = exp(15 - 1000/p), C <-> D, 2 B -> A: rates over many decades with p, exp in the prologue and, of a heat that is
 * made, in f; q = the rate. */
static small_system warm_network(void)
{
  taup_graph *g = small_graph();
  const taup_node p = parameter(g), one = taup_number(g, 1.0),
                  k = taup_exp(g, taup_sub(g, taup_number(g, 15.0), taup_scale(g, 1000.0, taup_recip(g, p)))),
                  hot = taup_exp(g, taup_div(g, state(g, 3), taup_add(g, one, state(g, 3)))),
                  r1 = taup_mul(g, taup_mul(g, k, hot), taup_mul(g, state(g, 0), state(g, 1))),
                  r2 =
                    taup_mul(g, k,
                             taup_sub(g, taup_scale(g, 0.1, state(g, 2)), taup_scale(g, 0.05, state(g, 3)))),
                  r3 = times(g, 0.7, state(g, 1), state(g, 1));
  const taup_node f[4] = {taup_sub(g, r3, r1), taup_sub(g, taup_neg(g, r1), taup_scale(g, 2.0, r3)),
                          taup_sub(g, r1, r2), r2};
  return with_parameter(g, 4, f, 1, &r1);
}

/* The points 0 ... n - 1 in some order; p from 50 to 400: k from 7e-3 to 3e5, and one that cannot be solved. */
enum { BAD = 5 };

static void warm_points(batch *b, const small_system *s, int n, const int *order)
{
  static const double y0[4] = {1.0, 0.8, 0.0, 0.1};
  *b = (batch){0};
  for (int k = 0; k < n; k++) {
    const int i = order[k];
    add_point(b, s, i == BAD ? (double)NAN : 50.0 + 350.0 * i / 63.0, y0, tight);
  }
}

static bool same_point(const batch *a, int i, const batch *b, int k)
{
  const taup_lane_point *x = &a->points[i], *y = &b->points[k];
  if (x->end != y->end) return false;
  if (x->end == TAUP_LANE_GIVEN_UP) return true;
  return memcmp(a->y[i], b->y[k], sizeof a->y[i]) == 0 && memcmp(a->q[i], b->q[k], sizeof a->q[i]) == 0 &&
         memcmp(&x->s, &y->s, sizeof x->s) == 0 && x->stiff == y->stiff && x->n_steps == y->n_steps &&
         x->n_rejected == y->n_rejected;
}

static void shuffle(int n, int *order, unsigned seed)
{
  for (int i = 0; i < n; i++) order[i] = i;
  for (int i = n - 1; i > 0; i--) {
    seed = seed * 1664525u + 1013904223u;
    const int k = (int)((seed >> 8) % (unsigned)(i + 1)), t = order[i];
    order[i] = order[k];
    order[k] = t;
  }
}

/* Halves: the lanes alone run so; the prologues keep their exp. */
static void check_bits(const small_system *s, int width, bool halves, const batch *alone,
                       const taup_lane_options *o)
{
  static const int counts[] = {1, 7, 8, 9, 64};
  for (int c = 0; c < 5; c++) {
    int order[MOST_POINTS];
    shuffle(MOST_POINTS, order, (unsigned)(width + c));
    batch b;
    warm_points(&b, s, counts[c], order);
    taup_eval_plain_only(halves);
    march_batch(&b, s, width, o);
    taup_eval_plain_only(false);
    for (int k = 0; k < b.n; k++)
      if (!same_point(alone, order[k], &b, k))
        fail_msg("width %d, %d points: point %d is not what it is alone", width, counts[c], order[k]);
    free_batch(&b);
  }
}

/* Each point alone in width 1 is the measure; the mildest take Vern7 alone, the fastest go over, one has no numbers. */
static void bits_depend_on_neither_width_nor_order_nor_neighbours(void **unused)
{
  (void)unused;
  small_system s = warm_network();
  for (int mode = 0; mode < 3; mode++) { /* to the end; watched; watched and stiff from the start */
    int order[MOST_POINTS], n_stiff = 0;
    taup_lane_options o = options(1e-7, mode == 2);
    if (mode > 0) o.watch = end_at_a_half;
    for (int i = 0; i < MOST_POINTS; i++) order[i] = i;
    batch alone;
    warm_points(&alone, &s, MOST_POINTS, order);
    taup_lanes *l = new_lanes(&s, 1);
    for (int i = 0; i < MOST_POINTS; i++) taup_lanes_march(l, 1, &alone.points[i], &o);
    taup_lanes_free(l);
    for (int i = 0; i < MOST_POINTS; i++) {
      assert_int_equal(alone.points[i].end, i == BAD ? TAUP_LANE_GIVEN_UP : TAUP_LANE_DONE);
      n_stiff += i != BAD && alone.points[i].stiff;
    }
    if (mode == 0) assert_true(n_stiff > 4 && n_stiff < MOST_POINTS - 4);
    for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width)
      if (taup_width_is_there(width)) check_bits(&s, width, false, &alone, &o);
    if (taup_width_is_there(8)) check_bits(&s, 8, true, &alone, &o);
    free_batch(&alone);
  }
  small_free(&s);
}

/* fma in software gives the same bits; exp is another function there, so a network without. */
static void width_1_without_fma_gives_the_same_bits(void **unused)
{
  (void)unused;
  small_system s = robertson();
  const taup_lane_options o = options(1e-7, false);
  batch fast = {0}, plain = {0};
  for (int k = 0; k < N_ROBERTSON; k++) {
    add_point(&fast, &s, robertson_values[k].t, robertson_start, robertson_atol);
    add_point(&plain, &s, robertson_values[k].t, robertson_start, robertson_atol);
  }
  march_batch(&fast, &s, taup_width_is_there(8) ? 8 : 1, &o);
  taup_eval_plain_only(true);
  march_batch(&plain, &s, 1, &o);
  taup_eval_plain_only(false);
  for (int k = 0; k < N_ROBERTSON; k++) assert_true(same_point(&fast, k, &plain, k));
  free_batch(&fast);
  free_batch(&plain);
  small_free(&s);
}

/* ---------- points that cannot be solved ---------- */

/* y' = p y^2: y = 1/(1 - p s), a pole at 1/p. */
static small_system pole(void)
{
  taup_graph *g = small_graph();
  const taup_node f = taup_mul(g, parameter(g), taup_mul(g, state(g, 0), state(g, 0)));
  return with_parameter(g, 1, &f, 0, NULL);
}

static void a_pole_is_given_up_where_it_is_and_its_neighbours_are_right(void **unused)
{
  (void)unused;
  small_system s = pole();
  const double start = 1.0;
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-8, stiff);
    batch b = {0};
    for (int k = 0; k < 12; k++) add_point(&b, &s, k % 3 == 1 ? 2.0 : 0.05 * k, &start, tight);
    march_batch(&b, &s, taup_width_is_there(4) ? 4 : 1, &o);
    for (int k = 0; k < 12; k++) {
      assert_int_equal(b.points[k].end, k % 3 == 1 ? TAUP_LANE_GIVEN_UP : TAUP_LANE_DONE);
      if (k % 3 == 1) assert_close(b.points[k].s, 0.5, 1e-6);
      else assert_close(b.y[k][0] * (1.0 - 0.05 * k), 1.0, 1e-7);
    }
    free_batch(&b);
  }
  small_free(&s);
}

/* y' = -p - log(y): for p = 2 there is a rest at exp(-2), for p < -7 y grows; without a number from y = -1. */
static void a_start_without_a_number_is_given_up_at_0(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f = taup_neg(g, taup_add(g, parameter(g), taup_log(g, state(g, 0))));
  small_system s = with_parameter(g, 1, &f, 0, NULL);
  const taup_lane_options o = options(1e-8, false);
  const double good = exp(-2.0), bad = -1.0;
  batch b = {0};
  for (int k = 0; k < 9; k++) add_point(&b, &s, 2.0, k % 2 ? &bad : &good, tight);
  march_batch(&b, &s, taup_width_is_there(8) ? 8 : 1, &o);
  for (int k = 0; k < 9; k++) {
    assert_int_equal(b.points[k].end, k % 2 ? TAUP_LANE_GIVEN_UP : TAUP_LANE_DONE);
    if (k % 2) assert_true(b.points[k].s == 0.0 && b.points[k].n_steps == 0 && b.points[k].n_rejected < 100);
    else assert_close(b.y[k][0], good, 1e-12);
  }
  free_batch(&b);
  small_free(&s);
}

/* y' = -p y without bound: e^800 is no number. */
static void growth_beyond_all_numbers_is_given_up(void **unused)
{
  (void)unused;
  small_system s = decay();
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-6, stiff);
    double y = 1.0;
    assert_int_equal(march_one(&s, -800.0, &y, tight, &o, NULL).end, TAUP_LANE_GIVEN_UP);
    y = 1.0;
    assert_int_equal(march_one(&s, -600.0, &y, tight, &o, NULL).end, TAUP_LANE_DONE);
    assert_close(y / exp(600.0), 1.0, 1e-3); /* 600 times what the rate is off by */
  }
  small_free(&s);
}

/* y' = -1 above 1/2, -p below, with y(0) = 1 and p = 0.2: y = 1/2 - 0.2 (s - 1/2). The kink is stepped over to tolerance. */
static void a_kink_is_passed(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node f =
    taup_neg(g, taup_select(g, state(g, 0), taup_number(g, 0.5), taup_number(g, 1.0), parameter(g)));
  small_system s = with_parameter(g, 1, &f, 0, NULL);
  for (int stiff = 0; stiff < 2; stiff++) {
    const taup_lane_options o = options(1e-7, stiff);
    double y = 1.0;
    const taup_lane_point p = march_one(&s, 0.2, &y, tight, &o, NULL);
    assert_int_equal(p.end, TAUP_LANE_DONE);
    assert_close(y, 0.4, 1e-6);
  }
  small_free(&s);
}

/* (y0, y1)' = a (y0 - y1): both grow by a (y0 - y1) s. With a = 1/gamma the first pivot of 1/(h gamma) - a is 0 for h = 1, the step that an
 * atol far above all amounts begins with: it must be refused, and a shorter one does. */
static void a_pivot_that_vanishes_costs_a_step_and_no_digits(void **unused)
{
  (void)unused;
  taup_graph *g = small_graph();
  const taup_node d = taup_mul(g, parameter(g), taup_sub(g, state(g, 0), state(g, 1))), f[2] = {d, d};
  small_system s = with_parameter(g, 2, f, 0, NULL);
  static const double huge[2] = {1e9, 1e9};
  const double a = 1.0 / 0.21193756319429014;
  const taup_lane_options o = options(1e-3, true);
  double y[2] = {1.0, 0.5};
  const taup_lane_point p = march_one(&s, a, y, huge, &o, NULL);
  assert_int_equal(p.end, TAUP_LANE_DONE);
  assert_int_equal(p.n_rejected, 1);
  assert_close(y[0], 1.0 + 0.5 * a, 1e-12);
  assert_close(y[1], 0.5 + 0.5 * a, 1e-12);
  small_free(&s);
}

static void a_point_is_given_up_after_its_most_tries(void **unused)
{
  (void)unused;
  small_system s = clock_system();
  for (int stiff = 0; stiff < 2; stiff++) {
    taup_lane_options o = options(1e-9, stiff);
    o.max_steps = 20;
    double y[3] = {1.0, 1.0, 0.0};
    const taup_lane_point p = march_one(&s, 500.0, y, tight, &o, NULL);
    assert_int_equal(p.end, TAUP_LANE_GIVEN_UP);
    assert_int_equal(p.n_steps + p.n_rejected, 20);
    assert_true(p.s > 0.0 && p.s < 1.0);
  }
  small_free(&s);
}

static bool stop_at_once(void *user)
{
  ++*(int *)user;
  return true;
}

static void a_stop_gives_up_what_is_not_done(void **unused)
{
  (void)unused;
  small_system s = clock_system();
  int asked = 0;
  taup_lane_options o = options(1e-8, false);
  o.stop = stop_at_once;
  o.stop_user = &asked;
  batch b = {0};
  for (int i = 0; i < MOST_POINTS; i++) add_point(&b, &s, 1.0 + i, clock_start, tight);
  march_batch(&b, &s, 1, &o);
  for (int i = 0; i < MOST_POINTS; i++) {
    assert_int_equal(b.points[i].end, TAUP_LANE_GIVEN_UP);
    assert_int_equal(b.points[i].n_steps, 0);
  }
  assert_int_equal(asked, 1);
  free_batch(&b);
  small_free(&s);
}

/* ---------- house ---------- */

static void no_points_are_no_work(void **unused)
{
  (void)unused;
  small_system s = decay();
  taup_lanes *l = new_lanes(&s, 1);
  const taup_lane_options o = options(1e-8, false);
  taup_lanes_march(l, 0, NULL, &o);
  taup_lanes_free(l);
  taup_lanes_free(NULL);
  small_free(&s);
}

static void marching_allocates_nothing(void **unused)
{
  (void)unused;
  counting c = {0};
  count_allocations(&c);
  small_system s = warm_network();
  int order[MOST_POINTS];
  shuffle(MOST_POINTS, order, 1);
  for (int width = 1; width <= 8; width = width == 1 ? 4 : 2 * width) {
    if (!taup_width_is_there(width)) continue;
    batch b;
    warm_points(&b, &s, MOST_POINTS, order);
    taup_lane_options o = options(1e-7, false);
    o.watch = end_at_a_half;
    taup_lanes *l = new_lanes(&s, width);
    const long before = c.n_calls;
    assert_true(before > 0);
    taup_lanes_march(l, b.n, b.points, &o);
    assert_int_equal(c.n_calls, before);
    taup_lanes_free(l);
    free_batch(&b);
  }
  small_free(&s);
  tau_allocator_set(NULL);
}

static void every_failing_allocation_of_new_is_reported(void **unused)
{
  (void)unused;
  counting c = {0};
  count_allocations(&c);
  small_system s = warm_network();
  taup_lanes *l = NULL;
  long k = 0;
  do {
    c.n_calls = 0;
    c.fail_at = ++k;
    const tau_status st = taup_lanes_new(&l, &s.system, 1);
    assert_int_equal(st, l ? TAU_OK : TAU_E_NOMEM);
  } while (!l);
  assert_true(k > 15); /* the object, the elimination's arrays, the lanes, then success */
  c.fail_at = 0;
  taup_lanes_free(l);
  small_free(&s);
  tau_allocator_set(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bits_depend_on_neither_width_nor_order_nor_neighbours),
    cmocka_unit_test(width_1_without_fma_gives_the_same_bits),
    cmocka_unit_test(a_pole_is_given_up_where_it_is_and_its_neighbours_are_right),
    cmocka_unit_test(a_start_without_a_number_is_given_up_at_0),
    cmocka_unit_test(growth_beyond_all_numbers_is_given_up),
    cmocka_unit_test(a_kink_is_passed),
    cmocka_unit_test(a_pivot_that_vanishes_costs_a_step_and_no_digits),
    cmocka_unit_test(a_point_is_given_up_after_its_most_tries),
    cmocka_unit_test(a_stop_gives_up_what_is_not_done),
    cmocka_unit_test(no_points_are_no_work),
    cmocka_unit_test(marching_allocates_nothing),
    cmocka_unit_test(every_failing_allocation_of_new_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* lane_points.h - systems with one parameter and batches of points, for the tests of the lane integrators. */
#ifndef LANE_POINTS_H
#define LANE_POINTS_H

#include "unit/small_system.h"

#include "solve/lanes.h"

enum { MOST = 4, MOST_POINTS = 64 };

/* ---------- systems with a parameter, points ---------- */

static inline taup_node parameter(taup_graph *g)
{
  return taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM_NONE, "p");
}

static inline taup_node times(taup_graph *g, double factor, taup_node a, taup_node b)
{
  return taup_scale(g, factor, taup_mul(g, a, b));
}

/* A system with one parameter and, behind the states, a number from outside: used or not. */
static inline small_system with_parameter(taup_graph *g, int n, const taup_node *f, int n_q,
                                          const taup_node *q)
{
  small_system s = {0};
  taup_node entry[MOST * MOST];
  small_jacobian(g, n, f, entry);
  const int n_entries = small_pattern(&s, n, entry);
  if (taup_diff_rows(&s.q_slopes, g, TAUP_STATE, n_q, q) < 0) fail_msg("%s", tau_last_error());
  const taup_body bodies[] = {{n, f, "f"},
                              {n_entries, entry, "J"},
                              {n_q, q, "q"},
                              {s.q_slopes.first[n_q], s.q_slopes.node, "dq"}};
  const int n_inputs[] = {0, 1, 0, n + 1};
  if (taup_graph_status(g) < 0) fail_msg("%s", tau_last_error());
  assert_int_equal(taup_program_new(&s.program, g, n_inputs, n_q > 0 ? 4 : 2, bodies), TAU_OK);
  taup_graph_free(g);
  s.system = (taup_system){.program = s.program,
                           .n = n,
                           .body_f = BODY_F,
                           .body_J = BODY_J,
                           .body_q = n_q > 0 ? BODY_Q : -1,
                           .n_q = n_q,
                           .body_q_slopes = n_q > 0 ? BODY_Q_SLOPES : -1,
                           .q_first = s.q_slopes.first,
                           .q_state = s.q_slopes.symbol,
                           .column_start = s.column_start,
                           .row = s.row};
  return s;
}

/* What a caller of the lanes has: registers, start and results of every point. */
typedef struct batch {
  int n;
  taup_lane_point points[MOST_POINTS];
  double *R[MOST_POINTS];
  double y[MOST_POINTS][MOST], q[MOST_POINTS][MOST];
} batch;

static inline void add_point(batch *b, const small_system *s, double p, const double *y0, const double *atol)
{
  const int k = b->n++;
  double *R = aligned_alloc(64, (taup_program_bytes(s->program, 1) + 63) / 64 * 64);
  taup_program_init(s->program, 1, R);
  *taup_program_input(s->program, 1, R, TAUP_PARAMETER, 0) = p;
  assert_int_equal(taup_program_prologue(s->program, TAUP_PARAMETER, 1, R), 0);
  assert_int_equal(taup_program_prologue(s->program, TAUP_INLET, 1, R), 0);
  memcpy(b->y[k], y0, (size_t)s->system.n * sizeof *y0);
  b->R[k] = R;
  b->points[k] = (taup_lane_point){.R = R, .atol = atol, .y = b->y[k], .q = b->q[k]};
}

static inline void free_batch(batch *b)
{
  for (int k = 0; k < b->n; k++) free(b->R[k]);
}

static inline taup_lanes *new_lanes(const small_system *s, int width)
{
  taup_lanes *l = NULL;
  if (taup_lanes_new(&l, &s->system, width) < 0) fail_msg("%s", tau_last_error());
  return l;
}

static inline void march_batch(batch *b, const small_system *s, int width, const taup_lane_options *options)
{
  taup_lanes *l = new_lanes(s, width);
  taup_lanes_march(l, b->n, b->points, options);
  taup_lanes_free(l);
}

/* One point alone, from y to y. */
static inline taup_lane_point march_one(const small_system *s, double p, double *y, const double *atol,
                                        const taup_lane_options *options, double *q)
{
  batch b = {0};
  add_point(&b, s, p, y, atol);
  march_batch(&b, s, 1, options);
  free_batch(&b);
  memcpy(y, b.y[0], (size_t)s->system.n * sizeof *y);
  if (q) memcpy(q, b.q[0], (size_t)s->system.n_q * sizeof *q);
  return b.points[0];
}

static const double tight[MOST] = {1e-13, 1e-13, 1e-13, 1e-13};

static inline taup_lane_options options(double rtol, bool stiff)
{
  return (taup_lane_options){.rtol = rtol, .max_steps = 100000, .stiff = stiff};
}

/* ---------- the systems ---------- */

/* y0' = p y0 y1, (y1, y2)' = p (-y2, y1): y0 = exp(sin(p s)), y1 = cos(p s), y2 = sin(p s); q = y0 y1, whose integral times p is
 * y0 - 1. */
static inline small_system clock_system(void)
{
  taup_graph *g = small_graph();
  const taup_node p = parameter(g), product = taup_mul(g, state(g, 0), state(g, 1)),
                  f[3] = {taup_mul(g, p, product), taup_neg(g, taup_mul(g, p, state(g, 2))),
                          taup_mul(g, p, state(g, 1))};
  return with_parameter(g, 3, f, 1, &product);
}

static const double clock_start[3] = {1.0, 1.0, 0.0};

/* The same, driven from outside by a = p cos(p s): y0' = a y0, y1' = -p y2, y2' = a. */
static inline small_system driven_clock(void)
{
  taup_graph *g = small_graph();
  const taup_node a = taup_symbol(g, TAUP_STATE, 3, TAUP_DIM_NONE, "a"),
                  f[3] = {taup_mul(g, a, state(g, 0)), taup_neg(g, taup_mul(g, parameter(g), state(g, 2))), a};
  return with_parameter(g, 3, f, 0, NULL);
}

static inline void drive(double p, double s, double *a, double *slope)
{
  *a = p * cos(p * s);
  if (slope) *slope = -p * p * sin(p * s);
}

/* y' = -p y, q = y. */
static inline small_system decay(void)
{
  taup_graph *g = small_graph();
  const taup_node y = state(g, 0), f = taup_neg(g, taup_mul(g, parameter(g), y));
  return with_parameter(g, 1, &f, 1, &y);
}

/* Robertson's problem (H. H. Robertson 1966; ROBER of the Bari/CWI test set for IVP solvers, release 2.4) to the time p. */
static inline small_system robertson(void)
{
  taup_graph *g = small_graph();
  const taup_node p = parameter(g), a = state(g, 0), b = state(g, 1), c = state(g, 2);
  const taup_node r1 = taup_scale(g, 0.04, a), r2 = times(g, 1e4, b, c), r3 = times(g, 3e7, b, b);
  const taup_node f[3] = {taup_mul(g, p, taup_sub(g, r2, r1)),
                          taup_mul(g, p, taup_sub(g, taup_sub(g, r1, r2), r3)), taup_mul(g, p, r3)};
  return with_parameter(g, 3, f, 0, NULL);
}

/* At the time t; Radau IIA of order 25 in 40 digits, relative error 2e-16; agrees with the published ROBER values at 1e11 s. */
static const struct {
  double t, y[3];
} robertson_values[] = {{0.4, {0.9851721138609899, 3.386395378974904e-05, 0.014794022185220388}},
                        {40.0, {0.715827068719405, 9.185534764557764e-06, 0.28416374574583037}},
                        {4e4, {0.03898337708548285, 1.6217683159096825e-07, 0.9610164607376855}},
                        {4e7, {5.2030718441205475e-05, 2.0813357318925326e-10, 0.9999479690734252}},
                        {4e9, {5.208276611435935e-07, 2.083311716604572e-12, 0.9999994791702556}},
                        {4e10, {5.208345176799239e-08, 2.083338177925489e-13, 0.99999994791634}}};
enum { N_ROBERTSON = sizeof robertson_values / sizeof *robertson_values };
static const double robertson_atol[3] = {1e-14, 1e-18, 1e-14}, robertson_start[3] = {1.0, 0.0, 0.0};

/* Ends the point where its first state is 1/2, found by bisection. */
static inline bool end_at_a_half(void *user, int i_point, const taup_lane_view *view, double s0, double s1,
                                 double *end)
{
  (void)user, (void)i_point;
  double y[MOST];
  taup_lane_at(view, s1, y);
  if (y[0] > 0.5) return true;
  for (int i = 0; i < 60; i++) {
    const double middle = 0.5 * (s0 + s1);
    taup_lane_at(view, middle, y);
    if (y[0] > 0.5) s0 = middle;
    else s1 = middle;
  }
  *end = s1;
  return false;
}

#endif

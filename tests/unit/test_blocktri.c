/* SPDX-License-Identifier: Apache-2.0 */
/* test_blocktri.c - the linear algebra of boundary value problems: solutions that are known, growing and
 * falling ones together; and the moments of an exponential. */
#include "support/small_run.h"

#include "num/blocktri.h"
#include "num/decay.h"

enum { MOST_N = 3, MOST_PIECES = 200 };

typedef struct problem {
  taup_blocktri b;
  double tableau[MOST_PIECES * 12 * MOST_N * MOST_N], end[4 * MOST_N * MOST_N], first[2 * MOST_N * MOST_N];
  double x[(MOST_PIECES + 1) * 2 * MOST_N], work[3 * MOST_N];
  int pivot[(MOST_PIECES + 1) * 2 * MOST_N];
} problem;

static problem *open_problem(int n, int n_pieces)
{
  problem *p = calloc(1, sizeof *p);
  p->b = (taup_blocktri){n, n_pieces, p->tableau, p->end, p->pivot};
  return p;
}

/* --- small dense systems --- */

/* The Hilbert matrix of order 4 has the inverse 16, -120, 240, -140 in its first row. */
static void a_dense_matrix_is_inverted(void **state)
{
  (void)state;
  double a[16], b[8] = {1.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  const double want[4] = {16.0, -120.0, 240.0, -140.0};
  int pivot[4];
  for (int i = 0; i < 16; i++) a[i] = 1.0 / (i / 4 + i % 4 + 1);
  assert_true(taup_lu_factor(4, a, pivot));
  taup_lu_solve(4, a, pivot, b, 2, 2);
  for (int i = 0; i < 4; i++) {
    assert_close_rel(b[2 * i], want[i], 1e-11);
    assert_close_rel(b[2 * i + 1], 5.0 * want[i], 1e-11);
  }
}

static void a_pivot_of_zero_is_passed_by_exchange(void **state)
{
  (void)state;
  double a[9] = {0.0, 2.0, 0.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0}, b[3] = {2.0, 6.0, 12.0};
  int pivot[3];
  assert_true(taup_lu_factor(3, a, pivot));
  taup_lu_solve(3, a, pivot, b, 1, 1);
  assert_true(b[0] == 3.0 && b[1] == 1.0 && b[2] == 2.0);
  double singular[4] = {1.0, 2.0, 2.0, 4.0};
  assert_false(taup_lu_factor(2, singular, pivot));
}

/* --- pieces --- */

/* u' = a u, v' = -a v, coupled at both ends: u(0) + v(0) = 3, u(1) - v(1) = 1. With u = U e^(a (s - 1)) and v = V e^(-a s), e = e^(-a):
 * U e + V = 3, U - V e = 1. Each piece multiplies by e^(a h), which is 1e10 over all of them squared. */
static void growing_and_falling_solutions_are_found_together(void **state)
{
  (void)state;
  enum { N = 100 };
  const double a = 60.0, h = 1.0 / N, e = exp(-a), V = (3.0 - e) / (1.0 + e * e), U = 1.0 + V * e;
  problem *p = open_problem(1, N);
  for (int i = 0; i < N; i++) {
    double *u = taup_blocktri_row(&p->b, i, 0), *v = taup_blocktri_row(&p->b, i, 1);
    u[0] = -exp(a * h);
    u[2] = 1.0;
    v[1] = -exp(-a * h);
    v[3] = 1.0;
  }
  p->first[0] = p->first[1] = 1.0;
  p->end[2] = 1.0;
  p->end[3] = -1.0;
  p->x[0] = 3.0;
  p->x[2 * N + 1] = 1.0;
  assert_true(taup_blocktri_factor(&p->b, p->first));
  taup_blocktri_solve(&p->b, p->x, p->work);
  for (int i = 0; i <= N; i++) {
    assert_close_rel(p->x[2 * i], U * exp(a * (i * h - 1.0)), 1e-12);
    assert_close_rel(p->x[2 * i + 1], V * exp(-a * i * h), 1e-12);
  }
  free(p);
}

/* Numbers without a pattern, the same wherever they are made. */
static double number(int *k)
{
  *k = (int)((16807LL * *k) % 2147483647LL);
  return *k / 2147483647.0 - 0.5;
}

/* Any pieces: what they say of the solution is what was asked. The right-hand sides are made of a solution that is known. */
static void any_pieces_give_back_their_solution(void **state)
{
  (void)state;
  enum { N = 3, M = 6, PIECES = 40 };
  problem *p = open_problem(N, PIECES);
  double want[(PIECES + 1) * M];
  int seed = 1;
  for (int i = 0; i < (PIECES + 1) * M; i++) want[i] = number(&seed);
  for (int i = 0; i < N * M; i++) p->first[i] = number(&seed);
  for (int i = 0; i < N * M; i++) p->end[N * M + i] = number(&seed);
  for (int i = 0; i < PIECES; i++)
    for (int r = 0; r < M; r++)
      for (int c = 0; c < 2 * M; c++) taup_blocktri_row(&p->b, i, r)[c] = number(&seed);
  for (int r = 0; r < N; r++)
    for (int c = 0; c < M; c++) {
      p->x[r] += p->first[r * M + c] * want[c];
      p->x[N + PIECES * M + r] += p->end[(N + r) * M + c] * want[PIECES * M + c];
    }
  for (int i = 0; i < PIECES; i++)
    for (int r = 0; r < M; r++)
      for (int c = 0; c < 2 * M; c++)
        p->x[N + i * M + r] += taup_blocktri_row(&p->b, i, r)[c] * want[i * M + c];
  assert_true(taup_blocktri_factor(&p->b, p->first));
  taup_blocktri_solve(&p->b, p->x, p->work);
  for (int i = 0; i < (PIECES + 1) * M; i++) assert_close(p->x[i], want[i], 1e-10);
  free(p);
}

static void pieces_that_say_nothing_are_refused(void **state)
{
  (void)state;
  problem *p = open_problem(1, 1);
  assert_false(taup_blocktri_factor(&p->b, p->first));
  free(p);
}

/* --- moments of an exponential --- */

/* z integral of exp(-z t) t^m from 0 to x: mpmath, 40 digits, by quadrature and by the incomplete gamma function. */
static void moments_are_right_to_rounding(void **state)
{
  (void)state;
  static const struct {
    double z, x;
    int m;
    double want;
  } known[] = {
    {0.001, 1.0, 0, 0.00099950016662500833}, {0.001, 0.7, 7, 7.201518927965587e-6},
    {1.0, 1.0, 3, 0.11392894125692285},      {20.0, 1.0, 7, 3.9344343015501273e-6},
    {29.9, 1.0, 7, 2.3590218992794345e-7},   {30.1, 1.0, 7, 2.2514632213595923e-7},
    {400.0, 0.9, 5, 1.171875e-11},           {1e5, 0.3, 7, 5.04e-32},
    {5.0, 0.2, 4, 0.00014053811816999855},
  };
  double out[8];
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    taup_decay_moments(known[i].z, known[i].x, 7, out);
    assert_close_rel(out[known[i].m], known[i].want, 3e-14);
  }
  taup_decay_moments(0.0, 1.0, 3, out);
  assert_true(out[0] == 0.0 && out[3] == 0.0);
  taup_decay_moments(5.0, 0.0, 3, out);
  assert_true(out[0] == 0.0 && out[3] == 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_dense_matrix_is_inverted),
    cmocka_unit_test(a_pivot_of_zero_is_passed_by_exchange),
    cmocka_unit_test(growing_and_falling_solutions_are_found_together),
    cmocka_unit_test(any_pieces_give_back_their_solution),
    cmocka_unit_test(pieces_that_say_nothing_are_refused),
    cmocka_unit_test(moments_are_right_to_rounding),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

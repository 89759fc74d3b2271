/* SPDX-License-Identifier: Apache-2.0 */
/* test_lane_lu.c - the elimination of the stiff lane integrator: its factors multiply back, its order fills little, its solutions are
 * LAPACK's. The list of operations is followed here as lanes_step.c follows it, one point at a time. */
#include "unit/small_system.h"

#include <lapacke.h>

#include "solve/lanes_work.h"

enum { MOST = 64, MOST_ENTRIES = MOST * MOST };

/* A pattern with the whole diagonal, by columns, and the values of J on it. */
typedef struct sparse {
  int n, column_start[MOST + 1], row[MOST_ENTRIES];
  double J[MOST_ENTRIES];
} sparse;

static double uniform(uint64_t *seed)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53;
}

static void end_column(sparse *s, int j, int n_entries) { s->column_start[j + 1] = n_entries; }

/* Every entry off the diagonal is there with the probability `fill`; each row sums to less than its diagonal. */
static void make_random(sparse *s, int n, double fill, uint64_t *seed)
{
  double sum[MOST] = {0.0};
  int k = 0;
  s->n = n;
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < n; i++) {
      if (i != j && uniform(seed) >= fill) continue;
      s->row[k] = i;
      s->J[k] = i == j ? 0.0 : 2.0 * uniform(seed) - 1.0;
      sum[i] += fabs(s->J[k++]);
    }
    end_column(s, j, k);
  }
  for (int j = 0; j < n; j++)
    for (k = s->column_start[j]; k < s->column_start[j + 1]; k++)
      if (s->row[k] == j) s->J[k] = -sum[j] - uniform(seed);
}

/* The first row, the first column and the diagonal. */
static void make_arrow(sparse *s, int n)
{
  int k = 0;
  s->n = n;
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < n; i++) {
      if (i != j && i != 0 && j != 0) continue;
      s->row[k] = i;
      s->J[k++] = i == j ? -(double)n : 1.0;
    }
    end_column(s, j, k);
  }
}

/* A = w I - J, by columns. */
static void matrix_of(const sparse *s, double w, double *A)
{
  memset(A, 0, sizeof(double) * MOST * MOST);
  for (int j = 0; j < s->n; j++) {
    A[j * s->n + j] = w;
    for (int k = s->column_start[j]; k < s->column_start[j + 1]; k++) A[j * s->n + s->row[k]] -= s->J[k];
  }
}

static taup_lane_lu analyse(const sparse *s)
{
  taup_lane_lu lu;
  assert_int_equal(taup_lane_lu_new(&lu, s->n, s->column_start, s->row), TAU_OK);
  return lu;
}

/* F: entries of L and U; pivots: 1 over the diagonal of L. */
static void factorise(const taup_lane_lu *lu, const double *J, double w, double *F, double *pivots)
{
  int k = 0;
  for (int e = 0; e < lu->n_entries; e++) {
    double x = (lu->pivot[e] == -2 ? w : 0.0) - (lu->source[e] >= 0 ? J[lu->source[e]] : 0.0);
    for (int p = lu->first[e]; p < lu->first[e + 1]; p++) x -= F[lu->pairs[2 * p]] * F[lu->pairs[2 * p + 1]];
    if (lu->pivot[e] == -2) pivots[k++] = 1.0 / x;
    if (lu->pivot[e] >= 0) x *= pivots[lu->pivot[e]];
    F[e] = x;
  }
  assert_int_equal(k, lu->n);
}

static void solve(const taup_lane_lu *lu, const double *F, const double *pivots, const double *b, double *x)
{
  double z[MOST];
  for (int k = 0; k < lu->n; k++) {
    z[k] = b[lu->order[k]];
    for (int p = lu->lower_first[k]; p < lu->lower_first[k + 1]; p++)
      z[k] -= F[lu->lower[2 * p]] * z[lu->lower[2 * p + 1]];
    z[k] *= pivots[k];
  }
  for (int k = lu->n - 1; k >= 0; k--) {
    for (int p = lu->upper_first[k]; p < lu->upper_first[k + 1]; p++)
      z[k] -= F[lu->upper[2 * p]] * z[lu->upper[2 * p + 1]];
    x[lu->order[k]] = z[k];
  }
}

/* L and U from the rows that the substitutions go by, in the order of elimination. */
static void rows_of(const taup_lane_lu *lu, const double *F, const double *pivots, double *L, double *U)
{
  const int n = lu->n;
  memset(L, 0, sizeof(double) * MOST * MOST);
  memset(U, 0, sizeof(double) * MOST * MOST);
  for (int k = 0; k < n; k++) {
    L[k * n + k] = 1.0 / pivots[k];
    U[k * n + k] = 1.0;
    for (int p = lu->lower_first[k]; p < lu->lower_first[k + 1]; p++) {
      assert_true(lu->lower[2 * p + 1] < k);
      L[k * n + lu->lower[2 * p + 1]] = F[lu->lower[2 * p]];
    }
    for (int p = lu->upper_first[k]; p < lu->upper_first[k + 1]; p++) {
      assert_true(lu->upper[2 * p + 1] > k);
      U[k * n + lu->upper[2 * p + 1]] = F[lu->upper[2 * p]];
    }
  }
}

static void factors_of_any_pattern_multiply_back(void **unused)
{
  (void)unused;
  uint64_t seed = 1;
  static sparse s;
  static double A[MOST * MOST], L[MOST * MOST], U[MOST * MOST], F[MOST_ENTRIES];
  for (int trial = 0; trial < 200; trial++) {
    double pivots[MOST];
    const int n = 1 + trial % 24;
    make_random(&s, n, uniform(&seed), &seed);
    matrix_of(&s, 1.5, A);
    taup_lane_lu lu = analyse(&s);
    factorise(&lu, s.J, 1.5, F, pivots);
    rows_of(&lu, F, pivots, L, U);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double sum = 0.0;
        for (int m = 0; m < n; m++) sum += L[i * n + m] * U[m * n + j];
        assert_close(sum, A[lu.order[j] * n + lu.order[i]], 1e-12 * n);
      }
    taup_lane_lu_free(&lu);
  }
}

static void the_order_is_a_permutation_and_every_entry_comes_after_what_it_needs(void **unused)
{
  (void)unused;
  uint64_t seed = 2;
  static sparse s;
  for (int trial = 0; trial < 50; trial++) {
    bool seen[MOST] = {false};
    make_random(&s, 3 + trial, 0.15, &seed);
    taup_lane_lu lu = analyse(&s);
    int n_given = 0;
    for (int k = 0; k < lu.n; k++) {
      assert_false(seen[lu.order[k]]);
      seen[lu.order[k]] = true;
    }
    for (int e = 0; e < lu.n_entries; e++) {
      n_given += lu.source[e] >= 0;
      for (int p = 2 * lu.first[e]; p < 2 * lu.first[e + 1]; p++) assert_true(lu.pairs[p] < e);
    }
    assert_int_equal(n_given, s.column_start[s.n]); /* each entry of J once */
    taup_lane_lu_free(&lu);
  }
}

/* In natural order the first pivot of an arrow fills the whole matrix. */
static void an_arrow_is_not_filled(void **unused)
{
  (void)unused;
  static sparse s;
  for (int n = 2; n <= MOST; n *= 2) {
    make_arrow(&s, n);
    taup_lane_lu lu = analyse(&s);
    assert_int_equal(lu.n_entries, 3 * n - 2);
    assert_int_equal(lu.n_pairs, n - 1);
    taup_lane_lu_free(&lu);
  }
}

/* Entries of the factors in the order 0, 1, 2 ... */
static int natural_entries(const sparse *s)
{
  static bool has[MOST][MOST];
  int count = 0;
  memset(has, 0, sizeof has);
  for (int j = 0; j < s->n; j++)
    for (int k = s->column_start[j]; k < s->column_start[j + 1]; k++) has[s->row[k]][j] = true;
  for (int k = 0; k < s->n; k++)
    for (int i = k + 1; i < s->n; i++)
      for (int j = k + 1; j < s->n; j++) has[i][j] = has[i][j] || (has[i][k] && has[k][j]);
  for (int i = 0; i < s->n; i++)
    for (int j = 0; j < s->n; j++) count += has[i][j];
  return count;
}

static void random_patterns_fill_less_than_in_natural_order(void **unused)
{
  (void)unused;
  uint64_t seed = 3;
  static sparse s;
  int sum = 0, natural = 0;
  for (int trial = 0; trial < 100; trial++) {
    make_random(&s, 20, 0.1, &seed);
    taup_lane_lu lu = analyse(&s);
    sum += lu.n_entries;
    natural += natural_entries(&s);
    taup_lane_lu_free(&lu);
  }
  assert_true(sum < 0.75 * natural);
}

static void solutions_are_those_of_lapack(void **unused)
{
  (void)unused;
  uint64_t seed = 4;
  static sparse s;
  static double A[MOST * MOST], F[MOST_ENTRIES];
  for (int trial = 0; trial < 200; trial++) {
    double pivots[MOST], b[MOST], x[MOST];
    lapack_int swaps[MOST];
    const int n = 1 + trial % MOST;
    make_random(&s, n, 0.3 * uniform(&seed), &seed);
    const double w = pow(10.0, 6.0 * uniform(&seed) - 3.0);
    matrix_of(&s, w, A);
    for (int i = 0; i < n; i++) b[i] = uniform(&seed) - 0.5;
    taup_lane_lu lu = analyse(&s);
    factorise(&lu, s.J, w, F, pivots);
    solve(&lu, F, pivots, b, x);
    assert_int_equal(LAPACKE_dgesv(LAPACK_COL_MAJOR, n, 1, A, n, swaps, b, n), 0);
    for (int i = 0; i < n; i++) assert_close(x[i], b[i], 1e-12 * (1.0 / (w + 1e-3)));
    taup_lane_lu_free(&lu);
  }
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **unused)
{
  (void)unused;
  static sparse s;
  counting c = {0};
  taup_lane_lu lu;
  make_arrow(&s, 8);
  count_allocations(&c);
  tau_status st;
  do {
    c.n_calls = 0;
    c.fail_at++;
    st = taup_lane_lu_new(&lu, s.n, s.column_start, s.row);
    if (st < 0) assert_true(st == TAU_E_NOMEM && !lu.pairs && !lu.order);
  } while (st < 0);
  assert_true(c.fail_at > 10);
  taup_lane_lu_free(&lu);
  tau_allocator_set(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(factors_of_any_pattern_multiply_back),
    cmocka_unit_test(the_order_is_a_permutation_and_every_entry_comes_after_what_it_needs),
    cmocka_unit_test(an_arrow_is_not_filled),
    cmocka_unit_test(random_patterns_fill_less_than_in_natural_order),
    cmocka_unit_test(solutions_are_those_of_lapack),
    cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

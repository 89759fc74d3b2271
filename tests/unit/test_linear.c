/* SPDX-License-Identifier: Apache-2.0 */
/* test_linear.c - our dense solver and vector operations behind SUNDIALS' interfaces: residuals by the bound of Gaussian elimination,
 * pivots, singular matrices; every operation element by element, for odd and even lengths, with the result in a place of its own or in an
 * operand. */
#include <float.h>
#include <sunmatrix/sunmatrix_dense.h>

#include "solve/sundials.h"
#include "unit/small_system.h"

#ifdef SUN_COMM_NULL
#define NULL_COMM SUN_COMM_NULL
#else /* SUNDIALS 6 takes a pointer to a communicator */
#define NULL_COMM NULL
#endif

enum { MOST_N = 40, MOST_LENGTH = 9 };

typedef struct equations {
  SUNContext context;
  N_Vector x, b;
  SUNMatrix matrix;
  SUNLinearSolver solver;
} equations;

static equations equations_new(int n)
{
  equations e = {0};
  assert_int_equal(SUNContext_Create(NULL_COMM, &e.context), 0);
  e.x = N_VNew_Serial(n, e.context);
  e.b = N_VNew_Serial(n, e.context);
  e.matrix = SUNDenseMatrix(n, n, e.context);
  e.solver = taup_dense_new(n, e.context);
  assert_true(e.x && e.b && e.matrix && e.solver);
  return e;
}

static void equations_free(equations *e)
{
  SUNLinSolFree(e->solver);
  SUNMatDestroy(e->matrix);
  N_VDestroy(e->x);
  N_VDestroy(e->b);
  SUNContext_Free(&e->context);
}

/* Uniform in (-1, 1) (D. H. Lehmer 1951, with the multiplier 48271). */
static double random_number(unsigned long long *state)
{
  *state = *state * 48271 % 2147483647;
  return 2.0 * (double)*state / 2147483647.0 - 1.0;
}

static double largest(int n, const double *x)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

/* |A x - b| <= 8 n^2 eps |A| |x| in the largest element: Wilkinson's bound with a growth of at most 8 (N. J. Higham, Accuracy and Stability
 * of Numerical Algorithms, 2nd ed. (2002), theorem 9.5); the growth of random matrices is about n^(2/3). */
static void dense_equations_are_solved_to_rounding(void **state)
{
  (void)state;
  unsigned long long seed = 1;
  for (int n = 1; n <= MOST_N; n++) {
    equations e = equations_new(n);
    double a[MOST_N * MOST_N], b[MOST_N];
    for (int k = 0; k < n * n; k++) a[k] = random_number(&seed);
    for (int i = 0; i < n; i++) b[i] = random_number(&seed);
    memcpy(SUNDenseMatrix_Data(e.matrix), a, (size_t)(n * n) * sizeof *a);
    memcpy(N_VGetArrayPointer(e.b), b, (size_t)n * sizeof *b);
    assert_int_equal(SUNLinSolSetup(e.solver, e.matrix), 0);
    assert_int_equal(SUNLinSolSolve(e.solver, e.matrix, e.x, e.b, 0.0), 0);
    const double *x = N_VGetArrayPointer(e.x);
    const double bound = 8.0 * n * n * DBL_EPSILON * largest(n * n, a) * largest(n, x);
    for (int i = 0; i < n; i++) {
      double residual = -b[i];
      for (int j = 0; j < n; j++) residual += a[j * n + i] * x[j];
      if (!(fabs(residual) <= bound)) fail_msg("n = %d: residual %g, bound %g", n, residual, bound);
    }
    equations_free(&e);
  }
}

/* Without an exchange the first pivot is 0; with the wrong one x loses all digits. */
static void rows_are_exchanged_for_the_largest_pivot(void **state)
{
  (void)state;
  static const double first[2] = {0.0, 1e-20};
  for (int k = 0; k < 2; k++) {
    equations e = equations_new(2);
    const double a[4] = {first[k], 1.0, 1.0, 1.0}; /* by columns: first x + y = 1, x + y = 2 */
    memcpy(SUNDenseMatrix_Data(e.matrix), a, sizeof a);
    N_VGetArrayPointer(e.b)[0] = 1.0;
    N_VGetArrayPointer(e.b)[1] = 2.0;
    assert_int_equal(SUNLinSolSetup(e.solver, e.matrix), 0);
    assert_int_equal(SUNLinSolSolve(e.solver, e.matrix, e.x, e.b, 0.0), 0);
    assert_true(N_VGetArrayPointer(e.x)[0] == 1.0 && N_VGetArrayPointer(e.x)[1] == 1.0);
    equations_free(&e);
  }
}

/* CVODES takes a positive answer for "take another step". */
static void a_singular_matrix_is_told_by_its_column(void **state)
{
  (void)state;
  equations e = equations_new(3);
  const double a[9] = {1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 0.0, 1.0, 0.0}; /* column 2 is twice column 1 */
  memcpy(SUNDenseMatrix_Data(e.matrix), a, sizeof a);
  assert_int_equal(SUNLinSolSetup(e.solver, e.matrix), 2);
  equations_free(&e);
}

/* --- vectors --- */

typedef struct vectors {
  SUNContext context;
  N_Vector x, y, z;
  double old_x[MOST_LENGTH], old_y[MOST_LENGTH];
} vectors;

static vectors vectors_new(int n)
{
  vectors v = {0};
  assert_int_equal(SUNContext_Create(NULL_COMM, &v.context), 0);
  v.x = N_VNew_Serial(n, v.context);
  assert_non_null(v.x);
  taup_vector_tune(v.x);
  v.y = N_VClone(v.x);
  v.z = N_VClone(v.x);
  assert_true(v.y && v.z);
  unsigned long long seed = 7;
  for (int i = 0; i < n; i++) {
    N_VGetArrayPointer(v.x)[i] = v.old_x[i] = random_number(&seed);
    N_VGetArrayPointer(v.y)[i] = v.old_y[i] = random_number(&seed);
  }
  return v;
}

static void vectors_free(vectors *v)
{
  N_VDestroy(v->x);
  N_VDestroy(v->y);
  N_VDestroy(v->z);
  SUNContext_Free(&v->context);
}

static void check_sum(const vectors *v, int n, double a, double b, N_Vector z)
{
  for (int i = 0; i < n; i++) {
    const double ax = a * v->old_x[i], by = b * v->old_y[i];
    if (N_VGetArrayPointer(z)[i] != ax + by) fail_msg("%g x + %g y of %d, element %d", a, b, n, i);
  }
}

static void linear_sums_are_right_element_by_element_also_in_place(void **state)
{
  (void)state;
  static const double factors[][2] = {{1.0, 1.0},  {1.0, -1.0}, {-0.3, 1.0}, {1.0, 0.7},
                                      {0.5, -1.0}, {2.5, 2.5},  {0.1, -0.9}, {0.0, 0.0}};
  for (int n = 1; n <= MOST_LENGTH; n++)
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
      for (int place = 0; place < 3; place++) {
        vectors v = vectors_new(n);
        const N_Vector z = place == 0 ? v.z : place == 1 ? v.x : v.y;
        N_VLinearSum(factors[f][0], v.x, factors[f][1], v.y, z);
        check_sum(&v, n, factors[f][0], factors[f][1], z);
        vectors_free(&v);
      }
}

static void combinations_scales_and_constants_are_right(void **state)
{
  (void)state;
  for (int n = 1; n <= MOST_LENGTH; n++) {
    vectors v = vectors_new(n);
    double factors[2] = {0.3, -1.7};
    N_Vector both[2] = {v.x, v.y}, out[2] = {v.z, v.y};
    assert_int_equal(N_VLinearCombination(2, factors, both, v.z), 0);
    check_sum(&v, n, 0.3, -1.7, v.z);
    N_VScale(-2.0, v.x, v.z);
    check_sum(&v, n, -2.0, 0.0, v.z);
    N_VConst(0.25, v.z);
    for (int i = 0; i < n; i++) assert_true(N_VGetArrayPointer(v.z)[i] == 0.25);
    assert_int_equal(N_VScaleVectorArray(2, factors, both, out), 0);
    check_sum(&v, n, 0.3, 0.0, v.z);
    check_sum(&v, n, 0.0, -1.7, v.y);
    vectors_free(&v);
    v = vectors_new(n);
    N_Vector added[2] = {v.y, v.x}, sums[2] = {v.z, v.y};
    assert_int_equal(N_VScaleAddMulti(1, factors, v.x, added, sums), 0);
    check_sum(&v, n, 0.3, 1.0, v.z);
    vectors_free(&v);
  }
}

/* The mean square of x w by long double. */
static void the_weighted_norm_is_right(void **state)
{
  (void)state;
  for (int n = 1; n <= MOST_LENGTH; n++) {
    vectors v = vectors_new(n);
    long double sum = 0.0L;
    for (int i = 0; i < n; i++) {
      const long double term = (long double)v.old_x[i] * (long double)v.old_y[i];
      sum += term * term;
    }
    const double want = (double)sqrtl(sum / n), got = N_VWrmsNorm(v.x, v.y);
    assert_true(fabs(got - want) <= (n + 2) * DBL_EPSILON * want);
    vectors_free(&v);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(dense_equations_are_solved_to_rounding),
    cmocka_unit_test(rows_are_exchanged_for_the_largest_pivot),
    cmocka_unit_test(a_singular_matrix_is_told_by_its_column),
    cmocka_unit_test(linear_sums_are_right_element_by_element_also_in_place),
    cmocka_unit_test(combinations_scales_and_constants_are_right),
    cmocka_unit_test(the_weighted_norm_is_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

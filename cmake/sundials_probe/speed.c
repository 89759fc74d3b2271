/* SPDX-License-Identifier: Apache-2.0 */
/* Is this SUNDIALS optimised? Exit 1 when N_VLinearSum takes more than twice the time of the same loop compiled here. */
#define _POSIX_C_SOURCE 200809L
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <time.h>

#ifndef SUN_COMM_NULL /* SUNDIALS 6 */
#define SUN_COMM_NULL NULL
#endif

enum { LENGTH = 1000, CALLS = 2000, ROUNDS = 5 };

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

__attribute__((noinline)) static void linear_sum(double a, const double *x, double b, const double *y,
                                                 double *z)
{
  for (int i = 0; i < LENGTH; i++) z[i] = a * x[i] + b * y[i];
}

int main(void)
{
  SUNContext context = NULL;
  if (SUNContext_Create(SUN_COMM_NULL, &context) != 0) return 2;
  N_Vector x = N_VNew_Serial(LENGTH, context);
  N_Vector y = N_VNew_Serial(LENGTH, context);
  N_Vector z = N_VNew_Serial(LENGTH, context);
  N_VConst(1.5, x);
  N_VConst(2.5, y);

  double theirs = 1e9, ours = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    const double start = seconds();
    for (int i = 0; i < CALLS; i++) N_VLinearSum(1.1, x, 2.2, y, z);
    const double middle = seconds();
    for (int i = 0; i < CALLS; i++)
      linear_sum(1.1, N_VGetArrayPointer(x), 2.2, N_VGetArrayPointer(y), N_VGetArrayPointer(z));
    const double end = seconds();
    if (middle - start < theirs) theirs = middle - start;
    if (end - middle < ours) ours = end - middle;
  }
  printf("N_VLinearSum %.2f times the time of an optimised loop\n", theirs / ours);
  return theirs > 2.0 * ours;
}

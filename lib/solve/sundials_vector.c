/* SPDX-License-Identifier: Apache-2.0 */
/* sundials_vector.c - the vector operations that BDF spends its time in, for the serial vector of SUNDIALS.
 *
 * On a few states more than a third of a step of CVODES is its linear sums: ten to twenty calls that each choose among special cases for
 * five numbers. Here a sum is one short loop. Every element is rounded as there, but for a x + a y, which SUNDIALS computes as a (x + y).
 * Numbers are taken by twos, as every x86-64 and aarch64 can, with nothing to decide before the loop: a vector is its own result or
 * another, never one shifted against it. Clones of a vector inherit its operations. */
#include <math.h>
#include <nvector/nvector_serial.h>
#include <string.h>

#include "solve/pair.h"
#include "solve/sundials.h"

static inline double *data_of(N_Vector v) { return NV_DATA_S(v); }

/* z[i] = expression, whose x and y are those of element i; of two at once, and of the last where their number is odd. */
#define ELEMENTS(n, z, pairwise, single)                  \
  do {                                                    \
    int i = 0;                                            \
    for (; i + 1 < (n); i += 2) store((z) + i, pairwise); \
    if (i < (n)) (z)[i] = single;                         \
  } while (0)

static void sum_of_two(int n, const double *x, const double *y, double *z)
{
  ELEMENTS(n, z, load(x + i) + load(y + i), x[i] + y[i]);
}

static void difference(int n, const double *x, const double *y, double *z)
{
  ELEMENTS(n, z, load(x + i) - load(y + i), x[i] - y[i]);
}

static void scaled(int n, double a, const double *x, double *z) { ELEMENTS(n, z, a * load(x + i), a * x[i]); }

/* z = a x + y */
static void scaled_and(int n, double a, const double *x, const double *y, double *z)
{
  ELEMENTS(n, z, a * load(x + i) + load(y + i), a * x[i] + y[i]);
}

static void linear_sum(sunrealtype a, N_Vector vx, sunrealtype b, N_Vector vy, N_Vector vz)
{
  const int n = (int)NV_LENGTH_S(vz);
  const double *x = data_of(vx), *y = data_of(vy);
  double *z = data_of(vz);
  if (b == 1.0) {
    if (a == 1.0) sum_of_two(n, x, y, z);
    else scaled_and(n, a, x, y, z);
  } else if (b == -1.0 && a == 1.0) difference(n, x, y, z);
  else ELEMENTS(n, z, a * load(x + i) + b * load(y + i), a * x[i] + b * y[i]);
}

static void scale(sunrealtype a, N_Vector vx, N_Vector vz)
{
  scaled((int)NV_LENGTH_S(vz), a, data_of(vx), data_of(vz));
}

static void constant(sunrealtype a, N_Vector vz)
{
  const int n = (int)NV_LENGTH_S(vz);
  double *z = data_of(vz);
  ELEMENTS(n, z, ((pair){a, a}), a);
}

/* z_k = a_k x + y_k */
static int scale_add_multi(int n_vectors, sunrealtype *a, N_Vector vx, N_Vector *vy, N_Vector *vz)
{
  const int n = (int)NV_LENGTH_S(vx);
  for (int k = 0; k < n_vectors; k++) scaled_and(n, a[k], data_of(vx), data_of(vy[k]), data_of(vz[k]));
  return 0;
}

/* z = sum of a_k x_k; z may be x_0. */
static int linear_combination(int n_vectors, sunrealtype *a, N_Vector *vx, N_Vector vz)
{
  const int n = (int)NV_LENGTH_S(vz);
  double *z = data_of(vz);
  scaled(n, a[0], data_of(vx[0]), z);
  for (int k = 1; k < n_vectors; k++) scaled_and(n, a[k], data_of(vx[k]), z, z);
  return 0;
}

/* x_k a_k, of the history after a change of the step */
static int scale_array(int n_vectors, sunrealtype *a, N_Vector *vx, N_Vector *vz)
{
  for (int k = 0; k < n_vectors; k++) scale(a[k], vx[k], vz[k]);
  return 0;
}

/* The root of the mean square of x w. */
static sunrealtype weighted_norm(N_Vector vx, N_Vector vw)
{
  const int n = (int)NV_LENGTH_S(vx);
  const double *x = data_of(vx), *w = data_of(vw);
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += x[i] * w[i] * (x[i] * w[i]);
  return sqrt(sum / n);
}

/* SUNDIALS 7 hands out a clone that has no room for its numbers; its integrators ask only for NULL. */
static N_Vector clone(N_Vector v)
{
  N_Vector copy = N_VClone_Serial(v);
  if (!copy || data_of(copy)) return copy;
  N_VDestroy(copy);
  return NULL;
}

void taup_vector_tune(N_Vector v)
{
  v->ops->nvclone = clone;
  v->ops->nvlinearsum = linear_sum;
  v->ops->nvscale = scale;
  v->ops->nvconst = constant;
  v->ops->nvscaleaddmulti = scale_add_multi;
  v->ops->nvlinearcombination = linear_combination;
  v->ops->nvscalevectorarray = scale_array;
  v->ops->nvwrmsnorm = weighted_norm;
}

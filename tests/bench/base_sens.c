/* SPDX-License-Identifier: Apache-2.0 */
/* base_sens.c - the SNAr coil with forward sensitivities, as one writes it by hand for CVODES: for p in k_ref and Ea of each reaction
 *
 *     d(dc/dp)/dt = J dc/dp + df/dp,   df/dp = nu_j c_A c_B dk_j/dp,   dk/dk_ref = k / k_ref,   dk/dEa = -k (1/T - 1/T_ref) / R
 *
 * BDF, Newton with the exact dense Jacobian; the sensitivities take part in the control of errors. All equations are corrected
 * together (CV_SIMULTANEOUS), which here is a little faster than one set after the other. */
#include "bench/base.h"

#include <cvodes/cvodes.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#ifndef SUN_COMM_NULL /* 6.x takes a pointer to a communicator */
#define SUN_COMM_NULL NULL
#endif

struct base_sens {
  double k[SNAR_N_K], slope[SNAR_N_P]; /* slope: dk/dp */
  double p[SNAR_N_P];
  SUNContext context;
  N_Vector c, *s;
  SUNMatrix matrix;
  SUNLinearSolver linear;
  void *cvode;
  double out[SNAR_N * (1 + SNAR_N_P)];
};

static int rates(sunrealtype t, N_Vector c, N_Vector f, void *user)
{
  const base_sens *b = user;
  (void)t;
  base_snar.f(b->k, N_VGetArrayPointer(c), N_VGetArrayPointer(f));
  return 0;
}

static int jacobian(sunrealtype t, N_Vector c, N_Vector f, SUNMatrix J, void *user, N_Vector t1, N_Vector t2,
                    N_Vector t3)
{
  const base_sens *b = user;
  (void)t, (void)f, (void)t1, (void)t2, (void)t3;
  base_snar.J(b->k, N_VGetArrayPointer(c), SUNDenseMatrix_Data(J));
  return 0;
}

/* df/dk_j * slope, added to out; the reactions are DFNB + Pyrr -> ortho, -> para, ortho + Pyrr -> bis, para + Pyrr -> bis. */
static void add_rate(int j, const double *c, double slope, double *out)
{
  static const int from[SNAR_N_K] = {0, 0, 2, 3}, to[SNAR_N_K] = {2, 3, 4, 4};
  const double r = slope * c[from[j]] * c[1];
  out[from[j]] -= r;
  out[1] -= r;
  out[to[j]] += r;
}

static int slopes(int n, sunrealtype t, N_Vector c, N_Vector f, N_Vector *s, N_Vector *out, void *user,
                  N_Vector t1, N_Vector t2)
{
  const base_sens *b = user;
  const double *x = N_VGetArrayPointer(c);
  double J[SNAR_N * SNAR_N] = {0.0};
  (void)t, (void)f, (void)t1, (void)t2;
  base_snar.J(b->k, x, J);
  for (int p = 0; p < n; p++) {
    const double *from = N_VGetArrayPointer(s[p]);
    double *to = N_VGetArrayPointer(out[p]);
    for (int i = 0; i < SNAR_N; i++) {
      to[i] = 0.0;
      for (int k = 0; k < SNAR_N; k++) to[i] += J[i + SNAR_N * k] * from[k];
    }
    add_rate(p % SNAR_N_K, x, b->slope[p], to);
  }
  return 0;
}

static int make(base_sens *b)
{
  if (SUNContext_Create(SUN_COMM_NULL, &b->context) != 0) return 0;
  if (!(b->c = N_VNew_Serial(SNAR_N, b->context)) || !(b->s = N_VCloneVectorArray(SNAR_N_P, b->c))) return 0;
  N_VConst(0.0, b->c);
  for (int p = 0; p < SNAR_N_P; p++) N_VConst(0.0, b->s[p]);
  b->matrix = SUNDenseMatrix(SNAR_N, SNAR_N, b->context);
  b->linear = SUNLinSol_Dense(b->c, b->matrix, b->context);
  b->cvode = CVodeCreate(CV_BDF, b->context);
  return b->linear && b->cvode && CVodeInit(b->cvode, rates, 0.0, b->c) == 0 &&
         CVodeSetUserData(b->cvode, b) == 0 && CVodeSStolerances(b->cvode, 1e-8, 1e-12) == 0 &&
         CVodeSetLinearSolver(b->cvode, b->linear, b->matrix) == 0 &&
         CVodeSetJacFn(b->cvode, jacobian) == 0 && CVodeSetMaxNumSteps(b->cvode, 10000000) == 0 &&
         CVodeSensInit(b->cvode, SNAR_N_P, CV_SIMULTANEOUS, slopes, b->s) == 0 &&
         CVodeSetSensParams(b->cvode, NULL, b->p, NULL) == 0 && CVodeSensEEtolerances(b->cvode) == 0 &&
         CVodeSetSensErrCon(b->cvode, 1) == 0;
}

base_sens *base_sens_new(void)
{
  base_sens *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  for (int j = 0; j < SNAR_N_K; j++) {
    b->p[j] = base_snar_k_ref[j];
    b->p[SNAR_N_K + j] = base_snar_Ea[j];
  }
  if (make(b)) return b;
  base_sens_free(b);
  return NULL;
}

void base_sens_free(base_sens *b)
{
  if (!b) return;
  if (b->cvode) CVodeFree(&b->cvode);
  if (b->linear) SUNLinSolFree(b->linear);
  if (b->matrix) SUNMatDestroy(b->matrix);
  if (b->s) N_VDestroyVectorArray(b->s, SNAR_N_P);
  if (b->c) N_VDestroy(b->c);
  if (b->context) SUNContext_Free(&b->context);
  free(b);
}

const double *base_sens_solve(base_sens *b, double T, const base_run *run)
{
  double t;
  base_snar_k(T, b->k);
  for (int j = 0; j < SNAR_N_K; j++) {
    b->slope[j] = b->k[j] / base_snar_k_ref[j];
    b->slope[SNAR_N_K + j] = -b->k[j] * (1.0 / T - 1.0 / 363.15) / 8.31446261815324;
  }
  memcpy(N_VGetArrayPointer(b->c), run->start, SNAR_N * sizeof(double));
  for (int p = 0; p < SNAR_N_P; p++) N_VConst(0.0, b->s[p]);
  if (CVodeReInit(b->cvode, 0.0, b->c) != 0 || CVodeSensReInit(b->cvode, CV_SIMULTANEOUS, b->s) != 0 ||
      CVodeSStolerances(b->cvode, run->rtol, run->atol) != 0 || CVodeSetStopTime(b->cvode, run->end) != 0 ||
      CVode(b->cvode, run->end, b->c, &t, CV_NORMAL) < 0 || CVodeGetSens(b->cvode, &t, b->s) != 0)
    return NULL;
  memcpy(b->out, N_VGetArrayPointer(b->c), SNAR_N * sizeof(double));
  for (int p = 0; p < SNAR_N_P; p++)
    for (int i = 0; i < SNAR_N; i++) b->out[SNAR_N * (1 + p) + i] = b->p[p] * N_VGetArrayPointer(b->s[p])[i];
  return b->out;
}

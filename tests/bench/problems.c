/* SPDX-License-Identifier: Apache-2.0 */
/* problems.c - the small problems with their equations unrolled, as one writes them by hand. J is dense by columns and cleared before.
 *
 * SNAr: the scheme and constants of networks/snar.yaml (C. A. Hone et al., React. Chem. Eng. 2 (2017) 103, DOI 10.1039/C6RE00109B).
 * ROBER: H. H. Robertson, in Numerical Analysis: An Introduction (1966) 178. HIRES: E. Schaefer, J. Math. Biol. 2 (1975) 41. POLLU:
 * J. G. Verwer, SIAM J. Sci. Comput. 15 (1994) 1243, time in minutes. */
#include "bench/base.h"

#include <math.h>

/* --- SNAr: DFNB, Pyrr, ortho, para, bis --- */

const double base_snar_k_ref[SNAR_N_K] = {0.579, 0.0270, 0.00865, 0.0163};
const double base_snar_Ea[SNAR_N_K] = {33.3e3, 35.3e3, 38.9e3, 44.8e3};

void base_snar_k(double T, double k[SNAR_N_K])
{
  for (int j = 0; j < SNAR_N_K; j++)
    k[j] = base_snar_k_ref[j] * exp(-base_snar_Ea[j] / 8.31446261815324 * (1.0 / T - 1.0 / 363.15));
}

static void snar_rates(const void *user, const double *c, double *f)
{
  const double *k = user;
  const double a = k[0] * c[0] * c[1], b = k[1] * c[0] * c[1], d = k[2] * c[2] * c[1], e = k[3] * c[3] * c[1];
  f[0] = -a - b;
  f[1] = -a - b - d - e;
  f[2] = a - d;
  f[3] = b - e;
  f[4] = d + e;
}

static void snar_slopes(const void *user, const double *c, double *J)
{
  const double *k = user;
  const double ab = k[0] + k[1], p = c[1];
  J[0] = -ab * p;
  J[1] = -ab * p;
  J[2] = k[0] * p;
  J[3] = k[1] * p;
  J[5] = -ab * c[0];
  J[6] = -ab * c[0] - k[2] * c[2] - k[3] * c[3];
  J[7] = k[0] * c[0] - k[2] * c[2];
  J[8] = k[1] * c[0] - k[3] * c[3];
  J[9] = k[2] * c[2] + k[3] * c[3];
  J[11] = -k[2] * p;
  J[12] = -k[2] * p;
  J[14] = k[2] * p;
  J[16] = -k[3] * p;
  J[18] = -k[3] * p;
  J[19] = k[3] * p;
}

const base_problem base_snar = {SNAR_N, snar_rates, snar_slopes, 0, 0, 0};

/* --- ROBER --- */

const double base_rober_k[ROBER_N_K] = {0.04, 3e7, 1e4};
const double base_rober_start[ROBER_N] = {1.0, 0.0, 0.0};

static void rober_rates(const void *user, const double *y, double *f)
{
  const double *k = user;
  const double a = k[0] * y[0], b = k[1] * y[1] * y[1], c = k[2] * y[1] * y[2];
  f[0] = c - a;
  f[1] = a - b - c;
  f[2] = b;
}

static void rober_slopes(const void *user, const double *y, double *J)
{
  const double *k = user;
  J[0] = -k[0];
  J[1] = k[0];
  J[3] = k[2] * y[2];
  J[4] = -2.0 * k[1] * y[1] - k[2] * y[2];
  J[5] = 2.0 * k[1] * y[1];
  J[6] = k[2] * y[1];
  J[7] = -k[2] * y[1];
}

const base_problem base_rober = {ROBER_N, rober_rates, rober_slopes, 0, 0, 0};

/* --- HIRES --- */

const double base_hires_start[HIRES_N] = {[0] = 1.0, [7] = 0.0057};
const double base_hires_k[HIRES_N_K] = {0.0007, 1.71, 0.43, 8.32, 8.32, 1.71, 0.43, 0.69,
                                        0.035,  1.71, 0.43, 0.43, 0.69, 0.69, 280};

static void hires_rates(const void *user, const double *y, double *f)
{
  const double *k = user;
  const double r1 = k[0];
  const double r2 = k[1] * y[0];
  const double r3 = k[2] * y[1];
  const double r4 = k[3] * y[1];
  const double r5 = k[4] * y[2];
  const double r6 = k[5] * y[2];
  const double r7 = k[6] * y[3];
  const double r8 = k[7] * y[3];
  const double r9 = k[8] * y[4];
  const double r10 = k[9] * y[4];
  const double r11 = k[10] * y[5];
  const double r12 = k[11] * y[6];
  const double r13 = k[12] * y[6];
  const double r14 = k[13] * y[6];
  const double r15 = k[14] * y[5] * y[7];
  f[0] = r1 - r2 + r3 + r5;
  f[1] = r2 - r3 - r4;
  f[2] = -r5 - r6 + r7 + r9;
  f[3] = r4 + r6 - r7 - r8;
  f[4] = -r9 - r10 + r11 + r12;
  f[5] = r8 + r10 - r11 + r13 - r15;
  f[6] = -r12 - r13 - r14 + r15;
  f[7] = r12 + r13 + r14 - r15;
}

static void hires_slopes(const void *user, const double *y, double *J)
{
  const double *k = user;
  J[0 + 8 * 0] = -k[1];
  J[1 + 8 * 0] = k[1];
  J[0 + 8 * 1] = k[2];
  J[1 + 8 * 1] = -k[2] - k[3];
  J[3 + 8 * 1] = k[3];
  J[0 + 8 * 2] = k[4];
  J[2 + 8 * 2] = -k[4] - k[5];
  J[3 + 8 * 2] = k[5];
  J[2 + 8 * 3] = k[6];
  J[3 + 8 * 3] = -k[6] - k[7];
  J[5 + 8 * 3] = k[7];
  J[2 + 8 * 4] = k[8];
  J[4 + 8 * 4] = -k[8] - k[9];
  J[5 + 8 * 4] = k[9];
  J[4 + 8 * 5] = k[10];
  J[5 + 8 * 5] = -k[10] - k[14] * y[7];
  J[6 + 8 * 5] = k[14] * y[7];
  J[7 + 8 * 5] = -k[14] * y[7];
  J[4 + 8 * 6] = k[11];
  J[5 + 8 * 6] = k[12];
  J[6 + 8 * 6] = -k[11] - k[12] - k[13];
  J[7 + 8 * 6] = k[11] + k[12] + k[13];
  J[5 + 8 * 7] = -k[14] * y[5];
  J[6 + 8 * 7] = k[14] * y[5];
  J[7 + 8 * 7] = -k[14] * y[5];
}

const base_problem base_hires = {HIRES_N, hires_rates, hires_slopes, 0, 0, 0};

/* --- POLLU --- */

const double base_pollu_start[POLLU_N] = {
  [1] = 0.2, [3] = 0.04, [6] = 0.1, [7] = 0.3, [8] = 0.01, [16] = 0.007};
const double base_pollu_k[POLLU_N_K] = {0.35,    26.6,    12300,  0.00086,   0.00082,  15000, 0.00013,
                                        24000,   16500,   9000,   0.022,     12000,    1.88,  16300,
                                        4800000, 0.00035, 0.0175, 100000000, 4.44e+11, 1240,  2.1,
                                        5.78,    0.0474,  1780,   3.12};

static void pollu_rates(const void *user, const double *y, double *f)
{
  const double *k = user;
  const double r1 = k[0] * y[0];
  const double r2 = k[1] * y[1] * y[3];
  const double r3 = k[2] * y[4] * y[1];
  const double r4 = k[3] * y[6];
  const double r5 = k[4] * y[6];
  const double r6 = k[5] * y[6] * y[5];
  const double r7 = k[6] * y[8];
  const double r8 = k[7] * y[8] * y[5];
  const double r9 = k[8] * y[10] * y[1];
  const double r10 = k[9] * y[10] * y[0];
  const double r11 = k[10] * y[12];
  const double r12 = k[11] * y[9] * y[1];
  const double r13 = k[12] * y[13];
  const double r14 = k[13] * y[0] * y[5];
  const double r15 = k[14] * y[2];
  const double r16 = k[15] * y[3];
  const double r17 = k[16] * y[3];
  const double r18 = k[17] * y[15];
  const double r19 = k[18] * y[15];
  const double r20 = k[19] * y[16] * y[5];
  const double r21 = k[20] * y[18];
  const double r22 = k[21] * y[18];
  const double r23 = k[22] * y[0] * y[3];
  const double r24 = k[23] * y[18] * y[0];
  const double r25 = k[24] * y[19];
  f[0] = -r1 + r2 + r3 + r9 - r10 + r11 + r12 - r14 + r22 - r23 - r24 + r25;
  f[1] = r1 - r2 - r3 - r9 - r12 + r21;
  f[2] = r1 - r15 + r17 + r19 + r22;
  f[3] = -r2 + r15 - r16 - r17 - r23;
  f[4] = -r3 + 2.0 * r4 + r6 + r7 + r13 + r20;
  f[5] = r3 - r6 - r8 - r14 + 2.0 * r18 - r20;
  f[6] = -r4 - r5 - r6 + r13;
  f[7] = r4 + r5 + r6 + r7;
  f[8] = -r7 - r8;
  f[9] = r7 + r9 - r12;
  f[10] = r8 - r9 - r10 + r11;
  f[11] = r9;
  f[12] = r10 - r11;
  f[13] = r12 - r13;
  f[14] = r14;
  f[15] = r16 - r18 - r19;
  f[16] = -r20;
  f[17] = r20;
  f[18] = -r21 - r22 + r23 - r24 + r25;
  f[19] = r24 - r25;
}

static void pollu_slopes_1_to_6(const void *user, const double *y, double *J)
{
  const double *k = user;
  J[0 + 20 * 0] = -k[0] - k[9] * y[10] - k[13] * y[5] - k[22] * y[3] - k[23] * y[18];
  J[1 + 20 * 0] = k[0];
  J[2 + 20 * 0] = k[0];
  J[3 + 20 * 0] = -k[22] * y[3];
  J[5 + 20 * 0] = -k[13] * y[5];
  J[10 + 20 * 0] = -k[9] * y[10];
  J[12 + 20 * 0] = k[9] * y[10];
  J[14 + 20 * 0] = k[13] * y[5];
  J[18 + 20 * 0] = k[22] * y[3] - k[23] * y[18];
  J[19 + 20 * 0] = k[23] * y[18];
  J[0 + 20 * 1] = k[1] * y[3] + k[2] * y[4] + k[8] * y[10] + k[11] * y[9];
  J[1 + 20 * 1] = -k[1] * y[3] - k[2] * y[4] - k[8] * y[10] - k[11] * y[9];
  J[3 + 20 * 1] = -k[1] * y[3];
  J[4 + 20 * 1] = -k[2] * y[4];
  J[5 + 20 * 1] = k[2] * y[4];
  J[9 + 20 * 1] = k[8] * y[10] - k[11] * y[9];
  J[10 + 20 * 1] = -k[8] * y[10];
  J[11 + 20 * 1] = k[8] * y[10];
  J[13 + 20 * 1] = k[11] * y[9];
  J[2 + 20 * 2] = -k[14];
  J[3 + 20 * 2] = k[14];
  J[0 + 20 * 3] = k[1] * y[1] - k[22] * y[0];
  J[1 + 20 * 3] = -k[1] * y[1];
  J[2 + 20 * 3] = k[16];
  J[3 + 20 * 3] = -k[1] * y[1] - k[15] - k[16] - k[22] * y[0];
  J[15 + 20 * 3] = k[15];
  J[18 + 20 * 3] = k[22] * y[0];
  J[0 + 20 * 4] = k[2] * y[1];
  J[1 + 20 * 4] = -k[2] * y[1];
  J[4 + 20 * 4] = -k[2] * y[1];
  J[5 + 20 * 4] = k[2] * y[1];
  J[0 + 20 * 5] = -k[13] * y[0];
  J[4 + 20 * 5] = k[5] * y[6] + k[19] * y[16];
  J[5 + 20 * 5] = -k[5] * y[6] - k[7] * y[8] - k[13] * y[0] - k[19] * y[16];
  J[6 + 20 * 5] = -k[5] * y[6];
  J[7 + 20 * 5] = k[5] * y[6];
  J[8 + 20 * 5] = -k[7] * y[8];
  J[10 + 20 * 5] = k[7] * y[8];
  J[14 + 20 * 5] = k[13] * y[0];
  J[16 + 20 * 5] = -k[19] * y[16];
  J[17 + 20 * 5] = k[19] * y[16];
}

static void pollu_slopes_7_to_20(const void *user, const double *y, double *J)
{
  const double *k = user;
  J[4 + 20 * 6] = 2.0 * k[3] + k[5] * y[5];
  J[5 + 20 * 6] = -k[5] * y[5];
  J[6 + 20 * 6] = -k[3] - k[4] - k[5] * y[5];
  J[7 + 20 * 6] = k[3] + k[4] + k[5] * y[5];
  J[4 + 20 * 8] = k[6];
  J[5 + 20 * 8] = -k[7] * y[5];
  J[7 + 20 * 8] = k[6];
  J[8 + 20 * 8] = -k[6] - k[7] * y[5];
  J[9 + 20 * 8] = k[6];
  J[10 + 20 * 8] = k[7] * y[5];
  J[0 + 20 * 9] = k[11] * y[1];
  J[1 + 20 * 9] = -k[11] * y[1];
  J[9 + 20 * 9] = -k[11] * y[1];
  J[13 + 20 * 9] = k[11] * y[1];
  J[0 + 20 * 10] = k[8] * y[1] - k[9] * y[0];
  J[1 + 20 * 10] = -k[8] * y[1];
  J[9 + 20 * 10] = k[8] * y[1];
  J[10 + 20 * 10] = -k[8] * y[1] - k[9] * y[0];
  J[11 + 20 * 10] = k[8] * y[1];
  J[12 + 20 * 10] = k[9] * y[0];
  J[0 + 20 * 12] = k[10];
  J[10 + 20 * 12] = k[10];
  J[12 + 20 * 12] = -k[10];
  J[4 + 20 * 13] = k[12];
  J[6 + 20 * 13] = k[12];
  J[13 + 20 * 13] = -k[12];
  J[2 + 20 * 15] = k[18];
  J[5 + 20 * 15] = 2.0 * k[17];
  J[15 + 20 * 15] = -k[17] - k[18];
  J[4 + 20 * 16] = k[19] * y[5];
  J[5 + 20 * 16] = -k[19] * y[5];
  J[16 + 20 * 16] = -k[19] * y[5];
  J[17 + 20 * 16] = k[19] * y[5];
  J[0 + 20 * 18] = k[21] - k[23] * y[0];
  J[1 + 20 * 18] = k[20];
  J[2 + 20 * 18] = k[21];
  J[18 + 20 * 18] = -k[20] - k[21] - k[23] * y[0];
  J[19 + 20 * 18] = k[23] * y[0];
  J[0 + 20 * 19] = k[24];
  J[18 + 20 * 19] = k[24];
  J[19 + 20 * 19] = -k[24];
}

static void pollu_slopes(const void *user, const double *y, double *J)
{
  pollu_slopes_1_to_6(user, y, J);
  pollu_slopes_7_to_20(user, y, J);
}

const base_problem base_pollu = {POLLU_N, pollu_rates, pollu_slopes, 0, 0, 0};

/* SPDX-License-Identifier: Apache-2.0 */
/* lapack.h - dense linear algebra; the only door to LAPACKE. Matrices are column-major. */
#ifndef TAUP_LAPACK_H
#define TAUP_LAPACK_H

#include <tautrain/status.h>

/* Eigenvalues of a (n x n, overwritten) into re and im; work: taup_eigenvalues_work(n) doubles. TAU_E_SOLVER when they do not converge. */
int taup_eigenvalues_work(int n);
tau_status taup_eigenvalues(int n, double *a, double *re, double *im, double *work, int n_work);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lapack.h - dense linear algebra; the only door to LAPACKE. Matrices are column-major. */
#ifndef TAUP_LAPACK_H
#define TAUP_LAPACK_H

#include <stdbool.h>
#include <tautrain/status.h>

/* Eigenvalues of a (n x n, overwritten) into re and im; work: taup_eigenvalues_work(n) doubles. TAU_E_SOLVER when they do not converge. */
int taup_eigenvalues_work(int n);
tau_status taup_eigenvalues(int n, double *a, double *re, double *im, double *work, int n_work);

/* Factor a (m x n, m >= n, overwritten) as Q R and put Q^T c in place of c (m): R is the upper triangle of a. work:
 * taup_qr_work(m, n) doubles and n more behind them. */
int taup_qr_work(int m, int n);
void taup_qr(int m, int n, double *a, double *c, double *work, int n_work);

/* a (n x n, overwritten) = U diag(s) V^T, s falling. work: taup_svd_work(n) doubles. TAU_E_SOLVER when it does not converge. */
int taup_svd_work(int n);
tau_status taup_svd(int n, double *a, double *s, double *u, double *vt, double *work, int n_work);

/* Solves A x = b (n x n, overwritten by its factors) into b; pivots: n. False where A is singular to the last bit. */
bool taup_solve(int n, double *a, double *b, int *pivots);

#endif

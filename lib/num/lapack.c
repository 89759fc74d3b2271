/* SPDX-License-Identifier: Apache-2.0 */
/* lapack.c - A x = lambda x by LAPACK's dgeev: balancing, Hessenberg form, shifted QR; A = Q R by dgeqrf: Householder reflections;
 * A = U S V^T by dgesvd: bidiagonal form, implicit zero-shift QR; A x = b by dgesv: Gauss with row pivots (E. Anderson et al., LAPACK
 * Users' Guide, 3rd ed., SIAM 1999).
 * Column-major input, so LAPACKE makes no copy; the workspace is the caller's. */
#include "num/lapack.h"

#include <lapacke.h>
#undef I /* complex.h: the name is ours */

#include "base/status.h"

int taup_eigenvalues_work(int n)
{
  double a = 0.0, re = 0.0, im = 0.0, vector = 0.0, best = 0.0;
  const lapack_int info = LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'N', 'N', n, &a, n > 1 ? n : 1, &re, &im,
                                             &vector, 1, &vector, 1, &best, -1);
  const int least = n > 0 ? 3 * n : 1; /* by the manual of dgeev without vectors */
  return info == 0 && best > least ? (int)best : least;
}

tau_status taup_eigenvalues(int n, double *a, double *re, double *im, double *work, int n_work)
{
  double vector = 0.0;
  const lapack_int info = LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'N', 'N', n, a, n > 1 ? n : 1, re, im, &vector,
                                             1, &vector, 1, work, n_work);
  if (info == 0) return TAU_OK;
  return taup_fail(TAUP_ERR_NO_EIGENVALUES, "the eigenvalues of a matrix of order %d did not converge", n);
}

static lapack_int at_least_one(int n) { return n > 1 ? n : 1; }

int taup_qr_work(int m, int n)
{
  double a = 0.0, best = 0.0, apply = 0.0;
  LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, m, n, &a, at_least_one(m), &a, &best, -1);
  LAPACKE_dormqr_work(LAPACK_COL_MAJOR, 'L', 'T', m, 1, n, &a, at_least_one(m), &a, &a, at_least_one(m),
                      &apply, -1);
  const int larger = (int)(best > apply ? best : apply);
  return larger > n ? larger : at_least_one(n);
}

/* Neither can fail: their only errors are wrong arguments. */
void taup_qr(int m, int n, double *a, double *c, double *work, int n_work)
{
  double *tau = work + n_work;
  LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, m, n, a, at_least_one(m), tau, work, n_work);
  LAPACKE_dormqr_work(LAPACK_COL_MAJOR, 'L', 'T', m, 1, n, a, at_least_one(m), tau, c, at_least_one(m), work,
                      n_work);
}

int taup_svd_work(int n)
{
  double a = 0.0, best = 0.0;
  LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'A', 'A', n, n, &a, at_least_one(n), &a, &a, at_least_one(n), &a,
                      at_least_one(n), &best, -1);
  return best > 5.0 * n ? (int)best : at_least_one(5 * n);
}

tau_status taup_svd(int n, double *a, double *s, double *u, double *vt, double *work, int n_work)
{
  const lapack_int info = LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'A', 'A', n, n, a, at_least_one(n), s, u,
                                              at_least_one(n), vt, at_least_one(n), work, n_work);
  if (info == 0) return TAU_OK;
  return taup_fail(TAUP_ERR_FIT_NOT_CONVERGED, "the singular values of a matrix of order %d did not converge",
                   n);
}

bool taup_solve(int n, double *a, double *b, int *pivots)
{
  const lapack_int leading = at_least_one(n);
  return LAPACKE_dgesv_work(LAPACK_COL_MAJOR, n, 1, a, leading, pivots, b, leading) == 0;
}

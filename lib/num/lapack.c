/* SPDX-License-Identifier: Apache-2.0 */
/* lapack.c - A x = lambda x by LAPACK's dgeev: balancing, Hessenberg form, shifted QR (E. Anderson et al., LAPACK Users' Guide, 3rd ed.,
 * SIAM 1999). Column-major input, so LAPACKE makes no copy; the workspace is the caller's. */
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

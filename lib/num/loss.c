/* SPDX-License-Identifier: Apache-2.0 */
/* loss.c - losses as functions of z = (r/scale)^2:
 *
 *     linear   z                                   soft l1  2 (sqrt(1 + z) - 1)
 *     Huber    z up to 1, then 2 sqrt(z) - 1       Cauchy   ln(1 + z)
 *
 * P. J. Huber, Ann. Math. Statist. 35 (1964) 73; B. Triggs et al., Bundle adjustment - a modern synthesis (2000). */
#include "num/loss.h"

#include <math.h>

static taup_rho huber(double z)
{
  const double root = sqrt(z);
  return z <= 1.0 ? (taup_rho){z, 1.0, 0.0} : (taup_rho){2.0 * root - 1.0, 1.0 / root, -0.5 / (z * root)};
}

static taup_rho soft_l1(double z)
{
  const double t = 1.0 + z, root = sqrt(t);
  return (taup_rho){2.0 * z / (root + 1.0), 1.0 / root, -0.5 / (t * root)};
}

taup_rho taup_loss_rho(tau_loss loss, double z)
{
  switch (loss) {
  case TAU_LOSS_HUBER: return huber(z);
  case TAU_LOSS_SOFT_L1: return soft_l1(z);
  case TAU_LOSS_CAUCHY: return (taup_rho){log1p(z), 1.0 / (1.0 + z), -1.0 / ((1.0 + z) * (1.0 + z))};
  case TAU_LOSS_LINEAR: break;
  }
  return (taup_rho){z, 1.0, 0.0};
}

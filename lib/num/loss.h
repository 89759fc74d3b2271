/* SPDX-License-Identifier: Apache-2.0 */
/* loss.h - what a residual costs. */
#ifndef TAUP_LOSS_H
#define TAUP_LOSS_H

#include <tautrain/fit.h>

/* Of z = (r/scale)^2: rho, d rho/dz, d2 rho/dz2. rho(z) = z + O(z^2): small residuals count as their squares. */
typedef struct taup_rho {
  double value, first, second;
} taup_rho;
taup_rho taup_loss_rho(tau_loss loss, double z);

#endif

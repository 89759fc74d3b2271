/* SPDX-License-Identifier: Apache-2.0 */
/* decay.h - moments of an exponential that falls along a stretch; what a smooth function becomes when it is seen through dispersion. */
#ifndef TAUP_DECAY_H
#define TAUP_DECAY_H

/* out[m] = z * integral of exp(-z t) t^m dt from 0 to x, m = 0 .. most; z >= 0, 0 <= x. All terms of all sums are positive, so each is
 * right to rounding for any z. */
void taup_decay_moments(double z, double x, int most, double *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* root.h - the root of a function of one variable between two places of opposite sign. */
#ifndef TAUP_ROOT_H
#define TAUP_ROOT_H

typedef double (*taup_scalar_fn)(void *user, double x);

/* A root between a and b with f(a) = fa, f(b) = fb of opposite sign (an end where f is 0 is the root), to within tolerance * |x|.
 * R. P. Brent, Algorithms for Minimization without Derivatives (1973), ch. 4. At most 100 evaluations. */
double taup_bracketed_root(taup_scalar_fn f, void *user, double a, double fa, double b, double fb,
                           double tolerance);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* quantile.h - quantiles of the normal, chi-squared, F and t distributions. */
#ifndef TAUP_QUANTILE_H
#define TAUP_QUANTILE_H

/* The x below which a variate lies with probability p, 0 < p < 1, to about 1e-13 relative (1e-11 for F and t beyond p = 0.99
 * with a million degrees of freedom); NAN for another p and for degrees of freedom
 * that are not above 0. Degrees of freedom may be any real number, d2 and dof of t also INFINITY. Threads: any. */
double taup_normal_quantile(double p);
double taup_chi2_quantile(double p, double dof);
double taup_f_quantile(double p, double d1, double d2);
double taup_t_quantile(double p, double dof);

/* The probabilities below x > 0 (*lower) and above it (*upper), each with full relative precision where it is the smaller one. */
void taup_chi2_tails(double x, double dof, double *lower, double *upper);
void taup_f_tails(double x, double d1, double d2, double *lower, double *upper);

#endif

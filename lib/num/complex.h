/* SPDX-License-Identifier: Apache-2.0 */
/* complex.h - a complex number from its parts: C11's CMPLX, which clang has not got with glibc 2.36. */
#ifndef TAUP_COMPLEX_H
#define TAUP_COMPLEX_H

#include <complex.h>

static inline double complex taup_complex(double re, double im)
{
  const union {
    double parts[2];
    double complex z;
  } both = {{re, im}};
  return both.z;
}

#endif

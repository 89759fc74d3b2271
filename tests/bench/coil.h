/* SPDX-License-Identifier: Apache-2.0 */
/* coil.h - operating points of the SNAr coil, drawn: 60 to 120 degC, residence time 0.5 to 2 min, 0.1 to 0.5 mol/L of the nitroarene and
 * 1 to 5 equivalents of the amine, all where the feeds have met (they have equal flows, so each is twice as concentrated). */
#ifndef BENCH_COIL_H
#define BENCH_COIL_H

#include <stdbool.h>
#include <stdint.h>
#include <tautrain.h>

#include "bench/timing.h"

enum { COIL_T, COIL_TAU, COIL_NITRO, COIL_AMINE, N_COIL };

static inline bool coil_parameters(const tau_train *train, int parameters[N_COIL])
{
  static const char *const paths[N_COIL] = {"units/coil/temperature", "units/coil/residence_time",
                                            "feeds/nitro/concentration/DFNB",
                                            "feeds/amine/concentration/Pyrr"};
  for (int k = 0; k < N_COIL; k++)
    if ((parameters[k] = tau_train_parameter_index(train, paths[k])) < 0) return false;
  return true;
}

/* n x N_COIL values [SI]. */
static inline void draw_coil(int64_t n, double *values)
{
  unsigned long long state = 20231;
  for (int64_t i = 0; i < n; i++, values += N_COIL) {
    values[COIL_T] = 333.15 + 60.0 * uniform(&state);
    values[COIL_TAU] = 30.0 + 90.0 * uniform(&state);
    values[COIL_NITRO] = 2e3 * (0.1 + 0.4 * uniform(&state));
    values[COIL_AMINE] = values[COIL_NITRO] * (1.0 + 4.0 * uniform(&state));
  }
}

#endif

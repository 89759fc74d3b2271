/* SPDX-License-Identifier: Apache-2.0 */
/* dim.h - dimensions: exponents of the SI base units, fractions allowed. */
#ifndef TAUP_DIM_H
#define TAUP_DIM_H

#include <stdbool.h>
#include <stddef.h>

enum { TAUP_M, TAUP_KG, TAUP_S, TAUP_K, TAUP_MOL, TAUP_A, TAUP_CD, TAUP_N_BASE };

typedef struct taup_dim {
  float exponent[TAUP_N_BASE];
} taup_dim;

#define TAUP_DIM_NONE ((taup_dim){{0}})
#define TAUP_DIM(m_, kg_, s_, K_, mol_) ((taup_dim)TAUP_INIT(m_, kg_, s_, K_, mol_))

/* Initialisers, for the fields of static tables; below them the same as values. */
#define TAUP_INIT(m_, kg_, s_, K_, mol_)    \
  {                                         \
    {                                       \
      (m_), (kg_), (s_), (K_), (mol_), 0, 0 \
    }                                       \
  }

#define TAUP_INIT_NONE \
  {                    \
    {                  \
      0                \
    }                  \
  }
#define TAUP_INIT_CONCENTRATION TAUP_INIT(-3, 0, 0, 0, 1) /* mol/m^3 */
#define TAUP_INIT_RATE TAUP_INIT(-3, 0, -1, 0, 1)         /* mol/m^3/s */
#define TAUP_INIT_TEMPERATURE TAUP_INIT(0, 0, 0, 1, 0)
#define TAUP_INIT_PRESSURE TAUP_INIT(-1, 1, -2, 0, 0)
#define TAUP_INIT_MOLAR_ENERGY TAUP_INIT(2, 1, -2, 0, -1) /* J/mol */
#define TAUP_INIT_MOLAR_FLOW TAUP_INIT(0, 0, -1, 0, 1)
#define TAUP_INIT_FLOW TAUP_INIT(3, 0, -1, 0, 0)
#define TAUP_INIT_VOLUME TAUP_INIT(3, 0, 0, 0, 0)
#define TAUP_INIT_TIME TAUP_INIT(0, 0, 1, 0, 0)
#define TAUP_INIT_LENGTH TAUP_INIT(1, 0, 0, 0, 0)
#define TAUP_INIT_MOLAR_MASS TAUP_INIT(0, 1, 0, 0, -1)
#define TAUP_INIT_DENSITY TAUP_INIT(-3, 1, 0, 0, 0)
#define TAUP_INIT_HEAT_CAPACITY TAUP_INIT(2, 0, -2, -1, 0) /* J/kg/K */
#define TAUP_INIT_POWER TAUP_INIT(2, 1, -3, 0, 0)

#define TAUP_DIM_CONCENTRATION ((taup_dim)TAUP_INIT_CONCENTRATION)
#define TAUP_DIM_RATE ((taup_dim)TAUP_INIT_RATE)
#define TAUP_DIM_TEMPERATURE ((taup_dim)TAUP_INIT_TEMPERATURE)
#define TAUP_DIM_PRESSURE ((taup_dim)TAUP_INIT_PRESSURE)
#define TAUP_DIM_MOLAR_ENERGY ((taup_dim)TAUP_INIT_MOLAR_ENERGY)
#define TAUP_DIM_MOLAR_FLOW ((taup_dim)TAUP_INIT_MOLAR_FLOW)
#define TAUP_DIM_FLOW ((taup_dim)TAUP_INIT_FLOW)
#define TAUP_DIM_VOLUME ((taup_dim)TAUP_INIT_VOLUME)
#define TAUP_DIM_TIME ((taup_dim)TAUP_INIT_TIME)
#define TAUP_DIM_LENGTH ((taup_dim)TAUP_INIT_LENGTH)
#define TAUP_DIM_MOLAR_MASS ((taup_dim)TAUP_INIT_MOLAR_MASS)
#define TAUP_DIM_DENSITY ((taup_dim)TAUP_INIT_DENSITY)
#define TAUP_DIM_HEAT_CAPACITY ((taup_dim)TAUP_INIT_HEAT_CAPACITY)
#define TAUP_DIM_POWER ((taup_dim)TAUP_INIT_POWER)

bool taup_dim_equal(taup_dim a, taup_dim b);
bool taup_dim_is_none(taup_dim a);
taup_dim taup_dim_multiply(taup_dim a, taup_dim b);
taup_dim taup_dim_divide(taup_dim a, taup_dim b);
taup_dim taup_dim_power(taup_dim a, double exponent);

/* "m^3/mol/s", "1/s", "" for none; SI, readable by UDUNITS. J, W and Pa are used where the whole is one of them or is J/mol, J/kg/K,
 * W/m^2/K, J/mol/K ... Returns buffer. */
const char *taup_dim_text(char *buffer, size_t n_bytes, taup_dim dim);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tanks_models.h - models of cascades: each heat option and liquid, one of second order, one that runs out. */
#ifndef TANKS_MODELS_H
#define TANKS_MODELS_H

#include "support/small_run.h"

#define CHEMISTRY                                                                                           \
  "tautrain: 1\nevidence: illustrative\n"                                                                   \
  "species:\n"                                                                                              \
  "  A: {formula: C2H4, density: 800 kg/m^3, heat_capacity: 2000 J/kg/K}\n"                                 \
  "  B: {formula: H2O, density: 990 kg/m^3, heat_capacity: 4100 J/kg/K}\n"                                  \
  "  C: {formula: C2H6O, density: 900 kg/m^3, heat_capacity: 2500 J/kg/K}\n"                                \
  "  D: {formula: C2H6O, density: 850 kg/m^3, heat_capacity: 2300 J/kg/K}\n"                                \
  "reactions:\n"                                                                                            \
  "  r: {equation: A + B -> C, k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 300 K, Ea: 40 kJ/mol}}, heat: "  \
  "-30 "                                                                                                    \
  "kJ/mol}\n"                                                                                               \
  "  s: {equation: C <=> D, k: 0.01 1/s, K: {van-t-hoff: {K_ref: 2, T_ref: 300 K, dH: 5 kJ/mol}}, heat: 5 " \
  "kJ/mol}\n"                                                                                               \
  "solver: {rtol: 1e-13}\n"                                                                                 \
  "feeds:\n"                                                                                                \
  "  f: {flow: 1 mL/min, temperature: 290 K, concentration: {A: 2 mol/L}}\n"                                \
  "  g: {flow: 2 mL/min, temperature: 310 K, concentration: {B: 1.5 mol/L}}\n"

/* %s: the heat of the whole; of a tank the area is its share. */
typedef struct heat_case {
  const char *name;
  double area; /* of the jacket [m^2]; 0: none */
  const char *text;
} heat_case;

static const heat_case heats[] = {{"as it comes", 0.0, ""},
                                  {"set", 0.0, ", temperature: 330 K"},
                                  {"adiabatic", 0.0, ", heat: adiabatic"},
                                  {"jacket", 4e-4, ""}};
static const char *const densities[] = {"constant", "temperature", "ideal-mixture"};

static inline void put_heat(char *text, const heat_case *h, double share)
{
  strcat(text, h->text);
  if (h->area > 0.0)
    sprintf(text + strlen(text), ", heat: {jacket: {temperature: 320 K, U: 200 W/m^2/K, area: %.17g m^2}}",
            h->area * share);
}

static inline void put_head(char *text, const char *density)
{
  sprintf(text, CHEMISTRY "solvent: {name: ethanol, density: %s}\nunits:\n", density);
}

#define SECOND_ORDER                                                         \
  "tautrain: 1\nbare_numbers: SI\nspecies: {A: {}, B: {}}\n"                 \
  "reactions: {r: {equation: A -> B, law: power, k: 1.0, orders: {A: 2}}}\n" \
  "feeds: {f: {flow: 1.0, concentration: {A: 1.0}}}\n"                       \
  "units: {u: {type: tanks, in: f, n: 1, residence_time: 1.0}}\n"

/* A rate that does not vanish with A: the tank in which it runs out has no state. */
#define RUNS_OUT                                                                       \
  "tautrain: 1\nspecies: {A: {}, B: {}}\n"                                             \
  "reactions: {r: {equation: A -> B, rate: \"k0\", parameters: {k0: 0.01 mol/L/s}}}\n" \
  "feeds: {f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}}}\n"  \
  "units: {cascade: {type: tanks, in: f, n: 5, residence_time: 200 s}}\n"

#endif

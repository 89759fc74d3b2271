/* SPDX-License-Identifier: Apache-2.0 */
/* sensitive_trains.h - texts of trains in which much depends on much: REACTIONS stand in front of each. */
#ifndef SUPPORT_SENSITIVE_TRAINS_H
#define SUPPORT_SENSITIVE_TRAINS_H

#define REACTIONS                                                                                      \
  "tautrain: 1\n"                                                                                      \
  "evidence: illustrative\n"                                                                           \
  "species:\n"                                                                                         \
  "  A: {formula: C2H4}\n  B: {formula: H2O}\n  C: {formula: C2H6O}\n  D: {formula: C2H6O}\n"          \
  "reactions:\n"                                                                                       \
  "  r: {equation: A + B -> C, k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 300 K, Ea: 40 kJ/mol}}, "   \
  "heat: -60 kJ/mol}\n"                                                                                \
  "  s: {equation: C -> D, k: {arrhenius: {k_ref: 1e-3 1/s, T_ref: 300 K, Ea: 70 kJ/mol}}, heat: -20 " \
  "kJ/mol}\n"                                                                                          \
  "key: {reactant: A, product: C}\n"
#define FEEDS                                                                                  \
  "feeds:\n"                                                                                   \
  "  f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 2 mol/L}}\n"                   \
  "  g: {equivalents: {B: 1.3, of: f/A}, temperature: 310 K, concentration: {B: 1.5 mol/L}}\n" \
  "  q: {flow: 0.5 mL/min, temperature: 280 K, concentration: {D: 0.1 mol/L}}\n"
#define BRANCHES                                                                               \
  "solvent: {name: ethanol, density: temperature}\n" FEEDS "units:\n"                          \
  "  tee: {type: mixer, in: [f, g]}\n"                                                         \
  "  coil: {type: pfr, in: tee, volume: 4 mL, heat: adiabatic}\n"                              \
  "  split: {type: splitter, in: coil, outlets: {a: 40 %, b: rest}}\n"                         \
  "  tank: {type: cstr, in: split/a, residence_time: 2 min, temperature: 330 K}\n"             \
  "  hot: {type: pfr, in: split/b, length: 3 m, diameter: 1 mm, heat: {jacket: {temperature: " \
  "340 K, U: 300 W/m^2/K}}}\n"                                                                 \
  "  cold: {type: mixer, in: [tank, hot, q], temperature: 290 K}\n"                            \
  "  last: {type: pfr, in: cold, residence_time: 1 min}\n"
#define UNTIL                                                                                  \
  "solvent: {name: ethanol, density: temperature}\n" FEEDS "units:\n"                          \
  "  coil: {type: pfr, in: [f, g], volume: 40 mL, heat: adiabatic, until: conversion/A >= 60 " \
  "%}\n"                                                                                       \
  "  last: {type: pfr, in: coil, volume: 3 mL}\n  mix: {type: mixer, in: [last, q]}\n"
#define HOT_SPOT                                                                                \
  "solvent: {name: ethanol, density: temperature}\n" FEEDS "units:\n"                           \
  "  coil: {type: pfr, in: [f, g], length: 20 m, diameter: 1 mm, heat: {jacket: {temperature: " \
  "320 K, U: 60 W/m^2/K}}}\n  mix: {type: mixer, in: [coil, q]}\n"

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* routes.h - the models that are run while something fails. */
#ifndef ROUTES_H
#define ROUTES_H

/* Something of everything: k(T) of all forms, a reversible reaction, an expression, a moiety, splitter,
 * mixer, tank, tube, `until`, `at`. */
static const char route_text[] =
  "tautrain: 1\n"
  "title: all together\n"
  "solvent: {name: ethanol, density: temperature}\n"
  "species: {A: {formula: C2H4}, B: {formula: H2O}, C: {formula: C2H6O}, D: {formula: C2H6O}}\n"
  "reactions:\n"
  "  r: {equation: A + B -> C, k: {arrhenius: {A: 1e5 L/mol/s, Ea: 40 kJ/mol}}, heat: -30 kJ/mol}\n"
  "  s: {equation: C <=> D, k: {eyring: {dH: 80 kJ/mol, dS: -20 J/mol/K}}, K: {van-t-hoff: {K_ref: 2, T_ref: "
  "300 K, dH: 5 kJ/mol}}, heat: 5 kJ/mol}\n"
  "  t: {equation: D -> C, rate: \"kd*D/(1 + KB*B)\", parameters: {kd: 0.01 1/s, KB: 0.1 L/mol}, heat: 0 "
  "J/mol}\n"
  "feeds:\n"
  "  f: {flow: 1 mL/min, temperature: 290 K, concentration: {A: 2 mol/L}}\n"
  "  g: {flow: 2 mL/min, temperature: 310 K, concentration: {B: 1.5 mol/L}}\n"
  "units:\n"
  "  tee: {type: mixer, in: [f, g]}\n"
  "  split: {type: splitter, in: tee, outlets: {a: 0.3, b: rest}}\n"
  "  tank: {type: cstr, in: split/a, volume: 1 mL, heat: adiabatic}\n"
  "  coil: {type: pfr, in: split/b, residence_time: 2 min, temperature: 330 K, at: [10 s, 60 s], until: "
  "conversion/A >= 99 %}\n"
  "  end: {type: pfr, in: [tank, coil], volume: 1 mL, heat: adiabatic}\n"
  "key: {reactant: A, product: D}\n"
  "solver: {rtol: 1e-5}\n";

static const char dispersed_text[] =
  "tautrain: 1\n"
  "solvent: ethanol\n"
  "species: {A: {}, B: {}}\n"
  "reactions: {r: {equation: 2 A -> B, k: 0.01 L/mol/s, heat: -20 kJ/mol}}\n"
  "feeds: {f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"
  "units: {tube: {type: pfr-dispersed, in: f, volume: 1 mL, peclet: 50, heat: adiabatic, start: {conversion: "
  "10 %}, "
  "at: [0 mL, 1 mL]}}\n"
  "key: {reactant: A, product: B}\n"
  "solver: {rtol: 1e-5}\n";

static const char cascade_text[] =
  "tautrain: 1\n"
  "solvent: ethanol\n"
  "species: {A: {}, B: {}}\n"
  "reactions: {r: {equation: 2 A -> B, k: 0.01 L/mol/s, heat: -20 kJ/mol}}\n"
  "feeds: {f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}}\n"
  "units:\n"
  "  a: {type: tanks, in: f, volumes: [1 mL, 2 mL], heat: adiabatic}\n"
  "  b: {type: tanks, in: a, residence_time: 1 min, n: 2,\n"
  "      heat: {jacket: {temperature: 300 K, U: 100 W/m^2/K, area: 1 cm^2}}}\n"
  "key: {reactant: A, product: B}\n";

static const char batch_text[] = "tautrain: 1\n"
                                 "species: {A: {}, B: {}}\n"
                                 "reactions: {r: {equation: 2 A -> B, k: 0.01 L/mol/s}}\n"
                                 "units: {b: {type: batch, time: 1 min, charge: {volume: 1 L, concentration: "
                                 "{A: 1 mol/L}}, at: [10 s, 20 s]}}\n";

/* A loop, and each way to give a unit a distribution. */
static const char loop_text[] = "tautrain: 1\n"
                                "species: {A: {}}\n"
                                "feeds: {f: {flow: 1 mL/min}}\n"
                                "rtd: {line: {model: tanks, mean: 10 s, n: 3}}\n"
                                "units:\n"
                                "  tank: {type: cstr, in: [f, tube], volume: 1 mL}\n"
                                "  split: {type: splitter, in: tank, outlets: {a: 0.2, b: rest}}\n"
                                "  tube: {type: pfr, in: split/a, volume: 1 mL, rtd: {model: tanks, n: 5}}\n"
                                "  b: {type: pfr, in: split/b, volume: 1 mL, rtd: line}\n";

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* test_h5.c - results to a file and back: bit for bit, whole or not at all, and what is no such file is refused. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "support/small_run.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/file.h"
#include "io/h5.h"
#include "io/sha256.h"
#include "support/ledger.h"
#include "train/result.h"

/* --- models --- */

#define HEAD                                                              \
  "tautrain: 1\n"                                                         \
  "title: Grüße, \\u0394\n"                                               \
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"         \
  "species: {A: {}, \"N,N'-B\": {}, (C): {}}\n"                           \
  "reactions:\n"                                                          \
  "  r: {equation: A + N,N'-B -> (C), k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 25 degC, Ea: 50 kJ/mol}}, " \
  "heat: -70 kJ/mol}\n"

/* Several outlets, a tank, tubes, a mixer; units in another order than they are solved in. */
static const char train_text[] =
  "tautrain: 1\n"
  "title: Gr\xc3\xbc\xc3\x9f" "e\n"
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"
  "species: {A: {}, B': {}, (C): {}}\n"
  "reactions:\n"
  "  r: {equation: A + B' -> (C), k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 25 degC, Ea: 50 kJ/mol}}, heat: -70 kJ/mol}\n"
  "feeds:\n"
  "  f: {flow: 1 mL/min, temperature: 20 degC, concentration: {A: 1 +/- 0.1 mol/L}}\n"
  "  g: {flow: 2 mL/min, temperature: 30 degC, concentration: {B': 1 mol/L}}\n"
  "key: {reactant: A, product: (C)}\n"
  "units:\n"
  "  tee: {type: mixer, in: [left, right]}\n"
  "  end: {type: pfr, in: tee, volume: 3 mL, diameter: 1 mm, heat: adiabatic}\n"
  "  right: {type: cstr, in: split/c, residence_time: 2 min, temperature: 60 degC}\n"
  "  split: {type: splitter, in: entrance, outlets: {z: 0.3, c: rest}}\n"
  "  left: {type: pfr, in: split/z, volume: 5 mL, temperature: 40 degC}\n"
  "  entrance: {type: mixer, in: [f, g]}\n";

static const char batch_text[] = "tautrain: 1\n"
                                 "species: {A: {}, B: {}}\n"
                                 "reactions: {r: {equation: 2 A -> B, k: 0.01 L/mol/s}}\n"
                                 "units: {b: {type: batch, time: 1 min, charge: {volume: 1 L, concentration: "
                                 "{A: 1 mol/L}}, at: [10 s, 20 s]}}\n";

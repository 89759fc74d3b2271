/* SPDX-License-Identifier: Apache-2.0 */
/* test_describe_mistakes.c - what is said about bad files, and where: '@' stands before the token that a
 * message must point at, and is taken out before the file is read. */
#include "model_sections.h"

typedef struct bad {
  file f;
  const char *message; /* several mistakes: separated by a line break, in the order of the marks */
} bad;

static const bad bad_files[] = {
  /* species, solvent */
  {{.species = "{A: {formula: H2O, molar_mass: @100 g/mol}, B: {}, C: {}}"},
   "species 'A' has a molar_mass of 100 g/mol, but H2O weighs 18.015 g/mol"},
  {{.species = "{A: {@formla: H2O}, B: {}, C: {}}"},
   "'formla' is not a key of a species; did you mean 'formula'?"},
  {{.species = "{A: @text, B: {}, C: {}}"}, "a species is a block of keys; found 'text'"},
  {{.rest = "solvent: @ethonol"}, "'ethonol' is no solvent of the table; did you mean 'ethanol'?"},
  {{.rest = "@solvent: {heat_capacity: 1 J/kg/K}"},
   "a solvent needs 'name', or 'density' and 'heat_capacity'"},
  {{.rest = "solvent: {density: @temperature}"},
   "a density that depends on temperature is that of a solvent of the table; 'name' is missing"},
  {{.feeds = "{f: {flow: 1 mL/min, solvent: @sirup, concentration: {A: 1 mol/L}}}"},
   "'sirup' is no solvent of the table and no species"},
  /* equations */
  {{.reactions = "{a: {equation: A + @D2 -> B, k: 1 L/mol/s}}"}, "'D2' is no species of this model"},
  {{.reactions = "{@a: {k: 1 L/mol/s}}"}, "reaction 'a' needs 'equation'; it is missing here"},
  {{.species = "{A: {formula: C2H6O}, B: {formula: C2H4O}, C: {}}",
    .reactions = "{a: {equation: @A -> B, k: 1 1/s}}"},
   "'a' is not balanced: 2 H too many on the left (A -> B); 'balance: no' lets it stand"},
  {{.species = "{A: {formula: NH3}, B: {formula: NH4+}, C: {formula: H}}",
    .reactions = "{a: {equation: @A + C -> B, k: 1 L/mol/s}}"},
   "'a' is not balanced: 1 units of charge too many on the right (A + C -> B); 'balance: no' lets it stand"},
  {{.reactions = "{a: {equation: A -> B, k: 1 1/s, balance: @nein}}"},
   "'nein' is no answer to 'balance'; needs yes, no, true or false"},
  /* constants */
  {{.reactions = "{b: {equation: A + B -> C, k: @1 1/s}}"},
   "rate constant of 'b' is in 1/s; A + B -> C (order 2) needs L/mol/s or the like"},
  {{.reactions = "{b: {equation: A -> C, k: {arrhenius: {A: @1 L/mol/s, Ea: 1 kJ/mol}}}}"},
   "rate constant of 'b' is in L/mol/s; A -> C (order 1) needs 1/s or the like"},
  {{.reactions = "{b: {equation: A <=> B + C, k: 1 1/s, k_reverse: @2 1/s}}"},
   "reverse rate constant of 'b' is in 1/s; A <=> B + C (order 2) needs L/mol/s or the like"},
  {{.reactions = "{b: {equation: A <=> B, k: 1 1/s, K: @2 L/mol}}"},
   "equilibrium constant of 'b' is in L/mol; A <=> B needs a number without a unit"},
  {{.reactions = "{b: {equation: A -> B, k: 1 1/s, @K: 2}}"}, "'b' has K, but A -> B goes one way; write <=>"},
  {{.reactions = "{@b: {equation: A <=> B, k: 1 1/s}}"},
   "'b' is reversible (A <=> B); it needs 'K' or 'k_reverse'"},
  {{.reactions = "{b: {equation: A <=> B, k: 1 1/s, K: 2, @k_reverse: 1 1/s}}"},
   "'b' has both K and k_reverse; needs one of them"},
  {{.reactions = "{b: {equation: A -> B, k: {@van-t-hoff: {K_ref: 1 1/s, T_ref: 1 K, dH: 1 kJ/mol}}}}"},
   "'van-t-hoff' is no form of reactions/b/k; needs a quantity, arrhenius, eyring"},
  {{.reactions = "{b: {equation: A -> B, k: {@arrhenius: {k_ref: 1 1/s, Ea: 1 kJ/mol}}}}"},
   "'arrhenius' needs 'T_ref'; it is missing here"},
  {{.reactions =
      "{b: {equation: A -> B, k: {arrhenius: {k_ref: 1 1/s, @Tref: 1 K, Ea: 1 kJ/mol, T_ref: 300 K}}}}"},
   "'Tref' is not a key of 'arrhenius'; did you mean 'T_ref'?"},
  {{.reactions = "{b: {equation: A -> B, k: {arrhenius: {A: 1 1/s, Ea: 1 kJ/mol}, @eyring: {}}}}"},
   "reactions/b/k has two forms, 'arrhenius' and 'eyring'; needs one"},
  {{.reactions = "{b: {equation: A -> B, k: @-1 1/s}}"}, "reactions/b/k is -1 1/s; needs at least 0"},
  {{.reactions = "{b: {equation: A -> B, k: @0.1}}"},
   "reactions/b/k is '0.1', without a unit; needs 1/s or the like"},
  {{.reactions = "{b: {equation: A -> B, law: power, k: 1 1/s, orders: {A: @-0.5}}}"},
   "reactions/b/orders/A is -0.5; needs at least 0"},
  {{.reactions = "{@b: {equation: A -> B, law: power, k: 1 1/s}}"},
   "reaction 'b' needs 'orders'; it is missing here"},
  {{.reactions = "{b: {equation: @A <=> B, law: power, k: 1 1/s, orders: {A: 1}}}"},
   "'b' is written as reversible, but law: power goes one way; write ->"},
  {{.reactions =
      "{b: {equation: A -> B, law: michaelis-menten, vmax: 1 mol/L/s, km: 1 mol/L, substrate: @C}}"},
   "the substrate 'C' does not stand on the left of A -> B"},
  {{.reactions = "{b: {equation: A <=> B, k: 1 1/s, K: {van-t-hoff: {K_ref: 1, T_ref: 300 K, dH: -40 "
                 "kJ/mol}}, heat: @-41 kJ/mol}}"},
   "heat of 'b' is -41 kJ/mol, but dH of its K is -40 kJ/mol; they must agree to 1 %"},
  /* expressions */
  {{.reactions = "{b: {equation: A -> B, rate: kf*A + @kfx, parameters: {kf: 1 1/s}}}"},
   "no 'kfx' is known; did you mean 'kf'?"},
  {{.reactions = "{b: {equation: A -> B, rate: \"@kf*A*B\", parameters: {kf: 1 1/s}}}"},
   "the rate of 'b' comes out in mol^2/m^6/s; needs mol/m^3/s"},
  {{.reactions = "{b: {equation: A -> B, rate: kf*A, parameters: {kf: 1 1/s, @A: 1 1/s}}}"},
   "'A' cannot be the name of a parameter: it is a species"},
  {{.reactions =
      "{b: {equation: A -> B, rate: kf*A, parameters: {kf: {@eyring: {dH: 1 kJ/mol, dS: 0 J/mol/K}}}}}"},
   "'eyring' does not say the unit of reactions/b/parameters/kf; in an expression use arrhenius or a "
   "quantity"},
  /* feeds */
  {{.feeds = "{f: {@flwo: 1 mL/min, concentration: {A: 1 mol/L}}}"},
   "'flwo' is not a key of a feed; did you mean 'flow'?"},
  {{.feeds = "{@f: {concentration: {A: 1 mol/L}}}"},
   "feed 'f' needs 'flow', 'molar_flow' or 'equivalents'; none is here"},
  {{.feeds = "{f: {flow: 1 mL/min, concentration: {A: 1 mol/L}, @mass_fraction: {}}}"},
   "feed 'f' has both 'concentration' and 'mass_fraction'; needs one of them"},
  {{.feeds = "{f: {@flow: 1 mL/min, molar_flow: {}}}", .rest = "solvent: water"},
   "feed 'f' has both 'molar_flow' and 'flow'; needs one of them"},
  {{.feeds = "{f: {flow: 1 mL/min, concentration: {A: 1 mol/L}, equivalents: {of: @gas/A, B: 1}}}"},
   "'gas' is no feed of this model"},
  {{.feeds = "{f: {flow: 1 mL/min, equivalents: {of: @fA, B: 1}}}"},
   "equivalents are counted on 'fA'; needs a feed and a species, such as nitro/DFNB"},
  {{.feeds = "{f: {flow: 1 mL/min}, g: {flow: 1 mL/min, equivalents: {of: @f/A, B: 1}}}",
    .units = "{coil: {type: pfr, in: [f, g], volume: 5 mL}}"},
   "feed 'f' holds no 'A' to count equivalents on"},
  {{.feeds = "{f: {flow: 1 mL/min, @equivalents: {of: g/A, B: 1}}, g: {flow: 1 mL/min, equivalents: {of: "
             "f/B, A: 1}}}",
    .units = "{coil: {type: pfr, in: [f, g], volume: 5 mL}}"},
   "the equivalents of feed 'f' lead back to itself; one feed must stand on its own"},
  {{.feeds = "{f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}, g: {@equivalents: {of: f/A, B: 1}}}",
    .units = "{coil: {type: pfr, in: [f, g], volume: 5 mL}}"},
   "the flow of feed 'g' follows when one species has a concentration and equivalents; here none has"},
  {{.feeds = "{f: {flow: 1 mL/min, @mass_fraction: {A: 10 %}}}", .rest = "solvent: water"},
   "feed 'f' counts masses; species 'A' needs molar_mass or formula"},
  {{.feeds = "{@f: {flow: 1 g/min, concentration: {A: 1 mol/L}}}"},
   "feed 'f' is given by mass or moles; its volume needs a density: name a 'solvent'"},
  {{.feeds = "{f: {flow: 1 mL/min}, @g: {flow: 1 mL/min}}"},
   "feed 'g' goes nowhere; needs a unit that names it in 'in'"},
  {{.species = "{A: {molar_mass: 1 g/mol}, B: {}, C: {}}",
    .feeds = "{f: {flow: 1 g/min, mass_fraction: {A: 1 %}, @equivalents: {of: g/A, B: 1}}, "
             "g: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}",
    .units = "{coil: {type: pfr, in: [f, g], volume: 5 mL}}",
    .rest = "solvent: water"},
   "feed 'f' has both 'mass_fraction' and 'equivalents'; needs one of them"},
  {{.species = "{A: {molar_mass: 1 g/mol}, B: {}, C: {}}",
    .feeds = "{f: {@molar_flow: {A: 1 mol/s}, temperature: 25 degC}}",
    .rest = "solvent: {density: ideal-mixture}"},
   "feed 'f' has no volume; species 'A' needs 'density'"},
  {{.species = "{A: {molar_mass: 1 g/mol, density: 1 g/mL}, B: {}, C: {}}",
    .feeds = "{f: {molar_flow: {A: 1 mol/s}, temperature: 25 degC, solvent: @THF}}"},
   "'THF' is the solvent of feed 'f': nothing says how much of it: it belongs into 'molar_flow'"},
  {{.feeds = "{f: {flow: 1 mL/min, temperature: 25 degC, solvent: @THF, concentration: {THF: 1 mol/L}}}"},
   "'THF' is the solvent of feed 'f': it is the rest and cannot have an amount too"},
  /* units */
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, @time: 5 s}}"},
   "'time' is not a key of a pfr; did you mean 'type'?"},
  {{.units = "{@coil: {type: pfr, in: f, length: 1 m}}"},
   "'coil' has a 'length'; its volume needs 'diameter' too"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, temperature: 20 degC, @heat: adiabatic}}"},
   "'coil' has both 'temperature' and 'heat'; needs one of them"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, @heat: adiabatic}}",
    .reactions = "{a: {equation: A -> B, k: 1 1/s, heat: 0 J/mol}}"},
   "'coil' is adiabatic; its heat balance needs density and heat capacity: name a 'solvent' or give both "
   "there"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, heat: adiabatic}}",
    .reactions = "{@a: {equation: A -> B, k: 1 1/s}}",
    .rest = "solvent: water"},
   "'coil' is adiabatic, and reaction 'a' has no 'heat'; write heat: 0 kJ/mol if it has none"},
  {{.units =
      "{coil: {type: pfr, in: f, volume: 5 mL, heat: {@jacket: {temperature: 20 degC, U: 500 W/m^2/K}}}}",
    .reactions = "{a: {equation: A -> B, k: 1 1/s, heat: 0 J/mol}}",
    .rest = "solvent: water"},
   "the jacket of 'coil' needs 'area', or the tube its 'diameter'; neither is here"},
  {{.units = "{coil: {type: pfr, in: @f/x, volume: 5 mL}}"},
   "unit 'coil' takes its inlet from 'f/x', which is no feed or unit; did you mean 'f'?"},
  {{.units = "{a: {type: pfr, in: f, volume: 5 mL}, b: {type: pfr, in: @a/x, volume: 5 mL}}"},
   "'a' has one outlet; write 'a'"},
  {{.units =
      "{a: {type: splitter, in: f, outlets: {x: 0.5, y: rest}}, b: {type: pfr, in: @a, volume: 5 mL}}"},
   "'a' has several outlets; needs one of a/x, a/y"},
  {{.units = "{a: {type: splitter, in: f, @outlets: {x: 0.5, y: 0.5}}, b: {type: mixer, in: [a/x, a/y]}}"},
   "no outlet of 'a' is the 'rest'; needs one, so that the shares sum to 1"},
  {{.feeds = "{}",
    .units = "{v: {type: batch, time: 1 h, charge: {volume: 1 L}}, coil: {type: pfr, in: @v, volume: 5 mL}}"},
   "'v' is a batch: it stands alone, and no unit takes what comes out"},
  {{.feeds = "{}", .units = "{v: {type: batch, time: 1 h, @charge: {temperature: 300 K}}}"},
   "'charge' needs 'volume'; it is missing here"},
  {{.units = "{@a: {type: mixer, in: [f, b]}, b: {type: pfr, in: a, volume: 1 mL}}"},
   "units 'b', 'a' form a loop; recycles are not supported yet"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, until: @conversion/A = 99 %}}"},
   "'conversion/A = 99 %' is no condition; needs a path, >= or <=, and a value, such as conversion/A >= 99 "
   "%"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, until: conversion/@D2 >= 99 %}}"},
   "'D2' is no species of this model"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, until: c/A >= @99 %}}"},
   "units/coil/until is in %; needs mol/L or the like"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, until: @yield/A >= 99 %}}"},
   "'yield/A' is counted on the 'key' of the model, which is missing"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, at: [1 mL, @1 s]}}"},
   "'1 s' is in s; needs mL or the like"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, at: [1 mL, @6 mL]}}"},
   "'6 mL' lies behind the end of 'coil', volume 5 mL"},
  {{.units = "{coil: {type: pfr, in: f, volume: 5 mL, @at: [1 m]}}"},
   "'at' of 'coil' is in lengths; that needs its 'diameter'"},
  /* the whole */
  {{.rest = "outlet: @coli"}, "'coli' is no end of the train; needs one of 'coil'"},
  {{.units = "{a: {type: mixer, in: f}, b: {type: pfr, in: a, volume: 5 mL}}", .rest = "outlet: @a"},
   "'a' goes on to 'b' and is no end of the train; needs one of 'b'"},
  {{.rest = "evidence: @published?"}, "'published?' is no tag of evidence; did you mean 'published'?"},
  {{.rest = "solver: {rtol: @2}"}, "rtol is 2; needs less than 1, such as 1e-8"},
  {{.rest = "@key: {reactant: A}"}, "'key' needs 'product'; it is missing here"},
  {{.rest = "pressure: @0 bar"}, "pressure is 0 bar; needs more than 0"},
  {{.reactions = "{a: {equation: A -> B, k: {arrhenius: {A: 1 1/s, Ea: 1 kJ/mol}}}}",
    .feeds = "{@f: {flow: 1 mL/min}}"},
   "feed 'f' needs 'temperature': what happens in 'coil' or behind it depends on it"},
  {{.reactions = "{a: {equation: A -> B, k: 1 1/s}, b: {equation: A + B -> C, k: @1 1/s}}",
    .feeds = "{f: {@flwo: 1 mL/min}}",
    .units = "{tee: {type: mixer, in: f}, coil: {type: pfr, in: @te, volume: 5 mL}}"},
   "rate constant of 'b' is in 1/s; A + B -> C (order 2) needs L/mol/s or the like\n"
   "'flwo' is not a key of a feed; did you mean 'flow'?\n"
   "unit 'coil' takes its inlet from 'te', which is no feed or unit; did you mean 'tee'?"},
};
enum { N_BAD = sizeof bad_files / sizeof bad_files[0] };

/* Takes the marks out; wanted gets "line:column: message", a line each. */
static void mark_out(char *text, const char *message, char *wanted)
{
  int line = 1, column = 1;
  char *to = text;
  *wanted = '\0';
  for (const char *from = text; *from; from++) {
    if (*from == '@') {
      const size_t n = strcspn(message, "\n");
      wanted += sprintf(wanted, "%d:%d: %.*s\n", line, column, (int)n, message);
      message += n + (message[n] == '\n');
      continue;
    }
    column = *from == '\n' ? 1 : column + 1;
    line += *from == '\n';
    *to++ = *from;
  }
  *to = '\0';
}

static void bad_files_are_told_where_and_why(void **state)
{
  (void)state;
  char text[8192], wanted[4096], said[4096];
  int n_wrong = 0;
  for (int i = 0; i < N_BAD; i++) {
    tau_model *model = NULL;
    compose(text, sizeof text, &bad_files[i].f);
    mark_out(text, bad_files[i].message, wanted);
    said[0] = '\0';
    const tau_status st = tau_model_parse(&model, text, strlen(text), "test", collect, said);
    if (st == TAU_E_MODEL && strcmp(said, wanted) == 0) continue;
    n_wrong++;
    print_error("--- wanted\n%s--- said (%s)\n%s", wanted, tau_status_name(st), said);
    tau_model_free(model);
  }
  assert_int_equal(n_wrong, 0);
}

static void a_name_is_a_feed_or_a_unit(void **state)
{
  (void)state;
  char text[8192], said[4096] = "";
  tau_model *model = NULL;
  compose(text, sizeof text, &(file){.units = "{f: {type: pfr, in: f, volume: 5 mL}}"});
  assert_int_equal(tau_model_parse(&model, text, strlen(text), "test", collect, said), TAU_E_MODEL);
  assert_string_equal(said, "5:9: 'f' is the name of a feed and of a unit; needs two names\n");
}

static void only_twenty_mistakes_are_told(void **state)
{
  (void)state;
  char text[8192], said[4096] = "", species_block[2048] = "{A: {}, B: {}, C: {}";
  tau_model *model = NULL;
  int n = 0;
  for (int i = 0; i < 50; i++) sprintf(species_block + strlen(species_block), ", S%d: {formula: Xx}", i);
  strcat(species_block, "}");
  compose(text, sizeof text, &(file){.species = species_block});
  assert_int_equal(tau_model_parse(&model, text, strlen(text), "test", collect, said), TAU_E_MODEL);
  for (const char *p = said; (p = strchr(p, '\n')); p++) n++;
  assert_int_equal(n, 20);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bad_files_are_told_where_and_why),
    cmocka_unit_test(a_name_is_a_feed_or_a_unit),
    cmocka_unit_test(only_twenty_mistakes_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_describe.c - a model file to its description: what is read. What is said about bad files:
 * test_describe_mistakes.c. */
#include "model_sections.h"

#include "base/alloc.h"
#include "train/description.h"

static taup_description describe(const file *f)
{
  char text[8192];
  taup_mistakes mistakes = {0};
  taup_description d;
  compose(text, sizeof text, f);
  tau_model *model = model_of(text);
  assert_int_equal(taup_describe(&d, model, &mistakes), TAU_OK);
  tau_model_free(model); /* the description stands on its own */
  return d;
}

static const taup_parameter *parameter(const taup_description *d, const char *path)
{
  const int i = taup_parameters_find(&d->chemistry.parameters, path);
  if (i < 0) fail_msg("no parameter %s", path);
  return &d->chemistry.parameters.items[i];
}

static void check_value(const taup_description *d, const char *path, double value)
{
  const double found = parameter(d, path)->value;
  if (!(fabs(found - value) <= 1e-12 * fabs(value))) fail_msg("%s is %.17g, want %.17g", path, found, value);
}

static void check_near(double found, double wanted)
{
  if (!(fabs(found - wanted) <= 1e-12 * fabs(wanted))) fail_msg("%.17g, want %.17g", found, wanted);
}

static int species(const taup_description *d, const char *name)
{
  return taup_map_find(&d->chemistry.species_by_name, name);
}

/* --- species, fluid --- */

static void masses_come_from_formula_or_text(void **state)
{
  (void)state;
  taup_description d =
    describe(&(file){.species = "{A: {formula: H2O}, B: {molar_mass: 18.015 g/mol}, C: {}}"});
  /* H2O: 2 x 1.0080 + 15.999 g/mol, IUPAC 2021 abridged weights */
  check_value(&d, "species/A/molar_mass", 0.018015);
  check_value(&d, "species/B/molar_mass", 0.018015);
  assert_int_equal(taup_parameters_find(&d.chemistry.parameters, "species/C/molar_mass"), -1);
  assert_int_equal(d.chemistry.n_notes, 0);
  taup_description_free(&d);
}

static void lost_mass_makes_one_note(void **state)
{
  (void)state;
  taup_description d = describe(
    &(file){.species = "{A: {molar_mass: 100 g/mol}, B: {molar_mass: 80 g/mol}, C: {molar_mass: 20 g/mol}}",
            .reactions = "{a: {equation: A -> B, k: 1 1/s}, b: {equation: A -> B + C, k: 1 1/s}, c: "
                         "{equation: B -> C, k: 1 1/s},"
                         " d: {equation: C -> B, k: 1 1/s, balance: no}, e: {equation: A ->, k: 1 1/s}}"});
  assert_int_equal(d.chemistry.n_notes, 1);
  assert_string_equal(d.chemistry.notes[0],
                      "masses do not balance in reactions a, c: something is not followed there");
  taup_description_free(&d);
}

static void solvent_is_a_row_of_the_table(void **state)
{
  (void)state;
  taup_description d = describe(&(file){.rest = "solvent: EtOH"});
  const taup_solvent *row = &taup_solvents[taup_solvent_find("ethanol")];
  assert_ptr_equal(d.chemistry.fluid.solvent, row);
  check_value(&d, "solvent/density", row->density_25C);
  check_value(&d, "solvent/heat_capacity", row->heat_capacity_25C);
  taup_description_free(&d);
  d = describe(&(file){.rest = "solvent: {name: ethanol, density: temperature}"});
  assert_int_equal(d.chemistry.fluid.mode, TAUP_FLUID_TEMPERATURE);
  assert_int_equal(d.chemistry.fluid.density, -1);
  taup_description_free(&d);
  d = describe(&(file){.rest = "solvent: {density: 0.8 g/mL, heat_capacity: 0.5 kcal/kg/K}"});
  check_value(&d, "solvent/density", 800.0);
  check_value(&d, "solvent/heat_capacity", 2092.0); /* kcal is 4184 J */
  taup_description_free(&d);
}

static void solvent_of_a_feed_is_a_flowing_species(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .species = "{A: {molar_mass: 0.1 kg/mol}, B: {}, C: {}}",
    .feeds =
      "{f: {flow: 1 mL/min, temperature: 25 degC, solvent: acetic acid, concentration: {A: 1 mol/L}}}"});
  const taup_feed *f = &d.chemistry.feeds[0];
  assert_int_equal(d.chemistry.n_species, 4);
  assert_int_equal(f->solvent_species, species(&d, "acetic acid"));
  assert_true(d.chemistry.species[f->solvent_species].flowing_solvent);
  assert_non_null(d.chemistry.species[f->solvent_species].solvent);
  assert_int_equal(d.chemistry.fluid.mode, TAUP_FLUID_IDEAL_MIXTURE);
  check_value(&d, "species/acetic acid/molar_mass", 0.060052); /* the row of the table */
  taup_description_free(&d);
}

static void solvent_of_an_ideal_mixture_flows(void **state)
{
  (void)state;
  taup_description d =
    describe(&(file){.species = "{A: {molar_mass: 0.1 kg/mol, density: 1 g/mL}, B: {}, C: {}}",
                     .feeds = "{f: {flow: 1 mL/min, temperature: 25 degC, concentration: {A: 1 mol/L}},"
                              " g: {molar_flow: {A: 1 mmol/min}, temperature: 25 degC}}",
                     .units = "{coil: {type: pfr, in: [f, g], volume: 5 mL}}",
                     .rest = "solvent: {name: THF, density: ideal-mixture}"});
  assert_int_equal(d.chemistry.feeds[0].solvent_species, species(&d, "THF"));
  assert_int_equal(d.chemistry.feeds[1].solvent_species, -1);
  assert_true(d.chemistry.species[species(&d, "THF")].flowing_solvent);
  taup_description_free(&d);
}

/* --- reactions --- */

static void constants_take_their_form_and_path(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .reactions = "{a: {equation: A -> B, k: {arrhenius: {A: 1e9 1/s, Ea: 1000 K, n: 0.5}}},"
                 " b: {equation: A -> B, k: {arrhenius: {k_ref: 6 1/min, T_ref: 90 degC, Ea: 10 kcal/mol}}},"
                 " c: {equation: A + B -> C, k: {eyring: {dH: 50 kJ/mol, dS: -20 J/mol/K}}},"
                 " d: {equation: A <=> B + C, k: 0.2 +/- 0.01 1/s, K: {van-t-hoff: {K_ref: 2 mol/L, T_ref: "
                 "300 K, dH: -40 kJ/mol}}}}"});
  const taup_reaction *x = d.chemistry.reactions;
  assert_ptr_equal(x[0].k[0].form, &taup_kt_arrhenius);
  check_value(&d, "reactions/a/k/Ea", 1000.0 * TAUP_R); /* E/R in K */
  assert_string_equal(parameter(&d, "reactions/a/k/Ea")->unit, "K");
  assert_ptr_equal(x[1].k[0].form, &taup_kt_arrhenius_reference);
  check_value(&d, "reactions/b/k/k_ref", 0.1);
  check_value(&d, "reactions/b/k/T_ref", 363.15);
  check_value(&d, "reactions/b/k/Ea", 41840.0);
  assert_ptr_equal(x[2].k[0].form, &taup_kt_eyring);
  assert_ptr_equal(x[3].k[0].form, &taup_kt_constant);
  check_value(&d, "reactions/d/k", 0.2);
  check_near(parameter(&d, "reactions/d/k")->uncertainty, 0.01);
  check_value(&d, "reactions/d/K/K_ref", 2000.0);
  assert_int_equal(x[3].heat_dH, taup_parameters_find(&d.chemistry.parameters, "reactions/d/K/dH"));
  assert_true(x[0].uses_T && x[1].uses_T && x[2].uses_T && x[3].uses_T);
  taup_description_free(&d);
}

static void a_parameter_reads_new_text(void **state)
{
  (void)state;
  double value = 0.0, uncertainty = 0.0;
  taup_description d =
    describe(&(file){.reactions = "{a: {equation: A -> B, k: {arrhenius: {A: 1e9 1/s, Ea: 80 kJ/mol}}}}"});
  const taup_parameter *Ea = parameter(&d, "reactions/a/k/Ea"), *T = parameter(&d, "feeds/f/temperature");
  assert_int_equal(taup_parameter_value(Ea, "10 kcal/mol", &value, &uncertainty), TAU_OK);
  check_near(value, 41840.0);
  assert_int_equal(taup_parameter_value(Ea, "5000 +/- 10 K", &value, &uncertainty), TAU_OK);
  check_near(value, 5000.0 * TAUP_R);
  check_near(uncertainty, 10.0 * TAUP_R);
  assert_int_equal(taup_parameter_value(Ea, "50 degC", &value, &uncertainty), TAU_E_UNITS);
  assert_int_equal(taup_parameter_value(Ea, "50 kJ", &value, &uncertainty), TAU_E_UNITS);
  assert_string_equal(tau_last_error(), "reactions/a/k/Ea is in kJ; needs kJ/mol or the like");
  assert_int_equal(taup_parameter_value(T, "0 degC", &value, &uncertainty), TAU_OK);
  check_near(value, 273.15);
  assert_int_equal(taup_parameter_value(T, "-300 degC", &value, &uncertainty), TAU_E_VALUE);
  assert_string_equal(tau_last_error(), "feeds/f/temperature is -300 degC; needs more than -273.15 degC");
  assert_int_equal(taup_parameter_value(T, "25", &value, &uncertainty), TAU_E_UNITS);
  assert_int_equal(taup_parameter_check(T, (double)NAN), TAU_E_VALUE);
  taup_description_free(&d);
}

static void orders_come_from_the_left_side_unless_said(void **state)
{
  (void)state;
  taup_description d = describe(
    &(file){.reactions = "{a: {equation: 2 A + B -> C, k: 1 L^1.5/mol^1.5/s, orders: {A: 1.5}},"
                         " b: {equation: A + B -> C, law: power, k: 1 L/mol/s, orders: {C: 2}},"
                         " c: {equation: A <=> B, k: 1 1/s, k_reverse: 3 mol/L/s, reverse_orders: {B: 0}},"
                         " d: {equation: -> A, k: 1 mol/L/s}}"});
  const taup_reaction *x = d.chemistry.reactions;
  assert_int_equal(x[0].n_forward, 2);
  check_near(x[0].forward[0].value, 1.5);
  assert_int_equal(x[0].forward[0].parameter,
                   taup_parameters_find(&d.chemistry.parameters, "reactions/a/orders/A"));
  assert_int_equal(x[0].forward[1].species, species(&d, "B"));
  assert_int_equal(x[0].forward[1].parameter, -1); /* a whole number is structure */
  assert_int_equal(x[1].n_forward, 1);
  assert_int_equal(x[1].forward[0].species, species(&d, "C"));
  assert_int_equal(x[2].n_reverse, 1);
  check_near(x[2].reverse[0].value, 0.0);
  assert_int_equal(x[3].n_forward, 0);
  taup_description_free(&d);
}

static void an_expression_has_parameters_of_its_own(void **state)
{
  (void)state;
  taup_description d = describe(
    &(file){.species = "{A: {}, B: {}, a-b: {}, P: {}}",
            .reactions = "{a: {equation: A -> B, rate: \"kf*A*c[\\\"a-b\\\"]/(1 + KB*c[\\\"P\\\"])^2\","
                         " parameters: {kf: {arrhenius: {A: 2 L/mol/s, Ea: 1 kJ/mol}}, KB: 3 L/mol}}}"});
  const taup_reaction *x = &d.chemistry.reactions[0];
  assert_true(x->law->flags & TAUP_LAW_EXPRESSION);
  assert_int_equal(x->n_extra, 2);
  assert_string_equal(x->extra[1].name, "KB");
  check_value(&d, "reactions/a/parameters/kf/A", 0.002);
  check_value(&d, "reactions/a/parameters/KB", 0.003);
  assert_true(x->uses_T);
  taup_description_free(&d);
}

static void a_catalyst_leaves_the_net_stoichiometry(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .reactions = "{a: {equation: A + C -> B + C, k: 1 L/mol/s}, b: {equation: 2 B -> A + B, k: 1 L/mol/s}}"});
  const taup_stoichiometry *net = &d.chemistry.net;
  assert_int_equal(net->start[1], 2);
  assert_int_equal(net->start[2], 4);
  for (int k = 0; k < 4; k++) assert_int_not_equal(net->species[k], species(&d, "C"));
  check_near(net->coefficient[2], -1.0);       /* 2 B -> B */
  assert_int_equal(d.chemistry.n_moieties, 1); /* A + B */
  taup_description_free(&d);
}

/* --- feeds --- */

static void equivalents_leave_flow_or_concentration_open(void **state)
{
  (void)state;
  taup_description d =
    describe(&(file){.feeds = "{f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}, g: {flow: 2 mL/min, "
                              "equivalents: {of: f/A, B: 1.1}},"
                              " h: {concentration: {C: 3 mol/L}, equivalents: {of: g/B, C: 2 equiv}}}",
                     .units = "{coil: {type: pfr, in: [f, g, h], volume: 5 mL}}"});
  const taup_feed *g = &d.chemistry.feeds[1], *h = &d.chemistry.feeds[2];
  assert_int_equal(g->composition, TAUP_COMPOSITION_OPEN);
  assert_int_equal(g->flow_kind, TAUP_FLOW_VOLUME);
  assert_int_equal(g->of_feed, 0);
  assert_int_equal(g->of_species, species(&d, "A"));
  check_value(&d, "feeds/g/equivalents/B", 1.1);
  assert_int_equal(h->flow_kind, TAUP_FLOW_OPEN);
  assert_int_equal(h->flow, -1);
  assert_int_equal(h->composition, TAUP_COMPOSITION_CONCENTRATION);
  assert_int_equal(h->n_equivalents, 1);
  taup_description_free(&d);
}

static void a_feed_may_be_said_by_mass_or_moles(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .species = "{A: {molar_mass: 100 g/mol}, B: {}, C: {}}",
    .feeds =
      "{f: {flow: 1 g/min, mass_fraction: {A: 10 %}}, g: {molar_flow: {A: 1 mmol/min}}, h: {flow: 1 mL/min}}",
    .units = "{coil: {type: pfr, in: [f, g, h], volume: 5 mL}}",
    .rest = "solvent: water"});
  assert_int_equal(d.chemistry.feeds[0].flow_kind, TAUP_FLOW_MASS);
  assert_int_equal(d.chemistry.feeds[0].composition, TAUP_COMPOSITION_MASS_FRACTION);
  check_value(&d, "feeds/f/flow", 1e-3 / 60.0);
  check_value(&d, "feeds/f/mass_fraction/A", 0.1);
  assert_int_equal(d.chemistry.feeds[1].flow_kind, TAUP_FLOW_MOLAR);
  check_value(&d, "feeds/g/molar_flow/A", 1e-3 / 60.0);
  assert_int_equal(d.chemistry.feeds[2].n_amounts, 0);
  taup_description_free(&d);
}

/* --- units --- */

static void fields_not_given_are_parameters_of_a_group(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .units = "{t: {type: pfr, in: f, length: 3 m, diameter: 2 mm}, u: {type: cstr, in: t, volume: 1 L}}"});
  const taup_parameter *V = parameter(&d, "units/t/volume"), *L = parameter(&d, "units/t/length");
  assert_true(isnan(V->value));
  assert_true(isnan(parameter(&d, "units/t/residence_time")->value));
  check_near(L->value, 3.0);
  assert_true(V->group > 0 && V->group == L->group);
  assert_int_equal(parameter(&d, "units/t/diameter")->group, 0);
  assert_int_not_equal(parameter(&d, "units/u/volume")->group, V->group);
  taup_description_free(&d);
}

static void heat_options_are_told_apart(void **state)
{
  (void)state;
  taup_description d = describe(
    &(file){.reactions = "{a: {equation: A -> B, k: 0.1 1/s, heat: -60 kJ/mol}}",
            .rest = "solvent: water",
            .units = "{m: {type: mixer, in: f}, s: {type: pfr, in: m, volume: 1 mL, temperature: 80 degC},"
                     " t: {type: cstr, in: s, volume: 1 mL, heat: adiabatic},"
                     " u: {type: pfr, in: t, volume: 1 mL, diameter: 1 mm, heat: {jacket: {temperature: 20 "
                     "degC, U: 500 W/m^2/K}}}}"});
  const taup_unit *u = d.units.items;
  assert_int_equal(u[0].heat, TAUP_HEAT_FEED);
  assert_int_equal(u[1].heat, TAUP_HEAT_SET);
  check_value(&d, "units/s/temperature", 353.15);
  assert_int_equal(u[2].heat, TAUP_HEAT_ADIABATIC);
  assert_int_equal(u[3].heat, TAUP_HEAT_JACKET);
  check_value(&d, "units/u/heat/jacket/U", 500.0);
  assert_true(isnan(parameter(&d, "units/u/heat/jacket/area")->value)); /* 4 V / d */
  check_value(&d, "reactions/a/heat", -60000.0);
  taup_description_free(&d);
}

static void units_are_put_in_order(void **state)
{
  (void)state;
  static const char *const order[] = {"split", "left", "right", "tee", "end"};
  taup_description d =
    describe(&(file){.units = "{end: {type: pfr, in: tee, volume: 1 mL}, tee: {type: mixer, in: [left, "
                              "right]}, right: {type: pfr, in: split/b, volume: 1 mL},"
                              " left: {type: pfr, in: split/a, volume: 1 mL}, split: {type: splitter, in: f, "
                              "outlets: {a: 30 %, b: rest}}}"});
  for (int k = 0; k < 5; k++) assert_string_equal(d.units.items[d.order[k]].name, order[k]);
  assert_string_equal(d.units.items[d.outlet].name, "end");
  const taup_unit *split = &d.units.items[4];
  assert_int_equal(split->n_outlets, 2);
  check_value(&d, "units/split/outlets/a", 0.3);
  assert_int_equal(split->fractions[1], -1);
  assert_int_equal(d.units.items[2].inlets[0].port, 1);
  taup_description_free(&d);
}

static void an_ordered_file_keeps_its_order(void **state)
{
  (void)state;
  taup_description d =
    describe(&(file){.feeds = "{f: {flow: 1 mL/min}, g: {flow: 1 mL/min}, h: {flow: 1 mL/min}}",
                     .rest = "outlet: e",
                     .units = "{a: {type: mixer, in: f}, b: {type: mixer, in: g}, c: {type: mixer, in: a}, "
                              "d: {type: mixer, in: h}, e: {type: mixer, in: [b, c]}}"});
  for (int k = 0; k < 5; k++) assert_int_equal(d.order[k], k);
  assert_string_equal(d.units.items[d.outlet].name, "e");
  taup_description_free(&d);
}

static void until_is_a_path_a_direction_and_a_parameter(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .units = "{t: {type: pfr, in: f, volume: 5 mL, until: conversion/A >= 99 %, at: [2 mL, 1 mL, 2 mL]},"
             " u: {type: pfr, in: t, volume: 5 mL, diameter: 1 mm, until: outlet/c/A<=0.1 mol/L, at: 20 cm},"
             " v: {type: pfr, in: u, volume: 5 mL, until: T >= 40 degC, at: [1 s, 1 min]}}"});
  const taup_unit *u = d.units.items;
  assert_string_equal(u[0].until, "conversion/A");
  assert_true(u[0].until_rises);
  check_value(&d, "units/t/until", 0.99);
  assert_int_equal(u[0].n_at, 2);
  assert_int_equal(u[0].at_coordinate, TAUP_BY_VOLUME);
  check_near(u[0].at[0], 1e-6);
  assert_string_equal(u[1].until, "c/A");
  assert_false(u[1].until_rises);
  check_value(&d, "units/u/until", 100.0);
  assert_int_equal(u[1].at_coordinate, TAUP_BY_LENGTH);
  assert_string_equal(u[2].until, "T");
  check_value(&d, "units/v/until", 313.15);
  assert_int_equal(u[2].at_coordinate, TAUP_BY_TIME);
  taup_description_free(&d);
}

static void a_batch_stands_alone(void **state)
{
  (void)state;
  taup_description d = describe(&(file){.feeds = "{}",
                                        .units = "{v: {type: batch, time: 1 h, charge: {volume: 2 L, "
                                                 "concentration: {A: 1 mol/L}}, at: [1 min, 2 min]}}"});
  assert_int_equal(d.units.items[0].n_inlets, 0);
  assert_int_equal(d.units.items[0].n_charge, 1);
  assert_int_equal(d.units.items[0].charge_temperature, -1);
  check_value(&d, "units/v/charge/concentration/A", 1000.0);
  check_value(&d, "units/v/charge/volume", 0.002);
  taup_description_free(&d);
}

/* --- the whole --- */

static void options_of_the_file_are_read(void **state)
{
  (void)state;
  taup_description d = describe(&(file){
    .units =
      "{c: {type: cstr, in: f, volume: 1 L, start: {temperature: 300 K, concentration: {B: 1 mol/L}}}}",
    .rest =
      "title: x\nkey: {reactant: A, product: B, ratio: 2}\npressure: 2 bar\nflow_factor: 0.5\nnotes: free\n"
      "solver: {rtol: 1e-6, atol: 1e-12 mol/L, max_time: 1 min, engine: auto}"});
  assert_string_equal(d.title, "x");
  assert_int_equal(d.key_product, species(&d, "B"));
  check_value(&d, "key/ratio", 2.0);
  check_value(&d, "pressure", 2e5);
  check_value(&d, "flow_factor", 0.5);
  check_value(&d, "units/c/start/temperature", 300.0);
  check_near(d.solver.atol, 1e-9);
  check_near(d.solver.max_time, 60.0);
  taup_description_free(&d);
  d = describe(&(file){0});
  check_value(&d, "pressure", 101325.0);
  check_value(&d, "flow_factor", 1.0);
  assert_int_equal(d.ratio, -1);
  assert_true(isnan(d.solver.rtol));
  assert_int_equal(d.chemistry.evidence, TAUP_UNSTATED);
  taup_description_free(&d);
}

static void the_weakest_evidence_counts(void **state)
{
  (void)state;
  taup_description d = describe(
    &(file){.species = "{A: {evidence: measured}, B: {source: a book}, C: {}}",
            .reactions =
              "{a: {equation: A -> B, k: 1 1/s, source: {doi: 10.1/x, evidence: estimated, page: 3}}}",
            .rest = "evidence: published"});
  assert_int_equal(d.chemistry.evidence, TAUP_ESTIMATED);
  taup_description_free(&d);
  d = describe(
    &(file){.units = "{coil: {type: pfr, in: f, volume: 5 mL, source: [a, {evidence: illustrative}]}}",
            .rest = "evidence: published"});
  assert_int_equal(d.chemistry.evidence, TAUP_ILLUSTRATIVE);
  taup_description_free(&d);
}

static void bare_numbers_are_si_when_the_file_says_so(void **state)
{
  (void)state;
  taup_description d =
    describe(&(file){.reactions = "{a: {equation: A + B -> C, k: 2}}",
                     .feeds = "{f: {flow: 1e-8, temperature: 300, concentration: {A: 1000}}}",
                     .units = "{coil: {type: pfr, in: f, volume: 5e-6}}",
                     .rest = "bare_numbers: SI"});
  check_value(&d, "reactions/a/k", 2.0);
  check_value(&d, "feeds/f/flow", 1e-8);
  check_value(&d, "feeds/f/temperature", 300.0);
  assert_string_equal(parameter(&d, "units/coil/volume")->unit, "m^3");
  taup_description_free(&d);
}

/* --- built models --- */

static void a_built_model_needs_no_version(void **state)
{
  (void)state;
  tau_model *model = NULL;
  assert_int_equal(tau_model_new(&model), TAU_OK);
  assert_int_equal(tau_model_set(model, "species/A", ""), TAU_OK);
  assert_int_equal(tau_model_set(model, "species/B", ""), TAU_OK);
  assert_int_equal(tau_model_set(model, "reactions/r/equation", "A -> B"), TAU_OK);
  assert_int_equal(tau_model_set(model, "reactions/r/k", "0.1 1/s"), TAU_OK);
  assert_int_equal(tau_model_set(model, "feeds/f/flow", "1 mL/min"), TAU_OK);
  assert_int_equal(tau_model_set(model, "units/coil/type", "pfr"), TAU_OK);
  assert_int_equal(tau_model_append(model, "units/coil/in", "f"), TAU_OK);
  assert_int_equal(tau_model_set(model, "units/coil/volume", "5 mL"), TAU_OK);
  assert_int_equal(tau_model_check(model, NULL, NULL), TAU_OK);
  assert_int_equal(tau_model_set(model, "units/coil/volume", "5 s"), TAU_OK);
  assert_int_equal(tau_model_check(model, NULL, NULL), TAU_E_MODEL);
  tau_model_free(model);
}

static int half_of_A(void *user, int n, const double *x, double *value, double *gradient)
{
  (void)user;
  (void)n;
  *value = 0.5 * x[0];
  if (gradient) gradient[0] = 0.5;
  return 0;
}

static void a_function_names_its_arguments(void **state)
{
  (void)state;
  char text[8192];
  taup_mistakes mistakes = {0};
  taup_description d;
  compose(text, sizeof text,
          &(file){.reactions = "{a: {equation: A -> B, rate: 0*A, parameters: {q: 1 1/s}}}"});
  tau_model *model = NULL;
  /* the text that the function replaces has the wrong dimension: the file is read without a check of the
   * whole */
  assert_int_equal(tau_model_parse(&model, text, strlen(text), "test", NULL, NULL), TAU_E_MODEL);
  compose(text, sizeof text,
          &(file){.reactions = "{a: {equation: A -> B, rate: q*A, parameters: {q: 1 1/s}}}"});
  model = model_of(text);
  assert_int_equal(tau_model_set_function(model, "reactions/a/rate", "A  q T", half_of_A, NULL, NULL, NULL),
                   TAU_OK);
  assert_int_equal(taup_describe(&d, model, &mistakes), TAU_OK);
  tau_model_free(model);
  const taup_reaction *x = &d.chemistry.reactions[0];
  assert_ptr_equal(x->function->function, half_of_A); /* kept alive by the description */
  assert_int_equal(x->n_arguments, 3);
  assert_string_equal(x->arguments[1], "q");
  assert_true(x->uses_T);
  assert_null(x->expression);
  taup_description_free(&d);
}

/* --- memory --- */

typedef struct failing {
  long left; /* allocations until one fails; < 0: none */
  long held;
} failing;

static bool fails(failing *f) { return f->left >= 0 && f->left-- == 0; }

static void *failing_malloc(void *user, size_t n)
{
  failing *f = user;
  if (fails(f)) return NULL;
  f->held++;
  return malloc(n);
}

static void *failing_realloc(void *user, void *block, size_t n)
{
  failing *f = user;
  if (fails(f)) return NULL;
  if (!block) f->held++;
  return realloc(block, n);
}

static void failing_free(void *user, void *block)
{
  ((failing *)user)->held--;
  free(block);
}

static void every_failing_allocation_is_told_and_freed(void **state)
{
  (void)state;
  static const char text[] =
    "tautrain: 1\nsolvent: ethanol\nspecies: {A: {formula: H2O}, B: {formula: H2O}}\n"
    "reactions: {a: {equation: A <=> B, k: {arrhenius: {A: 1 1/s, Ea: 1 kJ/mol}}, K: 2, orders: {A: 1.5}},\n"
    "  b: {equation: A -> B, rate: q*A, parameters: {q: 1 1/s}}}\n"
    "feeds: {f: {flow: 1 mL/min, temperature: 300 K, concentration: {A: 1 mol/L}}, g: {flow: 1 mL/min, "
    "temperature: 300 K,\n"
    "  equivalents: {of: f/A, B: 1}}}\n"
    "units: {s: {type: splitter, in: [f, g], outlets: {x: 0.1, y: rest}}, coil: {type: pfr, in: [s/x, s/y], "
    "volume: 1 mL,\n"
    "  until: conversion/A >= 10 %, at: [0.1 mL]}}\n";
  failing f = {-1, 0};
  const tau_allocator allocator = {failing_malloc, failing_realloc, failing_free, &f};
  tau_status st = TAU_E_NOMEM;
  tau_allocator_set(&allocator);
  char sound[sizeof text];
  memcpy(sound, text, sizeof text);
  memcpy(strstr(sound, "orders: {A: 1.5}"), "note: 0123456789", 16); /* else the unit of k would be wrong */
  tau_model *model = model_of(sound);
  const long held = f.held;
  for (long k = 0; st < 0 && k < 100000; k++) {
    taup_mistakes mistakes = {0};
    taup_description d;
    f.left = k;
    st = taup_describe(&d, model, &mistakes);
    f.left = -1;
    if (st < 0 && st != TAU_E_NOMEM) fail_msg("allocation %ld: %s", k, tau_last_error());
    taup_description_free(&d);
    assert_int_equal(f.held, held);
  }
  assert_int_equal(st, TAU_OK);
  tau_model_free(model);
  assert_int_equal(f.held, 0);
  tau_allocator_set(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(masses_come_from_formula_or_text),
    cmocka_unit_test(lost_mass_makes_one_note),
    cmocka_unit_test(solvent_is_a_row_of_the_table),
    cmocka_unit_test(solvent_of_a_feed_is_a_flowing_species),
    cmocka_unit_test(solvent_of_an_ideal_mixture_flows),
    cmocka_unit_test(constants_take_their_form_and_path),
    cmocka_unit_test(a_parameter_reads_new_text),
    cmocka_unit_test(orders_come_from_the_left_side_unless_said),
    cmocka_unit_test(an_expression_has_parameters_of_its_own),
    cmocka_unit_test(a_catalyst_leaves_the_net_stoichiometry),
    cmocka_unit_test(equivalents_leave_flow_or_concentration_open),
    cmocka_unit_test(a_feed_may_be_said_by_mass_or_moles),
    cmocka_unit_test(fields_not_given_are_parameters_of_a_group),
    cmocka_unit_test(heat_options_are_told_apart),
    cmocka_unit_test(units_are_put_in_order),
    cmocka_unit_test(an_ordered_file_keeps_its_order),
    cmocka_unit_test(until_is_a_path_a_direction_and_a_parameter),
    cmocka_unit_test(a_batch_stands_alone),
    cmocka_unit_test(options_of_the_file_are_read),
    cmocka_unit_test(the_weakest_evidence_counts),
    cmocka_unit_test(bare_numbers_are_si_when_the_file_says_so),
    cmocka_unit_test(a_built_model_needs_no_version),
    cmocka_unit_test(a_function_names_its_arguments),
    cmocka_unit_test(every_failing_allocation_is_told_and_freed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* random_model.c - trains of 1 to 20 units, or a batch alone, with networks of 1 to 16 reactions.
 *
 * What is written makes sense: a species that is consumed stands in its rate, so that it stops at zero; every
 * species has an enthalpy H_i and heat = sum nu_i H_i, so that no cycle of reactions makes heat for ever; atoms
 * balance, for all species are made of CH2 and O. Rate constants spread over 8 decades around the residence
 * time of the train. */
#include "random_writer.h"

const char *random_species(int i)
{
  static const char *const names[MOST_SPECIES] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"};
  return names[i];
}

static const char *any_species(writer *w) { return random_species(below(w, w->m->n_species)); }

/* --- species --- */

static double molar_mass(const writer *w, int i) { return 14.027 * w->carbon[i] + 15.999 * w->oxygen[i]; }

static int new_species(writer *w, int carbon, int oxygen)
{
  const int i = w->m->n_species++;
  w->carbon[i] = carbon;
  w->oxygen[i] = oxygen;
  w->H[i] = uniform(w, -40.0, 40.0);
  return i;
}

/* A product of that composition: one that is there, or a new one. */
static int product(writer *w, int carbon, int oxygen, int not_this)
{
  const bool full = w->m->n_species == MOST_SPECIES;
  for (int k = 0; k < 2 * w->m->n_species; k++) {
    const int i = below(w, w->m->n_species);
    if (i != not_this && w->carbon[i] == carbon && w->oxygen[i] == oxygen && (full || chance(w, 0.3)))
      return i;
  }
  return full ? -1 : new_species(w, carbon, oxygen);
}

static void write_species(writer *w)
{
  const bool mixed = w->fluid == MIXTURE || w->fluid == FEED_SOLVENT;
  put(w, "species:\n");
  for (int i = 0; i < w->m->n_species; i++) {
    const int oxygen = w->oxygen[i];
    if (w->m->has_formulas && oxygen == 0)
      put(w, "  %s: {formula: C%dH%d", random_species(i), w->carbon[i], 2 * w->carbon[i]);
    else if (w->m->has_formulas)
      put(w, "  %s: {formula: C%dH%dO%d", random_species(i), w->carbon[i], 2 * w->carbon[i], oxygen);
    else put(w, "  %s: {molar_mass: %.6g g/mol", random_species(i), molar_mass(w, i));
    w->has_density[i] = mixed && chance(w, 0.9);
    if (w->has_density[i]) put(w, ", density: %.4g kg/m^3", uniform(w, 700.0, 1500.0));
    if (mixed && chance(w, 0.9)) put(w, ", heat_capacity: %.4g J/kg/K", uniform(w, 1200.0, 3500.0));
    put(w, "}\n");
  }
}

/* --- reactions --- */

/* The unit of a rate constant of this order, concentrations in mol/L. */
static const char *unit_of_k(char *out, size_t n, double order)
{
  if (order == 1.0) snprintf(out, n, "1/s");
  else if (order == 0.0) snprintf(out, n, "mol/L/s");
  else if (order < 1.0) snprintf(out, n, "mol^%g/L^%g/s", 1.0 - order, 1.0 - order);
  else if (order == 2.0) snprintf(out, n, "L/mol/s");
  else snprintf(out, n, "L^%g/mol^%g/s", order - 1.0, order - 1.0);
  return out;
}

/* k(T) with the value k at T_ref, in one of its forms. */
static void write_k(writer *w, const char *key, double k, const char *unit, double order)
{
  const double Ea = uniform(w, 20.0, 110.0), T = w->T_ref + 273.15, RT = 8.31446261815324e-3 * T;
  const int form = w->m->has_temperature ? below(w, 4) : 0;
  if (form == 0) put(w, ", %s: %.6g %s", key, k, unit);
  else if (form == 1 && chance(w, 0.3))
    put(w, ", %s: {arrhenius: {k_ref: %.6g %s, T_ref: %.4g degC, Ea: %.5g K}}", key, k, unit, w->T_ref,
        Ea / 8.31446261815324e-3);
  else if (form == 1)
    put(w, ", %s: {arrhenius: {k_ref: %.6g %s, T_ref: %.4g degC, Ea: %.4g kJ/mol}}", key, k, unit, w->T_ref,
        Ea);
  else if (form == 2 && chance(w, 0.3))
    put(w, ", %s: {arrhenius: {A: %.6g %s, Ea: %.4g kJ/mol, n: 0.5}}", key, k * exp(Ea / RT) / sqrt(T), unit,
        Ea);
  else if (form == 2 || (order != 1.0 && order != 2.0))
    put(w, ", %s: {arrhenius: {A: %.6g %s, Ea: %.4g kJ/mol}}", key, k * exp(Ea / RT), unit, Ea);
  else {
    const double dH = Ea - RT,
                 dS = 8.31446261815324 * (log(k * 6.62607015e-34 / (1.380649e-23 * T)) + dH / RT);
    put(w, ", %s: {eyring: {dH: %.6g kJ/mol, dS: %.6g J/mol/K}}", key, dH, dS);
  }
}

/* A constant that gives a rate of c / tau times a factor of 8 decades, c about 0.5 mol/L. */
static double constant(writer *w, double order)
{
  return decades(w, -4.0, 4.0) / w->tau * pow(0.5, 1.0 - order);
}

typedef struct sides {
  int n_left, n_right;
  int left[3], right[3];
  double many_left[3], many_right[3];
} sides;

static void add_left(sides *s, int i, double many)
{
  s->left[s->n_left] = i;
  s->many_left[s->n_left++] = many;
}

static void add_right(sides *s, int i, double many)
{
  s->right[s->n_right] = i;
  s->many_right[s->n_right++] = many;
}

/* A -> B, A + B -> C, 2 A -> C, C -> A + B, A + K -> B + K, A + B -> 2 B; and without formulas A -> 0.5 C,
 * A -> nothing. */
static bool choose_sides(writer *w, sides *s)
{
  const int a = below(w, w->m->n_species), b = below(w, w->m->n_species);
  const int kind = below(w, w->m->has_formulas ? 6 : 8);
  int p = -1;
  *s = (sides){0};
  add_left(s, a, kind == 2 ? 2.0 : 1.0);
  if (kind == 7) return true;
  if (kind == 1) p = a == b ? -1 : product(w, w->carbon[a] + w->carbon[b], w->oxygen[a] + w->oxygen[b], -1);
  else if (kind == 2 || kind == 6) p = product(w, 2 * w->carbon[a], 2 * w->oxygen[a], -1);
  else if (kind == 3) p = w->carbon[a] < 2 ? -1 : product(w, w->carbon[a] - 1, 0, a);
  else p = product(w, w->carbon[a], w->oxygen[a], a);
  if (p < 0) return false;
  add_right(s, p, kind == 6 ? 0.5 : kind == 5 ? 2.0 : 1.0);
  if (kind == 1) add_left(s, b, 1.0);
  if (kind == 5) add_left(s, p, 1.0);
  if (kind == 3 || (kind == 4 && b != a && b != p)) {
    const int other = kind == 4 ? b : product(w, 1, w->oxygen[a], a);
    if (other < 0 || other == p) return false;
    add_right(s, other, 1.0);
    if (kind == 4) add_left(s, other, 1.0);
  }
  return true;
}

static void put_side(writer *w, int n, const int *species, const double *many)
{
  for (int k = 0; k < n; k++) {
    put(w, "%s", k ? " + " : "");
    if (many[k] != 1.0) put(w, "%g ", many[k]);
    put(w, "%s", random_species(species[k]));
  }
}

static double sum(int n, const double *x)
{
  double s = 0.0;
  for (int k = 0; k < n; k++) s += x[k];
  return s;
}

/* Orders of the left side other than its coefficients; returns their sum. */
static double write_orders(writer *w, const sides *s)
{
  static const double orders[] = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0};
  double total = 0.0;
  put(w, ", orders: {");
  for (int k = 0; k < s->n_left; k++) {
    const double order = k == 0 ? orders[below(w, 6)] : orders[1 + below(w, 2)];
    total += order;
    put(w, "%s%s: %g", k ? ", " : "", random_species(s->left[k]), order);
  }
  put(w, "}");
  return total;
}

/* Rates as expressions: each falls to zero with the reactants. */
static void write_expression(writer *w, const sides *s)
{
  static const char *const of_one[] = {"kf*%s/(1 + KB*%s)",
                                       "kf*%s/(1 + KB*%s)^2",
                                       "kf*%s*tanh(KB*%s)",
                                       "kf*%s*exp(-KB*%s)",
                                       "kf*%s*(1 + log(1 + KB*abs(%s)))",
                                       "kf*min(%s, %s)",
                                       "kf*max(%s, 0*%s)"};
  const char *a = random_species(s->left[0]);
  const char *b = s->n_left > 1 ? random_species(s->left[1]) : a;
  put(w, ", rate: \"");
  if (s->n_left > 1 && s->left[0] != s->left[1]) {
    put(w, "kf*%s*%s*KB/(1 + KB*%s)", a, b, b);
  } else {
    const int form = below(w, 7);
    for (const char *at = of_one[form]; *at; at++) {
      if (at[0] == '%' && at[1] == 's') {
        put(w, "%s", a);
        at++;
      } else put(w, "%c", *at);
    }
  }
  const bool by_T = w->m->has_temperature && chance(w, 0.3);
  if (by_T) put(w, "*exp(TA*(1/T0 - 1/T))*(R*T0/(R*T))^0.5");
  const double KB = decades(w, -1.0, 2.0), kf = constant(w, 1.0);
  put(w, "\", parameters: {KB: %.4g L/mol", KB);
  if (by_T) put(w, ", TA: %.4g K, T0: %.2f K", uniform(w, 2000.0, 12000.0), w->T_ref + 273.15);
  write_k(w, "kf", kf, "1/s", (double)NAN); /* no Eyring form: an expression needs the unit */
  put(w, "}");
}

static void write_heat(writer *w, const sides *s, bool as_K)
{
  double heat = 0.0, dn = sum(s->n_right, s->many_right) - sum(s->n_left, s->many_left);
  char unit[48];
  for (int k = 0; k < s->n_left; k++) heat -= s->many_left[k] * w->H[s->left[k]];
  for (int k = 0; k < s->n_right; k++) heat += s->many_right[k] * w->H[s->right[k]];
  if (as_K) {
    if (dn == 0.0) snprintf(unit, sizeof unit, "%s", "");
    else if (dn > 0.0) snprintf(unit, sizeof unit, " mol^%g/L^%g", dn, dn);
    else snprintf(unit, sizeof unit, " L^%g/mol^%g", -dn, -dn);
    if (w->m->has_temperature && chance(w, 0.5))
      put(w, ", K: {van-t-hoff: {K_ref: %.4g%s, T_ref: %.4g degC, dH: %.6g kJ/mol}}", decades(w, -2.0, 3.0),
          unit, w->T_ref, heat);
    else put(w, ", K: %.4g%s", decades(w, -2.0, 3.0), unit);
  }
  if (w->heats || chance(w, 0.5)) put(w, ", heat: %.6g kJ/mol", heat);
}

/* Of one reactant alone: with two the rate would go on without the other. */
static void write_saturation(writer *w)
{
  const double km = decades(w, -3.0, 0.0), vmax = constant(w, 0.0);
  const bool inhibited = chance(w, 0.5);
  put(w, ", law: %s, vmax: %.5g mol/L/s, km: %.4g mol/L", inhibited ? "haldane" : "michaelis-menten", vmax,
      km);
  if (inhibited) put(w, ", ki: %.4g mol/L", decades(w, -2.0, 1.0));
}

static void write_reaction(writer *w, int j, const sides *s)
{
  char unit[48];
  double order = sum(s->n_left, s->many_left);
  const bool reversible = s->n_right && chance(w, 0.25);
  const int law = reversible ? 0 : below(w, 8);
  put(w, "  r%d: {equation: \"", j);
  put_side(w, s->n_left, s->left, s->many_left);
  put(w, reversible ? " <=> " : " -> ");
  put_side(w, s->n_right, s->right, s->many_right);
  put(w, "\"");
  if (law == 5 && s->n_left == 1) write_saturation(w);
  else if (law == 6) {
    write_expression(w, s);
  } else {
    if (law == 7) put(w, ", law: power");
    if (law == 4 || law == 7) order = write_orders(w, s);
    write_k(w, "k", constant(w, order), unit_of_k(unit, sizeof unit, order), order);
    if (reversible && chance(w, 0.4)) {
      double back = sum(s->n_right, s->many_right);
      if (s->n_right == 1 && chance(w, 0.3)) {
        back = 0.5 * (1 + below(w, 4));
        put(w, ", reverse_orders: {%s: %g}", random_species(s->right[0]), back);
      }
      write_k(w, "k_reverse", constant(w, back), unit_of_k(unit, sizeof unit, back), back);
      write_heat(w, s, false);
      put(w, "}\n");
      return;
    }
  }
  write_heat(w, s, reversible);
  put(w, "}\n");
}

/* Sides first, for they make the species that stand above the reactions. */
static void choose_network(writer *w, sides *all)
{
  const int n = 1 + below(w, chance(w, 0.15) ? MOST_REACTIONS : 5);
  for (int k = 0; k < 2 + below(w, 3); k++) {
    const int oxygen = below(w, 3), carbon = 1 + below(w, 6);
    new_species(w, carbon, oxygen);
  }
  for (int tries = 0; w->m->n_reactions < n && tries < 20 * n; tries++)
    if (choose_sides(w, &all[w->m->n_reactions])) w->m->n_reactions++;
  if (w->m->n_reactions > 0) return;
  all[0] = (sides){0};
  add_left(&all[0], 0, 1.0);
  add_right(&all[0], new_species(w, w->carbon[0], w->oxygen[0]), 1.0);
  w->m->n_reactions = 1;
}

static void write_network(writer *w, const sides *all)
{
  put(w, "reactions:\n");
  for (int j = 0; j < w->m->n_reactions; j++) {
    for (int k = 0; k < all[j].n_left; k++) w->m->nu[j][all[j].left[k]] -= all[j].many_left[k];
    for (int k = 0; k < all[j].n_right; k++) w->m->nu[j][all[j].right[k]] += all[j].many_right[k];
    write_reaction(w, j, &all[j]);
  }
}

/* --- fluid --- */

static void choose_fluid(writer *w)
{
  static const char *const names[] = {"water",        "methanol",        "ethanol",
                                      "acetonitrile", "tetrahydrofuran", "toluene"};
  w->fluid = (fluid)below(w, 6);
  if (w->m->is_batch && w->fluid == FEED_SOLVENT) w->fluid = NUMBERS; /* it has no feed */
  if (w->m->is_batch && w->fluid == MIXTURE) w->fluid = CONSTANT;
  w->solvent = names[below(w, 6)];
  w->m->has_temperature = w->fluid != NONE || chance(w, 0.5);
  w->heats = w->fluid != NONE && chance(w, 0.6);
}

static void write_fluid(writer *w)
{
  if (w->fluid == NUMBERS) {
    const double cp = uniform(w, 1500.0, 4500.0), density = uniform(w, 700.0, 1300.0);
    put(w, "solvent: {density: %.4g kg/m^3, heat_capacity: %.4g J/kg/K}\n", density, cp);
  } else if (w->fluid == CONSTANT) put(w, "solvent: %s\n", w->solvent);
  else if (w->fluid == BY_TEMPERATURE) put(w, "solvent: {name: %s, density: temperature}\n", w->solvent);
  else if (w->fluid == MIXTURE) put(w, "solvent: {name: %s, density: ideal-mixture}\n", w->solvent);
}

static double temperature(writer *w) { return w->fluid == NONE ? w->T : uniform(w, 5.0, 95.0); }

static void write_temperature(writer *w)
{
  if (w->m->has_temperature) put(w, ", temperature: %.4g degC", temperature(w));
}

/* --- feeds --- */

static void write_amounts(writer *w, const char *key, int n, const int *species, double low, double high,
                          const char *unit)
{
  put(w, ", %s: {", key);
  for (int k = 0; k < n; k++)
    put(w, "%s%s: %.5g%s", k ? ", " : "", random_species(species[k]), uniform(w, low, high), unit);
  put(w, "}");
}

/* Different species, one to three. */
static int choose_species(writer *w, int species[3])
{
  const int most = w->m->n_species < 3 ? w->m->n_species : 3, want = 1 + below(w, most);
  int n = 0;
  while (n < want) {
    const int i = below(w, w->m->n_species < 5 ? w->m->n_species : 5);
    bool known = false;
    for (int k = 0; k < n; k++) known = known || species[k] == i;
    if (!known) species[n++] = i;
  }
  return n;
}

static void write_flow(writer *w)
{
  if (w->fluid != NONE && chance(w, 0.25)) put(w, "flow: %.4g g/min", decades(w, -1.0, 1.0));
  else put(w, "flow: %.4g mL/min", decades(w, -1.0, 1.0));
}

/* first: of f0, the species that others count equivalents on. */
static void write_feed(writer *w, int i, int *first)
{
  int species[3];
  const int n = choose_species(w, species);
  const bool mixed = w->fluid == MIXTURE || w->fluid == FEED_SOLVENT;
  const int form = i > 0 && chance(w, 0.25) ? 4 : w->fluid == NONE ? 0 : below(w, mixed ? 3 : 4);
  const bool overfull =
    mixed && chance(w, 0.003); /* what is dissolved takes more than the whole: to be refused */
  const double low = overfull ? 150.0 : 0.0, high = overfull ? 200.0 : mixed ? 0.4 : 1.0;
  put(w, "  f%d: {", i);
  if (form == 4) {                  /* equivalents of the first species of f0, a species alone */
    if (!mixed && chance(w, 0.5)) { /* its concentration follows; in a mixture it might be more than fits */
      put(w, "flow: 10 mL/min, equivalents: {of: f0/%s, %s: %.4g}", random_species(*first),
          random_species(species[0]), uniform(w, 0.2, 1.0));
    } else {
      put(w, "concentration: {%s: %.4g mol/L}", random_species(species[0]), uniform(w, low + 0.1, high));
      put(w, ", equivalents: {of: f0/%s, %s: %.4g}", random_species(*first), random_species(species[0]),
          uniform(w, 0.2, 3.0));
    }
  } else if (form == 3) {
    put(w, "molar_flow: {%s: %.4g mmol/min}", random_species(species[0]), decades(w, 0.0, 2.0));
  } else {
    write_flow(w);
    if (form == 2) write_amounts(w, "mass_fraction", n, species, 0.0, 0.15, "");
    else if (i == 0 || overfull || chance(w, 0.95))
      write_amounts(w, "concentration", n, species, low, overfull || chance(w, 0.9) ? high : 1e-4, " mol/L");
  }
  for (int k = 0; k < n && overfull; k++) /* of form 4 only the first stands there */
    w->m->is_overfull =
      w->m->is_overfull || (form != 2 && form != 3 && (form != 4 || k == 0) && w->has_density[species[k]]);
  if (w->fluid == FEED_SOLVENT) put(w, ", solvent: %s", w->solvent);
  write_temperature(w);
  put(w, "}\n");
  if (i == 0) *first = species[0];
}

static void add_stream(writer *w, int unit, int port, const char *name)
{
  const int k = w->n_streams++;
  snprintf(w->streams[k], sizeof w->streams[k], "%s", name);
  w->stream_unit[k] = unit;
  w->stream_port[k] = port;
}

static void write_feeds(writer *w)
{
  char name[24];
  int first = 0;
  w->n_feeds = 1 + below(w, 4);
  put(w, "feeds:\n");
  for (int i = 0; i < w->n_feeds; i++) {
    write_feed(w, i, &first);
    snprintf(name, sizeof name, "f%d", i);
    add_stream(w, -1, 0, name);
  }
}

/* --- units --- */

static void write_heat_option(writer *w, bool tube)
{
  const int option = below(w, w->heats ? 4 : 2);
  if (option == 1) write_temperature(w);
  else if (option == 2) put(w, ", heat: adiabatic");
  else if (option == 3) {
    const double U = decades(w, 1.0, 3.5), T = temperature(w);
    put(w, ", heat: {jacket: {temperature: %.4g degC, U: %.4g W/m^2/K", T, U);
    if (!tube || chance(w, 0.5)) put(w, ", area: %.4g cm^2", decades(w, 0.0, 3.0));
    put(w, "}}");
  }
}

static void take_stream(writer *w, int k)
{
  const int last = --w->n_streams;
  put(w, "%s", w->streams[k]);
  memmove(w->streams[k], w->streams[last], sizeof w->streams[k]);
  w->stream_unit[k] = w->stream_unit[last];
  w->stream_port[k] = w->stream_port[last];
}

static void write_inlets(writer *w, int most)
{
  const int n = w->n_streams < most ? w->n_streams : most;
  put(w, ", in: [");
  for (int k = 0; k < n; k++) {
    if (k) put(w, ", ");
    take_stream(w, below(w, w->n_streams));
  }
  put(w, "]");
}

static void write_until(writer *w, double time)
{
  if (chance(w, 0.15)) {
    const double percent = uniform(w, 1.0, 99.9);
    put(w, ", until: conversion/%s >= %.4g %%", any_species(w), percent);
  } else if (chance(w, 0.1)) {
    const double c = uniform(w, 0.0, 0.3);
    put(w, ", until: \"c/%s <= %.4g mol/L\"", any_species(w), c);
  }
  if (!chance(w, 0.2)) return;
  const double late = uniform(w, 0.9, 0.99), middle = uniform(w, 0.5, 0.9), early = uniform(w, 0.0, 0.5);
  put(w, ", at: [%.4g s, %.4g s, %.4g s]", early * time, middle * time, late * time);
}

static bool flow_varies(const writer *w)
{
  return w->fluid == MIXTURE || w->fluid == FEED_SOLVENT || (w->fluid == BY_TEMPERATURE && w->heats);
}

/* Every third tube, where the volume flow stays the same along it. */
static bool is_dispersed(writer *w) { return uniform_aside(w, 0.0, 1.0) < 1.0 / 3.0 && !flow_varies(w); }

/* Every eighth tube or tank, where the volume flow stays the same. */
static bool is_mixed(writer *w)
{
  const uint64_t before = w->aside;
  w->aside = ~before * 0x9E3779B97F4A7C15u; /* a series beside the others, which stay what they were */
  const bool mixed = uniform_aside(w, 0.0, 1.0) < 1.0 / 8.0;
  if (!mixed || flow_varies(w)) w->aside = before;
  return mixed && !flow_varies(w);
}

/* What is written from here on is dropped. */
static void drop(writer *w, size_t from) { w->m->text[w->n = from] = '\0'; }

/* A distribution whose mean is V/Q, but of the last, in parts of the train's time. */
static void write_rtd(writer *w)
{
  const double a = uniform_aside(w, 0.0, 1.0), b = uniform_aside(w, 0.0, 1.0);
  const int row = (int)uniform_aside(w, 0.0, 6.0);
  put(w, ", rtd: ");
  if (row == 0) put(w, "{model: tanks, n: %.4g}", pow(10.0, 1.8 * a - 0.3));
  else if (row == 1) put(w, "{model: dispersion, peclet: %.4g}", pow(10.0, 5.0 * a - 2.0));
  else if (row == 2) put(w, "{model: tank-exchange, stagnant: %.4g, exchange: %.4g}", 0.4 * a, 0.1 + 3.0 * b);
  else if (row == 3) put(w, "{model: compartment, dead: %.4g, bypass: %.4g}", 0.3 * a, 0.2 * b);
  else if (row == 4) put(w, "{model: laminar}");
  else
    put(w, "{series: [{model: plug, mean: %.4g s}, {model: tanks, mean: %.4g s, n: 2}]}", a * w->tau,
        (0.1 + b) * w->tau);
}

static void write_mixing(writer *w, bool own)
{
  const double way = uniform_aside(w, 0.0, 3.0), time = uniform_aside(w, -2.0, 1.0);
  if (!own) write_rtd(w);
  if (way < 1.0) put(w, ", mixing: segregated");
  else if (way < 2.0) put(w, ", mixing: maximum");
  else put(w, ", mixing: {exchange: %.4g s}", pow(10.0, time) * w->tau);
}

/* Pe from that of a tank to that of plug flow; a quarter of the tubes whose diameter is known have theirs from a relation. */
static void write_dispersion(writer *w, bool has_diameter, bool mixed)
{
  const double Pe = pow(10.0, uniform_aside(w, -2.0, 4.0)), law = uniform_aside(w, 0.0, 8.0);
  const bool by_law = has_diameter && w->fluid != NONE;
  if (by_law && law < 1.0)
    put(w, ", tube: straight, diffusivity: %.4g m^2/s, viscosity: 1 mPa s", 1e-8 / (1.0 + Pe));
  else if (by_law && law < 2.0)
    put(w, ", tube: packed, particle_diameter: 0.1 mm, void_fraction: %.4g, viscosity: 1 mPa s",
        0.3 + 0.1 * law);
  else put(w, ", peclet: %.4g", Pe);
  if (uniform_aside(w, 0.0, 1.0) < 0.2 && !mixed) put(w, ", ends: open");
}

static void write_tube(writer *w, bool dispersed, bool mixed)
{
  const double time = decades(w, -1.0, 1.0) * w->tau;
  bool has_diameter = true;
  const int size = below(w, 3);
  if (size == 0) {
    const double diameter = uniform(w, 0.5, 5.0), volume = decades(w, -1.0, 1.7);
    put(w, ", volume: %.4g mL, diameter: %.4g mm", volume, diameter);
    const size_t before = w->n;
    if (chance(w, 0.2)) put(w, ", at: [%.4g mL, %.4g mL]", 0.1 * volume, 0.7 * volume);
    if (mixed) drop(w, before);
  } else if (size == 1) {
    const double diameter = uniform(w, 0.5, 3.0), length = decades(w, -1.0, 1.5);
    put(w, ", length: %.4g m, diameter: %.4g mm", length, diameter);
    const size_t before = w->n;
    if (chance(w, 0.2)) put(w, ", at: [%.4g m, %.4g m]", 0.1 * length, 0.7 * length);
    if (mixed) drop(w, before);
  } else {
    has_diameter = chance(w, 0.6);
    put(w, ", residence_time: %.5g s", time);
    if (has_diameter) put(w, ", diameter: %.4g mm", uniform(w, 0.5, 5.0));
    const size_t before = w->n;
    write_until(w, time);
    if (dispersed || mixed) drop(w, before);
  }
  if (dispersed) write_dispersion(w, has_diameter, mixed);
  write_heat_option(w, has_diameter);
}

static void write_start(writer *w)
{
  put(w, ", start: {");
  if (w->m->has_temperature) put(w, "temperature: %.4g degC, ", uniform(w, 0.0, 200.0));
  const double c = uniform(w, 0.0, 1.0);
  put(w, "concentration: {%s: %.4g mol/L}}", any_species(w), c);
}

static bool is_cascade(writer *w) { return uniform_aside(w, 0.0, 1.0) < 0.3; }

/* Up to eight tanks that share what a single one would have. */
static void write_cascade(writer *w) { put(w, ", n: %d", 1 + (int)uniform_aside(w, 0.0, 8.0)); }

static void write_tank(writer *w, bool mixed)
{
  if (chance(w, 0.5)) put(w, ", volume: %.4g mL", decades(w, -1.0, 1.7));
  else put(w, ", residence_time: %.5g s", decades(w, -1.0, 1.0) * w->tau);
  write_heat_option(w, false);
  const size_t before = w->n;
  if (chance(w, 0.15)) write_start(w);
  if (mixed) drop(w, before);
}

static void write_outlets(writer *w, int u)
{
  const double a = uniform(w, 0.0, 0.6);
  const bool three = chance(w, 0.2);
  put(w, ", outlets: {a: %.4g, b: rest", a);
  if (three) put(w, ", c: %.4g", uniform(w, 0.01, 0.35));
  put(w, "}");
  w->m->n_ports[u] = three ? 3 : 2;
}

static void write_unit(writer *w, int u)
{
  static const char *const types[] = {"pfr", "cstr", "mixer", "splitter"};
  const int dice = below(w, 10), type = w->n_streams > 3 ? 2 : dice < 4 ? 0 : dice < 8 ? 1 : dice < 9 ? 2 : 3;
  const bool dispersed = type == 0 && is_dispersed(w), cascade = type == 1 && is_cascade(w);
  const bool mixed = type < 2 && !cascade && is_mixed(w);
  const bool laminar = mixed && type == 0 && !dispersed && uniform_aside(w, 0.0, 1.0) < 0.4;
  put(w, "  u%d: {type: %s%s", u,
      cascade   ? "tanks"
      : laminar ? "laminar"
                : types[type],
      dispersed ? "-dispersed" : "");
  write_inlets(w, type == 2 ? 4 : 1 + below(w, 2));
  w->m->n_ports[u] = 1;
  if (type == 0) write_tube(w, dispersed, mixed);
  else if (type == 1) write_tank(w, mixed);
  if (cascade) write_cascade(w);
  if (mixed) write_mixing(w, laminar || dispersed || (type == 1 && uniform_aside(w, 0.0, 1.0) < 0.3));
  w->m->is_mixed[u] = mixed;
  if (type == 2 && w->m->has_temperature && w->heats && chance(w, 0.2)) write_temperature(w);
  else if (type == 3) write_outlets(w, u);
  put(w, "}\n");
  for (int k = 0; k < w->m->n_ports[u]; k++) {
    char name[24];
    if (type == 3) snprintf(name, sizeof name, "u%d/%c", u, 'a' + k);
    else snprintf(name, sizeof name, "u%d", u);
    add_stream(w, u, k, name);
  }
}

static void write_train(writer *w)
{
  const int n = chance(w, 0.4) ? 1 + below(w, 3) : 1 + below(w, MOST_UNITS - 2);
  const char *outlet = NULL;
  write_feeds(w);
  put(w, "units:\n");
  while (w->m->n_units < MOST_UNITS) {
    bool waiting = w->m->n_units < n;
    for (int k = 0; k < w->n_streams; k++)
      waiting = waiting || w->stream_unit[k] < 0; /* a feed that nothing takes */
    if (!waiting) break;
    write_unit(w, w->m->n_units++);
  }
  for (int k = 0; k < w->n_streams; k++) {
    if (w->stream_unit[k] < 0) continue;
    w->m->is_end[w->stream_unit[k]][w->stream_port[k]] = true;
    outlet = w->streams[k];
  }
  if (w->n_streams > 1 && outlet) put(w, "outlet: %s\n", outlet);
}

static void write_batch(writer *w)
{
  int species[3];
  const double time = decades(w, -1.0, 1.0) * w->tau;
  const int n = choose_species(w, species);
  put(w, "units:\n  u0: {type: batch, time: %.5g s, charge: {volume: %.4g L", time, decades(w, -3.0, 1.0));
  write_temperature(w);
  write_amounts(w, "concentration", n, species, 0.0, 1.0, " mol/L");
  put(w, "}");
  write_until(w, time);
  write_heat_option(w, false);
  put(w, "}\n");
  w->m->n_units = w->m->n_ports[0] = 1;
  w->m->is_end[0][0] = true;
}

void random_model_write(random_model *m, uint64_t seed, uint64_t index)
{
  writer w = {.m = m, .state = seed * 0xD1B54A32D192ED03u + index};
  sides all[MOST_REACTIONS];
  memset(m, 0, sizeof *m);
  w.state = next(&w); /* series of near seeds have nothing in common */
  w.aside = ~w.state;
  m->is_batch = chance(&w, 0.12);
  m->has_formulas = chance(&w, 0.6);
  w.T = uniform(&w, 10.0, 90.0);
  w.T_ref = uniform(&w, 20.0, 80.0);
  w.tau = decades(&w, 0.5, 3.5);
  choose_fluid(&w);
  choose_network(&w, all);
  put(&w, "tautrain: 1\ntitle: random model %llu of seed %llu\n", (unsigned long long)index,
      (unsigned long long)seed);
  write_fluid(&w);
  write_species(&w);
  write_network(&w, all);
  if (m->is_batch) write_batch(&w);
  else write_train(&w);
  if (chance(&w, 0.1)) put(&w, "solver: {rtol: %.0e, max_steps: 200000}\n", decades(&w, -11.0, -8.0));
  if (chance(&w, 0.1)) put(&w, "pressure: %.3g bar\n", uniform(&w, 1.0, 20.0));
  if (m->n_species > 1 && chance(&w, 0.7)) put(&w, "key: {reactant: A, product: B}\n");
}

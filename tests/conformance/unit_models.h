/* SPDX-License-Identifier: Apache-2.0 */
/* unit_models.h - a model around every row of the table of units: each heat option, each density, each way
 * to give the size; and around each way to run a unit in its distribution of residence times.
 *
 * A + B -> C and C <=> D, with formulas that balance and numbers that are illustrative. */
#ifndef UNIT_MODELS_H
#define UNIT_MODELS_H

#include "support/sanitized.h"
#include "support/small_run.h"

#include "reactor/unit.h"

typedef struct unit_case {
  const taup_unit_kind *kind;
  taup_heat heat;
  int density;     /* of density_modes */
  int alternative; /* field that gives the size, behind the last a list of volumes; -1: the kind has none */
  taup_mixing mixing;
  const char *extra; /* lines of the unit; NULL */
  char name[120];
  char model[4096];
} unit_case;

static const char *const density_modes[] = {"constant", "temperature", "ideal-mixture"};
static const char *const heat_names[] = {"as-it-comes", "set", "adiabatic", "jacket"};
enum { N_DENSITY_MODES = 3, N_HEATS = 4 };

static const char case_head[] = "tautrain: 1\n"
                                "evidence: illustrative\n"
                                "species:\n"
                                "  A: {formula: C2H4, density: 800 kg/m^3, heat_capacity: 2000 J/kg/K}\n"
                                "  B: {formula: H2O, density: 990 kg/m^3, heat_capacity: 4100 J/kg/K}\n"
                                "  C: {formula: C2H6O, density: 900 kg/m^3, heat_capacity: 2500 J/kg/K}\n"
                                "  D: {formula: C2H6O, density: 850 kg/m^3, heat_capacity: 2300 J/kg/K}\n"
                                "reactions:\n"
                                "  r: {equation: A + B -> C, k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 300 "
                                "K, Ea: 40 kJ/mol}}, heat: -30 kJ/mol}\n"
                                "  s: {equation: C <=> D, k: 0.01 1/s, K: {van-t-hoff: {K_ref: 2, T_ref: 300 "
                                "K, dH: 5 kJ/mol}}, heat: 5 kJ/mol}\n"
                                "solver: {rtol: 1e-12}\n";

static const char case_feeds[] = "feeds:\n"
                                 "  f: {flow: 1 mL/min, temperature: 290 K, concentration: {A: 2 mol/L}}\n"
                                 "  g: {flow: 2 mL/min, temperature: 310 K, concentration: {B: 1.5 mol/L}}\n";

/* A value inside the bounds of a field, of a size that suits 3 mL/min. */
static inline double field_value(const taup_field *f)
{
  double x = isnan(f->value) ? 3.0 : f->value;
  if (taup_dim_equal(f->dim, TAUP_DIM_VOLUME)) x = 5e-6;
  else if (taup_dim_equal(f->dim, TAUP_DIM_TIME)) x = 120.0;
  else if (taup_dim_equal(f->dim, TAUP_DIM_LENGTH)) x = f->flags & TAUP_FIELD_ALTERNATIVE ? 3.0 : 1.5e-3;
  else if (taup_dim_equal(f->dim, TAUP_DIM_TEMPERATURE)) x = 330.0;
  else if (taup_dim_equal(f->dim, TAUP_DIM(2, 0, -1, 0, 0))) x = 0.01; /* Pe of some 10 */
  if (x < f->lower || (f->flags & TAUP_FIELD_POSITIVE && x <= f->lower))
    x = isfinite(f->upper) ? 0.5 * (f->lower + f->upper) : f->lower + 1.0;
  return fmin(x, f->upper);
}

static inline void put_line(unit_case *k, const char *format, ...)
{
  const size_t at = strlen(k->model), room = sizeof k->model - at;
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(k->model + at, room, format, args);
  va_end(args);
  assert_true(n >= 0 && (size_t)n < room);
}

/* Of a second group of alternatives the first stands in the model; the last where the size is the last of its own. */
static inline int second_alternative(const unit_case *k)
{
  int first = -1, last = -1, last_size = -1;
  for (int i = 0; i < k->kind->n_fields; i++) {
    const int flags = k->kind->fields[i].flags;
    if (flags & TAUP_FIELD_ALTERNATIVE) last_size = i;
    if (!(flags & TAUP_FIELD_ALTERNATIVE_2)) continue;
    if (first < 0) first = i;
    last = i;
  }
  return k->alternative == last_size ? last : first;
}

/* What a kind says that it does not do yet. */
static inline bool is_refused(const taup_unit_kind *kind, taup_heat heat, int density)
{
  const bool varies = heat == TAUP_HEAT_ADIABATIC || heat == TAUP_HEAT_JACKET;
  return (kind->transport == TAUP_DISPERSED || kind->mixing) && (density == 2 || (density == 1 && varies));
}

/* Where a relation may stand for the second alternative it does in the tubes whose size is a residence time: laminar, Pe of some 85. */
static inline bool put_relation(unit_case *k)
{
  if (!(k->kind->flags & TAUP_UNIT_RELATION) || k->alternative < 0 ||
      !taup_dim_equal(k->kind->fields[k->alternative].dim, TAUP_DIM_TIME))
    return false;
  put_line(k, "    tube: straight\n    diffusivity: 1e-8 m^2/s\n    viscosity: 1 mPa s\n");
  return true;
}

static inline void put_unit(unit_case *k)
{
  const bool closed = k->kind->family == TAUP_CLOSED;
  char unit[32];
  put_line(k, "units:\n  u:\n    type: %s\n", k->kind->name);
  if (k->kind->flags & TAUP_UNIT_CHARGE)
    put_line(k, "    charge: {volume: 1 L, temperature: 300 K, concentration: {A: 1 mol/L, B: 1.5 mol/L}}\n");
  else put_line(k, "    in: [f, g]\n");
  if (k->kind->flags & TAUP_UNIT_OUTLETS) put_line(k, "    outlets: {a: 0.3, b: rest}\n");
  const bool relation = put_relation(k);
  const bool listed = k->alternative == k->kind->n_fields && k->alternative > 0;
  if (listed) put_line(k, "    volumes: [1 mL, 4 mL, 2 mL]\n");
  for (int i = 0; i < k->kind->n_fields && !listed; i++) {
    const taup_field *f = &k->kind->fields[i];
    if (f->flags & TAUP_FIELD_RELATION) continue;
    if (f->flags & TAUP_FIELD_ALTERNATIVE && i != k->alternative) continue;
    if (f->flags & TAUP_FIELD_ALTERNATIVE_2 && (relation || i != second_alternative(k))) continue;
    put_line(k, "    %s: %.17g %s\n", f->name, field_value(f), taup_dim_text(unit, sizeof unit, f->dim));
  }
  if (k->extra) put_line(k, "    %s\n", k->extra);
  if (k->heat == TAUP_HEAT_SET) put_line(k, "    temperature: 330 K\n");
  if (k->heat == TAUP_HEAT_ADIABATIC) put_line(k, "    heat: adiabatic\n");
  if (k->heat == TAUP_HEAT_JACKET)
    put_line(k, "    heat: {jacket: {temperature: 320 K, U: 200 W/m^2/K, area: %s}}\n",
             closed ? "0.03 m^2" : "3 cm^2");
}

/* The model with other feeds (NULL: those above) and reactions left as they are. */
static inline void write_case(unit_case *k, const char *feeds)
{
  k->model[0] = '\0';
  put_line(k, "%s", case_head);
  put_line(k, "solvent: {name: ethanol, density: %s}\n", density_modes[k->density]);
  if (!(k->kind->flags & TAUP_UNIT_CHARGE)) put_line(k, "%s", feeds ? feeds : case_feeds);
  put_unit(k);
  if (k->kind->flags & TAUP_UNIT_OUTLETS) put_line(k, "outlet: u/a\n");
}

/* Ways to run a unit in its distribution. */
typedef struct mixed_case {
  const char *kind;
  taup_mixing mixing;
  const char *extra;
} mixed_case;

static inline int mixed_cases(unit_case *out, int most)
{
  static const mixed_case rows[] = {
    {"cstr", TAUP_SEGREGATED, "mixing: segregated"},
    {"pfr-dispersed", TAUP_SEGREGATED, "mixing: segregated"},
    {"pfr", TAUP_SEGREGATED,
     "rtd: {series: [{model: plug, mean: 20 s}, {model: tanks, mean: 80 s, n: 3}]}\n    mixing: segregated"},
    {"cstr", TAUP_MAXIMUM, "rtd: {model: tanks, n: 2.5}\n    mixing: maximum"},
    {"laminar", TAUP_MAXIMUM, "mixing: maximum"},
    {"pfr", TAUP_MAXIMUM, "rtd: {model: tank-exchange, stagnant: 0.4, exchange: 1}\n    mixing: maximum"},
    {"cstr", TAUP_EXCHANGE, "rtd: {model: tanks, n: 2}\n    mixing: {exchange: 20 s}"},
  };
  int n = 0;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (int heat = 0; heat < N_HEATS; heat++) {
      const taup_unit_kind *kind = NULL;
      for (int j = 0; j < taup_n_unit_kinds; j++)
        if (strcmp(taup_unit_kinds[j]->name, rows[i].kind) == 0) kind = taup_unit_kinds[j];
      if (n == most || !kind) abort();
      unit_case *k = &out[n++];
      *k =
        (unit_case){.kind = kind, .heat = (taup_heat)heat, .mixing = rows[i].mixing, .extra = rows[i].extra};
      snprintf(k->name, sizeof k->name, "%s_%s_%d_mixed", kind->name, heat_names[heat], (int)i);
      write_case(k, NULL);
    }
  return n;
}

/* All cases, written; returns how many. A junction has no wall, and a splitter changes nothing. */
static inline int every_case(unit_case *out, int most)
{
  int n = 0;
  for (int i = 0; i < taup_n_unit_kinds; i++)
    for (int heat = 0; heat < N_HEATS; heat++)
      for (int density = 0; density < N_DENSITY_MODES; density++) {
        const taup_unit_kind *kind = taup_unit_kinds[i];
        int n_sizes = 0;
        if (is_refused(kind, (taup_heat)heat, density)) continue;
        if (kind->family == TAUP_JUNCTION &&
            (heat >= TAUP_HEAT_ADIABATIC || (kind->flags & TAUP_UNIT_OUTLETS && heat)))
          continue;
        const int n_ways = kind->n_fields + (kind->flags & TAUP_UNIT_VOLUMES ? 1 : 0);
        for (int f = -1; f < n_ways; f++) {
          if (f >= kind->n_fields ? false
              : f >= 0            ? !(kind->fields[f].flags & TAUP_FIELD_ALTERNATIVE)
                                  : kind->n_fields > 0 && kind->fields[0].flags & TAUP_FIELD_ALTERNATIVE)
            continue;
          if (n == most) abort();
          unit_case *k = &out[n++];
          *k = (unit_case){.kind = kind,
                           .heat = (taup_heat)heat,
                           .density = density,
                           .alternative = f,
                           .mixing = kind->mixing};
          snprintf(k->name, sizeof k->name, "%s_%s_%s%s%s", kind->name, heat_names[heat],
                   density_modes[density], f >= 0 ? "_by_" : "",
                   f < 0                ? ""
                   : f < kind->n_fields ? kind->fields[f].name
                                        : "volumes");
          write_case(k, NULL);
          n_sizes++;
        }
        if (!n_sizes) abort();
      }
  return n + mixed_cases(out + n, most - n);
}

/* All of them; every third where a sanitizer watches. */
static inline int all_cases(unit_case *out, int most)
{
  enum { STEP = SANITIZED ? 3 : 1 };
  const int n = every_case(out, most);
  int kept = 0;
  for (int i = 0; i < n; i += STEP) out[kept++] = out[i];
  return kept;
}

#endif

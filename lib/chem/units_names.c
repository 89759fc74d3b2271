/* SPDX-License-Identifier: Apache-2.0 */
/* units_names.c - what one unit name means: first a chemist's names, then refusals, then UDUNITS-2.
 *
 * UDUNITS reads more names than a chemist writes: "gal" is an acceleration, "Min" a million inches, "pa"
 * a square micrometre. So prefixes are accepted only in front of the units that take them in chemistry,
 * and names with two readings are refused with what to write.
 *
 * Invariant: `units_system` is set, read and used only under `lock`. It is never freed while the process
 * lives, but when a new database replaces it; UDUNITS keeps its own memory. */
#include "chem/units_names.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <udunits2.h>

#include "base/status.h"
#include "base/text.h"
#include "chem/echo.h"

/* --- a chemist's names --- */

typedef struct chemist_unit {
  const char *name;
  const char *prefixes; /* letters of prefixes that it takes; micro is 'u' here */
  double factor, offset;
  taup_dim dim;
} chemist_unit;

#define ENERGY TAUP_INIT(2, 1, -2, 0, 0)

static const chemist_unit chemist[] = {
  {"M", "munpf", 1e3, 0, TAUP_INIT_CONCENTRATION},
  {"L", "cdmunpfk", 1e-3, 0, TAUP_INIT_VOLUME},
  {"l", "cdmunpfk", 1e-3, 0, TAUP_INIT_VOLUME},
  {"cal", "kM", 4.184, 0, ENERGY}, /* thermochemical; UDUNITS has the international 4.1868 */
  {"calorie", "", 4.184, 0, ENERGY},
  {"calories", "", 4.184, 0, ENERGY},
  {"kilocalorie", "", 4184.0, 0, ENERGY},
  {"kilocalories", "", 4184.0, 0, ENERGY},
  {"Wh", "kM", 3600.0, 0, ENERGY},
  {"torr", "m", 101325.0 / 760.0, 0, TAUP_INIT_PRESSURE},
  {"Torr", "m", 101325.0 / 760.0, 0, TAUP_INIT_PRESSURE},
  {"cP", "", 1e-3, 0, TAUP_INIT(-1, 1, -1, 0, 0)},
  {"equiv", "", 1.0, 0, TAUP_INIT_NONE},
  {"eq", "", 1.0, 0, TAUP_INIT_NONE},
  {"%", "", 0.01, 0, TAUP_INIT_NONE},
  {"wt%", "", 0.01, 0, TAUP_INIT_NONE},
  {"vol%", "", 0.01, 0, TAUP_INIT_NONE},
  {"mol%", "", 0.01, 0, TAUP_INIT_NONE},
  {"ppm", "", 1e-6, 0, TAUP_INIT_NONE},
  {"degC", "", 1.0, 273.15, TAUP_INIT_TEMPERATURE},
  {"\u00b0C", "", 1.0, 273.15, TAUP_INIT_TEMPERATURE},
  {"\u2103", "", 1.0, 273.15, TAUP_INIT_TEMPERATURE},
  {"celsius", "", 1.0, 273.15, TAUP_INIT_TEMPERATURE},
  {"Celsius", "", 1.0, 273.15, TAUP_INIT_TEMPERATURE},
  {"degF", "", 5.0 / 9.0, 459.67 * 5.0 / 9.0, TAUP_INIT_TEMPERATURE},
  {"\u00b0F", "", 5.0 / 9.0, 459.67 * 5.0 / 9.0, TAUP_INIT_TEMPERATURE},
  {"\u2109", "", 5.0 / 9.0, 459.67 * 5.0 / 9.0, TAUP_INIT_TEMPERATURE},
  {"fahrenheit", "", 5.0 / 9.0, 459.67 * 5.0 / 9.0, TAUP_INIT_TEMPERATURE},
  {"Fahrenheit", "", 5.0 / 9.0, 459.67 * 5.0 / 9.0, TAUP_INIT_TEMPERATURE},
  {"degR", "", 5.0 / 9.0, 0, TAUP_INIT_TEMPERATURE},
  {"\u00b0R", "", 5.0 / 9.0, 0, TAUP_INIT_TEMPERATURE},
  {"rankine", "", 5.0 / 9.0, 0, TAUP_INIT_TEMPERATURE},
};

static const struct {
  const char *symbol;
  char letter;
  double factor;
} prefixes[] = {
  {"da", 'D', 1e1},  {"Y", 'Y', 1e24},  {"Z", 'Z', 1e21},  {"E", 'E', 1e18},      {"P", 'P', 1e15},
  {"T", 'T', 1e12},  {"G", 'G', 1e9},   {"M", 'M', 1e6},   {"k", 'k', 1e3},       {"h", 'h', 1e2},
  {"d", 'd', 1e-1},  {"c", 'c', 1e-2},  {"m", 'm', 1e-3},  {"\u00b5", 'u', 1e-6}, {"\u03bc", 'u', 1e-6},
  {"u", 'u', 1e-6},  {"n", 'n', 1e-9},  {"p", 'p', 1e-12}, {"f", 'f', 1e-15},     {"a", 'a', 1e-18},
  {"z", 'z', 1e-21}, {"y", 'y', 1e-24},
};

enum { N_CHEMIST = sizeof chemist / sizeof chemist[0], N_PREFIXES = sizeof prefixes / sizeof prefixes[0] };

/* --- names with two readings --- */

static const struct {
  const char *name, *hint;
} refused[] = {
  {"gal", "a gallon or a Galileo? write US_liquid_gallon, UK_liquid_gallon or cm/s^2"},
  {"gallon", "of which country? write US_liquid_gallon or UK_liquid_gallon"},
  {"gallons", "of which country? write US_liquid_gallon or UK_liquid_gallon"},
  {"quart", "of which country? write US_liquid_quart or UK_liquid_quart"},
  {"pint", "of which country? write US_liquid_pint or UK_liquid_pint"},
  {"pt", "a pint? write US_liquid_pint or UK_liquid_pint"},
  {"cup", "write mL"},
  {"calorie", "write cal (4.184 J) or kcal"},
  {"calories", "write cal (4.184 J) or kcal"},
  {"oz", "of mass or of volume? write avoirdupois_ounce or US_fluid_ounce"},
  {"ounce", "of mass or of volume? write avoirdupois_ounce or US_fluid_ounce"},
  {"ton", "which one? write t (1000 kg), short_ton or long_ton"},
  {"tons", "which one? write t (1000 kg), short_ton or long_ton"},
  {"gr", "gram or grain? write g or grain"},
  {"u", "write g/mol for a molar mass, kg for a mass"},
  {"amu", "write g/mol for a molar mass, kg for a mass"},
  {"Da", "write g/mol"},
  {"kDa", "write kg/mol"},
  {"a", "an are or a year? write m^2 or year"},
  {"b", "barn or bar? write bar"},
  {"B", "write bar, or 1 for a number"},
  {"mb", "write mbar"},
  {"at", "the technical atmosphere? write atm, or technical_atmosphere"},
  {"C", "coulomb or degree Celsius? write degC, or coulomb"},
  {"F", "farad or degree Fahrenheit? write degF, or farad"},
  {"R", "roentgen, degree Rankine or the gas constant? write degR, or 8.314 J/mol/K"},
  {"H", "henry or hour? write h, or henry"},
  {"S", "siemens or second? write s, or siemens"},
  {"e", "write the power of ten within the number, as in 1e-3"},
  {"E", "write the power of ten within the number, as in 1e-3"},
  {"kt", "knot or kilotonne? write 1000 t, or knot"},
  {"nt", "write nit"},
  {"ph", "phot, or the number pH? a pH has no unit"},
  {"pH", "picohenry, or the number pH? a pH has no unit"},
  {"ppt", "per thousand or per 1e12? write it as a number"},
  {"rpm", "revolutions are no unit here; write 1/min"},
  {"rps", "revolutions are no unit here; write 1/s"},
  {"cps", "centipoise or cycles per second? write cP or Hz"},
  {"psig", "gauge pressure; add the pressure of the air and write psi"},
  {"psia", "write psi; pressures are absolute"},
  {"barg", "gauge pressure; add the pressure of the air and write bar"},
  {"bara", "write bar; pressures are absolute"},
  {"\u00b0", "write degC for a temperature, rad for an angle"},
  {"deg", "write degC for a temperature, rad for an angle"},
  {"degree", "write degC for a temperature, rad for an angle"},
  {"degrees", "write degC for a temperature, rad for an angle"},
  {"Min", "a million inches? write min"},
  {"ML", "a million litres? write mL, or m^3"},
  {"Ml", "a million litres? write mL, or m^3"},
  {"Mmol", "a million moles? write mmol"},
  {"MM", "write mM"},
  {"Mm", "a million metres? write mm"},
  {"Mg", "a million grams? write mg, or t"},
  {"Ms", "a million seconds? write ms"},
  {"Mbar", "a million bar? write mbar"},
  {"water", "a substance is no unit"},
  {"mercury", "a substance is no unit; write mmHg"},
  {"Hg", "a substance is no unit; write mmHg"},
  {"gravity", "write m/s^2"},
  {"force", "write N"},
  {"month", "of how many days? write day"},
  {"months", "of how many days? write day"},
  {"per", "write /"},
  {"wt", "write wt%"},
  {"vol", "write vol%"},
  {"sccm", "a standard volume is an amount; write mmol/min"},
  {"slpm", "a standard volume is an amount; write mmol/min"},
};

/* UDUNITS's symbols and names in front of which a prefix is read; names may have the s of a plural. */
static const char *const prefixed[] = {
  "m",     "g",     "s",    "A",      "K",     "mol",    "mole", "Pa",    "bar",   "J",      "W",
  "N",     "V",     "F",    "C",      "S",     "Hz",     "eV",   "St",    "kat",   "T",      "Wb",
  "cd",    "lm",    "lx",   "Bq",     "Gy",    "Ci",     "ohm",  "rad",   "liter", "litre",  "gram",
  "meter", "metre", "watt", "second", "joule", "pascal", "volt", "hertz", "poise", "\u03a9",
};
static const char *const prefix_names[] = {"kilo",  "milli", "micro", "nano", "pico",
                                           "centi", "deci",  "hecto", "mega", "giga"};

/* Offered after a slip of the fingers; the likelier first. */
static const char *const common[] = {
  "mL",   "L",    "mL/min", "min",   "s",   "h",    "mol",  "mmol", "umol", "kmol", "mol/L",  "M",      "mM",
  "g",    "kg",   "mg",     "kJ",    "J",   "kcal", "cal",  "W",    "kW",   "K",    "degC",   "degF",   "bar",
  "mbar", "psi",  "Pa",     "kPa",   "MPa", "atm",  "mmHg", "torr", "m",    "cm",   "mm",     "um",     "nm",
  "uL",   "hour", "day",    "equiv", "wt%", "vol%", "ppm",  "Hz",   "in",   "ft",   "second", "minute",
};

enum {
  N_REFUSED = sizeof refused / sizeof refused[0],
  N_PREFIXED = sizeof prefixed / sizeof prefixed[0],
  N_PREFIX_NAMES = sizeof prefix_names / sizeof prefix_names[0],
  N_COMMON = sizeof common / sizeof common[0]
};

/* --- numbers --- */

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;
static void make_c_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

/* Sets the thread's locale to C, or leaves it where there is none to be had; the result goes to
 * uselocale(). */
static locale_t enter_c_locale(void)
{
  pthread_once(&c_locale_once, make_c_locale);
  return uselocale(c_locale); /* (locale_t)0 only asks */
}

double taup_strtod(const char *text)
{
  const locale_t before = enter_c_locale();
  const double x = strtod(text, NULL);
  uselocale(before);
  return x;
}

/* --- UDUNITS --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ut_system *units_system;

/* A visit of a unit: the scales on the way are multiplied, the base units give the dimension. */
typedef struct reading {
  taup_unit_scale scale;
  bool linear;
} reading;

static bool add_base(taup_unit_scale *scale, const ut_unit *base, int power)
{
  static const char *const symbols[TAUP_N_BASE] = {"m", "kg", "s", "K", "mol", "A", "cd"};
  const char *symbol = ut_get_symbol(base, UT_ASCII);
  if (!symbol) return false;
  if (!strcmp(symbol, "rad")) return true; /* a number, as in the SI */
  for (int i = 0; i < TAUP_N_BASE; i++)
    if (!strcmp(symbol, symbols[i])) {
      scale->dim.exponent[i] += (float)power;
      return true;
    }
  return false;
}

static ut_status visit_basic(const ut_unit *unit, void *arg)
{
  reading *r = arg;
  r->linear &= add_base(&r->scale, unit, 1);
  return UT_SUCCESS;
}

static ut_status visit_product(const ut_unit *unit, int n, const ut_unit *const *bases, const int *powers,
                               void *arg)
{
  (void)unit;
  reading *r = arg;
  for (int i = 0; i < n; i++) r->linear &= add_base(&r->scale, bases[i], powers[i]);
  return UT_SUCCESS;
}

static ut_status visit_galilean(const ut_unit *unit, double scale, const ut_unit *under, double offset,
                                void *arg);

static ut_status visit_timestamp(const ut_unit *unit, const ut_unit *time, double origin, void *arg)
{
  (void)unit, (void)time, (void)origin;
  ((reading *)arg)->linear = false;
  return UT_SUCCESS;
}

static ut_status visit_log(const ut_unit *unit, double base, const ut_unit *reference, void *arg)
{
  (void)unit, (void)base, (void)reference;
  ((reading *)arg)->linear = false;
  return UT_SUCCESS;
}

static const ut_visitor visitor = {visit_basic, visit_product, visit_galilean, visit_timestamp, visit_log};

static ut_status visit_galilean(const ut_unit *unit, double scale, const ut_unit *under, double offset,
                                void *arg)
{
  (void)unit;
  reading *r = arg;
  r->scale.factor *= scale;
  if (offset != 0.0) r->linear = false; /* temperature scales are ours, above */
  return ut_accept_visitor(under, &visitor, arg);
}

/* UDUNITS multiplies its factors up, so a litre is 1 ulp more than 0.001: the decimal meant is taken
 * where it is that near. */
static double decimal(double factor)
{
  char digits[32];
  const locale_t before = enter_c_locale();
  snprintf(digits, sizeof digits, "%.14e", factor);
  const double rounded = strtod(digits, NULL);
  uselocale(before);
  return fabs(rounded - factor) <= 1e-15 * fabs(factor) ? rounded : factor;
}

static tau_status open_locked(const char *xml_path)
{
  const locale_t before = enter_c_locale(); /* the database writes numbers with a point */
  ut_error_message_handler handler = ut_set_error_message_handler(ut_ignore);
  ut_system *opened = ut_read_xml(xml_path);
  ut_set_error_message_handler(handler);
  uselocale(before);
  if (!opened)
    return taup_fail(TAUP_ERR_NO_UNITS_DATABASE,
                     "the units database of UDUNITS-2 cannot be read%s%s; give the path of udunits2.xml",
                     xml_path ? ": " : "", xml_path ? xml_path : "");
  ut_free_system(units_system);
  units_system = opened;
  return TAU_OK;
}

tau_status taup_unit_database_open(const char *xml_path)
{
  pthread_mutex_lock(&lock);
  const tau_status st = open_locked(xml_path);
  pthread_mutex_unlock(&lock);
  return st;
}

static void read_unit(const char *name, reading *r, bool *known)
{
  ut_error_message_handler handler = ut_set_error_message_handler(ut_ignore);
  ut_unit *unit = ut_parse(units_system, name, UT_UTF8);
  *known = unit != NULL;
  if (unit) ut_accept_visitor(unit, &visitor, r);
  ut_free(unit);
  ut_set_error_message_handler(handler);
}

static bool is_listed(const char *name)
{
  ut_unit *unit = ut_get_unit_by_name(units_system, name);
  if (!unit) unit = ut_get_unit_by_symbol(units_system, name);
  const bool found = unit != NULL;
  ut_free(unit);
  return found;
}

static bool is_prefixed(const char *name, const char *prefix)
{
  const size_t n_prefix = strlen(prefix);
  if (strncmp(name, prefix, n_prefix) != 0) return false;
  for (int k = 0; k < N_PREFIXED; k++) {
    const size_t n = strlen(prefixed[k]);
    if (strncmp(name + n_prefix, prefixed[k], n) != 0) continue;
    const char *end = name + n_prefix + n;
    if (!*end || (n > 3 && !strcmp(end, "s"))) return true;
  }
  return false;
}

static bool takes_prefix(const char *name)
{
  for (int p = 0; p < N_PREFIXES; p++)
    if (is_prefixed(name, prefixes[p].symbol)) return true;
  for (int p = 0; p < N_PREFIX_NAMES; p++)
    if (is_prefixed(name, prefix_names[p])) return true;
  return false;
}

/* --- one name --- */

static bool find_chemist(const char *name, taup_unit_scale *out)
{
  for (int k = 0; k < N_CHEMIST; k++) {
    const chemist_unit *u = &chemist[k];
    const size_t n_name = strlen(name), n = strlen(u->name);
    if (n_name < n || strcmp(name + n_name - n, u->name) != 0) continue;
    *out = (taup_unit_scale){u->factor, u->offset, u->dim};
    if (n_name == n) return true;
    for (int p = 0; p < N_PREFIXES; p++) {
      const size_t n_prefix = strlen(prefixes[p].symbol);
      if (n_prefix + n != n_name || strncmp(name, prefixes[p].symbol, n_prefix) != 0) continue;
      if (!strchr(u->prefixes, prefixes[p].letter)) continue;
      out->factor = decimal(u->factor * prefixes[p].factor);
      return true;
    }
  }
  return false;
}

static tau_status unknown(const char *name, const char *whole)
{
  char echo[TAUP_ECHO], name_echo[TAUP_ECHO], hint[64];
  taup_nearest search = {name, NULL, 0};
  for (int k = 0; k < N_COMMON && !search.best; k++)
    if (!strcasecmp(name, common[k])) search.best = common[k];
  const bool slip_of_case = search.best != NULL;
  for (int k = 0; k < N_COMMON && !slip_of_case && strlen(name) > 2; k++)
    taup_nearest_try(&search, common[k]);
  taup_nearest_hint(&search, hint, sizeof hint);
  taup_echo(name_echo, name, strlen(name));
  if (!strcmp(name, whole)) return taup_fail(TAUP_ERR_UNKNOWN_UNIT, "unknown unit '%s'%s", name_echo, hint);
  return taup_fail(TAUP_ERR_UNKNOWN_UNIT, "unknown unit '%s' in '%s'%s", name_echo,
                   taup_echo(echo, whole, strlen(whole)), hint);
}

/* UDUNITS's long names are read in any case. */
static bool is_refused_as(const char *name, const char *entry)
{
  if (!strcmp(name, entry)) return true;
  for (const char *c = entry; *c; c++)
    if (*c < 'a' || *c > 'z') return false;
  return strlen(entry) > 2 && !strcasecmp(name, entry);
}

static tau_status check_refused(const char *name, const char *whole)
{
  char echo[TAUP_ECHO];
  for (int k = 0; k < N_REFUSED; k++) {
    if (!is_refused_as(name, refused[k].name)) continue;
    if (!strcmp(name, whole)) return taup_fail(TAUP_ERR_REFUSED_UNIT, "unit '%s': %s", name, refused[k].hint);
    return taup_fail(TAUP_ERR_REFUSED_UNIT, "unit '%s' in '%s': %s", name,
                     taup_echo(echo, whole, strlen(whole)), refused[k].hint);
  }
  return TAU_OK;
}

static tau_status named_locked(const char *name, const char *whole, taup_unit_scale *out)
{
  if (!units_system) TAU_TRY(open_locked(NULL));
  reading r = {{1.0, 0.0, TAUP_DIM_NONE}, true};
  bool known = false;
  if (is_listed(name) || takes_prefix(name)) read_unit(name, &r, &known);
  if (!known) return unknown(name, whole);
  if (!r.linear || !(r.scale.factor > 0.0))
    return taup_fail(TAUP_ERR_BAD_UNIT, "unit '%s' is not proportional to an SI unit", name);
  r.scale.factor = decimal(r.scale.factor);
  *out = r.scale;
  return TAU_OK;
}

tau_status taup_unit_named(const char *name, const char *whole, taup_unit_scale *out)
{
  if (find_chemist(name, out)) return TAU_OK;
  TAU_TRY(check_refused(name, whole));
  pthread_mutex_lock(&lock);
  const tau_status st = named_locked(name, whole, out);
  pthread_mutex_unlock(&lock);
  return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* formula.c - chemical formulas.
 *
 *     formula = part { ("." | "*" | "·") [ count ] part } [ charge ]
 *     part    = group { group }
 *     group   = ( element | "(" part ")" | "[" part "]" | "{" part "}" ) [ count ]
 *     charge  = ("+" | "-") { the same sign } | "^" [ count ] ("+" | "-")
 *
 * What chemists write in two senses is refused: "Fe3+" (Fe3 with one charge, or Fe with three?),
 * "SO42-".
 *
 * M = sum of atoms x standard atomic weight. Weights: T. Prohaska et al., Standard atomic weights of the
 * elements 2021 (IUPAC Technical Report), Pure Appl. Chem. 94 (2022) 573, doi 10.1515/pac-2019-0603,
 * abridged to five figures (table 2); 0 where the element has none. Hydrogen-2: M. Wang et al., AME2020,
 * Chinese Phys. C 45 (2021) 030003. */
#include "chem/formula.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "chem/echo.h"

static const struct {
  const char *symbol;
  double weight; /* [g/mol] */
} elements[TAUP_N_ELEMENTS] = {
  {"H", 1.008},   {"He", 4.0026}, {"Li", 6.94},   {"Be", 9.0122}, {"B", 10.81},   {"C", 12.011},
  {"N", 14.007},  {"O", 15.999},  {"F", 18.998},  {"Ne", 20.180}, {"Na", 22.990}, {"Mg", 24.305},
  {"Al", 26.982}, {"Si", 28.085}, {"P", 30.974},  {"S", 32.06},   {"Cl", 35.45},  {"Ar", 39.95},
  {"K", 39.098},  {"Ca", 40.078}, {"Sc", 44.956}, {"Ti", 47.867}, {"V", 50.942},  {"Cr", 51.996},
  {"Mn", 54.938}, {"Fe", 55.845}, {"Co", 58.933}, {"Ni", 58.693}, {"Cu", 63.546}, {"Zn", 65.38},
  {"Ga", 69.723}, {"Ge", 72.630}, {"As", 74.922}, {"Se", 78.971}, {"Br", 79.904}, {"Kr", 83.798},
  {"Rb", 85.468}, {"Sr", 87.62},  {"Y", 88.906},  {"Zr", 91.224}, {"Nb", 92.906}, {"Mo", 95.95},
  {"Tc", 0},      {"Ru", 101.07}, {"Rh", 102.91}, {"Pd", 106.42}, {"Ag", 107.87}, {"Cd", 112.41},
  {"In", 114.82}, {"Sn", 118.71}, {"Sb", 121.76}, {"Te", 127.60}, {"I", 126.90},  {"Xe", 131.29},
  {"Cs", 132.91}, {"Ba", 137.33}, {"La", 138.91}, {"Ce", 140.12}, {"Pr", 140.91}, {"Nd", 144.24},
  {"Pm", 0},      {"Sm", 150.36}, {"Eu", 151.96}, {"Gd", 157.25}, {"Tb", 158.93}, {"Dy", 162.50},
  {"Ho", 164.93}, {"Er", 167.26}, {"Tm", 168.93}, {"Yb", 173.05}, {"Lu", 174.97}, {"Hf", 178.49},
  {"Ta", 180.95}, {"W", 183.84},  {"Re", 186.21}, {"Os", 190.23}, {"Ir", 192.22}, {"Pt", 195.08},
  {"Au", 196.97}, {"Hg", 200.59}, {"Tl", 204.38}, {"Pb", 207.2},  {"Bi", 208.98}, {"Po", 0},
  {"At", 0},      {"Rn", 0},      {"Fr", 0},      {"Ra", 0},      {"Ac", 0},      {"Th", 232.04},
  {"Pa", 231.04}, {"U", 238.03},  {"Np", 0},      {"Pu", 0},      {"Am", 0},      {"Cm", 0},
  {"Bk", 0},      {"Cf", 0},      {"Es", 0},      {"Fm", 0},      {"Md", 0},      {"No", 0},
  {"Lr", 0},      {"Rf", 0},      {"Db", 0},      {"Sg", 0},      {"Bh", 0},      {"Hs", 0},
  {"Mt", 0},      {"Ds", 0},      {"Rg", 0},      {"Cn", 0},      {"Nh", 0},      {"Fl", 0},
  {"Mc", 0},      {"Lv", 0},      {"Ts", 0},      {"Og", 0},
};

#define HYDROGEN_2 2.014101778

/* Abbreviations of organic chemistry, as a hint. */
static const struct {
  const char *name, *formula;
} abbreviations[] = {
  {"Me", "CH3"},     {"Et", "C2H5"},  {"Bu", "C4H9"},    {"Ph", "C6H5"},   {"Bn", "C7H7"},   {"Bz", "C7H5O"},
  {"Boc", "C5H9O2"}, {"Ac", "C2H3O"}, {"Ts", "C7H7SO2"}, {"Tf", "CF3SO2"}, {"Ms", "CH3SO2"},
};

enum {
  DEEPEST = 16,
  LARGEST_COUNT = 1000000,
  LONGEST = 1000,
  N_ABBREVIATIONS = sizeof abbreviations / sizeof abbreviations[0]
};

typedef struct scanner {
  const char *text, *at;
  const char *wrong; /* where the error is */
  int depth;
  int n_groups;      /* on the outermost level, in this part */
  bool last_counted; /* the last group had a count, */
  int last_count;    /* this one */
} scanner;

static tau_status part(scanner *s, taup_formula *sum);

__attribute__((format(printf, 4, 5))) static tau_status bad(scanner *s, const char *at, taup_error kind,
                                                            const char *format, ...)
{
  char what[200], echo[TAUP_ECHO];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  s->wrong = at;
  return taup_fail(kind, "formula '%s': %s", taup_echo(echo, s->text, strlen(s->text)), what);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_sign(char c) { return c == '+' || c == '-'; }

/* Bytes of the dot of an adduct, 0 where there is none. */
static int dot(const char *at)
{
  if (*at == '.' || *at == '*') return 1;
  return strncmp(at, "\u00b7", 2) ? 0 : 2;
}

const char *taup_element_symbol(int z)
{
  return z >= 1 && z <= TAUP_N_ELEMENTS ? elements[z - 1].symbol : "?";
}

static void add(taup_formula *sum, const taup_formula *by, double times)
{
  for (int i = 0; i < TAUP_N_ELEMENTS; i++) sum->atoms[i] += times * by->atoms[i];
  sum->molar_mass += times * by->molar_mass;
}

/* A whole number from 1; 1 where there is none. */
static tau_status count(scanner *s, int *n, bool *given)
{
  const char *start = s->at;
  *n = 1;
  *given = is_digit(*s->at);
  if (!*given) return TAU_OK;
  for (*n = 0; is_digit(*s->at); s->at++) {
    *n = 10 * *n + (*s->at - '0');
    if (*n > LARGEST_COUNT) return bad(s, start, TAUP_ERR_BAD_FORMULA, "a count beyond %d", LARGEST_COUNT);
  }
  return *n > 0 ? TAU_OK : bad(s, start, TAUP_ERR_BAD_FORMULA, "a count of 0");
}

static tau_status unknown_element(scanner *s)
{
  const char *at = s->at;
  if (is_lower(*at))
    return bad(s, at, TAUP_ERR_UNKNOWN_ELEMENT, "'%c' is no element; symbols begin with a capital", *at);
  const int n = is_lower(at[1]) ? 2 : 1;
  for (int k = 0; k < N_ABBREVIATIONS; k++) {
    const size_t n_name = strlen(abbreviations[k].name);
    if (!strncmp(at, abbreviations[k].name, n_name) && !is_lower(at[n_name]))
      return bad(s, at, TAUP_ERR_UNKNOWN_ELEMENT, "'%s' is no element; write its atoms, %s",
                 abbreviations[k].name, abbreviations[k].formula);
  }
  return bad(s, at, TAUP_ERR_UNKNOWN_ELEMENT, "'%.*s' is no element", n, at);
}

/* z of the symbol at text and its length; the longer one is read first. */
static int find_element(const char *at, int *n)
{
  for (*n = is_lower(at[1]) ? 2 : 1; *n > 0; --*n)
    for (int i = 0; i < TAUP_N_ELEMENTS; i++)
      if (strlen(elements[i].symbol) == (size_t)*n && !strncmp(at, elements[i].symbol, (size_t)*n))
        return i + 1;
  return 0;
}

static tau_status element(scanner *s, taup_formula *out)
{
  int n = 1;
  if (*s->at == 'D' && !is_lower(s->at[1])) {
    out->atoms[0] += 1.0;
    out->molar_mass += HYDROGEN_2 * 1e-3;
  } else {
    const int z = is_upper(*s->at) ? find_element(s->at, &n) : 0;
    /* "Hx" is a slip of the pen, not hydrogen and something else */
    if (!z || is_lower(s->at[n])) return unknown_element(s);
    if (!(elements[z - 1].weight > 0.0))
      return bad(s, s->at, TAUP_ERR_NO_ATOMIC_WEIGHT,
                 "'%s' has no standard atomic weight; give molar_mass in place of the formula",
                 elements[z - 1].symbol);
    out->atoms[z - 1] += 1.0;
    out->molar_mass += elements[z - 1].weight * 1e-3;
  }
  s->at += n;
  return TAU_OK;
}

static char closing(char open) { return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : '\0'; }

static tau_status bracket(scanner *s, taup_formula *out)
{
  const char *start = s->at;
  const char close = closing(*start);
  if (++s->depth > DEEPEST) return bad(s, start, TAUP_ERR_BAD_FORMULA, "brackets deeper than %d", DEEPEST);
  s->at++;
  TAU_TRY(part(s, out));
  if (*s->at != close)
    return bad(s, *s->at ? s->at : start, TAUP_ERR_BAD_FORMULA,
               *s->at ? "a '%c' is needed here" : "its '%c' is missing", close);
  s->at++;
  s->depth--;
  return TAU_OK;
}

static tau_status group(scanner *s, taup_formula *sum)
{
  taup_formula one = {0};
  int n;
  bool given;
  TAU_TRY(closing(*s->at) ? bracket(s, &one) : element(s, &one));
  TAU_TRY(count(s, &n, &given));
  add(sum, &one, n);
  s->last_counted = given;
  s->last_count = n;
  return TAU_OK;
}

static tau_status part(scanner *s, taup_formula *sum)
{
  const char *start = s->at;
  int n = 0;
  while (*s->at && !dot(s->at) && !is_sign(*s->at) && !strchr(")]}^", *s->at)) {
    TAU_TRY(group(s, sum));
    n++;
  }
  s->n_groups = n;
  return n ? TAU_OK : bad(s, start, TAUP_ERR_BAD_FORMULA, "an element is missing here");
}

/* "Fe3+", "SO42-": the number may belong to the charge. "NH4+" has one reading. */
static tau_status plain_charge(scanner *s, int *charge)
{
  const char *start = s->at;
  const char sign = *s->at;
  if (s->last_counted && (s->n_groups == 1 || s->last_count > 12))
    return bad(s, start, TAUP_ERR_BAD_FORMULA,
               "is the number a count or a charge? write it as in Fe^3%c or Fe3^%c", sign, sign);
  while (*s->at == sign) {
    s->at++;
    *charge += sign == '+' ? 1 : -1;
  }
  return TAU_OK;
}

static tau_status caret_charge(scanner *s, int *charge)
{
  int n;
  bool given;
  s->at++;
  TAU_TRY(count(s, &n, &given));
  if (!is_sign(*s->at))
    return bad(s, s->at, TAUP_ERR_BAD_FORMULA, "a '+' or '-' must follow '^', as in SO4^2-");
  *charge = *s->at++ == '+' ? n : -n;
  return TAU_OK;
}

static tau_status whole(scanner *s, taup_formula *out)
{
  if (!*s->at) return bad(s, s->at, TAUP_ERR_BAD_FORMULA, "it is empty");
  if (is_digit(*s->at))
    return bad(s, s->at, TAUP_ERR_BAD_FORMULA, "a number in front belongs into the equation of a reaction");
  TAU_TRY(part(s, out));
  for (int n; (n = dot(s->at));) {
    taup_formula adduct = {0};
    int times;
    bool given;
    s->at += n;
    TAU_TRY(count(s, &times, &given));
    TAU_TRY(part(s, &adduct));
    add(out, &adduct, times);
  }
  if (is_sign(*s->at)) TAU_TRY(plain_charge(s, &out->charge));
  else if (*s->at == '^') TAU_TRY(caret_charge(s, &out->charge));
  return *s->at ? bad(s, s->at, TAUP_ERR_BAD_FORMULA, "'%.1s' is not expected here",
                      (unsigned char)*s->at < 0x80 ? s->at : "?")
                : TAU_OK;
}

tau_status taup_formula_parse(const char *text, taup_formula *out, int *column)
{
  scanner s = {.text = text, .at = text, .wrong = text};
  *out = (taup_formula){0};
  const tau_status st = strlen(text) > LONGEST
                          ? bad(&s, text, TAUP_ERR_BAD_FORMULA, "longer than %d characters", LONGEST)
                          : whole(&s, out);
  if (st == TAU_OK) return TAU_OK;
  *column = 1;
  for (const char *c = text; c < s.wrong; c++) *column += ((unsigned char)*c & 0xC0) != 0x80;
  return st;
}

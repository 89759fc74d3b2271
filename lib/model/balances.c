/* SPDX-License-Identifier: Apache-2.0 */
/* balances.c - what a reaction must conserve, and the structure of the network.
 *
 *     atoms, charge:   sum_right nu a - sum_left nu a = 0
 *     mass:            the same with molar masses
 *
 * Atoms where every species has a formula: a mistake otherwise. Masses where every species has one, but not
 * all have a formula: one note for the file.
 *
 * A reaction with an empty side makes or unmakes what is not followed, and `balance: no` says so too:
 * neither is looked at. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "model/read.h"

/* Masses are written to two decimals of a g/mol. */
static const double MASS_TOLERANCE = 0.05e-3;

/* --- atoms --- */

static bool have_formulas(const taup_species *species, const taup_side *side)
{
  for (int i = 0; i < side->n; i++)
    if (!species[side->species[i]].formula) return false;
  return true;
}

static void count(const taup_species *species, const taup_side *side, double sign, double *atoms,
                  double *charge)
{
  for (int i = 0; i < side->n; i++) {
    const taup_formula *f = species[side->species[i]].formula;
    for (int z = 0; z < TAUP_N_ELEMENTS; z++) atoms[z] += sign * side->coefficient[i] * f->atoms[z];
    *charge += sign * side->coefficient[i] * f->charge;
  }
}

/* ", 1 F too many on the left" */
static void add_excess(char *buffer, size_t n_bytes, double excess, const char *what)
{
  const size_t at = strlen(buffer);
  if (fabs(excess) < 1e-6) return;
  snprintf(buffer + at, n_bytes - at, "%s%.6g %s too many on the %s", at ? ", " : "", fabs(excess), what,
           excess > 0 ? "right" : "left");
}

static void check_atoms(taup_reader *r, const taup_reaction *x, const taup_sides *s)
{
  double atoms[TAUP_N_ELEMENTS] = {0}, charge = 0.0;
  char excess[400] = "";
  count(r->chemistry->species, &s->right, 1.0, atoms, &charge);
  count(r->chemistry->species, &s->left, -1.0, atoms, &charge);
  for (int z = 1; z <= TAUP_N_ELEMENTS; z++)
    add_excess(excess, sizeof excess, atoms[z - 1], taup_element_symbol(z));
  add_excess(excess, sizeof excess, charge, "units of charge");
  if (!*excess) return;
  taup_mistake(r->mistakes, s->equation, TAUP_ERR_UNBALANCED,
               "'%s' is not balanced: %s (%s); 'balance: no' lets it stand", x->name, excess, x->equation);
}

/* --- masses --- */

static bool add_mass(const taup_chemistry *c, const taup_side *side, double sign, double *sum, double *largest)
{
  for (int i = 0; i < side->n; i++) {
    const int mass = c->species[side->species[i]].molar_mass;
    if (mass < 0) return false;
    *sum += sign * side->coefficient[i] * c->parameters.items[mass].value;
    *largest = fmax(*largest, side->coefficient[i]);
  }
  return true;
}

static bool mass_is_lost(const taup_chemistry *c, const taup_sides *s)
{
  double excess = 0.0, largest = 1.0;
  if (!add_mass(c, &s->left, -1.0, &excess, &largest) || !add_mass(c, &s->right, 1.0, &excess, &largest))
    return false;
  return fabs(excess) > MASS_TOLERANCE * largest;
}

static void note_masses(taup_reader *r, int n, const taup_text *names)
{
  taup_chemistry *c = r->chemistry;
  const char **notes = taup_read_alloc(r, 1, sizeof *notes);
  char *note = taup_arena_printf(&c->arena, "masses do not balance in %s %s: something is not followed there",
                                 n == 1 ? "reaction" : "reactions", names->data);
  if (!notes || !note) {
    r->out_of_memory = true;
    return;
  }
  notes[0] = note;
  c->notes = notes;
  c->n_notes = 1;
}

void taup_check_balances(taup_reader *r, const taup_sides *sides)
{
  enum { MOST_NAMES = 10 };
  taup_chemistry *c = r->chemistry;
  taup_text names = {0};
  int n_lost = 0;
  for (int j = 0; j < c->n_reactions; j++) {
    const taup_sides *s = &sides[j];
    if (!s->known || s->free || !s->left.n || !s->right.n) continue;
    if (have_formulas(c->species, &s->left) && have_formulas(c->species, &s->right))
      check_atoms(r, &c->reactions[j], s);
    else if (mass_is_lost(c, s) && n_lost++ < MOST_NAMES)
      taup_text_printf(&names, "%s%s", n_lost > 1 ? ", " : "", c->reactions[j].name);
  }
  if (n_lost > MOST_NAMES) taup_text_printf(&names, " and %d more", n_lost - MOST_NAMES);
  if (names.failed) r->out_of_memory = true;
  else if (n_lost) note_masses(r, n_lost, &names);
  taup_text_free(&names);
}

/* --- net stoichiometry --- */

/* Adds a side to the row [from, *n) of the matrix; rows are short. */
static void add_side(const taup_side *side, double sign, int from, int *n, int *species, double *coefficient)
{
  for (int i = 0; i < side->n; i++) {
    int k = from;
    while (k < *n && species[k] != side->species[i]) k++;
    if (k == *n) {
      species[k] = side->species[i];
      coefficient[k] = 0.0;
      ++*n;
    }
    coefficient[k] += sign * side->coefficient[i];
  }
}

/* A catalyst stands on both sides: its row entry is 0 and goes. */
static int without_zeros(int from, int n, int *species, double *coefficient)
{
  int kept = from;
  for (int k = from; k < n; k++) {
    if (coefficient[k] == 0.0) continue;
    species[kept] = species[k];
    coefficient[kept++] = coefficient[k];
  }
  return kept;
}

static int n_terms(const taup_chemistry *c, const taup_sides *sides)
{
  int n = 0;
  for (int j = 0; j < c->n_reactions; j++) n += sides[j].left.n + sides[j].right.n;
  return n;
}

/* Called only without mistakes: every species is known. */
void taup_read_network(taup_reader *r, const taup_sides *sides)
{
  taup_chemistry *c = r->chemistry;
  const int n_most = n_terms(c, sides);
  int *start = taup_read_alloc(r, c->n_reactions + 1, sizeof *start);
  int *species = taup_read_alloc(r, n_most, sizeof *species);
  double *coefficient = taup_read_alloc(r, n_most, sizeof *coefficient);
  int n = 0;
  if (!start || !species || !coefficient) return;
  for (int j = 0; j < c->n_reactions; j++) {
    add_side(&sides[j].left, -1.0, start[j], &n, species, coefficient);
    add_side(&sides[j].right, 1.0, start[j], &n, species, coefficient);
    start[j + 1] = n = without_zeros(start[j], n, species, coefficient);
  }
  c->net = (taup_stoichiometry){c->n_species, c->n_reactions, start, species, coefficient};
  const tau_status st = taup_moieties(&c->net, &c->arena, &c->n_moieties, &c->moieties);
  if (st == TAU_E_NOMEM) r->out_of_memory = true;
}

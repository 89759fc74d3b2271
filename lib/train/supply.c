/* SPDX-License-Identifier: Apache-2.0 */
/* supply.c - reactions that never run, since nothing brings or makes one of their reactants.
 *
 * What feeds, charges and `start:` name is there; what a reaction makes whose reactants are there is there too, until
 * nothing is added. Only laws that vanish with a reactant are judged: the rate of an expression is its author's. */
#include "base/status.h"
#include "base/text.h"
#include "train/order.h"

enum { MOST_NAMES = 3 };

static void bring(bool *there, int n, const taup_amount *amounts)
{
  for (int i = 0; i < n; i++) there[amounts[i].species] = true;
}

static void what_comes_in(const taup_description *d, bool *there)
{
  const taup_chemistry *c = &d->chemistry;
  for (int i = 0; i < c->n_species; i++) there[i] = c->species[i].solvent != NULL;
  for (int i = 0; i < c->n_feeds; i++) {
    bring(there, c->feeds[i].n_amounts, c->feeds[i].amounts);
    bring(there, c->feeds[i].n_equivalents, c->feeds[i].equivalents);
  }
  for (int i = 0; i < d->units.n; i++) {
    bring(there, d->units.items[i].n_charge, d->units.items[i].charge);
    bring(there, d->units.items[i].n_start, d->units.items[i].start);
  }
}

/* The first species that a way of reaction j uses up or whose concentration its rate is proportional to, and that is not
 * there; -1: the way is open. sign: -1 forward, 1 back. */
static int lacks(const taup_chemistry *c, int j, double sign, int n, const taup_order *orders,
                 const bool *there)
{
  for (int k = c->net.start[j]; k < c->net.start[j + 1]; k++)
    if (sign * c->net.coefficient[k] > 0.0 && !there[c->net.species[k]]) return c->net.species[k];
  for (int k = 0; k < n; k++)
    if (orders[k].value > 0.0 && !there[orders[k].species]) return orders[k].species;
  return -1;
}

/* What reaction j lacks both ways; -1: it runs, or is not judged. */
static int reaction_lacks(const taup_chemistry *c, int j, const bool *there)
{
  const taup_reaction *x = &c->reactions[j];
  if (!x->law || !(x->law->flags & (TAUP_LAW_ORDERS | TAUP_LAW_ORDERS_ONLY))) return -1;
  const int forward = lacks(c, j, -1.0, x->n_forward, x->forward, there);
  if (forward < 0 || !x->reversible) return forward;
  return lacks(c, j, 1.0, x->n_reverse, x->reverse, there) < 0 ? -1 : forward;
}

static bool make(const taup_chemistry *c, bool *there)
{
  bool more = false;
  for (int j = 0; j < c->n_reactions; j++) {
    if (reaction_lacks(c, j, there) >= 0) continue;
    for (int k = c->net.start[j]; k < c->net.start[j + 1]; k++) {
      more |= !there[c->net.species[k]];
      there[c->net.species[k]] = true;
    }
  }
  return more;
}

void taup_add_note(taup_reader *r, const char *text)
{
  taup_chemistry *c = r->chemistry;
  const char **notes = taup_read_alloc(r, c->n_notes + 1, sizeof *notes);
  const char *note = taup_read_copy(r, text);
  if (!notes || !note) return;
  for (int i = 0; i < c->n_notes; i++) notes[i] = c->notes[i];
  notes[c->n_notes] = note;
  c->notes = notes;
  c->n_notes++;
}

void taup_note_supply(taup_description *d, taup_reader *r)
{
  taup_chemistry *c = &d->chemistry;
  bool *there = taup_read_alloc(r, c->n_species + 1, sizeof *there);
  if (!there) return;
  what_comes_in(d, there);
  while (make(c, there)) {}
  taup_text text = {0};
  int n = 0;
  for (int j = 0; j < c->n_reactions; j++) {
    const int lacking = reaction_lacks(c, j, there);
    if (lacking < 0 || n++ >= MOST_NAMES) continue;
    taup_text_printf(&text, "%sreaction '%s' never runs: nothing brings or makes %s", n > 1 ? "; " : "",
                     c->reactions[j].name, c->species[lacking].name);
  }
  if (n > MOST_NAMES) taup_text_printf(&text, "; and %d more", n - MOST_NAMES);
  if (text.failed) r->out_of_memory = true;
  else if (n) taup_add_note(r, text.data);
  taup_text_free(&text);
}

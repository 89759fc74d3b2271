/* SPDX-License-Identifier: Apache-2.0 */
/* unit_program.c - the equations of a unit, differentiated and lowered: f, its Jacobian by columns with the whole diagonal, integrals,
 * the start, and what is reported. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "train/train.h"

/* An entry of the Jacobian. */
typedef struct entry {
  int row, column;
  taup_node node;
} entry;

typedef struct maker {
  taup_unit_program *p;
  taup_builder b;
  taup_equations e;
  entry *entries;
  int n_entries, cap_entries;
  taup_node *J;
  taup_node *place, *rates, *k;
} maker;

static tau_status add_entry(maker *m, int row, int column, taup_node node)
{
  TAU_TRY(taup_grow(&m->entries, &m->cap_entries, m->n_entries + 1, sizeof *m->entries));
  m->entries[m->n_entries++] = (entry){row, column, node};
  return TAU_OK;
}

static int by_column(const void *pa, const void *pb)
{
  const entry *a = pa, *b = pb;
  return a->column != b->column ? a->column - b->column : a->row - b->row;
}

/* Exact derivatives of every f_i; a diagonal entry that is missing is a constant 0. */
static tau_status differentiate(maker *m)
{
  taup_graph *g = m->b.g;
  taup_diff *d = NULL;
  TAU_TRY(taup_diff_new(&d, g, TAUP_STATE));
  tau_status st = TAU_OK;
  for (int i = 0; i < m->b.n_state && st == TAU_OK; i++) {
    const taup_partial *partials;
    const int n = taup_diff_of(d, m->e.f[i], &partials);
    bool diagonal = false;
    for (int k = 0; k < n && st == TAU_OK; k++) {
      if (partials[k].symbol >= m->b.n_state) continue; /* set from outside */
      diagonal = diagonal || partials[k].symbol == i;
      st = add_entry(m, i, partials[k].symbol, partials[k].node);
    }
    if (!diagonal && st == TAU_OK) st = add_entry(m, i, i, taup_number(g, 0.0));
  }
  taup_diff_free(d);
  return st < 0 ? st : taup_graph_status(g);
}

static tau_status pattern(maker *m)
{
  taup_unit_program *p = m->p;
  const int n = m->b.n_state;
  qsort(m->entries, (size_t)m->n_entries, sizeof *m->entries, by_column);
  p->column_start = taup_calloc((size_t)n + 1, sizeof *p->column_start);
  p->row = taup_calloc((size_t)m->n_entries, sizeof *p->row);
  m->J = taup_calloc((size_t)m->n_entries, sizeof *m->J);
  if (!p->column_start || !p->row || !m->J) return TAU_E_NOMEM;
  for (int k = 0; k < m->n_entries; k++) {
    p->column_start[m->entries[k].column + 1]++;
    p->row[k] = m->entries[k].row;
    m->J[k] = m->entries[k].node;
  }
  for (int c = 0; c < n; c++) p->column_start[c + 1] += p->column_start[c];
  return TAU_OK;
}

static taup_node known_or(taup_graph *g, taup_node a, double otherwise)
{
  return a == TAUP_NODE_NONE ? taup_number(g, otherwise) : a;
}

static tau_status report_nodes(maker *m)
{
  const taup_chemistry *ch = m->b.chemistry;
  taup_graph *g = m->b.g;
  const int n = ch->n_species;
  m->place = taup_calloc((size_t)(n + TAUP_PLACE_EXTRA), sizeof *m->place);
  m->rates = taup_calloc((size_t)ch->n_reactions + 1, sizeof *m->rates);
  m->k = taup_calloc((size_t)ch->n_reactions, sizeof *m->k);
  if (!m->place || !m->rates || !m->k) return TAU_E_NOMEM;
  memcpy(m->place, m->e.out_F, (size_t)n * sizeof *m->place);
  m->place[n + TAUP_PLACE_FLOW] = m->e.out_Q;
  m->place[n + TAUP_PLACE_T] = m->e.out_T;
  memcpy(m->rates, m->b.rates, (size_t)ch->n_reactions * sizeof *m->rates);
  m->rates[ch->n_reactions] = known_or(g, m->b.released, (double)NAN);
  for (int j = 0; j < ch->n_reactions; j++) m->k[j] = known_or(g, m->b.k[j], (double)NAN);
  return TAU_OK;
}

/* Whether any of the nodes depends on the temperature of the inlet. */
static tau_status depends_on_inlet_T(taup_graph *g, int n, const taup_node *nodes, bool *depends)
{
  const int n_nodes = taup_graph_n_nodes(g);
  bool *needed = taup_calloc((size_t)n_nodes, sizeof *needed), found = false;
  if (!needed) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) needed[nodes[i]] = true;
  for (int a = n_nodes - 1; a >= 0 && !found; a--) {
    if (!needed[a]) continue;
    found = taup_node_op(g, a) == TAUP_OP_SYMBOL && taup_node_binding(g, a) == TAUP_INLET &&
            taup_node_index(g, a) == TAUP_IN_T;
    for (int k = 0; k < taup_node_n_args(g, a); k++) needed[taup_node_args(g, a)[k]] = true;
  }
  taup_free(needed);
  *depends = found;
  return TAU_OK;
}

static bool fits_lanes(const taup_unit *unit, int n, const taup_chemistry *ch)
{
  if (taup_is_field(unit)) return false;
  return n <= TAUP_MOST_LANE_STATES && !taup_chemistry_calls(ch);
}

static tau_status lower(maker *m)
{
  taup_graph *g = m->b.g;
  const taup_chemistry *ch = m->b.chemistry;
  const taup_node q[TAUP_N_Q] = {known_or(g, m->e.released, 0.0), known_or(g, m->e.wall, 0.0)};
  const taup_node enter[TAUP_N_ENTER] = {m->e.size, known_or(g, m->e.capacity_in, (double)NAN),
                                         known_or(g, m->e.peclet, (double)NAN),
                                         known_or(g, m->e.dispersion, (double)NAN)};
  const taup_node until = known_or(g, m->e.until, 0.0);
  m->p->fits_lanes = fits_lanes(m->p->unit, m->b.n_state, ch);
  const int n_q = m->p->fits_lanes ? TAUP_N_Q : 0; /* who asks for the slopes */
  TAU_TRY(taup_diff_rows(&m->p->q_slopes, g, TAUP_STATE, n_q, q));
  TAU_TRY(report_nodes(m));
  const taup_body bodies[TAUP_N_UNIT_BODIES] = {
    [TAUP_BODY_F] = {m->b.n_state, m->e.f, "f"},
    [TAUP_BODY_J] = {m->n_entries, m->J, "J"},
    [TAUP_BODY_Q] = {TAUP_N_Q, q, "heat"},
    [TAUP_BODY_START] = {m->b.n_state, m->e.start, "start"},
    [TAUP_BODY_ENTER] = {TAUP_N_ENTER, enter, "size, heat capacity flow, Peclet number, D_ax"},
    [TAUP_BODY_PLACE] = {ch->n_species + TAUP_PLACE_EXTRA, m->place, "flows, volume flow, T"},
    [TAUP_BODY_RATES] = {ch->n_reactions + 1, m->rates, "rates, heat released"},
    [TAUP_BODY_K] = {ch->n_reactions, m->k, "constants"},
    [TAUP_BODY_UNTIL] = {1, &until, "until"},
    [TAUP_BODY_Q_SLOPES] = {m->p->q_slopes.first[n_q], m->p->q_slopes.node, "slopes of heat"},
  };
  const int n_inputs[4] = {0, m->b.n_roles, taup_n_inlet_symbols(ch->n_species), m->b.n_inputs};
  TAU_TRY(depends_on_inlet_T(g, m->b.n_state, m->e.f, &m->p->needs_T));
  return taup_program_new(&m->p->program, g, n_inputs, TAUP_N_UNIT_BODIES, bodies);
}

/* Whether there is something to integrate: known, and not 0 everywhere. */
static bool flows(const taup_graph *g, taup_node a)
{
  return a != TAUP_NODE_NONE && !(taup_node_op(g, a) == TAUP_OP_CONST && taup_node_value(g, a) == 0.0);
}

static tau_status keep(maker *m)
{
  taup_unit_program *p = m->p;
  taup_builder *b = &m->b;
  p->n_amounts = b->n_amounts;
  p->state_of_T = b->varies_T ? b->n_amounts : -1;
  p->state_of_Q = b->varies_Q ? b->n_amounts + b->varies_T : -1;
  p->state_of_heat = b->state_of_heat;
  p->knows_heat = m->e.released != TAUP_NODE_NONE;
  p->knows_capacity = m->e.capacity_in != TAUP_NODE_NONE;
  p->roles = b->roles;
  p->n_roles = b->n_roles;
  b->roles = NULL;
  p->species_of_state = taup_calloc((size_t)b->n_amounts, sizeof *p->species_of_state);
  if (!p->species_of_state) return TAU_E_NOMEM;
  memcpy(p->species_of_state, b->species_of_state, (size_t)b->n_amounts * sizeof *p->species_of_state);
  const bool has_integrals = b->state_of_heat < 0 && (flows(b->g, m->e.released) || flows(b->g, m->e.wall));
  p->system = (taup_system){.program = p->program,
                            .n = b->n_state,
                            .body_f = TAUP_BODY_F,
                            .body_J = TAUP_BODY_J,
                            .body_q = has_integrals ? TAUP_BODY_Q : -1,
                            .n_q = TAUP_N_Q,
                            .body_q_slopes = p->fits_lanes ? TAUP_BODY_Q_SLOPES : -1,
                            .q_first = p->q_slopes.first,
                            .q_state = p->q_slopes.symbol,
                            .column_start = p->column_start,
                            .row = p->row,
                            .sparse = taup_prefers_sparse(b->n_state, m->n_entries)};
  p->is_pure = !taup_chemistry_calls(b->chemistry);
  return TAU_OK;
}

tau_status taup_unit_program_new(taup_unit_program *out, const taup_description *d, const taup_unit *unit,
                                 const int *reduced)
{
  maker m = {.p = out};
  const int ratio = d->ratio;
  *out = (taup_unit_program){.unit = unit, .reduced = reduced != NULL};
  tau_status st = TAU_OK;
  out->callbacks = taup_calloc((size_t)d->chemistry.n_reactions, sizeof *out->callbacks);
  m.b = (taup_builder){.chemistry = &d->chemistry,
                       .unit = unit,
                       .callbacks = out->callbacks,
                       .reduced = reduced,
                       .key_reactant = d->key_reactant,
                       .key_product = d->key_product,
                       .ratio = ratio};
  if (!out->callbacks) st = TAU_E_NOMEM;
  if (st == TAU_OK) st = taup_graph_new(&m.b.g);
  if (st == TAU_OK) st = taup_builder_write(&m.b, &m.e);
  if (st == TAU_OK) st = differentiate(&m);
  if (st == TAU_OK) st = pattern(&m);
  if (st == TAU_OK) st = lower(&m);
  if (st == TAU_OK) st = keep(&m);
  taup_builder_free(&m.b);
  taup_graph_free(m.b.g);
  taup_free(m.entries);
  taup_free(m.J);
  taup_free(m.place);
  taup_free(m.rates);
  taup_free(m.k);
  return st;
}

void taup_unit_program_free(taup_unit_program *p)
{
  taup_program_free(p->program);
  taup_free(p->column_start);
  taup_free(p->row);
  taup_rows_free(&p->q_slopes);
  taup_free(p->roles);
  taup_free(p->species_of_state);
  taup_free(p->callbacks);
}

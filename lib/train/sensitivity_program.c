/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_program.c - programs of derivatives, made when sensitivities are asked for: the equations are written once more as a graph
 * and differentiated to parameters, inlet and state.
 *
 * Invariant: the entries of a part are sorted by column, then row; column c is input c of parameters, inlet and state one behind
 * another. */
#include "train/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

typedef struct entry {
  int row, column;
  taup_node node;
} entry;

typedef struct maker {
  taup_slopes *s;
  taup_graph *g;
  taup_diff *d[4]; /* by binding */
  int first[4];    /* column of a binding's first input */
  entry *list;
  int n, capacity;
} maker;

static tau_status open_maker(maker *m, taup_slopes *s, taup_graph *g, const int n_inputs[4])
{
  *m = (maker){.s = s, .g = g};
  memcpy(s->n_inputs, n_inputs, sizeof s->n_inputs);
  m->first[TAUP_INLET] = n_inputs[TAUP_PARAMETER];
  m->first[TAUP_STATE] = m->first[TAUP_INLET] + n_inputs[TAUP_INLET];
  for (int b = TAUP_PARAMETER; b <= TAUP_STATE; b++)
    if (n_inputs[b] > 0) TAU_TRY(taup_diff_new(&m->d[b], g, (taup_binding)b));
  return TAU_OK;
}

static void close_maker(maker *m)
{
  for (int b = 0; b < 4; b++) taup_diff_free(m->d[b]);
  taup_free(m->list);
}

static tau_status add(maker *m, int row, int column, taup_node node)
{
  TAU_TRY(taup_grow(&m->list, &m->capacity, m->n + 1, sizeof *m->list));
  m->list[m->n++] = (entry){row, column, node};
  return TAU_OK;
}

/* Derivatives of n nodes to the inputs of one binding time. */
static tau_status add_slopes(maker *m, taup_binding b, int n, const taup_node *nodes)
{
  const bool *wanted = b == TAUP_PARAMETER ? m->s->wanted : NULL;
  for (int row = 0; m->d[b] && row < n; row++) {
    const taup_partial *partials;
    const int n_partials = taup_diff_of(m->d[b], nodes[row], &partials);
    for (int i = 0; i < n_partials; i++)
      if (!wanted || wanted[partials[i].symbol])
        TAU_TRY(add(m, row, m->first[b] + partials[i].symbol, partials[i].node));
  }
  return taup_graph_status(m->g);
}

static int by_place(const void *pa, const void *pb)
{
  const entry *a = pa, *b = pb;
  return a->column != b->column ? a->column - b->column : a->row - b->row;
}

/* The list becomes a part: its pattern, and the nodes of its body behind the values. The list is empty again. */
static tau_status take(maker *m, int n_columns, int n_values, const taup_node *values, taup_entries *e,
                       taup_body *body)
{
  taup_arena *arena = &m->s->arena;
  int *start = taup_arena_alloc(arena, (size_t)n_columns + 1, sizeof *start);
  int *row = taup_arena_alloc(arena, (size_t)m->n, sizeof *row);
  taup_node *nodes = taup_arena_alloc(arena, (size_t)(n_values + m->n), sizeof *nodes);
  if (!start || !row || !nodes) return TAU_E_NOMEM;
  if (m->n) qsort(m->list, (size_t)m->n, sizeof *m->list, by_place);
  if (n_values) memcpy(nodes, values, (size_t)n_values * sizeof *nodes);
  for (int k = 0; k < m->n; k++) {
    start[m->list[k].column + 1]++;
    row[k] = m->list[k].row;
    nodes[n_values + k] = m->list[k].node;
  }
  for (int c = 0; c < n_columns; c++) start[c + 1] += start[c];
  *e = (taup_entries){0, n_values, n_columns, start, row};
  *body = (taup_body){n_values + m->n, nodes, "slopes"};
  m->n = 0;
  return TAU_OK;
}

static int n_columns(const maker *m) { return m->first[TAUP_STATE] + m->s->n_inputs[TAUP_STATE]; }

/* Values with their derivatives to everything. */
static tau_status add_part(maker *m, int n, const taup_node *nodes, taup_entries *e, taup_body *body)
{
  for (int b = TAUP_PARAMETER; b <= TAUP_STATE; b++) TAU_TRY(add_slopes(m, (taup_binding)b, n, nodes));
  return take(m, n_columns(m), n, nodes, e, body);
}

/* Registers, and room for the outputs of the largest body. */
static tau_status make_room(taup_slopes *s, int n_bodies)
{
  int most = 1;
  for (int b = 0; b < n_bodies; b++)
    if (taup_program_n_outputs(s->program, b) > most) most = taup_program_n_outputs(s->program, b);
  s->R = taup_calloc(taup_program_bytes(s->program, 1), 1);
  s->out = taup_calloc((size_t)most, sizeof *s->out);
  if (!s->R || !s->out) return TAU_E_NOMEM;
  taup_program_init(s->program, 1, s->R);
  return TAU_OK;
}

tau_status taup_lower_slopes(void *slopes, taup_graph *g, const int n_inputs[/* 4 */], const taup_body *body)
{
  taup_slopes *s = slopes;
  maker m;
  taup_body all;
  tau_status st = open_maker(&m, s, g, n_inputs);
  if (st == TAU_OK) st = add_part(&m, body->n, body->nodes, &s->e, &all);
  if (st == TAU_OK) st = taup_program_new(&s->program, g, n_inputs, 1, &all);
  if (st == TAU_OK) st = make_room(s, 1);
  close_maker(&m);
  return st;
}

void taup_slopes_free(taup_slopes *s)
{
  taup_program_free(s->program);
  taup_free(s->R);
  taup_free(s->out);
  taup_arena_free(&s->arena);
}

/* --- of a unit --- */

static taup_node known_or(taup_graph *g, taup_node a, double otherwise)
{
  return a == TAUP_NODE_NONE ? taup_number(g, otherwise) : a;
}

/* What is reported at a place: flows, volume flow, T; rates and heat released; constants. */
typedef struct reported {
  taup_node *place, *rates, *k;
} reported;

static tau_status report(maker *m, const taup_builder *b, const taup_equations *e, reported *out)
{
  const size_t n = (size_t)b->chemistry->n_species, r = (size_t)b->chemistry->n_reactions;
  taup_arena *arena = &m->s->arena;
  out->place = taup_arena_alloc(arena, n + TAUP_PLACE_EXTRA, sizeof *out->place);
  out->rates = taup_arena_alloc(arena, r + 1, sizeof *out->rates);
  out->k = taup_arena_alloc(arena, r, sizeof *out->k);
  if (!out->place || !out->rates || !out->k) return TAU_E_NOMEM;
  memcpy(out->place, e->out_F, n * sizeof *out->place);
  out->place[n + TAUP_PLACE_FLOW] = e->out_Q;
  out->place[n + TAUP_PLACE_T] = e->out_T;
  memcpy(out->rates, b->rates, r * sizeof *out->rates);
  out->rates[r] = known_or(m->g, b->released, (double)NAN);
  for (size_t j = 0; j < r; j++) out->k[j] = known_or(m->g, b->k[j], (double)NAN);
  return TAU_OK;
}

/* f, J with the whole diagonal, df/dx. */
static tau_status add_system(maker *m, const taup_builder *b, const taup_equations *e, taup_unit_slopes *u,
                             taup_body *bodies)
{
  const int n = b->n_state, shift = m->first[TAUP_STATE];
  bodies[TAUP_PART_F] = (taup_body){n, e->f, "f"};
  TAU_TRY(add_slopes(m, TAUP_STATE, n, e->f));
  for (int i = 0, k = 0, n_entries = m->n; i < n; i++) { /* they stand in the order of their rows */
    bool there = false;
    for (; k < n_entries && m->list[k].row == i; k++) there = there || m->list[k].column == shift + i;
    if (!there) TAU_TRY(add(m, i, shift + i, taup_number(m->g, 0.0)));
  }
  int kept = 0; /* what is set from outside is no state */
  for (int k = 0; k < m->n; k++)
    if ((m->list[k].column -= shift) < n) m->list[kept++] = m->list[k];
  m->n = kept;
  TAU_TRY(take(m, n, 0, NULL, &u->e[TAUP_PART_J], &bodies[TAUP_PART_J]));
  TAU_TRY(add_slopes(m, TAUP_PARAMETER, n, e->f));
  TAU_TRY(add_slopes(m, TAUP_INLET, n, e->f));
  return take(m, shift, 0, NULL, &u->e[TAUP_PART_FX], &bodies[TAUP_PART_FX]);
}

static tau_status add_parts(maker *m, const taup_builder *b, const taup_equations *e, taup_unit_slopes *u,
                            taup_body *bodies, bool for_lanes)
{
  const int n = b->chemistry->n_species, r = b->chemistry->n_reactions;
  taup_node *q = taup_arena_alloc(&m->s->arena, TAUP_N_Q, sizeof *q);
  reported at;
  if (!q) return TAU_E_NOMEM;
  q[TAUP_Q_RELEASED] = known_or(m->g, e->released, 0.0);
  q[TAUP_Q_WALL] = known_or(m->g, e->wall, 0.0);
  const taup_node enter[TAUP_N_ENTER] = {e->size, known_or(m->g, e->capacity_in, (double)NAN),
                                         known_or(m->g, e->peclet, (double)NAN),
                                         known_or(m->g, e->dispersion, (double)NAN)};
  const taup_node until = known_or(m->g, e->until, 0.0);
  TAU_TRY(report(m, b, e, &at));
  bodies[TAUP_PART_Q] = (taup_body){TAUP_N_Q, q, "heat"};
  if (for_lanes) TAU_TRY(taup_late_new(&u->late, &m->s->arena, m->g, b->n_state, e->f, TAUP_N_Q, q));
  const struct {
    taup_part part;
    int n;
    const taup_node *nodes;
  } rows[] = {{TAUP_PART_DQ, TAUP_N_Q, q},
              {TAUP_PART_START, b->n_state, e->start},
              {TAUP_PART_ENTER, TAUP_N_ENTER, enter},
              {TAUP_PART_PLACE, n + TAUP_PLACE_EXTRA, at.place},
              {TAUP_PART_RATES, r + 1, at.rates},
              {TAUP_PART_K, r, at.k},
              {TAUP_PART_UNTIL, 1, &until},
              {TAUP_PART_EARLY, u->late.n_early, u->late.early}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    TAU_TRY(add_part(m, rows[i].n, rows[i].nodes, &u->e[rows[i].part], &bodies[rows[i].part]));
  return TAU_OK;
}

static void keep(taup_unit_slopes *u, const taup_unit_program *p, int n_state)
{
  for (int part = 0; part < TAUP_N_PARTS; part++) u->e[part].body = part;
  u->system = (taup_system){.program = u->s.program,
                            .n = n_state,
                            .body_f = TAUP_PART_F,
                            .body_J = TAUP_PART_J,
                            .body_q = p->system.body_q >= 0 ? TAUP_PART_Q : -1,
                            .n_q = TAUP_N_Q,
                            .body_q_slopes = -1,
                            .column_start = u->e[TAUP_PART_J].start,
                            .row = u->e[TAUP_PART_J].row,
                            .sparse = p->system.sparse};
  u->n_slots = u->s.n_inputs[TAUP_PARAMETER];
  u->n_x = u->n_slots + u->s.n_inputs[TAUP_INLET];
  u->tangents = (taup_tangents){u->n_x, u->e[TAUP_PART_FX], u->e[TAUP_PART_DQ]};
}

static tau_status find_read(taup_unit_slopes *u)
{
  u->is_read = taup_arena_alloc(&u->s.arena, (size_t)u->n_x, sizeof *u->is_read);
  if (!u->is_read) return TAU_E_NOMEM;
  for (int part = TAUP_PART_FX; part < TAUP_N_PARTS; part++)
    for (int c = 0; c < u->n_x; c++)
      u->is_read[c] = u->is_read[c] || u->e[part].start[c + 1] > u->e[part].start[c];
  for (int part = TAUP_PART_DQ; part < TAUP_N_PARTS; part++) {
    const taup_entries *e = &u->e[part];
    u->used[part] = taup_arena_alloc(&u->s.arena, (size_t)e->n_columns, sizeof **u->used);
    if (!u->used[part]) return TAU_E_NOMEM;
    for (int c = 0; c < e->n_columns; c++) {
      if (e->start[c + 1] == e->start[c]) continue;
      u->used[part][u->n_used[part]++] = c;
      u->n_used_x[part] += c < u->n_x;
    }
  }
  return TAU_OK;
}

static tau_status make(taup_unit_slopes *u, maker *m, taup_builder *b, const taup_unit_program *p,
                       bool for_lanes)
{
  taup_body bodies[TAUP_N_PARTS];
  taup_equations e = {0};
  TAU_TRY(taup_builder_write(b, &e));
  const int n_inputs[4] = {0, b->n_roles, taup_n_inlet_symbols(b->chemistry->n_species), b->n_inputs};
  TAU_TRY(open_maker(m, &u->s, b->g, n_inputs));
  TAU_TRY(add_system(m, b, &e, u, bodies));
  TAU_TRY(add_parts(m, b, &e, u, bodies, for_lanes));
  TAU_TRY(taup_program_new(&u->s.program, b->g, n_inputs, TAUP_N_PARTS, bodies));
  TAU_TRY(make_room(&u->s, TAUP_N_PARTS));
  keep(u, p, b->n_state);
  TAU_TRY(find_read(u));
  for (int slot = 0; slot < u->n_slots; slot++) /* by the distribution of ages */
    u->is_read[slot] = u->is_read[slot] || p->roles[slot] <= TAUP_ROLE_RTD;
  if (p->unit->mixing) u->is_read[u->n_slots + TAUP_IN_FLOW] = true;
  return TAU_OK;
}

tau_status taup_unit_slopes_new(taup_unit_slopes *out, const tau_train *t, int k, const bool *wanted,
                                bool for_lanes)
{
  const taup_unit_program *p = &t->programs[k];
  maker m = {0};
  *out = (taup_unit_slopes){.s.wanted = wanted};
  out->callbacks = taup_calloc((size_t)t->d.chemistry.n_reactions, sizeof *out->callbacks);
  if (!out->callbacks) return TAU_E_NOMEM;
  taup_builder b = {.chemistry = &t->d.chemistry,
                    .unit = p->unit,
                    .callbacks = out->callbacks,
                    .reduced = p->reduced ? t->reduced : NULL,
                    .key_reactant = t->d.key_reactant,
                    .key_product = t->d.key_product,
                    .ratio = t->d.ratio};
  tau_status st = taup_graph_new(&b.g);
  if (st == TAU_OK) st = make(out, &m, &b, p, for_lanes);
  close_maker(&m);
  taup_builder_free(&b);
  taup_graph_free(b.g);
  return st;
}

void taup_unit_slopes_free(taup_unit_slopes *u)
{
  taup_slopes_free(&u->s);
  taup_graph_free(u->late.g);
  taup_free(u->callbacks);
}

/* --- using them --- */

const double *taup_part_run(taup_unit_slopes *u, taup_part part, const double *y)
{
  taup_slopes *s = &u->s;
  if (y) memcpy(taup_program_input(s->program, 1, s->R, TAUP_STATE, 0), y, (size_t)u->system.n * sizeof *y);
  taup_program_run(s->program, (int)part, 1, s->R, s->out);
  return s->out;
}

void taup_part_tangent(const taup_unit_slopes *u, taup_part part, const double *values, const double *dx,
                       const double *dy, double *out)
{
  const taup_entries *e = &u->e[part];
  const double *slopes = values + e->first;
  const int n = dy ? u->n_used[part] : u->n_used_x[part];
  memset(out, 0, (size_t)e->first * sizeof *out);
  for (int i = 0; i < n; i++) {
    const int c = u->used[part][i];
    const double x = i < u->n_used_x[part] ? dx[c] : dy[c - u->n_x];
    if (x == 0.0) continue; /* what does not move may have no derivative */
    for (int k = e->start[c]; k < e->start[c + 1]; k++) out[e->row[k]] += slopes[k] * x;
  }
}

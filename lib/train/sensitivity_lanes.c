/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_lanes.c - the state of a stage and its tangents as one system for the lanes,
 *
 *     dy/ds = f(y, h),      dS_d/ds = f_y S_d + sum_h f_h w_hd,      dQ/ds = q,      dQ_d/ds = q_y S_d + sum_h q_h w_hd
 *
 * with the early nodes h and w_hd, how far direction d moves h, as INLET symbols: fixed during a march. Directions are scaled by how far a
 * relative change of order 1 of the parameters goes, so that the tolerances of y suit S. */
#include "train/sensitivity_lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- directions --- */

/* What can move: early nodes and starts, by parameter. */
typedef struct movable {
  int n, n_early, n_states;
  bool *early, *start; /* n x ... */
} movable;

static void mark_rows(const tau_sensitivity *s, const taup_unit_slopes *u, taup_part part, const int *slots,
                      const bool *in, int j, bool *rows)
{
  const taup_entries *e = &u->e[part];
  for (int c = 0; c < u->n_x; c++) {
    const bool moves = c < u->n_slots ? slots[c] == s->parameters[j] : in[c - u->n_slots];
    for (int k = e->start[c]; moves && k < e->start[c + 1]; k++) rows[e->row[k]] = true;
  }
}

static tau_status find_movable(movable *m, taup_arena *arena, const tau_sensitivity *s,
                               const taup_reach *reach, int i_stage, int i_program)
{
  const taup_unit_slopes *u = &s->engines[i_program].slopes;
  const taup_stage *stage = &s->train->stages[i_stage];
  const int *slots = stage->program == i_program ? stage->slots : stage->reduced_slots;
  *m = (movable){.n = s->n, .n_early = u->late.n_early, .n_states = u->system.n};
  m->early = taup_arena_alloc(arena, (size_t)(m->n * m->n_early), sizeof *m->early);
  m->start = taup_arena_alloc(arena, (size_t)(m->n * m->n_states), sizeof *m->start);
  if (!m->early || !m->start) return TAU_E_NOMEM;
  for (int j = 0; j < s->n; j++) {
    const bool *in = reach->in + (size_t)(i_stage * s->n + j) * (size_t)reach->n_in;
    mark_rows(s, u, TAUP_PART_EARLY, slots, in, j, m->early + j * m->n_early);
    mark_rows(s, u, TAUP_PART_START, slots, in, j, m->start + j * m->n_states);
  }
  return TAU_OK;
}

static bool any_of(const bool *moves, int n)
{
  for (int i = 0; i < n; i++)
    if (moves[i]) return true;
  return false;
}

/* Whether any parameter moves number i of n. */
static bool any_moves(const movable *m, const bool *moves, int n, int i)
{
  for (int j = 0; j < m->n; j++)
    if (moves[j * n + i]) return true;
  return false;
}

static bool parameter_moves(const movable *m, int j)
{
  return any_of(m->early + j * m->n_early, m->n_early) || any_of(m->start + j * m->n_states, m->n_states);
}

static void by_parameter(taup_carrier *c, const movable *m)
{
  int d = 0, k = 0;
  for (int j = 0; j < m->n; j++) {
    if (!parameter_moves(m, j)) continue;
    for (int h = 0; h < m->n_early; h++)
      if (m->early[j * m->n_early + h]) c->pair_early[k++] = h;
    c->of[d++] = j;
    c->pair_start[d] = k;
  }
  c->n_pairs = k;
}

static void by_early(taup_carrier *c, const movable *m)
{
  int d = 0;
  for (int i = 0; i < m->n_early + m->n_states; i++) {
    const bool is_start = i >= m->n_early;
    if (is_start ? !any_moves(m, m->start, m->n_states, i - m->n_early)
                 : !any_moves(m, m->early, m->n_early, i))
      continue;
    if (!is_start) c->pair_early[c->n_pairs++] = i;
    c->of[d++] = i;
    c->pair_start[d] = c->n_pairs;
  }
}

static tau_status choose_directions(taup_carrier *c, const movable *m)
{
  int n_by_parameter = 0, n_by_early = 0, most = 0;
  for (int j = 0; j < m->n; j++) n_by_parameter += parameter_moves(m, j);
  for (int h = 0; h < m->n_early; h++) n_by_early += any_moves(m, m->early, m->n_early, h);
  for (int i = 0; i < m->n_states; i++) n_by_early += any_moves(m, m->start, m->n_states, i);
  c->by_parameter = n_by_parameter <= n_by_early;
  c->n_directions = c->by_parameter ? n_by_parameter : n_by_early;
  for (int i = 0; i < m->n * m->n_early; i++) most += m->early[i];
  c->of = taup_arena_alloc(&c->arena, (size_t)c->n_directions, sizeof *c->of);
  c->pair_start = taup_arena_alloc(&c->arena, (size_t)c->n_directions + 1, sizeof *c->pair_start);
  c->pair_early = taup_arena_alloc(&c->arena, (size_t)most, sizeof *c->pair_early);
  if (!c->of || !c->pair_start || !c->pair_early) return TAU_E_NOMEM;
  c->early_moves = m->early;
  c->start_moves = m->start;
  if (c->by_parameter) by_parameter(c, m);
  else by_early(c, m);
  return TAU_OK;
}

/* --- the equations --- */

typedef struct maker {
  taup_carrier *c;
  taup_graph *g;
  const taup_late *late;
  int n_nodes; /* of the equations without tangents */
  bool *read;
  taup_node *tangents, *f, *q; /* f, q: of the whole system */
  bool has_q;
} maker;

static void mark_read(maker *m)
{
  for (int i = 0; i < m->c->n; i++) m->read[m->late->f[i]] = true;
  for (int i = 0; m->has_q && i < TAUP_N_Q; i++) m->read[m->late->q[i]] = true;
  for (int a = m->n_nodes - 1; a >= 0; a--)
    for (int k = 0; m->read[a] && k < taup_node_n_args(m->g, a); k++)
      m->read[taup_node_args(m->g, a)[k]] = true;
}

static taup_node or_zero(taup_graph *g, taup_node a) { return a == TAUP_NODE_NONE ? taup_number(g, 0.0) : a; }

/* Tangents of the symbols in direction d. */
static void seed(maker *m, int d)
{
  const taup_carrier *c = m->c;
  for (int a = 0; a < m->n_nodes; a++) {
    m->tangents[a] = TAUP_NODE_NONE;
    if (!m->read[a] || taup_node_op(m->g, a) != TAUP_OP_SYMBOL) continue;
    const int index = taup_node_index(m->g, a);
    if (taup_node_binding(m->g, a) == TAUP_STATE)
      m->tangents[a] = taup_symbol(m->g, TAUP_STATE, c->n * (1 + d) + index, TAUP_DIM_NONE, "S");
    for (int k = c->pair_start[d]; taup_node_binding(m->g, a) == TAUP_INLET && k < c->pair_start[d + 1]; k++)
      if (c->pair_early[k] == index)
        m->tangents[a] = taup_symbol(m->g, TAUP_INLET, c->n_early + k, TAUP_DIM_NONE, "w");
  }
}

static tau_status write_equations(maker *m)
{
  const taup_carrier *c = m->c;
  mark_read(m);
  memcpy(m->f, m->late->f, (size_t)c->n * sizeof *m->f);
  memcpy(m->q, m->late->q, TAUP_N_Q * sizeof *m->q);
  for (int d = 0; d < c->n_directions; d++) {
    seed(m, d);
    TAU_TRY(taup_late_tangents(m->g, m->n_nodes, m->read, m->tangents));
    for (int i = 0; i < c->n; i++) m->f[c->n * (1 + d) + i] = or_zero(m->g, m->tangents[m->late->f[i]]);
    for (int i = 0; m->has_q && i < TAUP_N_Q; i++)
      m->q[TAUP_N_Q * (1 + d) + i] = or_zero(m->g, m->tangents[m->late->q[i]]);
  }
  return taup_graph_status(m->g);
}

/* --- the Jacobian, for stiff points --- */

typedef struct entry {
  int row, column;
  taup_node node;
} entry;

static int by_place(const void *pa, const void *pb)
{
  const entry *a = pa, *b = pb;
  return a->column != b->column ? a->column - b->column : a->row - b->row;
}

static tau_status add_row(const maker *m, taup_diff *diff, int i, entry **list, int *n, int *capacity)
{
  const taup_partial *partials;
  const int n_partials = taup_diff_of(diff, m->f[i], &partials);
  bool diagonal = false;
  TAU_TRY(taup_graph_status(m->g));
  TAU_TRY(taup_grow(list, capacity, *n + n_partials + 1, sizeof **list));
  for (int k = 0; k < n_partials; k++) {
    diagonal = diagonal || partials[k].symbol == i;
    (*list)[(*n)++] = (entry){i, partials[k].symbol, partials[k].node};
  }
  if (!diagonal) (*list)[(*n)++] = (entry){i, i, taup_number(m->g, 0.0)};
  return TAU_OK;
}

static tau_status take_entries(maker *m, entry *list, int n, taup_body *body)
{
  const int n_all = m->c->system.n;
  int *start = taup_arena_alloc(&m->c->arena, (size_t)n_all + 1, sizeof *start);
  int *row = taup_arena_alloc(&m->c->arena, (size_t)n, sizeof *row);
  taup_node *nodes = taup_arena_alloc(&m->c->arena, (size_t)n, sizeof *nodes);
  if (!start || !row || !nodes) return TAU_E_NOMEM;
  qsort(list, (size_t)n, sizeof *list, by_place);
  for (int k = 0; k < n; k++) {
    start[list[k].column + 1]++;
    row[k] = list[k].row;
    nodes[k] = list[k].node;
  }
  for (int c = 0; c < n_all; c++) start[c + 1] += start[c];
  m->c->system.column_start = start;
  m->c->system.row = row;
  *body = (taup_body){n, nodes, "J"};
  return TAU_OK;
}

static tau_status write_jacobian(maker *m, taup_body *body)
{
  taup_diff *diff = NULL;
  entry *list = NULL;
  int n = 0, capacity = 0;
  tau_status st = taup_diff_new(&diff, m->g, TAUP_STATE);
  for (int i = 0; i < m->c->system.n && st == TAU_OK; i++) st = add_row(m, diff, i, &list, &n, &capacity);
  if (st == TAU_OK) st = take_entries(m, list, n, body);
  taup_diff_free(diff);
  taup_free(list);
  return st;
}

static tau_status write_q_slopes(maker *m, int n_q, taup_body *body)
{
  taup_rows *rows = &m->c->q_slopes;
  TAU_TRY(taup_diff_rows(rows, m->g, TAUP_STATE, n_q, m->q));
  m->c->system.q_first = rows->first;
  m->c->system.q_state = rows->symbol;
  *body = (taup_body){rows->first[n_q], rows->node, "slopes of q"};
  return TAU_OK;
}

/* --- life --- */

static tau_status lower(maker *m)
{
  taup_carrier *c = m->c;
  const int n = c->n * (1 + c->n_directions), n_q = TAUP_N_Q * (1 + c->n_directions);
  const int n_inputs[4] = {0, 0, c->n_early + c->n_pairs, n};
  taup_body bodies[4] = {{n, m->f, "f, its tangents"}};
  int n_bodies = 1;
  c->system = (taup_system){
    .n = n, .body_f = 0, .body_J = -1, .body_q = m->has_q ? n_bodies : -1, .n_q = n_q, .body_q_slopes = -1};
  TAU_TRY(write_equations(m));
  if (m->has_q) bodies[n_bodies++] = (taup_body){n_q, m->q, "q, its tangents"};
  if (n <= TAUP_MOST_STIFF_STATES) {
    c->system.body_J = n_bodies;
    TAU_TRY(write_jacobian(m, &bodies[n_bodies++]));
    if (m->has_q) TAU_TRY(write_q_slopes(m, n_q, &bodies[c->system.body_q_slopes = n_bodies++]));
  }
  TAU_TRY(taup_program_new(&c->program, m->g, n_inputs, n_bodies, bodies));
  c->system.program = c->program;
  return TAU_OK;
}

static tau_status make(taup_carrier *c, const taup_unit_slopes *u, taup_carrier_options options)
{
  const size_t m = 1 + (size_t)c->n_directions;
  maker k = {.c = c,
             .g = u->late.g,
             .late = &u->late,
             .n_nodes = taup_graph_n_nodes(u->late.g),
             .has_q = options.integrals && u->system.body_q >= 0};
  k.read = taup_arena_alloc(&c->arena, (size_t)k.n_nodes, sizeof *k.read);
  k.tangents = taup_arena_alloc(&c->arena, (size_t)k.n_nodes, sizeof *k.tangents);
  k.f = taup_arena_alloc(&c->arena, m * (size_t)c->n, sizeof *k.f);
  k.q = taup_arena_alloc(&c->arena, m * TAUP_N_Q, sizeof *k.q);
  if (!k.read || !k.tangents || !k.f || !k.q) return TAU_E_NOMEM;
  TAU_TRY(lower(&k));
  return taup_lanes_new(&c->lanes, &c->system, options.width);
}

tau_status taup_carrier_new(taup_carrier **out, const tau_sensitivity *s, const taup_reach *reach,
                            int i_stage, int i_program, taup_carrier_options options)
{
  const taup_unit_slopes *u = &s->engines[i_program].slopes;
  movable m = {0};
  taup_carrier *c = taup_calloc(1, sizeof *c);
  *out = NULL;
  if (!c) return TAU_E_NOMEM;
  c->n = u->system.n;
  c->n_early = u->late.n_early;
  tau_status st = find_movable(&m, &c->arena, s, reach, i_stage, i_program);
  if (st == TAU_OK) st = choose_directions(c, &m);
  const long n_states = (long)c->n * (1 + c->n_directions);
  const bool fits = c->n_directions > 0 && n_states <= TAUP_MOST_CARRIED_STATES;
  if (st == TAU_OK && fits) st = make(c, u, options);
  if (st == TAU_OK && fits) *out = c;
  else taup_carrier_free(c);
  return st;
}

void taup_carrier_free(taup_carrier *c)
{
  if (!c) return;
  taup_lanes_free(c->lanes);
  taup_program_free(c->program);
  taup_rows_free(&c->q_slopes);
  taup_arena_free(&c->arena);
  taup_free(c);
}

/* --- a point --- */

/* How far number i of n moves when the parameters do. */
static double farthest(const taup_carried_point *p, const double *tangents, int n, int i)
{
  double most = 0.0;
  for (int j = 0; j < p->n; j++) most = fmax(most, fabs(tangents[j * n + i]) * p->scale[j]);
  return most;
}

static void begin_by_parameter(const taup_carrier *c, const taup_carried_point *p, double *w)
{
  for (int d = 0; d < c->n_directions; d++) {
    const int j = c->of[d];
    for (int k = c->pair_start[d]; k < c->pair_start[d + 1]; k++)
      w[k] = p->d_early[j * c->n_early + c->pair_early[k]] * p->scale[j];
    for (int i = 0; i < c->n; i++) p->y[c->n * (1 + d) + i] = p->d_start[j * c->n + i] * p->scale[j];
    p->coefficient[j * c->n_directions + d] = 1.0 / p->scale[j];
  }
}

static void begin_by_early(const taup_carrier *c, const taup_carried_point *p, double *w)
{
  for (int d = 0; d < c->n_directions; d++) {
    const int i = c->of[d] - c->n_early;
    const bool is_start = i >= 0;
    const int n = is_start ? c->n : c->n_early, place = is_start ? i : c->of[d];
    const double *moves = is_start ? p->d_start : p->d_early;
    const double scale = farthest(p, moves, n, place);
    if (is_start) p->y[c->n * (1 + d) + i] = scale;
    else w[c->pair_start[d]] = scale;
    for (int j = 0; j < p->n && scale > 0.0; j++)
      p->coefficient[j * c->n_directions + d] = moves[j * n + place] / scale;
  }
}

static bool is_within(int n, const double *tangents, const bool *moves)
{
  for (int i = 0; i < n; i++)
    if (!isfinite(tangents[i]) || (tangents[i] != 0.0 && !moves[i])) return false;
  return true;
}

bool taup_carrier_begin(const taup_carrier *c, const taup_carried_point *p)
{
  const size_t n = (size_t)c->n;
  double *h = taup_program_input(c->program, 1, p->R, TAUP_INLET, 0);
  if (!is_within(p->n * c->n_early, p->d_early, c->early_moves) ||
      !is_within(p->n * c->n, p->d_start, c->start_moves))
    return false;
  memcpy(h, p->early, (size_t)c->n_early * sizeof *h);
  memset(p->y, 0, (size_t)c->system.n * sizeof *p->y);
  memset(p->coefficient, 0, (size_t)(p->n * c->n_directions) * sizeof *p->coefficient);
  memcpy(p->y, p->start, n * sizeof *p->y);
  for (int d = 0; d <= c->n_directions; d++) memcpy(p->y_atol + (size_t)d * n, p->atol, n * sizeof *p->atol);
  if (c->by_parameter) begin_by_parameter(c, p, h + c->n_early);
  else begin_by_early(c, p, h + c->n_early);
  taup_program_prologue(c->program, TAUP_PARAMETER, 1, p->R);
  taup_program_prologue(c->program, TAUP_INLET, 1, p->R);
  return true;
}

void taup_carrier_combine(const taup_carrier *c, int n, int n_values, const double *coefficient,
                          const double *of_directions, double *out)
{
  memset(out, 0, (size_t)(n * n_values) * sizeof *out);
  for (int j = 0; j < n; j++)
    for (int d = 0; d < c->n_directions; d++) {
      const double k = coefficient[j * c->n_directions + d];
      const double *S = of_directions + d * n_values;
      for (int i = 0; k != 0.0 && i < n_values; i++) out[j * n_values + i] += k * S[i];
    }
}

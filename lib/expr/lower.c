/* SPDX-License-Identifier: Apache-2.0 */
/* lower.c - from nodes to instructions.
 *
 * 1. prepare: every node that the bodies reach; scaled factors bound early and numbers that sums need are made as nodes of their own.
 * 2. plan, for each body and then for the prologues: which nodes become instructions, and of which operands. Products inside sums are not
 *    computed apart: a sum takes pairs. A node bound before the state is planned in its prologue, once for all bodies.
 * 3. order: by level (longest way from the inputs), then operation and shape, so that neighbours are independent and equal ones are
 * adjacent. 4. registers: results of prologues keep theirs; those of a body are reused, last freed first.
 * 5. emit runs of equal instructions.
 *
 * Everything is linear in the number of nodes but the sorting. */
#include "expr/lower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "expr/code.h"

tau_status taup_ints_add(taup_ints *a, int x)
{
  TAU_TRY(taup_grow(&a->items, &a->capacity, a->n + 1, sizeof *a->items));
  a->items[a->n++] = x;
  return TAU_OK;
}

/* From how many equal instructions in a row on they are written with a count. */
enum { FEWEST_COUNTED = 3 };

typedef struct instruction {
  taup_node node;
  taup_code code; /* SUM_ANY and MUL_ANY for every sum and product */
  int level;
  int first, n; /* operands (nodes, or plain numbers for a call): work.operands[first .. first + n) */
  int shape[4]; /* of a sum */
} instruction;

typedef struct work {
  taup_graph *g;
  taup_program *p;
  int n_nodes;
  taup_ints reached; /* nodes, each once */
  unsigned char *is_reached;
  int cap_is_reached;
  int *readers;          /* raw number of readers in the section at hand */
  int *level;            /* of a node planned in the section at hand; 0 for what is there before */
  int *reg;              /* register of a node, -1 */
  unsigned char *wanted; /* node is to be planned: bit 0 in the section at hand, bit 1 in a prologue */
  int *last_use;
  taup_ints operands;
  instruction *list;
  int n_list, cap_list;
  taup_ints code;
  taup_ints free_registers;
  int n_registers;
} work;

/* --- 1. prepare --- */

static tau_status reach(work *w, taup_node a)
{
  if (a < 0) return taup_graph_status(w->g);
  const int before = w->cap_is_reached;
  TAU_TRY(taup_grow(&w->is_reached, &w->cap_is_reached, a + 1, 1));
  if (w->cap_is_reached > before) memset(w->is_reached + before, 0, (size_t)(w->cap_is_reached - before));
  if (w->is_reached[a]) return TAU_OK;
  w->is_reached[a] = 1;
  return taup_ints_add(&w->reached, a);
}

/* Whether a term of a sum bound at `here` is (early)(late): bound there too, one factor bound before. */
static bool is_split(const taup_graph *g, taup_node a, taup_binding here)
{
  return taup_node_op(g, a) == TAUP_OP_PROD && taup_node_n_args(g, a) == 2 &&
         taup_node_binding(g, a) == here && taup_node_binding(g, taup_node_args(g, a)[0]) < here;
}

/* The nodes beside its terms that a sum needs: its constant, and coefficients that are not +-1 (times the early factor). */
static taup_node coefficient_node(taup_graph *g, double c, taup_node term, taup_binding here)
{
  if (!is_split(g, term, here)) return taup_number(g, fabs(c));
  return taup_scale(g, c, taup_node_args(g, term)[0]);
}

static tau_status prepare_sum(work *w, taup_node a)
{
  if (taup_node_value(w->g, a) != 0.0) TAU_TRY(reach(w, taup_number(w->g, taup_node_value(w->g, a))));
  const int n = taup_node_n_args(w->g, a);
  for (int k = 0; k < n; k++) {
    const double c = taup_node_coefficients(w->g, a)[k];
    if (fabs(c) != 1.0)
      TAU_TRY(reach(w, coefficient_node(w->g, c, taup_node_args(w->g, a)[k], taup_node_binding(w->g, a))));
  }
  return TAU_OK;
}

static tau_status prepare(work *w, int n_bodies, const taup_body *bodies)
{
  for (int b = 0; b < n_bodies; b++)
    for (int i = 0; i < bodies[b].n; i++) TAU_TRY(reach(w, bodies[b].nodes[i]));
  for (int i = 0; i < w->reached.n; i++) {
    const taup_node a = w->reached.items[i];
    const int n = taup_node_n_args(w->g, a);
    for (int k = 0; k < n; k++) TAU_TRY(reach(w, taup_node_args(w->g, a)[k]));
    if (taup_node_op(w->g, a) == TAUP_OP_SUM) TAU_TRY(prepare_sum(w, a));
  }
  return TAU_OK;
}

static tau_status allocate(work *w)
{
  const size_t n = (size_t)(w->n_nodes = taup_graph_n_nodes(w->g));
  w->readers = taup_calloc(n, sizeof *w->readers);
  w->level = taup_calloc(n, sizeof *w->level);
  w->reg = taup_calloc(n, sizeof *w->reg);
  w->wanted = taup_calloc(n, 1);
  w->last_use = taup_calloc(n, sizeof *w->last_use);
  if (!w->readers || !w->level || !w->reg || !w->wanted || !w->last_use) return TAU_E_NOMEM;
  for (size_t i = 0; i < n; i++) w->reg[i] = -1;
  return TAU_OK;
}

/* --- registers of constants and inputs --- */

static tau_status place_inputs(work *w, const int n_inputs[4])
{
  taup_program *p = w->p;
  for (int i = 0; i < w->reached.n; i++)
    if (taup_node_op(w->g, w->reached.items[i]) == TAUP_OP_CONST)
      w->reg[w->reached.items[i]] = p->n_constants++;
  p->constants = taup_calloc((size_t)p->n_constants, sizeof *p->constants);
  if (!p->constants) return TAU_E_NOMEM;
  int next = p->n_constants;
  for (int b = TAUP_PARAMETER; b <= TAUP_STATE; b++) {
    p->input[b] = next;
    p->n_inputs[b] = n_inputs[b];
    next += n_inputs[b];
  }
  for (int i = 0; i < w->reached.n; i++) {
    const taup_node a = w->reached.items[i];
    if (taup_node_op(w->g, a) == TAUP_OP_CONST) p->constants[w->reg[a]] = taup_node_value(w->g, a);
    if (taup_node_op(w->g, a) == TAUP_OP_SYMBOL)
      w->reg[a] = p->input[taup_node_binding(w->g, a)] + taup_node_index(w->g, a);
  }
  w->n_registers = next;
  return TAU_OK;
}

/* --- 2. plan --- */

/* A node that is read as an operand: planned here, or in its prologue. */
static tau_status want(work *w, taup_node a, taup_binding here)
{
  if (a < 0) return taup_graph_status(w->g); /* finding a node again may need memory for the table */
  TAU_TRY(taup_ints_add(&w->operands, a));
  if (taup_node_binding(w->g, a) == here) w->wanted[a] |= 1;
  else w->wanted[a] |= 2;
  return TAU_OK;
}

static bool is_leaf(const work *w, taup_node a, taup_binding here)
{
  return taup_node_binding(w->g, a) < here || taup_node_op(w->g, a) == TAUP_OP_SYMBOL;
}

/* Whether a product of two is better computed inside the sums that read it: read once, or cheap to repeat (few readers, two leaves: the
 * chain of operations is what costs). */
static bool is_fused(const work *w, taup_node a, taup_binding here)
{
  if (taup_node_op(w->g, a) != TAUP_OP_PROD || taup_node_n_args(w->g, a) != 2 ||
      taup_node_binding(w->g, a) != here)
    return false;
  if (is_split(w->g, a, here)) return true;
  if (w->readers[a] == 1) return true;
  return w->readers[a] <= 3 && is_leaf(w, taup_node_args(w->g, a)[0], here) &&
         is_leaf(w, taup_node_args(w->g, a)[1], here);
}

typedef enum role { PLUS, MINUS, PAIR_PLUS, PAIR_MINUS } role;

/* How the k-th term of a sum is read. */
static role role_of(const work *w, double c, taup_node term, taup_binding here, taup_node pair[2])
{
  const bool unit = fabs(c) == 1.0, fused = is_fused(w, term, here);
  if (unit && !fused) return c > 0.0 ? PLUS : MINUS;
  if (fused && (unit || is_split(w->g, term, here))) {
    const taup_node scaled = unit ? taup_node_args(w->g, term)[0] : coefficient_node(w->g, c, term, here);
    pair[0] = scaled;
    pair[1] = taup_node_args(w->g, term)[1];
    return unit && c < 0.0 ? PAIR_MINUS : PAIR_PLUS;
  }
  pair[0] = coefficient_node(w->g, c, term, here);
  pair[1] = term;
  return c < 0.0 ? PAIR_MINUS : PAIR_PLUS;
}

static tau_status plan_sum(work *w, taup_node a, taup_binding here, instruction *in)
{
  const int n = taup_node_n_args(w->g, a);
  in->code = TAUP_CODE_SUM_ANY;
  for (role r = PLUS; r <= PAIR_MINUS; r++) {
    if (r == PLUS && taup_node_value(w->g, a) != 0.0) {
      TAU_TRY(want(w, taup_number(w->g, taup_node_value(w->g, a)), here));
      in->shape[PLUS]++;
    }
    for (int k = 0; k < n; k++) {
      const taup_node term = taup_node_args(w->g, a)[k];
      taup_node pair[2] = {term, term};
      if (role_of(w, taup_node_coefficients(w->g, a)[k], term, here, pair) != r) continue;
      in->shape[r]++;
      if (r >= PAIR_PLUS) TAU_TRY(want(w, pair[0], here));
      TAU_TRY(want(w, pair[1], here));
    }
  }
  return TAU_OK;
}

static tau_status plan_product(work *w, taup_node a, taup_binding here, instruction *in)
{
  const int n = taup_node_n_args(w->g, a);
  in->code = TAUP_CODE_MUL_ANY;
  if (n == 2)
    for (int k = 0; k < 2; k++) {
      const taup_node r = taup_node_args(w->g, a)[k], other = taup_node_args(w->g, a)[1 - k];
      if (taup_node_op(w->g, r) != TAUP_OP_RECIP || taup_node_binding(w->g, r) != here || w->readers[r] != 1)
        continue;
      in->code = TAUP_CODE_DIV;
      TAU_TRY(want(w, other, here));
      return want(w, taup_node_args(w->g, r)[0], here);
    }
  for (int k = 0; k < n; k++) TAU_TRY(want(w, taup_node_args(w->g, a)[k], here));
  return TAU_OK;
}

static tau_status plan_call(work *w, taup_node a, taup_binding here, instruction *in)
{
  const bool value = taup_node_op(w->g, a) == TAUP_OP_CALL;
  in->code = value ? TAUP_CODE_CALL : TAUP_CODE_DCALL;
  TAU_TRY(taup_ints_add(&w->operands, taup_node_index(w->g, a)));
  TAU_TRY(taup_ints_add(&w->operands, value ? -1 : taup_node_index2(w->g, a)));
  const int n = taup_node_n_args(w->g, a);
  for (int k = 0; k < n; k++) TAU_TRY(want(w, taup_node_args(w->g, a)[k], here));
  return TAU_OK;
}

static taup_code simple_code(taup_op op)
{
  static const taup_code codes[TAUP_N_OPS] = {
    [TAUP_OP_RECIP] = TAUP_CODE_RECIP,  [TAUP_OP_POW] = TAUP_CODE_POW, [TAUP_OP_SQRT] = TAUP_CODE_SQRT,
    [TAUP_OP_EXP] = TAUP_CODE_EXP,      [TAUP_OP_LOG] = TAUP_CODE_LOG, [TAUP_OP_TANH] = TAUP_CODE_TANH,
    [TAUP_OP_ABS] = TAUP_CODE_ABS,      [TAUP_OP_MIN] = TAUP_CODE_MIN, [TAUP_OP_MAX] = TAUP_CODE_MAX,
    [TAUP_OP_SELECT] = TAUP_CODE_SELECT};
  return codes[op];
}

static tau_status plan_node(work *w, taup_node a, taup_binding here)
{
  TAU_TRY(taup_grow(&w->list, &w->cap_list, w->n_list + 1, sizeof *w->list));
  instruction in = {.node = a, .first = w->operands.n};
  const taup_op op = taup_node_op(w->g, a);
  switch (op) {
  case TAUP_OP_SUM: TAU_TRY(plan_sum(w, a, here, &in)); break;
  case TAUP_OP_PROD: TAU_TRY(plan_product(w, a, here, &in)); break;
  case TAUP_OP_CALL:
  case TAUP_OP_DCALL: TAU_TRY(plan_call(w, a, here, &in)); break;
  default: {
    in.code = simple_code(op);
    const int n = taup_node_n_args(w->g, a);
    for (int k = 0; k < n; k++) TAU_TRY(want(w, taup_node_args(w->g, a)[k], here));
  }
  }
  in.n = w->operands.n - in.first;
  w->list[w->n_list++] = in;
  return TAU_OK;
}

/* Raw readers of every node of one binding time among `nodes` (descending) that are reached from the wanted ones. */
static void count_readers(work *w, int n, const int *nodes, taup_binding here)
{
  memset(w->readers, 0, (size_t)w->n_nodes * sizeof *w->readers);
  for (int i = 0; i < n; i++) {
    const taup_node a = nodes[i];
    const bool outer = w->wanted[a] & 1;
    if (taup_node_binding(w->g, a) != here || (!outer && !w->readers[a])) continue;
    const int m = taup_node_n_args(w->g, a);
    for (int k = 0; k < m; k++) w->readers[taup_node_args(w->g, a)[k]]++;
    if (outer) w->readers[a] += 4; /* read from outside too: keep it */
  }
}

static bool is_operand_node(taup_code code, int k)
{
  return (code != TAUP_CODE_CALL && code != TAUP_CODE_DCALL) || k >= 2;
}

static int by_level(const void *pa, const void *pb)
{
  const instruction *a = pa, *b = pb;
  if (a->level != b->level) return a->level - b->level;
  if (a->code != b->code) return (int)a->code - (int)b->code;
  if (a->n != b->n) return a->n - b->n;
  for (int k = 0; k < 4; k++)
    if (a->shape[k] != b->shape[k]) return a->shape[k] - b->shape[k];
  return a->node - b->node;
}

/* Plan all wanted nodes of one binding time; nodes: reached ones in descending order, so readers come first. */
static tau_status plan(work *w, int n, const int *nodes, taup_binding here)
{
  w->n_list = 0;
  w->operands.n = 0;
  count_readers(w, n, nodes, here);
  for (int i = 0; i < n; i++) {
    const taup_node a = nodes[i];
    if (taup_node_binding(w->g, a) != here || !(w->wanted[a] & 1) || taup_node_op(w->g, a) == TAUP_OP_SYMBOL)
      continue;
    TAU_TRY(plan_node(w, a, here));
  }
  for (int i = w->n_list - 1; i >= 0; i--) { /* ascending: operands first */
    instruction *in = &w->list[i];
    in->level = 1;
    for (int k = 0; k < in->n; k++) {
      if (!is_operand_node(in->code, k)) continue;
      const int below = w->level[w->operands.items[in->first + k]];
      if (below >= in->level) in->level = below + 1;
    }
    w->level[in->node] = in->level;
  }
  if (w->n_list) qsort(w->list, (size_t)w->n_list, sizeof *w->list, by_level);
  return TAU_OK;
}

/* --- 4. registers --- */

static void keep_registers(work *w)
{
  for (int i = 0; i < w->n_list; i++) w->reg[w->list[i].node] = w->n_registers++;
}

/* Registers of a body from `base` on, reused after the last reader. Returns how many were needed. */
static tau_status reuse_registers(work *w, int base, int n_outputs, const taup_node *outputs, int *n_used)
{
  for (int i = 0; i < w->n_list; i++)
    for (int k = 0; k < w->list[i].n; k++)
      if (is_operand_node(w->list[i].code, k)) w->last_use[w->operands.items[w->list[i].first + k]] = i;
  for (int i = 0; i < n_outputs; i++) w->last_use[outputs[i]] = w->n_list;
  int used = 0;
  w->free_registers.n = 0;
  for (int i = 0; i < w->n_list; i++) {
    const instruction *in = &w->list[i];
    /* operands that end here are freed first: an instruction reads all of them before it writes */
    for (int k = 0; k < in->n; k++) {
      const taup_node a = w->operands.items[in->first + k];
      if (!is_operand_node(in->code, k) || w->reg[a] < base || w->last_use[a] != i) continue;
      TAU_TRY(taup_ints_add(&w->free_registers, w->reg[a]));
      w->last_use[a] = -1; /* once, also when it stands twice */
    }
    w->reg[in->node] = w->free_registers.n ? w->free_registers.items[--w->free_registers.n] : base + used++;
  }
  *n_used = used;
  return TAU_OK;
}

/* --- 5. emit --- */

static bool same_shape(const instruction *a, const instruction *b)
{
  return a->code == b->code && a->n == b->n && memcmp(a->shape, b->shape, sizeof a->shape) == 0;
}

/* The operation for a number of equal instructions; *counted: it is written with a count. */
static taup_code final_code(const instruction *in, int count, bool *counted)
{
  *counted = false;
  if (in->code == TAUP_CODE_SUM_ANY) {
    const taup_code single = taup_code_of_shape(in->shape);
    *counted = single != TAUP_CODE_SUM_ANY && count >= FEWEST_COUNTED;
    return *counted ? single + 1 : single;
  }
  if (in->code != TAUP_CODE_MUL_ANY || in->n > 4) return in->code;
  *counted = in->n == 2 && count >= FEWEST_COUNTED;
  return *counted ? TAUP_CODE_MULS2 : TAUP_CODE_MUL2 + (in->n - 2);
}

static tau_status emit_ints(work *w, int n, const int *ints)
{
  for (int k = 0; k < n; k++) TAU_TRY(taup_ints_add(&w->code, ints[k]));
  return TAU_OK;
}

static tau_status emit_operands(work *w, const instruction *in)
{
  TAU_TRY(taup_ints_add(&w->code, 8 * w->reg[in->node]));
  for (int k = 0; k < in->n; k++) {
    const int x = w->operands.items[in->first + k];
    TAU_TRY(taup_ints_add(&w->code, is_operand_node(in->code, k) ? 8 * w->reg[x] : x));
  }
  return TAU_OK;
}

/* What stands between the operation and the result. */
static tau_status emit_head(work *w, const instruction *in, taup_code code)
{
  if (code == TAUP_CODE_SUM_ANY) return emit_ints(w, 4, in->shape);
  const bool call = code == TAUP_CODE_CALL || code == TAUP_CODE_DCALL;
  if (call || code == TAUP_CODE_MUL_ANY) return taup_ints_add(&w->code, in->n - (call ? 2 : 0));
  return TAU_OK;
}

/* `count` equal instructions, none of which reads what another writes. */
static tau_status emit_equal(work *w, const instruction *in, int count)
{
  bool counted;
  const taup_code code = final_code(in, count, &counted);
  for (int i = 0; i < count; i++) {
    if (!counted || i == 0) TAU_TRY(taup_ints_add(&w->code, (int)code));
    if (counted && i == 0) TAU_TRY(taup_ints_add(&w->code, count));
    if (!counted) TAU_TRY(emit_head(w, &in[i], code));
    TAU_TRY(emit_operands(w, &in[i]));
  }
  return TAU_OK;
}

static tau_status emit_outputs(work *w, int n, const taup_node *outputs)
{
  if (n == 0) return TAU_OK;
  TAU_TRY(emit_ints(w, 2, (const int[]){TAUP_CODE_STORE, n}));
  for (int i = 0; i < n; i++) TAU_TRY(taup_ints_add(&w->code, 8 * w->reg[outputs[i]]));
  return TAU_OK;
}

/* Equal neighbours are of one level: none reads what another of them writes. */
static tau_status emit(work *w, int section, int n_outputs, const taup_node *outputs)
{
  w->code.n = 0;
  for (int i = 0, end; i < w->n_list; i = end) {
    for (end = i + 1; end < w->n_list && same_shape(&w->list[i], &w->list[end]); end++) continue;
    TAU_TRY(emit_equal(w, &w->list[i], end - i));
  }
  TAU_TRY(emit_outputs(w, n_outputs, outputs));
  TAU_TRY(taup_ints_add(&w->code, TAUP_CODE_END));
  int *copy = taup_calloc((size_t)w->code.n, sizeof *copy);
  if (!copy) return TAU_E_NOMEM;
  memcpy(copy, w->code.items, (size_t)w->code.n * sizeof *copy);
  w->p->code[section] = copy;
  w->p->n_code[section] = w->code.n;
  w->p->n_instructions[section] = w->n_list;
  return TAU_OK;
}

/* --- the whole --- */

static void want_outputs(work *w, const taup_body *body)
{
  for (int i = 0; i < body->n; i++)
    w->wanted[body->nodes[i]] |= taup_node_binding(w->g, body->nodes[i]) == TAUP_STATE ? 1 : 2;
}

/* The nodes that the plan of a section wants early are wanted by their prologue; marks of this section are taken back. */
static void end_section(work *w, int n, const int *nodes)
{
  for (int i = 0; i < n; i++) {
    const taup_node a = nodes[i];
    w->wanted[a] &= 2;
    w->level[a] = 0;
  }
}

/* A prologue is planned like the bodies: first (not final) to learn what it wants of the earlier one. */
static tau_status lower_prologue(work *w, int n, const int *nodes, taup_binding here, int section, bool final)
{
  for (int i = 0; i < n; i++)
    if ((w->wanted[nodes[i]] & 2) && taup_node_binding(w->g, nodes[i]) == here) w->wanted[nodes[i]] |= 1;
  TAU_TRY(plan(w, n, nodes, here));
  if (final) keep_registers(w);
  end_section(w, n, nodes);
  return final ? emit(w, section, 0, NULL) : TAU_OK;
}

/* Bodies are planned twice: first to learn what they want early, then, when that has its registers, to be emitted. */
static tau_status lower_bodies(work *w, int n, const int *nodes, int n_bodies, const taup_body *bodies,
                               bool final)
{
  const int base = w->n_registers;
  int most = 0;
  for (int b = 0; b < n_bodies; b++) {
    want_outputs(w, &bodies[b]);
    TAU_TRY(plan(w, n, nodes, TAUP_STATE));
    int used = 0;
    if (final) {
      TAU_TRY(reuse_registers(w, base, bodies[b].n, bodies[b].nodes, &used));
      TAU_TRY(emit(w, TAUP_SECTION_BODY + b, bodies[b].n, bodies[b].nodes));
    }
    if (used > most) most = used;
    end_section(w, n, nodes);
  }
  w->n_registers = base + most;
  return TAU_OK;
}

static int descending(const void *pa, const void *pb)
{
  const int a = *(const int *)pa, b = *(const int *)pb;
  return (a < b) - (a > b);
}

static tau_status lower(work *w, const int n_inputs[4], int n_bodies, const taup_body *bodies)
{
  TAU_TRY(prepare(w, n_bodies, bodies));
  TAU_TRY(taup_graph_status(w->g));
  TAU_TRY(allocate(w));
  TAU_TRY(place_inputs(w, n_inputs));
  const int n = w->reached.n;
  int *nodes = w->reached.items;
  if (n) qsort(nodes, (size_t)n, sizeof *nodes, descending);
  TAU_TRY(lower_bodies(w, n, nodes, n_bodies, bodies, false));
  TAU_TRY(lower_prologue(w, n, nodes, TAUP_INLET, TAUP_SECTION_INLET, false));
  TAU_TRY(lower_prologue(w, n, nodes, TAUP_PARAMETER, TAUP_SECTION_PARAMETER, true));
  TAU_TRY(lower_prologue(w, n, nodes, TAUP_INLET, TAUP_SECTION_INLET, true));
  w->p->n_kept = w->n_registers;
  TAU_TRY(lower_bodies(w, n, nodes, n_bodies, bodies, true));
  w->p->n_registers = w->n_registers;
  return taup_graph_status(w->g);
}

static tau_status copy_callbacks(taup_program *p, const taup_graph *g, const work *w)
{
  for (int i = 0; i < w->reached.n; i++) {
    const taup_node a = w->reached.items[i];
    const taup_op op = taup_node_op(g, a);
    if ((op == TAUP_OP_CALL || op == TAUP_OP_DCALL) && taup_node_index(g, a) >= p->n_callbacks)
      p->n_callbacks = taup_node_index(g, a) + 1;
  }
  p->callbacks = taup_calloc((size_t)p->n_callbacks, sizeof *p->callbacks);
  if (!p->callbacks) return TAU_E_NOMEM;
  for (int i = 0; i < p->n_callbacks; i++) p->callbacks[i] = *taup_graph_callback(g, i);
  return TAU_OK;
}

tau_status taup_program_new(taup_program **out, taup_graph *g, const int n_inputs[/* 4 */], int n_bodies,
                            const taup_body *bodies)
{
  *out = NULL;
  work w = {.g = g, .p = taup_calloc(1, sizeof(taup_program))};
  tau_status st = w.p ? taup_graph_status(g) : TAU_E_NOMEM;
  if (st < 0) goto done;
  w.p->n_sections = TAUP_SECTION_BODY + n_bodies;
  for (int b = 0; b < n_bodies; b++) {
    w.p->n_outputs[b] = bodies[b].n;
    w.p->names[b] = bodies[b].name;
  }
  if ((st = lower(&w, n_inputs, n_bodies, bodies)) < 0) goto done;
  if ((st = copy_callbacks(w.p, g, &w)) < 0) goto done;
  *out = w.p;
  w.p = NULL;
done:
  taup_program_free(w.p);
  taup_free(w.reached.items);
  taup_free(w.is_reached);
  taup_free(w.readers);
  taup_free(w.level);
  taup_free(w.reg);
  taup_free(w.wanted);
  taup_free(w.last_use);
  taup_free(w.operands.items);
  taup_free(w.list);
  taup_free(w.code.items);
  taup_free(w.free_registers.items);
  return st;
}

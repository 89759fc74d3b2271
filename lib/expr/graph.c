/* SPDX-License-Identifier: Apache-2.0 */
/* graph.c - storage of nodes: hash-consing, leaves, reading.
 *
 * Invariants: nodes are never deleted or changed; args of node i are < i; two nodes are never equal in (op, dim, value, indices, args,
 * coefficients); binding(i) = max binding of its args. */
#include "expr/graph.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "expr/graph_private.h"

tau_status taup_graph_new(taup_graph **out)
{
  *out = taup_calloc(1, sizeof **out);
  return *out ? TAU_OK : TAU_E_NOMEM;
}

void taup_graph_free(taup_graph *g)
{
  if (!g) return;
  for (int i = 0; i < g->n_names; i++) taup_free(g->names[i]);
  taup_free(g->names);
  taup_free(g->nodes);
  taup_free(g->args);
  taup_free(g->coefficients);
  taup_free(g->dims);
  taup_free(g->callbacks);
  taup_free(g->table);
  taup_free(g);
}

tau_status taup_graph_status(const taup_graph *g)
{
  return g->status < 0 ? taup_fail_as(g->status, g->kind, "%s", g->message) : TAU_OK;
}

taup_node taup_graph_fail(taup_graph *g, taup_error kind, const char *format, ...)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  va_list args;
  va_start(args, format);
  g->kind = kind;
  g->status = taup_failv(kind, format, args);
  va_end(args);
  snprintf(g->message, sizeof g->message, "%s", tau_last_error());
  return TAUP_NODE_ERROR;
}

static taup_node no_memory(taup_graph *g)
{
  return taup_graph_fail(g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in the expression graph (%d nodes)",
                         g->n_nodes);
}

/* --- interning --- */

static uint64_t mix(uint64_t h, uint64_t x)
{
  h ^= x;
  h *= 0x9E3779B97F4A7C15u;
  return h ^ (h >> 29);
}

static uint64_t bits(double x)
{
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static uint64_t hash_of(const taup_draft *d, int dim)
{
  uint64_t h = mix((uint64_t)d->op * 31 + (uint64_t)d->binding, (uint64_t)dim);
  h = mix(h, bits(d->value));
  h = mix(h, (uint64_t)(uint32_t)d->index << 32 | (uint32_t)d->index2);
  for (int i = 0; i < d->n; i++) h = mix(h, (uint64_t)(uint32_t)d->args[i]);
  if (d->coefficients)
    for (int i = 0; i < d->n; i++) h = mix(h, bits(d->coefficients[i]));
  return h;
}

/* A symbol's index2 is its name, which is no part of its identity. */
static bool same(const taup_graph *g, const taup_node_data *a, const taup_draft *d, int dim)
{
  if (a->op != d->op || a->dim != dim || a->n != d->n || a->index != d->index ||
      bits(a->value) != bits(d->value))
    return false;
  if (a->op == TAUP_OP_SYMBOL) return a->binding == d->binding;
  if (a->index2 != d->index2) return false;
  if (a->n && memcmp(g->args + a->first, d->args, (size_t)a->n * sizeof(int)) != 0) return false;
  return !d->coefficients ||
         memcmp(g->coefficients + a->first_coefficient, d->coefficients, (size_t)a->n * sizeof(double)) == 0;
}

static int dim_index(taup_graph *g, taup_dim dim)
{
  for (int i = 0; i < g->n_dims; i++)
    if (taup_dim_equal(g->dims[i], dim)) return i;
  if (g->n_dims >= INT16_MAX || taup_grow(&g->dims, &g->cap_dims, g->n_dims + 1, sizeof *g->dims) < 0)
    return -1;
  g->dims[g->n_dims] = dim;
  return g->n_dims++;
}

static uint64_t hash_of_node(const taup_graph *g, const taup_node_data *a)
{
  const taup_draft d = {(taup_op)a->op,
                        TAUP_DIM_NONE,
                        (taup_binding)a->binding,
                        a->n,
                        a->n ? g->args + a->first : NULL,
                        a->first_coefficient < 0 ? NULL : g->coefficients + a->first_coefficient,
                        a->index,
                        a->op == TAUP_OP_SYMBOL ? 0 : a->index2,
                        a->value};
  return hash_of(&d, a->dim);
}

static tau_status rehash(taup_graph *g)
{
  const int larger = g->cap_table ? 2 * g->cap_table : 256;
  int *table = taup_calloc((size_t)larger, sizeof *table);
  if (!table) return TAU_E_NOMEM;
  for (int i = 0; i < g->n_nodes; i++) {
    uint64_t k = hash_of_node(g, &g->nodes[i]) & (uint64_t)(larger - 1);
    while (table[k]) k = (k + 1) & (uint64_t)(larger - 1);
    table[k] = i + 1;
  }
  taup_free(g->table);
  g->table = table;
  g->cap_table = larger;
  return TAU_OK;
}

static tau_status append(taup_graph *g, const taup_draft *d, int dim)
{
  TAU_TRY(taup_grow(&g->nodes, &g->cap_nodes, g->n_nodes + 1, sizeof *g->nodes));
  TAU_TRY(taup_grow(&g->args, &g->cap_args, g->n_args + d->n, sizeof *g->args));
  if (d->coefficients)
    TAU_TRY(
      taup_grow(&g->coefficients, &g->cap_coefficients, g->n_coefficients + d->n, sizeof *g->coefficients));
  taup_binding binding = d->binding;
  for (int i = 0; i < d->n; i++) {
    g->args[g->n_args + i] = d->args[i];
    if (g->nodes[d->args[i]].binding > binding) binding = (taup_binding)g->nodes[d->args[i]].binding;
    if (d->coefficients) g->coefficients[g->n_coefficients + i] = d->coefficients[i];
  }
  g->nodes[g->n_nodes++] = (taup_node_data){(uint8_t)d->op, (uint8_t)binding,
                                            (int16_t)dim,   g->n_args,
                                            d->n,           d->coefficients ? g->n_coefficients : -1,
                                            d->index,       d->index2,
                                            d->value};
  g->n_args += d->n;
  if (d->coefficients) g->n_coefficients += d->n;
  return TAU_OK;
}

/* The slot that holds a node equal to key, or the empty one where it would go; -1 in a table that does not exist yet. */
static int64_t slot_of(const taup_graph *g, const taup_draft *key, int dim)
{
  if (!g->cap_table) return -1;
  const uint64_t mask = (uint64_t)(g->cap_table - 1);
  taup_draft hashed = *key;
  if (key->op == TAUP_OP_SYMBOL) hashed.index2 = 0;
  uint64_t k = hash_of(&hashed, dim) & mask;
  while (g->table[k] && !same(g, &g->nodes[g->table[k] - 1], key, dim)) k = (k + 1) & mask;
  return (int64_t)k;
}

taup_node taup_graph_intern(taup_graph *g, const taup_draft *d)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  taup_draft key = *d;
  /* an operation that no rule has folded is computed once a run, also on numbers alone */
  if (key.op != TAUP_OP_CONST && key.binding == TAUP_CONSTANT) key.binding = TAUP_PARAMETER;
  for (int i = 0; i < d->n; i++)
    if (g->nodes[d->args[i]].binding > key.binding) key.binding = (taup_binding)g->nodes[d->args[i]].binding;
  const int dim = dim_index(g, d->dim);
  if (dim < 0) return no_memory(g);
  int64_t slot = slot_of(g, &key, dim);
  if (slot >= 0 && g->table[slot]) return g->table[slot] - 1;
  if (2 * (g->n_nodes + 1) >
      g->cap_table) { /* only a new node may need room: looking up an old one never fails */
    if (rehash(g) < 0) return no_memory(g);
    slot = slot_of(g, &key, dim);
  }
  if (append(g, &key, dim) < 0) return no_memory(g);
  g->table[slot] = g->n_nodes;
  return g->n_nodes - 1;
}

/* --- leaves --- */

taup_node taup_const(taup_graph *g, double value, taup_dim dim)
{
  if (value == 0.0) value = 0.0; /* one zero */
  const taup_draft d = {TAUP_OP_CONST, dim, TAUP_CONSTANT, 0, NULL, NULL, 0, 0, value};
  return taup_graph_intern(g, &d);
}

taup_node taup_number(taup_graph *g, double value) { return taup_const(g, value, TAUP_DIM_NONE); }

taup_node taup_symbol(taup_graph *g, taup_binding binding, int index, taup_dim dim, const char *name)
{
  taup_draft d = {TAUP_OP_SYMBOL, dim, binding, 0, NULL, NULL, index, g->n_names, 0.0};
  const int before = g->n_nodes;
  const taup_node a = taup_graph_intern(g, &d);
  if (a < before) return a; /* known, or an error */
  char *copy = taup_strdup(name);
  if (!copy || taup_grow(&g->names, &g->cap_names, g->n_names + 1, sizeof *g->names) < 0) {
    taup_free(copy);
    return no_memory(g);
  }
  g->names[g->n_names++] = copy;
  return a;
}

taup_node taup_call(taup_graph *g, const taup_callback *callback, const taup_node *args, taup_dim dim)
{
  if (g->status < 0) return TAUP_NODE_ERROR;
  int i = 0;
  while (i < g->n_callbacks &&
         (g->callbacks[i].user != callback->user || g->callbacks[i].name != callback->name))
    i++;
  if (i == g->n_callbacks) {
    if (taup_grow(&g->callbacks, &g->cap_callbacks, i + 1, sizeof *g->callbacks) < 0) return no_memory(g);
    g->callbacks[g->n_callbacks++] = *callback;
  }
  const taup_draft d = {TAUP_OP_CALL, dim, TAUP_PARAMETER, callback->n_args, args, NULL, i, 0, 0.0};
  return taup_graph_intern(g, &d);
}

/* --- reading; an error reads as a number without dimension, so that builders need not ask at every step --- */

int taup_graph_n_nodes(const taup_graph *g) { return g->n_nodes; }
taup_op taup_node_op(const taup_graph *g, taup_node a)
{
  return a < 0 ? TAUP_OP_CONST : (taup_op)g->nodes[a].op;
}
taup_binding taup_node_binding(const taup_graph *g, taup_node a)
{
  return a < 0 ? TAUP_CONSTANT : (taup_binding)g->nodes[a].binding;
}
taup_dim taup_node_dim(const taup_graph *g, taup_node a)
{
  return a < 0 ? TAUP_DIM_NONE : g->dims[g->nodes[a].dim];
}
int taup_node_n_args(const taup_graph *g, taup_node a) { return a < 0 ? 0 : g->nodes[a].n; }
const taup_node *taup_node_args(const taup_graph *g, taup_node a)
{
  return g->nodes[a].n ? g->args + g->nodes[a].first : NULL;
}
const double *taup_node_coefficients(const taup_graph *g, taup_node a)
{
  return g->coefficients + g->nodes[a].first_coefficient;
}
double taup_node_value(const taup_graph *g, taup_node a) { return g->nodes[a].value; }
int taup_node_index(const taup_graph *g, taup_node a) { return g->nodes[a].index; }
int taup_node_index2(const taup_graph *g, taup_node a) { return g->nodes[a].index2; }
const char *taup_node_name(const taup_graph *g, taup_node a) { return g->names[g->nodes[a].index2]; }
const taup_callback *taup_graph_callback(const taup_graph *g, int i_callback)
{
  return &g->callbacks[i_callback];
}

bool taup_node_is_const(const taup_graph *g, taup_node a, double value)
{
  return a >= 0 && g->nodes[a].op == TAUP_OP_CONST && g->nodes[a].value == value;
}

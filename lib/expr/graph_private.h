/* SPDX-License-Identifier: Apache-2.0 */
/* graph_private.h - how nodes are stored; for lib/expr alone. */
#ifndef TAUP_GRAPH_PRIVATE_H
#define TAUP_GRAPH_PRIVATE_H

#include <stdint.h>

#include "expr/graph.h"

typedef struct taup_node_data {
  uint8_t op, binding;
  int16_t dim;               /* index into dims */
  int32_t first, n;          /* arguments: args[first .. first + n) */
  int32_t first_coefficient; /* of a sum, one an argument; -1 */
  int32_t index, index2;
  double value;
} taup_node_data;

struct taup_graph {
  taup_node_data *nodes;
  int n_nodes, cap_nodes;
  int *args;
  int n_args, cap_args;
  double *coefficients;
  int n_coefficients, cap_coefficients;
  taup_dim *dims;
  int n_dims, cap_dims;
  char **names; /* of symbols, by node_data.index2 */
  int n_names, cap_names;
  taup_callback *callbacks;
  int n_callbacks, cap_callbacks;
  int *table; /* node indices + 1, open addressing */
  int cap_table;
  tau_status status;
  taup_error kind; /* of the message */
  char message[512];
};

/* A node as it would be: found or added. */
typedef struct taup_draft {
  taup_op op;
  taup_dim dim;
  taup_binding binding; /* of leaves; else it follows from the arguments */
  int n;
  const taup_node *args;
  const double *coefficients;
  int index, index2;
  double value;
} taup_draft;

taup_node taup_graph_intern(taup_graph *g, const taup_draft *draft);

#endif

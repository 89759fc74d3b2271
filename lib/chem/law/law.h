/* SPDX-License-Identifier: Apache-2.0 */
/* law.h - rate laws. One law, one file, one row in table.c; it builds its rate as a graph and everything else follows. */
#ifndef TAUP_LAW_H
#define TAUP_LAW_H

#include "base/field.h"
#include "expr/graph.h"

enum { TAUP_LAW_MOST_FIELDS = 8 };

/* What stands beside the parameters in the model file. */
typedef enum taup_law_flag {
  TAUP_LAW_ORDERS = 1,      /* `orders:` overrides the stoichiometric orders */
  TAUP_LAW_ORDERS_ONLY = 2, /* `orders:` is required, and only what it lists counts */
  TAUP_LAW_REVERSIBLE = 4,  /* reversible equations: with `K:` or `k_reverse:`, and `reverse_orders:` */
  TAUP_LAW_SUBSTRATE = 8,   /* `substrate:`, the single reactant by default */
  TAUP_LAW_EXPRESSION = 16  /* `rate:` and `parameters:` */
} taup_law_flag;

/* One species with an order in the rate. */
typedef struct taup_law_term {
  taup_node c;     /* concentration [mol/m^3] */
  taup_node order; /* without dimension */
  bool product;    /* the reaction makes more of it than it takes: the factor ends at 0 */
  /* Used when the order is a parameter: k keeps its number in the unit written when the order is changed. */
  double written; /* the order as in the model */
  double unit;    /* [mol/m^3] the concentration in the unit of k as written, 1000 for L/mol/s; 0: mol/m^3 */
} taup_law_term;

typedef struct taup_law_args {
  const taup_node *p; /* each field at T, in the order of the row; TAUP_NODE_NONE where it was left out */
  int n_forward, n_reverse;
  const taup_law_term *forward, *reverse;
  taup_node substrate;  /* TAUP_LAW_SUBSTRATE: its concentration */
  taup_node expression; /* TAUP_LAW_EXPRESSION: the user's expression */
  taup_node T;
} taup_law_args;

typedef struct taup_law {
  const char *name;
  const char *doc;
  const taup_field *fields; /* each a k(T) in the model file; OWN_DIM: see dim */
  int n_fields;
  int flags;
  /* Dimension of a field with TAUP_FIELD_OWN_DIM, from the sums of orders. */
  taup_dim (*dim)(int i_field, double order, double reverse_order);
  /* Net rate of the equation as written [mol/m^3/s]. */
  taup_node (*rate)(taup_graph *g, const taup_law_args *in);
} taup_law;

extern const taup_law *const taup_laws[];
extern const int taup_n_laws;

/* (mol/m^3)^(1 - order) / s */
taup_dim taup_rate_constant_dim(double order);
/* product of c_i^order_i; without dimension for orders that are parameters */
taup_node taup_law_product(taup_graph *g, int n, const taup_law_term *terms);
/* k * product of c_i^order_i [mol/m^3/s]; k has the dimension of taup_rate_constant_dim at the orders written */
taup_node taup_law_rate(taup_graph *g, taup_node k, int n, const taup_law_term *terms);

#endif

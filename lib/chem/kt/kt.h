/* SPDX-License-Identifier: Apache-2.0 */
/* kt.h - forms of a constant against temperature, k(T). One form, one file, one row in table.c. */
#ifndef TAUP_KT_H
#define TAUP_KT_H

#include "base/constants.h"
#include "base/field.h"
#include "expr/graph.h"

enum { TAUP_KT_MOST_FIELDS = 4 };

typedef struct taup_kt {
  const char *name; /* of the row */
  const char *
    key; /* in the model file; rows that share a key are told apart by the fields given; NULL: a plain quantity */
  const char *doc;          /* with the source of the method */
  const taup_field *fields; /* TAUP_FIELD_OWN_DIM: that of the constant */
  int n_fields;
  /* The constant at T from its parameters p (those left out have their default as a number); dim: its dimension. */
  taup_node (*build)(taup_graph *g, const taup_node *p, taup_node T, taup_dim dim);
  bool rate, equilibrium; /* may stand for a rate constant; for an equilibrium constant */
} taup_kt;

extern const taup_kt *const taup_kts[];
extern const int taup_n_kts;

extern const taup_kt taup_kt_constant, taup_kt_arrhenius, taup_kt_arrhenius_reference, taup_kt_eyring,
  taup_kt_van_t_hoff;

taup_node taup_gas_constant(taup_graph *g);

/* k_ref exp(-(E / R) (1/T - 1/T_ref)) */
taup_node taup_kt_from_reference(taup_graph *g, taup_node k_ref, taup_node E, taup_node T, taup_node T_ref);

#endif

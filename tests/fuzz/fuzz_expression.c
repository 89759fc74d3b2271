/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_expression.c - any bytes as a rate expression: read, differentiated, lowered to a program and run at
 * one point. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tautrain.h>

#include "base/alloc.h"
#include "base/text.h"
#include "expr/parse.h"
#include "expr/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
  if (holds) return;
  fprintf(stderr, "%s: %s\n", what, tau_last_error());
  abort();
}

/* A, B [mol/m^3], k [1/s], K [m^3/mol], n without dimension, T. */
static taup_node resolve(void *user, taup_graph *g, const char *name, bool species)
{
  (void)user;
  if (strcmp(name, "A") == 0) return taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_CONCENTRATION, "A");
  if (strcmp(name, "B") == 0) return taup_symbol(g, TAUP_STATE, 1, TAUP_DIM_CONCENTRATION, "B");
  if (species) return TAUP_NODE_NONE;
  if (strcmp(name, "T") == 0) return taup_symbol(g, TAUP_STATE, 2, TAUP_DIM_TEMPERATURE, "T");
  if (strcmp(name, "k") == 0) return taup_symbol(g, TAUP_PARAMETER, 0, TAUP_DIM(0, 0, -1, 0, 0), "k");
  if (strcmp(name, "K") == 0) return taup_symbol(g, TAUP_PARAMETER, 1, TAUP_DIM(3, 0, 0, 0, -1), "K");
  if (strcmp(name, "n") == 0) return taup_symbol(g, TAUP_PARAMETER, 2, TAUP_DIM_NONE, "n");
  return TAUP_NODE_NONE;
}

/* The value and its gradient, as a program would compute them in a unit. */
static void run(taup_graph *g, taup_node node)
{
  taup_diff *d = NULL;
  taup_program *p = NULL;
  const taup_partial *partials = NULL;
  taup_node nodes[4] = {node};
  int n = 0;
  if (taup_diff_new(&d, g, TAUP_STATE) != TAU_OK) return;
  n = taup_diff_of(d, node, &partials);
  must(n <= 3, "more derivatives than symbols");
  for (int i = 0; i < n; i++) nodes[1 + i] = partials[i].node;
  const int n_inputs[4] = {0, 3, 0, 3};
  const taup_body body = {1 + n, nodes, "fuzz"};
  if (taup_graph_status(g) == TAU_OK && taup_program_new(&p, g, n_inputs, 1, &body) == TAU_OK) {
    double *R = taup_calloc(taup_program_bytes(p, 1), 1), out[4];
    if (R) {
      taup_program_init(p, 1, R);
      for (int i = 0; i < 3; i++)
        *taup_program_input(p, 1, R, TAUP_PARAMETER, i) = *taup_program_input(p, 1, R, TAUP_STATE, i) =
          0.5 + i;
      taup_program_prologue(p, TAUP_PARAMETER, 1, R);
      taup_program_run(p, 0, 1, R, out);
    }
    taup_free(R);
  }
  taup_program_free(p);
  taup_diff_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const taup_scope scope = {resolve, NULL, NULL};
  taup_graph *g = NULL;
  taup_node node = TAUP_NODE_NONE;
  int column = 0;
  char *text = taup_calloc(size + 1, 1);
  if (text && taup_graph_new(&g) == TAU_OK) {
    memcpy(text, data, size);
    if (taup_parse(g, text, &scope, &node, &column) == TAU_OK) run(g, node);
    else must(tau_last_error()[0] && column >= 1, "a mistake without text or place");
  }
  taup_graph_free(g);
  taup_free(text);
  return 0;
}

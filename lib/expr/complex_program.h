/* SPDX-License-Identifier: Apache-2.0 */
/* complex_program.h - nodes lowered for many evaluations over complex numbers: a transform at all nodes of a contour.
 *
 * The graph has one symbol of binding TAUP_STATE, index 0 (the variable s), and symbols of binding TAUP_PARAMETER, real. A program is
 * immutable and outlives its graph; any number of threads share it, each with its own work space. */
#ifndef TAUP_COMPLEX_PROGRAM_H
#define TAUP_COMPLEX_PROGRAM_H

#include <complex.h>

#include "expr/graph.h"

typedef struct taup_complex_program taup_complex_program;

/* Lower n nodes of g. Errors: the graph's; TAU_E_UNSUPPORTED for min, max, abs, select and functions of the user. */
tau_status taup_complex_compile(taup_complex_program **out, const taup_graph *g, int n,
                                const taup_node *nodes);
void taup_complex_program_free(taup_complex_program *program);
/* Complex numbers of work space for m values of s. */
size_t taup_complex_program_work(const taup_complex_program *program, int m);
/* Value k of the nodes at s[i] into out[k m + i]. parameters: by symbol index. */
void taup_complex_program_run(const taup_complex_program *program, const double *parameters, int m,
                              const double complex *s, double complex *work, double complex *out);

#endif

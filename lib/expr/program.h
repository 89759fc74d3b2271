/* SPDX-License-Identifier: Apache-2.0 */
/* program.h - nodes lowered to a flat program, and its evaluation for 1, 4 or 8 points at once.
 *
 * A program has two prologues (run once when the parameters are known; once when the unit's inlet is known) and any number of bodies (f, J,
 * events ...) run at every step. All share one register file R of n_registers x width doubles, register-major: register r of point l is
 * R[r * width + l]. Registers begin with the constants, then the inputs by binding time; results of the prologues stay in R.
 *
 * A program is immutable and may be run by any number of threads, each with its own R. Running allocates nothing. Results are bit-identical
 * for every width: the same operations in the same order, fma only where an instruction says so, no operation across points. */
#ifndef TAUP_PROGRAM_H
#define TAUP_PROGRAM_H

#include "expr/graph.h"

typedef struct taup_program taup_program;

/* Outputs of one body, in order. */
typedef struct taup_body {
  int n;
  const taup_node *nodes;
  const char *name; /* for the listing; static */
} taup_body;

enum { TAUP_MOST_BODIES = 16, TAUP_WIDEST = 8 };

/* Lower the bodies. n_inputs: how many symbols of TAUP_PARAMETER, TAUP_INLET and TAUP_STATE there are (indices are below that). The graph
 * may be freed afterwards (callbacks are copied; what they point to must live on). */
tau_status taup_program_new(taup_program **out, taup_graph *g, const int n_inputs[/* 4, by binding */],
                            int n_bodies, const taup_body *bodies);
void taup_program_free(taup_program *p);

int taup_program_n_outputs(const taup_program *p, int i_body);
/* Bytes of an R for a width, to be aligned to 64. */
size_t taup_program_bytes(const taup_program *p, int width);
/* Put the constants into R; once for a fresh R. */
void taup_program_init(const taup_program *p, int width, double *R);
/* Where input `index` of a binding time stands in R: width doubles; the next index follows. */
double *taup_program_input(const taup_program *p, int width, double *R, taup_binding binding, int index);

/* The widths that this machine runs: 1 always; 4 and 8 on x86-64 with AVX2 and FMA. */
bool taup_width_is_there(int width);
/* For tests: let width 8 run as two halves of 4 even where AVX-512 is there, and width 1 without FMA instructions. */
void taup_eval_plain_only(bool yes);

/* Run a prologue (TAUP_PARAMETER or TAUP_INLET; the first runs before the second), or a body with its outputs O (n_outputs x width).
 * 0; positive: a user's function refused its arguments; negative: it failed. */
int taup_program_prologue(const taup_program *p, taup_binding binding, int width, double *R);
int taup_program_run(const taup_program *p, int i_body, int width, double *R, double *O);

/* For those who run a body many times: the evaluator of a width, the code of a body, what it is called with. Any R of that width does. */
typedef int (*taup_eval)(const int *code, double *R, double *O, const taup_callback *callbacks);
taup_eval taup_program_evaluator(int width);
typedef enum taup_eval_kind {
  TAUP_EVAL_1_BASE,
  TAUP_EVAL_1_FMA,
  TAUP_EVAL_4_AVX2,
  TAUP_EVAL_8_AVX2,
  TAUP_EVAL_8_AVX512
} taup_eval_kind;
taup_eval_kind taup_program_evaluator_kind(int width);
const int *taup_program_code(const taup_program *p, int i_body);
const taup_callback *taup_program_callbacks(const taup_program *p);
/* The registers that bodies read and that neither a body writes nor is a constant or a state: parameters, inlet, results of prologues. Each
 * once, into out (room for n_registers); returns how many. */
int taup_program_n_registers(const taup_program *p);
int taup_program_reads(const taup_program *p, int n_bodies, const int *bodies, int *out);

/* Number of instructions of a body (-1: parameter prologue, -2: inlet prologue), and how many of them are of one operation. */
int taup_program_n_instructions(const taup_program *p, int i_body);
int taup_program_count(const taup_program *p, int i_body, const char *operation);
struct taup_text;
void taup_program_list(const taup_program *p, struct taup_text *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* program.c - a compiled program: registers, choice of the evaluator for this machine, listing. */
#include "expr/program.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "expr/code.h"
#include "expr/lower.h"

void taup_program_free(taup_program *p)
{
  if (!p) return;
  for (int s = 0; s < p->n_sections; s++) taup_free(p->code[s]);
  taup_free(p->constants);
  taup_free(p->callbacks);
  taup_free(p);
}

int taup_program_n_outputs(const taup_program *p, int i_body) { return p->n_outputs[i_body]; }

size_t taup_program_bytes(const taup_program *p, int width)
{
  const size_t bytes = (size_t)(p->n_registers + 1) * (size_t)width * sizeof(double);
  return (bytes + 63) & ~(size_t)63;
}

void taup_program_init(const taup_program *p, int width, double *R)
{
  memset(R, 0, taup_program_bytes(p, width));
  for (int k = 0; k < p->n_constants; k++)
    for (int lane = 0; lane < width; lane++) R[k * width + lane] = p->constants[k];
}

double *taup_program_input(const taup_program *p, int width, double *R, taup_binding binding, int index)
{
  return R + (ptrdiff_t)(p->input[binding] + index) * width;
}

/* --- which evaluator --- */

static bool plain_only;

void taup_eval_plain_only(bool yes) { plain_only = yes; }

#ifdef TAUP_HAVE_X86
static bool has_fma(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static bool has_avx512(void) { return __builtin_cpu_supports("avx512f") && !plain_only; }
#endif

bool taup_width_is_there(int width)
{
#ifdef TAUP_HAVE_X86
  if ((width == 4 || width == 8) && has_fma()) return true;
#endif
  return width == 1;
}

taup_eval_kind taup_program_evaluator_kind(int width)
{
#ifdef TAUP_HAVE_X86
  if (width == 8) return has_avx512() ? TAUP_EVAL_8_AVX512 : TAUP_EVAL_8_AVX2;
  if (width == 4) return TAUP_EVAL_4_AVX2;
  if (has_fma() && !plain_only) return TAUP_EVAL_1_FMA;
#endif
  (void)width;
  return TAUP_EVAL_1_BASE;
}

taup_eval taup_program_evaluator(int width)
{
  switch (taup_program_evaluator_kind(width)) {
#ifdef TAUP_HAVE_X86
  case TAUP_EVAL_8_AVX512: return taup_eval_8_avx512;
  case TAUP_EVAL_8_AVX2: return taup_eval_8_avx2;
  case TAUP_EVAL_4_AVX2: return taup_eval_4_avx2;
  case TAUP_EVAL_1_FMA: return taup_eval_1_fma;
#endif
  default: return taup_eval_1_base;
  }
}

int taup_program_prologue(const taup_program *p, taup_binding binding, int width, double *R)
{
  return taup_program_evaluator(
    width)(p->code[binding == TAUP_PARAMETER ? TAUP_SECTION_PARAMETER : TAUP_SECTION_INLET], R, NULL,
           p->callbacks);
}

int taup_program_run(const taup_program *p, int i_body, int width, double *R, double *O)
{
  return taup_program_evaluator(width)(p->code[TAUP_SECTION_BODY + i_body], R, O, p->callbacks);
}

/* --- looking at it --- */

/* What a code looks like. n: operands behind the result, -1 where the instruction says it. */
typedef struct code_info {
  const char *name;
  int n;
  bool counted;
  int shape[4]; /* of a sum */
} code_info;

#define OPERANDS(a, b, c, d) ((a) + (b) + 2 * (c) + 2 * (d))
static const code_info infos[TAUP_N_CODES] = {[TAUP_CODE_END] = {.name = "end"},
                                              [TAUP_CODE_STORE] = {.name = "store", .n = -1},
                                              [TAUP_CODE_CALL] = {.name = "call", .n = -1},
                                              [TAUP_CODE_DCALL] = {.name = "dcall", .n = -1},
                                              [TAUP_CODE_SUM_ANY] = {.name = "sum", .n = -1},
                                              [TAUP_CODE_MUL_ANY] = {.name = "mul", .n = -1},
                                              [TAUP_CODE_MULS2] = {.name = "mul", .n = 2, .counted = true},
#define X(name, n, text) [TAUP_CODE_##name] = {text, n, false, {0, 0, 0, 0}},
                                              TAUP_PLAIN_CODES(X)
#undef X
#define X(a, b, c, d)                                                                \
  [TAUP_CODE_SUM_##a##b##c##d] = {"sum", OPERANDS(a, b, c, d), false, {a, b, c, d}}, \
  [TAUP_CODE_SUMS_##a##b##c##d] = {"sum", OPERANDS(a, b, c, d), true, {a, b, c, d}},
                                                TAUP_SHAPES(X)
#undef X
};

taup_code taup_code_of_shape(const int shape[4])
{
  switch (shape[0] < 10 && shape[1] < 10 && shape[2] < 10 && shape[3] < 10
            ? shape[0] * 1000 + shape[1] * 100 + shape[2] * 10 + shape[3]
            : -1) {
#define X(a, b, c, d) \
  case (a)*1000 + (b)*100 + (c)*10 + (d): return TAUP_CODE_SUM_##a##b##c##d;
    TAUP_SHAPES(X)
#undef X
  default: return TAUP_CODE_SUM_ANY;
  }
}

/* Some equal instructions at o: how many, of what shape, where the first result stands, how many ints each takes. Returns what comes
 * behind. */
typedef struct piece {
  const char *name;
  int count, n, size;
  const int *shape, *first;
} piece;

static const int *read_piece(const int *o, piece *out)
{
  const code_info *info = &infos[*o];
  *out = (piece){info->name, 1, info->n, 0, info->shape, o + 1};
  switch (*o) {
  case TAUP_CODE_STORE: *out = (piece){info->name, o[1], 0, 1, NULL, o + 2}; return o + 2 + o[1];
  case TAUP_CODE_CALL:
  case TAUP_CODE_DCALL: *out = (piece){info->name, 1, o[1] + 2, 0, NULL, o + 2}; break;
  case TAUP_CODE_MUL_ANY: *out = (piece){info->name, 1, o[1], 0, NULL, o + 2}; break;
  case TAUP_CODE_SUM_ANY:
    *out = (piece){info->name, 1, OPERANDS(o[1], o[2], o[3], o[4]), 0, o + 1, o + 5};
    break;
  default:
    if (!info->counted) break;
    out->count = o[1];
    out->first = o + 2;
  }
  out->size = out->n + 1;
  return out->first + out->count * out->size;
}

static int section_of(int i_body)
{
  return i_body == -1   ? TAUP_SECTION_PARAMETER
         : i_body == -2 ? TAUP_SECTION_INLET
                        : TAUP_SECTION_BODY + i_body;
}

int taup_program_n_instructions(const taup_program *p, int i_body)
{
  return p->n_instructions[section_of(i_body)];
}

const int *taup_program_code(const taup_program *p, int i_body) { return p->code[section_of(i_body)]; }

const taup_callback *taup_program_callbacks(const taup_program *p) { return p->callbacks; }

int taup_program_n_registers(const taup_program *p) { return p->n_registers; }

static bool is_given(const taup_program *p, int r)
{
  const int state = p->input[TAUP_STATE];
  return r >= p->n_constants && r < p->n_kept && (r < state || r >= state + p->n_inputs[TAUP_STATE]);
}

static void add_register(const taup_program *p, int r, int *n, int *out)
{
  for (int i = 0; i < *n; i++)
    if (out[i] == r) return;
  if (is_given(p, r)) out[(*n)++] = r;
}

int taup_program_reads(const taup_program *p, int n_bodies, const int *bodies, int *out)
{
  int n = 0;
  piece at;
  for (int b = 0; b < n_bodies; b++)
    for (const int *o = p->code[section_of(bodies[b])]; *o != TAUP_CODE_END;) {
      o = read_piece(o, &at);
      const bool call = *at.name == 'c' || strcmp(at.name, "dcall") == 0,
                 store = strcmp(at.name, "store") == 0;
      for (int i = 0; i < at.count; i++)
        for (int k = store ? 0 : call ? 3 : 1; k <= at.n; k++)
          add_register(p, at.first[i * at.size + k] / 8, &n, out);
    }
  return n;
}

int taup_program_count(const taup_program *p, int i_body, const char *operation)
{
  int n = 0;
  piece at;
  for (const int *o = p->code[section_of(i_body)]; *o != TAUP_CODE_END;) {
    o = read_piece(o, &at);
    if (strcmp(at.name, operation) == 0) n += at.count;
  }
  return n;
}

static void list_sum(taup_text *out, const int *shape, const int *o)
{
  static const char *const before[4] = {" + ", " - ", " + ", " - "};
  int at = 1;
  for (int part = 0; part < 4; part++)
    for (int i = 0; i < shape[part]; i++) {
      taup_text_printf(out, "%sr%d", at == 1 && part % 2 == 0 ? "" : before[part], o[at] / 8);
      at++;
      if (part >= 2) taup_text_printf(out, " r%d", o[at++] / 8);
    }
}

static void list_one(taup_text *out, const piece *p, int i)
{
  const int *o = p->first + i * p->size;
  if (strcmp(p->name, "store") == 0) {
    taup_text_printf(out, "  out%d = r%d\n", i, o[0] / 8);
    return;
  }
  taup_text_printf(out, "  r%d = ", o[0] / 8);
  if (strcmp(p->name, "sum") == 0) list_sum(out, p->shape, o);
  else {
    const bool call = strcmp(p->name, "call") == 0 || strcmp(p->name, "dcall") == 0;
    taup_text_add(out, p->name);
    if (call) taup_text_printf(out, " %d %d", o[1], o[2]);
    for (int k = call ? 3 : 1; k <= p->n; k++) taup_text_printf(out, " r%d", o[k] / 8);
  }
  taup_text_add(out, "\n");
}

static void list_section(taup_text *out, const int *o)
{
  piece at;
  while (*o != TAUP_CODE_END) {
    o = read_piece(o, &at);
    for (int i = 0; i < at.count; i++) list_one(out, &at, i);
  }
}

void taup_program_list(const taup_program *p, taup_text *out)
{
  taup_text_printf(
    out, "registers: %d constants, then parameters from r%d, inlet from r%d, state from r%d; %d in all\n",
    p->n_constants, p->input[TAUP_PARAMETER], p->input[TAUP_INLET], p->input[TAUP_STATE], p->n_registers);
  for (int k = 0; k < p->n_constants; k++) {
    taup_text_printf(out, "  r%d = ", k);
    taup_text_number(out, p->constants[k]);
    taup_text_add(out, "\n");
  }
  for (int s = 0; s < p->n_sections; s++) {
    taup_text_printf(out, "%s:\n", s == 0 ? "once a run" : s == 1 ? "once a unit" : p->names[s - 2]);
    list_section(out, p->code[s]);
  }
}

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

static taup_eval_fn evaluator(int width)
{
#ifdef TAUP_HAVE_X86
  if (width == 8) return has_avx512() ? taup_eval_8_avx512 : taup_eval_8_avx2;
  if (width == 4) return taup_eval_4_avx2;
  if (has_fma() && !plain_only) return taup_eval_1_fma;
#endif
  (void)width;
  return taup_eval_1_base;
}

int taup_program_prologue(const taup_program *p, taup_binding binding, int width, double *R)
{
  return evaluator(width)(p->code[binding == TAUP_PARAMETER ? TAUP_SECTION_PARAMETER : TAUP_SECTION_INLET], R,
                          NULL, p->callbacks);
}

int taup_program_run(const taup_program *p, int i_body, int width, double *R, double *O)
{
  return evaluator(width)(p->code[TAUP_SECTION_BODY + i_body], R, O, p->callbacks);
}

/* --- looking at it --- */

static const char *const code_names[TAUP_N_CODES] = {
#define X(name, text) [TAUP_CODE_##name] = text,
  TAUP_CODE_LIST(X)
#undef X
};

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

int taup_program_count(const taup_program *p, int i_body, const char *operation)
{
  int n = 0;
  for (const int *o = p->code[section_of(i_body)]; *o != TAUP_CODE_END;) {
    const int *run = o;
    if (strcmp(code_names[run[0]], operation) == 0) n += run[1];
    o += 3 + (run[0] == TAUP_CODE_SUM ? 4 : 0) + run[1] * run[2];
  }
  return n;
}

static void list_one(taup_text *out, int code, const int *shape, const int *o, int n)
{
  static const char *const before[4] = {" + ", " - ", " + ", " - "};
  if (code == TAUP_CODE_STORE) {
    taup_text_printf(out, "  out%d = r%d\n", o[0], o[1]);
    return;
  }
  taup_text_printf(out, "  r%d = ", o[0]);
  if (code != TAUP_CODE_SUM) {
    taup_text_add(out, code_names[code]);
    for (int k = 1; k < n; k++) taup_text_printf(out, " r%d", o[k]);
  } else {
    int at = 1;
    for (int part = 0; part < 4; part++)
      for (int i = 0; i < shape[part]; i++) {
        taup_text_printf(out, "%sr%d", at == 1 && part % 2 == 0 ? "" : before[part], o[at]);
        at++;
        if (part >= 2) taup_text_printf(out, " r%d", o[at++]);
      }
  }
  taup_text_add(out, "\n");
}

static void list_section(taup_text *out, const int *o)
{
  while (*o != TAUP_CODE_END) {
    const int code = o[0], count = o[1], n = o[2];
    const int *shape = o + 3;
    o += 3 + (code == TAUP_CODE_SUM ? 4 : 0);
    for (int i = 0; i < count; i++, o += n) list_one(out, code, shape, o, n);
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

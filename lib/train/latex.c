/* SPDX-License-Identifier: Apache-2.0 */
/* latex.c - the equations of the tables for the manual, printed from the same nodes that are compiled.
 *
 *     a rate law       A + B -> C, or A + B <=> C where a constant of the way back is given; orders as the sides
 *     a form of k(T)   of a rate constant of first order, or of an equilibrium constant without dimension
 *     a distribution   G = exp(-s t_0) (b + (1 - b) H): ln H, and the delay t_0 and the bypass b where they are
 *     a unit model     A -> B in a liquid of constant density, heated by reaction and through a wall
 *
 * Names are those of the model file. The volume or time of a unit and the wall's area per volume, which the
 * program chooses among alternatives, are printed as one symbol each. */
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "reactor/builder.h"
#include "rtd/rtd.h"
#include <tautrain/kinds.h>

typedef struct page {
  taup_graph *g;
  taup_text text;
} page;

static void line(page *p, const char *left, taup_node right)
{
  if (taup_graph_status(p->g) < 0) return;
  taup_text_printf(&p->text, "%s%s = ", p->text.n ? "\n" : "", left);
  taup_print_latex(p->g, right, &p->text);
}

static taup_node state(page *p, int i, taup_dim dim, const char *name)
{
  return taup_symbol(p->g, TAUP_STATE, i, dim, name);
}

/* --- rate laws --- */

/* The law with its required fields and the optional one `with` (-1: none). */
static void law_line(page *p, const taup_law *law, int with)
{
  const taup_node one = taup_number(p->g, 1.0);
  const taup_node A = state(p, 0, TAUP_DIM_CONCENTRATION, "A"), B = state(p, 1, TAUP_DIM_CONCENTRATION, "B");
  const taup_law_term left[] = {{.c = A, .order = one, .written = 1.0},
                                {.c = B, .order = one, .written = 1.0}};
  const taup_law_term right[] = {
    {.c = state(p, 2, TAUP_DIM_CONCENTRATION, "C"), .order = one, .written = 1.0}};
  taup_node constants[TAUP_LAW_MOST_FIELDS];
  for (int i = 0; i < law->n_fields; i++) {
    const taup_field *f = &law->fields[i];
    const taup_dim dim = f->flags & TAUP_FIELD_OWN_DIM ? law->dim(i, 2.0, 1.0) : f->dim;
    const bool given = i == with || !(f->flags & TAUP_FIELD_OPTIONAL);
    constants[i] = given ? taup_symbol(p->g, TAUP_PARAMETER, i, dim, f->name) : TAUP_NODE_NONE;
  }
  const taup_node T = state(p, 3, TAUP_DIM_TEMPERATURE, "T");
  const taup_law_args in = {constants, 2, 1, left, right, A, TAUP_NODE_NONE, T};
  line(p, "r", law->rate(p->g, &in));
}

static void law(page *p, int i)
{
  const taup_law *row = taup_laws[i];
  if (row->flags & TAUP_LAW_EXPRESSION) return; /* it is what the user writes */
  law_line(p, row, -1);
  for (int k = 0; k < row->n_fields; k++)
    if (row->fields[k].flags & TAUP_FIELD_OPTIONAL) law_line(p, row, k);
}

/* --- forms of k(T) --- */

static void kt(page *p, int i)
{
  const taup_kt *row = taup_kts[i];
  const taup_dim dim = row->rate ? TAUP_DIM(0, 0, -1, 0, 0) : TAUP_DIM_NONE;
  taup_node constants[TAUP_KT_MOST_FIELDS];
  for (int k = 0; k < row->n_fields; k++) {
    const taup_field *f = &row->fields[k];
    constants[k] =
      taup_symbol(p->g, TAUP_PARAMETER, k, f->flags & TAUP_FIELD_OWN_DIM ? dim : f->dim, f->name);
  }
  line(p, row->rate ? "k" : "K", row->build(p->g, constants, state(p, 0, TAUP_DIM_TEMPERATURE, "T"), dim));
}

/* --- unit models --- */

/* A -> B with heat, in a liquid given by numbers. */
static tau_status one_reaction(taup_chemistry *out)
{
  static const char *const leaves[][2] = {
    {"species/A/molar_mass", "0.1 kg/mol"},   {"species/B/molar_mass", "0.1 kg/mol"},
    {"reactions/r/equation", "A -> B"},       {"reactions/r/k", "1 1/s"},
    {"reactions/r/heat", "-1 J/mol"},         {"solvent/density", "1000 kg/m^3"},
    {"solvent/heat_capacity", "4000 J/kg/K"},
  };
  tau_model *model = NULL;
  taup_mistakes mistakes = {0};
  tau_status st = tau_model_new(&model);
  for (size_t k = 0; k < sizeof leaves / sizeof leaves[0] && st == TAU_OK; k++)
    st = tau_model_set(model, leaves[k][0], leaves[k][1]);
  if (st == TAU_OK) st = taup_chemistry_read(out, model->root, &mistakes);
  if (st == TAU_OK) st = taup_mistakes_status(&mistakes);
  tau_model_free(model);
  return st;
}

/* Symbols are printed by the path of their parameter; in print these have shorter names. */
static void shorten(taup_chemistry *ch)
{
  static const char *const names[][2] = {{"reactions/r/k", "k"},
                                         {"reactions/r/heat", "H_r"},
                                         {"solvent/density", "rho"},
                                         {"solvent/heat_capacity", "c_p"}};
  for (int i = 0; i < ch->parameters.n; i++)
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
      if (strcmp(ch->parameters.items[i].path, names[k][0]) == 0) ch->parameters.items[i].path = names[k][1];
}

/* What the families call their amounts, flows and extents. */
typedef struct family_words {
  const char *state[3], *inlet[2], *flow, *size;
  taup_dim state_dim, size_dim;
  const char *left[3];
} family_words;

static family_words words_of(const taup_unit_kind *kind)
{
  const taup_family family = kind->family;
  family_words tube = {{"F_A", "F_B", "T"},
                       {"F_A_in", "F_B_in"},
                       "Q",
                       "V",
                       TAUP_DIM_MOLAR_FLOW,
                       TAUP_DIM_VOLUME,
                       {"\\frac{dF_{\\mathrm{A}}}{ds}", "\\frac{dF_{\\mathrm{B}}}{ds}", "\\frac{dT}{ds}"}};
  if (kind->transport == TAUP_DISPERSED) { /* what changes are fluxes: N = F - F' / Pe */
    tube.left[0] = "\\frac{dN_{\\mathrm{A}}}{ds}";
    tube.left[1] = "\\frac{dN_{\\mathrm{B}}}{ds}";
    tube.left[2] = "\\frac{d}{ds}\\left(T - \\frac{1}{\\mathrm{Pe}}\\frac{dT}{ds}\\right)";
  }
  if (family == TAUP_DISTRIBUTED) return tube;
  if (family == TAUP_CLOSED) /* the flow's symbol is the volume of the liquid there */
    return (family_words){{"n_A", "n_B", "T"},
                          {"n_A_0", "n_B_0"},
                          "V",
                          "t",
                          TAUP_DIM_MOLAR_FLOW,
                          TAUP_DIM_TIME,
                          {"\\frac{dn_{\\mathrm{A}}}{ds}", "\\frac{dn_{\\mathrm{B}}}{ds}", "\\frac{dT}{ds}"}};
  return (family_words){{"A", "B", "T"},
                        {"F_A_in", "F_B_in"},
                        "Q",
                        "V",
                        TAUP_DIM_CONCENTRATION,
                        TAUP_DIM_VOLUME,
                        {"\\frac{dc_{\\mathrm{A}}}{d\\theta}", "\\frac{dc_{\\mathrm{B}}}{d\\theta}",
                         "\\frac{dT}{d\\theta}"}};
}

/* The row of the table whose balance is printed. */
typedef struct printed_kind {
  taup_unit_kind kind; /* first, so that the unit's kind leads here; its balance is `balance` below */
  const taup_unit_kind *row;
} printed_kind;

enum { ROLE_SIZE = -100, ROLE_AREA = -101 };

/* A sum with one of its terms replaced. A sum holds the argument of a redimensioned node, not the node. */
static taup_node with_term(taup_builder *b, taup_node sum, taup_node from, taup_node to)
{
  if (sum < 0 || taup_node_op(b->g, sum) != TAUP_OP_SUM) return sum;
  const taup_dim dim = taup_node_dim(b->g, sum);
  const int n = taup_node_n_args(b->g, sum);
  taup_node *terms = taup_arena_alloc(&b->arena, (size_t)n, sizeof *terms);
  double *c = taup_arena_alloc(&b->arena, (size_t)n, sizeof *c);
  if (!terms || !c) return taup_graph_fail(b->g, TAUP_ERR_OUT_OF_MEMORY, "out of memory in an equation");
  for (int k = 0; k < n; k++) {
    c[k] = taup_node_coefficients(b->g, sum)[k];
    terms[k] = taup_redim(b->g, taup_node_args(b->g, sum)[k], dim);
    if (terms[k] == taup_redim(b->g, from, dim)) terms[k] = to;
  }
  return taup_sum(b->g, n, c, terms);
}

/* The row's own balance; then size and wall, chosen among alternatives there, become a symbol each. */
static void balance(taup_builder *b)
{
  const taup_unit_kind *row = ((const printed_kind *)b->unit->kind)->row;
  const family_words words = words_of(row);
  row->balance(b);
  taup_builder_size(b, taup_builder_role(b, ROLE_SIZE, words.size_dim, words.size));
  const taup_node U = taup_builder_role(b, TAUP_ROLE_JACKET_U, TAUP_DIM(0, 1, -3, -1, 0), "U");
  const taup_node T_wall =
    taup_builder_role(b, TAUP_ROLE_JACKET_TEMPERATURE, TAUP_DIM_TEMPERATURE, "T_jacket");
  const taup_node a = taup_builder_role(b, ROLE_AREA, TAUP_DIM(-1, 0, 0, 0, 0), "a");
  const taup_node wall = taup_product(b->g, 3, (taup_node[]){U, a, taup_sub(b->g, T_wall, b->local.T)});
  taup_builder_heat(b, with_term(b, b->heat, b->wall, wall));
}

/* A symbol's name is that of its first use. */
static void name_symbols(page *p, const family_words *words)
{
  taup_symbol(p->g, TAUP_INLET, TAUP_IN_FLOW, TAUP_DIM_FLOW, words->flow);
  for (int i = 0; i < 2; i++) {
    taup_symbol(p->g, TAUP_INLET, taup_inlet_index_F(i), TAUP_DIM_MOLAR_FLOW, words->inlet[i]);
    state(p, i, words->state_dim, words->state[i]);
  }
}

static tau_status unit_lines(page *p, const taup_unit_kind *row, const taup_chemistry *ch)
{
  const family_words words = words_of(row);
  const printed_kind printed = {.kind = {.name = row->name,
                                         .family = row->family,
                                         .transport = row->transport,
                                         .flags = row->flags,
                                         .fields = row->fields,
                                         .n_fields = row->n_fields,
                                         .balance = balance},
                                .row = row};
  const taup_unit unit = {.name = row->name, .kind = &printed.kind, .heat = TAUP_HEAT_JACKET};
  taup_callback callbacks[1];
  taup_builder b = {.g = p->g,
                    .chemistry = ch,
                    .unit = &unit,
                    .callbacks = callbacks,
                    .key_reactant = -1,
                    .key_product = -1,
                    .ratio = -1};
  taup_equations e;
  name_symbols(p, &words);
  const tau_status st = taup_builder_write(&b, &e);
  for (int i = 0; i < 3 && st == TAU_OK; i++) line(p, words.left[i], e.f[i]);
  taup_builder_free(&b);
  return st;
}

static void unit(page *p, int i)
{
  const taup_unit_kind *row = taup_unit_kinds[i];
  if (!row->balance) return;
  taup_chemistry ch = {0};
  tau_status st = one_reaction(&ch);
  if (st == TAU_OK) {
    shorten(&ch);
    st = unit_lines(p, row, &ch);
  }
  p->text.failed = p->text.failed || st < 0;
  taup_chemistry_free(&ch);
}

/* --- models of residence time: what is built of their transform --- */

static void distribution(page *p, int i)
{
  const taup_rtd_row *row = taup_rtd_rows[i];
  taup_node fields[TAUP_RTD_MOST_FIELDS];
  for (int k = 0; k < row->n_fields; k++)
    fields[k] = taup_symbol(p->g, TAUP_PARAMETER, k, row->fields[k].dim, row->fields[k].name);
  const taup_node s = state(p, 0, TAUP_DIM(0, 0, -1, 0, 0), "s");
  if (row->log_transform) line(p, "\\ln H", row->log_transform(p->g, s, fields));
  if (row->delay) line(p, "t_0", row->delay(p->g, fields));
  if (row->bypass) line(p, "b", row->bypass(p->g, fields));
}

/* --- the public side --- */

static void write_row(page *p, tau_table table, int i)
{
  switch (table) {
  case TAU_TABLE_LAW: law(p, i); break;
  case TAU_TABLE_KT: kt(p, i); break;
  case TAU_TABLE_UNIT: unit(p, i); break;
  case TAU_TABLE_RTD: distribution(p, i); break;
  case TAU_TABLE_SOLVENT: break;
  }
}

const char *tau_table_latex(tau_table table, int i_row)
{
  enum { LONGEST = 4096 };
  static _Thread_local char kept[LONGEST];
  page p = {0};
  if (taup_graph_new(&p.g) < 0) return NULL;
  write_row(&p, table, i_row);
  const bool good = taup_graph_status(p.g) == TAU_OK && !p.text.failed && p.text.n > 0 && p.text.n < LONGEST;
  if (good) memcpy(kept, p.text.data, p.text.n + 1);
  taup_text_free(&p.text);
  taup_graph_free(p.g);
  return good ? kept : NULL;
}

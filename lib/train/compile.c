/* SPDX-License-Identifier: Apache-2.0 */
/* compile.c - a description becomes a train: units that share equations share a program; the layout of results follows. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"
#include "train/unit_rtd.h"
#include "train/train.h"

/* --- programs of units --- */

static bool same_text(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

/* Whether two units have the same equations: all that the builder looks at. */
static bool same_equations(const taup_unit *a, const taup_unit *b)
{
  if (a->mixing || b->mixing) return a == b; /* each has a distribution of its own */
  return a->kind == b->kind && a->heat == b->heat && a->tube == b->tube && same_text(a->until, b->until) &&
         a->until_rises == b->until_rises;
}

static bool stands_in(const taup_moiety *m, int species)
{
  for (int k = 0; k < m->n; k++)
    if (m->species[k] == species) return true;
  return false;
}

/* Whether moiety m shares its dependent species, or takes one that another gives. */
static bool is_free(const taup_chemistry *ch, const int *reduced, int m)
{
  const taup_moiety *moiety = &ch->moieties[m];
  for (int k = 0; k < moiety->n; k++)
    if (reduced[moiety->species[k]] >= 0) return false;
  for (int other = 0; other < m; other++) {
    const int lone = ch->moieties[other].lone;
    if (lone >= 0 && reduced[lone] == other && stands_in(&ch->moieties[other], moiety->lone)) return false;
  }
  return true;
}

/* Species that are computed from a moiety: the one whose sign stands alone, so that the others add up without cancelling. */
static int choose_dependent(const taup_chemistry *ch, int *reduced)
{
  int n = 0;
  for (int i = 0; i < ch->n_species; i++) reduced[i] = -1;
  for (int m = 0; m < ch->n_moieties; m++) {
    if (ch->moieties[m].lone < 0 || !is_free(ch, reduced, m)) continue;
    reduced[ch->moieties[m].lone] = m;
    n++;
  }
  return n;
}

static tau_status program_for(tau_train *t, const taup_unit *unit, const int *reduced, int *index)
{
  for (int k = 0; k < t->n_programs; k++)
    if (same_equations(t->programs[k].unit, unit) && t->programs[k].reduced == (reduced != NULL)) {
      *index = k;
      return TAU_OK;
    }
  *index = t->n_programs++;
  return taup_unit_program_new(&t->programs[*index], &t->d, unit, reduced);
}

/* What stands in each slot of a unit: a parameter of the chemistry, a parameter of the unit, or (below 0) a role computed when it is
 * run. */
static int parameter_of_role(const taup_unit *u, int role)
{
  if (role >= 0) return role;
  if (role <= TAUP_ROLE_RTD) return u->rtd_p[TAUP_ROLE_RTD - role];
  if (role <= TAUP_ROLE_FIELD) return u->p[TAUP_ROLE_FIELD - role];
  switch (role) {
  case TAUP_ROLE_TEMPERATURE: return u->temperature;
  case TAUP_ROLE_JACKET_TEMPERATURE: return u->jacket_temperature;
  case TAUP_ROLE_JACKET_U: return u->jacket_U;
  case TAUP_ROLE_JACKET_AREA: return u->jacket_area;
  case TAUP_ROLE_UNTIL: return u->until_value;
  default: return role;
  }
}

static tau_status make_slots(tau_train *t, const taup_unit *u, int program, int **out)
{
  const taup_unit_program *p = &t->programs[program];
  *out = taup_arena_alloc(&t->arena, (size_t)p->n_roles + 1, sizeof **out);
  if (!*out) return TAU_E_NOMEM;
  for (int k = 0; k < p->n_roles; k++) (*out)[k] = parameter_of_role(u, p->roles[k]);
  return TAU_OK;
}

static int field_of(const taup_unit *u, const char *name)
{
  for (int i = 0; i < u->kind->n_fields; i++)
    if (strcmp(u->kind->fields[i].name, name) == 0) return u->p[i];
  return -1;
}

static void find_fields(taup_stage *stage)
{
  stage->diameter = field_of(stage->unit, "diameter");
  stage->length = field_of(stage->unit, "length");
  stage->diffusivity = field_of(stage->unit, "diffusivity");
  stage->viscosity = field_of(stage->unit, "viscosity");
  stage->particle_diameter = stage->void_fraction = -1;
  if (stage->unit->tube == TAUP_TUBE_PACKED) {
    stage->particle_diameter = field_of(stage->unit, "particle_diameter");
    stage->void_fraction = field_of(stage->unit, "void_fraction");
  }
}

static tau_status make_stage(tau_train *t, int s, const int *reduced)
{
  taup_stage *stage = &t->stages[s];
  stage->i_unit = t->d.order[s];
  stage->unit = &t->d.units.items[stage->i_unit];
  stage->program = stage->reduced = -1;
  find_fields(stage);
  t->stage_of_unit[stage->i_unit] = s;
  if (stage->unit->kind->family == TAUP_JUNCTION) {
    if (stage->unit->heat == TAUP_HEAT_JACKET)
      return taup_fail(TAUP_ERR_NO_WALL, "unit '%s' has no wall: a jacket needs a tube or a vessel",
                       stage->unit->name);
    return TAU_OK;
  }
  TAU_TRY(program_for(t, stage->unit, NULL, &stage->program));
  TAU_TRY(make_slots(t, stage->unit, stage->program, &stage->slots));
  stage->n_slots = t->programs[stage->program].n_roles;
  if (stage->unit->mixing) return taup_unit_rtd(&stage->rtd, &t->d, stage->i_unit);
  if (!reduced || stage->unit->kind->family == TAUP_WELL_MIXED) return TAU_OK;
  TAU_TRY(program_for(t, stage->unit, reduced, &stage->reduced));
  return make_slots(t, stage->unit, stage->reduced, &stage->reduced_slots);
}

static tau_status make_stages(tau_train *t)
{
  const int n = t->d.units.n;
  int *reduced = t->reduced = taup_arena_alloc(&t->arena, (size_t)t->d.chemistry.n_species, sizeof *reduced);
  t->n_stages = n;
  t->stages = taup_arena_alloc(&t->arena, (size_t)n, sizeof *t->stages);
  t->stage_of_unit = taup_arena_alloc(&t->arena, (size_t)n, sizeof *t->stage_of_unit);
  t->programs = taup_arena_alloc(&t->arena, 2 * (size_t)n, sizeof *t->programs);
  if (!reduced || !t->stages || !t->stage_of_unit || !t->programs) return TAU_E_NOMEM;
  const bool some = choose_dependent(&t->d.chemistry, reduced) > 0;
  for (int s = 0; s < n; s++) TAU_TRY(make_stage(t, s, some ? reduced : NULL));
  t->outlet_stage = t->stage_of_unit[t->d.outlet];
  return TAU_OK;
}

/* Outlets that nothing takes: ends of the train, where balances count what goes out. */
static tau_status find_ends(tau_train *t)
{
  int n = 0;
  t->end_of = taup_arena_alloc(&t->arena, (size_t)t->n_stages, sizeof *t->end_of);
  if (!t->end_of) return TAU_E_NOMEM;
  for (int s = 0; s < t->n_stages; s++) {
    t->end_of[s] = n;
    n += t->stages[s].unit->n_outlets;
  }
  t->is_end = taup_arena_alloc(&t->arena, (size_t)n, sizeof *t->is_end);
  if (!t->is_end) return TAU_E_NOMEM;
  for (int k = 0; k < n; k++) t->is_end[k] = true;
  for (int s = 0; s < t->n_stages; s++)
    for (int k = 0; k < t->stages[s].unit->n_inlets; k++) {
      const taup_inlet *in = &t->stages[s].unit->inlets[k];
      if (!in->is_feed) t->is_end[t->end_of[t->stage_of_unit[in->index]] + in->port] = false;
    }
  return TAU_OK;
}

tau_status taup_lower_plain(void *program, taup_graph *g, const int n_inputs[/* 4 */], const taup_body *body)
{
  return taup_program_new(program, g, n_inputs, 1, body);
}

/* --- mixing --- */

static taup_node mix_parameter(void *user, taup_graph *g, int i)
{
  const taup_chemistry *ch = user;
  return taup_symbol(g, TAUP_PARAMETER, i, ch->parameters.items[i].dim, ch->parameters.items[i].path);
}

static tau_status mix_nodes(tau_train *t, taup_graph *g, taup_node out[TAUP_N_MIX])
{
  taup_chemistry *ch = &t->d.chemistry;
  taup_node *F = taup_arena_alloc(&t->arena, (size_t)ch->n_species, sizeof *F);
  if (!F) return TAU_E_NOMEM;
  for (int i = 0; i < ch->n_species; i++)
    F[i] = taup_symbol(g, TAUP_INLET, 2 + i, TAUP_DIM_MOLAR_FLOW, ch->species[i].name);
  const taup_stream_nodes s = {F, taup_symbol(g, TAUP_INLET, 0, TAUP_DIM_FLOW, "Q"),
                               taup_symbol(g, TAUP_INLET, 1, TAUP_DIM_TEMPERATURE, "T")};
  const taup_node T = taup_symbol(g, TAUP_STATE, 0, TAUP_DIM_TEMPERATURE, "T_new");
  const taup_node H = taup_stream_enthalpy(ch, g, &s, T, mix_parameter, ch),
                  volume = taup_stream_volume(ch, g, &s, T, mix_parameter, ch);
  const taup_node mass = taup_stream_mass(ch, g, &s, mix_parameter, ch), none = taup_number(g, NAN);
  t->mix_knows_H = H != TAUP_NODE_NONE;
  t->mix_knows_mass = mass != TAUP_NODE_NONE;
  out[TAUP_MIX_H] = t->mix_knows_H ? H : none;
  out[TAUP_MIX_H_SLOPE] = t->mix_knows_H ? taup_builder_derivative(g, H, T) : none;
  out[TAUP_MIX_VOLUME] = volume == TAUP_NODE_NONE ? s.Q : volume;
  out[TAUP_MIX_MASS] = t->mix_knows_mass ? mass : none;
  return taup_graph_status(g);
}

tau_status taup_mix_program(tau_train *t, taup_lower_fn lower, void *user)
{
  taup_graph *g = NULL;
  taup_node nodes[TAUP_N_MIX];
  const int n_inputs[4] = {0, t->d.chemistry.parameters.n, 2 + t->d.chemistry.n_species, 1};
  TAU_TRY(taup_graph_new(&g));
  tau_status st = mix_nodes(t, g, nodes);
  const taup_body body = {TAUP_N_MIX, nodes, "mix"};
  if (st == TAU_OK) st = lower(user, g, n_inputs, &body);
  taup_graph_free(g);
  return st;
}

/* --- layout --- */

static const char *coordinate_of(const taup_unit *u, const taup_chemistry *ch, const char **unit)
{
  if (u->kind->family == TAUP_CLOSED) {
    *unit = "s";
    return "time";
  }
  if (u->mixing) {
    *unit = "s";
    return u->mixing == TAUP_SEGREGATED ? "age" : "life_expectancy";
  }
  if (u->kind->family != TAUP_DISTRIBUTED && u->kind->transport != TAUP_CASCADE) return NULL;
  int length = -1;
  for (int i = 0; i < u->kind->n_fields; i++)
    if (strcmp(u->kind->fields[i].name, "length") == 0) length = u->p[i];
  const bool by_length = length >= 0 && !isnan(ch->parameters.items[length].value);
  *unit = by_length ? "m" : "m^3";
  return by_length ? "length" : "volume";
}

enum { DEFAULT_POINTS = 101, EXTRA_POINTS = 8 };

/* Room for a row a tank: as many as the file says, and some more for a run that has more. */
static int most_tanks(const taup_unit *u, const taup_chemistry *ch)
{
  const double n = u->n_volumes ? u->n_volumes : ch->parameters.items[field_of(u, "n")].value;
  return n > DEFAULT_POINTS ? (int)n : DEFAULT_POINTS;
}

static tau_status unit_layouts(tau_train *t)
{
  static const char *const one[1] = {""};
  taup_layout *l = t->layout;
  l->units = taup_arena_alloc(&l->arena, (size_t)t->n_stages, sizeof *l->units);
  if (!l->units) return TAU_E_NOMEM;
  l->n_units = t->n_stages;
  for (int s = 0; s < t->n_stages; s++) {
    const taup_unit *u = t->stages[s].unit;
    taup_unit_layout *out = &l->units[s];
    out->name = taup_arena_strdup(&l->arena, u->name);
    out->kind = u->kind->name;
    out->n_outlets = u->n_outlets;
    const char **ports = taup_arena_alloc(&l->arena, (size_t)u->n_outlets, sizeof *ports);
    if (!out->name || !ports) return TAU_E_NOMEM;
    for (int k = 0; k < u->n_outlets; k++)
      if (!(ports[k] = u->outlets ? taup_arena_strdup(&l->arena, u->outlets[k]) : one[0])) return TAU_E_NOMEM;
    out->outlets = ports;
    out->coordinate = coordinate_of(u, &t->d.chemistry, &out->coordinate_unit);
    if (!out->coordinate) out->coordinate_unit = "m^3";
    out->most_points = (u->n_at ? u->n_at : DEFAULT_POINTS) + EXTRA_POINTS;
    if (u->kind->transport == TAUP_CASCADE) out->most_points = most_tanks(u, &t->d.chemistry);
  }
  return TAU_OK;
}

static tau_status names(tau_train *t)
{
  taup_layout *l = t->layout;
  const taup_chemistry *ch = &t->d.chemistry;
  const char **species = taup_arena_alloc(&l->arena, (size_t)ch->n_species, sizeof *species);
  const char **reactions = taup_arena_alloc(&l->arena, (size_t)ch->n_reactions, sizeof *reactions);
  const char **equations = taup_arena_alloc(&l->arena, (size_t)ch->n_reactions, sizeof *equations);
  if (!species || !reactions || !equations) return TAU_E_NOMEM;
  for (int i = 0; i < ch->n_species; i++)
    if (!(species[i] = taup_arena_strdup(&l->arena, ch->species[i].name))) return TAU_E_NOMEM;
  for (int j = 0; j < ch->n_reactions; j++) {
    reactions[j] = taup_arena_strdup(&l->arena, ch->reactions[j].name);
    equations[j] = taup_arena_strdup(&l->arena, ch->reactions[j].equation);
    if (!reactions[j] || !equations[j]) return TAU_E_NOMEM;
  }
  l->n_species = ch->n_species;
  l->n_reactions = ch->n_reactions;
  l->species = species;
  l->reactions = reactions;
  l->equations = equations;
  return TAU_OK;
}

static tau_status parameters(tau_train *t)
{
  taup_layout *l = t->layout;
  const taup_parameters *table = &t->d.chemistry.parameters;
  tau_parameter *out = taup_arena_alloc(&l->arena, (size_t)table->n, sizeof *out);
  t->groups = taup_arena_alloc(&t->arena, (size_t)table->n, sizeof *t->groups);
  if (!out || !t->groups) return TAU_E_NOMEM;
  for (int i = 0; i < table->n; i++) {
    const taup_parameter *p = &table->items[i];
    out[i] = (tau_parameter){taup_arena_strdup(&l->arena, p->path),
                             p->value,
                             p->uncertainty,
                             p->lower,
                             p->upper,
                             taup_dim_name(p->dim),
                             taup_arena_strdup(&l->arena, p->unit ? p->unit : ""),
                             taup_arena_strdup(&l->arena, p->doc ? p->doc : "")};
    t->groups[i] = p->group;
    if (!out[i].path || !out[i].unit || !out[i].doc) return TAU_E_NOMEM;
  }
  l->n_parameters = table->n;
  l->parameters = t->parameters = out;
  return TAU_OK;
}

static const char *moiety_text(taup_arena *arena, const taup_chemistry *ch, const taup_moiety *m)
{
  taup_text text = {0};
  for (int k = 0; k < m->n; k++) {
    const double c = m->coefficient[k];
    taup_text_add(&text, k ? (c < 0.0 ? " - " : " + ") : (c < 0.0 ? "-" : ""));
    if (fabs(c) != 1.0) {
      taup_text_number(&text, fabs(c));
      taup_text_add(&text, " ");
    }
    taup_text_add(&text, ch->species[m->species[k]].name);
  }
  const char *out = text.failed || !text.data ? NULL : taup_arena_strdup(arena, text.data);
  taup_text_free(&text);
  return out;
}

/* Elements that every species' formula is known for and no reaction changes. */
static bool element_is_kept(const taup_chemistry *ch, int z)
{
  bool any = false;
  for (int i = 0; i < ch->n_species; i++) {
    if (!ch->species[i].formula) return false;
    any = any || ch->species[i].formula->atoms[z] != 0.0;
  }
  for (int j = 0; any && j < ch->n_reactions; j++) {
    double sum = 0.0;
    for (int e = ch->net.start[j]; e < ch->net.start[j + 1]; e++)
      sum += ch->net.coefficient[e] * ch->species[ch->net.species[e]].formula->atoms[z];
    if (fabs(sum) > 1e-9) return false;
  }
  return any;
}

static tau_status balances(tau_train *t)
{
  taup_layout *l = t->layout;
  const taup_chemistry *ch = &t->d.chemistry;
  const char **out = taup_arena_alloc(&l->arena, (size_t)ch->n_moieties + TAUP_N_ELEMENTS, sizeof *out);
  t->elements = taup_arena_alloc(&t->arena, TAUP_N_ELEMENTS, sizeof *t->elements);
  if (!out || !t->elements) return TAU_E_NOMEM;
  for (int m = 0; m < ch->n_moieties; m++)
    if (!(out[m] = moiety_text(&l->arena, ch, &ch->moieties[m]))) return TAU_E_NOMEM;
  l->n_balances = ch->n_moieties;
  for (int z = 0; z < TAUP_N_ELEMENTS; z++) {
    if (!element_is_kept(ch, z)) continue;
    t->elements[l->n_balances - ch->n_moieties] = z;
    if (!(out[l->n_balances++] = taup_arena_printf(&l->arena, "atom %s", taup_element_symbol(z + 1))))
      return TAU_E_NOMEM;
  }
  l->balance_names = out;
  return TAU_OK;
}

tau_status taup_layout_of(tau_train *t)
{
  static const char *const evidences[] = {"measured", "published", "estimated", "illustrative", "unstated"};
  TAU_TRY(taup_layout_new(&t->layout));
  taup_layout *l = t->layout;
  l->title = taup_arena_strdup(&l->arena, t->d.title ? t->d.title : "");
  l->evidence = evidences[t->d.chemistry.evidence];
  l->model_text = taup_arena_strdup(&l->arena, t->model_text);
  l->n_model_text = t->n_model_text;
  if (!l->title || !l->model_text) return TAU_E_NOMEM;
  TAU_TRY(names(t));
  TAU_TRY(unit_layouts(t));
  TAU_TRY(parameters(t));
  TAU_TRY(balances(t));
  TAU_TRY(taup_layout_place(l));
  return taup_observables_new(t, taup_lower_plain, &t->observables);
}

/* --- the whole --- */

static tau_status compile(tau_train *t, const tau_model *model)
{
  taup_mistakes mistakes = {.file = model->name};
  size_t n = 0;
  const char *text = tau_model_source(model, &n);
  if (!text) return TAU_E_NOMEM;
  t->model_text = taup_strndup(text, n);
  if (!t->model_text) return TAU_E_NOMEM;
  t->n_model_text = n;
  TAU_TRY(taup_describe(&t->d, model, &mistakes));
  TAU_TRY(make_stages(t));
  TAU_TRY(find_ends(t));
  TAU_TRY(taup_feeds_program(&t->d, taup_lower_plain, &t->feeds));
  TAU_TRY(taup_mix_program(t, taup_lower_plain, &t->mix));
  return taup_layout_of(t);
}

tau_status tau_train_compile(tau_train **out, const tau_model *model)
{
  *out = NULL;
  tau_train *t = taup_calloc(1, sizeof *t);
  if (!t) return TAU_E_NOMEM;
  t->refs = 1;
  const tau_status st = compile(t, model);
  if (st < 0) {
    tau_train_free(t);
    return st;
  }
  *out = t;
  return TAU_OK;
}

tau_train *tau_train_ref(const tau_train *train)
{
  tau_train *t = (tau_train *)(uintptr_t)train; /* the count is the one thing of a train that changes */
  __atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
  return t;
}

void tau_train_free(tau_train *t)
{
  if (!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) > 0) return;
  for (int k = 0; k < t->n_programs; k++) taup_unit_program_free(&t->programs[k]);
  for (int s = 0; t->stages && s < t->n_stages; s++) tau_rtd_free(t->stages[s].rtd);
  taup_program_free(t->feeds);
  taup_program_free(t->mix);
  taup_program_free(t->observables);
  taup_free(t->computed);
  taup_layout_drop(t->layout);
  taup_description_free(&t->d);
  taup_free(t->model_text);
  taup_arena_free(&t->arena);
  taup_free(t);
}

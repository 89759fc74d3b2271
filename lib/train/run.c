/* SPDX-License-Identifier: Apache-2.0 */
/* run.c - a run: feeds, then unit after unit, then what is counted. All memory is the workspace's. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/status.h"
#include "train/train.h"

double taup_clock(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- workspace --- */

static double *registers(const taup_program *p)
{
  double *R = taup_calloc(taup_program_bytes(p, 1), 1);
  if (R) taup_program_init(p, 1, R);
  return R;
}

static tau_status make_engine(taup_engine *e, const taup_unit_program *p)
{
  e->R = registers(p->program);
  if (!e->R) return TAU_E_NOMEM;
  if (p->unit->kind->family == TAUP_WELL_MIXED) TAU_TRY(taup_root_new(&e->root, &p->system));
  return taup_march_new(&e->march, &p->system);
}

static bool make_vectors(tau_workspace *w)
{
  const tau_train *t = w->train;
  const size_t n = (size_t)t->layout->n_species, m = (size_t)t->layout->n_reactions;
  const size_t states = n + 2;
  double **const vectors[] = {&w->y, &w->f, &w->atol, &w->scale, &w->start};
  for (size_t k = 0; k < sizeof vectors / sizeof vectors[0]; k++)
    if (!(*vectors[k] = taup_calloc(states, sizeof(double)))) return false;
  w->q = taup_calloc(TAUP_N_Q, sizeof(double));
  w->place = taup_calloc(n + TAUP_PLACE_EXTRA, sizeof(double));
  w->rates = taup_calloc(m + 1, sizeof(double));
  w->enter = taup_calloc(TAUP_N_ENTER, sizeof(double));
  w->stage_streams = taup_calloc(n, sizeof(double));
  w->eigenvalues = taup_calloc(2 * (states < TAUP_MOST_EIGENVALUES ? states : TAUP_MOST_EIGENVALUES), sizeof(double));
  w->ages = taup_calloc((size_t)t->n_stages, sizeof(double));
  w->step_start = taup_calloc(2 * states, sizeof(double));
  w->slope = taup_calloc(2 * states, sizeof(double));
  return w->q && w->place && w->rates && w->enter && w->stage_streams && w->eigenvalues && w->step_start && w->slope && w->ages;
}

static tau_status make_workspace(tau_workspace *w)
{
  const tau_train *t = w->train;
  TAU_TRY(taup_result_new(&w->result, t->layout));
  w->engines = taup_calloc((size_t)t->n_programs, sizeof *w->engines);
  w->feeds_R = registers(t->feeds);
  w->feeds_out = taup_calloc((size_t)taup_program_n_outputs(t->feeds, 0), sizeof(double));
  w->mix_R = registers(t->mix);
  w->observables_R = registers(t->observables);
  w->observables_out = taup_calloc((size_t)taup_program_n_outputs(t->observables, 0), sizeof(double));
  if (!w->engines || !w->feeds_R || !w->feeds_out || !w->mix_R || !w->observables_R || !w->observables_out || !make_vectors(w))
    return TAU_E_NOMEM;
  for (int k = 0; k < t->n_programs; k++) TAU_TRY(make_engine(&w->engines[k], &t->programs[k]));
  return TAU_OK;
}

tau_status tau_workspace_new(tau_workspace **out, const tau_train *train)
{
  *out = NULL;
  tau_workspace *w = taup_calloc(1, sizeof *w);
  if (!w) return TAU_E_NOMEM;
  w->train = tau_train_ref(train);
  const tau_status st = make_workspace(w);
  if (st < 0) {
    tau_workspace_free(w);
    return st;
  }
  *out = w;
  return TAU_OK;
}

void tau_workspace_free(tau_workspace *w)
{
  if (!w) return;
  for (int k = 0; w->engines && k < w->train->n_programs; k++) {
    taup_free(w->engines[k].R);
    taup_march_free(w->engines[k].march);
    taup_root_free(w->engines[k].root);
  }
  double *const blocks[] = {w->feeds_R, w->feeds_out, w->mix_R, w->observables_R, w->observables_out, w->y, w->f, w->atol, w->scale,
                            w->start, w->q, w->place, w->rates, w->enter, w->stage_streams, w->eigenvalues, w->step_start, w->slope, w->ages};
  for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) taup_free(blocks[k]);
  taup_free(w->engines);
  tau_result_free(w->result);
  tau_train_free(w->train);
  taup_free(w);
}

/* --- options --- */

static double pick(double asked, bool is_asked, double in_file, double otherwise)
{
  return is_asked ? asked : !isnan(in_file) ? in_file : otherwise;
}

static double largest_feed_concentration(const tau_workspace *w)
{
  const tau_train *t = w->train;
  const int n = t->layout->n_species;
  double most = 0.0;
  for (int k = 0; k < t->d.chemistry.n_feeds; k++) {
    const double *f = w->feeds_out + (ptrdiff_t)k * (n + TAUP_FEED_EXTRA);
    for (int i = 0; i < n; i++)
      if (!t->d.chemistry.species[i].flowing_solvent) most = fmax(most, f[i] / f[n + TAUP_FEED_FLOW]);
  }
  for (int u = 0; u < t->d.units.n; u++)
    for (int i = 0; i < t->d.units.items[u].n_charge; i++) most = fmax(most, w->inputs[t->d.units.items[u].charge[i].parameter]);
  return most > 0.0 ? most : 1.0;
}

static tau_status resolve_options(tau_workspace *w, const tau_run_options *asked)
{
  const taup_solver_options *file = &w->train->d.solver;
  static const tau_run_options none = TAU_RUN_OPTIONS_INIT;
  const tau_run_options *o = asked ? asked : &none;
  w->options = *o;
  w->options.rtol = pick(o->rtol, o->rtol > 0.0, file->rtol, 1e-8);
  w->options.max_time = pick(o->max_time, o->max_time >= 0.0, file->max_time, INFINITY);
  w->options.max_steps = o->max_steps > 0 ? o->max_steps : file->max_steps > 0 ? file->max_steps : 100000;
  w->atol_concentration = pick(o->atol, o->atol > 0.0, file->atol, 1e-14 * largest_feed_concentration(w));
  if (!(w->options.rtol > 1e-15 && w->options.rtol < 1.0))
    return taup_fail(TAU_E_VALUE, "rtol is %g; between 1e-15 and 1 is needed", w->options.rtol);
  tau_result *r = w->result;
  r->rtol = w->options.rtol;
  r->atol = w->atol_concentration;
  r->max_time = w->options.max_time;
  r->max_steps = w->options.max_steps;
  return TAU_OK;
}

int taup_asked_to_stop(tau_workspace *w, const char *unit, double fraction)
{
  static const double between = 0.02; /* [s]: often enough for a person, seldom enough to cost nothing */
  const double now = taup_clock();
  if (now - w->started >= w->options.max_time) return TAU_STOPPED_TIME;
  if (!w->options.progress || now - w->told < between) return 0;
  w->told = now;
  return w->options.progress(w->options.user, unit, fraction) ? TAU_STOPPED_USER : 0;
}

/* --- feeds --- */

static tau_status run_feeds(tau_workspace *w)
{
  const tau_train *t = w->train;
  const taup_chemistry *ch = &t->d.chemistry;
  const int n = t->layout->n_species;
  const size_t n_parameters = (size_t)ch->parameters.n;
  memcpy(taup_program_input(t->feeds, 1, w->feeds_R, TAUP_PARAMETER, 0), w->inputs, n_parameters * sizeof(double));
  memcpy(taup_program_input(t->mix, 1, w->mix_R, TAUP_PARAMETER, 0), w->inputs, n_parameters * sizeof(double));
  taup_program_prologue(t->feeds, TAUP_PARAMETER, 1, w->feeds_R);
  taup_program_prologue(t->mix, TAUP_PARAMETER, 1, w->mix_R);
  taup_program_run(t->feeds, 0, 1, w->feeds_R, w->feeds_out);
  for (int k = 0; k < ch->n_feeds; k++) {
    const double *f = w->feeds_out + (ptrdiff_t)k * (n + TAUP_FEED_EXTRA);
    const double flow = f[n + TAUP_FEED_FLOW];
    if (!(flow >= 0.0) || !isfinite(flow))
      return taup_fail(TAU_E_DOMAIN, "the flow of feed '%s' comes out as %g m^3/s", ch->feeds[k].name, flow);
    for (int i = 0; i < n; i++)
      if (!(f[i] >= 0.0) || !isfinite(f[i]))
        return taup_fail(TAU_E_DOMAIN, "feed '%s': the molar flow of '%s' comes out as %g mol/s", ch->feeds[k].name, ch->species[i].name, f[i]);
  }
  return TAU_OK;
}

/* What was put in by all feeds, or the charge of the batch that is the outlet. */
static void sum_totals(tau_workspace *w)
{
  const tau_train *t = w->train;
  const int n = t->layout->n_species;
  double *total = w->result->data + t->layout->total;
  const taup_unit *last = t->stages[t->outlet_stage].unit;
  memset(total, 0, (size_t)n * sizeof *total);
  if (last->kind->family == TAUP_CLOSED) {
    for (int i = 0; i < last->n_charge; i++)
      total[last->charge[i].species] += w->inputs[last->charge[i].parameter] * w->inputs[last->charge_volume];
    return;
  }
  for (int k = 0; k < t->d.chemistry.n_feeds; k++)
    for (int i = 0; i < n; i++) total[i] += w->feeds_out[(ptrdiff_t)k * (n + TAUP_FEED_EXTRA) + i];
}

/* --- units --- */

static void charge(tau_workspace *w, int i_stage)
{
  const tau_train *t = w->train;
  const taup_unit *u = t->stages[i_stage].unit;
  const int n = t->layout->n_species;
  const double volume = w->inputs[u->charge_volume];
  memset(w->stage_streams, 0, (size_t)n * sizeof(double));
  for (int i = 0; i < u->n_charge; i++) w->stage_streams[u->charge[i].species] = w->inputs[u->charge[i].parameter] * volume;
  const double T = u->charge_temperature >= 0 ? w->inputs[u->charge_temperature] : (double)NAN;
  taup_fill_charge(w, w->stage_streams, volume, T);
  taup_stream_fill(w, w->result->data + t->layout->units[i_stage].inlet, w->stage_streams, volume, T);
}

/* The value of a slot that is no parameter. */
static double role_value(const tau_workspace *w, const taup_unit *u, int role)
{
  if (role == TAUP_ROLE_AREA_MODE) return isnan(w->inputs[u->jacket_area]) ? 0.0 : 1.0;
  for (int i = 0; i < u->kind->n_fields; i++) /* TAUP_ROLE_SIZE_MODE */
    if ((u->kind->fields[i].flags & TAUP_FIELD_ALTERNATIVE) && !isnan(w->inputs[u->p[i]])) return i;
  return -1.0;
}

/* A march may compute species from moieties where every such sum stays a sum: the total must not be negative. */
static bool may_reduce(const tau_workspace *w, int i_stage)
{
  const tau_train *t = w->train;
  if (t->stages[i_stage].reduced < 0) return false;
  const double *F = w->result->data + t->layout->units[i_stage].inlet;
  for (int i = 0; i < t->layout->n_species; i++) {
    if (t->reduced[i] < 0) continue;
    const taup_moiety *m = &t->d.chemistry.moieties[t->reduced[i]];
    double total = 0.0, own = 1.0;
    for (int k = 0; k < m->n; k++) {
      total += m->coefficient[k] * F[m->species[k]];
      if (m->species[k] == i) own = m->coefficient[k];
    }
    if (total / own < 0.0) return false;
  }
  return true;
}

static tau_status check_size(const tau_workspace *w, const taup_unit *u)
{
  for (int i = 0; i < u->kind->n_fields; i++)
    if (strcmp(u->kind->fields[i].name, "length") == 0 && !isnan(w->inputs[u->p[i]]))
      for (int k = 0; k < u->kind->n_fields; k++)
        if (strcmp(u->kind->fields[k].name, "diameter") == 0 && isnan(w->inputs[u->p[k]]))
          return taup_fail(TAU_E_VALUE, "unit '%s' has a length but no diameter", u->name);
  const double size = w->enter[TAUP_ENTER_SIZE];
  if (size > 0.0 && isfinite(size)) return TAU_OK;
  return taup_fail(TAU_E_DOMAIN, "the %s of unit '%s' comes out as %g", u->kind->family == TAUP_CLOSED ? "time" : "volume", u->name, size);
}

tau_status taup_enter(tau_workspace *w, int i_stage, int *i_program)
{
  const tau_train *t = w->train;
  const taup_stage *stage = &t->stages[i_stage];
  const bool reduce = may_reduce(w, i_stage);
  const int k = *i_program = reduce ? stage->reduced : stage->program;
  const int *slots = reduce ? stage->reduced_slots : stage->slots;
  const taup_unit_program *p = &t->programs[k];
  double *R = w->engines[k].R;
  const int n = t->layout->n_species;
  const double *inlet = w->result->data + t->layout->units[i_stage].inlet;
  double *own = taup_program_input(p->program, 1, R, TAUP_PARAMETER, 0);
  for (int s = 0; s < p->n_roles; s++) own[s] = slots[s] >= 0 ? w->inputs[slots[s]] : role_value(w, stage->unit, slots[s]);
  double *in = taup_program_input(p->program, 1, R, TAUP_INLET, 0);
  in[TAUP_IN_FLOW] = inlet[2 * n + TAUP_STREAM_FLOW];
  in[TAUP_IN_T] = in[TAUP_IN_T_OF_H] = inlet[2 * n + TAUP_STREAM_T];
  memcpy(in + taup_inlet_index_F(0), inlet, (size_t)n * sizeof *in);
  const bool closed = stage->unit->kind->family == TAUP_CLOSED;
  memcpy(in + taup_inlet_index_total(n, 0), closed ? inlet : w->result->data + t->layout->total, (size_t)n * sizeof *in);
  if (p->needs_T && isnan(in[TAUP_IN_T]))
    return taup_fail(TAU_E_DOMAIN, "unit '%s' depends on the temperature of what comes in: give its feeds a temperature:", stage->unit->name);
  taup_program_prologue(p->program, TAUP_PARAMETER, 1, R);
  if (taup_program_prologue(p->program, TAUP_INLET, 1, R) < 0)
    return taup_fail(TAU_E_CALLBACK, "unit '%s': a function of the user failed", stage->unit->name);
  taup_program_run(p->program, TAUP_BODY_ENTER, 1, R, w->enter);
  return check_size(w, stage->unit);
}

static double field_value(const tau_workspace *w, const taup_unit *u, const char *name)
{
  for (int i = 0; i < u->kind->n_fields; i++)
    if (strcmp(u->kind->fields[i].name, name) == 0) return w->inputs[u->p[i]];
  return NAN;
}

/* Without a liquid that is known nothing is warmed where the temperature stays that of the feed. */
static double isothermal_gain(tau_workspace *w, int i_stage)
{
  const double gain = taup_enthalpy_gain(w, i_stage);
  return isnan(gain) && w->train->stages[i_stage].unit->heat == TAUP_HEAT_FEED ? 0.0 : gain;
}

/* The scalars that need only the size and the heat: s_end is the fraction of the unit that was used. */
static void fill_scalars(tau_workspace *w, int i_stage, const taup_unit_program *p, double s_end)
{
  const taup_unit_layout *l = &w->train->layout->units[i_stage];
  const taup_unit *u = w->train->stages[i_stage].unit;
  const int n = w->train->layout->n_species;
  double *x = w->result->data + l->scalars;
  const double *inlet = w->result->data + l->inlet;
  const double size = w->enter[TAUP_ENTER_SIZE] * s_end, diameter = field_value(w, u, "diameter");
  x[TAUP_SCALAR_SIZE] = size;
  x[TAUP_SCALAR_END] = s_end;
  x[TAUP_SCALAR_RESIDENCE_TIME] = u->kind->family == TAUP_CLOSED ? size : size / inlet[2 * n + TAUP_STREAM_FLOW];
  x[TAUP_SCALAR_LENGTH] = size / (0.78539816339744830962 * diameter * diameter);
  const double released = p->knows_heat ? w->q[TAUP_Q_RELEASED] : (double)NAN, wall = w->q[TAUP_Q_WALL];
  x[TAUP_SCALAR_RELEASED] = released;
  x[TAUP_SCALAR_ADIABATIC_RISE] = released / w->enter[TAUP_ENTER_CAPACITY];
  switch (u->heat) {
    case TAUP_HEAT_ADIABATIC: x[TAUP_SCALAR_DUTY] = 0.0; break;
    case TAUP_HEAT_JACKET: x[TAUP_SCALAR_DUTY] = wall; break;
    default: x[TAUP_SCALAR_DUTY] = isothermal_gain(w, i_stage) - released;
  }
}

/* Enthalpy balance of a unit whose temperature follows from it: what went in, was released, was put in, against what goes out. */
static void check_energy(tau_workspace *w, int i_stage)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  const taup_unit_layout *l = &w->train->layout->units[i_stage];
  double *x = w->result->data + l->scalars;
  if (u->heat != TAUP_HEAT_ADIABATIC && u->heat != TAUP_HEAT_JACKET) return;
  const double gained = taup_enthalpy_gain(w, i_stage), put_in = x[TAUP_SCALAR_RELEASED] + x[TAUP_SCALAR_DUTY];
  const double scale = fmax(fmax(fabs(gained), fabs(x[TAUP_SCALAR_RELEASED])), fabs(x[TAUP_SCALAR_DUTY]));
  x[TAUP_SCALAR_ENERGY_ERROR] = scale > 0.0 ? fabs(gained - put_in) / scale : 0.0;
}

void taup_look(tau_workspace *w, int i_program, const double *y)
{
  const taup_unit_program *p = &w->train->programs[i_program];
  double *R = w->engines[i_program].R;
  memcpy(taup_program_input(p->program, 1, R, TAUP_STATE, 0), y, (size_t)p->system.n * sizeof *y);
  taup_program_run(p->program, TAUP_BODY_PLACE, 1, R, w->place);
}

void taup_leave(tau_workspace *w, int i_stage, int i_program, double s_end)
{
  const tau_train *t = w->train;
  const taup_unit_program *p = &t->programs[i_program];
  const taup_unit_layout *l = &t->layout->units[i_stage];
  const int n = t->layout->n_species, m = t->layout->n_reactions;
  double *R = w->engines[i_program].R, *data = w->result->data;
  taup_look(w, i_program, w->y);
  taup_program_run(p->program, TAUP_BODY_RATES, 1, R, w->rates);
  taup_program_run(p->program, TAUP_BODY_K, 1, R, data + l->k);
  memcpy(data + l->rate, w->rates, (size_t)m * sizeof *data);
  taup_stream_fill(w, data + l->outlet, w->place, w->place[n + TAUP_PLACE_FLOW], w->place[n + TAUP_PLACE_T]);
  fill_scalars(w, i_stage, p, s_end);
  check_energy(w, i_stage);
}

static tau_status run_junction(tau_workspace *w, int i_stage, double duty)
{
  const tau_train *t = w->train;
  const taup_unit *u = t->stages[i_stage].unit;
  const taup_unit_layout *l = &t->layout->units[i_stage];
  const int n = t->layout->n_species, size = taup_stream_size(n);
  double *data = w->result->data, rest = 1.0;
  const double *in = data + l->inlet;
  data[l->scalars + TAUP_SCALAR_DUTY] = duty;
  if (u->n_outlets < 2 || !u->fractions) {
    memcpy(data + l->outlet, in, (size_t)size * sizeof *data);
    return TAU_OK;
  }
  for (int k = 0; k < u->n_outlets; k++)
    if (u->fractions[k] >= 0) rest -= w->inputs[u->fractions[k]];
  if (rest < -1e-12) return taup_fail(TAU_E_VALUE, "the outlets of splitter '%s' take more than all of it", u->name);
  for (int k = 0; k < u->n_outlets; k++) {
    const double x = u->fractions[k] >= 0 ? w->inputs[u->fractions[k]] : rest;
    double *out = data + l->outlet + k * size;
    memcpy(out, in, (size_t)size * sizeof *out);
    for (int i = 0; i < n; i++) out[i] *= x;
    out[2 * n + TAUP_STREAM_FLOW] *= x;
    out[2 * n + TAUP_STREAM_MASS] *= x;
  }
  return TAU_OK;
}

static tau_status run_stage(tau_workspace *w, int i_stage)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  double duty = 0.0;
  const int stop = taup_asked_to_stop(w, u->name, 0.0);
  if (stop) return (tau_status)stop;
  if (u->kind->family == TAUP_CLOSED) charge(w, i_stage);
  else TAU_TRY(taup_mix_inlets(w, i_stage, &duty));
  switch (u->kind->family) {
    case TAUP_JUNCTION: return run_junction(w, i_stage, duty);
    case TAUP_WELL_MIXED: return taup_run_tank(w, i_stage);
    default: return taup_run_march(w, i_stage);
  }
}

static tau_status run_stages(tau_workspace *w, int *n_done)
{
  for (; *n_done < w->train->n_stages; ++*n_done) {
    const double before = taup_clock();
    const tau_status st = run_stage(w, *n_done);
    w->result->statistics[*n_done].wall_time = taup_clock() - before;
    if (st != TAU_OK) return st;
  }
  return TAU_OK;
}

static void end_message(tau_workspace *w, tau_status st, int n_done)
{
  tau_result *r = w->result;
  r->status = st;
  const char *unit = n_done < w->train->n_stages ? w->train->layout->units[n_done].name : "";
  if (st == TAU_STOPPED_TIME) snprintf(r->message, sizeof r->message, "stopped in unit '%s': the time limit of %g s is reached", unit, w->options.max_time);
  else if (st == TAU_STOPPED_USER) snprintf(r->message, sizeof r->message, "stopped in unit '%s': cancelled", unit);
  else if (st < 0) snprintf(r->message, sizeof r->message, "%s", tau_last_error());
}

/* In an ideal mixture a solute without a density takes no room; say so once. */
static void warn_of_volumes(tau_workspace *w)
{
  const taup_chemistry *ch = &w->train->d.chemistry;
  if (ch->fluid.mode != TAUP_FLUID_IDEAL_MIXTURE) return;
  for (int i = 0; i < ch->n_species; i++)
    if (ch->species[i].density < 0 && !ch->species[i].solvent) {
      taup_result_warn(w->result, "species without a density, such as '%s', take no room in the ideal mixture", ch->species[i].name);
      return;
    }
}

static tau_status run_all(tau_workspace *w, const tau_run_options *options, int *n_done)
{
  TAU_TRY(run_feeds(w));
  sum_totals(w);
  TAU_TRY(resolve_options(w, options));
  for (int i = 0; i < w->train->d.chemistry.n_notes; i++) taup_result_warn(w->result, "%s", w->train->d.chemistry.notes[i]);
  warn_of_volumes(w);
  return run_stages(w, n_done);
}

tau_status tau_train_run_in(const tau_result **out, tau_workspace *w, const tau_inputs *inputs, const tau_run_options *options)
{
  const taup_parameters *table = &w->train->d.chemistry.parameters;
  taup_result_clear(w->result);
  for (int i = 0; i < table->n; i++) w->result->inputs[i] = inputs ? inputs->values[i] : table->items[i].value;
  w->inputs = w->result->inputs;
  w->started = taup_clock();
  w->told = -INFINITY;
  int n_done = 0;
  const tau_status st = run_all(w, options, &n_done);
  end_message(w, st, n_done);
  taup_finish(w, n_done);
  w->result->wall_time = taup_clock() - w->started;
  *out = w->result;
  return st < 0 ? taup_fail(st, "%s", w->result->message) : st;
}

tau_status tau_train_run(tau_result **out, const tau_train *train, const tau_inputs *inputs, const tau_run_options *options)
{
  tau_workspace *w = NULL;
  const tau_result *borrowed = NULL;
  *out = NULL;
  TAU_TRY(tau_workspace_new(&w, train));
  const tau_status st = tau_train_run_in(&borrowed, w, inputs, options);
  *out = w->result;
  w->result = NULL;
  tau_workspace_free(w);
  return st;
}

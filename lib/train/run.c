/* SPDX-License-Identifier: Apache-2.0 */
/* run.c - a run: feeds, then unit after unit, then what is counted. All memory is the workspace's. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/ages.h"
#include "train/regime.h"
#include "train/train.h"

/* --- workspace --- */

static double *registers(const taup_program *p)
{
  double *R = taup_calloc(taup_program_bytes(p, 1), 1);
  if (R) taup_program_init(p, 1, R);
  return R;
}

static tau_status make_field(taup_engine *e, const taup_unit_program *p)
{
  taup_system guessed = p->system;
  guessed.body_q = -1;
  if (p->is_pure && p->system.n <= TAUP_MOST_LANE_STATES && taup_width_is_there(4))
    TAU_TRY(taup_lanes_new(&e->guess, &guessed, 1));
  return taup_bvp_new(&e->field, &p->system, p->is_pure);
}

/* Registers of its own; the solvers too, or those of another workspace. */
static tau_status make_engine(taup_engine *e, const taup_unit_program *p, const taup_engine *solvers)
{
  e->R = registers(p->program);
  if (!e->R) return TAU_E_NOMEM;
  if (solvers) {
    e->march = solvers->march;
    e->root = solvers->root;
    e->field = solvers->field;
    if (p->unit->mixing == TAUP_EXCHANGE) e->lanes = solvers->lanes;
    e->guess = solvers->guess;
    return TAU_OK;
  }
  const bool tank = taup_family_of(p->unit) == TAUP_WELL_MIXED,
             lane = p->fits_lanes && taup_width_is_there(4);
  if (lane && tank) TAU_TRY(taup_lane_newton_new(&e->newton, &p->system, 1));
  else if (lane) TAU_TRY(taup_lanes_new(&e->lanes, &p->system, 1));
  if (tank) TAU_TRY(taup_root_new(&e->root, &p->system));
  if (taup_is_field(p->unit)) TAU_TRY(make_field(e, p));
  return taup_march_new(&e->march, &p->system);
}

static bool make_vectors(tau_workspace *w)
{
  const tau_train *t = w->train;
  const size_t n = (size_t)t->layout->n_species, m = (size_t)t->layout->n_reactions;
  const size_t states = n + 4; /* T, Q or the heats */
  double **const vectors[] = {&w->y, &w->f, &w->atol, &w->scale, &w->start, &w->lower};
  for (size_t k = 0; k < sizeof vectors / sizeof vectors[0]; k++)
    if (!(*vectors[k] = taup_calloc(states, sizeof(double)))) return false;
  w->q = taup_calloc(TAUP_N_Q, sizeof(double));
  w->place = taup_calloc(n + TAUP_PLACE_EXTRA, sizeof(double));
  w->rates = taup_calloc(m + 1, sizeof(double));
  w->enter = taup_calloc(TAUP_N_ENTER, sizeof(double));
  w->stage_streams = taup_calloc(n, sizeof(double));
  w->tanks = taup_calloc((size_t)taup_stream_size((int)n) + 2 * n, sizeof(double));
  w->eigenvalues =
    taup_calloc(2 * (states < TAUP_MOST_EIGENVALUES ? states : TAUP_MOST_EIGENVALUES), sizeof(double));
  w->ages = taup_calloc((size_t)t->n_stages, sizeof(double));
  w->step_start = taup_calloc(4 * states, sizeof(double));
  w->slope = taup_calloc(states, sizeof(double));
  return w->q && w->place && w->rates && w->enter && w->stage_streams && w->eigenvalues && w->step_start &&
         w->slope && w->ages && w->tanks;
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
  w->mixed = taup_calloc((size_t)t->n_stages, sizeof *w->mixed);
  if (!w->mixed || !w->engines || !w->feeds_R || !w->feeds_out || !w->mix_R || !w->observables_R ||
      !w->observables_out || !make_vectors(w))
    return TAU_E_NOMEM;
  for (int s = 0; s < t->n_stages; s++)
    if (t->stages[s].unit->mixing) TAU_TRY(taup_ages_new(&w->mixed[s], t, s));
  for (int k = 0; k < t->n_programs; k++)
    TAU_TRY(make_engine(&w->engines[k], &t->programs[k], w->solvers ? &w->solvers->engines[k] : NULL));
  return TAU_OK;
}

tau_status tau_workspace_new(tau_workspace **out, const tau_train *train)
{
  return taup_workspace_new(out, train, NULL);
}

tau_status taup_workspace_new(tau_workspace **out, const tau_train *train, const tau_workspace *solvers)
{
  *out = NULL;
  tau_workspace *w = taup_calloc(1, sizeof *w);
  if (!w) return TAU_E_NOMEM;
  w->train = tau_train_ref(train);
  w->solvers = solvers;
  w->needs = TAUP_NEED_ALL;
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
    if (w->solvers) continue;
    taup_march_free(w->engines[k].march);
    taup_root_free(w->engines[k].root);
    taup_lanes_free(w->engines[k].lanes);
    taup_lanes_free(w->engines[k].guess);
    taup_lane_newton_free(w->engines[k].newton);
    taup_bvp_free(w->engines[k].field);
  }
  for (int s = 0; w->mixed && s < w->train->n_stages; s++) taup_ages_free(w->mixed[s]);
  taup_free(w->mixed);
  double *const blocks[] = {w->feeds_R,         w->feeds_out,  w->mix_R, w->observables_R,
                            w->observables_out, w->y,          w->f,     w->atol,
                            w->scale,           w->start,      w->lower, w->q,
                            w->place,           w->rates,      w->enter, w->stage_streams,
                            w->eigenvalues,     w->step_start, w->slope, w->ages};
  for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) taup_free(blocks[k]);
  taup_free(w->tanks);
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
    double largest = 0.0;
    for (int i = 0; i < n; i++)
      if (!t->d.chemistry.species[i].flowing_solvent && f[i] > largest) largest = f[i];
    const double c = largest / f[n + TAUP_FEED_FLOW];
    if (c > most) most = c;
  }
  for (int u = 0; u < t->d.units.n; u++)
    for (int i = 0; i < t->d.units.items[u].n_charge; i++)
      most = fmax(most, w->inputs[t->d.units.items[u].charge[i].parameter]);
  return most > 0.0 ? most : 1.0;
}

tau_run_options taup_run_options_of(const tau_train *train, const tau_run_options *asked)
{
  static const tau_run_options none = TAU_RUN_OPTIONS_INIT;
  const taup_solver_options *file = &train->d.solver;
  tau_run_options o = asked ? *asked : none;
  o.rtol = pick(o.rtol, o.rtol > 0.0, file->rtol, 1e-8);
  o.atol = pick(o.atol, o.atol > 0.0, file->atol, 0.0);
  o.max_time = pick(o.max_time, o.max_time >= 0.0, file->max_time, INFINITY);
  if (o.engine == TAU_ENGINE_AUTO) o.engine = file->engine;
  o.max_steps = o.max_steps > 0 ? o.max_steps : file->max_steps > 0 ? file->max_steps : 100000;
  return o;
}

static tau_status resolve_options(tau_workspace *w, const tau_run_options *asked)
{
  w->options = taup_run_options_of(w->train, asked);
  w->most_concentration = largest_feed_concentration(w);
  w->atol_concentration = w->options.atol > 0.0 ? w->options.atol : 1e-14 * w->most_concentration;
  if (!(w->options.rtol > 1e-15 && w->options.rtol < 1.0))
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "rtol is %g; between 1e-15 and 1 is needed", w->options.rtol);
  const char *refusal = w->options.engine == TAU_ENGINE_LANES ? taup_lanes_refusal(w->train) : NULL;
  if (refusal) return taup_fail(TAUP_ERR_NO_LANES, TAUP_LANES_REFUSED, refusal);
  tau_result *r = w->result;
  r->rtol = w->options.rtol;
  r->atol = w->atol_concentration;
  r->max_time = w->options.max_time;
  r->max_steps = w->options.max_steps;
  return TAU_OK;
}

/* --- feeds --- */

static tau_status run_feeds(tau_workspace *w)
{
  const tau_train *t = w->train;
  const taup_chemistry *ch = &t->d.chemistry;
  const int n = t->layout->n_species;
  const size_t n_parameters = (size_t)ch->parameters.n;
  memcpy(taup_program_input(t->feeds, 1, w->feeds_R, TAUP_PARAMETER, 0), w->inputs,
         n_parameters * sizeof(double));
  taup_program_prologue(t->feeds, TAUP_PARAMETER, 1, w->feeds_R);
  w->mix_is_set = false;
  taup_program_run(t->feeds, 0, 1, w->feeds_R, w->feeds_out);
  for (int k = 0; k < ch->n_feeds; k++) {
    const double *f = w->feeds_out + (ptrdiff_t)k * (n + TAUP_FEED_EXTRA);
    const double flow = f[n + TAUP_FEED_FLOW];
    if (!(flow >= 0.0) || !isfinite(flow))
      return taup_fail(TAUP_ERR_IMPOSSIBLE_FLOW, "the flow of feed '%s' comes out as %g m^3/s",
                       ch->feeds[k].name, flow);
    for (int i = 0; i < n; i++) {
      if (f[i] >= 0.0 && isfinite(f[i])) continue;
      if (i == ch->feeds[k].solvent_species)
        return taup_fail(
          TAUP_ERR_OVERFULL_FEED,
          "feed '%s' has no room for its solvent '%s': what is dissolved takes more than the whole",
          ch->feeds[k].name, ch->species[i].name);
      return taup_fail(TAUP_ERR_IMPOSSIBLE_FLOW, "feed '%s': the molar flow of '%s' comes out as %g mol/s",
                       ch->feeds[k].name, ch->species[i].name, f[i]);
    }
  }
  return TAU_OK;
}

/* What was put in by all feeds, or the charge of the batch that is the outlet. */
static void sum_totals(tau_workspace *w)
{
  const tau_train *t = w->train;
  const int n = t->layout->n_species;
  double *total = w->result->data + t->layout->total;
  if (t->stages[t->outlet_stage].unit->kind->family == TAUP_CLOSED) {
    taup_take_charge(w, t->outlet_stage);
    memcpy(total, w->result->data + t->layout->units[t->outlet_stage].inlet, (size_t)n * sizeof *total);
    return;
  }
  for (int i = 0; i < n; i++) {
    double sum = 0.0;
    for (int k = 0; k < t->d.chemistry.n_feeds; k++)
      sum += w->feeds_out[(ptrdiff_t)k * (n + TAUP_FEED_EXTRA) + i];
    total[i] = sum;
  }
}

/* --- units --- */

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
  if (rest < -1e-12)
    return taup_fail(TAUP_ERR_SUM_ABOVE_ONE, "the outlets of splitter '%s' take more than all of it", u->name);
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

tau_status taup_run_inlet(tau_workspace *w, int i_stage, double *duty)
{
  *duty = 0.0;
  if (w->train->stages[i_stage].unit->kind->family != TAUP_CLOSED) return taup_mix_inlets(w, i_stage, duty);
  taup_take_charge(w, i_stage);
  return TAU_OK;
}

tau_status taup_run_stage(tau_workspace *w, int i_stage)
{
  const taup_unit *u = w->train->stages[i_stage].unit;
  double duty;
  if (u->kind->family != TAUP_JUNCTION) { /* which takes no longer than to ask */
    const int stop = taup_asked_to_stop(w, u->name, 0.0);
    if (stop) return (tau_status)stop;
  }
  TAU_TRY(taup_run_inlet(w, i_stage, &duty));
  if (u->mixing) return taup_run_mixed(w, i_stage);
  switch (u->kind->family) {
  case TAUP_JUNCTION: return run_junction(w, i_stage, duty);
  case TAUP_WELL_MIXED: return taup_run_tanks(w, i_stage);
  default:
    return u->kind->transport == TAUP_DISPERSED ? taup_run_field(w, i_stage) : taup_run_march(w, i_stage);
  }
}

static tau_status run_stages(tau_workspace *w, int *n_done)
{
  for (; *n_done < w->train->n_stages; ++*n_done) {
    const double before = taup_clock();
    w->result->i_ended = *n_done;
    const tau_status st = taup_run_stage(w, *n_done);
    w->result->statistics[*n_done].wall_time = taup_clock() - before;
    if (st != TAU_OK) return st;
    if (w->needs & TAUP_NEED_WARNINGS) taup_warn_of_regime(w, *n_done);
  }
  w->result->i_ended = -1;
  return TAU_OK;
}

static void end_message(tau_workspace *w, tau_status st, int n_done)
{
  tau_result *r = w->result;
  r->status = st;
  r->kind = st == TAU_STOPPED_TIME   ? TAUP_ERR_TIME_LIMIT
            : st == TAU_STOPPED_USER ? TAUP_ERR_CANCELLED
            : st < 0                 ? taup_last_kind()
                                     : TAUP_ERR_NONE;
  const char *unit = n_done < w->train->n_stages ? w->train->layout->units[n_done].name : "";
  if (st == TAU_STOPPED_TIME)
    snprintf(r->message, sizeof r->message, "stopped in unit '%s': the time limit of %g s is reached", unit,
             w->options.max_time);
  else if (st == TAU_STOPPED_USER)
    snprintf(r->message, sizeof r->message, "stopped in unit '%s': cancelled", unit);
  else if (st < 0) snprintf(r->message, sizeof r->message, "%s", tau_last_error());
}

/* In an ideal mixture a solute without a density takes no room; say so once. */
static void warn_of_volumes(tau_workspace *w)
{
  const taup_chemistry *ch = &w->train->d.chemistry;
  if (ch->fluid.mode != TAUP_FLUID_IDEAL_MIXTURE) return;
  for (int i = 0; i < ch->n_species; i++)
    if (ch->species[i].density < 0 && !ch->species[i].solvent) {
      taup_result_warn(w->result, "species without a density, such as '%s', take no room in the ideal mixture",
                       ch->species[i].name);
      return;
    }
}

static void tell_notes(tau_workspace *w)
{
  for (int i = 0; i < w->train->d.chemistry.n_notes; i++)
    taup_result_warn(w->result, "%s", w->train->d.chemistry.notes[i]);
  warn_of_volumes(w);
}

tau_status taup_run_begin(tau_workspace *w, const tau_run_options *options, double started)
{
  w->inputs = w->result->inputs;
  w->started = started;
  w->told = -INFINITY;
  TAU_TRY(run_feeds(w));
  sum_totals(w);
  return resolve_options(w, options);
}

void taup_run_end(tau_workspace *w, tau_status st, int n_done)
{
  end_message(w, st, n_done);
  taup_finish(w, n_done);
}

tau_status tau_train_run_in(const tau_result **out, tau_workspace *w, const tau_inputs *inputs,
                            const tau_run_options *options)
{
  const taup_parameters *table = &w->train->d.chemistry.parameters;
  int n_done = 0;
  taup_result_clear(w->result, w->needs);
  for (int i = 0; i < table->n; i++)
    w->result->inputs[i] = inputs ? inputs->values[i] : table->items[i].value;
  tau_status st = taup_run_begin(w, options, taup_clock());
  if (st == TAU_OK) {
    tell_notes(w);
    st = run_stages(w, &n_done);
  }
  taup_run_end(w, st, n_done);
  w->result->wall_time = taup_clock() - w->started;
  *out = w->result;
  return st < 0 ? taup_fail_as(st, w->result->kind, "%s", w->result->message) : st;
}

tau_status tau_train_run(tau_result **out, const tau_train *train, const tau_inputs *inputs,
                         const tau_run_options *options)
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

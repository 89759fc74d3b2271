/* SPDX-License-Identifier: Apache-2.0 */
/* march.c - a tube or a batch from its entrance to its end, s from 0 to 1: what is stored on the way, `until`, the hottest place and the
 * largest concentrations.
 *
 * After each step the method's own interpolant and f at the interpolated state locate what lies inside: an end (`until`) by its sign, a
 * maximum by the sign of its slope; both by Brent's bracketing with inverse interpolation (R. P. Brent, Algorithms for Minimization without
 * Derivatives, 1973, ch. 4). */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "num/root.h"
#include "train/ages.h"

/* Beyond this many species maxima of concentrations are taken at the steps, not between them: the search would cost more than the march. */
enum { MOST_SEARCHED_SPECIES = 200 };

typedef taup_walk walk;

/* --- the last step, whoever took it --- */

static void state_at(walk *k, double s, double *y)
{
  if (k->view) taup_lane_at(k->view, s, y);
  else taup_march_at(k->m, s, y);
}

static void slope_of(walk *k, const double *y, double *f)
{
  taup_system_run(&k->p->system, TAUP_BODY_F, k->R, y, k->p->system.n, f);
}

/* f at the end of the step: CVODES has it, to the tolerances. */
static const double *last_slope(walk *k, double s1)
{
  if (!k->view) return taup_march_last_slope(k->m);
  double *f = k->w->step_start;
  state_at(k, s1, k->w->f);
  if (k->force) k->force(k->force_user, s1, k->R);
  slope_of(k, k->w->f, f);
  return f;
}

/* --- outputs at a state --- */

static double until_at(walk *k, const double *y)
{
  double value = -1.0;
  memcpy(taup_program_input(k->p->program, 1, k->R, TAUP_STATE, 0), y, (size_t)k->p->system.n * sizeof *y);
  taup_program_run(k->p->program, TAUP_BODY_UNTIL, 1, k->R, &value);
  return value;
}

/* The rows from `row` on stand one later. */
static void make_room(taup_profile_store *p, int row, int n, int m)
{
  const size_t behind = (size_t)(p->n_points - row);
  double *const columns[] = {p->position, p->T, p->flow, p->heat_rate};
  for (int c = 0; c < 4; c++) memmove(columns[c] + row + 1, columns[c] + row, behind * sizeof(double));
  memmove(p->c + (row + 1) * n, p->c + row * n, behind * (size_t)n * sizeof(double));
  memmove(p->rate + (row + 1) * m, p->rate + row * m, behind * (size_t)m * sizeof(double));
}

/* A row of the profile, kept in order of s (places located later may lie before ones stored already). */
static void store(walk *k, double s, const double *y)
{
  tau_workspace *w = k->w;
  const int n = w->train->layout->n_species, m = w->train->layout->n_reactions;
  taup_profile_store *p = &w->result->profiles[k->i_stage];
  const double position = (k->s_from + k->s_scale * s) * k->s_of_coordinate;
  int row = p->n_points;
  if (!(w->needs & TAUP_NEED_PROFILES) || row >= k->layout->most_points) return;
  while (row > 0 && p->position[row - 1] > position) row--;
  if (row > 0 && p->position[row - 1] == position) return;
  if (row < p->n_points) make_room(p, row, n, m);
  taup_look(w, k->i_program, y);
  taup_program_run(k->p->program, TAUP_BODY_RATES, 1, k->R, w->rates);
  const double flow = w->place[n + TAUP_PLACE_FLOW];
  p->position[row] = position;
  p->T[row] = w->place[n + TAUP_PLACE_T];
  p->flow[row] = flow;
  p->heat_rate[row] = w->rates[m];
  for (int i = 0; i < n; i++) p->c[row * n + i] = w->place[i] / flow;
  memcpy(p->rate + row * m, w->rates, (size_t)m * sizeof(double));
  p->n_points++;
}

/* --- where things are stored --- */

static double stored_s(const walk *k, int i)
{
  const double size = k->w->enter[TAUP_ENTER_SIZE], shown = k->ages ? k->ages->shown : 1.0;
  if (!k->unit->n_at && k->ages)
    return i < k->layout->most_points - 8 ? shown * i / (double)(k->layout->most_points - 9) : 2.0;
  if (!k->unit->n_at) return i < k->layout->most_points - 8 ? i / (double)(k->layout->most_points - 9) : 2.0;
  if (i >= k->unit->n_at) return 2.0;
  const double at = k->unit->at[i];
  if (k->unit->kind->family == TAUP_CLOSED || k->unit->at_coordinate == TAUP_BY_VOLUME) return at / size;
  if (k->unit->at_coordinate == TAUP_BY_TIME) {
    const double *inlet = k->w->result->data + k->layout->inlet;
    return at * inlet[2 * k->w->train->layout->n_species + TAUP_STREAM_FLOW] / size;
  }
  const double *x = k->w->result->data + k->layout->scalars;
  return at / x[TAUP_SCALAR_LENGTH];
}

static void store_passed(walk *k, double s1)
{
  for (; k->next_s <= s1 * (1.0 + 1e-15); k->next_s = stored_s(k, ++k->next_at)) {
    state_at(k, k->next_s < s1 ? k->next_s : s1, k->w->f);
    store(k, k->next_s, k->w->f);
  }
}

/* --- maxima --- */

/* A place that may be the hottest, or have the largest concentration of a species. */
static void candidate(walk *k, double s, const double *y)
{
  double *data = k->w->result->data, *max = data + k->layout->max_c, *x = data + k->layout->scalars;
  const int n = k->w->train->layout->n_species;
  const double *F = k->w->place;
  taup_look(k->w, k->i_program, y);
  const double flow = F[n + TAUP_PLACE_FLOW], T = F[n + TAUP_PLACE_T];
  for (int i = 0; i < n; i++)
    if (!(max[i] >= F[i] / flow)) max[i] = F[i] / flow;
  if (x[TAUP_SCALAR_T_MAX] >= T || isnan(T)) return;
  x[TAUP_SCALAR_T_MAX] = T;
  x[TAUP_SCALAR_POSITION_T_MAX] = (k->s_from + k->s_scale * s) * k->s_of_coordinate;
  for (int i = 0; i < n; i++) data[k->layout->at_T_max_c + i] = F[i] / flow;
}

/* Slope of the volume flow at y. */
static double flow_slope(walk *k, double *y, const double *f)
{
  static const double apart =
    0.01; /* [K]: rounding and the bend of the density are both below 1e-9 of the slope */
  const taup_unit_program *p = k->p;
  const int n = k->w->train->layout->n_species, T = p->state_of_T;
  if (p->state_of_Q >= 0) return f[p->state_of_Q];
  if (T < 0 || k->w->train->d.chemistry.fluid.mode == TAUP_FLUID_CONSTANT) return 0.0;
  const double here = y[T];
  y[T] = here - apart;
  taup_look(k->w, k->i_program, y);
  const double below = k->w->place[n + TAUP_PLACE_FLOW];
  y[T] = here + apart;
  taup_look(k->w, k->i_program, y);
  y[T] = here;
  return (k->w->place[n + TAUP_PLACE_FLOW] - below) / (2.0 * apart) * f[T];
}

/* c' = (F' - c Q') / Q at y, f its slope. F' of a species that is computed from a moiety follows from those of the others. */
static void concentration_slopes(walk *k, double *y, const double *f, double *out)
{
  const tau_train *t = k->w->train;
  const int n = t->layout->n_species;
  const double dQ = flow_slope(k, y, f);
  taup_look(k->w, k->i_program, y);
  const double *F = k->w->place, Q = F[n + TAUP_PLACE_FLOW];
  for (int i = 0; i < k->p->n_amounts; i++) out[k->p->species_of_state[i]] = f[i];
  for (int i = 0; k->p->reduced && i < n; i++) {
    if (t->reduced[i] < 0) continue;
    const taup_moiety *m = &t->d.chemistry.moieties[t->reduced[i]];
    double sum = 0.0, own = 1.0;
    for (int e = 0; e < m->n; e++)
      if (m->species[e] == i) own = m->coefficient[e];
      else sum += m->coefficient[e] * out[m->species[e]];
    out[i] = -sum / own;
  }
  for (int i = 0; i < n; i++) out[i] = (out[i] - F[i] / Q * dQ) / Q;
}

static double slope_at(void *user, double s)
{
  walk *k = user;
  state_at(k, s, k->w->f);
  if (k->force) k->force(k->force_user, s, k->R);
  slope_of(k, k->w->f, k->w->scale);
  if (!k->by_species) return k->w->scale[k->searched];
  concentration_slopes(k, k->w->f, k->w->scale, k->w->start);
  return k->w->start[k->searched];
}

/* What the tolerances leave open of state i. */
static double slack(const walk *k, int i, double value)
{
  return k->w->options.rtol * fabs(value) + k->w->atol[i];
}

/* State i has a maximum between s0 and s1, where its slope falls through 0; rise: slope at s0, times the step. The slopes at hand tell so
 * to the tolerances: where the true ones do not change sign, or the rise between is below the tolerances, it is at an end. */
static void peak(walk *k, int i, double rise, double s0, double s1)
{
  double s = s1;
  k->searched = i;
  state_at(k, s1, k->w->f);
  if (rise > (k->by_species ? 0.0 : slack(k, i, k->w->f[i]))) {
    const double slope0 = slope_at(k, s0), slope1 = slope_at(k, s1);
    if (!(slope0 > 0.0)) s = s0;
    else if (slope1 < 0.0) s = taup_bracketed_root(slope_at, k, s0, slope0, s1, slope1, 1e-14);
    state_at(k, s, k->w->f);
  }
  candidate(k, s, k->w->f);
}

/* Where concentrations are no multiples of states; last: f at s1. The rise must be more than the tolerances leave open. */
static void look_for_derived_peaks(walk *k, const double *last, double s0, double s1)
{
  tau_workspace *w = k->w;
  const int n = w->train->layout->n_species;
  double *slope1 = k->c_slope0 + n;
  state_at(k, s1, w->f);
  concentration_slopes(k, w->f, last, slope1);
  const double *max = w->result->data + k->layout->max_c;
  k->by_species = true;
  for (int i = 0; i < n; i++) {
    const double rise = k->c_slope0[i] * (s1 - s0);
    if (slope1[i] < 0.0 && rise > w->options.rtol * fabs(max[i]) + w->atol_concentration)
      peak(k, i, rise, s0, s1);
  }
  k->by_species = false;
  memcpy(k->c_slope0, slope1, (size_t)n * sizeof *slope1);
}

/* What lies higher inside the step. Its end needs no look where every species and T is searched for: a largest value that is not inside the
 * unit is at one of its ends. */
static void look_for_peaks(walk *k, double s0, double s1)
{
  const taup_unit_program *p = k->p;
  const bool all = p->n_amounts <= MOST_SEARCHED_SPECIES;
  const int n = all ? p->system.n : p->state_of_T >= 0 ? p->state_of_T + 1 : 0;
  const double *slope1 = last_slope(k, s1);
  if (!all || p->reduced || p->state_of_Q >= 0) {
    state_at(k, s1, k->w->f);
    candidate(k, s1, k->w->f);
  }
  if (all && k->derived) look_for_derived_peaks(k, slope1, s0, s1);
  for (int i = all && !k->derived ? 0 : p->n_amounts; i < n; i++)
    if (k->slope0[i] > 0.0 && slope1[i] < 0.0) peak(k, i, k->slope0[i] * (s1 - s0), s0, s1);
  memcpy(k->slope0, slope1, (size_t)p->system.n * sizeof *slope1);
}

/* --- the end by `until` --- */

static double until_of_s(void *user, double s)
{
  walk *k = user;
  state_at(k, s, k->w->f);
  return until_at(k, k->w->f);
}

static bool reached(walk *k, double s0, double *s1)
{
  if (!k->unit->until) return false;
  state_at(k, *s1, k->w->f);
  const double u1 = until_at(k, k->w->f);
  if (u1 < 0.0) {
    k->until0 = u1;
    return false;
  }
  *s1 = taup_bracketed_root(until_of_s, k, s0, k->until0, *s1, u1, 1e-15);
  return true;
}

/* --- the walk --- */

int taup_below_zero(const tau_workspace *w, int i_stage, const taup_unit_program *p, const double *y)
{
  const double *inlet = w->result->data + w->train->layout->units[i_stage].inlet;
  const double flow = inlet[2 * w->train->layout->n_species + TAUP_STREAM_FLOW];
  const double least = -1e-6 * w->most_concentration * flow;
  for (int i = 0; i < p->n_amounts; i++)
    if (y[i] < least) return i;
  return -1;
}

static int below_zero(const walk *k, const double *y) { return taup_below_zero(k->w, k->i_stage, k->p, y); }

/* What is looked at after each step; false where the unit ends in it, at *s1, or the walk has failed. */
static void age_state(void *user, double s, double *y)
{
  walk *k = user;
  state_at(k, s, y);
}

/* Maxima are those of the ages that are shown. */
static double last_shown(walk *k, double s0, double s1)
{
  const double shown = k->ages->shown;
  if (s0 < shown && s1 >= shown && (k->w->needs & TAUP_NEED_MAXIMA)) {
    state_at(k, shown, k->w->f);
    candidate(k, shown, k->w->f);
  }
  return fmin(s1, shown);
}

static bool look(walk *k, double s0, double *s1)
{
  const bool ends = reached(k, s0, s1);
  const double to = k->ages ? last_shown(k, s0, *s1) : *s1;
  if (k->ages) taup_ages_gather(k->ages, s0, *s1, k->p->system.n, k->w->f, age_state, k);
  if ((k->w->needs & TAUP_NEED_MAXIMA) && to > s0) look_for_peaks(k, s0, to);
  store_passed(k, *s1);
  k->s_end = *s1;
  return !ends;
}

static int after_step(void *user, taup_march *m, double s0, double s1)
{
  walk *k = user;
  k->m = m;
  if ((k->fell = below_zero(k, taup_march_state(m))) >= 0) return TAU_E_SOLVER;
  if (!look(k, s0, &s1)) {
    taup_march_end(m, s1);
    return TAUP_STOP_HERE;
  }
  return taup_asked_to_stop(k->w, k->unit->name, s1);
}

bool taup_walk_step(walk *k, const taup_lane_view *view, double s0, double *s1)
{
  k->view = view;
  taup_lane_at(view, *s1, k->w->f);
  if ((k->fell = below_zero(k, k->w->f)) >= 0) return false;
  return look(k, s0, s1);
}

static double least_heat(const walk *k);

static void tolerances(walk *k)
{
  tau_workspace *w = k->w;
  const double *inlet = w->result->data + k->layout->inlet;
  const double flow = inlet[2 * w->train->layout->n_species + TAUP_STREAM_FLOW];
  for (int i = 0; i < k->p->n_amounts; i++) w->atol[i] = w->atol_concentration * flow;
  if (k->p->state_of_T >= 0) w->atol[k->p->state_of_T] = 1e-12 * 300.0;
  if (k->p->state_of_Q >= 0) w->atol[k->p->state_of_Q] = 1e-14 * flow;
  for (int i = 0; k->p->state_of_heat >= 0 && i < TAUP_N_Q; i++)
    w->atol[k->p->state_of_heat + i] = least_heat(k);
}

/* The coordinate in which positions are told: volume, length or time. */
static double coordinate_of_s(const walk *k)
{
  const double size = k->w->enter[TAUP_ENTER_SIZE];
  if (k->ages) return k->ages->reach;
  if (strcmp(k->layout->coordinate, "length") != 0) return size;
  return k->w->train->stages[k->i_stage].diameter < 0 ? size : size / taup_section(k->w, k->i_stage);
}

/* Noise below zero that the unit before left, within its tolerance, begins as zero: an autocatalyst would grow downwards from it. */
static void drop_noise(walk *k)
{
  for (int i = 0; i < k->p->n_amounts; i++)
    if (k->w->y[i] < 0.0 && k->w->y[i] > -100.0 * k->w->atol[i]) k->w->y[i] = 0.0;
}

/* The state that comes in, tolerances, and how places are told. */
static void open_up(walk *k)
{
  tau_workspace *w = k->w;
  double *data = w->result->data, *x = data + k->layout->scalars;
  k->s_of_coordinate = x[TAUP_SCALAR_LENGTH] = w->whole = coordinate_of_s(k);
  k->slope0 = w->slope;
  k->c_slope0 = w->step_start + 2 * (w->train->layout->n_species + 2);
  k->derived = k->p->reduced || k->p->state_of_Q >= 0 ||
               (k->p->state_of_T >= 0 && w->train->d.chemistry.fluid.mode != TAUP_FLUID_CONSTANT);
  taup_program_run(k->p->program, TAUP_BODY_START, 1, k->R, w->y);
  tolerances(k);
  drop_noise(k);
}

static void begin(walk *k)
{
  tau_workspace *w = k->w;
  open_up(k);
  if (w->needs & TAUP_NEED_MAXIMA) candidate(k, 0.0, w->y);
  k->until0 = k->unit->until ? until_at(k, w->y) : -1.0;
  k->next_s = 2.0;
  if (!(w->needs & TAUP_NEED_PROFILES)) return;
  for (; (k->next_s = stored_s(k, k->next_at)) <= 0.0; k->next_at++) store(k, 0.0, w->y);
}

/* Absolute tolerance of heats: what those of amounts and temperature leave open. Below it the balance of forward and backward rates at
 * equilibrium is rounding, and steps would never grow. */
static double least_heat(const walk *k)
{
  static const double heat_of_reaction = 1e5; /* [J/mol], a usual one */
  const tau_workspace *w = k->w;
  const double of_amounts = k->p->n_amounts > 0 ? heat_of_reaction * w->atol[0] : 0.0;
  const double of_temperature =
    1e-12 * 300.0 * w->enter[TAUP_ENTER_CAPACITY]; /* NaN: no heat capacity known */
  return fmax(w->options.rtol * 1e-9, fmax(of_amounts, of_temperature));
}

/* Orders below 1: heats are integrals of their rates, known from states on a slope of 2 k / e (e: taup_power_of_order). */
static bool has_low_order(const taup_chemistry *ch)
{
  for (int j = 0; j < ch->n_reactions; j++)
    for (int i = 0; i < ch->reactions[j].n_forward; i++)
      if (ch->reactions[j].forward[i].value < 1.0) return true;
  return false;
}

/* Segregated fluid is a sum over many lengths of its memory: each of them to a tenth of the tolerance. Maximum mixedness is marched over
 * them, and E may be infinite at the end. */
static double tightened(const taup_unit *unit)
{
  return unit->mixing == TAUP_MAXIMUM ? 0.01 : unit->mixing ? 0.1 : 1.0;
}

static taup_march_options options_of(const walk *k, double *atol_q)
{
  const tau_workspace *w = k->w;
  for (int i = 0; i < TAUP_N_Q; i++) atol_q[i] = least_heat(k);
  return (taup_march_options){.rtol = w->options.rtol * tightened(k->unit),
                              .atol = w->atol,
                              .atol_q = atol_q,
                              .max_steps = w->options.max_steps,
                              .steep = has_low_order(&w->train->d.chemistry)};
}

taup_march_options taup_march_options_of(tau_workspace *w, int i_stage, const taup_unit_program *p,
                                         double *atol_q)
{
  walk k = {.w = w,
            .i_stage = i_stage,
            .p = p,
            .unit = w->train->stages[i_stage].unit,
            .layout = &w->train->layout->units[i_stage]};
  tolerances(&k);
  return options_of(&k, atol_q);
}

static tau_status go(walk *k)
{
  double atol_q[TAUP_N_Q];
  const taup_march_options options = options_of(k, atol_q);
  return taup_march_run(k->w->engines[k->i_program].march, k->R, k->w->y, k->w->q, &options, after_step, k);
}

/* --- entering and leaving --- */

static tau_status enter(walk *k, tau_workspace *w, int i_stage)
{
  *k = (walk){.w = w,
              .i_stage = i_stage,
              .fell = -1,
              .s_scale = 1.0,
              .unit = w->train->stages[i_stage].unit,
              .layout = &w->train->layout->units[i_stage]};
  if (k->unit->mixing) {
    TAU_TRY(taup_ages_enter(w, i_stage, false, &k->i_program));
    k->ages = w->mixed[i_stage];
  } else {
    TAU_TRY(taup_enter(w, i_stage, &k->i_program));
  }
  k->p = &w->train->programs[k->i_program];
  k->R = w->engines[k->i_program].R;
  return TAU_OK;
}

tau_status taup_walk_open(walk *k, tau_workspace *w, int i_stage)
{
  TAU_TRY(enter(k, w, i_stage));
  open_up(k);
  return TAU_OK;
}

void taup_walk_slopes(walk *k, double *y, const double *f, double *out)
{
  concentration_slopes(k, y, f, out);
}

double taup_walk_stored(const walk *k, int i) { return stored_s(k, i); }

void taup_walk_store(walk *k, double s, const double *y) { store(k, s, y); }

void taup_walk_candidate(walk *k, double s, const double *y) { candidate(k, s, y); }

void taup_walk_state(walk *k, double s, double *y) { state_at(k, s, y); }

void taup_walk_look_from(walk *k, double s)
{
  state_at(k, s, k->w->f);
  if (k->force) k->force(k->force_user, s, k->R);
  candidate(k, s, k->w->f);
  slope_of(k, k->w->f, k->slope0);
}

void taup_walk_look(walk *k, double s0, double s1) { look_for_peaks(k, s0, s1); }

tau_status taup_walk_begin(walk *k, tau_workspace *w, int i_stage, bool *over)
{
  TAU_TRY(enter(k, w, i_stage));
  begin(k);
  *over = k->until0 >= 0.0;
  if (*over)
    taup_result_warn(w->result, "unit '%s': %s is reached at its entrance already", k->unit->name,
                     k->unit->until);
  else if (taup_walk_watches(k)) slope_of(k, w->y, k->slope0);
  if (!*over && k->derived && taup_walk_watches(k)) concentration_slopes(k, w->y, k->slope0, k->c_slope0);
  memset(w->q, 0, TAUP_N_Q * sizeof *w->q);
  return TAU_OK;
}

bool taup_walk_watches(const walk *k)
{
  return k->unit->until || k->ages || (k->w->needs & (TAUP_NEED_MAXIMA | TAUP_NEED_PROFILES));
}

/* What was gathered of all ages is what leaves. */
void taup_walk_end_ages(walk *k, const double *y, double error, const tau_statistics *statistics)
{
  tau_workspace *w = k->w;
  w->result->statistics[k->i_stage] = *statistics;
  memmove(w->y, y, (size_t)k->p->system.n * sizeof *y);
  memcpy(w->q, y + k->p->state_of_heat, TAUP_N_Q * sizeof *y);
  taup_leave(w, k->i_stage, k->i_program, 1.0);
  w->result->data[k->layout->scalars + TAUP_SCALAR_GRID_ERROR] = error;
}

void taup_walk_end(walk *k, const tau_statistics *statistics)
{
  tau_workspace *w = k->w;
  if (k->ages) {
    taup_walk_end_ages(k, k->ages->y, taup_ages_error(k->ages), statistics);
    return;
  }
  w->result->statistics[k->i_stage] = *statistics;
  if (k->s_end > 0.0 && (w->needs & TAUP_NEED_MAXIMA)) candidate(k, k->s_end, w->y);
  taup_leave(w, k->i_stage, k->i_program, k->s_end);
  if (k->s_end > 0.0 || w->result->profiles[k->i_stage].n_points == 0) store(k, k->s_end, w->y);
  if (k->unit->until && k->s_end >= 1.0 && k->until0 < 0.0)
    taup_result_warn(w->result, "unit '%s': %s is not reached at its end", k->unit->name, k->unit->until);
}

static tau_statistics statistics_of(const walk *k, bool marched)
{
  const taup_solver_counts c =
    marched ? taup_march_counts(k->w->engines[k->i_program].march) : (taup_solver_counts){0};
  return (tau_statistics){
    .n_steps = c.n_steps,
    .n_rhs = c.n_rhs,
    .n_jacobian = c.n_jacobian,
    .n_error_failures = c.n_error_failures,
    .n_newton = c.n_newton,
    .last_step = c.last_step,
    .method = k->p->system.sparse ? "cvodes-bdf-klu" : "cvodes-bdf-dense",
  };
}

/* Nothing that a lane found on its way stays. */
static void forget(walk *k)
{
  tau_result *r = k->w->result;
  const int n = r->layout->n_species;
  r->profiles[k->i_stage].n_points = 0;
  for (int i = 0; i < TAUP_N_SCALARS; i++) r->data[k->layout->scalars + i] = NAN;
  for (int i = 0; i < n; i++) r->data[k->layout->max_c + i] = r->data[k->layout->at_T_max_c + i] = NAN;
}

bool taup_walk_holds(walk *k, const taup_lane_point *point)
{
  k->view = NULL;
  if (k->stopped || !(point->end == TAUP_LANE_GIVEN_UP || k->fell >= 0 || below_zero(k, k->w->y) >= 0))
    return true;
  forget(k);
  return false;
}

bool taup_walk_leave(walk *k, const taup_lane_point *point)
{
  if (!taup_walk_holds(k, point)) return false;
  k->s_end = point->s;
  const tau_statistics statistics = {.n_steps = point->n_steps,
                                     .n_error_failures = point->n_rejected,
                                     .method = point->stiff ? "lanes-rodas5p" : "lanes-vern7"};
  taup_walk_end(k, &statistics);
  return true;
}

/* --- a unit by lanes, one point --- */

static bool watch(void *user, int i_point, const taup_lane_view *view, double s0, double s1, double *s)
{
  (void)i_point;
  *s = s1;
  return taup_walk_step(user, view, s0, s);
}

bool taup_walk_is_to_stop(void *user)
{
  static const double begun = 1e-300; /* the unit's beginning was told before */
  walk *k = user;
  k->w->unasked = 0;
  k->stopped = taup_asked_to_stop(k->w, k->unit->name, fmax(k->s_end, begun));
  return k->stopped != 0;
}

/* Beyond this many states one point is not faster in a lane; orders below 1 end in a corner, for which CVODES has its own care. */
enum { MOST_STATES_ALONE = 20 };

bool taup_goes_by_lane(const tau_workspace *w, int i_program)
{
  if (w->by_cvodes || !w->engines[i_program].lanes || w->options.engine == TAU_ENGINE_CVODES) return false;
  if (w->options.engine == TAU_ENGINE_LANES) return true;
  return w->train->programs[i_program].system.n <= MOST_STATES_ALONE && !has_low_order(&w->train->d.chemistry);
}

static bool march_in_lane(walk *k)
{
  tau_workspace *w = k->w;
  taup_lane_point point = {.R = k->R, .atol = w->atol, .y = w->y, .q = w->q};
  const taup_lane_options options = {.rtol = w->options.rtol,
                                     .max_steps = w->options.max_steps,
                                     .watch = taup_walk_watches(k) ? watch : NULL,
                                     .stop = taup_walk_is_to_stop,
                                     .user = k,
                                     .stop_user = k};
  taup_lanes_march(w->engines[k->i_program].lanes, 1, &point, &options);
  return taup_walk_leave(k, &point);
}

static taup_failure fallen(const walk *k)
{
  return (taup_failure){.kind = TAUP_ERR_BELOW_ZERO,
                        .why = "a concentration falls below zero, a reaction goes on without it",
                        .s = k->s_end,
                        .worst = {k->fell, -1, -1}};
}

tau_status taup_run_march(tau_workspace *w, int i_stage)
{
  walk k;
  bool over;
  TAU_TRY(taup_walk_begin(&k, w, i_stage, &over));
  if (!over && taup_goes_by_lane(w, k.i_program)) {
    if (march_in_lane(&k)) return (tau_status)k.stopped;
    TAU_TRY(taup_walk_begin(&k, w, i_stage, &over));
  }
  const tau_status st = over ? TAU_OK : go(&k);
  const tau_statistics statistics = statistics_of(&k, !over);
  taup_walk_end(&k, &statistics);
  if (st >= 0) return st;
  taup_failure failure = taup_march_failure(w->engines[k.i_program].march);
  if (k.fell >= 0) failure = fallen(&k);
  return taup_explain(w, i_stage, k.i_program, st, &failure);
}

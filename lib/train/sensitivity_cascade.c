/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity_cascade.c - tangents through a cascade of tanks, tank after tank.
 *
 * As in the run (cascade.c), the outlet of each tank becomes the inlet, of the run and of the tangents; each tank chooses its directions
 * and multiplies as a cstr does (sensitivity_unit.c). The volumes V and V_k stand in slots that are no parameters:
 *
 *     dV = dV,  Q dtau + tau dQ,  or sum_k dV_k;     dV_k = dV / n,  or as it is
 *
 * States of the tanks are not kept by a result: they are found once more, and what the run told of the unit is put back at the end. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/sensitivity.h"
#include "train/tank.h"

typedef struct work {
  tau_sensitivity *s;
  int i_stage;
  const taup_unit *unit;
  const taup_unit_layout *layout;
  taup_cascade cascade;
  double *block;
  double *told;     /* of the run: all data of the unit */
  double *inlet;    /* parameters x (F, flow, T): tangents of what enters the first tank */
  double *volume;   /* parameters: dV */
  double *all;      /* parameters x s->out.n: what the whole gives */
  double *position; /* parameters: that of the volume up to the tank at hand */
  bool *lost;       /* parameters: those without a derivative */
  tau_statistics statistics;
} work;

static int n_told(const work *k)
{
  return k->layout->rate + k->s->train->layout->n_reactions - k->layout->inlet;
}

/* --- sizes --- */

static double volume_tangent(const work *k, int j)
{
  const taup_unit *u = k->unit;
  const int n = k->s->train->layout->n_species, p = k->s->parameters[j];
  const double *inlet = k->s->w->result->data + k->layout->inlet;
  double sum = 0.0;
  for (int i = 0; i < u->n_volumes; i++) sum += u->volumes[i] == p ? 1.0 : 0.0;
  if (u->n_volumes) return sum;
  const int V = taup_cascade_parameter(u, "volume"), tau = taup_cascade_parameter(u, "residence_time");
  if (!isnan(k->s->w->inputs[V])) return p == V ? 1.0 : 0.0;
  const double dQ = taup_tangent_of(k->s, j)[k->layout->inlet + 2 * n + TAUP_STREAM_FLOW];
  return (p == tau ? inlet[2 * n + TAUP_STREAM_FLOW] : 0.0) + k->s->w->inputs[tau] * dQ;
}

/* Of the tank at hand. */
static double tank_tangent(const work *k, int j)
{
  if (!k->unit->n_volumes) return k->volume[j] / k->cascade.n;
  return k->unit->volumes[k->cascade.i] == k->s->parameters[j] ? 1.0 : 0.0;
}

/* A number of tanks has no derivative. */
static void find_lost(work *k)
{
  const int n = k->unit->n_volumes ? -1 : taup_cascade_parameter(k->unit, "n");
  for (int j = 0; j < k->s->n; j++) {
    k->lost[j] = k->s->parameters[j] == n;
    if (k->lost[j] && !k->s->why[0])
      snprintf(k->s->why, sizeof k->s->why,
               "the number of tanks of unit '%.128s' is a whole number: nothing has a derivative to it",
               k->unit->name);
  }
}

/* --- streams --- */

static void copy_inlets(const work *k, bool back)
{
  const int n = k->s->train->layout->n_species, size = n + TAUP_PLACE_EXTRA;
  for (int j = 0; j < k->s->n; j++) {
    double *row = taup_tangent_of(k->s, j) + k->layout->inlet, *kept = k->inlet + (ptrdiff_t)j * size;
    double *const flow = row + 2 * n + TAUP_STREAM_FLOW, *const T = row + 2 * n + TAUP_STREAM_T;
    memcpy(back ? row : kept, back ? kept : row, (size_t)n * sizeof *row);
    *(back ? flow : kept + n + TAUP_PLACE_FLOW) = *(back ? kept + n + TAUP_PLACE_FLOW : flow);
    *(back ? T : kept + n + TAUP_PLACE_T) = *(back ? kept + n + TAUP_PLACE_T : T);
  }
}

/* What leaves the tank at hand enters the next. */
static void pass_on(const work *k, int j, const double *o)
{
  const int n = k->s->train->layout->n_species;
  const taup_out *at = &k->s->out;
  double *row = taup_tangent_of(k->s, j) + k->layout->inlet;
  memcpy(row, o + at->F, (size_t)n * sizeof *row);
  row[2 * n + TAUP_STREAM_FLOW] = o[at->flow];
  row[2 * n + TAUP_STREAM_T] = o[at->T];
}

/* --- a tank --- */

static void put_volumes(const work *k, taup_task *t)
{
  const int *slots = k->s->train->stages[k->i_stage].slots;
  for (int j = 0; j < k->s->n; j++)
    for (int i = 0; i < t->n_slots; i++) {
      double *z = t->z + (size_t)j * (size_t)t->n_x + (size_t)i;
      if (slots[i] == TAUP_ROLE_TANK_VOLUME) *z = tank_tangent(k, j);
      else if (slots[i] == TAUP_ROLE_TANKS_VOLUME) *z = k->volume[j];
      if (isnan(*z) && t->engine->slopes.is_read[i]) t->lost[j] = true;
    }
}

static void add_maxima(const work *k, int j, const double *o)
{
  const taup_out *at = &k->s->out;
  const int n = k->s->train->layout->n_species;
  const double V = k->s->w->tanks_volume;
  double *all = k->all + (ptrdiff_t)j * at->n;
  for (int i = 0; i < n; i++)
    if (taup_cascade_has_most(&k->cascade, i)) all[at->max_c + i] = o[at->max_c + i];
  if (!taup_cascade_is_hottest(&k->cascade)) return;
  memcpy(all + at->at_T_max_c, o + at->at_T_max_c, (size_t)n * sizeof *o);
  all[at->T_max] = o[at->T_max];
  const double passed =
    k->unit->n_volumes ? k->cascade.before + k->s->w->tank_volume : V * (k->cascade.i + 1) / k->cascade.n;
  all[at->s_T_max] = (k->position[j] - passed / V * k->volume[j]) / V;
}

/* What the tank at hand gives into what the whole does. */
static void add(const work *k, int j, const double *o)
{
  const taup_out *at = &k->s->out;
  double *all = k->all + (ptrdiff_t)j * at->n;
  for (int i = at->F; i < at->q; i++) all[i] = o[i];
  for (int i = at->q; i < at->end; i++) all[i] += o[i];
  if (k->cascade.i == 0) memcpy(all + at->enter, o + at->enter, TAUP_N_ENTER * sizeof *o);
  all[at->enter + TAUP_ENTER_SIZE] = k->volume[j];
  k->position[j] += tank_tangent(k, j);
  add_maxima(k, j, o);
}

static tau_status go_through(work *k, taup_task *t)
{
  TAU_TRY(taup_task_room(t));
  taup_task_enter(t);
  put_volumes(k, t);
  TAU_TRY(taup_task_tank(t));
  for (int j = 0; j < k->s->n; j++) {
    taup_task_of(t, j);
    add(k, j, t->o);
    pass_on(k, j, t->o);
  }
  return TAU_OK;
}

static taup_task task_of(const work *k)
{
  taup_task t = {.s = k->s,
                 .i_stage = k->i_stage,
                 .i_program = k->cascade.tank.i_program,
                 .unit = k->unit,
                 .layout = k->layout};
  t.engine = &k->s->engines[t.i_program];
  t.n_x = t.engine->slopes.n_x;
  t.n_slots = t.engine->slopes.n_slots;
  return t;
}

static tau_status tank(work *k)
{
  TAU_TRY(taup_make_engine(k->s, k->cascade.tank.i_program, false));
  taup_task t = task_of(k);
  const tau_status st = go_through(k, &t);
  taup_task_close(&t);
  return st;
}

static tau_status tanks(work *k)
{
  bool more = true;
  tau_status st = taup_cascade_begin(&k->cascade, k->s->w, k->i_stage);
  while (st == TAU_OK && more) {
    st = taup_tank_run(&k->cascade.tank);
    if (st == TAU_OK) st = tank(k);
    if (st == TAU_OK) st = taup_cascade_next(&k->cascade, &more);
  }
  if (st != TAU_OK) taup_cascade_give_up(&k->cascade);
  return st;
}

/* --- the whole --- */

static tau_status make_room(work *k)
{
  const size_t n = (size_t)k->s->n, told = (size_t)n_told(k), out = (size_t)k->s->out.n;
  const size_t stream = (size_t)k->s->train->layout->n_species + TAUP_PLACE_EXTRA;
  k->block = taup_calloc(told + n * (stream + out + 2) + 1, sizeof *k->block);
  k->lost = taup_calloc(n + 1, sizeof *k->lost);
  if (!k->block || !k->lost) return TAU_E_NOMEM;
  k->told = k->block;
  k->inlet = k->told + told;
  k->volume = k->inlet + n * stream;
  k->position = k->volume + n;
  k->all = k->position + n;
  return TAU_OK;
}

static void remember(work *k)
{
  memcpy(k->told, k->s->w->result->data + k->layout->inlet, (size_t)n_told(k) * sizeof *k->told);
  k->statistics = k->s->w->result->statistics[k->i_stage];
  copy_inlets(k, false);
  for (int j = 0; j < k->s->n; j++) k->volume[j] = volume_tangent(k, j);
  find_lost(k);
}

static void put_back(const work *k)
{
  memcpy(k->s->w->result->data + k->layout->inlet, k->told, (size_t)n_told(k) * sizeof *k->told);
  k->s->w->result->statistics[k->i_stage] = k->statistics;
  copy_inlets(k, true);
}

static tau_status go(work *k)
{
  TAU_TRY(make_room(k));
  remember(k);
  const tau_status st = tanks(k);
  put_back(k);
  if (st != TAU_OK) return st;
  taup_task whole = task_of(k);
  whole.out = k->all;
  whole.lost = k->lost;
  taup_task_put(&whole);
  return TAU_OK;
}

tau_status taup_tangent_cascade(tau_sensitivity *s, int i_stage)
{
  work k = {.s = s,
            .i_stage = i_stage,
            .unit = s->train->stages[i_stage].unit,
            .layout = &s->train->layout->units[i_stage]};
  const tau_status st = go(&k);
  taup_free(k.block);
  taup_free(k.lost);
  return st;
}

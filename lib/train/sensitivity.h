/* SPDX-License-Identifier: Apache-2.0 */
/* sensitivity.h - tangents through a train; for lib/train/sensitivity*.c alone.
 *
 * The numbers of a result stand in one block, `data` (result.h). Beside it stands, for each parameter j that was asked for, a row of
 * tangents of the same layout: d data / d p_j. Units are gone through in the order of solution: the tangents of what enters a unit are
 * known when it is reached.
 *
 * A unit does not carry the parameters themselves but directions: a direction is a vector dx over all that the unit's equations depend on
 * (its parameter slots, then the symbols of its inlet). Either each parameter that reaches the unit is a direction, or each own parameter
 * and each number of the inlet is one; the fewer are taken. What a unit gives (taup_out) is linear in the direction, so that the tangents
 * to the parameters follow by multiplication. */
#ifndef TAUP_SENSITIVITY_H
#define TAUP_SENSITIVITY_H

#include "solve/tangents.h"
#include "train/train.h"
#include <tautrain/sensitivity.h>

/* --- programs of values and their derivatives --- */

/* Columns of derivatives: parameters, then symbols of the inlet, then states. */
typedef struct taup_slopes {
  taup_arena arena;
  taup_program *program;
  double *R, *out;    /* registers; outputs of the body that has most */
  int n_inputs[4];    /* by binding */
  const bool *wanted; /* parameters (or slots) whose derivatives are wanted; borrowed while it is made */
  taup_entries e;     /* of the one body; of a unit see below */
} taup_slopes;

/* A taup_lower_fn; user: a zeroed taup_slopes with `wanted`. */
tau_status taup_lower_slopes(void *slopes, taup_graph *g, const int n_inputs[/* 4 */], const taup_body *body);
void taup_slopes_free(taup_slopes *s);

/* Bodies of a unit's program of slopes; of each that has values they come first. */
typedef enum taup_part {
  TAUP_PART_F, /* values alone */
  TAUP_PART_J,
  TAUP_PART_Q,  /* values alone */
  TAUP_PART_FX, /* derivatives alone, to parameters and inlet */
  TAUP_PART_DQ,
  TAUP_PART_START,
  TAUP_PART_ENTER,
  TAUP_PART_PLACE,
  TAUP_PART_RATES,
  TAUP_PART_K,
  TAUP_PART_UNTIL,
  TAUP_PART_EARLY, /* what march equations read that does not depend on the state; of programs for lanes */
  TAUP_N_PARTS
} taup_part;

/* The equations of a march once more, in a graph of their own (sensitivity_lanes.c): f and q of the states, and of INLET symbols in place
 * of all that is known before it. */
typedef struct taup_late {
  taup_graph *g;            /* NULL: not made */
  int n_early;              /* outputs of TAUP_PART_EARLY, values of its INLET symbols */
  taup_node *early, *f, *q; /* early: nodes of the first graph, while it is there */
} taup_late;

typedef struct taup_unit_slopes {
  taup_slopes s;
  taup_system system;
  taup_entries e[TAUP_N_PARTS];
  taup_tangents tangents;
  int n_slots, n_x;           /* n_x: slots and symbols of the inlet */
  bool *is_read;              /* n_x: whether any part has a derivative to it */
  int *used[TAUP_N_PARTS];    /* the columns of a part that are not empty, */
  int n_used[TAUP_N_PARTS];   /* how many, */
  int n_used_x[TAUP_N_PARTS]; /* and how many of them before the states */
  taup_late late;
  taup_callback *callbacks;
} taup_unit_slopes;

/* The slopes of program k of the train; wanted: its slots whose derivatives are wanted; for_lanes: with its late equations. */
tau_status taup_unit_slopes_new(taup_unit_slopes *out, const tau_train *t, int k, const bool *wanted,
                                bool for_lanes);
/* The late equations of f [n] and q [n_q] of a graph; arrays come from the arena. */
tau_status taup_late_new(taup_late *late, taup_arena *arena, taup_graph *from, int n, const taup_node *f,
                         int n_q, const taup_node *q);
void taup_unit_slopes_free(taup_unit_slopes *u);

/* --- what a unit gives, by direction --- */

/* Places in a vector of n_out numbers. */
typedef struct taup_out {
  int F, flow, T;         /* at its end */
  int rates, released, k; /* there */
  int q;                  /* TAUP_N_Q */
  int end;                /* where the march ended, as a fraction */
  int enter;              /* TAUP_N_ENTER */
  int max_c, at_T_max_c;  /* n_species */
  int T_max, s_T_max;
  int n;
} taup_out;
taup_out taup_out_places(int n_species, int n_reactions);

/* --- the whole --- */

/* The slopes of one program, and what was made for it. */
typedef struct taup_unit_engine {
  bool made;
  taup_unit_slopes slopes;
  taup_march *march;
  taup_implicit *root;
} taup_unit_engine;

struct tau_sensitivity {
  tau_train *train;
  tau_workspace *w;
  int n; /* parameters */
  int *parameters;
  bool *wanted; /* of all parameters of the train */
  int n_data, n_observables;
  double *values;  /* n_observables x n */
  double *base;    /* n_observables values of the run, then its n parameters: they outlive its result */
  double *tangent; /* n x n_data */
  double *feeds;   /* n x outputs of the program of the feeds */
  double *ages;    /* n x stages: tangents of residence times */
  taup_slopes feed_slopes, mix_slopes, observable_slopes;
  taup_unit_engine *engines; /* by program of the train */
  taup_out out;
  double *work;            /* of stream.c: the columns of mix_slopes */
  double *dH;              /* 2 n */
  bool mix_is_fresh;       /* mix_slopes have the parameters of the run */
  const bool *inlet_moves; /* stages x n: whether a parameter can move what enters; NULL: it may */
  const bool *feeds_move;  /* n: the same of the feeds */
  double *counted;         /* outputs of observable_slopes */
  int *observables;        /* n_observables: which they are */
  int *row_of;             /* of all observables: its place among these; -1 */
  int *computed;           /* of each output of observable_slopes: its place */
  int n_done;              /* stages whose tangents are known */
  bool stopped;            /* at n_done tangents failed, not the run */
  char why[256];           /* what has no derivative, "" */
};

static inline double *taup_tangent_of(const tau_sensitivity *s, int j)
{
  return s->tangent + (size_t)j * (size_t)s->n_data;
}

/* Streams (sensitivity_streams.c): tangents of what enters stage i_stage, of the outlets of a junction, of totals; from the base run. */
void taup_tangent_feeds(tau_sensitivity *s);
void taup_tangent_totals(tau_sensitivity *s);
void taup_tangent_inlet(tau_sensitivity *s, int i_stage);
void taup_tangent_junction(tau_sensitivity *s, int i_stage);
void taup_tangent_charge(tau_sensitivity *s, int i_stage);
/* c, P and mass flow of the stream at an offset, from F, flow and T that stand there, for all parameters. */
void taup_tangent_stream(tau_sensitivity *s, int offset);
/* d (enthalpy flow of the stream at offset) / d p_j into dH [n]. */
void taup_tangent_enthalpy(tau_sensitivity *s, int offset, double *dH);
/* The mass flow of all that comes in. */
void taup_tangent_mass_in(tau_sensitivity *s, double *dm);

/* --- units (sensitivity_unit.c) --- */

/* A unit with volume, at hand. */
typedef struct taup_task {
  tau_sensitivity *s;
  int i_stage, i_program;
  const taup_unit *unit;
  const taup_unit_layout *layout;
  taup_unit_engine *engine;
  int n_x, n_slots, n_directions;
  double *z;           /* parameters x n_x: dz/dp_j */
  bool *lost;          /* parameters: dz/dp_j is not known */
  double *dx;          /* directions x n_x, scaled */
  double *coefficient; /* parameters x directions; NULL: directions are the parameters themselves */
  double *out;         /* directions x s->out.n */
  double *o;           /* s->out.n: of one parameter; where directions are these, a row of out */
  bool fold;
  const char *unknown; /* why nothing is known of the unit; NULL */
} taup_task;

tau_status taup_make_engine(tau_sensitivity *s, int i_program, bool for_lanes);
/* Enter the stage (taup_enter): program, engine and sizes; z and lost are filled by the next call, when they have room. */
tau_status taup_task_open(taup_task *t, tau_sensitivity *s, int i_stage);
/* Parameters and inlet into the registers of the slopes; z, lost. */
void taup_task_enter(taup_task *t);
/* From what the unit gives in its directions to the tangents of the stage's data. */
void taup_task_put(taup_task *t);
/* The one tank of a task that has z and lost: what it gives, then taup_task_of tells it for each parameter, in t->o. */
tau_status taup_task_room(taup_task *t);
tau_status taup_task_tank(taup_task *t);
void taup_task_of(taup_task *t, int j);
void taup_task_close(taup_task *t);
tau_status taup_tangent_unit(tau_sensitivity *s, int i_stage);
/* Of a cascade (sensitivity_cascade.c). */
tau_status taup_tangent_cascade(tau_sensitivity *s, int i_stage);
/* How far a relative change of order 1 moves a parameter. */
double taup_scale_of_parameter(const tau_sensitivity *s, int j);

/* --- marches (sensitivity_march.c) --- */

/* A march in the directions dx [n x n_x] into out [n x s->out.n]. */
typedef struct taup_journey {
  tau_sensitivity *s;
  int i_stage, i_program;
  taup_unit_engine *engine;
  int n; /* directions */
  const double *dx;
  double *out;
} taup_journey;
tau_status taup_tangent_march(const taup_journey *j);

/* --- dispersed tubes (sensitivity_field.c) --- */

/* The same of a field; *fold: it stands at one. */
tau_status taup_tangent_field(const taup_journey *j, bool *fold);

/* --- units that are run in their distribution (sensitivity_ages.c) --- */

/* The same; *unknown says why there are none, or is left alone. */
tau_status taup_tangent_mixed(const taup_journey *j, const char **unknown);

struct taup_lane_view;
struct taup_carrier;

/* What is looked at on the way, whoever takes the steps. */
typedef struct taup_tangent_walk {
  const taup_journey *j;
  taup_unit_slopes *u;
  const taup_unit_program *p;
  const taup_unit *unit;
  taup_march *m;                     /* who takes the steps: CVODES, */
  const struct taup_lane_view *view; /* or a lane; then */
  const struct taup_carrier *carrier;
  const double *coefficient;        /* of the carrier's directions */
  double *lane_y;                   /* room for a state of the carrier */
  int n;                            /* species */
  double *y, *f, *S, *total, *Q;    /* at a place; S, total: directions x states */
  double *place, *d_place;          /* values and derivatives of the part; a tangent of its values */
  double *still;                    /* a direction in which nothing moves */
  double *slope0, *slope1, *best_c; /* slopes of c, then of T */
  double best_T;
  int searched; /* for the root finder */
  double until0, s_end;
  bool ended, no_maxima;
  struct taup_age_tangents *ages; /* of a unit that is run in its distribution; NULL */
} taup_tangent_walk;

/* Numbers in the block that a walk needs. */
size_t taup_tangent_walk_size(const taup_unit_slopes *u, int n_species, int n_directions);
void taup_tangent_walk_open(taup_tangent_walk *k, const taup_journey *j, double *block);
/* y and S at the entrance; false: it is the end. */
bool taup_tangent_walk_begin(taup_tangent_walk *k);
/* A step of a lane: false where the unit ends in it, at *s1. */
bool taup_tangent_walk_step(taup_tangent_walk *k, const struct taup_lane_view *view, double s0, double *s1);
/* The state and its tangents at s of the step at hand. */
void taup_tangent_walk_at(taup_tangent_walk *k, double s);
/* A march by CVODES from the entrance to the end. */
tau_status taup_tangent_walk_march(taup_tangent_walk *k);
/* A place that may have the largest c or T, where y and S are looked up. ds [directions]: how it moves; NULL: it does not. */
void taup_tangent_walk_candidate(taup_tangent_walk *k, const double *ds);
/* Maxima inside a step, from s on; then step by step. */
void taup_tangent_walk_look_from(taup_tangent_walk *k, double s);
void taup_tangent_walk_look(taup_tangent_walk *k, double s0, double s1);
/* What f takes from outside at s, into the registers. */
void taup_age_tangents_force(struct taup_age_tangents *a, double s);
bool taup_age_tangents_are_forced(const struct taup_age_tangents *a);
/* A step of a unit by ages, or a march of one. */
void taup_age_tangents_add(struct taup_age_tangents *a, taup_tangent_walk *k, double s0, double s1);
double taup_age_tangents_shown(const struct taup_age_tangents *a);
double taup_age_tangents_end(const struct taup_age_tangents *a);
/* S of the walk at the last age that is shown, which moves; per_age: ds over the table's time. */
void taup_age_tangents_move(const struct taup_age_tangents *a, taup_tangent_walk *k, double per_age);
const double *taup_age_tangents_ds(const struct taup_age_tangents *a);
/* y, S and Q stand at the end: what the unit gives. */
void taup_tangent_walk_end(taup_tangent_walk *k);

/* Values of a part, at y (NULL: what stands in the registers), into the slopes' out; returns it. */
const double *taup_part_run(taup_unit_slopes *u, taup_part part, const double *y);
/* d part / d direction: [dx, dy] over all columns of the part; rows zeroed first. dy NULL: of no state. */
void taup_part_tangent(const taup_unit_slopes *u, taup_part part, const double *values, const double *dx,
                       const double *dy, double *out);

/* --- parts of the whole (sensitivity.c) --- */

/* Of some observables alone; NULL: of all. */
tau_status taup_sensitivity_new(tau_sensitivity **out, const tau_train *train, int n_parameters,
                                const int *parameters, int n_observables, const int *observables);
/* Nothing is known. */
void taup_sensitivity_blank(tau_sensitivity *s);
/* A run is over: its observables and parameters are kept; whether the tangents of its stages can be had, as many as were run. */
void taup_sensitivity_keep_base(tau_sensitivity *s, const tau_result *r);
bool taup_sensitivity_was_run(const tau_sensitivity *s, int i_stage);
/* After the last stage; then the observables, after any. */
void taup_sensitivity_whole(tau_sensitivity *s);
void taup_sensitivity_observables(tau_sensitivity *s);

#endif

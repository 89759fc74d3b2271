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
  TAUP_N_PARTS
} taup_part;

typedef struct taup_unit_slopes {
  taup_slopes s;
  taup_system system;
  taup_entries e[TAUP_N_PARTS];
  taup_tangents tangents;
  int n_slots, n_x; /* n_x: slots and symbols of the inlet */
  taup_callback *callbacks;
} taup_unit_slopes;

/* The slopes of program k of the train; wanted: its slots whose derivatives are wanted. */
tau_status taup_unit_slopes_new(taup_unit_slopes *out, const tau_train *t, int k, const bool *wanted);
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
  double *work;  /* of stream.c: the columns of mix_slopes */
  int n_done;    /* stages whose tangents are known */
  bool stopped;  /* at n_done tangents failed, not the run */
  char why[256]; /* what has no derivative, "" */
};

static inline double *taup_tangent_of(const tau_sensitivity *s, int j)
{
  return s->tangent + (size_t)j * (size_t)s->n_data;
}

/* Streams (sensitivity_streams.c): tangents of what enters stage i_stage, of the outlets of a junction, of totals; from the base run. */
tau_status taup_tangent_feeds(tau_sensitivity *s);
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

/* Units (sensitivity_unit.c). */
tau_status taup_tangent_unit(tau_sensitivity *s, int i_stage);

/* A march in the directions dx [n x n_x] into out [n x s->out.n] (sensitivity_march.c). */
typedef struct taup_journey {
  tau_sensitivity *s;
  int i_stage, i_program;
  taup_unit_engine *engine;
  int n; /* directions */
  const double *dx;
  double *out;
} taup_journey;
tau_status taup_tangent_march(const taup_journey *j);
/* Values of a part, at y (NULL: what stands in the registers), into the slopes' out; returns it. */
const double *taup_part_run(taup_unit_slopes *u, taup_part part, const double *y);
/* d part / d direction: [dx, dy] over all columns of the part; rows zeroed first. dy NULL: of no state. */
void taup_part_tangent(const taup_unit_slopes *u, taup_part part, const double *values, const double *dx,
                       const double *dy, double *out);

#endif

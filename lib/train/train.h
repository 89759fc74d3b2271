/* SPDX-License-Identifier: Apache-2.0 */
/* train.h - the compiled train and the workspace of a run; for lib/train alone.
 *
 * A train is immutable after compile: the description, one program for each different kind of unit, a program of the feeds, one of the
 * observables, and the layout of its results. A workspace owns everything that is written. */
#ifndef TAUP_TRAIN_H
#define TAUP_TRAIN_H

#include "reactor/builder.h"
#include "solve/field.h"
#include "solve/lanes.h"
#include "solve/lanes_newton.h"
#include "solve/system.h"
#include "train/description.h"
#include "train/result.h"
#include <tautrain/train.h>

/* Bodies of a unit's program. */
enum {
  TAUP_BODY_F,
  TAUP_BODY_J,
  TAUP_BODY_Q,
  TAUP_BODY_START,
  TAUP_BODY_ENTER,
  TAUP_BODY_PLACE,
  TAUP_BODY_RATES,
  TAUP_BODY_K,
  TAUP_BODY_UNTIL,
  TAUP_BODY_Q_SLOPES,
  TAUP_N_UNIT_BODIES
};
/* Outputs of TAUP_BODY_ENTER and TAUP_BODY_Q. */
enum { TAUP_ENTER_SIZE, TAUP_ENTER_CAPACITY, TAUP_ENTER_PECLET, TAUP_ENTER_DISPERSION, TAUP_N_ENTER };
enum { TAUP_Q_RELEASED, TAUP_Q_WALL, TAUP_N_Q };
/* Outputs of TAUP_BODY_PLACE: F [n_species], flow, T; of TAUP_BODY_RATES: the rates [n_reactions], heat released. */
enum { TAUP_PLACE_FLOW, TAUP_PLACE_T, TAUP_PLACE_EXTRA };

/* The program that units of one kind, heat option and fluid share. */
typedef struct taup_unit_program {
  const taup_unit *unit; /* the first that asked for it */
  bool reduced;          /* some species are computed from moieties */
  taup_program *program;
  taup_system system;
  int *column_start, *row;
  taup_rows q_slopes;
  int *roles; /* of the parameter slots */
  int n_roles;
  int n_amounts;
  int *species_of_state;
  int state_of_T, state_of_Q;      /* -1 */
  int state_of_heat;               /* of two that a march through a distribution has; -1 */
  bool needs_T;                    /* f depends on the temperature of the inlet */
  bool fits_lanes;                 /* small enough, without functions of the user */
  bool is_pure;                    /* calls no function of the user */
  bool knows_heat, knows_capacity; /* heat released is known; heat capacity flow is known */
  taup_callback *callbacks;        /* borrowed by the program */
} taup_unit_program;

/* A unit of the train. */
typedef struct taup_stage {
  const taup_unit *unit;
  int i_unit;                           /* in the description */
  int program, reduced;                 /* programs; -1: a junction, no reduced one */
  int *slots, *reduced_slots;           /* parameter or role of each slot */
  int n_slots;                          /* of slots */
  int diameter, length;                 /* parameters; -1: the kind has none */
  int diffusivity, viscosity;           /* of what says which model of the flow holds; the same */
  int particle_diameter, void_fraction; /* of a packed tube; -1 of others */
  tau_rtd *rtd;                         /* of a unit with mixing, with some parameters; NULL */
} taup_stage;

/* Feeds: all parameters in; for each feed its F [n_species], flow, T out. */
enum { TAUP_FEED_FLOW, TAUP_FEED_T, TAUP_FEED_EXTRA };

/* A stream's enthalpy flow and volume at another temperature: INLET F, flow, T; STATE the other temperature. */
enum { TAUP_MIX_H, TAUP_MIX_H_SLOPE, TAUP_MIX_VOLUME, TAUP_MIX_MASS, TAUP_N_MIX };

struct tau_train {
  int refs; /* atomic */
  taup_description d;
  taup_arena arena;
  char *model_text;
  size_t n_model_text;
  int n_stages; /* units in the order of solution */
  taup_stage *stages;
  int *stage_of_unit;
  int n_programs;
  taup_unit_program *programs;
  taup_program *feeds;
  taup_program *mix; /* NULL where no enthalpies are known */
  bool mix_knows_H, mix_knows_mass;
  taup_program *observables; /* INLET: result data; PARAMETER: all parameters */
  int *computed;             /* observable of each of its outputs */
  taup_layout *layout;
  tau_parameter *parameters; /* public view */
  int *groups;               /* of the parameters: the same above 0 are alternatives */
  int outlet_stage;
  bool *is_end; /* [stage * ...] outlet k of stage s leaves the train: ends[end_of[s] + k] */
  int *end_of;
  int *reduced;  /* by species: moiety from which reduced programs compute it, -1 */
  int *elements; /* z - 1 of the atom balances, behind the moieties */
};

struct tau_inputs {
  tau_train *train;
  double *values;
};

/* Registers and solver of one unit program. */
typedef struct taup_engine {
  double *R;
  taup_march *march;
  taup_root *root;
  /* of one point; NULL: they cannot run it */
  taup_lanes *lanes;
  taup_lane_newton *newton; /* of a tank */
  taup_bvp *field;          /* of a dispersed tube; else NULL */
  taup_lanes *guess;        /* of its first guess; NULL: CVODES' */
} taup_engine;

struct tau_workspace {
  tau_train *train;
  const tau_workspace *solvers; /* whose solvers the engines borrow; NULL: their own */
  tau_result *result;
  taup_engine *engines; /* n_programs */
  double *feeds_R, *feeds_out, *mix_R, *observables_R, *observables_out;
  double *y, *f, *atol, *q, *scale; /* the largest n_state of all programs */
  double *place, *rates; /* of the last state looked at: outputs of TAUP_BODY_PLACE, TAUP_BODY_RATES */
  double *start, *lower, *enter;
  double *step_start,
    *slope;     /* of a march in time: a state and its tolerances; slopes, or an unstable state found */
  double *ages; /* by stage: residence time up to its outlet */
  struct taup_ages **mixed; /* by stage: of a unit with mixing; NULL */
  double *stage_streams;    /* inlet under construction */
  double *eigenvalues;
  bool mix_is_set;                               /* the registers of mix hold the run's parameters */
  bool by_cvodes;                                /* lanes are somebody else's business */
  unsigned needs;                                /* TAUP_NEED_...: all, unless it is one of many runs */
  const double *inputs;                          /* of the run at hand */
  tau_run_options options;                       /* resolved */
  double atol_concentration, most_concentration; /* the latter: the largest in any feed or charge */
  double whole; /* of the march at hand: its whole extent in its own coordinate */
  double started, told,
    looked;    /* clock [s]: of the run, of the last call of progress, when it was read last */
  int unasked; /* how often more not to look at the clock */
  double *tanks; /* of a cascade: its inlet, the largest concentrations so far, those of the hottest tank so far */
  double tank_volume, tanks_volume; /* of the tank at hand of a cascade, and of all its tanks */
  int i_tank, n_tanks;              /* it, and how many there are; 0: none is at hand */
};

/* --- compile --- */
tau_status taup_unit_program_new(taup_unit_program *out, const taup_description *d, const taup_unit *unit,
                                 const int *reduced);
void taup_unit_program_free(taup_unit_program *p);
/* What is made of a graph when its one body is written: a program (taup_lower_plain, user: where it goes), or that of its derivatives. */
typedef tau_status (*taup_lower_fn)(void *user, taup_graph *g, const int n_inputs[/* 4 */],
                                    const taup_body *body);
tau_status taup_lower_plain(void *program, taup_graph *g, const int n_inputs[/* 4 */], const taup_body *body);
tau_status taup_feeds_program(const taup_description *d, taup_lower_fn lower, void *user);
/* Of the train d and arena are used, and mix_knows_... are set. */
tau_status taup_mix_program(tau_train *train, taup_lower_fn lower, void *user);
/* Writes the list of observables into the train's layout and the order of those computed into computed. */
tau_status taup_observables_new(tau_train *train, taup_lower_fn lower, void *user);
tau_status taup_layout_of(tau_train *train);

/* --- run --- */
/* Why lanes can take no unit of the train; NULL: they can take some. */
const char *taup_lanes_refusal(const tau_train *train);
#define TAUP_LANES_REFUSED "lanes cannot run this train: %s; ask for the engine cvodes, or auto"
/* A workspace that borrows the solvers of another, which outlives it; NULL: its own. */
tau_status taup_workspace_new(tau_workspace **out, const tau_train *train, const tau_workspace *solvers);
/* The parts of a run, with w->result cleared and its inputs set: feeds and options (started: clock); what enters a unit; a unit; after the
 * last. */
tau_status taup_run_begin(tau_workspace *w, const tau_run_options *options, double started);
tau_status taup_run_inlet(tau_workspace *w, int i_stage, double *duty);
tau_status taup_run_stage(tau_workspace *w, int i_stage);
void taup_run_end(tau_workspace *w, tau_status st, int n_done);
/* What a run is asked for, with what the model file says and the defaults filled in; atol 0: it follows from the feeds. */
tau_run_options taup_run_options_of(const tau_train *train, const tau_run_options *asked);
/* Wall clock [s]. */
double taup_clock(void);
/* 0, TAU_STOPPED_TIME or TAU_STOPPED_USER. */
int taup_asked_to_stop(tau_workspace *w, const char *unit, double fraction);
/* Fill a stream (F, c, T, P, flow, mass) of the result from F, flow and T. */
void taup_stream_fill(tau_workspace *w, double *stream, const double *F, double flow, double T);
/* Mass flow of a stream; NAN where it is not known. */
double taup_mass_flow(tau_workspace *w, const double *F, double flow, double T);
/* What enters a stage, mixed, into the result's inlet stream; duty of a junction in *duty. */
tau_status taup_mix_inlets(tau_workspace *w, int i_stage, double *duty);
/* Cross-section of the liquid in a tube [m^2]; NAN where its diameter is not given. */
double taup_section(const tau_workspace *w, int i_stage);
/* The charge of a batch into its inlet stream. */
void taup_take_charge(tau_workspace *w, int i_stage);
/* Registers of a stage's program with its parameters and inlet; prologues run; returns the program used. */
tau_status taup_enter(tau_workspace *w, int i_stage, int *i_program);
tau_status taup_run_march(tau_workspace *w, int i_stage);
/* A stirred tank, or a cascade of them. */
tau_status taup_run_tanks(tau_workspace *w, int i_stage);
/* What messages call the unit at hand: "unit 'coil'", "unit 'cascade', tank 3 of 5". */
const char *taup_stage_text(const tau_workspace *w, int i_stage, char *buffer, size_t n_bytes);
enum { TAUP_STAGE_TEXT_BYTES = 192 };
tau_status taup_run_field(tau_workspace *w, int i_stage);
tau_status taup_run_mixed(tau_workspace *w, int i_stage);
/* Of a march through a stage that was entered: how exactly it is run. Fills w->atol and atol_q [TAUP_N_Q], which it points to. */
taup_march_options taup_march_options_of(tau_workspace *w, int i_stage, const taup_unit_program *p,
                                         double *atol_q);
/* Put a state into a program's registers and its flows, volume flow and T into w->place. */
void taup_look(tau_workspace *w, int i_program, const double *y);
/* After a march or a tank: outlet stream, rates and k there, from state y in w->y. */
void taup_leave(tau_workspace *w, int i_stage, int i_program, double s_end);
/* Add the flowing solvent of an ideal mixture to the amounts of a charge, as the rest of its volume. */
void taup_fill_charge(tau_workspace *w, double *amounts, double volume, double T);
/* Enthalpy flow of the outlet less that of the inlet [W]; NAN where it is not known. */
double taup_enthalpy_gain(tau_workspace *w, int i_stage);
/* The whole: residence time, balances, observables. */
void taup_finish(tau_workspace *w, int n_done);
/* One line about a solver's failure, into the thread's record and the result. */
tau_status taup_explain(tau_workspace *w, int i_stage, int i_program, tau_status status,
                        const taup_failure *failure);
/* "3.1 mL of 5 mL" of a unit at s, in buffer. */
const char *taup_place_text(const tau_workspace *w, int i_stage, double s, char *buffer, size_t n_bytes);

#endif

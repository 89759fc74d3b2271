/* SPDX-License-Identifier: Apache-2.0 */
/* tracer.h - what a tracer experiment says of a vessel.
 *
 *     tau_tracer_data data = TAU_TRACER_DATA_INIT;
 *     data.n = 13, data.t = seconds, data.signal = signal;            // a pulse at t = 0, seen at the outlet
 *     tau_tracer *tracer = NULL;
 *     tau_tracer_new(&tracer, &data, NULL);
 *     printf("%g +- %g s\n", tau_tracer_vessel(tracer).mean.value, tau_tracer_vessel(tracer).mean.error);
 *
 * The signal is freed of its base line, cut or continued, and integrated on its own points (trapezoid rule, or Simpson's for unequal
 * steps). A pulse gives E(t) = y/area; a step gives W = y/level and the moments by parts, mean = int W dt, so that no noise is
 * differentiated. Where an inlet signal was measured too, mean and variance of the vessel are the differences of those of the two signals
 * (both are additive; O. Levenspiel and K. B. Bischoff, Adv. Chem. Eng. 4 (1963) 95); no deconvolution is made, fits need none.
 *
 * Every value comes with a standard error: independent noise of one size on all points, carried through base line, rule and extrapolation
 * to first order. Its size is given, or that of the base line's points about their line, or estimated from the distance of each point
 * from the cubic through its four neighbours (T. Gasser, L. Sroka and C. Jennen-Steinmetz, Biometrika 73 (1986) 625; B. Seifert,
 * T. Gasser and A. Wolf, Biometrika 80 (1993) 373), which takes what bends between coarse points for noise, so errors come out too large.
 * The error of the rule of integration is not in it.
 *
 * A tracer is immutable after tau_tracer_new: any number of threads share it. Times [s], the signal in any unit (its own, written sig). */
#ifndef TAUTRAIN_TRACER_H
#define TAUTRAIN_TRACER_H

#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_tracer tau_tracer;

/* What was done at the inlet. */
typedef enum tau_tracer_kind {
  TAU_TRACER_PULSE, /* a short pulse at `start`; a measured inlet signal may be given, and is then taken off */
  TAU_TRACER_STEP_UP,   /* from the base line to a level, at `start` */
  TAU_TRACER_STEP_DOWN, /* from a level to the base line, at `start` */
  TAU_TRACER_INLET      /* any signal that comes and goes: needs the inlet signal */
} tau_tracer_kind;

typedef enum tau_tracer_baseline {
  TAU_BASELINE_NONE,     /* the signal is 0 where no tracer is */
  TAU_BASELINE_CONSTANT, /* the mean of the first n_first and last n_last points, or baseline_value */
  TAU_BASELINE_LINEAR    /* a straight line through them: drift. Not for steps */
} tau_tracer_baseline;

typedef enum tau_tracer_tail {
  TAU_TAIL_NONE, /* integrated to the last point */
  TAU_TAIL_CUT,  /* points after t_cut are left out */
  TAU_TAIL_EXPONENTIAL /* continued beyond the last point (or t_cut) by exp(-t/T), fitted to the last n_tail points */
} tau_tracer_tail;

typedef enum tau_tracer_rule { TAU_RULE_TRAPEZOID, TAU_RULE_SIMPSON } tau_tracer_rule;

/* Where the size of the noise comes from. */
typedef enum tau_tracer_noise { TAU_NOISE_GIVEN, TAU_NOISE_BASELINE, TAU_NOISE_NEIGHBOURS } tau_tracer_noise;

/* The measurement. Arrays are copied. t ascends; the inlet has a grid of its own. */
typedef struct tau_tracer_data {
  size_t size;
  tau_tracer_kind kind;
  int n;                /* at least 3 */
  const double *t;      /* [n] s */
  const double *signal; /* [n] sig */
  int n_inlet;          /* 0: none was measured */
  const double *t_inlet, *inlet;
} tau_tracer_data;
#define TAU_TRACER_DATA_INIT                                                \
  {                                                                         \
    sizeof(tau_tracer_data), TAU_TRACER_PULSE, 0, NULL, NULL, 0, NULL, NULL \
  }

/* How it is evaluated; NaN: not known. */
typedef struct tau_tracer_options {
  size_t size;
  tau_tracer_baseline baseline;
  int n_first,
    n_last; /* points of the base line at either end; both 0: a twentieth of the points, at least 2, at the
                          * start (both ends for a line). A step's levels are the means of these points too. */
  double baseline_value; /* sig; NaN: from the points */
  double level;          /* sig, of a step far from the base line; NaN: from the points */
  tau_tracer_tail tail;
  double t_cut; /* s */
  int n_tail;   /* points the tail is fitted to; 0: the last fifth, at least 4 */
  tau_tracer_rule rule;
  double start;  /* s, of the pulse or step; means are counted from it unless an inlet signal was measured */
  double flow;   /* m^3/s */
  double amount; /* injected: sig m^3 (mol where the signal is in mol/m^3) */
  double volume; /* m^3, nominal */
  double noise;  /* sig, standard deviation of a point */
} tau_tracer_options;
/* No base line, no tail, trapezoid, start 0, the rest not known. */
TAU_API tau_tracer_options tau_tracer_options_default(void);

/* A value and its standard error, both NaN where there is none. */
typedef struct tau_measured {
  double value, error;
} tau_measured;

/* Moments of a signal or of a vessel. */
typedef struct tau_tracer_moments {
  tau_measured area;     /* sig s of a pulse; sig, the height, of a step */
  tau_measured mean;     /* s */
  tau_measured variance; /* s^2 */
  tau_measured third;    /* s^3, about the mean */
  tau_measured skewness; /* third/variance^1.5 */
  double tail_area, tail_mean,
    tail_variance; /* what the extrapolation added: share of the area, s, s^2; 0 for none */
  double noise;    /* sig; NaN for a vessel by difference */
  tau_tracer_noise noise_from;
} tau_tracer_moments;

/* What closed formulas make of the variance, sigma_theta^2 = variance/mean^2. NaN where a formula has no solution:
 * tau_tracer_reason. Pe = uL/D. */
typedef struct tau_tracer_equivalents {
  tau_measured variance;     /* sigma_theta^2 */
  tau_measured tanks;        /* N = 1/sigma_theta^2 */
  tau_measured peclet_small; /* sigma_theta^2 = 2/Pe: little dispersion */
  tau_measured
    peclet_closed; /* 2/Pe - 2 (1 - exp(-Pe))/Pe^2: closed ends (van der Laan, Chem. Eng. Sci. 7 (1958) 187) */
  tau_measured
    peclet_open; /* 2/Pe + 8/Pe^2: open ends (Levenspiel and Smith, Chem. Eng. Sci. 6 (1957) 227), with the
                             * measured mean in the place of volume/flow */
  tau_measured peclet_open_mean; /* (2 Pe + 8)/(Pe + 2)^2: the same, the mean being volume/flow times 1 + 2/Pe */
} tau_tracer_equivalents;

/* The balance of the tracer and of the vessel. */
typedef struct tau_tracer_balance {
  tau_measured recovery; /* tracer that came out / that went in; by flow and amount, or by the inlet signal */
  tau_measured volume;   /* m^3, mean x flow */
  tau_measured dead;     /* share of the nominal volume that the tracer does not see, 1 - volume/nominal */
} tau_tracer_balance;

/* Evaluate a measurement. options NULL: the defaults. Errors: TAU_E_VALUE (times that do not ascend, too few points, numbers that are not
 * finite, options that do not fit the data), TAU_E_DOMAIN (no tracer is seen; a tail that does not fall). Cost: linear in the points. */
TAU_API tau_status tau_tracer_new(tau_tracer **out, const tau_tracer_data *data,
                                  const tau_tracer_options *options);
TAU_API void tau_tracer_free(tau_tracer *tracer);

TAU_API tau_tracer_kind tau_tracer_kind_of(const tau_tracer *tracer);
TAU_API tau_tracer_options
tau_tracer_options_of(const tau_tracer *tracer); /* with the numbers of points that were chosen */

/* Moments of the outlet signal, of the inlet signal (all NaN where none was measured), and of the vessel. Times of the signals are
 * counted from `start`. */
TAU_API tau_tracer_moments tau_tracer_outlet(const tau_tracer *tracer);
TAU_API tau_tracer_moments tau_tracer_inlet(const tau_tracer *tracer);
TAU_API tau_tracer_moments tau_tracer_vessel(const tau_tracer *tracer);
TAU_API tau_tracer_equivalents tau_tracer_equivalent(const tau_tracer *tracer);
TAU_API tau_tracer_balance tau_tracer_balances(const tau_tracer *tracer);
/* Why a value of the equivalents or balances is NaN: "tanks", "peclet_small", "peclet_closed", "peclet_open", "peclet_open_mean",
 * "recovery", "volume", "dead"; "" where it is a number or the name is none. Lives for ever. */
TAU_API const char *tau_tracer_reason(const tau_tracer *tracer, const char *name);

/* The outlet signal as it was evaluated: points up to the cut, times from `start` [s], the signal above its base line (of a step: its
 * distance from the level it goes to) [sig], E [1/s] and F. E of a step is a difference of neighbours; F of a pulse is the trapezoid
 * rule's. Borrowed, [n_points]. */
TAU_API int tau_tracer_n_points(const tau_tracer *tracer);
TAU_API const double *tau_tracer_times(const tau_tracer *tracer);
TAU_API const double *tau_tracer_signal(const tau_tracer *tracer);
TAU_API const double *tau_tracer_density(const tau_tracer *tracer);
TAU_API const double *tau_tracer_cumulative(const tau_tracer *tracer);

TAU_END_DECLS
#endif

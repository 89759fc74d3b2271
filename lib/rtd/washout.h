/* SPDX-License-Identifier: Apache-2.0 */
/* washout.h - W(t) = 1 - F(t) and E(t) of a distribution as a table of polynomials: for those who ask for them thousands of times.
 *
 * A table belongs to one thread at a time. */
#ifndef TAUP_WASHOUT_H
#define TAUP_WASHOUT_H

#include "base/status.h"
#include <tautrain/rtd.h>

typedef struct taup_washout taup_washout;

/* Of rtd, from 0 to the time at which W has fallen to 1e-12 (or is 0). With the derivatives to its parameters, where slopes says so.
 * Errors: TAU_E_NOMEM, those of tau_rtd_washout. */
tau_status taup_washout_new(taup_washout **out, const tau_rtd *rtd, bool slopes);
taup_washout *taup_washout_ref(taup_washout *w);
void taup_washout_free(taup_washout *w);

/* Pieces, in the order of time: piece i goes from its begin to the begin of the next, inside which W and E are smooth; the last ends at
 * taup_washout_begin(w, n). atom: the weight of what leaves at its begin (i = n: at the end) all at once. */
int taup_washout_n(const taup_washout *w);
double taup_washout_begin(const taup_washout *w, int i);
double taup_washout_atom(const taup_washout *w, int i);
/* The piece in which t lies, when it is looked for from piece `near`; what lies outside belongs to the first or last. */
int taup_washout_piece(const taup_washout *w, int near, double t);

/* W, E (without atoms) [1/s] and dE/dt [1/s^2] at t in piece i. */
double taup_washout_W(const taup_washout *w, int i, double t);
double taup_washout_E(const taup_washout *w, int i, double t);
double taup_washout_E_slope(const taup_washout *w, int i, double t);
/* W and E of 1 to TAUP_WASHOUT_MANY places at once, each in its own table. */
enum { TAUP_WASHOUT_MANY = 8 };
void taup_washout_many(int n, const taup_washout *const w[], const int i[], const double t[], double W[],
                       double E[]);
/* dW/dp and dE/dp at a fixed t, n_parameters of the distribution each; W may jump from piece to piece, and so may its derivative. */
void taup_washout_slopes(const taup_washout *w, int i, double t, double dW[], double dE[]);
/* Of the atoms at the begin of piece i (n: at the end): the sum of weight d(time)/dp. */
void taup_washout_moves(const taup_washout *w, int i, double moves[]);
/* d(begin of piece i)/dp of a corner of W that is there; 0 where W is smooth. */
void taup_washout_shift(const taup_washout *w, int i, double shift[]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* train_rtd.h - the residence-time distribution of a train, from a feed to an outlet.
 *
 *     double share;
 *     tau_rtd *rtd = NULL;
 *     tau_train_rtd(&rtd, train, NULL, "dye", "split/product", &share);
 *     tau_rtd_washout_time(rtd, 0.999, &t);
 *     tau_rtd_free(rtd);
 *
 * What is asked: of a tracer that is put into the feed, what leaves at the outlet, and when. It is linear in the tracer, so loops
 * of units (a recycle) are allowed here, although a run of them is not.
 *
 * Each unit has a distribution, by its kind or by its `rtd:` block: mixer and splitter let everything pass at once, a pfr is plug flow
 * of V/Q, a cstr a tank of V/Q, tanks that many one after another. Q is the volume flow through the unit by the linear balance of
 * volumes: those of the feeds add, a splitter divides them; density is constant. V is the unit's volume; where it says a
 * residence_time, that is V/Q itself, with the flow inside a loop.
 *
 * The graph of units is reduced to one edge by state elimination (S. C. Kleene, 1956; J. A. Brzozowski and E. J. McCluskey, IEEE Trans.
 * Electron. Comput. EC-12 (1963) 67, doi 10.1109/PGEC.1963.263416): a path is a series, paths with the same ends are parallels, a
 * loop a recycle. The result is an ordinary tau_rtd with all its functions. Method: docs/theory/train_rtd.md. */
#ifndef TAUTRAIN_TRAIN_RTD_H
#define TAUTRAIN_TRAIN_RTD_H

#include <tautrain/export.h>
#include <tautrain/model.h>
#include <tautrain/rtd.h>
#include <tautrain/status.h>
#include <tautrain/train.h>

TAU_BEGIN_DECLS

/* The distribution of what enters with `feed` and leaves at `outlet`, in *out (yours; free it), and *fraction (may be NULL): the share of
 * the feed's tracer that leaves there, 0 to 1. feed NULL: the feed of the key's reactant, or the only one. outlet: a unit or unit/port,
 * NULL: the train's. It may be inside the train, but not in a loop.
 * inputs NULL: the model's own. Threads: any number on one train. Time is linear in the number of units for trains without loops and
 * branches, but for the flows, cubic with a small factor.
 * Errors: TAU_E_NAME (no such feed or outlet), TAU_E_VALUE (no feed or outlet is chosen; nothing of the feed reaches the outlet; an
 * outlet in a loop), TAU_E_DOMAIN (a flow or volume that cannot be), TAU_E_UNSUPPORTED (a batch; a tube that ends by `until`; more than
 * 2,000 units or 5,000 parts; a distribution that has too many terms). *out is NULL after an error. */
TAU_API tau_status tau_train_rtd(tau_rtd **out, const tau_train *train, const tau_inputs *inputs,
                                 const char *feed, const char *outlet, double *fraction);

/* The same of a model that need not run: its units may form loops (read it by tau_model_read_network).
 * Errors also: TAU_E_MODEL (mistakes). */
TAU_API tau_status tau_model_train_rtd(tau_rtd **out, const tau_model *model, const char *feed,
                                       const char *outlet, double *fraction);

TAU_END_DECLS
#endif

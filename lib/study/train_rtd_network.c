/* SPDX-License-Identifier: Apache-2.0 */
/* train_rtd_network.c - what flows where, and the distribution of each unit.
 *
 *     Q_u = sum of the feeds into u + sum over the ports that u takes of x_port Q_unit,     (1 - M) Q = q
 *
 * by volumes at constant density; x = 1 but for a splitter. 1 - M is an M-matrix: it has an inverse without negative numbers when
 * an end can be reached from every unit (A. Berman and R. J. Plemmons, Nonnegative Matrices in the Mathematical Sciences,
 * SIAM 1994, ch. 6), which is looked at first, so that the unit that holds everything back is named. */
#include "study/train_rtd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "num/lapack.h"
#include "reactor/read_units.h"
#include "train/unit_rtd.h"
#include <tautrain/dispersion.h>

/* --- how units hang together --- */

static tau_status make_room(taup_network *w)
{
  const int n = w->d->units.n, n_feeds = w->d->chemistry.n_feeds;
  w->first_port = taup_arena_alloc(&w->arena, (size_t)n + 1, sizeof *w->first_port);
  w->flow = taup_arena_alloc(&w->arena, (size_t)n + 1, sizeof *w->flow);
  w->feed_taker = taup_arena_alloc(&w->arena, (size_t)n_feeds + 1, sizeof *w->feed_taker);
  w->feed_flow = taup_arena_alloc(&w->arena, (size_t)n_feeds + 1, sizeof *w->feed_flow);
  if (!w->first_port || !w->flow || !w->feed_taker || !w->feed_flow) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) w->first_port[i + 1] = w->first_port[i] + w->d->units.items[i].n_outlets;
  w->port_taker = taup_arena_alloc(&w->arena, (size_t)w->first_port[n] + 1, sizeof *w->port_taker);
  w->port_share = taup_arena_alloc(&w->arena, (size_t)w->first_port[n] + 1, sizeof *w->port_share);
  return w->port_taker && w->port_share ? TAU_OK : TAU_E_NOMEM;
}

static void find_takers(taup_network *w)
{
  const int n = w->d->units.n;
  for (int k = 0; k < w->first_port[n]; k++) w->port_taker[k] = -1;
  for (int i = 0; i < n; i++) {
    const taup_unit *u = &w->d->units.items[i];
    for (int k = 0; k < u->n_inlets; k++) {
      const taup_inlet *in = &u->inlets[k];
      if (in->is_feed) w->feed_taker[in->index] = i;
      else w->port_taker[w->first_port[in->index] + in->port] = i;
    }
  }
}

static tau_status find_shares(taup_network *w, int i_unit)
{
  const taup_unit *u = &w->d->units.items[i_unit];
  double *x = w->port_share + w->first_port[i_unit], rest = 1.0;
  for (int k = 0; k < u->n_outlets; k++) {
    x[k] = u->fractions && u->fractions[k] >= 0 ? w->values[u->fractions[k]] : 0.0;
    rest -= x[k];
  }
  if (rest < -1e-12)
    return taup_fail_as(TAU_E_DOMAIN, TAUP_ERR_SUM_ABOVE_ONE,
                        "the shares of '%s' sum to %.6g; at most 1 is needed", u->name, 1.0 - rest);
  for (int k = 0; k < u->n_outlets; k++)
    if (!u->fractions || u->fractions[k] < 0) x[k] = fmax(rest, 0.0);
  return TAU_OK;
}

/* --- flows --- */

static tau_status run_feeds(taup_network *w, const taup_program *feeds)
{
  const taup_chemistry *c = &w->d->chemistry;
  const int size = c->n_species + TAUP_FEED_EXTRA;
  tau_status st = TAU_OK;
  double *R = taup_calloc(taup_program_bytes(feeds, 1), 1);
  double *O = taup_calloc((size_t)(c->n_feeds * size) + 1, sizeof *O);
  if (R && O) {
    taup_program_init(feeds, 1, R);
    memcpy(taup_program_input(feeds, 1, R, TAUP_PARAMETER, 0), w->values,
           (size_t)c->parameters.n * sizeof(double));
    taup_program_prologue(feeds, TAUP_PARAMETER, 1, R);
    taup_program_run(feeds, 0, 1, R, O);
  } else {
    st = TAU_E_NOMEM;
  }
  for (int k = 0; st == TAU_OK && k < c->n_feeds; k++) {
    w->feed_flow[k] = O[k * size + c->n_species + TAUP_FEED_FLOW];
    if (!(w->feed_flow[k] >= 0.0) || !isfinite(w->feed_flow[k]))
      st = taup_fail(TAUP_ERR_IMPOSSIBLE_FLOW, "the flow of feed '%s' comes out as %g m^3/s",
                     c->feeds[k].name, w->feed_flow[k]);
  }
  taup_free(O);
  taup_free(R);
  return st;
}

/* Marks the units from which an end can be reached. Each round costs all ports; there are as many rounds as the longest way has units
 * against the order of the file. */
static void mark_open(const taup_network *w, bool *open)
{
  for (bool more = true; more;) {
    more = false;
    for (int i = w->d->units.n - 1; i >= 0; i--)
      for (int k = w->first_port[i]; !open[i] && k < w->first_port[i + 1]; k++) {
        if (w->port_share[k] <= 0.0 || (w->port_taker[k] >= 0 && !open[w->port_taker[k]])) continue;
        open[i] = more = true;
      }
  }
}

static tau_status check_open(taup_network *w)
{
  bool *open = taup_arena_alloc(&w->arena, (size_t)w->d->units.n + 1, sizeof *open);
  if (!open) return TAU_E_NOMEM;
  mark_open(w, open);
  for (int i = 0; i < w->d->units.n; i++)
    if (!open[i])
      return taup_fail(
        TAUP_ERR_IMPOSSIBLE_FLOW,
        "what flows into unit '%s' never leaves: its loop has no outlet; a splitter can give it one",
        w->d->units.items[i].name);
  return TAU_OK;
}

/* The matrix column-major, from zero. */
static void fill_balance(taup_network *w, double *A)
{
  const int n = w->d->units.n;
  for (int i = 0; i < n; i++) A[i + (ptrdiff_t)n * i] = 1.0;
  for (int i = 0; i < n; i++)
    for (int k = w->first_port[i]; k < w->first_port[i + 1]; k++)
      if (w->port_taker[k] >= 0) A[w->port_taker[k] + (ptrdiff_t)n * i] -= w->port_share[k];
  for (int k = 0; k < w->d->chemistry.n_feeds; k++) w->flow[w->feed_taker[k]] += w->feed_flow[k];
}

static tau_status check_flows(const taup_network *w)
{
  double all = 0.0;
  for (int k = 0; k < w->d->chemistry.n_feeds; k++) all += w->feed_flow[k];
  for (int i = 0; i < w->d->units.n; i++)
    if (!(w->flow[i] >= -1e-12 * all && w->flow[i] <= 1e9 * all))
      return taup_fail(TAUP_ERR_IMPOSSIBLE_FLOW,
                       "the flow through unit '%s' comes out as %g m^3/s, where all feeds bring %g m^3/s",
                       w->d->units.items[i].name, w->flow[i], all);
  return TAU_OK;
}

static tau_status balance(taup_network *w)
{
  const size_t n = (size_t)w->d->units.n;
  double *A = taup_calloc(n * n, sizeof *A);
  int *pivots = taup_calloc(n, sizeof *pivots);
  tau_status st = A && pivots ? TAU_OK : TAU_E_NOMEM;
  if (st == TAU_OK) {
    fill_balance(w, A);
    if (!taup_solve((int)n, A, w->flow, pivots))
      st = taup_fail(TAUP_ERR_IMPOSSIBLE_FLOW, "the volume flows of the train do not follow from its feeds");
  }
  taup_free(pivots);
  taup_free(A);
  return st == TAU_OK ? check_flows(w) : st;
}

static tau_status fill(taup_network *w, const taup_program *feeds)
{
  TAU_TRY(make_room(w));
  find_takers(w);
  for (int i = 0; i < w->d->units.n; i++) TAU_TRY(find_shares(w, i));
  TAU_TRY(check_open(w));
  TAU_TRY(run_feeds(w, feeds));
  return balance(w);
}

tau_status taup_network_new(taup_network *out, const taup_description *d, const double *values,
                            const taup_program *feeds)
{
  *out = (taup_network){.d = d, .values = values};
  if (d->units.n > TAUP_NETWORK_MOST_UNITS)
    return taup_fail(TAUP_ERR_TOO_MANY_UNITS,
                     "the train has %d units; the distribution of residence times is computed up to %d",
                     d->units.n, TAUP_NETWORK_MOST_UNITS);
  const tau_status st = fill(out, feeds);
  if (st < 0) taup_network_free(out);
  return st;
}

void taup_network_free(taup_network *w)
{
  taup_arena_free(&w->arena);
  *w = (taup_network){0};
}

const char *taup_network_port_name(const taup_network *w, int i_unit, int port, char *buffer, size_t n_bytes)
{
  const taup_unit *u = &w->d->units.items[i_unit];
  if (u->outlets) snprintf(buffer, n_bytes, "%.128s/%.128s", u->name, u->outlets[port]);
  else snprintf(buffer, n_bytes, "%.128s", u->name);
  return buffer;
}

/* --- one unit --- */

/* The value of a field of the unit's kind; NAN where the kind has none or it is not given. */
static double size_of(const taup_network *w, const taup_unit *u, const char *name)
{
  const int i = taup_unit_field(u->kind, name);
  return i >= 0 && u->p[i] >= 0 ? w->values[u->p[i]] : (double)NAN;
}

static tau_status space_time(const taup_network *w, int i_unit, double *time)
{
  const taup_unit *u = &w->d->units.items[i_unit];
  const double d = size_of(w, u, "diameter"), length = size_of(w, u, "length");
  double V = size_of(w, u, "volume");
  *time = size_of(w, u, "residence_time");
  if (!isnan(*time)) return TAU_OK;
  if (isnan(V)) V = 0.78539816339744830962 * d * d * length;
  if (isnan(size_of(w, u, "volume")) && u->tube == TAUP_TUBE_PACKED) V *= size_of(w, u, "void_fraction");
  for (int k = 0; k < u->n_volumes; k++) V = (k ? V : 0.0) + w->values[u->volumes[k]];
  if (!(w->flow[i_unit] > 0.0))
    return taup_fail(TAUP_ERR_NO_FLOW, "nothing flows in: the volume flow is %g m^3/s", w->flow[i_unit]);
  *time = V / w->flow[i_unit];
  if (isfinite(*time)) return TAU_OK;
  return taup_fail(TAUP_ERR_IMPOSSIBLE_SIZE, "its volume comes out as %g m^3", V);
}

/* D_ax by the relation of the unit's `tube:`; the liquid of a table whose density varies is that at 25 degC. */
static tau_status by_relation(const taup_network *w, const taup_unit *u, double velocity, double length,
                              double *dispersion)
{
  const taup_fluid *fluid = &w->d->chemistry.fluid;
  tau_flow f = tau_flow_default(u->tube == TAUP_TUBE_PACKED ? TAU_GEOMETRY_PACKED : TAU_GEOMETRY_TUBE);
  tau_flow_report report;
  f.velocity = velocity;
  f.length = length;
  f.diameter = size_of(w, u, "diameter");
  f.diffusivity = size_of(w, u, "diffusivity");
  f.viscosity = size_of(w, u, "viscosity");
  f.particle_diameter = size_of(w, u, "particle_diameter");
  f.void_fraction = size_of(w, u, "void_fraction");
  f.density = fluid->density >= 0 ? w->values[fluid->density]
              : fluid->solvent    ? fluid->solvent->density_25C
                                  : (double)NAN;
  TAU_TRY(tau_flow_evaluate(&f, &report));
  *dispersion = report.dispersion;
  return TAU_OK;
}

/* Pe of a dispersed tube as its equations have it (reactor/builder.c): as given, or Q V/(A^2 D_ax). */
static tau_status peclet_of(const taup_network *w, int i_unit, double time, double *Pe)
{
  const taup_unit *u = &w->d->units.items[i_unit];
  const double d = size_of(w, u, "diameter"), empty = 0.78539816339744830962 * d * d;
  const double A = u->tube == TAUP_TUBE_PACKED ? empty * size_of(w, u, "void_fraction") : empty;
  const double Q = w->flow[i_unit];
  double D = size_of(w, u, "dispersion");
  *Pe = size_of(w, u, "peclet");
  if (!isnan(*Pe)) return TAU_OK;
  if (isnan(D)) TAU_TRY(by_relation(w, u, Q / empty, Q * time / A, &D));
  *Pe = Q * Q * time / (A * A * D);
  return TAU_OK;
}

/* With the parameters of this run. */
static tau_status with_values(tau_rtd **out, const taup_network *w, int i_unit, const tau_rtd *rtd,
                              double *values)
{
  const taup_unit *u = &w->d->units.items[i_unit];
  taup_unit_numbers numbers = {NAN, NAN};
  bool timed = false, dispersed = false;
  for (int k = 0; k < rtd->n_parameters; k++) {
    const int from = taup_unit_rtd_source(u, rtd, w->values, k);
    timed = timed || from == TAUP_RTD_SPACE_TIME;
    dispersed = dispersed || from == TAUP_RTD_PECLET;
  }
  if (timed || dispersed) TAU_TRY(space_time(w, i_unit, &numbers.space_time));
  if (dispersed) TAU_TRY(peclet_of(w, i_unit, numbers.space_time, &numbers.peclet));
  taup_unit_rtd_values(u, rtd, w->values, numbers, values);
  return tau_rtd_with(out, rtd, values);
}

static tau_status make(tau_rtd **out, const taup_network *w, int i_unit)
{
  tau_rtd *rtd = NULL;
  TAU_TRY(taup_unit_rtd(&rtd, w->d, i_unit));
  double *values = taup_calloc((size_t)rtd->n_parameters + 1, sizeof *values);
  const tau_status st = values ? with_values(out, w, i_unit, rtd, values) : TAU_E_NOMEM;
  taup_free(values);
  tau_rtd_free(rtd);
  return st;
}

/* Tanks one after another. */
static tau_status unequal_tanks(tau_rtd **out, const taup_network *w, const taup_unit *u)
{
  const double flow = w->flow[u - w->d->units.items];
  tau_rtd **each = taup_calloc((size_t)u->n_volumes, sizeof *each);
  tau_status st = each ? TAU_OK : TAU_E_NOMEM;
  for (int k = 0; k < u->n_volumes && st == TAU_OK; k++) {
    const double mean = w->values[u->volumes[k]] / flow;
    st = tau_rtd_new(&each[k], "tanks", 1, (const char *const[]){"mean"}, &mean);
  }
  if (st == TAU_OK) st = tau_rtd_series(out, u->n_volumes, (const tau_rtd *const *)each);
  for (int k = 0; each && k < u->n_volumes; k++) tau_rtd_free(each[k]);
  taup_free(each);
  return st;
}

tau_status taup_network_unit(tau_rtd **out, const taup_network *w, int i_unit)
{
  const taup_unit *u = &w->d->units.items[i_unit];
  *out = NULL;
  if (u->until)
    return taup_fail(TAUP_ERR_NO_DISTRIBUTION,
                     "unit '%s' ends by its 'until': its size follows from a run; give it a volume instead",
                     u->name);
  if (!u->rtd && u->kind->family == TAUP_JUNCTION) return TAU_OK;
  const tau_status st = u->n_volumes && !u->rtd ? unequal_tanks(out, w, u) : make(out, w, i_unit);
  if (st >= 0 || st == TAU_E_NOMEM) return st;
  char said[600];
  snprintf(said, sizeof said, "%s", tau_last_error());
  return taup_fail_as(st, taup_last_kind(), "unit '%s': %s", u->name, said);
}

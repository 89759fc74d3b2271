/* SPDX-License-Identifier: Apache-2.0 */
/* taylor_aris.c - laminar flow in a straight round tube so long that diffusion has evened out its profile.
 *
 *     u = L/mean,   D = D_m (1 + (u d/D_m)^2/192),   Pe = u L/D,   G = that of the closed dispersed vessel
 *
 * G. I. Taylor, Proc. R. Soc. A 219 (1953) 186, doi 10.1098/rspa.1953.0139; R. Aris, Proc. R. Soc. A 235 (1956) 67,
 * doi 10.1098/rspa.1956.0065. Valid when molecules have crossed the tube: D_m mean/R^2 > 0.8 (V. Ananthakrishnan,
 * W. N. Gill and A. J. Barduhn, AIChE J. 11 (1965) 1063, doi 10.1002/aic.690110620). */
#include <float.h>
#include <stdio.h>

#include "rtd/rtd.h"

enum { MEAN, LENGTH, DIAMETER, DIFFUSIVITY, N_FIELDS };

static const taup_field fields[N_FIELDS] = {
  [MEAN] = {"mean", TAUP_INIT_TIME, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE, "mean residence time"},
  [LENGTH] = {"length", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE, "length of the tube"},
  [DIAMETER] = {"diameter", TAUP_INIT_LENGTH, 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE, "inner diameter"},
  [DIFFUSIVITY] = {"diffusivity", TAUP_INIT(2, 0, -1, 0, 0), 0.0, DBL_MAX, NAN, TAUP_FIELD_POSITIVE,
                   "molecular diffusivity of the tracer"},
};

static taup_node log_transform(taup_graph *g, taup_node s, const taup_node *p)
{
  const taup_node u = taup_div(g, p[LENGTH], p[MEAN]);
  const taup_node Pe_d = taup_div(g, taup_mul(g, u, p[DIAMETER]), p[DIFFUSIVITY]);
  const taup_node spread =
    taup_add(g, taup_number(g, 1.0), taup_scale(g, 1.0 / 192.0, taup_mul(g, Pe_d, Pe_d)));
  const taup_node D = taup_mul(g, p[DIFFUSIVITY], spread);
  return taup_rtd_closed_vessel(g, s, p[MEAN], taup_div(g, taup_mul(g, u, p[LENGTH]), D));
}

static double peclet(const double *p)
{
  const double u = p[LENGTH] / p[MEAN], Pe_d = u * p[DIAMETER] / p[DIFFUSIVITY];
  return u * p[LENGTH] / (p[DIFFUSIVITY] * (1.0 + Pe_d * Pe_d / 192.0));
}

static double edge(const double *p) { return taup_rtd_closed_vessel_edge(p[MEAN], peclet(p)); }
static void cumulants(const double *p, double k[3])
{
  taup_rtd_closed_vessel_cumulants(p[MEAN], peclet(p), k);
}

static bool is_outside(const double *p, char *why, size_t n)
{
  const double crossed = 4.0 * p[DIFFUSIVITY] * p[MEAN] / (p[DIAMETER] * p[DIAMETER]), Pe = peclet(p);
  if (crossed < 0.8) {
    snprintf(why, n,
             "taylor-aris holds where diffusivity mean/radius^2 > 0.8; found %.3g: take 'laminar', a longer "
             "stay or a thinner tube",
             crossed);
    return true;
  }
  if (Pe < 1e-3 || Pe > 1e6) {
    snprintf(why, n, "taylor-aris gives the Peclet number %.3g; computed reliably from 0.001 to 1e6", Pe);
    return true;
  }
  return false;
}

const taup_rtd_row taup_rtd_taylor_aris = {
  .name = "taylor-aris",
  .doc =
    "Laminar flow in a long straight tube, where diffusion across it makes the profile a dispersion along it "
    "(G. I. Taylor, Proc. R. Soc. A 219 (1953) 186; R. Aris, A 235 (1956) 67).",
  .fields = fields,
  .n_fields = N_FIELDS,
  .log_transform = log_transform,
  .edge = edge,
  .cumulants = cumulants,
  .is_outside = is_outside,
};

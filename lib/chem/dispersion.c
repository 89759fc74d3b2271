/* SPDX-License-Identifier: Apache-2.0 */
/* dispersion.c - relations for axial dispersion, and the numbers that choose among models.
 *
 *     round tube, laminar    D_ax = D_m (1 + (u d/D_m)^2/192)
 *     plates, gap g          D_ax = D_m (1 + (u g/D_m)^2/210)                 = D_m (1 + 2/105 (u h/D_m)^2), h = g/2
 *     coil, laminar          between 0.2 and 1 of the straight tube; De^2 Sc says where
 *     tube, Re > 2000        D_ax = u d (3e7/Re^2.1 + 1.35/Re^(1/8))
 *     tube, Re > 2e4         D_ax = 10.1 R u*,  u* = u sqrt(f/8),  f = (0.790 ln Re - 1.64)^-2 (smooth)
 *     packed bed, liquid     eps Pe = 0.2 + 0.011 Re^0.48,  Pe = (u/eps) d_p/D_ax,  Re = u d_p/nu
 *     stirred tank           t_95 = 5.2 (T/D)^2/(Po^(1/3) N)
 *
 * Sources stand in the rows. Laminar flow by Fo = D_m tau/R^2: dispersion from 0.8 on, pure convection up to 0.01 (V. Ananthakrishnan,
 * W. N. Gill and A. J. Barduhn, AIChE J. 11 (1965) 1063; round limits read off their map). A coil becomes turbulent at
 * Re = 2300 (1 + 8.6 (d/D)^0.45) (E. F. Schmidt, Chem. Ing. Tech. 39 (1967) 781, as quoted in VDI-Waermeatlas, section Gc). */
#include <tautrain/dispersion.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

enum { TAYLOR_ARIS, PLATES, COIL, WEN_FAN, TAYLOR_TURBULENT, CHUNG_WEN, GRENVILLE, N_ROWS };

static const tau_correlation rows[N_ROWS] = {
  [TAYLOR_ARIS] = {"taylor-aris", "D_ax = D_m (1 + (u d/D_m)^2/192)",
                   "round tube, laminar (Re < 2100), D_m tau/R^2 >= 0.8",
                   "G. I. Taylor, Proc. R. Soc. A 219 (1953) 186; R. Aris, Proc. R. Soc. A 235 (1956) 67"},
  [PLATES] = {"parallel-plates", "D_ax = D_m (1 + (u g/D_m)^2/210), g the gap",
              "plates, laminar (u g/nu < 1000), D_m tau/(g/2)^2 >= 0.8",
              "R. A. Wooding, J. Fluid Mech. 7 (1960) 501; 2/105 on half the gap by Aris' method (1956)"},
  [COIL] = {"coil", "0.2 <= D_ax/(D_ax of the straight tube) <= 1; about 0.2 at high De^2 Sc",
            "coiled round tube, laminar, d/coil_diameter < 0.1, D_m tau/R^2 >= 0.8",
            "L. A. M. Janssen, Chem. Eng. Sci. 31 (1976) 215, and M. Johnson and R. D. Kamm, J. Fluid Mech. "
            "172 (1986) 329 (abstract of "
            "the latter)"},
  [WEN_FAN] = {"wen-fan", "u d/D_ax = 1/(3e7/Re^2.1 + 1.35/Re^(1/8))", "round tube, 2000 < Re < 2e4",
               "C. Y. Wen and L. T. Fan, Models for Flow Systems and Chemical Reactors, Dekker 1975"},
  [TAYLOR_TURBULENT] = {"taylor-turbulent", "D_ax = 10.1 R u sqrt(f/8), f = (0.790 ln Re - 1.64)^-2",
                        "smooth round tube, 2e4 <= Re < 5e6",
                        "G. I. Taylor, Proc. R. Soc. A 223 (1954) 446 (3.57 sqrt(f_Fanning) u d in O. "
                        "Levenspiel, Ind. Eng. Chem. 50 "
                        "(1958) 343); f: B. S. Petukhov, Adv. Heat Transfer 6 (1970) 503"},
  [CHUNG_WEN] = {"chung-wen", "eps Pe = 0.2 + 0.011 Re^0.48, Pe = (u/eps) d_p/D_ax, Re = u d_p/nu",
                 "packed bed, liquid, 1e-3 < Re < 1e3, tube at least 10 particles wide",
                 "S. F. Chung and C. Y. Wen, AIChE J. 14 (1968) 857"},
  [GRENVILLE] = {"grenville", "t_95 = 5.2 (T/D)^2/(Po^(1/3) N); ideal mixing where tau >= 10 t_95",
                 "baffled tank, turbulent: Po^(1/3) Re > 6370, 1/3 <= D/T <= 1/2",
                 "R. K. Grenville and A. W. Nienow, in Handbook of Industrial Mixing (Wiley 2004), ch. 9"},
};

int tau_n_correlations(void) { return N_ROWS; }
tau_correlation tau_correlation_row(int i) { return rows[i]; }

tau_flow tau_flow_default(tau_geometry geometry)
{
  return (
    tau_flow){sizeof(tau_flow), geometry, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

/* --- what is needed --- */

typedef struct need {
  const char *name;
  double value;
  bool is_needed;
} need;

static tau_status check(const tau_flow *f)
{
  const bool tank = f->geometry == TAU_GEOMETRY_TANK, packed = f->geometry == TAU_GEOMETRY_PACKED;
  const need needs[] = {
    {"velocity", f->velocity, !tank},
    {"length", f->length, !tank},
    {"diameter", f->diameter, !packed},
    {"diffusivity", f->diffusivity, !tank && !packed},
    {"density", f->density, packed},
    {"viscosity", f->viscosity, packed},
    {"coil_diameter", f->coil_diameter, f->geometry == TAU_GEOMETRY_COIL},
    {"particle_diameter", f->particle_diameter, packed},
    {"void_fraction", f->void_fraction, packed},
    {"residence_time", f->residence_time, tank},
    {"impeller_diameter", f->impeller_diameter, tank},
    {"speed", f->speed, tank},
    {"power_number", f->power_number, tank},
  };
  for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
    if (isnan(needs[i].value) && needs[i].is_needed)
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is needed for this geometry, and not given", needs[i].name);
    if (!isnan(needs[i].value) && !(needs[i].value > 0.0 && isfinite(needs[i].value)))
      return taup_fail(TAUP_ERR_OUT_OF_RANGE, "%s is %g; it must be above 0", needs[i].name, needs[i].value);
  }
  if (packed && f->void_fraction >= 1.0)
    return taup_fail(TAUP_ERR_OUT_OF_RANGE, "void_fraction is %g; it must be below 1", f->void_fraction);
  return TAU_OK;
}

/* --- numbers --- */

static void numbers(const tau_flow *f, tau_flow_report *r)
{
  const bool packed = f->geometry == TAU_GEOMETRY_PACKED;
  const double nu = f->viscosity / f->density, d = packed ? f->particle_diameter : f->diameter;
  r->residence_time = f->length / f->velocity * (packed ? f->void_fraction : 1.0);
  r->reynolds = f->velocity * d / nu;
  r->schmidt = nu / f->diffusivity;
  r->peclet_radial = f->velocity * d / f->diffusivity;
  r->fourier = packed ? (double)NAN : 4.0 * f->diffusivity * r->residence_time / (d * d);
  r->dean = r->reynolds * sqrt(d / f->coil_diameter);
}

static double turbulent_from(const tau_flow *f)
{
  if (f->geometry == TAU_GEOMETRY_COIL)
    return 2300.0 * (1.0 + 8.6 * pow(f->diameter / f->coil_diameter, 0.45));
  return f->geometry == TAU_GEOMETRY_PLATES
           ? 1000.0
           : 2100.0; /* of a slit on its gap: half that on the hydraulic diameter */
}

static tau_flow_regime regime(const tau_flow *f, double reynolds)
{
  if (isnan(reynolds)) return TAU_REGIME_UNKNOWN;
  if (reynolds < turbulent_from(f)) return TAU_REGIME_LAMINAR;
  return reynolds < 2.0 * turbulent_from(f) ? TAU_REGIME_TRANSITIONAL : TAU_REGIME_TURBULENT;
}

/* --- dispersion --- */

static void warn(tau_flow_report *r, const char *text)
{
  const size_t n = strlen(r->warning);
  snprintf(r->warning + n, sizeof r->warning - n, "%s%s", n ? "; " : "", text);
}

static void laminar(const tau_flow *f, tau_flow_report *r)
{
  const bool plates = f->geometry == TAU_GEOMETRY_PLATES, coil = f->geometry == TAU_GEOMETRY_COIL;
  const double pe = r->peclet_radial;
  r->i_correlation = plates ? PLATES : coil ? COIL : TAYLOR_ARIS;
  r->dispersion = f->diffusivity * (1.0 + pe * pe / (plates ? 210.0 : 192.0));
  r->dispersion_low = coil ? f->diffusivity * (1.0 + 0.2 * pe * pe / 192.0) : r->dispersion;
  r->in_range = r->fourier >= 0.8;
  if (!r->in_range)
    warn(r, "D_m tau/R^2 is below 0.8: the signal is not yet that of dispersion, and D_ax and Bo stand for "
            "nothing");
  if (coil) warn(r, "the coil's D_ax lies between two bounds; its tracer curve says where");
  if (coil && f->diameter > 0.1 * f->coil_diameter) {
    r->in_range = false;
    warn(r, "the coil is tighter than 10 tube diameters, for which the relation was made");
  }
}

static void turbulent(const tau_flow *f, tau_flow_report *r)
{
  const double u = f->velocity, d = f->diameter, re = r->reynolds;
  if (re < 2e4) {
    r->i_correlation = WEN_FAN;
    r->dispersion = u * d * (3e7 / pow(re, 2.1) + 1.35 / pow(re, 0.125));
  } else {
    const double root_f = 1.0 / (0.790 * log(re) - 1.64);
    r->i_correlation = TAYLOR_TURBULENT;
    r->dispersion = 10.1 * 0.5 * d * u * root_f / sqrt(8.0);
  }
  r->dispersion_low = r->dispersion;
  r->in_range = re < 5e6 && f->geometry == TAU_GEOMETRY_TUBE;
  if (f->geometry != TAU_GEOMETRY_TUBE)
    warn(r, "the relation of the straight round tube is used; none for this geometry is here");
  if (re >= 5e6) warn(r, "Re is above 5e6, where the friction factor was measured");
  if (r->regime == TAU_REGIME_TRANSITIONAL)
    warn(r, "between laminar and turbulent the flow is not steady and D_ax uncertain by a factor");
}

static void packed(const tau_flow *f, tau_flow_report *r)
{
  r->i_correlation = CHUNG_WEN;
  r->dispersion = r->dispersion_low =
    f->velocity * f->particle_diameter / (0.2 + 0.011 * pow(r->reynolds, 0.48));
  r->in_range = r->reynolds > 1e-3 && r->reynolds < 1e3;
  if (!r->in_range) warn(r, "Re of the particles is outside 1e-3 to 1e3, where the relation was measured");
  if (f->diameter < 10.0 * f->particle_diameter) {
    r->in_range = false;
    warn(r, "the tube is less than 10 particles wide: flow along the wall is not in the relation");
  }
}

/* --- what holds --- */

static void choose(const tau_flow *f, tau_flow_report *r)
{
  const bool streams = f->geometry != TAU_GEOMETRY_PACKED &&
                       (r->regime == TAU_REGIME_LAMINAR || r->regime == TAU_REGIME_UNKNOWN);
  const char *what;
  r->model = r->bodenstein >= 1000.0 ? TAU_FLOW_PLUG : TAU_FLOW_DISPERSION;
  if (streams && r->fourier < 0.8) r->model = r->fourier <= 0.01 ? TAU_FLOW_CONVECTION : TAU_FLOW_BETWEEN;
  switch (r->model) {
  case TAU_FLOW_PLUG:
    what = "plug flow: Bo >= 1000, the spread of residence times is below 4.5 % of their mean";
    break;
  case TAU_FLOW_DISPERSION:
    what = streams ? "axial dispersion (Taylor): diffusion has evened out the cross-section, Fo >= 0.8"
                   : "axial dispersion: the flow mixes across itself";
    break;
  case TAU_FLOW_CONVECTION: what = "laminar convection: diffusion has had no time to act, Fo <= 0.01"; break;
  default:
    what = "between laminar convection and dispersion, 0.01 < Fo < 0.8: no closed model holds; measure it";
    break;
  }
  int n = snprintf(r->why, sizeof r->why, "%s (", what);
  if (!isnan(r->reynolds)) n += snprintf(r->why + n, sizeof r->why - (size_t)n, "Re %.3g, ", r->reynolds);
  if (!isnan(r->schmidt)) n += snprintf(r->why + n, sizeof r->why - (size_t)n, "Sc %.3g, ", r->schmidt);
  if (!isnan(r->fourier)) n += snprintf(r->why + n, sizeof r->why - (size_t)n, "Fo %.3g, ", r->fourier);
  if (!isnan(r->dean))
    n += snprintf(r->why + n, sizeof r->why - (size_t)n, "De^2 Sc %.3g, ", r->dean * r->dean * r->schmidt);
  snprintf(r->why + n, sizeof r->why - (size_t)n, "Bo %.3g)", r->bodenstein);
}

static void tube(const tau_flow *f, tau_flow_report *r)
{
  numbers(f, r);
  const bool is_packed = f->geometry == TAU_GEOMETRY_PACKED;
  r->regime = is_packed ? TAU_REGIME_UNKNOWN : regime(f, r->reynolds);
  if (is_packed) packed(f, r);
  else if (r->regime >= TAU_REGIME_TRANSITIONAL) turbulent(f, r);
  else laminar(f, r);
  if (isnan(r->reynolds)) warn(r, "without density and viscosity Re is not known; laminar flow is assumed");
  const double u = is_packed ? f->velocity / f->void_fraction : f->velocity;
  r->bodenstein = u * f->length / r->dispersion;
  r->bodenstein_high = u * f->length / r->dispersion_low;
  choose(f, r);
}

static void tank(const tau_flow *f, tau_flow_report *r)
{
  const double ratio = f->diameter / f->impeller_diameter, third = cbrt(f->power_number);
  r->i_correlation = GRENVILLE;
  r->model = TAU_FLOW_TANK;
  r->residence_time = f->residence_time;
  r->reynolds = f->density * f->speed * f->impeller_diameter * f->impeller_diameter / f->viscosity;
  r->mixing_time = 5.2 * ratio * ratio / (third * f->speed);
  r->bodenstein = r->bodenstein_high = 0.0;
  r->in_range = ratio <= 3.001 && ratio >= 1.999 && !(third * r->reynolds < 6370.0);
  r->regime = isnan(r->reynolds)             ? TAU_REGIME_UNKNOWN
              : third * r->reynolds > 6370.0 ? TAU_REGIME_TURBULENT
                                             : TAU_REGIME_TRANSITIONAL;
  if (ratio > 3.001 || ratio < 1.999)
    warn(r, "the impeller is not a third to a half of the vessel, for which the relation was made");
  if (third * r->reynolds < 6370.0) warn(r, "Po^(1/3) Re is below 6370: not turbulent, mixing takes longer");
  if (isnan(r->reynolds)) warn(r, "without density and viscosity Re is not known; turbulent flow is assumed");
  const double times = r->residence_time / r->mixing_time;
  if (times < 10.0)
    warn(r, "the residence time is less than ten mixing times: the tank is not ideally mixed");
  snprintf(r->why, sizeof r->why, "stirred tank (Bo 0): the residence time is %.3g mixing times of %.3g s",
           times, r->mixing_time);
}

tau_status tau_flow_evaluate(const tau_flow *flow, tau_flow_report *out)
{
  assert(flow && out);
  TAU_TRY(check(flow));
  *out = (tau_flow_report){.residence_time = NAN,
                           .reynolds = NAN,
                           .schmidt = NAN,
                           .peclet_radial = NAN,
                           .fourier = NAN,
                           .dean = NAN,
                           .dispersion = NAN,
                           .dispersion_low = NAN,
                           .bodenstein = NAN,
                           .bodenstein_high = NAN,
                           .mixing_time = NAN};
  if (flow->geometry == TAU_GEOMETRY_TANK) tank(flow, out);
  else tube(flow, out);
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* dispersion.h - how much a tube, coil, bed, slit or tank spreads residence times, from its dimensions; and which model holds.
 *
 *     tau_flow flow = tau_flow_default(TAU_GEOMETRY_TUBE);
 *     flow.velocity = 0.0212, flow.length = 10.0, flow.diameter = 1e-3, flow.diffusivity = 1e-9;
 *     flow.density = 1000.0, flow.viscosity = 1e-3;
 *     tau_flow_report report;
 *     tau_flow_evaluate(&flow, &report);          // report.bodenstein = uL/D_ax, report.why says what rules and by which numbers
 *
 * Each relation is a row of a table with its range and source, quoted as in common use and not checked against the originals (docs/theory/
 * tracer.md); outside its range the numbers still come, with a warning.
 * Thread-safe; nothing is allocated. */
#ifndef TAUTRAIN_DISPERSION_H
#define TAUTRAIN_DISPERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef enum tau_geometry {
  TAU_GEOMETRY_TUBE,   /* straight, round */
  TAU_GEOMETRY_COIL,   /* round tube wound on coil_diameter */
  TAU_GEOMETRY_PACKED, /* particles of particle_diameter */
  TAU_GEOMETRY_PLATES, /* slit, diameter is the gap */
  TAU_GEOMETRY_TANK    /* stirred vessel */
} tau_geometry;

/* SI; NaN: not known. Needed: of all but tanks velocity, length, diameter (packed: particle_diameter) and diffusivity (packed: none); of
 * coils coil_diameter too; of beds void_fraction, density and viscosity; of tanks residence_time, diameter, impeller_diameter, speed
 * and power_number. density and viscosity give Re: without them the flow of a tube or slit is taken to be laminar, with a warning. */
typedef struct tau_flow {
  size_t size;
  tau_geometry geometry;
  double velocity;  /* m/s, mean over the cross-section (packed: superficial, flow/area of the empty tube) */
  double length;    /* m */
  double diameter;  /* m, inner; the gap of plates; the vessel's */
  double density;   /* kg/m^3 */
  double viscosity; /* Pa s */
  double diffusivity;       /* m^2/s, molecular */
  double coil_diameter;     /* m, of the coil's axis */
  double particle_diameter; /* m */
  double void_fraction;
  double residence_time;    /* s, of a tank */
  double impeller_diameter; /* m */
  double speed;             /* 1/s, revolutions */
  double power_number;
} tau_flow;
TAU_API tau_flow tau_flow_default(tau_geometry geometry);

typedef enum tau_flow_regime {
  TAU_REGIME_UNKNOWN,
  TAU_REGIME_LAMINAR,
  TAU_REGIME_TRANSITIONAL,
  TAU_REGIME_TURBULENT
} tau_flow_regime;

/* Which model of the residence times holds. */
typedef enum tau_flow_model {
  TAU_FLOW_PLUG,       /* dispersion with Bo >= 1000: the spread is below 4.5 % of the mean */
  TAU_FLOW_DISPERSION, /* axial dispersion with this Bo (laminar: Taylor's regime, Fo >= 0.8) */
  TAU_FLOW_CONVECTION, /* laminar without diffusion, Fo <= 0.01: the model `laminar` */
  TAU_FLOW_BETWEEN,    /* laminar, 0.01 < Fo < 0.8: neither; measure it */
  TAU_FLOW_TANK        /* mixed at least ten times faster than it is renewed */
} tau_flow_model;

/* NaN where a number does not apply or is not known. */
typedef struct tau_flow_report {
  double residence_time; /* s */
  double reynolds; /* u d/nu; of beds with the particle and the superficial velocity; of tanks with the impeller, N D^2/nu */
  double schmidt;         /* nu/D_m */
  double peclet_radial;   /* u d/D_m, Re Sc */
  double fourier;         /* D_m tau/R^2, R half the diameter or gap */
  double dean;            /* Re sqrt(d/coil_diameter) */
  double dispersion;      /* D_ax, m^2/s; of a coil the upper bound */
  double dispersion_low;  /* m^2/s; the same, but of a coil the lower bound */
  double bodenstein;      /* u L/dispersion, u the velocity between the particles */
  double bodenstein_high; /* u L/dispersion_low */
  double mixing_time;     /* s, of a tank, to 95 % */
  tau_flow_regime regime;
  tau_flow_model model;
  int i_correlation; /* the row that was used */
  bool in_range;     /* of that row */
  char why[512];     /* one line: the model and the numbers that choose it */
  char warning[512]; /* what is out of range or assumed; "" for nothing */
} tau_flow_report;

/* Errors: TAU_E_VALUE for a number that is needed and not given, or is not above zero. */
TAU_API tau_status tau_flow_evaluate(const tau_flow *flow, tau_flow_report *out);

/* The table. The texts live for ever. */
typedef struct tau_correlation {
  const char *name;    /* "taylor-aris" */
  const char *formula; /* "D_ax = D_m (1 + (u d/D_m)^2/192)" */
  const char *range;   /* "laminar, D_m tau/R^2 >= 0.8" */
  const char *source;
} tau_correlation;
TAU_API int tau_n_correlations(void);
TAU_API tau_correlation tau_correlation_row(int i_correlation);

TAU_END_DECLS
#endif

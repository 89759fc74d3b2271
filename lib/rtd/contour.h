/* SPDX-License-Identifier: Apache-2.0 */
/* contour.h - one contour: where it goes, and its nodes. */
#ifndef TAUP_RTD_CONTOUR_H
#define TAUP_RTD_CONTOUR_H

#include "rtd/rtd.h"

/* A node: exp(log_g) step is what stands before exp((s - s_0) t) in the sum, relative to node 0. */
typedef struct taup_rtd_node {
  double complex s, log_g, step;
} taup_rtd_node;

typedef struct taup_rtd_contour {
  const tau_rtd *rtd;
  const taup_rtd_term *term;
  int order;
  bool left;    /* of the pole at 0 */
  bool washout; /* (1 - G)/s in place of G s^-order */
  bool slopes;
  double edge, s_0;
  double phi[4]; /* ln of the integrand without the time, and its derivatives, at s_0 */
  double width, bend;
  double shrink;        /* of the bend: 1, less where a contour came too near a pole */
  double t_low, t_high; /* of the times that share it */
  int n, capacity;      /* nodes */
  taup_rtd_node *nodes;
  double complex *gradients; /* [n][n_parameters]: of ln of the product */
  int gradient_capacity;
  int n_coarse;          /* nodes of the first level */
  double complex *block; /* space for TAUP_RTD_BLOCK nodes: s, K, dK, D, work */
} taup_rtd_contour;

enum { TAUP_RTD_BLOCK = 16, TAUP_RTD_MOST_NODES = 16384 };

/* Space for a distribution; freed by taup_rtd_contour_free. */
tau_status taup_rtd_contour_start(taup_rtd_contour *c);
void taup_rtd_contour_free(taup_rtd_contour *c);
/* The saddle of the integrand at a time; begins at c->s_0 where that lies between the ends. */
void taup_rtd_contour_saddle(taup_rtd_contour *c, double t);
/* Nodes of the first level, h apart, out to where the integrand is below 1e-17 of its height for all times from t_low to t_high. The
 * contour is bent less where the integrand grows along it or a pole of a loop lies on its right. */
tau_status taup_rtd_contour_place(taup_rtd_contour *c, double h);
/* The nodes in the middle of those there are. */
tau_status taup_rtd_contour_refine(taup_rtd_contour *c, double h, int level);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* field_cells.h - the SNAr coil with axial dispersion as one writes it by hand: cells of second order, Newton's method and a block
 * tridiagonal elimination. */
#ifndef BENCH_FIELD_CELLS_H
#define BENCH_FIELD_CELLS_H

enum { CELLS_N = 5, MOST_CELLS = 6400 };

/* What the program is given [s], [L/mol/s], [mol/L]: DFNB, Pyrr, ortho, para, bis. */
typedef struct cells_point {
  double tau, k[4], feed[CELLS_N];
} cells_point;

typedef struct cells {
  cells_point at;
  int n;
  double c[MOST_CELLS][CELLS_N], r[MOST_CELLS][CELLS_N];
  double up[MOST_CELLS][CELLS_N][CELLS_N]; /* of the cell before, over the pivot blocks */
} cells;

extern const double cells_peclet;

/* From plug flow until a step over the feed is below `tolerance`; how many steps. */
int cells_solve(cells *x, int n, double tolerance);
/* The same cells in time from pure solvent, by CVODE with its band solver, to `end` mean residence times; NULL, with a line on stderr,
 * where it fails. The cells of the end, valid until the next call. */
typedef struct base_solver base_solver;
base_solver *cells_by_cvode(cells *x, int n);
const double *cells_in_time(cells *x, base_solver *solver, double end, double rtol, double atol);
/* The outlet, extrapolated from 3200 and 6400 cells (R. Richardson). */
void cells_extrapolate(cells *x, double *c);

#endif

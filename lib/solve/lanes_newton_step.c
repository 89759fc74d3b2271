/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_newton_step.c - one try of Newton's method at TAUP_LANES points; compiled once a width like lanes_step.c, and with the same promise
 * of equal bits.
 *
 *     A x = f(z),  A = -J(z) as it was factored last in the lane
 *
 * without pivots. Whether x may be believed is seen from what it leaves: with |b - A x| <= t (|b| + |A| |x|), row by row, it solves a
 * system whose numbers differ from these by t of themselves at most (W. Oettli and W. Prager, Numer. Math. 6 (1964) 405).
 *
 * A lane is judged by the comparison matrix M of A: the diagonal of A, and -|A_ij| beside it. Where M x > 0 for an x > 0, the circles of
 * Gershgorin of X^-1 A X, X = diag(x), lie right of 0, and with them all eigenvalues of A: the state is stable (R. S. Varga, Gershgorin
 * and His Circles (Springer 2004), ch. 1.2). x is what an elimination of M makes of a positive b: positive where there is any such x, for
 * then M is an M-matrix (there, appendix C). To be safe from rounding its diagonal D is taken smaller by d = 1e-9 of itself: with
 * M_d x >= -1e-12 |M_d| x, row by row, D x is nearly half of |M_d| x or more, and M x = M_d x + d D x > 0. */
#include "solve/lanes_vector.h"

#define MOST_LEFT 1e-8 /* t: of what factors without pivots may leave */
#define LESS 1e-9      /* d */
#define ROUNDING 1e-12 /* in M_d x, far above that of a sum of 64 */
#define TRACE 1e-200   /* above nothing, and below all that could count */

static inline lanes one(void) { return splat(1.0); }
static inline lanes zero(void) { return splat(0.0); }
static inline lanes half(void) { return splat(0.5); }
/* of a mark, 1 or 0 */
static inline lanes where(lanes mark, lanes x, lanes otherwise) { return choose(mark, half(), x, otherwise); }

/* What the try before led to. */
static void move(taup_lane_newton_work *w)
{
  const lanes d_is_x = at(w->d_is_x, 0), bar_is_x = at(w->bar_is_x, 0), y_is_z = at(w->y_is_z, 0),
              before_is_d = at(w->before_is_d, 0), lambda = at(w->lambda, 0), held = at(w->held, 0),
              y_is_moved = at(w->y_is_moved, 0), nudged = at(w->nudged, 0);
  for (int i = 0; i < w->n; i++) {
    const lanes x = at(w->x, i), d = where(d_is_x, x, at(w->d, i));
    lanes y = where(y_is_z, at(w->z, i), at(w->y, i)), z = y + lambda * d;
    z = where(held, larger(z, at(w->lower, i)), z);
    y = where(y_is_moved, z, y);
    z = where(nudged, choose(magnitude(z), zero(), z, splat(TRACE)), z);
    put(w->d, i, d);
    put(w->bar, i, where(bar_is_x, x, at(w->bar, i)));
    put(w->before, i, where(before_is_d, d, at(w->before, i)));
    put(w->y, i, y);
    put(w->z, i, z);
  }
}

/* A of all lanes, from J in its place; returns not a number where J has none. */
static lanes make_matrix(taup_lane_newton_work *w)
{
  const lanes judged = at(w->judged, 0), fraction = where(judged, splat(1.0 - LESS), one());
  lanes domain = zero();
  for (int j = 0; j < w->n; j++)
    for (int k = w->column_start[j]; k < w->column_start[j + 1]; k++) {
      const lanes J = at(w->A, k);
      domain = domain + no_number(J);
      put(w->A, k, w->row[k] == j ? -fraction * J : where(judged, -magnitude(J), -J));
    }
  return domain;
}

/* L and U of A for the fresh lanes; the others keep theirs. */
static void factorise(taup_lane_newton_work *w)
{
  const taup_lane_lu *lu = w->lu;
  const lanes fresh = at(w->fresh, 0);
  int k = 0;
  for (int e = 0; e < lu->n_entries; e++) {
    lanes x = lu->source[e] >= 0 ? at(w->A, lu->source[e]) : zero();
    for (int p = lu->first[e]; p < lu->first[e + 1]; p++)
      x = fused(-at(w->factors, lu->pairs[2 * p]), at(w->factors, lu->pairs[2 * p + 1]), x);
    if (lu->pivot[e] == -2) {
      put(w->pivots, k, where(fresh, one() / x, at(w->pivots, k)));
      k++;
    } else if (lu->pivot[e] >= 0) x = x * at(w->pivots, lu->pivot[e]);
    put(w->factors, e, where(fresh, x, at(w->factors, e)));
  }
}

/* b, and the weights of the fresh lanes; returns not a number where f has none. */
static lanes make_right_side(taup_lane_newton_work *w)
{
  const lanes judged = at(w->judged, 0), fresh = at(w->fresh, 0);
  lanes domain = zero();
  for (int i = 0; i < w->n; i++) {
    const lanes f = at(w->b, i), size = larger(magnitude(at(w->z, i)), at(w->scale, i));
    domain = domain + no_number(f);
    put(w->b, i, where(judged, size, f));
    put(w->weight, i, where(fresh, one() / size, at(w->weight, i)));
  }
  return domain;
}

/* Whether x of the fresh lanes may be believed, or proves those judged stable. */
static void check(taup_lane_newton_work *w)
{
  const lanes judged = at(w->judged, 0);
  for (int i = 0; i < w->n; i++) {
    const lanes b = where(judged, zero(), at(w->b, i));
    put(w->r, i, b);
    put(w->size, i, magnitude(b));
  }
  for (int j = 0; j < w->n; j++) {
    const lanes x = at(w->x, j);
    for (int k = w->column_start[j]; k < w->column_start[j + 1]; k++) {
      const int i = w->row[k];
      const lanes A = at(w->A, k);
      put(w->r, i, fused(-A, x, at(w->r, i)));
      put(w->size, i, fused(magnitude(A), magnitude(x), at(w->size, i)));
    }
  }
  lanes wrong = zero();
  for (int i = 0; i < w->n; i++) {
    const lanes r = at(w->r, i), most = splat(MOST_LEFT) * at(w->size, i);
    const lanes step = choose(magnitude(r), most, one(), no_number(r));
    const lanes safe = choose(splat(ROUNDING) * at(w->size, i), r, zero(), one());
    const lanes proof = choose(at(w->x, i), zero(), safe, one());
    wrong = wrong + where(judged, proof, step);
  }
  put(w->wrong, 0, wrong);
}

/* Sums of squares of x, of the steps before and of what is told apart by them. */
static void measure(taup_lane_newton_work *w)
{
  const lanes fresh = at(w->fresh, 0), mix = where(fresh, splat(-1.0), at(w->mix, 0));
  lanes of_x = zero(), of_before = zero(), of_bar = zero(), of_mix = zero(), far = zero();
  for (int i = 0; i < w->n; i++) {
    const lanes x = at(w->x, i), bar = at(w->bar, i), weight = at(w->weight, i);
    const lanes other = where(fresh, bar, at(w->d, i));
    const lanes a = x * weight, b = at(w->before, i) * weight, c = bar * weight,
                e = fused(mix, other, x) * weight;
    of_x = fused(a, a, of_x);
    of_before = fused(b, b, of_before);
    of_bar = fused(c, c, of_bar);
    of_mix = fused(e, e, of_mix);
    const lanes room = fused(splat(w->rtol), magnitude(at(w->z, i)), at(w->atol, i));
    far = far + choose(magnitude(x), room, one(), zero());
  }
  put(w->norm_x, 0, of_x);
  put(w->norm_before, 0, of_before);
  put(w->norm_bar, 0, of_bar);
  put(w->norm_mix, 0, of_mix);
  put(w->long_step, 0, far);
}

void JOIN(taup_lane_newton_, TAUP_STEP_NAME)(taup_lane_newton_work *w)
{
  lanes domain = zero();
  move(w);
  if (w->any_fresh) {
    w->evaluate(w->code_J, w->R, w->A, w->callbacks);
    domain = where(at(w->fresh, 0), make_matrix(w), domain);
    factorise(w);
  }
  w->evaluate(w->code_f, w->R, w->b, w->callbacks);
  put(w->domain, 0, domain + make_right_side(w));
  substitute(w->lu, w->factors, w->pivots, w->b, w->room, w->x);
  if (w->any_fresh) check(w);
  measure(w);
}

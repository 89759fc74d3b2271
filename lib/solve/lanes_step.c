/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_step.c - one try at a step of TAUP_LANES points; compiled once a width like expr/eval.c, and with the same promise of equal bits.
 *
 * Vern7:    k_1 = f(y), k_i = f(y + h sum_j a_ij k_j), y1 = y + h sum b_i k_i, error h sum (b_i - b^_i) k_i.
 * Rodas5P:  (I/(h gamma) - J) U_i = f(y + sum_j A_ij U_j) + sum_j C_ij U_j / h + h d_i df/ds, y1 = y + sum_j A_8j U_j + U_8, error U_8.
 *
 * The norm of an error e is  rms_i( e_i / (rtol max(|y_i|, |y1_i|) + atol_i) ). The step may change by 0.9 norm^(-1/p), p = 7 and 5, within
 * 1/5 and 6; logarithm and power are polynomials, good to 1e-4, the same for every width. Lanes without a point have h = 0.
 *
 * What is decided about a step is decided here too, for all lanes at once: a number stored alone and read again as part of a vector waits
 * until the store is done. */
#include "solve/lane_tables.h"
#include "solve/lanes_vector.h"

/* Of a lane without a point in Rodas5P: next to nothing happens, and no pivot is so large that products of its reciprocal are denormal,
 * which cost a hundred times a product. */
#define IDLE_STEP 1e-15

#define FIRST_CHANGE 0.1 /* of the state, relative to its largest, in the first step */

/* --- the size of the next step --- */

/* log2 of a positive number: its exponent and a polynomial of its mantissa, within 1e-4. */
static inline lanes rough_log2(lanes x)
{
  const mask bits = bits_of(x), one = bits_of(splat(1.0)),
             low = bits_of(splat(4503599627370496.0)); /* 2^52 */
  const lanes m = of_bits((bits & 0xfffffffffffffu) | one);
  const lanes exponent = of_bits((bits >> 52) | low) - splat(4503599627370496.0 + 1023.0);
  lanes p = fused(splat(-0.08001087690680743), m, splat(0.6355111165203112));
  p = fused(p, m, splat(-2.0994022811882416));
  p = fused(p, m, splat(4.049616892586053));
  return exponent + fused(p, m, splat(-2.505614661980055));
}

/* 2^x for |x| < 1000, within 1e-4. */
static inline lanes rough_exp2(lanes x)
{
  const lanes round =
    splat(6755399441055744.0); /* 1.5 2^52: what is added to it is rounded to a whole number */
  const lanes t = x + round, f = x - (t - round);
  lanes p = fused(splat(0.05592203564726423), f, splat(0.24264008283277128));
  p = fused(p, f, splat(0.693121033991546));
  p = fused(p, f, splat(0.9999244814555226));
  return of_bits(bits_of(p) + (bits_of(t) << 52));
}

/* From the mean square of the error; not a number where that is none. */
static inline __attribute__((always_inline)) lanes change_of_step(lanes square, double order)
{
  const lanes safe = smaller(larger(square, splat(1e-30)), splat(1e30));
  const lanes wish = splat(0.9) * rough_exp2(splat(-0.5 / order) * rough_log2(safe));
  return smaller(larger(wish, splat(0.2)), splat(6.0));
}

static inline lanes scale_of(const taup_lane_work *w, int i)
{
  return fused(splat(w->rtol), larger(magnitude(at(w->y, i)), magnitude(at(w->y1, i))), at(w->atol, i));
}

/* Reciprocals of the scales of the error, four by one division: divisions would be a tenth of a step. Not numbers where the product of the
 * four overflows: such a step is none. */
static const double *per_scale(taup_lane_work *w)
{
  double *out = w->stage[TAUP_LANE_STAGES - 1]; /* free until the next stage that uses it */
  int i = 0;
  for (; i + 4 <= w->n; i += 4) {
    const lanes a = scale_of(w, i), b = scale_of(w, i + 1), c = scale_of(w, i + 2), d = scale_of(w, i + 3);
    const lanes ab = a * b, cd = c * d, p = ab * cd;
    const lanes r = splat(1.0) / p + no_number(p), per_ab = r * cd, per_cd = r * ab;
    put(out, i, per_ab * b);
    put(out, i + 1, per_ab * a);
    put(out, i + 2, per_cd * d);
    put(out, i + 3, per_cd * c);
  }
  for (; i < w->n; i++) put(out, i, splat(1.0) / scale_of(w, i));
  return out;
}

/* The first step of lanes that have none: a small change of the largest amount by the largest slope. */
static void first_steps(taup_lane_work *w, const double *slope)
{
  lanes y = splat(1.0), f = splat(0.0);
  for (int i = 0; i < w->n; i++) {
    y = larger(y, magnitude(at(w->y, i)) * at(w->per_atol, i));
    f = larger(f, magnitude(at(slope, i)) * at(w->per_atol, i));
  }
  const lanes h = choose(f, splat(0.0), splat(FIRST_CHANGE) * y / f, splat(1.0)), wish = at(w->h, 0);
  put(w->h, 0, choose(wish, splat(0.0), wish, smaller(larger(h, splat(1e-14)), splat(1.0))));
  w->fresh = false;
}

/* Not beyond the end, and two equal steps rather than a long and a tiny one. */
static void fit_steps(taup_lane_work *w)
{
  const lanes s = at(w->s, 0), h = at(w->h, 0), rest = splat(1.0) - s, most = rest * splat(1.0 - 1e-12);
  const lanes fit = choose(most, h, choose(splat(2.0) * h, rest, splat(0.5) * rest, h), rest);
  put(w->h, 0, fit);
  put(w->s1, 0, choose(most, h, s + fit, splat(1.0)));
  put(w->over, 0, choose(most, h, splat(0.0), splat(1.0)));
}

/* order is known where this is compiled: a division would be waited for. */
static inline __attribute__((always_inline)) void finish(taup_lane_work *w, lanes sum, double order)
{
  const lanes square = sum * splat(w->per_n);
  put(w->error, 0, square);
  put(w->factor, 0, change_of_step(square, order));
}

static inline void copy(double *to, const double *from, int n)
{
  for (int i = 0; i < n; i++) put(to, i, at(from, i));
}

static inline int evaluate(const taup_lane_work *w, const int *code, vector out)
{
  return w->evaluate(code, w->R, out, w->callbacks);
}

/* --- what f takes from outside --- */

/* At the place c of the step, for the lanes that have a point. */
static void ask_force(taup_lane_work *w, double c, bool slopes)
{
  int point[TAUP_LANES] = {0}, lane_of[TAUP_LANES], n = 0;
  double s[TAUP_LANES] = {0.0}, a[TAUP_LANES], slope[TAUP_LANES];
  for (int lane = 0; lane < TAUP_LANES; lane++) {
    if (!(w->busy[lane] > 0.0)) continue;
    lane_of[n] = lane;
    point[n] = w->point[lane];
    s[n++] = c < 1.0 ? w->s[lane] + c * w->h[lane] : w->s1[lane];
  }
  w->force(w->force_user, n, point, s, a, slopes ? slope : NULL);
  for (int k = 0; k < n; k++) w->forced[lane_of[k]] = a[k];
  for (int k = 0; slopes && k < n; k++) w->forced_slope[lane_of[k]] = slope[k];
}

/* Where the stage before stood at the same place a is there already. */
static inline void force(taup_lane_work *w, double c, double before)
{
  if (w->force && c != before) ask_force(w, c, false);
}

/* df/ds = df/da da/ds at the start of the step, f being linear in a; a stands there afterwards. */
static void find_drift(taup_lane_work *w)
{
  put(w->forced, 0, splat(1.0));
  evaluate(w, w->code_f, w->b);
  put(w->forced, 0, splat(0.0));
  evaluate(w, w->code_f, w->drift);
  put(w->forced_slope, 0, splat(0.0)); /* of lanes without a point */
  ask_force(w, 0.0, true);
  for (int i = 0; i < w->n; i++) put(w->drift, i, at(w->forced_slope, 0) * (at(w->b, i) - at(w->drift, i)));
}

/* --- Vern7 --- */

#define C(x) splat(x)
#define K(j) at(k[j], i)
/* k_s: the state is put where f reads it. */
#define STAGE(s, sum)                                                         \
  for (int i = 0; i < n; i++) put(w->state, i, fused(h, (sum), at(w->y, i))); \
  if ((s) == 9) copy(w->b, w->state, n);                                      \
  force(w, VERN7_PLACE(s), VERN7_PLACE((s)-1));                               \
  evaluate(w, w->code_f, w->stage[(s)-1]);                                    \
  if (w->n_q > 0 && ((s) >= 4 && (s) <= 9)) add_q(w, VERN7_WEIGHT(s));

static inline void add_q(taup_lane_work *w, double weight)
{
  const lanes h = at(w->h, 0) * splat(weight);
  evaluate(w, w->code_q, w->q_stage);
  for (int i = 0; i < w->n_q; i++) put(w->q1, i, fused(h, at(w->q_stage, i), at(w->q1, i)));
}

/* Between stages 9 and 10, both at the end of the step: (k10 - k9) / (g10 - g9) is a rough largest eigenvalue (E. Hairer and G. Wanner,
 * Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.2). */
static void measure(taup_lane_work *w)
{
  const lanes h = at(w->h, 0);
  const double *const *stage = (const double *const *)w->stage;
  const double *scales = per_scale(w);
  lanes sum = splat(0.0), slopes = splat(0.0), states = splat(0.0);
  for (int i = 0; i < w->n; i++) {
    const double *const *k = stage - 1;
    const lanes scale = at(scales, i), error = h * (VERN7_ERROR)*scale;
    const lanes dk = (K(10) - K(9)) * scale, dg = (at(w->state, i) - at(w->b, i)) * scale;
    sum = fused(error, error, sum) + no_number(at(w->y1, i));
    slopes = fused(dk, dk, slopes);
    states = fused(dg, dg, states);
  }
  put(w->stiffness, 0, h * h * slopes / larger(states, splat(1e-300)));
  finish(w, sum, 7.0);
}

/* The dense output's change at theta, over h. */
static inline lanes dense_change(const taup_lane_work *w, const double *b, int i)
{
  lanes sum = splat(0.0);
  for (int k = 0; k < VERN7_DENSE_STAGES; k++)
    sum = fused(splat(b[k]), at(w->stage[vern7_dense_stage[k] - 1], i), sum);
  return sum;
}

/* A species that is used up at once, far faster than the step, is right at the step's end while it is below all tolerances; the stages of
 * the dense output can blow it up. Such a step is none: within it the state stays near the ends and the slope at its start. */
static void check_dense(taup_lane_work *w)
{
  const lanes h = at(w->h, 0), zero = splat(0.0), one = splat(1.0);
  lanes wrong = zero;
  for (int m = 0; m < 2; m++) {
    for (int i = 0; i < w->n; i++) {
      const lanes change = h * dense_change(w, w->dense_weights[m], i), step = at(w->y1, i) - at(w->y, i);
      const lanes near = magnitude(step) + magnitude(h * at(w->stage[0], i));
      const lanes room = fused(splat(10.0), near, splat(1000.0) * scale_of(w, i));
      wrong = wrong + choose(magnitude(change), room, one, zero) + no_number(change);
    }
  }
  put(w->error, 0, choose(splat(0.5), wrong, at(w->error, 0), splat((double)INFINITY)));
}

static void dense_stages(taup_lane_work *w)
{
  const int n = w->n;
  const double *const *k = (const double *const *)w->stage - 1;
  const lanes h = at(w->h, 0);
  VERN7_EXTRA_STAGES(STAGE)
}

void JOIN(taup_vern7_, TAUP_STEP_NAME)(taup_lane_work *w)
{
  const int n = w->n;
  const double *const *k = (const double *const *)w->stage - 1;
  copy(w->state, w->y, n);
  force(w, 0.0, -1.0);
  evaluate(w, w->code_f, w->stage[0]);
  if (w->fresh) first_steps(w, w->stage[0]);
  fit_steps(w);
  const lanes h = at(w->h, 0);
  if (w->n_q > 0) {
    copy(w->q1, w->q, w->n_q);
    add_q(w, VERN7_WEIGHT(1));
  }
  VERN7_STAGES(STAGE)
  for (int i = 0; i < n; i++) put(w->y1, i, fused(h, (VERN7_STEP), at(w->y, i)));
  measure(w);
  if (!w->dense) return;
  dense_stages(w);
  check_dense(w);
}

/* --- Rodas5P --- */

/* L and U of w I - J; pivots hold their reciprocals. A pivot that has lost eight digits against w makes the error infinite. */
static lanes factorise(taup_lane_work *w, lanes shift)
{
  const taup_lane_lu *lu = w->lu;
  double *F = w->factors;
  lanes least = shift;
  int k = 0;
  for (int e = 0; e < lu->n_entries; e++) {
    lanes x = lu->source[e] >= 0 ? -at(w->J, lu->source[e]) : splat(0.0);
    if (lu->pivot[e] == -2) x = x + shift;
    for (int p = lu->first[e]; p < lu->first[e + 1]; p++)
      x = fused(-at(F, lu->pairs[2 * p]), at(F, lu->pairs[2 * p + 1]), x);
    if (lu->pivot[e] == -2) {
      least = smaller(least, magnitude(x));
      put(w->pivots, k++, splat(1.0) / x);
    } else if (lu->pivot[e] >= 0) x = x * at(w->pivots, lu->pivot[e]);
    put(F, e, x);
  }
  return least;
}

/* sum over the stages before s of factors[j] U_j of state i; s is known where it is compiled. */
static inline __attribute__((always_inline)) lanes combine(const taup_lane_work *w, const double *factors,
                                                           int s, int i)
{
  lanes x = splat(0.0);
  for (int j = 0; j < s; j++) x = fused(splat(factors[j]), at(w->stage[j], i), x);
  return x;
}

/* Integrals as states that nothing depends on: U_q = h gamma (q + dq/dy U + sum_j C_ij U_qj / h). A quadrature along the dense output would
 * not do: of a fast equilibrium the rates there are large differences of what the output leaves open. */
static void integrate_stage(taup_lane_work *w, int s, lanes per_h)
{
  const lanes of_step = splat(rodas_gamma) / per_h;
  for (int k = 0; k < w->n_q; k++) {
    lanes sum = splat(0.0), x = at(w->q_stage, k);
    for (int j = 0; j < s; j++) sum = fused(splat(rodas_C[s][j]), at(w->q_U, j * w->n_q + k), sum);
    x = fused(per_h, sum, x);
    for (int e = w->q_first[k]; e < w->q_first[k + 1]; e++)
      x = fused(at(w->q_slopes, e), at(w->stage[s], w->q_state[e]), x);
    put(w->q_U, s * w->n_q + k, of_step * x);
  }
}

static void end_integrals(taup_lane_work *w)
{
  for (int k = 0; k < w->n_q; k++) {
    lanes q = at(w->q, k);
    for (int j = 0; j < RODAS_STAGES - 1; j++)
      q = fused(splat(rodas_A[RODAS_STAGES - 1][j]), at(w->q_U, j * w->n_q + k), q);
    put(w->q1, k, q + at(w->q_U, (RODAS_STAGES - 1) * w->n_q + k));
  }
}

static inline __attribute__((always_inline)) void rodas_stage(taup_lane_work *w, const int s, lanes per_h)
{
  double *sums = w->stage[RODAS_STAGES]; /* of C, while the U_j are at hand for those of A */
  for (int i = 0; i < w->n; i++) {
    put(w->state, i, at(w->y, i) + combine(w, rodas_A[s], s, i));
    put(sums, i, combine(w, rodas_C[s], s, i));
  }
  if (s == RODAS_STAGES - 1) copy(w->y1, w->state, w->n);
  force(w, rodas_c[s], s > 0 ? rodas_c[s - 1] : 0.0);
  evaluate(w, w->code_f, w->b);
  if (w->n_q > 0) evaluate(w, w->code_q, w->q_stage);
  for (int i = 0; i < w->n; i++) put(w->b, i, fused(per_h, at(sums, i), at(w->b, i)));
  for (int i = 0; w->force && i < w->n; i++)
    put(w->b, i, fused(splat(rodas_d[s]) * at(w->h, 0), at(w->drift, i), at(w->b, i)));
  /* the state is written anew before f reads it */
  substitute(w->lu, w->factors, w->pivots, w->b, w->state, w->stage[s]);
  if (w->n_q > 0) integrate_stage(w, s, per_h);
}

void JOIN(taup_rodas_, TAUP_STEP_NAME)(taup_lane_work *w)
{
  const int n = w->n;
  copy(w->state, w->y, n);
  if (w->force) find_drift(w);
  evaluate(w, w->code_J, w->J);
  if (w->n_q > 0) evaluate(w, w->code_q_slopes, w->q_slopes);
  if (w->fresh) {
    evaluate(w, w->code_f, w->stage[0]);
    first_steps(w, w->stage[0]);
  }
  fit_steps(w);
  const lanes h = at(w->h, 0), per_h = splat(1.0) / choose(h, splat(0.0), h, splat(IDLE_STEP));
  const lanes shift = per_h * splat(1.0 / rodas_gamma);
  const lanes least = factorise(w, shift);
  rodas_stage(w, 0, per_h);
  rodas_stage(w, 1, per_h);
  rodas_stage(w, 2, per_h);
  rodas_stage(w, 3, per_h);
  rodas_stage(w, 4, per_h);
  rodas_stage(w, 5, per_h);
  rodas_stage(w, 6, per_h);
  rodas_stage(w, 7, per_h);
  const double *U8 = w->stage[RODAS_STAGES - 1];
  end_integrals(w);
  for (int i = 0; i < n; i++) put(w->y1, i, at(w->y1, i) + at(U8, i));
  const double *scales = per_scale(w);
  lanes sum = splat(0.0);
  for (int i = 0; i < n; i++) {
    const lanes error = at(U8, i) * at(scales, i);
    sum = fused(error, error, sum) + no_number(at(w->y1, i));
  }
  sum = choose(least, splat(1e-8) * shift, sum, splat((double)INFINITY));
  put(w->stiffness, 0, splat(0.0));
  finish(w, sum, 5.0);
}

/* --- after a try --- */

/* 1 where a > b, 0. */
static inline lanes is_above(lanes a, lanes b) { return choose(a, b, splat(1.0), splat(0.0)); }

/* What a step taken, or refused, changes in the next one's size. Not at once back to what was refused. */
static inline lanes change_after(const taup_lane_work *w, lanes taken)
{
  const lanes factor = at(w->factor, 0), calm = smaller(factor, splat(1.0));
  const lanes after_step = choose(at(w->refused, 0), splat(0.0), calm, factor);
  const lanes is_number = splat(1.0) + no_number(at(w->error, 0));
  const lanes after_none = choose(is_number, splat(0.5), smaller(factor, splat(0.9)), splat(0.25));
  return choose(taken, splat(0.5), after_step, after_none);
}

static inline void count_tries(taup_lane_work *w, lanes taken)
{
  const lanes half = splat(0.5), zero = splat(0.0), one = splat(1.0);
  const lanes held =
    choose(at(w->stiffness, 0), splat(TAUP_LANE_EDGE * TAUP_LANE_EDGE), at(w->held, 0) + one, zero);
  put(w->n_steps, 0, at(w->n_steps, 0) + taken);
  put(w->n_refused, 0, at(w->n_refused, 0) + (one - taken));
  put(w->refused, 0, choose(taken, half, zero, at(w->refused, 0) + one));
  put(w->held, 0, choose(taken, half, held, at(w->held, 0)));
}

bool JOIN(taup_lane_take_, TAUP_STEP_NAME)(taup_lane_work *w)
{
  const lanes half = splat(0.5), one = splat(1.0), taken = is_above(splat(1.0 + 0x1p-52), at(w->error, 0));
  const lanes h = at(w->h, 0) * change_after(w, taken), s = choose(taken, half, at(w->s1, 0), at(w->s, 0));
  for (int i = 0; i < w->n; i++) put(w->y, i, choose(taken, half, at(w->y1, i), at(w->y, i)));
  for (int i = 0; i < w->n_q; i++) put(w->q, i, choose(taken, half, at(w->q1, i), at(w->q, i)));
  count_tries(w, taken);
  put(w->h, 0, h);
  put(w->s, 0, s);
  const lanes stands = (one - is_above(s + h, s)) * (one - taken);
  const lanes many = is_above(at(w->refused, 0), splat(w->most_refused - 0.5)) +
                     is_above(at(w->held, 0), splat(w->most_held - 0.5)) +
                     is_above(at(w->n_steps, 0) + at(w->n_refused, 0), splat(w->most_tries - 0.5));
  put(w->event, 0, at(w->busy, 0) * (taken * at(w->over, 0) + stands + many));
  uint64_t any = 0; /* of the bits: of numbers not below 0; a sum would be waited for */
  for (int lane = 0; lane < TAUP_LANES; lane++) {
    uint64_t bits;
    memcpy(&bits, w->event + lane, sizeof bits);
    any |= bits;
  }
  return any != 0;
}

/* --- the dense output of one lane --- */

typedef double powers __attribute__((vector_size(VERN7_DENSE_POWERS * sizeof(double))));

static void vern7_path(const taup_lane_work *w, int lane)
{
  const double h = w->h[lane];
  for (int i = 0; i < w->n; i++) {
    powers sum = {0.0}, row;
    for (int k = 0; k < VERN7_DENSE_STAGES; k++) {
      memcpy(&row, vern7_dense[k], sizeof row);
      sum += row * (h * w->stage[vern7_dense_stage[k] - 1][i * TAUP_LANES + lane]);
    }
    memcpy(w->path + i * TAUP_LANE_PATH, &sum, sizeof sum);
  }
}

static void rodas_path(const taup_lane_work *w, int lane)
{
  for (int i = 0; i < w->n; i++)
    for (int m = 0; m < 3; m++) {
      double sum = 0.0;
      for (int k = 0; k < RODAS_STAGES; k++) sum += rodas_H[m][k] * w->stage[k][i * TAUP_LANES + lane];
      w->path[i * TAUP_LANE_PATH + m] = sum;
    }
}

void JOIN(taup_lane_path_, TAUP_STEP_NAME)(const taup_lane_work *w, int lane, bool stiff)
{
  if (stiff) rodas_path(w, lane);
  else vern7_path(w, lane);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* network.c - conserved moieties: a basis of { L : L N = 0 } for the stoichiometry N (species by
 * reactions).
 *
 * Every species stands for its class in Q^species / span(columns of N). A reaction says that a
 * combination of classes is nothing, so that one species can be written in the others ("ortho = DFNB +
 * Pyrr"). When all reactions are used up, each species is a combination of the representatives that are
 * left, and its coefficient of representative r is the entry of moiety r: the sum of coefficient times
 * amount does not change, because every reaction is nothing. The rows are independent (the identity
 * stands at the representatives) and as many as the null space has dimensions. Conservation analysis: R. R.
 * Vallabhajosyula, V. Chickarmane and H. M. Sauro, Bioinformatics 22 (2006) 346, doi
 * 10.1093/bioinformatics/bti800; the elimination is Gauss's, by columns.
 *
 * Two-term reactions merge classes like a union-find, shorter list into longer, so they go first; longer
 * ones are mostly nothing by then.
 *
 * Invariant: expressions hold representatives only, sorted by species, without zeros; `users` of a
 * representative lists at least the species whose expression holds it (a species that no longer does may
 * still stand there). Arithmetic is exact, in fractions of int64; an overflow ends it. */
#include "chem/network.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "chem/moiety.h"

/* --- fractions --- */

typedef struct fraction {
  int64_t n, d; /* d > 0, without common factor */
} fraction;

static fraction reduced(int64_t n, int64_t d)
{
  if (d == 1) return (fraction){n, 1};
  const int64_t g = taup_gcd(n, d);
  return (fraction){n / g, d / g};
}

/* Whether x stayed in range. */
static bool multiply(fraction a, fraction b, fraction *x)
{
  if (a.d == 1 && b.d == 1) {
    x->d = 1;
    return !__builtin_mul_overflow(a.n, b.n, &x->n) && x->n != INT64_MIN;
  }
  const int64_t g = taup_gcd(a.n, b.d), h = taup_gcd(b.n, a.d);
  return !__builtin_mul_overflow(a.n / g, b.n / h, &x->n) &&
         !__builtin_mul_overflow(a.d / h, b.d / g, &x->d) && x->n != INT64_MIN;
}

static bool add(fraction a, fraction b, fraction *x)
{
  int64_t left, right, n, d;
  if (a.d == 1 && b.d == 1) {
    x->d = 1;
    return !__builtin_add_overflow(a.n, b.n, &x->n) && x->n != INT64_MIN;
  }
  const int64_t g = taup_gcd(a.d, b.d);
  if (__builtin_mul_overflow(a.n, b.d / g, &left) || __builtin_mul_overflow(b.n, a.d / g, &right) ||
      __builtin_add_overflow(left, right, &n) || __builtin_mul_overflow(a.d, b.d / g, &d) || n == INT64_MIN)
    return false;
  *x = reduced(n, d);
  return true;
}

static bool divide(fraction a, fraction b, fraction *x)
{
  const fraction inverse = b.n < 0 ? (fraction){-b.d, -b.n} : (fraction){b.d, b.n};
  return multiply(a, inverse, x);
}

/* The fraction of smallest denominator within rounding of x, by its continued fraction. Beyond a denominator of
 * 1e6 any number would be one. */
static bool fraction_of(double x, fraction *out)
{
  const double largest = 1e9, finest = 1e6;
  double rest = x, n = 1.0, n_before = 0.0, d = 0.0, d_before = 1.0;
  if (!(fabs(x) < largest)) return false;
  for (int i = 0; i < 40; i++) {
    const double whole = floor(rest), n_next = whole * n + n_before, d_next = whole * d + d_before;
    if (fabs(n_next) > largest || d_next > finest) return false;
    n_before = n, d_before = d, n = n_next, d = d_next;
    if (fabs(n / d - x) <= 4e-16 * fabs(x)) break;
    rest = 1.0 / (rest - whole);
  }
  *out = reduced((int64_t)n, (int64_t)d);
  return fabs(n / d - x) <= 4e-16 * fabs(x);
}

/* --- sparse sums --- */

typedef struct term {
  int species;
  fraction x;
} term;

typedef struct sum {
  term *terms;
  int n, capacity;
} sum;

typedef struct list {
  int *items;
  int n, capacity;
} list;

/* The elimination. acc is a dense accumulator: acc[i] counts while mark[i] == stamp; touched lists those
 * i. */
typedef struct work {
  int n_species;
  sum *expression; /* by species */
  list *users;     /* by representative */
  fraction *acc;
  int *mark, stamp;
  list touched;
  sum reaction; /* the reduced reaction */
  sum replacement;
} work;

static tau_status too_intricate(void)
{
  return taup_fail(TAUP_ERR_NO_CONSERVED_SUMS,
                   "the stoichiometric coefficients are too intricate for whole-number "
                   "arithmetic: conserved sums are not found");
}

static tau_status push(list *l, int item)
{
  TAU_TRY(taup_grow(&l->items, &l->capacity, l->n + 1, sizeof *l->items));
  l->items[l->n++] = item;
  return TAU_OK;
}

static void begin(work *w)
{
  w->stamp++;
  w->touched.n = 0;
}

/* acc += factor * s */
static tau_status accumulate(work *w, fraction factor, const sum *s)
{
  for (int k = 0; k < s->n; k++) {
    const int i = s->terms[k].species;
    fraction x;
    if (!multiply(factor, s->terms[k].x, &x)) return too_intricate();
    if (w->mark[i] != w->stamp) {
      w->mark[i] = w->stamp;
      w->acc[i] = x;
      TAU_TRY(push(&w->touched, i));
    } else if (!add(w->acc[i], x, &w->acc[i])) {
      return too_intricate();
    }
  }
  return TAU_OK;
}

static int by_species(const void *a, const void *b)
{
  const int i = *(const int *)a, j = *(const int *)b;
  return (i > j) - (i < j);
}

/* The accumulator without zeros, sorted. */
static tau_status gather(work *w, sum *out)
{
  list *t = &w->touched;
  if (t->n > 1) qsort(t->items, (size_t)t->n, sizeof *t->items, by_species);
  TAU_TRY(taup_grow(&out->terms, &out->capacity, t->n, sizeof *out->terms));
  out->n = 0;
  for (int k = 0; k < t->n; k++)
    if (w->acc[t->items[k]].n != 0) out->terms[out->n++] = (term){t->items[k], w->acc[t->items[k]]};
  return TAU_OK;
}

/* --- elimination --- */

static tau_status reduce(work *w, const taup_stoichiometry *s, int j)
{
  begin(w);
  for (int k = s->start[j]; k < s->start[j + 1]; k++) {
    fraction x;
    if (!fraction_of(s->coefficient[k], &x))
      return taup_fail(
        TAUP_ERR_NO_CONSERVED_SUMS,
        "the stoichiometric coefficient %.17g is no fraction (denominator up to 1e6): conserved "
        "sums are not found",
        s->coefficient[k]);
    TAU_TRY(accumulate(w, x, &w->expression[s->species[k]]));
  }
  return gather(w, &w->reaction);
}

static bool is_unit(fraction x) { return (x.n == 1 || x.n == -1) && x.d == 1; }

/* Whose sign stands alone is a sum of the others without minus: that keeps moieties non-negative. A long
 * list of users is worth avoiding at any rate; coefficients of +-1 keep the numbers whole. */
static int choose_pivot(const work *w)
{
  const sum *r = &w->reaction;
  int n_positive = 0, fewest = INT_MAX, best = -1, best_score = INT_MIN;
  for (int k = 0; k < r->n; k++) {
    const int n = w->users[r->terms[k].species].n;
    n_positive += r->terms[k].x.n > 0;
    if (n < fewest) fewest = n;
  }
  for (int k = 0; k < r->n; k++) {
    const int n = w->users[r->terms[k].species].n;
    const bool alone = (r->terms[k].x.n > 0 ? n_positive : r->n - n_positive) == 1;
    const bool cheap = n / 8 <= fewest + 8;
    const int score = 4 * cheap + 2 * alone + is_unit(r->terms[k].x);
    const bool fewer = best >= 0 && score == best_score && n < w->users[r->terms[best].species].n;
    if (score > best_score || fewer) best = k, best_score = score;
  }
  return best;
}

/* replacement: pivot = sum of the others */
static tau_status solve_for(work *w, int pivot)
{
  const sum *r = &w->reaction;
  sum *out = &w->replacement;
  const fraction p = r->terms[pivot].x, minus_p = {-p.n, p.d};
  TAU_TRY(taup_grow(&out->terms, &out->capacity, r->n, sizeof *out->terms));
  out->n = 0;
  for (int k = 0; k < r->n; k++) {
    if (k == pivot) continue;
    fraction x;
    if (!divide(r->terms[k].x, minus_p, &x)) return too_intricate();
    out->terms[out->n++] = (term){r->terms[k].species, x};
  }
  return TAU_OK;
}

static const term *find(const sum *s, int species)
{
  int from = 0, to = s->n;
  while (from < to) {
    const int middle = (from + to) / 2;
    if (s->terms[middle].species < species) from = middle + 1;
    else to = middle;
  }
  return from < s->n && s->terms[from].species == species ? &s->terms[from] : NULL;
}

/* expression[i] with the pivot replaced */
static tau_status replace_in(work *w, int i, int pivot_species)
{
  sum *e = &w->expression[i];
  const term *old = find(e, pivot_species);
  if (!old) return TAU_OK; /* a user no more */
  const fraction factor = old->x, minus = {-factor.n, factor.d};
  const sum only_pivot = {&(term){pivot_species, {1, 1}}, 1, 1};
  begin(w);
  TAU_TRY(accumulate(w, (fraction){1, 1}, e));
  const int n_before = w->touched.n;
  TAU_TRY(accumulate(w, minus, &only_pivot));
  TAU_TRY(accumulate(w, factor, &w->replacement));
  for (int k = n_before; k < w->touched.n; k++) TAU_TRY(push(&w->users[w->touched.items[k]], i));
  return gather(w, e);
}

static tau_status eliminate(work *w)
{
  const int pivot = choose_pivot(w), species = w->reaction.terms[pivot].species;
  TAU_TRY(solve_for(w, pivot));
  list *users = &w->users[species];
  for (int k = 0; k < users->n; k++) TAU_TRY(replace_in(w, users->items[k], species));
  taup_free(users->items);
  *users = (list){0};
  return TAU_OK;
}

/* One pass over the reactions that are left: those of at most `longest` terms are used, those that
 * vanish are dropped. */
static tau_status pass(work *w, const taup_stoichiometry *s, int longest, list *left, bool *used)
{
  int kept = 0;
  *used = false;
  for (int k = 0; k < left->n; k++) {
    const int j = left->items[k];
    TAU_TRY(reduce(w, s, j));
    if (w->reaction.n == 0) continue;
    if (w->reaction.n > longest) {
      left->items[kept++] = j;
      continue;
    }
    TAU_TRY(eliminate(w));
    *used = true;
  }
  left->n = kept;
  return TAU_OK;
}

/* Short reactions first: they fill nothing in. Passes are bounded, then what is left is taken as it comes. */
static tau_status run(work *w, const taup_stoichiometry *s, list *left)
{
  int longest = 2;
  for (int n_passes = 0; left->n > 0; n_passes++) {
    bool used;
    TAU_TRY(pass(w, s, n_passes < 40 ? longest : INT_MAX, left, &used));
    longest = used ? 2 : longest + 1;
  }
  return TAU_OK;
}

static tau_status prepare(work *w, const taup_stoichiometry *s, list *left)
{
  const size_t n = (size_t)s->n_species;
  w->n_species = s->n_species;
  if (!(w->expression = taup_calloc(n, sizeof *w->expression)) ||
      !(w->users = taup_calloc(n, sizeof *w->users)) || !(w->acc = taup_calloc(n, sizeof *w->acc)) ||
      !(w->mark = taup_calloc(n, sizeof *w->mark)))
    return TAU_E_NOMEM;
  for (int i = 0; i < s->n_species; i++) {
    sum *e = &w->expression[i];
    TAU_TRY(taup_grow(&e->terms, &e->capacity, 1, sizeof *e->terms));
    e->terms[e->n++] = (term){i, {1, 1}};
    TAU_TRY(push(&w->users[i], i));
  }
  for (int j = 0; j < s->n_reactions; j++) TAU_TRY(push(left, j));
  return TAU_OK;
}

static void release(work *w)
{
  for (int i = 0; i < w->n_species; i++) {
    if (w->expression) taup_free(w->expression[i].terms);
    if (w->users) taup_free(w->users[i].items);
  }
  taup_free(w->expression);
  taup_free(w->users);
  taup_free(w->acc);
  taup_free(w->mark);
  taup_free(w->touched.items);
  taup_free(w->reaction.terms);
  taup_free(w->replacement.terms);
}

/* --- rows --- */

/* Row of each representative that some reaction touches, -1 elsewhere; returns their number. An
 * untouched species is its own representative and nobody else's. */
static int number_rows(const work *w, const taup_stoichiometry *s, int *row)
{
  int n = 0;
  for (int i = 0; i < s->n_species; i++) row[i] = -1;
  for (int k = 0; k < s->start[s->n_reactions]; k++) row[s->species[k]] = -2;
  for (int i = 0; i < s->n_species; i++) {
    const bool representative = w->expression[i].n == 1 && w->expression[i].terms[0].species == i;
    row[i] = row[i] == -2 && representative ? n++ : -1;
  }
  return n;
}

/* Least common denominator of each row, the factor to whole numbers. */
static tau_status common_denominators(const work *w, const int *row, int64_t *factor)
{
  for (int i = 0; i < w->n_species; i++)
    for (int k = 0; k < w->expression[i].n; k++) {
      const term *t = &w->expression[i].terms[k];
      const int r = row[t->species];
      if (r < 0 || t->x.d == 1) continue;
      if (__builtin_mul_overflow(factor[r] / taup_gcd(factor[r], t->x.d), t->x.d, &factor[r]))
        return too_intricate();
    }
  return TAU_OK;
}

static tau_status fill_rows(const work *w, const int *row, const int64_t *factor, taup_moiety_rows *rows)
{
  for (int i = 0; i < w->n_species; i++)
    for (int k = 0; k < w->expression[i].n; k++) {
      const term *t = &w->expression[i].terms[k];
      const int r = row[t->species];
      int64_t x;
      if (r < 0) continue;
      if (__builtin_mul_overflow(t->x.n, factor[r] / t->x.d, &x)) return too_intricate();
      TAU_TRY(taup_moiety_row_add(&rows->rows[r], i, x));
    }
  return TAU_OK;
}

static tau_status transpose(const work *w, const taup_stoichiometry *s, taup_moiety_rows *rows)
{
  tau_status st = TAU_OK;
  int64_t *factor = NULL;
  int *row = taup_calloc((size_t)s->n_species, sizeof *row);
  if (!row) return TAU_E_NOMEM;
  const int n = number_rows(w, s, row);
  if ((st = taup_moiety_rows_new(rows, n)) < 0) goto done;
  if (!(factor = taup_calloc((size_t)n, sizeof *factor))) {
    st = TAU_E_NOMEM;
    goto done;
  }
  for (int r = 0; r < n; r++) factor[r] = 1;
  if ((st = common_denominators(w, row, factor)) < 0) goto done;
  st = fill_rows(w, row, factor, rows);
done:
  taup_free(factor);
  taup_free(row);
  return st;
}

tau_status taup_moieties(const taup_stoichiometry *s, taup_arena *arena, int *n_moieties,
                         const taup_moiety **out)
{
  tau_status st;
  work w = {0};
  list left = {0};
  taup_moiety_rows rows = {0};
  *n_moieties = 0;
  *out = NULL;
  if ((st = prepare(&w, s, &left)) < 0) goto done;
  if ((st = run(&w, s, &left)) < 0) goto done;
  if ((st = transpose(&w, s, &rows)) < 0) goto done;
  if ((st = taup_moiety_rows_improve(&rows, s->n_species)) < 0) goto done;
  st = taup_moiety_rows_store(&rows, arena, n_moieties, out);
done:
  taup_moiety_rows_free(&rows);
  taup_free(left.items);
  release(&w);
  return st;
}

double taup_net_coefficient(const taup_stoichiometry *s, int j, int species)
{
  for (int e = s->start[j]; e < s->start[j + 1]; e++)
    if (s->species[e] == species) return s->coefficient[e];
  return 0.0;
}

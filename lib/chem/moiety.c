/* SPDX-License-Identifier: Apache-2.0 */
/* moiety.c - a readable basis of the conserved sums.
 *
 * Any basis is right; a chemist reads "DFNB + ortho + para + bis", not a difference of two such sums.
 * Rows are improved by exact steps
 *
 *     row_i <- (a row_i + b row_k) / gcd,      a > 0
 *
 * which keep the space: first b > 0 to take negative terms out, then b < 0 to take common terms out, as
 * long as the row gets better (fewer negative terms; as many of them and fewer terms). Partners are
 * found through the species they share; the number of tries is bounded, so that a network of many
 * moieties stays cheap.
 *
 * Invariant: terms are sorted by species, without zeros; coefficients of a row have no common factor
 * after normalise(). */
#include "chem/moiety.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* READABLE: a step that makes coefficients larger than this makes nothing better. */
enum { PARTNERS = 32, WORK = 20000000, READABLE = 1000 };

int64_t taup_gcd(int64_t a, int64_t b)
{
  uint64_t x = a < 0 ? -(uint64_t)a : (uint64_t)a, y = b < 0 ? -(uint64_t)b : (uint64_t)b;
  while (y) {
    const uint64_t rest = x % y;
    x = y;
    y = rest;
  }
  return x ? (int64_t)x : 1;
}

tau_status taup_moiety_rows_new(taup_moiety_rows *rows, int n)
{
  rows->rows = taup_calloc((size_t)n, sizeof *rows->rows);
  if (!rows->rows) return TAU_E_NOMEM;
  rows->n = n;
  return TAU_OK;
}

void taup_moiety_rows_free(taup_moiety_rows *rows)
{
  for (int r = 0; r < rows->n; r++) taup_free(rows->rows[r].terms);
  taup_free(rows->rows);
  *rows = (taup_moiety_rows){0};
}

tau_status taup_moiety_row_add(taup_moiety_row *row, int species, int64_t x)
{
  TAU_TRY(taup_grow(&row->terms, &row->capacity, row->n + 1, sizeof *row->terms));
  row->terms[row->n++] = (taup_moiety_term){species, x};
  return TAU_OK;
}

static int64_t largest(const taup_moiety_row *row)
{
  int64_t x = 0;
  for (int k = 0; k < row->n; k++) {
    const int64_t size = row->terms[k].x < 0 ? -row->terms[k].x : row->terms[k].x;
    if (size > x) x = size;
  }
  return x;
}

static void divide_common(taup_moiety_row *row)
{
  int64_t g = 0;
  for (int k = 0; k < row->n; k++) g = taup_gcd(g, row->terms[k].x);
  for (int k = 0; k < row->n; k++) row->terms[k].x /= g;
}

static void normalise(taup_moiety_row *row)
{
  divide_common(row);
  if (row->n > 0 && row->terms[0].x < 0)
    for (int k = 0; k < row->n; k++) row->terms[k].x = -row->terms[k].x;
}

/* All signs turned when that leaves fewer negative ones. */
static void turn(taup_moiety_row *row)
{
  int n_negative = 0;
  for (int k = 0; k < row->n; k++) n_negative += row->terms[k].x < 0;
  if (2 * n_negative > row->n)
    for (int k = 0; k < row->n; k++) row->terms[k].x = -row->terms[k].x;
}

static int count_negative(const taup_moiety_row *row)
{
  int n = 0;
  for (int k = 0; k < row->n; k++) n += row->terms[k].x < 0;
  return n;
}

/* --- partners --- */

/* For each species the rows that hold it; rows change under way, so a row listed may hold it no more. */
typedef struct columns {
  int *start, *rows;
} columns;

static tau_status columns_new(columns *c, const taup_moiety_rows *rows, int n_species)
{
  int n = 0;
  for (int r = 0; r < rows->n; r++) n += rows->rows[r].n;
  c->start = taup_calloc((size_t)n_species + 2, sizeof *c->start);
  c->rows = taup_calloc((size_t)n, sizeof *c->rows);
  if (!c->start || !c->rows) return TAU_E_NOMEM;
  for (int r = 0; r < rows->n; r++)
    for (int k = 0; k < rows->rows[r].n; k++) c->start[rows->rows[r].terms[k].species + 2]++;
  for (int i = 0; i < n_species; i++) c->start[i + 2] += c->start[i + 1];
  for (int r = 0; r < rows->n; r++)
    for (int k = 0; k < rows->rows[r].n; k++) c->rows[c->start[rows->rows[r].terms[k].species + 1]++] = r;
  return TAU_OK;
}

static void columns_free(columns *c)
{
  taup_free(c->start);
  taup_free(c->rows);
}

static int64_t value_at(const taup_moiety_row *row, int species)
{
  int from = 0, to = row->n;
  while (from < to) {
    const int middle = (from + to) / 2;
    if (row->terms[middle].species < species) from = middle + 1;
    else to = middle;
  }
  return from < row->n && row->terms[from].species == species ? row->terms[from].x : 0;
}

/* --- steps --- */

typedef struct improver {
  taup_moiety_rows *rows;
  columns columns;
  taup_moiety_row trial;
  long work; /* terms that may still be looked at */
} improver;

static bool combine(int64_t a, int64_t x, int64_t b, int64_t y, int64_t *out)
{
  int64_t ax, by;
  return !__builtin_mul_overflow(a, x, &ax) && !__builtin_mul_overflow(b, y, &by) &&
         !__builtin_add_overflow(ax, by, out);
}

/* trial = a p + b q; *fits is false after an overflow. */
static tau_status try_sum(improver *m, int64_t a, const taup_moiety_row *p, int64_t b,
                          const taup_moiety_row *q, bool *fits)
{
  taup_moiety_row *t = &m->trial;
  TAU_TRY(taup_grow(&t->terms, &t->capacity, p->n + q->n, sizeof *t->terms));
  t->n = 0;
  m->work -= p->n + q->n;
  *fits = true;
  for (int i = 0, k = 0; i < p->n || k < q->n;) {
    const int si = i < p->n ? p->terms[i].species : INT_MAX, sk = k < q->n ? q->terms[k].species : INT_MAX;
    const int species = si < sk ? si : sk;
    int64_t x;
    *fits &= combine(a, si == species ? p->terms[i].x : 0, b, sk == species ? q->terms[k].x : 0, &x);
    if (!*fits) return TAU_OK;
    if (x != 0) t->terms[t->n++] = (taup_moiety_term){species, x};
    i += si == species;
    k += sk == species;
  }
  return TAU_OK;
}

/* Takes the trial as row i when it is better. */
static bool accept(improver *m, int i)
{
  taup_moiety_row *row = &m->rows->rows[i], *t = &m->trial;
  const int before = count_negative(row), after = count_negative(t);
  if (after > before || (after == before && t->n >= row->n)) return false;
  divide_common(t);
  const int64_t size = largest(t);
  if (size > READABLE && size > largest(row)) return false;
  const taup_moiety_row swap = *row;
  *row = *t;
  *t = swap;
  return true;
}

/* Row i against the rows that hold `species`: that term is taken out, by adding (wanted = 1) or
 * subtracting (-1). */
static tau_status take_out(improver *m, int i, int species, int wanted, bool *better)
{
  const int *from = m->columns.rows + m->columns.start[species],
            *to = m->columns.rows + m->columns.start[species + 1];
  if (to - from > PARTNERS) to = from + PARTNERS;
  for (const int *k = from; k < to && m->work > 0; k++) {
    const taup_moiety_row *row = &m->rows->rows[i], *partner = &m->rows->rows[*k];
    const int64_t x = value_at(row, species), y = value_at(partner, species);
    if (*k == i || x == 0 || y == 0 || (((x < 0) != (y < 0)) ? 1 : -1) != wanted) continue;
    const int64_t g = taup_gcd(x, y), a = (y < 0 ? -y : y) / g, b = wanted * ((x < 0 ? -x : x) / g);
    bool fits;
    TAU_TRY(try_sum(m, a, row, b, partner, &fits));
    if (fits && accept(m, i)) {
      *better = true;
      return TAU_OK;
    }
  }
  return TAU_OK;
}

/* One try for each term of row i; the row may change under way. */
static tau_status improve_row(improver *m, int i, int wanted, bool *better)
{
  for (int k = 0; k < m->rows->rows[i].n && m->work > 0; k++) {
    const taup_moiety_term t = m->rows->rows[i].terms[k];
    if (wanted > 0 && t.x > 0) continue;
    TAU_TRY(take_out(m, i, t.species, wanted, better));
  }
  return TAU_OK;
}

static tau_status improve(improver *m)
{
  bool better = true;
  for (int round = 0; round < 10 && better && m->work > 0; round++) {
    better = false;
    for (int i = 0; i < m->rows->n; i++) TAU_TRY(improve_row(m, i, 1, &better));
    for (int i = 0; i < m->rows->n; i++) TAU_TRY(improve_row(m, i, -1, &better));
  }
  return TAU_OK;
}

static int by_terms(const void *a, const void *b)
{
  const taup_moiety_row *p = a, *q = b;
  for (int k = 0; k < p->n && k < q->n; k++)
    if (p->terms[k].species != q->terms[k].species) return p->terms[k].species < q->terms[k].species ? -1 : 1;
  return (p->n > q->n) - (p->n < q->n);
}

tau_status taup_moiety_rows_improve(taup_moiety_rows *rows, int n_species)
{
  tau_status st;
  improver m = {.rows = rows, .work = WORK};
  for (int r = 0; r < rows->n; r++) {
    normalise(&rows->rows[r]);
    turn(&rows->rows[r]);
  }
  if ((st = columns_new(&m.columns, rows, n_species)) < 0) goto done;
  if ((st = improve(&m)) < 0) goto done;
  for (int r = 0; r < rows->n; r++) normalise(&rows->rows[r]);
  if (rows->n > 1) qsort(rows->rows, (size_t)rows->n, sizeof *rows->rows, by_terms);
done:
  columns_free(&m.columns);
  taup_free(m.trial.terms);
  return st;
}

/* --- the result --- */

static int lone_species(const taup_moiety_row *row)
{
  const int n_negative = count_negative(row), n_positive = row->n - n_negative;
  for (int k = 0; k < row->n; k++) {
    const int64_t x = row->terms[k].x;
    if (x == 1 && n_positive == 1 && n_negative > 0) return row->terms[k].species;
    if (x == -1 && n_negative == 1 && n_positive > 0) return row->terms[k].species;
  }
  return -1;
}

static tau_status store_row(const taup_moiety_row *row, taup_arena *arena, taup_moiety *out)
{
  int *species = taup_arena_alloc(arena, (size_t)row->n, sizeof *species);
  double *coefficient = taup_arena_alloc(arena, (size_t)row->n, sizeof *coefficient);
  if (!species || !coefficient) return TAU_E_NOMEM;
  if (largest(row) > (INT64_C(1) << 53))
    return taup_fail(TAUP_ERR_NO_CONSERVED_SUMS,
                     "a conserved sum has coefficients beyond 2^53: conserved sums are not found");
  for (int k = 0; k < row->n; k++) {
    species[k] = row->terms[k].species;
    coefficient[k] = (double)row->terms[k].x;
  }
  *out = (taup_moiety){row->n, species, coefficient, lone_species(row)};
  return TAU_OK;
}

tau_status taup_moiety_rows_store(const taup_moiety_rows *rows, taup_arena *arena, int *n_moieties,
                                  const taup_moiety **out)
{
  taup_moiety *all = taup_arena_alloc(arena, (size_t)rows->n, sizeof *all);
  if (!all) return TAU_E_NOMEM;
  for (int r = 0; r < rows->n; r++) TAU_TRY(store_row(&rows->rows[r], arena, &all[r]));
  *n_moieties = rows->n;
  *out = all;
  return TAU_OK;
}

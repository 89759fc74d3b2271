/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_lu.c - the order and the operations of an elimination without pivots, from the pattern alone.
 *
 * Pivots are diagonal, each the one that makes the fewest operations (H. M. Markowitz, Management Sci. 3 (1957) 255):
 * (entries of its row - 1)(entries of its column - 1), the smallest number first where these are equal. */
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/lanes_work.h"

/* What the search knows: has[i n + j], entry of the factors at (i, j), -1. */
typedef struct search {
  int n;
  int *has, *done, *order, *place; /* place: of a state among the pivots */
} search;

static int markowitz(const search *s, int k)
{
  int row = 0, column = 0;
  for (int i = 0; i < s->n; i++) {
    if (s->done[i] || i == k) continue;
    row += s->has[k * s->n + i] >= 0;
    column += s->has[i * s->n + k] >= 0;
  }
  return row * column;
}

/* Marks what each pivot fills (-2 in source) and gives every entry a number. */
static void eliminate(search *s, int *n_entries)
{
  const int n = s->n;
  for (int step = 0; step < n; step++) {
    int best = -1, least = 0;
    for (int k = 0; k < n; k++) {
      if (s->done[k]) continue;
      const int cost = markowitz(s, k);
      if (best >= 0 && cost >= least) continue;
      best = k;
      least = cost;
    }
    s->done[best] = 1;
    s->place[best] = step;
    s->order[step] = best;
    for (int i = 0; i < n; i++) {
      if (s->done[i] || s->has[i * n + best] < 0) continue;
      for (int j = 0; j < n; j++)
        if (!s->done[j] && s->has[best * n + j] >= 0 && s->has[i * n + j] < 0)
          s->has[i * n + j] = (*n_entries)++;
    }
  }
}

/* The entries in the order in which they can be computed: for each pivot its column of L with the diagonal first, then its row of U.
 * `number` gets the new number of each. */
static void number_entries(const search *s, const int *old_source, taup_lane_lu *lu, int *number)
{
  const int n = s->n;
  int next = 0;
  for (int k = 0; k < n; k++) {
    const int p = s->order[k];
    for (int i = k; i < n; i++) {
      const int e = s->has[s->order[i] * n + p];
      if (e < 0) continue;
      lu->source[next] = old_source[e];
      lu->pivot[next] = i == k ? -2 : -1;
      number[e] = next++;
    }
    for (int j = k + 1; j < n; j++) {
      const int e = s->has[p * n + s->order[j]];
      if (e < 0) continue;
      lu->source[next] = old_source[e];
      lu->pivot[next] = k;
      number[e] = next++;
    }
  }
}

/* The pairs L_im U_mj of an entry (i, j), in the order of the pivots m. */
static int pairs_of(const search *s, const int *number, int i, int j, int *out)
{
  const int n = s->n, last = s->place[i] < s->place[j] ? s->place[i] : s->place[j];
  int count = 0;
  for (int m = 0; m < last; m++) {
    const int p = s->order[m], l = s->has[i * n + p], u = s->has[p * n + j];
    if (l < 0 || u < 0) continue;
    if (out) {
      out[2 * count] = number[l];
      out[2 * count + 1] = number[u];
    }
    count++;
  }
  return count;
}

static tau_status list_pairs(const search *s, const int *number, taup_lane_lu *lu)
{
  const int n = s->n;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (s->has[i * n + j] >= 0) lu->first[number[s->has[i * n + j]] + 1] = pairs_of(s, number, i, j, NULL);
  for (int e = 0; e < lu->n_entries; e++) lu->first[e + 1] += lu->first[e];
  lu->n_pairs = lu->first[lu->n_entries];
  lu->pairs = taup_calloc((size_t)lu->n_pairs * 2 + 1, sizeof *lu->pairs);
  if (!lu->pairs) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (s->has[i * n + j] >= 0)
        pairs_of(s, number, i, j, lu->pairs + 2 * (ptrdiff_t)lu->first[number[s->has[i * n + j]]]);
  return TAU_OK;
}

/* Rows of L (strictly below) and of U, for the two substitutions. */
static void list_rows(const search *s, const int *number, taup_lane_lu *lu)
{
  const int n = s->n;
  int n_lower = 0, n_upper = 0;
  for (int k = 0; k < n; k++) {
    lu->lower_first[k] = n_lower;
    lu->upper_first[k] = n_upper;
    for (int m = 0; m < n; m++) {
      const int e = s->has[s->order[k] * n + s->order[m]];
      if (e < 0 || m == k) continue;
      int *out = m < k ? lu->lower + 2 * (ptrdiff_t)n_lower++ : lu->upper + 2 * (ptrdiff_t)n_upper++;
      out[0] = number[e];
      out[1] = m;
    }
  }
  lu->lower_first[n] = n_lower;
  lu->upper_first[n] = n_upper;
}

static tau_status build(taup_lane_lu *lu, search *s, const int *column_start, const int *row)
{
  const int n = lu->n;
  int n_entries = 0;
  for (int i = 0; i < n * n; i++) s->has[i] = -1;
  for (int j = 0; j < n; j++)
    for (int k = column_start[j]; k < column_start[j + 1]; k++) s->has[row[k] * n + j] = n_entries++;
  eliminate(s, &n_entries);
  lu->n_entries = n_entries;
  const size_t m = (size_t)n_entries;
  int *source = taup_calloc(m, sizeof *source), *number = taup_calloc(m, sizeof *number);
  lu->source = taup_calloc(m, sizeof *lu->source);
  lu->pivot = taup_calloc(m, sizeof *lu->pivot);
  lu->first = taup_calloc(m + 1, sizeof *lu->first);
  lu->lower = taup_calloc(2 * m, sizeof *lu->lower);
  lu->upper = taup_calloc(2 * m, sizeof *lu->upper);
  tau_status st = TAU_E_NOMEM;
  if (source && number && lu->source && lu->pivot && lu->first && lu->lower && lu->upper) {
    for (int e = 0; e < n_entries; e++) source[e] = e < column_start[n] ? e : -1;
    number_entries(s, source, lu, number);
    st = list_pairs(s, number, lu);
    list_rows(s, number, lu);
    memcpy(lu->order, s->order, (size_t)n * sizeof *lu->order);
  }
  taup_free(source);
  taup_free(number);
  return st;
}

tau_status taup_lane_lu_new(taup_lane_lu *lu, int n, const int *column_start, const int *row)
{
  const size_t m = (size_t)n;
  *lu = (taup_lane_lu){.n = n};
  search s = {.n = n};
  s.has = taup_calloc(m * m, sizeof *s.has);
  s.done = taup_calloc(m, sizeof *s.done);
  s.order = taup_calloc(m, sizeof *s.order);
  s.place = taup_calloc(m, sizeof *s.place);
  lu->order = taup_calloc(m, sizeof *lu->order);
  lu->lower_first = taup_calloc(m + 1, sizeof *lu->lower_first);
  lu->upper_first = taup_calloc(m + 1, sizeof *lu->upper_first);
  tau_status st = TAU_E_NOMEM;
  if (s.has && s.done && s.order && s.place && lu->order && lu->lower_first && lu->upper_first)
    st = build(lu, &s, column_start, row);
  taup_free(s.has);
  taup_free(s.done);
  taup_free(s.order);
  taup_free(s.place);
  if (st < 0) taup_lane_lu_free(lu);
  return st;
}

void taup_lane_lu_free(taup_lane_lu *lu)
{
  int *const arrays[] = {lu->source,      lu->pivot,       lu->first, lu->pairs, lu->order,
                         lu->lower_first, lu->upper_first, lu->lower, lu->upper};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) taup_free(arrays[i]);
  *lu = (taup_lane_lu){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* net.c - the synthetic mass-action network of networks/net.py from the same random numbers (splitmix64: G. L. Steele, D. Lea, C. H. Flood,
 * OOPSLA 2014), and its right-hand side and Jacobian by tables.
 *
 * A reaction has one or two reactants and as many products. What stands on both sides cancels; a place that is not needed points behind the
 * last species, or behind the last entry of the Jacobian, so that the loops have no branches. */
#include "bench/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reaction {
  double k;
  int left[2], right[2]; /* as written; -1 */
  int minus[2], plus[2]; /* after cancelling; n_species: nothing */
  int at[2][4];          /* entries of d(minus[0], minus[1], plus[0], plus[1]) to each reactant */
} reaction;

struct base_net {
  int n, n_reactions, n_first; /* reactions of first order stand first */
  reaction *reactions;
  int *column_start, *row;
  double *f, *J; /* room with one place more */
};

static double next_random(unsigned long long *state)
{
  unsigned long long z = *state += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  return (double)(z >> 11) * (1.0 / 9007199254740992.0);
}

/* The draws of net.py, in its order. */
static reaction draw(int i, int n, unsigned long long *state)
{
  enum { HUBS = 8 };
  const int a = i < n ? i : (int)(next_random(state) * n);
  const double kind = next_random(state);
  int b = -1, q = -1;
  if (kind >= 0.8) b = (a - 15 + (int)(next_random(state) * 31) + n) % n;
  else if (kind >= 0.35) b = (int)(next_random(state) * HUBS);
  const int p = (a + 1 + (int)(next_random(state) * 12)) % n;
  if (b >= 0)
    q = next_random(state) < 0.6 ? (int)(next_random(state) * HUBS)
                                 : (p + 5 + (int)(next_random(state) * 8)) % n;
  const double k = pow(10.0, -2.0 + 6.0 * next_random(state));
  return (reaction){.k = k, .left = {a, b}, .right = {p, q}};
}

static void cancel(reaction *r, int nothing)
{
  for (int k = 0; k < 2; k++) {
    r->minus[k] = r->left[k] >= 0 ? r->left[k] : nothing;
    r->plus[k] = r->right[k] >= 0 ? r->right[k] : nothing;
  }
  for (int k = 0; k < 2; k++)
    for (int m = 0; m < 2; m++)
      if (r->minus[k] == r->plus[m]) r->minus[k] = r->plus[m] = nothing;
}

static int first_order_first(const void *pa, const void *pb)
{
  const reaction *a = pa, *b = pb;
  return (a->left[1] >= 0) - (b->left[1] >= 0);
}

/* --- pattern --- */

static int by_value(const void *pa, const void *pb)
{
  const long long a = *(const long long *)pa, b = *(const long long *)pb;
  return (a > b) - (a < b);
}

static int touched(const reaction *r, int m) { return m < 2 ? r->minus[m] : r->plus[m - 2]; }

static int place_of(const base_net *net, int row, int column)
{
  int low = net->column_start[column], high = net->column_start[column + 1];
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (net->row[middle] <= row) low = middle;
    else high = middle;
  }
  return low;
}

/* Keys column * n + row of all entries, sorted, each once; how many. */
static int collect(const base_net *net, long long *keys)
{
  int n_keys = 0, n_unique = 0;
  for (int i = 0; i < net->n; i++) keys[n_keys++] = (long long)i * net->n + i;
  for (int j = 0; j < net->n_reactions; j++)
    for (int k = 0; k < 2 && net->reactions[j].left[k] >= 0; k++)
      for (int m = 0; m < 4; m++)
        if (touched(&net->reactions[j], m) < net->n)
          keys[n_keys++] = (long long)net->reactions[j].left[k] * net->n + touched(&net->reactions[j], m);
  qsort(keys, (size_t)n_keys, sizeof *keys, by_value);
  for (int i = 0; i < n_keys; i++)
    if (i == 0 || keys[i] != keys[n_unique - 1]) keys[n_unique++] = keys[i];
  return n_unique;
}

static void find_places(base_net *net, int n_entries)
{
  for (int j = 0; j < net->n_reactions; j++) {
    reaction *r = &net->reactions[j];
    for (int k = 0; k < 2; k++)
      for (int m = 0; m < 4; m++) {
        const int species = touched(r, m);
        r->at[k][m] = r->left[k] >= 0 && species < net->n ? place_of(net, species, r->left[k]) : n_entries;
      }
  }
}

static int make_pattern(base_net *net)
{
  long long *keys = malloc(((size_t)net->n + 8 * (size_t)net->n_reactions) * sizeof *keys);
  if (!keys) return 0;
  const int n_entries = collect(net, keys);
  net->column_start = calloc((size_t)net->n + 1, sizeof *net->column_start);
  net->row = calloc((size_t)n_entries, sizeof *net->row);
  net->f = calloc((size_t)net->n + 1, sizeof *net->f);
  net->J = calloc((size_t)n_entries + 1, sizeof *net->J);
  const int there = net->column_start && net->row && net->f && net->J;
  for (int e = 0; there && e < n_entries; e++) {
    net->row[e] = (int)(keys[e] % net->n);
    net->column_start[keys[e] / net->n + 1]++;
  }
  for (int i = 0; there && i < net->n; i++) net->column_start[i + 1] += net->column_start[i];
  if (there) find_places(net, n_entries);
  free(keys);
  return there;
}

base_net *base_net_new(int n_species, int n_reactions, unsigned long long seed)
{
  base_net *net = calloc(1, sizeof *net);
  if (!net) return NULL;
  net->n = n_species;
  net->n_reactions = n_reactions;
  net->reactions = calloc((size_t)n_reactions, sizeof *net->reactions);
  for (int j = 0; net->reactions && j < n_reactions; j++) {
    net->reactions[j] = draw(j, n_species, &seed);
    cancel(&net->reactions[j], n_species);
    net->n_first += net->reactions[j].left[1] < 0;
  }
  if (net->reactions) {
    qsort(net->reactions, (size_t)n_reactions, sizeof *net->reactions, first_order_first);
    if (make_pattern(net)) return net;
  }
  base_net_free(net);
  return NULL;
}

void base_net_free(base_net *net)
{
  if (!net) return;
  free(net->reactions);
  free(net->column_start);
  free(net->row);
  free(net->f);
  free(net->J);
  free(net);
}

/* --- equations --- */

static void net_rates(const void *user, const double *c, double *out)
{
  const base_net *net = user;
  double *f = net->f;
  memset(f, 0, (size_t)net->n * sizeof *f);
  for (int j = 0; j < net->n_first; j++) {
    const reaction *r = &net->reactions[j];
    const double rate = r->k * c[r->left[0]];
    f[r->minus[0]] -= rate;
    f[r->plus[0]] += rate;
  }
  for (int j = net->n_first; j < net->n_reactions; j++) {
    const reaction *r = &net->reactions[j];
    const double rate = r->k * c[r->left[0]] * c[r->left[1]];
    f[r->minus[0]] -= rate;
    f[r->minus[1]] -= rate;
    f[r->plus[0]] += rate;
    f[r->plus[1]] += rate;
  }
  memcpy(out, f, (size_t)net->n * sizeof *f);
}

static void add_column(double *J, const int at[4], double slope)
{
  J[at[0]] -= slope;
  J[at[1]] -= slope;
  J[at[2]] += slope;
  J[at[3]] += slope;
}

static void net_slopes(const void *user, const double *c, double *out)
{
  const base_net *net = user;
  const size_t n_entries = (size_t)net->column_start[net->n];
  double *J = net->J;
  memset(J, 0, n_entries * sizeof *J);
  for (int j = 0; j < net->n_first; j++) {
    const reaction *r = &net->reactions[j];
    J[r->at[0][0]] -= r->k;
    J[r->at[0][2]] += r->k;
  }
  for (int j = net->n_first; j < net->n_reactions; j++) {
    const reaction *r = &net->reactions[j];
    add_column(J, r->at[0], r->k * c[r->left[1]]);
    add_column(J, r->at[1], r->k * c[r->left[0]]);
  }
  memcpy(out, J, n_entries * sizeof *J);
}

base_problem base_net_problem(const base_net *net)
{
  return (base_problem){net->n, net_rates, net_slopes, net->column_start, net->row, 0};
}

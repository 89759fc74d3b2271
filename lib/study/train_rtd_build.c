/* SPDX-License-Identifier: Apache-2.0 */
/* train_rtd_build.c - expressions over units, and the distributions that they stand for.
 *
 * Invariant: a part's operands have smaller indices than itself. What occurs in several places is built once. Chains of one kind are
 * made one series or parallel of many, so that a train of a thousand tubes is no tree of depth a thousand for those who walk it. */
#include "base/alloc.h"
#include "base/status.h"
#include "study/train_rtd.h"

/* --- expressions --- */

double taup_part_size(const taup_parts *p, int part) { return part < 0 ? 0.0 : p->items[part].size; }

static int add(taup_parts *p, taup_part part)
{
  if (p->failed || taup_grow(&p->items, &p->capacity, p->n + 1, sizeof *p->items) < 0) {
    p->failed = true;
    return TAUP_PART_NOTHING;
  }
  p->items[p->n] = part;
  return p->n++;
}

int taup_part_unit(taup_parts *p, int i_unit)
{
  return add(p, (taup_part){TAUP_PART_UNIT, i_unit, TAUP_PART_NOTHING, 0.0, 1.0});
}

static int pair(taup_parts *p, taup_part_kind kind, int a, int b, double x)
{
  return add(p, (taup_part){kind, a, b, x, taup_part_size(p, a) + taup_part_size(p, b)});
}

int taup_part_series(taup_parts *p, int a, int b)
{
  if (a < 0) return b;
  return b < 0 ? a : pair(p, TAUP_PART_SERIES, a, b, 0.0);
}

int taup_part_parallel(taup_parts *p, int a, int b, double fraction_of_a)
{
  return a < 0 && b < 0 ? TAUP_PART_NOTHING : pair(p, TAUP_PART_PARALLEL, a, b, fraction_of_a);
}

int taup_part_loop(taup_parts *p, int forward, int back, double ratio)
{
  return forward < 0 && back < 0 ? TAUP_PART_NOTHING : pair(p, TAUP_PART_LOOP, forward, back, ratio);
}

void taup_parts_free(taup_parts *p)
{
  taup_free(p->items);
  *p = (taup_parts){0};
}

/* --- distributions --- */

typedef struct building {
  const taup_parts *p;
  const taup_network *network;
  tau_rtd **built; /* by part; NULL: not yet */
  tau_rtd *nothing;
} building;

/* The operands of a chain of one kind, and what share of it each has. */
typedef struct chain {
  taup_part_kind kind;
  int n;
  int *parts;
  double *shares;
} chain;

static int count(const taup_parts *p, int part, taup_part_kind kind)
{
  if (part < 0 || p->items[part].kind != kind) return 1;
  return count(p, p->items[part].a, kind) + count(p, p->items[part].b, kind);
}

static void gather(const taup_parts *p, int part, double share, chain *c)
{
  if (part < 0 || p->items[part].kind != c->kind) {
    c->parts[c->n] = part;
    c->shares[c->n++] = share;
    return;
  }
  const taup_part *own = &p->items[part];
  gather(p, own->a, share * own->x, c);
  gather(p, own->b, share * (1.0 - own->x), c);
}

static tau_status build(building *b, int part);

static const tau_rtd *built(const building *b, int part) { return part < 0 ? b->nothing : b->built[part]; }

static tau_status compose(building *b, int part, const chain *c, const tau_rtd **children)
{
  for (int i = 0; i < c->n; i++) {
    TAU_TRY(build(b, c->parts[i]));
    children[i] = built(b, c->parts[i]);
  }
  if (c->kind == TAUP_PART_SERIES) return tau_rtd_series(&b->built[part], c->n, children);
  return tau_rtd_parallel(&b->built[part], c->n, children, c->shares);
}

static tau_status build_chain(building *b, int part)
{
  const taup_part_kind kind = b->p->items[part].kind;
  const size_t n = (size_t)count(b->p, part, kind);
  chain c = {.kind = kind};
  c.parts = taup_calloc(n, sizeof *c.parts);
  c.shares = taup_calloc(n, sizeof *c.shares);
  const tau_rtd **children = taup_calloc(n, sizeof *children);
  tau_status st = TAU_E_NOMEM;
  if (c.parts && c.shares && children) {
    gather(b->p, part, 1.0, &c);
    st = compose(b, part, &c, children);
  }
  taup_free(children);
  taup_free(c.shares);
  taup_free(c.parts);
  return st;
}

static tau_status build_loop(building *b, int part)
{
  const taup_part *own = &b->p->items[part];
  TAU_TRY(build(b, own->a));
  TAU_TRY(build(b, own->b));
  return tau_rtd_recycle(&b->built[part], built(b, own->a), own->b < 0 ? NULL : built(b, own->b), own->x);
}

static tau_status build(building *b, int part)
{
  if (part < 0 || b->built[part]) return TAU_OK;
  switch (b->p->items[part].kind) {
  case TAUP_PART_UNIT: return taup_network_unit(&b->built[part], b->network, b->p->items[part].a);
  case TAUP_PART_LOOP: return build_loop(b, part);
  case TAUP_PART_SERIES:
  case TAUP_PART_PARALLEL: break;
  }
  return build_chain(b, part);
}

tau_status taup_parts_build(tau_rtd **out, const taup_parts *p, int part, const taup_network *network)
{
  building b = {.p = p, .network = network};
  const double zero = 0.0;
  tau_status st = tau_rtd_new(&b.nothing, "plug", 1, (const char *const[]){"mean"}, &zero);
  b.built = taup_calloc((size_t)p->n + 1, sizeof *b.built);
  if (st == TAU_OK && !b.built) st = TAU_E_NOMEM;
  if (st == TAU_OK) st = build(&b, part);
  if (st == TAU_OK) *out = tau_rtd_ref(built(&b, part));
  for (int i = 0; b.built && i < p->n; i++) tau_rtd_free(b.built[i]);
  taup_free(b.built);
  tau_rtd_free(b.nothing);
  return st;
}

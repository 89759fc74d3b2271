/* SPDX-License-Identifier: Apache-2.0 */
/* cvodes_sensitivity.c - tangents that a march carries along, by the forward sensitivities of CVODES (R. Serban and A. C. Hindmarsh, Proc.
 * IDETC/CIE 2005, DETC2005-85597): for each direction d
 *
 *     dS_d/ds = J(y) S_d + f_x(y) dx_d          dQ_d/ds = q_y(y) S_d + q_x(y) dx_d
 *
 * J and f_x are computed once for a y, however many directions and however often the corrector asks. S and Q are in the error test, each
 * with the tolerances of what it is the derivative of. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/cvodes_private.h"
#include "solve/tangents.h"

struct taup_carried {
  const taup_tangents *t;
  int n;            /* directions */
  const double *dx; /* n x n_x */
  const double *start;
  N_Vector *S, *Q, *atol; /* n each; Q: NULL without integrals */
  N_Vector *work_S, *work_Q;
  double *atol_q;         /* n */
  double *y;              /* where J and f_x were computed last */
  bool known;             /* ... by now */
  double *J, *f_x, *q_xy; /* outputs of the bodies */
  double *column;         /* dx and S behind one another */
};

/* ---------- what CVODES calls ---------- */

static int refuse(taup_march *m, int said)
{
  if (said == 0) return 0;
  m->refused = said;
  m->refused_rows[0] = m->refused_rows[1] = m->refused_rows[2] = -1;
  return said < 0 ? -1 : 1;
}

static int derivatives_at(taup_march *m, double at, const double *y)
{
  taup_carried *c = m->carried;
  const taup_system *s = &m->system;
  const size_t bytes = (size_t)s->n * sizeof *y;
  const bool forced = m->options->force != NULL;
  if (c->known && !forced && memcmp(c->y, y, bytes) == 0) return 0;
  if (forced) m->options->force(m->options->force_user, at, m->R);
  c->known = false;
  int said = taup_system_run(s, s->body_J, m->R, y, s->column_start[s->n], c->J);
  if (said == 0)
    said = taup_system_run(s, c->t->f.body, m->R, y, c->t->f.first + c->t->f.start[c->t->n_x], c->f_x);
  if (said != 0) return said;
  memcpy(c->y, y, bytes);
  c->known = true;
  return 0;
}

/* NOLINTNEXTLINE(readability-function-size): CVODES counts the arguments */
static int tangent_slopes(int n, sunrealtype s, N_Vector y, N_Vector slope, N_Vector *S, N_Vector *dS,
                          void *user, N_Vector t1, N_Vector t2)
{
  (void)slope, (void)t1, (void)t2;
  taup_march *m = user;
  const taup_carried *c = m->carried;
  const taup_system *system = &m->system;
  const int said = derivatives_at(m, s, N_VGetArrayPointer(y));
  if (said != 0) return refuse(m, said);
  const taup_entries J = {system->body_J, 0, system->n, system->column_start, system->row};
  for (int d = 0; d < n; d++) {
    double *out = N_VGetArrayPointer(dS[d]);
    memset(out, 0, (size_t)system->n * sizeof *out);
    taup_entries_add(&J, c->J, N_VGetArrayPointer(S[d]), out);
    taup_entries_add(&c->t->f, c->f_x, c->dx + (size_t)d * (size_t)c->t->n_x, out);
    if (m->options->force_tangent)
      m->options->force_tangent(m->options->force_user, s, N_VGetArrayPointer(y), d, out);
    if (!taup_all_finite(system->n, out)) return refuse(m, TAUP_NOT_FINITE);
  }
  return 0;
}

/* NOLINTNEXTLINE(readability-function-size): CVODES counts the arguments */
static int tangent_integrands(int n, sunrealtype s, N_Vector y, N_Vector *S, N_Vector q, N_Vector *dQ,
                              void *user, N_Vector t1, N_Vector t2)
{
  (void)s, (void)q, (void)t1, (void)t2;
  taup_march *m = user;
  const taup_carried *c = m->carried;
  const taup_entries *e = &c->t->q;
  const size_t n_x = (size_t)c->t->n_x, n_y = (size_t)m->system.n;
  const int n_out = e->first + e->start[e->n_columns];
  const int said = taup_system_run(&m->system, e->body, m->R, N_VGetArrayPointer(y), n_out, c->q_xy);
  if (said != 0) return refuse(m, said);
  for (int d = 0; d < n; d++) {
    double *out = N_VGetArrayPointer(dQ[d]);
    memset(out, 0, (size_t)m->system.n_q * sizeof *out);
    memcpy(c->column, c->dx + (size_t)d * n_x, n_x * sizeof *out);
    memcpy(c->column + n_x, N_VGetArrayPointer(S[d]), n_y * sizeof *out);
    taup_entries_add(e, c->q_xy, c->column, out);
  }
  return 0;
}

/* ---------- life ---------- */

static void free_vectors(N_Vector *v, int n)
{
  for (int d = 0; v && d < n; d++)
    if (v[d]) N_VDestroy(v[d]);
  taup_free(v);
}

void taup_carried_free(taup_march *m)
{
  taup_carried *c = m->carried;
  if (!c) return;
  CVodeQuadSensFree(m->cvode);
  CVodeSensFree(m->cvode);
  N_Vector *const vectors[] = {c->S, c->Q, c->atol, c->work_S, c->work_Q};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) free_vectors(vectors[i], c->n);
  double *const blocks[] = {c->atol_q, c->y, c->J, c->f_x, c->q_xy, c->column};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) taup_free(blocks[i]);
  taup_free(c);
  m->carried = NULL;
}

static N_Vector *make_vectors(const taup_march *m, int n, int length)
{
  N_Vector *v = taup_calloc((size_t)n, sizeof *v);
  for (int d = 0; v && d < n; d++)
    if (!(v[d] = taup_vector_new(&m->linear, length))) {
      free_vectors(v, n);
      return NULL;
    }
  return v;
}

static bool make_arrays(taup_march *m, taup_carried *c)
{
  const int n = m->system.n, n_x = c->t->n_x;
  c->S = make_vectors(m, c->n, n);
  c->work_S = make_vectors(m, c->n, n);
  c->atol = make_vectors(m, c->n, n);
  c->y = taup_calloc((size_t)n, sizeof *c->y);
  c->f_x = taup_calloc((size_t)(c->t->f.first + c->t->f.start[n_x]), sizeof *c->f_x);
  c->J = taup_calloc((size_t)m->system.column_start[n], sizeof *c->J);
  if (!c->S || !c->work_S || !c->atol || !c->y || !c->J || !c->f_x) return false;
  if (!m->q) return true;
  c->Q = make_vectors(m, c->n, m->system.n_q);
  c->work_Q = make_vectors(m, c->n, m->system.n_q);
  c->atol_q = taup_calloc((size_t)c->n, sizeof *c->atol_q);
  c->q_xy = taup_calloc((size_t)(c->t->q.first + c->t->q.start[n_x + n]), sizeof *c->q_xy);
  c->column = taup_calloc((size_t)(n_x + n), sizeof *c->column);
  return c->Q && c->work_Q && c->atol_q && c->q_xy && c->column;
}

static bool open_sensitivities(taup_march *m, taup_carried *c)
{
  if (CVodeSensInit(m->cvode, c->n, CV_STAGGERED, tangent_slopes, c->S) != 0) return false;
  return !m->q || CVodeQuadSensInit(m->cvode, tangent_integrands, c->Q) == 0;
}

tau_status taup_march_carry(taup_march *m, const taup_tangents *t, int n_directions, const double *dx,
                            const double *start)
{
  if (m->carried && (m->carried->n != n_directions || m->carried->t != t)) taup_carried_free(m);
  if (n_directions == 0) return TAU_OK;
  if (!m->carried) {
    taup_carried *c = m->carried = taup_calloc(1, sizeof *c);
    if (!c) return TAU_E_NOMEM;
    c->t = t;
    c->n = n_directions;
    if (!make_arrays(m, c) || !open_sensitivities(m, c)) {
      taup_carried_free(m);
      return taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: an integrator of %d states in %d directions",
                       m->system.n, n_directions);
    }
  }
  m->carried->dx = dx;
  m->carried->start = start;
  return TAU_OK;
}

/* ---------- the run ---------- */

static bool begin_integrals(taup_march *m, const taup_march_options *o)
{
  taup_carried *c = m->carried;
  double least = HUGE_VAL;
  if (!m->q) return true;
  for (int i = 0; o->atol_q && i < m->system.n_q; i++) least = fmin(least, o->atol_q[i]);
  for (int d = 0; d < c->n; d++) {
    N_VConst(0.0, c->Q[d]);
    c->atol_q[d] = o->atol_q ? least : 1.0;
  }
  return CVodeQuadSensReInit(m->cvode, c->Q) == 0 &&
         CVodeSetQuadSensErrCon(m->cvode, o->atol_q != NULL) == 0 &&
         CVodeQuadSensSStolerances(m->cvode, o->rtol, c->atol_q) == 0;
}

bool taup_carried_begin(taup_march *m, const taup_march_options *o)
{
  taup_carried *c = m->carried;
  const size_t n = (size_t)m->system.n;
  c->known = false;
  for (int d = 0; d < c->n; d++) {
    memcpy(N_VGetArrayPointer(c->S[d]), c->start + (size_t)d * n, n * sizeof *o->atol);
    memcpy(N_VGetArrayPointer(c->atol[d]), o->atol, n * sizeof *o->atol);
  }
  return CVodeSensReInit(m->cvode, CV_STAGGERED, c->S) == 0 && CVodeSetSensErrCon(m->cvode, 1) == 0 &&
         CVodeSensSVtolerances(m->cvode, o->rtol, c->atol) == 0 && begin_integrals(m, o);
}

static double inside(const taup_march *m, double s) { return fmin(fmax(s, m->s0), m->s1); }

static void copy_out(N_Vector *v, int n, size_t length, double *out)
{
  for (int d = 0; d < n; d++)
    memcpy(out + (size_t)d * length, N_VGetArrayPointer(v[d]), length * sizeof *out);
}

void taup_march_tangents_at(taup_march *m, double s, double *S)
{
  taup_carried *c = m->carried;
  const size_t n = (size_t)m->system.n;
  if (!c) return;
  if (m->counts.n_steps == 0) memcpy(S, c->start, (size_t)c->n * n * sizeof *S);
  else if (CVodeGetSensDky(m->cvode, inside(m, s), 0, c->work_S) == 0) copy_out(c->work_S, c->n, n, S);
}

void taup_march_tangent_integrals_at(taup_march *m, double s, double *Q)
{
  taup_carried *c = m->carried;
  const size_t n_q = (size_t)m->system.n_q;
  if (!c) return;
  if (!m->q || m->counts.n_steps == 0) memset(Q, 0, (size_t)c->n * n_q * sizeof *Q);
  else if (CVodeGetQuadSensDky(m->cvode, inside(m, s), 0, c->work_Q) == 0) copy_out(c->work_Q, c->n, n_q, Q);
}

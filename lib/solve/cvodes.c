/* SPDX-License-Identifier: Apache-2.0 */
/* cvodes.c - dy/ds = f(y), dq/ds = g(y) by CVODES: BDF of variable order 1 to 5 and variable step, modified Newton with the exact Jacobian
 * (A. C. Hindmarsh et al., ACM Trans. Math. Softw. 31 (2005) 363; R. Serban and A. C. Hindmarsh, ASME IDETC 2005, DETC2005-85597).
 *
 * The error test of a step asks for  rms_i( e_i / (rtol |y_i| + atol_i) ) <= 1.
 *
 * The integrator is asked for one step at a time, so that the observer sees each, and max_steps is counted here. A run begins afresh
 * (CVodeReInit) and keeps nothing of the run before it: the same start gives the same bits. Where f is refused or not finite CVODES takes a
 * smaller step; what was refused since the last accepted step is kept for the report, for CVODES itself only says that a step failed. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include <sundials/sundials_config.h>

#include "base/alloc.h"
#include "base/status.h"
#include "solve/cvodes_private.h"

/* CVODES gives up a step after 7 failed error tests or 10 failed Newton iterations. Exhausted reactants and switching rates need a few more
 * halvings than that; at 20 and 30 the step has fallen far below what could still help. */
enum { ERROR_FAILURES = 20, NEWTON_FAILURES = 30 };

/* Steps in a row that hardly move s, by some units of its last place, before that is called the end: so a march creeps up to a place
 * beyond which f is refused. */
enum { STANDING_STEPS = 20 };
static const double standing_step = 4.0 * DBL_EPSILON; /* relative to s */

/* Of the error allowed in a step, what its Newton iteration may leave: CVODES' own part, and for rates of order below 1, whose slope at
 * exhaustion makes much of it in the integrals. */
static const double usual_step = 0.1, steep_step = 1e-3;

/* A rough march may pass any s; steps beyond this would only bring s to infinity when f is 0. */
static const double longest_loose_step = 1e30;
static const double no_stop = 1e300;

/* ---------- what CVODES calls ---------- */

/* The answer that CVODES understands: 0, 1 try a smaller step, -1 stop. */
static int answer(taup_march *m, int said)
{
  if (said == 0) return 0;
  m->refused = said;
  m->refused_rows[0] = m->refused_rows[1] = m->refused_rows[2] = -1;
  return said < 0 ? -1 : 1;
}

/* What comes from outside, as it is at s. */
static void force(const taup_march *m, double s)
{
  if (m->options->force) m->options->force(m->options->force_user, s, m->R);
}

static int right_hand_side(sunrealtype s, N_Vector y, N_Vector slope, void *user)
{
  taup_march *m = user;
  force(m, s);
  const int n = m->system.n;
  double *f = N_VGetArrayPointer(slope);
  m->slope = f;
  m->counts.n_rhs++;
  const int said = taup_system_run(&m->system, m->system.body_f, m->R, N_VGetArrayPointer(y), n, f);
  const int result = answer(m, said);
  if (said == TAUP_NOT_FINITE) taup_rows_not_finite(n, f, NULL, m->refused_rows);
  return result;
}

static int jacobian(sunrealtype s, N_Vector y, N_Vector f, SUNMatrix J, void *user, N_Vector t1, N_Vector t2,
                    N_Vector t3)
{
  (void)f, (void)t1, (void)t2, (void)t3;
  taup_march *m = user;
  force(m, s);
  const taup_system *system = &m->system;
  const int n_entries = system->column_start[system->n];
  double *values = m->linear.values;
  m->counts.n_jacobian++;
  const int said = taup_system_run(system, system->body_J, m->R, N_VGetArrayPointer(y), n_entries, values);
  const int result = answer(m, said);
  if (said == TAUP_NOT_FINITE) taup_rows_not_finite(n_entries, values, system->row, m->refused_rows);
  if (result == 0) taup_matrix_fill(system, values, J);
  return result;
}

static int integrands(sunrealtype s, N_Vector y, N_Vector slope, void *user)
{
  taup_march *m = user;
  force(m, s);
  return answer(m, taup_system_run(&m->system, m->system.body_q, m->R, N_VGetArrayPointer(y), m->system.n_q,
                                   N_VGetArrayPointer(slope)));
}

/* ---------- life ---------- */

#if SUNDIALS_VERSION_MAJOR < 7
static void ignore_error(int code, const char *module, const char *function, char *message, void *user)
{
  (void)code, (void)module, (void)function, (void)message, (void)user;
}

static bool silence(void *cvode) { return CVodeSetErrHandlerFn(cvode, ignore_error, NULL) == 0; }
#else
static bool silence(void *cvode) /* the context is silent */
{
  (void)cvode;
  return true;
}
#endif

/* 1 / (rtol |y_i| + atol_i), in one pass. */
static int error_weights(N_Vector y, N_Vector weights, void *user)
{
  const taup_march *m = user;
  const double *x = N_VGetArrayPointer(y), *atol = N_VGetArrayPointer(m->atol);
  double *w = N_VGetArrayPointer(weights);
  bool positive = true;
  for (int i = 0; i < m->system.n; i++) {
    const double tolerance = m->rtol * fabs(x[i]) + atol[i];
    positive &= tolerance > 0.0;
    w[i] = 1.0 / tolerance;
  }
  return positive ? 0 : -1;
}

static bool set_up(taup_march *m)
{
  void *c = m->cvode = CVodeCreate(CV_BDF, m->linear.context);
  return c && silence(c) && CVodeInit(c, right_hand_side, 0.0, m->y) == 0 && CVodeSetUserData(c, m) == 0 &&
         CVodeWFtolerances(c, error_weights) == 0 &&
         CVodeSetLinearSolver(c, m->linear.solver, m->linear.matrix) == 0 &&
         CVodeSetJacFn(c, jacobian) == 0 && CVodeSetMaxNumSteps(c, -1) == 0 &&
         CVodeSetMaxHnilWarns(c, -1) == 0 && CVodeSetMaxErrTestFails(c, ERROR_FAILURES) == 0 &&
         CVodeSetMaxConvFails(c, NEWTON_FAILURES) == 0 &&
         (!m->q ||
          (CVodeQuadInit(c, integrands, m->q) == 0 && CVodeQuadSVtolerances(c, 1e-6, m->atol_q) == 0));
}

static bool make_vectors(taup_march *m)
{
  const int n = m->system.n, n_q = m->system.body_q >= 0 ? m->system.n_q : 0;
  const taup_linear *l = &m->linear;
  if (!(m->y = taup_vector_new(l, n)) || !(m->atol = taup_vector_new(l, n))) return false;
  if (!(m->work = taup_vector_new(l, n)) || !(m->weight = taup_vector_new(l, n))) return false;
  if (n_q == 0) return true;
  return (m->q = taup_vector_new(l, n_q)) && (m->atol_q = taup_vector_new(l, n_q));
}

tau_status taup_march_new(taup_march **out, const taup_system *system)
{
  assert(out && system && system->n > 0);
  *out = NULL;
  taup_march *m = taup_calloc(1, sizeof *m);
  if (!m) return TAU_E_NOMEM;

  m->system = *system;
  tau_status st = taup_linear_open(&m->linear, &m->system);
  if (st < 0) goto done;
  if (!make_vectors(m)) {
    st = TAU_E_NOMEM;
    goto done;
  }
  if (!set_up(m)) {
    st = taup_fail(TAUP_ERR_OUT_OF_MEMORY, "out of memory: an integrator of %d states", system->n);
    goto done;
  }
  *out = m;
  m = NULL;
done:
  taup_march_free(m);
  return st;
}

void taup_march_free(taup_march *m)
{
  if (!m) return;
  N_Vector *const vectors[] = {&m->y, &m->atol, &m->q, &m->atol_q, &m->work, &m->weight};
  if (m->carried) taup_carried_free(m);
  if (m->cvode) CVodeFree(&m->cvode);
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    if (*vectors[i]) N_VDestroy(*vectors[i]);
  taup_linear_close(&m->linear);
  taup_free(m);
}

/* ---------- failures ---------- */

static const char *phrase_of(int flag)
{
  switch (flag) {
  case CV_TOO_MUCH_ACC: return "the tolerances are finer than the arithmetic";
  case CV_ERR_FAILURE: return "the step became too small";
  case CV_CONV_FAILURE: return "the implicit equations of a step do not converge";
  case CV_LSETUP_FAIL:
  case CV_LSOLVE_FAIL: return "the linear equations of a step are singular";
  case CV_ILL_INPUT: return "a state and its absolute tolerance are both zero";
  default: return "the integrator failed";
  }
}

static taup_error kind_of(int flag)
{
  switch (flag) {
  case CV_TOO_MUCH_ACC:
  case CV_ILL_INPUT: return TAUP_ERR_BAD_TOLERANCE;
  case CV_ERR_FAILURE: return TAUP_ERR_STEP_TOO_SMALL;
  case CV_CONV_FAILURE: return TAUP_ERR_NO_CONVERGENCE;
  case CV_LSETUP_FAIL:
  case CV_LSOLVE_FAIL: return TAUP_ERR_SINGULAR;
  default: return TAUP_ERR_INTEGRATOR_FAILED;
  }
}

static bool is_refusal(int flag)
{
  return flag == CV_FIRST_RHSFUNC_ERR || flag == CV_REPTD_RHSFUNC_ERR || flag == CV_UNREC_RHSFUNC_ERR ||
         flag == CV_FIRST_QRHSFUNC_ERR || flag == CV_REPTD_QRHSFUNC_ERR || flag == CV_UNREC_QRHSFUNC_ERR ||
         flag == CV_CONV_FAILURE || flag == CV_LSETUP_FAIL;
}

/* The step that was tried last. CVODES does not tell h, but gamma = h / l_1, where 1 <= l_1 <= 2.3 in its BDF. */
static double step_tried(const taup_march *m, int flag)
{
  double h = 0.0;
  if (flag == CV_FIRST_RHSFUNC_ERR || flag == CV_FIRST_QRHSFUNC_ERR || flag == CV_ILL_INPUT) return 0.0;
  if (flag < 0) CVodeGetCurrentGamma(m->cvode, &h);
  else CVodeGetLastStep(m->cvode, &h);
  return h;
}

/* States without an error weight: they and their absolute tolerances are zero. */
static void find_weightless(taup_march *m)
{
  const double *y = N_VGetArrayPointer(m->y), *atol = N_VGetArrayPointer(m->atol);
  for (int i = 0, k = 0; i < m->system.n && k < 3; i++)
    if (y[i] == 0.0 && atol[i] == 0.0) m->failure.worst[k++] = i;
}

static void find_worst(taup_march *m, int flag)
{
  if (m->refused) {
    memcpy(m->failure.worst, m->refused_rows, sizeof m->refused_rows);
    return;
  }
  if (flag == CV_ILL_INPUT) {
    find_weightless(m);
    return;
  }
  if (CVodeGetEstLocalErrors(m->cvode, m->work) != 0 || CVodeGetErrWeights(m->cvode, m->weight) != 0) return;
  taup_worst_three(m->system.n, N_VGetArrayPointer(m->work), N_VGetArrayPointer(m->weight), m->failure.worst);
}

static tau_status fail(taup_march *m, taup_error kind, const char *why, int flag)
{
  m->failure = (taup_failure){
    .kind = kind, .why = why, .s = m->s1, .h = step_tried(m, flag), .worst = {-1, -1, -1}, .flag = flag};
  find_worst(m, flag);
  return taup_fail_as(m->refused < 0 ? TAU_E_CALLBACK : TAU_E_SOLVER, kind, "%s, at s = %g", why, m->s1);
}

static tau_status fail_by_flag(taup_march *m, int flag)
{
  if (m->refused < 0) return fail(m, taup_refusal_kind(m->refused), taup_refusal(m->refused), flag);
  if (m->refused && is_refusal(flag))
    return fail(m, taup_refusal_kind(m->refused), taup_refusal(m->refused), flag);
  m->refused = 0; /* it was overcome; the failure has another cause */
  return fail(m, kind_of(flag), phrase_of(flag), flag);
}

/* ---------- the run ---------- */

static bool begin(taup_march *m, const taup_march_options *o)
{
  const size_t n = (size_t)m->system.n, n_q = (size_t)m->system.n_q;
  void *c = m->cvode;
  memcpy(N_VGetArrayPointer(m->atol), o->atol, n * sizeof *o->atol);
  m->rtol = o->rtol;
  if (CVodeReInit(c, 0.0, m->y) != 0) return false;
  if (CVodeSetStopTime(c, o->loose ? no_stop : 1.0) != 0) return false;
  if (CVodeSetNonlinConvCoef(c, o->steep ? steep_step : usual_step) != 0) return false;
  if (CVodeSetMaxStep(c, o->loose ? longest_loose_step : 0.0) != 0) return false;
  if (!m->q) return true;
  N_VConst(0.0, m->q);
  if (CVodeQuadReInit(c, m->q) != 0 || CVodeSetQuadErrCon(c, o->atol_q != NULL) != 0) return false;
  if (!o->atol_q) return true;
  memcpy(N_VGetArrayPointer(m->atol_q), o->atol_q, n_q * sizeof *o->atol_q);
  return CVodeQuadSVtolerances(c, o->rtol, m->atol_q) == 0;
}

/* One step. How many steps in a row have stood still is in *n_standing. */
static tau_status step(taup_march *m, int *n_standing, bool *at_stop)
{
  double s = m->s1;
  const int flag = CVode(m->cvode, 1.0, m->y, &s, CV_ONE_STEP);
  if (flag < 0) return fail_by_flag(m, flag);
  *at_stop = flag == CV_TSTOP_RETURN;
  *n_standing = s - m->s1 > standing_step * s ? 0 : *n_standing + 1;
  if (*n_standing > STANDING_STEPS)
    return fail(m, m->refused ? taup_refusal_kind(m->refused) : TAUP_ERR_STEP_TOO_SMALL,
                m->refused ? taup_refusal(m->refused) : phrase_of(CV_ERR_FAILURE), flag);
  if (*n_standing == 0) m->refused = 0;
  m->counts.n_steps++;
  m->s0 = m->s1;
  m->s1 = s;
  return TAU_OK;
}

/* Steps until s = 1, the observer's word or a failure. */
static tau_status go(taup_march *m, const taup_march_options *o, taup_observe_fn observe, void *user)
{
  int n_standing = 0;
  for (bool at_stop = false; !at_stop || o->loose;) {
    if (m->counts.n_steps >= o->max_steps) {
      m->refused = 0;
      return fail(m, TAUP_ERR_TOO_MANY_STEPS, "too many steps", 0);
    }
    TAU_TRY(step(m, &n_standing, &at_stop));
    const int said = observe ? observe(user, m, m->s0, m->s1) : 0;
    if (said == TAUP_STOP_HERE) return TAU_OK;
    m->ended = false;
    if (said != 0) return (tau_status)said;
  }
  return TAU_OK;
}

static void take_counts(taup_march *m)
{
  CVodeGetNumErrTestFails(m->cvode, &m->counts.n_error_failures);
  CVodeGetNumNonlinSolvIters(m->cvode, &m->counts.n_newton);
  if (m->counts.n_steps > 0) CVodeGetLastStep(m->cvode, &m->counts.last_step);
}

static void take_results(taup_march *m, double *y, double *q)
{
  const int n_q = m->q ? m->system.n_q : 0;
  if (m->ended) taup_march_at(m, m->end, y);
  else memcpy(y, N_VGetArrayPointer(m->y), (size_t)m->system.n * sizeof *y);
  if (n_q > 0) taup_march_integrals_at(m, m->ended ? m->end : m->s1, q);
  take_counts(m);
}

tau_status taup_march_run(taup_march *m, double *R, double *y, double *q, const taup_march_options *options,
                          taup_observe_fn observe, void *user)
{
  assert(m && R && y && options && options->atol && (q || !m->q));
  m->R = R;
  m->options = options;
  m->s0 = m->s1 = 0.0;
  m->ended = false;
  m->refused = 0;
  m->failure = (taup_failure){.why = "", .worst = {-1, -1, -1}};
  m->counts = (taup_solver_counts){0};
  memcpy(N_VGetArrayPointer(m->y), y, (size_t)m->system.n * sizeof *y);
  if (!taup_all_finite(m->system.n, y)) {
    m->refused = TAUP_NOT_FINITE;
    taup_rows_not_finite(m->system.n, y, NULL, m->refused_rows);
    return fail(m, TAUP_ERR_NOT_FINITE_EQUATIONS, "the state at the start is not finite", CV_ILL_INPUT);
  }
  if (!begin(m, options) || (m->carried && !taup_carried_begin(m, options)))
    return fail(m, TAUP_ERR_BAD_TOLERANCE, "the tolerances are not above zero", CV_ILL_INPUT);
  const tau_status st = go(m, options, observe, user);
  take_results(m, y, q);
  return st;
}

/* ---------- inside the observer ---------- */

static double inside(const taup_march *m, double s) { return fmin(fmax(s, m->s0), m->s1); }

void taup_march_at(taup_march *m, double s, double *y)
{
  const bool interpolated = s < m->s1 && CVodeGetDky(m->cvode, inside(m, s), 0, m->work) == 0;
  memcpy(y, N_VGetArrayPointer(interpolated ? m->work : m->y), (size_t)m->system.n * sizeof *y);
}

const double *taup_march_last_slope(const taup_march *m) { return m->slope; }

const double *taup_march_state(const taup_march *m) { return N_VGetArrayPointer(m->y); }

void taup_march_integrals_at(taup_march *m, double s, double *q)
{
  if (!m->q) return;
  if (m->counts.n_steps == 0) N_VConst(0.0, m->q);
  else CVodeGetQuadDky(m->cvode, inside(m, s), 0, m->q);
  memcpy(q, N_VGetArrayPointer(m->q), (size_t)m->system.n_q * sizeof *q);
}

void taup_march_end(taup_march *m, double s)
{
  m->ended = true;
  m->end = inside(m, s);
}

taup_failure taup_march_failure(const taup_march *m) { return m->failure; }
taup_solver_counts taup_march_counts(const taup_march *m) { return m->counts; }

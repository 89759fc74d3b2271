/* SPDX-License-Identifier: Apache-2.0 */
/* rate.c - a rate law of one's own, as a C function with a gradient and as one over complex numbers.
 *
 * A adsorbs on a catalyst and reacts there: r = k A / (1 + K A) (Langmuir-Hinshelwood). Along a tube of space time tau it obeys
 *
 *     ln(A0 / A) + K (A0 - A) = k tau
 *
 * so that the outlet can be judged: the program prints by how much it misses. */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <tautrain.h>

/* What the functions need besides their arguments: their `user`. SI. */
typedef struct langmuir {
  double k; /* [1/s] */
  double K; /* [m^3/mol] */
} langmuir;

/* x[0] is A [mol/m^3]; the value is the rate [mol/m^3/s]. The gradient is asked for where the solver builds its Jacobian. */
static int rate(void *user, int n, const double *x, double *value, double *gradient)
{
  const langmuir *l = user;
  const double free_sites = 1.0 + l->K * x[0];
  (void)n;
  if (free_sites <= 0.0) return 1; /* outside of what the law can say: the solver tries a smaller step */
  *value = l->k * x[0] / free_sites;
  if (gradient) gradient[0] = l->k / (free_sites * free_sites);
  return 0;
}

/* The same without a derivative by hand: it is taken by a complex step, exact to rounding. */
static int rate_complex(void *user, int n, const double *x_re_im, double value_re_im[2])
{
  const langmuir *l = user;
  double complex a, value;
  (void)n;
  memcpy(&a, x_re_im, sizeof a); /* C lays a complex number out as two doubles */
  value = l->k * a / (1.0 + l->K * a);
  memcpy(value_re_im, &value, sizeof value);
  return 0;
}

/* A coil of 1 mL at 1 mL/min: 60 s. The reaction has its equation; its rate is set below. */
static const char *const route[][2] = {
  {"tautrain", "1"},
  {"title", "A reacts on a catalyst"},
  {"solvent", "water"},
  {"species/A/molar_mass", "100 g/mol"},
  {"species/B/molar_mass", "100 g/mol"},
  {"reactions/r/equation", "A -> B"},
  {"feeds/feed/flow", "1 mL/min"},
  {"feeds/feed/concentration/A", "1 mol/L"},
  {"units/coil/type", "pfr"},
  {"units/coil/in", "feed"},
  {"units/coil/volume", "1 mL"},
  {"key/reactant", "A"},
  {"key/product", "B"},
};

static int build(tau_model **out)
{
  int st = tau_model_new(out);
  for (size_t i = 0; st >= 0 && i < sizeof route / sizeof *route; i++)
    st = tau_model_set(*out, route[i][0], route[i][1]);
  return st;
}

static int run(const char *name, tau_function real, tau_function_complex over_complex)
{
  langmuir l = {0.05, 2e-3}; /* must outlive the model and the train; or give `drop` what frees it */
  const double A0 = 1000.0, tau = 60.0;
  tau_model *model = NULL;
  tau_train *train = NULL;
  tau_result *result = NULL;
  double A = 0.0;
  int st = build(&model);
  if (st >= 0) st = tau_model_set_function(model, "reactions/r/rate", "A", real, over_complex, &l, NULL);
  if (st >= 0) st = tau_train_compile(&train, model);
  if (st >= 0) st = tau_train_run(&result, train, NULL, NULL);
  if (st >= 0) st = tau_result_value(result, "outlet/c/A", &A);
  if (st < 0) {
    fprintf(stderr, "%s: %s\n", tau_status_name(st), tau_last_error());
  } else {
    const double missed = log(A0 / A) + l.K * (A0 - A) - l.k * tau;
    printf("%-14s A = %.3f mol/m^3, %s the closed form\n", name, A, fabs(missed) < 1e-6 ? "as" : "NOT as");
  }
  tau_result_free(result);
  tau_train_free(train);
  tau_model_free(model);
  return st;
}

int main(void) { return run("with gradient", rate, NULL) < 0 || run("complex", NULL, rate_complex) < 0; }

/* SPDX-License-Identifier: Apache-2.0 */
/* test_builder.c - the equations of units as nodes, against the balances written out by hand. */
#include "support/small_run.h"

#include "train/train.h"

/* A unit's equations, evaluated: symbols by role and name. */
typedef struct scene {
  tau_train *train;
  taup_builder b;
  taup_equations e;
  taup_callback callbacks[4];
  double parameter[2 * 32], inlet[2 * 16], state[2 * 8];
} scene;

static void begin(scene *s, const char *text)
{
  memset(s, 0, sizeof *s);
  s->train = small_train(text);
  const taup_description *d = &s->train->d;
  s->b = (taup_builder){.chemistry = &d->chemistry,
                        .unit = &d->units.items[0],
                        .callbacks = s->callbacks,
                        .key_reactant = d->key_reactant,
                        .key_product = d->key_product,
                        .ratio = d->ratio};
  assert_int_equal(taup_graph_new(&s->b.g), TAU_OK);
  if (taup_builder_write(&s->b, &s->e) < 0) fail_msg("%s", tau_last_error());
  assert_true(s->b.n_roles <= 32 && s->b.n_state <= 8);
  for (int i = 0; i < s->b.n_roles; i++)
    s->parameter[2 * i] =
      s->b.roles[i] >= 0 ? d->chemistry.parameters.items[s->b.roles[i]].value : (double)NAN;
}

static void end(scene *s)
{
  taup_graph_free(s->b.g);
  taup_builder_free(&s->b);
  tau_train_free(s->train);
}

static void set_role(scene *s, int role, double value)
{
  for (int i = 0; i < s->b.n_roles; i++)
    if (s->b.roles[i] == role) s->parameter[2 * i] = value;
}

static double value_of(const scene *s, taup_node node)
{
  double out[2];
  const double *const values[4] = {NULL, s->parameter, s->inlet, s->state};
  assert_true(node >= 0);
  if (taup_complex_eval(s->b.g, values, 1, &node, out) < 0) fail_msg("%s", tau_last_error());
  return out[0];
}

static int field(const scene *s, const char *name)
{
  const taup_unit_kind *kind = s->b.unit->kind;
  for (int i = 0; i < kind->n_fields; i++)
    if (strcmp(kind->fields[i].name, name) == 0) return TAUP_ROLE_FIELD - i;
  fail_msg("no field %s", name);
  return 0;
}

#define HEAD                                                                                              \
  "tautrain: 1\n"                                                                                         \
  "solvent: {density: 800 kg/m^3, heat_capacity: 2500 J/kg/K}\n"                                          \
  "species: {A: {}, B: {}, C: {}}\n"                                                                      \
  "reactions: {r: {equation: A + B -> C, k: 0.25 L/mol/s, heat: -60 kJ/mol}, s: {equation: 2 C -> A, k: " \
  "0.5 L/mol/s, heat: 20 kJ/mol}}\n"                                                                      \
  "feeds: {f: {flow: 6 mL/min, temperature: 300 K, concentration: {A: 1 mol/L, B: 1 mol/L}}}\n"

static const double Q = 1e-7, F[3] = {3e-5, 4e-5, 2e-5}, c[3] = {300.0, 400.0, 200.0}, T = 340.0, V = 2e-6;
static const double r = 0.25e-3 * 300.0 * 400.0, back = 0.5e-3 * 200.0 * 200.0; /* mol/m^3/s */

static void set_flow(scene *s)
{
  s->inlet[2 * TAUP_IN_FLOW] = Q;
  s->inlet[2 * TAUP_IN_T] = s->inlet[2 * TAUP_IN_T_OF_H] = 310.0;
  s->inlet[2 * taup_inlet_index_F(0)] = s->inlet[2 * taup_inlet_index_F(1)] = 5e-5;
}

static void a_tube_adds_its_sources_to_the_flows(void **state)
{
  (void)state;
  scene s;
  begin(&s, HEAD "units: {u: {type: pfr, in: f, volume: 1 mL, diameter: 2 mm, heat: {jacket: {temperature: "
                 "320 K, U: 100 W/m^2/K}}}}\n");
  set_flow(&s);
  set_role(&s, field(&s, "volume"), V);
  set_role(&s, field(&s, "diameter"), 2e-3);
  set_role(&s, TAUP_ROLE_SIZE_MODE, 0.0);
  set_role(&s, TAUP_ROLE_AREA_MODE, 0.0);
  set_role(&s, TAUP_ROLE_JACKET_U, 100.0);
  set_role(&s, TAUP_ROLE_JACKET_TEMPERATURE, 320.0);
  assert_int_equal(s.b.n_state, 4); /* flows, T; the volume flow is constant */
  for (int i = 0; i < 3; i++) s.state[2 * i] = F[i];
  s.state[2 * 3] = T;
  assert_close_rel(value_of(&s, s.e.f[0]), V * (back - r), 1e-13);
  assert_close_rel(value_of(&s, s.e.f[1]), -V * r, 1e-13);
  assert_close_rel(value_of(&s, s.e.f[2]), V * (r - 2.0 * back), 1e-13);
  const double heat = 60e3 * r - 20e3 * back, wall = 100.0 * 4.0 / 2e-3 * (320.0 - T);
  assert_close_rel(value_of(&s, s.e.f[3]), V * (heat + wall) / (800.0 * 2500.0 * Q), 1e-13);
  assert_close_rel(value_of(&s, s.e.released), V * heat, 1e-13);
  assert_close_rel(value_of(&s, s.e.wall), V * wall, 1e-13);
  assert_close_rel(value_of(&s, s.e.start[3]), 310.0, 1e-15);
  assert_close_rel(value_of(&s, s.e.start[0]), 5e-5, 1e-15);
  end(&s);
}

static void a_tank_is_counted_in_residence_times(void **state)
{
  (void)state;
  scene s;
  begin(&s, HEAD "units: {u: {type: cstr, in: f, volume: 1 mL, heat: adiabatic}}\n");
  set_flow(&s);
  set_role(&s, field(&s, "volume"), V);
  set_role(&s, TAUP_ROLE_SIZE_MODE, 0.0);
  for (int i = 0; i < 3; i++) s.state[2 * i] = c[i];
  s.state[2 * 3] = T;
  const double tau = V / Q;
  assert_close_rel(value_of(&s, s.e.f[0]), 500.0 - c[0] + tau * (back - r), 1e-13);
  assert_close_rel(value_of(&s, s.e.f[2]), -c[2] + tau * (r - 2.0 * back), 1e-13);
  assert_close_rel(value_of(&s, s.e.f[3]), 310.0 - T + tau * (60e3 * r - 20e3 * back) / (800.0 * 2500.0),
                   1e-12);
  assert_close_rel(value_of(&s, s.e.out_F[1]), c[1] * Q, 1e-14);
  end(&s);
}

static void a_batch_runs_over_its_time(void **state)
{
  (void)state;
  scene s;
  begin(
    &s,
    "tautrain: 1\nspecies: {A: {}, B: {}, C: {}}\n"
    "reactions: {r: {equation: A + B -> C, k: 0.25 L/mol/s}, s: {equation: 2 C -> A, k: 0.5 L/mol/s}}\n"
    "units: {u: {type: batch, time: 1 h, charge: {volume: 1 L, concentration: {A: 1 mol/L, B: 1 mol/L}}}}\n");
  set_flow(&s);
  s.inlet[2 * TAUP_IN_FLOW] = 2e-3; /* m^3 of liquid */
  set_role(&s, field(&s, "time"), 50.0);
  for (int i = 0; i < 3; i++) s.state[2 * i] = c[i] * 2e-3;
  assert_int_equal(s.b.n_state, 3);
  assert_close_rel(value_of(&s, s.e.f[1]), -50.0 * 2e-3 * r, 1e-13);
  assert_close_rel(value_of(&s, s.e.f[2]), 50.0 * 2e-3 * (r - 2.0 * back), 1e-13);
  assert_close_rel(value_of(&s, s.e.size), 50.0, 1e-15);
  end(&s);
}

static void the_size_is_the_member_that_is_given(void **state)
{
  (void)state;
  static const char *const members[] = {"volume", "residence_time", "length"};
  static const double values[] = {2e-6, 20.0, 0.5}, want[] = {2e-6, 2e-6, 0.5 * 3.14159265358979324e-6};
  scene s;
  begin(&s, HEAD "units: {u: {type: pfr, in: f, volume: 1 mL, diameter: 2 mm}}\n");
  set_flow(&s);
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 3; k++) set_role(&s, field(&s, members[k]), k == i ? values[k] : (double)NAN);
    set_role(&s, field(&s, "diameter"), 2e-3);
    set_role(&s, TAUP_ROLE_SIZE_MODE, TAUP_ROLE_FIELD - field(&s, members[i]));
    assert_close_rel(value_of(&s, s.e.size), want[i], 1e-14);
  }
  end(&s);
}

/* Ideal mixture of A and B without expansion: the volume follows from what is there, dQ/ds = sum v_i
 * dF_i/ds. */
static void the_volume_flow_of_a_mixture_is_a_state(void **state)
{
  (void)state;
  scene s;
  begin(&s, "tautrain: 1\nsolvent: {density: ideal-mixture}\n"
            "species:\n"
            "  A: {molar_mass: 50 g/mol, density: 1000 kg/m^3}\n"
            "  B: {molar_mass: 100 g/mol, density: 800 kg/m^3}\n"
            "reactions: {r: {equation: 2 A -> B, k: 1 L/mol/s}}\n"
            "feeds: {f: {molar_flow: {A: 1 mmol/s}, temperature: 300 K}}\n"
            "units: {u: {type: pfr, in: f, volume: 1 mL}}\n");
  s.inlet[2 * TAUP_IN_FLOW] = 5e-8;
  s.inlet[2 * taup_inlet_index_F(0)] = 1e-3;
  set_role(&s, field(&s, "volume"), V);
  set_role(&s, TAUP_ROLE_SIZE_MODE, 0.0);
  assert_int_equal(s.b.n_state, 3);
  const double F_A = 6e-4, F_B = 2e-4, flow = F_A * 5e-5 + F_B * 1.25e-4,
               rate = 1e-3 * (F_A / flow) * (F_A / flow);
  s.state[0] = F_A;
  s.state[2] = F_B;
  s.state[4] = flow;
  assert_close_rel(value_of(&s, s.e.f[0]), -2.0 * V * rate, 1e-13);
  assert_close_rel(value_of(&s, s.e.f[2]), V * rate * (1.25e-4 - 2.0 * 5e-5), 1e-12);
  assert_close_rel(value_of(&s, s.e.start[2]), 5e-8, 1e-14);
  end(&s);
}

static void what_is_known_of_a_unit_without_a_liquid_is_little(void **state)
{
  (void)state;
  scene s;
  begin(&s, "tautrain: 1\nspecies: {A: {}, B: {}}\nreactions: {r: {equation: A -> B, k: 1 1/s}}\n"
            "feeds: {f: {flow: 1 mL/min, concentration: {A: 1 mol/L}}}\nunits: {u: {type: pfr, in: f, "
            "volume: 1 mL}}\n");
  assert_int_equal(s.e.capacity_in, TAUP_NODE_NONE);
  assert_int_equal(s.e.released, TAUP_NODE_NONE);
  assert_int_equal(s.e.until, TAUP_NODE_NONE);
  assert_int_equal(s.b.n_state, 2);
  end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_tube_adds_its_sources_to_the_flows),
    cmocka_unit_test(a_tank_is_counted_in_residence_times),
    cmocka_unit_test(a_batch_runs_over_its_time),
    cmocka_unit_test(the_size_is_the_member_that_is_given),
    cmocka_unit_test(the_volume_flow_of_a_mixture_is_a_state),
    cmocka_unit_test(what_is_known_of_a_unit_without_a_liquid_is_little),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

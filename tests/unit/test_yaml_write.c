/* SPDX-License-Identifier: Apache-2.0 */
/* test_yaml_write.c - what is written is read back, and looks as a person would have written it. */
#include "unit/yaml_text.h"

static void assert_round_trip(const tau_model *m)
{
  char *text = NULL, *again = NULL;
  assert_int_equal(tau_model_print(m, &text), TAU_OK);
  tau_model *back = read_well(text);
  if (!tau_model_equal(m, back)) fail_msg("reads back otherwise: %s", text);
  assert_int_equal(tau_model_print(back, &again), TAU_OK);
  assert_string_equal(text, again);
  tau_text_free(text);
  tau_text_free(again);
  tau_model_free(back);
}

/* A text as a value on its own, in a block, in a list, on one line with others, and as a key. */
static void assert_text_returns(const char *text)
{
  tau_model *m = NULL;
  char path[TAUP_LONGEST_KEY + 8] = "keys/";
  assert_int_equal(tau_model_new(&m), TAU_OK);
  assert_int_equal(tau_model_set(m, "a", text), TAU_OK);
  assert_int_equal(tau_model_set(m, "b/c/d", text), TAU_OK);
  assert_int_equal(tau_model_append(m, "l", text), TAU_OK);
  assert_int_equal(tau_model_append(m, "l", text), TAU_OK);
  if (*text && strlen(text) <= TAUP_LONGEST_KEY && !strchr(text, '/')) {
    strcat(path, text);
    assert_int_equal(tau_model_set(m, path, "x"), TAU_OK);
  }
  assert_round_trip(m);
  tau_model_free(m);
}

static const char *const texts[] = {
  "",
  " ",
  "x",
  "0.5 mol/L",
  "A + B -> C",
  "A => B",
  "no",
  "1",
  "~",
  "null",
  "c[\"a-b\"]",
  "25 degC",
  "- x",
  "-x",
  "-5 kJ/mol",
  "--",
  "---",
  "...",
  "... x",
  "--- x",
  "? x",
  "?x",
  ": x",
  ":x",
  "x:",
  "x: y",
  "x:y",
  "x :y",
  "# x",
  "x # y",
  "x#y",
  "x #y",
  "&a",
  "*a",
  "!t",
  "|",
  ">",
  "%",
  "% x",
  "50 %",
  "@x",
  "`x`",
  "'",
  "''",
  "it's",
  "\"",
  "\"x\"",
  "say \"hi\" it's",
  "\\",
  "\\n",
  "a\\b",
  "{",
  "}",
  "[",
  "]",
  "{a: 1}",
  "[a]",
  ",",
  "a,b",
  "a, b",
  " x",
  "x ",
  "  x  y  ",
  "x\ty",
  "\t",
  "\n",
  "x\n",
  "x\ny",
  "x\n\ny\n",
  "\nx",
  " x\ny",
  "x\n y\n",
  "x\n \ny",
  "x\ny\n\n",
  "x\n  ",
  "x\r\ny",
  "\x01",
  "\x7F",
  "\xC2\x85",
  "\xC2\x80",
  "\xC2\xA0",
  "\xE2\x80\xA8x",
  "x\xE2\x80\xA9",
  "\xEF\xBB\xBF",
  "\xEF\xBF\xBE",
  "\xC3\xA9\xC2\xB0",
  "\xF0\x9F\x98\x80",
  "<<",
  "=",
  "!!str x",
  "a\n---\nb",
  "a\n...\n",
  "a\n# b\n",
  "a: b\n- c\n",
  "%YAML 1.2",
  "<function>",
  "a\n\tb",
  "?",
  "-",
  ":",
  "a ? b",
};

static void every_text_is_read_back(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) assert_text_returns(texts[i]);
}

static uint32_t random_state;

/* Numerical Recipes' linear congruential generator: the same texts on every machine. */
static uint32_t random_below(uint32_t n)
{
  random_state = random_state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)random_state * n) >> 32);
}

static void random_text(char *text, uint32_t most)
{
  static const char *const signs[] = {" ",        " ",
                                      " ",        " ",
                                      "a",        "b",
                                      "word",     "x",
                                      "-",        ":",
                                      "#",        "'",
                                      "\"",       "\\",
                                      "\n",       "\t",
                                      "[",        "]",
                                      "{",        "}",
                                      ",",        "?",
                                      "&",        "*",
                                      "!",        "|",
                                      ">",        "%",
                                      "@",        "1",
                                      ".",        "\xC3\xA9",
                                      "\xC2\x85", "\xE2\x80\xA8",
                                      "\x02",     "\r"};
  const uint32_t kinds = random_below(4) ? 8 : sizeof signs / sizeof signs[0]; /* mostly words and blanks */
  *text = '\0';
  for (uint32_t i = random_below(most); i > 0; i--) strcat(text, signs[random_below(kinds)]);
}

static void random_texts_are_read_back(void **state)
{
  (void)state;
  char text[1300];
  random_state = 1;
  for (int i = 0; i < 3000; i++) {
    random_text(text, i % 10 ? 20 : 300); /* long ones are folded */
    assert_text_returns(text);
  }
}

static void fill(taup_tree *node, int depth)
{
  char key[64], text[200];
  for (uint32_t i = random_below(6); i > 0; i--) {
    const taup_tree_kind kind = depth > 5 ? TAUP_TREE_LEAF : (taup_tree_kind)random_below(3);
    do random_text(key, 8);
    while (!*key || (node->kind == TAUP_TREE_MAP && taup_tree_child(node, key)));
    random_text(text, 30);
    taup_tree *child = taup_tree_add(node, kind, node->kind == TAUP_TREE_MAP ? key : NULL,
                                     kind == TAUP_TREE_LEAF ? text : NULL);
    assert_non_null(child);
    if (kind != TAUP_TREE_LEAF) fill(child, depth + 1);
  }
}

static void random_trees_are_read_back(void **state)
{
  (void)state;
  random_state = 2;
  for (int i = 0; i < 1000; i++) {
    tau_model *m = NULL;
    assert_int_equal(tau_model_new(&m), TAU_OK);
    fill(m->root, 0);
    assert_round_trip(m);
    tau_model_free(m);
  }
}

static void the_layout_is_that_of_a_person(void **state)
{
  (void)state;
  static const char text[] =
    "tautrain: 1\n"
    "source: {doi: 10.1039/C6RE00109B, evidence: published, note: HF is not modelled}\n"
    "species:\n"
    "  DFNB: {formula: C6H3F2NO2}\n"
    "  empty: {}\n"
    "reactions:\n"
    "  a: {equation: DFNB + Pyrr -> ortho, k: {arrhenius: {k_ref: 0.579 L/mol/s, T_ref: 90 degC, Ea: 33.3 "
    "kJ/mol}}}\n"
    "  b:\n"
    "    equation: DFNB + Pyrr -> a-name-so-long-that-a-line-is-not-enough\n"
    "    k: {arrhenius: {k_ref: 0.0270 L/mol/s, T_ref: 90 degC, Ea: 35.3 kJ/mol}}\n"
    "    rate: \"kf*c['a']: odd\"\n"
    "units:\n"
    "  tee: {type: mixer, in: [nitro, amine]}\n"
    "note: A text of more words than one line of a hundred and ten characters can hold is folded at a blank, "
    "so\n"
    "  that a person can read it.\n"
    "notes: |\n"
    "  Lines\n"
    "  stay.\n"
    "list:\n"
    "  - {a: 1}\n"
    "  - - x\n"
    "    - a text that is long enough for the list it stands in not to be written on one line with all of "
    "the\n"
    "      others\n"
    "  - [x, y]\n";
  tau_model *m = read_well(text);
  char *printed = NULL;
  assert_int_equal(tau_model_print(m, &printed), TAU_OK);
  assert_string_equal(printed, text);
  tau_text_free(printed);
  tau_model_free(m);
}

static void no_line_is_longer_than_110(void **state)
{
  (void)state;
  char text[1300];
  random_state = 3;
  for (int i = 0; i < 300; i++) {
    tau_model *m = NULL;
    char *printed = NULL;
    random_text(text, 300);
    for (char *p = text; *p; p++)
      if (*p != ' ') *p = 'x';
    for (char *p = text; *p; p++)
      if (*p == ' ' && p[1] == ' ') *p = 'x';
    char *const blank = strchr(text, ' ');
    if (!blank || blank - text > 90 || text[strlen(text) - 1] == ' ') continue; /* a word cannot be broken */
    assert_int_equal(tau_model_new(&m), TAU_OK);
    assert_int_equal(tau_model_set(m, "a/b/c", text), TAU_OK);
    assert_int_equal(tau_model_print(m, &printed), TAU_OK);
    for (const char *line = printed; *line; line += strcspn(line, "\n") + 1)
      if (strcspn(line, "\n") > 110) fail_msg("%s", line);
    tau_text_free(printed);
    tau_model_free(m);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_text_is_read_back),    cmocka_unit_test(random_texts_are_read_back),
    cmocka_unit_test(random_trees_are_read_back), cmocka_unit_test(the_layout_is_that_of_a_person),
    cmocka_unit_test(no_line_is_longer_than_110),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

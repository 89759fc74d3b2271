/* SPDX-License-Identifier: Apache-2.0 */
/* test_tree.c - the model as a tree: paths, building, equality, functions of the user, places of mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <tautrain/model.h>

#include "base/alloc.h"
#include "model/tree.h"
#include "model/utf8.h"

static tau_model *new_model(void)
{
  tau_model *m = NULL;
  assert_int_equal(tau_model_new(&m), TAU_OK);
  return m;
}

static void set(tau_model *m, const char *path, const char *text)
{
  assert_int_equal(tau_model_set(m, path, text), TAU_OK);
}

static void assert_text(const tau_model *m, const char *path, const char *text)
{
  const char *have = tau_model_text(m, path);
  assert_non_null(have);
  assert_string_equal(have, text);
}

static void assert_printed(const tau_model *m, const char *expected)
{
  char *text = NULL;
  assert_int_equal(tau_model_print(m, &text), TAU_OK);
  assert_string_equal(text, expected);
  tau_text_free(text);
}

/* --- building ------------------------------------------------------------------------------------------- */

static void set_makes_the_blocks_on_the_way(void **state)
{
  (void)state;
  tau_model *m = new_model();
  set(m, "species/A/molar_mass", "100 g/mol");
  set(m, "species/B/molar_mass", "50 g/mol");
  assert_text(m, "species/A/molar_mass", "100 g/mol");
  assert_null(tau_model_text(m, "species/A"));
  assert_null(tau_model_text(m, "species/C"));
  assert_int_equal(tau_model_n_keys(m, ""), 1);
  assert_int_equal(tau_model_n_keys(m, "species"), 2);
  assert_int_equal(tau_model_n_keys(m, "species/A/molar_mass"), 0);
  assert_string_equal(tau_model_key(m, "species", 1), "B");
  assert_null(tau_model_key(m, "species", 2));
  assert_null(tau_model_key(m, "species", -1));
  tau_model_free(m);
}

static void set_replaces_leaves_and_blocks(void **state)
{
  (void)state;
  tau_model *m = new_model();
  set(m, "a/b/c", "1");
  set(m, "a/d", "2");
  set(m, "a/b", "3");
  set(m, "a/b", "4");
  assert_text(m, "a/b", "4");
  assert_null(tau_model_text(m, "a/b/c"));
  assert_string_equal(tau_model_key(m, "a", 0), "b"); /* it keeps its place */
  tau_model_free(m);
}

static void an_empty_leaf_becomes_a_block(void **state)
{
  (void)state;
  tau_model *m = new_model();
  set(m, "species/A", "");
  set(m, "species/A/formula/more", "H2");
  assert_text(m, "species/A/formula/more", "H2");
  tau_model_free(m);
}

static void append_makes_and_extends_lists(void **state)
{
  (void)state;
  tau_model *m = new_model();
  assert_int_equal(tau_model_append(m, "units/tee/in", "a"), TAU_OK);
  assert_int_equal(tau_model_append(m, "units/tee/in", "b"), TAU_OK);
  set(m, "units/coil/in", "tee"); /* a single text becomes the first item */
  assert_int_equal(tau_model_append(m, "units/coil/in", "cold"), TAU_OK);
  set(m, "units/coil/in/1", "warm");
  assert_text(m, "units/tee/in/0", "a");
  assert_text(m, "units/tee/in/1", "b");
  assert_text(m, "units/coil/in/0", "tee");
  assert_text(m, "units/coil/in/1", "warm");
  assert_string_equal(tau_model_key(m, "units/tee/in", 1), "b");
  assert_null(tau_model_text(m, "units/tee/in/2"));
  assert_null(tau_model_text(m, "units/tee/in/01"));
  assert_null(tau_model_text(m, "units/tee/in/-1"));
  assert_null(tau_model_text(m, "units/tee/in/99999999999"));
  assert_printed(m, "units:\n  tee: {in: [a, b]}\n  coil: {in: [tee, warm]}\n");
  tau_model_free(m);
}

static void remove_takes_a_branch(void **state)
{
  (void)state;
  tau_model *m = new_model();
  set(m, "a/b/c", "1");
  set(m, "a/d", "2");
  assert_int_equal(tau_model_append(m, "l", "x"), TAU_OK);
  assert_int_equal(tau_model_append(m, "l", "y"), TAU_OK);
  assert_int_equal(tau_model_remove(m, "a/b"), TAU_OK);
  assert_int_equal(tau_model_remove(m, "l/0"), TAU_OK);
  assert_int_equal(tau_model_remove(m, "a/b"), TAU_E_NAME);
  assert_int_equal(tau_model_remove(m, ""), TAU_E_NAME);
  assert_printed(m, "a: {d: 2}\nl: [y]\n");
  tau_model_free(m);
}

/* More children than are looked through one by one: found by the index, which must survive removal. */
static void many_children_are_found(void **state)
{
  (void)state;
  enum { N = 1000 };
  tau_model *m = new_model();
  char path[32], text[32];
  for (int i = 0; i < N; i++) {
    snprintf(path, sizeof path, "s/k%d", i);
    snprintf(text, sizeof text, "%d", i);
    set(m, path, text);
  }
  for (int i = 0; i < N; i += 3) {
    snprintf(path, sizeof path, "s/k%d", i);
    assert_int_equal(tau_model_remove(m, path), TAU_OK);
  }
  for (int i = 0; i < N; i++) {
    snprintf(path, sizeof path, "s/k%d", i);
    snprintf(text, sizeof text, "%d", i);
    if (i % 3) assert_text(m, path, text);
    else assert_null(tau_model_text(m, path));
  }
  assert_int_equal(tau_model_n_keys(m, "s"), N - (N + 2) / 3);
  tau_model_free(m);
}

static void bad_paths_are_refused_and_change_nothing(void **state)
{
  (void)state;
  static const struct {
    const char *path, *what;
  } bad[] = {
    {"", "a key in it is empty"},
    {"/a", "a key in it is empty"},
    {"a//b", "a key in it is empty"},
    {"a/", "a key in it is empty"},
    {"leaf/b", "'leaf' is the text 'x', not a block"},
    {"leaf/b/c/d", "'leaf' is the text 'x', not a block"},
    {"list/1", "'list' is a list of 1"},
    {"list/a", "'list' is a list of 1"},
    {"a/\xFF", "not UTF-8"},
  };
  tau_model *m = new_model();
  set(m, "leaf", "x");
  assert_int_equal(tau_model_append(m, "list", "y"), TAU_OK);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(tau_model_set(m, bad[i].path, "1"), TAU_E_NAME);
    if (!strstr(tau_last_error(), bad[i].what)) fail_msg("%s: %s", bad[i].path, tau_last_error());
  }
  assert_int_equal(tau_model_set(m, "a/b", "\xC3"), TAU_E_VALUE);
  assert_int_equal(tau_model_append(m, "leaf/b", "1"), TAU_E_NAME);
  set(m, "block/b", "1");
  assert_int_equal(tau_model_append(m, "block", "1"), TAU_E_NAME);
  assert_printed(m, "leaf: x\nlist: [y]\nblock: {b: 1}\n");
  tau_model_free(m);
}

static void depth_and_length_of_paths_are_limited(void **state)
{
  (void)state;
  tau_model *m = new_model();
  char path[2 * TAUP_DEEPEST + 2] = "", key[TAUP_LONGEST_KEY + 2];
  for (int i = 0; i < TAUP_DEEPEST; i++) strcat(path, i ? "/a" : "a");
  set(m, path, "x");
  assert_text(m, path, "x");
  strcat(path, "/a");
  assert_int_equal(tau_model_remove(m, "a"), TAU_OK);
  assert_int_equal(tau_model_set(m, path, "x"), TAU_E_NAME);
  memset(key, 'k', sizeof key - 1);
  key[sizeof key - 1] = '\0';
  assert_int_equal(tau_model_set(m, key, "x"), TAU_E_NAME);
  set(m, key + 1, "x");
  assert_text(m, key + 1, "x");
  tau_model_free(m);
}

/* --- copies and equality -------------------------------------------------------------------------------- */

static void equality_ignores_the_order_of_keys_but_not_of_items(void **state)
{
  (void)state;
  tau_model *a = new_model(), *b = new_model();
  set(a, "s/x", "1");
  set(a, "s/y", "2");
  set(b, "s/y", "2");
  assert_false(tau_model_equal(a, b));
  set(b, "s/x", "1");
  assert_true(tau_model_equal(a, b));
  set(b, "s/x", "1.0"); /* texts are compared, not numbers */
  assert_false(tau_model_equal(a, b));
  set(b, "s/x", "1");
  assert_int_equal(tau_model_append(a, "l", "p"), TAU_OK);
  assert_int_equal(tau_model_append(a, "l", "q"), TAU_OK);
  assert_int_equal(tau_model_append(b, "l", "q"), TAU_OK);
  assert_int_equal(tau_model_append(b, "l", "p"), TAU_OK);
  assert_false(tau_model_equal(a, b));
  tau_model_free(a);
  tau_model_free(b);
}

static void a_copy_is_equal_and_its_own(void **state)
{
  (void)state;
  tau_model *a = new_model(), *b = NULL;
  set(a, "s/x", "1");
  assert_int_equal(tau_model_append(a, "l", "p"), TAU_OK);
  assert_int_equal(tau_model_copy(&b, a), TAU_OK);
  assert_true(tau_model_equal(a, b));
  set(b, "s/x", "2");
  assert_text(a, "s/x", "1");
  tau_model_free(a);
  assert_text(b, "s/x", "2");
  tau_model_free(b);
}

static void the_source_of_a_built_model_is_its_text(void **state)
{
  (void)state;
  size_t n = 0;
  tau_model *m = new_model();
  assert_string_equal(tau_model_source(m, &n), "{}\n");
  assert_int_equal(n, 3);
  set(m, "a", "1");
  assert_string_equal(tau_model_source(m, NULL), "a: 1\n");
  set(m, "a", "2");
  assert_string_equal(tau_model_source(m, &n), "a: 2\n");
  assert_int_equal(n, 5);
  tau_model_free(m);
}

/* --- functions of the user ------------------------------------------------------------------------------ */

static int twice(void *user, int n, const double *x, double *value, double *gradient)
{
  (void)user;
  (void)n;
  *value = 2 * x[0];
  if (gradient) gradient[0] = 2;
  return 0;
}

static void count_drop(void *user) { ++*(int *)user; }

static void a_function_is_dropped_with_its_last_model(void **state)
{
  (void)state;
  int dropped = 0;
  tau_model *a = new_model(), *b = NULL;
  char *text = NULL;
  assert_int_equal(tau_model_set_function(a, "reactions/r/rate", "A T", twice, NULL, &dropped, count_drop),
                   TAU_OK);
  assert_int_equal(tau_model_copy(&b, a), TAU_OK);
  assert_true(tau_model_equal(a, b));
  const taup_tree *leaf = taup_tree_find(b->root, "reactions/r/rate");
  assert_string_equal(leaf->function->arguments, "A T");
  assert_int_equal(tau_model_print(a, &text), TAU_E_UNSUPPORTED);
  assert_null(text);
  assert_string_equal(tau_model_source(a, NULL), "reactions:\n  r: {rate: <function>}\n");
  tau_model_free(a);
  assert_int_equal(dropped, 0);
  set(b, "reactions/r/rate", "2*A");
  assert_int_equal(dropped, 1);
  tau_model_free(b);
  assert_int_equal(dropped, 1);
}

static void a_function_stands_at_a_rate_only(void **state)
{
  (void)state;
  int dropped = 0;
  tau_model *m = new_model();
  static const char *const bad[] = {"reactions/r/k", "reactions//rate", "rate", "species/r/rate",
                                    "reactions/r/rate/x"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(tau_model_set_function(m, bad[i], "A", twice, NULL, &dropped, count_drop), TAU_E_NAME);
  set(m, "reactions/r", "x");
  assert_int_equal(tau_model_set_function(m, "reactions/r/rate", "A", twice, NULL, &dropped, count_drop),
                   TAU_E_NAME);
  tau_model_free(m);
  assert_int_equal(dropped, 0); /* after a failure the function is still the caller's */
}

/* --- memory --------------------------------------------------------------------------------------------- */

/* Every call of building, with the k-th allocation failing for all k: no change after a failure, nothing
 * lost. */
static int n_allocations, fail_at, n_alive;

static void *counted_malloc(void *user, size_t bytes)
{
  (void)user;
  if (++n_allocations == fail_at) return NULL;
  void *block = test_malloc(bytes);
  n_alive++;
  return block;
}

static void *counted_realloc(void *user, void *block, size_t bytes)
{
  (void)user;
  if (++n_allocations == fail_at) return NULL;
  n_alive += block == NULL;
  return test_realloc(block, bytes);
}

static void counted_free(void *user, void *block)
{
  (void)user;
  n_alive--;
  test_free(block);
}

static tau_status build(tau_model **out, int *dropped)
{
  tau_status st;
  char path[32];
  tau_model *m = NULL;
  if ((st = tau_model_new(&m)) < 0) return st;
  if ((st = tau_model_set(m, "units/coil/heat/jacket/U", "1")) < 0) goto done;
  if ((st = tau_model_set(m, "units/coil/in", "")) < 0) goto done;
  if ((st = tau_model_append(m, "units/coil/in", "a")) < 0) goto done;
  if ((st = tau_model_append(m, "units/coil/in", "b")) < 0) goto done;
  if ((st = tau_model_set(m, "units/tee/in", "c")) < 0) goto done;
  if ((st = tau_model_append(m, "units/tee/in", "d")) < 0) goto done;
  if ((st = tau_model_set_function(m, "reactions/r/rate", "A", twice, NULL, dropped, count_drop)) < 0)
    goto done;
  for (int i = 0; i < 20; i++) {
    snprintf(path, sizeof path, "species/s%d", i);
    if ((st = tau_model_set(m, path, "x")) < 0) goto done;
  }
  if ((st = tau_model_remove(m, "species/s3")) < 0) goto done;
  if ((st = tau_model_copy(out, m)) < 0) goto done;
  if (!tau_model_source(*out, NULL)) st = TAU_E_NOMEM;
done:
  tau_model_free(m);
  return st;
}

static void no_failing_allocation_is_lost(void **state)
{
  (void)state;
  const tau_allocator counted = {counted_malloc, counted_realloc, counted_free, NULL};
  tau_allocator_set(&counted);
  tau_status st = TAU_E_NOMEM;
  for (fail_at = 1; st != TAU_OK; fail_at++) {
    int dropped = 0;
    tau_model *m = NULL;
    n_allocations = n_alive = 0;
    st = build(&m, &dropped);
    if (st != TAU_OK) assert_int_equal(st, TAU_E_NOMEM);
    if (st == TAU_OK) assert_int_equal(tau_model_n_keys(m, "species"), 19);
    tau_model_free(m);
    assert_int_equal(n_alive, 0);
  }
  assert_true(fail_at > 100); /* many were tried */
  tau_allocator_set(NULL);
}

static void a_failing_set_changes_nothing(void **state)
{
  (void)state;
  const tau_allocator counted = {counted_malloc, counted_realloc, counted_free, NULL};
  tau_allocator_set(&counted);
  fail_at = 0;
  tau_model *m = new_model(), *before = NULL;
  set(m, "a/b", "1");
  assert_int_equal(tau_model_copy(&before, m), TAU_OK);
  tau_status st = TAU_E_NOMEM;
  for (int k = 1; st != TAU_OK; k++) {
    n_allocations = 0;
    fail_at = k;
    st = tau_model_set(m, "a/c/d/e", "2");
    fail_at = 0;
    assert_true(tau_model_equal(m, before) == (st != TAU_OK));
  }
  tau_model_free(m);
  tau_model_free(before);
  tau_allocator_set(NULL);
}

/* --- mistakes ------------------------------------------------------------------------------------------- */

typedef struct told {
  int n, line[32], column[32];
  char path[64], text[1024];
} told;

static void tell(void *user, const tau_mistake *mistake)
{
  told *t = user;
  if (t->n < 32) {
    t->line[t->n] = mistake->line;
    t->column[t->n] = mistake->column;
  }
  t->n++;
  snprintf(t->path, sizeof t->path, "%s", mistake->path);
  snprintf(t->text, sizeof t->text, "%s", mistake->text);
}

static void twenty_mistakes_are_told_and_all_counted(void **state)
{
  (void)state;
  told t = {0};
  taup_mistakes m = {.file = "f.yaml", .report = tell, .user = &t};
  assert_int_equal(taup_mistakes_status(&m), TAU_OK);
  for (int i = 1; i <= 25; i++) taup_mistake_at(&m, i, 2, "a/b", TAUP_ERR_BAD_NUMBER, "number %d", i);
  assert_int_equal(t.n, 20);
  assert_int_equal(m.n, 25);
  assert_int_equal(taup_mistakes_status(&m), TAU_E_MODEL);
  assert_string_equal(tau_last_error(), "f.yaml:1:2: number 1");
}

static void a_mistake_without_a_line_is_told_by_its_path(void **state)
{
  (void)state;
  taup_mistakes none = {0}, named = {.file = "f.yaml"};
  tau_model *m = new_model();
  set(m, "feeds/f/flow", "1");
  taup_mistake(&none, taup_tree_find(m->root, "feeds/f/flow"), TAUP_ERR_MISSING_UNIT, "needs a unit");
  assert_string_equal(none.first, "feeds/f/flow: needs a unit");
  taup_mistake_key(&named, taup_tree_find(m->root, "feeds/f"), TAUP_ERR_BAD_NAME, "is %s", "odd");
  assert_string_equal(named.first, "f.yaml: feeds/f: is odd");
  tau_model_free(m);
}

static void a_mistake_is_one_line_of_utf8(void **state)
{
  (void)state;
  told t = {0};
  taup_mistakes m = {.report = tell, .user = &t};
  char lengthy[2000];
  taup_mistake_at(&m, 1, 1, NULL, TAUP_ERR_BAD_NAME,
                  "a\nb\tc\x01"
                  "d\xFF.");
  assert_string_equal(t.text, "a b c d?.");
  memset(lengthy, 'x', sizeof lengthy);
  for (size_t i = 1; i + 2 < sizeof lengthy; i += 2)
    memcpy(lengthy + i, "\xC3\xA9", 2); /* cut within a character, or not */
  lengthy[sizeof lengthy - 1] = '\0';
  for (int shift = 0; shift < 2; shift++) {
    taup_mistake_at(&m, 1, 1, NULL, TAUP_ERR_BAD_NAME, "%s", lengthy + 1 - shift);
    assert_true(taup_utf8_is_valid(t.text, strlen(t.text)));
    assert_null(strchr(t.text, '?'));
    assert_true(strlen(t.text) > 800);
  }
}

static void mistakes_are_told_in_the_order_of_the_file(void **state)
{
  (void)state;
  told t = {0};
  taup_mistake_list list = {0};
  taup_mistakes found = {.report = taup_mistakes_collect, .user = &list},
                to = {.file = "f", .report = tell, .user = &t};
  static const int at[][2] = {{7, 1}, {2, 9}, {2, 3}, {7, 1}, {1, 1}};
  for (int i = 0; i < 5; i++)
    taup_mistake_at(&found, at[i][0], at[i][1], "p", i % 2 ? TAUP_ERR_BAD_NAME : TAUP_ERR_BAD_KEY, "%d", i);
  taup_mistakes_tell(&list, &to);
  static const int line[] = {1, 2, 2, 7, 7}, column[] = {1, 3, 9, 1, 1};
  assert_memory_equal(t.line, line, sizeof line);
  assert_memory_equal(t.column, column, sizeof column);
  assert_string_equal(t.text, "3"); /* found after the other one at the same place */
  assert_string_equal(to.first, "f:1:1: 4");
}

static void the_path_of_a_node_fits_any_buffer(void **state)
{
  (void)state;
  char path[32];
  tau_model *m = new_model();
  assert_int_equal(tau_model_append(m, "units/tee/in", "a"), TAU_OK);
  assert_int_equal(tau_model_append(m, "units/tee/in", "b"), TAU_OK);
  const taup_tree *item = taup_tree_find(m->root, "units/tee/in/1");
  assert_string_equal(taup_tree_path(item, path, sizeof path), "units/tee/in/1");
  assert_string_equal(taup_tree_path(item, path, 9), "units/te");
  assert_string_equal(taup_tree_path(item, path, 1), "");
  assert_string_equal(taup_tree_path(m->root, path, sizeof path), "");
  tau_model_free(m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(set_makes_the_blocks_on_the_way),
    cmocka_unit_test(set_replaces_leaves_and_blocks),
    cmocka_unit_test(an_empty_leaf_becomes_a_block),
    cmocka_unit_test(append_makes_and_extends_lists),
    cmocka_unit_test(remove_takes_a_branch),
    cmocka_unit_test(many_children_are_found),
    cmocka_unit_test(bad_paths_are_refused_and_change_nothing),
    cmocka_unit_test(depth_and_length_of_paths_are_limited),
    cmocka_unit_test(equality_ignores_the_order_of_keys_but_not_of_items),
    cmocka_unit_test(a_copy_is_equal_and_its_own),
    cmocka_unit_test(the_source_of_a_built_model_is_its_text),
    cmocka_unit_test(a_function_is_dropped_with_its_last_model),
    cmocka_unit_test(a_function_stands_at_a_rate_only),
    cmocka_unit_test(no_failing_allocation_is_lost),
    cmocka_unit_test(a_failing_set_changes_nothing),
    cmocka_unit_test(twenty_mistakes_are_told_and_all_counted),
    cmocka_unit_test(a_mistake_without_a_line_is_told_by_its_path),
    cmocka_unit_test(a_mistake_is_one_line_of_utf8),
    cmocka_unit_test(mistakes_are_told_in_the_order_of_the_file),
    cmocka_unit_test(the_path_of_a_node_fits_any_buffer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

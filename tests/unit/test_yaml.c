/* SPDX-License-Identifier: Apache-2.0 */
/* test_yaml.c - model files: what is read, what is refused and where. */
#include "unit/yaml_text.h"

#include "base/text.h"

static void assert_leaf(const char *file, const char *path, const char *text)
{
  tau_model *m = read_well(file);
  const char *have = tau_model_text(m, path);
  if (!have) fail_msg("nothing at '%s' in: %s", path, file);
  assert_string_equal(have, text);
  tau_model_free(m);
}

/* --- reading -------------------------------------------------------------------------------------------- */

static void texts_are_read_as_they_are(void **state)
{
  (void)state;
  assert_leaf("a: 0.50 mol/L", "a", "0.50 mol/L"); /* numbers keep their digits */
  assert_leaf("a: no", "a", "no");                 /* nothing is a truth value or a null */
  assert_leaf("a: ~", "a", "~");
  assert_leaf("a: 1:30", "a", "1:30"); /* nor a number to the base 60 */
  assert_leaf("a: A + B -> C", "a", "A + B -> C");
  assert_leaf("a: c[\"a-b\"] # why", "a", "c[\"a-b\"]");
  assert_leaf("{a: 'it''s', b: \"x\\ty\"}", "b", "x\ty");
  assert_leaf("a: one\n  two\n\n  three", "a", "one two\nthree");
  assert_leaf("a: |\n  one\n  two\n", "a", "one\ntwo\n");
  assert_leaf("a: >-\n  one\n  two\n", "a", "one two");
  assert_leaf("a: \"\\u00b0\"", "a", "\xC2\xB0");
  assert_leaf("a: 25 \xC2\xB0"
              "C",
              "a",
              "25 \xC2\xB0"
              "C");
  assert_leaf("solvent:\nb: 1", "solvent", "");
  assert_leaf("a: ''", "a", "");
  assert_leaf("a: [x, {b: y}]", "a/1/b", "y");
  assert_leaf("a:\n- x\n- y\n", "a/1", "y");
  assert_leaf("? a\n: 1\n", "a", "1");
  assert_leaf("%YAML 1.2\n---\na: 1\n...\n", "a", "1");
  assert_leaf("a: 1\r\nb: 2\r\n", "b", "2");
  assert_leaf("\xEF\xBB\xBF"
              "a: 1",
              "a", "1"); /* a byte order mark is no text */
}

static void plain_tags_are_read_and_change_nothing(void **state)
{
  (void)state;
  assert_leaf("a: !!str 1\nb: !!map {c: !!float 1.50}\nd: !!seq [! x]", "b/c", "1.50");
  assert_leaf("a: !!null ~", "a", "~");
}

static void aliases_are_copies(void **state)
{
  (void)state;
  tau_model *m = read_well("a: &x {k: &y 1}\nb: *x\nc: *y\nd: &x 2\ne: *x\nf: [*x, *y]\n");
  assert_string_equal(tau_model_text(m, "b/k"), "1");
  assert_string_equal(tau_model_text(m, "c"), "1");
  assert_string_equal(tau_model_text(m, "e"), "2"); /* an anchor given again: the last counts */
  assert_string_equal(tau_model_text(m, "f/1"), "1");
  assert_int_equal(tau_model_set(m, "b/k", "3"), TAU_OK);
  assert_string_equal(tau_model_text(m, "a/k"), "1");
  tau_model_free(m);
}

static void the_source_is_kept_until_the_model_changes(void **state)
{
  (void)state;
  static const char text[] = "\xEF\xBB\xBF# why\na:  1\n";
  size_t n = 0;
  tau_model *m = read_well(text), *copy = NULL;
  assert_string_equal(tau_model_source(m, &n), text);
  assert_int_equal(n, sizeof text - 1);
  assert_int_equal(tau_model_copy(&copy, m), TAU_OK);
  assert_string_equal(tau_model_source(copy, &n), text);
  assert_int_equal(tau_model_remove(copy, "b"), TAU_E_NAME);
  assert_string_equal(tau_model_source(copy, &n), text); /* what failed changed nothing */
  assert_int_equal(tau_model_set(copy, "a", "2"), TAU_OK);
  assert_string_equal(tau_model_source(copy, &n), "a: 2\n");
  tau_model_free(m);
  tau_model_free(copy);
}

/* --- places --------------------------------------------------------------------------------------------- */

static void assert_place(const tau_model *m, const char *path, const int expected[6])
{
  const taup_tree *n = taup_tree_find(m->root, path);
  assert_non_null(n);
  const int have[] = {n->key_line, n->key_column, n->line, n->column, n->text_line, n->text_column};
  for (int i = 0; i < 6; i++)
    if (have[i] != expected[i]) fail_msg("%s: number %d is %d, not %d", path, i, have[i], expected[i]);
}

static void every_node_knows_its_place(void **state)
{
  (void)state;
  tau_model *m = read_well("a: 1\n"
                           "b:\n"
                           "  \xC3\xA9\xC3\xA9: {c: \"x\", d: [y, 'z']}\n" /* columns count characters */
                           "e: &n !!str q\n"
                           "f: *n\n"
                           "g: |\n  lines\n"
                           "h:\n");
  assert_place(m, "a", (int[]){1, 1, 1, 4, 1, 4});
  assert_place(m, "b", (int[]){2, 1, 3, 3, 0, 0});
  assert_place(m, "b/\xC3\xA9\xC3\xA9", (int[]){3, 3, 3, 7, 0, 0});
  assert_place(m, "b/\xC3\xA9\xC3\xA9/c", (int[]){3, 8, 3, 11, 3, 12});
  assert_place(m, "b/\xC3\xA9\xC3\xA9/d", (int[]){3, 16, 3, 19, 0, 0});
  assert_place(m, "b/\xC3\xA9\xC3\xA9/d/0", (int[]){3, 20, 3, 20, 3, 20});
  assert_place(m, "b/\xC3\xA9\xC3\xA9/d/1", (int[]){3, 23, 3, 23, 3, 24});
  assert_place(m, "e", (int[]){4, 1, 4, 4, 4, 13}); /* behind anchor and tag */
  assert_place(m, "f", (int[]){5, 1, 4, 4, 4, 13}); /* the value stands where the anchor is */
  assert_place(m, "g", (int[]){6, 1, 6, 4, 0, 0});
  assert_place(m, "h", (int[]){8, 1, 8, 3, 8, 3});
  tau_model_free(m);
}

/* The place of each mark '^' of the text of "a", found by taup_mistake_in, must hold a '^' of the file. */
static void assert_marks(const char *file, int n_marks)
{
  tau_model *m = read_well(file);
  const taup_tree *leaf = taup_tree_find(m->root, "a");
  int found = 0, column = 1;
  for (const char *p = leaf->text; *p; p++) {
    if (((unsigned char)*p & 0xC0) == 0x80) continue;
    if (*p == '^') {
      told t = {0};
      taup_mistakes mistakes = {.report = tell, .user = &t};
      int line, at;
      taup_mistake_in(&mistakes, leaf, column, TAUP_ERR_BAD_NUMBER, "here");
      assert_int_equal(sscanf(t.lines[0], "%d:%d", &line, &at), 2);
      const char *q = file;
      for (; line > 1; line--) q = strchr(q, '\n') + 1;
      for (; at > 1; at--) do
          q++;
        while (((unsigned char)*q & 0xC0) == 0x80);
      if (*q != '^') fail_msg("mark %d is looked for at '%s'", found, q);
      found++;
    }
    column++;
  }
  assert_int_equal(found, n_marks);
  tau_model_free(m);
}

static void a_character_of_a_text_is_found_in_the_file(void **state)
{
  (void)state;
  assert_marks("a: x^y^", 2);
  assert_marks("b: 1\na:   '^y^'", 2);
  assert_marks("a: \"\\\"^\\u00b0^\\x41\\U0001F600^\\t^\"", 4);
  assert_marks("a: 'it''s^ o''^'", 2);
  assert_marks("a: \xC3\xA9^ x\n   ^y\n\n\n  z^", 3); /* folded lines: a blank, then two line feeds */
  assert_marks("a: \"\xC3\xA9^ x\n   ^y  \n \n  \\\" z^\"", 3);
  assert_marks("a: \"x\\\n   ^y\"", 1); /* an escaped line break stands for nothing */
  assert_marks("a: 'x\r\n   ^y'", 1);
  assert_marks("a: &n !!str \"\\\\^\"", 1);
}

/* --- what is refused ------------------------------------------------------------------------------------ */

typedef struct refusal {
  const char *file;
  tau_status status;
  const char *said[4]; /* line, column, path and the beginning of what is said */
} refusal;

static void assert_refused(const refusal *r)
{
  told t = {0};
  tau_model *m = NULL;
  const tau_status st = read_text(&m, r->file, strlen(r->file), &t);
  tau_model_free(m);
  if (st != r->status)
    fail_msg("%s instead of %s for: %s", tau_status_name(st), tau_status_name(r->status), r->file);
  int n = 0;
  for (; n < 4 && r->said[n]; n++)
    if (n >= t.n || strncmp(t.lines[n], r->said[n], strlen(r->said[n])) != 0)
      fail_msg("'%s' instead of '%s' for: %s", n < t.n ? t.lines[n] : "", r->said[n], r->file);
  if (t.n != n) fail_msg("%d mistakes instead of %d for: %s", t.n, n, r->file);
}

static void mistakes_name_their_place_and_reading_goes_on(void **state)
{
  (void)state;
  static const refusal all[] = {
    {"a: 1\nb: 2\na: 3\nb: 4",
     TAU_E_MODEL,
     {"3:1 [a] the key 'a' stands here again; first in line 1",
      "4:1 [b] the key 'b' stands here again; first in line 2"}},
    {"s: {x: {y: 1, y: 2}}", TAU_E_MODEL, {"1:15 [s/x/y] the key 'y' stands here again"}},
    {"a: 1\na: {b: 1, b: 2}",
     TAU_E_MODEL,
     {"2:1 [a] the key 'a'", "2:11 [a/b] the key 'b'"}}, /* within what is dropped */
    {"[a]: 1\nb: {{c: 1}: 2}", TAU_E_MODEL, {"1:1 [] a key must be a text", "2:5 [b] a key must be a text"}},
    {"a: &x 1\n*x : 2", TAU_E_MODEL, {"2:1 [] a key must be a text; write it out"}},
    {"<<: {a: 1}\nb: {<<: 2}", TAU_E_MODEL, {"1:1 [<<] merge keys", "2:5 [b/<<] merge keys"}},
    {"a: !foo 1\nb: !!python/object:os.system [x]\nc: !!int {}",
     TAU_E_MODEL,
     {"1:4 [a] the tag '!foo'", "2:4 [b] the tag 'tag:yaml.org,2002:python/object:os.system'",
      "3:4 [c] the tag 'tag:yaml.org,2002:int'"}},
    {"%TAG ! tag:a,b:\n---\na: 1", TAU_E_MODEL, {"1:1 [] %TAG means nothing"}},
    {"a: *x\nb: &y [*y]",
     TAU_E_MODEL,
     {"1:4 [a] '*x' stands for nothing", "2:8 [b] '*y' stands within what it repeats"}},
    {"a: \"x\\0y\"\n\"b\\0\": 1\n\"\": 2",
     TAU_E_MODEL,
     {"1:4 [a] a text with the character NUL", "2:1 [b] a key with the character NUL",
      "3:1 [] a key is empty"}},
    {"- a", TAU_E_MODEL, {"1:1 [] the file holds a list; a model is a block of keys"}},
    {"text", TAU_E_MODEL, {"1:1 [] the file holds a single text"}},
    {"", TAU_E_MODEL, {"1:1 [] the file is empty"}},
    {"# nothing\n---\n", TAU_E_MODEL, {"1:1 [] the file is empty"}},
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) assert_refused(&all[i]);
}

static void syntax_ends_reading_with_words_that_help(void **state)
{
  (void)state;
  static const refusal all[] = {
    {"s:\n\tA: 1", TAU_E_PARSE, {"2:1 [] a tab in the indentation"}},
    {"a: 1\n\tb: 2", TAU_E_PARSE, {"2:1 [] a tab in the indentation"}},
    {"s:\n  A: 1\n  \tB: 2", TAU_E_PARSE, {"3:3 [] a tab in the indentation"}},
    {"title: A: B", TAU_E_PARSE, {"1:9 [] a ':' where no key can stand"}},
    {"a: {b: 1\nc: 2", TAU_E_PARSE, {"2:2 [] '{' is not closed, or a ',' is missing (it began in line 1)"}},
    {"a: [b, c", TAU_E_PARSE, {"1:9 [] '[' is not closed"}},
    {"a: \"b\n", TAU_E_PARSE, {"2:1 [] a quote is not closed (it began in line 1)"}},
    {"a: @b", TAU_E_PARSE, {"1:4 [] a text cannot begin with this character"}},
    {"a:\n  b: 1\n c: 2", TAU_E_PARSE, {"3:2 [] neither a further key of this block nor its end"}},
    {"a: \"\\q\"", TAU_E_PARSE, {"1:5 [] an escape that YAML does not know"}},
    {"a: 1\n---\nb: 2", TAU_E_PARSE, {"2:1 [] a second document begins"}},
    {"a: 1\na: 2\nb: [",
     TAU_E_PARSE,
     {"2:1 [a] the key 'a'",
      "3:5 [] a value, a '}' or a ']' is missing"}}, /* and what was found before is told */
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) assert_refused(&all[i]);
}

static void bytes_that_are_no_utf8_are_placed(void **state)
{
  (void)state;
  static const refusal all[] = {
    {"a: 1\nb: \xC3\xA9\xE9 \xE9\nc: \xFF",
     TAU_E_PARSE,
     {"2:5 [] the byte 0xE9 is not UTF-8", "3:4 [] the byte 0xFF is not UTF-8"}},
    {"a: \xC0\x80", TAU_E_PARSE, {"1:4 [] the byte 0xC0"}},         /* not the shortest form */
    {"a: \xED\xA0\x80", TAU_E_PARSE, {"1:4 [] the byte 0xED"}},     /* a surrogate */
    {"a: \xF4\x90\x80\x80", TAU_E_PARSE, {"1:4 [] the byte 0xF4"}}, /* beyond U+10FFFF */
    {"a: \xE2\x82", TAU_E_PARSE, {"1:4 [] the byte 0xE2"}},         /* cut */
    {"a: \x01", TAU_E_PARSE, {"1:4 [] the character U+0001 may not stand in a file"}},
    {"a: 1\n\xEF\xBB\xBF"
     "b: 2",
     TAU_E_PARSE,
     {"2:1 [] a byte order mark"}},
    {"\xFF\xFE"
     "a",
     TAU_E_PARSE,
     {"1:1 [] the file is UTF-16"}},
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) assert_refused(&all[i]);
  tau_model *m = NULL;
  told t = {0};
  assert_int_equal(read_text(&m, "a\0: 1", 5, &t), TAU_E_PARSE); /* as UTF-16 begins */
  assert_int_equal(t.n, 1);
}

static void at_most_twenty_mistakes_are_told(void **state)
{
  (void)state;
  taup_text file = {0};
  told t = {0};
  tau_model *m = NULL;
  for (int i = 0; i < 30; i++) taup_text_add(&file, "a: 1\n");
  assert_int_equal(read_text(&m, file.data, file.n, &t), TAU_E_MODEL);
  tau_model_free(m);
  assert_int_equal(t.n, 20);
  t.n = 0;
  file.n = 0;
  for (int i = 0; i < 30; i++) taup_text_add(&file, "a: \xFF\n");
  assert_int_equal(read_text(&m, file.data, file.n, &t), TAU_E_PARSE);
  assert_int_equal(t.n, 20);
  taup_text_free(&file);
}

/* --- limits --------------------------------------------------------------------------------------------- */

static tau_status read_nested(int depth, const char *open, const char *close)
{
  taup_text file = {0};
  tau_model *m = NULL;
  taup_text_add(&file, "a: ");
  for (int i = 0; i < depth; i++) taup_text_add(&file, open);
  for (int i = 0; i < depth; i++) taup_text_add(&file, close);
  const tau_status st = read_text(&m, file.data, file.n, NULL);
  taup_text_free(&file);
  tau_model_free(m);
  return st;
}

static void nesting_deeper_than_64_is_refused(void **state)
{
  (void)state;
  assert_int_equal(read_nested(63, "[", "]"), TAU_OK); /* the whole file is the first block */
  assert_int_equal(read_nested(64, "[", "]"), TAU_E_PARSE);
  assert_non_null(strstr(tau_last_error(), "m.yaml:1:67: blocks stand more than 64 deep"));
  assert_int_equal(read_nested(64, "{a: ", "}"), TAU_E_PARSE);
  assert_int_equal(read_nested(1000000, "[", ""), TAU_E_PARSE);
}

static void aliases_count_with_what_they_repeat(void **state)
{
  (void)state;
  taup_text file = {0};
  tau_model *m = NULL;
  taup_text_add(&file, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (int i = 1; i < 9; i++) {
    taup_text_printf(&file, "a%d: &a%d [", i, i);
    for (int k = 0; k < 10; k++) taup_text_printf(&file, "*a%d, ", i - 1);
    taup_text_add(&file, "]\n");
  }
  assert_int_equal(read_text(&m, file.data, file.n, NULL), TAU_E_PARSE);
  assert_non_null(strstr(tau_last_error(), "more than 1000000 values"));

  file.n = 0; /* 32 blocks within 33 within the file */
  taup_text_add(&file, "a: &x ");
  for (int i = 0; i < 32; i++) taup_text_add(&file, "[");
  for (int i = 0; i < 32; i++) taup_text_add(&file, "]");
  taup_text_add(&file, "\nb: ");
  for (int i = 0; i < 32; i++) taup_text_add(&file, "[");
  taup_text_add(&file, "*x");
  for (int i = 0; i < 32; i++) taup_text_add(&file, "]");
  assert_int_equal(read_text(&m, file.data, file.n, NULL), TAU_E_PARSE);
  assert_non_null(strstr(tau_last_error(), "blocks stand more than 64 deep"));

  file.n = 0; /* few values, much text */
  taup_text_add(&file, "a: &x ");
  for (int i = 0; i < 100000; i++) taup_text_add(&file, "0123456789");
  taup_text_add(&file, "\nb: [");
  for (int i = 0; i < 100; i++) taup_text_add(&file, "*x, ");
  taup_text_add(&file, "]\n");
  assert_int_equal(read_text(&m, file.data, file.n, NULL), TAU_E_PARSE);
  assert_non_null(strstr(tau_last_error(), "64 MiB of text"));
  taup_text_free(&file);
}

static void a_million_values_are_read_and_no_more(void **state)
{
  (void)state;
  taup_text file = {0};
  tau_model *m = NULL;
  taup_text_add(&file, "a: [");
  for (int i = 0; i < TAUP_YAML_MOST_NODES - 2; i++)
    taup_text_add(&file, "x,\n"); /* two more are the file and the list */
  const size_t n = file.n;
  taup_text_add(&file, "]");
  assert_int_equal(read_text(&m, file.data, file.n, NULL), TAU_OK);
  assert_int_equal(tau_model_n_keys(m, "a"), TAUP_YAML_MOST_NODES - 2);
  tau_model_free(m);
  file.n = n;
  taup_text_add(&file, "x]");
  assert_int_equal(read_text(&m, file.data, file.n, NULL), TAU_E_PARSE);
  assert_non_null(strstr(tau_last_error(), "m.yaml:999999:1: more than 1000000 values"));
  taup_text_free(&file);
}

static void text_of_more_than_64_mib_is_refused(void **state)
{
  (void)state;
  tau_model *m = NULL;
  char *text = taup_calloc(TAUP_YAML_MOST_BYTES + 1, 1);
  assert_non_null(text);
  memset(text, ' ', TAUP_YAML_MOST_BYTES + 1);
  text[0] = '#';
  assert_int_equal(tau_model_parse(&m, text, TAUP_YAML_MOST_BYTES + 1, "m", NULL, NULL), TAU_E_PARSE);
  assert_string_equal(tau_last_error(), "m: larger than the 64 MiB that are read");
  assert_int_equal(tau_model_parse(&m, text, TAUP_YAML_MOST_BYTES, "m", NULL, NULL),
                   TAU_E_MODEL); /* a comment */
  taup_free(text);
}

/* --- memory --------------------------------------------------------------------------------------------- */

static int n_allocations, fail_at, n_alive;

static void *counted_malloc(void *user, size_t bytes)
{
  (void)user;
  if (++n_allocations == fail_at) return NULL;
  void *block = malloc(bytes);
  n_alive += block != NULL;
  return block;
}

static void *counted_realloc(void *user, void *block, size_t bytes)
{
  (void)user;
  if (++n_allocations == fail_at) return NULL;
  n_alive += block == NULL;
  return realloc(block, bytes);
}

static void counted_free(void *user, void *block)
{
  (void)user;
  n_alive--;
  free(block);
}

/* The k-th allocation fails, for every k, while a file with everything in it is read and printed: nothing is
 * lost. */
static void no_failing_allocation_is_lost(void **state)
{
  (void)state;
  static const char text[] = "a: &x {k: 1, l: [2, \"\\t\"]}\nb: *x\na: {c: 3}\n[d]: 4\nc: |\n  x\n"
                             "m: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: "
                             "1, n: 1, o: 1, p: 1, q: 1, r: 1}\n"
                             "n: *y\n";
  const tau_allocator counted = {counted_malloc, counted_realloc, counted_free, NULL};
  tau_allocator_set(&counted);
  tau_status st = TAU_E_NOMEM;
  for (fail_at = 1; st == TAU_E_NOMEM; fail_at++) {
    taup_mistakes m = {0};
    tau_model *model = NULL;
    char *printed = NULL;
    n_allocations = n_alive = 0;
    char *source = taup_strdup(text);
    if (source) st = taup_yaml_read(&model, source, strlen(text), &m);
    if (st == TAU_OK) st = tau_model_print(model, &printed);
    tau_text_free(printed);
    tau_model_free(model);
    assert_int_equal(n_alive, 0);
  }
  assert_int_equal(st, TAU_OK);
  assert_true(fail_at > 100);
  tau_allocator_set(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts_are_read_as_they_are),
    cmocka_unit_test(plain_tags_are_read_and_change_nothing),
    cmocka_unit_test(aliases_are_copies),
    cmocka_unit_test(the_source_is_kept_until_the_model_changes),
    cmocka_unit_test(every_node_knows_its_place),
    cmocka_unit_test(a_character_of_a_text_is_found_in_the_file),
    cmocka_unit_test(mistakes_name_their_place_and_reading_goes_on),
    cmocka_unit_test(syntax_ends_reading_with_words_that_help),
    cmocka_unit_test(bytes_that_are_no_utf8_are_placed),
    cmocka_unit_test(at_most_twenty_mistakes_are_told),
    cmocka_unit_test(nesting_deeper_than_64_is_refused),
    cmocka_unit_test(aliases_count_with_what_they_repeat),
    cmocka_unit_test(a_million_values_are_read_and_no_more),
    cmocka_unit_test(text_of_more_than_64_mib_is_refused),
    cmocka_unit_test(no_failing_allocation_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

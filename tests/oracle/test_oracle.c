/* SPDX-License-Identifier: Apache-2.0 */
/* test_oracle.c - reference answers, compared with what a run gives.
 *
 *     test_oracle <folder of a case> [--engine auto|cvodes|lanes] [--json out.json]
 *
 * expected.csv of the folder lists every number of the case (case.json), one a row:
 *
 *     output,index,model,path,unit,set,expected,rtol,atol,how,note
 *
 * A row whose `how` is "direct" or "inverse" is run: the model file, with the parameters of `set`
 * ("path=text;path=text"), and the number at `path`, in `unit`. It passes when
 * |x - expected| <= atol + rtol |expected|. A path is that of an observable, or
 * "profile:<unit>:<quantity>:<position>" for what `at:` stored, "d <observable> / d <parameter>" for a
 * sensitivity, "rtd:..." for a number of a distribution (oracle_rtd.c), or several of these joined by
 * " + " and " - ". Rows of other kinds say why a steady run does not give them, and have no path. One run
 * serves all rows of the same model and set.
 *
 * With --engine lanes a model without a tube, a tank or a batch, which lanes refuse, is run by auto, and counted.
 *
 * A model `*.fit` is a fit (fits.h) and `*.tracer` a tracer curve or a tube (tracers.h); they have paths of their own and no engine.
 *
 * Only public headers are used. */
#include "oracle_rtd.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fits.h"
#include "tracers.h"

typedef enum field { OUTPUT, INDEX, MODEL, PATH, UNIT, SET, EXPECTED, RTOL, ATOL, HOW, NOTE, N_FIELDS } field;

static const char *const field_names[N_FIELDS] = {"output",   "index", "model", "path", "unit", "set",
                                                  "expected", "rtol",  "atol",  "how",  "note"};

typedef struct row {
  const char *field[N_FIELDS]; /* in the text of the file */
  double expected, rtol, atol;
  double computed; /* NAN until it is known */
  bool passed;
} row;

typedef struct run {
  const char *model, *set;
  tau_result *result; /* NULL: it did not come to a run */
  tau_train *train;   /* for sensitivities; NULL: the same */
  tau_inputs *inputs;
  bool complete;
} run;

typedef struct oracle {
  const char *folder, *name; /* name: last part of the folder */
  char *text;                /* expected.csv */
  tau_engine engine;
  int n_rows, n_runs, n_refused;
  row *rows;
  run *runs; /* at most one a row */
} oracle;

enum { LINE = 2048 };

static void *allocate(size_t n, size_t bytes)
{
  void *block = calloc(n ? n : 1, bytes);
  if (block) return block;
  fputs("test_oracle: out of memory\n", stderr);
  exit(2);
}

static void give_up(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fputs("test_oracle: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(2);
}

static const char *joined(char buffer[LINE], const char *folder, const char *file)
{
  const int n = snprintf(buffer, LINE, "%s/%s", folder, file);
  if (n < 0 || n >= LINE) give_up("the path of %s is too long", file);
  return buffer;
}

/* --- expected.csv --------------------------------------------------------------- */

static char *read_file(const char *file)
{
  FILE *stream = fopen(file, "rb");
  if (!stream) give_up("%s: %s", file, strerror(errno));
  size_t size = 0, room = 1u << 16;
  char *text = allocate(room + 1, 1);
  for (size_t n; (n = fread(text + size, 1, room - size, stream)) > 0;) {
    size += n;
    if (size < room) continue;
    char *more = realloc(text, 2 * room + 1);
    if (!more) give_up("out of memory");
    text = more;
    room *= 2;
  }
  fclose(stream);
  text[size] = '\0';
  return text;
}

/* One field at *at, unquoted in place. Returns the character that ended it: ',' '\n' or 0. */
static char next_field(char **at, const char **out)
{
  char *from = *at, *to = from;
  const bool quoted = *from == '"';
  *out = from;
  if (quoted) from++;
  while (*from && (quoted || (*from != ',' && *from != '\n'))) {
    if (quoted && *from == '"' && *++from != '"') break;
    *to++ = *from++;
  }
  const char end = *from;
  *at = end ? from + 1 : from;
  *to = '\0';
  return end;
}

static double number(const char *text, int line)
{
  char *end;
  const double value = strtod(text, &end);
  if (end == text || *end) give_up("expected.csv:%d: '%s' is no number", line, text);
  return value;
}

static bool is_run(const row *r)
{
  return strcmp(r->field[HOW], "direct") == 0 || strcmp(r->field[HOW], "inverse") == 0;
}

static void check_row(const row *r, int line)
{
  const char *how = r->field[HOW];
  const bool reason = strncmp(how, "later:", 6) == 0 || strncmp(how, "not-a-state:", 12) == 0;
  if (!is_run(r) && !reason)
    give_up("expected.csv:%d: '%s' is none of direct, inverse, later:, not-a-state:", line, how);
  if (is_run(r) != (*r->field[MODEL] && *r->field[PATH]))
    give_up("expected.csv:%d: model and path belong to rows that run", line);
}

static void read_line(char **at, row *r, int line)
{
  int n = 0;
  char end;
  do {
    if (n == N_FIELDS) give_up("expected.csv:%d: more than %d fields", line, N_FIELDS);
    end = next_field(at, &r->field[n++]);
  } while (end == ',');
  if (n != N_FIELDS) give_up("expected.csv:%d: %d fields, %d are needed", line, n, N_FIELDS);
}

static void read_rows(oracle *o)
{
  char file[LINE];
  o->text = read_file(joined(file, o->folder, "expected.csv"));
  int n_lines = 0;
  for (const char *p = o->text; *p; p++) n_lines += *p == '\n';
  o->rows = allocate((size_t)n_lines, sizeof *o->rows);
  o->runs = allocate((size_t)n_lines, sizeof *o->runs);

  char *at = o->text;
  row head;
  read_line(&at, &head, 1);
  for (int i = 0; i < N_FIELDS; i++)
    if (strcmp(head.field[i], field_names[i]) != 0)
      give_up("expected.csv:1: column %d is not '%s'", i + 1, field_names[i]);
  for (int line = 2; *at; line++) {
    row *r = &o->rows[o->n_rows++];
    read_line(&at, r, line);
    check_row(r, line);
    r->expected = number(r->field[EXPECTED], line);
    r->rtol = number(r->field[RTOL], line);
    r->atol = number(r->field[ATOL], line);
    r->computed = NAN;
  }
  if (o->n_rows == 0) give_up("expected.csv has no rows");
}

/* --- runs ----------------------------------------------------------------------- */

static tau_status set_inputs(tau_inputs *inputs, const char *set)
{
  char text[LINE];
  if (strlen(set) >= sizeof text) give_up("set '%.40s...' is too long", set);
  strcpy(text, set);
  for (char *item = text, *next; item && *item; item = next) {
    next = strchr(item, ';');
    if (next) *next++ = '\0';
    char *value = strchr(item, '=');
    if (!value) give_up("set '%s' has no '='", item);
    *value++ = '\0';
    const tau_status st = tau_inputs_set_text(inputs, item, value);
    if (st < 0) return st;
  }
  return TAU_OK;
}

static tau_status run_model(run *out, const char *file, tau_engine engine, int *n_refused)
{
  tau_run_options options = TAU_RUN_OPTIONS_INIT;
  tau_model *model = NULL;
  options.engine = engine;
  tau_status st;

  if ((st = tau_model_read(&model, file)) < 0) goto done;
  if ((st = tau_train_compile(&out->train, model)) < 0) goto done;
  if ((st = tau_inputs_new(&out->inputs, out->train)) < 0) goto done;
  if ((st = set_inputs(out->inputs, out->set)) < 0) goto done;
  st = tau_train_run(&out->result, out->train, out->inputs, &options);
  if (st == TAU_E_UNSUPPORTED && engine == TAU_ENGINE_LANES) {
    ++*n_refused;
    tau_result_free(out->result);
    st = tau_train_run(&out->result, out->train, out->inputs, NULL);
  }
done:
  tau_model_free(model);
  return st;
}

static const run *run_of(oracle *o, const row *r)
{
  for (int i = 0; i < o->n_runs; i++)
    if (strcmp(o->runs[i].model, r->field[MODEL]) == 0 && strcmp(o->runs[i].set, r->field[SET]) == 0)
      return &o->runs[i];

  run *fresh = &o->runs[o->n_runs++];
  fresh->model = r->field[MODEL];
  fresh->set = r->field[SET];
  char file[LINE];
  const tau_status st = run_model(fresh, joined(file, o->folder, fresh->model), o->engine, &o->n_refused);
  fresh->complete = st == TAU_OK;
  if (!fresh->complete)
    printf("%s: %s {%s}: %s: %s\n", o->name, fresh->model, fresh->set, tau_status_name(st),
           st < 0 ? tau_last_error() : "");
  return fresh;
}

/* --- a number of a run ---------------------------------------------------------- */

/* The profile's value of a quantity (c/<species>, rate/<reaction>, T, flow) at point i, and its SI unit. */
static bool profile_value(const tau_result *result, const tau_profile *p, const char *quantity, int i,
                          double *value, const char **unit)
{
  if (strcmp(quantity, "T") == 0) return *value = p->T[i], *unit = "K", true;
  if (strcmp(quantity, "flow") == 0) return *value = p->flow[i], *unit = "m^3/s", true;
  const int n_species = tau_result_n_species(result), n_reactions = tau_result_n_reactions(result);
  *unit = "mol/m^3";
  for (int s = 0; s < n_species && strncmp(quantity, "c/", 2) == 0; s++)
    if (strcmp(quantity + 2, tau_result_species(result, s)) == 0)
      return *value = p->c[i * n_species + s], true;
  *unit = "mol/m^3/s";
  for (int j = 0; j < n_reactions && strncmp(quantity, "rate/", 5) == 0; j++)
    if (strcmp(quantity + 5, tau_result_reaction(result, j)) == 0)
      return *value = p->rate[i * n_reactions + j], true;
  return printf("no quantity '%s' in a profile\n", quantity), false;
}

/* The stored point at `position` ("5 s"), which must have been asked for by `at:`; -1 where there is none. */
static int profile_point(const tau_profile *p, const char *position)
{
  char *unit;
  double at = strtod(position, &unit);
  while (*unit == ' ') unit++;
  if (p->n_points == 0) return printf("no profile\n"), -1;
  if (tau_convert(at, unit, p->coordinate_unit, &at) < 0)
    return printf("position '%s': %s\n", position, tau_last_error()), -1;
  int nearest = 0;
  for (int i = 1; i < p->n_points; i++)
    if (fabs(p->position[i] - at) < fabs(p->position[nearest] - at)) nearest = i;
  if (fabs(p->position[nearest] - at) <= 1e-12 * fabs(at)) return nearest;
  return printf("nothing is stored at %s: nearest %.17g %s\n", position, p->position[nearest],
                p->coordinate_unit),
         -1;
}

static double from_profile(const tau_result *result, char *path, const char *unit)
{
  char *name = path + strlen("profile:"), *quantity = strchr(name, ':');
  if (!quantity) give_up("'%s' is no path of a profile", path);
  *quantity++ = '\0';
  char *position = strchr(quantity, ':');
  if (!position) give_up("the profile of %s has no position", name);
  *position++ = '\0';

  const int i_unit = tau_result_unit_index(result, name);
  if (i_unit < 0) return printf("no unit '%s'\n", name), NAN;
  const tau_profile p = tau_result_profile(result, i_unit);
  const int i = profile_point(&p, position);
  double value;
  const char *si;
  if (i < 0 || !profile_value(result, &p, quantity, i, &value, &si)) return NAN;
  if (tau_convert(value, si, unit, &value) < 0) return printf("%s\n", tau_last_error()), NAN;
  return value;
}

/* "d <observable> / d <parameter>". */
static double sensitivity(const run *of, char *path, const char *unit)
{
  char si[LINE];
  char *second = strstr(path, " / d ");
  if (!second) give_up("'%s' is no derivative", path);
  *second = '\0';
  const int observable = tau_train_observable_index(of->train, path + 2);
  const int parameter = observable < 0 ? -1 : tau_train_parameter_index(of->train, second + 5);
  if (parameter < 0) return printf("%s\n", tau_last_error()), NAN;
  tau_sensitivity *s = NULL;
  double value = NAN;
  if (tau_train_sensitivity(&s, of->train, of->inputs, 1, &parameter, NULL) < 0)
    printf("%s\n", tau_last_error());
  else value = tau_sensitivity_value(s, observable, 0);
  tau_sensitivity_free(s);
  const char *above = tau_train_observable(of->train, observable).unit,
             *below = tau_train_parameter(of->train, parameter).si_unit;
  snprintf(si, sizeof si, "(%s)/(%s)", *above ? above : "1", *below ? below : "1");
  if (tau_convert(value, si, unit, &value) < 0) return printf("%s\n", tau_last_error()), NAN;
  return value;
}

static double term(const run *of, char *path, const char *unit)
{
  const tau_result *result = of->result;
  if (strncmp(path, "d ", 2) == 0) return sensitivity(of, path, unit);
  if (strncmp(path, "profile:", 8) == 0) return from_profile(result, path, unit);
  double value = NAN;
  const bool plain = strcmp(unit, "1") == 0;
  const tau_status st =
    plain ? tau_result_value(result, path, &value) : tau_result_value_in(result, path, unit, &value);
  if (st >= 0) return value;
  printf("%s\n", tau_last_error());
  return NAN;
}

/* Terms joined by " + " and " - ". */
static double value_at(const run *of, const char *path, const char *unit)
{
  char text[LINE];
  if (strlen(path) >= sizeof text) give_up("path '%.40s...' is too long", path);
  strcpy(text, path);
  double sum = 0.0, sign = 1.0;
  for (char *item = text; item;) {
    char *plus = strstr(item, " + "), *minus = strstr(item, " - ");
    char *end = plus && (!minus || plus < minus) ? plus : minus;
    const double next_sign = end == plus ? 1.0 : -1.0;
    if (end) *end = '\0';
    sum += sign * term(of, item, unit);
    sign = next_sign;
    item = end ? end + 3 : NULL;
  }
  return sum;
}

static double computed(oracle *o, const row *r)
{
  char file[LINE];
  if (is_fit(r->field[MODEL])) return fit_number(o->folder, r->field[MODEL], r->field[PATH]);
  if (is_tracer(r->field[MODEL]))
    return tracer_number(o->folder, r->field[MODEL], r->field[PATH], r->field[UNIT]);
  if (strncmp(r->field[PATH], "rtd:", 4) == 0)
    return oracle_rtd(joined(file, o->folder, r->field[MODEL]), r->field[PATH], r->field[UNIT]);
  const run *of = run_of(o, r);
  return of->result && of->complete ? value_at(of, r->field[PATH], r->field[UNIT]) : NAN;
}

static void compare(oracle *o, row *r)
{
  r->computed = computed(o, r);
  const double difference = fabs(r->computed - r->expected), allowed = r->atol + r->rtol * fabs(r->expected);
  r->passed = difference <= allowed; /* false for NAN */
  if (r->passed) return;
  printf("%s: %s [%s]: %s {%s} %s: computed %.17g, expected %.17g %s, difference %.3g, allowed %.3g (%s)\n",
         o->name, r->field[OUTPUT], r->field[INDEX], r->field[MODEL], r->field[SET], r->field[PATH],
         r->computed, r->expected, r->field[UNIT], difference, allowed, r->field[HOW]);
}

/* --- what comes out ------------------------------------------------------------- */

static void write_string(FILE *f, const char *text)
{
  fputc('"', f);
  for (const char *p = text; *p; p++) {
    if (*p == '"' || *p == '\\') fputc('\\', f);
    if ((unsigned char)*p < 0x20) fprintf(f, "\\u%04x", (unsigned)(unsigned char)*p);
    else fputc(*p, f);
  }
  fputc('"', f);
}

static void write_number(FILE *f, double value)
{
  if (isfinite(value)) fprintf(f, "%.17g", value);
  else fputs("null", f);
}

static void write_row(FILE *f, const row *r)
{
  static const field texts[] = {OUTPUT, MODEL, PATH, UNIT, SET, HOW, NOTE};
  fprintf(f, "    {\"index\": %s", r->field[INDEX]);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    fprintf(f, ", \"%s\": ", field_names[texts[i]]);
    write_string(f, r->field[texts[i]]);
  }
  const char *const names[] = {"expected", "rtol", "atol", "computed"};
  const double values[] = {r->expected, r->rtol, r->atol, r->computed};
  for (size_t i = 0; i < 4; i++) {
    fprintf(f, ", \"%s\": ", names[i]);
    write_number(f, values[i]);
  }
  fprintf(f, ", \"passed\": %s}", !is_run(r) ? "null" : r->passed ? "true" : "false");
}

static void write_json(const oracle *o, const char *file)
{
  FILE *f = fopen(file, "w");
  if (!f) give_up("%s: %s", file, strerror(errno));
  fputs("{\"case\": ", f);
  write_string(f, o->name);
  fputs(", \"rows\": [\n", f);
  for (int i = 0; i < o->n_rows; i++) {
    write_row(f, &o->rows[i]);
    fputs(i + 1 < o->n_rows ? ",\n" : "\n", f);
  }
  fputs("]}\n", f);
  if (fclose(f) != 0) give_up("%s: %s", file, strerror(errno));
}

static void oracle_clear(oracle *o)
{
  for (int i = 0; i < o->n_runs; i++) {
    tau_result_free(o->runs[i].result);
    tau_inputs_free(o->runs[i].inputs);
    tau_train_free(o->runs[i].train);
  }
  free(o->runs);
  free(o->rows);
  free(o->text);
}

static tau_engine engine_of(const char *name)
{
#define X(id, text) \
  if (strcmp(name, text) == 0) return id;
  TAU_ENGINE_LIST(X)
#undef X
  give_up("there is no engine '%s'", name);
  return TAU_ENGINE_AUTO;
}

int main(int argc, char **argv)
{
  const char *slash = argc > 1 ? strrchr(argv[1], '/') : NULL, *json = NULL;
  if (argc < 2 || argc % 2 != 0)
    give_up("usage: test_oracle <folder of a case> [--engine NAME] [--json out.json]");
  oracle o = {.folder = argv[1], .name = slash ? slash + 1 : argv[1]};
  for (int i = 2; i < argc; i += 2) {
    if (strcmp(argv[i], "--json") == 0) json = argv[i + 1];
    else if (strcmp(argv[i], "--engine") == 0) o.engine = engine_of(argv[i + 1]);
    else give_up("there is no option '%s'", argv[i]);
  }
  read_rows(&o);

  int n_passed = 0, n_failed = 0;
  for (int i = 0; i < o.n_rows; i++) {
    if (!is_run(&o.rows[i])) continue;
    compare(&o, &o.rows[i]);
    if (o.rows[i].passed) n_passed++;
    else n_failed++;
  }
  printf("%s: %d passed, %d failed, %d not from a steady run, %d runs, %d of them refused by the lanes\n",
         o.name, n_passed, n_failed, o.n_rows - n_passed - n_failed, o.n_runs, o.n_refused);
  if (json) write_json(&o, json);
  oracle_clear(&o);
  return n_failed > 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* cases.c - reads model.yaml of the working folder, a bad file, and compares what is said with the file `error` beside it.
 *
 * What must hold: the read fails, without a model, and every mistake is reported on one line with its place, in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tautrain.h>

enum { MOST = 64 * 1024 };

typedef struct said_text {
  char text[MOST];
  size_t n;
} said_text;

static void report(void *user, const tau_mistake *mistake)
{
  said_text *said = user;
  const int n = snprintf(said->text + said->n, MOST - said->n, "model.yaml:%d:%d: %s [%s]\n", mistake->line,
                         mistake->column, mistake->text, mistake->id);
  if (n > 0 && (size_t)n < MOST - said->n) said->n += (size_t)n;
}

static size_t read_golden(char *text)
{
  FILE *f = fopen("error", "rb");
  if (!f) return 0;
  const size_t n = fread(text, 1, MOST - 1, f);
  fclose(f);
  text[n] = '\0';
  return n;
}

int main(void)
{
  static said_text said;
  static char golden[MOST];
  tau_model *model = NULL;
  const tau_status st = tau_model_read_reported(&model, "model.yaml", report, &said);

  if (st >= 0 || model) {
    fprintf(stderr, "the file was read without an error (status %d)\n", (int)st);
    tau_model_free(model);
    return EXIT_FAILURE;
  }
  if (!read_golden(golden) || strcmp(said.text, golden) != 0) {
    fprintf(stderr, "--- wanted\n%s--- said\n%s", golden, said.text);
    return EXIT_FAILURE;
  }
  char last[2048];
  snprintf(last, sizeof last, "%s [%s]\n", tau_last_error(), tau_last_error_id());
  if (strncmp(last, golden, strlen(last)) != 0) {
    fprintf(stderr, "tau_last_error() is not the first mistake: %s", last);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

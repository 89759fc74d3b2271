/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_model.c - any bytes as a model file: read, print, read back, compile. What reads must print to text
 * that reads back equal. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tautrain.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
  if (holds) return;
  fprintf(stderr, "%s: %s\n", what, tau_last_error());
  abort();
}

static void report(void *user, const tau_mistake *mistake)
{
  (void)user;
  must(mistake->text[0] && !strchr(mistake->text, '\n'), "a mistake has no text, or more than a line");
}

static void check_text(const tau_model *m)
{
  char *text = NULL;
  tau_model *back = NULL;
  must(tau_model_print(m, &text) == TAU_OK, "a model does not print");
  must(tau_model_parse(&back, text, strlen(text), "printed", NULL, NULL) == TAU_OK,
       "a printed model does not read");
  must(tau_model_equal(m, back), "a printed model reads back otherwise");
  tau_model_free(back);
  tau_text_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  tau_model *m = NULL;
  tau_train *train = NULL;
  const tau_status st = tau_model_parse(&m, (const char *)data, size, "fuzz", report, NULL);
  must((st == TAU_OK) == (m != NULL), "the model and the status disagree");
  if (st == TAU_OK) {
    check_text(m);
    must(tau_train_compile(&train, m) == TAU_OK || tau_last_error()[0], "no reason why it does not compile");
  }
  tau_train_free(train);
  tau_model_free(m);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* model.h - the mutable description of a route: what a model file says.
 *
 * A model is a tree of keys, exactly that of the model file. A path is the keys joined by '/': "species/DFNB/formula",
 * "reactions/a/k/arrhenius/Ea", "units/tee/in". Every leaf is text as a user writes it, with its unit. Nothing is judged while a model is
 * built; tau_model_check and tau_train_compile look at the whole and report all mistakes at once.
 *
 *     tau_model_new(&m);
 *     tau_model_set(m, "species/A/molar_mass", "100 g/mol");
 *     tau_model_set(m, "reactions/r/equation", "A -> B");
 *     tau_model_set(m, "reactions/r/k", "0.1 1/s");
 *     tau_model_append(m, "units/tee/in", "feed_1");
 *
 * A model belongs to one thread at a time. Errors not listed: TAU_E_NOMEM everywhere. */
#ifndef TAUTRAIN_MODEL_H
#define TAUTRAIN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <tautrain/export.h>
#include <tautrain/status.h>

TAU_BEGIN_DECLS

typedef struct tau_model tau_model;

/* A mistake of a model: where (line and column count from 1; 0 where the model came from no file) and what. */
typedef struct tau_mistake {
  int line, column;
  const char *path; /* of the block or key, "feeds/amine/flwo" */
  const char *text; /* what is wrong, what was found, what is needed; one line */
  const char *id;   /* of the kind of mistake, "unknown-key" (status.h); lives for ever */
} tau_mistake;

/* Called once a mistake; the texts are valid during the call. */
typedef void (*tau_mistake_fn)(void *user, const tau_mistake *mistake);

/* A function of the user, for rates that no expression can say. It must be pure: same x, same value.
 * x: the n arguments in SI; value: the result in SI; gradient: n derivatives of value to x, or NULL when not asked for.
 * Return 0; positive for "x is outside my domain" (the solver tries a smaller step); negative to stop the run with TAU_E_CALLBACK. */
typedef int (*tau_function)(void *user, int n, const double *x, double *value, double *gradient);

/* The same over complex numbers (re, im pairs), from which exact derivatives are taken by a complex step. */
typedef int (*tau_function_complex)(void *user, int n, const double *x_re_im, double value_re_im[2]);

/* A new, empty model. Free it with tau_model_free. */
TAU_API tau_status tau_model_new(tau_model **out);

/* A deep copy; functions of the user are shared by reference. */
TAU_API tau_status tau_model_copy(tau_model **out, const tau_model *model);

/* Read a model file and check it. At most 20 mistakes are told; tau_last_error() has the first.
 * Errors: TAU_E_IO, TAU_E_PARSE (not YAML, or hostile), TAU_E_MODEL (mistakes). *out is NULL after an error. */
TAU_API tau_status tau_model_read(tau_model **out, const char *file);
/* The same; every mistake goes to `report`. */
TAU_API tau_status tau_model_read_reported(tau_model **out, const char *file, tau_mistake_fn report,
                                           void *user);

/* The same from text of n_bytes; `name` is used in messages in place of the file's. */
TAU_API tau_status tau_model_parse(tau_model **out, const char *text, size_t n_bytes, const char *name,
                                   tau_mistake_fn report, void *user);

/* Both for models whose units may form loops: no run, but what is linear is computed of them (train_rtd.h). */
TAU_API tau_status tau_model_read_network(tau_model **out, const char *file, tau_mistake_fn report,
                                          void *user);
TAU_API tau_status tau_model_parse_network(tau_model **out, const char *text, size_t n_bytes,
                                           const char *name, tau_mistake_fn report, void *user);

/* Write the model as a file that reads back equal. Comments may be lost; units stay as they were written.
 * Errors: TAU_E_IO; TAU_E_EXISTS unless overwrite; TAU_E_UNSUPPORTED when a function of the user is in it. */
TAU_API tau_status tau_model_write(const tau_model *model, const char *file, bool overwrite);

/* The model as text in canonical form, in *out; free it with tau_text_free. Keys stand in the order in which they were written, so equal
 * text means equal models, and equal models with their keys in the same order give equal text. tau_model_parse reads it back equal.
 * Errors: TAU_E_UNSUPPORTED when a function of the user is in it. */
TAU_API tau_status tau_model_print(const tau_model *model, char **out);
/* Free a text that the library gave; NULL is nothing. Not free(): the text comes from the library's allocator. */
TAU_API void tau_text_free(char *text);

/* Set a leaf to a text, making the blocks on the way; an existing leaf or block is replaced. An item of a list is its number from 0; an
 * empty leaf ("solvent:" and nothing behind) may become a block. After an error the model is as it was. Errors: TAU_E_NAME (not a path,
 * or a leaf stands where a block is needed), TAU_E_VALUE (the text is not UTF-8). */
TAU_API tau_status tau_model_set(tau_model *model, const char *path, const char *text);

/* Add an item to the list at path, making it; a single text there becomes the first item. Errors: as tau_model_set. */
TAU_API tau_status tau_model_append(tau_model *model, const char *path, const char *text);

/* Let the rate of a reaction be computed by a function: path is "reactions/<name>/rate". arguments: names of species, parameters of the
 * reaction or T, separated by blanks; x comes in that order [mol/m^3, SI, K]; the value is the rate [mol/m^3/s]. One of function and
 * function_complex is given. `drop` (may be NULL) is called with user when the last model and train that hold it are freed; not when
 * this call fails. Errors: TAU_E_NAME (another path). */
TAU_API tau_status tau_model_set_function(tau_model *model, const char *path, const char *arguments,
                                          tau_function function, tau_function_complex function_complex,
                                          void *user, void (*drop)(void *user));

/* Remove a leaf or a block with all in it. Errors: TAU_E_NAME (nothing there). */
TAU_API tau_status tau_model_remove(tau_model *model, const char *path);

/* The text of a leaf, borrowed until the model changes; NULL where there is none. */
TAU_API const char *tau_model_text(const tau_model *model, const char *path);

/* The keys (or the items: their texts, NULL for one that is a block) of the block at path, "" for the whole model. 0 and NULL where there
 * is none. */
TAU_API int tau_model_n_keys(const tau_model *model, const char *path);
TAU_API const char *tau_model_key(const tau_model *model, const char *path, int i_key);

/* Report every mistake. Returns TAU_OK, or TAU_E_MODEL with the first mistake as tau_last_error(). */
TAU_API tau_status tau_model_check(const tau_model *model, tau_mistake_fn report, void *user);

/* Whether both say the same, key by key, in any order of keys. */
TAU_API bool tau_model_equal(const tau_model *a, const tau_model *b);

/* The text that the model was read from, byte for byte; the canonical text where it was built or changed since (a function of the user
 * is "<function>" in it). Borrowed until the model changes. NULL when there is no memory for it. n_bytes may be NULL. */
TAU_API const char *tau_model_source(const tau_model *model, size_t *n_bytes);

/* Free a model; NULL is nothing. Trains compiled from it live on. */
TAU_API void tau_model_free(tau_model *model);

TAU_END_DECLS
#endif

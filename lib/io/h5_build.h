/* SPDX-License-Identifier: Apache-2.0 */
/* h5_build.h - an HDF5 file in memory (or on the disk), built of groups, scales and variables over scales (how they are stored:
 * h5_build.c).
 *
 * Once a call of HDF5 has failed, `failed` names what was written then and everything after it does nothing:
 * the caller asks at the end. Only between taup_h5_enter and taup_h5_leave. An int64_t is an identifier of
 * HDF5 (hid_t). */
#ifndef TAUP_H5_BUILD_H
#define TAUP_H5_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tautrain/status.h>

typedef enum taup_h5_kind {
  TAUP_H5_DOUBLES,
  TAUP_H5_INTEGERS /* long */,
  TAUP_H5_TEXTS /* const char * */
} taup_h5_kind;

typedef struct taup_h5_builder {
  int64_t file, text, group_list, data_list;
  const char *failed; /* what could not be written, or NULL */
  tau_status status;
} taup_h5_builder;

/* What a dataset is called, in which unit (UDUNITS; "" becomes "1", NULL: no number) and what it is. */
typedef struct taup_h5_label {
  const char *name, *units, *long_name;
} taup_h5_label;

/* A coordinate and who uses it. */
typedef struct taup_h5_scale {
  int64_t id;
  uint64_t reference;
  int n;
  struct taup_h5_use *uses;
  int n_uses, capacity;
} taup_h5_scale;

void taup_h5_begin(taup_h5_builder *b);
/* The bytes of the file, with its seal, in *out (taup_free); NULL where something has failed. The builder is
 * closed. */
void taup_h5_end(taup_h5_builder *b, char **out, size_t *n_bytes);
/* The same in a file of that name, which is there and is emptied. */
void taup_h5_begin_file(taup_h5_builder *b, const char *file);
void taup_h5_end_file(taup_h5_builder *b);
void taup_h5_check(taup_h5_builder *b, bool good, const char *what);
/* The same for memory of ours: TAU_E_NOMEM, told already. */
void taup_h5_check_memory(taup_h5_builder *b, bool have);

void taup_h5_text_attribute(taup_h5_builder *b, int64_t object, const char *name, const char *text);
void taup_h5_number_attribute(taup_h5_builder *b, int64_t object, const char *name, double x);
void taup_h5_int_attribute(taup_h5_builder *b, int64_t object, const char *name, int x);

/* Text of at most n_bytes < 128, its NUL among them: it can be replaced in place. */
void taup_h5_fixed_attribute(taup_h5_builder *b, int64_t object, const char *name, const char *text,
                             size_t n_bytes);

int64_t taup_h5_group(taup_h5_builder *b, int64_t parent, const char *name);
void taup_h5_close_group(int64_t group);

/* Datasets of one number; of n bytes of text, stored as they are; of a number or text for each place of one
 * or two scales. */
void taup_h5_number(taup_h5_builder *b, int64_t group, double x, taup_h5_label label);
void taup_h5_count(taup_h5_builder *b, int64_t group, long n, taup_h5_label label);
void taup_h5_bytes(taup_h5_builder *b, int64_t group, const char *text, size_t n_bytes, taup_h5_label label);
void taup_h5_array(taup_h5_builder *b, int64_t group, taup_h5_kind kind, const void *values,
                   taup_h5_scale *const axes[/* 2 */], taup_h5_label label);
/* Over one scale. */
void taup_h5_numbers(taup_h5_builder *b, int64_t group, const double *x, taup_h5_scale *axis,
                     taup_h5_label label);
void taup_h5_texts(taup_h5_builder *b, int64_t group, const char *const *text, taup_h5_scale *axis,
                   taup_h5_label label);

/* A scale of s->n values; zero-initialised but for n. Close it after its last use. */
void taup_h5_open_scale(taup_h5_builder *b, taup_h5_scale *s, int64_t group, taup_h5_kind kind,
                        const void *values, taup_h5_label label);
void taup_h5_close_scale(taup_h5_builder *b, taup_h5_scale *s);
/* A dimension of s->n places without labels. */
void taup_h5_open_dimension(taup_h5_builder *b, taup_h5_scale *s, int64_t group, const char *name);
/* A dataset over up to TAUP_H5_MOST_AXES scales whose values come later, or from elsewhere, as its creation list says; -1 or its
 * identifier, to be closed by H5Dclose. */
enum { TAUP_H5_MOST_AXES = 3 };
int64_t taup_h5_reserve(taup_h5_builder *b, int64_t group, taup_h5_kind kind, int rank,
                        taup_h5_scale *const axes[/* rank */], int64_t list, taup_h5_label label);
/* Say which scales a dataset is over. */
void taup_h5_link_dimensions(taup_h5_builder *b, int64_t dataset, int rank,
                             taup_h5_scale *const axes[/* rank */]);
/* The scale of that name at the root, seen in another group too. */
void taup_h5_link_scale(taup_h5_builder *b, const taup_h5_scale *s, int64_t group, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_image.h - the bytes of a file that h5_build.c has written, taken apart without HDF5 and without belief
 * (why: h5_image.c).
 *
 * An object is known by its address in the file. All errors are TAU_E_FORMAT, in one line with the name of
 * the file, or TAU_E_NOMEM. Any number of threads, one an image. */
#ifndef TAUP_H5_IMAGE_H
#define TAUP_H5_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

typedef struct taup_h5_image {
  const char *name;           /* of the file, for messages */
  const unsigned char *bytes; /* borrowed */
  size_t n_bytes;
  size_t room;                    /* bytes that may still be allocated for what the file claims to hold */
  size_t work;                    /* steps that may still be taken in looking for things */
  uint64_t root;                  /* the first group */
  size_t collection, heap_object; /* where the last text was found */
} taup_h5_image;

/* Looks at the head of the file. */
tau_status taup_h5_image_open(taup_h5_image *image, const char *name, const void *bytes, size_t n_bytes);

/* "'run.h5' is no results file of tautrain, or is damaged: <what> '<name>'"; name may be NULL. */
tau_status taup_h5_damaged(const taup_h5_image *image, const char *what, const char *name);
/* Ask for memory before allocating it: all that is asked for stays in proportion to the file. */
tau_status taup_h5_take(taup_h5_image *image, uint64_t count, size_t size);

typedef enum taup_h5_thing { TAUP_H5_NOTHING, TAUP_H5_GROUP, TAUP_H5_DATASET } taup_h5_thing;

/* What stands under a name in a group, and where. */
taup_h5_thing taup_h5_find(taup_h5_image *image, uint64_t group, const char *name, uint64_t *address);
tau_status taup_h5_open_group(taup_h5_image *image, uint64_t parent, const char *name, uint64_t *group);
/* The names in a group in the order in which they were made; memory from the arena. */
tau_status taup_h5_links(taup_h5_image *image, taup_arena *arena, uint64_t group, int *n,
                         const char *const **names);

/* A dataset of one dimension: how long it is. */
tau_status taup_h5_length(taup_h5_image *image, uint64_t group, const char *name, int *n);
/* Numbers of a dataset that must have this shape: rank 0, 1 or 2. */
typedef struct taup_h5_shape {
  int rank;
  uint64_t size[2];
} taup_h5_shape;
tau_status taup_h5_read_array(taup_h5_image *image, uint64_t group, const char *name, taup_h5_shape shape,
                              double *out);
tau_status taup_h5_read_column(taup_h5_image *image, uint64_t group, const char *name, int n, double *out);
tau_status taup_h5_read_number(taup_h5_image *image, uint64_t group, const char *name, double *out);
tau_status taup_h5_read_count(taup_h5_image *image, uint64_t group, const char *name, long *out);
/* A column of texts, UTF-8 without NUL; *n -1: as many as there are. */
tau_status taup_h5_read_texts(taup_h5_image *image, taup_arena *arena, uint64_t group, const char *name,
                              int *n, const char *const **out);
/* What taup_h5_bytes wrote, and a NUL. */
tau_status taup_h5_read_bytes(taup_h5_image *image, taup_arena *arena, uint64_t group, const char *name,
                              const char **out, size_t *n);

/* Attributes of an object: a double, an int. */
tau_status taup_h5_read_attribute(taup_h5_image *image, uint64_t object, const char *name, double *out);
tau_status taup_h5_read_int_attribute(taup_h5_image *image, uint64_t object, const char *name, int *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_build.c - HDF5 with dimension scales, as netCDF-4 lays them out:
 *
 *     a scale         a 1-D dataset with CLASS = "DIMENSION_SCALE", NAME, REFERENCE_LIST (who uses it, for
 *                     which axis)
 *     a variable      DIMENSION_LIST: for each axis a list of one reference to its scale
 *
 * (HDF5 Dimension Scale Specification, The HDF Group.) The attributes are written here: the HL library, which
 * has calls for them, is one more part to find. Groups and objects keep the order of creation, as netCDF-4
 * asks. */
#include "io/h5_build.h"

#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "io/h5.h"

struct taup_h5_use {
  hobj_ref_t dataset;
  int axis;
};
typedef struct taup_h5_use use;

_Static_assert(sizeof(hid_t) == sizeof(int64_t), "identifiers pass through h5_build.h");
_Static_assert(sizeof(hobj_ref_t) == sizeof(uint64_t), "references pass through h5_build.h");

void taup_h5_check(taup_h5_builder *b, bool good, const char *what)
{
  if (good || b->failed) return;
  taup_h5_note(false);
  b->failed = what;
  b->status = TAU_E_IO;
}

void taup_h5_check_memory(taup_h5_builder *b, bool have)
{
  if (have || b->failed) return;
  b->failed = "memory";
  b->status = TAU_E_NOMEM;
}

/* --- attributes --- */

typedef struct stored {
  hid_t type, memory_type;
} stored;

static stored stored_as(const taup_h5_builder *b, taup_h5_kind kind)
{
  switch (kind) {
  case TAUP_H5_DOUBLES: return (stored){H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE};
  case TAUP_H5_INTEGERS: return (stored){H5T_STD_I64LE, H5T_NATIVE_LONG};
  default: return (stored){b->text, b->text};
  }
}

static void attribute(taup_h5_builder *b, hid_t object, const char *name, stored as, hid_t space,
                      const void *value)
{
  if (b->failed) return;
  const hid_t id = H5Acreate2(object, name, as.type, space, H5P_DEFAULT, H5P_DEFAULT);
  taup_h5_check(b, id >= 0 && H5Awrite(id, as.memory_type, value) >= 0, name);
  if (id >= 0) H5Aclose(id);
}

static void scalar_attribute(taup_h5_builder *b, hid_t object, const char *name, stored as, const void *value)
{
  const hid_t space = H5Screate(H5S_SCALAR);
  attribute(b, object, name, as, space, value);
  H5Sclose(space);
}

void taup_h5_text_attribute(taup_h5_builder *b, int64_t object, const char *name, const char *text)
{
  scalar_attribute(b, object, name, stored_as(b, TAUP_H5_TEXTS), &text);
}

void taup_h5_number_attribute(taup_h5_builder *b, int64_t object, const char *name, double x)
{
  scalar_attribute(b, object, name, stored_as(b, TAUP_H5_DOUBLES), &x);
}

void taup_h5_int_attribute(taup_h5_builder *b, int64_t object, const char *name, int x)
{
  scalar_attribute(b, object, name, (stored){H5T_STD_I32LE, H5T_NATIVE_INT}, &x);
}

void taup_h5_fixed_attribute(taup_h5_builder *b, int64_t object, const char *name, const char *text,
                             size_t n_bytes)
{
  char room[128] = "";
  const hid_t type = H5Tcopy(H5T_C_S1);
  snprintf(room, sizeof room, "%s", text);
  H5Tset_size(type, n_bytes);
  scalar_attribute(b, object, name, (stored){type, type}, room);
  H5Tclose(type);
}

/* CLASS and NAME are of fixed length, as the specification has them. */
static void fixed_attribute(taup_h5_builder *b, hid_t object, const char *name, const char *text)
{
  taup_h5_fixed_attribute(b, object, name, text, strlen(text) + 1);
}

/* --- groups and datasets --- */

int64_t taup_h5_group(taup_h5_builder *b, int64_t parent, const char *name)
{
  if (b->failed) return -1;
  const hid_t id = H5Gcreate2(parent, name, H5P_DEFAULT, b->group_list, H5P_DEFAULT);
  taup_h5_check(b, id >= 0, name);
  return id;
}

void taup_h5_close_group(int64_t group)
{
  if (group >= 0) H5Gclose(group);
}

static hid_t create(taup_h5_builder *b, hid_t group, const char *name, stored as, hid_t space,
                    const void *values)
{
  if (b->failed) return -1;
  const hid_t id = H5Dcreate2(group, name, as.type, space, H5P_DEFAULT, b->data_list, H5P_DEFAULT);
  taup_h5_check(b, id >= 0, name);
  if (id >= 0 && H5Sget_simple_extent_npoints(space) > 0)
    taup_h5_check(b, H5Dwrite(id, as.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, name);
  return id;
}

static void describe(taup_h5_builder *b, hid_t id, taup_h5_label label)
{
  if (label.units) taup_h5_text_attribute(b, id, "units", label.units[0] ? label.units : "1");
  taup_h5_text_attribute(b, id, "long_name", label.long_name);
}

static void scalar(taup_h5_builder *b, hid_t group, stored as, const void *value, taup_h5_label label)
{
  const hid_t space = H5Screate(H5S_SCALAR), id = create(b, group, label.name, as, space, value);
  describe(b, id, label);
  if (id >= 0) H5Dclose(id);
  H5Sclose(space);
}

void taup_h5_number(taup_h5_builder *b, int64_t group, double x, taup_h5_label label)
{
  scalar(b, group, stored_as(b, TAUP_H5_DOUBLES), &x, label);
}

void taup_h5_count(taup_h5_builder *b, int64_t group, long n, taup_h5_label label)
{
  scalar(b, group, stored_as(b, TAUP_H5_INTEGERS), &n, label);
}

/* HDF5 has no text of no bytes: that is one NUL. */
void taup_h5_bytes(taup_h5_builder *b, int64_t group, const char *text, size_t n_bytes, taup_h5_label label)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, n_bytes ? n_bytes : 1);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  scalar(b, group, (stored){type, type}, n_bytes ? text : "", label);
  H5Tclose(type);
}

/* --- scales and variables --- */

static hobj_ref_t reference_to(taup_h5_builder *b, hid_t id)
{
  hobj_ref_t reference = 0;
  if (!b->failed) taup_h5_check(b, H5Rcreate(&reference, id, ".", H5R_OBJECT, -1) >= 0, "a reference");
  return reference;
}

void taup_h5_open_scale(taup_h5_builder *b, taup_h5_scale *s, int64_t group, taup_h5_kind kind,
                        const void *values, taup_h5_label label)
{
  const hsize_t size = (hsize_t)s->n;
  const hid_t space = H5Screate_simple(1, &size, NULL);
  s->id = create(b, group, label.name, stored_as(b, kind), space, values);
  fixed_attribute(b, s->id, "CLASS", "DIMENSION_SCALE");
  fixed_attribute(b, s->id, "NAME", label.name);
  describe(b, s->id, label);
  s->reference = reference_to(b, s->id);
  H5Sclose(space);
}

/* As netCDF-4 marks a dimension that has no variable; no space is taken for it. */
void taup_h5_open_dimension(taup_h5_builder *b, taup_h5_scale *s, int64_t group, const char *name)
{
  char mark[80];
  const hsize_t size = (hsize_t)s->n;
  if (b->failed) return;
  snprintf(mark, sizeof mark, "This is a netCDF dimension but not a netCDF variable.%10d", s->n);
  const hid_t space = H5Screate_simple(1, &size, NULL);
  s->id = H5Dcreate2(group, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, b->data_list, H5P_DEFAULT);
  taup_h5_check(b, s->id >= 0, name);
  if (s->id >= 0) {
    fixed_attribute(b, s->id, "CLASS", "DIMENSION_SCALE");
    fixed_attribute(b, s->id, "NAME", mark);
    s->reference = reference_to(b, s->id);
  }
  H5Sclose(space);
}

static void add_use(taup_h5_builder *b, taup_h5_scale *s, hobj_ref_t dataset, int axis)
{
  if (b->failed) return;
  taup_h5_check_memory(b, taup_grow(&s->uses, &s->capacity, s->n_uses + 1, sizeof *s->uses) >= 0);
  if (!b->failed) s->uses[s->n_uses++] = (use){dataset, axis};
}

/* An attribute holds 64 KiB at most: a scale with more users goes without the list, which nobody needs for
 * reading. */
static void write_uses(taup_h5_builder *b, const taup_h5_scale *s)
{
  enum { MOST = 64 * 1024 / sizeof(use) - 64 };
  const hsize_t n = (hsize_t)s->n_uses;
  if (b->failed || !n || n > MOST) return;
  const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(use)), space = H5Screate_simple(1, &n, NULL);
  H5Tinsert(type, "dataset", offsetof(use, dataset), H5T_STD_REF_OBJ);
  H5Tinsert(type, "dimension", offsetof(use, axis), H5T_NATIVE_INT);
  attribute(b, s->id, "REFERENCE_LIST", (stored){type, type}, space, s->uses);
  H5Sclose(space);
  H5Tclose(type);
}

void taup_h5_close_scale(taup_h5_builder *b, taup_h5_scale *s)
{
  if (s->id > 0) {
    write_uses(b, s);
    H5Dclose(s->id);
  }
  taup_free(s->uses);
  *s = (taup_h5_scale){0};
}

void taup_h5_link_dimensions(taup_h5_builder *b, int64_t id, int rank, taup_h5_scale *const axes[])
{
  hvl_t lists[TAUP_H5_MOST_AXES];
  const hsize_t size = (hsize_t)rank;
  const hobj_ref_t self = reference_to(b, id);
  for (int k = 0; k < rank; k++) {
    lists[k] = (hvl_t){1, &axes[k]->reference};
    add_use(b, axes[k], self, k);
  }
  const hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ), space = H5Screate_simple(1, &size, NULL);
  attribute(b, id, "DIMENSION_LIST", (stored){type, type}, space, lists);
  H5Sclose(space);
  H5Tclose(type);
}

void taup_h5_array(taup_h5_builder *b, int64_t group, taup_h5_kind kind, const void *values,
                   taup_h5_scale *const axes[/* 2 */], taup_h5_label label)
{
  const int rank = axes[1] ? 2 : 1;
  const hsize_t size[2] = {(hsize_t)axes[0]->n, axes[1] ? (hsize_t)axes[1]->n : 0};
  const hid_t space = H5Screate_simple(rank, size, NULL),
              id = create(b, group, label.name, stored_as(b, kind), space, values);
  if (id >= 0) {
    taup_h5_link_dimensions(b, id, rank, axes);
    describe(b, id, label);
    H5Dclose(id);
  }
  H5Sclose(space);
}

int64_t taup_h5_reserve(taup_h5_builder *b, int64_t group, taup_h5_kind kind, int rank,
                        taup_h5_scale *const axes[], int64_t list, taup_h5_label label)
{
  hsize_t size[TAUP_H5_MOST_AXES];
  if (b->failed) return -1;
  for (int k = 0; k < rank; k++) size[k] = (hsize_t)axes[k]->n;
  const hid_t space = H5Screate_simple(rank, size, NULL),
              id =
                H5Dcreate2(group, label.name, stored_as(b, kind).type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  taup_h5_check(b, id >= 0, label.name);
  if (id >= 0) {
    taup_h5_link_dimensions(b, id, rank, axes);
    describe(b, id, label);
  }
  H5Sclose(space);
  return id;
}

void taup_h5_numbers(taup_h5_builder *b, int64_t group, const double *x, taup_h5_scale *axis,
                     taup_h5_label label)
{
  taup_h5_array(b, group, TAUP_H5_DOUBLES, x, (taup_h5_scale *const[2]){axis, NULL}, label);
}

void taup_h5_texts(taup_h5_builder *b, int64_t group, const char *const *text, taup_h5_scale *axis,
                   taup_h5_label label)
{
  taup_h5_array(b, group, TAUP_H5_TEXTS, text, (taup_h5_scale *const[2]){axis, NULL}, label);
}

void taup_h5_link_scale(taup_h5_builder *b, const taup_h5_scale *s, int64_t group, const char *name)
{
  if (!b->failed && s->id > 0)
    taup_h5_check(b, H5Lcreate_hard(b->file, name, group, name, H5P_DEFAULT, H5P_DEFAULT) >= 0, name);
}

/* --- the file --- */

/* Links and attributes stay messages of the header, however many: h5_image.c reads no other form. */
static bool keep_order_in_header(hid_t list, bool is_group)
{
  enum { MOST = 65535, ATTRIBUTES = 64, NAME = 16, LINKS = 24 };
  const unsigned tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  if (H5Pset_attr_creation_order(list, tracked) < 0 || H5Pset_attr_phase_change(list, ATTRIBUTES, 0) < 0)
    return false;
  return !is_group ||
         (H5Pset_link_creation_order(list, tracked) >= 0 && H5Pset_link_phase_change(list, MOST, 0) >= 0 &&
          H5Pset_est_link_info(list, LINKS, NAME) >= 0);
}

static bool set_lists(const taup_h5_builder *b, hid_t access, hid_t creation)
{
  return H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) >= 0 &&
         keep_order_in_header(creation, true) && keep_order_in_header(b->group_list, true) &&
         keep_order_in_header(b->data_list, false) && H5Pset_obj_track_times(b->group_list, false) >= 0 &&
         H5Pset_obj_track_times(b->data_list, false) >= 0;
}

/* In memory, or (file) on the disk. */
static void begin(taup_h5_builder *b, const char *file)
{
  enum { GROW = 256 * 1024 };
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
  *b = (taup_h5_builder){.file = -1};
  b->group_list = H5Pcreate(H5P_GROUP_CREATE);
  b->data_list = H5Pcreate(H5P_DATASET_CREATE);
  b->text = H5Tcopy(H5T_C_S1);
  taup_h5_check(b, H5Tset_size(b->text, H5T_VARIABLE) >= 0 && H5Tset_cset(b->text, H5T_CSET_UTF8) >= 0,
                "the start");
  taup_h5_check(b, file ? taup_h5_set_disk(access) : H5Pset_fapl_core(access, GROW, false) >= 0, "the start");
  taup_h5_check(b, set_lists(b, access, creation), "the start");
  if (!b->failed) b->file = H5Fcreate(file ? file : TAUP_H5_NAME, H5F_ACC_TRUNC, creation, access);
  taup_h5_check(b, b->file >= 0, "the start");
  if (creation >= 0) H5Pclose(creation);
  if (access >= 0) H5Pclose(access);
}

void taup_h5_begin(taup_h5_builder *b) { begin(b, NULL); }
void taup_h5_begin_file(taup_h5_builder *b, const char *file) { begin(b, file); }

static void take_image(taup_h5_builder *b, char **out, size_t *n_bytes)
{
  if (b->failed) return;
  const ssize_t n = H5Fflush(b->file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(b->file, NULL, 0);
  taup_h5_check(b, n > 0, "the whole");
  if (b->failed) return;
  char *bytes = taup_calloc((size_t)n + TAUP_H5_SEAL_BYTES + 1, 1);
  taup_h5_check_memory(b, bytes != NULL);
  taup_h5_check(b, !bytes || H5Fget_file_image(b->file, bytes, (size_t)n) == n, "the whole");
  if (b->failed) {
    taup_free(bytes);
    return;
  }
  taup_h5_seal(bytes + n, bytes, (size_t)n);
  *out = bytes;
  *n_bytes = (size_t)n + TAUP_H5_SEAL_BYTES;
}

static void close_all(taup_h5_builder *b)
{
  if (b->file >= 0) H5Fclose(b->file);
  if (b->text >= 0) H5Tclose(b->text);
  if (b->data_list >= 0) H5Pclose(b->data_list);
  if (b->group_list >= 0) H5Pclose(b->group_list);
}

void taup_h5_end(taup_h5_builder *b, char **out, size_t *n_bytes)
{
  *out = NULL;
  take_image(b, out, n_bytes);
  close_all(b);
}

void taup_h5_end_file(taup_h5_builder *b)
{
  if (!b->failed) taup_h5_check(b, H5Fflush(b->file, H5F_SCOPE_GLOBAL) >= 0, "the end");
  close_all(b);
  taup_h5_check(b, taup_h5_note(true), "the end");
}

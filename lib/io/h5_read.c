/* SPDX-License-Identifier: Apache-2.0 */
/* h5_read.c - a results file becomes a result with a layout of its own.
 *
 * A file is not believed. Invariants:
 *   - nothing is allocated before it is known that the file has room for it: counts are sizes of datasets, and their sum is held against
 *     the bytes of the file;
 *   - only what h5_write.c writes is opened: hard links of one name, contiguous datasets of the exact type and shape, nothing outside of the
 *     file (no external, soft or virtual link leads anywhere);
 *   - texts of variable length are taken out of the file's bytes by read_heap() below, not by HDF5: up to 1.14 it copies as many
 *     bytes as the heap claims into a buffer of as many as the dataset claims. No attribute is read but tautrain_format.
 *
 * The global heap ("HDF5 File Format Specification", III.E): a collection is "GCOL", version 1, 3 bytes, its size (8), then objects: index
 * (2), references (2), 4 bytes, size (8), the bytes padded to 8; index 0 is the free rest. In a dataset a text stands as length (4),
 * address of a collection (8), index (4). All little-endian. */
#include <hdf5.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/status.h"
#include "io/file.h"
#include "io/h5.h"
#include "model/utf8.h"
#include "train/result.h"

typedef struct reader {
  const char *name;          /* of the file */
  const unsigned char *bytes;
  size_t n_bytes;
  size_t room;               /* bytes that may still be asked for */
  size_t collection, object; /* where the last text was found */
  hid_t file;
  taup_layout *layout;
} reader;

static const size_t most_bytes = (size_t)1 << (sizeof(size_t) > 4 ? 32 : 30);

static tau_status damaged(const reader *rd, const char *what, const char *name)
{
  return taup_fail(TAU_E_FORMAT, "'%s' is no results file of tautrain, or is damaged: %s%s%s%s", rd->name, what, name ? " '" : "",
                   name ? name : "", name ? "'" : "");
}

/* Memory for count things of `size` bytes is asked for: the whole file is the limit of all of it. */
static tau_status take(reader *rd, size_t count, size_t size)
{
  if (count > rd->room / size) return damaged(rd, "it claims to hold more than its size", NULL);
  rd->room -= count * size;
  return TAU_OK;
}

/* --- objects --- */

static bool is_one_name(const char *name) { return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0; }

/* H5I_GROUP or H5I_DATASET; H5I_BADID where nothing of that name is, or a link that leads elsewhere. */
static H5I_type_t type_of(hid_t parent, const char *name)
{
  H5L_info_t link;
  if (!is_one_name(name) || H5Lexists(parent, name, H5P_DEFAULT) <= 0) return H5I_BADID;
  if (H5Lget_info(parent, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) return H5I_BADID;
  const hid_t id = H5Oopen(parent, name, H5P_DEFAULT);
  const H5I_type_t type = id < 0 ? H5I_BADID : H5Iget_type(id);
  if (id >= 0) H5Oclose(id);
  return type;
}

static tau_status open_group(const reader *rd, hid_t parent, const char *name, hid_t *out)
{
  *out = type_of(parent, name) == H5I_GROUP ? H5Gopen2(parent, name, H5P_DEFAULT) : -1;
  return *out < 0 ? damaged(rd, "there is no group", name) : TAU_OK;
}

/* The bytes of a dataset stand in one piece in this file. */
static bool is_plain(hid_t dataset)
{
  const hid_t list = H5Dget_create_plist(dataset);
  const bool plain = list >= 0 && H5Pget_layout(list) == H5D_CONTIGUOUS && H5Pget_external_count(list) == 0;
  if (list >= 0) H5Pclose(list);
  return plain;
}

static tau_status open_dataset(const reader *rd, hid_t parent, const char *name, hid_t *out)
{
  *out = type_of(parent, name) == H5I_DATASET ? H5Dopen2(parent, name, H5P_DEFAULT) : -1;
  if (*out < 0) return damaged(rd, "there is no dataset", name);
  if (is_plain(*out)) return TAU_OK;
  H5Dclose(*out);
  return damaged(rd, "another program has rewritten", name);
}

/* Rank and sizes; -1: neither scalar nor of one or two dimensions. */
static int shape_of(hid_t dataset, hsize_t size[2])
{
  const hid_t space = H5Dget_space(dataset);
  const H5S_class_t kind = space < 0 ? H5S_NO_CLASS : H5Sget_simple_extent_type(space);
  int rank = kind == H5S_SCALAR ? 0 : kind == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space) : -1;
  size[0] = size[1] = 1;
  if (rank > 2 || (rank > 0 && H5Sget_simple_extent_dims(space, size, NULL) < 0)) rank = -1;
  if (space >= 0) H5Sclose(space);
  return rank;
}

static bool is_of_type(hid_t dataset, hid_t type)
{
  const hid_t own = H5Dget_type(dataset);
  const bool same = own >= 0 && H5Tequal(own, type) > 0;
  if (own >= 0) H5Tclose(own);
  return same;
}

/* --- numbers --- */

/* What is to be read: a shape, as it must be. */
typedef struct shape {
  int rank;
  size_t size[2];
} shape;

static tau_status read_array(const reader *rd, hid_t group, const char *name, shape s, double *out)
{
  hid_t id;
  hsize_t size[2];
  TAU_TRY(open_dataset(rd, group, name, &id));
  const bool fits = shape_of(id, size) == s.rank && (s.rank < 1 || size[0] == s.size[0]) && (s.rank < 2 || size[1] == s.size[1]) &&
                    is_of_type(id, H5T_IEEE_F64LE);
  const bool none = s.rank > 0 && (s.size[0] == 0 || (s.rank > 1 && s.size[1] == 0));
  const bool good = fits && (none || H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
  H5Dclose(id);
  return good ? TAU_OK : damaged(rd, fits ? "cannot read" : "of another type or shape is", name);
}

static tau_status read_column(const reader *rd, hid_t group, const char *name, int n, double *out)
{
  return read_array(rd, group, name, (shape){1, {(size_t)n, 1}}, out);
}

static tau_status read_number(const reader *rd, hid_t group, const char *name, double *out)
{
  return read_array(rd, group, name, (shape){0, {1, 1}}, out);
}

static tau_status read_count(const reader *rd, hid_t group, const char *name, long *out)
{
  hid_t id;
  hsize_t size[2];
  TAU_TRY(open_dataset(rd, group, name, &id));
  const bool good = shape_of(id, size) == 0 && is_of_type(id, H5T_STD_I64LE) &&
                    H5Dread(id, H5T_NATIVE_LONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
  H5Dclose(id);
  return good ? TAU_OK : damaged(rd, "of another type or shape is", name);
}

/* --- texts --- */

static uint64_t little(const unsigned char *at, int n)
{
  uint64_t x = 0;
  for (int i = n - 1; i >= 0; i--) x = x << 8 | at[i];
  return x;
}

enum { COLLECTION_HEADER = 16, OBJECT_HEADER = 16, DESCRIPTOR = 16 };

/* Where the collection at `start` ends; 0: there is none. */
static size_t end_of_collection(const reader *rd, uint64_t start)
{
  if (start > rd->n_bytes || rd->n_bytes - start < COLLECTION_HEADER) return 0;
  const unsigned char *at = rd->bytes + start;
  const uint64_t size = little(at + 8, 8);
  if (memcmp(at, "GCOL\1", 5) != 0 || size < COLLECTION_HEADER || size > rd->n_bytes - start) return 0;
  return (size_t)(start + size);
}

/* The object of that index between `at` and `end`, NULL where there is none; *at moves to it. */
static const unsigned char *find_object(reader *rd, size_t *at, size_t end, unsigned index, uint64_t n)
{
  while (end - *at >= OBJECT_HEADER && rd->room > 0) {
    const unsigned char *object = rd->bytes + *at;
    const uint64_t size = little(object + 8, 8), left = end - *at - OBJECT_HEADER;
    const unsigned own = (unsigned)little(object, 2);
    if (own == 0 || size > left) return NULL;
    if (own == index) return size == n ? object + OBJECT_HEADER : NULL;
    const uint64_t padded = (size + 7) & ~(uint64_t)7;
    if (padded > left) return NULL;
    *at += OBJECT_HEADER + (size_t)padded;
    rd->room--; /* so that looking comes to an end too */
  }
  return NULL;
}

/* Texts follow each other in the heap as they do in a dataset: the search goes on where the last one was. */
static const unsigned char *read_heap(reader *rd, const unsigned char *descriptor, uint64_t n)
{
  const uint64_t start = little(descriptor + 4, 8);
  const unsigned index = (unsigned)little(descriptor + 12, 4);
  const size_t end = end_of_collection(rd, start);
  if (!end) return NULL;
  if (rd->collection == start && rd->object) {
    const unsigned char *found = find_object(rd, &rd->object, end, index, n);
    if (found) return found;
  }
  rd->collection = (size_t)start;
  rd->object = (size_t)start + COLLECTION_HEADER;
  return find_object(rd, &rd->object, end, index, n);
}

static tau_status read_text(reader *rd, const unsigned char *descriptor, const char *name, const char **out)
{
  const size_t n = (size_t)little(descriptor, 4);
  const char *text = "";
  if (n && !(text = (const char *)read_heap(rd, descriptor, n))) return damaged(rd, "a text is missing in", name);
  if (n && (memchr(text, '\0', n) || !taup_utf8_is_valid(text, n))) return damaged(rd, "a text is not UTF-8 in", name);
  TAU_TRY(take(rd, n, 1));
  char *copy = taup_arena_alloc(&rd->layout->arena, n + 1, 1);
  if (!copy) return TAU_E_NOMEM;
  if (n) memcpy(copy, text, n);
  *out = copy;
  return TAU_OK;
}

static bool is_text(hid_t dataset)
{
  const hid_t type = H5Dget_type(dataset);
  const bool good = type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
  if (type >= 0) H5Tclose(type);
  return good;
}

/* Where the descriptors of a column of n texts stand. */
static tau_status find_texts(const reader *rd, hid_t group, const char *name, hsize_t *n, haddr_t *place)
{
  hid_t id;
  hsize_t size[2];
  TAU_TRY(open_dataset(rd, group, name, &id));
  const bool fits = shape_of(id, size) == 1 && is_text(id);
  *place = fits && size[0] ? H5Dget_offset(id) : 0;
  H5Dclose(id);
  if (!fits) return damaged(rd, "of another type or shape is", name);
  if (*place > rd->n_bytes || size[0] > (rd->n_bytes - *place) / DESCRIPTOR || size[0] > INT_MAX / 2)
    return damaged(rd, "larger than the file is", name);
  *n = size[0];
  return TAU_OK;
}

/* A column of texts; *n -1: as many as there are. */
static tau_status read_texts(reader *rd, hid_t group, const char *name, int *n, const char *const **out)
{
  hsize_t found = 0;
  haddr_t place = 0;
  TAU_TRY(find_texts(rd, group, name, &found, &place));
  if (*n >= 0 && found != (hsize_t)*n) return damaged(rd, "of another length than its neighbours is", name);
  TAU_TRY(take(rd, found, sizeof **out));
  *n = (int)found;
  const char **texts = taup_arena_alloc(&rd->layout->arena, found, sizeof *texts);
  if (!texts) return TAU_E_NOMEM;
  for (size_t i = 0; i < found; i++) TAU_TRY(read_text(rd, rd->bytes + place + i * DESCRIPTOR, name, &texts[i]));
  *out = texts;
  return TAU_OK;
}

/* --- layout --- */

/* The text beside `name` in the table of what the run says of itself. */
static tau_status about(const reader *rd, const char *const *names, const char *const *values, int n, const char *name, const char **out)
{
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], name) == 0) {
      *out = values[i];
      return TAU_OK;
    }
  return damaged(rd, "'about' does not tell the", name);
}

/* What stands in the file but not in a layout. */
typedef struct run_facts {
  long status;
  const char *message;
  const char *const *methods, *const *warnings;
  int n_warnings;
} run_facts;

static tau_status read_about(reader *rd, hid_t group, run_facts *facts)
{
  int n = -1;
  const char *const *names = NULL, *const *values = NULL;
  TAU_TRY(read_texts(rd, group, "name", &n, &names));
  TAU_TRY(read_texts(rd, group, "value", &n, &values));
  TAU_TRY(about(rd, names, values, n, "title", &rd->layout->title));
  TAU_TRY(about(rd, names, values, n, "evidence", &rd->layout->evidence));
  TAU_TRY(about(rd, names, values, n, "message", &facts->message));
  return read_count(rd, group, "status_code", &facts->status);
}

static tau_status read_parameters(reader *rd, hid_t group, run_facts *facts)
{
  (void)facts;
  int n = -1;
  const char *const *path = NULL, *const *unit = NULL, *const *si_unit = NULL, *const *doc = NULL;
  TAU_TRY(read_texts(rd, group, "path", &n, &path));
  TAU_TRY(read_texts(rd, group, "unit", &n, &unit));
  TAU_TRY(read_texts(rd, group, "si_unit", &n, &si_unit));
  TAU_TRY(read_texts(rd, group, "description", &n, &doc));
  tau_parameter *p = taup_arena_alloc(&rd->layout->arena, (size_t)n, sizeof *p);
  double *x = taup_arena_alloc(&rd->layout->arena, (size_t)n, 4 * sizeof *x);
  if (!p || !x) return TAU_E_NOMEM;
  static const char *const columns[] = {"value", "uncertainty", "lower", "upper"};
  for (int k = 0; k < 4; k++) TAU_TRY(read_column(rd, group, columns[k], n, x + (size_t)k * (size_t)n));
  for (int i = 0; i < n; i++) p[i] = (tau_parameter){path[i], x[i], x[n + i], x[2 * n + i], x[3 * n + i], si_unit[i], unit[i], doc[i]};
  rd->layout->parameters = p;
  rd->layout->n_parameters = n;
  return TAU_OK;
}

static tau_status read_observables(reader *rd, hid_t group, run_facts *facts)
{
  (void)facts;
  int n = -1;
  const char *const *path = NULL, *const *unit = NULL, *const *doc = NULL;
  TAU_TRY(read_texts(rd, group, "path", &n, &path));
  TAU_TRY(read_texts(rd, group, "unit", &n, &unit));
  TAU_TRY(read_texts(rd, group, "description", &n, &doc));
  tau_observable *o = taup_arena_alloc(&rd->layout->arena, (size_t)n, sizeof *o);
  if (!o) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) o[i] = (tau_observable){path[i], unit[i], doc[i]};
  rd->layout->observables = o;
  rd->layout->n_observables = n;
  return TAU_OK;
}

static tau_status read_balance_names(reader *rd, hid_t group, run_facts *facts)
{
  (void)facts;
  rd->layout->n_balances = -1;
  return read_texts(rd, group, "name", &rd->layout->n_balances, &rd->layout->balance_names);
}

static tau_status read_train(reader *rd, hid_t group, run_facts *facts)
{
  int n = -1;
  const char *const *name = NULL, *const *kind = NULL;
  TAU_TRY(read_texts(rd, group, "unit", &n, &name));
  TAU_TRY(read_texts(rd, group, "kind", &n, &kind));
  TAU_TRY(read_texts(rd, group, "method", &n, &facts->methods));
  taup_unit_layout *u = taup_arena_alloc(&rd->layout->arena, (size_t)n, sizeof *u);
  if (!u) return TAU_E_NOMEM;
  for (int i = 0; i < n; i++) {
    u[i].name = name[i];
    u[i].kind = kind[i];
  }
  rd->layout->units = u;
  rd->layout->n_units = n;
  return TAU_OK;
}

static tau_status in_group(reader *rd, hid_t parent, const char *name, tau_status (*read)(reader *, hid_t, run_facts *), run_facts *facts)
{
  hid_t group;
  TAU_TRY(open_group(rd, parent, name, &group));
  const tau_status st = read(rd, group, facts);
  H5Gclose(group);
  return st;
}

static tau_status read_model(reader *rd)
{
  hid_t id;
  hsize_t size[2];
  TAU_TRY(open_dataset(rd, rd->file, "model", &id));
  const hid_t type = H5Dget_type(id);
  const bool fits = type >= 0 && shape_of(id, size) == 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
  const size_t n = fits ? H5Tget_size(type) : 0;
  tau_status st = fits ? take(rd, n, 1) : damaged(rd, "of another type or shape is", "model");
  char *text = st == TAU_OK ? taup_arena_alloc(&rd->layout->arena, n + 1, 1) : NULL;
  if (st == TAU_OK && !text) st = TAU_E_NOMEM;
  if (text && H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) st = damaged(rd, "cannot read", "model");
  if (type >= 0) H5Tclose(type);
  H5Dclose(id);
  if (st < 0) return st;
  rd->layout->model_text = text;
  for (rd->layout->n_model_text = n; rd->layout->n_model_text > 0 && !text[rd->layout->n_model_text - 1];) rd->layout->n_model_text--;
  return TAU_OK;
}

static tau_status read_names(reader *rd, run_facts *facts)
{
  taup_layout *l = rd->layout;
  l->n_species = l->n_reactions = -1;
  TAU_TRY(read_texts(rd, rd->file, "species", &l->n_species, &l->species));
  if (H5Lexists(rd->file, "reaction", H5P_DEFAULT) > 0) {
    TAU_TRY(read_texts(rd, rd->file, "reaction", &l->n_reactions, &l->reactions));
    TAU_TRY(read_texts(rd, rd->file, "equation", &l->n_reactions, &l->equations));
  } else l->n_reactions = 0;
  facts->n_warnings = 0;
  if (H5Lexists(rd->file, "warnings", H5P_DEFAULT) <= 0) return TAU_OK;
  facts->n_warnings = -1;
  TAU_TRY(read_texts(rd, rd->file, "warnings", &facts->n_warnings, &facts->warnings));
  return facts->n_warnings <= TAUP_MOST_WARNINGS ? TAU_OK : damaged(rd, "there are too many", "warnings");
}

/* --- units --- */

static const struct {
  const char *name, *unit;
} coordinates[] = {{"volume", "m^3"}, {"length", "m"}, {"time", "s"}};

static tau_status find_coordinate(reader *rd, hid_t group, taup_unit_layout *u)
{
  hid_t id;
  hsize_t size[2];
  u->coordinate_unit = "m^3";
  for (size_t k = 0; k < sizeof coordinates / sizeof coordinates[0]; k++)
    if (type_of(group, coordinates[k].name) == H5I_DATASET) {
      u->coordinate = coordinates[k].name;
      u->coordinate_unit = coordinates[k].unit;
    }
  if (!u->coordinate) return TAU_OK;
  TAU_TRY(open_dataset(rd, group, u->coordinate, &id));
  const int rank = shape_of(id, size);
  H5Dclose(id);
  const size_t columns = 4 + (size_t)rd->layout->n_species + (size_t)rd->layout->n_reactions;
  if (rank != 1 || size[0] > INT_MAX / 2) return damaged(rd, "of another type or shape is", u->coordinate);
  TAU_TRY(take(rd, size[0], columns * sizeof(double)));
  u->most_points = (int)size[0];
  return TAU_OK;
}

static tau_status port_name(reader *rd, hid_t outlet, H5_index_t by, hsize_t k, const char **out)
{
  const ssize_t n = H5Lget_name_by_idx(outlet, ".", by, H5_ITER_INC, k, NULL, 0, H5P_DEFAULT);
  if (n < 0) return damaged(rd, "cannot read the group", "outlet");
  TAU_TRY(take(rd, (size_t)n + 1, 1));
  char *name = taup_arena_alloc(&rd->layout->arena, (size_t)n + 1, 1);
  if (!name) return TAU_E_NOMEM;
  if (H5Lget_name_by_idx(outlet, ".", by, H5_ITER_INC, k, name, (size_t)n + 1, H5P_DEFAULT) != n || !taup_utf8_is_valid(name, strlen(name)))
    return damaged(rd, "cannot read the group", "outlet");
  *out = name;
  return TAU_OK;
}

static H5_index_t order_of(hid_t group)
{
  unsigned flags = 0;
  const hid_t list = H5Gget_create_plist(group);
  if (list >= 0) {
    H5Pget_link_creation_order(list, &flags);
    H5Pclose(list);
  }
  return flags & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

/* One stream stands in outlet/ itself; several in a group each, in the order of the ports. */
static tau_status find_outlets(reader *rd, hid_t outlet, taup_unit_layout *u)
{
  static const char *const one[1] = {""};
  H5G_info_t info = {.nlinks = 0};
  u->outlets = one;
  u->n_outlets = 1;
  if (type_of(outlet, "c") == H5I_DATASET) return TAU_OK;
  if (H5Gget_info(outlet, &info) < 0 || info.nlinks > INT_MAX / 2) return damaged(rd, "cannot read the group", "outlet");
  TAU_TRY(take(rd, info.nlinks, sizeof(char *)));
  const char **names = taup_arena_alloc(&rd->layout->arena, info.nlinks, sizeof *names);
  if (!names) return TAU_E_NOMEM;
  const H5_index_t by = order_of(outlet);
  for (hsize_t k = 0; k < info.nlinks; k++) TAU_TRY(port_name(rd, outlet, by, k, &names[k]));
  u->outlets = names;
  u->n_outlets = (int)info.nlinks;
  return TAU_OK;
}

static tau_status shape_of_unit(reader *rd, hid_t group, taup_unit_layout *u)
{
  hid_t outlet;
  TAU_TRY(find_coordinate(rd, group, u));
  TAU_TRY(open_group(rd, group, "outlet", &outlet));
  const tau_status st = find_outlets(rd, outlet, u);
  H5Gclose(outlet);
  if (st < 0) return st;
  const size_t streams = 1 + (size_t)u->n_outlets, size = (size_t)taup_stream_size(rd->layout->n_species);
  return take(rd, streams * size + TAUP_N_SCALARS, sizeof(double));
}

static tau_status read_shapes(reader *rd, hid_t units, run_facts *facts)
{
  (void)facts;
  for (int i = 0; i < rd->layout->n_units; i++) {
    taup_unit_layout *u = &rd->layout->units[i];
    hid_t group;
    TAU_TRY(open_group(rd, units, u->name, &group));
    const tau_status st = shape_of_unit(rd, group, u);
    H5Gclose(group);
    if (st < 0) return st;
  }
  return TAU_OK;
}

/* As taup_layout_place, but without room for what is in the observables already: nothing asks a result from a file for it. */
static tau_status place(taup_layout *l)
{
  int next = TAUP_N_WHOLE;
  const int stream = taup_stream_size(l->n_species);
  for (int u = 0; u < l->n_units; u++) {
    taup_unit_layout *unit = &l->units[u];
    unit->inlet = next;
    unit->outlet = unit->inlet + stream;
    unit->scalars = unit->outlet + stream * unit->n_outlets;
    next = unit->scalars + TAUP_N_SCALARS;
    TAU_TRY(taup_map_add(&l->unit_by_name, unit->name, u));
  }
  l->n_data = next;
  for (int i = 0; i < l->n_parameters; i++) TAU_TRY(taup_map_add(&l->parameter_by_path, l->parameters[i].path, i));
  for (int i = 0; i < l->n_observables; i++) TAU_TRY(taup_map_add(&l->observable_by_path, l->observables[i].path, i));
  return TAU_OK;
}

static tau_status read_layout(reader *rd, run_facts *facts)
{
  TAU_TRY(in_group(rd, rd->file, "about", read_about, facts));
  TAU_TRY(read_model(rd));
  TAU_TRY(read_names(rd, facts));
  TAU_TRY(in_group(rd, rd->file, "parameters", read_parameters, facts));
  TAU_TRY(in_group(rd, rd->file, "observables", read_observables, facts));
  TAU_TRY(in_group(rd, rd->file, "balance", read_balance_names, facts));
  TAU_TRY(in_group(rd, rd->file, "train", read_train, facts));
  TAU_TRY(in_group(rd, rd->file, "units", read_shapes, facts));
  return place(rd->layout);
}

/* --- numbers of the run --- */

static tau_status read_stream(const reader *rd, hid_t parent, const char *name, double *F)
{
  hid_t group;
  const int n = rd->layout->n_species;
  double *x = F + 2 * n;
  tau_status st;
  TAU_TRY(open_group(rd, parent, name, &group));
  if ((st = read_column(rd, group, "F", n, F)) < 0) goto done;
  if ((st = read_column(rd, group, "c", n, F + n)) < 0) goto done;
  if ((st = read_number(rd, group, "T", &x[TAUP_STREAM_T])) < 0) goto done;
  if ((st = read_number(rd, group, "P", &x[TAUP_STREAM_P])) < 0) goto done;
  if ((st = read_number(rd, group, "flow", &x[TAUP_STREAM_FLOW])) < 0) goto done;
  st = read_number(rd, group, "mass_flow", &x[TAUP_STREAM_MASS]);
done:
  H5Gclose(group);
  return st;
}

static tau_status read_ports(const reader *rd, hid_t unit, const taup_unit_layout *u, double *data)
{
  hid_t outlet;
  tau_status st = TAU_OK;
  if (u->n_outlets == 1 && !u->outlets[0][0]) return read_stream(rd, unit, "outlet", data + u->outlet);
  TAU_TRY(open_group(rd, unit, "outlet", &outlet));
  for (int k = 0; st == TAU_OK && k < u->n_outlets; k++)
    st = read_stream(rd, outlet, u->outlets[k], data + u->outlet + k * taup_stream_size(rd->layout->n_species));
  H5Gclose(outlet);
  return st;
}

static tau_status read_profile(const reader *rd, hid_t group, const taup_unit_layout *u, taup_profile_store *p)
{
  const size_t n = (size_t)rd->layout->n_species, m = (size_t)rd->layout->n_reactions, rows = (size_t)u->most_points;
  TAU_TRY(read_column(rd, group, u->coordinate, u->most_points, p->position));
  TAU_TRY(read_array(rd, group, "c", (shape){2, {rows, n}}, p->c));
  TAU_TRY(read_column(rd, group, "T", u->most_points, p->T));
  TAU_TRY(read_column(rd, group, "flow", u->most_points, p->flow));
  TAU_TRY(read_column(rd, group, "heat_rate", u->most_points, p->heat_rate));
  if (m) TAU_TRY(read_array(rd, group, "rate", (shape){2, {rows, m}}, p->rate));
  p->n_points = u->most_points;
  return TAU_OK;
}

static tau_status read_unit(const reader *rd, hid_t group, tau_result *r, int i)
{
  const taup_unit_layout *u = &rd->layout->units[i];
  TAU_TRY(read_stream(rd, group, "inlet", r->data + u->inlet));
  TAU_TRY(read_ports(rd, group, u, r->data));
  for (int k = 0; k < TAUP_N_SCALARS; k++) TAU_TRY(read_number(rd, group, taup_h5_scalar_names[k], &r->data[u->scalars + k]));
  return u->coordinate ? read_profile(rd, group, u, &r->profiles[i]) : TAU_OK;
}

static tau_status read_units(const reader *rd, hid_t units, tau_result *r)
{
  tau_status st = TAU_OK;
  for (int i = 0; st == TAU_OK && i < rd->layout->n_units; i++) {
    hid_t group;
    TAU_TRY(open_group(rd, units, rd->layout->units[i].name, &group));
    st = read_unit(rd, group, r, i);
    H5Gclose(group);
  }
  return st;
}

static tau_status read_statistics(const reader *rd, hid_t group, tau_statistics *s)
{
  TAU_TRY(read_count(rd, group, "n_steps", &s->n_steps));
  TAU_TRY(read_count(rd, group, "n_rhs", &s->n_rhs));
  TAU_TRY(read_count(rd, group, "n_jacobian", &s->n_jacobian));
  TAU_TRY(read_count(rd, group, "n_error_failures", &s->n_error_failures));
  TAU_TRY(read_count(rd, group, "n_newton", &s->n_newton));
  TAU_TRY(read_number(rd, group, "last_step", &s->last_step));
  return read_number(rd, group, "wall_time", &s->wall_time);
}

static tau_status read_solver(const reader *rd, hid_t solver, tau_result *r)
{
  tau_status st = TAU_OK;
  for (int i = 0; st == TAU_OK && i < rd->layout->n_units; i++) {
    hid_t group;
    TAU_TRY(open_group(rd, solver, rd->layout->units[i].name, &group));
    st = read_statistics(rd, group, &r->statistics[i]);
    H5Gclose(group);
  }
  return st;
}

static tau_status read_attribute(const reader *rd, hid_t object, const char *name, hid_t type, hid_t memory_type, void *out)
{
  const hid_t id = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
  if (id < 0) return damaged(rd, "there is no attribute", name);
  const hid_t own = H5Aget_type(id), space = H5Aget_space(id);
  const bool good = own >= 0 && space >= 0 && H5Tequal(own, type) > 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR &&
                    H5Aread(id, memory_type, out) >= 0;
  if (space >= 0) H5Sclose(space);
  if (own >= 0) H5Tclose(own);
  H5Aclose(id);
  return good ? TAU_OK : damaged(rd, "of another type or shape is", name);
}

static tau_status read_options(const reader *rd, hid_t group, tau_result *r)
{
  TAU_TRY(read_attribute(rd, group, "rtol", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &r->rtol));
  TAU_TRY(read_attribute(rd, group, "atol", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &r->atol));
  TAU_TRY(read_attribute(rd, group, "max_time", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &r->max_time));
  return read_attribute(rd, group, "max_steps", H5T_STD_I32LE, H5T_NATIVE_INT, &r->max_steps);
}

static tau_status read_values(const reader *rd, hid_t group, tau_result *r)
{
  return read_column(rd, group, "value", rd->layout->n_observables, r->values);
}

static tau_status read_balances(const reader *rd, hid_t group, tau_result *r)
{
  const int n = rd->layout->n_balances;
  static const char *const columns[] = {"in", "out", "error"};
  double *x = taup_calloc((size_t)n, 3 * sizeof *x);
  tau_status st = x ? TAU_OK : TAU_E_NOMEM;
  for (int k = 0; st == TAU_OK && k < 3; k++) st = read_column(rd, group, columns[k], n, x + (size_t)k * (size_t)n);
  for (int i = 0; st == TAU_OK && i < n; i++) r->balances[i] = (tau_balance){rd->layout->balance_names[i], x[i], x[n + i], x[2 * n + i]};
  taup_free(x);
  return st;
}

static tau_status from_group(const reader *rd, const char *name, tau_status (*read)(const reader *, hid_t, tau_result *), tau_result *r)
{
  hid_t group;
  TAU_TRY(open_group(rd, rd->file, name, &group));
  const tau_status st = read(rd, group, r);
  H5Gclose(group);
  return st;
}

static bool is_status(long code, tau_status *out)
{
#define X(name, value, text) (value),
  static const int codes[] = {TAU_STATUS_LIST(X)};
#undef X
  for (size_t k = 0; k < sizeof codes / sizeof codes[0]; k++)
    if (code == codes[k]) {
      *out = (tau_status)codes[k];
      return true;
    }
  return false;
}

static tau_status read_numbers(const reader *rd, const run_facts *facts, tau_result *r)
{
  const taup_layout *l = rd->layout;
  if (!is_status(facts->status, &r->status)) return damaged(rd, "unknown is the", "status_code");
  snprintf(r->message, sizeof r->message, "%s", facts->message);
  for (int i = 0; i < facts->n_warnings; i++) taup_result_warn(r, "%s", facts->warnings[i]);
  for (int i = 0; i < l->n_parameters; i++) r->inputs[i] = l->parameters[i].value;
  for (int i = 0; i < l->n_units; i++) r->statistics[i].method = facts->methods[i];
  TAU_TRY(from_group(rd, "options", read_options, r));
  TAU_TRY(from_group(rd, "observables", read_values, r));
  TAU_TRY(from_group(rd, "balance", read_balances, r));
  TAU_TRY(from_group(rd, "units", read_units, r));
  return from_group(rd, "solver", read_solver, r);
}

/* --- the whole --- */

/* Addresses and sizes of 8 bytes, counted from the first: what find_texts() takes for granted. */
static bool is_ours(hid_t file)
{
  size_t address = 0, size = 0;
  hsize_t before = 1;
  const hid_t list = H5Fget_create_plist(file);
  const bool good = list >= 0 && H5Pget_sizes(list, &address, &size) >= 0 && address == 8 && size == 8 &&
                    H5Pget_userblock(list, &before) >= 0 && before == 0;
  if (list >= 0) H5Pclose(list);
  return good;
}

static tau_status read_all(reader *rd, tau_result **out)
{
  int format = 0;
  run_facts facts = {.n_warnings = 0};
  if (!is_ours(rd->file)) return damaged(rd, "it was not written by tautrain", NULL);
  TAU_TRY(read_attribute(rd, rd->file, "tautrain_format", H5T_STD_I32LE, H5T_NATIVE_INT, &format));
  if (format != TAUP_H5_FORMAT)
    return taup_fail(TAU_E_FORMAT, "'%s' has format %d; this version reads %d", rd->name, format, TAUP_H5_FORMAT);
  TAU_TRY(read_layout(rd, &facts));
  TAU_TRY(taup_result_new(out, rd->layout));
  return read_numbers(rd, &facts, *out);
}

static hid_t open_image(const reader *rd)
{
  enum { GROW = 64 * 1024 };
  unsigned char *bytes = (unsigned char *)(uintptr_t)rd->bytes; /* HDF5 takes a copy, but does not say const */
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) return -1;
  hid_t file = -1;
  if (H5Pset_fapl_core(access, GROW, false) >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
      H5Pset_file_image(access, bytes, rd->n_bytes) >= 0)
    file = H5Fopen(TAUP_H5_NAME, H5F_ACC_RDONLY, access);
  H5Pclose(access);
  return file;
}

static tau_status parse(reader *rd, tau_result **out)
{
  taup_h5_session session;
  tau_status st;
  TAU_TRY(taup_layout_new(&rd->layout));
  taup_h5_enter(&session);
  rd->file = open_image(rd);
  st = rd->file < 0 ? damaged(rd, "HDF5 cannot open it", NULL) : read_all(rd, out);
  if (rd->file >= 0) H5Fclose(rd->file);
  taup_h5_leave(&session);
  taup_layout_drop(rd->layout);
  return st;
}

static tau_status read_bytes(const char *file, char **bytes, size_t *n)
{
  struct stat there;
  if (stat(file, &there) == 0 && !S_ISREG(there.st_mode)) return taup_fail(TAU_E_IO, "cannot read '%s': it is no regular file", file);
  if (stat(file, &there) == 0 && (unsigned long long)there.st_size > most_bytes)
    return taup_fail(TAU_E_FORMAT, "'%s' is too large for a single result", file);
  return taup_file_read(file, most_bytes, bytes, n);
}

tau_status tau_result_load(tau_result **out, const char *file)
{
  static const char signature[] = "\211HDF\r\n\032\n";
  char *bytes = NULL;
  size_t n = 0;
  *out = NULL;
  TAU_TRY(read_bytes(file, &bytes, &n));
  tau_status st;
  if (n < sizeof signature - 1 || memcmp(bytes, signature, sizeof signature - 1) != 0)
    st = taup_fail(TAU_E_FORMAT, "'%s' is no results file of tautrain: no HDF5", file);
  else if (taup_h5_unseal(bytes, &n) == TAUP_H5_BROKEN)
    st = taup_fail(TAU_E_FORMAT, "'%s' is damaged: its bytes do not give its SHA-256", file);
  else {
    reader rd = {.name = file, .bytes = (const unsigned char *)bytes, .n_bytes = n, .room = 2 * n};
    st = parse(&rd, out);
  }
  taup_free(bytes);
  if (st < 0) {
    tau_result_free(*out);
    *out = NULL;
  }
  return st;
}

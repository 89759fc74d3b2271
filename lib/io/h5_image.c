/* SPDX-License-Identifier: Apache-2.0 */
/* h5_image.c - that part of HDF5 in which h5_build.c writes, read with every step checked.
 *
 * Why not by HDF5: it trusts its input. Of 3000 files with up to six bytes of their object headers changed
 * and the checksums made good, 1.10.8 crashed on 26 and asked for terabytes on others; and a library may not
 * run it in a process of its own. Other programs read our files by HDF5; we read what we wrote, and what h5py
 * has added to it.
 *
 * The form ("HDF5 File Format Specification Version 3.0", The HDF Group; all little-endian, addresses and
 * sizes of 8 bytes):
 *
 *     superblock      version 0 (II.A) or 2 (II.B): where the first group is
 *     object header   version 2 (IV.A.1.b): "OHDR" 2 flags [times 16] [limits 4] size-of-messages, messages,
 *                     checksum; goes on in "OCHK" messages checksum
 *     message         type 1, size 2, flags 1 [order 2], data (IV.A.2)
 *     global heap     (III.E) "GCOL" 1 0 0 0, size 8, then objects: index 2, references 2, 0 0 0 0, size 8,
 *                     bytes padded to 8
 *
 * A group is the link messages of its header; a dataset has messages of dataspace, datatype and layout, and
 * its data in one piece. A text in a dataset is length 4, address of a heap 8, index 4. Checksums are not
 * asked: the seal covers all bytes.
 *
 * Invariants: no byte outside [bytes, bytes + n_bytes) is read: all reading goes through a `span` whose end
 * was checked; every search takes from `work`, every allocation from `room`. */
#include "io/h5_image.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/status.h"
#include "model/utf8.h"

tau_status taup_h5_damaged(const taup_h5_image *image, const char *what, const char *name)
{
  return taup_fail(TAUP_ERR_DAMAGED_RESULTS_FILE,
                   "'%s' is no results file of tautrain, or is damaged: %s%s%s%s", image->name, what,
                   name ? " '" : "", name ? name : "", name ? "'" : "");
}

tau_status taup_h5_take(taup_h5_image *image, uint64_t count, size_t size)
{
  if (count > image->room / size)
    return taup_h5_damaged(image, "it claims to hold more than it has room for", NULL);
  image->room -= (size_t)count * size;
  return TAU_OK;
}

/* --- spans --- */

/* Bytes that are known to be there. Taking too many empties it and sets `short_of`. */
typedef struct span {
  const unsigned char *at;
  size_t n;
  bool short_of;
} span;

static span span_of(const taup_h5_image *image, uint64_t address, uint64_t n)
{
  if (address > image->n_bytes || n > image->n_bytes - address)
    return (span){.at = image->bytes, .short_of = true};
  return (span){.at = image->bytes + address, .n = (size_t)n};
}

static span rest_from(const taup_h5_image *image, uint64_t address)
{
  return span_of(image, address, address > image->n_bytes ? 1 : image->n_bytes - address);
}

static span cut(span *s, uint64_t n)
{
  if (n > s->n) {
    *s = (span){.at = s->at, .short_of = true};
    return *s;
  }
  const span piece = {.at = s->at, .n = (size_t)n};
  s->at += n;
  s->n -= (size_t)n;
  return piece;
}

static uint64_t little(const unsigned char *at, size_t n)
{
  uint64_t x = 0;
  for (size_t i = n; i-- > 0;) x = x << 8 | at[i];
  return x;
}

/* The next n bytes as a number; 0 when they are not there. */
static uint64_t number(span *s, size_t n)
{
  const span piece = cut(s, n);
  return piece.short_of ? 0 : little(piece.at, n);
}

static bool starts(span *s, const char *text, size_t n)
{
  const span piece = cut(s, n);
  return !piece.short_of && memcmp(piece.at, text, n) == 0;
}

static bool spend(taup_h5_image *image)
{
  if (!image->work) return false;
  image->work--;
  return true;
}

/* --- superblock --- */

tau_status taup_h5_image_open(taup_h5_image *image, const char *name, const void *bytes, size_t n_bytes)
{
  static const char signature[] = "\211HDF\r\n\032\n";
  *image = (taup_h5_image){
    .name = name, .bytes = bytes, .n_bytes = n_bytes, .room = 2 * n_bytes, .work = 64 * n_bytes};
  span s = rest_from(image, 0);
  if (!starts(&s, signature, sizeof signature - 1))
    return taup_fail(TAUP_ERR_NOT_A_RESULTS_FILE, "'%s' is no results file of tautrain: no HDF5", name);
  const uint64_t version = number(&s, 1);
  if (version == 0) cut(&s, 4); /* versions of its parts */
  const uint64_t address_bytes = number(&s, 1), size_bytes = number(&s, 1);
  if (version == 0) cut(&s, 1 + 2 + 2); /* sizes of old trees */
  const uint64_t flags = number(&s, version == 0 ? 4 : 1);
  const uint64_t base = number(&s, 8);
  cut(&s, 8); /* free space, extension */
  const uint64_t end = number(&s, 8);
  cut(&s, version == 0 ? 8 + 8 : 0); /* driver; name of the root */
  image->root = number(&s, 8);
  if (s.short_of || (version != 0 && version != 2 && version != 3) || address_bytes != 8 || size_bytes != 8 ||
      base != 0)
    return taup_h5_damaged(image, "its head is not as tautrain writes it", NULL);
  if (flags) /* HDF5 sets them as long as it may write */
    return taup_fail(TAUP_ERR_RESULTS_FILE_IN_USE,
                     "'%s' is open for writing in another program, or was when that broke down", name);
  if (end > n_bytes) return taup_h5_damaged(image, "its end is missing", NULL);
  return end < n_bytes ? taup_h5_damaged(image, "what stands behind its end is no whole seal", NULL) : TAU_OK;
}

/* --- messages of an object --- */

enum {
  MESSAGE_DATASPACE = 0x01,
  MESSAGE_DATATYPE = 0x03,
  MESSAGE_LINK = 0x06,
  MESSAGE_EXTERNAL = 0x07,
  MESSAGE_LAYOUT = 0x08,
  MESSAGE_ATTRIBUTE = 0x0c,
  MESSAGE_CONTINUATION = 0x10,
  MESSAGE_LINK_INFO = 0x02,
  MESSAGE_SHARED = 0x02 /* a flag: the message stands elsewhere */
};

enum { MOST_PENDING = 16 };

/* Goes over the messages of an object, from chunk to chunk. */
typedef struct messages {
  taup_h5_image *image;
  span chunk;
  bool ordered; /* each message has its order of creation */
  uint64_t pending[MOST_PENDING][2];
  int n_pending;
  bool broken;
  int type;
  span data;
} messages;

static messages messages_of(taup_h5_image *image, uint64_t address)
{
  messages m = {.image = image};
  span s = rest_from(image, address);
  m.broken = !starts(&s, "OHDR\2", 5);
  const uint64_t flags = number(&s, 1);
  cut(&s, (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
  m.ordered = flags & 0x04;
  m.chunk = cut(&s, number(&s, (size_t)1 << (flags & 0x03)));
  m.broken = m.broken || s.short_of;
  return m;
}

static bool next_chunk(messages *m)
{
  if (!m->n_pending) return false;
  const uint64_t *where = m->pending[--m->n_pending];
  m->chunk = span_of(m->image, where[0], where[1]);
  m->broken = !starts(&m->chunk, "OCHK", 4) || m->chunk.n < 4;
  if (!m->broken) m->chunk.n -= 4; /* the checksum */
  return !m->broken;
}

static void remember(messages *m)
{
  m->broken = m->n_pending == MOST_PENDING || m->data.n < 16;
  if (m->broken) return;
  uint64_t *where = m->pending[m->n_pending++];
  where[0] = number(&m->data, 8);
  where[1] = number(&m->data, 8);
}

/* The next message that is not of the chain itself; false at the end, or when something is wrong (broken). */
static bool next(messages *m)
{
  const size_t header = m->ordered ? 6 : 4;
  while (!m->broken) {
    if (!spend(m->image)) m->broken = true;
    else if (m->chunk.n < header) {
      if (!next_chunk(m)) return false;
    } else {
      m->type = (int)number(&m->chunk, 1);
      const uint64_t size = number(&m->chunk, 2), flags = number(&m->chunk, 1);
      cut(&m->chunk, header - 4);
      m->data = cut(&m->chunk, size);
      m->broken = m->data.short_of || (flags & MESSAGE_SHARED);
      if (m->type != MESSAGE_CONTINUATION || m->broken) return !m->broken;
      remember(m);
    }
  }
  return false;
}

/* --- groups --- */

typedef struct link {
  span name;
  uint64_t order, address;
} link;

/* Only links to an object of this file are any. */
static bool is_hard_link(span data, link *l)
{
  if (number(&data, 1) != 1) return false;
  const uint64_t flags = number(&data, 1);
  const uint64_t type = flags & 0x08 ? number(&data, 1) : 0;
  l->order = flags & 0x04 ? number(&data, 8) : 0;
  if (flags & 0x10) cut(&data, 1); /* character set */
  l->name = cut(&data, number(&data, (size_t)1 << (flags & 0x03)));
  l->address = number(&data, 8);
  return type == 0 && !data.short_of && l->name.n > 0;
}

static taup_h5_thing thing_at(taup_h5_image *image, uint64_t address)
{
  messages m = messages_of(image, address);
  while (next(&m)) {
    if (m.type == MESSAGE_DATASPACE) return TAUP_H5_DATASET;
    if (m.type == MESSAGE_LINK_INFO) return TAUP_H5_GROUP;
  }
  return TAUP_H5_NOTHING;
}

taup_h5_thing taup_h5_find(taup_h5_image *image, uint64_t group, const char *name, uint64_t *address)
{
  const size_t n = strlen(name);
  messages m = messages_of(image, group);
  link l;
  while (next(&m)) {
    if (m.type != MESSAGE_LINK || !is_hard_link(m.data, &l) || l.name.n != n ||
        memcmp(l.name.at, name, n) != 0)
      continue;
    *address = l.address;
    return thing_at(image, l.address);
  }
  return TAUP_H5_NOTHING;
}

tau_status taup_h5_open_group(taup_h5_image *image, uint64_t parent, const char *name, uint64_t *group)
{
  return taup_h5_find(image, parent, name, group) == TAUP_H5_GROUP
           ? TAU_OK
           : taup_h5_damaged(image, "there is no group", name);
}

static tau_status copy_text(taup_h5_image *image, taup_arena *arena, span s, const char *where,
                            const char **out)
{
  if (s.n && (memchr(s.at, '\0', s.n) || !taup_utf8_is_valid((const char *)s.at, s.n)))
    return taup_h5_damaged(image, "a text is not UTF-8 in", where);
  TAU_TRY(taup_h5_take(image, s.n, 1));
  char *copy = taup_arena_alloc(arena, s.n + 1, 1);
  if (!copy) return TAU_E_NOMEM;
  if (s.n) memcpy(copy, s.at, s.n);
  *out = copy;
  return TAU_OK;
}

/* Sorted by order of creation, as they come. */
tau_status taup_h5_links(taup_h5_image *image, taup_arena *arena, uint64_t group, int *n,
                         const char *const **names)
{
  link l;
  int count = 0;
  for (messages m = messages_of(image, group); next(&m) && count < INT_MAX / 2;)
    count += m.type == MESSAGE_LINK && is_hard_link(m.data, &l);
  TAU_TRY(taup_h5_take(image, (uint64_t)count, sizeof **names + sizeof(uint64_t)));
  const char **sorted = taup_arena_alloc(arena, (size_t)count, sizeof *sorted);
  uint64_t *order = taup_arena_alloc(arena, (size_t)count, sizeof *order);
  if (!sorted || !order) return TAU_E_NOMEM;
  *n = 0;
  for (messages m = messages_of(image, group); next(&m) && *n < count;) {
    if (m.type != MESSAGE_LINK || !is_hard_link(m.data, &l)) continue;
    int k = (*n)++;
    for (; k > 0 && order[k - 1] > l.order && spend(image); k--) {
      order[k] = order[k - 1];
      sorted[k] = sorted[k - 1];
    }
    order[k] = l.order;
    sorted[k] = "";
    TAU_TRY(copy_text(image, arena, l.name, "a group", &sorted[k]));
  }
  *names = sorted;
  return TAU_OK;
}

/* --- datasets --- */

typedef enum element { TYPE_OTHER, TYPE_DOUBLE, TYPE_LONG, TYPE_INT, TYPE_TEXT, TYPE_BYTES } element;

/* Datatype messages (IV.A.2.d) are compared byte for byte but for the version, which is the upper half of the
 * first. */
static element type_of(span data, uint64_t *size)
{
  static const unsigned char ieee[] = {1, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0};
  static const unsigned char i64[] = {0, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0},
                             i32[] = {0, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0};
  unsigned char head[sizeof ieee] = {0};
  if (data.n < 8) return TYPE_OTHER;
  memcpy(head, data.at, data.n < sizeof head ? data.n : sizeof head);
  head[0] &= 0x0f;
  *size = little(head + 4, 4);
  if (memcmp(head, ieee, sizeof ieee) == 0) return TYPE_DOUBLE;
  if (memcmp(head, i64, sizeof i64) == 0) return TYPE_LONG;
  if (memcmp(head, i32, sizeof i32) == 0) return TYPE_INT;
  if (head[0] == 9 && (head[1] & 0x0f) == 1 && *size == 16) return TYPE_TEXT;
  return head[0] == 3 ? TYPE_BYTES : TYPE_OTHER;
}

/* Dataspace message (IV.A.2.b). */
static bool read_shape(span data, taup_h5_shape *shape)
{
  const uint64_t version = number(&data, 1), rank = number(&data, 1);
  number(&data, 1); /* whether largest sizes follow */
  const uint64_t kind = number(&data, 1);
  if (version == 1) cut(&data, 4);
  if ((version != 1 && version != 2) || rank > 2 || (version == 2 && kind > 1)) return false;
  *shape = (taup_h5_shape){(int)rank, {1, 1}};
  for (uint64_t k = 0; k < rank; k++) shape->size[k] = number(&data, 8);
  return !data.short_of;
}

typedef struct dataset {
  element type;
  uint64_t type_size;
  taup_h5_shape shape;
  uint64_t n; /* how many there are */
  span data;  /* n * type_size bytes */
} dataset;

/* Layout message (IV.A.2.i): in one piece. */
static bool read_layout(const taup_h5_image *image, span data, span *out)
{
  const uint64_t version = number(&data, 1), kind = number(&data, 1), address = number(&data, 8),
                 size = number(&data, 8);
  if (data.short_of || version < 3 || version > 4 || kind != 1) return false;
  *out = size ? span_of(image, address, size) : (span){.at = image->bytes};
  return !out->short_of;
}

/* n * type_size bytes are there: the product is formed only where it cannot overflow. */
static bool is_complete(dataset *d)
{
  const uint64_t most = d->data.n / (d->type_size ? d->type_size : 1), *size = d->shape.size;
  if (d->shape.rank == 2 && size[1] && size[0] > most / size[1]) return false;
  d->n = size[0] * size[1];
  return d->type_size > 0 && d->n <= most && d->n <= INT_MAX / 2;
}

static tau_status open_dataset(taup_h5_image *image, uint64_t group, const char *name, dataset *d)
{
  uint64_t address;
  bool has_shape = false, has_data = false, plain = true;
  *d = (dataset){.type = TYPE_OTHER};
  if (taup_h5_find(image, group, name, &address) != TAUP_H5_DATASET)
    return taup_h5_damaged(image, "there is no dataset", name);
  messages m = messages_of(image, address);
  while (next(&m)) {
    if (m.type == MESSAGE_DATASPACE) has_shape = read_shape(m.data, &d->shape);
    if (m.type == MESSAGE_DATATYPE) d->type = type_of(m.data, &d->type_size);
    if (m.type == MESSAGE_LAYOUT) has_data = read_layout(image, m.data, &d->data);
    if (m.type == MESSAGE_EXTERNAL) plain = false;
  }
  if (m.broken || !plain || !has_shape || !has_data)
    return taup_h5_damaged(image, "not as tautrain writes it is", name);
  return is_complete(d) ? TAU_OK : taup_h5_damaged(image, "not all is there of", name);
}

static tau_status open_typed(taup_h5_image *image, uint64_t group, const char *name, element type, dataset *d)
{
  TAU_TRY(open_dataset(image, group, name, d));
  return d->type == type ? TAU_OK : taup_h5_damaged(image, "of another type is", name);
}

tau_status taup_h5_length(taup_h5_image *image, uint64_t group, const char *name, int *n)
{
  dataset d;
  TAU_TRY(open_dataset(image, group, name, &d));
  if (d.shape.rank != 1) return taup_h5_damaged(image, "of another shape is", name);
  *n = (int)d.n;
  return TAU_OK;
}

static double to_double(const unsigned char *at)
{
  const uint64_t bits = little(at, 8);
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

tau_status taup_h5_read_array(taup_h5_image *image, uint64_t group, const char *name, taup_h5_shape shape,
                              double *out)
{
  dataset d;
  TAU_TRY(open_typed(image, group, name, TYPE_DOUBLE, &d));
  bool fits = d.shape.rank == shape.rank;
  for (int k = 0; k < shape.rank; k++) fits = fits && d.shape.size[k] == shape.size[k];
  if (!fits) return taup_h5_damaged(image, "of another shape is", name);
  for (size_t i = 0; i < d.n; i++) out[i] = to_double(d.data.at + 8 * i);
  return TAU_OK;
}

tau_status taup_h5_read_column(taup_h5_image *image, uint64_t group, const char *name, int n, double *out)
{
  return taup_h5_read_array(image, group, name, (taup_h5_shape){1, {(uint64_t)n, 1}}, out);
}

tau_status taup_h5_read_number(taup_h5_image *image, uint64_t group, const char *name, double *out)
{
  return taup_h5_read_array(image, group, name, (taup_h5_shape){0, {1, 1}}, out);
}

static int64_t to_signed(const unsigned char *at, size_t n)
{
  const uint64_t x = little(at, n), sign = (uint64_t)1 << (8 * n - 1);
  return x & sign ? -(int64_t)(sign - (x & (sign - 1)) - 1) - 1 : (int64_t)x;
}

tau_status taup_h5_read_count(taup_h5_image *image, uint64_t group, const char *name, long *out)
{
  dataset d;
  TAU_TRY(open_typed(image, group, name, TYPE_LONG, &d));
  const int64_t x = d.shape.rank == 0 ? to_signed(d.data.at, 8) : -1;
  if (d.shape.rank != 0 || x < LONG_MIN || x > LONG_MAX)
    return taup_h5_damaged(image, "of another shape is", name);
  *out = (long)x;
  return TAU_OK;
}

tau_status taup_h5_read_bytes(taup_h5_image *image, taup_arena *arena, uint64_t group, const char *name,
                              const char **out, size_t *n)
{
  dataset d;
  TAU_TRY(open_typed(image, group, name, TYPE_BYTES, &d));
  if (d.n != 1) return taup_h5_damaged(image, "of another shape is", name);
  span text = {.at = d.data.at, .n = (size_t)d.type_size};
  while (text.n > 0 && text.at[text.n - 1] == '\0') text.n--;
  *n = text.n;
  return copy_text(image, arena, text, name, out);
}

/* --- texts in the heap --- */

enum { DESCRIPTOR = 16, OBJECT_HEADER = 16, COLLECTION_HEADER = 16 };

/* The objects of the collection at that address. */
static span collection_at(const taup_h5_image *image, uint64_t address)
{
  span s = rest_from(image, address);
  const bool good = starts(&s, "GCOL\1", 5);
  cut(&s, 3);
  const uint64_t size = number(&s, 8);
  if (!good || size < COLLECTION_HEADER) return (span){.at = image->bytes, .short_of = true};
  return cut(&s, size - COLLECTION_HEADER);
}

/* The object of that index among those from place `*at` of the collection on; *at moves to it. */
static span find_object(taup_h5_image *image, span objects, size_t *at, uint64_t index)
{
  const span none = {.at = image->bytes, .short_of = true};
  cut(&objects, *at);
  while (objects.n >= OBJECT_HEADER && spend(image)) {
    span rest = objects;
    const uint64_t own = number(&rest, 2);
    cut(&rest, 6);
    const uint64_t size = number(&rest, 8);
    if (own == 0 || size > rest.n) return none; /* 0: nothing but free space from here on */
    if (own == index) return cut(&rest, size);
    cut(&rest, (size + 7) & ~(uint64_t)7);
    *at += objects.n - rest.n;
    objects = rest;
  }
  return none;
}

/* Texts follow each other in the heap as they do in a dataset: the search goes on where the last one was. */
static span find_text(taup_h5_image *image, const unsigned char *descriptor)
{
  const uint64_t n = little(descriptor, 4), address = little(descriptor + 4, 8),
                 index = little(descriptor + 12, 4);
  const span objects = n ? collection_at(image, address) : (span){.at = image->bytes};
  if (!n || objects.short_of) return objects;
  span found = {.short_of = true};
  if (image->collection == address) found = find_object(image, objects, &image->heap_object, index);
  if (found.short_of) {
    image->collection = (size_t)address;
    image->heap_object = 0;
    found = find_object(image, objects, &image->heap_object, index);
  }
  found.short_of = found.short_of || found.n != n;
  return found;
}

tau_status taup_h5_read_texts(taup_h5_image *image, taup_arena *arena, uint64_t group, const char *name,
                              int *n, const char *const **out)
{
  dataset d;
  TAU_TRY(open_typed(image, group, name, TYPE_TEXT, &d));
  if (d.shape.rank != 1 || (*n >= 0 && d.n != (uint64_t)*n))
    return taup_h5_damaged(image, "of another shape is", name);
  TAU_TRY(taup_h5_take(image, d.n, sizeof **out));
  const char **texts = taup_arena_alloc(arena, (size_t)d.n, sizeof *texts);
  if (!texts) return TAU_E_NOMEM;
  for (size_t i = 0; i < d.n; i++) {
    const span text = find_text(image, d.data.at + i * DESCRIPTOR);
    if (text.short_of) return taup_h5_damaged(image, "a text is missing in", name);
    TAU_TRY(copy_text(image, arena, text, name, &texts[i]));
  }
  *n = (int)d.n;
  *out = texts;
  return TAU_OK;
}

/* --- attributes --- */

/* Attribute message (IV.A.2.m), versions 1 (parts padded to 8) to 3: one number of that type. */
static bool is_attribute(span data, const char *name, element wanted, const unsigned char **value)
{
  const uint64_t version = number(&data, 1), flags = number(&data, 1);
  uint64_t size[3];
  taup_h5_shape shape;
  uint64_t type_size = 0;
  for (int k = 0; k < 3; k++) size[k] = number(&data, 2);
  if (version == 3) cut(&data, 1); /* character set */
  const uint64_t pad = version == 1 ? 7 : 0;
  const span own = cut(&data, (size[0] + pad) & ~pad), kind = cut(&data, (size[1] + pad) & ~pad),
             space = cut(&data, (size[2] + pad) & ~pad);
  if (data.short_of || version < 1 || version > 3 || (version > 1 && flags)) return false;
  if (size[0] != strlen(name) + 1 || memcmp(own.at, name, size[0]) != 0) return false;
  *value = data.at;
  return type_of(kind, &type_size) == wanted && read_shape(space, &shape) && shape.rank == 0 &&
         data.n >= type_size;
}

static tau_status find_attribute(taup_h5_image *image, uint64_t object, const char *name, element wanted,
                                 const unsigned char **value)
{
  messages m = messages_of(image, object);
  while (next(&m))
    if (m.type == MESSAGE_ATTRIBUTE && is_attribute(m.data, name, wanted, value)) return TAU_OK;
  return taup_h5_damaged(image, "there is no attribute", name);
}

tau_status taup_h5_read_attribute(taup_h5_image *image, uint64_t object, const char *name, double *out)
{
  const unsigned char *value = NULL;
  TAU_TRY(find_attribute(image, object, name, TYPE_DOUBLE, &value));
  *out = to_double(value);
  return TAU_OK;
}

tau_status taup_h5_read_int_attribute(taup_h5_image *image, uint64_t object, const char *name, int *out)
{
  const unsigned char *value = NULL;
  TAU_TRY(find_attribute(image, object, name, TYPE_INT, &value));
  *out = (int)to_signed(value, 4);
  return TAU_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* h5_disk.c - how HDF5 reaches the disk for a sweep's file: a driver of ours (H5FD_class_t) over pread and pwrite.
 *
 * HDF5 cannot get rid of a file whose last writes fail: it stays open, and the process crashes when it ends. So a write that fails is
 * remembered here (taup_h5_why) and HDF5 is told that it worked; whoever writes asks afterwards (taup_h5_note). The driver takes the
 * system's lock, as HDF5's own does, but whatever the environment says; a disk that knows no locks goes without. Raw numbers are
 * written at once: no buffer lies between H5Dwrite and the system. */
#define _DEFAULT_SOURCE /* flock */
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include "base/alloc.h"
#include "io/h5.h"

typedef struct disk {
  H5FD_t public; /* HDF5's own part; first */
  int fd;
  haddr_t end_of_space, end_of_file;
  dev_t device;
  ino_t inode;
} disk;

static int open_and_lock(const char *name, unsigned flags)
{
  const bool write = (flags & H5F_ACC_RDWR) != 0;
  const int how = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | (flags & H5F_ACC_CREAT ? O_CREAT : 0);
  int fd;
  do fd = open(name, how, 0666);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return -1;
  if (flock(fd, (write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(fd);
    errno = EWOULDBLOCK;
    return -1;
  }
  if ((flags & H5F_ACC_TRUNC) && ftruncate(fd, 0) != 0) taup_h5_note_system(errno);
  return fd;
}

static H5FD_t *disk_open(const char *name, unsigned flags, hid_t access, haddr_t most)
{
  struct stat there;
  (void)access;
  (void)most;
  const int fd = open_and_lock(name, flags);
  if (fd < 0 || fstat(fd, &there) != 0) {
    taup_h5_note_system(errno);
    return NULL;
  }
  disk *d = taup_calloc(1, sizeof *d);
  if (!d) {
    taup_h5_note_system(ENOMEM);
    close(fd);
    return NULL;
  }
  d->fd = fd;
  d->end_of_file = (haddr_t)there.st_size;
  d->device = there.st_dev;
  d->inode = there.st_ino;
  return &d->public;
}

static herr_t disk_close(H5FD_t *file)
{
  disk *d = (disk *)file;
  if (close(d->fd) != 0 && errno != EINTR) taup_h5_note_system(errno);
  taup_free(d);
  return 0;
}

static int order(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

static int disk_cmp(const H5FD_t *a, const H5FD_t *b)
{
  const disk *x = (const disk *)a, *y = (const disk *)b;
  const int by_device = order(x->device, y->device);
  return by_device ? by_device : order(x->inode, y->inode);
}

static herr_t disk_query(const H5FD_t *file, unsigned long *flags)
{
  (void)file;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA |
           H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

static haddr_t disk_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
  (void)type;
  return ((const disk *)file)->end_of_space;
}

static herr_t disk_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t at)
{
  (void)type;
  ((disk *)file)->end_of_space = at;
  return 0;
}

static haddr_t disk_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
  (void)type;
  return ((const disk *)file)->end_of_file;
}

/* What lies behind the end is zero, as HDF5 has it. */
static herr_t disk_read(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t n, void *to)
{
  const disk *d = (const disk *)file;
  (void)type;
  (void)list;
  while (n > 0) {
    const ssize_t got = pread(d->fd, to, n, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      taup_h5_note_system(errno);
      return -1;
    }
    if (got == 0) {
      memset(to, 0, n);
      return 0;
    }
    to = (char *)to + got;
    at += (haddr_t)got;
    n -= (size_t)got;
  }
  return 0;
}

static herr_t disk_write(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t n, const void *from)
{
  disk *d = (disk *)file;
  (void)type;
  (void)list;
  while (n > 0) {
    const ssize_t done = pwrite(d->fd, from, n, (off_t)at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      taup_h5_note_system(done < 0 ? errno : ENOSPC);
      return 0;
    }
    from = (const char *)from + done;
    at += (haddr_t)done;
    n -= (size_t)done;
    if (at > d->end_of_file) d->end_of_file = at;
  }
  return 0;
}

static herr_t disk_truncate(H5FD_t *file, hid_t list, hbool_t closing)
{
  disk *d = (disk *)file;
  (void)list;
  (void)closing;
  if (d->end_of_space == d->end_of_file) return 0;
  if (ftruncate(d->fd, (off_t)d->end_of_space) != 0) taup_h5_note_system(errno);
  d->end_of_file = d->end_of_space;
  return 0;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
  .version = H5FD_CLASS_VERSION,
  .value = (H5FD_class_value_t)600, /* above 511: not registered with anybody */
#endif
  .name = "tautrain",
  .maxaddr = (haddr_t)INT64_MAX,
  .fc_degree = H5F_CLOSE_STRONG,
  .open = disk_open,
  .close = disk_close,
  .cmp = disk_cmp,
  .query = disk_query,
  .get_eoa = disk_get_eoa,
  .set_eoa = disk_set_eoa,
  .get_eof = disk_get_eof,
  .read = disk_read,
  .write = disk_write,
  .truncate = disk_truncate,
  .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* Registered once, under the lock, and again where somebody has closed the whole of HDF5: a file that is being closed still needs it. */
bool taup_h5_set_disk(int64_t access)
{
  static hid_t id = -1;
  if (id < 0 || H5Iget_type(id) != H5I_VFL) id = H5FDregister(&driver);
  return id >= 0 && H5Pset_driver(access, id, NULL) >= 0;
}

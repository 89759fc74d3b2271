/* SPDX-License-Identifier: Apache-2.0 */
/* file.c - POSIX. A file gets its name by rename(2) (overwriting) or link(2) (not), which are atomic: whoever
 * looks, and whenever the program dies, sees a whole file or none. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "io/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/status.h"

enum { CHUNK = 64 * 1024, TRIES = 100, MIB = 1024 * 1024 };

static tau_status fail(taup_error kind, const char *what, const char *file, int error)
{
  char reason[128] = "";
  if (strerror_r(error, reason, sizeof reason) != 0) snprintf(reason, sizeof reason, "error %d", error);
  const bool is_full = error == ENOSPC || error == EDQUOT;
  return taup_fail(kind, "cannot %s '%s': %s%s", what, file, reason,
                   is_full ? "; the disk is full, make room and try again" : "");
}

static int open_again(const char *file, int flags, mode_t mode)
{
  int fd;
  do fd = open(file, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

/* Linux has closed the file when it says EINTR, and the bytes are synced by then or will be. */
static bool close_well(int fd) { return close(fd) == 0 || errno == EINTR; }

static ssize_t read_some(int fd, char *to, size_t n)
{
  ssize_t got;
  do got = read(fd, to, n);
  while (got < 0 && errno == EINTR);
  return got;
}

/* The size that the system tells is not believed: it may be 0 (a pipe) or change. */
static tau_status read_all(int fd, const char *file, size_t most, char **bytes, size_t *n)
{
  size_t room = 0;
  for (;;) {
    if (room - *n < CHUNK + 1) {
      room = 2 * room + 2 * CHUNK;
      char *grown = taup_realloc(*bytes, room, 1);
      if (!grown) return TAU_E_NOMEM;
      *bytes = grown;
    }
    const ssize_t got = read_some(fd, *bytes + *n, CHUNK);
    if (got < 0) return fail(TAUP_ERR_CANNOT_READ, "read", file, errno);
    *n += (size_t)got;
    (*bytes)[*n] = '\0';
    if (got == 0) return TAU_OK;
    if (*n > most)
      return taup_fail(TAUP_ERR_FILE_TOO_LARGE, "'%s' is larger than the %zu MiB that are read", file,
                       most / MIB);
  }
}

tau_status taup_file_read(const char *file, size_t most, char **out, size_t *n_bytes)
{
  char *bytes = NULL;
  size_t n = 0;
  *out = NULL;
  *n_bytes = 0;
  const int fd = open_again(file, O_RDONLY, 0);
  if (fd < 0) return fail(TAUP_ERR_CANNOT_READ, "open", file, errno);
  const tau_status st = read_all(fd, file, most, &bytes, &n);
  close(fd);
  if (st < 0) {
    taup_free(bytes);
    return st;
  }
  *out = bytes;
  *n_bytes = n;
  return TAU_OK;
}

/* What is there under the name, links followed: *mode is 0 where nothing is. */
static tau_status look(const char *file, bool overwrite, mode_t *mode)
{
  struct stat there;
  *mode = 0;
  if (stat(file, &there) != 0)
    return errno == ENOENT ? TAU_OK : fail(TAUP_ERR_CANNOT_WRITE, "write", file, errno);
  if (!S_ISREG(there.st_mode))
    return taup_fail(TAUP_ERR_NO_REGULAR_FILE, "cannot write '%s': it is no regular file", file);
  if (!overwrite) return taup_fail(TAUP_ERR_FILE_EXISTS, "'%s' exists already", file);
  *mode = there.st_mode & 0777;
  return TAU_OK;
}

/* "out.yaml.tmp-4711-0": new, empty, ours. Its number makes it differ from those of other threads. */
static tau_status create_temporary(taup_file_new *f, mode_t mode)
{
  const size_t n = strlen(f->target) + 48;
  if (!(f->temporary = taup_calloc(n, 1))) return TAU_E_NOMEM;
  int fd = -1;
  for (int i = 0; fd < 0 && i < TRIES; i++) {
    snprintf(f->temporary, n, "%s.tmp-%ld-%d", f->target, (long)getpid(), i);
    fd = open_again(f->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  if (fd < 0) {
    const int error = errno;
    taup_free(f->temporary);
    f->temporary = NULL;
    return fail(TAUP_ERR_CANNOT_WRITE, "write", f->target, error);
  }
  if (mode) (void)!fchmod(fd, mode); /* a disk without permissions is no reason to stop */
  close(fd);
  return TAU_OK;
}

tau_status taup_file_begin(taup_file_new *f, const char *file, bool overwrite)
{
  assert(!f->target && !f->temporary);
  char resolved[PATH_MAX];
  mode_t mode;
  TAU_TRY(look(file, overwrite, &mode));
  if (mode && !realpath(file, resolved)) return fail(TAUP_ERR_CANNOT_WRITE, "write", file, errno);
  f->overwrite = overwrite;
  if (!(f->target = taup_strdup(mode ? resolved : file))) return TAU_E_NOMEM;
  const tau_status st = create_temporary(f, mode);
  if (st < 0) taup_file_abandon(f);
  return st;
}

static tau_status sync_file(const char *file, const char *target)
{
  const int fd = open_again(file, O_RDONLY, 0);
  if (fd < 0) return fail(TAUP_ERR_CANNOT_WRITE, "write", target, errno);
  int failed;
  do failed = fsync(fd);
  while (failed && errno == EINTR);
  const int error = errno;
  close(fd);
  return failed && error != EINVAL ? fail(TAUP_ERR_CANNOT_WRITE, "write", target, error) : TAU_OK;
}

/* So that the name survives a loss of power too; not every system can, and the file is whole in any case. */
static void sync_folder(const char *target)
{
  char folder[PATH_MAX] = ".";
  const char *slash = strrchr(target, '/');
  if (slash && (size_t)(slash - target) < sizeof folder)
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - target + 1), target);
  const int fd = open_again(folder, O_RDONLY, 0);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

static tau_status give_name(taup_file_new *f)
{
  if (!f->overwrite) {
    if (link(f->temporary, f->target) == 0) {
      unlink(f->temporary);
      return TAU_OK;
    }
    if (errno == EEXIST) return taup_fail(TAUP_ERR_FILE_EXISTS, "'%s' exists already", f->target);
    if (access(f->target, F_OK) == 0)
      return taup_fail(TAUP_ERR_FILE_EXISTS, "'%s' exists already", f->target);
    /* else a disk without hard links: rename, and live with the moment since the look */
  }
  return rename(f->temporary, f->target) == 0 ? TAU_OK
                                              : fail(TAUP_ERR_CANNOT_WRITE, "write", f->target, errno);
}

tau_status taup_file_commit(taup_file_new *f)
{
  assert(f->target && f->temporary);
  TAU_TRY(sync_file(f->temporary, f->target));
  TAU_TRY(give_name(f));
  sync_folder(f->target);
  taup_free(f->temporary);
  f->temporary = NULL;
  taup_file_abandon(f);
  return TAU_OK;
}

void taup_file_abandon(taup_file_new *f)
{
  if (f->temporary) unlink(f->temporary);
  taup_free(f->temporary);
  taup_free(f->target);
  *f = (taup_file_new){0};
}

/* A write that takes nothing and gives no reason would be tried for ever. */
static tau_status write_bytes(const taup_file_new *f, const char *bytes, size_t n_bytes)
{
  const int fd = open_again(f->temporary, O_WRONLY, 0);
  if (fd < 0) return fail(TAUP_ERR_CANNOT_WRITE, "write", f->target, errno);
  while (n_bytes > 0) {
    const ssize_t done = write(fd, bytes, n_bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      const int error = done < 0 ? errno : ENOSPC;
      close(fd);
      return fail(TAUP_ERR_CANNOT_WRITE, "write", f->target, error);
    }
    bytes += done;
    n_bytes -= (size_t)done;
  }
  return close_well(fd) ? TAU_OK : fail(TAUP_ERR_CANNOT_WRITE, "write", f->target, errno);
}

tau_status taup_file_write(const char *file, const char *bytes, size_t n_bytes, bool overwrite)
{
  taup_file_new f = {0};
  tau_status st;
  if ((st = taup_file_begin(&f, file, overwrite)) < 0) goto done;
  if ((st = write_bytes(&f, bytes, n_bytes)) < 0) goto done;
  st = taup_file_commit(&f);
done:
  taup_file_abandon(&f);
  return st;
}

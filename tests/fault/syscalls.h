/* SPDX-License-Identifier: Apache-2.0 */
/* syscalls.h - the library's calls of the system, by the linker's --wrap: written down, made to fail, or the
 * last that the process does. One file of a program includes it. */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* The letters under which calls are written down. */
#define CALLS_ALL "owscrlu" /* open write fsync close rename link unlink */

typedef enum moment { BEFORE, HALF_WAY /* of a write */, AFTER } moment;

static struct calls {
  bool on;
  char trace[256];
  int n; /* calls so far of the kinds in `counted` */
  const char *counted;
  int at;          /* this one of them, from 1, ... */
  int error;       /* ... fails so, if not 0 */
  bool for_ever;   /* and all after it */
  bool kill;       /* or kills the process ... */
  moment when;     /* ... then */
  size_t shortest; /* a write takes so many bytes at most; 0: all */
} calls;

/* From here on. */
static inline void calls_start(struct calls how)
{
  calls = how;
  if (!calls.counted) calls.counted = CALLS_ALL;
  calls.on = true;
}

static inline void calls_stop(void) { calls.on = false; }

static bool is_due(void)
{
  return calls.on && (calls.n == calls.at || (calls.for_ever && calls.at && calls.n > calls.at));
}

/* A call begins: whether it fails, and is not made. */
static bool enters(char letter)
{
  if (!calls.on) return false;
  const size_t n = strlen(calls.trace);
  if (n + 1 < sizeof calls.trace) calls.trace[n] = letter;
  if (!strchr(calls.counted, letter)) return false;
  calls.n++;
  if (!is_due()) return false;
  if (calls.kill && calls.when == BEFORE) kill(getpid(), SIGKILL);
  if (!calls.error) return false;
  errno = calls.error;
  return true;
}

static void leaves(char letter)
{
  if (is_due() && strchr(calls.counted, letter) && calls.kill && calls.when == AFTER) kill(getpid(), SIGKILL);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);

int __wrap_open(const char *path, int flags, ...)
{
  va_list args;
  va_start(args, flags);
  const int mode = flags & O_CREAT ? va_arg(args, int) : 0;
  va_end(args);
  if (enters('o')) return -1;
  const int fd = __real_open(path, flags, mode);
  leaves('o');
  return fd;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
  if (enters('w')) return -1;
  if (is_due() && calls.kill && calls.when == HALF_WAY) {
    (void)!__real_write(fd, bytes, n / 2);
    kill(getpid(), SIGKILL);
  }
  const ssize_t done =
    __real_write(fd, bytes, calls.on && calls.shortest && n > calls.shortest ? calls.shortest : n);
  leaves('w');
  return done;
}

#define WRAP(letter, name, parameters, arguments) \
  int __real_##name parameters;                   \
  int __wrap_##name parameters;                   \
  int __wrap_##name parameters                    \
  {                                               \
    if (enters(letter)) return -1;                \
    const int done = __real_##name arguments;     \
    leaves(letter);                               \
    return done;                                  \
  }
WRAP('r', rename, (const char *from, const char *to), (from, to))
WRAP('l', link, (const char *from, const char *to), (from, to))
WRAP('u', unlink, (const char *path), (path))

/* The disk is spared: whether bytes are brought to it shows in the trace. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
  (void)fd;
  if (enters('s')) return -1;
  leaves('s');
  return 0;
}

/* A close that fails has closed. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
  const bool fails = enters('c');
  const int error = errno, done = __real_close(fd);
  leaves('c');
  if (!fails) return done;
  errno = error;
  return -1;
}

#endif

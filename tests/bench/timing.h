/* SPDX-License-Identifier: Apache-2.0 */
/* timing.h - the clock of the benches, quantiles of what it gave, what the system says of memory, and random numbers. */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_ROUNDS = 201 };

static inline double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time of all threads of this process [s]. */
static inline double processor_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int by_size(const void *pa, const void *pb)
{
  const double a = *(const double *)pa, b = *(const double *)pb;
  return (a > b) - (a < b);
}

/* Of n numbers, at most MOST_ROUNDS. */
static inline double quantile(int n, const double *x, double q)
{
  double sorted[MOST_ROUNDS];
  memcpy(sorted, x, (size_t)n * sizeof *x);
  qsort(sorted, (size_t)n, sizeof *x, by_size);
  return sorted[(int)(q * (n - 1) + 0.5)];
}

/* A line "KEY: 123 kB" of this process's status, in bytes; 0 where there is none. */
static inline double status_bytes(const char *key)
{
  char line[256], format[64];
  long kB = 0;
  FILE *status = fopen("/proc/self/status", "r");
  if (!status) return 0.0;
  snprintf(format, sizeof format, "%s: %%ld kB", key);
  while (fgets(line, sizeof line, status))
    if (sscanf(line, format, &kB) == 1) break;
  fclose(status);
  return 1024.0 * (double)kB;
}

/* Uniform in (0, 1); a small generator is enough (D. H. Lehmer 1951, with the multiplier 48271). */
static inline double uniform(unsigned long long *state)
{
  return (double)(*state = *state * 48271 % 2147483647) / 2147483647.0;
}

#endif

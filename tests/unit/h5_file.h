/* SPDX-License-Identifier: Apache-2.0 */
/* h5_file.h - results files in a folder of their own, and the models they come from, for the tests. */
#ifndef H5_FILE_H
#define H5_FILE_H

#include "support/small_run.h"

#include <unistd.h>

#include "base/alloc.h"
#include "io/file.h"

/* --- models --- */

/* Several outlets, a tank, tubes, a mixer; units in another order than they are solved in. */
static const char train_text[] =
  "tautrain: 1\n"
  "title: Gr\xc3\xbc\xc3\x9f"
  "e\n"
  "solvent: {density: 1000 kg/m^3, heat_capacity: 4000 J/kg/K}\n"
  "species: {A: {}, B': {}, (C): {}}\n"
  "reactions:\n"
  "  r: {equation: A + B' -> (C), k: {arrhenius: {k_ref: 0.01 L/mol/s, T_ref: 25 degC, Ea: 50 kJ/mol}}, "
  "heat: -70 kJ/mol}\n"
  "feeds:\n"
  "  f: {flow: 1 mL/min, temperature: 20 degC, concentration: {A: 1 +/- 0.1 mol/L}}\n"
  "  g: {flow: 2 mL/min, temperature: 30 degC, concentration: {B': 1 mol/L}}\n"
  "key: {reactant: A, product: (C)}\n"
  "units:\n"
  "  tee: {type: mixer, in: [left, right]}\n"
  "  end: {type: pfr, in: tee, volume: 3 mL, diameter: 1 mm, heat: adiabatic}\n"
  "  right: {type: cstr, in: split/c, residence_time: 2 min, temperature: 60 degC}\n"
  "  split: {type: splitter, in: entrance, outlets: {z: 0.3, c: rest}}\n"
  "  left: {type: pfr, in: split/z, volume: 5 mL, temperature: 40 degC}\n"
  "  entrance: {type: mixer, in: [f, g]}\n";

static const char batch_text[] = "tautrain: 1\n"
                                 "species: {A: {}, B: {}}\n"
                                 "reactions: {r: {equation: 2 A -> B, k: 0.01 L/mol/s}}\n"
                                 "units: {b: {type: batch, time: 1 min, charge: {volume: 1 L, concentration: "
                                 "{A: 1 mol/L}}, at: [10 s, 20 s]}}\n";

/* --- files --- */

static inline const char *folder(void)
{
  static char name[] = "/tmp/tautrain-h5-XXXXXX";
  static bool made;
  if (!made) assert_non_null(mkdtemp(name));
  made = true;
  return name;
}

static inline const char *in_folder(const char *name)
{
  static char path[4][128];
  static int turn;
  char *p = path[turn++ % 4];
  snprintf(p, sizeof path[0], "%s/%s", folder(), name);
  return p;
}

static inline int count_files(void)
{
  char command[256], answer[32] = "";
  snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder());
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  assert_non_null(fgets(answer, sizeof answer, pipe));
  pclose(pipe);
  return atoi(answer);
}

static inline int remove_folder(void **state)
{
  (void)state;
  char command[256];
  snprintf(command, sizeof command, "rm -rf '%s'", folder());
  return system(command);
}

static inline void save(const tau_result *r, const char *file)
{
  if (tau_result_save(r, file, "test", true) < 0) fail_msg("%s", tau_last_error());
}

static inline tau_result *load(const char *file)
{
  tau_result *r = NULL;
  if (tau_result_load(&r, file) < 0) fail_msg("%s", tau_last_error());
  return r;
}

static inline void write_bytes(const char *file, const void *bytes, size_t n)
{
  FILE *f = fopen(file, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

static inline char *read_bytes(const char *file, size_t *n)
{
  char *bytes = NULL;
  assert_int_equal(taup_file_read(file, (size_t)1 << 30, &bytes, n), TAU_OK);
  return bytes;
}

/* Refused with this status, in one line that has this part, and nothing is handed out. */
static inline void assert_refused(const char *file, tau_status status, const char *part)
{
  tau_result *r = NULL;
  const tau_status st = tau_result_load(&r, file);
  if (st != status || r || !strstr(tau_last_error(), part) || strchr(tau_last_error(), '\n'))
    fail_msg("%s: want %s with '%s', have %s: %s", file, tau_status_name(status), part, tau_status_name(st),
             tau_last_error());
}

/* The bytes of a file of this model's result. */
static inline char *image_of(const char *text, size_t *n)
{
  tau_result *r = small_result(text);
  save(r, in_folder("image.h5"));
  tau_result_free(r);
  char *bytes = read_bytes(in_folder("image.h5"), n);
  unlink(in_folder("image.h5"));
  return bytes;
}

#endif

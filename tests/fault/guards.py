#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes guards out, one at a time, in a copy of the sources, and looks whether the test that is for it fails.

``guards.py [--work DIR] [NAME...]`` builds the copy with CMake and takes some minutes: it is no part of
``make test``.
A guard whose text is no longer there is an error: the list below follows the code.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = shutil.ignore_patterns("build", ".git", ".venv", "__pycache__")


@dataclass(frozen=True)
class Guard:
    name: str
    file: str
    guard: str  # the text, once in the file
    without: str  # what stands there when it is taken out
    program: str
    test: str
    tsan: bool = False  # shows under -fsanitize=thread


FILE, IMAGE, READ = "lib/io/file.c", "lib/io/h5_image.c", "lib/io/h5_read.c"
GUARDS = [
    Guard(
        "sync before the name",
        FILE,
        "  TAU_TRY(sync_file(f->temporary, f->target));\n",
        "",
        "fault_disk",
        "bytes_are_synced_before_the_name_is_given",
    ),
    Guard(
        "sync of the folder",
        FILE,
        "  sync_folder(f->target);\n",
        "",
        "fault_disk",
        "bytes_are_synced_before_the_name_is_given",
    ),
    Guard(
        "temporary file removed",
        FILE,
        "  if (f->temporary) unlink(f->temporary);\n",
        "",
        "fault_disk",
        "a_call_that_fails_leaves_the_old_file",
    ),
    Guard(
        "failed write told",
        FILE,
        '      close(fd);\n      return fail(TAUP_ERR_CANNOT_WRITE, "write", f->target, error);\n',
        "      close(fd);\n      return TAU_OK;\n",
        "fault_disk",
        "what_must_not_fail_is_told",
    ),
    Guard(
        "short writes carried on",
        FILE,
        "  while (n_bytes > 0) {\n    const ssize_t done",
        "  for (int once = 1; once > 0 && n_bytes > 0; once--) {\n    const ssize_t done",
        "fault_disk",
        "short_writes_are_carried_on",
    ),
    Guard(
        "new bytes under another name",
        FILE,
        '    snprintf(f->temporary, n, "%s.tmp-%ld-%d", f->target, (long)getpid(), i);\n'
        "    fd = open_again(f->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);\n",
        '    snprintf(f->temporary, n, "%s", f->target);\n'
        "    fd = open_again(f->temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);\n",
        "fault_killed",
        "a_save_killed_at_any_call_leaves_a_whole_file_or_none",
    ),
    Guard(
        "memory asked for and not looked at",
        READ,
        "  if (!o) return TAU_E_NOMEM;\n",
        "",
        "fault_calls",
        "every_call_survives_any_refused_request",
    ),
    Guard(
        "memory given back after an error",
        READ,
        "  if (st < 0) tau_result_free(rd.result);\n  else *out",
        "  if (st >= 0) *out",
        "fault_damaged",
        "a_header_that_never_ends_is_refused",
    ),
    Guard(
        "seal",
        READ,
        "  if (seal == TAUP_H5_BROKEN)\n",
        "  if (0)\n",
        "fault_damaged",
        "any_bit_that_turns_is_found",
    ),
    Guard(
        "what stands behind the end",
        IMAGE,
        "  return end < n_bytes ?",
        "  return 0 ?",
        "fault_damaged",
        "a_file_cut_anywhere_is_refused",
    ),
    Guard(
        "bounds of a span",
        IMAGE,
        "  if (address > image->n_bytes || n > image->n_bytes - address)\n",
        "  if (0)\n",
        "unit_h5_hostile",
        "hostile_files_neither_crash_nor_take_memory",
    ),
    Guard(
        "limit of work",
        IMAGE,
        "  image->work--;\n",
        "",
        "fault_damaged",
        "a_header_that_never_ends_is_refused",
    ),
    Guard(
        "regular files only",
        READ,
        "!S_ISREG(there.st_mode)",
        "0",
        "fault_damaged",
        "other_things_are_refused",
    ),
    Guard(
        "clones without numbers",
        "lib/solve/sundials_vector.c",
        "  v->ops->nvclone = clone;\n",
        "  (void)clone;\n",
        "fault_third_party",
        "models_and_runs_tell_of_any_refused_malloc",
    ),
    Guard(
        "lock of HDF5",
        "lib/io/h5_common.c",
        "  pthread_mutex_lock(&lock);\n",
        "  pthread_mutex_trylock(&lock);\n",
        "fault_threads",
        "threads_save_and_load",
    ),
    Guard(
        "lock of the units that were read",
        "lib/chem/units.c",
        "  pthread_mutex_lock(&cache_lock);\n"
        "  const struct remembered_unit *row = row_of(text);\n"
        "  const bool found = !strcmp(row->text, text);\n"
        "  if (found) *out = row->scale;\n"
        "  pthread_mutex_unlock(&cache_lock);\n",
        "  const struct remembered_unit *row = row_of(text);\n"
        "  const bool found = !strcmp(row->text, text);\n"
        "  if (found) *out = row->scale;\n",
        "fault_threads",
        "threads_read_units",
        tsan=True,
    ),
    Guard(
        "newton's step without pivots looked at",
        "lib/solve/lanes_newton_step.c",
        "choose(magnitude(r), most, one(), no_number(r))",
        "choose(zero(), most, one(), no_number(r))",
        "unit_lanes_newton",
        "a_step_that_does_not_solve_its_equations_is_not_taken",
    ),
    Guard(
        "proof of stability by a positive vector",
        "lib/solve/lanes_newton_step.c",
        "choose(at(w->x, i), zero(), safe, one())",
        "safe",
        "unit_lanes_newton",
        "what_is_proven_stable_has_eigenvalues_left_of_0",
    ),
]


def run(*command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | more,
        timeout=900,
        errors="replace",
        check=False,
    )


def build(work: Path, guard: Guard) -> Path:
    folder = work / ("tsan" if guard.tsan else "plain")
    kind = (
        ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-fsanitize=thread -g -O1"]
        if guard.tsan
        else ["-DCMAKE_BUILD_TYPE=Release"]
    )
    steps: list[list[str | Path]] = []
    if not (folder / "build.ninja").exists():
        steps.append(
            ["cmake", "-S", work / "source", "-B", folder, "-G", "Ninja", "-DTAUTRAIN_WERROR=OFF", *kind]
        )
    steps.append(["cmake", "--build", folder, "--target", guard.program])
    for step in steps:
        done = run(*step)
        if done.returncode:
            sys.exit(f"{guard.name}: the copy does not build\n{done.stdout[-3000:]}")
    return next(path for path in folder.glob(f"tests/**/{guard.program}") if path.is_file())


def reason(output: str) -> str:
    """Why the test failed, in a line."""
    for sign in ("ERROR:", "WARNING: ThreadSanitizer", "[  ERROR   ]", "signal"):
        for line in output.splitlines():
            if sign in line:
                return line.strip()[:160]
    return output.strip().splitlines()[-1][:160] if output.strip() else "no output"


def try_test(program: Path, guard: Guard) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [program],
            cwd=folder,
            env=os.environ | {"TAUTRAIN_TEST": guard.test, "TSAN_OPTIONS": "halt_on_error=1"},
            capture_output=True,
            timeout=600,
            check=False,
        )
    output = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode < 0:
        return False, f"killed by signal {-done.returncode}; {reason(output)}"
    return done.returncode == 0 and "Running 1 test" in output, reason(output)


def try_guard(work: Path, guard: Guard) -> bool:
    path = work / "source" / guard.file
    text = path.read_text(encoding="utf-8")
    if text.count(guard.guard) != 1:
        print(f"{guard.name}: its text stands {text.count(guard.guard)} times in {guard.file}")
        return False
    passed, why = try_test(build(work, guard), guard)
    if not passed:
        print(f"{guard.name}: {guard.test} fails with the guard in place: {why}")
        return False
    path.write_text(text.replace(guard.guard, guard.without), encoding="utf-8")
    try:
        passed, why = try_test(build(work, guard), guard)
    finally:
        path.write_text(text, encoding="utf-8")
    print(f"{guard.name}: {'NOTHING FAILS' if passed else guard.test}\n    {why}", flush=True)
    return not passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="a folder that is kept; default: a temporary one")
    parser.add_argument("names", nargs="*", help="guards to try; default: all")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = args.work or Path(temporary)
        shutil.copytree(
            ROOT, work / "source", ignore=SKIPPED, dirs_exist_ok=True, copy_function=shutil.copy
        )  # with new times: a build in a kept folder must see them
        chosen = [guard for guard in GUARDS if not args.names or guard.name in args.names]
        return sum(not try_guard(work, guard) for guard in chosen) > 0


if __name__ == "__main__":
    sys.exit(main())

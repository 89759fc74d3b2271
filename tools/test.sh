#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make test: everything that must hold. Goes on after a failure and lists the failures at the end.
#
#   FUZZ_SECONDS=n   for each of the readers, 30; 0 leaves fuzzing out
set -uo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh
jobs=$(nproc)
failed=()

# A failed step that later ones need ends the run; any other is remembered.
must() { step "$@" || exit 1; }
should() { step "$@" || failed+=("$1"); }

sanitized() { tools/build.sh library asan-ubsan && ctest --preset asan-ubsan --parallel "$jobs"; }

threads() { tools/build.sh library tsan fault_threads && ctest --preset tsan; }

start=$SECONDS
tools/setup.sh test "" || exit 1
must "library (release)" build/library.log tools/build.sh library release
should "C tests" build/ctest.log ctest --preset release --parallel "$jobs"
should "C tests under ASan and UBSan" build/ctest-asan-ubsan.log sanitized
should "threads under TSan" build/ctest-tsan.log threads
should "unit tests under valgrind" build/valgrind.log tests/fault/valgrind.sh build/release "$jobs"
if [ "${FUZZ_SECONDS:-30}" -gt 0 ]; then
  should "fuzzing, ${FUZZ_SECONDS:-30} s a reader" build/fuzz.log env JOBS="$jobs" tests/fuzz/run.sh "${FUZZ_SECONDS:-30}"
  sed 's/^/    /' build/fuzz.log
fi
must "Python package" build/python.log tools/build.sh python
should "Python package shows one name" build/exports.log \
  .venv/bin/python tests/exports/exports.py . .venv/lib/python3*/site-packages/tautrain/_core.*so --only PyInit__core
should "Python tests" build/pytest.log .venv/bin/python -m pytest --numprocesses "$jobs"
tools/lint.sh || failed+=("lint")

grep -hE 'tests passed, |^memcheck: |[0-9]+ passed.* in [0-9]' build/{ctest,ctest-asan-ubsan,ctest-tsan,valgrind,pytest}.log 2>/dev/null
if [ ${#failed[@]} -gt 0 ]; then
  printf 'FAILED after %d s:\n' $((SECONDS - start))
  printf '  %s\n' "${failed[@]}"
  exit 1
fi
printf 'all passed in %d s\n' $((SECONDS - start))

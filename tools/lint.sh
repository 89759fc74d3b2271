#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make lint: form and suspicious code. `tools/lint.sh format` rewrites instead of complaining.
set -uo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh
failed=0

# Ours, written by hand: a generated table says in its head who wrote it.
c_files() { git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs grep -L '^ \* Written by '; }
versioned() { command -v "$1-14" || command -v "$1"; } # formatting differs from version to version

if [ "${1:-}" = format ]; then
  c_files | xargs "$(versioned clang-format)" -i
  .venv/bin/ruff check --fix --quiet .
  .venv/bin/ruff format --quiet .
  exit
fi

form_of_c() { c_files | xargs "$(versioned clang-format)" --dry-run -Werror; }
form_of_python() { .venv/bin/ruff check . && .venv/bin/ruff format --check .; }

# clang-tidy reads from build/release how each file is compiled; the warnings are the compiler's business.
tidy() {
  [ -f build/release/compile_commands.json ] || cmake --preset release
  mkdir -p build/tidy
  sed 's/ -fno-crossjumping//g' build/release/compile_commands.json > build/tidy/compile_commands.json # GCC's own
  git ls-files --cached --others --exclude-standard 'lib/*.c' |
    xargs -n 1 -P "$(nproc)" "$(versioned clang-tidy)" -p build/tidy --quiet --extra-arg=-w
}

check() { step "$@" || failed=1; }
check "lint: source files" build/lint-files.log python3 tools/check_files.py
check "lint: form of the C code" build/lint-clang-format.log form_of_c
check "lint: clang-tidy" build/lint-clang-tidy.log tidy
check "lint: Python" build/lint-ruff.log form_of_python
check "lint: types" build/lint-mypy.log .venv/bin/mypy
exit $failed

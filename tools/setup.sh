#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, and only that: Debian packages by apt, Python packages into .venv.
#
#   tools/setup.sh             what `make demo` needs
#   tools/setup.sh test        and the tests and linters
#   tools/setup.sh docs        and the documentation
#
# A second argument stands before the line it prints ("1/4 ").
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(
  gcc g++ cmake ninja-build pkg-config git ca-certificates
  python3 python3-dev python3-venv
  libhdf5-dev libyaml-dev libudunits2-dev libopenblas-dev liblapacke-dev libsuitesparse-dev libsleef-dev libcmocka-dev
)
test_packages=(hdf5-tools valgrind clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev)
docs_packages=(doxygen graphviz)

wanted_packages() {
  printf '%s\n' "${build_packages[@]}"
  case $1 in
    test) printf '%s\n' "${test_packages[@]}" ;;
    docs) printf '%s\n' "${docs_packages[@]}" ;;
  esac
}

missing_packages() {
  wanted_packages "$1" | sort >build/wanted
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u |
    comm -23 build/wanted -
}

# How to act as root: nothing before the command, or sudo (which may ask for a password here). Else says what to type.
become_root() {
  as_root=()
  [ "$(id -u)" -eq 0 ] && return 0
  as_root=(sudo)
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
    return 0
  fi
  echo "These parts of the system are missing, and installing them needs root. Type, then start again:" >&2
  echo "  apt-get update && apt-get install --yes --no-install-recommends $*" >&2
  return 1
}

system_parts() {
  [ $# -eq 0 ] && return 0
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  echo "installing: $*"
  "${apt[@]}" update
  "${apt[@]}" install --yes --no-install-recommends "$@"
}

# A Python of at least 3.11 that can make a virtual environment and has its headers.
usable_python() {
  "$1" - >/dev/null 2>&1 <<'END'
import ensurepip, os, sys, sysconfig, venv
sys.exit(sys.version_info < (3, 11) or not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))
END
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if usable_python "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  echo "no Python 3.11 or later with venv and headers: apt install python3 python3-dev python3-venv" >&2
  return 1
}

requirements() {
  printf 'tools/requirements/%s.txt\n' build run
  [ "$1" = demo ] || printf 'tools/requirements/%s.txt\n' "$1"
}

install_python_packages() {
  local files=() file
  for file in "$@"; do files+=(--requirement "$file"); done
  .venv/bin/python -m pip install --disable-pip-version-check --no-input "${files[@]}"
}

python_parts() {
  local files
  mapfile -t files < <(requirements "$1")
  if ! usable_python .venv/bin/python; then
    rm -rf .venv
    "$(find_python)" -m venv .venv
  fi
  unless_same ".venv/requirements-$1" "$(.venv/bin/python -V) $(hash_of "${files[@]}")" install_python_packages "${files[@]}"
}

all_parts() { # WHAT PACKAGE...
  local what=$1
  shift
  system_parts "$@" && python_parts "$what"
}

source tools/progress.sh
what=${1:-demo}
case $what in
  demo | test | docs) ;;
  *)
    echo "usage: tools/setup.sh [demo|test|docs]" >&2
    exit 2
    ;;
esac
mkdir -p build
missing=()
if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  mapfile -t missing < <(missing_packages "$what")
else
  echo "  not a Debian system: CMake will name the parts that are missing"
fi
[ "${#missing[@]}" -eq 0 ] || become_root "${missing[@]}"
step "${2:-}parts of the system" build/setup.log all_parts "$what" ${missing[@]+"${missing[@]}"}

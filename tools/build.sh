#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds, each only when something changed.
#
#   tools/build.sh library PRESET [TARGET]   the C library and its tests, in build/PRESET
#   tools/build.sh python                    the Python package, into .venv
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh

# The venv's swig and the system's cmake; no build isolation, so the second time is quick.
install_python_package() {
  PATH=$PWD/.venv/bin:$PATH VIRTUAL_ENV=$PWD/.venv .venv/bin/python -m pip install --disable-pip-version-check --no-input \
    --no-build-isolation --no-deps --force-reinstall .
}

case ${1:-} in
  library)
    cmake --preset "$2"
    cmake --build --preset "$2" ${3:+--target "$3"}
    ;;
  python)
    unless_same .venv/tautrain-installed \
      "$(hash_of bindings/python/tautrain* bindings/python/CMakeLists.txt lib include cmake CMakeLists.txt pyproject.toml)" \
      install_python_package
    ;;
  *)
    echo "usage: tools/build.sh library PRESET [TARGET] | python" >&2
    exit 2
    ;;
esac

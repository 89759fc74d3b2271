#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make bench: speed beside hand-written programs and the peers that are installed; a table, and build/bench.json.
#
#   tools/bench.sh [SECONDS]          of each work, 2 where nothing is said
#   KEEP=yes tools/bench.sh           and docs/bench.json, from which the manual makes its page
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh

tools/setup.sh test "1/4 "
step "2/4 library (release)" build/library.log tools/build.sh library release
# Without the package the C benches still run.
step "3/4 Python package" build/python.log tools/build.sh python || true
python=.venv/bin/python
[ -x "$python" ] || python=python3
echo "  4/4 bench"
"$python" tests/bench/bench.py --programs build/release/tests/bench --out build/bench.json ${1:+--seconds "$1"} \
  ${KEEP:+--keep docs/bench.json}

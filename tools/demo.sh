#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make demo: from a bare checkout to a route that runs.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh

echo "tautrain demo: lomustine, two telescoped steps"
tools/setup.sh demo "1/4 "
step "2/4 library" build/library.log tools/build.sh library release tautrain
step "3/4 Python package" build/python.log tools/build.sh python
step "4/4 route" build/demo.log .venv/bin/python -m tautrain.demo
echo
cat build/demo.log

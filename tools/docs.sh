#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make docs: the manual as HTML, in build/docs.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh

tools/setup.sh docs "1/3 "
step "2/3 Python package" build/python.log tools/build.sh python
step "3/3 pages" build/docs.log env PATH="$PWD/.venv/bin:$PATH" .venv/bin/python -m sphinx -W --keep-going -b html docs build/docs
echo "  build/docs/index.html"

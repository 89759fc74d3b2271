#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the golden errors point at the wrong token?

Each case has a file ``mark`` that says where the wrong tokens stand: a line ``LINE COLUMN TOKEN`` for each
mistake. This script looks whether the token really stands there in ``model.yaml``, and whether the lines of
``error`` name just these places, in this order. So a golden error cannot drift away from its token.

    python3 tests/invalid/check_marks.py [CASE ...]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
FEWEST_CASES = 36
ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\t")


def token_of(text: str) -> str:
    r"""Return the token as it stands in the file: ``\t`` is a tab, ``\x07`` and ``\xf6`` are bytes."""
    return ESCAPE.sub(
        lambda m: bytes.fromhex(m[1]).decode("utf-8", "surrogateescape") if m[1] else "\t", text
    )


def marks_of(case: Path) -> list[tuple[int, int, str]]:
    """Line, column and token of each mistake."""
    marks = []
    for line in (case / "mark").read_text(encoding="utf-8").splitlines():
        number, column, token = re.match(r"(\d+) (\d+) ?(.*)", line).groups()  # type: ignore[union-attr]  # matches
        marks.append((int(number), int(column), token_of(token)))
    return marks


def faults(case: Path) -> list[str]:
    """Say what is wrong with a case, a line each."""
    found = []
    text = (case / "model.yaml").read_bytes().decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    marks = marks_of(case)
    for line, column, token in marks:
        there = lines[line - 1][column - 1 :] if line <= len(lines) else ""
        if not there.startswith(token):
            found.append(f"{case.name}/mark: {token!r} does not stand at {line}:{column}, but {there[:20]!r}")
    errors = (case / "error").read_text(encoding="utf-8").splitlines()
    places = [
        tuple(map(int, m.groups())) for e in errors if (m := re.match(r"model\.yaml:(\d+):(\d+): \S", e))
    ]
    if len(places) != len(errors):
        found.append(f"{case.name}/error: a line is not 'model.yaml:LINE:COLUMN: message'")
    if not places or places != [(line, column) for line, column, _ in marks]:
        found.append(f"{case.name}: error names {places}, mark {[(m[0], m[1]) for m in marks]}")
    return found


def main() -> None:
    """Check the cases that are named, or all."""
    cases = [HERE / name for name in sys.argv[1:]] or sorted(p.parent for p in HERE.glob("*/model.yaml"))
    found = [fault for case in cases for fault in faults(case)]
    if len(sys.argv) == 1 and len(cases) < FEWEST_CASES:
        found.append(f"{len(cases)} cases; {FEWEST_CASES} are wanted")
    if found:
        sys.exit("\n".join(found))
    print(f"{len(cases)} cases: every golden error names the place of its token")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the table of errors: every kind is used, its id is well made and for ever, and model files show it.

``errors.py SOURCE_DIR``

What ids were ever released stands in ``tests/unit/error_ids.txt``; none of them may go. A new kind is added
there too. Every kind that reading a model file can cause has a file in ``tests/invalid``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROW = re.compile(r'^X\((\w+),\s*"([^"]*)",\s*(TAU_\w+),', re.MULTILINE)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

# Kinds that no small file among the cases of tests/invalid can show, and why.
ELSEWHERE = {
    "the system": "out-of-memory cannot-read cannot-write no-regular-file file-exists no-units-database",
    "results files": "not-a-results-file damaged-results-file results-file-in-use results-format-version",
    "a file of more than 64 MiB (tests/unit/test_yaml.c)": "file-too-large",
    "sweeps": "varied-twice asked-twice no-profile no-lanes other-sweep sweep-file-in-use parts-disagree",
    "fits": "fit-data fit-not-converged fit-start no-curve no-interval too-few-points unused-parameter",
    "found when a train is compiled": "reaction-too-large no-wall no-conserved-sums",
    "tracer signals": "no-signal no-tail pulse-of-plug",
    "calls": "bad-path nothing-there unknown-parameter unknown-observable function-as-text no-derivative "
    "too-many-states not-finite",
    "runs": "time-limit cancelled mixing-temperature no-flow impossible-flow overfull-feed impossible-size "
    "function-failed function-refused equations-not-finite step-too-small too-many-steps no-convergence "
    "no-steady-state singular-equations below-zero bad-tolerance integrator-failed no-eigenvalues",
    "the distribution of a train": "which-feed which-unit nothing-arrives outlet-in-loop no-distribution "
    "too-many-units",
}


def rows_of(table: str) -> list[tuple[str, str]]:
    """Name and id of each row."""
    return [(name, kind) for name, kind, _ in ROW.findall(table)]


def row_faults(rows: list[tuple[str, str]], released: list[str], sources: str) -> Iterator[str]:
    ids = [kind for _, kind in rows]
    for name, kind in rows:
        if not KEBAB.fullmatch(kind):
            yield f"'{kind}' is not in kebab-case"
        if ids.count(kind) > 1:
            yield f"'{kind}' stands twice"
        if not re.search(rf"\bTAUP_ERR_{name}\b", sources):
            yield f"'{kind}': nothing in lib/ says TAUP_ERR_{name}"
        if kind not in released:
            yield f"'{kind}' is new: add it to tests/unit/error_ids.txt, and it is for ever"
    yield from (f"'{kind}' was released and is gone" for kind in released if kind not in ids)


def text_faults(table: str) -> Iterator[str]:
    for row in re.split(r"^(?=X\()", table, flags=re.MULTILINE)[1:]:
        row = row.split("\n/*")[0]
        texts = STRING.findall(row)
        if len(texts) < 3 or not row.rstrip().endswith('.")'):
            yield f"a row needs id, meaning and cure, and ends with a full stop: {row[:60]!r}"


def case_faults(rows: list[tuple[str, str]], cases: Path) -> Iterator[str]:
    shown = {
        kind
        for golden in cases.glob("*/error")
        for kind in re.findall(r" \[([\w-]+)\]$", golden.read_text(encoding="utf-8"), re.MULTILINE)
    }
    elsewhere = {kind for kinds in ELSEWHERE.values() for kind in kinds.split()}
    ids = {kind for _, kind in rows}
    yield from (f"no file of tests/invalid shows '{kind}'" for kind in sorted(ids - shown - elsewhere))
    yield from (f"tests/invalid shows '{kind}' now: not elsewhere" for kind in sorted(shown & elsewhere))
    yield from (f"'{kind}' is no kind of error" for kind in sorted((shown | elsewhere) - ids))
    n_cases = len(list(cases.glob("*/error")))
    print(f"{len(ids)} kinds of errors; {len(shown)} of them in {n_cases} bad model files")


def main() -> int:
    """Run as a script; 1 when there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    root = parser.parse_args().root
    table = (root / "lib/base/errors.def").read_text(encoding="utf-8")
    rows = rows_of(table)
    released = (root / "tests/unit/error_ids.txt").read_text(encoding="utf-8").split()
    sources = "".join(path.read_text(encoding="utf-8") for path in (root / "lib").rglob("*.c"))
    faults = [
        *row_faults(rows, released, sources),
        *text_faults(table),
        *case_faults(rows, root / "tests/invalid"),
    ]
    print(*faults, sep="\n", end="\n" if faults else "")
    return bool(faults or not rows)


if __name__ == "__main__":
    sys.exit(main())

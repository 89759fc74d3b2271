#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gate on counted work: instructions of the kernels under callgrind, and steps and evaluations of whole runs.

count.py --program COUNT --valgrind VALGRIND --compiler "GNU 12"            compare with counts.csv
count.py --program COUNT --valgrind VALGRIND --compiler "GNU 12" --write    store what is counted

Times swing by a factor of two on shared machines; instructions of one binary on one input do not swing at
all. They depend on the compiler, so counts.csv says which one counted, and another one skips the kernels
(exit status 77 if nothing is left). There are 3 % of room. Fewer than stored is an error too, beyond the
same room: the gate would have become loose.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOM = 0.03
SKIPPED = 77
COLUMNS = ["model", "what", "compiler", "count"]
STEPS = ["steps", "rhs", "jacobians"]
WHOLE = ("vern7", "rodas", "newton", "run")  # marches, solutions and runs; the others are of an evaluation
FUNCTIONS = ("count_f", "count_J", "count_lanes", "count_newton", "count_run")


def instructions(args: argparse.Namespace, model: Path, kernels: list[str]) -> list[float]:
    """Instructions inside the functions that run the kernels of a model, of one repeat each."""
    repeats = [4 if kernel.startswith(WHOLE) else 2000 for kernel in kernels]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        callgrind = [args.valgrind, "--tool=callgrind", f"--callgrind-out-file={out}"]
        callgrind += ["--toggle-collect=count_*", *(f"--dump-after={function}" for function in FUNCTIONS)]
        work = [word for pair in zip(kernels, map(str, repeats), strict=True) for word in pair]
        subprocess.run([*callgrind, args.program, model, *work], check=True, capture_output=True)
        texts = [Path(f"{out}.{i + 1}").read_text() for i in range(len(kernels))]
    totals = [int(n) for text in texts for n in re.findall(r"^summary: (\d+)", text, re.MULTILINE)]
    if len(totals) != len(kernels) or 0 in totals:
        sys.exit(f"callgrind collected {totals} for {', '.join(kernels)}")
    return [total / n for total, n in zip(totals, repeats, strict=True)]


def counts(args: argparse.Namespace, name: str, whats: list[str]) -> dict[str, float]:
    """The numbers of a model in counts.csv, now."""
    model = HERE / "networks" / f"{name}.yaml"
    done = subprocess.run([args.program, model, "steps", "1"], check=True, capture_output=True, text=True)
    now = dict(zip(STEPS, map(float, done.stdout.split()), strict=True))
    kernels = [what for what in whats if what not in STEPS]
    return now | (dict(zip(kernels, instructions(args, model, kernels), strict=True)) if kernels else {})


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--valgrind", default="")
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    table = HERE / "counts.csv"
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    n_compared, wrong = 0, 0
    countable = args.valgrind and (
        args.write or all(row["compiler"] in (args.compiler, "any") for row in rows)
    )
    taken = [row for row in rows if countable or row["what"] in STEPS]
    for name in dict.fromkeys(row["model"] for row in taken):
        here = [row for row in taken if row["model"] == name]
        now = counts(args, name, [row["what"] for row in here])
        for row in here:
            stored, count = float(row["count"]), now[row["what"]]
            if args.write:
                row["compiler"] = "any" if row["what"] in STEPS else args.compiler
                row["count"] = f"{count:.0f}"
            bad = abs(count - stored) > ROOM * stored
            n_compared, wrong = n_compared + 1, wrong + bad
            change = f"{100 * (count / stored - 1):+.1f} %" + ("   WRONG" if bad else "")
            print(f"{name:6} {row['what']:10} {count:10.0f}   stored {stored:10.0f}   {change}")
    for row in rows:
        if row not in taken:
            print(f"{row['model']:6} {row['what']:10} skipped, it is of {row['compiler']}")
    if args.write:
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return 0
    if wrong:
        print(f"{wrong} of {n_compared} counts changed by more than {100 * ROOM:g} %.")
        print("Where that is meant: count.py --write, in the same change.")
    return 1 if wrong else 0 if n_compared else SKIPPED


if __name__ == "__main__":
    sys.exit(main())

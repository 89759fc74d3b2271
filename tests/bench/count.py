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
LANES = ("vern7", "rodas")  # whole marches
WHOLE = (*LANES, "newton", "run")


def instructions(args: argparse.Namespace, model: Path, kernel: str, repeats: int) -> int:
    """Instructions inside the function that runs a kernel, for this many repeats."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        function = f"count_{'lanes' if kernel.startswith(LANES) else kernel.removesuffix('_4')}"
        callgrind = [args.valgrind, "--tool=callgrind", f"--toggle-collect={function}"]
        command = [*callgrind, f"--callgrind-out-file={out}", args.program, model, kernel, str(repeats)]
        subprocess.run(command, check=True, capture_output=True)
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
    if not found or int(found[1]) == 0:
        sys.exit(f"callgrind collected nothing for {kernel}")
    return int(found[1])


def counted(args: argparse.Namespace, model: Path, what: str) -> float:
    """One number of counts.csv, now."""
    if what in STEPS:
        done = subprocess.run([args.program, model, "steps", "1"], check=True, capture_output=True, text=True)
        return float(done.stdout.split()[STEPS.index(what)])
    few, many = (2, 4) if what.startswith(WHOLE) else (100, 200)
    return (instructions(args, model, what, many) - instructions(args, model, what, few)) / (many - few)


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
    for row in rows:
        name = f"{row['model']:6} {row['what']:10}"
        is_instructions = row["what"] not in STEPS
        if is_instructions and (not args.valgrind or (row["compiler"] != args.compiler and not args.write)):
            print(f"{name} skipped: stored for {row['compiler']}, this is {args.compiler}")
            continue
        now = counted(args, HERE / "networks" / f"{row['model']}.yaml", row["what"])
        if args.write:
            row["compiler"], row["count"] = (args.compiler if is_instructions else "any"), f"{now:.0f}"
            continue
        stored = float(row["count"])
        n_compared += 1
        bad = abs(now - stored) > ROOM * stored
        wrong += bad
        change = f"{100 * (now / stored - 1):+.1f} %" + ("   WRONG" if bad else "")
        print(f"{name} {now:10.0f}   stored {stored:10.0f}   {change}")
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

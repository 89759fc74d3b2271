# SPDX-License-Identifier: Apache-2.0
"""Count what eight lanes cost: f and J of the SNAr coil take at most 3 times the instructions of one lane.

The program lane_cost runs under callgrind with N and with 2 N repetitions; the difference is N evaluations
alone. valgrind 3.19 knows no AVX-512 and says so to programs that ask, so width 8 is counted as two halves of
AVX2: dearer than it is with AVX-512.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

REPETITIONS = 2000
MOST = 3.0


def count(arguments: argparse.Namespace, width: int, repetitions: int) -> tuple[int, float]:
    """Return the instructions of a whole run and the sum it printed."""
    command = [
        arguments.valgrind,
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        str(arguments.program),
        str(arguments.model),
        "coil",
        str(width),
        str(repetitions),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"lane_cost: {' '.join(command)} ended with {done.returncode}\n{done.stderr}")
    return int(found[1]), float(done.stdout)


def per_evaluation(arguments: argparse.Namespace, width: int) -> tuple[float, float]:
    """Return the instructions of one f and one J, and the sum of their outputs."""
    once, total = count(arguments, width, REPETITIONS)
    twice, _ = count(arguments, width, 2 * REPETITIONS)
    return (twice - once) / REPETITIONS, total


def main() -> int:
    """Print both counts and their ratio; 1 when it is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--valgrind", default="valgrind")
    arguments = parser.parse_args()
    one, sum_of_one = per_evaluation(arguments, 1)
    eight, sum_of_eight = per_evaluation(arguments, 8)
    print(f"f and J of the coil: {one:.1f} instructions at width 1, {eight:.1f} at width 8")
    print(f"{eight / one:.2f} times; at most {MOST:g}")
    if sum_of_one != sum_of_eight:
        print(f"the lanes computed something else: {sum_of_one!r} and {sum_of_eight!r}")
        return 1
    return 0 if 0.0 < eight <= MOST * one else 1


if __name__ == "__main__":
    sys.exit(main())

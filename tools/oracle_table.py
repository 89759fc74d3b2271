#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Table of the reference answers for the documentation, and the check that no number of a case is left out.

oracle_table.py out.json ...          Markdown table of what test_oracle --json wrote, on standard output
oracle_table.py --run PROGRAM CASES   the same, running test_oracle on every case of the folder first
oracle_table.py --check CASES         every number of every case.json has its row; exit status 1 where not
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HEAD = ["case", "output", "expected", "computed", "difference", "tolerance", "how"]
FITTED = re.compile(r"^model: (.*)$", re.MULTILINE)  # the model file of a fit to runs
SOLVER = re.compile(r"^solver: \{(.*)\}$", re.MULTILINE)


def flat(value: Any) -> list[float]:
    """Numbers of a nested list in order, or of one number."""
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    return [float(value)]


# --- check ------------------------------------------------------------------------------------------


def looser(row: dict[str, str], tolerance: dict[str, float]) -> bool:
    """Whether a row that states a number of the case as it is (no conversion) allows more than the case."""
    return float(row["rtol"]) > tolerance["rtol"] or float(row["atol"]) > tolerance["atol"]


def mistakes_of_output(output: dict[str, Any], rows: list[dict[str, str]]) -> Iterator[str]:
    """Numbers without a row, and rows that differ from the case without saying why."""
    numbers = flat(output["value"])
    mine = [row for row in rows if row["output"] == output["name"]]
    listed = {int(row["index"]) for row in mine}
    for index in sorted(set(range(len(numbers))) ^ listed):
        what = "no such number in the case" if index in listed else "not listed"
        yield f"'{output['name']}' [{index}]: {what}"
    for row in mine:
        same_unit = row["unit"] == output["unit"].replace("-", "1").replace("m3", "m^3")
        plain = row["how"] == "direct" and (same_unit or not row["note"])
        if not plain or int(row["index"]) >= len(numbers):
            continue
        if float(row["expected"]) != numbers[int(row["index"])]:
            yield f"'{output['name']}' [{row['index']}]: {row['expected']} is not the number of the case"
        if looser(row, output["tolerance"]):
            yield f"'{output['name']}' [{row['index']}]: looser than the case"


def mistakes_of_models(folder: Path, case: dict[str, Any], rows: list[dict[str, str]]) -> Iterator[str]:
    """Model files that no row uses, that are not there, or that set more of the solver than they may."""
    there = {file.name for pattern in ("*.yaml", "*.fit", "*.tracer") for file in folder.glob(pattern)}
    used = {row["model"] for row in rows if row["model"]}
    used |= {name for fit in folder.glob("*.fit") for name in FITTED.findall(fit.read_text(encoding="utf-8"))}
    for name in sorted(there ^ used):
        yield f"{name}: " + ("no row uses it" if name in there else "there is no such file")
    tight = any(output["tolerance"]["atol"] < 1e-14 for output in case["outputs"])
    for name in sorted(there & used):
        for options in SOLVER.findall((folder / name).read_text(encoding="utf-8")):
            keys = {item.split(":")[0].strip() for item in options.split(",")}
            for key in sorted(keys - ({"rtol", "atol"} if tight else {"rtol"})):
                yield f"{name}: solver option {key}"


def mistakes_of_case(folder: Path) -> list[str]:
    """All mistakes of a case, one line each."""
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {output["name"] for output in case["outputs"]}
    found = [f"'{row['output']}': no such output in the case" for row in rows if row["output"] not in names]
    for output in case["outputs"]:
        found += mistakes_of_output(output, rows)
    found += mistakes_of_models(folder, case, rows)
    return [f"{folder.name}: {text}" for text in found]


def check(cases: Path) -> int:
    """Print the mistakes of all cases; the exit status."""
    folders = sorted(file.parent for file in cases.glob("*/case.json"))
    found = [text for folder in folders for text in mistakes_of_case(folder)]
    print("\n".join(found) if found else f"{len(folders)} cases: every number is listed")
    return 1 if found or not folders else 0


# --- table ------------------------------------------------------------------------------------------


def number(value: float | None, digits: int = 12) -> str:
    """Print a number with so many digits; a dash for none."""
    return "-" if value is None else f"{value:.{digits}g}"


def cells(case: str, row: dict[str, Any]) -> list[str]:
    """One line of the table."""
    expected, computed = row["expected"], row["computed"]
    ran = row["passed"] is not None
    difference = None if computed is None else abs(computed - expected)
    allowed = row["atol"] + row["rtol"] * abs(expected) if ran else None
    unit = "" if row["unit"] in ("1", "-", "") else f" {row['unit']}"
    how = row["how"].replace("not-a-state:", "not a state: ").replace("later:", "later: ")
    if ran and not row["passed"]:
        how += " (**fails**)"
    output = f"{row['output']} [{row['index']}]"
    if ran:
        output += f" ({Path(row['model']).stem})"
    numbers = [number(expected) + unit, number(computed), number(difference, 2), number(allowed, 2)]
    return [case, output, *numbers, how]


def table(files: Iterable[Path]) -> str:
    """Make the Markdown table, after a line that counts."""
    lines, counts = [], {"passed": 0, "failed": 0, "other": 0}
    for file in files:
        result = json.loads(file.read_text(encoding="utf-8"))
        for row in result["rows"]:
            counts["other" if row["passed"] is None else "passed" if row["passed"] else "failed"] += 1
            assert math.isfinite(row["expected"])
            lines.append(cells(result["case"].split("-", 2)[0] + "-" + result["case"].split("-", 2)[1], row))
    text = [
        f"{counts['passed']} comparisons hold, {counts['failed']} fail; "
        f"{counts['other']} numbers are not given by a steady run.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|" + "---|" * len(HEAD),
    ]
    text += ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join(text)


def run_all(program: Path, cases: Path, into: Path) -> list[Path]:
    """Run the program on every case; what fails stands in the table, so its exit status is not looked at."""
    files = []
    for folder in sorted(file.parent for file in cases.glob("*/expected.csv")):
        files.append(into / f"{folder.name}.json")
        subprocess.run([program, folder, "--json", files[-1]], check=False, stdout=subprocess.DEVNULL)
    return files


def main() -> int:
    """Do what the command line says; the exit status."""
    assert __doc__
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--check", type=Path, metavar="CASES")
    parser.add_argument("--run", type=Path, nargs=2, metavar=("PROGRAM", "CASES"))
    parser.add_argument("json", type=Path, nargs="*")
    arguments = parser.parse_args()
    if arguments.check:
        return check(arguments.check)
    with tempfile.TemporaryDirectory() as folder:
        files: list[Path] = arguments.json
        if arguments.run:
            program, cases = arguments.run
            files = run_all(program, cases, Path(folder))
        if not files:
            parser.error("no JSON file was given")
        print(table(files))
    return 0


if __name__ == "__main__":
    sys.exit(main())

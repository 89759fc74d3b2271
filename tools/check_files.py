#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What no other tool checks of our source files: licence line, lengths, widths, stray characters."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE, MAX_FUNCTION, MAX_WIDTH = 700, 80, 140
SPDX = "SPDX-License-Identifier: Apache-2.0"
FUNCTION = re.compile(r"^\{$.*?^\}$", re.MULTILINE | re.DOTALL)  # a body opens and closes in column 1


def files(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    return [path for path in map(Path, done.stdout.splitlines()) if path.is_file()]


def line_faults(text: str, width: int) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > width:
            yield number, f"{len(line)} columns, at most {width}"
        if line != line.rstrip():
            yield number, "space at the end of the line"
        if "\t" in line:
            yield number, "tab"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end"


def c_faults(path: Path, text: str) -> Iterator[tuple[int, str]]:
    table = re.search(r"^ \* Written by [\w/.]+", text, re.MULTILINE)  # a generated table may be long
    n_lines = text.count("\n")
    if path.parts[0] == "lib" and n_lines > MAX_FILE and not table:
        yield n_lines, f"{n_lines} lines, at most {MAX_FILE}"
    for body in FUNCTION.finditer(text):
        length = body.group().count("\n") - 1
        if length > MAX_FUNCTION:
            yield text.count("\n", 0, body.start()) + 1, f"function of {length} lines, at most {MAX_FUNCTION}"


def main() -> int:
    wrong = []
    for path in files("*.c", "*.h", "*.py", "*.i", "*.sh"):
        text = path.read_text(encoding="utf-8")
        faults = list(line_faults(text, MAX_WIDTH))
        if text and SPDX not in "".join(text.splitlines(keepends=True)[:2]):
            faults.append((1, f"no '{SPDX}' in the first two lines"))
        if path.suffix in (".c", ".h"):
            faults += c_faults(path, text)
        wrong += [f"{path}:{line}: {fault}" for line, fault in faults]
    print("\n".join(wrong) or "ok")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

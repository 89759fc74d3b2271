#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each public header compiles alone as C11 and as C++17 and is short.

``headers.py SOURCE_DIR --cc CC --cxx CXX``
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 300
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def compile_fault(command: list[str], source: str) -> str | None:
    done = subprocess.run(command, input=source, text=True, capture_output=True, check=False)
    return done.stderr.strip() or f"{command[0]} failed" if done.returncode else None


def faults(root: Path, cc: str, cxx: str) -> Iterator[str]:
    include = root / "include"
    headers = sorted(include.rglob("*.h"))
    if not headers:
        yield "include/ holds no header"
    for header in headers:
        name = header.relative_to(include).as_posix()
        n_lines = len(header.read_text(encoding="utf-8").splitlines())
        if n_lines > MAX_LINES:
            yield f"include/{name}: {n_lines} lines, at most {MAX_LINES}"
        # Twice: the include guard is tried too.
        source = f"#include <{name}>\n#include <{name}>\nint main(void) {{ return 0; }}\n"
        for compiler, dialect in ((cc, ["-std=c11", "-x", "c"]), (cxx, ["-std=c++17", "-x", "c++"])):
            command = [compiler, *dialect, *WARNINGS, f"-I{include}", "-fsyntax-only", "-"]
            if fault := compile_fault(command, source):
                yield f"include/{name} with {dialect[0]}:\n{fault}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx", required=True)
    args = parser.parse_args()
    if args.cxx.endswith("-NOTFOUND"):
        print("no C++ compiler was found: apt install g++")
        return 1
    wrong = list(faults(args.root, args.cc, args.cxx))
    print("\n".join(wrong) or "ok")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a shared object shows what it promises and nothing else.

``exports.py SOURCE_DIR libtautrain.so``: the functions that include/ declares, all of them and no other.
``exports.py SOURCE_DIR _core.so --only PyInit__core``: this one name.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARED = re.compile(r"\bTAU_API\b[^;{(]*?\b(tau_\w+)\s*(?:\(|\[|;)")


def exported(nm: str, library: Path) -> set[str]:
    done = subprocess.run([nm, "-D", "--defined-only", library], text=True, capture_output=True, check=True)
    return {line.split()[-1].split("@")[0] for line in done.stdout.splitlines() if line.strip()}


def declared(include: Path) -> set[str]:
    names: set[str] = set()
    for header in include.rglob("*.h"):
        names.update(DECLARED.findall(COMMENT.sub(" ", header.read_text(encoding="utf-8"))))
    return names


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--only", help="the one symbol that may be shown, instead of the public interface")
    args = parser.parse_args()

    got = exported(args.nm, args.library)
    wanted = {args.only} if args.only else declared(args.root / "include")
    wrong = [f"{name} is declared but not exported" for name in sorted(wanted - got)]
    wrong += [f"{name} is exported but not public" for name in sorted(got - wanted)]
    print("\n".join(wrong) or f"ok: {len(got)} names")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

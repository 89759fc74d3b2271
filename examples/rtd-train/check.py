#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build rtd_train.c against an installed tautrain, run it, and compare with the written transform, inverted.

python3 check.py PREFIX [--static]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent

# README.md, "Where the numbers come from": mpmath, 40 digits.
EXPECTED = ["share      0.9500", "mean       293.000 s", "variance   21357.7 s^2", "99.9 %     1151.61 s"]


def run(*command: str | Path) -> str:
    """Output of a command; says what it printed when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}failed with {done.returncode}")
    return done.stdout


def main() -> None:
    """Build in a temporary folder."""
    prefix = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        run("cmake", "-S", HERE, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", build)
        said = run(build / "rtd_train", HERE / "train.yaml", "product").splitlines()
    if said != EXPECTED:
        sys.exit(f"rtd_train: {said}, want {EXPECTED}")
    print(f"rtd_train: {said[-1]}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build outlet.c and sweep.c against an installed tautrain, by CMake and by pkg-config, and run them.

python3 check.py PREFIX [--static]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent

# 100 degC, 2 min, 0.5 mol/L DFNB, 1 mol/L pyrrolidine; found with DOP853 of SciPy at rtol 1e-13
EXPECTED = {
    "conversion": 1.0000,
    "yield": 0.5549,
}
LAST_LINE = [
    0.0,
    0.28519184,
    0.27747432,
    0.00771752,
    0.21480816,
]  # outlet [mol/L]: DFNB, Pyrr, ortho, para, bis


# The largest yield of ortho on the grid of sweep.c, found in the same way: 0.905914; at 40 s 0.905854
BEST = "best yield 0.9059 at 333.15 K, 30 s"


def run(*command: str | Path, **env: str) -> str:
    """Output of a command; says what it printed when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}failed with {done.returncode}")
    return done.stdout


def check(what: str, said: str) -> None:
    """Compare what the program printed with the independent solution."""
    lines = said.splitlines()
    printed = {line.split()[0]: float(line.split()[1]) for line in lines[:2]}
    for name, value in EXPECTED.items():
        if abs(printed[name] - value) > 0.51e-4:
            sys.exit(f"{what}: {name} is {printed[name]}, want {value}\n{said}")
    position, *c = map(float, lines[-1].split())
    if position != 5e-6 or any(abs(a - b) > 0.51e-5 for a, b in zip(c, LAST_LINE, strict=True)):
        sys.exit(f"{what}: the outlet is {lines[-1]}, want {LAST_LINE} mol/L at 5e-06 m^3\n{said}")
    print(f"{what}: {lines[0]}, {lines[1]}")


def check_sweep(what: str, program: Path, **env: str) -> None:
    """Sweep into a new file, then once more: nothing is left to do."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, HERE / "snar.yaml", Path(folder) / "sweep.h5"]
        first, second = run(*command, **env).splitlines(), run(*command, **env).splitlines()
    if first != ["0 runs were there, 20 are new, 0 of them failed", BEST]:
        sys.exit(f"{what}: {first}, want {BEST}")
    if second != ["20 runs were there, 0 are new, 0 of them failed"]:
        sys.exit(f"{what}: {second}, want nothing new")
    print(f"{what}: {first[1]}")


def main() -> None:
    """Build in both ways in a temporary folder."""
    prefix = Path(sys.argv[1]).resolve()
    static = ["--static"] if "--static" in sys.argv else []
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        run("cmake", "-S", HERE, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", build)
        check("find_package", run(build / "outlet", HERE / "snar.yaml"))
        check_sweep("find_package", build / "sweep")

        pc = next(prefix.rglob("tautrain.pc"))
        flags = run(
            "pkg-config", *static, "--cflags", "--libs", "tautrain", PKG_CONFIG_PATH=str(pc.parent)
        ).split()
        found = {"LD_LIBRARY_PATH": str(pc.parent.parent)}
        for name in ("outlet", "sweep"):
            run("cc", "-std=c11", HERE / f"{name}.c", *flags, "-o", build / f"{name}-by-pkg-config")
        check("pkg-config", run(build / "outlet-by-pkg-config", HERE / "snar.yaml", **found))
        check_sweep("pkg-config", build / "sweep-by-pkg-config", **found)


if __name__ == "__main__":
    main()

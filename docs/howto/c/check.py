#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the programs of the how-to pages against an installed tautrain, and look at what they print.

python3 check.py PREFIX [--static]

What they print must be what the pages show (rate.out, embed.out), and its numbers must agree with a solution
made here: the closed form of the rate law, and the coil by the classical Runge-Kutta method.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
MODEL = HERE.parents[2] / "examples" / "snar" / "snar.yaml"


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


def left_over() -> float:
    """A [mol/m^3] behind the coil of rate.c: ln(A0/A) + K (A0 - A) = k tau, by bisection."""
    k, big_k, start, tau = 0.05, 2e-3, 1000.0, 60.0
    low, high = 1e-9, start
    for _ in range(200):
        a = 0.5 * (low + high)
        if math.log(start / a) + big_k * (start - a) > k * tau:
            low = a
        else:
            high = a
    return low


def slopes(c: list[float], k: list[float]) -> list[float]:
    a, b, d, e = k[0] * c[0] * c[1], k[1] * c[0] * c[1], k[2] * c[2] * c[1], k[3] * c[3] * c[1]
    return [-a - b, -a - b - d - e, a - d, b - e, d + e]


def yield_of_ortho(celsius: float) -> float:
    """The SNAr coil (examples/snar/snar.yaml: k at 90 degC, Ea, 120 s) in 20,000 steps of Runge and Kutta."""
    at_90, ea = [0.579, 0.0270, 0.00865, 0.0163], [33.3e3, 35.3e3, 38.9e3, 44.8e3]
    per_kelvin = 1.0 / (celsius + 273.15) - 1.0 / 363.15
    k = [x * math.exp(-e / 8.31446261815324 * per_kelvin) for x, e in zip(at_90, ea, strict=True)]
    c, h = [0.5, 1.0, 0.0, 0.0, 0.0], 120.0 / 20000
    for _ in range(20000):
        f1 = slopes(c, k)
        f2 = slopes([x + 0.5 * h * f for x, f in zip(c, f1, strict=True)], k)
        f3 = slopes([x + 0.5 * h * f for x, f in zip(c, f2, strict=True)], k)
        f4 = slopes([x + h * f for x, f in zip(c, f3, strict=True)], k)
        mean = [p + 2.0 * q + 2.0 * r + s for p, q, r, s in zip(f1, f2, f3, f4, strict=True)]
        c = [x + h / 6.0 * f for x, f in zip(c, mean, strict=True)]
    return c[2] / 0.5


def check_rate(said: str) -> None:
    for printed in re.findall(r"A = ([0-9.]+)", said):
        if abs(float(printed) - left_over()) > 0.51e-3:
            sys.exit(f"rate: A is {printed}, want {left_over():.5f}\n{said}")


def check_embed(said: str) -> None:
    for celsius, printed in re.findall(r"(\d+) degC  yield ([0-9.]+)", said):
        right = yield_of_ortho(float(celsius))
        if abs(float(printed) - right) > 0.51e-4:
            sys.exit(f"embed: the yield at {celsius} degC is {printed}, want {right:.6f}\n{said}")


def check(how: str, rate: Path, embed: Path, **env: str) -> None:
    """Run both programs, once in each way they may be called."""
    for name, program, arguments, numbers in (
        ("rate", rate, [], check_rate),
        ("embed", embed, [MODEL, "4"], check_embed),
    ):
        said = run(program, *arguments, **env)
        shown = (HERE / f"{name}.out").read_text(encoding="utf-8")
        if said != shown:
            sys.exit(f"{how}: {name} prints\n{said}and the page shows\n{shown}")
        numbers(said)
    print(f"{how}: rate and embed print what the pages show, and it is right")


def by_cmake(folder: Path, prefix: Path) -> None:
    run("cmake", "-S", HERE, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", folder)
    check("find_package", folder / "rate", folder / "embed")


def by_pkg_config(folder: Path, prefix: Path, *static: str) -> None:
    pc = next(prefix.rglob("tautrain.pc"))
    query = ["pkg-config", *static, "--cflags", "--libs", "tautrain"]
    flags = run(*query, PKG_CONFIG_PATH=str(pc.parent)).split()
    for name in ("rate", "embed"):
        run("cc", "-std=c11", HERE / f"{name}.c", *flags, "-lm", "-pthread", "-o", folder / f"{name}-pc")
    check("pkg-config", folder / "rate-pc", folder / "embed-pc", LD_LIBRARY_PATH=str(pc.parent.parent))


def main() -> None:
    """Build in both ways in a temporary folder."""
    prefix = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        by_cmake(Path(folder), prefix)
        by_pkg_config(Path(folder), prefix, *(["--static"] if "--static" in sys.argv else []))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Rows of the bench: E(t) of dispersion and of five units in series, beside rtdpy; errors against 15 digits.

rtdpy needs an older NumPy. It is looked for in this interpreter, in the one that TAUTRAIN_RTDPY names, and in
.venv-rtdpy/bin/python of the checkout:

    python3 -m venv .venv-rtdpy && .venv-rtdpy/bin/pip install rtdpy "numpy<1.25"
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REFERENCE = HERE / "rtd_reference.json"
SECONDS = 0.5  # of our own, a case
NAMES = {"five": "rtd convolution of five units"}


def interpreter() -> str | None:
    """One that has rtdpy."""
    if importlib.util.find_spec("rtdpy"):
        return sys.executable
    named, usual = os.environ.get("TAUTRAIN_RTDPY"), HERE.parents[1] / ".venv-rtdpy/bin/python"
    return named or (str(usual) if usual.exists() else None)


def error(E: list[float], case: dict[str, Any]) -> float:
    """Largest error over the peak."""
    return float(max(abs(a - b) for a, b in zip(E, case["E"], strict=True)) / max(case["E"]))


def ours(case: dict[str, Any]) -> tuple[float, float]:
    """Microseconds to make the distribution and compute E at all points, and the error."""
    np: Any = importlib.import_module("numpy")
    tt: Any = importlib.import_module("tautrain")
    t = case["dt"] * np.arange(case["n"])

    def density() -> Any:
        units = [tt.rtd[kind](*numbers) for kind, *numbers in case["units"]]
        return tt.rtd.series(*units).E(t)

    took: list[float] = []
    E, begin = density(), time.perf_counter()
    while time.perf_counter() < begin + SECONDS or len(took) < 5:
        start = time.perf_counter()
        density()
        took.append(time.perf_counter() - start)
    return 1e6 * sorted(took)[len(took) // 2], error([float(E[i]) for i in case["at"]], case)


def theirs(python: str) -> dict[str, Any]:
    """What rtdpy does with the same cases."""
    command = [python, str(HERE / "rtd_peer.py"), str(REFERENCE)]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rows() -> tuple[list[dict[str, Any]], list[str]]:
    """A row a case, without a base where there is no rtdpy; and what was left out, with the reason."""
    cases = json.loads(REFERENCE.read_text(encoding="utf-8"))
    python = interpreter()
    left_out, peer = [], None
    try:
        peer = theirs(python) if python else None
    except (OSError, subprocess.CalledProcessError) as reason:
        left_out.append(f"rtdpy ({' '.join(str(reason).split())})")
    if not python:
        left_out.append("rtdpy (not on this machine: see tests/bench/rtd_rows.py)")
    out = []
    for i, case in enumerate(cases):
        us, our_error = ours(case)
        base = peer["cases"][i] if peer else None
        note = f"{case['n']} times, errors are the largest over the peak, against 15 digits; "
        out.append(
            {
                "name": NAMES.get(case["name"], f"rtd dispersion E(t), {case['name']}"),
                "ours": us,
                "base": base["us"] if base else None,
                "unit": "us",
                "ratio": us / base["us"] if base else None,
                "target": 1.0 if base else None,
                "error_ours": our_error,
                "error_base": error(base["E"], case) if base else None,
                "note": note + (f"base: rtdpy {peer['version']}" if peer else "rtdpy is not there"),
            }
        )
    return out, left_out


if __name__ == "__main__":
    for row in rows()[0]:
        print(json.dumps(row))

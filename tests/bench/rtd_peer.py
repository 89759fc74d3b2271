#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rtdpy at the cases of rtd_reference.json: JSON of [{"us", "E": [...]}]; run by an interpreter that has it.

It needs a NumPy below 1.25 and is therefore in an environment of its own (rtd_rows.py). Its own
defaults; E(t) at all points of the case; the five units are convolved by its Elist.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

rtdpy: Any = importlib.import_module("rtdpy")
KINDS: dict[str, Any] = {
    "dispersion": lambda mean, p, **grid: rtdpy.AD_cc(tau=mean, peclet=p, **grid),
    "tanks": lambda mean, n, **grid: rtdpy.Ncstr(tau=mean, n=n, **grid),
    "plug": lambda mean, **grid: rtdpy.Pfr(tau=mean, **grid),
}


def density(case: dict[str, Any]) -> Any:
    """E at the points of a case."""
    grid = {"dt": case["dt"], "time_end": case["dt"] * (case["n"] - 0.5)}
    units = [KINDS[kind](*numbers, **grid) for kind, *numbers in case["units"]]
    return (units[0] if len(units) == 1 else rtdpy.Elist(units)).exitage


def main() -> None:
    """Print times and values."""
    out = []
    for case in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        took = []
        for _ in range(5):
            begin = time.perf_counter()
            E = density(case)
            took.append(time.perf_counter() - begin)
        out.append({"us": 1e6 * statistics.median(took), "E": [float(E[i]) for i in case["at"]]})
    json.dump({"version": rtdpy.__version__, "cases": out}, sys.stdout)


if __name__ == "__main__":
    main()

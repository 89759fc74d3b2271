# SPDX-License-Identifier: Apache-2.0
"""``python -m tautrain.demo``: the route of `make demo`, run, shown, saved and drawn."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from ._errors import TautrainError
from ._model import Model
from ._result import Result
from ._show import closure_line

ROUTE = Path("data/routes/lomustine/route.yaml")
RESULTS, PICTURE = Path("lomustine.h5"), Path("lomustine.png")


def summary(result: Result, seconds: float) -> str:
    """What the demonstration prints of a result."""
    key = result.key
    if key is None:
        raise TautrainError("the route names no key")
    reactant, product = key

    def cell(name: str, path: str, unit: str, form: str) -> str:
        return f"{name:<25} {format(result.value(path, unit), form):>7} {unit:<6}"

    rows = [
        (
            cell("conversion of the amine", f"conversion/{reactant}", "%", ".1f"),
            cell(f"yield of {product}", f"yield/{product}", "%", ".1f"),
            cell("residence time", "residence_time", "min", ".1f"),
        ),
        (
            cell("productivity", f"productivity/{product}", "mg/h", ".1f"),
            cell("space-time yield", "space_time_yield", "g/L/h", ".1f"),
            cell("PMI", "pmi", "1", ".1f").rstrip("1 "),
        ),
    ]
    head = f"{result.title}{' ' * max(4, 86 - len(result.title))}evidence: {result.evidence}"
    foot = closure_line(result)
    lines = [
        head,
        *("  ".join(row).rstrip() for row in rows),
        f"{foot}{' ' * max(4, 86 - len(foot))}solved in {1e3 * seconds:.1f} ms",
    ]
    if result.evidence in ("illustrative", "estimated"):
        lines.append(
            "the yield is an input here, one rate constant is fitted to it: data/routes/lomustine/README.md"
        )
    return "\n".join(lines)


def main(folder: str | os.PathLike[str] = ".") -> int:
    """Run the route; results and picture go into the current folder."""
    try:
        train = Model.read(Path(folder) / ROUTE).compile()
        started = time.perf_counter()
        result = train.run()
        seconds = time.perf_counter() - started
        print("\n".join(f"  {line}" for line in summary(result, seconds).splitlines()))
        result.save(RESULTS, overwrite=True, command="python -m tautrain.demo")
        result.plot(PICTURE)
    except TautrainError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"  results {RESULTS}    picture {PICTURE}")
    print("  next: `. .venv/bin/activate`, then `tautrain run examples/snar/snar.yaml` and docs/tutorial.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())

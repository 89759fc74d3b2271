# SPDX-License-Identifier: Apache-2.0
"""The four-dimensional sweep against single runs and against a bound in closed form."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt

sys.path.insert(0, str(Path(__file__).parent))
import sweep_snar as example


@pytest.fixture(scope="module")
def sweep() -> tt.Sweep:
    return tt.read(example.MODEL).sweep(example.design(625), keep=example.KEEP)


def test_the_grid_has_about_as_many_points_as_asked_for() -> None:
    assert [np.prod([len(v) for v in example.design(n).values()]) for n in (16, 4096, 10**6)] == [
        16,
        4096,
        32**4,
    ]


def test_a_point_is_what_a_single_run_gives(sweep: tt.Sweep) -> None:
    at = {path: sweep.axis(path)[i] for path, i in zip(sweep.paths, (1, 2, 3, 4), strict=True)}
    one = tt.read(example.MODEL).run(at)
    for path in example.KEEP:
        assert sweep[path][1, 2, 3, 4] == pytest.approx(one.value(path), rel=1e-7)


def test_no_point_has_less_bis_product_than_the_closed_form(sweep: tt.Sweep) -> None:
    left = 1.0 - sweep["conversion/DFNB"]
    seen = left > 1e-6  # below, the rounding of the conversion is seen
    ratio = sweep["impurity/bis"][seen] / example.least_bis(left[seen])
    assert ratio.min() > 1.0
    # at 60 degC only that from para comes on top: kb / ka (1 + kd / kc) of it at small conversion, less later
    cold = sweep["impurity/bis"][0][seen[0]] / example.least_bis(left[0][seen[0]])
    assert cold.max() < 1.0 + 0.027 / 0.579 * (1.0 + 0.0163 / 0.00865)


def test_what_is_wanted_cannot_be_had(sweep: tt.Sweep) -> None:
    assert example.least_bis(0.01) > 0.005
    assert not sweep.feasible(example.condition(99.0, 0.5)).any()
    assert sweep.feasible(example.condition(99.0, 8.0)).any()


def test_the_example_runs_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    example.main(["81", "--bis", "8"])
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if line.startswith("81 of 81 runs, complete")]
    assert "runs/s" in line
    assert Path("sweep-snar-81.png").stat().st_size > 20_000
    example.main(["81", "--bis", "8"])
    assert line in capsys.readouterr().out.splitlines()  # nothing had to be run: time and rate are the same

# SPDX-License-Identifier: Apache-2.0
"""Sensitivities from Python and from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt
from known_models import FEED, LEFT, TAU, K, decay
from tautrain import cli

COMPLETE, FAILED, WRONG_INPUT, STOPPED = range(4)
TO = ["reactions/r/k", "units/coil/volume", "feeds/feed/concentration/A"]


@pytest.fixture(scope="module")
def slopes() -> tt.Sensitivity:
    return decay().sensitivity(TO, ["outlet/c/A", "conversion/A"], rtol=1e-11)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    return int(end.value.code or 0)


def test_values_are_those_of_the_closed_form(slopes: tt.Sensitivity) -> None:
    # c = c0 exp(-k tau), tau = V / Q
    flow = 1e-6 / 60.0
    want = {
        "reactions/r/k": -TAU * LEFT,
        "units/coil/volume": -K / flow * LEFT,
        "feeds/feed/concentration/A": LEFT / FEED,
    }
    for path, expected in want.items():
        assert slopes.value("outlet/c/A", path) == pytest.approx(expected, rel=1e-8)
    assert slopes.value("conversion/A", "reactions/r/k") == pytest.approx(TAU * LEFT / FEED, rel=1e-8)
    assert slopes.unit("outlet/c/A", "reactions/r/k") == "(mol/m^3)/(1/s)"
    assert slopes.unit("conversion/A", "reactions/r/k") == "(1)/(1/s)"


def test_normalised_is_per_cent_for_one_per_cent(slopes: tt.Sensitivity) -> None:
    i, j = slopes.observables.index("outlet/c/A"), slopes.parameters.index("reactions/r/k")
    assert slopes.normalised()[i, j] == pytest.approx(-K * TAU, rel=1e-8)
    assert slopes.changes(0.01)[i, j] == pytest.approx(-0.01 * K * TAU * LEFT, rel=1e-8)
    assert (slopes.changes("uncertainty") == 0.0).all()  # none is stated
    with pytest.raises(tt.InputError, match="uncertainty"):
        slopes.changes("twice")


def test_what_is_stated_behind_plus_minus_is_the_step() -> None:
    m = decay()
    m.set("reactions/r/k", "0.01 +/- 0.002 1/s")
    s = m.sensitivity("reactions/*", "outlet/c/A")
    assert s.changes("uncertainty")[0, 0] == pytest.approx(-0.002 * TAU * LEFT, rel=1e-6)


def test_tables_carry_the_names(slopes: tt.Sensitivity) -> None:
    frame = slopes.to_pandas()
    assert list(frame.index) == list(slopes.parameters)
    assert frame.loc["reactions/r/k", "outlet/c/A"] == slopes.value("outlet/c/A", "reactions/r/k")
    data = slopes.to_xarray()
    assert float(data.sensitivity.sel(observable="outlet/c/A", parameter="reactions/r/k")) == slopes.value(
        "outlet/c/A", "reactions/r/k"
    )
    assert float(data.observable_value.sel(observable="outlet/c/A")) == slopes.result.value("outlet/c/A")
    assert "outlet/c/A" in repr(slopes)
    assert "0.01 1/s" in repr(slopes)
    assert "<table>" in slopes._repr_html_()
    assert not slopes.values.flags.writeable


def test_without_a_choice_all_that_is_given_and_what_is_counted() -> None:
    s = decay().sensitivity()
    assert "reactions/r/k" in s.parameters
    assert "units/coil/residence_time" not in s.parameters
    assert "conversion/A" in s.observables
    assert not [path for path in s.observables if path.startswith(("units/", "balance/"))]
    assert np.isfinite(s.values).all()


def test_other_members_of_a_group_and_their_reasons() -> None:
    train = decay().compile()
    s = train.sensitivity(
        ["units/coil/volume", "units/coil/residence_time"],
        "outlet/c/A",
        inputs={"units/coil/residence_time": "60 s"},
    )
    assert s.value("outlet/c/A", "units/coil/residence_time") == pytest.approx(-K * LEFT, rel=1e-6)
    assert np.isnan(s.value("outlet/c/A", "units/coil/volume"))
    assert "not given" in s.reason("outlet/c/A", "units/coil/volume")
    assert s.reason("outlet/c/A", "units/coil/residence_time") == ""
    with pytest.raises(tt.PathError, match="outlet/c/A"):
        s.value("outlet/c/a", "units/coil/volume")
    with pytest.raises(tt.PathError, match="matches none"):
        train.sensitivity("reaction/*")


def test_a_tornado_names_what_moves(slopes: tt.Sensitivity, tmp_path: Path) -> None:
    figure = slopes.plot(tmp_path / "tornado.png", by=0.05)
    assert (tmp_path / "tornado.png").stat().st_size > 1000
    labels = [text.get_text() for ax in figure.axes for text in ax.get_yticklabels()]
    assert "reactions/r/k" in labels
    assert "units/coil/volume" in labels
    with pytest.raises(tt.InputError, match="too many"):
        decay().sensitivity("reactions/*", "*").plot()


def test_a_run_that_fails_says_so_as_run_does() -> None:
    with pytest.raises(tt.ConvergenceError):
        tt.Model.copy(decay()).sensitivity("reactions/*", "outlet/c/A", max_steps=2)


def test_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    decay().write("decay.yaml")
    chosen = ("--parameters", "reactions/*", "--observables", "outlet/c/A")
    assert run("sensitivity", "decay.yaml", *chosen, "--json") == COMPLETE
    told = json.loads(capsys.readouterr().out)
    entry = told["sensitivities"]["outlet/c/A"]["reactions/r/k"]
    assert entry["value"] == pytest.approx(-TAU * LEFT, rel=1e-6)
    assert entry["normalised"] == pytest.approx(-K * TAU, rel=1e-6)
    assert entry["unit"] == "(mol/m^3)/(1/s)"
    assert "reason" not in entry
    assert told["status"] == "complete"

    assert (
        run("sensitivity", "decay.yaml", *chosen, "--plot", "t.png", "--csv", "t.csv", "--by", "5 %")
        == COMPLETE
    )
    assert "outlet/c/A" in capsys.readouterr().out
    assert Path("t.png").stat().st_size > 1000
    rows = list(csv.DictReader(Path("t.csv").read_text().splitlines()))
    assert float(rows[0]["value"]) == pytest.approx(-TAU * LEFT, rel=1e-6)
    assert run("sensitivity", "decay.yaml", *chosen, "--plot", "t.png") == WRONG_INPUT  # it stands there
    assert run("sensitivity", "decay.yaml", "--by", "much") == WRONG_INPUT
    assert run("sensitivity", "decay.yaml", "--parameters", "nothing/*") == WRONG_INPUT
    assert "matches none" in capsys.readouterr().err

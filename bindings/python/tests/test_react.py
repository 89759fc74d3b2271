# SPDX-License-Identifier: Apache-2.0
"""Reaction in a distribution: `Model.react`, `Reacted`, ``tautrain rtd --react``."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt
from tautrain import cli
from typer.testing import CliRunner

COIL = """
tautrain: 1
species: {A: {}, B: {}, P: {}, X: {}}
reactions:
  main: {equation: A + B -> P, k: 0.5 L/mol/s}
  over: {equation: P + B -> X, k: 0.02 L/mol/s}
feeds:
  f: {flow: 5 mL/min, concentration: {A: 0.5 mol/L, B: 0.6 mol/L}}
units:
  coil: {type: pfr, in: f, residence_time: 1 min}
key: {reactant: A, product: P}
"""


@pytest.fixture
def model() -> tt.Model:
    return tt.parse(COIL)


@pytest.fixture
def fit() -> tt.TracerFit:
    t = np.linspace(0.0, 240.0, 121)
    noise = np.random.default_rng(1).normal(0.0, 2e-4, t.size)
    return tt.tracer(t, tt.rtd.dispersion("1 min", peclet=20).E(t) + noise).fit("dispersion")


def test_what_a_tail_costs(model: tt.Model, fit: tt.TracerFit) -> None:
    reacted = model.react("coil", fit, exchange="10 s")
    assert reacted.unit == "coil"
    assert reacted.mixings == ("plug", "segregated", "maximum", "exchange")
    assert reacted.has_errors
    assert reacted.value("conversion/A", "plug") == pytest.approx(model.run().value("conversion/A"), rel=2e-2)
    low, high = reacted.bounds("conversion/A")
    assert low < reacted.value("conversion/A", "maximum") < reacted.value("conversion/A") < high
    cost = reacted.cost("conversion/A")
    assert cost[0] < cost[1] < 0.0
    assert reacted.interval("yield/P")[0] < reacted.value("yield/P") < reacted.interval("yield/P")[1]
    assert reacted.half_width("yield/P", level=0.5) < reacted.half_width("yield/P")
    assert math.isnan(reacted.half_width("yield/P", "exchange"))
    assert reacted.value("conversion/A", unit="%") == pytest.approx(100 * reacted.value("conversion/A"))
    assert "maximum mixedness" in repr(reacted)
    assert "<table>" in reacted._repr_html_()


def test_a_way_is_a_model(model: tt.Model) -> None:
    rtd = tt.rtd.tanks("1 min", n=3)
    reacted = model.react(rtd=rtd)
    assert not reacted.has_errors
    assert reacted.rtd == rtd
    for mixing in reacted.mixings:
        run = reacted.model(mixing).run()
        assert run.value("conversion/A") == reacted.value("conversion/A", mixing)


def test_a_model_takes_a_distribution(model: tt.Model) -> None:
    rtd = tt.rtd.plug("5 s") + tt.rtd.tanks("1 min", n=3)
    model.set("units/coil/rtd", rtd)
    model.set("units/coil/mixing", "segregated")
    assert model.run().value("conversion/A") == model.react("coil").value("conversion/A")
    assert tt.rtd.parse(rtd.to_yaml()) == rtd


def test_pictures_and_tables(model: tt.Model, fit: tt.TracerFit, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pandas = pytest.importorskip("pandas")
    reacted = model.react("coil", fit)
    reacted.plot(tmp_path / "tail.png")
    assert (tmp_path / "tail.png").stat().st_size > 10_000
    frame = reacted.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert (frame["low"] <= frame["segregated"]).all()


def test_bad_requests_say_what_is_needed(model: tt.Model) -> None:
    with pytest.raises(tt.UnsupportedError, match="plug flow"):
        model.react()
    with pytest.raises(tt.PathError, match="'coli' is no unit"):
        model.react("coli", tt.rtd.tanks("1 min"))
    with pytest.raises(tt.InputError, match="a distribution"):
        model.react("coil", "dispersion")  # type: ignore[arg-type]
    reacted = model.react(rtd=tt.rtd.tanks("1 min"))
    with pytest.raises(tt.PathError, match="conversion/A"):
        reacted.value("conversion/AA")
    with pytest.raises(tt.InputError, match="exchange"):
        reacted.value("conversion/A", "exchange")
    with pytest.raises(tt.InputError, match="level"):
        reacted.half_width("conversion/A", level=2.0)


def test_command(model: tt.Model, fit: tt.TracerFit, tmp_path: Path) -> None:
    file = tmp_path / "coil.yaml"
    model.write(file)
    pulse = tmp_path / "pulse.csv"
    rows = "\n".join(f"{t!r},{c!r}" for t, c in zip(fit.t.tolist(), fit.signal.tolist(), strict=True))
    pulse.write_text(f"time [s],signal [V]\n{rows}\n")
    runner = CliRunner()
    done = runner.invoke(cli.app, ["rtd", str(file), "--react", "--tracer", str(pulse), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["unit"] == "coil"
    assert told["observables"]["conversion/A"]["maximum"] < told["observables"]["conversion/A"]["segregated"]
    picture = str(tmp_path / "tail.png")
    arguments = ["rtd", str(file), "--react", "--set", "units/coil/rtd/model=tanks", "--exchange", "5 s"]
    done = runner.invoke(cli.app, [*arguments, "--observable", "conversion/*", "--plot", picture])
    assert done.exit_code == 0, done.output
    assert "exchange" in done.output
    assert "conversion/A" in done.output
    assert Path(picture).exists()
    assert runner.invoke(cli.app, ["rtd", str(file), "--unit", "coil"]).exit_code != 0
    assert runner.invoke(cli.app, ["rtd", str(file), "--react", "--feed", "f"]).exit_code != 0

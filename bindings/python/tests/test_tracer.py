# SPDX-License-Identifier: Apache-2.0
"""Tracer curves and dispersion: moments that are known, files and their mistakes, what is shown."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt
from tautrain.cli import app
from typer.testing import CliRunner

# O. Levenspiel, Chemical Reaction Engineering, 3rd ed., Examples 11.1, 13.1, 14.1
T, C = [0, 5, 10, 15, 20, 25, 30, 35], [0, 3, 5, 5, 4, 2, 1, 0]


def levenspiel(**options: object) -> tt.Tracer:
    return tt.tracer(T, C, time_unit="min", unit="g/L", **options)  # type: ignore[arg-type]


def test_levenspiels_pulse() -> None:
    pulse = levenspiel()
    assert pulse.vessel.area.value == pytest.approx(100.0 * 60.0, rel=1e-14)
    assert pulse.mean.value == pytest.approx(15.0 * 60.0, rel=1e-14)
    assert pulse.variance.value == pytest.approx(47.5 * 3600.0, rel=1e-13)
    assert 1.0 / pulse.peclet.value == pytest.approx(0.11993699597562889, rel=1e-12)
    assert pulse.tanks.value == pytest.approx(4.7368421052631575, rel=1e-13)
    assert pytest.approx(np.array(C) / 6000.0, rel=1e-14) == pulse.E
    assert pulse.F[-1] == pytest.approx(1.0, rel=1e-14)
    assert math.isnan(pulse.volume.value)
    assert "flow" in pulse.reason("volume")
    assert pulse.reason("peclet") == ""


def test_the_table_has_units_and_errors() -> None:
    text = repr(levenspiel(flow="10 mL/min", amount="1 g", volume="200 mL"))
    assert re.search(r"mean +15 +[\d.]+  min", text)
    assert re.search(r"variance +47\.5 +[\d.]+  min\^2", text)
    assert re.search(r"volume +150 +[\d.]+  mL", text)
    assert re.search(r"dead share +0\.25 ", text)
    assert "trapezoid rule" in text
    assert "neighbouring points" in text
    assert "<table>" in levenspiel()._repr_html_()


def test_recovery_by_flow_and_amount() -> None:
    # 100 g min/L of 10 mL/min is 1 g; the signal is in kg/m^3 = g/L
    assert levenspiel(flow="10 mL/min", amount="1.25 g").recovery.value == pytest.approx(0.8, rel=1e-13)


def test_a_vessel_between_two_signals() -> None:
    t_in, c_in = np.array([0.0, 5.0, 10.0, 15.0, 20.0]), np.array([0.0, 1.0, 2.0, 1.0, 0.0])
    t, c = np.arange(0.0, 100.0, 10.0), np.array([0, 0, 0, 0, 1, 2, 1, 0, 0, 0]) * 0.5
    found = tt.tracer(t, c, inlet=(t_in, c_in), kind="inlet", noise=0.01)
    assert found.mean.value == pytest.approx(40.0, rel=1e-13)
    assert found.variance.value == pytest.approx(50.0 - 12.5, rel=1e-13)
    assert found.recovery.value == pytest.approx(1.0, rel=1e-13)


def test_a_step_and_its_tail() -> None:
    t = np.arange(0.0, 200.0, 0.5)
    down = tt.tracer(t, 3.0 * np.exp(-t / 50.0), kind="step-down", level=3.0, tail="exponential")
    assert down.mean.value == pytest.approx(50.0, rel=1e-4)
    assert down.outlet.tail_mean == pytest.approx(50.0 * math.exp(-4.0), rel=5e-2)
    assert "tail from" in repr(down)


def test_errors_cover_the_truth() -> None:
    # 400 noisy copies of a tank-in-series curve: the scatter of the means is the stated error
    t = np.linspace(0.0, 100.0, 101)
    clean = t**2 * np.exp(-t / 10.0)
    noise = 0.02 * clean.max()
    normal = np.random.default_rng(1)
    means = [tt.tracer(t, clean + normal.normal(0.0, noise, t.size), noise=noise) for _ in range(400)]
    stated = means[0].mean.error
    assert np.std([m.mean.value for m in means]) == pytest.approx(stated, rel=0.15)
    assert np.std([m.variance.value for m in means]) == pytest.approx(means[0].variance.error, rel=0.15)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "impulse"}, "no kind of tracer experiment 'impulse'"),
        ({"tail": "log"}, "no tail 'log'"),
        ({"baseline": "cubic"}, "no base line 'cubic'"),
        ({"n_first": -1}, "cannot be below 0"),
        ({"kind": "inlet"}, "needs the inlet signal"),
    ],
)
def test_options_that_are_none(options: dict[str, object], words: str) -> None:
    with pytest.raises(tt.InputError, match=words):
        levenspiel(**options)


def test_arrays_live_on() -> None:
    E = levenspiel().E
    assert E[2] == pytest.approx(5.0 / 6000.0, rel=1e-14)
    with pytest.raises(ValueError, match="read-only"):
        E[0] = 1.0


def test_as_a_table_and_a_picture(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table = levenspiel().to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert list(table.columns) == ["signal", "E", "F"]
    pytest.importorskip("matplotlib")
    levenspiel(baseline=0.0).plot(tmp_path / "pulse.png")
    assert (tmp_path / "pulse.png").read_bytes().startswith(b"\x89PNG")


# --- files ---

GOOD = "# a pulse\ntime [min],signal [g/L]\n" + "".join(f"{t},{c}\n" for t, c in zip(T, C, strict=True))


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "pulse.csv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace(",", ";").replace(";5\n", ";5,0\n"),
        GOOD.replace(",", "\t").replace("time [min]", "t/min"),
        GOOD.replace("time [min]", "Time (min)"),
    ],
)
def test_files_are_read(tmp_path: Path, text: str) -> None:
    pulse = tt.read_tracer(written(tmp_path, text))
    assert pulse.mean.value == pytest.approx(900.0, rel=1e-13)
    assert pulse.unit == "g/L"


def test_an_inlet_has_its_own_times(tmp_path: Path) -> None:
    text = "time [s],signal [V],inlet time [s],inlet [V]\n"
    text += "0,0,0,0\n10,0,5,1\n20,1,10,2\n30,2,15,1\n40,1,20,0\n50,0\n"
    found = tt.read_tracer(written(tmp_path, text))
    assert found.mean.value == pytest.approx(20.0, rel=1e-13)
    assert found.inlet.mean.value == pytest.approx(10.0, rel=1e-13)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("5,3\n", "5,x\n", 1), r"pulse.csv:4: signal is 'x', which is no number"),
        (GOOD.replace("\n10,", "\n4,"), r"pulse.csv:5: time 4 does not come after 5"),
        (GOOD.replace("[min]", ""), r"pulse.csv:2: column 'time' has no unit"),
        (GOOD.replace("[min]", "[mL]"), r"pulse.csv:2: column 'time'"),
        (GOOD.replace("signal", "colour"), r"pulse.csv:2: column 2 is 'colour \[g/L\]'"),
        (GOOD.replace(",signal [g/L]", ""), r"pulse.csv:2: there is no column 'signal'"),
        (GOOD.replace("\n15,5", "\n15,"), r"pulse.csv:6: signal is empty"),
        (GOOD.replace("\n15,5", "\n15,5,6"), r"pulse.csv:6: 3 cells under 2 columns"),
        (GOOD.replace("\n15,5", "\n15,inf"), r"pulse.csv:6: signal is 'inf'; a finite number"),
        ("# nothing\n", r"pulse.csv: the file holds nothing"),
        ("time [s],signal\n1,2\n", r"pulse.csv: 1 points"),
    ],
)
def test_mistakes_of_files_have_their_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises((tt.InputError, tt.UnitsError), match=words):
        tt.read_tracer(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(tt.FileError, match=r"none\.csv"):
        tt.read_tracer(tmp_path / "none.csv")


# --- the command ---


def test_the_command(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    table = CliRunner().invoke(app, ["tracer", str(file), "--csv", str(tmp_path / "out.csv")])
    assert table.exit_code == 0, table.output
    assert "min^2" in table.stdout
    assert (
        (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("time [s],signal,E [1/s],F\n0.0,0.0,")
    )
    shown = CliRunner().invoke(app, ["tracer", str(file), "--json", "--flow", "10 mL/min"])
    found = json.loads(shown.stdout)
    assert found["values"]["mean"]["value"] == pytest.approx(900.0, rel=1e-13)
    assert found["values"]["volume"]["value"] == pytest.approx(150e-6, rel=1e-13)
    assert "amount" in found["reasons"]["recovery"]


def test_the_command_fits(tmp_path: Path) -> None:
    t = np.linspace(0.0, 250.0, 60)
    c = t**2 * np.exp(-t / 20.0) / 16000.0  # three tanks of 20 s
    rows = "".join(f"{a!r},{b!r}\n" for a, b in zip(t.tolist(), c.tolist(), strict=True))
    file = written(tmp_path, "time [s],signal [V]\n" + rows)
    arguments = [
        "tracer",
        str(file),
        "--fit",
        "tanks",
        "--fit",
        "dispersion",
        "--plot",
        str(tmp_path / "x.png"),
    ]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert re.search(r"mean +60 ", shown.stdout)
    fits = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)["fits"]
    assert fits[0]["model"] == "tanks"
    assert fits[0]["parameters"]["n"]["value"] == pytest.approx(3.0, rel=1e-7)
    assert (tmp_path / "x.png").exists()


# --- fits ---


def three_tanks(noise: float = 0.0) -> tt.Tracer:
    """Three tanks of 20 s, area 1."""
    t = np.linspace(0.0, 250.0, 100)
    c = t**2 * np.exp(-t / 20.0) / 16000.0
    return tt.tracer(t, c + noise * np.random.default_rng(3).normal(size=t.size), unit="V")


def test_a_fit_and_its_table() -> None:
    fit = three_tanks(1e-4).fit("tanks")
    low, high = fit["n"].interval
    assert low < 3.0 < high
    assert float(fit["mean"]) == pytest.approx(60.0, abs=3.0 * fit["mean"].error)
    assert fit.covariance.shape == (3, 3)
    assert fit.covariance[0, 0] == pytest.approx(fit["mean"].error ** 2, rel=1e-12)
    assert fit.dof == 97
    assert fit.deviation == pytest.approx(1e-4, rel=0.2)
    assert re.search(r"mean +\d+(\.\d+)? +[\d.]+  s", repr(fit))
    assert "AICc" in repr(fit)
    values, half = fit.curve([60.0])
    assert abs(values[0] - 60.0**2 * math.exp(-3.0) / 16000.0) < 3.0 * half[0]
    assert fit.profile("n")[0] == pytest.approx(low, rel=0.02)


def test_starts_bounds_and_what_is_fixed() -> None:
    curve = three_tanks()
    fit = curve.fit("tanks", start={"mean": "1 min"}, bounds={"n": (1.0, 5.0)}, fixed={"area": 1.0})
    assert fit["area"].fixed
    assert fit["mean"].value == pytest.approx(60.0, rel=1e-6)
    assert curve.fit("tanks", fixed={"n": 2.0})["n"].value == 2.0
    assert curve.fit("tanks", bounds={"n": (1.0, 2.0)})["n"].at_bound == 1
    with pytest.raises(tt.PathError, match="did you mean 'mean'"):
        curve.fit("tanks", start={"maen": 1.0})
    with pytest.raises(tt.UnsupportedError, match="ideal pulse"):
        curve.fit("plug")
    with pytest.raises(tt.InputError, match="no loss 'l1'"):
        curve.fit("tanks", loss="l1")


def test_a_wrong_point_weighs_less_with_a_robust_loss() -> None:
    t = np.linspace(0.0, 250.0, 100)
    c = t**2 * np.exp(-t / 20.0) / 16000.0
    c[70] += 0.005
    curve = tt.tracer(t, c)
    plain, robust = curve.fit("tanks"), curve.fit("tanks", loss="cauchy", loss_scale=1e-5)
    assert abs(robust["mean"].value - 60.0) < 0.05 * abs(plain["mean"].value - 60.0)


def test_models_are_ranked() -> None:
    ranking = three_tanks(1e-4).rank(["dispersion", "tanks", "nonsense", "plug+tanks"])
    assert ranking[0].model == "tanks"
    assert ranking.weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert len(ranking) == 3
    assert "nonsense" in ranking.failures
    assert "nonsense" in repr(ranking)


def test_fits_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    curve = three_tanks(1e-4)
    curve.fit("tanks").plot(tmp_path / "fit.png")
    curve.rank(["tanks", "dispersion"]).plot(tmp_path / "rank.png")
    assert (tmp_path / "fit.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "rank.png").read_bytes().startswith(b"\x89PNG")


# --- dispersion ---


def test_a_capillary() -> None:
    # reference case g3-13: Taylor 1953, Aris 1956
    size = {"length": "10 m", "diameter": "1 mm", "diffusivity": "1e-9 m^2/s"}
    report = tt.flow_regime("tube", flow="1 mL/min", **size)
    assert report.bodenstein == pytest.approx(90.4778298466333, rel=1e-13)
    assert report.residence_time == pytest.approx(471.23889803846896, rel=1e-13)
    assert report.model == "dispersion"
    assert report.correlation.name == "taylor-aris"
    assert tt.dispersion("tube", flow="1 mL/min", **size) == pytest.approx(0.0023453987694985593, rel=1e-13)
    assert "warning" in repr(report)
    assert "Aris" in repr(report)
    water = tt.flow_regime("tube", flow="1 mL/min", density="1 kg/L", viscosity="1 mPa s", **size)
    assert water.regime == "laminar"
    assert water.warning == ""
    assert "Fo 1.88" in water.why


def test_dimensions_that_are_none() -> None:
    with pytest.raises(tt.InputError, match="no geometry 'pipe'"):
        tt.flow_regime("pipe")
    with pytest.raises(tt.InputError, match="no dimension"):
        tt.flow_regime("tube", width=1.0)
    with pytest.raises(tt.InputError, match="velocity is needed"):
        tt.flow_regime("tube", length=1.0)
    with pytest.raises(tt.UnitsError):
        tt.flow_regime("tube", length="1 s")


def test_relations_name_their_sources() -> None:
    rows = tt.correlations()
    assert {"taylor-aris", "coil", "chung-wen", "parallel-plates"} <= {row.name for row in rows}
    assert all(re.search(r"1[89]\d\d|20\d\d", row.source) for row in rows)


def test_a_fit_is_saved_with_its_times(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    fit = levenspiel().fit("tanks")
    fit.save(tmp_path / "fit.h5")
    with h5py.File(tmp_path / "fit.h5") as file:
        assert np.array_equal(file["fit/points/time"], fit.t)
        assert file["fit/points/measured"].attrs["units"] == "g/L"
        assert file["fit/parameters/unit"][0].decode() == "s"
        assert list(file["fit/parameters/value"]) == [p.value for p in fit.parameters.values()]
        assert file["fit"].attrs["converged"] == 1

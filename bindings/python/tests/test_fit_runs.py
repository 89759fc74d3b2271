# SPDX-License-Identifier: Apache-2.0
"""Fits of a train's parameters to measured runs."""

from __future__ import annotations

import json
import math
import re
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tautrain as tt

TIME, A, B, K = "units/flask/time", "outlet/c/A", "outlet/c/B", "reactions/a/k"
MINUTES = [1.0, 2.0, 4.0, 6.0, 9.0, 13.0]
LEFT = [0.795, 0.654, 0.433, 0.279, 0.142, 0.058]  # mol/L; invented, with a scatter of 0.005
DATA = {f"{TIME} [min]": MINUTES, f"{A} [mol/L]": LEFT}


def flask(**k: str) -> tt.Model:
    m = tt.Model("flask")
    m.species("A", "B", "C")
    m.reaction("a", "A -> B", k=k.get("a", "0.1 1/min"))
    if "b" in k:
        m.reaction("b", "A -> C", k=k["b"])
    charge = {"volume": "1 L", "concentration": {"A": "1 mol/L"}}
    m.unit("flask", "batch", time="4 min", temperature="25 degC", charge=charge)
    return m


@pytest.fixture(scope="module")
def fitted() -> tt.RunsFit:
    return flask().fit(DATA, K)


@pytest.fixture(scope="module")
def closed() -> tt.Fit:
    return tt.fit_curve("exp(-k*t)", {"t": MINUTES}, LEFT, {"k": 0.1})


def test_it_is_the_fit_of_the_closed_form(fitted: tt.RunsFit, closed: tt.Fit) -> None:
    assert fitted.names == (K,)
    assert fitted.value[K] == pytest.approx(closed.value["k"] / 60.0, rel=1e-7)
    assert fitted.error[K] == pytest.approx(closed.error["k"] / 60.0, rel=1e-5)
    assert fitted.interval(K) == pytest.approx(np.array(closed.interval("k")) / 60.0, rel=1e-6)
    ends = closed.interval("k", method="profile")
    assert fitted.interval(K, method="profile") == pytest.approx(np.array(ends) / 60.0, rel=1e-6)
    assert fitted.chi2 == pytest.approx(closed.chi2, rel=1e-6)
    np.testing.assert_allclose(fitted.fitted, closed.fitted, atol=1e-7)
    np.testing.assert_allclose(fitted.residuals + fitted.fitted, LEFT, rtol=1e-14)
    assert (fitted.dof, fitted.message, fitted.derivatives) == (5, "", "sensitivities")


def test_points_are_in_the_units_of_their_columns(fitted: tt.RunsFit) -> None:
    point = fitted.points[2]
    assert (point.run, point.observable, point.unit, point.sigma) == (2, A, "mol/L", 1.0)
    assert point.measured == pytest.approx(LEFT[2])
    assert point.residual == fitted.residuals[2]


def test_other_runs_have_a_band(fitted: tt.RunsFit, closed: tt.Fit) -> None:
    values, half = fitted.predict({f"{TIME} [s]": [30.0, 600.0]}, observables=[f"{A} [mol/L]", B], level=0.9)
    want, wanted = closed.predict({"t": [0.5, 10.0]}, level=0.9)
    assert values.shape == (2, 2)
    np.testing.assert_allclose(values[:, 0], want, atol=1e-7)
    np.testing.assert_allclose(half[:, 0], wanted, rtol=1e-4)
    np.testing.assert_allclose(values[:, 1], 1000.0 * (1.0 - want), atol=1e-4)  # SI
    at_points, _ = fitted.predict()
    np.testing.assert_allclose(at_points[:, 0], fitted.fitted, rtol=1e-14)


@pytest.mark.parametrize("log", [(), (K,)])
def test_another_train_has_a_band(log: tuple[str, ...], closed: tt.Fit) -> None:
    fit = flask().fit(DATA, K, log=log)
    coil = tt.Model("coil")
    coil.species("A", "B")
    coil.reaction("a", "A -> B", k="1 1/min")
    coil.feed("f", flow="1 mL/min", temperature="25 degC", concentration={"A": "1 mol/L"})
    coil.unit("coil", "pfr", inlets="f", volume="3 mL", temperature="25 degC")
    s = coil.compile().sensitivity([K], [A, "outlet/T"], inputs=fit.value)
    want, wanted = closed.predict({"t": [3.0]}, level=0.9)
    half = dict(zip(s.observables, fit.band(s, level=0.9), strict=True))
    assert s.result.value(A, "mol/L") == pytest.approx(want[0], rel=1e-6)
    assert half[A] / 1000.0 == pytest.approx(wanted[0], rel=1e-4)
    assert half["outlet/T"] == 0.0
    with pytest.raises(tt.PathError, match="are not to 'reactions/a/k'"):
        fit.band(coil.compile().sensitivity("units/coil/volume", A))


def test_an_interrupt_ends_it() -> None:
    class AlarmError(Exception):
        pass

    def raise_it(number: int, frame: object) -> None:
        raise AlarmError

    rows = np.linspace(0.1, 20.0, 4000)
    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(AlarmError):
            flask().fit({f"{TIME} [min]": rows, f"{A} [mol/L]": np.exp(-0.2 * rows)}, {K: "3 1/min"})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_the_model_has_the_fitted_values_with_their_errors(fitted: tt.RunsFit) -> None:
    written = fitted.model
    parameter = written.compile().parameters[K]
    assert parameter.value == pytest.approx(fitted.value[K], rel=1e-14)
    assert parameter.uncertainty == pytest.approx(fitted.error[K], rel=1e-2)
    assert parameter.unit == "1/min"
    again = written.fit(DATA, K)
    assert again.value[K] == pytest.approx(fitted.value[K], rel=1e-9)


def test_a_logarithm_ends_above_zero(fitted: tt.RunsFit) -> None:
    log = flask().fit(DATA, {K: "10 1/min"}, log=[K], bounds={K: ("1e-4 1/min", None)})
    assert log.log == (K,)
    assert log.value[K] == pytest.approx(fitted.value[K], rel=1e-7)
    assert log.error[K] == pytest.approx(fitted.error[K], rel=1e-5)
    assert math.sqrt(log.covariance[0, 0]) == pytest.approx(log.error[K])
    lower, upper = log.interval(K)
    assert lower * upper == pytest.approx(log.value[K] ** 2)
    assert log.interval(K, method="profile") == pytest.approx(fitted.interval(K, method="profile"), rel=1e-6)
    assert "reactions/a/k" in repr(log)
    assert "ln" not in repr(log)


def test_what_is_not_determined_is_named() -> None:
    both = flask(a="0.1 1/min", b="0.1 1/min").fit(DATA, "reactions/*/k")
    assert "do not determine reactions/a/k, reactions/b/k" in both.message
    assert both.message in repr(both)
    assert math.isnan(both.error[K])
    assert "+/-" not in str(both.model)


def test_a_table_of_pandas_with_empty_cells_and_sigma() -> None:
    pandas = pytest.importorskip("pandas")
    n = np.nan
    table = pandas.DataFrame(
        {
            f"{TIME} [min]": [2.0, 5.0, 9.0],
            f"{A} [mmol/L]": [650.0, 365.0, n],
            f"sigma({A}) [mmol/L]": [5.0, 5.0, n],
            f"{B} [mol/L]": [n, 0.64, 0.85],
        }
    )
    fit = flask().fit(table, [K], sigma={B: "0.02 mol/L"}, absolute_sigma=True)
    assert [(p.run, p.observable) for p in fit.points] == [(0, A), (1, A), (1, B), (2, B)]
    weight = np.array([1 / 5.0, 1 / 5.0, 1 / 20.0, 1 / 20.0]) * 1000.0
    t, y = np.array([2.0, 5.0, 5.0, 9.0]), np.array([0.65, 0.365, 0.64, 0.85])
    sign = np.array([1.0, 1.0, -1.0, -1.0])
    closed = tt.fit(
        lambda k: np.where(sign > 0, 0.0, 1.0) + sign * np.exp(-k * t),
        y, {"k": 0.1}, sigma=1.0 / weight, absolute_sigma=True,
    )  # fmt: skip
    assert fit.value[K] == pytest.approx(closed.value["k"] / 60.0, rel=1e-7)
    assert fit.error[K] == pytest.approx(closed.error["k"] / 60.0, rel=1e-5)
    assert fit.chi2 == pytest.approx(closed.chi2, rel=1e-6)


def test_a_temperature_is_measured_in_degrees() -> None:
    m = flask()
    m.remove("units/flask/temperature")
    m.set("units/flask/heat", "adiabatic")
    m.set("units/flask/charge/temperature", "25 degC")
    m.set("solvent", "water")
    m.set("reactions/a/heat", "-60 kJ/mol")
    for name in "AB":
        m.set(f"species/{name}/molar_mass", "50 g/mol")
    truth = m.run({K: "0.2 1/min"})
    measured = truth.value("outlet/T", "degC")
    fit = m.fit({f"{TIME} [min]": [4.0], "outlet/T [degC]": [measured]}, K)
    assert fit.value[K] == pytest.approx(0.2 / 60.0, rel=1e-6)
    assert fit.fitted[0] == pytest.approx(measured, abs=1e-6)
    values, _ = fit.predict(observables="outlet/T [degC]")
    assert values[0, 0] == pytest.approx(measured, abs=1e-6)


@pytest.mark.parametrize(
    ("data", "parameters", "options", "kind", "said"),
    [
        ({A: [1.0]}, "reactions/b/k", {}, tt.PathError, "'reactions/b/k'"),
        ({"outlet/c/X": [1.0]}, K, {}, tt.PathError, "did you mean 'outlet/c/"),
        ({TIME: [1.0]}, K, {}, tt.InputError, "no measured values"),
        ({TIME: [1.0, 2.0], A: [1.0, 2.0, 3.0]}, K, {}, tt.InputError, "3 rows"),
        ({f"{A} [K]": [1.0]}, K, {}, tt.UnitsError, "is in K"),
        ({A: ["x"]}, K, {}, tt.InputError, "no numbers"),
        ({A: [1.0], f"{A} [mol/L]": [1.0]}, K, {}, tt.InputError, "two columns"),
        ({A: [1.0], f"sigma({B})": [1.0]}, K, {}, tt.PathError, "no such column"),
        ({A: [1.0], B: [1.0], f"sigma({A})": [1.0]}, K, {}, tt.InputError, "has no sigma"),
        ({A: [1.0]}, K, {"log": ["reactions/a"]}, tt.PathError, "'reactions/a' is not fitted"),
        ({A: [1.0], K: [1.0]}, K, {}, tt.InputError, "is an input of the runs"),
        ({A: [1.0], TIME: [-1.0]}, K, {}, tt.InputError, "run 0, at the start of the fit"),
        ({A: [math.nan]}, K, {}, tt.InputError, "0 points are given"),
        (17, K, {}, tt.InputError, "a table, a mapping of columns or a CSV file"),
    ],
)  # fmt: skip
def test_mistakes_are_named(data: Any, parameters: Any, options: Any, kind: type, said: str) -> None:
    with pytest.raises(kind, match=re.escape(said)):
        flask().fit(data, parameters, **options)


def test_a_fit_without_an_end_hands_out_the_best() -> None:
    with pytest.raises(tt.ConvergenceError) as caught:
        flask().fit(DATA, {K: "3 1/min"}, max_iterations=1)
    assert isinstance(caught.value.fit, tt.RunsFit)
    assert 0.0 < caught.value.fit.value[K] < 3.0 / 60.0


def test_a_picture(fitted: tt.RunsFit, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    figure = fitted.plot(tmp_path / "fit.png")
    above, below = figure.axes
    assert (tmp_path / "fit.png").stat().st_size > 1000
    assert above.get_ylabel() == "measured [mol/L]"
    np.testing.assert_allclose(below.get_lines()[0].get_ydata(), fitted.residuals, atol=1e-15)


# --- command line ---


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    flask().write(tmp_path / "flask.yaml")
    lines = ["# a flask", *(f"{t},{c}" for t, c in zip(MINUTES, LEFT, strict=True)), "20,"]
    lines.insert(1, f"{TIME} [min],{A} [mol/L]")
    (tmp_path / "flask.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(tmp_path / "flask.yaml"), str(tmp_path / "flask.csv")


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    from tautrain import cli

    with pytest.raises(SystemExit) as end:
        cli.main(["fit", *arguments])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err


def test_the_command_prints_and_writes(
    files: tuple[str, str], fitted: tt.RunsFit, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = str(tmp_path / "fitted.yaml")
    code, said, _ = command(capsys, *files, "--parameter", K, "--out", out, "--plot", str(tmp_path / "p.png"))
    assert code == 0
    for words in (K, "95 % from", "fitted.yaml"):
        assert words in said
    assert tt.read(out).compile().parameters[K].value == pytest.approx(fitted.value[K])
    assert (tmp_path / "p.png").exists()
    code, _, error = command(capsys, *files, "--parameter", K, "--out", out)
    assert (code, "--force" in error) == (2, True)


def test_the_command_gives_json(
    files: tuple[str, str], fitted: tt.RunsFit, capsys: pytest.CaptureFixture[str]
) -> None:
    bounds = ("--bounds", f"{K}=0.01 1/min:")
    code, said, _ = command(capsys, *files, "--parameter", f"{K}=0.5 1/min", *bounds, "--log", K, "--json")
    found = json.loads(said)
    assert code == 0
    assert found["parameters"][K]["value"] == pytest.approx(fitted.value[K])
    assert found["parameters"][K]["unit"] == "1/s"
    assert (found["dof"], len(found["points"]), found["points"][1]["measured"]) == (5, 6, 0.654)


def test_the_command_names_mistakes(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, error = command(capsys, *files, "--parameter", K, "--bounds", K)
    assert (code, "path=lower:upper" in error) == (2, True)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(f"{TIME},{A}\n1,2\n1,x\n", encoding="utf-8")
    code, _, error = command(capsys, files[0], str(wrong), "--parameter", K)
    assert (code, "wrong.csv:3: 'x' is no number" in error) == (2, True)
    wrong.write_text(f"{TIME},{A}\n1\n", encoding="utf-8")
    assert "1 cells; the head has 2" in command(capsys, files[0], str(wrong), "--parameter", K)[2]
    wrong.write_text("", encoding="utf-8")
    assert "a head and rows" in command(capsys, files[0], str(wrong), "--parameter", K)[2]
    assert "cannot be read" in command(capsys, files[0], str(tmp_path / "none.csv"), "--parameter", K)[2]

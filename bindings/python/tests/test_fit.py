# SPDX-License-Identifier: Apache-2.0
"""Fits of curves and of functions."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt

# D. M. Bates and D. G. Watts, Nonlinear Regression Analysis (1988), A1.4 (BOD) and A1.3 (Puromycin, treated);
# values of R's nls.
DAYS = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0]
DEMAND = [8.3, 10.3, 19.0, 16.0, 15.6, 19.8]
S = [0.02, 0.02, 0.06, 0.06, 0.11, 0.11, 0.22, 0.22, 0.56, 0.56, 1.1, 1.1]
RATE = [76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200]


@pytest.fixture(scope="module")
def bod() -> tt.Fit:
    return tt.fit_curve("A*(1 - exp(-k*t))", {"t": DAYS}, DEMAND, {"A": 20, "k": 0.24})


def test_bod_is_that_of_the_book(bod: tt.Fit) -> None:
    assert bod.names == ("A", "k")
    assert bod.value["A"] == pytest.approx(19.1426, abs=1e-4)
    assert bod.value["k"] == pytest.approx(0.531091, abs=1e-6)
    assert bod.error["A"] == pytest.approx(2.49592, abs=1e-5)
    assert bod.error["k"] == pytest.approx(0.203082, abs=1e-6)
    assert bod.sigma == pytest.approx(2.549, abs=5e-4)
    assert bod.dof == 4
    assert bod.message == ""
    assert bod.derivatives == "expression"
    assert np.sqrt(np.diag(bod.covariance)) == pytest.approx(list(bod.error.values()))
    assert bod.correlation[0, 1] == pytest.approx(bod.covariance[0, 1] / bod.error["A"] / bod.error["k"])
    np.testing.assert_allclose(bod.fitted + bod.residuals, DEMAND, rtol=1e-14)
    assert bod.chi2 == pytest.approx((bod.residuals**2).sum())
    assert bod.r_squared == pytest.approx(1 - bod.chi2 / np.sum((np.array(DEMAND) - np.mean(DEMAND)) ** 2))
    with pytest.raises(ValueError, match="read-only"):
        bod.covariance[0, 0] = 1.0


def test_intervals_are_by_t_or_by_profile(bod: tt.Fit) -> None:
    lower, upper = bod.interval("A")
    assert upper - bod.value["A"] == pytest.approx(2.7764451052 * bod.error["A"], rel=1e-9)  # t(0.975; 4)
    assert upper - bod.value["A"] == pytest.approx(bod.value["A"] - lower)
    low, high = bod.interval("A", method="profile")  # not symmetric: the plateau is not reached
    assert high - bod.value["A"] > 1.2 * (bod.value["A"] - low)
    for end in (low, high):  # chi2 with A held there is chi2 (1 + F/dof)
        held = tt.fit_curve("A*(1 - exp(-k*t))", {"t": DAYS}, DEMAND, {"A": end, "k": 0.5}, fixed="A")
        assert held.chi2 == pytest.approx(bod.chi2 * (1 + 2.7764451052**2 / 4), rel=1e-8)
    low, high = bod.interval("k", 0.99, method="profile")
    assert math.isinf(high)  # k without end is a level
    with pytest.raises(tt.InputError, match="level"):
        bod.interval("k", 1.5)
    with pytest.raises(tt.InputError, match="profile"):
        bod.interval("k", method="bootstrap")
    with pytest.raises(tt.PathError, match="'b'"):
        bod.interval("b")


def test_the_band_is_by_the_gradient(bod: tt.Fit) -> None:
    t = np.array([0.5, 3.0, 20.0])
    values, half = bod.predict({"t": t}, level=0.95)
    A, k = bod.value["A"], bod.value["k"]
    J = np.stack([1 - np.exp(-k * t), A * t * np.exp(-k * t)], axis=1)
    np.testing.assert_allclose(values, A * (1 - np.exp(-k * t)), rtol=1e-14)
    want = 2.7764451052 * np.sqrt(np.einsum("ij,jk,ik->i", J, bod.covariance, J))
    np.testing.assert_allclose(half, want, rtol=1e-9)
    np.testing.assert_allclose(bod.predict()[0], bod.fitted)
    with pytest.raises(tt.PathError, match="'t'"):
        bod.predict({"x": t})


def test_a_function_gives_the_same_by_every_kind_of_derivative() -> None:
    s = np.array(S)
    start = {"Vm": 200.0, "Km": 0.1}

    def plain(Vm: float, Km: float) -> np.ndarray:
        return Vm * s / (Km + s)

    def with_derivatives(Vm: float, Km: float) -> tuple[np.ndarray, np.ndarray]:
        return plain(Vm, Km), np.stack([s / (Km + s), -Vm * s / (Km + s) ** 2], axis=1)

    def real_only(Vm: float, Km: float) -> list[float]:
        return [float(Vm) * x / (float(Km) + x) for x in S]

    curve = tt.fit_curve("Vm*s/(Km + s)", {"s": s}, RATE, start)
    assert curve.value["Vm"] == pytest.approx(212.7, abs=0.05)  # R: 212.7 (6.947), 0.06412 (0.008281), 10.93
    assert curve.error["Km"] == pytest.approx(0.008281, abs=5e-7)
    for function, kind in (
        (plain, "complex step"),
        (with_derivatives, "function"),
        (real_only, "differences"),
    ):
        f = tt.fit(function, RATE, start)
        assert f.derivatives == kind
        rel = 1e-8 if kind == "differences" else 1e-11
        for name in start:
            assert f.value[name] == pytest.approx(curve.value[name], rel=rel)
            assert f.error[name] == pytest.approx(curve.error[name], rel=1e-6)
        assert f.interval("Km", method="profile") == pytest.approx(
            curve.interval("Km", method="profile"), rel=1e-6
        )
        np.testing.assert_allclose(f.predict()[1], curve.predict()[1], rtol=1e-5)
        at_half = f.predict(lambda Vm, Km: np.array([Vm * 0.5 / (Km + 0.5)]))
        np.testing.assert_allclose(at_half, curve.predict({"s": 0.5}), rtol=1e-5)


def test_a_complex_step_that_is_cut_off_is_found_out() -> None:
    s = np.array(S)
    f = tt.fit(lambda Vm, Km: Vm * s / (np.abs(Km) + s) + 0j, np.array(RATE), {"Vm": 200.0, "Km": 0.1})
    assert f.derivatives == "differences"
    assert f.value["Km"] == pytest.approx(0.0641213, abs=1e-6)


def test_bounds_fixed_and_weights() -> None:
    x = np.linspace(0, 2, 9)
    y = 1.0 + 2.0 * x + 0.1 * np.cos(7 * x)
    f = tt.fit_curve("a + b*x", {"x": x}, y, {"a": 0, "b": 0}, bounds={"b": (None, 1.5)})
    assert f.value["b"] == 1.5
    assert "upper bound" in f.message
    assert math.isnan(f.error["b"])
    assert "at its upper bound" in repr(f)
    g = tt.fit_curve("a + b*x", {"x": x}, y, {"a": 1, "b": 0}, fixed=["a"])
    assert g.value["a"] == 1.0
    assert g.value["b"] == pytest.approx(np.dot(x, y - 1) / np.dot(x, x), rel=1e-12)
    sigma = 0.1 + 0.05 * x
    V = np.linalg.inv((np.stack([np.ones(9), x]) / sigma**2) @ np.stack([np.ones(9), x], axis=1))
    h = tt.fit_curve("a + b*x", {"x": x}, y, {"a": 0, "b": 0}, sigma=sigma, absolute_sigma=True)
    np.testing.assert_allclose(h.covariance, V, rtol=1e-11)
    half = h.interval("a")[1] - h.value["a"]
    assert half == pytest.approx(1.959963984540054 * h.error["a"], rel=1e-12)


def test_robust_losses_set_a_wrong_point_aside() -> None:
    x = np.linspace(0, 3, 12)
    y = 2 * np.exp(-x) + 0.003 * np.sin(9 * np.arange(12))
    y[4] += 1
    start = {"A": 1, "k": 0.5}
    off = abs(tt.fit_curve("A*exp(-k*x)", {"x": x}, y, start).value["k"] - 1)
    for loss in ("huber", "soft_l1", "cauchy"):
        f = tt.fit_curve("A*exp(-k*x)", {"x": x}, y, start, loss=loss, loss_scale=0.01)
        assert abs(f.value["k"] - 1) < 0.1 * off
    with pytest.raises(tt.InputError, match="'l2'"):
        tt.fit_curve("A*exp(-k*x)", {"x": x}, y, start, loss="l2")


@pytest.mark.parametrize("start", ["start1", "start2"])
@pytest.mark.parametrize("case", ["g7-02-nist-boxbod", "g7-05-nist-mgh10", "g7-06-nist-bennett5"])
def test_certified_values_of_nist(case: str, start: str) -> None:
    file = Path(__file__).parents[3] / "tests/oracle" / case / "case.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    curve = {
        "g7-02": "b1*(1 - exp(-b2*x))",
        "g7-05": "b1*exp(b2/(x + b3))",
        "g7-06": "b1*(b2 + x)^(-1/b3)",
    }[case[:5]]
    inputs = {name: item["value"] for name, item in data["inputs"].items()}
    begin = {f"b{i + 1}": b for i, b in enumerate(inputs[start])}
    f = tt.fit_curve(curve, {"x": inputs["x"]}, inputs["y"], begin)
    assert list(f.value.values()) == pytest.approx(data["outputs"][0]["value"], rel=1e-8)
    assert list(f.error.values()) == pytest.approx(data["outputs"][1]["value"], rel=1e-6)


def test_mistakes_are_of_their_kind() -> None:
    with pytest.raises(tt.InputError, match="column 3"):
        tt.fit_curve("A*(t", {"t": DAYS}, DEMAND, {"A": 1})
    with pytest.raises(tt.PathError, match=r"column 3.*did you mean"):
        tt.fit_curve("A*tt", {"t": DAYS}, DEMAND, {"A": 1})
    with pytest.raises(tt.PathError, match="does not occur"):
        tt.fit_curve("A*t", {"t": DAYS}, DEMAND, {"A": 1, "B": 1})
    with pytest.raises(tt.InputError, match="6 values"):
        tt.fit_curve("A*t", {"t": DAYS}, DEMAND[1:], {"A": 1})
    with pytest.raises(tt.InputError, match="sigma of point 0"):
        tt.fit_curve("A*t", {"t": DAYS}, DEMAND, {"A": 1}, sigma=0)
    with pytest.raises(tt.DomainError, match="start"):
        tt.fit_curve("log(A)*t", {"t": DAYS}, DEMAND, {"A": -1})
    with pytest.raises(tt.PathError, match="'B' has no start"):
        tt.fit_curve("A*t", {"t": DAYS}, DEMAND, {"A": 1}, bounds={"B": (0, 1)})
    with pytest.raises(tt.InputError, match="6 values are needed"):
        tt.fit(lambda A: np.array([A, A]), DEMAND, {"A": 1.0})


def test_what_gives_up_says_how_far_it_came() -> None:
    with pytest.raises(tt.ConvergenceError, match="1 iterations") as error:
        tt.fit_curve("A*(1 - exp(-k*t))", {"t": DAYS}, DEMAND, {"A": 1, "k": 0.01}, max_iterations=1)
    assert error.value.fit is not None
    assert "not converged" in error.value.fit.message


def test_an_exception_of_the_function_comes_out() -> None:
    calls = []

    def bad(A: float) -> np.ndarray:
        calls.append(A)
        if len(calls) > 12:
            raise KeyError("mine")
        return A * np.array(DAYS)

    with pytest.raises(KeyError, match="mine"):
        tt.fit(bad, DEMAND, {"A": 1.0})


def test_an_arithmetic_error_means_try_nearer() -> None:
    def narrow(A: float) -> np.ndarray:
        if abs(A) > 4.5:
            raise OverflowError
        return A * np.array(DAYS)

    f = tt.fit(narrow, DEMAND, {"A": 0.1})
    assert f.value["A"] == pytest.approx(np.dot(DAYS, DEMAND) / np.dot(DAYS, DAYS), rel=1e-10)


def test_what_the_data_do_not_determine_is_said() -> None:
    f = tt.fit_curve("a*b*t", {"t": DAYS}, DEMAND, {"a": 1, "b": 2})
    assert "do not determine a, b" in f.message
    assert math.isnan(f.error["a"])


def test_tables_and_pictures(bod: tt.Fit, tmp_path: Path) -> None:
    text = repr(bod)
    assert text.startswith("A*(1 - exp(-k*t))")
    assert "19.142575" in text
    assert "degrees of freedom" in text
    assert "<table>" in bod._repr_html_()
    pandas = pytest.importorskip("pandas")
    frame = bod.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.loc["A", "upper"] == bod.interval("A")[1]
    pytest.importorskip("matplotlib")
    figure = bod.plot(tmp_path / "fit.png")
    assert (tmp_path / "fit.png").stat().st_size > 1000
    assert len(figure.axes) == 2
    band = tt.fit(lambda A: A * np.array(DAYS), DEMAND, {"A": 1.0}).plot()
    assert band.axes[1].get_xlabel() == "point"


def test_a_fit_outlives_what_it_was_made_of() -> None:
    t = np.array(DAYS)
    f = tt.fit_curve("A*(1 - exp(-k*t))", {"t": t}, np.array(DEMAND), {"A": 20, "k": 0.24})
    before = f.interval("k", 0.8, method="profile")
    t[:] = np.nan
    assert f.interval("k", 0.8, method="profile") == before
    with pytest.raises(TypeError):
        pickle.dumps(f)


def test_a_fit_is_saved(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    x = np.arange(5.0)
    fit = tt.fit_curve("a + b*x", {"x": x}, [1.0, 2.9, 5.1, 7.0, 9.1], {"a": 0.0, "b": 1.0})
    fit.save(tmp_path / "fit.h5")
    with pytest.raises(tt.ExistsError, match="overwrite=True"):
        fit.save(tmp_path / "fit.h5")
    fit.save(tmp_path / "fit.h5", overwrite=True)
    with h5py.File(tmp_path / "fit.h5") as file:
        rows, points = file["fit/parameters"], file["fit/points"]
        assert [name.decode() for name in rows["path"]] == ["a", "b"]
        assert list(rows["value"]) == [fit.value["a"], fit.value["b"]]
        assert list(rows["standard_error"]) == [fit.error["a"], fit.error["b"]]
        assert np.array_equal(rows["covariance"], fit.covariance)
        assert np.allclose(points["measured"], [1.0, 2.9, 5.1, 7.0, 9.1], rtol=1e-15, atol=0.0)
        assert np.array_equal(points["fitted"], fit.fitted)
        assert file["fit"].attrs["chi2"] == fit.chi2
        assert file["fit"].attrs["dof"] == 3

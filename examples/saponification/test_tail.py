# SPDX-License-Identifier: Apache-2.0
"""The breakthrough of the coil against curves made by quadrature, the interval against formulas."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt

sys.path.insert(0, str(Path(__file__).parent))
import saponification
import tail
from saponification import C0_TUBE, Array, Kinetics, Steady
from tail import Interval

K = Kinetics(0.09, 53e3)


@pytest.fixture(scope="module")
def coil() -> list[Steady]:
    return saponification.measured()


@pytest.fixture(scope="module")
def found(coil: list[Steady]) -> list[Interval]:
    return [tail.interval(run) for run in coil]


def made(start: float, plug: float, mean: float, n: int) -> tuple[Array, Array]:
    """Log of a coil of plug flow and n tanks at 30 degC: water, then the integral of E L_batch."""
    ages = np.linspace(plug, plug + 40.0 * mean, 200_001)
    theta = n * (ages - plug) / mean
    E = n / mean * theta ** (n - 1) * np.exp(-theta) / math.factorial(n - 1)
    k = 0.09 * math.exp(-53e3 / 8.31446261815324 * (1.0 / 303.15 - 1.0 / 298.15))
    X = k * C0_TUBE * ages / (1.0 + k * C0_TUBE * ages)
    warmer = 30.0 + 273.0 - 294.0
    L = C0_TUBE * (195.0 * (1.0 + 0.0184 * warmer) * (1.0 - X) + 70.0 * (1.0 + 0.0284 * warmer) * X)
    f = E * (L - 0.05)
    left = np.concatenate([[0.0], np.cumsum(0.5 * (f[1:] + f[:-1]) * np.diff(ages))])
    t = np.arange(136.0, 540.0, 1.0)
    return t, 0.05 + np.interp(t - start, ages, left)


def test_the_batch_conductivity_is_the_relation_turned_round() -> None:
    ages = np.array([0.0, 50.0, 150.0, 400.0])
    L = tail.batch_conductivity(ages, K, 30.0)
    Da = tail.rate_constant(K, 30.0) * C0_TUBE * ages
    assert saponification.conversion(L, C0_TUBE, 30.0) == pytest.approx(Da / (1.0 + Da), abs=1e-12)


@pytest.mark.parametrize(("start", "plug", "n"), [(60.0, 128.0, 4), (60.0, 90.0, 8)])
def test_a_made_breakthrough_gives_its_distribution_back(start: float, plug: float, n: int) -> None:
    t, L = made(start, plug, 150.0 - plug, n)
    found = tail.breakthrough(t, L, K, 30.0)
    assert found.start == pytest.approx(start, abs=2e-3)  # trapezoids, on both sides
    assert found.fit["area"].value == pytest.approx(1.0, abs=1e-5)
    assert found.fit["0/mean"].value == pytest.approx(plug, abs=1e-3)
    assert found.fit["1/n"].value == pytest.approx(n, rel=1e-4)
    assert found.fit.rtd.sigma == pytest.approx((150.0 - plug) / math.sqrt(n), rel=1e-4)


def test_the_reaction_would_shift_the_curve() -> None:
    # fresh material conducts more: L alone, taken for a tracer, has the mean age of E L_batch, not of E
    t, L = made(60.0, 90.0, 60.0, 4)
    right = tail.breakthrough(t, L, K, 30.0).tracer
    plain = tt.tracer(t, L, kind="step up", start=60.0, n_first=tail.N_WATER, n_last=20)
    assert right.mean.value == pytest.approx(150.0, abs=0.01)
    assert right.variance.value == pytest.approx(60.0**2 / 4.0, rel=1e-3)
    assert plain.mean.value < 148.5


def test_the_mean_is_that_of_the_log(coil: list[Steady]) -> None:
    for run in coil:
        log = saponification.read(saponification.TUBE_LOG, run.name, "run")
        assert set(log["residence_time_s_reported"].tolist()) == {tail.MEAN}
        assert tail.tail(run.name).fit.rtd.mean == pytest.approx(tail.MEAN, abs=1e-5)


def test_the_model_is_first_or_second_of_five(coil: list[Steady]) -> None:
    models = ["tanks", "dispersion", "dispersion-open", "plug+tanks", "plug+dispersion"]
    for run in coil:
        ranking = tail.tail(run.name).tracer.rank(models)
        assert tail.MODEL in [fit.model for fit in ranking][:2]


def test_segregated_is_the_integral_of_the_flask_over_the_ages(
    coil: list[Steady], found: list[Interval]
) -> None:
    for run, x in zip(coil, found, strict=True):
        p = tail.tail(run.name).fit
        plug, mean, n = (p[name].value for name in ("0/mean", "1/mean", "1/n"))
        v = np.linspace(1e-9, 8.0, 400_001)  # v^2 = n (a - plug)/mean, of the gamma distribution
        u = v * v
        E = 2.0 * v * np.exp((n - 1.0) * np.log(u) - u - math.lgamma(n))
        Da = tail.rate_constant(tail.line(), run.T) * C0_TUBE * (plug + mean * u / n)
        expected = float(np.trapezoid(E * Da / (1.0 + Da), v))
        assert x.value == pytest.approx(expected, abs=2e-6)


def test_spread_costs_conversion_and_mixing_more(found: list[Interval]) -> None:
    for x in found:  # second order: plug > segregated > maximum mixedness
        assert x.plug > x.value > x.mixed
        assert x.ends == max(x.plug - x.value, x.value - x.mixed)
        assert x.ends < 0.003  # README.md: the tail is not what is missing


def test_the_scatter_between_flasks() -> None:
    # three points leave one direction to a line, that across 1 and x: deviations are the part of ln k along
    # it, and the variance of the line at a point is 1 less the square of its component
    x = 1.0 / (np.array([25.0, 30.0, 35.0]) + 273.15)
    across = np.cross(np.ones(3), x)
    across /= np.linalg.norm(across)
    s = abs(float(across @ np.log([saponification.rate_constant(T) for T in (25, 30, 35)])))
    for T, component in zip((25.0, 30.0, 35.0), across.tolist(), strict=True):
        assert tail.scatter(T) == pytest.approx(s * math.sqrt(1.0 - component**2), rel=1e-6)
    assert pytest.approx(12.706, abs=5e-4) == tail.STUDENT_1  # any table of Student's t, 95 %, one degree


def test_contributions_written_out(coil: list[Steady], found: list[Interval]) -> None:
    for run, x in zip(coil, found, strict=True):
        X = x.plug
        # dX/dln k = X (1 - X) in plug flow; the distribution changes it by less than 2 %
        assert x.flasks == pytest.approx(tail.STUDENT_1 * tail.scatter(run.T) * X * (1.0 - X), rel=0.02)
        others = [tail.rate_constant(saponification.kinetics(w), run.T) for w in tail.WINDOWS]
        Da = [k * C0_TUBE * tail.MEAN for k in others]
        assert x.drawn >= max(abs(a / (1.0 + a) - X) for a in Da) - 3e-4
        assert 0.0 < x.tracer < 0.001
        assert 0.0 < x.covariance < 0.01
        parts = (x.tracer, x.ends, x.covariance, x.drawn, x.probe, x.temperature, x.flasks)
        assert x.half_width**2 == pytest.approx(sum(p * p for p in parts), rel=1e-12)
        assert tail.log_step(run.name) == pytest.approx(0.1, abs=0.011)  # written to 0.01 K


def test_the_mean_that_would_be_needed(coil: list[Steady]) -> None:
    for run in coil:
        Da = tail.rate_constant(tail.line(), run.T) * C0_TUBE * tail.needed_mean(run)
        assert Da / (1.0 + Da) == pytest.approx(run.conversion, rel=1e-12)


def test_which_lie_inside(found: list[Interval]) -> None:
    # what README.md says: the narrow interval fails at 30 and 35 degC, the whole one holds
    assert [abs(x.off) <= x.narrow for x in found] == [True, False, False]
    assert all(abs(x.off) <= x.half_width for x in found)


def test_it_draws_and_prints_what_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tail.main()
    readme = (saponification.HERE / "README.md").read_text(encoding="utf-8")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(lines) == 22
    for line in lines:
        assert line in readme
    assert (tmp_path / "saponification-tail.png").read_bytes().startswith(b"\x89PNG")

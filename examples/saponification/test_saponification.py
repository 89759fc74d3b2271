# SPDX-License-Identifier: Apache-2.0
"""The coil predicted from the flasks, against the measured coil and against closed forms."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt

sys.path.insert(0, str(Path(__file__).parent))
import saponification
from saponification import C0_BATCH, C0_TUBE, Kinetics, Steady

TAU = 150.0  # s


@pytest.fixture(scope="module")
def k() -> Kinetics:
    return saponification.kinetics()


@pytest.fixture(scope="module")
def coil() -> list[Steady]:
    return saponification.measured()


def damkoehler(k: Kinetics, T: float) -> float:
    """Damköhler number k c0 tau of the coil at a temperature [degC], written out."""
    R = 8.31446261815324
    rate = k.k_25 * math.exp(-k.Ea / R * (1.0 / (T + 273.15) - 1.0 / 298.15))
    return rate * C0_TUBE * TAU


# Rate constants and conversions found from the same logs before this program existed, to their digits


def test_the_flasks_give_the_rate_constants(k: Kinetics) -> None:
    found = [saponification.rate_constant(T) for T in (25, 30, 35)]
    assert found == pytest.approx([0.0883, 0.1316, 0.1770], abs=0.51e-4)
    assert k.Ea == pytest.approx(53.2e3, abs=50.0)


def test_the_logs_agree_with_the_conversion_beside_them() -> None:
    # column X_from_conductivity, four decimals, checked against the workbook that the log came with
    for T in (25, 30, 35):
        log = saponification.read(saponification.BATCH_LOG, str(T), "T_nominal_C")
        assert saponification.batch(T)[1] == pytest.approx(log["X_from_conductivity"], abs=0.51e-4)


def test_the_measured_conversions(coil: list[Steady]) -> None:
    assert [x.T for x in coil] == pytest.approx([25.41, 29.77, 34.82], abs=0.006)
    assert [x.conversion for x in coil] == pytest.approx([0.4089, 0.5078, 0.6169], abs=0.51e-4)


def test_the_coil_is_the_one_that_the_log_states() -> None:
    log = saponification.read(saponification.TUBE_LOG, "25C", "run")
    tube = saponification.tube()
    result = tube.run()
    assert result.value("residence_time", "s") == pytest.approx(
        log["residence_time_s_reported"][0], rel=1e-12
    )
    inlet = result["reactor"].inlet
    assert inlet.c["NaOH"] == pytest.approx(1e3 * C0_TUBE, rel=1e-12)
    assert inlet.c["EtOAc"] == pytest.approx(1e3 * C0_TUBE, rel=1e-12)


@pytest.mark.parametrize(("i", "expected"), [(0, 0.409), (1, 0.485), (2, 0.571)])
def test_the_tube_is_predicted(k: Kinetics, coil: list[Steady], i: int, expected: float) -> None:
    X = saponification.run(saponification.tube(), k, coil[i].T).value(saponification.CONVERSION)
    Da = damkoehler(k, coil[i].T)
    assert pytest.approx(expected, abs=0.51e-3) == X
    assert pytest.approx(Da / (1.0 + Da), rel=1e-7) == X  # second order, equal concentrations, plug flow
    assert pytest.approx(coil[i].conversion, rel=0.08) == X


@pytest.mark.parametrize("i", range(3))
def test_a_stirred_tank_is_not_the_coil(k: Kinetics, coil: list[Steady], i: int) -> None:
    X = saponification.run(saponification.tank(), k, coil[i].T).value(saponification.CONVERSION)
    Da = damkoehler(k, coil[i].T)
    assert pytest.approx(1.0 + (1.0 - math.sqrt(1.0 + 4.0 * Da)) / (2.0 * Da), rel=1e-7) == X
    assert 0.8 * coil[i].conversion > X


def test_the_flask_goes_through_its_log(k: Kinetics) -> None:
    for T in (25, 30, 35):
        t, X = saponification.batch(T)
        model = saponification.flask(k, T)
        ours = np.interp(t, model.position, 1.0 - model.c["NaOH"] / (1e3 * C0_BATCH))
        off = (ours - X)[saponification.inside(X)]
        # the fitted lines begin at 1/c0 up to 2 % off, and the line of ln k is up to 1.5 % off the three k
        assert math.sqrt(float(np.mean(off**2))) < 0.02


@pytest.mark.parametrize("window", [(-1.0, 2.0), (0.2, 0.7), (0.1, 0.5)])
def test_the_window_does_not_decide(coil: list[Steady], window: tuple[float, float]) -> None:
    # README.md: by at most 0.010, whichever part of the log is taken
    for x, expected in zip(coil, [0.409, 0.485, 0.571], strict=True):
        Da = damkoehler(saponification.kinetics(window), x.T)
        assert Da / (1.0 + Da) == pytest.approx(expected, abs=0.0105)


def test_the_files_hold_the_line(k: Kinetics) -> None:
    for name in ("tube.yaml", "batch.yaml"):
        parameters = tt.read(saponification.HERE / name).compile().parameters
        assert parameters["reactions/saponification/k/k_ref"].value == pytest.approx(k.k_25 / 1e3, rel=1e-3)
        assert parameters["reactions/saponification/k/Ea"].value == pytest.approx(k.Ea, rel=1e-3)


def test_it_saves_draws_and_prints_what_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    saponification.main()
    readme = (saponification.HERE / "README.md").read_text(encoding="utf-8")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(lines) == 5
    for line in lines:
        assert line in readme
    assert (tmp_path / "saponification.png").read_bytes().startswith(b"\x89PNG")
    kept = tt.load(tmp_path / "tube-35C.h5")
    assert kept.value(saponification.CONVERSION) == pytest.approx(0.571, abs=0.51e-3)
    assert len(list(tmp_path.glob("t*-*C.h5"))) == 6

# SPDX-License-Identifier: Apache-2.0
"""Five published tracer pulses: moments, fits, and what the README says."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt

sys.path.insert(0, str(Path(__file__).parent))
import tracer as example


@pytest.fixture(scope="module")
def pulses() -> dict[str, example.Pulse]:
    return {pulse.name: pulse for pulse in example.read()}


@pytest.mark.parametrize("name", example.PUBLISHED)
def test_moments_are_the_published_ones(pulses: dict[str, example.Pulse], name: str) -> None:
    mean, variance = example.PUBLISHED[name]
    assert pulses[name].mean == pytest.approx(mean, rel=0.015)
    assert pulses[name].variance == pytest.approx(variance, rel=0.04)


def test_moments_are_sums_of_the_points(pulses: dict[str, example.Pulse]) -> None:
    # the trapezoid rule by NumPy; pulse A has no published value
    for pulse in pulses.values():
        t, c = pulse.tracer.time, pulse.tracer.signal
        area = np.trapezoid(c, t)
        mean = np.trapezoid(t * c, t) / area
        assert pulse.tracer.mean.value == pytest.approx(mean, rel=1e-12)
        variance = np.trapezoid((t - mean) ** 2 * c, t) / area
        assert pulse.tracer.variance.value == pytest.approx(variance, rel=1e-12)


def test_the_volume_of_the_bed(pulses: dict[str, example.Pulse]) -> None:
    # published with pulse E as 1.05 L, which is 0.6 L/s x 1.752 s of pulse D
    assert tt.convert(pulses["D"].tracer.volume.value, "m^3", "L") == pytest.approx(1.05, rel=0.015)


def test_every_pulse_is_fitted(pulses: dict[str, example.Pulse]) -> None:
    for pulse in pulses.values():
        best = pulse.tracer.rank(example.MODELS)[0]
        assert best.converged
        assert best.r_squared > 0.95
        assert best.residuals == pytest.approx(best.signal - best.fitted, abs=1e-12 * best.signal.max())


def test_it_prints_what_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    example.main()
    readme = (example.HERE / "README.md").read_text(encoding="utf-8")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(lines) == 14
    for line in lines:
        assert line in readme
    assert len(list(tmp_path.glob("tracer-*.png"))) == 10

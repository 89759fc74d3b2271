# SPDX-License-Identifier: Apache-2.0
"""Designs: their points against what mathematics says of them, their pieces, and what is wrong with them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pint
import pytest
import tautrain as tt
import xarray as xr
from known_models import SNAR
from scipy import stats
from tautrain import _core, _design, _normal, _sampling

T, TAU, EA = "units/coil/temperature", "units/coil/residence_time", "reactions/a/k/Ea"
RANGES = {T: ("60 degC", "120 degC"), TAU: ("0.5 min", "2 min")}
Sampler = Callable[..., _design.Design]
SAMPLERS = [tt.latin_hypercube, tt.sobol, tt.halton]


def points(design: Any, train: tt.Train) -> _design.Points:
    return _design.as_design(design).on(train)


def rows(design: Any, train: tt.Train) -> np.ndarray:
    p = points(design, train)
    return p.rows(0, p.n_runs)


def unit_cube(design: Any, train: tt.Train) -> np.ndarray:
    return (rows(design, train) - [333.15, 30.0]) / [60.0, 90.0]


# --- grids and tables ---


def test_a_grid_is_every_combination_the_last_path_fastest(snar_train: tt.Train) -> None:
    p = points({T: tt.linspace("60 degC", "70 degC", 3), TAU: ["1 min", 120.0]}, snar_train)
    assert (p.n_runs, p.shape, p.paths) == (6, (3, 2), (T, TAU))
    expected = [[273.15 + t, tau] for t in (60, 65, 70) for tau in (60, 120)]
    assert p.rows(0, 6) == pytest.approx(np.array(expected))
    assert (p.rows(2, 3) == p.rows(0, 6)[2:5]).all()


@pytest.mark.parametrize(
    "given",
    [
        ["60 degC", "70 degC"],
        [333.15, 343.15],
        np.array([333.15, 343.15]),
        pint.UnitRegistry().Quantity(np.array([60.0, 70.0]), "degC"),
    ],
    ids=["texts", "numbers", "array", "pint"],
)
def test_values_of_a_grid_come_in_any_form(snar_train: tt.Train, given: Any) -> None:
    assert rows({T: given}, snar_train).ravel() == pytest.approx([333.15, 343.15])


def test_one_value_is_an_axis_of_one(snar_train: tt.Train) -> None:
    assert points({T: "60 degC", TAU: [30.0, 60.0]}, snar_train).shape == (1, 2)


def test_logspace_has_equal_ratios() -> None:
    assert tt.logspace("0.1 s", "10 s", 3) == pytest.approx([0.1, 1.0, 10.0])
    with pytest.raises(tt.InputError, match="above zero"):
        tt.logspace(0.0, 1.0, 3)


TABLE = np.array([[333.15, 60.0], [343.15, 30.0], [353.15, 90.0]])
TABLES = {
    "frame": pd.DataFrame({f"{T} [degC]": TABLE[:, 0] - 273.15, f"{TAU} [min]": TABLE[:, 1] / 60}),
    "frame in SI": pd.DataFrame({T: TABLE[:, 0], TAU: TABLE[:, 1]}),
    "array": (TABLE, [T, f"{TAU} [s]"]),
    "dataset": xr.Dataset(
        {T: ("run", TABLE[:, 0] - 273.15, {"units": "degC"}), TAU: ("run", TABLE[:, 1], {"units": "s"})}
    ),
}


@pytest.mark.parametrize("given", TABLES.values(), ids=TABLES)
def test_a_table_gives_its_rows(snar_train: tt.Train, given: Any) -> None:
    assert rows(given, snar_train) == pytest.approx(TABLE)


def test_coordinates_of_a_dataset_alone_are_a_grid(snar_train: tt.Train) -> None:
    p = points(
        xr.Dataset(coords={T: (T, [60.0, 70.0], {"units": "degC"}), TAU: [30.0, 60.0, 90.0]}), snar_train
    )
    assert p.shape == (2, 3)
    assert p.rows(0, 6)[:, 0] == pytest.approx([333.15] * 3 + [343.15] * 3)


def test_an_energy_of_a_table_may_be_a_temperature(snar_train: tt.Train) -> None:
    found = rows(pd.DataFrame({f"{EA} [K]": [4000.0]}), snar_train)
    assert found.item() == pytest.approx(4000.0 * 8.31446261815324)  # Ea/R, R of CODATA 2018


def test_a_csv_file_is_a_table(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(f"# from the lab\n{T} [degC],{TAU} [min]\n60,1\n70, 0.5\n\n80,1.5\n")
    assert rows(str(file), snar_train) == pytest.approx(TABLE)


# --- drawn designs ---


@pytest.mark.parametrize("n", [1, 2, 7, 100, 1000, 5000])
def test_a_latin_hypercube_has_one_point_in_each_slice(snar_train: tt.Train, n: int) -> None:
    u = unit_cube(tt.latin_hypercube(RANGES, n, seed=3), snar_train)
    for j in range(2):
        assert sorted(np.floor(u[:, j] * n).astype(int)) == list(range(n))


def test_axes_of_a_latin_hypercube_are_shuffled_apart(snar_train: tt.Train) -> None:
    u = unit_cube(tt.latin_hypercube(RANGES, 4000), snar_train)
    i = np.arange(len(u))
    for a, b in ((u[:, 0], u[:, 1]), (u[:, 0], i), (u[:, 1], i)):
        assert abs(stats.spearmanr(a, b).statistic) < 4.0 / np.sqrt(len(u))  # 4 standard deviations of chance


def test_sobol_is_the_sequence_of_joe_and_kuo_shifted(snar_train: tt.Train) -> None:
    u = unit_cube(tt.sobol(RANGES, 64, seed=5), snar_train)
    bits = np.round(u * 2.0**32 - 0.5).astype(np.uint64)
    plain = stats.qmc.Sobol(2, scramble=False, bits=32).random(64)
    ours = (bits ^ bits[0]).astype(float) * 2.0**-32  # the shift is the first point, which is zero without it
    assert (ours == plain).all()


@pytest.mark.parametrize("sampler", [tt.sobol, tt.halton])
def test_sequences_are_more_even_than_chance(snar_train: tt.Train, sampler: Sampler) -> None:
    n = 512
    u = unit_cube(sampler(RANGES, n), snar_train)
    assert ((u > 0.0) & (u < 1.0)).all()
    random = np.random.default_rng(1).random((n, 2))
    assert stats.qmc.discrepancy(u) < 0.1 * stats.qmc.discrepancy(random)


def test_halton_without_permutations_is_scipys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sampling._Halton, "digits", lambda self, base, axis, place: np.arange(base))
    u = _sampling._Halton(200, 5, 0).points(0, 200)
    assert u == pytest.approx(stats.qmc.Halton(5, scramble=False).random(200), abs=1e-14)


@pytest.mark.parametrize("sampler", [*SAMPLERS, lambda r, n, seed: tt.monte_carlo(n, r, seed=seed)])
def test_a_point_is_the_same_in_any_piece(snar_train: tt.Train, sampler: Sampler) -> None:
    n = 9000  # more than two blocks
    p = points(sampler(RANGES, n, seed=7), snar_train)
    whole = p.rows(0, n)
    assert len(np.unique(whole[:, 0])) > 0.99 * n
    for first, m in ((8999, 1), (0, 1), (4095, 2), (1234, 5000)):
        assert (p.rows(first, m) == whole[first : first + m]).all()
    again = points(sampler(RANGES, n, seed=7), snar_train)
    assert (again.rows(5000, 10) == whole[5000:5010]).all()
    assert again.text() == p.text()
    other = points(sampler(RANGES, n, seed=8), snar_train)
    assert (other.rows(0, 10) != whole[:10]).any()
    assert other.text() != p.text()


def test_points_are_those_of_any_machine(snar_train: tt.Train) -> None:
    # Philox4x64-10, counter 1 (NumPy counts before it draws), key (1, 1): known-answer behaviour of its bits
    # is NumPy's promise; regression of ours so that old sweeps can be resumed.
    first = rows(tt.monte_carlo(1, RANGES, seed=1), snar_train)[0]
    words = np.random.Philox(counter=[0, 0, 0, 0], key=[1, 1]).random_raw(2) >> np.uint64(12)
    assert (first - [333.15, 30.0]) / [60.0, 90.0] == pytest.approx((words + 0.5) * 2.0**-52)


def test_the_normal_quantile_is_that_of_the_standard_library() -> None:
    p = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 1001), [1e-300, 1e-20, 1e-12, 1 - 1e-14]])
    expected = [statistics.NormalDist().inv_cdf(x) for x in p]
    assert _normal.quantile(p) == pytest.approx(np.array(expected), rel=1e-14, abs=1e-15)
    assert [_normal.distribution(x) for x in (-2.0, 0.0, 1.0)] == pytest.approx(
        stats.norm.cdf([-2.0, 0.0, 1.0])
    )


DISTRIBUTIONS: list[tuple[Any, Any]] = [
    ("80 +/- 2 degC", stats.norm(353.15, 2.0)),
    ("80 ± 2 degC", stats.norm(353.15, 2.0)),
    (("normal", "80 degC", "2 K"), stats.norm(353.15, 2.0)),
    (("lognormal", "350 K", 1.1), stats.lognorm(s=np.log(1.1), scale=350.0)),
    (("uniform", "60 degC", "120 degC"), stats.uniform(333.15, 60.0)),
    (("60 degC", "120 degC"), stats.uniform(333.15, 60.0)),
    (("log-uniform", "100 K", "400 K"), stats.loguniform(100.0, 400.0)),
    (("triangular", "60 degC", "70 degC", "120 degC"), stats.triang(c=10 / 60, loc=333.15, scale=60.0)),
    (
        ("normal", 100.0, 100.0),
        stats.truncnorm(-1.0, np.inf, loc=100.0, scale=100.0),
    ),  # no temperature below 0 K
]


@pytest.mark.parametrize(("given", "expected"), DISTRIBUTIONS, ids=[str(d[0]) for d in DISTRIBUTIONS])
def test_monte_carlo_draws_what_it_says(snar_train: tt.Train, given: Any, expected: Any) -> None:
    x = rows(tt.monte_carlo(4000, {T: given}, seed=2), snar_train)[:, 0]
    assert stats.kstest(x, expected.cdf).pvalue > 1e-3  # the seed is fixed


def test_correlation_is_that_of_normal_numbers(snar_train: tt.Train) -> None:
    given = {T: "80 +/- 2 degC", TAU: ("normal", 60.0, 1.0), EA: ("normal", "33.3 kJ/mol", "1 kJ/mol")}
    c = {(T, TAU): 0.8, (TAU, EA): -0.5}
    x = rows(tt.monte_carlo(20000, given, correlation=c), snar_train)
    expected = [[1.0, 0.8, 0.0], [0.8, 1.0, -0.5], [0.0, -0.5, 1.0]]
    assert np.corrcoef(x.T) == pytest.approx(np.array(expected), abs=4.0 / np.sqrt(20000))
    again = rows(tt.monte_carlo(20000, given, correlation=expected), snar_train)
    assert (again == x).all()
    assert stats.kstest(x[:, 1], stats.norm(60.0, 1.0).cdf).pvalue > 1e-3


def test_fully_correlated_numbers_move_together(snar_train: tt.Train) -> None:
    given = {T: ("uniform", 300.0, 400.0), TAU: ("uniform", 30.0, 130.0)}
    x = rows(tt.monte_carlo(100, given, correlation={(T, TAU): 1.0}), snar_train)
    assert x[:, 0] - 300.0 == pytest.approx(x[:, 1] - 30.0)


def test_without_distributions_the_models_own_uncertainties_are_drawn() -> None:
    model = tt.read(SNAR)
    model.set("reactions/a/k/k_ref", "0.579 +/- 0.010 L/mol/s")
    model.set("units/coil/temperature", "90 +/- 1 degC")
    x = points(tt.monte_carlo(5000), model.compile())
    assert x.paths == ("reactions/a/k/k_ref", T)
    assert x.rows(0, 5000).mean(axis=0) == pytest.approx([0.579e-3, 363.15], rel=1e-3)
    assert x.rows(0, 5000).std(axis=0) == pytest.approx([1e-5, 1.0], rel=0.05)
    with pytest.raises(tt.InputError, match="states no uncertainty"):
        points(tt.monte_carlo(10), tt.read(SNAR).compile())


def test_the_text_tells_one_design_from_another(snar_train: tt.Train) -> None:
    texts = {
        points(d, snar_train).text()
        for d in (
            {T: [300.0, 310.0]},
            {T: [300.0, 311.0]},
            pd.DataFrame({T: [300.0, 310.0]}),
            tt.sobol({T: (300.0, 310.0)}, 2),
            tt.halton({T: (300.0, 310.0)}, 2),
            tt.halton({T: (300.0, 310.0)}, 3),
            tt.halton({T: ("log-uniform", 300.0, 310.0)}, 3),
        )
    }
    assert len(texts) == 7
    assert all(json.loads(text)["paths"] == [T] for text in texts)


# --- what is wrong ---

WRONG: list[tuple[Any, type[Exception], str]] = [
    ({"units/coil/temprature": [300.0]}, tt.PathError, f"did you mean '{T}'"),
    ({T: ["5 min"]}, tt.UnitsError, "is in min"),
    ({T: [-1.0]}, tt.InputError, T),
    ({T: [np.nan]}, tt.InputError, "point 0"),
    ({T: []}, tt.InputError, "no values"),
    ({T: [300.0, 300.0]}, tt.InputError, "twice"),
    ({}, tt.InputError, "varies nothing"),
    ({"units/coil/volume": ["1 mL"], TAU: ["1 min"]}, tt.InputError, "are alternatives"),
    (pd.DataFrame({f"{T} [min]": [1.0]}), tt.UnitsError, "K or the like"),
    (pd.DataFrame({f"{T} [K]": [300.0], T: [300.0]}), tt.InputError, "twice"),
    (pd.DataFrame({T: []}), tt.InputError, "empty"),
    ((TABLE, [T]), tt.InputError, r"\(runs, 1\) is needed"),
    (tt.sobol({T: ("120 degC", "60 degC")}, 4), tt.InputError, "must rise"),
    (tt.sobol({T: ("log-uniform", -1.0, 2.0)}, 4), tt.InputError, "above zero"),
    (tt.sobol({T: ("60 degC",)}, 4), tt.InputError, "2 are needed"),
    (tt.monte_carlo(4, {T: "80 degC"}), tt.InputError, "no width"),
    (tt.monte_carlo(4, {T: ("normal", "80 degC", "2 degC")}), tt.UnitsError, "give it in K"),
    (tt.monte_carlo(4, {T: ("lognormal", "80 degC", 0.5)}), tt.InputError, "factor above 1"),
    (tt.monte_carlo(4, {T: ("normal", -500.0, 100.0)}), tt.InputError, "more than half"),
    (tt.monte_carlo(4, {T: "80 +/- 2 degC"}, correlation=[[1.0, 0.0], [0.0, 1.0]]), tt.InputError, "shape"),
    (tt.monte_carlo(4, {T: "80 +/- 2 degC"}, correlation={(T, TAU): 0.1}), tt.InputError, "two of"),
    (
        tt.monte_carlo(4, {T: "80 +/- 2 degC", TAU: "60 +/- 1 s"}, correlation={(T, TAU): 1.1}),
        tt.InputError,
        "positive definite",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "error", "match"), WRONG, ids=[w[2] for w in WRONG])
def test_wrong_designs_say_what_is_needed(
    snar_train: tt.Train, given: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        points(given, snar_train)


def test_no_runs_are_no_design() -> None:
    for n in (0, -1, 2.5, True):
        with pytest.raises(tt.InputError, match="at least 1"):
            tt.sobol(RANGES, n)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is no design"):
        _design.as_design(5)


# --- files ---

YAML = {
    "grid": f"""\
grid:
  {T}: {{from: 60 degC, to: 80 degC, n: 3}}
  {TAU}: [1 min, 2 min]
  feeds/nitro/flow: 1 mL/min
""",
    "log": f"grid: {{{TAU}: {{from: 10 s, to: 1000 s, n: 3, spacing: log}}}}\n",
    "sobol": f"sobol: {{n: 8, seed: 3, parameters: {{{T}: [60 degC, 120 degC], {TAU}: [0.5 min, 2 min]}}}}\n",
    "monte-carlo": f"""\
monte-carlo:
  n: 10
  seed: 4
  parameters:
    {T}: 80 +/- 2 degC
    {TAU}: {{triangular: [0.5 min, 1 min, 2 min]}}
  correlation:
    - [{T}, {TAU}, 0.5]
""",
}
SAME: dict[str, Any] = {
    "grid": {T: ["60 degC", "70 degC", "80 degC"], TAU: ["1 min", "2 min"], "feeds/nitro/flow": "1 mL/min"},
    "log": {TAU: [10.0, 100.0, 1000.0]},
    "sobol": tt.sobol(RANGES, 8, seed=3),
    "monte-carlo": tt.monte_carlo(
        10,
        {T: "80 +/- 2 degC", TAU: ("triangular", 30.0, 60.0, 120.0)},
        seed=4,
        correlation={(T, TAU): 0.5},
    ),
}


@pytest.mark.parametrize("name", YAML)
def test_a_yaml_file_is_the_design_it_describes(snar_train: tt.Train, tmp_path: Path, name: str) -> None:
    file = tmp_path / "design.yaml"
    file.write_text("tautrain: 1\n" + YAML[name])
    assert rows(file, snar_train) == pytest.approx(rows(SAME[name], snar_train), rel=1e-14)


def test_another_seed_replaces_that_of_the_file(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "design.yaml"
    file.write_text("tautrain: 1\n" + YAML["sobol"])
    p = _design.as_design(file).seeded(9).on(snar_train)
    assert (p.rows(0, 8) == rows(tt.sobol(RANGES, 8, seed=9), snar_train)).all()


# ~ stands where the mistake is told, and is taken out.
MISTAKES = [
    (f"grid:\n  ~{T[:-1]}: [300 K]\n", "unknown-parameter", f"did you mean '{T}'"),
    (f"grid:\n  {T}: [60 degC, ~5 min]\n", "wrong-unit", "min"),
    (f"grid:\n  {T}: ~{{from: 60 degC, to: 80 degC}}\n", "missing-key", "'n' is missing"),
    (f"grid:\n  {T}: {{from: 60 degC, to: 80 degC, n: ~x}}\n", "out-of-range", "whole number"),
    (f"grid:\n  {T}: {{from: 60 degC, to: 80 degC, n: 3, ~step: 2}}\n", "unknown-key", "'step'"),
    (f"grid:\n  {T}: {{from: 1 K, to: 2 K, n: 3, spacing: ~square}}\n", "unknown-choice", "linear or log"),
    (f"~grdi: {{{T}: 300 K}}\n", "unknown-key", "did you mean 'grid'"),
    (f"sobol: {{n: ~0, parameters: {{{T}: [300 K, 310 K]}}}}\n", "out-of-range", "whole number"),
    ("sobol: ~{n: 4}\n", "missing-key", "'parameters' is missing"),
    (f"sobol: {{n: 4, parameters: {{{T}: ~[310 K, 300 K]}}}}\n", "out-of-range", "must rise"),
    (f"monte-carlo:\n  n: 4\n  parameters:\n    {T}: ~80 degC\n", "out-of-range", "no width"),
    (f"halton:\n  n: 4\n  parameters:\n    {T}: ~{{gauss: [80 degC, 2 K]}}\n", "unknown-choice", "normal"),
    (f"grid: {{{T}: 300 K}}\n~sobol: {{n: 4}}\n", "conflicting-keys", "2 designs"),
    (f"grid:\n  ~units/coil/volume: 1 mL\n  {TAU}: 1 min\n", "conflicting-keys", "alternatives"),
    (f"grid: {{{T}: 300 K, ~{T}: 310 K}}\n", "duplicate-key", T),
    ("grid: [\n~", "not-yaml", "."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "match"), MISTAKES, ids=[f"{m[1]}-{i}" for i, m in enumerate(MISTAKES)]
)
def test_mistakes_of_a_yaml_file_have_a_place(
    snar_train: tt.Train, tmp_path: Path, text: str, kind: str, match: str
) -> None:
    file = tmp_path / "design.yaml"
    file.write_text("tautrain: 1\n" + text.replace("~", ""))
    before = text.split("~")[0]
    place = (2 + before.count("\n"), len(before.rpartition("\n")[2]) + 1)
    with pytest.raises(tt.ModelError, match=match) as caught:
        points(file, snar_train)
    first = caught.value.mistakes[0]
    assert (first.file, first.line, first.column, first.id) == (str(file), *place, kind)


def test_all_mistakes_of_a_file_are_told_at_once(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "design.yaml"
    file.write_text(f"tautrain: 1\ngrid:\n  {T}: [5 min, 60 degC, -3 K]\n  units/coli/volume: 1 mL\n")
    with pytest.raises(tt.ModelError) as caught:
        points(file, snar_train)
    assert [m.line for m in caught.value.mistakes] == [3, 3, 4]


CSV = [
    (f"{T} [min]\n1\n", 1, 1, "wrong-unit"),
    (f"{T} [degC],{TAU}\n60,60\n70,x\n", 3, 4, "bad-number"),
    (f"{T} [degC],{TAU}\n60\n", 2, 1, "wrong-shape"),
    (f"{T},units/coil/temp\n1,2\n", 1, 24, "unknown-parameter"),
    (f"{T}\n", 1, 1, "empty-file"),
    ("", 1, 1, "empty-file"),
    (f"{T}\n-5\n", 1, 1, "out-of-range"),
]


@pytest.mark.parametrize(("text", "line", "column", "kind"), CSV, ids=[c[3] + str(c[1]) for c in CSV])
def test_mistakes_of_a_csv_file_have_a_place(
    snar_train: tt.Train, tmp_path: Path, text: str, line: int, column: int, kind: str
) -> None:
    file = tmp_path / "design.csv"
    file.write_text(text)
    with pytest.raises(tt.ModelError) as caught:
        points(file, snar_train)
    first = caught.value.mistakes[0]
    assert (first.line, first.column, first.id) == (line, column, kind)


def test_a_file_that_is_not_there_is_told(snar_train: tt.Train, tmp_path: Path) -> None:
    for name in ("none.csv", "none.yaml"):
        with pytest.raises(tt.FileError, match=name):
            points(tmp_path / name, snar_train)


def test_a_yaml_tree_has_places(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: {b: [1, two]}\n")
    text, line, column, key, _, _, children = _core.taupy_yaml(str(file), [])
    assert (text, line, column, key, len(children or [])) == (None, 1, 1, None, 1)

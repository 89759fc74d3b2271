# SPDX-License-Identifier: Apache-2.0
"""Sweeps: numbers against single runs and closed forms, files, parts, failures, stops, pictures."""

from __future__ import annotations

import itertools
import math
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import tautrain as tt
from known_models import FEED, SNAR, K, decay
from matplotlib.figure import Figure
from tautrain import _sweep_run
from tautrain._feasible import Condition
from tautrain._sweep_file import FileSource

T, TAU, V = "units/coil/temperature", "units/coil/residence_time", "units/coil/volume"
GRID = {T: tt.linspace("60 degC", "120 degC", 4), TAU: tt.linspace("0.5 min", "2 min", 3)}
KEEP = ["yield/ortho", "impurity/bis", "units/coil/T_max"]


@pytest.fixture(scope="module")
def grid(snar_train: tt.Train) -> tt.Sweep:
    return snar_train.sweep(GRID, keep=KEEP, profiles="coil")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, snar_train: tt.Train) -> tt.Sweep:
    """The same in a file."""
    file = tmp_path_factory.mktemp("sweep") / "grid.h5"
    return snar_train.sweep(GRID, keep=KEEP, profiles="coil", out=file)


# --- numbers ---


def test_a_grid_has_the_numbers_of_single_runs(snar_train: tt.Train, grid: tt.Sweep) -> None:
    assert (grid.shape, grid.paths, grid.observables) == (
        (4, 3),
        (T, TAU),
        ("yield/ortho", "impurity/bis", KEEP[2]),
    )
    for i, j in ((0, 0), (3, 2), (2, 1)):
        one = snar_train.run({T: GRID[T][i], TAU: GRID[TAU][j]})
        for path in KEEP:
            assert grid[path][i, j] == pytest.approx(one.value(path), rel=1e-7)
    assert grid.value(T, "degC")[1] == pytest.approx([80.0] * 3)
    assert grid.axis(TAU, "min") == pytest.approx([0.5, 1.25, 2.0])
    assert grid.value("yield/ortho", "%") == pytest.approx(100 * grid["yield/ortho"])


def test_conversion_of_a_first_order_decay_is_the_closed_form() -> None:
    tau = tt.linspace("10 s", "300 s", 30)
    s = decay().sweep({TAU: tau}, keep="outlet/c/A")
    assert s["outlet/c/A"] == pytest.approx(FEED * np.exp(-K * tau), rel=1e-6)
    assert s.n_done == s.n_runs == 30


@pytest.mark.parametrize("design", [tt.sobol, tt.halton, tt.latin_hypercube])
def test_any_design_gives_a_row_a_run(design: Callable[..., Any]) -> None:
    s = decay().sweep(design({TAU: (10.0, 300.0)}, 50), keep="outlet/c/A")
    assert s.shape == (50,)
    assert not s.is_grid
    assert s["outlet/c/A"] == pytest.approx(FEED * np.exp(-K * s[TAU]), rel=1e-6)


def test_numbers_do_not_depend_on_threads(snar_train: tt.Train, grid: tt.Sweep) -> None:
    for threads in (1, 2, 4):
        again = snar_train.sweep(GRID, keep=KEEP, threads=threads)
        assert all((again[path] == grid[path]).all() for path in KEEP)


def test_inputs_are_set_for_all_runs(snar_train: tt.Train) -> None:
    s = snar_train.sweep({TAU: [60.0]}, keep="units/coil/T_max", inputs={T: "77 degC"})
    assert s.value("units/coil/T_max", "degC") == pytest.approx([77.0])
    with pytest.raises(tt.InputError, match="set for all runs"):
        snar_train.sweep({TAU: [60.0]}, inputs={TAU: "1 min"})


def test_what_is_kept_is_chosen_by_globs(snar_train: tt.Train) -> None:
    assert _sweep_run.kept_observables(snar_train, "yield/o*") == ["yield/ortho"]
    assert _sweep_run.kept_observables(snar_train, ["units/*/T_max", "yield/ortho"]) == [
        "yield/ortho",
        KEEP[2],
    ]
    own = _sweep_run.kept_observables(snar_train, None)
    assert {"outlet/c/bis", "pmi", "units/coil/T_max"} <= {*own}
    assert "units/tee/duty" not in own
    with pytest.raises(tt.PathError, match="did you mean 'yield/ortho'"):
        snar_train.sweep(GRID, keep="yield/otrho")
    with pytest.raises(tt.PathError, match="did you mean 'coil'"):
        snar_train.sweep(GRID, profiles="coli")
    with pytest.raises(tt.InputError, match="auto, cvodes, lanes"):
        snar_train.sweep(GRID, engine="lsoda")


def test_profiles_of_all_runs_are_kept() -> None:
    s = decay().sweep({TAU: [30.0, 60.0]}, keep="outlet/c/A", profiles="coil")
    p = s.profile("coil")
    assert (p.position.shape, p.c.shape, p.T.shape) == ((2, 101), (2, 101, 2), (2, 101))
    fraction = p.position / p.position[:, -1:]
    expected = FEED * np.exp(-K * fraction * np.array([[30.0], [60.0]]))
    assert p.c[:, :, p.species.index("A")] == pytest.approx(expected, rel=1e-5)
    with pytest.raises(tt.PathError, match="no profiles"):
        s.profile("coli")


def test_an_unknown_number_offers_the_nearest(grid: tt.Sweep) -> None:
    with pytest.raises(tt.PathError, match="did you mean 'yield/ortho'"):
        grid["yield/orto"]
    with pytest.raises(tt.PathError, match="no axis"):
        grid.axis("yield/ortho")


# --- sensitivities ---

TIMES, RATES = tt.linspace("10 s", "100 s", 4), ["0.005 1/s", "0.01 1/s", "0.02 1/s"]
DECAY = {TAU: TIMES, "reactions/r/k": RATES}
LEFT = ("outlet/c/A", "conversion/A")


def left(what: str, by: str) -> Any:
    """c = c0 exp(-k t), x = 1 - exp(-k t), and what they do with k, t and c0."""
    t, k = TIMES[:, None], np.array([0.005, 0.01, 0.02])[None, :]
    e = np.exp(-k * t)
    return {
        ("outlet/c/A", TAU): -k * FEED * e,
        ("outlet/c/A", "reactions/r/k"): -t * FEED * e,
        ("outlet/c/A", "feeds/feed/concentration/A"): e,
        ("conversion/A", TAU): k * e,
        ("conversion/A", "reactions/r/k"): t * e,
        ("conversion/A", "feeds/feed/concentration/A"): 0.0 * e,
    }[what, by]


@pytest.mark.parametrize("out", [False, True])
def test_sensitivities_are_the_derivatives_of_the_closed_form(out: bool, tmp_path: Path) -> None:
    by = ["reactions/*", TAU, "feeds/feed/conc*"]
    s = decay().sweep(DECAY, keep=LEFT, sensitivities=by, out=tmp_path / "s.h5" if out else None)
    assert {*s.sensitivities} == {TAU, "reactions/r/k", "feeds/feed/concentration/A"}
    ds = s.to_xarray()
    assert dict(ds["sensitivity"].sizes) == {TAU: 4, "reactions/r/k": 3, "observable": 2, "parameter": 3}
    for what in LEFT:
        for parameter in s.sensitivities:
            want = pytest.approx(left(what, parameter), rel=1e-6, abs=1e-10)
            assert s.sensitivity(what, parameter) == want
            assert ds["sensitivity"].sel(observable=what, parameter=parameter).values == want
    assert ds["parameter_unit"].sel(parameter="reactions/r/k").item() == "1/s"
    assert ds["observable_unit"].sel(observable="outlet/c/A").item() == "mol/m^3"
    part = s.to_xarray()["sensitivity"].isel({TAU: [2, 0], "observable": 1, "parameter": slice(1, 3)})
    assert (part.values == ds["sensitivity"].values[[2, 0]][:, :, 1, 1:3]).all()
    again = pickle.loads(pickle.dumps(s))
    assert (again.sensitivity(LEFT[0], TAU) == s.sensitivity(LEFT[0], TAU)).all()


def test_a_row_of_sensitivities_is_that_of_a_single_run(snar_train: tt.Train) -> None:
    by = ["reactions/*/Ea", T]
    s = snar_train.sweep(GRID, keep=KEEP, sensitivities=by, engine="lanes", threads=3)
    assert s.engine == "lanes"
    one = snar_train.sensitivity(by, KEEP, inputs={T: GRID[T][2], TAU: GRID[TAU][1]})
    assert s.sensitivities == one.parameters
    for path in KEEP:
        for p in s.sensitivities:
            assert s.sensitivity(path, p)[2, 1] == pytest.approx(one.value(path, p), rel=1e-6)
    bare = snar_train.sweep(GRID, keep=KEEP)
    assert (bare.sensitivities, "sensitivity" in bare.to_xarray()) == ((), False)
    with pytest.raises(tt.PathError, match="no sensitivities to 'pressure'"):
        s.sensitivity("yield/ortho", "pressure")
    with pytest.raises(tt.PathError, match="of 'yield/otrho' were kept; did you mean 'yield/ortho'"):
        s.sensitivity("yield/otrho", T)


def test_sensitivities_to_nothing_known_are_refused(snar_train: tt.Train) -> None:
    with pytest.raises(tt.PathError, match="did you mean 'reactions/a/k/Ea'") as error:
        snar_train.sweep(GRID, keep=KEEP, sensitivities=["reactions/a/k/EA"])
    assert error.value.id == "unknown-parameter"


def test_sensitivities_are_read_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = decay().sweep(DECAY, keep=LEFT, sensitivities=[TAU, "reactions/r/k"], out=tmp_path / "s.h5")
    asked: list[tuple[list[int], list[int]]] = []
    original = FileSource.slopes

    def slopes(self: FileSource, i: Any, j: Any) -> Any:
        asked.append((i.tolist(), j.tolist()))
        return original(self, i, j)

    monkeypatch.setattr(FileSource, "slopes", slopes)
    one = s.to_xarray()["sensitivity"].isel(observable=1, parameter=[0])
    assert asked == []
    assert one.values.shape == (4, 3, 1)
    assert asked == [([1], [0])]


def test_sensitivities_go_on_and_are_merged(snar_train: tt.Train, tmp_path: Path) -> None:
    design = {T: tt.linspace("60 degC", "120 degC", 10), TAU: tt.linspace("0.5 min", "2 min", 60)}
    by = ["reactions/a/k/Ea", TAU]
    whole = snar_train.sweep(design, keep="yield/ortho", sensitivities=by, engine="cvodes")

    def same(s: tt.Sweep) -> bool:
        return all((s.sensitivity("yield/ortho", p) == whole.sensitivity("yield/ortho", p)).all() for p in by)

    file = tmp_path / "s.h5"
    first = snar_train.sweep(
        design,
        keep="yield/ortho",
        sensitivities=by,
        engine="cvodes",  # lanes would be done before they are stopped
        out=file,
        progress=lambda done, n: done >= 100,
    )
    assert first.state == "stopped"
    slopes = first.sensitivity("yield/ortho", TAU).ravel()
    assert np.isfinite(slopes[: first.n_done]).all()
    assert np.isnan(slopes[first.n_done :]).all()
    assert same(snar_train.sweep(design, keep="yield/ortho", sensitivities=by, engine="cvodes", out=file))
    with pytest.raises(tt.InputError, match="sensitivity: "):
        snar_train.sweep(design, keep="yield/ortho", sensitivities=TAU, engine="cvodes", out=file)
    out = tmp_path / "m.h5"
    parts = [
        snar_train.sweep(design, keep="yield/ortho", sensitivities=by, engine="cvodes", out=out, part=(k, 3))
        for k in (1, 2, 3)
    ]
    assert same(tt.merge(out, [p.file for p in parts]))


def test_a_failed_run_has_no_sensitivities() -> None:
    model, design = failing()
    s = model.sweep(design, keep="outlet/c/A", sensitivities="reactions/r/k")
    assert np.isnan(s.sensitivity("outlet/c/A", "reactions/r/k")).tolist() == [[True, True], [False, False]]
    assert s.failed.tolist() == [0, 1]


# --- tables ---


def test_to_xarray_has_the_grids_dimensions(grid: tt.Sweep) -> None:
    ds = grid.to_xarray()
    assert dict(ds["yield/ortho"].sizes) == {T: 4, TAU: 3}
    assert ds[T].attrs["units"] == "K"
    assert ds[TAU].attrs["units"] == "s"
    assert float(ds["yield/ortho"].sel({T: 353.15, TAU: 75.0})) == grid["yield/ortho"][1, 1]
    assert ds["units/coil/c"].dims == (T, TAU, "units/coil/point", "species")
    s = decay().sweep(pd.DataFrame({f"{TAU} [min]": [1.0, 2.0]}), keep="outlet/c/A").to_xarray()
    assert s["outlet/c/A"].dims == ("run",)
    assert s[TAU].values == pytest.approx([60.0, 120.0])


def test_a_dataset_of_a_file_is_read_when_needed(
    many: tt.Sweep, grid: tt.Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = tt.Sweep.__getitem__
    monkeypatch.setattr(tt.Sweep, "__getitem__", lambda s, path: (read.append(path), original(s, path))[1])
    ds = many.to_xarray()
    assert {*read} <= {T, TAU}
    part = ds["yield/ortho"].isel({T: [3, 0], TAU: slice(1, 3)})
    assert (part.values == original(grid, "yield/ortho")[[3, 0], 1:3]).all()
    assert float(ds["yield/ortho"].isel({T: 2, TAU: 1})) == original(grid, "yield/ortho")[2, 1]
    assert read.count("yield/ortho") in (1, 2)
    assert "impurity/bis" not in read


def test_to_pandas_has_a_row_a_run(grid: tt.Sweep) -> None:
    frame = grid.to_pandas()
    assert list(frame.columns) == [
        f"{T} [K]",
        f"{TAU} [s]",
        "yield/ortho [1]",
        "impurity/bis [1]",
        f"{KEEP[2]} [K]",
        "status",
    ]
    assert frame["yield/ortho [1]"].to_numpy() == pytest.approx(grid["yield/ortho"].ravel())


def test_it_shows_itself_as_a_table(grid: tt.Sweep) -> None:
    shown = repr(grid)
    assert "12 of 12 runs, complete" in shown
    assert "4 x 3" in shown
    assert "degC" in shown
    assert "<table>" in grid._repr_html_()


# --- failures ---


def failing() -> tuple[tt.Model, dict[str, Any]]:
    """Without a flow there is no steady state to march to: a run of two fails."""
    return decay(), {"feeds/feed/flow": [0.0, 1.6e-8], V: ["1 mL", "2 mL"]}


def test_a_failed_run_is_a_row_of_nan_and_is_counted() -> None:
    model, design = failing()
    with pytest.raises(tt.DomainError) as single:
        model.run({"feeds/feed/flow": 0.0})
    s = model.sweep(design, keep="outlet/c/A")
    assert np.isnan(s["outlet/c/A"]).tolist() == [[True, True], [False, False]]
    assert (s.n_done, s.n_failed, s.failed.tolist()) == (4, 2, [0, 1])
    (failure,) = s.failures
    assert (failure.id, failure.n_runs, failure.first_run) == (single.value.id, 2, 0)
    table = s.failed_table()
    assert list(table["id"]) == [single.value.id] * 2
    assert list(table.index) == [0, 1]
    assert "2 failed" in repr(s)
    assert f"2 x {failure.id}, first run 0" in repr(s)
    assert not s.feasible("outlet/c/A >= 0 mol/L")[0].any()


def test_pieces_of_a_design_share_their_codes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_sweep_run, "_CHUNK", 3)
    model, _ = failing()
    flow = [1.6e-8, 0.0] * 5
    table = pd.DataFrame({"feeds/feed/flow": flow})
    for out in (None, tmp_path / "s.h5"):
        s = model.sweep(table, keep="outlet/c/A", out=out)
        assert s.failed.tolist() == [1, 3, 5, 7, 9]
        assert [(f.n_runs, f.first_run) for f in s.failures] == [(5, 1)]
        assert list(s.failed_table()["id"]) == [s.failures[0].id] * 5


def test_a_file_tells_of_all_pieces_and_sessions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, snar_train: tt.Train
) -> None:
    monkeypatch.setattr(_sweep_run, "_CHUNK", 256)
    design = {T: tt.linspace("60 degC", "120 degC", 40), TAU: tt.linspace("0.5 min", "2 min", 25)}
    file = tmp_path / "s.h5"
    begun = time.monotonic()
    first = snar_train.sweep(
        design, keep="pmi", engine="cvodes", out=file, checked=4, progress=lambda done, n: done >= 600
    )
    between = snar_train.sweep(design, keep="pmi", engine="cvodes", out=file, checked=4)
    took = time.monotonic() - begun
    assert first.state == "stopped"
    assert 0.0 < first.wall_time < between.wall_time < took
    again = snar_train.sweep(design, keep="pmi", engine="cvodes", out=file, checked=4)  # computes nothing
    assert (again.wall_time, again.largest_difference) == (between.wall_time, between.largest_difference)
    assert between.rate == pytest.approx(1000 / between.wall_time)
    with h5py.File(file) as f:
        assert f["sweep/wall_time"][()] == between.wall_time
        assert (
            f["sweep/largest_difference"][()] == between.largest_difference >= first.largest_difference >= 0.0
        )


@pytest.mark.parametrize("threads", [1, 3])
def test_functions_of_the_user_are_called_from_all_threads(threads: int) -> None:
    def rate(A: float, k: float) -> float:
        if A < 700.0:
            raise ZeroDivisionError("A is below 700:\nno rate")
        return k * A

    model = decay()
    model.reaction("r", "A -> B", rate=rate, trace=False, parameters={"k": "0.01 1/s"})
    tau = np.array([10.0, 20.0, 30.0, 60.0, 25.0])
    s = model.sweep({TAU: tau}, keep="outlet/c/A", threads=threads)
    assert s["outlet/c/A"] == pytest.approx(
        np.where(tau < 35.0, FEED * np.exp(-K * tau), np.nan), rel=1e-5, nan_ok=True
    )
    assert [(f.id, f.n_runs, f.first_run) for f in s.failures] == [("function-failed", 1, 3)]
    assert s.failures[0].text.endswith(": ZeroDivisionError: A is below 700: no rate")
    with pytest.raises(ZeroDivisionError):
        model.run({TAU: 60.0})


# --- files ---


def test_a_file_holds_the_same(grid: tt.Sweep, many: tt.Sweep) -> None:
    for s in (many, tt.open_sweep(many.file)):
        assert (s.shape, s.paths, s.observables, s.title) == (
            grid.shape,
            grid.paths,
            grid.observables,
            grid.title,
        )
        assert all((s[path] == grid[path]).all() for path in (*KEEP, T, TAU))
        assert (s.status == 0).all()
        a, b = s.profile("coil"), grid.profile("coil")
        assert all(
            (x == y).all() for x, y in zip((a.position, a.c, a.T), (b.position, b.c, b.T), strict=True)
        )
        assert (a.coordinate, a.coordinate_unit, a.species) == (b.coordinate, b.coordinate_unit, b.species)
        assert s.unit(T) == "K"
        assert s.to_xarray().equals(grid.to_xarray())


def test_the_same_sweep_is_not_run_twice(snar_train: tt.Train, many: tt.Sweep) -> None:
    seen: list[tuple[int, int]] = []
    again = snar_train.sweep(
        GRID, keep=KEEP, profiles="coil", out=many.file, progress=lambda *n: seen.append(n)
    )
    assert seen == [(12, 12)]
    assert again.state == "complete"


def test_another_sweep_is_refused_with_what_differs(snar_train: tt.Train, many: tt.Sweep) -> None:
    with pytest.raises(tt.InputError, match=r"another sweep.*design"):
        snar_train.sweep(
            {**GRID, T: tt.linspace("61 degC", "120 degC", 4)}, keep=KEEP, profiles="coil", out=many.file
        )
    with pytest.raises(tt.InputError, match="pmi"):
        snar_train.sweep(GRID, keep=[*KEEP, "pmi"], profiles="coil", out=many.file)
    other = tt.read(SNAR)
    other.set("units/coil/volume", "6 mL")
    with pytest.raises(tt.InputError, match="another sweep"):
        other.sweep(GRID, keep=KEEP, profiles="coil", out=many.file)


def test_another_file_is_not_overwritten(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "notes.h5"
    file.write_text("mine")
    with pytest.raises(tt.ExistsError):
        snar_train.sweep({T: [300.0]}, keep="pmi", out=file)
    assert file.read_text() == "mine"
    assert snar_train.sweep({T: [300.0]}, keep="pmi", out=file, overwrite=True).n_done == 1


def test_a_sweep_pickles(many: tt.Sweep, grid: tt.Sweep, snar_train: tt.Train) -> None:
    drawn = snar_train.sweep(tt.sobol({T: (300.0, 310.0)}, 5), keep="pmi")
    for s in (many, grid, drawn):
        again = pickle.loads(pickle.dumps(s))
        assert all((again[path] == s[path]).all() for path in (*s.paths, *s.observables))


def test_load_says_that_it_is_a_sweep(many: tt.Sweep) -> None:
    with pytest.raises(tt.ResultFileError, match="open_sweep"):
        tt.load(many.file)


def test_foreign_and_damaged_files_end_in_one_error(tmp_path: Path, many: tt.Sweep, snar: tt.Result) -> None:
    with pytest.raises(tt.FileError, match="no such file"):
        tt.open_sweep(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("no HDF5")
    single = tmp_path / "single.h5"
    snar.save(single)
    broken = tmp_path / "broken.h5"
    broken.write_bytes(Path(many.file).read_bytes()[:5000])
    lacking = tmp_path / "lacking.h5"
    shutil.copy(many.file, lacking)
    with h5py.File(lacking, "a") as f:
        del f["sweep/output"], f["sweep/n_done"]
    for file in (tmp_path / "text.h5", single, broken, lacking):
        with pytest.raises(tt.ResultFileError):
            tt.open_sweep(file)


# --- stops ---

LONG = {T: tt.linspace("60 degC", "120 degC", 60), TAU: tt.linspace("0.5 min", "2 min", 50)}


def test_a_stop_keeps_what_is_done_and_the_same_call_goes_on(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "s.h5"
    s = snar_train.sweep(LONG, keep="pmi", engine="cvodes", out=file, progress=lambda done, n: done > 500)
    assert s.state == "stopped"
    assert 500 < s.n_done < s.n_runs
    assert np.isfinite(s["pmi"].ravel()[: s.n_done]).all()
    assert np.isnan(s["pmi"].ravel()[s.n_done :]).all()
    begun: list[int] = []
    s = snar_train.sweep(
        LONG, keep="pmi", engine="cvodes", out=file, progress=lambda done, n: begun.append(done)
    )
    assert begun[0] > 500
    assert (s.state, s.n_done) == ("complete", 3000)
    whole = snar_train.sweep(LONG, keep="pmi", engine="cvodes")
    assert (s["pmi"] == whole["pmi"]).all()


def test_in_memory_a_stop_gives_what_is_done(snar_train: tt.Train) -> None:
    s = snar_train.sweep(LONG, keep="pmi", engine="cvodes", progress=lambda done, n: done > 500)
    assert s.state == "stopped"
    assert np.count_nonzero(np.isfinite(s["pmi"])) == s.n_done < s.n_runs


def test_time_is_limited(snar_train: tt.Train) -> None:
    s = snar_train.sweep(LONG, keep="pmi", engine="cvodes", max_time="50 ms")
    assert s.state == "stopped"
    assert s.n_done < s.n_runs


def test_an_exception_of_progress_comes_out(snar_train: tt.Train, tmp_path: Path) -> None:
    def progress(done: int, n: int) -> bool:
        if done > 100:
            raise ZeroDivisionError
        return False

    for out in (None, tmp_path / "s.h5"):
        with pytest.raises(ZeroDivisionError):
            snar_train.sweep(LONG, keep="pmi", engine="cvodes", out=out, progress=progress)
    assert tt.open_sweep(tmp_path / "s.h5").n_done > 100


def test_ctrl_c_ends_it_and_the_file_keeps_what_is_done(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "s.h5"
    long = {**LONG, "flow_factor": tt.linspace(0.5, 2.0, 100)}
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        snar_train.sweep(long, keep="pmi", engine="cvodes", out=file)
    assert time.monotonic() - begun < 20.0
    timer.join()
    assert 0 < tt.open_sweep(file).n_done < 300_000


def test_other_threads_run_meanwhile(snar_train: tt.Train) -> None:
    counted: list[int] = []
    worker = threading.Thread(target=lambda: snar_train.sweep(LONG, keep="pmi", engine="cvodes"))
    worker.start()
    while worker.is_alive():
        counted.append(1)
        time.sleep(0.001)
    worker.join()
    assert len(counted) > 10


KILLED = f"""
import os, sys, tautrain as tt
train = tt.read({str(SNAR)!r}).compile()
def progress(done, n):
    if done > 600:
        os.kill(os.getpid(), 9)
train.sweep({{{T!r}: tt.linspace("60 degC", "120 degC", 60), {TAU!r}: tt.linspace("0.5 min", "2 min", 50)}},
            keep="pmi", engine="cvodes", out=sys.argv[1], progress=progress)
"""


def test_after_a_kill_the_same_call_goes_on(snar_train: tt.Train, tmp_path: Path) -> None:
    file = tmp_path / "s.h5"
    done = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert done.returncode == -signal.SIGKILL
    broken = tt.open_sweep(file)
    assert broken.state == "running"
    assert 256 < broken.n_done < 3000
    s = snar_train.sweep(LONG, keep="pmi", engine="cvodes", out=file)
    assert (s["pmi"] == snar_train.sweep(LONG, keep="pmi", engine="cvodes")["pmi"]).all()


# --- parts ---


def test_parts_are_the_whole_when_merged(snar_train: tt.Train, tmp_path: Path) -> None:
    design = tt.sobol({T: ("60 degC", "120 degC"), TAU: ("0.5 min", "2 min")}, 101, seed=3)
    whole = snar_train.sweep(design, keep=KEEP, profiles="coil")
    out = tmp_path / "s.h5"
    parts = [snar_train.sweep(design, keep=KEEP, profiles="coil", out=out, part=(k, 3)) for k in (2, 1, 3)]
    assert Path(parts[0].file).name == "s.part-2-of-3.h5"
    assert [p.n_runs for p in parts] == [34, 33, 34]
    assert (parts[0][T] == whole[T][33:67]).all()
    assert "runs 33 to 66 of 101" in repr(parts[0])
    s = tt.merge(out, [p.file for p in parts])
    assert (s.n_runs, s.n_done, s.state) == (101, 101, "complete")
    for path in (*KEEP, T, TAU):
        assert (s[path] == whole[path]).all()
    assert (s.profile("coil").c == whole.profile("coil").c).all()
    with pytest.raises(tt.TautrainError):
        tt.merge(tmp_path / "two.h5", [p.file for p in parts[:2]])
    with pytest.raises(tt.ExistsError):
        tt.merge(out, [p.file for p in parts])


def test_a_merged_grid_has_its_shape(snar_train: tt.Train, grid: tt.Sweep, tmp_path: Path) -> None:
    out = tmp_path / "s.h5"
    parts = [snar_train.sweep(GRID, keep=KEEP, out=out, part=(k, 2)) for k in (1, 2)]
    assert not parts[0].is_grid
    assert (tt.merge(out, [p.file for p in parts])["yield/ortho"] == grid["yield/ortho"]).all()


@pytest.mark.parametrize("part", [(0, 3), (4, 3), (1, 13)])
def test_there_is_no_such_part(snar_train: tt.Train, part: tuple[int, int]) -> None:
    with pytest.raises(tt.InputError, match="are parts"):
        snar_train.sweep(GRID, keep="pmi", part=part)


@pytest.mark.parametrize("n", [1, 5, 16, 17, 1000])
def test_parts_cover_every_run_once(n: int) -> None:
    ranges = [_sweep_run.part_range(n, (k, min(n, 16))) for k in range(1, min(n, 16) + 1)]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == n
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ranges))


# --- conditions ---

UNITS = {"a/x": "", "b/y": "K", "c/(R)-z": "mol/m^3", "land/or": ""}
DATA = {
    "a/x": np.array([0.0, 0.5, 1.0, np.nan]),
    "b/y": np.array([300.0, 350.0, 400.0, 350.0]),
    "c/(R)-z": np.array([1.0, 2.0, 3.0, 4.0]),
    "land/or": np.zeros(4),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/x < 0.7", [1, 1, 0, 0]),
        ("a/x >= 50 %", [0, 1, 1, 0]),
        ("60 degC < b/y <= 400 K", [0, 1, 1, 1]),
        ("b/y < 350 K or a/x > 0.7", [1, 0, 1, 0]),
        ("(b/y > 320 K or a/x<0.1) and c/(R)-z ≤ 0.002 mol/L", [1, 1, 0, 0]),
        ("not a/x < 0.7", [0, 0, 1, 1]),
        ("land/or < 1 and not (a/x > 0.1 and b/y > 360 K)", [1, 1, 0, 1]),
        ("a/x < land/or", [0, 0, 0, 0]),
        ("1e-3 < a/x", [0, 1, 1, 0]),
    ],
)
def test_conditions_say_where_they_hold(text: str, expected: list[int]) -> None:
    condition = Condition(text, UNITS)
    assert condition(DATA.__getitem__).astype(int).tolist() == expected
    margin = condition.margin(DATA.__getitem__)
    assert (margin[np.array(expected) == 1] >= 0.0).all()
    assert (margin[np.array(expected) == 0] <= 0.0).all()


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("a/x", tt.InputError, "a comparison is missing"),
        ("a/x < ", tt.InputError, "column 7"),
        ("a/x < 1 and", tt.InputError, "missing"),
        ("(a/x < 1", tt.InputError, r"a '\)' is missing"),
        ("a/x < 1 )", tt.InputError, "not expected"),
        ("a/xx < 1", tt.PathError, "did you mean 'a/x'"),
        ("a/x < b/z", tt.PathError, "did you mean 'b/y'"),
        ("1 < 2", tt.PathError, "neither"),
        ("b/y < 350", tt.UnitsError, "K"),
        ("b/y < 3 min", tt.UnitsError, "is in s"),
        ("a/x < b/y", tt.UnitsError, "compares"),
        ("a/x < 3 fooo", tt.UnitsError, "column 7"),
        ("", tt.InputError, "missing"),
        ("__import__('os').system('true') < 1", tt.PathError, "neither"),
    ],
)
def test_wrong_conditions_say_where(text: str, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Condition(text, UNITS)


# --- pictures ---


def drawn(figure: Figure) -> list[str]:
    return [type(artist).__name__ for artist in figure.axes[0].get_children()]


def test_two_parameters_are_a_map_with_the_feasible_region(grid: tt.Sweep, tmp_path: Path) -> None:
    middle = float(np.median(grid["yield/ortho"]))
    picture = tmp_path / "map.png"
    figure = grid.plot("yield/ortho", feasible=f"yield/ortho > {middle}", path=picture)
    assert {"QuadMesh", "QuadContourSet"} <= {*drawn(figure)}
    assert picture.stat().st_size > 5000
    ax = figure.axes[0]
    assert ax.get_xlabel() == f"{T} [°C]"
    assert ax.get_ylabel() == f"{TAU} [min]"
    mesh = next(a for a in ax.get_children() if type(a).__name__ == "QuadMesh")
    assert np.asarray(mesh.get_array()) == pytest.approx(100 * grid["yield/ortho"].T)
    turned = grid.plot("yield/ortho", x=TAU, y=T)
    assert turned.axes[0].get_xlabel() == f"{TAU} [min]"


def test_one_parameter_is_a_line(snar_train: tt.Train) -> None:
    s = snar_train.sweep({T: GRID[T]}, keep="yield/ortho")
    (line,) = s.plot("yield/ortho", feasible="yield/ortho > 60 %", unit="1").axes[0].get_lines()
    assert line.get_xdata() == pytest.approx([60, 80, 100, 120])
    assert line.get_ydata() == pytest.approx(s["yield/ortho"])


def test_of_more_parameters_the_others_are_held(snar_train: tt.Train) -> None:
    s = snar_train.sweep({**GRID, "flow_factor": [1.0, 2.0]}, keep="yield/ortho")
    with pytest.raises(tt.InputError, match="more than two"):
        s.plot("yield/ortho")
    with pytest.raises(tt.InputError, match="flow_factor"):
        s.plot("yield/ortho", x=T, y=TAU)
    figure = s.plot("yield/ortho", x=T, y=TAU, at={"flow_factor": 1.9})
    assert "flow_factor = 2" in figure.axes[0].get_title()
    (line,) = s.plot("yield/ortho", x=T, at={"flow_factor": 1.0, TAU: "2 min"}).axes[0].get_lines()
    assert line.get_ydata() == pytest.approx(100 * s["yield/ortho"][:, -1, 0])
    with pytest.raises(tt.PathError, match="kept, not varied"):
        s.plot("yield/ortho", x="yield/ortho")


def test_points_without_a_grid_are_scattered(snar_train: tt.Train) -> None:
    s = snar_train.sweep(tt.halton({T: (330.0, 390.0), TAU: (30.0, 120.0)}, 40), keep="yield/ortho")
    assert "PathCollection" in drawn(s.plot("yield/ortho", feasible="yield/ortho > 60 %"))


def test_profiles_of_a_family_of_runs_are_drawn(grid: tt.Sweep, tmp_path: Path) -> None:
    figure = grid.plot_profiles("coil", "bis", path=tmp_path / "p.png")
    assert len(figure.axes[0].get_lines()) == 12
    assert len(grid.plot_profiles("coil", "T", most=5, colour=TAU).axes[0].get_lines()) == 5
    with pytest.raises(tt.PathError, match="no species"):
        grid.plot_profiles("coil", "bus")


def test_the_normal_numbers_of_a_model_spread_its_yield() -> None:
    # c = c0 exp(-k tau): a normal k makes a lognormal c, ln(c/c0) = -k tau of mean -0.6 and sd 0.03
    s = decay().sweep(
        tt.monte_carlo(2000, {"reactions/r/k": ("normal", K, 0.05 * K)}), keep="outlet/c/A", profiles=()
    )
    x = np.log(s["outlet/c/A"] / FEED)
    assert x.mean() == pytest.approx(-0.6, abs=4 * 0.03 / math.sqrt(2000))
    assert x.std() == pytest.approx(0.03, rel=0.07)

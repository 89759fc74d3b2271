# SPDX-License-Identifier: Apache-2.0
"""Results: arrays, names, tables, files, pictures."""

from __future__ import annotations

import gc
import math
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import pytest
import tautrain as tt
from known_models import FEED, LEFT, K, decay


def test_profiles_are_labelled_arrays(snar: tt.Result) -> None:
    coil = snar["coil"]
    assert coil.c.shape == (len(coil.position), 5)
    assert coil.c["ortho"] is not None
    assert coil.c["ortho"][0] == 0.0
    assert coil.c["ortho"][-1] == snar.value("outlet/c/ortho")
    assert np.array_equal(np.asarray(coil.c)[:, 2], coil.c["ortho"])
    assert coil.position[-1] == pytest.approx(5e-6)
    assert np.all(np.diff(coil.position) > 0)
    assert coil.rate.shape == (len(coil.position), 4)
    assert coil.coordinate_unit == "m^3"


def test_the_profile_is_the_closed_form() -> None:
    coil = decay().run()["coil"]
    assert coil.c["A"] == pytest.approx(FEED * np.exp(-K * coil.position / (1e-6 / 60)), rel=1e-6)
    assert coil.rate["r"] == pytest.approx(K * coil.c["A"], rel=1e-12)
    assert pytest.approx(293.15) == coil.T


def test_arrays_are_read_only_and_outlive_everything() -> None:
    result = decay().run()
    values, c = result.observables.values_si, result["coil"].c["A"]
    kept = c.copy()
    with pytest.raises(ValueError, match="read-only"):
        c[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1.0
    del result
    for _ in range(20):
        decay().run()
    gc.collect()
    assert np.array_equal(c, kept)


def test_arrays_are_not_copied(snar: tt.Result) -> None:
    assert np.shares_memory(snar["coil"].c["DFNB"], np.asarray(snar["coil"].c))
    assert tt.Result(snar._handle)["coil"].T.ctypes.data == snar["coil"].T.ctypes.data


def test_a_unit_without_a_length_holds_its_outlet(snar: tt.Result) -> None:
    tee = snar["tee"]
    assert tee.c.shape == (1, 5)
    assert tee.c["DFNB"] == pytest.approx([500.0])  # 1 mol/L, diluted by the same flow
    assert tee.outlet.flow == pytest.approx(2.5e-6 / 60)
    assert tee.inlet.F["Pyrr"] == pytest.approx(2000 * 1.25e-6 / 60)


def test_values_come_in_the_unit_asked_for(snar: tt.Result) -> None:
    assert snar.value("residence_time") == pytest.approx(120.0)
    assert snar.value("residence_time", "min") == pytest.approx(2.0)
    assert snar.value("outlet/T", "degC") == pytest.approx(90.0)
    assert snar.observables["outlet/T"] == snar.value("outlet/T") == snar.outlet.T
    assert snar.observables.unit("outlet/T") == "K"
    with pytest.raises(tt.UnitsError):
        snar.value("outlet/T", "min")
    with pytest.raises(tt.PathError, match="outlet/c/ortho"):
        snar.value("outlet/c/orto")
    with pytest.raises(tt.PathError, match="did you mean 'coil'"):
        snar["coli"]
    with pytest.raises(tt.PathError, match="did you mean 'ortho'"):
        snar["coil"].c["orto"]


def test_matter_is_kept(snar: tt.Result) -> None:
    c = snar.outlet.c
    assert c["DFNB"] + c["ortho"] + c["para"] + c["bis"] == pytest.approx(500.0, rel=1e-12)
    assert snar.balances
    assert max(b.error for b in snar.balances) < 1e-9
    assert snar.value("balance/closure") < 1e-9


def test_what_is_known_about_a_run(snar: tt.Result) -> None:
    assert (snar.status, snar.message, snar.evidence) == ("complete", "", "published")
    assert snar.key == ("DFNB", "ortho")
    assert any("boils" in w for w in snar.warnings)
    assert snar["coil"].statistics.n_steps > 10
    assert decay().run().evidence == "unstated"


def test_the_repr_is_a_table_with_units(snar: tt.Result) -> None:
    text = repr(snar)
    for part in (
        "evidence: published",
        "conversion of DFNB",
        "%",
        "[mol/L]",
        "residence time",
        "balances closed",
    ):
        assert part in text
    html = snar._repr_html_()
    assert html.count("<table>") == 3
    assert "<b>SNAr" in html
    assert "STOPPED" in repr(decay().run(max_time=0))
    assert "outlet/c/ortho" in repr(snar.observables)
    assert "inlet" in repr(snar["coil"])
    assert "ortho 0 .. " in repr(snar["coil"].c)


def test_html_is_escaped() -> None:
    html = decay("<script>alert(1)</script>").run()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_xarray_has_units_and_names(snar: tt.Result) -> None:
    tree = snar.to_xarray()
    coil = tree["units/coil"]
    assert coil["c"].attrs["units"] == "mol/m^3"
    assert coil["position"].attrs["units"] == "m^3"
    assert float(coil["c"].sel(species="ortho")[-1]) == snar.value("outlet/c/ortho")
    assert float(tree["observables"]["value"].sel(path="conversion/DFNB")) == snar.value("conversion/DFNB")
    assert snar["coil"].c.to_xarray().sel(species="bis").attrs["units"] == "mol/m^3"
    assert snar["coil"].to_xarray().sizes["reaction"] == 4


def test_pandas_has_units_and_names(snar: tt.Result) -> None:
    frame = snar.to_pandas()
    assert frame.loc["outlet/T", "unit"] == "K"
    assert frame.loc["outlet/c/bis", "value"] == snar.value("outlet/c/bis")
    profile = snar["coil"].to_pandas()
    assert profile["c ortho [mol/m^3]"].iloc[-1] == snar.value("outlet/c/ortho")
    assert isinstance(snar["coil"].c.to_pandas(), pandas.DataFrame)
    assert snar.outlet.c.to_pandas()["ortho"] == snar.value("outlet/c/ortho")


@pytest.mark.parametrize("part", ["xarray", "pandas", "matplotlib.figure"])
def test_a_missing_optional_part_is_named(
    snar: tt.Result, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setitem(sys.modules, part, None)
    calls: dict[str, list[Callable[[], object]]] = {
        "xarray": [snar.to_xarray, snar["coil"].to_xarray, snar["coil"].c.to_xarray],
        "pandas": [
            snar.to_pandas,
            snar["coil"].to_pandas,
            snar["coil"].c.to_pandas,
            tt.compare(snar, snar).to_pandas,
        ],
        "matplotlib.figure": [snar.plot],
    }
    for call in calls[part]:
        with pytest.raises(tt.TautrainError, match=r"pip install 'tautrain\["):
            call()


def test_compare_shows_what_differs(snar_train: tt.Train, snar: tt.Result) -> None:
    cool = snar_train.run({"units/coil/temperature": "30 degC"})
    found = tt.compare(snar, cool)
    assert found.inputs == ("units/coil/temperature",)
    assert "90 degC" in repr(found)
    assert "30 degC" in repr(found)
    assert "conversion/DFNB" in found.outputs
    assert "<table>" in found._repr_html_()
    frame = found.to_pandas()
    assert frame.loc["outlet/T", "difference"] == pytest.approx(-60.0)


def test_a_plot_has_a_panel_for_each_unit_and_the_evidence(snar: tt.Result, tmp_path: Path) -> None:
    figure = snar.plot(tmp_path / "snar.png")
    assert (tmp_path / "snar.png").read_bytes()[:4] == b"\x89PNG"
    assert [ax.get_title() for ax in figure.axes if ax.get_title()] == ["coil (pfr)"]
    assert "published" in figure._supxlabel.get_text()
    assert {t.get_text() for t in figure.legends[0].get_texts()} == set(snar.species)
    with pytest.raises(tt.FileError):
        snar.plot(tmp_path / "nosuch" / "snar.png")


def test_a_train_without_profiles_has_a_plot_too() -> None:
    m = decay()
    m.unit("coil", "cstr", inlets="feed", volume="1 mL")
    assert len(m.run().plot().axes[0].patches) == 2


def test_a_result_reads_back_equal(snar: tt.Result, tmp_path: Path) -> None:
    file = tmp_path / "snar.h5"
    snar.save(file, command="a test")
    back = tt.load(file)
    assert back == snar
    assert np.array_equal(back["coil"].c.values, snar["coil"].c.values)
    assert back["coil"].statistics.n_steps == snar["coil"].statistics.n_steps
    assert (back.title, back.evidence, back.warnings) == (snar.title, snar.evidence, snar.warnings)
    assert back.model_text == snar.model_text
    assert repr(back.outlet) == repr(snar.outlet)


def test_a_stopped_result_reads_back_equal(tmp_path: Path) -> None:
    result = decay().run(max_time=0)
    result.save(tmp_path / "r.h5")
    back = tt.load(tmp_path / "r.h5")
    assert (back.status, back.message) == ("stopped", result.message)
    assert back == result


def test_results_pickle(snar: tt.Result) -> None:
    assert pickle.loads(pickle.dumps(snar)) == snar
    assert snar != decay().run()


def test_an_existing_file_is_kept(snar: tt.Result, tmp_path: Path) -> None:
    file = tmp_path / "r.h5"
    file.write_text("mine")
    with pytest.raises(tt.ExistsError, match=r"r\.h5"):
        snar.save(file)
    assert file.read_text() == "mine"
    snar.save(file, overwrite=True)
    assert tt.load(file) == snar


@pytest.mark.parametrize("below", ["a file", "/proc"])
def test_a_folder_that_cannot_be_written_to(snar: tt.Result, tmp_path: Path, below: str) -> None:
    (tmp_path / "plain").write_text("")
    folder = tmp_path / "plain" if below == "a file" else Path("/proc")
    with pytest.raises(tt.FileError):
        snar.save(folder / "r.h5")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plain"]


@pytest.mark.parametrize("content", [b"", b"not hdf5", b"\x89HDF\r\n\x1a\n" + bytes(200)])
def test_what_is_no_results_file_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "r.h5"
    file.write_bytes(content)
    with pytest.raises(tt.FileError) as caught:
        tt.load(file)
    assert "\n" not in str(caught.value)


def test_a_truncated_results_file_is_one_clear_error(snar: tt.Result, tmp_path: Path) -> None:
    file = tmp_path / "r.h5"
    snar.save(file)
    content = file.read_bytes()
    for n in (len(content) // 3, len(content) - 1000):
        file.write_bytes(content[:n])
        with pytest.raises(tt.FileError):
            tt.load(file)


def test_nan_where_a_run_did_not_get() -> None:
    result = decay().run(max_time=0)
    assert math.isnan(result.value("conversion/A"))
    assert LEFT > 0

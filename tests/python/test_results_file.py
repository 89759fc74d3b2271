# SPDX-License-Identifier: Apache-2.0
"""A results file as everybody else reads it: h5py and xarray, without tautrain."""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h5py
import numpy as np
import pint
import pytest
import tautrain as tt
import xarray as xr

SNAR = Path(__file__).parents[2] / "examples" / "snar" / "snar.yaml"
SEAL = len("\ntautrain sha256 \n") + 64
SPECIES = ["DFNB", "Pyrr", "ortho", "para", "bis"]


@pytest.fixture(scope="module")
def result() -> tt.Result:
    return tt.read(SNAR).run()


@pytest.fixture(scope="module")
def path(result: tt.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("results") / "snar.h5"
    result.save(path, command="a test")
    return path


@pytest.fixture
def file(path: Path) -> Iterator[h5py.File]:
    with h5py.File(path) as f:
        yield f


@pytest.fixture
def copy(path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(path, tmp_path / "copy.h5"))


def groups(path: Path) -> list[str]:
    found = ["/"]
    with h5py.File(path) as f:
        f.visititems(lambda name, it: found.append(name) if isinstance(it, h5py.Group) else None)
    return found


def stopped(tmp_path: Path) -> Path:
    """A run that was stopped in its first coil: profiles of no points."""
    m = tt.Model("stopped", solvent="water")
    m.species(A="100 g/mol", B="100 g/mol")
    m.reaction("r", "A -> B", k="0.01 1/s")
    m.feed("feed", flow="1 mL/min", temperature="20 degC", concentration={"A": "1 mol/L"})
    m.unit("coil", "pfr", inlets="feed", volume="1 mL")
    m.run(max_time=0).save(tmp_path / "stopped.h5")
    return tmp_path / "stopped.h5"


def test_the_root_tells_where_it_comes_from(file: h5py.File, result: tt.Result) -> None:
    about = dict(file.attrs)
    assert about["tautrain_format"] == 1
    assert about["tautrain_version"] == tt.__version__
    assert about["status"] == "complete"
    assert about["message"] == ""
    assert about["title"] == result.title
    assert about["evidence"] == "published"
    assert about["command"] == "a test"
    assert about["Conventions"].startswith("CF-")
    for name in ("git_commit", "sundials_version", "compiler", "host"):
        assert isinstance(about[name], str)
    for name in ("sundials_version", "hdf5_version"):
        assert re.fullmatch(r"\d+\.\d+\.\d+.*", about[name]), name
    age = datetime.now(UTC) - datetime.strptime(about["created"], "%Y-%m-%dT%H:%M:%S%z")
    assert timedelta(seconds=-2) < age < timedelta(hours=1)
    assert [x.decode() for x in file["warnings"]] == list(result.warnings)


def test_the_model_is_there_byte_for_byte(file: h5py.File) -> None:
    assert file["model"][()] == SNAR.read_bytes()
    assert file["model"].attrs["sha256"] == hashlib.sha256(SNAR.read_bytes()).hexdigest()


def test_the_seal_can_be_checked_by_hand(path: Path) -> None:
    content = path.read_bytes()
    assert content[-SEAL:] == b"\ntautrain sha256 %s\n" % hashlib.sha256(content[:-SEAL]).hexdigest().encode()


def test_every_number_has_a_unit_and_a_name(file: h5py.File) -> None:
    units: pint.UnitRegistry[float] = pint.UnitRegistry()
    seen = set()

    def look(name: str, it: h5py.HLObject) -> None:
        if not isinstance(it, h5py.Dataset):
            return
        assert it.attrs["long_name"], name
        if it.dtype.kind in "fi":
            text = it.attrs["units"]
            assert units.Quantity(1.0, text).to_base_units().magnitude == 1.0, (name, text)  # SI
            seen.add(text)

    file.visititems(look)
    assert {"1", "m^3", "mol/m^3", "mol/s", "m^3/s", "K", "Pa", "W", "W/m^3", "mol/m^3/s", "s", "m"} <= seen


def test_profiles_and_streams_stand_beside_their_labels(file: h5py.File, result: tt.Result) -> None:
    coil = file["units/coil"]
    assert coil.attrs["kind"] == "pfr"
    c = coil["c"]
    assert [c.dims[k][0].name.rsplit("/", 1)[-1] for k in range(2)] == ["volume", "species"]
    assert [x.decode() for x in c.dims[1][0]] == SPECIES
    assert coil["volume"][-1] == 5e-6
    assert coil["rate"].shape == (len(coil["volume"]), 4)
    for k, name in enumerate(SPECIES):
        assert coil["outlet/c"][k] == c[-1, k] == result.value(f"outlet/c/{name}")
    assert coil["T_max"][()] == result.value("units/coil/T_max")
    assert file["units/tee/inlet/flow"][()] == pytest.approx(2.5e-6 / 60, rel=1e-14)
    assert list(file["units"]) == list(file["solver"]) == ["tee", "coil"]
    assert file["solver/coil/n_steps"][()] > 10


def test_tables_hold_all_parameters_and_observables(file: h5py.File, result: tt.Result) -> None:
    paths = [x.decode() for x in file["observables/path"]]
    assert paths == list(result.observables)
    np.testing.assert_array_equal(file["observables/value"], result.observables.values_si)
    row = paths.index("outlet/c/ortho")
    assert file["observables/unit"][row] == b"mol/m^3"
    paths = [x.decode() for x in file["parameters/path"]]
    row = paths.index("reactions/a/k/Ea")
    assert file["parameters/value"][row] == 33300.0
    assert file["parameters/unit"][row] == b"kJ/mol"
    assert file["parameters/si_unit"][row] == b"J/mol"
    assert file["options"].attrs["rtol"] == 1e-8
    assert file["options"].attrs["atol"] == pytest.approx(1e-14 * 2000.0)  # of the largest feed, 2 mol/L
    assert math.isinf(file["options"].attrs["max_time"])
    assert file["options"].attrs["max_steps"] == 100000
    assert np.all(file["balance/error"][()] < 1e-9)


def test_xarray_opens_each_group_with_its_coordinates(path: Path) -> None:
    names = groups(path)
    assert len(names) == 17
    for name in names:
        with xr.open_dataset(path, engine="h5netcdf", group=name) as data:
            data.load()
    with xr.open_dataset(path, engine="h5netcdf", group="units/coil") as coil:
        assert coil.c.dims == ("volume", "species")
        assert coil.rate.dims == ("volume", "reaction")
        assert coil.c.attrs["units"] == "mol/m^3"
        end = coil.c.sel(species="ortho").isel(volume=-1).item()
    with xr.open_dataset(path, engine="h5netcdf", group="units/coil/outlet") as outlet:
        assert outlet.c.sel(species="ortho").item() == end
    with xr.open_dataset(path, engine="h5netcdf", group="observables") as observables:
        assert observables.value.sel(path="outlet/c/ortho").item() == end
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        assert tree["units/coil"].c.sel(species="ortho").isel(volume=-1).item() == end
        assert len(list(tree.subtree)) == len(names)


def test_a_stopped_run_opens_too(tmp_path: Path) -> None:
    path = stopped(tmp_path)
    with h5py.File(path) as f:
        assert f.attrs["status"] == "stopped"
        assert "'coil'" in f.attrs["message"]
        assert f["units/coil/c"].shape == (0, 2)
    for name in groups(path):
        with xr.open_dataset(path, engine="h5netcdf", group=name) as data:
            data.load()
    with xr.open_dataset(path, engine="h5netcdf", group="observables") as observables:
        assert math.isnan(observables.value.sel(path="outlet/c/A"))
    again = tt.load(path)
    assert again.status == "stopped"
    assert math.isnan(again.value("outlet/c/A"))


def test_what_h5py_adds_does_no_harm(copy: Path, result: tt.Result) -> None:
    with h5py.File(copy, "r+") as f:
        f.attrs["note"] = "run 7 of the notebook"
        f["units/coil"].create_dataset("measured", data=[1.0, 2.0])
    assert tt.load(copy) == result


def test_a_file_that_h5py_may_write_to_says_so(copy: Path, result: tt.Result) -> None:
    with h5py.File(copy, "r+"), pytest.raises(tt.ResultFileError, match="open for writing"):
        tt.load(copy)
    assert tt.load(copy) == result


def test_a_file_that_h5py_reads_is_read(copy: Path, result: tt.Result) -> None:
    with h5py.File(copy):
        assert tt.load(copy) == result


def test_a_file_open_elsewhere_can_be_replaced(copy: Path, result: tt.Result) -> None:
    with h5py.File(copy) as f:
        before = f["observables/value"][()]
        result.save(copy, overwrite=True)
        # Who has it open goes on reading the old one.
        np.testing.assert_array_equal(f["observables/value"][()], before)
    assert tt.load(copy) == result
    assert sorted(x.name for x in copy.parent.iterdir()) == ["copy.h5"]


def test_a_number_changed_by_accident_is_found(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    with h5py.File(copy) as f:
        at = f["units/coil/c"].id.get_offset()
    content[at + 100] ^= 1
    copy.write_bytes(content)
    with pytest.raises(tt.ResultFileError, match=r"copy\.h5' is damaged"):
        tt.load(copy)


def test_hdf5_of_others_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "theirs.h5", "w") as f:
        f["c"] = [1.0]
    with pytest.raises(tt.ResultFileError, match="no results file of tautrain"):
        tt.load(tmp_path / "theirs.h5")


@pytest.mark.skipif(not shutil.which("h5dump"), reason="h5dump is not installed (hdf5-tools)")
def test_h5dump_reads_it(path: Path) -> None:
    done = subprocess.run(["h5dump", path], capture_output=True, text=True, check=True)
    assert "mol/m^3" in done.stdout
    assert not done.stderr

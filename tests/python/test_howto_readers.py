# SPDX-License-Identifier: Apache-2.0
"""The scripts of docs/howto/read, run on a real file by the programs that are on the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tautrain as tt

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "docs" / "howto" / "read"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("howto")
    model = tt.read(ROOT / "examples" / "snar" / "snar.yaml")
    model.run({"units/coil/temperature": "60 degC"}).save(where / "snar.h5")
    return where


def succeeds(*command: str) -> bool:
    return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True).returncode


@pytest.mark.parametrize(
    ("script", "program", "needs"),
    [
        ("snar.R", ["Rscript"], ["Rscript", "-e", "library(rhdf5)"]),
        ("snar_hdf5r.R", ["Rscript"], ["Rscript", "-e", "library(hdf5r)"]),
        ("snar_octave.m", ["octave-cli", "--no-history"], ["octave-cli", "--eval", "pkg load netcdf"]),
        ("snar.jl", ["julia"], ["julia", "-e", "using HDF5"]),
    ],
)
def test_a_script_finds_what_we_find(folder: Path, script: str, program: list[str], needs: list[str]) -> None:
    if not succeeds(*needs):
        pytest.skip(f"{' '.join(needs)} does not work here")
    done = subprocess.run(
        [*program, SCRIPTS / script], cwd=folder, capture_output=True, text=True, check=True
    )
    result = tt.load(folder / "snar.h5")
    coil = result["coil"]
    wanted = {
        "ortho at the end": coil.c["ortho"][-1],
        "its maximum at": 1e6 * coil.position[coil.c["ortho"].argmax()],
        "conversion": result.value("conversion/DFNB"),
    }
    said = {name: float(x) for name, x in re.findall(r"^([^:\n]+): +([\d.e+-]+)", done.stdout, re.MULTILINE)}
    assert "ortho at the end" in said
    for name, value in said.items():
        assert value == pytest.approx(wanted[name], rel=1e-5), name

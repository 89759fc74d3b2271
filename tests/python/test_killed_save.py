# SPDX-License-Identifier: Apache-2.0
"""A Python process is killed at 20 moments while it runs and saves: h5py finds a file, whole."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import h5py
import pytest
import tautrain as tt

SNAR = Path(__file__).parents[2] / "examples" / "snar" / "snar.yaml"
MOMENTS = 20
SAVES = """
import sys, tautrain as tt
train = tt.read(sys.argv[1]).compile()
train.run().save(sys.argv[2], overwrite=True)
print("ready", flush=True)
while True:
    train.run().save(sys.argv[2], overwrite=True)
"""


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_process_leaves_a_file_that_h5py_opens(moment: int, tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    with subprocess.Popen(
        [sys.executable, "-c", SAVES, SNAR, path], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.0013 * moment)  # a run and a save take some 20 ms
        process.kill()
    with h5py.File(path) as f:
        stored = float(f["outlet/c"][0]) if "outlet/c" in f else None
        assert f.attrs["tautrain_format"] == 1
        assert len(f["observables/path"]) == len(f["observables/value"]) > 0
        assert f["observables/value"][()].dtype == "float64"
    assert stored is None or stored >= 0.0
    assert tt.load(path).value("outlet/c/ortho") == pytest.approx(
        tt.read(SNAR).run().value("outlet/c/ortho"), rel=1e-12
    )
    assert len(list(tmp_path.iterdir())) <= 2  # what was being written stays under another name

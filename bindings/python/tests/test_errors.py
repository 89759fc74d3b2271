# SPDX-License-Identifier: Apache-2.0
"""Ids of errors: the table, exceptions of every class, nothing said twice."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import tautrain as tt
from known_models import ROOT, decay

KINDS = {kind.id: kind for kind in tt.errors()}


def test_the_table_is_that_of_the_released_ids() -> None:
    released = (ROOT / "tests" / "unit" / "error_ids.txt").read_text().split()
    assert sorted(KINDS) == sorted(released)
    assert len(KINDS) == len(tt.errors())
    for kind in KINDS.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.id)
        assert kind.status.startswith("TAU_")
        assert kind.meaning.endswith(".")
        assert kind.cure.endswith(".")


CASES: dict[str, tuple[type[Exception], Callable[[], object]]] = {
    "unknown-parameter": (tt.PathError, lambda: decay().run({"units/coil/volum": 1.0})),
    "unknown-observable": (tt.PathError, lambda: decay().run().value("outlet/c/nobody")),
    "out-of-range": (tt.InputError, lambda: decay().run({"units/coil/volume": -1.0})),
    "bad-number": (tt.InputError, lambda: decay().run({"units/coil/volume": "large"})),
    "wrong-unit": (tt.UnitsError, lambda: decay().run({"units/coil/volume": "1 s"})),
    "missing-unit": (tt.UnitsError, lambda: decay().run({"units/coil/volume": "5"})),
    "unknown-unit": (tt.UnitsError, lambda: tt.convert(1.0, "mLL", "L")),
    "bad-path": (tt.PathError, lambda: tt.Model().set("a//b", "1")),
    "cannot-read": (tt.FileError, lambda: tt.load("/nowhere/run.h5")),
    "not-a-results-file": (tt.ResultFileError, lambda: tt.load(Path(__file__))),
}


@pytest.mark.parametrize("kind", CASES)
def test_an_error_has_its_id_once_and_keeps_it_when_pickled(kind: str) -> None:
    expected, make = CASES[kind]
    with pytest.raises(expected) as caught:
        make()
    error = caught.value
    assert isinstance(error, tt.TautrainError)
    assert error.id == kind
    assert str(error) == f"{error.message} [{kind}]"
    assert not error.message.endswith("]")
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), twin.id, str(twin)) == (type(error), kind, str(error))


def test_a_file_that_exists(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    decay().write(file)
    with pytest.raises(
        tt.ExistsError, match=r"exists already; overwrite=True replaces it \[file-exists\]$"
    ) as caught:
        decay().write(file)
    assert caught.value.errno is None


def test_what_python_raises_itself_is_of_the_table_too() -> None:
    package = Path(tt.__file__).parent
    said = {
        kind
        for file in package.glob("*.py")
        for kind in re.findall(r'kind=(?:f)?"([\w-]+)"(?! if)', file.read_text())
    }
    assert said >= {"file-exists", "unknown-observable"}
    assert said <= set(KINDS)


def test_an_error_of_python_has_no_id() -> None:
    error = tt.TautrainError("something else")
    assert (str(error), error.id) == ("something else", "")

# SPDX-License-Identifier: Apache-2.0
"""A sweep in its file, read by h5py: the file is open only while something is read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ._design import Array
from ._errors import FileError, ResultFileError
from ._export import lacks
from ._sweep_data import NOT_RUN, Facts, Failure, Ints, Places, Profiles
from ._train import Observable, Parameter

_ROWS = 65536  # that are read at once, for a column of them


def _text(value: Any) -> str:
    """A text as h5py gives it: bytes, str, or an array of one."""
    value = value.item() if isinstance(value, np.ndarray) else value
    return value.decode("utf-8", "replace").rstrip("\0") if isinstance(value, bytes) else str(value)


def holds_sweep(file: str) -> bool:
    """Whether it is the file of a sweep; False also where that cannot be found out."""
    try:
        import h5py

        with h5py.File(file, "r") as f:
            return _text(f.attrs.get("tautrain_content", "")) == "sweep"
    except (ImportError, OSError):
        return False


class FileSource:
    """The numbers of a sweep stay in its file until they are asked for."""

    def __init__(self, file: str) -> None:
        self.file = file
        with self._open() as f:
            self.facts = self._facts(f)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            import h5py
        except ImportError as error:
            raise lacks("h5py", error) from error
        try:
            with h5py.File(self.file, "r") as f:
                yield f
        except FileNotFoundError:
            raise FileError(f"{self.file}: there is no such file", kind="cannot-read") from None
        except BlockingIOError as error:
            message = f"{self.file} is open in another program that writes it: {error.strerror}"
            raise FileError(message, kind="sweep-file-in-use") from None
        except (OSError, KeyError, ValueError, TypeError, RuntimeError, IndexError) as error:
            if not os.path.exists(self.file):
                raise FileError(f"{self.file}: {error}", kind="cannot-read") from None
            raise ResultFileError(
                f"{self.file} is no file of a sweep, or it is damaged: {error}", kind="damaged-results-file"
            ) from None

    def _facts(self, f: Any) -> Facts:
        if _text(f.attrs.get("tautrain_content", "")) != "sweep":
            raise ResultFileError(f"{self.file} holds no sweep", kind="not-a-results-file")
        group = f["sweep"]
        n_done = int(group["n_done"][()])
        design = _text(group["design"][()])
        shape = json.loads(design).get("shape") if design.startswith("{") else None
        return Facts(
            title=_text(f.attrs.get("title", "")),
            evidence=_text(f.attrs.get("evidence", "")),
            shape=None if shape is None else tuple(shape),
            parameters=self._parameters(group),
            sensitivities=self._parameters(f["sensitivity"]) if "sensitivity" in f else [],
            observables=[
                Observable(_text(path), _text(unit), _text(doc))
                for path, unit, doc in zip(
                    group["observable"][()],
                    group["observable_unit"][()],
                    group["observable_description"][()],
                    strict=True,
                )
            ],
            units=list(group["profiles"]) if "profiles" in group else [],
            species=tuple(_text(s) for s in f["species"][()]) if "species" in f else (),
            n_runs=int(group["status"].shape[0]),
            first_run=int(group.attrs["first_run"]),
            n_all=int(group.attrs["n_all"]),
            status=_text(f.attrs["status"]),
            engine=_text(f["options"].attrs.get("engine", "")),
            n_handed_over=int(group["n_handed_over"][()]),
            largest_difference=float(group["largest_difference"][()]),
            wall_time=float(group["wall_time"][()]),
            failures=self._failures(group, n_done),
        )

    def _parameters(self, group: Any) -> list[Parameter]:
        """Names of columns; the unit as the user wrote it is not kept for them."""
        paths, units = group["parameter"][()], group["parameter_unit"][()]
        nan = float("nan")
        return [
            Parameter(_text(path), nan, 0.0, -np.inf, np.inf, _text(unit), _text(unit), _text(path))
            for path, unit in zip(paths, units, strict=True)
        ]

    def _failures(self, group: Any, n_done: int) -> list[Failure]:
        runs = group["message_runs"][()]
        n = int(np.flatnonzero(group["message_first_run"][()] >= 0).max(initial=-1)) + 1
        columns = [group[name][()] for name in ("message", "message_id", "message_status", "message_unit")]
        return [
            Failure(
                _text(columns[0][k]),
                _text(columns[1][k]),
                int(columns[2][k]),
                _text(columns[3][k]),
                int(runs[k]),
                int(group["message_first_run"][k]),
            )
            for k in range(n)
        ]

    def _column(self, name: str, j: int) -> Array:
        with self._open() as f:
            data = f["sweep"][name]
            out = np.empty(data.shape[0])
            for at in range(0, len(out), _ROWS):
                out[at : at + _ROWS] = data[at : at + _ROWS][:, j]
            return out

    def inputs(self, j: int) -> Array:
        return self._column("input", j)

    def observables(self, j: int) -> Array:
        return self._column("output", j)

    def slopes(self, observables: Places, parameters: Places) -> Array:
        with self._open() as f:
            data = f["sensitivity/values"]
            out = np.empty((data.shape[0], len(observables), len(parameters)))
            some = max(_ROWS // max(data.shape[1] * data.shape[2], 1), 1)
            for at in range(0, len(out), some):
                out[at : at + some] = data[at : at + some][:, observables][:, :, parameters]
            return out

    def status(self) -> Ints:
        with self._open() as f:
            status = np.asarray(f["sweep"]["status"][()], dtype=np.int32)
            status[int(f["sweep"]["n_done"][()]) :] = NOT_RUN
            return status

    def codes(self) -> Ints:
        with self._open() as f:
            return np.asarray(f["sweep"]["code"][()], dtype=np.int32)

    def profiles(self, j: int) -> Profiles:
        name = self.facts.units[j]
        with self._open() as f:
            group = f["sweep"]["profiles"][name]
            unit = _text(group["position"].attrs["units"])
            arrays = [np.asarray(group[what][()]) for what in ("position", "c", "T")]
            return Profiles(name, _text(group.attrs["coordinate"]), unit, self.facts.species, *arrays)

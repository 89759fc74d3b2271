# SPDX-License-Identifier: Apache-2.0
"""The command line: what it prints, where, and its exit statuses."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import tautrain as tt
from known_models import LEFT, LOMUSTINE, ROOT, SEVERAL_MISTAKES, decay, endless
from tautrain import cli, demo

COMPLETE, FAILED, WRONG_INPUT, STOPPED = range(4)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    decay().write("decay.yaml")
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    return int(end.value.code or 0)


def test_check_says_what_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "decay.yaml") == COMPLETE
    assert "coil (pfr)" in capsys.readouterr().out


def test_check_tells_all_mistakes_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(SEVERAL_MISTAKES)) == WRONG_INPUT
    out, err = capsys.readouterr()
    golden = (SEVERAL_MISTAKES.parent / "error").read_text().strip().splitlines()
    lines = err.strip().splitlines()
    assert out == ""
    assert [line.replace(f"{SEVERAL_MISTAKES.parent}/", "") for line in lines] == [*golden, "3 mistakes"]


def test_check_gives_mistakes_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(SEVERAL_MISTAKES), "--json") == WRONG_INPUT
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)["mistakes"]
    assert [(m["line"], m["column"]) for m in found] == [(10, 32), (14, 23), (18, 25)]
    assert [m["id"] for m in found] == ["wrong-unit", "unknown-key", "unknown-inlet"]
    assert run("check", "decay.yaml", "--json") == COMPLETE
    assert json.loads(capsys.readouterr().out) == {"file": "decay.yaml", "mistakes": []}


def test_explain_says_what_an_id_means(capsys: pytest.CaptureFixture[str]) -> None:
    kind = next(kind for kind in tt.errors() if kind.id == "unknown-key")
    for written in ("unknown-key", "[unknown-key]"):
        assert run("explain", written) == COMPLETE
        out, err = capsys.readouterr()
        assert err == ""
        assert " ".join(out.split()) == f"unknown-key {kind.meaning} {kind.cure}"
    assert run("explain", "unknown-key", "--json") == COMPLETE
    said = json.loads(capsys.readouterr().out)
    assert said == {"unknown-key": {"meaning": kind.meaning, "cure": kind.cure}}


def test_explain_offers_the_nearest_id_and_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "unknwn-key") == WRONG_INPUT
    out, err = capsys.readouterr()
    assert (out, err) == ("", "'unknwn-key' is no id of an error; did you mean 'unknown-key'?\n")
    assert run("explain") == COMPLETE
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [kind.id for kind in tt.errors()]


def test_run_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "decay.yaml") == COMPLETE
    out, err = capsys.readouterr()
    assert "conversion of A" in out
    assert err == ""
    assert sorted(os.listdir()) == ["decay.yaml"]


def test_json_is_all_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "decay.yaml", "--json", "--out", "r.h5") == COMPLETE
    content = json.loads(capsys.readouterr().out)
    assert (content["title"], content["status"], content["evidence"], content["message"]) == (
        "decay",
        "complete",
        "unstated",
        "",
    )
    assert content["observables"]["outlet/c/A"] == {"value": pytest.approx(LEFT, rel=1e-7), "unit": "mol/m^3"}


def test_what_is_not_finite_is_null(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "decay.yaml", "--json", "--max-time", "0 s") == STOPPED
    out, err = capsys.readouterr()
    content = json.loads(out)
    assert content["status"] == "stopped"
    assert content["observables"]["outlet/c/A"]["value"] is None
    assert f"{content['message']} [{content['id']}]" == err.strip()
    assert err.count("\n") == 1


def test_json_of_a_wrong_input_is_json_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "nosuch.yaml", "--json") == WRONG_INPUT
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "failed"
    assert err.count("\n") == 1


def test_set_changes_parameters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_ = ["--set", "units/coil/volume=2 mL", "--set", "feeds/feed/concentration/A=2 mol/L"]
    assert run("run", "decay.yaml", "--json", *set_) == COMPLETE
    c = json.loads(capsys.readouterr().out)["observables"]["outlet/c/A"]["value"]
    assert c == pytest.approx(2000 * (LEFT / 1000) ** 2, rel=1e-7)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "decay.yaml", "--set", "units/coil/volum=2 mL"], "did you mean 'units/coil/volume'"),
        (["run", "decay.yaml", "--set", "units/coil/volume=2 s"], "is in s; needs mL"),
        (["run", "decay.yaml", "--set", "units/coil/volume"], "path=value"),
        (["run", "decay.yaml", "--max-time", "5 K"], "5 K"),
        (["run", "decay.yaml", "--rtol", "x"], "--rtol"),
        (["run", "nosuch.yaml"], "nosuch.yaml"),
        (["run", "decay.yaml", "--out", "nosuch/r.h5"], "nosuch"),
        (["run", "decay.yaml", "--out", "decay.yaml/r.h5"], "decay.yaml"),
        (["run", "decay.yaml", "--frob"], "--frob"),
        (["run"], "MODEL.yaml"),
        (["frob"], "frob"),
        (["show", "decay.yaml"], "decay.yaml"),
        (["show", "nosuch.h5"], "nosuch.h5"),
        (["verify", "nosuch.h5"], "nosuch.h5"),
        (["paths", "nosuch.yaml"], "nosuch.yaml"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(*arguments) == WRONG_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert sorted(os.listdir()) == ["decay.yaml"]


def test_a_failed_run_is_one_line_and_status_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    m = decay()
    m.reaction("r", "2 A -> 3 A", k="1e-4 m^3/mol/s", balance="no")  # without bound at 10 s of 60 s
    m.remove("key")
    m.write("runaway.yaml")
    assert run("run", "runaway.yaml", "--out", "r.h5", "--json") == FAILED
    out, err = capsys.readouterr()
    content = json.loads(out)
    assert content["status"] == "failed"
    assert f"{content['message']} [{content['id']}]" == err.strip()
    assert err.count("\n") == 1
    kept = tt.load("r.h5")
    assert (kept.status, kept.error_id) == ("failed", content["id"]) == ("failed", "step-too-small")


def test_nothing_flows_is_status_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "decay.yaml", "--set", "feeds/feed/flow=0 mL/min") == FAILED
    assert capsys.readouterr().err.count("\n") == 1


def test_outputs_are_written_and_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = ["--out", "r.h5", "--plot", "--csv", "r.csv"]
    assert run("run", "decay.yaml", *outputs) == COMPLETE
    assert sorted(os.listdir()) == ["decay.png", "decay.yaml", "r-coil.csv", "r.csv", "r.h5"]
    with open("r.csv", newline="") as f:
        rows = {row["path"]: row for row in csv.DictReader(f)}
    assert float(rows["outlet/c/A"]["value"]) == tt.load("r.h5").value("outlet/c/A")
    before = Path("r.h5").read_bytes()
    capsys.readouterr()
    assert run("run", "decay.yaml", *outputs) == WRONG_INPUT
    assert "r.h5 exists already" in capsys.readouterr().err
    assert Path("r.h5").read_bytes() == before
    assert run("run", "decay.yaml", "--set", "units/coil/volume=2 mL", *outputs, "--force") == COMPLETE
    assert tt.load("r.h5").value("outlet/c/A") == pytest.approx(LEFT**2 / 1000, rel=1e-7)


def test_a_picture_can_be_named(folder: Path) -> None:
    assert run("run", "--plot", "mine.svg", "decay.yaml") == COMPLETE
    assert "<svg" in Path("mine.svg").read_text()
    assert run("run", "--plot", "decay.yaml") == COMPLETE
    assert Path("decay.png").exists()


def test_show_and_verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run("run", "decay.yaml", "--out", "r.h5", "--rtol", "1e-6", "--set", "units/coil/volume=2 mL")
        == COMPLETE
    )
    first = capsys.readouterr().out
    assert run("show", "r.h5") == COMPLETE
    assert capsys.readouterr().out.strip() == first.split("\n\nresults ")[0].strip()
    assert run("show", "r.h5", "--all") == COMPLETE
    assert "outlet/c/A" in capsys.readouterr().out
    assert run("show", "r.h5", "--json") == COMPLETE
    assert json.loads(capsys.readouterr().out)["status"] == "complete"
    assert run("verify", "r.h5") == COMPLETE
    assert "largest difference 0.0e+00" in capsys.readouterr().out


def test_verify_finds_a_number_that_was_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    h5py = pytest.importorskip("h5py")
    assert run("run", "decay.yaml", "--out", "r.h5") == COMPLETE
    with h5py.File("r.h5", "r+") as f:
        path = [p.decode() for p in f["observables/path"][()]]
        f["observables/value"][path.index("outlet/c/A")] *= 1.01
    capsys.readouterr()
    assert run("verify", "r.h5", "--json") == FAILED
    content = json.loads(capsys.readouterr().out)
    assert content["observables"]["outlet/c/A"]["difference"] == pytest.approx(0.01, rel=0.02)


def test_paths_lists_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("paths", "decay.yaml") == COMPLETE
    out = capsys.readouterr().out
    assert "units/coil/volume" in out
    assert "1 mL" in out
    assert "outlet/c/B" in out
    assert run("paths", "decay.yaml", "--json") == COMPLETE
    content = json.loads(capsys.readouterr().out)
    assert content["parameters"]["units/coil/volume"]["value"] == pytest.approx(1e-6)
    assert content["parameters"]["units/coil/length"]["value"] is None


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == COMPLETE
    assert capsys.readouterr().out == f"tautrain {tt.__version__}\n"
    assert run("run", "--help") == COMPLETE
    assert "--max-time" in capsys.readouterr().out


def test_ctrl_c_ends_a_run_in_one_line_and_keeps_what_there_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    m = endless()
    m.solver(max_steps=2_000_000_000)
    m.write("endless.yaml")
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    assert run("run", "endless.yaml", "--out", "r.h5", "--max-time", "60 s") == STOPPED
    assert time.monotonic() - started < 5.0
    out, err = capsys.readouterr()
    assert err == "stopped in unit 'vessel': cancelled [cancelled]\n"
    assert out == ""
    result = tt.load("r.h5")
    assert result.status == "stopped"
    assert math.isnan(result.value("outlet/c/X"))
    assert len(result["vessel"].position) > 0
    assert sorted(os.listdir()) == ["decay.yaml", "endless.yaml", "r.h5"]


def test_lines_are_not_wrapped_without_a_terminal(folder: Path) -> None:
    long = "a" * 200
    command = [sys.executable, "-m", "tautrain", "run", f"{long}.yaml"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "40"}, check=False
    )
    assert done.returncode == WRONG_INPUT
    assert done.stderr.count("\n") == 1
    assert long in done.stderr


def test_the_demonstration_computes_its_table_and_writes_its_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(ROOT) == 0
    out = capsys.readouterr().out
    result = tt.read(LOMUSTINE).run()
    for path, unit in (
        ("conversion/CyNH2", "%"),
        ("yield/lomustine", "%"),
        ("productivity/lomustine", "mg/h"),
    ):
        assert f"{result.value(path, unit):.1f} {unit}" in out
    assert "evidence: illustrative" in out
    assert tt.load("lomustine.h5") == result
    assert Path("lomustine.png").read_bytes()[:4] == b"\x89PNG"


def test_a_results_file_is_no_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "decay.yaml", "--out", "r.h5") == COMPLETE
    capsys.readouterr()
    assert run("run", "r.h5") == WRONG_INPUT
    assert "`tautrain show` prints it" in capsys.readouterr().err


def test_a_picture_of_unknown_kind_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "decay.yaml", "--plot=x.xyz") == FAILED
    assert capsys.readouterr().err.count("\n") == 1


def test_a_plot_without_matplotlib_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert run("run", "decay.yaml", "--plot") == FAILED
    assert capsys.readouterr().err.startswith("matplotlib is needed")

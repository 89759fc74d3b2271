# SPDX-License-Identifier: Apache-2.0
"""`tautrain sweep` and `tautrain merge`: what they print, where, and their exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tautrain as tt
from known_models import FEED, K, decay
from tautrain import _cli_sweep, cli

COMPLETE, FAILED, WRONG_INPUT, STOPPED = range(4)
TAU = "units/coil/residence_time"
DESIGN = f"tautrain: 1\ngrid:\n  {TAU}: {{from: 10 s, to: 300 s, n: 30}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    decay().write("decay.yaml")
    Path("design.yaml").write_text(DESIGN)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    return int(end.value.code or 0)


SWEEP = ("sweep", "decay.yaml", "--design", "design.yaml", "--out", "s.h5")


def test_a_sweep_goes_into_a_file_and_says_how_it_went(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(*SWEEP, "--keep", "outlet/c/*", "--keep", "pmi", "--profiles", "coil", "--threads", "2")
        == COMPLETE
    )
    out, err = capsys.readouterr()
    assert err == ""
    assert "30 of 30 runs, complete" in out
    assert "runs/s" in out
    assert "results s.h5" in out
    s = tt.open_sweep("s.h5")
    assert s["outlet/c/A"] == pytest.approx(FEED * np.exp(-K * tt.linspace(10.0, 300.0, 30)), rel=1e-6)
    assert s.observables == ("outlet/c/A", "outlet/c/B", "pmi")
    assert s.profiles == ("coil",)


def test_sensitivities_are_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--keep", "outlet/c/A", "--sensitivities", "reactions/*", "--sensitivities", TAU)
    assert run(*SWEEP, *arguments) == COMPLETE
    s = tt.open_sweep("s.h5")
    tau = tt.linspace(10.0, 300.0, 30)
    assert s.sensitivity("outlet/c/A", "reactions/r/k") == pytest.approx(
        -tau * FEED * np.exp(-K * tau), rel=1e-6
    )
    assert s.sensitivity("outlet/c/A", TAU) == pytest.approx(-K * FEED * np.exp(-K * tau), rel=1e-6)
    capsys.readouterr()
    assert run(*SWEEP, *arguments[:4]) == WRONG_INPUT
    assert "another sweep" in capsys.readouterr().err


def test_a_table_and_set_parameters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text(f"{TAU} [min]\n1\n2\n")
    arguments = (
        "sweep",
        "decay.yaml",
        "--design",
        "t.csv",
        "--out",
        "s.h5",
        "--set",
        "reactions/r/k=0.02 1/s",
    )
    assert run(*arguments) == COMPLETE
    assert tt.open_sweep("s.h5")["outlet/c/A"] == pytest.approx(FEED * np.exp([-1.2, -2.4]), rel=1e-6)


def test_json_and_nothing_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*SWEEP, "--json") == COMPLETE
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert (found["status"], found["n_runs"], found["n_done"], found["n_failed"]) == ("complete", 30, 30, 0)
    assert found["failures"] == []


def test_the_same_command_finds_what_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*SWEEP) == COMPLETE
    before = Path("s.h5").read_bytes()
    capsys.readouterr()
    assert run(*SWEEP) == COMPLETE
    assert "30 of 30 runs are there already" in capsys.readouterr().err
    with tt._sweep_file.FileSource("s.h5")._open() as f:  # type: ignore[attr-defined]
        assert f["sweep/n_done"][()] == 30
    assert len(Path("s.h5").read_bytes()) == len(before)


def test_show_shows_a_sweep(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*SWEEP) == COMPLETE
    capsys.readouterr()
    assert run("show", "s.h5") == COMPLETE
    assert "30 of 30 runs, complete" in capsys.readouterr().out
    assert run("show", "s.h5", "--json") == COMPLETE
    assert json.loads(capsys.readouterr().out)["n_done"] == 30
    assert run("verify", "s.h5") == WRONG_INPUT
    assert "open_sweep" in capsys.readouterr().err


def test_another_design_is_refused_and_force_begins_anew(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*SWEEP) == COMPLETE
    Path("design.yaml").write_text(DESIGN.replace("300 s", "301 s"))
    capsys.readouterr()
    assert run(*SWEEP) == WRONG_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert "another sweep" in err
    assert "[other-sweep]" in err
    assert run(*SWEEP, "--force") == COMPLETE
    assert tt.open_sweep("s.h5")[TAU][-1] == pytest.approx(301.0)


def test_mistakes_of_a_design_are_told_with_their_places(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("design.yaml").write_text(
        f"tautrain: 1\ngrid:\n  {TAU}: [1 min, 5 degC]\n  units/coil/lenght: 1 m\n"
    )
    assert run(*SWEEP) == WRONG_INPUT
    out, err = capsys.readouterr()
    first, second, count = err.splitlines()
    assert out == ""
    assert first.startswith("design.yaml:3:")
    assert second.startswith("design.yaml:4:3: 'units/coil/lenght' is no parameter")
    assert count == "2 mistakes"
    assert not Path("s.h5").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--part", "3-16"), "two whole numbers"),
        (("--part", "31/31"), "are parts"),
        (("--keep", "yeild/*"), "matches none"),
        (("--profiles", "coli"), "did you mean 'coil'"),
        (("--sensitivities", "reactions/r/K"), "did you mean 'reactions/r/k'"),
        (("--engine", "euler"), "auto, cvodes, lanes"),
        (("--threads", "0"), "at least 1"),
        (("--set", f"{TAU}=1 min"), "set for all runs"),
        (("--set", "pressure"), "path=value"),
    ],
)
def test_wrong_options_say_what_is_needed(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert run(*SWEEP, *arguments) == WRONG_INPUT
    assert message in capsys.readouterr().err


def test_failed_runs_are_counted_by_cause(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text("feeds/feed/flow [mL/min]\n1\n0\n2\n0\n")
    assert run("sweep", "decay.yaml", "--design", "t.csv", "--out", "s.h5", "--json") == COMPLETE
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert (failure["n_runs"], failure["first_run"]) == (2, 1)
    assert run("sweep", "decay.yaml", "--design", "t.csv", "--out", "s.h5") == COMPLETE
    assert f"2 x {failure['id']}, first run 1:" in capsys.readouterr().out
    Path("t.csv").write_text("feeds/feed/flow [mL/min]\n0\n")
    assert run("sweep", "decay.yaml", "--design", "t.csv", "--out", "none.h5") == FAILED


def test_parts_are_merged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for k in (1, 2, 3):
        assert run(*SWEEP, "--part", f"{k}/3") == COMPLETE
    files = sorted(str(p) for p in Path().glob("s.part-*-of-3.h5"))
    assert files == [f"s.part-{k}-of-3.h5" for k in (1, 2, 3)]
    capsys.readouterr()
    assert run("merge", "s.h5", *files[:2]) == WRONG_INPUT
    assert run("merge", "s.h5", *files) == COMPLETE
    assert "30 of 30 runs, complete" in capsys.readouterr().out
    assert tt.open_sweep("s.h5")["outlet/c/A"] == pytest.approx(
        FEED * np.exp(-K * tt.linspace(10.0, 300.0, 30)), rel=1e-6
    )
    assert run("merge", "s.h5", *files) == WRONG_INPUT
    assert run("merge", "s.h5", *files, "--force", "--json") == COMPLETE


LONG = f"tautrain: 1\nmonte-carlo:\n  n: 2000000\n  parameters: {{{TAU}: [10 s, 300 s]}}\n"


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(folder: Path) -> None:
    Path("design.yaml").write_text(LONG)
    command = [sys.executable, "-m", "tautrain", *SWEEP, "--keep", "pmi"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60.0
    while not Path("s.h5").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == STOPPED, err
    assert "of 2000000 runs, stopped" in out
    assert "the same command goes on" in err
    done = tt.open_sweep("s.h5").n_done
    assert 0 < done < 2_000_000
    again = subprocess.run(
        [*command, "--max-time", "0.2 s"], capture_output=True, text=True, check=False, timeout=60
    )
    assert again.returncode == STOPPED
    assert f"{done} of 2000000 runs are there already; going on" in again.stderr
    assert tt.open_sweep("s.h5").n_done >= done


def test_without_a_terminal_a_line_is_said_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(_cli_sweep.time, "monotonic", lambda: clock[0])
    with cli._Watch(False) as watch, _cli_sweep.Teller(watch, False) as teller:
        for n in range(0, 1001, 100):
            clock[0] = 0.15 * n
            assert teller.progress(n, 1000) is False
        os.kill(os.getpid(), signal.SIGINT)
        assert teller.progress(1000, 1000) is True
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["400 of 1000 runs, 6.67 runs/s, 90 s left", "800 of 1000 runs, 6.67 runs/s, 30 s left"]


def test_on_a_terminal_a_bar_is_drawn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with cli._Watch(False) as watch, _cli_sweep.Teller(watch, True) as teller:
        teller.progress(0, 10)
        teller.progress(5, 10)
        assert teller._bar is not None
        teller._bar.refresh()
    assert "5/10" in capsys.readouterr().err

# SPDX-License-Identifier: Apache-2.0
"""The command ``tautrain rtd``."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import tautrain as tt
from known_models import RTD_TRAIN
from tautrain import cli


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A train of a tube, a tank and a splitter."""
    file = tmp_path / "train.yaml"
    file.write_text(RTD_TRAIN, encoding="utf-8")
    return str(file)


def run(*arguments: str) -> int:
    """Exit status of the command."""
    with pytest.raises(SystemExit) as end:
        cli.main(["rtd", *arguments])
    return int(end.value.code or 0)


def test_prints_the_train(model, capsys):
    assert run(model) == cli.COMPLETE
    out = capsys.readouterr().out
    assert out.startswith("train: ")
    assert "mean residence time" in out
    assert "share that leaves here" in out
    assert "99.99 %" in out


def test_json_of_the_train(model, capsys):
    assert run(model, "--json", "--times", "60 s, 3 min") == cli.COMPLETE
    found = json.loads(capsys.readouterr().out)["rtd"]["train"]
    assert found["fraction"] == pytest.approx(0.75)
    assert found["mean"] == {"value": pytest.approx(180.0), "unit": "s"}
    assert found["sigma"]["value"] == pytest.approx(120.0)
    assert found["quantiles"]["0.5"] == pytest.approx(60.0 + 120.0 * math.log(2.0))
    assert found["washout_times"]["0.999"] == pytest.approx(60.0 + 120.0 * math.log(1000.0))
    assert found["curves"]["time"] == [60.0, 180.0]
    assert found["curves"]["W"][1] == pytest.approx(math.exp(-1.0))


def test_json_has_no_infinity(capsys):
    assert run("{model: laminar, mean: 1 min}", "--json") == cli.COMPLETE
    assert json.loads(capsys.readouterr().out)["rtd"]["rtd"]["variance"]["value"] is None


def test_feed_outlet_and_changes(model, capsys):
    arguments = ["--feed", "dye", "--outlet", "coil", "--set", "units/coil/volume=2 mL", "--json"]
    assert run(model, *arguments) == cli.COMPLETE
    found = json.loads(capsys.readouterr().out)["rtd"]["train"]
    assert found["atoms"] == [{"time": pytest.approx(120.0), "weight": pytest.approx(1.0)}]


def test_entries_by_name(model, capsys):
    assert run(model, "--name", "*", "--json") == cli.COMPLETE
    found = json.loads(capsys.readouterr().out)["rtd"]
    assert list(found) == ["pump", "line"]
    assert found["line"]["made_of"] == "plug + tanks"
    assert run(model, "--name", "lime") == cli.WRONG_INPUT
    assert "did you mean 'line'" in capsys.readouterr().err


def test_a_file_of_distributions_alone(tmp_path, capsys):
    file = tmp_path / "alone.yaml"
    file.write_text("tautrain: 1\nrtd: {pump: {model: plug, mean: 5 s}}\n", encoding="utf-8")
    assert run(str(file)) == cli.COMPLETE
    assert capsys.readouterr().out.startswith("pump: plug")


def test_writes_file_and_picture(model, tmp_path, capsys):
    h5py = pytest.importorskip("h5py")
    pytest.importorskip("matplotlib")
    out, plot = tmp_path / "o.h5", tmp_path / "o.png"
    arguments = [model, "--out", str(out), "--plot", str(plot), "--times", "0 s : 10 min : 11"]
    assert run(*arguments) == cli.COMPLETE
    assert f"results {out}    picture {plot}" in capsys.readouterr().out
    assert plot.stat().st_size > 1000
    with h5py.File(out) as f:
        assert f["rtd/train/time"][:].tolist() == [60.0 * i for i in range(11)]
        assert bytes(f["model"][()]).decode() == RTD_TRAIN
        assert f.attrs["command"]
    assert run(*arguments) == cli.WRONG_INPUT
    assert "--force replaces it" in capsys.readouterr().err
    assert run(*arguments, "--force") == cli.COMPLETE
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        cli.main(["show", str(out)])
    assert end.value.code == cli.COMPLETE
    said = capsys.readouterr().out.split()
    assert said[0] == "train"
    assert said[said.index("moments/mean") + 1 :][:2] == ["180", "s"]
    with pytest.raises(SystemExit):
        cli.main(["show", str(out), "--json"])
    found = json.loads(capsys.readouterr().out)["rtd"]["train"]
    assert found["moments/variance"] == {"value": pytest.approx(120.0**2), "unit": "s^2"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--feed", "nope"], "nope"),
        (["--set", "units/coil"], "path=value"),
        (["--set", "units/coil/volum=2 mL"], "volum"),
        (["--times", "1:2"], "first : last : number"),
        (["--times", "1 mL"], "[wrong-unit]"),
        (["--name", "line", "--feed", "dye"], "no feed or outlet"),
    ],
)
def test_mistakes_are_told(model, arguments, said, capsys):
    assert run(model, *arguments) == cli.WRONG_INPUT
    assert said in capsys.readouterr().err


def test_mistakes_without_a_file(tmp_path, capsys):
    assert run("{model: plug, mean: 5 mL}") == cli.WRONG_INPUT
    assert run("{model: plug, mean: 5 s}", "--feed", "dye") == cli.WRONG_INPUT
    assert "need a model file" in capsys.readouterr().err
    assert run(str(tmp_path / "none.yaml")) == cli.WRONG_INPUT


def test_the_text_of_a_file_is_that_of_python(model):
    assert tt.read(model).rtd("line") == tt.rtd.parse(
        "{series: [{model: plug, mean: 5 s}, {model: tanks, mean: 2 min, n: 3.2}]}"
    )

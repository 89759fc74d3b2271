# SPDX-License-Identifier: Apache-2.0
"""Models: built, read, written, changed, copied, pickled."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pint
import pytest
import tautrain as tt
from hypothesis import given
from hypothesis import strategies as st
from known_models import LEFT, SEVERAL_MISTAKES, SNAR, K, decay


def test_a_built_model_gives_the_closed_form(model: tt.Model) -> None:
    result = model.run()
    assert result.value("outlet/c/A") == pytest.approx(LEFT, rel=1e-7)
    assert result.value("conversion/A", "%") == pytest.approx(100 * (1 - LEFT / 1000), rel=1e-7)


def snar_by_hand() -> tt.Model:
    m = tt.Model(
        "SNAr of 2,4-difluoronitrobenzene with pyrrolidine in a heated coil",
        source={"doi": "10.1039/C6RE00109B", "evidence": "published", "note": "HF is not modelled"},
        solvent="ethanol",
    )
    m.species(DFNB="C6H3F2NO2", Pyrr="C4H9N", ortho="210.21 g/mol", para="210.21 g/mol", bis="261.33 g/mol")
    constants = {
        "a": ("DFNB + Pyrr -> ortho", "0.579", "33.3"),
        "b": ("DFNB + Pyrr -> para", "0.0270", "35.3"),
        "c": ("ortho + Pyrr -> bis", "0.00865", "38.9"),
        "d": ("para + Pyrr -> bis", "0.0163", "44.8"),
    }
    for name, (equation, k, Ea) in constants.items():
        m.reaction(name, equation, k=tt.arrhenius(k_ref=f"{k} L/mol/s", T_ref="90 degC", Ea=f"{Ea} kJ/mol"))
    m.feed("nitro", flow="1.25 mL/min", temperature="20 degC", concentration={"DFNB": "1.0 mol/L"})
    m.feed("amine", flow="1.25 mL/min", temperature="20 degC", concentration={"Pyrr": "2.0 mol/L"})
    m.unit("tee", "mixer", inlets=["nitro", "amine"])
    m.unit("coil", "pfr", inlets="tee", volume="5 mL", diameter="1 mm", temperature="90 degC")
    m.key("DFNB", "ortho")
    return m


def test_a_built_model_equals_the_one_read_from_a_file() -> None:
    assert snar_by_hand() == tt.read(SNAR)


def test_a_written_model_reads_back_equal(tmp_path: Path) -> None:
    m = snar_by_hand()
    m.write(tmp_path / "snar.yaml")
    assert tt.read(tmp_path / "snar.yaml") == m
    with pytest.raises(tt.ExistsError):
        m.write(tmp_path / "snar.yaml")
    m.write(tmp_path / "snar.yaml", overwrite=True)
    assert tt.parse(str(m)) == m


def test_a_change_makes_models_unequal_and_is_seen_by_the_next_run(model: tt.Model) -> None:
    before = model.copy()
    first = model.run().value("outlet/c/A")
    model.set("units/coil/volume", "2 mL")
    assert model != before
    assert model.run().value("outlet/c/A") == pytest.approx(first**2 / 1000, rel=1e-7)


def test_a_model_is_compiled_once(model: tt.Model) -> None:
    assert model.compile() is model.compile()
    model.set("title", "other")
    assert model.compile().run().title == "other"


def test_the_path_of_a_parameter_finds_the_leaf_of_its_form() -> None:
    m = snar_by_hand()
    m.set("reactions/a/k/Ea", "40 kJ/mol")
    assert m.get("reactions/a/k/arrhenius/Ea") == "40 kJ/mol" == m.get("reactions/a/k/Ea")
    assert m.compile().parameters["reactions/a/k/Ea"].value == pytest.approx(40e3)


def test_keys_and_remove(model: tt.Model) -> None:
    assert model.keys("species") == ["A", "B"]
    model.remove("key")
    assert model.get("key/reactant") is None
    with pytest.raises(tt.PathError):
        model.remove("key")


def test_a_block_given_again_replaces_the_first(model: tt.Model) -> None:
    model.unit("coil", "cstr", inlets="feed", residence_time="60 s")
    assert model.keys("units/coil") == ["type", "in", "residence_time"]
    # one stirred tank: c = c0 / (1 + k tau)
    assert model.run().value("outlet/c/A") == pytest.approx(1000 / (1 + K * 60), rel=1e-7)


def test_a_cascade_of_equal_or_listed_tanks(model: tt.Model) -> None:
    model.unit("coil", "tanks", inlets="feed", residence_time="60 s", n=5)
    assert model.run().value("outlet/c/A") == pytest.approx(1000 * (1 + K * 12) ** -5, rel=1e-12)
    two = model.run({"units/coil/n": 2}).value("outlet/c/A")
    assert two == pytest.approx(1000 * (1 + K * 30) ** -2, rel=1e-12)
    with pytest.raises(tt.InputError, match="needs a whole number") as error:
        model.run({"units/coil/n": 2.5})
    assert error.value.id == "not-whole"
    model.unit("coil", "tanks", inlets="feed", volumes=["1 mL", "3 mL"])
    unit = model.run()["coil"]
    assert (unit.coordinate, list(unit.position)) == ("volume", pytest.approx([1e-6, 4e-6]))
    tau = 1e-6 / unit.inlet.flow
    want = 1000 / (1 + K * tau)
    assert list(unit.c["A"]) == pytest.approx([want, want / (1 + K * 3 * tau)], rel=1e-12)
    assert "units/coil/volumes/2" in model.compile().parameters


@pytest.mark.parametrize(
    "volume", ["1 mL", pint.UnitRegistry()("1 milliliter"), pint.UnitRegistry()("1e-6 m**3")]
)
def test_quantities_of_all_kinds_are_taken(model: tt.Model, volume: object) -> None:
    model.set("units/coil/volume", volume)
    assert model.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-7)


def test_plain_numbers_are_taken_where_the_model_allows_them(model: tt.Model) -> None:
    model.set("units/coil/volume", np.float64(1e-6))
    with pytest.raises(tt.ModelError, match="1e-06"):
        model.check()
    model.set("bare_numbers", "SI")
    assert model.run().value("outlet/c/A") == pytest.approx(LEFT, rel=1e-7)


def test_kinds_bring_their_fields(model: tt.Model) -> None:
    model.unit("coil", tt.units.pfr(volume="1 mL"), inlets="feed")
    model.reaction("r", "A -> B", tt.laws.michaelis_menten(vmax="10 mol/m^3/s", km="1 mol/L"))
    # vmax t = c0 - c + km ln(c0/c), the integrated rate law
    c = model.run().value("outlet/c/A")
    assert 1000 - c + 1000 * np.log(1000 / c) == pytest.approx(10 * 60, rel=1e-6)


# at 1 mL/min; D_ax and Bo of Taylor (1953) and Aris (1956), reference case g3-13
CAPILLARY = {"length": "10 m", "diameter": "1 mm", "diffusivity": "1e-9 m^2/s", "viscosity": "1 mPa s"}


def test_a_tube_brings_its_dispersion(model: tt.Model) -> None:
    model.unit("coil", tt.units.pfr_dispersed(tube="straight", **CAPILLARY), inlets="feed")
    result = model.run()
    assert result.value("units/coil/peclet") == pytest.approx(90.4778298466333, rel=1e-12)
    assert result.value("units/coil/dispersion") == pytest.approx(0.0023453987694985593, rel=1e-12)
    assert result.warnings == ()


def test_a_run_warns_where_another_model_holds(model: tt.Model) -> None:
    model.unit("coil", tt.units.pfr(**CAPILLARY), inlets="feed")
    (warning,) = model.run().warnings
    assert "take pfr-dispersed" in warning
    assert "Bo 90.5" in warning


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_equal_and_independent(model: tt.Model, make: Callable[[tt.Model], tt.Model]) -> None:
    twin = make(model)
    assert twin == model
    twin.set("title", "another")
    assert twin != model
    assert model.get("title") == "decay"


def test_an_unfinished_model_pickles() -> None:
    m = tt.Model("half")
    m.species("A")
    m.unit("tee", "mixer", inlets=["a", "b"])
    twin = pickle.loads(pickle.dumps(m))
    assert twin == m
    assert twin.keys("units/tee/in") == ["a", "b"]


def test_mistakes_come_all_at_once_with_line_and_column() -> None:
    with pytest.raises(tt.ModelError) as caught:
        tt.read(SEVERAL_MISTAKES)
    error = caught.value
    assert [(m.line, m.column) for m in error.mistakes] == [(10, 32), (14, 23), (18, 25)]
    assert (error.line, error.column, error.path) == (10, 32, "reactions/r/k")
    assert error.file == str(SEVERAL_MISTAKES)
    assert [m.id for m in error.mistakes] == ["wrong-unit", "unknown-key", "unknown-inlet"]
    assert error.id == "wrong-unit"
    assert str(error).splitlines()[1].endswith("did you mean 'flow'? [unknown-key]")
    assert str(error).count("\n") == 2
    assert "did you mean 'flow'?" in str(error)


def test_mistakes_of_a_built_model_name_the_path(model: tt.Model) -> None:
    model.unit("coil", "pfr", inlets="fed", volume="1 s")
    with pytest.raises(tt.ModelError) as caught:
        model.run()
    assert {m.path for m in caught.value.mistakes} == {"units/coil/in", "units/coil/volume"}
    assert all(m.line == 0 for m in caught.value.mistakes)


def test_model_errors_pickle() -> None:
    with pytest.raises(tt.ModelError) as caught:
        tt.read(SEVERAL_MISTAKES)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert twin.mistakes == caught.value.mistakes
    assert (twin.id, str(twin)) == (caught.value.id, str(caught.value))


@pytest.mark.parametrize("text", ["tautrain: [1", "\tx", "a: &a [*a, *a]"])
def test_what_is_no_model_is_a_model_error(text: str) -> None:
    with pytest.raises(tt.ModelError):
        tt.parse(text, "mine")


def test_a_missing_file_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(tt.FileError, match=r"nosuch\.yaml"):
        tt.read(tmp_path / "nosuch.yaml")
    with pytest.raises(OSError, match=r"nosuch\.yaml"):
        tt.read(str(tmp_path / "nosuch.yaml"))


def test_a_path_that_is_none_is_refused(model: tt.Model) -> None:
    with pytest.raises(tt.PathError):
        model.set("units//volume", "1 mL")
    with pytest.raises(TypeError):
        model.set("units/coil/volume", object())


names = st.from_regex(r"[A-Za-z][A-Za-z0-9_']{0,8}", fullmatch=True).filter(
    lambda n: n not in ("T", "P", "R")
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@given(
    title=texts.filter(str.strip), species=st.lists(names, min_size=1, max_size=5, unique=True), note=texts
)
def test_any_built_model_prints_and_reads_back_equal(title: str, species: list[str], note: str) -> None:
    m = tt.Model(title, notes=note)
    m.species(dict.fromkeys(species, "10 g/mol"))
    m.feed("feed", flow="1 mL/min", concentration={species[0]: "1 mol/L"})
    m.unit("coil", "pfr", inlets="feed", volume="1 mL")
    assert tt.parse(str(m)) == m
    assert pickle.loads(pickle.dumps(m)) == m


def test_repr_tells_what_is_in_it() -> None:
    assert repr(decay()) == "<model 'decay': 2 species, 1 reactions, 1 feeds, 1 units>"

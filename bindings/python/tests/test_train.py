# SPDX-License-Identifier: Apache-2.0
"""Trains: their tables, runs, threads, limits, Ctrl-C."""

from __future__ import annotations

import math
import os
import pickle
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pint
import pytest
import tautrain as tt
from known_models import FEED, LEFT, K, decay, endless

MANY = 2_000_000_000


def test_parameters_tell_value_unit_and_meaning(snar_train: tt.Train) -> None:
    Ea = snar_train.parameters["reactions/a/k/Ea"]
    assert (Ea.value, Ea.si_unit, Ea.unit) == (pytest.approx(33.3e3), "J/mol", "kJ/mol")
    assert Ea.shown == "33.3 kJ/mol"
    assert "units/coil/volume" in repr(snar_train.parameters)
    assert "outlet/c/ortho" in repr(snar_train.observables)


def test_what_is_in_a_train(snar_train: tt.Train) -> None:
    assert snar_train.species == ("DFNB", "Pyrr", "ortho", "para", "bis")
    assert snar_train.reactions == tuple("abcd")
    assert snar_train.units == {"tee": "mixer", "coil": "pfr"}
    assert len(snar_train.moieties) == 2  # 5 species, rank of the stoichiometry 3: a + c = b + d
    assert "coil" in snar_train.program_text("coil")


def test_unknown_names_offer_the_nearest(snar_train: tt.Train) -> None:
    with pytest.raises(tt.PathError, match="did you mean 'units/coil/temperature'"):
        snar_train.run({"units/coil/temprature": "90 degC"})
    with pytest.raises(KeyError, match="did you mean 'coil'"):
        snar_train.program_text("coli")
    with pytest.raises(tt.PathError, match="did you mean"):
        snar_train.parameters["reactions/a/k/EA"]


@pytest.mark.parametrize("value", [333.15, "60 degC", pint.UnitRegistry().Quantity(60, "degC")])
def test_inputs_are_numbers_in_si_texts_or_pint(snar_train: tt.Train, value: float | str) -> None:
    result = snar_train.run({"units/coil/temperature": value})
    assert result.parameters["units/coil/temperature"].value == pytest.approx(333.15)
    assert result.value("units/coil/T_max", "degC") == pytest.approx(60)


def test_wrong_inputs_say_what_is_needed(snar_train: tt.Train) -> None:
    with pytest.raises(tt.UnitsError, match="min"):
        snar_train.run({"units/coil/temperature": "5 min"})
    with pytest.raises(tt.InputError):
        snar_train.run({"units/coil/volume": -1.0})
    with pytest.raises(tt.InputError):
        snar_train.run({"units/coil/volume": "five"})
    with pytest.raises(TypeError):
        snar_train.run({"units/coil/volume": None})  # type: ignore[dict-item]  # wrong on purpose
    with pytest.raises(ValueError, match="rtol"):
        snar_train.run(rtol=2.0)


def test_a_run_leaves_the_train_as_it_was(snar_train: tt.Train) -> None:
    before = snar_train.run().value("outlet/c/ortho")
    snar_train.run({"units/coil/volume": "1 mL"})
    assert snar_train.run().value("outlet/c/ortho") == before


def test_one_of_a_group_replaces_the_group() -> None:
    result = decay().compile().run({"units/coil/residence_time": "2 min"})
    assert math.isnan(result.parameters["units/coil/volume"].value)
    assert result.value("outlet/c/A") == pytest.approx(FEED * math.exp(-K * 120), rel=1e-7)


def test_a_tighter_tolerance_comes_nearer() -> None:
    train = decay().compile()
    errors = [abs(train.run(rtol=rtol).value("outlet/c/A") - LEFT) for rtol in (1e-4, 1e-10)]
    assert errors[1] < errors[0] / 100


def test_trains_pickle_copy_and_compare(snar_train: tt.Train) -> None:
    twin = pickle.loads(pickle.dumps(snar_train))
    assert twin == snar_train
    assert twin != decay().compile()
    assert twin.run().value("outlet/c/ortho") == snar_train.run().value("outlet/c/ortho")


def test_eight_threads_share_a_train(snar_train: tt.Train) -> None:
    degrees = [30.0 + i for i in range(64)]

    def outlet(T: float) -> float:
        return snar_train.run({"units/coil/temperature": f"{T} degC"}).value("outlet/c/ortho")

    alone = [outlet(T) for T in degrees]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outlet, degrees)) == alone


def test_the_gil_is_released_during_a_run() -> None:
    train, ticks, over = endless().compile(), 0, threading.Event()

    def run() -> None:
        train.run(max_time=0.5, max_steps=MANY)
        over.set()

    thread = threading.Thread(target=run)
    thread.start()
    while not over.is_set():
        time.sleep(0.01)
        ticks += 1
    thread.join()
    assert ticks > 15  # 50 in half a second; 1 or 2 if the run held the lock


def test_ctrl_c_stops_a_run_at_once() -> None:
    train = endless().compile()
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        train.run(max_time=30.0, max_steps=MANY)
    assert time.monotonic() - started < 3.0


@pytest.mark.parametrize("limit", [0, "0 s", "100 ms", 0.1])
def test_a_time_limit_stops_a_run_and_keeps_what_there_is(limit: float | str) -> None:
    result = endless().compile().run(max_time=limit, max_steps=MANY)
    assert result.status == "stopped"
    assert "time limit" in result.message
    assert result.error_id == "time-limit"
    assert "\n" not in result.message
    assert math.isnan(result.value("outlet/c/X"))


def test_an_engine_is_chosen(snar_train: tt.Train) -> None:
    by = {engine: snar_train.run(engine=engine) for engine in ("auto", "cvodes", "lanes")}
    assert by["cvodes"].units["coil"].statistics.method.startswith("cvodes")
    assert by["lanes"].units["coil"].statistics.method.startswith(("lanes", "cvodes"))
    values = [result.value("outlet/c/ortho") for result in by.values()]
    assert values == pytest.approx([values[0]] * 3, rel=1e-7)
    with pytest.raises(tt.InputError, match="'warp'; one of auto, cvodes, lanes"):
        snar_train.run(engine="warp")


def test_progress_is_told_and_can_stop_a_run() -> None:
    told: list[tuple[str, float]] = []

    def progress(unit: str, fraction: float) -> bool:
        told.append((unit, fraction))
        return len(told) > 3

    result = endless().compile().run(progress=progress, max_time=30.0, max_steps=MANY)
    assert (result.status, result.message) == ("stopped", "stopped in unit 'vessel': cancelled")
    assert told[0] == ("vessel", 0.0)
    assert len(told) == 4
    assert [f for _, f in told] == sorted(f for _, f in told)


def test_an_exception_in_progress_comes_out_unchanged() -> None:
    with pytest.raises(ZeroDivisionError):
        decay().compile().run(progress=lambda unit, fraction: 1 / 0)


def runaway() -> tt.Model:
    """dc/dt = k c^2 grows without bound at t = 1/(k c0) = 10 s, long before the end of the tube at 60 s."""
    m = decay()
    m.reaction("r", "2 A -> 3 A", k="1e-4 m^3/mol/s", balance="no")
    m.remove("key")
    return m


def test_a_failed_run_says_where_and_keeps_the_profile() -> None:
    with pytest.raises(tt.ConvergenceError) as caught:
        runaway().run()
    error = caught.value
    assert error.unit == "coil"
    assert error.result is not None
    assert error.result.status == "failed"
    assert error.id == error.result.error_id == "step-too-small"
    assert str(error) == f"{error.result.message} [step-too-small]"
    # 10 s at 1 mL/min are 1/6 of the millilitre
    assert error.position == pytest.approx(1e-6 / 6, rel=1e-2)
    assert error.statistics is not None
    assert error.statistics.n_steps > 10
    c = error.result["coil"].c["A"]
    x = error.result["coil"].position
    early = x < 1e-7
    assert c[early] == pytest.approx(FEED / (1 - x[early] / (1e-6 / 6)), rel=1e-5)
    assert math.isnan(error.result.value("outlet/c/A"))


def test_convergence_errors_name_and_pickle_what_they_hold() -> None:
    error = tt.ConvergenceError(
        "coil: gave up", kind="no-convergence", unit="coil", position=1.0, species=("A",)
    )
    twin = pickle.loads(pickle.dumps(error))
    assert (str(twin), twin.id) == ("coil: gave up [no-convergence]", "no-convergence")
    assert (twin.unit, twin.position, twin.species) == ("coil", 1.0, ("A",))


def test_a_missing_flow_is_a_domain_error() -> None:
    with pytest.raises(tt.DomainError, match="coil"):
        decay().run({"feeds/feed/flow": 0.0})


def test_every_error_is_a_tautrain_error() -> None:
    kinds = [tt.ModelError, tt.UnitsError, tt.InputError, tt.PathError, tt.DomainError, tt.ConvergenceError]
    kinds += [tt.CallbackError, tt.FileError, tt.ResultFileError, tt.ExistsError, tt.UnsupportedError]
    assert all(issubclass(kind, tt.TautrainError) for kind in kinds)
    assert issubclass(tt.UnitsError, ValueError)
    assert issubclass(tt.PathError, KeyError)
    assert issubclass(tt.ExistsError, FileExistsError)


def test_two_ways_to_say_a_size_are_refused() -> None:
    with pytest.raises(tt.InputError, match="needs one of the two"):
        decay().run({"units/coil/volume": "2 mL", "units/coil/residence_time": "1 min"})


def test_a_path_without_its_head_is_completed() -> None:
    with pytest.raises(tt.PathError, match="did you mean 'units/coil/volume'"):
        decay().run({"coil/volume": "2 mL"})


def test_a_reaction_that_lacks_a_reactant_is_told() -> None:
    model = tt.Model("hydrolysis", solvent="water")
    model.species(A="100 g/mol", W="18 g/mol", B="59 g/mol")
    model.reaction("r", "A + W -> 2 B", k="1 1/s", orders={"W": 0})
    model.feed("f", flow="1 mL/min", temperature="25 degC", concentration={"A": "1 mol/L"})
    model.unit("coil", "pfr", inlets="f", volume="1 mL")
    model.key("A", "B")
    assert model.run().warnings == ("reaction 'r' never runs: nothing brings or makes W",)
    model.set("feeds/f/concentration/W", "55 mol/L")
    assert "'key' needs its 'ratio'" in " ".join(model.run().warnings)
    model.set("key/ratio", 2)
    assert model.run().warnings == ()

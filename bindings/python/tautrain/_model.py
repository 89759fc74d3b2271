# SPDX-License-Identifier: Apache-2.0
"""Model: what a model file says, read from one or built call by call."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _core
from ._errors import InputError, Mistake, ModelError, TautrainError, UnsupportedError, tells_overwrite
from ._kinds import Spec, forms
from ._quantity import Quantity, text
from ._result import Result
from ._trace import accepts_complex, argument_names, complex_callback, real_callback, trace
from ._train import Progress, Train

if TYPE_CHECKING:
    from ._design import DesignLike
    from ._fit_data import DataLike
    from ._fit_runs import RunsFit, Start
    from ._react import Reacted
    from ._rtd import Rtd
    from ._sensitivity import Globs, Sensitivity
    from ._sweep import Sweep
    from ._tracer_fit import TracerFit

_KEYS_OF_FORMS = frozenset(("k", "K", "k_reverse", "vmax", "km"))


class Model:
    """The mutable description of a route: a tree of keys, exactly that of a model file.

    Every value is kept as it was written, with its unit. Nothing is judged while a model is built; `check`,
    `compile` and `run` look at the whole and report all mistakes at once. A model belongs to one thread at a
    time.

    Parameters
    ----------
    title : str
        What it is.
    solvent : str or mapping, optional
        A row of ``tt.solvents``, or ``{"density": ..., "heat_capacity": ...}``.
    **keys
        Other keys of the file: ``pressure``, ``outlet``, ``source``, ``bare_numbers`` ...

    Examples
    --------
    >>> m = Model("decay", solvent="water")
    >>> m.species(A={"molar_mass": "100 g/mol"}, B={"molar_mass": "100 g/mol"})
    >>> m.reaction("r", "A -> B", k="0.1 1/s")
    >>> m.feed("feed", flow="1 mL/min", temperature="20 degC", concentration={"A": "1 mol/L"})
    >>> m.unit("coil", "pfr", inlets="feed", volume="1 mL")
    >>> m.key("A", "B")
    >>> result = m.run()
    """

    def __init__(
        self, title: str = "", *, solvent: str | Mapping[str, Any] | None = None, **keys: Any
    ) -> None:
        self._handle = _core.tau_model_new()
        self._train: Train | None = None
        self._functions: dict[str, Callable[..., Any]] = {}
        self._put("tautrain", "1")
        if title:
            self._put("title", title)
        if solvent is not None:
            self._put("solvent", solvent)
        for key, value in keys.items():
            self._put(key, value)

    @classmethod
    def _own(cls, handle: Any, functions: Mapping[str, Callable[..., Any]] | None = None) -> Model:
        model = cls.__new__(cls)
        model._handle = handle
        model._train = None
        model._functions = dict(functions or {})
        return model

    # --- files and text ---

    @classmethod
    def read(cls, file: str | os.PathLike[str], *, loops: bool = False) -> Model:
        """Read a model file and check it.

        Parameters
        ----------
        file : path
            YAML, see the manual.
        loops : bool
            Whether units may form loops: such a model has a distribution of residence times (`rtd`), but
            cannot be run.

        Returns
        -------
        Model

        Raises
        ------
        ModelError
            With all mistakes of the file, each with its line and column.
        FileError
            It cannot be read.
        """
        name = os.fspath(file)
        found: list[tuple[int, int, str, str, str]] = []
        read = _core.tau_model_read_network if loops else _core.tau_model_read_reported
        try:
            return cls._own(read(name, found))
        except (ModelError, InputError) as error:
            raise _model_error(error, name, found) from None

    @classmethod
    def parse(cls, source: str, name: str = "", *, loops: bool = False) -> Model:
        """Read a model from text and check it.

        Parameters
        ----------
        source : str
            What a model file has in it.
        name : str
            Stands in messages in place of a file's.
        loops : bool
            As in `read`.

        Returns
        -------
        Model
        """
        found: list[tuple[int, int, str, str, str]] = []
        parse = _core.tau_model_parse_network if loops else _core.tau_model_parse
        try:
            return cls._own(parse(source, name, found))
        except (ModelError, InputError) as error:
            raise _model_error(error, name, found) from None

    def write(self, file: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Write the model as a file that reads back equal; comments may be lost, units stay as written.

        Parameters
        ----------
        file : path
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        ExistsError
            The file exists.
        UnsupportedError
            A Python function is in it that could not be traced into an expression.
        """
        with tells_overwrite():
            _core.tau_model_write(self._handle, os.fspath(file), overwrite)

    def __str__(self) -> str:
        return (
            _core.tau_model_source(self._handle) if self._functions else _core.tau_model_print(self._handle)
        )

    @property
    def source(self) -> str:
        """The text it was read from, byte for byte; canonical where it was built or changed since."""
        return _core.tau_model_source(self._handle)

    # --- the tree ---

    def _changed(self) -> None:
        self._train = None

    def _put(self, path: str, value: Any) -> None:
        """Replace what stands at path by a value, a mapping or a list of them."""
        from ._rtd import Rtd

        self._changed()
        if isinstance(value, Rtd):
            _core.tau_model_set_rtd(self._handle, path, value._handle)
        elif isinstance(value, Mapping):
            self._clear(path)
            if not value:
                _core.tau_model_set(self._handle, path, "")
            for key, item in value.items():
                if item is not None:
                    self._put(f"{path}/{key}", item)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            self._clear(path)
            for item in value:
                _core.tau_model_append(self._handle, path, text(item))
        else:
            _core.tau_model_set(self._handle, path, text(value))

    def _clear(self, path: str) -> None:
        if self._has(path):
            _core.tau_model_remove(self._handle, path)

    def _has(self, path: str) -> bool:
        return (
            _core.tau_model_text(self._handle, path) is not None
            or _core.tau_model_n_keys(self._handle, path) > 0
        )

    def _in_tree(self, path: str) -> str:
        """A parameter's path as a path of the tree: in ``reactions/a/k/Ea`` the form of k(T) is left out."""
        if self._has(path):
            return path
        keys = path.split("/")
        if (
            len(keys) < 4
            or keys[0] != "reactions"
            or not (keys[2] in _KEYS_OF_FORMS or keys[2] == "parameters")
        ):
            return path
        at = 4 if keys[2] == "parameters" else 3
        block = "/".join(keys[:at])
        for form in forms():
            if len(keys) == at + 1 and _core.tau_model_n_keys(self._handle, f"{block}/{form}"):
                return f"{block}/{form}/{keys[at]}"
        return path

    def set(self, path: str, value: Any) -> None:
        """Set a value, making the blocks on the way.

        Parameters
        ----------
        path : str
            Keys joined by ``/``: ``units/coil/temperature``. The name of a k(T) form may be left out,
            ``reactions/a/k/Ea``.
        value : quantity, bool, list, mapping or Rtd
            A whole block may be given as a mapping; it replaces what stands there.
        """
        self._put(self._in_tree(path), value)

    def get(self, path: str) -> str | None:
        """The text at a path, as it was written; None where there is none."""
        return _core.tau_model_text(self._handle, self._in_tree(path))

    def keys(self, path: str = "") -> list[str]:
        """Keys of a block, or items of a list; those of the whole model at ``""``."""
        return [
            _core.tau_model_key(self._handle, path, i) or ""
            for i in range(_core.tau_model_n_keys(self._handle, path))
        ]

    def remove(self, path: str) -> None:
        """Remove a value or a block with all in it."""
        self._changed()
        path = self._in_tree(path)
        _core.tau_model_remove(self._handle, path)
        self._functions = {p: f for p, f in self._functions.items() if not f"{p}/".startswith(f"{path}/")}

    # --- the builder ---

    def species(self, *names: str | Mapping[str, Any], **more: str | Mapping[str, Any]) -> None:
        """Add species.

        Parameters
        ----------
        *names : str or mapping
            Names without a formula, or a mapping for names that Python cannot write as keywords: ``{"a-b":
            "C2H6"}``.
        **more : str or mapping
            A formula, a molar mass with its unit, or a block: ``A="C2H6O"``, ``B="46.07 g/mol"``,
            ``D={"note": "..."}``.
        """
        for given in names:
            block = {given: {}} if isinstance(given, str) else dict(given)
            for name, value in block.items():
                self._one_species(name, value)
        for name, value in more.items():
            self._one_species(name, value)

    def _one_species(self, name: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            written = text(value)
            value = {"molar_mass" if written[:1].isdigit() or written[:1] == "." else "formula": written}
        self._put(f"species/{name}", value)

    def reaction(
        self,
        name: str,
        equation: str,
        law: str | Spec | None = None,
        *,
        rate: str | Callable[..., Any] | None = None,
        arguments: Sequence[str] | None = None,
        trace: bool = True,
        **fields: Any,
    ) -> None:
        """Add a reaction.

        Parameters
        ----------
        name : str
            Its name.
        equation : str
            ``A + B -> C``, ``2 A <=> B``.
        law : str or Spec, optional
            Mass action where left out; ``tt.laws.michaelis_menten(vmax=..., km=...)`` brings its fields.
        rate : str or callable, optional
            The net rate [mol/m^3/s]: an expression in names of species [mol/m^3], parameters, T [K], or a
            Python function whose arguments have those names. A function is called once with symbols and
            becomes an expression, units and all: numbers in it have no dimension, so constants with one are
            given as ``parameters``. One that cannot be traced so (``if``, ``while``, ``math.exp``) is called
            during the run with numbers in SI; it must be pure, and such a model cannot be written or pickled.
        arguments : sequence of str, optional
            What the function is called with, where its own argument names are not to be used (a species
            called ``a-b``).
        trace : bool
            False: call the function with numbers in SI even where it could be traced; its units are not
            checked then.
        **fields
            Keys of a reaction in a model file: ``k``, ``K``, ``orders``, ``heat``, ``parameters``, ``source``
            ...
        """
        block: dict[str, Any] = {"equation": equation}
        if rate is not None and law is None:
            law = "expression"
        if isinstance(law, Spec):
            block |= {"law": law.kind, **law}
        elif law is not None:
            block["law"] = law
        block |= {key: value for key, value in fields.items() if value is not None}
        if isinstance(rate, str):
            block["rate"] = rate
        path = f"reactions/{name}"
        self._functions.pop(f"{path}/rate", None)
        self._put(path, block)
        if callable(rate):
            self._set_function(f"{path}/rate", rate, arguments, trace, fields.get("parameters") or {})

    def _set_function(
        self,
        path: str,
        rate: Callable[..., Any],
        arguments: Sequence[str] | None,
        tracing: bool,
        parameters: Mapping[str, Any],
    ) -> None:
        names = tuple(arguments) if arguments is not None else argument_names(rate)
        expression = trace(rate, names, frozenset((*parameters, "T", "P", "R", "pi"))) if tracing else None
        if expression is not None:
            self._put(path, expression)
            return
        is_complex = accepts_complex(rate, names)
        call: Callable[..., Sequence[float]] = complex_callback(rate) if is_complex else real_callback(rate)
        _core.taupy_set_function(self._handle, path, " ".join(names), call, is_complex)
        self._functions[path] = rate

    def feed(self, name: str, **fields: Any) -> None:
        """Add a feed.

        Parameters
        ----------
        name : str
            Its name.
        **fields
            ``flow`` or ``molar_flow``, ``temperature``, ``concentration``, ``mass_fraction``,
            ``equivalents``, ``solvent`` ...
        """
        self._put(f"feeds/{name}", fields)

    def unit(
        self,
        name: str,
        kind: str | Spec | Callable[..., Spec],
        *,
        inlets: str | Iterable[str] | None = None,
        **fields: Any,
    ) -> None:
        """Add a unit.

        Parameters
        ----------
        name : str
            Its name.
        kind : str or Spec
            ``"pfr"``, or ``tt.units.pfr(volume="5 mL")``, which brings its fields; ``help(tt.units.pfr)``
            tells them.
        inlets : str or list of str
            Feeds, units or ``unit/port`` that it takes.
        **fields
            Keys of the unit in a model file, quantities or blocks.
        """
        spec = kind if isinstance(kind, Spec | str) else kind()
        given = {**spec, **fields} if isinstance(spec, Spec) else dict(fields)
        inlets = given.pop("inlets", None) if inlets is None else inlets
        block: dict[str, Any] = {"type": spec.kind if isinstance(spec, Spec) else spec}
        if inlets is not None:
            block["in"] = inlets if isinstance(inlets, str) else list(inlets)
        self._put(f"units/{name}", block | given)

    def key(self, reactant: str, product: str, ratio: float | None = None) -> None:
        """Say what conversion, yield, selectivity, E-factor ... are counted on.

        Parameters
        ----------
        reactant, product : str
            Species.
        ratio : float, optional
            Moles of product per mole of reactant at full yield [-]; 1 where left out.
        """
        self._put("key", {"reactant": reactant, "product": product, "ratio": ratio})

    def solver(self, **options: Quantity) -> None:
        """Set options: ``rtol`` [-], ``atol`` [mol/m^3], ``max_time`` [s], ``max_steps``, ``engine``."""
        for key, value in options.items():
            self._put(f"solver/{key}", value)

    # --- use ---

    def check(self) -> None:
        """Look for mistakes.

        Raises
        ------
        ModelError
            With all of them, at most 20.
        """
        found: list[tuple[int, int, str, str, str]] = []
        try:
            _core.tau_model_check(self._handle, found)
        except (ModelError, InputError) as error:
            raise _model_error(error, "", found) from None

    def compile(self) -> Train:
        """Compile into a train, which is kept until the model changes.

        Returns
        -------
        Train

        Raises
        ------
        ModelError
            With all mistakes.
        """
        if self._train is None:
            self.check()
            self._train = Train(self)
        return self._train

    def run(
        self,
        inputs: Mapping[str, Quantity] | None = None,
        *,
        rtol: float | None = None,
        atol: Quantity | None = None,
        max_time: Quantity | None = None,
        max_steps: int | None = None,
        engine: str | None = None,
        progress: Progress | None = None,
    ) -> Result:
        """Compile (once) and run; parameters and errors are those of `Train.run`."""
        return self.compile().run(
            inputs,
            rtol=rtol,
            atol=atol,
            max_time=max_time,
            max_steps=max_steps,
            engine=engine,
            progress=progress,
        )

    def sensitivity(self, parameters: Globs = None, observables: Globs = None, **options: Any) -> Sensitivity:
        """Compile (once) and differentiate; see `Train.sensitivity`.

        Examples
        --------
        >>> model.sensitivity("reactions/*", ["yield/ortho", "impurity/bis"]).plot("tornado.png")
        """
        return self.compile().sensitivity(parameters, observables, **options)

    def sweep(self, design: DesignLike, **options: Any) -> Sweep:
        """Compile (once) and run at many operating points.

        Options, result and errors are those of `Train.sweep`.

        Examples
        --------
        >>> sweep = model.sweep({"units/coil/temperature": linspace("60 degC", "120 degC", 61)})
        >>> sweep.plot("yield/ortho")
        """
        return self.compile().sweep(design, **options)

    def fit(self, data: DataLike, parameters: Start, **options: Any) -> RunsFit:
        """Compile (once) and fit parameters to measured runs.

        Options, result and errors are those of `Train.fit`.

        Examples
        --------
        >>> fit = model.fit("flask.csv", ["reactions/a/k/k_ref", "reactions/a/k/Ea"])
        >>> fit.plot("fit.png")
        """
        return self.compile().fit(data, parameters, **options)

    def react(
        self,
        unit: str | None = None,
        rtd: Rtd | TracerFit | None = None,
        *,
        exchange: Quantity | None = None,
        observables: Globs = None,
        rtol: float | None = None,
        atol: Quantity | None = None,
        max_time: Quantity | None = None,
        max_steps: int | None = None,
        progress: Progress | None = None,
    ) -> Reacted:
        """What does the tail of a unit cost: the train with the unit in plug flow and in its distribution.

        Parameters
        ----------
        unit : str, optional
            A tube or a stirred tank; the only one where left out.
        rtd : Rtd or TracerFit, optional
            Its distribution of residence times; with a fit the errors of its parameters are carried on. The
            unit's own (``rtd:``, or that of its kind) where left out.
        exchange : quantity, optional
            Time of mixing by exchange, for a run between segregation and maximum mixedness.
        observables : glob or list of globs, optional
            What is shown: conversions, yields, selectivities and impurities where left out.
        rtol, atol, max_time, max_steps, progress
            As of `run`.

        Returns
        -------
        Reacted

        Raises
        ------
        PathError, InputError
            No such unit; none or several may be meant.
        UnsupportedError
            The unit has one residence time for all, or cannot have a distribution.
        ConvergenceError
            A run failed; the message says which.

        Examples
        --------
        >>> fit = tt.read_tracer("pulse.csv").fit("dispersion")
        >>> model.react("coil", fit)
        """
        from ._react import react

        return react(self, unit, rtd, exchange, observables, rtol, atol, max_time, max_steps, progress)

    def rtd(self, name: str | None = None, *, feed: str | None = None, outlet: str | None = None) -> Rtd:
        """Distribution of residence times: that of the train, or one of the block ``rtd:``.

        Parameters
        ----------
        name : str, optional
            Of an entry of the block ``rtd:``.
        feed : str, optional
            Where tracer goes in; the feed of the key's reactant, or the only one, where left out.
        outlet : str, optional
            Where it comes out, a unit or ``unit/port``; the train's where left out.

        Returns
        -------
        Rtd
            Its ``fraction`` says which share of the feed leaves there. Units may form loops here (`read` with
            ``loops=True``).

        Raises
        ------
        PathError
            No entry, feed or outlet has that name.
        """
        from ._rtd import Rtd

        if name is None:
            return Rtd(*_core.tau_model_train_rtd(self._handle, feed, outlet))
        if feed is not None or outlet is not None:
            raise InputError("an entry of the block 'rtd' has no feed or outlet; leave them out, or the name")
        return Rtd(_core.tau_model_rtd(self._handle, name))

    @property
    def rtds(self) -> tuple[str, ...]:
        """Names of the entries of the block ``rtd:``."""
        h = self._handle
        return tuple(_core.tau_model_rtd_name(h, i) for i in range(_core.tau_model_n_rtds(h)))

    # --- copies ---

    def copy(self) -> Model:
        """A deep copy; Python functions in it are shared."""
        return self._own(_core.tau_model_copy(self._handle), self._functions)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Model:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._functions:
            where = ", ".join(sorted(self._functions))
            raise UnsupportedError(
                f"a model with a Python function cannot be pickled: {where} is no expression",
                kind="function-as-text",
            )
        return _unpickle, (_core.tau_model_print(self._handle), list(self._leaves("")))

    def _leaves(self, path: str) -> Iterator[tuple[str, str | None]]:
        """Paths and texts of all values; None for an item that is a block."""
        for i, key in enumerate(self.keys(path)):
            here = f"{path}/{key}" if path else key
            written = _core.tau_model_text(self._handle, here) if key else None
            if written is not None:
                yield here, written
            elif self.keys(here):
                yield from self._leaves(here)
            else:
                yield f"{path}/{i}", key or None  # an item of a list

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        return self._functions == other._functions and _core.tau_model_equal(self._handle, other._handle)

    __hash__ = None  # type: ignore[assignment]  # object has a method there; None says "no hash"

    def __repr__(self) -> str:
        counts = [f"{len(self.keys(what))} {what}" for what in ("species", "reactions", "feeds", "units")]
        return f"<model '{self.get('title') or ''}': {', '.join(counts)}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _unpickle(canonical: str, leaves: list[tuple[str, str | None]]) -> Model:
    """A model from its canonical text; one that was pickled unfinished comes back unfinished."""
    try:
        return Model._own(_core.tau_model_parse(canonical, "", []))
    except ModelError:
        return _rebuilt(leaves)


def _rebuilt(leaves: list[tuple[str, str | None]]) -> Model:
    handle = _core.tau_model_new()
    for path, written in leaves:
        if written is None:
            raise UnsupportedError(f"{path} cannot be pickled while the model has mistakes")
        block, _, last = path.rpartition("/")
        if last.isdigit():
            _core.tau_model_append(handle, block, written)
        else:
            _core.tau_model_set(handle, path, written)
    return Model._own(handle)


def _model_error(error: TautrainError, file: str, found: list[tuple[int, int, str, str, str]]) -> ModelError:
    if not found:
        return ModelError(error.message, kind=error.id)
    return ModelError(error.message, [Mistake(file, *one) for one in found])

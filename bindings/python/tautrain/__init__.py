# SPDX-License-Identifier: Apache-2.0
"""Models of continuous-flow synthesis: reaction kinetics in plug-flow reactors, tanks and trains of them.

>>> import tautrain as tt
>>> model = tt.read("mine.yaml")
>>> result = model.run({"units/coil/temperature": "100 degC"})
>>> result.value("conversion/DFNB", "%")
"""

from __future__ import annotations

import os as _os
from pathlib import Path as _Path

from . import _core
from ._compare import Comparison, compare
from ._design import Design, logspace
from ._errors import (
    CallbackError,
    ConvergenceError,
    DomainError,
    ErrorKind,
    ExistsError,
    FileError,
    InputError,
    Mistake,
    ModelError,
    PathError,
    ResultFileError,
    TautrainError,
    UnitsError,
    UnsupportedError,
    errors,
)
from ._fit import Fit, fit, fit_curve
from ._fit_runs import Point, RunsFit
from ._flow import Correlation, FlowReport, correlations, dispersion, flow_regime
from ._kinds import Spec, arrhenius, constant, eyring, laws, solvents, units, van_t_hoff
from ._labelled import Labelled
from ._model import Model
from ._quantity import convert, linspace
from ._react import Reacted
from ._result import Balance, Result, Statistics, Stream, UnitResult, load
from ._rtd import Atom, Frequency, Rtd, RtdMoments
from ._rtd_kinds import rtd
from ._sampling import halton, latin_hypercube, monte_carlo, sobol
from ._sensitivity import Sensitivity
from ._sweep import Sweep, merge, open_sweep
from ._sweep_data import Failure, Profiles
from ._trace import exp, log, log10, maximum, minimum, sqrt, tanh
from ._tracer import Measured, Moments, Tracer, tracer
from ._tracer_file import read_tracer
from ._tracer_fit import Fitted, Ranking, TracerFit
from ._train import Observable, Parameter, Train

if "UDUNITS2_XML_PATH" not in _os.environ:
    _xml = _Path(_core.__file__).parent / "udunits" / "udunits2.xml"
    if _xml.exists():  # the system's is used where the package was built in place
        _core.tau_units_database(str(_xml))

__version__ = _core.tau_version()

read = Model.read
parse = Model.parse

__all__ = [
    "Model",
    "Train",
    "Result",
    "UnitResult",
    "Stream",
    "Statistics",
    "Balance",
    "Labelled",
    "Sensitivity",
    "Parameter",
    "Observable",
    "Comparison",
    "Tracer",
    "TracerFit",
    "Ranking",
    "Fitted",
    "Moments",
    "Measured",
    "FlowReport",
    "Correlation",
    "Rtd",
    "Atom",
    "Frequency",
    "RtdMoments",
    "Sweep",
    "Failure",
    "Profiles",
    "Design",
    "Fit",
    "Point",
    "Reacted",
    "RunsFit",
    "Spec",
    "read",
    "parse",
    "load",
    "compare",
    "convert",
    "linspace",
    "logspace",
    "latin_hypercube",
    "sobol",
    "halton",
    "monte_carlo",
    "fit",
    "fit_curve",
    "open_sweep",
    "merge",
    "tracer",
    "read_tracer",
    "flow_regime",
    "dispersion",
    "correlations",
    "arrhenius",
    "constant",
    "eyring",
    "van_t_hoff",
    "units",
    "laws",
    "solvents",
    "rtd",
    "exp",
    "log",
    "log10",
    "sqrt",
    "tanh",
    "minimum",
    "maximum",
    "TautrainError",
    "ModelError",
    "Mistake",
    "UnitsError",
    "InputError",
    "PathError",
    "DomainError",
    "ConvergenceError",
    "CallbackError",
    "FileError",
    "ResultFileError",
    "ExistsError",
    "UnsupportedError",
    "ErrorKind",
    "errors",
    "__version__",
]

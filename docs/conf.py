# SPDX-License-Identifier: Apache-2.0
"""Sphinx configuration. `make docs` builds the manual; generate.py writes the pages of _generated/."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import generate  # noqa: E402  found by the path that was just set

generate.main()
os.environ["TAUTRAIN_SOURCE"] = str(HERE.parent)  # for the pages that run
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

# What autodoc describes and the pages run must be there: python -m pip install .
import tautrain  # noqa: E402  after the pages it looks for are written

project = "tautrain"
author = "the tautrain authors"
copyright = "the tautrain authors, Apache-2.0"  # noqa: A001  the name that Sphinx reads
release = version = tautrain.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_generated/parts/*", "oracle_table.md"]

# The tutorial and the how-to are run while they are built, so that what they show came from the program.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_execution_in_temp = True
nb_mime_priority_overrides = [("html", "text/html", 5)]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_rtype = False
napoleon_use_param = False

html_theme = "furo"
html_title = f"tautrain {release}"
html_static_path = ["_static"]
html_copy_source = False
html_show_sourcelink = False

# SPDX-License-Identifier: Apache-2.0
"""``python -m tautrain``: the command line."""

from .cli import main

main()

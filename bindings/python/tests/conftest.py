# SPDX-License-Identifier: Apache-2.0
"""What the tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tautrain as tt

sys.path.insert(0, str(Path(__file__).parent))
from known_models import SNAR, decay


@pytest.fixture
def model() -> tt.Model:
    return decay()


@pytest.fixture(scope="session")
def snar_train() -> tt.Train:
    return tt.read(SNAR).compile()


@pytest.fixture(scope="session")
def snar(snar_train: tt.Train) -> tt.Result:
    return snar_train.run()

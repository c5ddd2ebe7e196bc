"""What every test may use. The models are real and fetched once; where data is missing, the skip says what and why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from semantic_cache.models import language_model_path

# Tests run side by side; threads of one that compute would only wait for the other's.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# What runs tests side by side sets them, and a console that is made then keeps them whatever a test says later.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

# No test asserts on time: a busy machine is no failure.
settings.register_profile("samewise", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("samewise")

_SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of labelled data beside the project."""
    if not _SHARED.is_dir():
        pytest.skip(f"the labelled data is not here: {_SHARED.parent.name}/{_SHARED.name} beside the project's folder")
    return _SHARED


@pytest.fixture(scope="session")
def language_model() -> Path:
    """The folder of the bundled language model."""
    return language_model_path(show_progress=False)

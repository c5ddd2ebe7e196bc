"""What every test may use. The models are real and fetched once; where data is missing, the skip says what and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from semantic_cache.models import language_model_path

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

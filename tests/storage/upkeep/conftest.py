"""Stores that several may use at once, and a file to import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from exports import export_to

from storage import Store


@pytest.fixture
def shared_store(shared_url: str) -> Iterator[Store]:
    """A store whose readers and writers do not wait for each other."""
    with Store.open(shared_url) as opened:
        yield opened


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """See `export_to`."""
    path = tmp_path / "a.jsonl"
    export_to(path)
    return path

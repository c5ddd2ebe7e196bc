"""A store of 300 entries whose indexes are opened as processes do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from growing import Open, entry
from large import SMALL

from storage import FaissIndex, Store
from storage.indexes import LargeSettings
from storage.partitions import Partitions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{path}") as opened:
        opened.add_many([entry(number) for number in range(300)])
        yield opened


@pytest.fixture
def opened(store: Store) -> Iterator[Open]:
    """Opens the indexes of the store, as another process would."""
    made: list[Partitions] = []

    def make(settings: LargeSettings = SMALL, on_progress: Callable[[int, int], None] | None = None) -> Partitions:
        made.append(Partitions(store._database, FaissIndex, 4, settings, on_progress))
        return made[-1]

    yield make
    for one in made:
        one.close()

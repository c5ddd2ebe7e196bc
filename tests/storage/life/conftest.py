"""Stores with budgets, and entries of several tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from storage import Store, StoreConfig

OpenStore = Callable[..., Store]


@pytest.fixture
def open_store(url: str, clock: Callable[[], float]) -> Iterator[OpenStore]:
    """Opens a store with a configuration; it is closed at the end."""
    with ExitStack() as opened:
        yield lambda **config: opened.enter_context(Store.open(url, StoreConfig(**config), clock))

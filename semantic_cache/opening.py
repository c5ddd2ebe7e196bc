"""A store opened as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from semantic_cache.errors import StoreError
from semantic_cache.index_progress import IndexProgress
from semantic_cache.settings import Settings
from semantic_cache.store_url import default_store_folder
from storage import StorageError, Store, StoreConfig

__all__ = ["open_store", "store_in_use"]


def open_store(settings: Settings) -> Store:
    """Open the store, making it if it is not there; for the default one its folder too.

    Raises:
        StoreError: It cannot be opened, is corrupt, or belongs to another program; it is left as it is.
    """
    config = StoreConfig(
        busy_timeout_seconds=settings.store_wait_seconds,
        budget=settings.store_budget,
        tenant_budget=settings.tenant_budget,
        tenant_budgets=settings.tenant_budgets,
        eviction=settings.eviction,
        index="pgvector" if settings.index == "pgvector" else "memory",
    )
    try:
        folder = default_store_folder(settings.store)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        return Store.open(settings.store, config, on_progress=IndexProgress() if settings.show_progress else None)
    except (StorageError, OSError) as error:
        raise StoreError(str(error)) from error


@contextmanager
def store_in_use(settings: Settings) -> Iterator[Store]:
    """The store for as long as it is needed; what it raises is a StoreError.

    Raises:
        StoreError: As `open_store` says, or what is done with it failed.
    """
    try:
        with open_store(settings) as store:
            yield store
    except StorageError as error:
        raise StoreError(str(error)) from error

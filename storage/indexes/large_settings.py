"""How large indexes are built and searched, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from storage.errors import StoreValueError

__all__ = ["LargeSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeSettings:
    """The defaults were measured with `bench/vector_indexes.py`.

    Args:
        least: From how many vectors on a large index is made. Below, comparing with each takes about 2 ms.
        links: Neighbours of a vector in the graph (HNSW's M). Each takes 8 bytes a vector.
        build_width: How many candidates are looked at to find the neighbours of a new vector.
        search_width: How many candidates a search keeps.
        near: From which cosine on a vector counts as near. Where a search finds none it is done again, wider: that is
            little beside the generation of an answer that is not stored.
        wide_width: How many candidates it keeps then.
        merge_least: How many vectors that came since are compared one by one before they are merged into the graph.
        merge_share: The same as a share of the graph; the larger of both holds, as a merge writes the whole graph anew.
        dead_share: Which share of a graph may be deleted or replaced before it is built anew.
        threads: How many threads build.

    Raises:
        StoreValueError: A value is not positive, or a share is above 1.
    """

    least: int = 20_000
    links: int = 32
    build_width: int = 100
    search_width: int = 128
    near: float = 0.9
    wide_width: int = 2048
    merge_least: int = 4096
    merge_share: float = 0.01
    dead_share: float = 0.25
    threads: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise StoreValueError(f"{field.name}={value!r} must be greater than 0.")
            if field.name.endswith("_share") and value > 1:
                raise StoreValueError(f"{field.name}={value!r} is a share: give at most 1.")

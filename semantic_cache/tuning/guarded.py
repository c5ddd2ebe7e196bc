"""The guards of the cache as the `vetoes` of tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normalize import Question

__all__ = ["vetoed_by_guards"]


def vetoed_by_guards(asked: Question, stored: Question) -> bool:
    """Whether the cache's guards refuse to answer `asked` with what is stored for `stored`."""
    from semantic_cache.matching.guards import Compared, veto  # noqa: PLC0415  (its package loads the store)

    here, there = (Compared(side.facts, side.key, side.language, side.text) for side in (asked, stored))
    return veto(here, there) is not None

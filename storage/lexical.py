"""Which entries share the rarest terms with a question, best first."""

from __future__ import annotations

import math
from collections.abc import Collection

from sqlalchemy import func, literal_column, select

from storage.database import Database
from storage.sql import each, one_of
from storage.tables import postings
from storage.terms import term_number

__all__ = ["ranked"]

_MOST_TERMS = 8
_MOST_ROWS = 500
"""The rarest terms are read as long as they have no more rows than this together: a search costs the same in a scope of
any size, and a word that more than 500 entries have tells too little to find one by."""

_SATURATION, _LENGTH_SHARE = 1.2, 0.75  # BM25's k1 and b, as everywhere
_USUAL_LENGTH = 10.0  # terms of a stored question, on average over five labelled sets

_ASKED = each("terms")
_FEW = (
    select(literal_column("1"))
    .select_from(postings)
    .where(postings.c.term == _ASKED.c.value)
    .limit(literal_column(str(_MOST_ROWS + 1)))
    .correlate(_ASKED)
    .subquery()
)
_COUNTS = select(_ASKED.c.value, select(func.count()).select_from(_FEW).scalar_subquery())
_POSTINGS = select(postings.c.term, postings.c.entry_id, postings.c.length).where(one_of(postings.c.term, "terms"))


def ranked(database: Database, scope: str, words: Collection[str], size: int) -> list[int]:
    """Ids of the entries of a scope that share at least one of the rarest of `words`, best first by BM25.

    Args:
        words: Terms as `storage.terms` makes them; any text is safe.
        size: How many entries the scope has; it says what is rare.

    Raises:
        StorageError: The store cannot be read.
    """
    counts = _rarest(database, scope, words)
    weights = {term: math.log(1 + (max(size, count) - count + 0.5) / (count + 0.5)) for term, count in counts.items()}
    scores: dict[int, float] = {}
    for term, entry_id, length in database.rows(_POSTINGS, {"terms": list(weights)}) if weights else ():
        norm = 1 + _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * length / _USUAL_LENGTH)
        scores[entry_id] = scores.get(entry_id, 0.0) + weights[term] * (_SATURATION + 1) / norm
    return sorted(scores, key=lambda one: (-scores[one], one))


def _rarest(database: Database, scope: str, words: Collection[str]) -> dict[int, int]:
    """Entries by term, rarest first."""
    if not words:
        return {}
    numbers = sorted({term_number(scope, word) for word in words})
    counted = sorted((count, term) for term, count in database.rows(_COUNTS, {"terms": numbers}) if count)
    chosen: dict[int, int] = {}
    for count, term in counted[:_MOST_TERMS]:
        if sum(chosen.values()) + count > _MOST_ROWS:
            break
        chosen[term] = count
    return chosen

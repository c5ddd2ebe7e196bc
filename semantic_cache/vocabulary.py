"""The words of the stored questions of a scope, so that a slip in a name that no dictionary has can be put right."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from storage import Store

__all__ = ["Vocabulary"]

_WORD = re.compile(r"[^\W\d_]{4,}")
_BATCH = 5000
_MOST_WORDS = 50_000
_MOST_SCOPES = 256


@dataclass(slots=True)
class _Known:
    """The words of one scope, and the revision of the store up to which they were read."""

    words: set[str] = field(default_factory=set)
    revision: int = 0


class Vocabulary:
    """Words by scope, topped up at each use with what was stored since. Thread-safe.

    Bounded: of a scope with more than 50,000 words the first ones, and the 256 scopes used last. A word whose questions
    were deleted stays; what it leads to is looked up in the store, so it leads to nothing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._scopes: OrderedDict[str, _Known] = OrderedDict()
        self._lock = Lock()

    def words(self, scope: str) -> frozenset[str]:
        """Words of at least four letters, in lower case.

        Raises:
            StorageError: The store cannot be read.
        """
        with self._lock:
            known = self._scopes.setdefault(scope, _Known())
            self._scopes.move_to_end(scope)
            while len(self._scopes) > _MOST_SCOPES:
                self._scopes.popitem(last=False)
            while asked := self._store.questions(scope, known.revision, _BATCH):
                for one in asked:
                    if len(known.words) < _MOST_WORDS:
                        known.words.update(_WORD.findall(one.text.lower()))
                known.revision = asked[-1].revision
            return frozenset(known.words)

"""Entries and aliases without a vector of the embedder in use get one: after a change of the embedder, an import, a
repair, and an alias at the first lookup after it was confirmed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from semantic_cache.embedding import EmbedderInUse
from storage import Entry, Store, Unembedded

__all__ = ["MissingVectors"]

_BATCH = 64
_LOOK_SECONDS = 0.5  # with the time it takes, what another process put in is found by meaning within a second
_MOST_SCOPES = 4096


@dataclass(slots=True, eq=False)
class _Scope:
    """When a scope is looked at again; None before the first time. The lock is held by who looks."""

    look_at: float | None = None
    looking: threading.Lock = field(default_factory=threading.Lock)


class MissingVectors:
    """Embeds stored questions by scope: the questions are the truth, and their vectors can always be made anew.

    Thread-safe. A vector of another embedder is taken over at most once an entry and process: where two processes with
    different embedders serve one scope, they must not take the entries from each other for ever.

    Args:
        store: Where they are.
        embedder: Embeds.
        clock: Seconds that only grow.
    """

    def __init__(self, store: Store, embedder: EmbedderInUse, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._lock = threading.Lock()
        self._scopes: OrderedDict[str, _Scope] = OrderedDict()
        self._taken_over: set[int] = set()
        self._too_long: set[int] = set()
        # By scope, key and words: confirmed in other words, an alias is another.
        self._aliases_taken_over: set[tuple[str, str, str]] = set()
        self._aliases_too_long: set[tuple[str, str, str]] = set()

    def complete(self, scope: str) -> None:
        """Embed what the scope has without a vector of this embedder, if it is time to look again.

        One thread does. The first time the others wait for it, later they go on without what came last.

        Raises:
            StorageError: The store could not be read or written.
            ModelError: The embedder failed.
        """
        known = self._known(scope)
        if known.look_at is not None and self._clock() < known.look_at:
            return
        if not known.looking.acquire(blocking=known.look_at is None):
            return
        try:
            if known.look_at is None or self._clock() >= known.look_at:
                self._embed(scope)
        finally:
            known.look_at = self._clock() + _LOOK_SECONDS
            known.looking.release()

    def _known(self, scope: str) -> _Scope:
        with self._lock:
            known = self._scopes.setdefault(scope, _Scope())
            self._scopes.move_to_end(scope)
            while len(self._scopes) > _MOST_SCOPES:
                self._scopes.popitem(last=False)
            return known

    def _embed(self, scope: str) -> None:
        last = 0
        while entries := self._store.without_vector(scope, self._embedder.name, _BATCH, after=last):
            last = entries[-1].id
            self._give([entry for entry in entries if not self._is_settled(entry)])
        behind, confirmed = "", self._store.feedback.confirmed
        while aliases := confirmed.without_vector(scope, self._embedder.name, _BATCH, after=behind):
            behind = aliases[-1].key_hash
            self._give_aliases([one for one in aliases if not self._is_alias_settled(one)])

    def _is_alias_settled(self, one: Unembedded) -> bool:
        who = one[:3]
        return who in self._aliases_too_long or (one.embedder is not None and who in self._aliases_taken_over)

    def _give_aliases(self, aliases: list[Unembedded]) -> None:
        if not aliases:
            return
        vectors = self._embedder.vectors([one.question for one in aliases])
        given = [(one, vector) for one, vector in zip(aliases, vectors, strict=True) if vector is not None]
        if given:
            self._store.feedback.confirmed.set_vectors(given, self._embedder.name)
        self._aliases_too_long.update(one[:3] for one, vector in zip(aliases, vectors, strict=True) if vector is None)
        self._aliases_taken_over.update(one[:3] for one in aliases if one.embedder is not None)

    def _is_settled(self, entry: Entry) -> bool:
        return entry.id in self._too_long or (entry.embedder is not None and entry.id in self._taken_over)

    def _give(self, entries: list[Entry]) -> None:
        if not entries:
            return
        vectors = self._embedder.vectors([entry.question for entry in entries])
        ids = [entry.id for entry, vector in zip(entries, vectors, strict=True) if vector is not None]
        rows = [vector for vector in vectors if vector is not None]
        if rows:
            self._store.set_vectors(ids, np.stack(rows), self._embedder.name)
        # An entry keeps its question: one that is too long for the embedder stays so.
        self._too_long.update(entry.id for entry, vector in zip(entries, vectors, strict=True) if vector is None)
        self._taken_over.update(entry.id for entry in entries if entry.embedder is not None)

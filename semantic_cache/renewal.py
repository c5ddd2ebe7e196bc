"""Keys that another version of normalization made, made anew: a few at once, the rest in the background.

The stored questions are the truth, so a key can always be made again. Until its turn has come an entry is found by its
exact words and by meaning (`current` gives it its new key at that moment), only not by its key.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from threading import Event, Thread

from normalize import NormalizeError, Normalizer
from storage import Entry, KeyUpdate, StorageError, Store

__all__ = ["KeyRenewal", "current"]

_BATCH = 200
_AT_ONCE = 2000  # about a second; what a cache of one's own holds is renewed before it opens
_LOG = logging.getLogger(__name__)


def current(entry: Entry, normalizer: Normalizer, key_version: str) -> Entry:
    """`entry` with the key, language and facts of this version."""
    if entry.normalizer_version == key_version:
        return entry
    new = _update(entry, normalizer)
    return replace(entry, key=new.key, language=new.language, facts=new.facts)


def _update(entry: Entry, normalizer: Normalizer) -> KeyUpdate:
    try:
        question = normalizer(entry.question)
    except NormalizeError:  # taken once, refused now: it keeps its key, and is found by its exact words
        return KeyUpdate(entry.id, entry.key, entry.key_hash, entry.language, entry.facts)
    return KeyUpdate(entry.id, question.key, question.key_hash, question.language, asdict(question.facts))


class KeyRenewal:
    """Renews the keys of one store. `normalizer` must take texts of any length: what was stored once stays."""

    def __init__(self, store: Store, normalizer: Normalizer, key_version: str) -> None:
        self._store = store
        self._normalizer = normalizer
        self._key_version = key_version
        self._stop = Event()
        self._thread: Thread | None = None

    def start(self, at_once: int = _AT_ONCE) -> None:
        """Renew up to `at_once` entries now, and go on in the background when there are more.

        Raises:
            StorageError: The store cannot be read or written now. Later failures end the renewal until the next start.
        """
        done = 0
        while done < at_once:
            count = self._batch(min(_BATCH, at_once - done))
            if not count:
                return
            done += count
        self._thread = Thread(target=self._rest, name="samewise-keys", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the batch in hand. Idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def wait(self) -> None:
        """Return when every key is of this version, or when the renewal was given up."""
        if self._thread is not None:
            self._thread.join()

    def _rest(self) -> None:
        try:
            while not self._stop.is_set() and self._batch(_BATCH):
                pass
        except StorageError as error:
            _LOG.warning("Some keys keep their old version until the next start: %s", error)

    def _batch(self, limit: int) -> int:
        entries = self._store.outdated(self._key_version, limit)
        if entries:
            self._store.set_keys([_update(entry, self._normalizer) for entry in entries], self._key_version)
        return len(entries)

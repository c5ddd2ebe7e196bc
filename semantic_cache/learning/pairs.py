"""The keys of confirmed and blocked questions, made anew after a change of normalization."""

from __future__ import annotations

from normalize import NormalizeError, Normalizer
from storage import Pair, Store

__all__ = ["renew_pairs"]

_BATCH = 200
_AT_ONCE = 2000  # a few seconds; more are renewed when the store is opened again


def renew_pairs(store: Store, normalizer: Normalizer, key_version: str, at_once: int = _AT_ONCE) -> int:
    """Renew up to `at_once` keys; how many it were. Until its turn has come a pair holds for its exact words alone.

    Raises:
        StorageError: The store cannot be read or written.
    """
    done = 0
    while done < at_once:
        outdated = store.feedback.outdated(key_version, min(_BATCH, at_once - done))
        if not outdated:
            break
        store.feedback.set_keys([(pair, _key_hash(pair, normalizer)) for pair in outdated], key_version)
        done += len(outdated)
    return done


def _key_hash(pair: Pair, normalizer: Normalizer) -> str:
    try:
        return normalizer(pair.question).key_hash
    except NormalizeError:  # taken once, refused now: it keeps its key
        return pair.key_hash

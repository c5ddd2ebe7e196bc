"""Recomputes a share of the hits that were served, and forgets everything when one of them was wrong."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from itertools import chain

from kvcache.difference import recomputed_difference
from kvcache.prefill import Prefilled, Prefiller
from kvcache.prefix_cache import PrefixCache

__all__ = ["Checker"]

_LOG = logging.getLogger(__name__)


class Checker:
    """Whether hits are what they should be: bit for bit what would have been computed.

    A check takes as long as the prompt without the cache, after the answer's last token.

    Args:
        share: Of the hits, in [0, 1].
        prefiller: Reads the prompt once more.
        cache: Where hits come from.
        draw: Random numbers in [0, 1).
    """

    def __init__(
        self, share: float, prefiller: Prefiller, cache: PrefixCache, *, draw: Callable[[], float] = random.random
    ) -> None:
        self._share = share
        self._prefiller = prefiller
        self._cache = cache
        self._draw = draw

    def passes(self, found: Prefilled) -> bool:
        """Whether a hit is right, where it is drawn to be checked; call this before `Prefiller.finish`.

        One that is not is logged, without the prompt, and all that is kept is forgotten.
        """
        if found.lease is None or not (found.cached_tokens and found.exact and self._draw() < self._share):
            return True
        ids = tuple(chain.from_iterable(found.lease.blocks))
        difference = recomputed_difference(self._prefiller, ids, found)
        self._cache.count(checked_hits=1, wrong_hits=int(difference is not None))
        if difference is None:
            return True
        _LOG.error("A kept prefix was wrong (%s); all that was kept is forgotten.", difference)
        self._cache.clear()
        return False

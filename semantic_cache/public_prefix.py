"""What the operator says to every tenant: the local model reads it once, for all of them."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from semantic_cache.generator import Prompt

if TYPE_CHECKING:
    from kvcache import LocalModel, Miss

__all__ = ["Declared", "PublicPrefixes"]

_LOG = logging.getLogger(__name__)
_REMEMBERED = 64
_GONE = ("expired", "evicted", "cleared")
_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Declared:
    """What declaring a prefix cost the request that needed it: `tokens` computed in `seconds`, and why they were."""

    tokens: int = 0
    seconds: float = 0.0
    why: Miss | None = None


_NOTHING = Declared()


class PublicPrefixes:
    """Makes texts public in one local model: each when it is first used, and again when it has gone. Thread-safe.

    Only `Prompt.shared` comes here, which the operator wrote. What a client sends, a system message of its own too, is
    kept for its tenant. What cannot be declared fails no request: each tenant then computes it, as without this.
    """

    def __init__(self, model: LocalModel, clock: Callable[[], float] = monotonic) -> None:
        self.model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, int] = OrderedDict()
        """Tokens of each text that were kept when it was declared."""
        self._failed: OrderedDict[str, float] = OrderedDict()
        """When each text could not be kept; what was short a moment ago may be there later."""

    def declare(self, prompt: Prompt) -> Declared:
        """Let all tenants read what this prompt shares with theirs."""
        if not prompt.shared or self._is_settled(prompt.shared):
            return _NOTHING
        with self._lock:  # who comes second finds it done
            if self._is_settled(prompt.shared) or self.model.cache.is_off:
                return _NOTHING
            return self._declare(prompt)

    def _is_settled(self, text: str) -> bool:
        return text in self._kept or self._clock() < self._failed.get(text, float("-inf")) + _RETRY_SECONDS

    def noticed(self, prompt: Prompt, miss: Miss | None) -> None:
        """Declare the shared text again next time, where a part of it has gone."""
        if miss is None or miss.cause not in _GONE:
            return
        with self._lock:
            if miss.position < self._kept.get(prompt.shared, 0):
                del self._kept[prompt.shared]

    def _declare(self, prompt: Prompt) -> Declared:
        from kvcache import KVCacheError  # noqa: PLC0415  (this package does not load kvcache before it is needed)

        began, kept, done = perf_counter(), 0, _NOTHING
        written = self.model.cache.stats().written_tokens
        try:
            why = self.model.explain(prompt.messages(), prompt.tenant, user=prompt.user)
            kept = self.model.warm([{"role": "system", "content": prompt.shared}], scope="public")
            # What came up from a disk was not computed. Others may write meanwhile; but no more than was kept is ours.
            computed = min(kept, self.model.cache.stats().written_tokens - written)
            done = Declared(computed, perf_counter() - began, why) if computed else _NOTHING
            if not kept and prompt.shared not in self._failed:
                _LOG.warning(
                    "The system prompt and documents are not kept for all tenants together: they do not fit into "
                    "kv_max_bytes=%d. Raise it.", self.model.cache.config.max_bytes,
                )  # fmt: skip
        except (KVCacheError, RuntimeError, MemoryError) as error:  # torch says RuntimeError when memory ends too
            # Its kind alone: a message may hold words of the prompt.
            _LOG.warning("The system prompt is not kept for all tenants together: %s", type(error).__name__)
        if kept:
            self._kept[prompt.shared] = kept
        else:
            self._failed[prompt.shared] = self._clock()
        for remembered in (self._kept, self._failed):
            if len(remembered) > _REMEMBERED:
                remembered.popitem(last=False)
        return done
